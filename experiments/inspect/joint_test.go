package inspect_test

import (
	"errors"
	"strings"
	"testing"

	"stco/experiments/inspect"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestJoint: the joint front of runs of one seed each is that of one run of both
// seeds, with the runs named; runs of other workloads are refused.
func TestJoint(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	six, seven := complete(t), complete(t, "seed: 6", "seed: 7")
	both := complete(t, "seed: 6", "seed: 6\nseeds: 2")
	other := complete(t, "batch: 1", "batch: 2", "evaluations: 1500", "evaluations: 100")
	open := func(dir string) *store.Run {
		r, err := store.Open(disk.OS{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	joint, notes, err := inspect.Joint([]*store.Run{open(six), open(seven)}, 15)
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	want, err := open(both).ReadTable("front")
	if err != nil {
		t.Fatal(err)
	}
	if len(joint.Rows) != len(want.Rows) {
		t.Fatalf("%d designs, want %d", len(joint.Rows), len(want.Rows))
	}
	id, seed, run := column(t, joint.Index, "id"), column(t, joint.Index, "seed"), column(t, joint.Index, "run")
	for r := range joint.Rows {
		if got, is := joint.Text(r, id), want.Text(r, column(t, want.Index, "id")); got != is || joint.LabelOf(r) != want.LabelOf(r) {
			t.Errorf("row %d: %s %q, want %s %q", r, got, joint.LabelOf(r), is, want.LabelOf(r))
		}
		if from := map[float64]string{6: six, 7: seven}[joint.Rows[r][seed]]; joint.Text(r, run) != from {
			t.Errorf("row %d of seed %v is from %s", r, joint.Rows[r][seed], joint.Text(r, run))
		}
	}
	all, _, err := inspect.Joint([]*store.Run{open(six), open(seven)}, 0)
	if err != nil || len(all.Rows) <= 15 {
		t.Fatal(err)
	}
	for a := range all.Rows { // dominance in its plainest form
		for b := range all.Rows {
			if a != b && dominates(all, a, b) {
				t.Errorf("row %d dominates row %d", a, b)
			}
		}
	}
	_, _, err = inspect.Joint([]*store.Run{open(six), open(other)}, 0)
	if bad, ok := errors.AsType[*strict.InputError](err); !ok || !strings.Contains(bad.Error(), "differ in workloads") {
		t.Error(err)
	}
}

func dominates(t *results.Table, a, b int) bool {
	for _, c := range t.OfKind(results.Objective) {
		if t.Rows[a][c] > t.Rows[b][c] {
			return false
		}
	}
	return true
}
