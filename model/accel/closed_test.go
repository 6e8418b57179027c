package accel

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/model/accel/overlap"
	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/accel/systolic"
	"stco/model/workload"
)

// drawnTable draws a table of steps of a few kinds that differ in every
// proportion, with lifetimes of any two steps: what no trace of a network has,
// so that every shortcut of an evaluation is taken and refused.
func drawnTable(t *rapid.T) *Traffic {
	n, kinds := rapid.IntRange(1, 120).Draw(t, "steps"), rapid.IntRange(1, 40).Draw(t, "kinds")
	bytes := func(most float64) float64 {
		if rapid.IntRange(0, 5).Draw(t, "none") == 0 {
			return 0
		}
		return math.Round(math.Pow(10, rapid.Float64Range(0, most).Draw(t, "bytes")))
	}
	some := make([]load, kinds)
	pads := make([]padLoad, kinds)
	for i := range some {
		some[i] = load{
			cycles: bytes(6), read: bytes(7), write: bytes(7), peRead: bytes(6), peWrite: bytes(6), dram: bytes(7), macs: bytes(9), ops: bytes(6),
			fills: float64(rapid.IntRange(0, 1).Draw(t, "fills")), repeat: float64(rapid.IntRange(1, 3).Draw(t, "repeat")),
		}
		some[i].dramRead = some[i].dram * rapid.SampledFrom([]float64{0, 0.5, 0.9, 1}).Draw(t, "share")
		some[i].room = bytes(8)
		pads[i] = padLoad{bytes(7), bytes(7), bytes(7), bytes(7)}
	}
	table := &Traffic{Capacity: 1 << 20, outer: float64(rapid.IntRange(1, 3).Draw(t, "passes")), mode: rapid.SampledFrom([]overlap.Mode{overlap.Window, overlap.Window, overlap.Step, overlap.Ideal}).Draw(t, "overlap")}
	with := rapid.Bool().Draw(t, "scratchpad")
	for i := range n {
		k := rapid.IntRange(0, kinds-1).Draw(t, "kind")
		l := some[k]
		if l.after = -1; rapid.IntRange(0, 3).Draw(t, "spilled") == 0 {
			l.after = int32(rapid.IntRange(max(0, i-8), i).Draw(t, "after"))
		}
		table.loads = append(table.loads, l)
		table.rows = append(table.rows, schedule.Row{Step: int32(i), Repeat: some[k].repeat})
		times := some[k].repeat * table.outer
		if with {
			table.pads = append(table.pads, pads[k])
			table.PadRead += pads[k].read * times
			table.PadWrite += pads[k].write * times
		}
		table.Cycles += l.cycles * times
		table.MACs += l.macs * times
		table.VectorOps += l.ops * times
		table.BufRead += l.read * times
		table.BufWrite += l.write * times
		table.PERead += l.peRead * times
		table.PEWrite += l.peWrite * times
		table.DRAMRead[0] += l.dramRead * times
		table.DRAMWrite[1] += (l.dram - l.dramRead) * times
	}
	for c := range table.stays {
		if rapid.Bool().Draw(t, "stays") {
			for range rapid.IntRange(1, 12).Draw(t, "lifetimes") {
				from := rapid.IntRange(-n, n-1).Draw(t, "from")
				to := rapid.IntRange(max(from, 0), min(from+n, n-1)).Draw(t, "to")
				table.stays[c] = append(table.stays[c], residency.Stay{From: int32(from), To: int32(to)})
			}
			table.live[c] = make([]float64, n)
			for i := range table.live[c] {
				table.live[c][i] = bytes(6)
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "age") == 0 {
			table.Age[c] = rapid.Float64Range(1, 4).Draw(t, "iterations")
		}
		if rapid.IntRange(0, 5).Draw(t, "kept") == 0 {
			table.Permanent[c] = 1
		}
	}
	table.digest = newDigest(table)
	return table
}

// TestDrawnTables holds evaluations of drawn tables on drawn memories to the
// plain walk, and their energies and wear to sums over the steps.
func TestDrawnTables(t *testing.T) {
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		table := drawnTable(t)
		for range 4 {
			m := drawnMemory(t)
			m.Scrub, m.DRAMPower = rapid.Bool().Draw(t, "scrub"), 0.3
			var got Cost
			Evaluate(table, &m, &s, &got)
			want := walked(table, &m)
			same := func(what string, got, want float64) {
				if got != want && !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
					t.Fatalf("%s: %.12g, step by step %.12g", what, got, want)
				}
			}
			var dram, read, write, pad, pe, macs, ops float64
			for i := range table.loads {
				l := &table.loads[i]
				times := l.repeat * table.outer
				dram += l.dram * times
				read += l.read * times
				write += l.write * times
				macs += l.macs * times
				ops += l.ops * times
				pe += (l.peRead*m.PEBuffer.ReadEnergy + l.peWrite*m.PEBuffer.WriteEnergy) * times
				if table.pads != nil {
					pad += (table.pads[i].read*m.Scratchpad.ReadEnergy + table.pads[i].write*m.Scratchpad.WriteEnergy) * times
				}
			}
			total := want.Latency * (1 - want.ScrubShare)
			if want.ScrubShare < 0.99 {
				same("latency", got.Latency, want.Latency)
			}
			same("peak power", got.PeakPower, want.PeakPower)
			same("share of scrubbing", got.ScrubShare, want.ScrubShare)
			same("longest lifetime", got.LongestLifetime, want.LongestLifetime)
			for c := range want.Lifetime {
				if math.Abs(got.Lifetime[c]-want.Lifetime[c]) > 1e-9*max(want.Lifetime[c], total) {
					t.Fatalf("lifetime of class %d: %g, step by step %g", c, got.Lifetime[c], want.Lifetime[c])
				}
			}
			e := &got.Energy
			same("MAC", e.MAC, macs*m.MACEnergy)
			same("vector", e.Vector, ops*m.VectorEnergy)
			same("reads", e.BufferRead, read*m.ReadEnergy)
			same("writes", e.BufferWrite, write*m.WriteEnergy)
			same("scratchpad", e.PadRead+e.PadWrite, pad)
			same("PE buffer", e.PEBuffer, pe)
			same("DRAM", e.DRAM, dram*m.DRAMEnergy)
			same("scrub", e.Scrub, want.Energy.Scrub)
			if want.ScrubShare < 0.99 {
				same("DRAM background", e.DRAMBackground, 0.3*want.Latency)
				same("leakage", e.BufferLeakage, m.BufferLeakage*want.Latency)
				same("logic", e.Logic, m.LogicLeakage*want.Latency)
				scrub := want.Energy.Scrub / (m.ReadEnergy + m.WriteEnergy)
				same("wear", got.WearOut, (write+scrub)*m.ProductLife/want.Latency/m.Capacity/m.WearLeveling/m.Endurance)
				memory := pe + pad + read*m.ReadEnergy + write*m.WriteEnergy + dram*m.DRAMEnergy + (0.3+m.BufferLeakage)*want.Latency + e.Scrub
				same("memory", e.Memory(), memory)
				same("total", e.Total(), memory+macs*m.MACEnergy+ops*m.VectorEnergy+m.LogicLeakage*want.Latency)
			}
			same("traffic", got.DRAMBytes, dram)
		}
	})
}

