package runs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/figures"
	"stco/experiments/campaign"
	"stco/experiments/compare"
	"stco/results"
	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store"
	"stco/results/table"
)

func open(dir string) (*store.Run, error) {
	r, err := store.Open(store.OS{}, dir)
	if err != nil {
		return nil, campaignError(err, dir)
	}
	return r, nil
}

// readTable reads a merged table of a run that is done.
func readTable(r *store.Run, name string) (*results.Table, error) {
	t, err := r.ReadTable(name)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe run may not be done: stco status %s", err, r.Dir())
	}
	return t, nil
}

// Status is the verb status.
func Status(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "status", Usage: "how far a run is", ArgsUsage: "RUN", Flags: []cli.Flag{command.Format()},
		Action: func(c *cli.Context) error {
			r, err := open(c.Args().First())
			if err != nil {
				return err
			}
			s := results.NewList("status", "shard:text", "state:text", "generations", "evaluations", "infeasible", "duplicates", "front", "hypervolume", "infeasible_percent", "duplicate_percent")
			for i, sh := range r.Info().Shards {
				p, err := r.Progress(i)
				if err != nil {
					return err
				}
				state, g := "waiting", store.Generation{}
				if n := len(p.Generations); n > 0 {
					state, g = "started", p.Generations[n-1]
				}
				if h, err := r.Holder(sh.Name); err == nil && h != nil && !p.Done {
					if life := h.Life(store.ThisProcess(), env.Now()); life != store.Gone {
						state = string(life)
					}
				}
				if p.Done {
					state = "done"
				}
				percent := func(share float64) float64 { return math.Round(1e4*share) / 100 }
				s.Append(sh.Name, state, g.Number, g.Evaluations, g.Infeasible, g.Duplicates, g.Front, g.Hypervolume, percent(g.InfeasibleShare()), percent(g.DuplicateShare()))
				for _, n := range p.Notes {
					if _, err := fmt.Fprintf(env.Err, "stco: note: %s\n", n); err != nil {
						return err
					}
				}
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 1, 1)
}

// Verify is the verb verify.
func Verify(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "verify", Usage: "check every file of a run, and evaluate a sample of its designs again", ArgsUsage: "RUN",
		Flags: []cli.Flag{&cli.IntFlag{Name: "sample", Usage: "designs of the front and of each archive to evaluate again", Value: 20}},
		Action: func(c *cli.Context) error {
			r, err := open(c.Args().First())
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
	checked, found, err := campaign.Check(r, sample)
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

// Pareto is the verb pareto.
func Pareto(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "pareto", Usage: "the Pareto table of a run, with the SRAM baselines beside", ArgsUsage: "RUN",
		Flags: []cli.Flag{
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex"),
			&cli.StringFlag{Name: "where", Usage: "filter, for example 'area_mm2 < 40 && energy_J <= 0.5'"},
			&cli.StringFlag{Name: "sort", Usage: "columns to sort by, - before a name sorts descending"},
			&cli.StringFlag{Name: "columns", Usage: "columns to show, separated by commas"},
			&cli.IntFlag{Name: "top", Usage: "at most that many rows"},
		},
		Action: func(c *cli.Context) error {
			r, err := open(c.Args().First())
			if err != nil {
				return err
			}
			front, err := readTable(r, "front")
			if err != nil {
				return err
			}
			if c.Int("top") < 0 {
				return command.Usagef("--top %d: must not be negative", c.Int("top"))
			}
			v := view(c)
			shown, err := table.Apply(front, v)
			if err != nil {
				return &command.UsageError{Err: err}
			}
			if c.String("format") != "table" {
				return command.WriteTable(env.Out, shown, c.String("format"))
			}
			bases, err := readTable(r, "baselines")
			if err != nil {
				return err
			}
			if len(v.Columns) == 0 {
				return writeFront(env.Out, shown, bases)
			}
			return table.Write(env.Out, table.Style{Format: table.Text, Width: command.Width, Explicit: true}, shown)
		},
	}, 1, 1)
}

// Export is the verb export.
func Export(env *command.Env) *cli.Command {
	parts := []string{"front", "archive", "baselines", "gains", "decomposition", "generations"}
	return command.New(&cli.Command{
		Name: "export", Usage: "export a table of a run", ArgsUsage: "RUN",
		Flags: []cli.Flag{
			command.OneOf("what", "table", "front", parts...),
			command.OneOf("format", "output", "csv", "csv", "json", "parquet", "markdown", "latex"),
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output)"},
		},
		Action: func(c *cli.Context) error {
			r, err := open(c.Args().First())
			if err != nil {
				return err
			}
			t, err := exported(r, c.String("what"))
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return command.WriteTable(w, t, c.String("format")) }
			if c.String("format") == "parquet" {
				write = func(w io.Writer) error { return csv.WriteParquet(w, t) }
			}
			return command.Output(env, c.String("out"), write)
		},
	}, 1, 1)
}

