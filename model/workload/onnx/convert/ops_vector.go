package convert

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// spatialInput returns the data input of a node over images or sequences.
func (im *importer) spatialInput(n *onnx.Node) (*entry, error) {
	x, err := im.data(n)
	if err != nil {
		return nil, err
	}
	if len(x.Dims) < 3 {
		return nil, fmt.Errorf("input of dimensions %v has no spatial ones", x.Dims)
	}
	return x, nil
}

func (im *importer) pool(n *onnx.Node) error {
	x, err := im.spatialInput(n)
	if err != nil {
		return err
	}
	if len(x.Dims) == 5 {
		return im.pool3(n, x)
	}
	images, c, h, w, k, err := im.window(n, x, n.AttrInts("kernel_shape"))
	if err != nil {
		return err
	}
	fn := graph.AvgPool
	if n.Op == "MaxPool" {
		fn = graph.MaxPool
	}
	if k.R == 1 && k.S == 1 && k.StrideH == 1 && k.StrideW == 1 && k.PadH == 0 && k.PadW == 0 {
		return im.give(n, 0, x.Dims, x.val)
	}
	y := im.b.Pool(n.Name, im.b.Reshape(x.val, images*c, h, w), fn, k)
	return im.give(n, 0, mapDims(x, images, c, y), y)
}

// globalPool adds the reduction of every map to one value.
func (im *importer) globalPool(n *onnx.Node) error {
	x, err := im.spatialInput(n)
	if err != nil {
		return err
	}
	dims := slices.Clone(x.Dims)
	for k := 2; k < len(dims); k++ {
		dims[k] = 1
	}
	maps := x.Span(0, 2)
	if maps < 1 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	return im.give(n, 0, dims, im.meanOf(n.Name, x, maps))
}

func (im *importer) reduce(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims, err := im.call(n).ReduceDims()
	if err != nil {
		return err
	}
	return im.reduceTo(n, 0, x, dims)
}

// argExtreme adds the index of the largest or smallest element along an axis.
func (im *importer) argExtreme(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	a, err := x.Axis(n.AttrInt("axis", 0))
	if err != nil {
		return err
	}
	dims := slices.Clone(x.Dims)
	if dims[a] = 1; n.AttrInt("keepdims", 1) == 0 {
		dims = slices.Delete(dims, a, a+1)
	}
	return im.reduceTo(n, 0, x, dims)
}

// reduceTo gives output i the data reduced to dimensions.
func (im *importer) reduceTo(n *onnx.Node, i int, x *entry, dims []int64) error {
	out, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if out == x.Elems() {
		return im.give(n, i, dims, x.val)
	}
	if out < 1 || x.Elems()%out != 0 {
		return fmt.Errorf("%v from %v", dims, x.Dims)
	}
	return im.give(n, i, dims, im.meanOf(n.Name, x, out))
}

func (im *importer) norm(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	if len(x.Dims) < 2 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	params, err := im.params(n, 1, 3)
	if err != nil {
		return err
	}
	c := x.Dims[1]
	fn, rows := graph.LayerNorm, x.Dims[0]
	v := x.val
	switch n.Op {
	case "BatchNormalization":
		if len(params) != 2 {
			return errors.New("gain and shift are missing")
		}
		fn = graph.BatchNorm
		v = im.b.Reshape(v, c, x.Elems()/max(1, c), 1)
	case "InstanceNormalization":
		rows *= c
	case "GroupNormalization":
		rows *= n.AttrInt("num_groups", 1)
	case "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization":
		a, err := x.Axis(n.AttrInt("axis", -1))
		if err != nil {
			return err
		}
		rows = x.Span(0, a)
		if n.Op != "LayerNormalization" {
			fn = graph.RMSNorm
		}
	case "LpNormalization":
		a, err := x.Axis(n.AttrInt("axis", -1))
		if err != nil {
			return err
		}
		fn, rows = graph.RMSNorm, x.Elems()/max(1, x.Dims[a])
	case "MeanVarianceNormalization":
		axes := n.AttrInts("axes")
		if axes == nil {
			axes = []int64{0, 2, 3}
		}
		rows = x.Elems()
		for _, v := range axes {
			a, err := x.Axis(v)
			if err != nil {
				return err
			}
			rows /= max(1, x.Dims[a])
		}
	case "LRN":
		fn, rows = graph.RMSNorm, x.Elems()
	}
	if rows < 1 || rows > x.Elems() {
		return fmt.Errorf("%d rows of %v", rows, x.Dims)
	}
	return im.give(n, 0, x.Dims, im.b.NormWith(n.Name, v, fn, rows, params...))
}

