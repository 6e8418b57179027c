package lower

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/fusion"
)

// noTensor marks a tensor that does not exist.
const noTensor = workload.TensorID(-1)

// tracer builds the trace of a network. Data, parameters and gradients are
// mapped to the tensors that hold them at the current point of the trace.
type tracer struct {
	net   *graph.Network
	o     workload.Options
	plan  *fusion.Analysis
	tr    *workload.Trace
	batch int64 // items per micro-batch
	head  int32 // first operator that full checkpointing does not repeat

	form  []workload.Format // tensor -> storage format
	def   []int32           // tensor -> step that writes it first, or fusion.NoOp
	cur   []workload.TensorID
	side  []workload.TensorID // operator -> statistics, mask, indices or cell states
	cells []cellStates

	weight []workload.TensorID
	wgrad  []workload.TensorID

	grads [][]piece // storage -> disjoint pieces of its gradient
	refs  []int32   // tensor -> pieces that point to it
	spare []piece   // room for the pieces that an update leaves
}

// held refuses more time steps than a trace holds.
func held(n *graph.Network) error {
	steps := 0
	for i := range n.Ops {
		if n.Ops[i].Kind == workload.OpRecurrent {
			steps += len(n.Ops[i].Out)
		}
	}
	if steps > graph.MaxTimeSteps {
		return fmt.Errorf("%s: %d time steps of recurrent layers: a trace holds every one, at most %d; --layers has the counts of all; a shorter sequence has the same steps, and runs of it with a kept state are the longer one", n.Name, steps, graph.MaxTimeSteps)
	}
	return nil
}

// Parts returns what builds the trace of a part of the batch, or of several
// micro-batches of so many samples in all: what a table's look-ups touch in an
// iteration they touch in that of the whole batch.
func Parts(n *graph.Network, o workload.Options) func(batch, micro int) (*workload.Trace, error) {
	return func(batch, micro int) (*workload.Trace, error) {
		part := o
		part.Batch, part.MicroBatches, part.Iteration = batch, micro, o.Batch
		return Trace(n, part)
	}
}

// Trace returns one iteration of the network under the options. The options
// that shape the graph (phase, sequence length, context, image size, dropout)
// must be those it was built with or zero.
func Trace(n *graph.Network, o workload.Options) (*workload.Trace, error) {
	o, err := o.Normalized()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	if err := errors.Join(agrees(n, o), held(n)); err != nil {
		return nil, err
	}
	t := &tracer{
		net: n, o: o, batch: int64(o.Batch / o.MicroBatches), head: head(n),
		plan: fusion.New(n, !o.NoFusion, o.FusedAttention, o.Phase == workload.Training),
		tr:   &workload.Trace{Network: n.Name, Phase: o.Phase, Batch: o.Batch},
	}
	t.reserve()
	t.declareWeights()
	for m := range o.MicroBatches {
		t.startBatch(m)
		t.forwardPass()
		if o.Phase == workload.Training {
			t.backwardPass()
		}
	}
	if o.Phase == workload.Training {
		t.update()
	}
	return t.tr, nil
}

// reserve makes room for the steps and tensors of the trace.
func (t *tracer) reserve() {
	steps, tensors := len(t.plan.Groups), len(t.net.Data)
	if t.training() {
		steps, tensors = 3*steps, 2*tensors+len(t.net.Ops)
	}
	steps, tensors = steps*t.o.MicroBatches, tensors*t.o.MicroBatches
	if t.training() {
		steps, tensors = steps+len(t.net.Params), tensors+4*len(t.net.Params)
	}
	tensors += len(t.net.Params)
	t.tr.Steps = make([]workload.Step, 0, steps)
	t.tr.Tensors = make([]workload.Tensor, 0, tensors)
	t.form, t.def, t.refs = make([]workload.Format, 0, tensors), make([]int32, 0, tensors), make([]int32, 0, tensors)
}

func (t *tracer) training() bool { return t.o.Phase == workload.Training }

// tensor adds a tensor in the format of its class.
func (t *tracer) tensor(name string, class workload.Class, elems int64) workload.TensorID {
	return t.tensorIn(name, class, elems, t.o.Precision[class])
}

func (t *tracer) tensorIn(name string, class workload.Class, elems int64, f workload.Format) workload.TensorID {
	t.tr.Tensors = append(t.tr.Tensors, workload.Tensor{Name: name, Class: class, Elems: elems, Bytes: f.Bytes(elems)})
	t.form = append(t.form, f)
	t.def = append(t.def, fusion.NoOp)
	t.refs = append(t.refs, 0)
	return workload.TensorID(len(t.tr.Tensors) - 1)
}

