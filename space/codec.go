package space

import (
	"math"
	"math/bits"
)

// Decode writes the canonical point of genome u into x. The genome holds one
// coordinate in [0, 1] per parameter; coordinates of a grid are moved to the
// middle of their cell, so that equal points have equal grid coordinates.
func (s *Space) Decode(u, x []float64) {
	for i := range s.axes {
		a := &s.axes[i]
		c := u[i]
		if a.n > 0 {
			j := min(int(c*float64(a.n)), a.n-1)
			x[i] = a.value(j)
			u[i] = (float64(j) + 0.5) / float64(a.n)
			continue
		}
		if a.Kind == LogReal {
			x[i] = min(max(math.Exp(a.logMin+float64(c*(a.logMax-a.logMin))), a.Min), a.Max)
			continue
		}
		x[i] = min(a.Min+float64(c*(a.Max-a.Min)), a.Max)
	}
}

// Encode writes the genome of point x into u. Decoding it gives x back: exactly
// on a grid, to rounding elsewhere.
func (s *Space) Encode(x, u []float64) {
	for i := range s.axes {
		a := &s.axes[i]
		switch {
		case a.n > 0:
			u[i] = (float64(a.nearest(x[i])) + 0.5) / float64(a.n)
		case a.Kind == LogReal:
			u[i] = unit((math.Log(x[i]) - a.logMin) / (a.logMax - a.logMin))
		default:
			u[i] = unit((x[i] - a.Min) / (a.Max - a.Min))
		}
	}
}

func unit(c float64) float64 { return min(max(c, 0), 1) }

// Key identifies a point of a space. In a space of grids with fewer than 2^127
// designs it is the number of the design and free of collisions; otherwise it
// is a 128-bit hash of the values: a collision among n points has probability
// n^2 / 2^129, below 1e-20 for a thousand million.
type Key struct{ Hi, Lo uint64 }

// Key returns the key of the canonical point x.
func (s *Space) Key(x []float64) Key {
	if s.exact {
		var hi, lo uint64
		for i := range s.axes {
			a := &s.axes[i]
			n := uint64(a.n)
			over, low := bits.Mul64(lo, n)
			sum, carry := bits.Add64(low, uint64(a.nearest(x[i])), 0)
			hi, lo = hi*n+over+carry, sum
		}
		return Key{hi, lo}
	}
	h := Key{0x9e3779b97f4a7c15, 0xd1b54a32d192ed03}
	for _, v := range x {
		h = h.mix(math.Float64bits(v + 0)) // -0 becomes 0
	}
	return h.mix(uint64(len(x)))
}

// mix folds one word into two lanes with independent odd multipliers and
// full-width products.
func (k Key) mix(w uint64) Key {
	h1, l1 := bits.Mul64(k.Hi^w, 0xa0761d6478bd642f)
	h2, l2 := bits.Mul64(k.Lo^bits.RotateLeft64(w, 32)^0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3)
	return Key{h1 ^ l1 ^ bits.RotateLeft64(k.Lo, 17), h2 ^ l2 ^ bits.RotateLeft64(k.Hi, 41)}
}
