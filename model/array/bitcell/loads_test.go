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

// TestLoads: what another model knows of a cell stands in place of what its area and
// transistors imply, each figure alone; currents only as a pair, further attempts only
// above one.
func TestLoads(t *testing.T) {
	n := paper(t)
	u := User{
		Technology: device.SOT, Area: 0.06e-12, Aspect: 1.5, AccessWidth: 50e-9, On: 8e3, Off: 20e3, ReadVoltage: 0.2,
		WriteCurrent: 60e-6, WritePulse: 1e-9, WritePath: 900, WriteEnergy: 1e-14,
	}
	cell := func(l Loads) device.Cell {
		t.Helper()
		v := u
		v.Loads = l
		c, err := v.Cell(n, 300)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	plain := cell(Loads{})
	for what, c := range map[string]struct {
		loads Loads
		apply func(c *device.Cell)
	}{
		"nothing":       {Loads{}, func(*device.Cell) {}},
		"read gate":     {Loads{ReadGate: 3e-17}, func(c *device.Cell) { c.ReadGateCap = 3e-17 }},
		"write gate":    {Loads{WriteGate: 4e-17}, func(c *device.Cell) { c.WriteGateCap = 4e-17 }},
		"read drain":    {Loads{ReadDrain: 5e-17}, func(c *device.Cell) { c.ReadDrainCap = 5e-17 }},
		"write drain":   {Loads{WriteDrain: 6e-17}, func(c *device.Cell) { c.WriteDrainCap = 6e-17 }},
		"path":          {Loads{Path: 2500}, func(c *device.Cell) { c.WriteResistance = 2500 }},
		"currents":      {Loads{Parallel: 20e-6, Antiparallel: 12e-6}, func(c *device.Cell) { c.ReadCurrent, c.SenseCurrent = 16e-6, 4e-6 }},
		"one current":   {Loads{Parallel: 20e-6}, func(*device.Cell) {}},
		"the other":     {Loads{Antiparallel: 20e-6}, func(*device.Cell) {}},
		"supply energy": {Loads{SupplyEnergy: 2e-13, CellEnergy: true}, func(c *device.Cell) { c.WriteEnergy = 2e-13 }},
		"cell energy":   {Loads{CellEnergy: true}, func(c *device.Cell) { c.WriteEnergy = 0 }},
		"sensing":       {Loads{Sense: 1.7}, func(c *device.Cell) { c.SenseFactor = 1.7 }},
		"one attempt":   {Loads{Tries: 1, Failure: 0.1}, func(*device.Cell) {}},
		"attempts":      {Loads{Tries: 3, Failure: 1e-3}, func(c *device.Cell) { c.WriteTries, c.WriteFailure = 3, 1e-3 }},
	} {
		got, want := cell(c.loads), plain
		c.apply(&want)
		holdCell(t, got, want)
		if t.Failed() {
			t.Fatal(what)
		}
		if got.SenseFactor != want.SenseFactor || got.WriteTries != want.WriteTries || got.WriteFailure != want.WriteFailure {
			t.Errorf("%s: %g, %d, %g", what, got.SenseFactor, got.WriteTries, got.WriteFailure)
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
