// Package rivals finds the best buffers of each technology under one set of
// circumstances: a machine, networks, a temperature, a capacity. SOT, STT and
// hybrid buffers are searched in the space of the study, SRAM buffers enumerated
// whole by the same code that a campaign takes its baselines from.
package rivals

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/objectives"
	"stco/space"
)

// Case is a study with its model prepared.
type Case struct {
	Study *study.Study
	Model *model.Model

	text string
	sets []string
}

// Space is what buffers are chosen from in all experiments: the knobs of the
// default space, every flavour of the devices, five materials of the channel and
// three codes.
const Space = `space:
  technology: [sot]
  flavour: [hp, lop, lstp]
  material: [pt0.6-mgo0.4, pd0.25-pt0.75, au0.25-pt0.75, beta-w, beta-w-co]
  ecc: [none, secded, dec]
  read_bus: 4096
  write_bus: 2048
`

// Text writes a study of some workloads, each as a study file has it.
func Text(workloads []string, more string) string {
	var b strings.Builder
	b.WriteString("stco: 1\nname: experiment\nworkloads:\n")
	for _, w := range workloads {
		b.WriteString("  - {" + w + "}\n")
	}
	return b.String() + Space + more
}

// New prepares a study; sets change it as --set does.
func New(text string, sets ...string) (*Case, error) {
	s, err := parsed(text, sets)
	if err != nil {
		return nil, err
	}
	m, _, err := s.Build()
	if err != nil {
		return nil, err
	}
	return &Case{s, m, text, sets}, nil
}

func parsed(text string, sets []string) (*study.Study, error) {
	s, err := study.Parse("experiment", []byte(text))
	if err != nil {
		return nil, err
	}
	return s, s.Set(sets)
}

// With returns the case with more changed. What does not depend on the changes
// is shared.
func (c *Case) With(sets ...string) (*Case, error) { return c.As(c.text, sets...) }

// As returns the case as another study with the same workloads, and with more
// changed.
func (c *Case) As(text string, sets ...string) (*Case, error) {
	all := append(slices.Clone(c.sets), sets...)
	s, err := parsed(text, all)
	if err != nil {
		return nil, err
	}
	m, err := c.Model.Vary(s.Setup)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(sets, " "), err)
	}
	return &Case{s, m, text, all}, nil
}

// Draw returns the case under the i-th draw, from 0, of a Sobol sequence over the
// ranges of the uncertain settings; an error where no cell can have them together.
func (c *Case) Draw(i int) (*Case, error) {
	list := c.Study.Uncertainties()
	list = list[:min(len(list), space.MaxSobolDim)]
	sobol, err := space.NewSobol(len(list), nil)
	if err != nil {
		return nil, err
	}
	u := make([]float64, len(list))
	sobol.At(uint64(i+1), u) // the first point is the corner of the ranges
	m, err := c.Model.Vary(study.Vary(c.Model.Setup, list, u))
	if err != nil {
		return nil, err
	}
	return c.Under(m), nil
}

// Under is the case with a model that differs in settings alone.
func (c *Case) Under(m *model.Model) *Case { return &Case{c.Study, m, c.text, c.sets} }

// Effort says how far a search goes.
type Effort struct {
	Evaluations int64
	Seed        uint64
	Workers     int
	Tries       int // searches of each code in Thorough; 0: three
}

// Front is what a search found.
type Front struct {
	Members []Member // those of each search that no other one of it dominates
}

// Member is a design with its objectives, as metrics in their SI unit.
type Member struct {
	Design model.Design
	Values []float64
}

// Search searches the technologies of the case. The front is empty where no
// design meets the limits.
func (c *Case) Search(ctx context.Context, o Effort) (*Front, error) {
	strata, err := c.Study.Strata(&objectives.Problem{Model: c.Model})
	if err != nil {
		return nil, err
	}
	f := &Front{}
	for i := range strata {
		found, err := c.search(ctx, &strata[i], study.Searched(strata[i].Problem), o)
		if err != nil {
			return nil, err
		}
		f.add(strata[i].Problem, found)
	}
	return f, nil
}

// Thorough searches each code of each technology apart, as often as the effort says, and
// goes on from the design of the least product that each search found: with
// every code the cell lies elsewhere, and the limits of a cell leave basins that
// one short search does not get out of. Every search and every descent has the
// evaluations of the effort.
func (c *Case) Thorough(ctx context.Context, o Effort) (*Front, error) {
	strata, err := c.Study.Strata(&objectives.Problem{Model: c.Model})
	if err != nil {
		return nil, err
	}
	f := &Front{}
	tries := o.Tries
	if tries == 0 {
		tries = 3
	}
	for i := range strata {
		p := strata[i].Problem
		if strata[i].Enumerate {
			found, err := c.search(ctx, &strata[i], study.Searched(p), o)
			if err != nil {
				return nil, err
			}
			f.add(p, found)
			continue
		}
		parts, err := parts(p.Decoder.Space, "ecc")
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			for try := range tries {
				o := Effort{Evaluations: o.Evaluations, Seed: o.Seed + uint64(try), Workers: o.Workers}
				found, err := c.improved(ctx, &strata[i], explore.Within(study.Searched(p), part), o)
				if err != nil {
					return nil, err
				}
				f.add(p, found)
			}
		}
	}
	return f, nil
}

