package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"stco/results/store/disk"
)

// Progress is what a reader sees of a shard, also while it is written.
type Progress struct {
	Done        bool
	Generations []Generation
	Checkpoint  []byte      // of a shard that is not done: state of the search, as it was given to Checkpoint; nil without one
	Notes       []disk.Note // what is damaged: final list, checkpoint or log
}

// Progress reads how far a shard is, without changing anything, and checks what
// it reads: the log of a shard that is done against the list of its files, that
// of another line by line and against its checkpoint.
func (r *Run) Progress(index int) (Progress, error) {
	dir := r.ShardDir(index)
	var p Progress
	var done manifest
	err := disk.ReadSealed(r.fs, r.path(path.Join(dir, doneFile)), &done)
	var damaged *disk.DamagedError
	switch {
	case err == nil:
		p.Done = done.Run == r.result(index)
	case errors.As(err, &damaged):
		p.Notes = append(p.Notes, disk.Note{Path: damaged.Path, Reason: damaged.Err.Error()})
	case !errors.Is(err, fs.ErrNotExist):
		return Progress{}, err
	}
	if !p.Done {
		gens, state, notes, err := r.history(index)
		p.Generations, p.Checkpoint, p.Notes = gens, state, append(p.Notes, notes...)
		return p, err
	}
	log, err := r.log(index)
	if err != nil {
		return Progress{}, err
	}
	var defect string
	p.Generations, defect = parseLog(log)
	for _, f := range done.Files {
		if f.Name == logFile && defect == "" {
			defect = f.compare(log)
		}
	}
	if defect != "" {
		p.Notes = append(p.Notes, disk.Note{Path: r.logPath(index), Reason: defect})
	}
	return p, nil
}

// End is how a shard ended.
type End struct {
	Platform string // floating-point platform that computed it; "" unknown
	Last     Generation
}

// Ended tells how a shard ended, nil if it has not, from one small file: its
// final tables are there, but are not checked.
func (r *Run) Ended(index int) (*End, error) {
	var done manifest
	err := disk.ReadSealed(r.fs, r.path(path.Join(r.ShardDir(index), doneFile)), &done)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if done.Run != r.result(index) {
		return nil, nil
	}
	e := &End{Platform: done.Platform}
	if len(done.Last) > 0 {
		if e.Last, err = decodeGeneration(done.Last); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Brief is Progress without a look at all of the log: the last generation alone, and
// nothing of what is damaged. It takes a few small reads.
func (r *Run) Brief(index int) (Progress, error) {
	end, err := r.Ended(index)
	if damaged, ok := errors.AsType[*disk.DamagedError](err); ok {
		return Progress{Notes: []disk.Note{{Path: damaged.Path, Reason: damaged.Err.Error()}}}, nil
	}
	if err != nil {
		return Progress{}, err
	}
	if end != nil && end.Last.Number > 0 {
		return Progress{Done: true, Generations: []Generation{end.Last}}, nil
	}
	const most = 1 << 18 // longer than a line with members
	log, whole, err := disk.Tail(r.fs, r.logPath(index), most)
	if errors.Is(err, fs.ErrNotExist) {
		return Progress{Done: end != nil}, nil
	}
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Done: end != nil}
	log = log[:bytes.LastIndexByte(log, '\n')+1] // without a line that is being written
	if !whole {
		log = log[bytes.IndexByte(log, '\n')+1:]
	}
	p.Generations, _ = parseLog(lastLine(log))
	return p, nil
}

func (r *Run) logPath(index int) string { return r.path(path.Join(r.ShardDir(index), logFile)) }

// log reads the generation log of a shard; one that is not there is empty.
func (r *Run) log(index int) ([]byte, error) {
	log, err := disk.Read(r.fs, r.logPath(index))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return log, err
}

// history reads checkpoint and log of a shard that is not done, each checked
// against the other. Its process may be writing: the checkpoint is read first,
// since the log never becomes shorter than its checkpoint says.
func (r *Run) history(index int) (gens []Generation, state []byte, notes []disk.Note, err error) {
	file := r.path(path.Join(r.ShardDir(index), checkpointFile))
	data, err := disk.Read(r.fs, file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, err
	}
	var cp *checkpoint
	if err == nil {
		if cp, err = decodeCheckpoint(data, r.stream(index)); err != nil {
			if newer, ok := errors.AsType[*disk.VersionError](err); ok {
				newer.Path = file
				return nil, nil, nil, newer
			}
			notes = append(notes, disk.Note{Path: file, Reason: err.Error()})
		}
	}
	log, err := r.log(index)
	if err != nil {
		return nil, nil, notes, err
	}
	gens, defect := parseLog(log)
	if defect == "" && cp != nil && !cp.follows(log) {
		defect = fmt.Sprintf("not the log of generations 1 to %d that the checkpoint was made with", cp.generation)
		if int64(len(log)) < cp.logSize {
			defect = fmt.Sprintf("ends at byte %d; the checkpoint of generation %d was made with %d", len(log), cp.generation, cp.logSize)
		}
	}
	if defect != "" {
		notes = append(notes, disk.Note{Path: r.logPath(index), Reason: defect})
	}
	if cp != nil && defect == "" {
		state = cp.payload
	}
	return gens, state, notes, nil
}

// Merged tells whether the merged tables of the run as it is planned now are
// written, and nothing is left to do.
func (r *Run) Merged() (bool, error) {
	var m manifest
	err := disk.ReadSealed(r.fs, r.path(manifestFile), &m)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && m.Run == r.identity, err
}
