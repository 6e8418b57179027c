package cnn_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/autograd"
	"stco/model/workload/suite"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// ours returns a built-in network of the templates of the package, nil for others.
func ours(t *testing.T, name string) *template.Spec {
	t.Helper()
	s, err := suite.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if cnn.Templates[s.Template] == nil {
		return nil
	}
	return s
}

func build(t *testing.T, s *template.Spec, o workload.Options) *graph.Network {
	t.Helper()
	n, err := s.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPublishedCounts: parameters and multiply-accumulates of every network are
// those that torchvision prints, to the last digit; each template has one.
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
		got := p.Of(build(t, s, s.DefaultOptions(workload.Inference)))
		if rounds, _ := p.Agrees(got); !rounds {
			t.Errorf("%s %s: %d, printed %s x %g", p.Network, p.Quantity, got, p.Value, p.Scale)
		}
	}
	for name := range cnn.Templates {
		if compared[name] < 2 {
			t.Errorf("%s: %d counts compared", name, compared[name])
		}
	}
}

// rows reads a table of the suite by the names of its columns.
func rows(t *testing.T, file string) (out []map[string]string) {
	t.Helper()
	f, err := os.Open("../../suite/testdata/published/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, v := range row {
			m[all[0][min(i, len(all[0])-1)]] = v
		}
		out = append(out, m)
	}
	return out
}

// TestLayerSums: number, weights, inputs and outputs of the convolutions and
// linear layers are those counted in torchvision's own networks.
func TestLayerSums(t *testing.T) {
	compared := 0
	for _, row := range rows(t, "networks2.csv") {
		name, quantity := row["network"], row["quantity"]
		want, err := strconv.ParseInt(row["value"], 10, 64)
		if row["family"] != "cnn" || err != nil {
			continue
		}
		s := ours(t, name)
		if s == nil {
			continue
		}
		n := build(t, s, s.DefaultOptions(workload.Inference))
		got := map[string]int64{}
		got["parameters"], got["macs_total"] = n.Totals()
		for i := range n.Ops {
			o := &n.Ops[i]
			if o.Kind != workload.OpConv && o.Kind != workload.OpLinear {
				continue
			}
			got["weighted_layers"]++
			got["weights_conv_linear"] += n.Params[o.Params[0]].Elems
			got["activations_in_elems"] += graph.Count(o.In[0])
			got["activations_out_elems"] += o.Out[0].Len
		}
		v, ok := got[quantity]
		if !ok {
			continue
		}
		compared++
		if v != want {
			t.Errorf("%s %s: %d, want %d", name, quantity, v, want)
		}
	}
	if compared < 100 {
		t.Errorf("%d rows compared", compared)
	}
}

// TestSavedActivations: a training forward pass keeps what PyTorch's autograd
// was measured to keep, within 2 %.
func TestSavedActivations(t *testing.T) {
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]bool{}
	check := func(name, value string) {
		t.Helper()
		want, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_nodropout") {
			return
		}
		s := ours(t, name)
		if s == nil {
			return
		}
		compared[name] = true
		o := workload.Options{Phase: workload.Training, Batch: 2, Precision: fp32, Dropout: true}
		if got := float64(autograd.SavedBytes(build(t, s, o), o)) / 2; math.Abs(got/want-1) > 0.02 {
			t.Errorf("%s keeps %.0f bytes a sample, PyTorch %.0f", name, got, want)
		}
	}
	for _, file := range []string{"training_saved_activations.csv", "torchvision_saved.csv"} {
		for _, row := range rows(t, file) {
			check(row["model"], row["saved_bytes_fp32_per_sample"])
		}
	}
	for _, row := range rows(t, "networks2.csv") {
		if row["quantity"] == "training_saved_bytes" {
			check(row["network"], row["value"])
		}
	}
	if len(compared) < 15 {
		t.Errorf("compared: %v", compared)
	}
}

// TestSegments: full checkpointing keeps one result a residual block, dense
// layer, module or stage, of which the papers have so many, and of what is
// around them: stem and classifier, the last convolution, the transitions.
func TestSegments(t *testing.T) {
	for name, c := range map[string][2]int{ // blocks of the paper, others
		"vgg16": {5, 1}, "resnet18": {8, 2}, "resnet50": {16, 2}, "resnet152": {50, 2}, "resnext101_32x8d": {33, 2},
		"densenet121": {6 + 12 + 24 + 16, 6}, "densenet201": {6 + 12 + 48 + 32, 6}, "squeezenet1_0": {8, 2}, "googlenet": {9, 2}, "inception_v3": {11, 2},
		"mobilenet_v2": {17, 3}, "mobilenet_v3_small": {11, 3}, "mobilenet_v3_large": {15, 3}, "mnasnet1_0": {16, 3},
		"efficientnet_b0": {16, 3}, "efficientnet_v2_s": {40, 3}, "regnet_y_400mf": {1 + 3 + 6 + 6, 2}, "regnet_x_400mf": {1 + 2 + 7 + 12, 2},
		"shufflenet_v2_x1_0": {4 + 8 + 4, 3}, "convnext_tiny": {3 + 3 + 9 + 3, 6}, "convnext_small": {3 + 3 + 27 + 3, 6},
	} {
		n := build(t, ours(t, name), workload.Options{Batch: 1})
		segments := map[int32]bool{}
		for i := range n.Ops {
			segments[n.Ops[i].Block] = true
		}
		if len(segments) != c[0]+c[1] {
			t.Errorf("%s: %d segments, want %d of %d blocks", name, len(segments), c[0]+c[1], c[0])
		}
	}
}

