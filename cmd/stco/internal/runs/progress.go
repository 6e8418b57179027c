package runs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"stco/cmd/stco/internal/command"
	"stco/experiments/monitor"
	"stco/results"
	"stco/results/store"
)

// progress prints how a campaign goes, all shards together: a few lines that are
// drawn over on a terminal, plain lines otherwise, JSON lines if asked.
type progress struct {
	env      *command.Env
	quiet    bool
	terminal bool
	events   bool // JSON lines in place of text
	// look reads how far all shards are on disk, also those of other processes; nil:
	// this process does them all, one after the other.
	look  func() (*monitor.Snapshot, error)
	goals []results.Column // of the best values; nil: not shown

	phase   string           // what is done while no search goes on
	limits  []string         // of the search
	missed  []int64          // by how many of its designs
	shard   string           // that is searched
	index   int              // of the shard
	others  []monitor.Shard  // all shards, as they were when this one began
	of      int              // shards of the run
	best    []float64        // of all shards; NaN before one
	last    store.Generation // of the shard
	budget  int64            // of each shard
	shown   time.Time        // of the last display
	drawn   int              // lines of the display that is on the terminal
	started time.Time        // of the shard
	from    int64            // its evaluations then; -1 before the first generation
	begun   time.Time        // of the first shard; zero before
	done    int64            // evaluations of this process in earlier shards
}

func newProgress(env *command.Env, quiet bool) *progress {
	return &progress{env: env, quiet: quiet, terminal: env.Terminal(env.Err)}
}

func (p *progress) print(format string, args ...any) {
	_, _ = fmt.Fprintf(p.env.Err, format, args...) // progress that cannot be shown is no failure
}

