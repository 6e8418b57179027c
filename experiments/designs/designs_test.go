package designs

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/accel"
	"stco/model/device"
	"stco/model/units"
	"stco/model/workload"
	"stco/objectives"
	"stco/results"
)

func cell(t *testing.T, x *results.Table, row int, column string) float64 {
	t.Helper()
	i, err := x.Index(column)
	if err != nil {
		t.Fatal(err)
	}
	return x.Rows[row][i]
}

func text(t *testing.T, x *results.Table, row int, column string) string {
	t.Helper()
	i, err := x.Index(column)
	if err != nil {
		t.Fatal(err)
	}
	return x.Text(row, i)
}

func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Abs(b)
}

// TestGainsByHand: gains are the baseline over the design, area the design over
// the baseline; a baseline that was not found has none.
func TestGainsByHand(t *testing.T) {
	m := &model.Model{}
	m.Setup.Hot = 358.15
	m.Setup.Workloads = []model.Workload{
		{Network: "a", Options: workload.Options{Phase: workload.Training, Batch: 4}},
		{Network: "b", Options: workload.Options{Batch: 1}},
	}
	report := func(energy, latency, area, first, second float64) model.Report {
		var r model.Report
		r.Energy, r.Latency = energy, latency
		r.Array.Area.Total = units.Area(area)
		r.Costs = make([]accel.Cost, 2)
		r.Costs[0].Energy.MAC, r.Costs[0].Latency = first, 1
		r.Costs[1].Energy.DRAM, r.Costs[1].Latency = second, 2
		return r
	}
	of := report(2, 4, 5e-6, 1, 0)
	base := report(6, 2, 20e-6, 7, 3)
	base.Costs[0].Latency = 5
	base.Design.Capacity = 48 << 20
	g := NewGains()
	g.Add(m, "mine", &of, &Baseline{Name: "iso-area", Flavour: "hp", Model: m, Found: true, Report: base})
	g.Add(m, "mine", &of, &Baseline{Name: "iso-capacity", Flavour: "lop", Model: m, Reason: "too large"})
	if len(g.Table.Rows) != 4 {
		t.Fatalf("%d rows", len(g.Table.Rows))
	}
	nan := math.NaN()
	for i, w := range []struct {
		baseline, flavour, workload     string
		capacity, energy, latency, area float64
	}{
		{"iso-area", "hp", "all", 48, 3, 0.5, 0.25},
		{"iso-area", "hp", "a training b4", 48, 7, 5, 0.25},
		{"iso-area", "hp", "b inference b1", 48, nan, 1, 0.25}, // the design has no energy
		{"iso-capacity", "lop", "all", nan, nan, nan, nan},
	} {
		if text(t, g.Table, i, "design") != "mine" || text(t, g.Table, i, "baseline") != w.baseline || text(t, g.Table, i, "least") != "edp" || (text(t, g.Table, i, "none_because") == "") != (i < 3) ||
			text(t, g.Table, i, "sram_flavour") != w.flavour || text(t, g.Table, i, "workload") != w.workload {
			t.Errorf("row %d: %v", i, g.Table.Rows[i])
		}
		for column, want := range map[string]float64{
			"temperature": 358.15, "baseline_capacity": w.capacity, "energy_gain": w.energy, "latency_gain": w.latency, "area_ratio": w.area, "edp_gain": w.energy * w.latency,
		} {
			if got := cell(t, g.Table, i, column); !same(got, want) {
				t.Errorf("row %d, %s: %g, want %g", i, column, got, want)
			}
		}
	}
	if err := g.Table.Check(); err != nil {
		t.Error(err)
	}
}

