package language

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// bert is the encoder of Devlin et al. 2019 with its pooler.
type bert struct {
	Layers    int64 `yaml:"layers" range:"1,1024" need:"1"`
	Hidden    int64 `yaml:"hidden" need:"1"`
	Heads     int64 `yaml:"heads" range:"1,4096" need:"1"`
	FF        int64 `yaml:"feed_forward" range:"0,16777216"`
	Vocab     int64 `yaml:"vocabulary"`
	Positions int64 `yaml:"positions"`
}

func (m *bert) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: 512, MaxSeq: int(m.Positions)}
}

func (m *bert) Build(b *template.Builder, s template.Shape) {
	d, ff := m.Hidden, m.FF
	if ff == 0 {
		ff = 4 * d
	}
	x := b.Embed("embeddings.word_embeddings", b.Tokens("input_ids", s.Seq), d, b.Param("embeddings.word_embeddings.weight", m.Vocab*d))
	x = b.Pointwise("embeddings.position_embeddings", graph.ParamAdd, x, b.Param("embeddings.position_embeddings.weight", m.Positions*d))
	x = b.Pointwise("embeddings.token_type_embeddings", graph.ParamAdd, x, b.Param("embeddings.token_type_embeddings.weight", 2*d))
	x = b.Drop("embeddings.dropout", b.Norm("embeddings.LayerNorm", x, graph.LayerNorm))
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("encoder.layer.%d.", i)
		q := b.Linear(n+"attention.self.query", x, d, true)
		k := b.Linear(n+"attention.self.key", x, d, true)
		v := b.Linear(n+"attention.self.value", x, d, true)
		y := b.Attend(n+"attention.self", q, k, v, template.Heads{Q: m.Heads, KV: m.Heads}, true, nil)
		y = b.Drop(n+"attention.output.dropout", b.Linear(n+"attention.output.dense", y, d, true))
		x = b.Norm(n+"attention.output.LayerNorm", b.Add(n+"attention.output.add", y, x), graph.LayerNorm)
		y = b.Act(n+"intermediate.act", b.Linear(n+"intermediate.dense", x, ff, true), graph.GELU)
		y = b.Drop(n+"output.dropout", b.Linear(n+"output.dense", y, d, true))
		x = b.Norm(n+"output.LayerNorm", b.Add(n+"output.add", y, x), graph.LayerNorm)
	}
	b.Block()
	b.Output(x)
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
