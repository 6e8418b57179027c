package explore

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Progress is what a run knows of itself after a generation.
type Progress struct {
	Generation  int64
	Evaluations int64
	Duplicates  int64 // proposals that had been evaluated before
	Infeasible  int64 // evaluated designs that violate a constraint
	Front       int   // members of the archive
	Hypervolume float64
	Violation   float64   // least sum of violations so far; 0 once a design is feasible
	Best        []float64 // best feasible value of each objective; NaN before one
	Violated    []int64   // evaluated designs that violate each constraint
}

// Reason says why a run ended.
type Reason string

// The reasons.
const (
	BudgetSpent Reason = "budget"     // evaluations or generations
	Stagnated   Reason = "stagnation" //
	TargetMet   Reason = "target"     //
	SpaceDone   Reason = "space"      // every design was evaluated
	Stopped     Reason = "stopped"    // Config.Stop, or the context: the run can be resumed
)

// Result is the outcome of a run.
type Result struct {
	Progress
	Answer  []Solution // at most K members of the archive, of the largest hypervolume together
	Archive []Solution // every feasible non-dominated design met
	Least   *Solution  // the least infeasible design; nil once a design is feasible
	Reason  Reason
}

// Observer is told of each generation. State returns the checkpoint of the run
// as it stands; it is valid until the observer returns. An error ends the run.
type Observer func(p *Progress, state func() ([]byte, error)) error

// Run searches the space of a problem. A checkpoint continues an earlier run of
// the same problem and configuration; the result is that of an uninterrupted
// run. A cancelled context ends the run after the generation under way.
func Run(ctx context.Context, p Problem, c Config, checkpoint []byte, observe Observer) (*Result, error) {
	cfg, err := c.withDefaults(p)
	if err != nil {
		return nil, err
	}
	e := newEngine(p, &cfg)
	if checkpoint != nil {
		if err := e.restore(checkpoint); err != nil {
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
	}
	for {
		if reason, done := e.finished(ctx); done {
			return e.result(reason), nil
		}
		if err := e.generation(); err != nil {
			return nil, err
		}
		if observe != nil {
			if err := observe(&e.p, e.state); err != nil {
				return nil, err
			}
		}
	}
}

// finished tells whether a limit is met.
func (e *engine) finished(ctx context.Context) (Reason, bool) {
	b := &e.cfg.Budget
	switch {
	case b.Evaluations > 0 && e.p.Evaluations >= b.Evaluations,
		b.Generations > 0 && e.p.Generation >= b.Generations:
		return BudgetSpent, true
	case e.exhausted:
		return SpaceDone, true
	case b.Target > 0 && e.p.Hypervolume >= b.Target:
		return TargetMet, true
	case b.Stagnation > 0 && e.calm >= b.Stagnation:
		return Stagnated, true
	case ctx.Err() != nil, e.cfg.Stop != nil && e.p.Generation > 0 && e.cfg.Stop():
		return Stopped, true
	}
	return "", false
}

// stagnationGain is the relative growth of the hypervolume below which a
// generation counts as calm.
const stagnationGain = 1e-5

// note updates counters after the designs of a generation were archived.
func (e *engine) note() {
	e.p.Generation++
	e.archive.thin()
	e.p.Front = e.archive.count
	e.freezeBounds()
	before := e.p.Hypervolume
	if e.archive.count <= measuredAlways || e.p.Generation%measuredEvery == 0 {
		e.p.Hypervolume = e.hypervolume()
	}
	if e.p.Hypervolume > before*(1+stagnationGain) {
		e.calm = 0
	} else {
		e.calm++
	}
	lo, hi := make([]float64, e.m), make([]float64, e.m)
	e.archive.bounds(lo, hi)
	for j := range lo {
		if e.archive.count == 0 {
			lo[j] = math.NaN()
		}
		e.p.Best[j] = lo[j]
	}
}

// The hypervolume of an archive above measuredAlways members is computed only
// in every measuredEvery-th generation, so that it does not cost more than the
// search.
const (
	measuredAlways = 300
	measuredEvery  = 10
)

// boundsMembers is the number of archive members at which the bounds that
// normalise the hypervolume are fixed, when the caller gave none.
const boundsMembers = 10

func (e *engine) freezeBounds() {
	if e.ideal != nil || e.archive.count < boundsMembers {
		return
	}
	lo, hi := make([]float64, e.m), make([]float64, e.m)
	e.archive.bounds(lo, hi)
	for j := range lo {
		if !(hi[j] > lo[j]) {
			return
		}
	}
	e.ideal, e.nadir = lo, hi
}

// hypervolume is that of the archive, normalised, below 1.1 in every objective.
func (e *engine) hypervolume() float64 {
	if e.ideal == nil {
		return 0
	}
	e.scaled = e.scaled[:0]
	for _, s := range e.archive.slots() {
		e.scaled = e.normalise(e.scaled, e.archive.values(s))
	}
	return e.volume.Hypervolume(e.scaled, e.m, e.ref)
}

func (e *engine) normalise(out, f []float64) []float64 {
	for j, v := range f {
		out = append(out, (v-e.ideal[j])/(e.nadir[j]-e.ideal[j]))
	}
	return out
}

func (e *engine) result(reason Reason) *Result {
	e.p.Hypervolume = e.hypervolume()
	r := &Result{Progress: e.p, Reason: reason}
	r.Best, r.Violated = slices.Clone(e.p.Best), slices.Clone(e.p.Violated)
	slots := e.archive.slots()
	for _, s := range slots {
		r.Archive = append(r.Archive, Solution{
			X: slices.Clone(e.archive.point(s)), F: slices.Clone(e.archive.values(s)), G: slices.Clone(e.archive.constraints(s)),
		})
	}
	for _, i := range e.subset(slots, e.cfg.K) {
		r.Answer = append(r.Answer, r.Archive[i])
	}
	if len(slots) == 0 && e.least.X != nil {
		l := e.least
		r.Least = &l
	}
	return r
}
