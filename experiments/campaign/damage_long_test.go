//go:build long && !race

package campaign

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/results/store"
	"stco/results/store/disk"
)

// tinyRun are the changes that make the study of these tests end with a run of
// few bytes.
var tinyRun = []string{
	"capacity: [1MiB, 2MiB, 4MiB]", "capacity: 1MiB\n  word: 512\n  banks: [2, 4]", "evaluations: 1500", "evaluations: 200", "returned: 15", "returned: 3",
	"[beta-w, beta-w-co]", "beta-w-co\n  channel_thickness: 3.25nm\n  width_margin: 0nm\n  read_voltage: 0.1V\n  mtj_diameter: [60nm, 76nm, 92nm]", "[energy, latency, area]", "[energy, latency]",
	"{area: {max: 20mm^2}}", "{area: {max: 1.2mm^2}, energy: {min: 1.1mJ}}", // a lower bound leaves few SRAM buffers
}

// damaged is a run as it would be read if some of its files were damaged.
type damaged struct {
	disk.OS

	files map[string][]byte // whole
	other map[string][]byte // damaged, in their place
}

type content struct {
	disk.File

	*bytes.Reader
}

func (c content) Read(p []byte) (int, error)               { return c.Reader.Read(p) }
func (c content) Seek(to int64, whence int) (int64, error) { return c.Reader.Seek(to, whence) }
func (c content) Close() error                             { return nil }

func (d *damaged) OpenFile(path string, _ int, _ fs.FileMode) (disk.File, error) {
	data, ok := d.other[path]
	if !ok {
		data, ok = d.files[path]
	}
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return content{Reader: bytes.NewReader(data)}, nil
}

