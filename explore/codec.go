package explore

import (
	"fmt"

	"stco/explore/archive"
	"stco/explore/evolution"
	"stco/explore/internal/coding"
	"stco/explore/internal/seen"
	"stco/space"
)

// stateMagic begins an encoded state: name and version of the format.
const stateMagic = "stco-explore-state-4\n"

// snapshot is the part of a state that is rebuilt when it meets its problem.
type snapshot struct {
	populations []evolution.Population
	archive     []evolution.Member
	thinned     int
	newer       []space.Key
	older       []space.Key
}

// code lists the fields of a snapshot.
func (raw *snapshot) code(c *coding.Codec) {
	coding.List(c, &raw.populations, 8, func(p *evolution.Population) { p.Code(c) })
	coding.List(c, &raw.archive, 72, func(m *evolution.Member) { m.Code(c) })
	c.Int(&raw.thinned)
	for _, keys := range []*[]space.Key{&raw.newer, &raw.older} {
		coding.List(c, keys, 16, func(k *space.Key) {
			c.Word(&k.Hi)
			c.Word(&k.Lo)
		})
	}
}

// code lists the fields of a state and of what is rebuilt.
func (st *state) code(c *coding.Codec, raw *snapshot) {
	c.Bool(&st.started)
	c.Bool(&st.exhausted)
	coding.Text(c, &st.shape.Algorithm)
	for _, v := range []*int{&st.shape.Dim, &st.shape.Objectives, &st.shape.Constraints, &st.shape.Population, &st.shape.Islands, &st.p.Front} {
		c.Int(v)
	}
	c.Word(&st.shape.Root[0])
	c.Word(&st.shape.Root[1])
	for _, v := range []*int64{
		&st.p.Generation, &st.p.Evaluations, &st.p.Duplicates, &st.p.Infeasible, &st.p.NonFinite, &st.p.Restarts,
		&st.p.HypervolumeAt, &st.next, &st.grownAt, &st.measuredIn,
	} {
		c.Int64(v)
	}
	c.Int64s(&st.p.Violated)
	c.Float(&st.p.Violation)
	c.Float(&st.p.Hypervolume)
	c.Float(&st.grown)
	for _, v := range []*[]float64{&st.ideal, &st.nadir, &st.lower, &st.upper} {
		c.Floats(v)
	}
	coding.List(c, &st.least, 32, func(s *Solution) {
		c.Floats(&s.X)
		c.Floats(&s.F)
		c.Floats(&s.G)
		c.Float(&s.Violation)
	})
	raw.code(c)
}

// marshal encodes the state; equal states give equal bytes.
func (st *state) marshal() ([]byte, error) {
	raw := st.snapshot()
	return coding.Encode(stateMagic, func(c *coding.Codec) { st.code(c, raw) }), nil
}

// unmarshal decodes what marshal wrote.
func (st *state) unmarshal(data []byte) error {
	*st = state{raw: &snapshot{}}
	return coding.Decode(stateMagic, data, func(c *coding.Codec) { st.code(c, st.raw) })
}

// snapshot lists the populations, archive and cache. The slices of the records
// are those of the state.
func (st *state) snapshot() *snapshot {
	raw := &snapshot{}
	if st.islands != nil {
		raw.populations = st.islands.Populations()
	}
	if a := st.archive; a != nil {
		raw.thinned = a.Thinnings()
		for _, s := range a.Slots() {
			raw.archive = append(raw.archive, evolution.Member{X: a.Point(s), F: a.Values(s), G: a.Constraints(s), Key: a.Key(s)})
		}
	}
	if st.cache != nil {
		raw.newer, raw.older = st.cache.Keys()
	}
	return raw
}

// restore rebuilds archive and cache from a snapshot.
func (st *state) restore(raw *snapshot, s *search, limit int) error {
	dim := s.space.Dim()
	st.archive = archive.New(dim, s.m, s.c, limit)
	st.archive.Restored(raw.thinned, limit)
	for i := range raw.archive {
		r := &raw.archive[i]
		if len(r.X) != dim || len(r.F) != s.m || len(r.G) != s.c || !st.archive.Add(r.X, r.F, r.G, r.Key) {
			return fmt.Errorf("%w: archived design %d", errState, i+1)
		}
	}
	st.cache = seen.Restored(s.cfg.CacheLimit, raw.newer, raw.older)
	return nil
}
