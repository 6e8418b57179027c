package results

import (
	"fmt"
	"math"
	"slices"
)

// scaled returns the objectives of a table as minimisation between its ideal
// (0) and nadir (1) point, logarithmic where they are a decade apart, and the rows that have a finite value of each. An
// objective that is the same everywhere scales to 0.
func (t *Table) scaled() (rows []int, f [][]float64) {
	cols := t.OfKind(Objective)
	for r, row := range t.Rows {
		g := make([]float64, len(cols))
		finite := true
		for i, c := range cols {
			g[i] = row[c]
			if t.Columns[c].Goal == Max {
				g[i] = -g[i]
			}
			finite = finite && !math.IsNaN(g[i]) && !math.IsInf(g[i], 0)
		}
		if finite && len(cols) > 0 {
			rows = append(rows, r)
			f = append(f, g)
		}
	}
	for i := range cols {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, g := range f {
			lo, hi = min(lo, g[i]), max(hi, g[i])
		}
		wide := lo > 0 && hi >= decade*lo
		for _, g := range f {
			switch {
			case hi <= lo:
				g[i] = 0
			case wide:
				g[i] = math.Log(g[i]/lo) / math.Log(hi/lo)
			default:
				g[i] = (g[i] - lo) / (hi - lo)
			}
		}
	}
	return rows, f
}

// decade is the ratio of an objective's extremes from which its scale is
// logarithmic: on a linear one all designs but the worst would look alike.
const decade = 10

func sum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

// Knee is the row farthest below the hyperplane through the single-objective
// extremes of the front, in objectives scaled between ideal and nadir point
// (Das, Structural Optimization 18, 107, 1999; the normal of that plane is
// (1, ..., 1), so it is the least sum). The first of equals; -1 for a table
// without a row of finite objectives.
func Knee(t *Table) int {
	rows, f := t.scaled()
	best, least := -1, math.Inf(1)
	for i, g := range f {
		if s := sum(g); s < least {
			best, least = rows[i], s
		}
	}
	return best
}

// normalWeights are the weights with the sum 1, one for each objective.
func normalWeights(t *Table, weights []float64) ([]float64, error) {
	n := len(t.OfKind(Objective))
	if len(weights) != n {
		return nil, fmt.Errorf("%d weights for %d objectives", len(weights), n)
	}
	total := 0.0
	for i, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) || w < 0 {
			return nil, fmt.Errorf("weight %d is %v; weights are finite and not negative", i+1, w)
		}
		total += w
	}
	if total == 0 {
		return nil, fmt.Errorf("all weights are 0")
	}
	out := slices.Clone(weights)
	for i := range out {
		out[i] /= total
	}
	return out, nil
}

// TOPSIS scores each row by its relative closeness to the ideal point, 0
// worst to 1 best (Hwang and Yoon, Multiple Attribute Decision Making, 1981,
// with objectives scaled between ideal and nadir point). NaN for a row without
// finite objectives.
func TOPSIS(t *Table, weights []float64) ([]float64, error) {
	w, err := normalWeights(t, weights)
	if err != nil {
		return nil, err
	}
	score := make([]float64, len(t.Rows))
	for i := range score {
		score[i] = math.NaN()
	}
	rows, f := t.scaled()
	for i, g := range f {
		toBest, toWorst := 0.0, 0.0
		for j, x := range g {
			toBest += float64(w[j] * x * w[j] * x)
			toWorst += float64(w[j] * (1 - x) * w[j] * (1 - x))
		}
		toBest, toWorst = math.Sqrt(toBest), math.Sqrt(toWorst)
		score[rows[i]] = toWorst / (toBest + toWorst)
	}
	return score, nil
}

// Spread chooses k rows that cover a front: the knee, then each time the row
// farthest from those chosen, in scaled objectives (Gonzalez, Theoretical
// Computer Science 38, 293, 1985: within a factor of two of the best cover).
// Fewer when the front has fewer distinct rows; in the order of choice.
func Spread(t *Table, k int) []int {
	rows, f := t.scaled()
	if len(rows) == 0 || k < 1 {
		return nil
	}
	chosen := slices.Index(rows, Knee(t))
	distance := make([]float64, len(rows))
	for i := range distance {
		distance[i] = math.Inf(1)
	}
	out := []int{rows[chosen]}
	for len(out) < k {
		next, far := -1, 0.0
		for i, g := range f {
			d := 0.0
			for j := range g {
				d += float64((g[j] - f[chosen][j]) * (g[j] - f[chosen][j]))
			}
			distance[i] = min(distance[i], d)
			if distance[i] > far {
				next, far = i, distance[i]
			}
		}
		if next < 0 {
			break
		}
		chosen = next
		out = append(out, rows[chosen])
	}
	return out
}
