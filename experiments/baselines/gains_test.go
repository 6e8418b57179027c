package baselines

import (
	"math"
	"testing"

	"stco/model"
	"stco/model/accel"
	"stco/model/units"
	"stco/model/workload"
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
