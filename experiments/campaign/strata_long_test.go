//go:build long

package campaign

import (
	"strconv"
	"testing"
)

// TestTechnologiesCompeteLong repeats TestTechnologiesCompete for ten seeds with a
// larger space and budget.
func TestTechnologiesCompeteLong(t *testing.T) {
	for seed := 1; seed <= 10; seed++ {
		share := compete(t, strconv.Itoa(seed), "capacity: [1MiB, 2MiB, 4MiB]", "capacity: {min: 1MiB, max: 64MiB}", "constraints: {area: {max: 20mm^2}}\n", "",
			"evaluations: 1500", "evaluations: 20000", "nsga2, population: 20", "auto, population: 100", "returned: 15", "returned: 100")
		if t.Logf("seed %d: %.4f", seed, share); share < 0.99 {
			t.Errorf("seed %d: %.4f of the hypervolume of the union", seed, share)
		}
	}
}

// TestThreeByTwoByThree: three machines, two batches and three temperatures in one
// run directory.
func TestThreeByTwoByThree(t *testing.T) {
	_, run := scenes(t, "seed: 6\naxes: {machine: [edge, soc, server], batch: [1, 4], t_hot: [330K, 358K, 398K]}")
	checkRegimes(t, run, 18)
}
