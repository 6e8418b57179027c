package selection

import (
	"math"
	"math/rand" //nolint:depguard // eaopt's populations have a *rand.Rand of math/rand
)

// Niching selects by rank and, in the first front that does not fit, by niches
// around reference directions (NSGA-III, Deb and Jain 2014).
type Niching struct {
	dirs  []float64 // unit reference directions, rows of m
	ideal []float64
	scale []float64

	f      []float64 // normalised rows of the fronts considered
	rows   []int
	niche  []int     // per row: nearest direction
	away   []float64 // per row: squared distance from it
	filled []int     // per direction: members selected
	head   []int     // per direction: its first candidate, -1 none
	next   []int     // per row: the next candidate of the same direction
	open   []int     // least filled directions with candidates
}

// NewNiching returns a selector with as many directions as fit into size.
func NewNiching(m, size int) *Niching {
	n := &Niching{dirs: directions(m, size)}
	for i := 0; i < len(n.dirs); i += m {
		norm := 0.0
		for _, c := range n.dirs[i : i+m] {
			norm += c * c
		}
		norm = math.Sqrt(norm)
		for j := range m {
			n.dirs[i+j] /= norm
		}
	}
	return n
}

// directions returns the points of the finest simplex lattice (Das and Dennis
// 1998) with at most size points; when that lattice has no inner point, the
// next coarser one shrunk to half is added as far as there is room.
func directions(m, size int) []float64 {
	divisions := 1
	for lattice(m, divisions+1) <= size {
		divisions++
	}
	out := simplex(nil, m, divisions, 0, 1)
	for inner := divisions - 1; divisions < m && inner >= 1; inner-- {
		if len(out)/m+lattice(m, inner) <= size {
			out = simplex(out, m, inner, 0.5, 0.5)
			break
		}
	}
	return out
}

// lattice returns the number of points of a simplex lattice: C(h+m-1, m-1).
func lattice(m, h int) int {
	n := 1
	for k := 1; k < m; k++ {
		n = n * (h + k) / k
	}
	return n
}

// simplex appends the lattice points, each coordinate mapped to
// shift/m + factor*c.
func simplex(out []float64, m, h int, shift, factor float64) []float64 {
	row := make([]int, m)
	var fill func(j, left int)
	fill = func(j, left int) {
		if j == m-1 {
			row[j] = left
			for _, c := range row {
				out = append(out, shift/float64(m)+factor*float64(c)/float64(h))
			}
			return
		}
		for c := range left + 1 {
			row[j] = c
			fill(j+1, left-c)
		}
	}
	fill(0, h)
	return out
}

// Select keeps the best ranks, and of the last members of the least filled
// niches, drawn from rng.
func (n *Niching) Select(p Pool, size int, keep []bool, crowd []float64, rng *rand.Rand) {
	m, f, ranks := p.M, p.F, p.Ranks
	n.rows = n.rows[:0]
	full := 0
	for front := range p.Fronts {
		for i, r := range ranks {
			if r == front {
				n.rows = append(n.rows, i)
			}
		}
		if len(n.rows) >= size {
			break
		}
		full = len(n.rows)
	}
	n.normalise(f, ranks, m)
	n.attach(m)
	n.filled = resize(n.filled, len(n.dirs)/m)
	clear(n.filled)
	for k, i := range n.rows[:full] {
		keep[i] = true
		n.filled[n.niche[k]]++
	}
	n.fill(full, size, keep, rng)
	for k, i := range n.rows {
		crowd[i] = 1 / float64(1+n.filled[n.niche[k]])
	}
}

// normalise maps the considered rows so that the ideal is 0 and the intercepts
// of the first front 1: those of the plane through its extreme points, or its
// largest values when there is no such plane.
func (n *Niching) normalise(f []float64, ranks []int, m int) {
	n.ideal, n.scale = resize(n.ideal, m), resize(n.scale, m)
	for j := range m {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i, r := range ranks {
			if r == 0 {
				lo, hi = min(lo, f[i*m+j]), max(hi, f[i*m+j])
			}
		}
		n.ideal[j], n.scale[j] = lo, hi-lo
	}
	n.intercepts(f, ranks, m)
	n.f = n.f[:0]
	for _, i := range n.rows {
		for j := range m {
			n.f = append(n.f, (f[i*m+j]-n.ideal[j])/max(n.scale[j], 1e-12))
		}
	}
}

