package language

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// mamba is Mamba-2 of Dao and Gu 2024: a fused input projection, a short
// depthwise convolution, a state-space scan, a gated norm. Inference keeps the
// state and the last positions of the convolution instead of a KV cache.
type mamba struct {
	Layers   int64  `yaml:"layers" range:"1,1024" need:"1"`
	Hidden   int64  `yaml:"hidden" need:"1"`
	State    int64  `yaml:"state" need:"1"`
	Conv     int64  `yaml:"conv" range:"1,64"`
	Expand   int64  `yaml:"expand" range:"1,64"`
	HeadSize int64  `yaml:"head_size"`
	Groups   int64  `yaml:"groups" range:"1,4096"`
	Chunk    int64  `yaml:"chunk"`
	Scan     string `yaml:"scan" oneof:"recurrent,chunked"`
	Vocab    int64  `yaml:"vocabulary" need:"1"`
}

func (m *mamba) Traits() template.Traits {
	return template.Traits{Family: "nlp", Seq: 512, Decoder: true, Causal: m.Scan == "chunked", AnyRecurrence: true}
}

func (m *mamba) Build(b *template.Builder, s template.Shape) {
	if m.Expand*m.Hidden%m.HeadSize != 0 {
		b.Failf("head_size %d: %d features are no multiple", m.HeadSize, m.Expand*m.Hidden)
		return
	}
	table := b.Param("backbone.embedding.weight", m.Vocab*m.Hidden)
	x := b.Embed("backbone.embedding", b.Tokens("input_ids", s.Seq), m.Hidden, table)
	for i := range m.Layers {
		b.Block()
		n := fmt.Sprintf("backbone.layers.%d.", i)
		x = b.Add(n+"add", x, m.mixer(b, n+"mixer.", b.Norm(n+"norm", x, graph.RMSNorm), s))
	}
	b.Block()
	b.Logits(b.LinearWith("lm_head", b.Norm("backbone.norm_f", b.LastToken(x, s), graph.RMSNorm), m.Vocab, table))
}

func (m *mamba) mixer(b *template.Builder, n string, x graph.Value, s template.Shape) graph.Value {
	width, t := m.Expand*m.Hidden, x.H
	count, shared := width/m.HeadSize, m.Groups*m.State
	proj := b.Linear(n+"in_proj", x, 2*width+2*shared+count, false)
	z := b.Slice(proj, 0, width, t, 1)
	xbc := b.Slice(proj, width*t, width+2*shared, t, 1)
	dt := b.Slice(proj, (2*width+2*shared)*t, count, t, 1)
	k := graph.Window{R: m.Conv, S: 1, StrideH: 1, StrideW: 1, PadH: m.Conv - 1, EndH: 1 - m.Conv, DilH: 1, DilW: 1}
	if s.Cache {
		last := b.State(n+"conv_state", workload.KVCache, xbc.C, m.Conv, 1)
		if s.Decode {
			xbc = b.Append(n+"conv_cache", xbc, last)
			k.PadH, k.EndH = 0, 0
		} else if keep := min(t, m.Conv); keep > 0 {
			b.Append(n+"conv_cache", b.Slice(xbc, (t-keep)*xbc.C, xbc.C, keep, 1), last)
		}
	}
	xbc = b.Act(n+"conv1d.act", b.Conv(n+"conv1d", xbc, xbc.C, k, xbc.C, true), graph.SiLU)
	dt = b.Pointwise(n+"dt_bias", graph.ParamAdd, dt, b.Param(n+"dt_bias", count))
	in := b.Slice(xbc, 0, width, t, 1)
	bc := b.Slice(xbc, width*t, 2*shared, t, 1)
	in = b.Pointwise(n+"A_log", graph.ParamMul, in, b.Param(n+"A_log", count))
	var y graph.Value
	if m.Scan == "chunked" && !s.Decode && t > 1 {
		y = m.chunks(b, n, in, bc, s)
	} else {
		state := graph.Value{}
		if s.Cache {
			state = b.State(n+"ssm_state", workload.KVCache, width, m.State, 1)
		}
		y = b.Scan(n+"scan", b.Concat(in, dt), width, bc, m.State, m.Groups, state, s.Decode)
	}
	y = b.Add(n+"D_add", y, b.Pointwise(n+"D", graph.ParamMul, in, b.Param(n+"D", count)))
	y = b.Norm(n+"norm", b.Mul(n+"gate", y, b.Act(n+"gate.act", z, graph.SiLU)), graph.RMSNorm)
	return b.Linear(n+"out_proj", y, m.Hidden, false)
}

// chunks adds the scan as matrix products inside chunks and a recurrence between
// them: C B^T, its product with x, the state that a chunk leaves, and the output
// of the state that it found.
func (m *mamba) chunks(b *template.Builder, n string, x, bc graph.Value, s template.Shape) graph.Value {
	t, width, q := x.H, x.C, min(m.Chunk, x.H)
	if t%q != 0 {
		b.Failf("seq_len %d tokens: no multiple of the chunk of %d", t, q)
		return x
	}
	groups := t / q * m.Groups
	shared, cols := m.Groups*m.State, width/m.Groups
	in, out := b.Slice(bc, 0, shared, t, 1), b.Slice(bc, shared*t, shared, t, 1)
	masked := int64(0)
	if s.Causal {
		masked = groups * q * (q - 1) / 2
	}
	scores := b.MatMulMasked(n+"scan.cb", out, in, groups, q, m.State, q, masked*m.State)
	y := b.MatMulMasked(n+"scan.diagonal", scores, x, groups, q, q, cols, masked*cols)
	states := b.MatMul(n+"scan.state", in, x, groups, m.State, q, cols)
	states = b.Act(n+"scan.pass", states, graph.Sigmoid)
	if s.Cache {
		last := b.State(n+"ssm_state", workload.KVCache, width, m.State, 1)
		b.Append(n+"ssm_cache", b.Slice(states, states.Elems()-width*m.State, width, m.State, 1), last)
	}
	rest := b.MatMul(n+"scan.output", out, states, groups, q, m.State, cols)
	return b.Reshape(b.Add(n+"scan.add", y, rest), width, t, 1)
}
