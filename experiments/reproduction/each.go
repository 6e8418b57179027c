package reproduction

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// Each calls do for 0 to n-1 on the workers of a setting and returns all errors.
// Every call writes to a place of its own, so that the order does not matter.
func Each(ctx context.Context, s *Setting, n int, do func(i int) error) error {
	faults := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(max(s.Workers, 1), n) {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= n || ctx.Err() != nil {
					return
				}
				faults[i] = do(i)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errors.Join(faults...)
}

// Median returns the middle value, of an even number the lower one.
func Median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return v[(len(v)-1)/2]
}

// Most returns the largest value.
func Most(values []float64) float64 { return slices.Max(values) }
