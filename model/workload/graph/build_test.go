package graph

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
)

func parts(v Value) []Part { return v.parts }

// TestWindow has output sizes from the definition: floor((n + 2 pad + end -
// dil (r - 1) - 1) / stride) + 1, rounded up if the last window begins inside.
func TestWindow(t *testing.T) {
	for _, c := range []struct {
		name    string
		k       Window
		h, w    int64
		oh, ow  int64
		invalid bool
	}{
		{"3 x 3, stride 2, padding 1", Square(3, 2, 1), 224, 7, 112, 4, false},
		{"7 x 7, stride 2, padding 3", Square(7, 2, 3), 224, 8, 112, 4, false},
		{"1 x 1", Square(1, 1, 0), 5, 9, 5, 9, false},
		{"too small", Square(5, 1, 0), 4, 5, 0, 1, false},
		{"dilation", Window{R: 3, S: 3, StrideH: 1, StrideW: 1, DilH: 2, DilW: 3}, 9, 9, 5, 3, false},
		{"rounded up", Window{R: 3, S: 3, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1, Ceil: true}, 8, 7, 4, 3, false},
		// Of 6 and stride 3 with padding 1 a third window would begin at 5, one
		// of 5 in the padding below.
		{"rounded up to the edge", Window{R: 3, S: 3, StrideH: 3, StrideW: 3, PadH: 1, PadW: 1, DilH: 1, DilW: 1, Ceil: true}, 6, 5, 3, 2, false},
		{"end", Window{R: 2, S: 2, StrideH: 1, StrideW: 1, EndH: 1, EndW: -1, DilH: 1, DilW: 1}, 4, 4, 4, 2, false},
		{"no stride", Window{R: 1, S: 1, StrideW: 1, DilH: 1, DilW: 1}, 0, 0, 0, 0, true},
		{"negative padding", Window{R: 1, S: 1, StrideH: 1, StrideW: 1, PadW: -1, DilH: 1, DilW: 1}, 0, 0, 0, 0, true},
	} {
		if c.invalid != !c.k.valid() {
			t.Errorf("%s: valid is %t", c.name, c.k.valid())
		}
		if c.invalid {
			continue
		}
		if oh, ow := c.k.out(c.h, c.w); oh != c.oh || ow != c.ow {
			t.Errorf("%s of %d x %d: %d x %d, want %d x %d", c.name, c.h, c.w, oh, ow, c.oh, c.ow)
		}
	}
}

// record writes a layer as: index, name, type, input, output, window, stride,
// padding, groups, multiply-accumulates, parameters.
func record(l *Layer) []string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	hw := func(h, w int64) string {
		if h == w {
			return n(h)
		}
		return n(h) + "x" + n(w)
	}
	r := []string{n(int64(l.Index)), l.Name, l.Type, n(l.InC), n(l.InH), n(l.InW), n(l.OutK), n(l.OutH), n(l.OutW), "", "", "", "", "", n(l.MACs), n(l.Params)}
	if l.KernelH > 0 {
		copy(r[9:], []string{n(l.KernelH), n(l.KernelW), hw(l.StrideH, l.StrideW), hw(l.PadH, l.PadW), n(l.Groups)})
	}
	return r
}

