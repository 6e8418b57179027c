package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/experiments/study/workloads"
	"stco/model"
	"stco/model/near"
	"stco/model/units"
	"stco/model/workload"
	"stco/objectives"
)

// Axis is a setting, a knob or an option of the workloads with the values that
// scenarios give it, as a file has them.
type Axis struct {
	Name   string
	Values []string
}

// Case is a named scenario: what it changes of the study, as "name=value".
type Case struct {
	Name    string
	Changes []string
}

// Scenario is one of the circumstances that a study is repeated in.
type Scenario struct {
	Name    string // part of file names
	Case    string // of the named ones; "" without them
	Values  []string
	changes []string
}

// mostScenarios bounds the scenarios of a study.
const mostScenarios = 1000

// options of the workloads that scenarios may change.
func workloadOptions() map[string]func(*workload.Options, string) error {
	count := func(into func(*workload.Options) *int) func(*workload.Options, string) error {
		return func(o *workload.Options, text string) error {
			v, err := strconv.Atoi(text)
			if err != nil || v < 1 || v > 1<<20 {
				return fmt.Errorf("%q is no whole number from 1 to %d", text, 1<<20)
			}
			*into(o) = v
			return nil
		}
	}
	return map[string]func(*workload.Options, string) error{
		"batch":         count(func(o *workload.Options) *int { return &o.Batch }),
		"seq_len":       count(func(o *workload.Options) *int { return &o.SeqLen }),
		"context":       count(func(o *workload.Options) *int { return &o.Context }),
		"image_size":    count(func(o *workload.Options) *int { return &o.ImageSize }),
		"micro_batches": count(func(o *workload.Options) *int { return &o.MicroBatches }),
		"phase": func(o *workload.Options, text string) (err error) {
			o.Phase, err = workload.ParsePhase(text)
			return err
		},
		"precision": func(o *workload.Options, text string) (err error) {
			o.Precision, err = workload.PrecisionByName(text)
			return err
		},
	}
}

// axisNames lists what scenarios may change.
func axisNames() []string {
	var names []string
	for i := range knobs() {
		names = append(names, knobs()[i].Name)
	}
	for i := range settings() {
		names = append(names, settings()[i].Name)
	}
	return append(names, "batch", "seq_len", "context", "image_size", "micro_batches", "phase", "precision")
}

// axes reads a mapping from names to lists of values.
func (d *decoder) axes(n *yaml.Node, key string) (all []Axis) {
	d.Each(n, key, func(name, v *yaml.Node) {
		full := strict.Join(key, name.Value)
		if !slices.Contains(axisNames(), name.Value) {
			d.Note(name, full, "no setting, knob or option of the workloads%s", near.Hint(name.Value, axisNames()))
			return
		}
		a := Axis{Name: name.Value}
		d.Items(v, full, func(item *yaml.Node, key string) {
			text, ok := d.Text(item, key)
			if ok && slices.Contains(a.Values, text) {
				d.Note(item, key, "%s is given twice", text)
			}
			a.Values = append(a.Values, text)
		})
		if v.Kind == yaml.SequenceNode && len(v.Content) == 0 {
			d.Note(v, full, "the list is empty")
		}
		all = append(all, a)
	})
	return all
}

// cases reads a mapping from names of scenarios to what they change.
func (d *decoder) cases(n *yaml.Node, key string) (all []Case) {
	d.Each(n, key, func(name, v *yaml.Node) {
		full := strict.Join(key, name.Value)
		c := Case{Name: d.name(name, full)}
		d.Each(v, full, func(name, v *yaml.Node) {
			if name.Value != "workloads" && !slices.Contains(axisNames(), name.Value) {
				d.Note(name, strict.Join(full, name.Value), "no setting, knob, option of the workloads or workloads%s", near.Hint(name.Value, axisNames()))
				return
			}
			c.Changes = append(c.Changes, name.Value+"="+flow(v))
		})
		all = append(all, c)
	})
	return all
}

