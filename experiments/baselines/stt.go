package baselines

import (
	"context"
	"fmt"
	"slices"

	"stco/model"
	"stco/model/device"
	"stco/objectives"
	"stco/space"
)

// sttCells is the grid of STT cells a baseline is chosen from: where cells that
// a supply of one node can write and read are found, in the units of the knobs.
func sttCells() map[string][]float64 {
	return map[string][]float64{
		"mtj_diameter": {30, 40, 50, 60, 70},
		"free_layer":   {0.8, 1, 1.2},
		"anisotropy":   {0.6, 0.64, 0.67, 0.7, 0.73, 0.76, 0.8, 0.84, 0.88, 0.92, 0.96, 1, 1.05, 1.1, 1.2},
		"barrier":      {0.72, 0.74, 0.76, 0.8, 0.85, 0.9},
		"pulse":        {3, 6, 10, 15},
		"read_voltage": {0.05, 0.1},
	}
}

// STTBaseline returns the best STT buffer of the capacity of a design, in its
// flavour and at its bandwidth: first the cell and the code on a grid, with the
// design's banks and words, then banks and words. Best is the least
// energy-delay product over the workloads.
func STTBaseline(ctx context.Context, m *model.Model, of *model.Report) (Baseline, error) {
	out := Baseline{Name: "STT iso-capacity", Flavour: of.Design.Flavour, Model: m, Reason: "no STT buffer of the capacity meets the limits of the model"}
	e, err := m.NewEvaluator()
	if err != nil {
		return out, err
	}
	cells := sttCells()
	base := of.Design
	base.Technology, base.Hybrid, base.Scrub = device.STT, false, true
	found, err := bestOf(ctx, m, e, &base, func(k *model.Knob) (space.Parameter, bool) {
		if k.Name == "ecc" {
			return objectives.Listed(k, nil), true
		}
		values, ok := cells[k.Name]
		for i := range values {
			values[i] = k.In(values[i])
		}
		return objectives.Listed(k, values), ok
	})
	if err != nil || found == nil {
		return out, err
	}
	better, err := bestOf(ctx, m, e, &found.Design, func(k *model.Knob) (space.Parameter, bool) {
		return objectives.Default(k, &base), k.Name == "banks" || k.Name == "word"
	})
	if err != nil {
		return out, err
	}
	if better == nil || better.Energy*better.Latency > found.Energy*found.Latency {
		better = found
	}
	out.Found, out.Report, out.Reason = true, *better, ""
	return out, nil
}

// bestOf returns the feasible design of least energy-delay product among those
// that differ from a base in the knobs that free gives an axis; nil when none
// is feasible.
func bestOf(ctx context.Context, m *model.Model, e *model.Evaluator, base *model.Design, free func(*model.Knob) (space.Parameter, bool)) (*model.Report, error) {
	knobs := m.Catalog.Knobs()
	var params []space.Parameter
	for i := range knobs {
		if p, ok := free(&knobs[i]); ok {
			params = append(params, p)
		}
	}
	d, err := objectives.NewDecoder(knobs, *base, params)
	if err != nil {
		return nil, err
	}
	n, finite := d.Space.Size()
	if !finite {
		return nil, fmt.Errorf("baselines: the STT space is not finite")
	}
	var best *model.Report
	var r model.Report
	var design model.Design
	x := make([]float64, d.Space.Dim())
	for k := range n {
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		d.Space.At(k, x)
		d.Decode(x, &design)
		if err := e.Evaluate(&design, &r); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if r.Feasible() && (best == nil || r.Energy*r.Latency < best.Energy*best.Latency) {
			c := r
			c.Costs = slices.Clone(r.Costs)
			best = &c
		}
	}
	return best, nil
}
