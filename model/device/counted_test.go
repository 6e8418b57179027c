package device

import (
	"math"
	"testing"

	"stco/model/tech"
)

// TestCountedReads: counted reads take the place of the assumed ones, in the
// error of a datum and in the limit, as if the device assumed them; a rate times ten
// is a tenth of ten orders.
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
		q := p
		q.Reads = reads
		Evaluate(&q, &n, &at, &f, &c)
		return f
	}
	assumed, ten := evaluate(p.Reads), evaluate(10*p.Reads)
	replaced := assumed
	replaced.Disturb(10*p.Reads, at.BitError)
	if replaced != ten {
		t.Errorf("ten times the reads as counted: %+v, as assumed %+v", replaced, ten)
	}
	if d := ten.BitError - assumed.BitError; math.Abs(d/(9*p.Reads*assumed.DisturbError)-1) > 1e-6 {
		t.Errorf("nine times as many further reads add %g to the error of a use", d)
	}
	if got := ten.Violations[readDisturb] - assumed.Violations[readDisturb]; math.Abs(got-0.1) > 1e-12 {
		t.Errorf("ten times the reads move the limit by %g", got)
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
