package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

// permuted is the two-sided probability by trying every way to split the values
// in two: twice the smaller of the shares of splits with a U at most and at
// least that seen.
func permuted(a, b []float64) float64 {
	all := slices.Concat(a, b)
	u := func(in func(int) bool) float64 {
		sum := 0.0
		for i, x := range all {
			for k, y := range all {
				if in(i) && !in(k) {
					switch {
					case x > y:
						sum++
					case x == y:
						sum += 0.5
					}
				}
			}
		}
		return sum
	}
	seen := u(func(i int) bool { return i < len(a) })
	var low, high, splits float64
	for mask := range 1 << len(all) {
		n := 0
		for i := range all {
			n += mask >> i & 1
		}
		if n != len(a) {
			continue
		}
		splits++
		v := u(func(i int) bool { return mask>>i&1 == 1 })
		if v <= seen {
			low++
		}
		if v >= seen {
			high++
		}
	}
	return min(1, 2*min(low, high)/splits)
}

func TestRankTestAgainstPermutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(0, 1)
		if rapid.Bool().Draw(t, "ties") {
			value = rapid.Map(rapid.IntRange(0, 3), func(i int) float64 { return float64(i) })
		}
		a := rapid.SliceOfN(value, 1, 5).Draw(t, "a")
		b := rapid.SliceOfN(value, 1, 5).Draw(t, "b")
		_, p, effect := rankTest(a, b)
		if want := permuted(a, b); !near(p, want) {
			t.Fatalf("p = %v, want %v", p, want)
		}
		_, q, other := rankTest(b, a)
		if !near(p, q) || !near(effect+other, 1) {
			t.Fatalf("%v %v, %v %v: not symmetric", p, q, effect, other)
		}
	})
}

// TestRankTestPublished checks the example of the documentation of SciPy 1.14,
// scipy.stats.mannwhitneyu: ages at which diabetes set in.
func TestRankTestPublished(t *testing.T) {
	u, p, effect := rankTest([]float64{19, 22, 16, 29, 24}, []float64{20, 11, 17, 12})
	if u != 17 || !near(p, 0.1111111111111111) || effect != 0.85 {
		t.Errorf("U = %v, p = %v, effect %v", u, p, effect)
	}
	// Ten seeds that are all above ten others: 2 of C(20, 10) orders.
	var a, b []float64
	for i := range 10 {
		a, b = append(a, float64(i)), append(b, float64(i)-100)
	}
	if _, p, effect := rankTest(a, b); !near(p, 2.0/184756) || effect != 1 {
		t.Errorf("separated: p = %v, effect %v", p, effect)
	}
}

// TestRankTestNormal checks that the normal approximation meets the exact
// distribution where one gives way to the other.
func TestRankTestNormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // reproducible samples
	for range 5 {
		var a, b []float64
		for range exactRanks {
			a, b = append(a, math.Floor(20*rng.Float64())), append(b, math.Floor(20*rng.Float64()+3))
		}
		u, p, _ := rankTest(a, b)
		ranks, _ := doubledRanks(a, b)
		if q := normalTails(ranks, len(a), len(b), u); math.Abs(p-q) > 0.2*p+1e-5 {
			t.Errorf("U = %v: exact %v, normal %v", u, p, q)
		}
	}
}

// TestMedianInterval checks ranks and coverage against the table of Conover,
// Practical Nonparametric Statistics (1999), and the closed form.
func TestMedianInterval(t *testing.T) {
	for _, c := range []struct {
		n, from, to int
		coverage    float64
	}{
		{6, 1, 6, 1 - 2.0/64}, {8, 1, 8, 1 - 2.0/256}, {9, 2, 8, 1 - 20.0/512}, {10, 2, 9, 1 - 22.0/1024}, {15, 4, 12, 1 - 2*576.0/32768}, {20, 6, 15, 1 - 2*21700.0/1048576},
	} {
		x := make([]float64, c.n)
		for i := range x {
			x[i] = float64(i + 1)
		}
		from, to, coverage := medianInterval(x)
		if int(from) != c.from || int(to) != c.to || !near(coverage, c.coverage) {
			t.Errorf("%d values: %v to %v with %v, want %+v", c.n, from, to, coverage, c)
		}
	}
	if from, _, _ := medianInterval([]float64{1, 2, 3, 4, 5}); !math.IsNaN(from) {
		t.Error("five values have an interval of 95 %")
	}
}

func TestHolm(t *testing.T) {
	got := holm([]float64{0.01, 0.04, 0.03, 0.005})
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		if !near(got[i], want) {
			t.Errorf("%v", got)
		}
	}
}

// TestAttainmentAgainstDefinition checks corners and every point of a lattice
// by counting the runs that reach it.
func TestAttainmentAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) [2]float64 {
			return [2]float64{float64(rapid.IntRange(0, 6).Draw(t, "x")), float64(rapid.IntRange(0, 6).Draw(t, "y"))}
		})
		runs := rapid.SliceOfN(rapid.SliceOfN(point, 1, 6), 1, 5).Draw(t, "runs")
		k := rapid.IntRange(1, len(runs)).Draw(t, "k")
		corners := attainment(runs, k)
		for i := 1; i < len(corners); i++ {
			if corners[i-1][0] >= corners[i][0] || corners[i-1][1] <= corners[i][1] {
				t.Fatalf("%v is no staircase", corners)
			}
		}
		reaches := func(points [][2]float64, x, y float64) bool {
			return slices.ContainsFunc(points, func(p [2]float64) bool { return p[0] <= x && p[1] <= y })
		}
		for x := range 8 {
			for y := range 8 {
				n := 0
				for _, r := range runs {
					if reaches(r, float64(x), float64(y)) {
						n++
					}
				}
				if got := reaches(corners, float64(x), float64(y)); got != (n >= k) {
					t.Fatalf("(%d, %d): reached by %d runs of %d, surface %v", x, y, n, k, corners)
				}
				if got := height(corners, float64(x), false) <= float64(y); got != (n >= k) {
					t.Fatalf("(%d, %d): height %v", x, y, height(corners, float64(x), false))
				}
			}
		}
	})
}

