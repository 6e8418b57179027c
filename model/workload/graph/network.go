package graph

import (
	"stco/model/workload"
)

import "slices"

// Storage is a block of activations that one operator writes (or the input),
// counted for one item of the batch.
type Storage struct {
	Name  string
	Elems int64
	Class workload.Class  // Activation or KVCache
	Form  workload.Format // NoFormat: the format of the class

	External   bool
	Persistent bool
	Logits     bool // float32 in training
}

// Part is a range of the elements of a storage, in item elements. Ranges of one
// storage are counted along the axis it is split on.
type Part struct {
	Data     int32
	Off, Len int64
}

// Param is one parameter tensor.
type Param struct {
	Name  string
	Elems int64
	// RowsTouched, when positive, is the number of elements that one item looks
	// up: the gradient is sparse and the update touches only these.
	RowsTouched int64
	// Frozen data are the same in every iteration: computed constants. They are
	// read as weights and count as no parameter, and training leaves them alone.
	Frozen bool
	// Fixed is a parameter that training leaves alone: the base of an adapter, a
	// table of fixed positions that the published count holds.
	Fixed bool
}

// Trained reports whether training changes the parameter.
func (p *Param) Trained() bool { return !p.Frozen && !p.Fixed }

// Op is one operator of a network, for one item of the batch.
type Op struct {
	Name   string
	Kind   workload.OpKind
	Fn     Fn
	In     [][]Part // inputs; each a concatenation of parts
	Out    []Part   // what the operator writes; a recurrent layer: one part per time step
	Params []int32  // weight first, then bias

	Nest       workload.Nest // kinds with multiply-accumulates
	Vec        int64         // elementary operations
	VecBwd     int64
	Stats      int64 // statistics per item (layer norm) or per batch (batch norm), float32
	Block      int32 // checkpoint segment
	Core       bool  // attention core: recomputed by selective checkpointing
	Transposed bool  // transposed convolution: the nest is that of its gradient

	// Routing makes the operator a product by the experts of a mixture: the
	// weights hold all experts, Tokens are those of one item.
	Routing *workload.Routing
}

// MACs returns the multiply-accumulates of one item.
func (o *Op) MACs() int64 {
	if !o.HasMACs() {
		return 0
	}
	n := o.Nest.MACs()
	if o.Kind == workload.OpRecurrent {
		n *= int64(len(o.Out))
	}
	return n
}

// HasMACs reports whether the operator runs on the PE array.
func (o *Op) HasMACs() bool { return o.Kind <= workload.OpRecurrent }

// Scaled returns the nest for a batch of b items: a convolution has more
// images, a linear layer more rows, a batched product more products.
func (o *Op) Scaled(b int64) workload.Nest {
	n := o.Nest
	switch o.Kind {
	case workload.OpConv:
		n.N *= b
		n.DepthIn, n.DepthOut = n.DepthIn*b, n.DepthOut*b
	case workload.OpMatMul:
		n.Groups *= b
	default:
		n.P *= b
		n.H *= b
		if o.Routing != nil {
			return o.Routed(b).Route(n)
		}
	}
	n.Masked *= b
	return n
}

// Routed returns the routing of the operator for a batch of b items.
func (o *Op) Routed(b int64) workload.Routing {
	r := *o.Routing
	r.Tokens *= b
	return r
}

// Network is a graph of operators in execution order over named data.
type Network struct {
	Name    string
	Family  string // cv, nlp, rec
	Counted string // what the parameters and multiply-accumulates count, and the source

	Ops     []Op
	Data    []Storage
	Params  []Param
	Outputs [][]Part

	// Reduced counts the elements that the devices of a sliced network sum over,
	// for one item.
	Reduced int64

	Phase     workload.Phase // the phase the graph was built for
	SeqLen    int            // tokens; 0 for a network without
	Context   int
	ImageSize int
	Dropout   bool
	Form      Form
}

// Form holds the options that shape a graph beside its sizes.
type Form struct {
	Causal, LastLogits, HeadCache bool
	Window                        int
	Slice                         workload.Slice
}

// FormOf returns the form that the options ask for.
func FormOf(o workload.Options) Form {
	return Form{Causal: o.Causal, LastLogits: o.LastLogits, HeadCache: o.HeadCache, Window: o.Window, Slice: o.Slice}
}

// Whole returns the storage that the view is the whole of.
func (n *Network) Whole(v []Part) (int32, bool) {
	if len(v) != 1 || v[0].Len != n.Data[v[0].Data].Elems {
		return 0, false
	}
	return v[0].Data, true
}

// Trains reports whether training changes a parameter of the operator; of those
// with multiply-accumulates, the weights.
func (n *Network) Trains(o *Op) bool {
	if o.HasMACs() && len(o.Params) > 0 {
		return n.Params[o.Params[0]].Trained()
	}
	return slices.ContainsFunc(o.Params, func(p int32) bool { return n.Params[p].Trained() })
}

// Trainable returns the parameters that training changes.
func (n *Network) Trainable() (params int64) {
	for i := range n.Params {
		if n.Params[i].Trained() {
			params += n.Params[i].Elems
		}
	}
	return params
}

// Active returns the parameters that one token uses: of a mixture of experts
// those it is sent to; tables count whole.
func (n *Network) Active() int64 {
	params, _ := n.Totals()
	idle := map[int32]int64{}
	for i := range n.Ops {
		o := &n.Ops[i]
		if o.Routing == nil {
			continue
		}
		for _, p := range o.Params {
			idle[p] = n.Params[p].Elems / o.Routing.Experts * (o.Routing.Experts - o.Routing.TopK)
		}
	}
	for _, e := range idle {
		params -= e
	}
	return params
}

// HasAttention reports whether any operator belongs to an attention core.
func (n *Network) HasAttention() bool {
	return slices.ContainsFunc(n.Ops, func(o Op) bool { return o.Core })
}

// Totals returns the parameters and the forward multiply-accumulates of one item.
func (n *Network) Totals() (params, macs int64) {
	for i := range n.Params {
		if !n.Params[i].Frozen {
			params += n.Params[i].Elems
		}
	}
	for i := range n.Ops {
		macs += n.Ops[i].MACs()
	}
	return params, macs
}
