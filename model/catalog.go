package model

import (
	"stco/model/device"
	"stco/model/tech"
)

// Catalog holds the tables and what designs and setups can say.
type Catalog struct {
	Tables    *tech.Tables
	knobs     []Knob
	settings  []Setting
	presets   []string
	machines  []string    // entries of the table machines
	drams     []string    // entries of the table dram
	dram      []tech.DRAM // in their order
	materials []string    // entries of the table sot_materials
	cells     [3][]string // entries of the table cells, by technology
}

// NewCatalog loads the embedded tables.
func NewCatalog() (*Catalog, error) {
	t, err := tech.Load()
	if err != nil {
		return nil, err
	}
	return CatalogOf(t)
}

// CatalogOf returns what the model knows of tables: the embedded ones, or those
// that a user has extended.
func CatalogOf(t *tech.Tables) (*Catalog, error) {
	materials, err := t.Table("sot_materials")
	if err != nil {
		return nil, err
	}
	drams, err := t.Table("dram")
	if err != nil {
		return nil, err
	}
	machines, err := t.Table("machines")
	if err != nil {
		return nil, err
	}
	presets, err := device.PresetNames(t)
	if err != nil {
		return nil, err
	}
	c := &Catalog{Tables: t, presets: presets, machines: machines.EntryNames(), drams: drams.EntryNames(), materials: materials.EntryNames()}
	for _, name := range c.drams {
		d, err := t.DRAM(name)
		if err != nil {
			return nil, err
		}
		c.dram = append(c.dram, d)
	}
	if c.cells, err = userCells(t); err != nil {
		return nil, err
	}
	c.knobs = knobs(c.materials)
	common, err := device.Common(t)
	if err != nil {
		return nil, err
	}
	cell, err := deviceSettings(common)
	if err != nil {
		return nil, err
	}
	c.settings = append(c.allSettings(), cell...)
	for i := range machines.Entries {
		s := DefaultSetup()
		if err := c.applyMachine(&machines.Entries[i], &s); err != nil {
			return nil, err
		}
	}
	return c, nil
}
