package suite

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
)

// TestFusedAttention: attention in one step has the products and, forward, the
// vector operations of the operators apart; a training step no longer keeps
// scores, probabilities and masks but a statistic per query, and computes QK^T
// again.
func TestFusedAttention(t *testing.T) {
	for _, name := range []string{"bert_base", "gpt2_small", "vit_b_16", "llama3_8b", "t5_base", "transformer_base"} {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			for _, micro := range []int{1, 2} {
				o, err := DefaultOptions(name, phase)
				if err != nil || phase != workload.Training && micro > 1 {
					continue
				}
				o.Batch, o.MicroBatches, o.Dropout = 2, micro, phase == workload.Training && micro == 2
				n, err := Build(name, o)
				if err != nil {
					continue // generates no tokens
				}
				apart, err := lower.Trace(n, o)
				if err != nil {
					t.Fatal(err)
				}
				o.FusedAttention = true
				fused, err := lower.Trace(n, o)
				if err != nil {
					t.Fatal(err)
				}
				if err := fused.Validate(); err != nil {
					t.Fatalf("%s %s: %v", name, phase, err)
				}
				f, p := workload.Summarize(fused), workload.Summarize(apart)
				var scores, rows, elems, cores int64 // of all that run as one step, a micro-batch
				dropped := int64(1)
				for _, a := range n.Attentions(phase == workload.Training) {
					s := n.Ops[a.Scores()].Scaled(int64(o.Batch / micro))
					cores++
					rows += s.Groups * s.P
					elems += s.Groups * s.P * s.K
					scores += s.MACs()
					dropped = int64(len(a.Ops) - 3)
				}
				if cores == 0 && name != "t5_base" {
					t.Errorf("%s %s: no attention in one step", name, phase)
				}
				if f.MACsForward != p.MACsForward || f.MACsDX != p.MACsDX || f.MACsDW != p.MACsDW {
					t.Errorf("%s %s: one step %+v, apart %+v", name, phase, f, p)
				}
				if phase != workload.Training {
					if f.VectorOps != p.VectorOps || int64(p.Steps-f.Steps) < 2*cores {
						t.Errorf("%s %s: %d vector operations in %d steps, apart %d in %d", name, phase, f.VectorOps, f.Steps, p.VectorOps, p.Steps)
					}
					continue
				}
				if f.MACsRecompute != int64(micro)*scores {
					t.Errorf("%s: %d multiply-accumulates repeated, want %d", name, f.MACsRecompute, int64(micro)*scores)
				}
				// Probabilities of two bytes; with dropout their dropped copy and a mask too.
				if want := elems * (2 + 3*dropped); p.SavedBytes-f.SavedBytes != want-4*rows {
					t.Errorf("%s, dropout %v: keeps %d bytes, apart %d: the difference should be %d less statistics of %d", name, o.Dropout, f.SavedBytes, p.SavedBytes, want, 4*rows)
				}
			}
		}
	}
}
