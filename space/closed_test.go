package space_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/space"
)

func must(t *testing.T, ps ...space.Parameter) *space.Space {
	t.Helper()
	s, err := space.New(ps...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDecodeClosedForm: coordinate c of [0, 1] is the value that the scale's
// definition gives, written out here by hand.
func TestDecodeClosedForm(t *testing.T) {
	for _, c := range []struct {
		p    space.Parameter
		u, x float64
	}{
		// Real: Min + c (Max - Min).
		{space.Parameter{Kind: space.Real, Min: 20, Max: 80}, 0, 20},
		{space.Parameter{Kind: space.Real, Min: 20, Max: 80}, 0.25, 35},
		{space.Parameter{Kind: space.Real, Min: 20, Max: 80}, 1, 80},
		{space.Parameter{Kind: space.Real, Min: -3, Max: 5}, 0.75, 3},
		// Log: Min (Max/Min)^c. Over four decades a quarter is one decade.
		{space.Parameter{Kind: space.LogReal, Min: 0.01, Max: 100}, 0, 0.01},
		{space.Parameter{Kind: space.LogReal, Min: 0.01, Max: 100}, 0.25, 0.1},
		{space.Parameter{Kind: space.LogReal, Min: 0.01, Max: 100}, 0.5, 1},
		{space.Parameter{Kind: space.LogReal, Min: 0.01, Max: 100}, 0.75, 10},
		{space.Parameter{Kind: space.LogReal, Min: 0.01, Max: 100}, 1, 100},
		{space.Parameter{Kind: space.LogReal, Min: 2, Max: 32}, 0.5, 8},
		// Grids: cell int(c n) of n.
		{space.Parameter{Kind: space.LogReal, Min: 1, Max: 1000, Levels: 4}, 0, 1},
		{space.Parameter{Kind: space.LogReal, Min: 1, Max: 1000, Levels: 4}, 0.3, 10},
		{space.Parameter{Kind: space.LogReal, Min: 1, Max: 1000, Levels: 4}, 0.6, 100},
		{space.Parameter{Kind: space.LogReal, Min: 1, Max: 1000, Levels: 4}, 1, 1000},
		{space.Parameter{Kind: space.LogReal, Min: 3, Max: 48, Step: 4}, 0.5, 12}, // 3, 12, 48
		{space.Parameter{Kind: space.LogReal, Min: 3, Max: 40, Step: 4}, 1, 12},   // 48 is outside
		{space.Parameter{Kind: space.Real, Min: 0.8, Max: 1.2, Step: 0.1}, 0.7, 1.1},
		{space.Parameter{Kind: space.Real, Min: 0, Max: 1, Step: 0.4}, 1, 0.8},
		{space.Parameter{Kind: space.Real, Min: 10, Max: 20, Levels: 5}, 0.5, 15},
		{space.Parameter{Kind: space.Real, Min: 10, Max: 20, Levels: 5}, 0.39, 12.5},
		{space.Parameter{Kind: space.Real, Min: 1, Max: 7, Values: []float64{1, 2, 7}}, 0.5, 2},
		{space.Parameter{Kind: space.Integer, Min: 3, Max: 9}, 0.5, 6}, // 3..9: 7 values, int(3.5) is the fourth
		{space.Parameter{Kind: space.Integer, Min: 3, Max: 9}, 1, 9},
		{space.Parameter{Kind: space.Integer, Min: 64, Max: 1024, Step: 64}, 0.5, 576}, // 64 (1 + 8)
		{space.Parameter{Kind: space.PowerOfTwo, Min: 1, Max: 256}, 0.5, 16},
		{space.Parameter{Kind: space.PowerOfTwo, Min: 1, Max: 8, Midpoints: true}, 0.5, 3}, // 1 1.5 2 3 4 6 8
		{space.Parameter{Kind: space.PowerOfTwo, Min: 1, Max: 8, Midpoints: true}, 0.8, 6},
		{space.Parameter{Kind: space.Choice, Options: []string{"W", "Ta", "Pt"}}, 0.5, 1},
		{space.Parameter{Kind: space.Choice, Options: []string{"W", "Ta", "Pt"}}, 1, 2},
	} {
		c.p.Name = "p"
		// Beside it one more of the same, so that a position mixed up shows.
		q := c.p
		q.Name = "q"
		s := must(t, c.p, q)
		u, x := []float64{c.u, 0}, make([]float64, 2)
		s.Decode(u, x)
		low := c.p.Min
		if math.Abs(x[0]-c.x) > 1e-14*math.Abs(c.x) || x[1] != low {
			t.Errorf("%s %g..%g step %g levels %d: coordinate %g is %.17g, want %g (and %g, want %g)",
				c.p.Kind, c.p.Min, c.p.Max, c.p.Step, c.p.Levels, c.u, x[0], c.x, x[1], low)
		}
		if n := s.GridSize(0); n > 0 {
			j := min(math.Floor(c.u*float64(n)), float64(n-1))
			if want := (j + 0.5) / float64(n); u[0] != want {
				t.Errorf("%s: coordinate %g of cell %g of %d moved to %g, want its middle %g", c.p.Kind, c.u, j, n, u[0], want)
			}
		} else if u[0] != c.u {
			t.Errorf("%s: coordinate of a continuous parameter moved from %g to %g", c.p.Kind, c.u, u[0])
		}
		back := make([]float64, 2)
		s.Encode(x, back)
		if math.Abs(back[0]-u[0]) > 1e-12 {
			t.Errorf("%s: %g encodes to %g, want %g", c.p.Kind, x[0], back[0], u[0])
		}
	}
}

// TestEncodeOutside: values beyond a continuous parameter's bounds encode to
// the ends.
func TestEncodeOutside(t *testing.T) {
	s := must(t, space.Parameter{Name: "a", Kind: space.Real, Min: 2, Max: 4}, space.Parameter{Name: "b", Kind: space.LogReal, Min: 1, Max: 10})
	u := make([]float64, 2)
	s.Encode([]float64{1, 100}, u)
	if u[0] != 0 || u[1] != 1 {
		t.Errorf("below and above encode to %v, want 0 and 1", u)
	}
}

// TestRepairRoundsOnTheScale: the nearest value is that of the scale, the
// lower one on a tie.
func TestRepairRoundsOnTheScale(t *testing.T) {
	s := must(t,
		space.Parameter{Name: "linear", Kind: space.Real, Min: 1, Max: 100, Values: []float64{1, 4, 100}},
		space.Parameter{Name: "log", Kind: space.LogReal, Min: 1, Max: 100, Values: []float64{1, 4, 100}},
		space.Parameter{Name: "octave", Kind: space.PowerOfTwo, Min: 2, Max: 64},
		space.Parameter{Name: "whole", Kind: space.Integer, Min: 10, Max: 50, Step: 10},
		space.Parameter{Name: "free", Kind: space.Real, Min: -1, Max: 1},
	)
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ in, want []float64 }{
		// sqrt(4*100) = 20: 21 is nearer to 100 in logarithm, to 4 in the number.
		{[]float64{21, 21, 5.7, 14.9, 0.5}, []float64{4, 100, 8, 10, 0.5}},
		{[]float64{51, 19, 5.6, 15.1, -2}, []float64{4, 4, 4, 20, -1}},
		{[]float64{53, 20, 1, 15, 7}, []float64{100, 4, 2, 10, 1}},
		{[]float64{2.5, 2, 100, 49, 0}, []float64{1, 1, 64, 50, 0}},
		{[]float64{nan, nan, nan, nan, nan}, []float64{1, 1, 2, 10, -1}},
		{[]float64{inf, inf, inf, inf, inf}, []float64{100, 100, 64, 50, 1}},
		{[]float64{-inf, -inf, -inf, -inf, -inf}, []float64{1, 1, 2, 10, -1}},
	} {
		x := slices.Clone(c.in)
		s.Repair(x)
		if !slices.Equal(x, c.want) {
			t.Errorf("%v is repaired to %v, want %v", c.in, x, c.want)
		}
	}
}

// TestDesignsAreNumbered: the last parameter varies fastest, Size counts all,
// and keys of a space of grids are the numbers.
func TestDesignsAreNumbered(t *testing.T) {
	s := must(t,
		space.Parameter{Name: "a", Kind: space.Integer, Min: 5, Max: 6},
		space.Parameter{Name: "b", Kind: space.PowerOfTwo, Min: 1, Max: 4},
		space.Parameter{Name: "c", Kind: space.Choice, Options: []string{"x", "y"}},
	)
	want := [][]float64{
		{5, 1, 0},
		{5, 1, 1},
		{5, 2, 0},
		{5, 2, 1},
		{5, 4, 0},
		{5, 4, 1},
		{6, 1, 0},
		{6, 1, 1},
		{6, 2, 0},
		{6, 2, 1},
		{6, 4, 0},
		{6, 4, 1},
	}
	if n, ok := s.Size(); n != 12 || !ok {
		t.Fatalf("%d designs, %t; want 12", n, ok)
	}
	x := make([]float64, 3)
	for k, w := range want {
		s.At(int64(k), x)
		if !slices.Equal(x, w) || s.Key(x) != (space.Key{Lo: uint64(k)}) {
			t.Errorf("design %d is %v with key %v, want %v and its number", k, x, s.Key(x), w)
		}
	}
	big := make([]space.Parameter, 3)
	for i := range big { // 2^26 each: 2^78 designs, more than an int64 and fewer than a key
		big[i] = space.Parameter{Name: string(rune('a' + i)), Kind: space.Integer, Min: 0, Max: 1<<26 - 1}
	}
	b := must(t, big...)
	if n, ok := b.Size(); ok {
		t.Errorf("2^78 designs are counted as %d", n)
	}
	// 3*2^52 + 5*2^26 + 7, and 2^25*2^52 = 2^77 = 2^13 * 2^64.
	if k := b.Key([]float64{3, 5, 7}); k != (space.Key{Lo: 3<<52 + 5<<26 + 7}) {
		t.Errorf("key %v", k)
	}
	if k := b.Key([]float64{1 << 25, 0, 1}); k != (space.Key{Hi: 1 << 13, Lo: 1}) {
		t.Errorf("key %v, want {2^13, 1}", k)
	}
	free := must(t, space.Parameter{Name: "a", Kind: space.Real, Min: 0, Max: 1})
	if n, ok := free.Size(); n != 0 || ok {
		t.Errorf("a continuous space has size %d, %t", n, ok)
	}
}

// TestContinuousKeys: values that differ have keys that differ, in either
// order, and 0 is -0.
func TestContinuousKeys(t *testing.T) {
	s := must(t, space.Parameter{Name: "a", Kind: space.Real, Min: -1, Max: 1}, space.Parameter{Name: "b", Kind: space.Real, Min: -1, Max: 1})
	seen := map[space.Key][]float64{}
	for i := -20; i <= 20; i++ {
		for j := -20; j <= 20; j++ {
			x := []float64{float64(i) / 20, float64(j) / 20}
			k := s.Key(x)
			if y := seen[k]; y != nil {
				t.Fatalf("%v and %v have one key", x, y)
			}
			seen[k] = x
		}
	}
	if s.Key([]float64{0, 0.5}) != s.Key([]float64{math.Copysign(0, -1), 0.5}) {
		t.Error("0 and -0 have two keys")
	}
	if a, b := s.Key([]float64{0, 1e-300}), s.Key([]float64{0, 2e-300}); a.Hi == b.Hi || a.Lo == b.Lo {
		t.Error("half of the key does not depend on the second value")
	}
}

// TestRefusedPoints: what a point may not be, of a space with a list of options.
func TestRefusedPoints(t *testing.T) {
	s := must(t,
		space.Parameter{Name: "whole", Kind: space.Integer, Min: 10, Max: 50, Step: 10},
		space.Parameter{Name: "material", Kind: space.Choice, Options: []string{"W", "Ta", "Pt"}, Values: []float64{0, 2}},
	)
	for _, c := range []struct {
		x    []float64
		want string
	}{
		{[]float64{15, 0}, "whole = 15: not on the grid of 5 values in 10..50; the nearest is 10"},
		{[]float64{10, 1}, "material = Ta: must be one of W, Pt"},
		{[]float64{60, 0}, "whole = 60: allowed 10..50"},
	} {
		if err := s.Check(c.x); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %q", c.x, err, c.want)
		}
	}
	if err := s.Check([]float64{10, 2}); err != nil {
		t.Error(err)
	}
	if _, err := s.Index("colour"); err == nil || err.Error() != `unknown parameter "colour": must be one of whole, material` {
		t.Error(err)
	}
	x := make([]float64, 2)
	for u, want := range map[float64][]float64{0: {10, 0}, 0.9: {50, 2}} {
		if s.Decode([]float64{u, u}, x); !slices.Equal(x, want) {
			t.Errorf("at %g %v, want %v", u, x, want)
		}
	}
}

