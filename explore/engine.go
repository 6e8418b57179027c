package explore

import (
	"math"
	"math/rand" //nolint:depguard // eaopt's Population holds a *rand.Rand of math/rand
	"slices"

	"github.com/MaxHalford/eaopt"
	"golang.org/x/sync/errgroup"

	"stco/explore/pareto"
	"stco/space"
)

// engine is a run: its islands, what it has met, and its scratch.
type engine struct {
	problem Problem
	cfg     *Config
	m, c    int
	root    root
	brd     *breeder

	islands []eaopt.Population
	pools   []*pool
	archive *archive
	cache   *cache
	p       Progress
	least   Solution
	calm    int64
	next    int64 // next design of a grid or of the Sobol sequence
	sobol   *space.Sobol

	exhausted    bool
	ideal, nadir []float64 // that normalise the hypervolume
	ref          []float64

	workers    []Evaluator
	directions [][]float64 // of NSGA-III
	volume     pareto.Volume
	scaled     []float64
}

// pool is the state of one island that eaopt's Population does not hold.
type pool struct {
	credit [numOps]float64 // survivors by operator, fading
	spare  []*genome
}

func newEngine(p Problem, cfg *Config) *engine {
	e := &engine{
		problem: p, cfg: cfg, m: p.NumObjectives(), c: p.NumConstraints(),
		root: newRoot(cfg.Study, cfg.Scenario, cfg.Seed), brd: newBreeder(p.Space()), cache: newCache(cfg.CacheLimit),
		ideal: cfg.Ideal, nadir: cfg.Nadir,
	}
	limit := cfg.ArchiveLimit
	if cfg.Algorithm == Grid {
		limit = math.MaxInt
	}
	e.archive = newArchive(p.Space().Dim(), e.m, e.c, limit)
	e.p.Best, e.p.Violated = make([]float64, e.m), make([]int64, e.c)
	e.p.Violation = math.Inf(1)
	for range cfg.Workers {
		e.workers = append(e.workers, p.NewEvaluator())
	}
	e.ref = make([]float64, e.m)
	for j := range e.ref {
		e.ref[j] = 1.1
	}
	for range cfg.Islands {
		e.islands = append(e.islands, eaopt.Population{})
		e.pools = append(e.pools, &pool{})
	}
	if cfg.Algorithm == Sobol {
		shift := rand.New(e.stream(0, -1))                         //nolint:gosec // reproducible sampling
		e.sobol, _ = space.NewSobol(p.Space().Dim(), shift.Uint64) // the dimension was checked
	}
	return e
}

// stream returns the random source of an island at a generation.
func (e *engine) stream(island int, generation int64) *source {
	a, b := e.root.at(island, generation)
	s := &source{}
	s.pcg.Seed(a, b)
	return s
}

// left returns how many designs may still be evaluated, at most n.
func (e *engine) left(n int) int {
	if b := e.cfg.Budget.Evaluations; b > 0 {
		return int(min(int64(n), b-e.p.Evaluations))
	}
	return n
}

// generation advances every island by one generation.
func (e *engine) generation() error {
	for i := range e.islands {
		e.islands[i].RNG = rand.New(e.stream(i, e.p.Generation)) //nolint:gosec // reproducible search
		m := &island{e: e, index: i}
		if err := m.Apply(&e.islands[i]); err != nil {
			return err
		}
	}
	if len(e.islands) > 1 && (e.p.Generation+1)%e.cfg.MigrationEvery == 0 {
		e.migrate()
	}
	e.note()
	return nil
}

// island is the eaopt model of one island: breed, evaluate, select.
type island struct {
	e     *engine
	index int
}

// Validate is part of eaopt.Model; the configuration was checked before.
func (*island) Validate() error { return nil }

