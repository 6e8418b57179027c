package variation

import (
	"fmt"
	"math"
	"math/rand" //nolint:depguard // as the package
	"slices"
	"testing"

	"stco/space"
)

func breeder(t *testing.T, params ...space.Parameter) *Breeder {
	t.Helper()
	s, err := space.New(params...)
	if err != nil {
		t.Fatal(err)
	}
	return New(s)
}

func reals(n int) []space.Parameter {
	out := make([]space.Parameter, n)
	for i := range out {
		out[i] = space.Parameter{Name: fmt.Sprint("x", i), Kind: space.Real, Min: 0, Max: 1}
	}
	return out
}

var choice = space.Parameter{Name: "option", Kind: space.Choice, Options: []string{"p", "q", "r", "s"}}

// Of simulated binary crossover (Deb and Agrawal 1995) with index 30: the mean of
// the children is that of the parents, and the spread factor beta is below x with
// the probability x^31/2, above it with x^-31/2.
func TestCross(t *testing.T) {
	b := breeder(t, reals(1)...)
	rng := rand.New(rand.NewSource(1)) //nolint:gosec // reproducible
	p, q, c, d := []float64{0.4}, []float64{0.6}, []float64{0}, []float64{0}
	const n = 40000
	same, swapped, inner, outer := 0, 0, 0, 0
	for range n {
		b.Cross(p, q, c, d, rng)
		if math.Abs(c[0]+d[0]-1) > 1e-12 {
			t.Fatalf("children %v, %v", c, d)
		}
		if c[0] == p[0] && d[0] == q[0] {
			same++
			continue
		}
		if c[0] > d[0] {
			swapped++
		}
		switch beta := math.Abs(c[0]-d[0]) / 0.2; {
		case beta < 0.98:
			inner++
		case beta > 1.02:
			outer++
		}
	}
	blended := float64(n - same)
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 0.015 {
			t.Errorf("%s: %.3f, want %.3f", what, got, want)
		}
	}
	near("left as they are", float64(same)/n, 0.5)
	near("sides exchanged", float64(swapped)/blended, 0.5)
	near("beta < 0.98", float64(inner)/blended, math.Pow(0.98, 31)/2)
	near("beta > 1.02", float64(outer)/blended, math.Pow(1.02, -31)/2)
}

// Children stay in the cube, may be written over their parents, and a choice has
// the option of one of them.
func TestCrossChoice(t *testing.T) {
	b := breeder(t, append(reals(2), choice)...)
	rng := rand.New(rand.NewSource(2)) //nolint:gosec // reproducible
	exchanged := 0
	for range 2000 {
		p, q := []float64{0.001, 0.999, 0.125}, []float64{0.002, 0.5, 0.875}
		b.Cross(p, q, p, q, rng)
		for i := range p {
			if p[i] < 0 || p[i] > 1 || q[i] < 0 || q[i] > 1 {
				t.Fatalf("%v, %v", p, q)
			}
		}
		if p[2]+q[2] != 1 || p[2] != 0.125 && p[2] != 0.875 {
			t.Fatalf("options %v, %v", p[2], q[2])
		}
		if p[2] == 0.875 {
			exchanged++
		}
	}
	if exchanged < 400 || exchanged > 600 { // a quarter
		t.Errorf("%d of 2000 exchanged", exchanged)
	}
}

// A differential step is p + scale (q - r) in the coordinates that it changes.
func TestDifference(t *testing.T) {
	b := breeder(t, append(reals(3), choice)...)
	rng := rand.New(rand.NewSource(3)) //nolint:gosec // reproducible
	base, p, q, r := []float64{0.5, 0.5, 0.2, 0.125}, []float64{0.3, 0.3, 0.9, 0.625}, []float64{0.5, 0.1, 0.9, 0.125}, []float64{0.1, 0.3, 0.1, 0.375}
	c := make([]float64, 4)
	for range 200 {
		b.Difference(base, p, q, r, c, 0.5, 1, rng)
		// 0.3 + 0.5 (0.5 - 0.1), 0.3 + 0.5 (0.1 - 0.3); 1.3 is beyond: 1 or between base and 1.
		if math.Abs(c[0]-0.5) > 1e-12 || math.Abs(c[1]-0.2) > 1e-12 || c[2] != 1 && math.Abs(c[2]-0.6) > 1e-12 || c[3] != 0.625 {
			t.Fatal(c)
		}
		b.Difference(base, p, r, q, c, 2, 1, rng) // 0.3 - 0.8 is beyond: 0 or half of base
		if c[0] != 0 && c[0] != 0.25 {
			t.Fatal(c)
		}
		b.Difference(base, p, q, r, c, 0.7, 0, rng)
		changed := 0
		for i := range c {
			if c[i] != base[i] {
				changed++
			}
		}
		if changed != 1 {
			t.Fatalf("%d coordinates of %v changed", changed, c)
		}
	}
}

