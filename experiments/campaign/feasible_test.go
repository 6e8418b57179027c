package campaign

import (
	"context"
	"testing"

	"stco/experiments/study"
	"stco/explore"
)

// TestEverySeedGetsFeasible checks that the search of the default space meets
// all constraints from any of 20 seeds, on less than a hundredth of the default
// budget, with every algorithm that a study with constraints may name.
func TestEverySeedGetsFeasible(t *testing.T) {
	text, _ := study.Embedded("cv-training")
	s, err := study.Parse("cv-training", text)
	if err != nil {
		t.Fatal(err)
	}
	s.Setup.Workloads = s.Setup.Workloads[2:3] // one training workload: the same limits, less to build
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range []explore.Algorithm{explore.Auto, explore.NSGA2, explore.NSGA3} {
		worst, infeasible := int64(0), int64(0)
		for seed := range uint64(20) {
			first := int64(0)
			r, err := explore.Run(context.Background(), study.Searched(p), explore.Config{
				Algorithm: algorithm, Population: 40, Workers: 2, Seed: seed, Key: []byte(s.ProblemHash()),
				Budget: explore.Budget{Evaluations: 400},
			}, nil, func(g *explore.Progress, _ func() ([]byte, error)) error {
				if first == 0 && g.Violation == 0 {
					first = g.Evaluations
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if first == 0 || len(r.Answer) == 0 {
				t.Errorf("%s, seed %d: no feasible design among %d; least violation %v", algorithm, seed, r.Evaluations, r.Violation)
			}
			worst = max(worst, first)
			infeasible += r.Infeasible
		}
		t.Logf("%s: feasible after at most %d evaluations; %.1f %% of the first 400 are infeasible", algorithm, worst, float64(infeasible)/(20*400)*100)
	}
}
