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
	product := func(c Cost) float64 {
		e := c.Energy
		return c.Latency * (e.MAC + e.Vector + e.BufferRead + e.BufferWrite + e.PadRead + e.PadWrite + e.PEBuffer + e.DRAM + e.DRAMBackground + e.BufferLeakage + e.Logic + e.Scrub)
	}
	c := walkedOne(t, m)
	for _, x := range t.others {
		if o := walkedOne(x, m); product(o) < product(c) || product(o) == product(c) && o.Latency < c.Latency {
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

// shared is what a row has of the windows: its own transfers, if it is alone.
type shared struct {
	alone bool
	stall float64 // of its window
	first bool    // of the window
	fill  bool    // first of windows that share, with data from DRAM
}

// cut cuts a table into windows, every condition checked for every place, and
// follows how far the DRAM is ahead. work has the times of the rows beside DRAM
// transfers.
func cut(t *Traffic, work []float64, perByte float64) []shared {
	n := len(t.loads)
	rows := make([]shared, n)
	read := func(i int) float64 { return t.loads[i].dramRead }
	write := func(i int) float64 { return t.loads[i].dram - t.loads[i].dramRead }
	begins := make([]bool, n+1)
	begins[0], begins[n] = true, true
	at := 0
	for _, g := range t.groups {
		for k := 0; k < min(2, g.Rounds); k++ {
			begins[at] = true
			at += g.End - g.First
		}
	}
	for i := 1; i < n; i++ {
		begins[i] = begins[i] || t.loads[i].repeat != t.loads[i-1].repeat
	}
	fits := func(a, b int) bool { // rows a to b are one window
		room := math.Inf(1)
		for i := a; i <= b; i++ {
			room = math.Min(room, t.loads[i].room)
			if i > a && (begins[i] || read(i) > 0 && int(t.loads[i].after) >= a) {
				return false
			}
		}
		for m := a; m < b; m++ {
			sum := 0.0
			for i := a; i <= b; i++ {
				if i > m {
					sum += read(i)
				} else {
					sum += write(i)
				}
			}
			if sum > room*(1+1e-15) {
				return false
			}
		}
		return true
	}
	var ends []int
	for a := 0; a < n; {
		b := a
		for b+1 < n && fits(a, b+1) {
			b++
		}
		ends = append(ends, b)
		a = b + 1
	}
	moved := func(a, b int) (sum, reads, w float64) {
		for i := a; i <= b; i++ {
			sum += t.loads[i].dram
			reads += read(i)
			w += work[i]
		}
		return sum, reads, w
	}
	x, first, group := 0.0, 0, 0
	for k, last := range ends {
		ahead, behind := 0.0, 0.0
		if !begins[last+1] {
			behind = math.Min(t.loads[last].room, t.loads[last+1].room)
			room := t.loads[last].room
			for i := last + 1; i < n && (i == last+1 || !begins[i]); i++ {
				room = math.Min(room, t.loads[i].room)
				if room <= ahead || read(i) > 0 && int(t.loads[i].after) >= first {
					break
				}
				ahead = math.Min(room, ahead+read(i))
			}
			here, _, _ := moved(first, last)
			next, _, _ := moved(last+1, ends[k+1])
			if ahead+behind < math.Min(here, next)/64 {
				ahead, behind = 0, 0
			}
		}
		bytes, reads, w := moved(first, last)
		stall := math.Max(0, math.Max(reads*perByte-w-math.Max(x, 0), bytes*perByte-w-x-behind*perByte))
		x = math.Min(ahead*perByte, x+w+stall-bytes*perByte)
		for i := first; i <= last; i++ {
			rows[i].stall = stall
		}
		rows[first].first = true
		first = last + 1
		if ahead+behind > 0 {
			continue
		}
		x = 0
		all, _, _ := moved(group, last)
		rows[group].fill = read(group) > 0
		if last == group || all == 0 {
			for i := group; i <= last; i++ {
				rows[i] = shared{alone: true}
			}
		}
		group = last + 1
	}
	return rows
}

func walkedOne(t *Traffic, m *Memory) Cost {
	start := []float64{0}
	now, peak := 0.0, 0.0
	work, all, bytes, reads := make([]float64, len(t.loads)), 0.0, 0.0, false
	for i := range t.loads {
		l := &t.loads[i]
		buffer := math.Max(busy(m, &m.Level, l.read, l.write), math.Max(l.read*m.ReadBus, l.write*m.WriteBus))
		exposed := m.ReadLatency + m.WriteLatency + m.PEBuffer.ReadLatency + m.PEBuffer.WriteLatency
		if t.pads != nil {
			x := &t.pads[i]
			port := math.Max(x.portRead*m.ReadBus, x.portWrite*m.WriteBus)
			buffer = math.Max(port, math.Max(busy(m, &m.Level, l.read, l.write), busy(m, &m.Scratchpad, x.read, x.write)))
			exposed += m.Scratchpad.ReadLatency + m.Scratchpad.WriteLatency
		}
		work[i] = math.Max(l.cycles/m.Clock, buffer) + exposed
		all += work[i] * l.repeat
		bytes += l.dram * l.repeat
		reads = reads || l.dramRead > 0
	}
	rows := make([]shared, len(t.loads))
	switch t.mode.String() {
	case "window":
		rows = cut(t, work, m.DRAMTime)
	case "step":
		for i := range rows {
			rows[i].alone = true
		}
	case "ideal":
		for i := range rows {
			rows[i].stall = math.Max(0, bytes*m.DRAMTime-all)
		}
		rows[0].first, rows[0].fill = true, t.loads[0].dramRead > 0
	}
	fill := func(i int) float64 { // of the window of row i
		for ; !rows[i].first; i-- {
		}
		if rows[i].fill {
			return m.DRAMLatency
		}
		return 0
	}
	for i := range t.loads {
		l := &t.loads[i]
		energy := l.macs*m.MACEnergy + l.ops*m.VectorEnergy + l.read*m.ReadEnergy + l.write*m.WriteEnergy +
			l.peRead*m.PEBuffer.ReadEnergy + l.peWrite*m.PEBuffer.WriteEnergy
		exposed := m.ReadLatency + m.WriteLatency + m.PEBuffer.ReadLatency + m.PEBuffer.WriteLatency
		if t.pads != nil {
			energy += t.pads[i].read*m.Scratchpad.ReadEnergy + t.pads[i].write*m.Scratchpad.WriteEnergy
			exposed += m.Scratchpad.ReadLatency + m.Scratchpad.WriteLatency
		}
		d := work[i]
		if rows[i].alone || bytes == 0 {
			d = math.Max(work[i]-exposed, l.dram*m.DRAMTime) + exposed + l.fills*m.DRAMLatency
			peak = math.Max(peak, (energy+l.dram*m.DRAMEnergy)/d)
		} else {
			peak = math.Max(peak, energy/d+m.DRAMEnergy/m.DRAMTime)
		}
		if rows[i].first && !rows[i].alone {
			times := l.repeat
			if t.mode.String() == "ideal" {
				times = 1
			}
			now += (rows[i].stall + fill(i)) * times
		}
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
			if i := (int(s.From) + n) % n; !rows[i].alone {
				from -= rows[i].stall
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
