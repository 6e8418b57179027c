package ops

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// stft adds a short-time Fourier transform: work of the vector lanes.
func stft(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	hop, err := im.Call(n).Ints(1, "")
	if err != nil {
		return err
	}
	size := int64(0)
	if w := im.Arg(n, 2); w != nil && len(w.Dims) == 1 {
		size = w.Dims[0]
	}
	if l, err := im.Call(n).Ints(3, ""); err == nil && len(l) == 1 {
		size = l[0]
	}
	if len(x.Dims) < 2 || len(hop) != 1 || hop[0] < 1 || size < 1 || size > x.Dims[1] {
		return fmt.Errorf("frames of %d by %v over %v", size, hop, x.Dims)
	}
	frames, bins := (x.Dims[1]-size)/hop[0]+1, size
	if n.AttrInt("onesided", 1) != 0 {
		bins = size/2 + 1
	}
	dims := []int64{x.Dims[0], frames, bins, 2}
	return Fourier(im, n, x, dims, size, x.Dims[0]*frames)
}

// Fourier adds transforms of a size: 5 N log2 N operations each.
func Fourier(im *walk.Importer, n *onnx.Node, x *walk.Entry, dims []int64, size, count int64) error {
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	ops := float64(count) * 5 * float64(size) * math.Log2(max(2, float64(size)))
	if ops > 1e15 {
		return fmt.Errorf("transforms of %g operations", ops)
	}
	v := im.B.Copy(n.Name, x.Val, elems)
	return im.Give(n, 0, dims, im.B.PointwiseOver(n.Name+".fft", graph.Scale, v, int64(ops)))
}

// ofUnknownSize adds an operator that fills a tensor whose size data decide: as
// much as the options bound it to.
func ofUnknownSize(im *walk.Importer, n *onnx.Node) error {
	size, ok := im.Choices.Bound[n.Name]
	if !ok {
		size, ok = im.Choices.Bound[n.Op]
	}
	if !ok || n.Op == "MelWeightMatrix" {
		return &infer.UnknownError{What: fmt.Sprintf("sizes of the result (--bound %s=N bounds it, --set fixes a scalar input that it depends on)", n.Op)}
	}
	var x *walk.Entry
	for i := range n.In {
		if e := im.Arg(n, i); e != nil && e.Ready {
			x = e
		}
	}
	if x == nil {
		return errors.New("no input depends on data")
	}
	return im.Give(n, 0, []int64{size}, im.B.Copy(n.Name, x.Val, size))
}

// bounded adds an operator whose result has a size that data decide: the options
// bound it.
func bounded(im *walk.Importer, n *onnx.Node) error {
	size, ok := im.Choices.Bound[n.Name]
	if !ok {
		size, ok = im.Choices.Bound[n.Op]
	}
	if !ok {
		return fmt.Errorf("the size of its result depends on values of the data: --bound %s=N bounds it", n.Op)
	}
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	dims := []int64{size}
	switch n.Op {
	case "NonZero":
		dims = []int64{int64(len(x.Dims)), size}
	case "NonMaxSuppression":
		dims = []int64{size, 3}
	case "Compress":
		if n.AttrInt("axis", -1<<31) != -1<<31 {
			a, err := x.Axis(n.AttrInt("axis", 0))
			if err != nil {
				return err
			}
			dims = slices.Clone(x.Dims)
			dims[a] = min(dims[a], size)
		}
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	for i := range n.Out {
		if n.Out[i] == "" {
			continue
		}
		if i > 0 {
			dims, elems = []int64{size}, size
		}
		if err := im.Give(n, i, dims, im.B.Copy(fmt.Sprintf("%s.%d", n.Name, i), x.Val, elems)); err != nil {
			return err
		}
		im.Tensors[n.Out[i]].Type = onnx.TypeInt64
	}
	return nil
}

// Rotary adds rotary positions.
func Rotary(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, im.B.Pointwise(n.Name, graph.Rotate, x.Val))
}

// dynamicQuantize adds a quantisation by the range of its own input: the
// extremes, then scale and rounding.
func dynamicQuantize(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	if err := im.Give(n, 0, x.Dims, im.B.Pointwise(n.Name, graph.Scale, x.Val)); err != nil {
		return err
	}
	if len(n.Out) < 2 || n.Out[1] == "" {
		return nil
	}
	scale := im.B.GlobalPool(n.Name+".range", im.B.Reshape(x.Val, 1, x.Elems(), 1), 1, 1)
	for k := 1; k < len(n.Out); k++ {
		if err := im.Give(n, k, []int64{}, scale); err != nil {
			return err
		}
	}
	return nil
}
