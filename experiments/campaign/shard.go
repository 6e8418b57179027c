package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"runtime/debug"
	"slices"
	"time"

	"stco/experiments/answer"
	"stco/experiments/baselines"
	"stco/experiments/designs"
	"stco/explore"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/results/store/claims"
)

// The time between two checkpoints of a shard: at most this much work is done
// again after a kill, with the same result. A checkpoint that takes long to write
// is written less often, so that a fiftieth of the time goes into it.
const (
	checkpointLeast = time.Second
	checkpointMost  = 30 * time.Second
	checkpointCost  = 50
)

// searchGC is the garbage, in percent of what is in use, that is left while a search
// goes on.
const searchGC = 50

// shard runs one shard to its end, unless it is done.
func (c *Campaign) shard(ctx context.Context, index int) error {
	info := c.Run.Info().Shards[index]
	return c.holding(ctx, info.Name, func(claim *claims.Claim) error {
		s, err := c.Run.OpenShard(index, claim)
		if err != nil {
			return err
		}
		state := s.State()
		s.Forget()
		for _, n := range state.Notes {
			c.opts.Observer.Note(n.String())
		}
		resumed := int64(state.Generation)
		if state.Done {
			resumed = 1
		}
		c.opts.Observer.Shard(index, len(c.Run.Info().Shards), info.Name, resumed)
		if !state.Done {
			var one *Campaign
			if one, err = c.in(c.scenarioOf(index)); err == nil {
				err = one.search(ctx, s, info, state)
			}
		}
		return errors.Join(err, s.Close())
	})
}

// holding does something while this process holds a claim.
func (c *Campaign) holding(ctx context.Context, name string, do func(*claims.Claim) error) error {
	claim, err := c.claim(name)
	if err != nil {
		return err
	}
	alive, stop := context.WithCancel(ctx)
	beat := make(chan error, 1)
	go func() { beat <- claim.KeepAlive(alive) }()
	err = do(claim)
	stop()
	return errors.Join(err, <-beat, claim.Release())
}

// search runs the search of a shard from its checkpoint to its end.
func (c *Campaign) search(ctx context.Context, s *store.Shard, info store.ShardInfo, state store.ShardState) error {
	defer debug.SetGCPercent(debug.SetGCPercent(searchGC)) // a search allocates little, and may go on for days
	c.phase("building traffic tables")
	c.warm()
	cfg := c.config(info)
	c.begin()
	log := &logger{campaign: c, shard: s, mark: s.Mark(), saved: c.opts.Now(), every: checkpointLeast, logged: state.Evaluations}
	r, err := explore.RunStrata(ctx, c.parts(), cfg, state.Checkpoint, log.generation)
	if err != nil {
		return err
	}
	if err := log.save(); err != nil {
		return err
	}
	if r.Reason == explore.Stopped {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return ErrStopped
	}
	if err := c.improve(ctx, r, info.Seed); err != nil {
		return err
	}
	if r.Evaluations > log.logged {
		if err := log.closed(r); err != nil {
			return err
		}
	}
	front, archive, err := c.tables(r, info.Seed)
	if err != nil {
		return err
	}
	return s.Finish(front, archive, c.limits(r))
}

// begin tells a Follower that a search begins, and in which frame it measures.
func (c *Campaign) begin() {
	f, ok := c.opts.Observer.(Follower)
	if !ok {
		return
	}
	if c.limited == nil {
		for i := range c.Problem.NumConstraints() {
			c.limited = append(c.limited, c.Problem.ConstraintName(i))
		}
	}
	ideal, nadir := c.frame()
	named := func(at []float64) []float64 {
		out := make([]float64, len(at))
		for i, v := range at {
			out[i] = c.Problem.Objective(i, v)
		}
		return out
	}
	f.Phase("")
	f.Frame(named(ideal), named(nadir))
}

// config says how a shard is searched.
func (c *Campaign) config(info store.ShardInfo) explore.Config {
	q := &c.Study.Search
	cfg := explore.Config{
		Algorithm: q.Algorithm, Population: q.Population, Islands: q.Islands, MigrationEvery: q.MigrationEvery,
		Budget:  explore.Budget{Evaluations: q.Evaluations - c.closing(), Generations: q.Generations, Stagnation: q.Stagnation},
		Workers: c.opts.Workers, K: q.Returned, Key: []byte(c.Study.ProblemHash() + "/"), Seed: info.Seed,
		Stop: c.overTime,
	}
	if q.Algorithm == explore.Grid {
		cfg.Budget = explore.Budget{}
	}
	cfg.Ideal, cfg.Nadir = c.frame()
	return cfg
}

