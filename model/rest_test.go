package model

import (
	"math"
	"strings"
	"testing"

	"stco/model/accel"
	"stco/model/device"
	"stco/model/workload"
)

// TestRestByHand: an iteration of 1 ms at a duty of 1 %, 99 ms of rest; the buffer
// leaks 0.1 W and keeps 10 MB of weights, of which a byte costs 40 + 10 pJ to read
// again: 0.5 mJ. An SRAM holds them for 0.25 x 0.1 W x 99 ms = 2.475 mJ, or is
// switched off, 0.03 x 0.1 W x 99 ms + 0.1 W x 1 us, and reads them again: 0.7971 mJ.
// Magnetic cells need not, unless they forget within the 99 ms.
func TestRestByHand(t *testing.T) {
	s := DefaultSetup()
	s.Duty = 0.01
	r := Report{}
	r.Array.Leakage = 0.1
	r.Memory = accel.Memory{DRAMEnergy: 40e-12, Retention: 1}
	r.Memory.WriteEnergy = 10e-12
	cost := &accel.Cost{Latency: 1e-3, Permanent: 10e6}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s: %g J, want %g", what, got, want)
		}
	}
	off := 0.03*0.1*99e-3 + 0.1*1e-6
	near("SRAM that is switched off", s.rest(&r, device.SRAM, cost), off+0.5e-3)
	near("MRAM", s.rest(&r, device.SOT, cost), off)
	r.Memory.Retention = 50e-3
	near("MRAM that forgets", s.rest(&r, device.SOT, cost), off+0.5e-3)
	cost.Permanent = 100e6
	near("SRAM that holds", s.rest(&r, device.SRAM, cost), 0.25*0.1*99e-3)
	near("nothing to keep", s.rest(&r, device.SRAM, &accel.Cost{Latency: 1e-3}), off)
	near("a short rest", s.rest(&r, device.SOT, &accel.Cost{Latency: 1e-9, Permanent: 100e6}), 1.03*0.1*99e-9)
	s.Duty = 1
	if got := s.rest(&r, device.SRAM, cost); got != 0 {
		t.Errorf("without rest %g J", got)
	}
}

// TestDutyAndTemperature: the figures of a design with rest and at a lower
// temperature of operation.
func TestDutyAndTemperature(t *testing.T) {
	report := func(duty, operating float64) Report {
		c, err := NewCatalog()
		if err != nil {
			t.Fatal(err)
		}
		s := DefaultSetup()
		s.Workloads = testModel(t, workload.Inference, "resnet18").Setup.Workloads
		for name, v := range map[string]float64{"duty": duty, "t_operating": operating} {
			for _, x := range c.Settings() {
				if x.Name == name && v > 0 {
					x.Set(&s, v)
				}
			}
		}
		m, err := New(c, s)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		d := DefaultDesign()
		var r Report
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	busy, rested, cool := report(0, 0), report(0.01, 0), report(0, 300)
	if busy.StandbyEnergy != 0 || busy.RestedEnergy != busy.Energy || rested.Energy != busy.Energy || math.Abs(rested.RestedEnergy/(rested.Energy+rested.StandbyEnergy)-1) > 1e-12 || !(rested.StandbyEnergy > 0) {
		t.Errorf("busy %g and %g J, with rest %g and %g J", busy.Energy, busy.StandbyEnergy, rested.RestedEnergy, rested.StandbyEnergy)
	}
	if !(cool.Leakage() < busy.Leakage()/2) || cool.Memory.Retention != busy.Memory.Retention {
		t.Errorf("leakage %g W hot, %g W at 300 K; retention %g and %g s", busy.Leakage(), cool.Leakage(), busy.Memory.Retention, cool.Memory.Retention)
	}
	s := DefaultSetup()
	s.Operating = 400
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(c, s); err == nil || !strings.Contains(err.Error(), "t_operating") {
		t.Error("an operating temperature above the hot corner")
	}
}
