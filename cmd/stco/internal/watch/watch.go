// Package watch holds the verbs that look at a run while it goes on: status and
// watch.
package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/monitor"
	"stco/results"
	"stco/results/store/disk"
)

// pause is the time between the two looks that status measures a rate by.
const pause = time.Second

// Status is the verb status.
func Status(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "status", Usage: "how far a run is", ArgsUsage: "RUN",
		Description: `Reads the logs and checkpoints of a run that is done, stopped, or under way. Of a run under way the
rate is measured for a second. Files that are damaged are named.`,
		Flags: []cli.Flag{command.Format()},
		Action: func(c *cli.Context) error {
			dir := c.Args().First()
			if _, err := command.OpenRun(dir); err != nil {
				return err
			}
			m := monitor.New(disk.OS{}, dir)
			s, err := m.Look(env.Now())
			if err == nil && s.State == monitor.Running {
				if err = wait(c.Context, pause); err == nil {
					s, err = m.Look(env.Now())
				}
			}
			if err != nil {
				return err
			}
			for i := range s.Shards {
				for _, n := range s.Shards[i].Notes {
					if _, err := fmt.Fprintf(env.Err, "stco: damaged: %s\n", n); err != nil {
						return err
					}
				}
			}
			format := c.String("format")
			if err := command.WriteList(env.Out, list(s, format == "table"), format); err != nil || format != "table" {
				return err
			}
			_, err = fmt.Fprintln(env.Out, strings.Join(Lines(s), "\n"))
			return err
		},
	}, 1, 1)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// list is the table of the shards: for people the columns that fit their
// terminal, for programs all.
func list(s *monitor.Snapshot, short bool) *results.Table {
	columns := []string{"shard:text", "state:text", "generations", "evaluations", "infeasible", "duplicates", "front", "hypervolume", "infeasible_percent", "duplicate_percent", "budget"}
	if short {
		columns = []string{"shard:text", "state:text", "share [%]", "evaluations", "infeasible [%]", "front", "hypervolume"}
	}
	t := results.NewList("status", columns...)
	percent := func(share float64) float64 { return math.Round(1e4*share) / 100 }
	var budget any
	if s.Budget > 0 {
		budget = s.Budget / int64(len(s.Shards))
	}
	for i := range s.Shards {
		sh := &s.Shards[i]
		g := &sh.Last
		if !short {
			t.Append(sh.Name, sh.State, g.Number, g.Evaluations, g.Infeasible, g.Duplicates, g.Front, g.Hypervolume, percent(g.InfeasibleShare()), percent(g.DuplicateShare()), budget)
			continue
		}
		var share any
		switch each, ok := budget.(int64); {
		case sh.State == monitor.Done:
			share = 100
		case ok:
			share = percent(min(float64(g.Evaluations)/float64(each), 1))
		}
		t.Append(sh.Name, sh.State, share, g.Evaluations, percent(g.InfeasibleShare()), g.Front, g.Hypervolume)
	}
	return t
}

// Lines tell how a run is as a whole.
func Lines(s *monitor.Snapshot) []string {
	first := fmt.Sprintf("%s: %d of %d shards done, %d evaluations", s.State, s.Ended, len(s.Shards), s.Evaluations)
	if s.Budget > 0 {
		first += fmt.Sprintf(" of %d (%.0f %%)", s.Budget, 100*s.Share())
	}
	if s.Rate > 0 {
		first += fmt.Sprintf(", %.0f/s", s.Rate)
	}
	if s.Left > 0 {
		first += ", eta " + s.Left.Round(time.Second).String()
	}
	out := []string{first}
	if s.Front > 0 {
		second := fmt.Sprintf("front %d, hypervolume %.4f", s.Front, s.Hypervolume)
		if s.Evaluations > 0 {
			second += fmt.Sprintf(", %.1f %% of the evaluations infeasible", 100*float64(s.Infeasible)/float64(s.Evaluations))
		}
		out = append(out, second)
	}
	if len(s.Best) > 0 {
		var best []string
		for _, b := range s.Best {
			best = append(best, fmt.Sprintf("%s %.4g %s", b.Name, b.Value, b.Unit))
		}
		out = append(out, "best: "+strings.Join(best, ", "))
	}
	switch s.State {
	case monitor.Silent:
		out = append(out, "the process of the run cannot be seen and gives no sign of life; if it has ended: stco resume --take-over "+s.Dir)
	case monitor.Started, monitor.Waiting:
		out = append(out, "nobody works on it; go on with: stco resume "+s.Dir)
	}
	return out
}

