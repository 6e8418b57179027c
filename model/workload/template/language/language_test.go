package language_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
	"stco/model/workload/template"
	"stco/model/workload/template/language"
)

// ours returns a built-in network of the templates of the package, nil for others.
func ours(t *testing.T, name string) *template.Spec {
	t.Helper()
	s, err := suite.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if language.Templates[s.Template] == nil {
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
	for _, name := range []string{"bert", "gpt", "llama", "moe", "t5", "whisper"} { // the others are below
		if compared[name] == 0 {
			t.Errorf("%s: no count compared", name)
		}
	}
}

// macs sums the multiply-accumulates of the operators whose name holds one of
// the texts, all for none.
func macs(n *graph.Network, texts ...string) (sum int64) {
	for i := range n.Ops {
		o := &n.Ops[i]
		for _, s := range texts {
			if strings.Contains(o.Name, s) {
				sum += o.MACs()
				break
			}
		}
		if len(texts) == 0 {
			sum += o.MACs()
		}
	}
	return sum
}

// kind sums those of a kind of operator whose name begins with a text.
func kind(n *graph.Network, k workload.OpKind, begin string) (sum int64) {
	for i := range n.Ops {
		if o := &n.Ops[i]; o.Kind == k && strings.HasPrefix(o.Name, begin) {
			sum += o.MACs()
		}
	}
	return sum
}

// cached returns the elements of the caches whose name holds the text.
func cached(n *graph.Network, text string) (sum int64) {
	for i := range n.Data {
		if n.Data[i].Class == workload.KVCache && strings.Contains(n.Data[i].Name, text) {
			sum += n.Data[i].Elems
		}
	}
	return sum
}

func params(n *graph.Network, begin string) (sum int64) {
	for i := range n.Params {
		if strings.HasPrefix(n.Params[i].Name, begin) {
			sum += n.Params[i].Elems
		}
	}
	return sum
}

func decode(keys int) workload.Options {
	return workload.Options{Phase: workload.Decode, Context: keys - 1}
}

// TestDecoders holds decoders to the counts of networks2.csv, made of the
// published shapes: 16-bit bytes of the cache a token, products of a prefill of
// 2048 tokens in full, of a causal one with the logits of the last token, of one
// token at 2048 and at 32768 keys.
func TestDecoders(t *testing.T) {
	for _, c := range []struct {
		network             string
		kv                  int64
		full, causal        int64
		near, far, farWhole int64 // farWhole: without the window of the network
	}{
		{"llama2_7b", 524288, 14630806093824, 13813014331392, 7143948288, 15197011968, 15197011968},
		{"llama3_405b", 516096, 844193001897984, 831237119803392, 412203614208, 539039367168, 539039367168},
		{"mistral_7b", 131072, 15661598244864, 14843806482432, 7647264768, 8184135680, 15700328448},
		{"qwen2_0.5b", 12288, 1192021196800, 823203282944, 582041600, 1903247360, 1903247360},
		{"qwen2_72b", 327680, 151844273782784, 146546872025088, 74142711808, 114408030208, 114408030208},
		{"mixtral_8x22b", 229376, 82665503981568, 80820643037184, 40364015616, 61503307776, 61503307776},
		{"deepseek_v3", 70272, 85486894841856, 78352681271296, 54022569984, 314992164864, 0},
		{"gpt_oss_120b", 73728, 0, 0, 5451964416, 9981812736, 0},
	} {
		whole := func(o workload.Options) workload.Options { o.Window = 40000; return o }
		check := func(what string, got, want int64) {
			t.Helper()
			if got != want && want != 0 {
				t.Errorf("%s: %s %d, want %d", c.network, what, got, want)
			}
		}
		check("bytes a token", 2*(cached(build(t, c.network, whole(decode(12))), "")-cached(build(t, c.network, whole(decode(11))), "")), c.kv)
		check("prefill", macs(build(t, c.network, workload.Options{SeqLen: 2048})), c.full)
		check("causal prefill", macs(build(t, c.network, workload.Options{SeqLen: 2048, Causal: true, LastLogits: true})), c.causal)
		check("token at 2048", macs(build(t, c.network, decode(2048))), c.near)
		check("token at 32768", macs(build(t, c.network, decode(32768))), c.far)
		check("token at 32768 without window", macs(build(t, c.network, whole(decode(32768)))), c.farWhole)
	}
	if got := 2 * cached(build(t, "mistral_7b", decode(32768)), ""); got != 536870912 {
		t.Errorf("the rolling cache of mistral_7b holds %d bytes, want 4096 tokens of 131072", got)
	}
	// Latent attention with a cache of every head, as published beside the latent one.
	heads := decode(2048)
	heads.HeadCache = true
	if got := macs(build(t, "deepseek_v3", heads)); got != 41741647872 {
		t.Errorf("deepseek_v3 with the cache of every head: %d products, want 41741647872", got)
	}
	if got := build(t, "llama2_70b_lora", workload.Options{SeqLen: 64}).Trainable(); got != 44564480 {
		t.Errorf("%d parameters of the adapters, want 44564480", got)
	}
	for name, want := range map[string]int64{"mixtral_8x22b": 39152031744, "deepseek_v3": 37552297472, "gpt_oss_120b": 5711982912} {
		if got := build(t, name, workload.Options{SeqLen: 64}).Active(); got != want {
			t.Errorf("%s: %d active parameters, want %d", name, got, want)
		}
	}
}

// TestSlices: one of eight devices has an eighth of the heads and features of
// Llama 3 405B, and sums two results of 16384 features a layer with the others.
func TestSlices(t *testing.T) {
	o := decode(2048)
	o.Slice.Tensor = 8
	n := build(t, "llama3_405b", o)
	if got := macs(n); got != 51525451776 || n.Reduced != 4128768 {
		t.Errorf("%d products, %d elements reduced; want 51525451776, 4128768", got, n.Reduced)
	}
	o = decode(32768)
	o.Slice.Tensor = 8
	if got := 2 * cached(build(t, "llama3_405b", o), ""); got != 2113929216 {
		t.Errorf("a cache of %d bytes, want 2113929216", got)
	}
	// Of two stages the second has half of the layers and no table of tokens; of
	// four parts of a sequence each has a quarter of the tokens and all the keys.
	o = workload.Options{SeqLen: 1024}
	all := build(t, "llama2_7b", o)
	o.Slice.Pipeline = 2
	stage := build(t, "llama2_7b", o)
	const layer = 4*4096*4096 + 3*4096*11008
	if got := macs(stage); macs(all)-got != 16*(1024*layer+2*1024*1024*4096) || params(stage, "embed_tokens") != 0 {
		t.Errorf("the second stage of two has %d of %d products, %d parameters of the table", got, macs(all), params(stage, "embed_tokens"))
	}
	o.Slice.Pipeline, o.Slice.Sequence = 1, 4
	part := build(t, "llama2_7b", o)
	if want := int64(32*(256*layer+2*256*1024*4096) + 256*4096*32000); macs(part) != want {
		t.Errorf("a part of four has %d products, want %d", macs(part), want)
	}
}

// TestScans: Mamba 2 as published: a token in decoding, a prefill with the
// recurrence, the chunked form in full and causal, states.
func TestScans(t *testing.T) {
	for _, c := range []struct {
		network                                        string
		token, prefill, chunked, causal, state, window int64
	}{
		{"mamba2_130m", 138326016, 204234117120, 40265318400, 29837230080, 4718592, 172032},
		{"mamba2_1.3b", 1393573888, 2643219152896, 209379655680, 156437053440, 25165824, 835584},
	} {
		n := build(t, c.network, decode(2048))
		if macs(n) != c.token || cached(n, "ssm_state") != c.state || cached(n, "conv_state") != c.window {
			t.Errorf("%s: %d products a token, states of %d and %d", c.network, macs(n), cached(n, "ssm_state"), cached(n, "conv_state"))
		}
		if got := macs(build(t, c.network, workload.Options{SeqLen: 2048, LastLogits: true})); got != c.prefill {
			t.Errorf("%s: prefill of %d products, want %d", c.network, got, c.prefill)
		}
		s, err := language.Templates.Parse("f", append(ours(t, c.network).Text(), "scan: chunked\n"...))
		if err != nil {
			t.Fatal(err)
		}
		for causal, want := range map[bool]int64{false: c.chunked, true: c.causal} {
			n, err := s.Build(workload.Options{Batch: 1, SeqLen: 2048, Causal: causal})
			if err != nil {
				t.Fatal(err)
			}
			if got := kind(n, workload.OpMatMul, ""); got != want {
				t.Errorf("%s in chunks, causal %v: %d products, want %d", c.network, causal, got, want)
			}
			if cached(n, "ssm_state") != c.state {
				t.Errorf("%s in chunks leaves a state of %d, want %d", c.network, cached(n, "ssm_state"), c.state)
			}
		}
		if _, err := s.Build(workload.Options{Batch: 1, SeqLen: 2000}); err == nil || !strings.Contains(err.Error(), "no multiple of the chunk of 256") {
			t.Errorf("%s: a sequence of 2000: %v", c.network, err)
		}
	}
}

// TestEncoderDecoders: Whisper and T5 part by part.
func TestEncoderDecoders(t *testing.T) {
	for _, c := range []struct {
		network                                                  string
		conv, linear, attention, crossKV, token, pair, kv, cross int64
	}{
		{"whisper_tiny", 940032000, 10616832000, 6912000000, 1769472000, 34157952, 3072, 6144, 9216000},
		{"whisper_large_v3", 8847360000, 943718400000, 184320000000, 157286400000, 959971840, 81920, 163840, 245760000},
	} {
		n := build(t, c.network, workload.Options{})
		got := []int64{
			kind(n, workload.OpConv, "encoder"), kind(n, workload.OpLinear, "encoder"), kind(n, workload.OpMatMul, "encoder"),
			macs(n, "cross.k", "cross.v"), macs(build(t, c.network, decode(448))),
			kind(build(t, c.network, decode(12)), workload.OpMatMul, "") - kind(build(t, c.network, decode(11)), workload.OpMatMul, ""),
			2 * (cached(build(t, c.network, decode(12)), "") - cached(build(t, c.network, decode(11)), "")),
			2 * cached(build(t, c.network, decode(448)), "cross"),
		}
		for i, want := range []int64{c.conv, c.linear, c.attention, c.crossKV, c.token, c.pair, c.kv, c.cross} {
			if got[i] != want {
				t.Errorf("%s: count %d is %d, want %d", c.network, i, got[i], want)
			}
		}
	}
	for name, want := range map[string][4]int64{
		"t5_small": {11274289152, 16106127360, 8422162432, 35802578944},
		"t5_3b":    {670014898176, 927712935936, 16844324864, 1614572158976},
	} {
		n := build(t, name, workload.Options{SeqLen: 512})
		got := [4]int64{macs(n, "encoder"), macs(n, "decoder"), macs(n, "lm_head"), macs(n)}
		if got != want {
			t.Errorf("%s: encoder, decoder, head, all: %v, want %v", name, got, want)
		}
	}
}

// TestRecurrent: four gates of h cells from h_in inputs and h states are 4 h (h_in
// + h) products a step; RNN-T and DLRM part by part.
func TestRecurrent(t *testing.T) {
	s, err := language.Templates.Parse("f", []byte("network: n\ntemplate: lstm\nlayers: 2\nhidden: 6\ninput: 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Build(workload.Options{Batch: 1, SeqLen: 7})
	if err != nil {
		t.Fatal(err)
	}
	p, m := n.Totals()
	if want := int64(4*6*(5+6) + 4*6*(6+6)); m != 7*want || p != want+2*2*4*6 { // two vectors of biases
		t.Errorf("%d parameters, %d products", p, m)
	}
	if s, err = language.Templates.Parse("f", []byte("network: n\ntemplate: lstm\nlayers: 1\nhidden: 6\n")); err != nil {
		t.Fatal(err)
	}
	if n, err = s.Build(workload.Options{Batch: 1, SeqLen: 1}); err != nil || macs(n) != 4*6*12 {
		t.Errorf("%d products of a layer as wide as its cells: %v", macs(n), err)
	}
	if n = build(t, "transformer_base", workload.Options{SeqLen: 64}); params(n, "") != 63045632 || macs(n) != 4106485760 {
		t.Errorf("transformer_base at 64 and 64 tokens: %d parameters, %d products, want 63045632, 4106485760", params(n, ""), macs(n))
	}
	// GNMT by hand: 8 cells, 10 words, 3 positions. A layer of i inputs has 4 x 8
	// (i + 8) weights and twice 32 biases; the encoder reads 8, 8, 16, 8 and 8
	// features, the decoder 8 and, with the context, three times 16.
	if s, err = language.Templates.Parse("f", []byte("network: n\ntemplate: gnmt\nhidden: 8\nvocabulary: 10\n")); err != nil {
		t.Fatal(err)
	}
	if n, err = s.Build(workload.Options{Batch: 1, SeqLen: 3}); err != nil {
		t.Fatal(err)
	}
	const cells = 4 * 8 * (16 + 16 + 24 + 16 + 16 + 16 + 3*24)
	p, m = n.Totals()
	if want := int64(10*8 + cells + 9*64 + 2*8*8 + 8 + 1 + 8 + 10*8 + 10); p != want {
		t.Errorf("gnmt: %d parameters, want %d", p, want)
	}
	if want := int64(3*cells + 2*3*8*8 + 3*3*8 + 3*3*8 + 3*10*8); m != want { // scores of 3 x 3 pairs, their sums of keys
		t.Errorf("gnmt: %d products, want %d", m, want)
	}
	r := build(t, "rnnt_mlperf", workload.Options{})
	for part, want := range map[string]int64{"encoder.pre": 512 * 13565952, "encoder.post": 256 * 29360128, "prediction": 64 * 1638400, "joint": (256 + 64) * 702976} {
		if got := macs(r, part); got != want {
			t.Errorf("rnnt_mlperf %s: %d products, want %d", part, got, want)
		}
	}
	if got := params(r, "encoder"); got != 42967040 {
		t.Errorf("rnnt_mlperf: %d parameters of the encoder, want 42967040", got)
	}
	if _, err := ours(t, "rnnt_mlperf").Build(workload.Options{Batch: 1, SeqLen: 511}); err == nil || !strings.Contains(err.Error(), "must be even") {
		t.Errorf("an odd number of frames: %v", err)
	}
	d := build(t, "dlrm_v1_mlperf", workload.Options{})
	for part, want := range map[string]int64{"bot_l": 170496, "top_l": 2194688, "interaction": 93312} {
		if got := macs(d, part); got != want {
			t.Errorf("dlrm_v1_mlperf %s: %d products, want %d", part, got, want)
		}
	}
	if got := params(d, "emb_l"); got != 24034227072 {
		t.Errorf("dlrm_v1_mlperf: %d parameters of the tables, want 24034227072", got)
	}
}

// TestMixtureBySize: a decoder with a mixture by hand: 4 experts of which every
// token uses 2, one shared, a dense layer first.
func TestMixtureBySize(t *testing.T) {
	const text = "network: n\ntemplate: moe\nlayers: 2\nhidden: 8\nheads: 2\nfeed_forward: 16\nvocabulary: 10\nexperts: {count: 4, top_k: 2, feed_forward: 6, shared: 1, dense_layers: 1, router_bias: true, bias: true}\n"
	s, err := language.Templates.Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Build(workload.Options{Batch: 1, SeqLen: 3})
	if err != nil {
		t.Fatal(err)
	}
	p, m := n.Totals()
	const attention, norms = 4 * 8 * 8, 2 * 8
	if want := int64(2*10*8 + 8 + 2*(attention+norms) + 3*8*16 + 4*8 + 4 + 4*(3*8*6+6+6+8) + 3*8*6); p != want {
		t.Errorf("%d parameters, want %d", p, want)
	}
	if want := int64(3 * (10*8 + 2*attention + 2*2*3*8 + 3*8*16 + 4*8 + 2*3*8*6 + 3*8*6)); m != want {
		t.Errorf("%d products, want %d", m, want)
	}
	if _, err := s.Build(workload.Options{Batch: 1, SeqLen: 4, Slice: workload.Slice{Tensor: 3}}); err == nil || !strings.Contains(err.Error(), "slice.tensor 3 devices") {
		t.Errorf("three devices: %v", err)
	}
}

// TestSegments: one segment a layer, beside embedding and head.
func TestSegments(t *testing.T) {
	for name, c := range map[string][2]int{
		"bert_base": {12, 2}, "gpt2_small": {12, 2}, "llama2_7b": {32, 2}, "mamba2_130m": {24, 2}, "t5_small": {6 + 6, 3}, "transformer_base": {6 + 6, 3}, "whisper_tiny": {4 + 4, 3},
	} {
		n := build(t, name, workload.Options{SeqLen: 256})
		segments := map[int32]bool{}
		for i := range n.Ops {
			segments[n.Ops[i].Block] = true
		}
		if len(segments) != c[0]+c[1] {
			t.Errorf("%s: %d segments, want %d of %d layers", name, len(segments), c[0]+c[1], c[0])
		}
	}
}

// TestSavedLayer: one more layer of GPT keeps 34 s b h + 5 a s^2 b bytes for the
// backward pass with dropout (Korthikanti et al. 2022, eq. 1), one of BERT too,
// and statistics of two normalisations, which the formula leaves out.
func TestSavedLayer(t *testing.T) {
	const s, b, h, a = 64, 2, 96, 4
	for _, kind := range []string{"bert", "gpt"} {
		kept := func(layers string) int64 {
			spec, err := language.Templates.Parse("f", []byte("network: n\ntemplate: "+kind+"\nhidden: 96\nheads: 4\nlayers: "+layers+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			o := workload.Options{Phase: workload.Training, Batch: b, SeqLen: s, Dropout: true}
			n, err := spec.Build(o)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := lower.Trace(n, o)
			if err != nil {
				t.Fatal(err)
			}
			return workload.SavedForBackward(tr)
		}
		if got, want := kept("3")-kept("2"), int64(34*s*b*h+5*a*s*s*b+2*2*4*s*b); got != want {
			t.Errorf("%s: one more layer keeps %d bytes, want %d", kind, got, want)
		}
	}
}

// TestNames: no two operators and no two parameters of a network have one name.
func TestNames(t *testing.T) {
	for _, name := range append(suite.Names("nlp"), suite.Names("rec")...) {
		if ours(t, name) == nil {
			continue
		}
		n := build(t, name, workload.Options{})
		ops, ps := map[string]bool{}, map[string]bool{}
		for i := range n.Ops {
			ops[n.Ops[i].Name] = true
		}
		for i := range n.Params {
			ps[n.Params[i].Name] = true
		}
		if len(ops) != len(n.Ops) || len(ps) != len(n.Params) {
			t.Errorf("%s: %d names of %d operators, %d of %d parameters", name, len(ops), len(n.Ops), len(ps), len(n.Params))
		}
	}
}

// TestRefused: parameters that do not fit together are errors that say so.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"template: dlrm\nrows: [10]\nbottom: [8]\ntop: [1]\n":                                            "bottom: must end with the width of 128",
		"template: dlrm\nwidth: 8\nrows: [10]\nmulti_hot: [1, 2]\nbottom: [8]\ntop: [1]\n":               "multi_hot: 2 entries for 1 tables",
		"template: mamba\nlayers: 1\nhidden: 8\nstate: 4\nhead_size: 3\nvocabulary: 5\n":                 "head_size 3: 16 features are no multiple",
		"template: llama\nlayers: 1\nhidden: 8\nheads: 4\nkv_heads: 3\nfeed_forward: 8\nvocabulary: 5\n": "4 heads over 3",
		"template: llama\nlayers: 1\nhidden: 64\nheads: 5\nfeed_forward: 8\nvocabulary: 5\n":             "heads 5: must divide hidden 64",
		"template: llama\nlayers: 1\nhidden: 64\nheads: 4\nvocabulary: 5\n":                              "feed_forward: missing",
	} {
		s, err := language.Templates.Parse("f", []byte("network: n\n"+text))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestWindowPatterns: which layers of a network keep only a window of the context,
// as the configurations of the networks say.
func TestWindowPatterns(t *testing.T) {
	const keys = 10000
	for _, c := range []struct {
		name   string
		window int64
		narrow func(layer int) bool
		layers int
	}{
		{"gemma2_2b", 4096, func(i int) bool { return i%2 == 0 }, 26},
		{"gemma3_1b", 512, func(i int) bool { return (i+1)%6 != 0 }, 26},
		{"gpt_oss_20b", 128, func(i int) bool { return i%2 == 0 }, 24},
		{"gpt_neo_1.3b", 256, func(i int) bool { return i%2 == 1 }, 24},
		{"ministral_8b", 32768, func(i int) bool { return (i+1)%4 != 0 }, 36},
		{"starcoder2_3b", 4096, func(int) bool { return true }, 30},
		{"olmo2_7b", 0, func(int) bool { return false }, 32},
	} {
		o := decode(keys)
		if c.name == "gpt_neo_1.3b" {
			o = decode(2048)
		}
		n := build(t, c.name, o)
		seen := 0
		for i := range c.layers {
			for _, d := range n.Data {
				if d.Class != workload.KVCache || !strings.HasPrefix(d.Name, fmt.Sprintf("layers.%d.", i)) {
					continue
				}
				seen++
				want := int64(o.Context + 1)
				if c.narrow(i) {
					want = min(want, c.window)
				}
				if d.Elems%want != 0 || d.Elems/want > 8192 {
					t.Errorf("%s: %s holds %d elements, no multiple of %d tokens", c.name, d.Name, d.Elems, want)
				}
			}
		}
		if seen != 2*c.layers {
			t.Errorf("%s: %d caches in %d layers", c.name, seen, c.layers)
		}
	}
}

// TestRelatives holds parts of decoders beside Llama to sums of their published
// shapes: products of one token without attention, of a mixture those of its active
// experts; what the layers of a mixture are; parameters that one token uses.
func TestRelatives(t *testing.T) {
	for _, c := range []struct {
		name string
		want int64 // multiply-accumulates of a token in the matrices of the layers
	}{
		{"gemma2_2b", 26 * (2*2304*2048 + 2*2304*1024 + 3*2304*9216)},
		{"phi_2", 32 * (4*2560*2560 + 2*2560*10240)},
		{"gpt_neox_20b", 44 * (4*6144*6144 + 2*6144*24576)},
		{"falcon_7b", 32 * (4544*(4544+2*64) + 4544*4544 + 2*4544*18176)},
		{"opt_6.7b", 32 * (4*4096*4096 + 2*4096*16384)},
		{"qwen3_8b", 36 * (2*4096*4096 + 2*4096*1024 + 3*4096*12288)},
		{"qwen3_30b_a3b", 48 * (2*2048*4096 + 2*2048*512 + 2048*128 + 8*3*2048*768)},
		{"qwen1.5_moe_a2.7b", 24 * (4*2048*2048 + 2048*60 + 4*3*2048*1408 + 3*2048*5632 + 2048)},
		{"llama4_maverick", 48*(2*5120*5120+2*5120*1024) + 24*(3*5120*16384) + 24*(5120*128+2*3*5120*8192)},
		{"phi_3.5_moe", 32 * (2*4096*4096 + 2*4096*1024 + 4096*16 + 2*3*4096*6400)},
	} {
		n := build(t, c.name, workload.Options{Phase: workload.Decode, Context: 1})
		got := kind(n, workload.OpLinear, "layers.")
		if got != c.want {
			t.Errorf("%s: %d products of a token, want %d", c.name, got, c.want)
		}
	}
	for name, want := range map[string]float64{ // billions that one token uses, as the cards print
		"qwen3_30b_a3b": 3.3, "qwen3_235b_a22b": 22, "llama4_scout": 17, "llama4_maverick": 17, "olmoe_1b_7b": 1.3, "phi_3.5_moe": 6.6, "dbrx": 36, "kimi_k2": 32, "deepseek_moe_16b": 2.8, "qwen2_57b_a14b": 14,
	} {
		got := float64(build(t, name, workload.Options{}).Active()) / 1e9
		if math.Abs(got/want-1) > 0.05 {
			t.Errorf("%s: %.2f billion parameters of a token, printed %g", name, got, want)
		}
	}
}
