package hypervolume

import "math"

// slowVolume is inclusion and exclusion over all subsets.
func slowVolume(f []float64, d int, ref []float64) float64 {
	n := len(f) / d
	total := 0.0
	for set := 1; set < 1<<n; set++ {
		v, sign := 1.0, -1.0
		for j := range d {
			c := math.Inf(-1)
			for i := range n {
				if set>>i&1 == 1 {
					c = max(c, f[i*d+j])
				}
			}
			v *= max(ref[j]-c, 0)
		}
		for i := range n {
			if set>>i&1 == 1 {
				sign = -sign
			}
		}
		total += sign * v
	}
	return total
}

// slicesVolume is the hypervolume by slicing the last objective, the twin for sets
// too large for inclusion and exclusion.
func slicesVolume(f []float64, d int, ref []float64) float64 {
	n := len(f) / d
	if d == 1 {
		v := 0.0
		for i := range n {
			v = max(v, ref[0]-f[i])
		}
		return v
	}
	cuts := []float64{ref[d-1]}
	for i := range n {
		if c := f[i*d+d-1]; c < ref[d-1] {
			cuts = append(cuts, c)
		}
	}
	for i := range cuts {
		for k := i; k > 0 && cuts[k] < cuts[k-1]; k-- {
			cuts[k], cuts[k-1] = cuts[k-1], cuts[k]
		}
	}
	total := 0.0
	for i := 0; i+1 < len(cuts); i++ {
		if cuts[i] == cuts[i+1] {
			continue
		}
		var below []float64
		for k := range n {
			if f[k*d+d-1] <= cuts[i] {
				below = append(below, f[k*d:k*d+d-1]...)
			}
		}
		total += slicesVolume(below, d-1, ref) * (cuts[i+1] - cuts[i])
	}
	return total
}
