package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stco/experiments/answer"
	"stco/experiments/inspect"
	"stco/explore"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// ErrNoDesign says that there is nothing to show of a run yet.
var ErrNoDesign = errors.New("no checkpoint holds a feasible design yet")

// SoFar is what a run that is not done has come to: what its shards have found, up
// to their last checkpoints, and what would be concluded if it ended there.
type SoFar struct {
	Summary
	Archives *results.Table // of all shards; of many what conclusions depend on
	Shards   int            // that have found a design
	Of       int            // shards of the run
	Share    float64        // of the evaluations of the run, 0 to 1; 0 without a limit
}

// Text says how far the run is.
func (s *SoFar) Text() string {
	if s.Share == 0 {
		return fmt.Sprintf("not done: from the last checkpoints of %d of %d shards, after %d evaluations", s.Shards, s.Of, s.Evaluations)
	}
	return fmt.Sprintf("not done: from the last checkpoints of %d of %d shards, after %d evaluations, %.0f %% of the budget", s.Shards, s.Of, s.Evaluations, 100*s.Share)
}

// Has tells whether there is a table of that name.
func (s *SoFar) Has(name string) bool { return s.find(name) != nil }

func (s *SoFar) find(name string) *results.Table {
	for _, t := range append(s.tables(), s.Archives) {
		if t != nil && t.Name == name {
			return t
		}
	}
	return nil
}

