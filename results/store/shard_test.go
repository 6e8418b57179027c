package store

import (
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stco/results"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

func openTest(t interface{ Fatal(...any) }, m disk.FS) *Run {
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestClaimLost: a shard is not opened for an owner that has lost its claim.
func TestClaimLost(t *testing.T) {
	m := newMemFS()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a, b := openTest(t, m), openTest(t, m)
	first, err := a.Claim("s", claims.Owner{Host: "a"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if _, err := b.Claim("s", claims.Owner{Host: "b"}, clock); err != nil {
		t.Fatal(err)
	}
	if _, err := a.OpenShard(0, first); !errors.Is(err, claims.ErrClaimLost) {
		t.Fatal(err)
	}
}

// TestRealFiles runs a shard on the file system of the machine.
func TestRealFiles(t *testing.T) {
	d := t.TempDir() + "/deep/run"
	r, _, err := Create(disk.OS{}, d, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	c, err := r.Claim("s", claims.ThisProcess(), clock)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.OpenShard(0, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Append(Generation{Number: 1}), s.Checkpoint(s.Mark(), []byte("x")), s.Append(Generation{Number: 2}), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err = r.OpenShard(0, c); err != nil {
		t.Fatal(err)
	}
	st := s.State()
	if s.Forget(); s.State().Checkpoint != nil {
		t.Error("the checkpoint is not forgotten")
	}
	if string(st.Checkpoint) != "x" || st.Generation != 1 || len(st.Notes) != 1 {
		t.Fatalf("%+v", st)
	}
	if err := errors.Join(s.Append(Generation{Number: 2}), s.Checkpoint(s.Mark(), nil), s.Finish(&results.Table{Name: "f"}, &results.Table{Name: "a"}), s.Close(), c.Release(), r.WriteManifest()); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(disk.OS{}, d); err != nil {
		t.Fatal(err)
	}
	if notes, err := r.Verify(); err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	if err := os.WriteFile(d+"/extra.csv", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if notes, err := r.Verify(); err != nil || len(notes) != 1 || !notes[0].Stray || !strings.HasSuffix(notes[0].Path, "extra.csv") {
		t.Fatal(notes, err)
	}
	var ioErr *disk.IOError
	if _, _, err := Create(disk.OS{}, d+"/run.json/below", testInfo()); !errors.As(err, &ioErr) {
		t.Fatal(err)
	}
}

func encoded(c *checkpoint) []byte {
	var b bytes.Buffer
	_ = c.write("id", &b) // a buffer takes all
	return b.Bytes()
}

func TestCheckpointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := checkpoint{generation: rapid.Uint64().Draw(t, "g"), logSize: rapid.Int64().Draw(t, "n"), payload: rapid.SliceOf(rapid.Byte()).Draw(t, "p")}
		data := encoded(&c)
		got, err := decodeCheckpoint(data, "id")
		if err != nil || got.generation != c.generation || got.logSize != c.logSize || string(got.payload) != string(c.payload) {
			t.Fatal(got, err)
		}
		if _, err := decodeCheckpoint(data, "other"); !errors.Is(err, errForeign) {
			t.Fatal(err)
		}
		k := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		if _, err := decodeCheckpoint(data[:k], "id"); err == nil {
			t.Fatal("truncated checkpoint read")
		}
		data[k] ^= 1
		if _, err := decodeCheckpoint(data, "id"); err == nil {
			t.Fatal("flipped bit not seen")
		}
	})
}

func FuzzDecodeCheckpoint(f *testing.F) {
	f.Add(encoded(&checkpoint{generation: 3, payload: []byte("abc")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := decodeCheckpoint(data, "id"); err == nil && string(encoded(c)) != string(data) {
			t.Fatal("accepted bytes that it would not write")
		}
	})
}

// TestDirectoryGone: a run directory that vanishes is a failure of the file
// system, not another process.
func TestDirectoryGone(t *testing.T) {
	d := t.TempDir() + "/run"
	r, _, err := Create(disk.OS{}, d, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Claim("s", claims.ThisProcess(), func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(d, d+"-moved"); err != nil {
		t.Fatal(err)
	}
	var ioErr *disk.IOError
	if err := c.Beat(); !errors.As(err, &ioErr) || errors.Is(err, claims.ErrClaimLost) {
		t.Error(err)
	}
}

// TestHole: two processes that both believe to own a shard. The one whose log the
// other has cut back does not end the shard with the hole in it; the other does, and
// says how the shard ended.
func TestHole(t *testing.T) {
	m := newMemFS()
	a, b := openTest(t, m), openTest(t, m)
	b.On("arch-1")
	first, err := a.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Append(Generation{Number: 1}), first.Checkpoint(first.Mark(), []byte("x")), first.Append(Generation{Number: 2})); err != nil {
		t.Fatal(err)
	}
	second, err := b.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	third := Generation{Number: 3, Evaluations: 30, Best: []float64{1, math.Inf(1)}, Members: [][]float64{{2}}}
	table := &results.Table{Name: "f"}
	if err := first.Append(third); err != nil {
		t.Fatal(err)
	}
	if err := first.Finish(table); !errors.Is(err, claims.ErrClaimLost) {
		t.Fatal("ended with a hole in its log:", err)
	}
	if end, err := a.Ended(0); end != nil || err != nil {
		t.Fatal(end, err)
	}
	if err := errors.Join(second.Append(Generation{Number: 2}), second.Append(third), second.Finish(table)); err != nil {
		t.Fatal(err)
	}
	third.Members = nil
	if end, err := a.Ended(0); err != nil || end.Platform != "arch-1" || !reflect.DeepEqual(end.Last, third) {
		t.Fatalf("%+v %v", end, err)
	}
	if notes, err := a.Verify(); err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	if end, err := a.Ended(1); end != nil || err != nil {
		t.Fatal(end, err)
	}
}

// TestBrief: the last generation of a shard that has begun, is being written and is
// done, without a read of all of its log.
func TestBrief(t *testing.T) {
	m := newMemFS()
	r := openTest(t, m)
	look := func(what string, done bool, last int) {
		t.Helper()
		p, err := r.Brief(0)
		if err != nil || p.Done != done || len(p.Generations) != min(last, 1) || last > 0 && p.Generations[0].Number != last {
			t.Errorf("%s: %+v %v", what, p, err)
		}
	}
	look("nothing", false, 0)
	s, err := r.OpenShard(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	look("begun", false, 0)
	members := make([][]float64, 1000)
	for i := range members {
		members[i] = []float64{1.0 / 3, 2.0 / 3, float64(i) / 7}
	}
	for n := range 20 {
		if err := s.Append(Generation{Number: n + 1, Evaluations: 7, Members: members}); err != nil {
			t.Fatal(err)
		}
		look("under way", false, n+1)
	}
	log := m.live[s.path(logFile)]
	log.data = append(log.data, `{"generation":21,`...)
	look("a line is being written", false, 20)
	if err := s.log.Truncate(s.size); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Checkpoint(s.Mark(), nil), s.Finish(&results.Table{Name: "f"})); err != nil {
		t.Fatal(err)
	}
	log.data = nil
	look("done", true, 20)
	m.live[s.path(doneFile)].data[10] ^= 1
	if p, err := r.Brief(0); err != nil || p.Done || len(p.Notes) != 1 {
		t.Errorf("damaged: %+v %v", p, err)
	}
}
