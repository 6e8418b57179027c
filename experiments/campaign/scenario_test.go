package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

const twoByTwo = "seed: 6\naxes: {machine: [edge, soc], batch: [1, 4]}"

func scenes(t *testing.T, axes string, more ...string) (dir string, run *store.Run) {
	t.Helper()
	dir = complete(t, append([]string{"seed: 6", axes, "evaluations: 1500", "evaluations: 200", "  clock: 1GHz\n", ""}, more...)...)
	run, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, run
}

// checkRegimes traces every row of the regimes to the ladder of its scenario.
func checkRegimes(t *testing.T, run *store.Run, scenarios int) {
	t.Helper()
	regimes, err := run.ReadTable("regimes")
	if err != nil {
		t.Fatal(err)
	}
	ladders, err := run.ReadTable("ladder")
	if err != nil {
		t.Fatal(err)
	}
	get := func(tab *results.Table, row int, name string) float64 {
		return tab.Rows[row][column(t, tab.Index, name)]
	}
	names := inspect.ScenarioNames(run)
	if len(names) != scenarios || len(regimes.Rows) != scenarios {
		t.Fatalf("%d scenarios, %d rows", len(names), len(regimes.Rows))
	}
	for r := range regimes.Rows {
		name := regimes.Text(r, column(t, regimes.Index, "scenario"))
		ladder, err := inspect.InScenario(run, ladders, name)
		if err != nil {
			t.Fatal(err)
		}
		most, paying := math.Inf(-1), 0.0
		for i := range ladder.Rows {
			g := get(ladder, i, "sot_edp_gain")
			if g > most {
				most = g
			}
			if g >= 1.02 {
				paying++
			}
			if get(ladder, i, "area_budget") == get(regimes, r, "most_at") && g != get(regimes, r, "edp_gain") {
				t.Errorf("%s: %v is no gain of the ladder", name, get(regimes, r, "edp_gain"))
			}
		}
		if most != get(regimes, r, "edp_gain") || paying != get(regimes, r, "paying") {
			t.Errorf("%s: gain %v, want %v; pays at %v budgets, want %v", name, get(regimes, r, "edp_gain"), most, get(regimes, r, "paying"), paying)
		}
	}
}

// TestScenarios: a run of several scenarios finds in each what a study of this one
// alone finds, and stops and goes on to the same bytes; its tables name scenarios
// and axes.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	dir, run := scenes(t, twoByTwo)
	checkRegimes(t, run, 4)
	want := files(t, dir)
	front, err := run.ReadTable(store.FrontTable)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(want["front.csv"], "\n")
	if !strings.HasPrefix(text, "label,scenario,machine,batch,id,seed,") {
		t.Errorf("front.csv begins with %.80s", text)
	}
	if _, err := inspect.InScenario(run, front, ""); err == nil {
		t.Error("a front of four scenarios passes for one")
	}
	one, err := parse(t, "seed: 6", twoByTwo, "evaluations: 1500", "evaluations: 200", "  clock: 1GHz\n", "").In(3)
	if err != nil || one.Setup.Machine != "soc" || one.Setup.Workloads[0].Options.Batch != 4 {
		t.Fatalf("%v %+v", err, one)
	}
	alone := filepath.Join(t.TempDir(), "alone")
	c, err := Start(one, alone, (&clock{2 * time.Second}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(disk.OS{}, alone)
	if err != nil {
		t.Fatal(err)
	}
	own, err := run.ReadShardTable(3, store.ArchiveTable)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.ReadShardTable(0, store.ArchiveTable)
	if err != nil || len(own.Rows) == 0 || !slices.EqualFunc(own.Rows, theirs.Rows, func(a, b []float64) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Errorf("a scenario finds something else than its study alone: %d and %d designs, %v", len(own.Rows), len(theirs.Rows), err)
	}
	d, err := inspect.Point(run, run.ReadTable, "soc-batch4:1")
	if err != nil || d.Setup.Machine != "soc" {
		t.Errorf("%v %+v", err, d)
	}
	if checked, wrong, err := inspect.Check(run, 3); err != nil || checked < 8 || len(wrong) > 0 {
		t.Errorf("%d checked, %v, %v", checked, wrong, err)
	}
	stopped := filepath.Join(t.TempDir(), "stopped")
	for stops := 0; ; stops++ {
		ctx, cancel := context.WithCancel(t.Context())
		s := parse(t, "seed: 6", twoByTwo, "evaluations: 1500", "evaluations: 200", "  clock: 1GHz\n", "")
		c, err := Start(s, stopped, (&clock{time.Second}).options(&silent{after: 8, stop: cancel}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Execute(ctx)
		cancel()
		if err == nil {
			if stops < 2 {
				t.Errorf("stopped %d times", stops)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	same(t, "stopped", files(t, stopped), want)
}

// TestNamedScenarios: names, axes and what is wrong in them.
func TestNamedScenarios(t *testing.T) {
	const base = "stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy]\n"
	s, err := study.Parse("t", []byte(base+"scenarios: {phone: {machine: soc, t_hot: 330K}, rack: {machine: {preset: server, cores: 2}, capacity: [1MiB, 2MiB], workloads: [{network: resnet50, phase: inference, batch: 2}]}}\naxes: {flavour: [hp, lop], t_cold: [273K, 298.15K]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := s.Scenarios()
	if len(all) != 8 || all[0].Name != "phone-hp-t_cold273K" || all[7].Name != "rack-lop-t_cold298.15K" {
		t.Fatalf("%+v", all)
	}
	again, err := study.Parse("t", s.YAML())
	if err != nil || string(again.YAML()) != string(s.YAML()) {
		t.Fatalf("%v\n%s", err, s.YAML())
	}
	for i, want := range []struct {
		machine string
		cores   int
		cold    float64
		network string
	}{{"soc", 1, 273, "mobilenet_v2"}, {"soc", 1, 298.15, "mobilenet_v2"}} {
		one, err := again.In(i)
		if err != nil || one.Setup.Machine != want.machine || float64(one.Setup.Cold) != want.cold || one.Setup.Cores != want.cores || one.Setup.Hot != 330 {
			t.Errorf("scenario %d: %v %+v", i, err, one.Setup)
		}
	}
	rack, err := again.In(7)
	if err != nil || rack.Setup.Machine != "server" || rack.Setup.Cores != 2 || rack.Setup.Workloads[0].Network != "resnet50" || rack.Space[2].Values[0] != 1 {
		t.Errorf("%v %+v", err, rack)
	}
	for text, want := range map[string]string{
		"axes: {machin: [soc]}":                                "did you mean machine",
		"axes: {batch: [1, 1]}":                                "given twice",
		"axes: {batch: [0]}":                                   "whole number",
		"axes: {machine: [soc, moon]}":                         "moon",
		"machine: edge\naxes: {machine: [soc]}":                "brings its own",
		"axes: {batch: []}":                                    "empty",
		"scenarios: {a: {seeds: 3}}":                           "no setting",
		"scenarios: {a: {capacity: 2mm}}":                      "capacity",
		"axes: {t_hot: [300K, 301K], t_cold: [200K, oranges]}": "t_cold",
	} {
		if _, err := study.Parse("t", []byte(base+text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
