package runs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/inspect"
	"stco/results"
	"stco/results/store"
	"stco/results/table"
)

// reading is a run that is read: its tables, and of one that is not done what they
// would be if it ended at its last checkpoints.
type reading struct {
	*store.Run
	ctx   context.Context
	env   *command.Env
	sofar *campaign.SoFar // nil for a run that is done, or not asked yet
	where string          // filter of the front
}

// open opens the run directory that a user named.
func open(env *command.Env, c *cli.Context) (*reading, error) {
	r, err := command.OpenRun(c.Args().First())
	if err != nil {
		return nil, err
	}
	return &reading{Run: r, ctx: c.Context, env: env}, nil
}

// Tables reads the tables of a run by their names, "archive" among them; of a run
// that is not done what they would be if it ended at its last checkpoints, which
// the user is told.
func Tables(ctx context.Context, env *command.Env, run *store.Run) inspect.Tables {
	r := &reading{Run: run, ctx: ctx, env: env}
	return func(name string) (*results.Table, error) {
		if name == store.ArchiveTable {
			return r.archives()
		}
		return r.table(name)
	}
}

// filtered is the run with a filter on the designs of its front.
func (r *reading) filtered(where string) *reading {
	f := *r
	f.where = where
	return &f
}

// table reads a merged table, filtered.
func (r *reading) table(name string) (*results.Table, error) {
	t, err := r.merged(name)
	if err != nil || r.where == "" || name != store.FrontTable {
		return t, err
	}
	kept, err := table.Apply(t, table.View{Where: r.where})
	if err == nil && len(kept.Rows) == 0 {
		err = fmt.Errorf("%q keeps none of %d designs", r.where, len(t.Rows))
	}
	if err != nil {
		return nil, command.Usagef("--where: %w", err)
	}
	return kept, sayFilter(r.env, r.where, t)
}

// merged reads a merged table. That of a run that is not done is computed from its
// checkpoints, and the user is told so once.
func (r *reading) merged(name string) (*results.Table, error) {
	if r.sofar != nil {
		return r.sofar.Table(name)
	}
	t, err := r.ReadTable(name)
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, store.ErrExtended) {
		return t, err
	}
	if merged, merr := r.Merged(); merr != nil || merged {
		return nil, errors.Join(err, merr) // a study without that table
	}
	if err := r.look(true); err != nil {
		return nil, err
	}
	return r.sofar.Table(name)
}

// optional reads a table that a run which is not done may not have; nil if so.
func (r *reading) optional(name string) (*results.Table, error) {
	if r.sofar != nil && !r.sofar.Has(name) {
		return nil, nil //nolint:nilnil // see above
	}
	return r.table(name)
}

// look computes what a run that is not done has come to, and says so.
func (r *reading) look(conclude bool) error {
	l, err := campaign.NewLooker(r.Run, runtime.GOMAXPROCS(0), r.env.Now)
	if err != nil {
		return err
	}
	if r.sofar, err = l.Look(r.ctx, conclude); err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.env.Err, "stco: note: %s: %s\n", r.Dir(), r.sofar.Text())
	return err
}

// archives are the archives of all shards, in one table.
func (r *reading) archives() (*results.Table, error) {
	if merged, err := r.Merged(); err != nil {
		return nil, err
	} else if !merged && r.sofar == nil {
		if err := r.look(false); err != nil {
			return nil, err
		}
	}
	if r.sofar != nil {
		return r.sofar.Table(store.ArchiveTable)
	}
	return inspect.Archive(r.Run)
}

// inScenario reads a merged table, of the scenario that is asked for.
func (r *reading) inScenario(c *cli.Context, name string) (*results.Table, error) {
	t, err := r.table(name)
	if err != nil {
		return nil, err
	}
	return inspect.InScenario(r.Run, t, c.String("scenario"))
}
