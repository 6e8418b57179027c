package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"stco/explore"
	"stco/results/store/disk"
)

// finished is the summary of a run that was done before and of which every file is
// whole, read from its tables; nil where something is left to do.
func (c *Campaign) finished() (*Summary, error) {
	merged, err := c.Run.Merged()
	if errors.As(err, new(*disk.DamagedError)) {
		return nil, nil //nolint:nilnil // it is made anew
	}
	if err != nil || !merged {
		return nil, err
	}
	notes, err := c.Run.Verify()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(notes, func(n disk.Note) bool { return !n.Stray }) {
		return nil, nil //nolint:nilnil // a damaged file is made anew
	}
	s, err := c.restored()
	if err != nil || s == nil {
		return nil, err
	}
	for _, n := range notes {
		c.opts.Observer.Note(n.String())
	}
	text := fmt.Sprintf("%s was done before: nothing is left to do, and these are its results", c.Run.Dir())
	if each := c.budget(); each > 0 && c.Study.Search.Algorithm != explore.Grid {
		text += fmt.Sprintf("; further: stco resume %s --budget N, above %d, or --seeds N, above %d", c.Run.Dir(), each, c.Study.Seeds)
	}
	c.opts.Observer.Note(text)
	return s, nil
}

// restored is the summary that a merge returned, from what it wrote; nil of a run
// without a design.
func (c *Campaign) restored() (*Summary, error) {
	info := c.Run.Info()
	scenarios := c.Study.Scenarios()
	s := &Summary{Dir: c.Run.Dir(), Machine: c.Study.Setup.MachineText(), Seeds: len(info.Shards), Scenarios: len(scenarios)}
	if scenarios != nil {
		s.Seeds = c.Study.Seeds
	}
	for i, sh := range info.Shards {
		end, err := c.Run.Ended(i)
		if err != nil || end == nil || end.Last.Number == 0 { // of an older version it says no more
			return nil, err
		}
		s.Evaluations += end.Last.Evaluations
		s.Infeasible += end.Last.Infeasible
		s.Duplicates += end.Last.Duplicates
		if end.Last.Front == 0 {
			s.Empty = append(s.Empty, sh.Name)
		}
	}
	for _, t := range s.named() {
		table, err := c.Run.ReadTable(t.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		*t.table = table
		s.Files = append(s.Files, s.Dir+"/"+t.name+".csv")
	}
	if s.Front == nil || len(s.Front.Rows) == 0 || s.Verdict == nil {
		return nil, nil //nolint:nilnil // why there is none is found anew
	}
	note, err := c.platforms()
	if note != "" {
		s.Notes = append(s.Notes, note)
	}
	drawn, _ := c.opts.FS.ReadDir(path.Join(s.Dir, "figures"))
	for _, name := range []string{"pareto.svg", "pareto.png"} {
		if scenarios == nil && slices.ContainsFunc(drawn, func(e fs.DirEntry) bool { return e.Name() == name }) {
			s.Files = append(s.Files, s.Dir+"/figures/"+name)
		}
	}
	return s, err
}
