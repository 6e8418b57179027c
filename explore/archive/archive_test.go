package archive

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"stco/space"
)

// dominates tells whether a is nowhere worse than b and somewhere better.
func dominates(a, b []float64) bool {
	better := false
	for j := range a {
		if a[j] > b[j] {
			return false
		}
		better = better || a[j] < b[j]
	}
	return better
}

// TestAllPairs compares the archive with a list that is searched whole.
func TestAllPairs(t *testing.T) {
	for m := 1; m <= 6; m++ {
		rng := rand.New(rand.NewPCG(1, uint64(m)))
		a := New(1, m, 1, math.MaxInt)
		var all [][]float64
		for i := range 1500 {
			f := make([]float64, m)
			sum := 0.0
			for j := range f {
				f[j] = float64(rng.IntN(40))
				sum += f[j]
			}
			if m > 1 && i%3 > 0 { // near a front, where many members are
				f[0] = max(0, 20*float64(m)-sum+f[0]) + float64(rng.IntN(3))
			}
			covered := slices.ContainsFunc(all, func(b []float64) bool { return slices.Equal(b, f) || dominates(b, f) })
			if a.Covers(f) != covered {
				t.Fatalf("%d objectives: %v covered %v", m, f, !covered)
			}
			if in := a.Add([]float64{float64(i)}, f, []float64{-float64(i)}, space.Key{Lo: uint64(i)}); in == covered {
				t.Fatalf("%d objectives: %v entered %v", m, f, in)
			}
			if !covered {
				all = append(slices.DeleteFunc(all, func(b []float64) bool { return dominates(f, b) }), f)
			}
		}
		slices.SortFunc(all, slices.Compare)
		slots := a.Slots()
		if len(slots) != len(all) || a.Len() != len(all) {
			t.Fatalf("%d objectives: %d slots, %d members, want %d", m, len(slots), a.Len(), len(all))
		}
		lo, hi := make([]float64, m), make([]float64, m)
		a.Bounds(lo, hi)
		for j := range m {
			least, most := math.Inf(1), math.Inf(-1)
			for _, f := range all {
				least, most = min(least, f[j]), max(most, f[j])
			}
			if lo[j] != least || hi[j] != most {
				t.Errorf("%d objectives: bounds %g..%g of objective %d, want %g..%g", m, lo[j], hi[j], j+1, least, most)
			}
		}
		for i, s := range slots {
			if !slices.Equal(a.Values(s), all[i]) {
				t.Errorf("%d objectives: member %d is %v, want %v", m, i, a.Values(s), all[i])
			}
			if x := a.Point(s)[0]; a.Constraints(s)[0] != -x || a.Key(s).Lo != uint64(x) {
				t.Errorf("%d objectives: design %g has constraint %g and key %d", m, x, a.Constraints(s)[0], a.Key(s).Lo)
			}
		}
	}
}

// TestThin thins the line f1 + f2 = 1: the ends stay, no more than half of the
// limit remain, evenly.
func TestThin(t *testing.T) {
	const limit = 200
	a := New(0, 2, 0, limit)
	for i := range limit + 1 {
		x := float64(i) / limit
		a.Add(nil, []float64{x, 1 - x}, nil, space.Key{Lo: uint64(i)})
	}
	a.Thin()
	if a.Len() > limit/2 || a.Len() < limit/5 || a.Thinnings() != 1 {
		t.Errorf("%d members after %d thinnings", a.Len(), a.Thinnings())
	}
	slots := a.Slots()
	if a.Values(slots[0])[0] != 0 || a.Values(slots[len(slots)-1])[0] != 1 {
		t.Error("an end of the front was lost")
	}
	for i := 1; i < len(slots); i++ {
		if gap := a.Values(slots[i])[0] - a.Values(slots[i-1])[0]; gap > 0.05 {
			t.Errorf("a gap of %g", gap)
		}
	}
	a.Thin()
	if a.Thinnings() != 1 {
		t.Error("an archive below its limit was thinned")
	}
}
