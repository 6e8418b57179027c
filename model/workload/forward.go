package workload

import (
	"fmt"
	"slices"
)

// noTensor marks a tensor that does not exist.
const noTensor = TensorID(-1)

// tracer builds the trace of a network. Data, parameters and gradients are
// mapped to the tensors that hold them at the current point of the trace.
type tracer struct {
	net   *Network
	o     Options
	plan  *plan
	tr    *Trace
	batch int64 // items per micro-batch

	form  []Format // tensor -> storage format
	def   []int32  // tensor -> step that writes it first, or noOp
	cur   []TensorID
	side  []TensorID // operator -> statistics, mask, indices or cell states
	cells []cellStates

	weight []TensorID
	wgrad  []TensorID

	grads [][]piece // datum -> disjoint pieces of its gradient
	refs  []int32   // tensor -> pieces that point to it
}

// NewTrace returns one iteration of the network under the options. The options
// that shape the graph (phase, sequence length, context, image size, dropout)
// must be those it was built with or zero.
func NewTrace(n *Network, o Options) (*Trace, error) {
	o, err := o.normalized()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	if err := n.agrees(o); err != nil {
		return nil, err
	}
	t := &tracer{
		net: n, o: o, batch: int64(o.Batch / o.MicroBatches),
		plan: newPlan(n, !o.NoFusion, o.Phase == Training),
		tr:   &Trace{Network: n.Name, Phase: o.Phase, Batch: o.Batch},
	}
	t.declareWeights()
	for m := range o.MicroBatches {
		t.startBatch(m)
		t.forwardPass()
		if o.Phase == Training {
			t.backwardPass()
		}
	}
	if o.Phase == Training {
		t.update()
	}
	return t.tr, nil
}

// agrees checks the options against what the network was built for.
func (n *Network) agrees(o Options) error {
	check := func(what string, got, built int) error {
		if got != 0 && got != built {
			return fmt.Errorf("%s: %s %d: the network was built for %d", n.Name, what, got, built)
		}
		return nil
	}
	if o.Phase != n.Phase && (o.Phase == Decode || n.Phase == Decode) {
		return fmt.Errorf("%s: phase %s: the network was built for %s", n.Name, o.Phase, n.Phase)
	}
	if o.Dropout != n.Dropout {
		return fmt.Errorf("%s: dropout %v: the network was built with %v", n.Name, o.Dropout, n.Dropout)
	}
	for _, err := range []error{
		check("seq_len", o.SeqLen, n.SeqLen), check("context", o.Context, n.Context), check("image_size", o.ImageSize, n.ImageSize),
	} {
		if err != nil {
			return err
		}
	}
	_, macs := n.Totals()
	if f := float64(macs) * float64(o.Batch); f > maxMACs {
		return fmt.Errorf("%s: batch %d samples: %.3g multiply-accumulates are more than %.3g", n.Name, o.Batch, f, maxMACs)
	}
	for i := range n.Data {
		if f := float64(n.Data[i].Elems) * float64(o.Batch); f > maxElems {
			return fmt.Errorf("%s: batch %d samples: %s has %.3g elements, more than %.3g", n.Name, o.Batch, n.Data[i].Name, f, maxElems)
		}
	}
	if o.Checkpoint == SelectiveCheckpoint && !slices.ContainsFunc(n.Ops, func(o Op) bool { return o.Core }) {
		return fmt.Errorf("%s: selective checkpointing recomputes the attention core, and this network has no attention", n.Name)
	}
	return nil
}

func (t *tracer) training() bool { return t.o.Phase == Training }

// tensor adds a tensor in the format of its class.
func (t *tracer) tensor(name string, class Class, elems int64) TensorID {
	return t.tensorIn(name, class, elems, t.o.Precision[class])
}

