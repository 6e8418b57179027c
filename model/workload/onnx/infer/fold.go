package infer

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model/workload/onnx"
)

// ErrNotFolded is returned for an operator whose constants are not computed.
var ErrNotFolded = errors.New("operator is not supported on constants")

// Fold evaluates a node all of whose inputs are constant, or whose result
// depends on dimensions only. Values are computed where they are few; of other
// constants only the dimensions are known.
func (n *Call) Fold() (*Tensor, error) {
	switch n.Op {
	case "Constant":
		return Constant(n.Node)
	case "ConstantOfShape":
		return n.constantOfShape()
	case "Range":
		return n.foldRange()
	case "BlackmanWindow", "HannWindow", "HammingWindow":
		size, err := n.Ints(0, "")
		if err != nil || len(size) != 1 {
			return nil, errors.Join(err, fmt.Errorf("a window of %v", size))
		}
		return &Tensor{Dims: size, Type: onnx.TypeFloat}, nil
	case "MelWeightMatrix":
		bins, err := n.Ints(0, "")
		if err != nil {
			return nil, err
		}
		size, err := n.Ints(1, "")
		if err != nil || len(bins) != 1 || len(size) != 1 {
			return nil, errors.Join(err, fmt.Errorf("a matrix for %v bins and transforms of %v", bins, size))
		}
		return &Tensor{Dims: []int64{size[0]/2 + 1, bins[0]}, Type: onnx.TypeFloat}, nil
	case "RandomNormal", "RandomUniform":
		return &Tensor{Dims: n.AttrInts("shape"), Type: n.AttrInt("dtype", onnx.TypeFloat)}, nil
	}
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	switch n.Op {
	case "Shape":
		return n.foldShape(x), nil
	case "Size":
		return &Tensor{Dims: []int64{}, Type: onnx.TypeInt64, Values: []float64{float64(x.Elems())}}, nil
	case "Cast":
		return n.foldCast(x), nil
	case "Gather":
		return n.foldGather(x)
	case "Slice":
		return n.foldSlice(x)
	case "Concat":
		return n.foldConcat()
	case "Where":
		return n.foldWhere()
	case "Expand", "Tile":
		return n.foldExpand(x)
	case "Pad":
		dims, err := n.PadDims()
		return &Tensor{Dims: dims, Type: x.Type}, err
	case "ReduceProd", "ReduceSum", "ReduceMin", "ReduceMax", "ReduceMean":
		return n.foldReduce(x)
	case "MatMul":
		dims, err := n.MatMulDims()
		return &Tensor{Dims: dims, Type: x.Type}, err
	case "OneHot":
		dims, err := n.OneHotDims()
		return &Tensor{Dims: dims, Type: onnx.TypeFloat}, err
	case "DequantizeLinear":
		return &Tensor{Dims: x.Dims, Type: onnx.TypeFloat}, nil
	case "EyeLike", "Trilu", "CumSum", "Softmax", "LogSoftmax", "QuantizeLinear", "ScatterND", "ScatterElements", "Scatter",
		"RandomNormalLike", "RandomUniformLike", "Bernoulli", "LayerNormalization", "BatchNormalization":
		return &Tensor{Dims: x.Dims, Type: x.Type}, nil
	}
	return n.foldPointwise(x)
}

func (n *Call) foldPointwise(x *Tensor) (*Tensor, error) {
	if f := unaryFn(n.Op); f != nil {
		y := &Tensor{Dims: x.Dims, Type: x.Type, Values: slices.Clone(x.Values)}
		for i, v := range y.Values {
			y.Values[i] = f(v)
		}
		return y, nil
	}
	op := n.Op
	if op == "Mod" && n.AttrInt("fmod", 0) != 0 {
		op = "FMod" // the sign of the dividend
	}
	if f := binaryFn(op); f != nil {
		return n.foldBinary(f, x)
	}
	dims, err := n.ViewDims()
	if err != nil {
		return nil, err
	}
	if dims == nil {
		return nil, ErrNotFolded
	}
	y := &Tensor{Dims: dims, Type: x.Type, Values: x.Values}
	if n.Op == "Transpose" && x.Values != nil {
		perm := n.AttrInts("perm")
		if perm == nil {
			for i := range x.Dims {
				perm = append(perm, int64(len(x.Dims)-1-i))
			}
		}
		from := make([]int64, len(perm))
		y.Values = list(dims, func(index []int64) float64 {
			for i, p := range perm {
				from[p] = index[i]
			}
			return x.at(from)
		})
	}
	return y, nil
}

