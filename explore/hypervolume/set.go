package hypervolume

import (
	"math"
	"slices"

	"stco/explore/internal/sweep"
)

// load prepares alone: the points become the current set.
func (v *Volume) load(f []float64, d int, ref []float64) {
	s := &v.set
	n := len(f) / d
	s.d, s.ref = d, append(s.ref[:0], ref...)
	s.f = append(s.f[:0], f...)
	s.rows = sweep.Grow(s.rows, n)
	s.at = sweep.Grow(s.at, n)
	for i, it := range v.ord.By(f, d, d-1) {
		s.rows[i] = it.Row
		s.at[it.Row] = int32(i)
	}
	if d == 3 {
		s.p3 = sweep.Grow(s.p3, n)
		for i, row := range s.rows {
			s.p3[i] = point3{f[3*row], f[3*row+1], f[3*row+2]}
		}
	}
}

// pointSet is a set of points that loses or gains members one at a time.
type pointSet struct {
	d     int
	ref   []float64
	f     []float64 // all rows
	rows  []int32   // members by ascending last objective
	at    []int32   // row -> place in rows
	p3    []point3  // three objectives: the members in that order
	local []sweep.Step
	near  []int32
	rest  []float64
}

// alone returns what member row adds to the others.
func (v *Volume) alone(row int) float64 {
	s := &v.set
	p := s.f[row*s.d : row*s.d+s.d]
	if !inside(p, s.ref) {
		return 0
	}
	switch s.d {
	case 1:
		least := s.ref[0]
		for _, r := range s.rows {
			if int(r) != row {
				least = min(least, s.f[r])
			}
		}
		return max(least-p[0], 0)
	case 3:
		return s.alone3(point3{p[0], p[1], p[2]}, int(s.at[row]))
	}
	s.rest = s.rest[:0]
	for _, r := range s.rows {
		if int(r) != row {
			s.rest = append(s.rest, s.f[int(r)*s.d:int(r)*s.d+s.d]...)
		}
	}
	return v.exclusive(p, s.rest, s.ref, &v.deep[0])
}

// alone3 returns what p adds to the members, of which the one at place is left
// out; place -1 leaves none out. It notes in near the places of all members that
// take something away from p which no other takes: the only ones that gain when
// p leaves.
func (s *pointSet) alone3(p point3, place int) float64 {
	right, top := s.ref[0], s.ref[1]
	atRight, atTop := -1, -1
	s.near = s.near[:0]
	level := 0 // members not above p in the last objective
	for ; level < len(s.p3) && s.p3[level].z <= p.z; level++ {
		q := &s.p3[level]
		if q.x >= right || q.y >= top || level == place {
			continue
		}
		if q.x <= p.x {
			if q.y <= p.y {
				return 0
			}
			top, atTop = q.y, level
		} else if q.y <= p.y {
			right, atRight = q.x, level
		}
	}
	if atRight >= 0 {
		s.near = append(s.near, int32(atRight))
	}
	if atTop >= 0 {
		s.near = append(s.near, int32(atTop))
	}
	c := corner{local: append(s.local[:0], sweep.Step{X: p.x, Y: top}, sweep.Step{X: right, Y: math.Inf(-1)})}
	for i := range s.p3[:level] {
		if q := &s.p3[i]; q.x < right && q.y < top && q.x > p.x && q.y > p.y && i != place {
			if c.cut(q.x, q.y, p.y) > 0 {
				s.near = append(s.near, int32(i))
			}
		}
	}
	area := c.area(p.y)
	volume, z := 0.0, p.z
	for i := level; i < len(s.p3) && s.p3[i].z < s.ref[2]; i++ {
		q := &s.p3[i]
		if q.x >= right || q.y >= top || i == place {
			continue
		}
		volume += area * (q.z - z)
		z = q.z
		x, y := max(q.x, p.x), max(q.y, p.y)
		if q.x <= p.x {
			if q.y <= p.y {
				s.near = append(s.near, int32(i))
				s.local = c.local
				return volume
			}
			top = q.y
		} else if q.y <= p.y {
			right = q.x
		}
		if lost := c.cut(x, y, p.y); lost > 0 {
			area -= lost
			s.near = append(s.near, int32(i))
		}
	}
	s.local = c.local
	return max(volume+area*(s.ref[2]-z), 0)
}

// corner is the part of a quadrant that is not dominated yet: below a staircase
// whose first step is at the x of the quadrant and whose last, at y = -Inf, is
// where it ends.
type corner struct{ local []sweep.Step }

// area returns its measure above floor, the y of the quadrant.
func (c *corner) area(floor float64) float64 {
	sum := 0.0
	for k := 1; k < len(c.local); k++ {
		sum += (c.local[k].X - c.local[k-1].X) * (c.local[k-1].Y - floor)
	}
	return sum
}

// cut takes away what (x, y), a point of the quadrant, dominates, and returns
// its measure. The staircase is short: it is walked, not searched.
func (c *corner) cut(x, y, floor float64) float64 {
	st := c.local
	lo := 1
	for lo < len(st) && st[lo].X <= x {
		lo++
	}
	top := st[lo-1].Y
	if lo == len(st) || top <= y {
		return 0
	}
	left, lost := x, 0.0
	hi := lo
	for ; st[hi].Y >= y; hi++ {
		lost += (st[hi].X - left) * (top - y)
		left, top = st[hi].X, st[hi].Y
	}
	lost += (st[hi].X - left) * (top - y)
	if st[lo-1].X == x {
		lo--
	}
	if y <= floor { // the quadrant now ends at x
		if lo == 0 {
			lo = 1 // nothing is left of it; the last step stays beyond the first
			st[0].Y = floor
		}
		st[lo] = sweep.Step{X: x, Y: math.Inf(-1)}
		c.local = st[:lo+1]
		return lost
	}
	switch n := hi - lo; {
	case n == 0:
		st = append(st, sweep.Step{})
		for k := len(st) - 1; k > lo; k-- {
			st[k] = st[k-1]
		}
	case n > 1:
		for k := hi; k < len(st); k++ {
			st[k-n+1] = st[k]
		}
		st = st[:len(st)-n+1]
	}
	st[lo] = sweep.Step{X: x, Y: y}
	c.local = st
	return lost
}

// remove takes a row out of the members.
func (s *pointSet) remove(row int) {
	k := int(s.at[row])
	s.rows = slices.Delete(s.rows, k, k+1)
	if s.d == 3 {
		s.p3 = slices.Delete(s.p3, k, k+1)
	}
	for i := k; i < len(s.rows); i++ {
		s.at[s.rows[i]] = int32(i)
	}
}

// insert adds a row of f to the members.
func (s *pointSet) insert(row int) {
	last := s.f[row*s.d+s.d-1]
	k := len(s.rows)
	for k > 0 && s.f[int(s.rows[k-1])*s.d+s.d-1] > last {
		k--
	}
	s.rows = slices.Insert(s.rows, k, int32(row))
	if s.d == 3 {
		s.p3 = slices.Insert(s.p3, k, point3{s.f[3*row], s.f[3*row+1], last})
	}
	for i := k; i < len(s.rows); i++ {
		s.at[s.rows[i]] = int32(i)
	}
}