// TestLayersByHand declares a small network of every kind with products and
// works out the rows of its table, its totals and its nests for a batch of 2.
func TestLayersByHand(t *testing.T) {
	b := NewBuilder("small")
	in := b.Input("image", 4, 10, 8)
	conv := b.Conv("conv", in, 6, Window{R: 3, S: 2, StrideH: 2, StrideW: 1, PadH: 1, PadW: 0, DilH: 1, DilW: 1}, 2, true)
	dw := b.Conv("dw", conv, 6, Square(3, 1, 1), 6, false)
	up := b.ConvTranspose("up", dw, 4, Square(2, 2, 0), 2, true)
	fc := b.Linear("fc", b.Flatten(up), 12, true)
	table := b.SparseParam("table", 50, 10)
	frozen := b.FrozenParam("frozen", 36)
	lin := b.LinearWith("tied", fc, 3, frozen)
	mm := b.MatMul("mm", b.Reshape(fc, 12, 1, 1), b.Reshape(fc, 12, 1, 1), 2, 3, 2, 3)
	gx := b.Linear("gx", b.Reshape(fc, 2, 6, 1), 8, false) // 6 positions, 4 gates of 2
	h := b.Recurrent("lstm", gx, LSTM, true)
	b.Output(lin)
	b.Output(mm)
	b.Output(h)
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	_ = table
	if conv.H != 5 || conv.W != 7 || conv.C != 6 || up.C != 4 || up.H != 10 || up.W != 14 || fc.C != 12 || fc.H != 1 {
		t.Errorf("shapes %v %v %v", conv, up, fc)
	}
	want := [][]string{
		// 6 filters of 2 channels and 3 x 2; 5 x 7 pixels; two images.
		{"0", "conv", "conv", "4", "10", "8", "6", "5", "7", "3", "2", "2x1", "1x0", "2", "5040", "78"},
		{"1", "dw", "dwconv", "6", "5", "7", "6", "5", "7", "3", "3", "1", "1", "6", "3780", "54"},
		// 2 groups of 3 channels to 2 filters of 2 x 2: 24 each, over 35 pixels.
		{"2", "up", "convtranspose", "6", "5", "7", "4", "10", "14", "2", "2", "2", "0", "2", "3360", "52"},
		{"3", "fc", "linear", "560", "1", "1", "12", "1", "1", "", "", "", "", "", "13440", "6732"},
		{"4", "tied", "linear", "12", "1", "1", "3", "1", "1", "", "", "", "", "", "72", "0"},
		{"5", "mm", "matmul", "2", "1", "1", "3", "1", "1", "", "", "", "", "", "72", "0"},
		{"6", "gx", "linear", "2", "1", "1", "8", "1", "1", "", "", "", "", "", "192", "16"},
		{"7", "lstm", "recurrent", "2", "1", "1", "8", "1", "1", "", "", "", "", "", "192", "24"},
	}
	rows := n.Layers(2)
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	gemm := [][4]int64{ // M, N, K, count
		{70, 3, 12, 2}, {70, 1, 9, 6}, {70, 3, 8, 2}, {2, 12, 560, 1}, {2, 3, 12, 1}, {3, 3, 2, 4}, {12, 8, 2, 1}, {2, 8, 2, 6},
	}
	for i := range want {
		if got := record(&rows[i]); !slices.Equal(got, want[i]) {
			t.Errorf("got  %q\nwant %q", got, want[i])
		}
		g := [4]int64{rows[i].GemmM, rows[i].GemmN, rows[i].GemmK, rows[i].GemmCount}
		if i != 2 && g != gemm[i] { // the nest of a transposed convolution is that of its gradient
			t.Errorf("%s as a product: %v, want %v", rows[i].Name, g, gemm[i])
		}
	}
	params, macs := n.Totals()
	if params != 78+54+52+6732+16+24+50 || macs != (5040+3780+3360+13440+72+72+192+192)/2 {
		t.Errorf("%d parameters, %d multiply-accumulates", params, macs)
	}
	nests := n.Nests(2)
	for i, nest := range nests {
		if nest.MACs() != rows[i].MACs {
			t.Errorf("%s: a nest of %d, a row of %d", rows[i].Name, nest.MACs(), rows[i].MACs)
		}
	}
	up2 := nests[2]
	if up2.Out != workload.Ifmap || up2.N != 2 || up2.C != 2 || up2.K != 3 || up2.H != 10 || up2.W != 14 || up2.P != 5 || up2.Q != 7 {
		t.Errorf("transposed: %+v", up2)
	}
	for i, trains := range map[string]bool{"conv": true, "tied": false, "mm": false} {
		at := slices.IndexFunc(n.Ops, func(o Op) bool { return o.Name == i })
		if n.Trains(&n.Ops[at]) != trains {
			t.Errorf("%s trains: %t", i, !trains)
		}
	}
	if p := n.Params[table]; p.RowsTouched != 10 || p.Frozen || !n.Params[frozen].Frozen {
		t.Errorf("parameters %+v", n.Params)
	}
}

