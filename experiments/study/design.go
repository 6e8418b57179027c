package study

import (
	"bytes"
	"fmt"
	"math"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/experiments/study/workloads"
	"stco/model"
)

// Design is one design with the setup it is evaluated under.
type Design struct {
	Design model.Design
	Setup  model.Setup
}

// ParseDesign reads a design file strictly. The error is an *InputError with
// everything that is wrong.
func ParseDesign(file string, text []byte) (*Design, error) {
	d := open(file)
	f := &Design{Design: model.DefaultDesign(), Setup: model.DefaultSetup()}
	if root := d.Parse(text); root != nil && !d.Other(root, "objectives", "this is a study: stco run FILE runs it, stco eval --study FILE evaluates designs in it, stco init --design writes a design") {
		f.Setup.Catalog = d.user(root)
		design, set := given{}, given{}
		d.Mapping(root, "", append(catalog.Fields(), []strict.Key{
			strict.Required("stco", func(n *yaml.Node, key string) { d.Integer(n, key, FormatVersion, FormatVersion) }),
			strict.Required("design", func(n *yaml.Node, key string) { variables(d, n, key, d.knobs(), design, d.unpriced(notDesign)...) }),
			strict.Optional("machine", func(n *yaml.Node, key string) { d.machine(n, key, set) }),
			strict.Optional("model", func(n *yaml.Node, key string) { variables(d, n, key, d.settings(), set) }),
			strict.Required("workloads", func(n *yaml.Node, key string) { f.Setup.Workloads = workloads.Read(d.Reader, n, key) }),
		}...))
		apply(d.settings(), set, &f.Setup)
		f.Design.Clock = f.Setup.Clock
		apply(d.knobs(), design, &f.Design)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// YAML writes the file with every value.
func (f *Design) YAML() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "stco: %d\n", FormatVersion)
	catalog.Write(&b, &f.Setup)
	b.WriteString("design:\n")
	for _, k := range catalog.Of(&f.Setup).Knobs() {
		fmt.Fprintf(&b, "  %-18s %-14s # %s\n", k.Name+":", k.Format(k.Get(&f.Design)), k.Meaning)
	}
	b.WriteString("model:\n")
	for _, s := range catalog.Of(&f.Setup).Settings() {
		if x := s.Get(&f.Setup); !s.Preset || !math.IsNaN(x) {
			fmt.Fprintf(&b, "  %-18s %-14s # %s\n", s.Name+":", s.Format(x), s.Meaning)
		}
	}
	workloads.Write(&b, f.Setup.Workloads)
	return b.Bytes()
}
