package machines

import (
	"math"
	"os"
	"strings"
	"testing"

	"stco/model"
	"stco/model/accel/systolic"
	"stco/model/tech"
)

func published(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/published/machines.csv")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func catalog(t *testing.T) *model.Catalog {
	t.Helper()
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBands: every figure is inside its band or has the number of a deviation;
// no band is wider than a factor of two; the six checks are there.
func TestBands(t *testing.T) {
	rows, err := Validate(catalog(t), published(t))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for i := range rows {
		r := &rows[i]
		if r.Deviation == Outside {
			t.Errorf("row %d, %s: %s ours %g, theirs %g", r.Line, r.Case, r.Quantity, r.Ours, r.Theirs)
		}
		if math.IsNaN(r.Low) {
			continue
		}
		if !(r.High <= 2.0001*r.Low) {
			t.Errorf("row %d, %s: the band %g to %g is no band", r.Line, r.Case, r.Low, r.High)
		}
		for _, mark := range []string{"nvdla", "ladder", "a100_sxm_80g, 8", "layer of GPT-3", "rk3588", "at one bandwidth", "orin_dla", "eyeriss", "weights of", "samsung", "apple"} {
			if strings.Contains(r.Case, mark) {
				found[mark]++
			}
		}
	}
	for mark, least := range map[string]int{
		"nvdla": 14, "ladder": 1, "a100_sxm_80g, 8": 7, "layer of GPT-3": 11, "rk3588": 6, "at one bandwidth": 2, "orin_dla": 1, "eyeriss": 2, "weights of": 2, "samsung": 4, "apple": 1,
	} {
		if found[mark] < least {
			t.Errorf("%d bounded rows of %s, want %d", found[mark], mark, least)
		}
	}
}

// TestBandsFail: published figures that are half or twice as large are noticed.
func TestBandsFail(t *testing.T) {
	head, _, _ := strings.Cut(string(published(t)), "\n")
	list := head + "\n" + `n,multipliers,2048,int8 MAC,published,x,1 GHz
n,conv_buffer,512,KiB,published,x,
n,dram_bandwidth,20,GB/s,published,x,
n,resnet50,RATE,frames/s,published,x,"int8, batch 1; vendor's estimator (layer by layer)"
e,global_buffer,108,KiB,recall,x,
e,vgg16_conv,0.7,frames/s,measured,x,batch 3
e,vgg16_conv_dram,ACCESS,access/MAC,measured,x,
p,array,108 SM x 4 x 16x16,PE,derived,x,
p,clock,1.41,GHz,published,x,
p,peak_fp16,312,TFLOPS,published,x,
p,dram_bandwidth,2039,GB/s,published,x,HBM2E
p,gemm_8192x8192x8192,PRODUCT,ms,measured,x,
`
	verdicts := func(replace ...string) (out []string) {
		rows, err := Validate(catalog(t), []byte(strings.NewReplacer(replace...).Replace(list)))
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			out = append(out, rows[i].Deviation)
		}
		return out
	}
	for _, c := range []struct {
		rate, access, product string
		want                  string
	}{
		{"269", "0.0035", "3.96", "||"},
		{"135", "0.0035", "3.96", "OUTSIDE||"},
		{"538", "0.0035", "3.96", "OUTSIDE||"},
		{"269", "0.0017", "3.96", "|OUTSIDE|"},
		{"269", "0.0070", "3.96", "|OUTSIDE|"},
		{"269", "0.0035", "2.4", "||OUTSIDE"},
		{"269", "0.0035", "6", "||OUTSIDE"},
	} {
		if got := strings.Join(verdicts("RATE", c.rate, "ACCESS", c.access, "PRODUCT", c.product), "|"); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

// TestShapes: what the rules make of published texts.
func TestShapes(t *testing.T) {
	head, _, _ := strings.Cut(string(published(t)), "\n")
	shapes := func(rows ...string) *shape {
		t.Helper()
		all, err := Read([]byte(head + "\n" + strings.Join(rows, "\n") + "\n"))
		if err != nil || len(all) != 1 {
			t.Fatalf("%d machines, %v", len(all), err)
		}
		s, ok := shapeOf(&all[0])
		if !ok {
			t.Fatalf("no shape of %v", rows)
		}
		return s
	}
	for _, c := range []struct {
		rows                 []string
		cores, rowsOf, colOf int
		clock                float64
	}{
		{[]string{"m,multipliers,2048,int8 MAC,published,x,1 GHz"}, 1, 64, 32, 1e9},
		{[]string{"m,array,108 SM x 4 x 16x16,PE,derived,x,", "m,clock,1.41,GHz,published,x,"}, 432, 16, 16, 1.41e9},
		{[]string{"m,array,2 x 96x96,PE,published,x,output stationary", "m,clock,2.0,GHz,published,x,"}, 2, 96, 96, 2e9},
		{[]string{"m,array,64x64 at 480 MHz,PE,recall,x,"}, 1, 64, 64, 480e6},
		// A grid of 8 x 8 whose elements are larger than one multiplier: 102.4 TOPS at
		// 0.8 GHz are 64,000, a thousand each.
		{[]string{"m,array,8x8,PE,published,x,grid", "m,clock,0.8,GHz,published,x,", "m,peak_int8,102.4,TOPS,published,x,"}, 64, 40, 25, 0.8e9},
		// 52.5 TOPS at 1.6 GHz are 16,406 multipliers, more than one unit holds.
		{[]string{`m,peak_int8_dense,52.5,TOPS,derived,x,"8,192 multiply-adds at 1.6 GHz"`}, 17, 42, 23, 1.6e9},
	} {
		s := shapes(c.rows...)
		if s.cores != c.cores || s.rows != c.rowsOf || s.columns != c.colOf || s.clock != c.clock {
			t.Errorf("%v: %d cores of %d x %d at %g Hz", c.rows, s.cores, s.rows, s.columns, s.clock)
		}
	}
	s := shapes("tpu,array,4 x 128x128,PE,published,x,", "tpu,clock,700,MHz,published,x,", "tpu,peak_bf16,92,TFLOPS,published,x,", "tpu,cmem_capacity,128,MiB,published,x,",
		"tpu,vmem_capacity,16,MiB,derived,x,", "tpu,node,8,nm,published,x,", "tpu,dram_bandwidth,100,GB/s,published,x,HBM")
	if s.dataflow != systolic.WeightStationary || s.format != tech.BF16 || s.buffer != 128<<20 || s.peBuffer != 4<<20 || s.node != "7nm" || s.dram != 87e9 || s.estimator {
		t.Errorf("%+v", s)
	}
	s = shapes("m,multipliers,64,int8 MAC,published,x,", "m,peak_int8,10,TOPS,published,x,", "m,balance,100,op/B,derived,x,")
	if s.dram != 75e9 || s.dataflow != systolic.DotProduct || s.buffer != 1<<20 {
		t.Errorf("%+v", s)
	}
}

// TestRuns: what quantities and remarks say of a network's run.
func TestRuns(t *testing.T) {
	m := &Machine{Name: "m", Rows: []Published{{Quantity: "peak_int8", Text: "4", Unit: "TOPS"}}}
	for _, c := range []struct {
		p       Published
		want    string // network, batch, format, seconds; "" for none
		seconds float64
	}{
		{Published{Quantity: "resnet50_b2_maxn", Text: "2000", Unit: "images/s"}, "resnet50 2 int8", 1e-3},
		{Published{Quantity: "resnet50_v2_7_224", Text: "100", Unit: "frames/s"}, "resnet50 1 int8", 1e-2},
		{Published{Quantity: "mobilenet_v2_float", Text: "0.5", Unit: "ms"}, "mobilenet_v2 1 fp16", 5e-4},
		{Published{Quantity: "yolov8m_640", Text: "10", Unit: "frames/s", Note: "int8, batch 4"}, "yolov8m 4 int8", 0.4},
		{Published{Quantity: "inception_v1_224", Text: "4", Unit: "ms"}, "googlenet 1 int8", 4e-3},
		{Published{Quantity: "resnet50_b2_30w", Text: "1928", Unit: "images/s"}, "", 0}, // another clock
		{Published{Quantity: "resnet50_training", Text: "1802", Unit: "images/s"}, "", 0},
		{Published{Quantity: "resnet34_backbone_1280x768_maxn", Text: "285", Unit: "images/s"}, "", 0},
		{Published{Quantity: "resnet50_energy_per_mac", Text: "0.3", Unit: "pJ"}, "", 0},
		{Published{Quantity: "resnet50_w8a8", Text: "about", Unit: "ms"}, "", 0},
	} {
		r, ok := runOf(&c.p, m)
		if ok != (c.want != "") {
			t.Errorf("%s: read %t", c.p.Quantity, ok)
			continue
		}
		if !ok {
			continue
		}
		got := r.workload.Network + " " + string(rune('0'+r.workload.Options.Batch)) + " " + r.format.String()
		if got != c.want || math.Abs(r.seconds/c.seconds-1) > 1e-9 {
			t.Errorf("%s: %s in %g s", c.p.Quantity, got, r.seconds)
		}
	}
}
