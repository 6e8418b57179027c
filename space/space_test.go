package space

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mixed(t testing.TB) *Space {
	t.Helper()
	s, err := New(
		Parameter{Name: "diameter", Kind: Real, Unit: "nm", Min: 20, Max: 80},
		Parameter{Name: "pulse", Kind: LogReal, Unit: "ns", Min: 0.2, Max: 5},
		Parameter{Name: "voltage", Kind: Real, Unit: "V", Min: 0.05, Max: 0.3, Step: 0.05},
		Parameter{Name: "ra", Kind: LogReal, Min: 3, Max: 100, Levels: 7},
		Parameter{Name: "banks", Kind: PowerOfTwo, Min: 1, Max: 256},
		Parameter{Name: "capacity", Kind: PowerOfTwo, Unit: "MiB", Min: 1, Max: 512, Midpoints: true},
		Parameter{Name: "rows", Kind: Integer, Min: 64, Max: 1024, Step: 64},
		Parameter{Name: "material", Kind: Choice, Options: []string{"W", "Ta", "Pt", "BiSe"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func discrete(t testing.TB) *Space {
	t.Helper()
	s := mixed(t)
	var ps []Parameter
	for i := range s.Dim() {
		p := s.Parameter(i)
		if p.Name == "diameter" || p.Name == "pulse" {
			p.Levels = 5
		}
		ps = append(ps, p)
	}
	d, err := New(ps...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGrids(t *testing.T) {
	s := mixed(t)
	for _, tc := range []struct {
		name string
		want []float64
	}{
		{"voltage", []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3}},
		{"banks", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}},
		{"capacity", []float64{1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}},
		{"material", []float64{0, 1, 2, 3}},
	} {
		i, err := s.Index(tc.name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.axes[i].grid, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, s.axes[i].grid, tc.want)
		}
	}
	if i, _ := s.Index("rows"); s.GridSize(i) != 16 {
		t.Errorf("rows: %d values, want 16", s.GridSize(i))
	}
	i, _ := s.Index("ra")
	g := s.axes[i].grid
	if len(g) != 7 || g[0] != 3 || g[6] != 100 || math.Abs(g[1]/g[0]-g[6]/g[5]) > 1e-9 {
		t.Errorf("ra: %v is not geometric from 3 to 100", g)
	}
}

func TestFaultsAreAllNamed(t *testing.T) {
	_, err := New(
		Parameter{Name: "a", Kind: Real, Unit: "nm", Min: 5, Max: 1},
		Parameter{Name: "b", Kind: LogReal, Min: 0, Max: 1},
		Parameter{Name: "c", Kind: PowerOfTwo, Min: 3, Max: 8},
		Parameter{Name: "d", Kind: Choice},
		Parameter{Name: "d", Kind: Integer, Min: 0.5, Max: 2},
		Parameter{Name: "e", Kind: Real, Min: 0, Max: math.Inf(1)},
		Parameter{Name: "f", Kind: Choice, Options: []string{"x", "x"}},
		Parameter{Name: "g", Kind: Real, Min: 0, Max: 1, Step: 0.1, Levels: 3},
		Parameter{Name: "h", Kind: LogReal, Min: 1, Max: 9, Step: 0.5},
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"a": min 5 nm above max 1 nm`, `"b": min 0`, `"c": bound 3`, `"d": a choice needs`, `"d": the name is there twice`,
		`"d": bounds and step of an integer`, `"e": bounds 0..+Inf`, `"f": option "x"`, `"g": step and levels`, `"h": step 0.5`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
	if s, err := New(); err != nil || s.Dim() != 0 {
		t.Error("an empty space is accepted")
	}
}

func TestCheckNamesValueUnitRange(t *testing.T) {
	s := mixed(t)
	err := s.Check([]float64{95, 1, 0.12, 3, 5, 1.5, 70, 4})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"diameter = 95 nm: allowed 20 nm..80 nm", "voltage = 0.12 V", "banks = 5", "rows = 70", "W, Ta, Pt, BiSe"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "pulse") || strings.Contains(err.Error(), "capacity") {
		t.Errorf("a good value is named in:\n%v", err)
	}
}

func TestDecodeEncodeKey(t *testing.T) {
	for _, s := range []*Space{mixed(t), discrete(t)} {
		rapid.Check(t, func(rt *rapid.T) {
			u := rapid.SliceOfN(rapid.Float64Range(0, 1), s.Dim(), s.Dim()).Draw(rt, "u")
			x, y := make([]float64, s.Dim()), make([]float64, s.Dim())
			s.Decode(u, x)
			if err := s.Check(x); err != nil {
				rt.Fatal(err)
			}
			v := make([]float64, s.Dim())
			s.Encode(x, v)
			s.Decode(v, y)
			for i := range x {
				if s.GridSize(i) > 0 && (x[i] != y[i] || u[i] != v[i]) || math.Abs(x[i]-y[i]) > 1e-12*math.Abs(x[i]) {
					rt.Fatalf("parameter %d: %v -> %v", i, x[i], y[i])
				}
			}
			z, err := s.Parse(s.Format(x))
			if err != nil || !slices.Equal(z, x) || s.Key(z) != s.Key(x) {
				rt.Fatalf("text: %v -> %v, %v", x, z, err)
			}
			w := slices.Clone(x)
			s.Repair(w)
			if !slices.Equal(w, x) {
				rt.Fatalf("repair moved a good point: %v -> %v", x, w)
			}
		})
	}
}

func TestRepair(t *testing.T) {
	s := mixed(t)
	x := []float64{math.NaN(), 1e9, 0.13, -1, 5.7, 2.6, 100, 9}
	s.Repair(x)
	if want := []float64{20, 5, 0.15, 3, 8, 3, 128, 3}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
}

func TestEnumerationMeetsEveryDesignOnce(t *testing.T) {
	all := discrete(t)
	var ps []Parameter
	for i := range all.Dim() {
		p := all.Parameter(i)
		switch p.Name {
		case "material":
			p.Values = []float64{0, 1}
		case "rows":
			p.Min, p.Max = 128, 128
		case "capacity":
			p.Min, p.Max = 4, 16
		}
		ps = append(ps, p)
	}
	s, err := New(ps...)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := s.Size()
	if want := int64(5 * 5 * 6 * 5 * 9 * 7 * 1 * 2); !ok || n != want {
		t.Fatalf("size %d, want %d", n, want)
	}
	seen := map[Key]bool{}
	x := make([]float64, s.Dim())
	for k := range n {
		s.At(k, x)
		key := s.Key(x)
		if key.Hi != 0 || key.Lo != uint64(k) {
			t.Fatalf("design %d has key %v", k, key)
		}
		seen[key] = true
		if k%97 == 0 {
			if err := s.Check(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	if int64(len(seen)) != n {
		t.Errorf("%d keys for %d designs", len(seen), n)
	}
	if _, ok := mixed(t).Size(); ok {
		t.Error("a continuous space has a size")
	}
}

func TestHashedKeysDiffer(t *testing.T) {
	s := mixed(t)
	rng := rand.New(rand.NewPCG(1, 2))
	seen, hi, lo := map[Key]bool{}, map[uint64]bool{}, map[uint64]bool{}
	u, x := make([]float64, s.Dim()), make([]float64, s.Dim())
	for i := range u {
		u[i] = rng.Float64()
	}
	const n = 200000
	for range n { // one coordinate moves at a time: the hardest case for a hash
		u[rng.IntN(len(u))] = rng.Float64()
		s.Decode(u, x)
		if k := s.Key(x); !seen[k] {
			seen[k], hi[k.Hi], lo[k.Lo] = true, true, true
		}
	}
	if len(seen) != len(hi) || len(seen) != len(lo) {
		t.Errorf("%d keys, %d high words, %d low words", len(seen), len(hi), len(lo))
	}
}

// The first points of the unshifted sequence, published with the direction
// numbers (Joe and Kuo's sobol.cc, dimensions 1 to 3).
func TestSobolFirstPoints(t *testing.T) {
	s, err := NewSobol(3, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{
		{0, 0, 0},
		{0.5, 0.5, 0.5},
		{0.75, 0.25, 0.25},
		{0.25, 0.75, 0.75},
		{0.375, 0.375, 0.625},
		{0.875, 0.875, 0.125},
		{0.625, 0.125, 0.875},
		{0.125, 0.625, 0.375},
		{0.1875, 0.3125, 0.9375},
		{0.6875, 0.8125, 0.4375},
	}
	u := make([]float64, 3)
	for i := range want {
		s.At(uint64(i), u)
		if !slices.Equal(u, want[i]) {
			t.Errorf("point %d: %v, want %v", i, u, want[i])
		}
	}
}

// Every dimension of a Sobol sequence is a (0,1)-sequence in base 2: 2^m
// consecutive points put one into each interval of length 2^-m.
func TestSobolStratifiesEveryDimension(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shift := range []func() uint64{nil, rng.Uint64} {
		s, err := NewSobol(MaxSobolDim, shift)
		if err != nil {
			t.Fatal(err)
		}
		const n = 1024
		count := make([][n]int, MaxSobolDim)
		u := make([]float64, MaxSobolDim)
		for i := range n {
			s.At(uint64(i), u)
			for d, c := range u {
				count[d][int(c*n)]++
			}
		}
		for d := range count {
			for j, c := range count[d] {
				if c != 1 {
					t.Fatalf("dimension %d, interval %d: %d points", d+1, j, c)
				}
			}
		}
	}
	if _, err := NewSobol(MaxSobolDim+1, nil); err == nil {
		t.Error("dimension 129 is accepted")
	}
}

func BenchmarkDecodeAndKey(b *testing.B) {
	s := mixed(b)
	rng := rand.New(rand.NewPCG(1, 2))
	u, x := make([]float64, s.Dim()), make([]float64, s.Dim())
	for i := range u {
		u[i] = rng.Float64()
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Decode(u, x)
		_ = s.Key(x)
	}
}

// TestFaultsOnce: values of a choice that are no ascending indices of its options
// are one fault, however many of them are wrong.
func TestFaultsOnce(t *testing.T) {
	for _, values := range [][]float64{{-1, -2, 7}, {0.5, 1.5}, {1, 1, 0}, {0, 3}} {
		_, err := New(Parameter{Name: "material", Kind: Choice, Options: []string{"W", "Ta", "Pt"}, Values: values})
		if err == nil || strings.Count(err.Error(), "ascending indices of its 3 options") != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
	if _, err := New(Parameter{Name: "material", Kind: Choice, Options: []string{"W", "Ta", "Pt"}, Values: []float64{0, 2}}); err != nil {
		t.Error(err)
	}
}
