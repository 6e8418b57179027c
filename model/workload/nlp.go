package workload

import "fmt"

// The attention masks of padding and causality are part of the softmax; the
// products are counted in full, as a dense engine runs them.

func nlpSpecs() []spec {
	return []spec{
		{
			name: "transformer_base", family: "nlp", seq: 512, decoder: true, build: transformerBase,
			counted: "Vaswani et al. 2017, table 3, base: shared embedding of 37000 tokens tied to the output, attention without bias; source and target of SeqLen tokens each",
		},
		{
			name: "bert_base", family: "nlp", seq: 512, maxSeq: 512, build: bert(12, 768),
			counted: "Hugging Face BertModel of bert-base-uncased with pooler, no language-model head",
		},
		{
			name: "gpt2_small", family: "nlp", seq: 1024, maxSeq: 1024, decoder: true, build: gpt2(12, 768, 12, 1024),
			counted: "Hugging Face gpt2, head tied to the embedding and counted over all tokens",
		},
	}
}

// thirds splits fused queries, keys and values.
func (b *Builder) thirds(x Value) (q, k, v Value) {
	c, n := x.C/3, x.Elems()/3
	return b.Slice(x, 0, c, x.H, 1), b.Slice(x, n, c, x.H, 1), b.Slice(x, 2*n, c, x.H, 1)
}

// attention adds softmax(Q K^T) V for heads of queries that share kv heads of
// keys and values; scale and mask are part of the softmax.
func (b *Builder) attention(name string, q, k, v Value, heads, kv int64) Value {
	d := q.C / heads
	rows := heads / kv * q.H
	ctx := b.core(func() Value {
		p := b.Softmax(name+".softmax", b.MatMul(name+".qk", q, k, kv, rows, d, k.H))
		p = b.Drop(name+".dropout", p)
		return b.MatMul(name+".av", p, v, kv, rows, k.H, d)
	})
	return b.Reshape(ctx, q.C, q.H, 1)
}

// cached sends keys or values through the KV cache of a decoder's inference.
func (b *Builder) cached(name string, x Value, s shape) Value {
	if !s.cache {
		return x
	}
	return b.Append(name, x, b.State(name, KVCache, x.C, x.H+s.context, 1))
}

// bert is the encoder of Devlin et al. 2019 with heads of 64.
func bert(layers int, d int64) func(*Builder, shape) {
	return func(b *Builder, s shape) {
		x := b.Embed("embeddings.word_embeddings", b.Tokens("input_ids", s.seq), d, b.Param("embeddings.word_embeddings.weight", 30522*d))
		x = b.Pointwise("embeddings.position_embeddings", ParamAdd, x, b.Param("embeddings.position_embeddings.weight", 512*d))
		x = b.Pointwise("embeddings.token_type_embeddings", ParamAdd, x, b.Param("embeddings.token_type_embeddings.weight", 2*d))
		x = b.Drop("embeddings.dropout", b.Norm("embeddings.LayerNorm", x, LayerNorm))
		for i := range layers {
			b.Block()
			n := fmt.Sprintf("encoder.layer.%d.", i)
			q := b.Linear(n+"attention.self.query", x, d, true)
			k := b.Linear(n+"attention.self.key", x, d, true)
			v := b.Linear(n+"attention.self.value", x, d, true)
			y := b.attention(n+"attention.self", q, k, v, d/64, d/64)
			y = b.Drop(n+"attention.output.dropout", b.Linear(n+"attention.output.dense", y, d, true))
			x = b.Norm(n+"attention.output.LayerNorm", b.Add(n+"attention.output.add", y, x), LayerNorm)
			y = b.Act(n+"intermediate.act", b.Linear(n+"intermediate.dense", x, 4*d, true), GELU)
			y = b.Drop(n+"output.dropout", b.Linear(n+"output.dense", y, d, true))
			x = b.Norm(n+"output.LayerNorm", b.Add(n+"output.add", y, x), LayerNorm)
		}
		b.Block()
		b.Output(x)
		y := b.Linear("pooler.dense", b.Slice(x, 0, d, 1, 1), d, true)
		b.Output(b.Act("pooler.activation", y, Tanh))
	}
}

