package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/explore"
	"stco/model"
	"stco/objectives"
	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// ErrStopped says that a limit of time ended a campaign before its budget.
var ErrStopped = errors.New("stopped by the limit of time; stco resume goes on")

// HeldError says that other processes work on what is left of a run.
type HeldError struct {
	Dir   string
	Held  []string // shards, or "merge", with who holds them
	Ended int      // shards that are done
	Of    int
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s: %d of %d shards are done; another process works on the rest and writes the merged tables: %s\nto wait for it: --wait; if it is known to have ended: --take-over",
		e.Dir, e.Ended, e.Of, held(e.Held))
}

// Observer is told of progress. Calls come from one goroutine.
type Observer interface {
	Shard(index, of int, name string, resumed int64)
	Generation(g store.Generation, budget int64)
	Note(text string)
}

// Follower is an Observer that is told more than how far the searches are.
type Follower interface {
	Observer
	// Phase says what the campaign does while it does not search; "" when a search
	// begins.
	Phase(what string)
	// Frame tells between which values of the objectives the hypervolume of the
	// next search is measured; nil where the search takes its own.
	Frame(ideal, nadir []float64)
	// Missed tells how many designs of the search missed each limit so far.
	Missed(limits []string, designs []int64)
}

// phase tells a Follower what the campaign does.
func (c *Campaign) phase(what string) {
	if f, ok := c.opts.Observer.(Follower); ok {
		f.Phase(what)
	}
}

// Environment are the circumstances of a campaign; they do not change its results.
type Environment struct {
	Workers  int
	Now      func() time.Time
	Observer Observer
	FS       disk.FS
	Info     store.Info // circumstances: version, executable, host, command line
	// Time ends the campaign, all shards together, resumable; 0 is that of the
	// study.
	Time time.Duration
	// Wait waits for what other processes hold, until it is done or free; TakeOver
	// takes it from those that are not seen to live.
	Wait, TakeOver bool
}

// Campaign is a study prepared to run in a directory.
type Campaign struct {
	Study   *study.Study
	Run     *store.Run
	Model   *model.Model
	Problem *objectives.Problem // of the whole space
	strata  []study.Stratum
	framed  bool
	ideal   []float64 // of the frame, if there is one
	nadir   []float64
	opts    Environment
	started time.Time

	bands   *baselines.Bands
	banded  bool
	warmed  bool // the traffic tables are built
	limited []string
	scene   *Campaign // of the scenario that was used last
	sceneAt int
}

// Start makes the run directory of a study, or opens the one that holds the
// same study.
func Start(s *study.Study, dir string, o Environment) (*Campaign, error) {
	if err := s.CheckStarts(); err != nil {
		return nil, err
	}
	// What runs is what run.json says: a value that its text rounds in the last
	// bit is rounded here too, so that a resumed run computes the same.
	s, err := study.Parse(s.Name, s.YAML())
	if err != nil {
		return nil, err
	}
	c, err := prepared(s)
	if err != nil {
		return nil, err
	}
	info, err := shards(s, c.Model.Catalog, o.Info)
	if err != nil {
		return nil, err
	}
	run, notes, err := store.Create(o.FS, dir, info)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		o.Observer.Note(n.String())
	}
	run.On(o.Info.Platform)
	c.Run, c.opts = run, o
	return c, nil
}

// prepared is the campaign of a study without a run: its model, problem and strata.
func prepared(s *study.Study) (*Campaign, error) {
	m, p, err := s.Build()
	if err != nil {
		return nil, err
	}
	strata, err := s.Niches(p)
	if err != nil {
		return nil, err
	}
	return &Campaign{Study: s, Model: m, Problem: p, strata: strata}, nil
}

// shards fills in what decides the result of a study: its text, the tables, and a
// shard for each seed and scenario. The search of a scenario is that of a study of
// this scenario alone.
func shards(s *study.Study, c *model.Catalog, info store.Info) (store.Info, error) {
	info.Study, info.StudyFormat, info.Seed = string(s.YAML()), "yaml", s.Seed
	info.TablesSHA256 = catalog.Hash(c)
	q := &s.Search
	scenarios := s.Scenarios()
	streams := make([]string, max(len(scenarios), 1))
	for i := range streams {
		one, err := s.In(i)
		if err != nil {
			return info, err
		}
		streams[i] = digest("%s %s", one.ProblemHash(), info.TablesSHA256)
	}
	info.Shards = nil
	for i := range s.Seeds {
		for k := range streams {
			sh := store.ShardInfo{Seed: s.Seed + uint64(i)}
			sh.Name = fmt.Sprintf("%s-seed%d", s.Name, sh.Seed)
			if scenarios != nil {
				sh.Scenario = scenarios[k].Name
				sh.Name = fmt.Sprintf("%s-%s-seed%d", s.Name, sh.Scenario, sh.Seed)
			}
			sh.Stream = digest("%s %s %d", streams[k], sh.Scenario, sh.Seed)
			sh.Result = digest("%s %d %d %d %d", sh.Stream, q.Evaluations, q.Generations, q.Stagnation, q.Returned)
			info.Shards = append(info.Shards, sh)
		}
	}
	return info, nil
}

// Extension raises the limits of a run; zero leaves one as it is.
type Extension struct {
	Evaluations int64 // of each seed
	Seeds       int
}