// Table returns a table by the name of its file.
func (s *SoFar) Table(name string) (*results.Table, error) {
	if t := s.find(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%s: the run has no table %s before it is done", s.Dir, name)
}

// Goals are the columns of the objectives, in the order in which a generation of
// the log has its best values.
func (c *Campaign) Goals() []results.Column {
	t := &results.Table{Columns: c.columns()}
	out := make([]results.Column, len(c.Study.Objectives))
	for i, name := range c.Study.Objectives {
		if at, err := t.Index(name); err == nil {
			out[i] = t.Columns[at]
		}
	}
	return out
}

// Observer is who is told of progress.
func (c *Campaign) Observer() Observer { return c.opts.Observer }

// unheard is an observer that says nothing.
type unheard struct{}

func (unheard) Shard(int, int, string, int64)      {}
func (unheard) Generation(store.Generation, int64) {}
func (unheard) Note(string)                        {}

// Looker looks at a run again and again: it keeps the model.
type Looker struct{ campaign *Campaign }

// NewLooker returns a looker at a run, which other processes may work on.
func NewLooker(run *store.Run, workers int, now func() time.Time) (*Looker, error) {
	c, err := Resume(run.Dir(), Environment{Workers: workers, Now: now, FS: disk.OS{}, Info: run.Info(), Observer: unheard{}}, Extension{})
	return &Looker{c}, err
}

// Look reads what the run has come to. It writes nothing. With conclude it
// enumerates the SRAM buffers beside, as the end of the run does; without, there is
// a front and nothing else.
func (l *Looker) Look(ctx context.Context, conclude bool) (*SoFar, error) {
	c, run := l.campaign, l.campaign.Run
	out := &SoFar{Of: len(run.Info().Shards)}
	n := max(len(c.Study.Scenarios()), 1)
	all := make([]*Summary, n)
	archives := make([]*results.Table, n)
	for i := range all {
		one, err := c.in(i)
		if err != nil {
			return nil, err
		}
		var found []*results.Table
		if all[i], found, err = one.look(ctx, run, i, n); err != nil {
			return nil, err
		}
		out.Shards += all[i].Seeds
		if len(found) == 0 {
			continue
		}
		if archives[i], err = results.Concat(store.ArchiveTable, found...); err != nil {
			return nil, err
		}
		if conclude {
			if err := one.judge(ctx, all[i], found); err != nil {
				return nil, err
			}
		}
	}
	if out.Shards == 0 {
		return nil, fmt.Errorf("%s: %w: stco status %s", run.Dir(), ErrNoDesign, run.Dir())
	}
	out.Summary = *c.together(all)
	out.Dir = run.Dir()
	out.Archives = inspect.Stack(c.Study, archives)
	if each := c.budget(); each > 0 {
		out.Share = min(1, float64(out.Evaluations)/float64(each)/float64(out.Of))
	}
	return out, nil
}

// look reads the shards of one scenario, one of so many: their archives, as far as
// they have feasible designs; of many shards what is left of them where the
// conclusions are the same.
func (c *Campaign) look(ctx context.Context, run *store.Run, scenario, of int) (s *Summary, archives []*results.Table, err error) {
	s = &Summary{Dir: run.Dir()}
	var shards []int
	for i := range run.Info().Shards {
		if i%of == scenario {
			shards = append(shards, i)
		}
	}
	var limits []*results.Table
	one := 0 // a shard that has found something
	for len(shards) > 0 {
		n := min(parts, len(shards))
		all, err := c.foundEach(ctx, run, shards[:n])
		if err != nil {
			return nil, nil, err
		}
		for k, f := range all {
			if f == nil {
				continue
			}
			s.Evaluations += f.evaluations
			s.Infeasible += f.infeasible
			limits = append(limits, f.limits)
			if len(f.archive.Rows) > 0 {
				archives, s.Front, one = append(archives, f.archive), f.front, shards[k]
				s.Seeds++
			}
		}
		shards = shards[n:]
		if archives, err = c.thinned(archives); err != nil {
			return nil, nil, err
		}
	}
	if len(limits) > 0 {
		s.Limits = addLimits(limits, s.Evaluations)
	}
	switch {
	case s.Seeds == 1 && s.Front == nil:
		s.Front, err = c.Run.ReadShardTable(one, store.FrontTable)
	case s.Seeds > 1:
		all, err := results.Concat(store.FrontTable, archives...)
		if err != nil {
			return nil, nil, err
		}
		s.Front = answer.Choose(all, c.Study.Search.Returned, c.Study.Views())
	}
	return s, archives, err
}

// found is what a shard has come to.
type found struct {
	front                   *results.Table // nil: it is in a file
	archive, limits         *results.Table
	evaluations, infeasible int64
}

// foundEach reads shards: those that are done several at once; nil for one that has
// not begun.
func (c *Campaign) foundEach(ctx context.Context, run *store.Run, shards []int) ([]*found, error) {
	out := make([]*found, len(shards))
	fail := make([]error, len(shards))
	c.each(len(shards), func(k int) { out[k], fail[k] = c.final(shards[k]) })
	for k := range out {
		err := fail[k]
		if err == nil && out[k] == nil {
			out[k], err = c.going(ctx, run, shards[k])
		}
		if damaged, ok := errors.AsType[*disk.DamagedError](err); ok {
			err = damage(run, disk.Note{Path: damaged.Path, Reason: damaged.Err.Error()})
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func damage(run *store.Run, n disk.Note) error {
	return fmt.Errorf("%s: damaged: %s\nstco resume %s sets it aside and makes it anew", run.Dir(), n, run.Dir())
}

// final reads the tables of a shard; nil where it is not done.
func (c *Campaign) final(index int) (*found, error) {
	end, err := c.Run.Ended(index)
	if err != nil || end == nil {
		return nil, err
	}
	e := c.readOne(index)
	if e.err != nil {
		return nil, e.err
	}
	return &found{archive: e.archive, limits: e.limits, evaluations: e.last.Evaluations, infeasible: e.last.Infeasible}, nil
}

// going reads the checkpoint of a shard that is not done; nil where there is none.
func (c *Campaign) going(ctx context.Context, run *store.Run, index int) (*found, error) {
	p, err := run.Progress(index)
	if err != nil {
		return nil, err
	}
	if len(p.Notes) > 0 {
		return nil, damage(run, p.Notes[0])
	}
	if p.Done { // since a moment ago
		return c.final(index)
	}
	if p.Checkpoint == nil {
		return nil, nil //nolint:nilnil // not begun
	}
	info := run.Info().Shards[index]
	over, cancel := context.WithCancel(ctx)
	cancel() // the search reads its state and does no generation
	c.warm()
	r, err := explore.RunStrata(over, c.parts(), c.config(info), p.Checkpoint, nil)
	if err != nil {
		return nil, err
	}
	f := &found{limits: c.limits(r), evaluations: r.Evaluations, infeasible: r.Infeasible}
	f.front, f.archive, err = c.tables(r, info.Seed)
	return f, err
}
