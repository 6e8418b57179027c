package vision_test

import (
	"math"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/autograd"
	"stco/model/workload/suite"
	"stco/model/workload/template"
	"stco/model/workload/template/vision"
)

// ours returns a built-in network of the templates of the package, nil for others.
func ours(t *testing.T, name string) *template.Spec {
	t.Helper()
	s, err := suite.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if vision.Templates[s.Template] == nil {
		return nil
	}
	return s
}

func build(t *testing.T, name string, o workload.Options) *graph.Network {
	t.Helper()
	o.Batch = max(1, o.Batch)
	n, err := ours(t, name).Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPublishedCounts: parameters and multiply-accumulates of every network are
// those that its source prints, to the last digit.
func TestPublishedCounts(t *testing.T) {
	all, err := suite.PublishedCounts()
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{}
	for i := range all {
		p := &all[i]
		s := ours(t, p.Network)
		if s == nil || p.Value == "" || p.Deviation != "" {
			continue
		}
		compared[s.Template]++
		got := p.Of(build(t, p.Network, s.DefaultOptions(workload.Inference)))
		if rounds, _ := p.Agrees(got); !rounds {
			t.Errorf("%s %s: %d, printed %s x %g", p.Network, p.Quantity, got, p.Value, p.Scale)
		}
	}
	for name := range vision.Templates {
		if compared[name] == 0 && !strings.HasPrefix(name, "unet") {
			t.Errorf("%s: no count compared", name)
		}
	}
}

// Counts of operators by kind, multiply-accumulates by kind.
func counts(n *graph.Network) map[string]int64 {
	c := map[string]int64{}
	c["parameters"], c["macs"] = n.Totals()
	for i := range n.Ops {
		o := &n.Ops[i]
		switch {
		case o.Kind == workload.OpConv && o.Transposed:
			c["transposed"]++
			c["macs transposed"] += o.MACs()
		case o.Kind == workload.OpConv:
			c["convolutions"]++
			c["macs conv"] += o.MACs()
		case o.Kind == workload.OpLinear:
			c["linear"]++
			c["macs linear"] += o.MACs()
		case o.Kind == workload.OpMatMul:
			c["macs products"] += o.MACs()
			if strings.Contains(o.Name, "attn2") {
				c["macs cross"] += o.MACs()
			}
		case o.Kind == workload.OpElementwise && o.Fn == graph.Add:
			c["sums"]++
		}
		if o.Kind == workload.OpConv || o.Kind == workload.OpLinear {
			c["weights"] += n.Params[o.Params[0]].Elems
			c["in"] += graph.Count(o.In[0])
			c["out"] += o.Out[0].Len
		}
	}
	return c
}

// TestCountsByKind holds the operators to counts of the same networks in
// torchvision 0.14.1, diffusers, ultralytics and by the papers' formulas (the
// rows of networks2.csv).
func TestCountsByKind(t *testing.T) {
	for _, c := range []struct {
		network string
		image   int
		want    map[string]int64
	}{
		{"maxvit_t", 224, map[string]int64{"macs": 5558046720, "macs products": 177020928, "weights": 30757056, "in": 27320736, "out": 30896264}},
		{"swin_s", 224, map[string]int64{"macs": 8740875264, "macs products": 228652032, "weights": 49433088, "in": 17010432, "out": 21564136}},
		{"swin_v2_s", 256, map[string]int64{"macs": 11545857024, "macs products": 390070272, "weights": 49602048, "in": 24993072, "out": 30993346}},
		{"vit_b_16", 224, map[string]int64{"macs": 17563828224, "macs products": 715327488, "weights": 86292480, "in": 12860160, "out": 16491496, "sums": 24}},
		{"vit_b_32", 224, map[string]int64{"macs": 4409186304, "macs products": 46080000, "in": 3376896, "out": 4185832}},
		{"vit_h_14", 224, map[string]int64{"macs": 167295109120, "macs products": 5410734080, "weights": 631178240, "in": 73838848, "sums": 64}},
		{"ssd300_vgg16", 300, map[string]int64{"macs": 34858153472, "convolutions": 35, "linear": 0}},
		{"maskrcnn_resnet50_fpn", 800, map[string]int64{"parameters": 44401393}},
		{"yolov3", 416, map[string]int64{"macs": 32932037632, "convolutions": 75, "sums": 23}},
		{"yolov3", 608, map[string]int64{"macs": 70345950208, "convolutions": 75}},
		{"yolov8n", 640, map[string]int64{"macs": 4371456000, "convolutions": 63}},
		{"yolov8m", 640, map[string]int64{"macs": 39467827200, "convolutions": 83}},
		{"sam_vit_b", 1024, map[string]int64{"macs": 483585097728, "macs products": 114880610304}},
		{"sam_vit_l", 1024, map[string]int64{"macs": 1487882813440, "macs products": 176776937472}},
		{"unet2d_2015", 572, map[string]int64{"parameters": 31030658, "macs conv": 144797047040, "macs transposed": 5631377408, "convolutions": 19, "transposed": 4}},
		{"sd15_unet", 512, map[string]int64{"macs": 401636720640, "macs conv": 209180426240, "macs linear": 129430159360, "macs products": 61247324160 + 1778810880, "macs cross": 1778810880}},
		{"dit_xl_2", 256, map[string]int64{"parameters": 674834720, "macs": 118621421568, "macs products": 4227858432}},
		{"dit_xl_2", 512, map[string]int64{"macs": 524538298368, "macs products": 67645734912}},
		{"dit_b_2", 256, map[string]int64{"parameters": 130315808, "macs": 23005102080, "macs products": 1207959552}},
	} {
		got := counts(build(t, c.network, workload.Options{ImageSize: c.image}))
		for k, want := range c.want {
			if got[k] != want {
				t.Errorf("%s at %d pixels: %s %d, want %d", c.network, c.image, k, got[k], want)
			}
		}
	}
}

// TestHeads: what a detector runs for every proposal and detection, and the
// pyramid in front of it.
func TestHeads(t *testing.T) {
	n := build(t, "maskrcnn_resnet50_fpn", workload.Options{ImageSize: 800})
	sums := map[string]int64{}
	for i := range n.Ops {
		o := &n.Ops[i]
		for key, parts := range map[string][]string{
			"trunk": {"backbone", "fpn"}, "box": {"box_head", "box_predictor"}, "mask": {"mask_head", "mask_predictor"},
		} {
			for _, p := range parts {
				if strings.Contains(o.Name, p) {
					sums[key] += o.MACs()
					break
				}
			}
		}
	}
	if sums["trunk"] == 0 || sums["box"] != 1000*14359552 || sums["mask"] != 100*532066304 {
		t.Errorf("%v; want 1000 boxes of 14359552 and 100 masks of 532066304", sums)
	}
}

// TestSavedActivations: what PyTorch's autograd was measured to keep of a sample
// of swin_s in training, within 2 %.
func TestSavedActivations(t *testing.T) {
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	o := workload.Options{Phase: workload.Training, Batch: 2, Precision: fp32, Dropout: true}
	if got := float64(autograd.SavedBytes(build(t, "swin_s", o), o)) / 2; math.Abs(got/170157224-1) > 0.02 {
		t.Errorf("%.0f bytes, PyTorch 170157224", got)
	}
}

// TestSegments: one segment a layer of a transformer, beside the embedding, the
// mergers of patches and the ends.
func TestSegments(t *testing.T) {
	for name, c := range map[string][2]int{ // layers of the paper, others
		"vit_b_16": {12, 3}, "vit_h_14": {32, 3}, "sam_vit_b": {12, 2}, "dit_xl_2": {28, 2}, "dit_b_2": {12, 2}, "swin_s": {2 + 2 + 18 + 2, 6}, "swin_v2_s": {24, 6},
	} {
		n := build(t, name, workload.Options{})
		segments := map[int32]bool{}
		for i := range n.Ops {
			segments[n.Ops[i].Block] = true
		}
		if len(segments) != c[0]+c[1] {
			t.Errorf("%s: %d segments, want %d of %d layers", name, len(segments), c[0]+c[1], c[0])
		}
	}
}

// TestNames: no two operators and no two parameters of a network have one name.
func TestNames(t *testing.T) {
	for _, name := range suite.Names("cv") {
		if ours(t, name) == nil {
			continue
		}
		n := build(t, name, workload.Options{})
		ops, params := map[string]bool{}, map[string]bool{}
		for i := range n.Ops {
			ops[n.Ops[i].Name] = true
		}
		for i := range n.Params {
			params[n.Params[i].Name] = true
		}
		if len(ops) != len(n.Ops) || len(params) != len(n.Params) {
			t.Errorf("%s: %d names of %d operators, %d of %d parameters", name, len(ops), len(n.Ops), len(params), len(n.Params))
		}
	}
}

// TestRefused: images and lists that do not fit a network are errors that say
// which do.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		network string
		image   int
		want    string
	}{
		{"vit_b_16", 225, "multiple of the patch of 16"}, {"unet2d_2015", 570, "188 + 16 n"}, {"unet3d_mlperf", 100, "must be a multiple of"}, {"dit_b_4", 240, "multiple of 8 times the patch of 4"},
	} {
		if _, err := ours(t, c.network).Build(workload.Options{Batch: 1, ImageSize: c.image}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %d pixels: %v, want %q", c.network, c.image, err, c.want)
		}
	}
	for _, c := range []struct{ network, from, to, want string }{
		{"swin_t", "heads: [3, 6, 12, 24]", "heads: [3, 6, 12]", "heads: 3 entries for 4 stages"},
		{"maxvit_t", "channels: [64, 128, 256, 512]", "channels: [64, 128]", "channels: 2 entries for 4 stages"},
		{"vit_b_16", "heads: 12", "heads: 11", "hidden 768 of the 11 heads"},
	} {
		text := string(ours(t, c.network).Text())
		if !strings.Contains(text, c.from) {
			t.Fatalf("%s has no %q:\n%s", c.network, c.from, text)
		}
		s, err := vision.Templates.Parse("f", []byte(strings.Replace(text, c.from, c.to, 1)))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v, want %q", c.network, c.to, err, c.want)
		}
	}
}

// TestVolume: a 3D U-Net of two levels by hand, 2 and 4 channels over a volume of
// 8: convolutions of 27 taps with two parameters of the normalisation a channel,
// half the size in each direction below, up by 8 taps and a bias.
func TestVolume(t *testing.T) {
	s, err := vision.Templates.Parse("f", []byte("network: n\ntemplate: unet3d\nimage_size: 8\nchannels: [2, 4]\n"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Build(workload.Options{Batch: 1})
	if err != nil {
		t.Fatal(err)
	}
	const full, half = 8 * 8 * 8, 4 * 4 * 4 // voxels
	params, macs := n.Totals()
	want := int64(27*2 + 4 + 27*2*2 + 4 + 27*2*4 + 8 + 27*4*4 + 8 + 8*4*2 + 2 + 27*4*2 + 4 + 27*2*2 + 4 + 3*2 + 3)
	if params != want {
		t.Errorf("%d parameters, want %d", params, want)
	}
	want = full*27*(2+2*2) + half*27*(2*4+4*4) + half*8*4*2 + full*27*(4*2+2*2) + full*3*2
	if macs != want {
		t.Errorf("%d products, want %d", macs, want)
	}
}
