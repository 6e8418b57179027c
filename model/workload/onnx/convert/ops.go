package convert

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/pattern"
)

// node adds the operators of a node to the network.
func (im *importer) node(i int) error {
	n := &im.g.Nodes[i]
	p := &im.ix.Plans[i]
	for _, a := range n.Attrs {
		if a.Graph {
			return errors.New("operators with sub-graphs are not supported")
		}
	}
	for _, in := range n.In {
		if e := im.tens[in]; e != nil && e.ready {
			im.work += e.val.Parts()
		}
	}
	if im.work > maxWork {
		return fmt.Errorf("the nodes read more than %d pieces of data", maxWork)
	}
	k := slices.IndexFunc(n.Out, func(s string) bool { return s != "" })
	if k < 0 {
		return errors.New("the node writes nothing")
	}
	switch {
	case im.ix.Fixed[n.Out[k]] && n.Domain == "":
		return im.fold(n)
	case p.Role == pattern.Absorbed && p.Input != "":
		return im.absorb(n, p)
	case p.Role == pattern.Absorbed:
		return nil
	case p.Role == pattern.Leader && p.Kind != pattern.Biased:
		return im.joined(n, p)
	}
	if n.Domain != "" {
		if f := contributed(n.FullOp()); f != nil {
			return f(im, n)
		}
		return im.unknown(n)
	}
	if fn, ok := pointwiseFn(n.Op); ok {
		return im.activation(n, fn)
	}
	if n.Op == "MatMul" {
		return im.matMul(n, p)
	}
	if f := operator(n.Op); f != nil {
		if err := f(im, n); err != nil {
			return err
		}
		return im.activated(n)
	}
	return im.reinterpret(n)
}

// operator returns what converts an operator of the default domain that neither
// is a pointwise function of one tensor nor only reinterprets its input; nil for
// others.
func operator(op string) func(*importer, *onnx.Node) error {
	switch op {
	case "Conv", "ConvTranspose":
		return (*importer).conv
	case "Gemm":
		return (*importer).gemm
	case "Einsum":
		return (*importer).einsum
	case "LSTM", "GRU", "RNN":
		return (*importer).recurrent
	case "MaxPool", "AveragePool", "LpPool":
		return (*importer).pool
	case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool":
		return (*importer).globalPool
	case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp":
		return (*importer).reduce
	case "ArgMax", "ArgMin":
		return (*importer).argExtreme
	case "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "LpNormalization", "LRN",
		"RMSNormalization", "SimplifiedLayerNormalization", "MeanVarianceNormalization":
		return (*importer).norm
	case "Softmax", "LogSoftmax", "Hardmax":
		return (*importer).softmax
	case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mean", "PRelu", "Mod", "And", "Or", "Xor", "Equal", "Greater", "Less",
		"GreaterOrEqual", "LessOrEqual", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor":
		return (*importer).elementwise
	case "Where":
		return (*importer).where
	case "Gather":
		return (*importer).gather
	case "GatherElements", "GatherND", "OneHot", "TopK", "GridSample", "RoiAlign", "ReverseSequence":
		return (*importer).pick
	case "Scatter", "ScatterElements", "ScatterND":
		return (*importer).scatter
	case "Concat":
		return (*importer).concat
	case "Split":
		return (*importer).split
	case "Slice":
		return (*importer).slice
	case "Expand", "Tile", "Pad", "Resize", "Upsample":
		return (*importer).enlarge
	case "DepthToSpace", "SpaceToDepth":
		return (*importer).blocks
	case "DynamicQuantizeLinear":
		return (*importer).dynamicQuantize
	case "NonZero", "Unique", "Compress", "NonMaxSuppression":
		return (*importer).bounded
	case "Attention":
		return (*importer).standardAttention
	case "RotaryEmbedding":
		return (*importer).rotary
	case "STFT":
		return (*importer).stft
	}
	return nil
}

// fold enters the result of a node whose inputs are constant.
func (im *importer) fold(n *onnx.Node) error {
	t, err := im.call(n).Fold()
	if err != nil {
		return err
	}
	if im.work += len(t.Values); im.work > maxWork {
		return fmt.Errorf("constants of more than %d computed values", maxWork)
	}
	if k, err := onnx.Elements(t.Dims); err != nil {
		return err
	} else if t.Values != nil && int64(len(t.Values)) != k {
		return fmt.Errorf("%d values for %v", len(t.Values), t.Dims)
	}
	e := &entry{Tensor: *t, fixed: true, param: noParam}
	if t.Values == nil {
		e.origin = im.origin(n)
	}
	im.tens[n.Out[0]] = e
	return nil
}

// origin returns the initializer that the result of a constant node is a view or
// a part of, "" for none.
func (im *importer) origin(n *onnx.Node) string {
	if !slices.Contains([]string{"Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "DequantizeLinear", "Gather", "Slice", "Expand"}, n.Op) {
		return ""
	}
	e := im.arg(n, 0)
	if e == nil {
		return ""
	}
	if _, written := im.ix.From[n.In[0]]; !written {
		return n.In[0]
	}
	return e.origin
}

// absorb passes the data on through a factor or mask that another operator
// takes in.
func (im *importer) absorb(n *onnx.Node, p *pattern.Plan) error {
	x := im.tens[p.Input]
	if x == nil || !x.ready {
		return unmodelled(p.Input)
	}
	dims := x.Dims
	for _, in := range n.In {
		if e := im.tens[in]; e != nil && e.fixed {
			var err error
			if dims, err = infer.Broadcast(dims, e.Dims); err != nil {
				return err
			}
		}
	}
	if slices.Equal(dims, x.Dims) {
		im.tens[p.Last] = x
		return nil
	}
	if k, err := onnx.Elements(dims); err != nil || k != x.Elems() {
		return fmt.Errorf("a constant broadcasts %v to %v", x.Dims, dims)
	}
	im.tens[p.Last] = &entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, param: noParam, val: x.val, ready: true}
	return nil
}

