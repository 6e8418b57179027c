package runs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/compare"
	"stco/results"
	"stco/results/store"
	"stco/results/table"
)

// Compare is the verb compare.
func Compare(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "compare", Usage: "runs beside each other: hypervolume over their seeds, rank tests, convergence, attainment", ArgsUsage: "RUN RUN...",
		Flags: []cli.Flag{
			command.OneOf("what", "table", "summary", "summary", "tests", "seeds", "convergence", "attainment", "frame"),
			command.OneOf("format", "output", "table", "table", "csv", "json", "markdown", "latex", "svg", "png", "pdf"),
			command.OneOf("scale", "objectives in the hypervolume", "log", "log", "linear"),
			&cli.StringFlag{Name: "attain", Usage: "the two objectives of the attainment surfaces, separated by a comma (default: the first two)"},
			command.OneOf("figure", "draw", "", compare.FigureNames()...),
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output; of a figure compare-FIGURE.FORMAT); its ending decides the format"},
		},
		Action: func(c *cli.Context) error {
			o := compare.Measurement{Linear: c.String("scale") == "linear"}
			if s := c.String("attain"); s != "" {
				names := strings.Split(s, ",")
				if len(names) != 2 {
					return command.Usagef("--attain %q: want two objectives, separated by a comma", s)
				}
				o.Attain = [2]string{strings.TrimSpace(names[0]), strings.TrimSpace(names[1])}
			}
			format, err := compareFormat(c)
			if err != nil {
				return err
			}
			var dirs []*store.Run
			for _, dir := range c.Args().Slice() {
				r, err := command.OpenRun(dir)
				if err != nil {
					return err
				}
				dirs = append(dirs, r)
			}
			if err := sayTwice(env, c.Args().Slice()); err != nil {
				return err
			}
			runs, err := compare.Load(dirs)
			if err != nil {
				return err
			}
			m, err := compare.Measure(runs, o)
			if err != nil {
				return err
			}
			if c.String("figure") != "" {
				return compareFigure(env, c, m, format)
			}
			return command.Output(env, c.String("out"), func(w io.Writer) error { return writeComparison(w, c, m, format) })
		},
	}, 1, 100)
}

// compareFormat is the format of what is asked for, a figure or a table.
func compareFormat(c *cli.Context) (string, error) {
	drawings := []string{"svg", "png", "pdf"}
	if c.String("figure") == "" {
		if f := c.String("format"); slices.Contains(drawings, f) {
			return "", command.Usagef("--format %s: want --figure %s", f, strings.Join(compare.FigureNames(), " or "))
		}
		return command.FileFormat(c, command.Formats()...)
	}
	format, err := command.FileFormat(c, append(drawings, "csv", "json")...)
	if format == "table" {
		format = "svg"
	}
	return format, err
}

// sayTwice notes a run that is named more than once.
func sayTwice(env *command.Env, dirs []string) error {
	for i, b := range dirs {
		for _, a := range dirs[:i] {
			x, errX := os.Stat(a)
			y, errY := os.Stat(b)
			if errX != nil || errY != nil || !os.SameFile(x, y) {
				continue
			}
			if _, err := fmt.Fprintf(env.Err, "stco: note: %s and %s are the same run, which is beside itself here\n", a, b); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// compareFigure writes a figure, and its data as CSV beside.
func compareFigure(env *command.Env, c *cli.Context, m *compare.Comparison, format string) error {
	f, err := m.Figure(c.String("figure"))
	if err != nil {
		return err
	}
	name := c.String("out")
	if name == "" {
		name = "compare-" + c.String("figure") + "." + format
	}
	base := strings.TrimSuffix(name, filepath.Ext(name))
	for _, one := range slices.Compact([]string{format, "csv"}) {
		write := command.FigureWriter(f, one)
		if one == "json" {
			write = func(w io.Writer) error { return command.WriteTable(w, f.Data(), one) }
		}
		if one != format {
			name = base + "." + one
		}
		if err := command.Output(env, name, write); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(env.Out, name); err != nil {
			return err
		}
	}
	return nil
}

// writeComparison prints one table, or, on a terminal, the summary with the
// tests below and how it was measured.
func writeComparison(w io.Writer, c *cli.Context, m *compare.Comparison, format string) error {
	tables := map[string]*results.Table{
		"summary": m.Summary, "tests": m.Tests, "seeds": m.Seeds, "convergence": m.Convergence, "attainment": m.Attainment, "frame": m.Frame,
	}
	t := tables[c.String("what")]
	if t == nil {
		return command.Usagef("--what attainment: the runs have one objective")
	}
	if format != "table" {
		return command.WriteTable(w, t, format)
	}
	for _, n := range m.Notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if c.IsSet("what") {
		return table.Write(w, table.Style{Format: table.Text, Width: command.LineWidth(w)}, t)
	}
	summary, err := brief(m.Summary)
	if err != nil {
		return err
	}
	if err := command.WriteList(w, summary, "table"); err != nil || len(m.Tests.Rows) == 0 {
		return err
	}
	if _, err := fmt.Fprintf(w, "\nRank tests of the hypervolumes over the seeds (Mann-Whitney, two-sided; Holm: corrected for the number of pairs)\n"); err != nil {
		return err
	}
	return command.WriteList(w, m.Tests, "table")
}

// brief picks what a terminal shows of a summary.
func brief(t *results.Table) (*results.Table, error) {
	var cols []int
	for _, name := range []string{
		"run", "algorithm", "seeds", "evaluations", "infeasible", "duplicates", "archive",
		"share", "share_from", "share_to", "returned_share", "epsilon", "igd_plus",
	} {
		i, err := t.Index(name)
		if err != nil {
			return nil, err
		}
		cols = append(cols, i)
	}
	return t.Pick(nil, cols), nil
}
