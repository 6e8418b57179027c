package objectives

import (
	"math"
	"testing"

	"stco/model"
	"stco/model/device"
)

// TestAxes checks the coordinate of every kind of metric on paper, that smaller
// is better in it, and that it turns back into the metric.
func TestAxes(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		metric string
		v      float64 // SI
		want   float64
	}{
		{"energy", 1, 0},
		{"energy", math.E, 1},
		{"latency", 1e-3, -6.907755278982137},
		{"throughput", math.E, -1},
		{"scrub_share", 0, 0},
		{"scrub_share", 0.25, 0.25},
		{"compute_share", 0.25, -0.25},
		{"stall_share", 0.75, 0.75},
		{"retention", 1, 0},
		{"retention", inf, -21.872495191}, // ln(100 years of 31557600 s)
		{"endurance_margin", inf, -27.631021115928547},
		{"retention_margin", 1e12, -27.631021115928547},
		{"lifetime", 0, -27.631021115928547},
		{"lifetime", 1, 0},
	} {
		m, err := MetricByName(c.metric)
		if err != nil {
			t.Fatal(err)
		}
		got := m.axis(c.v)
		if math.Abs(got-c.want) > 1e-7 {
			t.Errorf("%s of %g: coordinate %v, want %v", c.metric, c.v, got, c.want)
		}
		if back := m.value(got); math.Abs(back-m.Worth(c.v)) > 1e-12*m.Worth(c.v) {
			t.Errorf("%s of %g: %v after turning back", c.metric, c.v, back)
		}
	}
}

// TestMemoryMetrics checks the figures of the memory alone against the costs of
// the one workload, added up by hand.
func TestMemoryMetrics(t *testing.T) {
	p := testProblem(t)
	e, err := p.Model.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := model.DefaultDesign()
	d.Technology = device.SRAM
	var r model.Report
	if err := e.Evaluate(&d, &r); err != nil {
		t.Fatal(err)
	}
	x := &r.Costs[0].Energy
	value := func(name string) float64 {
		m, err := MetricByName(name)
		if err != nil {
			t.Fatal(err)
		}
		return m.Get(&r)
	}
	near := func(name string, want float64) {
		t.Helper()
		if got := value(name); math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	near("memory_energy", x.Total()-x.MAC-x.Vector-x.Logic)
	near("dram_energy", x.DRAM+x.DRAMBackground)
	busy := p.Model.Plans()[0]
	table, err := r.Table(busy)
	if err != nil {
		t.Fatal(err)
	}
	near("compute_share", table.Cycles/1e9/r.Latency)
	near("stall_share", 1-table.Cycles/1e9/r.Latency)
	batch := float64(p.Model.Setup.Workloads[0].Options.Batch)
	near("energy_per_sample", r.Energy/batch)
	near("latency_per_sample", r.Latency/batch)
	near("sample_throughput", batch/r.Latency)
	// Without compute at most the time of compute is saved.
	alone := value("memory_latency")
	if !(alone > 0 && alone < r.Latency) || alone < r.Latency-table.Cycles/1e9 {
		t.Errorf("memory_latency %g s of a latency of %g s with %g s of compute", alone, r.Latency, table.Cycles/1e9)
	}
	e.Fast = true
	if err := e.Evaluate(&d, &r); err != nil || !math.IsNaN(value("memory_latency")) {
		t.Errorf("memory_latency %g is computed unasked, %v", value("memory_latency"), err)
	}
}