// tables are the answer of a search and its archive: of each stratum what no other
// design of it dominates, within the resolution of the objectives.
func (c *Campaign) tables(r *explore.Stratified, seed uint64) (front, archive *results.Table, err error) {
	views := c.Study.Views()
	for i := range views {
		views[i] = views[i].WithoutAspiration() // the best is that of all strata and seeds
	}
	preferred := slices.ContainsFunc(c.Study.Preferences, func(p objectives.Preference) bool { return !p.Plain() })
	var all []explore.Place
	for i, q := range r.Strata {
		own := make([]explore.Place, len(q.Archive))
		for k := range own {
			own[k] = explore.Place{Stratum: i, Index: k}
		}
		if !preferred {
			all = append(all, own...)
			continue
		}
		t, err := c.table(store.ArchiveTable, seed, r, own)
		if err != nil {
			return nil, nil, err
		}
		rows, _ := answer.Coarse(t, t.OfKind(results.Objective), views)
		for _, k := range rows {
			all = append(all, own[k])
		}
	}
	if archive, err = c.table(store.ArchiveTable, seed, r, all); err != nil {
		return nil, nil, err
	}
	if !preferred {
		front, err = c.table(store.FrontTable, seed, r, r.Answer)
		return front, archive, err
	}
	front = answer.Choose(archive, c.Study.Search.Returned, c.Study.Views())
	front.Name = store.FrontTable
	return front, archive, nil
}

// logger writes log and checkpoints of a shard while its search goes on.
type logger struct {
	campaign *Campaign
	shard    *store.Shard
	logged   int64     // evaluations at the last line of the log
	saved    time.Time // last checkpoint
	every    time.Duration

	mark  store.Mark             // of the last whole generation
	state func() ([]byte, error) // after it, if it is not on disk
}

// generation is the explore.StrataObserver. A generation that the budget cut short is
// logged, but no place to go on from with a larger budget: the checkpoint of a
// shard that is done, too, is a function of the problem and the seed alone.
func (l *logger) generation(_ int, p *explore.Progress, state func() ([]byte, error)) error {
	c := l.campaign
	g := c.generation(p)
	if step(p.Evaluations) != step(l.logged) {
		g.Members = c.members(p)
	}
	l.logged = p.Evaluations
	if err := l.shard.Append(g); err != nil {
		return err
	}
	if f, ok := c.opts.Observer.(Follower); ok {
		f.Missed(c.limited, p.Violated)
	}
	c.opts.Observer.Generation(g, c.budget())
	if l.state = state; !p.Cut {
		l.mark = l.shard.Mark()
	}
	now := c.opts.Now()
	if now.Sub(l.saved) < l.every {
		return nil
	}
	err := l.save()
	l.saved = c.opts.Now()
	l.every = min(max(checkpointCost*l.saved.Sub(now), checkpointLeast), checkpointMost)
	return err
}

// closed logs what was done after the search, as a last generation. It is no place
// to go on from.
func (l *logger) closed(r *explore.Stratified) error {
	c := l.campaign
	p := r.Progress
	p.Generation++
	g := c.generation(&p)
	c.opts.Observer.Generation(g, c.budget())
	return l.shard.Append(g)
}

// save writes the state after the last whole generation, if it is not on disk.
func (l *logger) save() error {
	if l.state == nil {
		return nil
	}
	payload, err := l.state()
	if err != nil {
		return err
	}
	l.state = nil
	return l.shard.Checkpoint(l.mark, payload)
}

// budget is the number of evaluations of a shard; 0 without a limit.
func (c *Campaign) budget() int64 {
	if c.Study.Search.Algorithm == explore.Grid {
		return size(c.strata)
	}
	return c.Study.Search.Evaluations
}

func (c *Campaign) generation(p *explore.Progress) store.Generation {
	best := make([]float64, len(p.Best))
	for i, f := range p.Best {
		best[i] = c.Problem.Objective(i, f)
	}
	return store.Generation{
		Number: int(p.Generation), Evaluations: p.Evaluations, Duplicates: p.Duplicates, Infeasible: p.Infeasible,
		Front: p.Front, Hypervolume: p.Hypervolume, Violation: p.Violation, Best: best,
	}
}

