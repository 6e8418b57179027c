// Package walk is the state of a walk over an ONNX graph: what is known of every
// tensor so far, and the network that the operators declare. The packages that
// turn nodes into operators share it.
package walk

import (
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/pattern"
)

// Entry is what is known of a named tensor while the graph is walked.
type Entry struct {
	infer.Tensor
	Fixed  bool   // the same in every inference: an initializer, a constant, or computed from such
	Param  int32  // parameter of the network, or NoParam
	Origin string // initializer that a constant is a view or a part of

	Val    graph.Value // data of the network, when it is no constant
	Ready  bool        // Val is set
	Cat    *Concat     // how Val was put together
	Pad    *Padding    // padding that the windows over it take in
	Rep    *Repeated   // Val holds every block once
	Cache  bool        // keys or values that stay on the device
	List   []*Entry    // the tensors of a sequence
	Given  bool        // an input of the network
	IsList bool        // a sequence, which may be empty
}

// NoParam is the Param of what is no parameter.
const NoParam = -1

// Padding says that an entry is another one with zeros around it, which Val
// does not hold: only convolutions and poolings read it.
type Padding struct {
	Before, After []int64 // of the spatial dimensions
}

// Concat says that data are the concatenation of others along an axis.
type Concat struct {
	Axis int
	From []*Entry
}

// Importer turns a graph into a network.
type Importer struct {
	Model   *onnx.Model
	Graph   *onnx.Graph
	B       *graph.Builder
	Tensors map[string]*Entry

	Choices  Choices
	Warnings []string

	Index *pattern.Index
	Work  int // pieces of data read and constant values computed so far
}

// Bounds of the time that a small file may take: the pieces of data that all
// nodes read, and the constant values that shapes depend on; the pieces of one
// concatenation.
const (
	MaxWork  = 1 << 22
	MaxParts = 1 << 12
)

// Choices say what a file leaves open.
type Choices struct {
	Bind      map[string]int64   // sizes of symbolic dimensions
	Set       map[string]float64 // values of scalar inputs
	Bound     map[string]int64   // operator or node -> most elements of a result whose size depends on data
	Pointwise bool               // operators that are not known are pointwise functions
}

// Empty reports whether nothing is said.
func (o *Choices) Empty() bool {
	return len(o.Bind)+len(o.Set)+len(o.Bound) == 0 && !o.Pointwise
}

// Warn adds a warning.
func (im *Importer) Warn(format string, args ...any) {
	im.Warnings = append(im.Warnings, fmt.Sprintf(format, args...))
}

// Input declares an input of the network: data, or token indices.
func (im *Importer) Input(name string, e *Entry) {
	e.Given = true
	if onnx.IsInteger(e.Type) {
		im.Set(e, im.B.Tokens(name, e.Elems()))
	} else {
		im.Set(e, im.B.Input(name, e.Elems(), 1, 1))
	}
}

// Set gives an entry its data, as one column.
func (im *Importer) Set(e *Entry, v graph.Value) {
	if im.B.Err() == nil {
		e.Val = im.B.Reshape(v, v.Elems(), 1, 1)
	}
	e.Ready = true
}

// Arg returns input i, nil when it is absent.
func (im *Importer) Arg(n *onnx.Node, i int) *Entry {
	if i >= len(n.In) || n.In[i] == "" {
		return nil
	}
	return im.Tensors[n.In[i]]
}

// Need returns input i, which must be there.
func (im *Importer) Need(n *onnx.Node, i int) (*Entry, error) {
	if e := im.Arg(n, i); e != nil {
		return e, nil
	}
	if i < len(n.In) && n.In[i] != "" {
		return nil, Unmodelled(n.In[i])
	}
	return nil, fmt.Errorf("input %d is missing", i)
}

// Unmodelled is the error of an input that no operator of the network holds.
func Unmodelled(name string) error {
	return fmt.Errorf("input %q is a result that is not modelled", name)
}

// DataArg returns input i as data of the network.
func (im *Importer) DataArg(n *onnx.Node, i int) (*Entry, error) {
	e, err := im.Need(n, i)
	switch {
	case err != nil:
		return nil, err
	case e.Fixed && (e.Elems() < 1 || e.IsList):
		return nil, &infer.UnknownError{What: fmt.Sprintf("data of input %q, which has no elements,", n.In[i])}
	case e.Fixed: // read where data are expected, as a table that nothing trains
		if e.Param == NoParam {
			e.Param = im.B.FrozenParam(n.In[i], e.Elems())
		}
		d := &Entry{Tensor: e.Tensor, Param: NoParam}
		im.Set(d, im.B.ConstantWith(n.In[i], e.Param))
		return d, nil
	case !e.Ready:
		return nil, Unmodelled(n.In[i])
	}
	return e, nil
}

