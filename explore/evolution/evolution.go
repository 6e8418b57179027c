// Package evolution breeds populations on islands. The populations are those of
// github.com/MaxHalford/eaopt, and its GA.Minimize drives them: its generations,
// a Model that breeds and selects, a Migrator, the scalar fitness it sorts by
// (rank + 1/(2 + crowding)), its EarlyStop and its Callback, which puts the
// populations of a checkpoint in the place of those that Minimize makes. What of
// it cannot serve, and why:
//   - its selectors, crossover and mutations: SelTournament sorts for every pick
//     and returns wrong indexes, and none knows a rank or a grid;
//   - its hall of fame and the models that come with it: they know one objective,
//     where an archive of what is not dominated is needed;
//   - Individuals.Evaluate(true): it divides by GOMAXPROCS, knows no worker with
//     memory of its own, and evaluates a design twice that two islands bred;
//   - MigRing: it swaps members by place, and its ring is open;
//   - its random numbers: generators that a checkpoint would have to carry, where a
//     stream from (key, seed, island, generation) needs nothing.
package evolution

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/MaxHalford/eaopt"

	"stco/explore/internal/evaluation"
	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/explore/selection"
	"stco/explore/variation"
	"stco/space"
)

// Ledger is what keeps the account of a search: its budget, counters and archive.
type Ledger interface {
	// Room returns how many evaluations of the budget are left.
	Room() int64
	// Repeat counts proposals that had been evaluated before, and were not again.
	Repeat(n int64)
	// Count records an evaluated design; an error ends the search.
	Count(x, f, g []float64, violation float64, key space.Key) error
}

// Setup says what is bred.
type Setup struct {
	Space                   *space.Space
	Objectives, Constraints int
	Islands                 int
	Size                    int   // members of an island
	MigrationEvery          int64 // generations between two exchanges of members
	Selector                func() selection.Selector
	Root                    stream.Root
	Known                   *seen.Cache // designs that are not evaluated again
	Start                   [][]float64 // designs that the first generation begins with
	Workers                 []evaluation.Worker
	Ledger                  Ledger
}

// Archipelago is a number of islands, each with a population of its own, that
// exchange members now and then.
type Archipelago struct {
	Setup
	brd     *breeder
	islands []*island
	pops    eaopt.Populations
	next    func() (error, bool) // does one generation
	close   func()

	// of the generation under way
	number     int64
	filling    bool      // the populations are filled, not bred
	stage      []*genome // children to evaluate, in order
	meeting    meeting   // of the islands, between breeding and selection
	progressed bool      // a design was evaluated
	cut        bool      // the budget ended the generation before its end
	more       bool      // in the last step
	failure    error     // of the last step
}

// New returns islands without members.
func New(u Setup) *Archipelago {
	a := &Archipelago{Setup: u, brd: &breeder{variation.New(u.Space), u.Space}}
	for i := range u.Islands {
		src := &stream.Source{}
		is := &island{brd: a.brd, size: u.Size, m: u.Objectives, c: u.Constraints, src: src, rng: stream.New(src), seen: u.Known, selector: u.Selector()}
		if u.Space.Dim() <= space.MaxSobolDim {
			first := &stream.Source{}
			first.At(u.Root, i, -1)
			is.sobol, _ = space.NewSobol(u.Space.Dim(), first.Uint64) // the dimension was checked
		}
		a.islands = append(a.islands, is)
		a.pops = append(a.pops, eaopt.Population{ID: strconv.Itoa(i), RNG: is.rng})
	}
	a.next, a.close = iter.Pull(a.generations())
	return a
}

// Close ends the archipelago; it must be called.
func (a *Archipelago) Close() { a.close() }

// Generation does the generation of a number. Anew tells that the populations
// are given up and filled with new designs. It returns whether a design was
// evaluated, and whether the budget ended the generation before its end.
func (a *Archipelago) Generation(number int64, anew bool) (progressed, cut bool, err error) {
	a.number, a.filling = number, anew
	err, _ = a.next()
	return a.progressed, a.cut, err
}

