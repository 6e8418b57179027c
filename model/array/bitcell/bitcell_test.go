package bitcell

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

func node(t testing.TB, name string) (*tech.Tables, *tech.Node) {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	n, err := tables.Node(name, tech.LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	return tables, n
}

// TestReferenceCells holds the presets to the statement of the reference runs:
// 146 F^2 of SRAM and 54 F^2 of STT at 22 nm, 163 and 275.5 F^2 of SOT at 14 and
// 7 nm, half of the SRAM cells there, within the rounding of its figures.
func TestReferenceCells(t *testing.T) {
	for _, c := range []struct {
		node       string
		technology device.Technology
		squares    float64
	}{
		{"22nm-itrs", device.SRAM, 146},
		{"14nm", device.SRAM, 326.48},
		{"7nm", device.SRAM, 550.88},
		{"5nm", device.SRAM, 840},
		{"22nm-itrs", device.STT, 54},
		{"22nm-itrs", device.SOT, 40},
		{"14nm", device.SOT, 163},
		{"7nm", device.SOT, 275.5},
	} {
		tables, n := node(t, c.node)
		cell := SRAM(n, HighDensity, false, 300)
		if c.technology != device.SRAM {
			u, err := Preset(tables, c.technology, n)
			if err != nil {
				t.Fatal(err)
			}
			if cell, err = u.Cell(n, 300); err != nil {
				t.Fatal(err)
			}
		}
		f := float64(n.Feature)
		if got := float64(cell.Area()) / (f * f); math.Abs(got/c.squares-1) > 1e-3 {
			t.Errorf("%s %s has %.2f F^2, the reference %g", c.node, c.technology, got, c.squares)
		}
	}
}

// TestUserCell checks Ohm's law of a read and what a user cell need not state.
func TestUserCell(t *testing.T) {
	_, n := node(t, "14nm")
	rapid.Check(t, func(t *rapid.T) {
		f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
		on, read := f("on", 2e3, 5e4), f("read", 0.05, 0.4)
		u := User{
			Technology: device.Technology(rapid.IntRange(1, 2).Draw(t, "technology")), Area: units.Area(f("area", 1e-15, 1e-13)), Aspect: f("aspect", 0.3, 3),
			On: units.Resistance(on), Off: units.Resistance(on * f("ratio", 1.2, 4)), ReadVoltage: units.Voltage(read),
			WriteCurrent: units.Current(f("write", 1e-5, 3e-4)), WritePulse: units.Time(f("pulse", 1e-10, 1e-7)),
		}
		c, err := u.Cell(n, 350)
		// A fin, or what carries the write current, under one gate pitch.
		width := max(float64(n.FinWidth), float64(u.WriteCurrent)/(float64(n.OnCurrentAt(350))*n.AccessDerating))
		if room := width / float64(n.FinWidth) * float64(n.FinPitch) * float64(n.GatePitch); room > float64(u.Area) {
			if err == nil || !strings.Contains(err.Error(), "more than the cell") {
				t.Errorf("a cell of %g m^2 holds a transistor of %g (%v)", float64(u.Area), room, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(c.Area()); math.Abs(got/float64(u.Area)-1) > 1e-9 || math.Abs(float64(c.Width/c.Height)/u.Aspect-1) > 1e-9 {
			t.Errorf("area %g with aspect %g, want %g and %g", got, float64(c.Width/c.Height), float64(u.Area), u.Aspect)
		}
		parallel, anti := float64(c.ReadCurrent+c.SenseCurrent), float64(c.ReadCurrent-c.SenseCurrent)
		if access := read/parallel - on; access <= 0 || math.Abs(read/anti-float64(u.Off)-access) > 1e-6*on {
			t.Errorf("currents %g and %g do not come from %g V over the junction and one transistor", parallel, anti, read)
		}
		// The same cell, read by a current through the on resistance.
		w := u
		w.ReadVoltage, w.ReadCurrent = 0, units.Current(read/on)
		d, err := w.Cell(n, 350)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(d.ReadCurrent/c.ReadCurrent)-1) > 1e-9 {
			t.Errorf("read current %g, by voltage %g", d.ReadCurrent, c.ReadCurrent)
		}
		// Without a width the transistor carries the write current.
		if v := float64(c.WriteCurrent) * float64(c.WriteResistance); v <= 0 {
			t.Errorf("no write voltage")
		}
		wide := u
		wide.AccessWidth = 100 * n.FinWidth
		if room := 100 * n.FinPitch * n.GatePitch; float64(room) > float64(c.Area()) {
			if _, err := wide.Cell(n, 350); err == nil || !strings.Contains(err.Error(), "more than the cell") {
				t.Errorf("a transistor larger than its cell: %v", err)
			}
			return
		}
		if e, err := wide.Cell(n, 350); err != nil || e.WriteResistance > c.WriteResistance || e.ReadGateCap <= 0 {
			t.Errorf("a wide transistor has more resistance: %g, %g (%v)", e.WriteResistance, c.WriteResistance, err)
		}
	})
}

// TestSRAMCell checks the order of the cells of a node and the 8T cell.
func TestSRAMCell(t *testing.T) {
	for _, name := range []string{"22nm", "14nm", "7nm", "5nm"} {
		_, n := node(t, name)
		dense, fast := SRAM(n, HighDensity, false, 350), SRAM(n, HighSpeed, false, 350)
		if fast.Area() <= dense.Area() || fast.ReadCurrent <= dense.ReadCurrent || fast.Leakage <= dense.Leakage {
			t.Errorf("%s: the fast cell is not larger, faster and leakier", name)
		}
		if eight := SRAM(n, HighDensity, true, 350); eight.Area() <= dense.Area() || eight.Leakage <= dense.Leakage {
			t.Errorf("%s: the read port is free", name)
		}
		if cold := SRAM(n, HighDensity, false, 300); cold.Leakage >= dense.Leakage {
			t.Errorf("%s: leakage does not rise with temperature", name)
		}
	}
}

// TestMissing checks that a cell names all it lacks.
func TestMissing(t *testing.T) {
	_, n := node(t, "7nm")
	u := User{Technology: device.SOT, Aspect: -1}
	_, err := u.Cell(n, 300)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"area", "aspect", "r_on", "r_off", "read_voltage", "write_current", "write_pulse"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
}
