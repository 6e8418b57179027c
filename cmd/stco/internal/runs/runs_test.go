package runs

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/watch"
	"stco/experiments/monitor"
	"stco/results"
	"stco/results/store"
)

// verbs runs a command line and returns what it printed.
func verbs(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	env := &command.Env{In: strings.NewReader(""), Out: &o, Err: &e, Now: time.Now, Getenv: func(string) string { return "" }}
	app := &cli.App{Name: "stco", Writer: &o, ErrWriter: &e, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{
		Run(env), Resume(env), watch.Status(env), Verify(env), Pareto(env), Export(env), Compare(env), Eval(env), Merge(env), Report(env), Plot(env),
	}}
	// The library wants flags first; package cli puts them there for users.
	at := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "--") })
	if at > 0 {
		args = slices.Concat(args[:1], args[at:], args[1:at])
	}
	err = app.RunContext(context.Background(), append([]string{"stco"}, args...))
	return o.String(), e.String(), err
}

const studyText = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference}]
space: {technology: sot, capacity: [1MiB, 2MiB], banks: [1, 2, 4]}
objectives: [energy, area]
search: {evaluations: 120, population: 12, islands: 1}
`

// TestVerbs runs a small study and reads it with every verb: the rows that CSV
// exports are those that the run counts, a verified run is as it was written, an
// extension has the evaluations asked for and equals the run started so.
func TestVerbs(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("small.yaml", []byte(studyText), 0o644); err != nil {
		t.Fatal(err)
	}
	must := func(args ...string) string {
		t.Helper()
		out, errs, err := verbs(t, args...)
		if err != nil {
			t.Fatalf("stco %v: %v\n%s", args, err, errs)
		}
		return out
	}
	if out := must("run", "small.yaml", "--dry-run"); !strings.Contains(out, "runs/small-seed") {
		t.Errorf("a dry run says\n%s", out)
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("a dry run leaves a run directory")
	}
	out := must("run", "small.yaml", "--out", "r", "--seed", "3", "--quiet", "--workers", "1")
	if !strings.Contains(out, "120 evaluations, ") || !strings.Contains(out, "Next: stco pareto r --weights") || strings.Contains(out, "stco compare r") {
		t.Errorf("the summary is\n%s", out)
	}
	// Every table names its run, and the ladder says what its gains are.
	for _, title := range []string{"the best buffer of every technology", "Pareto front", "gains over SRAM", "where energy and time go"} {
		if !strings.Contains(out, "\nr: "+title) {
			t.Errorf("no table is titled %q:\n%s", "r: "+title, out)
		}
	}
	if !strings.Contains(strings.Join(strings.Fields(out), " "), "area gain: area of the smallest SRAM buffer of at most its energy-delay product over its own") {
		t.Errorf("the ladder does not say what the area gain is:\n%s", out)
	}
	if out := must("pareto", "r", "--all", "--top", "1"); !strings.HasPrefix(out, "r: 1 of ") {
		t.Errorf("the front does not name its run:\n%s", out)
	}
	rows := func(text string) [][]string {
		t.Helper()
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	front, archive := rows(must("export", "r")), rows(must("export", "r", "--what", "archive"))
	if !slices.Contains(front[0], "seed") || !slices.Contains(front[0], "id") || len(front) < 2 || len(archive) < len(front) {
		t.Errorf("%d rows of the front, %d of the archive, columns %v", len(front)-1, len(archive)-1, front[0])
	}
	generations := rows(must("export", "r", "--what", "generations"))
	if last := generations[len(generations)-1]; !slices.Contains(last, "120") {
		t.Errorf("the last generation is %v", last)
	}
	if out := must("verify", "r", "--sample", "5"); !strings.Contains(out, "every file is as it was written; ") || strings.Contains(out, "; 0 designs") {
		t.Errorf("verified: %s", out)
	}
	if out := must("verify", "r", "--sample", "0"); !strings.Contains(out, "; 0 designs evaluated again") {
		t.Errorf("verified: %s", out)
	}
	if out := must("status", "r"); !strings.Contains(out, "120") || !strings.Contains(out, "done") {
		t.Errorf("status:\n%s", out)
	}
	if top := rows(must("pareto", "r", "--all", "--top", "1", "--format", "csv")); len(top) != 2 {
		t.Errorf("%d rows of the best one", len(top)-1)
	}
	// By weight on the area alone the first design is that of the least area.
	scored := rows(must("pareto", "r", "--all", "--weights", "area=1", "--format", "csv"))
	area := slices.IndexFunc(scored[0], func(s string) bool { return strings.HasPrefix(s, "area") })
	for _, r := range scored[2:] {
		if len(r[area]) < len(scored[1][area]) && r[area] < scored[1][area] {
			t.Errorf("an area of %s behind one of %s", r[area], scored[1][area])
		}
	}
	extended := must("resume", "r", "--budget", "240", "--quiet", "--workers", "1", "--format", "csv")
	again := must("run", "small.yaml", "--out", "s", "--seed", "3", "--budget", "240", "--quiet", "--workers", "2", "--format", "csv")
	if extended != again || len(rows(extended)) < 2 {
		t.Errorf("extended\n%s\nstarted so\n%s", extended, again)
	}
	if out := must("export", "r", "--format", "json"); !strings.Contains(out, `"id"`) {
		t.Error("JSON has no identities")
	}
	merged := rows(must("merge", "r", "s", "--format", "csv"))
	if want := len(rows(must("export", "r"))); len(merged) != want { // the same designs twice
		t.Errorf("%d rows merged, %d of each", len(merged)-1, want-1)
	}
	if out := must("compare", "r", "s"); !strings.Contains(out, "share") {
		t.Errorf("compared:\n%s", out)
	}
	must("plot", "r", "--format", "csv", "--out", "figure.csv")
	if text, err := os.ReadFile("figure.csv"); err != nil || len(rows(string(text))) < 2 {
		t.Errorf("figure: %v", err)
	}
	must("export", "r", "--out", "front.csv")
	if text, err := os.ReadFile("front.csv.json"); err != nil || !bytes.Contains(text, []byte(`"energy"`)) {
		t.Errorf("sidecar: %v", err)
	}
	if out := must("eval", "r", "--design", "knee"); !strings.Contains(out, "technology") {
		t.Errorf("a design:\n%s", out)
	}
	// A changed byte is found.
	files, err := filepath.Glob("r/shards/*/front*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(files[0], text, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, _, err := verbs(t, "verify", "r", "--sample", "0"); err == nil || !strings.Contains(err.Error(), "not as it was written: 1 of its files") {
		t.Errorf("a damaged run: %v\n%s", err, out)
	}
}

// TestUsage: a wrong command line says what is wrong and what may be.
func TestUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("small.yaml", []byte(studyText), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"run small.yaml --seeds 0":                "--seeds 0: must be 1 to 10000",
		"run small.yaml --seeds 10001":            "--seeds 10001: must be 1 to 10000",
		"run small.yaml --budget 0":               "--budget 0: must be at least 1",
		"run small.yaml --time 0s":                "--time 0s: must be positive",
		"run small.yaml --workers 0":              "--workers 0: must be 1 to 4096",
		"run small.yaml --workers 4097":           "--workers 4097: must be 1 to 4096",
		"run small.yaml --search best":            "--search: ",
		"run small.yaml --search grid --budget 5": "--budget 5: a grid evaluates every design of the space; leave it out",
		"run small.yaml --search grid --seeds 2":  "--seeds 2: a grid evaluates every design of the space, whatever the seed; leave it out",
		"run none.yaml":                           "embedded studies: ",
		"run":                                     "0 arguments",
		"resume none --budget 0":                  "--budget 0: must be at least 1",
		"resume none --seeds 10001":               "--seeds 10001: must be 1 to 10000",
		"resume none":                             "none: not a run directory",
		"pareto none":                             "none",
		"merge none":                              "no run.json",
		"resume none --slurm --time 1s":           "--time: not with --slurm",
		"merge":                                   "0 arguments",
		"export none --part bank":                 "--design, --part and --set go with --to",
		"export none --to nvsim --what front":     "--what and --format are for tables of a run",
		"merge none other --top -1":               "--top -1: must not be negative",
	} {
		_, _, err := verbs(t, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stco %s: %v, want %q", args, err, want)
		} else if !command.Is[*command.UsageError](err) {
			t.Errorf("stco %s: no usage error: %v", args, err)
		}
	}
}

// front has four designs: energy and area, the second and third dominated by an
// SRAM buffer when so says the column.
func front() *results.Table {
	f := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective}, {Name: "area", Unit: "mm2", Kind: results.Objective}, {Name: "banks", Kind: results.Parameter},
	}}
	f.Add("", 1, 9, 1)
	f.Add("", 2, 4, 2)
	f.Add("", 5, 3, 4)
	f.Add("knee", 9, 1, 8)
	return f
}

func TestWeights(t *testing.T) {
	if w, err := weights(" area=3,energy=0.5", front()); err != nil || !slices.Equal(w, []float64{0.5, 3}) {
		t.Errorf("weights %v, %v", w, err)
	}
	if w, err := weights("energy=0", front()); err != nil || !slices.Equal(w, []float64{0, 0}) {
		t.Errorf("weights %v, %v", w, err)
	}
	for text, want := range map[string]string{
		"area": "want NAME=WEIGHT", "area=-1": "the weight not negative", "area=x": "want NAME=WEIGHT", "area=Inf": "the weight not negative", "area=NaN": "not negative",
		"banks=1": "banks is no objective of the study; they are energy, area", "speed=1": "speed is no objective of the study; they are energy, area",
	} {
		if _, err := weights(text, front()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// context of the flags of pareto.
func flags(t *testing.T, args ...string) *cli.Context {
	t.Helper()
	var got *cli.Context
	v := Pareto(&command.Env{})
	v.Action = func(c *cli.Context) error { got = c; return nil }
	if err := (&cli.App{Commands: []*cli.Command{v}}).Run(append([]string{"stco", "pareto"}, args...)); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestChoose: of all designs, or of those for which --at holds, the one of the
// largest score is marked; a label that is there stays behind the mark.
func TestChoose(t *testing.T) {
	all := []int{0, 1, 2, 3}
	for _, c := range []struct {
		args   []string
		free   []int
		row    int
		marked string
	}{
		{[]string{"--weights", "energy=1"}, all, 0, "chosen"},
		{[]string{"--weights", "area=1"}, all, 3, "chosen, knee"},
		{[]string{"--weights", "area=1", "--at", "energy < 6"}, all, 2, "chosen"},
		{[]string{"--weights", "area=1"}, []int{0, 1}, 1, "chosen"},
		{[]string{"--weights", "area=1"}, nil, 3, "dominated chosen, knee"},
	} {
		f := front()
		if err := choose(flags(t, c.args...), f, c.free, &results.Table{}); err != nil {
			t.Errorf("%v: %v", c.args, err)
			continue
		}
		for r := range f.Rows {
			want := map[int]string{3: "knee"}[r]
			if r == c.row {
				want = c.marked
			}
			if got := f.LabelOf(r); got != want {
				t.Errorf("%v of %v: row %d has the label %q, want %q", c.args, c.free, r, got, want)
			}
		}
		if i, err := f.Index("score"); err != nil || !(f.Rows[c.row][i] >= 0 && f.Rows[c.row][i] <= 1) {
			t.Errorf("%v: no score, %v", c.args, err)
		}
	}
	for args, want := range map[string]string{"energy > 100": "holds for none of the designs to choose from", "speed < 3": "--at: "} {
		if err := choose(flags(t, "--at", args), front(), all, &results.Table{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--at %s: %v", args, err)
		}
	}
	v := view(flags(t, "--where", "area < 2", "--sort", "-area", "--top", "3", "--columns", "area,energy"))
	if v.Where != "area < 2" || v.Sort != "-area" || v.Top != 3 || !slices.Equal(v.Columns, []string{"area", "energy"}) {
		t.Errorf("%+v", v)
	}
}

// TestSayFilter: a filter that keeps all rows or none is noted.
func TestSayFilter(t *testing.T) {
	for where, want := range map[string]string{
		"":             "",
		"energy < 6":   "",
		"energy < 100": "stco: note: --where \"energy < 100\" keeps all of 4 designs\n",
		"energy < 0.5": "stco: note: --where \"energy < 0.5\" keeps none of 4 designs\n",
	} {
		var b bytes.Buffer
		if err := sayFilter(&command.Env{Err: &b}, where, front()); err != nil || b.String() != want {
			t.Errorf("%q: %q, %v", where, b.String(), err)
		}
	}
}

// TestProgress follows a campaign by a clock of its own: a plain line every five
// seconds off a terminal, all shards together.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	env := &command.Env{Err: &b, Now: func() time.Time { return now }, Getenv: func(string) string { return "" }}
	p := newProgress(env, false)
	check := func(want string) {
		t.Helper()
		if b.String() != want {
			t.Errorf("%q, want\n%q", b.String(), want)
		}
		b.Reset()
	}
	p.Shard(0, 1, "only", 0)
	check("")
	p.Shard(1, 3, "seed 8", 40)
	p.Phase("building traffic tables")
	now = now.Add(10 * time.Second)
	p.Phase("")
	p.Frame(nil, nil)
	check("seed 8 (2 of 3, resumed)\nbuilding traffic tables\nhypervolume (hv): between the ends of the first designs of the search, reference point 1.1\n")
	p.shown = now
	p.Generation(store.Generation{Number: 1, Evaluations: 100, Front: 3}, 1000)
	now = now.Add(4 * time.Second)
	p.Generation(store.Generation{Number: 2, Evaluations: 200}, 1000)
	check("")
	now = now.Add(time.Second)
	p.Generation(store.Generation{Number: 3, Evaluations: 350, Front: 7, Hypervolume: 0.25}, 1000)
	// 250 in 5 s; 650 of this shard at 50 a second, 1000 of the third at 250 in the
	// 15 s since the beginning.
	check("[#########...........]  45 %  1350 evaluations  50/s  eta 1m13s  front 7  hv 0.2500\n")
	now = now.Add(5 * time.Second)
	p.Missed([]string{"a", "b", "c", "d", "e"}, []int64{110, 5, 330, 220, 550})
	p.Generation(store.Generation{Number: 4, Evaluations: 1100, Infeasible: 660, Front: 9, Hypervolume: 0.5}, 1000)
	check("[#############.......]  67 %  2100 evaluations  100/s  eta 20s  front 9  hv 0.5000  60 % miss a limit: e 50 % c 30 % d 20 %\n")
	now = now.Add(5 * time.Second)
	p.missed = nil
	p.Generation(store.Generation{Number: 5, Evaluations: 1200, Front: 9, Hypervolume: 0.5}, 0)
	p.Note("a word")
	check("generation 5  1200 evaluations  73/s  front 9  hv 0.5000\nstco: note: a word\n")
	// Best values are those of all generations, named with a unit; none before one.
	p.goals = []results.Column{{Name: "energy", Unit: "J"}, {Name: "area", Unit: "mm2"}, {Name: "throughput", Unit: "Hz", Goal: results.Max}}
	p.Frame([]float64{0.001, 2, 3}, []float64{0.002, 4, 1})
	check("hypervolume (hv): in the frame of a coarse grid of SRAM buffers, energy 1 to 2 mJ, area 2 to 4 mm², throughput 3 to 1 Hz, reference point 1.1\n")
	now = now.Add(5 * time.Second)
	p.Generation(store.Generation{Number: 6, Evaluations: 1300, Best: []float64{0.25, math.NaN(), 2}}, 0)
	p.Generation(store.Generation{Number: 6, Evaluations: 1300, Best: []float64{0.5, math.NaN(), 3}}, 0)
	now = now.Add(5 * time.Second)
	p.Generation(store.Generation{Number: 7, Evaluations: 1400, Best: []float64{0.5, math.NaN(), 1}}, 0)
	check("generation 6  1300 evaluations  60/s  front 0  hv 0.0000  best energy 250 mJ, throughput 2 Hz\ngeneration 7  1400 evaluations  52/s  front 0  hv 0.0000  best energy 250 mJ, throughput 3 Hz\n")
}

// TestProgressOfAll: what other processes and earlier ones did is part of the whole.
func TestProgressOfAll(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&command.Env{Err: &b, Now: func() time.Time { return now }, Getenv: func(string) string { return "" }}, false)
	p.goals = []results.Column{{Name: "energy", Unit: "J"}}
	p.look = func() (*monitor.Snapshot, error) {
		return &monitor.Snapshot{Shards: []monitor.Shard{
			{State: monitor.Done, Last: store.Generation{Evaluations: 700, Best: []float64{0.5}}}, // came to rest
			{State: monitor.Waiting},
			{State: monitor.Running, Last: store.Generation{Evaluations: 600, Best: []float64{0.125}}},
		}}, nil
	}
	p.Shard(1, 3, "b", 0)
	b.Reset()
	p.Generation(store.Generation{Evaluations: 100, Best: []float64{1}}, 1000)
	now = now.Add(5 * time.Second)
	p.Generation(store.Generation{Number: 2, Evaluations: 600, Best: []float64{0.25}}, 1000)
	// 700 + 600 + 600; (1 + 0.6 + 0.6)/3; 400 + 400 are left at 100 a second.
	if got, want := b.String(), "[##############......]  73 %  1900 evaluations  100/s  eta 8s  front 0  hv 0.0000  best energy 125 mJ\n"; got != want {
		t.Errorf("%q, want\n%q", got, want)
	}
}

// TestProgressEvents: JSON, a line each, notes and phases too.
func TestProgressEvents(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(15, 0)
	p := newProgress(&command.Env{Err: &b, Now: func() time.Time { return now }, Getenv: func(string) string { return "" }}, false)
	p.goals = []results.Column{{Name: "energy", Unit: "J"}, {Name: "area", Unit: "mm2"}}
	p.events = true
	p.Shard(2, 3, "seed 9", 0)
	p.Phase("building")
	p.Phase("")
	p.Frame([]float64{1, 2}, []float64{3, math.NaN()})
	p.Missed([]string{"drive", "never"}, []int64{300, 0})
	p.Generation(store.Generation{Evaluations: 100}, 1000)
	now = now.Add(5 * time.Second)
	p.Generation(store.Generation{Number: 2, Evaluations: 600, Infeasible: 150, Front: 4, Hypervolume: math.NaN(), Best: []float64{0.25, math.NaN()}}, 1000)
	p.Note("a \"word\"")
	want := `{"time":"1970-01-01T00:00:15Z","phase":"building"}` + "\n" +
		`{"time":"1970-01-01T00:00:15Z","shard":"seed 9","frame":{"energy_J":[1,3],"area_mm2":[2,null]}}` + "\n" +
		`{"time":"1970-01-01T00:00:20Z","shard":"seed 9","shards":3,"generation":2,"evaluations":2600,"budget":3000,"share":0.8666666666666667,"rate":100,"left_s":4,` +
		`"infeasible_share":0.25,"missed":{"drive":0.5},"front":4,"hypervolume":null,"best":{"energy_J":0.25,"area_mm2":null}}` + "\n" + `{"note":"a \"word\""}` + "\n"
	if b.String() != want {
		t.Errorf("%s, want\n%s", b.String(), want)
	}
}

// TestProgressDrawn: on a terminal a few lines are drawn over, none longer than it,
// and left where they are before anything else.
func TestProgressDrawn(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&command.Env{Err: &b, Now: func() time.Time { return now }, Getenv: func(name string) string { return map[string]string{"COLUMNS": "50"}[name] }}, false)
	p.terminal = true
	p.Shard(0, 2, "seed 7", 0)
	p.Generation(store.Generation{Evaluations: 5}, 10)
	now = now.Add(200 * time.Millisecond)
	p.Generation(store.Generation{Number: 1, Evaluations: 10, Front: 2}, 0)
	p.Phase(strings.Repeat("x", 60))
	p.Shard(1, 2, "seed 8", 0)
	p.Note("well")
	want := "seed 7 (1 of 2)\n" +
		"generation 1  10 evaluations  25/s\nfront 2  hv 0.0000\n" +
		"\x1b[2A\x1b[J" + strings.Repeat("x", 49) + "\n" +
		"seed 8 (2 of 2)\nstco: note: well\n"
	if b.String() != want {
		t.Errorf("%q, want\n%q", b.String(), want)
	}
	b.Reset()
	p.quiet = true
	p.Shard(0, 2, "seed 7", 0)
	p.Phase("building")
	p.Frame(nil, nil)
	now = now.Add(time.Minute)
	p.Generation(store.Generation{Evaluations: 5}, 10)
	if b.Len() != 0 {
		t.Errorf("a quiet campaign says %q", b.String())
	}
}

// TestPrinter: paragraphs break between words at the usual width; the first error
// of the writer is kept and nothing is printed after it.
func TestPrinter(t *testing.T) {
	var b bytes.Buffer
	p := &printer{w: &b}
	word := strings.Repeat("x", 9)
	p.text(strings.TrimSpace(strings.Repeat(word+" ", 2*command.Width/10)))
	p.text("short")
	for i, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		if n := len(line); n > command.Width || i == 0 && n+10 <= command.Width {
			t.Errorf("line %d has %d characters: %q", i, n, line)
		}
	}
	if got := strings.Count(b.String(), word); got != 2*command.Width/10 || !strings.HasSuffix(b.String(), "\nshort\n") {
		t.Errorf("%d words in\n%s", got, b.String())
	}
	bad := &printer{w: broken{}}
	bad.line("a")
	bad.err = fmt.Errorf("first: %w", bad.err)
	bad.line("b")
	if bad.err == nil || bad.err.Error() != "first: full" {
		t.Errorf("%v", bad.err)
	}
	if s := frontTitle("r", 0, 0, 7); s != "r: Pareto front: an SRAM buffer dominates each of its 7 designs (stco pareto r --all)" {
		t.Error(s)
	}
	if leftOut(0, "r") != "" || leftOut(3, "r") != "; 3 dominated ones are left out (stco pareto r --all)" {
		t.Errorf("%q", leftOut(3, "r"))
	}
	ladder := results.NewList("ladder", "area_budget", "sot_id:text", "sot_area", "sot_gain", "identity")
	var names []string
	for _, c := range shortLadder(ladder).Columns {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"area_budget", "sot_gain", "identity"}) {
		t.Errorf("a short ladder has %v", names)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fmt.Errorf("full") }