// TestPeakWithoutCycles: the most power may be that of steps that only read the
// buffer, among many kinds of them.
func TestPeakWithoutCycles(t *testing.T) {
	table := &Traffic{Capacity: 1 << 20, outer: 1, mode: overlap.Step}
	for i := range 8 * groupSize {
		l := load{read: 1e5 - 1e3*float64(i), repeat: 1, after: -1}
		if i >= 4*groupSize {
			l = load{cycles: 1e6 + float64(i), macs: 1e6, repeat: 1, after: -1}
		}
		table.loads = append(table.loads, l)
		table.rows = append(table.rows, schedule.Row{Step: int32(i), Repeat: 1})
	}
	table.digest = newDigest(table)
	m := testMemory()
	var s Scratch
	var got Cost
	Evaluate(table, &m, &s, &got)
	if want := walked(table, &m); math.Abs(got.PeakPower-want.PeakPower) > 1e-9*want.PeakPower {
		t.Errorf("peak power %g W, step by step %g W", got.PeakPower, want.PeakPower)
	}
}

// TestExplainDrawn holds the explanation of every step to what it asks of each
// resource.
func TestExplainDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, m := drawnTable(t), drawnMemory(t)
		table.mode = overlap.Step
		table.digest = newDigest(table)
		trace := &workload.Trace{}
		p := &Plan{traces: []*workload.Trace{trace}}
		for i := range table.loads {
			trace.Steps = append(trace.Steps, workload.Step{Name: "s", Op: workload.OpKind(i % 3), Pass: workload.Pass(i % int(workload.NumPasses))})
		}
		e := Explain(p, table, &m)
		var byBound [NumBounds]float64
		var byPass [workload.NumPasses]float64
		var live [workload.NumClasses]float64
		now, hidden := 0.0, 0.0
		same := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-9*max(math.Abs(got), math.Abs(want)) {
				t.Fatalf("%s: %g, want %g", what, got, want)
			}
		}
		for i := range table.loads {
			l, x := &table.loads[i], padLoad{}
			buffer := max(busy(&m, &m.Level, l.read, l.write), l.read*m.ReadBus, l.write*m.WriteBus)
			exposed := m.ReadLatency + m.WriteLatency + m.PEBuffer.ReadLatency + m.PEBuffer.WriteLatency + l.fills*m.DRAMLatency
			if table.pads != nil {
				x = table.pads[i]
				buffer = max(busy(&m, &m.Level, l.read, l.write), busy(&m, &m.Scratchpad, x.read, x.write), x.portRead*m.ReadBus, x.portWrite*m.WriteBus)
				exposed += m.Scratchpad.ReadLatency + m.Scratchpad.WriteLatency
			}
			times := l.repeat * table.outer
			compute, dram := l.cycles/m.Clock*times, l.dram*m.DRAMTime*times
			buffer, exposed = buffer*times, exposed*times
			d := max(compute, buffer, dram)
			got := &e.Steps[i]
			switch got.Bound {
			case ComputeBound:
				same("compute", compute, d)
			case BufferBound:
				same("buffer", buffer, d)
			case DRAMBound:
				same("DRAM", dram, d)
			case NumBounds:
				t.Fatalf("step %d waits for nothing", i)
			}
			byBound[got.Bound] += d
			byPass[i%int(workload.NumPasses)] += d + exposed
			hidden += exposed
			same("start", got.Start, now)
			same("time", got.Time, d+exposed)
			now += d + exposed
			same("DRAM reads", got.DRAMRead, l.dramRead*times)
			same("DRAM writes", got.DRAMWrite, (l.dram-l.dramRead)*times)
			same("energy", got.Energy, times*(l.macs*m.MACEnergy+l.ops*m.VectorEnergy+l.read*m.ReadEnergy+l.write*m.WriteEnergy+l.dram*m.DRAMEnergy+
				l.peRead*m.PEBuffer.ReadEnergy+l.peWrite*m.PEBuffer.WriteEnergy+x.read*m.Scratchpad.ReadEnergy+x.write*m.Scratchpad.WriteEnergy))
			want := [...]float64{l.cycles, l.macs, l.read, l.write, x.read, x.write, l.peRead, l.peWrite}
			for j := range want {
				want[j] *= times
			}
			if [...]float64{got.Cycles, got.MACs, got.BufRead, got.BufWrite, got.PadRead, got.PadWrite, got.PERead, got.PEWrite} != want {
				t.Fatalf("step %d: %+v, want %v", i, got, want)
			}
			for c := range table.live {
				if table.live[c] != nil {
					live[c] += table.live[c][i] * (d + exposed)
				}
			}
		}
		for b := range byBound {
			same("time by bound", e.TimeByBound[b], byBound[b])
		}
		for b := range byPass {
			same("time by pass", e.TimeByPass[b], byPass[b])
		}
		for c := range live {
			same("mean live", e.MeanLive[c], live[c]/now)
		}
		same("exposed", e.Exposed, hidden)
	})
}

