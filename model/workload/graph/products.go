package graph

import (
	"fmt"

	"stco/model/workload"
)

// Window is the geometry of a convolution or pooling window. EndH and EndW are
// padding below and right beyond PadH and PadW (they may be negative).
type Window struct {
	R, S             int64
	StrideH, StrideW int64
	PadH, PadW       int64
	EndH, EndW       int64
	DilH, DilW       int64
	Ceil             bool // round the output size up
}

// Square returns a square window without dilation.
func Square(r, stride, pad int64) Window {
	return Window{r, r, stride, stride, pad, pad, 0, 0, 1, 1, false}
}

// String returns the window in words, for errors.
func (k Window) String() string {
	pair := func(a, b int64) string {
		if a == b {
			return fmt.Sprint(a)
		}
		return fmt.Sprintf("%d x %d", a, b)
	}
	s := fmt.Sprintf("%d x %d, stride %s, padding %s", k.R, k.S, pair(k.StrideH, k.StrideW), pair(k.PadH, k.PadW))
	if k.EndH != 0 || k.EndW != 0 {
		s += fmt.Sprintf(" and %s more at the end", pair(k.EndH, k.EndW))
	}
	if k.DilH != 1 || k.DilW != 1 {
		s += ", dilation " + pair(k.DilH, k.DilW)
	}
	return s
}

// out returns the output size of the window over h x w pixels.
func (k Window) out(h, w int64) (int64, int64) {
	one := func(n, r, stride, pad, end, dil int64) int64 {
		span := n + 2*pad + end - dil*(r-1) - 1
		if span < 0 {
			return 0
		}
		p := span/stride + 1
		if k.Ceil && span%stride != 0 && p*stride < n+pad {
			p++
		}
		return p
	}
	return one(h, k.R, k.StrideH, k.PadH, k.EndH, k.DilH), one(w, k.S, k.StrideW, k.PadW, k.EndW, k.DilW)
}

func (k Window) valid() bool {
	return min(k.R, k.S, k.StrideH, k.StrideW, k.DilH, k.DilW) >= 1 && min(k.PadH, k.PadW) >= 0
}

// Conv adds a convolution of x with f filters. name.weight and name.bias are its
// parameters.
func (b *Builder) Conv(name string, x Value, f int64, k Window, groups int64, bias bool) Value {
	return b.ConvWith(name, x, 1, f, k, groups, b.weights(name, f*x.C/max(1, groups)*k.R*k.S, f, bias)...)
}

// ConvWith is Conv over the given number of images, which x holds one after the
// other in C, with given parameters.
func (b *Builder) ConvWith(name string, x Value, images, f int64, k Window, groups int64, params ...int32) Value {
	c := x.C / max(1, images)
	if !b.fits(name, x, images, c, f, k, groups) {
		return Value{C: 1, H: 1, W: 1}
	}
	p, q := k.out(x.H, x.W)
	n := k.nest(images, groups)
	n.C, n.H, n.W, n.K, n.P, n.Q, n.Out = c/groups, x.H, x.W, f/groups, p, q, workload.Ofmap
	return b.add(Op{Name: name, Kind: workload.OpConv, Nest: n, Params: params}, images*f, p, q, x)
}

// ConvTranspose adds a transposed convolution: the gradient of a convolution
// from its output of f channels to x.
func (b *Builder) ConvTranspose(name string, x Value, f int64, k Window, groups int64, bias bool) Value {
	return b.ConvTransposeWith(name, x, 1, f, k, groups, b.weights(name, f*x.C/max(1, groups)*k.R*k.S, f, bias)...)
}

// ConvTransposeWith is to ConvTranspose what ConvWith is to Conv. EndH and EndW
// of the window crop the output further.
func (b *Builder) ConvTransposeWith(name string, x Value, images, f int64, k Window, groups int64, params ...int32) Value {
	c := x.C / max(1, images)
	if !b.fits(name, x, images, c, f, k, groups) {
		return Value{C: 1, H: 1, W: 1}
	}
	h := (x.H-1)*k.StrideH - 2*k.PadH - k.EndH + k.DilH*(k.R-1) + 1
	w := (x.W-1)*k.StrideW - 2*k.PadW - k.EndW + k.DilW*(k.S-1) + 1
	n := k.nest(images, groups)
	n.C, n.H, n.W, n.K, n.P, n.Q, n.Out = f/groups, h, w, c/groups, x.H, x.W, workload.Ifmap
	return b.add(Op{Name: name, Kind: workload.OpConv, Nest: n, Transposed: true, Params: params}, images*f, h, w, x)
}

// fits checks the arguments of a convolution.
func (b *Builder) fits(name string, x Value, images, c, f int64, k Window, groups int64) bool {
	if !k.valid() || images < 1 || groups < 1 || f < 1 || c < 1 || x.C != c*images || c%groups != 0 || f%groups != 0 {
		b.Failf("%s: %d channels, %d filters, %d groups and a window of %s do not fit", name, c, f, groups, k)
		return false
	}
	return true
}

// nest returns the loop nest of the window without its channels and pixels.
func (k Window) nest(images, groups int64) workload.Nest {
	return workload.Nest{
		N: images, R: k.R, S: k.S, StrideH: k.StrideH, StrideW: k.StrideW,
		PadH: k.PadH, PadW: k.PadW, DilH: k.DilH, DilW: k.DilW, Groups: groups,
	}
}

func (b *Builder) weights(name string, w, f int64, bias bool) []int32 {
	ps := []int32{b.Param(name+".weight", w)}
	if bias {
		ps = append(ps, b.Param(name+".bias", f))
	}
	return ps
}

func gemm(m, k, n, groups int64) workload.Nest {
	return workload.Nest{
		N: 1, C: k, H: m, W: 1, K: n, P: m, Q: 1, R: 1, S: 1,
		StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: groups, Out: workload.Ofmap,
	}
}

// Linear adds a dense layer over the C features of each of the H x W positions.
func (b *Builder) Linear(name string, x Value, f int64, bias bool) Value {
	return b.LinearWith(name, x, f, b.weights(name, f*x.C, f, bias)...)
}

// LinearWith is Linear with given parameters (tied weights).
func (b *Builder) LinearWith(name string, x Value, f int64, params ...int32) Value {
	o := Op{Name: name, Kind: workload.OpLinear, Nest: gemm(x.H*x.W, x.C, f, 1), Params: params}
	return b.add(o, f, x.H, x.W, x)
}

// MatMul adds groups independent products of an m x k by a k x n matrix.
func (b *Builder) MatMul(name string, x, y Value, groups, m, k, n int64) Value {
	if x.Elems() != groups*m*k || y.Elems() != groups*k*n {
		b.Failf("%s: operands of %d and %d elements are not %d products of %d x %d by %d x %d",
			name, x.Elems(), y.Elems(), groups, m, k, k, n)
		return Value{C: 1, H: 1, W: 1}
	}
	o := Op{Name: name, Kind: workload.OpMatMul, Nest: gemm(m, k, n, groups)}
	return b.add(o, n, groups*m, 1, x, y)
}

// MatMulMasked is MatMul of which masked multiply-accumulates, over all groups,
// are left out.
func (b *Builder) MatMulMasked(name string, x, y Value, groups, m, k, n, masked int64) Value {
	v := b.MatMul(name, x, y, groups, m, k, n)
	if b.err == nil {
		b.net.Ops[len(b.net.Ops)-1].Nest.Masked = masked
	}
	return v
}
