package inspect_test

import (
	"testing"

	"stco/experiments/inspect"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestCheck: designs evaluated again have the figures of a run; a table with a
// right seal and a wrong figure, or a wrong identity, is found out.
func TestCheck(t *testing.T) {
	dir := complete(t)
	run, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	checked, found, err := inspect.Check(run, 10)
	if err != nil || len(found) > 0 || checked < 15 {
		t.Fatal(checked, found, err)
	}
	for _, name := range []string{"energy", "area", "write_fins", "pulse", "id"} {
		front, err := run.ReadTable("front")
		if err != nil {
			t.Fatal(err)
		}
		original := front.Pick(nil, nil)
		at := column(t, front.Index, name)
		if name == "id" {
			front.Rows[0][at] = front.Rows[1][at]
		} else {
			front.Rows[0][at] *= 1 + 1e-6
		}
		if err := run.WriteTable(front); err != nil {
			t.Fatal(err)
		}
		if _, found, err = inspect.Check(run, 1000); err != nil || len(found) == 0 || found[0].Table != "front.json" {
			t.Errorf("%s: %v %v", name, found, err)
		}
		if err := run.WriteTable(original); err != nil {
			t.Fatal(err)
		}
	}
}
