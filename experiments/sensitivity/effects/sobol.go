package effects

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"stco/space"
)

// Function writes the outputs at a point of the unit cube; NaN where there is no
// value.
type Function func(u, out []float64)

// Index is the share of the variance of an output that an input decides: First
// by itself, Total with all that it does together with others. Each has the
// range from the 5 % to the 95 % quantile of a bootstrap over the sample.
type Index struct {
	First, Total         float64
	FirstBand, TotalBand [2]float64
}

// Indices are the Sobol indices of a function.
type Indices struct {
	Of             [][]Index // by output, by input; NaN for an output that does not vary
	Mean, Variance []float64 // by output
	Used           []int     // points of which every value exists, by output
	Points         int       // of the sample
	Evaluations    int
}

// bootstraps is the number of samples that a band is made of.
const bootstraps = 200

// table holds the values of one output: at the two halves of the sample, and at
// the first with one coordinate of the second.
type table struct {
	a, b  []float64
	mixed [][]float64 // by input, by point
}

// Sobol estimates the indices of a function of dim inputs from n points of a
// shifted Sobol sequence of 2 dim coordinates, n (dim + 2) evaluations: the
// first-order index after Saltelli et al. 2010, the total one after Jansen 1999.
// n must be a power of two, and 2 dim at most space.MaxSobolDim. A point of which
// a value does not exist is left out.
func Sobol(f Function, dim, outputs, n int, seed uint64) (*Indices, error) {
	if n < 2 || n&(n-1) != 0 {
		return nil, fmt.Errorf("%d points: want a power of two", n)
	}
	rng := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a reproducible shift
	seq, err := space.NewSobol(2*dim, rng.Uint64)
	if err != nil {
		return nil, err
	}
	values := make([]table, outputs)
	for k := range values {
		values[k].mixed = make([][]float64, dim)
	}
	out := make([]float64, outputs)
	u, x := make([]float64, 2*dim), make([]float64, dim)
	for j := range n {
		seq.At(uint64(j), u)
		f(u[:dim], out)
		for k, v := range out {
			values[k].a = append(values[k].a, v)
		}
		f(u[dim:], out)
		for k, v := range out {
			values[k].b = append(values[k].b, v)
		}
		for i := range dim {
			copy(x, u[:dim])
			x[i] = u[dim+i]
			f(x, out)
			for k, v := range out {
				values[k].mixed[i] = append(values[k].mixed[i], v)
			}
		}
	}
	r := &Indices{Points: n, Evaluations: n * (dim + 2)}
	for k := range values {
		v := values[k].whole()
		of, mean, variance := v.indices(rng)
		r.Of, r.Mean, r.Variance, r.Used = append(r.Of, of), append(r.Mean, mean), append(r.Variance, variance), append(r.Used, len(v.a))
	}
	return r, nil
}

// whole leaves out the points of which a value does not exist.
func (t *table) whole() *table {
	out := &table{mixed: make([][]float64, len(t.mixed))}
	for j := range t.a {
		sum := t.a[j] + t.b[j]
		for _, m := range t.mixed {
			sum += m[j]
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			continue
		}
		out.a, out.b = append(out.a, t.a[j]), append(out.b, t.b[j])
		for i, m := range t.mixed {
			out.mixed[i] = append(out.mixed[i], m[j])
		}
	}
	return out
}

// indices are those of one output, with bands from bootstraps.
func (t *table) indices(rng *rand.Rand) (of []Index, mean, variance float64) {
	n := len(t.a)
	rows := make([]int, n)
	for j := range rows {
		rows[j] = j
	}
	first, total, mean, variance := t.estimate(rows)
	of = make([]Index, len(t.mixed))
	firsts, totals := make([][]float64, len(of)), make([][]float64, len(of))
	if variance > 0 {
		for range bootstraps {
			for j := range rows {
				rows[j] = rng.IntN(n)
			}
			s, all, _, v := t.estimate(rows)
			for i := range of {
				if v > 0 {
					firsts[i], totals[i] = append(firsts[i], s[i]), append(totals[i], all[i])
				}
			}
		}
	}
	for i := range of {
		of[i] = Index{first[i], total[i], band(firsts[i]), band(totals[i])}
	}
	return of, mean, variance
}

// estimate computes the indices of one output from the given points.
func (t *table) estimate(rows []int) (first, total []float64, mean, variance float64) {
	n := float64(len(rows))
	for _, j := range rows {
		mean += t.a[j] + t.b[j]
	}
	mean /= 2 * n
	for _, j := range rows {
		variance += (t.a[j]-mean)*(t.a[j]-mean) + (t.b[j]-mean)*(t.b[j]-mean)
	}
	variance /= 2 * n
	first, total = make([]float64, len(t.mixed)), make([]float64, len(t.mixed))
	if !(variance > 1e-24*mean*mean) { // nothing but rounding
		variance = 0
	}
	for i, m := range t.mixed {
		var s, all float64
		for _, j := range rows {
			s += (t.b[j] - mean) * (m[j] - t.a[j])
			all += (t.a[j] - m[j]) * (t.a[j] - m[j])
		}
		first[i], total[i] = s/n/variance, all/n/(2*variance)
		if variance == 0 {
			first[i], total[i] = math.NaN(), math.NaN()
		}
	}
	return first, total, mean, variance
}

// band reaches from the 5 % to the 95 % quantile; NaN without a value.
func band(values []float64) [2]float64 {
	if len(values) == 0 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	slices.Sort(values)
	at := func(q float64) float64 { return values[int(math.Round(q*float64(len(values)-1)))] }
	return [2]float64{at(0.05), at(0.95)}
}
