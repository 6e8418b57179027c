package accel

import (
	"math"

	"stco/model/workload"
)

// Level is one array of the memory hierarchy as an access sees it, in SI units.
// Accesses are counted in bytes: times and energies per byte are those of an
// access divided by the bytes of its word.
type Level struct {
	// Bank occupancy, s per byte: cycle time over word bytes, banks and
	// conflict efficiency. A single port adds reads and writes; with one read
	// and one write port they overlap.
	ReadOccupancy, WriteOccupancy float64
	// Access latencies, s: the part of a step that no overlap hides.
	ReadLatency, WriteLatency float64
	ReadEnergy, WriteEnergy   float64 // J per byte
}

// Memory is what the evaluation needs to know of buffer, DRAM and logic, in SI
// units.
type Memory struct {
	Level               // the buffer; of a hybrid one the part that is not the scratchpad
	Scratchpad    Level // of a hybrid buffer
	PEBuffer      Level // as wide as the PE array needs: its occupancy limits nothing
	SeparatePorts bool
	// Bus between buffer and PE array, s per byte.
	ReadBus, WriteBus float64
	BufferLeakage     float64 // W, all parts

	Retention float64 // s that data keep at the error budget; +Inf for SRAM
	Scrub     bool    // rewrite data that must outlive Retention; otherwise a violation
	Residence float64 // s that inference weights must survive when they are never rewritten

	Capacity     float64 // bytes, for wear
	Endurance    float64 // write cycles of a cell; +Inf for SRAM
	ProductLife  float64 // s
	WearLeveling float64 // mean over peak writes of a cell, 0..1

	DRAMTime    float64 // s per byte
	DRAMEnergy  float64 // J per byte
	DRAMLatency float64 // s
	DRAMPower   float64 // W, background

	Clock        float64 // Hz
	MACEnergy    float64 // J per multiply-accumulate, registers included
	VectorEnergy float64 // J per elementary vector operation
	LogicLeakage float64 // W
}

// Energy is the energy of an iteration by cause, J.
type Energy struct {
	MAC, Vector             float64
	BufferRead, BufferWrite float64 // of a hybrid buffer: the part that is not the scratchpad
	PadRead, PadWrite       float64 // scratchpad
	PEBuffer                float64 // reads and writes
	DRAM, DRAMBackground    float64
	BufferLeakage, Logic    float64
	Scrub                   float64
}

// Total returns the sum.
func (e *Energy) Total() float64 {
	return e.MAC + e.Vector + e.PEBuffer + e.PadRead + e.PadWrite + e.BufferRead + e.BufferWrite +
		e.DRAM + e.DRAMBackground + e.BufferLeakage + e.Logic + e.Scrub
}

// Memory returns the part of the memory: buffer with its leakage and scrubbing,
// scratchpad, PE buffer, DRAM.
func (e *Energy) Memory() float64 {
	return e.PEBuffer + e.PadRead + e.PadWrite + e.BufferRead + e.BufferWrite +
		e.DRAM + e.DRAMBackground + e.BufferLeakage + e.Scrub
}

// Cost is the outcome of one iteration on one memory.
type Cost struct {
	Latency   float64 // s
	Energy    Energy
	PeakPower float64 // W, of the most power-hungry step

	DRAMBytes float64
	Cycles    float64 // of the PE array and the vector lanes, of the schedule taken
	Permanent float64 // bytes that stay from one iteration to the next and are never rewritten
	// Lifetime is the longest time between write and last read of data that
	// stay in the buffer, by class, s; 0 for a class that never stays.
	Lifetime [workload.NumClasses]float64
	// LongestLifetime is that of the class that asks for the longest retention.
	LongestLifetime float64
	Reads           float64 // of a byte between two writes, of the data read most often
	ScrubShare      float64 // share of the buffer's time spent scrubbing
	WearOut         float64 // writes of the hottest cell over the product's life, divided by its endurance
}

// Scratch holds the times of one evaluation. It grows to the longest trace and
// is reused; one goroutine at a time.
type Scratch struct {
	times, marks []float64
	other        Cost // of an alternative schedule

	// NoPeak leaves PeakPower out: NaN.
	NoPeak bool
}

