package graph

import (
	"strings"
	"testing"

	"stco/model/workload"
)

// TestConvolutionCounts counts output size and products of windows pixel by
// pixel.
func TestConvolutionCounts(t *testing.T) {
	for _, k := range []Window{
		Square(3, 1, 1), Square(3, 2, 0), Square(7, 2, 3), Square(1, 1, 0),
		{R: 1, S: 5, StrideH: 1, StrideW: 2, PadW: 2, EndW: 1, DilH: 1, DilW: 1},
		{R: 3, S: 3, StrideH: 2, StrideW: 1, PadH: 2, PadW: 2, DilH: 2, DilW: 2},
	} {
		b := NewBuilder("net")
		y := b.Conv("conv", b.Input("x", 4, 17, 12), 6, k, 2, true)
		b.Output(y)
		n, err := b.Network()
		if err != nil {
			t.Fatal(err)
		}
		steps := func(size, pad, end, r, stride, dil int64) (count int64) {
			for at := -pad; at+dil*(r-1) < size+pad+end; at += stride {
				count++
			}
			return count
		}
		h, w := steps(17, k.PadH, k.EndH, k.R, k.StrideH, k.DilH), steps(12, k.PadW, k.EndW, k.S, k.StrideW, k.DilW)
		params, macs := n.Totals()
		if y.H != h || y.W != w || macs != h*w*6*k.R*k.S*4/2 || params != 6*2*k.R*k.S+6 {
			t.Errorf("%+v: %d x %d, %d products, %d parameters; want %d x %d", k, y.H, y.W, macs, params, h, w)
		}
	}
}

// TestDepth: three-dimensional windows by hand: 2 channels of 4 x 5 x 6, three
// filters of 3 x 3 x 3 with padding and stride 2 in depth; and back.
func TestDepth(t *testing.T) {
	b := NewBuilder("net")
	d := Depth{Frames: 4, Taps: 3, Stride: 2, Pad: 1, Dilation: 1}
	y := b.ConvDepth("conv", b.Input("x", 2*4, 5, 6), 1, 3, Square(3, 1, 1), d, 1, b.Param("w", 3*2*27))
	up := Depth{Frames: d.Out(), Taps: 2, Stride: 2, Dilation: 1}
	z := b.ConvTransposeDepth("up", y, 1, 5, Square(2, 2, 0), up, 1, b.Param("v", 3*5*8))
	b.Output(z)
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Ops[0].MACs(); d.Out() != 2 || y.C != 6 || got != 2*5*6*3*2*27 {
		t.Errorf("%d frames, %d products", d.Out(), got)
	}
	if got := n.Ops[1].MACs(); z.C != 5*4 || z.H != 10 || z.W != 12 || got != 3*2*5*6*5*8 {
		t.Errorf("%+v, %d products", z, got)
	}
}

// TestViewParts: concatenation, slices and shuffles cover the elements they should,
// in order.
func TestViewParts(t *testing.T) {
	b := NewBuilder("net")
	x, y := b.Input("x", 4, 2, 3), b.Input("y", 2, 2, 3)
	v := b.Concat(x, y)
	s := b.Slice(v, 3*6, 2, 2, 3) // the last channel of x and the first of y
	if v.C != 6 || len(s.parts) != 2 || s.parts[0] != (Part{0, 18, 6}) || s.parts[1] != (Part{1, 0, 6}) {
		t.Errorf("%+v %+v", v, s)
	}
	sh := b.Shuffle(x, 2) // channels 0, 2, 1, 3
	for i, want := range []int64{0, 12, 6, 18} {
		if sh.parts[i].Off != want {
			t.Errorf("channel %d from %d, want %d", i, sh.parts[i].Off, want)
		}
	}
	b.Slice(x, 20, 1, 2, 3)
	if err := b.Err(); err == nil || !strings.Contains(err.Error(), "6 elements from 20 of 24") {
		t.Errorf("error %v", err)
	}
}

// TestTappedScores: a softmax between two products with nothing else on the scores
// is one attention; a second reader of the scores makes it none.
func TestTappedScores(t *testing.T) {
	for _, tapped := range []bool{false, true} {
		b := NewBuilder("net")
		q, k, v := b.Input("q", 8, 5, 1), b.Input("k", 8, 7, 1), b.Input("v", 8, 7, 1)
		var p Value
		y := b.Core(func() Value {
			p = b.Softmax("softmax", b.MatMul("qk", q, k, 2, 5, 4, 7))
			return b.MatMul("av", p, v, 2, 5, 7, 4)
		})
		b.Output(y)
		if tapped {
			b.Output(p)
		}
		n, err := b.Network()
		if err != nil {
			t.Fatal(err)
		}
		all := n.Attentions(false)
		if tapped != (len(all) == 0) || (!tapped && (all[0].Scores() != 0 || all[0].Context() != 2)) {
			t.Errorf("tapped %v: %+v", tapped, all)
		}
	}
}

// TestRoutedLayers: a batch of 3 items of 2 tokens, each to 2 of 4 experts.
func TestRoutedLayers(t *testing.T) {
	b := NewBuilder("net")
	r := workload.Routing{Experts: 4, TopK: 2, Tokens: 2}
	x := b.Input("x", 5, 2, 1)
	y := b.Routed("up", x, 7, r, true)
	b.Output(b.Gather("sum", b.Routed("down", y, 5, r, false), b.Linear("router", x, 4, false), r))
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	params, macs := n.Totals()
	if params != 4*(7*5+7)+4*5*7+5*4 || macs != 2*2*(7*5+5*7)+2*5*4 || n.Active() != 2*(7*5+7)+2*5*7+5*4 {
		t.Errorf("%d parameters, %d products, %d active", params, macs, n.Active())
	}
	if s := n.Ops[0].Scaled(3); s.MACs() != 3*2*2*7*5 || s.Groups != 4 { // 4 (1 - 2^-6) experts are 4
		t.Errorf("%+v", s)
	}
}

// TestWindowText: a window is told in words.
func TestWindowText(t *testing.T) {
	odd := Window{R: 3, S: 1, StrideH: 2, StrideW: 1, PadH: 1, DilH: 4, DilW: 1, EndH: 1, EndW: 1}
	for got, want := range map[string]string{
		Square(7, 2, 3).String(): "7 x 7, stride 2, padding 3",
		odd.String():             "3 x 1, stride 2 x 1, padding 1 x 0 and 1 more at the end, dilation 4 x 1",
		Depth{Frames: 8, Taps: 3, Stride: 2, Pad: 1, End: 1, Dilation: 4}.String(): "a window over 3 of 8 frames, stride 2, padding 1 and 2, dilation 4",
		workload.Slice{Tensor: 8, Pipeline: 1, Sequence: 2}.String():               "tensor=8,sequence=2",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
