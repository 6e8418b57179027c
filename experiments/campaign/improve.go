package campaign

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/experiments/answer"
	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/objectives"
	"stco/space"
)

// A search of at least improvedFrom designs ends with local searches. They have
// a part of its evaluations, at most improvedMost: so many bring them to rest.
const (
	improvedFrom = 20000
	improvedPart = 0.4
	improvedMost = 80000
	rounds       = 2
)

// closing is the number of evaluations of the local searches that end a search.
func (c *Campaign) closing() int64 {
	q := &c.Study.Search
	switch q.Algorithm {
	case explore.Grid, explore.Random, explore.Sobol:
		return 0 // the ground truth, and what searches are measured by
	default:
	}
	if q.Evaluations < improvedFrom || c.goals().product == nil {
		return 0
	}
	return int64(min(improvedPart*float64(q.Evaluations), improvedMost))
}

// goals are the objectives that a ladder judges designs by, as their numbers.
type goals struct {
	product []int // energy and latency, or the energy-delay product; nil: the search does not look for it
	area    int   // -1: no objective
}

func (c *Campaign) goals() goals {
	by := c.judged()
	at := func(name string) int {
		return slices.IndexFunc(c.Problem.Objectives, func(m objectives.Metric) bool { return m.Name == name })
	}
	f := goals{area: at("area")}
	if edp := at(c.Study.Figure("edp")); edp >= 0 {
		f.product = []int{edp}
	} else if energy, latency := at(by.Energy), at(by.Latency); energy >= 0 && latency >= 0 {
		f.product = []int{energy, latency}
	}
	return f
}

// edp is the energy-delay product of a design by its objectives.
func (c *Campaign) edp(of goals, f []float64) float64 {
	v := 1.0
	for _, k := range of.product {
		v *= c.Problem.Objective(k, f[k])
	}
	return v
}

// over is by how much a design exceeds an area budget, mm^2, as a constraint.
func (c *Campaign) over(of goals, f []float64, budget float64) float64 {
	if of.area < 0 {
		return 0
	}
	return c.Problem.Objective(of.area, f[of.area])/budget - 1
}

// areaBudget is an area budget, mm^2, of a stratum with the design of least
// energy-delay product within it.
type areaBudget struct {
	stratum int
	budget  float64
	best    *explore.Solution
}

// areaBudgets are those of the ladder at which the best design of a stratum changes.
func (c *Campaign) areaBudgets(r *explore.Stratified) []areaBudget {
	of := c.goals()
	budgets := []float64{math.Inf(1)}
	if of.area >= 0 {
		least, most := math.Inf(1), 0.0
		for _, q := range r.Strata {
			for k := range q.Archive {
				a := c.Problem.Objective(of.area, q.Archive[k].F[of.area])
				least, most = min(least, a), max(most, a)
			}
		}
		budgets = answer.Budgets(least, most)
	}
	var out []areaBudget
	for i, q := range r.Strata {
		if c.strata[i].Enumerate {
			continue
		}
		var last *explore.Solution
		for _, budget := range budgets {
			best := c.least(q.Archive, budget, nil)
			if best != last {
				out = append(out, areaBudget{i, budget, best})
			}
			last = best
		}
	}
	return out
}

// least is the design of least energy-delay product within an area budget, of
// those that are kept; nil where there is none.
func (c *Campaign) least(all []explore.Solution, budget float64, keep func(x []float64) bool) *explore.Solution {
	of := c.goals()
	var best *explore.Solution
	for k := range all {
		s := &all[k]
		if c.over(of, s.F, budget) <= 0 && (keep == nil || keep(s.X)) && (best == nil || c.edp(of, s.F) < c.edp(of, best.F)) {
			best = s
		}
	}
	return best
}

// errand is a local search: from a point to less energy-delay product within an
// area, in a part of the space of a stratum.
type errand struct {
	areaBudget
	from []float64
	in   *space.Space
	name string // of the part; "" is the whole
	pool [][]float64
}

// fixed is a space with one value of a parameter.
func fixed(sp *space.Space, at int, v float64) (*space.Space, error) {
	all := make([]space.Parameter, sp.Dim())
	for k := range all {
		all[k] = sp.Parameter(k)
	}
	p := &all[at]
	if p.Kind == space.Choice {
		p.Values = []float64{v}
	} else {
		*p = space.Parameter{Name: p.Name, Unit: p.Unit, Factor: p.Factor, Kind: p.Kind, Midpoints: p.Midpoints, Min: v, Max: v}
	}
	return space.New(all...)
}

