package evolution

import (
	"cmp"
	"math"
	"slices"

	"github.com/MaxHalford/eaopt"

	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/explore/pareto"
	"stco/explore/selection"
	"stco/space"
)

// island is one population with what breeding and selection keep beside it.
type island struct {
	brd     *breeder
	size    int // members kept
	m, c    int
	rng     *stream.Generator
	src     *stream.Source
	spare   []*genome // genomes not in the population
	parents int       // members before breeding; children follow them
	sobol   *space.Sobol
	fresh   int64 // points of the Sobol sequence used
	age     int64 // generations since the population began
	progress
	begun int64 // populations begun so far
	niche niche // of this one

	// adaptive choice of operators
	share  [numOps]float64 // smoothed survivors per child
	tried  [numOps]int
	kept   [numOps]int
	bounds [numOps]float64 // cumulative probabilities

	duplicates int64 // children bred again because they were known

	seen     *seen.Cache // read while breeding
	bred     []space.Key
	selector selection.Selector

	sorter pareto.Sorter
	f      []float64
	ranks  []int
	rows   []int
	keep   []bool
	crowd  []float64
	unit   []float64 // one over the range of each objective among the parents
}

// take returns a spare genome.
func (is *island) take() *genome {
	if n := len(is.spare); n > 0 {
		g := is.spare[n-1]
		is.spare = is.spare[:n-1]
		return g
	}
	is.spare = newGenomes(max(is.size/2, 8), is.brd, is.m, is.c)
	return is.take()
}

// known tells whether a key was evaluated before or bred in this generation.
func (is *island) known(k space.Key) bool {
	return slices.Contains(is.bred, k) || is.seen.Has(k)
}

// admit decodes a child and appends it to the population unless its design is
// known.
func (is *island) admit(pop *eaopt.Population, g *genome) bool {
	if is.niche.confined {
		g.u[is.niche.axis] = is.niche.at
	}
	is.brd.space.Decode(g.u, g.x)
	g.key = is.brd.space.Key(g.x)
	if is.known(g.key) {
		return false
	}
	is.bred = append(is.bred, g.key)
	pop.Individuals = append(pop.Individuals, eaopt.Individual{Genome: g, Fitness: math.Inf(1)})
	return true
}

// attempts bounds how often a known child is bred again before a random design
// takes its place, and how many of those are tried.
const attempts = 8

// expand appends the children of one step. There are fewer when the space has
// hardly any unknown design left.
func (is *island) expand(pop *eaopt.Population, children int) {
	if len(pop.Individuals) < 4 {
		is.fill(pop, children)
		return
	}
	is.parents = len(pop.Individuals)
	is.bred = is.bred[:0]
	is.weigh()
	is.measure(pop)
	for len(is.bred) < children {
		if !is.breed(pop, children-len(is.bred)) && !is.scatter(pop, 1) {
			return
		}
	}
}

// fill appends designs that have no parents: members that are not evaluated, such
// as start designs, are none.
func (is *island) fill(pop *eaopt.Population, n int) {
	is.parents = len(pop.Individuals)
	is.bred = is.bred[:0]
	is.scatter(pop, n)
}

// scatter appends up to n designs of the Sobol sequence (random ones in too
// many dimensions or beyond its end); false when none was unknown.
func (is *island) scatter(pop *eaopt.Population, n int) bool {
	added := false
	for range n {
		g := is.take()
		g.op = opFresh
		ok := false
		for range 4 * attempts {
			if is.sobol != nil {
				is.sobol.At(uint64(is.fresh), g.u)
			} else {
				for i := range g.u {
					g.u[i] = pop.RNG.Float64()
				}
			}
			is.fresh++
			if ok = is.admit(pop, g); ok {
				break
			}
			is.duplicates++
		}
		if !ok {
			is.spare = append(is.spare, g)
			return added
		}
		added = true
	}
	return added
}

// breed appends one or two children of one operator; false when all attempts
// made known designs.
func (is *island) breed(pop *eaopt.Population, room int) bool {
	rng := pop.RNG
	c, d := is.take(), is.take()
	defer func() {
		if c != nil {
			is.spare = append(is.spare, c)
		}
		if d != nil {
			is.spare = append(is.spare, d)
		}
	}()
	for try := range attempts {
		op := is.draw(rng)
		pair := is.apply(pop, op, c, d)
		if try > 0 || op != opDifference && op != opLocal && op != opStep {
			is.brd.Mutate(c.u, rng)
			if pair {
				is.brd.Mutate(d.u, rng)
			}
		}
		c.op, d.op = op, op
		added := false
		if is.admit(pop, c) {
			c, added = nil, true
			is.try(op)
		} else {
			is.duplicates++
		}
		if pair && (room > 1 || !added) {
			if is.admit(pop, d) {
				d, added = nil, true
				is.try(op)
			} else {
				is.duplicates++
			}
		}
		if added {
			return true
		}
	}
	return false
}