// Apply replaces a population by its next generation.
func (m *island) Apply(pop *eaopt.Population) error {
	e := m.e
	switch e.cfg.Algorithm {
	case Random, Sobol, Grid:
		return m.sample(pop)
	}
	size := e.left(e.cfg.Population)
	if size <= 0 {
		return nil
	}
	children := m.breed(pop, size)
	if len(children) == 0 { // every proposal was known: the space is done, or next to it
		e.exhausted = true
		return nil
	}
	if err := e.evaluate(children); err != nil {
		return err
	}
	merged := append(slices.Clone(pop.Individuals), children...)
	pop.Individuals = m.survive(merged)
	pop.Generations++
	return nil
}

// full tells whether a finite space has been evaluated whole.
func (m *island) full() bool {
	n, ok := m.e.brd.space.Size()
	return ok && m.e.p.Evaluations >= n
}

// attempts is how often a child is bred again when its design is known.
const attempts = 24

// breed returns size individuals whose designs were not evaluated before:
// given seeds first, then random ones until the population is full, then
// children.
func (m *island) breed(pop *eaopt.Population, size int) eaopt.Individuals {
	e, rng := m.e, pop.RNG
	batch := map[space.Key]bool{}
	var out eaopt.Individuals
	fresh := newGenomes(size, e.brd, e.m, e.c)
	first := pop.Generations == 0
	for i := range size {
		g := fresh[i]
		found := false
		for try := range attempts {
			switch {
			case first && m.index == 0 && i < len(e.cfg.Seeds) && try == 0:
				e.brd.space.Encode(e.cfg.Seeds[i], g.u)
				g.op = opFresh
			case first || try > attempts/2 || len(pop.Individuals) < 4:
				for j := range g.u {
					g.u[j] = rng.Float64()
				}
				g.op = opFresh
			default:
				m.child(pop, g, rng)
			}
			e.brd.space.Decode(g.u, g.x)
			g.key = e.brd.space.Key(g.x)
			if !e.cache.has(g.key) && !batch[g.key] {
				found = true
				break
			}
			e.p.Duplicates++
		}
		if !found {
			continue
		}
		batch[g.key] = true
		out = append(out, eaopt.Individual{Genome: g, Fitness: math.Inf(1)})
	}
	return out
}

// child writes one child of the population into g.
func (m *island) child(pop *eaopt.Population, g *genome, rng *generator) {
	e := m.e
	p := m.tournament(pop, rng)
	op := e.pools[m.index].choose(rng)
	g.op = op
	switch op {
	case opCross:
		q := m.tournament(pop, rng)
		mate := make([]float64, len(g.u))
		e.brd.cross(p.u, q.u, g.u, mate, rng)
		e.brd.mutate(g.u, rng)
	case opDifference, opRotation:
		a, b, c := m.any(pop, rng), m.any(pop, rng), m.any(pop, rng)
		share := 0.2
		if op == opRotation {
			share = 0.9
		}
		e.brd.difference(p.u, a.u, b.u, c.u, g.u, 0.3+0.5*rng.Float64(), share, rng)
	default:
		copy(g.u, p.u)
		e.brd.mutate(g.u, rng)
	}
}

func (m *island) any(pop *eaopt.Population, rng *generator) *genome {
	return pop.Individuals[rng.Intn(len(pop.Individuals))].Genome.(*genome)
}

// tournament returns the better of two members by the fitness of selection.
func (m *island) tournament(pop *eaopt.Population, rng *generator) *genome {
	i, j := rng.Intn(len(pop.Individuals)), rng.Intn(len(pop.Individuals))
	if pop.Individuals[j].Fitness < pop.Individuals[i].Fitness {
		i = j
	}
	return pop.Individuals[i].Genome.(*genome)
}

// The pool of operators: each is chosen with a probability of at least
// leastShare, the rest by how many of its children survived lately.
const (
	leastShare = 0.1
	fading     = 0.9
)

func (p *pool) choose(rng *generator) int {
	total := 0.0
	for _, c := range p.credit {
		total += c
	}
	r := rng.Float64()
	for op, c := range p.credit {
		share := 1.0 / numOps
		if total > 0 {
			share = leastShare + (1-numOps*leastShare)*c/total
		}
		if r < share {
			return op
		}
		r -= share
	}
	return numOps - 1
}

