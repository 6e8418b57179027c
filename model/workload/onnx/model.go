package onnx

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// The oldest and newest version of the default operator set that is read.
const (
	MinOpset = 9
	MaxOpset = 21
)

// Model is the graph of a file: nodes, and the dimensions of its tensors.
type Model struct {
	Producer string
	Opset    int64
	Nodes    int
	// InitializerElems counts the elements of all initializers: weights, and
	// constants that the exporter stored beside them.
	InitializerElems int64

	graph *graph
}

// graph is what is kept of a GraphProto.
type graph struct {
	name    string
	nodes   []node
	tensors []tensor // initializers
	inputs  []info
	outputs []info
}

// node is one operator of the graph.
type node struct {
	name, op, domain string
	in, out          []string
	attrs            []attr
}

// attr is one attribute: of the values, one is set.
type attr struct {
	name  string
	f     float32
	i     int64
	s     string
	ints  []int64
	t     *tensor
	graph bool
	other int // values of kinds that no supported operator has
}

// tensor is an initializer or constant. Its values are kept when they may be a
// shape, that is when there are few and they are in the file.
type tensor struct {
	name   string
	dims   []int64
	typ    int64
	values []float64 // nil: not known
}

// dim is one dimension of an input: a value, or a symbol.
type dim struct {
	value  int64
	symbol string
}

// info is a graph input or output.
type info struct {
	name string
	typ  int64
	dims []dim
}

// The element types of TensorProto that matter.
const (
	typeFloat  = 1
	typeInt32  = 6
	typeInt64  = 7
	typeBool   = 9
	typeDouble = 11
)

func isInteger(t int64) bool {
	return slices.Contains([]int64{2, 3, 4, 5, typeInt32, typeInt64, typeBool, 12, 13}, t)
}

// Read reads the graph of a file of the given size. Payloads of tensors are
// skipped, whether inside the file or in others.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	f := &file{r: r, size: size, window: make([]byte, 0, windowSize)}
	m := &Model{}
	top := message{f: f, end: size}
	err := top.each(func() (err error) {
		switch top.num {
		case 2:
			m.Producer, err = top.text()
		case 7:
			if m.graph != nil {
				return fmt.Errorf("byte %d: a second graph", top.off)
			}
			m.graph, err = readGraph(&top)
		case 8:
			err = m.readOpset(&top)
		default:
			err = top.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.graph == nil {
		return nil, fmt.Errorf("%d bytes hold no graph: not an ONNX file", size)
	}
	if m.Opset < MinOpset || m.Opset > MaxOpset {
		return nil, fmt.Errorf("opset %d: supported are %d to %d", m.Opset, MinOpset, MaxOpset)
	}
	m.Nodes = len(m.graph.nodes)
	for i := range m.graph.tensors {
		n, err := elements(m.graph.tensors[i].dims)
		if err != nil {
			return nil, fmt.Errorf("initializer %q: %w", m.graph.tensors[i].name, err)
		}
		m.InitializerElems += n
	}
	return m, nil
}

// Symbols returns the symbolic dimensions of the inputs, in order.
func (m *Model) Symbols() []string {
	var out []string
	for _, in := range m.runtimeInputs() {
		for _, d := range in.dims {
			if d.symbol != "" && !slices.Contains(out, d.symbol) {
				out = append(out, d.symbol)
			}
		}
	}
	return out
}

// runtimeInputs returns the inputs that are not initializers (older files list
// both).
func (m *Model) runtimeInputs() []info {
	init := make(map[string]bool, len(m.graph.tensors))
	for i := range m.graph.tensors {
		init[m.graph.tensors[i].name] = true
	}
	return slices.DeleteFunc(slices.Clone(m.graph.inputs), func(in info) bool { return init[in.name] })
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
	}
	return err
}

func readGraph(top *message) (*graph, error) {
	b, err := top.body()
	if err != nil {
		return nil, err
	}
	g := &graph{}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			var n node
			if n, err = readNode(&b); err == nil && len(g.nodes) >= maxNodes {
				err = fmt.Errorf("more than %d nodes", maxNodes)
			}
			g.nodes = append(g.nodes, n)
		case 2:
			g.name, err = b.text()
		case 5:
			var t *tensor
			if t, err = readTensor(&b); err != nil {
				return err
			}
			if len(g.tensors) >= maxTensors {
				return fmt.Errorf("more than %d initializers", maxTensors)
			}
			g.tensors = append(g.tensors, *t)
		case 15:
			return fmt.Errorf("byte %d: sparse initializers are not supported", b.off)
		case 11, 12:
			var v info
			if v, err = readInfo(&b); err != nil {
				return err
			}
			if len(g.inputs)+len(g.outputs) >= maxTensors {
				return fmt.Errorf("more than %d inputs and outputs", maxTensors)
			}
			if b.num == 11 {
				g.inputs = append(g.inputs, v)
			} else {
				g.outputs = append(g.outputs, v)
			}
		default:
			err = b.skip()
		}
		return err
	})
	return g, err
}

