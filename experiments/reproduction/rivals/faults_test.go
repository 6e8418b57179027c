package rivals

import (
	"context"
	"errors"
	"strings"
	"testing"

	"stco/model"
	"stco/space"
)

// TestStopped: a search that is stopped is no search that found nothing.
func TestStopped(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer", "capacity=4MiB")
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("why")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(why)
	for _, search := range []func(context.Context, Effort) (*Front, error){c.Search, c.Thorough} {
		if f, err := search(ctx, Effort{Evaluations: 100, Seed: 1, Workers: 1}); err == nil {
			t.Errorf("stopped: %v", f)
		}
	}
	if _, err := c.Best(ctx, Effort{Evaluations: 100, Seed: 1, Workers: 1}, func(r *model.Report) float64 { return EDP(r) }); err == nil {
		t.Error("the best of a search that was stopped")
	}
}

// TestParts: one space for each option of a choice that is free, all of them or
// those that it is free in; a space that lacks it stays whole.
func TestParts(t *testing.T) {
	ecc := space.Parameter{Name: "ecc", Kind: space.Choice, Options: []string{"none", "secded", "dec"}}
	x := space.Parameter{Name: "x", Kind: space.Real, Min: 0, Max: 1}
	for want, params := range map[string][]space.Parameter{
		"none secded dec": {x, ecc},
		"none dec":        {x, {Name: "ecc", Kind: space.Choice, Options: ecc.Options, Values: []float64{0, 2}}},
		"":                {x},
	} {
		s, err := space.New(params...)
		if err != nil {
			t.Fatal(err)
		}
		all, err := parts(s, "ecc")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range all {
			if i, err := p.Index("ecc"); err == nil {
				q := p.Parameter(i)
				if len(q.Values) != 1 || p.Dim() != 2 {
					t.Errorf("%v", q)
				}
				got = append(got, q.Options[int(q.Values[0])])
			}
		}
		if strings.Join(got, " ") != want || want == "" && (len(all) != 1 || all[0] != s) {
			t.Errorf("%v, want %s", got, want)
		}
	}
}
