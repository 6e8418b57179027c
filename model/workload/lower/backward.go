package lower

import (
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/fusion"
)

// backwardPass emits the loss and the gradients of every operator in reverse
// order, block by block, recomputing forward data as the policy asks.
func (t *tracer) backwardPass() {
	t.loss()
	last := len(t.net.Ops)
	for last > 0 {
		block := t.net.Ops[last-1].Block
		first := last
		for first > 0 && t.net.Ops[first-1].Block == block {
			first--
		}
		t.recompute(int32(first), int32(last))
		for i := last - 1; i >= first; i-- {
			t.backward(int32(i))
		}
		last = first
	}
}

// recompute repeats the forward steps of the operators from first to last that
// checkpointing dropped.
func (t *tracer) recompute(first, last int32) {
	if t.o.Checkpoint == workload.NoCheckpoint {
		return
	}
	for _, g := range t.plan.Groups {
		at := g.Ops[0]
		if at < first || at >= last {
			continue
		}
		if t.o.Checkpoint == workload.FullCheckpoint && at < t.head || t.drops(g) {
			t.forward(g, workload.Recompute, true)
		}
	}
}

// drops reports whether selective checkpointing drops the output of a group: it
// lies inside the attention core and only the core reads it.
func (t *tracer) drops(g fusion.Group) bool {
	if t.o.Checkpoint != workload.SelectiveCheckpoint || !t.net.Ops[g.Ops[0]].Core {
		return false
	}
	return t.plan.Inner[t.net.Ops[g.Ops[len(g.Ops)-1]].Out[0].Data]
}

// loss emits the criterion on the outputs and its gradient. The forward step
// writes one float32 statistic per position; the logits themselves are kept.
func (t *tracer) loss() {
	var outs []workload.Operand
	var elems, rows int64
	for _, v := range t.net.Outputs {
		outs = append(outs, t.all(v)...)
		for _, p := range v {
			elems += p.Len * t.batch
		}
		rows += t.batch * positions(t.net, v)
	}
	labels := t.tensorIn("labels", workload.Activation, rows, workload.FP32)
	t.tr.Tensors[labels].External = true
	stats := t.aux("loss.stats", workload.Statistics, rows)
	layer := int32(len(t.net.Ops) - 1)
	t.emit(workload.Step{
		Name: "loss", Layer: layer, Op: workload.OpLoss, Pass: workload.Forward, VectorOps: elems * graph.SoftmaxOps,
		Reads: append(outs, t.full(labels)), Writes: []workload.Operand{t.full(stats)},
	})
	for _, v := range t.net.Outputs {
		if !t.wants(v) {
			continue
		}
		s := workload.Step{
			Name: "loss", Layer: layer, Op: workload.OpLoss, Pass: workload.Backward, VectorOps: 2 * graph.Count(v) * t.batch,
			Reads: append(t.all(v), t.full(labels), t.full(stats)),
		}
		t.pushed(s, v)
	}
}

// positions returns the positions of an output: those of the layer that writes it.
func positions(n *graph.Network, v []graph.Part) int64 {
	for i := range n.Ops {
		o := &n.Ops[i]
		if o.Out[0].Data == v[0].Data && o.HasMACs() {
			return o.Nest.P * o.Nest.Q
		}
	}
	return 1
}

// backward emits the gradient steps of operator k.
func (t *tracer) backward(k int32) {
	o := &t.net.Ops[k]
	if c := t.plan.Core[k]; c != fusion.NoOp {
		if a := &t.plan.Attentions[c]; a.Context() == k {
			t.attentionBackward(a)
		}
		return
	}
	if o.Kind == workload.OpRecurrent {
		t.recurrentBackward(k)
		return
	}
	dOut := t.resolve(o.Out[0])
	if dOut == nil || (!t.net.Trains(o) && !slices.ContainsFunc(o.In, t.wants)) {
		return
	}
	dy := t.operands(dOut)
	switch {
	case o.Kind == workload.OpMatMul:
		t.matMulBackward(k, dy)
	case o.HasMACs():
		t.linearBackward(k, t.ifmap(o), dy)
	case o.Kind == workload.OpNorm && o.Fn == graph.BatchNorm:
		t.batchNormBackward(k, dOut, dy)
	case o.Kind == workload.OpEmbedding:
		s := t.step(k, workload.WeightBackward, o.VecBwd, append(t.all(o.In[0]), dy...))
		t.scatter(&s, o)
		t.emit(s)
	case o.Fn == graph.Add:
		t.addBackward(k, dOut, dy)
	case o.Fn == graph.Mul:
		t.mulBackward(k, dy)
	case o.Fn == graph.ParamAdd || o.Fn == graph.ParamCopy:
		if t.net.Trains(o) {
			s := t.step(k, workload.WeightBackward, o.VecBwd, dy)
			t.weightGrad(&s, o.Params[0])
			t.emit(s)
		}
		if len(o.In) > 0 {
			t.passOn(o.In[0], dOut)
		}
	default:
		t.vectorBackward(k, dOut, dy)
	}
}

