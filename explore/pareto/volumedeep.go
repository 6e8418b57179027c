package pareto

// level is the scratch memory of one depth of the recursion above four
// objectives.
type level struct {
	order []int32
	set   []float64 // entered points without the last objective, non-dominated
	limit []float64 // the set limited to the quadrant of a point
}

// measureDeep sweeps the last objective: a point adds what it alone dominates
// in the others among those entered before.
func (v *Volume) measureDeep(f []float64, d int, ref []float64) float64 {
	l := &v.deep[d]
	n := len(f) / d
	l.order = grow(l.order, n)
	for i, it := range v.ord.by(f, d, d-1) {
		l.order[i] = it.row
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
		if !WeaklyDominates(p, set[i:i+d]) {
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
	lim := grow(l.limit, len(set))
	l.limit = lim
	n := 0
	best, bestBox := -1, 0.0
	for i := 0; i < len(set); i += d {
		q := lim[n : n+d]
		at := true
		vol := 1.0
		for j, c := range p {
			w := set[i+j]
			if w > c {
				at = false
				c = w
			}
			q[j] = c
			vol *= ref[j] - c
		}
		if at {
			return 0
		}
		if vol > bestBox {
			best, bestBox = n, vol
		}
		n += d
	}
	total := box(p, ref)
	if best < 0 {
		return total
	}
	lim = prune(lim[:n], ref, best, d)
	return total - v.measure(lim, d, ref)
}

// prune moves points with large boxes to the front and drops what they
// dominate: the first is the row at best.
func prune(lim, ref []float64, best, d int) []float64 {
	for lo := 0; ; lo += d {
		for j := range d {
			lim[lo+j], lim[best+j] = lim[best+j], lim[lo+j]
		}
		pivot := lim[lo : lo+d]
		kept := lo + d
		best = -1
		bestBox := 0.0
		for i := lo + d; i < len(lim); i += d {
			q := lim[i : i+d]
			if WeaklyDominates(pivot, q) {
				continue
			}
			if kept != i {
				copy(lim[kept:kept+d], q)
			}
			if vol := box(q, ref); vol > bestBox {
				best, bestBox = kept, vol
			}
			kept += d
		}
		lim = lim[:kept]
		if best < 0 {
			return lim
		}
	}
}
