package bitcell

import (
	"math"
	"strings"
	"testing"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// paper is a node of round figures at every temperature: 20 nm features, 0.8 V,
// 1000 A/m on (1 mA/um), 0.1 A/m off, 0.01 A/m through the gate, 1 nF/m (1 fF/um)
// of gate and 0.5 nF/m of drain; a p-channel transistor has half the drive.
func paper(t *testing.T) *tech.Node {
	t.Helper()
	_, n := node(t, "14nm")
	p := *n
	p.Feature, p.Vdd = 20e-9, 0.8
	p.GateCap, p.DrainCap, p.GateLeakage = 1e-9, 0.5e-9, 0.01
	p.PDrive, p.LinearShare, p.AccessDerating, p.FinWidth, p.WritePath, p.EightTransistor = 0.5, 0.5, 0.8, 50e-9, 700, 1.3
	p.Dense = tech.SRAMCell{Area: 0.06e-12, Height: 0.2e-6, Pass: 60e-9, Down: 120e-9, PullUp: 40e-9}
	p.Fast = tech.SRAMCell{Area: 0.08e-12, Height: 0.2e-6, Pass: 120e-9, Down: 120e-9, PullUp: 60e-9}
	return &p
}

func hold(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

func holdCell(t *testing.T, got, want device.Cell) {
	t.Helper()
	if got.Technology != want.Technology {
		t.Errorf("a cell of %s, want %s", got.Technology, want.Technology)
	}
	hold(t, "width", float64(got.Width), float64(want.Width))
	hold(t, "height", float64(got.Height), float64(want.Height))
	hold(t, "read gate", float64(got.ReadGateCap), float64(want.ReadGateCap))
	hold(t, "write gate", float64(got.WriteGateCap), float64(want.WriteGateCap))
	hold(t, "read drain", float64(got.ReadDrainCap), float64(want.ReadDrainCap))
	hold(t, "write drain", float64(got.WriteDrainCap), float64(want.WriteDrainCap))
	hold(t, "read current", float64(got.ReadCurrent), float64(want.ReadCurrent))
	hold(t, "sense current", float64(got.SenseCurrent), float64(want.SenseCurrent))
	hold(t, "read resistance", float64(got.ReadResistance), float64(want.ReadResistance))
	hold(t, "read voltage", float64(got.ReadVoltage), float64(want.ReadVoltage))
	hold(t, "read delay", float64(got.ReadDelay), float64(want.ReadDelay))
	hold(t, "write current", float64(got.WriteCurrent), float64(want.WriteCurrent))
	hold(t, "write pulse", float64(got.WritePulse), float64(want.WritePulse))
	hold(t, "write resistance", float64(got.WriteResistance), float64(want.WriteResistance))
	hold(t, "write voltage", float64(got.WriteVoltage), float64(want.WriteVoltage))
	hold(t, "write energy", float64(got.WriteEnergy), float64(want.WriteEnergy))
	hold(t, "leakage", float64(got.Leakage), float64(want.Leakage))
}

// TestSRAMByHand works out four cells of the paper node, of which on and off
// currents are taken at the temperature asked for.
func TestSRAMByHand(t *testing.T) {
	n := paper(t)
	const temperature = 330
	on, off := float64(n.OnCurrentAt(temperature)), float64(n.OffCurrentAt(temperature))
	// 60 and 120 nm in series carry the current of 40 nm. Off are a pass gate of
	// 60 nm, a pull-down of 120 and a pull-up of 40 with half the drive: 200 nm;
	// gates of a pull-down and a pull-up leak, 160 nm of 0.01 A/m.
	dense := device.Cell{
		Technology: device.SRAM, Width: 0.3e-6, Height: 0.2e-6, ReadGateCap: 120e-18, WriteGateCap: 120e-18, ReadDrainCap: 15e-18, WriteDrainCap: 15e-18,
		ReadCurrent: units.Current(on * 40e-9), SenseCurrent: units.Current(on * 40e-9), ReadResistance: units.Resistance(0.8 / (on * 40e-9)),
		Leakage: units.Current(off*200e-9 + 1.6e-9),
	}
	holdCell(t, SRAM(n, HighDensity, false, temperature), dense)
	// 120 and 120 nm in series: 60 nm. Off: 120 + 120 + 30 nm, 180 nm of gates.
	fast := device.Cell{
		Technology: device.SRAM, Width: 0.4e-6, Height: 0.2e-6, ReadGateCap: 240e-18, WriteGateCap: 240e-18, ReadDrainCap: 30e-18, WriteDrainCap: 30e-18,
		ReadCurrent: units.Current(on * 60e-9), SenseCurrent: units.Current(on * 60e-9), ReadResistance: units.Resistance(0.8 / (on * 60e-9)),
		Leakage: units.Current(off*270e-9 + 1.8e-9),
	}
	holdCell(t, SRAM(n, HighSpeed, false, temperature), fast)
	// A read port is 1.3 times as wide, has one gate on its wordline and half of
	// the time a pass gate that is off.
	eight := dense
	eight.Width, eight.ReadGateCap, eight.Leakage = 0.39e-6, 60e-18, units.Current(off*230e-9+1.6e-9)
	holdCell(t, SRAM(n, HighDensity, true, temperature), eight)

	// A user cell of 0.09 um2, 2.25 times as wide as high; what is not given is
	// that of the dense cell.
	u := User{Technology: device.SRAM, Area: 0.09e-12, Aspect: 2.25, ReadDelay: 1e-11}
	mine := dense
	mine.Width, mine.Height, mine.ReadDelay = 0.45e-6, 0.2e-6, 1e-11
	holdCell(t, cell(t, &u, n, temperature), mine)
	// Pass gate 120 nm, pull-down 240 (12 F), pull-up 60 (3 F): 80 nm read; off
	// 120 + 240 + 30 nm, gates 300 nm.
	u.AccessF, u.DownF, u.UpF = 6, 12, 3
	mine.ReadGateCap, mine.WriteGateCap, mine.ReadDrainCap, mine.WriteDrainCap = 240e-18, 240e-18, 30e-18, 30e-18
	mine.ReadCurrent, mine.SenseCurrent = units.Current(on*80e-9), units.Current(on*80e-9)
	mine.ReadResistance, mine.Leakage = units.Resistance(0.8/(on*80e-9)), units.Current(off*390e-9+3e-9)
	holdCell(t, cell(t, &u, n, temperature), mine)
	u.CellLeakage, mine.Leakage = 1e-9, 1e-9
	holdCell(t, cell(t, &u, n, temperature), mine)
}

func cell(t *testing.T, u *User, n *tech.Node, at units.Temperature) device.Cell {
	t.Helper()
	c, err := u.Cell(n, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMagneticByHand: an SOT cell of 100 F2 as wide as high (0.2 um), with an
// access transistor of 100 nm, 3 and 7 kOhm, read at 0.1 V.
func TestMagneticByHand(t *testing.T) {
	n := paper(t)
	const temperature = 350
	on := float64(n.OnCurrentAt(temperature))
	u := User{
		Technology: device.SOT, AreaF2: 100, Aspect: 1, AccessF: 5, On: 3000, Off: 7000, ReadVoltage: 0.1, ReadDelay: 2e-11,
		WriteCurrent: 100e-6, WritePulse: 2e-9, CellLeakage: 1e-12,
	}
	// In its linear region the transistor has half of 0.8 V over the current.
	access := 0.5 * 0.8 / (on * 100e-9)
	a, b := 0.1/(3000+access), 0.1/(7000+access)
	want := device.Cell{
		Technology: device.SOT, Width: 0.2e-6, Height: 0.2e-6, ReadGateCap: 100e-18, WriteGateCap: 100e-18, ReadDrainCap: 25e-18, WriteDrainCap: 25e-18,
		ReadCurrent: units.Current((a + b) / 2), SenseCurrent: units.Current((a - b) / 2), ReadVoltage: 0.1, ReadDelay: 2e-11,
		ReadResistance: units.Resistance(5000 + access), WriteCurrent: 100e-6, WritePulse: 2e-9,
		WriteResistance: units.Resistance(700 + access/0.8), Leakage: 1e-12,
	}
	holdCell(t, cell(t, &u, n, temperature), want)
	stt := u
	stt.Technology = device.STT
	both := want
	both.Technology, both.WriteResistance = device.STT, units.Resistance(5000+access/0.8) // the mean of 3 and 7 kOhm
	holdCell(t, cell(t, &stt, n, temperature), both)

	u.WritePath, want.WriteResistance = 1000, units.Resistance(1000+access/0.8)
	holdCell(t, cell(t, &u, n, temperature), want)
	u.ReadVoltage, u.ReadCurrent = 0, 100e-6/3 // 0.1 V over 3 kOhm
	holdCell(t, cell(t, &u, n, temperature), want)
	// 0.1 pJ in 2 ns at 100 uA take 0.5 V: less than the supply, which it has.
	u.WriteEnergy, want.WriteEnergy = 0.1e-12, 0.1e-12
	holdCell(t, cell(t, &u, n, temperature), want)
	u.WriteEnergy, want.WriteEnergy, want.WriteVoltage = 0.24e-12, 0.24e-12, 1.2 // 0.24 pJ take 1.2 V
	holdCell(t, cell(t, &u, n, temperature), want)
	u.WriteVoltage, want.WriteVoltage = 1.5, 1.5
	holdCell(t, cell(t, &u, n, temperature), want)
	// Without a width the transistor carries the write current, degraded by
	// degeneration, and is at least a fin wide.
	u.AccessF = 0
	for current, width := range map[units.Current]float64{100e-6: 100e-6 / (on * 0.8), 10e-6: 50e-9} {
		u.WriteCurrent = current
		width = max(width, 50e-9)
		c := cell(t, &u, n, temperature)
		hold(t, "gate of the width that carries the current", float64(c.WriteGateCap), width*1e-9)
		hold(t, "drain of that width", float64(c.ReadDrainCap), width*0.25e-9)
		hold(t, "path of that width", float64(c.WriteResistance), 1000+0.5*0.8/(on*width)/0.8)
	}
	u.AccessWidth = 300e-9
	hold(t, "stated gate", float64(cell(t, &u, n, temperature).ReadGateCap), 300e-18)
}

// TestNeeds: a cell is refused for what it lacks, and for nothing else.
func TestNeeds(t *testing.T) {
	n := paper(t)
	good := User{Technology: device.STT, Area: 2e-14, Aspect: 1, On: 3000, Off: 3001, ReadVoltage: 0.1, WriteCurrent: 1e-4, WritePulse: 1e-9}
	cell(t, &good, n, 300)
	for want, spoil := range map[string]func(*User){
		"area": func(u *User) { u.Area = 0 }, "aspect": func(u *User) { u.Aspect = 0 }, "r_on": func(u *User) { u.On = 0 },
		"r_off": func(u *User) { u.Off = 3000 }, "read_voltage": func(u *User) { u.ReadVoltage = 0 },
		"write_current": func(u *User) { u.WriteCurrent = 0 }, "write_pulse": func(u *User) { u.WritePulse = 0 },
	} {
		u := good
		spoil(&u)
		if _, err := u.Cell(n, 300); err == nil || !strings.Contains(err.Error(), "("+want) && !strings.Contains(err.Error(), want+")") || strings.Contains(err.Error(), "\n") {
			t.Errorf("without %s: %v", want, err)
		}
	}
	if HighSpeed.String() != "hp" || HighDensity.String() != "hd" {
		t.Error("names of the cells")
	}
}

// TestPresets are the rows of array_cells.csv of the reference runs.
func TestPresets(t *testing.T) {
	tables, n := node(t, "14nm")
	for _, technology := range []device.Technology{device.SOT, device.STT} {
		e, err := tables.Entry("array_cells", technology.String())
		if err != nil {
			t.Fatal(err)
		}
		u, err := Preset(tables, technology, n)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]float64{
			"resistance_on": float64(u.On), "resistance_off": float64(u.Off), "read_voltage": float64(u.ReadVoltage),
			"write_current": float64(u.WriteCurrent), "write_pulse": float64(u.WritePulse), "write_energy": float64(u.WriteEnergy), "aspect": u.Aspect,
		} {
			v, err := e.Value(name)
			if err != nil {
				t.Fatal(err)
			}
			hold(t, technology.String()+" "+name, got, v.SI)
		}
	}
	if _, err := Preset(tables, device.SRAM, n); err == nil || !strings.Contains(err.Error(), "no preset of a sram cell") {
		t.Errorf("SRAM: %v", err)
	}
	other := *n
	other.Name = "2nm"
	if _, err := Preset(tables, device.SOT, &other); err == nil || !strings.Contains(err.Error(), "on 2nm") {
		t.Errorf("an unknown node: %v", err)
	}
}

// TestLoads: what a cell loads and draws stands in place of what its area and its
// transistors imply, however small; what is not given does not.
func TestLoads(t *testing.T) {
	n := paper(t)
	u := User{
		Technology: device.SOT, AreaF2: 100, Aspect: 1, AccessF: 5, On: 3000, Off: 7000, ReadVoltage: 0.1, WriteCurrent: 100e-6, WritePulse: 2e-9, WriteEnergy: 0.1e-12,
	}
	want := cell(t, &u, n, 350)
	u.ReadGate, want.ReadGateCap = 1e-17, 1e-17
	holdCell(t, cell(t, &u, n, 350), want)
	u.WriteGate, want.WriteGateCap = 2e-17, 2e-17
	holdCell(t, cell(t, &u, n, 350), want)
	u.ReadDrain, want.ReadDrainCap = 3e-17, 3e-17
	holdCell(t, cell(t, &u, n, 350), want)
	u.WriteDrain, want.WriteDrainCap = 4e-17, 4e-17
	holdCell(t, cell(t, &u, n, 350), want)
	u.Path, want.WriteResistance = 0.5, 0.5
	holdCell(t, cell(t, &u, n, 350), want)
	u.Parallel = 30e-6 // alone it says nothing
	holdCell(t, cell(t, &u, n, 350), want)
	u.Antiparallel, want.ReadCurrent, want.SenseCurrent = 10e-6, 20e-6, 10e-6
	holdCell(t, cell(t, &u, n, 350), want)
	u.Sense, want.SenseFactor = 0.7, 0.7
	holdCell(t, cell(t, &u, n, 350), want)
	u.Tries, u.Failure = 1, 0.1 // written once
	holdCell(t, cell(t, &u, n, 350), want)
	u.Tries, want.WriteTries, want.WriteFailure = 3, 3, 0.1
	holdCell(t, cell(t, &u, n, 350), want)
	u.CellEnergy, want.WriteEnergy = true, 0
	holdCell(t, cell(t, &u, n, 350), want)
	u.SupplyEnergy, want.WriteEnergy = 0.3e-12, 0.3e-12
	holdCell(t, cell(t, &u, n, 350), want)
}

// TestProperties: each names one figure of a cell, of its dimension, in bounds that
// a table of a user is held to.
func TestProperties(t *testing.T) {
	want := map[string]struct {
		dim       units.Dimension
		low, high float64
		of        func(*User) float64
	}{
		"area":                 {units.DimArea, 1e-17, 1e-10, func(u *User) float64 { return float64(u.Area) }},
		"area_f2":              {units.DimRatio, 1, 1e5, func(u *User) float64 { return u.AreaF2 }},
		"aspect":               {units.DimRatio, 0.05, 20, func(u *User) float64 { return u.Aspect }},
		"access_width":         {units.DimLength, 1e-9, 1e-4, func(u *User) float64 { return float64(u.AccessWidth) }},
		"access_f":             {units.DimRatio, 0.1, 1e4, func(u *User) float64 { return u.AccessF }},
		"down_f":               {units.DimRatio, 0.1, 1e3, func(u *User) float64 { return u.DownF }},
		"up_f":                 {units.DimRatio, 0.1, 1e3, func(u *User) float64 { return u.UpF }},
		"r_on":                 {units.DimResistance, 1, 1e9, func(u *User) float64 { return float64(u.On) }},
		"r_off":                {units.DimResistance, 1, 1e9, func(u *User) float64 { return float64(u.Off) }},
		"read_voltage":         {units.DimVoltage, 1e-3, 5, func(u *User) float64 { return float64(u.ReadVoltage) }},
		"read_current":         {units.DimCurrent, 1e-9, 1e-2, func(u *User) float64 { return float64(u.ReadCurrent) }},
		"read_delay":           {units.DimTime, 1e-15, 1e-6, func(u *User) float64 { return float64(u.ReadDelay) }},
		"write_current":        {units.DimCurrent, 1e-9, 0.1, func(u *User) float64 { return float64(u.WriteCurrent) }},
		"write_pulse":          {units.DimTime, 1e-12, 1e-3, func(u *User) float64 { return float64(u.WritePulse) }},
		"write_voltage":        {units.DimVoltage, 0.01, 20, func(u *User) float64 { return float64(u.WriteVoltage) }},
		"write_resistance":     {units.DimResistance, 1, 1e9, func(u *User) float64 { return float64(u.WritePath) }},
		"write_energy":         {units.DimEnergy, 1e-21, 1e-6, func(u *User) float64 { return float64(u.WriteEnergy) }},
		"leakage":              {units.DimCurrent, 1e-21, 1e-3, func(u *User) float64 { return float64(u.CellLeakage) }},
		"read_gate_cap":        {units.DimCapacitance, 1e-21, 1e-12, func(u *User) float64 { return float64(u.ReadGate) }},
		"write_gate_cap":       {units.DimCapacitance, 1e-21, 1e-12, func(u *User) float64 { return float64(u.WriteGate) }},
		"read_drain_cap":       {units.DimCapacitance, 1e-21, 1e-12, func(u *User) float64 { return float64(u.ReadDrain) }},
		"write_drain_cap":      {units.DimCapacitance, 1e-21, 1e-12, func(u *User) float64 { return float64(u.WriteDrain) }},
		"parallel_current":     {units.DimCurrent, 1e-12, 1e-2, func(u *User) float64 { return float64(u.Parallel) }},
		"antiparallel_current": {units.DimCurrent, 1e-12, 1e-2, func(u *User) float64 { return float64(u.Antiparallel) }},
		"sense_factor":         {units.DimRatio, 0.1, 10, func(u *User) float64 { return u.Sense }},
		"write_path":           {units.DimResistance, 1, 1e9, func(u *User) float64 { return float64(u.Path) }},
		"supply_energy":        {units.DimEnergy, 1e-21, 1e-6, func(u *User) float64 { return float64(u.SupplyEnergy) }},
		"write_tries":          {units.DimRatio, 1, 64, func(u *User) float64 { return u.Tries }},
		"write_failure":        {units.DimRatio, 0, 1, func(u *User) float64 { return u.Failure }},
		"retention":            {units.DimTime, 1e-9, 1e12, func(u *User) float64 { return float64(u.Retention) }},
		"endurance":            {units.DimRatio, 1, 1e30, func(u *User) float64 { return u.Endurance }},
	}
	for _, p := range Properties() {
		w, ok := want[p.Name]
		if !ok || p.Dim != w.dim || p.Low != w.low || p.High != w.high || p.Whole != (p.Name == "write_tries") {
			t.Errorf("%+v, want %v from %g to %g", p, w.dim, w.low, w.high)
			continue
		}
		delete(want, p.Name)
		u := User{Aspect: 1}
		p.Set(&u, 5.5)
		if p.Get(&u) != 5.5 || w.of(&u) != 5.5 {
			t.Errorf("%s is another figure of the cell: %+v", p.Name, u)
		}
	}
	if len(want) > 0 {
		t.Errorf("none of %v", want)
	}
}
