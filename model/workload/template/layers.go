package template

import (
	"fmt"
	"strings"

	"stco/model/workload/graph"
)

// layersTemplate is the name of the template of plain lists, which all kinds have.
const layersTemplate = "layers"

// layers is a network as a list: every entry reads what the entry before wrote.
type layers struct {
	Input  []int64      `yaml:"input" range:"1,16777216"` // channels, height, width; or features, positions
	Vocab  int64        `yaml:"vocabulary" range:"0,16777216"`
	Layers []layerEntry `yaml:"layers" need:"1"`
}

// layerEntry is one entry of a list: one operator, or entries to repeat.
type layerEntry struct {
	At place

	joined bool // does something, though its sum is not judged

	Name   string       `yaml:"name"`
	Repeat int64        `yaml:"repeat" range:"1,4096"`
	Layers []layerEntry `yaml:"layers"`

	Conv      int64 `yaml:"conv" range:"0,16777216"` // filters
	Transpose int64 `yaml:"conv_transpose" range:"0,16777216"`
	Depthwise bool  `yaml:"depthwise"`
	Linear    int64 `yaml:"linear" range:"0,16777216"` // features
	Embed     int64 `yaml:"embed" range:"0,16777216"`
	Attention int64 `yaml:"attention" range:"0,4096"` // heads, with projections
	KVHeads   int64 `yaml:"kv_heads" range:"0,4096"`
	LSTM      int64 `yaml:"lstm" range:"0,16777216"`

	Pool   string `yaml:"pool" oneof:"max,average,global"`
	Norm   string `yaml:"norm" oneof:"batch,layer,rms"`
	Act    string `yaml:"act" oneof:"relu,relu6,gelu,silu,sigmoid,tanh,hardswish"`
	Save   string `yaml:"save"` // gives the result a name
	From   string `yaml:"from"` // reads a named result
	Add    string `yaml:"add"`  // adds a named result
	Mul    string `yaml:"mul"`
	Concat string `yaml:"concat"`

	Kernel   int64 `yaml:"kernel" range:"1,1024"`
	Stride   int64 `yaml:"stride" range:"1,1024"`
	Pad      int64 `yaml:"pad" range:"-1,1024"` // -1: half of the kernel
	Dilation int64 `yaml:"dilation" range:"1,1024"`
	Groups   int64 `yaml:"groups" range:"1,16777216"`
	NoBias   bool  `yaml:"no_bias"`
	Flatten  bool  `yaml:"flatten"`
}

func (m *layers) Traits() Traits {
	if m.Vocab > 0 {
		return Traits{Family: "nlp", Seq: 512}
	}
	if len(m.Input) == 2 {
		return Traits{Family: "nlp"}
	}
	return Traits{Family: "cv"}
}

func (m *layers) Build(b *Builder, s Shape) {
	var x graph.Value
	switch {
	case m.Vocab > 0:
		x = b.Tokens("input_ids", s.Seq)
	case len(m.Input) == 3:
		x = b.Input("input", m.Input[0], m.Input[1], m.Input[2])
	case len(m.Input) == 2:
		x = b.Input("input", m.Input[0], m.Input[1], 1)
	case len(m.Input) == 1:
		x = b.Input("input", m.Input[0], 1, 1)
	default:
		b.Failf("input: %d sizes, want channels, height and width, or features and positions, or a vocabulary", len(m.Input))
		return
	}
	w := walk{b: b, vocab: m.Vocab, saved: map[string]graph.Value{}}
	x = w.list("", x, m.Layers)
	if len(w.errs) > 0 {
		b.FailAll(w.errs)
		return
	}
	b.Logits(x)
}

// maxLayers bounds the entries of a list with its repeats.
const maxLayers = 1 << 16

// walk declares the entries of a list and gathers what is wrong with them.
type walk struct {
	b     *Builder
	vocab int64
	saved map[string]graph.Value
	count int
	errs  []error
}

