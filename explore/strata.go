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
	// Enumerate evaluates every design of a finite space, once the other strata
	// have had as many evaluations as it has designs: its own are counted in the
	// budget, but are no part of a share.
	Enumerate bool
	Start     [][]float64 // known designs, evaluated first
}

// StrataObserver is told of each generation of a stratum: of what all strata
// together have come to, whose fronts and archives are counted as one. State is
// as in Observer, of all strata.
type StrataObserver func(stratum int, p *Progress, state func() ([]byte, error)) error

// Place names an archived design of a stratum.
type Place struct{ Stratum, Index int }

// Stratified is the outcome of a search of strata.
type Stratified struct {
	Progress           // of all strata
	Strata   []*Result // of every stratum, with its own answer and archive
	// Front holds the members of the archives that no member of any archive
	// dominates, in ascending order of objectives; Answer at most K of them, of
	// a large hypervolume together.
	Front, Answer []Place
	// Ideal and Nadir are the frame of Hypervolume, whose reference point is 1.1 in
	// every coordinate: that of Config, or the bounds of Front.
	Ideal, Nadir []float64
	Reason       Reason

	k     int  // most designs of Answer
	fixed bool // Ideal and Nadir are those of Config
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
		j.measure(s.cut)
		if observe != nil {
			if err := observe(at, j.progress(), j.saved); err != nil {
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

	// volume is the hypervolume of all archives in the frame, as computed last,
	// after measuredAt evaluations.
	volume       float64
	measuredAt   int64
	ideal, nadir []float64
	before       []byte // what saved returns of these for a generation that was cut
	meter        hypervolume.Volume
}

var stratumKey = []byte("/stratum/")

func newJoint(strata []Stratum, c Config, checkpoint []byte) (*joint, error) {
	j := &joint{cfg: c, strata: slices.Clone(strata)}
	if err := j.check(); err != nil {
		return nil, err
	}
	states, err := j.split(checkpoint, len(strata))
	if err != nil {
		return nil, err
	}
	if c.Ideal != nil {
		j.ideal, j.nadir = c.Ideal, c.Nadir
	}
	for i, q := range strata {
		sub := c
		sub.Key = slices.Concat(c.Key, stratumKey, []byte(q.Name))
		sub.Start, sub.Ideal, sub.Nadir = q.Start, nil, nil
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
		if n, ok := s.space.Size(); ok && j.strata[i].Enumerate {
			done = float64(n)
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

// progress describes all strata together.
func (j *joint) progress() *Progress {
	all := Progress{Violation: math.Inf(1), Hypervolume: j.volume, HypervolumeAt: j.measuredAt}
	for _, s := range j.parts {
		p := s.progress()
		all.Generation += p.Generation
		all.Evaluations += p.Evaluations
		all.Duplicates += p.Duplicates
		all.Infeasible += p.Infeasible
		all.NonFinite += p.NonFinite
		all.Restarts += p.Restarts
		all.Front += p.Front
		all.Cut = all.Cut || p.Cut
		all.Violation = min(all.Violation, p.Violation)
		all.archives = append(all.archives, p.archives...)
		if all.Best == nil {
			all.Best, all.Violated = p.Best, p.Violated
			continue
		}
		for k, v := range p.Best {
			if math.IsNaN(all.Best[k]) || v < all.Best[k] {
				all.Best[k] = v
			}
		}
		if len(p.Violated) == len(all.Violated) {
			for k, n := range p.Violated {
				all.Violated[k] += n
			}
		}
	}
	return &all
}

// measure updates the hypervolume of all archives when enough was evaluated since
// the last time to pay for it. The state before a generation that the budget cut
// is kept: it is done again when the search goes on.
func (j *joint) measure(cut bool) {
	if cut {
		j.before = j.head(nil)
	}
	m, members, evaluations := j.parts[0].m, 0, int64(0)
	for _, s := range j.parts {
		members += s.st.archive.Len()
		evaluations += s.st.p.Evaluations
	}
	if members < boundsMembers && (j.cfg.Ideal == nil || members == 0) || j.measuredAt > 0 && float64(evaluations-j.measuredAt) < pause(m, members) {
		return
	}
	var f []float64
	for _, s := range j.parts {
		f = append(f, s.measured()...)
	}
	if len(f) == 0 {
		return
	}
	if j.ideal == nil {
		j.ideal, j.nadir = frame(f, m)
	}
	j.volume, j.measuredAt = j.meter.Hypervolume(normalise(nil, f, j.ideal, j.nadir), m, slices.Repeat([]float64{reference}, m)), evaluations
}

// head appends what the state holds beside those of the strata.
func (j *joint) head(out []byte) []byte {
	word := func(v uint64) { out = binary.LittleEndian.AppendUint64(out, v) }
	word(math.Float64bits(j.volume))
	word(uint64(j.measuredAt))
	word(uint64(len(j.ideal)))
	for _, list := range [][]float64{j.ideal, j.nadir} {
		for _, v := range list {
			word(math.Float64bits(v))
		}
	}
	return out
}

// saved returns the states of all strata.
func (j *joint) saved() ([]byte, error) {
	out := j.head(nil)
	if slices.ContainsFunc(j.parts, func(s *search) bool { return s.cut }) {
		out = slices.Clone(j.before)
	}
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
func (j *joint) split(data []byte, n int) ([][]byte, error) {
	out := make([][]byte, n)
	if data == nil {
		return out, nil
	}
	short := false
	word := func() uint64 {
		if len(data) < 8 {
			short = true
			return 0
		}
		v := binary.LittleEndian.Uint64(data)
		data = data[8:]
		return v
	}
	j.volume, j.measuredAt = math.Float64frombits(word()), int64(word())
	m := word()
	if m > MaxObjectives {
		return nil, fmt.Errorf("checkpoint: %w", errState)
	}
	for _, list := range []*[]float64{&j.ideal, &j.nadir} {
		for range m {
			*list = append(*list, math.Float64frombits(word()))
		}
	}
	for i := range out {
		size := word()
		if short || size > uint64(len(data)) {
			return nil, fmt.Errorf("checkpoint: %w", coding.ErrTruncated)
		}
		out[i], data = data[:size], data[size:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("checkpoint: %w", errState)
	}
	return out, nil
}

// result merges the archives of the strata.
func (j *joint) result(reason Reason) *Stratified {
	r := &Stratified{Progress: *j.progress(), Reason: reason}
	for _, s := range j.parts {
		why := reason
		if w, over := s.over(); over {
			why = w
		}
		r.Strata = append(r.Strata, s.result(why))
	}
	r.k, r.fixed = j.parts[0].cfg.K, j.cfg.Ideal != nil
	if r.fixed {
		r.Ideal, r.Nadir = j.cfg.Ideal, j.cfg.Nadir
	}
	r.join()
	return r
}

// join merges the archives of the strata into the front, chooses from it and
// measures it.
func (r *Stratified) join() {
	fronts := make([][]Solution, len(r.Strata))
	for i, q := range r.Strata {
		fronts[i] = q.Archive
	}
	r.Answer = nil
	if r.Front = Merge(fronts...); len(r.Front) == 0 {
		return
	}
	member := func(p Place) []float64 { return r.Strata[p.Stratum].Archive[p.Index].F }
	m := len(member(r.Front[0]))
	f := make([]float64, 0, len(r.Front)*m)
	for _, p := range r.Front {
		f = append(f, member(p)...)
	}
	var meter hypervolume.Volume
	corner := slices.Repeat([]float64{reference}, m)
	ideal, nadir := frame(f, m)
	unit := normalise(nil, f, ideal, nadir)
	for _, k := range meter.Subset(unit, m, corner, r.k) {
		r.Answer = append(r.Answer, r.Front[k])
	}
	if r.fixed {
		unit = normalise(nil, f, r.Ideal, r.Nadir)
	} else {
		r.Ideal, r.Nadir = ideal, nadir
	}
	r.Hypervolume, r.HypervolumeAt = meter.Hypervolume(unit, m, corner), r.Evaluations
}

// Effort is what went into designs found apart from a search of strata.
type Effort struct {
	Evaluations, Infeasible int64
	Violated                []int64 // as in Progress
}

// Add brings feasible designs of each stratum that were found apart, such as by
// Descend, into its archive, and what was done for them into the counts. Front,
// answer and hypervolume are those of all together; the answers of single strata
// stay as they are.
func (r *Stratified) Add(found [][]Solution, e Effort) {
	r.Evaluations += e.Evaluations
	r.Infeasible += e.Infeasible
	for k, n := range e.Violated {
		r.Violated[k] += n
	}
	for i, more := range found {
		both := [][]Solution{r.Strata[i].Archive, more}
		var all []Solution
		for _, p := range Merge(both...) {
			all = append(all, both[p.Stratum][p.Index])
		}
		r.Strata[i].Archive = all
		for _, s := range more {
			for k, v := range s.F {
				if !(r.Best[k] <= v) {
					r.Best[k] = v
				}
			}
		}
	}
	r.Progress.Front = 0
	for _, q := range r.Strata {
		r.Progress.Front += len(q.Archive)
	}
	r.join()
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
