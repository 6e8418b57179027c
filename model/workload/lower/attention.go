package lower

import (
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/fusion"
)

// Elementary operations of the gradient of a fused attention: per score the
// difference from the row's statistic and its exponential, then the difference
// from the row's sum and the product; per element of the result the product and
// sum of dO times O.
const (
	againOps   = 2
	dScoresOps = 2
	rowSumOps  = 2
)

// attentionStep returns a step of an attention without operands but its
// geometry.
func (t *tracer) attentionStep(ops []int32, pass workload.Pass) workload.Step {
	qk, av := ops[0], ops[len(ops)-1]
	s := workload.Step{
		Name: t.net.Ops[av].Name, Layer: av, Op: workload.OpMatMul, Pass: pass,
		Attention: &workload.Attention{Scores: t.net.Ops[qk].Scaled(t.batch), Context: t.net.Ops[av].Scaled(t.batch)},
	}
	s.MACs = 2 * (s.Attention.Scores.MACs() + s.Attention.Context.MACs())
	if pass == workload.Backward {
		s.MACs += s.Attention.Scores.MACs()
	} else {
		s.MACs /= 2
	}
	return s
}

// attentionInputs returns Q, and K and V.
func (t *tracer) attentionInputs(ops []int32) (q, kv []workload.Operand) {
	qk, av := &t.net.Ops[ops[0]], &t.net.Ops[ops[len(ops)-1]]
	return t.all(qk.In[0]), t.merged(append(t.all(qk.In[1]), t.all(av.In[1])...))
}

// attention emits the step of a fused attention. Masks of a dropout are drawn
// again in the backward pass, from the state of the generator.
func (t *tracer) attention(g fusion.Group, pass workload.Pass, keep bool) {
	s := t.attentionStep(g.Ops, pass)
	q, kv := t.attentionInputs(g.Ops)
	s.Reads, s.NIn0, s.NIn1 = slices.Concat(q, kv), int32(len(q)), int32(len(kv))
	for i, k := range g.Ops {
		o := &t.net.Ops[k]
		s.VectorOps += o.Vec * t.batch
		if i > 0 && i < len(g.Ops)-1 {
			t.scoreInputs(&s, o)
		}
	}
	av := g.Ops[len(g.Ops)-1]
	s.Writes = []workload.Operand{t.define(t.net.Ops[av].Out[0], pass)}
	if keep {
		t.side[av] = t.aux(s.Name+".lse", workload.Statistics, s.Attention.Scores.Groups*s.Attention.Scores.P)
		s.Writes = append(s.Writes, t.full(t.side[av]))
	}
	t.emit(s)
}

// scoreInputs adds what an operator on the scores reads beside them: a mask, a
// bias.
func (t *tracer) scoreInputs(s *workload.Step, o *graph.Op) {
	extra := t.weights(o)
	for _, in := range o.In[1:] {
		extra = append(extra, t.all(in)...)
	}
	for _, r := range extra {
		if !holds(s.Reads, r) {
			s.Reads = append(s.Reads, r)
		}
	}
}

// attentionBackward emits the gradient of a fused attention (algorithm 2 of Dao,
// arXiv:2307.08691): the sums of dO times O, in the epilogue of the step that
// wrote dO where that can be, then one step for dQ, dK and dV.
func (t *tracer) attentionBackward(a *graph.Attention) {
	qk, av := &t.net.Ops[a.Scores()], &t.net.Ops[a.Context()]
	dOut := t.resolve(av.Out[0])
	if dOut == nil {
		return
	}
	dy := t.operands(dOut)
	s := t.attentionStep(a.Ops, workload.Backward)
	sums := t.rowSums(a, &s, dOut, dy)
	q, kv := t.attentionInputs(a.Ops)
	rows := slices.Concat(q, dy, []workload.Operand{t.full(t.side[a.Context()]), t.full(sums)})
	s.Reads, s.NIn0, s.NIn1 = slices.Concat(rows, kv), int32(len(rows)), int32(len(kv))
	scores := s.Attention.Scores.Groups * s.Attention.Scores.P * s.Attention.Scores.K
	for _, k := range a.Ops[1 : len(a.Ops)-1] {
		if o := &t.net.Ops[k]; o.Kind == workload.OpSoftmax {
			s.VectorOps += (againOps + dScoresOps) * scores
		} else {
			s.VectorOps += (o.Vec + o.VecBwd) * t.batch
		}
	}
	views := [3][]graph.Part{qk.In[0], qk.In[1], av.In[1]}
	var grads [3]workload.TensorID
	for i, v := range views {
		grads[i] = t.gradTensor(v)
		s.Writes = append(s.Writes, t.full(grads[i]))
	}
	t.emit(s)
	for i, v := range views {
		t.accumulate(v, grads[i])
	}
}

// rowSums provides the sum over a row of dO times O.
func (t *tracer) rowSums(a *graph.Attention, s *workload.Step, dOut []piece, dy []workload.Operand) workload.TensorID {
	o := &t.net.Ops[a.Context()]
	id := t.tensorIn("d("+s.Name+".sums)", workload.Gradient, s.Attention.Scores.Groups*s.Attention.Scores.P, workload.FP32)
	y, w := t.all(o.Out), []workload.Operand{t.full(id)}
	ops := rowSumOps * o.Out[0].Len * t.batch
	if g, ok := t.sole(dOut, o.Out[0]); ok && !t.o.NoFusion && t.before(y, t.def[g]) {
		t.extend(t.def[g], ops, y, w)
		return id
	}
	d := t.step(a.Context(), workload.Backward, 0, dy, y)
	d.Name, d.Op, d.VectorOps, d.Writes = s.Name+".sums", workload.OpElementwise, ops, w
	t.emit(d)
	return id
}
