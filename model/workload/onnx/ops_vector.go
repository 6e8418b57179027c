package onnx

import (
	"fmt"
	"slices"

	"stco/model/workload"
)

// spatialInput returns the data input of a node over images or sequences.
func (im *importer) spatialInput(n *node) (*entry, error) {
	x, err := im.data(n)
	if err != nil {
		return nil, err
	}
	if len(x.dims) < 3 {
		return nil, fmt.Errorf("input of dimensions %v has no spatial ones", x.dims)
	}
	return x, nil
}

func (im *importer) pool(n *node) error {
	x, err := im.spatialInput(n)
	if err != nil {
		return err
	}
	images, c, h, w, k, err := n.window(x, n.attrInts("kernel_shape"))
	if err != nil {
		return err
	}
	if len(n.out) > 1 && n.out[1] != "" {
		return fmt.Errorf("indices as a result are not supported")
	}
	fn := workload.AvgPool
	if n.op == "MaxPool" {
		fn = workload.MaxPool
	}
	if k.R == 1 && k.S == 1 && k.StrideH == 1 && k.StrideW == 1 && k.PadH == 0 && k.PadW == 0 {
		return im.give(n, 0, x.dims, x.val)
	}
	y := im.b.Pool(n.name, im.b.Reshape(x.val, images*c, h, w), fn, k)
	return im.give(n, 0, mapDims(x, images, c, y), y)
}

// globalPool adds the reduction of every map to one value.
func (im *importer) globalPool(n *node, x *entry, dims []int64) error {
	maps, _ := elements(x.dims[:2])
	y := im.b.GlobalPool(n.name, im.b.Reshape(x.val, maps, x.elems()/max(1, maps), 1), 1, 1)
	return im.give(n, 0, dims, y)
}

func (im *importer) reduce(n *node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims, err := im.reduceDims(n, x)
	if err != nil {
		return err
	}
	out, err := elements(dims)
	if err != nil {
		return err
	}
	if out == x.elems() {
		return im.give(n, 0, dims, x.val)
	}
	if out < 1 || x.elems()%out != 0 {
		return fmt.Errorf("%v from %v", dims, x.dims)
	}
	return im.give(n, 0, dims, im.b.GlobalPool(n.name, im.b.Reshape(x.val, out, x.elems()/out, 1), 1, 1))
}

func (im *importer) norm(n *node) error {
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
	fn, rows := workload.LayerNorm, x.dims[0]
	v := x.val
	switch n.op {
	case "BatchNormalization":
		if len(params) != 2 || n.attrInt("training_mode", 0) != 0 {
			return fmt.Errorf("needs gain and shift, and inference mode")
		}
		fn = workload.BatchNorm
		v = im.b.Reshape(v, c, x.elems()/max(1, c), 1)
	case "InstanceNormalization":
		rows *= c
	case "GroupNormalization":
		rows *= n.attrInt("num_groups", 1)
	case "LayerNormalization", "RMSNormalization":
		a, err := x.axis(n.attrInt("axis", -1))
		if err != nil {
			return err
		}
		rows = x.span(0, a)
		if n.op == "RMSNormalization" {
			fn = workload.RMSNorm
		}
		if len(n.out) > 1 && slices.ContainsFunc(n.out[1:], func(o string) bool { return len(im.users[o]) > 0 }) {
			return fmt.Errorf("statistics as a result are not supported")
		}
	case "LpNormalization":
		a, err := x.axis(n.attrInt("axis", -1))
		if err != nil {
			return err
		}
		fn, rows = workload.RMSNorm, x.elems()/max(1, x.dims[a])
	case "LRN":
		fn, rows = workload.RMSNorm, x.elems()
	}
	if rows < 1 || rows > x.elems() {
		return fmt.Errorf("%d rows of %v", rows, x.dims)
	}
	return im.give(n, 0, x.dims, im.b.NormWith(n.name, v, fn, rows, params...))
}

func (im *importer) softmax(n *node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.dims, im.b.Softmax(n.name, x.val))
}

// elementwise adds a function of several tensors, folded two by two. A constant
// of one element is a factor; a larger one a parameter.
func (im *importer) elementwise(n *node) error {
	if len(n.in) == 0 || len(n.in) > 64 {
		return fmt.Errorf("%d inputs: 1 to 64 are supported", len(n.in))
	}
	acc, err := im.need(n, 0)
	if err != nil {
		return err
	}
	accName := n.in[0]
	for k := 1; k < len(n.in); k++ {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		name := n.name
		if k > 1 {
			name = fmt.Sprintf("%s.%d", n.name, k)
		}
		dims, err := broadcast(acc.dims, e.dims)
		if err != nil {
			return err
		}
		if (!acc.fixed && !acc.ready) || (!e.fixed && !e.ready) {
			return fmt.Errorf("an input is a result that is not modelled")
		}
		next := &entry{dims: dims, typ: typeFloat, param: noParam}
		switch {
		case acc.fixed && e.fixed:
			next.fixed = true
		case e.fixed:
			err = im.withConst(next, n.op, name, acc, n.in[k])
		case acc.fixed:
			err = im.withConst(next, n.op, name, e, accName)
		default:
			err = im.withData(next, n.op, name, acc, e)
		}
		if err != nil {
			return err
		}
		acc, accName = next, ""
	}
	im.tens[n.out[0]] = acc
	return nil
}

// additive reports whether an operator's gradient needs neither input.
func additive(op string) bool {
	return slices.Contains([]string{"Add", "Sub", "Sum", "Mean", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}, op)
}

// withConst adds a function of data and a constant.
func (im *importer) withConst(out *entry, op, name string, x *entry, constant string) error {
	c := im.tens[constant]
	elems, err := elements(out.dims)
	if err != nil {
		return err
	}
	switch {
	case constant == "" || c == nil:
		return fmt.Errorf("a constant between data is not supported")
	case elems != x.elems(): // the constant broadcasts the data
		im.set(out, im.b.Copy(name, x.val, elems))
	case op == "Pow":
		im.set(out, im.b.Act(name, x.val, workload.GELU))
	case c.elems() == 1 && (op == "Min" || op == "Max"):
		im.set(out, im.b.Act(name, x.val, workload.ReLU))
	case c.elems() <= 1 || isInteger(c.typ):
		im.set(out, im.b.Pointwise(name, workload.Scale, x.val))
	case additive(op):
		im.set(out, im.b.Pointwise(name, workload.ParamAdd, x.val, im.paramOf(constant)))
	default:
		im.set(out, im.b.Pointwise(name, workload.ParamMul, x.val, im.paramOf(constant)))
	}
	return nil
}

// withData adds a function of two data.
func (im *importer) withData(out *entry, op, name string, x, y *entry) error {
	elems, err := elements(out.dims)
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
func (im *importer) where(n *node) error {
	var data []*entry
	var dims []int64
	for k := range 3 {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		if !e.fixed && !e.ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.in[k])
		}
		if dims, err = broadcast(dims, e.dims); err != nil {
			return err
		}
		if !e.fixed {
			data = append(data, e)
		}
	}
	if len(data) == 0 {
		return fmt.Errorf("three inputs are expected, not %d", len(n.in))
	}
	slices.SortStableFunc(data, func(a, b *entry) int { return int(min(1, max(-1, b.elems()-a.elems()))) })
	elems, err := elements(dims)
	if err != nil {
		return err
	}
	v := data[0].val
	if len(data) == 1 || data[0].elems() != elems {
		v = im.b.Copy(n.name, v, elems)
	}
	for _, e := range data[1:] {
		v = im.b.Add(n.name, v, e.val)
	}
	return im.give(n, 0, dims, v)
}
