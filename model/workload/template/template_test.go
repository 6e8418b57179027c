package template

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// tiny is a template of every kind of value: a linear layer over images or
// tokens, with what its parameters say.
type tiny struct {
	Width  int64    `yaml:"width" need:"1"`
	Small  int64    `yaml:"small" range:"0,7"`
	Share  float64  `yaml:"share"`
	On     bool     `yaml:"on"`
	Mode   string   `yaml:"mode" oneof:"fast,slow"`
	Sizes  []int64  `yaml:"sizes"`
	Parts  []part   `yaml:"parts"`
	Inner  *part    `yaml:"inner"`
	traits Traits   // what the test says
	shapes *[]Shape // what Build was called with
}

type part struct {
	A int64 `yaml:"a" need:"1"`
	B bool  `yaml:"b"`
}

func (m *tiny) Traits() Traits { return m.traits }

func (m *tiny) Build(b *Builder, s Shape) {
	*m.shapes = append(*m.shapes, s)
	x := b.Input("x", 3, max(1, s.Seq), 1)
	b.Logits(b.Drop("drop", b.Linear("l", x, m.Width, true)))
}

func kinds(tr Traits, shapes *[]Shape) Kinds {
	return Kinds{"tiny": func() Template { return &tiny{Share: 0.5, traits: tr, shapes: shapes} }}
}

