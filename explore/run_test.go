package explore

import (
	"bytes"
	"context"
	"encoding/gob"
	"math"
	"slices"
	"strings"
	"testing"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/space"
)

// function is a test problem whose front is known.
type function struct {
	name  string
	dim   int
	m, c  int
	eval  func(x, f, g []float64)
	nadir []float64
	grid  bool
}

func (p *function) Space() *space.Space {
	var ps []space.Parameter
	for range p.dim {
		q := space.Parameter{Name: "x" + string(rune('A'+len(ps))), Min: 0, Max: 1}
		if p.grid {
			q.Step = 1.0 / 16
		}
		ps = append(ps, q)
	}
	s, err := space.New(ps...)
	if err != nil {
		panic(err)
	}
	return s
}
func (p *function) NumObjectives() int         { return p.m }
func (p *function) NumConstraints() int        { return p.c }
func (p *function) NewEvaluator() Evaluator    { return p }
func (p *function) Evaluate(x, f, g []float64) { p.eval(x, f, g) }

// zdt1 is Zitzler, Deb and Thiele's first problem (2000): front f2 = 1 - sqrt(f1).
func zdt1() *function {
	return &function{name: "zdt1", dim: 30, m: 2, nadir: []float64{1, 1}, eval: func(x, f, _ []float64) {
		s := 0.0
		for _, v := range x[1:] {
			s += v
		}
		g := 1 + 9*s/float64(len(x)-1)
		f[0], f[1] = x[0], g*(1-math.Sqrt(x[0]/g))
	}}
}

// dtlz2 is Deb, Thiele, Laumanns and Zitzler's second problem (2005): the front
// is the positive part of the unit sphere.
func dtlz2(m int) *function {
	n := make([]float64, m)
	for i := range n {
		n[i] = 1
	}
	return &function{name: "dtlz2", dim: m + 9, m: m, nadir: n, eval: func(x, f, _ []float64) {
		g := 0.0
		for _, v := range x[m-1:] {
			g += (v - 0.5) * (v - 0.5)
		}
		for i := range m {
			f[i] = 1 + g
			for _, v := range x[:m-1-i] {
				f[i] *= math.Cos(v * math.Pi / 2)
			}
			if i > 0 {
				f[i] *= math.Sin(x[m-1-i] * math.Pi / 2)
			}
		}
	}}
}

// bounded is dtlz2 with a constraint that cuts half of the front off.
func bounded() *function {
	p := dtlz2(3)
	p.c = 1
	base := p.eval
	p.eval = func(x, f, g []float64) {
		base(x, f, g)
		g[0] = 0.5 - x[0]
	}
	return p
}

func (p *function) config(a Algorithm, seed uint64, evaluations int64) Config {
	return Config{
		Algorithm: a, Population: 100, Budget: Budget{Evaluations: evaluations}, K: 100, Seed: seed,
		Ideal: make([]float64, p.m), Nadir: p.nadir, Key: []byte(p.name),
	}
}

func volumeOf(r *Result, p *function) float64 {
	var v hypervolume.Volume
	var f []float64
	for _, s := range r.Answer {
		for j, y := range s.F {
			f = append(f, y/p.nadir[j])
		}
	}
	ref := make([]float64, p.m)
	for j := range ref {
		ref[j] = 1.1
	}
	return v.Hypervolume(f, p.m, ref)
}

// TestHypervolumeReached holds the search to the hypervolume that public
// optimisers reach in 25,000 evaluations (median of 10 seeds, at most 100
// returned points).
func TestHypervolumeReached(t *testing.T) {
	for _, c := range []struct {
		p     *function
		a     Algorithm
		least float64
	}{{zdt1(), Auto, 0.868}, {zdt1(), NSGA2, 0.868}, {dtlz2(3), Auto, 0.70}, {dtlz2(3), NSGA2, 0.70}} {
		var hv []float64
		for seed := range uint64(10) {
			r, err := Run(context.Background(), c.p, c.p.config(c.a, seed, 25000), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Answer) > 100 || r.Evaluations != 25000 {
				t.Fatalf("%s: %d designs after %d evaluations", c.p.name, len(r.Answer), r.Evaluations)
			}
			hv = append(hv, volumeOf(r, c.p))
		}
		slices.Sort(hv)
		if median := (hv[4] + hv[5]) / 2; median < c.least {
			t.Errorf("%s %s: median hypervolume %.5f, want %.3f", c.p.name, c.a, median, c.least)
		} else {
			t.Logf("%s %s: median hypervolume %.5f (%.5f to %.5f)", c.p.name, c.a, median, hv[0], hv[9])
		}
	}
}

