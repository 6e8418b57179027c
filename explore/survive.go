package explore

import (
	"cmp"
	"math"
	"slices"
)

// crowding selects by rank and crowding distance (NSGA-II).
type crowding struct {
	f    []float64
	dist []float64
	rows []int
}

func (c *crowding) choose(is *island, f []float64, ranks []int, fronts, size int, keep []bool, crowd []float64) {
	left := size
	for front := range fronts {
		c.rows, c.f = c.rows[:0], c.f[:0]
		for i, r := range ranks {
			if r == front {
				c.rows = append(c.rows, i)
				c.f = append(c.f, f[i*is.m:(i+1)*is.m]...)
			}
		}
		c.dist = resize(c.dist, len(c.rows))
		is.sorter.Crowding(c.f, is.m, c.dist)
		for k, i := range c.rows {
			crowd[i] = c.dist[k]
		}
		if len(c.rows) > left {
			slices.SortStableFunc(c.rows, func(a, b int) int { return cmp.Compare(crowd[b], crowd[a]) })
		}
		for _, i := range c.rows[:min(left, len(c.rows))] {
			keep[i] = true
		}
		if left -= len(c.rows); left <= 0 {
			return
		}
	}
}

// contribution selects by rank and, in the first front that does not fit, by
// contribution to the hypervolume (SMS-EMOA).
type contribution struct {
	f      []float64
	rows   []int
	keep   []bool
	lo, hi []float64
	ref    []float64
}

func (c *contribution) choose(is *island, f []float64, ranks []int, fronts, size int, keep []bool, crowd []float64) {
	m := is.m
	c.scale(f, ranks, m)
	left := size
	for front := range fronts {
		c.rows, c.f = c.rows[:0], c.f[:0]
		for i, r := range ranks {
			if r != front {
				continue
			}
			c.rows = append(c.rows, i)
			for j := range m {
				c.f = append(c.f, (f[i*m+j]-c.lo[j])*c.hi[j])
			}
		}
		if len(c.rows) <= left {
			for _, i := range c.rows {
				keep[i] = true
			}
			if left -= len(c.rows); left == 0 {
				return
			}
			continue
		}
		if front > 0 { // beyond the scale of the first front: widen the reference
			for j := range m {
				for k := j; k < len(c.f); k += m {
					c.ref[j] = max(c.ref[j], 1.1*c.f[k])
				}
			}
		}
		c.keep = resize(c.keep, len(c.rows))
		is.volume.Truncate(c.f, m, c.ref, left, c.keep)
		for k, i := range c.rows {
			keep[i] = c.keep[k]
		}
		return
	}
}

// scale sets lo and hi to the offset and factor that map the first front to
// the unit cube.
func (c *contribution) scale(f []float64, ranks []int, m int) {
	c.lo, c.hi, c.ref = resize(c.lo, m), resize(c.hi, m), resize(c.ref, m)
	for j := range m {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i, r := range ranks {
			if r == 0 {
				lo, hi = min(lo, f[i*m+j]), max(hi, f[i*m+j])
			}
		}
		c.lo[j], c.hi[j], c.ref[j] = lo, 1, 1.1
		if hi > lo {
			c.hi[j] = 1 / (hi - lo)
		}
	}
}

// resize returns s with n elements of unspecified value.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// sortBy orders indices by a value, stably.
func sortBy(rows []int, value func(int) float64) {
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
}
