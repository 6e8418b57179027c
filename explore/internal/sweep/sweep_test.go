package sweep

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// values returns n values of a kind: each makes Sort take another way.
func values(kind string, n int) []float64 {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	f := make([]float64, n)
	for i := range f {
		switch kind {
		case "even":
			f[i] = rng.Float64()
		case "negative":
			f[i] = rng.NormFloat64()
		case "few":
			f[i] = float64(rng.IntN(3))
		case "equal":
			f[i] = 2.5
		case "uneven":
			f[i] = math.Exp(600 * (rng.Float64() - 0.5))
		case "infinite":
			f[i] = []float64{math.Inf(-1), 0, math.Copysign(0, -1), 1, -1, math.Inf(1)}[rng.IntN(6)]
		case "crowd":
			f[i] = 1 + float64(rng.IntN(8))*0x1p-52
			if i == 0 {
				f[i] = 1e6
			}
		case "huge":
			f[i] = (rng.Float64() - 0.5) * math.MaxFloat64
		case "descending":
			f[i] = float64(-i)
		}
	}
	return f
}

var kinds = []string{"even", "negative", "few", "equal", "uneven", "infinite", "crowd", "huge", "descending"}

// TestBySortsStably compares with the stable sort of the library, for one
// objective of several and one Orderer used over and over.
func TestBySortsStably(t *testing.T) {
	var o Orderer
	for _, kind := range kinds {
		for _, n := range []int{0, 1, 2, 3, 24, 25, 26, 60, 400, 3000} {
			v := values(kind, n)
			for d := 1; d <= 3; d++ {
				for j := range d {
					f := make([]float64, n*d)
					for i := range v {
						for k := range d {
							f[i*d+k] = -7
						}
						f[i*d+j] = v[i]
					}
					want := make([]Item, n)
					for i := range want {
						want[i] = Item{v[i], int32(i)}
					}
					slices.SortStableFunc(want, func(a, b Item) int { return cmp.Compare(a.Value, b.Value) })
					if got := o.By(f, d, j); !slices.Equal(got, want) {
						t.Fatalf("%d %s values, objective %d of %d: not in order, or ties not by row", n, kind, j, d)
					}
				}
			}
		}
	}
}

// TestRadix sorts by the digits whatever the number of values.
func TestRadix(t *testing.T) {
	for _, kind := range kinds {
		for _, n := range []int{1, 2, 25, 1000} {
			v := values(kind, n)
			a := make([]Item, n)
			for i := range a {
				a[i] = Item{v[i], int32(i)}
			}
			want := slices.Clone(a)
			slices.SortStableFunc(want, func(a, b Item) int { return cmp.Compare(a.Value, b.Value) })
			if got := radix(a, make([]Item, n)); !slices.Equal(got, want) {
				t.Errorf("%d %s values: not in order", n, kind)
			}
		}
	}
	order := []float64{math.Inf(-1), -math.MaxFloat64, -1.5, -1, -5e-324, 0, 5e-324, 1, 1.5, math.MaxFloat64, math.Inf(1)}
	for i := 1; i < len(order); i++ {
		if sortable(order[i-1]) >= sortable(order[i]) {
			t.Errorf("%g does not come before %g", order[i-1], order[i])
		}
	}
	if sortable(0) != sortable(math.Copysign(0, -1)) {
		t.Error("0 and -0 differ")
	}
}

// TestLexicographic compares with a sort by all keys, also where hundreds of
// rows share the first value.
func TestLexicographic(t *testing.T) {
	const d = 3
	var o Orderer
	for _, n := range []int{0, 1, 2, 30, 41, 42, 100, 700} {
		for _, cells := range []int{1, 2, 5, 1000} {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(cells)))
			f := make([]float64, n*d)
			for i := range f {
				f[i] = float64(rng.IntN(cells))
			}
			for _, keys := range [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2}, {1}} {
				want := make([]int32, n)
				for i := range want {
					want[i] = int32(i)
				}
				slices.SortStableFunc(want, func(a, b int32) int {
					for _, j := range keys {
						if c := cmp.Compare(f[int(a)*d+j], f[int(b)*d+j]); c != 0 {
							return c
						}
					}
					return 0
				})
				got := o.Lexicographic(f, d, keys[0], keys[1:]...)
				for i := range got {
					if got[i].Row != want[i] || got[i].Value != f[int(want[i])*d+keys[0]] {
						t.Fatalf("%d rows of %d values, keys %v: row %d is %d, want %d", n, cells, keys, i, got[i].Row, want[i])
					}
				}
				if len(got) != n {
					t.Fatalf("%d of %d rows", len(got), n)
				}
			}
		}
	}
}

// TestStaircase puts points into a staircase by hand: (2, 5) (4, 3) (6, 1).
func TestStaircase(t *testing.T) {
	stairs := func() []Step { return []Step{{2, 5}, {4, 3}, {6, 1}} }
	for _, c := range []struct {
		x    float64
		want int
	}{{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5.9, 2}, {6, 3}, {7, 3}} {
		if got := Beyond(stairs(), c.x); got != c.want {
			t.Errorf("beyond %g: step %d, want %d", c.x, got, c.want)
		}
	}
	for _, c := range []struct {
		x, y float64
		want bool
	}{{1, 9, false}, {2, 5, true}, {2, 4.9, false}, {3, 5, true}, {3, 4, false}, {4, 3, true}, {9, 1, true}, {9, 0.5, false}} {
		if got := Covered(stairs(), c.x, c.y); got != c.want {
			t.Errorf("(%g, %g) is covered: %t", c.x, c.y, got)
		}
	}
	for _, c := range []struct {
		x, y float64
		want []Step
	}{
		{1, 9, []Step{{1, 9}, {2, 5}, {4, 3}, {6, 1}}},
		{3, 4, []Step{{2, 5}, {3, 4}, {4, 3}, {6, 1}}},
		{3, 3, []Step{{2, 5}, {3, 3}, {6, 1}}},
		{3, 1, []Step{{2, 5}, {3, 1}}},
		{4, 2, []Step{{2, 5}, {4, 2}, {6, 1}}},
		{1, 0, []Step{{1, 0}}},
		{9, 0, []Step{{2, 5}, {4, 3}, {6, 1}, {9, 0}}},
	} {
		if got := Climb(stairs(), c.x, c.y); !slices.Equal(got, c.want) {
			t.Errorf("with (%g, %g): %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if got := Climb(nil, 1, 2); !slices.Equal(got, []Step{{1, 2}}) {
		t.Errorf("the first step: %v", got)
	}
}

// TestGrow keeps what has room and makes anew what has not.
func TestGrow(t *testing.T) {
	s := make([]int, 3, 5)
	if g := Grow(s, 5); len(g) != 5 || &g[0] != &s[0] {
		t.Error("5 of 5 elements are made anew")
	}
	if g := Grow(s, 6); len(g) != 6 || &g[0] == &s[0] {
		t.Error("6 of 5 elements fit")
	}
	var o Orderer
	if o.Load(10); testing.AllocsPerRun(20, func() { o.Sort(len(o.Load(9))) }) != 0 {
		t.Error("an Orderer that is large enough allocates")
	}
}
