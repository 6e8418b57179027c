package study

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stco/experiments/study/catalog"
	"stco/experiments/study/networks"
	"stco/explore"
	"stco/model"
	"stco/model/workload/suite"
	"stco/objectives"
)

// object is a JSON Schema of a mapping without other keys.
func object(required []string, properties map[string]any) map[string]any {
	o := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func enum(words []string) map[string]any { return map[string]any{"enum": words} }

// scalar accepts a text with a unit or, where a plain number is meant, a number.
func scalar[T any](v *model.Variable[T]) map[string]any {
	s := map[string]any{"description": v.Meaning}
	switch {
	case v.Choices != nil:
		if v.Choices[0] == "false" || v.Choices[0] == "true" {
			s["type"] = "boolean"
		} else {
			s["enum"] = v.Choices
			if v.Preset {
				s["enum"] = append(slices.Clone(v.Choices), "preset")
			}
		}
	case v.Unit == "":
		s["type"] = []string{"number", "string"}
		s["description"] = fmt.Sprintf("%s; %s to %s", v.Meaning, v.Format(v.Min), v.Format(v.Max))
	default:
		s["type"] = "string"
		s["description"] = fmt.Sprintf("%s, with its unit; %s to %s", v.Meaning, v.Format(v.Min), v.Format(v.Max))
	}
	return s
}

func schemaOf[T any](vars []model.Variable[T]) map[string]any {
	p := map[string]any{}
	for i := range vars {
		p[vars[i].Name] = scalar(&vars[i])
	}
	return object(nil, p)
}

// machineSchema is the schema of the name of a machine, or of a preset with what
// is changed of it.
func machineSchema() map[string]any {
	parts := map[string]any{}
	var preset map[string]any
	for _, v := range settings() {
		switch {
		case v.Name == "machine":
			preset = scalar(&v)
			parts["preset"] = preset
		case ofMachine(&v):
			parts[v.Name] = scalar(&v)
		}
	}
	return map[string]any{"anyOf": []any{preset, object(nil, parts)}}
}

func whole(least int) map[string]any { return map[string]any{"type": "integer", "minimum": least} }

// spellings returns the pattern of names in which capitals do not count, nor which of
// hyphen, underscore and dot parts them, or whether one stands between letters and
// digits; between digits one has to.
func spellings(names []string) string {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	var all []string
	for _, name := range names {
		var b strings.Builder
		for i := range len(name) {
			c := name[i]
			gap := strings.IndexByte("-_.", c) >= 0
			switch {
			case gap && digit(name[i-1]) && digit(name[i+1]):
				b.WriteString("[-_.]+")
			case gap:
				b.WriteString("[-_.]*")
			case digit(c):
				b.WriteByte(c)
			default:
				b.WriteString("[" + strings.ToUpper(string(c)) + string(c) + "]")
			}
			if i+1 < len(name) && !gap && strings.IndexByte("-_.", name[i+1]) < 0 && digit(c) != digit(name[i+1]) {
				b.WriteString("[-_.]*")
			}
		}
		all = append(all, b.String())
	}
	return "^(" + strings.Join(all, "|") + ")$"
}

func workloadSchema() map[string]any {
	return map[string]any{"type": "array", "minItems": 1, "items": object([]string{"network", "phase"}, map[string]any{
		"network": map[string]any{"anyOf": []any{
			enum(slices.Concat(suite.Names(""), suite.Aliases())),
			map[string]any{"type": "string", "pattern": "\\.(onnx|ONNX|yaml|yml|csv|json|cfg)$|/"},
			map[string]any{"type": "string", "pattern": spellings(slices.Concat(suite.Names(""), suite.Aliases()))},
		}},
		"kind": enum(networks.Kinds()), "bound": map[string]any{"type": "object", "additionalProperties": whole(1)},
		"set": map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "number"}}, "unknown": enum([]string{"refuse", "pointwise"}),
		"causal": map[string]any{"type": "boolean"}, "logits": enum([]string{"all", "last"}), "window": whole(1), "cache": enum([]string{"latent", "heads"}),
		"slice": object(nil, map[string]any{"tensor": whole(1), "pipeline": whole(1), "sequence": whole(1)}),
		"bind":  map[string]any{"type": "object", "additionalProperties": whole(1)}, "sha256": map[string]any{"type": "string"}, "graph": map[string]any{"type": "string"},
		"phase": enum([]string{"inference", "training", "prefill", "decode"}),
		"batch": whole(1), "seq_len": whole(1), "context": whole(1), "image_size": whole(1), "micro_batches": whole(1),
		"precision": map[string]any{"type": "string", "pattern": "^(bf16|fp16|fp32|fp8|int8|int4)(,\\s*[a-z_]+=[a-z0-9]+)*$"}, "optimizer": enum([]string{"sgd", "momentum", "adam", "adamw"}),
		"checkpointing": enum([]string{"none", "full", "selective"}), "fusion": map[string]any{"type": "boolean"},
		"fused_attention": map[string]any{"type": "boolean"}, "dropout": map[string]any{"type": "boolean"}, "weights": enum([]string{"resident", "streamed"}),
		"weight": map[string]any{"type": "number", "minimum": 0},
	})}
}

