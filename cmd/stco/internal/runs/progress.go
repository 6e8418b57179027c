package runs

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"stco/cmd/stco/internal/command"
	"stco/results"
	"stco/results/store"
)

// progress prints how a campaign goes: one line that is overwritten on a
// terminal, plain lines otherwise.
type progress struct {
	env      *command.Env
	quiet    bool
	terminal bool
	events   bool             // JSON lines in place of text
	goals    []results.Column // of the best values of a generation; nil: not shown
	shard    string
	index    int // of the shard
	of       int // shards of the run
	started  time.Time
	from     int64
	last     time.Time
	open     bool // a line without its end is on the terminal
}

func newProgress(env *command.Env, quiet bool) *progress {
	p := &progress{env: env, quiet: quiet}
	p.terminal = env.Terminal(env.Err)
	return p
}

func (p *progress) print(format string, args ...any) {
	_, _ = fmt.Fprintf(p.env.Err, format, args...) // progress that cannot be shown is no failure
}

// Shard is told that a shard begins.
func (p *progress) Shard(index, of int, name string, resumed int64) {
	p.started, p.from = p.env.Now(), -1
	p.shard, p.index, p.of = name, index, of
	p.last = p.started
	if p.quiet || p.events {
		return
	}
	p.end()
	if of > 1 || resumed > 0 {
		note := ""
		if resumed > 0 {
			note = ", resumed"
		}
		p.print("%s (%d of %d%s)\n", name, index+1, of, note)
	}
}

// The time between two lines of progress.
const (
	terminalEvery = 200 * time.Millisecond
	plainEvery    = 5 * time.Second
)

// Generation is told of a finished generation.
func (p *progress) Generation(g store.Generation, budget int64) {
	if p.quiet {
		return
	}
	now := p.env.Now()
	if p.from < 0 {
		p.from = g.Evaluations
		p.started = now
	}
	every := plainEvery
	if p.terminal {
		every = terminalEvery
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	all := p.pace(&g, budget, now)
	if p.events {
		p.event(&g, &all, now)
		return
	}
	line := fmt.Sprintf("generation %d  %d evaluations", g.Number, g.Evaluations)
	if budget > 0 {
		eta := "-"
		if all.rate > 0 {
			eta = all.left.Round(time.Second).String()
		}
		const width = 20
		full := int(all.share * width)
		line = fmt.Sprintf("[%s%s] %3.0f %%  %d evaluations  %.0f/s  eta %s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*all.share, all.evaluations, all.rate, eta)
	}
	line += fmt.Sprintf("  front %d  hv %.4f", g.Front, g.Hypervolume)
	for i, c := range p.goals {
		best := ""
		if i < len(g.Best) && !math.IsNaN(g.Best[i]) {
			best = fmt.Sprintf("  %s %.4g %s", c.Name, g.Best[i], c.Unit)
		}
		if !p.terminal || len(line)+len(best) < command.Width {
			line += best
		}
	}
	if p.terminal {
		p.print("\r\x1b[K%s", line)
		p.open = true
		return
	}
	p.print("%s\n", line)
}

// pace is how far and how fast all shards of the run are, as far as this process
// does them, one after the other.
type pace struct {
	evaluations, budget int64
	share, rate         float64
	left                time.Duration
}

func (p *progress) pace(g *store.Generation, budget int64, now time.Time) pace {
	before := int64(max(p.index, 0))
	out := pace{evaluations: before*budget + g.Evaluations, budget: budget * int64(max(p.of, 1))}
	out.rate = float64(g.Evaluations-p.from) / max(now.Sub(p.started).Seconds(), 1e-9)
	if budget > 0 {
		out.share = min(float64(out.evaluations)/float64(out.budget), 1)
		if out.rate > 0 {
			out.left = time.Duration(float64(max(out.budget-out.evaluations, 0)) / out.rate * float64(time.Second))
		}
	}
	return out
}

// event prints a generation as a JSON object.
func (p *progress) event(g *store.Generation, all *pace, now time.Time) {
	e := &command.Object{}
	e.Set("time", now.UTC().Format(time.RFC3339Nano))
	e.Set("shard", p.shard)
	e.Set("shards", p.of)
	e.Set("generation", g.Number)
	e.Set("evaluations", all.evaluations)
	e.Set("budget", all.budget)
	e.Set("share", all.share)
	e.Set("rate", all.rate)
	e.Set("left_s", all.left.Seconds())
	e.Set("infeasible_share", g.InfeasibleShare())
	e.Set("front", g.Front)
	e.Set("hypervolume", number(g.Hypervolume))
	best := &command.Object{}
	for i, c := range p.goals {
		if i < len(g.Best) {
			best.Set(c.Header(), number(g.Best[i]))
		}
	}
	e.Set("best", best)
	if text, err := json.Marshal(e); err == nil {
		p.print("%s\n", text)
	}
}

// number is a number as JSON can have it.
func number(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// Note is told of something a user should know.
func (p *progress) Note(text string) {
	p.end()
	if p.events {
		if quoted, err := json.Marshal(map[string]string{"note": text}); err == nil {
			p.print("%s\n", quoted)
		}
		return
	}
	p.print("stco: note: %s\n", text)
}

// end finishes the line on the terminal.
func (p *progress) end() {
	if p.open {
		p.print("\n")
		p.open = false
	}
}
