package hypervolume

import (
	"math"

	"stco/explore/internal/sweep"
)

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
	h := lazyHeap{entries: sweep.Grow(v.lazy, n)}
	v.stale = sweep.Grow(v.stale, n)
	clear(v.stale)
	if d == 3 {
		v.value = sweep.Grow(v.value, n)
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
	l := sweep.Grow(v.line, n)
	v.line = l
	for i, it := range v.ord.Lexicographic(f, 2, 0, 1) {
		l[i] = link{x: f[2*it.Row], y: f[2*it.Row+1], row: it.Row, prev: int32(i) - 1, next: int32(i) + 1}
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
