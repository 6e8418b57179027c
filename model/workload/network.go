package workload

import "strconv"

// Fn is the function of an operator within its kind.
type Fn uint8

// The functions. Those of an OpNorm, OpPool, OpActivation and OpElementwise
// fix what the backward pass needs and the elementary operations per element.
const (
	FnNone Fn = iota

	ReLU // also ReLU6 and leaky forms: the output gives the derivative
	Sigmoid
	Tanh
	GELU // the input gives the derivative: GELU, SiLU, hard forms, ELU ...
	SiLU
	HardSwish
	HardSigmoid

	Add
	Mul
	ParamAdd  // + parameter, broadcast over the batch (position embedding)
	ParamMul  // * parameter, broadcast over the batch (layer scale)
	ParamCopy // parameter expanded over the batch (class token)
	Rotate    // rotary position embedding: linear, nothing to keep
	Copy      // append to a KV cache, repetition, padding
	Scale     // factor or term of one element
	Dropout

	MaxPool
	AvgPool

	BatchNorm
	LayerNorm // layer, group and instance normalisation: mean and deviation per row
	RMSNorm   // one statistic per row: RMS norm, L2 norm, local response normalisation

	LSTM
	GRU
	numFns
)

// fnInfo says what the backward pass of a function reads and how many
// elementary operations the forward and backward pass take per element. The
// counts are of multiplications, additions, comparisons and table look-ups of a
// lane that has exp, erf and rsqrt as one look-up each.
type fnInfo struct {
	in, out  bool
	fwd, bwd int64
}

var fnTable = [numFns]fnInfo{
	ReLU: {out: true, fwd: 1, bwd: 1}, Sigmoid: {out: true, fwd: 1, bwd: 3}, Tanh: {out: true, fwd: 1, bwd: 3},
	GELU: {in: true, fwd: 3, bwd: 7}, SiLU: {in: true, fwd: 2, bwd: 5},
	HardSwish: {in: true, fwd: 4, bwd: 4}, HardSigmoid: {in: true, fwd: 3, bwd: 2},
	Add: {fwd: 1}, Mul: {in: true, fwd: 1, bwd: 2},
	ParamAdd: {fwd: 1, bwd: 1}, ParamMul: {in: true, fwd: 1, bwd: 3}, ParamCopy: {fwd: 1, bwd: 1},
	Rotate: {fwd: 3, bwd: 3}, Copy: {fwd: 1, bwd: 1}, Scale: {fwd: 1, bwd: 1}, Dropout: {fwd: 2, bwd: 1},
	BatchNorm: {in: true, fwd: 2, bwd: 5}, LayerNorm: {in: true, fwd: 6, bwd: 10}, RMSNorm: {in: true, fwd: 4, bwd: 8},
}

// Softmax: maximum, subtraction, exponential, sum, division; backward: product,
// sum, subtraction, product.
const (
	softmaxOps    = 5
	softmaxBwdOps = 4
)

// Datum is a block of activations that one operator writes (or the input),
// counted for one item of the batch.
type Datum struct {
	Name  string
	Elems int64
	Class Class  // Activation or KVCache
	Form  Format // NoFormat: the format of the class

	External   bool
	Persistent bool
	Logits     bool // float32 in training
}

// Part is a range of the elements of a datum, in item elements. Ranges of one
// datum are counted along the axis it is split on.
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
}

// Op is one operator of a network, for one item of the batch.
type Op struct {
	Name   string
	Kind   OpKind
	Fn     Fn
	In     [][]Part // inputs; each a concatenation of parts
	Out    []Part   // what the operator writes; a recurrent layer: one part per time step
	Params []int32  // weight first, then bias

	Nest       Nest  // kinds with multiply-accumulates
	Vec        int64 // elementary operations
	VecBwd     int64
	Stats      int64 // statistics per item (layer norm) or per batch (batch norm), float32
	Block      int32 // checkpoint segment
	Core       bool  // attention core: recomputed by selective checkpointing
	Transposed bool  // transposed convolution: the nest is that of its gradient
}

// MACs returns the multiply-accumulates of one item.
func (o *Op) MACs() int64 {
	if !o.hasMACs() {
		return 0
	}
	n := o.Nest.MACs()
	if o.Kind == OpRecurrent {
		n *= int64(len(o.Out))
	}
	return n
}

func (o *Op) hasMACs() bool { return o.Kind <= OpRecurrent }

// scaled returns the nest for a batch of b items: a convolution has more
// images, a linear layer more rows, a batched product more products.
func (o *Op) scaled(b int64) Nest {
	n := o.Nest
	switch o.Kind {
	case OpConv:
		n.N *= b
	case OpMatMul:
		n.Groups *= b
	default:
		n.P *= b
		n.H *= b
	}
	return n
}