// TestDemandByHand: steps of 10, 30 and 60 cycles that read 4, 1 and 2 bytes a
// cycle, and two that are not on the array. 30 % of the cycles are content with
// 1, 90 % with 2, all with 4.
func TestDemandByHand(t *testing.T) {
	table := &Traffic{loads: []load{
		{cycles: 10, macs: 1, read: 40, write: 10, dram: 60, repeat: 1},
		{cycles: 1000, read: 1e6, repeat: 1},
		{cycles: 15, macs: 1, read: 15, write: 45, dram: 15, repeat: 2},
		{cycles: 60, macs: 1, read: 120, write: 120, dram: 300, repeat: 1},
		{macs: 1, read: 5, repeat: 1},
	}}
	for _, c := range []struct {
		share float64
		want  Demand
	}{
		{0, Demand{1, 1, 1}},
		{0.05, Demand{1, 1, 1}},
		{0.1, Demand{1, 1, 1}},
		{0.3, Demand{1, 2, 1}},
		{0.31, Demand{2, 2, 5}},
		{0.7, Demand{2, 2, 5}},
		{0.71, Demand{2, 3, 5}},
		{0.9, Demand{2, 3, 5}},
		{0.91, Demand{4, 3, 6}},
		{1, Demand{4, 3, 6}},
	} {
		if got := table.DemandFor(c.share); got != c.want {
			t.Errorf("for %g of the cycles %+v, want %+v", c.share, got, c.want)
		}
	}
	if got := (&Traffic{}).DemandFor(1); got != (Demand{}) {
		t.Errorf("no steps ask for %+v", got)
	}
}

