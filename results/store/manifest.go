package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"stco/results/store/disk"
)

const manifestFile = "manifest.json"

const missing = "missing"

// manifest lists files with their SHA-256; a shard's done.json is one too.
type manifest struct {
	Schema int        `json:"schema"`
	Run    string     `json:"run"`
	Stream string     `json:"stream,omitempty"` // of a shard
	Files  []fileHash `json:"files"`
	// Of a shard: the floating-point platform that computed it, and the last line
	// of its log without members.
	Platform string          `json:"platform,omitempty"`
	Last     json.RawMessage `json:"last,omitempty"`
}

type fileHash struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

func digest(fsys disk.FS, path, name string) (fileHash, error) {
	data, err := disk.Read(fsys, path)
	if err != nil {
		return fileHash{}, err
	}
	sum := sha256.Sum256(data)
	return fileHash{Name: name, Size: len(data), SHA256: hex.EncodeToString(sum[:])}, nil
}

// check compares a file with its entry: "" if it is as it was, else the defect.
func (f fileHash) check(fsys disk.FS, path string) (defect string, err error) {
	data, err := disk.Read(fsys, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case err != nil:
		return "", err
	}
	return f.compare(data), nil
}

// compare compares content with its entry, as check does.
func (f fileHash) compare(data []byte) (defect string) {
	sum := sha256.Sum256(data)
	switch {
	case len(data) != f.Size:
		return fmt.Sprintf("%d bytes, was %d", len(data), f.Size)
	case hex.EncodeToString(sum[:]) != f.SHA256:
		return disk.ErrSeal.Error()
	}
	return ""
}