// evaluate computes individuals on the workers, then archives and counts them
// in their order.
func (e *engine) evaluate(batch eaopt.Individuals) error {
	chunk := (len(batch) + len(e.workers) - 1) / len(e.workers)
	var group errgroup.Group
	for w := range e.workers {
		a, b := min(w*chunk, len(batch)), min((w+1)*chunk, len(batch))
		if a == b {
			continue
		}
		for i := a; i < b; i++ {
			batch[i].Genome.(*genome).evaluator = e.workers[w]
		}
		if len(e.workers) == 1 {
			if err := batch[a:b].Evaluate(false); err != nil {
				return err
			}
			continue
		}
		group.Go(func() error { return batch[a:b].Evaluate(false) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range batch {
		e.register(batch[i].Genome.(*genome))
	}
	return nil
}

// register counts an evaluated design and offers it to the archive.
func (e *engine) register(g *genome) {
	e.p.Evaluations++
	e.cache.add(g.key)
	for j, v := range g.g {
		if !(v <= 0) {
			e.p.Violated[j]++
		}
	}
	if g.violation > 0 {
		e.p.Infeasible++
		if g.violation < e.p.Violation {
			e.p.Violation = g.violation
			e.least = Solution{X: slices.Clone(g.x), F: slices.Clone(g.f), G: slices.Clone(g.g), Violation: g.violation}
		}
		return
	}
	e.p.Violation = 0
	e.archive.add(g.x, g.f, g.g, g.key)
}

// sample evaluates the next designs of a random, Sobol or grid search.
func (m *island) sample(pop *eaopt.Population) error {
	e := m.e
	size := e.left(e.cfg.Population)
	if size <= 0 {
		return nil
	}
	sp := e.brd.space
	fresh := newGenomes(size, e.brd, e.m, e.c)
	var batch eaopt.Individuals
	for len(batch) < size {
		g := fresh[len(batch)]
		g.op = opFresh
		switch e.cfg.Algorithm {
		case Grid:
			n, _ := sp.Size()
			if e.next >= n {
				e.exhausted = true
				return e.evaluate(batch)
			}
			sp.At(e.next, g.x)
			sp.Encode(g.x, g.u)
			e.next++
		case Sobol:
			e.sobol.At(uint64(e.next), g.u)
			e.next++
			sp.Decode(g.u, g.x)
		default:
			for j := range g.u {
				g.u[j] = pop.RNG.Float64()
			}
			sp.Decode(g.u, g.x)
		}
		g.key = sp.Key(g.x)
		if e.cfg.Algorithm != Grid {
			if e.cache.has(g.key) {
				e.p.Duplicates++
				if e.p.Duplicates > 1000*(e.p.Evaluations+1000) || m.full() {
					e.exhausted = true
					return e.evaluate(batch)
				}
				continue
			}
			e.cache.add(g.key)
		}
		batch = append(batch, eaopt.Individual{Genome: g, Fitness: math.Inf(1)})
	}
	return e.evaluate(batch)
}

// migrants is the number of members an island sends to the next.
const migrants = 5

// migrate copies the best members of every island over the worst of the next.
func (e *engine) migrate() {
	n := len(e.islands)
	sent := make([][]*genome, n)
	for i := range e.islands {
		ind := e.islands[i].Individuals // sorted by fitness
		for k := range min(migrants, len(ind)) {
			sent[i] = append(sent[i], ind[k].Genome.Clone().(*genome))
		}
	}
	for i := range e.islands {
		ind := e.islands[i].Individuals
		from := sent[(i+n-1)%n]
		for k, g := range from {
			if at := len(ind) - 1 - k; at >= 0 {
				ind[at] = eaopt.Individual{Genome: g, Fitness: ind[at].Fitness, Evaluated: true}
			}
		}
		m := &island{e: e, index: i}
		e.islands[i].Individuals = m.survive(ind)
	}
}
