package accel

import (
	"fmt"
	"math"
	"testing"

	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// splitPlan prepares a network whose batch may be split.
func splitPlan(tb testing.TB, name string, phase workload.Phase, batch int, curves *residency.Curves, mode schedule.Mode) *Plan {
	tb.Helper()
	o, err := suite.DefaultOptions(name, phase)
	if err != nil {
		tb.Skip(err) // the network has no such phase
	}
	o.Batch = batch
	net, err := suite.Build(name, o)
	if err != nil {
		tb.Fatal(err)
	}
	part := lower.Parts(net, o)
	trace, err := part(batch, 1)
	if err != nil {
		tb.Fatal(err)
	}
	for _, op := range net.Ops {
		if phase == workload.Training && op.Kind == workload.OpNorm && op.Fn == graph.BatchNorm {
			part = nil
		}
	}
	a := testArray()
	a.Rows, a.Cols = 128, 128
	p, err := NewPlan(trace, a, BufferPolicy{Part: part, Curves: curves, Schedule: mode})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// checkBatches checks that a batch moves at most what its parts move in runs of
// their own, that a sample takes no more time and energy in it, that no less than
// the compulsory traffic is moved, and not more in a larger buffer. Time and energy
// are traded by their product, and a table keeps few schedules: the product may rise
// by 2 %, time by 5 % for less energy, energy by 6 % for less time.
//
// Runs of their own are no schedule of the batch where data of one part must wait
// for the others. In training the gradients do, which a run of a part is rid of once
// it has updated the weights: they are held meanwhile, so that the runs have the rest
// of the buffer, or written and read for each part, whichever is less. In decoding
// the caches do: a part has its share of the buffer.
func checkBatches(t *testing.T, name string, phase workload.Phase, batches []int, capacities []int64) {
	t.Helper()
	curves := residency.NewCurves()
	at := make([][]batched, len(batches))
	gradients := 0.0
	above, cells := 0, 0 // more than runs of their own with the whole buffer
	for b, batch := range batches {
		p := splitPlan(t, name, phase, batch, curves, schedule.Groups)
		if p.opts.Part == nil {
			return // statistics of the whole batch
		}
		if gradients == 0 && phase == workload.Training {
			for i := range p.trace.Tensors {
				if x := &p.trace.Tensors[i]; x.Class == workload.WeightGradient {
					gradients += float64(x.Bytes)
				}
			}
		}
		last := 0.0
		for c, capacity := range capacities {
			at[b] = append(at[b], runOf(p, capacity))
			got := at[b][c]
			if got.traffic == 0 {
				continue // the smallest tile does not fit
			}
			what := fmt.Sprintf("%s %s, batch %d, %d B", name, phase, batch, capacity)
			if got.traffic < p.Compulsory {
				t.Errorf("%s: %.0f B of traffic, compulsory %.0f", what, got.traffic, p.Compulsory)
			}
			if last > 0 && got.traffic > last {
				t.Errorf("%s: %.0f B of traffic, in a smaller buffer %.0f", what, got.traffic, last)
			}
			last = got.traffic
			for d, part := range batches[:b] {
				one := at[d][c]
				if one.traffic == 0 {
					continue
				}
				runs := float64(batch / part)
				cells++
				if got.traffic > runs*one.traffic*(1+1e-12) {
					above++
				}
				most := runs * one.traffic
				switch phase {
				case workload.Inference:
				case workload.Training:
					most += 2 * (runs - 1) * gradients
					if x := at[d][:c+1][largest(capacities[:c+1], float64(capacity)-gradients)]; x.traffic > 0 && float64(capacity)-gradients >= float64(capacities[0]) {
						most = min(most, runs*x.traffic)
					}
				case workload.Decode:
					most = math.Inf(1)
					if share := float64(capacity) / runs; share >= float64(capacities[0]) {
						if x := at[d][largest(capacities[:c+1], share)]; x.traffic > 0 {
							most = runs * x.traffic
						}
					}
				}
				if got.traffic > most*(1+1e-12) {
					t.Errorf("%s: %.0f B of traffic, %g runs of batch %d %.0f", what, got.traffic, runs, part, most)
				}
				if time, energy := got.time/runs/one.time, got.energy/runs/one.energy; phase == workload.Inference && (time*energy > 1.02 || time > 1.05 || energy > 1.06) {
					t.Errorf("%s: a sample takes %.4f of the time and %.4f of the energy at batch %d: %.4f", what, time, energy, part, time*energy)
				}
			}
		}
	}
	t.Logf("%s %s: %d of %d above runs of their own in the whole buffer", name, phase, above, cells)
}

// batched is what an iteration asks of a buffer, 0 if the smallest tile does not fit.
type batched struct{ traffic, time, energy float64 }

func runOf(p *Plan, capacity int64) batched {
	table, err := p.Table(capacity)
	if err != nil {
		return batched{}
	}
	m, s, cost := testMemory(), Scratch{}, Cost{}
	m.DRAMTime, m.Retention = 1/102e9, math.Inf(1)
	Evaluate(table, &m, &s, &cost)
	return batched{table.DRAMBytes(), cost.Latency, cost.Energy.Total()}
}

// largest returns the index of the largest capacity of an ascending list that is at
// most some bytes, 0 if there is none.
func largest(capacities []int64, bytes float64) int {
	at := 0
	for i, c := range capacities {
		if float64(c) <= bytes {
			at = i
		}
	}
	return at
}

// TestBatchIsNoLoss checks a few networks; the long tests check all, at every
// capacity.
func TestBatchIsNoLoss(t *testing.T) {
	var some []int64
	for k := 12; k < 60; k += 5 { // 128 KiB on, all parts of an octave
		some = append(some, GridCapacity(k))
	}
	for _, c := range []struct {
		name    string
		phase   workload.Phase
		batches []int
	}{
		{"squeezenet1_0", workload.Inference, []int{1, 2, 4, 8}},
		{"resnet18", workload.Inference, []int{1, 4}},
		{"dlrm", workload.Inference, []int{1, 4, 16}},
		{"gpt2_small", workload.Decode, []int{4}},
		{"vgg16", workload.Training, []int{1, 2, 4}},
	} {
		checkBatches(t, c.name, c.phase, c.batches, some)
	}
}

// TestBERTHoldsItsWeights: in 192 MiB the weights of BERT-base fit, so that 64
// sequences move no more than 64 runs of one.
func TestBERTHoldsItsWeights(t *testing.T) {
	curves := residency.NewCurves()
	one, err := splitPlan(t, "bert_base", workload.Inference, 1, curves, schedule.Groups).Table(192 << 20)
	if err != nil {
		t.Fatal(err)
	}
	all, err := splitPlan(t, "bert_base", workload.Inference, 64, curves, schedule.Groups).Table(192 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if all.DRAMBytes() > 64*one.DRAMBytes() {
		t.Errorf("batch 64 moves %.0f B, 64 runs of batch 1 %.0f", all.DRAMBytes(), 64*one.DRAMBytes())
	}
	m, s := testMemory(), Scratch{}
	var a, b Cost
	Evaluate(one, &m, &s, &a)
	Evaluate(all, &m, &s, &b)
	if b.Energy.Total() > 64*a.Energy.Total()*(1+1e-9) || b.Latency > 64*a.Latency*(1+1e-9) {
		t.Errorf("a sample of 64 takes %g J and %g s, one alone %g J and %g s", b.Energy.Total()/64, b.Latency/64, a.Energy.Total(), a.Latency)
	}
}

// TestBatch16BesideRuns: curves of ResNet-50 and VGG-16 at batch 16 never lie
// above the line of 16 runs of one image, and where weights do not fit lie far
// below it.
func TestBatch16BesideRuns(t *testing.T) {
	for _, name := range []string{"resnet50", "vgg16"} {
		curves := residency.NewCurves()
		one := splitPlan(t, name, workload.Inference, 1, curves, schedule.Groups)
		all := splitPlan(t, name, workload.Inference, 16, curves, schedule.Groups)
		layer := splitPlan(t, name, workload.Inference, 16, curves, schedule.Layers)
		for mib := int64(1); mib <= 512; mib *= 4 {
			x, err := one.Traffic(mib << 20)
			if err != nil {
				t.Fatal(err)
			}
			y, err := all.Traffic(mib << 20)
			if err != nil {
				t.Fatal(err)
			}
			z, err := layer.Traffic(mib << 20)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %3d MiB: groups %.1f MB, 16 runs %.1f, layers %.1f", name, mib, y/1e6, 16*x/1e6, z/1e6)
			if y > 16*x || y > z {
				t.Errorf("%s, %d MiB: batch 16 moves %.0f B, 16 runs %.0f, layer by layer %.0f", name, mib, y, 16*x, z)
			}
			if mib == 16 && y > 8*x {
				t.Errorf("%s, %d MiB: batch 16 moves %.0f B, more than half of 16 runs, %.0f", name, mib, y, 16*x)
			}
		}
	}
}
