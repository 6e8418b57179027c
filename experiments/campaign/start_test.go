package campaign

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestStart: a search of few evaluations that begins with the front of another run
// has, for each of its designs, one that is no worse; without, it has not.
func TestStart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs campaigns")
	}
	first := complete(t)
	archive := func(dir string) *results.Table {
		t.Helper()
		r, err := store.Open(disk.OS{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		a, err := r.ReadShardTable(0, store.ArchiveTable)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	s := parse(t, "seed: 6", "seed: 9", "evaluations: 1500", "evaluations: 40, start: ["+first+"]")
	if len(s.Starts) != 1 {
		t.Fatal(s.Starts)
	}
	_, err := Start(s, filepath.Join(t.TempDir(), "early"), (&clock{time.Second}).options(&silent{}))
	if err == nil || !strings.Contains(err.Error(), "has not been read") {
		t.Errorf("a campaign that has not read what it begins with: %v", err)
	}
	if err := inspect.ReadStarts(s); err != nil {
		t.Fatal(err)
	}
	run := func(s *study.Study) *results.Table {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "run")
		c, err := Start(s, dir, (&clock{2 * time.Second}).options(&silent{}))
		if err == nil {
			_, err = c.Execute(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return archive(dir)
	}
	front, known := archive(first), map[string]bool{}
	starts := len(s.Starts)
	for i := range s.Starts {
		known[catalog.Of(&s.Setup).Identity(&s.Starts[i].Design)] = true
	}
	covered := func(by *results.Table) int {
		n := 0
		both, err := results.Concat("both", front, by)
		if err != nil {
			t.Fatal(err)
		}
		id := column(t, front.Index, "id")
		for a := range front.Rows {
			if !known[front.Text(a, id)] {
				continue
			}
			for b := len(front.Rows); b < len(both.Rows); b++ {
				if dominates(both, b, a) {
					n++
					break
				}
			}
		}
		return n
	}
	warm := run(s)
	if got := covered(warm); got != starts || got < 10 {
		t.Errorf("%d of %d designs are reached", got, starts)
	}
	s.Starts = nil
	if got := covered(run(s)); got != 0 {
		t.Errorf("without known designs %d are reached", got)
	}
}

// dominates tells whether a row is no worse than another in any objective, all of
// them minimised.
func dominates(t *results.Table, a, b int) bool {
	for _, c := range t.OfKind(results.Objective) {
		if t.Rows[a][c] > t.Rows[b][c] {
			return false
		}
	}
	return true
}
