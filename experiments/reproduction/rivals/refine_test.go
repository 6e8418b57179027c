package rivals

import (
	"context"
	"testing"

	"stco/experiments/baselines"
	"stco/model"
)

// TestRefine: a descent from designs of another case ends at one that meets the
// limits of this one and is no worse than the best of them; more evaluations find
// better ones; nothing comes of designs that all miss the limits.
func TestRefine(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer", "capacity=4MiB")
	if err != nil {
		t.Fatal(err)
	}
	front, err := c.Search(context.Background(), Effort{Evaluations: 300, Seed: 1, Workers: 1})
	if err != nil || len(front.Members) == 0 {
		t.Fatal(err)
	}
	var known []*model.Design
	for i := range front.Members {
		known = append(known, &front.Members[i].Design)
	}
	weak := *known[0]
	weak.Anisotropy /= 4
	if r, err := c.Refine(Effort{Evaluations: 10, Seed: 1}, []*model.Design{&weak}); err != nil || r != nil {
		t.Errorf("%v, %v of a design that misses its limits", r, err)
	}
	best, err := c.LeastOf(EDP, known)
	if err != nil || best == nil {
		t.Fatal(err)
	}
	before := EDP(best)
	for _, n := range []int64{0, 20, 1000} {
		r, err := c.Refine(Effort{Evaluations: n, Seed: 1}, append(known, &weak))
		if err != nil || r == nil || !r.Feasible() || EDP(r) > before {
			t.Fatalf("%d evaluations: %v after %g, %v", n, r, before, err)
		}
		if again, err := c.Refine(Effort{Evaluations: n, Seed: 1}, append(known, &weak)); err != nil || again.Design != r.Design {
			t.Errorf("%d evaluations end at two designs, %v", n, err)
		}
		before = EDP(r)
	}
	if before > 0.999*EDP(best) {
		t.Errorf("1000 evaluations: %g, before %g", before, EDP(best))
	}
}

// TestFinerCode: between the capacities of the list the code of the baseline stays.
func TestFinerCode(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\nbaselines: [{area: same, ecc: none}]\n"), "machine=soc", "schedule=layer", "capacity=3MiB", "ecc=dec")
	if err != nil {
		t.Fatal(err)
	}
	front, err := c.Search(context.Background(), Effort{Evaluations: 300, Seed: 1, Workers: 1})
	if err != nil || len(front.Members) == 0 {
		t.Fatal(err)
	}
	own, err := c.Report(&front.Members[0].Design)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.SRAM(context.Background(), 1).Baselines(own, "lop")
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		b := &list[i]
		if b.Least != baselines.LeastEDP {
			continue
		}
		before := EDP(&b.Report)
		if err := c.Finer(context.Background(), own, b); err != nil {
			t.Fatal(err)
		}
		if b.Report.Design.ECC.String() != "none" || own.Design.ECC.String() != "dec" || EDP(&b.Report) > before || b.Report.Area() > own.Area() {
			t.Errorf("code %s, %g after %g", b.Report.Design.ECC, EDP(&b.Report), before)
		}
	}
}
