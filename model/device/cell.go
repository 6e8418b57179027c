package device

import "stco/model/units"

// Technology names the storage principle of a bitcell.
type Technology uint8

// The technologies a buffer can be built of.
const (
	SRAM Technology = iota // 6T static RAM
	SOT                    // 2T1R spin-orbit-torque MRAM
	STT                    // 1T1R spin-transfer-torque MRAM
)

// String returns the name used in studies, tables and flags.
func (t Technology) String() string {
	switch t {
	case SRAM:
		return "sram"
	case SOT:
		return "sot"
	case STT:
		return "stt"
	}
	return "unknown"
}

// Cell is all an array needs to know of a bitcell: its footprint, what it
// loads the lines with, how strongly it pulls a bitline when read and what it
// takes to write. SOT and STT cells are computed by this package, SRAM and user
// cells by package array.
type Cell struct {
	Technology Technology

	Width  units.Length // along the wordline
	Height units.Length // along the bitline

	// Loads per cell. A cell with one wordline (SRAM, 1T1R) uses it for both
	// and has equal read and write values.
	ReadGateCap   units.Capacitance // on the read wordline
	WriteGateCap  units.Capacitance // on the write wordline
	ReadDrainCap  units.Capacitance // on the read bitline
	WriteDrainCap units.Capacitance // on the write bitline

	// Read.
	ReadCurrent    units.Current    // SRAM: discharge current; MRAM: mean of I_P and I_AP (E29)
	SenseCurrent   units.Current    // what the sense amplifier integrates; SRAM: ReadCurrent, MRAM: dI (E29)
	ReadVoltage    units.Voltage    // bitline bias during a current-sensed read (MRAM); 0 for SRAM (Vdd precharge)
	ReadResistance units.Resistance // series resistance of the read path, mean of P and AP
	SenseFactor    float64          // time of sensing over that of the array model; 0: the same
	ReadDelay      units.Time       // added to a read by a selector above the cell; 0 for a silicon transistor

	// Write. Energy and voltage of the bitline and driver are the array's.
	WriteCurrent    units.Current    // nominal write current at the cold corner, guard-banded (E36); 0 for SRAM
	WritePulse      units.Time       // 0 for SRAM
	WriteResistance units.Resistance // channel (or MTJ) plus access transistor
	WriteVoltage    units.Voltage    // supply of the write driver if it has its own; 0: Vdd of the node
	WriteEnergy     units.Energy     // drawn from that supply per bit during the pulse if it is given; 0: current, supply and pulse
	WriteTries      int              // attempts of write-verify-write; 0 and 1: written once
	WriteFailure    float64          // probability that an attempt leaves a bit unwritten; counts if WriteTries is above 1

	Leakage units.Current // standby current from Vdd at the hot temperature; 0 for MRAM
}

// Area returns the footprint of the cell.
func (c *Cell) Area() units.Area { return units.Area(float64(c.Width) * float64(c.Height)) }
