package fused

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/walk"
)

// quantizedTable adds a look-up in a table of few bits a number, whose scales are one
// for every block of a row.
func quantizedTable(im *walk.Importer, n *onnx.Node) error {
	table, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	ids, err := im.DataArg(n, 1)
	if err != nil {
		return err
	}
	scales := im.Arg(n, 2)
	block := n.AttrInt("block_size", 128)
	if !table.Fixed || scales == nil || len(table.Dims) != 2 || len(scales.Dims) != 2 || block < 1 || n.AttrInt("gather_axis", 0) != 0 {
		return fmt.Errorf("a table of dimensions %v in blocks of %d along axis %d", table.Dims, block, n.AttrInt("gather_axis", 0))
	}
	rows, width := table.Dims[0], scales.Dims[1]*block
	if packed := table.Dims[1] * max(1, 8/max(1, n.AttrInt("bits", 4))); width > packed { // the last block is not full
		width = packed
	}
	if rows < 1 || width < 1 || width > onnx.MaxElements/rows {
		return fmt.Errorf("a table of %d rows of %d", rows, width)
	}
	if table.Param == walk.NoParam {
		table.Param = im.B.Param(n.In[0], rows*width)
	}
	v := im.B.Embed(n.Name, im.B.Reshape(ids.Val, 1, ids.Elems(), 1), width, table.Param)
	return im.Give(n, 0, append(slices.Clone(ids.Dims), width), v)
}

// quantizedWhere adds a choice between two tensors with scales and zero points.
func quantizedWhere(im *walk.Importer, n *onnx.Node) error {
	return ops.Lookup("Where")(im, plain(n, "Where", 0, 1, 4))
}

// gemmaRotary adds rotary positions of queries and keys, of which halves that are
// turned are given beside them.
func gemmaRotary(im *walk.Importer, n *onnx.Node) error {
	for i, k := range []int{1, 3} {
		x, err := im.DataArg(n, k)
		if err != nil {
			return err
		}
		v := im.B.Pointwise(fmt.Sprintf("%s.%d", n.Name, i), graph.Rotate, x.Val)
		if err := im.Give(n, i, x.Dims, v); err != nil {
			return err
		}
	}
	return nil
}

// padding adds the copy of the tokens of sequences that are padded into a row
// without padding, or back: taken to be as many, since data say which are padding.
func padding(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	if n.Op == "RestorePadding" {
		offsets := im.Arg(n, 1)
		if offsets == nil || len(offsets.Dims) != 2 || len(x.Dims) != 2 {
			return fmt.Errorf("input of dimensions %v", x.Dims)
		}
		dims := slices.Concat(offsets.Dims, x.Dims[1:])
		elems, err := onnx.Elements(dims)
		if err != nil {
			return err
		}
		return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
	}
	if len(x.Dims) != 3 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	b, s := x.Dims[0], x.Dims[1]
	for i, dims := range [][]int64{{b * s, x.Dims[2]}, {b, s}, {b + 1}, {1}} {
		if i >= len(n.Out) || n.Out[i] == "" {
			continue
		}
		elems, err := onnx.Elements(dims)
		if err != nil {
			return err
		}
		if err := im.Give(n, i, dims, im.B.Copy(fmt.Sprintf("%s.%d", n.Name, i), x.Val, elems)); err != nil {
			return err
		}
	}
	return nil
}
