package model

import (
	"testing"

	"stco/model/workload"
)

// TestPreparedByHand: what a model prepares from its setup.
func TestPreparedByHand(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	for f, n := range m.nodes {
		// Bitcells leak at 358.15 K: more than at 300 K, as the node says.
		near(t, "leakage of a fin", float64(m.process[f].OffCurrent), float64(n.OffCurrentAt(358.15))*float64(n.FinWidth))
		near(t, "drive of a fin", float64(m.process[f].OnCurrent), float64(n.OnCurrent)*float64(n.FinWidth))
		if m.process[f].OffCurrent <= Process(n, 300).OffCurrent {
			t.Error("a hot fin leaks no more than a cold one")
		}
		// 128 + 128 edges of 16 bits are 4,096 bits a cycle: 16 banks of 256.
		if m.pe[f].Banks != 16 {
			t.Errorf("the PE buffer has %d banks, want 16", m.pe[f].Banks)
		}
	}
}

// TestKnobEdges: the text of a value that is left to the model, and of the
// largest and one beyond.
func TestKnobEdges(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	auto, checked := 0, 0
	for _, k := range c.Knobs() {
		if k.Auto {
			auto++
			if k.Format(0) != "auto" || k.Format(1) == "auto" {
				t.Errorf("%s: 0 is %s, 1 is %s", k.Name, k.Format(0), k.Format(1))
			}
			if v, err := k.Parse("auto"); err != nil || v != 0 {
				t.Errorf("%s: auto is %g, %v", k.Name, v, err)
			}
		}
		if k.Name == "banks" {
			checked++
			if v, err := k.Parse("1024"); err != nil || v != 1024 {
				t.Errorf("1024 banks: %g, %v", v, err)
			}
			for _, text := range []string{"2048", "0", "1.5"} {
				if _, err := k.Parse(text); err == nil {
					t.Errorf("%s banks are accepted", text)
				}
			}
		}
	}
	if auto == 0 || checked != 1 {
		t.Errorf("%d knobs are left to the model, %d are banks", auto, checked)
	}
}
