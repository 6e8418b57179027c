package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"stco/results"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// Info is run.json: everything that decides the result of a campaign, and the
// circumstances of its creation. It is written first, and again only by Extend.
type Info struct {
	Schema       int         `json:"schema"` // set by Create
	Tool         string      `json:"tool"`
	Version      string      `json:"version"`
	Study        string      `json:"study"` // the resolved study, as text
	StudyFormat  string      `json:"study_format"`
	StudySHA256  string      `json:"study_sha256"` // of Study; set by Create
	TablesSHA256 string      `json:"tables_sha256"`
	Seed         uint64      `json:"seed"`
	Shards       []ShardInfo `json:"shards"`

	Executable  string   `json:"executable_sha256"`
	GoVersion   string   `json:"go_version"`
	GOOS        string   `json:"goos"`
	GOARCH      string   `json:"goarch"`
	GOAMD64     string   `json:"goamd64,omitempty"`
	Host        string   `json:"host"`
	CommandLine []string `json:"command_line"`
	Created     string   `json:"created"` // RFC 3339
	// Platform names the floating-point arithmetic: two processes of one name
	// compute the same bits.
	Platform string `json:"platform,omitempty"`
	// Extensions are the command lines that raised a limit or added shards, and
	// Earlier the identities of run and shards before them.
	Extensions [][]string `json:"extensions,omitempty"`
	Earlier    []string   `json:"earlier,omitempty"`
}

// ShardInfo is one unit of work of a campaign: deterministic and written by
// one process at a time.
type ShardInfo struct {
	Name     string `json:"name"`
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	// Stream names what the states of the search depend on, Result what its
	// final tables do: the same and the limits. A checkpoint serves every shard
	// of its stream, whatever the run.
	Stream string `json:"stream"`
	Result string `json:"result"`
}

// Identity is the SHA-256 of what decides the result: the study, the tables,
// the seed and the plan of shards. Every file of shards and results carries it.
func (in *Info) Identity() string {
	b := fmt.Appendf(nil, "%q %q %d", in.Study, in.TablesSHA256, in.Seed)
	for _, s := range in.Shards {
		b = fmt.Appendf(b, " %q %q %d", s.Name, s.Scenario, s.Seed)
		if s.Stream != "" {
			b = fmt.Appendf(b, " %q %q", s.Stream, s.Result)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Differences lists what of the tool and platform differs between the process
// that made a run and another: a run continued across them may not end with
// the bytes of an uninterrupted one.
func (in *Info) Differences(other *Info) []string {
	var out []string
	for _, d := range []struct{ name, was, is string }{
		{"version", in.Version, other.Version},
		{"executable SHA-256", in.Executable, other.Executable},
		{"Go version", in.GoVersion, other.GoVersion},
		{"GOOS", in.GOOS, other.GOOS},
		{"GOARCH", in.GOARCH, other.GOARCH},
		{"GOAMD64", in.GOAMD64, other.GOAMD64},
		{"floating-point platform", in.Platform, cmp.Or(other.Platform, in.Platform)},
	} {
		if d.was != d.is {
			out = append(out, fmt.Sprintf("%s was %q, is %q", d.name, d.was, d.is))
		}
	}
	return out
}

// OtherStudyError is a run directory that holds another campaign.
type OtherStudyError struct {
	Dir  string
	What string // "study", "tables", "seed" or "plan of shards"
}

func (e *OtherStudyError) Error() string {
	return fmt.Sprintf("%s holds a run with another %s; take another directory, or resume that run", e.Dir, e.What)
}

// ForeignError is a directory that is no run and holds a file of the name of one of
// a run's.
type ForeignError struct{ Dir, Name string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is not a run directory (it has no %s) but holds %s: take another directory", e.Dir, runFile, e.Name)
}

// Run is an open run directory. Its methods may be called concurrently.
type Run struct {
	*claims.Directory // who may write a shard (ShardInfo.Name), or "merge"

	fs       disk.FS
	dir      string
	info     Info
	identity string
	platform string // of this process
	seal     string // of run.json as it was read

	mu      sync.Mutex
	written map[string]bool // files that WriteFile wrote
}

// stream and result are the identities of a shard: in a run made before shards
// had their own, those of the run.
func (r *Run) stream(index int) string { return cmp.Or(r.info.Shards[index].Stream, r.identity) }
func (r *Run) result(index int) string { return cmp.Or(r.info.Shards[index].Result, r.identity) }

// On says on which floating-point platform the shards are computed that this
// process ends.
func (r *Run) On(platform string) { r.platform = platform }

// Dir is the path of the run directory.
func (r *Run) Dir() string { return r.dir }

// Info is the content of run.json.
func (r *Run) Info() Info { return r.info }

func (r *Run) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

const (
	runFile    = "run.json"
	figuresDir = "figures"
	reportFile = "report.html" // made of the tables whenever somebody asks
	claimsDir  = "claims"
	// schedulerDir holds scripts and logs of the batch scheduler.
	schedulerDir = "slurm"
)

// Create makes a run directory, or opens the one that holds the same campaign.
// Another campaign there is an *OtherStudyError. A damaged run.json is set
// aside and written anew; files of shards from another campaign are seen by
// the identity in them.
func Create(fsys disk.FS, dir string, info Info) (*Run, []disk.Note, error) {
	info.Schema = disk.Schema
	sum := sha256.Sum256([]byte(info.Study))
	info.StudySHA256 = hex.EncodeToString(sum[:])
	if len(info.Shards) == 0 {
		return nil, nil, errors.New("a run needs at least one shard")
	}
	if err := disk.MakeDir(fsys, dir); err != nil {
		return nil, nil, err
	}
	var notes []disk.Note
	old, err := Open(fsys, dir)
	var damaged *disk.DamagedError
	switch {
	case err == nil:
		return old, nil, old.same(&info)
	case errors.As(err, &damaged):
		n, err := disk.SetAside(fsys, damaged.Path, damaged.Err.Error())
		if err != nil {
			return nil, nil, err
		}
		notes = append(notes, n)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, err
	default:
		if err := foreign(fsys, dir); err != nil {
			return nil, nil, err
		}
	}
	body, err := disk.SealValue(info)
	if err != nil {
		return nil, nil, err
	}
	// Another process may create the run at the same moment: the run.json that
	// stands decides.
	if err := disk.Create(fsys, filepath.Join(dir, runFile), body); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, nil, err
	}
	r, err := Open(fsys, dir)
	if err != nil {
		return nil, nil, err
	}
	return r, notes, r.same(&info)
}

// foreign refuses a directory with files named like ours but without a
// run.json, present or set aside, that says whose they are.
func foreign(fsys disk.FS, dir string) error {
	names, err := disk.List(fsys, dir)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, runFile) }) {
		return nil
	}
	for _, n := range names {
		if slices.Contains([]string{shardsDir, claimsDir, manifestFile, "front.json", "front.csv", "baselines.json", "gains.json", "decomposition.json", figuresDir}, n) {
			return &ForeignError{Dir: dir, Name: n}
		}
	}
	return nil
}

