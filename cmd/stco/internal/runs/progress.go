package runs

import (
	"fmt"
	"strings"
	"time"

	"stco/cmd/stco/internal/command"
	"stco/results/store"
)

// progress prints how a campaign goes: one line that is overwritten on a
// terminal, plain lines otherwise.
type progress struct {
	env      *command.Env
	quiet    bool
	terminal bool
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
	p.last = p.started
	if p.quiet {
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
	rate := float64(g.Evaluations-p.from) / max(now.Sub(p.started).Seconds(), 1e-9)
	line := fmt.Sprintf("generation %d  %d evaluations", g.Number, g.Evaluations)
	if budget > 0 {
		done := min(float64(g.Evaluations)/float64(budget), 1)
		eta := "-"
		if rate > 0 {
			eta = (time.Duration(float64(budget-g.Evaluations)/rate*1e9) * time.Nanosecond).Round(time.Second).String()
		}
		const width = 20
		full := int(done * width)
		line = fmt.Sprintf("[%s%s] %3.0f %%  %d evaluations  %.0f/s  eta %s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*done, g.Evaluations, rate, eta)
	}
	line += fmt.Sprintf("  front %d  hv %.4f", g.Front, g.Hypervolume)
	if p.terminal {
		p.print("\r\x1b[K%s", line)
		p.open = true
		return
	}
	p.print("%s\n", line)
}

// Note is told of something a user should know.
func (p *progress) Note(text string) {
	p.end()
	p.print("stco: note: %s\n", text)
}

// end finishes the line on the terminal.
func (p *progress) end() {
	if p.open {
		p.print("\n")
		p.open = false
	}
}
