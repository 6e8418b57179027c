// Package selection cuts a population back to its size: by crowding distance
// (NSGA-II), by contribution to the hypervolume (SMS-EMOA) or by niches around
// reference directions (NSGA-III). It sees objectives and ranks only.
package selection

import "math/rand" //nolint:depguard // eaopt's populations have a *rand.Rand of math/rand

// Pool is what a selector chooses from.
type Pool struct {
	F      []float64 // rows of M objectives
	M      int
	Ranks  []int // of every row, from 0
	Fronts int   // the largest rank and one
}

// Selector marks the survivors of a pool. It keeps scratch memory and serves
// one goroutine at a time.
type Selector interface {
	// Select sets keep of size rows, and crowd, the second criterion of mating,
	// of those it looked at: larger is better. Both come cleared.
	Select(p Pool, size int, keep []bool, crowd []float64, rng *rand.Rand)
}