// TestVectorOperations: elementary operations forward and backward of every
// builder call on 3 features at 4 x 2 positions, and statistics.
func TestVectorOperations(t *testing.T) {
	const c, h, w, e = 3, 4, 2, 24
	for _, x := range []struct {
		name          string
		add           func(*Builder, Value) Value
		kind          workload.OpKind
		fwd, bwd      int64
		stats, params int64
		c, h, w       int64
	}{
		{"relu", func(b *Builder, v Value) Value { return b.Act("o", v, ReLU) }, workload.OpActivation, e, e, 0, 0, c, h, w},
		{"relu6", func(b *Builder, v Value) Value { return b.Act("o", v, ReLU6) }, workload.OpActivation, 2 * e, 2 * e, 0, 0, c, h, w},
		{"sigmoid", func(b *Builder, v Value) Value { return b.Act("o", v, Sigmoid) }, workload.OpActivation, e, 3 * e, 0, 0, c, h, w},
		{"tanh", func(b *Builder, v Value) Value { return b.Act("o", v, Tanh) }, workload.OpActivation, e, 3 * e, 0, 0, c, h, w},
		{"gelu", func(b *Builder, v Value) Value { return b.Act("o", v, GELU) }, workload.OpActivation, 3 * e, 7 * e, 0, 0, c, h, w},
		{"silu", func(b *Builder, v Value) Value { return b.Act("o", v, SiLU) }, workload.OpActivation, 2 * e, 5 * e, 0, 0, c, h, w},
		{"hardswish", func(b *Builder, v Value) Value { return b.Act("o", v, HardSwish) }, workload.OpActivation, 4 * e, 4 * e, 0, 0, c, h, w},
		{"hardsigmoid", func(b *Builder, v Value) Value { return b.Act("o", v, HardSigmoid) }, workload.OpActivation, 3 * e, 2 * e, 0, 0, c, h, w},
		{"batch norm", func(b *Builder, v Value) Value { return b.Norm("o", v, BatchNorm) }, workload.OpNorm, 2 * e, 5 * e, 6, 6, c, h, w},
		{"layer norm", func(b *Builder, v Value) Value { return b.Norm("o", v, LayerNorm) }, workload.OpNorm, 6 * e, 10 * e, 16, 6, c, h, w},
		{"RMS norm", func(b *Builder, v Value) Value { return b.Norm("o", v, RMSNorm) }, workload.OpNorm, 4 * e, 8 * e, 8, 3, c, h, w},
		{"softmax", func(b *Builder, v Value) Value { return b.Softmax("o", v) }, workload.OpSoftmax, 5 * e, 4 * e, 0, 0, c, h, w},
		{"sum", func(b *Builder, v Value) Value { return b.Add("o", v, v) }, workload.OpElementwise, e, 0, 0, 0, c, h, w},
		{"product", func(b *Builder, v Value) Value { return b.Mul("o", v, v) }, workload.OpElementwise, e, 2 * e, 0, 0, c, h, w},
		{"rotary", func(b *Builder, v Value) Value { return b.Pointwise("o", Rotate, v) }, workload.OpElementwise, 3 * e, 3 * e, 0, 0, c, h, w},
		{"copy", func(b *Builder, v Value) Value { return b.Copy("o", v, 30) }, workload.OpElementwise, 30, 30, 0, 0, 30, 1, 1},
		{"combination", func(b *Builder, v Value) Value { return b.Combine("o", v, v, 40) }, workload.OpElementwise, 40, 80, 0, 0, 40, 1, 1},
		{"constant", func(b *Builder, v Value) Value { return b.Constant("o", 3, 5, 1) }, workload.OpElementwise, 15, 15, 0, 15, 3, 5, 1},
		{"max pool", func(b *Builder, v Value) Value { return b.Pool("o", v, MaxPool, Square(2, 2, 0)) }, workload.OpPool, 24, 6, 0, 0, 3, 2, 1},
		{"mean pool", func(b *Builder, v Value) Value { return b.Pool("o", v, AvgPool, Square(2, 2, 0)) }, workload.OpPool, 24, 24, 0, 0, 3, 2, 1},
		{"global pool", func(b *Builder, v Value) Value { return b.GlobalPool("o", v, 1, 1) }, workload.OpPool, 24, 24, 0, 0, 3, 1, 1},
		{"adaptive pool", func(b *Builder, v Value) Value { return b.GlobalPool("o", v, 2, 1) }, workload.OpPool, 24, 24, 0, 0, 3, 2, 1},
	} {
		b := NewBuilder("n")
		v := x.add(b, b.Input("in", c, h, w))
		b.Output(v)
		n, err := b.Network()
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		o := &n.Ops[len(n.Ops)-1]
		params, _ := n.Totals()
		if o.Kind != x.kind || o.Vec != x.fwd || o.VecBwd != x.bwd || o.Stats != x.stats || params != x.params {
			t.Errorf("%s: %s of %d and %d operations, %d statistics, %d parameters; want %s of %d, %d, %d, %d",
				x.name, o.Kind, o.Vec, o.VecBwd, o.Stats, params, x.kind, x.fwd, x.bwd, x.stats, x.params)
		}
		if v.C != x.c || v.H != x.h || v.W != x.w || n.Data[o.Out[0].Data].Elems != v.Elems() {
			t.Errorf("%s: shape %d x %d x %d", x.name, v.C, v.H, v.W)
		}
		if o.HasMACs() || o.MACs() != 0 {
			t.Errorf("%s has multiply-accumulates", x.name)
		}
	}
	b := NewBuilder("n")
	ids := b.Tokens("ids", 6)
	rows := b.EmbedBag("bag", ids, 5, 3, b.Param("table", 100))
	if o := b.net.Ops[0]; o.Vec != 30 || o.VecBwd != 30 || rows.C != 5 || rows.H != 2 || b.net.Data[0].Form.Bits() != 32 {
		t.Errorf("bags: %d operations, %d x %d", o.Vec, rows.C, rows.H)
	}
	x := b.Input("x", 3, 1, 1)
	if same := b.GlobalPool("none", x, 1, 1); !slices.Equal(same.parts, x.parts) || len(b.net.Ops) != 1 {
		t.Error("pooling to the size that is there is an operator")
	}
	wide := b.Outer("outer", b.Input("p", 3, 4, 1), b.Input("q", 3, 5, 1))
	if wide.C != 3 || wide.H != 20 || wide.W != 1 || b.net.Ops[1].Vec != 60 {
		t.Errorf("outer sum: %d x %d x %d", wide.C, wide.H, wide.W)
	}
	for _, f := range []struct {
		fn    Fn
		gates int64
	}{{RNN, 1}, {GRU, 3}, {LSTM, 4}} {
		if f.fn.Gates() != f.gates {
			t.Errorf("%d gates, want %d", f.fn.Gates(), f.gates)
		}
	}
	for fn, keeps := range map[Fn][2]bool{
		ReLU: {false, true}, Sigmoid: {false, true}, Tanh: {false, true}, GELU: {true, false}, Mul: {true, false}, Add: {}, Rotate: {},
		Dropout: {}, LayerNorm: {true, false}, ParamMul: {true, false}, ParamAdd: {},
	} {
		if in, out := fn.Keeps(); in != keeps[0] || out != keeps[1] {
			t.Errorf("function %d keeps %t, %t", fn, in, out)
		}
	}
}

