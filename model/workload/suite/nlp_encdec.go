package suite

import (
	"stco/model/workload"
	"stco/model/workload/graph"
)

import "fmt"

// encDec builds the transformers with an encoder and a decoder.
type encDec struct {
	*builder
	s     shape
	heads int64
	width int64 // of all heads

	// The parts in which the two networks differ: around self is a sub-layer
	// with its residual sum and normalisation, bias is added to the scores of
	// self-attention.
	around func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value
	bias   func(name string, scores graph.Value) graph.Value
	ffn    func(name string, x graph.Value) graph.Value
}

// run adds layers of encoder and decoder and returns the decoder's output. In
// decoding the encoder has run before: its keys and values are in the KV cache,
// for a source as long as the context.
func (e *encDec) run(layers int, source, target func() graph.Value, between func(graph.Value) graph.Value) graph.Value {
	var mem graph.Value
	if !e.s.decode {
		x := source()
		for i := range layers {
			e.Block()
			n := fmt.Sprintf("encoder.%d", i)
			x = e.around(n+".self", x, func(y graph.Value) graph.Value { return e.self(n+".self", y, false) })
			x = e.around(n+".ffn", x, func(y graph.Value) graph.Value { return e.ffn(n, y) })
		}
		mem = between(x)
	}
	e.Block()
	x := target()
	for i := range layers {
		e.Block()
		n := fmt.Sprintf("decoder.%d", i)
		x = e.around(n+".self", x, func(y graph.Value) graph.Value { return e.self(n+".self", y, true) })
		x = e.around(n+".cross", x, func(y graph.Value) graph.Value { return e.cross(n+".cross", y, mem) })
		x = e.around(n+".ffn", x, func(y graph.Value) graph.Value { return e.ffn(n, y) })
	}
	return x
}

// self adds self-attention with projections without bias.
func (e *encDec) self(name string, x graph.Value, cache bool) graph.Value {
	q := e.Linear(name+".q", x, e.width, false)
	k := e.Linear(name+".k", x, e.width, false)
	v := e.Linear(name+".v", x, e.width, false)
	if cache {
		k, v = e.cached(name+".k_cache", k, e.s), e.cached(name+".v_cache", v, e.s)
	}
	return e.Linear(name+".o", e.attend(name, q, k, v, e.heads, e.heads, true, e.bias), x.C, false)
}

// cross adds attention of x over the encoder's output mem.
func (e *encDec) cross(name string, x, mem graph.Value) graph.Value {
	q := e.Linear(name+".q", x, e.width, false)
	side := func(part string) graph.Value {
		if e.s.decode {
			return e.State(name+part+"_cache", workload.KVCache, e.width, e.s.context, 1)
		}
		return e.cached(name+part+"_cache", e.Linear(name+part, mem, e.width, false), e.s)
	}
	k, v := side(".k"), side(".v")
	return e.Linear(name+".o", e.attend(name, q, k, v, e.heads, e.heads, true, nil), x.C, false)
}

// transformerBase is the base model of Vaswani et al. 2017: normalisation after
// the residual sum, sinusoidal positions.
func transformerBase(b *builder, s shape) {
	const d, ff, vocab = 512, 2048, 37000
	table := b.Param("shared_embedding.weight", vocab*d)
	e := encDec{builder: b, s: s, heads: 8, width: d}
	e.around = func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value {
		y := b.Drop(name+".dropout", sub(x))
		return b.Norm(name+".layer_norm", b.Add(name+".add", y, x), graph.LayerNorm)
	}
	e.ffn = func(name string, x graph.Value) graph.Value {
		return b.Linear(name+".ffn2", b.Act(name+".relu", b.Linear(name+".ffn1", x, ff, true), graph.ReLU), d, true)
	}
	embed := func(side, ids string) func() graph.Value {
		return func() graph.Value {
			return b.Drop(side+".dropout", b.Embed(side+".embed", b.Tokens(ids, s.seq), d, table))
		}
	}
	x := e.run(6, embed("encoder", "source_ids"), embed("decoder", "target_ids"), func(x graph.Value) graph.Value { return x })
	b.Block()
	b.Logits(b.LinearWith("softmax", x, vocab, table))
}

