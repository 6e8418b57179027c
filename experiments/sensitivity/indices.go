package sensitivity

import (
	"fmt"
	"math"

	"stco/experiments/sensitivity/effects"
	"stco/experiments/study"
	"stco/model"
	"stco/results"
	"stco/space"
)

// Sampling is how much is evaluated for indices.
type Sampling struct {
	Points       int // of the Sobol sequence: a power of two
	Trajectories int // of elementary effects
	Seed         uint64
}

// gainOutput is the gain in energy-delay product over the SRAM buffer.
const gainOutput = "edp_gain"

// Knobs are the indices of the free knobs over the whole space of the design's
// technology, designs that miss limits among them.
func (s *Subject) Knobs(how Sampling) (*results.Table, error) {
	dec := s.problem.Decoder
	if dec.Space.Dim() == 0 {
		return nil, fmt.Errorf("no knob of the study is free for %s", s.stratum.Name)
	}
	eval, err := s.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	eval.Fast = !s.problem.Costly()
	x := make([]float64, dec.Space.Dim())
	var d model.Design
	var r model.Report
	var failed error
	f := func(u, out []float64) {
		dec.Space.Decode(u, x)
		dec.Decode(x, &d)
		if err := eval.Evaluate(&d, &r); err != nil {
			failed = err
		}
		s.score(&r, out)
	}
	t, err := table("knobs", f, s.knobs(), s.outputs, how)
	if failed != nil {
		return nil, failed
	}
	return t, err
}

// uncertain are the settings with a range of doubt, as many as a Sobol sequence
// can take.
func (s *Subject) uncertain() []study.Uncertainty {
	list := s.Study.Uncertainties()
	return list[:min(len(list), space.MaxSobolDim/2)]
}

// under evaluates the design, and the SRAM buffer if there is one, with the
// uncertain settings at places of their ranges; NaN where no cell can have them
// together.
func (s *Subject) under(list []study.Uncertainty, u, out []float64) error {
	for i := range out {
		out[i] = math.NaN()
	}
	m := s.Model
	if len(list) > 0 {
		var err error
		if m, err = s.Model.Vary(study.Vary(s.Model.Setup, list, u)); err != nil {
			return nil //nolint:nilerr // no cell has these parameters together
		}
	}
	eval, err := m.NewEvaluator()
	if err != nil {
		return err
	}
	eval.Fast = !s.problem.Costly()
	var own, base model.Report
	if err := eval.Evaluate(&s.Design, &own); err != nil {
		return err
	}
	s.score(&own, out[:len(s.outputs)])
	if s.SRAM == nil {
		return nil
	}
	if err := eval.Evaluate(s.SRAM, &base); err != nil {
		return err
	}
	if gain := math.Log(base.Energy * base.Latency / (own.Energy * own.Latency)); !math.IsInf(gain, 0) {
		out[len(s.outputs)] = gain
	}
	return nil
}

// Constants are the indices of the uncertain settings of the model, each over its
// range, for the design as it is; nil where nothing is uncertain.
func (s *Subject) Constants(how Sampling) (*results.Table, error) {
	list := s.uncertain()
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nothing is uncertain
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	outputs := s.outputs
	if s.SRAM != nil {
		outputs = append(append([]string(nil), outputs...), gainOutput)
	}
	var failed error
	f := func(u, out []float64) {
		if err := s.under(list, u, out); err != nil {
			failed = err
		}
	}
	t, err := table("constants", f, names, outputs, how)
	if failed != nil {
		return nil, failed
	}
	return t, err
}

// table is that of the indices and effects of a function.
func table(name string, f effects.Function, inputs, outputs []string, how Sampling) (*results.Table, error) {
	indices, err := effects.Sobol(f, len(inputs), len(outputs), how.Points, how.Seed)
	if err != nil {
		return nil, err
	}
	morris := effects.Morris(f, len(inputs), len(outputs), how.Trajectories, how.Seed)
	t := results.NewList(name, "output:text", "input:text", "first", "first_low", "first_high", "total", "total_low", "total_high", "effect", "effect_size", "effect_deviation", "points")
	for k, out := range outputs {
		for i, in := range inputs {
			x, e := indices.Of[k][i], morris[k][i]
			t.Append(out, in, x.First, x.FirstBand[0], x.FirstBand[1], x.Total, x.TotalBand[0], x.TotalBand[1], e.Mean, e.Size, e.Deviation, indices.Used[k])
		}
	}
	for at, meaning := range map[string]string{
		"output":           "logarithm of an objective, or 1 for a design that meets every limit and 0 for one that does not",
		"first":            "Sobol index: share of the variance that the input decides by itself",
		"total":            "Sobol index: share of the variance that it decides with what it does together with others",
		"effect":           "Morris: mean change of the output over the range of the input",
		"effect_size":      "Morris: mean size of that change (mu*)",
		"effect_deviation": "Morris: its standard deviation; not 0 where it is not linear or depends on other inputs",
		"points":           "of the sample, of which every value exists",
	} {
		t.Columns[column(t, at)].Meaning = meaning
	}
	return t, nil
}
