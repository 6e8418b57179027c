package accel

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
	"stco/model/workload/suite"
)

// walked evaluates a table the plain way: one row after another, each as often
// as it repeats, the clock noted at every row, every lifetime looked at. It
// shares no code with Evaluate.
func walked(t *Traffic, m *Memory) Cost {
	c := walkedOne(t, m)
	for _, x := range t.others {
		if o := walkedOne(x, m); o.Latency < c.Latency {
			c = o
		}
	}
	return c
}

// busy returns the time that a row keeps a level of the buffer busy.
func busy(m *Memory, l *Level, read, write float64) float64 {
	if m.SeparatePorts {
		return math.Max(read*l.ReadOccupancy, write*l.WriteOccupancy)
	}
	return read*l.ReadOccupancy + write*l.WriteOccupancy
}

func walkedOne(t *Traffic, m *Memory) Cost {
	start := []float64{0}
	now, peak := 0.0, 0.0
	for i := range t.loads {
		l := &t.loads[i]
		buffer := math.Max(busy(m, &m.Level, l.read, l.write), math.Max(l.read*m.ReadBus, l.write*m.WriteBus))
		energy := l.macs*m.MACEnergy + l.ops*m.VectorEnergy + l.read*m.ReadEnergy + l.write*m.WriteEnergy +
			l.peRead*m.PEBuffer.ReadEnergy + l.peWrite*m.PEBuffer.WriteEnergy + l.dram*m.DRAMEnergy
		exposed := m.ReadLatency + m.WriteLatency + m.PEBuffer.ReadLatency + m.PEBuffer.WriteLatency + l.fills*m.DRAMLatency
		if t.pads != nil {
			x := &t.pads[i]
			port := math.Max(x.portRead*m.ReadBus, x.portWrite*m.WriteBus)
			buffer = math.Max(port, math.Max(busy(m, &m.Level, l.read, l.write), busy(m, &m.Scratchpad, x.read, x.write)))
			energy += x.read*m.Scratchpad.ReadEnergy + x.write*m.Scratchpad.WriteEnergy
			exposed += m.Scratchpad.ReadLatency + m.Scratchpad.WriteLatency
		}
		d := math.Max(l.cycles/m.Clock, math.Max(buffer, l.dram*m.DRAMTime)) + exposed
		peak = math.Max(peak, energy/d)
		for range int(l.repeat) {
			now += d
		}
		start = append(start, now)
	}
	var c Cost
	n := len(t.loads)
	for class := range t.stays {
		for _, s := range t.stays[class] {
			from := start[(int(s.From)+n)%n+1]
			if s.From < 0 {
				from -= now
			}
			c.Lifetime[class] = max(c.Lifetime[class], start[s.To+1]-from)
		}
		c.Lifetime[class] = max(c.Lifetime[class], t.Age[class]*now*t.outer)
		if t.Permanent[class] > 0 {
			c.Lifetime[class] = max(c.Lifetime[class], m.Residence)
		}
		c.LongestLifetime = max(c.LongestLifetime, c.Lifetime[class])
	}
	scrub := 0.0
	if m.Scrub && c.LongestLifetime > m.Retention {
		for class := range t.live {
			if t.live[class] == nil || c.Lifetime[class] <= m.Retention {
				continue
			}
			for i, b := range t.live[class] {
				scrub += b * (start[i+1] - start[i]) / m.Retention * t.outer
			}
		}
	}
	now *= t.outer
	c.ScrubShare = scrub * (m.ReadOccupancy + m.WriteOccupancy) / now
	c.Latency = now / (1 - c.ScrubShare)
	if c.ScrubShare >= 1 {
		c.Latency = math.Inf(1)
	}
	c.PeakPower = peak + m.BufferLeakage + m.LogicLeakage + m.DRAMPower
	c.Energy.Scrub = scrub * (m.ReadEnergy + m.WriteEnergy)
	return c
}

