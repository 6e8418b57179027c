package catalog_test

import (
	"math"
	"strings"
	"testing"

	"stco/experiments/study/catalog"
	"stco/model/device"
)

// TestParseCell: a cell of our own and a cell file of NVSim with the quantities
// on paper: of a set and a reset the larger counts, units are the keys'.
func TestParseCell(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s: %g, want %g", what, got, want)
		}
	}
	u, err := catalog.ParseCell("c.yaml", []byte("{technology: sot, area: 0.03um^2, r_on: 8kOhm, write_current: 60uA, write_pulse: 1ns, write_voltage: 0.02V, write_energy: 50fJ, aspect: 2}"))
	if err != nil {
		t.Fatal(err)
	}
	near("area", float64(u.Area), 0.03e-12)
	near("resistance", float64(u.On), 8000)
	near("current", float64(u.WriteCurrent), 60e-6)
	near("pulse", float64(u.WritePulse), 1e-9)
	near("voltage", float64(u.WriteVoltage), 0.02)
	near("energy", float64(u.WriteEnergy), 50e-15)
	near("aspect", u.Aspect, 2)
	if u.Technology != device.SOT {
		t.Errorf("technology %s", u.Technology)
	}
	u, err = catalog.ParseCell("c.cell", []byte(`-MemCellType: MRAM
-CellArea (F^2): 54 // of the paper
-CellAspectRatio: 0.54
-ResistanceOn (ohm): 3000
-ReadMode: current
-ReadVoltage (V): 0.25
-SetCurrent (uA): 80
-ResetCurrent (uA): 90
-SetPulse (ns): 10
-ResetPulse (ns): 9
-SetEnergy (pJ): 1.5e-9
-ResetEnergy (pJ): 1
-SetVoltage (V): 0.05
`))
	if err != nil {
		t.Fatal(err)
	}
	near("area", u.AreaF2, 54)
	near("aspect", u.Aspect, 0.54)
	near("resistance", float64(u.On), 3000)
	near("read voltage", float64(u.ReadVoltage), 0.25)
	near("current", float64(u.WriteCurrent), 90e-6)
	near("pulse", float64(u.WritePulse), 10e-9)
	near("energy", float64(u.WriteEnergy), 1e-12)
	near("voltage", float64(u.WriteVoltage), 0.05)
	if u.Technology != device.STT {
		t.Errorf("technology %s", u.Technology)
	}
}

// TestParseCellWrong: a key without its unit names the one with it, a misspelled
// one those that are near, and every fault has its line.
func TestParseCellWrong(t *testing.T) {
	_, err := catalog.ParseCell("c.cell", []byte("-MemCellType: FLASH\n-CellArea: 54\n-CellAspektRatio: 1\n-SetPulse (ns): long\n-SetEnergy (pJ): 1e9\n-SetVoltage (V): 0.001\n-RetentionTime: 3\n"))
	want := []string{
		`c.cell:1:1: MemCellType: "FLASH" is not SRAM`, `c.cell:2:1: CellArea: unknown key; want "CellArea (F^2)", with its unit`,
		"c.cell:3:1: CellAspektRatio: unknown key; did you mean CellAspectRatio", `c.cell:4:17: SetPulse (ns): "long" is no number from 1ps to 1ms`,
		`c.cell:5:18: SetEnergy (pJ): "1e9" is no number`, `c.cell:6:18: SetVoltage (V): "0.001" is no number from 10mV to 20V`,
		`c.cell:7:1: RetentionTime: unknown key; want "RetentionTime (us)", with its unit`,
	}
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%v", err)
	}
	for i, w := range want {
		if !strings.HasPrefix(lines[i], w) {
			t.Errorf("%q, want %q", lines[i], w)
		}
	}
	for _, bad := range []string{"write_voltage: 5mV", "write_voltage: 21V", "write_energy: 2uJ", "write_energy: 1e-22J", "area: 1mm^2", "write_tries: 0.5", "write_failure: 2"} {
		key, _, _ := strings.Cut(bad, ":")
		if _, err := catalog.ParseCell("c.yaml", []byte("{technology: stt, "+bad+"}")); err == nil || !strings.Contains(err.Error(), key+": ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := catalog.ParseCell("c.yaml", []byte("{area: 1um^2}")); err == nil || !strings.Contains(err.Error(), "technology: missing") {
		t.Errorf("no technology: %v", err)
	}
}
