// Package fusion says what the trace of a network needs to know of its graph: which
// operators run as one step, and what the backward pass reads.
package fusion

import (
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// Group is a chain of operators that run as one step: a head and the pointwise
// operators in its epilogue, or all of a fused attention.
type Group struct {
	Ops       []int32
	Attention bool
}

// NoOp marks data without a producer.
const NoOp = -1

// Analysis is what the trace of a network needs to know of its graph under given
// options: the fused groups in execution order, who produces each storage, who
// needs a gradient, and what the backward pass reads.
type Analysis struct {
	Groups   []Group
	Producer []int32 // storage -> operator, or NoOp
	NeedGrad []bool  // storage -> some parameter lies upstream
	Keep     []bool  // storage -> the backward pass reads it
	Output   []bool  // storage -> part of the network's output
	Inner    []bool  // storage -> written and read only inside the attention core
	Core     []int32 // operator -> the attention it is fused into, or NoOp

	Attentions []graph.Attention // that run as one step
}

// New plans the trace of a network: epilogues or not, attentions as one step
// or not.
func New(n *graph.Network, fuse, attention, training bool) *Analysis {
	p := &Analysis{
		Producer: make([]int32, len(n.Data)),
		NeedGrad: make([]bool, len(n.Data)),
		Keep:     make([]bool, len(n.Data)),
		Output:   make([]bool, len(n.Data)),
		Inner:    make([]bool, len(n.Data)),
	}
	uses := make([]int, len(n.Data))
	for i := range p.Producer {
		p.Producer[i] = NoOp
	}
	for i := range n.Ops {
		o := &n.Ops[i]
		grad := n.Trains(o)
		for _, in := range o.In {
			last := int32(NoOp)
			for _, part := range in {
				grad = grad || p.NeedGrad[part.Data]
				p.Inner[part.Data] = p.Inner[part.Data] && o.Core
				if part.Data != last {
					uses[part.Data]++
				}
				last = part.Data
			}
		}
		for _, out := range o.Out {
			p.Producer[out.Data] = int32(i)
			p.NeedGrad[out.Data] = grad
			p.Inner[out.Data] = o.Core
		}
	}
	for _, out := range n.Outputs {
		for _, part := range out {
			p.Output[part.Data] = true
			uses[part.Data]++
		}
	}
	if training {
		p.markKept(n)
	}
	p.Core = slices.Repeat([]int32{NoOp}, len(n.Ops))
	if attention {
		p.fuseAttentions(n, training)
	}
	groupOf := make([]int32, len(n.Ops))
	for i := range n.Ops {
		if k := p.Core[i]; k != NoOp {
			groupOf[i] = int32(len(p.Groups))
			if a := &p.Attentions[k]; a.Context() == int32(i) {
				p.Groups = append(p.Groups, Group{Ops: a.Ops, Attention: true})
			}
			continue
		}
		g := int32(-1)
		if fuse {
			g = p.join(n, int32(i), groupOf, uses, training)
		}
		if g < 0 {
			g = int32(len(p.Groups))
			p.Groups = append(p.Groups, Group{})
		}
		p.Groups[g].Ops = append(p.Groups[g].Ops, int32(i))
		groupOf[i] = g
	}
	return p
}

// join returns the group whose epilogue can hold operator i, or -1. The operator
// is pointwise, has as many elements as the group's last output, is its only
// reader, and its other inputs exist before the group's head runs.
func (p *Analysis) join(n *graph.Network, i int32, groupOf []int32, uses []int, training bool) int32 {
	o := &n.Ops[i]
	best, bestHead := int32(-1), int32(-1)
	for _, in := range o.In {
		tail := int32(NoOp)
		if d, ok := n.Whole(in); ok && uses[d] == 1 {
			tail = p.Producer[d]
		}
		if tail == NoOp {
			continue
		}
		if p.Core[tail] != NoOp {
			continue
		}
		g := groupOf[tail]
		head := p.Groups[g].Ops[0]
		last := p.Groups[g].Ops[len(p.Groups[g].Ops)-1]
		if last != tail || head <= bestHead || !epilogue(o, &n.Ops[head], training) {
			continue
		}
		t := &n.Ops[tail]
		if t.Block != o.Block || t.Core != o.Core || o.Out[0].Len != t.Out[0].Len || !p.ready(o, tail, head) {
			continue
		}
		best, bestHead = g, head
	}
	return best
}

// ready reports whether the inputs of o other than the output of tail are
// produced before head.
func (p *Analysis) ready(o *graph.Op, tail, head int32) bool {
	for _, in := range o.In {
		for _, part := range in {
			if q := p.Producer[part.Data]; q != tail && q >= head {
				return false
			}
		}
	}
	return true
}

// epilogue reports whether o may run in the epilogue of a step headed by head.
// Row-wise operators need whole rows, which a matrix engine's tiles do not hold.
func epilogue(o, head *graph.Op, training bool) bool {
	if head.Kind == workload.OpRecurrent {
		return false
	}
	vector := !head.HasMACs() && head.Kind != workload.OpPool
	switch o.Kind {
	case workload.OpActivation, workload.OpElementwise:
		return o.Fn != graph.ParamCopy
	case workload.OpNorm:
		if o.Fn == graph.BatchNorm {
			return !training
		}
		return vector
	case workload.OpSoftmax:
		return vector
	default:
		return false
	}
}

// markKept marks the data that the backward pass reads. An operator with neither
// trained parameters nor a gradient to hand on has no backward step and keeps
// nothing; a frozen layer hands its gradient on without its input.
func (p *Analysis) markKept(n *graph.Network) {
	mark := func(v []graph.Part) {
		for _, part := range v {
			p.Keep[part.Data] = true
		}
	}
	grad := func(v []graph.Part) bool {
		for _, part := range v {
			if p.NeedGrad[part.Data] {
				return true
			}
		}
		return false
	}
	for i := range n.Ops {
		o := &n.Ops[i]
		if !grad(o.Out) {
			continue
		}
		switch o.Kind {
		case workload.OpConv, workload.OpLinear:
			if n.Trains(o) {
				mark(o.In[0])
			}
		case workload.OpRecurrent:
			mark(o.In[0])
		case workload.OpMatMul:
			for j := range o.In {
				if grad(o.In[1-j]) {
					mark(o.In[j])
				}
			}
		case workload.OpSoftmax:
			mark(o.Out)
		case workload.OpNorm, workload.OpActivation, workload.OpElementwise:
			keepIn, keepOut := o.Fn.Keeps()
			if keepIn && (o.Fn != graph.ParamMul || n.Trains(o)) {
				for j := range o.In {
					if len(o.In) == 1 || grad(o.In[1-j]) {
						mark(o.In[j])
					}
				}
			}
			if keepOut {
				mark(o.Out)
			}
		default: // pooling keeps indices, a look-up nothing
		}
	}
	for _, out := range n.Outputs {
		mark(out)
	}
}

// fuseAttentions takes the attentions of the network that can run as one step.
// In training Q, K and V must all want a gradient: otherwise two of the products
// of the backward pass are missing. The result is kept for the backward pass.
func (p *Analysis) fuseAttentions(n *graph.Network, training bool) {
	grad := func(v []graph.Part) bool {
		return slices.ContainsFunc(v, func(x graph.Part) bool { return p.NeedGrad[x.Data] })
	}
	for _, a := range n.Attentions(training) {
		qk, av := &n.Ops[a.Scores()], &n.Ops[a.Context()]
		if training && (!grad(qk.In[0]) || !grad(qk.In[1]) || !grad(av.In[1])) {
			continue
		}
		for _, k := range a.Ops {
			p.Core[k] = int32(len(p.Attentions))
		}
		if training {
			p.Keep[av.Out[0].Data] = true
		}
		p.Attentions = append(p.Attentions, a)
	}
}
