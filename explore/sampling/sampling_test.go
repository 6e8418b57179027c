package sampling

import (
	"slices"
	"testing"

	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/space"
)

func lattice(t *testing.T) *space.Space {
	t.Helper()
	s, err := space.New(space.Parameter{Name: "a", Min: 0, Max: 1, Step: 0.25}, space.Parameter{Name: "b", Min: 0, Max: 2, Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, m Method, s *space.Space, start [][]float64, known *seen.Cache) *Sampler {
	t.Helper()
	b, err := New(m, s, 8, start, known, stream.NewRoot([]byte("k"), 3))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// points copies the rows of a generation.
func points(b *Sampler, n int) (out [][]float64) {
	for i := range n {
		out = append(out, slices.Clone(b.X[2*i:2*i+2]))
	}
	return out
}

// TestGrid: all 15 designs of a grid of 5 x 3, each once, in the order of its
// numbers, in as many generations as the room makes of it.
func TestGrid(t *testing.T) {
	b := open(t, Grid, lattice(t), [][]float64{{1, 2}}, seen.New(10))
	var all [][]float64
	for _, c := range []struct{ room, want int }{{4, 4}, {1, 1}, {100, 10}, {100, 0}} {
		if b.Exhausted() != (len(all) == 15) {
			t.Errorf("after %d designs: exhausted %v", len(all), b.Exhausted())
		}
		n := b.Propose(int64(len(all)), int64(c.room))
		if n != c.want {
			t.Fatalf("%d designs in a room of %d, want %d", n, c.room, c.want)
		}
		all = append(all, points(b, n)...)
	}
	for i, x := range all {
		place := make([]float64, 2)
		lattice(t).At(int64(i), place)
		if !slices.Equal(x, place) || slices.ContainsFunc(all[:i], func(y []float64) bool { return slices.Equal(x, y) }) {
			t.Errorf("design %d is %v, want %v", i, x, place)
		}
	}
}

// TestStart: the designs to start with come first, in their order, but for one
// that is known; a small room holds the first of them.
func TestStart(t *testing.T) {
	s := lattice(t)
	start := [][]float64{{0.5, 1}, {0.25, 2}, {1, 0}}
	for _, m := range []Method{Uniform, Sobol} {
		b := open(t, m, s, start, seen.Restored(100, []space.Key{s.Key(start[1])}, nil))
		if n := b.Propose(0, 1); n != 1 || !slices.Equal(b.X[:2], start[0]) {
			t.Errorf("method %d: %v in a room of one", m, points(b, n))
		}
		var many [][]float64
		for i := range int64(12) { // more than rows
			many = append(many, make([]float64, 2))
			s.At(i, many[i])
		}
		b = open(t, m, s, many, seen.New(100))
		if n := b.Propose(0, 100); !slices.EqualFunc(points(b, n), many, slices.Equal) {
			t.Errorf("method %d: %v of 12 to start with", m, points(b, n))
		}
		b = open(t, m, s, start, seen.Restored(100, []space.Key{s.Key(start[1])}, nil))
		n := b.Propose(0, 100)
		if got := points(b, n); n != 8 || !slices.Equal(got[0], start[0]) || !slices.Equal(got[1], start[2]) {
			t.Errorf("method %d: %v", m, got)
		}
		if b.Keys[1] != s.Key(start[2]) || b.Repeated == 0 {
			t.Errorf("method %d: key %v, %d repeated", m, b.Keys[1], b.Repeated)
		}
	}
}

// TestAllDiffer: no design twice until the 15 are used up, and then none at all.
func TestAllDiffer(t *testing.T) {
	for _, m := range []Method{Uniform, Sobol} {
		b := open(t, m, lattice(t), nil, seen.New(100))
		var all [][]float64
		for generation := range int64(6) {
			n := b.Propose(generation, 100)
			if want := []int{8, 7, 0}[min(generation, 2)]; n != want || n < 8 && b.Repeated < 1000 {
				t.Errorf("method %d: %d designs in generation %d, want %d; %d repeated", m, n, generation, want, b.Repeated)
			}
			for _, x := range points(b, n) {
				if slices.ContainsFunc(all, func(y []float64) bool { return slices.Equal(x, y) }) {
					t.Fatalf("method %d: %v twice", m, x)
				}
				all = append(all, x)
			}
		}
		if len(all) != 15 || b.Exhausted() || b.Repeated != 1000 { // gives up after so many
			t.Errorf("method %d: %d designs, %d repeated in the last generation", m, len(all), b.Repeated)
		}
	}
}

// TestSequence: the designs of a generation depend on its number and on the
// place in the sequence alone, and fill the space evenly: of 64 points of the
// sequence a quarter lies in each quarter of a range.
func TestSequence(t *testing.T) {
	s, err := space.New(space.Parameter{Name: "a", Min: 0, Max: 1}, space.Parameter{Name: "b", Min: 0, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Method{Uniform, Sobol} {
		b, again := open(t, m, s, nil, seen.New(1000)), open(t, m, s, nil, seen.New(1000))
		other, err := New(m, s, 8, nil, seen.New(1000), stream.NewRoot([]byte("l"), 3))
		if err != nil {
			t.Fatal(err)
		}
		var all [][]float64
		for generation := range int64(8) {
			again.Next = b.Next
			n := b.Propose(generation, 100)
			all = append(all, points(b, n)...)
			if len(all) > 2*n {
				if other.Next = b.Next - int64(n); slices.EqualFunc(points(b, n), points(other, other.Propose(generation, 100)), slices.Equal) {
					t.Errorf("method %d: generation %d does not depend on the key", m, generation)
				}
			}
			if k := again.Propose(generation, 100); !slices.EqualFunc(points(b, n), points(again, k), slices.Equal) {
				t.Errorf("method %d: another generation %d", m, generation)
			}
		}
		for j := range 2 {
			var quarter [4]int
			for _, x := range all {
				quarter[int(4*x[j])]++
			}
			if even := quarter == [4]int{16, 16, 16, 16}; even != (m == Sobol) {
				t.Errorf("method %d, parameter %d: %v in the quarters", m, j, quarter)
			}
		}
	}
}

// TestScramble: the sequence is scrambled by the stream of island 0 in front of
// all generations, and goes on from the place in it.
func TestScramble(t *testing.T) {
	s, err := space.New(space.Parameter{Name: "a", Min: 0, Max: 1}, space.Parameter{Name: "b", Min: 0, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	var src stream.Source
	src.At(stream.NewRoot([]byte("k"), 3), 0, -1)
	sobol, err := space.NewSobol(2, src.Uint64)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, Sobol, s, nil, seen.New(100))
	u := make([]float64, 2)
	for generation := range int64(2) {
		for i, x := range points(b, b.Propose(generation, 100)) {
			if sobol.At(uint64(8*generation)+uint64(i), u); !slices.Equal(x, u) {
				t.Errorf("design %d of generation %d is %v, want %v", i, generation, x, u)
			}
		}
	}
}
