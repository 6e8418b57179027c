// Package variation makes new points of the unit cube from others: crossover,
// differential steps and mutation, each with its counterpart for grids and
// choices.
package variation

import (
	"math"
	"math/rand" //nolint:depguard // eaopt's populations have a *rand.Rand of math/rand
	"slices"

	"stco/space"
)

// Breeder makes and changes points of the unit cube of one space.
type Breeder struct {
	axes  []axis
	rate  float64 // probability of a coordinate to mutate
	free  []int   // coordinates with more than one value
	grids int     // of these, on a grid
}

// axis is what an operator must know of a coordinate.
type axis struct {
	n      int // grid values, 0 continuous
	choice bool
}

// New returns the operators of a space.
func New(s *space.Space) *Breeder {
	b := &Breeder{axes: make([]axis, s.Dim())}
	for i := range b.axes {
		b.axes[i] = axis{n: s.GridSize(i), choice: s.Kind(i) == space.Choice}
		if b.axes[i].n != 1 {
			b.free = append(b.free, i)
			if b.axes[i].n > 0 {
				b.grids++
			}
		}
	}
	b.rate = 1 / float64(max(len(b.free), 1))
	return b
}

const (
	crossIndex  = 30   // distribution index of crossover
	mutateIndex = 20   // distribution index of mutation
	anywhere    = 0.15 // probability that a mutation takes any value of its range
)

// Cross writes two simulated-binary children (Deb and Agrawal 1995) of p and q
// into c and d, which may be p and q. A choice is exchanged, not blended.
func (b *Breeder) Cross(p, q, c, d []float64, rng *rand.Rand) {
	coins := rng.Uint64()
	left := 64
	for i := range p {
		if left < 2 {
			coins, left = rng.Uint64(), 64
		}
		coin := coins & 3
		coins >>= 2
		left -= 2
		v, w := p[i], q[i]
		if coin&2 != 0 {
			v, w = w, v // children exchange sides
		}
		if coin&1 == 0 || v == w {
			c[i], d[i] = p[i], q[i]
			continue
		}
		if b.axes[i].choice {
			c[i], d[i] = v, w
			continue
		}
		r := rng.Float64()
		var spread float64
		if r < 0.5 {
			spread = power(2*r, 1.0/(crossIndex+1))
		} else {
			spread = 1 / power(2*(1-r), 1.0/(crossIndex+1))
		}
		mid, half := 0.5*(v+w), 0.5*spread*(v-w)
		c[i], d[i] = clip(mid+half), clip(mid-half)
	}
}

// power is v^e for v in [0, 1], faster than math.Pow.
func power(v, e float64) float64 { return math.Exp(e * math.Log(v)) }

func clip(v float64) float64 { return min(max(v, 0), 1) }

// Difference writes a differential-evolution child (Storn and Price 1997) of
// base with donors p, q, r into c: each coordinate becomes p + scale (q - r)
// with the probability share, at least one does. A choice is taken from p.
func (b *Breeder) Difference(base, p, q, r, c []float64, scale, share float64, rng *rand.Rand) {
	copy(c, base)
	if len(b.free) == 0 {
		return
	}
	sure := b.free[rng.Intn(len(b.free))]
	for _, i := range b.free {
		if i != sure && rng.Float64() >= share {
			continue
		}
		if b.axes[i].choice {
			c[i] = p[i]
			continue
		}
		v := p[i] + scale*(q[i]-r[i])
		// beyond a bound, half of the children stop at it and half between
		if v < 0 {
			v = 0.5 * base[i] * float64(rng.Uint64()&1)
		} else if v > 1 {
			v = 1 - 0.5*(1-base[i])*float64(rng.Uint64()&1)
		}
		c[i] = v
	}
}