func (is *island) try(op int) {
	if op < numOps {
		is.tried[op]++
	}
}

// apply writes the child or children of an operator; pair tells of two.
func (is *island) apply(pop *eaopt.Population, op int, c, d *genome) (pair bool) {
	rng := pop.RNG
	switch op {
	case opCross:
		p, q := is.tournament(pop, rng), is.tournament(pop, rng)
		is.brd.Cross(p.u, q.u, c.u, d.u, rng)
		return true
	case opMutate:
		copy(c.u, is.tournament(pop, rng).u)
		return false
	}
	base := is.tournament(pop, rng)
	if op == opStep {
		copy(c.u, base.u)
		is.brd.Step(c.u, rng)
		return false
	}
	if op == opLocal {
		q, r := is.neighbour(pop, base, rng), is.neighbour(pop, base, rng)
		scale := math.Exp(-2 * rng.Float64())
		if is.brd.Grids() && rng.Uint64()&1 == 0 {
			scale = 1
		}
		is.brd.Difference(base.u, base.u, q.u, r.u, c.u, scale, 0.9, rng)
		return false
	}
	p, q, r := is.member(pop, rng), is.member(pop, rng), is.member(pop, rng)
	share, scale := 0.1+0.2*rng.Float64(), 1.0
	if rng.Uint64()&1 == 0 {
		scale = 0.3 + 0.5*rng.Float64()
	}
	is.brd.Difference(base.u, p.u, q.u, r.u, c.u, scale, share, rng)
	return false
}

// neighbour returns the member that is nearest to base in objectives among
// three drawn; any of them when objectives are not numbers.
func (is *island) neighbour(pop *eaopt.Population, base *genome, rng *stream.Generator) *genome {
	best, least := base, math.Inf(1)
	for range 3 {
		g := is.member(pop, rng)
		if g == base {
			continue
		}
		d := 0.0
		for j, v := range g.f {
			d += sq((v - base.f[j]) * is.unit[j])
		}
		if d < least || best == base {
			best, least = g, d
		}
	}
	return best
}

func sq(v float64) float64 { return v * v }

// measure sets unit to one over the range of each objective in the population.
func (is *island) measure(pop *eaopt.Population) {
	is.unit = resize(is.unit, is.m)
	for j := range is.unit {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := range pop.Individuals[:is.parents] {
			v := pop.Individuals[i].Genome.(*genome).f[j]
			lo, hi = min(lo, v), max(hi, v)
		}
		is.unit[j] = 1
		if hi > lo && !math.IsInf(hi-lo, 0) {
			is.unit[j] = 1 / (hi - lo)
		}
	}
}

func (is *island) member(pop *eaopt.Population, rng *stream.Generator) *genome {
	return pop.Individuals[rng.Intn(is.parents)].Genome.(*genome)
}

// broadly is the number of generations in which a new population only crosses
// and mutates and takes members of equal rank as equals. Differential steps and
// a preference for the ends of the front make it converge before it has found
// the basin of the optimum: on WFG9 nine populations of ten end in the wrong one
// when they begin with them, three of ten when they do not.
const broadly = 15

// begins tells whether the population is in that phase, which is short where one
// objective leaves no front to spread over.
func (is *island) begins() bool {
	if is.m == 1 {
		return is.age < broadly/3
	}
	return is.age < broadly
}

// tournament returns the better of two members: by rank, then by crowding.
func (is *island) tournament(pop *eaopt.Population, rng *stream.Generator) *genome {
	a, b := is.member(pop, rng), is.member(pop, rng)
	if b.rank < a.rank || (b.rank == a.rank && !is.begins() && b.crowd > a.crowd) {
		return b
	}
	return a
}

// The least probability of an operator that is learnt, and the most of the
// local one and all of plain mutation: their children survive easily and go
// nowhere far, so that survival overrates them.
const (
	leastShare  = 0.05
	localShare  = 0.15
	mutateShare = 0.05
)

