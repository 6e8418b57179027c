package baselines

import (
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/model/device"
)

// TestSTTBaseline checks that the STT baseline meets every limit, has the
// capacity and bandwidth of the design, and is no worse than the cells of the
// grid with other banks; and that a design that is this baseline gains nothing
// over it.
func TestSTTBaseline(t *testing.T) {
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {technology: hybrid, capacity: 64MiB}\nworkloads:\n  - {network: mobilenet_v2, phase: training, batch: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := evaluate(t, d)
	b, err := STTBaseline(t.Context(), e.Model, &e.Report)
	if err != nil {
		t.Fatal(err)
	}
	if !b.Found {
		t.Fatal("no STT buffer meets the limits")
	}
	r := &b.Report
	if !r.Feasible() || r.Design.Technology != device.STT || r.Design.Hybrid || r.Design.Capacity != d.Design.Capacity || r.Design.ReadBus != d.Design.ReadBus {
		t.Errorf("%+v", r.Design)
	}
	t.Logf("design %.4g J %.4g s %.3g mm2, STT %.4g J %.4g s %.3g mm2, pulse %g ns", e.Report.Energy, e.Report.Latency, float64(e.Report.Area())*1e6,
		r.Energy, r.Latency, float64(r.Area())*1e6, float64(r.Design.Pulse)*1e9)
	again, err := STTBaseline(t.Context(), e.Model, r)
	if err != nil || !again.Found {
		t.Fatal(err)
	}
	if x := r.Energy * r.Latency; again.Report.Energy*again.Report.Latency > x*(1+1e-12) {
		t.Errorf("from its own baseline the search finds a worse one: %g, %g J s", again.Report.Energy*again.Report.Latency, x)
	}
	if i := float64(r.Device.WriteCurrent); i <= 0 || r.Memory.Retention <= 0 {
		t.Errorf("write current %g A, retention %g s", i, r.Memory.Retention)
	}
}

// TestApproach: from a cell that misses limits the walk comes to one that meets
// them all and that no step of a knob betters; what no cell can meet it says.
func TestApproach(t *testing.T) {
	parse := func(model string) *study.Design {
		d, err := study.ParseDesign("test", []byte("stco: 1\nmodel: {"+model+"}\n"+`design: {technology: stt, capacity: 8MiB, mtj_diameter: 46nm, free_layer: 1nm, anisotropy: 0.8mJ/m^2, barrier: 0.8nm, pulse: 3ns, read_voltage: 0.12V, ecc: dec}
workloads:
  - {network: mobilenet_v2, phase: training, batch: 1}
`))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	e := evaluate(t, parse(""))
	if e.Report.Feasible() {
		t.Fatal("the cell meets every limit to begin with")
	}
	own, err := e.Model.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	r, err := approach(e.Model, own, &e.Report)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Feasible() || missed(r) != 0 || !ahead(r, &e.Report) || ahead(&e.Report, r) {
		t.Fatalf("the walk ends where %s", nearest(r))
	}
	again, err := approach(e.Model, own, r)
	if err != nil || again != r {
		t.Errorf("the walk goes on from its end: %v", err)
	}
	starved := evaluate(t, parse("stt_supply: 0.2V"))
	b, err := STTBaseline(t.Context(), starved.Model, &starved.Report)
	if err != nil {
		t.Fatal(err)
	}
	if b.Found || !strings.Contains(b.Reason, "the nearest cell misses cell write voltage by ") {
		t.Errorf("with a supply of 0.2 V found %v, %q", b.Found, b.Reason)
	}
}
