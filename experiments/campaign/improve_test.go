package campaign

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/results/store"
)

func improvable(t *testing.T) *study.Study {
	t.Helper()
	return parse(t, "evaluations: 1500", "evaluations: 20000", "[1MiB, 2MiB, 4MiB]", "{min: 1MiB, max: 32MiB}", "constraints: {area: {max: 20mm^2}}\n", "", "nsga2, population: 20", "auto, population: 40")
}

// TestImprove: the local searches at the end of a search take the evaluations that
// are left to them, every buffer of the ladder is afterwards as good as before or
// better, and what they bring meets the limits and is what the model says of it.
func TestImprove(t *testing.T) {
	c, err := prepared(improvable(t))
	if err != nil {
		t.Fatal(err)
	}
	c.opts.Workers = 2
	c.warm()
	search := func() *explore.Stratified {
		r, err := explore.RunStrata(t.Context(), c.parts(), c.config(store.ShardInfo{Seed: 6}), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := search()
	if want := int64(20000 * 3 / 5); r.Evaluations != want {
		t.Fatalf("%d evaluations of the search, want %d", r.Evaluations, want)
	}
	budgets := []float64{1, 2, 4, 8, 16, 32}
	ladder := func() (out []float64) {
		for _, b := range budgets {
			least := math.Inf(1)
			for _, q := range r.Strata {
				for _, s := range q.Archive {
					if math.Exp(s.F[2])*1e6 <= b {
						least = min(least, math.Exp(s.F[0]+s.F[1]))
					}
				}
			}
			out = append(out, least)
		}
		return out
	}
	before, volume, infeasible := ladder(), r.Hypervolume, r.Infeasible
	if err := c.improve(t.Context(), r, 6); err != nil {
		t.Fatal(err)
	}
	after := ladder()
	better := 0
	for k := range budgets {
		if after[k] > before[k] {
			t.Errorf("within %g mm2: %g, before %g", budgets[k], after[k], before[k])
		}
		if after[k] < 0.9995*before[k] {
			better++
		}
	}
	if better < 2 {
		t.Errorf("before %v, after %v", before, after)
	}
	if r.Evaluations != 20000 || r.HypervolumeAt != 20000 || r.Hypervolume < volume || r.Infeasible <= infeasible || r.Infeasible > 20000 {
		t.Errorf("%d evaluations, %d infeasible before and %d after; hypervolume %g, before %g", r.Evaluations, infeasible, r.Infeasible, volume, r.Hypervolume)
	}
	f, g := make([]float64, 3), make([]float64, c.Problem.NumConstraints())
	for i, q := range r.Strata {
		e := study.Searched(c.strata[i].Problem).NewEvaluator()
		for _, s := range q.Archive {
			if e.Evaluate(s.X, f, g); !slices.Equal(f, s.F) || !slices.Equal(g, s.G) || slices.Max(g) > 0 {
				t.Fatalf("%s: %v is %v, %v; the model says %v, %v", c.strata[i].Name, s.X, s.F, s.G, f, g)
			}
			var d model.Design
			c.strata[i].Problem.Decoder.Decode(s.X, &d)
			if d.ECC != c.strata[i].Problem.Decoder.Base().ECC {
				t.Fatal("a design of another code")
			}
		}
	}
	one := r
	r = search()
	c.opts.Workers = 1
	if err := c.improve(t.Context(), r, 6); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(one.Answer, r.Answer, func(a, b explore.Place) bool {
		return slices.Equal(one.Strata[a.Stratum].Archive[a.Index].X, r.Strata[b.Stratum].Archive[b.Index].X)
	}) || one.Hypervolume != r.Hypervolume {
		t.Error("one worker finds something else than two")
	}
}

// follower stops a campaign when it says what it does.
type follower struct {
	silent
	at   string
	stop func()
}

func (f *follower) Phase(what string) {
	if what == f.at {
		f.stop()
	}
}
func (f *follower) Frame(_, _ []float64)     {}
func (f *follower) Missed([]string, []int64) {}

// TestImprovedAgain: a run that is stopped in its closing searches and resumed, or
// extended, has the bytes of one that was not.
func TestImprovedAgain(t *testing.T) {
	run := func(s *study.Study) string {
		dir := filepath.Join(t.TempDir(), "run")
		c, err := Start(s, dir, (&clock{2 * time.Second}).options(&silent{}))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := c.Execute(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if sum.Evaluations != s.Search.Evaluations {
			t.Errorf("%d evaluations, want %d", sum.Evaluations, s.Search.Evaluations)
		}
		return dir
	}
	whole := files(t, run(improvable(t)))

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := filepath.Join(t.TempDir(), "run")
	c, err := Start(improvable(t), dir, (&clock{2 * time.Second}).options(&follower{at: "improving the best design within each area", stop: cancel}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resume := func(dir string, x Extension) {
		t.Helper()
		o := (&clock{2 * time.Second}).options(&silent{})
		o.Workers = 3
		c, err := Resume(dir, o, x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	resume(dir, Extension{})
	same(t, "stopped in its closing searches", files(t, dir), whole)

	dir = run(improvable(t))
	resume(dir, Extension{Evaluations: 22000})
	longer := improvable(t)
	longer.Search.Evaluations = 22000
	same(t, "extended", files(t, dir), files(t, run(longer)))
}

// TestClosing: what ends a search, and of which.
func TestClosing(t *testing.T) {
	for _, x := range []struct {
		change []string
		want   int64
	}{
		{[]string{"evaluations: 1500", "evaluations: 19999"}, 0},
		{[]string{"evaluations: 1500", "evaluations: 20000"}, 8000},
		{[]string{"evaluations: 1500", "evaluations: 200001"}, 80000},
		{[]string{"evaluations: 1500", "evaluations: 90000000"}, 80000},
		{[]string{"evaluations: 1500", "evaluations: 20000", "nsga2", "random"}, 0},
		{[]string{"evaluations: 1500", "evaluations: 20000", "nsga2", "sobol"}, 0},
		{[]string{"evaluations: 1500", "evaluations: 20000", "[energy, latency, area]", "[energy, area]"}, 0},
		{[]string{"evaluations: 1500", "evaluations: 20000", "[energy, latency, area]", "[edp, area]"}, 8000},
		{[]string{"evaluations: 1500", "evaluations: 20000", "[energy, latency, area]", "[latency, energy]"}, 8000},
	} {
		c, err := prepared(parse(t, x.change...))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.closing(); got != x.want {
			t.Errorf("%v: %d, want %d", x.change, got, x.want)
		}
	}
}

// TestErrandsByHand: the budgets of a ladder are those where the best design changes; a larger capacity
// begins at the design of that capacity that exceeds the budget least, and keeps it;
// a buffer takes the cell of another and nothing else.
func TestErrandsByHand(t *testing.T) {
	c, err := prepared(improvable(t))
	if err != nil {
		t.Fatal(err)
	}
	sp := c.strata[0].Problem.Decoder.Space
	at := func(name string) int {
		i, err := sp.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	point := func(mib, banks, diameter float64) []float64 {
		d := model.DefaultDesign()
		x := make([]float64, sp.Dim())
		c.strata[0].Problem.Decoder.Encode(&d, x)
		x[at("capacity")], x[at("banks")], x[at("mtj_diameter")] = mib*(1<<20), banks, diameter/1e9
		return x
	}
	solution := func(x []float64, energy, latency, area float64) explore.Solution {
		return explore.Solution{X: x, F: []float64{math.Log(energy), math.Log(latency), math.Log(area * 1e-6)}}
	}
	archive := []explore.Solution{
		solution(point(1, 8, 90), 4, 4, 0.9),
		solution(point(2, 8, 90), 3, 4, 1.5),
		solution(point(2, 16, 90), 4, 3, 1.2),
		solution(point(4, 16, 80), 2, 2, 5),
	}
	empty := &explore.Result{}
	r := &explore.Stratified{Strata: []*explore.Result{{Archive: archive}}}
	for range len(c.strata) - 1 {
		r.Strata = append(r.Strata, empty)
	}
	rungs := c.areaBudgets(r)
	if len(rungs) != 3 || rungs[0].budget != 1 || rungs[1].budget != 2 || rungs[2].budget != 8 || rungs[0].best != &archive[0] || rungs[1].best != &archive[1] || rungs[2].best != &archive[3] {
		t.Fatalf("%+v", rungs)
	}
	if got := c.least(archive, 4, func(x []float64) bool { return x[at("banks")] == 16 }); got != &archive[2] {
		t.Errorf("with 16 banks %+v", got)
	}
	for k, want := range map[int]*explore.Solution{0: &archive[2], 1: &archive[3]} {
		more, err := c.larger(rungs[k], archive, nil)
		if err != nil || len(more) != 1 || !slices.Equal(more[0].from, want.X) || more[0].budget != rungs[k].budget {
			t.Fatalf("rung %d: %+v, %v", k, more, err)
		}
		if n := more[0].in.GridSize(at("capacity")); n != 1 || more[0].in.Check(want.X) != nil || more[0].in.Check(rungs[k].best.X) == nil {
			t.Errorf("rung %d: %d capacities, %v, %v", k, n, more[0].in.Check(want.X), more[0].in.Check(rungs[k].best.X))
		}
	}
	if more, err := c.larger(rungs[2], archive, nil); err != nil || more != nil {
		t.Errorf("beyond the largest: %+v, %v", more, err)
	}
	if got, want := c.withCell(0, archive[0].X, archive[3].X), point(1, 8, 80); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	of := c.goals()
	if v := c.edp(of, archive[1].F); math.Abs(v-12) > 1e-9 {
		t.Errorf("product %g", v)
	}
	if v := c.over(of, archive[1].F, 1); math.Abs(v-0.5) > 1e-9 {
		t.Errorf("over by %g", v)
	}
	if v := c.over(goals{area: -1}, archive[1].F, 1); v != 0 {
		t.Errorf("without an area over by %g", v)
	}
}
