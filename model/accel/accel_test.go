package accel

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/accel/systolic"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

func testArray() Array {
	return Array{Rows: 32, Cols: 32, Dataflow: systolic.OutputStationary, VectorLanes: 256, AccumBytes: 4}
}

func networkPlan(tb testing.TB, name string, phase workload.Phase, batch int) *Plan {
	tb.Helper()
	return planOf(tb, name, phase, func(o *workload.Options) { o.Batch = batch })
}

func planOf(tb testing.TB, name string, phase workload.Phase, set func(*workload.Options)) *Plan {
	tb.Helper()
	opts, err := suite.DefaultOptions(name, phase)
	if err != nil {
		tb.Fatal(err)
	}
	set(&opts)
	net, err := suite.Build(name, opts)
	if err != nil {
		tb.Fatal(err)
	}
	trace, err := lower.Trace(net, opts)
	if err != nil {
		tb.Fatal(err)
	}
	a := testArray()
	a.Rows, a.Cols = 128, 128
	p, err := NewPlan(trace, a, BufferPolicy{})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// chain draws a trace of matrix products and vector steps in which tensors are
// used again at random distances.
func chain(t *rapid.T) *workload.Trace {
	n := rapid.IntRange(2, 14).Draw(t, "steps")
	tr := &workload.Trace{Network: "chain", Batch: 1}
	tensor := func(name string, elems int64) workload.TensorID {
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: name, Elems: elems, Bytes: 2 * elems})
		return workload.TensorID(len(tr.Tensors) - 1)
	}
	operand := func(id workload.TensorID) workload.Operand {
		return workload.Operand{Tensor: id, Bytes: tr.Tensors[id].Bytes}
	}
	dim := rapid.Int64Range(1, 96)
	m, width := dim.Draw(t, "rows"), dim.Draw(t, "width")
	x := tensor("input", m*width)
	tr.Tensors[x].External = true
	live := []workload.TensorID{x}
	for i := range n {
		if rapid.Bool().Draw(t, "vector") {
			y := tensor(fmt.Sprintf("v%d", i), tr.Tensors[live[len(live)-1]].Elems)
			s := workload.Step{Name: "add", VectorOps: tr.Tensors[y].Elems, Reads: []workload.Operand{operand(live[len(live)-1])}, Writes: []workload.Operand{operand(y)}}
			if old := rapid.SampledFrom(live).Draw(t, "skip"); old != live[len(live)-1] {
				s.Reads = append(s.Reads, operand(old))
			}
			tr.Steps = append(tr.Steps, s)
			live = append(live, y)
			continue
		}
		k := dim.Draw(t, "k")
		w := tensor(fmt.Sprintf("w%d", i), width*k)
		tr.Tensors[w].Class = workload.Weight
		tr.Tensors[w].Persistent = rapid.Bool().Draw(t, "persistent")
		tr.Tensors[w].External = !tr.Tensors[w].Persistent
		y := tensor(fmt.Sprintf("y%d", i), m*k)
		in := live[len(live)-1]
		if tr.Tensors[in].Elems != m*width {
			t.Fatal("shape")
		}
		nest := workload.Nest{N: 1, P: m, Q: 1, H: m, W: 1, C: width, K: k, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
		tr.Steps = append(tr.Steps, workload.Step{
			Name: fmt.Sprintf("mm%d", i), Op: workload.OpLinear, Nest: nest, MACs: nest.MACs(), NIn0: 1, NIn1: 1,
			Reads: []workload.Operand{operand(in), operand(w)}, Writes: []workload.Operand{operand(y)},
		})
		live, width = append(live, y), k
	}
	tr.Tensors[live[len(live)-1]].Output = true
	return tr
}

// TestTrafficFallsToCompulsory checks the three properties of the traffic
// curve on random traces: it never rises with capacity, it is never below the
// compulsory traffic and reaches it when everything fits, and residency never
// costs more than running every step alone.
func TestTrafficFallsToCompulsory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := chain(t)
		p, err := NewPlan(tr, testArray(), BufferPolicy{})
		if err != nil {
			t.Fatal(err)
		}
		alone, err := NewPlan(tr, testArray(), BufferPolicy{NoResidency: true})
		if err != nil {
			t.Fatal(err)
		}
		last := math.Inf(1)
		for k := range 40 {
			table, err := p.at(k)
			if err != nil {
				continue
			}
			got := table.DRAMBytes()
			if got > last+0.5 {
				t.Fatalf("traffic rises from %g to %g B at %d B", last, got, GridCapacity(k))
			}
			if got < p.Compulsory-0.5 {
				t.Fatalf("traffic %g B below the compulsory %g B at %d B", got, p.Compulsory, GridCapacity(k))
			}
			single, err := alone.at(k)
			if err != nil {
				t.Fatal(err)
			}
			if got > single.DRAMBytes()+0.5 {
				t.Fatalf("residency moves %g B, every step alone %g B, at %d B", got, single.DRAMBytes(), GridCapacity(k))
			}
			last = got
		}
		if last > p.Compulsory+0.5 {
			t.Fatalf("traffic %g B with everything on chip, compulsory %g B", last, p.Compulsory)
		}
	})
}

