package residency

import (
	"fmt"
	"math"
	"sync"

	"stco/model/accel/tiling"
	"stco/model/workload"
)

// Conventions are the conventions of a problem.
type Conventions struct {
	// AccumBytes is the size of a partial sum that leaves the PE array.
	AccumBytes int
	// Curves is shared by problems whose nests may be equal; nil means a store
	// of the problem's own.
	Curves *Curves
	// Apart keeps the room of a vector step's operands until the step ends. By
	// default its results take the place of what is not needed again, element by
	// element.
	Apart bool
	// Slices is that of the tiles.
	Slices int
}

// Manager is a trace prepared for Run. It is safe for concurrent use.
type Manager struct {
	apart      bool
	origin     int // of the first step in the trace
	trace      *workload.Trace
	steps      []step
	touches    int       // of all steps
	data       []tensor  // by tensor
	events     [][]visit // by tensor, in the order of the steps
	carries    bool      // a tensor lives across iterations
	gaps       []gap     // between uses, by end
	less       []float64 // by step: bytes of the buffer that others use; nil: none
	compulsory float64
	simulators sync.Pool
}

// step is one step with all that does not depend on the buffer.
type step struct {
	stepUse
	nest       bool
	firstTouch int        // index of its first touch among those of the trace
	whole      [3]float64 // bytes of the operand groups
	elem       [3]float64 // bytes of an element of each group
	roles      [3]workload.Role
	outDead    bool    // the output of the nest is never used again
	outLast    bool    // and it is an output of the network
	unsaved    float64 // bytes of the output that need no final write
	final      float64 // bytes of the output that do and that no later step reads
	touched    float64 // bytes of all tensors of the step
	curves     *[8]func() []stair
}

// measure sums up what the step touches of each tensor: the largest operand.
func (st *step) measure() {
	for j := range st.touches {
		st.touches[j].bytes = 0
	}
	for i := range st.uses {
		u := &st.uses[i]
		c := &st.touches[u.touch]
		c.bytes = max(c.bytes, float64(u.bytes))
	}
	st.touched = 0
	for j := range st.touches {
		st.touched += st.touches[j].bytes
	}
}

// finalWrite returns the bytes a held result costs at once: those of a network
// output that no step reads.
func (st *step) finalWrite() float64 {
	if st.outDead && st.outLast {
		return st.final
	}
	return 0
}

// curve returns the tiling staircase with the groups of mask held on chip.
func (st *step) curve(mask int) []stair { return st.curves[mask]() }

// New prepares a trace.
func New(t *workload.Trace, o Conventions) (*Manager, error) {
	if err := checkOperands(t); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Network, err)
	}
	data := dataOf(t)
	uses := findUses(t, data)
	curves := o.Curves
	if curves == nil {
		curves = NewCurves()
	}
	p := &Manager{trace: t, apart: o.Apart, data: data, steps: make([]step, len(t.Steps)), compulsory: compulsory(data)}
	for i := range t.Steps {
		p.steps[i].stepUse, p.steps[i].firstTouch = uses[i], p.touches
		p.touches += len(uses[i].touches)
		p.steps[i].measure()
		if err := p.prepare(&p.steps[i], &t.Steps[i], curves, &o); err != nil {
			return nil, fmt.Errorf("%s: step %d (%s): %w", t.Network, i, t.Steps[i].Name, err)
		}
	}
	for k := range data {
		p.carries = p.carries || data[k].persistent
	}
	p.events = visits(p.steps, len(data))
	p.gaps = p.findGaps()
	p.simulators.New = func() any { return newSimulator(p) }
	return p, nil
}

func (p *Manager) prepare(st *step, s *workload.Step, curves *Curves, o *Conventions) error {
	if s.MACs <= 0 {
		return nil
	}
	st.nest = true
	st.roles = roles(s.Nest.Out)
	if s.Attention != nil {
		if err := tiling.CheckAttention(&s.Attention.Scores, &s.Attention.Context); err != nil {
			return err
		}
		st.roles = roles(workload.Ofmap)
	}
	for _, x := range st.uses {
		if x.part <= out {
			st.whole[x.part] += float64(x.all)
		}
	}
	p.results(st)
	key := curveKey{nest: s.Nest, partial: float64(o.AccumBytes), slices: o.Slices}
	if s.Attention != nil {
		key.attention, key.gradient = *s.Attention, s.Pass == workload.Backward
	}
	for g := in0; g <= out; g++ {
		size, err := elemBytes(p.trace, st.uses, uint8(g))
		if err != nil {
			return err
		}
		st.elem[g], key.bytes[st.roles[g]] = size, size
	}
	st.curves = new([8]func() []stair)
	for mask := range st.curves {
		for g := in0; g <= out; g++ {
			key.resident[st.roles[g]] = mask>>g&1 == 1
		}
		st.curves[mask] = curves.get(&key, st.roles)
	}
	return nil
}

// results notes what becomes of the results of a nest.
func (p *Manager) results(st *step) {
	st.outDead, st.outLast, st.unsaved, st.final = true, false, 0, 0
	for _, x := range st.uses {
		if x.part != out {
			continue
		}
		dead := st.touches[x.touch].next == none
		st.outDead = st.outDead && dead
		st.outLast = p.data[x.tensor].output
		switch {
		case dead && !st.outLast:
			st.unsaved += float64(x.all)
		case dead:
			st.final += float64(x.bytes)
		}
	}
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
func compulsory(data []tensor) float64 {
	sum := 0.0
	for k := range data {
		if data[k].external {
			sum += float64(data[k].bytes)
		}
		if data[k].output {
			sum += float64(data[k].bytes)
		}
	}
	return sum
}

// Compulsory returns the bytes that cross the DRAM interface in an iteration
// whatever the buffer.
func (p *Manager) Compulsory() float64 { return p.compulsory }

// Roles returns what a nest step's two inputs and output are in its nest (of a
// fused attention: in a forward nest), and the bytes of an element of each; false
// for a vector step.
func (p *Manager) Roles(i int) (roles [3]workload.Role, elem [3]float64, nest bool) {
	st := &p.steps[i]
	return st.roles, st.elem, st.nest
}

// Streamed returns the bytes of step i that the PE side reads and writes beside
// the operands of a nest.
func (p *Manager) Streamed(i int) (read, write float64) {
	for _, x := range p.steps[i].uses {
		switch x.part {
		case extraRead:
			read += float64(x.bytes)
		case extraWrite:
			write += float64(x.bytes)
		}
	}
	return read, write
}

// taken returns the bytes of the buffer that others use in step i.
func (p *Manager) taken(i int) float64 {
	if p.less == nil {
		return 0
	}
	return p.less[i]
}

// Fits returns an error that names the first step whose smallest tile does not
// fit in the capacity, beside what others use of it.
func (p *Manager) Fits(capacity int64) error {
	for i := range p.steps {
		least := 0.0
		if p.steps[i].nest {
			least = p.steps[i].curve(0)[0].space
		}
		if least > float64(capacity)-p.taken(i) {
			return fmt.Errorf("%s: %s needs at least %.0f B of buffer, the capacity is %d B", p.trace.Network, p.trace.Steps[p.origin+i].Name, least, capacity)
		}
	}
	return nil
}
