//go:build long && !race

package campaign

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// loose is the file system of the machine without waiting for the disk.
type loose struct{ disk.OS }

func (loose) SyncDir(string) error { return nil }

func (loose) OpenFile(path string, flag int, perm fs.FileMode) (disk.File, error) {
	f, err := disk.OS{}.OpenFile(path, flag, perm)
	return looseFile{f}, err
}

type looseFile struct{ disk.File }

func (looseFile) Sync() error { return nil }

// synthetic ends shards of a run with archives like that of a real search: each has
// rows of it with objectives changed by a few per cent and an identity of its own.
func synthetic(t *testing.T, run *store.Run, archive, front, limits *results.Table, rows int) {
	t.Helper()
	objectives := archive.OfKind(results.Objective)
	id, err := archive.Index(results.IDColumn)
	if err != nil {
		t.Fatal(err)
	}
	for i, sh := range run.Info().Shards {
		rng := rand.New(rand.NewPCG(sh.Seed, 2)) //nolint:gosec // rows of a test
		one := archive.Pick(rng.Perm(len(archive.Rows))[:min(rows, len(archive.Rows))], nil)
		one.Columns[id].Choices = []string{}
		for r, row := range one.Rows {
			for _, c := range objectives {
				row[c] *= 1 + 0.05*rng.Float64()
			}
			row[id] = one.Choice(id, fmt.Sprintf("%06d%06d", i, r))
		}
		s, err := run.OpenShard(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Append(store.Generation{Number: 1, Evaluations: 1500, Best: []float64{1, 1, 1}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Checkpoint(s.Mark(), []byte("state")); err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(one, front, limits); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// many is a run of so many synthetic shards that are done.
func many(t *testing.T, dir string, shards, rows int) {
	t.Helper()
	// One real search of a wide space gives the rows.
	wide := []string{"capacity: [1MiB, 2MiB]", "capacity: {min: 1MiB, max: 16MiB}"}
	real := complete(t, wide...)
	r, err := store.Open(disk.OS{}, real)
	if err != nil {
		t.Fatal(err)
	}
	var tables []*results.Table
	for _, name := range []string{store.ArchiveTable, store.FrontTable, store.LimitsTable} {
		table, err := r.ReadShardTable(0, name)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	o := (&clock{time.Second}).options(&silent{})
	o.FS = loose{}
	c, err := Start(parse(t, append(slices.Clone(wide), "seed: 6", fmt.Sprintf("seed: 6\nseeds: %d", shards))...), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	synthetic(t, c.Run, tables[0], tables[1], tables[2], rows)
}

// TestTenThousandShards merges 10,000 shards of 200 designs: within 2 GB and, on an
// idle machine of two cores, a minute. STCO_KEEP names a directory to keep them in.
func TestTenThousandShards(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if keep := os.Getenv("STCO_KEEP"); keep != "" {
		dir = keep
	}
	begun := time.Now()
	many(t, dir, 10000, 200)
	t.Logf("made in %s", time.Since(begun))
	o := (&clock{time.Second}).options(&silent{})
	c, err := Resume(dir, o, Extension{})
	if err != nil {
		t.Fatal(err)
	}
	before, begun := cpu(t), time.Now()
	s, err := c.Merge(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	used := cpu(t) - before
	t.Logf("merged in %s, %s of processors, at most %d MB; %d evaluations, %d designs", time.Since(begun), used, peak(t), s.Evaluations, len(s.Front.Rows))
	if used > 2*time.Minute || peak(t) > 2000 {
		t.Errorf("%s, %d MB", used, peak(t))
	}
}

// cpu is the time of processors that this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the largest memory of this process, MB.
func peak(t *testing.T) (mb int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &mb); err == nil {
			return mb / 1000
		}
	}
	return 0
}
