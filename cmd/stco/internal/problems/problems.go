package problems

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"stco/experiments/campaign"
	"stco/experiments/study/strict"
	"stco/explore"
	"stco/explore/problems"
	"stco/explore/process"
	"stco/results"
	"stco/space"
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
	Timeout                     time.Duration // of an answer of a program
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

// problem is one to explore: a published one, or one of a program.
type problem interface {
	explore.Problem
	explore.Named
	// At returns the values of a point as published or told.
	At(x []float64) (f, g []float64, err error)
}

// opened is a problem with what depends on its kind.
type opened struct {
	problem
	ctx          context.Context // ends when a program fails
	key          []byte
	ideal, nadir []float64
	process      *process.Program // nil of a published problem
}

// prefix marks a program.
const prefix = "cmd:"

// open looks up a problem or starts its program; it must be closed.
func (o *ExploreOptions) open(ctx context.Context) (*opened, error) {
	command, ok := strings.CutPrefix(o.Problem, prefix)
	if !ok {
		p, err := problems.Lookup(o.Problem, o.Size)
		if err != nil {
			return nil, strict.BadInput("explore", err)
		}
		return &opened{problem: p, ctx: ctx, key: []byte(p.Name), ideal: p.Ideal, nadir: p.Nadir}, nil
	}
	if o.Size != (ProblemSize{}) {
		return nil, strict.BadInput("explore", errors.New("--objectives, --variables and --position are for published problems; a program tells its own"))
	}
	p, inner, err := process.Open(ctx, command, o.Timeout)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return &opened{problem: p, ctx: inner, key: p.Key, ideal: p.Ideal, nadir: p.Nadir, process: p}, nil
}

func (p *opened) close() {
	if p.process != nil {
		p.process.Close()
	}
}

// failed is the error of a search: bad input, unless the caller ended it.
func failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return strict.BadInput("explore", err)
}

// table returns the columns of the points: of a program the variables too.
func (p *opened) table() *results.Table {
	var h []string
	if p.process != nil {
		for i := range p.Space().Dim() {
			q := p.Space().Parameter(i)
			if q.Kind == space.Choice {
				q.Name += ":text"
			}
			h = append(h, q.Name)
		}
	}
	for i := range p.NumObjectives() {
		h = append(h, p.ObjectiveName(i))
	}
	for i := range p.NumConstraints() {
		h = append(h, p.ConstraintName(i))
	}
	return results.NewList("points", h...)
}

// row appends a point: values as told or published.
func (p *opened) row(t *results.Table, x, f, g []float64) {
	if p.process == nil {
		t.Append(values(f, g)...)
		return
	}
	var cells []any
	for i, v := range x {
		if q := p.Space().Parameter(i); q.Kind == space.Choice {
			cells = append(cells, q.Format(v))
			continue
		}
		cells = append(cells, v)
	}
	told := make([]float64, len(f))
	for i, v := range f {
		told[i] = p.process.Told(i, v)
	}
	t.Append(append(cells, values(told, g)...)...)
}

// Explore searches a problem and lists the returned designs: objectives, then
// constraint values as published; of a program the variables before them.
func Explore(ctx context.Context, o ExploreOptions) (*results.Table, error) {
	p, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	r, err := explore.Run(p.ctx, p.problem, explore.Config{
		Algorithm: explore.Algorithm(o.Algorithm), Population: o.Population, K: o.Population, Islands: o.Islands, Workers: o.Worker,
		Budget: explore.Budget{Evaluations: o.Evaluations}, Seed: o.Seed, Key: p.key, Ideal: p.ideal, Nadir: p.nadir,
	}, nil, nil)
	if cause := context.Cause(p.ctx); cause != nil {
		return nil, failed(ctx, cause)
	}
	if err != nil {
		return nil, strict.BadInput("explore", err)
	}
	if len(r.Archive) == 0 {
		return nil, infeasible(p, r)
	}
	s := p.table()
	for _, a := range r.Answer {
		f, g := a.F, a.G
		if p.process == nil { // constraint values in their published scale
			if f, g, err = p.At(a.X); err != nil {
				return nil, err
			}
		}
		p.row(s, a.X, f, g)
	}
	return s, nil
}

// infeasible says what the least infeasible design misses.
func infeasible(p *opened, r *explore.Result) error {
	e := &campaign.InfeasibleError{Evaluations: r.Evaluations, Binding: "a finite objective", Least: "a finite objective", Missed: math.Inf(1)}
	if r.Binding >= 0 {
		e.Binding, e.Share = p.ConstraintName(r.Binding), float64(r.Violated[r.Binding])/float64(r.Evaluations)
	}
	if r.Least != nil && !math.IsInf(r.Least.Violation, 1) {
		worst := 0
		for j, v := range r.Least.G {
			if v > r.Least.G[worst] {
				worst = j
			}
		}
		e.Least, e.Missed = p.ConstraintName(worst), r.Least.G[worst]
	}
	return e
}

// ExploreAt returns objectives and constraint values of a point, "x1,x2,...".
func ExploreAt(ctx context.Context, o ExploreOptions, point string) (*results.Table, error) {
	p, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var x []float64
	for part := range strings.SplitSeq(point, ",") {
		v, err := p.value(len(x), strings.TrimSpace(part))
		if err != nil {
			return nil, strict.BadInput("explore --at", err)
		}
		x = append(x, v)
	}
	f, g, err := p.At(x)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, strict.BadInput("explore --at", err)
	}
	s := p.table()
	p.row(s, x, f, g)
	return s, nil
}

// value reads a coordinate: a number, or an option.
func (p *opened) value(i int, text string) (float64, error) {
	if i < p.Space().Dim() && p.Space().Kind(i) == space.Choice {
		return p.Space().Parameter(i).Parse(text)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return v, nil
}