// improve ends a search with local searches from the best designs of its ladder:
// a search of a front spreads its evaluations along it, and the designs that a
// verdict names deserve more. First every code of a technology is tried at every
// area budget, with the next larger capacity too, and the cells found are tried at the
// other area budgets; then each area budget goes on from the best that came out. It is no part of
// the state that a checkpoint holds: a larger budget goes on from the search.
func (c *Campaign) improve(ctx context.Context, r *explore.Stratified, seed uint64) error {
	evaluations := min(c.closing(), r.Evaluations) // a search may come to rest early
	if evaluations == 0 {
		return nil
	}
	areaBudgets := c.areaBudgets(r)
	if len(areaBudgets) == 0 {
		return nil
	}
	c.phase("improving the best design within each area")
	w := &workshop{Campaign: c, seed: seed, more: make([][]explore.Solution, len(r.Strata)), effort: explore.Effort{Violated: make([]int64, c.Problem.NumConstraints())}}
	pools := c.pools(r)
	tries, err := c.tries(areaBudgets, r, pools)
	if err != nil {
		return err
	}
	for round := range int64(rounds) {
		for k := range tries {
			if round > 0 {
				tries[k].name += "again "
				tries[k].from = w.start(tries[k].areaBudget, tries[k].from, tries[k].in, evaluations)
			}
		}
		if err := w.run(ctx, tries, evaluations*(round+1)/(2*rounds)-w.effort.Evaluations); err != nil {
			return err
		}
	}
	if err := w.run(ctx, w.last(areaBudgets, pools, evaluations), evaluations-w.effort.Evaluations); err != nil {
		return err
	}
	r.Add(w.more, w.effort)
	return nil
}

// pools are, for each stratum, the points of the archives of its technology: what
// one code has not found of the ridges between limits another may have.
func (c *Campaign) pools(r *explore.Stratified) [][][]float64 {
	out := make([][][]float64, len(r.Strata))
	for i := range r.Strata {
		for j, q := range r.Strata {
			if !related(&c.strata[i], &c.strata[j]) {
				continue
			}
			for k := range q.Archive {
				out[i] = append(out[i], q.Archive[k].X)
			}
		}
	}
	return out
}