// Evaluate runs a trace on a memory. Step time is the longest of compute,
// buffer and DRAM (double buffering), plus the access latencies that cannot
// overlap; steps of a window share their DRAM transfers (package overlap). It allocates nothing once the scratch has
// grown.
//
// Of several schedules the one of least energy-delay product is taken, as gains
// are quoted: the least time alone would spend 60 % more energy for 1 % of it
// (MobileNetV2, batch 16, 16 MiB).
func Evaluate(t *Traffic, m *Memory, s *Scratch, out *Cost) {
	t.evaluate(m, s, out)
	for _, x := range t.others {
		if x.leastProduct(m) > out.Energy.Total()*out.Latency {
			continue
		}
		if x.evaluate(m, s, &s.other); s.other.better(out) {
			*out = s.other
		}
	}
}

// leastProduct returns an energy-delay product that a schedule has at least: the
// array never waits and the DRAM never rests, whichever takes longer.
func (t *Traffic) leastProduct(m *Memory) float64 {
	least := max(t.Cycles/m.Clock, t.digest.dram*m.DRAMTime)
	e := t.energy(m, least, 0)
	return (1 - rounding) * e.Total() * least
}

// rounding is the share by which sums of the same terms in another order may differ.
const rounding = 1e-9

// energy returns the energy of an iteration that takes so many s, of which bytes are
// scrubbed.
func (t *Traffic) energy(m *Memory, now, scrubbed float64) Energy {
	return Energy{
		MAC: t.MACs * m.MACEnergy, Vector: t.VectorOps * m.VectorEnergy,
		BufferRead: t.BufRead * m.ReadEnergy, BufferWrite: t.BufWrite * m.WriteEnergy,
		PadRead: t.PadRead * m.Scratchpad.ReadEnergy, PadWrite: t.PadWrite * m.Scratchpad.WriteEnergy,
		PEBuffer: t.PERead*m.PEBuffer.ReadEnergy + t.PEWrite*m.PEBuffer.WriteEnergy,
		DRAM:     t.digest.dram * m.DRAMEnergy, DRAMBackground: m.DRAMPower * now,
		BufferLeakage: m.BufferLeakage * now, Logic: m.LogicLeakage * now,
		Scrub: scrubbed * (m.ReadEnergy + m.WriteEnergy),
	}
}

// better compares energy-delay products, of equal ones (a machine without energies)
// times.
func (c *Cost) better(o *Cost) bool {
	a, b := c.Energy.Total()*c.Latency, o.Energy.Total()*o.Latency
	return a < b || a == b && c.Latency < o.Latency
}

// Chosen returns the table whose schedule Evaluate takes on a memory.
func (t *Traffic) Chosen(m *Memory) *Traffic {
	var s Scratch
	var best, c Cost
	t.evaluate(m, &s, &best)
	chosen := t
	for _, x := range t.others {
		if x.evaluate(m, &s, &c); c.better(&best) {
			best, chosen = c, x
		}
	}
	return chosen
}

func (t *Traffic) evaluate(m *Memory, s *Scratch, out *Cost) {
	g := t.digest
	s.times, s.marks = grow(s.times, g.terms()), grow(s.marks, len(g.ends)+1)
	k := coefficients(m)
	pass := g.time(m, &k, s.times)
	now := pass * t.outer
	peak := math.NaN()
	if !s.NoPeak {
		peak = g.peak(m, &k, s.times)
	}

	out.DRAMBytes, out.Cycles, out.Permanent = g.dram, t.Cycles, 0
	for _, b := range t.Permanent {
		out.Permanent += b
	}
	out.lifetimes(t, m, pass, s)
	bytesScrubbed := 0.0 // per iteration
	if out.LongestLifetime > m.Retention && m.Scrub {
		bytesScrubbed = g.scrubbed(m, s.times, out) * t.outer
	}
	out.ScrubShare = bytesScrubbed * (m.ReadOccupancy + m.WriteOccupancy) / now
	if out.ScrubShare < 1 {
		now /= 1 - out.ScrubShare
	} else {
		now = math.Inf(1)
	}
	out.Latency = now
	out.PeakPower = peak + m.BufferLeakage + m.LogicLeakage + m.DRAMPower
	out.Energy = t.energy(m, now, bytesScrubbed)
	held := m.Residence // of weights that stay; scrubbing writes them
	if m.Scrub {
		held = min(held, m.Retention)
	}
	out.Reads = max(t.reads.once, t.reads.lasting*max(1, held/now))
	out.WearOut = (t.BufWrite + bytesScrubbed) / now / m.Capacity * m.ProductLife / (m.WearLeveling * m.Endurance)
}

