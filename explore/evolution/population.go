package evolution

import (
	"errors"
	"fmt"

	"github.com/MaxHalford/eaopt"

	"stco/explore/internal/coding"
	"stco/space"
)

// Member is an evaluated design in a population.
type Member struct {
	U, X, F, G []float64 // place in the unit cube, design, objectives, constraints
	Key        space.Key
	Violation  float64
	Fitness    float64
	Rank       int64
	Crowding   float64
}

// Code lists the fields of a member.
func (r *Member) Code(c *coding.Codec) {
	c.Floats(&r.U)
	c.Floats(&r.X)
	c.Floats(&r.F)
	c.Floats(&r.G)
	c.Word(&r.Key.Hi)
	c.Word(&r.Key.Lo)
	c.Float(&r.Violation)
	c.Float(&r.Fitness)
	c.Int64(&r.Rank)
	c.Float(&r.Crowding)
}

// Population is what an island must keep to go on. The zero value is that of an
// island not begun.
type Population struct {
	fresh int64
	age   int64
	begun int64
	share [numOps]float64
	progress
	members []Member
}

// Code lists the fields of a population.
func (p *Population) Code(c *coding.Codec) {
	c.Int64(&p.fresh)
	c.Int64(&p.age)
	c.Int64(&p.begun)
	for i := range p.share {
		c.Float(&p.share[i])
	}
	c.Floats(&p.first)
	c.Floats(&p.past)
	c.Bool(&p.rest)
	coding.List(c, &p.members, 72, func(m *Member) { m.Code(c) })
}

// Populations returns those of the islands; their slices are the islands' own.
func (a *Archipelago) Populations() []Population {
	out := make([]Population, len(a.islands))
	for i, is := range a.islands {
		out[i] = Population{fresh: is.fresh, age: is.age, begun: is.begun, share: is.share, progress: is.progress}
		for _, ind := range a.pops[i].Individuals {
			g := ind.Genome.(*genome)
			out[i].members = append(out[i].members, Member{g.u, g.x, g.f, g.g, g.key, g.violation, ind.Fitness, int64(g.rank), g.crowd})
		}
	}
	return out
}

// Restore gives the islands, which are without members, their populations.
func (a *Archipelago) Restore(from []Population) error {
	if len(from) != len(a.islands) {
		return fmt.Errorf("%d islands, not %d", len(from), len(a.islands))
	}
	for i, is := range a.islands {
		p := &from[i]
		is.fresh, is.age, is.begun, is.share, is.progress = p.fresh, p.age, p.begun, p.share, p.progress
		is.settle()
		for k := range p.members {
			g := is.take()
			r := &p.members[k]
			if len(r.U) != len(g.u) || len(r.X) != len(g.x) || len(r.F) != len(g.f) || len(r.G) != len(g.g) {
				return fmt.Errorf("member %d of island %d: %w", k+1, i+1, errSize)
			}
			copy(g.u, r.U)
			copy(g.x, r.X)
			copy(g.f, r.F)
			copy(g.g, r.G)
			g.key, g.violation, g.rank, g.crowd = r.Key, r.Violation, int(r.Rank), r.Crowding
			a.pops[i].Individuals = append(a.pops[i].Individuals, eaopt.Individual{Genome: g, Fitness: r.Fitness, Evaluated: true})
		}
	}
	return nil
}

var errSize = errors.New("another number of parameters, objectives or constraints")

// Feasible appends the objectives of all members that violate no constraint.
func (a *Archipelago) Feasible(f []float64) []float64 {
	for i := range a.pops {
		for _, ind := range a.pops[i].Individuals {
			if g := ind.Genome.(*genome); g.violation == 0 {
				f = append(f, g.f...)
			}
		}
	}
	return f
}
