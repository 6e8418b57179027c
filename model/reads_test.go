package model

import (
	"math"
	"testing"

	"stco/model/device"
	"stco/model/workload"
)

// TestReadsCounted: resident weights of a network are read at least once in every
// iteration until they are loaded anew, or scrubbed; data that every iteration makes
// are read a few times. A number that the study gives stands.
func TestReadsCounted(t *testing.T) {
	m := testModel(t, workload.Inference, "resnet18")
	report := func(m *Model, set func(d *Design)) Report {
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		d := DefaultDesign()
		d.Technology = device.SOT
		set(&d)
		var r Report
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	large := report(m, func(d *Design) { d.Capacity, d.Scrub = 64<<20, false })
	small := report(m, func(d *Design) { d.Capacity, d.Scrub = 128<<10, false })
	day := 86400 / large.Latency
	if large.Reads < day*(1-1e-9) || large.Reads > 40*day {
		t.Errorf("%g reads of weights that stay a day over %g iterations", large.Reads, day)
	}
	if small.Reads < 1 || small.Reads > 1e4 {
		t.Errorf("%g reads where no weights stay", small.Reads)
	}
	per := large.Reads * large.Latency / 86400
	scrubbed := report(m, func(d *Design) { d.Capacity, d.Scrub = 64<<20, true })
	if want := per * min(86400, scrubbed.Memory.Retention) / scrubbed.Latency; math.Abs(scrubbed.Reads/want-1) > 1e-9 && scrubbed.Reads > 1e4 {
		t.Errorf("%g reads with scrubbing every %g s, want %g", scrubbed.Reads, scrubbed.Memory.Retention, want)
	}
	share := math.Log10(large.Device.DisturbError*large.Reads/(float64(m.at(&large.Design).BitError)/4)) / 10
	if got := large.Violations[disturbViolation(t)]; math.Abs(got-share) > 1e-9 {
		t.Errorf("violation %g, want %g", got, share)
	}
	s := m.Setup
	for _, x := range m.Catalog.Settings() {
		if x.Name == "reads" {
			x.Set(&s, 100)
		}
	}
	v, err := m.Vary(s)
	if err != nil {
		t.Fatal(err)
	}
	given := report(v, func(d *Design) { d.Capacity, d.Scrub = 64<<20, false })
	if x := given.Violations[disturbViolation(t)]; math.Abs(x-(share+math.Log10(100/large.Reads)/10)) > 1e-9 {
		t.Errorf("violation %g of 100 reads, of %g reads %g", x, large.Reads, share)
	}
	if given.Reads != large.Reads {
		t.Errorf("%g reads counted, want %g", given.Reads, large.Reads)
	}
}

func disturbViolation(t *testing.T) int {
	for i := range NumViolations {
		if ViolationName(i) == "read disturb" {
			return i
		}
	}
	t.Fatal("no violation of read disturb")
	return 0
}
