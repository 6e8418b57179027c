package problems

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"stco/experiments/study/strict"
	"stco/explore"
	"stco/explore/problems"
	"stco/results"
)

// ProblemSize scales a test problem; zero is the published standard.
type ProblemSize = problems.Size

// ExploreOptions are the flags of a search on a test problem.
type ExploreOptions struct {
	Problem, Algorithm          string
	Size                        ProblemSize
	Seed                        uint64
	Evaluations                 int64
	Population, Islands, Worker int
}

// values are the cells of a row.
func values(rows ...[]float64) []any {
	var out []any
	for _, r := range rows {
		for _, v := range r {
			out = append(out, v)
		}
	}
	return out
}

func columnsFG(m, c int) []string {
	var h []string
	for i := range m {
		h = append(h, fmt.Sprintf("f%d", i+1))
	}
	for i := range c {
		h = append(h, fmt.Sprintf("g%d", i+1))
	}
	return h
}

// Explore searches a published test problem and lists the returned designs:
// objectives, then constraint values as published.
func Explore(ctx context.Context, o ExploreOptions) (*results.Table, error) {
	p, err := problems.Lookup(o.Problem, o.Size)
	if err != nil {
		return nil, strict.BadInput("explore", err)
	}
	r, err := explore.Run(ctx, p, explore.Config{
		Algorithm: explore.Algorithm(o.Algorithm), Population: o.Population, K: o.Population, Islands: o.Islands, Workers: o.Worker,
		Budget: explore.Budget{Evaluations: o.Evaluations}, Seed: o.Seed, Key: []byte(p.Name), Ideal: p.Ideal, Nadir: p.Nadir,
	}, nil, nil)
	if err != nil {
		return nil, strict.BadInput("explore", err)
	}
	if r.Reason == explore.Stopped {
		return nil, context.Cause(ctx)
	}
	s := results.NewList("points", columnsFG(p.NumObjectives(), p.NumConstraints())...)
	for _, a := range r.Answer {
		f, g, err := p.At(a.X)
		if err != nil {
			return nil, err
		}
		s.Append(values(f, g)...)
	}
	return s, nil
}

// ExploreAt returns objectives and constraint values of a point, "x1,x2,...".
func ExploreAt(problem string, size ProblemSize, point string) (*results.Table, error) {
	p, err := problems.Lookup(problem, size)
	if err != nil {
		return nil, strict.BadInput("explore", err)
	}
	var x []float64
	for part := range strings.SplitSeq(point, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, strict.BadInput("explore --at", fmt.Errorf("%q is not a number", part))
		}
		x = append(x, v)
	}
	f, g, err := p.At(x)
	if err != nil {
		return nil, strict.BadInput("explore --at", err)
	}
	s := results.NewList("points", columnsFG(p.NumObjectives(), p.NumConstraints())...)
	s.Append(values(f, g)...)
	return s, nil
}
