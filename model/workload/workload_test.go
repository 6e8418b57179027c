package workload

import (
	"strings"
	"testing"
)

// TestFormats: bits of a format by its standard, bytes rounded up.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		f      Format
		name   string
		bits   int64
		n, len int64
	}{
		{NoFormat, "none", 0, 9, 0},
		{FP32, "fp32", 32, 3, 12},
		{BF16, "bf16", 16, 3, 6},
		{FP16, "fp16", 16, 5, 10},
		{FP8, "fp8", 8, 7, 7},
		{INT8, "int8", 8, 1, 1},
		{INT4, "int4", 4, 3, 2}, // 12 bits
		{INT4, "int4", 4, 4, 2},
		{INT4, "int4", 4, 1, 1},
	} {
		if c.f.Bits() != c.bits || c.f.Bytes(c.n) != c.len || c.f.String() != c.name {
			t.Errorf("%s: %d bits, %d bytes of %d, want %s, %d and %d", c.f, c.f.Bits(), c.f.Bytes(c.n), c.n, c.name, c.bits, c.len)
		}
	}
}

// TestPrecisions writes out the formats of every named precision: activation,
// weight, gradient, weight gradient, master weight, optimizer state, KV cache.
func TestPrecisions(t *testing.T) {
	want := map[string]Precision{
		"bf16": {BF16, BF16, BF16, BF16, FP32, FP32, BF16},
		"fp16": {FP16, FP16, FP16, FP16, FP32, FP32, FP16},
		"fp8":  {FP8, FP8, BF16, BF16, FP32, FP32, FP8},
		"fp32": {FP32, FP32, FP32, FP32, NoFormat, FP32, FP32},
		"int8": {INT8, INT8, INT8, INT8, FP32, FP32, INT8},
		"int4": {INT8, INT4, INT8, INT8, FP32, FP32, INT8},
	}
	for name, w := range want {
		p, err := PrecisionByName(name)
		if err != nil || p != w || p.String() != name {
			t.Errorf("%s: %v (%s), %v; want %v", name, p, p, err, w)
		}
	}
	if MixedPrecision() != want["bf16"] || (Precision{}).String() != "bf16" {
		t.Error("the default is not bfloat16")
	}
	odd := want["fp8"]
	odd[KVCache] = FP32
	if odd.String() != "fp8,kv_cache=fp32" {
		t.Errorf("an own precision is called %s", odd)
	}
	if _, err := PrecisionByName("fp12"); err == nil {
		t.Error("fp12 is a precision")
	}
}

