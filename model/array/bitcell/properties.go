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

	into func(u *User) *float64
}

// Get returns what a cell gives, 0 if nothing.
func (p *Property) Get(u *User) float64 { return *p.into(u) }

// Set gives a cell a value.
func (p *Property) Set(u *User, v float64) { *p.into(u) = v }

// Properties lists what a user's cell may give beside its technology.
func Properties() []Property {
	return []Property{
		{"area", units.DimArea, 1e-17, 1e-10, "", func(u *User) *float64 { return (*float64)(&u.Area) }},
		{"area_f2", units.DimRatio, 1, 1e5, "CellArea (F^2)", func(u *User) *float64 { return &u.AreaF2 }},
		{"aspect", units.DimRatio, 0.05, 20, "CellAspectRatio", func(u *User) *float64 { return &u.Aspect }},
		{"access_width", units.DimLength, 1e-9, 1e-4, "", func(u *User) *float64 { return (*float64)(&u.AccessWidth) }},
		{"access_f", units.DimRatio, 0.1, 1e4, "AccessCMOSWidth (F)", func(u *User) *float64 { return &u.AccessF }},
		{"down_f", units.DimRatio, 0.1, 1e3, "SRAMCellNMOSWidth (F)", func(u *User) *float64 { return &u.DownF }},
		{"up_f", units.DimRatio, 0.1, 1e3, "SRAMCellPMOSWidth (F)", func(u *User) *float64 { return &u.UpF }},
		{"r_on", units.DimResistance, 1, 1e9, "ResistanceOn (ohm)", func(u *User) *float64 { return (*float64)(&u.On) }},
		{"r_off", units.DimResistance, 1, 1e9, "ResistanceOff (ohm)", func(u *User) *float64 { return (*float64)(&u.Off) }},
		{"read_voltage", units.DimVoltage, 1e-3, 5, "ReadVoltage (V)", func(u *User) *float64 { return (*float64)(&u.ReadVoltage) }},
		{"read_current", units.DimCurrent, 1e-9, 1e-2, "ReadCurrent (uA)", func(u *User) *float64 { return (*float64)(&u.ReadCurrent) }},
		{"read_delay", units.DimTime, 1e-15, 1e-6, "", func(u *User) *float64 { return (*float64)(&u.ReadDelay) }},
		{"write_current", units.DimCurrent, 1e-9, 1e-1, "SetCurrent (uA),ResetCurrent (uA)", func(u *User) *float64 { return (*float64)(&u.WriteCurrent) }},
		{"write_pulse", units.DimTime, 1e-12, 1e-3, "SetPulse (ns),ResetPulse (ns)", func(u *User) *float64 { return (*float64)(&u.WritePulse) }},
		{"write_voltage", units.DimVoltage, 0.01, 20, "SetVoltage (V),ResetVoltage (V)", func(u *User) *float64 { return (*float64)(&u.WriteVoltage) }},
		{"write_resistance", units.DimResistance, 1, 1e9, "", func(u *User) *float64 { return (*float64)(&u.WritePath) }},
		{"write_energy", units.DimEnergy, 1e-21, 1e-6, "SetEnergy (pJ),ResetEnergy (pJ)", func(u *User) *float64 { return (*float64)(&u.WriteEnergy) }},
		{"leakage", units.DimCurrent, 1e-21, 1e-3, "", func(u *User) *float64 { return (*float64)(&u.CellLeakage) }},
		{"read_gate_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.ReadGate) }},
		{"write_gate_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.WriteGate) }},
		{"read_drain_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.ReadDrain) }},
		{"write_drain_cap", units.DimCapacitance, 1e-21, 1e-12, "", func(u *User) *float64 { return (*float64)(&u.WriteDrain) }},
		{"parallel_current", units.DimCurrent, 1e-12, 1e-2, "", func(u *User) *float64 { return (*float64)(&u.Parallel) }},
		{"antiparallel_current", units.DimCurrent, 1e-12, 1e-2, "", func(u *User) *float64 { return (*float64)(&u.Antiparallel) }},
		{"sense_factor", units.DimRatio, 0.1, 10, "", func(u *User) *float64 { return &u.Sense }},
		{"write_path", units.DimResistance, 1, 1e9, "", func(u *User) *float64 { return (*float64)(&u.Path) }},
		{"supply_energy", units.DimEnergy, 1e-21, 1e-6, "", func(u *User) *float64 { return (*float64)(&u.SupplyEnergy) }},
		{"write_tries", units.DimRatio, 1, 64, "", func(u *User) *float64 { return &u.Tries }},
		{"write_failure", units.DimRatio, 0, 1, "", func(u *User) *float64 { return &u.Failure }},
		{"retention", units.DimTime, 1e-9, 1e12, "", func(u *User) *float64 { return (*float64)(&u.Retention) }},
		{"endurance", units.DimRatio, 1, 1e30, "", func(u *User) *float64 { return &u.Endurance }},
	}
}

// TechnologyNames are the technologies of cells as files have them, in the order
// of device.Technology.
func TechnologyNames() []string {
	return []string{device.SRAM.String(), device.SOT.String(), device.STT.String()}
}

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
