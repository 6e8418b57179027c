package explore

import (
	"math"
	"slices"

	"stco/explore/archive"
)

// reference is the coordinate of the reference point in normalised objectives.
const reference = 1.1

// bounds returns the ideal and the nadir of the configuration, or those of the
// archive when none are configured.
func (s *search) bounds() (ideal, nadir []float64) {
	if s.cfg.Ideal != nil {
		return slices.Clone(s.cfg.Ideal), slices.Clone(s.cfg.Nadir)
	}
	return s.extent()
}

// extent returns the least and largest objectives of the archive.
func (s *search) extent() (ideal, nadir []float64) {
	ideal, nadir = make([]float64, s.m), make([]float64, s.m)
	s.st.archive.Bounds(ideal, nadir)
	for j := range ideal {
		if !(ideal[j] < nadir[j]) {
			nadir[j] = ideal[j] + 1
		}
	}
	return ideal, nadir
}

// normalise appends the rows of objectives mapped so that ideal is 0 and nadir 1.
func normalise(out, f, ideal, nadir []float64) []float64 {
	m := len(ideal)
	for i, v := range f {
		j := i % m
		out = append(out, (v-ideal[j])/(nadir[j]-ideal[j]))
	}
	return out
}

// measure updates the hypervolume when enough was evaluated since the last
// time to pay for it.
func (s *search) measure() {
	st := s.st
	a := st.archive
	st.p.Front = a.Len()
	if st.ideal == nil && (a.Len() >= boundsMembers || s.cfg.Ideal != nil && a.Len() > 0) {
		st.ideal, st.nadir = s.bounds()
	}
	if st.ideal == nil {
		st.grownAt = st.p.Generation
		return
	}
	if float64(st.p.Evaluations-st.p.HypervolumeAt) < pause(s.m, a.Len()) && st.p.HypervolumeAt > 0 {
		return
	}
	s.computeVolume()
}

// pause is the number of evaluations between two measurements of an archive of a
// number of members in m objectives, which pay for it.
func pause(m, members int) float64 {
	n := float64(members)
	switch m {
	case 1, 2:
		return n / 5
	case 3:
		return n
	case 4:
		return n * math.Sqrt(n) / 4
	case 5:
		return 2000
	}
	return 10000
}

// boundsMembers is the number of archive members at which the bounds that
// normalise the measured hypervolume are fixed, when none are configured.
const boundsMembers = 10

func (s *search) computeVolume() {
	st := s.st
	f := s.measured()
	st.p.Hypervolume = s.volume(f)
	st.p.HypervolumeAt, st.measuredIn = st.p.Evaluations, st.p.Generation
	s.noteGrowth(f)
}

// volume returns the hypervolume of rows of objectives.
func (s *search) volume(f []float64) float64 {
	s.unit = normalise(s.unit[:0], f, s.st.ideal, s.st.nadir)
	return s.st.meter.Hypervolume(s.unit, s.m, s.reference)
}

// measured returns the objectives whose hypervolume is reported.
func (s *search) measured() []float64 {
	f := s.raw[:0]
	defer func() { s.raw = f }()
	if s.m <= 4 {
		for _, slot := range s.st.archive.Slots() {
			f = append(f, s.st.archive.Values(slot)...)
		}
		return f
	}
	f = s.st.islands.Feasible(f)
	return f
}

// noteGrowth records the generation when the front has moved: when its bounds
// did by a hundredth of their range, or the hypervolume normalised by them grew
// by a part in 10^5. The bounds of the front, not those of its beginnings,
// decide, since far from the goal those, or configured ones, hide all progress.
func (s *search) noteGrowth(f []float64) {
	const drift, growth = 1e-2, 1e-5
	st := s.st
	lo, hi := s.extent()
	moved := st.lower == nil
	for j := range st.lower {
		wide := st.upper[j] - st.lower[j]
		moved = moved || math.Abs(lo[j]-st.lower[j]) > drift*wide || math.Abs(hi[j]-st.upper[j]) > drift*wide
	}
	if moved {
		st.lower, st.upper = lo, hi
	}
	s.unit = normalise(s.unit[:0], f, st.lower, st.upper)
	v := st.meter.Hypervolume(s.unit, s.m, s.reference)
	if moved || v > st.grown*(1+growth) {
		st.grown, st.grownAt = v, st.p.Generation
	}
}

// progress describes the run after a generation.
func (s *search) progress() *Progress {
	p := s.st.p
	p.Violated = slices.Clone(p.Violated)
	p.archives, p.Cut = []*archive.Archive{s.st.archive}, s.cut
	p.Best = make([]float64, s.m)
	s.st.archive.Bounds(p.Best, make([]float64, s.m))
	if p.Front == 0 {
		for j := range p.Best {
			p.Best[j] = math.NaN()
		}
	}
	return &p
}

// result answers with a subset of the archive. It does not change the state.
func (s *search) result(reason Reason) *Result {
	st := s.st
	r := &Result{Algorithm: s.cfg.Algorithm, Reason: reason, Progress: *s.progress(), Binding: -1}
	if st.ideal != nil && r.HypervolumeAt != r.Evaluations {
		r.Hypervolume, r.HypervolumeAt = s.volume(s.measured()), r.Evaluations
	}
	most := int64(0)
	for j, n := range st.p.Violated {
		if n > most {
			r.Binding, most = j, n
		}
	}
	if st.archive.Len() == 0 {
		r.Infeasibly = slices.Clone(st.least)
		if len(st.least) > 0 {
			r.Least = &r.Infeasibly[0]
		}
		return r
	}
	r.Ideal, r.Nadir = s.bounds()
	r.Archive = solutions(st.archive)
	f := make([]float64, 0, len(r.Archive)*s.m)
	for i := range r.Archive {
		f = append(f, r.Archive[i].F...)
	}
	f = normalise(nil, f, r.Ideal, r.Nadir)
	for _, k := range st.meter.Subset(f, s.m, s.reference, s.cfg.K) {
		r.Answer = append(r.Answer, r.Archive[k])
	}
	return r
}

// solutions returns copies of the members in the order of slots.
func solutions(a *archive.Archive) []Solution {
	slots := a.Slots()
	width := len(a.Point(0)) + len(a.Values(0)) + len(a.Constraints(0))
	block := make([]float64, 0, len(slots)*width)
	cut := func(row []float64) []float64 {
		n := len(block)
		block = append(block, row...)
		return block[n:len(block):len(block)]
	}
	out := make([]Solution, len(slots))
	for i, s := range slots {
		out[i] = Solution{X: cut(a.Point(s)), F: cut(a.Values(s)), G: cut(a.Constraints(s))}
	}
	return out
}
