package baselines

import (
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
