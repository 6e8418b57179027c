package suite

import (
	"stco/model/workload"
	"stco/model/workload/graph"
)

import "fmt"

// The attention masks of padding and causality are part of the softmax; the
// products are counted in full, as a dense engine runs them.

func nlpSpecs() []spec {
	nlp := func(name, counted string, build func(*builder, shape)) spec {
		return spec{name: name, family: "nlp", counted: counted, seq: 512, build: build}
	}
	tokens := func(s spec, seq, limit int) spec {
		s.seq, s.maxSeq = seq, limit
		return s
	}
	decoder := func(s spec) spec {
		s.decoder = true
		return s
	}
	bertOf := "Hugging Face BertModel with pooler, no language-model head, of bert-"
	gptOf := "; head tied to the embedding and counted over all tokens"
	llamaOf := "; head counted over all tokens"
	return []spec{
		decoder(nlp("transformer_base", "Vaswani et al. 2017, table 3, base: one embedding of 37000 tokens tied to the output, attention without bias; source and target of SeqLen tokens each", transformerBase)),
		tokens(nlp("bert_base", bertOf+"base-uncased", bert(12, 768)), 512, 512),
		tokens(nlp("bert_large", bertOf+"large-uncased", bert(24, 1024)), 512, 512),
		decoder(tokens(nlp("gpt2_small", "Hugging Face gpt2"+gptOf, gpt2(12, 768, 12, 1024)), 1024, 1024)),
		decoder(tokens(nlp("gpt2_medium", "Hugging Face gpt2-medium"+gptOf, gpt2(24, 1024, 16, 1024)), 1024, 1024)),
		decoder(tokens(nlp("gpt2_large", "Hugging Face gpt2-large"+gptOf, gpt2(36, 1280, 20, 1024)), 1024, 1024)),
		decoder(tokens(nlp("gpt2_xl", "Hugging Face gpt2-xl"+gptOf, gpt2(48, 1600, 25, 1024)), 1024, 1024)),
		decoder(nlp("t5_base", "Hugging Face t5-base (version 1.0): embedding of 32128 tokens tied to the output; source and target of SeqLen tokens each", t5Base)),
		tokens(nlp("gnmt", "NVIDIA GNMT v2 (MLPerf training 0.6): four LSTM layers of 1024 on each side, embedding of 32320 tokens shared by both, attention behind the first decoder layer; source and target of SeqLen tokens each", gnmt), 50, 0),
		tokens(nlp("lstm_1024x2", "PyTorch nn.LSTM(1024, 1024, 2) with two bias vectors, over SeqLen vectors; no embedding, no head", lstm1024x2), 25, 0),
		decoder(nlp("llama2_7b", "Hugging Face Llama-2-7b"+llamaOf, llama(llamaShape{32, 4096, 32, 32, 11008, 32000}))),
		decoder(nlp("llama3_8b", "Hugging Face Meta-Llama-3-8B"+llamaOf, llama(llamaShape{32, 4096, 32, 8, 14336, 128256}))),
		decoder(tokens(nlp("gpt3_175b", "Brown et al. 2020, table 2.1, with biases, learned positions and dense attention as GPT-2"+gptOf, gpt2(96, 12288, 96, 2048)), 512, 2048)),
	}
}

// thirds splits fused queries, keys and values.
func (b *builder) thirds(x graph.Value) (q, k, v graph.Value) {
	c, n := x.C/3, x.Elems()/3
	return b.Slice(x, 0, c, x.H, 1), b.Slice(x, n, c, x.H, 1), b.Slice(x, 2*n, c, x.H, 1)
}

// attention adds softmax(Q K^T) V for heads of queries that share kv heads of
// keys and values; scale and mask are part of the softmax.
func (b *builder) attention(name string, q, k, v graph.Value, heads, kv int64) graph.Value {
	return b.attend(name, q, k, v, heads, kv, true, nil)
}

// attend is attention with or without dropout of the probabilities, and with a
// bias added to the scores.
func (b *builder) attend(name string, q, k, v graph.Value, heads, kv int64, drop bool, bias func(string, graph.Value) graph.Value) graph.Value {
	d := q.C / heads
	rows := heads / kv * q.H
	ctx := b.Core(func() graph.Value {
		p := b.MatMul(name+".qk", q, k, kv, rows, d, k.H)
		if bias != nil {
			p = bias(name, p)
		}
		p = b.Softmax(name+".softmax", p)
		if drop {
			p = b.Drop(name+".dropout", p)
		}
		return b.MatMul(name+".av", p, v, kv, rows, k.H, d)
	})
	return b.Reshape(ctx, q.C, q.H, 1)
}

// cached sends keys or values through the KV cache of a decoder's inference.
func (b *builder) cached(name string, x graph.Value, s shape) graph.Value {
	if !s.cache {
		return x
	}
	return b.Append(name, x, b.State(name, workload.KVCache, x.C, x.H+s.context, 1))
}

