package catalog

import (
	"slices"

	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
)

// names notes cells that have the name of another cell of an array.
func (d reader) names(t *tech.Tables, user []tech.UserTable) {
	presets, err := device.PresetNames(t)
	if err != nil {
		return // noted already
	}
	seen := map[string]bool{}
	for _, u := range user {
		for _, r := range u.Rows {
			if u.Name != tech.CellTable || seen[r.Entry] || !slices.Contains(append(bitcell.BuiltIn(), presets...), r.Entry) {
				continue
			}
			seen[r.Entry] = true
			d.Problems = append(d.Problems, d.placed(strict.Fault{File: r.File, Line: r.Line, Column: 1, Key: r.Entry, Message: "is the name of a built-in cell or of a preset; take another name"}))
		}
	}
}

// entryError tells what an entry of a user lacks.
func entryError(t *tech.Tables, table, name string) error {
	var err error
	switch table {
	case "sot_materials":
		_, err = t.SOTMaterial(name)
	case "dram":
		_, err = t.DRAM(name)
	case "device_presets":
		_, err = device.Preset(t, name)
	case "cmos":
		for f := tech.HighPerformance; f <= tech.LowStandbyPower && err == nil; f++ {
			_, err = t.Node(name, f)
		}
		if err == nil {
			_, err = t.Arithmetic(name)
		}
	case tech.CellTable:
		var n *tech.Node
		if n, err = t.Node(model.DefaultSetup().Node, tech.LowOperatingPower); err != nil {
			return err
		}
		u, err := bitcell.FromTable(t, name)
		if err != nil {
			return err
		}
		_, err = u.Cell(n, model.DefaultSetup().Hot)
		return err
	}
	return err
}

// limits say what a quantity of a user's table may be: that of a preset what the
// device model takes, of a machine what its setting takes, of a cell what a cell
// file may give.
func limits(table, quantity string) (tech.Limit, bool) {
	switch table {
	case "device_presets":
		for _, f := range device.Fields() {
			if f.Name == quantity {
				return tech.Limit{Dim: f.Dim, Low: f.Min, High: f.Max, Choices: f.Choices, Whole: f.Whole || f.Choices != nil}, true
			}
		}
	case "machines":
		for _, v := range Builtin().Settings() {
			if v.Name != quantity || v.Name == "machine" {
				continue
			}
			l := tech.Limit{Dim: v.Dim, Low: v.Min, High: v.Max, Words: v.Scale == model.Choice, Whole: v.Whole}
			switch {
			case v.Name == "dram":
				l.Refers = "dram"
			case v.Name == "node":
				l.Refers = "cmos"
			case l.Words:
				l.Choices = v.Choices
			}
			return l, true
		}
	case tech.CellTable:
		if quantity == "technology" {
			return tech.Limit{Words: true, Choices: bitcell.TechnologyNames()}, true
		}
		names := []string{"technology"}
		for _, v := range bitcell.Properties() {
			if v.Name == quantity {
				return tech.Limit{Dim: v.Dim, Low: v.Low, High: v.High, Whole: v.Whole}, true
			}
			names = append(names, v.Name)
		}
		return tech.Limit{Choices: names}, false
	}
	return physical()[table+"."+quantity], false
}

// physical are what quantities of materials, devices and DRAM may be where a hundred
// times the built-in values would say nothing. No transistor switches in less than
// ln 10 kT/e a decade, 59.5 mV at 300 K.
func physical() map[string]tech.Limit {
	const nm, microOhmCm = 1e-9, 1e-8
	return map[string]tech.Limit{
		"sot_materials.xi_dl":            {Low: 1e-3, High: 100},
		"sot_materials.xi_thickness":     {Low: 0.2 * nm, High: 100 * nm},
		"sot_materials.rho":              {Low: microOhmCm, High: 1e6 * microOhmCm},
		"sot_materials.lambda_sf":        {Low: 0.1 * nm, High: 100 * nm},
		"cmos_devices.vdd":               {Low: 0.2, High: 5},
		"cmos_devices.threshold":         {Low: 0.05, High: 2},
		"cmos_devices.swing":             {Low: 59.5e-3, High: 0.3},
		"cmos_devices.p_drive":           {Low: 0.05, High: 2},
		"cmos_devices.resistance_factor": {Low: 0.3, High: 10},
		"dram.efficiency":                {Low: 0.01, High: 1},
	}
}
