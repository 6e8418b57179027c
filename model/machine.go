package model

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/tech"
	"stco/model/units"
)

// DRAM is the memory behind the buffer, as quantities. A preset, an entry of the
// table dram, gives all of them but channels, share and capacity.
type DRAM struct {
	Preset     string
	Channels   int // or stacks
	Bandwidth  units.Bandwidth
	Energy     units.EnergyPerBit
	Efficiency units.Ratio // share of the bandwidth that streams reach
	Share      units.Ratio // of bandwidth and background that the accelerator has
	Latency    units.Time
	Capacity   units.Bytes
	Standby    Standby
	Background units.Power // 0: follows from Standby, Capacity and the preset
}

// Standby says what the power of DRAM that waits is counted by.
type Standby uint8

// The ways to count the power of DRAM that waits: published figures lie twenty
// times apart.
const (
	NoStandby        Standby = iota // not counted
	StandbyByCurrent                // standby and refresh currents of the devices
	StandbyByIdle                   // idle power of a machine: interface and controllers included
)

func standbys() []string { return []string{"none", "currents", "idle"} }

// Effective returns the bandwidth of streams.
func (d *DRAM) Effective() float64 {
	return float64(d.Channels) * float64(d.Bandwidth) * float64(d.Efficiency) * float64(d.Share)
}

// background returns the power of DRAM that waits.
func (d *DRAM) background(preset *tech.DRAM) (units.Power, error) {
	perGB := units.Power(0)
	switch {
	case d.Background > 0:
		return d.Background, nil
	case d.Standby == StandbyByCurrent:
		perGB = preset.Standby + preset.Refresh
	case d.Standby == StandbyByIdle:
		if perGB = preset.Idle; perGB == 0 {
			return 0, fmt.Errorf("dram_standby idle: no idle power of %s was measured; use currents, or give dram_background", d.Preset)
		}
	}
	return units.Power(float64(perGB) * float64(d.Capacity) / 1e9 * float64(d.Share)), nil
}

// setDRAM takes what a preset gives.
func (s *Setup) setDRAM(d *tech.DRAM) {
	s.DRAM.Preset, s.DRAM.Bandwidth, s.DRAM.Energy = d.Name, d.Bandwidth, d.Energy
	s.DRAM.Efficiency, s.DRAM.Latency, s.DRAM.Background = d.Efficiency, d.Latency, 0
}

// described are the quantities of the table machines that are no settings.
func described() []string { return []string{"peak", "balance", "sram_least", "sram_most"} }

// machineSettings are the settings that choose a preset. They stand before the
// settings that they give a value to.
func (c *Catalog) machineSettings() []Setting {
	return []Setting{
		named("machine", MachineGroup, "preset of node, PE arrays, PE buffer, DRAM and clock (stco tech show machines)", c.machines,
			func(s *Setup) string { return s.Machine }, func(s *Setup, i int) { c.setMachine(s, i) }),
		named("dram", MachineGroup, "DRAM preset: bandwidth, energy, efficiency and latency (stco tech show dram)", c.drams,
			func(s *Setup) string { return s.DRAM.Preset }, func(s *Setup, i int) { s.setDRAM(&c.dram[i]) }),
	}
}

// dramSettings are the quantities of the DRAM.
func dramSettings() []Setting {
	return []Setting{
		whole("dram_channels", MachineGroup, "channels or stacks of the DRAM preset", span{1, 64}, func(s *Setup) *int { return &s.DRAM.Channels }),
		quantity("dram_bandwidth", MachineGroup, "peak of a DRAM channel or stack", "GB/s", span{0.01, 1e5}, func(s *Setup) *units.Bandwidth { return &s.DRAM.Bandwidth }),
		quantity("dram_energy", MachineGroup, "energy of a bit that crosses the DRAM interface", "pJ/bit", span{0, 1000}, func(s *Setup) *units.EnergyPerBit { return &s.DRAM.Energy }),
		quantity("dram_efficiency", MachineGroup, "share of the DRAM bandwidth that streams reach", "", span{0.01, 1}, func(s *Setup) *units.Ratio { return &s.DRAM.Efficiency }),
		quantity("dram_share", MachineGroup, "share of the DRAM that the accelerator has: bandwidth and background power", "", span{0.01, 1}, func(s *Setup) *units.Ratio { return &s.DRAM.Share }),
		quantity("dram_latency", MachineGroup, "first access of a step that nothing hides", "ns", span{0, 1e6}, func(s *Setup) *units.Time { return &s.DRAM.Latency }),
		quantity("dram_capacity", MachineGroup, "capacity of the DRAM, for its background power", "GiB", span{0, 1e4}, func(s *Setup) *units.Bytes { return &s.DRAM.Capacity }),
		named("dram_standby", MachineGroup, "what the background power of the DRAM is counted by: nothing, currents of the devices, or measured idle power of a machine", standbys(),
			func(s *Setup) string { return standbys()[s.DRAM.Standby] }, func(s *Setup, i int) { s.DRAM.Standby = Standby(i) }),
		quantity("dram_background", MachineGroup, "background power of the DRAM; auto: from dram_standby, dram_capacity and dram_share", "W", span{1e-6, 1000}, func(s *Setup) *units.Power { return &s.DRAM.Background }).auto(),
	}
}

// setMachine gives a setup what a preset says. Check has seen that it can.
func (c *Catalog) setMachine(s *Setup, i int) {
	s.Machine = c.machines[i]
	if e, err := c.Tables.Entry("machines", s.Machine); err == nil {
		_ = c.applyMachine(e, s)
	}
}

// applyMachine sets every value of a machine in the order of the settings.
func (c *Catalog) applyMachine(e *tech.Entry, s *Setup) error {
	var errs []error
	known := described()
	for _, v := range c.settings {
		known = append(known, v.Name)
		x, err := e.Value(v.Name)
		if err != nil {
			continue // the preset leaves it as it is
		}
		text := x.Text
		if v.Scale != Choice {
			text = v.Format(x.SI)
		}
		value, err := v.Parse(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("tech table machines, entry %s: %s: %w", e.Name, v.Name, err))
			continue
		}
		v.Set(s, value)
	}
	for _, x := range e.Values {
		if !slices.Contains(known, x.Quantity) {
			errs = append(errs, fmt.Errorf("tech table machines, entry %s: %s is no setting", e.Name, x.Quantity))
		}
	}
	return errors.Join(errs...)
}

// Balance is the operations, two a multiply-accumulate, that the multipliers do while
// a stream brings a byte from DRAM: a workload of fewer waits for DRAM.
func (s *Setup) Balance() float64 {
	return 2 * float64(s.Cores*s.PERows*s.PECols) * float64(s.Clock) / s.DRAM.Effective()
}

// MachineText says in one line what a buffer of the setup serves.
func (s *Setup) MachineText() string {
	return fmt.Sprintf("%s: %s, %d x (%d x %d) %s multipliers at %g GHz, %s of which streams have %.4g GB/s, %.3g operations a byte; schedule %s, overlap %s, duty %g, arrays at %g K",
		s.Machine, s.Node, s.Cores, s.PERows, s.PECols, s.Arithmetic, float64(s.Clock)/1e9, s.DRAM.Preset, s.DRAM.Effective()/1e9,
		s.Balance(), s.Schedule, s.Overlap, float64(s.Duty), float64(s.operating()))
}
