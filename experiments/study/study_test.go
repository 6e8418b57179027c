package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/model/workload/suite"
)

func study(t *testing.T, name string) *Study {
	t.Helper()
	text, ok := Embedded(name)
	if !ok {
		t.Fatalf("no study %s", name)
	}
	s, err := Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestResolvedStudyIsRead checks that a resolved study is read back to a study
// with the same text and, from then on, to the same values to the last bit.
func TestResolvedStudyIsRead(t *testing.T) {
	for _, name := range Names() {
		first := study(t, name).YAML()
		again, err := Parse(name, first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		if !bytes.Equal(again.YAML(), first) {
			t.Errorf("%s: another text after reading it back", name)
		}
		third, err := Parse(name, again.YAML())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, third) {
			t.Errorf("%s: other values after reading it back", name)
		}
	}
}

// TestSchemaAcceptsStudies validates the embedded and resolved studies, and the
// example design, against the published schemas, and refuses a wrong one.
func TestSchemaAcceptsStudies(t *testing.T) {
	compile := func(schema map[string]any) *jsonschema.Schema {
		data, err := json.Marshal(schema)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("schema.json", doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("schema.json")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	value := func(text []byte) any {
		var v any
		if err := yaml.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	schema := compile(Schema())
	for _, name := range Names() {
		text, _ := Embedded(name)
		for _, text := range [][]byte{text, study(t, name).YAML()} {
			if err := schema.Validate(value(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := schema.Validate(value(Example())); err != nil {
		t.Errorf("example study: %v", err)
	}
	if err := compile(DesignSchema()).Validate(value(ExampleDesign())); err != nil {
		t.Errorf("example design: %v", err)
	}
	for name, want := range map[string]bool{
		"nosuch": false, "resnet500": false, "regnet_y_16gf": true, "regnet-y-1.6gf": true, "ResNet-50": true,
		"Llama-3.1-8B": true, "gpt-2": true, "mamba2_13b": false, "yolov3.cfg": true, "deepseek_r1": true, "-resnet50": false,
	} {
		err := schema.Validate(value([]byte("stco: 1\nname: x\nworkloads: [{network: " + name + ", phase: training}]\nobjectives: [energy]\n")))
		if known, _ := suite.Canonical(name); (err == nil) != want || want != (known != "" || strings.HasSuffix(name, ".cfg")) {
			t.Errorf("network %s: schema %v, name of %q", name, err, known)
		}
	}
}

// TestFaultsAreAllNamed checks that one parse names every fault with its place.
func TestFaultsAreAllNamed(t *testing.T) {
	_, err := Parse("s.yaml", []byte(`stco: 1
name: x
model: {t_hot: 85, node: 13nm, pe_rows: 1.5}
workloads:
  - {network: bert_base, phase: decode}
  - {network: gpt2_small, phase: training, batch: 3, micro_batches: 2}
space: {ecc: [none, none], clock: {min: 1GHz, max: 1GHz}, pulse: .nan}
objectives: [energy, energy]
constraints: {area: {min: 3mm^2, max: 2mm^2}}
search: {population: 010, algorithm: magic}
seed: -1
`))
	in, ok := errors.AsType[*strict.InputError](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{
		"s.yaml:3:16: model.t_hot", "model.node", "model.pe_rows", "workloads[0]", "workloads[1]", "space.ecc[1]", "space.clock",
		"space.pulse", "objectives[1]", "constraints.area: impossible", "search.population", "search.algorithm", "seed",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in\n%v", want, err)
		}
	}
	if len(in.Problems) != 13 {
		t.Errorf("%d faults, want 13\n%v", len(in.Problems), err)
	}
}

// TestGridsOfAStudy checks lists, steps and levels of a knob against the values
// that the space then has, and that they survive being written out.
func TestGridsOfAStudy(t *testing.T) {
	const head = "stco: 1\nname: x\nworkloads: [{network: resnet18, phase: inference}]\nobjectives: [energy]\nspace:\n"
	s, err := Parse("s.yaml", []byte(head+`
  pulse: {min: 200ps, max: 5ns, levels: 3}
  mtj_diameter: [80nm, 20nm, 50nm]
  barrier: {min: 0.7nm, max: 1nm, levels: 4}
  free_layer: {min: 0.8nm, max: 1.5nm, step: 0.3nm}
  capacity: [1MiB, 10MiB, 100MiB]
  banks: [12]
`))
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	sp := p.Decoder.Space
	units := map[string]float64{}
	for _, k := range knobs() {
		units[k.Name] = k.SI
	}
	for name, want := range map[string][]float64{
		"pulse": {0.2, 1, 5}, "mtj_diameter": {20, 50, 80}, "barrier": {0.7, 0.8, 0.9, 1}, "free_layer": {0.8, 1.1, 1.4}, "capacity": {1, 10, 100},
	} {
		i, err := sp.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		if sp.GridSize(i) != len(want) {
			t.Fatalf("%s: %d values, want %d", name, sp.GridSize(i), len(want))
		}
		u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
		for k, w := range want {
			u[i] = (float64(k) + 0.5) / float64(len(want))
			if sp.Decode(u, x); math.Abs(x[i]-w*units[name]) > 1e-15*x[i] {
				t.Errorf("%s[%d] = %v, want %v", name, k, x[i], w*units[name])
			}
		}
	}
	if _, err := sp.Index("banks"); err == nil {
		t.Error("a list of one value is searched")
	}
	again, err := Parse("s.yaml", s.YAML())
	if err != nil || !bytes.Equal(again.YAML(), s.YAML()) {
		t.Fatalf("%v\n%s", err, s.YAML())
	}
	even, err := Parse("s.yaml", []byte(head+"  pulse: {min: 1ns, max: 5ns, step: 2ns}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse("s.yaml", even.YAML()); err != nil || !bytes.Equal(again.YAML(), even.YAML()) || !bytes.Contains(even.YAML(), []byte("pulse: {min: 1ns, max: 5ns, step: 2ns}")) {
		t.Fatalf("%v\n%s", err, even.YAML())
	}
	if _, p, err = even.Build(); err != nil {
		t.Fatal(err)
	}
	if i, err := p.Decoder.Space.Index("pulse"); err != nil || p.Decoder.Space.GridSize(i) != 3 {
		t.Errorf("steps of a logarithmic knob: %v", err)
	}
	for text, want := range map[string]string{
		"pulse: {min: 1ns, max: 2ns, levels: 1}":                "space.pulse: levels 1",
		"barrier: {min: 1nm, max: 2nm, levels: 3, step: 0.5nm}": "space.barrier: step and levels",
		"banks: {min: 1, max: 4, levels: 2}":                    "space.banks.levels: unknown key",
		"capacity: [1MiB, 1024KiB]":                             "space.capacity[1]: 1024KiB is given twice",
		"capacity: []":                                          "space.capacity: the list is empty; allowed 0.0625MiB",
		"mtj_diameter: [50nm, 500nm]":                           "space.mtj_diameter[1]: 500nm is outside 15nm to 120nm",
		"rows: [64, auto]":                                      "space.rows[1]: auto",
	} {
		if _, err := Parse("s.yaml", []byte(head+"  "+text+"\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, _ := Embedded(name)
		f.Add(text)
	}
	f.Add([]byte("[[[[[[[["))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("f", text)
		if err != nil {
			if _, ok := errors.AsType[*strict.InputError](err); !ok {
				t.Fatalf("%T", err)
			}
			return
		}
		if _, err := Parse("f", s.YAML()); err != nil {
			t.Fatalf("%v\n%s", err, s.YAML())
		}
	})
}

// TestFusedAttentionKey: the key is read and kept in the resolved study.
func TestFusedAttentionKey(t *testing.T) {
	text, ok := Embedded("nlp-inference")
	if !ok {
		t.Fatal("no study nlp-inference")
	}
	asked := strings.ReplaceAll(string(text), "{network: bert_base,", "{network: bert_base, fused_attention: true,")
	for _, in := range []string{string(text), asked} {
		s, err := Parse("study.yaml", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		fused := 0
		for i := range s.Setup.Workloads {
			if s.Setup.Workloads[i].Options.FusedAttention {
				fused++
			}
		}
		if want := strings.Count(in, "fused_attention: true"); fused != want || strings.Count(string(s.YAML()), "fused_attention: true") != want {
			t.Errorf("%d workloads with attention in one step, want %d", fused, want)
		}
	}
}

// TestProblemHash checks that the source of random streams is what defines the
// problem: every line of a resolved study changes it, but for name, description,
// limits, seeds and the number of designs returned.
func TestProblemHash(t *testing.T) {
	const text = `
stco: 1
name: a
description: "d"
space: {capacity: 4MiB}
workloads: [{network: resnet50, phase: inference}]
objectives: [energy, latency]
constraints: {area: {max: 10mm^2}}
search: {algorithm: nsga2, population: 40, islands: 2, migration_every: 10, evaluations: 1000, generations: 10, stagnation: 5, time: 60s, returned: 20}
seed: 3
seeds: 2
`
	hash := func(old, to string) (problem, whole string) {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the study", old)
		}
		s, err := Parse("test", []byte(strings.Replace(text, old, to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return s.ProblemHash(), string(s.YAML())
	}
	problem, whole := hash("", "")
	for old, to := range map[string]string{
		"name: a": "name: b", `"d"`: `"e"`, "evaluations: 1000": "evaluations: 10000", "generations: 10": "generations: 20",
		"stagnation: 5": "stagnation: 0", "time: 60s": "time: 2h", "returned: 20": "returned: 50", "seed: 3": "seed: 4", "seeds: 2": "seeds: 10",
	} {
		if p, w := hash(old, to); p != problem || w == whole {
			t.Errorf("%s: another problem (%t) or the same study (%t)", to, p != problem, w == whole)
		}
	}
	for old, to := range map[string]string{
		"capacity: 4MiB": "capacity: 8MiB", "resnet50": "vgg16", "inference": "training", "[energy, latency]": "[energy, area]",
		"10mm^2": "12mm^2", "algorithm: nsga2": "algorithm: auto", "population: 40": "population: 44", "islands: 2": "islands: 1",
		"migration_every: 10": "migration_every: 11", "space:": "model: {t_hot: 350K}\nspace:",
	} {
		if p, w := hash(old, to); p == problem || w == whole {
			t.Errorf("%s: the same problem (%t) or study (%t)", to, p == problem, w == whole)
		}
	}
}
