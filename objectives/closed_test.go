package objectives

import (
	"math"
	"slices"
	"testing"

	"stco/model"
	"stco/model/device"
)

// TestDecodeClosedForm decodes coordinate 0, 1/2 and 1 of every free knob: the
// design holds the lower bound, the mean of the scale (arithmetic of a linear
// one, geometric of a logarithmic one) and the upper bound. A grid gives the
// value of the cell.
func TestDecodeClosedForm(t *testing.T) {
	p := testProblem(t)
	sp := p.Decoder.Space
	knobs := p.Model.Catalog.Knobs()
	base := model.DefaultDesign()
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	checked := map[model.Scale]int{}
	for i := range u {
		at := slices.IndexFunc(knobs, func(k model.Knob) bool { return k.Name == sp.Parameter(i).Name })
		k := &knobs[at]
		for c := range 3 {
			for j := range u {
				u[j] = 0.3
			}
			u[i] = float64(c) / 2
			sp.Decode(u, x)
			d := base
			p.Decoder.Decode(x, &d)
			got := k.Get(&d)
			want, slack := [3]float64{k.Low, 0, k.High}[c], 1e-11
			switch {
			case k.Name == "ecc": // the options are secded and dec
				want = [3]float64{1, 2, 2}[c]
			case c == 1 && k.Scale == model.Logarithmic && k.Step == 0:
				want = math.Sqrt(k.Low * k.High)
			case c == 1 && k.Scale == model.PowerOfTwo: // of an even number of values the upper middle
				want, slack = math.Sqrt(k.Low*k.High), 0.5
			case c == 1:
				want, slack = (k.Low+k.High)/2, 1e-11
				if k.Step > 0 {
					slack = k.Step / want
				}
			}
			if math.Abs(got-want) > slack*math.Abs(want) {
				t.Errorf("%s: coordinate %g is %.17g, want %g", k.Name, float64(c)/2, got, want)
			}
			checked[k.Scale]++
		}
	}
	if checked[model.Linear] == 0 || checked[model.Logarithmic] == 0 || checked[model.PowerOfTwo] == 0 || checked[model.Choice] == 0 {
		t.Errorf("not every scale is in the space: %v", checked)
	}
}

// TestTwelveDigits: a quantity keeps twelve digits in its unit, counted at the
// larger end of its range, and not eleven.
func TestTwelveDigits(t *testing.T) {
	p := testProblem(t)
	sp := p.Decoder.Space
	knobs := p.Model.Catalog.Knobs()
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	checked, finer := 0, 0
	for n := range 40 {
		for i := range u {
			u[i] = math.Mod(0.1234567+0.6180339887*float64(n)+0.31*float64(i), 1)
		}
		sp.Decode(u, x)
		var d model.Design
		p.Decoder.Decode(x, &d)
		for i := range u {
			q := sp.Parameter(i)
			if sp.GridSize(i) > 0 {
				continue
			}
			k := &knobs[slices.IndexFunc(knobs, func(k model.Knob) bool { return k.Name == q.Name })]
			most := k.Out(k.High)
			step := math.Pow(10, math.Floor(math.Log10(most))-11)
			v := k.Out(k.Get(&d)) / step
			if math.Abs(v-math.Round(v)) > 1e-3 {
				t.Errorf("%s: %.17g %s is not a multiple of %g", k.Name, v*step, k.Unit, step)
			}
			checked++
			if tenth := v / 10; math.Abs(tenth-math.Round(tenth)) > 0.05 {
				finer++
			}
		}
	}
	if checked < 40 || finer < checked/2 {
		t.Errorf("of %d values %d use the twelfth digit", checked, finer)
	}
}

// TestMetricsByHand: every metric of a report whose figures are small primes.
func TestMetricsByHand(t *testing.T) {
	r := &model.Report{
		Energy: 2, Latency: 3, DRAMTraffic: 5, AveragePower: 7, PeakPower: 11, Lifetime: 13, WearOut: 0.25, ScrubShare: 0.17,
		MemoryEnergy: 59, MemoryLatency: 61, DRAMEnergy: 67, ComputeShare: 0.75, Samples: 8, StandbyEnergy: 71, RestedEnergy: 73,
	}
	r.Memory.Retention = 26
	r.Array.Area.Total, r.Array.Area.Cells = 19e-6, 6e-6
	r.Scratchpad.Area.Total, r.Scratchpad.Area.Cells = 5e-6, 3e-6
	r.Array.Leakage, r.Scratchpad.Leakage = 23, 29
	r.Array.Read.Total, r.Array.Write.Total = 31, 37
	r.Array.ReadPerBit, r.Array.WritePerBit = 41e-12, 43e-12
	r.Array.ReadBandwidth, r.Array.WriteBandwidth = 47e9, 53e9
	want := map[string]float64{ // in the metric's unit
		"energy": 2, "latency": 3, "area": 24, "edp": 6, "throughput": 1. / 3, "average_power": 7, "peak_power": 11,
		"leakage": 52, "dram_traffic": 5, "read_latency": 31, "write_latency": 37, "read_energy": 41, "write_energy": 43,
		"read_bandwidth": 47, "write_bandwidth": 53, "array_efficiency": 9. / 24, "lifetime": 13, "retention": 26,
		"retention_margin": 2, "endurance_margin": 4, "scrub_share": 0.17,
		"memory_energy": 59, "memory_latency": 61, "dram_energy": 67, "compute_share": 0.75, "stall_share": 0.25,
		"energy_per_sample": 0.25, "latency_per_sample": 0.375, "sample_throughput": 8. / 3, "standby_energy": 71, "rested_energy": 73,
	}
	larger := []string{"throughput", "sample_throughput", "read_bandwidth", "write_bandwidth", "array_efficiency", "retention", "retention_margin", "endurance_margin", "compute_share"}
	ms := Metrics()
	if len(ms) != len(want) {
		t.Errorf("%d metrics, %d worked out", len(ms), len(want))
	}
	for i := range ms {
		m := &ms[i]
		if got := m.Value(r); math.Abs(got-want[m.Name]) > 1e-12*want[m.Name] {
			t.Errorf("%s is %g %s, want %g", m.Name, got, m.Unit, want[m.Name])
		}
		if m.Max != slices.Contains(larger, m.Name) {
			t.Errorf("%s: larger is better is %t", m.Name, m.Max)
		}
	}
	if MetricNames()[0] != "energy" || len(MetricNames()) != len(ms) {
		t.Errorf("names %v", MetricNames())
	}
	none := &model.Report{}
	if a, err := MetricByName("area"); err != nil || !math.IsNaN(a.Value(none)) {
		t.Errorf("the area of a design without an organisation is %g, %v", a.Value(none), err)
	}
}