// TestExact checks the table of a capacity between two grid capacities: not more traffic
// than at the grid capacity below, the same table when asked again, and that of the grid capacity
// at a grid capacity.
func TestExact(t *testing.T) {
	p := networkPlan(t, "resnet18", workload.Inference, 1)
	for _, capacity := range []int64{1<<20 + 4321, 11 << 20, 23_900_000} {
		exact, err := p.Exact(capacity)
		if err != nil {
			t.Fatal(err)
		}
		below, err := p.Table(capacity)
		if err != nil {
			t.Fatal(err)
		}
		if exact.Capacity != capacity || exact.DRAMBytes() > below.DRAMBytes() || exact.PeakLive > float64(capacity) {
			t.Errorf("%d B: traffic %g, grid capacity below %g; %g B resident", capacity, exact.DRAMBytes(), below.DRAMBytes(), exact.PeakLive)
		}
		if bytes, err := p.Traffic(capacity); err != nil || bytes != exact.DRAMBytes() {
			t.Errorf("%d B: traffic %g, in the table %g", capacity, bytes, exact.DRAMBytes())
		}
		if again, err := p.Exact(capacity); err != nil || again != exact {
			t.Errorf("%d B: another table", capacity)
		}
		point, err := p.Exact(below.Capacity)
		if err != nil || point != below {
			t.Errorf("%d B: not the table of the grid capacity", below.Capacity)
		}
	}
	if _, err := p.Exact(1000); err == nil {
		t.Error("1000 B are accepted")
	}
}