// Mutation moves at least one coordinate and 1 + (1-1/n)^n in the mean; of the
// polynomial one (Deb and Goyal 1996, index 20) from the middle, a share of 85 %,
// a step below -x has the probability (1-x)^21/2.
func TestMutate(t *testing.T) {
	const dims, n = 8, 20000
	b := breeder(t, reals(dims)...)
	rng := rand.New(rand.NewSource(4)) //nolint:gosec // reproducible
	moved, below, above := 0, 0, 0
	for range n {
		u := slices.Repeat([]float64{0.5}, dims)
		b.Mutate(u, rng)
		here := 0
		for _, v := range u {
			if !(v >= 0 && v <= 1) {
				t.Fatal(u)
			}
			if v != 0.5 {
				here++
			}
			if v < 0.45 {
				below++
			}
			if v > 0.55 {
				above++
			}
		}
		if here == 0 {
			t.Fatal("nothing moved")
		}
		moved += here
	}
	if mean, want := float64(moved)/n, 1+math.Pow(1-1.0/dims, dims); math.Abs(mean-want) > 0.03 {
		t.Errorf("%.3f coordinates moved, want %.3f", mean, want)
	}
	want := 0.85*math.Pow(0.95, 21)/2 + 0.15*0.45
	for _, got := range []int{below, above} {
		if share := float64(got) / float64(moved); math.Abs(share-want) > 0.012 {
			t.Errorf("share beyond 0.05: %.3f, want %.3f", share, want)
		}
	}
}

// A mutated choice has another option, each of the others as often; a mutated
// grid value, but for those that may be any, another one.
func TestMutateGrid(t *testing.T) {
	b := breeder(t, choice)
	rng := rand.New(rand.NewSource(5)) //nolint:gosec // reproducible
	counts := map[float64]int{}
	for range 3000 {
		u := []float64{0.375}
		b.Mutate(u, rng)
		counts[u[0]]++
	}
	for _, v := range []float64{0.125, 0.625, 0.875} {
		if counts[v] < 900 || counts[v] > 1100 {
			t.Errorf("options %v", counts)
		}
	}
	if len(counts) != 3 {
		t.Errorf("options %v", counts)
	}
	b = breeder(t, space.Parameter{Name: "g", Kind: space.Real, Min: 0, Max: 9, Step: 1})
	for _, start := range []float64{0.05, 0.55, 0.95} {
		stayed, lower := 0, 0
		for range 3000 {
			u := []float64{start}
			b.Mutate(u, rng)
			if !(u[0] >= 0 && u[0] <= 1) {
				t.Fatal(u)
			}
			switch now, was := min(9, int(10*u[0])), int(10*start); {
			case now == was:
				stayed++
			case now < was:
				lower++
			}
		}
		// The half of all steps that go down do so from the middle; from an end all go inward.
		if want := map[float64]int{0.05: 0, 0.55: 1500, 0.95: 3000}[start]; lower > want+120 || lower < want-120 {
			t.Errorf("from %v: %d of 3000 went down, want %d", start, lower, want)
		}
		if stayed > 90 { // 15 % of a tenth is 45
			t.Errorf("from %v: %d of 3000 stayed", start, stayed)
		}
	}
}

// Beside a bound a mutation stays in the cube, on either side of where it began.
func TestMutateAtBounds(t *testing.T) {
	b := breeder(t, reals(1)...)
	rng := rand.New(rand.NewSource(6)) //nolint:gosec // reproducible
	for _, start := range []float64{0, 0.03, 0.97, 1} {
		lower, upper := 0, 0
		for range 3000 {
			u := []float64{start}
			b.Mutate(u, rng)
			switch v := u[0]; {
			case !(v >= 0 && v <= 1):
				t.Fatalf("from %v to %v", start, v)
			case v < start:
				lower++
			case v > start:
				upper++
			}
		}
		if start > 0 && lower < 1000 || start < 1 && upper < 1000 {
			t.Errorf("from %v: %d below, %d above", start, lower, upper)
		}
	}
}

// Each of many coordinates is crossed as often as another.
func TestCrossEvenly(t *testing.T) {
	const dims = 70
	b := breeder(t, reals(dims)...)
	rng := rand.New(rand.NewSource(7)) //nolint:gosec // reproducible
	p, q := slices.Repeat([]float64{0.4}, dims), slices.Repeat([]float64{0.6}, dims)
	c, d := make([]float64, dims), make([]float64, dims)
	var changed [dims]int
	for range 1000 {
		b.Cross(p, q, c, d, rng)
		for i := range c {
			if c[i] != p[i] {
				changed[i]++
			}
		}
	}
	for i, n := range changed {
		if n < 420 || n > 580 {
			t.Errorf("coordinate %d: %d of 1000", i, n)
		}
	}
}

