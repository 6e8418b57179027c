package results

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func front(goals string, rows ...[]float64) *Table {
	t := &Table{Name: "front", Columns: []Column{{Name: "p", Kind: Parameter}}}
	for i, g := range goals {
		c := Column{Name: string(rune('a' + i)), Kind: Objective, Goal: Min}
		if g == '+' {
			c.Goal = Max
		}
		t.Columns = append(t.Columns, c)
	}
	for _, r := range rows {
		t.Add("", append([]float64{7}, r...)...)
	}
	return t
}

func TestKnee(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		tab  *Table
		want int
	}{
		{front("--", []float64{0, 10}, []float64{1, 2}, []float64{4, 1}, []float64{10, 0}), 1},
		{front("-+", []float64{0, 0}, []float64{1, 8}, []float64{4, 9}, []float64{10, 10}), 1},
		{front("--", []float64{nan, 0}, []float64{1, 2}, []float64{math.Inf(1), 0}), 1},
		{front("---", []float64{1, 0, 0}, []float64{0, 1, 0}, []float64{0, 0, 1}, []float64{.2, .2, .2}), 3},
		{front("--", []float64{nan, 0}), -1},
		{front("", []float64{}), -1},
		{front("--", []float64{5, 5}), 0},
	} {
		if got := Knee(c.tab); got != c.want {
			t.Errorf("%v: %d, want %d", c.tab.Rows, got, c.want)
		}
	}
}

// TestKneeIsFarthestFromChord checks the two-objective case against the
// distance to the line through the extremes.
func TestKneeIsFarthestFromChord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfNDistinct(rapid.IntRange(1000, 3000), 3, 20, rapid.ID[int]).Draw(t, "x")
		ys := rapid.SliceOfNDistinct(rapid.IntRange(1000, 3000), len(xs), len(xs), rapid.ID[int]).Draw(t, "y")
		slices.Sort(xs)
		slices.Sort(ys)
		slices.Reverse(ys)
		tab := front("--")
		for i := range xs {
			tab.Add("", 7, float64(xs[i]), float64(ys[i]))
		}
		n := len(xs) - 1
		below := func(i int) float64 { // twice the area of the triangle with the extremes
			return float64((xs[n]-xs[0])*(ys[0]-ys[i]) - (ys[0]-ys[n])*(xs[i]-xs[0]))
		}
		k := Knee(tab)
		for i := range xs {
			if below(i) > below(k)+1e-6 {
				t.Fatalf("row %d is farther below the chord than the knee %d", i, k)
			}
		}
	})
}

func TestWeights(t *testing.T) {
	tab := front("--", []float64{0, 10}, []float64{5, 5}, []float64{10, 0})
	for _, c := range []struct {
		weights []float64
		want    int
	}{{[]float64{9, 1}, 0}, {[]float64{3, 3}, 1}, {[]float64{0, 1}, 2}} {
		score, err := TOPSIS(tab, c.weights)
		if err != nil {
			t.Fatal(err)
		}
		if c.want != 1 && slices.Index(score, slices.Max(score)) != c.want {
			t.Errorf("%v: TOPSIS %v", c.weights, score)
		}
	}
	// Closeness of (0.5, 0.5) with equal weights is 1/2 by symmetry.
	if s, _ := TOPSIS(tab, []float64{1, 1}); s[1] != .5 {
		t.Error(s)
	}
	for _, bad := range [][]float64{{1}, {1, -1}, {0, 0}, {math.NaN(), 1}, {math.Inf(1), 1}} {
		if _, err := TOPSIS(tab, bad); err == nil {
			t.Errorf("weights %v taken", bad)
		}
	}
}

func TestSpread(t *testing.T) {
	tab := front("--", []float64{0, 10}, []float64{1, 2}, []float64{1.1, 1.9}, []float64{10, 0}, []float64{10, 0})
	if got := Spread(tab, 3); !slices.Equal(got, []int{2, 3, 0}) && !slices.Equal(got, []int{1, 3, 0}) {
		t.Error(got)
	}
	if got := Spread(tab, 99); len(got) != 4 {
		t.Error("distinct rows:", got)
	}
	if got := Spread(tab, 0); got != nil {
		t.Error(got)
	}
}

// TestKneeOfDecades checks that a front over decades is judged on logarithmic
// scales: the corner of an L in logarithms is its knee.
func TestKneeOfDecades(t *testing.T) {
	tab := front("--")
	for _, p := range [][2]float64{{1, 1e6}, {2, 10}, {10, 8}, {1e4, 2}, {1e6, 1}} {
		tab.Add("", 7, p[0], p[1])
	}
	if got := Knee(tab); got != 1 {
		t.Errorf("knee %d, want 1", got)
	}
}
