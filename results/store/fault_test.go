package store

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"stco/results/store/claims"
	"stco/results/store/disk"
)

// badDisk is a file system of which one read fails, counted over opening,
// listing and reading.
type badDisk struct {
	disk.FS

	left   int
	failed bool
}

type badFile struct {
	disk.File

	of *badDisk
}

func (d *badDisk) fails() error {
	if d.left--; d.left == -1 {
		d.failed = true
		return syscall.EIO
	}
	return nil
}

func (d *badDisk) OpenFile(path string, flag int, perm fs.FileMode) (disk.File, error) {
	if err := d.fails(); err != nil {
		return nil, err
	}
	f, err := d.FS.OpenFile(path, flag, perm)
	return badFile{f, d}, err
}

// Listing a directory only to see whether it is there does not count.
func (d *badDisk) ReadDir(path string) ([]fs.DirEntry, error) {
	if path != dir && path != dir+"/shards" {
		if err := d.fails(); err != nil {
			return nil, err
		}
	}
	return d.FS.ReadDir(path)
}

func (f badFile) Read(p []byte) (int, error) {
	if err := f.of.fails(); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

// TestBadDisk: whatever read fails, of a finished run or one that was stopped
// at any step, the caller is told, and not that something is missing, damaged
// or free.
func TestBadDisk(t *testing.T) {
	_, steps := reference(t, false)
	clock := func() time.Time { return time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC) }
	readers := map[string]func(fsys disk.FS) error{
		"open": func(fsys disk.FS) error { _, err := Open(fsys, dir); return err },
		"verify": func(fsys disk.FS) error {
			r, err := Open(fsys, dir)
			if err != nil {
				return err
			}
			_, err = r.Verify()
			return err
		},
		"progress": func(fsys disk.FS) error {
			r, err := Open(fsys, dir)
			if err != nil {
				return err
			}
			_, err = r.Progress(0)
			return err
		},
		"holder": func(fsys disk.FS) error {
			r, err := Open(fsys, dir)
			if err != nil {
				return err
			}
			_, err = r.Holder(r.info.Shards[1].Name)
			return err
		},
		"claim": func(fsys disk.FS) error {
			r, err := Open(fsys, dir)
			if err != nil {
				return err
			}
			_, err = r.TakeOver(r.info.Shards[1].Name, claims.Owner{Host: "h", PID: 99}, clock)
			return err
		},
		"shard": func(fsys disk.FS) error {
			r, err := Open(fsys, dir)
			if err != nil {
				return err
			}
			_, err = r.OpenShard(1, nil)
			return err
		},
	}
	for at := 20; at <= steps+10; at += 31 { // beyond the last step: a finished run
		l := newLab()
		l.fs.faultAt, l.fs.fault = at, errKill
		_ = l.run()
		state := l.fs.after(true, true)
		if _, err := Open(state, dir); err != nil {
			continue // stopped before there was a run
		}
		for name, read := range readers {
			for left := 0; ; left++ {
				copied := state.after(true, true)
				healthy := read(copied)
				d := &badDisk{FS: state.after(true, true), left: left}
				err := read(d)
				if !d.failed {
					break
				}
				if err == nil || !errors.Is(err, syscall.EIO) {
					t.Errorf("%s of a run stopped at step %d, read %d fails: %v; else %v", name, at, left, err, healthy)
				}
			}
		}
	}
}
