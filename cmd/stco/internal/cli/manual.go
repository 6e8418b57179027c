package cli

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
)

// manCommand prints the manual.
func manCommand(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "man", Usage: "print the manual page of stco, or of one command, for man", ArgsUsage: "[COMMAND [COMMAND]]",
		Description: "To read it: stco man pareto | man -l -",
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "markdown", Usage: "all commands as one Markdown document, docs/cli.md"}},
		Action: func(c *cli.Context) error {
			words := c.Args().Slice()
			m := &manual{app: c.App}
			switch {
			case c.Bool("markdown") && len(words) > 0:
				return command.Usagef("stco man --markdown: all commands; leave out %s", strings.Join(words, " "))
			case c.Bool("markdown"):
				m.markdown()
			case len(words) > 0 && find(c.App.Commands, words) == nil:
				return command.Unknown(strings.Join(words, " "), c.App.Commands, "stco")
			default:
				m.roff(words)
			}
			_, err := env.Out.Write([]byte(m.b.String()))
			return err
		},
	}, 0, 2)
}

// manual writes what the commands and flags say of themselves.
type manual struct {
	app *cli.App
	b   strings.Builder
}

func (m *manual) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// each calls with every command that does something, with its words.
func (m *manual) each(do func(words string, c *cli.Command)) {
	var walk func(above string, all []*cli.Command)
	walk = func(above string, all []*cli.Command) {
		for _, c := range all {
			if c.Hidden || c.Name == "help" {
				continue
			}
			words := strings.TrimSpace(above + " " + c.Name)
			if len(c.Subcommands) == 0 || len(c.Flags) > 0 {
				do(words, c)
			}
			walk(words, c.Subcommands)
		}
	}
	walk("", m.app.Commands)
}

// option is a flag with its value, and what it does, which is the same on every
// machine.
func option(f cli.Flag) (name, usage string) {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return "--" + f.Names()[0], ""
	}
	usage = d.GetUsage()
	name = "--" + f.Names()[0]
	if d.TakesValue() {
		value := "value"
		if before, rest, ok := strings.Cut(usage, "`"); ok {
			if inner, after, ok := strings.Cut(rest, "`"); ok {
				value, usage = inner, before+inner+after
			}
		}
		name += " " + value
	}
	text := d.GetDefaultText()
	switch {
	case f.Names()[0] == "workers":
		text = "number of processors"
	case text == "" || text == "0" || text == "0s" || text == "false" || text == `""`:
		return name, usage
	}
	return name, usage + " (default: " + strings.Trim(text, `"`) + ")"
}

// split parts a description into what it says and its examples.
func split(c *cli.Command) (about string, examples []string) {
	about, rest, _ := strings.Cut(c.Description, "Examples:")
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); line != "" {
			examples = append(examples, line)
		}
	}
	return strings.TrimSpace(about), examples
}

// usageLine is the line of a command.
func usageLine(words string, c *cli.Command) string {
	return strings.TrimSpace("stco " + words + " [options] " + c.ArgsUsage)
}

// markdown writes all commands as one document.
func (m *manual) markdown() {
	m.line("# Commands\n\nMade by `stco man --markdown`; `stco help COMMAND` prints the same. Flags may stand before or after arguments.\nResults go to standard output, progress and errors to standard error.\n")
	m.line("| command | does |\n|---|---|")
	m.each(func(words string, c *cli.Command) {
		m.line("| [`stco %s`](#stco-%s) | %s |", words, strings.ReplaceAll(words, " ", "-"), cell(c.Usage))
	})
	m.line("\n## Exit codes\n\n| code | meaning |\n|---|---|")
	for line := range strings.Lines(exitHelp) {
		if code, meaning, ok := strings.Cut(strings.TrimSpace(line), " "); ok && code != "Exit" {
			m.line("| %s | %s |", code, cell(strings.TrimSpace(meaning)))
		}
	}
	m.each(func(words string, c *cli.Command) {
		m.line("\n## stco %s\n\n`%s`\n\n%s.", words, usageLine(words, c), sentence(c.Usage))
		about, examples := split(c)
		if about != "" {
			m.line("\n%s", about)
		}
		if len(c.Flags) > 0 {
			m.line("\n| flag | |\n|---|---|")
		}
		for _, f := range c.Flags {
			if name, usage := option(f); f.Names()[0] != "help" {
				m.line("| `%s` | %s |", name, cell(usage))
			}
		}
		if len(examples) > 0 {
			m.line("\n```sh\n%s\n```", strings.Join(remarked(examples), "\n"))
		}
	})
}

// remarked sets the remarks of examples off as comments.
func remarked(examples []string) []string {
	var out []string
	for _, e := range examples {
		line, remark, ok := strings.Cut(e, "   ")
		if ok {
			line += "   # " + strings.TrimSpace(remark)
		}
		out = append(out, line)
	}
	return out
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// roff writes the page of stco, or of the command of some words.
func (m *manual) roff(words []string) {
	name := strings.Join(append([]string{"stco"}, words...), "-")
	escape := strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, ".", `\&.`).Replace
	m.line(`.TH %s 1 "" "stco %s" "User commands"`, strings.ToUpper(escape(name)), m.app.Version)
	one := func(words string, c *cli.Command) {
		m.line(".SH SYNOPSIS\n%s\n.SH DESCRIPTION\n%s.", escape(usageLine(words, c)), escape(sentence(c.Usage)))
		about, examples := split(c)
		if about != "" {
			m.line(".PP\n%s", escape(about))
		}
		if len(c.Flags) > 0 {
			m.line(".SH OPTIONS")
		}
		for _, f := range c.Flags {
			if name, usage := option(f); f.Names()[0] != "help" {
				m.line(".TP\n.B %s\n%s", escape(name), escape(usage))
			}
		}
		if len(examples) > 0 {
			m.line(".SH EXAMPLES\n.nf\n%s\n.fi", escape(strings.Join(remarked(examples), "\n")))
		}
	}
	if len(words) > 0 {
		c := find(m.app.Commands, words)
		m.line(".SH NAME\n%s \\- %s", escape(name), escape(c.Usage))
		one(strings.Join(words, " "), c)
		for _, s := range c.Subcommands {
			if s.Name != "help" {
				m.line(".TP\n.B %s\n%s", escape(usageLine(strings.Join(words, " ")+" "+s.Name, s)), escape(s.Usage))
			}
		}
	} else {
		m.line(".SH NAME\nstco \\- %s\n.SH SYNOPSIS\nstco COMMAND [options] [arguments]\n.SH COMMANDS", escape(m.app.Usage))
		m.each(func(words string, c *cli.Command) {
			m.line(".TP\n.B %s\n%s; see stco man %s", escape(usageLine(words, c)), escape(c.Usage), escape(words))
		})
	}
	m.line(".SH EXIT STATUS")
	for line := range strings.Lines(exitHelp) {
		if code, meaning, ok := strings.Cut(strings.TrimSpace(line), " "); ok && code != "Exit" {
			m.line(".TP\n.B %s\n%s", code, escape(strings.TrimSpace(meaning)))
		}
	}
	m.line(".SH ENVIRONMENT\n.TP\n.B TERM\ndumb: no display that is drawn over\n.SH FILES\nA run directory holds run\\&.json, shards/, tables as CSV and JSON, figures/, manifest\\&.json\\&.")
}
