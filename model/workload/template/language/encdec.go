package language

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// encDec builds the transformers with an encoder and a decoder.
type encDec struct {
	*template.Builder
	s     template.Shape
	heads int64
	width int64 // of all heads
	bias  projectionBias

	source int64 // positions of the encoder; 0: those of the context

	// The parts in which the networks differ: around is a sub-layer with its
	// residual sum and normalisation, table is added to the scores of
	// self-attention.
	around func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value
	table  func(name string, scores graph.Value) graph.Value
	ffn    func(name string, x graph.Value) graph.Value
}

// projectionBias says which projections of an attention have a bias.
type projectionBias struct{ q, k, v, o bool }

// run adds the layers of encoder and decoder and returns the decoder's output.
// In decoding the encoder has run before: its keys and values are in the KV
// cache, for a source as long as the context.
func (e *encDec) run(encoders, decoders int64, source, target func() graph.Value, between func(graph.Value) graph.Value) graph.Value {
	var mem graph.Value
	if !e.s.Decode {
		x := source()
		for i := range encoders {
			e.Block()
			n := fmt.Sprintf("encoder.%d", i)
			x = e.around(n+".self", x, func(y graph.Value) graph.Value { return e.self(n+".self", y, false) })
			x = e.around(n+".ffn", x, func(y graph.Value) graph.Value { return e.ffn(n, y) })
		}
		mem = between(x)
	}
	e.Block()
	x := target()
	for i := range decoders {
		e.Block()
		n := fmt.Sprintf("decoder.%d", i)
		x = e.around(n+".self", x, func(y graph.Value) graph.Value { return e.self(n+".self", y, true) })
		x = e.around(n+".cross", x, func(y graph.Value) graph.Value { return e.cross(n+".cross", y, mem) })
		x = e.around(n+".ffn", x, func(y graph.Value) graph.Value { return e.ffn(n, y) })
	}
	return x
}

// self adds self-attention, of the decoder with a cache.
func (e *encDec) self(name string, x graph.Value, decoder bool) graph.Value {
	q := e.Linear(name+".q", x, e.width, e.bias.q)
	k := e.Linear(name+".k", x, e.width, e.bias.k)
	v := e.Linear(name+".v", x, e.width, e.bias.v)
	c := template.Scope{}
	if decoder {
		k, v = e.Cached(name+".k_cache", k, e.s, 0), e.Cached(name+".v_cache", v, e.s, 0)
		c.Causal = e.s.Causal
	}
	return e.Linear(name+".o", e.AttendIn(name, q, k, v, template.Heads{Q: e.heads, KV: e.heads}, c, true, e.table), x.C, e.bias.o)
}

// cross adds attention of x over the encoder's output mem.
func (e *encDec) cross(name string, x, mem graph.Value) graph.Value {
	q := e.Linear(name+".q", x, e.width, e.bias.q)
	side := func(part string, bias bool) graph.Value {
		if e.s.Decode {
			positions := e.source
			if positions == 0 {
				positions = e.s.Context
			}
			return e.State(name+part+"_cache", workload.KVCache, e.width, positions, 1)
		}
		return e.Cached(name+part+"_cache", e.Linear(name+part, mem, e.width, bias), e.s, 0)
	}
	k, v := side(".k", e.bias.k), side(".v", e.bias.v)
	return e.Linear(name+".o", e.Attend(name, q, k, v, template.Heads{Q: e.heads, KV: e.heads}, true, nil), x.C, e.bias.o)
}

// transformer is Vaswani et al. 2017: normalisation after the residual sum,
// sinusoidal positions, one embedding for both sides and the output; and BART (Lewis
// et al. 2020): learned positions, a normalisation of the embedding, biases.
type transformer struct {
	Layers int64 `yaml:"layers" range:"1,256" need:"1"`
	Hidden int64 `yaml:"hidden" need:"1"`
	Heads  int64 `yaml:"heads" range:"1,4096" need:"1"`
	FF     int64 `yaml:"feed_forward" need:"1"`
	Vocab  int64 `yaml:"vocabulary" need:"1"`

	Positions int64  `yaml:"positions" range:"0,1048576"` // learned ones of either side
	EmbedNorm bool   `yaml:"embed_norm"`
	Bias      bool   `yaml:"attention_bias"`
	Act       string `yaml:"activation" oneof:"relu,gelu"`
}

