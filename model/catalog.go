package model

import (
	"stco/model/device"
	"stco/model/tech"
)

// Catalog holds the tables and what designs and setups can say.
type Catalog struct {
	Tables    *tech.Tables
	knobs     []Knob
	presets   []string
	drams     []string // entries of the table dram
	materials []string // entries of the table sot_materials
}

// NewCatalog loads the embedded tables.
func NewCatalog() (*Catalog, error) {
	t, err := tech.Load()
	if err != nil {
		return nil, err
	}
	materials, err := t.Table("sot_materials")
	if err != nil {
		return nil, err
	}
	drams, err := t.Table("dram")
	if err != nil {
		return nil, err
	}
	presets, err := device.PresetNames(t)
	if err != nil {
		return nil, err
	}
	c := &Catalog{Tables: t, presets: presets, drams: drams.EntryNames(), materials: materials.EntryNames()}
	c.knobs = knobs(c.materials, c.drams)
	return c, nil
}