// improved is a search with the descent from its design of the least product.
func (c *Case) improved(ctx context.Context, at *study.Stratum, p explore.Problem, o Effort) ([]explore.Solution, error) {
	found, err := c.search(ctx, at, p, o)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	value := productOf(at.Problem)
	least := slices.MinFunc(found, func(a, b explore.Solution) int { return cmp.Compare(value(a.F), value(b.F)) })
	d := explore.Descent{Evaluations: o.Evaluations, Seed: o.Seed, Key: []byte(c.Study.ProblemHash() + at.Name)}
	return append(found, explore.Descend(p, least.X, d, value)), nil
}

// productOf is the product of the objectives of a problem.
func productOf(p *objectives.Problem) func(f []float64) float64 {
	return func(f []float64) float64 {
		product := 1.0
		for k, v := range f {
			product *= p.Objective(k, v)
		}
		return product
	}
}

// parts are those of a space with one option each of a choice that is free.
func parts(s *space.Space, choice string) ([]*space.Space, error) {
	i, err := s.Index(choice)
	if err != nil || s.Kind(i) != space.Choice {
		return []*space.Space{s}, nil //nolint:nilerr // it is no parameter of this space
	}
	p := s.Parameter(i)
	values := p.Values
	if values == nil {
		for k := range p.Options {
			values = append(values, float64(k))
		}
	}
	all := make([]space.Parameter, s.Dim())
	for k := range all {
		all[k] = s.Parameter(k)
	}
	out := make([]*space.Space, len(values))
	for k, v := range values {
		all[i].Values = []float64{v}
		if out[k], err = space.New(all...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Case) search(ctx context.Context, at *study.Stratum, p explore.Problem, o Effort) ([]explore.Solution, error) {
	config := explore.Config{
		Population: c.population(o.Evaluations), Workers: max(o.Workers, 1), Seed: o.Seed, Key: []byte(c.Study.ProblemHash() + at.Name),
		Budget: explore.Budget{Evaluations: o.Evaluations}, Start: start(at.Problem.Decoder, p.Space()),
	}
	if at.Enumerate {
		config.Algorithm, config.Budget, config.Start = explore.Grid, explore.Budget{}, nil
	}
	r, err := explore.Run(ctx, p, config, nil, nil)
	if err != nil {
		return nil, err
	}
	return r.Archive, context.Cause(ctx)
}

func (f *Front) add(p *objectives.Problem, found []explore.Solution) {
	for _, s := range found {
		m := Member{Values: make([]float64, len(s.F))}
		p.Decoder.Decode(s.X, &m.Design)
		for k, v := range s.F {
			m.Values[k] = p.Objective(k, v) * p.Objectives[k].SI
		}
		f.Members = append(f.Members, m)
	}
}

// Add evaluates designs that were found elsewhere and adds those that meet the
// limits of the case, with the objectives that values returns.
func (c *Case) Add(f *Front, designs []*model.Design, values func(*model.Report) []float64) error {
	e, err := c.Model.NewEvaluator()
	if err != nil {
		return err
	}
	var r model.Report
	for _, d := range designs {
		if err := e.Evaluate(d, &r); err != nil {
			return err
		}
		if r.Feasible() {
			f.Members = append(f.Members, Member{Design: *d, Values: values(&r)})
		}
	}
	return nil
}

// population leaves a short search enough generations.
func (c *Case) population(evaluations int64) int {
	return int(min(100, max(20, evaluations/40)))
}

// start is the cell of the default design, in small, middle and large buffers of a
// part of the space.
func start(d *objectives.Decoder, part *space.Space) [][]float64 {
	base := model.DefaultDesign()
	x := make([]float64, part.Dim())
	d.Encode(&base, x)
	part.Repair(x)
	out := [][]float64{x}
	if at, err := part.Index("capacity"); err == nil {
		for _, u := range []float64{0, 0.25, 0.75, 1} {
			p, all := slices.Clone(x), slices.Repeat([]float64{u}, part.Dim())
			corner := make([]float64, part.Dim())
			part.Decode(all, corner)
			p[at] = corner[at]
			out = append(out, p)
		}
	}
	return out
}

// Least returns the member of the least value; nil of an empty front, or where
// keep holds for none.
func (f *Front) Least(value func(*Member) float64, keep func(*Member) bool) *Member {
	var best *Member
	for i := range f.Members {
		m := &f.Members[i]
		if keep != nil && !keep(m) || math.IsNaN(value(m)) {
			continue
		}
		if best == nil || value(m) < value(best) {
			best = m
		}
	}
	return best
}

// Product is the product of all objectives of a member: with energy and latency
// their product.
func Product(m *Member) float64 {
	v := 1.0
	for _, x := range m.Values {
		v *= x
	}
	return v
}

// Report evaluates a design for every figure.
func (c *Case) Report(d *model.Design) (*model.Report, error) {
	e, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	r := &model.Report{}
	if err := e.Evaluate(d, r); err != nil {
		return nil, err
	}
	return r, nil
}

// SRAM returns the search for the SRAM buffers of the case.
func (c *Case) SRAM(ctx context.Context, workers int) *baselines.SRAMSearch {
	return baselines.NewSRAMSearch(ctx, c.Model, c.Study, workers)
}
