package compare

import "stco/explore/indicators"

// mostReference bounds the points of the joint front that indicators look at.
const mostReference = 2000

// indicators measures how far rows of metrics stay behind the joint front, in
// normalised objectives: the additive epsilon indicator and IGD+. Both are 0 for
// the joint front itself. Of a large joint front every n-th point counts.
func (f *frame) indicators(rows [][]float64) (epsilon, igd float64) {
	m := len(f.goals)
	all := f.normalised(f.joint)
	stride := (len(f.joint) + mostReference - 1) / mostReference
	var reference []float64
	for at := 0; at < len(f.joint); at += stride {
		reference = append(reference, all[at*m:at*m+m]...)
	}
	points := f.normalised(rows)
	return max(0, indicators.Epsilon(points, reference, m)), indicators.IGDPlus(points, reference, m)
}