// aux adds a tensor that is kept beside the activations.
func (t *tracer) aux(name string, kind workload.Aux, elems int64) workload.TensorID {
	f := workload.INT8
	if kind == workload.Statistics {
		f = workload.FP32
	}
	id := t.tensorIn(name, workload.Activation, elems, f)
	t.tr.Tensors[id].Aux = kind
	return id
}

func (t *tracer) declareWeights() {
	t.weight = make([]workload.TensorID, len(t.net.Params))
	t.wgrad = make([]workload.TensorID, len(t.net.Params))
	for i := range t.net.Params {
		p := &t.net.Params[i]
		id := t.tensor(p.Name, workload.Weight, p.Elems)
		t.tr.Tensors[id].Persistent = !t.o.StreamedWeights
		t.tr.Tensors[id].External = t.o.StreamedWeights
		t.weight[i], t.wgrad[i] = id, noTensor
	}
}

// startBatch forgets the activations of the previous micro-batch.
func (t *tracer) startBatch(m int) {
	t.cur = make([]workload.TensorID, len(t.net.Data))
	t.side = make([]workload.TensorID, len(t.net.Ops))
	t.cells = make([]cellStates, len(t.net.Ops))
	t.grads = make([][]piece, len(t.net.Data))
	for i := range t.side {
		t.side[i] = noTensor
	}
	for i := range t.net.Data {
		t.cur[i] = noTensor
		d := &t.net.Data[i]
		if !d.External && !d.Persistent {
			continue
		}
		f := d.Form
		if f == workload.NoFormat {
			f = t.o.Precision[d.Class]
		}
		name := d.Name
		if m > 0 {
			name = fmt.Sprintf("%s.%d", name, m)
		}
		id := t.tensorIn(name, d.Class, d.Elems*t.batch, f)
		t.tr.Tensors[id].External, t.tr.Tensors[id].Persistent = d.External, d.Persistent
		t.cur[i] = id
	}
}

// define gives a storage a fresh tensor, unless it is persistent, and returns the
// operand that writes the part.
func (t *tracer) define(p graph.Part, pass workload.Pass) workload.Operand {
	d := &t.net.Data[p.Data]
	if !d.Persistent {
		f := d.Form
		switch {
		case f != workload.NoFormat:
		case d.Logits && t.training():
			f = workload.FP32
		default:
			f = t.o.Precision[d.Class]
		}
		name := d.Name
		if pass == workload.Recompute {
			name += "'"
		}
		t.cur[p.Data] = t.tensorIn(name, d.Class, d.Elems*t.batch, f)
		t.tr.Tensors[t.cur[p.Data]].Output = t.plan.Output[p.Data] && !t.training()
	}
	id := t.cur[p.Data]
	return workload.Operand{Tensor: id, Bytes: t.form[id].Bytes(p.Len * t.batch)}
}

// view returns the operands that read a view: one per tensor. When num < den
// only that fraction of each part is touched.
func (t *tracer) view(ps []graph.Part, num, den int64) []workload.Operand {
	ops := make([]workload.Operand, 0, len(ps))
	elems := make([]int64, 0, len(ps))
	for _, p := range ps {
		id := t.cur[p.Data]
		k := slices.IndexFunc(ops, func(o workload.Operand) bool { return o.Tensor == id })
		if k < 0 || elems[k]+p.Len > t.net.Data[p.Data].Elems { // a view may hold a storage twice
			k = len(ops)
			ops, elems = append(ops, workload.Operand{Tensor: id}), append(elems, 0)
		}
		elems[k] += p.Len
	}
	for i := range ops {
		e := elems[i]
		if num < den {
			e = e / den * num
		}
		ops[i].Bytes = t.form[ops[i].Tensor].Bytes(e * t.batch)
	}
	return ops
}

func (t *tracer) all(ps []graph.Part) []workload.Operand { return t.view(ps, 1, 1) }

// inputs returns all inputs of an operator on the vector lanes; what it uses
// twice is read once.
func (t *tracer) inputs(o *graph.Op) []workload.Operand {
	if len(o.In) == 1 && len(o.In[0]) == 1 {
		return t.all(o.In[0])
	}
	var ps []graph.Part
	for _, in := range o.In {
		for _, p := range in {
			if !slices.Contains(ps, p) {
				ps = append(ps, p)
			}
		}
	}
	return t.merged(t.all(ps))
}

// merged joins the operands of one tensor.
func (t *tracer) merged(ops []workload.Operand) []workload.Operand {
	out := ops[:0]
	for _, o := range ops {
		if k := slices.IndexFunc(out, func(p workload.Operand) bool { return p.Tensor == o.Tensor }); k >= 0 {
			out[k].Bytes = min(out[k].Bytes+o.Bytes, t.tr.Tensors[o.Tensor].Bytes)
			continue
		}
		out = append(out, o)
	}
	return out
}

