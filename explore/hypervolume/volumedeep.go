package hypervolume

import (
	"math"

	"stco/explore/internal/sweep"
	"stco/explore/pareto"
)

// level is the scratch memory of one depth of the recursion above four
// objectives.
type level struct {
	order []int32
	set   []float64 // entered points without the last objective, non-dominated
	limit []float64 // the set limited to the quadrant of a point
	boxes []float64 // the volume of each of them
	four  []limited // the same for four objectives
}

// measureDeep sweeps the last objective: a point adds what it alone dominates
// in the others among those entered before.
func (v *Volume) measureDeep(f []float64, d int, ref []float64) float64 {
	l := &v.deep[d]
	n := len(f) / d
	l.order = sweep.Grow(l.order, n)
	for i, it := range v.ord.By(f, d, d-1) {
		l.order[i] = it.Row
	}
	e := d - 1
	l.set = l.set[:0]
	total := 0.0
	for _, row := range l.order {
		p := f[int(row)*d : int(row)*d+d]
		gain := v.exclusive(p[:e], l.set, ref[:e], l)
		if gain <= 0 {
			continue
		}
		total += gain * (ref[e] - p[e])
		l.set = dropDominated(l.set, p[:e])
		l.set = append(l.set, p[:e]...)
	}
	return total
}

// dropDominated removes the rows that p weakly dominates, keeping the order.
func dropDominated(set, p []float64) []float64 {
	d := len(p)
	kept := 0
	for i := 0; i < len(set); i += d {
		if !pareto.WeaklyDominates(p, set[i:i+d]) {
			if kept != i {
				copy(set[kept:kept+d], set[i:i+d])
			}
			kept += d
		}
	}
	return set[:kept]
}

// exclusive returns the volume that p dominates and no row of set does.
func (v *Volume) exclusive(p, set, ref []float64, l *level) float64 {
	d := len(p)
	if d == 4 {
		return v.exclusive4([4]float64(p), set, [4]float64(ref), l)
	}
	l.limit, l.boxes = sweep.Grow(l.limit, len(set)), sweep.Grow(l.boxes, len(set)/d)
	n := 0
	best := 0
rows:
	for i := 0; i < len(set); i += d {
		q := l.limit[n*d : n*d+d]
		at := true
		vol := 1.0
		for j, c := range p {
			if w := set[i+j]; w > c {
				at = false
				c = w
			}
			if c >= ref[j] {
				continue rows
			}
			q[j] = c
			vol *= ref[j] - c
		}
		if at {
			return 0
		}
		l.boxes[n] = vol
		if vol > l.boxes[best] {
			best = n
		}
		n++
	}
	total := box(p, ref)
	if n == 0 {
		return total
	}
	return total - v.measure(l.prune(n, d, best), d, ref)
}

// prune moves points with large boxes to the front of the n limited ones and
// drops what these dominate. The first is the one at best.
func (l *level) prune(n, d, best int) []float64 {
	f, boxes := l.limit, l.boxes
	for lo := 0; lo < n; lo++ {
		for j := range d {
			f[lo*d+j], f[best*d+j] = f[best*d+j], f[lo*d+j]
		}
		boxes[lo], boxes[best] = boxes[best], boxes[lo]
		pivot := f[lo*d : lo*d+d]
		kept := lo + 1
		best = kept
		for i := lo + 1; i < n; i++ {
			q := f[i*d : i*d+d]
			if pareto.WeaklyDominates(pivot, q) {
				continue
			}
			if kept != i {
				copy(f[kept*d:kept*d+d], q)
				boxes[kept] = boxes[i]
			}
			if boxes[kept] > boxes[best] {
				best = kept
			}
			kept++
		}
		n = kept
	}
	return f[:n*d]
}

// limited is a point of four objectives in a quadrant, with its box.
type limited struct {
	q   [4]float64
	box float64
}

// exclusive4 is exclusive for four objectives, the case everything above rests
// on: the same steps without loops over objectives.
func (v *Volume) exclusive4(p [4]float64, set []float64, ref [4]float64, l *level) float64 {
	list := sweep.Grow(l.four, len(set)/4)
	l.four = list
	n, best, most := 0, 0, 0.0
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	r0, r1, r2, r3 := ref[0], ref[1], ref[2], ref[3]
	// What the largest box so far dominates is, in every objective where its
	// corner is above p, above the corner: above floor.
	floor := [4]float64{math.Inf(1)}
	for i := 0; i+4 <= len(set); i += 4 {
		s := (*[4]float64)(set[i:])
		s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
		if s0 >= floor[0] && s1 >= floor[1] && s2 >= floor[2] && s3 >= floor[3] {
			continue
		}
		if s0 <= p0 && s1 <= p1 && s2 <= p2 && s3 <= p3 {
			return 0
		}
		q0, q1, q2, q3 := max(s0, p0), max(s1, p1), max(s2, p2), max(s3, p3)
		if q0 >= r0 || q1 >= r1 || q2 >= r2 || q3 >= r3 {
			continue
		}
		box := (r0 - q0) * (r1 - q1) * (r2 - q2) * (r3 - q3)
		k := &list[n]
		k.q[0], k.q[1], k.q[2], k.q[3], k.box = q0, q1, q2, q3, box
		if box > most {
			best, most = n, box
			for j, c := range k.q {
				if floor[j] = math.Inf(-1); c > p[j] {
					floor[j] = c
				}
			}
		}
		n++
	}
	total := (ref[0] - p[0]) * (ref[1] - p[1]) * (ref[2] - p[2]) * (ref[3] - p[3])
	list = list[:n]
	for lo := 0; lo < len(list); lo++ {
		list[lo], list[best] = list[best], list[lo]
		w0, w1, w2, w3 := list[lo].q[0], list[lo].q[1], list[lo].q[2], list[lo].q[3]
		rest := list[lo+1:]
		kept := 0
		best, most = lo+1, -1
		for i := range rest {
			q := &rest[i]
			q0, q1, q2, q3, box := q.q[0], q.q[1], q.q[2], q.q[3], q.box
			// The sign tells of a difference below 0. No branches on it: half
			// of them would be guessed wrong.
			apart := math.Float64bits(q0-w0) | math.Float64bits(q1-w1) | math.Float64bits(q2-w2) | math.Float64bits(q3-w3)
			k := &rest[kept]
			k.q[0], k.q[1], k.q[2], k.q[3], k.box = q0, q1, q2, q3, box
			if box > most && int64(apart) < 0 {
				best, most = lo+1+kept, box
			}
			kept += int(apart >> 63)
		}
		list = list[:lo+1+kept]
	}
	l.limit = l.limit[:0]
	for i := range list {
		l.limit = append(l.limit, list[i].q[:]...)
	}
	return total - v.measure(l.limit, 4, ref[:])
}
