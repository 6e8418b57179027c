package hypervolume

import (
	"stco/explore/internal/sweep"
)

// Contributions writes into out what each point alone adds to the hypervolume
// below ref: 0 for a point that another weakly dominates. Two and three
// objectives are swept once when no point dominates another, in O(n log n)
// (Emmerich and Fonseca 2011); otherwise every point is limited to what the
// others leave.
func (v *Volume) Contributions(f []float64, d int, ref, out []float64) {
	switch {
	case d == 2 && v.contributions2(f, ref, out):
		return
	case d == 3 && v.contributions3(f, ref, out):
		return
	}
	v.load(f, d, ref)
	for i := range len(f) / d {
		out[i] = v.alone(i)
	}
}

// contributions2 tells whether no point below ref weakly dominates another;
// only then out is of use.
func (v *Volume) contributions2(f, ref, out []float64) bool {
	last := -1 // the point before, of smaller first objective
	top, above := ref[1], ref[1]
	for _, it := range v.ord.Lexicographic(f, 2, 0, 1) {
		row := int(it.Row)
		x, y := f[2*row], f[2*row+1]
		if !(x < ref[0] && y < ref[1]) {
			out[row] = 0
			continue
		}
		if y >= top {
			return false
		}
		if last >= 0 {
			out[last] = (x - f[2*last]) * (above - top)
		}
		last, above, top = row, top, y
	}
	if last >= 0 {
		out[last] = (ref[0] - f[2*last]) * (above - top)
	}
	return true
}

// terrace is what a point of the staircase alone dominates at the level of the
// sweep: the rectangle from its corner to (right, top) without what the points
// under it, those it pushed out of the staircase, dominate.
type terrace struct {
	x, y, right, top float64
	lo, hi           int32 // points under it: v.under[lo:hi], x ascending
	row              int32
	area             float64
	since            float64 // level up to which its volume is counted
}

// settle counts the volume of a terrace up to a level.
func (t *terrace) settle(z float64, out []float64) {
	out[t.row] += t.area * (z - t.since)
	t.since = z
}

// cutRight takes away what is at x or beyond.
func (t *terrace) cutRight(x float64, under []sweep.Step) {
	for t.hi > t.lo && under[t.hi-1].X >= x {
		q := under[t.hi-1]
		t.area -= (t.right - q.X) * (q.Y - t.y)
		t.right = q.X
		t.hi--
	}
	top := t.top
	if t.hi > t.lo {
		top = under[t.hi-1].Y
	}
	t.area -= (t.right - x) * (top - t.y)
	t.right = x
}

// cutTop takes away what is at y or beyond.
func (t *terrace) cutTop(y float64, under []sweep.Step) {
	for t.hi > t.lo && under[t.lo].Y >= y {
		q := under[t.lo]
		t.area -= (t.top - q.Y) * (q.X - t.x)
		t.top = q.Y
		t.lo++
	}
	right := t.right
	if t.hi > t.lo {
		right = under[t.lo].X
	}
	t.area -= (t.top - y) * (right - t.x)
	t.top = y
}

// contributions3 sweeps the third objective over the staircase of the others.
// A new point cuts its two neighbours back, and the points it pushes out of
// the staircase lie under it. It tells whether no point below ref weakly
// dominates another; only then out is of use.
func (v *Volume) contributions3(f, ref, out []float64) bool {
	st, under := v.terraces[:0], v.under[:0]
	defer func() { v.terraces, v.under = st, under }()
	for _, it := range v.ord.Lexicographic(f, 3, 2, 0, 1) {
		row := int(it.Row)
		x, y, z := f[3*row], f[3*row+1], f[3*row+2]
		out[row] = 0
		if !(x < ref[0] && y < ref[1] && z < ref[2]) {
			continue
		}
		lo, hi := 0, len(st) // lo: the first step at x or beyond
		for lo < hi {
			mid := int(uint(lo+hi) >> 1)
			if st[mid].x < x {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo > 0 && st[lo-1].y <= y || lo < len(st) && st[lo].x == x && st[lo].y <= y {
			return false
		}
		t := terrace{x: x, y: y, right: ref[0], top: ref[1], row: int32(row), since: z, lo: int32(len(under))}
		if lo > 0 {
			st[lo-1].settle(z, out)
			st[lo-1].cutRight(x, under)
			t.top = st[lo-1].y
		}
		left, height := x, t.top
		for hi = lo; hi < len(st) && st[hi].y >= y; hi++ {
			q := &st[hi]
			q.settle(z, out)
			t.area += (q.x - left) * (height - y)
			left, height = q.x, q.y
			under = append(under, sweep.Step{X: q.x, Y: q.y})
		}
		t.hi = int32(len(under))
		if hi < len(st) {
			st[hi].settle(z, out)
			st[hi].cutTop(y, under)
			t.right = st[hi].x
		}
		t.area += (t.right - left) * (height - y)
		switch n := hi - lo; {
		case n == 0:
			st = append(st, terrace{})
			copy(st[lo+1:], st[lo:])
		case n > 1:
			st = append(st[:lo+1], st[hi:]...)
		}
		st[lo] = t
	}
	for i := range st {
		st[i].settle(ref[2], out)
	}
	return true
}
