package tiling

import "math/bits"

// binBits sets the resolution of a curve: spaces up to 2^binBits units are told
// apart one by one, larger ones in 2^binBits steps per factor of two.
const binBits = 7

// candidate is an execution found by the search: the family and the tiles are
// enough to compute everything else again.
type candidate struct {
	space, traffic int64 // bits
	shape          int32 // index of the pixel tile; -1 marks an empty bin
	k, c           int32
	family         uint8
}

// frontier keeps, for every bin of the space axis, the candidate of least
// traffic, among those the one of least space.
type frontier struct {
	unit  int64 // all spaces are multiples of this many bits
	shift uint
	bins  []candidate
}

func newFrontier(unit int64, resolution uint) frontier {
	f := frontier{unit: max(unit, 1), shift: resolution}
	f.bins = make([]candidate, f.bin(1<<62)+1)
	for i := range f.bins {
		f.bins[i].shape = -1
	}
	return f
}

// bin returns the index of a space. The upper end of a bin belongs to it, so a
// buffer of a power of two is read without loss.
func (f *frontier) bin(space int64) int {
	s := uint64(max(space-1, 0)) / uint64(f.unit)
	if s>>f.shift == 0 {
		return int(s)
	}
	e := uint(bits.Len64(s)) - 1 - f.shift
	return int(uint64(e)<<f.shift + s>>e)
}

func (f *frontier) offer(c candidate) {
	b := &f.bins[f.bin(c.space)]
	if b.shape < 0 || c.traffic < b.traffic || (c.traffic == b.traffic && c.space < b.space) {
		*b = c
	}
}

// staircase returns the candidates of ascending space and strictly descending
// traffic. A step that gains less than the resolution is left out unless it is
// the last.
func (f *frontier) staircase() []candidate {
	var out []candidate
	best := int64(-1)
	pending := -1 // a step too small so far
	for i := range f.bins {
		c := &f.bins[i]
		if c.shape < 0 || (best >= 0 && c.traffic >= best) {
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
