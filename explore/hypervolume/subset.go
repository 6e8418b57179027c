package hypervolume

import (
	"slices"

	"stco/explore/internal/sweep"
)

// Subset returns k rows of f whose hypervolume below ref is large, in
// ascending order; fewer when no other point adds anything. With two objectives
// it is the best choice of all (dynamic programme of Bringmann et al. 2014);
// otherwise points are added greedily, with gains computed only when an old one
// is the largest left (Chen et al. 2020), at least 1 - 1/e of the best. From
// four objectives on, a gain is first bounded by what each member alone leaves.
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
			h.entries = append(h.entries, lazyEntry{value: -box(p, ref), row: int32(i)})
		}
	}
	v.lazy = h.entries
	h.build()
	var out []int
	for len(out) < k && len(h.entries) > 0 {
		top := &h.entries[0]
		if age := int32(len(out)); top.age != age {
			if d > 3 && top.seen < age {
				p := f[int(top.row)*d:][:d]
				for _, q := range out[top.seen:] {
					top.value = max(top.value, -boxOutside(p, f[q*d:][:d], ref))
				}
				top.seen = age
				h.down(0)
				continue
			}
			top.value, top.age, top.seen = -v.gain(int(top.row)), age, age
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

// boxOutside returns the volume that p dominates and q does not.
func boxOutside(p, q, ref []float64) float64 {
	whole, common := 1.0, 1.0
	for j, c := range p {
		whole *= ref[j] - c
		common *= ref[j] - max(c, q[j])
	}
	return whole - common
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
	for _, it := range v.ord.Lexicographic(f, 2, 0, 1) {
		x, y := f[2*it.Row], f[2*it.Row+1]
		if x < ref[0] && y < top {
			l = append(l, link{x: x, y: y, row: it.Row})
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
	from := sweep.Grow(v.from, k*n)
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