// step returns a step of operator k that reads the operands.
func (t *tracer) step(k int32, pass workload.Pass, ops int64, reads ...[]workload.Operand) workload.Step {
	o := &t.net.Ops[k]
	return workload.Step{Name: o.Name, Layer: k, Op: o.Kind, Pass: pass, VectorOps: ops * t.batch, Reads: slices.Concat(reads...)}
}

// weightGrad adds the gradient of a parameter to the writes of a step, and to
// its reads when the parameter has a gradient already.
func (t *tracer) weightGrad(s *workload.Step, p int32) {
	if !t.net.Params[p].Trained() {
		return
	}
	id := t.wgrad[p]
	if id == noTensor {
		id = t.tensor("d("+t.net.Params[p].Name+")", workload.WeightGradient, t.net.Params[p].Elems)
		t.wgrad[p] = id
	} else {
		s.Reads = append(s.Reads, t.full(id))
		s.VectorOps += t.tr.Tensors[id].Elems
	}
	s.Writes = append(s.Writes, t.full(id))
}

// scatter adds the rows that a look-up touches to the gradient of its table. A
// dense gradient is written whole the first time, zeros included; a sparse one
// holds only the rows of the samples of the iteration.
func (t *tracer) scatter(s *workload.Step, o *graph.Op) {
	p := o.Params[0]
	if t.net.Params[p].RowsTouched > 0 && t.wgrad[p] == noTensor {
		elems := min(t.net.Params[p].Elems, t.net.Params[p].RowsTouched*int64(max(t.o.Batch, t.o.Iteration)))
		t.wgrad[p] = t.tensor("d("+t.net.Params[p].Name+")", workload.WeightGradient, elems)
	} else if t.wgrad[p] == noTensor {
		t.weightGrad(s, p)
		return
	}
	id := t.wgrad[p]
	n := min(t.tr.Tensors[id].Bytes, t.form[id].Bytes(t.rowElems(p, o)))
	if t.def[id] != fusion.NoOp {
		s.Reads = append(s.Reads, workload.Operand{Tensor: id, Bytes: n})
	}
	s.Writes = append(s.Writes, workload.Operand{Tensor: id, Bytes: n})
}

// linearBackward emits dW and dX of a convolution, transposed convolution or
// linear layer.
func (t *tracer) linearBackward(k int32, x, dy []workload.Operand) {
	o := &t.net.Ops[k]
	if t.net.Trains(o) {
		t.weightBackward(k, x, dy)
	}
	if t.wants(o.In[0]) {
		t.inputBackward(k, dy)
	}
}

// weightBackward emits dW.
func (t *tracer) weightBackward(k int32, x, dy []workload.Operand) {
	o := &t.net.Ops[k]
	dw := t.step(k, workload.WeightBackward, 0, x, dy)
	dw.NIn0, dw.NIn1 = int32(len(x)), int32(len(dy))
	if o.Transposed {
		dw.Reads = slices.Concat(dy, x)
		dw.NIn0, dw.NIn1 = dw.NIn1, dw.NIn0
	}
	t.nest(&dw, o, workload.Filter)
	t.weightGrad(&dw, o.Params[0])
	if len(o.Params) > 1 {
		t.weightGrad(&dw, o.Params[1])
		dw.VectorOps += o.Out[0].Len * t.batch
	}
	t.emit(dw)
}

// inputBackward emits dX.
func (t *tracer) inputBackward(k int32, dy []workload.Operand) {
	o := &t.net.Ops[k]
	w := t.weights(o)[:1]
	dx := t.step(k, workload.Backward, 0, w, dy)
	dx.NIn0, dx.NIn1 = 1, int32(len(dy))
	role := workload.Ifmap
	if o.Transposed {
		dx.Reads = slices.Concat(dy, w)
		dx.NIn0, dx.NIn1 = dx.NIn1, 1
		role = workload.Ofmap
	}
	t.nest(&dx, o, role)
	t.pushed(dx, o.In[0])
}

func (t *tracer) nest(s *workload.Step, o *graph.Op, out workload.Role) {
	s.Nest = o.Scaled(t.batch)
	s.Nest.Out = out
	s.MACs = s.Nest.MACs()
	if o.Routing != nil {
		r := o.Routed(t.batch)
		s.Routing = &r
	}
}

// matMulBackward emits the gradients of both factors.
func (t *tracer) matMulBackward(k int32, dy []workload.Operand) {
	o := &t.net.Ops[k]
	if t.wants(o.In[1]) {
		x := t.all(o.In[0])
		s := t.step(k, workload.Backward, 0, x, dy)
		s.NIn0, s.NIn1 = int32(len(x)), int32(len(dy))
		t.nest(&s, o, workload.Filter)
		t.pushed(s, o.In[1])
	}
	if t.wants(o.In[0]) {
		y := t.all(o.In[1])
		s := t.step(k, workload.Backward, 0, y, dy)
		s.NIn0, s.NIn1 = int32(len(y)), int32(len(dy))
		t.nest(&s, o, workload.Ifmap)
		t.pushed(s, o.In[0])
	}
}

