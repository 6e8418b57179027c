// Package command is what the verbs of stco share: the writers and the clock of
// the process, flags of a few words, errors that become exit codes, files that
// are read and written whole, and lists printed as text, CSV or JSON.
package command

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"stco/model/near"
)

// Env is what the process gives the commands.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Args     []string // the command line, from the name of the program
	Now      func() time.Time
	Getenv   func(string) string
}

// Causes of a cancelled context.
var (
	ErrInterrupted = errors.New("interrupted")
	ErrTerminated  = errors.New("terminated")
)

// UsageError is a wrong command line.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef is a wrong command line, told in words.
func Usagef(format string, args ...any) error { return &UsageError{Err: fmt.Errorf(format, args...)} }

// SilentError carries an exit code whose message has been printed.
type SilentError struct{ Err error }

func (e *SilentError) Error() string { return e.Err.Error() }
func (e *SilentError) Unwrap() error { return e.Err }

// Is reports whether an error of the chain has the type E.
func Is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// New fills what all verbs share: a usage error for wrong flags, and the
// number of arguments. What the checks find wrong is told together with flags that
// take one of some words.
func New(c *cli.Command, least, most int, checks ...func(*cli.Context) error) *cli.Command {
	c.OnUsageError = BadFlag
	c.Before = func(x *cli.Context) error {
		var errs []error
		for _, f := range c.Flags {
			if s, ok := f.(*cli.StringFlag); ok && s.Action != nil && x.IsSet(s.Name) {
				errs = append(errs, s.Action(x, x.String(s.Name)))
			}
		}
		for _, check := range checks {
			errs = append(errs, check(x))
		}
		if err := errors.Join(errs...); err != nil {
			return &UsageError{Err: err}
		}
		return nil
	}
	do := c.Action
	c.Action = func(x *cli.Context) error {
		if n := x.Args().Len(); n < least || n > most {
			return Usagef("%s %s: %d arguments; see %s --help", x.Command.HelpName, c.ArgsUsage, n, x.Command.HelpName)
		}
		return do(x)
	}
	return c
}

// Group is a verb that only holds others.
func Group(name, about string, verbs ...*cli.Command) *cli.Command {
	return &cli.Command{Name: name, Usage: about, Subcommands: verbs, OnUsageError: BadFlag, Action: func(c *cli.Context) error {
		if c.Args().Present() {
			return Unknown(c.Args().First(), verbs, "stco "+name)
		}
		return cli.ShowSubcommandHelp(c)
	}}
}

// Unknown is the error of a verb that does not exist, with the one that it
// resembles; of are the verbs below above.
func Unknown(name string, of []*cli.Command, above string) error {
	var names []string
	for _, c := range of {
		names = append(names, c.Name)
	}
	return Usagef("unknown command %q%s; %s --help lists the commands", name, near.Hint(name, names), above)
}

// BadFlag makes bad input of an error of the flags, with the flag that an unknown
// one resembles.
func BadFlag(c *cli.Context, err error, _ bool) error {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return &UsageError{Err: err}
	}
	name = strings.TrimLeft(name, "-")
	flags, above := c.App.Flags, "stco"
	if c.Command != nil && c.Command.HelpName != "" {
		flags, above = c.Command.Flags, c.Command.HelpName
	}
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	hint := ""
	if found := near.Names(name, names); len(found) > 0 {
		hint = "; did you mean --" + found[0] + "?"
	}
	return Usagef("unknown flag --%s%s; %s --help lists the flags", name, hint, above)
}

// OneOf is a flag that takes one of some words.
func OneOf(name, usage, value string, words ...string) *cli.StringFlag {
	return &cli.StringFlag{
		Name: name, Usage: usage + ": " + strings.Join(words, ", "), Value: value,
		Action: func(_ *cli.Context, s string) error {
			if !slices.Contains(words, s) {
				return Usagef("--%s %q: one of %s", name, s, strings.Join(words, ", "))
			}
			return nil
		},
	}
}
