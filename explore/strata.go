package explore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/explore/archive"
	"stco/explore/hypervolume"
	"stco/explore/internal/coding"
	"stco/space"
)

// Stratum is a part of the designs that is searched apart from the others, with
// a space, constraints, populations and an archive of its own, so that a part
// whose feasible designs are rare is not crowded out by one where they are not.
type Stratum struct {
	Name    string
	Problem Problem
	// Share is the part of the evaluations relative to the others; 0 is 1.
	Share float64
	// Enumerate evaluates every design of a finite space, before anything else:
	// its evaluations are counted in the budget and are no part of a share.
	Enumerate bool
	Start     [][]float64 // known designs, evaluated first
}

// StrataObserver is told of each generation of a stratum. State is as in
// Observer, of all strata.
type StrataObserver func(stratum int, p *Progress, state func() ([]byte, error)) error

// Place names an archived design of a stratum.
type Place struct{ Stratum, Index int }

// Stratified is the outcome of a search of strata.
type Stratified struct {
	Strata []*Result // of every stratum, with its own answer and archive
	// Front holds the members of the archives that no member of any archive
	// dominates, in ascending order of objectives; Answer at most K of them, of
	// a large hypervolume together.
	Front, Answer []Place
	// Ideal and Nadir are the bounds of Front: the frame of Hypervolume, whose
	// reference point is 1.1 in every coordinate.
	Ideal, Nadir []float64
	Hypervolume  float64
	Reason       Reason
}

// RunStrata searches strata in turns: the next generation is always that of the
// stratum with the fewest evaluations for its share. The budget is that of all
// strata together; Stagnation and Generations end each by itself, and the others
// go on. Config.Start is not used. Streams derive from Config.Key and Seed and
// the name of the stratum, so that a stratum's generations are those of any run
// that has it. As with Run, a checkpoint goes on with any larger budget.
func RunStrata(ctx context.Context, strata []Stratum, c Config, checkpoint []byte, observe StrataObserver) (*Stratified, error) {
	j, err := newJoint(strata, c, checkpoint)
	if err != nil {
		return nil, err
	}
	defer j.close()
	for {
		at, reason := j.next(ctx)
		if at < 0 {
			return j.result(reason), nil
		}
		s := j.parts[at]
		s.cfg.Budget.Evaluations = s.st.p.Evaluations + j.room()
		if c.Budget.Evaluations == 0 {
			s.cfg.Budget.Evaluations = 0
		}
		if err := s.generation(); err != nil {
			return nil, fmt.Errorf("%s: %w", strata[at].Name, err)
		}
		if observe != nil {
			if err := observe(at, s.progress(), j.saved); err != nil {
				return nil, err
			}
		}
	}
}

// joint is a search of strata in progress.
type joint struct {
	cfg    Config
	strata []Stratum
	parts  []*search
}

var stratumKey = []byte("/stratum/")

func newJoint(strata []Stratum, c Config, checkpoint []byte) (*joint, error) {
	j := &joint{cfg: c, strata: slices.Clone(strata)}
	if err := j.check(); err != nil {
		return nil, err
	}
	states, err := split(checkpoint, len(strata))
	if err != nil {
		return nil, err
	}
	for i, q := range strata {
		sub := c
		sub.Key = slices.Concat(c.Key, stratumKey, []byte(q.Name))
		sub.Start = q.Start
		if q.Enumerate {
			sub.Algorithm, sub.Start, sub.Budget = Grid, nil, Budget{}
		}
		s, err := newSearch(q.Problem, sub, states[i])
		if err != nil {
			j.close()
			return nil, fmt.Errorf("%s: %w", q.Name, err)
		}
		j.parts = append(j.parts, s)
	}
	return j, nil
}

// check reports all faults of the strata.
func (j *joint) check() error {
	var errs []error
	if len(j.strata) == 0 {
		errs = append(errs, errors.New("a search of strata needs at least one"))
	}
	seen := map[string]bool{}
	for i := range j.strata {
		q := &j.strata[i]
		if q.Share == 0 {
			q.Share = 1
		}
		switch {
		case q.Name == "" || seen[q.Name]:
			errs = append(errs, fmt.Errorf("stratum %d: name %q: must be given and differ from the others'", i+1, q.Name))
		case !(q.Share > 0) || math.IsInf(q.Share, 1):
			errs = append(errs, fmt.Errorf("%s: share %g: must be positive and finite", q.Name, q.Share))
		case q.Problem.NumObjectives() != j.strata[0].Problem.NumObjectives():
			errs = append(errs, fmt.Errorf("%s: %d objectives, %s has %d", q.Name, q.Problem.NumObjectives(), j.strata[0].Name, j.strata[0].Problem.NumObjectives()))
		}
		seen[q.Name] = true
	}
	if j.cfg.Budget.Target > 0 {
		errs = append(errs, errors.New("budget: a target hypervolume is that of one problem, not of strata"))
	}
	return errors.Join(errs...)
}

