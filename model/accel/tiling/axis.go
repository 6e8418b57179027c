package tiling

// axis is one image dimension of a convolution. Output index p reads the input
// indices p*stride + r*dil - pad, r < kernel. With g = gcd(stride, dil) the
// outputs fall into dil/g classes that share no input; within a class output j
// reads the class inputs j*step + r, which is a convolution without dilation.
type axis struct {
	out, in, kernel, stride, pad, dil int64

	step    int64 // stride / g
	classes int64 // dil / g
	touched int64 // distinct inputs read, padding excluded
}

func newAxis(out, in, kernel, stride, pad, dil int64) axis {
	if kernel == 1 {
		dil = stride // one tap: any dilation reads the same inputs
	}
	a := axis{out: out, in: in, kernel: kernel, stride: stride, pad: pad, dil: dil}
	g := gcd(stride, dil)
	a.step, a.classes = stride/g, dil/g
	for e := range min(a.classes, out) {
		n, lo, hi := a.class(e)
		a.touched += a.reads(0, n, lo, hi)
	}
	return a
}

// class returns the outputs of class e and the range of its inputs that lie in
// the image.
func (a *axis) class(e int64) (n, lo, hi int64) {
	n = ceilDiv(a.out-e, a.classes)
	shift := a.pad - e*a.stride
	return n, ceilDivSigned(shift, a.dil), floorDiv(a.in-1+shift, a.dil)
}

// reads counts the distinct class inputs in [lo, hi] of outputs j0 to j1-1.
func (a *axis) reads(j0, j1, lo, hi int64) int64 {
	if j1 <= j0 {
		return 0
	}
	if a.step <= a.kernel {
		return overlap(j0*a.step, (j1-1)*a.step+a.kernel-1, lo, hi)
	}
	// Windows do not meet: only those near an end of the image are cut.
	first := min(max(ceilDivSigned(lo, a.step), j0), j1)
	last := max(min(floorDiv(hi-a.kernel+1, a.step)+1, j1), first)
	n := (last - first) * a.kernel
	for j := first - 1; j >= j0; j-- {
		c := overlap(j*a.step, j*a.step+a.kernel-1, lo, hi)
		if c == 0 {
			break
		}
		n += c
	}
	for j := last; j < j1; j++ {
		c := overlap(j*a.step, j*a.step+a.kernel-1, lo, hi)
		if c == 0 {
			break
		}
		n += c
	}
	return n
}

// hasHalo says whether neighbouring outputs share inputs.
func (a *axis) hasHalo() bool { return a.step < a.kernel && a.out > a.classes }

// span is a tiling of an axis: n tiles, the largest number of outputs and
// inputs of a tile, the sums over all tiles, and the largest number of outputs
// and inputs that a tile does not share with its predecessor.
type span struct {
	size         int64 // outputs (or inputs) of a tile
	byInput      bool  // tiles are disjoint in the input
	n            int64
	out, in      int64
	sumOut       int64
	sumIn        int64
	nextOut      int64
	nextIn       int64
	keepsOutHalo bool // set by callers that keep shared outputs in the buffer
}

func (a *axis) whole() span {
	return span{
		size: a.out, n: 1, out: a.out, in: a.touched, sumOut: a.out, sumIn: a.touched,
		nextOut: a.out, nextIn: a.touched,
	}
}

// byOutput cuts each class into tiles of t outputs.
func (a *axis) byOutput(t int64) span {
	s := span{size: t}
	for e := range min(a.classes, a.out) {
		n, lo, hi := a.class(e)
		for j := int64(0); j < n; j += t {
			end := min(j+t, n)
			in := a.reads(j, end, lo, hi)
			fresh := in
			if j > 0 && a.step < a.kernel {
				fresh = overlap((j-1)*a.step+a.kernel, (end-1)*a.step+a.kernel-1, lo, hi)
			}
			s.n++
			s.out, s.in = max(s.out, end-j), max(s.in, in)
			s.nextIn = max(s.nextIn, fresh)
			s.sumIn += in
		}
	}
	s.sumOut, s.nextOut = a.out, s.out
	return s
}

// byInputs cuts each class into tiles of t inputs; outputs whose window
// straddles two tiles belong to both.
func (a *axis) byInputs(t int64) span {
	s := span{size: t, byInput: true}
	for e := range min(a.classes, a.out) {
		n, lo, hi := a.class(e)
		lo, hi = max(lo, 0), min(hi, (n-1)*a.step+a.kernel-1)
		done := int64(0)
		for v := lo; v <= hi; v += t {
			end := min(v+t-1, hi)
			j0, j1 := max(0, ceilDivSigned(v-a.kernel+1, a.step)), min(n-1, floorDiv(end, a.step))
			if v == lo {
				j0 = 0
			}
			if end == hi {
				j1 = n - 1
			}
			s.n++
			s.out, s.in = max(s.out, j1-j0+1), max(s.in, end-v+1)
			s.nextOut = max(s.nextOut, j1+1-done)
			s.sumOut += j1 - j0 + 1
			done = j1 + 1
		}
	}
	s.sumIn, s.nextIn = a.touched, s.in
	return s
}

// tilings appends every tiling of the axis with a distinct number of tiles:
// disjoint in the output and, where windows overlap, disjoint in the input.
func (a *axis) tilings(dst []span) []span {
	dst = append(dst, a.whole())
	longest := ceilDiv(a.out, a.classes)
	for _, t := range sizes(longest) {
		if t == longest && a.classes == 1 {
			continue
		}
		dst = append(dst, a.byOutput(t))
	}
	if !a.hasHalo() {
		return dst
	}
	longest = ceilDiv(a.touched, a.classes)
	for _, t := range sizes(longest) {
		if t == longest {
			continue
		}
		s := a.byInputs(t)
		if s.n > 1 && s.sumOut >= a.out {
			dst = append(dst, s)
		}
	}
	return dst
}

// ring returns the extents of the smallest sweep along the axis with every
// input and output moved once: a ring of input rows completing one output row,
// or a ring of output rows fed by one input row.
func (a *axis) ring(keepOut bool) span {
	s := span{size: 1, n: 1, sumOut: a.out, sumIn: a.touched, keepsOutHalo: keepOut}
	if keepOut {
		u := a.byInputs(1)
		s.out, s.in, s.nextOut, s.nextIn, s.byInput = u.out, 1, u.nextOut, 1, true
		return s
	}
	u := a.byOutput(1)
	s.out, s.in, s.nextOut, s.nextIn = 1, max(u.in, 1), 1, max(min(u.in, a.step), 1)
	return s
}

// sizes returns the tile sizes of a dimension with distinct numbers of tiles,
// ascending: the smallest size for each number.
func sizes(d int64) []int64 {
	var s []int64
	for t := int64(1); t <= d; {
		s = append(s, t)
		if t == d {
			break
		}
		// The smallest t' with ceil(d/t') < ceil(d/t).
		t = ceilDiv(d, ceilDiv(d, t)-1)
	}
	return s
}

func overlap(a, b, lo, hi int64) int64 { return max(0, min(b, hi)-max(a, lo)+1) }

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// floorDiv rounds down for a negative numerator too; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDivSigned(a, b int64) int64 { return -floorDiv(-a, b) }