// drawnMemory draws rates over many orders of magnitude, so that every resource
// is the bottleneck of some steps.
func drawnMemory(t *rapid.T) Memory {
	m := testMemory()
	scale := func(name string, v *float64, decades float64) {
		*v *= math.Pow(10, rapid.Float64Range(-decades, decades).Draw(t, name))
	}
	for _, x := range []struct {
		name string
		v    *float64
	}{
		{"read occupancy", &m.ReadOccupancy},
		{"write occupancy", &m.WriteOccupancy},
		{"read bus", &m.ReadBus},
		{"write bus", &m.WriteBus},
		{"DRAM time", &m.DRAMTime},
		{"clock", &m.Clock},
		{"read latency", &m.ReadLatency},
		{"DRAM latency", &m.DRAMLatency},
		{"read energy", &m.ReadEnergy},
		{"DRAM energy", &m.DRAMEnergy},
		{"MAC energy", &m.MACEnergy},
		{"vector energy", &m.VectorEnergy},
		{"retention", &m.Retention},
		{"pad", &m.Scratchpad.ReadOccupancy},
	} {
		scale(x.name, x.v, 1.5)
	}
	m.SeparatePorts = rapid.Bool().Draw(t, "ports")
	return m
}

// TestEvaluateIsTheWalk compares Evaluate with the plain walk over all steps, on
// networks and on memories with every kind of bottleneck.
func TestEvaluateIsTheWalk(t *testing.T) {
	var tables []*Traffic
	for _, c := range []struct {
		name  string
		phase workload.Phase
	}{
		{"resnet18", workload.Training}, {"gpt2_small", workload.Decode}, {"mobilenet_v2", workload.Inference}, {"dlrm", workload.Training},
	} {
		p := networkPlan(t, c.name, c.phase, 2)
		p.array.PEBuffer = 1 << 17
		for _, pad := range []int64{0, 1 << 20} {
			for _, mb := range []int64{1, 4, 48} {
				table, err := p.Hybrid(mb<<20, pad)
				if err != nil {
					t.Fatal(err)
				}
				tables = append(tables, table)
			}
		}
	}
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMemory(t)
		table := rapid.SampledFrom(tables).Draw(t, "table")
		var got Cost
		Evaluate(table, &m, &s, &got)
		want := walked(table, &m)
		total := want.Latency * (1 - want.ScrubShare)
		same := func(what string, got, want, scale float64) {
			if got != want && !(math.Abs(got-want) <= 1e-12*scale) {
				t.Fatalf("%s: %.17g, step by step %.17g", what, got, want)
			}
		}
		if want.ScrubShare < 1 { // the division by what is left loses digits
			same("time", got.Latency*(1-got.ScrubShare), total, total)
		}
		same("peak power", got.PeakPower, want.PeakPower, want.PeakPower)
		same("scrubbing", got.ScrubShare, want.ScrubShare, want.ScrubShare)
		same("scrub energy", got.Energy.Scrub, want.Energy.Scrub, want.Energy.Scrub)
		for c := range want.Lifetime {
			same("lifetime", got.Lifetime[c], want.Lifetime[c], max(want.Lifetime[c], total))
		}
	})
}

// BenchmarkCompleteSuite evaluates one design on every network, training and
// inference, with warm tables.
func BenchmarkCompleteSuite(b *testing.B) {
	var tables []*Traffic
	steps, kinds, spans, stays := 0, 0, 0, 0
	for _, name := range suite.Names("") {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training} {
			o, err := suite.DefaultOptions(name, phase)
			if err != nil {
				b.Fatal(err)
			}
			p := networkPlan(b, name, phase, o.Batch)
			p.array.PEBuffer = 1 << 17
			table, err := p.Table(64 << 20)
			if err != nil {
				b.Fatal(err)
			}
			tables = append(tables, table)
			steps += table.Steps()
			kinds += len(table.digest.times)
			spans += len(table.digest.spans)
			for c := range table.digest.stays {
				stays += len(table.digest.stays[c])
			}
		}
	}
	m, s, c := testMemory(), Scratch{}, Cost{}
	for _, t := range tables {
		Evaluate(t, &m, &s, &c)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range tables {
			Evaluate(t, &m, &s, &c)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(steps), "ns/step")
	b.ReportMetric(float64(steps), "steps")
	b.Logf("%d tables, %d steps, %d kinds, %d spans, %d lifetimes", len(tables), steps, kinds, spans, stays)
}
