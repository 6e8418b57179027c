package fused

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// biasGelu adds a GELU behind the sum with a row, which may be absent.
func biasGelu(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	v := x.Val
	if bias := im.Arg(n, 1); bias != nil {
		if !bias.Fixed || bias.Elems() < 1 {
			return fmt.Errorf("bias of dimensions %v", bias.Dims)
		}
		v = im.B.Pointwise(n.Name+".bias", graph.ParamAdd, v, im.ParamOf(n.In[1]))
	}
	return im.Give(n, 0, x.Dims, im.B.Act(n.Name, v, graph.GELU))
}

// skipNorm adds the sum of two tensors and a bias, normalised over the last
// axis; the fourth result is the sum.
func skipNorm(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	y, err := im.DataArg(n, 1)
	if err != nil {
		return err
	}
	if len(x.Dims) < 2 || !slices.Equal(x.Dims, y.Dims) {
		return fmt.Errorf("inputs of dimensions %v and %v", x.Dims, y.Dims)
	}
	fn, last := graph.LayerNorm, 4
	if n.Op == "SkipSimplifiedLayerNormalization" {
		fn, last = graph.RMSNorm, 3
	}
	sum := im.B.Add(n.Name+".add", x.Val, y.Val)
	if bias := im.Arg(n, last); bias != nil {
		if !bias.Fixed || bias.Elems() < 1 {
			return fmt.Errorf("bias of dimensions %v", bias.Dims)
		}
		sum = im.B.Pointwise(n.Name+".bias", graph.ParamAdd, sum, im.ParamOf(n.In[last]))
	}
	params, err := im.Params(n, 2, last)
	if err != nil {
		return err
	}
	if err := im.Give(n, 0, x.Dims, im.B.NormWith(n.Name, sum, fn, x.Span(0, len(x.Dims)-1), params...)); err != nil {
		return err
	}
	if len(n.Out) > 3 && n.Out[3] != "" {
		return im.Give(n, 3, x.Dims, sum)
	}
	return nil
}
