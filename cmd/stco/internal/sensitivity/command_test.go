package sensitivity

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	method "stco/experiments/sensitivity"
	"stco/experiments/study"
	"stco/results"
	"stco/results/csv"
	"stco/results/store"
	"stco/results/store/disk"
)

const small = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space: {technology: sot, material: beta-w-co, channel_thickness: 3.25nm, width_margin: 0nm,
  capacity: [1MiB, 2MiB], clock: 1GHz, read_bus: 4096, write_bus: 2048}
objectives: [energy, area]
search: {algorithm: nsga2, population: 20, evaluations: 60, returned: 5}
seed: 6
`

type silent struct{}

func (silent) Shard(int, int, string, int64)      {}
func (silent) Note(string)                        {}
func (silent) Generation(store.Generation, int64) {}

// TestCommand: every table is what the methods say of the design for the samples,
// the trajectories and the seed of the command line, printed alone or written
// beside the run with its figure.
func TestCommand(t *testing.T) {
	q, err := study.Parse("small", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	c, err := campaign.Start(q, dir, campaign.Environment{Workers: 1, FS: disk.OS{}, Observer: silent{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		env := &command.Env{Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" }}
		app := &cli.App{Writer: &out, ErrWriter: &out, Commands: []*cli.Command{Command(env)}, ExitErrHandler: func(*cli.Context, error) {}}
		if err := app.RunContext(t.Context(), append([]string{"stco", "sensitivity"}, args...)); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out.String()
	}
	text := func(table *results.Table, err error) string {
		t.Helper()
		var b bytes.Buffer
		if err == nil {
			err = csv.Write(&b, table)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	s, err := method.Open(c.Run, c.Run.ReadTable, "knee")
	if err != nil {
		t.Fatal(err)
	}
	how := method.Sampling{Points: 64, Trajectories: 3, Seed: 5}
	want := map[string]string{"steps": text(s.Steps()), "knobs": text(s.Knobs(how)), "turns": text(s.Turns())}
	flags := []string{"--design", "knee", "--samples", "64", "--trajectories", "3", "--seed", "5"}
	for what, table := range want {
		if what == "constants" { // below, once: it is the slow one
			continue
		}
		if got := run(append(flags, "--what", what, "--format", "csv", dir)...); got != table {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got, table)
		}
	}
	turns, _ := s.Turns()
	constants, err := s.Constants(how)
	want["constants"] = text(constants, err)
	sentences := s.Sentences(turns, constants)

	printed := run(append(flags, dir)...)
	if !strings.HasPrefix(printed, strings.Join(sentences, "\n")+"\n\nOne knob at a time: ") {
		t.Errorf("%s", printed)
	}
	order := []string{"One knob", "-steps.csv", "Knobs over", "-knobs.csv", "-knobs.svg", "Uncertain constants", "-constants.csv", "-constants.svg", "One constant", "-turns.csv"}
	at := 0
	for _, w := range order {
		i := strings.Index(printed[at:], w)
		if i < 0 {
			t.Fatalf("%q is not printed after what comes before it:\n%s", w, printed)
		}
		at += i
	}
	for what, table := range want {
		if got, err := os.ReadFile(filepath.Join(dir, "figures", "sensitivity-"+what+".csv")); err != nil || string(got) != table {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", what, err, got, table)
		}
	}
	front := run("--front", dir)
	if !strings.HasPrefix(front, "\nKnobs among the designs") || !strings.HasSuffix(front, "/figures/sensitivity-importance.svg\n") {
		t.Errorf("%s", front)
	}
	only := run("--front", "--what", "importance", "--format", "csv", dir)
	if got, err := os.ReadFile(filepath.Join(dir, "figures", "sensitivity-importance.csv")); err != nil || string(got) != only || !strings.HasPrefix(only, "technology,objective,knob,ratio,") {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, only)
	}
	file := filepath.Join(t.TempDir(), "k.csv")
	if got := run(append(flags, "--what", "knobs", "--out", file, dir)...); got != "" {
		t.Errorf("%q", got)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want["knobs"] {
		t.Errorf("%v, %s", err, got)
	}
}

// TestCheck: flags that do not go together, and the ends of their ranges.
func TestCheck(t *testing.T) {
	for args, want := range map[string]string{
		"":                                                    "want either --design ID or --front",
		"--design knee --front":                               "want either",
		"--front --what steps":                                "--what steps: of a design",
		"--front --what importance":                           "",
		"--front":                                             "",
		"--front --scenario a":                                "",
		"--design knee":                                       "",
		"--design knee --what importance":                     "goes with --front",
		"--design knee --scenario a":                          "--scenario: goes with --front",
		"--design knee --samples 4":                           "--samples 4: must be a power of two, 8 to 1048576",
		"--design knee --samples 8":                           "",
		"--design knee --samples 9":                           "--samples 9",
		"--design knee --samples 1048576":                     "",
		"--design knee --samples 2097152":                     "--samples 2097152",
		"--design knee --trajectories 1":                      "--trajectories 1: must be 2 to 100000",
		"--design knee --trajectories 2":                      "",
		"--design knee --trajectories 100000":                 "",
		"--design knee --trajectories 100001":                 "--trajectories 100001",
		"--design knee --format csv":                          "go with --what",
		"--design knee --out a.csv":                           "go with --what",
		"--design knee --what knobs --out a.csv --format csv": "",
	} {
		var got error
		x := Command(&command.Env{})
		x.Action = func(c *cli.Context) error { got = check(c); return nil }
		app := &cli.App{Commands: []*cli.Command{x}}
		if err := app.Run(append([]string{"stco", "sensitivity"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
		if (got == nil) != (want == "") || got != nil && (!strings.Contains(got.Error(), want) || !command.Is[*command.UsageError](got)) {
			t.Errorf("%q: %v, want %q", args, got, want)
		}
	}
	if a, b := absent("constants"), absent("turns"); !strings.HasPrefix(b, a+", or ") {
		t.Errorf("%q, %q", a, b)
	}
}

// indices is a table of one output, or two, with an index for each input.
func indices(name string, outputs int) *results.Table {
	t := results.NewList(name, "output:text", "input:text", "total", "total_low", "total_high")
	for o := range outputs {
		for i, v := range []float64{0.1, 0.5, math.NaN(), 0.2, 0.2, 0.3, 0.05, 0.4, 0.02, 0.01, 0.6} {
			t.Append("o"+string(rune('a'+o)), string(rune('A'+i)), v/float64(1+o), 0.9*v/float64(1+o), 1.2*v/float64(1+o))
		}
	}
	return t
}

func column(t *results.Table, col int) (out []string) {
	for i := range t.Rows {
		out = append(out, t.Text(i, col))
	}
	return out
}

// TestShown: of each output the eight inputs of largest index, in their order; of
// the constants those that change the gain, at most sixteen; other tables whole.
func TestShown(t *testing.T) {
	want := strings.Split("A B D E F G H K", " ")
	for _, name := range []string{"knobs", "constants"} {
		if got := column(shown(indices(name, 2)), 1); !slices.Equal(got, slices.Concat(want, want)) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := shown(indices("steps", 2)); len(got.Rows) != 22 {
		t.Errorf("%d rows", len(got.Rows))
	}
	// Two of the same index at the limit: the first stays.
	even := results.NewList("knobs", "output:text", "input:text", "total")
	for i := range 9 {
		even.Append("o", string(rune('A'+i)), 0.5)
	}
	if got := column(shown(even), 1); strings.Join(got, "") != "ABCDEFGH" {
		t.Error(got)
	}
	// Importance is by technology and objective.
	weights := results.NewList("importance", "technology:text", "objective:text", "knob:text", "ratio")
	for _, tech := range []string{"sram", "sot"} {
		for i := range 9 {
			weights.Append(tech, "energy", string(rune('A'+i)), float64(i))
		}
	}
	if got := column(shown(weights), 2); strings.Join(got, "") != "BCDEFGHIBCDEFGHI" {
		t.Error(got)
	}
	// Nothing that decides anything is no row, not every row.
	even.Rows = even.Rows[:1]
	even.Rows[0][2] = math.NaN()
	if got := shown(even); len(got.Rows) != 0 {
		t.Error(got.Rows)
	}
	turns := results.NewList("turns", "constant:text", "low:text", "high:text", "edp_gain_low", "edp_gain", "edp_gain_high")
	for i := range 20 {
		turns.Append(string(rune('A'+i)), "", "", 1.0, 1.0, 2.0)
	}
	turns.Rows[1][5] = 1                      // changes nothing
	turns.Rows[2][5], turns.Rows[2][3] = 1, 3 // at the low end only
	if got := column(shown(turns), 0); strings.Join(got, "") != "ACDEFGHIJKLMNOPQ" {
		t.Error(got)
	}
}

// TestNothing: a table of which nothing changes is said to be so.
func TestNothing(t *testing.T) {
	r, _, err := store.Create(disk.OS{}, filepath.Join(t.TempDir(), "run"), store.Info{Study: small, StudyFormat: "yaml", Shards: []store.ShardInfo{{Name: "a", Stream: "s", Result: "r"}}})
	if err != nil {
		t.Fatal(err)
	}
	turns := results.NewList("turns", "constant:text", "low:text", "high:text", "edp_gain_low", "edp_gain", "edp_gain_high")
	turns.Append("x", "1", "2", 3.0, 3.0, 3.0)
	var out bytes.Buffer
	if err := everything(&command.Env{Out: &out}, r, map[string]*results.Table{"turns": turns}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "\n"+titles()["turns"]+": nothing changes\n"+r.Dir()+"/figures/sensitivity-turns.csv\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFigure: a bar an output over the inputs of largest index, the largest first.
func TestFigure(t *testing.T) {
	f, err := figure(indices("knobs", 2))
	if err != nil {
		t.Fatal(err)
	}
	data := f.Data()
	if got := strings.Join(column(data, 0), ""); got != "KBHFDEAG" {
		t.Errorf("inputs %s", got)
	}
	for i, v := range []float64{0.6, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.05} {
		if data.Rows[i][1] != v || data.Rows[i][3] != 1.2*v || data.Rows[i][4] != v/2 {
			t.Errorf("row %d: %v", i, data.Rows[i])
		}
	}
	// An output of which nothing is known has no bar: an interval is wider than all that it can be.
	wide := indices("knobs", 2)
	wide.Rows[0][4] = wide.Rows[0][3] + 1.01
	if f, err = figure(wide); err != nil || len(f.Data().Columns) != 4 {
		t.Errorf("%v, %+v", err, f.Data().Columns)
	}
	weights := results.NewList("importance", "technology:text", "objective:text", "knob:text", "ratio")
	weights.Append("sot", "energy", "a", 0.25)
	weights.Append("sot", "area", "a", 0.75)
	weights.Append("sram", "area", "b", math.NaN())
	if f, err = figure(weights); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range f.Data().Columns {
		names = append(names, c.Meaning)
	}
	if got := strings.Join(names, ", "); got != ", SOT energy: correlation ratio, SOT area: correlation ratio, SRAM area: correlation ratio" || len(f.Data().Rows) != 1 {
		t.Errorf("%s, %d rows", got, len(f.Data().Rows))
	}
	weights.Rows = weights.Rows[2:]
	for _, none := range []*results.Table{weights, indices("steps", 1), indices("turns", 1)} {
		if f, err := figure(none); f != nil || err != nil {
			t.Errorf("%s: %v, %v", none.Name, f, err)
		}
	}
	for _, bad := range []*results.Table{results.NewList("knobs", "input:text"), results.NewList("knobs", "total")} {
		if _, err := figure(bad); err == nil {
			t.Error("a table without its column has a figure")
		}
	}
}