// generations returns the generations of the populations one by one, as
// eaopt's GA.Minimize drives them. The GA's first callback, after it has made
// populations of its own, puts those of the islands in their place.
func (a *Archipelago) generations() iter.Seq[error] {
	return func(yield func(error) bool) {
		over, begun := false, false
		ga, err := eaopt.GAConfig{
			NPops: uint(a.Islands), PopSize: 1, HofSize: 1, NGenerations: math.MaxUint,
			Model: evolution{a}, Migrator: ring{a}, MigFrequency: uint(a.MigrationEvery),
			RNG: stream.New(&stream.Source{}), // not used: every population has its own stream
			EarlyStop: func(*eaopt.GA) bool {
				if !over {
					a.begin()
				}
				return over
			},
			Callback: func(ga *eaopt.GA) {
				if !begun {
					begun = true
					ga.Populations, ga.Generations = a.pops, uint(a.number)
					return
				}
				for i, is := range a.islands {
					if is.age++; is.due() {
						is.look(front(a.pops[i]))
					}
				}
				over = !yield(nil)
			},
		}.NewGA()
		if err == nil {
			err = ga.Minimize(func(*stream.Generator) eaopt.Genome { return &placeholder{} })
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
func (*placeholder) Mutate(*stream.Generator) {}

// Crossover does nothing.
func (*placeholder) Crossover(eaopt.Genome, *stream.Generator) {}

// Clone returns the placeholder.
func (p *placeholder) Clone() eaopt.Genome { return p }

// steps is the number of times a generation breeds and selects: children soon
// become parents, and there are still enough at once to share among workers.
const steps = 4

// begin prepares a generation: random streams, start designs, populations that
// begin anew.
func (a *Archipelago) begin() {
	for i, is := range a.islands {
		is.src.At(a.Root, i, a.number)
	}
	a.progressed = false
	if a.number == 0 {
		a.plant()
	}
	if a.filling {
		a.empty()
	}
}

// evolution is the eaopt.Model of a generation: every island breeds as many
// children as it has members and selects, in steps. All islands do so at once;
// between breeding and selection they meet, and the last to arrive evaluates the
// children of all.
type evolution struct{ a *Archipelago }

// Validate reports a model without islands.
func (e evolution) Validate() error {
	if e.a == nil || len(e.a.islands) == 0 {
		return errors.New("evolution needs islands")
	}
	return nil
}

// Apply does one generation of one island.
func (e evolution) Apply(pop *eaopt.Population) error {
	a := e.a
	i, err := strconv.Atoi(pop.ID)
	if err != nil {
		return err
	}
	is := a.islands[i]
	for k := range steps {
		if a.filling {
			is.fill(pop, max(a.Size-len(pop.Individuals), 1))
		} else {
			is.expand(pop, (k+1)*a.Size/steps-k*a.Size/steps)
		}
		a.meeting.meet(len(a.islands), func() { a.more, a.failure = a.appraise() })
		if !a.more || a.failure != nil {
			return a.failure
		}
		is.reduce(pop)
		if a.filling {
			return nil
		}
	}
	return nil
}

// appraise evaluates the children of all islands; false when there were none.
func (a *Archipelago) appraise() (bool, error) {
	if a.admit() == 0 {
		return false, nil
	}
	a.progressed = true
	a.evaluate()
	for _, g := range a.stage {
		if err := a.Ledger.Count(g.x, g.f, g.g, g.violation, g.key); err != nil {
			return true, err
		}
	}
	return true, nil
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

// empty takes the evaluated members out of the populations.
func (a *Archipelago) empty() {
	for i, is := range a.islands {
		is.begin()
		pop := &a.pops[i]
		for _, ind := range pop.Individuals {
			if ind.Evaluated {
				is.spare = append(is.spare, ind.Genome.(*genome))
			}
		}
		pop.Individuals = slices.DeleteFunc(pop.Individuals, func(ind eaopt.Individual) bool { return ind.Evaluated })
	}
}

// front returns the objectives of the feasible members that none dominates; of one
// objective the least.
func front(pop eaopt.Population) (f []float64) {
	for _, ind := range pop.Individuals {
		if g := ind.Genome.(*genome); g.violation == 0 && g.rank == 0 {
			f = append(f, g.f...)
		}
	}
	return f
}

// plant gives the start designs to the islands in turn, as members that are not
// evaluated yet.
func (a *Archipelago) plant() {
	for k, x := range a.Start {
		i := k % len(a.islands)
		is := a.islands[i]
		g := is.take()
		a.Space.Encode(x, g.u)
		copy(g.x, x)
		g.key, g.op = a.Space.Key(x), opFresh
		pop := &a.pops[i]
		pop.Individuals = append(pop.Individuals, eaopt.Individual{Genome: g, Fitness: math.Inf(1)})
	}
}

// admit collects the children of all islands in order, drops designs that an
// earlier island bred too and those beyond the budget, and returns their number.
func (a *Archipelago) admit() int {
	room := a.Ledger.Room()
	a.stage = a.stage[:0]
	for i, is := range a.islands {
		repeated := is.duplicates
		is.duplicates = 0
		pop := &a.pops[i]
		kept := 0
		for k, ind := range pop.Individuals {
			if ind.Evaluated {
				pop.Individuals[kept] = ind
				kept++
				continue
			}
			g := ind.Genome.(*genome)
			switch {
			case int64(len(a.stage)) >= room:
				a.cut = true
				is.spare = append(is.spare, g)
			case a.Known.Has(g.key):
				repeated++
				is.spare = append(is.spare, g)
			default:
				a.Known.Add(g.key)
				a.stage = append(a.stage, g)
				pop.Individuals[kept] = pop.Individuals[k]
				kept++
			}
		}
		clear(pop.Individuals[kept:])
		pop.Individuals = pop.Individuals[:kept]
		a.Ledger.Repeat(repeated)
	}
	return len(a.stage)
}

// evaluate computes the children on the workers.
func (a *Archipelago) evaluate() {
	type span struct{ pop, lo, hi int }
	var spans []span
	size := max(1, len(a.stage)/(4*len(a.Workers)))
	for i := range a.pops {
		n := len(a.pops[i].Individuals)
		lo := n
		for lo > 0 && !a.pops[i].Individuals[lo-1].Evaluated {
			lo--
		}
		for ; lo < n; lo += size {
			spans = append(spans, span{i, lo, min(lo+size, n)})
		}
	}
	var next atomic.Int64
	evaluation.Parallel(len(a.Workers), func(w int) {
		for {
			k := int(next.Add(1)) - 1
			if k >= len(spans) {
				return
			}
			part := a.pops[spans[k].pop].Individuals[spans[k].lo:spans[k].hi]
			for i := range part {
				part[i].Genome.(*genome).evaluator = a.Workers[w]
			}
			part.Evaluate(false) //nolint:errcheck // genome.Evaluate returns no error
		}
	})
}

// ring is the eaopt.Migrator that copies the best members of every island over
// the worst of the next.
type ring struct{ a *Archipelago }

// Validate reports nothing: every ring is valid.
func (r ring) Validate() error { return nil }

// Apply exchanges a tenth of each population. Members are taken in the order
// of fitness, so the generator is not used.
func (r ring) Apply(pops eaopt.Populations, _ *stream.Generator) {
	if r.a.number == 0 || r.a.filling {
		return
	}
	for i := range pops {
		pops[i].Individuals.SortByFitness()
	}
	n := max(1, r.a.Size/10)
	var travellers [][]eaopt.Individual
	for i := range pops {
		travellers = append(travellers, pops[i].Individuals[:min(n, len(pops[i].Individuals)/2)].Clone(r.a.islands[i].rng))
	}
	for i := range pops {
		to := pops[(i+1)%len(pops)].Individuals
		for k, t := range travellers[i] {
			to[len(to)-1-k].Genome.(*genome).copyFrom(t.Genome.(*genome))
			to[len(to)-1-k].Fitness = t.Fitness
		}
	}
}
