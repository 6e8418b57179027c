package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"stco/experiments/designs"

	"stco/explore"
	"stco/model"
	"stco/model/units"
	"stco/results"
	"stco/results/store"
)

// checkpointEvery is the time between two checkpoints of a shard: at most this
// much work is done again after a kill, with the same result.
const checkpointEvery = time.Second

// shard runs one shard to its end and returns its front. A shard that is done
// is read.
func (c *Campaign) shard(ctx context.Context, index int) (*results.Table, error) {
	info := c.Run.Info().Shards[index]
	claim, err := c.Run.Claim(info.Name, store.ThisProcess(), c.opts.Now)
	if errors.Is(err, store.ErrClaimed) {
		return nil, fmt.Errorf("%s: shard %s is being run by another process: %w", c.Run.Dir(), info.Name, err)
	}
	if err != nil {
		return nil, err
	}
	alive, stop := context.WithCancel(ctx)
	beat := make(chan error, 1)
	go func() { beat <- claim.KeepAlive(alive) }()
	front, err := c.claimed(ctx, index, claim)
	stop()
	return front, errors.Join(err, <-beat, claim.Release())
}

func (c *Campaign) claimed(ctx context.Context, index int, claim *store.Claim) (*results.Table, error) {
	s, err := c.Run.OpenShard(index, claim)
	if err != nil {
		return nil, err
	}
	state := s.State()
	for _, n := range state.Notes {
		c.opts.Observer.Note(n.String())
	}
	info := c.Run.Info().Shards[index]
	frontName := c.Run.ShardDir(index) + "/front.json"
	if state.Done {
		c.opts.Observer.Shard(index, len(c.Run.Info().Shards), info.Name, c.budget())
		front, err := c.Run.ReadTable(frontName)
		return front, errors.Join(err, s.Close())
	}
	c.opts.Observer.Shard(index, len(c.Run.Info().Shards), info.Name, int64(state.Generation))
	front, err := c.search(ctx, s, info)
	return front, errors.Join(err, s.Close())
}

// search runs the search of a shard from its checkpoint.
func (c *Campaign) search(ctx context.Context, s *store.Shard, info store.ShardInfo) (*results.Table, error) {
	q := &c.Study.Search
	started := c.opts.Now()
	cfg := explore.Config{
		Algorithm: q.Algorithm, Population: q.Population, Islands: q.Islands, MigrationEvery: q.MigrationEvery,
		Budget:  explore.Budget{Evaluations: q.Evaluations, Generations: q.Generations, Stagnation: q.Stagnation},
		Workers: c.opts.Workers, K: q.Returned, Key: []byte(c.Study.Hash() + "/" + info.Scenario), Seed: info.Seed,
	}
	if q.Algorithm == explore.Grid {
		cfg.Budget = explore.Budget{}
	}
	if q.Time > 0 {
		cfg.Stop = func() bool { return c.opts.Now().Sub(started) >= time.Duration(float64(q.Time)*float64(time.Second)) }
	}
	saved, before := started, s.State().Evaluations
	var lastState func() ([]byte, error)
	dirty := false
	r, err := explore.Run(ctx, problem{c.Problem}, cfg, s.State().Checkpoint, func(p *explore.Progress, state func() ([]byte, error)) error {
		g := c.generation(p)
		if step(p.Evaluations) != step(before) {
			g.Members = c.members(p)
		}
		before = p.Evaluations
		if err := s.Append(g); err != nil {
			return err
		}
		c.opts.Observer.Generation(g, c.budget())
		lastState, dirty = state, true
		if now := c.opts.Now(); now.Sub(saved) >= checkpointEvery {
			saved = now
			dirty = false
			return save(s, state)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if dirty {
		if err := save(s, lastState); err != nil {
			return nil, err
		}
	}
	if r.Reason == explore.Stopped {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, ErrStopped
	}
	if len(r.Answer) == 0 {
		return nil, c.infeasible(r)
	}
	front, err := c.table("front", r.Answer)
	if err != nil {
		return nil, err
	}
	archive, err := c.table("archive", r.Archive)
	if err != nil {
		return nil, err
	}
	return front, s.Finish(front, archive)
}

// budget is the number of evaluations of a shard; 0 without a limit.
func (c *Campaign) budget() int64 {
	if c.Study.Search.Algorithm == explore.Grid {
		n, _ := c.Problem.Decoder.Space.Size()
		return n
	}
	return c.Study.Search.Evaluations
}

func save(s *store.Shard, state func() ([]byte, error)) error {
	data, err := state()
	if err != nil {
		return err
	}
	return s.Checkpoint(data)
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

// table evaluates solutions again for every knob and metric.
func (c *Campaign) table(name string, solutions []explore.Solution) (*results.Table, error) {
	eval, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	t := &results.Table{Name: name, Columns: designs.Columns(c.Model.Catalog, c.Study.Objectives, c.Study.Constraints)}
	var d model.Design
	var r model.Report
	for i := range solutions {
		c.Problem.Decoder.Decode(solutions[i].X, &d)
		if err := eval.Evaluate(&d, &r); err != nil {
			return nil, err
		}
		t.Add("", designs.Row(c.Model.Catalog, &r)...)
	}
	return designs.Ordered(t), nil
}

// infeasible says which limit is in the way.
func (c *Campaign) infeasible(r *explore.Result) error {
	e := &InfeasibleError{Evaluations: r.Evaluations}
	most := int64(-1)
	for i, n := range r.Violated {
		if n > most {
			most, e.Binding = n, c.Problem.ConstraintName(i)
		}
	}
	e.Share = float64(most) / float64(max(r.Evaluations, 1))
	if r.Least != nil {
		worst := math.Inf(-1)
		for i, v := range r.Least.G {
			if v > worst {
				worst, e.Least, e.Missed = v, c.Problem.ConstraintName(i), v
			}
		}
	}
	return e
}

// warm builds the traffic tables of every capacity the study can reach, on all
// cores, before the search needs them.
func (c *Campaign) warm() {
	at, err := c.Problem.Decoder.Space.Index("capacity")
	if err != nil {
		return // the capacity is fixed: one table a workload, built when needed
	}
	p := c.Problem.Decoder.Space.Parameter(at)
	c.Model.Warm([]units.Bytes{units.Bytes(p.Max)})
}