// Constant returns the value of a Constant node.
func Constant(n *onnx.Node) (*Tensor, error) {
	for _, a := range n.Attrs {
		switch a.Name {
		case "value", "sparse_value":
			if a.Tensor != nil {
				return &Tensor{Dims: a.Tensor.Dims, Type: a.Tensor.Type, Values: a.Tensor.Values}, nil
			}
		case "value_int":
			return &Tensor{Dims: []int64{}, Type: onnx.TypeInt64, Values: []float64{float64(a.Int)}}, nil
		case "value_float":
			return &Tensor{Dims: []int64{}, Type: onnx.TypeFloat, Values: []float64{float64(a.Float)}}, nil
		case "value_floats":
			t := &Tensor{Dims: []int64{int64(len(a.Floats))}, Type: onnx.TypeFloat, Values: []float64{}}
			for _, v := range a.Floats {
				t.Values = append(t.Values, float64(v))
			}
			return t, nil
		case "value_ints":
			t := &Tensor{Dims: []int64{int64(len(a.Ints))}, Type: onnx.TypeInt64, Values: []float64{}}
			for _, v := range a.Ints {
				t.Values = append(t.Values, float64(v))
			}
			return t, nil
		case "value_string", "value_strings": // text: no values that a shape could be
			return &Tensor{Dims: map[bool][]int64{true: {}, false: {1}}[a.Name == "value_string"]}, nil
		}
	}
	return nil, fmt.Errorf("a constant without a value that is supported")
}

func (n *Call) constantOfShape() (*Tensor, error) {
	dims, err := n.Ints(0, "")
	if err != nil {
		return nil, err
	}
	v, typ := 0.0, int64(onnx.TypeFloat)
	for _, a := range n.Attrs {
		if a.Tensor != nil {
			typ = a.Tensor.Type
			if len(a.Tensor.Values) == 1 {
				v = a.Tensor.Values[0]
			}
		}
	}
	return Filled(dims, typ, v)
}

func (n *Call) foldShape(x *Tensor) *Tensor {
	rank := int64(len(x.Dims))
	from, to := n.AttrInt("start", 0), n.AttrInt("end", rank)
	if from < 0 {
		from += rank
	}
	if to < 0 {
		to += rank
	}
	from = max(0, min(from, rank))
	to = max(from, min(to, rank))
	t := &Tensor{Dims: []int64{to - from}, Type: onnx.TypeInt64, Values: []float64{}}
	for _, d := range x.Dims[from:to] {
		t.Values = append(t.Values, float64(d))
	}
	return t
}

func (n *Call) foldCast(x *Tensor) *Tensor {
	y := &Tensor{Dims: x.Dims, Type: n.AttrInt("to", x.Type), Values: slices.Clone(x.Values)}
	if onnx.IsInteger(y.Type) {
		for i, v := range y.Values {
			y.Values[i] = math.Trunc(v)
			if y.Type == onnx.TypeBool {
				y.Values[i] = truth(v != 0)
			}
		}
	}
	return y
}

func (n *Call) foldRange() (*Tensor, error) {
	var v [3]float64
	for i := range v {
		t, err := n.need(i)
		if err != nil {
			return nil, err
		}
		if len(t.Values) != 1 {
			return nil, fmt.Errorf("the bounds of the range are not known")
		}
		v[i] = t.Values[0]
	}
	if v[2] == 0 || math.IsNaN(v[0]+v[1]+v[2]) {
		return nil, fmt.Errorf("a range from %g to %g by %g", v[0], v[1], v[2])
	}
	k := max(0, math.Ceil((v[1]-v[0])/v[2]))
	if k > onnx.MaxElements {
		return nil, fmt.Errorf("a range of %g values", k)
	}
	dims := []int64{int64(k)}
	return &Tensor{Dims: dims, Type: n.Args[0].Type, Values: list(dims, func(i []int64) float64 { return v[0] + float64(i[0])*v[2] })}, nil
}

// GatherDims returns the dimensions of a Gather and its axis.
func (n *Call) GatherDims() (dims []int64, axis int, err error) {
	x, err := n.need(0)
	if err != nil {
		return nil, 0, err
	}
	index, err := n.need(1)
	if err != nil {
		return nil, 0, err
	}
	a, err := x.Axis(n.AttrInt("axis", 0))
	if err != nil {
		return nil, 0, err
	}
	return slices.Concat(x.Dims[:a], index.Dims, x.Dims[a+1:]), a, nil
}

func (n *Call) foldGather(x *Tensor) (*Tensor, error) {
	dims, a, err := n.GatherDims()
	if err != nil {
		return nil, err
	}
	y, index := &Tensor{Dims: dims, Type: x.Type}, n.Args[1]
	if x.Values == nil || index.Values == nil {
		return y, nil
	}
	size := x.Dims[a]
	for _, f := range index.Values {
		if i := Integer(f); i < -size || i >= size {
			return nil, fmt.Errorf("index %d of %d values", i, size)
		}
	}
	from := make([]int64, len(x.Dims))
	k := len(index.Dims)
	y.Values = list(dims, func(at []int64) float64 {
		copy(from[:a], at[:a])
		i := Integer(index.at(at[a : a+k]))
		if i < 0 {
			i += size
		}
		from[a] = i
		copy(from[a+1:], at[a+k:])
		return x.at(from)
	})
	return y, nil
}