// TestLadder: four grid capacities an octave from 16 KiB to below 2 TiB.
func TestLadder(t *testing.T) {
	for k, want := range []int64{16384, 20480, 24576, 28672, 32768, 40960, 49152, 57344, 65536, 81920} {
		if GridCapacity(k) != want {
			t.Errorf("grid capacity %d is %d B, want %d", k, GridCapacity(k), want)
		}
	}
	if GridSize != 108 || GridCapacity(107) != 7<<38 {
		t.Errorf("%d grid capacities to %d B", GridSize, GridCapacity(GridSize-1))
	}
	for k := range GridSize {
		for _, c := range []struct {
			capacity int64
			want     int
		}{{GridCapacity(k), k}, {GridCapacity(k) + 1, k}, {GridCapacity(k) - 1, k - 1}} {
			got, err := GridIndex(c.capacity)
			if k == GridSize-1 && c.capacity > GridCapacity(k) || c.want < 0 {
				if err == nil {
					t.Errorf("%d B is outside", c.capacity)
				}
				continue
			}
			if err != nil || got != c.want {
				t.Errorf("%d B is grid capacity %d, want %d: %v", c.capacity, got, c.want, err)
			}
		}
	}
}

// TestPassByHand: 100 bytes go in and 50 come out; 30 come from and 20 go to the
// level behind. 70 hit; 20 of the 50 leave at once; of the 30 that arrive all
// are stored, for hits or to stay, unless there are too few of both.
func TestPassByHand(t *testing.T) {
	for _, c := range []struct{ in, out, grown, read, write float64 }{
		{100, 50, 10, 70, 30 + 30}, {30, 50, 10, 0, 30 + 10}, {30, 50, 0, 0, 30}, {35, 5, 3, 5 + 15, 0 + 8}, {10, 20, 100, 0, 0 + 30},
	} {
		var s padLoad
		s.pass(c.in, c.out, 30, 20, c.grown)
		if s.read != c.read || s.write != c.write {
			t.Errorf("%+v: scratchpad read %g and written %g", c, s.read, s.write)
		}
	}
	grows := &residency.Schedule{Read: make([]float64, 3)}
	grows.Live[0], grows.Live[2] = []float64{5, 20, 10}, []float64{1, 2, 4}
	for i, want := range []float64{0, 16, 0} { // -5-3, 15+1, -10+2
		if got := grown(grows, i); got != want {
			t.Errorf("step %d: %g B more are kept, want %g", i, got, want)
		}
	}
}