// TestNames: every name is read back, an unknown one is refused with the list.
func TestNames(t *testing.T) {
	for i, n := range []string{"sgd", "momentum", "adam", "adamw"} {
		if o, err := ParseOptimizer(n); err != nil || o != Optimizer(i) || o.String() != n || o.States() != [4]int{0, 1, 2, 2}[i] {
			t.Errorf("%s: %v with %d states, %v", n, o, o.States(), err)
		}
	}
	for i, n := range []string{"none", "full", "selective"} {
		if c, err := ParseCheckpointing(n); err != nil || c != Checkpointing(i) || c.String() != n {
			t.Errorf("%s: %v, %v", n, c, err)
		}
	}
	for i, n := range []string{"inference", "training", "decode"} {
		if p, err := ParsePhase(n); err != nil || p != Phase(i) || p.String() != n {
			t.Errorf("%s: %v, %v", n, p, err)
		}
	}
	if p, err := ParsePhase("prefill"); err != nil || p != Inference {
		t.Errorf("prefill is %v, %v", p, err)
	}
	for i, n := range []string{"forward", "backward", "weight_backward", "recompute", "update", "invalid"} {
		if Pass(i).String() != n {
			t.Errorf("pass %d is %s, want %s", i, Pass(i), n)
		}
	}
	for i, n := range []string{"activation", "weight", "gradient", "weight_gradient", "master_weight", "optimizer_state", "kv_cache", "invalid"} {
		if Class(i).String() != n {
			t.Errorf("class %d is %s, want %s", i, Class(i), n)
		}
	}
	for i, n := range []string{
		"conv", "linear", "matmul", "recurrent", "pool", "norm", "activation", "softmax", "elementwise", "embedding", "loss", "update", "invalid",
	} {
		if OpKind(i).String() != n {
			t.Errorf("kind %d is %s, want %s", i, OpKind(i), n)
		}
	}
	for _, err := range []error{second(ParseOptimizer("lion")), second(ParseCheckpointing("half")), second(ParsePhase("rest"))} {
		if err == nil || !strings.Contains(err.Error(), "unknown; use ") {
			t.Errorf("an unknown name: %v", err)
		}
	}
	if err := second(ParseOptimizer("lion")); !strings.HasSuffix(err.Error(), `optimizer "lion": unknown; use sgd, momentum, adam, adamw`) {
		t.Errorf("the list is %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestNormalized goes through every rule of the options, at its edge and beyond.
func TestNormalized(t *testing.T) {
	with := func(f func(*Options)) Options {
		o := Options{Phase: Training, Batch: 8}
		f(&o)
		return o
	}
	int4Weights := MixedPrecision()
	int4Weights[Weight] = INT4
	noGradient := MixedPrecision()
	noGradient[Gradient] = NoFormat
	int4, _ := PrecisionByName("int4")
	fp32, _ := PrecisionByName("fp32")
	for _, c := range []struct {
		o    Options
		want string // "" is allowed
	}{
		{with(func(*Options) {}), ""},
		{with(func(o *Options) { o.Phase = 3 }), "phase 3: unknown"},
		{with(func(o *Options) { o.Batch = 0 }), "batch 0 samples: must be 1 to 65536"},
		{with(func(o *Options) { o.Batch = 1 }), ""},
		{with(func(o *Options) { o.Batch = 1 << 16 }), ""},
		{with(func(o *Options) { o.Batch = 1<<16 + 1 }), "batch 65537 samples"},
		{with(func(o *Options) { o.SeqLen = -1 }), "seq_len -1 tokens: must be 1 to 131072"},
		{with(func(o *Options) { o.SeqLen = 1 << 17 }), ""},
		{with(func(o *Options) { o.SeqLen = 1<<17 + 1 }), "seq_len 131073 tokens"},
		{with(func(o *Options) { o.Phase, o.Context = Decode, 1<<20 }), ""},
		{with(func(o *Options) { o.Phase, o.Context = Decode, 1<<20+1 }), "context 1048577 tokens: must be 1 to 1048576"},
		{with(func(o *Options) { o.Phase, o.Context = Decode, -1 }), "context -1 tokens: must be"},
		{with(func(o *Options) { o.Context = 1 }), "only the decode phase has a context"},
		{with(func(o *Options) { o.ImageSize = 1 << 13 }), ""},
		{with(func(o *Options) { o.ImageSize = 1<<13 + 1 }), "image_size 8193 pixels: must be 1 to 8192"},
		{with(func(o *Options) { o.ImageSize = -1 }), "image_size -1 pixels"},
		{with(func(o *Options) { o.Precision = noGradient }), "precision of gradient: 0 is no format"},
		{with(func(o *Options) { o.Precision = Precision{99, 1, 1, 1, 1, 1, 1} }), ""},
		{with(func(o *Options) { o.Precision = fp32 }), ""},
		{with(func(o *Options) { o.MicroBatches = 4 }), ""},
		{with(func(o *Options) { o.MicroBatches = 3 }), "micro_batches 3: must divide the batch of 8 samples"},
		{with(func(o *Options) { o.MicroBatches = -1 }), "micro_batches -1"},
		{with(func(o *Options) { o.Optimizer = 4 }), "optimizer 4: unknown"},
		{with(func(o *Options) { o.Checkpoint = 3 }), "checkpointing 3: unknown"},
		{with(func(o *Options) { o.Phase, o.MicroBatches = Inference, 2 }), "only training accumulates gradients"},
		{with(func(o *Options) { o.Phase, o.MicroBatches = Inference, 1 }), ""},
		{with(func(o *Options) { o.Phase, o.Checkpoint = Inference, FullCheckpoint }), "only training has a backward pass"},
		{with(func(o *Options) { o.Phase, o.Dropout = Decode, true }), "only training drops activations"},
		{with(func(o *Options) { o.Dropout = true }), ""},
		{with(func(o *Options) { o.StreamedWeights = true }), "training updates its weights"},
		{with(func(o *Options) { o.Phase, o.StreamedWeights = Inference, true }), ""},
		{with(func(o *Options) { o.Precision = int4 }), "precision int4: serves inference only"},
		{with(func(o *Options) { o.Phase, o.Precision = Inference, int4 }), ""},
		{with(func(o *Options) { o.Precision = int4Weights }), "precision of weight: int4 serves inference only"},
	} {
		if c.o.Precision[0] == 99 {
			c.want = "precision of activation: " // a format beyond the last
			c.o.Precision[0] = numFormats
			if _, err := c.o.Normalized(); err == nil {
				t.Error("a format beyond the last is accepted")
			}
			continue
		}
		got, err := c.o.Normalized()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v is refused: %v", c.o, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		case c.want == "" && (got.MicroBatches == 0 || got.Precision == Precision{}):
			t.Errorf("%+v: the defaults are not filled in: %+v", c.o, got)
		}
	}
	if o, _ := (Options{Batch: 2}).Normalized(); o.MicroBatches != 1 || o.Precision != MixedPrecision() {
		t.Errorf("defaults %+v", o)
	}
}

// conv is a 3 x 3 convolution of 2 channels in 2 groups over 2 images of 7 x 5.
func conv() Nest {
	return Nest{
		N: 2, C: 1, H: 7, W: 5, K: 3, P: 4, Q: 3, R: 3, S: 3, StrideH: 2, StrideW: 2,
		PadH: 1, PadW: 1, DilH: 1, DilW: 1, Groups: 2, Out: Ofmap,
	}
}

func TestNest(t *testing.T) {
	n := conv()
	if got := n.MACs(); got != 2*2*3*4*3*1*3*3 { // groups, images, filters, pixels, channels, window
		t.Errorf("%d multiply-accumulates, want 1296", got)
	}
	for _, c := range []struct {
		name         string
		change       func(*Nest)
		touched, all int64
	}{
		{"all", func(*Nest) {}, 35, 35},
		// Rows 0, 2, 4, 6 and columns 0, 2, 4 of a strided 1 x 1.
		{"1 x 1, stride 2", func(n *Nest) { n.R, n.S, n.PadH, n.PadW = 1, 1, 0, 0 }, 12, 35},
		// Rows -1 to 1 and 5 to 7 of 7: 0, 1, 5, 6. All columns.
		{"stride 6", func(n *Nest) { n.StrideH, n.P = 6, 2 }, 20, 35},
		// Rows 0, 2, 4 and 1, 3, 5 and ... with stride 1: all but none is left out.
		{"dilation 2", func(n *Nest) { n.StrideH, n.DilH, n.P, n.PadH = 1, 2, 3, 0 }, 35, 35},
		// Dilation and stride 2 without padding: rows 0, 2, 4 then 2, 4, 6: the even ones.
		{"dilation and stride 2", func(n *Nest) { n.DilH, n.P, n.PadH = 2, 2, 0 }, 20, 35},
		// With padding 1: rows -1, 1, 3, then 1, 3, 5, then 3, 5, 7: 1, 3, 5.
		{"padded", func(n *Nest) { n.DilH, n.P = 2, 3 }, 15, 35},
		// One output row of three: rows 0, 1 below the padding.
		{"one row", func(n *Nest) { n.P = 1 }, 10, 35},
	} {
		n := conv()
		c.change(&n)
		if touched, all := n.Touched(); touched != c.touched || all != c.all {
			t.Errorf("%s: %d of %d pixels, want %d of %d", c.name, touched, all, c.touched, c.all)
		}
	}
}

// attention of 2 heads, 3 queries, 5 keys, 4 features of a key, 6 of a value.
func attention() *Attention {
	m := func(m, k, n int64) Nest {
		return Nest{N: 1, C: k, H: m, W: 1, K: n, P: m, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 2, Out: Ofmap}
	}
	return &Attention{Scores: m(3, 4, 5), Context: m(3, 5, 6)}
}

// TestProducts: forward QK^T and AV; backward the scores again, then dV, dA, dQ,
// dK, of 120, 180, 180, 120 and 120 multiply-accumulates.
func TestProducts(t *testing.T) {
	a := attention()
	plain := Step{MACs: 1296, Nest: conv(), Pass: Backward}
	if p := plain.Products(); len(p) != 1 || p[0] != conv() || plain.Results() != 1 || plain.Recomputed() != 0 {
		t.Errorf("a convolution has products %v, %d results", p, plain.Results())
	}
	again := Step{MACs: 7, Pass: Recompute}
	if again.Recomputed() != 7 {
		t.Errorf("a repeated step repeats %d", again.Recomputed())
	}
	vector := Step{VectorOps: 4}
	if vector.Products() != nil || vector.Results() != 0 || vector.Recomputed() != 0 {
		t.Error("a vector step has products")
	}
	forward := Step{MACs: 300, Attention: a}
	if p := forward.Products(); len(p) != 2 || p[0] != a.Scores || p[1] != a.Context || forward.Results() != 1 || forward.Recomputed() != 0 {
		t.Errorf("forward: %v, %d results, %d repeated", p, forward.Results(), forward.Recomputed())
	}
	back := Step{MACs: 720, Attention: a, Pass: Backward}
	p := back.Products()
	if len(p) != 5 || back.Results() != 3 || back.Recomputed() != 120 {
		t.Fatalf("backward: %d products, %d results, %d repeated", len(p), back.Results(), back.Recomputed())
	}
	for i, w := range []struct {
		macs int64
		out  Role
	}{{120, Ofmap}, {180, Filter}, {180, Ifmap}, {120, Ifmap}, {120, Filter}} {
		if p[i].MACs() != w.macs || p[i].Out != w.out {
			t.Errorf("product %d: %d multiply-accumulates into %d, want %d into %d", i, p[i].MACs(), p[i].Out, w.macs, w.out)
		}
	}
	if a.Context.Out != Ofmap || a.Scores.Out != Ofmap {
		t.Error("the geometry was changed")
	}
}

// TestTouchedAgainstSets compares with the set of pixels of every window.
func TestTouchedAgainstSets(t *testing.T) {
	for r := int64(1); r <= 3; r++ {
		for stride := int64(1); stride <= 3; stride++ {
			for pad := int64(0); pad <= 2; pad++ {
				for dil := int64(1); dil <= 3; dil++ {
					for size := int64(1); size <= 9; size++ {
						p := (size+2*pad-dil*(r-1)-1)/stride + 1
						if p < 1 || size+2*pad < dil*(r-1)+1 {
							continue
						}
						rows := map[int64]bool{}
						for o := range p {
							for k := range r {
								if i := o*stride + k*dil - pad; i >= 0 && i < size {
									rows[i] = true
								}
							}
						}
						n := Nest{N: 1, C: 1, H: size, W: 2, K: 1, P: p, Q: 2, R: r, S: 1, StrideH: stride, StrideW: 1, PadH: pad, DilH: dil, DilW: 1, Groups: 1}
						if got, _ := n.Touched(); got != int64(len(rows))*2 {
							t.Errorf("window %d, stride %d, padding %d, dilation %d over %d rows: %d pixels, want %d",
								r, stride, pad, dil, size, got, len(rows)*2)
						}
					}
				}
			}
		}
	}
}
