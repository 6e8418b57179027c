package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"math"
	"slices"
)

// fold evaluates a node all of whose inputs are constant. Its values are
// computed where a shape may need them; of other constants only the dimensions
// are kept.
func (im *importer) fold(n *onnx.Node) error {
	e, err := im.foldEntry(n)
	if err != nil {
		return err
	}
	e.fixed, e.param = true, noParam
	if im.work += len(e.values); im.work > maxWork {
		return fmt.Errorf("constants of more than %d computed values", maxWork)
	}
	if k, err := onnx.Elements(e.dims); err != nil {
		return err
	} else if e.values != nil && int64(len(e.values)) != k {
		return fmt.Errorf("%d values for %v", len(e.values), e.dims)
	}
	im.tens[n.Out[0]] = e
	return nil
}

func (im *importer) foldEntry(n *onnx.Node) (*entry, error) {
	switch n.Op {
	case "Constant":
		return constant(n)
	case "Shape":
		return im.foldShape(n)
	case "ConstantOfShape":
		dims, err := im.ints(n, 0, "")
		if err != nil {
			return nil, err
		}
		v := 0.0
		typ := int64(onnx.TypeFloat)
		for _, a := range n.Attrs {
			if a.Tensor != nil {
				typ = a.Tensor.Type
				if len(a.Tensor.Values) == 1 {
					v = a.Tensor.Values[0]
				}
			}
		}
		return filled(dims, typ, v)
	case "Range":
		return im.foldRange(n)
	}
	ins := make([]*entry, len(n.In))
	for i := range n.In {
		ins[i] = im.arg(n, i)
	}
	if len(ins) == 0 || ins[0] == nil {
		return nil, fmt.Errorf("operator is not supported on constants")
	}
	x := ins[0]
	switch n.Op {
	case "Size":
		return &entry{dims: []int64{}, typ: onnx.TypeInt64, values: []float64{float64(x.elems())}}, nil
	case "Cast":
		y := &entry{dims: x.dims, typ: n.AttrInt("to", x.typ), values: slices.Clone(x.values)}
		if onnx.IsInteger(y.typ) {
			for i, v := range y.values {
				y.values[i] = math.Trunc(v)
			}
		}
		return y, nil
	case "Gather":
		return im.foldGather(n, x, ins)
	case "Slice":
		return im.foldSlice(n, x)
	case "Concat":
		return foldConcat(n, ins)
	}
	if f := unaryFn(n.Op); f != nil {
		y := &entry{dims: x.dims, typ: x.typ, values: slices.Clone(x.values)}
		for i, v := range y.values {
			y.values[i] = f(v)
		}
		return y, nil
	}
	if f := binaryFn(n.Op); f != nil && len(ins) == 2 && ins[1] != nil {
		return foldBinary(f, x, ins[1])
	}
	if dims, err := im.viewDims(n, x); err != nil {
		return nil, err
	} else if dims != nil {
		y := &entry{dims: dims, typ: x.typ}
		if n.Op != "Transpose" || len(x.dims) < 2 {
			y.values = x.values
		}
		return y, nil
	}
	switch n.Op {
	case "Expand", "Tile":
		dims, err := im.expandDims(n, x)
		if err != nil {
			return nil, err
		}
		y := &entry{dims: dims, typ: x.typ}
		if len(x.values) == 1 {
			return filled(dims, x.typ, x.values[0])
		}
		if y.elems() == x.elems() {
			y.values = x.values
		}
		return y, nil
	case "Where":
		return foldWhere(ins)
	case "ReduceProd", "ReduceSum", "ReduceMin", "ReduceMax", "ReduceMean":
		return im.foldReduce(n, x)
	}
	return nil, fmt.Errorf("operator is not supported on constants")
}

// filled returns a constant of equal values, which are kept when they are few.
func filled(dims []int64, typ int64, v float64) (*entry, error) {
	n, err := onnx.Elements(dims)
	if err != nil {
		return nil, err
	}
	e := &entry{dims: dims, typ: typ}
	if n <= onnx.MaxValues {
		e.values = make([]float64, n)
		for i := range e.values {
			e.values[i] = v
		}
	}
	return e, nil
}

