package indicators

import (
	"math"
	"testing"
)

// TestByHand compares with values worked out on paper.
func TestByHand(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name             string
		front, reference []float64
		m                int
		epsilon, igd     float64
	}{
		{"itself", []float64{0, 1, 1, 0}, []float64{0, 1, 1, 0}, 2, 0, 0},
		// (0.3, 0.4) above (0, 0): worse by 0.3 and 0.4, distance 0.5
		{"one point", []float64{0.3, 0.4}, []float64{0, 0}, 2, 0.4, 0.5},
		// better in the first objective, which does not count in IGD+
		{"trade", []float64{-3, 0.25}, []float64{0, 0}, 2, 0.25, 0.25},
		{"better", []float64{-1, -2}, []float64{0, 0}, 2, -1, 0},
		// (0,1): from (0.5,1) 0.5, from (2,0) 2. (1,0): from (0.5,1) 1, from (2,0) 1. mean (0.5 + 1)/2
		{"two points", []float64{0.5, 1, 2, 0}, []float64{0, 1, 1, 0}, 2, 1, 0.75},
		// (0,0,0): (2,3,6) is 7 away, by 6; the other is not nearer in either
		{"three objectives", []float64{2, 3, 6, 9, 9, 9}, []float64{0, 0, 0}, 3, 6, 7},
		{"empty front", nil, []float64{0, 0}, 2, inf, inf},
		{"empty reference", []float64{0, 0}, nil, 2, -inf, 0},
	} {
		if got := Epsilon(c.front, c.reference, c.m); got != c.epsilon {
			t.Errorf("%s: epsilon %v, want %v", c.name, got, c.epsilon)
		}
		if got := IGDPlus(c.front, c.reference, c.m); got != c.igd {
			t.Errorf("%s: IGD+ %v, want %v", c.name, got, c.igd)
		}
	}
}

// TestLine shifts a front of known shape: of the line f1 + f2 = 1 moved by d in
// both objectives, epsilon is d and IGD+ d sqrt 2 in the limit of many points.
func TestLine(t *testing.T) {
	const n, d = 400, 0.05
	var line, moved []float64
	for i := range n + 1 {
		x := float64(i) / n
		line = append(line, x, 1-x)
		moved = append(moved, x+d, 1-x+d)
	}
	if got := Epsilon(moved, line, 2); math.Abs(got-d) > 1e-12 {
		t.Errorf("epsilon %v, want %v", got, d)
	}
	if got := IGDPlus(moved, line, 2); math.Abs(got-d*math.Sqrt2) > 1e-3 {
		t.Errorf("IGD+ %v, want %v", got, d*math.Sqrt2)
	}
	if got := Epsilon(line, moved, 2); math.Abs(got+d) > 1e-12 {
		t.Errorf("epsilon of the better front %v, want %v", got, -d)
	}
}
