// Package disk writes files so that a kill, a full disk or a flipped byte is
// survived or noticed: whole or not at all, durable when a call returns, sealed
// with the SHA-256 of their content.
package disk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// FS is the part of a file system that a run directory needs. OS is the real
// one; tests put faults into another.
type FS interface {
	OpenFile(path string, flag int, perm fs.FileMode) (File, error)
	Rename(from, to string) error
	// Link gives a file a second name; it fails if the name exists.
	Link(from, to string) error
	Remove(path string) error
	MkdirAll(path string, perm fs.FileMode) error
	ReadDir(path string) ([]fs.DirEntry, error)
	// SyncDir makes the names in a directory durable.
	SyncDir(path string) error
}

// File is an open file of an FS.
type File interface {
	io.Reader
	io.Writer
	io.WriterAt
	io.Seeker
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// OS is the file system of the machine.
type OS struct{}

// OpenFile opens as os.OpenFile does.
func (OS) OpenFile(path string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rename renames as os.Rename does, over an existing file.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Link makes a hard link.
func (OS) Link(from, to string) error { return os.Link(from, to) }

// Remove removes a file or an empty directory.
func (OS) Remove(path string) error { return os.Remove(path) }

// MkdirAll makes a directory and its parents.
func (OS) MkdirAll(path string, perm fs.FileMode) error { return os.MkdirAll(path, perm) }

// ReadDir lists a directory in the order of names.
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// SyncDir syncs a directory, where the file system can.
func (OS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// IOError is a failure of the file system: a full disk, a read-only directory,
// a lost mount. The run directory is as it was after the last call that
// succeeded, and the campaign can be resumed.
type IOError struct {
	Op, Path string
	Err      error
}

func (e *IOError) Error() string {
	err := e.Err
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return fmt.Sprintf("%s %s: %v", e.Op, e.Path, err)
}

func (e *IOError) Unwrap() error { return e.Err }

// Failure is the IOError of an operation on a path; nil without an error.
func Failure(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &IOError{Op: op, Path: path, Err: err}
}

// Read reads a whole file. A missing file gives an error that is
// fs.ErrNotExist and an *IOError.
func Read(fsys FS, path string) ([]byte, error) {
	f, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, Failure("open", path, err)
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, Failure("read", path, err)
	}
	return data, nil
}

// Tail reads the end of a file, at most so many bytes, and says whether that is all
// of it. A missing file is fs.ErrNotExist.
func Tail(fsys FS, path string, most int64) (data []byte, whole bool, err error) {
	f, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, false, Failure("open", path, err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(max(0, size-most), io.SeekStart)
	}
	if err == nil {
		data, err = io.ReadAll(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, false, Failure("read", path, err)
	}
	return data, size <= most, nil
}

// recorder remembers the first failure of the file below a writer, which an
// encoder above may hide in an error of its own.
type recorder struct {
	w    io.Writer
	path string
	err  error
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if err != nil && r.err == nil {
		r.err = Failure("write", r.path, err)
	}
	return n, r.err
}

// TempSuffix ends the names of files that are being written. One that a kill
// left behind is removed by the next owner of its directory.
const TempSuffix = ".tmp"

// Replace replaces a file: the content goes to a temporary file beside it,
// is synced, renamed over it, and the directory is synced. At any moment the
// path holds the old content or the new one. On failure the temporary file is
// removed, which gives a full disk its space back.
func Replace(fsys FS, path string, write func(io.Writer) error) error {
	err := replace(fsys, path, write)
	if errors.Is(err, fs.ErrNotExist) {
		// A process that believes to own the directory has swept the temporary
		// file away; it writes the same content.
		err = replace(fsys, path, write)
	}
	return err
}

func replace(fsys FS, path string, write func(io.Writer) error) error {
	tmp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	if err := fsys.Rename(tmp, path); err != nil {
		_ = fsys.Remove(tmp)
		return Failure("replace", path, err)
	}
	return Failure("sync", filepath.Dir(path), fsys.SyncDir(filepath.Dir(path)))
}

// writeTemp writes and syncs a new temporary file beside a path, which is what its
// errors name.
func writeTemp(fsys FS, path string, write func(io.Writer) error) (string, error) {
	var tmp string
	var f File
	err := fs.ErrExist
	for n := 0; errors.Is(err, fs.ErrExist) && n < 1000; n++ {
		tmp = fmt.Sprintf("%s.%d.%d%s", path, os.Getpid(), n, TempSuffix)
		f, err = fsys.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}
	if err != nil {
		return "", Failure("create", path, err)
	}
	if err := fill(f, path, write); err != nil {
		// The first failure is the one to report.
		_ = fsys.Remove(tmp)
		return "", err
	}
	return tmp, nil
}

// fill writes, syncs and closes a new file.
func fill(f File, path string, write func(io.Writer) error) error {
	rec := &recorder{w: f, path: path}
	buf := bufio.NewWriterSize(rec, 1<<16)
	err := write(buf)
	if err == nil {
		err = buf.Flush()
	}
	if rec.err != nil {
		err = rec.err
	}
	if err == nil {
		err = Failure("sync", path, f.Sync())
	}
	if cerr := Failure("close", path, f.Close()); err == nil {
		err = cerr
	}
	return err
}

// Create creates a file with its content at once, or fails with
// fs.ErrExist. Where the file system has no links, the content follows the
// name, and a kill between them leaves a file that its reader finds damaged.
func Create(fsys FS, path string, data []byte) error {
	write := func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
	tmp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	err = fsys.Link(tmp, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		f, ferr := fsys.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err = ferr; err == nil {
			err = fill(f, path, write)
		}
	}
	if rerr := fsys.Remove(tmp); err == nil {
		err = rerr
	}
	if err != nil {
		return Failure("create", path, err)
	}
	return Failure("sync", filepath.Dir(path), fsys.SyncDir(filepath.Dir(path)))
}

// MakeDir makes a directory and its parents, each durable.
func MakeDir(fsys FS, dir string) error {
	parent := filepath.Dir(dir)
	f, err := fsys.OpenFile(parent, os.O_RDONLY, 0)
	switch {
	case err == nil:
		_ = f.Close() // it was only asked whether it is there
	case !errors.Is(err, fs.ErrNotExist):
		return Failure("open", parent, err)
	case parent != dir:
		if err := MakeDir(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return Failure("create", dir, err)
	}
	return Failure("sync", parent, fsys.SyncDir(parent))
}

// List returns the names in a directory, none if it does not exist.
func List(fsys FS, dir string) ([]string, error) {
	entries, err := fsys.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Failure("list", dir, err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// Sweep removes the temporary files that killed writers left in a directory.
// Only its owner may call it.
func Sweep(fsys FS, dir string) error {
	names, err := List(fsys, dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if strings.HasSuffix(n, TempSuffix) {
			path := filepath.Join(dir, n)
			if err := fsys.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return Failure("remove", path, err)
			}
		}
	}
	return nil
}

// SetAside renames a damaged file to the first free name.corrupt-N.
func SetAside(fsys FS, path, reason string) (Note, error) {
	names, err := List(fsys, filepath.Dir(path))
	if err != nil {
		return Note{}, err
	}
	taken := map[string]bool{}
	for _, n := range names {
		taken[n] = true
	}
	n := 1
	for taken[fmt.Sprintf("%s.corrupt-%d", filepath.Base(path), n)] {
		n++
	}
	aside := fmt.Sprintf("%s.corrupt-%d", path, n)
	if err := fsys.Rename(path, aside); err != nil {
		return Note{}, Failure("rename", path, err)
	}
	return Note{Path: path, SetAside: aside, Reason: reason}, Failure("sync", filepath.Dir(path), fsys.SyncDir(filepath.Dir(path)))
}

// Note reports what a reader found in a file that is not as it was written.
type Note struct {
	Path     string
	SetAside string // where the file is now; "" if it is still in its place
	Reason   string
	Stray    bool // the file is no part of the run
}

func (n Note) String() string {
	if n.SetAside == "" {
		return fmt.Sprintf("%s: %s", n.Path, n.Reason)
	}
	return fmt.Sprintf("%s: %s; set aside as %s", n.Path, n.Reason, filepath.Base(n.SetAside))
}

// FileName makes a name safe in every file system: letters, digits, '-', '_'
// and '=' stay, the rest becomes '-'.
func FileName(name string) string {
	b := []byte(name)
	for i, c := range b {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '='
		if !ok {
			b[i] = '-'
		}
	}
	if len(b) == 0 {
		return "0"
	}
	return string(b)
}
