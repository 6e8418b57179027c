package compare

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/explore"
	"stco/results"
	"stco/results/store"
)

// Run is a run directory as a comparison reads it.
type Run struct {
	Name  string // of the directory
	Study *study.Study
	Goals []results.Column // its objectives
	Seeds []Seed           // the shards that are done
	Notes []string         // what is left out
	Info  store.Info       // what computed it
}

// Seed is a finished shard.
type Seed struct {
	Seed    uint64
	Archive [][]float64 // objectives of every non-dominated design found
	Front   [][]float64 // of the designs it returned
	Log     []store.Generation
}

// last returns the counters of the search when it ended.
func (s *Seed) last() store.Generation {
	if len(s.Log) == 0 {
		return store.Generation{}
	}
	return s.Log[len(s.Log)-1]
}

// Load reads runs. One without a finished shard, and runs with different
// objectives, are bad input.
func Load(open []*store.Run) ([]Run, error) {
	dirs := make([]string, len(open))
	for i, in := range open {
		dirs[i] = in.Dir()
	}
	names := shortNames(dirs)
	var runs []Run
	for i, in := range open {
		r, err := load(in)
		if err != nil {
			return nil, err
		}
		r.Name = names[i]
		runs = append(runs, *r)
	}
	first := describe(runs[0].Goals)
	for i := range runs[1:] {
		if other := describe(runs[i+1].Goals); other != first {
			return nil, strict.BadInput("compare", fmt.Errorf("%s has the objectives %s, but %s has %s: only runs with the same objectives can be compared",
				dirs[0], first, dirs[i+1], other))
		}
	}
	return runs, nil
}

func load(in *store.Run) (*Run, error) {
	dir, info := in.Dir(), in.Info()
	s, err := study.Parse(dir+"/run.json", []byte(info.Study))
	if err != nil {
		return nil, err
	}
	if len(info.Shards) > 0 && info.Shards[0].Scenario != "" {
		return nil, strict.BadInput(dir, errors.New("a run of several scenarios has a front for each: compare takes runs of one"))
	}
	r := &Run{Study: s, Info: info}
	var waiting []string
	for i, sh := range info.Shards {
		p, err := in.Progress(i)
		if err != nil {
			return nil, err
		}
		for _, n := range p.Notes {
			if p.Done {
				return nil, fmt.Errorf("damaged: %s\nto see what is: stco verify %s; to make it anew: stco resume %s", n, dir, dir)
			}
			r.Notes = append(r.Notes, "damaged: "+n.String())
		}
		if !p.Done {
			waiting = append(waiting, sh.Name)
			continue
		}
		seed := Seed{Seed: sh.Seed, Log: p.Generations}
		if seed.Archive, err = r.objectives(in, i, "archive"); err != nil {
			return nil, err
		}
		if seed.Front, err = r.objectives(in, i, "front"); err != nil {
			return nil, err
		}
		r.Seeds = append(r.Seeds, seed)
	}
	if len(r.Seeds) == 0 {
		return nil, strict.BadInput(dir, errors.New("no shard is done; go on with: stco resume "+dir))
	}
	if len(waiting) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: left out, not done: %s", dir, strings.Join(waiting, ", ")))
	}
	return r, nil
}

// objectives reads the objective columns of a table of a shard.
func (r *Run) objectives(in *store.Run, shard int, table string) ([][]float64, error) {
	t, err := in.ReadShardTable(shard, table)
	name := in.ShardDir(shard) + "/" + table + ".json"
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s/%s is missing: stco verify %s", in.Dir(), name, in.Dir())
	}
	if err != nil {
		return nil, err
	}
	cols := t.OfKind(results.Objective)
	if r.Goals == nil {
		for _, c := range cols {
			r.Goals = append(r.Goals, t.Columns[c])
		}
	}
	out := make([][]float64, len(t.Rows))
	for i, row := range t.Rows {
		for _, c := range cols {
			if math.IsNaN(row[c]) || math.IsInf(row[c], 0) {
				return nil, fmt.Errorf("%s/%s: row %d has no finite %s", in.Dir(), name, i+1, t.Columns[c].Header())
			}
			out[i] = append(out[i], row[c])
		}
	}
	return out, nil
}

// describe lists objectives with unit and goal.
func describe(goals []results.Column) string {
	parts := make([]string, len(goals))
	for i, g := range goals {
		parts[i] = fmt.Sprintf("%s (%s)", g.Header(), g.Goal)
	}
	return strings.Join(parts, ", ")
}

// shortNames returns the last elements of paths, or the whole paths if those are
// not unique; a path given twice is numbered.
func shortNames(dirs []string) []string {
	unique := func(names []string) bool {
		sorted := slices.Sorted(slices.Values(names))
		return len(slices.Compact(sorted)) == len(names)
	}
	short, long := make([]string, len(dirs)), make([]string, len(dirs))
	for i, d := range dirs {
		short[i], long[i] = filepath.Base(filepath.Clean(d)), filepath.Clean(d)
	}
	switch {
	case unique(short):
		return short
	case unique(long):
		return long
	}
	for i := range long {
		long[i] += fmt.Sprintf(" (%d)", i+1)
	}
	return long
}

// exhaustive tells whether the run evaluated every design of its space.
func (r *Run) exhaustive() bool { return r.Study.Search.Algorithm == explore.Grid }
