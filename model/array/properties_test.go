package array

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// drawSolver draws a node, a flavour and a temperature.
func drawSolver(t *rapid.T) (*Solver, *tech.Node, units.Temperature) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	n, err := tables.Node(rapid.SampledFrom(tables.NodeNames()).Draw(t, "node"), tech.Flavour(rapid.IntRange(0, 2).Draw(t, "flavour")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	k := units.Temperature(rapid.Float64Range(250, 400).Draw(t, "temperature"))
	s, err := NewSolver(n, Options{Temperature: k, Circuits: *c})
	if err != nil {
		t.Fatal(err)
	}
	return s, n, k
}

// drawCell draws an SRAM cell of the node or a magnetic user cell.
func drawCell(t *rapid.T, n *tech.Node, k units.Temperature) device.Cell {
	kind := rapid.IntRange(0, 3).Draw(t, "cell")
	if kind < 2 {
		return bitcell.SRAM(n, bitcell.Variant(kind), false, k)
	}
	f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	on := f("on", 2e3, 2e4)
	u := bitcell.User{
		Technology: device.Technology(kind - 1), Area: units.Area(f("area", 0.01e-12, 0.2e-12)), Aspect: f("aspect", 0.5, 2),
		AccessWidth: units.Length(f("access", 40e-9, 400e-9)), On: units.Resistance(on), Off: units.Resistance(on * f("ratio", 1.5, 3)),
		ReadVoltage: units.Voltage(f("read", 0.1, 0.4)), WriteCurrent: units.Current(f("write", 20e-6, 300e-6)),
		WritePulse: units.Time(f("pulse", 0.3e-9, 20e-9)), WritePath: units.Resistance(f("path", 200, 2000)),
	}
	// The cell holds its transistor.
	u.Area = max(u.Area, units.Area(1.001*float64(u.AccessWidth/n.FinWidth)*float64(n.FinPitch*n.GatePitch)))
	c, err := u.Cell(n, k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func drawSpec(t *rapid.T, c *device.Cell) Spec {
	s := DefaultSpec()
	s.Capacity = units.Bytes(int(1)<<rapid.IntRange(18, 28).Draw(t, "log capacity")) * units.Bytes(rapid.SampledFrom([]float64{1, 1.5}).Draw(t, "midpoint"))
	s.Banks = 1 << rapid.IntRange(0, 5).Draw(t, "log banks")
	s.WordBits = 1 << rapid.IntRange(5, 11).Draw(t, "log word")
	s.ECC = ECC(rapid.IntRange(0, 3).Draw(t, "ecc"))
	if c.Technology != device.STT {
		s.Ports = Ports(rapid.IntRange(0, 1).Draw(t, "ports"))
	}
	s.Target = Target(rapid.IntRange(0, int(LeastLeakage)).Draw(t, "target"))
	s.AreaSlack = rapid.SampledFrom([]float64{0, 0.15, 1, 100}).Draw(t, "slack")
	if rapid.IntRange(0, 3).Draw(t, "fixed") == 0 {
		s.Rows = rapid.IntRange(MinRows, 2048).Draw(t, "rows")
	}
	return s
}

func solve(t *rapid.T, s *Solver, c *device.Cell, spec Spec) Figures {
	var f Figures
	if err := s.Solve(c, &spec, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func close2(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }

// TestParts checks that areas, times and energies are the sum of their parts,
// all positive and finite, and that the cells hold the capacity.
func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n, k := drawSolver(t)
		c := drawCell(t, n, k)
		spec := drawSpec(t, &c)
		f := solve(t, s, &c, spec)
		a := f.Area
		area := a.Cells + a.Check + a.Edges + a.Decoders + a.Columns + a.Amplifiers + a.WriteDrivers + a.HTree + a.Code + a.Interconnect + a.Macro
		if !close2(float64(area), float64(a.Total)) {
			t.Errorf("area parts %g, total %g", area, a.Total)
		}
		if need := float64(spec.Capacity) * 8 * float64(c.Area()); float64(a.Cells) < need*(1-1e-9) {
			t.Errorf("cells take %g, the data %g", a.Cells, need)
		}
		for _, p := range [...]TimeParts{f.Read, f.Write} {
			if sum := p.Interconnect + p.HTree + p.Decode + p.Wordline + p.Bitline + p.Sense + p.Verify + p.Code; !close2(float64(sum), float64(p.Total)) {
				t.Errorf("latency parts %g, total %g", sum, p.Total)
			}
		}
		for _, p := range [...]EnergyParts{f.ReadEnergy, f.WriteEnergy} {
			if sum := p.Interconnect + p.HTree + p.Decode + p.Bitline + p.Sense + p.Verify + p.Code; !close2(float64(sum), float64(p.Total)) {
				t.Errorf("energy parts %g, total %g", sum, p.Total)
			}
		}
		if !close2(float64(f.Leakage), float64(f.CellLeakage+f.Periphery)) {
			t.Error("leakage parts")
		}
		for i, v := range append(f.figures(), f.Efficiency, float64(f.ReadCycle), float64(f.WriteCycle), float64(f.ReadBandwidth), float64(f.WriteBandwidth)) {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Errorf("figure %d is %g", i, v)
			}
		}
		if c.Technology != device.SRAM && f.WriteCycle < c.WritePulse {
			t.Error("a write does not hold the bank for the pulse")
		}
		// The cells and the lines fit the bank.
		if g := f.Geometry; float64(g.SubarrayWidth*g.SubarrayHeight)*float64(f.Organisation.Subarrays) > float64(f.BankArea)*(1+1e-9) ||
			!close2(float64(g.BankSide*g.BankSide), float64(f.BankArea)) || g.Tree > g.BankSide*1.5 || (g.Between > 0) != (spec.Banks > 1) {
			t.Errorf("geometry %+v of a bank of %g", g, f.BankArea)
		}
		o := f.Organisation
		if bits := float64(o.Subarrays) * float64(o.Rows) * float64(o.Columns) * float64(spec.Banks); bits < float64(spec.Capacity)*8*float64(f.StoredBits)/float64(spec.WordBits)*(1-1e-9) {
			t.Errorf("%s of %d banks hold %g bits", o, spec.Banks, bits)
		}
	})
}

func (f *Figures) figures() []float64 {
	return []float64{
		float64(f.Area.Total), float64(f.Read.Total), float64(f.Write.Total),
		float64(f.ReadEnergy.Total), float64(f.WriteEnergy.Total), float64(f.Leakage),
	}
}

// TestExhaustive checks the pruned search against the plain one.
func TestExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n, k := drawSolver(t)
		c := drawCell(t, n, k)
		spec := drawSpec(t, &c)
		f := solve(t, s, &c, spec)
		sh := s.shape(&spec)
		p := s.c.cellPart(&c)
		sh.verify(&p)
		_, limit, err := s.candidates(&c, &p, &sh)
		if err != nil {
			t.Fatal(err)
		}
		least, at := math.Inf(1), -1
		var m metrics
		for i := range s.grid {
			if s.grid[i].core > limit {
				continue
			}
			if cost := s.solve(i, &p, &sh, &m); cost < least {
				least, at = cost, i
			}
		}
		s.solve(at, &p, &sh, &m)
		var want Figures
		s.report(&s.grid[at], &p, &sh, &m, &want)
		if want != f {
			t.Errorf("search found %v, the best is %v", f.Organisation, want.Organisation)
		}
	})
}

