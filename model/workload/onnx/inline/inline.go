// Package inline writes out what a graph only calls: functions that the file
// defines, the branch of an If, the trips of a Loop or Scan.
package inline

import (
	"fmt"
	"maps"
	"slices"

	"stco/model/workload/onnx"
)

// Bounds of what a small file may grow to.
const (
	MaxTrips = 1 << 12 // of one loop
	maxNodes = 1 << 17 // of the graph
	maxCalls = 1 << 10 // rounds in which functions call functions
)

// names maps the tensors of a body to those of the graph around it.
type names map[string]string

func (m names) of(name string) string {
	if to, ok := m[name]; ok {
		return to
	}
	return name
}

func (m names) all(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = m.of(s)
	}
	return out
}

// define enters what a graph writes, under a prefix.
func (m names) define(g *onnx.Graph, prefix string) {
	put := func(s string) {
		if _, bound := m[s]; s != "" && !bound {
			m[s] = prefix + s
		}
	}
	for i := range g.Tensors {
		put(g.Tensors[i].Name)
	}
	for i := range g.Nodes {
		for _, s := range g.Nodes[i].Out {
			put(s)
		}
	}
}

// node returns a node under other names, its sub-graphs included.
func (m names) node(n *onnx.Node, prefix string) onnx.Node {
	out := *n
	out.Name = prefix + n.Name
	out.In, out.Out = m.all(n.In), m.all(n.Out)
	for i := range out.Attrs {
		if g := out.Attrs[i].Graph; g != nil {
			out.Attrs = slices.Clone(out.Attrs)
			out.Attrs[i].Graph = m.captured(g)
		}
	}
	return out
}

// captured returns a sub-graph in which the names that it reads from the graphs
// around it are replaced; its own names stay.
func (m names) captured(g *onnx.Graph) *onnx.Graph {
	inner := names{}
	own := map[string]bool{}
	for i := range g.Inputs {
		own[g.Inputs[i].Name] = true
	}
	for i := range g.Tensors {
		own[g.Tensors[i].Name] = true
	}
	for i := range g.Nodes {
		for _, s := range g.Nodes[i].Out {
			own[s] = true
		}
	}
	for from, to := range m {
		if !own[from] {
			inner[from] = to
		}
	}
	out := *g
	out.Nodes = make([]onnx.Node, len(g.Nodes))
	for i := range g.Nodes {
		out.Nodes[i] = inner.node(&g.Nodes[i], "")
	}
	out.Outputs = slices.Clone(g.Outputs)
	for i := range out.Outputs {
		out.Outputs[i].Name = inner.of(out.Outputs[i].Name)
	}
	return &out
}

// Captured returns the names that a graph reads from the graphs around it.
func Captured(g *onnx.Graph) []string {
	own := map[string]bool{"": true}
	for i := range g.Inputs {
		own[g.Inputs[i].Name] = true
	}
	for i := range g.Tensors {
		own[g.Tensors[i].Name] = true
	}
	var free []string
	read := func(s string) {
		if !own[s] {
			free = append(free, s)
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, s := range n.In {
			read(s)
		}
		for k := range n.Attrs {
			if sub := n.Attrs[k].Graph; sub != nil {
				for _, s := range Captured(sub) {
					read(s)
				}
			}
		}
		for _, s := range n.Out {
			own[s] = true
		}
	}
	for i := range g.Outputs {
		read(g.Outputs[i].Name)
	}
	return free
}

// editor collects the graph in which one node is written out.
type editor struct {
	g     onnx.Graph
	nodes []onnx.Node
}

func (e *editor) add(n onnx.Node) { e.nodes = append(e.nodes, n) }

// same adds a node that gives a tensor another name.
func (e *editor) same(from, to string) {
	if to != "" {
		e.add(onnx.Node{Name: to, Op: "Identity", In: []string{from}, Out: []string{to}})
	}
}

// constant adds a constant of whole numbers and returns its name.
func (e *editor) constant(name string, typ int64, dims []int64, values ...float64) string {
	e.g.Tensors = append(e.g.Tensors, onnx.Constant{Name: name, Dims: dims, Type: typ, Values: values})
	return name
}

// body adds a copy of a graph under a prefix. Names in bound keep what they are
// bound to. What every copy shares, initializers and constants, is added with the
// first.
func (e *editor) body(g *onnx.Graph, prefix, shared string, bound names, first bool) names {
	m := maps.Clone(bound)
	for i := range g.Tensors {
		m[g.Tensors[i].Name] = shared + g.Tensors[i].Name
		if first {
			t := g.Tensors[i]
			t.Name = shared + t.Name
			e.g.Tensors = append(e.g.Tensors, t)
		}
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Op == "Constant" && n.Domain == "" && len(n.Out) == 1 {
			m[n.Out[0]] = shared + n.Out[0]
		}
	}
	m.define(g, prefix)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Op == "Constant" && n.Domain == "" && len(n.Out) == 1 {
			if first {
				e.add(m.node(n, shared))
			}
			continue
		}
		e.add(m.node(n, prefix))
	}
	return m
}

