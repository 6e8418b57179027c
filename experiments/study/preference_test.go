package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/objectives"
)

const preferred = "stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\n"

func TestPreferences(t *testing.T) {
	s, err := Parse("t", []byte(preferred+"objectives: [{metric: energy, resolution: 2%}, {metric: latency, from: 1us, to: 2ms}, {metric: area, resolution: 0.5mm^2}, throughput]\n"+
		"constraints: {latency: {max: 2x}, throughput: {min: 0.25x}, area: {max: 3mm^2}, energy: {min: 1uJ, max: 1.5x}}"))
	if err != nil {
		t.Fatal(err)
	}
	none := math.Inf(1)
	want := []objectives.Preference{
		{Metric: "energy", Percent: 2, From: -none, To: none, Times: 1.5},
		{Metric: "latency", From: 1e-6, To: 2e-3, Times: 2},
		{Metric: "area", Absolute: 0.5e-6, From: -none, To: none},
		{Metric: "throughput", From: -none, To: none, Times: 0.25},
	}
	if !slices.Equal(s.Preferences, want) || !slices.Equal(s.Objectives, []string{"energy", "latency", "area", "throughput"}) {
		t.Errorf("%+v", s.Preferences)
	}
	bounds := s.Bounds()
	if len(s.Constraints) != 2 || len(bounds) != 3 || bounds[2].Metric != "latency" || bounds[2].Max != 2e-3 {
		t.Errorf("%+v, %+v", s.Constraints, bounds)
	}
	again, err := Parse("t", s.YAML())
	if err != nil || !slices.Equal(again.Preferences, want) || string(again.YAML()) != string(s.YAML()) || again.ProblemHash() != s.ProblemHash() {
		t.Errorf("%v\n%s", err, s.YAML())
	}
	plain, err := Parse("t", []byte(preferred+"objectives: [{metric: energy}, latency]"))
	if err != nil || !strings.Contains(string(plain.YAML()), "\nobjectives: [energy, latency]\n") || !plain.Preferences[0].Plain() {
		t.Errorf("%v", err)
	}
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	strata, err := s.Strata(p)
	if err != nil || p.NumConstraints() != strata[0].Problem.NumConstraints() || !strings.Contains(p.ConstraintName(p.NumConstraints()-1), "latency <= 0.002 s") {
		t.Errorf("%v, last constraint %s", err, p.ConstraintName(p.NumConstraints()-1))
	}
}

func TestBadPreferences(t *testing.T) {
	_, err := Parse("t", []byte(preferred+"objectives: [{metric: energi}, {metric: latency, resolution: 0%}, {metric: area, resolution: 2ns}, {metric: scrub_share, resolution: 2%}, "+
		"{metric: edp, from: 2, to: 1}, {resolution: 2%}, {metric: peak_power, step: 1W}, latency]\n"+
		"constraints: {latency: {min: 2x}, leakage: {max: 2x}, area: {max: 0.5x}, scrub_share: {max: 2x}, throughput: {max: 2 x}}"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"objectives[0].metric", "did you mean energy", "objectives[1].resolution", `"0%": a resolution`, "objectives[2].resolution", "area",
		"objectives[3].resolution", "scrub_share may be 0", "objectives[4]: from 2 must be below to 1", "objectives[5]", "metric", "objectives[6]", "step",
		"latency is given twice", "constraints.latency.min: 2x: latency is better when smaller: give max", "leakage is none", "constraints.area.max: 0.5x: at most 1x",
		"the best scrub_share may be 0", "throughput is none",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}