// TestRefused: parameters that do not fit together are errors that say so.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"template: shufflenet\ndepths: [4, 8, 4]\nchannels: [24, 116, 232, 464]\n": "channels: 4 entries for 3 stages",
		"template: resnet\nblock: basic\ndepths: [0]\n":                            "depths[0]: \"0\", must be a whole number of 1 to",
	} {
		s, err := cnn.Templates.Parse("f", []byte("network: n\n"+text))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestInputs: the default image is that of the published counts: 224 pixels, of
// Inception 299; another size is built too.
func TestInputs(t *testing.T) {
	for name, want := range map[string]int{"alexnet": 224, "resnet50": 224, "inception_v3": 299, "efficientnet_b1": 240, "convnext_tiny": 224} {
		s := ours(t, name)
		if got := build(t, s, workload.Options{Batch: 1}); got.ImageSize != want || got.Family != "cv" || s.Decodes() {
			t.Errorf("%s: %d pixels of %q, want %d", name, got.ImageSize, got.Family, want)
		}
	}
	// Convolutions of twice the size in both directions: four times the products,
	// but for the classifier.
	s := ours(t, "resnet50")
	_, small := build(t, s, workload.Options{Batch: 1}).Totals()
	_, large := build(t, s, workload.Options{Batch: 1, ImageSize: 448}).Totals()
	if head := int64(2048 * 1000); large-head != 4*(small-head) {
		t.Errorf("%d products at 448 pixels, %d at 224", large, small)
	}
}

// TestResidualSums: a block that keeps size and width adds its input, as often as
// the papers have it: of a stage of the mobile networks all blocks but the first.
func TestResidualSums(t *testing.T) {
	for name, want := range map[string]int{
		"vgg16": 0, "densenet121": 0, "googlenet": 0, "resnet18": 8, "resnet50": 16, "resnet152": 50, "regnet_y_400mf": 16, "convnext_tiny": 18,
		"mobilenet_v2": 1 + 2 + 3 + 2 + 2, "mnasnet1_0": 2 + 2 + 2 + 1 + 3, "efficientnet_b0": 1 + 1 + 2 + 2 + 3, "efficientnet_v2_s": 2 + 3 + 3 + 5 + 8 + 14,
		"mobilenet_v3_small": 1 + 2 + 1 + 2, "mobilenet_v3_large": 1 + 1 + 2 + 3 + 1 + 2, "shufflenet_v2_x1_0": 0,
	} {
		n := build(t, ours(t, name), workload.Options{Batch: 1})
		sums := 0
		for i := range n.Ops {
			if o := &n.Ops[i]; o.Kind == workload.OpElementwise && o.Fn == graph.Add {
				sums++
			}
		}
		if sums != want {
			t.Errorf("%s: %d residual sums, want %d", name, sums, want)
		}
	}
}

// TestNames: no two operators and no two parameters of a network have one name.
func TestNames(t *testing.T) {
	for _, name := range suite.Names("cv") {
		s := ours(t, name)
		if s == nil {
			continue
		}
		n := build(t, s, workload.Options{Batch: 1})
		seen := map[string]bool{}
		for i := range n.Ops {
			seen[n.Ops[i].Name] = true
		}
		params := map[string]bool{}
		for i := range n.Params {
			params[n.Params[i].Name] = true
		}
		if len(seen) != len(n.Ops) || len(params) != len(n.Params) {
			t.Errorf("%s: %d names of %d operators, %d of %d parameters", name, len(seen), len(n.Ops), len(params), len(n.Params))
		}
	}
}

// TestExpansion: an inverted residual block of expansion 2 by hand: 8 channels to
// 16 by 1 x 1, 3 x 3 of each, a squeeze to 2 and back, 16 to 8; of expansion 1
// without the first; weights and two of a normalisation for every channel.
func TestExpansion(t *testing.T) {
	const stem, last, classes = 3*8*9 + 16, 8*32 + 64, 32*10 + 10
	const depthwise = 16*9 + 32 + 16*2 + 2 + 2*16 + 16 + 16*8 + 16
	for expand, want := range map[int]int64{
		1: stem + 8*9 + 16 + 8*2 + 2 + 2*8 + 8 + 8*8 + 16 + last + classes,
		2: stem + 8*16 + 32 + depthwise + last + classes,
	} {
		s, err := cnn.Templates.Parse("f", fmt.Appendf(nil, "network: n\ntemplate: efficientnet\nimage_size: 32\nclasses: 10\nstem: 8\nlast: 32\nblocks: [{expand: %d, kernel: 3, stride: 1, out: 8, repeat: 1}]\n", expand))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := build(t, s, workload.Options{Batch: 1}).Totals(); got != want {
			t.Errorf("expansion %d: %d parameters, want %d", expand, got, want)
		}
	}
}
