package store

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stco/results"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

const dir = "/runs/a"

func testInfo() Info {
	return Info{
		Tool: "stco", Version: "1.0", Study: "name: cv <training>\n", StudyFormat: "yaml", TablesSHA256: "ab", Seed: 1<<63 + 1,
		Shards: []ShardInfo{{"cv seed 1", "cv", 1, "s1", "r1"}, {"cv seed 2", "cv", 2, "s2", "r2"}}, Host: "h", CommandLine: []string{"stco", "run"},
	}
}

// lab drives a small campaign as experiments does: a state per shard that each
// generation changes, checkpoints after every second generation.
type lab struct {
	fs    *memFS
	now   time.Time
	pid   int
	acked map[int]int // generation whose checkpoint was acknowledged, by shard
	notes []disk.Note
}

const labGenerations = 5

func (l *lab) step(shard, gen, state int) (Generation, int) {
	state = (state*31 + shard + gen) % 1009
	g := Generation{Number: gen, Evaluations: int64(10 * gen), Front: gen, Hypervolume: float64(state) / 7, Best: []float64{float64(state), math.NaN()}}
	if gen%2 == 1 {
		g.Members = [][]float64{{float64(state), 0.1}, {1e-12, float64(gen)}}
	}
	return g, state
}

func (l *lab) run() error {
	l.pid++
	l.now = l.now.Add(20 * time.Minute)
	clock := func() time.Time { l.now = l.now.Add(time.Second); return l.now }
	r, notes, err := Create(l.fs, dir, testInfo())
	l.notes = append(l.notes, notes...)
	if err != nil {
		return err
	}
	merged := &results.Table{Name: "front", Columns: []results.Column{{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min}}}
	for i := range r.Info().Shards {
		if err := l.shard(r, i, clock); err != nil {
			return err
		}
		front, err := r.ReadShardTable(i, "front")
		if err != nil {
			return err
		}
		merged.Rows = append(merged.Rows, front.Rows...)
	}
	if err := r.WriteTable(merged); err != nil {
		return err
	}
	if err := r.WriteFile("figures/pareto.svg", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "<svg>%v</svg>", merged.Rows)
		return err
	}); err != nil {
		return err
	}
	return r.WriteManifest()
}

func (l *lab) shard(r *Run, i int, clock func() time.Time) error {
	owner := claims.Owner{Host: "elsewhere", PID: l.pid}
	claim, err := r.Claim(r.Info().Shards[i].Name, owner, clock)
	if errors.Is(err, claims.ErrClaimed) {
		// A claim torn by a kill has no time of its own: its rest is watched.
		l.now = l.now.Add(claims.StaleAfter)
		claim, err = r.Claim(r.Info().Shards[i].Name, owner, clock)
	}
	if err != nil {
		return err
	}
	s, err := r.OpenShard(i, claim)
	if err != nil {
		return err
	}
	defer s.Close()
	l.notes = append(l.notes, s.State().Notes...)
	if !s.State().Done {
		gen, state := s.State().Generation, 0
		if e := s.State().Evaluations; e != int64(10*gen) {
			return fmt.Errorf("shard %d: %d evaluations at generation %d", i, e, gen)
		}
		if gen < l.acked[i] {
			return fmt.Errorf("shard %d: generation %d was acknowledged, %d came back", i, l.acked[i], gen)
		}
		if s.State().Checkpoint != nil {
			if _, err := fmt.Sscan(string(s.State().Checkpoint), &state); err != nil {
				return err
			}
		}
		front := &results.Table{Name: "front", Columns: []results.Column{{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min}}}
		for gen < labGenerations {
			gen++
			var g Generation
			g, state = l.step(i, gen, state)
			if err := s.Append(g); err != nil {
				return err
			}
			if gen%2 == 0 || gen == labGenerations {
				if err := s.Checkpoint(s.Mark(), fmt.Appendf(nil, "%d", state)); err != nil {
					return err
				}
				l.acked[i] = gen
			}
		}
		front.Add("", float64(state))
		archive := *front
		archive.Name = "archive"
		if err := s.Finish(front, &archive); err != nil {
			return err
		}
	}
	return claim.Release()
}

// saved is the length of the log that the checkpoint of a shard covers; 0 without
// one.
func (l *lab) saved(shard string) int {
	n := l.fs.live[dir+"/"+shard+"/"+checkpointFile]
	if n == nil || len(n.data) < 28 {
		return 0
	}
	return int(binary.LittleEndian.Uint64(n.data[20:]))
}

