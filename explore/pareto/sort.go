package pareto

import (
	"math"
	"slices"

	"stco/explore/internal/sweep"
)

// Sorter does non-dominated sorting.
type Sorter struct {
	ord    sweep.Orderer
	tails  []float64      // two objectives: last f2 of each front
	stairs [][]sweep.Step // three objectives: staircase of each front
	bits   bitRanker

	// what is left to sort after the strong points took theirs
	strong, rest []float64
	rows         []int32
	rank         []int
}

// Ranks writes the front of every point of f, dimension d, into rank: 0 is
// non-dominated, 1 is non-dominated without front 0, and so on; equal points
// share a front. It returns the number of fronts.
//
// Two and three objectives are swept with a binary search over fronts, in
// O(n log^2 n); more use bit sets of dominating points, O(d n^2 / 64), as in
// Moreno et al. 2016 (Merge Non-Dominated Sorting uses the same sets).
func (s *Sorter) Ranks(f []float64, d int, rank []int) int {
	switch {
	case len(f) == 0:
		return 0
	case d == 1:
		return s.ranks1(f, rank)
	case d == 2:
		return s.ranks2(f, rank)
	case d == 3:
		return s.ranks3(f, rank)
	}
	return s.bits.ranks(&s.ord, f, d, rank)
}

// NonDominated marks in keep the points of f, dimension d, that no other
// dominates, and returns their number; equal points stay or go together. Two
// and three objectives are swept in O(n log n). With more, what a few strong
// points dominate goes first and the rest is sorted into fronts.
func (s *Sorter) NonDominated(f []float64, d int, keep []bool) int {
	n := len(f) / d
	clear(keep[:n])
	switch {
	case n == 0:
		return 0
	case d == 1:
		least, count := slices.Min(f), 0
		for i, v := range f {
			if keep[i] = v == least; keep[i] {
				count++
			}
		}
		return count
	case d <= 3:
		return s.sweepFront(f, d, keep)
	}
	s.sift(f, d)
	s.rank = sweep.Grow(s.rank, len(s.rows))
	s.bits.ranks(&s.ord, s.rest, d, s.rank)
	count := 0
	for k, i := range s.rows {
		if s.rank[k] == 0 {
			keep[i] = true
			count++
		}
	}
	return count
}

// sweepFront is NonDominated for two and three objectives.
func (s *Sorter) sweepFront(f []float64, d int, keep []bool) int {
	var it []sweep.Item
	if d == 2 {
		it = s.ord.Lexicographic(f, 2, 0, 1)
	} else {
		it = s.ord.Lexicographic(f, 3, 2, 0, 1)
		if len(s.stairs) == 0 {
			s.stairs = append(s.stairs, nil)
		}
		s.stairs[0] = s.stairs[0][:0]
	}
	count, prev := 0, -1
	low := math.Inf(1) // least second objective so far
	for i := range it {
		row := int(it[i].Row)
		p := f[row*d : row*d+d]
		switch {
		case prev >= 0 && equal(f[prev*d:prev*d+d], p):
			keep[row] = keep[prev]
		case d == 2:
			keep[row] = p[1] < low
			low = min(low, p[1])
		default:
			keep[row] = !sweep.Covered(s.stairs[0], p[0], p[1])
			if keep[row] {
				s.stairs[0] = sweep.Climb(s.stairs[0], p[0], p[1])
			}
		}
		if prev = row; keep[row] {
			count++
		}
	}
	return count
}

// pivots is the number of strong points, those of the least sums, of sift.
const pivots = 24

