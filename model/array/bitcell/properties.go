package bitcell

import (
	"fmt"
	"slices"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Property is a quantity that a user's cell may give: its name in files and tables
// of a user and what it may be, SI.
type Property struct {
	Name      string
	Dim       units.Dimension
	Low, High float64
	NVSim     string // keys of a cell file of NVSim, with their unit; the larger of several counts
	Whole     bool   // a count

	into func(u *User) *float64
}

// Get returns what a cell gives, 0 if nothing.
func (p *Property) Get(u *User) float64 { return *p.into(u) }

// Set gives a cell a value.
func (p *Property) Set(u *User, v float64) { *p.into(u) = v }

func property(name string, dim units.Dimension, low, high float64, nvsim string, into func(u *User) *float64) Property {
	return Property{Name: name, Dim: dim, Low: low, High: high, NVSim: nvsim, into: into}
}

// whole returns the property as a count.
func (p Property) whole() Property {
	p.Whole = true
	return p
}

// Properties lists what a user's cell may give beside its technology.
func Properties() []Property {
	return []Property{
		property("area", units.DimArea, 1e-17, 1e-10, "", func(u *User) *float64 { return (*float64)(&u.Area) }),
		property("area_f2", units.DimRatio, 1, 1e5, "CellArea (F^2)", func(u *User) *float64 { return &u.AreaF2 }),
		property("aspect", units.DimRatio, 0.05, 20, "CellAspectRatio", func(u *User) *float64 { return &u.Aspect }),
		property("access_width", units.DimLength, 1e-9, 1e-4, "", func(u *User) *float64 { return (*float64)(&u.AccessWidth) }),
		property("access_f", units.DimRatio, 0.1, 1e4, "AccessCMOSWidth (F)", func(u *User) *float64 { return &u.AccessF }),
		property("down_f", units.DimRatio, 0.1, 1e3, "SRAMCellNMOSWidth (F)", func(u *User) *float64 { return &u.DownF }),
		property("up_f", units.DimRatio, 0.1, 1e3, "SRAMCellPMOSWidth (F)", func(u *User) *float64 { return &u.UpF }),
		property("r_on", units.DimResistance, 1, 1e9, "ResistanceOn (ohm)", func(u *User) *float64 { return (*float64)(&u.On) }),
		property("r_off", units.DimResistance, 1, 1e9, "ResistanceOff (ohm)", func(u *User) *float64 { return (*float64)(&u.Off) }),
		property("read_voltage", units.DimVoltage, 1e-3, 5, "ReadVoltage (V)", func(u *User) *float64 { return (*float64)(&u.ReadVoltage) }),
		property("read_current", units.DimCurrent, 1e-9, 1e-2, "ReadCurrent (uA)", func(u *User) *float64 { return (*float64)(&u.ReadCurrent) }),
		property("read_delay", units.DimTime, 1e-15, 1e-6, "", func(u *User) *float64 { return (*float64)(&u.ReadDelay) }),
		property("write_current", units.DimCurrent, 1e-9, 1e-1, "SetCurrent (uA),ResetCurrent (uA)", func(u *User) *float64 { return (*float64)(&u.WriteCurrent) }),
		property("write_pulse", units.DimTime, 1e-12, 1e-3, "SetPulse (ns),ResetPulse (ns)", func(u *User) *float64 { return (*float64)(&u.WritePulse) }),
		property("write_voltage", units.DimVoltage, 0.01, 20, "SetVoltage (V),ResetVoltage (V)", func(u *User) *float64 { return (*float64)(&u.WriteVoltage) }),
		property("write_resistance", units.DimResistance, 1, 1e9, "", func(u *User) *float64 { return (*float64)(&u.WritePath) }),
		property("write_energy", units.DimEnergy, 1e-21, 1e-6, "SetEnergy (pJ),ResetEnergy (pJ)", func(u *User) *float64 { return (*float64)(&u.WriteEnergy) }),
		property("leakage", units.DimCurrent, 1e-21, 1e-3, "", func(u *User) *float64 { return (*float64)(&u.CellLeakage) }),
		property("read_gate_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.ReadGate) }),
		property("write_gate_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.WriteGate) }),
		property("read_drain_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.ReadDrain) }),
		property("write_drain_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.WriteDrain) }),
		property("parallel_current", units.DimCurrent, 1e-12, 1e-2, "", func(u *User) *float64 { return (*float64)(&u.Parallel) }),
		property("antiparallel_current", units.DimCurrent, 1e-12, 1e-2, "", func(u *User) *float64 { return (*float64)(&u.Antiparallel) }),
		property("sense_factor", units.DimRatio, 0.1, 10, "", func(u *User) *float64 { return &u.Sense }),
		property("write_path", units.DimResistance, 1, 1e9, "", func(u *User) *float64 { return (*float64)(&u.Path) }),
		property("supply_energy", units.DimEnergy, 1e-21, 1e-6, "", func(u *User) *float64 { return (*float64)(&u.SupplyEnergy) }),
		property("write_tries", units.DimRatio, 1, 64, "", func(u *User) *float64 { return &u.Tries }).whole(),
		property("write_failure", units.DimRatio, 0, 1, "", func(u *User) *float64 { return &u.Failure }),
		property("retention", units.DimTime, 1e-9, 1e12, "", func(u *User) *float64 { return (*float64)(&u.Retention) }),
		property("endurance", units.DimRatio, 1, 1e30, "", func(u *User) *float64 { return &u.Endurance }),
	}
}

// TechnologyNames are the technologies of cells as files have them, in the order
// of device.Technology.
func TechnologyNames() []string {
	return []string{device.SRAM.String(), device.SOT.String(), device.STT.String()}
}

// BuiltIn lists the cells of stco array that no table has: of the node, and of the
// reference runs of other tools (Preset).
func BuiltIn() []string { return []string{"sram", "sram-hp", "stt", "sot"} }

// Names lists the bitcells of a user's table.
func Names(t *tech.Tables) []string {
	tab, err := t.Table(tech.CellTable)
	if err != nil {
		return nil // no such table is built in
	}
	return tab.EntryNames()
}

// FromTable returns a bitcell of a user's table. What it lacks is told by Cell.
func FromTable(t *tech.Tables, name string) (*User, error) {
	e, err := t.Entry(tech.CellTable, name)
	if err != nil {
		return nil, fmt.Errorf("cell: %w", err)
	}
	u := &User{Aspect: 1}
	technology, err := e.Value("technology")
	if err != nil {
		return nil, fmt.Errorf("a cell needs a technology (sram, sot, stt): %w", err)
	}
	u.Technology = device.Technology(slices.Index(TechnologyNames(), technology.Text))
	for _, f := range Properties() {
		if x, err := e.Value(f.Name); err == nil {
			f.Set(u, x.SI)
		}
	}
	return u, nil
}
