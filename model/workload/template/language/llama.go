package language

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// llama is the decoder of Touvron et al. 2023 and its relatives: RMS norm, rotary
// positions, grouped-query or latent attention, SwiGLU or a mixture of experts, each
// of which a key replaces by what other decoders have.
type llama struct {
	Layers   int64 `yaml:"layers" range:"1,1024" need:"1"`
	Hidden   int64 `yaml:"hidden" need:"1"`
	Heads    int64 `yaml:"heads" range:"1,4096" need:"1"`
	KVHeads  int64 `yaml:"kv_heads" range:"0,4096"` // 0: as many as heads
	HeadSize int64 `yaml:"head_size" range:"0,65536"`
	FF       int64 `yaml:"feed_forward" range:"0,16777216"`
	Vocab    int64 `yaml:"vocabulary" need:"1"`

	QKVBias     bool  `yaml:"qkv_bias"`
	OutBias     bool  `yaml:"out_bias"`
	QKNorm      bool  `yaml:"qk_norm"`
	Tied        bool  `yaml:"tied"`
	Window      int64 `yaml:"window" range:"0,1048576"`
	WindowEvery int64 `yaml:"window_every" range:"1,64"` // of so many layers one has the window,
	WindowFirst int64 `yaml:"window_first" range:"0,63"` // which layer has it first
	GlobalEvery int64 `yaml:"global_every" range:"0,64"` // of so many layers the last sees all keys; 0: none does
	Sinks       bool  `yaml:"sinks"`
	LoRA        int64 `yaml:"lora_rank" range:"0,65536"` // adapters of fused qkv and output; the rest is frozen

	Norm      string `yaml:"norm" oneof:"rms,layer,layer_no_bias,none"` // none: a layer norm without parameters
	Norms     string `yaml:"norms" oneof:"before,after,both"`           // of a sub-layer
	EmbedNorm bool   `yaml:"embed_norm"`
	NormOver  string `yaml:"qk_norm_over" oneof:"heads,features"`
	Parallel  string `yaml:"parallel" oneof:"no,one_norm,two_norms"` // attention and feed-forward network side by side
	Positions int64  `yaml:"positions" range:"0,1048576"`            // learned ones
	Rotary    bool   `yaml:"rotary"`
	Gated     bool   `yaml:"gated"`
	Act       string `yaml:"activation" oneof:"silu,gelu,relu"`
	FFBias    bool   `yaml:"feed_forward_bias"`
	HeadBias  bool   `yaml:"head_bias"`

	Experts *experts `yaml:"experts"`
	Latent  *latent  `yaml:"latent"`
}

// newLlama returns the defaults: those of Llama.
func newLlama() template.Template {
	return &llama{WindowEvery: 1, Norm: "rms", Norms: "before", NormOver: "heads", Parallel: "no", Rotary: true, Gated: true, Act: "silu"}
}

// experts is a mixture of experts in place of the feed-forward network.
type experts struct {
	Count      int64 `yaml:"count" range:"1,65536" need:"1"`
	TopK       int64 `yaml:"top_k" range:"1,4096" need:"1"`
	FF         int64 `yaml:"feed_forward" need:"1"`
	Shared     int64 `yaml:"shared" range:"0,4096"`                  // experts that every token uses
	SharedFF   int64 `yaml:"shared_feed_forward" range:"0,16777216"` // columns of each; 0: those of the others
	SharedGate bool  `yaml:"shared_gate"`                            // a factor of every token for them
	Dense      int64 `yaml:"dense_layers" range:"0,1024"`            // first layers without a mixture
	Every      int64 `yaml:"every" range:"0,64"`                     // of so many layers the last has a mixture; 0: all
	Bias       bool  `yaml:"bias"`
	RouterBias bool  `yaml:"router_bias"`
}

// latent is the attention of DeepSeek-V2: queries and keys through low ranks, a
// rotary part that the heads share.
type latent struct {
	QRank  int64 `yaml:"q_rank" range:"0,65536"` // 0: queries are not compressed
	KVRank int64 `yaml:"kv_rank" need:"1"`
	Nope   int64 `yaml:"nope" need:"1"`
	Rope   int64 `yaml:"rope" need:"1"`
	Value  int64 `yaml:"value" need:"1"`
}

