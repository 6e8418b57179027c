package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const manifestFile = "manifest.json"

const missing = "missing"

// manifest lists files with their SHA-256; a shard's done.json is one too.
type manifest struct {
	Schema int        `json:"schema"`
	Run    string     `json:"run"`
	Stream string     `json:"stream,omitempty"` // of a shard
	Files  []fileHash `json:"files"`
}

type fileHash struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

func digest(fsys FS, path, name string) (fileHash, error) {
	data, err := readFile(fsys, path)
	if err != nil {
		return fileHash{}, err
	}
	sum := sha256.Sum256(data)
	return fileHash{Name: name, Size: len(data), SHA256: hex.EncodeToString(sum[:])}, nil
}

// check compares a file with its entry: "" if it is as it was, else the defect.
func (f fileHash) check(fsys FS, path string) (defect string, err error) {
	now, err := digest(fsys, path, f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case err != nil:
		return "", err
	case now.Size != f.Size:
		return fmt.Sprintf("%d bytes, was %d", now.Size, f.Size), nil
	case now.SHA256 != f.SHA256:
		return errSeal.Error(), nil
	}
	return "", nil
}

// finished lists every finished file of the run, sorted, with slashes, and the
// directories they are in: not run.json (it checks itself), the manifest,
// claims, temporary files and those set aside.
func (r *Run) finished() (files, dirs []string, err error) {
	var walk func(dir string) error
	walk = func(dir string) error {
		entries, err := r.fs.ReadDir(r.path(dir))
		if err != nil {
			return ioError("list", r.path(dir), err)
		}
		dirs = append(dirs, dir)
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case name == runFile, name == manifestFile, name == claimsDir,
				strings.HasSuffix(name, tmpSuffix), strings.Contains(path.Base(name), ".corrupt-"):
			case e.IsDir():
				if err := walk(name); err != nil {
					return err
				}
			default:
				files = append(files, name)
			}
		}
		return nil
	}
	err = walk(".")
	slices.Sort(files)
	return files, dirs, err
}

// WriteManifest writes manifest.json: the SHA-256 of every finished file. The
// caller has merged the shards and is the only writer.
func (r *Run) WriteManifest() error {
	files, dirs, err := r.finished()
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if err := sweep(r.fs, r.path(d)); err != nil {
			return err
		}
	}
	m := manifest{Schema: schema, Run: r.identity}
	for _, name := range files {
		f, err := digest(r.fs, r.path(name), name)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	data, err := sealValue(m)
	if err != nil {
		return err
	}
	return writeBytes(r.fs, r.path(manifestFile), data)
}

// Verify checks every file against the manifest, or, before there is one, the
// shards that are done against theirs. It changes nothing; the notes say what
// is damaged, missing, or not in the manifest.
func (r *Run) Verify() ([]Note, error) {
	files, _, err := r.finished()
	if err != nil {
		return nil, err
	}
	var notes []Note
	listed := map[string]bool{}
	verify := func(dir, name, identity string) (found bool, err error) {
		var m manifest
		err = readSealed(r.fs, r.path(path.Join(dir, name)), &m)
		var damaged *DamagedError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return false, nil
		case errors.As(err, &damaged):
			notes = append(notes, Note{Path: damaged.Path, Reason: damaged.Err.Error()})
			return true, nil
		case err != nil:
			return false, err
		case m.Run != identity:
			notes = append(notes, Note{Path: r.path(path.Join(dir, name)), Reason: errForeign.Error()})
			return true, nil
		}
		listed[path.Join(dir, name)] = true
		for _, f := range m.Files {
			p := path.Join(dir, f.Name)
			if listed[p] {
				continue
			}
			listed[p] = true
			defect, err := f.check(r.fs, r.path(p))
			if err != nil {
				return true, err
			}
			if defect != "" {
				notes = append(notes, Note{Path: r.path(p), Reason: defect})
			}
		}
		return true, nil
	}
	whole, err := verify("", manifestFile, r.identity)
	if err != nil {
		return nil, err
	}
	for i := range r.info.Shards {
		if _, err := verify(r.ShardDir(i), doneFile, r.result(i)); err != nil {
			return nil, err
		}
	}
	for _, name := range files {
		// Figures may be drawn after the run: they are no part of its result.
		if whole && !listed[name] && !strings.HasPrefix(name, figuresDir+"/") {
			notes = append(notes, Note{Path: r.path(name), Reason: "not in the manifest"})
		}
	}
	return notes, nil
}

// Progress is what a reader sees of a shard, also while it is written.
type Progress struct {
	Done        bool
	Generations []Generation
	Notes       []Note // a torn or damaged line of the log
}

// Progress reads how far a shard is, without changing anything.
func (r *Run) Progress(index int) (Progress, error) {
	dir := r.ShardDir(index)
	var p Progress
	var done manifest
	err := readSealed(r.fs, r.path(path.Join(dir, doneFile)), &done)
	var damaged *DamagedError
	switch {
	case err == nil:
		p.Done = done.Run == r.result(index)
	case errors.As(err, &damaged):
		p.Notes = append(p.Notes, Note{Path: damaged.Path, Reason: damaged.Err.Error()})
	case !errors.Is(err, fs.ErrNotExist):
		return Progress{}, err
	}
	log, err := readFile(r.fs, r.path(path.Join(dir, logFile)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Progress{}, err
	}
	var defect string
	if p.Generations, defect = parseLog(log); defect != "" {
		p.Notes = append(p.Notes, Note{Path: r.path(path.Join(dir, logFile)), Reason: defect})
	}
	return p, nil
}
