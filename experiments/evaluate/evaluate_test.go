package evaluate

import (
	"math"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/model"
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

// TestTakenApart: the parts of energy, time, area and latency add up, and the
// baselines keep what they promise.
func TestTakenApart(t *testing.T) {
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {technology: sot, capacity: 8MiB}\nworkloads:\n  - {network: mobilenet_v2, phase: inference, batch: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Design(d)
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
	listed := map[string]float64{}
	for i := range p.Violations.Rows {
		listed[text(t, p.Violations, i, "limit")] = cell(t, p.Violations, i, "violation")
		if i > 0 && cell(t, p.Violations, i, "used") > cell(t, p.Violations, i-1, "used") {
			t.Errorf("limit %d: not in their order: %v", i, p.Violations.Rows[i])
		}
	}
	for i, v := range e.Report.Violations {
		if got, ok := listed[model.ViolationName(i)]; !ok || got != v {
			t.Errorf("limit %s: %g, not %g", model.ViolationName(i), got, v)
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
