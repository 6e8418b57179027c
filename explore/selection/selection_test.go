package selection

import (
	"math"
	"math/rand" //nolint:depguard // as the package
	"slices"
	"testing"
)

// run selects size rows of a pool and returns them with their second criterion.
func run(s Selector, p Pool, size int) (rows []int, crowd []float64) {
	keep := make([]bool, len(p.Ranks))
	crowd = make([]float64, len(p.Ranks))
	s.Select(p, size, keep, crowd, rand.New(rand.NewSource(1))) //nolint:gosec // reproducible
	for i, k := range keep {
		if k {
			rows = append(rows, i)
		}
	}
	return rows, crowd
}

// twoFronts: 0 to 4 are the first front, with the crowding distances inf, 0.6 +
// 0.6, ..., and 5, 6, 7 the second.
func twoFronts() Pool {
	return Pool{M: 2, Fronts: 2, Ranks: []int{0, 0, 0, 0, 0, 1, 1, 1}, F: []float64{
		0, 10,
		3, 7,
		4, 6,
		6, 4,
		10, 0,
		5, 9,
		8, 8,
		9, 5,
	}}
}

// Crowding distances (Deb 2002) by hand: of row 1 (4-0)/10 + (10-6)/10, of row 2
// 0.3 + 0.3, of row 3 0.6 + 0.6; the ends are infinite.
func TestCrowding(t *testing.T) {
	rows, crowd := run(&Crowding{}, twoFronts(), 4)
	if !slices.Equal(rows, []int{0, 1, 3, 4}) {
		t.Errorf("rows %v", rows)
	}
	for i, want := range []float64{math.Inf(1), 0.8, 0.6, 1.2, math.Inf(1)} {
		if math.Abs(crowd[i]-want) > 1e-12 && crowd[i] != want {
			t.Errorf("crowding of %d: %v, want %v", i, crowd[i], want)
		}
	}
	// All of the first front and the ends of the second.
	if rows, _ := run(&Crowding{}, twoFronts(), 7); !slices.Equal(rows, []int{0, 1, 2, 3, 4, 5, 7}) {
		t.Errorf("rows %v", rows)
	}
	if rows, _ := run(&Crowding{}, twoFronts(), 5); !slices.Equal(rows, []int{0, 1, 2, 3, 4}) {
		t.Errorf("rows %v", rows)
	}
}

// Contributions to the hypervolume between neighbours: of row 1 (4-3)(10-7) = 3,
// of row 2 (6-4)(7-6) = 2, of row 3 (10-6)(6-4) = 8; without row 2 that of row 1
// is (6-3)(10-7) = 9 and that of row 3 (10-6)(7-4) = 12.
func TestContribution(t *testing.T) {
	for size, want := range map[int][]int{4: {0, 1, 3, 4}, 3: {0, 3, 4}, 5: {0, 1, 2, 3, 4}, 2: {0, 4}} {
		if rows, _ := run(&Contribution{}, twoFronts(), size); !slices.Equal(rows, want) {
			t.Errorf("%d: rows %v, want %v", size, rows, want)
		}
	}
	rows, _ := run(&Contribution{}, twoFronts(), 7)
	if len(rows) != 7 || !slices.Equal(rows[:5], []int{0, 1, 2, 3, 4}) {
		t.Errorf("rows %v", rows)
	}
}

// The scale of objectives does not matter to what is kept.
func TestScale(t *testing.T) {
	for _, s := range []func() Selector{func() Selector { return &Crowding{} }, func() Selector { return &Contribution{} }, func() Selector { return NewNiching(2, 4) }} {
		want, _ := run(s(), twoFronts(), 4)
		p := twoFronts()
		for i := range p.Ranks {
			p.F[2*i] = 1e-9*p.F[2*i] + 5e-9
			p.F[2*i+1] = 1e6*p.F[2*i+1] - 2e6
		}
		if got, _ := run(s(), p, 4); !slices.Equal(got, want) {
			t.Errorf("%T: %v, want %v", s(), got, want)
		}
		p = twoFronts()
		for i := range p.F {
			p.F[i] -= 5 // from -5 to 5
		}
		if got, _ := run(s(), p, 4); !slices.Equal(got, want) {
			t.Errorf("%T: %v around 0, want %v", s(), got, want)
		}
	}
}

// Reference directions of Das and Dennis 1998: with 12 divisions of three
// objectives there are C(14, 2) = 91.
func TestDirections(t *testing.T) {
	for _, v := range []struct{ m, h, n int }{{2, 99, 100}, {3, 12, 91}, {3, 1, 3}, {5, 6, 210}, {8, 3, 120}} {
		if got := lattice(v.m, v.h); got != v.n {
			t.Errorf("lattice(%d, %d) = %d, want %d", v.m, v.h, got, v.n)
		}
	}
	d := directions(3, 100)
	if len(d) != 3*91 {
		t.Errorf("%d directions", len(d)/3)
	}
	// Of eight objectives and 156 directions 120 are outside and 36 inside (Deb and Jain 2014, table I).
	if d = directions(8, 156); len(d) != 8*156 {
		t.Errorf("%d directions of 8 objectives", len(d)/8)
	}
	seen := map[[8]float64]bool{}
	for i := 0; i < len(d); i += 8 {
		sum := 0.0
		for _, c := range d[i : i+8] {
			sum += c
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Fatalf("a direction adds up to %v", sum)
		}
		seen[[8]float64(d[i:i+8])] = true
	}
	if len(seen) != 156 {
		t.Errorf("%d of them differ", len(seen))
	}
}

