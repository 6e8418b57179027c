package problems

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sum is a polynomial: each row a coefficient and the variables it multiplies,
// numbered from 1.
func sum(x []float64, terms ...[]float64) float64 {
	s := 0.0
	for _, t := range terms {
		v := t[0]
		for _, i := range t[1:] {
			v *= x[int(i)-1]
		}
		s += v
	}
	return s
}

// TestMargins holds margins that are met at all published points, so that the
// violations printed there do not show them, to the papers: the car of Deb and
// Jain (IEEE TEC 18, 2014), the water resources of Ray, Tai and Seow (2001).
func TestMargins(t *testing.T) {
	type terms = [][]float64
	for _, c := range []struct {
		name  string
		e     engineering
		limit []float64
		of    []terms
	}{
		{"car", car(), []float64{1, 0.32, 0.32, 0.32, 32, 32, 32, 4, 9.9, 15.7}, []terms{
			{{1.16}, {-0.3717, 2, 4}, {-0.0092928, 3}},
			{{0.261}, {-0.0159, 1, 2}, {-0.06486, 1}, {-0.019, 2, 7}, {0.0144, 3, 5}, {0.0154464, 6}},
			{{0.214}, {0.00817, 5}, {-0.045195, 1}, {-0.0135168, 1}, {0.03099, 2, 6}, {-0.018, 2, 7}, {0.007176, 3}, {0.023232, 3}, {-0.00364, 5, 6}, {-0.018, 2, 2}},
			{{0.74}, {-0.61, 2}, {-0.031296, 3}, {-0.031872, 7}, {0.227, 2, 2}},
			{{28.98}, {3.818, 3}, {-4.2, 1, 2}, {1.27296, 6}, {-2.68065, 7}},
			{{33.86}, {2.95, 3}, {-5.057, 1, 2}, {-3.795, 2}, {-3.4431, 7}, {1.45728}},
			{{46.36}, {-9.9, 2}, {-4.4505, 1}},
			{{4.72}, {-0.5, 4}, {-0.19, 2, 3}},
			{{10.58}, {-0.674, 1, 2}, {-0.67275, 2}},
			{{16.45}, {-0.489, 3, 7}, {-0.843, 5, 6}},
		}},
		{"water", water(), []float64{1, 1, 50000, 16000, 10000, 2000, 550}, []terms{ // variable 4 stands for 1/(x1 x2)
			{{0.00139, 4}, {4.94, 3}, {-0.08}},
			{{0.000306, 4}, {1.082, 3}, {-0.0986}},
			{{12.307, 4}, {49408.24, 3}, {4051.02}},
			{{2.098, 4}, {8046.33, 3}, {-696.71}},
			{{2.138, 4}, {7883.39, 3}, {-705.04}},
			{{0.417, 1, 2}, {1721.26, 3}, {-136.54}},
			{{0.164, 4}, {631.13, 3}, {-54.48}},
		}},
	} {
		r := rand.New(rand.NewPCG(1, 1))
		for range 20 {
			x := make([]float64, len(c.e.lo))
			for i := range x {
				x[i] = c.e.lo[i] + r.Float64()*(c.e.hi[i]-c.e.lo[i])
			}
			f, g := make([]float64, c.e.m), make([]float64, c.e.c)
			c.e.part(x, f, g)
			y := x
			if c.name == "water" {
				y = append(append([]float64{}, x...), 1/(x[0]*x[1]))
			}
			for j := range g {
				if want := c.limit[j] - sum(y, c.of[j]...); math.Abs(g[j]-want) > 1e-9*c.limit[j] {
					t.Fatalf("%s: margin %d is %.12g, want %.12g", c.name, j+1, g[j], want)
				}
			}
		}
	}
}