func encDecTraits() template.Traits {
	return template.Traits{Family: "nlp", Seq: 512, Decoder: true, Causal: true}
}

func (m *transformer) Traits() template.Traits { return encDecTraits() }

func (m *transformer) Build(b *template.Builder, s template.Shape) {
	d := m.Hidden
	table := b.Param("shared_embedding.weight", m.Vocab*d)
	e := encDec{Builder: b, s: s, heads: m.Heads, width: d, bias: projectionBias{m.Bias, m.Bias, m.Bias, m.Bias}}
	act := map[string]graph.Fn{"relu": graph.ReLU, "gelu": graph.GELU}[m.Act]
	e.around = func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value {
		y := b.Drop(name+".dropout", sub(x))
		return b.Norm(name+".layer_norm", b.Add(name+".add", y, x), graph.LayerNorm)
	}
	e.ffn = func(name string, x graph.Value) graph.Value {
		return b.Linear(name+".ffn2", b.Act(name+"."+m.Act, b.Linear(name+".ffn1", x, m.FF, true), act), d, true)
	}
	embed := func(side, ids string) func() graph.Value {
		return func() graph.Value {
			x := b.Embed(side+".embed", b.Tokens(ids, s.Seq), d, table)
			if m.Positions > 0 {
				x = b.Pointwise(side+".embed_positions", graph.ParamAdd, x, b.Param(side+".embed_positions.weight", m.Positions*d))
			}
			if m.EmbedNorm {
				x = b.Norm(side+".layernorm_embedding", x, graph.LayerNorm)
			}
			return b.Drop(side+".dropout", x)
		}
	}
	x := e.run(m.Layers, m.Layers, embed("encoder", "source_ids"), embed("decoder", "target_ids"), func(x graph.Value) graph.Value { return x })
	b.Block()
	b.Logits(b.LinearWith("softmax", b.LastToken(x, s), m.Vocab, table))
}

// t5 is Raffel et al. 2020: normalisation before the sub-layer by root mean
// square, a relative position bias per head that all layers of a side share and
// every layer adds to its scores. Version 1.1 has a gated feed-forward network
// and an output that is not tied.
type t5 struct {
	Layers   int64 `yaml:"layers" range:"1,256" need:"1"`
	Hidden   int64 `yaml:"hidden" need:"1"`
	Heads    int64 `yaml:"heads" range:"1,4096" need:"1"`
	HeadSize int64 `yaml:"head_size" need:"1"`
	FF       int64 `yaml:"feed_forward" need:"1"`
	Vocab    int64 `yaml:"vocabulary"`
	Gated    bool  `yaml:"gated"`
	Untied   bool  `yaml:"untied"`
}

func (m *t5) Traits() template.Traits { return encDecTraits() }

