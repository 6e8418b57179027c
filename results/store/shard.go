package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"stco/results"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

const (
	shardsDir      = "shards"
	checkpointFile = "checkpoint"
	logFile        = "generations.jsonl"
	doneFile       = "done.json"
)

// ShardDir is the path of a shard's files inside the run directory, with
// slashes: "shards/003-cv-training-seed3".
func (r *Run) ShardDir(index int) string {
	return path.Join(shardsDir, fmt.Sprintf("%03d-%s", index, disk.FileName(r.info.Shards[index].Name)))
}

// Shard is a shard open for writing by the process that claimed it.
type Shard struct {
	run   *Run
	index int
	dir   string
	claim *claims.Claim
	state ShardState

	reopened   bool // done within narrower limits before
	log        disk.File
	size       int64     // bytes of the log that we know to be right
	sum        hash.Hash // over them
	generation int
	fault      error // first failure of the file system; the shard writes no more
	line       []byte
	last       Generation // without members; the zero value before the first
}

// Mark is a place in the log of a shard: after a generation.
type Mark struct {
	generation int
	size       int64
	sum        [sha256.Size]byte
}

// ShardState is what a shard's directory held when it was opened.
type ShardState struct {
	Done        bool        // final tables are there and intact
	Checkpoint  []byte      // payload of the last checkpoint; nil to start over
	Generation  int         // generation of the checkpoint, 0 without one
	Evaluations int64       // at that generation
	Notes       []disk.Note // what was damaged or dropped
}

// State is what OpenShard found.
func (s *Shard) State() ShardState { return s.state }

// Forget lets go of the checkpoint that OpenShard found, which may be large: the
// search that goes on from it has it now.
func (s *Shard) Forget() { s.state.Checkpoint = nil }