// full returns the operand of a whole tensor.
func (t *tracer) full(id workload.TensorID) workload.Operand {
	return workload.Operand{Tensor: id, Bytes: t.tr.Tensors[id].Bytes}
}

// weights returns the parameters of an operator; a position table is read as
// far as there are positions.
func (t *tracer) weights(o *graph.Op) []workload.Operand {
	ops := make([]workload.Operand, len(o.Params))
	for i, p := range o.Params {
		ops[i] = t.full(t.weight[p])
		switch {
		case o.Routing != nil:
			ops[i].Bytes = o.Routed(t.batch).Share(ops[i].Bytes)
		case !o.HasMACs():
			ops[i].Bytes = min(ops[i].Bytes, t.form[ops[i].Tensor].Bytes(o.Out[0].Len))
		}
	}
	return ops
}

// emit appends a step and records what it defines. The vector lanes read a
// tensor once, however often the operator uses it.
func (t *tracer) emit(s workload.Step) {
	if s.MACs == 0 {
		s.Reads = t.merged(s.Reads)
	}
	at := int32(len(t.tr.Steps))
	t.tr.Steps = append(t.tr.Steps, s)
	t.defined(at, s.Writes)
}

func (t *tracer) defined(at int32, writes []workload.Operand) {
	for _, w := range writes {
		if t.def[w.Tensor] == fusion.NoOp {
			t.def[w.Tensor] = at
		}
	}
}

// extend adds reads, writes and vector operations to an earlier step.
func (t *tracer) extend(at int32, ops int64, reads, writes []workload.Operand) {
	s := &t.tr.Steps[at]
	s.VectorOps += ops
	for _, r := range reads {
		if !holds(s.Reads, r) {
			s.Reads = append(s.Reads, r)
		}
	}
	s.Writes = append(s.Writes, writes...)
	t.defined(at, writes)
}

// holds reports whether the operands include all of o.
func holds(ops []workload.Operand, o workload.Operand) bool {
	return slices.ContainsFunc(ops, func(h workload.Operand) bool { return h.Tensor == o.Tensor && h.Bytes >= o.Bytes })
}

func (t *tracer) forwardPass() {
	for _, g := range t.plan.Groups {
		full := t.o.Checkpoint == workload.FullCheckpoint && g.Ops[0] < t.head
		t.forward(g, workload.Forward, t.training() && !full && !t.drops(g))
	}
}

// head returns the first operator of the last checkpoint segment, which full
// checkpointing keeps as it is: its backward pass follows at once. A network of
// one segment has none.
func head(n *graph.Network) int32 {
	k := len(n.Ops)
	for k > 0 && n.Ops[k-1].Block == n.Ops[len(n.Ops)-1].Block {
		k--
	}
	if k == 0 {
		return int32(len(n.Ops))
	}
	return int32(k)
}

// ifmap returns the operands of the first input of a nest.
func (t *tracer) ifmap(o *graph.Op) []workload.Operand {
	if o.Kind != workload.OpConv || o.Transposed {
		return t.all(o.In[0])
	}
	num, den := o.Nest.Touched()
	return t.view(o.In[0], num, den)
}

// forward emits the steps of a group. keep says that the backward pass will
// read what this pass writes.
func (t *tracer) forward(g fusion.Group, pass workload.Pass, keep bool) {
	if g.Attention {
		t.attention(g, pass, keep)
		return
	}
	head := &t.net.Ops[g.Ops[0]]
	s := workload.Step{Name: head.Name, Layer: g.Ops[0], Op: head.Kind, Pass: pass, VectorOps: head.Vec * t.batch}
	switch {
	case head.Kind == workload.OpRecurrent:
		t.recurrent(g.Ops[0], pass)
		return
	case head.Kind == workload.OpMatMul:
		x, y := t.all(head.In[0]), t.all(head.In[1])
		s.Reads = append(x, y...)
		s.NIn0, s.NIn1 = int32(len(x)), int32(len(y))
	case head.HasMACs():
		x, w := t.ifmap(head), t.weights(head)
		if head.Transposed { // filter, then the small feature map
			s.Reads = slices.Concat(w[:1], x, w[1:])
			s.NIn0, s.NIn1 = 1, int32(len(x))
		} else {
			s.Reads = append(x, w...)
			s.NIn0, s.NIn1 = int32(len(x)), 1
		}
		if len(w) > 1 {
			s.VectorOps += head.Out[0].Len * t.batch
		}
	case head.Kind == workload.OpEmbedding:
		s.Reads = append(t.all(head.In[0]), t.rows(head.Params[0], head))
	default:
		s.Reads = t.inputs(head)
		if head.Fn == graph.BatchNorm && t.training() {
			t.statistics(g.Ops[0], &s)
		}
		s.Reads = append(s.Reads, t.weights(head)...)
	}
	if head.HasMACs() {
		t.nest(&s, head, head.Nest.Out)
	}
	side := t.saved(g.Ops[0], keep)
	for i, k := range g.Ops {
		o := &t.net.Ops[k]
		if i > 0 {
			t.fuse(&s, o, g.Ops[i-1])
			side = append(side, t.saved(k, keep)...)
		}
		if i == len(g.Ops)-1 || (keep && t.plan.Keep[o.Out[0].Data]) {
			s.Writes = append(s.Writes, t.define(o.Out[0], pass))
		} else {
			t.cur[o.Out[0].Data] = noTensor
		}
	}
	if head.Kind == workload.OpMatMul { // the state that a scan leaves
		for _, p := range head.Out[1:] {
			s.Writes = append(s.Writes, t.define(p, pass))
		}
	}
	s.Writes = append(s.Writes, side...)
	t.emit(s)
}

