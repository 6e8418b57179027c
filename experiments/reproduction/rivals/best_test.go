package rivals

import (
	"context"
	"testing"

	"stco/model"
)

// TestPopulation: forty generations, of 20 to 100 designs.
func TestPopulation(t *testing.T) {
	for evaluations, want := range map[int64]int{0: 20, 800: 20, 840: 21, 2000: 50, 4000: 100, 4040: 100, 1 << 40: 100} {
		if got := (&Case{}).population(evaluations); got != want {
			t.Errorf("%d evaluations: %d, want %d", evaluations, got, want)
		}
	}
}

// TestBest: of what is found and known the least that meets the limits.
func TestBest(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer", "capacity=4MiB")
	if err != nil {
		t.Fatal(err)
	}
	least := func(figure func(*model.Report) float64, known ...*model.Report) *model.Report {
		t.Helper()
		r, err := c.Best(context.Background(), Effort{Evaluations: 300, Seed: 1, Workers: 1}, figure, known...)
		if err != nil || r == nil || !r.Feasible() {
			t.Fatalf("%v, %v", r, err)
		}
		return r
	}
	best, most := least(EDP), least(func(r *model.Report) float64 { return -EDP(r) })
	if !(EDP(best) < EDP(most)) {
		t.Errorf("least %g J s, most %g J s", EDP(best), EDP(most))
	}
	weak := best.Design
	weak.Anisotropy /= 4
	missed, err := c.Report(&weak)
	if err != nil || missed.Feasible() {
		t.Fatalf("a design that misses its limits is needed: %v", err)
	}
	// It would be the least by this figure, if it met the limits.
	figure := func(r *model.Report) float64 {
		if !r.Feasible() {
			return -1
		}
		return EDP(r)
	}
	if got := least(figure, nil, missed, most); got.Design != best.Design {
		t.Errorf("%g J s, want %g J s", EDP(got), EDP(best))
	}
	// A known design that no search of this length finds counts.
	if got := least(func(r *model.Report) float64 {
		if r.Design == most.Design {
			return -1
		}
		return EDP(r)
	}, most); got.Design != most.Design {
		t.Error("the known design was not taken")
	}
}
