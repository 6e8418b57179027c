package explore

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// trail is what a run showed of itself.
type trail struct {
	progress []Progress
	final    []byte // state after the last whole generation
	result   []byte
}

// walk runs a problem from a checkpoint and keeps its trail. It stops after the
// generation given, unless that is 0.
func walk(t *testing.T, p Problem, c Config, checkpoint []byte, stopAfter int64, gentle bool) trail {
	t.Helper()
	var out trail
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := false
	c.Stop = func() bool { return stop }
	var last func() ([]byte, error)
	r, err := Run(ctx, p, c, checkpoint, func(q *Progress, state func() ([]byte, error)) error {
		seen := *q
		seen.archives = nil
		out.progress = append(out.progress, seen)
		last = state
		if q.Generation == stopAfter {
			if gentle {
				stop = true
			} else {
				cancel()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != nil {
		if out.final, err = last(); err != nil {
			t.Fatal(err)
		}
	}
	out.result = encoded(t, r)
	return out
}

// small is a grid of 4,913 designs, half of them infeasible, on which a search
// runs dry and begins anew.
func small() *function {
	p := bounded()
	p.dim, p.grid = 3, true
	return p
}

func smallConfig(a Algorithm) Config {
	c := small().config(a, 3, 4500)
	c.Population, c.MigrationEvery, c.K = 6, 3, 20
	if a != Random && a != Sobol && a != Grid {
		c.Islands = 2
	}
	return c
}

// TestStoppedAnywhere stops runs after random generations, by the stop function
// and by the context, once or several times, and goes on from the state that
// was left: result, log and final state must be those of the run that was never
// stopped.
func TestStoppedAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, a := range []Algorithm{NSGA2, SMSEMOA, NSGA3, Random, Sobol, Grid} {
		p, c := small(), smallConfig(a)
		if a == Grid {
			c.Budget = Budget{}
		}
		whole := walk(t, p, c, nil, 0, false)
		var end state
		if err := end.unmarshal(whole.final); err != nil {
			t.Fatal(err)
		}
		if c.Islands == 2 && a != NSGA3 && end.p.Restarts == 0 { // its fronts are never at rest
			t.Errorf("%s: the search did not restart", a)
		}
		n := int64(len(whole.progress))
		for trial := range 12 {
			var state []byte
			var log []Progress
			from := int64(0)
			for from < n {
				at := from + 1 + rng.Int64N(n-from)
				part := walk(t, p, c, state, at, trial%2 == 0)
				if at < n && int64(len(part.progress)) != at-from {
					t.Fatalf("%s: %d generations, want %d", a, len(part.progress), at-from)
				}
				state, log, from = part.final, append(log, part.progress...), at
				if at == n {
					if !bytes.Equal(part.result, whole.result) {
						t.Errorf("%s: another result after stops", a)
					}
					if !bytes.Equal(part.final, whole.final) {
						t.Errorf("%s: another final state after stops", a)
					}
				}
			}
			if !equalLogs(log, whole.progress) {
				t.Errorf("%s: another log after stops", a)
			}
		}
	}
}

// equalLogs compares logs; NaN equals NaN.
func equalLogs(a, b []Progress) bool {
	text := func(l []Progress) string {
		var s bytes.Buffer
		for _, p := range l {
			fmt.Fprintf(&s, "%+v\n", p)
		}
		return s.String()
	}
	return text(a) == text(b)
}

// TestExtended goes on from the end of a run with a larger budget: everything
// is that of the run begun with the larger budget, whose first generations are
// those of the shorter run.
func TestExtended(t *testing.T) {
	for _, a := range []Algorithm{NSGA2, SMSEMOA, NSGA3, Random, Sobol} {
		p, c := small(), smallConfig(a)
		whole := walk(t, p, c, nil, 0, false)
		for _, evaluations := range []int64{1, 7, 48, 49, 500, 1777, 4499} {
			short := c
			short.Budget.Evaluations = evaluations
			first := walk(t, p, short, nil, 0, false)
			last := first.progress[len(first.progress)-1]
			if last.Evaluations != evaluations {
				t.Errorf("%s: %d evaluations, want %d", a, last.Evaluations, evaluations)
			}
			kept := first.progress
			if last.Cut {
				kept = kept[:len(kept)-1]
			}
			if !equalLogs(kept, whole.progress[:len(kept)]) {
				t.Errorf("%s: the generations of %d evaluations are not the first of %d", a, evaluations, c.Budget.Evaluations)
			}
			again := walk(t, p, short, first.final, 0, false)
			if !bytes.Equal(again.result, first.result) || !bytes.Equal(again.final, first.final) && again.final != nil {
				t.Errorf("%s: another end of %d evaluations from its final state", a, evaluations)
			}
			longer := walk(t, p, c, first.final, 0, false)
			if !bytes.Equal(longer.result, whole.result) || !bytes.Equal(longer.final, whole.final) {
				t.Errorf("%s: %d evaluations extended to %d are not the run of so many", a, evaluations, c.Budget.Evaluations)
			}
			if !equalLogs(append(kept, longer.progress...), whole.progress) {
				t.Errorf("%s: another log of %d evaluations extended", a, evaluations)
			}
		}
	}
}

// TestStreams checks what a random stream depends on: key, seed, island and
// generation, and nothing else.
func TestStreams(t *testing.T) {
	p, c := small(), smallConfig(NSGA2)
	c.Budget.Evaluations = 400
	base := walk(t, p, c, nil, 0, false)
	same := c
	same.Workers, same.K, same.Budget.Stagnation = 3, 7, 1000
	if got := walk(t, p, same, nil, 0, false); !bytes.Equal(got.final, base.final) {
		t.Error("the state depends on workers, designs returned or a limit that was not met")
	}
	for name, change := range map[string]func(*Config){
		"key":  func(c *Config) { c.Key = []byte("other") },
		"seed": func(c *Config) { c.Seed++ },
	} {
		other := c
		change(&other)
		if got := walk(t, p, other, nil, 0, false); bytes.Equal(got.result, base.result) {
			t.Errorf("the result does not depend on the %s", name)
		}
		if _, err := Run(context.Background(), p, other, base.final, nil); err == nil {
			t.Errorf("a state of another %s was taken", name)
		}
	}
}
