// Package cli puts the verbs of stco together: the application, its exit codes,
// and the verbs that only print a text (init, schema, completion, man).
package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/experiment"
	"stco/cmd/stco/internal/problems"
	"stco/cmd/stco/internal/runs"
	"stco/cmd/stco/internal/sensitivity"
	"stco/cmd/stco/internal/serve"
	"stco/cmd/stco/internal/technology"
	"stco/cmd/stco/internal/validate"
	"stco/cmd/stco/internal/watch"
	"stco/cmd/stco/internal/workloads"
	"stco/experiments/campaign"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/store/disk"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitInput       = 2
	exitInfeasible  = 3
	exitIO          = 74
	exitStopped     = 75
	exitInterrupted = 130
)

const exitHelp = `Exit codes:
   0    done
   1    failed
   2    bad input: flags, study or design file
   3    infeasible: no design meets the constraints
   74   I/O error; the run can be resumed
   75   stopped early by a limit or a scheduler; the run can be resumed
   130  interrupted; the run can be resumed
`

// Run executes a command line and returns the exit code.
func Run(ctx context.Context, env *command.Env, args []string) int {
	sink := &command.Sink{W: env.Out, Width: env.Columns(env.Out)}
	with := *env
	with.Out, with.Args = sink, append([]string{"stco"}, args[min(1, len(args)):]...)
	app := newApp(&with)
	args, err := asFlag(app, args)
	if err == nil {
		err = app.RunContext(ctx, reorder(app, args))
	}
	if sink.Err != nil && !command.Is[*disk.IOError](err) {
		err = sink.Err // whatever a printer made of it
	}
	if err == nil {
		return exitDone
	}
	code := ExitCode(err)
	if _, quiet := errors.AsType[*command.SilentError](err); !quiet {
		before := ""
		for line := range strings.Lines(err.Error()) {
			if line = strings.TrimRight(line, "\n"); line == before { // one cause of two failures
				continue
			}
			before = line
			_, _ = fmt.Fprintf(env.Err, "stco: %s\n", results.Printable(line))
		}
	}
	return code
}

// ExitCode is the exit code of an error.
func ExitCode(err error) int {
	switch {
	case errors.Is(err, command.ErrInterrupted):
		return exitInterrupted
	case errors.Is(err, command.ErrTerminated), errors.Is(err, campaign.ErrStopped), command.Is[*campaign.HeldError](err), command.Is[*campaign.MissingError](err):
		return exitStopped
	case command.Is[*command.UsageError](err), command.Is[*strict.InputError](err), command.Is[*results.UnknownColumnError](err):
		return exitInput
	case command.Is[*campaign.InfeasibleError](err):
		return exitInfeasible
	case command.Is[*disk.IOError](err):
		return exitIO
	}
	return exitFailed
}

func newApp(env *command.Env) *cli.App {
	plain()
	app := &cli.App{
		Name:                 "stco",
		Usage:                "system-technology co-optimisation of on-chip memory for AI accelerators",
		Description:          exitHelp,
		Version:              command.Version,
		Writer:               env.Out,
		ErrWriter:            env.Err,
		HideHelpCommand:      false,
		EnableBashCompletion: true,
		ExitErrHandler:       func(*cli.Context, error) {},
		OnUsageError:         command.BadFlag,
		Commands: []*cli.Command{
			runs.Run(env), runs.Resume(env), runs.Task(env), runs.Submit(env), watch.Status(env), watch.Watch(env), runs.Verify(env),
			runs.Pareto(env), runs.Export(env), runs.Plot(env, workloads.RooflineCommand(env)), runs.Report(env), serve.Command(env), runs.Compare(env), runs.Merge(env),
			runs.Eval(env), sensitivity.Command(env), problems.Command(env),
			workloads.Command(env), workloads.TrafficCommand(env), technology.TechCommand(env), technology.ArrayCommand(env), validate.Command(env),
			experiment.Command(env),
			initCommand(env), schemaCommand(env), completionCommand(env), manCommand(env),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return command.Unknown(c.Args().First(), c.App.Commands, "stco")
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, verb := range counting() {
		command.Cached(env, find(app.Commands, strings.Fields(verb)))
	}
	describe(app)
	return app
}

// counting are the verbs that count the traffic of networks.
func counting() []string {
	return []string{
		"run", "resume", "task", "submit", "verify", "pareto", "export", "plot", "plot roofline", "report", "serve", "merge", "eval", "sensitivity",
		"workload characterize", "validate", "experiment run",
	}
}

// asFlag turns stco help COMMAND into stco COMMAND --help, so that both print the
// same.
func asFlag(app *cli.App, args []string) ([]string, error) {
	if len(args) < 3 || args[1] != "help" && args[1] != "h" || strings.HasPrefix(args[2], "-") {
		return args, nil
	}
	out, commands, above := args[:1:1], app.Commands, "stco"
	for _, name := range args[2:] {
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(name) })
		if at < 0 {
			return nil, command.Unknown(name, commands, above)
		}
		out, commands, above = append(out, name), commands[at].Subcommands, above+" "+name
	}
	return append(out, "--help"), nil
}

// reorder moves the flags of the chosen command before its arguments, so that
// `stco pareto RUN --format csv` reads like `stco pareto --format csv RUN`.
func reorder(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	out := []string{args[0]}
	rest := args[1:]
	commands := app.Commands
	var flags []cli.Flag
	for len(rest) > 0 {
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(rest[0]) })
		if at < 0 {
			break
		}
		out = append(out, rest[0])
		flags, commands, rest = commands[at].Flags, commands[at].Subcommands, rest[1:]
	}
	if len(out) == 1 {
		return args
	}
	var options, words []string
	for i := 0; i < len(rest); i++ {
		a := rest[i]
		if a == "--" {
			words = append(words, rest[i:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' || (a[1] >= '0' && a[1] <= '9') {
			words = append(words, a)
			continue
		}
		options = append(options, a)
		if !strings.Contains(a, "=") && takesValue(flags, strings.TrimLeft(a, "-")) && i+1 < len(rest) {
			i++
			options = append(options, rest[i])
		}
	}
	return slices.Concat(out, options, words)
}

func takesValue(flags []cli.Flag, name string) bool {
	for _, f := range flags {
		if _, isBool := f.(*cli.BoolFlag); !isBool && slices.Contains(f.Names(), name) {
			return true
		}
	}
	return false
}
