package runs

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/answer"
	"stco/experiments/inspect"
	"stco/results"
	"stco/results/table"
)

// Pareto is the verb pareto.
func Pareto(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "pareto", Usage: "the Pareto table of a run, with the SRAM baselines beside", ArgsUsage: "RUN",
		Flags: []cli.Flag{
			command.Format(),
			&cli.BoolFlag{Name: "all", Usage: "also designs that an SRAM buffer dominates, with its name"},
			&cli.BoolFlag{Name: "archive", Usage: "every design of the archives, not only what was chosen of them for the front; a column names those that an SRAM buffer dominates"},
			scenarioFlag(),
			&cli.StringFlag{Name: "by", Usage: "of a run of several scenarios: where each technology pays, sorted by that axis"},
			&cli.StringFlag{Name: "where", Usage: "filter, for example 'area_mm2 < 40 && energy <= 500mJ'; a number without a unit has that of the column"},
			&cli.StringFlag{Name: "at", Usage: "mark the knee of the designs for which this holds, for example 'area_mm2 < 30'"},
			&cli.StringFlag{Name: "weights", Usage: "score the designs (TOPSIS), best first, by weights such as energy=2,latency=1; objectives without one have 0"},
			&cli.StringFlag{Name: "sort", Usage: "columns to sort by, - before a name sorts descending"},
			&cli.StringFlag{Name: "columns", Usage: "columns to show, separated by commas"},
			&cli.IntFlag{Name: "top", Usage: "at most that many rows"},
			&cli.StringFlag{Name: "out", Usage: "file (default: standard output); its ending decides the format"},
		},
		Action: func(c *cli.Context) error { return pareto(env, c) },
	}, 1, 1)
}

func pareto(env *command.Env, c *cli.Context) error {
	r, err := open(env, c)
	if err != nil {
		return err
	}
	if c.IsSet("by") {
		return byAxis(env, c, r)
	}
	if c.Int("top") < 0 {
		return command.Usagef("--top %d: must not be negative", c.Int("top"))
	}
	format, err := command.FileFormat(c, command.Formats()...)
	if err != nil {
		return err
	}
	front, left, err := designs(env, c, r)
	if err != nil {
		return err
	}
	v := view(c)
	if c.IsSet("weights") && v.Sort == "" {
		v.Sort = "-" + inspect.ScoreColumn
	}
	shown, err := table.Apply(front, v)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	if err := sayFilter(env, v.Where, front); err != nil {
		return err
	}
	if format == "csv" || format == "json" {
		return command.Output(env, c.String("out"), func(w io.Writer) error { return command.WriteTable(w, shown, format) })
	}
	bases, err := r.inScenario(c, "baselines")
	if err != nil {
		return err
	}
	return command.Output(env, c.String("out"), func(w io.Writer) error {
		above := fmt.Sprintf("%s: %d of %d designs of the %s", r.Dir(), len(shown.Rows), len(front.Rows)+left, ofWhat(c))
		if err := title(w, format, above+chosen(front)+leftOut(left, r.Dir())); err != nil {
			return err
		}
		return writeFront(w, shown, bases, format, len(v.Columns) > 0)
	})
}

// ofWhat names the designs that pareto shows.
func ofWhat(c *cli.Context) string {
	if c.Bool("archive") {
		return "archive"
	}
	return "Pareto front"
}

// chosen names the design that was marked by --at and --weights; the baselines
// stay those of the knee.
func chosen(front *results.Table) string {
	row := slices.IndexFunc(front.Labels, func(l string) bool { return strings.Contains(l, chosenLabel) })
	col, err := front.Index(results.IDColumn)
	if row < 0 || err != nil {
		return ""
	}
	return fmt.Sprintf("; chosen: %s; baselines: those of the knee", front.Text(row, col))
}

const chosenLabel = "chosen"

