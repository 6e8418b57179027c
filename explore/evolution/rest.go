package evolution

import (
	"math"
	"slices"

	"stco/explore/hypervolume"
)

// A population is compared with what it was after every watchEvery generations
// where there is one objective. A front goes on filling its gaps for long: it is
// compared at twice the age of the last time, first at frontAge.
const (
	watchEvery = 25
	frontAge   = 150
)

// due tells whether a population is looked at in this generation.
func (is *island) due() bool {
	if is.m == 1 {
		return is.age%watchEvery == 0
	}
	n := is.age / frontAge
	return is.age%frontAge == 0 && n&(n-1) == 0
}

// progress is what a population keeps to know whether it still gets anywhere.
type progress struct {
	first []float64 // objectives of the front when it was first looked at
	past  []float64 // and when it was last looked at
	rest  bool      // it has come to rest
}

// look updates the progress of a population. Where there are too many objectives
// to measure it never rests.
func (is *island) look(front []float64) {
	p := &is.progress
	if len(front) == 0 {
		p.rest = is.begun > 1 // a niche without feasible designs
		return
	}
	if is.m > 4 {
		return
	}
	now := slices.Clone(front)
	switch {
	case p.past == nil:
		p.first = now
	case is.m == 1:
		p.rest = p.past[0]-now[0] <= mostGain*(p.first[0]-now[0])
	default:
		p.rest = is.still(p.past, now)
	}
	p.past = now
}

// Drift of the best of an objective, as part of the range of the front, and growth of the
// hypervolume from one look to the next up to which a population rests. With one
// objective: part of all it has gained.
const (
	mostDrift  = 0.02
	mostGrowth = 1e-2
	mostGain   = 1e-2
)

// still tells whether a front is what it was, in the frame of its bounds.
func (is *island) still(past, now []float64) bool {
	lo, hi := is.extremes(now)
	was, _ := is.extremes(past)
	for j := range lo {
		if math.Abs(lo[j]-was[j]) > mostDrift*(hi[j]-lo[j]) {
			return false
		}
	}
	volume := func(f []float64) float64 {
		unit := make([]float64, len(f))
		for i, v := range f {
			if j := i % is.m; hi[j] > lo[j] {
				unit[i] = (v - lo[j]) / (hi[j] - lo[j])
			}
		}
		var v hypervolume.Volume
		return v.Hypervolume(unit, is.m, slices.Repeat([]float64{1.1}, is.m))
	}
	return volume(now) <= (1+mostGrowth)*volume(past)
}

// extremes returns the least and largest values of rows of objectives.
func (is *island) extremes(f []float64) (lo, hi []float64) {
	lo, hi = slices.Clone(f[:is.m]), slices.Clone(f[:is.m])
	for i, v := range f {
		lo[i%is.m], hi[i%is.m] = min(lo[i%is.m], v), max(hi[i%is.m], v)
	}
	return lo, hi
}

// begin empties the account of a population that begins anew, and says what niche
// it keeps to: of the populations after the first every second one has one, an
// option of a choice, which are taken in turn, those of the last choice first.
// So a mode that the search has given up too early gets a population of its own.
func (is *island) begin() {
	is.age, is.progress = 0, progress{}
	is.begun++
	is.settle()
}

// settle sets the niche of the population under way.
func (is *island) settle() {
	is.niche = niche{}
	options := is.brd.Options()
	if is.begun < 2 || is.begun%2 == 1 || len(options) == 0 {
		return
	}
	o := options[int(is.begun/2-1)%len(options)]
	is.niche = niche{confined: true, axis: o.Axis, at: o.At}
}

// niche is an option of a choice that all children of a population have.
type niche struct {
	confined bool
	axis     int
	at       float64
}

// AtRest tells whether no population gets anywhere any more.
func (a *Archipelago) AtRest() bool {
	return !slices.ContainsFunc(a.islands, func(is *island) bool { return !is.rest })
}