func (m *llama) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: 512, MaxSeq: int(m.Positions), Decoder: true, Causal: true, Window: true, Latent: m.Latent != nil, Slices: true}
}

// device is what one device of several has of a network.
type device struct {
	heads, kv, headSize, ff, vocab int64
	first                          int64 // layer
}

// share splits the network among the devices of a slice.
func (m *llama) share(b *template.Builder, s template.Shape) device {
	p := device{heads: m.Heads, kv: m.KVHeads, headSize: m.HeadSize, ff: m.FF, vocab: m.Vocab}
	if p.kv == 0 {
		p.kv = p.heads
	}
	if p.headSize == 0 {
		if p.headSize = m.Hidden / m.Heads; m.Hidden%m.Heads != 0 {
			b.Failf("heads %d: must divide hidden %d, or head_size be given", m.Heads, m.Hidden)
		}
	}
	if p.ff == 0 && (m.Experts == nil || m.Experts.Dense > 0 || m.Experts.Every > 1) {
		b.Failf("feed_forward: missing: columns of the network behind the attention of layers without experts")
	}
	if m.WindowFirst >= m.WindowEvery {
		b.Failf("window_first %d: of %d layers the first is 0 to %d", m.WindowFirst, m.WindowEvery, m.WindowEvery-1)
	}
	divide := func(key string, n, by int64) int64 {
		if n%by != 0 {
			b.Failf("slice.tensor %d devices: %s %d is no multiple", by, key, n)
			return n
		}
		return n / by
	}
	p.heads, p.ff = divide("heads", p.heads, s.Tensor), divide("feed_forward", p.ff, s.Tensor)
	if p.kv > s.Tensor {
		p.kv = divide("kv_heads", p.kv, s.Tensor)
	} else {
		p.kv = 1 // replicated beyond one head a device
	}
	p.vocab = (p.vocab + s.Tensor - 1) / s.Tensor
	p.first = m.Layers - (m.Layers+s.Pipeline-1)/s.Pipeline
	if s.Seq%s.Parts != 0 && !s.Decode {
		b.Failf("slice.sequence %d devices: %d tokens are no multiple", s.Parts, s.Seq)
	}
	return p
}

func (m *llama) Build(b *template.Builder, s template.Shape) {
	p := m.share(b, s)
	if b.Err() != nil {
		return
	}
	tokens := s.Seq
	if !s.Decode {
		tokens /= s.Parts
	}
	var table int32
	var x graph.Value
	if p.first > 0 {
		x = b.Input("hidden_states", m.Hidden, tokens, 1)
	} else {
		table = b.Param("embed_tokens.weight", p.vocab*m.Hidden)
		x = b.Embed("embed_tokens", b.Tokens("input_ids", tokens), m.Hidden, table)
		if m.Positions > 0 {
			x = b.Pointwise("embed_positions", graph.ParamAdd, x, b.Param("embed_positions.weight", m.Positions*m.Hidden))
		}
		if m.EmbedNorm {
			x = m.norm(b, "embed_layernorm", x)
		}
	}
	for i := p.first; i < m.Layers; i++ {
		b.Block()
		x = m.layer(b, fmt.Sprintf("layers.%d.", i), x, p, s, i)
		if s.Tensor > 1 {
			b.Reduce(2 * x.Elems())
		}
	}
	b.Block()
	x = m.norm(b, "norm", b.LastToken(x, s))
	if !m.Tied || p.first > 0 {
		table = b.Param("lm_head.weight", p.vocab*m.Hidden)
	}
	head := []int32{table}
	if m.HeadBias {
		head = append(head, b.Param("lm_head.bias", p.vocab))
	}
	b.Logits(b.LinearWith("lm_head", x, p.vocab, head...))
	if m.LoRA > 0 {
		b.FixExcept("lora_")
	}
}

