package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/explore/evolution"
	"stco/explore/internal/evaluation"
	"stco/explore/internal/stream"
	"stco/explore/sampling"
	"stco/explore/selection"
	"stco/space"
)

// Run searches the space of a problem. A checkpoint continues an earlier run of
// the same problem and configuration (Workers, Stop, K and Budget may differ),
// nil begins; the result is that of an uninterrupted run with the budget of the
// last call. A cancelled context ends the run after the generation under way.
// The observer may be nil.
func Run(ctx context.Context, p Problem, c Config, checkpoint []byte, observe Observer) (*Result, error) {
	s, err := newSearch(p, c, checkpoint)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for {
		if r, done := s.finished(ctx); done {
			return s.result(r), nil
		}
		if err := s.generation(); err != nil {
			return nil, err
		}
		if observe != nil {
			if err := observe(s.progress(), s.saved); err != nil {
				return nil, err
			}
		}
	}
}

// search is a run in progress.
type search struct {
	cfg     Config
	p       Problem
	space   *space.Space
	m, c    int
	st      *state
	root    stream.Root
	workers []evaluation.Worker
	sampler *sampling.Sampler // nil when breeding
	batch   batch

	cut    bool   // the budget ended the last generation before its end
	before []byte // state before a generation that the budget may cut

	reference []float64 // of normalised objectives
	raw, unit []float64 // scratch of measure
}

func newSearch(p Problem, cfg Config, checkpoint []byte) (*search, error) {
	cfg, err := cfg.withDefaults(p)
	if err != nil {
		return nil, err
	}
	s := &search{
		cfg: cfg, p: p, space: p.Space(), m: p.NumObjectives(), c: p.NumConstraints(), st: &state{},
		root: stream.NewRoot(cfg.Key, cfg.Seed),
	}
	s.reference = slices.Repeat([]float64{reference}, s.m)
	for range cfg.Workers {
		s.workers = append(s.workers, p.NewEvaluator())
	}
	if checkpoint != nil {
		if err := s.st.unmarshal(checkpoint); err != nil {
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
	}
	if err := s.st.attach(s); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return s, nil
}

// close ends a search; it must be called.
func (s *search) close() {
	if s.st.islands != nil {
		s.st.islands.Close()
	}
}

// finished tells whether and why the run ends here.
func (s *search) finished(ctx context.Context) (Reason, bool) {
	if s.Room() <= 0 {
		return BudgetSpent, true
	}
	if r, over := s.over(); over {
		return r, true
	}
	if s.cfg.Stop != nil && s.st.p.Generation > 0 && s.cfg.Stop() || ctx.Err() != nil {
		return Stopped, true
	}
	return "", false
}

// over tells whether the search itself has come to an end, whatever is left of
// the evaluations.
func (s *search) over() (Reason, bool) {
	b := s.cfg.Budget
	switch {
	case b.Generations > 0 && s.st.p.Generation >= b.Generations:
		return BudgetSpent, true
	case s.st.exhausted:
		return SpaceDone, true
	case b.Target > 0 && s.st.p.Hypervolume >= b.Target:
		return TargetMet, true
	case b.Stagnation > 0 && s.st.measuredIn-s.st.grownAt >= b.Stagnation:
		return Stagnated, true
	}
	return "", false
}

// generation does one generation. One that finds no design to evaluate is the
// last.
func (s *search) generation() error {
	var progressed bool
	var err error
	if s.Room() < s.most() {
		if s.before, err = s.st.marshal(); err != nil {
			return err
		}
	}
	if s.sampling() {
		progressed, err = s.sample()
	} else {
		progressed, err = s.breed()
	}
	if err != nil {
		return err
	}
	s.st.exhausted = !progressed || s.cfg.Algorithm == Grid && s.sampler.Exhausted()
	if s.cfg.Algorithm != Grid {
		s.st.archive.Thin()
	}
	s.st.p.Generation++
	s.measure()
	return nil
}

// breed does one generation of the islands. Populations that have come to rest
// begin anew; the archive stays.
func (s *search) breed() (progressed bool, err error) {
	st := s.st
	anew := st.islands.AtRest()
	if anew {
		st.p.Restarts++
	}
	progressed, s.cut, err = st.islands.Generation(st.p.Generation, anew || st.p.Generation == 0)
	return progressed, err
}

// Room returns how many evaluations of the budget are left.
func (s *search) Room() int64 {
	if b := s.cfg.Budget.Evaluations; b > 0 {
		return b - s.st.p.Evaluations
	}
	return math.MaxInt64
}

// most returns the largest number of evaluations of the next generation.
func (s *search) most() int64 {
	n := s.cfg.Population * s.cfg.Islands
	if s.sampling() {
		n = s.sampler.Rows
	}
	if s.st.p.Generation == 0 {
		n += len(s.cfg.Start)
	}
	return int64(n)
}

// saved returns the state after the last whole generation. A generation that
// the budget cut is left out and done again when the run goes on: what is saved
// depends on the number of generations alone.
func (s *search) saved() ([]byte, error) {
	if s.cut {
		return s.before, nil
	}
	return s.st.marshal()
}

// setup says how the islands are bred.
func (s *search) setup() evolution.Setup {
	selector := func() selection.Selector { return &selection.Contribution{} }
	switch s.cfg.Algorithm {
	case NSGA2:
		selector = func() selection.Selector { return &selection.Crowding{} }
	case NSGA3:
		selector = func() selection.Selector { return selection.NewNiching(s.m, s.cfg.Population) }
	default:
	}
	return evolution.Setup{
		Space: s.space, Objectives: s.m, Constraints: s.c,
		Islands: s.cfg.Islands, Size: s.cfg.Population, MigrationEvery: s.cfg.MigrationEvery, Selector: selector,
		Root: s.root, Known: s.st.cache, Start: s.cfg.Start, Workers: s.workers, Ledger: s,
	}
}

var errState = errors.New("of another problem or configuration")

func mismatch(what string, have, want any) error {
	return fmt.Errorf("%w: its %s is %v, not %v", errState, what, have, want)
}
