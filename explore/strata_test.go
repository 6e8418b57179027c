package explore

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"stco/explore/pareto"
)

// rare is a stratum in which one design of about a thousand is feasible and
// those are better than half of those of easy: f = (a, 1 - a), feasible where
// the other coordinates are near 0.8.
func rare() *function {
	return &function{name: "rare", dim: 5, m: 2, c: 1, eval: func(x, f, g []float64) {
		away := 0.0
		for _, v := range x[1:] {
			away += (v - 0.8) * (v - 0.8)
		}
		f[0], f[1] = x[0]*0.5, 0.5-x[0]*0.5+away
		g[0] = away - 0.02
	}}
}

// easy is a stratum without constraints on a grid of 17 x 17 designs: its front
// is f1 + f2 = 0.7.
func easy() *function {
	return &function{name: "easy", dim: 2, m: 2, grid: true, eval: func(x, f, _ []float64) {
		f[0], f[1] = x[0], 0.7-x[0]+x[1]
	}}
}

func parts() []Stratum {
	return []Stratum{{Name: "easy", Problem: easy(), Enumerate: true}, {Name: "rare", Problem: rare()}, {Name: "more", Problem: zdt1(), Share: 3}}
}

func partsConfig() Config {
	return Config{Population: 20, K: 15, Seed: 5, Key: []byte("k"), Budget: Budget{Evaluations: 2500}}
}