// layer adds one layer: attention and a feed-forward network or a mixture, one
// behind the other or side by side.
func (m *llama) layer(b *template.Builder, n string, x graph.Value, p device, s template.Shape, i int64) graph.Value {
	attend := func(y graph.Value) graph.Value {
		if m.Latent != nil {
			return m.latentAttention(b, n+"self_attn.", y, p, s)
		}
		return m.attention(b, n+"self_attn.", y, p, s, i)
	}
	feed := func(y graph.Value) graph.Value {
		if e := m.Experts; e != nil && i >= e.Dense && (i+1)%max(1, e.Every) == 0 {
			return m.mixture(b, n+"mlp.", y, s)
		}
		return m.feedForward(b, n+"mlp.", y, p.ff)
	}
	if m.Parallel != "no" {
		y := m.norm(b, n+"input_layernorm", x)
		z := y
		if m.Parallel == "two_norms" {
			z = m.norm(b, n+"post_attention_layernorm", x)
		}
		x = b.Add(n+"add_1", x, attend(y))
		return b.Add(n+"add_2", x, feed(z))
	}
	sub := func(first, last, add string, f func(graph.Value) graph.Value) {
		y := x
		if m.Norms != "after" {
			y = m.norm(b, n+first, y)
		}
		if y = f(y); m.Norms != "before" {
			y = m.norm(b, n+last, y)
		}
		x = b.Add(n+add, x, y)
	}
	if m.Norms == "before" {
		sub("input_layernorm", "", "add_1", attend)
		sub("post_attention_layernorm", "", "add_2", feed)
		return x
	}
	sub("input_layernorm", "post_attention_layernorm", "add_1", attend)
	sub("pre_feedforward_layernorm", "post_feedforward_layernorm", "add_2", feed)
	return x
}

// norm adds the normalisation of the network over the features of every token.
func (m *llama) norm(b *template.Builder, n string, x graph.Value) graph.Value {
	switch m.Norm {
	case "layer":
		return b.Norm(n, x, graph.LayerNorm)
	case "layer_no_bias":
		return b.NormWith(n, x, graph.LayerNorm, x.H, b.Param(n+".weight", x.C))
	case "none":
		return b.NormWith(n, x, graph.LayerNorm, x.H)
	}
	return b.Norm(n, x, graph.RMSNorm)
}

// activation returns the function of the feed-forward network.
func (m *llama) activation() graph.Fn {
	return map[string]graph.Fn{"silu": graph.SiLU, "gelu": graph.GELU, "relu": graph.ReLU}[m.Act]
}

// feedForward adds the feed-forward network, with a gate or without.
func (m *llama) feedForward(b *template.Builder, n string, x graph.Value, ff int64) graph.Value {
	if !m.Gated {
		y := b.Act(n+"act_fn", b.Linear(n+"up_proj", x, ff, m.FFBias), m.activation())
		return b.Linear(n+"down_proj", y, x.C, m.FFBias)
	}
	gate := b.Act(n+"act_fn", b.Linear(n+"gate_proj", x, ff, m.FFBias), m.activation())
	y := b.Mul(n+"mul", b.Linear(n+"up_proj", x, ff, m.FFBias), gate)
	return b.Linear(n+"down_proj", y, x.C, m.FFBias)
}

// windowOf returns the window of a layer, 0 for none.
func (m *llama) windowOf(layer int64, s template.Shape) int64 {
	w := m.Window
	if s.Window > 0 {
		w = s.Window
	}
	if layer%m.WindowEvery != m.WindowFirst || m.GlobalEvery > 0 && (layer+1)%m.GlobalEvery == 0 {
		return 0
	}
	return w
}

