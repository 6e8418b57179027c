package compare

import "math"

// mostReference bounds the points of the joint front that indicators look at.
const mostReference = 2000

// indicators measures how far rows of metrics stay behind the joint front, in
// normalised objectives: epsilon is the least distance by which all of them must
// improve for every point of the joint front to be reached (additive; Zitzler,
// Thiele, Laumanns, Fonseca and Grunert da Fonseca, IEEE TEC 7, 117, 2003), and
// igd the mean distance from a point of the joint front to the region that the
// rows dominate (IGD+; Ishibuchi, Masuda, Tanigaki and Nojima, EMO 2015). Both
// are 0 for the joint front itself. Of a large joint front every n-th point
// counts.
func (f *frame) indicators(rows [][]float64) (epsilon, igd float64) {
	m := len(f.goals)
	front := append([]float64(nil), f.normalised(f.joint)...)
	points := f.normalised(rows)
	stride := (len(f.joint) + mostReference - 1) / mostReference
	sum, count := 0.0, 0
	for at := 0; at < len(f.joint); at += stride {
		z := front[at*m : at*m+m]
		reach, distance := math.Inf(1), math.Inf(1)
		for k := 0; k+m <= len(points); k += m {
			worst, square := math.Inf(-1), 0.0
			for j, v := range points[k : k+m] {
				worst = max(worst, v-z[j])
				if over := v - z[j]; over > 0 {
					square += float64(over * over)
				}
			}
			reach, distance = min(reach, worst), min(distance, square)
		}
		epsilon = max(epsilon, reach)
		sum += math.Sqrt(distance)
		count++
	}
	return epsilon, sum / float64(count)
}
