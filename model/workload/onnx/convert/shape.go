package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
)

// broadcast returns the dimensions of an elementwise result.
func broadcast(a, b []int64) ([]int64, error) {
	rank := max(len(a), len(b))
	out := make([]int64, rank)
	at := func(d []int64, i int) int64 {
		if k := i - (rank - len(d)); k >= 0 {
			return d[k]
		}
		return 1
	}
	for i := range out {
		x, y := at(a, i), at(b, i)
		switch {
		case x == y || y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			return nil, fmt.Errorf("dimensions %v and %v do not broadcast", a, b)
		}
	}
	return out, nil
}

// viewDims returns the dimensions of operators that only reinterpret their
// input; nil for another operator.
func (im *importer) viewDims(n *onnx.Node, x *entry) ([]int64, error) {
	switch n.Op {
	case "Identity", "Cast", "Dropout", "CastLike":
		return slices.Clone(x.dims), nil
	case "Reshape":
		return im.reshape(n, x)
	case "Flatten":
		a := n.AttrInt("axis", 1)
		if a < 0 {
			a += int64(len(x.dims))
		}
		if a < 0 || a > int64(len(x.dims)) {
			return nil, fmt.Errorf("axis %d of a tensor of rank %d", a, len(x.dims))
		}
		return []int64{x.span(0, int(a)), x.span(int(a), len(x.dims))}, nil
	case "Squeeze":
		axes, err := im.ints(n, 1, "axes")
		if err != nil {
			return nil, err
		}
		return squeeze(x, axes)
	case "Unsqueeze":
		axes, err := im.ints(n, 1, "axes")
		if err != nil {
			return nil, err
		}
		return unsqueeze(x, axes)
	case "Transpose":
		perm := n.AttrInts("perm")
		if perm == nil {
			out := slices.Clone(x.dims)
			slices.Reverse(out)
			return out, nil
		}
		return permute(x, perm)
	}
	return nil, nil
}

func permute(x *entry, perm []int64) ([]int64, error) {
	out := make([]int64, 0, len(perm))
	seen := make([]bool, len(x.dims))
	for _, p := range perm {
		if p < 0 || p >= int64(len(x.dims)) || seen[p] {
			return nil, fmt.Errorf("permutation %v of a tensor of rank %d", perm, len(x.dims))
		}
		seen[p] = true
		out = append(out, x.dims[p])
	}
	if len(out) != len(x.dims) {
		return nil, fmt.Errorf("permutation %v of a tensor of rank %d", perm, len(x.dims))
	}
	return out, nil
}

func squeeze(x *entry, axes []int64) ([]int64, error) {
	drop := make([]bool, len(x.dims))
	for _, v := range axes {
		a, err := x.axis(v)
		if err != nil {
			return nil, err
		}
		if x.dims[a] != 1 {
			return nil, fmt.Errorf("axis %d has %d elements, not 1", v, x.dims[a])
		}
		drop[a] = true
	}
	out := []int64{}
	for i, d := range x.dims {
		if !drop[i] && (axes != nil || d != 1) {
			out = append(out, d)
		}
	}
	return out, nil
}

func unsqueeze(x *entry, axes []int64) ([]int64, error) {
	rank := len(x.dims) + len(axes)
	if rank > onnx.MaxRank {
		return nil, fmt.Errorf("rank %d: at most %d", rank, onnx.MaxRank)
	}
	add := make([]bool, rank)
	for _, v := range axes {
		a, err := axisOf(v, rank)
		if err != nil {
			return nil, err
		}
		if add[a] {
			return nil, fmt.Errorf("axis %d twice", v)
		}
		add[a] = true
	}
	out, k := make([]int64, rank), 0
	for i := range out {
		out[i] = 1
		if !add[i] {
			out[i] = x.dims[k]
			k++
		}
	}
	return out, nil
}

