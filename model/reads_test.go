package model

import (
	"math"
	"testing"

	"stco/model/array"
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

// TestOneNumberOfReads: the limit, the sampled cells and the listed steps of a design
// are of one number of reads, of every origin.
func TestOneNumberOfReads(t *testing.T) {
	m := testModel(t, workload.Inference, "resnet18")
	s := m.Setup
	for _, x := range m.Catalog.Settings() {
		if x.Name == "reads" {
			x.Set(&s, 4e3)
		}
	}
	given, err := m.Vary(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		m    *Model
		set  func(d *Design)
		from ReadsFrom
		want float64 // 0: those of the report
	}{
		{"counted", m, func(d *Design) { d.Scrub = false }, ReadsCounted, 0},
		{"counted, STT", m, func(d *Design) { d.Technology, d.Scrub = device.STT, false }, ReadsCounted, 0},
		{"counted, hybrid", m, func(d *Design) { d.Hybrid, d.Split = true, 0.25 }, ReadsCounted, 0},
		{"idle", m, func(d *Design) { d.Hybrid, d.Split = true, 0.75 }, ReadsAssumed, m.preset.Reads},
		{"given", given, func(*Design) {}, ReadsGiven, 4e3},
	} {
		e, err := c.m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		d := DefaultDesign()
		d.Technology, d.Capacity, d.ECC = device.SOT, 64<<20, array.SECDED
		c.set(&d)
		var r Report
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		want := c.want
		if want == 0 {
			want = r.Reads
		}
		reads, from := c.m.Disturbing(&r)
		if reads != want || from != c.from || want <= 0 {
			t.Errorf("%s: %g reads of origin %d, want %g of %d", c.name, reads, from, want, c.from)
		}
		near := func(what string, got, of float64) {
			if !(math.Abs(got/of-1) < 1e-9) {
				t.Errorf("%s: %s is %g, want %g", c.name, what, got, of)
			}
		}
		share := float64(c.m.at(&d).BitError) / 4
		near("the violation", math.Pow(10, 10*r.Violations[disturbViolation(t)]), r.Device.DisturbError*want/share)
		// Without spread all sampled cells are the nominal one.
		q := *c.m
		p := &q.preset
		p.CVAnisotropy, p.CVThickness, p.CVDiameter, p.CVMs, p.CVTheta, p.CVSection, p.CVChannel, p.SigmaResistance, p.CVTMR = 0, 0, 0, 0, 0, 0, 0, 0, 0
		if e, err = q.NewEvaluator(); err != nil {
			t.Fatal(err)
		}
		var same Report
		if err := e.Evaluate(&d, &same); err != nil {
			t.Fatal(err)
		}
		sample, _, err := q.Population(&same, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		held := c.want
		if held == 0 {
			held = same.Reads
		}
		near("disturb of the sample", sample.Disturb.Sampled, min(same.Device.DisturbError*held, 1))
		steps, err := c.m.Chain(&r)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, s := range steps {
			switch s.Name {
			case "reads of a byte between two writes":
				seen++
				near(s.Name, s.Value, want)
			case "disturbance of all of them":
				seen++
				near(s.Name, s.Value, min(r.Device.DisturbError*want, 1))
			}
		}
		if seen != 2 {
			t.Errorf("%s: %d steps", c.name, seen)
		}
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
