package monitor

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

const twoSeeds = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space: {technology: sot, capacity: [1MiB, 2MiB]}
objectives: [energy, throughput]
search: {algorithm: nsga2, evaluations: 1000}
seed: 1
seeds: 2
`

// TestLook follows a run of two shards that is written by hand.
func TestLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, _, err := store.Create(disk.OS{}, dir, store.Info{Study: twoSeeds, StudyFormat: "yaml", Shards: []store.ShardInfo{
		{Name: "a", Seed: 1, Stream: "sa", Result: "ra"}, {Name: "b", Seed: 2, Stream: "sb", Result: "rb"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	clock := func() time.Time { return now }
	m := New(disk.OS{}, dir)
	look := func(state string, ended int, evaluations int64, share float64) *Snapshot {
		t.Helper()
		now = now.Add(2 * time.Second)
		s, err := m.Look(now)
		if err != nil {
			t.Fatal(err)
		}
		if s.State != state || s.Ended != ended || s.Evaluations != evaluations || math.Abs(s.Share()-share) > 1e-12 || s.Budget != 2000 || len(s.Shards) != 2 {
			t.Fatalf("%s, %d shards done, %d evaluations, share %g: want %s, %d, %d, %g", s.State, s.Ended, s.Evaluations, s.Share(), state, ended, evaluations, share)
		}
		return s
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	look(Waiting, 0, 0, 0)

	claim, err := r.Claim("a", claims.ThisProcess(), clock)
	must(err)
	a, err := r.OpenShard(0, claim)
	must(err)
	must(a.Append(store.Generation{Number: 1, Evaluations: 200, Infeasible: 50, Front: 3, Hypervolume: 0.4, Best: []float64{5, 7}}))
	s := look(Running, 0, 200, 0.1)
	if s.Rate != 100 || s.Left != 18*time.Second || s.Infeasible != 50 || s.Front != 3 || s.Hypervolume != 0.4 {
		t.Errorf("%+v", s)
	}
	must(a.Append(store.Generation{Number: 2, Evaluations: 1000, Front: 4, Best: []float64{4, 8}}))
	must(a.Checkpoint(a.Mark(), []byte("x")))
	must(a.Finish())
	must(a.Close())
	must(claim.Release())
	// Between two shards nobody holds anything.
	look(Started, 1, 1000, 0.5)

	// A throughput is better when larger, an energy when smaller; a shard without
	// a feasible design has none.
	b, err := r.OpenShard(1, nil)
	must(err)
	must(b.Append(store.Generation{Number: 1, Evaluations: 100, Best: []float64{math.NaN(), math.NaN()}}))
	if s := look(Started, 1, 1100, 0.55); len(s.Best) != 2 || s.Best[0].Value != 4 || s.Best[1].Value != 8 || s.Best[1].Unit != "Hz" || s.Left != 0 {
		t.Errorf("%+v", s.Best)
	}
	must(b.Append(store.Generation{Number: 2, Evaluations: 600, Best: []float64{6, 9}}))
	must(b.Checkpoint(b.Mark(), []byte("y")))
	if s := look(Started, 1, 1600, 0.8); s.Best[0].Value != 4 || s.Best[1].Value != 9 {
		t.Errorf("%+v", s.Best)
	}

	// A damaged log is named, with the place.
	log := filepath.Join(dir, r.ShardDir(1), "generations.jsonl")
	whole, err := os.ReadFile(log)
	must(err)
	must(os.WriteFile(log, []byte(strings.Replace(string(whole), `"evaluations":600`, `"evaluations":900`, 1)), 0o644))
	if s := look(Started, 1, 1100, 0.55); len(s.Shards[1].Notes) != 1 || !strings.Contains(s.Shards[1].Notes[0].String(), "generations.jsonl: line 2, from byte ") {
		t.Errorf("%v", s.Shards[1].Notes)
	}
	must(os.WriteFile(log, whole, 0o644))

	// It ends early, and has then spent its share; the merge is the last to come.
	must(b.Finish())
	must(b.Close())
	look(Started, 2, 1600, 1)
	merge, err := r.Claim("merge", claims.ThisProcess(), clock)
	must(err)
	look(Merging, 2, 1600, 1)
	must(r.WriteManifest())
	must(merge.Release())
	look(Done, 2, 1600, 1)
}