// Resume opens the campaign of a run directory, extended if asked.
func Resume(dir string, o Environment, x Extension) (*Campaign, error) {
	run, err := store.Open(o.FS, dir)
	if err != nil {
		return nil, err
	}
	info := run.Info()
	for _, d := range info.Differences(&o.Info) {
		o.Observer.Note("the run was made by another tool or machine: " + d)
	}
	s, err := study.Parse(dir+"/run.json", []byte(info.Study))
	if err != nil {
		return nil, err
	}
	m, p, err := s.Build()
	if err != nil {
		return nil, err
	}
	if h := catalog.Hash(m.Catalog); h != info.TablesSHA256 {
		return nil, fmt.Errorf("%s: the technology tables of this stco (%.12s) are not those of the run (%.12s)", dir, h, info.TablesSHA256)
	}
	strata, err := s.Niches(p)
	if err != nil {
		return nil, err
	}
	run.On(o.Info.Platform)
	c := &Campaign{Study: s, Run: run, Model: m, Problem: p, strata: strata, opts: o}
	if x == (Extension{}) {
		return c, nil
	}
	return c, c.extend(x)
}

// extend raises the limits of the run while no other process works on it.
func (c *Campaign) extend(x Extension) (err error) {
	s := *c.Study
	bad := func(format string, args ...any) error {
		return strict.BadInput(c.Run.Dir(), fmt.Errorf(format, args...))
	}
	switch {
	case s.Search.Algorithm == explore.Grid:
		return bad("a grid evaluates every design of the space: there is nothing to extend")
	case x.Evaluations > 0 && x.Evaluations < s.Search.Evaluations:
		return bad("budget %d is below the %d evaluations of the run, which can only be extended", x.Evaluations, s.Search.Evaluations)
	case x.Seeds > 0 && x.Seeds < s.Seeds:
		return bad("%d seeds are fewer than the %d of the run, which can only be extended", x.Seeds, s.Seeds)
	}
	if x.Evaluations > 0 {
		s.Search.Evaluations = x.Evaluations
	}
	if x.Seeds > 0 {
		s.Seeds = x.Seeds
	}
	if string(s.YAML()) == c.Run.Info().Study {
		return nil
	}
	var held []*claims.Claim
	defer func() {
		for _, claim := range held {
			err = errors.Join(err, claim.Release())
		}
	}()
	names := []string{mergeClaim}
	for _, sh := range c.Run.Info().Shards {
		names = append(names, sh.Name)
	}
	for _, name := range names {
		claim, err := c.claim(name)
		if errors.Is(err, claims.ErrClaimed) {
			return fmt.Errorf("%s: %w: a run is extended while nobody works on it", c.holder(name), err)
		}
		if err != nil {
			return err
		}
		held = append(held, claim)
	}
	info, err := shards(&s, c.Model.Catalog, c.Run.Info())
	if err != nil {
		return err
	}
	info.CommandLine = c.opts.Info.CommandLine
	if err := c.Run.Extend(info); err != nil {
		return err
	}
	c.Study = &s
	return nil
}

// mergeClaim is the right to write the merged tables.
const mergeClaim = "merge"

// Execute runs every shard that is not done and that no other process holds,
// then merges the fronts and writes tables, CSV and figures. Of a run that is done
// and whole it only reads the tables.
func (c *Campaign) Execute(ctx context.Context) (*Summary, error) {
	c.started = c.opts.Now()
	if s, err := c.finished(); err != nil || s != nil {
		return s, err
	}
	all := c.Run.Info().Shards
	for {
		var held []string
		for i := range all {
			err := c.shard(ctx, i)
			if errors.Is(err, claims.ErrClaimed) {
				held = append(held, c.holder(all[i].Name))
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		if len(held) == 0 {
			s, err := c.mergeClaimed(ctx)
			if !errors.Is(err, claims.ErrClaimed) {
				return s, err
			}
			held = append(held, c.holder(mergeClaim))
		}
		if !c.opts.Wait {
			return nil, &HeldError{Dir: c.Run.Dir(), Held: held, Ended: len(all) - len(held), Of: len(all)}
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(waitEvery):
		}
	}
}

// waitEvery is the time between two looks at what other processes hold.
const waitEvery = time.Second

// overTime tells whether the time of the campaign is spent.
func (c *Campaign) overTime() bool {
	limit := c.opts.Time
	if limit == 0 {
		limit = time.Duration(float64(c.Study.Search.Time) * float64(time.Second))
	}
	return limit > 0 && c.opts.Now().Sub(c.started) >= limit
}

func (c *Campaign) claim(name string) (*claims.Claim, error) {
	if c.opts.TakeOver {
		return c.Run.TakeOver(name, claims.ThisProcess(), c.opts.Now)
	}
	return c.Run.Claim(name, claims.ThisProcess(), c.opts.Now)
}

// holder says who holds a claim.
func (c *Campaign) holder(name string) string {
	h, err := c.Run.Holder(name)
	if err != nil || h == nil {
		return name
	}
	return fmt.Sprintf("%s (process %d on %s, last sign of life %s ago)", name, h.Owner.PID, h.Owner.Host, c.opts.Now().Sub(h.Beat).Round(time.Second))
}

// held lists a few of those who hold shards.
func held(all []string) string {
	const most = 3
	var text strings.Builder
	for i, h := range all[:min(len(all), most)] {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(h)
	}
	if len(all) > most {
		fmt.Fprintf(&text, " and %d more", len(all)-most)
	}
	return text.String()
}
