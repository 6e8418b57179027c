package claims

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stco/results/store/disk"
)

// TestTakeover: a claim stands while it beats, is free after it has rested, and
// then lost to its first owner.
func TestTakeover(t *testing.T) {
	m := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a, b := In(disk.OS{}, m), In(disk.OS{}, m)
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
	if err := first.Check(); !errors.Is(err, ErrClaimLost) {
		t.Fatal(err)
	}
	if err := second.Check(); err != nil {
		t.Fatal(err)
	}
	taken := m + "/s/000002.json"
	if err := os.Rename(taken, taken+".away"); err != nil {
		t.Fatal(err)
	}
	if err := first.Check(); !errors.Is(err, ErrClaimLost) {
		t.Fatal("a lost claim stands again where the directory shows an older state:", err)
	}
	if err := os.Rename(taken+".away", taken); err != nil {
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
		m := t.TempDir()
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		a, b := In(disk.OS{}, m), In(disk.OS{}, m)
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
		m := t.TempDir()
		base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		stale := In(disk.OS{}, m)
		if _, err := stale.Claim("s", Owner{Host: "dead"}, func() time.Time { return base }); err != nil {
			t.Fatal(err)
		}
		later := func() time.Time { return base.Add(time.Hour) }
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			r := In(disk.OS{}, m)
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
	rebooted := me
	rebooted.Boot += "x"
	if rebooted.near(me) || !me.near(me) {
		t.Error("near is not the same host, kernel and process table")
	}
	if me.Host == "" || me.PID != os.Getpid() {
		t.Errorf("this process is %+v", me)
	}
	if me.Ticks != 0 {
		reused := me
		reused.Ticks++
		if !reused.gone(me) {
			t.Error("a reused process number counts as alive")
		}
	}
	m := t.TempDir()
	r := In(disk.OS{}, m)
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	if _, err := r.Claim("s", dead, clock); err != nil {
		t.Fatal(err)
	}
	if _, err := In(disk.OS{}, m).Claim("s", me, clock); err != nil {
		t.Error("claim of a dead process not taken over at once:", err)
	}
}

func TestKeepAliveEnds(t *testing.T) {
	r := In(disk.OS{}, t.TempDir())
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
		r := In(disk.OS{}, t.TempDir())
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

// TestSweep: temporary files of claims that were released or followed go, those of
// a claim that stands, of the next one and other files stay.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	clock := func() time.Time { return time.Unix(0, 0) }
	d := In(disk.OS{}, dir)
	if err := d.Sweep(); err != nil {
		t.Fatal(err)
	}
	gone, me := ThisProcess(), ThisProcess()
	gone.PID = 1 << 30
	for _, owner := range []Owner{gone, me} {
		if _, err := d.Claim("held", owner, clock); err != nil {
			t.Fatal(err)
		}
	}
	c, err := d.Claim("free", me, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{
		"held/000001.json.7.0.tmp": false, "held/000002.json.7.0.tmp": true, "held/000003.json.7.0.tmp": true,
		"free/000001.json.7.0.tmp": false, "free/000001.json.7.1.tmp": false, "free/000002.json.7.0.tmp": true, "free/notes.tmp": true,
		"held/000001.json": true, "held/000002.json": true, "free/000001.json": true,
	}
	for name := range left {
		if !strings.HasSuffix(name, ".json") {
			if err := os.WriteFile(dir+"/"+name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := d.Sweep(); err != nil {
		t.Fatal(err)
	}
	for name, want := range left {
		if _, err := os.Stat(dir + "/" + name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := In(faulty{list: syscall.EIO}, dir).Sweep(); !errors.Is(err, syscall.EIO) {
		t.Error(err)
	}
}

// TestTicks reads field 22 of /proc/PID/stat, whatever the name of the process.
func TestTicks(t *testing.T) {
	rest := " S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 4242"
	for stat, want := range map[string]uint64{
		"1 (a)" + rest: 4242, "1 (a) b) S 3)" + rest + " 23 24\n": 4242, "1 (a)" + rest[:len(rest)-5]: 0, "": 0, "1 (a)" + rest + "x": 0,
		"1 (a)" + rest[:len(rest)-4] + "99999999999999999999": 0, // more than 64 bits
	} {
		if got := parseTicks([]byte(stat)); got != want {
			t.Errorf("%q: %d, want %d", stat, got, want)
		}
	}
	if startTicks(-1) != 0 {
		t.Error("a process that is not there has started")
	}
}

// TestClaimGone: a claim whose file has vanished is a failure of the file system
// that names the file, not another process.
func TestClaimGone(t *testing.T) {
	dir := t.TempDir()
	c, err := In(disk.OS{}, dir).Claim("a/b", Owner{Host: "a"}, func() time.Time { return time.Unix(0, 0) })
	if err != nil {
		t.Fatal(err)
	}
	name := dir + "/a-b/000001.json"
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	var ioErr *disk.IOError
	if err := c.Beat(); !errors.As(err, &ioErr) || ioErr.Path != name || errors.Is(err, ErrClaimLost) {
		t.Error(err)
	}
}

// faulty fails to list directories, or to read files.
type faulty struct {
	disk.OS
	list, read error
}

func (f faulty) ReadDir(path string) ([]fs.DirEntry, error) {
	if f.list != nil {
		return nil, f.list
	}
	return f.OS.ReadDir(path)
}

func (f faulty) OpenFile(path string, flag int, perm fs.FileMode) (disk.File, error) {
	if f.read != nil && flag == os.O_RDONLY {
		return nil, f.read
	}
	return f.OS.OpenFile(path, flag, perm)
}

// TestFaults: a directory or a claim that cannot be read gives nothing away, and a
// time that has no text is not written.
func TestFaults(t *testing.T) {
	m := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	held, err := In(disk.OS{}, m).Claim("s", Owner{Host: "a"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	fault := errors.New("a fault")
	for what, f := range map[string]faulty{"list": {list: fault}, "read": {read: fault}} {
		d := In(f, m)
		if c, err := d.Claim("s", Owner{Host: "b"}, clock); c != nil || !errors.Is(err, fault) {
			t.Errorf("%s: claimed %v: %v", what, c, err)
		}
		if h, err := d.Holder("s"); h != nil || !errors.Is(err, fault) {
			t.Errorf("%s: holder %v: %v", what, h, err)
		}
	}
	before, err := os.ReadFile(m + "/s/000001.json")
	if err != nil {
		t.Fatal(err)
	}
	now = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := held.Beat(); err == nil || errors.Is(err, ErrClaimLost) {
		t.Errorf("a beat in the year 10000: %v", err)
	}
	if c, err := In(disk.OS{}, m).Claim("other", Owner{Host: "a"}, clock); err == nil {
		t.Errorf("a claim in the year 10000: %v", c)
	}
	if after, err := os.ReadFile(m + "/s/000001.json"); err != nil || string(after) != string(before) {
		t.Errorf("%q became %q: %v", before, after, err)
	}
	if names, _ := os.ReadDir(m + "/other"); len(names) != 0 {
		t.Errorf("%d claims of the year 10000", len(names))
	}
}

// TestSightings: the next claim of a name is another one, even with the content of
// the one before; four beats and the minute of an old directory go before a claim
// is stale.
func TestSightings(t *testing.T) {
	m := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	if _, err := In(disk.OS{}, m).Claim("s", Owner{Host: "a"}, clock); err != nil {
		t.Fatal(err)
	}
	d := In(disk.OS{}, m)
	if _, err := d.Claim("s", Owner{Host: "b"}, clock); !errors.Is(err, ErrClaimed) {
		t.Fatal(err)
	}
	data, err := os.ReadFile(m + "/s/000001.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(m+"/s/000002.json", data, 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(StaleAfter)
	if _, err := d.Claim("s", Owner{Host: "b"}, clock); !errors.Is(err, ErrClaimed) {
		t.Errorf("a claim that was first seen now is stale: %v", err)
	}
	now = now.Add(StaleAfter - 1)
	if _, err := d.Claim("s", Owner{Host: "b"}, clock); !errors.Is(err, ErrClaimed) {
		t.Errorf("stale before its time: %v", err)
	}
	now = now.Add(1)
	if _, err := d.Claim("s", Owner{Host: "b"}, clock); err != nil {
		t.Error(err)
	}
	if StaleAfter < time.Minute+4*beatEvery {
		t.Errorf("stale after %v with a beat every %v", StaleAfter, beatEvery)
	}
}

// TestThisProcess: what tells this process from others of the machine and of others.
func TestThisProcess(t *testing.T) {
	me := ThisProcess()
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	ns, _ := os.Readlink("/proc/self/ns/pid")
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if want := (Owner{Host: host, Namespace: ns, Boot: strings.TrimSpace(string(boot)), PID: os.Getpid(), Ticks: startTicks(os.Getpid())}); me != want {
		t.Errorf("%+v, want %+v", me, want)
	}
	if _, err := os.Stat("/proc/self/stat"); err == nil && (me.Ticks == 0 || me.Boot == "" || me.Namespace == "") {
		t.Errorf("%+v", me)
	}
}

// TestSeen: an owner is seen to live from its own process table alone, and only
// while it lives; starts differ where both are known.
func TestSeen(t *testing.T) {
	me := ThisProcess()
	far, dead := me, me
	far.Host = "elsewhere"
	dead.Ticks++
	for owner, want := range map[Owner]bool{me: true, far: false, dead: false} {
		if got := (&Holding{Owner: owner}).Seen(me); got != want {
			t.Errorf("%+v: %v", owner, got)
		}
	}
	for pair, want := range map[[2]uint64]bool{{1, 2}: true, {2, 1}: true, {2, 2}: false, {0, 2}: false, {2, 0}: false, {0, 0}: false, {1, 1}: false} {
		if otherStart(pair[0], pair[1]) != want {
			t.Errorf("%v: %v", pair, !want)
		}
	}
	// Two minutes without a heartbeat, and half an hour.
	now := time.Now()
	for rest, want := range map[time.Duration]Life{2*time.Minute - 1: Alive, 2 * time.Minute: Silent, 30 * time.Minute: Silent, 30*time.Minute + 1: Gone} {
		if got := (&Holding{Owner: far, Beat: now.Add(-rest)}).Life(me, now); got != want {
			t.Errorf("after %s: %s, want %s", rest, got, want)
		}
	}
}
