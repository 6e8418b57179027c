package study

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/near"
)

// assign reads assignments "name=value" of knobs and settings, in the notation
// of a file.
func assign(assignments []string, knob func(d *decoder, i int, n *yaml.Node), setup *model.Setup) error {
	d := open("--set")
	d.tables = setup.Catalog
	knobs, settings := d.knobs(), d.settings()
	names := make([]string, 0, len(knobs)+len(settings))
	for i := range knobs {
		names = append(names, knobs[i].Name)
	}
	for i := range settings {
		names = append(names, settings[i].Name)
	}
	set := given{}
	for _, a := range assignments {
		name, text, ok := strings.Cut(a, "=")
		at := slices.Index(names, name)
		if !ok || at < 0 {
			hint := near.Hint(name, names)
			if !ok {
				hint = "; want name=value"
			}
			d.Note(nil, a, "no knob or setting%s", hint)
			continue
		}
		n := d.Parse([]byte(text))
		switch {
		case n == nil:
		case at < len(knobs):
			knob(d, at, n)
		case name == "machine":
			d.machine(n, name, set)
		default:
			at -= len(knobs)
			delete(set, at) // the last of several holds
			assignment(d, &settings[at], at, set).Read(n, name)
		}
	}
	apply(settings, set, setup)
	for i := range d.Problems {
		d.Problems[i].Line, d.Problems[i].Column = 0, 0
	}
	return d.Err()
}

// Set changes knobs of the space and settings of the model: "pulse=2ns" fixes a
// knob, "capacity=[1MiB, 2MiB]" or "pulse={min: 1ns, max: 2ns}" frees it. The
// error is an *InputError with everything that is wrong.
func (s *Study) Set(assignments []string) error {
	before, named, knobs := s.Setup, false, catalog.Of(&s.Setup).Knobs()
	err := assign(assignments, func(d *decoder, i int, n *yaml.Node) {
		d.parameter(n, knobs[i].Name, &knobs[i], &s.Space[i])
		named = named || knobs[i].OfMachine
	}, &s.Setup)
	if !named {
		s.clocked(before)
	}
	s.settle()
	return err
}

// Set changes knobs of the design and settings of the model: "pulse=2ns". The
// error is an *InputError with everything that is wrong.
func (f *Design) Set(assignments []string) error {
	before, named, knobs := f.Setup, false, catalog.Of(&f.Setup).Knobs()
	err := assign(assignments, func(d *decoder, i int, n *yaml.Node) {
		if v, ok := value(d, n, knobs[i].Name, &knobs[i]); ok {
			knobs[i].Set(&f.Design, v)
		}
		named = named || knobs[i].OfMachine
	}, &f.Setup)
	if !named && f.Design.Clock == before.Clock {
		f.Design.Clock = f.Setup.Clock
	}
	return err
}
