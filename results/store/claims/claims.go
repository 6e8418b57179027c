// Package claims says which process may write what of a run directory: files
// with an owner and a heartbeat, created exclusively.
package claims

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"stco/results/store/disk"
)

// history is how many claims of a name stay: a host that does not see the latest
// yet must not find the number free that it believes to be next.
const history = 8

// StaleAfter is how long the heartbeat of a claim may rest before another
// process takes over: longer than a beat and the minute for which clients of NFS
// may show an old directory (acdirmax) together.
const (
	StaleAfter = 2 * time.Minute
	beatEvery  = 15 * time.Second
)

// ErrClaimed is work that a living process holds; ErrClaimLost is a claim that
// another process took over because its heartbeat rested too long.
var (
	ErrClaimed   = errors.New("claimed by another process")
	ErrClaimLost = errors.New("claim was taken over by another process")
)

// Owner names a process across the machines that share a run directory.
type Owner struct {
	Host string `json:"host"`
	// Namespace tells apart the process tables of containers of one host name.
	Namespace string `json:"namespace,omitempty"`
	// Boot is the identity of the running kernel: another one of the same host
	// was booted since, or runs on another machine of that name.
	Boot string `json:"boot,omitempty"`
	PID  int    `json:"pid"`
	// Ticks is the start of the process in clock ticks since boot, which tells
	// apart two processes of one number; 0 where the system does not say.
	Ticks uint64 `json:"ticks,omitempty"`
}

// ThisProcess is the owner that the calling process is.
func ThisProcess() Owner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	ns, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		ns = ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		boot = nil
	}
	pid := os.Getpid()
	return Owner{Host: host, Namespace: ns, Boot: strings.TrimSpace(string(boot)), PID: pid, Ticks: startTicks(pid)}
}

// startTicks reads field 22 of /proc/PID/stat; the second field is a name in
// parentheses that may hold anything.
func startTicks(pid int) uint64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	return parseTicks(data)
}

func parseTicks(stat []byte) uint64 {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0
	}
	n, err := strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// gone reports whether o is certainly dead, seen from me: same host and
// process table, and no process of that number and start.
func (o Owner) gone(me Owner) bool {
	if !o.near(me) || o.PID <= 0 {
		return false
	}
	p, err := os.FindProcess(o.PID)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	return otherStart(startTicks(o.PID), o.Ticks)
}

// otherStart tells two processes of one number apart by their starts; where one is
// not known they may be the same.
func otherStart(a, b uint64) bool { return a != 0 && b != 0 && a != b }

// near tells whether two processes share host, kernel and process table, so that
// one can see whether the other lives.
func (o Owner) near(me Owner) bool {
	return o.Host == me.Host && o.Boot == me.Boot && o.Namespace == me.Namespace
}

// Life is what can be said of the owner of a claim.
type Life string

// The lives of owners.
const (
	Alive  Life = "running" // it is seen to live, or its heartbeat is young
	Silent Life = "silent"  // no heartbeat for longer than StaleAfter, and it cannot be seen
	Gone   Life = "gone"    // its process or its kernel has ended
)

// Life judges the owner of a claim, seen from a process at a time.
func (h *Holding) Life(me Owner, now time.Time) Life {
	rest := now.Sub(h.Beat)
	switch {
	case h.Owner.gone(me):
		return Gone
	case h.Owner.near(me), rest < StaleAfter:
		return Alive
	case h.Owner.Host == me.Host && h.Owner.Boot != me.Boot, rest > 15*StaleAfter:
		return Gone
	}
	return Silent
}

// Seen tells whether the owner of a claim is seen to live from a process that
// shares its process table.
func (h *Holding) Seen(me Owner) bool { return h.Owner.near(me) && !h.Owner.gone(me) }

// Holding is one file of claims/NAME/, 000007.json: who works on NAME since
// when, and its last sign of life. The highest number is the claim that
// stands; a new one is created exclusively, so that of several processes that
// find a claim free exactly one gets the next number.
type Holding struct {
	Owner    Owner     `json:"owner"`
	Start    time.Time `json:"start"`
	Beat     time.Time `json:"beat"`
	Released bool      `json:"released"`
}

// parseHolding reads a claim; one torn by a kill is not whole.
func parseHolding(data []byte) (h Holding, whole bool) {
	whole = json.Unmarshal(data, &h) == nil
	return h, whole
}

// sighting is the content of a foreign claim and when this process first saw
// it: a rest is measured on one clock, so clocks of hosts need not agree.
type sighting struct {
	number  int
	content string
	at      time.Time
}

// Directory is the directory of the claims, as one process sees it. Its methods
// may be called concurrently.
type Directory struct {
	fs  disk.FS
	dir string

	mu   sync.Mutex
	seen map[string]sighting // claims of other processes, by name
}

// In returns the claims kept in a directory, which need not exist yet.
func In(fsys disk.FS, dir string) *Directory {
	return &Directory{fs: fsys, dir: dir, seen: map[string]sighting{}}
}

// Claim is the right of one process to write a shard, or to merge.
type Claim struct {
	in     *Directory
	name   string
	number int
	clock  func() time.Time

	mu   sync.Mutex
	file Holding
	err  error
}

func (d *Directory) path(name string, number int) string {
	return filepath.Join(d.dir, name, fmt.Sprintf("%06d.json", number))
}

