package device

import "stco/model/units"

// Process is what a bitcell needs to know of the CMOS node it is built on. The
// composition fills it from the node's table, for one device flavour.
type Process struct {
	Vdd         units.Voltage
	FinPitch    units.Length
	GatePitch   units.Length      // contacted poly pitch
	MetalPitchX units.Length      // routing pitch of lines that stack along the cell width
	MetalPitchY units.Length      // routing pitch of lines that stack along the cell height
	FinWidth    units.Length      // effective gate width of one fin
	OnCurrent   units.Current     // per fin at Vdd, n-channel (E25)
	OffCurrent  units.Current     // per fin at the hot temperature
	GateCap     units.Capacitance // per fin
	DrainCap    units.Capacitance // per fin, junction and contact
}
