package runs

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
)

// Task is the verb task.
func Task(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "task", Usage: "do the share of one task of a scheduler in a run", ArgsUsage: "RUN",
		Description: `The shards of the run (scenarios x seeds) are dealt to --of tasks; this one does its share, without the
merge. Shards that another process works on are passed over and come back to: exit code 0 says that each is
done, or that its process has given a sign of life. After a stop the same command goes on.`,
		Flags: append(campaignFlags(),
			&cli.IntFlag{Name: "index", Usage: "number of the task, from 0 (required)"},
			&cli.IntFlag{Name: "of", Usage: "number of tasks (default: one for each shard)"}),
		Action: func(c *cli.Context) error {
			o, err := options(env, c)
			if err != nil {
				return err
			}
			if !c.IsSet("index") {
				return command.Usagef("--index: must be given, 0 to the number of tasks - 1")
			}
			dir := c.Args().First()
			work, err := campaign.Resume(dir, o, campaign.Extension{})
			if err != nil {
				return campaignError(err, dir)
			}
			of := len(work.Run.Info().Shards)
			if c.IsSet("of") {
				of = c.Int("of")
			}
			if of < 1 {
				return command.Usagef("--of %d: must be at least 1", of)
			}
			if k := c.Int("index"); k < 0 || k >= of {
				return command.Usagef("--index %d: must be 0 to %d, for %d tasks", k, of-1, of)
			}
			done, err := work.Task(c.Context, work.Share(c.Int("index"), of))
			if err != nil {
				return stopped(c, work, err)
			}
			text := fmt.Sprintf("%d shards done, %d were done before", done.Here, done.Before)
			if len(done.Held) > 0 {
				text += fmt.Sprintf(", %d are done by other processes: %s", len(done.Held), strings.Join(done.Held, ", "))
			}
			_, err = fmt.Fprintln(env.Out, text)
			return err
		},
	}, 1, 1)
}
