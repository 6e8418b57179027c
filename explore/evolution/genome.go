package evolution

import (
	"github.com/MaxHalford/eaopt"

	"stco/explore/internal/evaluation"
	"stco/explore/internal/stream"
	"stco/explore/variation"
	"stco/space"
)

// genome is an eaopt.Genome: a point of the unit cube with its decoded design
// and its values. Genomes are recycled within an island.
type genome struct {
	u, x, f, g []float64
	key        space.Key
	violation  float64 // +Inf when an objective or constraint is not a number
	op         int     // operator that bred it
	rank       int
	crowd      float64

	brd       *breeder
	evaluator evaluation.Worker // of the worker that evaluates it
}

// breeder is the space of a search with its operators.
type breeder struct {
	*variation.Breeder
	space *space.Space
}

// newGenomes returns n genomes that share one block of memory.
func newGenomes(n int, b *breeder, m, constraints int) []*genome {
	dim := b.space.Dim()
	width := 2*dim + m + constraints
	block := make([]float64, n*width)
	all := make([]genome, n)
	out := make([]*genome, n)
	for i := range all {
		row := block[i*width : (i+1)*width : (i+1)*width]
		all[i] = genome{
			u: row[:dim:dim], x: row[dim : 2*dim : 2*dim], f: row[2*dim : 2*dim+m : 2*dim+m], g: row[2*dim+m:],
			brd: b,
		}
		out[i] = &all[i]
	}
	return out
}

// Evaluate computes objectives and constraints and returns the violation as
// the provisional fitness; selection sets the final one.
func (g *genome) Evaluate() (float64, error) {
	g.evaluator.Evaluate(g.x, g.f, g.g)
	g.violation = evaluation.Violation(g.f, g.g)
	return g.violation, nil
}

// Mutate moves some coordinates; see variation.Breeder.Mutate.
func (g *genome) Mutate(rng *stream.Generator) { g.brd.Mutate(g.u, rng) }

// Crossover makes this genome and its mate two simulated-binary children of
// theirs.
func (g *genome) Crossover(mate eaopt.Genome, rng *stream.Generator) {
	other := mate.(*genome)
	g.brd.Cross(g.u, other.u, g.u, other.u, rng)
}

// Clone returns a copy with memory of its own.
func (g *genome) Clone() eaopt.Genome {
	c := newGenomes(1, g.brd, len(g.f), len(g.g))[0]
	c.copyFrom(g)
	return c
}

// copyFrom takes over the point and the values of another genome.
func (g *genome) copyFrom(o *genome) {
	copy(g.u, o.u)
	copy(g.x, o.x)
	copy(g.f, o.f)
	copy(g.g, o.g)
	g.key, g.violation, g.op, g.rank, g.crowd = o.key, o.violation, o.op, o.rank, o.crowd
}

// The operators of the pool. Each makes children from parents of one
// population; how often one is used is learnt from how many of its children
// survive.
const (
	opCross      = iota // simulated binary crossover, then mutation
	opDifference        // differential evolution, few coordinates
	opLocal             // differential step between neighbours, most coordinates
	opStep              // a few steps of grids, where most coordinates are on one
	numOps              // the above are learnt
	opMutate            // mutation of one parent, always with the same probability
	opFresh             // random or given designs
)