// TestBoundsByHand: the violation of a bound is counted in units of the bound,
// 0 on it, the worse of two, and 1 where there is no number.
func TestBoundsByHand(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		min, max, energy, want float64
		name                   string
	}{
		{-inf, 4, 6, 0.5, "energy <= 4 J"},
		{-inf, 4, 4, 0, "energy <= 4 J"},
		{-inf, 4, 1, -0.75, "energy <= 4 J"},
		{4, inf, 3, 0.25, "energy >= 4 J"},
		{4, inf, 6, -0.5, "energy >= 4 J"},
		{2, 4, 3, -0.25, "2 <= energy <= 4 J"},
		{2, 4, 1, 0.5, "2 <= energy <= 4 J"},
		{2, 4, 5, 0.25, "2 <= energy <= 4 J"},
		{-inf, 0, 3, 3, "energy <= 0 J"},
		{-inf, -2, 3, 2.5, "energy <= -2 J"},
		{-inf, 4, math.NaN(), 1, "energy <= 4 J"},
	} {
		p, err := NewProblem(nil, nil, []string{"energy", "throughput"}, []Bound{{Metric: "energy", Min: c.min, Max: c.max}})
		if err != nil {
			t.Fatal(err)
		}
		r := &model.Report{Energy: c.energy, Latency: 0.5}
		for i := range r.Violations {
			r.Violations[i] = float64(i) - 3
		}
		f, g := make([]float64, 2), make([]float64, p.NumConstraints())
		p.Score(r, f, g)
		last := len(g) - 1
		if last != model.NumViolations || !(math.Abs(g[last]-c.want) <= 1e-12) {
			t.Errorf("%g J in %g..%g J: violation %g of %d, want %g", c.energy, c.min, c.max, g[last], len(g), c.want)
		}
		for i := range last {
			if g[i] != float64(i)-3 || p.ConstraintName(i) != model.ViolationName(i) {
				t.Errorf("violation %d (%s) is %g", i, p.ConstraintName(i), g[i])
			}
		}
		if got := p.ConstraintName(last); got != c.name {
			t.Errorf("name %q, want %q", got, c.name)
		}
		// ln 6 and -ln(1/0.5).
		if c.energy == 6 && (math.Abs(f[0]-1.791759469228055) > 1e-15 || math.Abs(f[1]+math.Ln2) > 1e-15) {
			t.Errorf("objectives %v, want ln 6 and -ln 2", f)
		}
		if c.energy == 6 && (math.Abs(p.Objective(0, f[0])-6) > 1e-14 || math.Abs(p.Objective(1, f[1])-2) > 1e-14) {
			t.Errorf("back: %g J and %g Hz, want 6 and 2", p.Objective(0, f[0]), p.Objective(1, f[1]))
		}
	}
	for _, names := range [][2]string{{"speed", "energy"}, {"energy", "speed"}} {
		if _, err := NewProblem(nil, nil, names[:1], []Bound{{Metric: names[1]}}); err == nil {
			t.Errorf("metrics %v are accepted", names)
		}
	}
}

// TestOutsideTheModel: a point that the model refuses has objectives that are
// no numbers and violates everything.
func TestOutsideTheModel(t *testing.T) {
	p := testProblem(t, Bound{Metric: "area", Min: math.Inf(-1), Max: 1})
	p.Decoder.base.Flavour = "vanilla"
	e, err := p.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	sp := p.Decoder.Space
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	for i := range u {
		u[i] = 0.5
	}
	sp.Decode(u, x)
	p.Decoder.base.Technology = device.SRAM
	f, g := make([]float64, 3), make([]float64, p.NumConstraints())
	e.Evaluate(x, f, g)
	for i := range f {
		if !math.IsNaN(f[i]) {
			t.Errorf("objective %d is %g", i, f[i])
		}
	}
	for i := range g {
		if g[i] != 1 {
			t.Errorf("constraint %d is %g", i, g[i])
		}
	}
}
