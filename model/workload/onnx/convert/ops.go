package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
)

// node adds the operators of a node to the network.
func (im *importer) node(i int) error {
	n := &im.g.Nodes[i]
	p := &im.plans[i]
	for _, a := range n.Attrs {
		if a.Graph {
			return fmt.Errorf("operators with sub-graphs are not supported")
		}
	}
	if n.Domain != "" && (n.Domain != "com.microsoft" || n.Op != "Gelu") {
		return fmt.Errorf("operator is not supported")
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
		return fmt.Errorf("the node writes nothing")
	}
	switch {
	case im.fixed[n.Out[k]]:
		return im.fold(n)
	case p.role == absorbed && p.input != "":
		im.tens[p.last] = im.tens[p.input]
		return nil
	case p.role == absorbed:
		return nil
	case p.role == leader && p.kind != biased:
		return im.pattern(n, p)
	}
	if fn, ok := pointwiseFn(n.Op); ok {
		return im.activation(n, fn)
	}
	switch n.Op {
	case "Conv", "ConvTranspose":
		return im.conv(n)
	case "Gemm":
		return im.gemm(n)
	case "MatMul":
		return im.matMul(n, p)
	case "LSTM", "GRU":
		return im.recurrent(n)
	case "MaxPool", "AveragePool", "LpPool":
		return im.pool(n)
	case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool":
		x, err := im.spatialInput(n)
		if err != nil {
			return err
		}
		dims := slices.Clone(x.dims)
		for k := 2; k < len(dims); k++ {
			dims[k] = 1
		}
		return im.globalPool(n, x, dims)
	case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp":
		return im.reduce(n)
	case "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "LpNormalization", "LRN", "RMSNormalization":
		return im.norm(n)
	case "Softmax", "LogSoftmax", "Hardmax":
		return im.softmax(n)
	case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mean", "PRelu", "Mod", "And", "Or", "Xor", "Equal", "Greater", "Less",
		"GreaterOrEqual", "LessOrEqual", "BitShift":
		return im.elementwise(n)
	case "Where":
		return im.where(n)
	case "Gather":
		return im.gather(n)
	case "Concat":
		return im.concat(n)
	case "Split":
		return im.split(n)
	case "Slice":
		return im.slice(n)
	case "Expand", "Tile", "Pad", "Resize", "Upsample":
		return im.enlarge(n)
	case "DepthToSpace", "SpaceToDepth":
		return im.blocks(n)
	}
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims, err := im.viewDims(n, x)
	if err != nil {
		return err
	}
	if dims == nil {
		return fmt.Errorf("operator is not supported")
	}
	if err := im.give(n, 0, dims, x.val); err != nil {
		return err
	}
	if slices.Equal(dims, x.dims) {
		im.tens[n.Out[0]].cat = x.cat
	}
	im.tens[n.Out[0]].typ = x.typ
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
	case "Elu", "Selu", "Celu", "Softplus", "Erf", "Gelu", "Mish", "Log", "Abs", "Sin", "Cos", "Sign", "Floor", "Ceil", "Round":
		return graph.GELU, true
	case "Swish":
		return graph.SiLU, true
	case "HardSwish":
		return graph.HardSwish, true
	case "HardSigmoid":
		return graph.HardSigmoid, true
	case "Neg":
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
		return im.give(n, 0, x.dims, im.b.Pointwise(n.Name, fn, x.val))
	}
	return im.give(n, 0, x.dims, im.b.Act(n.Name, x.val, fn))
}

// pattern adds the operator of several nodes.
func (im *importer) pattern(n *onnx.Node, p *plan) error {
	x := im.tens[p.input]
	if x == nil || !x.ready {
		return fmt.Errorf("input %q is a result that is not modelled", p.input)
	}
	e := &entry{dims: x.dims, typ: x.typ, param: noParam}
	im.tens[p.last] = e
	switch p.kind {
	case layerNorm, rmsNorm:
		rows, err := im.rows(p.reduce, x)
		if err != nil {
			return err
		}
		fn := graph.LayerNorm
		if p.kind == rmsNorm {
			fn = graph.RMSNorm
		}
		params, err := im.paramList(p.params)
		if err != nil {
			return err
		}
		im.set(e, im.b.NormWith(n.Name, x.val, fn, rows, params...))
	case rowSoftmax:
		im.set(e, im.b.Softmax(n.Name, x.val))
	default:
		im.set(e, im.b.Act(n.Name, x.val, graph.GELU))
	}
	return nil
}

// rows returns the rows of a normalisation: what its first reduction leaves.
func (im *importer) rows(node int, x *entry) (int64, error) {
	dims, err := im.reduceDims(&im.g.Nodes[node], x)
	if err != nil {
		return 0, err
	}
	rows := int64(1)
	for _, d := range dims {
		rows *= d
	}
	if rows < 1 || rows > x.elems() {
		return 0, fmt.Errorf("%d rows of %v", rows, x.dims)
	}
	return rows, nil
}

func (im *importer) paramList(names []string) ([]int32, error) {
	var ps []int32
	for _, name := range names {
		e := im.tens[name]
		if e == nil || !e.fixed || e.elems() < 1 {
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
	if !slices.Contains(ranks, len(w.dims)) || w.elems() < 1 {
		return nil, fmt.Errorf("weights %q of dimensions %v", n.In[k], w.dims)
	}
	return w, nil
}
