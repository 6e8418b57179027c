package compare

import (
	"cmp"
	"math"
	"slices"
)

// attainment returns the corners of the surface that at least k of the runs
// reach in two minimised objectives: a point is reached by a run that has a
// design at least as good in both (Fonseca, Guerreiro, Lopez-Ibanez and Paquete,
// EMO 2011, section 2). Corners ascend in the first and descend in the second
// objective.
func attainment(runs [][][2]float64, k int) [][2]float64 {
	type event struct {
		run  int
		x, y float64
	}
	var events []event
	for i, points := range runs {
		for _, p := range points {
			events = append(events, event{i, p[0], p[1]})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.x, b.x) })
	least := slices.Repeat([]float64{math.Inf(1)}, len(runs)) // of each run so far
	sorted := make([]float64, len(runs))
	level := math.Inf(1)
	var out [][2]float64
	for i := 0; i < len(events); {
		x := events[i].x
		for ; i < len(events) && events[i].x == x; i++ {
			e := events[i]
			least[e.run] = min(least[e.run], e.y)
		}
		copy(sorted, least)
		slices.Sort(sorted)
		if y := sorted[k-1]; y < level {
			level = y
			out = append(out, [2]float64{x, y})
		}
	}
	return out
}
