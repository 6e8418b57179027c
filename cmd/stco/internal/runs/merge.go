package runs

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/inspect"
	"stco/results/store"
	"stco/results/table"
)

// Merge is the verb merge.
func Merge(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "merge", Usage: "the joint front of several runs", ArgsUsage: "RUN RUN...",
		Description: "The runs may differ in search, seeds and space; model, workloads, objectives and constraints must be the same.",
		Flags: []cli.Flag{
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex"),
			&cli.IntFlag{Name: "top", Usage: "at most that many designs, of the largest hypervolume (default: all that are not dominated)"},
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output)"},
		},
		Action: func(c *cli.Context) error {
			if c.Int("top") < 0 {
				return command.Usagef("--top %d: must not be negative", c.Int("top"))
			}
			var runs []*store.Run
			for _, dir := range c.Args().Slice() {
				r, err := open(dir)
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
				if c.String("format") != "table" {
					return command.WriteTable(w, front, c.String("format"))
				}
				return table.Write(w, table.Style{Format: table.Text, Width: command.Width}, inspect.Essential(front))
			})
		},
	}, 2, 100)
}
