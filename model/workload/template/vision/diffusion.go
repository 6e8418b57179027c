package vision

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// dit is Peebles and Xie 2023 over the latent of an image, an eighth of its size.
// The modulation runs on one vector for every image.
type dit struct {
	Layers  int64 `yaml:"layers" range:"1,256" need:"1"`
	Hidden  int64 `yaml:"hidden" need:"1"`
	Heads   int64 `yaml:"heads" range:"1,1024" need:"1"`
	Patch   int64 `yaml:"patch" range:"1,64" need:"1"`
	Classes int64 `yaml:"classes"`
}

func (m *dit) Traits() template.Traits { return template.Traits{Family: "cv", Image: 256} }

func (m *dit) Build(b *template.Builder, s template.Shape) {
	d, latent := m.Hidden, s.Image/8
	if s.Image%8 != 0 || latent%m.Patch != 0 || d%m.Heads != 0 {
		b.Failf("image_size %d pixels: must be a multiple of 8 times the patch of %d", s.Image, m.Patch)
		return
	}
	x := b.Conv("x_embedder.proj", b.Input("latent", 4, latent, latent), d, graph.Square(m.Patch, m.Patch, 0), 1, true)
	x = b.Reshape(x, d, x.H*x.W, 1)
	x = b.Pointwise("pos_embed", graph.ParamAdd, x, b.FrozenParam("pos_embed", x.Elems()))
	t := b.Act("t_embedder.mlp.1", b.Linear("t_embedder.mlp.0", b.Input("timestep", 256, 1, 1), d, true), graph.SiLU)
	t = b.Linear("t_embedder.mlp.2", t, d, true)
	c := b.Add("condition", t, b.Embed("y_embedder", b.Tokens("class", 1), d, b.Param("y_embedder.embedding_table", (m.Classes+1)*d)))
	c = b.Act("condition.act", c, graph.SiLU)
	modulate := func(n string, x, scale, shift graph.Value) graph.Value {
		return b.Add(n+".shift", b.Mul(n+".scale", b.NormWith(n, x, graph.LayerNorm, x.H), scale), shift)
	}
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("blocks.%d.", i)
		ada := b.Linear(n+"adaLN_modulation", c, 6*d, true)
		part := func(k int64) graph.Value { return b.Slice(ada, k*d, d, 1, 1) }
		y := b.Linear(n+"attn.qkv", modulate(n+"norm1", x, part(0), part(1)), 3*d, true)
		q, k, v := b.Thirds(y)
		y = b.Linear(n+"attn.proj", b.Attend(n+"attn", q, k, v, template.Heads{Q: m.Heads, KV: m.Heads}, false, nil), d, true)
		x = b.Add(n+"add_1", x, b.Mul(n+"gate_1", y, part(2)))
		y = b.MLP(n+"mlp", modulate(n+"norm2", x, part(3), part(4)), 4*d)
		x = b.Add(n+"add_2", x, b.Mul(n+"gate_2", y, part(5)))
	}
	b.Block()
	ada := b.Linear("final_layer.adaLN_modulation", c, 2*d, true)
	x = modulate("final_layer.norm", x, b.Slice(ada, 0, d, 1, 1), b.Slice(ada, d, d, 1, 1))
	b.Logits(b.Linear("final_layer.linear", x, m.Patch*m.Patch*8, true))
}

// sdUNet is the U-Net of Stable Diffusion (Rombach et al. 2022, Podell et al.
// 2023) over the latent of an image, an eighth of its size: one step for one
// image, without guidance.
type sdUNet struct {
	Widths   []int64 `yaml:"channels" need:"1"`
	Depths   []int64 `yaml:"attention" range:"0,64" need:"1"`
	Mid      int64   `yaml:"mid" range:"0,64" need:"1"`
	Heads    int64   `yaml:"heads" range:"0,1024"`
	HeadSize int64   `yaml:"head_size" range:"0,1024"`
	Cross    int64   `yaml:"cross" need:"1"`
	Tokens   int64   `yaml:"text_tokens"`
	Added    int64   `yaml:"added" range:"0,65536"` // features of size and pooled text

	temb, text graph.Value
}

func (m *sdUNet) Traits() template.Traits { return template.Traits{Family: "cv", Image: 512} }

