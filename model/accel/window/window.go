// Package window counts how the sliding windows of a convolution meet the
// pixels of one image dimension: distinct pixels read, window taps inside the
// image, pixels shared by neighbouring windows. It knows one dimension and no
// tensor; packages tiling and systolic multiply dimensions.
package window

// Axis is one image dimension of a convolution. Output p reads the inputs
// p*Stride + r*Dil - Pad, r < Kernel, that lie in [0, In).
//
// With g = gcd(Stride, Dil) the outputs fall into Dil/g classes, p modulo the
// number of classes, that share no input. Within a class, output j reads the
// class inputs j*Step + r: a convolution without dilation.
type Axis struct {
	Out, In, Kernel, Stride, Pad, Dil int64

	Step    int64 // stride within a class
	Classes int64 // classes that have outputs
	Touched int64 // distinct inputs read
	Pairs   int64 // (output, tap) pairs whose input lies in the image
}

// New returns the axis of a dimension. All arguments but pad are positive.
func New(out, in, kernel, stride, pad, dil int64) Axis {
	if kernel == 1 {
		dil = stride // a single tap reads the same inputs under any dilation
	}
	g := GCD(stride, dil)
	a := Axis{
		Out: out, In: in, Kernel: kernel, Stride: stride, Pad: pad, Dil: dil,
		Step: stride / g, Classes: min(dil/g, out),
	}
	for e := range a.Classes {
		n, lo, hi := a.Class(e)
		a.Touched += a.Reads(0, n, lo, hi)
	}
	for r := range kernel {
		first, last := CeilDiv(pad-r*dil, stride), FloorDiv(in-1+pad-r*dil, stride)
		a.Pairs += Overlap(first, last, 0, out-1)
	}
	return a
}

// Class returns the number of outputs of class e and the range [lo, hi] of its
// inputs that lie in the image.
func (a *Axis) Class(e int64) (n, lo, hi int64) {
	shift := a.Pad - e*a.Stride
	return CeilDiv(a.Out-e, a.Classes), CeilDiv(shift, a.Dil), FloorDiv(a.In-1+shift, a.Dil)
}

// Reads counts the distinct class inputs within [lo, hi] that the outputs j0 to
// j1-1 of a class read.
func (a *Axis) Reads(j0, j1, lo, hi int64) int64 {
	if j1 <= j0 {
		return 0
	}
	if a.Step <= a.Kernel {
		return Overlap(j0*a.Step, (j1-1)*a.Step+a.Kernel-1, lo, hi)
	}
	// Windows are apart: whole ones, and at most one cut at each end.
	first := max(FloorDiv(lo, a.Step), j0)
	last := min(FloorDiv(hi, a.Step), j1-1)
	if last < first {
		return 0
	}
	n := (last - first + 1) * a.Kernel
	n -= a.Kernel - Overlap(first*a.Step, first*a.Step+a.Kernel-1, lo, hi)
	if last > first {
		n -= a.Kernel - Overlap(last*a.Step, last*a.Step+a.Kernel-1, lo, hi)
	}
	return n
}

// HasHalo says whether consecutive windows of a class share inputs.
func (a *Axis) HasHalo() bool { return a.Step < a.Kernel && a.Touched > 0 }

// Overlap returns the integers that lie in both [a, b] and [lo, hi].
func Overlap(a, b, lo, hi int64) int64 { return max(0, min(b, hi)-max(a, lo)+1) }

// CeilDiv returns a/b rounded up; b is positive.
func CeilDiv(a, b int64) int64 { return -FloorDiv(-a, b) }

// FloorDiv returns a/b rounded down; b is positive.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// GCD returns the greatest common divisor of non-negative numbers, not both zero.
func GCD(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
