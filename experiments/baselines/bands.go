package baselines

import (
	"math"
	"slices"

	"stco/experiments/study"
	"stco/model"
)

// Draws is the number of draws from the uncertain settings of a study that bands
// are made of.
const Draws = 256

// The bands reach from the 5 % to the 95 % quantile of the draws.
const bandLow, bandHigh = 0.05, 0.95

// Bands evaluates designs under draws of the uncertain settings of a study: a
// Sobol sequence over the ranges, without a seed.
type Bands struct {
	evaluators []*model.Evaluator // one a draw
	known      map[string][]draw
}

// draw is what a design is worth under one draw.
type draw struct {
	energy, latency float64 // NaN where the model has none
	feasible        bool
}

// NewBands draws from the ranges of a study; nil where nothing is uncertain.
func NewBands(m *model.Model, s *study.Study) (*Bands, error) {
	models, err := s.Draws(m, Draws)
	if models == nil || err != nil {
		return nil, err
	}
	b := &Bands{known: map[string][]draw{}}
	for _, v := range models {
		e, err := v.NewEvaluator()
		if err != nil {
			return nil, err
		}
		e.Fast = true
		b.evaluators = append(b.evaluators, e)
	}
	return b, nil
}

// draws evaluates a design under every draw.
func (b *Bands) draws(c *model.Catalog, d *model.Design) ([]draw, error) {
	id := c.Identity(d)
	if all, ok := b.known[id]; ok {
		return all, nil
	}
	all := make([]draw, len(b.evaluators))
	var r model.Report
	for i, e := range b.evaluators {
		if err := e.Evaluate(d, &r); err != nil {
			return nil, err
		}
		all[i] = draw{r.Energy, r.Latency, r.Feasible()}
	}
	b.known[id] = all
	return all, nil
}

// Band is the spread of the gains of a design over a baseline.
type Band struct {
	Energy, Latency, EDP [2]float64 // NaN without a draw
	Feasible             float64    // share of the draws in which the design meets its limits
}

// Gains returns the band of the gains of a design over a baseline, both under the
// same draws. A baseline under other conditions than the study's is taken as it is.
func (b *Bands) Gains(m *model.Model, d *model.Design, base *Baseline) (Band, error) {
	own, err := b.draws(m.Catalog, d)
	if err != nil {
		return Band{}, err
	}
	theirs := slices.Repeat([]draw{{base.Report.Energy, base.Report.Latency, true}}, len(own))
	if base.Model == m {
		if theirs, err = b.draws(m.Catalog, &base.Report.Design); err != nil {
			return Band{}, err
		}
	}
	return bandOf(own, theirs), nil
}

// Pair returns the band of the gains of a design over another.
func (b *Bands) Pair(c *model.Catalog, d, base *model.Design) (Band, error) {
	own, err := b.draws(c, d)
	if err != nil {
		return Band{}, err
	}
	theirs, err := b.draws(c, base)
	if err != nil {
		return Band{}, err
	}
	return bandOf(own, theirs), nil
}

func bandOf(own, theirs []draw) Band {
	var energy, latency, edp []float64
	feasible := 0
	for i := range own {
		if own[i].feasible {
			feasible++
		}
		e, l := theirs[i].energy/own[i].energy, theirs[i].latency/own[i].latency
		if math.IsNaN(e*l) || math.IsInf(e*l, 0) || e*l == 0 { // not built, or a buffer that does nothing but rewrite itself
			continue
		}
		energy, latency, edp = append(energy, e), append(latency, l), append(edp, e*l)
	}
	ends := func(values []float64) [2]float64 {
		if len(values) == 0 {
			return [2]float64{math.NaN(), math.NaN()}
		}
		slices.Sort(values)
		at := func(q float64) float64 { return values[int(math.Round(q*float64(len(values)-1)))] }
		return [2]float64{at(bandLow), at(bandHigh)}
	}
	return Band{ends(energy), ends(latency), ends(edp), float64(feasible) / float64(max(len(own), 1))}
}
