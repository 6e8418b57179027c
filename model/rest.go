package model

import (
	"math"

	"stco/model/accel"
	"stco/model/device"
)

// rest returns the energy that the buffer takes between two iterations, J: the time
// that duty leaves, at operating temperature. What is to be there afterwards are the
// data that stay from one iteration to the next, such as weights.
//
// A magnetic buffer is switched off and keeps them for its retention. An SRAM buffer
// keeps them at its retention voltage, or is switched off and reads them again from
// DRAM, whichever takes less. A buffer that is switched off leaks through its
// switches, and leaks in full while its supply comes back.
func (s *Setup) rest(r *Report, technology device.Technology, c *accel.Cost) float64 {
	if s.Duty >= 1 {
		return 0
	}
	idle := c.Latency * (1 - float64(s.Duty)) / float64(s.Duty)
	leak := float64(r.Leakage())
	off := leak * (float64(s.GatedLeakage)*idle + math.Min(idle, float64(s.WakeTime)))
	reload := c.Permanent * (r.Memory.DRAMEnergy + r.Memory.WriteEnergy)
	if technology == device.SRAM {
		return min(leak*float64(s.HoldLeakage)*idle, off+reload)
	}
	if idle > r.Memory.Retention {
		off += reload
	}
	return off
}
