// Package validate holds the verb validate: the checks of model/validation as
// tables, and the document made of them.
package validate

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"stco/cmd/stco/internal/command"

	"github.com/urfave/cli/v2"
)

// errUnexplained is the exit of a comparison with a figure outside its bound.
var errUnexplained = errors.New("figures outside their bounds that no deviation explains")

// Command is the verb validate.
func Command(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "validate", Usage: "the model beside published figures: other tools, silicon, networks; ours, theirs, ratio, bound of every row", ArgsUsage: "[GROUP...]",
		Description: "Groups: " + strings.Join(ValidationGroups(), ", ") + ".",
		Flags: []cli.Flag{
			command.OneOf("show", "table", "figures", ValidationViews()...),
			command.OneOf("format", "output; markdown is the whole document", "table", "table", "csv", "json", "markdown"),
			&cli.StringFlag{Name: "machines", Usage: "machines in a file with the columns of testdata/published/machines.csv, in place of the published ones"},
			&cli.StringFlag{Name: "peers", Usage: "runs of array tools in a file with the columns of testdata/published/array_peers.csv, in place of the published ones"},
		},
		Action: func(c *cli.Context) error {
			if c.String("format") == "markdown" {
				if c.Args().Present() || c.IsSet("show") || c.IsSet("peers") || c.IsSet("machines") {
					return command.Usagef("stco validate --format markdown prints the whole document: no GROUP, --show, --peers or --machines")
				}
				text, err := ValidationDocument()
				if err != nil {
					return err
				}
				return command.Output(env, "", func(w io.Writer) error {
					_, err := w.Write(text)
					return err
				})
			}
			var lists [2][]byte
			for i, flag := range []string{"peers", "machines"} {
				if name := c.String(flag); name != "" {
					text, err := command.ReadInput(name)
					if err != nil {
						return err
					}
					lists[i] = text
				}
			}
			s, outside, err := Validate(c.Args().Slice(), c.String("show"), List{c.String("peers"), lists[0]}, List{c.String("machines"), lists[1]})
			if err != nil {
				return err
			}
			if err := command.WriteList(env.Out, s, c.String("format")); err != nil {
				return err
			}
			if outside > 0 {
				return fmt.Errorf("%d %w", outside, errUnexplained)
			}
			return nil
		},
	}, 0, len(ValidationGroups()))
}
