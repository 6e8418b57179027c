package model

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// A setup may name a cell of the user's table for each technology. It then
// stands in place of the 6T cell of the node, or of the magnetic cell that the
// device model computes: of that one the knobs of the bitcell say nothing, and
// of its limits only what the user states (retention, endurance) is known.

// given is a user's cell on the nodes of a model, by flavour; nil: none.
type given struct {
	cell    [3]device.Cell
	figures [3]device.Figures
}

// cellSetting describes the choice of a technology's cell: own ones of the
// model first, then those of the user's table.
func (c *Catalog) cellSetting(name, meaning string, t device.Technology, own []string, get func(*Setup) string, set func(*Setup, int)) Setting {
	all := slices.Concat(own, c.cells[t])
	return named(name, ArrayGroup, meaning, all,
		func(s *Setup) string {
			if s.Cells[t] != "" {
				return s.Cells[t]
			}
			return get(s)
		},
		func(s *Setup, i int) {
			if s.Cells[t] = ""; i < len(own) {
				set(s, i)
			} else {
				s.Cells[t] = all[i]
			}
		})
}

func (c *Catalog) cellSettings() []Setting {
	modelled := func(*Setup) string { return "model" }
	nothing := func(*Setup, int) {}
	return []Setting{
		c.cellSetting("sram_cell", "6T cell: high density or high performance, or one of the table cells", device.SRAM, []string{"hd", "hp"},
			func(s *Setup) string { return s.SRAMCell.String() }, func(s *Setup, i int) { s.SRAMCell = bitcell.Variant(i) }),
		c.cellSetting("sot_cell", "cell of SOT buffers: of the device model, or one of the table cells; the knobs of the bitcell have no meaning then", device.SOT, []string{"model"}, modelled, nothing),
		c.cellSetting("stt_cell", "cell of STT buffers: of the device model, or one of the table cells; the knobs of the bitcell have no meaning then", device.STT, []string{"model"}, modelled, nothing),
	}
}

// userCells sorts the cells of the user's table by technology.
func userCells(t *tech.Tables) ([3][]string, error) {
	var out [3][]string
	for _, name := range bitcell.Names(t) {
		u, err := bitcell.FromTable(t, name)
		if err != nil {
			return out, fmt.Errorf("cell %s: %w", name, err)
		}
		out[u.Technology] = append(out[u.Technology], name)
	}
	return out, nil
}

// Replaces tells whether a knob has no meaning for a buffer of a technology
// because its cell is a user's.
func (s *Setup) Replaces(k *Knob, t device.Technology) bool {
	return s.Cells[t] != "" && k.ofCell()
}

// ofCell tells whether a knob is of the cell that the device model computes.
func (k *Variable[T]) ofCell() bool { return k.Group == BitcellGroup && k.MRAMOnly }

// giveCells evaluates the cells that the setup names on its node.
func (m *Model) giveCells() error {
	for t, name := range m.Setup.Cells {
		if m.given[t] = nil; name == "" {
			continue
		}
		u, err := bitcell.FromTable(m.Catalog.Tables, name)
		if err != nil {
			return err
		}
		if u.Technology == device.SRAM && m.Setup.Ports == array.OneReadOneWrite {
			return errors.New("ports 1r1w: a cell of the table cells has one port; want single, or sram_cell hd or hp")
		}
		g := &given{}
		for f, n := range m.nodes {
			if g.cell[f], err = u.Cell(n, m.Setup.operating()); err != nil {
				return fmt.Errorf("cell %s: %w", name, err)
			}
			g.figures[f] = statedFigures(u, &g.cell[f], n, m.Setup.operating())
			if u.Technology == device.SRAM {
				m.sram[f] = g.cell[f]
			}
		}
		m.given[t] = g
	}
	return nil
}

// statedFigures are what is known of a user's cell; the rest is NaN.
func statedFigures(u *bitcell.User, c *device.Cell, n *tech.Node, t units.Temperature) device.Figures {
	nan := math.NaN()
	f := device.Figures{
		DeltaNominal: nan, DeltaHot: nan, DeltaCold: nan, DeltaWorst: nan, DeltaRequired: nan, AnisotropyField: nan, Anisotropy: nan,
		SpreadDelta: nan, SpreadCurrent: nan, Efficiency: nan, CriticalCurrent: units.Current(nan), HalfCurrent: units.Current(nan), DisturbCurrent: units.Current(nan), DisturbTorque: nan,
		CurrentDensity: units.CurrentDensity(nan), ReadFins: nan, WriteFingers: nan, Heating: nan, RA: units.ResistanceArea(nan),
		WriteFailure: c.WriteFailure, WriteError: nan, ReadError: nan, DisturbError: nan, BitError: nan,
		Retention: units.Time(math.Inf(1)), Endurance: math.Inf(1),
		WriteCurrent: c.WriteCurrent, WriteSupply: c.WriteVoltage, WriteEnergy: u.WriteEnergy,
		WriteFins: float64(u.Access(n, t)) / float64(n.FinWidth), Channel: u.WritePath,
		WriteVoltage: units.Voltage(float64(c.WriteCurrent) * float64(c.WriteResistance)),
		Parallel:     u.On, TMR: float64(u.Off/u.On) - 1,
		ParallelCurrent: c.ReadCurrent + c.SenseCurrent, AntiCurrent: c.ReadCurrent - c.SenseCurrent, Signal: c.SenseCurrent,
		Area: c.Area(),
	}
	if f.WriteEnergy == 0 {
		f.WriteEnergy = units.Energy(float64(f.WriteVoltage) * float64(c.WriteCurrent) * float64(c.WritePulse))
	}
	if f.Channel == 0 && u.Technology == device.SOT {
		f.Channel = n.WritePath
	}
	if u.Retention > 0 {
		f.Retention = u.Retention
	}
	if u.Endurance > 0 {
		f.Endurance = u.Endurance
	}
	for i := range f.Violations {
		f.Violations[i] = -1
	}
	return f
}