func (m *llama) attention(b *template.Builder, n string, x graph.Value, p device, s template.Shape, layer int64) graph.Value {
	width, kv := p.heads*p.headSize, p.kv*p.headSize
	var q, k, v graph.Value
	if m.LoRA > 0 {
		y := m.adapted(b, n+"qkv_proj", x, width+2*kv)
		q, k, v = b.Slice(y, 0, width, y.H, 1), b.Slice(y, width*y.H, kv, y.H, 1), b.Slice(y, (width+kv)*y.H, kv, y.H, 1)
		q, k = m.rotated(b, n+"rotary_q", q, 0, p), m.rotated(b, n+"rotary_k", k, 0, p)
	} else {
		q = m.rotated(b, n+"rotary_q", b.Linear(n+"q_proj", x, width, m.QKVBias), p.heads, p)
		k = m.rotated(b, n+"rotary_k", b.Linear(n+"k_proj", x, kv, m.QKVBias), p.kv, p)
		v = b.Linear(n+"v_proj", x, kv, m.QKVBias)
	}
	w := m.windowOf(layer, s)
	k, v = b.Cached(n+"k_cache", k, s, w), b.Cached(n+"v_cache", v, s, w)
	k, v = others(b, n+"k", k, s), others(b, n+"v", v, s)
	var sink func(string, graph.Value) graph.Value
	if m.Sinks {
		learned := b.Param(n+"sinks", p.heads)
		sink = func(name string, scores graph.Value) graph.Value {
			return b.PointwiseOver(name+".sinks", graph.ParamAdd, scores, p.heads*x.H, learned)
		}
	}
	y := b.AttendIn(trim(n), q, k, v, template.Heads{Q: p.heads, KV: p.kv}, template.Scope{Causal: s.Causal, Window: w}, true, sink)
	if m.LoRA > 0 {
		return m.adapted(b, n+"o_proj", y, x.C)
	}
	return b.Linear(n+"o_proj", y, x.C, m.OutBias)
}

// rotated adds the rotary positions of queries or keys, behind their
// normalisation: over every head with a gain that the heads share, or over all
// features.
func (m *llama) rotated(b *template.Builder, n string, x graph.Value, heads int64, p device) graph.Value {
	if m.QKNorm && heads > 0 {
		rows, gain := x.H*heads, p.headSize
		if m.NormOver == "features" {
			rows, gain = x.H, x.C
		}
		x = b.NormWith(n+".norm", x, graph.RMSNorm, rows, b.Param(n+".norm.weight", gain))
	}
	if !m.Rotary {
		return x
	}
	return b.Pointwise(n, graph.Rotate, x)
}

func trim(n string) string { return n[:len(n)-1] }

// others adds the keys or values of the other parts of a sliced sequence, which
// arrive from their devices.
func others(b *template.Builder, n string, x graph.Value, s template.Shape) graph.Value {
	if s.Parts == 1 || s.Decode {
		return x
	}
	return b.Concat(b.Input(n+"_others", x.C, x.H*(s.Parts-1), 1), x)
}

// adapted adds a linear layer without bias and its low-rank adapter (Hu et al.
// 2021).
func (m *llama) adapted(b *template.Builder, n string, x graph.Value, f int64) graph.Value {
	y := b.Linear(n, x, f, false)
	low := b.Linear(n+".lora_A", x, m.LoRA, false)
	return b.Add(n+".lora_add", y, b.Linear(n+".lora_B", low, f, false))
}

// mixture adds the experts: a router, the experts that the tokens choose, and
// those that all use.
func (m *llama) mixture(b *template.Builder, n string, x graph.Value, s template.Shape) graph.Value {
	e := m.Experts
	ff := e.FF / s.Tensor
	if e.FF%s.Tensor != 0 {
		b.Failf("slice.tensor %d devices: experts.feed_forward %d is no multiple", s.Tensor, e.FF)
	}
	r := workload.Routing{Experts: e.Count, TopK: e.TopK, Tokens: x.H}
	router := []int32{b.Param(n+"gate.weight", e.Count*x.C)}
	if e.RouterBias {
		router = append(router, b.Param(n+"gate.bias", e.Count))
	}
	chosen := b.Softmax(n+"gate.softmax", b.LinearWith(n+"gate", x, e.Count, router...))
	var y graph.Value
	if m.Gated {
		gate := b.Act(n+"experts.act_fn", b.Routed(n+"experts.gate_proj", x, ff, r, e.Bias), m.activation())
		y = b.Mul(n+"experts.mul", b.Routed(n+"experts.up_proj", x, ff, r, e.Bias), gate)
	} else {
		y = b.Act(n+"experts.act_fn", b.Routed(n+"experts.up_proj", x, ff, r, e.Bias), m.activation())
	}
	y = b.Gather(n+"experts.sum", b.Routed(n+"experts.down_proj", y, x.C, r, e.Bias), chosen, r)
	if e.Shared == 0 {
		return y
	}
	if e.SharedFF > 0 {
		ff = (e.SharedFF + s.Tensor - 1) / s.Tensor
	}
	shared := m.feedForward(b, n+"shared_experts.", x, e.Shared*ff)
	if e.SharedGate {
		gate := b.Act(n+"shared_expert_gate.sigmoid", b.Linear(n+"shared_expert_gate", x, 1, false), graph.Sigmoid)
		shared = b.Mul(n+"shared_mul", shared, gate)
	}
	return b.Add(n+"shared_add", y, shared)
}