// TestStepsAddUp checks conservation: times, energies and traffic of the steps
// add up to those of the evaluation.
func TestStepsAddUp(t *testing.T) {
	m := testMemory()
	for _, c := range []struct {
		name  string
		phase workload.Phase
	}{{"resnet50", workload.Training}, {"mobilenet_v2", workload.Inference}, {"bert_base", workload.Training}, {"gpt2_small", workload.Decode}} {
		p := networkPlan(t, c.name, c.phase, 2)
		for _, mb := range []int64{1, 16} {
			table, err := p.Table(mb << 20)
			if err != nil {
				t.Fatal(err)
			}
			var cost Cost
			Evaluate(table, &m, &Scratch{}, &cost)
			x := Explain(p, table, &m)
			var time, energy, dram, macs float64
			for i := range x.Steps {
				s := &x.Steps[i]
				time += s.Time
				energy += s.Energy
				dram += s.DRAMRead + s.DRAMWrite
				macs += s.MACs
			}
			near(t, c.name+" time", time, cost.Latency*(1-cost.ScrubShare))
			near(t, c.name+" time by bound", x.TimeByBound[0]+x.TimeByBound[1]+x.TimeByBound[2]+x.Exposed, time)
			near(t, c.name+" dynamic energy", energy, cost.Energy.MAC+cost.Energy.Vector+cost.Energy.BufferRead+cost.Energy.BufferWrite+cost.Energy.PadRead+cost.Energy.PadWrite+cost.Energy.PEBuffer+cost.Energy.DRAM)
			near(t, c.name+" DRAM bytes", dram, cost.DRAMBytes)
			near(t, c.name+" MACs", macs, float64(p.MACs))
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

func testMemory() Memory {
	return Memory{
		Level:      Level{ReadOccupancy: 1e-12, WriteOccupancy: 2e-12, ReadLatency: 5e-9, WriteLatency: 4e-9, ReadEnergy: 1e-12, WriteEnergy: 2e-12},
		Scratchpad: Level{ReadOccupancy: 0.5e-12, WriteOccupancy: 0.5e-12, ReadLatency: 1e-9, WriteLatency: 1e-9, ReadEnergy: 0.2e-12, WriteEnergy: 0.3e-12},
		PEBuffer:   Level{ReadEnergy: 0.1e-12, WriteEnergy: 0.1e-12, ReadLatency: 0.5e-9, WriteLatency: 0.5e-9},
		ReadBus:    2e-12, WriteBus: 4e-12, BufferLeakage: 0.1, Retention: 1e-3, Scrub: true, Residence: 86400, Capacity: 1 << 24,
		Endurance: 1e12, ProductLife: 1e8, WearLeveling: 0.5, DRAMTime: 1 / 460e9, DRAMEnergy: 30e-12, DRAMLatency: 100e-9,
		Clock: 1e9, MACEnergy: 1e-12, VectorEnergy: 1e-12, LogicLeakage: 0.5,
	}
}

// TestCapacityMatters checks the shape that a capacity search lives on: the
// curves of both batch sizes fall over several octaves and end at the
// compulsory traffic.
func TestCapacityMatters(t *testing.T) {
	for _, c := range []struct {
		name  string
		phase workload.Phase
		batch int
	}{
		{"resnet50", workload.Inference, 1},
		{"resnet50", workload.Inference, 16},
		{"resnet50", workload.Training, 4},
		{"resnet50", workload.Training, 16},
		{"bert_base", workload.Inference, 1},
		{"bert_base", workload.Inference, 8},
		{"bert_base", workload.Training, 1},
		{"bert_base", workload.Training, 8},
	} {
		p := networkPlan(t, c.name, c.phase, c.batch)
		bytes := func(capacity int64) float64 {
			table, err := p.Table(capacity)
			if err != nil {
				t.Fatal(err)
			}
			return table.DRAMBytes()
		}
		line, last := "", math.Inf(1)
		for mb := int64(1); mb <= 512; mb *= 2 {
			b := bytes(mb << 20)
			line += fmt.Sprintf(" %.0f", b/1e6)
			if b > last {
				t.Errorf("%s %s batch %d: traffic rises at %d MiB", c.name, c.phase, c.batch, mb)
			}
			last = b
		}
		t.Logf("%s %s batch %d, MB of DRAM traffic at 1, 2, 4 .. 512 MiB:%s", c.name, c.phase, c.batch, line)
		if bytes(1<<20) < 1.5*last {
			t.Errorf("%s %s batch %d: flat from 1 to 512 MiB", c.name, c.phase, c.batch)
		}
		if end := bytes(1 << 36); math.Abs(end-p.Compulsory) > 0.5 {
			t.Errorf("%s %s batch %d: %g B with 64 GiB of buffer, compulsory %g B", c.name, c.phase, c.batch, end, p.Compulsory)
		}
	}
}

// TestLifetimes checks retention demands on a trace whose answer is known: a
// tensor written by the first step and read by the last lives for all steps
// between.
func TestLifetimes(t *testing.T) {
	tr := &workload.Trace{Network: "skip"}
	for i := range 5 {
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: fmt.Sprint(i), Elems: 1000, Bytes: 2000, External: i == 0, Output: i == 4})
	}
	op := func(i int) workload.Operand { return workload.Operand{Tensor: workload.TensorID(i), Bytes: 2000} }
	for i := range 4 {
		s := workload.Step{Name: fmt.Sprint(i), VectorOps: 1000, Reads: []workload.Operand{op(i)}, Writes: []workload.Operand{op(i + 1)}}
		if i == 3 {
			s.Reads = append(s.Reads, op(1))
		}
		tr.Steps = append(tr.Steps, s)
	}
	p, err := NewPlan(tr, testArray(), BufferPolicy{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := p.Table(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	m := testMemory()
	m.Scrub = false
	var c Cost
	Evaluate(table, &m, &Scratch{}, &c)
	x := Explain(p, table, &m)
	near(t, "lifetime", c.Lifetime[workload.Activation], x.Steps[1].Time+x.Steps[2].Time+x.Steps[3].Time)
	if table.DRAMBytes() != 4000 {
		t.Errorf("traffic %g B, want input and output, 4000 B", table.DRAMBytes())
	}
}

func BenchmarkTableCold(b *testing.B) {
	for b.Loop() {
		p := networkPlan(b, "resnet50", workload.Training, 16)
		if _, err := p.Table(64 << 20); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	p := networkPlan(b, "resnet50", workload.Training, 16)
	table, err := p.Table(64 << 20)
	if err != nil {
		b.Fatal(err)
	}
	m, s, c := testMemory(), Scratch{}, Cost{}
	Evaluate(table, &m, &s, &c)
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(table, &m, &s, &c)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(table.Steps()), "ns/step")
}

// TestCacheLifetime: the oldest keys and values of a cache with room for a
// context of tokens have been there for as many iterations as it has tokens.
func TestCacheLifetime(t *testing.T) {
	p := networkPlan(t, "gpt2_small", workload.Decode, 1) // 1,024 tokens
	table, err := p.Table(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	m := testMemory()
	m.Scrub = false
	var c Cost
	Evaluate(table, &m, &Scratch{}, &c)
	if tokens := c.Lifetime[workload.KVCache] / c.Latency; math.Abs(tokens-1025) > 1 {
		t.Errorf("the cache lives %g iterations, want 1,025", tokens)
	}
}
