package selection

import (
	"cmp"
	"math"
	"math/rand" //nolint:depguard // eaopt's populations have a *rand.Rand of math/rand
	"slices"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
)

// Crowding selects by rank and crowding distance (NSGA-II).
type Crowding struct {
	sorter pareto.Sorter
	f      []float64
	dist   []float64
	rows   []int
}

// Select keeps the best ranks, and of the last those of the largest crowding
// distance.
func (c *Crowding) Select(p Pool, size int, keep []bool, crowd []float64, _ *rand.Rand) {
	left := size
	for front := range p.Fronts {
		c.measure(p, front, crowd)
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

// measure sets rows to those of a front and crowd to their crowding distances.
func (c *Crowding) measure(p Pool, front int, crowd []float64) {
	c.rows, c.f = c.rows[:0], c.f[:0]
	for i, r := range p.Ranks {
		if r == front {
			c.rows = append(c.rows, i)
			c.f = append(c.f, p.F[i*p.M:(i+1)*p.M]...)
		}
	}
	c.dist = resize(c.dist, len(c.rows))
	c.sorter.Crowding(c.f, p.M, c.dist)
	for k, i := range c.rows {
		crowd[i] = c.dist[k]
	}
}

// Contribution selects by rank and, in the first front that does not fit, by
// contribution to the hypervolume (SMS-EMOA). Mates are chosen by crowding, so
// that the ends of the front and what lies beside gaps have more children.
type Contribution struct {
	mating Crowding
	volume hypervolume.Volume
	f      []float64
	keep   []bool
	lo, hi []float64
	ref    []float64
}

// Select keeps the best ranks, and of the last those that a greedy removal of
// the least contributors leaves.
func (c *Contribution) Select(p Pool, size int, keep []bool, crowd []float64, _ *rand.Rand) {
	m, f := p.M, p.F
	c.scale(f, p.Ranks, m)
	left := size
	for front := range p.Fronts {
		c.mating.measure(p, front, crowd)
		rows := c.mating.rows
		c.f = c.f[:0]
		for _, i := range rows {
			for j := range m {
				c.f = append(c.f, (f[i*m+j]-c.lo[j])*c.hi[j])
			}
		}
		if len(rows) <= left {
			for _, i := range rows {
				keep[i] = true
			}
			if left -= len(rows); left == 0 {
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
		c.keep = resize(c.keep, len(rows))
		c.volume.Truncate(c.f, m, c.ref, left, c.keep)
		for k, i := range rows {
			keep[i] = c.keep[k]
		}
		return
	}
}

// distant is the reference point of selection, in ranges of the first front: so
// far that the ends of the front, where the constraints of a problem often
// hold it, contribute more than what lies between.
const distant = 10

// scale sets lo and hi to the offset and factor that map the first front to
// the unit cube.
func (c *Contribution) scale(f []float64, ranks []int, m int) {
	c.lo, c.hi, c.ref = resize(c.lo, m), resize(c.hi, m), resize(c.ref, m)
	for j := range m {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i, r := range ranks {
			if r == 0 {
				lo, hi = min(lo, f[i*m+j]), max(hi, f[i*m+j])
			}
		}
		c.lo[j], c.hi[j], c.ref[j] = lo, 1, distant
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
