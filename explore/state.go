package explore

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"

	"github.com/MaxHalford/eaopt"

	"stco/space"
)

// stateVersion is that of the checkpoint's content.
const stateVersion = 1

// member is a genome in a checkpoint.
type member struct {
	U, X, F, G []float64
	Violation  float64
	Op, Rank   int
	Crowd      float64
	Fitness    float64
}

// saved is a checkpoint: all that a run needs to go on. Random streams are
// derived, so it holds no generator.
type saved struct {
	Version      int
	Algorithm    Algorithm
	Dim, M, C    int
	Progress     Progress
	Calm, Next   int64
	Exhausted    bool
	Ideal, Nadir []float64
	Least        Solution
	Islands      [][]member
	Generations  []uint
	Credits      [][numOps]float64
	ArchiveX     [][]float64
	ArchiveF     [][]float64
	ArchiveG     [][]float64
	Thinned      int
	Old, New     []space.Key
	Forgotten    bool
}

// state returns the checkpoint of the run as it stands.
func (e *engine) state() ([]byte, error) {
	s := saved{
		Version: stateVersion, Algorithm: e.cfg.Algorithm, Dim: e.brd.space.Dim(), M: e.m, C: e.c,
		Progress: e.p, Calm: e.calm, Next: e.next, Exhausted: e.exhausted, Ideal: e.ideal, Nadir: e.nadir,
		Least: e.least, Thinned: e.archive.thinned, Forgotten: e.cache.forgotten,
		Old: e.cache.old.keys(), New: e.cache.new.keys(),
	}
	for i := range e.islands {
		var members []member
		for _, ind := range e.islands[i].Individuals {
			g := ind.Genome.(*genome)
			members = append(members, member{g.u, g.x, g.f, g.g, g.violation, g.op, g.rank, g.crowd, ind.Fitness})
		}
		s.Islands = append(s.Islands, members)
		s.Generations = append(s.Generations, e.islands[i].Generations)
		s.Credits = append(s.Credits, e.pools[i].credit)
	}
	for _, slot := range e.archive.slots() {
		s.ArchiveX = append(s.ArchiveX, e.archive.point(slot))
		s.ArchiveF = append(s.ArchiveF, e.archive.values(slot))
		s.ArchiveG = append(s.ArchiveG, e.archive.constraints(slot))
	}
	// Keys in a table's order depend on when it grew: sorted, equal states have
	// equal bytes whether or not the run was resumed.
	for _, keys := range [][]space.Key{s.Old, s.New} {
		slices.SortFunc(keys, func(a, b space.Key) int {
			return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
		})
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// restore puts the run where a checkpoint was taken.
func (e *engine) restore(data []byte) error {
	var s saved
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&s); err != nil {
		return err
	}
	if s.Version != stateVersion {
		return fmt.Errorf("version %d, this program reads %d", s.Version, stateVersion)
	}
	if s.Algorithm != e.cfg.Algorithm || s.Dim != e.brd.space.Dim() || s.M != e.m || s.C != e.c || len(s.Islands) != len(e.islands) {
		return errors.New("of another problem or configuration")
	}
	e.p, e.calm, e.next, e.exhausted, e.least = s.Progress, s.Calm, s.Next, s.Exhausted, s.Least
	e.p.Best, e.p.Violated = padded(s.Progress.Best, e.m), padded(s.Progress.Violated, e.c)
	if e.cfg.Ideal == nil {
		e.ideal, e.nadir = s.Ideal, s.Nadir
	}
	for i, members := range s.Islands {
		genomes := newGenomes(len(members), e.brd, e.m, e.c)
		var ind eaopt.Individuals
		for k, v := range members {
			g := genomes[k]
			copy(g.u, v.U)
			copy(g.x, v.X)
			copy(g.f, v.F)
			copy(g.g, v.G)
			g.violation, g.op, g.rank, g.crowd = v.Violation, v.Op, v.Rank, v.Crowd
			g.key = e.brd.space.Key(g.x)
			ind = append(ind, eaopt.Individual{Genome: g, Fitness: v.Fitness, Evaluated: true})
		}
		e.islands[i].Individuals, e.islands[i].Generations = ind, s.Generations[i]
		e.pools[i].credit = s.Credits[i]
	}
	for i := range s.ArchiveX {
		g := []float64{}
		if i < len(s.ArchiveG) {
			g = padded(s.ArchiveG[i], e.c)
		}
		e.archive.add(s.ArchiveX[i], s.ArchiveF[i], g, e.brd.space.Key(s.ArchiveX[i]))
	}
	e.archive.thinned = s.Thinned
	for _, k := range s.Old {
		e.cache.old.add(k)
	}
	for _, k := range s.New {
		e.cache.new.add(k)
	}
	e.cache.forgotten = s.Forgotten
	return nil
}

// padded undoes what the encoding drops: an empty slice.
func padded[T any](s []T, n int) []T {
	out := make([]T, n)
	copy(out, s)
	return out
}