// TestAttentionAccesses: what the PEs read and write in the products of an
// attention, from the mapping of every product and what its operands are.
func TestAttentionAccesses(t *testing.T) {
	for _, pass := range []workload.Pass{workload.Forward, workload.Backward} {
		p := planOf(t, "bert_base", workload.Training, func(o *workload.Options) { o.Batch, o.FusedAttention = 2, true })
		seen := 0
		for i := range p.trace.Steps {
			s := &p.trace.Steps[i]
			if s.Attention == nil || s.Pass != pass {
				continue
			}
			seen++
			_, e, _ := p.network.Whole().Roles(i)
			streamed, left := p.network.Whole().Streamed(i)
			reads, writes, cycles := streamed, left, 0.0
			products := s.Products()
			for j := range products {
				c := systolic.Map(&products[j], systolic.Array{Rows: 128, Cols: 128, VectorLanes: 256}, systolic.OutputStationary)
				cycles += float64(c.Cycles)
				r, results := c.Reads, float64(c.Writes)
				q, kv, o := e[0], e[1], e[2]
				switch { // sizes of the operands; scores and probabilities have that of the result
				case j == 0: // S = Q K^T: queries, keys; left at the accumulator's size, read by the lanes, probabilities written
					reads += float64(r[workload.Ifmap])*q + float64(r[workload.Filter])*kv + results*4
					writes += results * (4 + o)
				case j == 1 && pass == workload.Forward: // O = P V
					reads += float64(r[workload.Ifmap])*o + float64(r[workload.Filter])*kv
					writes += results * o
				case j == 1: // dV = P^T dO
					reads += float64(r[workload.Ifmap])*o + float64(r[workload.Ofmap])*o
					writes += results * o
				case j == 2: // dP = dO V^T, read with P
					reads += float64(r[workload.Filter])*kv + float64(r[workload.Ofmap])*o + results*(4+o)
					writes += results * (4 + o)
				case j == 3: // dQ = dS K
					reads += float64(r[workload.Filter])*kv + float64(r[workload.Ofmap])*o
					writes += results * o
				case j == 4: // dK = dS^T Q
					reads += float64(r[workload.Ifmap])*q + float64(r[workload.Ofmap])*o
					writes += results * o
				}
				reads += float64(c.PartialReads) * 4
				writes += float64(c.PartialWrites) * 4
			}
			st := &p.steps[0][i]
			near(t, s.Name+" reads", st.peReads, reads)
			near(t, s.Name+" writes", st.peWrites, writes)
			near(t, s.Name+" cycles", st.cycles, max(cycles, float64(s.VectorOps)/256))
		}
		if seen != 12 {
			t.Errorf("%d attentions, want 12", seen)
		}
	}
}

