package explore

import (
	"sync/atomic"

	"stco/explore/internal/evaluation"
	"stco/explore/sampling"
)

// batch is what a generation of a sampler is evaluated in.
type batch struct {
	f, g      []float64
	violation []float64
	promising []bool // feasible and not dominated by the archive as it was
}

func (s *search) sampling() bool {
	return s.cfg.Algorithm == Random || s.cfg.Algorithm == Sobol || s.cfg.Algorithm == Grid
}

func (s *search) openSampler() error {
	method := map[Algorithm]sampling.Method{Random: sampling.Uniform, Sobol: sampling.Sobol, Grid: sampling.Grid}[s.cfg.Algorithm]
	var err error
	s.sampler, err = sampling.New(method, s.space, s.cfg.Population*s.cfg.Islands, s.cfg.Start, s.st.cache, s.root)
	if err != nil {
		return err
	}
	s.sampler.Next = s.st.next
	n := max(s.sampler.Rows, len(s.cfg.Start))
	s.batch = batch{make([]float64, n*s.m), make([]float64, n*s.c), make([]float64, n), make([]bool, n)}
	return nil
}

// sample does one generation; false when the designs are used up.
func (s *search) sample() (bool, error) {
	b, x, dim := &s.batch, s.sampler.X, s.space.Dim()
	room := s.Room()
	n := s.sampler.Propose(s.st.p.Generation, room)
	s.st.next = s.sampler.Next
	s.Repeat(s.sampler.Repeated)
	if n == 0 {
		return false, nil
	}
	s.cut = room < s.most() && int64(n) == room
	const chunk = 64
	var next atomic.Int64
	evaluation.Parallel(len(s.workers), func(w int) {
		for {
			hi := int(next.Add(chunk))
			if hi-chunk >= n {
				return
			}
			for i := hi - chunk; i < min(hi, n); i++ {
				f, g := b.f[i*s.m:(i+1)*s.m], b.g[i*s.c:(i+1)*s.c]
				s.workers[w].Evaluate(x[i*dim:(i+1)*dim], f, g)
				b.violation[i] = evaluation.Violation(f, g)
				b.promising[i] = b.violation[i] == 0 && !s.st.archive.Covers(f)
			}
		}
	})
	for i := range n {
		if b.violation[i] == 0 && !b.promising[i] {
			s.st.p.Evaluations++
			continue
		}
		f, g := b.f[i*s.m:(i+1)*s.m], b.g[i*s.c:(i+1)*s.c]
		if err := s.Count(x[i*dim:(i+1)*dim], f, g, b.violation[i], s.sampler.Keys[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}
