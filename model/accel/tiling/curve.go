package tiling

import (
	"math"

	"stco/model/accel/window"
	"stco/model/workload"
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
	slices   bool  // of the input are all tiles there are
	together int64 // filters that pass a stationary input at a time, or of which one passes and the next arrives

	distinct [3]int64 // touched elements of one group
	final    int64    // elements of the output written at the end, one group

	weights         // room in units, traffic in units of its own
	unit      int64 // bits
	spillRoom int64 // units needed once sums of a resident output spill
}

func newProblem(n *workload.Nest, o *Conventions) (*problem, bool) {
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
		out: n.Out, resident: o.Resident, double: o.DoubleBuffer, together: 1,
	}
	if o.Slices > 0 && n.Out == workload.Ofmap {
		p.slices, p.together = true, min(p.k, int64(o.Slices))
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
	if p.h.Touched == n.P*n.R && p.w.Touched == n.Q*n.S {
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
	scale := int64(0) // bits; traffic is counted in units of it
	for r := range p.elem {
		switch {
		case p.out != workload.Role(r) && !p.resident[r]:
			p.room[r], p.visit[r] = p.elem[r], p.elem[r]
		case p.out == workload.Role(r) && !p.resident[r]:
			p.room[r], p.visit[r] = max(p.partial, p.elem[r]), 2*p.partial
		case p.out == workload.Role(r):
			p.room[r] = max(p.partial-p.elem[r], 0)
			p.spillRoom = p.room[r] * p.distinct[r]
		}
		p.unit = window.GCD(p.unit, p.room[r])
		scale = window.GCD(scale, p.visit[r])
		if p.out == workload.Role(r) && !p.resident[r] {
			scale = window.GCD(scale, p.elem[r])
		}
	}
	p.unit = max(p.unit, 1)
	scale = max(scale, 1)
	for r := range p.room {
		p.room[r] /= p.unit
		p.visit[r] /= scale
		if p.out == workload.Role(r) && !p.resident[r] {
			// A visit more is one more write and read of an unfinished sum.
			p.base = p.elem[r]/scale*p.final - 2*(p.partial/scale)*p.distinct[r]
		}
	}
	p.spillRoom /= p.unit
	return p, true
}

// largest returns space, in units, that every mapping worth having fits in.
func (p *problem) largest() int64 {
	sum := p.spillRoom
	for r, room := range p.room {
		sum += 2 * room * p.distinct[r]
	}
	return sum
}

// traffic returns bytes read and written by role, all groups, when one group
// visits each operand that many times in elements.
func (p *problem) traffic(visits [3]int64) (read, write [3]int64) {
	for r := range visits {
		switch {
		case p.resident[r]:
		case p.out == workload.Role(r):
			spilled := p.groups * (visits[r] - p.distinct[r])
			read[r] = bytesOf(spilled, p.partial, 0, 0)
			write[r] = bytesOf(spilled, p.partial, p.groups*p.final, p.elem[r])
		default:
			read[r] = bytesOf(p.groups*visits[r], p.elem[r], 0, 0)
		}
	}
	return read, write
}

// bytesOf returns the bytes of two numbers of elements of so many bits each; it
// does not overflow before the bytes do.
func bytesOf(a, aBits, b, bBits int64) int64 {
	return a*(aBits/8) + b*(bBits/8) + bytes(a*(aBits%8)+b*(bBits%8))
}

func bytes(bits int64) int64 { return window.CeilDiv(bits, 8) }

// Curve returns the staircase of Pareto-optimal executions of a nest: Space
// ascending, total traffic strictly descending. The first point is the smallest
// execution, the last moves the compulsory traffic. The space axis is resolved
// to better than one percent; a returned point is always exact. Curve returns
// nil when a dimension or an element size is not positive.
func Curve(n *workload.Nest, o *Conventions) []Point {
	return curve(n, o, math.MaxInt64, binBits)
}

// Best returns the execution of least traffic that fits in space bytes, without
// the resolution of Curve; false when none fits or the nest has no curve.
func Best(n *workload.Nest, o *Conventions, space int64) (Point, bool) {
	return At(curve(n, o, space, binBits), space)
}

func curve(n *workload.Nest, o *Conventions, limit int64, resolution uint) []Point {
	p, ok := newProblem(n, o)
	if !ok {
		return nil
	}
	s := search{problem: p, frontier: newFrontier(p.largest(), resolution)}
	if limit < math.MaxInt64/8 {
		s.frontier.limit = limit * 8 / p.unit
	}
	s.run()
	stairs := s.frontier.staircase()
	points := make([]Point, 0, len(stairs))
	for i := range stairs {
		p := s.point(&stairs[i])
		// Bits that differ may round to the same bytes.
		n := len(points)
		if n > 0 && p.Total() >= points[n-1].Total() {
			continue
		}
		if n > 0 && p.Space == points[n-1].Space {
			points = points[:n-1]
		}
		points = append(points, p)
	}
	return points
}

// point completes a candidate with the traffic of each operand.
func (s *search) point(b *candidate) Point {
	t := &s.shapes[b.shape]
	k, c := newCut(s.k, int64(b.k)), newCut(s.c, int64(b.c))
	var visits [3]int64
	for r := range visits {
		w := weights{}
		w.visit[r] = 1
		f := s.plane(t, b.family, false, &w)
		visits[r] = f.traffic(k, c)
	}
	q := Point{Space: bytes(b.space * s.unit), Mapping: t.mapping}
	q.Read, q.Write = s.traffic(visits)
	q.Mapping.Flat = s.flat
	q.Mapping.Stationary = [...]workload.Role{workload.Ofmap, workload.Ifmap, workload.Filter}[b.family]
	q.Mapping.K, q.Mapping.C = k.size, c.size
	return q
}
