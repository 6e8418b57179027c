package pareto

import (
	"math"
	"slices"
)

// load prepares alone: the points become the current set.
func (v *Volume) load(f []float64, d int, ref []float64) {
	s := &v.set
	n := len(f) / d
	s.d, s.ref = d, append(s.ref[:0], ref...)
	s.f = append(s.f[:0], f...)
	s.rows = grow(s.rows, n)
	s.at = grow(s.at, n)
	for i, it := range v.ord.by(f, d, d-1) {
		s.rows[i] = it.row
		s.at[it.row] = int32(i)
	}
	if d == 3 {
		s.p3 = grow(s.p3, n)
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
	local []step
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
	c := corner{local: append(s.local[:0], step{p.x, top}, step{right, math.Inf(-1)})}
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
type corner struct{ local []step }

// area returns its measure above floor, the y of the quadrant.
func (c *corner) area(floor float64) float64 {
	sum := 0.0
	for k := 1; k < len(c.local); k++ {
		sum += (c.local[k].x - c.local[k-1].x) * (c.local[k-1].y - floor)
	}
	return sum
}

// cut takes away what (x, y), a point of the quadrant, dominates, and returns
// its measure. The staircase is short: it is walked, not searched.
func (c *corner) cut(x, y, floor float64) float64 {
	st := c.local
	lo := 1
	for lo < len(st) && st[lo].x <= x {
		lo++
	}
	top := st[lo-1].y
	if lo == len(st) || top <= y {
		return 0
	}
	left, lost := x, 0.0
	hi := lo
	for ; st[hi].y >= y; hi++ {
		lost += (st[hi].x - left) * (top - y)
		left, top = st[hi].x, st[hi].y
	}
	lost += (st[hi].x - left) * (top - y)
	if st[lo-1].x == x {
		lo--
	}
	if y <= floor { // the quadrant now ends at x
		if lo == 0 {
			lo = 1 // nothing is left of it; the last step stays beyond the first
			st[0].y = floor
		}
		st[lo] = step{x, math.Inf(-1)}
		c.local = st[:lo+1]
		return lost
	}
	switch n := hi - lo; {
	case n == 0:
		st = append(st, step{})
		for k := len(st) - 1; k > lo; k-- {
			st[k] = st[k-1]
		}
	case n > 1:
		for k := hi; k < len(st); k++ {
			st[k-n+1] = st[k]
		}
		st = st[:len(st)-n+1]
	}
	st[lo] = step{x, y}
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

// Truncate removes points one at a time, always the one that adds least to the
// hypervolume of those left, until k are left, and marks those in keep. The
// points must not dominate each other. Contributions only grow when points
// leave, so a stale one is a lower bound and is computed anew only when it is
// the least (the decremental greedy of Bringmann and Friedrich 2009, lazy).
func (v *Volume) Truncate(f []float64, d int, ref []float64, k int, keep []bool) {
	n := len(f) / d
	for i := range n {
		keep[i] = true
	}
	if k >= n {
		return
	}
	if d == 2 {
		v.truncate2(f, ref, k, keep)
		return
	}
	v.load(f, d, ref)
	h := lazyHeap{entries: grow(v.lazy, n)}
	v.stale = grow(v.stale, n)
	clear(v.stale)
	if d == 3 {
		v.value = grow(v.value, n)
	}
	swept := d == 3 && v.contributions3(f, ref, v.value)
	for i := range n {
		h.entries[i] = lazyEntry{row: int32(i)}
		if swept {
			h.entries[i].value = v.value[i]
		} else {
			h.entries[i].value = v.alone(i)
		}
	}
	v.lazy = h.entries
	h.build()
	for left := n; left > k; {
		top := &h.entries[0]
		if v.stale[top.row] {
			v.stale[top.row] = false
			top.value = v.alone(int(top.row))
			h.down(0)
			continue
		}
		row := int(top.row)
		v.outdate(row)
		keep[row] = false
		v.set.remove(row)
		h.pop()
		left--
	}
}

// outdate marks the members whose contribution may grow when a row leaves.
func (v *Volume) outdate(row int) {
	if v.set.d != 3 || !inside(v.set.f[3*row:3*row+3], v.set.ref) {
		for _, r := range v.set.rows {
			v.stale[r] = true
		}
		return
	}
	v.alone(row)
	for _, place := range v.set.near {
		v.stale[v.set.rows[place]] = true
	}
}

func (v *Volume) truncate2(f, ref []float64, k int, keep []bool) {
	n := len(f) / 2
	l := grow(v.line, n)
	v.line = l
	for i, it := range v.ord.lexicographic(f, 2, 0, 1) {
		l[i] = link{x: f[2*it.row], y: f[2*it.row+1], row: it.row, prev: int32(i) - 1, next: int32(i) + 1}
	}
	value := func(i int32) float64 {
		right, top := ref[0], ref[1]
		if l[i].next < int32(n) {
			right = l[l[i].next].x
		}
		if l[i].prev >= 0 {
			top = l[l[i].prev].y
		}
		return (right - l[i].x) * (top - l[i].y)
	}
	for i := range l {
		l[i].value = value(int32(i))
	}
	for left := n; left > k; left-- {
		worst, least := -1, math.Inf(1)
		for i := range l {
			if l[i].value < least {
				worst, least = i, l[i].value
			}
		}
		if worst < 0 { // nothing but points at infinity
			return
		}
		w := &l[worst]
		keep[w.row] = false
		w.value = math.Inf(1)
		if w.prev >= 0 {
			l[w.prev].next = w.next
			l[w.prev].value = value(w.prev)
		}
		if w.next < int32(n) {
			l[w.next].prev = w.prev
			l[w.next].value = value(w.next)
		}
	}
}

// link is a point of a two-objective front in order.
type link struct {
	x, y, value float64
	row         int32
	prev, next  int32
}

// Subset returns k rows of f whose hypervolume below ref is large, in
// ascending order; fewer when no other point adds anything. With two objectives
// it is the best choice of all (dynamic programme of Bringmann et al. 2014);
// otherwise points are added greedily, with gains computed only when an old one
// is the largest left (Chen et al. 2020), at least 1 - 1/e of the best.
func (v *Volume) Subset(f []float64, d int, ref []float64, k int) []int {
	if d == 2 {
		return v.subset2(f, ref, k)
	}
	n := len(f) / d
	v.load(f, d, ref)
	s := &v.set
	s.rows, s.p3 = s.rows[:0], s.p3[:0]
	h := lazyHeap{entries: v.lazy[:0]}
	for i := range n {
		p := f[i*d : i*d+d]
		if inside(p, ref) {
			h.entries = append(h.entries, lazyEntry{-box(p, ref), int32(i), 0})
		}
	}
	v.lazy = h.entries
	h.build()
	var out []int
	for len(out) < k && len(h.entries) > 0 {
		top := &h.entries[0]
		if age := int32(len(out)); top.age != age {
			top.value, top.age = -v.gain(int(top.row)), age
			if top.value == 0 {
				h.pop()
				continue
			}
			h.down(0)
			continue
		}
		row := int(top.row)
		h.pop()
		s.insert(row)
		out = append(out, row)
	}
	slices.Sort(out)
	return out
}

// gain returns what a row that is not a member adds to the members.
func (v *Volume) gain(row int) float64 {
	s := &v.set
	p := s.f[row*s.d : row*s.d+s.d]
	if s.d == 3 {
		return s.alone3(point3{p[0], p[1], p[2]}, -1)
	}
	s.rest = s.rest[:0]
	for _, r := range s.rows {
		s.rest = append(s.rest, s.f[int(r)*s.d:int(r)*s.d+s.d]...)
	}
	if s.d == 1 {
		if len(s.rest) > 0 {
			return max(slices.Min(s.rest)-p[0], 0)
		}
		return s.ref[0] - p[0]
	}
	return v.exclusive(p, s.rest, s.ref, &v.deep[0])
}

// subset2 maximises, over chains i1 < ... < ik of the front, the sum of
// (ref_x - x_i)(y_before - y_i): for one i the best predecessor is the highest
// of lines with slopes y, at abscissas that descend with i, so the upper
// envelope is walked once per k.
func (v *Volume) subset2(f, ref []float64, k int) []int {
	l := v.line[:0]
	top := ref[1]
	for _, it := range v.ord.lexicographic(f, 2, 0, 1) {
		x, y := f[2*it.row], f[2*it.row+1]
		if x < ref[0] && y < top {
			l = append(l, link{x: x, y: y, row: it.row})
			top = y
		}
	}
	v.line = l
	n := len(l)
	out := make([]int, 0, min(k, n))
	if n <= k {
		for i := range l {
			out = append(out, int(l[i].row))
		}
		slices.Sort(out)
		return out
	}
	from := grow(v.from, k*n)
	v.from = from
	old, now := make([]float64, n), make([]float64, n)
	for i := range l {
		old[i] = (ref[0] - l[i].x) * (ref[1] - l[i].y)
	}
	hull := make([]int32, 0, n)
	for r := 1; r < k; r++ {
		// value of the line of j at abscissa a: old[j] + a*y_j
		hull = hull[:0]
		head := 0
		for i := r; i < n; i++ {
			j := int32(i - 1)
			for len(hull) > head+1 {
				p, q := hull[len(hull)-2], hull[len(hull)-1]
				// q is never highest when p meets j before (at a larger abscissa than) it meets q
				if (old[j]-old[p])*(l[p].y-l[q].y) >= (old[q]-old[p])*(l[p].y-l[j].y) {
					hull = hull[:len(hull)-1]
					continue
				}
				break
			}
			hull = append(hull, j)
			a := ref[0] - l[i].x
			for head+1 < len(hull) && old[hull[head+1]]+a*l[hull[head+1]].y >= old[hull[head]]+a*l[hull[head]].y {
				head++
			}
			b := hull[head]
			now[i] = old[b] + a*(l[b].y-l[i].y)
			from[r*n+i] = b
		}
		old, now = now, old
	}
	best := k - 1
	for i := k - 1; i < n; i++ {
		if old[i] > old[best] {
			best = i
		}
	}
	for r, i := k-1, best; r >= 0; r-- {
		out = append(out, int(l[i].row))
		if r > 0 {
			i = int(from[r*n+i])
		}
	}
	slices.Sort(out)
	return out
}

// lazyHeap is a binary heap with the least value on top; ties are broken by the
// row, so that the order is the same everywhere.
type lazyHeap struct{ entries []lazyEntry }

type lazyEntry struct {
	value float64
	row   int32
	age   int32
}

func (h *lazyHeap) less(a, b lazyEntry) bool {
	return a.value < b.value || (a.value == b.value && a.row < b.row)
}

func (h *lazyHeap) build() {
	for i := len(h.entries)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

func (h *lazyHeap) down(i int) {
	e := h.entries
	x := e[i]
	for {
		c := 2*i + 1
		if c >= len(e) {
			break
		}
		if c+1 < len(e) && h.less(e[c+1], e[c]) {
			c++
		}
		if !h.less(e[c], x) {
			break
		}
		e[i] = e[c]
		i = c
	}
	e[i] = x
}

func (h *lazyHeap) pop() {
	last := len(h.entries) - 1
	h.entries[0] = h.entries[last]
	h.entries = h.entries[:last]
	if last > 0 {
		h.down(0)
	}
}
