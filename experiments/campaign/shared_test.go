package campaign

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// TestInfeasibleSeeds: a seed without a feasible design ends like any other, with
// its limits; a campaign of nothing else ends as infeasible, again and again.
func TestInfeasibleSeeds(t *testing.T) {
	dir := complete(t, "seed: 6", "seed: 6\nseeds: 2", "max: 20mm^2", "max: 0.001mm^2", "evaluations: 1500", "evaluations: 120")
	before := files(t, dir)
	for range 2 {
		c, err := Resume(dir, (&clock{time.Second}).options(&silent{}), Extension{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Execute(t.Context())
		none, ok := errors.AsType[*InfeasibleError](err)
		if !ok || none.Evaluations != 240 || none.Binding != "area <= 0.001 mm2" || none.Share != 1 || none.Least == "" || !(none.Missed > 1) {
			t.Fatalf("%+v %v", none, err)
		}
	}
	same(t, "an infeasible run, resumed", files(t, dir), before)
	if len(before["limits.json"]) == 0 || len(before["manifest.json"]) == 0 || !strings.Contains(before["limits.csv"], "area <= 0.001 mm2,240,100,") {
		t.Errorf("limits.csv:\n%s", before["limits.csv"])
	}
	// One that is feasible and one that is not merge to the feasible one.
	// The cell of the default design, with which a search begins, is none of them.
	mixed := complete(t, "max: 20mm^2", "max: 2.5mm^2", "clock: 1GHz", "clock: 1GHz\n  mtj_diameter: {min: 20nm, max: 70nm}", "evaluations: 1500", "evaluations: 40", "seed: 6", "seed: 6\nseeds: 12")
	run, err := store.Open(disk.OS{}, mixed)
	if err != nil {
		t.Fatal(err)
	}
	front, err := run.ReadTable("front")
	if err != nil || len(front.Rows) == 0 {
		t.Fatal("no front", err)
	}
	empty := 0
	for i := range run.Info().Shards {
		a, err := run.ReadShardTable(i, "archive")
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Rows) == 0 {
			empty++
		}
	}
	if empty == 0 || empty == 12 {
		t.Errorf("%d of 12 seeds are infeasible: the test shows nothing", empty)
	}
}

// TestSharedRun: a process does the shards that are free, says who has the rest,
// and the one that ends last merges, to the same bytes.
func TestSharedRun(t *testing.T) {
	changes := []string{"seed: 6", "seed: 6\nseeds: 3"}
	want := files(t, complete(t, changes...))
	dir := t.TempDir() + "/run"
	c, err := Start(parse(t, changes...), dir, (&clock{time.Millisecond}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"small-seed7", mergeClaim} {
		claim, err := other.Claim(name, claims.ThisProcess(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Execute(t.Context())
		held, ok := errors.AsType[*HeldError](err)
		if !ok || len(held.Held) != 1 || !strings.HasPrefix(held.Held[0], name+" (process ") {
			t.Fatalf("%+v %v", held, err)
		}
		if _, err := Resume(dir, (&clock{time.Second}).options(&silent{}), Extension{Seeds: 4}); !errors.Is(err, claims.ErrClaimed) {
			t.Errorf("extended while %s is held: %v", name, err)
		}
		for i, done := range []bool{true, name == mergeClaim, true} {
			if p, err := other.Progress(i); err != nil || p.Done != done {
				t.Errorf("%s is held: shard %d: %t %v", name, i, p.Done, err)
			}
		}
		if err := claim.Release(); err != nil {
			t.Fatal(err)
		}
		if name != mergeClaim {
			// The rest, but not the merge.
			if err := c.shard(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := c.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "a shared run", files(t, dir), want)
}