// title writes what stands above a table: a line, in LaTeX a comment.
func title(w io.Writer, format, text string) error {
	switch format {
	case "latex":
		text = "% " + text
	case "markdown":
		text += "\n"
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

// designs reads the designs that are asked for, one of them marked by --at and
// --weights; left is how many an SRAM buffer dominates and are not among them.
func designs(env *command.Env, c *cli.Context, r *reading) (front *results.Table, left int, err error) {
	if front, err = r.inScenario(c, "front"); err != nil {
		return nil, 0, err
	}
	var sram *results.Table
	choice := c.IsSet("at") || c.IsSet("weights")
	if choice || c.Bool("archive") {
		if sram, err = r.inScenario(c, "sram"); err != nil {
			return nil, 0, err
		}
	}
	if c.Bool("archive") {
		if front, err = r.archives(); err == nil {
			front, err = inspect.InScenario(r.Run, front, c.String("scenario"))
		}
		if err == nil {
			_, err = answer.Mark(front, sram)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	free := answer.Undominated(front)
	if choice {
		if err := choose(c, front, free, sram); err != nil {
			return nil, 0, err
		}
	}
	if len(free) == 0 && choice {
		_, err := fmt.Fprintln(env.Err, "stco: note: an SRAM buffer dominates every design: what is chosen is the best of them, not of what could be built")
		return front, 0, err
	}
	if left = len(front.Rows) - len(free); left == 0 || c.Bool("all") || c.Bool("archive") {
		return front, 0, nil
	}
	_, err = fmt.Fprintf(env.Err, "stco: note: %d designs that an SRAM buffer dominates are left out; --all shows them\n", left)
	return front.Pick(free, nil), left, err
}

// sayFilter notes a filter that keeps every row or none: often one with a number
// in another unit than meant.
func sayFilter(env *command.Env, where string, t *results.Table) error {
	if where == "" || len(t.Rows) == 0 {
		return nil
	}
	kept, err := table.Rows(t, where)
	if err != nil {
		return err
	}
	what := "none"
	switch len(kept) {
	case len(t.Rows):
		what = "all"
	case 0:
	default:
		return nil
	}
	_, err = fmt.Fprintf(env.Err, "stco: note: --where %q keeps %s of %d designs\n", where, what, len(t.Rows))
	return err
}

// byAxis prints the regimes of the scenarios of a run, sorted by an axis.
func byAxis(env *command.Env, c *cli.Context, r *reading) error {
	if inspect.ScenarioNames(r.Run) == nil {
		return command.Usagef("--by %s: the run has no scenarios", c.String("by"))
	}
	t, err := r.table("regimes")
	if err != nil {
		return err
	}
	v := view(c)
	v.Sort = strings.Trim(c.String("by")+","+v.Sort, ",")
	if t, err = table.Apply(t, v); err != nil {
		return &command.UsageError{Err: err}
	}
	format, err := command.FileFormat(c, command.Formats()...)
	if err != nil {
		return err
	}
	return command.Output(env, c.String("out"), func(w io.Writer) error { return command.WriteTable(w, t, format) })
}

// choose marks a design as chosen, of those that no SRAM buffer dominates, or of
// all with a mark where one dominates each, and for which --at holds: that of the highest score by --weights, which is added as a
// column, otherwise the knee.
func choose(c *cli.Context, front *results.Table, free []int, sram *results.Table) error {
	rows, label := free, chosenLabel
	if len(free) == 0 {
		label = "dominated " + chosenLabel
		for r := range front.Rows {
			rows = append(rows, r)
		}
	}
	if at := c.String("at"); at != "" {
		keep, err := table.Rows(front, at)
		if err != nil {
			return command.Usagef("--at: %w", err)
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(r int) bool { return !slices.Contains(keep, r) })
	}
	if len(rows) == 0 {
		return command.Usagef("--at %q: holds for none of the designs to choose from", c.String("at"))
	}
	chosen := answer.Knee(front, rows, sram)
	if text := c.String("weights"); text != "" {
		w, err := weights(text, front)
		if err != nil {
			return err
		}
		scores, err := results.TOPSIS(front, w)
		if err != nil {
			return command.Usagef("--weights %q: %w", text, err)
		}
		front.AddColumn(inspect.ScoreColumn)
		for i := range front.Rows {
			front.Rows[i][len(front.Columns)-1] = scores[i]
		}
		front.Columns[len(front.Columns)-1].Kind = results.Label
		front.Columns[len(front.Columns)-1].Meaning = "closeness to the ideal design, 0 to 1 (TOPSIS)"
		chosen = slices.MaxFunc(rows, func(a, b int) int {
			switch x, y := scores[a], scores[b]; {
			case x < y || math.IsNaN(x):
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	}
	if l := front.LabelOf(chosen); l != "" {
		label += ", " + l
	}
	front.SetLabel(chosen, label)
	return nil
}

// weights reads "energy=2,latency=1" in the order of the objectives.
func weights(text string, front *results.Table) ([]float64, error) {
	cols := front.OfKind(results.Objective)
	w := make([]float64, len(cols))
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		v, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, command.Usagef("--weights %q: want NAME=WEIGHT, the weight not negative", part)
		}
		col, err := front.Index(name)
		at := slices.Index(cols, col)
		if err != nil || at < 0 {
			var names []string
			for _, c := range cols {
				names = append(names, front.Columns[c].Title())
			}
			return nil, command.Usagef("--weights %q: %s is no objective of the study; they are %s", text, name, strings.Join(names, ", "))
		}
		w[at] = v
	}
	return w, nil
}

// view reads the flags that choose rows and columns.
func view(c *cli.Context) table.View {
	v := table.View{Where: c.String("where"), Sort: c.String("sort"), Top: c.Int("top")}
	if s := c.String("columns"); s != "" {
		v.Columns = strings.Split(s, ",")
	}
	return v
}
