package tiling

import (
	"stco/model/accel/window"
	"stco/model/workload"
)

// The families of mappings.
const (
	outputStationary uint8 = iota
	inputStationary
	weightStationary
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

// weights are what an element of each operand costs, by role: buffer space while
// it is held, traffic for each visit; and what is moved in any case.
type weights struct {
	room, visit [3]int64
	base        int64
}

// plane gives space and traffic of all channel tiles k x c of one pixel tile:
// space is bilinear in the tile sizes, traffic linear in the numbers of tiles.
type plane struct {
	s0, sk, sc, skc int64
	t0, tk, tc      int64
}

func (f *plane) space(k, c cut) int64 { return f.s0 + f.sk*k.size + (f.sc+f.skc*k.size)*c.size }

func (f *plane) traffic(k, c cut) int64 { return f.t0 + f.tk*k.n + f.tc*c.n }

// plane returns the costs of one group with a pixel tile. The stationary operand
// has a second buffer when replaced is set, the streamed ones when the options
// ask for it.
func (p *problem) plane(t *shape, family uint8, replaced bool, w *weights) plane {
	const i, f, o = workload.Ifmap, workload.Filter, workload.Ofmap
	slice := int64(1) // copies of a streamed slice
	if p.double {
		slice = 2
	}
	switch family {
	case outputStationary:
		return plane{
			s0: w.room[i] * slice * t.in,
			sk: w.room[o]*hold(t.out, t.nextOut, replaced) + w.room[f]*slice*p.window,
			t0: w.base + w.visit[f]*t.tiles*p.distinct[f] + w.visit[o]*p.k*t.sumOut,
			tk: w.visit[i] * p.c * t.sumIn,
		}
	case inputStationary:
		return plane{
			s0: w.room[o] * slice * t.out,
			sc: w.room[i]*hold(t.in, t.nextIn, replaced) + w.room[f]*max(slice, p.together)*p.window,
			t0: w.base + w.visit[f]*t.tiles*p.distinct[f] + w.visit[i]*p.c*t.sumIn,
			tc: w.visit[o] * p.k * t.sumOut,
		}
	default:
		return plane{
			skc: w.room[f] * hold(p.window, p.window, replaced),
			sc:  w.room[i] * hold(t.in, t.nextIn, p.double),
			sk:  w.room[o] * hold(t.out, t.nextOut, p.double),
			t0:  w.base + w.visit[f]*p.distinct[f],
			tk:  w.visit[i] * p.c * t.sumIn,
			tc:  w.visit[o] * p.k * t.sumOut,
		}
	}
}

// hold returns the space of a tile, with what replaces it when both must be
// there at the same time.
func hold(size, next int64, double bool) int64 {
	if double {
		return size + next
	}
	return size
}

// single says whether the stationary operand of a mapping is moved as a whole,
// once.
func (p *problem) single(t *shape, family uint8, k, c cut) bool {
	tiles := p.groups
	if family != weightStationary {
		tiles *= t.tiles
	}
	if family != inputStationary {
		tiles *= k.n
	}
	if family != outputStationary {
		tiles *= c.n
	}
	return tiles == 1
}

// search holds the candidates of one curve. While one pixel tile is in hand,
// its costs are in costs and its visits of a resident output in spill.
type search struct {
	*problem
	frontier frontier
	ks, cs   []cut
	shapes   []shape // those of candidates

	shape        *shape
	family       uint8
	costs, spill plane
	kept         int // index in shapes, -1 while the tile has no candidate
}

func (s *search) run() {
	s.ks, s.cs = cuts(s.k), cuts(s.c)
	s.eachShape(s.try)
}

// try offers a pixel tile with the channel tiles of a family.
func (s *search) try(t *shape, family uint8) {
	if s.slices && (family != inputStationary || t.mapping.SweepW) {
		return
	}
	s.shape, s.family, s.kept = t, family, -1
	s.costs = s.plane(t, family, s.double, &s.weights)
	if s.spillRoom > 0 {
		w := weights{}
		w.visit[s.out] = 1
		s.spill = s.plane(t, family, false, &w)
	}
	ks, cs := s.ks, s.cs
	switch family {
	case outputStationary:
		cs = cs[:1]
	case inputStationary:
		ks = ks[:1]
		if s.slices {
			cs = cs[len(cs)-1:]
		}
	}
	if k, c := ks[len(ks)-1], cs[len(cs)-1]; s.double && s.single(t, family, k, c) {
		doubled := s.costs
		s.costs = s.plane(t, family, false, &s.weights)
		s.offer(k, c)
		s.costs = doubled
	}
	if s.beaten(ks, cs) {
		return
	}
	s.row(ks[0], cs)
	if n := len(ks); n > 1 {
		s.row(ks[n-1], cs)
		s.rows(ks, cs)
	}
}

// beaten says that no product of the lists can be on the frontier: space rises
// and traffic falls along both.
func (s *search) beaten(ks, cs []cut) bool {
	return s.frontier.beaten(s.costs.space(ks[0], cs[0]), s.costs.traffic(ks[len(ks)-1], cs[len(cs)-1]))
}

// rows offers the channel tiles between the first and the last of ks, leaving
// out those that cannot be on the frontier.
func (s *search) rows(ks, cs []cut) {
	n := len(ks)
	if n < 3 || s.beaten(ks, cs) {
		return
	}
	s.row(ks[n/2], cs)
	s.rows(ks[:n/2+1], cs)
	s.rows(ks[n/2:], cs)
}

// row offers the tiles of one k.
func (s *search) row(k cut, cs []cut) {
	s.offer(k, cs[0])
	if n := len(cs); n > 1 {
		s.offer(k, cs[n-1])
		s.between(k, cs)
	}
}

// between offers the tiles of one k between the first and the last of cs.
func (s *search) between(k cut, cs []cut) {
	n := len(cs)
	if n < 3 || s.frontier.beaten(s.costs.space(k, cs[0]), s.costs.traffic(k, cs[n-1])) {
		return
	}
	s.offer(k, cs[n/2])
	s.between(k, cs[:n/2+1])
	s.between(k, cs[n/2:])
}

func (s *search) offer(k, c cut) {
	space := s.costs.space(k, c)
	if s.spillRoom > 0 && s.spill.traffic(k, c) > s.distinct[s.out] {
		space += s.spillRoom
	}
	b := s.frontier.better(space, s.costs.traffic(k, c))
	if b == nil {
		return
	}
	if s.kept < 0 {
		s.kept = len(s.shapes)
		s.shapes = append(s.shapes, *s.shape)
	}
	b.shape, b.family, b.k, b.c = int32(s.kept), s.family, int32(k.size), int32(c.size)
}
