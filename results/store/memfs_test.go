package store

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"stco/results/store/disk"
)

// memFS is a file system in memory that can fail at any operation and lose
// what was not synced. An operation that changes the disk counts as one step;
// from step faultAt on, steps fail with fault, the first of them, if it is a
// write, after half of its bytes.
type memFS struct {
	mu      sync.Mutex
	live    map[string]*inode // by clean path
	durable map[string]*inode

	steps   int
	faultAt int // 0: never
	fault   error
	noLinks bool
}

type inode struct {
	dir         bool
	data, saved []byte
}

func newMemFS() *memFS {
	root := &inode{dir: true}
	return &memFS{live: map[string]*inode{"/": root}, durable: map[string]*inode{"/": root}}
}

// after returns the file system as the next process finds it. The lists of
// names, and the contents of files, are each the live ones or only what was
// synced.
func (m *memFS) after(liveNames, liveData bool) *memFS {
	names := m.durable
	if liveNames {
		names = m.live
	}
	out := newMemFS()
	for _, p := range slices.Sorted(maps.Keys(names)) {
		if p == "/" || out.live[filepath.Dir(p)] == nil {
			continue
		}
		data := names[p].saved
		if liveData {
			data = names[p].data
		}
		n := &inode{dir: names[p].dir, data: slices.Clone(data), saved: slices.Clone(data)}
		out.live[p], out.durable[p] = n, n
	}
	return out
}

// step counts a change and says whether it fails, and whether it is the first.
func (m *memFS) step() (first bool, err error) {
	m.steps++
	if m.faultAt > 0 && m.steps >= m.faultAt {
		return m.steps == m.faultAt, m.fault
	}
	return false, nil
}

func (m *memFS) OpenFile(path string, flag int, _ fs.FileMode) (disk.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path = filepath.Clean(path)
	n := m.live[path]
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	case n != nil && flag&os.O_EXCL != 0:
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EEXIST}
	case n == nil:
		if m.live[filepath.Dir(path)] == nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
		}
		if _, err := m.step(); err != nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		n = &inode{}
		m.live[path] = n
	case flag&(os.O_WRONLY|os.O_RDWR) != 0 && m.faultAt > 0 && errors.Is(m.fault, syscall.EROFS):
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EROFS}
	}
	return &memFile{fs: m, n: n, append: flag&os.O_APPEND != 0}, nil
}

func (m *memFS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.step(); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	n := m.live[filepath.Clean(from)]
	if n == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.ENOENT}
	}
	delete(m.live, filepath.Clean(from))
	m.live[filepath.Clean(to)] = n
	return nil
}

func (m *memFS) Link(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.step(); err != nil {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: err}
	}
	if m.noLinks {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EPERM}
	}
	if m.live[filepath.Clean(to)] != nil {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EEXIST}
	}
	m.live[filepath.Clean(to)] = m.live[filepath.Clean(from)]
	return nil
}

func (m *memFS) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	path = filepath.Clean(path)
	// A full disk can still remove.
	if _, err := m.step(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return &fs.PathError{Op: "remove", Path: path, Err: err}
	}
	if m.live[path] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: syscall.ENOENT}
	}
	delete(m.live, path)
	return nil
}

func (m *memFS) MkdirAll(path string, perm fs.FileMode) error {
	path = filepath.Clean(path)
	m.mu.Lock()
	n := m.live[path]
	m.mu.Unlock()
	if n != nil {
		return nil
	}
	if err := m.MkdirAll(filepath.Dir(path), perm); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.step(); err != nil {
		return &fs.PathError{Op: "mkdir", Path: path, Err: err}
	}
	m.live[path] = &inode{dir: true}
	return nil
}

func (m *memFS) ReadDir(path string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path = filepath.Clean(path)
	if m.live[path] == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	}
	var out []fs.DirEntry
	for _, p := range slices.Sorted(maps.Keys(m.live)) {
		if p != "/" && filepath.Dir(p) == path {
			out = append(out, entry{filepath.Base(p), m.live[p].dir})
		}
	}
	return out, nil
}

func (m *memFS) SyncDir(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	path = filepath.Clean(path)
	if _, err := m.step(); err != nil {
		return &fs.PathError{Op: "sync", Path: path, Err: err}
	}
	for p := range m.durable {
		if filepath.Dir(p) == path && p != "/" {
			delete(m.durable, p)
		}
	}
	for p, n := range m.live {
		if filepath.Dir(p) == path {
			m.durable[p] = n
		}
	}
	return nil
}

// content returns the files of the run directory but for those of claims/.
func (m *memFS) content() map[string]string {
	out := map[string]string{}
	for p, n := range m.live {
		if name, ok := strings.CutPrefix(p, dir+"/"); ok && !n.dir && !strings.HasPrefix(name, "claims/") {
			out[name] = string(n.data)
		}
	}
	return out
}

type memFile struct {
	fs     *memFS
	n      *inode
	at     int64
	append bool
}

func (f *memFile) Read(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.at >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	k := copy(p, f.n.data[f.at:])
	f.at += int64(k)
	return k, nil
}

func (f *memFile) Write(p []byte) (int, error) {
	if f.append {
		f.at = int64(len(f.n.data))
	}
	k, err := f.WriteAt(p, f.at)
	f.at += int64(k)
	return k, err
}

func (f *memFile) WriteAt(p []byte, at int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	first, err := f.fs.step()
	if err != nil {
		p = p[:len(p)/2]
		if !first {
			p = nil
		}
	}
	if grow := at + int64(len(p)) - int64(len(f.n.data)); grow > 0 {
		f.n.data = append(f.n.data, make([]byte, grow)...)
	}
	copy(f.n.data[at:], p)
	if err != nil {
		return len(p), &fs.PathError{Op: "write", Err: err}
	}
	return len(p), nil
}

func (f *memFile) Seek(to int64, whence int) (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if whence == io.SeekEnd {
		to += int64(len(f.n.data))
	}
	f.at = to
	return to, nil
}

func (f *memFile) Close() error { return nil }

func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if _, err := f.fs.step(); err != nil {
		return &fs.PathError{Op: "sync", Err: err}
	}
	f.n.saved = slices.Clone(f.n.data)
	return nil
}

func (f *memFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if size == int64(len(f.n.data)) {
		return nil
	}
	if _, err := f.fs.step(); err != nil {
		return &fs.PathError{Op: "truncate", Err: err}
	}
	f.n.data = append([]byte(nil), append(f.n.data, make([]byte, max(0, size-int64(len(f.n.data))))...)[:size]...)
	return nil
}

type entry struct {
	name string
	dir  bool
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.dir }
func (e entry) Type() fs.FileMode          { return e.mode().Type() }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }
func (e entry) Size() int64                { return 0 }
func (e entry) Mode() fs.FileMode          { return e.mode() }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) Sys() any                   { return nil }

func (e entry) mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
