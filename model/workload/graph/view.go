package graph

import "slices"

// Concat returns the concatenation of values, along channels when they agree in
// H and W, else along H. No data move.
func (b *Builder) Concat(vs ...Value) Value {
	r := Value{C: vs[0].C, H: vs[0].H, W: vs[0].W, parts: slices.Clone(vs[0].parts)}
	for _, v := range vs[1:] {
		switch {
		case v.H == r.H && v.W == r.W:
			r.C += v.C
		case v.C == r.C && v.W == r.W:
			r.H += v.H
		default:
			b.Failf("concat: %d x %d x %d and %d x %d x %d", r.C, r.H, r.W, v.C, v.H, v.W)
			return r
		}
		r.parts = append(r.parts, v.parts...)
	}
	return r
}

// Tail concatenates along H, whatever the shapes: flat lists of predictions.
func (b *Builder) Tail(vs ...Value) Value {
	r := Value{C: 1, W: 1}
	for _, v := range vs {
		r.H += v.Elems()
		r.parts = append(r.parts, v.parts...)
	}
	return r
}

// Slice returns n elements of x from off, as c x h x w.
func (b *Builder) Slice(x Value, off, c, h, w int64) Value {
	r := Value{C: c, H: h, W: w}
	n := c * h * w
	if off < 0 || off+n > x.Elems() {
		b.Failf("slice: %d elements from %d of %d", n, off, x.Elems())
		return r
	}
	var at int64
	for _, p := range x.parts {
		lo, hi := max(off, at), min(off+n, at+p.Len)
		if lo < hi {
			r.parts = append(r.parts, Part{p.Data, p.Off + lo - at, hi - lo})
		}
		at += p.Len
	}
	return r
}

// Shuffle interleaves the channels of groups equal groups (ShuffleNet).
func (b *Builder) Shuffle(x Value, groups int64) Value {
	r := Value{C: x.C, H: x.H, W: x.W}
	per := x.C / groups
	for c := range x.C {
		s := b.Slice(x, (c%groups*per+c/groups)*x.H*x.W, 1, x.H, x.W)
		r.parts = append(r.parts, s.parts...)
	}
	r.parts = joined(r.parts)
	return r
}

// joined merges neighbouring parts that continue each other.
func joined(ps []Part) []Part {
	out := ps[:0:0]
	for _, p := range ps {
		if n := len(out); n > 0 && out[n-1].Data == p.Data && out[n-1].Off+out[n-1].Len == p.Off {
			out[n-1].Len += p.Len
			continue
		}
		out = append(out, p)
	}
	return out
}

// Reshape returns x as c x h x w.
func (b *Builder) Reshape(x Value, c, h, w int64) Value {
	if c*h*w != x.Elems() {
		b.Failf("reshape: %d elements as %d x %d x %d", x.Elems(), c, h, w)
	}
	return Value{x.parts, c, h, w}
}

// Flatten returns x as features of one position.
func (b *Builder) Flatten(x Value) Value { return Value{x.parts, x.Elems(), 1, 1} }