// TestTableSums: a table is the sum of its steps, and the demands are means
// over the cycles of the steps on the array.
func TestTableSums(t *testing.T) {
	p := networkPlan(t, "resnet18", workload.Training, 1)
	p.array.PEBuffer = 1 << 17
	for _, pad := range []int64{0, 1 << 20} {
		x, err := p.Hybrid(8<<20, pad)
		if err != nil {
			t.Fatal(err)
		}
		var sum load
		var onArray, dram, peak, padRead, padWrite float64
		for i := range x.loads {
			l := &x.loads[i]
			sum.cycles += l.cycles
			sum.macs += l.macs
			sum.ops += l.ops
			sum.read += l.read
			sum.write += l.write
			sum.peRead += l.peRead
			sum.peWrite += l.peWrite
			sum.dram += l.dram
			sum.dramRead += l.dramRead
			if p.step(x.rows[i]).nest {
				onArray += l.cycles
				dram += l.dram
			}
			if (l.dramRead > 0) != (l.fills == 1) {
				t.Errorf("step %d begins with %g B of DRAM and %g fills", i, l.dramRead, l.fills)
			}
			if pad > 0 {
				padRead += x.pads[i].read
				padWrite += x.pads[i].write
			}
			live := 0.0
			for c := range x.live {
				if base, err := p.at(36); err != nil {
					t.Fatal(err)
				} else if base.live[c] != nil {
					live += base.live[c][i]
				}
			}
			peak = max(peak, live)
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"cycles", x.Cycles, sum.cycles},
			{"MACs", x.MACs, float64(p.MACs)},
			{"MACs of the steps", x.MACs, sum.macs},
			{"vector", x.VectorOps, float64(p.VectorOps)},
			{"vector of the steps", x.VectorOps, sum.ops},
			{"reads", x.BufRead, sum.read},
			{"writes", x.BufWrite, sum.write},
			{"PE reads", x.PERead, sum.peRead},
			{"PE writes", x.PEWrite, sum.peWrite},
			{"DRAM", x.DRAMBytes(), sum.dram},
			{"DRAM demand", x.DRAMDemand, dram / onArray},
			{"peak", x.PeakLive, peak},
			{"pad reads", x.PadRead, padRead},
			{"pad writes", x.PadWrite, padWrite},
		} {
			near(t, c.what, c.got, c.want)
		}
		read := 0.0
		for c := range x.DRAMRead {
			read += x.DRAMRead[c]
		}
		near(t, "DRAM reads", read, sum.dramRead)
	}
}

// TestCovers: the lifetimes kept are the longest whatever the times of the kinds.
func TestCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawnTable(t)
		table.mode = overlap.Step
		table.digest = newDigest(table)
		ids, _ := kindsOf(table, nil)
		stay := func(s residency.Stay, times []float64) float64 {
			sum, n := 0.0, len(ids)
			for i := int(s.From) + 1; i <= int(s.To); i++ {
				sum += times[(i+n)%n]
			}
			return sum
		}
		m := drawnMemory(t)
		times := make([]float64, len(ids))
		for i := range table.loads {
			one := &Traffic{loads: table.loads[i : i+1], outer: 1}
			if table.pads != nil {
				one.pads = table.pads[i : i+1]
			}
			times[i] = walked(one, &m).Latency
		}
		for c := range table.stays {
			if len(table.stays[c]) == 0 {
				continue
			}
			longest := slices.MaxFunc(table.stays[c], func(a, b residency.Stay) int { return cmp.Compare(stay(a, times), stay(b, times)) })
			var s Scratch
			var got Cost
			one := *table
			one.Age[c], one.Permanent[c] = 0, 0
			Evaluate(&one, &m, &s, &got)
			if want := stay(longest, times); math.Abs(got.Lifetime[c]-want) > 1e-9*max(want, got.Latency) {
				t.Fatalf("lifetime %g, want %g", got.Lifetime[c], want)
			}
		}
	})
}