func newLab() *lab {
	return &lab{fs: newMemFS(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), acked: map[int]int{}}
}

// reference is the directory of an uninterrupted campaign and the number of
// changes it took.
func reference(t *testing.T, noLinks bool) (want map[string]string, steps int) {
	t.Helper()
	l := newLab()
	l.fs.noLinks = noLinks
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	if len(l.notes) > 0 {
		t.Fatal(l.notes)
	}
	return l.fs.content(), l.fs.steps
}

func difference(got, want map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[name]; !ok {
			return name + " is missing"
		} else if g != want[name] {
			return fmt.Sprintf("%s is\n%q, want\n%q", name, g, want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			return name + " should not be there"
		}
	}
	return ""
}

// crashes are what a kill or a power cut may leave of names and contents.
var crashes = []struct{ names, data bool }{{true, true}, {false, false}, {true, false}, {false, true}}

var errKill = errors.New("killed")

// TestKillAnywhere kills the campaign at each change of the disk in turn, for
// each way of losing what was not synced, resumes, and wants the bytes of the
// uninterrupted run, every acknowledged generation back, and nothing taken for
// damage.
func TestKillAnywhere(t *testing.T) {
	for _, noLinks := range []bool{false, true} {
		want, steps := reference(t, noLinks)
		if steps < 100 {
			t.Fatalf("only %d steps", steps)
		}
		killed := 0
		for at := 1; at <= steps; at++ {
			for _, c := range crashes {
				l := newLab()
				l.fs.noLinks = noLinks
				l.fs.faultAt, l.fs.fault = at, errKill
				switch err := l.run(); {
				case errors.Is(err, errKill):
					killed++
				case err != nil: // nil: a superseded name was not removed
					t.Fatalf("step %d: %v", at, err)
				}
				l.fs = l.fs.after(c.names, c.data)
				l.fs.noLinks = noLinks
				if err := l.run(); err != nil {
					t.Fatalf("step %d, crash %v: %v", at, c, err)
				}
				for _, n := range l.notes {
					// Only without links can run.json be torn.
					if torn := noLinks && n.Path == dir+"/run.json"; n.SetAside != "" && !torn {
						t.Fatalf("step %d, crash %v: %v", at, c, n)
					}
				}
				if d := difference(finalFiles(l), want); d != "" {
					t.Fatalf("step %d, crash %v: %s", at, c, d)
				}
			}
		}
		if killed < 4*steps*9/10 {
			t.Fatalf("%d of %d kills", killed, 4*steps)
		}
	}
}

// finalFiles are the files of a campaign without the remains of a torn run.json.
func finalFiles(l *lab) map[string]string {
	files := l.fs.content()
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasPrefix(name, "run.json.") })
	return files
}

// TestKillRepeatedly kills several times, also while resuming.
func TestKillRepeatedly(t *testing.T) {
	want, steps := reference(t, false)
	rapid.Check(t, func(t *rapid.T) {
		l := newLab()
		for range rapid.IntRange(1, 6).Draw(t, "kills") {
			l.fs.steps, l.fs.fault = 0, errKill
			l.fs.faultAt = rapid.IntRange(1, steps).Draw(t, "step")
			if err := l.run(); err != nil && !errors.Is(err, errKill) {
				t.Fatal(err)
			}
			c := rapid.SampledFrom(crashes).Draw(t, "crash")
			l.fs = l.fs.after(c.names, c.data)
		}
		if err := l.run(); err != nil {
			t.Fatal(err)
		}
		if d := difference(finalFiles(l), want); d != "" {
			t.Fatal(d)
		}
	})
}

// TestFullDisk fills the disk at each change: the error is an *IOError with a
// path, and after space is made the campaign ends with the same bytes.
func TestFullDisk(t *testing.T) {
	want, steps := reference(t, false)
	for at := 1; at <= steps; at++ {
		l := newLab()
		l.fs.faultAt, l.fs.fault = at, syscall.ENOSPC
		err := l.run()
		var ioErr *disk.IOError
		if err != nil && (!errors.As(err, &ioErr) || ioErr.Path == "" || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), ioErr.Path)) {
			t.Fatalf("step %d: %v", at, err)
		}
		l.fs.faultAt = 0
		if err := l.run(); err != nil {
			t.Fatalf("step %d: %v", at, err)
		}
		if d := difference(finalFiles(l), want); d != "" {
			t.Fatalf("step %d: %s", at, d)
		}
	}
}