func constant(n *onnx.Node) (*entry, error) {
	for _, a := range n.Attrs {
		switch a.Name {
		case "value":
			if a.Tensor != nil {
				return &entry{dims: a.Tensor.Dims, typ: a.Tensor.Type, values: a.Tensor.Values}, nil
			}
		case "value_int":
			return &entry{dims: []int64{}, typ: onnx.TypeInt64, values: []float64{float64(a.Int)}}, nil
		case "value_float":
			return &entry{dims: []int64{}, typ: onnx.TypeFloat, values: []float64{float64(a.Float)}}, nil
		case "value_ints":
			e := &entry{dims: []int64{int64(len(a.Ints))}, typ: onnx.TypeInt64, values: []float64{}}
			for _, v := range a.Ints {
				e.values = append(e.values, float64(v))
			}
			return e, nil
		}
	}
	return nil, fmt.Errorf("a constant without a value that is supported")
}

func (im *importer) foldShape(n *onnx.Node) (*entry, error) {
	x, err := im.need(n, 0)
	if err != nil {
		return nil, err
	}
	rank := int64(len(x.dims))
	from, to := n.AttrInt("start", 0), n.AttrInt("end", rank)
	if from < 0 {
		from += rank
	}
	if to < 0 {
		to += rank
	}
	from = max(0, min(from, rank))
	to = max(from, min(to, rank))
	e := &entry{dims: []int64{to - from}, typ: onnx.TypeInt64, values: []float64{}}
	for _, d := range x.dims[from:to] {
		e.values = append(e.values, float64(d))
	}
	return e, nil
}

func (im *importer) foldRange(n *onnx.Node) (*entry, error) {
	var v [3]float64
	for i := range v {
		e, err := im.need(n, i)
		if err != nil {
			return nil, err
		}
		if len(e.values) != 1 {
			return nil, fmt.Errorf("the bounds of the range are not known")
		}
		v[i] = e.values[0]
	}
	if v[2] == 0 || math.IsNaN(v[0]+v[1]+v[2]) {
		return nil, fmt.Errorf("a range from %g to %g by %g", v[0], v[1], v[2])
	}
	k := max(0, math.Ceil((v[1]-v[0])/v[2]))
	if k > onnx.MaxElements {
		return nil, fmt.Errorf("a range of %g values", k)
	}
	e := &entry{dims: []int64{int64(k)}, typ: onnx.TypeInt64}
	if k <= onnx.MaxValues {
		e.values = []float64{}
		for i := range int(k) {
			e.values = append(e.values, v[0]+float64(i)*v[2])
		}
	}
	return e, nil
}

func (im *importer) foldGather(n *onnx.Node, x *entry, ins []*entry) (*entry, error) {
	if len(ins) < 2 || ins[1] == nil {
		return nil, fmt.Errorf("indices are missing")
	}
	a, err := x.axis(n.AttrInt("axis", 0))
	if err != nil {
		return nil, err
	}
	dims := slices.Concat(x.dims[:a], ins[1].dims, x.dims[a+1:])
	y := &entry{dims: dims, typ: x.typ}
	if len(x.dims) != 1 || x.values == nil || ins[1].values == nil {
		return y, nil
	}
	y.values = []float64{}
	for _, f := range ins[1].values {
		i := clampInt(f)
		if i < 0 {
			i += int64(len(x.values))
		}
		if i < 0 || i >= int64(len(x.values)) {
			return nil, fmt.Errorf("index %d of %d values", i, len(x.values))
		}
		y.values = append(y.values, x.values[i])
	}
	return y, nil
}

func (im *importer) foldSlice(n *onnx.Node, x *entry) (*entry, error) {
	cuts, err := im.cuts(n, x)
	if err != nil {
		return nil, err
	}
	y := &entry{dims: slices.Clone(x.dims), typ: x.typ}
	for _, c := range cuts {
		y.dims[c.axis] = c.count
	}
	if len(x.dims) == 1 && x.values != nil && len(cuts) == 1 {
		y.values = []float64{}
		for i := range cuts[0].count {
			y.values = append(y.values, x.values[cuts[0].start+i*cuts[0].step])
		}
	}
	return y, nil
}

