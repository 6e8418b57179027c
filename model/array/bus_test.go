package array

import (
	"math"
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// TestBusAndTracks: a wider bus costs area and leakage and no energy of an
// access; wires beyond the tracks above the banks make these larger; the growth
// with the word is that of the tracks.
func TestBusAndTracks(t *testing.T) {
	s, n := testSolver(t, "14nm", tech.LowOperatingPower)
	cell := bitcell.SRAM(n, bitcell.HighDensity, false, 350)
	solve := func(capacity units.Bytes, banks, word, bus int) Figures {
		spec := DefaultSpec()
		spec.Capacity, spec.Banks, spec.WordBits, spec.Bus = capacity, banks, word, bus
		var f Figures
		if err := s.Solve(&cell, &spec, &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	one, some, all := solve(32<<20, 64, 1024, 0), solve(32<<20, 64, 1024, 8192), solve(32<<20, 64, 1024, 131072)
	if same := solve(32<<20, 64, 1024, 2048); same != one {
		t.Error("one word in and out is not the bus that a spec without one has")
	}
	for _, pair := range [][2]*Figures{{&one, &some}, {&some, &all}} {
		a, b := pair[0], pair[1]
		if b.Area.Interconnect <= a.Area.Interconnect || b.Area.Total <= a.Area.Total {
			t.Errorf("a wider bus: interconnect %g to %g m2, all %g to %g", float64(a.Area.Interconnect), float64(b.Area.Interconnect), float64(a.Area.Total), float64(b.Area.Total))
		}
	}
	// 64 lanes of 2 x 1024 wires and 17 of address and command, 104 nm apart on two
	// layers of which six tenths are free: 11.45 mm, more than the banks are wide.
	wires := 64 * (2*1024 + math.Ceil(math.Log2(32<<20*8/1024/64)) + 4)
	side := wires * 104e-9 / 1.2
	if got := float64(all.Area.Total); math.Abs(got/(side*side)-1) > 1e-9 {
		t.Errorf("a bus of 64 lanes takes %g m2, its tracks %g", got, side*side)
	}
	// A bank of 16 KiB is as large as the tracks of a word of 4096 bits ask for.
	small := solve(16<<10, 1, 4096, 0)
	side = (2*4096 + 5 + 4) * 104e-9 / 1.2
	if got := float64(small.Area.Total); math.Abs(got/(side*side)-1) > 1e-9 {
		t.Errorf("a bank of 16 KiB in words of 4096 bits takes %g m2, its tracks %g", got, side*side)
	}
	if narrow := solve(4<<20, 1, 128, 0); narrow.Area.Total >= solve(4<<20, 1, 8192, 0).Area.Total {
		t.Error("wires of wide words are free")
	}
}

// TestCapacities: from 96 KiB to 512 MiB in steps of an eighth of an octave, no
// figure jumps where the organisation stays but for its number of subarrays, and what
// the target looks at nowhere. What it does not look at jumps with the organisation.
func TestCapacities(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{"22nm", "14nm", "7nm"} {
		s, n := testSolver(t, node, tech.LowOperatingPower)
		u, err := bitcell.Preset(tables, device.SOT, n)
		if err != nil {
			t.Fatal(err)
		}
		sot, err := u.Cell(n, 350)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range []device.Cell{bitcell.SRAM(n, bitcell.HighDensity, false, 350), sot} {
			for _, target := range []Target{EDP, ReadLatency, ReadEnergy, ReadEDP, LeastArea} {
				sweepCapacities(t, s, &cell, target)
			}
		}
	}
}

// sweepCapacities holds the steps of one cell and target.
func sweepCapacities(t *testing.T, s *Solver, cell *device.Cell, target Target) {
	t.Helper()
	var last Figures
	for capacity := 96 * 1024.0; capacity <= 512<<20; capacity *= math.Exp2(0.125) {
		spec := DefaultSpec()
		spec.Capacity, spec.Target = units.Bytes(capacity), target
		var f Figures
		if err := s.Solve(cell, &spec, &f); err != nil {
			t.Fatal(err)
		}
		if last.StoredBits > 0 {
			now, before := f.Organisation, last.Organisation
			now.Subarrays, before.Subarrays = 0, 0
			for q, name := range []string{"area", "read latency", "write latency", "read energy", "write energy", "leakage"} {
				step, most := f.figures()[q]/last.figures()[q], 1.02*float64(f.Organisation.Subarrays)/float64(last.Organisation.Subarrays)
				if now == before && (step < 0.999 || step > most) {
					t.Errorf("%s %s, %g KiB: %s moves by %.3f (%s, %s)", cell.Technology, target, capacity/1024, name, step, last.Organisation, f.Organisation)
				}
			}
			if a, b := targetCost(target, &last), targetCost(target, &f); b < 0.7*a || b > 2*a {
				t.Errorf("%s %s, %g KiB: the target moves by %.3f (%s, %s)", cell.Technology, target, capacity/1024, b/a, last.Organisation, f.Organisation)
			}
		}
		last = f
	}
}
