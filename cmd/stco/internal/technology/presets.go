package technology

import (
	"strings"

	"stco/experiments/study/catalog"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/results"
)

// ArrayPresets evaluates an array of every preset of the device model on every
// node and flavour, in place of the cell, node and flavour of the options, with
// the limits that each misses. An STT cell has a single port.
func ArrayPresets(o *ArrayOptions) (*results.Table, error) {
	t := results.NewList("presets", "preset:text", "node:text", "flavour:text", "area [mm2]", "cell_area [um2]", "over_sram", "read_latency [s]", "write_latency [s]",
		"read_energy [J]", "write_energy [J]", "violations:text")
	figure := func(s *results.Table, name string) (float64, error) {
		i, err := s.Index(name)
		if err != nil {
			return 0, err
		}
		return s.Rows[0][i], nil
	}
	if o.Tables == nil {
		o.Tables = catalog.Builtin().Tables
	}
	presets, err := device.PresetNames(o.Tables)
	if err != nil {
		return nil, err
	}
	for _, node := range o.Tables.NodeNames() {
		for f := tech.HighPerformance; f <= tech.LowStandbyPower; f++ {
			at := *o
			at.Node, at.Flavour, at.Cell, at.CellFile, at.Parts, at.Organisations = node, f.String(), "sram", nil, false, false
			sram, _, err := Array(at)
			if err != nil {
				return nil, err
			}
			base, err := figure(sram, "area")
			if err != nil {
				return nil, err
			}
			for _, preset := range presets {
				own := at
				own.Cell = preset
				if p, err := device.Preset(o.Tables, preset); err == nil && p.Technology == device.STT {
					own.Ports = array.SinglePort.String()
				}
				s, missed, err := Array(own)
				if err != nil {
					return nil, err
				}
				row := []any{preset, node, f.String()}
				for _, name := range []string{"area", "cell_area", "", "read_latency", "write_latency", "read_energy", "write_energy"} {
					if name == "" {
						row = append(row, row[3].(float64)/base) //nolint:forcetypeassert // set above
						continue
					}
					v, err := figure(s, name)
					if err != nil {
						return nil, err
					}
					row = append(row, v)
				}
				t.Append(append(row, strings.Join(missed, "; "))...)
			}
		}
	}
	return t, nil
}
