package objectives

import (
	"math"
	"math/rand/v2"
	"testing"

	"stco/model"
	"stco/model/workload"
	"stco/model/workload/suite"
	"stco/space"
)

func testProblem(tb testing.TB, bounds ...Bound) *Problem {
	tb.Helper()
	c, err := model.NewCatalog()
	if err != nil {
		tb.Fatal(err)
	}
	s := model.DefaultSetup()
	o, err := suite.DefaultOptions("mobilenet_v2", workload.Inference)
	if err != nil {
		tb.Fatal(err)
	}
	s.Workloads = []model.Workload{{Network: "mobilenet_v2", Options: o, Weight: 1}}
	m, err := model.New(c, s)
	if err != nil {
		tb.Fatal(err)
	}
	base := model.DefaultDesign()
	base.Capacity = 2 << 20
	var params []space.Parameter
	knobs := c.Knobs()
	for i := range knobs {
		p := Default(&knobs[i], &base)
		switch knobs[i].Name {
		case "capacity":
			p = Fixed(&knobs[i], 2<<20)
		case "ecc":
			p = Listed(&knobs[i], []float64{1, 2})
		}
		params = append(params, p)
	}
	d, err := NewDecoder(knobs, base, params)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := NewProblem(m, d, []string{"energy", "latency", "throughput"}, bounds)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestScore checks signs and scales on the default design: a maximised metric
// is negated, an option maps to its choice, a bound is counted in its own
// scale, and an evaluation allocates nothing.
func TestScore(t *testing.T) {
	p := testProblem(t, Bound{Metric: "area", Min: math.Inf(-1), Max: 1e-6})
	base := model.DefaultDesign()
	x := make([]float64, p.Decoder.Space.Dim())
	knobs := p.Model.Catalog.Knobs()
	for i := range x {
		for k := range knobs {
			if knobs[k].Name == p.Decoder.Space.Parameter(i).Name {
				x[i] = knobs[k].Get(&base)
			}
		}
	}
	ecc, err := p.Decoder.Space.Index("ecc")
	if err != nil {
		t.Fatal(err)
	}
	x[ecc] = 2
	e, err := p.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	f, g := make([]float64, 3), make([]float64, p.NumConstraints())
	e.Evaluate(x, f, g)
	r := &e.Report
	if r.Design.ECC.String() != "dec" || r.Design.Capacity != 2<<20 {
		t.Errorf("decoded %s, %g B", r.Design.ECC, float64(r.Design.Capacity))
	}
	if f[0] != math.Log(r.Energy) || f[2] != -math.Log(1/r.Latency) {
		t.Errorf("objectives %v of energy %g J and latency %g s", f, r.Energy, r.Latency)
	}
	if got := p.Objective(2, f[2]); math.Abs(got*r.Latency-1) > 1e-12 {
		t.Errorf("throughput %g Hz, want %g", got, 1/r.Latency)
	}
	want := float64(r.Array.Area.Total)/1e-6 - 1
	if got := g[len(g)-1]; math.Abs(got-want) > 1e-12 {
		t.Errorf("area violation %g, want %g", got, want)
	}
	if n := testing.AllocsPerRun(100, func() { e.Evaluate(x, f, g) }); n != 0 {
		t.Errorf("%g allocations an evaluation", n)
	}
}

func TestUnknownNames(t *testing.T) {
	if _, err := MetricByName("speed"); err == nil {
		t.Error("an unknown metric is found")
	}
	p := testProblem(t)
	if _, err := NewDecoder(p.Model.Catalog.Knobs(), model.DefaultDesign(), []space.Parameter{{Name: "colour", Values: []float64{0}}}); err == nil {
		t.Error("an unknown knob is accepted")
	}
}

// TestDecodedIsPrinted checks that a decoded design is what its printed values
// say, to the last bit: a design read back from a table or a file is the same.
func TestDecodedIsPrinted(t *testing.T) {
	p := testProblem(t)
	sp := p.Decoder.Space
	knobs := p.Model.Catalog.Knobs()
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	rng := rand.New(rand.NewPCG(1, 2))
	var d, back model.Design
	for range 2000 {
		for i := range u {
			u[i] = rng.Float64()
		}
		sp.Decode(u, x)
		p.Decoder.Decode(x, &d)
		back = d
		for i := range knobs {
			k := &knobs[i]
			v, err := k.Parse(k.Format(k.Get(&d)))
			if err != nil {
				t.Fatal(err)
			}
			k.Set(&back, v)
		}
		if back != d {
			t.Fatalf("printed and read back, %+v becomes %+v", d, back)
		}
	}
}
