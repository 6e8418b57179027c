package workload

import (
	"math"
	"strings"
	"testing"
)

// TestMasked: a convolution of 2 images, 3 channels by 4 filters of 3 x 5 in 2
// groups, 7 x 6 outputs, counted by its loops; masked products are left out.
func TestMasked(t *testing.T) {
	n := Nest{N: 2, C: 3, K: 4, P: 7, Q: 6, R: 3, S: 5, Groups: 2}
	count := int64(0)
	for range 2 * 2 * 3 * 4 * 7 * 6 * 3 * 5 {
		count++
	}
	if n.MACs() != count {
		t.Errorf("%d, want %d", n.MACs(), count)
	}
	if n.Masked = 100; n.MACs() != count-100 || n.Box() != count {
		t.Errorf("%d of %d with 100 masked", n.MACs(), n.Box())
	}
}

// TestTouchedByPixel marks the pixels that a window visits one by one.
func TestTouchedByPixel(t *testing.T) {
	for _, n := range []Nest{
		{H: 9, W: 7, P: 9, Q: 7, R: 3, S: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, DilH: 1, DilW: 1},
		{H: 8, W: 8, P: 4, Q: 4, R: 1, S: 1, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1},
		{H: 12, W: 11, P: 3, Q: 3, R: 2, S: 3, StrideH: 4, StrideW: 3, DilH: 2, DilW: 2},
		{H: 16, W: 16, P: 5, Q: 4, R: 3, S: 2, StrideH: 2, StrideW: 4, PadH: 1, PadW: 2, DilH: 3, DilW: 5},
		{H: 5, W: 30, P: 1, Q: 3, R: 5, S: 3, StrideH: 1, StrideW: 7, DilH: 1, DilW: 3},
	} {
		seen := map[[2]int64]bool{}
		for p := range n.P {
			for q := range n.Q {
				for r := range n.R {
					for s := range n.S {
						y, x := p*n.StrideH+r*n.DilH-n.PadH, q*n.StrideW+s*n.DilW-n.PadW
						if y >= 0 && y < n.H && x >= 0 && x < n.W {
							seen[[2]int64{y, x}] = true
						}
					}
				}
			}
		}
		if got, all := n.Touched(); got != int64(len(seen)) || all != n.H*n.W {
			t.Errorf("%+v: %d of %d, want %d of %d", n, got, all, len(seen), n.H*n.W)
		}
	}
}

// TestDistinct holds the expected distinct experts to published values, and to
// the mean over every choice of small mixtures.
func TestDistinct(t *testing.T) {
	for _, c := range []struct {
		r    Routing
		want float64
	}{
		{Routing{8, 2, 1}, 2},
		{Routing{8, 2, 4}, 5.46875},
		{Routing{256, 8, 1}, 8},
		{Routing{256, 8, 32}, 163.313845950},
		{Routing{64, 6, 8}, 34.881826421},
		{Routing{256, 8, 64}, 222.442487688},
		{Routing{3, 1, 2}, (3*1 + 6*2) / 9.0}, // 9 pairs of choices, 3 of them alike
	} {
		if got := c.r.Distinct(); math.Abs(got-c.want) > 1e-8*c.want {
			t.Errorf("%+v: %.9f, want %.9f", c.r, got, c.want)
		}
	}
	// One layer of DeepSeek-V3 in 16 bit: experts of 44,040,192 parameters.
	const all = 256 * 44040192 * 2
	for tokens, want := range map[int64]int64{1: 704643072, 8: 5057648825, 64: 19592819733} {
		if got := (Routing{256, 8, tokens}).Share(all); got != want {
			t.Errorf("%d tokens read %d bytes, want %d", tokens, got, want)
		}
	}
}

// TestRoute: whatever the rows per expert, the products stay those of all rows.
func TestRoute(t *testing.T) {
	for tokens := int64(1); tokens < 300; tokens += 7 {
		r := Routing{32, 4, tokens}
		n := r.Route(Nest{N: 1, C: 10, K: 6, P: 4 * tokens, Q: 1, R: 1, S: 1, Groups: 1})
		if n.MACs() != 4*tokens*60 || n.Groups > 32 || n.Groups*n.P < 4*tokens || n.Groups*(n.P-1) >= 4*tokens || n.Form != RoutedForm {
			t.Errorf("%d tokens: %+v has %d", tokens, n, n.MACs())
		}
	}
}

// TestScales: bytes of 1,000 elements by hand, scales included.
func TestScales(t *testing.T) {
	for f, want := range map[Format]int64{
		FP32: 4000, BF16: 2000, FP16: 2000, FP8: 1000, INT8: 1000, INT4: 500, FP4: 500,
		MXFP8: 1000 + 32, MXFP6: 750 + 32, MXFP4: 500 + 32, // 31.25 groups of 32
		NVFP4: 500 + 63, INT4G128: 500 + 2*8, INT8G128: 1000 + 2*8, FP8B128: 1000 + 4,
	} {
		if got := f.Bytes(1000); got != want {
			t.Errorf("%s: %d bytes, want %d", f, got, want)
		}
		if g, err := ParseFormat(f.String()); err != nil || g != f {
			t.Errorf("%s reads as %v, %v", f, g, err)
		}
	}
	for name, want := range map[string]int64{"int4g32": 500 + 2*32, "int4g64": 500 + 2*16, "int8g1": 1000 + 2*1000, "int4g65536": 500 + 2} { // groups of any size
		f, err := ParseFormat(name)
		if err != nil || f.String() != name || f.Bytes(1000) != want || f.trains() {
			t.Errorf("%s reads as %s of %d bytes, %v, want %d", name, f, f.Bytes(1000), err, want)
		}
	}
	for _, name := range []string{"int4g0", "int4g-4", "int4g032", "int4g65537", "int4g", "fp8g32", "mxfp4g16", ""} {
		if f, err := ParseFormat(name); err == nil || !strings.Contains(err.Error(), "int4gN and int8gN") {
			t.Errorf("%q reads as %s, %v", name, f, err)
		}
	}
	if got := INT4.Bytes(3); got != 2 {
		t.Errorf("3 elements of 4 bits take %d bytes, want 2", got)
	}
}

