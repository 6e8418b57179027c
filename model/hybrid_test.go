package model

import (
	"math"
	"testing"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/suite"
)

func setTechnology(t *testing.T, d *Design, name string) {
	t.Helper()
	for i, n := range technologies() {
		if n == name {
			d.setTechnology(i)
			if got := d.technology(); got != name {
				t.Fatalf("technology %s is read back as %s", name, got)
			}
			return
		}
	}
	t.Fatalf("no technology %s", name)
}

// TestHybridEnds checks that a hybrid buffer without a scratchpad is the plain
// magnetic buffer and one that is all scratchpad the plain SRAM buffer, in
// every figure.
func TestHybridEnds(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hybrid, plain string
		split         units.Ratio
	}{{"hybrid", "sot", 0}, {"hybrid", "sram", 1}, {"hybrid-stt", "stt", 0}, {"hybrid-stt", "sram", 1}} {
		var a, b Report
		d := DefaultDesign()
		d.Split = c.split
		setTechnology(t, &d, c.hybrid)
		if err := e.Evaluate(&d, &a); err != nil {
			t.Fatal(err)
		}
		setTechnology(t, &d, c.plain)
		if err := e.Evaluate(&d, &b); err != nil {
			t.Fatal(err)
		}
		if a.Array != b.Array || a.Memory != b.Memory || a.Costs[0] != b.Costs[0] || a.Violations != b.Violations || a.Pad != 0 {
			t.Errorf("%s with split %g differs from %s: %g and %g J", c.hybrid, float64(c.split), c.plain, a.Energy, b.Energy)
		}
	}
}

