package accel

import (
	"slices"
	"sync"

	"stco/model/accel/kept"
	"stco/model/accel/overlap"
	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/accel/systolic"
	"stco/model/accel/tiling"
	"stco/model/workload"
)

// Array is the compute side of the machine: what fixes cycles and accesses,
// and so the traffic tables. Clock and energies are given at evaluation.
type Array struct {
	Rows, Cols  int               // processing elements of a core
	Cores       int               // that share every nest; 0 is one
	Dataflow    systolic.Dataflow // output, weight or input stationary
	VectorLanes int               // elementwise operations per cycle, of all cores
	AccumBytes  int               // size of a partial sum that leaves the array
	PEBuffer    int64             // bytes of the operand buffers between PE arrays and buffer, of all cores; 0: none
}

// BufferPolicy select the parts of the buffer manager.
type BufferPolicy struct {
	// NoResidency turns residency between steps off: every step reads its
	// operands from DRAM and writes its results there.
	NoResidency bool
	// Schedule says how freely the batch is split.
	Schedule schedule.Mode
	// Overlap says what of the DRAM transfers runs beside other steps.
	Overlap overlap.Mode
	// Tiles says which tiles the machine can do.
	Tiles tiling.Rule
	// Part returns the trace of micro equal parts of a batch; nil: the batch is
	// not split. More than one part only in training.
	Part func(batch, micro int) (*workload.Trace, error)
	// Curves is shared by the plans of a suite, so that equal layers are tiled
	// once; nil means a store of the plan's own.
	Curves *residency.Curves
}

// Plan is a trace prepared for one PE array: cycles and buffer accesses of
// every step, and the traffic tables over capacity, which are built when first
// asked for and kept. A Plan is safe for concurrent use.
type Plan struct {
	trace     *workload.Trace
	array     Array
	opts      BufferPolicy
	network   *schedule.Network
	traces    []*workload.Trace // by part of the batch
	steps     [][]planStep      // likewise
	fewest    []float64         // cycles of an iteration in parts of a level without groups
	schedules [GridSize]scheduleSlot
	tables    [GridSize]tableSlot
	staged    stagedTables
	book      func() *kept.Book

	// Totals over the trace, independent of capacity.
	MACs, VectorOps int64
	Compulsory      float64 // bytes that must cross the DRAM interface whatever the buffer
}

// planStep is one step with all that does not depend on the buffer.
type planStep struct {
	nest      bool
	cycles    float64 // PE array or vector lanes
	peReads   float64 // bytes the PEs read from the buffer
	peWrites  float64 // bytes they write
	macs, ops float64
}

// NewPlan prepares a trace for a PE array.
func NewPlan(t *workload.Trace, a Array, o BufferPolicy) (*Plan, error) {
	source := schedule.Traces{Whole: t, Part: o.Part}
	if o.Schedule == schedule.Layers || o.NoResidency {
		source.Part = nil
	}
	c := residency.Conventions{AccumBytes: a.AccumBytes, Curves: o.Curves}
	if o.Tiles == tiling.Slices {
		c.Slices = a.Cols
	}
	n, err := schedule.New(&source, c)
	if err != nil {
		return nil, err
	}
	p := &Plan{trace: t, array: a, opts: o, network: n, Compulsory: n.Whole().Compulsory()}
	for i := range t.Steps {
		p.MACs += t.Steps[i].MACs
		p.VectorOps += t.Steps[i].VectorOps
	}
	for lv := range n.Levels() {
		r, _ := n.Level(lv)
		p.traces, p.steps = append(p.traces, r.Trace()), append(p.steps, a.steps(r))
		p.fewest = append(p.fewest, p.rowCycles(n.Plain(lv)))
	}
	p.book = sync.OnceValue(p.open)
	return p, nil
}

// Cycles returns those of the PE array and the vector lanes in an iteration, every
// layer over the whole batch.
func (p *Plan) Cycles() float64 { return p.fewest[len(p.fewest)-1] }

// Under returns the plan with another way to split the batch, no freer than its
// own. Both share what they find.
func (p *Plan) Under(mode schedule.Mode) *Plan {
	q := &Plan{trace: p.trace, array: p.array, opts: p.opts, network: p.network, traces: p.traces, steps: p.steps, fewest: p.fewest, MACs: p.MACs, VectorOps: p.VectorOps, Compulsory: p.Compulsory}
	q.opts.Schedule = mode
	q.book = sync.OnceValue(q.open)
	return q
}

// steps returns what the steps of a problem ask of the PE array.
func (a *Array) steps(r *residency.Manager) []planStep {
	t := r.Trace()
	steps := make([]planStep, len(t.Steps))
	for i := range t.Steps {
		s, st := &t.Steps[i], &steps[i]
		st.macs, st.ops = float64(s.MACs), float64(s.VectorOps)
		st.cycles = st.ops / float64(a.VectorLanes)
		st.peReads, st.peWrites = r.Streamed(i)
		roles, elem, nest := r.Roles(i)
		if !nest {
			continue
		}
		st.nest = true
		if s.Attention != nil {
			st.attention(s, elem, a)
			continue
		}
		c := systolic.Map(&s.Nest, a.systolic(), a.Dataflow)
		st.cycles = max(st.cycles, float64(c.Cycles))
		for g, role := range roles[:2] {
			st.peReads += float64(c.Reads[role]) * elem[g]
		}
		accum := float64(a.AccumBytes)
		st.peReads += float64(c.PartialReads) * accum
		st.peWrites += float64(c.PartialWrites)*accum + float64(c.Writes)*elem[2]
	}
	return steps
}

// Uses tells whether a step of the trace is of a kind.
func (p *Plan) Uses(kind func(*workload.Step) bool) bool {
	return slices.ContainsFunc(p.trace.Steps, func(s workload.Step) bool { return kind(&s) })
}