// TestRecurrentByHand: an LSTM of 2 features over 6 positions for 3 sequences: a
// step per position, 8 and 20 operations a feature (Hochreiter and Schmidhuber:
// four gates, cell and output).
func TestRecurrentByHand(t *testing.T) {
	b := NewBuilder("n")
	gx := b.Input("gx", 8, 6, 3)
	v := b.Recurrent("lstm", gx, LSTM, true, b.State("h0", workload.Activation, 2, 1, 3))
	o := &b.net.Ops[0]
	if len(o.Out) != 6 || v.C != 2 || v.H != 6 || v.W != 3 || len(o.In) != 2 || !b.net.Data[1].Persistent {
		t.Fatalf("%d steps, %d x %d x %d, %d inputs", len(o.Out), v.C, v.H, v.W, len(o.In))
	}
	if o.Vec != 8*2*3 || o.VecBwd != 20*2*3 || o.MACs() != 6*3*2*8 {
		t.Errorf("%d and %d operations, %d multiply-accumulates", o.Vec, o.VecBwd, o.MACs())
	}
	for i, p := range o.Out {
		if b.net.Data[p.Data].Elems != 6 || b.net.Data[p.Data].Name != "lstm.h"+string(rune('1'+i)) {
			t.Errorf("step %d: %+v", i, b.net.Data[p.Data])
		}
	}
	if b.net.Params[0].Elems != 16 || b.net.Params[1].Elems != 8 {
		t.Errorf("parameters %+v", b.net.Params)
	}
}

