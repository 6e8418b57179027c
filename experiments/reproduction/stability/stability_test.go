package stability

import (
	"context"
	"math"
	"testing"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/units"
	"stco/results"
)

func findings(t *testing.T, e *reproduction.Experiment) *reproduction.Findings {
	t.Helper()
	r, err := e.Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	return r
}

// TestSteps: gains by hand, over the step before, the first that has a buffer,
// and SRAM.
func TestSteps(t *testing.T) {
	report := func(energy, latency float64, cell units.Area) *model.Report {
		r := &model.Report{Energy: energy, Latency: latency, MemoryEnergy: energy / 2}
		r.Device.Area = cell
		return r
	}
	table := results.NewList("ladder", ladderColumns()...)
	run := runs(&reproduction.Setting{Small: true})[0]
	sram, plain := report(6, 1, 0), report(3, 1, 0)
	addSteps(table, &run, []found{{}, {report(8, 1, 4e-12), sram, plain}, {report(4, 1, 2e-12), sram, plain}, {report(4, 0.5, 1e-12), sram, nil}})
	for column, want := range map[string][4]float64{
		"energy_gain": {math.NaN(), 1, 2, 1}, "latency_gain": {math.NaN(), 1, 1, 2}, "edp_gain": {math.NaN(), 1, 2, 2}, "memory_energy_gain": {math.NaN(), 1, 2, 1}, "cell_gain": {math.NaN(), 1, 2, 2},
		"edp_gain_from_first": {math.NaN(), 1, 2, 4}, "energy_gain_over_sram": {math.NaN(), 0.75, 1.5, 1.5}, "latency_gain_over_sram": {math.NaN(), 1, 1, 2}, "edp_gain_over_sram": {math.NaN(), 0.75, 1.5, 3}, "edp_gain_without_code": {math.NaN(), 0.375, 0.75, math.NaN()},
		"cell": {math.NaN(), 4, 2, 1}, "number": {0, 1, 2, 3},
	} {
		for row, w := range want {
			if v := table.Rows[row][reproduction.Column(table, column)]; !(math.Abs(v-w) < 1e-12 || math.IsNaN(v) && math.IsNaN(w)) {
				t.Errorf("%s of step %d: %g, want %g", column, row, v, w)
			}
		}
	}
}

// TestLadder: a step frees, so that nothing gets worse from it; ten years are ten
// years; where rewriting is not allowed data keep as long as they live; and each
// gain is that of the products of the lines.
func TestLadder(t *testing.T) {
	m := findings(t, Ladder()).Tables[0]
	v := func(row int, name string) float64 { return m.Rows[row][reproduction.Column(m, name)] }
	edp := func(row int) float64 { return v(row, "energy") * v(row, "latency") }
	if len(m.Rows) != len(steps()) || math.IsNaN(edp(len(m.Rows)-1)) {
		t.Fatalf("%d rows, the last %g", len(m.Rows), edp(len(m.Rows)-1))
	}
	for row := range m.Rows {
		if math.IsNaN(edp(row)) {
			continue
		}
		if row < 2 && v(row, "retention") < 10*365*86400 || row < 3 && v(row, "retention") < v(row, "lifetime") {
			t.Errorf("%s: retention %g s, lifetime %g s", m.Text(row, 2), v(row, "retention"), v(row, "lifetime"))
		}
		if row == 0 || math.IsNaN(edp(row-1)) {
			continue
		}
		if gain := edp(row-1) / edp(row); gain < 1-1e-12 || math.Abs(gain/v(row, "edp_gain")-1) > 1e-9 {
			t.Errorf("%s gains %g, the lines say %g", m.Text(row, 2), v(row, "edp_gain"), gain)
		}
	}
}

// TestRetention: what is asked for is kept, a weaker demand never costs, and
// neither does rewriting; strict data live no longer than they keep.
func TestRetention(t *testing.T) {
	r := findings(t, Retention())
	m := r.Tables[1]
	v := func(row int, name string) float64 { return m.Rows[row][reproduction.Column(m, name)] }
	edp := map[string]float64{}
	seen := 0
	for row := range m.Rows {
		product := v(row, "energy") * v(row, "latency")
		if math.IsNaN(product) {
			continue
		}
		seen++
		if v(row, "retention") < v(row, "required_s") || m.Text(row, 4) == "strict" && v(row, "retention") < v(row, "lifetime") {
			t.Errorf("row %d keeps %g s of %g, which live %g", row, v(row, "retention"), v(row, "required_s"), v(row, "lifetime"))
		}
		place := m.Text(row, 0) + m.Text(row, 1) + reproduction.Digits(v(row, "hot"))
		if before, ok := edp[place+m.Text(row, 4)]; ok && product > before {
			t.Errorf("row %d: a weaker demand costs %g after %g", row, product, before)
		}
		edp[place+m.Text(row, 4)] = product
		if strict, ok := edp[place+"strict"+m.Text(row, 3)]; m.Text(row, 4) == "scrub" && ok && product > strict {
			t.Errorf("row %d: rewriting costs %g after %g", row, product, strict)
		}
		edp[place+m.Text(row, 4)+m.Text(row, 3)] = product
	}
	if seen < len(m.Rows)/2 {
		t.Errorf("%d of %d places have a buffer", seen, len(m.Rows))
	}
	for row, x := range r.Tables[0].Rows {
		longest, live := x[reproduction.Column(r.Tables[0], "longest")], x[reproduction.Column(r.Tables[0], "activation")]
		if !(longest >= live) || live > x[reproduction.Column(r.Tables[0], "iteration")] { // weights stay from one iteration to the next
			t.Errorf("row %d: %g s, activations %g s", row, longest, live)
		}
	}
}

// TestConventional: the SRAM buffer has capacity and code of the other, and none
// of its flavours is better.
func TestConventional(t *testing.T) {
	run := runs(&reproduction.Setting{Small: true})[0]
	c, err := whole(&reproduction.Setting{Small: true}, &run)
	if err != nil {
		t.Fatal(err)
	}
	d := model.DefaultDesign()
	d.Capacity = 2 << 20
	own, err := c.Report(&d)
	if err != nil {
		t.Fatal(err)
	}
	best, plain, err := rivals.Conventional(c.SRAM(context.Background(), 1), own)
	if err != nil || best == nil || plain == nil {
		t.Fatal(best, plain, err)
	}
	if plain.Design.Capacity != d.Capacity || plain.Design.ECC.String() != "none" || rivals.EDP(plain) >= rivals.EDP(best) {
		t.Errorf("without a code %+v", plain.Design)
	}
	if best.Design.Capacity != d.Capacity || best.Design.ECC != d.ECC || best.Magnetic() {
		t.Errorf("%+v", best.Design)
	}
	for _, flavour := range []string{"hp", "lop", "lstp"} {
		list, err := c.SRAM(context.Background(), 1).Baselines(own, flavour)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			if b := &list[i]; b.Found && b.Name == "iso-capacity" && rivals.EDP(&b.Report) < rivals.EDP(best) {
				t.Errorf("%s has %g, the best %g", flavour, rivals.EDP(&b.Report), rivals.EDP(best))
			}
		}
	}
}
