package campaign

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/explore/hypervolume"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

const mixed = "technology: [sram, sot]"

// volumes runs a study and returns the objectives of its archives, as logarithms,
// and its tables.
func archived(t *testing.T, changes ...string) (points [][]float64, run *store.Run) {
	t.Helper()
	run, err := store.Open(disk.OS{}, complete(t, changes...))
	if err != nil {
		t.Fatal(err)
	}
	for i := range run.Info().Shards {
		a, err := run.ReadShardTable(i, store.ArchiveTable)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range a.Rows {
			var p []float64
			for _, c := range a.OfKind(results.Objective) {
				p = append(p, math.Log(row[c]))
			}
			points = append(points, p)
		}
	}
	return points, run
}

// volume is the hypervolume of points in the frame of others, reference 1.1.
func volume(points, frame [][]float64) float64 {
	m := len(frame[0])
	lo, hi := slices.Clone(frame[0]), slices.Clone(frame[0])
	for _, p := range frame {
		for j, v := range p {
			lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
		}
	}
	var unit []float64
	for _, p := range points {
		for j, v := range p {
			unit = append(unit, (v-lo[j])/(hi[j]-lo[j]))
		}
	}
	var v hypervolume.Volume
	return v.Hypervolume(unit, m, slices.Repeat([]float64{1.1}, m))
}

// compete runs [sram, sot] and each alone at the same total budget, and returns
// the hypervolume of the joint search over that of the union of the two.
func compete(t *testing.T, seed string, changes ...string) float64 {
	t.Helper()
	with := func(more ...string) []string {
		return append(append([]string{"seed: 6", "seed: " + seed}, more...), changes...)
	}
	both, run := archived(t, with("technology: sot", mixed)...)
	sot, _ := archived(t, with()...)
	sram, _ := archived(t, with("technology: sot", "technology: sram")...)
	union := append(slices.Clone(sot), sram...)
	p, err := run.Progress(0)
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Generations[len(p.Generations)-1].Evaluations; n != parse(t, with()...).Search.Evaluations {
		t.Errorf("%d evaluations", n)
	}
	return volume(both, union) / volume(union, union)
}

// TestTechnologiesCompete: a search of two technologies reaches what the two
// searches of one reach together, though feasible designs of the one are rare and
// of the other are not; and the tables say which of them beats which.
func TestTechnologiesCompete(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	for _, seed := range []string{"6", "7"} {
		if share := compete(t, seed, "evaluations: 1500", "evaluations: 4000"); share < 0.99 {
			t.Errorf("seed %s: %.4f of the hypervolume of the union", seed, share)
		}
	}
	_, run := archived(t, "technology: sot", mixed)
	read := func(name string) *results.Table {
		t.Helper()
		tab, err := run.ReadTable(name)
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
	fronts, rivals, front, shares := read("fronts"), read("technologies"), read(store.FrontTable), read("shares")
	if len(rivals.Rows) != 2 || len(shares.Rows) != 9 {
		t.Fatalf("%d technologies, %d thirds", len(rivals.Rows), len(shares.Rows))
	}
	for r := range rivals.Rows {
		name := rivals.Text(r, 0)
		designs, dominated, joint := rivals.Rows[r][1], rivals.Rows[r][2], rivals.Rows[r][4]
		rows := 0
		for i := range fronts.Rows {
			if fronts.Text(i, column(t, fronts.Index, "technology")) == name {
				rows++
			}
		}
		if rows == 0 || float64(rows) > designs || designs != dominated+joint {
			t.Errorf("%s: %d rows in fronts; %v designs, %v dominated, %v joint", name, rows, designs, dominated, joint)
		}
	}
	for r := range shares.Rows {
		sum := 0.0
		for _, c := range []string{"sram_share", "sot_share"} {
			sum += shares.Rows[r][column(t, shares.Index, c)]
		}
		if n := shares.Rows[r][column(t, shares.Index, "designs")]; n > 0 && math.Abs(sum-100) > 1e-9 {
			t.Errorf("shares of %v %% together", sum)
		}
	}
	if len(front.Rows) == 0 {
		t.Error("no joint front")
	}
}

// TestSmallBudget: where the budget ends before SRAM is enumerated, its buffers
// are in the joint front all the same.
func TestSmallBudget(t *testing.T) {
	_, run := archived(t, "technology: sot", mixed, "evaluations: 1500", "evaluations: 100")
	front, err := run.ReadTable(store.FrontTable)
	if err != nil {
		t.Fatal(err)
	}
	if !hasSRAM(front) {
		t.Error("no SRAM buffer in the front")
	}
	q := parse(t, "technology: sot", mixed)
	m, p, err := q.Build()
	if err != nil {
		t.Fatal(err)
	}
	strata, err := q.Strata(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range front.Rows {
		d, err := designs.FromRow(m.Catalog, front, i)
		if err != nil {
			t.Fatal(err)
		}
		if !member(m.Catalog, &strata[0], &d) && !member(m.Catalog, &strata[1], &d) {
			t.Errorf("row %d is no design of the study", i+1)
		}
	}
}

// TestInactiveKnobs: what a technology has no use for is not free, so that a sweep
// of SRAM capacities is a grid, and a study of one design is one evaluation.
func TestInactiveKnobs(t *testing.T) {
	const sweep = "stco: 1\nname: sweep\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy, latency]\nspace: {technology: sram, capacity: [1MiB, 2MiB, 4MiB], banks: 16, word: 256, read_bus: 4096, write_bus: 2048, clock: 1GHz}\nsearch: {algorithm: grid}\n"
	s, err := study.Parse("sweep", []byte(sweep))
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	strata, err := s.Strata(p)
	if err != nil || size(strata) != 3 {
		t.Errorf("%d designs, %v", size(strata), err)
	}
	one, err := study.Parse("one", []byte(strings.NewReplacer("[1MiB, 2MiB, 4MiB]", "2MiB", "{algorithm: grid}", "{}").Replace(sweep)))
	if err != nil || one.Search.Algorithm != "grid" {
		t.Errorf("%v: %+v", err, one)
	}
	s, err = study.Parse("hybrid", []byte(strings.NewReplacer("technology: sram", "technology: [sot, hybrid], split: [0, 0.25]", "{algorithm: grid}", "{}").Replace(sweep)))
	if err != nil {
		t.Fatal(err)
	}
	if strata, err = s.Strata(p); err != nil || len(strata) != 2 {
		t.Fatalf("%d strata, %v", len(strata), err)
	}
	if _, err := strata[1].Problem.Decoder.Space.Index("split"); err == nil {
		t.Error("a hybrid buffer without a scratchpad is searched beside the SOT buffer that it is")
	}
}
