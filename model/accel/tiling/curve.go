package tiling

import (
	"math"

	"stco/model/accel/window"
	"stco/model/workload"
)

// The families of mappings.
const (
	outputStationary uint8 = iota
	inputStationary
	weightStationary
)

// problem is one group of a nest with the conventions of a curve, sizes in bits.
type problem struct {
	groups  int64
	n, k, c int64 // images, filters, channels (channels x window when flat)
	window  int64 // R*S, 1 when flat
	pixels  int64 // N*P*Q
	h, w    axis
	flat    bool

	out      workload.Role
	elem     [3]int64
	partial  int64
	resident [3]bool
	double   bool

	distinct [3]int64 // touched elements of one group
	final    int64    // elements of the output written at the end, one group

	perVisit  [3]int64 // traffic of one more visit of an element
	fixed     int64    // traffic that does not depend on the mapping
	room      [3]int64 // buffer space of an element
	spillRoom int64    // space needed once sums of a resident output spill
}

func newProblem(n *workload.Nest, o *Options) (*problem, bool) {
	for _, d := range [...]int64{
		n.N, n.C, n.H, n.W, n.K, n.P, n.Q, n.R, n.S, n.StrideH, n.StrideW, n.DilH, n.DilW, n.Groups,
	} {
		if d <= 0 || d > math.MaxInt32 {
			return nil, false
		}
	}
	p := &problem{
		groups: n.Groups, n: n.N, k: n.K, c: n.C, window: n.R * n.S, pixels: n.N * n.P * n.Q,
		h:   axis{window.New(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH)},
		w:   axis{window.New(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW)},
		out: n.Out, resident: o.Resident, double: o.DoubleBuffer,
	}
	for r, b := range o.ElemBytes {
		p.elem[r] = int64(math.Round(b * 8))
		if p.elem[r] <= 0 {
			return nil, false
		}
	}
	p.partial = int64(math.Round(o.PartialBytes * 8))
	if p.partial <= 0 {
		p.partial = p.elem[p.out]
	}
	// Windows that neither overlap nor meet the padding make a matrix product.
	if !p.h.HasHalo() && !p.w.HasHalo() && p.h.Touched == n.P*n.R && p.w.Touched == n.Q*n.S {
		p.flat, p.c, p.window = true, n.C*n.R*n.S, 1
		p.distinct[workload.Ifmap] = p.pixels * p.c
	} else {
		p.distinct[workload.Ifmap] = p.n * p.c * p.h.Touched * p.w.Touched
	}
	p.distinct[workload.Filter] = p.k * p.c * p.window
	p.distinct[workload.Ofmap] = p.pixels * p.k
	p.final = p.distinct[p.out]
	if p.out == workload.Ifmap {
		p.final = p.n * n.C * n.H * n.W
	}
	for r := range p.elem {
		switch {
		case p.out == workload.Role(r):
			p.room[r] = max(p.partial, p.elem[r])
			if p.resident[r] {
				p.room[r] -= p.elem[r]
				p.spillRoom = p.room[r] * p.distinct[r]
				continue
			}
			p.perVisit[r] = 2 * p.partial
			p.fixed = p.elem[r]*p.final - 2*p.partial*p.distinct[r]
		case !p.resident[r]:
			p.room[r], p.perVisit[r] = p.elem[r], p.elem[r]
		}
	}
	return p, true
}

// traffic returns bytes read and written by role, all groups, when one group
// visits each operand that many times in elements.
func (p *problem) traffic(visits [3]int64) (read, write [3]int64) {
	for r := range visits {
		switch {
		case p.resident[r]:
		case p.out == workload.Role(r):
			spilled := p.partial * (visits[r] - p.distinct[r])
			read[r] = bytes(p.groups * spilled)
			write[r] = bytes(p.groups * (spilled + p.elem[r]*p.final))
		default:
			read[r] = bytes(p.groups * p.elem[r] * visits[r])
		}
	}
	return read, write
}

func bytes(bits int64) int64 { return window.CeilDiv(bits, 8) }

// score returns space and traffic of one group from the elements of each
// operand in the buffer and the elements visited.
func (p *problem) score(room, visits [3]int64) (space, traffic int64) {
	const i, f, o = workload.Ifmap, workload.Filter, workload.Ofmap
	space = room[i]*p.room[i] + room[f]*p.room[f] + room[o]*p.room[o]
	if p.spillRoom > 0 && visits[p.out] > p.distinct[p.out] {
		space += p.spillRoom
	}
	return space, p.fixed + visits[i]*p.perVisit[i] + visits[f]*p.perVisit[f] + visits[o]*p.perVisit[o]
}

// Curve returns the staircase of Pareto-optimal executions of a nest: Space
// ascending, total traffic strictly descending. The first point is the smallest
// execution, the last moves the compulsory traffic. The space axis is resolved
// to better than one percent; a returned point is always exact. Curve returns
// nil when a dimension or an element size is not positive.
func Curve(n *workload.Nest, o *Options) []Point {
	return curve(n, o, binBits)
}

func curve(n *workload.Nest, o *Options, resolution uint) []Point {
	p, ok := newProblem(n, o)
	if !ok {
		return nil
	}
	unit, largest := int64(0), p.spillRoom
	for r, room := range p.room {
		unit = window.GCD(unit, room)
		largest += 2 * room * p.distinct[r]
	}
	s := search{problem: p, frontier: newFrontier(unit, largest, resolution)}
	s.run()
	stairs := s.frontier.staircase()
	points := make([]Point, 0, len(stairs))
	for i := range stairs {
		points = append(points, s.point(&stairs[i]))
	}
	return points
}

// point computes a candidate again, with the traffic of each operand.
func (s *search) point(c *candidate) Point {
	t := &s.shapes[c.shape]
	k, c1 := newCut(s.k, int64(c.k)), newCut(s.c, int64(c.c))
	room, visits := s.cost(t, c.family, k, c1)
	space, _ := s.score(room, visits)
	q := Point{Space: bytes(space), Mapping: t.mapping}
	q.Read, q.Write = s.traffic(visits)
	q.Mapping.Flat = s.flat
	q.Mapping.Stationary = [...]workload.Role{workload.Ofmap, workload.Ifmap, workload.Filter}[c.family]
	q.Mapping.K, q.Mapping.C = k.size, c1.size
	return q
}