// TestViews: no view moves data; each is the ranges written here.
func TestViews(t *testing.T) {
	b := NewBuilder("n")
	x, y := b.Input("x", 4, 2, 3), b.Input("y", 2, 2, 3) // data 0 of 24, 1 of 12
	cat := b.Concat(x, y)
	if cat.C != 6 || cat.H != 2 || cat.W != 3 || cat.Parts() != 2 || !slices.Equal(parts(cat), []Part{{0, 0, 24}, {1, 0, 12}}) {
		t.Errorf("concatenation %+v", cat)
	}
	z := b.Input("z", 4, 5, 3)
	if v := b.Concat(x, z); v.C != 4 || v.H != 7 || v.W != 3 {
		t.Errorf("along H: %+v", v)
	}
	if v := b.Tail(x, y, z); v.C != 1 || v.H != 24+12+60 || v.W != 1 || v.Parts() != 3 {
		t.Errorf("tail %+v", v)
	}
	if v := b.Slice(cat, 18, 2, 2, 3); !slices.Equal(parts(v), []Part{{0, 18, 6}, {1, 0, 6}}) || v.Elems() != 12 {
		t.Errorf("slice %+v", v)
	}
	if v := b.Slice(b.Slice(cat, 18, 2, 2, 3), 5, 2, 1, 1); !slices.Equal(parts(v), []Part{{0, 23, 1}, {1, 0, 1}}) {
		t.Errorf("slice of a slice %+v", v)
	}
	// Channels 0 1 2 3 in 2 groups become 0 2 1 3, of 6 elements each.
	if v := b.Shuffle(x, 2); !slices.Equal(parts(v), []Part{{0, 0, 6}, {0, 12, 6}, {0, 6, 6}, {0, 18, 6}}) {
		t.Errorf("shuffle %+v", v)
	}
	if v := b.Shuffle(x, 1); !slices.Equal(parts(v), []Part{{0, 0, 24}}) {
		t.Errorf("ranges that follow each other stay apart: %+v", v)
	}
	if v := b.Reshape(x, 3, 8, 1); v.C != 3 || v.H != 8 || v.W != 1 || !slices.Equal(parts(v), parts(x)) {
		t.Errorf("reshape %+v", v)
	}
	if v := b.Flatten(cat); v.C != 36 || v.H != 1 || v.W != 1 || v.Parts() != 2 {
		t.Errorf("flatten %+v", v)
	}
	if d, whole := b.net.Whole(parts(x)); d != 0 || !whole {
		t.Error("x is not the whole of itself")
	}
	if _, whole := b.net.Whole(parts(cat)); whole {
		t.Error("a concatenation is whole")
	}
	if _, whole := b.net.Whole([]Part{{0, 0, 23}}); whole {
		t.Error("a piece is whole")
	}
	cache := b.State("cache", workload.KVCache, 1, 10, 6)
	full := b.Append("append", y, cache)
	o := &b.net.Ops[len(b.net.Ops)-1]
	if !slices.Equal(parts(full), parts(cache)) || !slices.Equal(o.Out, []Part{{3, 48, 12}}) || o.Vec != 12 || o.VecBwd != 12 || o.Fn != Copy {
		t.Errorf("append %+v, %+v", full, o)
	}
	if err := b.Err(); err != nil || len(b.net.Ops) != 1 {
		t.Errorf("%d operators, %v", len(b.net.Ops), err)
	}
}