// Watch is the verb watch.
func Watch(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "watch", Usage: "follow a run that goes on, in this or another terminal, until it ends", ArgsUsage: "RUN",
		Description: `Reads the logs and checkpoints of the run, whichever processes write them, and changes nothing. On a
terminal a display that is drawn over, otherwise a line each time, with --events one JSON object each
time. Ends when the run is done, or when nobody works on it any more.`,
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "every", Usage: "time between two looks", DefaultText: "1s on a terminal, otherwise 10s"},
			&cli.BoolFlag{Name: "events", Usage: "JSON lines: time, state, evaluations, budget, rate, left_s, front, hypervolume, best, shards"},
		},
		Action: func(c *cli.Context) error {
			dir := c.Args().First()
			if _, err := command.OpenRun(dir); err != nil {
				return err
			}
			w := &watcher{env: env, events: c.Bool("events"), screen: env.Terminal(env.Out) && !c.Bool("events")}
			every := 10 * time.Second
			if w.screen {
				every = time.Second
			}
			if c.IsSet("every") {
				if every = c.Duration("every"); every < 10*time.Millisecond {
					return command.Usagef("--every %s: must be at least 10ms", every)
				}
			}
			return w.follow(c.Context, monitor.New(disk.OS{}, dir), every)
		},
	}, 1, 1)
}

type watcher struct {
	env    *command.Env
	events bool
	screen bool
	drawn  int // lines of the last display
}

// follow looks until the run ends. A run that nobody works on may be between two
// shards: it has ended when that is so twice.
func (w *watcher) follow(ctx context.Context, m *monitor.Monitor, every time.Duration) error {
	idle, before := false, int64(-1)
	for {
		s, err := m.Look(w.env.Now())
		if err != nil {
			return err
		}
		still := s.State == monitor.Started || s.State == monitor.Waiting
		if !still || !idle || s.Evaluations != before {
			if err := w.show(s); err != nil {
				return err
			}
		}
		before = s.Evaluations
		if s.State == monitor.Done || still && idle {
			return nil
		}
		pause := every
		if idle = still; still {
			pause = min(every, time.Second)
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

func (w *watcher) show(s *monitor.Snapshot) error {
	text := ""
	switch {
	case w.events:
		data, err := json.Marshal(Event(s))
		if err != nil {
			return err
		}
		text = string(data) + "\n"
	case w.screen:
		text = w.display(s)
	default:
		text = s.At.UTC().Format(time.RFC3339) + "  " + Lines(s)[0] + "\n"
		if s.State != monitor.Running && s.State != monitor.Merging {
			text += strings.Join(append(Lines(s)[1:], ""), "\n")
		}
	}
	_, err := fmt.Fprint(w.env.Out, text)
	return err
}

// The size of the display: its lines are cut, so that none wraps.
const (
	screenWidth  = 79
	screenShards = 12
	barWidth     = 24
)

// display draws the run over what was drawn before.
func (w *watcher) display(s *monitor.Snapshot) string {
	all := []string{results.Printable(s.Dir)}
	if s.Budget > 0 {
		all = append(all, bar(s.Share()))
	}
	all = append(all, Lines(s)...)
	shown := 0
	for i := range s.Shards {
		sh := &s.Shards[i]
		if sh.State == monitor.Done || sh.State == monitor.Waiting || shown == screenShards {
			continue
		}
		shown++
		all = append(all, fmt.Sprintf("  %-28s %-8s generation %d, %d evaluations, front %d, hypervolume %.4f",
			results.Printable(sh.Name), sh.State, sh.Last.Number, sh.Last.Evaluations, sh.Last.Front, sh.Last.Hypervolume))
	}
	for i := range s.Shards {
		for _, n := range s.Shards[i].Notes {
			all = append(all, "damaged: "+results.Printable(n.String()))
		}
	}
	var b strings.Builder
	if w.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", w.drawn)
	}
	for _, l := range all {
		if r := []rune(l); len(r) > screenWidth {
			l = string(r[:screenWidth])
		}
		b.WriteString(l + "\n")
	}
	w.drawn = len(all)
	return b.String()
}

func bar(share float64) string {
	full := int(share * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f %%", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*share)
}

// Event is a snapshot as a JSON object.
func Event(s *monitor.Snapshot) *command.Object {
	e := &command.Object{}
	e.Set("time", s.At.UTC().Format(time.RFC3339Nano))
	e.Set("run", s.Dir)
	e.Set("state", s.State)
	e.Set("evaluations", s.Evaluations)
	e.Set("infeasible", s.Infeasible)
	e.Set("duplicates", s.Duplicates)
	e.Set("budget", s.Budget)
	e.Set("share", s.Share())
	e.Set("rate", s.Rate)
	e.Set("left_s", s.Left.Seconds())
	e.Set("front", s.Front)
	e.Set("hypervolume", command.Finite(s.Hypervolume))
	best := &command.Object{}
	for _, b := range s.Best {
		best.Set(results.Column{Name: b.Name, Unit: b.Unit}.Header(), command.Finite(b.Value))
	}
	e.Set("best", best)
	shards := []*command.Object{}
	for i := range s.Shards {
		o := &command.Object{}
		o.Set("name", s.Shards[i].Name)
		o.Set("state", s.Shards[i].State)
		o.Set("generation", s.Shards[i].Last.Number)
		o.Set("evaluations", s.Shards[i].Last.Evaluations)
		var damaged []string
		for _, n := range s.Shards[i].Notes {
			damaged = append(damaged, n.String())
		}
		if damaged != nil {
			o.Set("damaged", damaged)
		}
		shards = append(shards, o)
	}
	e.Set("shards", shards)
	return e
}
