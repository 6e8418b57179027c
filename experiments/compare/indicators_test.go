package compare

import (
	"math"
	"testing"

	"stco/results"
)

// TestIndicators: distances of a few points on paper. The joint front is
// (0,4), (1,2), (4,0), between ideal (0,0) and nadir (4,4); the second objective
// is maximised, so its metric is the negative.
func TestIndicators(t *testing.T) {
	goals := []results.Column{{Name: "a", Goal: results.Min}, {Name: "b", Goal: results.Max}}
	joint := [][]float64{{0, -4}, {1, -2}, {4, 0}}
	f := newFrame([]Run{{Goals: goals, Seeds: []Seed{{Archive: joint}}}}, false)
	for _, c := range []struct {
		rows         [][]float64
		epsilon, igd float64
	}{
		{joint, 0, 0},
		// (0,4) is missed by (1,2) by 1 in a; (4,0) by 2 in b: of a range of 4.
		{[][]float64{{1, -2}}, 0.5, (0.25 + 0 + 0.5) / 3},
		// (4,3) is worse than (1,2) by 3 and 1; better in b than (0,4), worse than (4,0) by 3 in b.
		{[][]float64{{4, -3}}, 1, (1 + math.Hypot(0.75, 0.25) + 0.75) / 3},
		// Beyond the front nothing is left to improve.
		{[][]float64{{-1, 1}}, 0, 0},
	} {
		epsilon, igd := f.indicators(c.rows)
		if !near(epsilon, c.epsilon) || !near(igd, c.igd) {
			t.Errorf("%v: epsilon %v, want %v; IGD+ %v, want %v", c.rows, epsilon, c.epsilon, igd, c.igd)
		}
	}
}
