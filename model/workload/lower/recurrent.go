package lower

import (
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// cellStates are the tensors of one recurrent layer by time step: the gates
// after their functions, and the cell states with the initial one first (LSTM).
type cellStates struct {
	gates, cell []workload.TensorID
}

// slice returns the gates' input of time step i.
func slice(o *graph.Op, i int) graph.Part {
	p := o.In[0][0]
	n := p.Len / int64(len(o.Out))
	return graph.Part{Data: p.Data, Off: p.Off + int64(i)*n, Len: n}
}

// hidden returns the operands of the hidden state before time step i.
func (t *tracer) hidden(o *graph.Op, i int) []workload.Operand {
	if i == 0 {
		return t.all(o.In[1])
	}
	return t.all(o.Out[i-1 : i])
}

// recurrent emits the time steps of a layer. The products of the inputs are a
// linear layer of their own; a time step is h times W_hh added to their slice,
// with the gates' functions in the epilogue, and the cell on the vector lanes.
func (t *tracer) recurrent(k int32, pass workload.Pass) {
	o := &t.net.Ops[k]
	st := cellStates{}
	if o.Fn == graph.LSTM {
		st.cell = append(st.cell, t.all(o.In[2])[0].Tensor)
	}
	w := t.weights(o)
	width := o.Nest.P * o.Nest.K * t.batch
	for i := range o.Out {
		gates := t.tensor(fmt.Sprintf("%s.gates%d%s", o.Name, i+1, prime(pass)), workload.Activation, width)
		st.gates = append(st.gates, gates)
		h := t.hidden(o, i)
		s := t.step(k, pass, 0, h, w[:1], t.all([]graph.Part{slice(o, i)}), w[1:])
		s.NIn0, s.NIn1, s.VectorOps = 1, 1, 2*width
		s.Writes = []workload.Operand{t.full(gates)}
		t.nest(&s, o, workload.Ofmap)
		t.emit(s)

		c := workload.Step{Name: o.Name + ".cell", Layer: k, Op: workload.OpElementwise, Pass: pass, VectorOps: o.Vec * t.batch}
		c.Reads = []workload.Operand{t.full(gates)}
		if o.Fn == graph.LSTM {
			c.Reads = append(c.Reads, t.full(st.cell[i]))
		} else {
			c.Reads = append(c.Reads, h...)
		}
		c.Writes = []workload.Operand{t.define(o.Out[i], pass)}
		if o.Fn == graph.LSTM {
			st.cell = append(st.cell, t.tensor(fmt.Sprintf("%s.c%d%s", o.Name, i+1, prime(pass)), workload.Activation, o.Out[i].Len*t.batch))
			c.Writes = append(c.Writes, t.full(st.cell[i+1]))
		}
		t.emit(c)
	}
	t.cells[k] = st
}

func prime(pass workload.Pass) string {
	if pass == workload.Recompute {
		return "'"
	}
	return ""
}

// recurrentBackward emits back-propagation through time: per time step the
// cell's gradient and dh = dgates times W_hh, then dW_hh of all time steps as
// one product.
func (t *tracer) recurrentBackward(k int32) {
	o := &t.net.Ops[k]
	st := t.cells[k]
	w := []workload.Operand{t.full(t.weight[o.Params[0]])}
	var dh, dc, hs, dgs []workload.Operand
	seen := false
	for i, out := range slices.Backward(o.Out) {
		dy := t.operands(t.resolve(out))
		if seen = seen || len(dy) > 0; !seen {
			continue
		}
		s := workload.Step{Name: o.Name + ".cell", Layer: k, Op: workload.OpElementwise, Pass: workload.Backward, VectorOps: o.VecBwd * t.batch}
		s.Reads = slices.Concat(dy, dh, dc, []workload.Operand{t.full(st.gates[i])})
		dg := t.full(t.tensor(fmt.Sprintf("d(%s.gates%d)", o.Name, i+1), workload.Gradient, o.Nest.P*o.Nest.K*t.batch))
		s.Writes = []workload.Operand{dg}
		if o.Fn == graph.LSTM {
			s.Reads = append(s.Reads, t.full(st.cell[i+1]), t.full(st.cell[i]))
			dc = nil
			if i > 0 {
				dc = []workload.Operand{t.full(t.tensor(fmt.Sprintf("d(%s.c%d)", o.Name, i), workload.Gradient, o.Out[i].Len*t.batch))}
				s.Writes = append(s.Writes, dc...)
			}
		} else {
			s.Reads = append(s.Reads, t.hidden(o, i)...)
		}
		t.emit(s)
		if i > 0 {
			r := t.step(k, workload.Backward, 0, w, []workload.Operand{dg})
			r.NIn0, r.NIn1 = 1, 1
			t.nest(&r, o, workload.Ifmap)
			dh = []workload.Operand{t.full(t.tensor(fmt.Sprintf("d(%s.h%d)", o.Name, i), workload.Gradient, o.Out[i].Len*t.batch))}
			r.Writes = dh
			t.emit(r)
		}
		hs, dgs = append(hs, t.hidden(o, i)...), append(dgs, dg)
		if t.wants(o.In[0]) {
			t.accumulate([]graph.Part{slice(o, i)}, dg.Tensor)
		}
	}
	if !seen {
		return
	}
	slices.Reverse(hs)
	slices.Reverse(dgs)
	s := t.step(k, workload.WeightBackward, 0, hs, dgs)
	s.NIn0, s.NIn1 = int32(len(hs)), int32(len(dgs))
	t.nest(&s, o, workload.Filter)
	s.Nest.P *= int64(len(dgs))
	s.Nest.H = s.Nest.P
	s.MACs = s.Nest.MACs()
	for _, p := range o.Params {
		t.weightGrad(&s, p)
	}
	if len(o.Params) > 1 {
		s.VectorOps += o.Nest.P * o.Nest.K * t.batch * int64(len(dgs))
	}
	t.emit(s)
}
