package claims

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"stco/results/store/disk"
)

// share is a network file system as clients without locks see it: no hard links;
// names come and go late on other hosts; a file that is seen has its present
// content; exclusive creation is decided by the server.
type share struct {
	now   time.Time
	lag   time.Duration
	names map[string][]change // of a path, in time
	data  map[string][]byte
}

type change struct {
	at   time.Time
	host int
	here bool
}

func (s *share) is(path string) bool {
	c := s.names[path]
	return len(c) > 0 && c[len(c)-1].here
}

// seen tells whether a host sees a name: as it was some time ago, or as the host
// itself made it.
func (s *share) seen(path string, host int) bool {
	here := false
	for _, c := range s.names[path] {
		if c.host == host || !c.at.After(s.now.Add(-s.lag)) {
			here = c.here
		}
	}
	return here
}

func (s *share) put(path string, host int, here bool) {
	c := s.names[path]
	if len(c) > 20 && c[10].at.Before(s.now.Add(-s.lag)) {
		c = c[10:]
	}
	s.names[path] = append(c, change{s.now, host, here})
}

// view is the share on one host.
type view struct {
	*share
	host int
	torn bool // the next file that is created stays empty: its process is killed
}

var errKilled = errors.New("killed")

func (v *view) OpenFile(path string, flag int, _ fs.FileMode) (disk.File, error) {
	excl := flag&syscall.O_EXCL != 0
	switch {
	case excl && v.is(path):
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EEXIST}
	case !excl && (!v.seen(path, v.host) || !v.is(path)):
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	case excl:
		v.data[path] = nil
		v.put(path, v.host, true)
	}
	return &file{v: v, path: path}, nil
}

func (v *view) Rename(from, to string) error {
	if !v.is(from) {
		return syscall.ENOENT
	}
	v.data[to] = v.data[from]
	v.put(from, v.host, false)
	if !v.is(to) {
		v.put(to, v.host, true)
	}
	return nil
}

func (v *view) Link(_, to string) error {
	return &fs.PathError{Op: "link", Path: to, Err: syscall.EPERM}
}

func (v *view) Remove(path string) error {
	if !v.is(path) {
		return syscall.ENOENT
	}
	v.put(path, v.host, false)
	return nil
}

func (v *view) MkdirAll(path string, _ fs.FileMode) error {
	if !v.is(path) {
		v.put(path, v.host, true)
	}
	return nil
}

func (v *view) ReadDir(dir string) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	for path, c := range v.names {
		if last := c[len(c)-1]; !last.here && last.at.Before(v.now.Add(-v.lag)) {
			delete(v.names, path) // gone for all
			continue
		}
		if filepath.Dir(path) == dir && v.seen(path, v.host) {
			out = append(out, entry(filepath.Base(path)))
		}
	}
	if len(out) == 0 && !v.seen(dir, v.host) {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOENT}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

func (v *view) SyncDir(string) error { return nil }

type entry string

func (e entry) Name() string               { return string(e) }
func (e entry) IsDir() bool                { return false }
func (e entry) Type() fs.FileMode          { return 0 }
func (e entry) Info() (fs.FileInfo, error) { return nil, errors.ErrUnsupported }

type file struct {
	v    *view
	path string
	at   int
}

func (f *file) Read(p []byte) (int, error) {
	n := copy(p, f.v.data[f.path][f.at:])
	if f.at += n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *file) Write(p []byte) (int, error) {
	if f.v.torn && strings.HasSuffix(f.path, ".json") {
		return 0, errKilled
	}
	f.v.data[f.path] = append(f.v.data[f.path], p...)
	return len(p), nil
}

func (f *file) WriteAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }
func (f *file) Seek(int64, int) (int64, error)     { return 0, errors.ErrUnsupported }
func (f *file) Close() error                       { return nil }
func (f *file) Sync() error                        { return nil }
func (f *file) Truncate(int64) error               { return errors.ErrUnsupported }

// node is a host with a process that wants a claim, holds it for a while, and may
// be killed, or stand still for minutes.
type node struct {
	view  *view
	skew  time.Duration
	owner Owner
	dir   *Directory
	claim *Claim

	beat, ends, asleep time.Time
}

