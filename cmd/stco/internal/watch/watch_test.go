package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/monitor"
	"stco/results/csv"
	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// half is a run of two shards, one of them done, whose log has a damaged line.
func half() *monitor.Snapshot {
	return &monitor.Snapshot{
		At: time.Date(2026, 1, 2, 3, 4, 5, 6e8, time.UTC), Dir: "d\x1b", State: monitor.Running, Ended: 1,
		Shards: []monitor.Shard{
			{Name: "a", State: monitor.Done, Last: store.Generation{Number: 4, Evaluations: 400, Infeasible: 1, Duplicates: 100, Front: 2, Hypervolume: 0.25}},
			{
				Name: "b", State: monitor.Running, Last: store.Generation{Number: 3, Evaluations: 300, Infeasible: 100, Front: 5, Hypervolume: 0.5},
				Notes: []disk.Note{{Path: "log", Reason: "line 2 is damaged"}},
			},
		},
		Evaluations: 700, Infeasible: 101, Duplicates: 100, Budget: 1200, Rate: 99.6, Left: 4600 * time.Millisecond,
		Front: 5, Hypervolume: 0.5, Best: []monitor.Best{{Name: "energy", Unit: "J", Value: 0.012345}, {Name: "latency", Unit: "s", Value: math.NaN()}},
	}
}

// TestLines: each line says what is known, and leaves out what is not.
func TestLines(t *testing.T) {
	same := func(s *monitor.Snapshot, want ...string) {
		t.Helper()
		if got := strings.Join(Lines(s), "\n"); got != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	}
	const first = "running: 1 of 2 shards done, 700 evaluations"
	const third = "best: energy 0.01235 J, latency NaN s"
	s := half()
	same(s, first+" of 1200 (75 %), 100/s, eta 5s", "front 5, hypervolume 0.5000, 14.4 % of the evaluations infeasible", third)
	s.Budget, s.Rate, s.Left, s.Evaluations, s.Best = 0, 0, 0, 0, nil
	same(s, "running: 1 of 2 shards done, 0 evaluations", "front 5, hypervolume 0.5000")
	s.Front, s.Budget, s.State = 0, 1, monitor.Silent
	same(s, "silent: 1 of 2 shards done, 0 evaluations of 1 (100 %)",
		"the process of the run cannot be seen and gives no sign of life; if it has ended: stco resume --take-over d\x1b")
	for _, state := range []string{monitor.Started, monitor.Waiting} {
		s.State = state
		same(s, state+": 1 of 2 shards done, 0 evaluations of 1 (100 %)", "nobody works on it; go on with: stco resume d\x1b")
	}
	s.State = monitor.Merging
	same(s, "merging: 1 of 2 shards done, 0 evaluations of 1 (100 %)")
}

