package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/pattern"
)

// entry is what is known of a named tensor while the graph is walked.
type entry struct {
	infer.Tensor
	fixed  bool   // the same in every inference: an initializer, a constant, or computed from such
	param  int32  // parameter of the network, or noParam
	origin string // initializer that a constant is a view or a part of

	val   graph.Value // data of the network, when it is no constant
	ready bool        // val is set
	cat   *concat     // how val was put together
	pad   *padding    // padding that the windows over it take in
	rep   *repeated   // val holds every block once
	cache bool        // keys or values that stay on the device
}

const noParam = -1

// padding says that an entry is another one with zeros around it, which val
// does not hold: only convolutions and poolings read it.
type padding struct {
	before, after []int64 // of the spatial dimensions
}

// concat says that data are the concatenation of others along an axis.
type concat struct {
	axis int
	from []*entry
}

// importer turns a graph into a network.
type importer struct {
	m    *onnx.Model
	g    *onnx.Graph
	b    *graph.Builder
	tens map[string]*entry

	o        Choices
	warnings []string

	ix   *pattern.Index
	work int // pieces of data read and constant values computed so far
}

// Bounds of the time that a small file may take: the pieces of data that all
// nodes read, and the constant values that shapes depend on; the pieces of one
// concatenation.
const (
	maxWork  = 1 << 22
	maxParts = 1 << 12
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

// Network returns the graph as a network called name, with the symbolic
// dimensions bound, and warnings. Every symbol must be bound, but the first
// dimension of an input, which is 1 when nothing is said, and nothing else may.
// The bound batch is one item of the network: the batch of a run multiplies it.
func Network(m *onnx.Model, name string, o Choices) (*graph.Network, []string, error) {
	im, err := walk(m, name, o)
	if err != nil {
		return nil, nil, err
	}
	im.b.MarkAttention()
	n, err := im.b.Network()
	return n, im.warnings, err
}

func (im *importer) warn(format string, args ...any) {
	im.warnings = append(im.warnings, fmt.Sprintf(format, args...))
}

// walk infers every shape and declares the operators of the graph.
func walk(m *onnx.Model, name string, o Choices) (*importer, error) {
	m, err := prepare(m, &o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	im := &importer{
		m: m, b: graph.NewBuilder(name), tens: map[string]*entry{}, o: o,
	}
	if err := im.declare(o.Bind); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if im.ix, err = pattern.Find(m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	im.g = im.ix.Graph
	for i := range im.g.Nodes {
		n := &im.g.Nodes[i]
		if err := im.node(i); err != nil {
			return nil, fmt.Errorf("%s: node %q (%s, opset %d): %w", name, n.Name, n.FullOp(), m.Opset, err)
		}
		if err := im.b.Err(); err != nil { // names the network itself
			return nil, fmt.Errorf("node %q (%s, opset %d): %w", n.Name, n.FullOp(), m.Opset, err)
		}
	}
	if err := im.outputs(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return im, nil
}

// declare enters initializers and bound inputs.
func (im *importer) declare(bind map[string]int64) error {
	for i := range im.m.Graph.Tensors {
		t := &im.m.Graph.Tensors[i]
		if im.tens[t.Name] != nil {
			return fmt.Errorf("two initializers are called %q", t.Name)
		}
		im.tens[t.Name] = &entry{Tensor: infer.Tensor{Dims: t.Dims, Type: t.Type, Values: t.Values}, fixed: true, param: noParam}
	}
	used := map[string]bool{}
	var unbound []string
	for _, in := range im.m.RuntimeInputs() {
		if im.tens[in.Name] != nil {
			return fmt.Errorf("two inputs are called %q", in.Name)
		}
		dims := make([]int64, len(in.Dims))
		for j, d := range in.Dims {
			v, symbol := d.Value, d.Symbol
			if symbol == "" && v == 0 {
				return fmt.Errorf("dimension %d of input %q is 0: must be at least 1", j, in.Name)
			}
			if symbol == "" && v < 1 {
				symbol = fmt.Sprintf("%s.%d", in.Name, j) // a dimension without name or value
			}
			if symbol != "" {
				b, ok := bind[symbol]
				if !ok && j == 0 {
					if !used[symbol] {
						im.warn("dimension 0 of input %q (%s) is not bound and taken as 1", in.Name, symbol)
					}
					b, ok = 1, true
				}
				if !ok {
					unbound = append(unbound, fmt.Sprintf("%s (dimension %d of input %q)", symbol, j, in.Name))
					continue
				}
				if b < 1 || b > 1<<20 {
					return fmt.Errorf("bind %s=%d: must be 1 to %d", symbol, b, 1<<20)
				}
				used[symbol] = true
				v = b
			}
			dims[j] = v
		}
		e := &entry{Tensor: infer.Tensor{Dims: dims, Type: in.Type}, param: noParam}
		if len(unbound) == 0 {
			if _, err := onnx.Elements(dims); err != nil {
				return fmt.Errorf("input %q: %w", in.Name, err)
			}
			im.input(in.Name, e)
		}
		im.tens[in.Name] = e
	}
	if len(unbound) > 0 {
		return fmt.Errorf("symbolic dimensions are not bound: %s", strings.Join(unbound, ", "))
	}
	for _, s := range slices.Sorted(mapKeys(bind)) {
		if !used[s] && (s != "batch" || bind[s] != 1 || !im.single()) {
			return fmt.Errorf("bind %s: the inputs have no such dimension; they have %s", s, listOr(im.m.Symbols(), "no symbolic dimension"))
		}
	}
	return nil
}

// single reports whether the first dimension of every input is 1, so that a batch
// of 1 says nothing new.
func (im *importer) single() bool {
	return !slices.ContainsFunc(im.m.RuntimeInputs(), func(in onnx.Info) bool { return len(in.Dims) > 0 && in.Dims[0].Value != 1 })
}

func mapKeys(m map[string]int64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func listOr(s []string, none string) string {
	if len(s) == 0 {
		return none
	}
	return strings.Join(s, ", ")
}

func (im *importer) input(name string, e *entry) {
	if onnx.IsInteger(e.Type) {
		im.set(e, im.b.Tokens(name, e.Elems()))
	} else {
		im.set(e, im.b.Input(name, e.Elems(), 1, 1))
	}
}

// set gives an entry its data, as one column.
func (im *importer) set(e *entry, v graph.Value) {
	if im.b.Err() == nil {
		e.val = im.b.Reshape(v, v.Elems(), 1, 1)
	}
	e.ready = true
}

func (im *importer) outputs() error {
	found := false
	for _, o := range im.g.Outputs {
		if e := im.tens[o.Name]; e != nil && e.ready && !e.fixed && !e.cache {
			im.b.Logits(e.val) // what a loss reads, in float32
			found = true
		}
	}
	if !found {
		return errors.New("no output depends on the inputs")
	}
	return nil
}

// arg returns input i, nil when it is absent.
func (im *importer) arg(n *onnx.Node, i int) *entry {
	if i >= len(n.In) || n.In[i] == "" {
		return nil
	}
	return im.tens[n.In[i]]
}

// need returns input i, which must be there.
func (im *importer) need(n *onnx.Node, i int) (*entry, error) {
	if e := im.arg(n, i); e != nil {
		return e, nil
	}
	if i < len(n.In) && n.In[i] != "" {
		return nil, unmodelled(n.In[i])
	}
	return nil, fmt.Errorf("input %d is missing", i)
}

func unmodelled(name string) error {
	return fmt.Errorf("input %q is a result that is not modelled", name)
}

// dataArg returns input i as data of the network.
func (im *importer) dataArg(n *onnx.Node, i int) (*entry, error) {
	e, err := im.need(n, i)
	switch {
	case err != nil:
		return nil, err
	case e.fixed:
		return nil, fmt.Errorf("input %q is constant where data are expected", n.In[i])
	case !e.ready:
		return nil, unmodelled(n.In[i])
	}
	return e, nil
}

// data returns the first input as data of the network.
func (im *importer) data(n *onnx.Node) (*entry, error) { return im.dataArg(n, 0) }

// paramOf returns the network's parameter that holds a constant: the initializer
// itself where the constant is a view of it, so that a tied weight is one
// parameter.
func (im *importer) paramOf(name string) int32 {
	e := im.tens[name]
	if o := im.tens[e.origin]; o != nil && o.Elems() == e.Elems() {
		name, e = e.origin, o
	}
	if e.param == noParam {
		e.param = im.b.Param(name, e.Elems())
	}
	return e.param
}

// tableOf is paramOf of a constant that is added to data or multiplies them. It
// may be some rows of a table: the parameter is the table. What nodes compute of
// constants (rotary positions, masks) is frozen.
func (im *importer) tableOf(name string) int32 {
	e := im.tens[name]
	if e.origin != "" {
		return im.paramOf(e.origin)
	}
	if i, written := im.ix.From[name]; written && e.param == noParam && im.g.Nodes[i].Op != "Constant" {
		e.param = im.b.FrozenParam(name, e.Elems())
	}
	return im.paramOf(name)
}

// call returns a node with what is known of its inputs.
func (im *importer) call(n *onnx.Node) *infer.Call {
	c := &infer.Call{Node: n, Args: make([]*infer.Tensor, len(n.In))}
	for i := range n.In {
		if e := im.arg(n, i); e != nil {
			c.Args[i] = &e.Tensor
		}
	}
	return c
}

// result enters output i with dimensions; the caller sets its data.
//
//nolint:unparam // the element type belongs to a result
func (im *importer) result(n *onnx.Node, i int, dims []int64, typ int64) (*entry, error) {
	if _, err := onnx.Elements(dims); err != nil {
		return nil, err
	}
	e := &entry{Tensor: infer.Tensor{Dims: dims, Type: typ}, param: noParam}
	if i < len(n.Out) && n.Out[i] != "" {
		im.tens[n.Out[i]] = e
	}
	return e, nil
}

// give enters output i with dimensions and data.
func (im *importer) give(n *onnx.Node, i int, dims []int64, v graph.Value) error {
	typ := int64(onnx.TypeFloat)
	e, err := im.result(n, i, dims, typ)
	if err != nil {
		return err
	}
	if im.b.Err() == nil && e.Elems() != v.Elems() {
		return fmt.Errorf("%d elements for a result of %v", v.Elems(), dims)
	}
	im.set(e, v)
	return nil
}
