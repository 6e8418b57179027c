// Package cli is the command line of stco: one file per verb. A verb reads its
// flags, calls package experiments and prints tables; it computes nothing
// itself. Output goes to the writers of Env, errors become exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"stco/experiments"
	"stco/experiments/campaign"
	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
)

// Env is what the process gives the commands.
type Env struct {
	Out, Err io.Writer
	Now      func() time.Time
	Getenv   func(string) string
}

// Causes of a cancelled context.
var (
	ErrInterrupted = errors.New("interrupted")
	ErrTerminated  = errors.New("terminated")
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

// usageError is a wrong command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// Run executes a command line and returns the exit code.
func Run(ctx context.Context, env *Env, args []string) int {
	app := newApp(env)
	err := app.RunContext(ctx, reorder(app, args))
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	if _, quiet := errors.AsType[*silentError](err); !quiet {
		for line := range strings.Lines(err.Error()) {
			_, _ = fmt.Fprintf(env.Err, "stco: %s\n", strings.TrimRight(line, "\n"))
		}
	}
	return code
}

// silentError carries an exit code whose message has been printed.
type silentError struct{ err error }

func (e *silentError) Error() string { return e.err.Error() }
func (e *silentError) Unwrap() error { return e.err }

func exitCode(err error) int {
	switch {
	case errors.Is(err, ErrInterrupted):
		return exitInterrupted
	case errors.Is(err, ErrTerminated), errors.Is(err, campaign.ErrStopped):
		return exitStopped
	case is[*usageError](err), is[*study.InputError](err), is[*results.UnknownColumnError](err):
		return exitInput
	case is[*campaign.InfeasibleError](err):
		return exitInfeasible
	case is[*store.IOError](err):
		return exitIO
	}
	return exitFailed
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func newApp(env *Env) *cli.App {
	return &cli.App{
		Name:                 "stco",
		Usage:                "system-technology co-optimisation of on-chip memory for AI accelerators",
		Description:          exitHelp,
		Version:              experiments.Version(),
		Writer:               env.Out,
		ErrWriter:            env.Err,
		HideHelpCommand:      false,
		EnableBashCompletion: true,
		ExitErrHandler:       func(*cli.Context, error) {},
		OnUsageError:         func(_ *cli.Context, err error, _ bool) error { return &usageError{err} },
		Commands: []*cli.Command{
			runCommand(env), resumeCommand(env), statusCommand(env), verifyCommand(env),
			paretoCommand(env), exportCommand(env), plotCommand(env), compareCommand(env),
			evalCommand(env), exploreCommand(env),
			workloadCommand(env), trafficCommand(env), techCommand(env), arrayCommand(env), validateCommand(env),
			initCommand(env), schemaCommand(env), completionCommand(env),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("unknown command %q; stco help lists the commands", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// command fills what all verbs share: a usage error for wrong flags, and the
// number of arguments.
func command(c *cli.Command, least, most int) *cli.Command {
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return &usageError{err} }
	do := c.Action
	c.Action = func(x *cli.Context) error {
		if n := x.Args().Len(); n < least || n > most {
			return usagef("%s %s: %d arguments; see %s --help", x.Command.HelpName, c.ArgsUsage, n, x.Command.HelpName)
		}
		return do(x)
	}
	return c
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

// oneOf is a flag that takes one of some words.
func oneOf(name, usage, value string, words ...string) *cli.StringFlag {
	return &cli.StringFlag{
		Name: name, Usage: usage + ": " + strings.Join(words, ", "), Value: value,
		Action: func(_ *cli.Context, s string) error {
			if !slices.Contains(words, s) {
				return usagef("--%s %q: one of %s", name, s, strings.Join(words, ", "))
			}
			return nil
		},
	}
}