// exported returns a table of a run by its name.
func exported(r *store.Run, what string) (*results.Table, error) {
	switch what {
	case "archive":
		var all []*results.Table
		for i := range r.Info().Shards {
			t, err := r.ReadShardTable(i, "archive")
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		return results.Concat("archive", all...)
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
	return readTable(r, what)
}

// Plot is the verb plot.
func Plot(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "plot", Usage: "draw a figure of a run, or of the model: stco plot device, stco plot array", ArgsUsage: "RUN",
		Subcommands: figures.Commands(env),
		Flags: []cli.Flag{
			command.OneOf("figure", "figure", "pareto", campaign.FigureNames()...),
			command.OneOf("format", "output", "svg", "svg", "png", "pdf", "csv"),
			&cli.StringFlag{Name: "out", Usage: "file (default: RUN/figures/FIGURE.FORMAT)"},
		},
		Action: func(c *cli.Context) error {
			r, err := open(c.Args().First())
			if err != nil {
				return err
			}
			f, err := runFigure(r, c.String("figure"))
			if err != nil {
				return err
			}
			write := command.FigureWriter(f, c.String("format"))
			if name := c.String("out"); name != "" {
				return command.Output(env, name, write)
			}
			name := "figures/" + c.String("figure") + "." + c.String("format")
			if err := r.WriteFile(name, write); err != nil {
				return err
			}
			_, err = fmt.Fprintf(env.Out, "%s/%s\n", r.Dir(), name)
			return err
		},
	}, 1, 1)
}

// runFigure draws a figure of a run. The convergence of finished seeds is drawn
// in their common frame, with a band; that of a run under way from its first log.
func runFigure(r *store.Run, name string) (*plot.Figure, error) {
	if name == "convergence" {
		if runs, err := compare.Load([]*store.Run{r}); err == nil {
			m, err := compare.Measure(runs, compare.Options{})
			if err != nil {
				return nil, err
			}
			return m.Figure(name)
		}
	}
	return campaign.Figure(r, name)
}

// writeFront prints a front with its baselines below, on a terminal.
func writeFront(w io.Writer, front, bases *results.Table) error {
	front = campaign.Essential(front)
	tables := []*results.Table{front}
	if len(bases.Rows) > 0 {
		tables = append(tables, campaign.Select(bases, front))
	}
	return table.Write(w, table.Style{Format: table.Text, Width: command.Width}, tables...)
}

// printSummary prints what a finished campaign found.
func printSummary(w io.Writer, s *campaign.Summary, format string) error {
	if format != "table" {
		return command.WriteTable(w, s.Front, format)
	}
	section := func(title string, t *results.Table) error {
		if _, err := fmt.Fprintf(w, "\n%s\n", title); err != nil {
			return err
		}
		return command.WriteTable(w, t, "table")
	}
	front := campaign.Spread(s.Front, 12)
	total := store.Generation{Evaluations: s.Evaluations, Infeasible: s.Infeasible, Duplicates: s.Duplicates}
	_, err := fmt.Fprintf(w, "%d evaluations, %.1f %% of them infeasible; %.1f %% of the proposed designs were known and not evaluated again\n",
		s.Evaluations, 100*total.InfeasibleShare(), 100*total.DuplicateShare())
	if missed := campaign.MissedMost(s.Limits); missed != "" {
		_, err = fmt.Fprintf(w, "limits missed most often, in %% of the evaluations: %s\n", missed)
	}
	if len(s.Empty) > 0 {
		_, err = fmt.Fprintf(w, "without a feasible design: %s\n", strings.Join(s.Empty, ", "))
	}
	for _, n := range s.Notes {
		_, err = fmt.Fprintln(w, n)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nPareto front, %d of %d designs, and the SRAM baselines of the knee\n", len(front.Rows), len(s.Front.Rows))
	err = errors.Join(err, writeFront(w, front, s.Baselines))
	err = errors.Join(err, section("Gains over SRAM (above 1: better than the baseline; area: design over baseline)", campaign.GainSummary(s.Gains)))
	err = errors.Join(err, section("Where energy and time go, summed over the workloads, in percent of each design's own total", campaign.PartSummary(s.Decomposition)))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	for _, f := range slices.Compact(s.Files) {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	if s.Seeds > 1 {
		_, err = fmt.Fprintf(w, "\nThe %d seeds beside each other: stco compare %s --what seeds\n", s.Seeds, s.Dir)
	}
	return err
}

// view reads the flags that choose rows and columns.
func view(c *cli.Context) table.View {
	v := table.View{Where: c.String("where"), Sort: c.String("sort"), Top: c.Int("top")}
	if s := c.String("columns"); s != "" {
		v.Columns = strings.Split(s, ",")
	}
	return v
}