// readAll reads a run into memory, but for its claims.
func readAll(t *testing.T, dir string) *damaged {
	t.Helper()
	d := &damaged{files: map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasPrefix(path, filepath.Join(dir, "claims")) {
			d.files[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// groups are the files that are damaged at once: lists of files, without which
// others are not known, log and checkpoint, which vouch for each other, each by
// itself, the others together.
func (d *damaged) groups() [][]string {
	var many []string
	var out [][]string
	for path := range d.files {
		switch filepath.Base(path) {
		case "run.json", "manifest.json", "done.json", "generations.jsonl", "checkpoint":
			out = append(out, []string{path})
		default:
			many = append(many, path)
		}
	}
	if many != nil {
		out = append(out, many)
	}
	return out
}

// every calls do with the files of each group changed in one bit of each byte,
// and cut to each length, or to every stride'th; files that are as long as that.
func (d *damaged) every(stride int, do func()) (flips, cuts int) {
	for _, group := range d.groups() {
		longest := 0
		for _, path := range group {
			longest = max(longest, len(d.files[path]))
		}
		for at := 0; at < longest; at += stride {
			for _, flip := range []bool{true, false} {
				d.other = map[string][]byte{}
				for _, path := range group {
					whole := d.files[path]
					if at >= len(whole) {
						continue
					}
					d.other[path] = whole[:at:at]
					if flip {
						d.other[path] = slices.Clone(whole)
						d.other[path][at] ^= 1 << (at % 8)
					}
				}
				if do(); flip {
					flips += len(d.other)
				} else {
					cuts += len(d.other)
				}
			}
		}
	}
	return flips, cuts
}

// unnoticed lists the damaged files that Verify does not name.
func (d *damaged) unnoticed(t *testing.T, dir string) (missed []string) {
	t.Helper()
	r, err := store.Open(d, dir)
	if d.other[filepath.Join(dir, "run.json")] != nil {
		if errors.As(err, new(*disk.DamagedError)) || errors.As(err, new(*disk.VersionError)) {
			return nil
		}
		return []string{"run.json"}
	}
	if err != nil {
		t.Fatal(err)
	}
	notes, err := r.Verify()
	if errors.As(err, new(*disk.VersionError)) && len(d.other) == 1 {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for path := range d.other {
		if !slices.ContainsFunc(notes, func(n disk.Note) bool { return n.Path == path && !n.Stray }) {
			missed = append(missed, path)
		}
	}
	return missed
}

// unread lists the damaged files whose own reader does not say so, without Verify.
func (d *damaged) unread(dir string, r *store.Run) (missed []string) {
	for path := range d.other {
		name, base := strings.TrimPrefix(path, dir+"/"), filepath.Base(path)
		switch {
		case base == "done.json", base == "generations.jsonl", base == "checkpoint" && d.files[dir+"/manifest.json"] == nil:
			p, err := r.Progress(0)
			if !errors.As(err, new(*disk.VersionError)) && (err != nil || !slices.ContainsFunc(p.Notes, func(n disk.Note) bool { return n.Path == path })) {
				missed = append(missed, name)
			}
		case !strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".csv.json"), base == "run.json", base == "manifest.json":
			// read by nobody but Verify and Open
		case strings.HasPrefix(name, "shards/"):
			if _, err := r.ReadShardTable(0, strings.TrimSuffix(base, ".json")); err == nil {
				missed = append(missed, name)
			}
		default:
			if _, err := r.ReadTable(strings.TrimSuffix(name, ".json")); err == nil {
				missed = append(missed, name)
			}
		}
	}
	return missed
}

// resumed puts the damage on a disk, goes on with the run and compares the result.
func (d *damaged) resumed(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for path, data := range d.other {
		if err := os.WriteFile(copied+strings.TrimPrefix(path, dir), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Start(parse(t, tinyRun...), copied, (&clock{time.Second}).options(&silent{}))
	if err == nil {
		_, err = c.Execute(t.Context())
	}
	if err != nil {
		t.Fatalf("%d damaged files: %v", len(d.other), err)
	}
	got := files(t, copied)
	for name := range got {
		if strings.Contains(name, ".corrupt-") {
			delete(got, name)
		}
	}
	same(t, "resumed", got, want)
	if err := os.RemoveAll(copied); err != nil {
		t.Fatal(err)
	}
}

// TestEveryByte flips a bit of every byte of a small run, finished and stopped on
// the way, and cuts every file at every length: Verify names the file, so does
// what reads it alone, and after some of the damages the run is resumed and ends
// with the bytes of the one that nobody touched. With -short every 61st byte.
func TestEveryByte(t *testing.T) {
	stride, resumeEvery := 1, 5003
	if testing.Short() {
		stride, resumeEvery = 61, 499
	}
	whole := complete(t, tinyRun...)
	want := files(t, whole)
	for _, dir := range []string{whole, stopped(t)} {
		d := readAll(t, dir)
		r, err := store.Open(d, dir)
		if err != nil {
			t.Fatal(err)
		}
		n, resumed, bad := 0, 0, 0
		flips, cuts := d.every(stride, func() {
			for _, name := range d.unnoticed(t, dir) {
				bad++
				t.Errorf("%s: %d bytes left of %d: Verify does not notice", name, len(d.other[name]), len(d.files[name]))
			}
			for _, name := range d.unread(dir, r) {
				bad++
				t.Errorf("%s: its reader does not notice", name)
			}
			if bad > 20 {
				t.FailNow()
			}
			if n++; n%resumeEvery == 0 {
				resumed++
				d.resumed(t, dir, want)
				t.Logf("%d states of the run so far, %d of them resumed", n, resumed)
			}
		})
		t.Logf("%d files: %d flips, %d truncations found in %d states of the run, %d of them resumed", len(d.files), flips, cuts, n, resumed)
	}
}

// stopped is a run that was stopped gracefully on its way.
func stopped(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "stopped")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := Start(parse(t, tinyRun...), dir, (&clock{2 * time.Second}).options(&silent{after: 3, stop: cancel}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return dir
}