func strataRun(t *testing.T, c Config, checkpoint []byte, stopAfter int) (r *Stratified, states [][]byte) {
	t.Helper()
	n := 0
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := RunStrata(ctx, parts(), c, checkpoint, func(_ int, _ *Progress, state func() ([]byte, error)) error {
		s, err := state()
		states = append(states, s)
		if n++; n == stopAfter {
			cancel()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, states
}

// TestStrata checks shares, enumeration, budget, the joint front against all
// pairs, and that a stratum does not depend on its neighbours.
func TestStrata(t *testing.T) {
	r, _ := strataRun(t, partsConfig(), nil, 0)
	e, q, m := r.Strata[0].Evaluations, r.Strata[1].Evaluations, r.Strata[2].Evaluations
	if e != 289 || e+q+m != 2500 || math.Abs(float64(m)/float64(q)-3) > 0.2 || r.Reason != BudgetSpent {
		t.Errorf("%d, %d and %d evaluations, %s", e, q, m, r.Reason)
	}
	if r.Evaluations != 2500 || r.HypervolumeAt != 2500 || r.Violation != 0 || r.Infeasible != r.Strata[1].Infeasible {
		t.Errorf("together: %+v", r.Progress)
	}
	if r.Strata[0].Reason != SpaceDone || len(r.Strata[1].Archive) == 0 {
		t.Errorf("%s, %d rare designs", r.Strata[0].Reason, len(r.Strata[1].Archive))
	}
	member := func(p Place) []float64 { return r.Strata[p.Stratum].Archive[p.Index].F }
	for i, s := range r.Strata {
		for k, a := range s.Archive {
			beaten := false
			for _, o := range r.Strata {
				beaten = beaten || slices.ContainsFunc(o.Archive, func(b Solution) bool {
					return pareto.WeaklyDominates(b.F, a.F) && !slices.Equal(b.F, a.F)
				})
			}
			if in := slices.Contains(r.Front, Place{i, k}); in == beaten {
				t.Errorf("stratum %d, design %d, %v: in the front %v, dominated %v", i, k, a.F, in, beaten)
			}
		}
	}
	if len(r.Answer) != 15 || !slices.IsSortedFunc(r.Front, func(a, b Place) int { return slices.Compare(member(a), member(b)) }) {
		t.Errorf("%d designs returned of %d", len(r.Answer), len(r.Front))
	}
	alone, err := Run(context.Background(), rare(), Config{
		Population: 20, K: 15, Seed: 5, Key: []byte("k/stratum/rare"), Budget: Budget{Evaluations: q},
	}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(alone.Archive, r.Strata[1].Archive, func(a, b Solution) bool { return slices.Equal(a.X, b.X) }) {
		t.Error("a stratum depends on its neighbours")
	}
}

// TestStrataExtended stops, resumes and extends a search of strata: the result
// is that of the search that was not stopped.
func TestStrataExtended(t *testing.T) {
	whole, states := strataRun(t, partsConfig(), nil, 0)
	want := states[len(states)-1]
	check := func(what string, from []byte) {
		r, s := strataRun(t, partsConfig(), from, 0)
		if r.Hypervolume != whole.Hypervolume || !slices.Equal(r.Answer, whole.Answer) || !bytes.Equal(s[len(s)-1], want) {
			t.Errorf("%s: another result", what)
		}
	}
	for _, at := range []int{1, 2, 7, 30, len(states) - 1} {
		_, s := strataRun(t, partsConfig(), nil, at)
		check("stopped", s[len(s)-1])
	}
	for _, n := range []int64{100, 289, 300, 1001, 2499} {
		c := partsConfig()
		c.Budget.Evaluations = n
		_, s := strataRun(t, c, nil, 0)
		check("extended", s[len(s)-1])
	}
	if _, err := RunStrata(context.Background(), parts()[1:], partsConfig(), want, nil); err == nil {
		t.Error("a state of other strata was taken")
	}
}

// TestStrataFaults refuses bad strata.
func TestStrataFaults(t *testing.T) {
	for name, bad := range map[string][]Stratum{
		"none":       {},
		"same name":  {{Name: "a", Problem: easy()}, {Name: "a", Problem: easy()}},
		"share":      {{Name: "a", Problem: easy(), Share: -1}},
		"objectives": {{Name: "a", Problem: easy()}, {Name: "b", Problem: dtlz2(3)}},
		"infinite":   {{Name: "a", Problem: zdt1(), Enumerate: true}},
	} {
		if _, err := RunStrata(context.Background(), bad, partsConfig(), nil, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestStrataAdd: designs found apart join archive, front, counts and the best values;
// those that are dominated do not.
func TestStrataAdd(t *testing.T) {
	for _, framed := range []bool{false, true} {
		c := partsConfig()
		if framed {
			c.Ideal, c.Nadir = []float64{-1, -1}, []float64{2, 2}
		}
		r, _ := strataRun(t, c, nil, 0)
		volume, front, archive, infeasible := r.Hypervolume, r.Progress.Front, len(r.Strata[1].Archive), r.Infeasible
		good := Solution{X: []float64{0, 0.8, 0.8, 0.8, 0.8}, F: []float64{-0.5, -0.5}, G: []float64{-0.02}}
		bad := Solution{X: []float64{1, 0.8, 0.8, 0.8, 0.8}, F: []float64{3, 3}, G: []float64{-0.02}}
		violated := slices.Clone(r.Violated)
		r.Add([][]Solution{nil, {bad, good, good}, nil}, Effort{Evaluations: 30, Infeasible: 4, Violated: slices.Repeat([]int64{2}, len(violated))})
		if r.Evaluations != 2530 || r.Infeasible != infeasible+4 || r.HypervolumeAt != 2530 {
			t.Errorf("counts: %+v", r.Progress)
		}
		for k, v := range r.Violated {
			if v != violated[k]+2 {
				t.Errorf("violated %v, before %v", r.Violated, violated)
			}
		}
		a := r.Strata[1].Archive
		if at := slices.IndexFunc(a, func(s Solution) bool { return slices.Equal(s.F, good.F) }); at < 0 || slices.ContainsFunc(a, func(s Solution) bool { return slices.Equal(s.F, bad.F) }) || len(a) > archive+1 {
			t.Errorf("archive of %d, before %d", len(a), archive)
		}
		if len(r.Front) != 1 || len(r.Answer) != 1 || r.Best[0] != -0.5 || r.Best[1] != -0.5 || r.Progress.Front > front+1 {
			t.Errorf("front of %d, answer of %d, best %v", len(r.Front), len(r.Answer), r.Best)
		}
		if framed {
			if want := (3.3 - 0.5) * (3.3 - 0.5) / 9; math.Abs(r.Hypervolume-want) > 1e-12 || r.Hypervolume <= volume {
				t.Errorf("hypervolume %g, want %g", r.Hypervolume, want)
			}
		} else if math.Abs(r.Hypervolume-1.21) > 1e-12 || !slices.Equal(r.Ideal, good.F) {
			t.Errorf("hypervolume %g in the frame of its only member, ideal %v", r.Hypervolume, r.Ideal)
		}
	}
}