// TestTakenApart: the parts of energy, time, area and latency add up, and the
// baselines keep what they promise.
func TestTakenApart(t *testing.T) {
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {technology: sot, capacity: 8MiB}\nworkloads:\n  - {network: mobilenet_v2, phase: inference, batch: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Metrics.Rows) != 1 || cell(t, e.Metrics, 0, "energy") != e.Report.Energy || len(e.Failures) > 0 == e.Report.Feasible() {
		t.Errorf("%d rows, failures %v", len(e.Metrics.Rows), e.Failures)
	}
	p, err := Explain(t.Context(), d, e)
	if err != nil {
		t.Fatal(err)
	}
	if p.Scratchpad != nil || p.PEBuffer == nil {
		t.Error("a plain buffer has a scratchpad, or the machine no PE buffer")
	}
	if len(p.Violations.Rows) != model.NumViolations {
		t.Errorf("%d limits", len(p.Violations.Rows))
	}
	for i, v := range e.Report.Violations {
		if text(t, p.Violations, i, "limit") != model.ViolationName(i) || cell(t, p.Violations, i, "violation") != v {
			t.Errorf("limit %d: %v", i, p.Violations.Rows[i])
		}
	}
	x := p.Decomposition
	if text(t, x, 0, "design") != "design" || text(t, x, 0, "workload") != "mobilenet_v2 inference b1" || len(x.Rows) < 3 {
		t.Errorf("%d rows, first %v", len(x.Rows), x.Rows[0])
	}
	for row := range x.Rows {
		energy, time := 0.0, 0.0
		for _, part := range []string{"dram", "buffer_read", "buffer_write", "scratchpad", "buffer_leakage", "scrub", "pe_buffer", "mac", "vector", "logic"} {
			v := cell(t, x, row, "energy_"+part)
			if !(v >= 0) {
				t.Errorf("row %d: energy of %s is %g J", row, part, v)
			}
			energy += v
		}
		for _, part := range []string{"compute", "buffer", "dram", "exposed"} {
			v := cell(t, x, row, "time_"+part)
			if !(v >= -1e-12) {
				t.Errorf("row %d: time of %s is %g s", row, part, v)
			}
			time += v
		}
		if got := cell(t, x, row, "energy"); math.Abs(energy/got-1) > 1e-9 {
			t.Errorf("row %d: parts of %g J of %g J", row, energy, got)
		}
		if got := cell(t, x, row, "latency"); math.Abs(time/got-1) > 1e-9 {
			t.Errorf("row %d: parts of %g s of %g s", row, time, got)
		}
	}
	near := func(a, b float64) bool { return math.Abs(a/b-1) < 1e-9 }
	if !near(cell(t, x, 0, "energy"), e.Report.Energy) || !near(cell(t, x, 0, "latency"), e.Report.Latency) || !near(cell(t, x, 0, "dram_traffic"), e.Report.DRAMTraffic) {
		t.Error("the first row is not the design")
	}
	last := len(p.Array.Rows) - 1
	for column, whole := range map[string]float64{
		"area": float64(e.Report.Array.Area.Total) * 1e6, "read_latency": float64(e.Report.Array.Read.Total) * 1e9,
		"write_latency": float64(e.Report.Array.Write.Total) * 1e9, "read_energy": float64(e.Report.Array.ReadEnergy.Total) * 1e12,
		"write_energy": float64(e.Report.Array.WriteEnergy.Total) * 1e12,
	} {
		sum := 0.0
		for row := range last {
			if v := cell(t, p.Array, row, column); !math.IsNaN(v) {
				sum += v
			}
		}
		if got := cell(t, p.Array, last, column); !same(got, whole) || math.Abs(sum/got-1) > 1e-9 {
			t.Errorf("%s: parts of %g of %g, want %g", column, sum, got, whole)
		}
	}
	found := 0
	for row := range p.Gains.Rows {
		if math.IsNaN(cell(t, p.Gains, row, "baseline_capacity")) {
			continue
		}
		found++
		switch name := text(t, p.Gains, row, "baseline"); {
		case strings.Contains(name, "capacity") && cell(t, p.Gains, row, "baseline_capacity") != 8:
			t.Errorf("%s has %g MiB", name, cell(t, p.Gains, row, "baseline_capacity"))
		case strings.Contains(name, "area") && cell(t, p.Gains, row, "area_ratio") < 1-1e-9:
			t.Errorf("%s is larger than the design: %g", name, cell(t, p.Gains, row, "area_ratio"))
		}
	}
	if found < 4 {
		t.Errorf("%d rows of gains", found)
	}
}