// TestEveryFaultOfAParameter has one parameter per rule, and beside each its
// neighbour that is allowed.
func TestEveryFaultOfAParameter(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		p    space.Parameter
		want string // "" is allowed
	}{
		{space.Parameter{Name: " ", Kind: space.Real, Max: 1}, "no name"},
		{space.Parameter{Name: "p", Kind: 5, Max: 1}, "unknown kind 5"},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a"}}, ""},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a", ""}}, "an option without a name"},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a"}, Min: 1}, "a choice has options, not"},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a"}, Max: 1}, "a choice has options, not"},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a"}, Step: 1}, "a choice has options, not"},
		{space.Parameter{Name: "p", Kind: space.Choice, Options: []string{"a"}, Levels: 1}, "a choice has options, not"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Options: []string{"a"}}, "options are for choice, not real"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Midpoints: true}, "midpoints are for power-of-two, not real"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: nan, Max: 1}, "must be finite"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: -inf, Max: 1}, "must be finite"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: nan}, "must be finite"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 1}, ""},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Step: -0.1}, "step -0.1 must be finite and not negative"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Step: inf}, "step +Inf must be finite"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Step: 0x1p-20}, ""},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Step: 0x1p-21}, "gives more than 1048576 values"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Levels: 1}, "levels 1 outside 2..1048576"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 1, Levels: 1}, ""},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Levels: -2}, "levels -2 outside"},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Levels: 1 << 20}, ""},
		{space.Parameter{Name: "p", Kind: space.Real, Max: 1, Levels: 1<<20 + 1}, "levels 1048577 outside"},
		{space.Parameter{Name: "p", Kind: space.Integer, Max: 8, Levels: 3}, "levels are for real and log-real, not integer"},
		{space.Parameter{Name: "p", Kind: space.Integer, Max: 8.5}, "must be whole"},
		{space.Parameter{Name: "p", Kind: space.Integer, Max: 8, Step: 0.5}, "must be whole"},
		{space.Parameter{Name: "p", Kind: space.Integer, Max: 1 << 52}, ""},
		{space.Parameter{Name: "p", Kind: space.Integer, Max: 1<<52 + 1}, "within 2^52"},
		{space.Parameter{Name: "p", Kind: space.Integer, Min: -1<<52 - 1, Max: 0}, "within 2^52"},
		{space.Parameter{Name: "p", Kind: space.LogReal, Min: -1, Max: 1}, "of a log-real must be above 0"},
		{space.Parameter{Name: "p", Kind: space.LogReal, Min: 1, Max: 2, Step: 1}, "must be above 1"},
		{space.Parameter{Name: "p", Kind: space.LogReal, Min: 1, Max: 1e300, Step: 1.0001}, "gives more than 1048576 values"},
		{space.Parameter{Name: "p", Kind: space.LogReal, Min: 1, Max: 1e40, Step: 1.0001}, ""}, // 921,080 values
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 1, Max: 8, Step: 2}, "a power-of-two has no step"},
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 0, Max: 8}, "bound 0 is not a power of two"},
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 0.5, Max: 8}, ""},
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 1, Max: 6}, "bound 6 is not a power of two"},
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 1, Max: 6, Midpoints: true}, ""},
		{space.Parameter{Name: "p", Kind: space.PowerOfTwo, Min: 1, Max: 5, Midpoints: true}, "bound 5 is not a power of two or 1.5 times one"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{1, 3}}, ""},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{1, 2, 2, 3}}, "values must ascend: 2 follows 2"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{1, 2}}, "values must begin with min and end with max"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{2, 3}}, "values must begin with min and end with max"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{1, 3}, Step: 1}, "values exclude step and levels"},
		{space.Parameter{Name: "p", Kind: space.Real, Min: 1, Max: 3, Values: []float64{1, 3}, Levels: 2}, "values exclude step and levels"},
		{space.Parameter{Name: "p", Kind: space.Integer, Min: 1, Max: 3, Values: []float64{1, 3}}, "values are for real and log-real, not integer"},
	} {
		_, err := space.New(c.p)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v is refused: %v", c.p, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %q", c.p, err, c.want)
		case c.want != "" && strings.Contains(err.Error(), "\n"):
			t.Errorf("%+v: more than one fault: %v", c.p, err)
		}
	}
}
