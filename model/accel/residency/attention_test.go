package residency

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// attentionTraces returns the trace of a network with attention in one step and
// apart.
func attentionTraces(t *testing.T, net *graph.Network, o workload.Options) (fused, apart *workload.Trace) {
	t.Helper()
	var err error
	if apart, err = lower.Trace(net, o); err != nil {
		t.Fatal(err)
	}
	o.FusedAttention = true
	if fused, err = lower.Trace(net, o); err != nil {
		t.Fatal(err)
	}
	return fused, apart
}

// TestFusedAttentionNetworks: attention in one step does not move more than the
// operators apart, in any buffer, and moves what it must in one that holds
// everything. Two things are allowed for: beside weights that stay, its tile of
// whole rows takes some hundred bytes more of the buffer, and with less than 64
// KiB computing the scores again costs more than it saves.
func TestFusedAttentionNetworks(t *testing.T) {
	for _, name := range []string{"bert_base", "gpt2_small", "vit_b_16", "llama3_8b"} {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			o, err := suite.DefaultOptions(name, phase)
			if err != nil {
				continue // generates no tokens
			}
			o.Batch = 2
			net, err := suite.Build(name, o)
			if err != nil {
				continue
			}
			fused, apart := attentionTraces(t, net, o)
			curves := NewCurves()
			p, err := New(fused, Conventions{AccumBytes: 4, Curves: curves})
			if err != nil {
				t.Fatal(err)
			}
			q, err := New(apart, Conventions{AccumBytes: 4, Curves: curves})
			if err != nil {
				t.Fatal(err)
			}
			if p.Compulsory() != q.Compulsory() {
				t.Errorf("%s %s: compulsory traffic %.0f B, apart %.0f", name, phase, p.Compulsory(), q.Compulsory())
			}
			for capacity := int64(16 << 10); capacity <= 4<<30; capacity *= 2 {
				got, want := p.Run(capacity).Total(), q.Run(capacity).Total()
				most := 1.0002 * want
				if phase == workload.Training && capacity < 64<<10 {
					most = 1.003 * want
				}
				if got > most {
					t.Errorf("%s %s at %d B: one step moves %.0f B, apart %.0f", name, phase, capacity, got, want)
				}
			}
			if got := p.Run(1 << 44).Total(); got != p.Compulsory() {
				t.Errorf("%s %s: %.0f B of traffic in a buffer that holds everything, compulsory %.0f", name, phase, got, p.Compulsory())
			}
		}
	}
}
