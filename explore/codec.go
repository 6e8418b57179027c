package explore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/MaxHalford/eaopt"

	"stco/explore/archive"
	"stco/space"
)

// stateMagic begins an encoded state: name and version of the format.
const stateMagic = "stco-explore-state-3\n"

// snapshot is a decoded state that has not met its problem yet.
type snapshot struct {
	islands []islandRecord
	archive []record
	thinned int
	newer   []space.Key
	older   []space.Key
}

type islandRecord struct {
	fresh   int64
	age     int64
	share   [numOps]float64
	members []record
}

// record is an evaluated design.
type record struct {
	u, x, f, g []float64
	key        space.Key
	violation  float64
	fitness    float64
	rank       int64
	crowd      float64
}

// codec writes or reads the fields of a state in one order.
type codec struct {
	out []byte
	in  []byte
	err error
}

var errTruncated = errors.New("state is truncated")

func (c *codec) reading() bool { return c.out == nil }

func (c *codec) word(v *uint64) {
	if !c.reading() {
		c.out = binary.LittleEndian.AppendUint64(c.out, *v)
		return
	}
	if len(c.in) < 8 {
		c.err, *v = errTruncated, 0
		return
	}
	*v = binary.LittleEndian.Uint64(c.in)
	c.in = c.in[8:]
}

func (c *codec) int64(v *int64) {
	w := uint64(*v)
	c.word(&w)
	*v = int64(w)
}

func (c *codec) int(v *int) {
	w := uint64(*v)
	c.word(&w)
	*v = int(w)
}

func (c *codec) bool(v *bool) {
	w := uint64(boolToInt(*v))
	c.word(&w)
	*v = w != 0
}

func (c *codec) float(v *float64) {
	w := math.Float64bits(*v)
	c.word(&w)
	*v = math.Float64frombits(w)
}

// length codes the length of a slice whose elements take at least size bytes.
func (c *codec) length(n, size int) int {
	c.int(&n)
	if c.reading() && (n < 0 || n > len(c.in)/max(size, 1)) {
		c.err = errTruncated
		return 0
	}
	return n
}

func list[T any](c *codec, s *[]T, size int, each func(*T)) {
	n := c.length(len(*s), size)
	if c.reading() {
		if *s = nil; n > 0 {
			*s = make([]T, n)
		}
	}
	for i := range *s {
		each(&(*s)[i])
	}
}

func (c *codec) floats(v *[]float64) { list(c, v, 8, c.float) }
func (c *codec) int64s(v *[]int64)   { list(c, v, 8, c.int64) }
func (c *codec) keys(v *[]space.Key) { list(c, v, 16, c.key) }
func (c *codec) records(v *[]record) { list(c, v, 72, c.record) }
func (c *codec) text(v *Algorithm) {
	b := []byte(*v)
	list(c, &b, 8, func(ch *byte) {
		w := uint64(*ch)
		c.word(&w)
		*ch = byte(w)
	})
	*v = Algorithm(b)
}

func (c *codec) key(k *space.Key) {
	c.word(&k.Hi)
	c.word(&k.Lo)
}

func (c *codec) record(r *record) {
	c.floats(&r.u)
	c.floats(&r.x)
	c.floats(&r.f)
	c.floats(&r.g)
	c.key(&r.key)
	c.float(&r.violation)
	c.float(&r.fitness)
	c.int64(&r.rank)
	c.float(&r.crowd)
}

func (c *codec) solution(s *Solution) {
	c.floats(&s.X)
	c.floats(&s.F)
	c.floats(&s.G)
	c.float(&s.Violation)
}

// state codes everything but the islands, archive and cache, which go through
// the snapshot.
func (c *codec) state(st *state, raw *snapshot) {
	c.bool(&st.started)
	c.bool(&st.exhausted)
	c.text(&st.shape.Algorithm)
	for _, v := range []*int{&st.shape.Dim, &st.shape.Objectives, &st.shape.Constraints, &st.shape.Population, &st.shape.Islands, &st.p.Front} {
		c.int(v)
	}
	c.word(&st.shape.Root[0])
	c.word(&st.shape.Root[1])
	for _, v := range []*int64{
		&st.p.Generation, &st.p.Evaluations, &st.p.Duplicates, &st.p.Infeasible, &st.p.NonFinite,
		&st.p.HypervolumeAt, &st.next, &st.grownAt, &st.measuredIn, &st.restartedAt,
	} {
		c.int64(v)
	}
	c.int64s(&st.p.Violated)
	c.float(&st.p.Violation)
	c.float(&st.p.Hypervolume)
	c.float(&st.grown)
	c.floats(&st.ideal)
	c.floats(&st.nadir)
	c.floats(&st.lower)
	c.floats(&st.upper)
	list(c, &st.least, 32, c.solution)
	list(c, &raw.islands, 8, func(r *islandRecord) {
		c.int64(&r.fresh)
		c.int64(&r.age)
		for i := range r.share {
			c.float(&r.share[i])
		}
		c.records(&r.members)
	})
	c.records(&raw.archive)
	c.int(&raw.thinned)
	c.keys(&raw.newer)
	c.keys(&raw.older)
}

