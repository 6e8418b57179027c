package effects

import (
	"math"
	"slices"
)

// Ratio is the correlation ratio of a sample: the share of the variance of y that
// lies between the classes of x, with the share that chance would give taken off
// (epsilon squared, Kelley 1935); 0 where that leaves nothing. Pairs with a NaN
// are left out. NaN where y does not vary or no class has two members.
//
// Classes are the values of x, or classes of about equally many members where it
// has more than a number of values.
func Ratio(x, y []float64, classes int) float64 {
	groups := map[float64][]float64{}
	class := classOf(x, y, classes)
	var all []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			c := class(x[i])
			groups[c] = append(groups[c], y[i])
			all = append(all, y[i])
		}
	}
	n, k := float64(len(all)), float64(len(groups))
	total := squares(all)
	if n <= k || !(total > 0) {
		return math.NaN()
	}
	within := 0.0
	for _, c := range sortedKeys(groups) {
		within += squares(groups[c])
	}
	return max(0, 1-within/(n-k)/(total/(n-1)))
}

// classOf returns the class of a value of x: the value itself, or one of classes.
func classOf(x, y []float64, classes int) func(float64) float64 {
	var sorted []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			sorted = append(sorted, x[i])
		}
	}
	slices.Sort(sorted)
	if len(slices.Compact(slices.Clone(sorted))) <= classes {
		return func(v float64) float64 { return v }
	}
	return func(v float64) float64 {
		rank, _ := slices.BinarySearch(sorted, v) // equal values fall into one class
		return math.Floor(float64(rank*classes) / float64(len(sorted)))
	}
}

// squares is the sum of the squared distances from the mean.
func squares(values []float64) (s float64) {
	mean := 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		s += (v - mean) * (v - mean)
	}
	return s
}

func sortedKeys(m map[float64][]float64) []float64 {
	keys := make([]float64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Rank is the rank correlation of a sample after Spearman, ties with their mean
// rank: -1 to 1. NaN where one of the two does not vary. Pairs with a NaN are left
// out.
func Rank(x, y []float64) float64 {
	var a, b []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	a, b = ranks(a), ranks(b)
	mean := float64(len(a)+1) / 2
	var xy, xx, yy float64
	for i := range a {
		xy += (a[i] - mean) * (b[i] - mean)
		xx += (a[i] - mean) * (a[i] - mean)
		yy += (b[i] - mean) * (b[i] - mean)
	}
	if xx == 0 || yy == 0 {
		return math.NaN()
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks numbers values from 1, equal ones with the mean of their numbers.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}
