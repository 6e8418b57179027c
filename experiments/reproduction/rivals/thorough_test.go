package rivals

import (
	"context"
	"testing"
)

// TestThorough: every code is searched apart, what is found meets the limits and
// is no worse than what one search of the same length finds, twice the same; and
// SRAM is enumerated as before.
func TestThorough(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	whole, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer", "capacity=4MiB")
	if err != nil {
		t.Fatal(err)
	}
	effort := Effort{Evaluations: 400, Seed: 1, Workers: 1}
	found := func(c *Case, search func(context.Context, Effort) (*Front, error)) (*Member, map[string]int) {
		f, err := search(context.Background(), effort)
		if err != nil {
			t.Fatal(err)
		}
		codes := map[string]int{}
		for i := range f.Members {
			codes[f.Members[i].Design.ECC.String()]++
			r, err := c.Report(&f.Members[i].Design)
			if err != nil || !r.Feasible() {
				t.Fatalf("%v: %v", f.Members[i].Design, err)
			}
		}
		return f.Least(Product, nil), codes
	}
	one, _ := found(whole, whole.Search)
	best, codes := found(whole, whole.Thorough)
	again, _ := found(whole, whole.Thorough)
	if best.Design != again.Design {
		t.Error("the same seed ends at another design")
	}
	if Product(best) > 0.999*Product(one) {
		t.Errorf("%g, one search %g", Product(best), Product(one))
	}
	for _, code := range []string{"none", "secded", "dec"} {
		if codes[code] == 0 {
			t.Errorf("no design with the code %s: %v", code, codes)
		}
	}
	fixed, err := whole.With("ecc=dec")
	if err != nil {
		t.Fatal(err)
	}
	if b, codes := found(fixed, fixed.Thorough); len(codes) != 1 || b.Design.ECC.String() != "dec" {
		t.Errorf("%v where the code is fixed", codes)
	}
	sram, err := whole.With("technology=sram")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := found(sram, sram.Search)
	b, _ := found(sram, sram.Thorough)
	if a.Design != b.Design {
		t.Errorf("SRAM: %v, %v", a.Design, b.Design)
	}
}