// TestBoundOfKinds: the extremes per cycle, from every kind by itself.
func TestBoundOfKinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawnTable(t)
		_, kinds := kindsOf(table, nil)
		order := rapid.SliceOfNDistinct(rapid.IntRange(0, len(kinds)-1), 1, -1, rapid.ID[int]).Draw(t, "kinds")
		some := make([]int32, len(order))
		for i, k := range order {
			some[i] = int32(k)
		}
		got := bound(kinds, some)
		for _, q := range []struct {
			of          func(*kind) float64
			least, most float64
			bounded     bool
		}{
			{func(k *kind) float64 { return k.read }, got.least.read, got.most.read, true},
			{func(k *kind) float64 { return k.write }, got.least.write, got.most.write, true},
			{func(k *kind) float64 { return k.dram }, got.least.dram, got.most.dram, true},
			{func(k *kind) float64 { return k.macs }, 0, got.power.macs, false},
			{func(k *kind) float64 { return k.ops }, 0, got.power.ops, false},
			{func(k *kind) float64 { return k.peRead }, 0, got.power.peRead, false},
			{func(k *kind) float64 { return k.peWrite }, 0, got.power.peWrite, false},
			{func(k *kind) float64 { return k.pad.read }, 0, got.pad.read, false},
			{func(k *kind) float64 { return k.pad.write }, 0, got.pad.write, false},
		} {
			var all []float64
			least := math.Inf(1)
			for _, i := range order {
				k := &kinds[i]
				if least = min(least, q.of(k)/k.cycles); k.cycles == 0 { // per cycle it may be any
					least = 0
				}
				switch {
				case k.cycles > 0:
					all = append(all, q.of(k)/k.cycles)
				case q.of(k) > 0:
					all = append(all, math.Inf(1))
				default:
					all = append(all, 0)
				}
			}
			if slices.Max(all) != q.most || q.bounded && least != q.least {
				t.Fatalf("from %g to %g, want %g to %g", q.least, q.most, least, slices.Max(all))
			}
		}
		if got.least.cycles != 1 {
			t.Fatal("not by cycle")
		}
	})
}

// TestPeakOfMany: the most power-hungry of many steps that differ little.
func TestPeakOfMany(t *testing.T) {
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		draw := func() float64 { return math.Round(1e4 * math.Pow(30, r.Float64())) }
		table := &Traffic{outer: 1}
		with := r.IntN(2) == 0
		for range 64 {
			table.loads = append(table.loads, load{
				cycles: draw() / 10, read: draw(), write: draw(), peRead: draw(), peWrite: draw(), dram: draw(), macs: draw(), ops: draw(), fills: float64(r.IntN(2)), repeat: 1,
			})
			if with {
				table.pads = append(table.pads, padLoad{draw(), draw(), draw() / 10, draw() / 10})
			}
		}
		table.digest = newDigest(table)
		for range 16 {
			m := drawnMemory(t)
			m.ReadLatency, m.WriteLatency, m.DRAMLatency, m.PEBuffer.ReadLatency = 0, 0, 1e-9*r.Float64(), 0
			var got Cost
			Evaluate(table, &m, &s, &got)
			if want := walked(table, &m).PeakPower; math.Abs(got.PeakPower-want) > 1e-9*want {
				t.Fatalf("peak power %g, step by step %g", got.PeakPower, want)
			}
		}
	})
}

