package accel

import (
	"testing"

	"stco/model/accel/schedule"
	"stco/model/workload"
)

// TestReadsByHand: of 300 B that the first step reads, 100 of a weight, the level
// before the buffer takes 900 B, each byte three times; the second takes 100 of the
// result once. Two passes an iteration: the weight, which stays, is read six times,
// the result once, and may be written to DRAM. The rounds of a group are other
// samples, but the same weight.
func TestReadsByHand(t *testing.T) {
	const input, weight, result = 0, 1, 2
	tr := &workload.Trace{Tensors: []workload.Tensor{{Bytes: 200, External: true}, {Bytes: 100, Persistent: true, Class: workload.Weight}, {Bytes: 100}}}
	tr.Steps = []workload.Step{
		{Reads: []workload.Operand{{Tensor: input, Bytes: 200}, {Tensor: weight, Bytes: 100}}, Writes: []workload.Operand{{Tensor: result, Bytes: 100}}},
		{Reads: []workload.Operand{{Tensor: result, Bytes: 100}}},
	}
	p := &Plan{trace: tr, traces: []*workload.Trace{tr}}
	table := func(rounds int) *Traffic {
		x := rowsOf(rounds)
		x.loads[0].read, x.loads[0].dram, x.loads[0].dramRead = 900+50, 250, 200 // 50 B go to DRAM
		x.loads[1].read = 100
		if rounds > 1 {
			x.loads[2], x.loads[3] = x.loads[0], x.loads[1]
			x.loads[2].repeat, x.loads[3].repeat = float64(rounds-1), float64(rounds-1)
		}
		return x
	}
	for _, c := range []struct {
		rounds        int
		permanent     float64
		once, lasting float64
	}{{1, 100, 4, 6}, {1, 0, 6, 0}, {5, 100, 4, 30}} {
		x := table(c.rounds)
		x.Permanent[workload.Weight] = c.permanent
		p.countReads(x)
		if x.reads != (reads{c.once, c.lasting}) {
			t.Errorf("%d rounds, %g B stay: %+v, want %g and %g", c.rounds, c.permanent, x.reads, c.once, c.lasting)
		}
	}
	tr.Steps[1].Writes = []workload.Operand{{Tensor: weight, Bytes: 100}}
	x := table(1)
	if p.countReads(x); x.reads != (reads{7, 0}) {
		t.Errorf("a weight that is written: %+v", x.reads)
	}
}

// rowsOf returns two steps in one group of some rounds, twice an iteration.
func rowsOf(rounds int) *Traffic {
	x := &Traffic{outer: 2, groups: []schedule.Stack{{First: 0, End: 2, Rounds: rounds}}}
	for range min(rounds, 2) {
		for step := range int32(2) {
			x.rows = append(x.rows, schedule.Row{Step: step, Repeat: 1})
			x.loads = append(x.loads, load{repeat: 1})
		}
	}
	if rounds > 1 {
		x.rows[2].Repeat, x.rows[3].Repeat = float64(rounds-1), float64(rounds-1)
	}
	return x
}
