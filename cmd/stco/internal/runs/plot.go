package runs

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/figures"
	"stco/experiments/inspect"
	"stco/model/units"
	"stco/results"
	"stco/results/plot"
)

// cloudFlags are the flags of a figure of designs by two of their columns.
var cloudFlags = []string{"x", "y", "color", "where", "xlim", "ylim", "log", "overlay", "by"} //nolint:gochecknoglobals // a constant

// Plot is the verb plot, with figures that are of no run as sub-verbs.
func Plot(env *command.Env, more ...*cli.Command) *cli.Command {
	return command.New(&cli.Command{
		Name: "plot", Usage: "draw a figure of a run, or of the model: stco plot device, stco plot array, stco plot roofline", ArgsUsage: "RUN",
		Subcommands: append(figures.Commands(env), more...),
		Flags: []cli.Flag{
			command.OneOf("figure", "figure", "pareto", inspect.FigureNames()...),
			scenarioFlag(),
			&cli.StringFlag{Name: "x", Usage: "of pareto: `COLUMN` of the horizontal axis (default: the second objective)"},
			&cli.StringFlag{Name: "y", Usage: "of pareto: `COLUMN` of the vertical axis (default: the first objective)"},
			&cli.StringFlag{Name: "color", Aliases: []string{"colour"}, Usage: "of pareto: `COLUMN` that tells the designs apart"},
			&cli.StringFlag{Name: "where", Usage: "of pareto and parallel: only designs for which this holds, as in stco pareto"},
			&cli.StringFlag{Name: "xlim", Usage: "of pareto: ends of the horizontal axis, `LOW,HIGH`, with units or in that of the column"},
			&cli.StringFlag{Name: "ylim", Usage: "of pareto: ends of the vertical axis, `LOW,HIGH`"},
			&cli.StringFlag{Name: "log", Usage: "of pareto: logarithmic axes: x, y, both or none (default: where values differ by a factor of five)"},
			&cli.StringSliceFlag{Name: "overlay", Usage: "of pareto: another `RUN` in the same figure; may be repeated"},
			&cli.StringFlag{Name: "by", Usage: "of pareto: technology, each with its own front, or scenario, all of them"},
			command.OneOf("format", "output", "svg", "svg", "png", "pdf", "csv"),
			&cli.StringFlag{Name: "out", Usage: "file (default: RUN/figures/FIGURE.FORMAT); its ending decides the format"},
		},
		Action: func(c *cli.Context) error {
			r, err := open(env, c)
			if err != nil {
				return err
			}
			format, err := command.FileFormat(c, "svg", "png", "pdf", "csv")
			if err != nil {
				return err
			}
			f, err := figure(env, c, r)
			if err != nil {
				return err
			}
			return writeFigure(env, c, r, f, format)
		},
	}, 1, 1)
}

