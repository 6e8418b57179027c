package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/space"
)

// ErrStopped says that a limit of time ended a campaign before its budget.
var ErrStopped = errors.New("stopped by the limit of time; stco resume goes on")

// InfeasibleError says that a search found no design that meets all limits.
type InfeasibleError struct {
	Evaluations int64
	Binding     string  // the constraint violated most often
	Share       float64 // of the evaluations that violate it
	Least       string  // the constraint the least infeasible design misses most
	Missed      float64 // by how much, in its own scale
}

func (e *InfeasibleError) Error() string {
	return fmt.Sprintf("infeasible: none of %d designs meets the constraints; violated most often: %s (%.1f %% of the designs); the least infeasible design misses %s by %.3g of its scale",
		e.Evaluations, e.Binding, 100*e.Share, e.Least, e.Missed)
}

// Observer is told of progress. Calls come from one goroutine.
type Observer interface {
	Shard(index, of int, name string, resumed int64)
	Generation(g store.Generation, budget int64)
	Note(text string)
}

// Options are the circumstances of a campaign; they do not change its results.
type Options struct {
	Workers  int
	Now      func() time.Time
	Observer Observer
	FS       store.FS
	Info     store.Info // circumstances: version, executable, host, command line
}

// Campaign is a study prepared to run in a directory.
type Campaign struct {
	Study   *study.Study
	Run     *store.Run
	Model   *model.Model
	Problem *objectives.Problem
	opts    Options
}

// problem lets the search use an objectives.Problem.
type problem struct{ *objectives.Problem }

func (p problem) Space() *space.Space { return p.Decoder.Space }
func (p problem) NumObjectives() int  { return len(p.Objectives) }

// NewEvaluator returns an evaluator for one worker. The model was evaluated
// once when the campaign was prepared, so it cannot fail here.
func (p problem) NewEvaluator() explore.Evaluator {
	e, err := p.Problem.NewEvaluator()
	if err != nil {
		panic(err)
	}
	return e
}

// Start makes the run directory of a study, or opens the one that holds the
// same study.
func Start(s *study.Study, dir string, o Options) (*Campaign, error) {
	// What runs is what run.json says: a value that its text rounds in the last
	// bit is rounded here too, so that a resumed run computes the same.
	s, err := study.Parse(s.Name, s.YAML())
	if err != nil {
		return nil, err
	}
	m, p, err := s.Build()
	if err != nil {
		return nil, err
	}
	info := o.Info
	info.Study, info.StudyFormat, info.Seed = string(s.YAML()), "yaml", s.Seed
	info.TablesSHA256 = study.TablesHash(m.Catalog)
	for i := range s.Seeds {
		seed := s.Seed + uint64(i)
		info.Shards = append(info.Shards, store.ShardInfo{Name: fmt.Sprintf("%s-seed%d", s.Name, seed), Scenario: s.Name, Seed: seed})
	}
	run, notes, err := store.Create(o.FS, dir, info)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		o.Observer.Note(n.String())
	}
	return &Campaign{Study: s, Run: run, Model: m, Problem: p, opts: o}, nil
}

// Resume opens the campaign of a run directory.
func Resume(dir string, o Options) (*Campaign, error) {
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
	if h := study.TablesHash(m.Catalog); h != info.TablesSHA256 {
		return nil, fmt.Errorf("%s: the technology tables of this stco (%.12s) are not those of the run (%.12s)", dir, h, info.TablesSHA256)
	}
	return &Campaign{Study: s, Run: run, Model: m, Problem: p, opts: o}, nil
}

// Execute runs every shard that is not done, then merges fronts and writes
// tables, CSV and figures.
func (c *Campaign) Execute(ctx context.Context) (*Summary, error) {
	c.warm()
	shards := c.Run.Info().Shards
	var fronts []*results.Table
	for i := range shards {
		front, err := c.shard(ctx, i)
		if err != nil {
			return nil, err
		}
		fronts = append(fronts, front)
	}
	return c.merge(ctx, fronts)
}
