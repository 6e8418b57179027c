package campaign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/results/store"
	"stco/results/store/disk"
)

const smallStudy = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space:
  technology: sot
  material: [beta-w, beta-w-co]
  capacity: [1MiB, 2MiB, 4MiB]
  clock: 1GHz
  read_bus: 4096
  write_bus: 2048
objectives: [energy, latency, area]
constraints: {area: {max: 20mm^2}}
search: {algorithm: nsga2, population: 20, islands: 2, migration_every: 3, evaluations: 1500, returned: 15}
seed: 6
`

// silent is an observer that may end the campaign after a number of generations.
type silent struct {
	after int
	stop  func()
	notes []string
}

func (s *silent) Shard(int, int, string, int64) {}
func (s *silent) Note(text string)              { s.notes = append(s.notes, text) }
func (s *silent) Generation(store.Generation, int64) {
	if s.after--; s.after == 0 {
		s.stop()
	}
}

// clock is a clock of its own: every look advances it.
type clock struct{ step time.Duration }

func (c *clock) options(o Observer) Environment {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return Environment{Workers: 2, FS: disk.OS{}, Observer: o, Now: func() time.Time { now = now.Add(c.step); return now }}
}

func parse(t *testing.T, changes ...string) *study.Study {
	t.Helper()
	s, err := study.Parse("test", []byte(strings.NewReplacer(changes...).Replace(smallStudy)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// complete runs a study in a new directory and returns it.
func complete(t *testing.T, changes ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	// Looks at this clock are far apart: every generation has a checkpoint.
	c, err := Start(parse(t, changes...), dir, (&clock{2 * time.Second}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil && !errors.As(err, new(*InfeasibleError)) {
		t.Fatal(err)
	}
	return dir
}

// files reads a run but for run.json and the claims, without the names of
// directories of shards before their seed.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && name != "run.json" && !strings.HasPrefix(name, "claims") {
			data, rerr := os.ReadFile(path)
			out[name], err = string(data), rerr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[name]; !ok {
			t.Errorf("%s: no %s", what, name)
		} else if g != want[name] {
			t.Errorf("%s: %s differs (%d and %d bytes)", what, name, len(g), len(want[name]))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s should not be there", what, name)
		}
	}
}

// shardFiles picks the files of the shard of a seed, by their base names.
func shardFiles(all map[string]string, seed int) map[string]string {
	out := map[string]string{}
	for name, data := range all {
		if strings.HasSuffix(filepath.Dir(name), fmt.Sprintf("-seed%d", seed)) {
			out[filepath.Base(name)] = data
		}
	}
	return out
}

// TestSeedIsSeed: the search of a seed is the same alone and among others, and
// whatever its study is called.
func TestSeedIsSeed(t *testing.T) {
	both := shardFiles(files(t, complete(t, "seed: 6", "seed: 6\nseeds: 2")), 7)
	alone := shardFiles(files(t, complete(t, "seed: 6", "seed: 7", "name: small", "name: other\ndescription: another")), 7)
	same(t, "seed 7 of 6 and 7", both, alone)
	if len(alone) != 6 || !strings.Contains(alone["front.json"], `"rows"`) {
		t.Errorf("files %v", slices.Sorted(maps.Keys(alone)))
	}
	if other := shardFiles(files(t, complete(t)), 6); other["archive.json"] == both["archive.json"] {
		t.Error("seeds 6 and 7 found the same")
	}
}

// TestLargerBudgetBeginsAlike: the first generations of a larger budget are those
// of the smaller, but for the last, which the budget cuts short.
func TestLargerBudgetBeginsAlike(t *testing.T) {
	short := shardFiles(files(t, complete(t, "evaluations: 1500", "evaluations: 790")), 6)["generations.jsonl"]
	long := shardFiles(files(t, complete(t)), 6)["generations.jsonl"]
	whole := short[:strings.LastIndexByte(strings.TrimSuffix(short, "\n"), '\n')+1]
	if strings.Count(whole, "\n") < 10 || !strings.HasPrefix(long, whole) {
		t.Errorf("the longer run begins with\n%.400s\nthe shorter with\n%.400s", long, short)
	}
}

// TestExtend: a run that is done or stopped, extended in budget or seeds, ends as
// one that was started so.
func TestExtend(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	want := files(t, complete(t, "seed: 6", "seed: 6\nseeds: 2", "evaluations: 1500", "evaluations: 2200"))
	grown := func(dir string, x Extension) {
		t.Helper()
		o := &silent{}
		c, err := Resume(dir, (&clock{time.Second / 10}).options(o), x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(t.Context()); err != nil && !errors.As(err, new(*InfeasibleError)) {
			t.Fatal(err)
		}
		for _, n := range o.notes {
			if strings.Contains(n, "damaged") || strings.Contains(n, "set aside") {
				t.Error(n)
			}
		}
	}
	done := complete(t)
	grown(done, Extension{Evaluations: 2200, Seeds: 2})
	same(t, "a finished run, extended at once", files(t, done), want)

	steps := complete(t, "evaluations: 1500", "evaluations: 15")
	for _, x := range []Extension{{Evaluations: 333}, {Seeds: 2}, {Evaluations: 1111}, {Evaluations: 2200}, {Evaluations: 2200, Seeds: 2}} {
		grown(steps, x)
	}
	same(t, "a finished run, extended step by step", files(t, steps), want)

	stopped := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(t.Context())
	o := &silent{after: 7, stop: cancel}
	c, err := Start(parse(t), stopped, (&clock{time.Second / 10}).options(o))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	grown(stopped, Extension{Evaluations: 2200, Seeds: 2})
	same(t, "a stopped run, extended", files(t, stopped), want)

	for _, x := range []Extension{{Evaluations: 2199}, {Seeds: 1}} {
		before := files(t, done)
		_, err := Resume(done, (&clock{time.Second}).options(&silent{}), x)
		if _, bad := errors.AsType[*strict.InputError](err); !bad {
			t.Errorf("%+v: %v", x, err)
		}
		same(t, "a refused extension", files(t, done), before)
	}
}

// TestStopAnywhere stops a campaign gracefully after random generations, by a
// signal or by its time, and resumes it: every file has the bytes of the run that
// was not stopped. The second study stagnates and begins its populations anew.
func TestStopAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	for name, changes := range map[string][]string{
		"seeds":    {"seed: 6", "seed: 6\nseeds: 2", "technology: sot", "technology: [sram, sot]", "evaluations: 1500", "evaluations: 1200"},
		"restarts": {"material: [beta-w, beta-w-co]", smallSpace, "evaluations: 1500", "evaluations: 6000", "population: 20", "population: 8"},
	} {
		want := files(t, complete(t, changes...))
		if name == "restarts" && !restarted(want) {
			t.Error("the search did not stagnate long enough to begin anew")
		}
		rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible moments
		trials := []int{0, 3}
		if name == "restarts" {
			trials = []int{1, 2}
		}
		for _, trial := range trials {
			dir := filepath.Join(t.TempDir(), fmt.Sprint(trial))
			stops := 0
			for done := false; !done; {
				ctx, cancel := context.WithCancel(t.Context())
				o := &silent{after: 1 + rng.IntN(60), stop: cancel}
				opts := (&clock{[]time.Duration{time.Millisecond, 300 * time.Millisecond, 3 * time.Second}[trial%3]}).options(o)
				if trial == 3 {
					o.after, opts.Time = 0, time.Duration(1+rng.IntN(5))*time.Second
					opts.Now = (&clock{200 * time.Millisecond}).options(nil).Now
				}
				opts.Workers = 1 + trial%2
				c, err := Start(parse(t, changes...), dir, opts)
				if err != nil {
					t.Fatal(err)
				}
				switch _, err := c.Execute(ctx); {
				case errors.Is(err, context.Canceled), errors.Is(err, ErrStopped):
					stops++
				case err != nil:
					t.Fatal(err)
				default:
					done = true
				}
				cancel()
			}
			if stops == 0 {
				t.Errorf("%s, trial %d: not stopped", name, trial)
			}
			same(t, fmt.Sprintf("%s, stopped %d times", name, stops), files(t, dir), want)
		}
	}
}

const smallSpace = `material: beta-w-co
  mtj_diameter: 92nm
  width_margin: 0nm
  channel_thickness: 3.25nm
  free_layer: 0.7nm
  anisotropy: 0.5mJ/m^2
  barrier: 0.97nm
  pulse: [1.5ns, 2ns, 3ns, 5ns]
  read_voltage: [0.08V, 0.1V, 0.12V]
  banks: [1, 2, 4, 8, 16]
  word: [64, 128, 256, 512, 1024]
  ecc: [none, secded, dec]`

// restarted tells whether the front stood still for longer than a search waits
// before it begins its populations anew.
func restarted(all map[string]string) bool {
	front, still := "", 0
	for line := range strings.Lines(shardFiles(all, 6)["generations.jsonl"]) {
		_, now, _ := strings.Cut(line, `"front":`)
		now, _, _ = strings.Cut(now, `,"violation"`)
		if now != front {
			front, still = now, 0
		}
		if still++; still > 40 {
			return true
		}
	}
	return false
}

// TestColumns: designs have a seed and an identity that names their content, in
// every table and in CSV.
func TestColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector")
	}
	dir := complete(t, "seed: 6", "seed: 6\nseeds: 3", "returned: 15", "returned: 300")
	run, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	front, err := run.ReadTable("front")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "front.csv"))
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.HasPrefix(header, []byte("label,id,seed,")) {
		t.Errorf("front.csv begins with %.60s", header)
	}
	id, seed := column(t, front.Index, "id"), column(t, front.Index, "seed")
	seeds, ids := map[float64]bool{}, map[string]bool{}
	for r := range front.Rows {
		seeds[front.Rows[r][seed]] = true
		ids[front.Text(r, id)] = true
		d, err := inspect.Point(run, run.ReadTable, front.Text(r, id))
		if err != nil {
			t.Fatal(err)
		}
		if got := catalog.Builtin().Identity(&d.Design); got != front.Text(r, id) {
			t.Errorf("row %d is design %s, its content says %s", r, front.Text(r, id), got)
		}
	}
	delete(seeds, 6)
	if len(ids) != len(front.Rows) || !seeds[7] && !seeds[8] || len(seeds) > 2 {
		t.Errorf("%d designs with %d identities, of seeds 6 and %v", len(front.Rows), len(ids), seeds)
	}
}

func column(t *testing.T, index func(string) (int, error), name string) int {
	t.Helper()
	i, err := index(name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
