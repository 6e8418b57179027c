// Package autograd counts what a training framework keeps between forward and
// backward, beside what a trace keeps.
package autograd

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/fusion"
)

// SavedBytes returns the bytes that PyTorch's autograd (1.13, CPU) keeps
// between forward and backward of one micro-batch, without the loss. It differs
// from what a trace keeps in what a framework does and an accelerator need not:
//
//   - a pooling index and a token index take 8 bytes, a dropout mask one
//     activation;
//   - a concatenation or a shuffle is a copy, and the copy is kept;
//   - a clipped activation (ReLU6) keeps its input, pooling its input too.
//
// The options are those of a training trace without checkpointing.
func SavedBytes(n *graph.Network, o workload.Options) int64 {
	o, err := o.Normalized()
	if err != nil {
		return 0
	}
	k := keeper{net: n, plan: fusion.New(n, false, false, true), kept: map[string]int64{}}
	for i := range n.Ops {
		k.operator(&n.Ops[i])
	}
	act := o.Precision[workload.Activation]
	batch := int64(o.Batch / o.MicroBatches)
	bytes := k.perBatch * workload.FP32.Bytes(1)
	bytes += batch * (k.stats*workload.FP32.Bytes(1) + k.long*8)
	for _, elems := range k.kept {
		bytes += act.Bytes(elems * batch)
	}
	return bytes + act.Bytes(k.extra*batch)
}

// keeper counts elements of one item.
type keeper struct {
	net  *graph.Network
	plan *fusion.Analysis
	kept map[string]int64 // storage -> elements

	stats, perBatch int64 // float32 statistics per item and per batch
	long            int64 // 64-bit indices
	extra           int64 // masks, gates and cell states
}

// view keeps what a view holds: the storage, or the copy that a concatenation
// makes.
func (k *keeper) view(ps []graph.Part) {
	if len(ps) == 0 {
		return
	}
	d := &k.net.Data[ps[0].Data]
	if len(ps) == 1 {
		if d.Form != workload.NoFormat && d.External { // token indices
			key := fmt.Sprint("ids", ps[0].Data)
			if _, counted := k.kept[key]; !counted {
				k.kept[key] = 0
				k.long += d.Elems
			}
			return
		}
		k.kept[fmt.Sprint(ps[0].Data)] = d.Elems
		return
	}
	k.kept[fmt.Sprint(ps)] = graph.Count(ps)
}

func (k *keeper) wants(ps []graph.Part) bool {
	for _, p := range ps {
		if k.plan.NeedGrad[p.Data] {
			return true
		}
	}
	return false
}

func (k *keeper) operator(o *graph.Op) {
	if !k.plan.NeedGrad[o.Out[0].Data] {
		return
	}
	switch o.Kind {
	case workload.OpConv, workload.OpLinear, workload.OpEmbedding:
		k.view(o.In[0])
	case workload.OpRecurrent:
		for _, out := range o.Out { // hidden, cell and gates of every time step
			k.view([]graph.Part{out})
			k.extra += out.Len * int64(1+o.Fn.Gates())
		}
	case workload.OpMatMul:
		for j := range o.In {
			if k.wants(o.In[1-j]) {
				k.view(o.In[j])
			}
		}
	case workload.OpSoftmax:
		k.view(o.Out)
	case workload.OpPool:
		if o.Fn == graph.Mean { // keeps its shape only
			return
		}
		k.view(o.In[0])
		if o.Fn == graph.MaxPool {
			k.long += o.Out[0].Len
		}
	default:
		k.pointwise(o)
	}
}

func (k *keeper) pointwise(o *graph.Op) {
	in, out := o.Fn.Keeps()
	switch o.Fn {
	case graph.ReLU6:
		in, out = true, false
	case graph.Dropout:
		k.extra += o.Out[0].Len
	case graph.BatchNorm:
		k.perBatch += o.Stats
	default:
		if o.Kind == workload.OpNorm {
			k.stats += o.Stats
		}
	}
	if in {
		for j := range o.In {
			if len(o.In) == 1 || k.wants(o.In[1-j]) {
				k.view(o.In[j])
			}
		}
	}
	if out {
		k.view(o.Out)
	}
}
