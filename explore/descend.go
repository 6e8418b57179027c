package explore

import (
	"math/rand" //nolint:depguard // the generator that variation takes
	"slices"

	"stco/explore/internal/evaluation"
	"stco/explore/internal/stream"
	"stco/explore/variation"
	"stco/space"
)

// Descent says how far a local search goes and where its random stream begins.
type Descent struct {
	Evaluations int64
	Seed        uint64
	Key         []byte
	// Pool holds points that differ along the limits of the problem, such as
	// those of an archive: half of the steps follow what two of them differ in.
	Pool [][]float64
}

// Share of the children of a local search that are steps of two or three coordinates
// together, which lead along a limit that ties them; the others are mutations.
const stepShare = 0.7

// Descend improves a canonical point: of random neighbours, one after the other,
// it goes to each that is no worse, by violation where the point is not feasible,
// otherwise by a value of the objectives. Where a search of a front spreads its
// designs along the front, this spends all on one end of it. It returns the point
// it ends at, which is never worse than the one it began with.
func Descend(p Problem, x []float64, d Descent, value func(f []float64) float64) Solution {
	var source stream.Source
	source.At(stream.NewRoot(d.Key, d.Seed), 0, 0)
	rng, worker, breeder := stream.New(&source), p.NewEvaluator(), variation.New(p.Space())
	at, next := blank(p), blank(p)
	copy(at.X, x)
	assess(worker, &at)
	u, v := make([]float64, len(x)), make([]float64, len(x))
	p.Space().Encode(at.X, u)
	pool := coordinates(p.Space(), d.Pool)
	for range d.Evaluations {
		for range attempts {
			copy(v, u)
			neighbour(breeder, v, pool, rng)
			if p.Space().Decode(v, next.X); len(pool) == 0 || !slices.Equal(next.X, at.X) {
				break
			}
		}
		assess(worker, &next)
		if next.Violation < at.Violation || next.Violation == at.Violation && (next.Violation > 0 || value(next.F) <= value(at.F)) {
			at, next = next, at
			p.Space().Encode(at.X, u)
		}
	}
	return at
}

// attempts bounds how often a step is drawn again that leads nowhere.
const attempts = 8

func coordinates(s *space.Space, points [][]float64) [][]float64 {
	out := make([][]float64, len(points))
	for i, x := range points {
		out[i] = make([]float64, len(x))
		s.Encode(x, out[i])
	}
	return out
}

func neighbour(b *variation.Breeder, u []float64, pool [][]float64, rng *rand.Rand) {
	if n := len(pool); n > 0 && rng.Uint64()&1 == 0 {
		b.Follow(u, pool[rng.Intn(n)], pool[rng.Intn(n)], rng)
		return
	}
	if rng.Float64() < stepShare {
		b.Step(u, rng)
	} else {
		b.Mutate(u, rng)
	}
}

func blank(p Problem) Solution {
	return Solution{X: make([]float64, p.Space().Dim()), F: make([]float64, p.NumObjectives()), G: make([]float64, p.NumConstraints())}
}

func assess(e Evaluator, s *Solution) {
	e.Evaluate(s.X, s.F, s.G)
	s.Violation = evaluation.Violation(s.F, s.G)
}

// Within is a problem in a part of its space, one with the same parameters.
func Within(p Problem, part *space.Space) Problem { return within{p, part} }

type within struct {
	Problem
	part *space.Space
}

func (w within) Space() *space.Space { return w.part }
