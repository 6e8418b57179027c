package device

import (
	"math"
	"testing"

	"stco/model/tech"
)

// TestCountedReads: counted reads take the place of the assumed ones, in the
// error of a datum and in the limit; a rate times ten is a tenth of ten orders.
func TestCountedReads(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Preset(tables, "ref-w")
	if err != nil {
		t.Fatal(err)
	}
	n := counted()
	at := Operating{Cold: 273, Nominal: 300, Hot: 358, BitError: 1e-9}
	evaluate := func(reads float64) (f Figures) {
		var c Cell
		at.Reads = reads
		Evaluate(&p, &n, &at, &f, &c)
		return f
	}
	assumed, same, ten := evaluate(0), evaluate(p.Reads), evaluate(10*p.Reads)
	if assumed.BitError != same.BitError || assumed.Violations != same.Violations {
		t.Error("as many counted reads as assumed ones make a difference")
	}
	if got := ten.Violations[readDisturb] - assumed.Violations[readDisturb]; math.Abs(got-0.1) > 1e-12 {
		t.Errorf("ten times the reads move the limit by %g", got)
	}
	if at.Reads = -1; at.Validate() == nil {
		t.Error("negative reads accepted")
	}
	// A cell with a selector above has three quarters of the 2T1R cell at least.
	full, pitches := p.CellArea(&n, 4, 1)
	p.Selector = IGZO
	if area, less := p.CellArea(&n, 4, 1); math.Abs(float64(area/full)-p.SelectorArea) > 1e-12 || less >= pitches {
		t.Errorf("with a selector %g of 2T1R, %g of %g pitches", float64(area/full), less, pitches)
	}
}

// counted is a node of 78 and 48 nm.
func counted() Process {
	return Process{
		Vdd: 0.8, FinPitch: 48e-9, GatePitch: 78e-9, MetalPitchX: 64e-9, MetalPitchY: 64e-9, FinWidth: 92e-9,
		OnCurrent: 54.7e-6, OffCurrent: 1e-11, GateCap: 1e-16, DrainCap: 2.5e-17,
	}
}
