// Package indicators compares fronts: the additive epsilon indicator and IGD+.
// Objectives are minimised; a front is rows of m values, normalised by the
// caller so that objectives can be compared.
package indicators

import "math"

// Epsilon returns the additive epsilon indicator (Zitzler et al. 2003): the
// least amount that has to be taken off every objective of front so that each
// row of reference is weakly dominated by one of its rows. It is negative when
// front is better everywhere, +Inf when front is empty and reference is not, and
// -Inf when reference is empty.
func Epsilon(front, reference []float64, m int) float64 {
	worst := math.Inf(-1)
	for r := 0; r < len(reference); r += m {
		best := math.Inf(1)
		for a := 0; a < len(front); a += m {
			far := math.Inf(-1)
			for j := range m {
				far = max(far, front[a+j]-reference[r+j])
			}
			best = min(best, far)
		}
		worst = max(worst, best)
	}
	return worst
}

// IGDPlus returns the modified inverted generational distance (Ishibuchi et al.
// 2015): the mean over the rows of reference of the distance to the nearest row
// of front, where only the objectives count in which the front is worse. It is
// +Inf when front is empty and reference is not, and 0 when reference is empty.
func IGDPlus(front, reference []float64, m int) float64 {
	if len(reference) == 0 {
		return 0
	}
	sum := 0.0
	for r := 0; r < len(reference); r += m {
		best := math.Inf(1)
		for a := 0; a < len(front); a += m {
			d := 0.0
			for j := range m {
				if w := front[a+j] - reference[r+j]; w > 0 {
					d += w * w
				}
			}
			best = min(best, d)
		}
		sum += math.Sqrt(best)
	}
	return sum / float64(len(reference)/m)
}
