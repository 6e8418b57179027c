package accel

import (
	"slices"
	"testing"

	"stco/model/accel/schedule"
	"stco/model/workload"
)

// TestAlternatives by hand: what is kept beside the schedule of the least traffic
// moves more in fewer cycles, by more than a hundredth, and what cannot be kept is
// not looked for.
func TestAlternatives(t *testing.T) {
	p := networkPlan(t, "resnet18", workload.Inference, 1)
	find := func(capacity int64) *schedule.Execution {
		k := 0
		for GridCapacity(k) < capacity {
			k++
		}
		s, err := p.schedule(k)
		if err != nil {
			t.Fatal(err)
		}
		return s[0]
	}
	much, little := find(1<<20), find(32<<20)
	if much.Total() < 1.1*little.Total() {
		t.Fatalf("%g and %g B", much.Total(), little.Total())
	}
	// with returns an execution with the traffic of one and so many times its cycles.
	with := func(e *schedule.Execution, times float64) *schedule.Execution {
		x := *e
		x.Outer *= times * p.cycles(little) / p.cycles(e)
		return &x
	}
	c, traffic := p.cycles(little), little.Total()
	for _, q := range []struct {
		traffic, cycles float64
		want            bool
	}{
		{traffic, c, true},
		{traffic - 0.4, c, true}, // half a byte is rounding
		{traffic - 0.6, c, false},
		{traffic, 1.02 * c, true},
		{traffic, 0.995 * c, true},
		{traffic, 0.985 * c, false},
	} {
		if got := p.useless([]*schedule.Execution{with(little, 1)}, q.traffic, q.cycles); got != q.want {
			t.Errorf("useless beside %g B in %g cycles: %g B in %g: %v", traffic, c, q.traffic, q.cycles, got)
		}
	}
	least := with(little, 1)
	for _, q := range []struct {
		what string
		of   []*schedule.Execution
		want []float64 // cycles in those of the first
	}{
		{"more traffic, as many cycles", []*schedule.Execution{with(much, 1), least}, []float64{1}},
		{"more traffic, hardly fewer cycles", []*schedule.Execution{with(much, 0.995), least}, []float64{1}},
		{"more traffic, fewer cycles", []*schedule.Execution{with(much, 0.985), least}, []float64{1, 0.985}},
		{"more traffic, more cycles", []*schedule.Execution{with(much, 1.5), least}, []float64{1}},
		{"the same traffic, hardly fewer cycles", []*schedule.Execution{least, with(little, 0.995)}, []float64{0.995}},
		{"the same traffic, more cycles", []*schedule.Execution{least, with(little, 1.005)}, []float64{1}},
	} {
		got := p.undominated(q.of)
		if len(got) != len(q.want) || !slices.IsSortedFunc(got, func(a, b *schedule.Execution) int { return int(a.Total() - b.Total()) }) {
			t.Errorf("%s: %d are kept", q.what, len(got))
			continue
		}
		for i, e := range got {
			near(t, q.what, p.cycles(e)/c, q.want[i])
		}
	}
}
