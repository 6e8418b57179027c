package language

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// lstm is a stack of LSTM layers as PyTorch has them, with two bias vectors; no
// embedding, no head.
type lstm struct {
	Layers int64 `yaml:"layers" range:"1,256" need:"1"`
	Hidden int64 `yaml:"hidden" need:"1"`
	Input  int64 `yaml:"input" range:"0,16777216"` // 0: hidden
}

func (m *lstm) Traits() template.Traits { return template.Traits{Family: "nlp", Seq: 25} }

func (m *lstm) Build(b *template.Builder, s template.Shape) {
	in := m.Input
	if in == 0 {
		in = m.Hidden
	}
	x := b.Input("x", in, s.Seq, 1)
	for i := range m.Layers {
		b.Block()
		x = b.LSTM(fmt.Sprintf("lstm.l%d", i), x, m.Hidden)
	}
	b.Output(x)
}

// gnmt is the MLPerf variant of Wu et al. 2016: a bidirectional first encoder
// layer, residual sums from the third layer, dropout in front of every layer,
// and normalised additive attention whose context enters every later layer.
type gnmt struct {
	Hidden int64 `yaml:"hidden" need:"1"`
	Vocab  int64 `yaml:"vocabulary" need:"1"`
}

func (m *gnmt) Traits() template.Traits { return template.Traits{Family: "nlp", Seq: 50} }

func (m *gnmt) Build(b *template.Builder, s template.Shape) {
	h, vocab := m.Hidden, m.Vocab
	table := b.Param("embedder.weight", vocab*h)
	layer := func(name string, x, context graph.Value, residual bool) graph.Value {
		b.Block()
		y := b.Drop(name+".dropout", x)
		if context.C > 0 {
			y = b.Concat(y, context)
		}
		y = b.LSTM(name, y, h)
		if residual {
			y = b.Add(name+".add", y, x)
		}
		return y
	}
	none := graph.Value{}
	x := b.Drop("encoder.dropout", b.Embed("encoder.embedder", b.Tokens("source_ids", s.Seq), h, table))
	x = b.Concat(b.LSTM("encoder.rnn_layers.0", x, h), b.LSTM("encoder.rnn_layers.0.reverse", x, h))
	for i := 1; i < 4; i++ {
		x = layer(fmt.Sprintf("encoder.rnn_layers.%d", i), x, none, i > 1)
	}
	mem := x
	b.Block()
	x = b.Embed("decoder.embedder", b.Tokens("target_ids", s.Seq), h, table)
	x = b.LSTM("decoder.att_rnn.rnn", x, h)
	context := additiveAttention(b, "decoder.att_rnn.attn", x, mem)
	for i := range 3 {
		x = layer(fmt.Sprintf("decoder.rnn_layers.%d", i), x, context, i > 0)
	}
	b.Block()
	b.Logits(b.Linear("decoder.classifier", x, vocab, true))
}

// additiveAttention is Bahdanau et al. 2015 with a normalised energy: the sum of
// every query with every key through tanh, weighted to one score.
func additiveAttention(b *template.Builder, name string, query, keys graph.Value) graph.Value {
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

// rnnt is the transducer of MLPerf (Graves 2012): an encoder that stacks two
// time steps behind its first layers, a prediction network over the symbols, and
// a joint network that greedy decoding runs once for every time step and symbol.
type rnnt struct {
	Input   int64 `yaml:"input" need:"1"`
	Hidden  int64 `yaml:"hidden" need:"1"`
	Pre     int64 `yaml:"pre_layers" range:"1,64" need:"1"`
	Post    int64 `yaml:"post_layers" range:"1,64" need:"1"`
	Predict int64 `yaml:"predict" need:"1"`
	Layers  int64 `yaml:"predict_layers" range:"1,64" need:"1"`
	Joint   int64 `yaml:"joint" need:"1"`
	Vocab   int64 `yaml:"vocabulary" need:"1"` // blank included
	Symbols int64 `yaml:"symbols" range:"1,4096"`
}

func (m *rnnt) Traits() template.Traits { return template.Traits{Family: "nlp", Seq: 512} }

func (m *rnnt) Build(b *template.Builder, s template.Shape) {
	if s.Seq%2 != 0 {
		b.Failf("seq_len %d frames: must be even, two are stacked", s.Seq)
		return
	}
	x := b.Input("features", m.Input, s.Seq, 1)
	for i := range m.Pre {
		b.Block()
		x = b.LSTM(fmt.Sprintf("encoder.pre_rnn.l%d", i), x, m.Hidden)
	}
	x = b.Reshape(x, 2*x.C, x.H/2, 1)
	for i := range m.Post {
		b.Block()
		x = b.LSTM(fmt.Sprintf("encoder.post_rnn.l%d", i), x, m.Hidden)
	}
	b.Block()
	y := b.Embed("prediction.embed", b.Tokens("symbols", m.Symbols), m.Predict, b.Param("prediction.embed.weight", (m.Vocab-1)*m.Predict))
	for i := range m.Layers {
		y = b.LSTM(fmt.Sprintf("prediction.dec_rnn.l%d", i), y, m.Predict)
	}
	b.Block()
	steps, width := x.H+m.Symbols, m.Hidden+m.Predict
	z := b.Reshape(b.Copy("joint_net.pairs", b.Tail(x, y), width*steps), width, steps, 1)
	z = b.Act("joint_net.1", b.Linear("joint_net.0", z, m.Joint, true), graph.ReLU)
	b.Logits(b.Linear("joint_net.3", z, m.Vocab, true))
}
