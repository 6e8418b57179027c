package vision

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// flux is the transformer of FLUX.1 (Black Forest Labs 2024) over the latent of an
// image, one token for 16 x 16 pixels, beside the tokens of the text: blocks in which
// image and text have weights of their own and attend together, then blocks that
// both share, with attention and feed-forward network side by side. One step for one
// image; the modulation runs on one vector for every image.
type flux struct {
	Double   int64 `yaml:"double_layers" range:"1,256" need:"1"`
	Single   int64 `yaml:"single_layers" range:"0,256" need:"1"`
	Hidden   int64 `yaml:"hidden" need:"1"`
	Heads    int64 `yaml:"heads" range:"1,1024" need:"1"`
	Text     int64 `yaml:"text"`   // features of a token of the text
	Pooled   int64 `yaml:"pooled"` // of the whole text
	Tokens   int64 `yaml:"text_tokens"`
	Guidance bool  `yaml:"guidance"`
}

const fluxChannels = 64 // 16 of the latent in patches of 2 x 2

func (m *flux) Traits() template.Traits { return template.Traits{Family: "cv", Image: 1024} }

func (m *flux) Build(b *template.Builder, s template.Shape) {
	d := m.Hidden
	if s.Image%16 != 0 || d%m.Heads != 0 {
		b.Failf("image_size %d pixels: must be a multiple of 16, and hidden %d of the %d heads", s.Image, d, m.Heads)
		return
	}
	n := s.Image / 16 * (s.Image / 16)
	img := b.Linear("img_in", b.Input("latent", fluxChannels, n, 1), d, true)
	txt := b.Linear("txt_in", b.Input("text", m.Text, m.Tokens, 1), d, true)
	embed := func(name string, in int64) graph.Value {
		y := b.Act(name+".silu", b.Linear(name+".in_layer", b.Input(name, in, 1, 1), d, true), graph.SiLU)
		return b.Linear(name+".out_layer", y, d, true)
	}
	vec := embed("time_in", 256)
	if m.Guidance {
		vec = b.Add("guidance.add", vec, embed("guidance_in", 256))
	}
	vec = b.Act("vec.silu", b.Add("vector.add", vec, embed("vector_in", m.Pooled)), graph.SiLU)
	for i := range m.Double {
		b.Block()
		img, txt = m.double(b, fmt.Sprintf("double_blocks.%d.", i), img, txt, vec)
	}
	x := b.Concat(txt, img)
	for i := range m.Single {
		b.Block()
		x = m.single(b, fmt.Sprintf("single_blocks.%d.", i), x, vec)
	}
	b.Block()
	part := modulation(b, "final_layer.adaLN_modulation.1", vec, 2)
	x = modulated(b, "final_layer.norm_final", b.Slice(x, m.Tokens*d, d, n, 1), part(1), part(0))
	b.Logits(b.Linear("final_layer.linear", x, fluxChannels, true))
}

// modulation adds a linear layer of the vector of an image and returns its parts.
func modulation(b *template.Builder, n string, vec graph.Value, parts int64) func(int64) graph.Value {
	d := vec.C
	y := b.Linear(n, vec, parts*d, true)
	return func(k int64) graph.Value { return b.Slice(y, k*d, d, 1, 1) }
}

// modulated adds a layer norm without parameters, a factor and a term.
func modulated(b *template.Builder, n string, x, scale, shift graph.Value) graph.Value {
	return b.Add(n+".shift", b.Mul(n+".scale", b.NormWith(n, x, graph.LayerNorm, x.H), scale), shift)
}

// heads normalises every head of queries and keys, and rotates them.
func (m *flux) heads(b *template.Builder, n string, q, k graph.Value) (graph.Value, graph.Value) {
	turn := func(part string, x graph.Value) graph.Value {
		gain := b.Param(n+part+"_norm.scale", m.Hidden/m.Heads)
		return b.Pointwise(n+part+"_rope", graph.Rotate, b.NormWith(n+part+"_norm", x, graph.RMSNorm, x.H*m.Heads, gain))
	}
	return turn("query", q), turn("key", k)
}

// double adds a block of two streams.
func (m *flux) double(b *template.Builder, n string, img, txt, vec graph.Value) (graph.Value, graph.Value) {
	d := m.Hidden
	streams := []graph.Value{txt, img}
	var q, k, v []graph.Value
	var parts []func(int64) graph.Value
	for i, side := range []string{"txt", "img"} {
		parts = append(parts, modulation(b, n+side+"_mod.lin", vec, 6))
		y := modulated(b, n+side+"_norm1", streams[i], parts[i](1), parts[i](0))
		qi, ki, vi := b.Thirds(b.Linear(n+side+"_attn.qkv", y, 3*d, true))
		qi, ki = m.heads(b, n+side+"_attn.norm.", qi, ki)
		q, k, v = append(q, qi), append(k, ki), append(v, vi)
	}
	all := template.Heads{Q: m.Heads, KV: m.Heads}
	y := b.Attend(n+"attn", b.Concat(q...), b.Concat(k...), b.Concat(v...), all, false, nil)
	off := int64(0)
	for i, side := range []string{"txt", "img"} {
		x := streams[i]
		z := b.Linear(n+side+"_attn.proj", b.Slice(y, off, d, x.H, 1), d, true)
		off += x.Elems()
		x = b.Add(n+side+"_add_1", x, b.Mul(n+side+"_gate_1", z, parts[i](2)))
		z = b.MLP(n+side+"_mlp", modulated(b, n+side+"_norm2", x, parts[i](4), parts[i](3)), 4*d)
		streams[i] = b.Add(n+side+"_add_2", x, b.Mul(n+side+"_gate_2", z, parts[i](5)))
	}
	return streams[1], streams[0]
}

// single adds a block of one stream.
func (m *flux) single(b *template.Builder, n string, x, vec graph.Value) graph.Value {
	d, t := m.Hidden, x.H
	part := modulation(b, n+"modulation.lin", vec, 3)
	y := b.Linear(n+"linear1", modulated(b, n+"pre_norm", x, part(1), part(0)), 7*d, true)
	q, k := m.heads(b, n+"norm.", b.Slice(y, 0, d, t, 1), b.Slice(y, d*t, d, t, 1))
	z := b.Attend(n+"attn", q, k, b.Slice(y, 2*d*t, d, t, 1), template.Heads{Q: m.Heads, KV: m.Heads}, false, nil)
	wide := b.Act(n+"mlp_act", b.Slice(y, 3*d*t, 4*d, t, 1), graph.GELU)
	z = b.Concat(z, wide)
	z = b.Linear(n+"linear2", b.Reshape(z, 5*d, t, 1), d, true)
	return b.Add(n+"add", x, b.Mul(n+"gate", z, part(2)))
}