func foldConcat(n *onnx.Node, ins []*entry) (*entry, error) {
	dims, a, err := concatDims(n, ins)
	if err != nil {
		return nil, err
	}
	y := &entry{dims: dims, typ: ins[0].typ}
	if a != 0 || len(dims) != 1 || dims[0] > onnx.MaxValues {
		return y, nil
	}
	y.values = []float64{}
	for _, in := range ins {
		if in.values == nil {
			y.values = nil
			break
		}
		y.values = append(y.values, in.values...)
	}
	return y, nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// unaryFn returns a function of one value that exporters use in shapes.
func unaryFn(op string) func(float64) float64 {
	switch op {
	case "Identity":
		return func(a float64) float64 { return a }
	case "Neg":
		return func(a float64) float64 { return -a }
	case "Not":
		return func(a float64) float64 { return truth(a == 0) }
	case "Reciprocal":
		return func(a float64) float64 { return 1 / a }
	case "Abs":
		return math.Abs
	case "Floor":
		return math.Floor
	case "Ceil":
		return math.Ceil
	case "Round":
		return math.RoundToEven
	case "Sqrt":
		return math.Sqrt
	case "Exp":
		return math.Exp
	case "Log":
		return math.Log
	case "Sin":
		return math.Sin
	case "Cos":
		return math.Cos
	}
	return nil
}

// binaryFn returns a function of two values that exporters use in shapes.
func binaryFn(op string) func(a, b float64) float64 {
	switch op {
	case "Add":
		return func(a, b float64) float64 { return a + b }
	case "Sub":
		return func(a, b float64) float64 { return a - b }
	case "Mul":
		return func(a, b float64) float64 { return a * b }
	case "Div":
		return func(a, b float64) float64 { return a / b }
	case "Mod":
		return math.Mod
	case "Pow":
		return math.Pow
	case "Min":
		return math.Min
	case "Max":
		return math.Max
	case "Equal":
		return func(a, b float64) float64 { return truth(a == b) }
	case "Less":
		return func(a, b float64) float64 { return truth(a < b) }
	case "LessOrEqual":
		return func(a, b float64) float64 { return truth(a <= b) }
	case "Greater":
		return func(a, b float64) float64 { return truth(a > b) }
	case "GreaterOrEqual":
		return func(a, b float64) float64 { return truth(a >= b) }
	case "And":
		return func(a, b float64) float64 { return truth(a != 0 && b != 0) }
	case "Or":
		return func(a, b float64) float64 { return truth(a != 0 || b != 0) }
	}
	return nil
}

func foldBinary(f func(a, b float64) float64, x, y *entry) (*entry, error) {
	dims, err := broadcast(x.dims, y.dims)
	if err != nil {
		return nil, err
	}
	z := &entry{dims: dims, typ: x.typ}
	n := z.elems()
	if x.values == nil || y.values == nil || n > onnx.MaxValues || !spreads(x, n) || !spreads(y, n) {
		return z, nil
	}
	z.values = make([]float64, n)
	for i := range z.values {
		v := f(x.values[i%len(x.values)], y.values[i%len(y.values)])
		if onnx.IsInteger(z.typ) {
			v = math.Trunc(v)
		}
		z.values[i] = v
	}
	return z, nil
}

// spreads reports whether values broadcast to n without a change of order.
func spreads(e *entry, n int64) bool {
	return int64(len(e.values)) == n || len(e.values) == 1
}

func foldWhere(ins []*entry) (*entry, error) {
	if len(ins) != 3 || ins[1] == nil || ins[2] == nil {
		return nil, fmt.Errorf("needs three inputs")
	}
	dims, err := broadcast(ins[0].dims, ins[1].dims)
	if err == nil {
		dims, err = broadcast(dims, ins[2].dims)
	}
	if err != nil {
		return nil, err
	}
	z := &entry{dims: dims, typ: ins[1].typ}
	n := z.elems()
	for _, in := range ins {
		if in.values == nil || n > onnx.MaxValues || !spreads(in, n) {
			return z, nil
		}
	}
	z.values = make([]float64, n)
	for i := range z.values {
		pick := ins[2]
		if ins[0].values[i%len(ins[0].values)] != 0 {
			pick = ins[1]
		}
		z.values[i] = pick.values[i%len(pick.values)]
	}
	return z, nil
}

func (im *importer) foldReduce(n *onnx.Node, x *entry) (*entry, error) {
	dims, err := im.reduceDims(n, x)
	if err != nil {
		return nil, err
	}
	y := &entry{dims: dims, typ: x.typ}
	if y.elems() != 1 || len(x.values) == 0 {
		return y, nil
	}
	v := x.values[0]
	for _, w := range x.values[1:] {
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
		v /= float64(len(x.values))
	}
	y.values = []float64{v}
	return y, nil
}
