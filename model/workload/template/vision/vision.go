package vision

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// vit is Dosovitskiy et al. 2021; the class token is classified. As in
// torchvision, nothing is dropped.
type vit struct {
	Patch   int64 `yaml:"patch" range:"1,256" need:"1"`
	Layers  int64 `yaml:"layers" range:"1,256" need:"1"`
	Heads   int64 `yaml:"heads" range:"1,1024" need:"1"`
	Hidden  int64 `yaml:"hidden" need:"1"`
	MLP     int64 `yaml:"feed_forward" need:"1"`
	Classes int64 `yaml:"classes"`
}

func (m *vit) Traits() template.Traits { return cnn.ImageTraits() }

func (m *vit) Build(b *template.Builder, s template.Shape) {
	d := m.Hidden
	if s.Image%m.Patch != 0 || d%m.Heads != 0 {
		b.Failf("image_size %d pixels: must be a multiple of the patch of %d, and hidden %d of the %d heads", s.Image, m.Patch, d, m.Heads)
		return
	}
	x := b.Conv("conv_proj", cnn.Image(b, s), d, graph.Square(m.Patch, m.Patch, 0), 1, true)
	x = b.Concat(b.Constant("class_token", d, 1, 1), b.Reshape(x, d, x.H*x.W, 1))
	x = b.Pointwise("encoder.pos_embedding", graph.ParamAdd, x, b.Param("encoder.pos_embedding", x.Elems()))
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("encoder.layers.encoder_layer_%d.", i)
		y := b.Norm(n+"ln_1", x, graph.LayerNorm)
		y = b.Linear(n+"self_attention.in_proj(qkv)", y, 3*d, true)
		q, k, v := b.Thirds(y)
		y = b.Attend(n+"self_attention", q, k, v, template.Heads{Q: m.Heads, KV: m.Heads}, false, nil)
		x = b.Add(n+"add_1", x, b.Linear(n+"self_attention.out_proj", y, d, true))
		y = b.Norm(n+"ln_2", x, graph.LayerNorm)
		y = b.Act(n+"mlp.1", b.Linear(n+"mlp.0", y, m.MLP, true), graph.GELU)
		x = b.Add(n+"add_2", x, b.Linear(n+"mlp.3", y, d, true))
	}
	b.Block()
	x = b.Norm("encoder.ln", x, graph.LayerNorm)
	cnn.Classify(b, "heads.head", b.Slice(x, 0, d, 1, 1), m.Classes, false)
}

// mixer is Tolstikhin et al. 2021: a network over the positions and one over the
// channels in every block.
type mixer struct {
	Patch   int64 `yaml:"patch" range:"1,256" need:"1"`
	Layers  int64 `yaml:"layers" range:"1,256" need:"1"`
	Hidden  int64 `yaml:"hidden" need:"1"`
	Tokens  int64 `yaml:"token_mlp" need:"1"`
	MLP     int64 `yaml:"feed_forward" need:"1"`
	Classes int64 `yaml:"classes"`
}

func (m *mixer) Traits() template.Traits { return cnn.ImageTraits() }

func (m *mixer) Build(b *template.Builder, s template.Shape) {
	if s.Image%m.Patch != 0 {
		b.Failf("image_size %d pixels: must be a multiple of the patch of %d", s.Image, m.Patch)
		return
	}
	x := b.Conv("stem.proj", cnn.Image(b, s), m.Hidden, graph.Square(m.Patch, m.Patch, 0), 1, true)
	d, t := m.Hidden, x.H*x.W
	x = b.Reshape(x, d, t, 1)
	turned := func(y graph.Value) graph.Value { return b.Reshape(y, y.H, y.C, 1) } // a transposition is a view
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("blocks.%d.", i)
		y := b.MLP(n+"mlp_tokens", turned(b.Norm(n+"norm1", x, graph.LayerNorm)), m.Tokens)
		x = b.Add(n+"add_1", x, turned(y))
		x = b.Add(n+"add_2", x, b.MLP(n+"mlp_channels", b.Norm(n+"norm2", x, graph.LayerNorm), m.MLP))
	}
	b.Block()
	x = b.Norm("norm", x, graph.LayerNorm)
	cnn.Classify(b, "head", b.GlobalPool("pool", x, 1, 1), m.Classes, false)
}

