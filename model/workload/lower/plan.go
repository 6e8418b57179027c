package lower

import (
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// group is a chain of operators that run as one step: a head and the pointwise
// operators in its epilogue, or all of a fused attention.
type group struct {
	ops       []int32
	attention bool
}

// noOp marks data without a producer.
const noOp = -1

// plan is what the trace of a network needs to know of its graph under given
// options: the fused groups in execution order, who produces each datum, who
// needs a gradient, and what the backward pass reads.
type plan struct {
	groups   []group
	producer []int32 // datum -> operator, or noOp
	needGrad []bool  // datum -> some parameter lies upstream
	keep     []bool  // datum -> the backward pass reads it
	output   []bool  // datum -> part of the network's output
	inner    []bool  // datum -> written and read only inside the attention core
	core     []int32 // operator -> the attention it is fused into, or noOp

	attentions []graph.Attention // that run as one step
}

// newPlan plans the trace of a network: epilogues or not, attentions as one step
// or not.
func newPlan(n *graph.Network, fuse, attention, training bool) *plan {
	p := &plan{
		producer: make([]int32, len(n.Data)),
		needGrad: make([]bool, len(n.Data)),
		keep:     make([]bool, len(n.Data)),
		output:   make([]bool, len(n.Data)),
		inner:    make([]bool, len(n.Data)),
	}
	uses := make([]int, len(n.Data))
	for i := range p.producer {
		p.producer[i] = noOp
	}
	for i := range n.Ops {
		o := &n.Ops[i]
		grad := n.Trains(o)
		for _, in := range o.In {
			last := int32(noOp)
			for _, part := range in {
				grad = grad || p.needGrad[part.Data]
				p.inner[part.Data] = p.inner[part.Data] && o.Core
				if part.Data != last {
					uses[part.Data]++
				}
				last = part.Data
			}
		}
		for _, out := range o.Out {
			p.producer[out.Data] = int32(i)
			p.needGrad[out.Data] = grad
			p.inner[out.Data] = o.Core
		}
	}
	for _, out := range n.Outputs {
		for _, part := range out {
			p.output[part.Data] = true
			uses[part.Data]++
		}
	}
	if training {
		p.markKept(n)
	}
	p.core = slices.Repeat([]int32{noOp}, len(n.Ops))
	if attention {
		p.fuseAttentions(n, training)
	}
	groupOf := make([]int32, len(n.Ops))
	for i := range n.Ops {
		if k := p.core[i]; k != noOp {
			groupOf[i] = int32(len(p.groups))
			if a := &p.attentions[k]; a.Context() == int32(i) {
				p.groups = append(p.groups, group{ops: a.Ops, attention: true})
			}
			continue
		}
		g := int32(-1)
		if fuse {
			g = p.join(n, int32(i), groupOf, uses, training)
		}
		if g < 0 {
			g = int32(len(p.groups))
			p.groups = append(p.groups, group{})
		}
		p.groups[g].ops = append(p.groups[g].ops, int32(i))
		groupOf[i] = g
	}
	return p
}

// join returns the group whose epilogue can hold operator i, or -1. The operator
// is pointwise, has as many elements as the group's last output, is its only
// reader, and its other inputs exist before the group's head runs.
func (p *plan) join(n *graph.Network, i int32, groupOf []int32, uses []int, training bool) int32 {
	o := &n.Ops[i]
	best, bestHead := int32(-1), int32(-1)
	for _, in := range o.In {
		tail := int32(noOp)
		if d, ok := n.Whole(in); ok && uses[d] == 1 {
			tail = p.producer[d]
		}
		if tail == noOp {
			continue
		}
		if p.core[tail] != noOp {
			continue
		}
		g := groupOf[tail]
		head := p.groups[g].ops[0]
		last := p.groups[g].ops[len(p.groups[g].ops)-1]
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
func (p *plan) ready(o *graph.Op, tail, head int32) bool {
	for _, in := range o.In {
		for _, part := range in {
			if q := p.producer[part.Data]; q != tail && q >= head {
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

// markKept marks the data that the backward pass reads.
func (p *plan) markKept(n *graph.Network) {
	mark := func(v []graph.Part) {
		for _, part := range v {
			p.keep[part.Data] = true
		}
	}
	grad := func(v []graph.Part) bool {
		for _, part := range v {
			if p.needGrad[part.Data] {
				return true
			}
		}
		return false
	}
	for i := range n.Ops {
		o := &n.Ops[i]
		switch o.Kind {
		case workload.OpConv, workload.OpLinear, workload.OpRecurrent:
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