func (r *Run) same(info *Info) error {
	for _, d := range []struct {
		what string
		same bool
	}{
		{"seed", r.info.Seed == info.Seed}, // first: a study's text may name it
		{"study", r.info.Study == info.Study},
		{"tables", r.info.TablesSHA256 == info.TablesSHA256},
		{"plan of shards", slices.Equal(r.info.Shards, info.Shards)},
	} {
		if !d.same {
			return &OtherStudyError{Dir: r.dir, What: d.what}
		}
	}
	return nil
}

// Open opens an existing run directory. A missing run.json gives an error that
// is fs.ErrNotExist, a damaged one a *DamagedError.
func Open(fsys disk.FS, dir string) (*Run, error) {
	r := &Run{Directory: claims.In(fsys, filepath.Join(dir, claimsDir)), fs: fsys, dir: dir, written: map[string]bool{}}
	path := filepath.Join(dir, runFile)
	var err error
	if r.seal, err = disk.SealOf(fsys, path); err != nil {
		return nil, err
	}
	// A file that replaces it now has another seal, which current sees.
	if err := disk.ReadSealed(fsys, path, &r.info); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(r.info.Study))
	if r.info.StudySHA256 != hex.EncodeToString(sum[:]) {
		return nil, &disk.DamagedError{Path: path, Err: errors.New("study_sha256 is not that of the study")}
	}
	if len(r.info.Shards) == 0 {
		return nil, &disk.DamagedError{Path: path, Err: errors.New("no shards")}
	}
	r.identity = r.info.Identity()
	return r, nil
}

