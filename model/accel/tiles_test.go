package accel

import (
	"math"
	"testing"

	"stco/model/accel/residency"
	"stco/model/accel/tiling"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// TestTiles: a machine that can do slices of the input only moves no less than one
// that can do all tiles; more where slices are many and an array takes many filters
// at a time, and the same where everything fits.
func TestTiles(t *testing.T) {
	o, err := suite.DefaultOptions("resnet18", workload.Inference)
	if err != nil {
		t.Fatal(err)
	}
	net, err := suite.Build("resnet18", o)
	if err != nil {
		t.Fatal(err)
	}
	o.Batch = 1
	trace, err := lower.Trace(net, o)
	if err != nil {
		t.Fatal(err)
	}
	curves := residency.NewCurves() // that all share
	moved := func(rule tiling.Rule, columns int, capacity int64) float64 {
		a := testArray()
		a.Rows, a.Cols = 8, columns
		p, err := NewPlan(trace, a, BufferPolicy{Tiles: rule, NoResidency: true, Curves: curves})
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.Traffic(capacity)
		if err != nil {
			return math.Inf(1)
		}
		return v
	}
	for _, c := range []struct {
		kib             int64
		columns         int
		atLeast, atMost float64 // of the traffic with all tiles
	}{{128, 8, 1.3, 1.5}, {128, 4, 1.05, 1.4}, {256, 8, 1.03, 1.05}, {64 << 10, 8, 1, 1}, {64, 32, math.Inf(1), math.Inf(1)}} {
		ratio := moved(tiling.Slices, c.columns, c.kib<<10) / moved(tiling.Free, c.columns, c.kib<<10)
		t.Logf("%d KiB, %d columns: %.3f", c.kib, c.columns, ratio)
		if ratio < c.atLeast || ratio > c.atMost {
			t.Errorf("%d KiB, %d columns: slices move %.3f of what the best tiles move", c.kib, c.columns, ratio)
		}
	}
}