// A line of the log carries members of the archive when the evaluations pass a
// quarter of an octave, at most mostMembers of them.
const mostMembers = 1000

// step numbers the quarters of octaves: 4 for each power of two.
func step(evaluations int64) int {
	n := bits.Len64(uint64(evaluations))
	if n < 3 {
		return n * 4
	}
	return n*4 + int(evaluations>>(n-3)&3)
}

func (c *Campaign) members(p *explore.Progress) [][]float64 {
	all := p.Members(mostMembers)
	for _, m := range all {
		for i, f := range m {
			m[i] = c.Problem.Objective(i, f)
		}
	}
	return all
}

// columns are those of a table of designs.
func (c *Campaign) columns() []results.Column {
	return append([]results.Column{
		{Name: results.IDColumn, Kind: results.Label, Meaning: "hash of the knobs of the design, the same in every run", Choices: []string{}},
		{Name: results.SeedColumn, Kind: results.Label, Meaning: "random seed of the search that found it"},
	}, slices.Concat(designs.Columns(c.Model.Catalog, c.Study.Objectives, c.Study.Constraints), designs.OverColumns(c.Problem.Objectives))...)
}

// table evaluates archived designs again for every knob and metric.
func (c *Campaign) table(name string, seed uint64, r0 *explore.Stratified, places []explore.Place) (*results.Table, error) {
	eval, err := c.Problem.NewEvaluator()
	if err != nil {
		return nil, err
	}
	eval.Complete()
	t := &results.Table{Name: name, Columns: c.columns()}
	numbers := map[string]int{}
	f, g := make([]float64, len(c.Problem.Objectives)), make([]float64, c.Problem.NumConstraints())
	var d model.Design
	for _, p := range places {
		c.strata[p.Stratum].Problem.Decoder.Decode(r0.Strata[p.Stratum].Archive[p.Index].X, &d)
		if err := eval.EvaluateDesign(&d, f, g); err != nil {
			return nil, err
		}
		id := c.Model.Catalog.Identity(&d)
		if _, known := numbers[id]; !known {
			numbers[id] = len(numbers)
			t.Columns[0].Choices = append(t.Columns[0].Choices, id)
		}
		t.Add("", slices.Concat([]float64{float64(numbers[id]), float64(seed)},
			designs.Row(c.Model.Catalog, &eval.Report, c.Study.Objectives...), designs.OverRow(c.Problem.Objectives, eval))...)
	}
	return designs.Ordered(t), nil
}

// digest is the SHA-256 of a text, in hexadecimal.
func digest(format string, args ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, format, args...))
	return hex.EncodeToString(sum[:])
}

// warm builds the traffic tables of every capacity the study can reach, on all
// cores, before the search needs them.
func (c *Campaign) warm() {
	if c.warmed {
		return
	}
	c.warmed = true
	most := 0.0
	for i := range c.strata {
		most = max(most, warmed(c.strata[i].Problem.Decoder))
	}
	if most > 0 {
		for _, m := range c.models() {
			m.Warm([]units.Bytes{units.Bytes(most)})
		}
	}
}

// models are those that a design of the search is evaluated with.
func (c *Campaign) models() []*model.Model {
	all := []*model.Model{c.Model}
	if s := c.Problem.Several(); s != nil {
		for _, at := range s.Scenarios {
			if at.Model != c.Model {
				all = append(all, at.Model)
			}
		}
	}
	return all // the draws have the tables of the study
}

// frame is that of the hypervolume that a search reports: the extremes of a coarse
// grid of SRAM buffers, the same for every seed; nil where SRAM buffers do not
// differ in an objective, or none is feasible. The search then takes its own.
func (c *Campaign) frame() (ideal, nadir []float64) {
	if c.framed {
		return c.ideal, c.nadir
	}
	c.framed = true
	var err error
	search := baselines.NewSRAMSearch(context.Background(), c.Model, c.Study, 1).In(c.Problem)
	if c.ideal, c.nadir, err = search.Frame(); err != nil {
		c.ideal, c.nadir = nil, nil
	}
	return c.ideal, c.nadir
}