// intercepts replaces scale by the intercepts of the plane through the extreme
// points when these are sane: positive and not beyond the largest values.
func (n *Niching) intercepts(f []float64, ranks []int, m int) {
	a := make([]float64, m*(m+1)) // rows of extreme points, right side 1
	for j := range m {
		best, least := -1, math.Inf(1)
		for i, r := range ranks {
			if r != 0 {
				continue
			}
			worst := 0.0
			for k := range m {
				v := (f[i*m+k] - n.ideal[k]) / max(n.scale[k], 1e-12)
				if k != j {
					v *= 1e6
				}
				worst = max(worst, v)
			}
			if worst < least {
				best, least = i, worst
			}
		}
		if best < 0 {
			return
		}
		for k := range m {
			a[j*(m+1)+k] = (f[best*m+k] - n.ideal[k]) / max(n.scale[k], 1e-12)
		}
		a[j*(m+1)+m] = 1
	}
	x := solve(a, m)
	if x == nil {
		return
	}
	for _, v := range x {
		if !(v >= 1) || v > 1e6 { // intercept 1/v in (0, 1] of the largest value
			return
		}
	}
	for j := range n.scale {
		n.scale[j] /= x[j]
	}
}

// solve returns the solution of a linear system given as rows of coefficients
// with the right side, by elimination with pivoting; nil when it is singular.
func solve(a []float64, m int) []float64 {
	w := m + 1
	for c := range m {
		p := c
		for r := c + 1; r < m; r++ {
			if math.Abs(a[r*w+c]) > math.Abs(a[p*w+c]) {
				p = r
			}
		}
		if math.Abs(a[p*w+c]) < 1e-10 {
			return nil
		}
		for k := range w {
			a[c*w+k], a[p*w+k] = a[p*w+k], a[c*w+k]
		}
		for r := range m {
			if r == c {
				continue
			}
			t := a[r*w+c] / a[c*w+c]
			for k := c; k < w; k++ {
				a[r*w+k] -= float64(t * a[c*w+k])
			}
		}
	}
	x := make([]float64, m)
	for c := range m {
		x[c] = a[c*w+m] / a[c*w+c]
	}
	return x
}

// attach finds the nearest direction of every considered row.
func (n *Niching) attach(m int) {
	n.niche, n.away = resize(n.niche, len(n.rows)), resize(n.away, len(n.rows))
	for k := range n.rows {
		p := n.f[k*m : (k+1)*m]
		norm := 0.0
		for _, c := range p {
			norm += c * c
		}
		best, along := n.nearest(p)
		n.niche[k], n.away[k] = best, norm-along*along
	}
}

// nearest returns the direction of the largest scalar product with p, and that
// product. Four objectives, the most frequent case, go without an inner loop.
func (n *Niching) nearest(p []float64) (best int, along float64) {
	along = math.Inf(-1)
	if len(p) == 4 {
		p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
		for d := 0; d+4 <= len(n.dirs); d += 4 {
			q := (*[4]float64)(n.dirs[d:])
			dot := float64(float64(q[0]*p0)+float64(q[1]*p1)) + float64(float64(q[2]*p2)+float64(q[3]*p3))
			if dot > along {
				best, along = d/4, dot
			}
		}
		return best, along
	}
	m := len(p)
	for d := 0; d < len(n.dirs); d += m {
		dot := 0.0
		for j, c := range n.dirs[d : d+m] {
			dot += c * p[j]
		}
		if dot > along {
			best, along = d/m, dot
		}
	}
	return best, along
}

// fill selects from the rows after full until size are kept: always from a
// random one of the least filled niches, the nearest to its direction when the
// niche is empty, otherwise its first.
func (n *Niching) fill(full, size int, keep []bool, rng *rand.Rand) {
	n.head, n.next = resize(n.head, len(n.filled)), resize(n.next, len(n.rows))
	for d := range n.head {
		n.head[d] = -1
	}
	for k := len(n.rows) - 1; k >= full; k-- {
		d := n.niche[k]
		n.next[k], n.head[d] = n.head[d], k
	}
	left := min(size, len(n.rows)) - full
	for level := 0; left > 0; level++ {
		n.open = n.open[:0]
		for d, k := range n.head {
			if k >= 0 && n.filled[d] == level {
				n.open = append(n.open, d)
			}
		}
		for len(n.open) > 0 && left > 0 {
			at := rng.Intn(len(n.open))
			d := n.open[at]
			n.open[at] = n.open[len(n.open)-1]
			n.open = n.open[:len(n.open)-1]
			keep[n.rows[n.draw(d)]] = true
			n.filled[d]++
			left--
		}
	}
}

// draw takes a member out of the list of a niche and returns it.
func (n *Niching) draw(d int) int {
	pick, before := n.head[d], -1 // before: the one ahead of pick in the list
	if n.filled[d] == 0 {
		for at := pick; n.next[at] >= 0; at = n.next[at] {
			if k := n.next[at]; n.away[k] < n.away[pick] {
				pick, before = k, at
			}
		}
	}
	if before < 0 {
		n.head[d] = n.next[pick]
	} else {
		n.next[before] = n.next[pick]
	}
	return pick
}
