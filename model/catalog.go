package model

import (
	"stco/model/device"
	"stco/model/tech"
)

// Catalog holds the tables and what designs and setups can say.
type Catalog struct {
	Tables  *tech.Tables
	knobs   []Knob
	presets []string
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
	c := &Catalog{Tables: t, presets: presets}
	c.knobs = knobs(materials.EntryNames(), drams.EntryNames())
	return c, nil
}
