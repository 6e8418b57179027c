package language

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// dlrm is the recommendation model: a bottom network over dense features,
// embedding tables, the dot products between all vectors, and a top network.
// The gradients of the tables are sparse.
type dlrm struct {
	Width  int64   `yaml:"width"`
	Dense  int64   `yaml:"dense_features"`
	Rows   []int64 `yaml:"rows" range:"1,4294967296" need:"1"`
	Hot    []int64 `yaml:"multi_hot" range:"1,65536"` // look-ups of every table; 1 for all when absent
	Bottom []int64 `yaml:"bottom" need:"1"`
	Top    []int64 `yaml:"top" need:"1"`
	Cross  int64   `yaml:"cross_layers" range:"0,64"`
	Rank   int64   `yaml:"cross_rank" range:"0,65536"`
}

func (m *dlrm) Traits() template.Traits { return template.Traits{Family: "rec"} }

func (m *dlrm) Build(b *template.Builder, _ template.Shape) {
	d := m.Width
	if len(m.Bottom) == 0 || m.Bottom[len(m.Bottom)-1] != d || (m.Hot != nil && len(m.Hot) != len(m.Rows)) {
		b.Failf("bottom: must end with the width of %d; multi_hot: %d entries for %d tables", d, len(m.Hot), len(m.Rows))
		return
	}
	mlp := func(name string, x graph.Value, widths ...int64) graph.Value {
		for i, f := range widths {
			x = b.Linear(fmt.Sprintf("%s.%d", name, 2*i), x, f, true)
			if fn := graph.ReLU; name == "bot_l" || i < len(widths)-1 {
				x = b.Act(fmt.Sprintf("%s.%d", name, 2*i+1), x, fn)
			}
		}
		return x
	}
	x := mlp("bot_l", b.Input("dense_features", m.Dense, 1, 1), m.Bottom...)
	vs := []graph.Value{b.Reshape(x, d, 1, 1)}
	for i, n := range m.Rows {
		hot := int64(1)
		if m.Hot != nil {
			hot = m.Hot[i]
		}
		p := b.SparseParam(fmt.Sprintf("emb_l.%d.weight", i), n*d, min(n, hot)*d)
		vs = append(vs, b.EmbedBag(fmt.Sprintf("emb_l.%d", i), b.Tokens(fmt.Sprintf("indices.%d", i), hot), d, hot, p))
	}
	n := int64(len(vs))
	t := b.Tail(vs...)
	if m.Cross > 0 {
		x = m.cross(b, b.Reshape(t, n*d, 1, 1))
	} else {
		x = interact(b, x, t, n, d)
	}
	x = mlp("top_l", x, m.Top...)
	b.Logits(b.Act("top_l.sigmoid", x, graph.Sigmoid))
}

// interact adds the products of every pair of n vectors, behind x.
func interact(b *template.Builder, x, t graph.Value, n, d int64) graph.Value {
	z := b.MatMul("interaction", t, t, 1, n, d, n)
	pairs := n * (n - 1) / 2
	return b.Concat(x, b.Slice(z, 0, pairs, 1, 1))
}

// cross adds the low-rank cross layers of DCN v2 (Wang et al. 2021).
func (m *dlrm) cross(b *template.Builder, x0 graph.Value) graph.Value {
	x := x0
	for i := range m.Cross {
		n := fmt.Sprintf("crossnet.%d", i)
		y := b.Linear(n+".V", x, m.Rank, false)
		y = b.Mul(n+".mul", b.Linear(n+".W", y, x0.C, true), x0)
		x = b.Add(n+".add", y, x)
	}
	return x
}