func (j *joint) close() {
	for _, s := range j.parts {
		s.close()
	}
}

// room returns how many evaluations of the budget are left.
func (j *joint) room() int64 {
	if j.cfg.Budget.Evaluations == 0 {
		return math.MaxInt64
	}
	left := j.cfg.Budget.Evaluations
	for _, s := range j.parts {
		left -= s.st.p.Evaluations
	}
	return left
}

// next returns the stratum whose turn it is, or -1 and why none is. It depends
// on the states alone, not on the budget.
func (j *joint) next(ctx context.Context) (int, Reason) {
	if j.room() <= 0 {
		return -1, BudgetSpent
	}
	best, least := -1, math.Inf(1)
	begun := false
	reason := SpaceDone
	for i, s := range j.parts {
		begun = begun || s.st.p.Generation > 0
		if r, over := s.over(); over {
			if r != SpaceDone {
				reason = r
			}
			continue
		}
		done := float64(s.st.p.Evaluations) / j.strata[i].Share
		if j.strata[i].Enumerate {
			done = math.Inf(-1)
		}
		if done < least {
			best, least = i, done
		}
	}
	if best >= 0 && (ctx.Err() != nil || begun && j.cfg.Stop != nil && j.cfg.Stop()) {
		return -1, Stopped
	}
	return best, reason
}

// saved returns the states of all strata.
func (j *joint) saved() ([]byte, error) {
	var out []byte
	for _, s := range j.parts {
		data, err := s.saved()
		if err != nil {
			return nil, err
		}
		out = binary.LittleEndian.AppendUint64(out, uint64(len(data)))
		out = append(out, data...)
	}
	return out, nil
}

// split is the reverse of saved.
func split(data []byte, n int) ([][]byte, error) {
	out := make([][]byte, n)
	if data == nil {
		return out, nil
	}
	for i := range out {
		if len(data) < 8 || binary.LittleEndian.Uint64(data) > uint64(len(data)-8) {
			return nil, fmt.Errorf("checkpoint: %w", coding.ErrTruncated)
		}
		size := 8 + int(binary.LittleEndian.Uint64(data))
		out[i], data = data[8:size], data[size:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("checkpoint: %w", errState)
	}
	return out, nil
}

// result merges the archives of the strata.
func (j *joint) result(reason Reason) *Stratified {
	r := &Stratified{Reason: reason}
	for _, s := range j.parts {
		why := reason
		if w, over := s.over(); over {
			why = w
		}
		r.Strata = append(r.Strata, s.result(why))
	}
	var fronts [][]Solution
	for _, q := range r.Strata {
		fronts = append(fronts, q.Archive)
	}
	r.Front = Merge(fronts...)
	if len(r.Front) == 0 {
		return r
	}
	m := j.parts[0].m
	f := make([]float64, 0, len(r.Front)*m)
	for _, p := range r.Front {
		f = append(f, r.Strata[p.Stratum].Archive[p.Index].F...)
	}
	r.Ideal, r.Nadir = frame(f, m)
	if j.cfg.Ideal != nil {
		r.Ideal, r.Nadir = j.cfg.Ideal, j.cfg.Nadir
	}
	unit := normalise(nil, f, r.Ideal, r.Nadir)
	corner := slices.Repeat([]float64{reference}, m)
	var meter hypervolume.Volume
	r.Hypervolume = meter.Hypervolume(unit, m, corner)
	for _, k := range meter.Subset(unit, m, corner, j.parts[0].cfg.K) {
		r.Answer = append(r.Answer, r.Front[k])
	}
	return r
}

// frame returns the least and largest objectives of rows; where they are equal,
// the nadir is one more.
func frame(f []float64, m int) (ideal, nadir []float64) {
	ideal, nadir = slices.Clone(f[:m]), slices.Clone(f[:m])
	for i, v := range f {
		ideal[i%m], nadir[i%m] = min(ideal[i%m], v), max(nadir[i%m], v)
	}
	for k := range ideal {
		if !(ideal[k] < nadir[k]) {
			nadir[k] = ideal[k] + 1
		}
	}
	return ideal, nadir
}

// Merge returns the members of fronts that no other member dominates, in
// ascending order of objectives; of equal ones the first. It takes the time of
// an archive, not of all pairs.
func Merge(fronts ...[]Solution) []Place {
	var all *archive.Archive
	var places []Place
	for i, front := range fronts {
		for k, s := range front {
			if all == nil {
				all = archive.New(0, len(s.F), 0, math.MaxInt)
			}
			all.Add(nil, s.F, nil, space.Key{Lo: uint64(len(places))})
			places = append(places, Place{i, k})
		}
	}
	if all == nil {
		return nil
	}
	out := make([]Place, 0, all.Len())
	for _, slot := range all.Slots() {
		out = append(out, places[all.Key(slot).Lo])
	}
	return out
}
