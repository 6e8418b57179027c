package infer

import (
	"fmt"
	"slices"
	"strconv"

	"stco/model/workload/onnx"
)

// Tensor is what is known of a tensor: its dimensions, its element type, and
// its values when they may be a shape.
type Tensor struct {
	Dims   []int64
	Type   int64
	Values []float64 // nil: not known
}

// Elems returns the number of elements.
func (t *Tensor) Elems() int64 { return t.Span(0, len(t.Dims)) }

// Span returns the product of the dimensions from lo up to hi.
func (t *Tensor) Span(lo, hi int) int64 {
	n := int64(1)
	for _, d := range t.Dims[lo:hi] {
		n *= d
	}
	return n
}

// Axis resolves a possibly negative axis.
func (t *Tensor) Axis(a int64) (int, error) { return axisOf(a, len(t.Dims)) }

func axisOf(a int64, rank int) (int, error) {
	at := a
	if a < 0 {
		at += int64(rank)
	}
	if at < 0 || at >= int64(rank) {
		return 0, fmt.Errorf("axis %d of a tensor of rank %d", a, rank)
	}
	return int(at), nil
}

// Call is a node with its inputs.
type Call struct {
	*onnx.Node
	Args []*Tensor // nil: absent
}

// Arg returns input i, nil when it is absent.
func (c *Call) Arg(i int) *Tensor {
	if i >= len(c.Args) {
		return nil
	}
	return c.Args[i]
}

// need returns input i, which must be there.
func (c *Call) need(i int) (*Tensor, error) {
	if t := c.Arg(i); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("input %d is missing", i)
}

// UnknownError says that the dimensions of a result depend on values that are not
// known.
type UnknownError struct{ What string }

// Error names the values.
func (e *UnknownError) Error() string {
	return "the " + e.What + " are needed and not known: they depend on data, or lie in another file"
}

// Ints returns the values of input i as integers, or those of an attribute when
// the input is absent. nil: neither is there.
func (c *Call) Ints(i int, attribute string) ([]int64, error) {
	t := c.Arg(i)
	if t == nil {
		if attribute == "" {
			return nil, nil
		}
		return c.AttrInts(attribute), nil
	}
	if t.Values == nil {
		return nil, &UnknownError{"values of input " + strconv.Quote(c.In[i])}
	}
	out := make([]int64, len(t.Values))
	for k, v := range t.Values {
		out[k] = Integer(v)
	}
	return out, nil
}

// Integer converts a value that may stand for "to the end".
func Integer(v float64) int64 {
	const big = 1 << 52
	if v != v {
		return 0
	}
	return int64(max(-big, min(big, v)))
}

// Broadcast returns the dimensions of an elementwise result.
func Broadcast(a, b []int64) ([]int64, error) {
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

// list returns the values of a result of dims whose value at an index is at;
// nil when there are more than may be a shape.
func list(dims []int64, at func(index []int64) float64) []float64 {
	n, err := onnx.Elements(dims)
	if err != nil || n > onnx.MaxValues {
		return nil
	}
	out := make([]float64, n)
	index := make([]int64, len(dims))
	for i := range out {
		out[i] = at(index)
		for k := len(dims) - 1; k >= 0; k-- {
			if index[k]++; index[k] < dims[k] {
				break
			}
			index[k] = 0
		}
	}
	return out
}

// at returns the value at an index of a result that the tensor was broadcast to.
func (t *Tensor) at(index []int64) float64 {
	k, lead := int64(0), len(index)-len(t.Dims)
	for i, d := range t.Dims {
		k *= d
		if d > 1 {
			k += index[lead+i]
		}
	}
	return t.Values[k]
}

// Filled returns a constant of equal values, which are kept when they are few.
func Filled(dims []int64, typ int64, v float64) (*Tensor, error) {
	if _, err := onnx.Elements(dims); err != nil {
		return nil, err
	}
	return &Tensor{Dims: dims, Type: typ, Values: list(dims, func([]int64) float64 { return v })}, nil
}

// reversed returns the dimensions in reverse order.
func reversed(dims []int64) []int64 {
	out := slices.Clone(dims)
	slices.Reverse(out)
	return out
}