// Every niche of a front that does not fit gets its member before one gets two.
func TestNiching(t *testing.T) {
	p := Pool{M: 2, Fronts: 1}
	for i := range 30 { // a crowd at one end, one point at each of the other directions
		p.F = append(p.F, 0.001*float64(i), 1-0.001*float64(i))
		p.Ranks = append(p.Ranks, 0)
	}
	for _, x := range []float64{0.25, 0.5, 0.75, 1} {
		p.F = append(p.F, x, 1-x)
		p.Ranks = append(p.Ranks, 0)
	}
	rows, crowd := run(NewNiching(2, 5), p, 5)
	if len(rows) != 5 || rows[0] >= 30 || !slices.Equal(rows[1:], []int{30, 31, 32, 33}) {
		t.Errorf("rows %v", rows)
	}
	if crowd[33] != 0.5 || crowd[0] != 0.5 { // one member each: 1 / (1 + 1)
		t.Errorf("crowding %v, %v", crowd[33], crowd[0])
	}
	// In other units of the second objective the niches are the same.
	for i := range p.Ranks {
		p.F[2*i+1] *= 1000
	}
	if again, _ := run(NewNiching(2, 5), p, 5); !slices.Equal(again, rows) {
		t.Errorf("rows %v in other units, %v", again, rows)
	}
	// A front that fits is kept whole, whatever its niches.
	if rows, _ := run(NewNiching(2, 3), twoFronts(), 6); len(rows) != 6 || !slices.Equal(rows[:5], []int{0, 1, 2, 3, 4}) {
		t.Errorf("rows %v", rows)
	}
}

// Intercepts by hand: of (1, 0, 0), (0, 1, 0), (0.2, 0.2, 0.5) and (0.9, 0.9, 1)
// the first three are the extreme points; the plane through them meets the axes
// at 1, 1 and 1/1.2. In other units it does so too; where the points lie on a
// line, or the plane meets an axis beyond the largest value, the largest values
// hold.
func TestIntercepts(t *testing.T) {
	for _, c := range []struct {
		f     []float64
		scale []float64
	}{
		{[]float64{1, 0, 0, 0, 1, 0, 0.2, 0.2, 0.5, 0.9, 0.9, 1}, []float64{1, 1, 1 / 1.2}},
		{[]float64{2, 5, 0, 0, 8, 0, 0.4, 5.6, 50, 1.8, 7.7, 100}, []float64{2, 3, 100 / 1.2}},
		{[]float64{0, 2, 1, 1, 2, 0, 3, 3, 3}, []float64{3, 1, 3}},     // two of the extreme points are one
		{[]float64{1, 0.5, 0.5, 0, 1, 0, 0, 0, 1}, []float64{1, 1, 1}}, // the plane: 1/0 on the first axis
	} {
		ranks := make([]int, len(c.f)/3)
		n := NewNiching(3, 10)
		for i := range ranks {
			n.rows = append(n.rows, i)
		}
		n.normalise(c.f, ranks, 3)
		for j, want := range c.scale {
			if math.Abs(n.scale[j]-want) > 1e-12*want {
				t.Errorf("%v: intercepts %v, want %v", c.f, n.scale, c.scale)
			}
			for i := range ranks {
				if got, v := n.f[3*i+j], (c.f[3*i+j]-n.ideal[j])/want; math.Abs(got-v) > 1e-12 {
					t.Errorf("%v: objective %d of row %d is %v, want %v", c.f, j, i, got, v)
				}
			}
		}
	}
}

// Systems of equations by hand, one that needs its rows exchanged, one singular.
func TestSolve(t *testing.T) {
	for _, c := range []struct{ a, x []float64 }{
		{[]float64{2, 1, 5, 1, -1, 1}, []float64{2, 1}},
		{[]float64{0, 2, 4, 3, 1, 8}, []float64{2, 2}},
		{[]float64{1, 1, 1, 6, 0, 2, 5, -4, 2, 5, -1, 27}, []float64{5, 3, -2}},
		{[]float64{1, 2, 3, 2, 4, 6}, nil},
	} {
		m := map[int]int{6: 2, 12: 3}[len(c.a)]
		x := solve(slices.Clone(c.a), m)
		if len(x) != len(c.x) {
			t.Errorf("%v: %v, want %v", c.a, x, c.x)
			continue
		}
		for i := range x {
			if math.Abs(x[i]-c.x[i]) > 1e-12 {
				t.Errorf("%v: %v, want %v", c.a, x, c.x)
			}
		}
	}
}

// A first front of one row has no range: the second front is measured as it is,
// to the distant point (10, 10): (1, 8) contributes (4-1)(10-8) = 6, (4, 4)
// 4 x 4 = 16 and (8, 1) 2 x 3 = 6.
func TestNoRange(t *testing.T) {
	p := Pool{M: 2, Fronts: 2, Ranks: []int{0, 1, 1, 1}, F: []float64{0, 0, 1, 8, 4, 4, 8, 1}}
	if rows, _ := run(&Contribution{}, p, 2); !slices.Equal(rows, []int{0, 2}) {
		t.Errorf("rows %v", rows)
	}
}
