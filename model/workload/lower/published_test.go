package lower

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

func training(t *testing.T, b *graph.Builder, o workload.Options) (*workload.Trace, workload.Summary) {
	t.Helper()
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	n.Phase = workload.Training
	n.Form = graph.FormOf(o)
	o.Phase = workload.Training
	tr, err := Trace(n, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Validate(); err != nil {
		t.Fatal(err)
	}
	return tr, workload.Summarize(tr)
}

// TestLSTMBackward holds back-propagation through time to Hochreiter and
// Schmidhuber 1997 as Greff et al. (IEEE TNNLS 2017, appendix A) write it out:
// dx = W^T dgates and dy = R^T dgates of every time step but the first, dW and dR
// as sums of outer products over all; nothing flows into the input itself.
func TestLSTMBackward(t *testing.T) {
	const steps, in, h, batch = 6, 10, 8, 3
	b := graph.NewBuilder("lstm")
	x := b.Linear("first", b.Input("x", in, steps, 1), in, false)
	gx := b.Linear("W", x, 4*h, true)
	b.Output(b.Recurrent("R", gx, graph.LSTM, true, b.Input("h0", h, 1, 1), b.Input("c0", h, 1, 1)))
	tr, s := training(t, b, workload.Options{Batch: batch})
	const first, w, r = batch * steps * in * in, batch * steps * 4 * h * in, batch * steps * 4 * h * h
	if s.MACsForward != first+w+r {
		t.Errorf("forward %d, want %d", s.MACsForward, first+w+r)
	}
	if want := int64(w + r/steps*(steps-1)); s.MACsDX != want {
		t.Errorf("dX %d, want %d", s.MACsDX, want)
	}
	if want := int64(first + w + r); s.MACsDW != want {
		t.Errorf("dW %d, want %d", s.MACsDW, want)
	}
	// The cell, per element: three sigmoids, two tanh, three products, a sum
	// less the functions that the gates' step has: forward and backward.
	var cells int
	for i := range tr.Steps {
		if st := &tr.Steps[i]; st.Name == "R.cell" && st.Pass == workload.Backward {
			cells++
			// dGates of four gates from gates, both cell states, dy, dh and dc.
			if st.VectorOps != 20*h*batch || int64(len(st.Writes)) != 1+min(1, int64(steps-cells)) {
				t.Errorf("step %d of the cell: %d operations, writes %d", cells, st.VectorOps, len(st.Writes))
			}
		}
	}
	if cells != steps {
		t.Errorf("%d cells of %d", cells, steps)
	}
}

// TestAttentionBackward holds the gradient of attention to Dao 2023
// (arXiv:2307.08691, section 4.1): two products forward, four backward; as one
// step, which computes the scores again, five (2.5 times the forward pass); a
// causal mask leaves s (s + 1) / 2 of s^2 pairs in each.
func TestAttentionBackward(t *testing.T) {
	const heads, d, s, batch = 3, 4, 10, 2
	for _, causal := range []bool{false, true} {
		for _, fused := range []bool{false, true} {
			pairs := int64(s * s)
			if causal {
				pairs = s * (s + 1) / 2
			}
			masked := heads * (s*s - pairs) * d
			b := graph.NewBuilder("attention")
			x := b.Input("x", heads*d, s, 1)
			q, k, v := b.Linear("q", x, heads*d, false), b.Linear("k", x, heads*d, false), b.Linear("v", x, heads*d, false)
			b.Output(b.Core(func() graph.Value {
				p := b.Softmax("softmax", b.MatMulMasked("qk", q, k, heads, s, d, s, masked))
				return b.MatMulMasked("av", p, v, heads, s, s, d, masked)
			}))
			_, sum := training(t, b, workload.Options{Batch: batch, FusedAttention: fused})
			product := batch * heads * pairs * d
			linear := int64(3 * batch * s * heads * d * heads * d)
			again := int64(0)
			if fused {
				again = product
			}
			if sum.MACsForward != linear+2*product || sum.MACsDX != 4*product || sum.MACsDW != linear || sum.MACsRecompute != again {
				t.Errorf("causal %v, fused %v: forward %d, dX %d, dW %d, again %d; product %d", causal, fused, sum.MACsForward, sum.MACsDX, sum.MACsDW, sum.MACsRecompute, product)
			}
		}
	}
}

// TestFixedBase: adapters of rank 2 on a frozen layer: no dW and no state of the
// base, dX through it.
func TestFixedBase(t *testing.T) {
	const in, out, rank, rows, batch = 6, 9, 2, 4, 5
	b := graph.NewBuilder("lora")
	x := b.Linear("lora_first", b.Input("x", in, rows, 1), in, false)
	low := b.Linear("lora_B", b.Linear("lora_A", x, rank, false), out, false)
	b.Output(b.Add("add", b.Linear("base", x, out, false), low))
	b.FixExcept("lora_")
	tr, s := training(t, b, workload.Options{Batch: batch})
	const per = batch * rows
	if want := int64(per * (in*in + in*rank + rank*out)); s.MACsDW != want {
		t.Errorf("dW %d, want %d", s.MACsDW, want)
	}
	if want := int64(per * (in*out + in*rank + rank*out)); s.MACsDX != want {
		t.Errorf("dX %d, want %d", s.MACsDX, want)
	}
	for _, x := range tr.Tensors {
		if (x.Class == workload.OptimizerState || x.Class == workload.WeightGradient) && x.Elems == in*out {
			t.Errorf("the frozen base has %s", x.Name)
		}
	}
}
