package convert

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/onnx"
)

// pick adds an operator that copies elements of its input to places that data
// decide: one read and one write for each element of the result.
func (im *importer) pick(n *onnx.Node) error {
	x, err := im.need(n, 0)
	if err != nil {
		return err
	}
	dims, err := im.pickDims(n, x)
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	var data []*entry
	for i := range n.In {
		if e := im.arg(n, i); e != nil && !e.fixed {
			if !e.ready {
				return unmodelled(n.In[i])
			}
			data = append(data, e)
		}
	}
	switch {
	case len(data) == 0:
		return errors.New("no input depends on data")
	case x.fixed && x.Elems() > 0 && n.Op != "OneHot":
		y := im.b.ConstantWith(n.In[0], im.paramOf(n.In[0]))
		err = im.give(n, 0, dims, im.b.Combine(n.Name, y, data[0].val, elems))
	case len(data) > 1:
		err = im.give(n, 0, dims, im.b.Combine(n.Name, data[0].val, data[1].val, elems))
	default:
		err = im.give(n, 0, dims, im.b.Copy(n.Name, data[0].val, elems))
	}
	if err == nil && n.Op == "TopK" && len(n.Out) > 1 && n.Out[1] != "" { // indices
		err = im.give(n, 1, dims, im.b.Copy(n.Name+".indices", data[0].val, elems))
	}
	return err
}

// pickDims returns the dimensions of the result of pick.
func (im *importer) pickDims(n *onnx.Node, x *entry) ([]int64, error) {
	switch n.Op {
	case "OneHot":
		return im.call(n).OneHotDims()
	case "ReverseSequence":
		return x.Dims, nil
	}
	y, err := im.need(n, 1)
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
		k, err := im.call(n).Ints(1, "")
		if err != nil {
			return nil, err
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
	case "GridSample":
		if len(x.Dims) != 4 || len(y.Dims) != 4 {
			return nil, wrong
		}
		return []int64{x.Dims[0], x.Dims[1], y.Dims[1], y.Dims[2]}, nil
	case "RoiAlign":
		if len(x.Dims) != 4 || len(y.Dims) != 2 {
			return nil, wrong
		}
		return []int64{y.Dims[0], x.Dims[1], n.AttrInt("output_height", 1), n.AttrInt("output_width", 1)}, nil
	}
	return nil, errors.New("operator is not supported")
}

// scatter adds the copy of a tensor with some elements replaced.
func (im *importer) scatter(n *onnx.Node) error {
	x, err := im.need(n, 0)
	if err != nil {
		return err
	}
	y, err := im.need(n, 2)
	if err != nil {
		return err
	}
	for i, e := range []*entry{x, nil, y} {
		if e != nil && !e.fixed && !e.ready {
			return unmodelled(n.In[i])
		}
	}
	if x.Elems() < 1 {
		return fmt.Errorf("data of dimensions %v", x.Dims)
	}
	switch {
	case !x.fixed && !y.fixed:
		return im.give(n, 0, x.Dims, im.b.Combine(n.Name, x.val, y.val, x.Elems()))
	case !x.fixed:
		return im.give(n, 0, x.Dims, im.b.Copy(n.Name, x.val, x.Elems()))
	case !y.fixed:
		return im.give(n, 0, x.Dims, im.b.Copy(n.Name, y.val, x.Elems()))
	}
	return errors.New("data and updates are constant and the places are not")
}