// weigh sets the probabilities of the operators from their shares of survivors.
func (is *island) weigh() {
	sum := 0.0
	for _, s := range is.share {
		sum += s
	}
	total, ops := 0.0, numOps
	if !is.brd.Grids() {
		ops--
	}
	for op, s := range is.share {
		if op == opStep && ops < numOps {
			is.bounds[op] = total
			continue
		}
		p := 1.0 / float64(ops)
		if sum > 0 {
			p = s / sum
		}
		p = leastShare + (1-mutateShare-float64(ops)*leastShare)*p
		if op == opLocal {
			p = min(p, localShare)
		}
		total += p
		is.bounds[op] = total
	}
}

// draw chooses an operator.
func (is *island) draw(rng *stream.Generator) int {
	if is.begins() {
		return opCross
	}
	r := rng.Float64() * (is.bounds[numOps-1] + mutateShare)
	for op, t := range is.bounds {
		if r < t {
			return op
		}
	}
	return opMutate
}

// learn updates the shares after selection. The counts begin anew: they are not
// part of the state.
func (is *island) learn() {
	const memory = 0.9
	for op := range is.share {
		if is.tried[op] > 0 {
			is.share[op] = memory*is.share[op] + (1-memory)*float64(is.kept[op])/float64(is.tried[op])
		}
		is.tried[op], is.kept[op] = 0, 0
	}
}

// reduce cuts a population back to its size. It ranks the feasible members by
// dominance and the others by violation behind them (the constraint domination
// of Deb 2000), keeps the best, and sets the fitness eaopt sorts by: rank +
// 1/(2 + crowding), of an infeasible member 10^6 + violation.
func (is *island) reduce(pop *eaopt.Population) {
	all := pop.Individuals
	is.f, is.rows = is.f[:0], is.rows[:0]
	for i := range all {
		if g := all[i].Genome.(*genome); g.violation == 0 {
			is.f = append(is.f, g.f...)
			is.rows = append(is.rows, i)
		}
	}
	n := len(is.rows)
	is.ranks = resize(is.ranks, n)
	is.keep, is.crowd = resize(is.keep, n), resize(is.crowd, n)
	keep, crowd := is.keep, is.crowd
	clear(keep)
	clear(crowd)
	fronts := 0
	if n > 0 {
		fronts = is.sorter.Ranks(is.f, is.m, is.ranks)
		is.selector.Select(selection.Pool{F: is.f, M: is.m, Ranks: is.ranks, Fronts: fronts}, min(is.size, n), keep, crowd, is.rng)
	}
	for k, i := range is.rows {
		g := all[i].Genome.(*genome)
		g.rank, g.crowd = is.ranks[k], crowd[k]
		all[i].Fitness = float64(g.rank) + 1/(2+g.crowd)
		if !keep[k] {
			all[i].Fitness = math.Inf(1)
		}
	}
	is.violators(all, fronts, is.size-n)
	kept := 0
	for i := range all {
		g := all[i].Genome.(*genome)
		if math.IsInf(all[i].Fitness, 1) {
			is.spare = append(is.spare, g)
			continue
		}
		if i >= is.parents && g.op < numOps {
			is.kept[g.op]++
		}
		all[kept] = all[i]
		kept++
	}
	clear(all[kept:])
	pop.Individuals = all[:kept]
	is.learn()
}

// violators keeps the room least infeasible members, those of equal violation
// by their place, and ranks them behind the fronts.
func (is *island) violators(all eaopt.Individuals, fronts, room int) {
	if len(is.rows) == len(all) {
		return
	}
	is.ranks = is.ranks[:0]
	for i := range all {
		if g := all[i].Genome.(*genome); g.violation != 0 {
			all[i].Fitness = math.Inf(1)
			is.ranks = append(is.ranks, i)
		}
	}
	if room <= 0 {
		return
	}
	sortBy(is.ranks, func(i int) float64 { return all[i].Genome.(*genome).violation })
	for k, i := range is.ranks[:min(room, len(is.ranks))] {
		g := all[i].Genome.(*genome)
		g.rank, g.crowd = fronts+k, 0
		all[i].Fitness = min(1e6+g.violation, math.MaxFloat64)
	}
}

// resize returns s with n elements of unspecified value.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// sortBy orders indices by a value, stably.
func sortBy(rows []int, value func(int) float64) {
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
}
