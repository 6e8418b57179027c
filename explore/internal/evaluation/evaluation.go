// Package evaluation shares designs among the workers that evaluate them.
package evaluation

import (
	"math"
	"sync"
)

// Worker evaluates one design at a time; see explore.Evaluator.
type Worker interface {
	Evaluate(x, f, g []float64)
}

// Violation sums up the constraint values above 0; +Inf when an objective is not
// finite or a constraint not a number.
func Violation(f, g []float64) float64 {
	sum := 0.0
	for _, c := range g {
		if !(c <= 0) {
			sum += c
		}
	}
	if math.IsNaN(sum) {
		return math.Inf(1)
	}
	for _, v := range f {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return math.Inf(1)
		}
	}
	return sum
}

// Parallel runs f(0), ..., f(n-1) at once and returns when all have ended.
func Parallel(n int, f func(int)) {
	if n == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() { f(w) })
	}
	wg.Wait()
}