func (m *t5) Build(b *template.Builder, s template.Shape) {
	const buckets = 32
	d := m.Hidden
	table := b.Param("shared.weight", m.Vocab*d)
	var rel int32
	e := encDec{Builder: b, s: s, heads: m.Heads, width: m.Heads * m.HeadSize}
	e.around = func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value {
		y := b.Drop(name+".dropout", sub(b.Norm(name+".layer_norm", x, graph.RMSNorm)))
		return b.Add(name+".add", x, y)
	}
	e.table = func(name string, scores graph.Value) graph.Value {
		return b.Pointwise(name+".relative_attention_bias", graph.ParamAdd, scores, rel)
	}
	e.ffn = func(name string, x graph.Value) graph.Value {
		if m.Gated {
			gate := b.Act(name+".gelu", b.Linear(name+".wi_0", x, m.FF, false), graph.GELU)
			y := b.Mul(name+".mul", b.Linear(name+".wi_1", x, m.FF, false), gate)
			return b.Linear(name+".wo", b.Drop(name+".ffn_dropout", y), d, false)
		}
		y := b.Act(name+".relu", b.Linear(name+".wi", x, m.FF, false), graph.ReLU)
		return b.Linear(name+".wo", b.Drop(name+".ffn_dropout", y), d, false)
	}
	embed := func(side, ids string) func() graph.Value {
		return func() graph.Value {
			rel = b.Param(side+".relative_attention_bias.weight", buckets*m.Heads)
			return b.Drop(side+".embed_dropout", b.Embed(side+".embed_tokens", b.Tokens(ids, s.Seq), d, table))
		}
	}
	final := func(side string, x graph.Value) graph.Value {
		return b.Drop(side+".final_dropout", b.Norm(side+".final_layer_norm", x, graph.RMSNorm))
	}
	x := e.run(m.Layers, m.Layers, embed("encoder", "input_ids"), embed("decoder", "decoder_input_ids"), func(x graph.Value) graph.Value { return final("encoder", x) })
	b.Block()
	x = final("decoder", b.LastToken(x, s))
	if m.Untied {
		b.Logits(b.Linear("lm_head", x, m.Vocab, false))
		return
	}
	b.Logits(b.LinearWith("lm_head", x, m.Vocab, table))
}

// whisper is Radford et al. 2022: two convolutions over the frames of a window of
// 30 s, an encoder with fixed positions, a decoder of seq_len tokens.
type whisper struct {
	Encoders int64 `yaml:"encoder_layers" range:"1,256" need:"1"`
	Decoders int64 `yaml:"decoder_layers" range:"1,256" need:"1"`
	Hidden   int64 `yaml:"hidden" need:"1"`
	Heads    int64 `yaml:"heads" range:"1,4096" need:"1"`
	Mel      int64 `yaml:"mel" need:"1"`
	Frames   int64 `yaml:"frames"`
	Vocab    int64 `yaml:"vocabulary" need:"1"`
	Tokens   int64 `yaml:"positions"`
}

func (m *whisper) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: int(m.Tokens), MaxSeq: int(m.Tokens), Decoder: true, Causal: true}
}

func (m *whisper) Build(b *template.Builder, s template.Shape) {
	d := m.Hidden
	positions := b.FixedParam("encoder.positional_embedding", m.Frames/2*d)
	table, learned := b.Param("decoder.token_embedding.weight", m.Vocab*d), b.Param("decoder.positional_embedding", m.Tokens*d)
	e := encDec{Builder: b, s: s, heads: m.Heads, width: d, bias: projectionBias{true, false, true, true}, source: m.Frames / 2}
	e.around = func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value {
		return b.Add(name+".add", x, sub(b.Norm(name+".ln", x, graph.LayerNorm)))
	}
	e.ffn = func(name string, x graph.Value) graph.Value { return b.MLP(name+".mlp", x, 4*d) }
	source := func() graph.Value {
		k := graph.Window{R: 3, S: 1, StrideH: 1, StrideW: 1, PadH: 1, DilH: 1, DilW: 1}
		x := b.Act("encoder.gelu1", b.Conv("encoder.conv1", b.Input("mel", m.Mel, m.Frames, 1), d, k, 1, true), graph.GELU)
		k.StrideH = 2
		x = b.Act("encoder.gelu2", b.Conv("encoder.conv2", x, d, k, 1, true), graph.GELU)
		return b.Pointwise("encoder.positions", graph.ParamAdd, x, positions)
	}
	target := func() graph.Value {
		x := b.Embed("decoder.token_embedding", b.Tokens("tokens", s.Seq), d, table)
		return b.Pointwise("decoder.positions", graph.ParamAdd, x, learned)
	}
	x := e.run(m.Encoders, m.Decoders, source, target, func(x graph.Value) graph.Value { return b.Norm("encoder.ln_post", x, graph.LayerNorm) })
	b.Block()
	b.Logits(b.LinearWith("decoder.logits", b.Norm("decoder.ln", b.LastToken(x, s), graph.LayerNorm), m.Vocab, table))
}
