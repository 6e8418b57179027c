package tiling

import (
	"stco/model/accel/window"
	"stco/model/workload"
)

// cut is a dimension in tiles: their size and number.
type cut struct{ size, n int64 }

func newCut(d, size int64) cut { return cut{size, window.CeilDiv(d, size)} }

// cuts returns every cut of a dimension with a distinct number of tiles, the
// smallest tiles first.
func cuts(d int64) []cut {
	var s []cut
	for size := int64(1); ; {
		c := newCut(d, size)
		s = append(s, c)
		if c.n == 1 {
			return s
		}
		size = window.CeilDiv(d, c.n-1) // the smallest size with fewer tiles
	}
}

// search holds the candidates of one curve.
type search struct {
	*problem
	frontier frontier
	ks, cs   []cut
	shapes   []shape // those of candidates
	kept     int     // index of the shape in hand, -1 while it has no candidate
}

func (s *search) run() {
	s.ks, s.cs = cuts(s.k), cuts(s.c)
	s.eachShape(func(t *shape, family uint8) {
		s.kept = -1
		switch family {
		case outputStationary:
			s.scan(t, family, s.ks, s.cs[:1])
		case inputStationary:
			s.scan(t, family, s.ks[:1], s.cs)
		default:
			s.scan(t, family, s.ks, s.cs)
		}
	})
}

// scan offers the products of two ascending lists of channel tiles, leaving out
// those that cannot be on the frontier: in both lists space rises and traffic
// falls.
func (s *search) scan(t *shape, family uint8, ks, cs []cut) {
	k0, k1 := ks[0], ks[len(ks)-1]
	s.row(t, family, k0, cs)
	if len(ks) == 1 {
		return
	}
	s.row(t, family, k1, cs)
	s.rows(t, family, ks, cs)
}

// rows offers what lies between the first and the last of ks.
func (s *search) rows(t *shape, family uint8, ks, cs []cut) {
	n := len(ks)
	if n < 3 {
		return
	}
	space, _ := s.score(s.cost(t, family, ks[0], cs[0]))
	_, traffic := s.score(s.cost(t, family, ks[n-1], cs[len(cs)-1]))
	if s.frontier.beaten(space-s.spillRoom, traffic) {
		return
	}
	s.row(t, family, ks[n/2], cs)
	s.rows(t, family, ks[:n/2+1], cs)
	s.rows(t, family, ks[n/2:], cs)
}

func (s *search) row(t *shape, family uint8, k cut, cs []cut) {
	n := len(cs)
	space, _ := s.offer(t, family, k, cs[0])
	if n > 1 {
		_, traffic := s.offer(t, family, k, cs[n-1])
		s.between(t, family, k, cs, space, traffic)
	}
}

// between offers what lies between the first and the last of cs, given the
// space of the first and the traffic of the last.
func (s *search) between(t *shape, family uint8, k cut, cs []cut, space, traffic int64) {
	n := len(cs)
	if n < 3 || s.frontier.beaten(space-s.spillRoom, traffic) {
		return
	}
	midSpace, midTraffic := s.offer(t, family, k, cs[n/2])
	s.between(t, family, k, cs[:n/2+1], space, midTraffic)
	s.between(t, family, k, cs[n/2:], midSpace, traffic)
}

func (s *search) offer(t *shape, family uint8, k, c cut) (space, traffic int64) {
	space, traffic = s.score(s.cost(t, family, k, c))
	id := s.kept
	if id < 0 {
		id = len(s.shapes)
	}
	q := candidate{
		space: space, traffic: traffic, shape: int32(id), family: family, k: int32(k.size), c: int32(c.size),
	}
	if s.frontier.offer(&q) && s.kept < 0 {
		s.kept = id
		s.shapes = append(s.shapes, *t)
	}
	return space, traffic
}

// cost returns the elements of each operand in the buffer and the elements
// visited by one group, by role.
func (p *problem) cost(t *shape, family uint8, k, c cut) (room, visits [3]int64) {
	const i, f, o = workload.Ifmap, workload.Filter, workload.Ofmap
	slice := int64(1) // copies of a streamed slice
	if p.double {
		slice = 2
	}
	switch family {
	case outputStationary:
		room[o] = k.size * hold(t.out, t.nextOut, p.double && p.groups*t.tiles*k.n > 1)
		room[i] = slice * t.in
		room[f] = slice * k.size * p.window
		visits[i] = k.n * p.c * t.sumIn
		visits[f] = t.tiles * p.distinct[f]
		visits[o] = p.k * t.sumOut
	case inputStationary:
		room[i] = c.size * hold(t.in, t.nextIn, p.double && p.groups*t.tiles*c.n > 1)
		room[f] = slice * c.size * p.window
		room[o] = slice * t.out
		visits[i] = p.c * t.sumIn
		visits[f] = t.tiles * p.distinct[f]
		visits[o] = c.n * p.k * t.sumOut
	default:
		tile := k.size * c.size * p.window
		room[f] = hold(tile, tile, p.double && p.groups*k.n*c.n > 1)
		room[i] = c.size * hold(t.in, t.nextIn, p.double)
		room[o] = k.size * hold(t.out, t.nextOut, p.double)
		visits[i] = k.n * p.c * t.sumIn
		visits[f] = p.distinct[f]
		visits[o] = c.n * p.k * t.sumOut
	}
	return room, visits
}

// hold returns the space of a tile, with what replaces it when both must be
// there at the same time.
func hold(size, next int64, double bool) int64 {
	if double {
		return size + next
	}
	return size
}
