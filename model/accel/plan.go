package accel

import (
	"fmt"
	"math"
	"sync"

	"stco/model/accel/systolic"
	"stco/model/accel/tiling"
	"stco/model/workload"
)

// Array is the compute side of the machine: what fixes cycles and accesses,
// and so the traffic tables. Clock and energies are given at evaluation.
type Array struct {
	Rows, Cols  int               // processing elements
	Dataflow    systolic.Dataflow // output, weight or input stationary
	VectorLanes int               // elementwise operations per cycle
	AccumBytes  int               // size of a partial sum that leaves the array
	PEBuffer    int64             // bytes of the operand buffer between PE array and buffer; 0: none
}

// Options select the parts of the buffer manager.
type Options struct {
	// NoResidency turns residency between steps off: every step reads its
	// operands from DRAM and writes its results there.
	NoResidency bool
}

// Plan is a trace prepared for one PE array: cycles and buffer accesses of
// every step, tiling curves, and the traffic tables over capacity, which are
// built when first asked for and kept. A Plan is safe for concurrent use.
type Plan struct {
	trace  *workload.Trace
	array  Array
	opts   Options
	steps  []planStep
	curves curveCache
	// samePart marks persistent tensors that one step of an iteration touches
	// in part (rows of an embedding table): taken to be the same part every
	// time.
	samePart []bool
	tables   [Rungs]tableSlot
	staged   stagedTables

	// Totals over the trace, independent of capacity.
	MACs, VectorOps int64
	Compulsory      float64 // bytes that must cross the DRAM interface whatever the buffer
}

// planStep is one step with all that does not depend on the buffer.
type planStep struct {
	stepUse
	nest      bool
	whole     [3]float64 // bytes of the operand groups
	outDead   bool       // the output of the nest is never used again
	outOutput bool       // it is an output of the network

	cycles    float64 // PE array or vector lanes
	peReads   float64 // bytes the PEs read from the buffer
	peWrites  float64 // bytes they write
	macs, ops float64

	key    curveKey
	roles  [3]workload.Role // of groups in0, in1, out
	curves [8]func() []tiling.Point
}

func (st *planStep) nextOf(k int32) int32 {
	for i := range st.touches {
		if st.touches[i].tensor == k {
			return st.touches[i].next
		}
	}
	return none
}

// partOf returns the first part a tensor plays in the step.
func (st *planStep) partOf(k int32) uint8 {
	for i := range st.uses {
		if st.uses[i].tensor == k {
			return st.uses[i].part
		}
	}
	return extraWrite
}

// finalWrite returns the bytes a held result costs at once: those of a network
// output that no step reads.
func (st *planStep) finalWrite() float64 {
	if st.outDead && st.outOutput {
		return st.whole[out]
	}
	return 0
}

// traffic returns the DRAM bytes of an operand group at a point of the curve.
// A result nobody reads again is accumulated but not written.
func (st *planStep) traffic(p *tiling.Point, group int) (read, write float64) {
	role := st.roles[group]
	read, write = float64(p.Read[role]), float64(p.Write[role])
	if group == out && st.outDead && !st.outOutput {
		write -= st.whole[out]
	}
	return read, write
}

// curve returns the tiling staircase with the groups of mask held on chip.
func (st *planStep) curve(mask int) []tiling.Point { return st.curves[mask]() }

// curveKey identifies a tiling problem; equal layers share their curves.
type curveKey struct {
	nest     workload.Nest
	bytes    [3]float64
	partial  float64
	resident [3]bool
}

type curveCache struct {
	mu sync.Mutex
	of map[curveKey]func() []tiling.Point
}

// get returns the curve of a key, computed at most once.
func (c *curveCache) get(k curveKey) func() []tiling.Point {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.of[k]; ok {
		return f
	}
	f := sync.OnceValue(func() []tiling.Point {
		return thin(tiling.Curve(&k.nest, &tiling.Options{
			ElemBytes: k.bytes, PartialBytes: k.partial, DoubleBuffer: true, Resident: k.resident,
		}))
	})
	c.of[k] = f
	return f
}

// thin keeps a point of a staircase only if it saves at least 2 % of the
// traffic of the last one kept; first and last always stay.
func thin(curve []tiling.Point) []tiling.Point {
	if len(curve) < 3 {
		return curve
	}
	kept := []tiling.Point{curve[0]}
	last := float64(curve[0].Total())
	for _, p := range curve[1 : len(curve)-1] {
		if t := float64(p.Total()); t < 0.98*last {
			kept, last = append(kept, p), t
		}
	}
	return append(kept, curve[len(curve)-1])
}

