// Package problems holds the verb explore: the search on published test problems and
// on those of programs.
package problems

import (
	"runtime"
	"time"

	"stco/cmd/stco/internal/command"

	"github.com/urfave/cli/v2"
)

// Command is the verb explore.
func Command(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "explore", Usage: "run the search on a published test problem or on a program, or evaluate one point",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "problem", Usage: "for example ZDT1, DTLZ2, WFG4, BNH, RE21, or cmd:PROGRAM: a program that is asked and tells in JSON lines", Required: true},
			&cli.IntFlag{Name: "objectives", Usage: "objectives of DTLZ, WFG, C1-DTLZ1 and C2-DTLZ2, 2..6 (3)"},
			&cli.IntFlag{Name: "variables", Usage: "variables of these and of ZDT (as published)"},
			&cli.IntFlag{Name: "position", Usage: "position-related variables of WFG (4; twice the objectives but one from four on)"},
			&cli.StringFlag{Name: "search", Usage: "auto, nsga2, sms-emoa, nsga3, random or sobol", Value: "auto"},
			&cli.Uint64Flag{Name: "seed", Usage: "random seed", Value: 1},
			&cli.Int64Flag{Name: "evaluations", Usage: "budget", Value: 25000},
			&cli.IntFlag{Name: "population", Usage: "members of an island, and designs returned (default by the number of objectives)"},
			&cli.IntFlag{Name: "islands", Usage: "populations that exchange members", Value: 1},
			&cli.IntFlag{Name: "workers", Usage: "goroutines that evaluate; does not change the result", Value: runtime.GOMAXPROCS(0)},
			&cli.DurationFlag{Name: "timeout", Usage: "for an answer of a program", Value: time.Minute},
			&cli.StringFlag{Name: "at", Usage: "print objectives and constraint values of the point x1,x2,..."},
			command.Format(),
		},
		Action: func(c *cli.Context) error {
			o := ExploreOptions{
				Problem: c.String("problem"), Algorithm: c.String("search"), Seed: c.Uint64("seed"), Evaluations: c.Int64("evaluations"),
				Size:       ProblemSize{Objectives: c.Int("objectives"), Variables: c.Int("variables"), Position: c.Int("position")},
				Population: c.Int("population"), Islands: c.Int("islands"), Worker: c.Int("workers"), Timeout: c.Duration("timeout"),
			}
			if o.Timeout <= 0 {
				return command.Usagef("--timeout %s: must be positive", o.Timeout)
			}
			if at := c.String("at"); at != "" {
				s, err := ExploreAt(c.Context, o, at)
				if err != nil {
					return err
				}
				return command.WriteList(env.Out, s, c.String("format"))
			}
			if o.Evaluations < 1 {
				return command.Usagef("--evaluations %d: must be at least 1", o.Evaluations)
			}
			s, err := Explore(c.Context, o)
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 0, 0)
}
