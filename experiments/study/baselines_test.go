package study

import (
	"slices"
	"strings"
	"testing"

	"stco/model/array"
	"stco/model/device"
)

const baselineStudy = "stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy]\nbaselines: "

func TestBaselines(t *testing.T) {
	s, err := Parse("t", []byte(baselineStudy+"[{capacity: 2MiB}, {technology: stt, capacity: same}, {area: same, flavour: hp, temperature: 330K}, {capacity: same, ecc: none, node: 7nm, residency: false}, {area: 3mm^2, ecc: same}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Baseline{
		{Capacity: 2 << 20},
		{Technology: device.STT, SameCapacity: true},
		{SameArea: true, Flavour: "hp", Temperature: 330},
		{SameCapacity: true, Code: array.NoECC, OtherCode: true, Node: "7nm", NoResidency: true},
		{Area: 3e-6},
	}
	if !slices.Equal(s.Baselines, want) {
		t.Errorf("%+v", s.Baselines)
	}
	var names []string
	for i := range s.Baselines {
		names = append(names, s.Baselines[i].Name())
	}
	if got := strings.Join(names, "; "); got != "2 MiB; STT iso-capacity; iso-area 330 K; iso-capacity ecc none 7nm no residency; 3 mm2" {
		t.Error(got)
	}
	again, err := Parse("t", s.YAML())
	if err != nil || !slices.Equal(again.Baselines, want) || string(again.YAML()) != string(s.YAML()) {
		t.Errorf("%v: %+v", err, again.Baselines)
	}
	none, err := Parse("t", []byte(strings.TrimSuffix(baselineStudy, "baselines: ")))
	if err != nil || !slices.Equal(none.Baselines, DefaultBaselines()) || none.ProblemHash() != s.ProblemHash() {
		t.Errorf("%v: %+v", err, none.Baselines)
	}
}

func TestBadBaselines(t *testing.T) {
	_, err := Parse("t", []byte(baselineStudy+"[{flavour: hp}, {capacity: 2MiB}, {capacity: 2MiB}, {technology: stt, capacity: 1MiB}, {area: 2nm}, {node: 2nm, capacity: same}, {capacity: 5}]"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"baselines[0]: give capacity", "baselines[2]: given twice", "baselines[3]: a baseline of stt", "baselines[4].area", "baselines[5].node", "baselines[6].capacity"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}