// TestValues reads every kind of value, and leaves what is not given.
func TestValues(t *testing.T) {
	ks := kinds(Traits{Family: "nlp", Seq: 4}, new([]Shape))
	s, err := ks.Parse("f", []byte("network: n\ntemplate: tiny\nsource: paper\nwidth: 5\nsmall: 0\non: true\nmode: slow\nsizes: [1, 16777216]\nparts: [{a: 2}, {a: 3, b: true}]\ninner: {a: 9}\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := s.template.(*tiny)
	if m.Width != 5 || m.Small != 0 || m.Share != 0.5 || !m.On || m.Mode != "slow" || fmt.Sprint(m.Sizes, m.Parts, *m.Inner) != "[1 16777216] [{2 false} {3 true}] {9 false}" {
		t.Errorf("%+v", m)
	}
	if s.Name != "n" || s.Family != "nlp" || s.Template != "tiny" || s.Counted != "paper" || s.seq != 4 || s.image != 0 || s.maxSeq != 0 {
		t.Errorf("%+v", s)
	}
	if s, err = ks.Parse("f", []byte("template: tiny\nfamily: rec\nwidth: 5\nshare: 1e6\nimage_size: 8\nseq_len: 9\nmax_tokens: 10\n")); err != nil {
		t.Fatal(err)
	}
	if s.Family != "rec" || s.image != 8 || s.seq != 9 || s.maxSeq != 10 || s.template.(*tiny).Share != 1e6 {
		t.Errorf("%+v", s)
	}
}

// TestWrongValues: an error names file, line, key, value and what is allowed,
// each in a line of its own.
func TestWrongValues(t *testing.T) {
	ks := kinds(Traits{Family: "cv"}, new([]Shape))
	for text, want := range map[string]string{
		"width: 0":                      `f:2: width: "0", must be a whole number of 1 to 16777216`,
		"width: 16777217":               `f:2: width: "16777217", must be a whole number of 1 to 16777216`,
		"width: [1]":                    `f:2: width: "", must be a whole number of 1 to 16777216`,
		"width: 2.5":                    `f:2: width: "2.5", must be a whole number of 1 to 16777216`,
		"width: 1\nsmall: 8":            `f:3: small: "8", must be a whole number of 0 to 7`,
		"width: 1\nsmall: -1":           `f:3: small: "-1", must be a whole number of 0 to 7`,
		"width: 1\nshare: 0":            `f:3: share: "0", must be a number above 0 to 1e6`,
		"width: 1\nshare: 2e6":          `f:3: share: "2e6", must be a number above 0 to 1e6`,
		"width: 1\nshare: .nan":         `f:3: share: ".nan", must be a number above 0 to 1e6`,
		"width: 1\nshare: [1]":          `f:3: share: want a single value`,
		"width: 1\non: perhaps":         `f:3: on: "perhaps", must be true or false`,
		"width: 1\nmode: quick":         `f:3: mode: "quick", must be one of fast, slow`,
		"width: 1\nsizes: 3":            `f:3: sizes: want a list`,
		"width: 1\nsizes: []":           `f:3: sizes: 0 entries, must be 1 to 4096`,
		"width: 1\nsizes: [1,0]":        `f:3: sizes[1]: "0", must be a whole number of 1 to 16777216`,
		"width: 1\nparts: [7]":          `f:3: parts[0]: want a mapping`,
		"width: 1\nparts: [{}]":         `f:3: parts[0].a: missing`,
		"width: 1\ninner: {a: 1, c: 2}": `f:3: inner.c: unknown key; use a, b`,
		"width: 1\nwidth: 2":            `f:3: width: given twice`,
		"small: 1":                      `f:1: width: missing`,
		"width: 1\nfamily: audio":       `f:1: family "audio": unknown; use cv, nlp, rec`,
		"width: 1\nimage_size: 8193":    `f:3: image_size: "8193", must be a whole number of 0 to 8192`,
	} {
		_, err := ks.Parse("f", []byte("template: tiny\n"+text+"\n"))
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n%v\nwant\n%s", text, err, want)
		}
	}
	long := "template: tiny\nwidth: 1\nsizes: [" + strings.TrimSuffix(strings.Repeat("1,", maxList), ",") + "]\n"
	if _, err := ks.Parse("f", []byte(long)); err != nil {
		t.Errorf("%d entries: %v", maxList, err)
	}
	if _, err := ks.Parse("f", []byte(strings.Replace(long, "[", "[1,", 1))); err == nil || !strings.Contains(err.Error(), "4097 entries") {
		t.Errorf("one more: %v", err)
	}
	_, err := ks.Parse("f", []byte("template: tiny\nsmall: 9\nshare: -1\n"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three errors in\n%v", err)
	}
	for text, want := range map[string]string{
		"- a\n":               "f:1: a network is a mapping with the keys network, template or layers",
		"\n\ntemplate: big\n": `f:3: template "big": unknown; use one of tiny`,
		"network: n\n":        `f:1: template "": unknown; use one of tiny`,
		"a: [\n":              "f: ",
	} {
		if _, err := ks.Parse("f", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestShapes: what the template is built for, by phase and options.
func TestShapes(t *testing.T) {
	all := Traits{Family: "nlp", Image: 32, Seq: 16, MaxSeq: 24, Decoder: true, Causal: true, Window: true, Latent: true, Slices: true}
	for _, c := range []struct {
		o    workload.Options
		want Shape
	}{
		{workload.Options{}, Shape{Image: 32, Seq: 16, Cache: true}},
		{workload.Options{Phase: workload.Training, ImageSize: 64, SeqLen: 24}, Shape{Image: 64, Seq: 24}},
		{workload.Options{Phase: workload.Decode}, Shape{Image: 32, Seq: 1, Context: 16, Cache: true, Decode: true}},
		{workload.Options{Phase: workload.Decode, Context: 23}, Shape{Image: 32, Seq: 1, Context: 23, Cache: true, Decode: true}},
		{workload.Options{Phase: workload.Decode, SeqLen: 24}, Shape{Image: 32, Seq: 1, Context: 24, Cache: true, Decode: true}},
		{workload.Options{Causal: true, LastLogits: true, Window: 5, HeadCache: true}, Shape{Image: 32, Seq: 16, Cache: true, Causal: true, Last: true, Window: 5, Heads: true}},
		{workload.Options{Slice: workload.Slice{Tensor: 2, Pipeline: 3, Sequence: 4}}, Shape{Image: 32, Seq: 16, Cache: true, Tensor: 2, Pipeline: 3, Parts: 4}},
	} {
		var shapes []Shape
		s, err := kinds(all, &shapes).Parse("f", []byte("network: n\ntemplate: tiny\nwidth: 2\n"))
		if err != nil {
			t.Fatal(err)
		}
		c.o.Batch = 1
		n, err := s.Build(c.o)
		if err != nil {
			t.Errorf("%+v: %v", c.o, err)
			continue
		}
		if c.want.Tensor == 0 {
			c.want.Tensor, c.want.Pipeline, c.want.Parts = 1, 1, 1
		}
		if shapes[0] != c.want {
			t.Errorf("%+v: built for %+v, want %+v", c.o, shapes[0], c.want)
		}
		seq := int(c.want.Seq)
		if c.want.Decode {
			seq = c.o.SeqLen
		}
		if n.SeqLen != seq || n.Context != int(c.want.Context) || n.ImageSize != int(c.want.Image) || n.Phase != c.o.Phase || n.Family != "nlp" {
			t.Errorf("%+v: %d tokens, context %d, %d pixels, phase %s", c.o, n.SeqLen, n.Context, n.ImageSize, n.Phase)
		}
	}
}

// TestRefusals: an option that the template knows nothing of is an error, all of
// them at once.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		o    workload.Options
		tr   Traits
		want string
	}{
		{workload.Options{ImageSize: 8}, Traits{Seq: 4}, "n: image_size 8 pixels: the network reads no image"},
		{workload.Options{SeqLen: 8}, Traits{Image: 4}, "n: seq_len 8 tokens: the network reads no sequence"},
		{workload.Options{Causal: true}, Traits{Seq: 4}, "n: causal: the network has no attention over earlier tokens"},
		{workload.Options{LastLogits: true}, Traits{Seq: 4}, "n: logits last: the network predicts no next token"},
		{workload.Options{LastLogits: true}, Traits{Seq: 4, AnyRecurrence: true}, ""},
		{workload.Options{LastLogits: true}, Traits{Seq: 4, Causal: true}, ""},
		{workload.Options{Window: 3}, Traits{Seq: 4}, "n: window 3 tokens: the network has no attention over earlier tokens"},
		{workload.Options{HeadCache: true}, Traits{Seq: 4}, "n: cache heads: the network has no latent attention"},
		{workload.Options{Slice: workload.Slice{Tensor: 2}}, Traits{Seq: 4}, "the template tiny has no slices"},
		{workload.Options{Phase: workload.Decode}, Traits{Seq: 4}, "n: phase decode: the network generates no tokens from a KV cache"},
		{workload.Options{SeqLen: 25}, Traits{Seq: 4, MaxSeq: 24}, "n: 25 tokens: the position table holds 1 to 24"},
		{workload.Options{SeqLen: 24}, Traits{Seq: 4, MaxSeq: 24}, ""},
		{workload.Options{Phase: workload.Decode, Context: 24}, Traits{Seq: 4, MaxSeq: 24, Decoder: true}, "n: 25 tokens: the position table holds 1 to 24"},
		{workload.Options{Phase: workload.Decode, Context: 23}, Traits{Seq: 4, MaxSeq: 24, Decoder: true}, ""},
		{workload.Options{Phase: workload.Decode, SeqLen: 24}, Traits{Seq: 4, MaxSeq: 24, Decoder: true}, ""},
		{workload.Options{ImageSize: 8, HeadCache: true}, Traits{Seq: 4}, "reads no image\ncache heads"},
	} {
		c.tr.Family = "nlp"
		s, err := kinds(c.tr, new([]Shape)).Parse("f", []byte("network: n\ntemplate: tiny\nwidth: 2\n"))
		if err != nil {
			t.Fatal(err)
		}
		c.o.Batch = 1
		_, err = s.Build(c.o)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v of %+v: %v, want %q", c.o, c.tr, err, c.want)
		}
	}
}

// TestDefaults: batch and optimizer of a training iteration by family.
func TestDefaults(t *testing.T) {
	for family, want := range map[string]struct {
		batch int
		opt   workload.Optimizer
	}{"cv": {16, workload.Momentum}, "nlp": {8, workload.Adam}, "rec": {16, workload.SGD}} {
		s := Spec{Family: family, image: 32, seq: 16}
		o := s.DefaultOptions(workload.Training)
		if o.Batch != want.batch || o.Optimizer != want.opt || o.ImageSize != 32 || o.SeqLen != 16 || o.Precision != workload.MixedPrecision() || o.Phase != workload.Training {
			t.Errorf("%s: %+v", family, o)
		}
		if o := s.DefaultOptions(workload.Inference); o.Batch != 1 || o.Optimizer != 0 {
			t.Errorf("%s: %+v", family, o)
		}
	}
}

func list(t *testing.T, text string, o workload.Options) *graph.Network {
	t.Helper()
	s, err := Kinds{}.Parse("f", []byte("network: n\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	o.Batch = 1
	n, err := s.Build(o)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// TestLists: a list of layers by hand: elements of the result, parameters,
// products.
func TestLists(t *testing.T) {
	for text, want := range map[string][3]int64{
		"input: [3, 8, 8]\nlayers: [{conv: 4, kernel: 3}]":                                          {4 * 6 * 6, 4*27 + 4, 36 * 4 * 27},
		"input: [3, 8, 8]\nlayers: [{conv: 4, kernel: 3, pad: -1, no_bias: true}]":                  {4 * 8 * 8, 4 * 27, 64 * 4 * 27},
		"input: [3, 8, 8]\nlayers: [{conv: 4, kernel: 3, pad: -1, dilation: 2}]":                    {4 * 8 * 8, 4*27 + 4, 64 * 4 * 27},
		"input: [3, 8, 8]\nlayers: [{conv: 4, kernel: 3, stride: 2, pad: 1}]":                       {4 * 4 * 4, 4*27 + 4, 16 * 4 * 27},
		"input: [4, 8, 8]\nlayers: [{conv: 6, groups: 2}]":                                          {6 * 64, 6*2 + 6, 64 * 6 * 2},
		"input: [4, 8, 8]\nlayers: [{depthwise: true, kernel: 3}]":                                  {4 * 36, 4*9 + 4, 36 * 4 * 9},
		"input: [4, 8, 8]\nlayers: [{conv_transpose: 2, kernel: 2, stride: 2}]":                     {2 * 256, 4*2*4 + 2, 64 * 4 * 2 * 4},
		"input: [4, 10]\nlayers: [{conv: 2, kernel: 3, pad: -1}]":                                   {2 * 10, 2*4*3 + 2, 10 * 2 * 4 * 3},
		"input: [4]\nlayers: [{linear: 5, norm: layer, act: relu}]":                                 {5, 25 + 10, 20},
		"input: [4]\nlayers: [{linear: 5, norm: rms, act: gelu}]":                                   {5, 25 + 5, 20},
		"input: [4, 2, 2]\nlayers: [{norm: batch}, {pool: global}, {flatten: true, linear: 3}]":     {3, 8 + 15, 12},
		"input: [4, 4, 4]\nlayers: [{pool: max, kernel: 2, stride: 2}, {pool: average, kernel: 2}]": {4, 0, 0},
		"input: [4]\nlayers: [{repeat: 3, linear: 4}]":                                              {4, 3 * 20, 3 * 16},
		"input: [4]\nlayers: [{repeat: 3, layers: [{linear: 2}, {linear: 4}]}]":                     {4, 3 * (10 + 12), 3 * 16},
		"input: [4]\nlayers: [{linear: 6, save: a}, {linear: 6, add: a}, {linear: 6, mul: a, concat: a}, {linear: 1}, {from: a, linear: 2}]": {
			2, 30 + 42 + 42 + 13 + 14, 24 + 36 + 36 + 12 + 12,
		},
		"vocabulary: 20\nseq_len: 5\nlayers: [{embed: 8}, {attention: 4, kv_heads: 2}]": {40, 160 + 2*72 + 2*36, 5*(2*64+2*32) + 2*25*8},
		"vocabulary: 20\nseq_len: 5\nlayers: [{embed: 8}, {attention: 4, no_bias: true}, {lstm: 3}]": {
			15, 160 + 4*64 + 4*3*(8+3) + 2*12, 5*4*64 + 2*25*8 + 5*4*3*11,
		},
	} {
		n := list(t, text, workload.Options{})
		p, m := n.Totals()
		if got := [3]int64{graph.Count(n.Outputs[0]), p, m}; got != want {
			t.Errorf("%s:\nelements, parameters, products %v, want %v", text, got, want)
		}
	}
}

// TestListNames: the operators of a list are named by their place, those of a
// group behind its name, those that repeat by their number.
func TestListNames(t *testing.T) {
	n := list(t, "input: [4]\nlayers: [{linear: 4, act: tanh}, {name: block, repeat: 2, layers: [{linear: 4}, {name: out, linear: 4, norm: rms}]}]", workload.Options{})
	var names []string
	segments := map[int32]bool{}
	for i := range n.Ops {
		names = append(names, n.Ops[i].Name)
		segments[n.Ops[i].Block] = true
	}
	if got := strings.Join(names, " "); got != "1 1.act block.1.1 block.1.out block.1.out.norm block.2.1 block.2.out block.2.out.norm" || len(segments) != 3 {
		t.Errorf("%s in %d segments", got, len(segments))
	}
}

func TestListRefused(t *testing.T) {
	for text, want := range map[string]string{
		"layers: [{linear: 2}]":                                                   "input: 0 sizes, want channels, height and width, or features and positions, or a vocabulary",
		"input: [4]\nlayers: [{linear: 2, add: a}]":                               "f:3: layer 1: no earlier layer has save: a",
		"input: [4]\nlayers: [{repeat: 4096, layers: [{repeat: 17, linear: 2}]}]": "layers: more than 65536 with their repeats",
	} {
		s, err := Kinds{}.Parse("f", []byte("network: n\n"+text+"\n"))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestLines: what is found out when the network is built names the line of the entry,
// inside repeated ones too.
func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"network: n\ninput: [3, 32, 32]\nlayers:\n- {name: stem, conv: 16, kernel: 3}\n- {name: wide, conv: 8, kernel: 99}\n":                             "f:5: wide: output of 8 x 0 x 0 elements is empty",
		"network: n\ninput: [3, 32, 32]\nlayers:\n- name: block\n  repeat: 3\n  layers:\n  - {conv: 16, kernel: 3}\n  - {name: g, conv: 16, groups: 5}\n": "f:8: block.1.g: 16 channels, 16 filters, 5 groups",
	} {
		s, err := Kinds{}.Parse("f", []byte(text))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestAllLines: every wrong entry of a list is told, with its line, once; what only
// follows from a wrong one is not.
func TestAllLines(t *testing.T) {
	const window = " and a window of 1 x 1, stride 1, padding 0 do not fit"
	for text, want := range map[string]string{
		// The second reads what the first would have written; a sum with it is not judged.
		"network: n\ninput: [3, 32, 32]\nlayers:\n- {conv: 16, kernel: 99, save: a}\n- {conv: 16, groups: 5}\n- {conv: 8, add: a}\n- {linear: 2, conv: 3}\n- {add: b}\n": "f:4: 1: output of 16 x 0 x 0 elements is empty; the input is too small\n" +
			"f:5: 2: 16 channels, 16 filters, 5 groups" + window + "\nf:7: layer 4: conv, linear: an entry has one operator\nf:8: layer 5: no earlier layer has save: b",
		"network: n\ninput: [4]\nlayers:\n- repeat: 3\n  layers:\n  - {linear: 6}\n  - {repeat: 2, attention: 4}\n- {add: c, save: d}\n- {add: d}\n": "f:7: layer 1.1.2.1: attention: 4 heads and 1 of keys for 6 features: heads divide the features, those of keys the heads\n" +
			"f:8: layer 2: no earlier layer has save: c",
		// Wrong only when it repeats.
		"network: n\ninput: [1, 8, 8]\nlayers:\n- {repeat: 9, conv: 1, kernel: 4}\n- {conv: 2, groups: 3}\n": "f:4: 1.3: output of 1 x 0 x 0 elements is empty; the input is too small\nf:5: 2: 1 channels, 2 filters, 3 groups" + window,
	} {
		s, err := Kinds{}.Parse("f", []byte(text))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1})
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n%v\nwant\n%s", text, err, want)
		}
	}
}

// TestTemplateLine: what a template cannot build names the line of its name.
func TestTemplateLine(t *testing.T) {
	kinds := Kinds{"odd": func() Template { return &odd{} }}
	s, err := kinds.Parse("f", []byte("network: n\n\ntemplate: odd\n"))
	if err == nil {
		_, err = s.Build(workload.Options{Batch: 1})
	}
	if err == nil || err.Error() != "f:3: it never fits" {
		t.Error(err)
	}
	if _, err := kinds.Parse("f", []byte("network: n\ntemplate: even\n")); err == nil || err.Error() != `f:2: template "even": unknown; use one of odd` {
		t.Error(err)
	}
}

type odd struct{}

func (*odd) Traits() Traits            { return Traits{Family: "cv"} }
func (*odd) Build(b *Builder, _ Shape) { b.Failf("it never fits") }

// TestPairs counts the pairs of queries and keys one by one.
func TestPairs(t *testing.T) {
	for keys := int64(1); keys <= 9; keys++ {
		for n := int64(1); n <= keys; n++ {
			for window := int64(0); window <= 10; window++ {
				for _, causal := range []bool{false, true} {
					want := int64(0)
					for q := range n {
						last := keys - n + q // the key of the query
						seen := int64(0)
						for k := range keys {
							// Without causality a query sees as many keys as the window holds.
							if (!causal || k <= last && (window == 0 || k > last-window)) && (causal || window == 0 || seen < window) {
								seen++
							}
						}
						want += seen
					}
					if got := (Scope{causal, window}).pairs(n, keys); got != want {
						t.Errorf("%d queries, %d keys, window %d, causal %v: %d pairs, want %d", n, keys, window, causal, got, want)
					}
				}
			}
		}
	}
}

// TestAttend: 4 heads of 2 over 2 of keys and values of 3, 5 queries at the end of
// 7 keys: products, softmax and dropout by hand, full and causal.
func TestAttend(t *testing.T) {
	for _, causal := range []bool{false, true} {
		b := &Builder{Builder: graph.NewBuilder("n"), Dropout: true}
		q, k, v := b.Input("q", 8, 5, 1), b.Input("k", 4, 7, 1), b.Input("v", 6, 7, 1)
		y := b.AttendIn("a", q, k, v, Heads{4, 2}, Scope{Causal: causal}, true, nil)
		if b.Output(y); y.C != 12 || y.H != 5 {
			t.Errorf("a result of %d features of %d tokens", y.C, y.H)
		}
		n, err := b.Network()
		if err != nil {
			t.Fatal(err)
		}
		pairs := int64(4 * 5 * 7)
		if causal {
			pairs = 4 * (3 + 4 + 5 + 6 + 7)
		}
		if n.Ops[0].MACs() != pairs*2 || n.Ops[3].MACs() != pairs*3 || n.Ops[1].Vec != 5*pairs || len(n.Attentions(false)) != 1 || n.Ops[2].Fn != graph.Dropout {
			t.Errorf("causal %v: %d and %d products, %d operations", causal, n.Ops[0].MACs(), n.Ops[3].MACs(), n.Ops[1].Vec)
		}
	}
	for _, h := range []Heads{{4, 0}, {4, 3}, {3, 1}, {8, 8}} {
		b := &Builder{Builder: graph.NewBuilder("n")}
		b.Attend("a", b.Input("q", 8, 5, 1), b.Input("k", 4, 7, 1), b.Input("v", 6, 7, 1), h, false, nil)
		if err := b.Err(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("n: a: %d heads over %d of keys", h.Q, h.KV)) {
			t.Errorf("%v: %v", h, err)
		}
	}
}

// TestCached: keys of 3 tokens behind a context of 10 in a cache of 13; in a
// window of 8 the latest 8; of more tokens than the window only those enter.
func TestCached(t *testing.T) {
	for _, c := range []struct {
		tokens, context, parts, window int64
		cache, out, written            int64 // tokens
	}{
		{3, 10, 1, 0, 13, 13, 3}, {3, 10, 1, 13, 13, 13, 3}, {3, 10, 1, 8, 8, 8, 3}, {9, 0, 1, 8, 8, 9, 8}, {8, 1, 1, 8, 8, 8, 8}, {1, 10, 4, 0, 4, 4, 1},
	} {
		b := &Builder{Builder: graph.NewBuilder("n")}
		x := b.Input("x", 6, c.tokens, 1)
		y := b.Cached("k", x, Shape{Cache: true, Context: c.context, Parts: c.parts}, c.window)
		b.Output(y)
		n, err := b.Network()
		if err != nil {
			t.Fatal(err)
		}
		var cache int64
		for i := range n.Data {
			if n.Data[i].Class == workload.KVCache {
				cache += n.Data[i].Elems
			}
		}
		if cache != 6*c.cache || y.H != c.out || graph.Count(n.Ops[0].In[0]) != 6*c.written {
			t.Errorf("%+v: a cache of %d, %d tokens seen, %d elements written", c, cache, y.H, graph.Count(n.Ops[0].In[0]))
		}
	}
	b := &Builder{Builder: graph.NewBuilder("n")}
	x := b.Input("x", 6, 3, 1)
	if y := b.Cached("k", x, Shape{Context: 10, Parts: 1}, 0); y.H != 3 {
		t.Errorf("without a cache %d tokens", y.H)
	}
	if y := b.LastToken(x, Shape{Last: true}); y.H != 1 || y.C != 6 {
		t.Errorf("the last token is %+v", y)
	}
	if y := b.LastToken(x, Shape{}); y.H != 3 {
		t.Errorf("%d tokens", y.H)
	}
}

// TestParts: a third of fused projections, the two layers of a transformer.
func TestParts(t *testing.T) {
	b := &Builder{Builder: graph.NewBuilder("n")}
	x := b.Input("x", 12, 5, 1)
	q, k, v := b.Thirds(x)
	for i, y := range []graph.Value{q, k, v} {
		b.Output(y)
		if y.C != 4 || y.H != 5 {
			t.Errorf("third %d: %+v", i, y)
		}
	}
	b.Logits(b.MLP("mlp", x, 7))
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if p := n.Outputs[i][0]; p.Off != int64(20*i) || p.Len != 20 {
			t.Errorf("third %d: %+v", i, p)
		}
	}
	if p, m := n.Totals(); p != 2*12*7+7+12 || m != 5*2*12*7 {
		t.Errorf("%d parameters, %d products", p, m)
	}
}

// TestEntriesOfLayers: an entry has one operator and something to do.
func TestEntriesOfLayers(t *testing.T) {
	for text, want := range map[string]string{
		"{conv: 16, linear: 3}":            "f:4: layer 1: conv, linear: an entry has one operator",
		"{}":                               "layer 1: neither an operator nor a function",
		"{attention: 5}":                   "layer 1: attention: 5 heads and 1 of keys for 6 features",
		"{attention: 6, kv_heads: 4}":      "layer 1: attention: 6 heads and 4 of keys",
		"{pool: max, depthwise: true}":     "layer 1: depthwise, pool: an entry",
		"{attention: 6, kv_heads: 3}":      "",
		"{act: relu}":                      "",
		"{save: x}":                        "",
		"{flatten: true}":                  "",
		"{norm: rms}":                      "",
		"{depthwise: true, act: gelu}":     "",
		"{repeat: 2, layers: [{lstm: 3}]}": "",
	} {
		s, err := Kinds{}.Parse("f", []byte("network: n\ninput: [6, 4]\nlayers:\n- "+text+"\n"))
		if err == nil {
			_, err = s.Build(workload.Options{Batch: 1, Precision: workload.MixedPrecision()})
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