// writeFigure writes a figure, and its data as CSV beside.
func writeFigure(env *command.Env, c *cli.Context, r *reading, f *plot.Figure, format string) error {
	if name := c.String("out"); name != "" {
		if err := command.Output(env, name, command.FigureWriter(f, format)); err != nil || format == "csv" {
			return err
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			return err // a device has nothing beside it
		}
		return command.Output(env, strings.TrimSuffix(name, filepath.Ext(name))+".csv", command.FigureWriter(f, "csv"))
	}
	for _, one := range slices.Compact([]string{format, "csv"}) {
		name := "figures/" + c.String("figure") + "." + one
		if err := r.WriteFile(name, command.FigureWriter(f, one)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(env.Out, "%s/%s\n", r.Dir(), name); err != nil {
			return err
		}
	}
	return nil
}

// figure draws the figure that is asked for.
func figure(env *command.Env, c *cli.Context, r *reading) (*plot.Figure, error) {
	name := c.String("figure")
	asked := slices.DeleteFunc(slices.Clone(cloudFlags), func(flag string) bool { return !c.IsSet(flag) })
	switch {
	case len(asked) == 0:
		return runFigure(r, name, c.String("scenario"))
	case name == "parallel" && slices.Equal(asked, []string{"where"}):
		return runFigure(r.filtered(c.String("where")), name, c.String("scenario"))
	case name != "pareto":
		return nil, command.Usagef("stco plot --figure %s: --%s does not go with it", name, strings.Join(asked, ", --"))
	}
	cloud := inspect.Cloud{Scenario: c.String("scenario"), Where: c.String("where"), By: c.String("by")}
	cloud.X, cloud.Y, cloud.Colour = c.String("x"), c.String("y"), c.String("color")
	if cloud.By != "" && cloud.By != "technology" && cloud.By != "scenario" {
		return nil, command.Usagef("--by %q: technology or scenario", cloud.By)
	}
	if cloud.By != "" && cloud.Colour != "" {
		return nil, command.Usagef("--by %s: it is what tells the designs apart; leave out --color", cloud.By)
	}
	if c.IsSet("overlay") && (cloud.By != "" || cloud.Colour != "") {
		return nil, command.Usagef("--overlay: the runs are what is told apart; leave out --by and --color")
	}
	if cloud.By == "scenario" && inspect.ScenarioNames(r.Run) == nil {
		return nil, command.Usagef("--by scenario: the run has no scenarios")
	}
	switch c.String("log") {
	case "":
	case "x":
		cloud.XScale, cloud.YScale = plot.Logarithmic, plot.Linear
	case "y":
		cloud.XScale, cloud.YScale = plot.Linear, plot.Logarithmic
	case "both":
		cloud.XScale, cloud.YScale = plot.Logarithmic, plot.Logarithmic
	case "none":
		cloud.XScale, cloud.YScale = plot.Linear, plot.Linear
	default:
		return nil, command.Usagef("--log %q: x, y, both or none", c.String("log"))
	}
	runs := []inspect.Fronted{{Run: r.Run, Tables: r.table}}
	for _, dir := range c.StringSlice("overlay") {
		other, err := command.OpenRun(dir)
		if err != nil {
			return nil, err
		}
		o := &reading{Run: other, ctx: c.Context, env: env}
		runs = append(runs, inspect.Fronted{Run: other, Tables: o.table})
	}
	limits := func(flag string) func(results.Column) ([]float64, error) {
		return func(col results.Column) ([]float64, error) { return ends(flag, c.String(flag), col) }
	}
	cloud.XEnds, cloud.YEnds = limits("xlim"), limits("ylim")
	f, kept, of, err := inspect.Scatter(runs, cloud)
	if err != nil {
		return nil, err
	}
	if cloud.Where != "" && kept == of {
		_, err = fmt.Fprintf(env.Err, "stco: note: --where %q keeps all of %d designs\n", cloud.Where, of)
	}
	return f, err
}

// inUnit reads a number, with a unit or without one, in a unit.
func inUnit(text, unit string) (float64, error) {
	at := strings.LastIndexAny(text, "0123456789.") + 1
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.eE+-", r) }); i >= 0 {
		at = i
	}
	number, own := text[:at], strings.TrimSpace(text[at:])
	if own == "" || unit == "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return 0, fmt.Errorf("%q is not a number", text)
		}
		return v, nil
	}
	return units.Convert(number, own, unit)
}

// ends reads LOW,HIGH in the unit of a column.
func ends(flag, text string, col results.Column) ([]float64, error) {
	if text == "" {
		return nil, nil
	}
	low, high, ok := strings.Cut(text, ",")
	var out []float64
	for _, part := range []string{low, high} {
		v, err := inUnit(strings.TrimSpace(part), col.Unit)
		if err != nil {
			return nil, command.Usagef("--%s %q: %w", flag, text, err)
		}
		out = append(out, v)
	}
	if !ok || !(out[0] < out[1]) {
		return nil, command.Usagef("--%s %q: want LOW,HIGH, the first below the second", flag, text)
	}
	return out, nil
}