func (n *node) clock() time.Time { return n.view.now.Add(n.skew) }

// start is another process on the host.
func (n *node) start() {
	n.owner.PID++
	n.dir, n.claim, n.view.torn = In(n.view, "claims"), nil, false
}

// TestLateFiles: over hours of random deaths and pauses on hosts whose clocks are
// minutes apart, names that other hosts see up to a minute late, and without hard
// links: a process that beats keeps its claim, so that two never have one at once; a
// free claim and that of a dead process get an owner in time; one that stood still
// sees within the lag that it lost its claim.
func TestLateFiles(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a scenario
		s := &share{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), lag: time.Duration(rng.IntN(61)) * time.Second, names: map[string][]change{}, data: map[string][]byte{}}
		s.put("claims", -1, true)
		s.put(".", -1, true)
		nodes := make([]*node, 2+rng.IntN(4))
		for i := range nodes {
			nodes[i] = &node{view: &view{share: s, host: i}, skew: time.Duration(rng.IntN(1200)-600) * time.Second, owner: Owner{Host: fmt.Sprint(i), PID: 1}}
			nodes[i].start()
		}
		free := s.now // since then nobody holds the claim
		for range 3000 {
			s.now = s.now.Add(5 * time.Second)
			holders := 0
			for _, n := range nodes {
				if s.now.Before(n.asleep) {
					continue
				}
				if err := n.turn(rng, counts); err != nil {
					t.Fatalf("seed %d, host %s, %s: %v", seed, n.owner.Host, s.now, err)
				}
				if n.claim != nil && n.beat.After(n.asleep.Add(s.lag)) { // later it has seen what it may have lost
					holders++
				}
			}
			if holders > 1 {
				t.Fatalf("seed %d, %s: %d processes hold the claim", seed, s.now, holders)
			}
			if holders == 1 {
				free = s.now
			}
			if limit := 2*StaleAfter + 2*s.lag + 10*time.Minute; s.now.Sub(free) > limit {
				t.Fatalf("seed %d, %s: nobody has the claim for %s", seed, s.now, limit)
			}
		}
	}
	for _, what := range []string{"claimed", "released", "killed", "torn", "slept", "lost"} {
		if counts[what] < 20 {
			t.Errorf("%s %d times: the test shows nothing", what, counts[what])
		}
	}
}

// turn is what the process of a node does in 5 s.
func (n *node) turn(rng *rand.Rand, counts map[string]int) error {
	now := n.view.now
	if n.claim == nil {
		n.view.torn = rng.IntN(20) == 0
		c, err := n.dir.Claim("s", n.owner, n.clock)
		switch {
		case errors.Is(err, errKilled):
			counts["torn"]++
			n.start()
			return nil
		case errors.Is(err, ErrClaimed):
			n.view.torn = false
			return nil
		case err != nil:
			return err
		}
		counts["claimed"]++
		n.claim, n.beat, n.ends, n.view.torn = c, now, now.Add(time.Duration(rng.IntN(600))*time.Second), false
		return nil
	}
	switch rng.IntN(200) {
	case 0:
		counts["killed"]++
		n.start()
		return nil
	case 1:
		counts["slept"]++
		n.asleep = now.Add(time.Duration(rng.IntN(900)) * time.Second)
		return nil
	}
	stood := now.Sub(n.beat) > StaleAfter // it may be robbed
	if now.Sub(n.beat) < beatEvery && now.Before(n.ends) {
		return nil
	}
	do := n.claim.Beat
	if !now.Before(n.ends) {
		do = n.claim.Release
	}
	err := do()
	if errors.Is(err, ErrClaimLost) || errors.Is(err, fs.ErrNotExist) {
		counts["lost"]++
		if !stood && n.asleep.IsZero() {
			return fmt.Errorf("lost while it beat: %w", err)
		}
		n.claim = nil
		return nil
	}
	if err != nil {
		return err
	}
	n.beat = now
	if !now.Before(n.ends) {
		counts["released"]++
		n.claim = nil
	}
	return nil
}