// standing finds the highest claim of a name; 0 if there is none. A name has a
// directory of its own, so that a look costs the same however many there are.
func (d *Directory) standing(name string) (int, error) {
	names, err := disk.List(d.fs, filepath.Join(d.dir, name))
	if err != nil {
		return 0, err
	}
	top := 0
	for _, n := range names {
		digits, ok := strings.CutSuffix(n, ".json")
		if k, err := strconv.Atoi(digits); ok && err == nil {
			top = max(top, k)
		}
	}
	return top, nil
}

// Claim takes the right to write what is called name (ShardInfo.Name, or
// "merge"), or returns ErrClaimed. A claim whose process is gone is taken over
// at once when this host can tell, after StaleAfter when the host was booted
// since, else when its heartbeat has rested for StaleAfter since this Directory first
// saw it, or for half an hour by its own clock.
func (d *Directory) Claim(name string, owner Owner, clock func() time.Time) (*Claim, error) {
	return d.claim(name, owner, clock, false)
}

// TakeOver is Claim from an owner that is not seen to live, without waiting for
// its heartbeat to rest: the caller knows that it has ended.
func (d *Directory) TakeOver(name string, owner Owner, clock func() time.Time) (*Claim, error) {
	return d.claim(name, owner, clock, true)
}

func (d *Directory) claim(name string, owner Owner, clock func() time.Time, force bool) (*Claim, error) {
	name = disk.FileName(name)
	if err := disk.MakeDir(d.fs, filepath.Join(d.dir, name)); err != nil {
		return nil, err
	}
	top, err := d.standing(name)
	if err != nil {
		return nil, err
	}
	now := clock()
	if top > 0 {
		free, err := d.free(name, top, owner, now, force)
		if err != nil {
			return nil, err
		}
		if !free {
			return nil, ErrClaimed
		}
	}
	c := &Claim{in: d, name: name, number: top + 1, clock: clock, file: Holding{Owner: owner, Start: now, Beat: now}}
	data, err := json.Marshal(c.file)
	if err != nil {
		return nil, err
	}
	err = disk.Create(d.fs, d.path(name, c.number), append(data, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrClaimed
	}
	if err != nil {
		return nil, err
	}
	if top >= history {
		// The highest number decides, whatever stays below it.
		_ = d.fs.Remove(d.path(name, c.number-history))
	}
	return c, nil
}

func (d *Directory) free(name string, number int, me Owner, now time.Time, force bool) (bool, error) {
	data, err := disk.Read(d.fs, d.path(name, number))
	if errors.Is(err, fs.ErrNotExist) {
		// Its successor removed it: someone else was faster.
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h, whole := parseHolding(data)
	if whole && (h.Released || h.Life(me, now) == Gone) {
		return true, nil
	}
	if force {
		return !whole || !h.Owner.near(me), nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	last, ok := d.seen[name]
	if !ok || last.number != number || last.content != string(data) {
		d.seen[name] = sighting{number, string(data), now}
		return false, nil
	}
	return now.Sub(last.at) >= StaleAfter, nil
}

// Beat renews the heartbeat. It returns ErrClaimLost once another process has
// taken the claim over; the shard refuses to write from then on.
func (c *Claim) Beat() error { return c.write(false) }

// Release ends the claim, so that another process may have it at once.
func (c *Claim) Release() error { return c.write(true) }

func (c *Claim) write(release bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	if err := c.stands(); err != nil {
		return err
	}
	c.file.Beat, c.file.Released = c.clock(), release
	data, err := json.Marshal(c.file)
	if err != nil {
		return err
	}
	return disk.Write(c.in.fs, c.in.path(c.name, c.number), append(data, '\n'))
}

// stands asks the directory whether the claim is still ours.
func (c *Claim) stands() error {
	top, err := c.in.standing(c.name)
	switch {
	case err != nil:
		return err
	case top < c.number: // not even ours
		return disk.Failure("find", c.in.path(c.name, c.number), fs.ErrNotExist)
	case top > c.number:
		c.err = ErrClaimLost
		return c.err
	}
	return nil
}

// Check returns an error unless the claim still stands. A nil claim always does:
// the caller answers for being alone.
func (c *Claim) Check() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	return c.stands()
}

// KeepAlive beats until the context ends or a beat fails, and returns that
// failure or nil. Run it in a goroutine beside the work.
func (c *Claim) KeepAlive(ctx context.Context) error {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := c.Beat(); err != nil {
				return err
			}
		}
	}
}

// Sweep removes the temporary files that killed processes left of claims which no
// longer stand.
func (d *Directory) Sweep() error {
	names, err := disk.List(d.fs, d.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		top, err := d.standing(name)
		if err != nil {
			return err
		}
		if h, err := d.Holder(name); err != nil || h != nil {
			top-- // its owner may be writing
		}
		files, err := disk.List(d.fs, filepath.Join(d.dir, name))
		if err != nil {
			return err
		}
		for _, f := range files {
			digits, _, _ := strings.Cut(f, ".")
			if k, err := strconv.Atoi(digits); err == nil && k <= top && strings.HasSuffix(f, disk.TempSuffix) {
				_ = d.fs.Remove(filepath.Join(d.dir, name, f)) // nobody reads it
			}
		}
	}
	return nil
}

// Holder tells who works on name; nil if nobody does. Its heartbeat may be
// stale.
func (d *Directory) Holder(name string) (*Holding, error) {
	name = disk.FileName(name)
	top, err := d.standing(name)
	if err != nil {
		return nil, err
	}
	data, err := disk.Read(d.fs, d.path(name, top))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // there was none (0), or its successor removed it
	}
	if err != nil {
		return nil, err
	}
	if h, whole := parseHolding(data); whole && !h.Released {
		return &h, nil
	}
	return nil, nil
}