// Schema returns the JSON Schema of study files.
func Schema() map[string]any {
	axes, bounds := map[string]any{}, map[string]any{}
	text := map[string]any{"type": []string{"string", "number"}}
	for _, k := range knobs() {
		forms := []any{scalar(&k)}
		if k.Scale == model.Choice {
			forms = append(forms, map[string]any{"type": "array", "minItems": 1, "uniqueItems": true, "items": enum(k.Choices)})
		} else {
			span := map[string]any{"min": text, "max": text}
			if k.Scale != model.PowerOfTwo {
				span["step"], span["levels"] = text, whole(0)
			}
			forms = append(forms, object(nil, span), map[string]any{"type": "array", "minItems": 1, "uniqueItems": true, "items": scalar(&k)})
		}
		if k.Auto {
			forms = append(forms, enum([]string{"auto"}))
		}
		axes[k.Name] = map[string]any{"anyOf": forms, "description": k.Meaning}
	}
	for _, m := range objectives.Metrics() {
		b := object(nil, map[string]any{"min": text, "max": text})
		b["description"] = m.Meaning
		bounds[m.Name] = b
	}
	algorithms := make([]string, 0, 8)
	for _, a := range explore.Algorithms() {
		algorithms = append(algorithms, string(a))
	}
	scenarioAxes, cases := scenarioSchema()
	s := object([]string{"stco", "name", "workloads", "objectives"}, map[string]any{
		"stco": map[string]any{"const": FormatVersion}, "name": map[string]any{"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$"},
		"description": map[string]any{"type": "string"}, "machine": machineSchema(), "model": schemaOf(settings()), "space": object(nil, axes), "workloads": workloadSchema(),
		"objectives":  objectivesSchema(),
		"constraints": object(nil, bounds),
		"baselines":   baselineSchema(), "uncertainties": rangesSchema(), "axes": scenarioAxes, "scenarios": cases,
		"search": object(nil, map[string]any{
			"algorithm": enum(algorithms), "population": whole(4), "islands": whole(1), "migration_every": whole(1), "evaluations": whole(1),
			"generations": whole(0), "stagnation": whole(0), "time": map[string]any{"type": "string"}, "returned": whole(1), "draws": whole(2),
			"start": map[string]any{"type": "array", "items": map[string]any{"anyOf": []any{map[string]any{"type": "string"}, schemaOf(knobs())}}},
		}),
		"seed": whole(0), "seeds": whole(1),
	})
	addTables(s)
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "stco study"
	return s
}

// addTables adds the keys that bring tables, and lets names of their entries
// stand where the embedded ones do.
func addTables(s map[string]any) {
	properties, ok := s["properties"].(map[string]any)
	if !ok {
		return
	}
	entries := map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "object"}, "description": "entries by name: {base: NAME, QUANTITY: VALUE, ..., kind, source, note}; see docs/formats.md"}
	for _, k := range catalog.Keys() {
		properties[k] = entries
	}
	properties[catalog.TablesKey] = map[string]any{"anyOf": []any{
		map[string]any{"type": "string"}, map[string]any{"type": "array", "items": map[string]any{"type": "string"}}, map[string]any{"type": "object"},
	}, "description": "files or folders of tables in the published format, or rows written out: table, entry, quantity"}
}

// DesignSchema returns the JSON Schema of design files.
func DesignSchema() map[string]any {
	s := object([]string{"stco", "design", "workloads"}, map[string]any{
		"stco": map[string]any{"const": FormatVersion}, "design": schemaOf(knobs()), "machine": machineSchema(), "model": schemaOf(settings()), "workloads": workloadSchema(),
	})
	addTables(s)
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "stco design"
	return s
}

// exampleStudy is the embedded study that stco init starts from.
const exampleStudy = "cv-training"

// Example returns a study with every value written out and explained.
func Example() []byte {
	text, _ := Embedded(exampleStudy)
	s, err := Parse(exampleStudy, text)
	if err != nil {
		panic(fmt.Sprintf("embedded study: %v", err))
	}
	return s.Explained()
}

// Explained returns the file of a study with every value written out and explained.
func (s *Study) Explained() []byte {
	meanings := map[string]string{}
	for _, k := range knobs() {
		meanings[k.Name] = k.Meaning
	}
	for _, v := range settings() {
		meanings[v.Name] = v.Meaning
	}
	var b bytes.Buffer
	b.WriteString("# A study: what is searched, for which workloads, by which measures.\n" +
		"# In space, a value fixes a parameter, a list gives names or values to search, {min, max, step} or {min, max, levels} a range.\n" +
		"# Metrics for objectives and constraints: " + strings.Join(objectives.MetricNames(), ", ") + ".\n" +
		"# constraints: {area: {max: 100mm^2}} bounds a metric. stco schema prints every key.\n")
	key := regexp.MustCompile(`^  ([a-z0-9_]+): `)
	for line := range strings.Lines(string(s.YAML())) {
		line = strings.TrimRight(line, "\n")
		if m := key.FindStringSubmatch(line); m != nil && meanings[m[1]] != "" {
			line = fmt.Sprintf("%-56s # %s", line, meanings[m[1]])
		}
		b.WriteString(line + "\n")
	}
	return b.Bytes()
}

// ExampleDesign returns a design file to start from.
func ExampleDesign() []byte {
	text, _ := Embedded(exampleStudy)
	s, err := Parse(exampleStudy, text)
	if err != nil {
		panic(fmt.Sprintf("embedded study: %v", err))
	}
	f := Design{Design: model.DefaultDesign(), Setup: s.Setup}
	return append([]byte("# One design and what it is evaluated with; stco eval FILE prints its figures.\n"), f.YAML()...)
}
