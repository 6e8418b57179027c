package campaign

import (
	"testing"
	"time"

	"stco/explore"
)

// TestPlan: a plan counts every shard, seeds of each scenario, and its time is that of
// tables, searches and conclusions, by a clock that takes a step at every look.
func TestPlan(t *testing.T) {
	s := parse(t, "evaluations: 1500", "evaluations: 200")
	now := time.Unix(0, 0)
	p, err := NewPlan(t.Context(), s, 2, func() time.Time { now = now.Add(time.Millisecond); return now })
	if err != nil {
		t.Fatal(err)
	}
	if want := s.Search.Evaluations * int64(s.Seeds); p.Evaluations != want || p.Seeds != s.Seeds || p.Scenarios != 1 {
		t.Errorf("%d evaluations of %d seeds in %d scenarios, want %d", p.Evaluations, p.Seeds, p.Scenarios, want)
	}
	if p.Tables != time.Millisecond || p.Conclude != time.Millisecond || p.Search < time.Duration(s.Seeds)*time.Millisecond || p.Time() != p.Tables+p.Search+p.Conclude {
		t.Errorf("tables %v, searches %v, conclusions %v, together %v", p.Tables, p.Search, p.Conclude, p.Time())
	}
	// Tables and searches end with the limit of time, conclusions come after it.
	p = &Plan{Tables: time.Minute, Search: time.Hour, Conclude: time.Second, Limit: 10 * time.Minute}
	if got := p.Time(); got != 10*time.Minute+time.Second {
		t.Errorf("with a limit of ten minutes %v", got)
	}
	if p.Limit = 2 * time.Hour; p.Time() != time.Hour+time.Minute+time.Second {
		t.Errorf("with a limit of two hours %v", p.Time())
	}
	if p.Limit, p.Search = 0, 0; p.Time() != 0 {
		t.Errorf("without any limit %v", p.Time())
	}
}

// TestRehearsal: of a search that takes longer than it is tried, what is left goes on
// at the pace of its second half.
func TestRehearsal(t *testing.T) {
	c, err := prepared(parse(t, "evaluations: 1500", "evaluations: 200"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	c.opts = Environment{Workers: 1, Now: func() time.Time { now = now.Add(100 * time.Millisecond); return now }}
	c.Study.Search.Evaluations = 1 << 20
	cfg := explore.Config{
		Algorithm: explore.Random, Population: 20, Islands: 1, Workers: 1, Seed: 1, K: 10,
		Budget: explore.Budget{Evaluations: 1 << 20},
	}
	took, r, err := c.rehearse(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Reason != explore.Stopped || r.Evaluations >= 1<<19 {
		t.Fatalf("%v after %d evaluations", r.Reason, r.Evaluations)
	}
	// The clock goes on by a number of steps a generation, so the pace is constant.
	each := rehearsal.Seconds() / float64(r.Evaluations)
	if want := each * (1 << 20); took.Seconds() < 0.8*want || took.Seconds() > 1.25*want {
		t.Errorf("%v, about %.0f s at the pace of %d evaluations in %v", took, want, r.Evaluations, rehearsal)
	}
}
