package explore

import (
	"math"
	"slices"

	"github.com/MaxHalford/eaopt"

	"stco/explore/pareto"
)

// infeasibleFitness offsets the scalar fitness of infeasible designs, which are
// ordered by violation behind every feasible one (Deb 2000).
const infeasibleFitness = 1e6

// survive returns the next population of an island, sorted by fitness: rank of
// the non-dominated front plus 1/(2 + density), so that a smaller value is
// better, as eaopt sorts.
func (m *island) survive(all eaopt.Individuals) eaopt.Individuals {
	e := m.e
	var feasible, infeasible []*genome
	for i := range all {
		if g := all[i].Genome.(*genome); g.violation > 0 {
			infeasible = append(infeasible, g)
		} else {
			feasible = append(feasible, g)
		}
	}
	size := min(e.cfg.Population, len(all))
	chosen := e.fronts(feasible, size)
	slices.SortStableFunc(infeasible, func(a, b *genome) int { return order(a.violation, b.violation) })
	for _, g := range infeasible[:min(len(infeasible), size-len(chosen))] {
		g.rank, g.crowd = math.MaxInt32, 0
		chosen = append(chosen, g)
	}
	out := make(eaopt.Individuals, len(chosen))
	p := e.pools[m.index]
	for op := range p.credit {
		p.credit[op] *= fading
	}
	for i, g := range chosen {
		fit := float64(g.rank) + 1/(2+g.crowd)
		if g.violation > 0 {
			fit = infeasibleFitness + g.violation
		}
		if g.op < numOps {
			p.credit[g.op]++
			g.op = opFresh // credited once
		}
		out[i] = eaopt.Individual{Genome: g, Fitness: fit, Evaluated: true}
	}
	slices.SortStableFunc(out, func(a, b eaopt.Individual) int { return order(a.Fitness, b.Fitness) })
	return out
}