// replace returns a model with node i of its graph written out by the edit.
func replace(m *onnx.Model, i int, edit func(*editor, *onnx.Node) error) (*onnx.Model, error) {
	n := m.Graph.Nodes[i]
	e := &editor{g: *m.Graph}
	e.g.Tensors = slices.Clip(e.g.Tensors)
	if err := edit(e, &n); err != nil {
		return nil, err
	}
	if len(m.Graph.Nodes)+len(e.nodes) > maxNodes {
		return nil, fmt.Errorf("written out, the graph has more than %d nodes", maxNodes)
	}
	e.g.Nodes = slices.Concat(m.Graph.Nodes[:i:i], e.nodes, m.Graph.Nodes[i+1:])
	out := *m
	out.Graph = &e.g
	return &out, nil
}

// Subgraph returns a sub-graph of a node, nil for none.
func Subgraph(n *onnx.Node, name string) *onnx.Graph {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Graph
		}
	}
	return nil
}

// Branch returns the model with an If replaced by its branch.
func Branch(m *onnx.Model, i int, taken bool) (*onnx.Model, error) {
	return replace(m, i, func(e *editor, n *onnx.Node) error {
		name := "else_branch"
		if taken {
			name = "then_branch"
		}
		g := Subgraph(n, name)
		if g == nil || len(g.Outputs) < len(n.Out) {
			return fmt.Errorf("%s: missing, or fewer results than the %d of the node", name, len(n.Out))
		}
		prefix := n.Name + "/" + name + "/"
		at := e.body(g, prefix, prefix, names{}, true)
		for k, out := range n.Out {
			e.same(at.of(g.Outputs[k].Name), out)
		}
		return nil
	})
}

// Functions returns the model without calls of the functions that it defines.
func Functions(m *onnx.Model) (*onnx.Model, error) {
	if len(m.Functions) == 0 {
		return m, nil
	}
	fs := map[string]*onnx.Function{}
	for i := range m.Functions {
		f := &m.Functions[i]
		domain := f.Domain
		if domain == "ai.onnx" {
			domain = ""
		}
		fs[domain+"."+f.Name] = f
	}
	out := *m
	g := *m.Graph
	out.Graph, out.Functions = &g, nil
	for round := 0; ; round++ {
		var nodes []onnx.Node
		called := false
		for i := range g.Nodes {
			n := &g.Nodes[i]
			f := fs[n.Domain+"."+n.Op]
			if f == nil {
				nodes = append(nodes, *n)
				continue
			}
			called = true
			body, err := call(f, n)
			if err != nil {
				return nil, err
			}
			if nodes = append(nodes, body...); len(nodes) > maxNodes {
				return nil, fmt.Errorf("written out, functions give more than %d nodes", maxNodes)
			}
		}
		g.Nodes = nodes
		if !called {
			return &out, nil
		}
		if round >= maxCalls {
			return nil, fmt.Errorf("functions call each other more than %d deep", maxCalls)
		}
	}
}

// call returns the nodes of a function in place of a call.
func call(f *onnx.Function, n *onnx.Node) ([]onnx.Node, error) {
	if len(n.In) > len(f.In) || len(n.Out) > len(f.Out) {
		return nil, fmt.Errorf("node %q calls %s with %d inputs and %d results, it has %d and %d", n.Name, n.FullOp(), len(n.In), len(n.Out), len(f.In), len(f.Out))
	}
	m := names{}
	for i, in := range f.In {
		m[in] = ""
		if i < len(n.In) {
			m[in] = n.In[i]
		}
	}
	prefix := n.Name + "/"
	e := &editor{}
	for i, out := range f.Out {
		if _, passed := m[out]; passed && i < len(n.Out) {
			e.same(m[out], n.Out[i])
			continue
		}
		m[out] = prefix + out
		if i < len(n.Out) && n.Out[i] != "" {
			m[out] = n.Out[i]
		}
	}
	m.define(&onnx.Graph{Nodes: f.Nodes}, prefix)
	given := func(name string) *onnx.Attr {
		for _, list := range [][]onnx.Attr{n.Attrs, f.Defaults} {
			if i := slices.IndexFunc(list, func(a onnx.Attr) bool { return a.Name == name }); i >= 0 {
				return &list[i]
			}
		}
		return nil
	}
	for i := range f.Nodes {
		c := m.node(&f.Nodes[i], prefix)
		attrs := make([]onnx.Attr, 0, len(c.Attrs))
		for _, a := range c.Attrs {
			if a.Ref == "" {
				attrs = append(attrs, a)
			} else if v := given(a.Ref); v != nil {
				set := *v
				set.Name = a.Name
				attrs = append(attrs, set)
			}
		}
		c.Attrs = attrs
		e.add(c)
	}
	return e.nodes, nil
}
