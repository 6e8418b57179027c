package store

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stco/results"
	"stco/results/store/disk"
)

// TestGenerationTable: a row a generation, and the best of each objective, where one
// is known.
func TestGenerationTable(t *testing.T) {
	table := GenerationTable("log", []Generation{
		{Number: 1, Evaluations: 20, Duplicates: 5, Infeasible: 20, Violation: 0.5},
		{Number: 2, Evaluations: 40, Infeasible: 10, Front: 3, Hypervolume: 0.25, Best: []float64{1.5, 8}},
	}, []results.Column{{Name: "energy", Unit: "J", Goal: results.Min}, {Name: "throughput", Unit: "Hz", Goal: results.Max}})
	want := [][]float64{{1, 20, 5, 20, 0, 0, 0.5, 100, 20, math.NaN(), math.NaN()}, {2, 40, 0, 10, 3, 0.25, 0, 25, 0, 1.5, 8}}
	if len(table.Columns) != len(want[0]) || len(table.Rows) != len(want) || table.Check() != nil {
		t.Fatalf("%d columns, %d rows, %v", len(table.Columns), len(table.Rows), table.Check())
	}
	for i, row := range want {
		for k, v := range row {
			if got := table.Rows[i][k]; got != v && !(math.IsNaN(got) && math.IsNaN(v)) {
				t.Errorf("row %d, %s: %g, want %g", i, table.Columns[k].Name, got, v)
			}
		}
	}
	for i, w := range []results.Column{
		{Name: "best_energy", Unit: "J", Kind: results.Metric, Goal: results.Min, Meaning: "best feasible energy so far"},
		{Name: "best_throughput", Unit: "Hz", Kind: results.Metric, Goal: results.Max, Meaning: "best feasible throughput so far"},
	} {
		if c := table.Columns[9+i]; c.Name != w.Name || c.Unit != w.Unit || c.Kind != w.Kind || c.Goal != w.Goal || c.Meaning != w.Meaning {
			t.Errorf("%+v, want %+v", c, w)
		}
	}
}

// TestStrayFile: the manifest lists the files of the run, and no other.
func TestStrayFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, _, err := Create(disk.OS{}, dir, Info{Study: "s", StudyFormat: "yaml", Shards: []ShardInfo{{Name: "a", Stream: "s", Result: "r"}, {Name: "b", Stream: "t", Result: "q"}}})
	if err != nil {
		t.Fatal(err)
	}
	for index, want := range map[int]string{-1: "shard -1 is outside 0..1", 2: "shard 2 is outside 0..1"} {
		if _, err := r.OpenShard(index, nil); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for i := range 2 {
		s, err := r.OpenShard(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, do := range []func() error{
			func() error { return s.Append(Generation{Number: 1, Evaluations: 1}) }, func() error { return s.Checkpoint(s.Mark(), []byte("x")) },
			func() error { return s.Finish() }, s.Close,
		} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteManifest(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil || strings.Contains(string(text), "notes.txt") || !strings.Contains(string(text), "generations.jsonl") {
		t.Errorf("%s, %v", text, err)
	}
	notes, err := r.Verify()
	if err != nil || len(notes) != 1 || !notes[0].Stray || !strings.HasSuffix(notes[0].Path, "notes.txt") {
		t.Errorf("%v, %v", notes, err)
	}
}
