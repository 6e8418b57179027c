package runs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/slurm"
	"stco/results/store/disk"
)

// Submit is the verb submit.
func Submit(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "submit", Usage: "give the shards of a run to a batch scheduler", ArgsUsage: "RUN",
		Description: `Writes two scripts into RUN/slurm and submits them: a job array of stco task over the shards that are not
done, and stco merge after it. A task is told before its limit of time, writes its checkpoint and is queued
again. stco resume RUN --slurm submits what is missing, with the settings of the last submission.
The run is made by stco run STUDY --out RUN --prepare.

Examples:
   stco submit runs/night --slurm --partition main --time 1:00:00
   stco submit runs/night --slurm --print`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "slurm", Usage: "to Slurm, by sbatch (required: of other schedulers docs/cluster.md shows recipes)"},
			&cli.StringFlag{Name: "partition", Usage: "partition (default: that of the scheduler)"},
			&cli.StringFlag{Name: "time", Usage: "limit of time of a task as sbatch takes it, minutes or hours:minutes:seconds, at least 5 minutes (default: that of the partition)"},
			&cli.IntFlag{Name: "array-limit", Usage: "tasks that run at once, at most (default: no limit)"},
			&cli.IntFlag{Name: "cpus", Usage: "processors of a task", Value: 1},
			&cli.IntFlag{Name: "tasks", Usage: "tasks that the shards are dealt to (default: so many that each takes about ten minutes)"},
			&cli.BoolFlag{Name: "print", Usage: "print scripts and commands, write and submit nothing"},
		},
		Action: func(c *cli.Context) error {
			s, err := settings(c)
			if err != nil {
				return err
			}
			dir := c.Args().First()
			work, err := campaign.Resume(dir, circumstances(env), campaign.Extension{})
			if err != nil {
				return campaignError(err, dir)
			}
			n := len(work.Run.Info().Shards)
			s.Shards = n
			if s.Tasks > n {
				return command.Usagef("--tasks %d: the run has %d shards", s.Tasks, n)
			}
			if err := deal(c.Context, env, work, s); err != nil {
				return err
			}
			return submit(c.Context, env, work, s, c.Bool("print"))
		},
	}, 1, 1)
}

// settings reads the flags of submit.
func settings(c *cli.Context) (*slurm.Settings, error) {
	if !c.Bool("slurm") {
		return nil, command.Usagef("--slurm: must be given; docs/cluster.md shows recipes for other schedulers over stco task")
	}
	s := &slurm.Settings{Schema: disk.Schema, Partition: c.String("partition"), Time: c.String("time"), Limit: c.Int("array-limit"), CPUs: c.Int("cpus"), Tasks: c.Int("tasks")}
	var faults []error
	if strings.ContainsAny(s.Partition, " \t\n'\"") || c.IsSet("partition") && s.Partition == "" {
		faults = append(faults, fmt.Errorf("--partition %q: no name of a partition", s.Partition))
	}
	if c.IsSet("time") {
		if d, err := slurm.ParseTime(s.Time); err != nil {
			faults = append(faults, fmt.Errorf("--time %w", err))
		} else if d < 5*time.Minute {
			faults = append(faults, fmt.Errorf("--time %s: %s; must be at least 5 minutes", s.Time, d))
		}
	}
	for _, f := range []struct {
		name  string
		least int
	}{{"array-limit", 1}, {"cpus", 1}, {"tasks", 1}} {
		if n := c.Int(f.name); c.IsSet(f.name) && n < f.least {
			faults = append(faults, fmt.Errorf("--%s %d: must be at least %d", f.name, n, f.least))
		}
	}
	if len(faults) > 0 {
		return nil, &command.UsageError{Err: errors.Join(faults...)}
	}
	return s, nil
}

// deal says to how many tasks the shards are dealt, where the user does not.
func deal(ctx context.Context, env *command.Env, work *campaign.Campaign, s *slurm.Settings) error {
	most := slurm.MaxArray(ctx)
	if s.Tasks > most {
		return command.Usagef("--tasks %d: an array of this scheduler has at most %d", s.Tasks, most)
	}
	if s.Tasks > 0 {
		return nil
	}
	each, err := work.ShardTime(ctx, s.CPUs)
	if err != nil {
		return err
	}
	s.Tasks = slurm.Pack(s.Shards, each, most)
	text := fmt.Sprintf("%d shards, dealt to %d tasks", s.Shards, s.Tasks)
	if each > 0 {
		text += fmt.Sprintf("; a shard takes about %s here", each.Round(max(time.Second/10, each.Truncate(time.Second)/10)))
	}
	_, err = fmt.Fprintf(env.Err, "stco: %s\n", text)
	return err
}