// swin is Liu et al. 2021 and, with version 2, 2022: attention in windows that
// every second block shifts by half (a permutation, and a mask). Maps that are no
// multiple of the window are padded.
type swin struct {
	Version int64   `yaml:"version" range:"1,2"`
	Embed   int64   `yaml:"embed" need:"1"`
	Depths  []int64 `yaml:"depths" range:"1,256" need:"1"`
	Heads   []int64 `yaml:"heads" range:"1,1024" need:"1"`
	Window  int64   `yaml:"window" range:"1,256" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *swin) Traits() template.Traits { return cnn.ImageTraits() }

func (m *swin) Build(b *template.Builder, s template.Shape) {
	if len(m.Heads) != len(m.Depths) {
		b.Failf("heads: %d entries for %d stages", len(m.Heads), len(m.Depths))
		return
	}
	x := b.Norm("features.0.2", b.Conv("features.0.0", cnn.Image(b, s), m.Embed, graph.Square(4, 4, 0), 1, true), graph.LayerNorm)
	for i, depth := range m.Depths {
		for j := range depth {
			b.Block()
			x = m.blockOf(b, fmt.Sprintf("features.%d.%d.", 2*i+1, j), x, m.Heads[i])
		}
		if i < len(m.Depths)-1 {
			b.Block()
			n := fmt.Sprintf("features.%d.", 2*i+2)
			h, w := (x.H+1)/2, (x.W+1)/2
			if x.H%2+x.W%2 > 0 {
				x = b.Copy(n+"pad", x, 4*x.C*h*w)
			}
			x = b.Reshape(x, x.Elems()/(h*w), h, w)
			if m.Version == 2 {
				x = b.Norm(n+"norm", b.Linear(n+"reduction", x, x.C/2, false), graph.LayerNorm)
			} else {
				x = b.Linear(n+"reduction", b.Norm(n+"norm", x, graph.LayerNorm), x.C/2, false)
			}
		}
	}
	b.Block()
	x = b.Norm("norm", x, graph.LayerNorm)
	cnn.Classify(b, "head", b.GlobalPool("avgpool", x, 1, 1), m.Classes, false)
}

func (m *swin) blockOf(b *template.Builder, n string, x graph.Value, heads int64) graph.Value {
	if m.Version == 2 {
		x = b.Add(n+"add_1", x, b.Norm(n+"norm1", m.attention(b, n+"attn", x, heads), graph.LayerNorm))
		return b.Add(n+"add_2", x, b.Norm(n+"norm2", b.MLP(n+"mlp", x, 4*x.C), graph.LayerNorm))
	}
	x = b.Add(n+"add_1", x, m.attention(b, n+"attn", b.Norm(n+"norm1", x, graph.LayerNorm), heads))
	return b.Add(n+"add_2", x, b.MLP(n+"mlp", b.Norm(n+"norm2", x, graph.LayerNorm), 4*x.C))
}

func (m *swin) attention(b *template.Builder, n string, x graph.Value, heads int64) graph.Value {
	w := m.Window
	table := (2*w - 1) * (2*w - 1)
	if m.Version == 1 {
		rel := b.Param(n+".relative_position_bias_table", table*heads)
		return windows(b, n, x, heads, w, func(p graph.Value) graph.Value {
			return b.Pointwise(n+".bias", graph.ParamAdd, p, rel)
		})
	}
	coords := b.Reshape(b.ConstantWith(n+".coords", b.FrozenParam(n+".relative_coords_table", 2*table)), 2, table, 1)
	bias := b.Act(n+".cpb_mlp.1", b.Linear(n+".cpb_mlp.0", coords, 512, true), graph.ReLU)
	bias = b.Act(n+".cpb_sigmoid", b.Linear(n+".cpb_mlp.2", bias, heads, false), graph.Sigmoid)
	bias = b.Copy(n+".bias_index", bias, heads*w*w*w*w)
	scale := b.Param(n+".logit_scale", heads)
	return windows(b, n, x, heads, w, func(p graph.Value) graph.Value {
		return b.Add(n+".bias", b.Pointwise(n+".logit_scale", graph.ParamMul, p, scale), bias)
	})
}

// windows adds attention of every token with those of its window of w x w, and
// the output projection. The map is padded to whole windows before the
// projections, which run on the padding too.
func windows(b *template.Builder, n string, x graph.Value, heads, w int64, bias func(graph.Value) graph.Value) graph.Value {
	h0, w0 := x.H, x.W
	h, wd := (x.H+w-1)/w*w, (x.W+w-1)/w*w
	d := x.C
	if h != h0 || wd != w0 {
		x = b.Reshape(b.Copy(n+".pad", x, d*h*wd), d, h, wd)
	}
	x = b.Reshape(x, d, h*wd, 1)
	q, k, v := b.Thirds(b.Linear(n+".qkv", x, 3*d, true))
	groups, t := heads*h*wd/(w*w), w*w
	y := b.Core(func() graph.Value {
		p := bias(b.MatMul(n+".qk", q, k, groups, t, d/heads, t))
		return b.MatMul(n+".av", b.Softmax(n+".softmax", p), v, groups, t, t, d/heads)
	})
	y = b.Linear(n+".proj", b.Reshape(y, d, h*wd, 1), d, true)
	return b.Reshape(b.Slice(y, 0, d, h0*w0, 1), d, h0, w0)
}

// maxvit is Tu et al. 2022: an inverted residual, attention in windows, attention
// over a grid.
type maxvit struct {
	Stem     int64   `yaml:"stem" need:"1"`
	Widths   []int64 `yaml:"channels" need:"1"`
	Depths   []int64 `yaml:"depths" range:"1,256" need:"1"`
	HeadSize int64   `yaml:"head_size" need:"1"`
	Window   int64   `yaml:"window" range:"1,256" need:"1"`
	Classes  int64   `yaml:"classes"`
}

func (m *maxvit) Traits() template.Traits { return cnn.ImageTraits() }

func (m *maxvit) Build(b *template.Builder, s template.Shape) {
	if len(m.Widths) != len(m.Depths) {
		b.Failf("channels: %d entries for %d stages", len(m.Widths), len(m.Depths))
		return
	}
	x := cnn.ConvBN(b, "stem.0.0", "stem.0.1", cnn.Image(b, s), m.Stem, graph.Square(3, 2, 1), 1, graph.GELU)
	x = b.Conv("stem.1.0", x, m.Stem, graph.Square(3, 1, 1), 1, true)
	for i, depth := range m.Depths {
		for j := range depth {
			b.Block()
			stride := int64(1)
			if j == 0 {
				stride = 2
			}
			n := fmt.Sprintf("blocks.%d.layers.%d.layers.", i, j)
			x = m.convolution(b, n+"MBconv.", x, m.Widths[i], stride)
			for _, part := range []string{"window_attention.", "grid_attention."} {
				heads := x.C / m.HeadSize
				rel := b.Param(n+part+"relative_position_bias_table", (2*m.Window-1)*(2*m.Window-1)*heads)
				y := windows(b, n+part+"attn", b.Norm(n+part+"attn_layer.0", x, graph.LayerNorm), heads, m.Window, func(p graph.Value) graph.Value {
					return b.Pointwise(n+part+"bias", graph.ParamAdd, p, rel)
				})
				x = b.Add(n+part+"add_1", x, y)
				x = b.Add(n+part+"add_2", x, b.MLP(n+part+"mlp", b.Norm(n+part+"mlp_layer.0", x, graph.LayerNorm), 4*x.C))
			}
		}
	}
	b.Block()
	x = b.Norm("classifier.2", b.Flatten(b.GlobalPool("classifier.0", x, 1, 1)), graph.LayerNorm)
	x = b.Act("classifier.4", b.Linear("classifier.3", x, x.C, true), graph.Tanh)
	b.Logits(b.Linear("classifier.5", x, m.Classes, false))
}

func (m *maxvit) convolution(b *template.Builder, n string, x graph.Value, out, stride int64) graph.Value {
	one := graph.Square(1, 1, 0)
	skip := x
	if stride == 2 {
		skip = b.Pool(n+"proj.0", x, graph.AvgPool, graph.Square(3, 2, 1))
	}
	if stride == 2 || x.C != out {
		skip = b.Conv(n+"proj.1", skip, out, one, 1, true)
	}
	y := cnn.ConvBN(b, n+"conv_a.0", n+"conv_a.1", b.Norm(n+"pre_norm", x, graph.BatchNorm), 4*out, one, 1, graph.GELU)
	y = cnn.ConvBN(b, n+"conv_b.0", n+"conv_b.1", y, y.C, graph.Square(3, stride, 1), y.C, graph.GELU)
	y = cnn.SqueezeExcite(b, n+"squeeze_excitation", y, out/4, graph.SiLU, graph.Sigmoid)
	return b.Add(n+"add", b.Conv(n+"conv_c", y, out, one, 1, true), skip)
}

// sam is the image encoder of Kirillov et al. 2023. The decomposed relative
// positions are counted as vector operations.
type sam struct {
	Layers int64   `yaml:"layers" range:"1,256" need:"1"`
	Hidden int64   `yaml:"hidden" need:"1"`
	Heads  int64   `yaml:"heads" range:"1,1024" need:"1"`
	Global []int64 `yaml:"global" range:"0,255" need:"1"`
	Window int64   `yaml:"window" range:"1,256" need:"1"`
	Patch  int64   `yaml:"patch" range:"1,256" need:"1"`
	Neck   int64   `yaml:"neck" need:"1"`
}

func (m *sam) Traits() template.Traits { return template.Traits{Family: "cv", Image: 1024} }

func (m *sam) Build(b *template.Builder, s template.Shape) {
	x := b.Conv("patch_embed.proj", cnn.Image(b, s), m.Hidden, graph.Square(m.Patch, m.Patch, 0), 1, true)
	x = b.Pointwise("pos_embed", graph.ParamAdd, x, b.Param("pos_embed", x.Elems()))
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("blocks.%d.", i)
		w := m.Window
		if slices.Contains(m.Global, i) {
			w = x.H
		}
		rel := []int32{b.Param(n+"attn.rel_pos_h", (2*w-1)*m.Hidden/m.Heads), b.Param(n+"attn.rel_pos_w", (2*w-1)*m.Hidden/m.Heads)}
		y := windows(b, n+"attn", b.Norm(n+"norm1", x, graph.LayerNorm), m.Heads, w, func(p graph.Value) graph.Value {
			rows := p.Elems() / (w * w)
			for k, axis := range []string{"h", "w"} { // every query with w positions of its row or column
				p = b.PointwiseOver(n+"attn.rel_"+axis, graph.ParamAdd, p, p.Elems()+2*rows*w*m.Hidden/m.Heads, rel[k])
			}
			return p
		})
		x = b.Add(n+"add_1", x, y)
		x = b.Add(n+"add_2", x, b.MLP(n+"mlp", b.Norm(n+"norm2", x, graph.LayerNorm), 4*m.Hidden))
	}
	b.Block()
	x = b.Norm("neck.1", b.Conv("neck.0", x, m.Neck, graph.Square(1, 1, 0), 1, false), graph.LayerNorm)
	b.Output(b.Norm("neck.3", b.Conv("neck.2", x, m.Neck, graph.Square(3, 1, 1), 1, false), graph.LayerNorm))
}