// NewPlan prepares a trace for a PE array.
func NewPlan(t *workload.Trace, a Array, o Options) (*Plan, error) {
	uses, err := findUses(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Network, err)
	}
	p := &Plan{trace: t, array: a, opts: o, steps: make([]planStep, len(t.Steps))}
	p.curves.of = map[curveKey]func() []tiling.Point{}
	for i := range t.Steps {
		if err := p.prepare(&p.steps[i], &t.Steps[i], uses[i]); err != nil {
			return nil, fmt.Errorf("%s: step %d (%s): %w", t.Network, i, t.Steps[i].Name, err)
		}
	}
	p.Compulsory = compulsory(t, uses)
	touching := make([]int, len(t.Tensors))
	for i := range uses {
		for _, c := range uses[i].touches {
			touching[c.tensor]++
		}
	}
	p.samePart = make([]bool, len(t.Tensors))
	for k := range p.samePart {
		p.samePart[k] = t.Tensors[k].Persistent && touching[k] == 1
	}
	return p, nil
}

func (p *Plan) prepare(st *planStep, s *workload.Step, u stepUse) error {
	st.stepUse = u
	st.macs, st.ops = float64(s.MACs), float64(s.VectorOps)
	p.MACs += s.MACs
	p.VectorOps += s.VectorOps
	st.cycles = st.ops / float64(p.array.VectorLanes)
	if s.MACs <= 0 {
		for _, x := range u.uses {
			if x.part == extraWrite {
				st.peWrites += float64(x.bytes)
			} else {
				st.peReads += float64(x.bytes)
			}
		}
		return nil
	}
	st.nest = true
	st.roles = roles(s.Nest.Out)
	for _, x := range u.uses {
		switch x.part {
		case in0, in1, out:
			st.whole[x.part] += float64(x.bytes)
		case extraRead:
			st.peReads += float64(x.bytes)
		default:
			st.peWrites += float64(x.bytes)
		}
		if x.part == out {
			st.outDead = st.nextOf(x.tensor) == none
			st.outOutput = p.trace.Tensors[x.tensor].Output
		}
	}
	st.key = curveKey{nest: s.Nest, partial: float64(p.array.AccumBytes)}
	for g := in0; g <= out; g++ {
		size, err := elemBytes(p.trace, u.uses, uint8(g))
		if err != nil {
			return err
		}
		st.key.bytes[st.roles[g]] = size
	}
	for mask := range st.curves {
		k := st.key
		for g := in0; g <= out; g++ {
			k.resident[st.roles[g]] = mask>>g&1 == 1
		}
		st.curves[mask] = p.curves.get(k)
	}

	c := systolic.Map(&s.Nest, systolic.Array{Rows: int64(p.array.Rows), Cols: int64(p.array.Cols), VectorLanes: int64(p.array.VectorLanes)}, p.array.Dataflow)
	st.cycles = max(st.cycles, float64(c.Cycles))
	for g := range out {
		st.peReads += float64(c.Reads[st.roles[g]]) * st.key.bytes[st.roles[g]]
	}
	acc := float64(p.array.AccumBytes)
	st.peReads += float64(c.PartialReads) * acc
	st.peWrites += float64(c.PartialWrites)*acc + float64(c.Writes)*st.key.bytes[s.Nest.Out]
	return nil
}

// roles returns the nest roles of the two inputs and the output.
func roles(result workload.Role) [3]workload.Role {
	switch result {
	case workload.Ifmap:
		return [3]workload.Role{workload.Filter, workload.Ofmap, workload.Ifmap}
	case workload.Filter:
		return [3]workload.Role{workload.Ifmap, workload.Ofmap, workload.Filter}
	default:
		return [3]workload.Role{workload.Ifmap, workload.Filter, workload.Ofmap}
	}
}

// elemBytes returns the element size of an operand group.
func elemBytes(t *workload.Trace, uses []use, group uint8) (float64, error) {
	for _, u := range uses {
		if u.part != group {
			continue
		}
		x := &t.Tensors[u.tensor]
		if x.Elems <= 0 || x.Bytes <= 0 {
			return 0, fmt.Errorf("tensor %s has %d bytes for %d elements", x.Name, x.Bytes, x.Elems)
		}
		bits := math.Round(8 * float64(x.Bytes) / float64(x.Elems)) // a size rounded up to bytes must not look wider
		return bits / 8, nil
	}
	return 0, fmt.Errorf("the nest has no operand %d", group)
}

// compulsory returns the bytes that cross the DRAM interface in every
// iteration even with an unlimited buffer: inputs read, outputs written.
func compulsory(t *workload.Trace, uses []stepUse) float64 {
	touched := make([]float64, len(t.Tensors))
	for i := range uses {
		for _, u := range uses[i].uses {
			touched[u.tensor] = max(touched[u.tensor], float64(u.bytes))
		}
	}
	sum := 0.0
	for k := range t.Tensors {
		if t.Tensors[k].External {
			sum += touched[k]
		}
		if t.Tensors[k].Output {
			sum += float64(t.Tensors[k].Bytes)
		}
	}
	return sum
}
