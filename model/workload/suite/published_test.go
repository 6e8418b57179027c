package suite

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/lower/autograd"
)

// published reads a table of testdata/published as one map per row, also by
// column number: some headers hold commas.
func published(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "published", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			m["#"+strconv.Itoa(i)] = v
			if i < len(rows[0]) {
				m[rows[0][i]] = v
			}
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return out
}

func integer(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func build(t *testing.T, name string, o workload.Options) *graph.Network {
	t.Helper()
	if o.Batch == 0 {
		o.Batch = 1
	}
	n, err := Build(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func trace(t *testing.T, n *graph.Network, o workload.Options) *workload.Trace {
	t.Helper()
	tr, err := lower.Trace(n, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestModelCounts(t *testing.T) {
	for _, row := range published(t, "cv_models.csv") {
		params, macs := build(t, row["model"], workload.Options{}).Totals()
		if params != integer(t, row["params_total"]) || macs != integer(t, row["macs_total"]) {
			t.Errorf("%s: %d parameters, %d MACs; published %s, %s", row["model"], params, macs, row["params_total"], row["macs_total"])
		}
	}
	for _, row := range published(t, "counts.csv") {
		params, macs := build(t, row["name"], workload.Options{}).Totals()
		if params != integer(t, row["params"]) {
			t.Errorf("%s: %d parameters, published %s", row["name"], params, row["params"])
		}
		if row["gmacs"] == "" {
			continue
		}
		want, err := strconv.ParseFloat(row["gmacs"], 64)
		if err != nil {
			t.Fatal(err)
		}
		half := 0.5 * math.Pow(10, -float64(integer(t, row["digits"])))
		if d := math.Abs(float64(macs)/1e9 - want); d > half*1.0001 {
			t.Errorf("%s: %d MACs, published %g G", row["name"], macs, want)
		}
	}
}

// nlpName maps a row of the NLP tables to a network and its options.
func nlpName(t *testing.T, row map[string]string) (string, workload.Options) {
	t.Helper()
	name := strings.TrimSuffix(strings.TrimSuffix(row["model"], "_s512"), "_vaswani")
	seq, _, _ := strings.Cut(row["seq_len"], "/")
	return name, workload.Options{SeqLen: int(integer(t, seq))}
}

func TestNLPCounts(t *testing.T) {
	for _, row := range published(t, "nlp_models.csv") {
		name, o := nlpName(t, row)
		n := build(t, name, o)
		params, macs := n.Totals()
		if params != integer(t, row["params"]) || macs != integer(t, row["macs_fwd_batch1"]) {
			t.Errorf("%s: %d parameters, %d MACs; published %s, %s", row["model"], params, macs, row["params"], row["macs_fwd_batch1"])
		}
		var matmul int64
		for _, l := range n.Layers(1) {
			if l.Type == "matmul" {
				matmul += l.MACs
			}
		}
		if want := integer(t, row["macs_attention_matmul"]); matmul != want {
			t.Errorf("%s: %d MACs in attention, published %d", row["model"], matmul, want)
		}
	}
}

// TestLayersCV holds every convolution, linear layer and product of the tables to
// the layer of the same place.
func TestLayersCV(t *testing.T) {
	for _, file := range []string{"cv_layers.csv", "cv_layers2.csv"} {
		layersOf(t, file)
	}
}

func layersOf(t *testing.T, file string) {
	t.Helper()
	layers := map[string][]graph.Layer{}
	for _, row := range published(t, file) {
		name := row["model"]
		if layers[name] == nil {
			layers[name] = build(t, name, workload.Options{}).Layers(1)
		}
		i := int(integer(t, row["layer_index"]))
		if i >= len(layers[name]) {
			t.Fatalf("%s has %d layers, the table has layer %d", name, len(layers[name]), i)
		}
		l := layers[name][i]
		if l.Name != row["name"] || l.Type != strings.Replace(row["type"], "gconv", "conv", 1) { // a grouped convolution is one
			t.Errorf("%s layer %d: %s %s; published %s %s", name, i, l.Type, l.Name, row["type"], row["name"])
		}
		for key, got := range map[string]int64{
			"in_C": l.InC, "out_K": l.OutK, "macs": l.MACs, "params": l.Params,
			"gemm_N": l.GemmN, "gemm_K": l.GemmK, "gemm_repeat": l.GemmCount,
		} {
			// A product of 12 heads is one row of 12 x 197 score rows in neither table.
			if want := integer(t, row[key]); got != want {
				t.Errorf("%s %s: %s = %d, published %d", name, l.Name, key, got, want)
			}
		}
		if strings.HasSuffix(l.Type, "conv") {
			for key, got := range map[string]int64{
				"in_H": l.InH, "in_W": l.InW, "out_H": l.OutH, "out_W": l.OutW, "kernel_h": l.KernelH, "kernel_w": l.KernelW,
				"stride_h": l.StrideH, "stride_w": l.StrideW, "pad_h": l.PadH, "pad_w": l.PadW, "groups": l.Groups, "gemm_M": l.GemmM,
			} {
				if want := integer(t, row[key]); got != want {
					t.Errorf("%s %s: %s = %d, published %d", name, l.Name, key, got, want)
				}
			}
		} else if l.GemmM != integer(t, row["gemm_M"]) || l.InH != 1 || l.KernelH != 0 {
			t.Errorf("%s %s: M = %d, published %s; height %d, kernel %d", name, l.Name, l.GemmM, row["gemm_M"], l.InH, l.KernelH)
		}
	}
	for name, ls := range layers {
		rows := 0
		for _, row := range published(t, file) {
			if row["model"] == name {
				rows++
			}
		}
		if rows != len(ls) {
			t.Errorf("%s: %d layers, published %d", name, len(ls), rows)
		}
	}
}

// TestLayersTorchvision holds the convolutions and linear layers of the other CV
// networks to hooks on every layer of torchvision 0.14.
func TestLayersTorchvision(t *testing.T) {
	type key struct{ model, name string }
	layers := map[key]graph.Layer{}
	left := map[string]int{}
	for _, row := range published(t, "torchvision_layers.csv") {
		name := row["model"]
		if _, ok := left[name]; !ok {
			for _, l := range build(t, name, workload.Options{}).Layers(1) {
				layers[key{name, l.Name}] = l
				left[name]++
			}
		}
		l, ok := layers[key{name, row["name"]}]
		if !ok {
			t.Errorf("%s: no layer %s", name, row["name"])
			continue
		}
		left[name]--
		for k, got := range map[string]int64{"in_c": l.InC, "out_k": l.OutK, "macs": l.MACs, "params": l.Params} {
			if want := integer(t, row[k]); got != want {
				t.Errorf("%s %s: %s = %d, torchvision %d", name, l.Name, k, got, want)
			}
		}
		if row["type"] != "conv" {
			continue
		}
		for k, got := range map[string]int64{
			"in_h": l.InH, "in_w": l.InW, "out_h": l.OutH, "out_w": l.OutW, "kernel_h": l.KernelH, "kernel_w": l.KernelW, "groups": l.Groups,
		} {
			if want := integer(t, row[k]); got != want {
				t.Errorf("%s %s: %s = %d, torchvision %d", name, l.Name, k, got, want)
			}
		}
	}
	for name, n := range left {
		if n != 0 {
			t.Errorf("%s: %d layers more than torchvision", name, n)
		}
	}
	if len(left) < 10 {
		t.Errorf("%d networks in the table", len(left))
	}
}

// nlpRules turn a layer name into that of the NLP table, which sums the layers
// of all blocks.
var nlpRules = []struct {
	re  *regexp.Regexp
	rep string
}{
	{regexp.MustCompile(`^(encoder\.layer|layers|h|encoder|decoder)\.\d+\.`), "$1."},
	{regexp.MustCompile(`^encoder\.layer\.`), "encoder."},
	{regexp.MustCompile(`^layers\.(self_attn|mlp)\.`), ""},
	{regexp.MustCompile(`^layers\.`), ""},
	{regexp.MustCompile(`attention\.self\b`), "attention"},
	{regexp.MustCompile(`\.dense$`), ""},
	{regexp.MustCompile(`self_attn\.`), ""},
	{regexp.MustCompile(`^encoder\.self\.(qk|av)$`), "encoder.$1"},
	{regexp.MustCompile(`\bqk$`), "QK^T"},
	{regexp.MustCompile(`\bav$`), "AV"},
	{regexp.MustCompile(`^lm_head$`), "lm_head (tied)"},
	{regexp.MustCompile(`^softmax$`), "softmax (tied)"},
}

func TestLayersNLP(t *testing.T) {
	seq := map[string]map[string]string{}
	for _, row := range published(t, "nlp_models.csv") {
		seq[row["model"]] = row
	}
	type sum struct{ macs, weights, count int64 }
	sums := map[string]map[string]sum{}
	for _, row := range published(t, "nlp_layers.csv") {
		model := row["model"]
		if row["type"] == "other" {
			continue
		}
		if sums[model] == nil {
			name, o := nlpName(t, seq[model])
			sums[model] = map[string]sum{}
			for _, l := range build(t, name, o).Layers(1) {
				key := l.Name
				for _, r := range nlpRules {
					key = r.re.ReplaceAllString(key, r.rep)
				}
				if model == "llama2_7b" {
					key = strings.TrimSuffix(key, " (tied)")
				}
				s := sums[model][key]
				sums[model][key] = sum{s.macs + l.MACs, s.weights + l.Params, s.count + 1}
			}
		}
		s, ok := sums[model][row["name"]]
		if !ok {
			t.Errorf("%s: no layer %s", model, row["name"])
			continue
		}
		want := sum{
			integer(t, row["macs_total_all_repeats"]),
			integer(t, row["weight_params_all_repeats"]) + integer(t, row["bias_params_all_repeats"]),
			integer(t, row["repeat(layers)"]),
		}
		if s != want {
			t.Errorf("%s %s: %+v, published %+v", model, row["name"], s, want)
		}
		delete(sums[model], row["name"])
	}
	for model, rest := range sums {
		for name := range rest {
			t.Errorf("%s: layer %s is not in the table", model, name)
		}
	}
}

func TestTrainingMACs(t *testing.T) {
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	update := map[workload.Optimizer]string{workload.SGD: "#9", workload.Momentum: "#10", workload.Adam: "#11"} // elements read and written
	for _, row := range published(t, "training_macs.csv") {
		for opt, key := range update {
			o := workload.Options{Phase: workload.Training, Batch: int(integer(t, row["batch"])), Precision: fp32, Optimizer: opt}
			s := workload.Summarize(trace(t, build(t, row["model"], o), o))
			got := []int64{s.MACsForward, s.MACsDX, s.MACsDW, s.MACs, s.OptimizerMovedBytes / 4}
			for i, k := range []string{"macs_fwd", "macs_dX", "macs_dW", "macs_total", key} {
				if want := integer(t, row[k]); got[i] != want {
					t.Errorf("%s batch %s: %s = %d, published %d", row["model"], row["batch"], k, got[i], want)
				}
			}
		}
	}
}

// savedRow is a row of what PyTorch keeps for backward, without the loss.
type savedRow struct {
	label, network string
	want           float64 // bytes per sample, float32
	o              workload.Options
}

func savedRows(t *testing.T) []savedRow {
	t.Helper()
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	var all []savedRow
	for _, file := range []string{"training_saved_activations.csv", "torchvision_saved.csv"} {
		for _, row := range published(t, file) {
			r := savedRow{label: row["model"], network: row["model"]}
			r.o = workload.Options{Phase: workload.Training, Batch: int(integer(t, row["batch"])), Precision: fp32}
			if base, ok := strings.CutSuffix(r.network, "_s128_nodropout"); ok {
				r.network, r.o.SeqLen = base, 128
			} else {
				r.o.Dropout = true // the rows are of training mode
			}
			if r.want, err = strconv.ParseFloat(row["saved_bytes_fp32_per_sample"], 64); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
	}
	return all
}

// TestSavedActivations compares with what PyTorch keeps: autograd.SavedBytes,
// which follows its conventions, within 2 %, and the trace, whose differences
// docs/model-workload.md names. The log is the table printed there.
func TestSavedActivations(t *testing.T) {
	beyond := map[string]string{ // networks whose trace keeps less than 90 % of what PyTorch does
		"alexnet":            "pooling indices of 1 byte",
		"vgg16":              "pooling indices of 1 byte",
		"googlenet":          "concatenations are views; pooling indices of 1 byte",
		"inception_v3":       "concatenations are views; pooling indices of 1 byte",
		"densenet121":        "concatenations are views",
		"mobilenet_v2":       "the derivative of ReLU6 from its output",
		"squeezenet1_0":      "concatenations are views; pooling indices of 1 byte",
		"squeezenet1_1":      "concatenations are views; pooling indices of 1 byte",
		"shufflenet_v2_x1_0": "concatenations and shuffles are views",
	}
	for _, r := range savedRows(t) {
		n := build(t, r.network, r.o)
		s := workload.Summarize(trace(t, n, r.o))
		batch := float64(r.o.Batch)
		kept, torch := float64(s.SavedBytes)/batch/r.want, float64(autograd.SavedBytes(n, r.o))/batch/r.want
		t.Logf("%-26s PyTorch %12.0f bytes per sample; its conventions %.4f, trace %.4f %s", r.label, r.want, torch, kept, beyond[r.network])
		if math.Abs(torch-1) > 0.02 {
			t.Errorf("%s: %.4f of what PyTorch keeps under its conventions", r.label, torch)
		}
		if gap := math.Abs(kept-1) > 0.10; gap != (beyond[r.network] != "") {
			t.Errorf("%s: the trace keeps %.4f of what PyTorch does; stated difference %q", r.label, kept, beyond[r.network])
		}
	}
}

// TestPeakLive holds the most elements alive in an inference to the published
// ones. There a residual sum is a tensor of its own, as without fusion.
func TestPeakLive(t *testing.T) {
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, row := range published(t, "training_saved_activations.csv") {
		want := row["inference_peak_live_elems_per_sample"]
		if want == "" {
			continue
		}
		compared++
		o := workload.Options{Batch: 3, Precision: fp32, NoFusion: row["peak_at"] == "add"}
		s := workload.Summarize(trace(t, build(t, row["model"], o), o))
		if got := s.PeakLiveBytes / 4 / 3; got != integer(t, want) {
			t.Errorf("%s: %d elements alive at %s, published %s at %s", row["model"], got, s.PeakStep, want, row["peak_at"])
		}
	}
	if compared < 3 {
		t.Errorf("%d rows", compared)
	}
}

// TestBytesPerParameter holds the update to what each optimizer keeps of a parameter.
func TestBytesPerParameter(t *testing.T) {
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p               workload.Precision
		opt             workload.Optimizer
		resident, moved int64
	}{
		{fp32, workload.SGD, 8, 12},
		{fp32, workload.Momentum, 12, 20},
		{fp32, workload.Adam, 16, 28},
		{fp32, workload.AdamW, 16, 28},
		{workload.MixedPrecision(), workload.Adam, 16, 28},
		{workload.MixedPrecision(), workload.Momentum, 12, 20},
	} {
		o := workload.Options{Phase: workload.Training, Batch: 2, Precision: c.p, Optimizer: c.opt}
		n := build(t, "resnet18", o)
		s := workload.Summarize(trace(t, n, o))
		params, _ := n.Totals()
		if s.OptimizerResidentBytes != c.resident*params || s.OptimizerMovedBytes != c.moved*params {
			t.Errorf("%s weights, %s: %g resident, %g moved bytes per parameter; want %d, %d", c.p[workload.Weight], c.opt,
				float64(s.OptimizerResidentBytes)/float64(params), float64(s.OptimizerMovedBytes)/float64(params), c.resident, c.moved)
		}
	}
}

// TestTransformerLayer holds one more layer of BERT to Korthikanti et al. 2022,
// eq. 1 and section 4.1.2, and to the count without dropout.
func TestTransformerLayer(t *testing.T) {
	const s, b, h, a = 128, 4, 768, 12
	layer := func(layers int, o workload.Options) int64 {
		o.Phase, o.Batch, o.SeqLen = workload.Training, b, s
		spec, err := Parse("bert.yaml", fmt.Appendf(nil, "network: bert\ntemplate: bert\nlayers: %d\nhidden: %d\nheads: %d\n", layers, h, a))
		if err != nil {
			t.Fatal(err)
		}
		n, err := spec.Build(o)
		if err != nil {
			t.Fatal(err)
		}
		return workload.SavedForBackward(trace(t, n, o))
	}
	per := func(o workload.Options) int64 { return layer(3, o) - layer(2, o) }
	const stats = 2 * 2 * 4 * s * b // mean and deviation of two normalisations, left out of the formulas
	for _, c := range []struct {
		what string
		o    workload.Options
		want int64
	}{
		{"eq. 1", workload.Options{Dropout: true}, s*b*h*34 + 5*a*s*s*b},
		{"selective", workload.Options{Dropout: true, Checkpoint: workload.SelectiveCheckpoint}, 34 * s * b * h},
		{"without dropout", workload.Options{}, 32*s*b*h + 2*a*s*s*b},
		{"full", workload.Options{Dropout: true, Checkpoint: workload.FullCheckpoint}, 2*s*b*h - stats},
	} {
		for _, plain := range []bool{false, true} {
			c.o.NoFusion = plain
			if got := per(c.o); got != c.want+stats {
				t.Errorf("%s, fusion %v: a layer keeps %d bytes, formula %d + %d of statistics", c.what, !plain, got, c.want, stats)
			}
		}
	}
}
