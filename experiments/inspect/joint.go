package inspect

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/store"
)

// Joint is the front of several runs together, from the archives of their
// finished shards: at most limit designs of the largest hypervolume, 0 for all
// that are not dominated. The runs may differ in search and space, not in what a
// design is worth. The notes name what is left out.
func Joint(runs []*store.Run, limit int) (front *results.Table, notes []string, err error) {
	var first *study.Study
	var all []*results.Table
	for _, r := range runs {
		if err := single(r); err != nil {
			return nil, nil, err
		}
		s, err := study.Parse(r.Dir()+"/run.json", []byte(r.Info().Study))
		if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = s
		}
		if err := alike(first, s, runs[0], r); err != nil {
			return nil, nil, err
		}
		for i, sh := range r.Info().Shards {
			t, err := r.ReadShardTable(i, store.ArchiveTable)
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrExtended) {
				notes = append(notes, fmt.Sprintf("%s: left out, not done: %s", r.Dir(), sh.Name))
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			all = append(all, named(t, r.Dir()))
		}
	}
	if len(all) == 0 {
		return nil, notes, strict.BadInput(runs[0].Dir(), errors.New("no shard is done; go on with: stco resume "+runs[0].Dir()))
	}
	joined, err := results.Concat(store.FrontTable, all...)
	if err != nil {
		return nil, notes, err
	}
	if limit == 0 {
		limit = len(joined.Rows)
	}
	front = answer.Choose(joined, limit, first.Views())
	free, sram, err := besideSRAM(front, runs)
	if err != nil {
		return nil, notes, err
	}
	for _, h := range answer.Highlights(front, free, sram) {
		front.SetLabel(h.Row, h.Name)
	}
	return front, notes, nil
}

// besideSRAM returns the SRAM buffers that the runs enumerated and the rows of a
// front that none of them dominates: all rows where no run has come so far.
func besideSRAM(front *results.Table, runs []*store.Run) (free []int, sram *results.Table, err error) {
	var tables []*results.Table
	for _, r := range runs {
		t, err := r.ReadTable(designs.SRAMTable)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		tables = append(tables, t)
	}
	if sram, err = results.Concat(designs.SRAMTable, tables...); err != nil {
		return nil, nil, err
	}
	by := slices.Repeat([]int{-1}, len(front.Rows))
	if len(tables) > 0 {
		if by, err = answer.Dominated(front, sram); err != nil {
			return nil, nil, err
		}
	}
	for i, s := range by {
		if s < 0 {
			free = append(free, i)
		}
	}
	return free, sram, nil
}

// comparable refuses runs whose designs are not worth the same.
func alike(a, b *study.Study, ra, rb *store.Run) error {
	differ := slices.DeleteFunc(study.Differences(a, b), func(section string) bool { return section == "space" })
	if !slices.Equal(a.Preferences, b.Preferences) {
		differ = append(differ, "objectives")
	}
	if ra.Info().TablesSHA256 != rb.Info().TablesSHA256 {
		differ = append(differ, "technology tables")
	}
	if len(differ) == 0 {
		return nil
	}
	return strict.BadInput("merge", fmt.Errorf("%s and %s differ in %s: their designs cannot stand in one front", ra.Dir(), rb.Dir(), strings.Join(differ, ", ")))
}

// named adds the column of the run in front.
func named(t *results.Table, run string) *results.Table {
	out := &results.Table{Name: t.Name}
	out.Columns = append([]results.Column{{Name: results.RunColumn, Kind: results.Label, Choices: []string{run}, Meaning: "directory of the run that found it"}}, t.Columns...)
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, append([]float64{0}, row...))
	}
	return out
}
