// Package experiment holds the verbs that repeat the paper's experiments.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/contest"
	"stco/experiments/reproduction/demand"
	"stco/experiments/reproduction/doubts"
	"stco/experiments/reproduction/literature"
	"stco/experiments/reproduction/regimes"
	"stco/experiments/reproduction/stability"
	"stco/model/near"
	"stco/results"
	"stco/results/store/disk"
)

// Experiments lists the experiments in the order of the document.
func Experiments() []*reproduction.Experiment {
	return []*reproduction.Experiment{
		regimes.Claims(),
		regimes.Area(),
		regimes.MemoryWall(),
		regimes.Leakage(),
		demand.Capacity(),
		demand.Bandwidth(),
		stability.Ladder(),
		stability.Retention(),
		contest.Technology(),
		contest.System(),
		contest.Decode(),
		contest.Joint(),
		literature.Published(),
		doubts.Robustness(),
	}
}

// Command is `stco experiment`.
func Command(env *command.Env) *cli.Command {
	return command.Group("experiment", "the paper's experiments: every claim beside ours, and when it holds", list(env), run(env))
}

func list(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "list", Usage: "the experiments",
		Flags: []cli.Flag{command.Format()},
		Action: func(c *cli.Context) error {
			t := results.NewList("experiments", "name:text", "shows:text")
			for _, e := range Experiments() {
				t.Append(e.Name, e.Shows)
			}
			return command.WriteList(env.Out, t, c.String("format"))
		},
	}, 0, 0)
}

func run(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "run", Usage: "runs one experiment, or all: CSV, figures (SVG, PDF, PNG) and a section of text each; all writes DIR/reproduction.md too, one replaces its section there", ArgsUsage: "NAME|all",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "folder; the files go to DIR/reproduction/NAME", Value: "."},
			&cli.Uint64Flag{Name: "seed", Usage: "of the searches", Value: 1},
			&cli.IntFlag{Name: "workers", Usage: "goroutines; the bytes do not depend on it", Value: runtime.NumCPU()},
			command.OneOf("size", "full, or few points and short searches", "full", "full", "small"),
			&cli.BoolFlag{Name: "quiet", Usage: "no progress"},
		},
		Action: func(c *cli.Context) error {
			chosen, err := choose(c.Args().First())
			if err != nil {
				return err
			}
			if n := c.Int("workers"); n < 1 {
				return command.Usagef("--workers %d: must be at least 1", n)
			}
			s := &reproduction.Setting{Seed: c.Uint64("seed"), Small: c.String("size") == "small", Workers: c.Int("workers")}
			return runAll(c.Context, env, s, chosen, c.Args().First() == "all", c.String("out"), c.Bool("quiet"))
		},
	}, 1, 1)
}

// choose returns the experiment of a name, or all.
func choose(name string) ([]*reproduction.Experiment, error) {
	all := Experiments()
	if name == "all" {
		return all, nil
	}
	names := []string{"all"}
	for _, e := range all {
		if e.Name == name {
			return []*reproduction.Experiment{e}, nil
		}
		names = append(names, e.Name)
	}
	return nil, command.Usagef("unknown experiment %q%s; stco experiment list names them", name, near.Hint(name, names))
}

func runAll(ctx context.Context, env *command.Env, s *reproduction.Setting, chosen []*reproduction.Experiment, document bool, dir string, quiet bool) error {
	if err := writable(dir); err != nil {
		return err
	}
	program := Program()
	older := ""
	if !document {
		var err error
		if older, err = olderDocument(s, dir); err != nil {
			return err
		}
		document = older != ""
	}
	var done []reproduction.Outcome
	var faults []error
	for _, e := range chosen {
		began := env.Now()
		if !quiet {
			s.Say = func(text string) { _, _ = fmt.Fprintf(env.Err, "%s: %s\n", e.Name, text) }
		}
		r, err := e.Run(ctx, s)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", e.Name, err))
			continue
		}
		o := reproduction.Outcome{Experiment: e, Findings: r}
		paths, err := reproduction.Write(dir, &o, s.Seed, program)
		if err != nil {
			return err
		}
		done = append(done, o)
		if document { // after each: a run that is stopped leaves what is done
			path, err := writeDocument(s, done, older, dir, program)
			if err != nil {
				return err
			}
			paths = append(paths, path)
		}
		for _, p := range paths {
			if _, err := fmt.Fprintln(env.Out, p); err != nil {
				return &disk.IOError{Op: "write", Path: "standard output", Err: err}
			}
		}
		if !quiet {
			_, _ = fmt.Fprintf(env.Err, "%s: %s\n", e.Name, env.Now().Sub(began).Round(time.Second))
		}
	}
	return errors.Join(faults...)
}

// writable makes the folder of the files and checks that it takes one, before
// minutes go into what it cannot hold.
func writable(dir string) error {
	folder := filepath.Join(dir, reproduction.Folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return &disk.IOError{Op: "mkdir", Path: folder, Err: err}
	}
	f, err := os.CreateTemp(folder, "probe-*"+disk.TempSuffix)
	if err != nil {
		return &disk.IOError{Op: "create", Path: folder, Err: err}
	}
	return disk.Failure("remove", f.Name(), errors.Join(f.Close(), os.Remove(f.Name())))
}

// olderDocument is the document of a folder, whose other sections stay when one
// experiment is run; "" where there is none of the same size and seed.
func olderDocument(s *reproduction.Setting, dir string) (string, error) {
	path := filepath.Join(dir, "reproduction.md")
	data, err := os.ReadFile(path) //nolint:gosec // the user's folder
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", &disk.IOError{Op: "read", Path: path, Err: err}
	}
	text := string(data)
	if !strings.Contains(text, head(s)+"\n\nProgram ") || !strings.Contains(text, fmt.Sprintf(", seed %d. Every number", s.Seed)) {
		return "", nil
	}
	return text, nil
}

func writeDocument(s *reproduction.Setting, done []reproduction.Outcome, older, dir, program string) (string, error) {
	text, err := reproduction.Document(Experiments(), done, older, head(s), s.Seed, program)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "reproduction.md")
	return path, disk.Replace(disk.OS{}, path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// head says what the document is.
func head(s *reproduction.Setting) string {
	lines := []string{
		"Written by `stco experiment run all` (`make reproduction`). Each section sets what *System and Design Technology Co-optimization of SOT-MRAM for High-Performance AI Accelerator Memory System* (arXiv 2303.12310) and",
		"others say beside what the model says. Of that paper only the abstract's figures are used: its baseline, networks, capacities and metric are not public.",
		"A gain is a figure of the SRAM buffer over that of the other: above 1 the other is better. SRAM buffers are enumerated whole (banks, word, three flavours of the devices) and carry the same code, or none where a column says so; see [answer.md](answer.md).",
	}
	if s.Small {
		lines = append(lines, "**Size small: few points and short searches. The numbers mean nothing.**")
	}
	return strings.Join(lines, "\n")
}

// Program is the version of the program with the commit it was built from, where
// the build knows it.
func Program() string {
	version := command.Version
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 7)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	if revision == "" {
		return version
	}
	return version + " (" + revision + changed + ")"
}
