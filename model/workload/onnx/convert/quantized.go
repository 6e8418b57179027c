package convert

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
)

// dynamicQuantize adds a quantisation by the range of its own input: the
// extremes, then scale and rounding.
func (im *importer) dynamicQuantize(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	if err := im.give(n, 0, x.Dims, im.b.Pointwise(n.Name, graph.Scale, x.val)); err != nil {
		return err
	}
	if len(n.Out) < 2 || n.Out[1] == "" {
		return nil
	}
	scale := im.b.GlobalPool(n.Name+".range", im.b.Reshape(x.val, 1, x.Elems(), 1), 1, 1)
	for k := 1; k < len(n.Out); k++ {
		if err := im.give(n, k, []int64{}, scale); err != nil {
			return err
		}
	}
	return nil
}

// biasGelu adds a GELU behind the sum with a row, which may be absent.
func (im *importer) biasGelu(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	v := x.val
	if bias := im.arg(n, 1); bias != nil {
		if !bias.fixed || bias.Elems() < 1 {
			return fmt.Errorf("bias of dimensions %v", bias.Dims)
		}
		v = im.b.Pointwise(n.Name+".bias", graph.ParamAdd, v, im.paramOf(n.In[1]))
	}
	return im.give(n, 0, x.Dims, im.b.Act(n.Name, v, graph.GELU))
}

// skipNorm adds the sum of two tensors and a bias, normalised over the last
// axis; the fourth result is the sum.
func (im *importer) skipNorm(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	y, err := im.dataArg(n, 1)
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
	sum := im.b.Add(n.Name+".add", x.val, y.val)
	if bias := im.arg(n, last); bias != nil {
		if !bias.fixed || bias.Elems() < 1 {
			return fmt.Errorf("bias of dimensions %v", bias.Dims)
		}
		sum = im.b.Pointwise(n.Name+".bias", graph.ParamAdd, sum, im.paramOf(n.In[last]))
	}
	params, err := im.params(n, 2, last)
	if err != nil {
		return err
	}
	if err := im.give(n, 0, x.Dims, im.b.NormWith(n.Name, sum, fn, x.Span(0, len(x.Dims)-1), params...)); err != nil {
		return err
	}
	if len(n.Out) > 3 && n.Out[3] != "" {
		return im.give(n, 3, x.Dims, sum)
	}
	return nil
}
