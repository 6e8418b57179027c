package graph

import (
	"fmt"

	"stco/model/workload"
)

// Depth is the third dimension of a window: taps over frames, with stride,
// padding in front and further padding behind, dilation.
type Depth struct {
	Frames             int64 // of the input
	Taps, Stride       int64
	Pad, End, Dilation int64
}

// String returns the depth in words, for errors.
func (d Depth) String() string {
	return fmt.Sprintf("a window over %d of %d frames, stride %d, padding %d and %d, dilation %d", d.Taps, d.Frames, d.Stride, d.Pad, d.Pad+d.End, d.Dilation)
}

// Out returns the frames of the output.
func (d Depth) Out() int64 {
	k := Window{R: d.Taps, S: 1, StrideH: d.Stride, StrideW: 1, PadH: d.Pad, EndH: d.End, DilH: d.Dilation, DilW: 1}
	n, _ := k.out(d.Frames, 1)
	return n
}

// ConvDepth is ConvWith of a window over three dimensions: x holds the frames of
// all images in C, as does the result.
func (b *Builder) ConvDepth(name string, x Value, images, f int64, k Window, d Depth, groups int64, params ...int32) Value {
	c := x.C / max(1, images*d.Frames)
	out := d.Out()
	if min(d.Frames, d.Taps, d.Stride, d.Dilation) < 1 || d.Pad < 0 || out < 1 {
		b.Failf("%s: %s: no output", name, d)
		return Value{C: 1, H: 1, W: 1}
	}
	if !b.fits(name, x, images*d.Frames, c, f, k, groups) {
		return Value{C: 1, H: 1, W: 1}
	}
	p, q := k.out(x.H, x.W)
	n := k.nest(images*out, groups)
	n.C, n.H, n.W, n.K, n.P, n.Q, n.Out = c/groups*d.Taps, x.H, x.W, f/groups, p, q, workload.Ofmap
	n.DepthIn, n.DepthOut, n.DepthTaps = images*d.Frames, images*out, d.Taps
	return b.add(Op{Name: name, Kind: workload.OpConv, Nest: n, Params: params}, images*out*f, p, q, x)
}

// ConvTransposeDepth is ConvTransposeWith of a window over three dimensions.
func (b *Builder) ConvTransposeDepth(name string, x Value, images, f int64, k Window, d Depth, groups int64, params ...int32) Value {
	c := x.C / max(1, images*d.Frames)
	out := (d.Frames-1)*d.Stride - 2*d.Pad - d.End + d.Dilation*(d.Taps-1) + 1
	if min(d.Frames, d.Taps, d.Stride, d.Dilation) < 1 || out < 1 {
		b.Failf("%s: %s: no output", name, d)
		return Value{C: 1, H: 1, W: 1}
	}
	if !b.fits(name, x, images*d.Frames, c, f, k, groups) {
		return Value{C: 1, H: 1, W: 1}
	}
	h := (x.H-1)*k.StrideH - 2*k.PadH - k.EndH + k.DilH*(k.R-1) + 1
	w := (x.W-1)*k.StrideW - 2*k.PadW - k.EndW + k.DilW*(k.S-1) + 1
	n := k.nest(images*d.Frames, groups)
	n.C, n.H, n.W, n.K, n.P, n.Q, n.Out = f/groups*d.Taps, h, w, c/groups, x.H, x.W, workload.Ifmap
	n.DepthIn, n.DepthOut, n.DepthTaps = images*out, images*d.Frames, d.Taps
	return b.add(Op{Name: name, Kind: workload.OpConv, Nest: n, Transposed: true, Params: params}, images*out*f, h, w, x)
}
