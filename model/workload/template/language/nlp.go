package language

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// bert is the encoder of Devlin et al. 2019 with its pooler, and its relatives:
// without token types or pooler, with a smaller embedding, with one set of weights
// for all layers.
type bert struct {
	Layers    int64 `yaml:"layers" range:"1,1024" need:"1"`
	Hidden    int64 `yaml:"hidden" need:"1"`
	Heads     int64 `yaml:"heads" range:"1,4096" need:"1"`
	FF        int64 `yaml:"feed_forward" range:"0,16777216"`
	Vocab     int64 `yaml:"vocabulary"`
	Positions int64 `yaml:"positions"`
	Types     int64 `yaml:"token_types" range:"0,64"`
	Embedding int64 `yaml:"embedding" range:"0,16777216"` // features of the tables; 0: hidden
	Shared    bool  `yaml:"shared_layers"`
	Pooler    bool  `yaml:"pooler"`

	kept map[string][]int32 // parameters of a layer that all share
}

func (m *bert) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: int(min(512, m.Positions)), MaxSeq: int(m.Positions)}
}

// params returns the parameters of an operator: its own, or those that every layer
// has under that name.
func (m *bert) params(b *template.Builder, prefix, name string, weight, bias int64) []int32 {
	if !m.Shared {
		prefix += name
		return []int32{b.Param(prefix+".weight", weight), b.Param(prefix+".bias", bias)}
	}
	if m.kept[name] == nil {
		m.kept[name] = []int32{b.Param("encoder.shared."+name+".weight", weight), b.Param("encoder.shared."+name+".bias", bias)}
	}
	return m.kept[name]
}

func (m *bert) linear(b *template.Builder, prefix, name string, x graph.Value, f int64) graph.Value {
	return b.LinearWith(prefix+name, x, f, m.params(b, prefix, name, f*x.C, f)...)
}

func (m *bert) norm(b *template.Builder, prefix, name string, x graph.Value) graph.Value {
	return b.NormWith(prefix+name, x, graph.LayerNorm, x.H, m.params(b, prefix, name, x.C, x.C)...)
}

// embed adds the sum of the tables, its normalisation and, for tables of fewer
// features, a projection.
func (m *bert) embed(b *template.Builder, s template.Shape) graph.Value {
	e := m.Embedding
	if e == 0 {
		e = m.Hidden
	}
	x := b.Embed("embeddings.word_embeddings", b.Tokens("input_ids", s.Seq), e, b.Param("embeddings.word_embeddings.weight", m.Vocab*e))
	x = b.Pointwise("embeddings.position_embeddings", graph.ParamAdd, x, b.Param("embeddings.position_embeddings.weight", m.Positions*e))
	if m.Types > 0 {
		x = b.Pointwise("embeddings.token_type_embeddings", graph.ParamAdd, x, b.Param("embeddings.token_type_embeddings.weight", m.Types*e))
	}
	x = b.Drop("embeddings.dropout", b.Norm("embeddings.LayerNorm", x, graph.LayerNorm))
	if e != m.Hidden {
		x = b.Linear("embeddings_project", x, m.Hidden, true)
	}
	return x
}

func (m *bert) Build(b *template.Builder, s template.Shape) {
	d, ff := m.Hidden, m.FF
	if ff == 0 {
		ff = 4 * d
	}
	m.kept = map[string][]int32{}
	x := m.embed(b, s)
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("encoder.layer.%d.", i)
		q := m.linear(b, n, "attention.self.query", x, d)
		k := m.linear(b, n, "attention.self.key", x, d)
		v := m.linear(b, n, "attention.self.value", x, d)
		y := b.Attend(n+"attention.self", q, k, v, template.Heads{Q: m.Heads, KV: m.Heads}, true, nil)
		y = b.Drop(n+"attention.output.dropout", m.linear(b, n, "attention.output.dense", y, d))
		x = m.norm(b, n, "attention.output.LayerNorm", b.Add(n+"attention.output.add", y, x))
		y = b.Act(n+"intermediate.act", m.linear(b, n, "intermediate.dense", x, ff), graph.GELU)
		y = b.Drop(n+"output.dropout", m.linear(b, n, "output.dense", y, d))
		x = m.norm(b, n, "output.LayerNorm", b.Add(n+"output.add", y, x))
	}
	b.Block()
	b.Output(x)
	if !m.Pooler {
		return
	}
	y := b.Linear("pooler.dense", b.Slice(x, 0, d, 1, 1), d, true)
	b.Output(b.Act("pooler.activation", y, graph.Tanh))
}

// gpt is the decoder of Radford et al. 2019; also the shapes of Brown et al.
// 2020.
type gpt struct {
	Layers    int64 `yaml:"layers" range:"1,1024" need:"1"`
	Hidden    int64 `yaml:"hidden" need:"1"`
	Heads     int64 `yaml:"heads" range:"1,4096" need:"1"`
	Vocab     int64 `yaml:"vocabulary"`
	Positions int64 `yaml:"positions"`
}

func (m *gpt) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: int(min(1024, m.Positions)), MaxSeq: int(m.Positions), Decoder: true, Causal: true, Window: true}
}

func (m *gpt) Build(b *template.Builder, s template.Shape) {
	d := m.Hidden
	wte := b.Param("wte.weight", m.Vocab*d)
	x := b.Embed("wte", b.Tokens("input_ids", s.Seq), d, wte)
	x = b.Pointwise("wpe", graph.ParamAdd, x, b.Param("wpe.weight", m.Positions*d))
	x = b.Drop("drop", x)
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("h.%d.", i)
		y := b.Linear(n+"attn.c_attn", b.Norm(n+"ln_1", x, graph.LayerNorm), 3*d, true)
		q, k, v := b.Thirds(y)
		k, v = b.Cached(n+"attn.k_cache", k, s, s.Window), b.Cached(n+"attn.v_cache", v, s, s.Window)
		y = b.Linear(n+"attn.c_proj", b.AttendIn(n+"attn", q, k, v, template.Heads{Q: m.Heads, KV: m.Heads}, template.Scope{Causal: s.Causal, Window: s.Window}, true, nil), d, true)
		x = b.Add(n+"add_1", x, b.Drop(n+"attn.resid_dropout", y))
		y = b.Act(n+"mlp.act", b.Linear(n+"mlp.c_fc", b.Norm(n+"ln_2", x, graph.LayerNorm), 4*d, true), graph.GELU)
		x = b.Add(n+"add_2", x, b.Drop(n+"mlp.dropout", b.Linear(n+"mlp.c_proj", y, d, true)))
	}
	b.Block()
	b.Logits(b.LinearWith("lm_head", b.Norm("ln_f", b.LastToken(x, s), graph.LayerNorm), m.Vocab, wte))
}
