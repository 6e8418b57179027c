package runs

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/answer"
	"stco/experiments/inspect"
	"stco/results"
	"stco/results/report"
	"stco/results/store"
)

// Report is the verb report.
func Report(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "report", Usage: "write a run as one interactive HTML page that works offline", ArgsUsage: "RUN",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "file (default: RUN/report.html)"},
			&cli.BoolFlag{Name: "archive", Usage: "with every design of the archives as points of the scatter figure"},
		},
		Action: func(c *cli.Context) error {
			r, err := open(env, c)
			if err != nil {
				return err
			}
			if name := c.String("out"); name != "" && filepath.Ext(name) != "" {
				if _, err := command.FileFormat(c, "html"); err != nil {
					return err
				}
			}
			page, err := reportPage(r, c.Bool("archive"))
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return report.Write(w, page) }
			if name := c.String("out"); name != "" {
				return command.Output(env, name, write)
			}
			if err := r.WriteFile("report.html", write); err != nil {
				return err
			}
			_, err = fmt.Fprintln(env.Out, filepath.Join(r.Dir(), "report.html"))
			return err
		},
	}, 1, 1)
}

// reportSections are the tables of a report, in its order.
var reportSections = []struct{ name, heading, about string }{
	{"ladder", "What to build at each area", "The buffer of least energy-delay product of every technology within each area budget. A gain is the figure of the SRAM buffer over that of the other: above 1 the other is better; an area gain is the area of the smallest SRAM buffer of at most its energy-delay product over its own. The columns low and high are the 5 % and 95 % quantiles under the doubts about the device; the gain itself may lie above both, since the design was sized for the default constants (docs/answer.md)."},
	{"gains", "Gains over baselines", "Figures of the baseline over those of the design, by workload: above 1 the design is better."},
	{"baselines", "Baselines", ""},
	{"doubts", "At bounds and doubtful", "Knobs that rest on a bound of the study, and what the model itself doubts, by share of the front."},
	{"parts", "Energy and time by cause", ""},
	{"limits", "Limits missed most often", "By share of the evaluations."},
}

// LivePage collects what the page of a run that goes on shows: of its front so
// far, and once it is done all that a report has. It says which state it shows.
func LivePage(ctx context.Context, env *command.Env, run *store.Run) (p *report.Page, version string, err error) {
	r := &reading{Run: run, ctx: ctx, env: env}
	merged, err := run.Merged()
	if err != nil {
		return nil, "", err
	}
	version = "done"
	if !merged {
		if err := r.look(false); err != nil {
			return nil, "", err
		}
		version = fmt.Sprint(r.sofar.Evaluations)
	}
	p, err = reportPage(r, false)
	return p, version, err
}

// reportPage collects what a report shows of a run.
func reportPage(r *reading, archive bool) (*report.Page, error) {
	front, err := r.table("front")
	if err != nil {
		return nil, err
	}
	p := &report.Page{Title: filepath.Base(r.Dir()), Designs: front, Columns: reportColumns(front)}
	if r.sofar != nil {
		p.Notes = append(p.Notes, "This run is "+r.sofar.Text()+".")
	}
	if verdict, err := r.optional("verdict"); err != nil {
		return nil, err
	} else if verdict != nil {
		for i := range verdict.Rows {
			p.Verdict = append(p.Verdict, verdict.Text(i, 0))
		}
	}
	if names := inspect.ScenarioNames(r.Run); names != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("The run has %d scenarios, column scenario: %s.", len(names), strings.Join(names, ", ")))
	}
	if n := len(front.Rows) - len(answer.Undominated(front)); n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("An SRAM buffer dominates %d of the %d designs: column dominated by.", n, len(front.Rows)))
	}
	if sram, err := r.optional("sram"); err != nil {
		return nil, err
	} else if sram != nil {
		named := *sram
		named.Name = "SRAM, enumerated"
		p.Others = append(p.Others, &named)
	}
	if archive {
		t, err := exported(r, "archive")
		if err != nil {
			return nil, err
		}
		p.Others = append(p.Others, t)
	}
	front.Name = "front"
	for _, s := range reportSections {
		t, err := r.optional(s.name)
		if err != nil {
			return nil, err
		}
		if t == nil || len(t.Rows) == 0 {
			continue
		}
		if s.name == "parts" {
			p.Parts = t
		}
		p.Sections = append(p.Sections, report.Section{Heading: s.heading, About: s.about, Table: t})
	}
	p.Progress = results.NewList("progress", "shard:text", "evaluations", "hypervolume")
	for i, s := range r.Info().Shards {
		made, err := r.Progress(i)
		if err != nil {
			return nil, err
		}
		for _, g := range made.Generations {
			p.Progress.Append(s.Name, g.Evaluations, g.Hypervolume)
		}
	}
	provenance := inspect.Provenance(r.Run)
	delete(provenance, "study") // it has a place of its own
	for _, name := range slices.Sorted(maps.Keys(provenance)) {
		p.Provenance = append(p.Provenance, [2]string{name, provenance[name]})
	}
	p.Study = r.Info().Study
	return p, nil
}

// reportColumns are the columns of designs that a reader needs at first: labels,
// objectives, knobs that differ, what the answer says of a design.
func reportColumns(t *results.Table) []string {
	var names []string
	for _, kind := range []results.ColumnKind{results.Label, results.Objective, results.Parameter} {
		for _, i := range t.OfKind(kind) {
			if kind != results.Parameter || differs(t, i) {
				names = append(names, t.Columns[i].Header())
			}
		}
	}
	for _, name := range []string{"dominated_by", "warnings", "at_bound"} {
		if _, err := t.Index(name); err == nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// differs reports whether a column has more than one value.
func differs(t *results.Table, col int) bool {
	for _, row := range t.Rows {
		if a, b := row[col], t.Rows[0][col]; a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
			return true
		}
	}
	return false
}
