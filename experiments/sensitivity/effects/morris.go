package effects

import (
	"math"
	"math/rand/v2"
)

// Effect is what a step of an input does to an output, after Morris 1991 and
// Campolongo 2007: over the trajectories the mean of the changes, of their sizes
// (mu*), and their standard deviation, which is not 0 where the effect is not
// linear or depends on other inputs. A change is that of a step over the whole
// range of the input.
type Effect struct {
	Mean, Size, Deviation float64 // NaN without a step whose ends both exist
	Steps                 int
}

// Trajectories move on 4 levels of each input, by 2/3 of its range.
const (
	levels = 4
	stride = 2.0 / 3
)

// Morris takes r trajectories through the unit cube, r (dim + 1) evaluations, and
// returns the effects by output, by input.
func Morris(f Function, dim, outputs, r int, seed uint64) [][]Effect {
	rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // reproducible trajectories
	sum, size, square := grid(outputs, dim), grid(outputs, dim), grid(outputs, dim)
	count := grid(outputs, dim)
	x := make([]float64, dim)
	before, after := make([]float64, outputs), make([]float64, outputs)
	for range r {
		for i := range x {
			x[i] = float64(rng.IntN(levels)) / (levels - 1)
		}
		f(x, before)
		for _, i := range rng.Perm(dim) {
			step := stride
			if x[i] > 0.5 {
				step = -stride
			}
			x[i] += step
			f(x, after)
			for k := range outputs {
				d := (after[k] - before[k]) / step
				if math.IsNaN(d) || math.IsInf(d, 0) {
					continue
				}
				sum[k][i] += d
				size[k][i] += math.Abs(d)
				square[k][i] += d * d
				count[k][i]++
			}
			copy(before, after)
		}
	}
	out := make([][]Effect, outputs)
	for k := range out {
		out[k] = make([]Effect, dim)
		for i := range out[k] {
			n := count[k][i]
			mean := sum[k][i] / n
			deviation := math.Sqrt(max(0, square[k][i]-n*mean*mean) / max(n-1, 1))
			if n == 0 {
				deviation = math.NaN()
			}
			out[k][i] = Effect{mean, size[k][i] / n, deviation, int(n)}
		}
	}
	return out
}

func grid(rows, columns int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, columns)
	}
	return out
}