func (w *walk) list(prefix string, x graph.Value, entries []layerEntry) graph.Value {
	for i := range entries {
		e := &entries[i]
		for r := range max(1, e.Repeat) {
			if len(w.errs) > 0 && r > 0 {
				break // repeats tell nothing new
			}
			switch w.count++; {
			case w.count == maxLayers+1:
				w.errs = append(w.errs, fmt.Errorf("layers: more than %d with their repeats", maxLayers))
				return x
			case w.count > maxLayers:
				return x
			}
			name := e.Name
			if name == "" {
				name = fmt.Sprintf("%d", i+1)
			}
			name = prefix + name
			if e.Repeat > 1 {
				name = fmt.Sprintf("%s.%d", name, r+1)
			}
			if e.Layers != nil {
				w.b.Block()
				x = w.list(name+".", x, e.Layers)
				continue
			}
			x = w.entry(e, name, x)
		}
	}
	return x
}

// entry declares one entry. Behind a wrong one the list goes on from the shape that
// the wrong one asks for; sums, products and joints with such a shape are not judged.
func (w *walk) entry(e *layerEntry, name string, x graph.Value) graph.Value {
	judged := *e
	if len(w.errs) > 0 {
		for _, key := range []*string{&judged.Add, &judged.Mul, &judged.Concat} {
			if _, ok := w.saved[*key]; ok {
				*key, judged.joined = "", true
			}
		}
	}
	y := judged.apply(w.b, name, x, w.vocab, w.saved)
	err := w.b.Recover()
	if err == nil {
		return y
	}
	w.errs = append(w.errs, w.b.At(e.At.file, e.At.line, err))
	y = e.asked(w.b, x, w.saved)
	if e.Save != "" {
		w.saved[e.Save] = y
	}
	return y
}

// asked returns a value of the shape that an entry asks for, whether it can be or not.
func (e *layerEntry) asked(b *Builder, x graph.Value, saved map[string]graph.Value) graph.Value {
	if v, ok := saved[e.From]; ok {
		x = v
	}
	c, h, w := x.C, x.H, x.W
	if e.Flatten {
		c, h, w = x.Elems(), 1, 1
	}
	for _, n := range []int64{e.Conv, e.Transpose, e.Linear, e.Embed, e.LSTM} {
		if n > 0 {
			c = n
		}
	}
	return b.Input("asked", c, h, w)
}

// named returns a saved result.
func named(b *Builder, name, key string, saved map[string]graph.Value) graph.Value {
	v, ok := saved[key]
	if !ok {
		b.Failf("layer %s: no earlier layer has save: %s", name, key)
		return graph.Value{C: 1, H: 1, W: 1}
	}
	return v
}

// apply adds the operator of an entry, then norm, sum and function.
func (e *layerEntry) apply(b *Builder, name string, x graph.Value, vocab int64, saved map[string]graph.Value) graph.Value {
	if e.From != "" {
		x = named(b, name, e.From, saved)
	}
	if e.Flatten {
		x = b.Flatten(x)
	}
	x = e.operator(b, name, x, vocab)
	switch e.Norm {
	case "batch":
		x = b.Norm(name+".norm", x, graph.BatchNorm)
	case "layer":
		x = b.Norm(name+".norm", x, graph.LayerNorm)
	case "rms":
		x = b.Norm(name+".norm", x, graph.RMSNorm)
	}
	if e.Add != "" {
		x = b.Add(name+".add", x, named(b, name, e.Add, saved))
	}
	if e.Mul != "" {
		x = b.Mul(name+".mul", x, named(b, name, e.Mul, saved))
	}
	if fn, ok := map[string]graph.Fn{
		"relu": graph.ReLU, "relu6": graph.ReLU6, "gelu": graph.GELU, "silu": graph.SiLU,
		"sigmoid": graph.Sigmoid, "tanh": graph.Tanh, "hardswish": graph.HardSwish,
	}[e.Act]; ok {
		x = b.Act(name+".act", x, fn)
	}
	if e.Concat != "" {
		x = b.Concat(x, named(b, name, e.Concat, saved))
	}
	if e.Save != "" {
		saved[e.Save] = x
	}
	return x
}