// reinterpret passes data on under other dimensions.
func (im *importer) reinterpret(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims, err := im.call(n).ViewDims()
	if err != nil {
		return err
	}
	if dims == nil {
		return im.unknown(n)
	}
	if x.rep != nil {
		return im.viewRepeated(n, x, dims)
	}
	if err := im.give(n, 0, dims, x.val); err != nil {
		return err
	}
	if slices.Equal(dims, x.Dims) {
		im.tens[n.Out[0]].cat = x.cat
	}
	im.tens[n.Out[0]].Type = x.Type
	return nil
}

// pointwiseFn returns the function of an operator of one input. Which of the
// input and the output gives the derivative is what matters.
func pointwiseFn(op string) (graph.Fn, bool) {
	switch op {
	case "Relu", "LeakyRelu", "ThresholdedRelu", "Not":
		return graph.ReLU, true
	case "Clip":
		return graph.ReLU6, true
	case "Sigmoid", "Softsign":
		return graph.Sigmoid, true
	case "Tanh", "Exp", "Sqrt", "Reciprocal":
		return graph.Tanh, true
	case "Elu", "Selu", "Celu", "Softplus", "Erf", "Gelu", "Mish", "Log", "Abs", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh",
		"Asinh", "Acosh", "Atanh", "Sign", "Floor", "Ceil", "Round", "Shrink":
		return graph.GELU, true
	case "Swish":
		return graph.SiLU, true
	case "HardSwish":
		return graph.HardSwish, true
	case "HardSigmoid":
		return graph.HardSigmoid, true
	case "Neg", "QuantizeLinear", "DequantizeLinear", "Trilu", "CumSum", "IsNaN", "IsInf", "Bernoulli", "BitwiseNot":
		return graph.Scale, true
	}
	return 0, false
}

func (im *importer) activation(n *onnx.Node, fn graph.Fn) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	if fn == graph.Scale {
		return im.give(n, 0, x.Dims, im.b.Pointwise(n.Name, fn, x.val))
	}
	return im.give(n, 0, x.Dims, im.b.Act(n.Name, x.val, fn))
}

// pattern adds the operator of several nodes.
func (im *importer) joined(n *onnx.Node, p *pattern.Plan) error {
	x := im.tens[p.Input]
	if x == nil || !x.ready {
		return unmodelled(p.Input)
	}
	e := &entry{Tensor: infer.Tensor{Dims: x.Dims, Type: x.Type}, param: noParam}
	im.tens[p.Last] = e
	switch p.Kind {
	case pattern.LayerNorm, pattern.RMSNorm:
		rows, err := im.rows(p.Reduce, x)
		if err != nil {
			return err
		}
		fn := graph.LayerNorm
		if p.Kind == pattern.RMSNorm {
			fn = graph.RMSNorm
		}
		params, err := im.paramList(p.Params)
		if err != nil {
			return err
		}
		im.set(e, im.b.NormWith(n.Name, x.val, fn, rows, params...))
	case pattern.RowSoftmax:
		im.set(e, im.b.Softmax(n.Name, x.val))
	default:
		im.set(e, im.b.Act(n.Name, x.val, p.Fn))
	}
	return nil
}

// rows returns the rows of a normalisation: what its first reduction leaves.
func (im *importer) rows(node int, x *entry) (int64, error) {
	c := im.call(&im.g.Nodes[node])
	c.Args[0] = &x.Tensor // what the pattern reads, as wide as what is reduced
	dims, err := c.ReduceDims()
	if err != nil {
		return 0, err
	}
	rows := int64(1)
	for _, d := range dims {
		rows *= d
	}
	if rows < 1 || rows > x.Elems() {
		return 0, fmt.Errorf("%d rows of %v", rows, x.Dims)
	}
	return rows, nil
}

func (im *importer) paramList(names []string) ([]int32, error) {
	var ps []int32
	for _, name := range names {
		e := im.tens[name]
		if e == nil || !e.fixed || e.Elems() < 1 {
			return nil, fmt.Errorf("%q is not a constant with elements", name)
		}
		ps = append(ps, im.paramOf(name))
	}
	return ps, nil
}

// params returns the constant inputs of a node from input k, absent ones left
// out.
func (im *importer) params(n *onnx.Node, from, to int) ([]int32, error) {
	var names []string
	for k := from; k < min(to, len(n.In)); k++ {
		if n.In[k] != "" {
			names = append(names, n.In[k])
		}
	}
	return im.paramList(names)
}

// weight returns input k, a constant of a rank.
func (im *importer) weight(n *onnx.Node, k int, ranks ...int) (*entry, error) {
	w, err := im.need(n, k)
	if err != nil {
		return nil, err
	}
	if !w.fixed {
		return nil, fmt.Errorf("weights %q depend on data", n.In[k])
	}
	if !slices.Contains(ranks, len(w.Dims)) || w.Elems() < 1 {
		return nil, fmt.Errorf("weights %q of dimensions %v", n.In[k], w.Dims)
	}
	return w, nil
}
