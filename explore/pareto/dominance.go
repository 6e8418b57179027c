package pareto

// MaxDim is the largest number of objectives a point may have.
const MaxDim = 6

// Dominates tells whether a is nowhere above b and somewhere below it.
func Dominates(a, b []float64) bool {
	below := false
	for j, v := range a {
		if v > b[j] {
			return false
		}
		below = below || v < b[j]
	}
	return below
}

// WeaklyDominates tells whether a is nowhere above b.
func WeaklyDominates(a, b []float64) bool {
	for j, v := range a {
		if v > b[j] {
			return false
		}
	}
	return true
}