// TestKeptBehindScratchpad: what the part behind a scratchpad keeps alive is
// what the whole buffer does and the scratchpad does not.
func TestKeptBehindScratchpad(t *testing.T) {
	plain := &Traffic{Permanent: [workload.NumClasses]float64{5, 9, 2}, Age: [workload.NumClasses]float64{0, 3, 4}}
	plain.live = [workload.NumClasses][]float64{{4, 6, 5}, {9, 9, 9}, {1, 0, 2}}
	for c := range plain.live {
		plain.stays[c] = []residency.Stay{{From: 0, To: 2}}
	}
	plain.rows = []schedule.Row{{Step: 0}, {Step: 1}, {Step: 2}}
	pad := &residency.Schedule{Live: [workload.NumClasses][]float64{{1, 7, 2}, nil, {1, 1, 2}}}
	x := *plain
	x.withoutPadded([]*residency.Schedule{pad})
	if !slices.Equal(x.live[0], []float64{3, 0, 3}) || x.Permanent[0] != 5 || len(x.stays[0]) != 1 {
		t.Errorf("a class that both hold: %v, %g of it for ever", x.live[0], x.Permanent[0])
	}
	if !slices.Equal(x.live[1], []float64{9, 9, 9}) || x.Permanent[1] != 9 || x.Age[1] != 3 {
		t.Errorf("a class that the scratchpad does not hold: %v, %g of it for ever", x.live[1], x.Permanent[1])
	}
	if x.live[2] != nil || x.stays[2] != nil || x.Age[2] != 0 || x.Permanent[2] != 0 {
		t.Errorf("a class that the scratchpad holds whole: %v, %g of it for ever", x.live[2], x.Permanent[2])
	}
	if !slices.Equal(plain.live[0], []float64{4, 6, 5}) {
		t.Error("the table of the whole buffer was changed")
	}
	p := networkPlan(t, "resnet18", workload.Training, 1)
	whole, err := p.Table(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	part, err := p.Hybrid(8<<20, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	small, err := p.once(0, 28)
	if err != nil {
		t.Fatal(err)
	}
	less := false
	for c := range whole.live {
		for i := range whole.live[c] {
			want := whole.live[c][i]
			if small.Live[c] != nil {
				want = max(0, want-small.Live[c][i])
				less = less || small.Live[c][i] > 0
			}
			if part.live[c] != nil && part.live[c][i] != want || part.live[c] == nil && want != 0 {
				t.Fatalf("step %d keeps %g B of class %d", i, want, c)
			}
		}
	}
	if !less {
		t.Error("the scratchpad holds nothing")
	}
}

// TestOneByte: a step that reads one byte from DRAM waits for it.
func TestOneByte(t *testing.T) {
	tr := &workload.Trace{Network: "byte", Batch: 1, Tensors: []workload.Tensor{
		{Name: "x", Elems: 1, Bytes: 1, External: true}, {Name: "y", Elems: 1, Bytes: 1}, {Name: "z", Elems: 1, Bytes: 1, Output: true},
	}}
	for i := range 2 {
		id := workload.TensorID(i)
		tr.Steps = append(tr.Steps, workload.Step{
			Name: "copy", VectorOps: 1, Reads: []workload.Operand{{Tensor: id, Bytes: 1}}, Writes: []workload.Operand{{Tensor: id + 1, Bytes: 1}},
		})
	}
	p, err := NewPlan(tr, testArray(), BufferPolicy{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := p.Table(1 << 14)
	if err != nil {
		t.Fatal(err)
	}
	if x.loads[0].fills != 1 || x.loads[0].dramRead != 1 || x.loads[1].fills != 0 || x.loads[1].dram != 1 {
		t.Errorf("%+v", x.loads)
	}
	// The first step leaves its byte to the second.
	if x.loads[0].read != 1 || x.loads[0].write != 2 || x.loads[1].read != 2 || x.loads[1].write != 1 {
		t.Errorf("%+v", x.loads)
	}
}

// TestBoundOfWindows: where transfers run beside other steps, a step is bound by
// DRAM when it waits for them, and only then.
func TestBoundOfWindows(t *testing.T) {
	p := networkPlan(t, "resnet18", workload.Inference, 1)
	x, err := p.Table(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		perByte float64
		want    bool
	}{{1e-3, true}, {1e-30, false}} {
		m := testMemory()
		m.DRAMTime, m.DRAMLatency = c.perByte, 0
		e := Explain(p, x, &m)
		steps := 0
		for i := range e.Steps {
			if s := &e.Steps[i]; s.Bound == DRAMBound {
				steps++
			}
		}
		share := e.TimeByBound[DRAMBound] / (e.TimeByBound[DRAMBound] + e.TimeByBound[ComputeBound] + e.TimeByBound[BufferBound])
		if c.want && !(steps > len(e.Steps)/2 && share > 0.999) || !c.want && (steps > 0 || share > 0) {
			t.Errorf("%g s a byte: %d of %d steps wait for DRAM, %g of the time", c.perByte, steps, len(e.Steps), share)
		}
	}
}