func (n *Call) foldSlice(x *Tensor) (*Tensor, error) {
	cuts, err := n.Cuts()
	if err != nil {
		return nil, err
	}
	y := &Tensor{Dims: slices.Clone(x.Dims), Type: x.Type}
	start, step := make([]int64, len(x.Dims)), slices.Repeat([]int64{1}, len(x.Dims))
	for _, c := range cuts {
		y.Dims[c.Axis], start[c.Axis], step[c.Axis] = c.Count, c.Start, c.Step
	}
	if x.Values == nil {
		return y, nil
	}
	from := make([]int64, len(x.Dims))
	y.Values = list(y.Dims, func(at []int64) float64 {
		for i := range from {
			from[i] = start[i] + at[i]*step[i]
		}
		return x.at(from)
	})
	return y, nil
}

func (n *Call) foldConcat() (*Tensor, error) {
	dims, a, err := n.ConcatDims()
	if err != nil {
		return nil, err
	}
	y := &Tensor{Dims: dims, Type: n.Args[0].Type}
	if slices.ContainsFunc(n.Args, func(t *Tensor) bool { return t.Values == nil }) {
		return y, nil
	}
	from := make([]int64, len(dims))
	y.Values = list(dims, func(at []int64) float64 {
		copy(from, at)
		for _, t := range n.Args {
			if from[a] < t.Dims[a] {
				return t.at(from)
			}
			from[a] -= t.Dims[a]
		}
		return 0
	})
	return y, nil
}

func (n *Call) foldBinary(f func(a, b float64) float64, x *Tensor) (*Tensor, error) {
	acc := x
	for i := range n.Args[1:] {
		y, err := n.need(i + 1)
		if err != nil {
			return nil, err
		}
		dims, err := Broadcast(acc.Dims, y.Dims)
		if err != nil {
			return nil, err
		}
		z, left := &Tensor{Dims: dims, Type: x.Type}, acc
		if left.Values != nil && y.Values != nil {
			z.Values = list(dims, func(at []int64) float64 {
				v := f(left.at(at), y.at(at))
				if onnx.IsInteger(z.Type) {
					v = math.Trunc(v)
				}
				return v
			})
		}
		acc = z
	}
	if len(n.Args) < 2 {
		return nil, errors.New("input 1 is missing")
	}
	return acc, nil
}

func (n *Call) foldWhere() (*Tensor, error) {
	var in [3]*Tensor
	var dims []int64
	known := true
	for i := range in {
		t, err := n.need(i)
		if err != nil {
			return nil, err
		}
		if dims, err = Broadcast(dims, t.Dims); err != nil {
			return nil, err
		}
		in[i], known = t, known && t.Values != nil
	}
	z := &Tensor{Dims: dims, Type: in[1].Type}
	if known {
		z.Values = list(dims, func(at []int64) float64 {
			if in[0].at(at) != 0 {
				return in[1].at(at)
			}
			return in[2].at(at)
		})
	}
	return z, nil
}

func (n *Call) foldExpand(x *Tensor) (*Tensor, error) {
	dims, err := n.ExpandDims()
	if err != nil {
		return nil, err
	}
	y := &Tensor{Dims: dims, Type: x.Type}
	if x.Values == nil {
		return y, nil
	}
	from := make([]int64, len(dims))
	lead := len(dims) - len(x.Dims)
	y.Values = list(dims, func(at []int64) float64 {
		copy(from, at)
		for i, d := range x.Dims { // Tile repeats, Expand repeats sizes of 1
			from[lead+i] %= d
		}
		return x.at(from)
	})
	return y, nil
}

func (n *Call) foldReduce(x *Tensor) (*Tensor, error) {
	dims, err := n.ReduceDims()
	if err != nil {
		return nil, err
	}
	y := &Tensor{Dims: dims, Type: x.Type}
	if y.Elems() != 1 || len(x.Values) == 0 {
		return y, nil
	}
	v := x.Values[0]
	for _, w := range x.Values[1:] {
		switch n.Op {
		case "ReduceProd":
			v *= w
		case "ReduceMin":
			v = min(v, w)
		case "ReduceMax":
			v = max(v, w)
		default:
			v += w
		}
	}
	if n.Op == "ReduceMean" {
		v /= float64(len(x.Values))
	}
	y.Values = []float64{v}
	return y, nil
}

// OneHotDims returns the dimensions of a OneHot, whose depth must be known.
func (n *Call) OneHotDims() ([]int64, error) {
	x, err := n.need(0)
	if err != nil {
		return nil, err
	}
	depth, err := n.Ints(1, "")
	if err != nil {
		return nil, err
	}
	a, err := axisOf(n.AttrInt("axis", -1), len(x.Dims)+1)
	if err != nil {
		return nil, err
	}
	if len(depth) != 1 || depth[0] < 1 {
		return nil, fmt.Errorf("a depth of %v", depth)
	}
	return slices.Insert(slices.Clone(x.Dims), a, depth[0]), nil
}
