package sensitivity

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/experiments/campaign"
	"stco/experiments/evaluate"
	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

const smallStudy = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
model: {nucleation: {range: [0.5, 2]}}
space:
  technology: [sram, sot]
  material: beta-w-co
  channel_thickness: 3.25nm
  width_margin: 0nm
  capacity: [1MiB, 2MiB, 4MiB]
  clock: 1GHz
  read_bus: 4096
  write_bus: 2048
objectives: [energy, latency, area]
search: {algorithm: nsga2, population: 20, islands: 2, migration_every: 3, evaluations: 1500, returned: 15}
seed: 6
`

const knee = "knee"

type silent struct{}

func (silent) Shard(int, int, string, int64)      {}
func (silent) Note(string)                        {}
func (silent) Generation(store.Generation, int64) {}

func run(t *testing.T, changes ...string) *store.Run {
	t.Helper()
	s, err := study.Parse("test", []byte(strings.NewReplacer(changes...).Replace(smallStudy)))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c, err := campaign.Start(s, filepath.Join(t.TempDir(), "run"), campaign.Environment{Workers: 2, FS: disk.OS{}, Observer: silent{}, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c.Run
}

// evaluated is the report of the knee of a run with other values of knobs and
// settings, by the way that a design file takes.
func evaluated(t *testing.T, r *store.Run, set ...string) *evaluate.Evaluation {
	t.Helper()
	d, err := inspect.Point(r, r.ReadTable, knee)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Set(set); err != nil {
		t.Fatal(err)
	}
	e, err := evaluate.Design(d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1) }

// TestSensitivity compares the tables of a design of a run with evaluations by
// other ways.
func TestSensitivity(t *testing.T) {
	r := run(t)
	s, err := Open(r, r.ReadTable, knee)
	if err != nil {
		t.Fatal(err)
	}
	own := evaluated(t, r).Report

	steps, err := s.Steps()
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for i := range steps.Rows {
		for _, side := range []string{"lower", "upper"} {
			value := steps.Text(i, column(steps, side))
			if value == "" {
				continue
			}
			moved++
			now := evaluated(t, r, steps.Text(i, 0)+"="+value)
			if got, want := steps.Rows[i][column(steps, "energy_"+side)], 100*(now.Report.Energy/own.Energy-1); !near(got, want) {
				t.Errorf("%s = %s: energy %g %%, want %g", steps.Text(i, 0), value, got, want)
			}
			if got, want := steps.Rows[i][column(steps, "latency_"+side)], 100*(now.Report.Latency/own.Latency-1); !near(got, want) {
				t.Errorf("%s = %s: latency %g %%, want %g", steps.Text(i, 0), value, got, want)
			}
			if misses := steps.Text(i, column(steps, side+"_misses")); (misses == "") != now.Report.Feasible() {
				t.Errorf("%s = %s: misses %q, feasible %v", steps.Text(i, 0), value, misses, now.Report.Feasible())
			}
		}
		for _, o := range []string{"energy", "latency", "area"} {
			least, most := steps.Rows[i][column(steps, o+"_least")], steps.Rows[i][column(steps, o+"_most")]
			if !(least <= 0) || !(most >= 0) {
				t.Errorf("%s: %s from %g to %g %% does not hold the design itself", steps.Text(i, 0), o, least, most)
			}
		}
	}
	if moved < 3 {
		t.Errorf("%d steps", moved)
	}

	knobs, err := s.Knobs(Sampling{Points: 256, Trajectories: 20, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if top := strongest(knobs, "area", ""); top != "capacity" {
		t.Errorf("%s decides the area, not the capacity", top)
	}
	importance, err := Archive(r, archives(r), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tech := range importance.Columns[0].Choices {
		if top := strongest(importance, "area", tech); top != "capacity" {
			t.Errorf("%s archive: %s decides the area, not the capacity", tech, top)
		}
	}
	if _, err := Archive(r, archives(r), "none"); err == nil || !strings.Contains(err.Error(), `scenario "none"`) {
		t.Errorf("a scenario that is not there: %v", err)
	}
	if _, err := Open(r, r.ReadTable, "no-such"); err == nil || !strings.Contains(err.Error(), "no-such") {
		t.Errorf("a design that is not there: %v", err)
	}
}

// strongest is the input of the largest share of an output.
func strongest(t *results.Table, output, technology string) string {
	by, in, out := "total", 1, 0
	if technology != "" {
		by, in, out = "ratio", 2, 1
	}
	best := -1
	for i, row := range t.Rows {
		if t.Text(i, out) == output && (technology == "" || t.Text(i, 0) == technology) && (best < 0 || row[column(t, by)] > t.Rows[best][column(t, by)]) {
			best = i
		}
	}
	return t.Text(best, in)
}

// TestTurns moves the constants of an SOT-MRAM design: the gains are those of the
// design evaluated with the constant as a setting of its file, beside the best
// SRAM buffer of the run's table; a verdict turned by one constant is said so.
func TestTurns(t *testing.T) {
	r := run(t, "technology: [sram, sot]", "technology: sot")
	s, err := Open(r, r.ReadTable, knee)
	if err != nil {
		t.Fatal(err)
	}
	turns, err := s.Turns()
	if err != nil {
		t.Fatal(err)
	}
	sram, err := r.ReadTable("sram")
	if err != nil {
		t.Fatal(err)
	}
	own := evaluated(t, r).Report
	base := math.Inf(1)
	for _, row := range sram.Rows {
		if row[column(sram, "area")] <= 1e6*float64(own.Area()) {
			base = min(base, row[column(sram, "energy")]*row[column(sram, "latency")])
		}
	}
	checked := 0
	for i, row := range turns.Rows {
		if got, want := row[column(turns, "edp_gain")], base/(own.Energy*own.Latency); !near(got, want) {
			t.Fatalf("gain %g, want %g", got, want)
		}
		for _, side := range []string{"low", "high"} {
			name, value := turns.Text(i, 0), turns.Text(i, column(turns, side))
			if !slices.Contains([]string{"nucleation", "theta", "rho", "tau_c"}, name) {
				continue
			}
			checked++
			now := evaluated(t, r, name+"="+value).Report
			if got, want := row[column(turns, "edp_gain_"+side)], base/(now.Energy*now.Latency); !near(got, want) {
				t.Errorf("%s = %s: gain %g, want %g", name, value, got, want)
			}
			if got := turns.Text(i, column(turns, "feasible_"+side)); got != map[bool]string{true: "yes", false: "no"}[now.Feasible()] {
				t.Errorf("%s = %s: feasible %s", name, value, got)
			}
		}
	}
	if checked != 8 {
		t.Errorf("%d gains looked at, want those of four constants", checked)
	}
}

// TestSentences has tables by hand.
func TestSentences(t *testing.T) {
	s := &Subject{}
	turns := results.NewList("turns", "constant:text", "low:text", "high:text", "edp_gain_low", "edp_gain", "edp_gain_high", "feasible_low:text", "feasible:text", "feasible_high:text", "turns:text")
	turns.Append("a", "0", "1", 0.5, 0.9, math.NaN(), "yes", "yes", "no", "no")
	turns.Append("b", "0", "1", 0.9, 0.9, 1.3, "yes", "yes", "yes", "yes")
	constants := results.NewList("constants", "output:text", "input:text", "total", "total_low", "total_high")
	constants.Append("edp_gain", "a", 0.3, 0.2, 0.4)
	constants.Append("edp_gain", "b", 0.5, 0.45, 0.55)
	constants.Append("edp_gain", "far", 7, 0.5, 9)
	constants.Append("energy", "a", 0.99, 0.98, 1)
	text := strings.Join(s.Sentences(turns, constants), "\n")
	for _, want := range []string{"is 0.9 times", "does not pay is turned by b alone", "b decides the largest known share of the spread of the gain: 45 to 55 %", "too small for the indices of 1 constants"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	turns.Rows = turns.Rows[:1]
	if text := strings.Join(s.Sentences(turns, nil), "\n"); !strings.Contains(text, "turned by no single constant within its range; the largest change is that of a: 0.5 to 0.9") {
		t.Error(text)
	}
	if s.Sentences(nil, constants) != nil {
		t.Error("a verdict without a rival")
	}
}
