package onnx

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// The oldest and newest version of the default operator set that is read. Before
// version 7 factors that broadcast are aligned at an attribute.
const (
	MinOpset = 1
	MaxOpset = 27
)

// Model is the graph of a file: nodes, and the dimensions of its tensors.
type Model struct {
	Producer string
	Opset    int64
	Nodes    int
	// InitializerElems counts the elements of all initializers: weights, and
	// constants that the exporter stored beside them.
	InitializerElems int64

	Graph     *Graph
	Functions []Function
}

// Function is an operator that the file defines by a graph.
type Function struct {
	Domain, Name string
	In, Out      []string
	Nodes        []Node
	Defaults     []Attr // of attributes that a call may leave out
}

// Graph is what is kept of a GraphProto.
type Graph struct {
	Name    string
	Nodes   []Node
	Tensors []Constant // initializers
	Inputs  []Info
	Outputs []Info
	Infos   []Info // of tensors between, as exporters write them
}

// Node is one operator of the graph.
type Node struct {
	Name, Op, Domain string
	In, Out          []string
	Attrs            []Attr
}

// Attr is one attribute: of the values, one is set.
type Attr struct {
	Name   string
	Float  float32
	Int    int64
	Text   string
	Ints   []int64
	Floats []float32
	Tensor *Constant
	Graph  *Graph // a sub-graph
	Ref    string // in a function: the attribute of the call that is meant
}

// Constant is an initializer or constant. Its values are kept when they may be a
// shape, that is when there are few and they are in the file.
type Constant struct {
	Name   string
	Dims   []int64
	Type   int64
	Values []float64 // nil: not known
}

// Dim is one dimension of an input: a value, or a symbol.
type Dim struct {
	Value  int64
	Symbol string
}

// Info is a graph input or output.
type Info struct {
	Name string
	Type int64
	Dims []Dim
	List bool // a sequence of such tensors
}

// firstWithSets is the first version of the format in which files name their
// operator sets.
const firstWithSets = 3

// dataExternal is the data_location of a payload in another file.
const dataExternal = 1

// The element types of TensorProto that matter.
const (
	TypeFloat  = 1
	TypeInt32  = 6
	TypeInt64  = 7
	TypeBool   = 9
	TypeDouble = 11
)

// IsInteger reports whether an element type of TensorProto is an integer or a
// truth value.
func IsInteger(t int64) bool {
	return slices.Contains([]int64{2, 3, 4, 5, TypeInt32, TypeInt64, TypeBool, 12, 13}, t)
}

// Read reads the graph of a file of the given size. Payloads of tensors are
// skipped, whether inside the file or in others.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	f := &file{r: r, size: size, window: make([]byte, 0, windowSize)}
	m := &Model{}
	top := message{f: f, end: size}
	err := top.each(func() (err error) {
		switch top.num {
		case 1:
			f.version, err = top.varint()
		case 2:
			m.Producer, err = top.text()
		case 7:
			if m.Graph != nil {
				return fmt.Errorf("byte %d: a second graph", top.off)
			}
			m.Graph, err = readGraph(&top, 0)
		case 8:
			err = m.readOpset(&top)
		case 25:
			var f Function
			if f, err = readFunction(&top); err == nil && len(m.Functions) >= maxFunctions {
				err = fmt.Errorf("more than %d functions", maxFunctions)
			}
			m.Functions = append(m.Functions, f)
		default:
			err = top.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.Graph == nil {
		return nil, fmt.Errorf("%d bytes hold no graph: not an ONNX file", size)
	}
	switch {
	case m.Opset == 0 && f.others: // operators of other domains alone
		m.Opset = MaxOpset
	case m.Opset == 0 && f.version > 0 && f.version < firstWithSets:
		m.Opset = MinOpset
	case m.Opset == 0:
		return nil, fmt.Errorf("no opset_import of the default operator set: supported are %d to %d", MinOpset, MaxOpset)
	}
	if m.Opset < MinOpset || m.Opset > MaxOpset {
		return nil, fmt.Errorf("opset %d: supported are %d to %d", m.Opset, MinOpset, MaxOpset)
	}
	m.Nodes = len(m.Graph.Nodes)
	for i := range m.Graph.Tensors {
		n, err := Elements(m.Graph.Tensors[i].Dims)
		if err != nil {
			return nil, fmt.Errorf("initializer %q: %w", m.Graph.Tensors[i].Name, err)
		}
		m.InitializerElems += n
	}
	return m, nil
}

// Symbols returns the symbolic dimensions of the inputs, in order.
func (m *Model) Symbols() []string {
	var out []string
	for _, in := range m.RuntimeInputs() {
		for _, d := range in.Dims {
			if d.Symbol != "" && !slices.Contains(out, d.Symbol) {
				out = append(out, d.Symbol)
			}
		}
	}
	return out
}

// RuntimeInputs returns the inputs that are not initializers (older files list
// both).
func (m *Model) RuntimeInputs() []Info {
	init := make(map[string]bool, len(m.Graph.Tensors))
	for i := range m.Graph.Tensors {
		init[m.Graph.Tensors[i].Name] = true
	}
	return slices.DeleteFunc(slices.Clone(m.Graph.Inputs), func(in Info) bool { return init[in.Name] })
}

func (m *Model) readOpset(top *message) error {
	b, err := top.body()
	if err != nil {
		return err
	}
	domain, version := "", int64(0)
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			domain, err = b.text()
		case 2:
			version, err = b.varint()
		default:
			err = b.skip()
		}
		return err
	})
	if domain == "" || domain == "ai.onnx" {
		m.Opset = version
	} else {
		top.f.others = true
	}
	return err
}