// Shard is told that a shard begins.
func (p *progress) Shard(index, of int, name string, resumed int64) {
	if p.from >= 0 && !p.begun.IsZero() {
		p.done += p.last.Evaluations - p.from
	}
	now := p.env.Now()
	if p.begun.IsZero() {
		p.begun = now
	}
	p.started, p.from, p.shown = now, -1, now
	p.shard, p.index, p.of, p.last, p.missed = name, index, of, store.Generation{}, nil
	p.survey()
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

// survey reads how far the shards are and what their best values are.
func (p *progress) survey() {
	if p.look == nil {
		return
	}
	s, err := p.look()
	if err != nil {
		return // the display is the poorer; the run itself finds what is wrong
	}
	p.others = s.Shards
	for i := range s.Shards {
		p.improve(s.Shards[i].Last.Best)
	}
}

// improve keeps the better values.
func (p *progress) improve(values []float64) {
	for len(p.best) < len(values) {
		p.best = append(p.best, math.NaN())
	}
	for i, v := range values {
		better := v < p.best[i]
		if i < len(p.goals) && p.goals[i].Goal == results.Max {
			better = v > p.best[i]
		}
		if math.IsNaN(p.best[i]) || better {
			p.best[i] = v
		}
	}
}

// The time between two displays.
const (
	terminalEvery = 200 * time.Millisecond
	plainEvery    = 5 * time.Second
)

// Phase is told what the campaign does while it does not search.
func (p *progress) Phase(what string) {
	p.phase = what
	if p.quiet || what == "" {
		return
	}
	if p.events {
		e := &command.Object{}
		e.Set("time", p.env.Now().UTC().Format(time.RFC3339Nano))
		e.Set("phase", what)
		p.json(e)
		return
	}
	if p.terminal {
		p.draw([]string{what})
		return
	}
	p.print("%s\n", what)
}

// Frame is told between which values the hypervolume is measured.
func (p *progress) Frame(ideal, nadir []float64) {
	if p.quiet {
		return
	}
	if p.events {
		e := &command.Object{}
		e.Set("time", p.env.Now().UTC().Format(time.RFC3339Nano))
		e.Set("shard", p.shard)
		frame := &command.Object{}
		for i, c := range p.goals {
			if i < len(ideal) {
				frame.Set(c.Header(), []any{command.Finite(ideal[i]), command.Finite(nadir[i])})
			}
		}
		e.Set("frame", frame)
		p.json(e)
		return
	}
	var ends []string
	for i, c := range p.goals {
		if i < len(ideal) {
			unit, factor := c.Scaled([]float64{ideal[i], nadir[i]})
			ends = append(ends, fmt.Sprintf("%s %.4g to %.4g %s", c.Name, ideal[i]/factor, nadir[i]/factor, unit))
		}
	}
	p.end()
	if ends == nil {
		p.print("hypervolume (hv): between the ends of the first designs of the search, reference point 1.1\n")
		return
	}
	p.print("hypervolume (hv): in the frame of a coarse grid of SRAM buffers, %s, reference point 1.1\n", strings.Join(ends, ", "))
}

// Missed is told how many designs of the shard missed each limit.
func (p *progress) Missed(limits []string, designs []int64) { p.limits, p.missed = limits, designs }

// Generation is told of a finished generation.
func (p *progress) Generation(g store.Generation, budget int64) {
	p.last, p.budget = g, budget
	p.improve(g.Best)
	now := p.env.Now()
	if p.from < 0 {
		p.from, p.started = g.Evaluations, now
	}
	every := plainEvery
	if p.terminal {
		every = terminalEvery
	}
	if p.quiet || now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	all := p.pace(now)
	switch {
	case p.events:
		p.event(&all, now)
	case p.terminal:
		p.draw(p.lines(&all))
	default:
		p.print("%s\n", strings.Join(p.lines(&all), "  "))
	}
}

// lines are those of the display: how far, how good, the best values.
func (p *progress) lines(all *pace) []string {
	g := &p.last
	first := fmt.Sprintf("generation %d  %d evaluations  %.0f/s", g.Number, all.evaluations, all.rate)
	if all.budget > 0 {
		eta := "-"
		if all.rate > 0 {
			eta = all.left.Round(time.Second).String()
		}
		const width = 20
		full := int(all.share * width)
		first = fmt.Sprintf("[%s%s] %3.0f %%  %d evaluations  %.0f/s  eta %s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*all.share, all.evaluations, all.rate, eta)
	}
	second := fmt.Sprintf("front %d  hv %.4f", g.Front, g.Hypervolume)
	if missed := p.misses(); len(missed) > 0 {
		var text strings.Builder
		for i := range missed {
			fmt.Fprintf(&text, " %s %.0f %%", missed[i].limit, 100*missed[i].share)
		}
		second += fmt.Sprintf("  %.0f %% miss a limit:%s", 100*g.InfeasibleShare(), text.String())
	}
	var best []string
	for i, c := range p.goals {
		if i < len(p.best) && !math.IsNaN(p.best[i]) {
			unit, factor := c.Scaled(p.best[i : i+1])
			best = append(best, strings.TrimSpace(fmt.Sprintf("%s %.4g %s", c.Name, p.best[i]/factor, unit)))
		}
	}
	if best == nil {
		return []string{first, second}
	}
	return []string{first, second, "best " + strings.Join(best, ", ")}
}

// miss is a limit and the part of the designs that miss it.
type miss struct {
	limit string
	share float64
}

// mostMisses is the number of limits that are shown.
const mostMisses = 3

// misses are the limits missed most often, by a hundredth of the designs at least.
func (p *progress) misses() []miss {
	var all []miss
	for i, n := range p.missed {
		if share := float64(n) / float64(max(p.last.Evaluations, 1)); share >= 0.01 {
			all = append(all, miss{p.limits[i], share})
		}
	}
	slices.SortStableFunc(all, func(a, b miss) int { return cmp.Compare(b.share, a.share) })
	return all[:min(len(all), mostMisses)]
}

// draw draws lines over those that are on the terminal, cut so that none wraps.
func (p *progress) draw(lines []string) {
	width := p.env.Columns(p.env.Err)
	if width == 0 {
		width = command.Width
	}
	if p.drawn > 0 {
		p.print("\x1b[%dA\x1b[J", p.drawn)
	}
	for _, l := range lines {
		if r := []rune(results.Printable(l)); len(r) >= width {
			l = string(r[:width-1])
		}
		p.print("%s\n", l)
	}
	p.drawn = len(lines)
}

// pace is how far and how fast all shards of the run are.
type pace struct {
	evaluations, budget int64
	share, rate         float64
	left                time.Duration
}

// pace adds up the shards. What is left of this one is done at its own rate, the
// others at that of this process since it began, with all it did between.
func (p *progress) pace(now time.Time) pace {
	rate := func(n int64, since time.Time) float64 { return float64(n) / max(now.Sub(since).Seconds(), 1e-9) }
	own := p.last.Evaluations - p.from
	out := pace{budget: p.budget * int64(max(p.of, 1)), rate: rate(own, p.started)}
	left := 0.0 // evaluations of other shards
	for i := range max(p.of, 1) {
		made, ended := int64(0), false
		switch {
		case i == p.index:
			made = p.last.Evaluations
		case i < len(p.others):
			made, ended = p.others[i].Last.Evaluations, p.others[i].State == monitor.Done
		case i < p.index:
			made, ended = p.budget, true
		}
		out.evaluations += made
		switch {
		case ended:
			out.share++
		case p.budget > 0:
			out.share += min(float64(made)/float64(p.budget), 1)
			if i != p.index {
				left += float64(max(p.budget-made, 0))
			}
		}
	}
	out.share /= float64(max(p.of, 1))
	if p.budget > 0 && out.rate > 0 {
		seconds := float64(max(p.budget-p.last.Evaluations, 0)) / out.rate
		if over := rate(p.done+own, p.begun); left > 0 && over > 0 {
			seconds += left / over
		}
		out.left = time.Duration(seconds * float64(time.Second))
	}
	return out
}

// event prints a generation as a JSON object.
func (p *progress) event(all *pace, now time.Time) {
	g := &p.last
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
	missed := &command.Object{}
	for _, m := range p.misses() {
		missed.Set(m.limit, m.share)
	}
	e.Set("missed", missed)
	e.Set("front", g.Front)
	e.Set("hypervolume", command.Finite(g.Hypervolume))
	best := &command.Object{}
	for i, c := range p.goals {
		if i < len(p.best) {
			best.Set(c.Header(), command.Finite(p.best[i]))
		}
	}
	e.Set("best", best)
	p.json(e)
}

func (p *progress) json(v any) {
	if text, err := json.Marshal(v); err == nil {
		p.print("%s\n", text)
	}
}

// Note is told of something a user should know.
func (p *progress) Note(text string) {
	if p.events {
		p.json(map[string]string{"note": text})
		return
	}
	p.end()
	p.print("stco: note: %s\n", text)
}

// end leaves what is on the terminal there: what follows is written below.
func (p *progress) end() { p.drawn = 0 }
