package store

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stco/results"
)

func openTest(t interface{ Fatal(...any) }, m FS) *Run {
	r, _, err := Create(m, dir, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClaimTakeover(t *testing.T) {
	m := newMemFS()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a, b := openTest(t, m), openTest(t, m)
	alice, bob := Owner{Host: "a", PID: 1}, Owner{Host: "b", PID: 1}
	first, err := a.Claim("s", alice, clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Claim("s", alice, clock); !errors.Is(err, ErrClaimed) {
		t.Fatal("claimed twice by one process", err)
	}
	if _, err := a.Claim("s2", alice, clock); err != nil {
		t.Fatal(err)
	}
	if h, err := b.Holder("s"); err != nil || h == nil || h.Owner != alice || !h.Beat.Equal(now) {
		t.Fatal(h, err)
	}
	for range 10 { // a beating claim stands for ever
		if _, err := b.Claim("s", bob, clock); !errors.Is(err, ErrClaimed) {
			t.Fatal(err)
		}
		now = now.Add(StaleAfter * 3 / 4)
		if err := first.Beat(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Claim("s", bob, clock); !errors.Is(err, ErrClaimed) {
		t.Fatal(err)
	}
	now = now.Add(StaleAfter)
	second, err := b.Claim("s", bob, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Beat(); !errors.Is(err, ErrClaimLost) {
		t.Fatal(err)
	}
	if _, err := a.OpenShard(0, first); !errors.Is(err, ErrClaimLost) {
		t.Fatal(err)
	}
	if err := first.Release(); !errors.Is(err, ErrClaimLost) {
		t.Fatal(err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
	if h, err := a.Holder("s"); h != nil || err != nil {
		t.Fatal(h, err)
	}
	if _, err := a.Claim("s", alice, clock); err != nil {
		t.Fatal("released claim not free", err)
	}
}

// TestClaimClockSkew: an owner whose clock is minutes behind is not robbed
// while it beats, and one ahead does not keep a claim after its death.
func TestClaimClockSkew(t *testing.T) {
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		m := newMemFS()
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		a, b := openTest(t, m), openTest(t, m)
		held, err := a.Claim("s", Owner{Host: "a"}, func() time.Time { return now.Add(skew) })
		if err != nil {
			t.Fatal(err)
		}
		clock := func() time.Time { return now }
		for range 8 {
			if _, err := b.Claim("s", Owner{Host: "b"}, clock); !errors.Is(err, ErrClaimed) {
				t.Fatal(skew, err)
			}
			now = now.Add(StaleAfter / 4)
			if err := held.Beat(); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = b.Claim("s", Owner{Host: "b"}, clock)
		now = now.Add(StaleAfter)
		if _, err := b.Claim("s", Owner{Host: "b"}, clock); err != nil {
			t.Fatal(skew, err)
		}
	}
}

// TestClaimRace lets processes fight for stale claims: never two hold one.
func TestClaimRace(t *testing.T) {
	for range 20 {
		m := newMemFS()
		base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		stale := openTest(t, m)
		if _, err := stale.Claim("s", Owner{Host: "dead"}, func() time.Time { return base }); err != nil {
			t.Fatal(err)
		}
		later := func() time.Time { return base.Add(time.Hour) }
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			r := openTest(t, m)
			wg.Go(func() {
				if _, err := r.Claim("s", Owner{Host: strconv.Itoa(i)}, later); err == nil {
					won.Add(1)
				} else if !errors.Is(err, ErrClaimed) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d processes hold the claim", won.Load())
		}
	}
}

// TestOwnerGone uses the real process table.
func TestOwnerGone(t *testing.T) {
	me := ThisProcess()
	if me.gone(me) {
		t.Error("this process is gone")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	dead := me
	dead.PID = cmd.Process.Pid
	if !dead.gone(me) {
		t.Error("a dead process lives")
	}
	elsewhere := dead
	elsewhere.Host += "x"
	if elsewhere.gone(me) {
		t.Error("judged a process of another host")
	}
	container := dead
	container.Namespace += "x"
	if container.gone(me) {
		t.Error("judged a process of another namespace")
	}
	if me.Ticks != 0 {
		reused := me
		reused.Ticks++
		if !reused.gone(me) {
			t.Error("a reused process number counts as alive")
		}
	}
	m := newMemFS()
	r := openTest(t, m)
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	if _, err := r.Claim("s", dead, clock); err != nil {
		t.Fatal(err)
	}
	if _, err := openTest(t, m).Claim("s", me, clock); err != nil {
		t.Error("claim of a dead process not taken over at once:", err)
	}
}

func TestKeepAliveEnds(t *testing.T) {
	r := openTest(t, newMemFS())
	c, err := r.Claim("s", ThisProcess(), func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.KeepAlive(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestRealFiles runs a shard on the file system of the machine.
func TestRealFiles(t *testing.T) {
	d := t.TempDir() + "/deep/run"
	r, _, err := Create(OS{}, d, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	c, err := r.Claim("s", ThisProcess(), clock)
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
	if st := s.State(); string(st.Checkpoint) != "x" || st.Generation != 1 || len(st.Notes) != 1 {
		t.Fatalf("%+v", st)
	}
	if err := errors.Join(s.Append(Generation{Number: 2}), s.Checkpoint(s.Mark(), nil), s.Finish(&results.Table{Name: "f"}, &results.Table{Name: "a"}), s.Close(), c.Release(), r.WriteManifest()); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(OS{}, d); err != nil {
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
	var ioErr *IOError
	if _, _, err := Create(OS{}, d+"/run.json/below", testInfo()); !errors.As(err, &ioErr) {
		t.Fatal(err)
	}
}

func TestCheckpointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := checkpoint{generation: rapid.Uint64().Draw(t, "g"), logSize: rapid.Int64().Draw(t, "n"), payload: rapid.SliceOf(rapid.Byte()).Draw(t, "p")}
		data := c.encode("id")
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
	f.Add((&checkpoint{generation: 3, payload: []byte("abc")}).encode("id"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := decodeCheckpoint(data, "id"); err == nil && string(c.encode("id")) != string(data) {
			t.Fatal("accepted bytes that it would not write")
		}
	})
}

// TestLife: what can be said of an owner, and who may take its claim.
func TestLife(t *testing.T) {
	me := Owner{Host: "a", Namespace: "n", Boot: "1", PID: os.Getpid(), Ticks: startTicks(os.Getpid())}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rebooted, elsewhere, twin := me, me, me
	rebooted.Boot, elsewhere.Host, twin.Namespace = "0", "b", "m"
	for _, c := range []struct {
		name  string
		owner Owner
		rest  time.Duration
		want  Life
		taken bool // by TakeOver
	}{
		{"itself", me, time.Hour, Alive, false},
		{"before a reboot, just now", rebooted, StaleAfter - 1, Alive, true},
		{"before a reboot", rebooted, StaleAfter, Gone, true},
		{"another host, beating", elsewhere, StaleAfter / 4, Alive, true},
		{"another host, resting", elsewhere, 14 * StaleAfter, Silent, true},
		{"another host, long ago", elsewhere, 15*StaleAfter + 1, Gone, true},
		{"another container, resting", twin, 14 * StaleAfter, Silent, true},
	} {
		r := openTest(t, newMemFS())
		if _, err := r.Claim("s", c.owner, func() time.Time { return now }); err != nil {
			t.Fatal(err)
		}
		later := func() time.Time { return now.Add(c.rest) }
		h, err := r.Holder("s")
		if err != nil || h == nil || h.Life(me, later()) != c.want {
			t.Errorf("%s: %+v, want %s", c.name, h, c.want)
		}
		if c.want != Gone {
			if _, err := r.Claim("s", me, later); !errors.Is(err, ErrClaimed) {
				t.Errorf("%s: claimed: %v", c.name, err)
			}
		}
		if _, err := r.TakeOver("s", me, later); (err == nil) != c.taken {
			t.Errorf("%s: taken over: %v", c.name, err)
		}
	}
}

// TestDirectoryGone: a run directory that vanishes is a failure of the file
// system, not another process.
func TestDirectoryGone(t *testing.T) {
	d := t.TempDir() + "/run"
	r, _, err := Create(OS{}, d, testInfo())
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Claim("s", ThisProcess(), func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(d, d+"-moved"); err != nil {
		t.Fatal(err)
	}
	var ioErr *IOError
	if err := c.Beat(); !errors.As(err, &ioErr) || errors.Is(err, ErrClaimLost) {
		t.Error(err)
	}
}
