package figures

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco"
	"stco/cmd/stco/internal/command"
	"stco/experiments/study/catalog"
	"stco/results/store/disk"
)

// plotModel is `stco plot device` or `stco plot array`: figures of the model,
// all into a folder.
func plotModel(env *command.Env, group, usage, node string, more ...cli.Flag) *cli.Command {
	return command.New(&cli.Command{
		Name: group, Usage: usage, Description: describe(group),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "figure", Usage: "one of " + strings.Join(Names(group), ", ") + " (default: all)"},
			command.OneOf("format", "output; the data go beside as CSV", "svg", "svg", "png", "pdf", "csv"),
			&cli.StringFlag{Name: "out", Usage: "folder", Value: "figures"},
			&cli.StringFlag{Name: "node", Usage: "CMOS node", Value: node},
			&cli.StringFlag{Name: "flavour", Usage: "device flavour: hp, lop, lstp", Value: "lop"},
		}, more...),
		Action: func(c *cli.Context) error {
			names := Names(group)
			if one := c.String("figure"); one != "" {
				if !slices.Contains(names, one) {
					return command.Usagef("--figure %q: one of %s", one, strings.Join(names, ", "))
				}
				names = []string{one}
			}
			o := &Selection{
				Tables: catalog.Builtin().Tables, Published: stco.Published(),
				Node: c.String("node"), Flavour: c.String("flavour"), Preset: c.String("preset"),
			}
			dir := c.String("out")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return &disk.IOError{Op: "mkdir", Path: dir, Err: err}
			}
			for _, name := range names {
				f, err := Draw(group, name, o)
				if err != nil {
					return &command.UsageError{Err: err}
				}
				formats := []string{c.String("format"), "csv"}
				for _, format := range slices.Compact(formats) {
					path := filepath.Join(dir, group+"-"+name+"."+format)
					_, err := fmt.Fprintln(env.Out, path)
					if err := errors.Join(command.Output(env, path, command.FigureWriter(f, format)), err); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}, 0, 0)
}

// Commands are the sub-verbs of plot; a run of such a name is reached by its
// path, ./device.
func Commands(env *command.Env) []*cli.Command {
	return []*cli.Command{
		plotModel(env, "device", "bitcell: current and area, write error, read time, retention", "14nm",
			&cli.StringFlag{Name: "preset", Usage: "SOT device preset; stco tech show device_presets lists them", Value: "ref-w"}),
		plotModel(env, "array", "area, latency, energy and leakage against capacity, with the figures of other tools", "22nm-itrs"),
	}
}