func encoded(t *testing.T, r *Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSameBytes runs every algorithm with 1, 2 and 8 workers, with islands, and
// resumed from each of several checkpoints: the results must not differ in a
// byte.
func TestSameBytes(t *testing.T) {
	for _, a := range []Algorithm{NSGA2, SMSEMOA, NSGA3, Random, Sobol, Grid} {
		p := bounded()
		p.dim, p.grid = 4, true
		c := p.config(a, 7, 2000)
		c.Islands, c.MigrationEvery, c.Population = 3, 2, 40
		if a == Random || a == Sobol || a == Grid {
			c.Islands = 1
		}
		var want []byte
		var states [][]byte
		for _, workers := range []int{1, 2, 8} {
			c.Workers = workers
			r, err := Run(context.Background(), p, c, nil, func(_ *Progress, state func() ([]byte, error)) error {
				s, err := state()
				states = append(states, s)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := encoded(t, r); want == nil {
				want = got
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s: other bytes with %d workers", a, workers)
			}
		}
		for i := 0; i < len(states); i += 1 + len(states)/7 {
			r, err := Run(context.Background(), p, c, states[i], nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded(t, r), want) {
				t.Errorf("%s: other bytes after resuming from checkpoint %d", a, i)
			}
		}
	}
}

// TestGridIsExact compares the grid search with brute force.
func TestGridIsExact(t *testing.T) {
	p := bounded()
	p.dim, p.grid = 3, true
	c := p.config(Grid, 1, 0)
	c.K = 1 << 20
	r, err := Run(context.Background(), p, c, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Space()
	n, _ := s.Size()
	if r.Evaluations != n || r.Reason != SpaceDone {
		t.Fatalf("%d of %d designs, %s", r.Evaluations, n, r.Reason)
	}
	x, f, g := make([]float64, 3), make([]float64, 3), make([]float64, 1)
	for k := range n {
		s.At(k, x)
		p.Evaluate(x, f, g)
		if g[0] > 0 {
			continue
		}
		covered := slices.ContainsFunc(r.Archive, func(a Solution) bool { return pareto.WeaklyDominates(a.F, f) })
		if !covered {
			t.Fatalf("the archive misses %v", f)
		}
	}
}

// TestInfeasible reports what binds when nothing is feasible.
func TestInfeasible(t *testing.T) {
	p := bounded()
	base := p.eval
	p.eval = func(x, f, g []float64) {
		base(x, f, g)
		g[0] = 0.1 + x[0]
	}
	r, err := Run(context.Background(), p, p.config(Auto, 1, 2000), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Answer) != 0 || r.Least == nil || r.Violated[0] != r.Evaluations || r.Infeasible != r.Evaluations {
		t.Fatalf("%+v", r.Progress)
	}
	if r.Least.Violation > 0.12 {
		t.Errorf("least violation %g, the best is 0.1", r.Least.Violation)
	}
}

// TestNotFinite ends with an error that names the design, unless a constraint
// says that the design does not count.
func TestNotFinite(t *testing.T) {
	for _, a := range []Algorithm{Auto, Random, Grid} {
		for _, c := range []struct {
			bad  float64
			g    float64
			want string
		}{
			{math.NaN(), -1, "objective 2 is NaN"},
			{math.Inf(-1), 0, "objective 2 is -Inf"},
			{math.Inf(1), 0, ""},
			{math.NaN(), 1, ""},
			{1, math.NaN(), "constraint 1 is NaN"},
		} {
			p := bounded()
			p.grid, p.dim = true, 3
			base := p.eval
			p.eval = func(x, f, g []float64) {
				base(x, f, g)
				if x[0] == 0.25 {
					f[1], g[0] = c.bad, c.g
				}
			}
			_, err := Run(context.Background(), p, p.config(a, 1, 5000), nil, nil)
			if (err == nil) != (c.want == "") {
				t.Errorf("%s, %v: %v", a, c, err)
			} else if err != nil && (!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "xA = 0.25, xB = ")) {
				t.Errorf("%s, %v: %v", a, c, err)
			}
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, p := range []*function{zdt1(), dtlz2(3), dtlz2(4)} {
		for _, a := range []Algorithm{Auto, NSGA2} {
			b.Run(p.name+string(rune('0'+p.m))+"/"+string(a), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					if _, err := Run(context.Background(), p, p.config(a, uint64(i), 25000), nil, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/25000, "ns/evaluation")
			})
		}
	}
}
