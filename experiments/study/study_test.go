package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
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
	if err := schema.Validate(value([]byte("stco: 1\nname: x\nworkloads: [{network: nosuch, phase: training}]\nobjectives: [energy]\n"))); err == nil {
		t.Error("an unknown network is accepted")
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
	in, ok := errors.AsType[*InputError](err)
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
			if _, ok := errors.AsType[*InputError](err); !ok {
				t.Fatalf("%T", err)
			}
			return
		}
		if _, err := Parse("f", s.YAML()); err != nil {
			t.Fatalf("%v\n%s", err, s.YAML())
		}
	})
}
