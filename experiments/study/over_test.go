package study

import (
	"strings"
	"testing"

	"stco/objectives"
)

const overStudy = "stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nspace: {technology: sot, capacity: 4MiB}\n"

// TestOver: what an objective is taken over is read, written, part of the problem, and
// makes the scenarios circumstances of one search.
func TestOver(t *testing.T) {
	text := overStudy + "axes: {machine: [soc, server], batch: [1, 4]}\n" +
		"objectives: [{metric: energy, over: scenarios, by: worst, resolution: 1%}, {metric: energy, over: uncertainties, by: quantile, level: 0.9}, {metric: latency, over: scenarios, by: mean, to: 1s}, area]\n" +
		"search: {draws: 4}\nconstraints: {energy: {max: 2x}}\n"
	s, err := Parse("t", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Objectives, " "); got != "energy_worst_of_scenarios energy_q90_of_uncertainties latency_mean_of_scenarios area" {
		t.Error(got)
	}
	if s.Preferences[1].Over != (objectives.Over{Of: objectives.Uncertainties, By: objectives.Quantile, Level: 0.9}) || s.Preferences[0].Times != 2 || s.Search.Draws != 4 {
		t.Errorf("%+v", s.Preferences)
	}
	again, err := Parse("t", s.YAML())
	if err != nil || string(again.YAML()) != string(s.YAML()) || again.ProblemHash() != s.ProblemHash() {
		t.Fatalf("%v\n%s", err, s.YAML())
	}
	if s.Scenarios() != nil || len(s.circumstances()) != 4 || !s.Together() {
		t.Errorf("%d scenarios are searched one by one, %d together", len(s.Scenarios()), len(s.circumstances()))
	}
	if s.Figure("energy") != "energy_worst_of_scenarios" || s.Figure("latency") != "latency_mean_of_scenarios" || s.Figure("area") != "area" || s.Figure("edp") != "edp" {
		t.Error("figures")
	}
	want := "In these figures energy is the worst of the scenarios, energy is the 90 % quantile of the uncertainties, latency is the mean of the scenarios (scenarios: soc-batch1, soc-batch4, server-batch1, server-batch4; uncertainties: 4 draws), of SRAM too; all else is that of the study as it stands."
	if got := s.OverText(); len(got) != 1 || got[0] != want {
		t.Error(got)
	}
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	c := p.Several()
	if len(c.Scenarios) != 4 || len(c.Draws) != 4 {
		t.Fatalf("%d scenarios, %d draws", len(c.Scenarios), len(c.Draws))
	}
	for i, want := range []float64{1e9, 1e9, 1.05e9, 1.05e9} {
		clock := float64(c.Scenarios[i].Clock)
		if clock == 0 {
			d := p.Decoder.Base()
			clock = float64(d.Clock)
		}
		if clock != want || c.Scenarios[i].Model.Setup.Workloads[0].Options.Batch != []int{1, 4, 1, 4}[i] {
			t.Errorf("scenario %d: clock %g Hz, batch %d", i, clock, c.Scenarios[i].Model.Setup.Workloads[0].Options.Batch)
		}
	}
	// What is part of the problem: scenarios, draws, ranges, and how they count.
	hashes := map[string]bool{s.ProblemHash(): true}
	for _, change := range [][2]string{{"batch: [1, 4]", "batch: [1, 2]"}, {"draws: 4", "draws: 5"}, {"level: 0.9", "level: 0.8"}, {"by: mean", "by: worst"}, {"search: {draws: 4}", "search: {draws: 4}\nuncertainties: {t_hot: {range: [330K, 390K]}}"}} {
		other, err := Parse("t", []byte(strings.Replace(text, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if h := other.ProblemHash(); hashes[h] {
			t.Errorf("%s is the same problem", change[1])
		} else {
			hashes[h] = true
		}
	}
}

// TestSameCircumstance: a scenario that changes nothing is the study as it stands, and
// is not evaluated twice.
func TestSameCircumstance(t *testing.T) {
	s, err := Parse("t", []byte(overStudy+"axes: {t_hot: [358.15K, 390K]}\nobjectives: [{metric: energy, over: scenarios, by: worst}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	m, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	c := p.Several().Scenarios
	if c[0].Model != m || c[1].Model == m || c[1].Model.Setup.Hot != 390 || c[1].Clock != 0 || p.Several().Draws != nil {
		t.Errorf("%+v", c)
	}
}

// TestBadOver: what cannot be is said with its place.
func TestBadOver(t *testing.T) {
	for _, c := range [][2]string{
		{"objectives: [{metric: energy, over: scenarios, by: worst}]", "the study has none"},
		{"objectives: [{metric: energy, over: scenarios}]\naxes: {batch: [1, 2]}", "objectives[0]: over scenarios by what?"},
		{"objectives: [{metric: energy, by: worst}]", "objectives[0]: by worst of what?"},
		{"objectives: [{metric: energy, over: seeds, by: worst}]", "objectives[0].over"},
		{"objectives: [{metric: energy, over: scenarios, by: best}]\naxes: {batch: [1, 2]}", "objectives[0].by"},
		{"objectives: [{metric: energy, over: uncertainties, by: quantile}]", "a quantile needs its level"},
		{"objectives: [{metric: energy, over: uncertainties, by: worst, level: 0.5}]", "a level is that of by: quantile"},
		{"objectives: [{metric: energy, over: uncertainties, by: quantile, level: 0}]", "above 0"},
		{"objectives: [{metric: energy, over: uncertainties, by: quantile, level: 1.5}]", "objectives[0].level"},
		{"objectives: [energy]\nsearch: {draws: 4}", "search.draws: no objective is taken over uncertainties"},
		{"objectives: [{metric: energy, over: uncertainties, by: mean}]\nsearch: {draws: 1}", "search.draws"},
		{"objectives: [{metric: energy, over: scenarios, by: worst}]\naxes: {capacity: [4MiB, 8MiB]}", "scenario capacity8MiB: capacity: an objective is taken over the scenarios"},
		{"objectives: [{metric: energy, over: scenarios, by: worst}]\nscenarios: {a: {pulse: 2ns}, b: {batch: 2}}", "scenario a: pulse"},
		{"objectives: [{metric: energy, over: scenarios, by: worst}, {metric: energy, over: scenarios, by: worst}]\naxes: {batch: [1, 2]}", "energy_worst_of_scenarios is given twice"},
	} {
		_, err := Parse("t", []byte(overStudy+c[0]+"\n"))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v, want %q", c[0], err, c[1])
		}
	}
}

// TestNothingUncertain: a study that gives every uncertain setting a value has no
// objective over uncertainties.
func TestNothingUncertain(t *testing.T) {
	s, err := Parse("t", []byte(overStudy+"objectives: [energy]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var given []string
	for _, u := range s.Uncertainties() {
		given = append(given, u.Name+": "+SettingText(u.Name, u.High))
	}
	_, err = Parse("t", []byte(overStudy+"objectives: [{metric: energy, over: uncertainties, by: worst}]\nmodel: {"+strings.Join(given, ", ")+"}\n"))
	if err == nil || !strings.Contains(err.Error(), "objectives: over uncertainties: nothing is uncertain") {
		t.Error(err)
	}
}
