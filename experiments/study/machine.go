package study

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/objectives"
)

// ofMachine tells whether a setting is part of the machine: what a machine may
// change of its preset.
func ofMachine(s *model.Setting) bool { return s.Group == model.MachineGroup || s.Name == "node" }

// machine reads the name of a machine, or {preset: NAME, SETTING: VALUE, ...}.
func (d *decoder) machine(n *yaml.Node, key string, into given) {
	all := d.settings()
	preset := slices.IndexFunc(all, func(s model.Setting) bool { return s.Name == "machine" })
	if n.Kind != yaml.MappingNode {
		assignment(d, &all[preset], preset, into).Read(n, key)
		return
	}
	var fields []strict.Key
	for i := range all {
		if !ofMachine(&all[i]) {
			continue
		}
		f := assignment(d, &all[i], i, into)
		if i == preset {
			f.Name = "preset"
		}
		fields = append(fields, f)
	}
	d.Mapping(n, key, fields)
}

// clocked makes the clock of a space that of the machine, where it was that of
// the machine before.
func (s *Study) clocked(before model.Setup) {
	for i, k := range catalog.Of(&s.Setup).Knobs() {
		p := &s.Space[i]
		if k.OfMachine && objectives.IsFixed(p) && p.Values[0] == float64(before.Clock) {
			*p = objectives.Fixed(&k, float64(s.Setup.Clock))
		}
	}
}

// unpriced are fields that name settings of the machine where they do not belong.
// In a space they are refused because a search that chose them would always take
// the most.
func (d *decoder) unpriced(reason string) (fields []strict.Key) {
	for _, s := range d.settings() {
		if ofMachine(&s) {
			fields = append(fields, strict.Optional(s.Name, func(n *yaml.Node, key string) {
				d.Note(n, key, "%[2]s: machine: {preset: NAME, %[1]s: VALUE}", s.Name, fmt.Sprintf(reason, s.Name))
			}))
		}
	}
	return fields
}

const (
	noPrice   = "no search may choose %s: it has no price here, neither area nor energy, so that more is always better; it is an axis of scenarios, or belongs to the machine"
	notDesign = "%s is no part of the buffer; it belongs to the machine"
)
