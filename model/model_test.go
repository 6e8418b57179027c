package model

import (
	"math"
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/suite"
)

func testModel(tb testing.TB, phase workload.Phase, networks ...string) *Model {
	tb.Helper()
	return testModelOn(tb, "one-stack", phase, networks...)
}

// testModelOn returns a model on a machine preset.
func testModelOn(tb testing.TB, machine string, phase workload.Phase, networks ...string) *Model {
	tb.Helper()
	c, err := NewCatalog()
	if err != nil {
		tb.Fatal(err)
	}
	s := setupOn(tb, c, machine)
	for _, n := range networks {
		o, err := suite.DefaultOptions(n, phase)
		if err != nil {
			tb.Fatal(err)
		}
		s.Workloads = append(s.Workloads, Workload{Network: n, Options: o, Weight: 1})
	}
	m, err := New(c, s)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// setupOn returns the default setup on a machine preset.
func setupOn(tb testing.TB, c *Catalog, machine string) Setup {
	tb.Helper()
	s := DefaultSetup()
	settings := c.Settings()
	for i := range settings {
		if v := &settings[i]; v.Name == "machine" {
			x, err := v.Parse(machine)
			if err != nil {
				tb.Fatal(err)
			}
			v.Set(&s, x)
		}
	}
	return s
}

// BenchmarkEvaluateCVTraining evaluates one design over and over: as a search does
// whose study asks for no costly figure, and with all of them.
func BenchmarkEvaluateCVTraining(b *testing.B) {
	m := testModel(b, workload.Training, "resnet50", "vgg16", "mobilenet_v2", "vit_b_16")
	m.Warm([]units.Bytes{64 << 20})
	e, err := m.NewEvaluator()
	if err != nil {
		b.Fatal(err)
	}
	d := DefaultDesign()
	var r Report
	if err := e.Evaluate(&d, &r); err != nil {
		b.Fatal(err)
	}
	steps := 0
	for _, p := range m.Plans() {
		t, err := p.Table(64 << 20)
		if err != nil {
			b.Fatal(err)
		}
		steps += t.Steps()
	}
	for _, fast := range []bool{true, false} {
		b.Run(map[bool]string{true: "as searched", false: "every figure"}[fast], func(b *testing.B) {
			e.Fast = fast
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Evaluate(&d, &r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(steps), "steps/op")
		})
	}
}

func TestTry(t *testing.T) {
	m := testModel(t, workload.Training, "resnet50", "vgg16", "mobilenet_v2", "vit_b_16")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := DefaultDesign()
	var r Report
	for _, tech := range []device.Technology{device.SOT, device.SRAM, device.STT} {
		d.Technology = tech
		for _, capacity := range []units.Bytes{2 << 20, 64 << 20, 512 << 20} {
			d.Capacity = capacity
			if err := e.Evaluate(&d, &r); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s %g MiB: E %.4g J  T %.4g s area %.4g mm2 leak %.3g W  cell %.4g um2 Iw %.3g uA fins %g  read %.3g ns write %.3g ns Er %.3g Ew %.3g pJ/b ret %.3g life %.3g", tech, float64(capacity)/(1<<20), r.Energy, r.Latency, float64(r.Array.Area.Total)*1e6, float64(r.Array.Leakage),
				float64(r.Cell.Area())*1e12, float64(r.Cell.WriteCurrent)*1e6, r.Device.WriteFins, float64(r.Array.Read.Total)*1e9, float64(r.Array.Write.Total)*1e9, float64(r.Array.ReadPerBit)*1e12, float64(r.Array.WritePerBit)*1e12, r.Memory.Retention, r.Lifetime)
			for i, v := range r.Violations {
				if v > 0 {
					t.Logf("    violates %s by %.3g", ViolationName(i), v)
				}
			}
			for i, c := range r.Costs {
				t.Logf("    %s: T %.4g E %+v dram %.4g", m.Setup.Workloads[i].Network, c.Latency, c.Energy, c.DRAMBytes)
			}
		}
	}
}

// TestFast: what costs an extra evaluation is left out where nobody asks for it,
// and nothing else changes.
func TestFast(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	d := DefaultDesign()
	var whole, fast Report
	for _, r := range []*Report{&whole, &fast} {
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		e.Fast = r == &fast
		if err := e.Evaluate(&d, r); err != nil {
			t.Fatal(err)
		}
	}
	if !(whole.MemoryLatency > 0 && whole.MemoryLatency <= whole.Latency) || !math.IsNaN(fast.MemoryLatency) {
		t.Errorf("time with infinitely fast compute %g s of %g s, fast %g", whole.MemoryLatency, whole.Latency, fast.MemoryLatency)
	}
	if whole.Energy != fast.Energy || whole.Latency != fast.Latency || whole.MemoryEnergy != fast.MemoryEnergy {
		t.Errorf("%g J in %g s, fast %g J in %g s", whole.Energy, whole.Latency, fast.Energy, fast.Latency)
	}
}

// TestStatedFigures: what a user's cell states is taken, what it leaves out has no
// limit or follows from the rest.
func TestStatedFigures(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	n := m.nodes[0]
	u := bitcell.User{Technology: device.SOT, WriteCurrent: 2e-4}
	c := device.Cell{WriteCurrent: 2e-4, WriteResistance: 2000, WritePulse: 1e-9}
	f := statedFigures(&u, &c, n, 300)
	if !math.IsInf(float64(f.Retention), 1) || !math.IsInf(f.Endurance, 1) || f.Channel != n.WritePath {
		t.Errorf("nothing stated: %g s, %g writes, %g ohm", float64(f.Retention), f.Endurance, float64(f.Channel))
	}
	if e := float64(f.WriteEnergy); math.Abs(e/80e-15-1) > 1e-12 { // 0.4 V, 0.2 mA, 1 ns
		t.Errorf("write energy %g J", e)
	}
	u.Retention, u.Endurance, u.WriteEnergy, u.WritePath = 7, 1e12, 3e-14, 900
	f = statedFigures(&u, &c, n, 300)
	if f.Retention != 7 || f.Endurance != 1e12 || f.WriteEnergy != 3e-14 || f.Channel != 900 {
		t.Errorf("stated: %g s, %g writes, %g J, %g ohm", float64(f.Retention), f.Endurance, float64(f.WriteEnergy), float64(f.Channel))
	}
	for i, v := range f.Violations {
		if v != -1 {
			t.Errorf("violation %d is %g", i, v)
		}
	}
}
