package objectives

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"stco/model"
	"stco/model/units"
)

// Set is what an objective is taken over.
type Set uint8

// The sets.
const (
	AsItStands    Set = iota // the study alone
	Scenarios                // those of the study, evaluated together
	Uncertainties            // draws from the uncertain settings of the study
)

// String is the word of study files.
func (s Set) String() string { return [...]string{"", "scenarios", "uncertainties"}[s] }

// Statistic is what counts of the values that a metric has over a set.
type Statistic uint8

// The statistics.
const (
	Mean     Statistic = iota // arithmetic
	Worst                     // largest, or smallest where larger is better
	Quantile                  // the value that a share of the set is no worse than
)

// String is the word of study files.
func (s Statistic) String() string { return [...]string{"mean", "worst", "quantile"}[s] }

// Over says over what an objective is taken. The zero value is the study as it
// stands.
type Over struct {
	Of    Set
	By    Statistic
	Level float64 // of the quantile, above 0, at most 1
}

// share is the part of a set of which the value is the worst; 0 of a mean.
func (o Over) share() float64 {
	switch o.By {
	case Worst:
		return 1
	case Quantile:
		return o.Level
	default:
		return 0
	}
}

// named returns the metric as an objective that is taken over a set: under a name
// and with a meaning that say so.
func (o Over) named(m Metric) Metric {
	if m.Over = o; o.Of == AsItStands {
		return m
	}
	short, long := o.By.String(), o.By.String()
	if o.By == Quantile {
		percent := strconv.FormatFloat(100*o.Level, 'g', 6, 64)
		short, long = "q"+percent, percent+" % quantile"
	}
	m.Name += fmt.Sprintf("_%s_of_%s", short, o.Of)
	m.Meaning += fmt.Sprintf(": %s of the %s", long, o.Of)
	return m
}

// Circumstance is what a design is evaluated in besides the study as it stands.
type Circumstance struct {
	Model *model.Model
	Clock units.Frequency // of the machine there; 0: that of the design
}

// Circumstances are those that the objectives of a study are taken over; their
// models share a catalogue. Constraints hold in the study as it stands, in every
// scenario, and in the largest share of the draws that an objective asks for: all
// for the worst, the level of a quantile, none for a mean. Where an objective over
// the draws has no value, as the design cannot be built in some, all must hold.
type Circumstances struct{ Scenarios, Draws []Circumstance }

// In makes a problem one over circumstances, nil for the study alone.
func (p *Problem) In(c *Circumstances) *Problem {
	if p.several = c; c != nil {
		p.share = 0
		for i := range p.Objectives {
			if o := p.Objectives[i].Over; o.Of == Uncertainties {
				p.share = max(p.share, o.share())
			}
		}
	}
	return p
}

// Several are the circumstances of the problem; nil for the study alone.
func (p *Problem) Several() *Circumstances { return p.several }

// place is a circumstance with the evaluator of a goroutine.
type place struct {
	eval  *model.Evaluator // nil: the study as it stands
	clock units.Frequency
}

// spread is what a Scorer keeps of a design in all circumstances.
type spread struct {
	sets   [3][]place
	report model.Report // of the last circumstance
	design model.Design
	values [][]float64 // of the objectives, SI, over the set of each
	limits [][]float64 // of the constraints, over the draws
}

func (p *Problem) newSpread() (*spread, error) {
	s := &spread{values: make([][]float64, len(p.Objectives))}
	for of, list := range [][]Circumstance{Scenarios: p.several.Scenarios, Uncertainties: p.several.Draws} {
		s.sets[of] = make([]place, len(list))
		for i, c := range list {
			if s.sets[of][i].clock = c.Clock; c.Model == p.Model && c.Clock == 0 {
				continue
			}
			e, err := c.Model.NewEvaluator()
			if err != nil {
				return nil, err
			}
			e.Fast = !p.Costly()
			s.sets[of][i].eval = e
		}
	}
	for i := range s.values {
		s.values[i] = make([]float64, len(s.sets[p.Objectives[i].Over.Of]))
	}
	s.limits = make([][]float64, p.NumConstraints())
	for i := range s.limits {
		s.limits[i] = make([]float64, len(p.several.Draws))
	}
	return s, nil
}

// over evaluates a design, of which the report as it stands is known, in all
// circumstances: it sets the values of the objectives that are taken over them,
// and raises the constraint values to those that must hold.
func (e *Scorer) over(d *model.Design, g []float64) error {
	s, p := e.spread, e.p
	other := e.scratch
	for _, of := range []Set{Scenarios, Uncertainties} {
		for k := range s.sets[of] {
			r := &e.Report
			if at := &s.sets[of][k]; at.eval != nil {
				if s.design = *d; at.clock != 0 {
					s.design.Clock = at.clock
				}
				r = &s.report
				if err := at.eval.Evaluate(&s.design, r); err != nil {
					return err
				}
			}
			for i := range p.Objectives {
				if m := &p.Objectives[i]; m.Over.Of == of {
					s.values[i][k] = m.Get(r)
				}
			}
			p.limits(r, other)
			for i, v := range other {
				switch {
				case of == Uncertainties:
					s.limits[i][k] = v
				case !(g[i] >= v): // also where one of them is not a number
					g[i] = v
				}
			}
		}
	}
	share := p.share
	for i := range p.Objectives {
		if m := &p.Objectives[i]; m.Over.Of != AsItStands {
			if e.values[i] = m.Over.take(s.values[i], m.Max); m.Over.Of == Uncertainties && math.IsNaN(e.values[i]) {
				share = 1
			}
		}
	}
	for i := range s.limits {
		if n := len(s.limits[i]); n > 0 && share > 0 {
			if v := worstOf(s.limits[i], share, false); !(g[i] >= v) {
				g[i] = v
			}
		}
	}
	return nil
}

// take is what counts of some values, which it sorts. The mean is NaN where one of
// them is.
func (o Over) take(values []float64, larger bool) float64 {
	if o.By != Mean {
		return worstOf(values, o.share(), larger)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// worstOf is the value that a share of all, rounded up, is no worse than; smaller is
// better unless larger is. It sorts them. What is not a number is worse than all
// that are.
func worstOf(values []float64, share float64, larger bool) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values) // NaN first
	const slack = 1e-9  // a share of 0.9 of 20 is 18
	at := max(int(math.Ceil(share*float64(len(values))-slack)), 1) - 1
	if larger {
		return values[len(values)-1-at]
	}
	for _, v := range values {
		if !math.IsNaN(v) {
			break
		}
		at++
	}
	if at >= len(values) {
		return math.NaN()
	}
	return values[at]
}
