package runs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/evaluate"
	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/results"
)

// Eval is the verb eval.
func Eval(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "eval", Usage: "evaluate one design file or a design of a run, or random points of a study", ArgsUsage: "[DESIGN | RUN --design ID]",
		Flags: []cli.Flag{
			command.OneOf("format", "output; yaml is a design file", "table", "table", "csv", "json", "markdown", "latex", "yaml"),
			setFlag(),
			&cli.BoolFlag{Name: "lines", Usage: "answer designs of --study that come as JSON lines on standard input"},
			&cli.IntFlag{Name: "workers", Usage: "goroutines of --lines", Value: runtime.GOMAXPROCS(0)},
			&cli.StringFlag{Name: "design", Usage: "design of a run: its label, such as knee, or its row of the front, from 1"},
			&cli.BoolFlag{Name: "explain", Usage: "device chain, energy and time by cause, gains against each SRAM baseline"},
			&cli.IntFlag{Name: "monte-carlo", Usage: "sample that many cells: distributions, error rates, yield of an array of the design's capacity"},
			&cli.StringFlag{Name: "study", Usage: "embedded study or file to sample"},
			&cli.StringFlag{Name: "front", Usage: "`RUN` or RUN:SCENARIO, whose front is evaluated under --study, a study or a run, with its regret beside the front of that run; of a run of several scenarios every front in every scenario"},
			&cli.IntFlag{Name: "random", Usage: "evaluate that many random points of --study"},
			&cli.Uint64Flag{Name: "seed", Usage: "of --random and --monte-carlo", Value: 1},
		},
		Action: func(c *cli.Context) error {
			if c.IsSet("front") {
				return evalFront(env, c)
			}
			if c.IsSet("study") || c.IsSet("random") || c.Bool("lines") {
				return evalStudy(env, c)
			}
			if c.Args().Len() != 1 {
				return command.Usagef("stco eval: want a design file, RUN --design ID, or --study NAME --random N")
			}
			return evalDesign(env, c)
		},
	}, 0, 1)
}

// setFlag is the flag of assignments to knobs and settings.
func setFlag() cli.Flag {
	return &cli.GenericFlag{Name: "set", Usage: "`NAME=VALUE` of a knob or setting, as in a file; may be repeated", Value: &assignments{}}
}

// assignments collects the values of a repeated flag; a comma is part of a value.
type assignments []string

func (a *assignments) String() string { return strings.Join(*a, " ") }

// Set adds a value.
func (a *assignments) Set(text string) error {
	*a = append(*a, text)
	return nil
}

func assigned(c *cli.Context) []string {
	if a, ok := c.Generic("set").(*assignments); ok {
		return *a
	}
	return nil
}

// evalStudy evaluates random points of a study, or the designs of a caller.
func evalStudy(env *command.Env, c *cli.Context) error {
	if !c.IsSet("study") || c.Args().Present() {
		return command.Usagef("stco eval: --random and --lines go with --study and without a design file")
	}
	s, err := loadStudy(c.String("study"))
	if err != nil {
		return err
	}
	if err := s.Set(assigned(c)); err != nil {
		return err
	}
	if c.Bool("lines") {
		if c.IsSet("random") || c.IsSet("format") {
			return command.Usagef("stco eval --lines: --random and --format do not go with it")
		}
		return evaluate.Lines(c.Context, s, env.In, env.Out, c.Int("workers"))
	}
	n := c.Int("random")
	if n < 1 || n > 10_000_000 {
		return command.Usagef("--random %d: must be 1 to 10000000", n)
	}
	if c.String("format") == "yaml" {
		return command.Usagef("--format yaml is for one design")
	}
	t, err := evaluate.Random(s, n, c.Uint64("seed"))
	if err != nil {
		return err
	}
	return command.WriteTable(env.Out, t, c.String("format"))
}

// evalFront evaluates the front of one run under another study.
func evalFront(env *command.Env, c *cli.Context) error {
	for _, other := range []string{"random", "lines", "design", "explain", "monte-carlo", "set"} {
		if c.IsSet(other) {
			return command.Usagef("stco eval --front: --%s does not go with it", other)
		}
	}
	if c.Args().Present() || c.String("format") == "yaml" {
		return command.Usagef("stco eval --front RUN --study OTHER: takes no other argument, and prints tables")
	}
	place := c.String("front")
	if dir, scenario, ok := inspect.SplitPlace(place); ok && scenario == "" && !c.IsSet("study") {
		r, err := command.OpenRun(dir)
		if err != nil {
			return err
		}
		t, err := inspect.CrossTable(r)
		if err != nil {
			return err
		}
		return command.WriteList(env.Out, t, c.String("format"))
	}
	front, err := inspect.ReadFront(place)
	if err != nil {
		return err
	}
	if !c.IsSet("study") {
		return command.Usagef("stco eval --front %s: --study says under which study, or run, its front is evaluated", place)
	}
	var under *study.Study
	var own *results.Table
	if other := c.String("study"); isRun(other) {
		f, err := inspect.ReadFront(other)
		if err != nil {
			return err
		}
		under, own = f.Study, f.Table
	} else {
		if under, err = loadStudy(other); err != nil {
			return err
		}
		if under.Scenarios() != nil {
			return command.Usagef("--study %s: it has several scenarios; run it, and give RUN:SCENARIO", other)
		}
		if _, err := fmt.Fprintf(env.Err, "stco: note: %s has no front of its own: no regret; run it and give the run to --study\n", other); err != nil {
			return err
		}
	}
	t, err := front.Under(under, own)
	if err != nil {
		return err
	}
	return command.WriteList(env.Out, t, c.String("format"))
}

