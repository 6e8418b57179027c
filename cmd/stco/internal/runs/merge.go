package runs

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/inspect"
	"stco/results/store"
)

// Merge is the verb merge.
func Merge(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "merge", Usage: "join the shards of one run, or the joint front of several", ArgsUsage: "RUN [RUN...]",
		Description: `Of one run, whose shards were done by stco task, all merged tables are written: it ends as one that
stco run made. Shards that are not done are named, and the exit code is 75.
Several runs may differ in search, seeds and space; model, workloads, objectives and constraints must be
the same. Runs of the same scenarios have a joint front in each scenario, column scenario.`,
		Flags: []cli.Flag{
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex"),
			&cli.IntFlag{Name: "top", Usage: "at most that many designs, of the largest hypervolume (of several runs, in each scenario; default: all that are not dominated)"},
			&cli.DurationFlag{Name: "settle", Usage: "of one run: look again for so long for shards that other hosts have done and whose files are not visible yet"},
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output); its ending decides the format"},
		},
		Action: func(c *cli.Context) error {
			if c.Int("top") < 0 {
				return command.Usagef("--top %d: must not be negative", c.Int("top"))
			}
			format, err := command.FileFormat(c, command.Formats()...)
			if err != nil {
				return err
			}
			if c.Args().Len() == 1 {
				return mergeOne(env, c, format)
			}
			if c.IsSet("settle") {
				return command.Usagef("--settle %s: is for the shards of one run", c.Duration("settle"))
			}
			var runs []*store.Run
			for _, dir := range c.Args().Slice() {
				r, err := command.OpenRun(dir)
				if err != nil {
					return err
				}
				runs = append(runs, r)
			}
			front, notes, err := inspect.Joint(runs, c.Int("top"))
			if err != nil {
				return err
			}
			for _, n := range notes {
				_, _ = fmt.Fprintf(env.Err, "stco: note: %s\n", n) // a note that cannot be shown is no failure
			}
			return command.Output(env, c.String("out"), func(w io.Writer) error {
				if format == "csv" || format == "json" {
					return command.WriteTable(w, front, format)
				}
				return writeFront(w, front, nil, format, false)
			})
		},
	}, 1, 100)
}

// mergeOne joins the shards of a run.
func mergeOne(env *command.Env, c *cli.Context, format string) error {
	if c.IsSet("top") {
		return command.Usagef("--top %d: of one run the study says how many designs are returned", c.Int("top"))
	}
	if c.Duration("settle") < 0 {
		return command.Usagef("--settle %s: must not be negative", c.Duration("settle"))
	}
	dir := c.Args().First()
	work, err := campaign.Resume(dir, circumstances(env), campaign.Extension{})
	if err != nil {
		return campaignError(err, dir)
	}
	sum, err := work.Merge(c.Context, c.Duration("settle"))
	if err != nil {
		return stopped(c, work, err)
	}
	return command.Output(env, c.String("out"), func(w io.Writer) error { return printSummary(w, sum, format) })
}
