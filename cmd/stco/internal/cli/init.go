package cli

import (
	"os"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/runs"
	"stco/experiments/study"
	"stco/model/units"
	"stco/results/store/disk"
)

func initCommand(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "init", Usage: "write a commented study, or a design with --design, to start from", ArgsUsage: "[FILE]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "design", Usage: "a design file for stco eval"},
			&cli.StringFlag{Name: "from", Usage: "what to start from: an embedded study or a study file, a run (its study), or RUN:ID (a design file), such as RUN:knee"},
			&cli.BoolFlag{Name: "force", Usage: "overwrite FILE"},
		},
		Action: func(c *cli.Context) error {
			text := study.Example()
			switch from := c.String("from"); {
			case from != "" && c.Bool("design"):
				return command.Usagef("stco init: --from says what it writes; leave out --design")
			case from != "":
				var err error
				if text, err = runs.From(from); err != nil {
					return err
				}
			case c.Bool("design"):
				text = study.ExampleDesign()
			}
			if !c.Args().Present() {
				_, err := env.Out.Write(text)
				return err
			}
			name := c.Args().First()
			flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
			if c.Bool("force") {
				flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
			}
			f, err := os.OpenFile(name, flags, 0o644)
			if os.IsExist(err) {
				return command.Usagef("%s exists; --force overwrites it", name)
			}
			if err != nil {
				return &disk.IOError{Op: "create", Path: name, Err: err}
			}
			if _, err := f.Write(text); err != nil {
				_ = f.Close()
				return &disk.IOError{Op: "write", Path: name, Err: err}
			}
			if err := f.Close(); err != nil {
				return &disk.IOError{Op: "close", Path: name, Err: err}
			}
			return nil
		},
	}, 0, 1)
}

func schemaCommand(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "schema", Usage: "print the JSON Schema of study files, or of design files with --design",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "design", Usage: "of design files"},
			&cli.BoolFlag{Name: "units", Usage: "list the units that values may be given in, with their prefixes"},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("design") && c.Bool("units"):
				return command.Usagef("--design and --units: give one of them")
			case c.Bool("design"):
				return command.WriteJSON(env.Out, study.DesignSchema())
			case c.Bool("units"):
				return command.WriteList(env.Out, command.Records(units.Symbols()), "table")
			}
			return command.WriteJSON(env.Out, study.Schema())
		},
	}, 0, 0)
}

func completionCommand(env *command.Env) *cli.Command {
	scripts := map[string]string{
		"bash": `_stco() { local IFS=$'\n'; COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")); }
complete -o default -F _stco stco
`,
		"zsh": `#compdef stco
_stco() { local -a opts; opts=("${(@f)$("${words[@]:0:#words[@]-1}" --generate-bash-completion 2>/dev/null)}"); compadd -a opts; _files; }
compdef _stco stco
`,
	}
	return command.New(&cli.Command{
		Name: "completion", Usage: "print the completion script of a shell", ArgsUsage: "bash|zsh|fish",
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			text, ok := scripts[shell]
			if shell == "fish" {
				var err error
				if text, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
				ok = true
			}
			if !ok {
				return command.Usagef("completion %q: one of bash, zsh, fish", shell)
			}
			_, err := env.Out.Write([]byte(text))
			return err
		},
	}, 1, 1)
}