func (m *sdUNet) Build(b *template.Builder, s template.Shape) {
	if len(m.Widths) != len(m.Depths) || (m.Heads == 0) == (m.HeadSize == 0) {
		b.Failf("channels: %d entries, attention: %d; give heads or head_size", len(m.Widths), len(m.Depths))
		return
	}
	first := m.Widths[0]
	x := b.Conv("conv_in", b.Input("latent", 4, s.Image/8, s.Image/8), first, graph.Square(3, 1, 1), 1, true)
	m.text = b.Input("text", m.Cross, m.Tokens, 1)
	embed := func(n string, in int64) graph.Value {
		y := b.Act(n+".act", b.Linear(n+".linear_1", b.Input(n+".input", in, 1, 1), 4*first, true), graph.SiLU)
		return b.Linear(n+".linear_2", y, 4*first, true)
	}
	m.temb = embed("time_embedding", first)
	if m.Added > 0 {
		m.temb = b.Add("emb.add", m.temb, embed("add_embedding", m.Added))
	}
	m.temb = b.Act("emb.act", m.temb, graph.SiLU)
	skips := []graph.Value{x}
	for i, f := range m.Widths {
		n := fmt.Sprintf("down_blocks.%d.", i)
		for j := range 2 {
			x = m.cell(b, n, j, x, f, m.Depths[i])
			skips = append(skips, x)
		}
		if i < len(m.Widths)-1 {
			b.Block()
			x = b.Conv(n+"downsamplers.0.conv", x, f, graph.Square(3, 2, 1), 1, true)
			skips = append(skips, x)
		}
	}
	x = m.cell(b, "mid_block.", 0, x, x.C, m.Mid)
	x = m.cell(b, "mid_block.", 1, x, x.C, 0)
	for i := range m.Widths {
		n, level := fmt.Sprintf("up_blocks.%d.", i), len(m.Widths)-1-i
		for j := range 3 {
			x = b.Concat(x, skips[len(skips)-1])
			skips = skips[:len(skips)-1]
			x = m.cell(b, n, j, x, m.Widths[level], m.Depths[level])
		}
		if level > 0 {
			b.Block()
			x = b.Reshape(b.Copy(n+"upsamplers.0", x, 4*x.Elems()), x.C, 2*x.H, 2*x.W)
			x = b.Conv(n+"upsamplers.0.conv", x, x.C, graph.Square(3, 1, 1), 1, true)
		}
	}
	b.Block()
	x = b.Act("conv_act", groupNorm(b, "conv_norm_out", x), graph.SiLU)
	b.Logits(b.Conv("conv_out", x, 4, graph.Square(3, 1, 1), 1, true))
}

// groupNorm adds a normalisation in 32 groups.
func groupNorm(b *template.Builder, n string, x graph.Value) graph.Value {
	return b.NormWith(n, x, graph.LayerNorm, 32, b.Param(n+".weight", x.C), b.Param(n+".bias", x.C))
}

// cell adds a residual block and a transformer of depth blocks.
func (m *sdUNet) cell(b *template.Builder, n string, j int, x graph.Value, f, depth int64) graph.Value {
	b.Block()
	r := fmt.Sprintf("%sresnets.%d.", n, j)
	y := b.Act(r+"act1", groupNorm(b, r+"norm1", x), graph.SiLU)
	y = b.Conv(r+"conv1", y, f, graph.Square(3, 1, 1), 1, true)
	y = b.Add(r+"time_add", y, b.Linear(r+"time_emb_proj", m.temb, f, true))
	y = b.Act(r+"act2", groupNorm(b, r+"norm2", y), graph.SiLU)
	y = b.Conv(r+"conv2", y, f, graph.Square(3, 1, 1), 1, true)
	if x.C != f {
		x = b.Conv(r+"conv_shortcut", x, f, graph.Square(1, 1, 0), 1, true)
	}
	x = b.Add(r+"add", y, x)
	if depth == 0 {
		return x
	}
	b.Block()
	t := fmt.Sprintf("%sattentions.%d.", n, j)
	h, w := x.H, x.W
	y = b.Reshape(groupNorm(b, t+"norm", x), x.C, h*w, 1)
	y = b.Linear(t+"proj_in", y, f, true)
	for k := range depth {
		y = m.transformer(b, fmt.Sprintf("%stransformer_blocks.%d.", t, k), y)
	}
	y = b.Reshape(b.Linear(t+"proj_out", y, f, true), f, h, w)
	return b.Add(t+"add", y, x)
}

// transformer adds self-attention, attention over the text and a gated
// feed-forward network.
func (m *sdUNet) transformer(b *template.Builder, n string, x graph.Value) graph.Value {
	d := x.C
	count := m.Heads
	if m.HeadSize > 0 {
		count = d / m.HeadSize
	}
	for i, over := range []string{"attn1", "attn2"} {
		y := b.Norm(fmt.Sprintf("%snorm%d", n, i+1), x, graph.LayerNorm)
		mem := y
		if over == "attn2" {
			mem = m.text
		}
		q := b.Linear(n+over+".to_q", y, d, false)
		k := b.Linear(n+over+".to_k", mem, d, false)
		v := b.Linear(n+over+".to_v", mem, d, false)
		y = b.Linear(n+over+".to_out.0", b.Attend(n+over, q, k, v, template.Heads{Q: count, KV: count}, false, nil), d, true)
		x = b.Add(n+over+".add", y, x)
	}
	y := b.Linear(n+"ff.net.0.proj", b.Norm(n+"norm3", x, graph.LayerNorm), 8*d, true)
	half := y.Elems() / 2
	gate := b.Act(n+"ff.gelu", b.Slice(y, half, 4*d, y.H, 1), graph.GELU)
	y = b.Mul(n+"ff.mul", b.Slice(y, 0, 4*d, y.H, 1), gate)
	return b.Add(n+"ff.add", b.Linear(n+"ff.net.2", y, d, true), x)
}