// TestStep: two or three moves of whole steps in either direction, half of them of
// one step, a quarter of two; within the cube, and never of a choice.
func TestStep(t *testing.T) {
	params := []space.Parameter{choice}
	for i := range 40 {
		params = append(params, space.Parameter{Name: fmt.Sprint("g", i), Min: 0, Max: 1, Step: 0.01})
	}
	b := breeder(t, params...)
	if !b.Grids() || breeder(t, reals(3)...).Grids() {
		t.Error("which spaces are grids")
	}
	rng := rand.New(rand.NewSource(2)) //nolint:gosec // reproducible
	steps, moved, up := map[int]int{}, map[int]int{}, 0
	const n = 20000
	u := make([]float64, len(params))
	for range n {
		for i := range u {
			u[i] = 50.5 / 101
		}
		b.Step(u, rng)
		if u[0] != 50.5/101 {
			t.Fatal("a choice has moved")
		}
		count := 0
		for _, v := range u[1:] {
			k := (v - 50.5/101) * 101
			if math.Abs(k-math.Round(k)) > 1e-9 || v < 0 || v > 1 {
				t.Fatalf("moved by %v steps", k)
			}
			if k != 0 {
				count++
				steps[int(math.Abs(math.Round(k)))]++
			}
			if k > 0 {
				up++
			}
		}
		moved[count]++
	}
	all := 0
	for _, k := range steps {
		all += k
	}
	for k, want := range map[int]float64{1: 0.5, 2: 0.25, 3: 0.125} {
		if got := float64(steps[k]) / float64(all); math.Abs(got-want) > 0.02 {
			t.Errorf("%d steps: %v, want %v", k, got, want)
		}
	}
	if moved[2] < n/3 || moved[3] < n/3 || moved[4] > 0 || math.Abs(float64(up)/float64(all)-0.5) > 0.02 {
		t.Errorf("%v coordinates moved, %d of %d up", moved, up, all)
	}
	u[1] = 0.5 / 101 // at its least: a step below is one above
	for range 200 {
		v := slices.Clone(u)
		if b.Step(v, rng); v[1] < 0.5/101-1e-12 {
			t.Fatalf("below the least: %v", v[1])
		}
	}
}

// TestFollow: two or three coordinates move by what two points differ in, and stay in
// the cube; a choice becomes that of the first; a space of one point stays.
func TestFollow(t *testing.T) {
	s, err := space.New(
		space.Parameter{Name: "a", Max: 1}, space.Parameter{Name: "b", Max: 1}, space.Parameter{Name: "c", Max: 1}, space.Parameter{Name: "d", Max: 1},
		space.Parameter{Name: "e", Kind: space.Choice, Options: []string{"x", "y"}}, space.Parameter{Name: "f", Min: 2, Max: 2},
	)
	if err != nil {
		t.Fatal(err)
	}
	b, rng := New(s), rand.New(rand.NewSource(1))
	u, q, r := []float64{0.5, 0.5, 0.9, 0.1, 0.25, 0}, []float64{0.6, 0.2, 0.9, 0.1, 0.75, 0}, []float64{0.4, 0.3, 0.1, 0.9, 0.25, 0.5}
	want := []float64{0.7, 0.4, 1, 0, 0.75, 0}
	moved, counts := make([]int, 6), map[int]int{}
	for range 400 {
		v := slices.Clone(u)
		b.Follow(v, q, r, rng)
		n := 0
		for i := range v {
			if v[i] == u[i] {
				continue
			}
			n++
			moved[i]++
			if twice := u[i] + 2*(q[i]-r[i]); math.Abs(v[i]-want[i]) > 1e-12 && math.Abs(v[i]-clip(twice)) > 1e-12 && math.Abs(v[i]-clip(u[i]+3*(q[i]-r[i]))) > 1e-12 {
				t.Fatalf("coordinate %d moved from %g to %g", i, u[i], v[i])
			}
		}
		counts[n]++
	}
	if moved[5] != 0 || slices.Min(moved[:5]) < 100 || counts[1] > 100 || counts[2] < 150 || counts[3] < 50 || counts[4]+counts[5] > 0 {
		t.Errorf("moved %v, together %v", moved, counts)
	}
	one, err := space.New(space.Parameter{Name: "f", Min: 2, Max: 2})
	if err != nil {
		t.Fatal(err)
	}
	v := []float64{0.5}
	if New(one).Follow(v, []float64{1}, []float64{0}, rng); v[0] != 0.5 {
		t.Error("a fixed coordinate moved")
	}
}