// TestEach checks that the listed organisations differ, that none is better by
// the target than the one Solve finds, and that this is among them.
func TestEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n, k := drawSolver(t)
		c := drawCell(t, n, k)
		spec := drawSpec(t, &c)
		best := solve(t, s, &c, spec)
		seen := map[Organisation]bool{}
		if err := s.Each(&c, &spec, func(f *Figures) bool {
			if seen[f.Organisation] {
				t.Errorf("%s twice", f.Organisation)
			}
			seen[f.Organisation] = true
			if a, b := targetCost(spec.Target, f), targetCost(spec.Target, &best); a < b*(1-1e-9) {
				t.Errorf("%s: %s costs %g, the search found %s with %g", spec.Target, f.Organisation, a, best.Organisation, b)
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if !seen[best.Organisation] {
			t.Errorf("%s is not listed", best.Organisation)
		}
	})
}

// TestMonotone checks that a larger buffer costs more: area always, and the
// target whatever it is.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n, k := drawSolver(t)
		c := drawCell(t, n, k)
		spec := drawSpec(t, &c)
		spec.AreaSlack = 1e6 // the slack is relative to an optimum that moves
		small := solve(t, s, &c, spec)
		spec.Capacity *= units.Bytes(rapid.SampledFrom([]float64{1.5, 2, 4}).Draw(t, "growth"))
		large := solve(t, s, &c, spec)
		if a, b := targetCost(spec.Target, &small), targetCost(spec.Target, &large); b < a*(1-1e-9) {
			t.Errorf("%s falls from %g to %g with capacity", spec.Target, a, b)
		}
	})
}