// t5Base is Raffel et al. 2020, base: normalisation before the sub-layer by root
// mean square, a relative position bias per head that all layers of a side
// share and every layer adds to its scores.
func t5Base(b *builder, s shape) {
	const d, ff, vocab, heads, buckets = 768, 3072, 32128, 12, 32
	table := b.Param("shared.weight", vocab*d)
	var rel int32
	e := encDec{builder: b, s: s, heads: heads, width: d}
	e.around = func(name string, x graph.Value, sub func(graph.Value) graph.Value) graph.Value {
		y := b.Drop(name+".dropout", sub(b.Norm(name+".layer_norm", x, graph.RMSNorm)))
		return b.Add(name+".add", x, y)
	}
	e.bias = func(name string, scores graph.Value) graph.Value {
		return b.Pointwise(name+".relative_attention_bias", graph.ParamAdd, scores, rel)
	}
	e.ffn = func(name string, x graph.Value) graph.Value {
		y := b.Act(name+".relu", b.Linear(name+".wi", x, ff, false), graph.ReLU)
		return b.Linear(name+".wo", b.Drop(name+".ffn_dropout", y), d, false)
	}
	embed := func(side, ids string) func() graph.Value {
		return func() graph.Value {
			rel = b.Param(side+".relative_attention_bias.weight", buckets*heads)
			return b.Drop(side+".embed_dropout", b.Embed(side+".embed_tokens", b.Tokens(ids, s.seq), d, table))
		}
	}
	final := func(side string, x graph.Value) graph.Value {
		return b.Drop(side+".final_dropout", b.Norm(side+".final_layer_norm", x, graph.RMSNorm))
	}
	x := e.run(12, embed("encoder", "input_ids"), embed("decoder", "decoder_input_ids"), func(x graph.Value) graph.Value { return final("encoder", x) })
	b.Block()
	b.Logits(b.LinearWith("lm_head", final("decoder", x), vocab, table))
}

// lstm adds one LSTM layer of 1024 cells: the products of all inputs, then the
// time steps.
func (b *builder) lstm(name string, x graph.Value) graph.Value {
	const h = 1024
	gx := b.Linear(name+".W_ih", x, 4*h, true)
	h0, c0 := b.Input(name+".h0", h, 1, 1), b.Input(name+".c0", h, 1, 1)
	return b.Recurrent(name+".W_hh", gx, graph.LSTM, true, h0, c0)
}

// lstm1024x2 is the two-layer LSTM of the reference rows.
func lstm1024x2(b *builder, s shape) {
	x := b.Input("x", 1024, s.seq, 1)
	for i := range 2 {
		b.Block()
		x = b.lstm(fmt.Sprintf("lstm.l%d", i), x)
	}
	b.Output(x)
}

// gnmt is the MLPerf variant of Wu et al. 2016: a bidirectional first encoder
// layer, residual sums from the third layer, dropout in front of every layer,
// and normalised additive attention whose context enters every later layer.
func gnmt(b *builder, s shape) {
	const h, vocab = 1024, 32320
	table := b.Param("embedder.weight", vocab*h)
	layer := func(name string, x, context graph.Value, residual bool) graph.Value {
		b.Block()
		y := b.Drop(name+".dropout", x)
		if context.C > 0 {
			y = b.Concat(y, context)
		}
		y = b.lstm(name, y)
		if residual {
			y = b.Add(name+".add", y, x)
		}
		return y
	}
	none := graph.Value{}
	x := b.Drop("encoder.dropout", b.Embed("encoder.embedder", b.Tokens("source_ids", s.seq), h, table))
	x = b.Concat(b.lstm("encoder.rnn_layers.0", x), b.lstm("encoder.rnn_layers.0.reverse", x))
	for i := 1; i < 4; i++ {
		x = layer(fmt.Sprintf("encoder.rnn_layers.%d", i), x, none, i > 1)
	}
	mem := x
	b.Block()
	x = b.Embed("decoder.embedder", b.Tokens("target_ids", s.seq), h, table)
	x = b.lstm("decoder.att_rnn.rnn", x)
	context := b.additiveAttention("decoder.att_rnn.attn", x, mem)
	for i := range 3 {
		x = layer(fmt.Sprintf("decoder.rnn_layers.%d", i), x, context, i > 0)
	}
	b.Block()
	b.Logits(b.Linear("decoder.classifier", x, vocab, true))
}

// additiveAttention is Bahdanau et al. 2015 with a normalised energy: the sum of
// every query with every key through tanh, weighted to one score.
func (b *builder) additiveAttention(name string, query, keys graph.Value) graph.Value {
	n := query.C
	q := b.Linear(name+".linear_q", query, n, false)
	k := b.Linear(name+".linear_k", keys, n, false)
	bias, scale := b.Param(name+".normalize_bias", n), b.Param(name+".normalize_scalar", 1)
	att := b.Param(name+".linear_att", n)
	return b.Core(func() graph.Value {
		e := b.Outer(name+".sum_qk", q, k)
		e = b.Act(name+".tanh", b.Pointwise(name+".normalize_bias", graph.ParamAdd, e, bias), graph.Tanh)
		e = b.Pointwise(name+".normalize_scalar", graph.ParamMul, b.LinearWith(name+".linear_att", e, 1, att), scale)
		p := b.Softmax(name+".softmax", e)
		return b.MatMul(name+".context", p, keys, 1, query.H, keys.H, n)
	})
}
