package graph

import (
	"slices"

	"stco/model/workload"
)

// Attention is softmax(Q K^T) V as a chain of operators: the product that gives
// the scores, operators on the scores with the softmax among them, the product
// with V. Nothing else reads what they write but the result.
type Attention struct {
	Ops []int32 // in order of execution
}

// Scores returns the operator of QK^T.
func (a *Attention) Scores() int32 { return a.Ops[0] }

// Context returns the operator of the product with V.
func (a *Attention) Context() int32 { return a.Ops[len(a.Ops)-1] }

// Attentions returns the attentions of a network that can run as one step. For
// training the operators between the products must be such that their gradient
// needs nothing but the scores: no parameter that is trained and no second
// input.
func (n *Network) Attentions(training bool) []Attention {
	producer, uses := n.dataflow()
	var all []Attention
	for i := range n.Ops {
		if a, ok := n.attentionAt(int32(i), producer, uses, training); ok {
			all = append(all, a)
		}
	}
	return all
}

// dataflow returns the operator that writes each storage, or -1, and the number of
// inputs and outputs of the network that hold it.
func (n *Network) dataflow() (producer []int32, uses []int) {
	producer, uses = slices.Repeat([]int32{-1}, len(n.Data)), make([]int, len(n.Data))
	for i := range n.Ops {
		for _, in := range n.Ops[i].In {
			for _, p := range in {
				uses[p.Data]++
			}
		}
		for _, p := range n.Ops[i].Out {
			producer[p.Data] = int32(i)
		}
	}
	for _, out := range n.Outputs {
		for _, p := range out {
			uses[p.Data]++
		}
	}
	return producer, uses
}

// attentionAt returns the attention that ends with operator i.
func (n *Network) attentionAt(i int32, producer []int32, uses []int, training bool) (Attention, bool) {
	if n.Ops[i].Kind != workload.OpMatMul || !n.Ops[i].Core {
		return Attention{}, false
	}
	ops, softmax := []int32{i}, false
	for at := i; ; {
		d, whole := n.Whole(n.Ops[at].In[0])
		if !whole || uses[d] != 1 || producer[d] < 0 || n.Data[d].Persistent {
			return Attention{}, false
		}
		at = producer[d]
		o := &n.Ops[at]
		ops = append(ops, at)
		switch {
		case !o.Core || o.Block != n.Ops[i].Block || len(o.Out) != 1 || o.Out[0].Len != n.Data[d].Elems:
			return Attention{}, false
		case o.Kind == workload.OpMatMul:
			slices.Reverse(ops)
			qk, av := &o.Nest, &n.Ops[i].Nest
			return Attention{ops}, softmax && qk.Groups == av.Groups && qk.P == av.P && qk.K == av.C
		case o.Kind == workload.OpSoftmax && !softmax:
			softmax = true
		case o.Kind != workload.OpElementwise || Count(o.In[0]) != o.Out[0].Len:
			return Attention{}, false
		}
		if training && (len(o.In) > 1 || n.Trains(o)) {
			return Attention{}, false
		}
	}
}

// Count returns the elements of a view.
func Count(v []Part) (n int64) {
	for _, p := range v {
		n += p.Len
	}
	return n
}
