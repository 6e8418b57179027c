package sweep

import "sort"

// Step is a corner of a staircase: X ascending, Y descending.
type Step struct{ X, Y float64 }

// Beyond returns the position of the first step beyond x.
func Beyond(st []Step, x float64) int {
	lo, hi := 0, len(st)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if st[mid].X <= x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Covered tells whether a step is nowhere above (x, y).
func Covered(st []Step, x, y float64) bool {
	k := Beyond(st, x)
	return k > 0 && st[k-1].Y <= y
}

// Climb puts an uncovered (x, y) into the staircase and drops what it covers.
func Climb(st []Step, x, y float64) []Step {
	lo := sort.Search(len(st), func(k int) bool { return st[k].X >= x })
	hi := lo
	for hi < len(st) && st[hi].Y >= y {
		hi++
	}
	if hi == lo {
		st = append(st, Step{})
		copy(st[lo+1:], st[lo:])
		st[lo] = Step{x, y}
		return st
	}
	st[lo] = Step{x, y}
	return append(st[:lo+1], st[hi:]...)
}

// Grow returns s with n elements of unspecified value.
func Grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