// TestReadOnly wants a clear error from writers, and readers that still read.
func TestReadOnly(t *testing.T) {
	l := newLab()
	l.fs.faultAt, l.fs.fault = 1, syscall.EROFS
	err := l.run()
	var ioErr *disk.IOError
	if !errors.As(err, &ioErr) || !errors.Is(err, syscall.EROFS) || !strings.HasPrefix(ioErr.Path, "/runs") {
		t.Fatal(err)
	}
	l = newLab()
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	l.fs.faultAt, l.fs.fault = 1, syscall.EROFS
	r, err := Open(l.fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	if notes, err := r.Verify(); err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	p, err := r.Progress(1)
	if err == nil && (len(p.Generations) < 3 || len(p.Generations[1].Members) != 0 || len(p.Generations[2].Members) != 2 || p.Generations[2].Members[1][0] != 1e-12) {
		t.Errorf("members of the archive are not read back: %+v", p.Generations)
	}
	if err != nil || !p.Done || len(p.Generations) != labGenerations {
		t.Fatal(p, err)
	}
	if err := r.WriteTable(&results.Table{Name: "front"}); !errors.As(err, &ioErr) {
		t.Fatal(err)
	}
}

// TestDamage flips a bit in, or truncates, any file of a finished or an
// unfinished run: Verify names a finished file, and a resumed campaign sets
// the damage aside and ends with the same bytes.
func TestDamage(t *testing.T) {
	want, steps := reference(t, false)
	rapid.Check(t, func(t *rapid.T) {
		l := newLab()
		finished := rapid.Bool().Draw(t, "finished")
		if !finished {
			l.fs.faultAt, l.fs.fault = rapid.IntRange(20, steps).Draw(t, "step"), errKill
			_ = l.run()
			l.fs = l.fs.after(true, true)
		} else if err := l.run(); err != nil {
			t.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(l.fs.content()))
		names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, disk.TempSuffix) })
		if len(names) == 0 {
			return
		}
		name := rapid.SampledFrom(names).Draw(t, "file")
		n := l.fs.live[dir+"/"+name]
		before := string(n.data)
		switch at := rapid.IntRange(0, max(0, len(n.data)-1)).Draw(t, "at"); {
		case len(n.data) == 0:
			return
		case rapid.Bool().Draw(t, "truncate"):
			n.data = n.data[:at]
		default:
			n.data[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		// What the checkpoint does not cover may be cut, but not changed.
		checked := path.Base(name) == checkpointFile || strings.HasSuffix(name, logFile) && (l.saved(path.Dir(name)) > len(n.data) || len(n.data) == len(before))
		if r, err := Open(l.fs, dir); !finished && err == nil && checked {
			notes, err := r.Verify()
			if err != nil || !slices.ContainsFunc(notes, func(n disk.Note) bool { return strings.HasPrefix(n.Path, dir+"/"+path.Dir(name)) }) {
				t.Fatalf("unfinished, %s: %v %v", name, notes, err)
			}
		}
		if finished {
			r, err := Open(l.fs, dir)
			var damaged *disk.DamagedError
			if name == runFile {
				if !errors.As(err, &damaged) {
					t.Fatal(err)
				}
			} else {
				if err != nil {
					t.Fatal(err)
				}
				notes, err := r.Verify()
				if err != nil || !slices.ContainsFunc(notes, func(n disk.Note) bool { return n.Path == dir+"/"+name }) {
					t.Fatalf("%s: %v %v", name, notes, err)
				}
				if strings.HasSuffix(name, ".json") && strings.Contains(name, "front") {
					if _, err := r.readTable(name, ""); !errors.As(err, &damaged) {
						t.Fatal(err)
					}
				}
			}
		}
		l.notes, l.acked = nil, map[int]int{}
		if err := l.run(); err != nil {
			t.Fatal(err)
		}
		got := l.fs.content()
		aside := 0
		for p, data := range maps.Clone(got) {
			if strings.Contains(p, ".corrupt-") {
				aside++
				delete(got, p)
				if data == before {
					t.Fatalf("%s was set aside without damage", p)
				}
			}
		}
		if d := difference(got, want); d != "" {
			t.Fatalf("%s: %s", name, d)
		}
		if finished && (name == runFile || strings.HasPrefix(name, "shards/")) && aside == 0 {
			t.Fatalf("%s was not set aside", name)
		}
	})
}

