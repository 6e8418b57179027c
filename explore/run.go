package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand" //nolint:depguard // eaopt's Population takes a *rand.Rand of math/rand
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/MaxHalford/eaopt"

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
	root    root
	brd     *breeder
	workers []Evaluator
	stage   []*genome // children to evaluate, in order
	batch   sampler
	cut     bool   // the budget ended the generation before its end
	before  []byte // state before a generation that the budget may cut

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
		root: newRoot(cfg.Key, cfg.Seed),
	}
	s.brd = newBreeder(s.space)
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
	if s.sampling() {
		return s, s.openSampler()
	}
	return s, nil
}

func (s *search) sampling() bool {
	return s.cfg.Algorithm == Random || s.cfg.Algorithm == Sobol || s.cfg.Algorithm == Grid
}

// finished tells whether and why the run ends here.
func (s *search) finished(ctx context.Context) (Reason, bool) {
	b := s.cfg.Budget
	switch {
	case b.Evaluations > 0 && s.st.p.Evaluations >= b.Evaluations:
		return BudgetSpent, true
	case b.Generations > 0 && s.st.p.Generation >= b.Generations:
		return BudgetSpent, true
	case s.st.exhausted:
		return SpaceDone, true
	case b.Target > 0 && s.st.p.Hypervolume >= b.Target:
		return TargetMet, true
	case b.Stagnation > 0 && s.st.measuredIn-s.st.grownAt >= b.Stagnation:
		return Stagnated, true
	case s.cfg.Stop != nil && s.st.p.Generation > 0 && s.cfg.Stop():
		return Stopped, true
	case ctx.Err() != nil:
		return Stopped, true
	}
	return "", false
}

// generation does one generation. One that finds no design to evaluate is the
// last.
func (s *search) generation() error {
	var progressed bool
	var err error
	if s.room() < s.most() {
		if s.before, err = s.st.marshal(); err != nil {
			return err
		}
	}
	if s.sampling() {
		progressed, err = s.sample()
	} else {
		progressed, err = s.evolve()
	}
	if err != nil {
		return err
	}
	s.st.exhausted = !progressed || s.cfg.Algorithm == Grid && s.st.next == s.batch.size
	if s.cfg.Algorithm != Grid {
		s.st.archive.thin()
	}
	s.st.p.Generation++
	s.measure()
	return nil
}

// room returns how many evaluations of the budget are left.
func (s *search) room() int64 {
	if b := s.cfg.Budget.Evaluations; b > 0 {
		return b - s.st.p.Evaluations
	}
	return math.MaxInt64
}

