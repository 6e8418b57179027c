package tiling

import (
	"math"
	"math/bits"
)

// binBits sets the resolution of a curve: spaces up to 2^binBits units are told
// apart one by one, larger ones in 2^binBits steps per factor of two.
const binBits = 7

// candidate is an execution found by the search: the pixel tile, the family and
// the channel tiles are enough to compute everything else again.
type candidate struct {
	space, traffic int64
	shape          int32 // index of the pixel tile; -1 marks an empty bin
	k, c           int32
	family         uint8
}

// frontier keeps, for every bin of the space axis, the candidate of least
// traffic, among those the one of least space.
type frontier struct {
	limit int64 // candidates that need more are not taken
	shift uint
	bins  []candidate
	// floor holds, for every 2^coarse bins, the least traffic of a candidate in
	// them or below.
	floor []int64
}

const coarse = 3

func newFrontier(largest int64, resolution uint) frontier {
	f := frontier{limit: math.MaxInt64, shift: resolution}
	n := f.rank(largest) + 1
	f.bins, f.floor = make([]candidate, n), make([]int64, n>>coarse+1)
	for i := range f.bins {
		f.bins[i].shape = -1
	}
	for i := range f.floor {
		f.floor[i] = math.MaxInt64
	}
	return f
}

// rank maps a space to a bin of an unlimited axis. The upper end of a bin
// belongs to it, so a buffer of a power of two is read without loss.
func (f *frontier) rank(space int64) int {
	s := uint64(max(space-1, 0))
	if s>>f.shift == 0 {
		return int(s)
	}
	e := uint(bits.Len64(s)) - 1 - f.shift
	return int(uint64(e)<<f.shift + s>>e)
}

func (f *frontier) bin(space int64) int { return min(f.rank(space), len(f.bins)-1) }

// beaten says whether a candidate is known that needs at most the space and
// moves at most the traffic. It may miss one that needs nearly the space.
func (f *frontier) beaten(space, traffic int64) bool {
	i := f.bin(space)>>coarse - 1
	return i >= 0 && f.floor[i] <= traffic
}

// better returns the bin of a candidate with its space and traffic set, for the
// caller to complete, or nil when the bin has a better one.
func (f *frontier) better(space, traffic int64) *candidate {
	i := f.bin(space)
	b := &f.bins[i]
	if space > f.limit || b.shape >= 0 && (traffic > b.traffic || (traffic == b.traffic && space >= b.space)) {
		return nil
	}
	b.space, b.traffic = space, traffic
	for j := i >> coarse; j < len(f.floor) && f.floor[j] > traffic; j++ {
		f.floor[j] = traffic
	}
	return b
}

// staircase returns the candidates of ascending space and strictly descending
// traffic. A step that gains less than the resolution is left out unless it is
// the last.
func (f *frontier) staircase() []candidate {
	var out []candidate
	best := int64(math.MaxInt64)
	pending := -1 // a step too small so far
	for i := range f.bins {
		c := &f.bins[i]
		if c.shape < 0 || c.traffic >= best {
			continue
		}
		best = c.traffic
		if n := len(out); n > 0 && out[n-1].traffic-c.traffic < out[n-1].traffic>>(f.shift+3) {
			pending = i
			continue
		}
		out, pending = append(out, *c), -1
	}
	if pending >= 0 {
		out = append(out, f.bins[pending])
	}
	return out
}

// Thin keeps a point of a staircase only if it saves at least 2 % of the traffic
// of the last one kept; first and last always stay.
func Thin[P any, T interface {
	*P
	Total() int64
}](curve []P) []P {
	if len(curve) < 3 {
		return curve
	}
	kept := []P{curve[0]}
	last := float64(T(&curve[0]).Total())
	for i := range curve[1 : len(curve)-1] {
		p := &curve[i+1]
		if t := float64(T(p).Total()); t < 0.98*last {
			kept, last = append(kept, *p), t
		}
	}
	return append(kept, curve[len(curve)-1])
}