// TestHybridSplit checks a hybrid buffer over its split: the parts add up to the
// capacity, SRAM costs area, the magnetic part is written less and less, DRAM
// traffic is that of the part that holds the data, and beyond the half the
// SRAM part does all the work.
func TestHybridSplit(t *testing.T) {
	m := testModel(t, workload.Training, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := DefaultDesign()
	d.Capacity = 64 << 20
	setTechnology(t, &d, "hybrid")
	var last, r Report
	for _, split := range []units.Ratio{0, 1. / 64, 1. / 32, 1. / 16, 1. / 8, 1. / 4, 3. / 8, 0.625, 0.75, 0.9375, 1} {
		d.Split = split
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		c := &r.Costs[0]
		t.Logf("split %.3f: %.4g J %.4g s %.4g mm2, leakage %.3g W, main read %.3g J write %.3g J, pad %.3g J, PE buffer %.3g J, DRAM %.4g B, wear %.3g",
			float64(split), r.Energy, r.Latency, float64(r.Area())*1e6, float64(r.Leakage()), c.Energy.BufferRead, c.Energy.BufferWrite,
			c.Energy.PadRead+c.Energy.PadWrite, c.Energy.PEBuffer, c.DRAMBytes, r.WearOut)
		if split > 0 && split < 1 && math.Abs(float64(r.Pad)/float64(d.Capacity)-float64(split)) > 1e-9 {
			t.Errorf("split %g gives a scratchpad of %g B", float64(split), float64(r.Pad))
		}
		if split > 0 && split < 1 {
			// The cells take what their shares and footprints say, check bits aside.
			sram := float64(m.sram[tech.LowOperatingPower].Area())
			want := float64(d.Capacity) * 8 * (float64(split)*sram + (1-float64(split))*float64(r.Cell.Area()))
			if got := float64(r.Array.Area.Cells + r.Scratchpad.Area.Cells); split != 0.625 && math.Abs(got/want-1) > 0.15 {
				t.Errorf("split %g: cells take %g m^2, by share and footprint %g", float64(split), got, want)
			}
			if r.Costs[0].Energy.PEBuffer != last.Costs[0].Energy.PEBuffer {
				t.Errorf("split %g changes what the PE array asks for", float64(split))
			}
		}
		if split > 0 && split < 0.5 {
			if read := c.Energy.BufferRead / r.Memory.ReadEnergy; split > 1./64 && read > last.Costs[0].Energy.BufferRead/last.Memory.ReadEnergy {
				t.Errorf("split %g: reads of the magnetic part rise to %g B", float64(split), read)
			}
			if r.DRAMTraffic < last.DRAMTraffic*(1-1e-12) {
				t.Errorf("split %g: DRAM traffic falls from %g to %g B though the holding part shrinks", float64(split), last.DRAMTraffic, r.DRAMTraffic)
			}
		}
		if split > 0.5 {
			if r.WearOut != 0 || r.Memory.Retention != math.Inf(1) {
				t.Errorf("split %g: the idle part wears out", float64(split))
			}
			if split > 0.625 && r.DRAMTraffic > last.DRAMTraffic*(1+1e-12) {
				t.Errorf("split %g: DRAM traffic rises from %g to %g B", float64(split), last.DRAMTraffic, r.DRAMTraffic)
			}
		}
		last = r
		last.Costs = append(last.Costs[:0:0], r.Costs...)
	}
}

// TestPEBuffer checks that a PE buffer saves buffer accesses for every
// technology alike, and none when it is off.
func TestPEBuffer(t *testing.T) {
	reads := map[device.Technology]float64{}
	for _, size := range []units.Bytes{0, 128 << 10, 512 << 10, 2 << 20} {
		c, err := NewCatalog()
		if err != nil {
			t.Fatal(err)
		}
		s := DefaultSetup()
		s.PEBuffer = size
		o, err := suite.DefaultOptions("mobilenet_v2", workload.Inference)
		if err != nil {
			t.Fatal(err)
		}
		s.Workloads = []Workload{{Network: "mobilenet_v2", Options: o, Weight: 1}}
		m, err := New(c, s)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		var r Report
		shares := map[device.Technology]float64{}
		for _, tech := range []device.Technology{device.SRAM, device.SOT} {
			d := DefaultDesign()
			d.Technology = tech
			if err := e.Evaluate(&d, &r); err != nil {
				t.Fatal(err)
			}
			x := &r.Costs[0].Energy
			read := x.BufferRead / r.Memory.ReadEnergy
			t.Logf("PE buffer %g KiB, %s: %.3g B read from the buffer, %.3g J of %.3g J, PE buffer %.3g J", float64(size)/1024, tech, read, x.BufferRead, x.Total(), x.PEBuffer)
			if last, ok := reads[tech]; ok && read > last*(1+1e-12) {
				t.Errorf("%s: buffer reads rise from %g to %g B with a larger PE buffer", tech, last, read)
			}
			if (x.PEBuffer > 0) != (size > 0) {
				t.Errorf("%s: PE buffer of %g B takes %g J", tech, float64(size), x.PEBuffer)
			}
			reads[tech], shares[tech] = read, read
		}
		if math.Abs(shares[device.SRAM]/shares[device.SOT]-1) > 1e-9 {
			t.Errorf("PE buffer %g B: %g B read from SRAM, %g B from SOT", float64(size), shares[device.SRAM], shares[device.SOT])
		}
	}
}

// TestSelector checks the read selectors above the cell against the published
// ranges: 10 to 40 % less bitcell area where the transistors set it, 3 to 5 ns
// more for an oxide transistor, 2.5 to 5 times the cell's read energy for a
// diode (imec, arXiv:2508.18250).
func TestSelector(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	var base, igzo, diode Report
	d := DefaultDesign()
	d.ReadVoltage = 0.2 // at which the drop of the diode is stated
	for _, c := range []struct {
		s device.Selector
		r *Report
	}{{device.FrontEnd, &base}, {device.IGZO, &igzo}, {device.Diode, &diode}} {
		d.Selector = c.s
		if err := e.Evaluate(&d, c.r); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: cell %.4g um2, array %.4g mm2, read %.3g ns %.3g pJ/bit, write %.3g ns %.3g pJ/bit, fins %g", c.s, float64(c.r.Cell.Area())*1e12,
			float64(c.r.Area())*1e6, float64(c.r.Array.Read.Total)*1e9, float64(c.r.Array.ReadPerBit)*1e12,
			float64(c.r.Array.Write.Total)*1e9, float64(c.r.Array.WritePerBit)*1e12, c.r.Device.WriteFins)
	}
	for _, r := range []*Report{&igzo, &diode} {
		if x := float64(r.Cell.Area()) / float64(base.Cell.Area()); x < 0.55 || x > 0.9 {
			t.Errorf("%s: bitcell area %g of that of 2T1R", r.Design.Selector, x)
		}
	}
	if x := float64(igzo.Array.Read.Total-base.Array.Read.Total) * 1e9; x < 2.5 || x > 5.5 {
		t.Errorf("igzo: read %g ns longer, published 3 to 5", x)
	}
	cell := func(r *Report) float64 { return float64(r.Cell.ReadVoltage) * float64(r.Cell.ReadCurrent) }
	if x := cell(&diode) / cell(&base); x < 2.5 || x > 5 {
		t.Errorf("diode: %g times the read energy of the cell, published 2.5 to 5", x)
	}
}

func BenchmarkEvaluateHybrid(b *testing.B) {
	m := testModel(b, workload.Training, "resnet50", "vgg16", "mobilenet_v2", "vit_b_16")
	e, err := m.NewEvaluator()
	if err != nil {
		b.Fatal(err)
	}
	d := DefaultDesign()
	d.Hybrid = true
	var r Report
	if err := e.Evaluate(&d, &r); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Evaluate(&d, &r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestHybridAllocates checks that a warm evaluation of a hybrid buffer
// allocates nothing.
func TestHybridAllocates(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := DefaultDesign()
	d.Hybrid = true
	var r Report
	evaluate := func() {
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
	}
	evaluate()
	if n := testing.AllocsPerRun(100, evaluate); n != 0 {
		t.Errorf("%g allocations", n)
	}
	if r.Pad != d.Capacity/8 {
		t.Errorf("scratchpad of %g B", float64(r.Pad))
	}
}