// addBackward passes the gradient on; an input that was broadcast gets the sum.
func (t *tracer) addBackward(k int32, dOut []piece, dy []workload.Operand) {
	o := &t.net.Ops[k]
	for _, in := range o.In {
		switch {
		case !t.wants(in):
		case graph.Count(in) == o.Out[0].Len:
			t.passOn(in, dOut)
		default:
			t.pushed(t.step(k, workload.Backward, o.Out[0].Len, dy), in)
		}
	}
}

// mulBackward emits the gradients of both factors, in one step under fusion.
func (t *tracer) mulBackward(k int32, dy []workload.Operand) {
	o := &t.net.Ops[k]
	if !t.o.NoFusion && t.wants(o.In[0]) && t.wants(o.In[1]) {
		s := t.step(k, workload.Backward, o.VecBwd, dy, t.inputs(o))
		gx, gy := t.gradTensor(o.In[0]), t.gradTensor(o.In[1])
		s.Writes = []workload.Operand{t.full(gx), t.full(gy)}
		t.emit(s)
		t.accumulate(o.In[0], gx)
		t.accumulate(o.In[1], gy)
		return
	}
	for i, in := range o.In {
		if t.wants(in) {
			t.pushed(t.step(k, workload.Backward, o.VecBwd/2, dy, t.all(o.In[1-i])), in)
		}
	}
}

// vectorBackward emits the gradient of an operator of one input: activation,
// softmax, row normalisation, pooling, dropout. A pointwise gradient runs in the
// epilogue of the step that wrote the output's gradient when nothing else reads
// that.
func (t *tracer) vectorBackward(k int32, dOut []piece, dy []workload.Operand) {
	o := &t.net.Ops[k]
	var kept []workload.Operand
	keepIn, keepOut := o.Fn.Keeps()
	if keepIn && (o.Fn != graph.ParamMul || t.net.Trains(o)) {
		kept = append(kept, t.all(o.In[0])...)
	}
	if keepOut || o.Kind == workload.OpSoftmax {
		kept = append(kept, t.all(o.Out)...)
	}
	if t.side[k] != noTensor {
		kept = append(kept, t.full(t.side[k]))
	}
	wants := t.wants(o.In[0])
	pointwise := (o.Kind == workload.OpActivation || o.Kind == workload.OpElementwise) && graph.Count(o.In[0]) == o.Out[0].Len
	if g, ok := t.sole(dOut, o.Out[0]); ok && wants && pointwise && len(o.Params) == 0 && !t.o.NoFusion && t.refs[g] == 1 {
		if at := t.def[g]; t.before(kept, at) {
			t.extend(at, o.VecBwd*t.batch, kept, nil)
			t.refs[g]--
			t.accumulate(o.In[0], g)
			return
		}
	}
	s := t.step(k, workload.Backward, o.VecBwd, dy, kept, t.weights(o)[:min(1, len(o.Params))])
	if !wants {
		s.Pass = workload.WeightBackward
	}
	for _, p := range o.Params {
		t.weightGrad(&s, p)
	}
	if wants {
		t.pushed(s, o.In[0])
	} else {
		t.emit(s)
	}
}

// batchNormBackward emits the two sweeps of the gradient of a normalisation by
// batch statistics: the sums over the batch of dY and of dY times the
// normalised input, taken in the epilogue of the step that wrote dY where it
// can be, then dX.
func (t *tracer) batchNormBackward(k int32, dOut []piece, dy []workload.Operand) {
	o := &t.net.Ops[k]
	x := append(t.all(o.In[0]), t.full(t.side[k]))
	sums := []workload.Operand{t.full(t.tensorIn("d("+o.Name+".stats)", workload.Gradient, o.Stats, workload.FP32))}
	ops := 2 * o.Out[0].Len * t.batch
	g, ok := t.sole(dOut, o.Out[0])
	if ok && !t.o.NoFusion && t.before(x, t.def[g]) {
		t.extend(t.def[g], ops, x, sums)
	} else {
		s := t.step(k, workload.Backward, 0, dy, x)
		s.VectorOps, s.Writes = ops, sums
		t.emit(s)
	}
	s := t.step(k, workload.Backward, o.VecBwd, dy, x, t.weights(o)[:1], sums)
	for _, p := range o.Params {
		t.weightGrad(&s, p)
	}
	if t.wants(o.In[0]) {
		t.pushed(s, o.In[0])
		return
	}
	s.Pass = workload.WeightBackward
	t.emit(s)
}
