// Package bitcell makes the cells of an array that do not come from package
// device: 6T and 8T SRAM of a node, cells given by a user, and the cells of the
// reference runs of other tools.
//
//	tech.Node, User -> device.Cell
package bitcell

import (
	"errors"
	"fmt"
	"math"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Variant names a 6T cell of a node.
type Variant uint8

// The cells of a node.
const (
	HighDensity Variant = iota // hd
	HighSpeed                  // hp
)

// String returns the name used in studies, tables and flags.
func (v Variant) String() string {
	if v == HighSpeed {
		return "hp"
	}
	return "hd"
}

// SRAM returns the 6T cell of a node, its leakage at a temperature. With a read
// port of its own it is an 8T cell: a separate read stack and lines.
func SRAM(n *tech.Node, v Variant, readPort bool, t units.Temperature) device.Cell {
	s := n.Dense
	if v == HighSpeed {
		s = n.Fast
	}
	return sramCell(n, s, readPort, t)
}

func sramCell(n *tech.Node, s tech.SRAMCell, readPort bool, t units.Temperature) device.Cell {
	gate, drain, on := float64(n.GateCap), float64(n.DrainCap), float64(n.OnCurrentAt(t))
	pass, down, up := float64(s.Pass), float64(s.Down), float64(s.PullUp)
	// Pass gate and pull-down in series. The drain of a pass gate is shared
	// with the neighbour cell. One of each pair of transistors is off, and one
	// pass gate has Vdd across it.
	read := on * pass * down / (pass + down)
	off := float64(n.OffCurrentAt(t))*(pass+down+up*n.PDrive) + float64(n.GateLeakage)*(down+up)
	c := device.Cell{
		Technology: device.SRAM,
		Height:     s.Height, Width: units.Length(float64(s.Area) / float64(s.Height)),
		ReadGateCap: units.Capacitance(2 * pass * gate), WriteGateCap: units.Capacitance(2 * pass * gate),
		ReadDrainCap: units.Capacitance(pass * drain / 2), WriteDrainCap: units.Capacitance(pass * drain / 2),
		ReadCurrent: units.Current(read), SenseCurrent: units.Current(read),
		ReadResistance: units.Resistance(float64(n.Vdd) / read),
		Leakage:        units.Current(off),
	}
	if readPort {
		c.Width *= units.Length(n.EightTransistor)
		c.ReadGateCap = units.Capacitance(pass * gate)
		c.Leakage += units.Current(float64(n.OffCurrentAt(t)) * pass / 2)
	}
	return c
}

// User is a bitcell given by its area and electrical figures, as in the
// cell files of NVSim. Zero means not given for the fields that say so.
type User struct {
	Technology device.Technology
	Area       units.Area
	AreaF2     float64 // instead of Area, in squares of the node's feature size
	Aspect     float64 // width (along the wordline) over height

	AccessWidth units.Length // effective gate width of the access transistor (SRAM: pass gate); 0: SRAM as the node's dense cell, others what carries the write current
	AccessF     float64      // instead of AccessWidth, in feature sizes

	// Magnetic cells.
	On, Off      units.Resistance // of the read path, access transistor not included
	ReadVoltage  units.Voltage
	ReadCurrent  units.Current // instead of ReadVoltage, through On
	ReadDelay    units.Time    // added by a selector above the cell
	WriteCurrent units.Current
	WritePulse   units.Time
	WriteVoltage units.Voltage    // supply of the driver; 0: what WriteEnergy implies, at least Vdd
	WritePath    units.Resistance // channel or junction; 0: STT the mean of On and Off, SOT 1 kOhm
	WriteEnergy  units.Energy     // per bit; 0: from current, supply and pulse

	// Of a magnetic cell, at the hot temperature; 0: not known, no limit.
	Retention units.Time
	Endurance float64 // write cycles

	// SRAM.
	DownF, UpF  float64 // pull-down and pull-up width in feature sizes; 0: as the node's dense cell
	CellLeakage units.Current

	// Instead of what the figures above and the node imply; 0: implied.
	Loads
}

// Loads are what a cell loads the lines with and draws, where it is known better
// than from its area and transistor widths: of a cell that another model made.
type Loads struct {
	ReadGate, WriteGate, ReadDrain, WriteDrain units.Capacitance // per cell
	Parallel, Antiparallel                     units.Current     // of a read, transistor inside
	Path                                       units.Resistance  // of the write, transistor inside
	SupplyEnergy                               units.Energy      // drawn by a write from the supply per bit
	Sense                                      float64           // time of sensing over that of the array model
	CellEnergy                                 bool              // WriteEnergy is that of the cell alone: the supply's follows from current, voltage and pulse
	Tries                                      float64           // attempts of write-verify-write; 0 and 1: written once
	Failure                                    float64           // of an attempt
}

// over replaces what is known better.
func (l *Loads) over(c *device.Cell) {
	for _, r := range [...]struct {
		given float64
		into  *float64
	}{
		{float64(l.ReadGate), (*float64)(&c.ReadGateCap)},
		{float64(l.WriteGate), (*float64)(&c.WriteGateCap)},
		{float64(l.ReadDrain), (*float64)(&c.ReadDrainCap)},
		{float64(l.WriteDrain), (*float64)(&c.WriteDrainCap)},
		{float64(l.Path), (*float64)(&c.WriteResistance)},
	} {
		if r.given > 0 {
			*r.into = r.given
		}
	}
	if l.Parallel > 0 && l.Antiparallel > 0 {
		c.ReadCurrent, c.SenseCurrent = (l.Parallel+l.Antiparallel)/2, (l.Parallel-l.Antiparallel)/2
	}
	c.SenseFactor = l.Sense
	switch {
	case l.SupplyEnergy > 0:
		c.WriteEnergy = l.SupplyEnergy
	case l.CellEnergy:
		c.WriteEnergy = 0
	}
	if l.Tries > 1 {
		c.WriteTries, c.WriteFailure = int(l.Tries), l.Failure
	}
}

// Cell returns the bitcell on a node, its leakage at a temperature. It names
// everything that is missing at once.
func (u *User) Cell(n *tech.Node, t units.Temperature) (device.Cell, error) {
	f := float64(n.Feature)
	area := float64(u.Area)
	if area == 0 {
		area = u.AreaF2 * f * f
	}
	access := float64(u.Access(n, t))
	read := u.ReadVoltage
	if read == 0 {
		read = units.Voltage(float64(u.ReadCurrent) * float64(u.On))
	}
	if err := errors.Join(u.check(area, float64(read)), u.fits(n, area, access)); err != nil {
		return device.Cell{}, err
	}
	height := math.Sqrt(area / u.Aspect)
	if u.Technology == device.SRAM {
		s := u.Transistors(n, t)
		s.Area, s.Height = units.Area(area), units.Length(height)
		c := sramCell(n, s, false, t)
		c.ReadDelay = u.ReadDelay
		if u.CellLeakage > 0 {
			c.Leakage = u.CellLeakage
		}
		u.over(&c)
		return c, nil
	}
	// The access transistor is in its linear region in a read and loses drive to
	// source degeneration in one direction of a write.
	on := float64(n.OnCurrentAt(t)) * access
	readAccess := n.LinearShare * float64(n.Vdd) / on
	writeAccess := readAccess / n.AccessDerating
	path := float64(u.WritePath)
	if path == 0 {
		path = float64(n.WritePath)
		if u.Technology == device.STT {
			path = float64(u.On+u.Off) / 2
		}
	}
	// A stated energy implies the supply that delivers it: E = V I t.
	supply := u.WriteVoltage
	if v := units.Voltage(float64(u.WriteEnergy) / (float64(u.WriteCurrent) * float64(u.WritePulse))); supply == 0 && v > n.Vdd && !u.CellEnergy {
		supply = v
	}
	iOn := float64(read) / (float64(u.On) + readAccess)
	iOff := float64(read) / (float64(u.Off) + readAccess)
	gate, drain := access*float64(n.GateCap), access*float64(n.DrainCap)
	c := device.Cell{
		Technology: u.Technology,
		Width:      units.Length(area / height), Height: units.Length(height),
		ReadGateCap: units.Capacitance(gate), WriteGateCap: units.Capacitance(gate),
		ReadDrainCap: units.Capacitance(drain / 2), WriteDrainCap: units.Capacitance(drain / 2),
		ReadCurrent: units.Current((iOn + iOff) / 2), SenseCurrent: units.Current((iOn - iOff) / 2),
		ReadVoltage: read, ReadDelay: u.ReadDelay, ReadResistance: units.Resistance(float64(u.On+u.Off)/2 + readAccess),
		WriteCurrent: u.WriteCurrent, WritePulse: u.WritePulse,
		WriteResistance: units.Resistance(path + writeAccess),
		WriteVoltage:    supply, WriteEnergy: u.WriteEnergy,
		Leakage: u.CellLeakage,
	}
	u.over(&c)
	return c, nil
}

// Access returns the effective gate width of the access transistor on a node,
// that of an SRAM cell of its pass gate: as given, or as the write current at a
// temperature needs.
func (u *User) Access(n *tech.Node, t units.Temperature) units.Length {
	switch {
	case u.AccessWidth > 0:
		return u.AccessWidth
	case u.AccessF > 0:
		return units.Length(u.AccessF) * n.Feature
	case u.Technology == device.SRAM:
		return n.Dense.Pass
	}
	return max(n.FinWidth, units.Length(float64(u.WriteCurrent)/(float64(n.OnCurrentAt(t))*n.AccessDerating)))
}

// Transistors returns the widths of an SRAM cell on a node: as given, or those of
// the node's dense cell. Area and height are the node's.
func (u *User) Transistors(n *tech.Node, t units.Temperature) tech.SRAMCell {
	s := n.Dense
	s.Pass = u.Access(n, t)
	if u.DownF > 0 {
		s.Down = units.Length(u.DownF) * n.Feature
	}
	if u.UpF > 0 {
		s.PullUp = units.Length(u.UpF) * n.Feature
	}
	return s
}

// fits refuses a magnetic cell that has no room for its access transistor: width
// in fins times one gate pitch.
func (u *User) fits(n *tech.Node, area, access float64) error {
	least := access / float64(n.FinWidth) * float64(n.FinPitch) * float64(n.GatePitch)
	if u.Technology == device.SRAM || area <= 0 || least <= area*(1+1e-9) {
		return nil
	}
	return fmt.Errorf("the access transistor of a %s cell is %s wide and takes %s on %s, more than the cell of %s: give a wider cell, or less access_width or write_current",
		u.Technology, units.Format(access, units.DimLength), units.Format(least, units.DimArea), n.Name, units.Format(area, units.DimArea))
}

// check names what a cell lacks.
func (u *User) check(area, read float64) error {
	var missing []error
	need := func(ok bool, what string) {
		if !ok {
			missing = append(missing, fmt.Errorf("a %s cell needs %s", u.Technology, what))
		}
	}
	need(area > 0, "an area above 0 (area or area_f2)")
	need(u.Aspect > 0, "an aspect ratio above 0 (aspect)")
	if u.Technology != device.SRAM {
		need(u.On > 0, "an on resistance above 0 (r_on)")
		need(u.Off > u.On, "an off resistance above the on resistance (r_off)")
		need(read > 0, "a read voltage or current above 0 (read_voltage, read_current)")
		need(u.WriteCurrent > 0, "a write current above 0 (write_current)")
		need(u.WritePulse > 0, "a write pulse above 0 (write_pulse)")
	}
	return errors.Join(missing...)
}
