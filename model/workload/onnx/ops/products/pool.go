package products

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// spatialInput returns the data input of a node over images or sequences.
func spatialInput(im *walk.Importer, n *onnx.Node) (*walk.Entry, error) {
	x, err := im.Data(n)
	if err != nil {
		return nil, err
	}
	if len(x.Dims) < 3 {
		return nil, fmt.Errorf("input of dimensions %v has no spatial ones", x.Dims)
	}
	return x, nil
}

func pool(im *walk.Importer, n *onnx.Node) error {
	x, err := spatialInput(im, n)
	if err != nil {
		return err
	}
	if len(x.Dims) == 5 {
		return pool3(im, n, x)
	}
	images, c, h, w, k, err := window(im, n, x, n.AttrInts("kernel_shape"))
	if err != nil {
		return err
	}
	fn := graph.AvgPool
	if n.Op == "MaxPool" {
		fn = graph.MaxPool
	}
	if k.R == 1 && k.S == 1 && k.StrideH == 1 && k.StrideW == 1 && k.PadH == 0 && k.PadW == 0 {
		return im.Give(n, 0, x.Dims, x.Val)
	}
	y := im.B.Pool(n.Name, im.B.Reshape(x.Val, images*c, h, w), fn, k)
	return im.Give(n, 0, mapDims(x, images, c, y), y)
}

// globalPool adds the reduction of every map to one value.
func globalPool(im *walk.Importer, n *onnx.Node) error {
	x, err := spatialInput(im, n)
	if err != nil {
		return err
	}
	dims := slices.Clone(x.Dims)
	for k := 2; k < len(dims); k++ {
		dims[k] = 1
	}
	maps := x.Span(0, 2)
	if maps < 1 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	return im.Give(n, 0, dims, MeanOf(im, n.Name, x, maps))
}
