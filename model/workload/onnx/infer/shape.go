package infer

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
)

// ViewDims returns the dimensions of operators that only reinterpret their
// input; nil for another operator.
func (n *Call) ViewDims() ([]int64, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	switch n.Op {
	case "Identity", "Cast", "Dropout", "CastLike":
		return append([]int64{}, x.Dims...), nil // a scalar too has dimensions
	case "Reshape":
		return n.reshape(x)
	case "Flatten":
		a := n.AttrInt("axis", 1)
		if a < 0 {
			a += int64(len(x.Dims))
		}
		if a < 0 || a > int64(len(x.Dims)) {
			return nil, fmt.Errorf("axis %d of a tensor of rank %d", a, len(x.Dims))
		}
		return []int64{x.Span(0, int(a)), x.Span(int(a), len(x.Dims))}, nil
	case "Squeeze":
		axes, err := n.Ints(1, "axes")
		if err != nil {
			return nil, err
		}
		return squeeze(x, axes)
	case "Unsqueeze":
		axes, err := n.Ints(1, "axes")
		if err != nil {
			return nil, err
		}
		return unsqueeze(x, axes)
	case "Transpose":
		perm := n.AttrInts("perm")
		if perm == nil {
			return reversed(x.Dims), nil
		}
		return permute(x, perm)
	}
	return nil, nil
}

func permute(x *Tensor, perm []int64) ([]int64, error) {
	out := make([]int64, 0, len(perm))
	seen := make([]bool, len(x.Dims))
	for _, p := range perm {
		if p < 0 || p >= int64(len(x.Dims)) || seen[p] {
			return nil, fmt.Errorf("permutation %v of a tensor of rank %d", perm, len(x.Dims))
		}
		seen[p] = true
		out = append(out, x.Dims[p])
	}
	if len(out) != len(x.Dims) {
		return nil, fmt.Errorf("permutation %v of a tensor of rank %d", perm, len(x.Dims))
	}
	return out, nil
}

func squeeze(x *Tensor, axes []int64) ([]int64, error) {
	drop := make([]bool, len(x.Dims))
	for _, v := range axes {
		a, err := x.Axis(v)
		if err != nil {
			return nil, err
		}
		if x.Dims[a] != 1 {
			return nil, fmt.Errorf("axis %d has %d elements, not 1", v, x.Dims[a])
		}
		drop[a] = true
	}
	out := []int64{}
	for i, d := range x.Dims {
		if !drop[i] && (axes != nil || d != 1) {
			out = append(out, d)
		}
	}
	return out, nil
}

func unsqueeze(x *Tensor, axes []int64) ([]int64, error) {
	rank := len(x.Dims) + len(axes)
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
			out[i] = x.Dims[k]
			k++
		}
	}
	return out, nil
}

func (n *Call) reshape(x *Tensor) ([]int64, error) {
	want, err := n.Ints(1, "shape")
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
			if i >= len(x.Dims) {
				return nil, fmt.Errorf("shape %v copies dimension %d of a tensor of rank %d", want, i, len(x.Dims))
			}
			out[i] = x.Dims[i]
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
		if prod == 0 || x.Elems()%prod != 0 {
			return nil, fmt.Errorf("%d elements as %v", x.Elems(), want)
		}
		out[free] = x.Elems() / prod
		prod = x.Elems()
	}
	if prod != x.Elems() {
		return nil, fmt.Errorf("%d elements as %v", x.Elems(), want)
	}
	return out, nil
}

// Cut is the part of one axis that a slice takes.
type Cut struct {
	Axis               int
	Start, Count, Step int64
}

// Cuts resolves the arguments of a Slice.
func (n *Call) Cuts() ([]Cut, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	starts, err := n.Ints(1, "starts")
	if err != nil {
		return nil, err
	}
	ends, err := n.Ints(2, "ends")
	if err != nil {
		return nil, err
	}
	axes, err := n.Ints(3, "axes")
	if err != nil {
		return nil, err
	}
	steps, err := n.Ints(4, "")
	if err != nil {
		return nil, err
	}
	if len(ends) != len(starts) || (axes != nil && len(axes) != len(starts)) || (steps != nil && len(steps) != len(starts)) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(axes), len(steps))
	}
	out := make([]Cut, len(starts))
	for i := range out {
		a := i
		if axes != nil {
			if a, err = x.Axis(axes[i]); err != nil {
				return nil, err
			}
		} else if i >= len(x.Dims) {
			return nil, fmt.Errorf("%d starts for a tensor of rank %d", len(starts), len(x.Dims))
		}
		step := int64(1)
		if steps != nil {
			step = steps[i]
		}
		c, err := cutAxis(x.Dims[a], starts[i], ends[i], step)
		if err != nil {
			return nil, err
		}
		c.Axis = a
		out[i] = c
	}
	return out, nil
}

// cutAxis applies ONNX's rules for negative and overlong bounds.
func cutAxis(size, start, end, step int64) (Cut, error) {
	if step == 0 {
		return Cut{}, fmt.Errorf("a slice with step 0")
	}
	if start < 0 {
		start += size
	}
	if end < 0 {
		end += size
	}
	if step > 0 {
		start, end = max(0, min(start, size)), max(0, min(end, size))
		return Cut{Start: start, Count: max(0, (end-start+step-1)/step), Step: step}, nil
	}
	start, end = max(-1, min(start, size-1)), max(-1, min(end, size-1))
	return Cut{Start: start, Count: max(0, (start-end-step-1)/-step), Step: step}, nil
}

