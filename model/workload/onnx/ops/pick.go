package ops

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// pick adds an operator that copies elements of its input to places that data
// decide: one read and one write for each element of the result.
func pick(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	dims, err := pickDims(im, n, x)
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	var data []*walk.Entry
	for i := range n.In {
		if e := im.Arg(n, i); e != nil && !e.Fixed {
			if !e.Ready {
				return walk.Unmodelled(n.In[i])
			}
			data = append(data, e)
		}
	}
	switch {
	case len(data) == 0:
		return errors.New("no input depends on data")
	case x.Fixed && x.Elems() > 0 && n.Op != "OneHot":
		y := im.B.ConstantWith(n.In[0], im.ParamOf(n.In[0]))
		err = im.Give(n, 0, dims, im.B.Combine(n.Name, y, data[0].Val, elems))
	case len(data) > 1:
		err = im.Give(n, 0, dims, im.B.Combine(n.Name, data[0].Val, data[1].Val, elems))
	default:
		err = im.Give(n, 0, dims, im.B.Copy(n.Name, data[0].Val, elems))
	}
	if err == nil && n.Op == "TopK" && len(n.Out) > 1 && n.Out[1] != "" { // indices
		err = im.Give(n, 1, dims, im.B.Copy(n.Name+".indices", data[0].Val, elems))
	}
	return err
}

// pickDims returns the dimensions of the result of pick.
func pickDims(im *walk.Importer, n *onnx.Node, x *walk.Entry) ([]int64, error) {
	switch n.Op {
	case "OneHot":
		return im.Call(n).OneHotDims()
	case "ReverseSequence":
		return x.Dims, nil
	}
	if n.Op == "TopK" && n.AttrInt("k", -1) >= 0 {
		return topDims(im, n, x)
	}
	y, err := im.Need(n, 1)
	if err != nil {
		return nil, err
	}
	wrong := fmt.Errorf("inputs of dimensions %v and %v", x.Dims, y.Dims)
	switch n.Op {
	case "GatherElements":
		return y.Dims, nil
	case "GatherND":
		batch, last := n.AttrInt("batch_dims", 0), len(y.Dims)-1
		if last < 0 || batch < 0 || batch > int64(last) || batch+y.Dims[last] > int64(len(x.Dims)) {
			return nil, wrong
		}
		return slices.Concat(y.Dims[:last], x.Dims[batch+y.Dims[last]:]), nil
	case "TopK":
		return topDims(im, n, x)
	case "GridSample":
		if len(x.Dims) < 3 || len(y.Dims) != len(x.Dims) {
			return nil, wrong
		}
		return slices.Concat(x.Dims[:2], y.Dims[1:len(y.Dims)-1]), nil
	case "RoiAlign":
		if len(x.Dims) != 4 || len(y.Dims) != 2 {
			return nil, wrong
		}
		return []int64{y.Dims[0], x.Dims[1], n.AttrInt("output_height", 1), n.AttrInt("output_width", 1)}, nil
	}
	return nil, errors.New("operator is not supported")
}

// topDims returns the dimensions of the largest elements along an axis.
func topDims(im *walk.Importer, n *onnx.Node, x *walk.Entry) ([]int64, error) {
	k, err := im.Call(n).Ints(1, "")
	if err != nil {
		return nil, err
	}
	if v := n.AttrInt("k", -1); k == nil && v >= 0 { // before opset 10
		k = []int64{v}
	}
	a, err := x.Axis(n.AttrInt("axis", -1))
	if err != nil {
		return nil, err
	}
	if len(k) != 1 || k[0] < 1 || k[0] > x.Dims[a] {
		return nil, fmt.Errorf("the largest %v of %d", k, x.Dims[a])
	}
	dims := slices.Clone(x.Dims)
	dims[a] = k[0]
	return dims, nil
}

// scatter adds the copy of a tensor with some elements replaced.
func scatter(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	y, err := im.Need(n, 2)
	if err != nil {
		return err
	}
	at, err := im.Need(n, 1)
	if err != nil {
		return err
	}
	for i, e := range []*walk.Entry{x, at, y} {
		if !e.Fixed && !e.Ready {
			return walk.Unmodelled(n.In[i])
		}
	}
	if x.Elems() < 1 {
		return fmt.Errorf("data of dimensions %v", x.Dims)
	}
	switch {
	case !x.Fixed && !y.Fixed:
		return im.Give(n, 0, x.Dims, im.B.Combine(n.Name, x.Val, y.Val, x.Elems()))
	case !x.Fixed:
		return im.Give(n, 0, x.Dims, im.B.Copy(n.Name, x.Val, x.Elems()))
	case !y.Fixed:
		return im.Give(n, 0, x.Dims, im.B.Copy(n.Name, y.Val, x.Elems()))
	}
	return im.Give(n, 0, x.Dims, im.B.Copy(n.Name, at.Val, x.Elems()))
}
