package cache

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"stco/results/store/disk"
)

func dir(t *testing.T, limit int64) *Dir {
	t.Helper()
	return &Dir{FS: disk.OS{}, Path: filepath.Join(t.TempDir(), "a", "b"), Version: func() string { return "v" }, Limit: limit, Now: time.Now}
}

func (d *Dir) has(name string) string {
	text, ok := d.Load(name)
	if !ok {
		return "nothing"
	}
	return string(text)
}

// TestKeeps checks that texts come back, and that a damaged, cut, renamed or empty
// file is none, and is written anew.
func TestKeeps(t *testing.T) {
	d := dir(t, 1<<20)
	if got := d.has("x"); got != "nothing" {
		t.Error(got)
	}
	for _, text := range []string{"one", "", "another"} {
		if d.Save("x", []byte(text)); d.has("x") != text {
			t.Errorf("%q is kept as %q", text, d.has("x"))
		}
	}
	whole, err := os.ReadFile(d.path("x"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		put(t, d.path("x"), bad)
		if got := d.has("x"); got != "nothing" {
			t.Fatalf("byte %d changed: %q", i, got)
		}
		put(t, d.path("x"), whole[:i])
		if got := d.has("x"); got != "nothing" {
			t.Fatalf("%d bytes: %q", i, got)
		}
	}
	put(t, d.path("y"), whole)
	if got := d.has("y"); got != "nothing" {
		t.Errorf("a file of another name: %q", got)
	}
	if d.Save("x", []byte("anew")); d.has("x") != "anew" {
		t.Error("a damaged file is not replaced")
	}
	if d.Program() != "v" {
		t.Error(d.Program())
	}
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBounded checks that what was not used for longest goes first, that what was
// written last stays, that other files are left alone, and what writers left goes.
func TestBounded(t *testing.T) {
	d := dir(t, 1000)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d.Now = func() time.Time { return now }
	text := bytes.Repeat([]byte("x"), 268) // 300 bytes a file
	for i := range 3 {
		d.Save(fmt.Sprint(i), text)
		if err := os.Chtimes(d.path(fmt.Sprint(i)), now, now.Add(time.Duration(i-10)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	own, foreign := filepath.Join(d.Path, "0"+ending+".1.2"+disk.TempSuffix), filepath.Join(d.Path, "notes.txt")
	put(t, own, make([]byte, 5000))
	put(t, foreign, make([]byte, 5000))
	if d.has("0") == "nothing" { // the oldest is used
		t.Fatal("0 is lost")
	}
	d.Save("3", text)
	for name, there := range map[string]bool{"0": true, "1": false, "2": true, "3": true} {
		if got := d.has(name) != "nothing"; got != there {
			t.Errorf("%s is there: %v", name, got)
		}
	}
	for _, path := range []string{own, foreign} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s was removed: %v", path, err)
		}
	}
	for _, path := range []string{own, foreign} {
		if err := os.Chtimes(path, now, now.Add(-abandoned-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	d.Save("4", text)
	if _, err := os.Stat(own); err == nil {
		t.Error("what a killed writer left stays for ever")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("a file of somebody else was removed")
	}
	d.Save("5", make([]byte, 1000))
	if got := d.has("5"); got != "nothing" || d.has("4") == "nothing" {
		t.Error("a text beyond the limit is kept, or drove another out")
	}
	d.Save("6", make([]byte, 1000-32))
	if d.has("6") == "nothing" || d.has("4") != "nothing" {
		t.Error("a text of the limit is not kept alone")
	}
}

// broken is a file system on which one operation fails.
type broken struct {
	disk.OS
	write, create, list, rename bool
}

func (b *broken) OpenFile(path string, flag int, perm fs.FileMode) (disk.File, error) {
	if b.create && flag&os.O_CREATE != 0 {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EROFS}
	}
	f, err := b.OS.OpenFile(path, flag, perm)
	if err == nil && b.write {
		return full{f}, nil
	}
	return f, err
}

func (b *broken) Rename(from, to string) error {
	if b.rename {
		return &fs.PathError{Op: "rename", Path: to, Err: syscall.EACCES}
	}
	return b.OS.Rename(from, to)
}

func (b *broken) ReadDir(path string) ([]fs.DirEntry, error) {
	if b.list {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EIO}
	}
	return b.OS.ReadDir(path)
}

type full struct{ disk.File }

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestBrokenDisks checks that a full or read-only disk keeps nothing new, leaves
// what was kept, and leaves nothing behind.
func TestBrokenDisks(t *testing.T) {
	for name, b := range map[string]*broken{"full": {write: true}, "read-only": {create: true}, "no renaming": {rename: true}, "no listing": {list: true}} {
		d := dir(t, 1<<20)
		d.Save("x", []byte("old"))
		d.FS = b
		d.Save("x", []byte("new"))
		want := "old"
		if b.list {
			want = "new"
		}
		if got := d.has("x"); got != want {
			t.Errorf("%s: %q", name, got)
		}
		if files, err := os.ReadDir(d.Path); err != nil || len(files) != 1 {
			t.Errorf("%s: %v, %v", name, files, err)
		}
	}
	d := dir(t, 1<<20)
	put(t, filepath.Dir(filepath.Dir(d.Path))+"/file", nil)
	d.Path = filepath.Join(filepath.Dir(filepath.Dir(d.Path)), "file", "below")
	d.Save("x", []byte("new")) // no directory can be made there
	if got := d.has("x"); got != "nothing" {
		t.Error(got)
	}
}

// TestTogether checks that readers beside writers see a whole text or none.
func TestTogether(t *testing.T) {
	d := dir(t, 3000)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 60 {
				name := fmt.Sprint(i % 5)
				text := bytes.Repeat([]byte(name), 700+i%3)
				if w%2 == 0 {
					d.Save(name, text)
				} else if got, ok := d.Load(name); ok && len(bytes.Trim(got, name)) > 0 {
					t.Errorf("%s holds %q", name, got)
				}
			}
		})
	}
	wg.Wait()
}