func order(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// fronts fills size places front by front; the front that does not fit whole is
// cut by the algorithm's measure of density.
func (e *engine) fronts(all []*genome, size int) []*genome {
	if len(all) == 0 {
		return nil
	}
	f := make([]float64, 0, len(all)*e.m)
	for _, g := range all {
		f = append(f, g.f...)
	}
	rank := make([]int, len(all))
	var sorter pareto.Sorter
	count := sorter.Ranks(f, e.m, rank)
	front := make([][]*genome, count)
	for i, g := range all {
		g.rank = rank[i]
		front[rank[i]] = append(front[rank[i]], g)
	}
	var chosen []*genome
	for _, fr := range front {
		if len(chosen) >= size {
			break
		}
		e.density(&sorter, fr)
		if room := size - len(chosen); len(fr) > room {
			switch e.cfg.Algorithm {
			case SMSEMOA:
				fr = e.cutByVolume(fr, room)
			case NSGA3:
				fr = e.cutByDirections(chosen, fr, room)
			default:
				slices.SortStableFunc(fr, func(a, b *genome) int { return order(b.crowd, a.crowd) })
				fr = fr[:room]
			}
		}
		chosen = append(chosen, fr...)
	}
	return chosen
}

// density sets the crowding distance of a front.
func (e *engine) density(s *pareto.Sorter, fr []*genome) {
	f := make([]float64, 0, len(fr)*e.m)
	for _, g := range fr {
		f = append(f, g.f...)
	}
	d := make([]float64, len(fr))
	s.Crowding(f, e.m, d)
	for i, g := range fr {
		g.crowd = d[i]
	}
}

// scaledFront returns the objectives of a front between its least and largest
// values.
func scaledFront(fr []*genome, m int) []float64 {
	lo, hi := make([]float64, m), make([]float64, m)
	for j := range m {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
		for _, g := range fr {
			lo[j], hi[j] = min(lo[j], g.f[j]), max(hi[j], g.f[j])
		}
	}
	out := make([]float64, 0, len(fr)*m)
	for _, g := range fr {
		for j := range m {
			if hi[j] > lo[j] {
				out = append(out, (g.f[j]-lo[j])/(hi[j]-lo[j]))
			} else {
				out = append(out, 0)
			}
		}
	}
	return out
}

// cutByVolume keeps room members of a front by dropping, one after another,
// the one whose loss costs the least hypervolume (Beume et al. 2007). The cost
// only grows as others leave, so a stale least is recomputed before it counts.
func (e *engine) cutByVolume(fr []*genome, room int) []*genome {
	m := e.m
	points := scaledFront(fr, m)
	alive := make([]bool, len(fr))
	for i := range alive {
		alive[i] = true
	}
	cost := make([]float64, len(fr))
	stamp := make([]int, len(fr))
	var limited []float64
	exclusive := func(i int) float64 {
		p := points[i*m : (i+1)*m]
		limited = limited[:0]
		for k := range fr {
			if k == i || !alive[k] {
				continue
			}
			for j := range p {
				limited = append(limited, max(points[k*m+j], p[j]))
			}
		}
		return e.volume.Hypervolume(p, m, e.ref) - e.volume.Hypervolume(limited, m, e.ref)
	}
	for i := range fr {
		cost[i] = exclusive(i)
	}
	for gone := 0; len(fr)-gone > room; {
		least := -1
		for i := range fr {
			if alive[i] && (least < 0 || cost[i] < cost[least]) {
				least = i
			}
		}
		if stamp[least] < gone {
			cost[least], stamp[least] = exclusive(least), gone
			continue
		}
		alive[least] = false
		gone++
	}
	var kept []*genome
	for i, g := range fr {
		if alive[i] {
			g.crowd = cost[i]
			kept = append(kept, g)
		}
	}
	return kept
}

// directions returns the reference directions of NSGA-III: the simplex lattice
// with the most points within n, with an inner layer where the lattice has no
// inner points (Das and Dennis 1998; Deb and Jain 2014).
func directions(m, n int) [][]float64 {
	lattice := func(divisions int, shrink float64) (out [][]float64) {
		var fill func(row []float64, left int)
		fill = func(row []float64, left int) {
			if len(row) == m-1 {
				row = append(slices.Clone(row), float64(left)/float64(divisions))
				for j := range row {
					row[j] = shrink*row[j] + (1-shrink)/float64(m)
				}
				out = append(out, row)
				return
			}
			for v := 0; v <= left; v++ {
				fill(append(slices.Clone(row), float64(v)/float64(divisions)), left-v)
			}
		}
		fill(nil, divisions)
		return out
	}
	best := lattice(1, 1)
	for d := 2; ; d++ {
		next := lattice(d, 1)
		if d < m {
			next = append(next, lattice(max(1, d-1), 0.5)...)
		}
		if len(next) > n {
			return best
		}
		best = next
	}
}

// cutByDirections keeps room members of the last front by niche counts along
// reference directions (Deb and Jain 2014), objectives scaled between the
// ideal and the worst of what is kept.
func (e *engine) cutByDirections(kept, last []*genome, room int) []*genome {
	if e.directions == nil {
		e.directions = directions(e.m, e.cfg.Population)
	}
	all := append(slices.Clone(kept), last...)
	points := scaledFront(all, e.m)
	niche, distance := make([]int, len(all)), make([]float64, len(all))
	for i := range all {
		niche[i], distance[i] = nearest(points[i*e.m:(i+1)*e.m], e.directions)
	}
	count := make([]int, len(e.directions))
	for i := range kept {
		count[niche[i]]++
	}
	taken := make([]bool, len(last))
	var out []*genome
	for len(out) < room {
		// The emptiest niche that the last front can fill, and its nearest member.
		best := -1
		for i := range last {
			if taken[i] {
				continue
			}
			a := len(kept) + i
			if best < 0 {
				best = i
				continue
			}
			b := len(kept) + best
			if count[niche[a]] < count[niche[b]] || (count[niche[a]] == count[niche[b]] && distance[a] < distance[b]) {
				best = i
			}
		}
		taken[best] = true
		count[niche[len(kept)+best]]++
		out = append(out, last[best])
	}
	return out
}

// nearest returns the direction closest to a point and the distance to it.
func nearest(p []float64, dirs [][]float64) (at int, distance float64) {
	distance = math.Inf(1)
	norm := 0.0
	for _, v := range p {
		norm += v * v
	}
	for i, d := range dirs {
		dot, length := 0.0, 0.0
		for j, v := range d {
			dot += v * p[j]
			length += v * v
		}
		if q := max(0, norm-dot*dot/length); q < distance {
			at, distance = i, q
		}
	}
	return at, math.Sqrt(distance)
}