// Mutate moves each coordinate with the probability of one in all: polynomial
// mutation (Deb and Goyal 1996), at least one step on a grid, another option of
// a choice. At least one coordinate moves.
func (b *Breeder) Mutate(u []float64, rng *rand.Rand) {
	if len(b.free) == 0 {
		return
	}
	// gaps between mutated coordinates are geometric
	moved := false
	n := len(b.free)
	for k := b.skip(rng); k < n; k += 1 + b.skip(rng) {
		b.move(u, b.free[k], rng)
		moved = true
	}
	if !moved {
		b.move(u, b.free[rng.Intn(n)], rng)
	}
}

// skip draws the number of coordinates before the next that mutates.
func (b *Breeder) skip(rng *rand.Rand) int {
	if b.rate >= 1 {
		return 0
	}
	return int(min(math.Log(1-rng.Float64())/math.Log1p(-b.rate), 1e6))
}

func (b *Breeder) move(u []float64, i int, rng *rand.Rand) {
	a := b.axes[i]
	if a.choice {
		old := min(int(u[i]*float64(a.n)), a.n-1)
		j := rng.Intn(a.n - 1)
		if j >= old {
			j++
		}
		u[i] = (float64(j) + 0.5) / float64(a.n)
		return
	}
	old := u[i]
	r := rng.Float64()
	if rng.Float64() < anywhere {
		u[i] = r
		return
	}
	const e = 1.0 / (mutateIndex + 1)
	var v float64
	if r < 0.5 {
		below := power(1-old, mutateIndex+1)
		v = old + power(2*r+(1-2*r)*below, e) - 1
	} else {
		above := power(old, mutateIndex+1)
		v = old + 1 - power(2*(1-r)+(2*r-1)*above, e)
	}
	if a.n > 0 && int(v*float64(a.n)) == int(old*float64(a.n)) {
		step := 1 / float64(a.n)
		if (v < old && old >= step) || old > 1-step {
			step = -step
		}
		v = old + step
	}
	u[i] = clip(v)
}

// Option is a value of a choice: its coordinate, and where on it the option is.
type Option struct {
	Axis int
	At   float64
}

// Options returns the options of all choices that are free, those of the last
// choice first.
func (b *Breeder) Options() []Option {
	var out []Option
	for _, i := range slices.Backward(b.free) {
		if !b.axes[i].choice {
			continue
		}
		for k := range b.axes[i].n {
			out = append(out, Option{i, (float64(k) + 0.5) / float64(b.axes[i].n)})
		}
	}
	return out
}

// Grids tells whether half of the coordinates that are free, or more, are on grids.
func (b *Breeder) Grids() bool { return 2*b.grids >= len(b.free) && b.grids > 0 }

// Step moves two or three coordinates, which may be the same, by a few steps of
// their grids: one, and another with a probability of a half each time. It leads
// along a ridge between two constraints, where one coordinate alone meets neither.
// A continuous coordinate moves by e^-7 to 1 of its range; a choice stays.
func (b *Breeder) Step(u []float64, rng *rand.Rand) {
	if len(b.free) == 0 {
		return
	}
	for range 2 + rng.Intn(2) {
		i := b.free[rng.Intn(len(b.free))]
		a := b.axes[i]
		if a.choice {
			continue
		}
		size := math.Exp(-7 * rng.Float64())
		if a.n > 0 {
			k := 1
			for rng.Uint64()&1 == 0 && k < a.n-1 {
				k++
			}
			size = float64(k) / float64(a.n)
		}
		if rng.Uint64()&1 == 0 {
			size = -size
		}
		v := u[i] + size
		if v < 0 || v > 1 {
			v = u[i] - size
		}
		u[i] = clip(v)
	}
}

// Follow moves two or three coordinates together by what two other points differ
// in them; a choice becomes that of the first. Points that meet limits which tie
// coordinates, such as those of an archive, differ along these limits.
func (b *Breeder) Follow(u, q, r []float64, rng *rand.Rand) {
	if len(b.free) == 0 {
		return
	}
	for range 2 + rng.Intn(2) {
		i := b.free[rng.Intn(len(b.free))]
		if b.axes[i].choice {
			u[i] = q[i]
			continue
		}
		u[i] = clip(u[i] + q[i] - r[i])
	}
}
