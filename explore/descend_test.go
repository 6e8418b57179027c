package explore

import (
	"math"
	"slices"
	"testing"

	"stco/space"
)

// ridge is 16 (a) + 15 (b) + c, in units of its grid of 0 to 16, where a + b + c has
// to be 20 or more: the least is 4 at c = 16, b = 4, a = 0. From where the limit
// binds a coordinate alone cannot go down: two have to move together.
func ridge() *function {
	return &function{name: "ridge", dim: 3, m: 2, c: 1, grid: true, eval: func(x, f, g []float64) {
		f[0], f[1] = 16*16*x[0]+15*16*x[1]+16*x[2], -x[0]
		g[0] = 20 - 16*(x[0]+x[1]+x[2])
	}}
}

// TestDescend: along a limit to the least value, from a point that meets it and
// from one that does not; never up; one stream is one result.
func TestDescend(t *testing.T) {
	p := ridge()
	first := func(f []float64) float64 { return f[0] }
	for _, from := range [][]float64{{1, 0.5, 0}, {0, 0, 0}, {1, 1, 1}} {
		s := Descend(p, from, Descent{Evaluations: 600, Seed: 3, Key: []byte("k")}, first)
		if want := []float64{0, 0.25, 1}; !slices.Equal(s.X, want) || s.F[0] != 76 || s.Violation != 0 || s.G[0] != 0 {
			t.Errorf("from %v to %v of %v, violation %g", from, s.X, s.F, s.Violation)
		}
	}
	start := []float64{1, 0.5, 0}
	if s := Descend(p, start, Descent{}, first); !slices.Equal(s.X, start) || s.F[0] != 376 {
		t.Errorf("without evaluations: %v", s)
	}
	last, streams := math.Inf(1), map[float64]bool{}
	for n := range int64(40) {
		a, b := Descend(p, start, Descent{Evaluations: n, Seed: 1}, first), Descend(p, start, Descent{Evaluations: n, Seed: 1}, first)
		if !slices.Equal(a.X, b.X) {
			t.Fatal("the same stream ends at two points")
		}
		if a.F[0] > last || a.Violation > 0 {
			t.Fatalf("%d evaluations end at %g, one less at %g", n, a.F[0], last)
		}
		last = a.F[0]
		streams[Descend(p, start, Descent{Evaluations: 20, Seed: uint64(n)}, first).F[0]] = true
	}
	if len(streams) < 5 {
		t.Errorf("forty seeds end at %d values", len(streams))
	}
	if !slices.Equal(start, []float64{1, 0.5, 0}) {
		t.Error("the start was changed")
	}
	other := Descend(p, start, Descent{Evaluations: 600, Seed: 1}, func(f []float64) float64 { return f[1] })
	if other.F[1] != -1 {
		t.Errorf("another value ends at %v", other.F)
	}
}

// TestWithin: a descent keeps to the part of the space.
func TestWithin(t *testing.T) {
	p := ridge()
	all := []space.Parameter{p.Space().Parameter(0), p.Space().Parameter(1), p.Space().Parameter(2)}
	all[2].Max = 0.5
	part, err := space.New(all...)
	if err != nil {
		t.Fatal(err)
	}
	q := Within(p, part)
	if q.NumObjectives() != 2 || q.NumConstraints() != 1 || q.Space() != part {
		t.Fatal("another problem")
	}
	s := Descend(q, []float64{1, 1, 0}, Descent{Evaluations: 3000}, func(f []float64) float64 { return f[0] })
	if want := []float64{0, 0.75, 0.5}; !slices.Equal(s.X, want) {
		t.Errorf("%v, want %v", s.X, want)
	}
}

// TestDescendAlongPool: two coordinates that a narrow limit ties, 7 steps of one to 5
// of the other, are crossed by what the points of a pool differ in, and hardly
// without them.
func TestDescendAlongPool(t *testing.T) {
	p := &function{name: "tied", dim: 4, m: 1, c: 1, grid: true, eval: func(x, f, g []float64) {
		f[0] = x[0] + x[2] + x[3]
		g[0] = math.Abs(16*x[0]*5/16-16*x[1]*7/16) - 1e-9
	}}
	reached := func(pool [][]float64) (n int) {
		for seed := range uint64(20) {
			d := Descent{Evaluations: 60, Seed: seed, Pool: pool}
			if s := Descend(p, []float64{14. / 16, 10. / 16, 0, 0}, d, func(f []float64) float64 { return f[0] }); s.F[0] <= 7./16 && s.Violation == 0 {
				n++
			}
		}
		return n
	}
	with := reached([][]float64{{7. / 16, 5. / 16, 0.5, 0.5}, {14. / 16, 10. / 16, 1, 0.5}, {0, 0, 0.25, 0}})
	if without := reached(nil); with < 15 || without > 10 {
		t.Errorf("%d of 20 with a pool, %d without", with, without)
	}
}
