package evaluation

import (
	"math"
	"sync"
	"testing"
)

func TestViolation(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		f, g []float64
		want float64
	}{
		{[]float64{1, -2}, nil, 0},
		{[]float64{1}, []float64{-5, 0}, 0},
		{[]float64{1}, []float64{-5, 0.5, 0.25}, 0.75},
		{[]float64{1}, []float64{nan, -1}, inf},
		{[]float64{1}, []float64{inf}, inf},
		{[]float64{1, nan}, []float64{-1}, inf},
		{[]float64{-inf, 1}, []float64{0.5}, inf},
	} {
		if got := Violation(c.f, c.g); got != c.want {
			t.Errorf("objectives %v, constraints %v: %g, want %g", c.f, c.g, got, c.want)
		}
	}
}

// TestParallel: every call is made once, all at the same time.
func TestParallel(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		calls := make([]int, n)
		var all sync.WaitGroup
		all.Add(n)
		Parallel(n, func(w int) {
			calls[w]++
			all.Done()
			all.Wait() // for the others
		})
		for w, k := range calls {
			if k != 1 {
				t.Errorf("of %d: %d calls of f(%d)", n, k, w)
			}
		}
	}
}
