package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
)

// spatialInput returns the data input of a node over images or sequences.
func (im *importer) spatialInput(n *onnx.Node) (*entry, error) {
	x, err := im.data(n)
	if err != nil {
		return nil, err
	}
	if len(x.dims) < 3 {
		return nil, fmt.Errorf("input of dimensions %v has no spatial ones", x.dims)
	}
	return x, nil
}

func (im *importer) pool(n *onnx.Node) error {
	x, err := im.spatialInput(n)
	if err != nil {
		return err
	}
	images, c, h, w, k, err := window(n, x, n.AttrInts("kernel_shape"))
	if err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" {
		return fmt.Errorf("indices as a result are not supported")
	}
	fn := graph.AvgPool
	if n.Op == "MaxPool" {
		fn = graph.MaxPool
	}
	if k.R == 1 && k.S == 1 && k.StrideH == 1 && k.StrideW == 1 && k.PadH == 0 && k.PadW == 0 {
		return im.give(n, 0, x.dims, x.val)
	}
	y := im.b.Pool(n.Name, im.b.Reshape(x.val, images*c, h, w), fn, k)
	return im.give(n, 0, mapDims(x, images, c, y), y)
}

// globalPool adds the reduction of every map to one value.
func (im *importer) globalPool(n *onnx.Node, x *entry, dims []int64) error {
	maps, _ := onnx.Elements(x.dims[:2])
	y := im.b.GlobalPool(n.Name, im.b.Reshape(x.val, maps, x.elems()/max(1, maps), 1), 1, 1)
	return im.give(n, 0, dims, y)
}

func (im *importer) reduce(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims, err := im.reduceDims(n, x)
	if err != nil {
		return err
	}
	out, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if out == x.elems() {
		return im.give(n, 0, dims, x.val)
	}
	if out < 1 || x.elems()%out != 0 {
		return fmt.Errorf("%v from %v", dims, x.dims)
	}
	return im.give(n, 0, dims, im.b.GlobalPool(n.Name, im.b.Reshape(x.val, out, x.elems()/out, 1), 1, 1))
}

func (im *importer) norm(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	if len(x.dims) < 2 {
		return fmt.Errorf("input of dimensions %v", x.dims)
	}
	params, err := im.params(n, 1, 3)
	if err != nil {
		return err
	}
	c := x.dims[1]
	fn, rows := graph.LayerNorm, x.dims[0]
	v := x.val
	switch n.Op {
	case "BatchNormalization":
		if len(params) != 2 || n.AttrInt("training_mode", 0) != 0 {
			return fmt.Errorf("needs gain and shift, and inference mode")
		}
		fn = graph.BatchNorm
		v = im.b.Reshape(v, c, x.elems()/max(1, c), 1)
	case "InstanceNormalization":
		rows *= c
	case "GroupNormalization":
		rows *= n.AttrInt("num_groups", 1)
	case "LayerNormalization", "RMSNormalization":
		a, err := x.axis(n.AttrInt("axis", -1))
		if err != nil {
			return err
		}
		rows = x.span(0, a)
		if n.Op == "RMSNormalization" {
			fn = graph.RMSNorm
		}
		if len(n.Out) > 1 && slices.ContainsFunc(n.Out[1:], func(o string) bool { return len(im.users[o]) > 0 }) {
			return fmt.Errorf("statistics as a result are not supported")
		}
	case "LpNormalization":
		a, err := x.axis(n.AttrInt("axis", -1))
		if err != nil {
			return err
		}
		fn, rows = graph.RMSNorm, x.elems()/max(1, x.dims[a])
	case "LRN":
		fn, rows = graph.RMSNorm, x.elems()
	}
	if rows < 1 || rows > x.elems() {
		return fmt.Errorf("%d rows of %v", rows, x.dims)
	}
	return im.give(n, 0, x.dims, im.b.NormWith(n.Name, v, fn, rows, params...))
}

func (im *importer) softmax(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.dims, im.b.Softmax(n.Name, x.val))
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
		dims, err := broadcast(acc.dims, e.dims)
		if err != nil {
			return err
		}
		if (!acc.fixed && !acc.ready) || (!e.fixed && !e.ready) {
			return fmt.Errorf("an input is a result that is not modelled")
		}
		next := &entry{dims: dims, typ: onnx.TypeFloat, param: noParam}
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
	elems, err := onnx.Elements(out.dims)
	if err != nil {
		return err
	}
	switch {
	case constant == "" || c == nil:
		return fmt.Errorf("a constant between data is not supported")
	case elems != x.elems(): // the constant broadcasts the data
		im.set(out, im.b.Copy(name, x.val, elems))
	case op == "Pow":
		im.set(out, im.b.Act(name, x.val, graph.GELU))
	case c.elems() == 1 && (op == "Min" || op == "Max"):
		im.set(out, im.b.Act(name, x.val, graph.ReLU))
	case c.elems() <= 1 || onnx.IsInteger(c.typ):
		im.set(out, im.b.Pointwise(name, graph.Scale, x.val))
	case additive(op):
		im.set(out, im.b.Pointwise(name, graph.ParamAdd, x.val, im.paramOf(constant)))
	default:
		im.set(out, im.b.Pointwise(name, graph.ParamMul, x.val, im.paramOf(constant)))
	}
	return nil
}

// withData adds a function of two data.
func (im *importer) withData(out *entry, op, name string, x, y *entry) error {
	elems, err := onnx.Elements(out.dims)
	if err != nil {
		return err
	}
	if x.elems() < y.elems() {
		x, y = y, x
	}
	if x.elems() != elems { // both broadcast
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
		if dims, err = broadcast(dims, e.dims); err != nil {
			return err
		}
		if !e.fixed {
			data = append(data, e)
		}
	}
	if len(data) == 0 {
		return fmt.Errorf("three inputs are expected, not %d", len(n.In))
	}
	slices.SortStableFunc(data, func(a, b *entry) int { return int(min(1, max(-1, b.elems()-a.elems()))) })
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	v := data[0].val
	if len(data) == 1 || data[0].elems() != elems {
		v = im.b.Copy(n.Name, v, elems)
	}
	for _, e := range data[1:] {
		v = im.b.Add(n.Name, v, e.val)
	}
	return im.give(n, 0, dims, v)
}