func readGraph(top *message, depth int) (*Graph, error) {
	b, err := top.body()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("byte %d: sub-graphs nested deeper than %d", b.off, maxDepth)
	}
	g := &Graph{}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			var n Node
			if n, err = readNode(&b, depth); err != nil {
				return err
			}
			if b.f.nodes++; b.f.nodes > maxNodes {
				return fmt.Errorf("more than %d nodes", maxNodes)
			}
			g.Nodes = append(g.Nodes, n)
		case 2:
			g.Name, err = b.text()
		case 5:
			var t *Constant
			if t, err = readTensor(&b); err != nil {
				return err
			}
			if len(g.Tensors) >= maxTensors {
				return fmt.Errorf("more than %d initializers", maxTensors)
			}
			g.Tensors = append(g.Tensors, *t)
		case 15:
			var t Constant
			if t, err = readSparse(&b); err != nil {
				return err
			}
			if len(g.Tensors) >= maxTensors {
				return fmt.Errorf("more than %d initializers", maxTensors)
			}
			g.Tensors = append(g.Tensors, t)
		case 11, 12, 13:
			var v Info
			if v, err = readInfo(&b); err != nil {
				return err
			}
			if len(g.Inputs)+len(g.Outputs)+len(g.Infos) >= maxTensors {
				return fmt.Errorf("more than %d inputs, outputs and dimensions of tensors", maxTensors)
			}
			switch b.num {
			case 11:
				g.Inputs = append(g.Inputs, v)
			case 12:
				g.Outputs = append(g.Outputs, v)
			default:
				g.Infos = append(g.Infos, v)
			}
		default:
			err = b.skip()
		}
		return err
	})
	return g, err
}

func readNode(m *message, depth int) (Node, error) {
	var n Node
	b, err := m.body()
	if err != nil {
		return n, err
	}
	err = b.each(func() (err error) {
		var s string
		switch b.num {
		case 1, 2:
			if s, err = b.text(); err != nil {
				return err
			}
			if len(n.In)+len(n.Out) >= MaxValues {
				return fmt.Errorf("byte %d: more than %d inputs and outputs of a node", b.off, MaxValues)
			}
			if b.num == 1 {
				n.In = append(n.In, s)
			} else {
				n.Out = append(n.Out, s)
			}
		case 3:
			n.Name, err = b.text()
		case 4:
			n.Op, err = b.text()
		case 7:
			n.Domain, err = b.text()
		case 5:
			var a Attr
			a, err = readAttr(&b, depth)
			n.Attrs = append(n.Attrs, a)
		default:
			err = b.skip()
		}
		return err
	})
	if n.Domain == "ai.onnx" {
		n.Domain = ""
	}
	if n.Name == "" && len(n.Out) > 0 {
		n.Name = n.Out[0]
	}
	return n, err
}

func readAttr(m *message, depth int) (Attr, error) {
	var a Attr
	b, err := m.body()
	if err != nil {
		return a, err
	}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			a.Name, err = b.text()
		case 2:
			var v uint32
			v, err = b.fixed32()
			a.Float = math.Float32frombits(v)
		case 3:
			a.Int, err = b.varint()
		case 4:
			a.Text, err = b.shortText()
		case 5:
			a.Tensor, err = readTensor(&b)
		case 6:
			a.Graph, err = readGraph(&b, depth+1)
		case 7:
			a.Floats, err = b.floats(a.Floats, MaxValues)
		case 21:
			a.Ref, err = b.text()
		case 22:
			var t Constant
			t, err = readSparse(&b)
			a.Tensor = &t
		case 8:
			a.Ints, err = b.ints(a.Ints, MaxValues)
		default:
			err = b.skip()
		}
		return err
	})
	return a, err
}

// readSparse reads a SparseTensorProto as the dense tensor that it stands for.
func readSparse(m *message) (Constant, error) {
	var c Constant
	b, err := m.body()
	if err != nil {
		return c, err
	}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			var t *Constant
			if t, err = readTensor(&b); err == nil {
				c.Name, c.Type = t.Name, t.Type
			}
		case 3:
			c.Dims, err = b.ints(c.Dims, MaxRank)
		default:
			err = b.skip()
		}
		return err
	})
	if err != nil {
		return c, err
	}
	if c.Dims == nil {
		c.Dims = []int64{}
	}
	_, err = Elements(c.Dims)
	return c, err
}

// readFunction reads a FunctionProto.
func readFunction(top *message) (Function, error) {
	var f Function
	b, err := top.body()
	if err != nil {
		return f, err
	}
	err = b.each(func() (err error) {
		var s string
		switch b.num {
		case 1:
			f.Name, err = b.text()
		case 4, 5:
			if s, err = b.text(); err != nil {
				return err
			}
			if len(f.In)+len(f.Out) >= MaxValues {
				return fmt.Errorf("byte %d: more than %d inputs and outputs of a function", b.off, MaxValues)
			}
			if b.num == 4 {
				f.In = append(f.In, s)
			} else {
				f.Out = append(f.Out, s)
			}
		case 7:
			var n Node
			if n, err = readNode(&b, 0); err != nil {
				return err
			}
			if b.f.nodes++; b.f.nodes > maxNodes {
				return fmt.Errorf("more than %d nodes", maxNodes)
			}
			f.Nodes = append(f.Nodes, n)
		case 10:
			f.Domain, err = b.text()
		case 11:
			var a Attr
			a, err = readAttr(&b, 0)
			f.Defaults = append(f.Defaults, a)
		default:
			err = b.skip()
		}
		return err
	})
	return f, err
}
