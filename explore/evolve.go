package explore

import (
	"errors"
	"iter"
	"math"
	"math/rand" //nolint:depguard // eaopt's GA takes a *rand.Rand of math/rand
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/MaxHalford/eaopt"
)

// generations returns the generations of the populations one by one, as
// eaopt's GA.Minimize drives them. The GA's first callback, after it has made
// populations of its own, puts those of the state in their place.
func (s *search) generations() iter.Seq[error] {
	return func(yield func(error) bool) {
		over, begun := false, false
		ga, err := eaopt.GAConfig{
			NPops: uint(s.cfg.Islands), PopSize: 1, HofSize: 1, NGenerations: math.MaxUint,
			Model: evolution{s}, Migrator: ring{s}, MigFrequency: uint(s.cfg.MigrationEvery),
			RNG: rand.New(&source{}), //nolint:gosec // not used: every population has its own stream
			EarlyStop: func(*eaopt.GA) bool {
				if !over {
					s.begin()
				}
				return over
			},
			Callback: func(ga *eaopt.GA) {
				if !begun {
					begun = true
					ga.Populations, ga.Generations = s.st.pops, uint(s.st.p.Generation)
					return
				}
				s.end()
				over = !yield(nil)
			},
		}.NewGA()
		if err == nil {
			err = ga.Minimize(func(*generator) eaopt.Genome { return &placeholder{} })
		}
		if err != nil {
			yield(err)
		}
	}
}

// placeholder is the genome of the populations that GA.Minimize insists on
// making before its first callback.
type placeholder struct{}

// Evaluate returns a fitness that no hall of fame takes.
func (*placeholder) Evaluate() (float64, error) { return math.Inf(1), nil }

// Mutate does nothing.
func (*placeholder) Mutate(*generator) {}

// Crossover does nothing.
func (*placeholder) Crossover(eaopt.Genome, *generator) {}

// Clone returns the placeholder.
func (p *placeholder) Clone() eaopt.Genome { return p }

// steps is the number of times a generation breeds and selects: children soon
// become parents, and there are still enough at once to share among workers.
const steps = 4

// begin prepares a generation: random streams, start designs, populations that
// begin anew.
func (s *search) begin() {
	st := s.st
	for i, is := range st.islands {
		is.src.pcg.Seed(s.root.at(i, st.p.Generation))
	}
	s.progressed, s.filling = false, false
	if st.p.Generation == 0 {
		s.plant()
	}
	if st.p.Generation == 0 || st.measuredIn-max(st.grownAt, st.restartedAt) >= restartAfter {
		s.restart()
		s.filling = true
	}
}

// end closes a generation.
func (s *search) end() {
	for _, is := range s.st.islands {
		is.age++
	}
}

// evolution is the eaopt.Model of a generation: every island breeds as many
// children as it has members and selects, in steps. All islands do so at once;
// between breeding and selection they meet, and the last to arrive evaluates the
// children of all.
type evolution struct{ s *search }

// Validate reports a model without islands.
func (e evolution) Validate() error {
	if e.s == nil || len(e.s.st.islands) == 0 {
		return errors.New("evolution needs islands")
	}
	return nil
}

// Apply does one generation of one island.
func (e evolution) Apply(pop *eaopt.Population) error {
	s := e.s
	i, err := strconv.Atoi(pop.ID)
	if err != nil {
		return err
	}
	is, size := s.st.islands[i], s.cfg.Population
	for k := range steps {
		children := (k+1)*size/steps - k*size/steps
		if s.filling {
			children = max(size-len(pop.Individuals), 1)
		}
		is.expand(pop, children)
		s.meeting.meet(len(s.st.islands), func() { s.more, s.failure = s.appraise() })
		if !s.more || s.failure != nil {
			return s.failure
		}
		is.reduce(pop)
		if s.filling {
			return nil
		}
	}
	return nil
}

// appraise evaluates the children of all islands; false when there were none.
func (s *search) appraise() (bool, error) {
	if s.admit() == 0 {
		return false, nil
	}
	s.progressed = true
	s.evaluate()
	return true, s.account()
}

// meeting lets goroutines wait for each other.
type meeting struct {
	mu      sync.Mutex
	arrived int
	gate    chan struct{}
}

// meet returns when n goroutines have called it and the last of them has done
// work.
func (m *meeting) meet(n int, work func()) {
	if n == 1 {
		work()
		return
	}
	m.mu.Lock()
	if m.gate == nil {
		m.gate = make(chan struct{})
	}
	gate := m.gate
	m.arrived++
	last := m.arrived == n
	if last {
		m.arrived, m.gate = 0, nil
	}
	m.mu.Unlock()
	if !last {
		<-gate
		return
	}
	work()
	close(gate)
}

// restartAfter is the number of generations without growth of the hypervolume
// after which the populations begin anew; the archive stays.
const restartAfter = 25

// restart empties the populations of evaluated members.
func (s *search) restart() {
	st := s.st
	st.restartedAt = st.p.Generation
	for i, is := range st.islands {
		is.age = 0
		pop := &st.pops[i]
		for _, ind := range pop.Individuals {
			if ind.Evaluated {
				is.spare = append(is.spare, ind.Genome.(*genome))
			}
		}
		pop.Individuals = slices.DeleteFunc(pop.Individuals, func(ind eaopt.Individual) bool { return ind.Evaluated })
	}
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
	if r.s.st.p.Generation == 0 || r.s.filling {
		return
	}
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
