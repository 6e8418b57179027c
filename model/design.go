package model

import (
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// Design is one point of the default space: the four
// groups bitcell, buffer, banking and bandwidth. The zero value is not valid;
// DefaultDesign is.
type Design struct {
	Technology device.Technology // of a hybrid buffer: of the part that is not the scratchpad
	Hybrid     bool              // an SRAM scratchpad takes the share Split of the capacity
	Split      units.Ratio       // 0 to 1; without meaning if the buffer is not hybrid
	Flavour    string            // hp, lop or lstp: device flavour of SRAM cells and of the periphery

	// Bitcell; without meaning for SRAM.
	Selector         device.Selector     // access device of the read path of an SOT cell
	Material         string              // SOT channel, an entry of the table sot_materials
	MTJDiameter      units.Length        // of the free layer
	WidthMargin      units.Length        // channel width less diameter
	ChannelThickness units.Length        //
	FreeLayer        units.Length        // free-layer thickness
	Anisotropy       units.SurfaceEnergy // interfacial, at 300 K
	Barrier          units.Length        // MgO thickness; sets RA and TMR (E28)
	Pulse            units.Time          // write pulse
	ReadVoltage      units.Voltage       // across the read path

	// Buffer.
	Capacity units.Bytes // of data, without check bits
	ECC      array.ECC
	Codeword int  // data bits of a codeword; a narrower word is one of its own
	Scrub    bool // rewrite data that outlive the retention time; otherwise they are a violation

	// Banking.
	Banks    int
	WordBits int // data bits of one access of a bank
	Rows     int // of a subarray; 0: searched by the array model. Of a hybrid buffer: not of the scratchpad
	Columns  int

	// Bandwidth.
	ReadBus  int // bits per cycle from buffer to PE array
	WriteBus int // bits per cycle from PE array to buffer
	Clock    units.Frequency
}

// Bus returns the data bits that the tree between the banks moves in a cycle, in
// and out together.
func (d *Design) Bus() int { return d.ReadBus + d.WriteBus }