// TestColumnsAndRows: a cell for every column; roles from the study; knobs and
// figures without meaning are empty.
func TestColumnsAndRows(t *testing.T) {
	c := catalog.Builtin()
	cols := Columns(c, []string{"energy", "throughput"}, []objectives.Bound{{Metric: "area"}})
	table := &results.Table{Columns: cols}
	r := &model.Report{Design: model.DefaultDesign(), Energy: 2, Latency: 4}
	r.Design.Technology = device.SRAM
	r.Memory.Retention = math.Inf(1)
	for i := range r.Violations {
		r.Violations[i] = -float64(i) - 0.5
	}
	r.Violations[3] = 0.25
	r.Device.DeltaHot = 60
	r.Array.Area.Total = 3e-6
	table.Add("", Row(c, r)...)
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]struct {
		kind results.ColumnKind
		goal string
	}{
		"energy": {results.Objective, "min"}, "throughput": {results.Objective, "max"}, "area": {results.Constraint, "min"},
		"latency": {results.Metric, "min"}, "retention_s": {results.Metric, "max"}, "capacity": {results.Parameter, ""}, "delta_hot": {results.Metric, ""},
	} {
		i, err := table.Index(name)
		if err != nil || cols[i].Kind != w.kind || cols[i].Goal != w.goal {
			t.Errorf("%s is %s %s, %v; want %s %s", name, cols[i].Kind, cols[i].Goal, err, w.kind, w.goal)
		}
	}
	for name, want := range map[string]float64{
		"energy": 2, "throughput": 0.25, "area": 3, "capacity": 32, "retention_s": math.NaN(), "mtj_diameter": math.NaN(), "pulse": math.NaN(),
		"delta_hot": math.NaN(), "scratchpad_capacity": math.NaN(), "worst_violation": 0.25,
	} {
		if got := cell(t, table, 0, name); !same(got, want) {
			t.Errorf("SRAM, %s: %g, want %g", name, got, want)
		}
	}
	r.Design.Technology, r.Design.Hybrid = device.SOT, true
	r.Memory.Retention, r.Pad = 1e3, 4<<20
	r.Scratchpad.ReadPerBit = 2e-13
	table.Add("", Row(c, r)...)
	for name, want := range map[string]float64{
		"retention_s": 1e3, "mtj_diameter": float64(r.Design.MTJDiameter) * 1e9, "pulse": float64(r.Design.Pulse) * 1e9, "delta_hot": 60, "scratchpad_capacity": 4, "scratchpad_read_energy": 0.2,
	} {
		if got := cell(t, table, 1, name); !same(got, want) {
			t.Errorf("hybrid, %s: %g, want %g", name, got, want)
		}
	}
	o := Ordered(table)
	kinds := []results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric}
	if !slices.IsSortedFunc(o.Columns, func(a, b results.Column) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) }) || len(o.Columns) != len(cols) {
		t.Error("columns are not in the order of their kinds")
	}
	if cell(t, o, 0, "energy") != 2 {
		t.Error("cells moved from their columns")
	}
}

// TestRandomPoints: as many rows as asked for, each within the space, the same
// for the same seed.
func TestRandomPoints(t *testing.T) {
	s, err := study.Parse("test", []byte("stco: 1\nname: t\nspace: {capacity: {min: 2MiB, max: 8MiB}, pulse: {min: 1ns, max: 4ns}}\nworkloads:\n  - {network: mobilenet_v2, phase: inference, batch: 1}\nobjectives: [energy, area]\n"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Random(s, 30, 5)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Random(s, 30, 5)
	c, _ := Random(s, 30, 6)
	equal, seen := true, map[float64]bool{}
	for i := range a.Rows {
		for j := range a.Rows[i] {
			if !same(a.Rows[i][j], b.Rows[i][j]) {
				t.Fatalf("row %d differs with the same seed", i)
			}
			equal = equal && same(a.Rows[i][j], c.Rows[i][j])
		}
		if v := cell(t, a, i, "capacity"); v < 2 || v > 8 {
			t.Errorf("capacity %g MiB", v)
		}
		seen[cell(t, a, i, "pulse")] = true
	}
	if len(a.Rows) != 30 || equal || len(seen) < 25 {
		t.Errorf("%d rows, other seed the same: %t, %d pulses", len(a.Rows), equal, len(seen))
	}
}
