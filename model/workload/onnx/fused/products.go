package fused

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/ops/products"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/walk"
)

// plain returns a node of the default domain that does the products of another.
func plain(n *onnx.Node, op string, in ...int) *onnx.Node {
	p := onnx.Node{Name: n.Name, Op: op, Out: n.Out, Attrs: n.Attrs}
	for _, i := range in {
		name := ""
		if i < len(n.In) {
			name = n.In[i]
		}
		p.In = append(p.In, name)
	}
	for len(p.In) > 0 && p.In[len(p.In)-1] == "" {
		p.In = p.In[:len(p.In)-1]
	}
	return &p
}

// turned returns an entry with its last two dimensions exchanged, and those of
// the batch moved in front of the rows where batch says so: a view.
func turned(im *walk.Importer, name string, e *walk.Entry, batch, matrix bool) *walk.Entry {
	dims := slices.Clone(e.Dims)
	rank := len(dims)
	if batch && rank > 2 {
		dims = slices.Concat(dims[1:rank-1], dims[:1], dims[rank-1:])
	}
	if matrix && rank > 1 {
		dims[rank-1], dims[rank-2] = dims[rank-2], dims[rank-1]
	}
	out := *e
	out.Dims, out.Values, out.Cat, out.Rep, out.Pad = dims, nil, nil, nil, nil
	if e.Rep != nil {
		out.Val = views.Written(im, name, e)
	}
	return &out
}

// fusedMatMul adds a batched product whose factors may be transposed, with a
// factor and a function behind it.
func fusedMatMul(im *walk.Importer, n *onnx.Node) error {
	p := plain(n, "MatMul", 0, 1)
	if len(p.In) != 2 {
		return fmt.Errorf("%d inputs", len(p.In))
	}
	for i, side := range []string{"A", "B"} {
		e, err := im.Need(p, i)
		if err != nil {
			return err
		}
		if !e.Fixed && !e.Ready {
			return walk.Unmodelled(p.In[i])
		}
		batch, matrix := n.AttrInt("transBatch"+side, 0) != 0, n.AttrInt("trans"+side, 0) != 0
		if !batch && !matrix {
			continue
		}
		t := turned(im, n.Name, e, batch, matrix)
		if e.Fixed && t.Origin == "" {
			t.Origin = p.In[i] // the parameter is the matrix as it is stored
		}
		name := fmt.Sprintf("%s.%s", n.Name, side)
		im.Tensors[name] = t
		p.In[i] = name
	}
	if err := products.Product(im, p); err != nil {
		return err
	}
	return behind(im, n)
}

// behind adds the function that an attribute names behind the first result.
func behind(im *walk.Importer, n *onnx.Node) error {
	name := n.AttrString("activation", "")
	if name == "" {
		return nil
	}
	fn, ok := ops.Pointwise(name)
	if !ok {
		return fmt.Errorf("activation %q is not supported", name)
	}
	e := im.Tensors[n.Out[0]]
	im.Set(e, im.B.Act(n.Name+".act", e.Val, fn))
	return nil
}

// fusedGemm adds a product with bias and the function behind it.
func fusedGemm(im *walk.Importer, n *onnx.Node) error {
	f := ops.Lookup("Gemm")
	if err := f(im, plain(n, "Gemm", 0, 1, 2)); err != nil {
		return err
	}
	return behind(im, n)
}

// gemmGelu adds a product with a GELU behind it.
func gemmGelu(im *walk.Importer, n *onnx.Node) error {
	if err := products.Product(im, plain(n, "MatMul", 0, 1)); err != nil {
		return err
	}
	e := im.Tensors[n.Out[0]]
	if bias := im.Arg(n, 2); bias != nil {
		p, err := im.ParamList([]string{n.In[2]})
		if err != nil {
			return err
		}
		im.Set(e, im.B.Pointwise(n.Name+".bias", graph.ParamAdd, e.Val, p...))
	}
	im.Set(e, im.B.Act(n.Name+".act", e.Val, graph.GELU))
	return nil
}

// scaledProduct adds a product of quantised factors; number formats are an option
// of the trace. The bias is behind scales and zero points.
func scaledProduct(im *walk.Importer, n *onnx.Node) error {
	bias := map[string]int{"MatMulIntegerToFloat": 6, "DynamicQuantizeMatMul": 4}[n.Op]
	if err := products.Product(im, plain(n, "MatMul", 0, 1)); err != nil {
		return err
	}
	if bias == 0 || im.Arg(n, bias) == nil {
		return nil
	}
	p, err := im.ParamList([]string{n.In[bias]})
	if err != nil {
		return err
	}
	e := im.Tensors[n.Out[0]]
	im.Set(e, im.B.Pointwise(n.Name+".bias", graph.ParamAdd, e.Val, p...))
	return nil
}

// quantizedGemm adds a product whose factors come with scales and zero points.
func quantizedGemm(im *walk.Importer, n *onnx.Node) error {
	return ops.Lookup("Gemm")(im, plain(n, "Gemm", 0, 3, 6))
}

// packedWeights adds a linear layer whose weights are packed in few bits: their
// matrix has the sizes that attributes give.
func packedWeights(im *walk.Importer, n *onnx.Node) error {
	if n.AttrInt("transB", 1) == 0 && n.Op != "MatMulBnb4" {
		return errors.New("transB 0 is not supported")
	}
	return matMulNBits(im, n)
}

// nhwc returns the entry of a tensor with channels last as one with channels
// second, under a name of its own: a view.
func nhwc(im *walk.Importer, n *onnx.Node, i int) (string, error) {
	e, err := im.DataArg(n, i)
	if err != nil {
		return "", err
	}
	r := len(e.Dims)
	if r < 3 {
		return "", fmt.Errorf("input of dimensions %v has no spatial ones", e.Dims)
	}
	out := *e
	out.Dims, out.Cat, out.Pad = slices.Concat(e.Dims[:1], e.Dims[r-1:], e.Dims[1:r-1]), nil, nil
	name := fmt.Sprintf("%s.channels%d", n.Name, i)
	im.Tensors[name] = &out
	return name, nil
}

