package study

import (
	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/near"
)

// decoder reads a study or design, in the terms of the tables that it brings.
type decoder struct {
	*strict.Reader
	tables *model.Catalog // with those that the file brings; nil: the embedded ones
}

func open(file string) *decoder { return &decoder{Reader: strict.New(file)} }

// user reads the tables that the file brings, before anything that names their
// entries. Nil: it brings none.
func (d *decoder) user(root *yaml.Node) *model.Catalog {
	d.tables = catalog.User(d.Reader, root)
	return d.tables
}

func (d *decoder) catalog() *model.Catalog {
	if d.tables != nil {
		return d.tables
	}
	return catalog.Builtin()
}

// knobs are those of the tables of the file that is read.
func (d *decoder) knobs() []model.Knob { return d.catalog().Knobs() }

func (d *decoder) settings() []model.Setting { return d.catalog().Settings() }

func knobs() []model.Knob { return catalog.Builtin().Knobs() }

func settings() []model.Setting { return catalog.Builtin().Settings() }

// value reads one value of a variable.
func value[T any](d *decoder, n *yaml.Node, key string, v *model.Variable[T]) (float64, bool) {
	text, ok := d.Text(n, key)
	if !ok {
		return 0, false
	}
	x, err := v.Parse(text)
	if err != nil {
		hint := ""
		if v.Choices != nil {
			hint = near.Hint(text, v.Choices)
		}
		d.Note(n, key, "%s%s", err, hint)
		return 0, false
	}
	return x, true
}

// given are values of variables by their index: what a file says before any of
// it is applied.
type given map[int]float64

// variables reads a mapping from variable names to values.
func variables[T any](d *decoder, n *yaml.Node, key string, vars []model.Variable[T], into given, fields ...strict.Key) {
	for i := range vars {
		fields = append(fields, assignment(d, &vars[i], i, into))
	}
	d.Mapping(n, key, fields)
}

// assignment is the field of one variable.
func assignment[T any](d *decoder, v *model.Variable[T], i int, into given) strict.Key {
	return strict.Optional(v.Name, func(n *yaml.Node, key string) {
		x, ok := value(d, n, key, v)
		if _, twice := into[i]; ok && twice {
			d.Note(n, key, "%s is given twice", v.Name)
		}
		if ok {
			into[i] = x
		}
	})
}

// apply sets variables in their order: a preset before what changes it.
func apply[T any](vars []model.Variable[T], values given, into *T) {
	for i := range vars {
		if x, ok := values[i]; ok {
			vars[i].Set(into, x)
		}
	}
}
