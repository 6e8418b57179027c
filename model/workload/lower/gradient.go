package lower

import (
	"stco/model/workload"
	"stco/model/workload/graph"
)

import "slices"

// piece is a range of the gradient of a storage and the tensor that holds it.
type piece struct {
	off, n int64
	id     workload.TensorID
}

// wants reports whether any part of a view needs a gradient.
func (t *tracer) wants(v []graph.Part) bool {
	return slices.ContainsFunc(v, func(p graph.Part) bool { return t.plan.NeedGrad[p.Data] })
}

// pushed emits a step that writes the gradient of a view and adds the gradient
// to the data of the view.
func (t *tracer) pushed(s workload.Step, v []graph.Part) {
	g := t.gradTensor(v)
	s.Writes = slices.Insert(s.Writes, 0, t.full(g))
	t.emit(s)
	t.accumulate(v, g)
}

func (t *tracer) gradTensor(v []graph.Part) workload.TensorID {
	return t.tensor("d("+t.net.Data[v[0].Data].Name+")", workload.Gradient, graph.Count(v)*t.batch)
}

// accumulate adds the gradient g of a view to what the data of the view have
// already. Under fusion the step that writes g reads the earlier gradient in
// its epilogue; otherwise the sum is a step of its own.
func (t *tracer) accumulate(v []graph.Part, g workload.TensorID) {
	old := t.replaced(v)
	if len(old) > 0 {
		at := t.def[g]
		if !t.o.NoFusion && t.before(old, at) {
			t.extend(at, t.tr.Tensors[g].Elems, old, nil)
		} else {
			sum := t.gradTensor(v)
			t.emit(workload.Step{
				Name: "accumulate", Layer: t.tr.Steps[at].Layer, Op: workload.OpElementwise, Pass: workload.Backward,
				VectorOps: t.tr.Tensors[g].Elems, Reads: append([]workload.Operand{t.full(g)}, old...), Writes: []workload.Operand{t.full(sum)},
			})
			g = sum
		}
	}
	for _, p := range v {
		if t.plan.NeedGrad[p.Data] {
			t.give(p, g)
		}
	}
}

// give makes the tensor the gradient of a part, summed with what a view gave
// the same part before.
func (t *tracer) give(p graph.Part, g workload.TensorID) {
	if old := t.replaced([]graph.Part{p}); len(old) > 0 {
		sum := t.gradTensor([]graph.Part{p})
		t.emit(workload.Step{
			Name: "accumulate", Layer: max(t.plan.Producer[p.Data], 0), Op: workload.OpElementwise, Pass: workload.Backward, VectorOps: p.Len * t.batch,
			Reads: t.merged(t.addOperand(old, g, p.Len)), Writes: []workload.Operand{t.full(sum)},
		})
		g = sum
	}
	t.grads[p.Data] = append(t.grads[p.Data], piece{p.Off, p.Len, g})
	t.refs[g]++
}

// before reports whether every operand is defined before a step.
func (t *tracer) before(ops []workload.Operand, at int32) bool {
	return !slices.ContainsFunc(ops, func(o workload.Operand) bool { return t.def[o.Tensor] >= at })
}

// replaced removes the pieces of gradient that the view covers and returns them
// as operands.
func (t *tracer) replaced(v []graph.Part) []workload.Operand {
	var old []workload.Operand
	for _, p := range v {
		if !t.plan.NeedGrad[p.Data] {
			continue
		}
		rest := t.spare[:0]
		for _, c := range t.grads[p.Data] {
			lo, hi := max(c.off, p.Off), min(c.off+c.n, p.Off+p.Len)
			if lo >= hi {
				rest = append(rest, c)
				continue
			}
			old = t.addOperand(old, c.id, hi-lo)
			t.refs[c.id]--
			if c.off < lo {
				rest = append(rest, piece{c.off, lo - c.off, c.id})
				t.refs[c.id]++
			}
			if hi < c.off+c.n {
				rest = append(rest, piece{hi, c.off + c.n - hi, c.id})
				t.refs[c.id]++
			}
		}
		t.grads[p.Data] = append(t.grads[p.Data][:0], rest...)
		t.spare = rest
	}
	return old
}

func (t *tracer) addOperand(ops []workload.Operand, id workload.TensorID, elems int64) []workload.Operand {
	b := t.form[id].Bytes(elems * t.batch)
	if k := slices.IndexFunc(ops, func(o workload.Operand) bool { return o.Tensor == id }); k >= 0 && ops[k].Bytes+b <= t.tr.Tensors[id].Bytes {
		ops[k].Bytes += b
		return ops
	}
	return append(ops, workload.Operand{Tensor: id, Bytes: b})
}

// passOn gives the gradient of an operator's output to a view of as many
// elements without a step (sum, position embedding).
func (t *tracer) passOn(v []graph.Part, out []piece) {
	var at int64
	for _, p := range v {
		lo := at
		at += p.Len
		if !t.plan.NeedGrad[p.Data] {
			continue
		}
		for _, c := range out {
			from, to := max(c.off, lo), min(c.off+c.n, at)
			if from >= to {
				continue
			}
			t.give(graph.Part{Data: p.Data, Off: p.Off + from - lo, Len: to - from}, c.id)
		}
	}
}

// resolve returns the gradient of the part as pieces in order, offsets relative
// to the part. A gradient that covers only a part of it (one token of a
// sequence) is written out with zeros first. No gradient: nil.
func (t *tracer) resolve(out graph.Part) []piece {
	var ps []piece
	var sum int64
	for _, c := range t.grads[out.Data] {
		lo, hi := max(c.off, out.Off), min(c.off+c.n, out.Off+out.Len)
		if lo < hi {
			ps = append(ps, piece{lo - out.Off, hi - lo, c.id})
			sum += hi - lo
		}
	}
	if len(ps) == 0 {
		return nil
	}
	slices.SortFunc(ps, func(a, b piece) int { return int(a.off - b.off) })
	if sum == out.Len {
		return ps
	}
	g := t.gradTensor([]graph.Part{out})
	t.emit(workload.Step{
		Name: "zero_fill", Layer: t.plan.Producer[out.Data], Op: workload.OpElementwise, Pass: workload.Backward, VectorOps: out.Len * t.batch,
		Reads: t.operands(ps), Writes: []workload.Operand{t.full(g)},
	})
	t.refs[g]++
	return []piece{{0, out.Len, g}}
}

func (t *tracer) operands(ps []piece) (ops []workload.Operand) {
	for _, p := range ps {
		ops = t.addOperand(ops, p.id, p.n)
	}
	return ops
}

// sole returns the tensor that is the whole gradient and nothing else, so that
// the step which wrote it may be extended.
func (t *tracer) sole(ps []piece, out graph.Part) (workload.TensorID, bool) {
	if len(ps) != 1 || ps[0].n != out.Len || t.tr.Tensors[ps[0].id].Elems != out.Len*t.batch {
		return 0, false
	}
	return ps[0].id, true
}
