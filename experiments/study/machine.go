package study

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"stco/model"
	"stco/objectives"
)

// given are values of variables by their index: what a file says before any of
// it is applied.
type given map[int]float64

// variables reads a mapping from variable names to values.
func variables[T any](d *decoder, n *yaml.Node, key string, vars []model.Variable[T], into given, fields ...field) {
	for i := range vars {
		fields = append(fields, assignment(d, &vars[i], i, into))
	}
	d.mapping(n, key, fields)
}

// assignment is the field of one variable.
func assignment[T any](d *decoder, v *model.Variable[T], i int, into given) field {
	return field{v.Name, false, func(n *yaml.Node, key string) {
		x, ok := value(d, n, key, v)
		if _, twice := into[i]; ok && twice {
			d.note(n, key, "%s is given twice", v.Name)
		}
		if ok {
			into[i] = x
		}
	}}
}

// apply sets variables in their order: a preset before what changes it.
func apply[T any](vars []model.Variable[T], values given, into *T) {
	for i := range vars {
		if x, ok := values[i]; ok {
			vars[i].Set(into, x)
		}
	}
}

// ofMachine tells whether a setting is part of the machine: what a machine may
// change of its preset.
func ofMachine(s *model.Setting) bool { return s.Group == model.MachineGroup || s.Name == "node" }

// machine reads the name of a machine, or {preset: NAME, SETTING: VALUE, ...}.
func (d *decoder) machine(n *yaml.Node, key string, into given) {
	all := d.settings()
	preset := slices.IndexFunc(all, func(s model.Setting) bool { return s.Name == "machine" })
	if n.Kind != yaml.MappingNode {
		assignment(d, &all[preset], preset, into).read(n, key)
		return
	}
	var fields []field
	for i := range all {
		if !ofMachine(&all[i]) {
			continue
		}
		f := assignment(d, &all[i], i, into)
		if i == preset {
			f.name = "preset"
		}
		fields = append(fields, f)
	}
	d.mapping(n, key, fields)
}

// clocked makes the clock of a space that of the machine, where it was that of
// the machine before.
func (s *Study) clocked(before model.Setup) {
	for i, k := range CatalogOf(&s.Setup).Knobs() {
		p := &s.Space[i]
		if k.OfMachine && objectives.IsFixed(p) && p.Values[0] == float64(before.Clock) {
			*p = objectives.Fixed(&k, float64(s.Setup.Clock))
		}
	}
}

// unpriced are fields that name settings of the machine where they do not belong.
// In a space they are refused because a search that chose them would always take
// the most.
func (d *decoder) unpriced(reason string) (fields []field) {
	for _, s := range d.settings() {
		if ofMachine(&s) {
			fields = append(fields, field{s.Name, false, func(n *yaml.Node, key string) {
				d.note(n, key, "%[2]s: machine: {preset: NAME, %[1]s: VALUE}", s.Name, fmt.Sprintf(reason, s.Name))
			}})
		}
	}
	return fields
}

const (
	noPrice   = "no search may choose %s: it has no price here, neither area nor energy, so that more is always better; it is an axis of scenarios, or belongs to the machine"
	notDesign = "%s is no part of the buffer; it belongs to the machine"
)
