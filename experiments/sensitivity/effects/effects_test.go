package effects

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ishigami with a = 7, b = 0.1 (Ishigami and Homma 1990), and its indices by
// closed form.
func ishigami(u, out []float64) {
	x := func(i int) float64 { return math.Pi * (2*u[i] - 1) }
	out[0] = math.Sin(x(0)) + 7*math.Pow(math.Sin(x(1)), 2) + 0.1*math.Pow(x(2), 4)*math.Sin(x(0))
}

// gFunction of Sobol with these a (Saltelli and Sobol 1995): the first-order
// variance of an input is 1/(3 (1+a)^2).
func gFunction(u, out []float64) {
	out[0] = 1
	for i, a := range []float64{0, 1, 4.5, 9, 99, 99, 99, 99} {
		out[0] *= (math.Abs(4*u[i]-2) + a) / (1 + a)
	}
}

func TestSobolIndices(t *testing.T) {
	for _, c := range []struct {
		name           string
		f              Function
		first, total   []float64
		mean, variance float64
	}{
		{"ishigami", ishigami, []float64{0.3139051911, 0.4424111448, 0}, []float64{0.5575888552, 0.4424111448, 0.2436836641}, 3.5, 13.8445879407},
		{
			"g", gFunction,
			[]float64{0.716192, 0.179048, 0.023676, 0.007162, 7.2e-5, 7.2e-5, 7.2e-5, 7.2e-5},
			[]float64{0.787144, 0.242198, 0.034317, 0.010460, 1.05e-4, 1.05e-4, 1.05e-4, 1.05e-4},
			1, 0.4654244319,
		},
	} {
		// The error of 4,096 points is 0.001 in the root mean square of 20 seeds.
		for seed := range uint64(3) {
			r, err := Sobol(c.f, len(c.first), 1, 4096, seed)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(r.Mean[0]-c.mean) > 0.003 || math.Abs(r.Variance[0]/c.variance-1) > 0.003 || r.Used[0] != 4096 || r.Evaluations != 4096*(len(c.first)+2) {
				t.Errorf("%s: mean %g, variance %g of %d points", c.name, r.Mean[0], r.Variance[0], r.Used[0])
			}
			for i, got := range r.Of[0] {
				if math.Abs(got.First-c.first[i]) > 0.005 || math.Abs(got.Total-c.total[i]) > 0.005 {
					t.Errorf("%s, seed %d, input %d: %.4f and %.4f, want %.4f and %.4f", c.name, seed, i, got.First, got.Total, c.first[i], c.total[i])
				}
				if !(got.FirstBand[0] <= got.First && got.First <= got.FirstBand[1] && got.TotalBand[0] <= got.Total && got.Total <= got.TotalBand[1] && got.TotalBand[1]-got.TotalBand[0] <= 0.1) {
					t.Errorf("%s: bands %v and %v round %g and %g", c.name, got.FirstBand, got.TotalBand, got.First, got.Total)
				}
			}
		}
	}
}

// TestSobolGaps: a point without a value takes its whole row out; an output that
// does not vary has no indices; sizes that cannot be are refused.
func TestSobolGaps(t *testing.T) {
	f := func(u, out []float64) {
		out[0], out[1] = 1e9+u[0], 4
		if u[0] < 0.25 {
			out[0] = math.NaN()
		}
	}
	r, err := Sobol(f, 2, 2, 256, 1)
	if err != nil {
		t.Fatal(err)
	}
	// A row is whole if the first coordinate of both halves is in the upper three quarters.
	if got := float64(r.Used[0]) / 256; math.Abs(got-9.0/16) > 0.02 || r.Used[1] != 256 {
		t.Errorf("used %v of %d", r.Used, r.Points)
	}
	if i := r.Of[0]; math.Abs(i[0].First-1) > 0.1 || math.Abs(i[0].Total-1) > 0.1 || i[1].First != 0 || i[1].Total != 0 {
		t.Errorf("one input decides all: %+v", i)
	}
	if i := r.Of[1][0]; !math.IsNaN(i.First) || !math.IsNaN(i.Total) || !math.IsNaN(i.TotalBand[0]) {
		t.Errorf("a constant: %+v", i)
	}
	for _, n := range []int{0, 1, 100} {
		if _, err := Sobol(f, 2, 2, n, 1); err == nil {
			t.Errorf("%d points accepted", n)
		}
	}
	if r, err := Sobol(f, 2, 2, 2, 1); err != nil || r.Points != 2 {
		t.Errorf("two points: %v", err)
	}
	for _, gap := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		only := func(u, out []float64) {
			if out[0] = u[0]; u[0] < 0.25 {
				out[0] = gap
			}
		}
		if r, err := Sobol(only, 2, 1, 256, 1); err != nil || math.Abs(float64(r.Used[0])/256-9.0/16) > 0.02 || math.IsNaN(r.Mean[0]) || math.IsInf(r.Mean[0], 0) {
			t.Errorf("%g: used %v of 256, %v", gap, r.Used, err)
		}
	}
	if _, err := Sobol(f, 65, 2, 64, 1); err == nil {
		t.Error("130 coordinates accepted")
	}
}