// channelsLast runs an operator over windows on a tensor whose channels are last.
func channelsLast(im *walk.Importer, n *onnx.Node) error {
	p := map[string]*onnx.Node{
		"NhwcConv": plain(n, "Conv", 0, 1, 2), "NhwcFusedConv": plain(n, "Conv", 0, 1, 2), "NhwcMaxPool": plain(n, "MaxPool", 0),
		"QLinearAveragePool": plain(n, "AveragePool", 0), "QLinearGlobalAveragePool": plain(n, "GlobalAveragePool", 0), "QLinearConv": plain(n, "Conv", 0, 3, 8),
	}[n.Op]
	last := n.AttrInt("channels_last", 0) != 0 || n.Op[0] == 'N'
	if last {
		name, err := nhwc(im, n, 0)
		if err != nil {
			return err
		}
		p.In[0] = name
	}
	if err := ops.Lookup(p.Op)(im, p); err != nil {
		return err
	}
	if e := im.Tensors[n.Out[0]]; last && len(e.Dims) > 2 {
		out := *e
		out.Dims = slices.Concat(e.Dims[:1], e.Dims[2:], e.Dims[1:2])
		im.Tensors[n.Out[0]] = &out
	}
	return behind(im, n)
}

// biased adds a parameter or data to the first input, and what the operator does
// with the sum.
func biased(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	v, dims := x.Val, x.Dims
	for i := 1; i < min(3, len(n.In)); i++ {
		e := im.Arg(n, i)
		switch {
		case e == nil:
		case e.Fixed && e.Elems() == 1: // a ratio
		case e.Fixed:
			v = im.B.Pointwise(fmt.Sprintf("%s.add%d", n.Name, i), graph.ParamAdd, v, im.ParamOf(n.In[i]))
		case !e.Ready:
			return walk.Unmodelled(n.In[i])
		default:
			if dims, err = infer.Broadcast(dims, e.Dims); err != nil {
				return err
			}
			if im.B.Err() == nil && e.Elems() > v.Elems() {
				return fmt.Errorf("inputs of dimensions %v and %v", x.Dims, e.Dims)
			}
			v = im.B.Add(fmt.Sprintf("%s.add%d", n.Name, i), v, e.Val)
		}
	}
	switch n.Op {
	case "BiasSoftmax":
		v = im.B.Softmax(n.Name, v)
	case "BiasSplitGelu": // one half gates the other
		if len(dims) < 1 || dims[len(dims)-1]%2 != 0 {
			return fmt.Errorf("input of dimensions %v", x.Dims)
		}
		half := v.Elems() / 2
		dims = slices.Clone(dims)
		dims[len(dims)-1] /= 2
		gate := im.B.Act(n.Name+".gelu", im.B.Slice(v, half, half, 1, 1), graph.GELU)
		v = im.B.Mul(n.Name, im.B.Slice(v, 0, half, 1, 1), gate)
	}
	return im.Give(n, 0, dims, v)
}

// groupNorm adds a normalisation over groups of channels, which are last, behind
// a sum where there is one.
func groupNorm(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	groups := n.AttrInt("groups", 0)
	if len(x.Dims) < 2 || groups < 1 || groups > x.Elems()/max(1, x.Dims[0]) {
		return fmt.Errorf("%d groups over %v", groups, x.Dims)
	}
	v := x.Val
	if n.Op == "SkipGroupNorm" {
		skip, err := im.DataArg(n, 3)
		if err != nil {
			return err
		}
		if skip.Elems() > x.Elems() {
			return fmt.Errorf("inputs of dimensions %v and %v", x.Dims, skip.Dims)
		}
		v = im.B.Add(n.Name+".add", v, skip.Val)
		if len(n.Out) > 1 && n.Out[1] != "" {
			if err := im.Give(n, 1, x.Dims, v); err != nil {
				return err
			}
		}
	}
	params, err := im.Params(n, 1, 3)
	if err != nil {
		return err
	}
	v = im.B.NormWith(n.Name, v, graph.LayerNorm, x.Dims[0]*groups, params...)
	if n.AttrInt("activation", 0) != 0 {
		v = im.B.Act(n.Name+".act", v, graph.SiLU)
	}
	return im.Give(n, 0, x.Dims, v)
}

// quantizedLSTM adds an LSTM whose weights are stored transposed.
func quantizedLSTM(im *walk.Importer, n *onnx.Node) error {
	p := plain(n, "LSTM", 0, 1, 2, 3, 4, 5, 6, 7)
	for _, i := range []int{1, 2} {
		e, err := im.Weight(n, i, 3)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s.turned%d", n.Name, i)
		im.Tensors[name] = turned(im, n.Name, e, false, true)
		p.In[i] = name
	}
	return ops.Lookup("LSTM")(im, p)
}

// quantizedMean adds a mean over axes that are an attribute.
func quantizedMean(im *walk.Importer, n *onnx.Node) error {
	return ops.Lookup("ReduceMean")(im, plain(n, "ReduceMean", 0))
}

// sameAs runs an operator of the default domain that has the same inputs.
func sameAs(op string) func(*walk.Importer, *onnx.Node) error {
	return func(im *walk.Importer, n *onnx.Node) error {
		p := *n
		p.Domain, p.Op = "", op
		if fn, ok := ops.Pointwise(op); ok {
			return ops.Activation(im, &p, fn)
		}
		return ops.Lookup(op)(im, &p)
	}
}
