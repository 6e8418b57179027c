package residency

import "stco/model/workload"

// Touch is what one step does to one tensor.
type Touch struct {
	Tensor                 int32
	Next                   int32 // step of the next touch that needs the content; none in this iteration: -1
	Bytes                  int64 // distinct bytes touched
	Reads, Writes, Defines bool
}

// Steps returns the number of steps.
func (p *Manager) Steps() int { return len(p.steps) }

// Trace returns the trace of the problem.
func (p *Manager) Trace() *workload.Trace { return p.trace }

// Touches appends what step i does to its tensors.
func (p *Manager) Touches(i int, list []Touch) []Touch {
	st := &p.steps[i]
	for _, c := range st.touches {
		t := Touch{Tensor: c.tensor, Next: c.next, Bytes: int64(c.bytes), Reads: c.reads, Writes: c.writes, Defines: c.defines}
		if int(t.Next) >= len(p.steps) {
			t.Next = none
		}
		list = append(list, t)
	}
	return list
}

// Tensor says what an iteration uses of tensor k: its bytes, whether the last
// iteration left it, whether it is an output, its class, and in how many
// iterations it is renewed (0: in each, or never).
func (p *Manager) Tensor(k int32) (bytes int64, persistent, output bool, class workload.Class, renewal float64) {
	d := &p.data[k]
	return d.bytes, d.persistent, d.output, d.class, d.renewal
}

// LastTouch returns the last step that touches tensor k, -1 if none does, and
// the last that writes it.
func (p *Manager) LastTouch(k int32) (touch, write int32) {
	touch, write = none, none
	for _, v := range p.events[k] {
		touch = v.step
		if v.writes {
			write = v.step
		}
	}
	return touch, write
}
