package sensitivity

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestArchiveByHand: of two seeds, 3 and 4 SRAM designs whose energy doubles with each
// step of the capacity, 3 and 3 SOT designs whose energy falls, and one and one STT
// designs, too few to say anything: ranks of 1 and -1, all of the variance between the
// capacities, each technology by itself.
func TestArchiveByHand(t *testing.T) {
	r, _, err := store.Create(disk.OS{}, filepath.Join(t.TempDir(), "run"), store.Info{
		Tool: "stco", Study: "name: x\n", StudyFormat: "yaml", TablesSHA256: "ab",
		Shards: []store.ShardInfo{{Name: "x seed 1", Seed: 1, Stream: "s1", Result: "r1"}, {Name: "x seed 2", Seed: 2, Stream: "s2", Result: "r2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const sram, sot, stt = 0, 1, 2
	for i, rows := range [][][4]float64{
		{{sram, 1, 0, 1}, {sram, 2, 1, 2}, {sram, 3, 0, 4}, {sot, 1, 0, 9}, {sot, 2, 1, 5}, {sot, 3, 0, 1}, {stt, 1, 0, 1}},
		{{sram, 1, 0, 1}, {sram, 2, 1, 2}, {sram, 3, 0, 4}, {sram, 4, 0, 8}, {sot, 1, 0, 9}, {sot, 2, 1, 5}, {sot, 3, 0, 1}, {stt, 2, 0, 2}},
	} {
		archive := &results.Table{Name: "archive", Columns: []results.Column{
			{Name: "technology", Kind: results.Label, Choices: []string{"sram", "sot", "stt"}},
			{Name: "capacity", Kind: results.Parameter},
			{Name: "material", Kind: results.Parameter, Choices: []string{"w", "pt"}},
			{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min},
		}}
		for _, row := range rows {
			archive.Add("", row[:]...)
		}
		s, err := r.OpenShard(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Append(store.Generation{Number: 1}), s.Checkpoint(s.Mark(), nil), s.Finish(archive)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Archive(r, archives(r), "")
	if err != nil {
		t.Fatal(err)
	}
	type key struct{ technology, knob string }
	seen := map[key]bool{}
	for i, row := range got.Rows {
		k := key{got.Text(i, 0), got.Text(i, 2)}
		seen[k] = true
		ratio, rank, designs := row[3], row[4], row[5]
		if want := map[string]float64{"sram": 7, "sot": 6}[k.technology]; designs != want {
			t.Errorf("%v: %g designs, want %g", k, designs, want)
		}
		if k.knob == "material" {
			if !math.IsNaN(rank) {
				t.Errorf("%v: of names there is no order, rank %g", k, rank)
			}
			continue
		}
		if want := map[string]float64{"sram": 1, "sot": -1}[k.technology]; math.Abs(rank-want) > 1e-12 || math.Abs(ratio-1) > 1e-12 {
			t.Errorf("%v: rank %g, ratio %g, want %g, 1", k, rank, ratio, want)
		}
	}
	for _, k := range []key{{"sram", "capacity"}, {"sot", "capacity"}, {"sram", "material"}, {"sot", "material"}} {
		if !seen[k] {
			t.Errorf("%v is missing", k)
		}
	}
	if len(got.Rows) != 4 {
		t.Errorf("%d rows, want 4", len(got.Rows))
	}
}

// archives joins the archives of the shards of a run.
func archives(r *store.Run) func(string) (*results.Table, error) {
	return func(name string) (*results.Table, error) {
		var all []*results.Table
		for i := range r.Info().Shards {
			t, err := r.ReadShardTable(i, name)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		return results.Concat(name, all...)
	}
}
