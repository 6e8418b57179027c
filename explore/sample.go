package explore

import (
	"math/rand" //nolint:depguard // the generator of the other files is a *rand.Rand of math/rand
	"sync/atomic"

	"stco/space"
)

// sampler proposes designs without regard to results: random, Sobol and grid.
type sampler struct {
	rows       int // designs per generation
	x, f, g, u []float64
	violation  []float64
	keys       []space.Key
	promising  []bool // feasible and not dominated by the archive as it was
	sobol      *space.Sobol
	size       int64 // grid: number of designs
	src        source
	rng        *generator
}

// gridBatch is the number of designs per generation of a grid.
const gridBatch = 1 << 14

func (s *search) openSampler() error {
	b := &s.batch
	b.rows = s.cfg.Population * s.cfg.Islands
	b.rng = rand.New(&b.src)
	if s.cfg.Algorithm == Grid {
		b.rows = gridBatch
		b.size, _ = s.space.Size()
	}
	if s.cfg.Algorithm == Sobol {
		b.src.pcg.Seed(s.root.at(0, -1))
		var err error
		if b.sobol, err = space.NewSobol(s.space.Dim(), b.src.Uint64); err != nil {
			return err
		}
	}
	n := max(b.rows, len(s.cfg.Start))
	dim := s.space.Dim()
	b.x, b.u = make([]float64, n*dim), make([]float64, dim)
	b.f, b.g = make([]float64, n*s.m), make([]float64, n*s.c)
	b.violation, b.keys, b.promising = make([]float64, n), make([]space.Key, n), make([]bool, n)
	return nil
}

// sample does one generation; false when the designs are used up.
func (s *search) sample() (bool, error) {
	b := &s.batch
	room := s.room()
	n := s.propose(int(min(room, int64(b.rows))), room)
	if n == 0 {
		return false, nil
	}
	s.cut = room < s.most() && int64(n) == room
	dim := s.space.Dim()
	const chunk = 64
	var next atomic.Int64
	parallel(len(s.workers), func(w int) {
		for {
			hi := int(next.Add(chunk))
			if hi-chunk >= n {
				return
			}
			for i := hi - chunk; i < min(hi, n); i++ {
				x, f, g := b.x[i*dim:(i+1)*dim], b.f[i*s.m:(i+1)*s.m], b.g[i*s.c:(i+1)*s.c]
				s.workers[w].Evaluate(x, f, g)
				judge := genome{f: f, g: g}
				judge.judge()
				b.violation[i] = judge.violation
				b.promising[i] = judge.violation == 0 && !s.st.archive.Covers(f)
			}
		}
	})
	for i := range n {
		if b.violation[i] == 0 && !b.promising[i] {
			s.st.p.Evaluations++
			continue
		}
		x, f, g := b.x[i*dim:(i+1)*dim], b.f[i*s.m:(i+1)*s.m], b.g[i*s.c:(i+1)*s.c]
		if err := s.count(x, f, g, b.violation[i], b.keys[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// propose writes up to want designs, all different from those before, and
// returns their number. Start designs come first.
func (s *search) propose(want int, room int64) int {
	b, st := &s.batch, s.st
	dim := s.space.Dim()
	n := 0
	if s.cfg.Algorithm == Grid {
		for ; n < want && st.next < b.size; n++ {
			s.space.At(st.next, b.x[n*dim:(n+1)*dim])
			b.keys[n] = space.Key{Lo: uint64(st.next)}
			st.next++
		}
		return n
	}
	admit := func() bool {
		k := s.space.Key(b.x[n*dim : (n+1)*dim])
		if st.cache.has(k) {
			st.p.Duplicates++
			return false
		}
		st.cache.add(k)
		b.keys[n] = k
		n++
		return true
	}
	if st.p.Generation == 0 {
		for _, x := range s.cfg.Start {
			if int64(n) < room {
				copy(b.x[n*dim:], x)
				admit()
			}
		}
	}
	b.src.pcg.Seed(s.root.at(0, st.p.Generation))
	for misses := 0; n < want && misses < 1000; {
		if b.sobol != nil {
			b.sobol.At(uint64(st.next), b.u)
		} else {
			for i := range b.u {
				b.u[i] = b.rng.Float64()
			}
		}
		st.next++
		s.space.Decode(b.u, b.x[n*dim:(n+1)*dim])
		if !admit() {
			misses++
		}
	}
	return n
}
