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

// String returns the name used in tables.
func (b Bound) String() string { return [...]string{"compute", "buffer", "dram"}[b] }

// StepCost is the share of one step in an iteration.
type StepCost struct {
	Name                string
	Op                  workload.OpKind
	Pass                workload.Pass
	Bound               Bound
	Start, Time         float64 // s
	Cycles              float64
	MACs                float64
	BufRead, BufWrite   float64 // bytes; with a scratchpad those of the other part
	PadRead, PadWrite   float64 // bytes of the scratchpad
	PERead, PEWrite     float64 // bytes of the PE buffer
	DRAMRead, DRAMWrite float64 // bytes; their sum is exact, the split follows the schedule
	Energy              float64 // J, dynamic
}

// Explanation says where the time of an iteration goes. Sums over Steps equal
// the totals of Evaluate: dynamic energy exactly, time before scrubbing.
type Explanation struct {
	TimeByBound [NumBounds]float64 // s, steps by the resource they wait for, without exposed latency
	Exposed     float64            // s, access latencies that nothing hides
	TimeByPass  [workload.NumPasses]float64
	MeanLive    [workload.NumClasses]float64 // resident bytes, mean over the iteration
	Steps       []StepCost
}

// Explain recomputes an evaluation step by step. It allocates.
func Explain(p *Plan, t *Table, m *Memory) *Explanation {
	k := coefficients(m)
	e := &Explanation{Steps: make([]StepCost, len(t.loads))}
	now := 0.0
	for i := range t.loads {
		l, s, kind := &t.loads[i], &p.trace.Steps[i], t.kind(i)
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
		exposed := latency + l.fills*m.DRAMLatency
		e.TimeByBound[bound] += d
		e.Exposed += exposed
		e.TimeByPass[s.Pass] += d + exposed
		e.Steps[i] = StepCost{
			Name: s.Name, Op: s.Op, Pass: s.Pass, Bound: bound, Start: now, Time: d + exposed,
			Cycles: l.cycles, MACs: l.macs, BufRead: l.read, BufWrite: l.write,
			PadRead: pad.read, PadWrite: pad.write, PERead: l.peRead, PEWrite: l.peWrite,
			DRAMRead: l.dramRead, DRAMWrite: l.dram - l.dramRead,
			Energy: m.energy(&kind.timing, &kind.power) + pad.energy(m),
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
