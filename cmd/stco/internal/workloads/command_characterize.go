package workloads

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/results/store/disk"
)

func characterizeCommand(env *command.Env) *cli.Command {
	flags := slices.DeleteFunc(workloadFlags(), func(f cli.Flag) bool { return f.Names()[0] == "phase" })
	return command.New(&cli.Command{
		Name: "characterize", Usage: "what networks ask of buffer and DRAM: capacity, bandwidth, lifetimes", ArgsUsage: "NAME...",
		Flags: append(flags, command.Format(),
			&cli.StringFlag{Name: "phase", Usage: "inference, training, prefill or decode, several separated by commas", Value: "inference,training"},
			&cli.IntSliceFlag{Name: "batches", Usage: "several batches, separated by commas"},
			&cli.StringFlag{Name: "family", Usage: "all networks of cv, nlp or rec, several separated by commas, beside those named"},
			command.OneOf("show", "one row for every workload, or for every capacity; roofline: operations a byte against the machine, and what binds", "summary", "summary", "capacity", "roofline"),
			command.OneOf("machine", "whose balance of operations and DRAM bytes says what binds", defaultRoof, Machines()...),
			command.OneOf("batch-norm", "statistics of batch normalisation in training, of the whole batch, which then is not split, or of the parts that a schedule makes", "whole", "whole", "parts"),
			&cli.StringFlag{Name: "capacities", Usage: "further capacities, such as 3MiB,5.5MiB"},
			&cli.StringFlag{Name: "plot", Usage: "write the figures into a directory, as SVG, PNG and CSV"}),
		Action: func(c *cli.Context) error {
			w, err := workloadOptions(env, c)
			if err != nil {
				return err
			}
			o := CharacterizeOptions{Workload: w, Phases: words(c.String("phase")), BatchNorm: c.String("batch-norm")}
			if o.Batches, err = batches(c); err != nil {
				return err
			}
			if text := c.String("capacities"); text != "" {
				o.Capacities = strings.Split(text, ",")
			}
			r, err := roofOf(c.String("machine"))
			if err != nil {
				return err
			}
			o.Roof = &r
			names := c.Args().Slice()
			for _, family := range words(c.String("family")) {
				list, err := WorkloadList(family, "", nil)
				if err != nil {
					return err
				}
				for r := range list.Rows {
					names = append(names, list.Text(r, 0))
				}
			}
			list, err := Characterize(names, o)
			if err != nil {
				return err
			}
			if dir := c.String("plot"); dir != "" {
				if err := plotAsked(env, dir, list); err != nil {
					return err
				}
			}
			switch {
			case c.String("format") == "json":
				return command.WriteJSON(env.Out, list)
			case c.String("show") == "capacity":
				return command.WriteList(env.Out, AskedCapacity(list), c.String("format"))
			case c.String("show") == "roofline":
				return command.WriteList(env.Out, AskedRoofline(list, &r), c.String("format"))
			}
			return command.WriteList(env.Out, AskedSummary(list, &r), c.String("format"))
		},
	}, 0, 100)
}

func plotAsked(env *command.Env, dir string, list []Asked) error {
	figures, err := AskedFigures(list)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return &disk.IOError{Op: "create", Path: dir, Err: err}
	}
	for _, f := range figures {
		for _, format := range []string{"svg", "png", "csv"} {
			name := filepath.Join(dir, f.Name+"."+format)
			if err := command.Output(env, name, command.FigureWriter(f.Figure, format)); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(env.Err, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// words splits a list at its commas.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
