package runs

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/compare"
	"stco/experiments/inspect"
	"stco/experiments/interop"
	"stco/results"
	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store"
)

// scenarioFlag is the flag of the scenario of a run that has several.
func scenarioFlag() cli.Flag {
	return &cli.StringFlag{Name: "scenario", Usage: "of a run of several scenarios: the one that is meant"}
}

// Verify is the verb verify.
func Verify(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "verify", Usage: "check every file of a run, and evaluate a sample of its designs again", ArgsUsage: "RUN",
		Flags: []cli.Flag{&cli.IntFlag{Name: "sample", Usage: "designs of the front and of each archive to evaluate again", Value: 20}},
		Action: func(c *cli.Context) error {
			r, err := command.OpenRun(c.Args().First())
			if err != nil {
				return err
			}
			if c.Int("sample") < 0 {
				return command.Usagef("--sample %d: must not be negative", c.Int("sample"))
			}
			notes, err := r.Verify()
			if err != nil {
				return err
			}
			damaged := 0
			for _, n := range notes {
				if !n.Stray {
					damaged++
				}
				if _, err := fmt.Fprintln(env.Out, n); err != nil {
					return err
				}
			}
			checked, wrong := 0, 0
			if c.Int("sample") > 0 {
				if checked, wrong, err = confirm(env, r, c.Int("sample")); err != nil {
					return err
				}
			}
			if damaged > 0 {
				return fmt.Errorf("%s: not as it was written: %d of its files; stco resume makes them anew", r.Dir(), damaged)
			}
			if wrong > 0 {
				return fmt.Errorf("%s: %d figures are not those of the designs", r.Dir(), wrong)
			}
			_, err = fmt.Fprintf(env.Out, "%s: every file is as it was written; %d designs evaluated again have the figures of the tables\n", r.Dir(), checked)
			return err
		},
	}, 1, 1)
}

// confirm evaluates a sample of designs again and prints what differs.
func confirm(env *command.Env, r *store.Run, sample int) (checked, wrong int, err error) {
	checked, found, err := inspect.Check(r, sample)
	if err != nil {
		return checked, 0, err
	}
	for i := range found[:min(len(found), 20)] {
		if _, err := fmt.Fprintln(env.Out, found[i].String()); err != nil {
			return checked, len(found), err
		}
	}
	return checked, len(found), nil
}

// Export is the verb export.
func Export(env *command.Env) *cli.Command {
	parts := []string{"front", "verdict", "ladder", "doubts", "sram", "fronts", "technologies", "shares", "regimes", "parts", "archive", "baselines", "gains", "decomposition", "generations"}
	return command.New(&cli.Command{
		Name: "export", Usage: "export a table of a run, or a design to another tool", ArgsUsage: "RUN | DESIGN --to TOOL | RUN --design ID --to TOOL",
		Flags: []cli.Flag{
			command.OneOf("what", "table", "front", parts...),
			&cli.StringFlag{Name: "scenario", Usage: "only the rows of that scenario"},
			command.OneOf("format", "output", "csv", "csv", "json", "parquet", "markdown", "latex"),
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output); with --to a folder"},
			&cli.StringFlag{Name: "to", Usage: "tool that reads the design: " + strings.Join(interop.Tools(), ", ")},
			&cli.StringFlag{Name: "design", Usage: "with --to, design of a run: its label, such as knee, or its row of the front, from 1"},
			&cli.StringFlag{Name: "part", Usage: "with --to: buffer, all banks and the lines between them, or bank, one of them alone (default: what the tool models)"},
			setFlag(),
		},
		Action: func(c *cli.Context) error {
			if c.IsSet("to") {
				return exportDesign(env, c)
			}
			if c.IsSet("design") || c.IsSet("part") || c.IsSet("set") {
				return command.Usagef("stco export: --design, --part and --set go with --to")
			}
			r, err := open(env, c)
			if err != nil {
				return err
			}
			t, err := exported(r, c.String("what"))
			if err == nil && c.IsSet("scenario") {
				t, err = inspect.InScenario(r.Run, t, c.String("scenario"))
			}
			if err != nil {
				return err
			}
			format, err := command.FileFormat(c, "csv", "json", "parquet", "markdown", "latex")
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return command.WriteTable(w, t, format) }
			if format == "parquet" {
				write = func(w io.Writer) error { return csv.WriteParquet(w, t) }
			}
			name := c.String("out")
			if err := command.Output(env, name, write); err != nil || name == "" || format != "csv" && format != "parquet" {
				return err
			}
			return command.Output(env, name+".json", func(w io.Writer) error { return csv.Sidecar(w, t, inspect.Provenance(r.Run)) })
		},
	}, 1, 1)
}

// exported returns a table of a run by its name.
func exported(r *reading, what string) (*results.Table, error) {
	switch what {
	case "archive":
		return r.archives()
	case "generations":
		var all *results.Table
		for i, s := range r.Info().Shards {
			p, err := r.Progress(i)
			if err != nil {
				return nil, err
			}
			var goals []results.Column
			if front, err := r.ReadShardTable(i, "front"); err == nil {
				for _, k := range front.OfKind(results.Objective) {
					goals = append(goals, front.Columns[k])
				}
			}
			t := store.GenerationTable(s.Name, p.Generations, goals)
			if all == nil {
				all = t
			} else {
				all.Rows = append(all.Rows, t.Rows...)
			}
		}
		return all, nil
	}
	return r.table(what)
}

// runFigure draws a figure of a run. The convergence of finished seeds is drawn
// in their common frame, with a band; that of a run under way from its first log.
func runFigure(r *reading, name, scenario string) (*plot.Figure, error) {
	if name == "convergence" && scenario == "" {
		if runs, err := compare.Load([]*store.Run{r.Run}); err == nil {
			m, err := compare.Measure(runs, compare.Measurement{})
			if err != nil {
				return nil, err
			}
			return m.Figure(name)
		}
	}
	return inspect.Figure(r.Run, func(table string) (*results.Table, error) {
		if table == store.ArchiveTable {
			return r.archives()
		}
		return r.table(table)
	}, name, scenario)
}