func (t *tracer) tensorIn(name string, class Class, elems int64, f Format) TensorID {
	t.tr.Tensors = append(t.tr.Tensors, Tensor{Name: name, Class: class, Elems: elems, Bytes: f.bytes(elems)})
	t.form = append(t.form, f)
	t.def = append(t.def, noOp)
	t.refs = append(t.refs, 0)
	return TensorID(len(t.tr.Tensors) - 1)
}

// aux adds a tensor that is kept beside the activations.
func (t *tracer) aux(name string, elems int64, f Format) TensorID {
	id := t.tensorIn(name, Activation, elems, f)
	t.tr.Tensors[id].Aux = true
	return id
}

func (t *tracer) declareWeights() {
	t.weight = make([]TensorID, len(t.net.Params))
	t.wgrad = make([]TensorID, len(t.net.Params))
	for i := range t.net.Params {
		p := &t.net.Params[i]
		id := t.tensor(p.Name, Weight, p.Elems)
		t.tr.Tensors[id].Persistent = !t.o.StreamedWeights
		t.tr.Tensors[id].External = t.o.StreamedWeights
		t.weight[i], t.wgrad[i] = id, noTensor
	}
}

// startBatch forgets the activations of the previous micro-batch.
func (t *tracer) startBatch(m int) {
	t.cur = make([]TensorID, len(t.net.Data))
	t.side = make([]TensorID, len(t.net.Ops))
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
		if f == NoFormat {
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

// define gives a datum a fresh tensor, unless it is persistent, and returns the
// operand that writes the part.
func (t *tracer) define(p Part, pass Pass) Operand {
	d := &t.net.Data[p.Data]
	if !d.Persistent {
		f := d.Form
		switch {
		case f != NoFormat:
		case d.Logits && t.training():
			f = FP32
		default:
			f = t.o.Precision[d.Class]
		}
		name := d.Name
		if pass == Recompute {
			name += "'"
		}
		t.cur[p.Data] = t.tensorIn(name, d.Class, d.Elems*t.batch, f)
		t.tr.Tensors[t.cur[p.Data]].Output = t.plan.output[p.Data] && !t.training()
	}
	id := t.cur[p.Data]
	return Operand{id, t.form[id].bytes(p.Len * t.batch)}
}

// view returns the operands that read a view: one per tensor. When num < den
// only that fraction of each part is touched.
func (t *tracer) view(ps []Part, num, den int64) []Operand {
	ops := make([]Operand, 0, len(ps))
	elems := make([]int64, 0, len(ps))
	for _, p := range ps {
		id := t.cur[p.Data]
		k := slices.IndexFunc(ops, func(o Operand) bool { return o.Tensor == id })
		if k < 0 || elems[k]+p.Len > t.net.Data[p.Data].Elems { // a view may hold a datum twice
			k = len(ops)
			ops, elems = append(ops, Operand{Tensor: id}), append(elems, 0)
		}
		elems[k] += p.Len
	}
	for i := range ops {
		e := elems[i]
		if num < den {
			e = e / den * num
		}
		ops[i].Bytes = t.form[ops[i].Tensor].bytes(e * t.batch)
	}
	return ops
}

func (t *tracer) all(ps []Part) []Operand { return t.view(ps, 1, 1) }

// inputs returns all inputs of an operator on the vector lanes; what it uses
// twice is read once.
func (t *tracer) inputs(o *Op) []Operand {
	if len(o.In) == 1 && len(o.In[0]) == 1 {
		return t.all(o.In[0])
	}
	var ps []Part
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
func (t *tracer) merged(ops []Operand) []Operand {
	out := ops[:0]
	for _, o := range ops {
		if k := slices.IndexFunc(out, func(p Operand) bool { return p.Tensor == o.Tensor }); k >= 0 {
			out[k].Bytes = min(out[k].Bytes+o.Bytes, t.tr.Tensors[o.Tensor].Bytes)
			continue
		}
		out = append(out, o)
	}
	return out
}

// full returns the operand of a whole tensor.
func (t *tracer) full(id TensorID) Operand { return Operand{id, t.tr.Tensors[id].Bytes} }

// weights returns the parameters of an operator; a position table is read as
// far as there are positions.
func (t *tracer) weights(o *Op) []Operand {
	ops := make([]Operand, len(o.Params))
	for i, p := range o.Params {
		ops[i] = t.full(t.weight[p])
		if !o.hasMACs() {
			ops[i].Bytes = min(ops[i].Bytes, t.form[ops[i].Tensor].bytes(o.Out[0].Len))
		}
	}
	return ops
}

// emit appends a step and records what it defines. The vector lanes read a
// tensor once, however often the operator uses it.
func (t *tracer) emit(s Step) {
	if s.MACs == 0 {
		s.Reads = t.merged(s.Reads)
	}
	at := int32(len(t.tr.Steps))
	t.tr.Steps = append(t.tr.Steps, s)
	t.defined(at, s.Writes)
}

func (t *tracer) defined(at int32, writes []Operand) {
	for _, w := range writes {
		if t.def[w.Tensor] == noOp {
			t.def[w.Tensor] = at
		}
	}
}

// extend adds reads, writes and vector operations to an earlier step.
func (t *tracer) extend(at int32, ops int64, reads, writes []Operand) {
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
func holds(ops []Operand, o Operand) bool {
	return slices.ContainsFunc(ops, func(h Operand) bool { return h.Tensor == o.Tensor && h.Bytes >= o.Bytes })
}

func (t *tracer) forwardPass() {
	keep := t.training() && t.o.Checkpoint != FullCheckpoint
	for _, g := range t.plan.groups {
		t.forward(g, Forward, keep && !t.drops(g))
	}
}

// touched returns the pixels of the input that the window of a nest visits, and
// all its pixels.
func touched(n *Nest) (int64, int64) {
	axis := func(size, out, r, stride, pad, dil int64) int64 {
		var count, next int64 // rows below next are counted
		for p := range out {
			for k := range r {
				if i := p*stride + k*dil - pad; dil == 1 || stride == 1 {
					if i >= next && i < size {
						count++
						next = i + 1
					}
				}
			}
		}
		if dil == 1 || stride == 1 {
			return count
		}
		seen := make([]bool, size)
		for p := range out {
			for k := range r {
				if i := p*stride + k*dil - pad; i >= 0 && i < size && !seen[i] {
					seen[i] = true
					count++
				}
			}
		}
		return count
	}
	h := axis(n.H, n.P, n.R, n.StrideH, n.PadH, n.DilH)
	w := axis(n.W, n.Q, n.S, n.StrideW, n.PadW, n.DilW)
	return h * w, n.H * n.W
}

// ifmap returns the operands of the first input of a nest.
func (t *tracer) ifmap(o *Op) []Operand {
	if o.Kind != OpConv || o.Transposed {
		return t.all(o.In[0])
	}
	num, den := touched(&o.Nest)
	return t.view(o.In[0], num, den)
}

// forward emits the steps of a group. keep says that the backward pass will
// read what this pass writes.
func (t *tracer) forward(g group, pass Pass, keep bool) {
	head := &t.net.Ops[g.ops[0]]
	s := Step{Name: head.Name, Layer: g.ops[0], Op: head.Kind, Pass: pass, VectorOps: head.Vec * t.batch}
	switch {
	case head.Kind == OpRecurrent:
		t.recurrent(g.ops[0], pass)
		return
	case head.Kind == OpMatMul:
		x, y := t.all(head.In[0]), t.all(head.In[1])
		s.Reads = append(x, y...)
		s.NIn0, s.NIn1 = int32(len(x)), int32(len(y))
	case head.hasMACs():
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
	case head.Kind == OpEmbedding:
		s.Reads = append(t.all(head.In[0]), t.rows(head.Params[0], head))
	default:
		s.Reads = t.inputs(head)
		if head.Fn == BatchNorm && t.training() {
			t.statistics(g.ops[0], &s)
		}
		s.Reads = append(s.Reads, t.weights(head)...)
	}
	if head.hasMACs() {
		s.Nest = head.scaled(t.batch)
		s.MACs = s.Nest.MACs()
	}
	side := t.saved(g.ops[0], keep)
	for i, k := range g.ops {
		o := &t.net.Ops[k]
		if i > 0 {
			t.fuse(&s, o, g.ops[i-1])
			side = append(side, t.saved(k, keep)...)
		}
		if i == len(g.ops)-1 || (keep && t.plan.keep[o.Out[0].Data]) {
			s.Writes = append(s.Writes, t.define(o.Out[0], pass))
		} else {
			t.cur[o.Out[0].Data] = noTensor
		}
	}
	s.Writes = append(s.Writes, side...)
	t.emit(s)
}

// fuse adds the operands and operations of a follower to a step.
func (t *tracer) fuse(s *Step, o *Op, prev int32) {
	s.VectorOps += o.Vec * t.batch
	for _, in := range o.In {
		if t.plan.producer[in[0].Data] == prev {
			continue
		}
		for _, r := range t.all(in) {
			if !holds(s.Reads, r) {
				s.Reads = append(s.Reads, r)
			}
		}
	}
	if o.Fn == BatchNorm && s.MACs > 0 { // scale folded into the filter
		s.Reads = append(s.Reads, t.full(t.weight[o.Params[1]]))
		s.VectorOps -= o.Out[0].Len * t.batch
		return
	}
	s.Reads = append(s.Reads, t.weights(o)...)
}

// rows returns the part of an embedding table that a look-up touches.
func (t *tracer) rows(p int32, o *Op) Operand {
	id := t.weight[p]
	width := o.Vec / t.net.Data[o.In[0][0].Data].Elems
	ids := o.In[0][0].Len * t.batch
	return Operand{id, min(t.tr.Tensors[id].Bytes, t.form[id].bytes(ids*width))}
}

// saved returns the writes of what operator k keeps for backward beside its
// data: row statistics, dropout masks and pooling indices of one byte.
func (t *tracer) saved(k int32, keep bool) []Operand {
	o := &t.net.Ops[k]
	if !keep {
		return nil
	}
	switch {
	case o.Kind == OpNorm && o.Fn != BatchNorm:
		t.side[k] = t.aux(o.Name+".stats", o.Stats*t.batch, FP32)
	case o.Fn == Dropout:
		t.side[k] = t.aux(o.Name+".mask", o.Out[0].Len*t.batch, INT8)
	case o.Fn == MaxPool && t.plan.needGrad[o.In[0][0].Data]:
		t.side[k] = t.aux(o.Name+".indices", o.Out[0].Len*t.batch, INT8)
	default:
		return nil
	}
	return []Operand{t.full(t.side[k])}
}

// inPass reports whether a step of the pass wrote the tensor.
func (t *tracer) inPass(id TensorID, pass Pass) bool {
	return t.def[id] != noOp && t.tr.Steps[t.def[id]].Pass == pass
}

// statistics provides the batch statistics of a training normalisation: from
// the output stream of the step that wrote its input, or by a step of its own.
func (t *tracer) statistics(k int32, s *Step) {
	o := &t.net.Ops[k]
	id := t.aux(o.Name+".stats", o.Stats, FP32)
	t.side[k] = id
	w := []Operand{t.full(id)}
	ops := 2 * o.Out[0].Len * t.batch
	if d, ok := whole(t.net, o.In[0]); ok && !t.o.NoFusion && t.inPass(t.cur[d], s.Pass) {
		t.extend(t.def[t.cur[d]], ops, nil, w)
	} else {
		t.emit(Step{
			Name: o.Name + ".stats", Layer: k, Op: OpNorm, Pass: s.Pass, VectorOps: ops,
			Reads: slices.Clone(s.Reads), Writes: w,
		})
	}
	s.Reads = append(s.Reads, w[0])
}