// TestMorris: of a linear function the effects are its coefficients without any
// deviation; of a product they depend on the other input.
func TestMorris(t *testing.T) {
	f := func(u, out []float64) {
		out[0], out[1], out[2] = 3*u[0]-2*u[1], u[0]*u[1], math.NaN()
		if u[0] > 0.9 {
			out[2] = 5 * u[1]
		}
	}
	all := Morris(f, 3, 3, 40, 7)
	for i, want := range []Effect{{3, 3, 0, 40}, {-2, 2, 0, 40}, {0, 0, 0, 40}} {
		got := all[0][i]
		if math.Abs(got.Mean-want.Mean) > 1e-12 || math.Abs(got.Size-want.Size) > 1e-12 || got.Deviation > 1e-7 || got.Steps != 40 {
			t.Errorf("input %d: %+v, want %+v", i, got, want)
		}
	}
	// The other input is at 0, 1/3, 2/3 or 1: mean 1/2, deviation sqrt(5)/6 = 0.373.
	if e := all[1][0]; math.Abs(e.Mean-0.5) > 0.2 || math.Abs(e.Deviation-0.373) > 0.1 {
		t.Errorf("a product: %+v", e)
	}
	// Of the third output only steps with the first input at 1 have both ends.
	if e := all[2]; e[0].Steps != 0 || !math.IsNaN(e[0].Size) || !math.IsNaN(e[0].Deviation) || e[1].Steps == 0 || e[1].Steps == 40 || math.Abs(e[1].Size-5) > 1e-12 {
		t.Errorf("gaps: %+v", e)
	}
}

// TestRatio by hand: y is 1, 2 in class 0 and 5, 6 in class 1. Within the classes
// 0.5 + 0.5 with 2 degrees of freedom, in all 17 with 3: 1 - 0.5/(17/3).
func TestRatio(t *testing.T) {
	nan := math.NaN()
	x, y := []float64{0, 0, 1, 1, nan, 2}, []float64{1, 2, 5, 6, 9, nan}
	if got, want := Ratio(x, y, 8), 1-0.5/(17.0/3); math.Abs(got-want) > 1e-15 {
		t.Errorf("%g, want %g", got, want)
	}
	// As many values as classes are classes: 1.5 within, in all 503 - 33^2/8.
	if got, want := Ratio([]float64{0, 0, 0, 0, 0, 0, 1, 2}, []float64{0, 1, 0, 1, 0, 1, 10, 20}, 3), 1-1.5/5/((503-33.0*33/8)/7); math.Abs(got-want) > 1e-15 {
		t.Errorf("as many values as classes: %g, want %g", got, want)
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible
	var u, v, curved []float64
	for range 2000 {
		a := rng.Float64()
		u, v, curved = append(u, a), append(v, rng.Float64()), append(curved, (a-0.5)*(a-0.5))
	}
	// Ten classes of u leave 1/100 of the variance of u within: 0.99.
	if got := Ratio(u, u, 10); math.Abs(got-0.99) > 0.002 {
		t.Errorf("of itself %g", got)
	}
	if got := Ratio(u, v, 10); got > 0.01 {
		t.Errorf("independent: %g", got)
	}
	if got, rank := Ratio(u, curved, 10), Rank(u, curved); got < 0.9 || math.Abs(rank) > 0.05 {
		t.Errorf("a parabola: ratio %g, rank correlation %g", got, rank)
	}
	for name, got := range map[string]float64{"constant": Ratio(x, []float64{1, 1, 1, 1, 1, 1}, 8), "one a class": Ratio([]float64{1, 2}, []float64{3, 4}, 8)} {
		if !math.IsNaN(got) {
			t.Errorf("%s: %g", name, got)
		}
	}
}

// TestRank by hand: ranks 1, 2.5, 2.5, 4 against 2, 1, 3, 4 have the covariance
// (-1.5)(-0.5) + 0 + 0 + 1.5 1.5 = 3, variances 4.5 and 5.
func TestRank(t *testing.T) {
	if got, want := Rank([]float64{1, 2, 2, 9, math.NaN()}, []float64{20, 10, 30, 40, 0}), 3/math.Sqrt(4.5*5); math.Abs(got-want) > 1e-15 {
		t.Errorf("%g, want %g", got, want)
	}
	if got := Rank([]float64{1, 2, 3}, []float64{-1, -8, -27}); got != -1 {
		t.Errorf("falling: %g", got)
	}
	if got := Rank([]float64{1, 2, 3}, []float64{4, 4, 4}); !math.IsNaN(got) {
		t.Errorf("constant: %g", got)
	}
}