func (im *importer) softmax(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.Dims, im.b.Softmax(n.Name, x.val))
}

// elementwise adds a function of several tensors, folded two by two. A constant
// of one element is a factor; a larger one a parameter.
func (im *importer) elementwise(n *onnx.Node) error {
	if len(n.In) == 0 || len(n.In) > 64 {
		return fmt.Errorf("%d inputs: 1 to 64 are supported", len(n.In))
	}
	acc, err := im.need(n, 0)
	if err != nil {
		return err
	}
	accName := n.In[0]
	for k := 1; k < len(n.In); k++ {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		name := n.Name
		if k > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, k)
		}
		dims, err := infer.Broadcast(acc.Dims, e.Dims)
		if err != nil {
			return err
		}
		if (!acc.fixed && !acc.ready) || (!e.fixed && !e.ready) {
			return errors.New("an input is a result that is not modelled")
		}
		next := &entry{Tensor: infer.Tensor{Dims: dims, Type: onnx.TypeFloat}, param: noParam}
		switch {
		case acc.fixed && e.fixed:
			next.fixed = true
		case e.fixed:
			err = im.withConst(next, n.Op, name, acc, n.In[k])
		case acc.fixed:
			err = im.withConst(next, n.Op, name, e, accName)
		default:
			err = im.withData(next, n.Op, name, acc, e)
		}
		if err != nil {
			return err
		}
		acc, accName = next, ""
	}
	im.tens[n.Out[0]] = acc
	return nil
}

// additive reports whether an operator's gradient needs neither input.
func additive(op string) bool {
	return slices.Contains([]string{"Add", "Sub", "Sum", "Mean", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}, op)
}

// withConst adds a function of data and a constant.
func (im *importer) withConst(out *entry, op, name string, x *entry, constant string) error {
	c := im.tens[constant]
	elems, err := onnx.Elements(out.Dims)
	if err != nil {
		return err
	}
	switch {
	case constant == "" || c == nil:
		return fmt.Errorf("a constant between data is not supported")
	case elems != x.Elems(): // the constant broadcasts the data
		im.set(out, im.b.Copy(name, x.val, elems))
	case op == "Pow":
		im.set(out, im.b.Act(name, x.val, graph.GELU))
	case c.Elems() == 1 && (op == "Min" || op == "Max"):
		im.set(out, im.b.Act(name, x.val, graph.ReLU))
	case c.Elems() <= 1 || onnx.IsInteger(c.Type):
		im.set(out, im.b.Pointwise(name, graph.Scale, x.val))
	case additive(op):
		im.set(out, im.b.Pointwise(name, graph.ParamAdd, x.val, im.tableOf(constant)))
	default:
		im.set(out, im.b.Pointwise(name, graph.ParamMul, x.val, im.tableOf(constant)))
	}
	return nil
}

// withData adds a function of two data.
func (im *importer) withData(out *entry, op, name string, x, y *entry) error {
	elems, err := onnx.Elements(out.Dims)
	if err != nil {
		return err
	}
	if x.Elems() < y.Elems() {
		x, y = y, x
	}
	if x.Elems() != elems { // both broadcast
		im.set(out, im.b.Combine(name, x.val, y.val, elems))
		return nil
	}
	if additive(op) {
		im.set(out, im.b.Add(name, x.val, y.val))
	} else {
		im.set(out, im.b.Mul(name, x.val, y.val))
	}
	return nil
}

// where adds the choice between two tensors.
func (im *importer) where(n *onnx.Node) error {
	var data []*entry
	var dims []int64
	for k := range 3 {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		if !e.fixed && !e.ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.In[k])
		}
		if dims, err = infer.Broadcast(dims, e.Dims); err != nil {
			return err
		}
		if !e.fixed {
			data = append(data, e)
		}
	}
	if len(data) == 0 {
		return fmt.Errorf("three inputs are expected, not %d", len(n.In))
	}
	slices.SortStableFunc(data, func(a, b *entry) int { return int(min(1, max(-1, b.Elems()-a.Elems()))) })
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	v := data[0].val
	if len(data) == 1 || data[0].Elems() != elems {
		v = im.b.Copy(n.Name, v, elems)
	}
	for _, e := range data[1:] {
		v = im.b.Add(n.Name, v, e.val)
	}
	return im.give(n, 0, dims, v)
}