// TestScaling checks dimensions and physics: a larger cell, a longer pulse, a
// hotter chip, more check bits and a second port do not come free.
func TestScaling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n, k := drawSolver(t)
		c := drawCell(t, n, k)
		spec := drawSpec(t, &c)
		spec.Rows, spec.Columns = 256, 512
		spec.Target, spec.AreaSlack = LeastArea, 0
		if spec.WordBits > 512*16 || float64(spec.Capacity)*8/float64(spec.WordBits)/float64(spec.Banks) < 256 {
			t.Skip("too small for the subarray")
		}
		base := solve(t, s, &c, spec)

		big := c
		big.Width *= 2
		big.Height *= 2
		if f := solve(t, s, &big, spec); f.Organisation == base.Organisation {
			if !close2(float64(f.Area.Cells), 4*float64(base.Area.Cells)) {
				t.Errorf("cells of four times the area take %g, were %g", f.Area.Cells, base.Area.Cells)
			}
			// Latency may fall a little: wider cells leave room for wider lines.
			// A bank as small as the tracks of its word takes the same area with larger cells.
			sh := s.shape(&spec)
			tracks := close2(float64(f.Geometry.BankSide), sh.trunkSide) || close2(float64(f.Area.Total), sh.busSide*sh.busSide)
			if f.Area.Total < base.Area.Total || f.Area.Total == base.Area.Total && !tracks {
				t.Errorf("larger cells take %g m2, were %g", float64(f.Area.Total), float64(base.Area.Total))
			}
			if f.ReadEnergy.Total <= base.ReadEnergy.Total || f.WriteEnergy.Total <= base.WriteEnergy.Total {
				t.Errorf("larger cells read and write with %g and %g J, were %g and %g", f.ReadEnergy.Total, f.WriteEnergy.Total, base.ReadEnergy.Total, base.WriteEnergy.Total)
			}
		}
		if c.Technology != device.SRAM {
			slow := c
			slow.WritePulse += 5e-9
			f := solve(t, s, &slow, spec)
			if f.Organisation == base.Organisation && (math.Abs(float64(f.WriteCycle-base.WriteCycle)-5e-9) > 1e-12 || f.WriteEnergy.Total <= base.WriteEnergy.Total || f.Read != base.Read) {
				t.Error("a longer pulse is not in the write cycle and energy alone")
			}
			strong := c
			strong.WriteCurrent *= 2
			if f := solve(t, s, &strong, spec); f.Violations.WriteDrive <= base.Violations.WriteDrive {
				t.Error("twice the write current is no harder to drive")
			}
		}
		if spec.ECC == NoECC {
			coded := spec
			coded.ECC = SECDED
			f := solve(t, s, &c, coded)
			if f.StoredBits <= base.StoredBits || f.Area.Total <= base.Area.Total || f.Area.Check <= 0 {
				t.Error("check bits are free")
			}
		}
		if spec.Ports == SinglePort && c.Technology != device.STT {
			two := spec
			two.Ports = OneReadOneWrite
			if f := solve(t, s, &c, two); f.Area.Total <= base.Area.Total {
				t.Error("the second port is free")
			}
		}
	})
}