// grow returns n values, of x if it has that many.
func grow(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}

// time fills the time of every kind of step and the stall of every window, and
// returns the time of a pass.
func (g *digest) time(m *Memory, k *rates, times []float64) float64 {
	sum := 0.0
	kinds, all := g.times, times
	times = times[:len(kinds)]
	latency := k.latency
	switch {
	case g.pads != nil:
		latency += k.padLatency
		for i := range kinds {
			l := &kinds[i]
			d := max(l.cycles*k.cycle, k.hybrid(l, &g.pads[i]), l.dram*m.DRAMTime) + latency + l.fills*m.DRAMLatency
			times[i] = d
			sum += l.count * d
		}
	case k.busRead <= k.occRead && k.busWrite <= k.occWrite: // the banks are slower than the bus whatever the step
		for i := range kinds {
			l := &kinds[i]
			d := l.cycles * k.cycle
			if x := l.read*k.occRead + l.write*k.occWrite; x > d {
				d = x
			}
			if x := l.dram * m.DRAMTime; x > d {
				d = x
			}
			d += latency + l.fills*m.DRAMLatency
			times[i] = d
			sum += l.count * d
		}
	default:
		for i := range kinds {
			l := &kinds[i]
			d := l.cycles * k.cycle
			if x := l.read*k.occRead + l.write*k.occWrite; x > d {
				d = x
			}
			if x := l.read * k.busRead; x > d {
				d = x
			}
			if x := l.write * k.busWrite; x > d {
				d = x
			}
			if x := l.dram * m.DRAMTime; x > d {
				d = x
			}
			d += latency + l.fills*m.DRAMLatency
			times[i] = d
			sum += l.count * d
		}
	}
	if g.runs != nil {
		sum += g.stall(m, k, all)
	}
	return sum
}

// peak returns the largest power of a step, leakage not included. A group of
// kinds is looked into only if the most energy and the least time per cycle of
// any of them could make the largest.
func (g *digest) peak(m *Memory, k *rates, times []float64) float64 {
	peak, stream := 0.0, m.DRAMEnergy/m.DRAMTime
	times = times[:len(g.times)]
	for j := len(g.groups) - 1; j >= 0; j-- { // most multiply-accumulates per cycle first
		b := &g.groups[j]
		d := k.cycle
		if x := b.least.read*k.occRead + b.least.write*k.occWrite; x > d {
			d = x
		}
		if x := b.least.read * k.busRead; x > d {
			d = x
		}
		if x := b.least.write * k.busWrite; x > d {
			d = x
		}
		if x := b.least.dram * m.DRAMTime; x > d {
			d = x
		}
		most := m.energy(&b.most, &b.power)
		if g.pads != nil {
			most += b.pad.energy(m)
			d = max(k.cycle, b.least.dram*m.DRAMTime)
		}
		if most <= (peak-b.power.stream*stream)*d {
			continue
		}
		for i := j * groupSize; i < min((j+1)*groupSize, len(times)); i++ {
			e := m.energy(&g.times[i], &g.powers[i])
			if g.pads != nil {
				e += g.pads[i].energy(m)
			}
			if rest := g.powers[i].stream * stream; e > (peak-rest)*times[i] {
				peak = e/times[i] + rest
			}
		}
	}
	return peak
}

// energy returns the dynamic energy of a step, that of the scratchpad left out.
func (m *Memory) energy(l *timing, p *power) float64 {
	return p.macs*m.MACEnergy + p.ops*m.VectorEnergy + l.read*m.ReadEnergy + l.write*m.WriteEnergy +
		p.peRead*m.PEBuffer.ReadEnergy + p.peWrite*m.PEBuffer.WriteEnergy + l.dram*m.DRAMEnergy
}

func (x *padLoad) energy(m *Memory) float64 {
	return x.read*m.Scratchpad.ReadEnergy + x.write*m.Scratchpad.WriteEnergy
}

// rates are the coefficients of a step's time.
type rates struct {
	cycle, occRead, occWrite, busRead, busWrite, latency float64
	// Of a hybrid buffer, whose parts are busy at the same time: with separate
	// ports a part is limited by the busier of them.
	separate                      bool
	portRead, portWrite           float64
	mainRead, mainWrite           float64
	padRead, padWrite, padLatency float64
}