// flow writes a node in one line.
func flow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			parts = append(parts, flow(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, n.Content[i].Value+": "+flow(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
	}
	if strings.ContainsAny(n.Value, ",:{}[]#\"'") {
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// Scenarios returns the scenarios that are searched one by one; nil for a study
// without, and for one that evaluates them together.
func (s *Study) Scenarios() []Scenario {
	if s.Together() {
		return nil
	}
	return s.circumstances()
}

// circumstances are the scenarios of a study: every combination of its named ones and
// of the values of its axes, the last axis fastest; nil for a study without.
func (s *Study) circumstances() []Scenario {
	if len(s.Axes) == 0 && len(s.Cases) == 0 {
		return nil
	}
	all := []Scenario{{}}
	if len(s.Cases) > 0 {
		all = nil
		for _, c := range s.Cases {
			all = append(all, Scenario{Name: c.Name, Case: c.Name, changes: c.Changes})
		}
	}
	for _, a := range s.Axes {
		var more []Scenario
		for _, from := range all {
			for _, v := range a.Values {
				name := plainName(v)
				if _, numeric := leadingNumber(v); numeric {
					name = a.Name + name
				}
				more = append(more, Scenario{
					Name: strings.TrimPrefix(from.Name+"-"+name, "-"), Case: from.Case,
					Values: append(slices.Clone(from.Values), v), changes: append(slices.Clone(from.changes), a.Name+"="+v),
				})
			}
		}
		all = more
	}
	return all
}

// plainName keeps of a text what a file name may have.
func plainName(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}

func leadingNumber(text string) (float64, bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.+-eE", r) })
	if end < 0 {
		end = len(text)
	}
	v, err := strconv.ParseFloat(strings.TrimRight(text[:end], "eE"), 64)
	return v, err == nil
}

// AxisValue is the value of an axis as a number with its unit; NaN where it is a
// name.
func AxisValue(axis, text string) (value float64, unit string) {
	number := func(v *units.Named, parse func(string) (float64, error)) (float64, string) {
		x, err := parse(text)
		if err != nil {
			return math.NaN(), ""
		}
		return v.Out(x), v.Unit
	}
	for i := range knobs() {
		if k := &knobs()[i]; k.Name == axis && k.Scale != model.Choice {
			return number(&k.Named, k.Parse)
		}
	}
	for i := range settings() {
		if k := &settings()[i]; k.Name == axis && k.Scale != model.Choice {
			return number(&k.Named, k.Parse)
		}
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, ""
	}
	return math.NaN(), ""
}

// In returns the study of a scenario, by its number: one without scenarios.
func (s *Study) In(scenario int) (*Study, error) {
	all := s.Scenarios()
	if all == nil {
		return s, nil
	}
	return s.in(&all[scenario])
}

func (s *Study) in(c *Scenario) (*Study, error) {
	one := *s // what changes below is copied
	out := &one
	out.Axes, out.Cases = nil, nil
	out.Space, out.Setup.Workloads = slices.Clone(s.Space), slices.Clone(s.Setup.Workloads)
	if s.Together() { // of the circumstances setup and space are asked for
		out.Objectives, out.Preferences = []string{"energy"}, []objectives.Preference{objectives.NewPreference("energy")}
		out.Search.Draws = defaultDraws
	}
	d := open(s.Name)
	var rest []string
	for _, change := range c.changes {
		name, text, _ := strings.Cut(change, "=")
		set, option := workloadOptions()[name]
		switch {
		case name == "workloads":
			if n := d.Parse([]byte(text)); n != nil {
				out.Setup.Workloads = workloads.Read(d.Reader, n, name)
			}
		case option:
			for i := range out.Setup.Workloads {
				if err := setOption(&out.Setup.Workloads[i], text, set); err != nil {
					d.Note(nil, name, "%s", err)
				}
			}
		default:
			rest = append(rest, change)
		}
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	if err := out.Set(rest); err != nil {
		return nil, err
	}
	return out, nil
}

// setOption changes an option of a workload that is built in.
func setOption(w *model.Workload, text string, set func(*workload.Options, string) error) error {
	if w.Import != nil {
		return fmt.Errorf("%s is a file, whose sizes are bound in its workload", w.Network)
	}
	if err := set(&w.Options, text); err != nil {
		return err
	}
	_, err := w.Build()
	return err
}

// checkScenarios judges every scenario.
func (d *decoder) checkScenarios(root *yaml.Node, s *Study, given given) {
	for _, a := range s.Axes {
		if a.Name != "machine" {
			continue
		}
		for i := range settings() {
			if _, ok := given[i]; ok && ofMachine(&settings()[i]) {
				d.Note(root, "axes.machine", "each machine brings its own %s, which the study gives too: leave one out, or name scenarios", settings()[i].Name)
			}
		}
	}
	n := max(len(s.Cases), 1)
	for _, a := range s.Axes {
		if n *= len(a.Values); n > mostScenarios {
			d.Note(root, "axes", "more than %d scenarios", mostScenarios)
			return
		}
	}
	all := s.circumstances()
	known := map[string]bool{}
	seen := map[string]bool{}
	for i := range all {
		if known[all[i].Name] {
			d.Note(root, "axes", "two scenarios are named %s", all[i].Name)
		}
		known[all[i].Name] = true
		_, err := s.in(&all[i])
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			d.NoteErr(root, "scenario "+all[i].Name, err)
		}
	}
}

// writeScenarios writes axes and named scenarios, if there are some.
func (s *Study) writeScenarios(line func(format string, args ...any)) {
	if len(s.Cases) > 0 {
		line("scenarios:")
		for _, c := range s.Cases {
			var parts []string
			for _, change := range c.Changes {
				name, text, _ := strings.Cut(change, "=")
				parts = append(parts, name+": "+text)
			}
			line("  %s: {%s}", c.Name, strings.Join(parts, ", "))
		}
	}
	if len(s.Axes) > 0 {
		line("axes:")
		for _, a := range s.Axes {
			values := make([]string, len(a.Values))
			for i, v := range a.Values {
				if values[i] = v; strings.ContainsAny(v, ",:{}[]#\"'") {
					values[i] = strconv.Quote(v)
				}
			}
			line("  %s: [%s]", a.Name, strings.Join(values, ", "))
		}
	}
}

// overMachines tells whether the machine is an axis.
func (s *Study) overMachines() bool {
	return slices.ContainsFunc(s.Axes, func(a Axis) bool { return a.Name == "machine" })
}

// scenarioSchema is the JSON Schema of axes and scenarios.
func scenarioSchema() (axes, cases map[string]any) {
	lists, values := map[string]any{}, map[string]any{"workloads": workloadSchema()}
	for _, name := range axisNames() {
		lists[name] = map[string]any{"type": "array", "minItems": 1, "uniqueItems": true, "items": map[string]any{"type": []string{"string", "number", "boolean"}}}
		values[name] = map[string]any{}
	}
	return object(nil, lists), map[string]any{"type": "object", "additionalProperties": object(nil, values)}
}
