package study

import (
	"strings"
	"testing"

	"stco/experiments/study/catalog"
	"stco/explore"
	"stco/model"
	"stco/model/device"
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

// TestSetDevice: parameters of a preset are settings; what is not given is left
// to the preset and not written.
func TestSetDevice(t *testing.T) {
	f := Design{Design: model.DefaultDesign(), Setup: study(t, "cv-training").Setup}
	plain := string(f.YAML())
	if err := f.Set([]string{"nucleation=0.6", "field_mode=tilted", "exchange=6000fJ/m", "write_tries=3", "nucleation_limit=no", "field=0T"}); err != nil {
		t.Fatal(err)
	}
	again, err := ParseDesign("x", f.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if string(again.YAML()) != string(f.YAML()) {
		t.Error("the file does not come back")
	}
	for _, want := range []string{"nucleation:        0.6", "field_mode:        tilted", "exchange:          6pJ/m", "nucleation_limit:  no", "field:             0mT"} {
		if !strings.Contains(string(f.YAML()), "\n  "+want+" ") {
			t.Errorf("%q is not in the file", want)
		}
	}
	m, err := model.New(catalog.Builtin(), f.Setup)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	var r, base model.Report
	if err := e.Evaluate(&f.Design, &r); err != nil {
		t.Fatal(err)
	}
	if r.Device.WriteFailure < 1e-3 || r.Device.DeltaNominal < 60 {
		t.Errorf("three tries leave an attempt %g, coherent reversal Delta %g", r.Device.WriteFailure, r.Device.DeltaNominal)
	}
	for _, name := range []string{"nucleation", "field_mode", "exchange", "write_tries", "nucleation_limit", "field"} {
		if err := f.Set([]string{name + "=preset"}); err != nil {
			t.Fatal(err)
		}
	}
	if string(f.YAML()) != plain {
		t.Error("a value is left behind")
	}
	if m, err = model.New(catalog.Builtin(), f.Setup); err != nil {
		t.Fatal(err)
	}
	if e, err = m.NewEvaluator(); err != nil {
		t.Fatal(err)
	}
	if err := e.Evaluate(&f.Design, &base); err != nil {
		t.Fatal(err)
	}
	if ratio := float64(r.Device.CriticalCurrent / base.Device.CriticalCurrent); ratio < 0.6 || ratio > 0.9 {
		t.Errorf("nucleation 0.6 without field: critical current %g times", ratio)
	}
	if err := f.Set([]string{"nucleation=20", "field_mode=tilt", "write_tries=2.5", "diameter=40nm", "usual_current_to=1mA"}); err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("error %v", err)
	}
	f.Setup.Device = device.Overrides{}
	if err := f.Set([]string{"theta=0.9"}); err != nil {
		t.Fatal(err)
	}
	if m, err = model.New(catalog.Builtin(), f.Setup); err != nil {
		t.Fatal(err)
	}
	if e, err = m.NewEvaluator(); err != nil {
		t.Fatal(err)
	}
	if err := e.Evaluate(&f.Design, &r); err != nil || r.Device.Efficiency <= base.Device.Efficiency {
		t.Errorf("an efficiency over that of the material: %g, %v", r.Device.Efficiency, err)
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