// Extend replaces the plan of a run by a longer one of the same streams: other
// limits, more shards. The caller holds every claim of the run. The file before
// decides until the one moment in which the new one is in its place.
func (r *Run) Extend(info Info) error {
	old := r.info
	if len(info.Shards) < len(old.Shards) {
		return fmt.Errorf("%d shards; the run has %d", len(info.Shards), len(old.Shards))
	}
	earlier := append(slices.Clone(old.Earlier), r.identity)
	for i := range old.Shards {
		was, is := &old.Shards[i], &info.Shards[i]
		if was.Name != is.Name || was.Stream != is.Stream {
			return &OtherStudyError{Dir: r.dir, What: "problem, seed or algorithm"}
		}
		if was.Result != is.Result {
			earlier = append(earlier, was.Result)
		}
	}
	line := info.CommandLine
	next := old
	next.Study, next.Shards = info.Study, info.Shards
	next.Extensions, next.Earlier = append(slices.Clone(old.Extensions), line), earlier
	sum := sha256.Sum256([]byte(next.Study))
	next.StudySHA256 = hex.EncodeToString(sum[:])
	body, err := disk.SealValue(next)
	if err != nil {
		return err
	}
	if err := disk.Write(r.fs, filepath.Join(r.dir, runFile), body); err != nil {
		return err
	}
	r.info, r.identity, r.seal = next, next.Identity(), "" // current reads it again
	return nil
}

// current refuses to write for a plan that another process has extended since.
func (r *Run) current() error {
	seal, err := disk.SealOf(r.fs, filepath.Join(r.dir, runFile))
	if err != nil || seal == r.seal {
		return err
	}
	now, err := Open(r.fs, r.dir)
	if err == nil && now.identity != r.identity {
		err = fmt.Errorf("%s was extended by another process meanwhile: start again", r.dir)
	}
	return err
}

// WriteFile replaces one file of the run, such as "front.csv" or
// "figures/pareto.svg", with what write produces. Readers see the old content
// or the new.
func (r *Run) WriteFile(name string, write func(io.Writer) error) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%q is not a path inside the run directory", name)
	}
	path := r.path(name)
	if dir := filepath.Dir(path); dir != r.dir {
		if err := disk.MakeDir(r.fs, dir); err != nil {
			return err
		}
	}
	r.mu.Lock()
	r.written[name] = true
	r.mu.Unlock()
	return disk.Replace(r.fs, path, write)
}

// tableSuffix ends the names of table files.
const tableSuffix = ".json"

// tableBytes is a table file: what it belongs to, the table, a seal.
func tableBytes(identity string, t *results.Table) ([]byte, error) {
	body := fmt.Appendf(nil, "{\"schema\":%d,\"run\":%q,\n", disk.Schema, identity)
	data, err := t.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return disk.Seal(append(body, data[1:len(data)-1]...)), nil
}

// WriteTable replaces a merged table of the run, as NAME.json.
func (r *Run) WriteTable(t *results.Table) error {
	return r.writeTable(t.Name+tableSuffix, r.identity, t)
}

func (r *Run) writeTable(name, identity string, t *results.Table) error {
	data, err := tableBytes(identity, t)
	if err != nil {
		return err
	}
	return r.WriteFile(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// ReadTable reads a merged table by its name. Damage, and a table of another
// campaign, is a *DamagedError; a table of the run before it was extended is
// ErrExtended; a file that is not there is fs.ErrNotExist.
func (r *Run) ReadTable(name string) (*results.Table, error) {
	return r.readTable(name+tableSuffix, r.identity)
}

// ReadShardTable reads a final table of a shard, as ReadTable does.
func (r *Run) ReadShardTable(index int, name string) (*results.Table, error) {
	return r.readTable(r.ShardDir(index)+"/"+name+tableSuffix, r.result(index))
}

func (r *Run) readTable(name, identity string) (*results.Table, error) {
	path := r.path(name)
	var f tableFile
	if err := disk.ReadSealed(r.fs, path, &f); err != nil {
		return nil, err
	}
	switch {
	case f.run == identity:
		return &f.table, nil
	case slices.Contains(r.info.Earlier, f.run):
		return nil, fmt.Errorf("%s: %w", path, ErrExtended)
	}
	return nil, &disk.DamagedError{Path: path, Err: errForeign}
}

// ErrExtended is a file of the run from before it was extended.
var ErrExtended = errors.New("of the run before it was extended; stco resume makes it anew")

var errForeign = errors.New("it belongs to another run")

type tableFile struct {
	run   string
	table results.Table
}

func (f *tableFile) UnmarshalJSON(data []byte) error {
	run, err := disk.Member[string](data, "run")
	if err != nil {
		return err
	}
	f.run = run
	return f.table.UnmarshalJSON(data)
}
