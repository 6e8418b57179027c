package model

import (
	"math"
	"testing"

	"stco/model/array"
)

// TestSoftErrors: 32 MiB at 1000 FIT/Mb is upset once in 3906 h; (72,64) loses
// what C(72,2) pairs lose, over 64 data bits.
func TestSoftErrors(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Catalog: c}
	r := Report{Design: DefaultDesign(), Lifetime: 3600}
	soft, err := m.SoftErrors(&r)
	if err != nil || len(soft) != 4 {
		t.Fatal(len(soft), err)
	}
	if h := 1 / soft[0].Upsets / 3600; math.Abs(h/3906-1) > 2e-3 {
		t.Errorf("an upset in %g h", h)
	}
	p := 1000.0 / 1e9 / (1 << 20) // in an hour
	if got := soft[array.NoECC].Left; math.Abs(got/p-1) > 0.01 {
		t.Errorf("%g in an hour, want %g", got, p)
	}
	if got, want := soft[array.SECDED].Left, 2556*p*p/64; math.Abs(got/want-1) > 0.02 {
		t.Errorf("SECDED leaves %g, want %g", got, want)
	}
	if got := soft[array.SECDED].Upsets / soft[array.NoECC].Upsets; math.Abs(got-72.0/64) > 1e-12 {
		t.Errorf("check bits: %g times the upsets", got)
	}
	r.Design.Codeword = 512
	if wide, err := m.SoftErrors(&r); err != nil || math.Abs(wide[1].Left/(136503*p*p/512)-1) > 0.02 {
		t.Errorf("(523,512) leaves %g, %v", wide[1].Left, err)
	}
	r.Lifetime = math.NaN()
	if none, err := m.SoftErrors(&r); err != nil || none != nil {
		t.Error("soft errors over no lifetime")
	}
}
