package fused

import (
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/walk"
)

// rest returns what converts the operators of ONNX Runtime that are those of the
// default domain under another name or with more inputs; nil for others.
func rest(op string) func(*walk.Importer, *onnx.Node) error {
	name, ours := strings.CutPrefix(op, "com.microsoft.")
	if !ours {
		return nil
	}
	as := func(plainOp string, in ...int) func(*walk.Importer, *onnx.Node) error {
		return func(im *walk.Importer, n *onnx.Node) error {
			p := plain(n, plainOp, in...)
			p.Out = p.Out[:min(1, len(p.Out))]
			return ops.Lookup(plainOp)(im, p)
		}
	}
	switch name {
	case "MaxpoolWithMask":
		return as("MaxPool", 0)
	case "TorchEmbedding":
		return as("Gather", 0, 1)
	case "MulInteger":
		return as("Mul", 0, 2)
	case "ReduceSumInteger":
		return as("ReduceSum", 0)
	case "QuantizeBFP", "DequantizeBFP", "QuantizeWithOrder", "DequantizeWithOrder", "QOrderedGelu", "NGramRepeatBlock":
		return sameSize
	case "QOrderedLayerNormalization":
		return as("LayerNormalization", 0, 2, 3)
	case "ConvTransposeWithDynamicPads":
		return dynamicPads
	case "MatMulFpQ4":
		return shapedWeights
	case "CropAndResize":
		return cropAndResize
	case "ConcatTraining":
		return concatTraining
	case "BitmaskDropout", "ExpandDims":
		return reshaped
	case "CDist":
		return distances
	}
	return nil
}

// dynamicPads is a transposed convolution whose paddings are an input.
func dynamicPads(im *walk.Importer, n *onnx.Node) error {
	pads, err := im.Call(n).Ints(2, "")
	if err != nil {
		return err
	}
	p := plain(n, "ConvTranspose", 0, 1, 3)
	if pads != nil {
		p.Attrs = append(slices.Clip(p.Attrs), onnx.Attr{Name: "pads", Ints: pads})
	}
	return ops.Lookup("ConvTranspose")(im, p)
}

// shapedWeights adds a linear layer whose packed weights have the shape of an input.
func shapedWeights(im *walk.Importer, n *onnx.Node) error {
	shape, err := im.Call(n).Ints(2, "")
	if err != nil {
		return err
	}
	if len(shape) != 2 {
		return fmt.Errorf("weights of shape %v", shape)
	}
	p := *n
	p.Attrs = append(slices.Clip(n.Attrs), onnx.Attr{Name: "K", Int: shape[0]}, onnx.Attr{Name: "N", Int: shape[1]})
	return matMulNBits(im, &p)
}

// cropAndResize adds the copy of boxes of a map, each of a size that is an input.
func cropAndResize(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	boxes := im.Arg(n, 1)
	size, err := im.Call(n).Ints(3, "")
	if err != nil {
		return err
	}
	if len(x.Dims) != 4 || boxes == nil || len(boxes.Dims) != 2 || len(size) != 2 {
		return fmt.Errorf("crops of %v out of %v", size, x.Dims)
	}
	dims := []int64{boxes.Dims[0], x.Dims[1], size[0], size[1]}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
}

// concatTraining joins tensors; a second result has the length of each.
func concatTraining(im *walk.Importer, n *onnx.Node) error {
	p := *n
	p.Domain, p.Op, p.Out = "", "Concat", n.Out[:1]
	if err := ops.Lookup("Concat")(im, &p); err != nil {
		return err
	}
	e := &walk.Entry{Fixed: true, Param: walk.NoParam}
	e.Dims, e.Type = []int64{int64(len(n.In))}, onnx.TypeInt64
	im.Alias(n, 1, e)
	return nil
}

// reshaped passes data on: as they are, or with a dimension of one more.
func reshaped(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	dims := slices.Clone(x.Dims)
	if n.Op == "ExpandDims" {
		at, err := im.Call(n).Ints(1, "")
		if err != nil {
			return err
		}
		if len(at) == 1 && at[0] < 0 {
			at[0] += int64(len(dims) + 1)
		}
		if len(at) != 1 || at[0] < 0 || at[0] > int64(len(dims)) {
			return fmt.Errorf("axis %v of a tensor of rank %d", at, len(dims))
		}
		dims = slices.Insert(dims, int(at[0]), 1)
	}
	for i := 1; i < len(n.Out); i++ { // the mask, of ones
		im.Alias(n, i, &walk.Entry{Tensor: x.Tensor, Fixed: true, Param: walk.NoParam})
	}
	return im.Give(n, 0, dims, x.Val)
}

// distances adds the distances of all rows of two matrices: a product of them, and
// what is done with every element.
func distances(im *walk.Importer, n *onnx.Node) error {
	var e [2]*walk.Entry
	for i := range e {
		var err error
		if e[i], err = im.DataArg(n, i); err != nil {
			return err
		}
		if len(e[i].Dims) != 2 || e[i].Dims[1] != e[0].Dims[1] {
			return fmt.Errorf("matrices of dimensions %v and %v", e[0].Dims, e[i].Dims)
		}
	}
	rows, cols, k := e[0].Dims[0], e[1].Dims[0], e[0].Dims[1]
	y := im.B.MatMul(n.Name+".product", e[0].Val, e[1].Val, 1, rows, k, cols)
	return im.Give(n, 0, []int64{rows, cols}, im.B.Act(n.Name, y, graph.GELU))
}