// check refuses an entry of several operators, of none that does anything, or whose
// heads do not divide.
func (e *layerEntry) check(b *Builder, name string, x graph.Value) {
	var ops []string
	for _, o := range []struct {
		key string
		set bool
	}{
		{"conv", e.Conv > 0},
		{"conv_transpose", e.Transpose > 0},
		{"depthwise", e.Depthwise},
		{"linear", e.Linear > 0},
		{"embed", e.Embed > 0},
		{"attention", e.Attention > 0},
		{"lstm", e.LSTM > 0},
		{"pool", e.Pool != ""},
	} {
		if o.set {
			ops = append(ops, o.key)
		}
	}
	switch {
	case len(ops) > 1:
		b.Failf("layer %s: %s: an entry has one operator", name, strings.Join(ops, ", "))
	case len(ops) == 0 && e.Norm+e.Act+e.Save+e.From+e.Add+e.Mul+e.Concat == "" && !e.Flatten && !e.joined:
		b.Failf("layer %s: neither an operator nor a function", name)
	case e.Attention > 0 && (x.C%e.Attention != 0 || e.KVHeads > 0 && e.Attention%e.KVHeads != 0):
		b.Failf("layer %s: attention: %d heads and %d of keys for %d features: heads divide the features, those of keys the heads", name, e.Attention, max(e.KVHeads, 1), x.C)
	}
}

func (e *layerEntry) operator(b *Builder, name string, x graph.Value, vocab int64) graph.Value {
	if e.check(b, name, x); b.Err() != nil {
		return x
	}
	kernel, stride, groups, dilation := max(1, e.Kernel), max(1, e.Stride), max(1, e.Groups), max(1, e.Dilation)
	pad := e.Pad
	if pad < 0 {
		pad = dilation * (kernel - 1) / 2
	}
	k := graph.Square(kernel, stride, pad)
	k.DilH, k.DilW = dilation, dilation
	if x.W == 1 && x.H > 1 { // a sequence
		k.S, k.StrideW, k.PadW, k.DilW = 1, 1, 0, 1
	}
	switch {
	case e.Depthwise:
		return b.Conv(name, x, x.C, k, x.C, !e.NoBias)
	case e.Conv > 0:
		return b.Conv(name, x, e.Conv, k, groups, !e.NoBias)
	case e.Transpose > 0:
		return b.ConvTranspose(name, x, e.Transpose, k, groups, !e.NoBias)
	case e.Linear > 0:
		return b.Linear(name, x, e.Linear, !e.NoBias)
	case e.Embed > 0:
		return b.Embed(name, x, e.Embed, b.Param(name+".weight", vocab*e.Embed))
	case e.LSTM > 0:
		return b.LSTM(name, x, e.LSTM)
	case e.Attention > 0:
		kv := e.KVHeads
		if kv == 0 {
			kv = e.Attention
		}
		width := x.C / e.Attention * kv
		q := b.Linear(name+".q", x, x.C, !e.NoBias)
		key, v := b.Linear(name+".k", x, width, !e.NoBias), b.Linear(name+".v", x, width, !e.NoBias)
		return b.Linear(name+".o", b.Attend(name, q, key, v, Heads{Q: e.Attention, KV: kv}, true, nil), x.C, !e.NoBias)
	case e.Pool == "global":
		return b.GlobalPool(name, x, 1, 1)
	case e.Pool == "max":
		return b.Pool(name, x, graph.MaxPool, k)
	case e.Pool == "average":
		return b.Pool(name, x, graph.AvgPool, k)
	}
	return x
}