func TestSpecErrors(t *testing.T) {
	s, n := testSolver(t, "14nm", tech.LowOperatingPower)
	c := bitcell.SRAM(n, bitcell.HighDensity, false, 350)
	for want, change := range map[string]func(*Spec){
		"banks 0":                              func(s *Spec) { s.Banks = 0 },
		"word 4 bit":                           func(s *Spec) { s.WordBits = 4 },
		"capacity 10B is outside 256B to 1TiB": func(s *Spec) { s.Capacity = 10 },
		"area slack":                           func(s *Spec) { s.AreaSlack = math.NaN() },
		"rows 3":                               func(s *Spec) { s.Rows = 3 },
		"columns 7":                            func(s *Spec) { s.Columns = 7 },
		"no name":                              func(s *Spec) { s.Target = 99 },
	} {
		spec := DefaultSpec()
		change(&spec)
		var f Figures
		if err := s.Solve(&c, &spec, &f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	broken := c
	broken.ReadCurrent = 0
	spec := DefaultSpec()
	var f Figures
	if err := s.Solve(&broken, &spec, &f); err == nil {
		t.Error("a cell without read current accepted")
	}
	if _, err := NewSolver(n, Options{Temperature: 500}); err == nil {
		t.Error("500 K accepted")
	}
	if _, err := ParseTarget("speed"); err == nil || !strings.Contains(err.Error(), "read-edp") {
		t.Errorf("unknown target: %v", err)
	}
}

// TestWriteDrive checks that a cell whose path leaves nothing of the supply is
// a value, and that a supply of its own makes it feasible.
func TestWriteDrive(t *testing.T) {
	s, n := testSolver(t, "22nm-itrs", tech.LowOperatingPower)
	u := bitcell.User{
		Technology: device.STT, AreaF2: 54, Aspect: 0.54, AccessF: 8, On: 3000, Off: 6000, ReadVoltage: 0.25,
		WriteCurrent: 80e-6, WritePulse: 10e-9,
	}
	spec := DefaultSpec()
	var f Figures
	for _, v := range []units.Voltage{0, 1.25} {
		u.WriteVoltage = v
		c, err := u.Cell(n, 350)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Solve(&c, &spec, &f); err != nil {
			t.Fatal(err)
		}
		if (f.Violations.Worst() == 0) != (v > 0) {
			t.Errorf("write supply %g V: violation %g", v, f.Violations.WriteDrive)
		}
	}
}

func TestCheckBits(t *testing.T) {
	for _, c := range []struct{ code, data, codeword, stored int }{
		{int(NoECC), 128, 64, 128},
		{int(SECDED), 64, 64, 72},
		{int(SECDED), 32, 64, 39},
		{int(SECDED), 128, 64, 144},
		{int(DEC), 64, 64, 78},
		{int(DECTED), 64, 64, 79},
		{int(SECDED), 96, 64, 72 + 39},
		{int(SECDED), 512, 512, 523},
		{int(DEC), 1024, 512, 1064},
		{int(DECTED), 512, 512, 533},
	} {
		if got := ECC(c.code).WordBits(c.data, c.codeword); got != c.stored {
			t.Errorf("%s: %d data bits are stored in %d, want %d", ECC(c.code), c.data, got, c.stored)
		}
	}
}

// TestSolveAllocatesNothing also checks that a solver's history leaves no trace.
func TestSolveAllocatesNothing(t *testing.T) {
	s, n := testSolver(t, "7nm", tech.HighPerformance)
	c := bitcell.SRAM(n, bitcell.HighDensity, false, 350)
	spec := DefaultSpec()
	spec.Capacity, spec.Banks, spec.WordBits, spec.ECC = 32<<20, 16, 256, SECDED
	var first, again Figures
	if err := s.Solve(&c, &spec, &first); err != nil {
		t.Fatal(err)
	}
	other := DefaultSpec()
	if a := testing.AllocsPerRun(50, func() {
		if s.Solve(&c, &other, &again) != nil || s.Solve(&c, &spec, &again) != nil {
			t.Fatal("solve")
		}
	}); a != 0 {
		t.Errorf("%g allocations", a)
	}
	if first != again {
		t.Error("the same input gives another output")
	}
}

// TestOnePathOnePort: an STT cell is read and written over the same bitlines.
func TestOnePathOnePort(t *testing.T) {
	s, n := testSolver(t, "14nm", tech.LowOperatingPower)
	u := bitcell.User{
		Technology: device.STT, Area: 0.03e-12, Aspect: 1, AccessWidth: 100e-9, On: 3e3, Off: 6e3, ReadVoltage: 0.2, WriteCurrent: 80e-6, WritePulse: 10e-9,
	}
	c, err := u.Cell(n, 350)
	if err != nil {
		t.Fatal(err)
	}
	spec := DefaultSpec()
	var f Figures
	if err := s.Solve(&c, &spec, &f); err != nil {
		t.Fatal(err)
	}
	spec.Ports = OneReadOneWrite
	if err := s.Solve(&c, &spec, &f); err == nil {
		t.Error("a second port of an STT cell is accepted")
	}
}