func (im *importer) reshape(n *onnx.Node, x *entry) ([]int64, error) {
	want, err := im.ints(n, 1, "shape")
	if err != nil {
		return nil, err
	}
	out := slices.Clone(want)
	if out == nil {
		out = []int64{}
	}
	if len(out) > onnx.MaxRank {
		return nil, fmt.Errorf("rank %d: at most %d", len(out), onnx.MaxRank)
	}
	free, prod := -1, int64(1)
	for i, d := range out {
		switch {
		case d == 0 && n.AttrInt("allowzero", 0) == 0:
			if i >= len(x.dims) {
				return nil, fmt.Errorf("shape %v copies dimension %d of a tensor of rank %d", want, i, len(x.dims))
			}
			out[i] = x.dims[i]
		case d == -1 && free < 0:
			free = i
			continue
		case d < 0:
			return nil, fmt.Errorf("shape %v", want)
		}
		if out[i] > 0 && prod > onnx.MaxElements/out[i] {
			return nil, fmt.Errorf("shape %v: more than %d elements", want, int64(onnx.MaxElements))
		}
		prod *= out[i]
	}
	if free >= 0 {
		if prod == 0 || x.elems()%prod != 0 {
			return nil, fmt.Errorf("%d elements as %v", x.elems(), want)
		}
		out[free] = x.elems() / prod
		prod = x.elems()
	}
	if prod != x.elems() {
		return nil, fmt.Errorf("%d elements as %v", x.elems(), want)
	}
	return out, nil
}

// cut is the part of one axis that a slice takes.
type cut struct {
	axis               int
	start, count, step int64
}

// cuts resolves the arguments of a Slice.
func (im *importer) cuts(n *onnx.Node, x *entry) ([]cut, error) {
	starts, err := im.ints(n, 1, "starts")
	if err != nil {
		return nil, err
	}
	ends, err := im.ints(n, 2, "ends")
	if err != nil {
		return nil, err
	}
	axes, err := im.ints(n, 3, "axes")
	if err != nil {
		return nil, err
	}
	steps, err := im.ints(n, 4, "")
	if err != nil {
		return nil, err
	}
	if len(ends) != len(starts) || (axes != nil && len(axes) != len(starts)) || (steps != nil && len(steps) != len(starts)) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(axes), len(steps))
	}
	out := make([]cut, len(starts))
	for i := range out {
		a := i
		if axes != nil {
			if a, err = x.axis(axes[i]); err != nil {
				return nil, err
			}
		} else if i >= len(x.dims) {
			return nil, fmt.Errorf("%d starts for a tensor of rank %d", len(starts), len(x.dims))
		}
		step := int64(1)
		if steps != nil {
			step = steps[i]
		}
		c, err := cutAxis(x.dims[a], starts[i], ends[i], step)
		if err != nil {
			return nil, err
		}
		c.axis = a
		out[i] = c
	}
	return out, nil
}

// cutAxis applies ONNX's rules for negative and overlong bounds.
func cutAxis(size, start, end, step int64) (cut, error) {
	if step == 0 {
		return cut{}, fmt.Errorf("a slice with step 0")
	}
	if start < 0 {
		start += size
	}
	if end < 0 {
		end += size
	}
	if step > 0 {
		start, end = max(0, min(start, size)), max(0, min(end, size))
		return cut{start: start, count: max(0, (end-start+step-1)/step), step: step}, nil
	}
	start, end = max(-1, min(start, size-1)), max(-1, min(end, size-1))
	return cut{start: start, count: max(0, (start-end-step-1)/-step), step: step}, nil
}

func concatDims(n *onnx.Node, ins []*entry) ([]int64, int, error) {
	if len(ins) == 0 || slices.Contains(ins, nil) {
		return nil, 0, fmt.Errorf("an input is missing")
	}
	a, err := ins[0].axis(n.AttrInt("axis", 0))
	if err != nil {
		return nil, 0, err
	}
	dims := slices.Clone(ins[0].dims)
	for _, in := range ins[1:] {
		if len(in.dims) != len(dims) {
			return nil, 0, fmt.Errorf("ranks %d and %d", len(dims), len(in.dims))
		}
		for i, d := range in.dims {
			if i != a && d != dims[i] {
				return nil, 0, fmt.Errorf("dimensions %v and %v along axis %d", dims, in.dims, a)
			}
		}
		dims[a] += in.dims[a]
	}
	return dims, a, nil
}

func (im *importer) expandDims(n *onnx.Node, x *entry) ([]int64, error) {
	v, err := im.ints(n, 1, "")
	if err != nil {
		return nil, err
	}
	if n.Op == "Expand" {
		return broadcast(x.dims, v)
	}
	if len(v) != len(x.dims) {
		return nil, fmt.Errorf("%d repeats for a tensor of rank %d", len(v), len(x.dims))
	}
	out := slices.Clone(x.dims)
	for i, r := range v {
		if r < 0 || (out[i] > 0 && r > onnx.MaxElements/out[i]) {
			return nil, fmt.Errorf("repeats %v of %v", v, x.dims)
		}
		out[i] *= r
	}
	return out, nil
}

