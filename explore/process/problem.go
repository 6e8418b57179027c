package process

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"stco/explore"
	"stco/space"
)

// Program is a problem that a program evaluates; it implements explore.Problem.
// Each evaluator has a process of its own. The first one that fails ends the
// search: it cancels the context that Open returned, with what went wrong.
type Program struct {
	Ideal, Nadir []float64 // normalise the hypervolume; nil when the program gives none
	Key          []byte    // the description, for the random streams

	args        []string
	timeout     time.Duration
	space       *space.Space
	objectives  []objective
	constraints []string

	done   <-chan struct{} // of the context
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	spare *child   // the process that described the problem, until an evaluator takes it
	all   []*child // every process begun
}

// Open starts a program, its words separated by spaces, and asks it for its
// problem. An answer that takes longer than the timeout is an error. The context
// returned ends with ctx or when a process fails. The problem must be closed.
func Open(ctx context.Context, command string, timeout time.Duration) (*Program, context.Context, error) {
	p := &Program{args: strings.Fields(command), timeout: timeout}
	ctx, p.cancel = context.WithCancelCause(ctx)
	p.done = ctx.Done()
	err := p.begin()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		p.Close()
		return nil, nil, err
	}
	return p, ctx, nil
}

func (p *Program) begin() error {
	if len(p.args) == 0 {
		return fmt.Errorf("no program: want cmd:PROGRAM and its arguments")
	}
	c, line, err := p.start()
	if err != nil {
		return err
	}
	p.spare = c
	if err := p.read(line); err != nil {
		return fmt.Errorf("%s: %w", p.args[0], err)
	}
	return nil
}

// start begins a process and returns its description.
func (p *Program) start() (*child, []byte, error) {
	c, err := startChild(p.args)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", p.args[0], err)
	}
	p.mu.Lock()
	p.all = append(p.all, c)
	p.mu.Unlock()
	line, err := c.ask([]byte(`{"ask":"problem"}`+"\n"), p.timeout, p.done)
	if err != nil {
		return nil, nil, fmt.Errorf("%s, asked for its problem: %w", p.args[0], err)
	}
	return c, line, nil
}

// Close ends the processes: those that do not end with their input are killed.
func (p *Program) Close() {
	p.cancel(nil)
	var wg sync.WaitGroup
	for _, c := range p.all {
		wg.Go(c.close)
	}
	wg.Wait()
}

// Space returns the variables.
func (p *Program) Space() *space.Space { return p.space }

// NumObjectives returns the number of objectives.
func (p *Program) NumObjectives() int { return len(p.objectives) }

// NumConstraints returns the number of constraints.
func (p *Program) NumConstraints() int { return len(p.constraints) }

// ObjectiveName returns the name of an objective.
func (p *Program) ObjectiveName(i int) string { return p.objectives[i].Name }

// ConstraintName returns the name of a constraint.
func (p *Program) ConstraintName(i int) string { return p.constraints[i] }

// Told returns the value of an objective as the program told it: of a larger one
// that is better, the search sees the negative.
func (p *Program) Told(i int, f float64) float64 {
	if p.objectives[i].Goal == "max" {
		return -f
	}
	return f
}

// At asks for the values of a point, an option of a choice by its index.
func (p *Program) At(x []float64) (f, g []float64, err error) {
	if len(x) != p.space.Dim() {
		return nil, nil, fmt.Errorf("%d values, the problem has %d variables", len(x), p.space.Dim())
	}
	if err := p.space.Check(x); err != nil {
		return nil, nil, err
	}
	f, g = make([]float64, len(p.objectives)), make([]float64, len(p.constraints))
	e := p.NewEvaluator().(*evaluator)
	return f, g, e.evaluate(x, f, g)
}

// NewEvaluator begins a process, or takes the one that told of the problem.
func (p *Program) NewEvaluator() explore.Evaluator {
	e := &evaluator{p: p, child: p.spare}
	if p.spare = nil; e.child != nil {
		return e
	}
	c, line, err := p.start()
	other := Program{}
	if err == nil {
		if err = other.read(line); err == nil && !bytes.Equal(other.Key, p.Key) {
			err = fmt.Errorf("%s: started again it tells of another problem", p.args[0])
		}
	}
	if err != nil {
		p.cancel(err)
	}
	e.child = c
	return e
}

// evaluator asks one process. Once the context has ended every design is a pole.
type evaluator struct {
	p     *Program
	child *child
	asked int64
	line  []byte
}

// Evaluate asks for the values of a point.
func (e *evaluator) Evaluate(x, f, g []float64) {
	err := e.evaluate(x, f, g)
	if err == nil {
		return
	}
	e.p.cancel(err)
	for i := range f {
		f[i] = math.Inf(1)
	}
	clear(g)
}

func (e *evaluator) evaluate(x, f, g []float64) error {
	if e.child == nil {
		return errEnded
	}
	e.asked++
	e.question(x)
	line, err := e.child.ask(e.line, e.p.timeout, e.p.done)
	if err == nil {
		err = e.answer(line, f, g)
	}
	if err != nil {
		return fmt.Errorf("%s, asked for %s: %w", e.p.args[0], strings.TrimSpace(string(e.line)), err)
	}
	return nil
}

// question writes a point as JSON.
func (e *evaluator) question(x []float64) {
	b := append(e.line[:0], `{"ask":`...)
	b = append(strconv.AppendInt(b, e.asked, 10), `,"x":{`...)
	for i, v := range x {
		if i > 0 {
			b = append(b, ',')
		}
		q := e.p.space.Parameter(i)
		name, _ := json.Marshal(q.Name) //nolint:errchkjson // a string is always JSON
		b = append(append(b, name...), ':')
		if q.Kind == space.Choice {
			option, _ := json.Marshal(q.Format(v)) //nolint:errchkjson // a string is always JSON
			b = append(b, option...)
			continue
		}
		b = append(b, q.Format(v)...)
	}
	e.line = append(b, "}}\n"...)
}

// answer reads the values of a point.
func (e *evaluator) answer(line []byte, f, g []float64) error {
	var a struct {
		Tell  *int64     `json:"tell"`
		F     []*float64 `json:"f"`
		G     []*float64 `json:"g"`
		Error string     `json:"error"`
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf("its answer %s: %w", excerpt(line), plain(err))
	}
	switch {
	case a.Error != "":
		return fmt.Errorf("it answers with the error %q", a.Error)
	case a.Tell == nil || *a.Tell != e.asked:
		return fmt.Errorf(`its answer %s: "tell" must be %d, the number asked for`, excerpt(line), e.asked)
	case len(a.F) != len(f) || len(a.G) != len(g):
		return fmt.Errorf("its answer %s: %d objectives and %d constraints, its description has %d and %d", excerpt(line), len(a.F), len(a.G), len(f), len(g))
	}
	if i := slices.Index(a.G, nil); i >= 0 {
		return fmt.Errorf("its answer %s: constraint %s has no value", excerpt(line), e.p.constraints[i])
	}
	for i, v := range a.F {
		switch {
		case v == nil:
			f[i] = math.Inf(1)
		case e.p.objectives[i].Goal == "max":
			f[i] = -*v
		default:
			f[i] = *v
		}
	}
	for i, v := range a.G {
		g[i] = *v
	}
	return nil
}
