package accel

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
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
		tb.Fatal(err)
	}
	o.Batch = batch
	net, err := suite.Build(name, o)
	if err != nil && phase == workload.Decode {
		tb.Skip(err) // the network generates no tokens
	}
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

// batches is a network at several batches, all of which share their tilings.
type batches struct {
	phase     workload.Phase
	of        []int
	plans     []*Plan
	gradients float64 // bytes of weight gradients
	alone     bool    // each capacity for itself, not with those below it
	known     map[[2]int]batched
}

// batched is what an iteration asks of a buffer, 0 if the smallest tile does not fit.
type batched struct{ traffic, time, energy float64 }

// batchesOf prepares a network, nil if its batch is not split.
func batchesOf(t *testing.T, name string, phase workload.Phase, of []int) *batches {
	t.Helper()
	x := &batches{phase: phase, of: of, known: map[[2]int]batched{}}
	curves := residency.NewCurves()
	for _, batch := range of {
		p := splitPlan(t, name, phase, batch, curves, schedule.Groups)
		if p.opts.Part == nil {
			return nil // statistics of the whole batch
		}
		x.plans = append(x.plans, p)
	}
	if phase == workload.Training {
		for i := range x.plans[0].trace.Tensors {
			if w := &x.plans[0].trace.Tensors[i]; w.Class == workload.WeightGradient {
				x.gradients += float64(w.Bytes)
			}
		}
	}
	return x
}

// at returns what batch b asks of a buffer of capacity k of the grid.
func (x *batches) at(b, k int) batched {
	key := [2]int{b, k}
	if r, ok := x.known[key]; ok {
		return r
	}
	r := batched{}
	if table, err := x.table(x.plans[b], k); err == nil {
		m, s, cost := testMemory(), Scratch{}, Cost{}
		m.DRAMTime, m.Retention = 1/102e9, math.Inf(1)
		Evaluate(table, &m, &s, &cost)
		r = batched{table.DRAMBytes(), cost.Latency, cost.Energy.Total()}
	}
	x.known[key] = r
	return r
}

func (x *batches) table(p *Plan, k int) (*Traffic, error) {
	capacity := GridCapacity(k)
	if !x.alone {
		return p.Table(capacity)
	}
	base := int64(0)
	if k%2 == 1 {
		base = GridCapacity(k - 1)
	}
	list := p.run(capacity, base, nil)
	if list == nil {
		return nil, p.network.Whole().Fits(capacity)
	}
	return p.stageOn(p.choices(capacity, list), stagedKey{k, noPad})
}

// most returns what a batch may move beside runs of a part of it, which move one
// each. Runs of their own are no schedule of the batch where data of one part must
// wait for the others. In training the gradients do, which a run of a part is rid of
// once it has updated the weights: they are held meanwhile, so that the runs have the
// rest of the buffer, or written and read for each part, whichever is less. In
// decoding the caches do: a part has its share of the buffer.
func (x *batches) most(part, k int, runs float64) float64 {
	below := func(capacity float64) float64 {
		if capacity < float64(GridCapacity(0)) {
			return math.Inf(1)
		}
		at, err := GridIndex(int64(capacity))
		if one := x.at(part, min(at, k)).traffic; err == nil && one > 0 {
			return runs * one
		}
		return math.Inf(1)
	}
	switch own := runs * x.at(part, k).traffic; x.phase {
	case workload.Training:
		return min(own+2*(runs-1)*x.gradients, below(float64(GridCapacity(k))-x.gradients))
	case workload.Decode:
		return below(float64(GridCapacity(k)) / runs)
	default:
		return own
	}
}

