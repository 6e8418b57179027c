package ops

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/ops/products"
	"stco/model/workload/onnx/walk"
)

func reduce(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	dims, err := im.Call(n).ReduceDims()
	if err != nil {
		return err
	}
	return reduceTo(im, n, 0, x, dims)
}

// argExtreme adds the index of the largest or smallest element along an axis.
func argExtreme(im *walk.Importer, n *onnx.Node) error {
	x, a, err := im.DataAlong(n)
	if err != nil {
		return err
	}
	dims := slices.Clone(x.Dims)
	if dims[a] = 1; n.AttrInt("keepdims", 1) == 0 {
		dims = slices.Delete(dims, a, a+1)
	}
	return reduceTo(im, n, 0, x, dims)
}

// reduceTo gives output i the data reduced to dimensions.
func reduceTo(im *walk.Importer, n *onnx.Node, i int, x *walk.Entry, dims []int64) error {
	out, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if out == x.Elems() {
		return im.Give(n, i, dims, x.Val)
	}
	if out < 1 || x.Elems()%out != 0 {
		return fmt.Errorf("%v from %v", dims, x.Dims)
	}
	return im.Give(n, i, dims, products.MeanOf(im, n.Name, x, out))
}

// Norm adds a normalisation with its parameters.
func Norm(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	wide := len(x.Dims) > 1
	if len(x.Dims) < 1 || !wide && !slices.Contains([]string{"LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "LpNormalization"}, n.Op) {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	params, err := im.Params(n, 1, 3)
	if err != nil {
		return err
	}
	c := int64(1)
	if wide {
		c = x.Dims[1]
	}
	fn, rows := graph.LayerNorm, x.Dims[0]
	v := x.Val
	switch n.Op {
	case "BatchNormalization":
		if len(params) != 2 {
			return errors.New("gain and shift are missing")
		}
		fn = graph.BatchNorm
		v = im.B.Reshape(v, c, x.Elems()/max(1, c), 1)
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
	return im.Give(n, 0, x.Dims, im.B.NormWith(n.Name, v, fn, rows, params...))
}

func softmax(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, im.B.Softmax(n.Name, x.Val))
}

// Elementwise adds a function of several tensors, folded two by two. A constant
// of one element is a factor; a larger one a parameter.
func Elementwise(im *walk.Importer, n *onnx.Node) error {
	if len(n.In) == 0 || len(n.In) > 64 {
		return fmt.Errorf("%d inputs: 1 to 64 are supported", len(n.In))
	}
	acc, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	accName := n.In[0]
	for k := 1; k < len(n.In); k++ {
		e, err := im.Need(n, k)
		if err != nil {
			return err
		}
		name := n.Name
		if k > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, k)
		}
		dims, err := infer.Broadcast(acc.Dims, aligned(im, n, acc, e))
		if err != nil {
			return err
		}
		if (!acc.Fixed && !acc.Ready) || (!e.Fixed && !e.Ready) {
			return errors.New("an input is a result that is not modelled")
		}
		next := &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: onnx.TypeFloat}, Param: walk.NoParam}
		switch {
		case acc.Fixed && e.Fixed:
			next.Fixed = true
		case e.Fixed:
			err = withConst(im, next, n.Op, name, acc, n.In[k])
		case acc.Fixed:
			err = withConst(im, next, n.Op, name, e, accName)
		default:
			err = withData(im, next, n.Op, name, acc, e)
		}
		if err != nil {
			return err
		}
		acc, accName = next, ""
	}
	im.Tensors[n.Out[0]] = acc
	return nil
}

// aligned returns the dimensions of the second factor of a function of two tensors.
// Before opset 7 an attribute says at which axis of the first they begin, and the
// slopes of PRelu are those of the channels.
func aligned(im *walk.Importer, n *onnx.Node, x, y *walk.Entry) []int64 {
	if im.Model.Opset >= 7 || len(y.Dims) == 0 {
		return y.Dims
	}
	at := n.AttrInt("axis", int64(len(x.Dims)-len(y.Dims)))
	if n.Op == "PRelu" && len(y.Dims) == 1 {
		at = min(1, int64(len(x.Dims)-1))
	}
	if at < 0 {
		at += int64(len(x.Dims))
	}
	if behind := int64(len(x.Dims)-len(y.Dims)) - at; at >= 0 && behind > 0 {
		return slices.Concat(y.Dims, slices.Repeat([]int64{1}, int(behind)))
	}
	return y.Dims
}

// additive reports whether an operator's gradient needs neither input.
func additive(op string) bool {
	return slices.Contains([]string{"Add", "Sub", "Sum", "Mean", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}, op)
}

// withConst adds a function of data and a constant.
func withConst(im *walk.Importer, out *walk.Entry, op, name string, x *walk.Entry, constant string) error {
	c := im.Tensors[constant]
	elems, err := onnx.Elements(out.Dims)
	if err != nil {
		return err
	}
	switch {
	case constant == "" || c == nil:
		return fmt.Errorf("a constant between data is not supported")
	case elems != x.Elems(): // the constant broadcasts the data
		im.Set(out, im.B.Copy(name, x.Val, elems))
	case op == "Pow":
		im.Set(out, im.B.Act(name, x.Val, graph.GELU))
	case c.Elems() == 1 && (op == "Min" || op == "Max"):
		im.Set(out, im.B.Act(name, x.Val, graph.ReLU))
	case c.Elems() <= 1 || onnx.IsInteger(c.Type):
		im.Set(out, im.B.Pointwise(name, graph.Scale, x.Val))
	case additive(op):
		im.Set(out, im.B.Pointwise(name, graph.ParamAdd, x.Val, im.TableOf(constant)))
	default:
		im.Set(out, im.B.Pointwise(name, graph.ParamMul, x.Val, im.TableOf(constant)))
	}
	return nil
}

// withData adds a function of two data.
func withData(im *walk.Importer, out *walk.Entry, op, name string, x, y *walk.Entry) error {
	elems, err := onnx.Elements(out.Dims)
	if err != nil {
		return err
	}
	if x.Elems() < y.Elems() {
		x, y = y, x
	}
	if x.Elems() != elems { // both broadcast
		im.Set(out, im.B.Combine(name, x.Val, y.Val, elems))
		return nil
	}
	if additive(op) {
		im.Set(out, im.B.Add(name, x.Val, y.Val))
	} else {
		im.Set(out, im.B.Mul(name, x.Val, y.Val))
	}
	return nil
}

// where adds the choice between two tensors.
func where(im *walk.Importer, n *onnx.Node) error {
	var data []*walk.Entry
	var dims []int64
	for k := range 3 {
		e, err := im.Need(n, k)
		if err != nil {
			return err
		}
		if !e.Fixed && !e.Ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.In[k])
		}
		if dims, err = infer.Broadcast(dims, e.Dims); err != nil {
			return err
		}
		if !e.Fixed {
			data = append(data, e)
		}
	}
	if len(data) == 0 {
		return fmt.Errorf("three inputs are expected, not %d", len(n.In))
	}
	slices.SortStableFunc(data, func(a, b *walk.Entry) int { return int(min(1, max(-1, b.Elems()-a.Elems()))) })
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	v := data[0].Val
	if len(data) == 1 || data[0].Elems() != elems {
		v = im.B.Copy(n.Name, v, elems)
	}
	for _, e := range data[1:] {
		v = im.B.Add(n.Name, v, e.Val)
	}
	return im.Give(n, 0, dims, v)
}
