package baselines

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
// energy-delay product over the workloads. Where no cell of the grid meets the limits, the
// search goes on from the one that misses them least (approach); the reason of
// a baseline that is not found is the limit that the nearest cell misses.
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
	if err != nil {
		return out, err
	}
	if !found.Feasible() {
		if found, err = approach(m, e, found); err != nil {
			return out, err
		}
	}
	if !found.Feasible() {
		out.Reason += ": " + nearest(found)
		return out, nil
	}
	better, err := bestOf(ctx, m, e, &found.Design, func(k *model.Knob) (space.Parameter, bool) {
		return objectives.Default(k, &base), k.Name == "banks" || k.Name == "word"
	})
	if err != nil {
		return out, err
	}
	if !ahead(better, found) {
		better = found
	}
	out.Found, out.Report, out.Reason = true, *better, ""
	return out, nil
}

// missed sums up by how much a design misses the limits, in their scales.
func missed(r *model.Report) (sum float64) {
	for _, v := range r.Violations {
		sum += max(v, 0)
	}
	return sum
}

// ahead tells whether a design is better than another: it misses the limits by
// less, or meets them both with a smaller energy-delay product.
func ahead(a, b *model.Report) bool {
	x, y := missed(a), missed(b)
	return x < y || x == 0 && y == 0 && a.Energy*a.Latency < b.Energy*b.Latency
}

// nearest says in words which limits a design misses.
func nearest(r *model.Report) string {
	var names []string
	for i, v := range r.Violations {
		if v > 0 {
			names = append(names, fmt.Sprintf("%s by %.2g of its scale", model.ViolationName(i), v))
		}
	}
	return "the nearest cell misses " + strings.Join(names, " and ")
}

// approach walks from a design, one knob of the cell and one step of the search
// at a time, to the neighbour that is furthest ahead, until none is.
func approach(m *model.Model, e *model.Evaluator, from *model.Report) (*model.Report, error) {
	cells, knobs := sttCells(), m.Catalog.Knobs()
	best := from
	for {
		var next *model.Report
		for i := range knobs {
			k := &knobs[i]
			if _, free := cells[k.Name]; !free {
				continue
			}
			for _, to := range beside(k, k.Get(&best.Design)) {
				if to < k.Low*(1-1e-12) || to > k.High*(1+1e-12) {
					continue
				}
				d := best.Design
				k.Set(&d, to)
				var r model.Report
				if err := e.Evaluate(&d, &r); err != nil {
					return nil, fmt.Errorf("baseline: %w", err)
				}
				if ahead(&r, best) && (next == nil || ahead(&r, next)) {
					r.Costs = slices.Clone(r.Costs)
					next = &r
				}
			}
		}
		if next == nil {
			return best, nil
		}
		best = next
	}
}

// beside returns the neighbours of a value: a step of the search away, or a
// quarter where the search is continuous.
func beside(k *model.Knob, v float64) [2]float64 {
	const ratio = 1.25
	if k.Step == 0 {
		return [2]float64{v / ratio, v * ratio}
	}
	return [2]float64{v - k.Step, v + k.Step}
}

// bestOf returns the design of least energy-delay product among those
// that differ from a base in the knobs that free gives an axis and meet every limit; where
// none does, the one that misses them least.
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
		if best == nil || ahead(&r, best) {
			c := r
			c.Costs = slices.Clone(r.Costs)
			best = &c
		}
	}
	return best, nil
}
