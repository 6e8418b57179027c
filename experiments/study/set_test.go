package study

import (
	"strings"
	"testing"

	"stco/explore"
	"stco/model"
	"stco/objectives"
)

// TestSet changes knobs and settings by name, refuses what a file would refuse,
// and names everything that is wrong.
func TestSet(t *testing.T) {
	s := study(t, "cv-training")
	if err := s.Set([]string{"pulse=2ns", "capacity=[1MiB, 4MiB]", "free_layer={min: 1nm, max: 1.2nm, step: 0.1nm}", "t_hot=350K", "ecc=none"}); err != nil {
		t.Fatal(err)
	}
	text := string(s.YAML())
	for _, want := range []string{"pulse: 2ns", "capacity: [1MiB, 4MiB]", "free_layer: {min: 1nm, max: 1.2nm, step: 0.1nm}", "t_hot: 350K", "ecc: none"} {
		if !strings.Contains(text, "  "+want+"\n") {
			t.Errorf("%s is not in the study", want)
		}
	}
	err := s.Set([]string{"puls=2ns", "capacity=7", "ecc=best", "clock", "banks=[]"})
	if err == nil {
		t.Fatal("wrong assignments are accepted")
	}
	for _, want := range []string{"did you mean pulse", "data size needs a unit", "unknown value", "want name=value", "the list is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	f := Design{Design: model.DefaultDesign(), Setup: model.DefaultSetup()}
	if err := f.Set([]string{"pulse=2000ps", "banks=12", "pe_rows=64"}); err != nil {
		t.Fatal(err)
	}
	if float64(f.Design.Pulse) != 2e-9 || f.Design.Banks != 12 || f.Setup.PERows != 64 {
		t.Errorf("%v, %d banks, %d rows", f.Design.Pulse, f.Design.Banks, f.Setup.PERows)
	}
	if err := f.Set([]string{"pulse=[1ns, 2ns]"}); err == nil {
		t.Error("a design takes two pulses")
	}
}

// TestOnePoint: a space of one point is one evaluation, whatever search and seeds
// say.
func TestOnePoint(t *testing.T) {
	s := study(t, "cv-training")
	base := model.DefaultDesign()
	for i := range knobs() {
		s.Space[i] = objectives.Fixed(&knobs()[i], knobs()[i].Get(&base))
	}
	s.Seeds = 3
	again, err := Parse("x", s.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if again.Search.Algorithm != explore.Grid || again.Seeds != 1 {
		t.Errorf("%s with %d seeds", again.Search.Algorithm, again.Seeds)
	}
	_, p, err := again.Build()
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := p.Decoder.Space.Size(); n != 1 || !ok {
		t.Errorf("%d designs, %t", n, ok)
	}
}