func readNode(m *message) (node, error) {
	var n node
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
			if len(n.in)+len(n.out) >= maxValues {
				return fmt.Errorf("byte %d: more than %d inputs and outputs of a node", b.off, maxValues)
			}
			if b.num == 1 {
				n.in = append(n.in, s)
			} else {
				n.out = append(n.out, s)
			}
		case 3:
			n.name, err = b.text()
		case 4:
			n.op, err = b.text()
		case 7:
			n.domain, err = b.text()
		case 5:
			var a attr
			a, err = readAttr(&b)
			n.attrs = append(n.attrs, a)
		default:
			err = b.skip()
		}
		return err
	})
	if n.domain == "ai.onnx" {
		n.domain = ""
	}
	if n.name == "" && len(n.out) > 0 {
		n.name = n.out[0]
	}
	return n, err
}

func readAttr(m *message) (attr, error) {
	var a attr
	b, err := m.body()
	if err != nil {
		return a, err
	}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			a.name, err = b.text()
		case 2:
			var v uint32
			v, err = b.fixed32()
			a.f = math.Float32frombits(v)
		case 3:
			a.i, err = b.varint()
		case 4:
			a.s, err = b.text()
		case 5:
			a.t, err = readTensor(&b)
		case 6, 11:
			a.graph = true
			err = b.skip()
		case 8:
			a.ints, err = b.ints(a.ints, maxValues)
		default:
			a.other++
			err = b.skip()
		}
		return err
	})
	return a, err
}

func readInfo(m *message) (info, error) {
	var v info
	b, err := m.body()
	if err != nil {
		return v, err
	}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			v.name, err = b.text()
		case 2:
			err = v.readType(&b)
		default:
			err = b.skip()
		}
		return err
	})
	return v, err
}

func (v *info) readType(m *message) error {
	b, err := m.body()
	if err != nil {
		return err
	}
	return b.each(func() error {
		if b.num != 1 { // only tensors
			return b.skip()
		}
		t, err := b.body()
		if err != nil {
			return err
		}
		return t.each(func() (err error) {
			switch t.num {
			case 1:
				v.typ, err = t.varint()
			case 2:
				err = v.readShape(&t)
			default:
				err = t.skip()
			}
			return err
		})
	})
}

func (v *info) readShape(m *message) error {
	b, err := m.body()
	if err != nil {
		return err
	}
	return b.each(func() error {
		if b.num != 1 {
			return b.skip()
		}
		d, err := b.body()
		if err != nil {
			return err
		}
		if len(v.dims) >= maxRank {
			return fmt.Errorf("byte %d: %q has more than %d dimensions", b.off, v.name, maxRank)
		}
		x := dim{value: -1}
		err = d.each(func() (err error) {
			switch d.num {
			case 1:
				x.value, err = d.varint()
			case 2:
				x.symbol, err = d.text()
			default:
				err = d.skip()
			}
			return err
		})
		v.dims = append(v.dims, x)
		return err
	})
}
