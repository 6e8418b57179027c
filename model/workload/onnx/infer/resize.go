package infer

import (
	"fmt"
	"math"
	"slices"

	"stco/model/workload/onnx"
)

// maxScale bounds a scale of Resize.
const maxScale = 1 << 20

// Pads returns the padding in front of and behind every axis; a negative one
// crops. The axes of opset 18 are resolved.
func (n *Call) Pads() (before, after []int64, err error) {
	x, err := n.need(0)
	if err != nil {
		return nil, nil, err
	}
	pads, err := n.Ints(1, "pads")
	if err != nil {
		return nil, nil, err
	}
	if pads == nil { // opset 1
		pads = n.AttrInts("paddings")
	}
	axes, err := n.Ints(3, "")
	if err != nil {
		return nil, nil, err
	}
	if axes == nil {
		for i := range x.Dims {
			axes = append(axes, int64(i))
		}
	}
	if len(pads) != 2*len(axes) {
		return nil, nil, fmt.Errorf("%d paddings for %d axes of %v", len(pads), len(axes), x.Dims)
	}
	before, after = make([]int64, len(x.Dims)), make([]int64, len(x.Dims))
	for i, v := range axes {
		a, err := x.Axis(v)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range []int64{pads[i], pads[i+len(axes)]} {
			if p < -onnx.MaxElements || p > onnx.MaxElements {
				return nil, nil, fmt.Errorf("a padding of %d", p)
			}
		}
		before[a], after[a] = pads[i], pads[i+len(axes)]
	}
	return before, after, nil
}

// PadDims returns the dimensions of a Pad.
func (n *Call) PadDims() ([]int64, error) {
	before, after, err := n.Pads()
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(n.Args[0].Dims)
	for i := range dims {
		dims[i] += before[i] + after[i]
	}
	return dims, nil
}

// ResizeDims returns the dimensions of a Resize or Upsample.
func (n *Call) ResizeDims(opset int64) ([]int64, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	scales, sizes := 1, -1 // Upsample, and Resize of opset 10
	if n.Op == "Resize" && opset > 10 {
		scales, sizes = 2, 3
	}
	axes := n.AttrInts("axes")
	if axes == nil {
		for i := range x.Dims {
			axes = append(axes, int64(i))
		}
	}
	dims := slices.Clone(x.Dims)
	if sizes > 0 && n.Arg(sizes) != nil && len(n.Arg(sizes).Dims) == 1 && n.Arg(sizes).Dims[0] > 0 {
		v, err := n.Ints(sizes, "")
		if err != nil {
			return nil, err
		}
		if len(v) != len(axes) {
			return nil, fmt.Errorf("sizes %v of %v", v, x.Dims)
		}
		for i, a := range axes {
			k, err := x.Axis(a)
			if err != nil {
				return nil, err
			}
			dims[k] = v[i]
		}
		return n.keepAspect(x, dims, axes)
	}
	s := n.Arg(scales)
	if list := n.AttrFloats("scales"); s == nil && list != nil { // Upsample of opset 7 and 8
		s = &Tensor{}
		for _, v := range list {
			s.Values = append(s.Values, float64(v))
		}
	}
	if s == nil || len(s.Values) != len(axes) {
		return nil, &UnknownError{"scales"}
	}
	for i, a := range axes {
		k, err := x.Axis(a)
		if err != nil {
			return nil, err
		}
		if v := s.Values[i]; !(v > 0 && v <= maxScale) {
			return nil, fmt.Errorf("a scale of %g", v)
		}
		dims[k] = int64(math.Floor(float64(dims[k]) * s.Values[i]))
	}
	return dims, nil
}

// keepAspect returns the dimensions of a Resize to sizes that only bound the
// result, which keeps the ratio of its axes.
func (n *Call) keepAspect(x *Tensor, dims, axes []int64) ([]int64, error) {
	var better func(a, b float64) float64
	switch p := n.AttrString("keep_aspect_ratio_policy", "stretch"); p {
	case "stretch":
		return dims, nil
	case "not_larger":
		better = math.Min
	case "not_smaller":
		better = math.Max
	default:
		return nil, fmt.Errorf("keep_aspect_ratio_policy %q is not supported", p)
	}
	scale := 0.0
	for i, a := range axes {
		k, err := x.Axis(a)
		if err != nil {
			return nil, err
		}
		s := float64(dims[k]) / float64(max(1, x.Dims[k]))
		if i == 0 {
			scale = s
		}
		scale = better(scale, s)
	}
	if !(scale > 0 && scale <= maxScale) {
		return nil, fmt.Errorf("sizes that scale %v by %g", x.Dims, scale)
	}
	for _, a := range axes {
		k, err := x.Axis(a)
		if err != nil {
			return nil, err
		}
		dims[k] = int64(math.Round(scale * float64(x.Dims[k])))
	}
	return dims, nil
}
