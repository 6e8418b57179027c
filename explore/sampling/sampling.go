// Package sampling proposes designs without regard to results: random ones,
// those of a Sobol sequence, or every design of a finite space in order.
package sampling

import (
	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/space"
)

// Method says which designs are proposed.
type Method int

// The methods.
const (
	Uniform Method = iota
	Sobol          // shifted by the stream
	Grid           // every design of a finite space, in order
)

// gridBatch is the number of designs per generation of a grid.
const gridBatch = 1 << 14

// Sampler proposes designs, all different.
type Sampler struct {
	Rows     int         // designs per generation
	X        []float64   // the designs of the last generation, row by row
	Keys     []space.Key // of every row
	Next     int64       // place in the sequence or grid of the next proposal
	Repeated int64       // proposals of the last generation that had been made before

	space *space.Space
	known *seen.Cache
	start [][]float64
	root  stream.Root
	sobol *space.Sobol
	size  int64 // grid: number of designs
	u     []float64
	src   stream.Source
	rng   *stream.Generator
}

// New returns the sampler of a space: rows designs a generation, of a grid more.
// Known designs are not proposed; those of start come first, but in a grid.
func New(method Method, s *space.Space, rows int, start [][]float64, known *seen.Cache, root stream.Root) (*Sampler, error) {
	b := &Sampler{Rows: rows, space: s, known: known, start: start, root: root, u: make([]float64, s.Dim())}
	b.rng = stream.New(&b.src)
	switch method {
	case Grid:
		b.Rows = gridBatch
		b.size, _ = s.Size()
	case Sobol:
		b.src.At(root, 0, -1)
		var err error
		if b.sobol, err = space.NewSobol(s.Dim(), b.src.Uint64); err != nil {
			return nil, err
		}
	default:
	}
	n := max(b.Rows, len(start))
	b.X, b.Keys = make([]float64, n*s.Dim()), make([]space.Key, n)
	return b, nil
}

// Exhausted tells whether every design of a grid was proposed.
func (b *Sampler) Exhausted() bool { return b.size > 0 && b.Next == b.size }

// Propose sets X and Keys to the designs of a generation, at most room, and
// returns their number.
func (b *Sampler) Propose(generation, room int64) int {
	b.Repeated = 0
	want := int(min(room, int64(b.Rows)))
	dim := b.space.Dim()
	n := 0
	if b.size > 0 {
		for ; n < want && b.Next < b.size; n++ {
			b.space.At(b.Next, b.X[n*dim:(n+1)*dim])
			b.Keys[n] = space.Key{Lo: uint64(b.Next)}
			b.Next++
		}
		return n
	}
	if generation == 0 {
		for _, x := range b.start {
			if int64(n) < room {
				copy(b.X[n*dim:], x)
				n += b.admit(n)
			}
		}
	}
	b.src.At(b.root, 0, generation)
	for misses := 0; n < want && misses < 1000; {
		if b.sobol != nil {
			b.sobol.At(uint64(b.Next), b.u)
		} else {
			for i := range b.u {
				b.u[i] = b.rng.Float64()
			}
		}
		b.Next++
		b.space.Decode(b.u, b.X[n*dim:(n+1)*dim])
		added := b.admit(n)
		n += added
		misses += 1 - added
	}
	return n
}

// admit takes the design of a row unless it is known; it returns how many it took.
func (b *Sampler) admit(row int) int {
	dim := b.space.Dim()
	k := b.space.Key(b.X[row*dim : (row+1)*dim])
	if b.known.Has(k) {
		b.Repeated++
		return 0
	}
	b.known.Add(k)
	b.Keys[row] = k
	return 1
}
