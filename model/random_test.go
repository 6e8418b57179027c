package model

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestRandomDesigns evaluates designs anywhere in the allowed ranges of the
// knobs: none is an error, an infeasible one says why, and the figures of one
// with an array add up.
func TestRandomDesigns(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	knobs := m.Catalog.Knobs()
	var r Report
	rapid.Check(t, func(t *rapid.T) {
		d := DefaultDesign()
		for i := range knobs {
			k := &knobs[i]
			switch k.Scale {
			case Choice:
				k.Set(&d, float64(rapid.IntRange(0, len(k.Choices)-1).Draw(t, k.Name)))
			case PowerOfTwo:
				lo, hi := int(math.Ceil(math.Log2(max(k.Low, k.Min)))), int(math.Log2(k.High))
				k.Set(&d, math.Exp2(float64(rapid.IntRange(lo, hi).Draw(t, k.Name))))
				if k.Auto && rapid.Bool().Draw(t, k.Name+" auto") {
					k.Set(&d, 0)
				}
			default:
				k.Set(&d, rapid.Float64Range(k.Min, k.Max).Draw(t, k.Name))
			}
		}
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatalf("%s: %v", d.technology(), err)
		}
		for i, v := range r.Violations {
			if math.IsNaN(v) {
				t.Fatalf("%s: violation %s is no number", d.technology(), ViolationName(i))
			}
		}
		if math.IsNaN(r.Energy) {
			if r.Feasible() {
				t.Fatalf("%s: no figures and no violation", d.technology())
			}
			return
		}
		if r.Area() <= 0 || r.Leakage() <= 0 || r.Latency <= 0 || !(r.Efficiency() > 0 && r.Efficiency() < 1) {
			t.Fatalf("%s: area %g, leakage %g, latency %g, efficiency %g", d.technology(), float64(r.Area()), float64(r.Leakage()), r.Latency, r.Efficiency())
		}
		parts := d.parts()
		if parts.main+parts.pad != d.Capacity {
			t.Fatalf("parts of %g and %g B of %g B", float64(parts.main), float64(parts.pad), float64(d.Capacity))
		}
		x := r.Costs[0].Energy
		if got := x.Total(); math.Abs(got-r.Energy) > 1e-9*got && !math.IsInf(got, 0) {
			t.Fatalf("%s: parts add up to %g J of %g J", d.technology(), got, r.Energy)
		}
		if (r.Pad > 0) != (r.Scratchpad.Area.Total > 0) {
			t.Fatalf("scratchpad of %g B has %g m^2", float64(r.Pad), float64(r.Scratchpad.Area.Total))
		}
	})
}