// tries are the first errands of the area budgets.
func (c *Campaign) tries(areaBudgets []areaBudget, r *explore.Stratified, pools [][][]float64) ([]errand, error) {
	var out []errand
	for _, g := range areaBudgets {
		out = append(out, errand{g, g.best.X, c.strata[g.stratum].Problem.Decoder.Space, "", pools[g.stratum]})
		more, err := c.larger(g, r.Strata[g.stratum].Archive, pools[g.stratum])
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// last are the errands of the best code of each technology within each budget.
func (w *workshop) last(areaBudgets []areaBudget, pools [][][]float64, evaluations int64) []errand {
	of := w.goals()
	type place struct {
		first  int // stratum of the technology
		budget float64
	}
	best, least := map[place]areaBudget{}, map[place]float64{}
	var order []place
	for _, g := range areaBudgets {
		at := place{slices.IndexFunc(w.strata, func(q study.Stratum) bool { return related(&q, &w.strata[g.stratum]) }), g.budget}
		v := w.edp(of, w.least(w.known(g), g.budget, nil).F)
		old, ok := least[at]
		if !ok {
			order = append(order, at)
		}
		if !ok || v < old {
			best[at], least[at] = g, v
		}
	}
	var out []errand
	for _, at := range order {
		g := best[at]
		sp := w.strata[g.stratum].Problem.Decoder.Space
		out = append(out, errand{g, w.start(g, g.best.X, sp, evaluations), sp, "at last", pools[g.stratum]})
	}
	return out
}

// known are the best design of an area budget and all that was found in its stratum since.
func (w *workshop) known(g areaBudget) []explore.Solution {
	return append([]explore.Solution{*g.best}, w.more[g.stratum]...)
}

// larger are the errands with the next larger capacity: from the design of that
// capacity that exceeds the budget least.
func (c *Campaign) larger(g areaBudget, archive []explore.Solution, pool [][]float64) ([]errand, error) {
	sp, of := c.strata[g.stratum].Problem.Decoder.Space, c.goals()
	i, err := sp.Index("capacity")
	if err != nil || sp.GridSize(i) == 0 {
		return nil, nil //nolint:nilerr // it is fixed
	}
	next := math.Inf(1)
	for k := range archive {
		if v := archive[k].X[i]; v > g.best.X[i] {
			next = min(next, v)
		}
	}
	var from *explore.Solution
	for k := range archive {
		s := &archive[k]
		if s.X[i] == next && (from == nil || c.over(of, s.F, g.budget) < c.over(of, from.F, g.budget)) {
			from = s
		}
	}
	if from == nil {
		return nil, nil
	}
	part, err := fixed(sp, i, next)
	return []errand{{g, from.X, part, "larger", pool}}, err
}

// workshop is what local searches share.
type workshop struct {
	*Campaign
	seed   uint64
	more   [][]explore.Solution // found, by stratum
	effort explore.Effort
}

// run does errands that have so many evaluations together.
func (w *workshop) run(ctx context.Context, todo []errand, evaluations int64) error {
	n := int64(len(todo))
	found, counts := make([]explore.Solution, n), make([]counter, n)
	w.each(len(todo), func(k int) {
		share := evaluations*int64(k+1)/n - evaluations*int64(k)/n
		if ctx.Err() != nil || share < 1 {
			return
		}
		found[k] = w.descend(&todo[k], share-1, &counts[k])
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for k := range todo {
		if s := &found[k]; s.X != nil && s.Violation == 0 {
			w.more[todo[k].stratum] = append(w.more[todo[k].stratum], *s)
		}
		w.count(&counts[k])
	}
	return nil
}

func (w *workshop) count(n *counter) {
	w.effort.Evaluations += n.evaluations
	w.effort.Infeasible += n.infeasible
	for i, v := range n.violated {
		w.effort.Violated[i] += v
	}
}

// start is where a search goes on: at the best that is known in a part of the space,
// or at that buffer with the cell of another.
func (w *workshop) start(g areaBudget, from []float64, in *space.Space, evaluations int64) []float64 {
	all, of := w.known(g), w.goals()
	least := math.Inf(1)
	if best := w.least(all, g.budget, func(x []float64) bool { return in.Check(x) == nil }); best != nil {
		from, least = best.X, w.edp(of, best.F)
	}
	var n counter
	p := w.confined(&errand{areaBudget: g, in: in}, &n)
	e := p.NewEvaluator()
	f, limits := make([]float64, p.NumObjectives()), make([]float64, p.NumConstraints())
	own := from
	for i := range all {
		if w.effort.Evaluations+n.evaluations >= evaluations {
			break
		}
		x := w.withCell(g.stratum, own, all[i].X)
		if slices.Equal(x, own) {
			continue
		}
		if e.Evaluate(x, f, limits); slices.ContainsFunc(limits, func(v float64) bool { return !(v <= 0) }) {
			continue
		}
		if v := w.edp(of, f); v < least {
			from, least = x, v
		}
	}
	w.count(&n)
	return from
}

// withCell is a point with the knobs of the cell of another.
func (c *Campaign) withCell(stratum int, x, cell []float64) []float64 {
	out := slices.Clone(x)
	sp := c.strata[stratum].Problem.Decoder.Space
	knobs := c.Model.Catalog.Knobs()
	for k := range knobs {
		if i, err := sp.Index(knobs[k].Name); err == nil && knobs[k].Group == model.BitcellGroup {
			out[i] = cell[i]
		}
	}
	return out
}

// descend does an errand.
func (w *workshop) descend(e *errand, evaluations int64, n *counter) explore.Solution {
	of := w.goals()
	key := fmt.Appendf(nil, "%s/%s/within/%g/%s", w.Study.ProblemHash(), w.strata[e.stratum].Name, e.budget, e.name)
	d := explore.Descent{Evaluations: evaluations, Seed: w.seed, Key: key, Pool: e.pool}
	s := explore.Descend(w.confined(e, n), e.from, d, func(f []float64) float64 { return w.edp(of, f) })
	s.G = s.G[:len(s.G)-1]
	return s
}

// confined is the problem of an errand.
func (c *Campaign) confined(e *errand, n *counter) confined {
	of := c.goals()
	p := explore.Within(study.Searched(c.strata[e.stratum].Problem), e.in)
	n.violated = make([]int64, p.NumConstraints())
	return confined{p, n, func(f []float64) float64 { return c.over(of, f, e.budget) }}
}

// confined is a problem with one more constraint, of its objectives, whose
// evaluations are counted; for one goroutine.
type confined struct {
	explore.Problem
	count *counter
	limit func(f []float64) float64
}

// counter counts designs evaluated and limits missed.
type counter struct {
	evaluations, infeasible int64
	violated                []int64
}

// NumConstraints is one more.
func (p confined) NumConstraints() int { return p.Problem.NumConstraints() + 1 }

// NewEvaluator returns one that counts.
func (p confined) NewEvaluator() explore.Evaluator {
	return confinedEvaluator{p.Problem.NewEvaluator(), p}
}

type confinedEvaluator struct {
	of explore.Evaluator
	in confined
}

// Evaluate computes a design and what it exceeds the limit by.
func (e confinedEvaluator) Evaluate(x, f, g []float64) {
	n := len(g) - 1
	e.of.Evaluate(x, f, g[:n])
	g[n] = e.in.limit(f)
	c := e.in.count
	c.evaluations++
	missed := slices.ContainsFunc(f, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	for i, v := range g[:n] {
		if !(v <= 0) {
			c.violated[i]++
			missed = true
		}
	}
	if missed {
		c.infeasible++
	}
}
