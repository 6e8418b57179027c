package accel

import (
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
	part := func(batch, micro int) (*workload.Trace, error) {
		p := o
		p.Batch, p.MicroBatches = batch, micro
		return lower.Trace(net, p)
	}
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
// their own (but in decoding, where a part has the buffer to its own cache), never less than the compulsory traffic, and not more in a larger
// buffer. A run of a part in training has updated the weights when the next begins;
// parts of a batch keep their gradients meanwhile, which at most are written and read
// for each: at the capacity at which one run just fits they do not.
func checkBatches(t *testing.T, name string, phase workload.Phase, batches []int, capacities []int64) {
	t.Helper()
	curves := residency.NewCurves()
	traffic := make([][]float64, len(batches))
	gradients := 0.0
	for b, batch := range batches {
		p := splitPlan(t, name, phase, batch, curves, schedule.Groups)
		split := p.opts.Part != nil && phase != workload.Decode
		if gradients == 0 && phase == workload.Training {
			for i := range p.trace.Tensors {
				if x := &p.trace.Tensors[i]; x.Class == workload.WeightGradient {
					gradients += float64(x.Bytes)
				}
			}
		}
		last := 0.0
		for c, capacity := range capacities {
			got, err := p.Traffic(capacity)
			traffic[b] = append(traffic[b], got)
			if err != nil {
				traffic[b][c] = 0
				continue // the smallest tile does not fit
			}
			if got < p.Compulsory {
				t.Errorf("%s %s, batch %d, %d B: %.0f B of traffic, compulsory %.0f", name, phase, batch, capacity, got, p.Compulsory)
			}
			if last > 0 && got > last {
				t.Errorf("%s %s, batch %d, %d B: %.0f B of traffic, in a smaller buffer %.0f", name, phase, batch, capacity, got, last)
			}
			last = got
			for d, part := range batches[:b] {
				if most := float64(batch/part)*traffic[d][c] + 2*float64(batch/part-1)*gradients; split && traffic[d][c] > 0 && got > most*(1+1e-12) {
					t.Errorf("%s %s, %d B: batch %d moves %.0f B, %d runs of batch %d %.0f", name, phase, capacity, batch, got, batch/part, part, most)
				}
			}
		}
	}
}

// TestBatchIsNoLoss checks a few networks; the long tests check all, at every
// capacity.
func TestBatchIsNoLoss(t *testing.T) {
	var some []int64
	for k := 12; k < 60; k += 5 { // 128 KiB on, all parts of an octave
		some = append(some, Rung(k))
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