// TestFirstErrorSticks has one wrong call each: the network is refused with the
// name of the operator, and what follows neither panics nor adds.
func TestFirstErrorSticks(t *testing.T) {
	for want, call := range map[string]func(*Builder, Value){
		"bad: conv: 4 channels, 6 filters, 3 groups":                     func(b *Builder, x Value) { b.Conv("conv", x, 6, Square(3, 1, 1), 3, false) },
		"bad: conv: 4 channels, 3 filters, 2 groups":                     func(b *Builder, x Value) { b.Conv("conv", x, 3, Square(3, 1, 1), 2, false) },
		"bad: conv: 1 channels, 1 filters, 1 groups":                     func(b *Builder, x Value) { b.ConvWith("conv", x, 3, 1, Square(3, 1, 1), 1) },
		"bad: up: 4 channels, 6 filters, 3 groups":                       func(b *Builder, x Value) { b.ConvTranspose("up", x, 6, Square(3, 1, 1), 3, false) },
		"bad: pool: a window of 0 x 0":                                   func(b *Builder, x Value) { b.Pool("pool", x, MaxPool, Window{}) },
		"bad: mm: operands of 24 and 24 elements":                        func(b *Builder, x Value) { b.MatMul("mm", x, x, 1, 5, 5, 5) },
		"bad: sum: 24 and 48 elements do not broadcast":                  func(b *Builder, x Value) { b.Add("sum", x, b.Input("y", 48, 1, 1)) },
		"bad: sum: 24 and 5 elements do not broadcast":                   func(b *Builder, x Value) { b.Mul("sum", x, b.Input("y", 5, 1, 1)) },
		"bad: outer: 4 and 3 features":                                   func(b *Builder, x Value) { b.Outer("outer", b.Input("p", 4, 1, 1), b.Input("q", 3, 1, 1)) },
		"bad: lstm: 6 features are not 4 gates":                          func(b *Builder, x Value) { b.Recurrent("lstm", b.Input("gx", 6, 2, 1), LSTM, false) },
		"bad: concat: 4 x 2 x 3 and 5 x 3 x 3":                           func(b *Builder, x Value) { b.Concat(x, b.Input("y", 5, 3, 3)) },
		"bad: slice: 4 elements from 21 of 24":                           func(b *Builder, x Value) { b.Slice(x, 21, 4, 1, 1) },
		"bad: slice: 4 elements from -1 of 24":                           func(b *Builder, x Value) { b.Slice(x, -1, 4, 1, 1) },
		"bad: reshape: 24 elements as 5 x 5 x 1":                         func(b *Builder, x Value) { b.Reshape(x, 5, 5, 1) },
		"bad: append: 24 elements do not fit a cache of 23":              func(b *Builder, x Value) { b.Append("append", x, b.State("c", workload.KVCache, 23, 1, 1)) },
		"bad: pool: output of 4 x 0 x 0 elements is empty; the input is": func(b *Builder, x Value) { b.Pool("pool", x, MaxPool, Square(4, 1, 0)) },
	} {
		b := NewBuilder("bad")
		x := b.Input("x", 4, 2, 3)
		call(b, x)
		b.Failf("second")
		b.Output(b.Act("relu", x, ReLU))
		_, err := b.Network()
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, b.Err()) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	b := NewBuilder("bad")
	b.Input("x", 1, 1, 1)
	if _, err := b.Network(); err == nil || err.Error() != "bad: no output" {
		t.Errorf("no output: %v", err)
	}
	b.Logits(b.Act("relu", b.Input("y", 2, 1, 1), ReLU))
	if n, err := b.Network(); err != nil || !n.Data[2].Logits || n.Data[1].Logits || len(n.Outputs) != 1 {
		t.Errorf("logits: %v", err)
	}
}

