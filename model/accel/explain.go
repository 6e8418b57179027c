package accel

import "stco/model/workload"

// Bound names the resource that sets the time of a step.
type Bound uint8

// The resources a step can wait for.
const (
	ComputeBound Bound = iota
	BufferBound
	DRAMBound
	NumBounds
)

// StepCost is the share of one row of the schedule in an iteration: of a step, or
// of its repetitions for further sub-batches, all of them together.
type StepCost struct {
	Name                string
	Op                  workload.OpKind
	Pass                workload.Pass
	Bound               Bound
	Start, Time         float64 // s; rows of a group that run in turns stand one after the other
	Times               float64 // executions
	Cycles              float64
	MACs                float64
	BufRead, BufWrite   float64 // bytes; with a scratchpad those of the other part
	PadRead, PadWrite   float64 // bytes of the scratchpad
	PERead, PEWrite     float64 // bytes of the PE buffer
	DRAMRead, DRAMWrite float64 // bytes; their sum is exact, the split follows the schedule
	Energy              float64 // J, dynamic
}

// Explanation says where the time of an iteration goes. What a window waits for its
// DRAM transfers beyond the work of its rows stands with its first row, and all its
// rows count as waiting for the DRAM if it does. Sums over Steps equal
// the totals of Evaluate: dynamic energy exactly, time before scrubbing.
type Explanation struct {
	TimeByBound [NumBounds]float64 // s, steps by the resource they wait for, without exposed latency
	Exposed     float64            // s, access latencies that nothing hides
	TimeByPass  [workload.NumPasses]float64
	MeanLive    [workload.NumClasses]float64 // resident bytes, mean over the iteration
	Steps       []StepCost
}

// Explain recomputes an evaluation step by step. It allocates.
func Explain(p *Plan, t *Traffic, m *Memory) *Explanation {
	t = t.Chosen(m)
	g, k := t.digest, coefficients(m)
	terms := make([]float64, g.terms())
	g.time(m, &k, terms)
	e := &Explanation{Steps: make([]StepCost, len(t.loads))}
	now := 0.0
	for i := range t.loads {
		l, s, kind := &t.loads[i], p.traceStep(t.rows[i]), t.kind(i, false)
		times := l.repeat * t.outer
		compute := l.cycles * k.cycle
		buffer, latency, pad := k.buffer(&kind.timing), k.latency, kind.pad
		if t.pads != nil {
			buffer, latency = k.hybrid(&kind.timing, &pad), k.latency+k.padLatency
		}
		dram := l.dram * m.DRAMTime
		bound, d := ComputeBound, compute
		if buffer > d {
			bound, d = BufferBound, buffer
		}
		if dram > d {
			bound, d = DRAMBound, dram
		}
		exposed := (latency + l.fills*m.DRAMLatency) * times
		if w := g.stalls.of[i]; w >= 0 {
			fill := g.fills(w) * m.DRAMLatency
			wait := terms[w] - fill
			if bound, d = ComputeBound, max(compute, buffer); buffer > compute {
				bound = BufferBound
			}
			if wait > 0 {
				bound = DRAMBound
			}
			exposed = latency * times
			d *= times
			if n := g.stalls.times[i] * t.outer; n > 0 {
				d += wait * n
				exposed += fill * n
			}
		} else {
			d *= times
		}
		e.TimeByBound[bound] += d
		e.Exposed += exposed
		e.TimeByPass[s.Pass] += d + exposed
		e.Steps[i] = StepCost{
			Name: s.Name, Op: s.Op, Pass: s.Pass, Bound: bound, Start: now, Time: d + exposed,
			Times: times, Cycles: l.cycles * times, MACs: l.macs * times, BufRead: l.read * times, BufWrite: l.write * times,
			PadRead: pad.read * times, PadWrite: pad.write * times, PERead: l.peRead * times, PEWrite: l.peWrite * times,
			DRAMRead: l.dramRead * times, DRAMWrite: (l.dram - l.dramRead) * times,
			Energy: (m.energy(&kind.timing, &kind.power) + pad.energy(m)) * times,
		}
		for c := range t.live {
			if t.live[c] != nil {
				e.MeanLive[c] += t.live[c][i] * (d + exposed)
			}
		}
		now += d + exposed
	}
	for c := range e.MeanLive {
		e.MeanLive[c] /= now
	}
	return e
}
