package array

import (
	"math"
	"strings"
	"testing"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// TestStageEffort: as many stages as the path has powers of four, rounded, of
// equal effort.
func TestStageEffort(t *testing.T) {
	for _, c := range []struct{ path, stages, effort float64 }{
		{1.5, 1, 1.5},
		{4, 1, 4},
		{8, 1, 8},
		{8.41, 2, 2.9},
		{16, 2, 4},
		{32, 2, 5.656854},
		{128, 3, 5.039684},
		{512, 4, 4.756828},
		{31.36, 2, 5.6},
		{33, 3, 3.20753433},
		{64, 3, 4},
		{125, 3, 5},
		{130, 4, 3.37665},
		{256, 4, 4},
		{500, 4, 4.7287},
		{530, 5, 3.506349},
		{1024, 5, 4},
		{2000, 5, 4.57305},
		{4096, 6, 4},
		{65536, 8, 4},
	} {
		stages, effort := stageEffort(c.path)
		if stages != c.stages || math.Abs(effort/c.effort-1) > 1e-5 {
			t.Errorf("a path of %g has %g stages of %g, want %g of %g", c.path, stages, effort, c.stages, c.effort)
		}
	}
	for path := 1.0; path < 1e6; path *= 1.37 {
		if n, f := stageEffort(path); math.Abs(math.Pow(f, n)/path-1) > 1e-9 || n != math.Max(1, math.Round(math.Log2(path)/2)) {
			t.Errorf("%g stages of %g are no path of %g", n, f, path)
		}
	}
}

// TestDefaults are the figures of a Spec that docs/cli.md and the studies leave
// out.
func TestDefaults(t *testing.T) {
	want := Spec{Capacity: 1048576, Banks: 1, WordBits: 128, ECC: NoECC, Ports: SinglePort, Target: EDP, AreaSlack: 0.15}
	if got := DefaultSpec(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestRanges takes every field of a Spec to both ends of its range and beyond.
func TestRanges(t *testing.T) {
	for _, c := range []struct {
		ok   bool
		what string
		set  func(*Spec)
	}{
		{true, "", func(s *Spec) { s.Banks = 4096 }},
		{false, "banks 4097", func(s *Spec) { s.Banks = 4097 }},
		{false, "banks 0", func(s *Spec) { s.Banks = 0 }},
		{true, "", func(s *Spec) { s.WordBits = 8 }},
		{false, "word 7 bit", func(s *Spec) { s.WordBits = 7 }},
		{true, "", func(s *Spec) { s.WordBits = 65536 }},
		{false, "word 65537 bit", func(s *Spec) { s.WordBits = 65537 }},
		// 16 words of 128 bits are 256 bytes; of two banks, 512.
		{true, "", func(s *Spec) { s.Capacity = 256 }},
		{false, "capacity 255B is outside 256B to 1TiB", func(s *Spec) { s.Capacity = 255 }},
		{true, "", func(s *Spec) { s.Capacity, s.Banks = 512, 2 }},
		{false, "capacity 511B is outside 512B to 1TiB", func(s *Spec) { s.Capacity, s.Banks = 511, 2 }},
		{true, "", func(s *Spec) { s.Capacity = 1099511627776 }},
		{false, "capacity", func(s *Spec) { s.Capacity = 1099511627777 }},
		{true, "", func(s *Spec) { s.AreaSlack = 0 }},
		{true, "", func(s *Spec) { s.AreaSlack = 1e9 }},
		{false, "area slack -0.1", func(s *Spec) { s.AreaSlack = -0.1 }},
		{false, "area slack 1.1e+09", func(s *Spec) { s.AreaSlack = 1.1e9 }},
		{true, "", func(s *Spec) { s.Rows = 16 }},
		{true, "", func(s *Spec) { s.Rows = 32768 }},
		{false, "rows 15", func(s *Spec) { s.Rows = 15 }},
		{false, "rows 32769", func(s *Spec) { s.Rows = 32769 }},
		{false, "rows -1", func(s *Spec) { s.Rows = -1 }},
		{true, "", func(s *Spec) { s.Columns = 16 }},
		{true, "", func(s *Spec) { s.Columns = 131072 }},
		{false, "columns 15", func(s *Spec) { s.Columns = 15 }},
		{false, "columns 131073", func(s *Spec) { s.Columns = 131073 }},
		{true, "", func(s *Spec) { s.ECC, s.Ports, s.Target = DEC, OneReadOneWrite, LeastLeakage }},
		{false, "no name", func(s *Spec) { s.ECC = 4 }},
		{true, "", func(s *Spec) { s.ECC, s.Codeword = DECTED, 512 }},
		{false, "codeword 7 bit", func(s *Spec) { s.Codeword = 7 }},
		{false, "codeword 4097 bit", func(s *Spec) { s.Codeword = 4097 }},
		{false, "no name", func(s *Spec) { s.Ports = 2 }},
		{false, "no name", func(s *Spec) { s.Target = 9 }},
		{false, "banks 0 is outside 1 to 4096; word 1 bit is outside 8 to 65536 bit", func(s *Spec) { s.Banks, s.WordBits = 0, 1 }},
	} {
		s := DefaultSpec()
		c.set(&s)
		err := s.Validate()
		if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), c.what) {
			t.Errorf("%+v: %v, want %q", s, err, c.what)
		}
	}
}

// TestNames: every choice has its name, and no other.
func TestNames(t *testing.T) {
	for i, name := range strings.Fields("edp read-latency write-latency read-energy write-energy read-edp write-edp area leakage") {
		if got, err := ParseTarget(name); err != nil || got != Target(i) || Target(i).String() != name {
			t.Errorf("target %s is %v, %v", name, got, err)
		}
	}
	for i, name := range []string{"single", "1r1w"} {
		if got, err := ParsePorts(name); err != nil || got != Ports(i) || Ports(i).String() != name {
			t.Errorf("ports %s are %v, %v", name, got, err)
		}
	}
	for i, name := range []string{"none", "secded", "dec", "dec-ted"} {
		if got, err := ParseECC(name); err != nil || got != ECC(i) || ECC(i).String() != name {
			t.Errorf("code %s is %v, %v", name, got, err)
		}
	}
	if Target(9).String() != "unknown" || Ports(2).String() != "unknown" || ECC(4).String() != "unknown" {
		t.Error("what does not exist has a name")
	}
	_, a := ParseTarget("EDP")
	_, b := ParsePorts("2rw")
	_, c := ParseECC("bch")
	if a == nil || b == nil || c == nil || !strings.Contains(b.Error(), "single, 1r1w") {
		t.Errorf("unknown names: %v, %v, %v", a, b, c)
	}
	o := Organisation{Rows: 256, Columns: 512, Mux: 4, Active: 2, Subarrays: 8}
	if got := o.String(); got != "8 x (256 rows x 512 columns, mux 4), 2 active" {
		t.Error(got)
	}
}

// TestCodeLengths are the shortest extended codes: Hamming (8,4) to (72,64),
// (137,128), BCH (79,64), (45,32) (Lin and Costello, Error Control Coding, 2004).
func TestCodeLengths(t *testing.T) {
	for _, c := range []struct{ data, single, double int }{
		{4, 4, 9}, {8, 5, 11}, {11, 5, 11}, {12, 6, 11}, {16, 6, 11}, {26, 6, 13}, {27, 7, 13}, {32, 7, 13}, {57, 7, 15}, {58, 8, 15}, {64, 8, 15}, {512, 11, 21},
	} {
		if n := NoECC.CheckBits(c.data); n != 0 {
			t.Errorf("no code has %d check bits", n)
		}
		if n := SECDED.CheckBits(c.data); n != c.single {
			t.Errorf("SECDED of %d bits has %d check bits, want %d", c.data, n, c.single)
		}
		if n := DECTED.CheckBits(c.data); n != c.double {
			t.Errorf("DEC-TED of %d bits has %d check bits, want %d", c.data, n, c.double)
		}
		if n := DEC.CheckBits(c.data); n != c.double-1 {
			t.Errorf("DEC of %d bits has %d check bits, want %d", c.data, n, c.double-1)
		}
	}
}

// TestViolations: met at 0, and the worst is never below it.
func TestViolations(t *testing.T) {
	for _, c := range []struct {
		v        Violations
		worst    float64
		feasible bool
	}{
		{Violations{}, 0, true}, {Violations{-1, -0.5}, 0, true}, {Violations{0.2, -1}, 0.2, false}, {Violations{-1, 0.3}, 0.3, false}, {Violations{0.1, 0.4}, 0.4, false},
	} {
		if c.v.Worst() != c.worst || (c.v.Worst() == 0) != c.feasible {
			t.Errorf("%+v: worst %g, feasible %v", c.v, c.v.Worst(), c.v.Worst() == 0)
		}
	}
}

// TestRefused: cells and temperatures beyond their limits, and not before.
func TestRefused(t *testing.T) {
	s, n := testSolver(t, "14nm", tech.LowOperatingPower)
	for temperature, ok := range map[units.Temperature]bool{199.9: false, 200: true, 430: true, 430.1: false} {
		if _, err := NewSolver(n, Options{Temperature: temperature, Circuits: s.opts.Circuits}); (err == nil) != ok {
			t.Errorf("%g K: %v", float64(temperature), err)
		}
	}
	if _, err := NewSolver(n, Options{Temperature: 300}); err == nil || !strings.Contains(err.Error(), "circuit constants") {
		t.Errorf("no constants: %v", err)
	}
	good := device.Cell{
		Technology: device.SOT, Width: 2e-7, Height: 2e-7, ReadGateCap: 1e-16, WriteGateCap: 1e-16, ReadDrainCap: 1e-16, WriteDrainCap: 1e-16,
		ReadCurrent: 2e-5, SenseCurrent: 1e-5, ReadVoltage: 0.2, WriteCurrent: 1e-4, WritePulse: 1e-9, WriteResistance: 1000,
	}
	var f Figures
	for what, spoil := range map[string]func(c *device.Cell){
		"width": func(c *device.Cell) { c.Width = 0 }, "height": func(c *device.Cell) { c.Height = -1 },
		"read gate": func(c *device.Cell) { c.ReadGateCap = 0 }, "write gate": func(c *device.Cell) { c.WriteGateCap = 0 },
		"read drain": func(c *device.Cell) { c.ReadDrainCap = 0 }, "write drain": func(c *device.Cell) { c.WriteDrainCap = 0 },
		"infinite": func(c *device.Cell) { c.ReadCurrent = units.Current(math.Inf(1)) }, "current": func(c *device.Cell) { c.ReadCurrent = 0 },
		"write current": func(c *device.Cell) { c.WriteCurrent = 0 }, "pulse": func(c *device.Cell) { c.WritePulse = 0 },
		"read voltage": func(c *device.Cell) { c.ReadVoltage = 0 },
	} {
		bad, spec := good, DefaultSpec()
		spoil(&bad)
		if err := s.Solve(&bad, &spec, &f); err == nil || !strings.Contains(err.Error(), "bitcell needs") {
			t.Errorf("%s: %v", what, err)
		}
		if err := s.Each(&bad, &spec, func(*Figures) bool { return true }); err == nil {
			t.Errorf("%s: listed", what)
		}
	}
	spec := DefaultSpec()
	if err := s.Solve(&good, &spec, &f); err != nil {
		t.Error(err)
	}
	seen := 0
	if err := s.Each(&good, &spec, func(*Figures) bool { seen++; return seen < 3 }); err != nil || seen != 3 {
		t.Errorf("%d organisations after the third was the last: %v", seen, err)
	}
}
