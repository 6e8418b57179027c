package residency

import (
	"fmt"
	"slices"

	"stco/model/workload"
)

// The part an operand plays in a step. The first three index the inputs and
// the output of a nest.
const (
	in0 = iota
	in1
	out
	extraRead
	extraWrite
)

// use is one operand of one step.
type use struct {
	tensor int32
	part   uint8
	touch  int32 // index of its tensor's touch
	bytes  int64 // that the manager moves: less than all of a pinned tensor
	all    int64
}

// touch is the effect of one step on one tensor, however many operands of the
// step name it.
type touch struct {
	tensor  int32
	part    uint8   // the first that the tensor plays in the step
	bytes   float64 // of the largest operand
	next    int32   // step of the next use that needs the data; at or above the step count: in the next iteration; none: -1
	reads   bool
	writes  bool
	defines bool // the old content is dead: written whole and not read
}

const none = -1

// stepUse is a step as the residency pass sees it.
type stepUse struct {
	uses    []use
	touches []touch
}

// findUses derives definitions, uses and next uses of every tensor from the
// order of the steps.
func findUses(t *workload.Trace, data []tensor) []stepUse {
	steps := make([]stepUse, len(t.Steps))
	for i := range t.Steps {
		stepUses(data, &t.Steps[i], &steps[i])
	}
	// Backward sweep: what the next event of each tensor asks for. next[k] is
	// the step of the next event, dead[k] whether that event overwrites all.
	n := len(data)
	next := make([]int32, n)
	dead := make([]bool, n)
	for k := range next {
		next[k] = none
	}
	first := make([]int32, n)
	firstDefines := make([]bool, n)
	for k := range first {
		first[k] = none
	}
	for i, s := range slices.Backward(steps) {
		for _, c := range s.touches {
			first[c.tensor], firstDefines[c.tensor] = int32(i), c.defines
		}
	}
	for k := range data {
		if data[k].persistent && first[k] != none && !firstDefines[k] {
			next[k] = int32(len(steps)) + first[k]
		}
	}
	for i := range slices.Backward(steps) {
		for j := range steps[i].touches {
			c := &steps[i].touches[j]
			if dead[c.tensor] {
				c.next = none
			} else {
				c.next = next[c.tensor]
			}
			next[c.tensor], dead[c.tensor] = int32(i), c.defines
		}
	}
	return steps
}

func stepUses(data []tensor, s *workload.Step, su *stepUse) {
	of := make(map[workload.TensorID]int32, len(s.Reads)+len(s.Writes)) // touches
	add := func(o workload.Operand, part uint8, write bool) {
		j, known := of[o.Tensor]
		if !known {
			j = int32(len(su.touches))
			of[o.Tensor] = j
			su.touches = append(su.touches, touch{tensor: int32(o.Tensor), part: part})
		}
		su.uses = append(su.uses, use{tensor: int32(o.Tensor), part: part, touch: j, bytes: o.Bytes, all: o.Bytes})
		c := &su.touches[j]
		if write {
			c.writes = true
			c.defines = !c.reads && o.Bytes == data[o.Tensor].bytes
		} else {
			c.reads, c.defines = true, false
		}
	}
	for k, o := range s.Reads {
		part := uint8(extraRead)
		switch {
		case k < int(s.NIn0):
			part = in0
		case k < int(s.NIn0+s.NIn1):
			part = in1
		}
		add(o, part, false)
	}
	for k, o := range s.Writes {
		part := uint8(extraWrite)
		if k < s.Results() {
			part = out
		}
		add(o, part, true)
	}
}

// checkOperands returns an error for an operand outside its tensor.
func checkOperands(t *workload.Trace) error {
	for i := range t.Steps {
		for _, list := range [][]workload.Operand{t.Steps[i].Reads, t.Steps[i].Writes} {
			for _, o := range list {
				if o.Tensor < 0 || int(o.Tensor) >= len(t.Tensors) {
					return fmt.Errorf("step %d (%s): operand names tensor %d of %d", i, t.Steps[i].Name, o.Tensor, len(t.Tensors))
				}
				if x := &t.Tensors[o.Tensor]; o.Bytes < 0 || o.Bytes > x.Bytes {
					return fmt.Errorf("step %d (%s): operand touches %d bytes of %s, which has %d", i, t.Steps[i].Name, o.Bytes, x.Name, x.Bytes)
				}
			}
		}
	}
	return nil
}