// attentionNet is scores, softmax and context of 2 heads, with what spoil adds
// between and around.
func attentionNet(t *testing.T, mark bool, between func(*Builder, Value) Value, after func(*Builder, Value)) *Network {
	t.Helper()
	b := NewBuilder("n")
	q, k, v := b.Input("q", 8, 3, 1), b.Input("k", 8, 5, 1), b.Input("v", 8, 5, 1)
	core := func() Value {
		s := b.MatMul("qk", q, k, 2, 3, 4, 5)
		if between != nil {
			s = between(b, s)
		}
		p := b.Softmax("softmax", s)
		if after != nil {
			after(b, p)
		}
		return b.MatMul("av", p, v, 2, 3, 5, 4)
	}
	var out Value
	if mark {
		out = core()
		b.MarkAttention()
	} else {
		out = b.Core(core)
	}
	b.Output(out)
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAttentions: which chains can run as one step, forward and with training.
func TestAttentions(t *testing.T) {
	for _, c := range []struct {
		name             string
		mark             bool
		between          func(*Builder, Value) Value
		after            func(*Builder, Value)
		forward, trained bool
	}{
		{"declared", false, nil, nil, true, true},
		{"found", true, nil, nil, true, true},
		{"scaled", false, func(b *Builder, s Value) Value { return b.Pointwise("scale", Scale, s) }, nil, true, true},
		{"with a mask from outside", false, func(b *Builder, s Value) Value { return b.Add("mask", s, b.Input("m", 5, 1, 1)) }, nil, true, false},
		{"with a trained bias", false, func(b *Builder, s Value) Value { return b.Pointwise("bias", ParamAdd, s, b.Param("b", 5)) }, nil, true, false},
		{"with a frozen mask", false, func(b *Builder, s Value) Value { return b.Pointwise("bias", ParamAdd, s, b.FrozenParam("b", 5)) }, nil, true, true},
		{"probabilities read twice", false, nil, func(b *Builder, p Value) { b.Output(b.Act("other", p, ReLU)) }, false, false},
		{"probabilities are a result", false, nil, func(b *Builder, p Value) { b.Output(p) }, false, false},
		{"another block", false, func(b *Builder, s Value) Value { b.Block(); return s }, nil, false, false},
		{"two softmaxes", false, func(b *Builder, s Value) Value { return b.Softmax("first", s) }, nil, false, false},
		{"normalised", false, func(b *Builder, s Value) Value { return b.Norm("norm", s, LayerNorm) }, nil, false, false},
		{"scores in two pieces", false, func(b *Builder, s Value) Value {
			return b.Concat(b.Slice(s, 0, 5, 3, 1), b.Slice(s, 15, 5, 3, 1))
		}, nil, false, false},
	} {
		n := attentionNet(t, c.mark, c.between, c.after)
		if got := len(n.Attentions(false)) == 1; got != c.forward {
			t.Errorf("%s: %t for inference", c.name, got)
		}
		if got := len(n.Attentions(true)) == 1; got != c.trained {
			t.Errorf("%s: %t for training", c.name, got)
		}
		if !n.HasAttention() {
			t.Errorf("%s: no core", c.name)
		}
		if c.forward {
			a := n.Attentions(false)[0]
			if n.Ops[a.Scores()].Name != "qk" || n.Ops[a.Context()].Name != "av" || !slices.IsSorted(a.Ops) {
				t.Errorf("%s: operators %v", c.name, a.Ops)
			}
		}
	}
	// MarkAttention leaves alone a softmax that a product does not read, or that
	// does not come from one.
	for _, declare := range []func(*Builder) Value{
		func(b *Builder) Value {
			return b.Softmax("classes", b.MatMul("qk", b.Input("q", 8, 3, 1), b.Input("k", 8, 5, 1), 2, 3, 4, 5))
		},
		func(b *Builder) Value {
			return b.MatMul("av", b.Softmax("p", b.Input("s", 15, 2, 1)), b.Input("v", 8, 5, 1), 2, 3, 5, 4)
		},
	} {
		b := NewBuilder("n")
		b.Output(declare(b))
		b.MarkAttention()
		if b.net.HasAttention() || len(b.net.Attentions(false)) != 0 {
			t.Error("an attention without both products is marked")
		}
	}
}