// latentAttention adds the attention of DeepSeek-V2. Tokens that are decoded
// Attend over the latent vectors, with the projections of keys and values
// absorbed into queries and outputs, unless every head caches its own.
func (m *llama) latentAttention(b *template.Builder, n string, x graph.Value, p device, s template.Shape) graph.Value {
	l := m.Latent
	var q graph.Value
	if l.QRank > 0 {
		q = b.Norm(n+"q_a_layernorm", b.Linear(n+"q_a_proj", x, l.QRank, false), graph.RMSNorm)
		q = b.Linear(n+"q_b_proj", q, p.heads*(l.Nope+l.Rope), false)
	} else {
		q = b.Linear(n+"q_proj", x, p.heads*(l.Nope+l.Rope), false)
	}
	t := x.H
	qNope := b.Slice(q, 0, p.heads*l.Nope, t, 1)
	qRope := b.Pointwise(n+"rotary_q", graph.Rotate, b.Slice(q, p.heads*l.Nope*t, p.heads*l.Rope, t, 1))
	kv := b.Linear(n+"kv_a_proj_with_mqa", x, l.KVRank+l.Rope, false)
	c := b.Norm(n+"kv_a_layernorm", b.Slice(kv, 0, l.KVRank, t, 1), graph.RMSNorm)
	kRope := b.Pointwise(n+"rotary_k", graph.Rotate, b.Slice(kv, l.KVRank*t, l.Rope, t, 1))
	up := []int32{b.Param(n+"kv_b_proj.k.weight", p.heads*l.Nope*l.KVRank), b.Param(n+"kv_b_proj.v.weight", p.heads*l.Value*l.KVRank)}
	in := template.Scope{Causal: s.Causal, Window: s.Window}
	if !s.Heads {
		c, kRope = b.Cached(n+"latent_cache", c, s, s.Window), b.Cached(n+"rope_cache", kRope, s, s.Window)
	}
	if s.Decode && !s.Heads {
		one := graph.Square(1, 1, 0)
		qLow := b.ConvWith(n+"q_absorb", qNope, 1, p.heads*l.KVRank, one, p.heads, up[0])
		y := b.AttendIn(trim(n), b.Concat(qLow, qRope), b.Concat(c, kRope), c, template.Heads{Q: p.heads, KV: 1}, in, true, nil)
		y = b.ConvWith(n+"v_absorb", y, 1, p.heads*l.Value, one, p.heads, up[1])
		return b.Linear(n+"o_proj", y, x.C, false)
	}
	k, v := b.LinearWith(n+"kv_b_proj.k", c, p.heads*l.Nope, up[0]), b.LinearWith(n+"kv_b_proj.v", c, p.heads*l.Value, up[1])
	k = b.Concat(k, b.Reshape(b.Copy(n+"k_rope_heads", kRope, kRope.Elems()*p.heads), l.Rope*p.heads, t, 1))
	if s.Heads {
		k, v = b.Cached(n+"k_cache", k, s, s.Window), b.Cached(n+"v_cache", v, s, s.Window)
	}
	k, v = others(b, n+"k", k, s), others(b, n+"v", v, s)
	y := b.AttendIn(trim(n), b.Concat(qNope, qRope), k, v, template.Heads{Q: p.heads, KV: p.heads}, in, true, nil)
	return b.Linear(n+"o_proj", y, x.C, false)
}
