package lower

import (
	"stco/model/workload"
)

import "slices"

// updateOps counts the elementary operations per parameter: SGD w - lr g;
// momentum adds b m + g; Adam both moments, the bias corrections, root and
// quotient; AdamW adds the decay.
var updateOps = [...]int64{2, 4, 12, 14}

// update emits the optimizer step of every parameter tensor with a gradient:
// it reads the gradient, the states and the full-precision weights, and writes
// the states, the weights and, under mixed precision, their compute copy.
func (t *tracer) update() {
	layer := make([]int32, len(t.net.Params))
	for i, o := range slices.Backward(t.net.Ops) {
		for _, p := range o.Params {
			layer[p] = int32(i)
		}
	}
	for i := range t.net.Params {
		if t.wgrad[i] == noTensor {
			continue
		}
		t.updateParam(i, layer[i])
	}
}

func (t *tracer) updateParam(i int, layer int32) {
	p := &t.net.Params[i]
	grad := t.full(t.wgrad[i])
	touched := t.tr.Tensors[grad.Tensor].Elems // all, or the rows of a sparse gradient
	part := func(id workload.TensorID) workload.Operand {
		return workload.Operand{Tensor: id, Bytes: t.form[id].Bytes(touched)}
	}
	s := workload.Step{
		Name: "update " + p.Name, Layer: layer, Op: workload.OpUpdate, Pass: workload.Update,
		VectorOps: touched * updateOps[t.o.Optimizer], Reads: []workload.Operand{grad},
	}
	w := part(t.weight[i])
	if t.o.Precision[workload.MasterWeight] != workload.NoFormat && t.o.Precision[workload.MasterWeight] != t.o.Precision[workload.Weight] {
		m := t.tensor(p.Name+".master", workload.MasterWeight, p.Elems)
		t.tr.Tensors[m].Persistent = true
		s.Reads = append(s.Reads, part(m))
		s.Writes = append(s.Writes, part(m), w)
	} else {
		s.Reads = append(s.Reads, w)
		s.Writes = append(s.Writes, w)
	}
	names := []string{".m", ".v"}
	for k := range t.o.Optimizer.States() {
		id := t.tensor(p.Name+names[k], workload.OptimizerState, p.Elems)
		t.tr.Tensors[id].Persistent = true
		s.Reads = append(s.Reads, part(id))
		s.Writes = append(s.Writes, part(id))
	}
	t.emit(s)
}