// resumeSlurm submits what is missing, as the last submission asked for it.
func resumeSlurm(ctx context.Context, env *command.Env, work *campaign.Campaign) error {
	dir := work.Run.Dir()
	s := &slurm.Settings{}
	err := disk.ReadSealed(disk.OS{}, settingsFile(dir), s)
	if errors.Is(err, fs.ErrNotExist) {
		return command.Usagef("--slurm: %s was not submitted yet: stco submit %s --slurm", dir, dir)
	}
	if err != nil {
		return err
	}
	if n := len(work.Run.Info().Shards); s.Shards != n {
		// The run was extended: its shards are dealt anew.
		s.Shards, s.Tasks, s.Array = n, 0, ""
		if err := deal(ctx, env, work, s); err != nil {
			return err
		}
	}
	return submit(ctx, env, work, s, false)
}

func settingsFile(dir string) string { return filepath.Join(dir, "slurm", "submit.json") }

// submit writes the scripts and submits the tasks that have something to do, but
// for those that are queued already, then the merge.
func submit(ctx context.Context, env *command.Env, work *campaign.Campaign, s *slurm.Settings, show bool) error {
	dir, err := filepath.Abs(work.Run.Dir())
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	job := &slurm.Job{Settings: *s, Name: disk.FileName(filepath.Base(dir)), Dir: dir, Program: program}
	var tasks, queued []int
	if s.Array != "" {
		queued = slurm.Queued(ctx, s.Array)
	}
	missing, waiting := 0, 0
	for k := range s.Tasks {
		left, err := work.Missing(work.Share(k, s.Tasks))
		if err != nil {
			return err
		}
		switch missing += len(left); {
		case len(left) == 0:
		case slices.Contains(queued, k):
			waiting++
		default:
			tasks = append(tasks, k)
		}
	}
	if show {
		return printScripts(env, job, tasks)
	}
	if err := writeScripts(job); err != nil {
		return err
	}
	var after []string
	if waiting > 0 {
		after = strings.Split(s.Array, ",")
	}
	if len(tasks) > 0 {
		id, err := slurm.Submit(ctx, job.ArrayCommand(tasks))
		if err != nil {
			return err
		}
		after = append(after, id)
		if job.Array = id; waiting > 0 {
			job.Array = s.Array + "," + id
		}
	}
	data, err := disk.SealValue(job.Settings)
	if err == nil {
		err = disk.Write(disk.OS{}, settingsFile(dir), data)
	}
	if err != nil {
		return err
	}
	merge, err := slurm.Submit(ctx, job.MergeCommand(after...))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "%d of %d shards are missing: %d tasks submitted%s, %d queued before; merge %s\nstco status %s\nif tasks are lost: stco resume %s --slurm\n",
		missing, s.Shards, len(tasks), numbered(after), waiting, merge, work.Run.Dir(), work.Run.Dir())
	return err
}

func numbered(jobs []string) string {
	if len(jobs) == 0 {
		return ""
	}
	return " as job " + jobs[len(jobs)-1]
}

// writeScripts puts the scripts into the run directory.
func writeScripts(job *slurm.Job) error {
	if err := disk.MakeDir(disk.OS{}, filepath.Join(job.Dir, "slurm")); err != nil {
		return err
	}
	for name, text := range map[string]string{slurm.ArrayScript: job.ArrayText(), slurm.MergeScript: job.MergeText()} {
		if err := disk.Write(disk.OS{}, filepath.Join(job.Dir, name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// printScripts shows what would be written and submitted.
func printScripts(env *command.Env, job *slurm.Job, tasks []int) error {
	text := fmt.Sprintf("# %s\n%s\n# %s\n%s\n", slurm.ArrayScript, job.ArrayText(), slurm.MergeScript, job.MergeText())
	if len(tasks) > 0 {
		text += strings.Join(job.ArrayCommand(tasks), " ") + "\n" + strings.Join(job.MergeCommand("JOB"), " ") + "\n"
	} else {
		text += strings.Join(job.MergeCommand(), " ") + "\n"
	}
	_, err := fmt.Fprint(env.Out, text)
	return err
}