// Network is a graph of operators in execution order over named data.
type Network struct {
	Name    string
	Family  string // cv, nlp, rec
	Counted string // what the parameters and multiply-accumulates count, and the source

	Ops     []Op
	Data    []Datum
	Params  []Param
	Outputs [][]Part

	Phase     Phase // the phase the graph was built for
	SeqLen    int   // tokens; 0 for a network without
	Context   int
	ImageSize int
	Dropout   bool
}

// Totals returns the parameters and the forward multiply-accumulates of one item.
func (n *Network) Totals() (params, macs int64) {
	for i := range n.Params {
		params += n.Params[i].Elems
	}
	for i := range n.Ops {
		macs += n.Ops[i].MACs()
	}
	return params, macs
}

// Layer is one row of the layer table: an operator with multiply-accumulates.
// Linear layers and matrix products have height and width 1 and no kernel,
// stride, padding or groups. A matrix product has its inner dimension as InC
// and its columns as OutK.
type Layer struct {
	Index                          int
	Name, Type                     string // conv, dwconv, convtranspose, linear, matmul, recurrent
	InC, InH, InW                  int64
	OutK, OutH, OutW               int64
	KernelH, KernelW               int64 // 0: does not apply
	StrideH, StrideW               int64
	PadH, PadW                     int64
	Groups                         int64
	GemmM, GemmN, GemmK, GemmCount int64 // as a matrix product, GemmCount of them
	MACs, Params                   int64
}

// LayerColumns is the header of Layer.Record.
func LayerColumns() []string {
	return []string{
		"index", "name", "type", "in_c", "in_h", "in_w", "out_k", "out_h", "out_w",
		"kernel_h", "kernel_w", "stride", "pad", "groups", "macs", "params",
	}
}

// Record returns the fields of LayerColumns; fields that do not apply are
// empty, a stride or padding that differs between the axes is "HxW".
func (l *Layer) Record() []string {
	d := func(v int64) string { return strconv.FormatInt(v, 10) }
	hw := func(h, w int64) string {
		if h == w {
			return d(h)
		}
		return d(h) + "x" + d(w)
	}
	r := []string{
		strconv.Itoa(l.Index), l.Name, l.Type, d(l.InC), d(l.InH), d(l.InW), d(l.OutK), d(l.OutH), d(l.OutW),
		"", "", "", "", "", d(l.MACs), d(l.Params),
	}
	if l.KernelH > 0 {
		copy(r[9:], []string{d(l.KernelH), d(l.KernelW), hw(l.StrideH, l.StrideW), hw(l.PadH, l.PadW), d(l.Groups)})
	}
	return r
}

// Layers returns the convolutions, linear layers and matrix products in
// execution order for a batch of b items. A parameter shared by several layers
// is counted in the first that holds it.
func (n *Network) Layers(b int) []Layer {
	var rows []Layer
	counted := make([]bool, len(n.Params))
	for i := range n.Ops {
		o := &n.Ops[i]
		var params int64
		for _, p := range o.Params {
			if !counted[p] {
				params += n.Params[p].Elems
				counted[p] = true
			}
		}
		if !o.hasMACs() {
			continue
		}
		s := o.scaled(int64(b))
		l := Layer{
			Index: len(rows), Name: o.Name, Type: o.Kind.String(),
			InC: s.C, InH: 1, InW: 1, OutK: s.K, OutH: 1, OutW: 1,
			GemmM: s.N * s.P * s.Q, GemmN: s.K, GemmK: s.C * s.R * s.S, GemmCount: s.Groups,
			MACs: o.MACs() * int64(b), Params: params,
		}
		if o.Kind == OpRecurrent {
			l.GemmCount = int64(len(o.Out))
		}
		if o.Kind == OpConv {
			l.InC, l.InH, l.InW = s.C*s.Groups, s.H, s.W
			l.OutK, l.OutH, l.OutW = s.K*s.Groups, s.P, s.Q
			l.KernelH, l.KernelW, l.StrideH, l.StrideW = s.R, s.S, s.StrideH, s.StrideW
			l.PadH, l.PadW, l.Groups = s.PadH, s.PadW, s.Groups
			switch {
			case o.Transposed:
				l.Type = "convtranspose"
				l.InC, l.OutK = l.OutK, l.InC
				l.InH, l.InW, l.OutH, l.OutW = l.OutH, l.OutW, l.InH, l.InW
			case s.Groups > 1 && s.C == 1:
				l.Type = "dwconv"
			}
		}
		rows = append(rows, l)
	}
	return rows
}

// Nests returns the loop nests of the forward pass, one for every row of
// Layers(b).
func (n *Network) Nests(b int) []Nest {
	var out []Nest
	for i := range n.Ops {
		if o := &n.Ops[i]; o.hasMACs() {
			s := o.scaled(int64(b))
			if o.Kind == OpRecurrent {
				s.Groups *= int64(len(o.Out))
			}
			out = append(out, s)
		}
	}
	return out
}
