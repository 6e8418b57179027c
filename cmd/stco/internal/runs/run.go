// Package runs holds the verbs of studies, runs and designs: run, resume, status,
// verify, pareto, export, plot, compare, eval. A verb reads its flags, calls the
// packages below experiments and prints tables.
package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/inspect"
	"stco/experiments/monitor"
	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

func campaignFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "workers", Usage: "goroutines that evaluate; does not change the result", Value: runtime.GOMAXPROCS(0)},
		&cli.BoolFlag{Name: "quiet", Usage: "no progress"},
		&cli.BoolFlag{Name: "events", Usage: "progress as JSON lines on standard error: time, shard, evaluations, budget, share, rate, left_s, missed, front, hypervolume, best; lines with phase, frame (ends of the hypervolume) and note between"},
		&cli.DurationFlag{Name: "time", Usage: "stop all seeds together after that time, resumable; does not change the result (default: that of the study)"},
		&cli.BoolFlag{Name: "wait", Usage: "wait for what other processes work on, until it is done or free"},
		&cli.BoolFlag{Name: "take-over", Usage: "take work from processes of other hosts that you know to have ended, without waiting for their heartbeat to rest"},
	}
}

// Run is the verb run.
func Run(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "run", Usage: "run a campaign: an embedded study or a study file", ArgsUsage: "STUDY",
		Flags: append(campaignFlags(),
			&cli.StringFlag{Name: "out", Usage: "run directory (default runs/STUDY-seedN, with --search runs/STUDY-ALGORITHM-seedN)"},
			&cli.Uint64Flag{Name: "seed", Usage: "random seed (default: that of the study)"},
			&cli.IntFlag{Name: "seeds", Usage: "repeat with that many consecutive seeds"},
			&cli.Int64Flag{Name: "budget", Usage: "evaluations of each seed (default: that of the study)"},
			&cli.StringFlag{Name: "search", Usage: "algorithm (default: that of the study): auto, nsga2, sms-emoa, nsga3, random, sobol, grid"},
			setFlag(),
			&cli.BoolFlag{Name: "prepare", Usage: "write the run directory and start nothing: its shards are done by stco task, resume or submit"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only say how large the space is, and what the run would take"},
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex")),
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			s, err := loadStudy(name)
			if err != nil {
				return err
			}
			if _, embedded := study.Embedded(name); embedded {
				if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
					if _, err := fmt.Fprintf(env.Err, "stco: note: this is the embedded study %s; for the file of that name give ./%s\n", name, name); err != nil {
						return err
					}
				}
			}
			if err := override(c, s); err != nil {
				return err
			}
			if err := inspect.ReadStarts(s); err != nil {
				return err
			}
			dir := c.String("out")
			if dir == "" {
				dir = filepath.Join("runs", runName(c, s))
			}
			if info, err := os.Stat(dir); err == nil && !info.IsDir() {
				return command.Usagef("--out %s: is a file; want a run directory, new or of this study", dir)
			}
			o, err := options(env, c)
			if err != nil {
				return err
			}
			if c.Bool("dry-run") {
				return dryRun(env, c, s, dir, o)
			}
			work, err := campaign.Start(s, dir, o)
			if command.Is[*store.OtherStudyError](err) || command.Is[*store.ForeignError](err) {
				return &command.UsageError{Err: err}
			}
			if err != nil {
				return err
			}
			if c.Bool("prepare") {
				_, err := fmt.Fprintf(env.Out, "%s: %d shards; go on with: stco submit %s --slurm, stco task %s --index 0, or stco resume %s\n", dir, len(work.Run.Info().Shards), dir, dir, dir)
				return err
			}
			return finish(c, env, work)
		},
	}, 1, 1)
}

// dryRun prints what a run would take and starts none.
func dryRun(env *command.Env, c *cli.Context, s *study.Study, dir string, o campaign.Environment) error {
	plan, err := campaign.NewPlan(c.Context, s, o.Workers, o.Now)
	if err != nil {
		return err
	}
	out := results.NewList("plan", "quantity:text", "value:text")
	out.Append("study", s.Name)
	out.Append("run directory", dir)
	for _, line := range plan.Text() {
		out.Append(line[0], line[1])
	}
	return command.WriteList(env.Out, out, c.String("format"))
}

// runName is the default name of a run directory.
func runName(c *cli.Context, s *study.Study) string {
	name := s.Name
	if c.IsSet("search") {
		name += "-" + string(s.Search.Algorithm)
	}
	return fmt.Sprintf("%s-seed%d", name, s.Seed)
}

// extension reads the flags that raise the limits of a run.
func extension(c *cli.Context) (campaign.Extension, error) {
	var x campaign.Extension
	if n := c.Int64("budget"); c.IsSet("budget") {
		if n < 1 {
			return x, command.Usagef("--budget %d: must be at least 1", n)
		}
		x.Evaluations = n
	}
	if n := c.Int("seeds"); c.IsSet("seeds") {
		if n < 1 || n > 10000 {
			return x, command.Usagef("--seeds %d: must be 1 to 10000", n)
		}
		x.Seeds = n
	}
	return x, nil
}