// bert is the encoder of Devlin et al. 2019 with heads of 64.
func bert(layers int, d int64) func(*builder, shape) {
	return func(b *builder, s shape) {
		x := b.Embed("embeddings.word_embeddings", b.Tokens("input_ids", s.seq), d, b.Param("embeddings.word_embeddings.weight", 30522*d))
		x = b.Pointwise("embeddings.position_embeddings", graph.ParamAdd, x, b.Param("embeddings.position_embeddings.weight", 512*d))
		x = b.Pointwise("embeddings.token_type_embeddings", graph.ParamAdd, x, b.Param("embeddings.token_type_embeddings.weight", 2*d))
		x = b.Drop("embeddings.dropout", b.Norm("embeddings.LayerNorm", x, graph.LayerNorm))
		for i := range layers {
			b.Block()
			n := fmt.Sprintf("encoder.layer.%d.", i)
			q := b.Linear(n+"attention.self.query", x, d, true)
			k := b.Linear(n+"attention.self.key", x, d, true)
			v := b.Linear(n+"attention.self.value", x, d, true)
			y := b.attention(n+"attention.self", q, k, v, d/64, d/64)
			y = b.Drop(n+"attention.output.dropout", b.Linear(n+"attention.output.dense", y, d, true))
			x = b.Norm(n+"attention.output.LayerNorm", b.Add(n+"attention.output.add", y, x), graph.LayerNorm)
			y = b.Act(n+"intermediate.act", b.Linear(n+"intermediate.dense", x, 4*d, true), graph.GELU)
			y = b.Drop(n+"output.dropout", b.Linear(n+"output.dense", y, d, true))
			x = b.Norm(n+"output.LayerNorm", b.Add(n+"output.add", y, x), graph.LayerNorm)
		}
		b.Block()
		b.Output(x)
		y := b.Linear("pooler.dense", b.Slice(x, 0, d, 1, 1), d, true)
		b.Output(b.Act("pooler.activation", y, graph.Tanh))
	}
}

// gpt2 is the decoder of Radford et al. 2019; also the shapes of Brown et al.
// 2020.
func gpt2(layers int, d, heads, positions int64) func(*builder, shape) {
	return func(b *builder, s shape) {
		wte := b.Param("wte.weight", 50257*d)
		x := b.Embed("wte", b.Tokens("input_ids", s.seq), d, wte)
		x = b.Pointwise("wpe", graph.ParamAdd, x, b.Param("wpe.weight", positions*d))
		x = b.Drop("drop", x)
		for i := range layers {
			b.Block()
			n := fmt.Sprintf("h.%d.", i)
			y := b.Linear(n+"attn.c_attn", b.Norm(n+"ln_1", x, graph.LayerNorm), 3*d, true)
			q, k, v := b.thirds(y)
			k, v = b.cached(n+"attn.k_cache", k, s), b.cached(n+"attn.v_cache", v, s)
			y = b.Linear(n+"attn.c_proj", b.attention(n+"attn", q, k, v, heads, heads), d, true)
			x = b.Add(n+"add_1", x, b.Drop(n+"attn.resid_dropout", y))
			y = b.Act(n+"mlp.act", b.Linear(n+"mlp.c_fc", b.Norm(n+"ln_2", x, graph.LayerNorm), 4*d, true), graph.GELU)
			x = b.Add(n+"add_2", x, b.Drop(n+"mlp.dropout", b.Linear(n+"mlp.c_proj", y, d, true)))
		}
		b.Block()
		b.Logits(b.LinearWith("lm_head", b.Norm("ln_f", x, graph.LayerNorm), 50257, wte))
	}
}

// llamaShape is what differs between the Llama models.
type llamaShape struct {
	layers           int
	d, heads, kv, ff int64
	vocab            int64
}

// llama is the decoder of Touvron et al. 2023 and Dubey et al. 2024: RMS norm,
// rotary positions, grouped-query attention, SwiGLU, no bias.
func llama(m llamaShape) func(*builder, shape) {
	return func(b *builder, s shape) {
		x := b.Embed("embed_tokens", b.Tokens("input_ids", s.seq), m.d, b.Param("embed_tokens.weight", m.vocab*m.d))
		for i := range m.layers {
			b.Block()
			n := fmt.Sprintf("layers.%d.", i)
			y := b.Norm(n+"input_layernorm", x, graph.RMSNorm)
			q := b.Pointwise(n+"self_attn.rotary_q", graph.Rotate, b.Linear(n+"self_attn.q_proj", y, m.d, false))
			k := b.Pointwise(n+"self_attn.rotary_k", graph.Rotate, b.Linear(n+"self_attn.k_proj", y, m.d/m.heads*m.kv, false))
			v := b.Linear(n+"self_attn.v_proj", y, k.C, false)
			k, v = b.cached(n+"self_attn.k_cache", k, s), b.cached(n+"self_attn.v_cache", v, s)
			y = b.attention(n+"self_attn", q, k, v, m.heads, m.kv)
			x = b.Add(n+"add_1", x, b.Linear(n+"self_attn.o_proj", y, m.d, false))
			y = b.Norm(n+"post_attention_layernorm", x, graph.RMSNorm)
			gate := b.Act(n+"mlp.act_fn", b.Linear(n+"mlp.gate_proj", y, m.ff, false), graph.SiLU)
			y = b.Mul(n+"mlp.mul", b.Linear(n+"mlp.up_proj", y, m.ff, false), gate)
			x = b.Add(n+"add_2", x, b.Linear(n+"mlp.down_proj", y, m.d, false))
		}
		b.Block()
		b.Logits(b.Linear("lm_head", b.Norm("norm", x, graph.RMSNorm), m.vocab, false))
	}
}