// Data returns the first input as data of the network.
func (im *Importer) Data(n *onnx.Node) (*Entry, error) { return im.DataArg(n, 0) }

// DataAlong is Data with the dimension that the attribute axis names, the first
// one by default.
func (im *Importer) DataAlong(n *onnx.Node) (*Entry, int, error) {
	x, err := im.Data(n)
	if err != nil {
		return nil, 0, err
	}
	a, err := x.Axis(n.AttrInt("axis", 0))
	return x, a, err
}

// ParamOf returns the network's parameter that holds a constant: the initializer
// itself where the constant is a view of it, so that a tied weight is one
// parameter.
func (im *Importer) ParamOf(name string) int32 {
	e := im.Tensors[name]
	if o := im.Tensors[e.Origin]; o != nil && o.Elems() == e.Elems() {
		name, e = e.Origin, o
	}
	if e.Param == NoParam {
		e.Param = im.B.Param(name, e.Elems())
	}
	return e.Param
}

// TableOf is ParamOf of a constant that is added to data or multiplies them. It
// may be some rows of a table: the parameter is the table. What nodes compute of
// constants (rotary positions, masks) is frozen.
func (im *Importer) TableOf(name string) int32 {
	e := im.Tensors[name]
	if e.Origin != "" {
		return im.ParamOf(e.Origin)
	}
	if i, written := im.Index.From[name]; written && e.Param == NoParam && im.Graph.Nodes[i].Op != "Constant" {
		e.Param = im.B.FrozenParam(name, e.Elems())
	}
	return im.ParamOf(name)
}

// Call returns a node with what is known of its inputs.
func (im *Importer) Call(n *onnx.Node) *infer.Call {
	c := &infer.Call{Node: n, Args: make([]*infer.Tensor, len(n.In))}
	for i := range n.In {
		if e := im.Arg(n, i); e != nil {
			c.Args[i] = &e.Tensor
		}
	}
	return c
}

// CacheOf declares the cache that an input of past keys or values stands for.
func (im *Importer) CacheOf(name string, e *Entry) graph.Value {
	return im.B.State(name+".cache", workload.KVCache, e.Elems(), 1, 1)
}

// Alias gives output i of a node what is known of an entry.
func (im *Importer) Alias(n *onnx.Node, i int, e *Entry) {
	if i < len(n.Out) && n.Out[i] != "" {
		im.Tensors[n.Out[i]] = e
	}
}

// Result enters output i with dimensions; the caller sets its data.
func (im *Importer) Result(n *onnx.Node, i int, dims []int64, typ int64) (*Entry, error) {
	if _, err := onnx.Elements(dims); err != nil {
		return nil, err
	}
	e := &Entry{Tensor: infer.Tensor{Dims: dims, Type: typ}, Param: NoParam}
	if i < len(n.Out) && n.Out[i] != "" {
		im.Tensors[n.Out[i]] = e
	}
	return e, nil
}

// Give enters output i with dimensions and data.
func (im *Importer) Give(n *onnx.Node, i int, dims []int64, v graph.Value) error {
	typ := int64(onnx.TypeFloat)
	e, err := im.Result(n, i, dims, typ)
	if err != nil {
		return err
	}
	if im.B.Err() == nil && e.Elems() != v.Elems() {
		return fmt.Errorf("%d elements for a result of %v", v.Elems(), dims)
	}
	im.Set(e, v)
	return nil
}

// ParamList returns the parameters that hold constants.
func (im *Importer) ParamList(names []string) ([]int32, error) {
	var ps []int32
	for _, name := range names {
		e := im.Tensors[name]
		if e == nil || !e.Fixed || e.Elems() < 1 {
			return nil, fmt.Errorf("%q is not a constant with elements", name)
		}
		ps = append(ps, im.ParamOf(name))
	}
	return ps, nil
}

// Params returns the constant inputs of a node from input k, absent ones left
// out.
func (im *Importer) Params(n *onnx.Node, from, to int) ([]int32, error) {
	var names []string
	for k := from; k < min(to, len(n.In)); k++ {
		if n.In[k] != "" {
			names = append(names, n.In[k])
		}
	}
	return im.ParamList(names)
}

// Weight returns input k, a constant of a rank.
func (im *Importer) Weight(n *onnx.Node, k int, ranks ...int) (*Entry, error) {
	w, err := im.Need(n, k)
	if err != nil {
		return nil, err
	}
	if !w.Fixed {
		return nil, fmt.Errorf("weights %q depend on data", n.In[k])
	}
	if !slices.Contains(ranks, len(w.Dims)) || w.Elems() < 1 {
		return nil, fmt.Errorf("weights %q of dimensions %v", n.In[k], w.Dims)
	}
	return w, nil
}

// Repeated says that data are those of an entry with every one of outer blocks
// repeated.
type Repeated struct{ Outer, Times int64 }
