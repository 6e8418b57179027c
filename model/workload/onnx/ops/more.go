package ops

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// loss adds a loss that a file computes itself: the logarithms of a softmax where
// it takes scores, and the choice of one element a row.
func loss(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	labels, err := im.Need(n, 1)
	if err != nil {
		return err
	}
	v := x.Val
	if n.Op == "SoftmaxCrossEntropyLoss" {
		v = im.B.Softmax(n.Name+".softmax", v)
		if len(n.Out) > 1 && n.Out[1] != "" {
			if err := im.Give(n, 1, x.Dims, v); err != nil {
				return err
			}
		}
	}
	rows := labels.Elems()
	if rows < 1 || rows > x.Elems() {
		return fmt.Errorf("labels of %v for scores of %v", labels.Dims, x.Dims)
	}
	if n.AttrString("reduction", "mean") == "none" {
		return im.Give(n, 0, labels.Dims, im.B.Copy(n.Name, v, rows))
	}
	return im.Give(n, 0, []int64{}, im.B.GlobalPool(n.Name, im.B.Reshape(im.B.Copy(n.Name+".rows", v, rows), 1, rows, 1), 1, 1))
}

// blockCopy adds operators that place what they read in a result of another
// shape: one read and one write of every element.
func blockCopy(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	dims, err := blockDims(im, n, x)
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if elems < 1 {
		return fmt.Errorf("a result of dimensions %v", dims)
	}
	return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
}

func blockDims(im *walk.Importer, n *onnx.Node, x *walk.Entry) ([]int64, error) {
	wrong := fmt.Errorf("input of dimensions %v", x.Dims)
	switch n.Op {
	case "Col2Im":
		image, err := im.Call(n).Ints(1, "")
		if err != nil {
			return nil, err
		}
		block, err := im.Call(n).Ints(2, "")
		if err != nil {
			return nil, err
		}
		size := int64(1)
		for _, b := range block {
			size *= max(1, b)
		}
		if len(x.Dims) != 3 || x.Dims[1]%size != 0 {
			return nil, wrong
		}
		return slices.Concat([]int64{x.Dims[0], x.Dims[1] / size}, image), nil
	case "CenterCropPad":
		shape, err := im.Call(n).Ints(1, "")
		if err != nil {
			return nil, err
		}
		axes := n.AttrInts("axes")
		if axes == nil {
			for i := range x.Dims {
				axes = append(axes, int64(i))
			}
		}
		if len(shape) != len(axes) {
			return nil, fmt.Errorf("%d sizes for %d axes", len(shape), len(axes))
		}
		dims := slices.Clone(x.Dims)
		for i, v := range axes {
			a, err := x.Axis(v)
			if err != nil {
				return nil, err
			}
			dims[a] = shape[i]
		}
		return dims, nil
	case "MaxUnpool":
		if shape, err := im.Call(n).Ints(2, ""); err != nil || shape != nil {
			return shape, err
		}
		k, strides, pads := n.AttrInts("kernel_shape"), n.AttrInts("strides"), n.AttrInts("pads")
		if len(x.Dims) != len(k)+2 || (strides != nil && len(strides) != len(k)) || (pads != nil && len(pads) != 2*len(k)) {
			return nil, wrong
		}
		dims := slices.Clone(x.Dims)
		for i := range k {
			s, p := int64(1), int64(0)
			if strides != nil {
				s = strides[i]
			}
			if pads != nil {
				p = pads[i] + pads[i+len(k)]
			}
			dims[2+i] = (dims[2+i]-1)*s + k[i] - p
		}
		return dims, nil
	case "AffineGrid":
		size, err := im.Call(n).Ints(1, "")
		if err != nil || len(size) < 4 {
			return nil, errors.Join(err, fmt.Errorf("a size of %v", size))
		}
		return slices.Concat(size[:1], size[2:], []int64{int64(len(size) - 2)}), nil
	case "MaxRoiPool":
		y, err := im.Need(n, 1)
		if err != nil {
			return nil, err
		}
		if len(x.Dims) != 4 || len(y.Dims) != 2 {
			return nil, wrong
		}
		return slices.Concat([]int64{y.Dims[0], x.Dims[1]}, n.AttrInts("pooled_shape")), nil
	case "Multinomial":
		if len(x.Dims) != 2 {
			return nil, wrong
		}
		return []int64{x.Dims[0], n.AttrInt("sample_size", 1)}, nil
	case "Det":
		if len(x.Dims) < 2 {
			return nil, wrong
		}
		return x.Dims[:len(x.Dims)-2], nil
	}
	return nil, errors.New("operator is not supported")
}

// dft adds a Fourier transform along one axis: work of the vector lanes.
func dft(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	rank := len(x.Dims)
	if rank < 2 || x.Dims[rank-1] < 1 || x.Dims[rank-1] > 2 {
		return fmt.Errorf("input of dimensions %v: the last holds the real and imaginary part", x.Dims)
	}
	var axis int64
	if im.Model.Opset >= 20 {
		axis = -2
		if v, err := im.Call(n).Ints(2, ""); err != nil {
			return err
		} else if len(v) == 1 {
			axis = v[0]
		}
	} else {
		axis = n.AttrInt("axis", 1)
	}
	a, err := x.Axis(axis)
	if err != nil {
		return err
	}
	size := x.Dims[a]
	if v, err := im.Call(n).Ints(1, ""); err != nil {
		return err
	} else if len(v) == 1 {
		size = v[0]
	}
	if size < 1 || size > onnx.MaxElements {
		return fmt.Errorf("a transform of %d", size)
	}
	dims := slices.Clone(x.Dims)
	dims[a], dims[rank-1] = size, 2
	switch inverse := n.AttrInt("inverse", 0) != 0; {
	case n.AttrInt("onesided", 0) != 0 && inverse:
		dims[rank-1] = 1
	case n.AttrInt("onesided", 0) != 0:
		dims[a] = size/2 + 1
	}
	count := x.Elems() / x.Dims[rank-1] / max(1, x.Dims[a])
	return Fourier(im, n, x, dims, size, count)
}

// same gives the result what the input is.
func same(im *walk.Importer, n *onnx.Node) error {
	if n.Op == "Optional" && (len(n.In) == 0 || n.In[0] == "") {
		return nil // nothing: no node may read it but one that asks
	}
	e, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	im.Alias(n, 0, e)
	return nil
}

// present says whether an optional holds something: known from the graph.
func present(im *walk.Importer, n *onnx.Node) error {
	e := &walk.Entry{Fixed: true, Param: walk.NoParam}
	e.Dims, e.Type, e.Values = []int64{}, onnx.TypeBool, []float64{0}
	if im.Arg(n, 0) != nil {
		e.Values[0] = 1
	}
	im.Alias(n, 0, e)
	return nil
}

// tensorScatter adds the new part of a cache: past keys or values that are an
// input are one cache, into which the new ones are written.
func tensorScatter(im *walk.Importer, n *onnx.Node) error {
	past, err := im.DataArg(n, 0)
	if err != nil {
		return err
	}
	update, err := im.DataArg(n, 1)
	if err != nil {
		return err
	}
	if update.Elems() > past.Elems() {
		return fmt.Errorf("an update of %v for a cache of %v", update.Dims, past.Dims)
	}
	c := im.CacheOf(n.In[0], past)
	c = im.B.Append(n.Name, update.Val, c)
	if err := im.Give(n, 0, past.Dims, c); err != nil {
		return err
	}
	im.Tensors[n.Out[0]].Cache = true
	return nil
}
