package objectives

import (
	"fmt"
	"math"
	"slices"

	"stco/model"
)

// Problem scores the points of a space: objectives to minimise and constraint
// values that are met at or below 0.
type Problem struct {
	Decoder     *Decoder
	Model       *model.Model
	Objectives  []Metric
	Constraints []Bound
	bounded     []Metric
	several     *Circumstances
	share       float64 // of the draws in which constraints hold
}

// NewProblem puts space, model, objectives and bounds together. Preferences bound
// what of an objective is worth having; the limits that they bring are those of
// the caller.
func NewProblem(m *model.Model, d *Decoder, objectives []string, bounds []Bound, preferences ...Preference) (*Problem, error) {
	p := &Problem{Decoder: d, Model: m, Constraints: bounds}
	for _, name := range objectives {
		o, err := goal(name, preferences)
		if err != nil {
			return nil, err
		}
		p.Objectives = append(p.Objectives, o)
	}
	for _, b := range bounds {
		o, err := MetricByName(b.Metric)
		if err != nil {
			return nil, err
		}
		p.bounded = append(p.bounded, o)
	}
	return p, nil
}

// goal returns the objective of a name: that of a preference, or a plain metric.
func goal(name string, preferences []Preference) (Metric, error) {
	for i := range preferences {
		if m, err := preferences[i].Objective(); err == nil && m.Name == name {
			return m, nil
		}
	}
	return MetricByName(name)
}

// NumConstraints returns the number of constraint values: the violations of
// the model, then one for every bound.
func (p *Problem) NumConstraints() int { return model.NumViolations + len(p.Constraints) }

// ObjectiveName returns the name of an objective.
func (p *Problem) ObjectiveName(i int) string { return p.Objectives[i].Name }

// ConstraintName returns the name of a constraint value.
func (p *Problem) ConstraintName(i int) string {
	if i < model.NumViolations {
		return model.ViolationName(i)
	}
	b := &p.Constraints[i-model.NumViolations]
	m := &p.bounded[i-model.NumViolations]
	if math.IsInf(b.Max, 1) {
		return fmt.Sprintf("%s >= %g %s", m.Name, m.Out(b.Min), m.Unit)
	}
	if math.IsInf(b.Min, -1) {
		return fmt.Sprintf("%s <= %g %s", m.Name, m.Out(b.Max), m.Unit)
	}
	return fmt.Sprintf("%g <= %s <= %g %s", m.Out(b.Min), m.Name, m.Out(b.Max), m.Unit)
}

// Score writes the objectives and constraint values of a report, of one
// circumstance. Objectives are the logarithms of metrics that are positive: dominance is the same, and spread
// and hypervolume weigh every octave of a metric alike. Shares, which may be 0,
// are objectives as they are; metrics that may be infinite are capped.
func (p *Problem) Score(r *model.Report, f, g []float64) {
	for i := range p.Objectives {
		f[i] = p.Objectives[i].axis(p.Objectives[i].Get(r))
	}
	p.limits(r, g)
}

// limits writes the constraint values of a report.
func (p *Problem) limits(r *model.Report, g []float64) {
	copy(g, r.Violations[:])
	for i := range p.Constraints {
		b, v := &p.Constraints[i], p.bounded[i].Get(r)
		over, under := (v-b.Max)/scale(b.Max), (b.Min-v)/scale(b.Min)
		worst := max(over, under)
		if math.IsNaN(worst) {
			worst = 1
		}
		g[model.NumViolations+i] = worst
	}
}

// Objective turns an objective value of the search back into the metric, in its
// unit.
func (p *Problem) Objective(i int, f float64) float64 {
	return p.Objectives[i].value(f) / p.Objectives[i].SI
}

// Costly tells whether an objective or a bound needs a figure that takes a
// second pass over the traces.
func (p *Problem) Costly() bool {
	is := func(m Metric) bool { return m.Costly }
	return slices.ContainsFunc(p.Objectives, is) || slices.ContainsFunc(p.bounded, is)
}

// scale is what a violation of a bound is counted in.
func scale(bound float64) float64 {
	if a := math.Abs(bound); a > 0 && !math.IsInf(a, 0) {
		return a
	}
	return 1
}

// Scorer scores points on one goroutine, in all circumstances of its problem. It
// allocates nothing in the steady state.
type Scorer struct {
	p       *Problem
	model   *model.Evaluator
	design  model.Design
	spread  *spread // nil: the study alone
	values  []float64
	scratch []float64
	Report  model.Report // of the last design in the study as it stands
}

// NewEvaluator returns an evaluator with its own scratch.
func (p *Problem) NewEvaluator() (*Scorer, error) {
	e, err := p.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	e.Fast = !p.Costly()
	s := &Scorer{p: p, model: e, values: make([]float64, len(p.Objectives)), scratch: make([]float64, p.NumConstraints())}
	if p.several != nil {
		if s.spread, err = p.newSpread(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Complete makes the evaluator compute the figures too that a search leaves out.
func (e *Scorer) Complete() *Scorer {
	e.model.Fast = false
	return e
}

// Evaluate scores a canonical point. A value outside the domain of the model,
// which a validated space does not hold, makes the objectives NaN.
func (e *Scorer) Evaluate(x, f, g []float64) {
	e.p.Decoder.Decode(x, &e.design)
	if err := e.EvaluateDesign(&e.design, f, g); err != nil {
		for i := range f {
			f[i] = math.NaN()
		}
		for i := range g {
			g[i] = 1
		}
	}
}

// EvaluateDesign scores a design. The error is that of a value outside the domain
// of the model.
func (e *Scorer) EvaluateDesign(d *model.Design, f, g []float64) error {
	if err := e.model.Evaluate(d, &e.Report); err != nil {
		return err
	}
	p := e.p
	p.limits(&e.Report, g)
	for i := range p.Objectives {
		e.values[i] = p.Objectives[i].Get(&e.Report)
	}
	if e.spread != nil {
		if err := e.over(d, g); err != nil {
			return err
		}
	}
	for i := range f {
		f[i] = p.Objectives[i].axis(e.values[i])
	}
	return nil
}

// Value is an objective of the last design, in its unit.
func (e *Scorer) Value(i int) float64 { return e.values[i] / e.p.Objectives[i].SI }
