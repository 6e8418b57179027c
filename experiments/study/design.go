package study

import (
	"bytes"
	"fmt"
	"math"

	"go.yaml.in/yaml/v4"

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
	d := &decoder{file: file}
	f := &Design{Design: model.DefaultDesign(), Setup: model.DefaultSetup()}
	if root := d.parse(text); root != nil && !d.other(root, "objectives", "this is a study: stco run FILE runs it, stco eval --study FILE evaluates designs in it, stco init --design writes a design") {
		design, set := given{}, given{}
		d.mapping(root, "", []field{
			{"stco", true, func(n *yaml.Node, key string) { d.integer(n, key, FormatVersion, FormatVersion) }},
			{"design", true, func(n *yaml.Node, key string) { variables(d, n, key, knobs(), design, d.unpriced(notDesign)...) }},
			{"machine", false, func(n *yaml.Node, key string) { d.machine(n, key, set) }},
			{"model", false, func(n *yaml.Node, key string) { variables(d, n, key, settings(), set) }},
			{"workloads", true, func(n *yaml.Node, key string) { f.Setup.Workloads = d.workloads(n, key) }},
		})
		apply(settings(), set, &f.Setup)
		f.Design.Clock = f.Setup.Clock
		apply(knobs(), design, &f.Design)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// YAML writes the file with every value.
func (f *Design) YAML() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "stco: %d\ndesign:\n", FormatVersion)
	for _, k := range knobs() {
		fmt.Fprintf(&b, "  %-18s %-14s # %s\n", k.Name+":", k.Format(k.Get(&f.Design)), k.Meaning)
	}
	b.WriteString("model:\n")
	for _, s := range settings() {
		if x := s.Get(&f.Setup); !s.Preset || !math.IsNaN(x) {
			fmt.Fprintf(&b, "  %-18s %-14s # %s\n", s.Name+":", s.Format(x), s.Meaning)
		}
	}
	writeWorkloads(&b, f.Setup.Workloads)
	return b.Bytes()
}
