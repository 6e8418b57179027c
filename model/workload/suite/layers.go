package suite

import (
	"fmt"

	"stco/model/workload/graph"
)

// layersTemplate is the name of the template of plain lists.
const layersTemplate = "layers"

// layers is a network as a list: every entry reads what the entry before wrote.
type layers struct {
	Input  []int64      `yaml:"input" range:"1,16777216"` // channels, height, width; or features, positions
	Vocab  int64        `yaml:"vocabulary" range:"0,16777216"`
	Layers []layerEntry `yaml:"layers" need:"1"`
}

// layerEntry is one entry of a list: one operator, or entries to repeat.
type layerEntry struct {
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

func (m *layers) traits() traits {
	if m.Vocab > 0 {
		return traits{family: "nlp", seq: 512}
	}
	if len(m.Input) == 2 {
		return traits{family: "nlp"}
	}
	return traits{family: "cv"}
}

func (m *layers) build(b *builder, s shape) {
	var x graph.Value
	switch {
	case m.Vocab > 0:
		x = b.Tokens("input_ids", s.seq)
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
	saved := map[string]graph.Value{}
	count := 0
	x = m.list(b, "", x, m.Layers, saved, &count)
	if b.Err() == nil {
		b.Logits(x)
	}
}

// maxLayers bounds the entries of a list with its repeats.
const maxLayers = 1 << 16

func (m *layers) list(b *builder, prefix string, x graph.Value, entries []layerEntry, saved map[string]graph.Value, count *int) graph.Value {
	for i := range entries {
		e := &entries[i]
		for r := range max(1, e.Repeat) {
			if *count++; *count > maxLayers || b.Err() != nil {
				b.Failf("layers: more than %d with their repeats", maxLayers)
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
				b.Block()
				x = m.list(b, name+".", x, e.Layers, saved, count)
				continue
			}
			x = e.apply(b, name, x, m.Vocab, saved)
		}
	}
	return x
}

// named returns a saved result.
func named(b *builder, name, key string, saved map[string]graph.Value) graph.Value {
	v, ok := saved[key]
	if !ok {
		b.Failf("layer %s: no earlier layer has save: %s", name, key)
		return graph.Value{C: 1, H: 1, W: 1}
	}
	return v
}

// apply adds the operator of an entry, then norm, sum and function.
func (e *layerEntry) apply(b *builder, name string, x graph.Value, vocab int64, saved map[string]graph.Value) graph.Value {
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

func (e *layerEntry) operator(b *builder, name string, x graph.Value, vocab int64) graph.Value {
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
		return b.lstmOf(name, x, e.LSTM)
	case e.Attention > 0:
		kv := e.KVHeads
		if kv == 0 {
			kv = e.Attention
		}
		width := x.C / e.Attention * kv
		q := b.Linear(name+".q", x, x.C, !e.NoBias)
		key, v := b.Linear(name+".k", x, width, !e.NoBias), b.Linear(name+".v", x, width, !e.NoBias)
		return b.Linear(name+".o", b.attend(name, q, key, v, heads{e.Attention, kv}, true, nil), x.C, !e.NoBias)
	case e.Pool == "global":
		return b.GlobalPool(name, x, 1, 1)
	case e.Pool == "max":
		return b.Pool(name, x, graph.MaxPool, k)
	case e.Pool == "average":
		return b.Pool(name, x, graph.AvgPool, k)
	}
	return x
}

// templates are the kinds of networks that a file may name, with their defaults.
var templates = map[string]func() template{
	layersTemplate: func() template { return &layers{} },
	"alexnet":      func() template { return &alexnet{Classes: 1000} },
	"vgg":          func() template { return &vgg{Classes: 1000} },
	"resnet":       func() template { return &resnet{Groups: 1, Width: 64, Classes: 1000} },
	"densenet":     func() template { return &densenet{Stem: 64, Classes: 1000} },
	"squeezenet":   func() template { return &squeezenet{Classes: 1000} },
	"googlenet":    func() template { return &googlenet{Classes: 1000} },
	"inception_v3": func() template { return &inceptionV3{Classes: 1000} },
	"mobilenet_v2": func() template { return &mobilenetV2{Classes: 1000} },
	"mobilenet_v3": func() template { return &mobilenetV3{Classes: 1000} },
	"mnasnet":      func() template { return &mnasnet{Width: 1, Classes: 1000} },
	"efficientnet": func() template { return &efficientnet{Width: 1, Depth: 1, Stem: 32, Classes: 1000} },
	"regnet":       func() template { return &regnet{Classes: 1000} },
	"shufflenet":   func() template { return &shufflenet{Classes: 1000} },
	"convnext":     func() template { return &convnext{Classes: 1000} },
	"vit":          func() template { return &vit{Classes: 1000} },
	"swin":         func() template { return &swin{Version: 1, Classes: 1000} },
	"maxvit":       func() template { return &maxvit{Classes: 1000} },
	"sam":          func() template { return &sam{} },
	"ssd300":       func() template { return &ssd300{Classes: 91} },
	"retinanet":    func() template { return &retinanet{Depths: []int64{3, 4, 6, 3}, Anchors: 9, Classes: 91} },
	"rcnn":         func() template { return &rcnn{Depths: []int64{3, 4, 6, 3}, Proposals: 1000, Classes: 91} },
	"yolov3":       func() template { return &yolov3{Classes: 80} },
	"yolov8":       func() template { return &yolov8{Classes: 80} },
	"unet":         func() template { return &unet{Width: 64, Levels: 4, Input: 1, Classes: 2} },
	"unet3d":       func() template { return &unet3d{Input: 1, Classes: 3} },
	"dit":          func() template { return &dit{Classes: 1000} },
	"sd_unet":      func() template { return &sdUNet{Tokens: 77} },
	"bert":         func() template { return &bert{Vocab: 30522, Positions: 512} },
	"gpt":          func() template { return &gpt{Vocab: 50257, Positions: 1024} },
	"llama":        func() template { return &llama{WindowEvery: 1} },
	"moe":          func() template { return &llama{WindowEvery: 1} },
	"transformer":  func() template { return &transformer{} },
	"t5":           func() template { return &t5{Vocab: 32128} },
	"whisper":      func() template { return &whisper{Frames: 3000, Tokens: 448} },
	"lstm":         func() template { return &lstm{} },
	"gnmt":         func() template { return &gnmt{} },
	"rnnt":         func() template { return &rnnt{Symbols: 64} },
	"mamba": func() template {
		return &mamba{Conv: 4, Expand: 2, HeadSize: 64, Groups: 1, Chunk: 256, Scan: "recurrent"}
	},
	"dlrm": func() template { return &dlrm{Width: 128, Dense: 13} },
}
