package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// watched is the file system of the machine; it notes what changes the disk, in
// order, and fails where fail says so.
type watched struct {
	OS
	steps *[]string
	fail  string // a step
}

func (w watched) step(op, path string) error {
	s := op + " " + filepath.Base(path)
	if i := strings.Index(s, ".json."); i >= 0 {
		s = s[:i+5] + TempSuffix // without process and number
	}
	*w.steps = append(*w.steps, s)
	if s == w.fail {
		return errors.New("a fault")
	}
	return nil
}

type watchedFile struct {
	File
	fs   watched
	path string
}

func (w watched) OpenFile(path string, flag int, perm fs.FileMode) (File, error) {
	if flag&os.O_CREATE != 0 {
		if err := w.step("open", path); err != nil {
			return nil, err
		}
	}
	f, err := w.OS.OpenFile(path, flag, perm)
	return watchedFile{f, w, path}, err
}

func (w watched) Rename(from, to string) error {
	return errors.Join(w.step("rename", from), w.OS.Rename(from, to))
}

func (w watched) Remove(path string) error {
	if err := w.step("remove", path); err != nil {
		return err
	}
	return w.OS.Remove(path)
}

func (w watched) Link(from, to string) error {
	if err := w.step("link", from); err != nil {
		return err
	}
	return w.OS.Link(from, to)
}

func (w watched) SyncDir(path string) error {
	return errors.Join(w.step("syncdir", path), w.OS.SyncDir(path))
}

func (w watched) MkdirAll(path string, perm fs.FileMode) error {
	return errors.Join(w.step("mkdir", path), w.OS.MkdirAll(path, perm))
}

func (f watchedFile) Write(p []byte) (int, error) {
	if err := f.fs.step("write", f.path); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f watchedFile) Sync() error  { return errors.Join(f.fs.step("sync", f.path), f.File.Sync()) }
func (f watchedFile) Close() error { return errors.Join(f.fs.step("close", f.path), f.File.Close()) }

// TestOrder: the content is on the disk before the name points to it, and the
// name before the call returns; a fault on the way leaves the old file alone.
func TestOrder(t *testing.T) {
	want := []string{"open a.json.tmp", "write a.json.tmp", "sync a.json.tmp", "close a.json.tmp", "rename a.json.tmp", "syncdir run"}
	for _, fail := range append([]string{""}, want...) {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "a.json")
		if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		var steps []string
		err := Write(watched{steps: &steps, fail: fail}, name, []byte("new"))
		var io *IOError
		if (err == nil) != (fail == "") || err != nil && (!errors.As(err, &io) || io.Path == "") {
			t.Errorf("fault at %q: %v", fail, err)
		}
		if err != nil && (strings.Contains(err.Error(), TempSuffix) || !strings.HasPrefix(fail, "syncdir") && io.Path != name) {
			t.Errorf("fault at %q: %v, want the name of the file and not that of the temporary one", fail, err)
		}
		text, _ := os.ReadFile(name)
		if fail == "" && (!slices.Equal(steps, want) || string(text) != "new") {
			t.Errorf("%q, content %q", steps, text)
		}
		if renamed := fail == "" || strings.HasPrefix(fail, "syncdir") || strings.HasPrefix(fail, "rename"); !renamed && string(text) != "old" {
			t.Errorf("fault at %q: the old file holds %q", fail, text)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("fault at %q: %d files are left", fail, len(left))
		}
	}
}

// sweeper takes the temporary file away before the first renames, as another
// process does that believes to own the directory.
type sweeper struct {
	OS
	times *int
}

func (s sweeper) Rename(from, to string) error {
	if *s.times > 0 {
		*s.times--
		if err := os.Remove(from); err != nil {
			return err
		}
	}
	return s.OS.Rename(from, to)
}

// TestSwept: a temporary file that was swept away is written once more, not twice.
func TestSwept(t *testing.T) {
	for times, want := range []string{"new", "new", "old"} {
		name := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		left := times
		err := Write(sweeper{times: &left}, name, []byte("new"))
		if (err == nil) != (want == "new") || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("swept %d times: %v", times, err)
		}
		if text, err := os.ReadFile(name); err != nil || string(text) != want || left != 0 {
			t.Errorf("swept %d times: %q, %v, %d sweeps are left", times, text, err, left)
		}
	}
}

// crowded refuses the first names of temporary files, which other writers have.
type crowded struct {
	OS
	taken int
	names *[]string
}

func (c crowded) OpenFile(path string, flag int, perm fs.FileMode) (File, error) {
	if flag&os.O_EXCL != 0 {
		*c.names = append(*c.names, filepath.Base(path))
		if len(*c.names) <= c.taken {
			return nil, fs.ErrExist
		}
	}
	return c.OS.OpenFile(path, flag, perm)
}