// fuse adds the operands and operations of a follower to a step.
func (t *tracer) fuse(s *workload.Step, o *graph.Op, prev int32) {
	s.VectorOps += o.Vec * t.batch
	for _, in := range o.In {
		if t.plan.Producer[in[0].Data] == prev {
			continue
		}
		for _, r := range t.all(in) {
			if !holds(s.Reads, r) {
				s.Reads = append(s.Reads, r)
			}
		}
	}
	if o.Fn == graph.BatchNorm && s.MACs > 0 { // scale folded into the filter
		s.Reads = append(s.Reads, t.full(t.weight[o.Params[1]]))
		s.VectorOps -= o.Out[0].Len * t.batch
		return
	}
	s.Reads = append(s.Reads, t.weights(o)...)
}

// rows returns the part of an embedding table that a look-up touches.
func (t *tracer) rows(p int32, o *graph.Op) workload.Operand {
	id := t.weight[p]
	return workload.Operand{Tensor: id, Bytes: t.form[id].Bytes(t.rowElems(p, o))}
}

// rowElems returns the elements of the rows that a look-up touches.
func (t *tracer) rowElems(p int32, o *graph.Op) int64 {
	width := o.Vec / t.net.Data[o.In[0][0].Data].Elems
	return min(t.net.Params[p].Elems, o.In[0][0].Len*t.batch*width)
}

// saved returns the writes of what operator k keeps for backward beside its
// data: row statistics, dropout masks and pooling indices of one byte.
func (t *tracer) saved(k int32, keep bool) []workload.Operand {
	o := &t.net.Ops[k]
	if !keep {
		return nil
	}
	switch {
	case o.Kind == workload.OpNorm && o.Fn != graph.BatchNorm:
		t.side[k] = t.aux(o.Name+".stats", workload.Statistics, o.Stats*t.batch)
	case o.Fn == graph.Dropout:
		t.side[k] = t.aux(o.Name+".mask", workload.Mask, o.Out[0].Len*t.batch)
	case o.Fn == graph.MaxPool && t.plan.NeedGrad[o.In[0][0].Data]:
		t.side[k] = t.aux(o.Name+".indices", workload.Index, o.Out[0].Len*t.batch)
	default:
		return nil
	}
	return []workload.Operand{t.full(t.side[k])}
}

// inPass reports whether a step of the pass wrote the tensor.
func (t *tracer) inPass(id workload.TensorID, pass workload.Pass) bool {
	return t.def[id] != fusion.NoOp && t.tr.Steps[t.def[id]].Pass == pass
}

// statistics provides the batch statistics of a training normalisation: from
// the output stream of the step that wrote its input, or by a step of its own.
func (t *tracer) statistics(k int32, s *workload.Step) {
	o := &t.net.Ops[k]
	id := t.aux(o.Name+".stats", workload.Statistics, o.Stats)
	t.side[k] = id
	w := []workload.Operand{t.full(id)}
	ops := 2 * o.Out[0].Len * t.batch
	if d, ok := t.net.Whole(o.In[0]); ok && !t.o.NoFusion && t.inPass(t.cur[d], s.Pass) {
		t.extend(t.def[t.cur[d]], ops, nil, w)
	} else {
		t.emit(workload.Step{
			Name: o.Name + ".stats", Layer: k, Op: workload.OpNorm, Pass: s.Pass, VectorOps: ops,
			Reads: slices.Clone(s.Reads), Writes: w,
		})
	}
	s.Reads = append(s.Reads, w[0])
}
