package sensitivity

import (
	"fmt"
	"math"
	"slices"

	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
)

// Subject is a design with the part of the space that it is searched in.
type Subject struct {
	*inspect.Subject

	stratum *study.Stratum
	problem *objectives.Problem
	outputs []string // the objectives, and whether a design meets every limit
	own     model.Report
}

// feasibleOutput is 1 for a design that meets every limit, else 0.
const feasibleOutput = "feasible"

// Open reads a design of a run, named as for stco eval.
func Open(r *store.Run, tables inspect.Tables, id string) (*Subject, error) {
	of, err := inspect.NewSubject(r, tables, id)
	if err != nil {
		return nil, err
	}
	s := &Subject{Subject: of}
	strata, err := of.Study.Strata(of.Problem)
	if err != nil {
		return nil, err
	}
	for i := range strata {
		q := &strata[i]
		var d model.Design
		x := make([]float64, q.Problem.Decoder.Space.Dim())
		q.Problem.Decoder.Encode(&of.Design, x)
		q.Problem.Decoder.Decode(x, &d)
		if of.Model.Catalog.Identity(&d) == of.Model.Catalog.Identity(&of.Design) {
			s.stratum, s.problem = q, q.Problem
			break
		}
	}
	if s.stratum == nil {
		return nil, fmt.Errorf("%s: design %q is no point of the space of the study", r.Dir(), id)
	}
	for _, o := range s.problem.Objectives {
		s.outputs = append(s.outputs, o.Name)
	}
	s.outputs = append(s.outputs, feasibleOutput)
	if at, err := s.problem.Decoder.Space.Index("capacity"); err == nil {
		of.Model.Warm([]units.Bytes{units.Bytes(s.problem.Decoder.Space.Parameter(at).Max)})
	}
	eval, err := of.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	return s, eval.Evaluate(&of.Design, &s.own)
}

// knobs are the names of the free knobs of the stratum.
func (s *Subject) knobs() []string {
	sp := s.problem.Decoder.Space
	names := make([]string, sp.Dim())
	for i := range names {
		names[i] = sp.Parameter(i).Name
	}
	return names
}

// score writes the coordinates of the objectives, logarithms where the search
// takes them, larger being worse, and feasibleOutput.
func (s *Subject) score(r *model.Report, out []float64) {
	g := make([]float64, s.problem.NumConstraints())
	s.problem.Score(r, out[:len(out)-1], g)
	out[len(out)-1] = 1
	if slices.Max(g) > 0 {
		out[len(out)-1] = 0
	}
	for i, v := range out {
		if math.IsInf(v, 0) {
			out[i] = math.NaN()
		}
	}
}

// missed names the limits that a report misses.
func (s *Subject) missed(r *model.Report) (names []string) {
	f, g := make([]float64, len(s.problem.Objectives)), make([]float64, s.problem.NumConstraints())
	s.problem.Score(r, f, g)
	for i, v := range g {
		if v > 0 {
			names = append(names, s.problem.ConstraintName(i))
		}
	}
	return names
}

// percent is the change of a value, in per cent of the value before.
func percent(now, before float64) float64 { return 100 * (now/before - 1) }

// column of a table of results, by its name.
func column(t *results.Table, name string) int {
	at, err := t.Index(name)
	if err != nil {
		panic(err) // tables of this package only
	}
	return at
}
