package campaign

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/experiments/answer"
	"stco/results"
	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// TestShares: every shard is in one share, the shares are as even as can be, and
// seeds of one scenario stand together.
func TestShares(t *testing.T) {
	c, err := Start(parse(t, "seed: 6", "seed: 6\nseeds: 7\naxes: {duty: [0.1, 1]}"), t.TempDir()+"/run", (&clock{time.Second}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	info := c.Run.Info()
	n := len(info.Shards)
	if n != 14 {
		t.Fatalf("%d shards", n)
	}
	for of := 1; of <= n+3; of++ {
		var all []int
		for k := range of {
			s := c.Share(k, of)
			if len(s) != n/of && len(s) != n/of+1 {
				t.Errorf("share %d of %d has %d shards", k, of, len(s))
			}
			all = append(all, s...)
		}
		slices.Sort(all)
		if len(all) != n || len(slices.Compact(all)) != n {
			t.Errorf("%d shares do not make the run: %v", of, all)
		}
	}
	for k := range 2 {
		for _, i := range c.Share(k, 2) {
			if c.scenarioOf(i) != k {
				t.Errorf("share %d of 2 has shard %s", k, info.Shards[i].Name)
			}
		}
	}
}

// task opens a run and does a share of it, by a clock that jumps.
func task(t *testing.T, dir string, k, of int, change func(*Environment)) (*Done, error) {
	t.Helper()
	o := (&clock{time.Second}).options(&silent{})
	if change != nil {
		change(&o)
	}
	c, err := Resume(dir, o, Extension{})
	if err != nil {
		t.Fatal(err)
	}
	return c.Task(t.Context(), c.Share(k, of))
}

// TestTasks: the shards of a run done by tasks, in any order and some twice, then
// merged: the bytes of the run that one process made.
func TestTasks(t *testing.T) {
	changes := []string{"seed: 6", "seed: 6\nseeds: 5"}
	want := files(t, complete(t, changes...))
	dir := t.TempDir() + "/run"
	c, err := Start(parse(t, changes...), dir, (&clock{time.Second}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := task(t, dir, 1, 2, nil); err != nil || d.Here != 3 || d.Before != 0 || len(d.Held) != 0 {
		t.Fatalf("%+v %v", d, err)
	}
	_, err = c.Merge(t.Context(), 0)
	lacks, ok := errors.AsType[*MissingError](err)
	if !ok || lacks.Of != 5 || !slices.Equal(lacks.Names, []string{"small-seed6", "small-seed7"}) {
		t.Fatalf("%+v %v", lacks, err)
	}
	if d, err := task(t, dir, 0, 1, nil); err != nil || d.Here != 2 || d.Before != 3 {
		t.Fatalf("%+v %v", d, err)
	}
	if _, err := c.Merge(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	same(t, "tasks", files(t, dir), want)
}

// TestTaskHeld: a shard whose process is seen to live is left to it; one whose
// process has ended, on this host or silently on another, is done.
func TestTaskHeld(t *testing.T) {
	for _, c := range []struct {
		name  string
		owner claims.Owner
		beats bool
		here  int
	}{
		{"this process", claims.ThisProcess(), false, 1},
		{"gone", func() claims.Owner { o := claims.ThisProcess(); o.PID = 1 << 30; return o }(), false, 2},
		{"silent", claims.Owner{Host: "elsewhere", PID: 1}, false, 2},
		{"beating", claims.Owner{Host: "elsewhere", PID: 1}, true, 1},
	} {
		dir := t.TempDir() + "/run"
		if _, err := Start(parse(t, "seed: 6", "seed: 6\nseeds: 2", "evaluations: 1500", "evaluations: 120"), dir, (&clock{time.Second}).options(&silent{})); err != nil {
			t.Fatal(err)
		}
		r, err := store.Open(disk.OS{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		claim, err := r.Claim("small-seed6", c.owner, (&clock{time.Second}).options(nil).Now)
		if err != nil {
			t.Fatal(err)
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for c.beats {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
					if err := claim.Beat(); err != nil {
						t.Error(err)
						return
					}
				}
			}
		}()
		d, err := task(t, dir, 0, 1, func(o *Environment) {
			now := o.Now()
			o.Now = func() time.Time { now = now.Add(time.Minute); return now } // a wait of seconds is minutes
		})
		close(stop)
		<-stopped
		if err != nil || d.Here != c.here || len(d.Held) != 2-c.here || d.Before != 0 {
			t.Errorf("%s: %+v %v", c.name, d, err)
		}
		if len(d.Held) > 0 && !strings.HasPrefix(d.Held[0], "small-seed6 (process ") {
			t.Error(d.Held)
		}
	}
}

// TestTwice: a process that goes on although its shard was given to another does
// not end the shard with a log that has a hole; the other one does.
func TestTwice(t *testing.T) {
	dir, alone := t.TempDir()+"/run", t.TempDir()+"/run"
	if _, err := Start(parse(t), alone, (&clock{time.Second}).options(&silent{})); err != nil {
		t.Fatal(err)
	}
	if _, err := task(t, alone, 0, 1, nil); err != nil {
		t.Fatal(err)
	}
	var second *Done
	var failed error
	s := &silent{after: 4}
	o := (&clock{100 * time.Millisecond}).options(s) // a checkpoint now and then
	s.stop = func() {
		claim := dir + "/claims/small-seed6"
		if err := os.Rename(claim, dir+"/away"); err != nil { // what a stale view of the directory looks like
			t.Error(err)
		}
		second, failed = task(t, dir, 0, 1, nil)
		if err := errors.Join(os.RemoveAll(claim), os.Rename(dir+"/away", claim)); err != nil {
			t.Error(err)
		}
	}
	c, err := Start(parse(t), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Task(t.Context(), c.Share(0, 1)); err != nil {
		t.Fatal(err)
	}
	if failed != nil || second.Here != 1 {
		t.Fatalf("%+v %v", second, failed)
	}
	same(t, "a shard done twice at once", files(t, dir), files(t, alone))
}

// TestPlatforms: shards of another floating-point platform are named at the merge.
func TestPlatforms(t *testing.T) {
	dir := t.TempDir() + "/run"
	on := func(name string) func(*Environment) { return func(o *Environment) { o.Info.Platform = name } }
	o := (&clock{time.Second}).options(&silent{})
	on("amd64-1")(&o)
	c, err := Start(parse(t, "seed: 6", "seed: 6\nseeds: 3", "evaluations: 1500", "evaluations: 200"), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range []string{"amd64-1", "arm64-2", "amd64-1"} {
		if _, err := task(t, dir, k, 3, on(name)); err != nil {
			t.Fatal(err)
		}
	}
	note, err := c.platforms()
	if err != nil || !strings.Contains(note, "2 shards on amd64-1, 1 shards on arm64-2 (small-seed7); merged on amd64-1:") {
		t.Errorf("%q %v", note, err)
	}
	if text := differ(map[string][]string{"a": {"x"}}, "a"); text != "" {
		t.Error(text)
	}
	if text := differ(map[string][]string{"a": {"x"}}, "b"); !strings.Contains(text, "1 shards on a; merged on b") {
		t.Error(text)
	}
	if a, b := Platform(), Platform(); a != b || !strings.Contains(a, "-") {
		t.Error(a, b)
	}
}

// TestManyShards: the archives of more shards than are joined at a time give the
// front, the sums and the ladder of all of their rows.
func TestManyShards(t *testing.T) {
	dir := t.TempDir() + "/run"
	if _, err := Start(parse(t, "seed: 6", "seed: 6\nseeds: 70", "evaluations: 1500", "evaluations: 60"), dir, (&clock{time.Second}).options(&silent{})); err != nil {
		t.Fatal(err)
	}
	if _, err := task(t, dir, 0, 1, nil); err != nil {
		t.Fatal(err)
	}
	c, err := Resume(dir, (&clock{time.Second}).options(&silent{}), Extension{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Summary{}
	archives, err := c.read(s, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all []*results.Table
	for i := range c.Run.Info().Shards {
		a, err := c.Run.ReadShardTable(i, store.ArchiveTable)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	full, err := results.Concat("front", all...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := results.Concat("front", archives...)
	if err != nil {
		t.Fatal(err)
	}
	if s.Seeds != 70 || s.Evaluations != 70*60 || len(got.Rows) >= len(full.Rows) || len(archives) >= 70 {
		t.Errorf("%d seeds, %d evaluations, %d of %d rows in %d tables", s.Seeds, s.Evaluations, len(got.Rows), len(full.Rows), len(archives))
	}
	front, err := c.front(s.Seeds, archives, 0)
	if err != nil {
		t.Fatal(err)
	}
	for what, of := range map[string]func(*results.Table) (*results.Table, error){
		"front": func(t *results.Table) (*results.Table, error) {
			return answer.Choose(t, c.Study.Search.Returned, c.Study.Views()), nil
		},
		"ladder": func(t *results.Table) (*results.Table, error) {
			return answer.Ladder(t, &results.Table{Columns: t.Columns}, answer.Plain())
		},
	} {
		want, err := of(full)
		if err != nil {
			t.Fatal(err)
		}
		is, err := of(got)
		if err != nil {
			t.Fatal(err)
		}
		a, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range []*results.Table{is, front}[:1+len(what)%2] { // the front also as the merge has it
			if b, err := table.MarshalJSON(); err != nil || string(a) != string(b) {
				t.Errorf("%s of parts:\n%s\nof all:\n%s", what, b, a)
			}
		}
	}
}
