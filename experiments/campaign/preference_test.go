package campaign

import (
	"math"
	"testing"

	"stco/results/store"
	"stco/results/store/disk"
)

// TestPreferredRun: with a resolution of 10 % no two designs of archive or front are
// in one box, and none of the front is beyond the aspiration.
func TestPreferredRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs campaigns")
	}
	coarser := []string{"objectives: [energy, latency, area]", "objectives: [{metric: energy, resolution: 10%}, {metric: latency, resolution: 10%}, {metric: area, resolution: 0.1mm^2}]", "max: 20mm^2}}", "max: 20mm^2}, latency: {max: 1.5x}}"}
	dir := complete(t, coarser...)
	run, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := run.ReadShardTable(0, store.ArchiveTable)
	if err != nil {
		t.Fatal(err)
	}
	front, err := run.ReadTable(store.FrontTable)
	if err != nil {
		t.Fatal(err)
	}
	if len(front.Rows) < 2 || len(archive.Rows) < len(front.Rows) {
		t.Fatalf("%d and %d rows", len(front.Rows), len(archive.Rows))
	}
	seen := map[[3]float64]bool{}
	best := math.Inf(1)
	e, l, a := column(t, archive.Index, "energy"), column(t, archive.Index, "latency"), column(t, archive.Index, "area")
	for _, row := range archive.Rows {
		box := [3]float64{math.Floor(math.Log(row[e]) / math.Log(1.1)), math.Floor(math.Log(row[l]) / math.Log(1.1)), math.Floor(row[a] / 0.1)}
		if seen[box] {
			t.Errorf("two designs in box %v", box)
		}
		seen[box], best = true, min(best, row[l])
	}
	l = column(t, front.Index, "latency")
	for _, row := range front.Rows {
		if row[l] > 1.5*best*(1+1e-9) {
			t.Errorf("latency %g s beyond 1.5 times %g s", row[l], best)
		}
	}
}
