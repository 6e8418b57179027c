package hypervolume

import (
	"math"

	"stco/explore/internal/sweep"
)

// point3 is a point of the first three objectives.
type point3 struct{ x, y, z float64 }

// sweep4 measures four objectives. Points enter in the order of the fourth; the
// entered ones, non-dominated in the first three, are kept in blocks of
// neighbouring third objective, and for every block the staircase in the first
// two of all points in the blocks below. What a new point adds in three
// objectives is then the area it has over the staircase at its own level,
// carried upwards until later points have covered it.
type sweep4 struct {
	level  []int32        // row -> block
	blocks [][]point3     // ascending z
	stairs [][]sweep.Step // of all blocks before this one, closed at the reference
	local  corner         // what the new point dominates alone at a level
	order  []int32
}

// blockSize4 is the number of points per block.
const blockSize4 = 40

func (s *sweep4) measure(o *sweep.Orderer, f, ref []float64) float64 {
	n := len(f) / 4
	s.prepare(o, f, ref)
	total := 0.0
	for _, row := range s.order[:n] {
		p := f[4*int(row) : 4*int(row)+4]
		total += s.enter(point3{p[0], p[1], p[2]}, int(s.level[row]), ref) * (ref[3] - p[3])
	}
	return total
}

func (s *sweep4) prepare(o *sweep.Orderer, f, ref []float64) {
	n := len(f) / 4
	s.level, s.order = sweep.Grow(s.level, n), sweep.Grow(s.order, n)
	for i, it := range o.By(f, 4, 2) {
		s.level[it.Row] = int32(i / blockSize4)
	}
	for i, it := range o.By(f, 4, 3) {
		s.order[i] = it.Row
	}
	blocks := (n + blockSize4 - 1) / blockSize4
	for len(s.blocks) < blocks {
		s.blocks, s.stairs = append(s.blocks, nil), append(s.stairs, nil)
	}
	for b := range blocks {
		s.blocks[b] = s.blocks[b][:0]
		s.stairs[b] = append(s.stairs[b][:0], sweep.Step{X: ref[0], Y: math.Inf(-1)})
	}
	s.blocks, s.stairs = s.blocks[:blocks], s.stairs[:blocks]
}

// enter adds a point of block b and returns the volume of the first three
// objectives that it adds.
func (s *sweep4) enter(p point3, b int, ref []float64) float64 {
	if !s.open(p, b, ref) {
		return 0
	}
	area := s.local.area(p.y)
	right, top := s.local.local[len(s.local.local)-1].X, s.local.local[0].Y
	volume, z := 0.0, p.z
	closed := false
	at := 0 // place of p in its block
	for c := b; c < len(s.blocks) && !closed; c++ {
		list := s.blocks[c]
		kept := 0
		i := 0
		for ; i < len(list); i++ {
			q := list[i]
			below := q.z <= p.z
			if below && c == b {
				at = i + 1
			}
			if q.x < right && q.y < top {
				if q.z > z {
					volume += area * (q.z - z)
					z = q.z
				}
				if q.x <= p.x {
					if q.y <= p.y {
						closed = true
						break
					}
					top = q.y
				} else if q.y <= p.y {
					right = q.x
				}
				area -= s.local.cut(max(q.x, p.x), max(q.y, p.y), p.y)
			}
			if !below && q.x >= p.x && q.y >= p.y {
				continue // dominated by p
			}
			list[kept] = q
			kept++
		}
		kept += copy(list[kept:], list[i:])
		s.blocks[c] = list[:kept]
	}
	if closed && z == p.z {
		return 0
	}
	if !closed {
		volume += area * (ref[2] - z)
	}
	s.insert(p, b, at)
	return volume
}

// open sets the local staircase to that of the blocks below b in the quadrant
// of p; false when p is covered there.
func (s *sweep4) open(p point3, b int, ref []float64) bool {
	st := s.stairs[b]
	k := sweep.Beyond(st, p.x)
	top := ref[1]
	if k > 0 {
		top = st[k-1].Y
	}
	if top <= p.y {
		return false
	}
	s.local.local = append(s.local.local[:0], sweep.Step{X: p.x, Y: top})
	for ; st[k].Y > p.y; k++ {
		s.local.local = append(s.local.local, st[k])
	}
	s.local.local = append(s.local.local, sweep.Step{X: st[k].X, Y: math.Inf(-1)})
	return true
}

// insert stores p in block b at a place and in the staircases above until it is
// covered.
func (s *sweep4) insert(p point3, b, at int) {
	list := append(s.blocks[b], point3{})
	for at > 0 && list[at-1].z > p.z {
		at--
	}
	for at < len(list)-1 && list[at].z <= p.z {
		at++
	}
	copy(list[at+1:], list[at:])
	list[at] = p
	s.blocks[b] = list
	for c := b + 1; c < len(s.stairs) && !sweep.Covered(s.stairs[c], p.x, p.y); c++ {
		s.stairs[c] = sweep.Climb(s.stairs[c], p.x, p.y)
	}
}