// TestPrecisionText: what is printed is read again, class by class.
func TestPrecisionText(t *testing.T) {
	for _, text := range []string{"bf16", "fp16", "fp32", "fp8", "int8", "int4", "bf16,weight=mxfp4", "bf16,weight=fp8b128,kv_cache=fp8", "bf16,weight=int4g32,kv_cache=int8g64", "bf16,master_weight=none"} {
		p, err := PrecisionByName(text)
		if err != nil || p.String() != text {
			t.Errorf("%s reads as %s, %v", text, p, err)
		}
	}
	if _, err := PrecisionByName("bf16,weight=fp8,weight=fp8"); err == nil || !strings.Contains(err.Error(), "precision of weight: given twice") {
		t.Errorf("a class twice: %v", err)
	}
	p, err := PrecisionByName("bf16,weight=mxfp4,kv_cache=fp8")
	if err != nil || p[Weight] != MXFP4 || p[KVCache] != FP8 || p[Activation] != BF16 || p[MasterWeight] != FP32 {
		t.Errorf("%v, %v", p, err)
	}
	_, err = PrecisionByName("bf16,wieght=fp8,kv_cache=fp7")
	for _, want := range []string{"wieght", "fp7"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestSummaryOnPaper: two steps of one product each and an update, on paper.
func TestSummaryOnPaper(t *testing.T) {
	nest := Nest{N: 1, C: 4, H: 3, W: 1, K: 5, P: 3, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: Ofmap}
	back := nest
	back.Out = Filter
	tr := &Trace{
		Network: "paper", Phase: Training, Batch: 1,
		Tensors: []Tensor{
			{Name: "x", Elems: 12, Bytes: 24, External: true},
			{Name: "w", Class: Weight, Elems: 20, Bytes: 40, Persistent: true},
			{Name: "y", Elems: 15, Bytes: 30},
			{Name: "dy", Class: Gradient, Elems: 15, Bytes: 30},
			{Name: "dw", Class: WeightGradient, Elems: 20, Bytes: 40},
		},
		Steps: []Step{
			{Name: "fc", Op: OpLinear, Nest: nest, MACs: 60, NIn0: 1, NIn1: 1, Reads: []Operand{{0, 24}, {1, 40}}, Writes: []Operand{{2, 30}}},
			{Name: "loss", Op: OpLoss, Pass: Backward, VectorOps: 15, Reads: []Operand{{2, 30}}, Writes: []Operand{{3, 30}}},
			{Name: "fc", Op: OpLinear, Pass: WeightBackward, Nest: back, MACs: 60, NIn0: 1, NIn1: 1, Reads: []Operand{{0, 24}, {3, 30}}, Writes: []Operand{{4, 40}}},
			{Name: "update", Op: OpUpdate, Pass: Update, VectorOps: 40, Reads: []Operand{{4, 40}, {1, 40}}, Writes: []Operand{{1, 40}}},
		},
	}
	if err := tr.Validate(); err != nil {
		t.Fatal(err)
	}
	s := Summarize(tr)
	want := Summary{
		Network: "paper", Phase: "training", Batch: 1, Steps: 4, WeightBytes: 40, PersistentBytes: 40,
		SavedBytes: 54, SavedInputBytes: 24, MACsForward: 60, MACsDW: 60, MACs: 120, VectorOps: 55,
		StepReadBytes: 64 + 30 + 54 + 80, StepWriteBytes: 30 + 30 + 40 + 40,
		OptimizerResidentBytes: 80, OptimizerMovedBytes: 120,
		PeakLiveBytes: 94, PeakStep: "fc", // x, dy and dw in the third step
	}
	want.PeakByClass[Activation], want.PeakByClass[Gradient], want.PeakByClass[WeightGradient] = 24, 30, 40
	if s != want {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	for what, spoil := range map[string]func(*Trace){
		"reads dy before":        func(t *Trace) { t.Steps[1], t.Steps[2] = t.Steps[2], t.Steps[1] },
		"its nest 60":            func(t *Trace) { t.Steps[0].MACs = 61 },
		"input 0 has 6 elements": func(t *Trace) { t.Steps[0].Reads[0].Bytes = 12 },
		"writes 10 elements":     func(t *Trace) { t.Steps[0].Writes[0].Bytes = 20 },
		"which has 24":           func(t *Trace) { t.Steps[2].Reads[0].Bytes = 25 },
		"does nothing":           func(t *Trace) { t.Steps[3].VectorOps = 0 },
	} {
		bad := *tr
		bad.Steps = append([]Step{}, tr.Steps...)
		for i := range bad.Steps {
			bad.Steps[i].Reads = append([]Operand{}, tr.Steps[i].Reads...)
			bad.Steps[i].Writes = append([]Operand{}, tr.Steps[i].Writes...)
		}
		spoil(&bad)
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
