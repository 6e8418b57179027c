// Package cache keeps texts between processes in a directory that may be lost at
// any time: sealed with their SHA-256, published by renaming, bounded in size. What
// goes wrong there is no error of the program that keeps something: a damaged text
// is not there, a full or read-only disk keeps nothing.
package cache

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stco/results/store/disk"
)

// Dir is a directory of texts. Several processes may use one at once.
type Dir struct {
	FS      disk.FS
	Path    string
	Version func() string // of the program that keeps the texts; "" unknown
	Limit   int64         // bytes of all files
	Now     func() time.Time
}

// Program is the version of the program.
func (d *Dir) Program() string { return d.Version() }

// ending is that of the files of a cache: no other is touched.
const ending = ".stco-cache"

func (d *Dir) path(name string) string { return filepath.Join(d.Path, disk.FileName(name)+ending) }

// seal is the SHA-256 of a name and its text: a file under another name is damaged.
func seal(name string, text []byte) []byte {
	h := sha256.New()
	_, _ = io.WriteString(h, name+"\n") // a hash takes all
	_, _ = h.Write(text)
	return h.Sum(nil)
}

// rest is the time after which a text that is used counts as used again.
const rest = time.Hour

// Load returns a text, if it is there and whole.
func (d *Dir) Load(name string) ([]byte, bool) {
	path := d.path(name)
	data, err := disk.Read(d.FS, path)
	if err != nil || len(data) < sha256.Size {
		return nil, false
	}
	at := len(data) - sha256.Size
	if !bytes.Equal(seal(name, data[:at]), data[at:]) {
		return nil, false
	}
	if st, err := os.Stat(path); err == nil && d.Now().Sub(st.ModTime()) > rest {
		_ = os.Chtimes(path, time.Time{}, d.Now()) // what is not used for long goes first
	}
	return data[:at], true
}

// Save keeps a text, over one of that name, and drops those not used for longest
// while all are more than the limit.
func (d *Dir) Save(name string, text []byte) {
	if int64(len(text))+sha256.Size > d.Limit {
		return
	}
	if disk.MakeDir(d.FS, d.Path) != nil {
		return
	}
	err := disk.Replace(d.FS, d.path(name), func(w io.Writer) error {
		if _, err := w.Write(text); err != nil {
			return err
		}
		_, err := w.Write(seal(name, text))
		return err
	})
	if err == nil {
		d.prune(filepath.Base(d.path(name)))
	}
}

// abandoned is the age at which a file that is being written has no writer.
const abandoned = 24 * time.Hour

// prune removes the oldest files until all are within the limit, and what killed
// writers left; not the one that was written last.
func (d *Dir) prune(last string) {
	entries, err := d.FS.ReadDir(d.Path)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		if !strings.Contains(e.Name(), ending) || e.IsDir() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // removed by another process
		}
		if strings.HasSuffix(e.Name(), disk.TempSuffix) {
			if d.Now().Sub(info.ModTime()) > abandoned {
				_ = d.FS.Remove(filepath.Join(d.Path, e.Name())) // or another process did
			}
			continue
		}
		total += info.Size()
		if e.Name() != last {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files {
		if total <= d.Limit {
			return
		}
		_ = d.FS.Remove(filepath.Join(d.Path, f.Name())) // or another process did
		total -= f.Size()
	}
}