// ConcatDims returns the dimensions of a Concat and its axis.
func (n *Call) ConcatDims() (dims []int64, axis int, err error) {
	ins := n.Args
	if len(ins) == 0 || slices.Contains(ins, nil) {
		return nil, 0, fmt.Errorf("an input is missing")
	}
	a, err := ins[0].Axis(n.AttrInt("axis", 0))
	if err != nil {
		return nil, 0, err
	}
	dims = slices.Clone(ins[0].Dims)
	for _, in := range ins[1:] {
		if len(in.Dims) != len(dims) {
			return nil, 0, fmt.Errorf("ranks %d and %d", len(dims), len(in.Dims))
		}
		for i, d := range in.Dims {
			if i != a && d != dims[i] {
				return nil, 0, fmt.Errorf("dimensions %v and %v along axis %d", dims, in.Dims, a)
			}
		}
		dims[a] += in.Dims[a]
	}
	return dims, a, nil
}

// MatMulDims returns the dimensions of a batched product.
func (n *Call) MatMulDims() ([]int64, error) {
	a, err := n.need(0)
	if err != nil {
		return nil, err
	}
	b, err := n.need(1)
	if err != nil {
		return nil, err
	}
	da, db := a.Dims, b.Dims
	if len(da) < 1 || len(db) < 1 {
		return nil, fmt.Errorf("factors of dimensions %v and %v", da, db)
	}
	row, col := len(da) == 1, len(db) == 1 // vectors
	if row {
		da = []int64{1, da[0]}
	}
	if col {
		db = []int64{db[0], 1}
	}
	if da[len(da)-1] != db[len(db)-2] {
		return nil, fmt.Errorf("a product of %v by %v", a.Dims, b.Dims)
	}
	dims, err := Broadcast(da[:len(da)-2], db[:len(db)-2])
	if err != nil {
		return nil, err
	}
	if !row {
		dims = append(dims, da[len(da)-2])
	}
	if !col {
		dims = append(dims, db[len(db)-1])
	}
	return dims, nil
}

// ExpandDims returns the dimensions of an Expand or Tile.
func (n *Call) ExpandDims() ([]int64, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	v, err := n.Ints(1, "")
	if err != nil {
		return nil, err
	}
	if n.Op == "Expand" {
		return Broadcast(x.Dims, v)
	}
	if len(v) != len(x.Dims) {
		return nil, fmt.Errorf("%d repeats for a tensor of rank %d", len(v), len(x.Dims))
	}
	out := slices.Clone(x.Dims)
	for i, r := range v {
		if r < 0 || (out[i] > 0 && r > onnx.MaxElements/out[i]) {
			return nil, fmt.Errorf("repeats %v of %v", v, x.Dims)
		}
		out[i] *= r
	}
	return out, nil
}

// ReduceDims returns the dimensions of a reduction.
func (n *Call) ReduceDims() ([]int64, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	axes, err := n.Ints(1, "axes")
	if err != nil {
		return nil, err
	}
	if axes == nil {
		axes = n.AttrInts("axes")
	}
	drop := make([]bool, len(x.Dims))
	if len(axes) == 0 {
		if n.AttrInt("noop_with_empty_axes", 0) != 0 {
			return slices.Clone(x.Dims), nil
		}
		for i := range drop {
			drop[i] = true
		}
	}
	for _, v := range axes {
		a, err := x.Axis(v)
		if err != nil {
			return nil, err
		}
		drop[a] = true
	}
	dims := []int64{}
	keep := n.AttrInt("keepdims", 1) != 0
	for i, d := range x.Dims {
		switch {
		case !drop[i]:
			dims = append(dims, d)
		case keep:
			dims = append(dims, 1)
		}
	}
	return dims, nil
}

// Window returns the images, channels, pixels and window of a convolution or
// pooling over x, for filters of kernel pixels. A sequence is an image of width 1.
func (n *Call) Window(x *Tensor, kernel []int64) (images, c, h, w int64, k graph.Window, err error) {
	rank := len(x.Dims) - 2
	if rank != 1 && rank != 2 {
		return 0, 0, 0, 0, k, fmt.Errorf("an input of dimensions %v: images, channels and 1 to 3 spatial dimensions are expected", x.Dims)
	}
	if len(kernel) != rank {
		return 0, 0, 0, 0, k, fmt.Errorf("a window of %d dimensions over %d", len(kernel), rank)
	}
	images, c, h, w = x.Dims[0], x.Dims[1], x.Dims[2], 1
	if rank == 2 {
		w = x.Dims[3]
	}
	strides, err := n.spatial("strides", rank)
	if err != nil {
		return 0, 0, 0, 0, k, err
	}
	dil, err := n.spatial("dilations", rank)
	if err != nil {
		return 0, 0, 0, 0, k, err
	}
	pads := n.AttrInts("pads")
	if pads == nil {
		pads = make([]int64, 2*rank)
	}
	for _, v := range slices.Concat(kernel, strides, dil, pads, x.Dims) {
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
func (n *Call) spatial(name string, rank int) ([]int64, error) {
	v := n.AttrInts(name)
	if v == nil {
		return slices.Repeat([]int64{1}, rank), nil
	}
	if len(v) != rank {
		return nil, fmt.Errorf("%d %s for %d dimensions", len(v), name, rank)
	}
	return v, nil
}