// marshal encodes the state; equal states give equal bytes. The last four bytes
// are a checksum.
func (st *state) marshal() ([]byte, error) {
	c := &codec{out: []byte(stateMagic)}
	c.state(st, st.snapshot())
	return binary.LittleEndian.AppendUint32(c.out, crc32.ChecksumIEEE(c.out)), nil
}

// unmarshal decodes what marshal wrote. A state cut short or changed is
// refused.
func (st *state) unmarshal(data []byte) error {
	if len(data) < len(stateMagic)+4 || string(data[:len(stateMagic)]) != stateMagic {
		return errors.New("not a state of this version")
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return errors.New("damaged: the checksum does not match")
	}
	c := &codec{in: body[len(stateMagic):]}
	*st = state{raw: &snapshot{}}
	c.state(st, st.raw)
	if c.err == nil && len(c.in) > 0 {
		c.err = fmt.Errorf("%d bytes too many", len(c.in))
	}
	return c.err
}

// snapshot lists the populations, archive and cache. The slices of records are
// those of the state.
func (st *state) snapshot() *snapshot {
	raw := &snapshot{}
	for i := range st.pops {
		is := st.islands[i]
		r := islandRecord{fresh: is.fresh, age: is.age, share: is.share}
		for _, ind := range st.pops[i].Individuals {
			g := ind.Genome.(*genome)
			r.members = append(r.members, record{g.u, g.x, g.f, g.g, g.key, g.violation, ind.Fitness, int64(g.rank), g.crowd})
		}
		raw.islands = append(raw.islands, r)
	}
	if a := st.archive; a != nil {
		raw.thinned = a.Thinnings()
		for _, s := range a.Slots() {
			raw.archive = append(raw.archive, record{x: a.Point(s), f: a.Values(s), g: a.Constraints(s), key: a.Key(s)})
		}
	}
	if st.cache != nil {
		raw.newer, raw.older = st.cache.new.keys, st.cache.old.keys
	}
	return raw
}

// restore rebuilds populations, archive and cache from a snapshot.
func (st *state) restore(raw *snapshot, s *search, limit int) error {
	dim := s.space.Dim()
	fits := func(r *record) bool {
		return len(r.x) == dim && len(r.f) == s.m && len(r.g) == s.c
	}
	st.archive = archive.New(dim, s.m, s.c, limit)
	st.archive.Restored(raw.thinned, limit)
	for i := range raw.archive {
		if r := &raw.archive[i]; !fits(r) || !st.archive.Add(r.x, r.f, r.g, r.key) {
			return fmt.Errorf("%w: archived design %d", errState, i+1)
		}
	}
	st.cache = newCache(s.cfg.CacheLimit)
	for _, k := range raw.older {
		st.cache.old.add(k)
	}
	for _, k := range raw.newer {
		st.cache.new.add(k)
	}
	if s.sampling() {
		return nil
	}
	if len(raw.islands) != s.cfg.Islands {
		return mismatch("number of islands", len(raw.islands), s.cfg.Islands)
	}
	for i := range raw.islands {
		is, pop := s.newIsland(i)
		is.fresh, is.age, is.share = raw.islands[i].fresh, raw.islands[i].age, raw.islands[i].share
		for k := range raw.islands[i].members {
			r := &raw.islands[i].members[k]
			if !fits(r) || len(r.u) != dim {
				return fmt.Errorf("%w: member %d of island %d", errState, k+1, i+1)
			}
			g := is.take()
			copy(g.u, r.u)
			copy(g.x, r.x)
			copy(g.f, r.f)
			copy(g.g, r.g)
			g.key, g.violation, g.rank, g.crowd = r.key, r.violation, int(r.rank), r.crowd
			pop.Individuals = append(pop.Individuals, eaopt.Individual{Genome: g, Fitness: r.fitness, Evaluated: true})
		}
		st.islands, st.pops = append(st.islands, is), append(st.pops, pop)
	}
	return nil
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
