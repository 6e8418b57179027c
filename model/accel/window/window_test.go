package window

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAxisAgainstEnumeration compares every count with a listing of the pixels.
func TestAxisAgainstEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi int64) int64 { return rapid.Int64Range(lo, hi).Draw(t, name) }
		out, in, kernel := draw("out", 1, 20), draw("in", 1, 30), draw("kernel", 1, 7)
		stride, pad, dil := draw("stride", 1, 6), draw("pad", 0, 6), draw("dil", 1, 5)
		a := New(out, in, kernel, stride, pad, dil)

		touched := map[int64]bool{}
		pairs := int64(0)
		for p := range out {
			for r := range kernel {
				if h := p*stride + r*dil - pad; h >= 0 && h < in {
					touched[h] = true
					pairs++
				}
			}
		}
		if a.Touched != int64(len(touched)) || a.Pairs != pairs {
			t.Fatalf("touched %d pairs %d, enumerated %d and %d", a.Touched, a.Pairs, len(touched), pairs)
		}

		// Consecutive outputs of one class.
		e := draw("class", 0, a.Classes-1)
		n, lo, hi := a.Class(e)
		j0 := draw("j0", 0, n-1)
		j1 := draw("j1", j0, n)
		want := map[int64]bool{}
		for j := j0; j < j1; j++ {
			p := j*a.Classes + e
			if p >= out {
				t.Fatalf("class %d has output %d of %d", e, p, out)
			}
			for r := range kernel {
				if h := p*stride + r*dil - pad; h >= 0 && h < in {
					want[h] = true
				}
			}
		}
		if got := a.Reads(j0, j1, lo, hi); got != int64(len(want)) {
			t.Fatalf("outputs %d to %d of class %d read %d, enumerated %d", j0, j1, e, got, len(want))
		}
	})
}

func TestDivisions(t *testing.T) {
	for a := int64(-9); a <= 9; a++ {
		for b := int64(1); b <= 4; b++ {
			f, c := FloorDiv(a, b), CeilDiv(a, b)
			if f*b > a || (f+1)*b <= a || c*b < a || (c-1)*b >= a {
				t.Errorf("%d/%d: floor %d, ceil %d", a, b, f, c)
			}
		}
	}
}
