package model

import (
	"math"
	"testing"

	"stco/model/accel"
	"stco/model/device"
	"stco/model/units"
	"stco/model/workload"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

// TestMeansOfTwoWorkloads: with weights 1 and 3 energy, latency, traffic and
// power are (a b^3)^(1/4), and what limits is the worst of the two. The energy
// of a workload is the sum of its twelve causes, each above or at 0.
func TestMeansOfTwoWorkloads(t *testing.T) {
	m := testModel(t, workload.Training, "mobilenet_v2", "resnet18")
	m.Setup.Workloads[1].Weight = 3
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	for _, technology := range []device.Technology{device.SRAM, device.SOT, device.STT} {
		for _, hybrid := range []bool{false, true} {
			if hybrid && technology == device.SRAM {
				continue
			}
			d := DefaultDesign()
			d.Technology, d.Hybrid = technology, hybrid
			var r Report
			if err := e.Evaluate(&d, &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Costs) != 2 {
				t.Fatalf("%d costs", len(r.Costs))
			}
			var energy [2]float64
			for i, c := range r.Costs {
				for _, part := range []float64{
					c.Energy.MAC, c.Energy.Vector, c.Energy.BufferRead, c.Energy.BufferWrite, c.Energy.PadRead, c.Energy.PadWrite,
					c.Energy.PEBuffer, c.Energy.DRAM, c.Energy.DRAMBackground, c.Energy.BufferLeakage, c.Energy.Logic, c.Energy.Scrub,
				} {
					if !(part >= 0) {
						t.Errorf("%s: a part of the energy is %g J", d.technology(), part)
					}
					energy[i] += part
				}
			}
			a, b := &r.Costs[0], &r.Costs[1]
			mean := func(a, b float64) float64 { return math.Sqrt(math.Sqrt(a * b * b * b)) }
			near(t, "energy", r.Energy, mean(energy[0], energy[1]))
			memory := func(c *accel.Cost) float64 {
				x := &c.Energy
				return x.BufferRead + x.BufferWrite + x.PadRead + x.PadWrite + x.PEBuffer + x.DRAM + x.DRAMBackground + x.BufferLeakage + x.Scrub
			}
			near(t, "energy of the memory", r.MemoryEnergy, mean(memory(&r.Costs[0]), memory(&r.Costs[1])))
			near(t, "latency", r.Latency, mean(a.Latency, b.Latency))
			near(t, "traffic", r.DRAMTraffic, mean(a.DRAMBytes, b.DRAMBytes))
			near(t, "power", r.AveragePower, mean(energy[0]/a.Latency, energy[1]/b.Latency))
			near(t, "peak power", r.PeakPower, math.Max(a.PeakPower, b.PeakPower))
			near(t, "lifetime", r.Lifetime, math.Max(a.LongestLifetime, b.LongestLifetime))
			near(t, "wear", r.WearOut, math.Max(a.WearOut, b.WearOut))
			near(t, "scrubbing", r.ScrubShare, math.Max(a.ScrubShare, b.ScrubShare))
			if !(r.PeakPower >= r.AveragePower) {
				t.Errorf("%s: peak power %g W below the mean of %g W", d.technology(), r.PeakPower, r.AveragePower)
			}
			if technology == device.SRAM {
				continue
			}
			near(t, "scrub bandwidth", r.Violations[scrubViolation], 2*r.ScrubShare-1)
			near(t, "endurance", r.Violations[enduranceViolation], math.Log(r.WearOut))
			if r.Violations[retentionViolation] != -1 {
				t.Errorf("a scrubbed buffer violates retention: %g", r.Violations[retentionViolation])
			}
			d.Scrub = false
			if err := e.Evaluate(&d, &r); err != nil {
				t.Fatal(err)
			}
			near(t, "retention", r.Violations[retentionViolation], math.Log(r.Lifetime/r.Memory.Retention))
		}
	}
}

// TestMemoryWorkedByHand: what the accelerator sees of a design, from numbers on
// paper.
func TestMemoryWorkedByHand(t *testing.T) {
	m := testModelOn(t, "soc", workload.Inference, "mobilenet_v2")
	m.Setup.BankConflicts = 0.1
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := DefaultDesign()
	d.Technology, d.Clock = device.SOT, 8e8
	d.ReadBus, d.WriteBus, d.Banks, d.WordBits = 2048, 512, 16, 256
	var r Report
	if err := e.Evaluate(&d, &r); err != nil {
		t.Fatal(err)
	}
	x := &r.Memory
	// LPDDR5-6400 of 128 bits: 6.4 GT/s of 16 bytes are 102.4 GB/s, of which the
	// accelerator has half and streams reach three quarters: 38.4 GB/s; 4.5 pJ/bit
	// are 36 pJ/B. 8 GiB at 45 mW of standby and 7.6 mW of refresh a GB wait with
	// 0.4518 W, of which half.
	near(t, "DRAM time", x.DRAMTime, 1/38.4e9)
	near(t, "DRAM energy", x.DRAMEnergy, 36e-12)
	near(t, "DRAM latency", x.DRAMLatency, 150e-9)
	near(t, "DRAM background", x.DRAMPower, 0.2259152797696)
	// 2,048 bits are 256 bytes a cycle of 1.25 ns, 512 bits 64 bytes.
	near(t, "read bus", x.ReadBus, 1.25e-9/256)
	near(t, "write bus", x.WriteBus, 1.25e-9/64)
	near(t, "clock", x.Clock, 8e8)
	// A word is 32 bytes; 16 banks, one cycle in ten lost: 460.8 bytes a cycle.
	near(t, "read occupancy", x.ReadOccupancy, float64(r.Array.ReadCycle)/460.8)
	near(t, "write occupancy", x.WriteOccupancy, float64(r.Array.WriteCycle)/460.8)
	near(t, "read latency", x.ReadLatency, float64(r.Array.Read.Total))
	near(t, "write latency", x.WriteLatency, float64(r.Array.Write.Total))
	near(t, "read energy", x.ReadEnergy, float64(r.Array.ReadEnergy.Total)/32)
	near(t, "write energy", x.WriteEnergy, float64(r.Array.WriteEnergy.Total)/32)
	near(t, "leakage", x.BufferLeakage, float64(r.Array.Leakage))
	near(t, "retention", x.Retention, float64(r.Device.Retention))
	near(t, "endurance", x.Endurance, r.Device.Endurance)
	near(t, "capacity", x.Capacity, 32*1048576)
	near(t, "life", x.ProductLife, 5*365.25*24*3600)
	near(t, "wear leveling", x.WearLeveling, 0.5)
	near(t, "residence", x.Residence, 24*3600)
	if x.SeparatePorts || !x.Scrub {
		t.Errorf("ports %t, scrubbing %t", x.SeparatePorts, x.Scrub)
	}
	// A write of the bitcell lasts at least its pulse of 3 ns, and no array of 32
	// MiB takes tens of nanoseconds.
	if w := x.WriteLatency; w < 3e-9 || w > 30e-9 {
		t.Errorf("write latency %g s of a pulse of 3 ns", w)
	}
	if x.ReadLatency < 1e-9 || x.ReadLatency > 30e-9 {
		t.Errorf("read latency %g s", x.ReadLatency)
	}
	// 0.084 pJ of the TPU v4i's array at 7 nm, 2.5 times that at 14 nm.
	near(t, "multiply-accumulate", x.MACEnergy, 0.21e-12)
	if x.VectorEnergy < 0.16e-12 || x.VectorEnergy > 1.6e-12 {
		t.Errorf("%g J a vector operation", x.VectorEnergy)
	}
	// 16,384 elements of 31.8 uW leak 0.521 W, and an SRAM of 512 KiB at the PE
	// array on top of it: less than a tenth.
	if x.LogicLeakage <= 0.521 || x.LogicLeakage > 0.573 {
		t.Errorf("logic leaks %g W", x.LogicLeakage)
	}
	// SRAM keeps data and does not wear; its own figures are those of the array.
	d.Technology = device.SRAM
	if err := e.Evaluate(&d, &r); err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(x.Retention, 1) || !math.IsInf(x.Endurance, 1) {
		t.Errorf("SRAM keeps data for %g s and %g writes", x.Retention, x.Endurance)
	}
}

// TestTooSmall: a buffer too small for its banks or for a step has violations
// that say so and no figures.
func TestTooSmall(t *testing.T) {
	m := testModel(t, workload.Inference, "mobilenet_v2")
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	d := DefaultDesign()
	// 64 banks of 64 rows of 128 bytes are 512 KiB.
	for capacity, want := range map[float64]float64{256 << 10: 1, 512 << 10: 0, 1 << 20: -0.5} {
		d.Capacity = units.Bytes(capacity)
		var r Report
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		near(t, "organisation", r.Violations[organisationViolation], want)
		if (want > 0) != math.IsNaN(r.Energy) || (want > 0) != math.IsNaN(r.Latency) || (want > 0) == (r.Area() > 0) {
			t.Errorf("%g B: energy %g J, latency %g s, area %g m^2", capacity, r.Energy, r.Latency, float64(r.Area()))
		}
		if want > 0 && r.Feasible() {
			t.Error("no figures and feasible")
		}
	}
}