func testRun(name string, algorithm string, seeds ...[][]float64) Run {
	text, _ := study.Embedded("cv-training")
	s, err := study.Parse("test", text)
	if err != nil {
		panic(err)
	}
	if err := s.SetAlgorithm(algorithm); err != nil {
		panic(err)
	}
	r := Run{Name: name, Study: s, Goals: []results.Column{
		{Name: "energy", Unit: "J", Goal: results.Min}, {Name: "throughput", Unit: "Hz", Goal: results.Max},
	}}
	for i, points := range seeds {
		half := points[:(len(points)+1)/2]
		r.Seeds = append(r.Seeds, Seed{Seed: uint64(i), Archive: points, Front: half, Log: []store.Generation{
			{Number: 1, Evaluations: 100, Infeasible: 30, Duplicates: 5, Members: half},
			{Number: 2, Evaluations: 200, Infeasible: 50, Duplicates: 50},
		}})
	}
	return r
}

// TestMeasureClosedForm compares runs whose hypervolumes are sums of boxes. The
// joint front spans a decade of energy (1 to 10) and of throughput (10 to 100),
// so that each point has whole or half coordinates on the logarithmic scale.
func TestMeasureClosedForm(t *testing.T) {
	root := math.Sqrt(10)
	exact := testRun("all", "grid", [][]float64{{1, 10}, {root, 10 * root}, {10, 100}})
	other := testRun("ends", "random", [][]float64{{1, 10}, {10, 100}}, [][]float64{{10, 100}, {1, 10}, {10, 10}})
	c, err := Measure([]Run{exact, other}, Measurement{})
	if err != nil {
		t.Fatal(err)
	}
	cell := func(tab *results.Table, row int, name string) float64 {
		i, err := tab.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		return tab.Rows[row][i]
	}
	ends := 2*1.1*0.1 - 0.01
	all := ends + 0.5*0.5
	if v := cell(c.Summary, 0, "hypervolume"); !near(v, all) {
		t.Errorf("hypervolume %v, want %v", v, all)
	}
	for name, want := range map[string]float64{
		"hypervolume": ends, "share": 100 * ends / all, "seeds": 2, "evaluations": 200, "infeasible": 25, "duplicates": 20, "returned_share": 50 * (0.11 + ends) / all,
	} {
		if v := cell(c.Summary, 1, name); !near(v, want) {
			t.Errorf("%s %v, want %v", name, v, want)
		}
	}
	for j, want := range [][2]float64{{1, 10}, {100, 10}} {
		if a, b := cell(c.Frame, j, "ideal"), cell(c.Frame, j, "nadir"); !near(a, want[0]) || !near(b, want[1]) {
			t.Errorf("objective %d: ideal %v, nadir %v, want %v", j+1, a, b, want)
		}
	}
	// Half of the members after 100 evaluations, the archive after 200.
	var shares []float64
	for _, r := range c.Convergence.Rows {
		if c.Convergence.Text(0, 0) == "all" && r[0] == 0 {
			shares = append(shares, r[2], r[3])
		}
	}
	half := (1.1*0.1 + 0.6*0.6 - 0.1*0.6) / all
	want := []float64{112, 100 * half, 128, 100 * half, 160, 100 * half, 192, 100 * half, 200, 100}
	if len(shares) != len(want) {
		t.Fatalf("convergence %v, want %v", shares, want)
	}
	for i := range want {
		if !near(shares[i], want[i]) {
			t.Errorf("convergence %v, want %v", shares, want)
			break
		}
	}
	if len(c.Tests.Rows) != 0 {
		t.Error("an exhaustive run is tested as if it were a sample")
	}
	later := other
	later.Info.Executable = "another"
	if c, err := Measure([]Run{other, later}, Measurement{}); err != nil || !slices.ContainsFunc(c.Notes, func(n string) bool { return strings.Contains(n, "different builds") }) {
		t.Errorf("runs of two programs without a note: %v", err)
	}
	linear, err := Measure([]Run{exact, other}, Measurement{Linear: true})
	if err != nil {
		t.Fatal(err)
	}
	u := (root - 1) / 9
	if v, want := cell(linear.Summary, 0, "hypervolume"), ends+(1-u)*u; !near(v, want) {
		t.Errorf("linear: hypervolume %v, want %v", v, want)
	}
	for _, f := range FigureNames() {
		if _, err := c.Figure(f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := Measure([]Run{exact}, Measurement{Attain: [2]string{"energy", "speed"}}); err == nil {
		t.Error("attainment of an unknown objective is accepted")
	}
}

func TestShortNames(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"runs/a", "runs/b/"}, []string{"a", "b"}},
		{[]string{"x/a", "y/a"}, []string{"x/a", "y/a"}},
		{[]string{"a", "a"}, []string{"a (1)", "a (2)"}},
	} {
		if got := shortNames(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.in, got)
		}
	}
}