// sift sets rows to the points that no pivot dominates, and rest to their
// objectives.
func (s *Sorter) sift(f []float64, d int) {
	n := len(f) / d
	sums := s.ord.Load(n)
	for i := range n {
		sum := 0.0
		for _, v := range f[i*d : i*d+d] {
			sum += v
		}
		sums[i] = sweep.Item{Value: sum, Row: int32(i)}
	}
	s.strong = s.strong[:0]
	for _, it := range s.ord.Sort(n)[:min(pivots, n)] {
		s.strong = append(s.strong, f[int(it.Row)*d:int(it.Row)*d+d]...)
	}
	s.rows, s.rest = s.rows[:0], s.rest[:0]
rows:
	for i := range n {
		p := f[i*d : i*d+d]
		for k := 0; k < len(s.strong); k += d {
			if Dominates(s.strong[k:k+d], p) {
				continue rows
			}
		}
		s.rows, s.rest = append(s.rows, int32(i)), append(s.rest, p...)
	}
}

func (s *Sorter) ranks1(f []float64, rank []int) int {
	it := s.ord.By(f, 1, 0)
	front := 0
	for i := range it {
		if i > 0 && it[i].Value != it[i-1].Value {
			front++
		}
		rank[it[i].Row] = front
	}
	return front + 1
}

