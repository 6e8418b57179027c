package bitcell

import (
	"testing"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// TestPropertiesByHand: what a cell may give, in SI: anything that was ever drawn or
// measured, and the units of the keys of NVSim's files.
func TestPropertiesByHand(t *testing.T) {
	want := []struct {
		name      string
		dim       units.Dimension
		low, high float64
		nvsim     string
	}{
		{"area", units.DimArea, 1e-17, 1e-10, ""},
		{"area_f2", units.DimRatio, 1, 1e5, "CellArea (F^2)"},
		{"aspect", units.DimRatio, 0.05, 20, "CellAspectRatio"},
		{"access_width", units.DimLength, 1e-9, 1e-4, ""},
		{"access_f", units.DimRatio, 0.1, 1e4, "AccessCMOSWidth (F)"},
		{"down_f", units.DimRatio, 0.1, 1e3, "SRAMCellNMOSWidth (F)"},
		{"up_f", units.DimRatio, 0.1, 1e3, "SRAMCellPMOSWidth (F)"},
		{"r_on", units.DimResistance, 1, 1e9, "ResistanceOn (ohm)"},
		{"r_off", units.DimResistance, 1, 1e9, "ResistanceOff (ohm)"},
		{"read_voltage", units.DimVoltage, 1e-3, 5, "ReadVoltage (V)"},
		{"read_current", units.DimCurrent, 1e-9, 1e-2, "ReadCurrent (uA)"},
		{"read_delay", units.DimTime, 1e-15, 1e-6, ""},
		{"write_current", units.DimCurrent, 1e-9, 1e-1, "SetCurrent (uA),ResetCurrent (uA)"},
		{"write_pulse", units.DimTime, 1e-12, 1e-3, "SetPulse (ns),ResetPulse (ns)"},
		{"write_voltage", units.DimVoltage, 0.01, 20, "SetVoltage (V),ResetVoltage (V)"},
		{"write_resistance", units.DimResistance, 1, 1e9, ""},
		{"write_energy", units.DimEnergy, 1e-21, 1e-6, "SetEnergy (pJ),ResetEnergy (pJ)"},
		{"leakage", units.DimCurrent, 1e-21, 1e-3, ""},
		{"read_gate_cap", units.DimCapacitance, 1e-21, 1e-12, ""},
		{"write_gate_cap", units.DimCapacitance, 1e-21, 1e-12, ""},
		{"read_drain_cap", units.DimCapacitance, 1e-21, 1e-12, ""},
		{"write_drain_cap", units.DimCapacitance, 1e-21, 1e-12, ""},
		{"parallel_current", units.DimCurrent, 1e-12, 1e-2, ""},
		{"antiparallel_current", units.DimCurrent, 1e-12, 1e-2, ""},
		{"sense_factor", units.DimRatio, 0.1, 10, ""},
		{"write_path", units.DimResistance, 1, 1e9, ""},
		{"supply_energy", units.DimEnergy, 1e-21, 1e-6, ""},
		{"write_tries", units.DimRatio, 1, 64, ""},
		{"write_failure", units.DimRatio, 0, 1, ""},
		{"retention", units.DimTime, 1e-9, 1e12, ""},
		{"endurance", units.DimRatio, 1, 1e30, ""},
	}
	all := Properties()
	if len(all) != len(want) {
		t.Fatalf("%d properties, want %d", len(all), len(want))
	}
	for i, w := range want {
		p := &all[i]
		if p.Name != w.name || p.Dim != w.dim || p.Low != w.low || p.High != w.high || p.NVSim != w.nvsim || p.Whole != (w.name == "write_tries") {
			t.Errorf("%+v, want %+v", p, w)
		}
		// Each has a place of its own.
		var u User
		p.Set(&u, 7)
		for j := range all {
			if got := all[j].Get(&u); (got == 7) != (i == j) || got != 7 && got != 0 {
				t.Errorf("%s set to 7 makes %s %g", p.Name, all[j].Name, got)
			}
		}
	}
}

// TestBuiltIn: the names that stco array has for cells of no table.
func TestBuiltIn(t *testing.T) {
	if got := BuiltIn(); len(got) != 4 || got[0] != "sram" || got[1] != "sram-hp" || got[2] != "stt" || got[3] != "sot" {
		t.Errorf("%v", got)
	}
}

// TestFromTable: the values of a user's table are those of the cell.
func TestFromTable(t *testing.T) {
	built, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	row := func(quantity, value, unit string) tech.UserRow {
		return tech.UserRow{Entry: "c", Quantity: quantity, Value: value, Unit: unit, Kind: "user", Source: "us"}
	}
	tables, faults := built.Extend([]tech.UserTable{{Name: tech.CellTable, Rows: []tech.UserRow{
		row("technology", "sot", "name"), row("area", "0.03", "um^2"), row("write_current", "60", "uA"), row("retention", "5", "s"),
	}}}, func(_, quantity string) (tech.Limit, bool) {
		for _, p := range Properties() {
			if p.Name == quantity {
				return tech.Limit{Dim: p.Dim, Low: p.Low, High: p.High}, true
			}
		}
		return tech.Limit{Words: true, Choices: TechnologyNames()}, true
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	u, err := FromTable(tables, "c")
	if err != nil {
		t.Fatal(err)
	}
	if u.Technology != device.SOT || u.Aspect != 1 {
		t.Errorf("%+v", u)
	}
	hold(t, "area", float64(u.Area), 0.03e-12)
	hold(t, "write current", float64(u.WriteCurrent), 60e-6)
	hold(t, "retention", float64(u.Retention), 5)
	if names := Names(tables); len(names) != 1 || names[0] != "c" || Names(built) != nil {
		t.Errorf("cells %v, built in %v", names, Names(built))
	}
	if _, err := FromTable(tables, "d"); err == nil {
		t.Error("a cell that no table has")
	}
}