// reduceDims returns the dimensions of a reduction.
func (im *importer) reduceDims(n *onnx.Node, x *entry) ([]int64, error) {
	axes, err := im.ints(n, 1, "axes")
	if err != nil {
		return nil, err
	}
	if axes == nil {
		axes = n.AttrInts("axes")
	}
	drop := make([]bool, len(x.dims))
	if len(axes) == 0 {
		if n.AttrInt("noop_with_empty_axes", 0) != 0 {
			return slices.Clone(x.dims), nil
		}
		for i := range drop {
			drop[i] = true
		}
	}
	for _, v := range axes {
		a, err := x.axis(v)
		if err != nil {
			return nil, err
		}
		drop[a] = true
	}
	dims := []int64{}
	keep := n.AttrInt("keepdims", 1) != 0
	for i, d := range x.dims {
		switch {
		case !drop[i]:
			dims = append(dims, d)
		case keep:
			dims = append(dims, 1)
		}
	}
	return dims, nil
}

// window returns the images, channels, pixels and window of a convolution or
// pooling over x, for filters of kernel pixels. A sequence is an image of width 1.
func window(n *onnx.Node, x *entry, kernel []int64) (images, c, h, w int64, k graph.Window, err error) {
	rank := len(x.dims) - 2
	if rank != 1 && rank != 2 {
		return 0, 0, 0, 0, k, fmt.Errorf("%d spatial dimensions: 1 and 2 are supported", rank)
	}
	if len(kernel) != rank {
		return 0, 0, 0, 0, k, fmt.Errorf("a window of %d dimensions over %d", len(kernel), rank)
	}
	images, c, h, w = x.dims[0], x.dims[1], x.dims[2], 1
	if rank == 2 {
		w = x.dims[3]
	}
	strides, err := spatial(n, "strides", rank)
	if err != nil {
		return 0, 0, 0, 0, k, err
	}
	dil, err := spatial(n, "dilations", rank)
	if err != nil {
		return 0, 0, 0, 0, k, err
	}
	pads := n.AttrInts("pads")
	if pads == nil {
		pads = make([]int64, 2*rank)
	}
	for _, v := range slices.Concat(kernel, strides, dil, pads, x.dims) {
		if v < 0 || v > 1<<24 {
			return 0, 0, 0, 0, k, fmt.Errorf("a size of %d: must be 0 to %d", v, 1<<24)
		}
	}
	if len(pads) != 2*rank {
		return 0, 0, 0, 0, k, fmt.Errorf("%d paddings for %d dimensions", len(pads), rank)
	}
	k = graph.Window{
		R: kernel[0], S: 1, StrideH: strides[0], StrideW: 1, DilH: dil[0], DilW: 1,
		PadH: pads[0], EndH: pads[rank] - pads[0], Ceil: n.AttrInt("ceil_mode", 0) != 0,
	}
	if rank == 2 {
		k.S, k.StrideW, k.DilW = kernel[1], strides[1], dil[1]
		k.PadW, k.EndW = pads[1], pads[3]-pads[1]
	}
	switch mode := n.AttrString("auto_pad", "NOTSET"); mode {
	case "NOTSET", "", "VALID":
	case "SAME_UPPER", "SAME_LOWER":
		k.PadH, k.EndH = same(h, k.R, k.StrideH, k.DilH, mode)
		k.PadW, k.EndW = same(w, k.S, k.StrideW, k.DilW, mode)
	default:
		return 0, 0, 0, 0, k, fmt.Errorf("auto_pad %q", mode)
	}
	return images, c, h, w, k, nil
}

// same returns the padding in front and the further padding behind that give
// ceil(size/stride) outputs.
func same(size, r, stride, dil int64, mode string) (pad, end int64) {
	if stride < 1 {
		return 0, 0
	}
	total := max(0, ((size+stride-1)/stride-1)*stride+dil*(r-1)+1-size)
	pad = total / 2
	if mode == "SAME_LOWER" {
		pad = total - total/2
	}
	return pad, total - 2*pad
}

// spatial returns an attribute with one value per spatial dimension, 1 when it
// is absent.
func spatial(n *onnx.Node, name string, rank int) ([]int64, error) {
	v := n.AttrInts(name)
	if v == nil {
		return slices.Repeat([]int64{1}, rank), nil
	}
	if len(v) != rank {
		return nil, fmt.Errorf("%d %s for %d dimensions", len(v), name, rank)
	}
	return v, nil
}