// TestTemporaryNames: numbered from 0, a thousand at most.
func TestTemporaryNames(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.json")
	var names []string
	if err := Write(crowded{taken: 2, names: &names}, name, []byte("x")); err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := range 3 {
		want = append(want, fmt.Sprintf("a.json.%d.%d.tmp", os.Getpid(), n))
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	names = nil
	if err := Write(crowded{taken: 1e6, names: &names}, name, []byte("y")); !errors.Is(err, fs.ErrExist) || len(names) != 1000 {
		t.Errorf("%d names tried: %v", len(names), err)
	}
	note, err := SetAside(OS{}, name, "torn")
	if err != nil || filepath.Base(note.SetAside) != "a.json.corrupt-1" {
		t.Errorf("%+v, %v", note, err)
	}
}

// TestCreate makes a file once, by a link or, where there are none, by its name.
func TestCreate(t *testing.T) {
	for _, fail := range []string{"", "link a.json.tmp"} {
		name := filepath.Join(t.TempDir(), "a.json")
		var steps []string
		w := watched{steps: &steps, fail: fail}
		if err := Create(w, name, []byte("first")); err != nil {
			t.Fatal(err)
		}
		if last := steps[len(steps)-1]; !strings.HasPrefix(last, "syncdir") {
			t.Errorf("ends with %q", last)
		}
		if err := Create(w, name, []byte("second")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("fault at %q: created twice: %v", fail, err)
		}
		for _, fault := range []string{"open b.json.tmp", "write b.json.tmp", "remove b.json.tmp"} {
			other := filepath.Join(t.TempDir(), "b.json")
			var ioErr *IOError
			if err := Create(watched{steps: &steps, fail: fault}, other, []byte("x")); !errors.As(err, &ioErr) {
				t.Errorf("fault at %q: %v", fault, err)
			}
			if _, err := os.Stat(other); err == nil && !strings.HasPrefix(fault, "remove") {
				t.Errorf("fault at %q: the file is there", fault)
			}
		}
		text, _ := os.ReadFile(name)
		left, _ := os.ReadDir(filepath.Dir(name))
		if string(text) != "first" || len(left) != 1 {
			t.Errorf("fault at %q: %q, %d files", fail, text, len(left))
		}
	}
}

// TestMakeDir: every directory on the way is made and its name made durable in
// its parent, from the top.
func TestMakeDir(t *testing.T) {
	top := filepath.Join(t.TempDir(), "top")
	if err := os.Mkdir(top, 0o755); err != nil {
		t.Fatal(err)
	}
	var steps []string
	if err := MakeDir(watched{steps: &steps}, filepath.Join(top, "a", "b")); err != nil {
		t.Fatal(err)
	}
	steps = slices.DeleteFunc(steps, func(s string) bool { return strings.HasPrefix(s, "close") }) // of directories that were asked for
	if want := []string{"mkdir a", "syncdir top", "mkdir b", "syncdir a"}; !slices.Equal(steps, want) {
		t.Errorf("%q, want %q", steps, want)
	}
	if info, err := os.Stat(filepath.Join(top, "a", "b")); err != nil || !info.IsDir() {
		t.Error(err)
	}
}

// TestDirectory: names, what killed writers left, and damaged files set aside.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	if names, err := List(OS{}, filepath.Join(dir, "none")); names != nil || err != nil {
		t.Error(names, err)
	}
	for _, n := range []string{"a.json", "a.json.7.0.tmp", "b.tmp", "c.tmp.json", "a.json.corrupt-1", "a.json.corrupt-3"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(n), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(OS{}, dir); err != nil {
		t.Fatal(err)
	}
	note, err := SetAside(OS{}, filepath.Join(dir, "a.json"), "torn")
	if err != nil {
		t.Fatal(err)
	}
	names, err := List(OS{}, dir)
	if want := []string{"a.json.corrupt-1", "a.json.corrupt-2", "a.json.corrupt-3", "c.tmp.json"}; !slices.Equal(names, want) || err != nil {
		t.Errorf("%q, want %q: %v", names, want, err)
	}
	if text, err := Read(OS{}, note.SetAside); string(text) != "a.json" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if got, want := note.String(), note.Path+": torn; set aside as a.json.corrupt-2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var io *IOError
	if _, err := Read(OS{}, filepath.Join(dir, "none")); !errors.As(err, &io) || !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestTail: the last bytes, and "all of it" up to exactly the length that was asked for.
func TestTail(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		most  int64
		want  string
		whole bool
	}{{0, "", false}, {1, "9", false}, {9, "123456789", false}, {10, "0123456789", true}, {11, "0123456789", true}} {
		if data, whole, err := Tail(OS{}, name, c.most); err != nil || string(data) != c.want || whole != c.whole {
			t.Errorf("%d bytes: %q, %v, %v, want %q, %v", c.most, data, whole, err, c.want, c.whole)
		}
	}
	if _, _, err := Tail(OS{}, name+"s", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	var io *IOError
	if _, _, err := Tail(OS{}, filepath.Dir(name), 1); !errors.As(err, &io) {
		t.Errorf("a directory: %v", err)
	}
}

// TestFileName: what stays and what becomes a hyphen.
func TestFileName(t *testing.T) {
	for name, want := range map[string]string{"": "0", "azAZ09-_=": "azAZ09-_=", "a/b\\c.d": "a-b-c-d", "`{@[:": "-----", "é": "--"} {
		if got := FileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestSeal: the bytes, by sha256sum, and every change and shortening is seen.
func TestSeal(t *testing.T) {
	type value struct {
		Schema int    `json:"schema"`
		Text   string `json:"text"`
	}
	data, err := SealValue(value{1, "<a & b>"})
	if err != nil {
		t.Fatal(err)
	}
	// printf '{\n "schema": 1,\n "text": "<a & b>"' | sha256sum
	want := "{\n \"schema\": 1,\n \"text\": \"<a & b>\",\n\"sha256\":\"01a1e0ea4c08a1b8967eb050a24e4f3d3166970f123d1cb35069c0ecbc1033c2\"}\n"
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
	var v value
	if err := Unseal(data, &v); err != nil || v != (value{1, "<a & b>"}) {
		t.Error(v, err)
	}
	for n := range data {
		if err := Unseal(data[:n], &v); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(data))
		}
		other := slices.Clone(data)
		other[n] ^= 1
		if err := Unseal(other, &v); err == nil {
			t.Errorf("a change of byte %d was not seen", n)
		}
	}
	name := filepath.Join(t.TempDir(), "v.json")
	for _, c := range []struct {
		data    []byte
		damaged bool
	}{{Seal([]byte("{\"schema\":2")), false}, {[]byte("{}"), true}} {
		if err := Write(OS{}, name, c.data); err != nil {
			t.Fatal(err)
		}
		err := ReadSealed(OS{}, name, &v)
		var newer *VersionError
		var damaged *DamagedError
		if errors.As(err, &damaged) != c.damaged || errors.As(err, &newer) == c.damaged {
			t.Errorf("%s: %v", c.data, err)
		}
		if newer != nil && (newer.Path != name || newer.Schema != 2) || damaged != nil && damaged.Path != name {
			t.Errorf("%s: %v", c.data, err)
		}
	}
}

// TestWritten: a new file has the bytes and no right to be executed or written
// by others; nothing is left beside it, also when writing fails.
func TestWritten(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	if err := Replace(OS{}, name, func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := Replace(OS{}, name, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm()&^0o644 != 0 || info.Mode().Perm()&0o600 != 0o600 {
		t.Errorf("rights %v, %v", info.Mode(), err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	if err := Replace(OS{}, name, func(io.Writer) error { return io.ErrShortWrite }); err == nil {
		t.Error("a failed write is none")
	}
	if text, _ := os.ReadFile(name); string(text) != "new" {
		t.Errorf("after a failed write: %q", text)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
}

// TestMakeDirFails names what could not be made; its directories are open to all to
// read.
func TestMakeDirFails(t *testing.T) {
	dir := t.TempDir()
	if err := MakeDir(OS{}, filepath.Join(dir, "a", "b")); err != nil {
		t.Fatal(err)
	}
	w := modes{OS{}, map[string]fs.FileMode{}}
	if err := MakeDir(w, filepath.Join(dir, "c", "d")); err != nil || w.made[filepath.Join(dir, "c")] != 0o755 || w.made[filepath.Join(dir, "c", "d")] != 0o755 {
		t.Errorf("%v, %v", w.made, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var e *IOError
	if err := MakeDir(OS{}, filepath.Join(file, "x")); !errors.As(err, &e) || e.Op != "create" || e.Path != filepath.Join(file, "x") {
		t.Errorf("%v", err)
	}
	// A file system that cannot sync a directory says so as an invalid argument.
	if err := (OS{}).SyncDir("/proc/self"); err != nil {
		t.Error(err)
	}
	if err := (OS{}).SyncDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// modes notes with which permissions directories are made.
type modes struct {
	OS

	made map[string]fs.FileMode
}

func (m modes) MkdirAll(path string, perm fs.FileMode) error {
	m.made[path] = perm
	return m.OS.MkdirAll(path, perm)
}

// TestMember: a member wherever it stands, read no further; none where there is none.
func TestMember(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       int
		fails      bool
	}{
		{`{"a":1,"b":2}`, "a", 1, false},
		{`{"a":{"b":7},"b":2}`, "b", 2, false},
		{`{"a":1,"c":[3],"b":2} damage`, "b", 2, false},
		{`{"b":2,damage`, "b", 2, false},
		{`{"a":1}`, "b", 0, false},
		{`{}`, "b", 0, false},
		{`{"a":1,damage,"b":2}`, "b", 0, true},
		{`{"a":dam,"b":2}`, "b", 0, true},
		{`{"b":"x"}`, "b", 0, true},
		{`[1]`, "b", 0, true},
		{``, "b", 0, true},
	} {
		got, err := Member[int]([]byte(c.text), c.name)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s of %s: %d, %v", c.name, c.text, got, err)
		}
	}
}
