package objectives

import (
	"math"
	"slices"
	"testing"

	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/suite"
	"stco/space"
)

// TestTakenByHand: what counts of five values.
func TestTakenByHand(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		over   Over
		values []float64
		larger bool
		want   float64
	}{
		{Over{By: Mean}, []float64{7, 2, 3, 11, 2}, false, 5},
		{Over{By: Worst}, []float64{7, 2, 3, 11, 2}, false, 11},
		{Over{By: Worst}, []float64{7, 2, 3, 11, 2}, true, 2},
		{Over{By: Quantile, Level: 0.6}, []float64{7, 2, 3, 11, 2}, false, 3},    // three of five are no larger
		{Over{By: Quantile, Level: 0.61}, []float64{7, 2, 3, 11, 2}, false, 7},   // four are needed
		{Over{By: Quantile, Level: 0.8}, []float64{7, 2, 3, 11, 2}, true, 2},     // four are no smaller
		{Over{By: Quantile, Level: 0.4}, []float64{7, 2, 3, 11, 2}, true, 7},     // two are
		{Over{By: Quantile, Level: 1}, []float64{7, 2, 3, 11, 2}, false, 11},     // the worst
		{Over{By: Quantile, Level: 1e-9}, []float64{7, 2, 3, 11, 2}, false, 2},   // the best
		{Over{By: Quantile, Level: 0.9}, []float64{1, inf, 2, 3, 4}, false, inf}, // one does not end
		{Over{By: Worst}, []float64{7, nan, 3}, false, nan},
		{Over{By: Worst}, []float64{7, nan, 3}, true, nan},
		{Over{By: Mean}, []float64{7, nan, 3}, false, nan},
		{Over{By: Quantile, Level: 0.6}, []float64{7, nan, 3, 2, 11}, false, 7},    // three are no larger
		{Over{By: Quantile, Level: 0.6}, []float64{7, nan, 3, 2, 11}, true, 3},     // three are no smaller
		{Over{By: Quantile, Level: 0.8}, []float64{7, nan, 3, 2, 11}, false, 11},   // all that have a value
		{Over{By: Quantile, Level: 0.81}, []float64{7, nan, 3, 2, 11}, false, nan}, // one more is needed
		{Over{By: Quantile, Level: 0.81}, []float64{7, nan, 3, 2, 11}, true, nan},
		{Over{By: Worst}, nil, false, nan},
	} {
		if got := c.over.take(slices.Clone(c.values), c.larger); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s %g of %v, larger is better %t: %g, want %g", c.over.By, c.over.Level, c.values, c.larger, got, c.want)
		}
	}
	for o, want := range map[Over]string{
		{Scenarios, Worst, 0}: "energy_worst_of_scenarios", {Scenarios, Mean, 0}: "energy_mean_of_scenarios",
		{Uncertainties, Quantile, 0.9}: "energy_q90_of_uncertainties", {Uncertainties, Quantile, 0.975}: "energy_q97.5_of_uncertainties", {}: "energy",
	} {
		p := NewPreference("energy")
		p.Over = o
		if m, err := p.Objective(); err != nil || m.Name != want || m.Over != o {
			t.Errorf("%+v is named %s, %v; want %s", o, m.Name, err, want)
		}
	}
}

