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

// joining is one of the runs whose designs are put together.
type joining struct {
	*store.Run
	study *study.Study // of the run, or of the scenario that is joined
}

// Joint is the front of several runs together, from the archives of their
// finished shards: at most limit designs of the largest hypervolume, 0 for all
// that are not dominated. The runs may differ in search and space, not in what a
// design is worth. Runs of the same scenarios have a front, of at most so many
// designs, in each. The notes name what is left out.
func Joint(runs []*store.Run, limit int) (front *results.Table, notes []string, err error) {
	all := make([]joining, len(runs))
	for i, r := range runs {
		all[i].Run = r
		if all[i].study, err = studyOf(r, ""); err != nil {
			return nil, nil, err
		}
		if err := sameScenarios(all[0], all[i]); err != nil {
			return nil, nil, err
		}
	}
	first := all[0].study
	names := []string{""}
	if scenarios := first.Scenarios(); scenarios != nil {
		names = nil
		for i := range scenarios {
			names = append(names, scenarios[i].Name)
		}
	}
	fronts := make([]*results.Table, len(names))
	some := false
	for i, name := range names {
		var missing []string
		if fronts[i], missing, err = jointIn(all, name, limit); err != nil {
			return nil, nil, err
		}
		notes, some = append(notes, missing...), some || fronts[i] != nil
	}
	if !some {
		return nil, notes, strict.BadInput(runs[0].Dir(), errors.New("no shard is done; go on with: stco resume "+runs[0].Dir()))
	}
	return Stack(first, fronts), notes, nil
}

// jointIn is the joint front of a scenario, nil where no shard of it is done.
func jointIn(runs []joining, scenario string, limit int) (front *results.Table, notes []string, err error) {
	in := make([]joining, len(runs))
	var all []*results.Table
	for k, r := range runs {
		in[k] = joining{Run: r.Run, study: r.study}
		if in[k].study, err = studyOf(r.Run, scenario); err != nil {
			return nil, nil, err
		}
		if err := alike(in[0], in[k], scenario); err != nil {
			return nil, nil, err
		}
		for i, sh := range r.Info().Shards {
			if sh.Scenario != scenario {
				continue
			}
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
		return nil, notes, nil
	}
	joined, err := results.Concat(store.FrontTable, all...)
	if err != nil {
		return nil, notes, err
	}
	if limit == 0 {
		limit = len(joined.Rows)
	}
	front = answer.Choose(joined, limit, in[0].study.Views())
	free, sram, err := besideSRAM(front, runs, scenario)
	if err != nil {
		return nil, notes, err
	}
	for _, h := range answer.Highlights(front, free, sram) {
		front.SetLabel(h.Row, h.Name)
	}
	return front, notes, nil
}

// sameScenarios refuses runs whose scenarios are not the same.
func sameScenarios(a, b joining) error {
	what := study.ScenarioDifference(a.study, b.study)
	if what == "" {
		return nil
	}
	return strict.BadInput("merge", fmt.Errorf("%s and %s differ in their scenarios, and a front is joined scenario by scenario: %s", a.Dir(), b.Dir(), what))
}

// besideSRAM returns the SRAM buffers that the runs enumerated and the rows of a
// front that none of them dominates: all rows where no run has come so far.
func besideSRAM(front *results.Table, runs []joining, scenario string) (free []int, sram *results.Table, err error) {
	var tables []*results.Table
	for _, r := range runs {
		t, err := r.ReadTable(designs.SRAMTable)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			t, err = InScenario(r.Run, t, scenario)
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

// alike refuses runs whose designs are not worth the same, in a scenario of them.
func alike(a, b joining, scenario string) error {
	differ := slices.DeleteFunc(study.Differences(a.study, b.study), func(section string) bool { return section == "space" })
	if !slices.Equal(a.study.Preferences, b.study.Preferences) {
		differ = append(differ, "objectives")
	}
	if a.Info().TablesSHA256 != b.Info().TablesSHA256 {
		differ = append(differ, "technology tables")
	}
	if len(differ) == 0 {
		return nil
	}
	where := ""
	if scenario != "" {
		where = "in scenario " + scenario + " "
	}
	return strict.BadInput("merge", fmt.Errorf("%s and %s differ %sin %s: their designs cannot stand in one front", a.Dir(), b.Dir(), where, strings.Join(differ, ", ")))
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
