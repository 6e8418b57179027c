// Package sensitivity holds the verb sensitivity.
package sensitivity

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/runs"
	"stco/experiments/inspect"
	method "stco/experiments/sensitivity"
	"stco/results"
	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store"
)

// The tables of the verb, in the order in which they are printed.
func names() []string {
	return []string{"verdict", "steps", "knobs", "constants", "turns", "importance"}
}

// Command is the verb sensitivity.
func Command(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "sensitivity", Usage: "which knob matters, which assumption could turn the verdict", ArgsUsage: "RUN --design ID | RUN --front",
		Description: `Of a design: steps of one knob at a time; Sobol indices and elementary effects (Morris) over the
knobs of its technology and over the uncertain constants of the model; which constant alone turns the
verdict against the SRAM buffer of least energy-delay product that is no larger. Of the front: how much
each knob decides among the designs that the searches kept. Every table goes to RUN/figures as
sensitivity-TABLE.csv, indices and importance as figures beside.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "design", Usage: "design of the front: its label, such as knee, its id, or its row, from 1; of a run with scenarios SCENARIO:ID"},
			&cli.BoolFlag{Name: "front", Usage: "the designs that the searches kept, all together"},
			&cli.StringFlag{Name: "scenario", Usage: "with --front, of a run of several scenarios: the one that is meant"},
			command.OneOf("what", "only that table", "all", append([]string{"all"}, names()...)...),
			&cli.IntFlag{Name: "samples", Usage: "points of the Sobol sequence, a power of two; an index takes that many evaluations times the inputs and two", Value: 256},
			&cli.IntFlag{Name: "trajectories", Usage: "of the elementary effects", Value: 40},
			&cli.Uint64Flag{Name: "seed", Usage: "of samples and trajectories", Value: 1},
			command.Format(),
			&cli.StringFlag{Name: "out", Usage: "file of the table of --what (default: standard output); its ending decides the format"},
		},
		Action: func(c *cli.Context) error {
			if err := check(c); err != nil {
				return err
			}
			format, err := command.FileFormat(c, command.Formats()...)
			if err != nil {
				return err
			}
			r, err := command.OpenRun(c.Args().First())
			if err != nil {
				return err
			}
			all, err := tables(c, r, runs.Tables(c.Context, env, r))
			if err != nil {
				return err
			}
			if c.String("what") == "all" {
				return everything(env, r, all)
			}
			t := all[c.String("what")]
			if t == nil {
				return command.Usagef("--what %s: there is no such table of this design: %s", c.String("what"), absent(c.String("what")))
			}
			return command.Output(env, c.String("out"), func(w io.Writer) error { return command.WriteTable(w, t, format) })
		},
	}, 1, 1)
}

// check refuses flags that do not go together.
func check(c *cli.Context) error {
	what, front := c.String("what"), c.Bool("front")
	n := c.Int("samples")
	switch {
	case front == c.IsSet("design"):
		return command.Usagef("stco sensitivity: want either --design ID or --front")
	case front && what != "all" && what != "importance":
		return command.Usagef("--what %s: of a design; the front has importance", what)
	case !front && what == "importance":
		return command.Usagef("--what importance: goes with --front")
	case !front && c.IsSet("scenario"):
		return command.Usagef("--scenario: goes with --front; a design is named SCENARIO:ID")
	case n < 8 || n > 1<<20 || n&(n-1) != 0:
		return command.Usagef("--samples %d: must be a power of two, 8 to %d", n, 1<<20)
	case c.Int("trajectories") < 2 || c.Int("trajectories") > 100000:
		return command.Usagef("--trajectories %d: must be 2 to 100000", c.Int("trajectories"))
	case what == "all" && (c.IsSet("out") || c.String("format") != "table"):
		return command.Usagef("stco sensitivity: --out and --format go with --what, which names one table")
	}
	return nil
}

// absent says why a design has no table.
func absent(what string) string {
	if what == "constants" {
		return "nothing of the study is uncertain"
	}
	return "nothing of the study is uncertain, or no enumerated SRAM buffer is as small"
}

// tables computes what is asked for.
func tables(c *cli.Context, r *store.Run, of inspect.Tables) (map[string]*results.Table, error) {
	all := map[string]*results.Table{}
	asked := func(name string) bool { return slices.Contains([]string{"all", name}, c.String("what")) }
	if c.Bool("front") {
		t, err := method.Archive(r, of, c.String("scenario"))
		all["importance"] = t
		return all, err
	}
	s, err := method.Open(r, of, c.String("design"))
	if err != nil {
		return nil, err
	}
	how := method.Sampling{Points: c.Int("samples"), Trajectories: c.Int("trajectories"), Seed: c.Uint64("seed")}
	for name, of := range map[string]func() (*results.Table, error){
		"steps": s.Steps, "turns": s.Turns,
		"knobs":     func() (*results.Table, error) { return s.Knobs(how) },
		"constants": func() (*results.Table, error) { return s.Constants(how) },
	} {
		if !asked(name) && (!asked("verdict") || name != "turns" && name != "constants") {
			continue
		}
		if all[name], err = of(); err != nil {
			return nil, err
		}
	}
	if asked("verdict") {
		if lines := s.Sentences(all["turns"], all["constants"]); lines != nil {
			t := results.NewList("verdict", "sentence:text")
			for _, l := range lines {
				t.Append(l)
			}
			all["verdict"] = t
		}
	}
	return all, nil
}

// everything prints the tables and writes them, with figures, beside the run.
func everything(env *command.Env, r *store.Run, all map[string]*results.Table) error {
	for _, name := range names() {
		t := all[name]
		if t == nil {
			continue
		}
		if name == "verdict" {
			for i := range t.Rows {
				if _, err := fmt.Fprintln(env.Out, t.Text(i, 0)); err != nil {
					return err
				}
			}
			continue
		}
		if some := shown(t); len(some.Rows) == 0 {
			if _, err := fmt.Fprintf(env.Out, "\n%s: nothing changes\n", titles()[name]); err != nil {
				return err
			}
		} else {
			if _, err := fmt.Fprintf(env.Out, "\n%s\n", titles()[name]); err != nil {
				return err
			}
			if err := command.WriteTable(env.Out, some, "table"); err != nil {
				return err
			}
		}
		if err := files(env, r, t); err != nil {
			return err
		}
	}
	return nil
}

func titles() map[string]string {
	return map[string]string{
		"steps":      "One knob at a time: change in % of the design at the next lower and upper value, least and most over the range",
		"knobs":      "Knobs over the whole space of the technology: Sobol indices and elementary effects of the logarithms",
		"constants":  "Uncertain constants, the design as it is: Sobol indices and elementary effects of the logarithms",
		"turns":      "One constant at a time at the ends of its range: gain in energy-delay product over the best SRAM buffer no larger",
		"importance": "Knobs among the designs that the searches kept: correlation ratio and rank correlation with each objective",
	}
}

// shownRows is how many rows of a table of indices are printed an output.
const shownRows = 8

// shown keeps the inputs of an output that decide most.
func shown(t *results.Table) *results.Table {
	group, by := "output", "total"
	switch t.Name {
	case "importance":
		group, by = "objective", "ratio"
	case "knobs", "constants":
	case "turns":
		return changing(t)
	default:
		return t
	}
	g, err := t.Index(group)
	if err != nil {
		return t
	}
	v, err := t.Index(by)
	if err != nil {
		return t
	}
	rows := []int{} // none, not all
	for i, row := range t.Rows {
		before := 0
		for j, other := range t.Rows {
			if other[g] == row[g] && other[0] == row[0] && (other[v] > row[v] || other[v] == row[v] && j < i) {
				before++
			}
		}
		if before < shownRows && !math.IsNaN(row[v]) {
			rows = append(rows, i)
		}
	}
	return t.Pick(rows, nil)
}

// changing keeps the constants that change something, the first few.
func changing(t *results.Table) *results.Table {
	rows := []int{}
	for i, row := range t.Rows {
		// The columns are the gains at the low end, as it is, at the high end.
		if (row[3] != row[4] || row[5] != row[4]) && len(rows) < 2*shownRows {
			rows = append(rows, i)
		}
	}
	return t.Pick(rows, nil)
}

// files writes a table as CSV, and its figure if it has one, into the folder of
// figures of the run.
func files(env *command.Env, r *store.Run, t *results.Table) error {
	base := "figures/sensitivity-" + t.Name
	if err := r.WriteFile(base+".csv", func(w io.Writer) error { return csv.Write(w, t) }); err != nil {
		return err
	}
	written := []string{base + ".csv"}
	f, err := figure(t)
	if err != nil {
		return err
	}
	if f != nil {
		written = append(written, base+".svg")
		if err := r.WriteFile(base+".svg", f.WriteSVG); err != nil {
			return err
		}
	}
	for _, name := range written {
		if _, err := fmt.Fprintf(env.Out, "%s/%s\n", r.Dir(), name); err != nil {
			return err
		}
	}
	return nil
}

// figure draws the total indices, or the correlation ratios, of the inputs that
// decide most, a bar an output; nil for a table without.
func figure(t *results.Table) (*plot.Figure, error) {
	by, input, title := "total", "input", "total Sobol index (95 % of resampling)"
	switch t.Name {
	case "importance":
		by, input, title = "ratio", "knob", "correlation ratio"
	case "knobs", "constants":
	default:
		return nil, nil //nolint:nilnil // not every table has a figure
	}
	v, err := t.Index(by)
	if err != nil {
		return nil, err
	}
	in, err := t.Index(input)
	if err != nil {
		return nil, err
	}
	f := &barFigure{t: t, input: in, value: v, low: -1, high: -1}
	if by == "total" {
		if f.low, err = t.Index("total_low"); err != nil {
			return nil, err
		}
		if f.high, err = t.Index("total_high"); err != nil {
			return nil, err
		}
	}
	return f.draw(title)
}

// mostBars is the number of inputs of a figure.
const mostBars = 8

// barFigure draws a column of a table as bars, an input a group, an output a bar.
type barFigure struct {
	t            *results.Table
	input, value int
	low, high    int // columns of the ends of its interval; -1 without
}

// output names what a row is of: that of a technology where the table has several.
func (f *barFigure) output(row int) string {
	if f.t.Name == "importance" {
		return strings.ToUpper(f.t.Text(row, 0)) + " " + f.t.Text(row, 1)
	}
	return f.t.Text(row, 0)
}

// vague are the outputs of which nothing is known: an interval of an index is wider
// than all that it can be.
func (f *barFigure) vague() map[string]bool {
	out := map[string]bool{}
	for i, row := range f.t.Rows {
		if f.high >= 0 && row[f.high]-row[f.low] > 1 {
			out[f.output(i)] = true
		}
	}
	return out
}

func (f *barFigure) draw(title string) (*plot.Figure, error) {
	t, most, vague := f.t, map[float64]float64{}, f.vague()
	for i, row := range t.Rows {
		if !math.IsNaN(row[f.value]) && !vague[f.output(i)] {
			most[row[f.input]] = max(most[row[f.input]], row[f.value])
		}
	}
	order := slices.SortedFunc(maps.Keys(most), func(a, b float64) int {
		return cmp.Or(cmp.Compare(most[b], most[a]), cmp.Compare(a, b))
	})
	order = order[:min(len(order), mostBars)]
	if len(order) == 0 {
		return nil, nil //nolint:nilnil // nothing decides anything
	}
	var groups []string
	for _, k := range order {
		groups = append(groups, strings.ReplaceAll(t.Columns[f.input].Choices[int(k)], "_", " "))
	}
	var parts []plot.Part
	for i, row := range t.Rows {
		name := f.output(i)
		if vague[name] {
			continue
		}
		name = strings.ReplaceAll(name, "_", " ")
		at := slices.IndexFunc(parts, func(p plot.Part) bool { return p.Name == name })
		if at < 0 {
			at = len(parts)
			parts = append(parts, plot.Part{Name: name, Values: make([]float64, len(groups))})
			if f.high >= 0 {
				parts[at].Low, parts[at].High = slices.Repeat([]float64{math.NaN()}, len(groups)), slices.Repeat([]float64{math.NaN()}, len(groups))
			}
		}
		if g := slices.Index(order, row[f.input]); g >= 0 && !math.IsNaN(row[f.value]) {
			parts[at].Values[g] = row[f.value]
			if f.high >= 0 {
				parts[at].Low[g], parts[at].High[g] = row[f.low], row[f.high]
			}
		}
	}
	return plot.GroupedBars("", title, groups, parts, nil)
}