// most returns the largest number of evaluations of the next generation.
func (s *search) most() int64 {
	n := s.cfg.Population * s.cfg.Islands
	if s.sampling() {
		n = s.batch.rows
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

// newIsland makes the i-th island of the configuration, without members.
func (s *search) newIsland(i int) (*island, eaopt.Population) {
	src := &source{}
	is := &island{brd: s.brd, size: s.cfg.Population, m: s.m, c: s.c, src: src, rng: rand.New(src), seen: s.st.cache}
	switch s.cfg.Algorithm {
	case NSGA2:
		is.selector = &crowding{}
	case NSGA3:
		is.selector = newNiching(s.m, s.cfg.Population)
	default:
		is.selector = &contribution{}
	}
	if s.space.Dim() <= space.MaxSobolDim {
		first := &source{}
		first.pcg.Seed(s.root.at(i, -1))
		is.sobol, _ = space.NewSobol(s.space.Dim(), first.Uint64) // the dimension was checked
	}
	return is, eaopt.Population{ID: strconv.Itoa(i), RNG: is.rng}
}

// steps is the number of times a generation breeds and selects: children soon
// become parents, and there are still enough at once to share among workers.
const steps = 4

// evolve does one generation of every island: as many children as members.
func (s *search) evolve() (bool, error) {
	st := s.st
	for i, is := range st.islands {
		is.src.pcg.Seed(s.root.at(i, st.p.Generation))
	}
	size := s.cfg.Population
	if st.p.Generation == 0 {
		s.plant()
	}
	if st.p.Generation == 0 || st.measuredIn-max(st.grownAt, st.restartedAt) >= restartAfter {
		s.restart()
		return s.step(func(pop *eaopt.Population) int { return max(size-len(pop.Individuals), 1) })
	}
	progressed := false
	for k := range steps {
		more, err := s.step(func(*eaopt.Population) int { return (k+1)*size/steps - k*size/steps })
		if err != nil {
			return false, err
		}
		progressed = progressed || more
		if !more {
			break
		}
	}
	if progressed && len(st.pops) > 1 && (st.p.Generation+1)%s.cfg.MigrationEvery == 0 {
		ring{s}.Apply(st.pops, st.islands[0].rng)
	}
	return progressed, nil
}

// restartAfter is the number of generations without growth of the hypervolume
// after which the populations begin anew; the archive stays.
const restartAfter = 25

// restart empties the populations of evaluated members.
func (s *search) restart() {
	st := s.st
	st.restartedAt = st.p.Generation
	for i, is := range st.islands {
		pop := &st.pops[i]
		for _, ind := range pop.Individuals {
			if ind.Evaluated {
				is.spare = append(is.spare, ind.Genome.(*genome))
			}
		}
		pop.Individuals = slices.DeleteFunc(pop.Individuals, func(ind eaopt.Individual) bool { return ind.Evaluated })
	}
}

// step breeds, evaluates and selects once; false when nothing was evaluated.
func (s *search) step(children func(*eaopt.Population) int) (bool, error) {
	err := s.each(func(is *island, pop *eaopt.Population) error { return breeding{is, children(pop)}.Apply(pop) })
	if err != nil {
		return false, err
	}
	if s.admit() == 0 {
		return false, nil
	}
	s.evaluate()
	if err := s.account(); err != nil {
		return false, err
	}
	return true, s.each(func(is *island, pop *eaopt.Population) error { return survival{is}.Apply(pop) })
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// each runs f on every island with its population, at once when there are
// several workers.
func (s *search) each(f func(*island, *eaopt.Population) error) error {
	if len(s.st.pops) == 1 || s.cfg.Workers == 1 {
		for i := range s.st.pops {
			if err := f(s.st.islands[i], &s.st.pops[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return s.st.pops.Apply(func(pop *eaopt.Population) error {
		i, err := strconv.Atoi(pop.ID)
		if err != nil {
			return err
		}
		return f(s.st.islands[i], pop)
	})
}

// plant gives the start designs to the islands in turn, as members that are not
// evaluated yet.
func (s *search) plant() {
	for k, x := range s.cfg.Start {
		i := k % len(s.st.islands)
		is := s.st.islands[i]
		g := is.take()
		s.space.Encode(x, g.u)
		copy(g.x, x)
		g.key, g.op = s.space.Key(x), opFresh
		pop := &s.st.pops[i]
		pop.Individuals = append(pop.Individuals, eaopt.Individual{Genome: g, Fitness: math.Inf(1)})
	}
}

// admit collects the children of all islands in order, drops designs that an
// earlier island bred too and those beyond the budget, and returns their number.
func (s *search) admit() int {
	st := s.st
	room := s.room()
	s.stage = s.stage[:0]
	for i, is := range st.islands {
		st.p.Duplicates += is.duplicates
		is.duplicates = 0
		pop := &st.pops[i]
		kept := 0
		for k, ind := range pop.Individuals {
			if ind.Evaluated {
				pop.Individuals[kept] = ind
				kept++
				continue
			}
			g := ind.Genome.(*genome)
			switch {
			case int64(len(s.stage)) >= room:
				s.cut = true
				is.spare = append(is.spare, g)
			case st.cache.has(g.key):
				st.p.Duplicates++
				is.spare = append(is.spare, g)
			default:
				st.cache.add(g.key)
				s.stage = append(s.stage, g)
				pop.Individuals[kept] = pop.Individuals[k]
				kept++
			}
		}
		clear(pop.Individuals[kept:])
		pop.Individuals = pop.Individuals[:kept]
	}
	return len(s.stage)
}

// evaluate computes the children on the workers.
func (s *search) evaluate() {
	st := s.st
	type span struct{ pop, lo, hi int }
	var spans []span
	size := max(1, len(s.stage)/(4*len(s.workers)))
	for i := range st.pops {
		n := len(st.pops[i].Individuals)
		lo := n
		for lo > 0 && !st.pops[i].Individuals[lo-1].Evaluated {
			lo--
		}
		for ; lo < n; lo += size {
			spans = append(spans, span{i, lo, min(lo+size, n)})
		}
	}
	var next atomic.Int64
	parallel(len(s.workers), func(w int) {
		for {
			k := int(next.Add(1)) - 1
			if k >= len(spans) {
				return
			}
			part := st.pops[spans[k].pop].Individuals[spans[k].lo:spans[k].hi]
			for i := range part {
				part[i].Genome.(*genome).evaluator = s.workers[w]
			}
			part.Evaluate(false) //nolint:errcheck // genome.Evaluate returns no error
		}
	})
}

// parallel runs f(0), ..., f(n-1) at once.
func parallel(n int, f func(int)) {
	if n == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() { f(w) })
	}
	wg.Wait()
}

// account counts the evaluated children and offers them to the archive, in
// order.
func (s *search) account() error {
	for _, g := range s.stage {
		if err := s.count(g.x, g.f, g.g, g.violation, g.key); err != nil {
			return err
		}
	}
	return nil
}

// ring is the eaopt.Migrator that copies the best members of every island over
// the worst of the next.
type ring struct{ s *search }

// Validate reports nothing: every ring is valid.
func (r ring) Validate() error { return nil }

// Apply exchanges a tenth of each population. Members are taken in the order
// of fitness, so the generator is not used.
func (r ring) Apply(pops eaopt.Populations, _ *generator) {
	for i := range pops {
		pops[i].Individuals.SortByFitness()
	}
	n := max(1, r.s.cfg.Population/10)
	var travellers [][]eaopt.Individual
	for i := range pops {
		travellers = append(travellers, pops[i].Individuals[:min(n, len(pops[i].Individuals)/2)].Clone(r.s.st.islands[i].rng))
	}
	for i := range pops {
		to := pops[(i+1)%len(pops)].Individuals
		for k, t := range travellers[i] {
			to[len(to)-1-k].Genome.(*genome).copyFrom(t.Genome.(*genome))
			to[len(to)-1-k].Fitness = t.Fitness
		}
	}
}

var errState = errors.New("of another problem or configuration")

func mismatch(what string, have, want any) error {
	return fmt.Errorf("%w: its %s is %v, not %v", errState, what, have, want)
}
