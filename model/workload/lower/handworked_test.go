package lower

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// listing prints a trace: per step its pass, products, operations on the vector
// lanes, and what it reads and writes with the elements that it touches.
func listing(tr *workload.Trace) string {
	var b strings.Builder
	for i := range tr.Steps {
		s := &tr.Steps[i]
		fmt.Fprintf(&b, "%s %s %d %d:", s.Name, s.Pass, s.MACs, s.VectorOps)
		list := func(ops []workload.Operand) {
			for _, o := range ops {
				x := &tr.Tensors[o.Tensor]
				fmt.Fprintf(&b, " %s[%d]", x.Name, o.Bytes*x.Elems/x.Bytes)
			}
		}
		list(s.Reads)
		b.WriteString(" >")
		list(s.Writes)
		b.WriteString("\n")
	}
	return b.String()
}

// TestTracesByHand lists the traces of four small networks in training, batch 2.
//
// LSTM and GRU: 2 x 2 x 3 x 20 products of the inputs (15 for the three gates of
// a GRU), 2 x 5 x 20 of the state per time step, the same for dh of all but the
// first, both time steps for dW; the gradient of a time step reads what the loss
// and the next time step gave, its gates, and both cell states.
//
// Residual: 2 x 16 x 4 x 27 and 2 x 16 x 4 x 4 products of 128 results; sums and
// squares for the statistics ride on the first (256), scale, shift and ReLU are
// three operations, bias and sum two; backward the sum of both branches, the
// mask and the two sums of the normalisation ride on the gradient of b.
//
// Shared: x is used three times, twice whole and once in its first two elements;
// of its square the last four. What is not used of the square has gradient 0,
// and the three gradients of x are summed.
func TestTracesByHand(t *testing.T) {
	o := workload.Options{Batch: 2, Precision: workload.MixedPrecision(), Optimizer: workload.SGD}
	for _, c := range []struct {
		name  string
		build func(b *graph.Builder)
		want  string
	}{
		{"lstm", func(b *graph.Builder) {
			gx := b.Linear("W", b.Input("x", 3, 2, 1), 4*5, true)
			b.Output(b.Recurrent("R", gx, graph.LSTM, true, b.Input("h0", 5, 1, 1), b.Input("c0", 5, 1, 1)))
		}, `W forward 240 80: x[12] W.weight[60] W.bias[20] > W[80]
R forward 200 80: h0[10] R.weight[100] W[40] R.bias[20] > R.gates1[40]
R.cell forward 0 80: R.gates1[40] c0[10] > R.h1[10] R.c1[10]
R forward 200 80: R.h1[10] R.weight[100] W[40] R.bias[20] > R.gates2[40]
R.cell forward 0 80: R.gates2[40] R.c1[10] > R.h2[10] R.c2[10]
loss forward 0 100: R.h1[10] R.h2[10] labels[2] > loss.stats[2]
loss backward 0 40: R.h1[10] R.h2[10] labels[2] loss.stats[2] > d(R.h1)[20]
R.cell backward 0 200: d(R.h1)[10] R.gates2[40] R.c2[10] R.c1[10] > d(R.gates2)[40] d(R.c1)[10]
R backward 200 0: R.weight[100] d(R.gates2)[40] > d(R.h1)[10]
R.cell backward 0 200: d(R.h1)[10] d(R.h1)[10] d(R.c1)[10] R.gates1[40] R.c1[10] c0[10] > d(R.gates1)[40]
R weight_backward 400 80: h0[10] R.h1[10] d(R.gates1)[40] d(R.gates2)[40] > d(R.weight)[100] d(R.bias)[20]
W weight_backward 240 80: x[12] d(R.gates1)[40] d(R.gates2)[40] > d(W.weight)[60] d(W.bias)[20]
update W.weight update 0 120: d(W.weight)[60] W.weight.master[60] > W.weight.master[60] W.weight[60]
update W.bias update 0 40: d(W.bias)[20] W.bias.master[20] > W.bias.master[20] W.bias[20]
update R.weight update 0 200: d(R.weight)[100] R.weight.master[100] > R.weight.master[100] R.weight[100]
update R.bias update 0 40: d(R.bias)[20] R.bias.master[20] > R.bias.master[20] R.bias[20]
`},
		{"gru", func(b *graph.Builder) {
			gx := b.Linear("W", b.Input("x", 3, 2, 1), 3*5, true)
			b.Output(b.Recurrent("R", gx, graph.GRU, true, b.Input("h0", 5, 1, 1)))
		}, `W forward 180 60: x[12] W.weight[45] W.bias[15] > W[60]
R forward 150 60: h0[10] R.weight[75] W[30] R.bias[15] > R.gates1[30]
R.cell forward 0 80: R.gates1[30] h0[10] > R.h1[10]
R forward 150 60: R.h1[10] R.weight[75] W[30] R.bias[15] > R.gates2[30]
R.cell forward 0 80: R.gates2[30] R.h1[10] > R.h2[10]
loss forward 0 100: R.h1[10] R.h2[10] labels[2] > loss.stats[2]
loss backward 0 40: R.h1[10] R.h2[10] labels[2] loss.stats[2] > d(R.h1)[20]
R.cell backward 0 200: d(R.h1)[10] R.gates2[30] R.h1[10] > d(R.gates2)[30]
R backward 150 0: R.weight[75] d(R.gates2)[30] > d(R.h1)[10]
R.cell backward 0 200: d(R.h1)[10] d(R.h1)[10] R.gates1[30] h0[10] > d(R.gates1)[30]
R weight_backward 300 60: h0[10] R.h1[10] d(R.gates1)[30] d(R.gates2)[30] > d(R.weight)[75] d(R.bias)[15]
W weight_backward 180 60: x[12] d(R.gates1)[30] d(R.gates2)[30] > d(W.weight)[45] d(W.bias)[15]
update W.weight update 0 90: d(W.weight)[45] W.weight.master[45] > W.weight.master[45] W.weight[45]
update W.bias update 0 30: d(W.bias)[15] W.bias.master[15] > W.bias.master[15] W.bias[15]
update R.weight update 0 150: d(R.weight)[75] R.weight.master[75] > R.weight.master[75] R.weight[75]
update R.bias update 0 30: d(R.bias)[15] R.bias.master[15] > R.bias.master[15] R.bias[15]
`},
		{"residual", func(b *graph.Builder) {
			x := b.Conv("a", b.Input("x", 3, 4, 4), 4, graph.Square(3, 1, 1), 1, false)
			x = b.Act("relu", b.Norm("bn", x, graph.BatchNorm), graph.ReLU)
			y := b.Conv("b", x, 4, graph.Square(1, 1, 0), 1, true)
			b.Output(b.Add("add", y, x))
		}, `a forward 3456 256: x[96] a.weight[108] > a[128] bn.stats[8]
bn forward 0 384: a[128] bn.stats[8] bn.weight[4] bn.bias[4] > relu[128]
b forward 512 256: relu[128] b.weight[16] b.bias[4] > add[128]
loss forward 0 640: add[128] labels[2] > loss.stats[2]
loss backward 0 256: add[128] labels[2] loss.stats[2] > d(add)[128]
b weight_backward 512 128: relu[128] d(add)[128] > d(b.weight)[16] d(b.bias)[4]
b backward 512 512: b.weight[16] d(add)[128] relu[128] a[128] bn.stats[8] > d(relu)[128] d(bn.stats)[8]
bn backward 0 640: d(relu)[128] a[128] bn.stats[8] bn.weight[4] d(bn.stats)[8] > d(a)[128] d(bn.weight)[4] d(bn.bias)[4]
a weight_backward 3456 0: x[96] d(a)[128] > d(a.weight)[108]
update a.weight update 0 216: d(a.weight)[108] a.weight.master[108] > a.weight.master[108] a.weight[108]
update bn.weight update 0 8: d(bn.weight)[4] bn.weight.master[4] > bn.weight.master[4] bn.weight[4]
update bn.bias update 0 8: d(bn.bias)[4] bn.bias.master[4] > bn.bias.master[4] bn.bias[4]
update b.weight update 0 32: d(b.weight)[16] b.weight.master[16] > b.weight.master[16] b.weight[16]
update b.bias update 0 8: d(b.bias)[4] b.bias.master[4] > b.bias.master[4] b.bias[4]
`},
		{"shared", func(b *graph.Builder) {
			x := b.Linear("f", b.Input("x", 4, 1, 1), 6, false)
			y := b.Mul("square", x, b.Slice(x, 0, 6, 1, 1))
			z := b.Concat(b.Slice(x, 0, 2, 1, 1), b.Slice(y, 2, 4, 1, 1))
			b.Output(b.Linear("g", z, 3, true))
		}, `f forward 48 0: x[8] f.weight[24] > f[12]
square forward 0 12: f[12] > square[12]
g forward 36 6: f[4] square[8] g.weight[18] g.bias[3] > g[6]
loss forward 0 30: g[6] labels[2] > loss.stats[2]
loss backward 0 12: g[6] labels[2] loss.stats[2] > d(g)[6]
g weight_backward 36 6: f[4] square[8] d(g)[6] > d(g.weight)[18] d(g.bias)[3]
g backward 36 0: g.weight[18] d(g)[6] > d(f)[12]
zero_fill backward 0 12: d(f)[8] > d(square)[12]
square backward 0 36: d(square)[12] f[12] d(f)[4] > d(f)[12] d(f)[12]
accumulate backward 0 12: d(f)[12] d(f)[12] > d(f)[12]
f weight_backward 48 0: x[8] d(f)[12] > d(f.weight)[24]
update f.weight update 0 48: d(f.weight)[24] f.weight.master[24] > f.weight.master[24] f.weight[24]
update g.weight update 0 36: d(g.weight)[18] g.weight.master[18] > g.weight.master[18] g.weight[18]
update g.bias update 0 6: d(g.bias)[3] g.bias.master[3] > g.bias.master[3] g.bias[3]
`},
	} {
		b := graph.NewBuilder(c.name)
		c.build(b)
		tr, _ := training(t, b, o)
		if got := listing(tr); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}