func coefficients(m *Memory) rates {
	k := rates{
		cycle: 1 / m.Clock, occRead: m.ReadOccupancy, occWrite: m.WriteOccupancy,
		busRead: m.ReadBus, busWrite: m.WriteBus,
		latency:  m.ReadLatency + m.WriteLatency + m.PEBuffer.ReadLatency + m.PEBuffer.WriteLatency,
		separate: m.SeparatePorts, portRead: m.ReadBus, portWrite: m.WriteBus,
		mainRead: m.ReadOccupancy, mainWrite: m.WriteOccupancy,
		padRead: m.Scratchpad.ReadOccupancy, padWrite: m.Scratchpad.WriteOccupancy,
		padLatency: m.Scratchpad.ReadLatency + m.Scratchpad.WriteLatency,
	}
	if m.SeparatePorts {
		k.busRead, k.busWrite = max(k.busRead, k.occRead), max(k.busWrite, k.occWrite)
		k.occRead, k.occWrite = 0, 0
	}
	return k
}

// buffer returns the time that one step keeps the buffer busy.
func (k *rates) buffer(l *timing) float64 {
	return max(l.read*k.occRead+l.write*k.occWrite, l.read*k.busRead, l.write*k.busWrite)
}

// hybrid returns the time that one step keeps a hybrid buffer busy: the busier
// of its parts, or its port.
func (k *rates) hybrid(l *timing, x *padLoad) float64 {
	port := max(x.portRead*k.portRead, x.portWrite*k.portWrite)
	r, w, pr, pw := l.read*k.mainRead, l.write*k.mainWrite, x.read*k.padRead, x.write*k.padWrite
	if k.separate {
		return max(port, r, w, pr, pw)
	}
	return max(port, r+w, pr+pw)
}

func (out *Cost) lifetimes(t *Traffic, m *Memory, pass float64, s *Scratch) {
	g := t.digest
	now, first := 0.0, int32(0)
	s.marks[0] = 0
	for i, end := range g.ends {
		now += elapsed(g.spans[first:end], s.times)
		s.marks[i+1], first = now, end
	}
	out.LongestLifetime = 0
	for c := range g.stays {
		longest := 0.0
		for _, b := range g.stays[c] {
			d := s.marks[b.to] - s.marks[b.from] + b.wraps*pass
			if b.stall >= 0 {
				d += s.times[b.stall] - b.fill*m.DRAMLatency
			}
			if d > longest {
				longest = d
			}
		}
		longest = max(longest, t.Age[c]*pass*t.outer)
		if t.Permanent[c] > 0 {
			longest = max(longest, m.Residence)
		}
		out.Lifetime[c] = longest
		out.LongestLifetime = max(out.LongestLifetime, longest)
	}
}

// elapsed returns the time of some spans, in sums that do not wait for each
// other.
func elapsed(spans []span, times []float64) float64 {
	var a, b, c, d float64
	for len(spans) >= 4 {
		a += spans[0].count * times[spans[0].kind]
		b += spans[1].count * times[spans[1].kind]
		c += spans[2].count * times[spans[2].kind]
		d += spans[3].count * times[spans[3].kind]
		spans = spans[4:]
	}
	for i := range spans {
		a += spans[i].count * times[spans[i].kind]
	}
	return (a + b) + (c + d)
}

// dot returns the scalar product of two vectors of one length.
func dot(x, y []float64) float64 {
	var a, b, c, d float64
	for len(x) >= 4 && len(y) >= 4 {
		a += x[0] * y[0]
		b += x[1] * y[1]
		c += x[2] * y[2]
		d += x[3] * y[3]
		x, y = x[4:], y[4:]
	}
	for i := range x {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}

// scrubbed returns the bytes rewritten per iteration: the resident bytes of
// every class that outlives the retention time, once per retention time.
func (g *digest) scrubbed(m *Memory, times []float64, out *Cost) float64 {
	sum := 0.0
	for c := range g.live {
		if g.live[c] == nil || out.Lifetime[c] <= m.Retention {
			continue
		}
		sum += dot(g.live[c], times)
	}
	return sum / m.Retention
}