// check checks at a capacity that a batch moves at most what its parts move in runs
// of their own, that a sample takes no more time and energy in it, and that no less
// than the compulsory traffic is moved. Time and energy are traded by their product,
// and a table keeps few schedules: the product may rise by 3 %, time and energy each by
// 8 % for less of the other. It returns the cells and those above runs of
// their own in the whole buffer.
func (x *batches) check(t *testing.T, k int) (cells, above int) {
	t.Helper()
	for b, batch := range x.of {
		got := x.at(b, k)
		if got.traffic == 0 {
			continue // the smallest tile does not fit
		}
		what := fmt.Sprintf("%s, batch %d, %d B", x.phase, batch, GridCapacity(k))
		if least := x.plans[b].Compulsory; got.traffic < least*(1-1e-12) {
			t.Errorf("%s: %.0f B of traffic, compulsory %.0f", what, got.traffic, least)
		}
		for d, part := range x.of[:b] {
			one := x.at(d, k)
			if one.traffic == 0 {
				continue
			}
			runs := float64(batch / part)
			cells++
			if got.traffic > runs*one.traffic*(1+1e-12) {
				above++
			}
			if most := x.most(d, k, runs); got.traffic > most*(1+1e-12) {
				t.Errorf("%s: %.0f B of traffic, %g runs of batch %d %.0f", what, got.traffic, runs, part, most)
			}
			if time, energy := got.time/runs/one.time, got.energy/runs/one.energy; x.phase == workload.Inference && (time*energy > 1.03 || time > 1.08 || energy > 1.08) {
				t.Errorf("%s: a sample takes %.4f of the time and %.4f of the energy at batch %d: %.4f", what, time, energy, part, time*energy)
			}
		}
	}
	return cells, above
}

// checkBatches checks a network at some capacities of the grid, and that no more is
// moved in a larger buffer.
func checkBatches(t *testing.T, name string, phase workload.Phase, of, capacities []int, alone bool) {
	t.Helper()
	x := batchesOf(t, name, phase, of)
	if x == nil {
		return
	}
	x.alone = alone
	cells, above := 0, 0
	last := make([]float64, len(of))
	for _, k := range capacities {
		c, a := x.check(t, k)
		cells, above = cells+c, above+a
		for b := range of {
			if got := x.at(b, k).traffic; got > 0 && !alone {
				if last[b] > 0 && got > last[b] {
					t.Errorf("%s %s, batch %d: %.0f B of traffic in %d B, in a smaller buffer %.0f", name, phase, of[b], got, GridCapacity(k), last[b])
				}
				last[b] = got
			}
		}
	}
	t.Logf("%s %s: %d of %d above runs of their own in the whole buffer", name, phase, above, cells)
}

// TestBatchIsNoLoss checks a few networks; the long tests check all, at every
// capacity.
func TestBatchIsNoLoss(t *testing.T) {
	var some []int
	for k := 12; k < 60; k += 5 { // 128 KiB on, all parts of an octave
		some = append(some, k)
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
		checkBatches(t, c.name, c.phase, c.batches, some, false)
	}
}

// sampled draws capacities of the grid for a network, 64 KiB to 1 GiB, the same ones
// in every run.
func sampled(name string, phase workload.Phase, n int) []int {
	h := fnv.New64a()
	h.Write([]byte(name + phase.String()))
	draw := rand.New(rand.NewPCG(1, h.Sum64()))
	list := draw.Perm(57)[:n]
	for i := range list {
		list[i] += 8
	}
	slices.Sort(list)
	return list
}

// TestBatchOfMany checks some networks built in, drawn by a seed from those of few
// steps, at capacities of their own; the long tests check all. Each capacity stands
// for itself: what holds for the schedules found at every capacity holds for the best
// of all up to it.
func TestBatchOfMany(t *testing.T) {
	var names []string
	for _, name := range suite.Names("") {
		if p := splitPlan(t, name, workload.Inference, 1, nil, schedule.Groups); p.network.Whole().Steps() <= 150 {
			names = append(names, name)
		}
	}
	draw := rand.New(rand.NewPCG(1, 12))
	for range 6 {
		name := names[draw.IntN(len(names))]
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			t.Run(name+" "+phase.String(), func(t *testing.T) {
				checkBatches(t, name, phase, []int{1, 4, 16}, sampled(name, phase, 2), true)
			})
		}
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