// finished lists every finished file of the run, sorted, with slashes, and the
// directories they are in: not run.json (it checks itself), the manifest,
// claims, temporary files and those set aside.
func (r *Run) finished() (files, dirs []string, err error) {
	var walk func(dir string) error
	walk = func(dir string) error {
		entries, err := r.fs.ReadDir(r.path(dir))
		if err != nil {
			return disk.Failure("list", r.path(dir), err)
		}
		dirs = append(dirs, dir)
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case name == runFile, name == manifestFile, name == claimsDir,
				strings.HasSuffix(name, disk.TempSuffix), strings.Contains(path.Base(name), ".corrupt-"):
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

// WriteManifest writes manifest.json: the SHA-256 of every file of the shards and
// of every file that this Run wrote. What else lies in the directory is a stray
// file, and no part of the run. The caller has merged the shards and is the only
// writer.
func (r *Run) WriteManifest() error {
	files, dirs, err := r.finished()
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if err := disk.Sweep(r.fs, r.path(d)); err != nil {
			return err
		}
	}
	if err := r.Sweep(); err != nil {
		return err
	}
	own := r.ownFiles()
	m := manifest{Schema: disk.Schema, Run: r.identity}
	for _, name := range files {
		f, ours := own[name]
		if !ours {
			continue
		}
		if f.SHA256 == "" {
			if f, err = digest(r.fs, r.path(name), name); err != nil {
				return err
			}
		}
		m.Files = append(m.Files, f)
	}
	data, err := disk.SealValue(m)
	if err != nil {
		return err
	}
	return disk.Write(r.fs, r.path(manifestFile), data)
}

// ownFiles are the files that shards list as theirs, as they were when the shard
// ended, and those that this Run wrote, without their hashes.
func (r *Run) ownFiles() map[string]fileHash {
	own := map[string]fileHash{}
	r.mu.Lock()
	for name := range r.written {
		own[name] = fileHash{}
	}
	r.mu.Unlock()
	for i := range r.info.Shards {
		dir := r.ShardDir(i)
		var done manifest
		if err := disk.ReadSealed(r.fs, r.path(path.Join(dir, doneFile)), &done); err != nil {
			continue // it lists nothing
		}
		own[path.Join(dir, doneFile)] = fileHash{}
		for _, f := range done.Files {
			f.Name = path.Join(dir, f.Name)
			own[f.Name] = f
		}
	}
	return own
}

// audit collects what Verify finds.
type audit struct {
	run    *Run
	notes  []disk.Note
	listed map[string]bool // files that a manifest lists, and the manifests
}

func (a *audit) note(name, reason string) {
	a.notes = append(a.notes, disk.Note{Path: a.run.path(name), Reason: reason})
}

// Verify checks every file against the manifest or, of a run that is not done,
// the shards that are done against theirs and the others' checkpoints and logs
// against each other. It changes nothing; the notes say what is damaged or
// missing, and, marked as stray, what is no part of the run.
func (r *Run) Verify() ([]disk.Note, error) {
	files, _, err := r.finished()
	if err != nil {
		return nil, err
	}
	a := &audit{run: r, listed: map[string]bool{}}
	whole, err := a.manifest("", manifestFile, r.identity)
	if err != nil {
		return nil, err
	}
	finished := true
	for i := range r.info.Shards {
		done, err := a.manifest(r.ShardDir(i), doneFile, r.result(i))
		if err == nil && !done {
			finished = false
			err = a.unfinished(i)
		}
		if err != nil {
			return nil, err
		}
	}
	if finished && !whole && slices.Contains(files, "front"+tableSuffix) {
		a.note(manifestFile, missing+": stco resume writes it again")
	}
	for _, name := range files {
		// Figures may be drawn after the run, and a scheduler has its scripts and
		// logs: they are no part of its result.
		if a.listed[name] || strings.HasPrefix(name, figuresDir+"/") || strings.HasPrefix(name, schedulerDir+"/") || name == reportFile {
			continue
		}
		if whole {
			a.notes = append(a.notes, disk.Note{Path: r.path(name), Reason: "not in the manifest: no file of the run", Stray: true})
		} else if err := a.table(name); err != nil {
			return nil, err
		}
	}
	return a.notes, nil
}

// manifest checks the files that a manifest lists; false if there is none of the
// run as it is now.
func (a *audit) manifest(dir, name, identity string) (found bool, err error) {
	r := a.run
	var m manifest
	err = disk.ReadSealed(r.fs, r.path(path.Join(dir, name)), &m)
	var damaged *disk.DamagedError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.As(err, &damaged):
		a.note(path.Join(dir, name), damaged.Err.Error())
		return true, nil
	case err != nil:
		return false, err
	case m.Run != identity && slices.Contains(r.info.Earlier, m.Run):
		return false, nil
	case m.Run != identity:
		a.note(path.Join(dir, name), errForeign.Error())
		return true, nil
	}
	a.listed[path.Join(dir, name)] = true
	for _, f := range m.Files {
		p := path.Join(dir, f.Name)
		if a.listed[p] {
			continue
		}
		a.listed[p] = true
		defect, err := f.check(r.fs, r.path(p))
		if err != nil {
			return true, err
		}
		if defect != "" {
			a.note(p, defect)
		}
	}
	return true, nil
}

// unfinished checks checkpoint and log of a shard that is not done.
func (a *audit) unfinished(index int) error {
	_, _, notes, err := a.run.history(index)
	a.notes = append(a.notes, notes...)
	return err
}

// table checks the seal of a table that no manifest lists. What stands beside a CSV
// file, NAME.csv.json, is no table.
func (a *audit) table(name string) error {
	if !strings.HasSuffix(name, tableSuffix) || strings.Contains(strings.TrimSuffix(name, tableSuffix), ".") || strings.HasPrefix(name, shardsDir+"/") {
		return nil
	}
	_, err := a.run.readTable(name, a.run.identity)
	if damaged, ok := errors.AsType[*disk.DamagedError](err); ok {
		a.note(name, damaged.Err.Error())
		return nil
	}
	if errors.Is(err, ErrExtended) {
		return nil
	}
	return err
}
