package archive

import (
	"math"

	"stco/space"
)

// Coarse returns the rows that remain at a resolution: objectives are divided
// into boxes of the given widths, boxes that another one dominates are left out
// (the epsilon-dominance of Laumanns et al. 2002), and of each box the row
// nearest to its lower corner stays, of equally near ones the first. A width of
// 0 tells objectives apart exactly. Rows come in the order given.
func Coarse(f []float64, m int, width []float64) []int {
	if len(f) == 0 {
		return nil
	}
	boxes := New(0, m, 0, math.MaxInt)
	type rep struct {
		row  int
		away float64
	}
	best := map[[8]float64]rep{}
	corner := make([]float64, m)
	key := func(c []float64) (k [8]float64) { copy(k[:], c); return k }
	for i := 0; i < len(f); i += m {
		away := 0.0
		for j, v := range f[i : i+m] {
			if corner[j] = v; width[j] > 0 {
				corner[j] = math.Floor(v / width[j])
				away += v/width[j] - corner[j]
			}
		}
		k := key(corner)
		if r, ok := best[k]; !ok || away < r.away {
			best[k] = rep{i / m, away}
		}
		boxes.Add(nil, corner, nil, space.Key{})
	}
	keep := make([]bool, len(f)/m)
	for _, s := range boxes.Slots() {
		keep[best[key(boxes.Values(s))].row] = true
	}
	var out []int
	for i, k := range keep {
		if k {
			out = append(out, i)
		}
	}
	return out
}