// TestList: what a shard has done, in percent of its own part of the budget.
func TestList(t *testing.T) {
	text := func(s *monitor.Snapshot, short bool) string {
		var b bytes.Buffer
		if err := csv.Write(&b, list(s, short)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	s := half()
	const head = "shard,state,generations,evaluations,infeasible,duplicates,front,hypervolume,infeasible_percent,duplicate_percent,budget\n"
	if got, want := text(s, false), head+"a,done,4,400,1,100,2,0.25,0.25,20,600\nb,running,3,300,100,0,5,0.5,33.33,0,600\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	const short = "shard,state,share_percent,evaluations,infeasible_percent,front,hypervolume\n"
	if got, want := text(s, true), short+"a,done,100,400,0.25,2,0.25\nb,running,50,300,33.33,5,0.5\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	s.Shards[1].Last.Evaluations = 650 // a generation beyond its budget
	if got := text(s, true); !strings.Contains(got, "\nb,running,100,650,") {
		t.Error(got)
	}
	s.Budget = 0
	if got, want := text(s, true), short+"a,done,100,400,0.25,2,0.25\nb,running,,650,15.38,5,0.5\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := text(s, false); !strings.Contains(got, "b,running,3,650,100,0,5,0.5,15.38,0,\n") {
		t.Error(got)
	}
}

// TestDisplay: what is drawn over, cut to the width, and the shards that are worked on.
func TestDisplay(t *testing.T) {
	s := half()
	w := &watcher{screen: true}
	row := "  b                            running  generation 3, 300 evaluations, front 5, hypervolume 0.5000"
	want := []string{
		`d\x1b`, "[##################......]  75 %", Lines(s)[0], Lines(s)[1], Lines(s)[2], row[:79], "damaged: log: line 2 is damaged", "",
	}
	if got := w.display(s); got != strings.Join(want, "\n") || w.drawn != 7 {
		t.Errorf("%d lines\n%s\nwant\n%s", w.drawn, got, strings.Join(want, "\n"))
	}
	s.Budget, s.Best, s.Shards[1].Notes = 0, nil, nil
	if got := w.display(s); got != "\x1b[7A\x1b[J"+strings.Join([]string{`d\x1b`, Lines(s)[0], Lines(s)[1], row[:79], ""}, "\n") || w.drawn != 4 {
		t.Errorf("%d lines\n%q", w.drawn, got)
	}
	// Of many shards those that wait are left out, and all but twelve of the others.
	s.Shards = append(s.Shards, monitor.Shard{Name: "waits", State: monitor.Waiting})
	for range 12 {
		s.Shards = append(s.Shards, s.Shards[1])
	}
	if got := w.display(s); strings.Count(got, "  b ") != 12 || strings.Contains(got, "waits") || !strings.HasPrefix(got, "\x1b[4A") {
		t.Errorf("%q", got)
	}
	s.Dir = strings.Repeat("é", 80)
	if got, _, _ := strings.Cut(w.display(s), "\n"); !strings.HasSuffix(got, "\x1b[J"+strings.Repeat("é", 79)) {
		t.Errorf("%q", got)
	}
	for share, want := range map[float64]string{0: "[........................]   0 %", 0.5: "[############............]  50 %", 1: "[########################] 100 %"} {
		if got := bar(share); got != want {
			t.Errorf("%g: %q", share, got)
		}
	}
}

// TestShow: a line a look while the run goes on, all lines where it does not; with
// events one object.
func TestShow(t *testing.T) {
	show := func(w *watcher, s *monitor.Snapshot) string {
		var b bytes.Buffer
		w.env = &command.Env{Out: &b}
		if err := w.show(s); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	s := half()
	line := "2026-01-02T03:04:05Z  " + Lines(s)[0] + "\n"
	if got := show(&watcher{}, s); got != line {
		t.Errorf("%q", got)
	}
	s.State = monitor.Merging
	if got := show(&watcher{}, s); got != strings.Replace(line, "running", "merging", 1) {
		t.Errorf("%q", got)
	}
	s.State = monitor.Silent
	if got, want := show(&watcher{}, s), strings.Replace(line, "running", "silent", 1)+strings.Join(Lines(s)[1:], "\n")+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.State = monitor.Running
	s.Hypervolume = math.Inf(1)
	want := `{"time":"2026-01-02T03:04:05.6Z","run":"d\u001b","state":"running","evaluations":700,"infeasible":101,"duplicates":100,"budget":1200,` +
		`"share":0.75,"rate":99.6,"left_s":4.6,"front":5,"hypervolume":null,"best":{"energy_J":0.012345,"latency_s":null},"shards":[` +
		`{"name":"a","state":"done","generation":4,"evaluations":400},{"name":"b","state":"running","generation":3,"evaluations":300,"damaged":["log: line 2 is damaged"]}]}` + "\n"
	if got := show(&watcher{events: true}, s); got != want || !json.Valid([]byte(got)) {
		t.Errorf("got  %swant %s", got, want)
	}
	s.Hypervolume = 0.5
	if got := show(&watcher{events: true}, s); got != strings.Replace(want, `"hypervolume":null`, `"hypervolume":0.5`, 1) {
		t.Errorf("%s", got)
	}
	if got := show(&watcher{screen: true}, s); !strings.HasPrefix(got, `d\x1b`+"\n[###") {
		t.Errorf("%q", got)
	}
	s.State = "\x00"
	if err := (&watcher{env: &command.Env{Out: failing{}}}).show(s); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

// written is a run of two seeds without a process: the first shard is done, the
// second has not begun.
func written(t *testing.T) (*store.Run, string) {
	t.Helper()
	const text = "stco: 1\nname: small\nworkloads: [{network: mobilenet_v2, phase: inference, batch: 1}]\n" +
		"space: {technology: sot, capacity: [1MiB, 2MiB]}\nobjectives: [energy]\nsearch: {algorithm: nsga2, evaluations: 1000}\nseed: 1\nseeds: 2\n"
	dir := filepath.Join(t.TempDir(), "run")
	r, _, err := store.Create(disk.OS{}, dir, store.Info{Study: text, StudyFormat: "yaml", Shards: []store.ShardInfo{
		{Name: "a", Seed: 1, Stream: "sa", Result: "ra"}, {Name: "b", Seed: 2, Stream: "sb", Result: "rb"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0, 500)
	return r, dir
}

func finish(t *testing.T, r *store.Run, index int, evaluations int64) {
	t.Helper()
	s, err := r.OpenShard(index, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error {
			return s.Append(store.Generation{Number: 1, Evaluations: evaluations, Front: 1, Best: []float64{3}})
		},
		func() error { return s.Checkpoint(s.Mark(), []byte("x")) },
		func() error { return s.Finish() }, s.Close,
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	env := &command.Env{Out: &o, Err: &e, Now: time.Now, Getenv: func(string) string { return "" }}
	app := &cli.App{Writer: &o, ErrWriter: &e, Commands: []*cli.Command{Status(env), Watch(env)}, ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(t.Context(), append([]string{"stco"}, args...))
	return o.String(), e.String(), err
}

// TestStatus of a run that nobody works on, sound and damaged, and while one does.
func TestStatus(t *testing.T) {
	r, dir := written(t)
	out, errs, err := run(t, "status", dir)
	if err != nil || errs != "" || !strings.Contains(out, "started: 1 of 2 shards done, 500 evaluations of 2000 (50 %)\nfront 1") || !strings.Contains(out, "| b ") && !strings.Contains(out, "b ") {
		t.Errorf("%q %q %v", out, errs, err)
	}
	csvOut, _, err := run(t, "status", "--format", "csv", dir)
	if err != nil || !strings.Contains(csvOut, "\nb,waiting,0,") || strings.Contains(csvOut, "started") {
		t.Errorf("%q %v", csvOut, err)
	}
	if err := os.WriteFile(filepath.Join(dir, r.ShardDir(0), "generations.jsonl"), []byte("damaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, err = run(t, "status", dir); err != nil || !strings.HasPrefix(errs, "stco: damaged: ") || !strings.Contains(errs, "generations.jsonl") {
		t.Errorf("%q %v", errs, err)
	}
	// The rate of a run that goes on is measured between two looks.
	claim, err := r.Claim("b", claims.ThisProcess(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	if out, _, err = run(t, "status", dir); err != nil || !strings.Contains(out, "running: 1 of 2") || time.Since(before) < pause {
		t.Errorf("%q %v", out, err)
	}
	if err := claim.Release(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status", filepath.Dir(dir)}, {"watch", filepath.Dir(dir)}, {"watch", "--every", "9ms", dir}, {"status"}, {"watch", dir, dir}} {
		if _, _, err := run(t, args...); !command.Is[*command.UsageError](err) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestFollow: nobody works on a run, which is told once and looked at twice; one
// that is worked on is followed until it is done, or until the watcher is told to stop.
func TestFollow(t *testing.T) {
	r, dir := written(t)
	out, _, err := run(t, "watch", "--every", "10ms", dir)
	if err != nil || strings.Count(out, "started: 1 of 2 shards done") != 1 || strings.Contains(out, "\x1b") {
		t.Errorf("%q %v", out, err)
	}
	claim, err := r.Claim("b", claims.ThisProcess(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	looks := 0
	env := &command.Env{Out: &b, Now: func() time.Time {
		if looks++; looks == 4 {
			if err := claim.Release(); err != nil {
				t.Error(err)
			}
			finish(t, r, 1, 900)
			if err := r.WriteManifest(); err != nil {
				t.Error(err)
			}
		}
		return time.Now()
	}}
	w := &watcher{env: env, events: true}
	if err := w.follow(t.Context(), monitor.New(disk.OS{}, dir), time.Millisecond); err != nil {
		t.Error(err)
	}
	if got := strings.Count(b.String(), `/run","state":"running"`); got != 3 || looks != 4 || !strings.Contains(b.String(), `"state":"done","evaluations":1400`) {
		t.Errorf("%d looks, %d of a running run\n%s", looks, got, b.String())
	}
	// A run that stops without another evaluation is told once more.
	if claim, err = r.Claim("merge", claims.ThisProcess(), time.Now); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	looks = 0
	env.Now = func() time.Time {
		if looks++; looks == 2 {
			if err := claim.Release(); err != nil {
				t.Error(err)
			}
		}
		return time.Now()
	}
	if err := (&watcher{env: env}).follow(t.Context(), monitor.New(disk.OS{}, dir), time.Millisecond); err != nil {
		t.Error(err)
	}
	if strings.Count(b.String(), "merging: ") != 1 || strings.Count(b.String(), "started: ") != 1 {
		t.Errorf("%s", b.String())
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(command.ErrInterrupted)
	if err := wait(ctx, time.Hour); !errors.Is(err, command.ErrInterrupted) {
		t.Error(err)
	}
	if err := wait(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