// OpenShard opens a shard for writing. Damaged files are set aside: a damaged
// final table leaves the checkpoint to go on from; a damaged checkpoint or log
// starts the shard over. The generation log is cut back to the checkpoint. A
// shard that is done within narrower limits, of the run before it was extended,
// is opened again at its checkpoint. A nil claim stands for a caller that is
// alone in the directory.
func (r *Run) OpenShard(index int, claim *claims.Claim) (*Shard, error) {
	if index < 0 || index >= len(r.info.Shards) {
		return nil, fmt.Errorf("shard %d is outside 0..%d", index, len(r.info.Shards)-1)
	}
	s := &Shard{run: r, index: index, dir: r.ShardDir(index), claim: claim, sum: sha256.New()}
	if err := claim.Check(); err != nil {
		return nil, err
	}
	if err := r.current(); err != nil {
		return nil, err
	}
	for _, d := range []string{shardsDir, s.dir} {
		if err := disk.MakeDir(r.fs, r.path(d)); err != nil {
			return nil, err
		}
	}
	if err := disk.Sweep(r.fs, r.path(s.dir)); err != nil {
		return nil, err
	}
	if err := s.checkDone(); err != nil {
		return nil, err
	}
	if s.state.Done {
		return s, nil
	}
	if err := s.recover(); err != nil {
		return nil, err
	}
	f, err := r.fs.OpenFile(s.path(logFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, disk.Failure("open", s.path(logFile), err)
	}
	s.log = f
	if err := f.Truncate(s.size); err != nil {
		return nil, errors.Join(disk.Failure("truncate", s.path(logFile), err), f.Close())
	}
	return s, nil
}

func (s *Shard) path(name string) string { return s.run.path(path.Join(s.dir, name)) }

// checkDone verifies the final files against done.json. Any that is damaged
// is set aside together with done.json.
func (s *Shard) checkDone() error {
	var done manifest
	err := disk.ReadSealed(s.run.fs, s.path(doneFile), &done)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && done.Run != s.run.result(s.index) {
		if done.Stream == s.run.stream(s.index) {
			err := s.run.fs.Remove(s.path(doneFile))
			if err == nil {
				err = s.run.fs.SyncDir(s.run.path(s.dir))
			}
			s.reopened = true
			return disk.Failure("remove", s.path(doneFile), err)
		}
		err = &disk.DamagedError{Path: s.path(doneFile), Err: errForeign}
	}
	var damaged *disk.DamagedError
	if err != nil && !errors.As(err, &damaged) {
		return err
	}
	if damaged != nil {
		return s.aside(doneFile, damaged.Err.Error())
	}
	bad := false
	for _, f := range done.Files {
		defect, err := f.check(s.run.fs, s.path(f.Name))
		if err != nil {
			return err
		}
		if defect == "" {
			continue
		}
		bad = true
		if defect == missing {
			s.state.Notes = append(s.state.Notes, disk.Note{Path: s.path(f.Name), Reason: missing})
			continue
		}
		if err := s.aside(f.Name, defect); err != nil {
			return err
		}
	}
	if bad {
		return s.aside(doneFile, "lists a file that is missing or damaged")
	}
	s.state.Done = true
	return nil
}

func (s *Shard) aside(name, reason string) error {
	n, err := disk.SetAside(s.run.fs, s.path(name), reason)
	if err == nil {
		s.state.Notes = append(s.state.Notes, n)
	}
	return err
}

// recover reads the checkpoint and the log that belongs to it.
func (s *Shard) recover() error {
	log, err := disk.Read(s.run.fs, s.path(logFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	data, err := disk.Read(s.run.fs, s.path(checkpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		if len(log) > 0 {
			s.dropped(log, "generations before the first checkpoint")
		}
		return nil
	}
	if err != nil {
		return err
	}
	cp, err := decodeCheckpoint(data, s.run.stream(s.index))
	if ve, ok := errors.AsType[*disk.VersionError](err); ok {
		ve.Path = s.path(checkpointFile)
		return ve
	}
	if err != nil {
		return errors.Join(s.aside(checkpointFile, err.Error()), s.asideLog(log, "its checkpoint is damaged"))
	}
	if !cp.follows(log) {
		return errors.Join(
			s.asideLog(log, fmt.Sprintf("not the log of generations 1 to %d that the checkpoint was made with", cp.generation)),
			s.aside(checkpointFile, "its generation log is damaged"))
	}
	if tail := log[cp.logSize:]; len(tail) > 0 {
		s.dropped(tail, "generations after the checkpoint")
	}
	s.size = cp.logSize
	s.sum.Write(log[:cp.logSize])
	s.generation = int(cp.generation)
	s.state.Generation = s.generation
	if gens, _ := parseLog(lastLine(log[:cp.logSize])); len(gens) > 0 {
		s.state.Evaluations = gens[0].Evaluations
		s.last = gens[0]
		s.last.Members = nil
	}
	s.state.Checkpoint = cp.payload
	if s.state.Checkpoint == nil {
		s.state.Checkpoint = []byte{}
	}
	return nil
}

// lastLine returns the last whole line of a log.
func lastLine(log []byte) []byte {
	if len(log) == 0 {
		return nil
	}
	return log[bytes.LastIndexByte(log[:len(log)-1], '\n')+1:]
}

func (s *Shard) asideLog(log []byte, reason string) error {
	if len(log) == 0 {
		return nil
	}
	return s.aside(logFile, reason)
}

// dropped notes log lines that will be written again. That the budget of a
// shorter run cut a generation is nothing to note.
func (s *Shard) dropped(tail []byte, what string) {
	if s.reopened {
		return
	}
	gens, defect := parseLog(tail)
	reason := fmt.Sprintf("%d %s are redone", len(gens), what)
	if defect != "" {
		reason += "; " + defect
	}
	s.state.Notes = append(s.state.Notes, disk.Note{Path: s.path(logFile), Reason: reason})
}

// Append adds a generation to the log. It is durable with the next Checkpoint.
func (s *Shard) Append(g Generation) error {
	if err := s.writable(); err != nil {
		return err
	}
	if g.Number != s.generation+1 {
		return fmt.Errorf("generation %d follows generation %d", g.Number, s.generation)
	}
	s.line = g.appendLine(s.line)
	// Written by position: if a process that lost its claim without knowing
	// still writes, it writes the same bytes to the same place.
	if _, err := s.log.WriteAt(s.line, s.size); err != nil {
		return s.fail(disk.Failure("write", s.path(logFile), err))
	}
	s.size += int64(len(s.line))
	s.sum.Write(s.line)
	s.generation = g.Number
	s.last = g
	s.last.Members = nil
	return nil
}

// Mark returns the place in the log after the last appended generation.
func (s *Shard) Mark() Mark {
	m := Mark{generation: s.generation, size: s.size}
	s.sum.Sum(m.sum[:0])
	return m
}

// Checkpoint saves the state of the search at a mark. Once it returns nil, that
// generation survives a kill and a power cut.
func (s *Shard) Checkpoint(at Mark, payload []byte) error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.claim.Check(); err != nil {
		return err
	}
	if err := s.log.Sync(); err != nil {
		return s.fail(disk.Failure("sync", s.path(logFile), err))
	}
	cp := checkpoint{generation: uint64(at.generation), logSize: at.size, logSum: at.sum, payload: payload}
	err := disk.Replace(s.run.fs, s.path(checkpointFile), func(w io.Writer) error { return cp.write(s.run.stream(s.index), w) })
	if err != nil {
		return s.fail(err)
	}
	return nil
}

// Finish writes the final tables, each as NAME.json, and marks the shard as
// done. The checkpoint stays: from it a later, longer run goes on.
func (s *Shard) Finish(tables ...*results.Table) error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.claim.Check(); err != nil {
		return err
	}
	names := []string{checkpointFile, logFile}
	for _, t := range tables {
		name := t.Name + tableSuffix
		if err := s.run.writeTable(path.Join(s.dir, name), s.run.result(s.index), t); err != nil {
			return s.fail(err)
		}
		names = append(names, name)
	}
	if err := s.log.Sync(); err != nil {
		return s.fail(disk.Failure("sync", s.path(logFile), err))
	}
	slices.Sort(names)
	done := manifest{Schema: disk.Schema, Run: s.run.result(s.index), Stream: s.run.stream(s.index), Platform: s.run.platform, Last: s.lastGeneration()}
	for _, name := range names {
		f, err := digest(s.run.fs, s.path(name), name)
		if err != nil {
			return s.fail(err)
		}
		if name == logFile && (int64(f.Size) != s.size || f.SHA256 != hex.EncodeToString(s.sum.Sum(nil))) {
			// Another process, that believes to own the shard too, has begun the
			// log again at its checkpoint; it ends the shard.
			return s.fail(fmt.Errorf("%s: changed while it was written: %w", s.path(logFile), claims.ErrClaimLost))
		}
		done.Files = append(done.Files, f)
	}
	data, err := disk.SealValue(done)
	if err != nil {
		return err
	}
	if err := disk.Write(s.run.fs, s.path(doneFile), data); err != nil {
		return s.fail(err)
	}
	s.state.Done = true
	return nil
}

// lastGeneration is the last line of the log for done.json, so that nobody needs
// the log to say how a shard ended.
func (s *Shard) lastGeneration() json.RawMessage {
	if s.last.Number == 0 {
		return nil
	}
	return bytes.TrimSpace(s.last.appendLine(nil))
}

func (s *Shard) writable() error {
	switch {
	case s.fault != nil:
		return s.fault
	case s.state.Done:
		return fmt.Errorf("%s is done and takes no more", s.dir)
	case s.log == nil:
		return fmt.Errorf("%s is closed", s.dir)
	}
	return nil
}

func (s *Shard) fail(err error) error {
	s.fault = err
	return err
}

// Close closes the shard's files. Its claim is the caller's to release.
func (s *Shard) Close() error {
	if s.log == nil {
		return nil
	}
	err := s.log.Close()
	s.log = nil
	return disk.Failure("close", s.path(logFile), err)
}
