package suite

import (
	"stco/model/workload/graph"
)

import "fmt"

func recSpecs() []spec {
	return []spec{{
		name: "dlrm", family: "rec", build: dlrm,
		counted: "Naumov et al. 2019 in the MLPerf training 0.7 configuration: Criteo 1TB with tables of at most 40 M rows, vectors of 128, one index per table; all 27 x 27 products of the interaction",
	}}
}

// dlrm is the recommendation model: a bottom network over dense features,
// embedding tables, the dot products between all vectors, and a top network.
// The gradients of the tables are sparse.
func dlrm(b *builder, _ shape) {
	const d = 128
	rows := []int64{
		39884406, 39043, 17289, 7420, 20263, 3, 7120, 1543, 63, 38532951, 2953546, 403346, 10,
		2208, 11938, 155, 4, 976, 14, 39979771, 25641295, 39664984, 585935, 12972, 108, 36,
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
	x := mlp("bot_l", b.Input("dense_features", 13, 1, 1), 512, 256, d)
	vs := []graph.Value{b.Reshape(x, d, 1, 1)}
	for i, n := range rows {
		p := b.SparseParam(fmt.Sprintf("emb_l.%d.weight", i), n*d, d)
		vs = append(vs, b.Embed(fmt.Sprintf("emb_l.%d", i), b.Tokens(fmt.Sprintf("indices.%d", i), 1), d, p))
	}
	n := int64(len(vs))
	t := b.Tail(vs...)
	z := b.MatMul("interaction", t, t, 1, n, d, n)
	pairs := n * (n - 1) / 2
	x = b.Concat(x, b.Slice(z, 0, pairs, 1, 1))
	x = mlp("top_l", x, 1024, 1024, 512, 256, 1)
	b.Logits(b.Act("top_l.sigmoid", x, graph.Sigmoid))
}
