package tiling

import "stco/model/accel/window"

// axis is one image dimension, with its tilings.
type axis struct{ window.Axis }

// span is a tiling of an axis: n tiles, the largest number of outputs and
// inputs of a tile, the sums over all tiles, and the largest number of outputs
// and inputs that a tile, other than the first, does not share with its
// predecessor.
type span struct {
	size            int64 // outputs (or inputs) of a tile
	byInput         bool  // tiles are disjoint in the input
	n               int64
	out, in         int64
	sumOut, sumIn   int64
	nextOut, nextIn int64
}

func (a *axis) whole() span {
	return span{
		size: a.Out, n: 1, out: a.Out, in: a.Touched, sumOut: a.Out, sumIn: a.Touched,
		nextOut: a.Out, nextIn: a.Touched,
	}
}

// add counts a tile with out outputs and in inputs, of which freshOut and
// freshIn are not in the tile before; first marks a tile without one before.
func (s *span) add(out, in, freshOut, freshIn int64, first bool) {
	s.n++
	s.out, s.in = max(s.out, out), max(s.in, in)
	s.sumOut += out
	s.sumIn += in
	if !first {
		s.nextOut, s.nextIn = max(s.nextOut, freshOut), max(s.nextIn, freshIn)
	}
}

// close completes a tiling: a class in one tile is replaced as a whole.
func (s *span) close() span {
	if s.nextOut == 0 && s.nextIn == 0 {
		s.nextOut, s.nextIn = s.out, s.in
	}
	return *s
}

// byOutput cuts each class into tiles of t outputs.
func (a *axis) byOutput(t int64) span {
	s := span{size: t}
	for e := range a.Classes {
		n, lo, hi := a.Class(e)
		for j := int64(0); j < n; j += t {
			end := min(j+t, n)
			in := a.Reads(j, end, lo, hi)
			fresh := in
			if a.Step < a.Kernel {
				fresh = window.Overlap((j-1)*a.Step+a.Kernel, (end-1)*a.Step+a.Kernel-1, lo, hi)
			}
			s.add(end-j, in, end-j, fresh, j == 0)
		}
	}
	return s.close()
}

// byInputs cuts each class into tiles of t inputs; outputs whose window
// straddles two tiles belong to both. Outputs that read only padding go with
// the first or the last tile.
func (a *axis) byInputs(t int64) span {
	s := span{size: t, byInput: true}
	for e := range a.Classes {
		n, lo, hi := a.Class(e)
		lo, hi = max(lo, 0), min(hi, (n-1)*a.Step+a.Kernel-1)
		done := int64(0) // outputs of the tiles before
		for v := lo; v <= hi; v += t {
			end := min(v+t-1, hi)
			first := max(0, window.CeilDiv(v-a.Kernel+1, a.Step))
			last := min(n-1, window.FloorDiv(end, a.Step))
			if v == lo {
				first = 0
			}
			if end == hi {
				last = n - 1
			}
			s.add(last-first+1, end-v+1, last+1-done, end-v+1, v == lo)
			done = last + 1
		}
	}
	return s.close()
}

// tilings returns every tiling of the axis with a distinct number of tiles:
// disjoint in the output and, where windows overlap, disjoint in the input.
func (a *axis) tilings() []span {
	dst := []span{a.whole()}
	longest := window.CeilDiv(a.Out, a.Classes)
	for _, t := range cuts(longest) {
		if t.n > 1 || a.Classes > 1 {
			dst = append(dst, a.byOutput(t.size))
		}
	}
	if !a.HasHalo() {
		return dst
	}
	longest = 0
	for e := range a.Classes {
		n, lo, hi := a.Class(e)
		longest = max(longest, a.Reads(0, n, lo, hi))
	}
	for _, t := range cuts(longest) {
		if s := a.byInputs(t.size); s.n > 1 && s.sumOut >= a.Out {
			dst = append(dst, s)
		}
	}
	return dst
}

// ring returns the extents of the smallest sweep along the axis that moves every
// input and output once: a ring of input rows completing one output row, or a
// ring of output rows fed by one input row.
func (a *axis) ring(holdOut bool) span {
	s := a.byOutput(1)
	if holdOut && a.HasHalo() {
		s = a.byInputs(1)
	}
	s.n, s.sumOut, s.sumIn = 1, a.Out, a.Touched
	return s
}
