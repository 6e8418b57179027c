package space

import (
	_ "embed" // the direction numbers
	"fmt"
	"strconv"
	"strings"
)

//go:embed joe_kuo.txt
var joeKuo string

// sobolBits is the resolution of the sequence: 2^52 points.
const sobolBits = 52

// MaxSobolDim is the largest dimension of a Sobol sequence here.
const MaxSobolDim = 128

// Sobol is the low-discrepancy sequence of Sobol with the direction numbers of
// Joe and Kuo (2008), in Gray code order, with an optional digital shift.
type Sobol struct {
	direction [][sobolBits]uint64
	shift     []uint64
}

// NewSobol returns the sequence of a dimension in 1..128. The shift draws one
// random word per dimension for a digital shift, which makes sequences of
// different seeds independent; nil is the plain sequence, whose first point is
// the origin.
func NewSobol(dim int, shift func() uint64) (*Sobol, error) {
	if dim < 1 || dim > MaxSobolDim {
		return nil, fmt.Errorf("a Sobol sequence of dimension %d: allowed 1..%d", dim, MaxSobolDim)
	}
	s := &Sobol{direction: make([][sobolBits]uint64, dim), shift: make([]uint64, dim)}
	for b := range sobolBits {
		s.direction[0][b] = 1 << (sobolBits - 1 - b)
	}
	d := 1
	for line := range strings.Lines(joeKuo) {
		if d >= dim {
			break
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		row, err := numbers(line)
		if err != nil {
			return nil, err
		}
		s.direction[d] = directions(int(row[1]), row[2], row[3:])
		d++
	}
	if shift != nil {
		for i := range s.shift {
			s.shift[i] = shift() >> (64 - sobolBits)
		}
	}
	return s, nil
}

func numbers(line string) ([]uint64, error) {
	fields := strings.Fields(line)
	out := make([]uint64, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// directions extends the m numbers by the recurrence of the primitive
// polynomial of the degree (Joe and Kuo 2008, equation 2).
func directions(degree int, poly uint64, m []uint64) (v [sobolBits]uint64) {
	for b := range sobolBits {
		if b < degree {
			v[b] = m[b] << (sobolBits - 1 - b)
			continue
		}
		v[b] = v[b-degree] ^ (v[b-degree] >> degree)
		for k := 1; k < degree; k++ {
			v[b] ^= (poly >> (degree - 1 - k) & 1) * v[b-k]
		}
	}
	return v
}

// At writes the i-th point, in [0, 1), into u.
func (s *Sobol) At(i uint64, u []float64) {
	gray := i ^ i>>1
	for d := range s.direction {
		word := s.shift[d]
		for b, g := 0, gray; g != 0 && b < sobolBits; b, g = b+1, g>>1 {
			word ^= (g & 1) * s.direction[d][b]
		}
		u[d] = float64(word) / (1 << sobolBits)
	}
}