// gpt2 is the decoder of Radford et al. 2019; also the shapes of Brown et al.
// 2020.
func gpt2(layers int, d, heads, positions int64) func(*Builder, shape) {
	return func(b *Builder, s shape) {
		wte := b.Param("wte.weight", 50257*d)
		x := b.Embed("wte", b.Tokens("input_ids", s.seq), d, wte)
		x = b.Pointwise("wpe", ParamAdd, x, b.Param("wpe.weight", positions*d))
		x = b.Drop("drop", x)
		for i := range layers {
			b.Block()
			n := fmt.Sprintf("h.%d.", i)
			y := b.Linear(n+"attn.c_attn", b.Norm(n+"ln_1", x, LayerNorm), 3*d, true)
			q, k, v := b.thirds(y)
			k, v = b.cached(n+"attn.k_cache", k, s), b.cached(n+"attn.v_cache", v, s)
			y = b.Linear(n+"attn.c_proj", b.attention(n+"attn", q, k, v, heads, heads), d, true)
			x = b.Add(n+"add_1", x, b.Drop(n+"attn.resid_dropout", y))
			y = b.Act(n+"mlp.act", b.Linear(n+"mlp.c_fc", b.Norm(n+"ln_2", x, LayerNorm), 4*d, true), GELU)
			x = b.Add(n+"add_2", x, b.Drop(n+"mlp.dropout", b.Linear(n+"mlp.c_proj", y, d, true)))
		}
		b.Block()
		b.Logits(b.LinearWith("lm_head", b.Norm("ln_f", x, LayerNorm), 50257, wte))
	}
}

// encDec holds what the encoder-decoder networks share.
type encDec struct {
	b     *Builder
	s     shape
	d     int64
	heads int64
	src   int64 // tokens of the source
}

// transformerBase is the base model of Vaswani et al. 2017: normalisation after
// the residual sum, sinusoidal positions.
func transformerBase(b *Builder, s shape) {
	const d, ff, layers = 512, 2048, 6
	e := encDec{b: b, s: s, d: d, heads: 8, src: s.seq}
	table := b.Param("shared_embedding.weight", 37000*d)
	sub := func(name string, x, y Value) Value {
		return b.Norm(name+".layer_norm", b.Add(name+".add", b.Drop(name+".dropout", y), x), LayerNorm)
	}
	ffn := func(name string, x Value) Value {
		y := b.Act(name+".relu", b.Linear(name+".ffn1", x, ff, true), ReLU)
		return sub(name+".ffn", x, b.Linear(name+".ffn2", y, d, true))
	}
	var mem Value
	if !s.decode {
		x := b.Drop("encoder.embed.dropout", b.Embed("encoder.embed", b.Tokens("source_ids", e.src), d, table))
		for i := range layers {
			b.Block()
			n := fmt.Sprintf("encoder.%d", i)
			x = sub(n+".self", x, e.attend(n+".self", x, x, false))
			x = ffn(n, x)
		}
		mem = x
	}
	b.Block()
	x := b.Drop("decoder.embed.dropout", b.Embed("decoder.embed", b.Tokens("target_ids", s.seq), d, table))
	for i := range layers {
		b.Block()
		n := fmt.Sprintf("decoder.%d", i)
		x = sub(n+".self", x, e.attend(n+".self", x, x, true))
		x = sub(n+".cross", x, e.cross(n+".cross", x, mem))
		x = ffn(n, x)
	}
	b.Block()
	b.Logits(b.LinearWith("softmax", x, 37000, table))
}

// attend adds self-attention of x over y with projections without bias.
func (e *encDec) attend(name string, x, y Value, cache bool) Value {
	w := e.d
	q := e.b.Linear(name+".q", x, w, false)
	k := e.b.Linear(name+".k", y, w, false)
	v := e.b.Linear(name+".v", y, w, false)
	if cache {
		k, v = e.b.cached(name+".k_cache", k, e.s), e.b.cached(name+".v_cache", v, e.s)
	}
	return e.b.Linear(name+".o", e.b.attention(name, q, k, v, e.heads, e.heads), e.d, false)
}

// cross adds attention of x over the encoder's output mem. Decoding reads keys
// and values that the encoder left in the KV cache, for a source as long as the
// context.
func (e *encDec) cross(name string, x, mem Value) Value {
	if !e.s.decode {
		return e.attendCross(name, x, e.b.cachedSource(name+".k_cache", e.b.Linear(name+".k", mem, e.d, false), e.s),
			e.b.cachedSource(name+".v_cache", e.b.Linear(name+".v", mem, e.d, false), e.s))
	}
	k := e.b.State(name+".k_cache", KVCache, e.d, e.s.context, 1)
	v := e.b.State(name+".v_cache", KVCache, e.d, e.s.context, 1)
	return e.attendCross(name, x, k, v)
}

func (e *encDec) attendCross(name string, x, k, v Value) Value {
	q := e.b.Linear(name+".q", x, e.d, false)
	return e.b.Linear(name+".o", e.b.attention(name, q, k, v, e.heads, e.heads), e.d, false)
}

// cachedSource keeps the keys or values of the source for decoding.
func (b *Builder) cachedSource(name string, x Value, s shape) Value {
	s.context = 0
	return b.cached(name, x, s)
}