// isRun tells whether a name is that of a run directory, or RUN:SCENARIO.
func isRun(name string) bool {
	_, _, ok := inspect.SplitPlace(name)
	return ok
}

func evalDesign(env *command.Env, c *cli.Context) error {
	d, err := loadDesign(c.Context, env, "eval", c.Args().First(), c.String("design"))
	if err != nil {
		return err
	}
	if err := d.Set(assigned(c)); err != nil {
		return err
	}
	if c.String("format") == "yaml" {
		_, err := env.Out.Write(d.YAML())
		return err
	}
	e, err := evaluate.Design(d)
	if err != nil {
		return err
	}
	var sections []section
	if c.IsSet("monte-carlo") {
		more, err := sampled(e, c.Int("monte-carlo"), c.Uint64("seed"))
		if err != nil {
			return err
		}
		sections = append(sections, more...)
	}
	if c.Bool("explain") {
		more, err := explained(c.Context, d, e)
		if err != nil {
			return err
		}
		sections = append(sections, more...)
	}
	if err := writeSections(env, e, sections, c.String("format")); err != nil {
		return err
	}
	return infeasible(env, e)
}

// loadDesign reads a design file, or a design of a run.
func loadDesign(ctx context.Context, env *command.Env, verb, name, id string) (*study.Design, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		r, err := command.OpenRun(name)
		if err != nil {
			return nil, err
		}
		if id == "" {
			return nil, command.Usagef("stco %s %s: --design ID says which design of the run", verb, name)
		}
		d, err := inspect.Point(r, Tables(ctx, env, r), id)
		if err != nil {
			return nil, err
		}
		if now := catalog.Hash(catalog.Of(&d.Setup)); now != r.Info().TablesSHA256 {
			if _, err := fmt.Fprintf(env.Err, "stco: note: %s was made with other technology tables; figures may differ from its front\n", name); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	if id != "" {
		return nil, command.Usagef("stco %s %s --design %s: --design goes with a run, which is a directory", verb, name, id)
	}
	text, err := command.ReadInput(name)
	if err != nil {
		return nil, err
	}
	return study.ParseDesign(name, text)
}

// infeasible prints the limits a design misses.
func infeasible(env *command.Env, e *evaluate.Evaluation) error {
	for _, f := range e.Failures {
		if _, err := fmt.Fprintf(env.Err, "stco: infeasible: %s\n", f); err != nil {
			return err
		}
	}
	if len(e.Failures) > 0 {
		return &command.SilentError{Err: &campaign.InfeasibleError{Evaluations: 1}}
	}
	return nil
}

// writeRecord prints a table of one row: as an object in JSON, as name and
// value lines in a terminal table.
func writeRecord(w io.Writer, t *results.Table, format string) error {
	switch format {
	case "json":
		return command.WriteJSON(w, record(t, 0))
	case "table":
		list := results.NewList("record", "quantity:text", "value:text")
		for i, c := range t.Columns {
			switch v := t.Rows[0][i]; {
			case math.IsNaN(v):
			case c.Choices != nil:
				list.Append(c.Header(), t.Text(0, i))
			default:
				list.Append(c.Header(), fmt.Sprintf("%.6g", v))
			}
		}
		return command.WriteList(w, list, "table")
	}
	return command.WriteTable(w, t, format)
}

// record is a row as a JSON object in the order of the columns; NaN is null.
func record(t *results.Table, row int) *command.Object {
	m := &command.Object{}
	for i, c := range t.Columns {
		v := t.Rows[row][i]
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			m.Set(c.Header(), nil)
		case c.Choices != nil:
			m.Set(c.Header(), t.Text(row, i))
		default:
			m.Set(c.Header(), v)
		}
	}
	return m
}

// loadStudy reads an embedded study or a file.
func loadStudy(name string) (*study.Study, error) {
	if text, ok := study.Embedded(name); ok {
		return study.Parse(name, text)
	}
	text, err := command.ReadInput(name)
	if err != nil {
		if usage, ok := errors.AsType[*command.UsageError](err); ok {
			return nil, command.Usagef("%w; embedded studies: %v%s", usage.Err, study.Names(), study.Suggest(name))
		}
		return nil, err
	}
	return study.Parse(name, text)
}