// override applies the flags that change a study. They are part of the
// resolved study in the run directory.
func override(c *cli.Context, s *study.Study) error {
	if err := s.Set(assigned(c)); err != nil {
		return err
	}
	if c.IsSet("seed") {
		s.Seed = c.Uint64("seed")
	}
	if n := c.Int("seeds"); c.IsSet("seeds") {
		if n < 1 || n > 10000 {
			return command.Usagef("--seeds %d: must be 1 to 10000", n)
		}
		s.Seeds = n
	}
	if n := c.Int64("budget"); c.IsSet("budget") {
		if n < 1 {
			return command.Usagef("--budget %d: must be at least 1", n)
		}
		s.Search.Evaluations = n
	}
	if c.IsSet("search") {
		if err := s.SetAlgorithm(c.String("search")); err != nil {
			return command.Usagef("--search: %w", err)
		}
	}
	if s.Search.Algorithm != "grid" {
		return nil
	}
	if c.IsSet("budget") {
		return command.Usagef("--budget %d: a grid evaluates every design of the space; leave it out", c.Int64("budget"))
	}
	if c.Int("seeds") > 1 {
		return command.Usagef("--seeds %d: a grid evaluates every design of the space, whatever the seed; leave it out", c.Int("seeds"))
	}
	s.Seeds = 1
	return nil
}

// Resume is the verb resume.
func Resume(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "resume", Usage: "go on with a run", ArgsUsage: "RUN",
		Description: "A run that is done or stopped is extended by --budget and --seeds, and ends as one that was started so.",
		Flags: append(campaignFlags(),
			&cli.Int64Flag{Name: "budget", Usage: "evaluations of each seed, at least those of the run"},
			&cli.IntFlag{Name: "seeds", Usage: "consecutive seeds, at least those of the run"},
			&cli.BoolFlag{Name: "slurm", Usage: "submit what is missing, with the settings of stco submit, and wait for nothing"},
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex")),
		Action: func(c *cli.Context) error {
			o, err := options(env, c)
			if err != nil {
				return err
			}
			x, err := extension(c)
			if err != nil {
				return err
			}
			for _, name := range []string{"workers", "time", "wait", "take-over", "format"} {
				if c.Bool("slurm") && c.IsSet(name) {
					return command.Usagef("--%s: not with --slurm, whose tasks have the settings of stco submit", name)
				}
			}
			dir := c.Args().First()
			work, err := campaign.Resume(dir, o, x)
			if errors.Is(err, syscall.ENOTDIR) { // a file; of a new run it is a place that cannot be written
				err = os.ErrNotExist
			}
			if err != nil {
				return campaignError(err, dir)
			}
			if c.Bool("slurm") {
				return resumeSlurm(c.Context, env, work)
			}
			return finish(c, env, work)
		},
	}, 1, 1)
}

// campaignError turns a run directory that is no such thing into bad input.
func campaignError(err error, dir string) error {
	if errors.Is(err, os.ErrNotExist) {
		return command.Usagef("%s: not a run directory: it has no run.json", dir)
	}
	return err
}

// finish executes a campaign and prints its summary.
func finish(c *cli.Context, env *command.Env, work *campaign.Campaign) error {
	if p, ok := work.Observer().(*progress); ok {
		p.goals = work.Goals()
		m := monitor.New(disk.OS{}, work.Run.Dir())
		p.look = func() (*monitor.Snapshot, error) { return m.Look(env.Now()) }
	}
	sum, err := work.Execute(c.Context)
	if err != nil {
		return stopped(c, work, err)
	}
	return printSummary(env.Out, sum, c.String("format"))
}

// stopped says how to go on with a campaign that has not ended.
func stopped(c *cli.Context, work *campaign.Campaign, err error) error {
	if cause := context.Cause(c.Context); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	dir := work.Run.Dir()
	if errors.Is(err, command.ErrInterrupted) || errors.Is(err, command.ErrTerminated) || errors.Is(err, campaign.ErrStopped) {
		return fmt.Errorf("%w\nthe finished generations are kept; go on with: stco resume %s", err, dir)
	}
	if _, gone := os.Stat(filepath.Join(dir, "run.json")); errors.Is(gone, os.ErrNotExist) {
		return fmt.Errorf("%w\n%s is no longer there: it was renamed, removed or unmounted under the run; where it is now: stco resume", err, dir)
	}
	if command.Is[*disk.IOError](err) {
		return fmt.Errorf("%w\nthe last checkpoint is kept; when the disk is well again: stco resume %s", err, dir)
	}
	return err
}

// options are the circumstances with what campaignFlags say.
func options(env *command.Env, c *cli.Context) (campaign.Environment, error) {
	if d := c.Duration("time"); c.IsSet("time") && d <= 0 {
		return campaign.Environment{}, command.Usagef("--time %s: must be positive", d)
	}
	w := c.Int("workers")
	if w < 1 || w > 4096 {
		return campaign.Environment{}, command.Usagef("--workers %d: must be 1 to 4096", w)
	}
	o := circumstances(env)
	p := newProgress(env, c.Bool("quiet"))
	if p.events = c.Bool("events"); p.events {
		p.terminal = false
	}
	o.Workers, o.Observer = w, p
	o.Time, o.Wait, o.TakeOver = c.Duration("time"), c.Bool("wait"), c.Bool("take-over")
	return o, nil
}

// circumstances are those that need no flag.
func circumstances(env *command.Env) campaign.Environment {
	info := store.Info{
		Tool: "stco", Version: command.Version, GoVersion: runtime.Version(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH,
		CommandLine: env.Args, Created: env.Now().UTC().Format(time.RFC3339),
		Executable: command.Executable(), Platform: campaign.Platform(),
	}
	info.Host, _ = os.Hostname() // unknown stays empty
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			if s.Key == "GOAMD64" {
				info.GOAMD64 = s.Value
			}
		}
	}
	return campaign.Environment{Workers: runtime.GOMAXPROCS(0), Now: env.Now, FS: disk.OS{}, Info: info, Observer: newProgress(env, false)}
}