// sweep is a capacity sweep of SRAM buffers for training, in the given objectives.
func sweep(t *testing.T, prefs ...Preference) *Problem {
	t.Helper()
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s := model.DefaultSetup()
	o, err := suite.DefaultOptions("resnet18", workload.Training)
	if err != nil {
		t.Fatal(err)
	}
	s.Workloads = []model.Workload{{Network: "resnet18", Options: o, Weight: 1}}
	m, err := model.New(c, s)
	if err != nil {
		t.Fatal(err)
	}
	base := model.DefaultDesign()
	base.Technology, base.Flavour = device.SRAM, "hp"
	knobs := c.Knobs()
	var params []space.Parameter
	for i := range knobs {
		if knobs[i].Name == "capacity" {
			params = append(params, Listed(&knobs[i], []float64{1 << 20, 2 << 20, 4 << 20, 8 << 20}))
		}
	}
	d, err := NewDecoder(knobs, base, params)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range prefs {
		g, err := prefs[i].Objective()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, g.Name)
	}
	p, err := NewProblem(m, d, names, nil, prefs...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at is the model of a problem at another temperature of operation and batch.
func at(t *testing.T, p *Problem, operating units.Temperature, batch int) *model.Model {
	t.Helper()
	s := p.Model.Setup
	s.Hot, s.Operating = 410, operating
	s.Workloads = slices.Clone(s.Workloads)
	s.Workloads[0].Options.Batch = batch
	m, err := p.Model.Vary(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func over(metric string, of Set, by Statistic, level float64) Preference {
	p := NewPreference(metric)
	p.Over = Over{of, by, level}
	return p
}

// all are the values of the objectives at every point of a space, and the points.
func all(t *testing.T, p *Problem) (values, points [][]float64) {
	t.Helper()
	e, err := p.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	n, _ := p.Decoder.Space.Size()
	for i := range n {
		x, f, g := make([]float64, p.Decoder.Space.Dim()), make([]float64, len(p.Objectives)), make([]float64, p.NumConstraints())
		p.Decoder.Space.At(i, x)
		e.Evaluate(x, f, g)
		v := make([]float64, len(f))
		for k := range v {
			v[k] = e.Value(k)
		}
		values, points = append(values, v), append(points, x)
	}
	return values, points
}

// TestTwoScenariosByHand: a hot accelerator with few images, which wants the smallest
// buffer because it leaks, and a cool one with many, which wants a large one because
// it saves DRAM traffic. A buffer that is best in the worse of the two is neither:
// of each capacity the larger of the two energies is taken here, capacity by
// capacity, from searches of each scenario alone.
func TestTwoScenariosByHand(t *testing.T) {
	alone := func(operating units.Temperature, batch int) (energies []float64, best float64) {
		p := sweep(t, NewPreference("energy"))
		p.Model = at(t, p, operating, batch)
		v, x := all(t, p)
		least := math.Inf(1)
		for i := range v {
			energies = append(energies, v[i][0])
			if v[i][0] < least {
				least, best = v[i][0], x[i][0]/(1<<20)
			}
		}
		return energies, best
	}
	hot, hotBest := alone(398, 16)
	cool, coolBest := alone(300, 24)
	p := sweep(t, over("energy", Scenarios, Worst, 0), over("energy", Scenarios, Mean, 0), over("throughput", Scenarios, Worst, 0), NewPreference("energy"))
	p.In(&Circumstances{Scenarios: []Circumstance{{Model: at(t, p, 398, 16)}, {Model: at(t, p, 300, 24)}}})
	values, points := all(t, p)
	least, best := math.Inf(1), 0.0
	for i, v := range values {
		if want := max(hot[i], cool[i]); v[0] != want {
			t.Errorf("%g MiB: worst %g J, want the larger of %g and %g", points[i][0]/(1<<20), v[0], hot[i], cool[i])
		}
		if want := (hot[i] + cool[i]) / 2; math.Abs(v[1]-want) > 1e-15 {
			t.Errorf("%g MiB: mean %g J, want %g", points[i][0]/(1<<20), v[1], want)
		}
		if v[0] < least {
			least, best = v[0], points[i][0]/(1<<20)
		}
	}
	t.Logf("best capacity: hot %g MiB, cool %g MiB, both %g MiB (%g J)", hotBest, coolBest, best, least)
	if !(hotBest < best && best < coolBest) {
		t.Errorf("best capacity: hot %g MiB, cool %g MiB, both %g MiB", hotBest, coolBest, best)
	}
}

// TestOverCircumstances on random SOT buffers: over one scenario that changes nothing
// an objective is what it is alone, to the last bit; otherwise the worst is no better
// than the mean and the mean no better than the best, a constraint value is the
// largest of the circumstances in which it must hold, and nothing is allocated.
func TestOverCircumstances(t *testing.T) {
	plain := testProblem(t, Bound{Metric: "energy", Min: math.Inf(-1), Max: 1e-3})
	wide := func(names []string, prefs ...Preference) *Problem {
		p, err := NewProblem(plain.Model, plain.Decoder, names, plain.Constraints, prefs...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var models []*model.Model
	for _, k := range []units.Temperature{300, 330, 358.15, 398} {
		s := plain.Model.Setup
		s.Hot, s.Nominal, s.Cold = k, min(s.Nominal, k), min(s.Cold, k)
		m, err := plain.Model.Vary(s)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	list := func(of ...*model.Model) (out []Circumstance) {
		for _, m := range of {
			out = append(out, Circumstance{Model: m})
		}
		return out
	}
	// Each alone.
	singles := make([]*Scorer, len(models))
	for i, m := range models {
		q := *plain
		q.Model = m
		singles[i] = mustScorer(t, &q)
	}
	one := wide([]string{"energy_worst_of_scenarios", "latency_mean_of_scenarios", "throughput_worst_of_scenarios"},
		over("energy", Scenarios, Worst, 0), over("latency", Scenarios, Mean, 0), over("throughput", Scenarios, Worst, 0)).In(&Circumstances{Scenarios: list(plain.Model)})
	apart := wide([]string{"energy_worst_of_scenarios", "energy_mean_of_scenarios", "energy_q75_of_scenarios", "throughput_worst_of_scenarios", "latency"},
		over("energy", Scenarios, Worst, 0), over("energy", Scenarios, Mean, 0), over("energy", Scenarios, Quantile, 0.75), over("throughput", Scenarios, Worst, 0)).In(&Circumstances{Scenarios: list(models...)})
	drawn := wide([]string{"energy_q50_of_uncertainties", "energy_mean_of_uncertainties"},
		over("energy", Uncertainties, Quantile, 0.5), over("energy", Uncertainties, Mean, 0)).In(&Circumstances{Draws: list(models...)})
	alone, same, several, draws := mustScorer(t, plain), mustScorer(t, one), mustScorer(t, apart), mustScorer(t, drawn)
	sp := plain.Decoder.Space
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	score := func(e *Scorer) (f, g []float64) {
		f, g = make([]float64, len(e.p.Objectives)), make([]float64, e.p.NumConstraints())
		e.Evaluate(x, f, g)
		return f, g
	}
	built, some, below, raised, loose := 0, 0, 0, 0, 0
	for n := range 200 {
		for i := range u {
			u[i] = math.Mod(0.1234567+0.6180339887*float64(n)+0.31*float64(i), 1)
		}
		sp.Decode(u, x)
		f0, g0 := score(alone)
		f1, g1 := score(same)
		if !alike(f0, f1) || !slices.Equal(g0, g1) {
			t.Fatalf("over one scenario %v %v, alone %v %v", f1, g1, f0, g0)
		}
		var energies, rates []float64
		worst := slices.Clone(g0)
		var each [][]float64
		for _, e := range singles {
			_, g := score(e)
			energies, rates = append(energies, e.Value(0)), append(rates, e.Value(2))
			for i, v := range g {
				worst[i] = max(worst[i], v)
			}
			each = append(each, g)
		}
		fs, gs := score(several)
		if !slices.Equal(gs, worst) {
			t.Fatalf("constraints %v, want %v", gs, worst)
		}
		sum := 0.0
		for _, v := range energies {
			sum += v
		}
		if math.IsNaN(sum) { // not built in one of them
			if !math.IsNaN(fs[0]) || !math.IsNaN(fs[1]) {
				t.Fatalf("energies %v: worst %g, mean %g", energies, fs[0], fs[1])
			}
			if _, gd := score(draws); !slices.Equal(gd, worst) { // a mean over them has no value: all must hold
				t.Fatalf("constraints over draws %v, want %v", gd, worst)
			}
			if slices.Max(worst) <= 0 {
				t.Fatalf("energies %v with every constraint met", energies)
			}
			if slices.ContainsFunc(energies, func(v float64) bool { return !math.IsNaN(v) }) {
				some++
			}
			continue
		}
		built++
		slices.Sort(energies)
		if several.Value(0) != energies[3] || math.Abs(several.Value(1)-sum/4) > 1e-12*sum || several.Value(2) != energies[2] || several.Value(3) != slices.Min(rates) {
			t.Fatalf("energies %v: worst %g, mean %g, three of four %g; rates %v: worst %g", energies, several.Value(0), several.Value(1), several.Value(2), rates, several.Value(3))
		}
		if !(fs[0] >= fs[1] && fs[1] >= math.Log(energies[0]) || math.IsInf(sum, 1)) || fs[4] != f0[1] {
			t.Fatalf("worst %g, mean %g, best %g; latency as it stands %g, alone %g", fs[0], fs[1], math.Log(energies[0]), fs[4], f0[1])
		}
		_, gd := score(draws)
		for i := range gd {
			var v []float64
			for _, g := range each {
				v = append(v, g[i])
			}
			slices.Sort(v)
			if want := max(g0[i], v[1]); gd[i] != want { // of four draws half must hold
				t.Fatalf("%s over draws %g, want %g of %v and %g", drawn.ConstraintName(i), gd[i], want, v, g0[i])
			}
			if gd[i] < worst[i] {
				loose++
			}
			if gs[i] > g0[i] {
				raised++
			}
		}
		if fs[1] < fs[0] {
			below++
		}
	}
	if some == 0 || built < 50 || below < built/2 || raised < 50 || loose < 50 {
		t.Errorf("of %d designs the mean is below the worst of %d, scenarios raise %d constraint values, draws leave %d; %d are built in some", built, below, raised, loose, some)
	}
	for name, e := range map[string]*Scorer{"scenarios": several, "draws": draws} {
		f, g := make([]float64, len(e.p.Objectives)), make([]float64, e.p.NumConstraints())
		if n := testing.AllocsPerRun(50, func() { e.Evaluate(x, f, g) }); n != 0 {
			t.Errorf("%g allocations an evaluation over %s", n, name)
		}
	}
	// The worst of the draws asks for all of them; the clock is that of the machine.
	all := wide([]string{"energy_worst_of_uncertainties"}, over("energy", Uncertainties, Worst, 0)).In(&Circumstances{Draws: list(models...)})
	_, g := score(mustScorer(t, all))
	_, gs := score(several)
	if !slices.Equal(g, gs) {
		t.Errorf("all draws: %v, want %v", g, gs)
	}
	slow := wide([]string{"latency_worst_of_scenarios"}, over("latency", Scenarios, Worst, 0)).In(&Circumstances{Scenarios: []Circumstance{{Model: plain.Model, Clock: 2.5e8}}})
	e := mustScorer(t, slow)
	score(e)
	d := e.Report.Design
	d.Clock = 2.5e8
	own := mustScorer(t, plain)
	if err := own.EvaluateDesign(&d, make([]float64, 3), make([]float64, plain.NumConstraints())); err != nil || own.Value(1) != e.Value(0) || own.Value(1) == alone.Value(1) {
		t.Errorf("%v: latency at another clock %g s, want %g; alone %g", err, e.Value(0), own.Value(1), alone.Value(1))
	}
}

// alike are values of which those that are no numbers are the same ones.
func alike(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
}

func mustScorer(t *testing.T, p *Problem) *Scorer {
	t.Helper()
	e, err := p.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	return e
}
