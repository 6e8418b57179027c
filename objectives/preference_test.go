package objectives

import (
	"math"
	"testing"

	"stco/model"
)

// TestViews by hand: boxes of 2 % and of 1 um2, ends of the range, aspirations.
func TestViews(t *testing.T) {
	view := func(p Preference) View {
		t.Helper()
		v, err := NewView(p)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	energy := NewPreference("energy")
	energy.Percent, energy.From, energy.To, energy.Times = 2, 1e-3, 1, 2
	e := view(energy)
	// 1.02^5 J = 1.10408 J; boxes begin at powers of 1.02.
	for value, box := range map[float64]float64{1: 0, 1.0199: 0, 1.0201: 1, 1.104: 4, 1.1041: 5, 0.999: -1, 1e-9: math.Floor(math.Log(1e-3) / math.Log(1.02))} {
		if got := e.Box(value); got != box {
			t.Errorf("energy %g J is in box %g, want %g", value, got, box)
		}
	}
	if got := e.Axis(1e-9); got != math.Log(1e-3) {
		t.Errorf("below the range: %g", got)
	}
	if e.Axis(math.E) != 1 || !e.Reaches(2, 1) || e.Reaches(2.001, 1) || !e.Aspires() {
		t.Error("energy")
	}
	if w := e.WithoutAspiration(); w.Aspires() || !w.Reaches(100, 1) {
		t.Error("without aspiration")
	}
	area := NewPreference("area")
	area.Absolute = 0.5e-6 // half a mm2
	a := view(area)
	for value, box := range map[float64]float64{0.49: 0, 0.51: 1, 2.6: 5} {
		if got := a.Box(value); got != box {
			t.Errorf("area %g mm2 is in box %g, want %g", value, got, box)
		}
	}
	rate := NewPreference("throughput")
	rate.Percent, rate.From, rate.To, rate.Times = 10, 1, 100, 0.5
	r := view(rate)
	if r.Axis(math.E) != -1 || r.Axis(1e6) != -math.Log(100) || !r.Reaches(5, 10) || r.Reaches(4.9, 10) {
		t.Error("throughput")
	}
	if r.Box(1.05) != -1 || r.Box(1.2) != -2 || !(r.Box(2) < r.Box(1)) {
		t.Errorf("boxes of a larger throughput: %g, %g", r.Box(1.05), r.Box(1.2))
	}
	// The worse end of a range is a bound: it does not hide how far a design is from it.
	least := NewPreference("throughput")
	least.From = 1
	if l := view(least); l.Axis(0.5) != math.Ln2 || l.Axis(2) != -math.Ln2 {
		t.Errorf("a throughput of 0.5 and 2 that has to be 1: %g, %g", l.Axis(0.5), l.Axis(2))
	}
	most := NewPreference("energy")
	most.To = 1
	if m := view(most); m.Axis(2) != math.Ln2 || m.Axis(0.5) != -math.Ln2 {
		t.Errorf("an energy of 2 and 0.5 that has to be 1: %g, %g", m.Axis(2), m.Axis(0.5))
	}
	share := NewPreference("compute_share")
	share.Absolute = 0.1
	if s := view(share); s.Box(0.95) != -10 || s.Box(0.05) != -1 {
		t.Errorf("boxes of a share: %g, %g", s.Box(0.95), s.Box(0.05))
	}
	plain := NewPreference("energy")
	if v := view(plain); !plain.Plain() || energy.Plain() || v.Box(3) != math.Log(3) || v.Aspires() || !v.Reaches(1e9, 1) {
		t.Error("plain")
	}
	if b, ok := energy.Bound(); !ok || b.Max != 1 || !math.IsInf(b.Min, -1) {
		t.Errorf("bound %+v", b)
	}
	if b, ok := rate.Bound(); !ok || b.Min != 1 || !math.IsInf(b.Max, 1) {
		t.Errorf("bound %+v", b)
	}
	if _, ok := plain.Bound(); ok {
		t.Error("a bound without a range")
	}
	p, err := NewProblem(nil, nil, []string{"throughput", "energy"}, nil, energy, rate)
	if err != nil {
		t.Fatal(err)
	}
	f, g := make([]float64, 2), make([]float64, p.NumConstraints())
	p.Score(&model.Report{Energy: 1e-6, Latency: 1e-6}, f, g)
	if math.Abs(f[0]+math.Log(100)) > 1e-12 || math.Abs(f[1]-math.Log(1e-3)) > 1e-12 {
		t.Errorf("beyond the ends the search sees %v", f)
	}
}