// TestRocket holds RE37, of which no vectors are published beside the code, to
// Goel et al. (CMAME 196, 2007) as Tanabe and Ishibuchi (ASOC 89, 2020) print it.
// Variables: 1 alpha, 2 HA, 3 OA, 4 OPTT.
func TestRocket(t *testing.T) {
	of := [][][]float64{
		{
			{0.692},
			{0.477, 1},
			{-0.687, 2},
			{-0.08, 3},
			{-0.065, 4},
			{-0.167, 1, 1},
			{-0.0129, 2, 1},
			{0.0796, 2, 2},
			{-0.0634, 3, 1},
			{-0.0257, 3, 2},
			{0.0877, 3, 3},
			{-0.0521, 4, 1},
			{0.00156, 4, 2},
			{0.00198, 4, 3},
			{0.0184, 4, 4},
		},
		{
			{0.153},
			{-0.322, 1},
			{0.396, 2},
			{0.424, 3},
			{0.0226, 4},
			{0.175, 1, 1},
			{0.0185, 2, 1},
			{-0.0701, 2, 2},
			{-0.251, 3, 1},
			{0.179, 3, 2},
			{0.015, 3, 3},
			{0.0134, 4, 1},
			{0.0296, 4, 2},
			{0.0752, 4, 3},
			{0.0192, 4, 4},
		},
		{
			{0.37},
			{-0.205, 1},
			{0.0307, 2},
			{0.108, 3},
			{1.019, 4},
			{-0.135, 1, 1},
			{0.0141, 2, 1},
			{0.0998, 2, 2},
			{0.208, 3, 1},
			{-0.0301, 3, 2},
			{-0.226, 3, 3},
			{0.353, 4, 1},
			{-0.0497, 4, 3},
			{-0.423, 4, 4},
			{0.202, 2, 1, 1},
			{-0.281, 3, 1, 1},
			{-0.342, 2, 2, 1},
			{-0.245, 2, 2, 3},
			{0.281, 3, 3, 2},
			{-0.184, 4, 4, 1},
			{-0.281, 2, 1, 3},
		},
	}
	p, err := Lookup("re37", Size{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		x := []float64{r.Float64(), r.Float64(), r.Float64(), r.Float64()}
		f, _, err := p.At(x)
		if err != nil {
			t.Fatal(err)
		}
		for j := range f {
			if want := sum(x, of[j]...); math.Abs(f[j]-want) > 1e-12 {
				t.Fatalf("f%d is %.12g, want %.12g", j+1, f[j], want)
			}
		}
	}
}

// TestSpring works RE25 out at two designs. 8 turns of 0.263 in on 2 in: volume
// pi^2/4 2 0.263^2 10 = 3.4133; rate 11.5e6 0.263^4 / (8 8 2^3) = 107.46 lb/in;
// free length 1000/107.46 + 1.05 10 0.263 = 12.0674; index 7.6046, Wahl factor
// 29.4183/26.4183 + 0.615/7.6046 = 1.19443; stress 8 1.19443 1000 2/(pi 0.263^3) =
// 334402.
func TestSpring(t *testing.T) {
	p, err := Lookup("re25", Size{})
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := p.At([]float64{7.6, 2, 0.27}) // 8 turns, and the nearest wire
	if err != nil {
		t.Fatal(err)
	}
	const d = 0.263
	rate := 11.5e6 * d * d * d * d / 512
	index := 2 / d
	wahl := (4*index-1)/(4*index-4) + 0.615/index
	violation := 0.0
	for _, margin := range []float64{
		189000 - 16000*wahl/(math.Pi*d*d*d), 14 - (1000/rate + 10.5*d), index - 3, 6 - 300/rate, 1000/rate - 300/rate - 700/rate, 1.25 - 700/rate,
	} {
		violation += max(0, -margin)
	}
	if math.Abs(f[0]-math.Pi*math.Pi/4*2*d*d*10) > 1e-12 || math.Abs(f[1]/violation-1) > 1e-9 {
		t.Errorf("volume %g and violation %g, want %g and %g", f[0], f[1], math.Pi*math.Pi/4*2*d*d*10, violation)
	}
}

// TestBounds are the boxes of the papers, in the terms of the first and of the
// last variable.
func TestBounds(t *testing.T) {
	for name, want := range map[string][6]float64{ // lo, hi of the first and the last, variables, objectives
		"zdt1": {0, 1, 0, 1, 30, 2}, "zdt2": {0, 1, 0, 1, 30, 2}, "zdt3": {0, 1, 0, 1, 30, 2}, "zdt4": {0, 1, -5, 5, 10, 2}, "zdt6": {0, 1, 0, 1, 10, 2},
		"dtlz1": {0, 1, 0, 1, 7, 3}, "dtlz2": {0, 1, 0, 1, 12, 3}, "dtlz7": {0, 1, 0, 1, 22, 3}, "wfg1": {0, 2, 0, 48, 24, 3}, "re21": {1, 3, 1, 3, 4, 2},
		"re37": {0, 1, 0, 1, 4, 3}, "re41": {0.5, 1.5, 0.4, 1.2, 7, 4}, "re61": {0.01, 0.45, 0.01, 0.1, 3, 6}, "re31": {1e-5, 100, 1, 3, 3, 3}, "re33": {55, 80, 11, 20, 4, 3},
	} {
		p, err := Lookup(name, Size{})
		if err != nil {
			t.Error(err)
			continue
		}
		n := p.Space().Dim()
		first, last := p.Space().Parameter(0), p.Space().Parameter(n-1)
		got := [6]float64{first.Min, first.Max, last.Min, last.Max, float64(n), float64(p.NumObjectives())}
		if name != "re21" && got != want || got[4] != want[4] || got[5] != want[5] {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestFrontsInClosedForm: on the front of DTLZ5 and 6 all but the last objective
// are on one curve, ZDT3 is sqrt and sine, DTLZ7 has h = m - sum f/2 (1 + sin 3 pi f).
func TestFrontsInClosedForm(t *testing.T) {
	at := func(name string, x []float64) []float64 {
		p, err := Lookup(name, Size{})
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := p.At(x)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	same := func(name string, got, want []float64) {
		for j := range want {
			if math.Abs(got[j]-want[j]) > 1e-12 {
				t.Errorf("%s: %v, want %v", name, got, want)
				return
			}
		}
	}
	for name, want := range map[string][]float64{
		"dtlz1": {0.5, 0.5, 0.5}, "dtlz2": {1, 1, 1}, "dtlz4": {1, 1, 1}, "dtlz5": {math.Sqrt(0.5), math.Sqrt(0.5), 1}, "dtlz6": {math.Sqrt(0.5), math.Sqrt(0.5), 1},
		"zdt1": {1, 1}, "zdt4": {1, 1}, "dtlz5:4": {0.5, 0.5, math.Sqrt(0.5), 1},
	} {
		p, err := Lookup(name, Size{})
		if err != nil {
			t.Fatal(err)
		}
		same(name+" nadir", p.Nadir, want)
	}
	rest := func(n int, v float64, head ...float64) []float64 {
		x := append([]float64{}, head...)
		for len(x) < n {
			x = append(x, v)
		}
		return x
	}
	for _, u := range []float64{0.1, 0.35, 0.8} {
		c, s := math.Cos(u*math.Pi/2), math.Sin(u*math.Pi/2)
		// g = 0: the second angle is 45 degrees whatever its variable.
		curve := []float64{c * math.Sqrt(0.5), c * math.Sqrt(0.5), s}
		same("dtlz5", at("dtlz5", rest(12, 0.5, u, 0.9)), curve)
		same("dtlz6", at("dtlz6", rest(12, 0, u, 0.9)), curve)
		// g = 10 x 0.04 = 0.4: the angle is 45 (1 + 0.8 0.9)/1.4 degrees.
		angle := math.Pi / 4 * (1 + 2*0.4*0.9) / 1.4
		same("dtlz5 above the front", at("dtlz5", rest(12, 0.7, u, 0.9)), []float64{1.4 * c * math.Cos(angle), 1.4 * c * math.Sin(angle), 1.4 * s})
		same("zdt3", at("zdt3", rest(30, 0, u)), []float64{u, 1 - math.Sqrt(u) - u*math.Sin(10*math.Pi*u)})
		h := 3 - u/2*(1+math.Sin(3*math.Pi*u)) - 0.2/2*(1+math.Sin(3*math.Pi*0.2))
		same("dtlz7", at("dtlz7", rest(22, 0, u, 0.2)), []float64{u, 0.2, 2 * h})
		// x^100 turns all but the front's ends to 0.
		bent := math.Pow(u, 100) * math.Pi / 2
		same("dtlz4", at("dtlz4", rest(12, 0.5, u, 1)), []float64{0, math.Cos(bent), math.Sin(bent)})
	}
}
