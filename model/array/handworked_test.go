package array

import (
	"math"
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// TestArrayByHand: 2 MiB of SOT cells of 0.05 um2 in 4 banks of 256-bit words at
// 14 nm and 0.8 V. What follows from the cell alone is worked out on paper; the
// periphery is held to what such arrays can take.
func TestArrayByHand(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	n, err := tables.Node("14nm", tech.LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	k, err := tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSolver(n, Options{Temperature: 300, Circuits: *k})
	if err != nil {
		t.Fatal(err)
	}
	solve := func(pulse units.Time, current units.Current) Figures {
		u := bitcell.User{
			Technology: device.SOT, Area: 0.05e-12, Aspect: 1, AccessWidth: 100e-9, On: 5000, Off: 12000,
			ReadVoltage: 0.2, WriteCurrent: current, WritePulse: pulse, WritePath: 500,
		}
		c, err := u.Cell(n, 300)
		if err != nil {
			t.Fatal(err)
		}
		spec := DefaultSpec()
		spec.Capacity, spec.Banks, spec.WordBits, spec.Rows, spec.Columns = 2<<20, 4, 256, 256, 512
		var f Figures
		if err := s.Solve(&c, &spec, &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-6*math.Abs(want)) {
			t.Errorf("%s is %.9g, want %.9g", what, got, want)
		}
	}
	f, longer, weaker := solve(3e-9, 100e-6), solve(5e-9, 100e-6), solve(3e-9, 50e-6)
	// 2^24 bits of 0.05 um2; 131,072 bits in a subarray: 128, 32 of each bank.
	near("cell area", float64(f.Area.Cells), 0.8388608e-6)
	near("subarrays", float64(f.Organisation.Subarrays), 32)
	// A pulse 2 ns longer makes a write and its cycle 2 ns longer and a read none.
	near("write latency by pulse", float64(longer.Write.Total-f.Write.Total), 2e-9)
	near("write cycle by pulse", float64(longer.WriteCycle-f.WriteCycle), 2e-9)
	near("read latency by pulse", float64(longer.Read.Total), float64(f.Read.Total))
	// 256 bits draw 100 uA from 0.8 V for 2 ns more: 40.96 pJ; 50 uA less for 3 ns: 30.72 pJ.
	near("write energy by pulse", float64(longer.WriteEnergy.Total-f.WriteEnergy.Total), 40.96e-12)
	near("bitline energy by current", float64(f.WriteEnergy.Bitline-weaker.WriteEnergy.Bitline), 30.72e-12)
	// 4 banks of 32 bytes a cycle.
	near("read bandwidth", float64(f.ReadBandwidth), 128/float64(f.ReadCycle))
	near("write bandwidth", float64(f.WriteBandwidth), 128/float64(f.WriteCycle))
	near("read energy of a bit", float64(f.ReadPerBit), float64(f.ReadEnergy.Total)/256)
	near("write energy of a bit", float64(f.WritePerBit), float64(f.WriteEnergy.Total)/256)
	// Around the pulse a 1 mm2 macro takes less than 2 ns, and a read, which
	// develops and senses a signal of microamperes, 1 to 10 ns.
	if w := f.Write.Total - 3e-9; w < 0.2e-9 || w > 2e-9 {
		t.Errorf("a write takes %g s beside its pulse", float64(w))
	}
	if r := f.Read.Total; r < 1e-9 || r > 10e-9 {
		t.Errorf("a read takes %g s", float64(r))
	}
	if f.Read.Decode != f.Write.Decode || f.Read.Wordline != f.Write.Wordline {
		t.Error("reads and writes have other decoders")
	}
	if f.WriteCycle > f.Write.Total || f.ReadCycle > f.Read.Total {
		t.Error("a bank is busy longer than an access takes")
	}
	if f.Area.Total < f.Area.Cells*1.2 || f.Area.Total > f.Area.Cells*2.5 {
		t.Errorf("area %g of cells of %g", float64(f.Area.Total), float64(f.Area.Cells))
	}
	// Magnetic cells do not leak; some ten thousand gates at 14 nm do, microwatts.
	if f.CellLeakage != 0 || f.Leakage < 1e-6 || f.Leakage > 1e-3 {
		t.Errorf("leakage %g W, of cells %g W", float64(f.Leakage), float64(f.CellLeakage))
	}
}