func TestOtherStudyRefused(t *testing.T) {
	l := newLab()
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	before := l.fs.content()
	for _, c := range []struct {
		what   string
		change func(*Info)
	}{
		{"study", func(in *Info) { in.Study += " " }},
		{"tables", func(in *Info) { in.TablesSHA256 = "cd" }},
		{"seed", func(in *Info) { in.Seed++ }},
		{"plan of shards", func(in *Info) { in.Shards = in.Shards[:1] }},
	} {
		info := testInfo()
		c.change(&info)
		_, _, err := Create(l.fs, dir, info)
		var other *OtherStudyError
		if !errors.As(err, &other) || other.What != c.what {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	info := testInfo()
	info.Host, info.Version = "elsewhere", "2.0"
	r, _, err := Create(l.fs, dir, info)
	if err != nil {
		t.Fatal(err)
	}
	was := r.Info()
	if was.Host != "h" {
		t.Error("run.json was changed")
	}
	if d := was.Differences(&info); len(d) != 1 || !strings.Contains(d[0], `version was "1.0", is "2.0"`) {
		t.Error(d)
	}
	if d := difference(l.fs.content(), before); d != "" {
		t.Error(d)
	}
	// Files of another run copied into this one are damage.
	m := newMemFS()
	info.Seed++
	r2, _, err := Create(m, dir, info)
	if err != nil {
		t.Fatal(err)
	}
	if err := r2.WriteTable(&results.Table{Name: "front"}); err != nil {
		t.Fatal(err)
	}
	l.fs.live[dir+"/front.json"].data = m.live[dir+"/front.json"].data
	var damaged *disk.DamagedError
	if _, err := r.ReadTable("front"); !errors.As(err, &damaged) || !errors.Is(err, errForeign) {
		t.Error(err)
	}
}

func TestForeignDirectory(t *testing.T) {
	m := newMemFS()
	if err := m.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write(m, dir+"/notes.txt", []byte("mine")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(m, dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := disk.Write(m, dir+"/front.csv", []byte("mine")); err != nil {
		t.Fatal(err)
	}
	_, _, err := Create(m, dir, testInfo())
	if f, ok := errors.AsType[*ForeignError](err); !ok || *f != (ForeignError{Dir: dir, Name: "front.csv"}) || !strings.Contains(err.Error(), "it has no run.json) but holds front.csv") {
		t.Error(err)
	}
	if err := m.Remove(dir + "/front.csv"); err != nil {
		t.Fatal(err)
	}
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../front.csv", "/etc/front.csv", ""} {
		if err := r.WriteFile(name, func(io.Writer) error { return nil }); err == nil {
			t.Errorf("%q was written", name)
		}
	}
}

// TestManifestSweeps: with the manifest what killed processes left of their claims
// goes.
func TestManifestSweeps(t *testing.T) {
	m := newMemFS()
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Claim("merge", claims.Owner{Host: "h", PID: 1}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	left := dir + "/claims/merge/000001.json.7.0" + disk.TempSuffix
	for _, want := range []bool{true, false} { // while it is held, afterwards
		if err := disk.Create(m, left, nil); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
		if err := r.WriteManifest(); err != nil {
			t.Fatal(err)
		}
		if _, there := m.live[left]; there != want {
			t.Errorf("the temporary file is there: %t", there)
		}
		if err := c.Release(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNewerSchema leaves a file of a newer tool where it is.
func TestNewerSchema(t *testing.T) {
	m := newMemFS()
	if _, _, err := Create(m, dir, testInfo()); err != nil {
		t.Fatal(err)
	}
	n := m.live[dir+"/run.json"]
	body, _, _ := strings.Cut(string(n.data), ",\n\"sha256\":\"")
	n.data = disk.Seal([]byte(strings.Replace(body, `"schema": 1`, `"schema": 2`, 1)))
	var ve *disk.VersionError
	if _, _, err := Create(m, dir, testInfo()); !errors.As(err, &ve) || ve.Path != dir+"/run.json" {
		t.Error(err)
	}
	// A member that this version does not know is read over.
	n.data = disk.Seal([]byte(strings.Replace(body, `"schema": 1`, `"schema": 1, "later": []`, 1)))
	if _, _, err := Create(m, dir, testInfo()); err != nil {
		t.Error(err)
	}
}

func TestShardMisuse(t *testing.T) {
	m := newMemFS()
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.OpenShard(2, nil); err == nil {
		t.Error("shard 2 of 2 opened")
	}
	s, err := r.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(Generation{Number: 2}); err == nil {
		t.Error("generation 2 before 1")
	}
	if err := s.Append(Generation{Number: 1}); err != nil {
		t.Fatal(err)
	}
	// A failed write ends the shard: a later one might leave a gap.
	m.faultAt, m.fault = m.steps+1, syscall.EIO
	first := s.Append(Generation{Number: 2})
	m.faultAt = 0
	if second := s.Append(Generation{Number: 2}); first == nil || !errors.Is(second, first) {
		t.Error(first, second)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestProgressOfTornLog(t *testing.T) {
	m := newMemFS()
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 3; n++ {
		if err := s.Append(Generation{Number: n, Hypervolume: 0.1, Violation: math.Inf(1), Best: []float64{math.NaN(), 1e-12}}); err != nil {
			t.Fatal(err)
		}
	}
	n := m.live[dir+"/shards/000-cv-seed-1/generations.jsonl"]
	n.data = n.data[:len(n.data)-10]
	p, err := r.Progress(0)
	if err != nil {
		t.Fatal(err)
	}
	if p.Done || len(p.Generations) != 2 || len(p.Notes) != 1 || !strings.Contains(p.Notes[0].String(), "line 3, from byte 298, is torn") {
		t.Errorf("%+v", p)
	}
	if g := p.Generations[1]; g.Hypervolume != 0.1 || !math.IsInf(g.Violation, 1) || !math.IsNaN(g.Best[0]) || g.Best[1] != 1e-12 {
		t.Errorf("%+v", g)
	}
	s, err = r.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if st := s.State(); st.Checkpoint != nil || len(st.Notes) != 1 || !strings.Contains(st.Notes[0].Reason, "2 generations before the first checkpoint are redone; line 3, from byte 298, is torn") {
		t.Errorf("%+v", st)
	}
	if len(n.data) != 0 {
		t.Error("log was not cut back")
	}
	if p, err = r.Progress(1); err != nil || p.Done || p.Generations != nil {
		t.Error(p, err)
	}
}

// TestProgressOfOtherLog: a log that is not the one of its checkpoint is said to be
// another where it is as long, too short where it ends before, and the one where only
// generations were added behind.
func TestProgressOfOtherLog(t *testing.T) {
	written := func(hypervolume float64) (*Run, *inode) {
		m := newMemFS()
		r := openTest(t, m)
		s, err := r.OpenShard(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 3; n++ {
			if n == 3 {
				if err := s.Checkpoint(s.Mark(), []byte("state")); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Append(Generation{Number: n, Hypervolume: hypervolume}); err != nil {
				t.Fatal(err)
			}
		}
		return r, m.live[dir+"/shards/000-cv-seed-1/generations.jsonl"]
	}
	r, log := written(0.1)
	_, other := written(0.2)
	whole, foreign := string(log.data), string(other.data)
	first := strings.IndexByte(whole, '\n') + 1
	two := first + strings.IndexByte(whole[first:], '\n') + 1 // bytes that the checkpoint was made with
	for what, c := range map[string]struct {
		log, want string
		gens      int
	}{
		"as it was":                  {whole, "", 3},
		"no longer than then":        {whole[:two], "", 2},
		"of other values":            {foreign, "not the log of generations 1 to 2 that the checkpoint was made with", 3},
		"of other values, no longer": {foreign[:two], "not the log of generations 1 to 2 that the checkpoint was made with", 2},
		"of one generation":          {whole[:first], fmt.Sprintf("ends at byte %d; the checkpoint of generation 2 was made with %d", first, two), 1},
	} {
		log.data = []byte(c.log)
		p, err := r.Progress(0)
		if err != nil || p.Done || len(p.Generations) != c.gens {
			t.Errorf("%s: %d generations, %v", what, len(p.Generations), err)
		}
		if c.want == "" {
			if len(p.Notes) > 0 || string(p.Checkpoint) != "state" {
				t.Errorf("%s: state %q, notes %v", what, p.Checkpoint, p.Notes)
			}
			continue
		}
		if p.Checkpoint != nil || len(p.Notes) != 1 || p.Notes[0].Reason != c.want || !strings.HasSuffix(p.Notes[0].Path, "generations.jsonl") {
			t.Errorf("%s: state %q, notes %v, want %q", what, p.Checkpoint, p.Notes, c.want)
		}
	}
}

// TestExtend: a longer plan of the same streams takes the place of the shorter;
// shards and tables of before are neither taken for done nor for damage.
func TestExtend(t *testing.T) {
	l := newLab()
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(l.fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	merged := func(r *Run, want bool) {
		t.Helper()
		if got, err := r.Merged(); got != want || err != nil {
			t.Errorf("merged: %v, want %v; %v", got, want, err)
		}
	}
	merged(r, true)
	before := r.Info()
	longer := testInfo()
	longer.Study = "name: cv, longer"
	longer.Shards[0].Result = "r1 longer"
	longer.Shards = append(longer.Shards, ShardInfo{"cv seed 3", "cv", 3, "s3", "r3"})
	longer.CommandLine = []string{"stco", "resume"}
	other := longer
	other.Shards = slices.Clone(longer.Shards)
	other.Shards[1].Stream = "s9"
	if err := r.Extend(other); err == nil {
		t.Error("extended by another stream")
	}
	short := testInfo()
	short.Shards = short.Shards[:1]
	if err := r.Extend(short); err == nil {
		t.Error("extended by fewer shards")
	}
	stale, err := Open(l.fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Extend(longer); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(l.fs, dir); err != nil {
		t.Fatal(err)
	}
	merged(r, false)
	now := r.Info()
	if now.Study != longer.Study || len(now.Shards) != 3 || now.Host != before.Host || now.CommandLine[1] != "run" || now.Extensions[0][1] != "resume" {
		t.Errorf("%+v", now)
	}
	if _, err := r.ReadTable("front"); !errors.Is(err, ErrExtended) {
		t.Error(err)
	}
	if notes, err := r.Verify(); err != nil || len(notes) > 0 {
		t.Error(notes, err)
	}
	if _, err := stale.OpenShard(1, nil); err == nil {
		t.Error("a process with the plan of before goes on")
	}
	for i, done := range []bool{false, true, false} {
		p, err := r.Progress(i)
		if err != nil || p.Done != done || len(p.Notes) > 0 {
			t.Errorf("shard %d: %+v %v", i, p, err)
		}
		s, err := r.OpenShard(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if st := s.State(); st.Done != done || len(st.Notes) > 0 || i == 0 && st.Generation != labGenerations {
			t.Errorf("shard %d: %+v", i, st)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExtendLimits: as many shards under other limits are an extension too.
func TestExtendLimits(t *testing.T) {
	l := newLab()
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(l.fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	longer := testInfo()
	longer.Study = "name: cv, longer"
	if err := r.Extend(longer); err != nil {
		t.Fatal(err)
	}
	if now := r.Info(); now.Study != longer.Study || len(now.Shards) != len(testInfo().Shards) {
		t.Errorf("%+v", now)
	}
}

// TestNewerCheckpoint: the checkpoint of a newer tool is left where it is.
func TestNewerCheckpoint(t *testing.T) {
	m := newMemFS()
	r := openTest(t, m)
	s, err := r.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Append(Generation{Number: 1}), s.Checkpoint(s.Mark(), []byte("x")), s.Close()); err != nil {
		t.Fatal(err)
	}
	path := s.path(checkpointFile)
	n := m.live[path]
	data := slices.Clone(n.data[:len(n.data)-sha256.Size])
	data[len(checkpointMagic)]++
	sum := sha256.Sum256(data)
	n.data = append(data, sum[:]...)
	var newer *disk.VersionError
	if _, err := r.OpenShard(0, nil); !errors.As(err, &newer) || newer.Path != path || newer.Schema != checkpointVersion+1 {
		t.Errorf("%v", err)
	}
	if m.live[path] != n || len(n.data) != len(data)+sha256.Size {
		t.Error("the checkpoint of a newer tool was touched")
	}
}

// TestMissingManifest: of a run whose shards are done, the manifest is missed.
func TestMissingManifest(t *testing.T) {
	l := newLab()
	if err := l.run(); err != nil {
		t.Fatal(err)
	}
	if err := l.fs.Remove(dir + "/" + manifestFile); err != nil {
		t.Fatal(err)
	}
	r, err := Open(l.fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	if notes, err := r.Verify(); err != nil || len(notes) != 1 || notes[0].Path != dir+"/"+manifestFile {
		t.Error(notes, err)
	}
	l.fs.live[dir+"/front.json"].data[30] ^= 4
	if notes, err := r.Verify(); err != nil || len(notes) != 2 {
		t.Error(notes, err)
	}
}
