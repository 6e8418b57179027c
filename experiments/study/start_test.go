package study

import (
	"slices"
	"strings"
	"testing"

	"stco/model"
	"stco/model/device"
)

func TestStarts(t *testing.T) {
	const text = "stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy, area]\nspace: {technology: [sot, sram]}\nsearch: {start: [%]}"
	s, err := Parse("t", []byte(strings.Replace(text, "%", "runs/a, 'runs/a:knee', {technology: sot, capacity: 16MiB, pulse: 1.23456789012ns, mtj_diameter: 55.5nm}, {technology: stt}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	own := s.Starts[2].Design
	if len(s.Starts) != 4 || s.Starts[0].From != "runs/a" || s.Starts[1].From != "runs/a:knee" || own.Capacity != 16<<20 || own.Pulse != 1.23456789012e-9 || s.Starts[3].Design.Technology != device.STT {
		t.Errorf("%+v", s.Starts)
	}
	again, err := Parse("t", s.YAML())
	if err != nil || string(again.YAML()) != string(s.YAML()) || again.ProblemHash() != s.ProblemHash() {
		t.Fatalf("%v\n%s", err, s.YAML())
	}
	if c, _ := model.NewCatalog(); c.Identity(&again.Starts[2].Design) != c.Identity(&own) {
		t.Error("a design is another one when read again")
	}
	err = s.CheckStarts()
	for _, want := range []string{"search.start[0]: runs/a has not been read", "search.start[1]", "search.start[3]: a buffer of technology stt"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	s.Starts = s.Starts[2:3]
	if err := s.CheckStarts(); err != nil {
		t.Error(err)
	}
	none, _ := Parse("t", []byte(strings.Replace(text, "search: {start: [%]}", "", 1)))
	if none.ProblemHash() == s.ProblemHash() || strings.Contains(string(none.YAML()), "start") {
		t.Error("what a search begins with is part of its problem")
	}
	for i := range 2 { // every scenario begins with it
		s.Axes = []Axis{{Name: "batch", Values: []string{"1", "2"}}}
		if one, err := s.In(i); err != nil || !slices.Equal(one.Starts, s.Starts) {
			t.Errorf("scenario %d: %v", i, err)
		}
	}
	_, err = Parse("t", []byte(strings.Replace(text, "%", "{capasity: 1MiB}, ' ', {pulse: 7}", 1)))
	for _, want := range []string{"search.start[0].capasity", "did you mean capacity", "search.start[1]", "RUN:ID", "search.start[2].pulse"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}
