package fused

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// experts adds a mixture of experts: input, router probabilities, and matrices of
// all experts with optional biases, of QMoE with scales behind each matrix. The
// first matrix is twice as wide as what the second reads where it holds the gates
// too; a third holds them apart.
func experts(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	router, err := im.DataArg(n, 1)
	if err != nil {
		return err
	}
	each, bias := 2, 1 // inputs of a matrix; the place of its bias
	packed := int64(1) // weights of an element
	if n.Op == "QMoE" {
		each, bias = 3, 2
		packed = 8 / max(1, min(8, n.AttrInt("expert_weight_bits", 4)))
	}
	if len(x.Dims) < 1 || x.Elems() < 1 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	d := x.Dims[len(x.Dims)-1]
	width := func(i int) (columns, count int64, err error) {
		w, err := im.Weight(n, i, 3)
		if err != nil {
			return 0, 0, err
		}
		return w.Elems() / (w.Dims[0] * d) * packed, w.Dims[0], nil
	}
	wide, count, err := width(2)
	if err != nil {
		return err
	}
	ff, _, err := width(2 + each)
	if err != nil {
		return err
	}
	if ff < 1 || wide != ff && wide != 2*ff {
		return fmt.Errorf("first matrices of %d columns, second ones of %d rows", wide, ff)
	}
	r := workload.Routing{Experts: count, TopK: n.AttrInt("k", 1), Tokens: x.Elems() / d}
	rows := im.B.Reshape(x.Val, d, r.Tokens, 1)
	y := im.B.Routed(n.Name+".fc1", rows, wide, r, im.Arg(n, 2+bias) != nil)
	h := y.H
	gates := y
	if wide == 2*ff {
		gates, y = im.B.Slice(y, 0, ff, h, 1), im.B.Slice(y, ff*h, ff, h, 1)
	}
	gates = im.B.Act(n.Name+".act", gates, graph.SiLU)
	switch {
	case wide == 2*ff:
		y = im.B.Mul(n.Name+".gate", gates, y)
	case im.Arg(n, 2+2*each) != nil:
		y = im.B.Mul(n.Name+".gate", gates, im.B.Routed(n.Name+".fc3", rows, ff, r, im.Arg(n, 2+2*each+bias) != nil))
	default:
		y = gates
	}
	y = im.B.Routed(n.Name+".fc2", y, d, r, im.Arg(n, 2+each+bias) != nil)
	return im.Give(n, 0, x.Dims, im.B.Gather(n.Name+".sum", y, router.Val, r))
}