func (s *Sorter) ranks2(f []float64, rank []int) int {
	it := s.ord.Lexicographic(f, 2, 0, 1)
	tails := s.tails[:0]
	var lastX, lastY float64
	last := -1
	for i := range it {
		row := int(it[i].Row)
		x, y := f[2*row], f[2*row+1]
		if last >= 0 && x == lastX && y == lastY {
			rank[row] = last
			continue
		}
		// first front whose tail is above y; tails ascend with the front
		lo, hi := 0, len(tails)
		for lo < hi {
			mid := int(uint(lo+hi) >> 1)
			if tails[mid] > y {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		if lo == len(tails) {
			tails = append(tails, y)
		} else {
			tails[lo] = y
		}
		rank[row] = lo
		last, lastX, lastY = lo, x, y
	}
	s.tails = tails
	return len(tails)
}

func (s *Sorter) ranks3(f []float64, rank []int) int {
	it := s.ord.Lexicographic(f, 3, 2, 0, 1)
	for k := range s.stairs {
		s.stairs[k] = s.stairs[k][:0]
	}
	fronts := 0
	prev := -1
	for i := range it {
		row := int(it[i].Row)
		p := f[3*row : 3*row+3]
		if prev >= 0 && f[3*prev] == p[0] && f[3*prev+1] == p[1] && f[3*prev+2] == p[2] {
			rank[row] = rank[prev]
			continue
		}
		prev = row
		lo, hi := 0, fronts
		for lo < hi {
			mid := int(uint(lo+hi) >> 1)
			if sweep.Covered(s.stairs[mid], p[0], p[1]) {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo == fronts {
			if fronts++; fronts > len(s.stairs) {
				s.stairs = append(s.stairs, nil)
			}
		}
		s.stairs[lo] = sweep.Climb(s.stairs[lo], p[0], p[1])
		rank[row] = lo
	}
	return fronts
}

// block is the number of points whose dominating sets are held at once.
const block = 1024

// bitRanker sorts by bit sets over the lexicographic order: bit q of the set of
// point p says that q comes before p and is nowhere above it.
type bitRanker struct {
	pos    []int32 // row -> place in the lexicographic order, -1 for a repeated point
	rows   []int32 // place -> row
	sorted []int32 // places ordered by each objective but the first, one list after another
	ends   []bool  // the last of a run of equal values in sorted
	sets   []uint64
	prefix []uint64
	fronts [][]uint64
}

func (b *bitRanker) ranks(o *sweep.Orderer, f []float64, d int, rank []int) int {
	n := b.order(o, f, d)
	words := (n + 63) / 64
	b.prefix = sweep.Grow(b.prefix, words)
	b.sets = sweep.Grow(b.sets, min(n, block)*words)
	fronts := 0
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		b.fill(n, d, lo, hi, words)
		for p := lo; p < hi; p++ {
			w := p/64 + 1
			k := b.place(b.sets[(p-lo)*words:][:w], fronts)
			if k == fronts {
				if fronts++; fronts > len(b.fronts) {
					b.fronts = append(b.fronts, nil)
				}
				b.fronts[k] = sweep.Grow(b.fronts[k], words)
				clear(b.fronts[k])
			}
			b.fronts[k][p/64] |= 1 << (p % 64)
			rank[b.rows[p]] = k
		}
	}
	// a repeated point holds the complement of the row it repeats
	for row, p := range b.pos {
		if p < 0 {
			rank[row] = rank[^p]
		}
	}
	return fronts
}

// order prepares the lexicographic order without repeated points and the order
// of every other objective; it returns the number of different points.
func (b *bitRanker) order(o *sweep.Orderer, f []float64, d int) int {
	all := len(f) / d
	rest := [MaxDim]int{}
	for j := 1; j < d; j++ {
		rest[j-1] = j
	}
	b.pos = sweep.Grow(b.pos, all)
	b.rows = b.rows[:0]
	prev := -1
	for _, it := range o.Lexicographic(f, d, 0, rest[:d-1]...) {
		row := int(it.Row)
		if prev >= 0 && equal(f[prev*d:prev*d+d], f[row*d:row*d+d]) {
			b.pos[row] = ^int32(prev)
			continue
		}
		prev = row
		b.pos[row] = int32(len(b.rows))
		b.rows = append(b.rows, int32(row))
	}
	n := len(b.rows)
	b.sorted = sweep.Grow(b.sorted, n*(d-1))
	b.ends = sweep.Grow(b.ends, n*(d-1))
	for j := 1; j < d; j++ {
		it := o.Load(n)
		for p, row := range b.rows {
			it[p] = sweep.Item{Value: f[int(row)*d+j], Row: int32(p)}
		}
		it = o.Sort(n)
		for i := range it {
			b.sorted[(j-1)*n+i] = it[i].Row
			b.ends[(j-1)*n+i] = i == n-1 || it[i].Value != it[i+1].Value
		}
	}
	return n
}

func equal(a, b []float64) bool {
	for j, v := range a {
		if v != b[j] {
			return false
		}
	}
	return true
}

// fill computes the sets of places lo..hi-1.
func (b *bitRanker) fill(n, d, lo, hi, words int) {
	for j := range d - 1 {
		clear(b.prefix)
		order, ends := b.sorted[j*n:(j+1)*n], b.ends[j*n:(j+1)*n]
		run := 0
		for i, p := range order {
			if int(p) < hi {
				b.prefix[p/64] |= 1 << (p % 64)
			}
			if !ends[i] {
				continue
			}
			for _, q := range order[run : i+1] {
				if int(q) >= lo && int(q) < hi {
					w := int(q)/64 + 1
					set := b.sets[(int(q)-lo)*words:][:w]
					pre := b.prefix[:w]
					if j == 0 {
						copy(set, pre)
						set[w-1] &= 1<<(q%64) - 1
						continue
					}
					for k := range set {
						set[k] &= pre[k]
					}
				}
			}
			run = i + 1
		}
	}
}

// place returns the first front without a member in the set.
func (b *bitRanker) place(set []uint64, fronts int) int {
	lo, hi := 0, fronts
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if meets(set, b.fronts[mid]) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func meets(a, b []uint64) bool {
	b = b[:len(a)]
	for k := range a {
		if a[k]&b[k] != 0 {
			return true
		}
	}
	return false
}

// Crowding writes the crowding distance (Deb et al. 2002) of the points of one
// front into dist: the sum over objectives of the gap between the neighbours,
// in units of the front's range; +Inf at the ends.
func (s *Sorter) Crowding(f []float64, d int, dist []float64) {
	n := len(f) / d
	clear(dist[:n])
	for j := range d {
		it := s.ord.By(f, d, j)
		lo, hi := f[int(it[0].Row)*d+j], f[int(it[n-1].Row)*d+j]
		dist[it[0].Row], dist[it[n-1].Row] = math.Inf(1), math.Inf(1)
		if hi == lo {
			continue
		}
		for i := 1; i < n-1; i++ {
			dist[it[i].Row] += (f[int(it[i+1].Row)*d+j] - f[int(it[i-1].Row)*d+j]) / (hi - lo)
		}
	}
}
