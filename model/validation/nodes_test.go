package validation

import (
	"os"
	"testing"

	"stco/model/tech"
)

// TestNodes: from 28 to 3 nm every figure of an SRAM macro moves as silicon did
// or a deviation says why not, and each deviation is needed.
func TestNodes(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(&Input{Files: os.DirFS("../.."), Tables: tables}, "node")
	if err != nil {
		t.Fatal(err)
	}
	directions := 0
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Verdict() == Unexplained {
			t.Errorf("%s, %s: %.4g, outside %g to %g", c.Case, c.Quantity, c.Ours, c.Low, c.High)
		}
		if c.Low == 0 || c.Quantity == "macro density" && c.Row == "nodes.csv" {
			directions++
		}
	}
	if want := 8 * len(nodeFigures()); directions != want {
		t.Errorf("%d directions, want %d: nine nodes", directions, want)
	}
	if len(r.Deviations) != len(nodeDeviations()) {
		t.Errorf("deviations that nothing needs: %v", r.Deviations)
	}
	// The roadmap's planar node is what the production-like one replaces: faster
	// than two generations after it.
	old, err := figuresOfNode(tables, "22nm-itrs")
	if err != nil {
		t.Fatal(err)
	}
	next, err := figuresOfNode(tables, "14nm")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"gate delay", "read latency of 16 MiB"} {
		c := direction("22nm-itrs", "14nm", q, map[string]map[string]float64{"22nm-itrs": old, "14nm": next}, nil)
		if c.Ours <= c.High {
			t.Errorf("%s falls from the roadmap's 22 nm: %.3g", q, c.Ours)
		}
	}
}
