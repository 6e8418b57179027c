package runs

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/interop"
)

// exportDesign writes a design for another tool: into a folder, or to standard
// output, several files one after the other under their names.
func exportDesign(env *command.Env, c *cli.Context) error {
	if c.IsSet("what") || c.IsSet("format") {
		return command.Usagef("stco export --to: --what and --format are for tables of a run")
	}
	d, err := loadDesign(c.Context, env, "export", c.Args().First(), c.String("design"))
	if err != nil {
		return err
	}
	if err := d.Set(assigned(c)); err != nil {
		return err
	}
	files, err := interop.Export(d, c.String("to"), interop.Request{Part: c.String("part"), Version: command.Version})
	if err != nil {
		return err
	}
	dir := c.String("out")
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return command.Usagef("--out %s: %w", dir, err)
		}
	}
	for i, f := range files {
		write := func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(f.Text))
			return err
		}
		name := ""
		if dir != "" {
			name = filepath.Join(dir, f.Name)
		} else if len(files) > 1 {
			gap := "\n"
			if i == 0 {
				gap = ""
			}
			if _, err := fmt.Fprintf(env.Out, "%s==> %s <==\n", gap, f.Name); err != nil {
				return err
			}
		}
		if err := command.Output(env, name, write); err != nil {
			return err
		}
		if name != "" {
			if _, err := fmt.Fprintln(env.Out, name); err != nil {
				return err
			}
		}
	}
	return nil
}
