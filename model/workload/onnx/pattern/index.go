package pattern

import (
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// Index is a graph with who reads and writes its tensors and what to do with its
// nodes.
type Index struct {
	Graph *onnx.Graph      // quantised products are plain ones
	Users map[string][]int // tensor -> nodes that read it
	From  map[string]int   // tensor -> node that writes it
	Fixed map[string]bool  // tensor -> constant
	Out   map[string]bool  // tensor -> output of the graph
	Plans []Rewrite        // node -> what to do

	inits map[string]*infer.Tensor
}

// Find indexes the graph of a file and recognises its patterns. A graph that
// reads what nothing before wrote, or writes something twice, is an error.
func Find(m *onnx.Model) (*Index, error) {
	ix := &Index{
		Graph: standard(m.Graph), Users: map[string][]int{}, From: map[string]int{}, Fixed: map[string]bool{}, Out: map[string]bool{},
		inits: map[string]*infer.Tensor{},
	}
	known := map[string]bool{}
	for i := range m.Graph.Tensors {
		t := &m.Graph.Tensors[i]
		ix.inits[t.Name] = &infer.Tensor{Dims: t.Dims}
		ix.Fixed[t.Name], known[t.Name] = true, true
	}
	inputs := m.RuntimeInputs()
	for i := range inputs {
		known[inputs[i].Name] = true
	}
	if err := ix.connect(known); err != nil {
		return nil, err
	}
	ix.findPatterns(inputs)
	return ix, nil
}

// connect finds readers, writers and constants.
func (ix *Index) connect(known map[string]bool) error {
	for i := range ix.Graph.Nodes {
		n := &ix.Graph.Nodes[i]
		fixed := true
		for _, in := range n.In {
			if in == "" {
				continue
			}
			if !known[in] {
				return fmt.Errorf("node %q (%s) reads %q, which nothing before it writes: the graph is cyclic, not sorted, or incomplete", n.Name, n.FullOp(), in)
			}
			ix.Users[in] = append(ix.Users[in], i)
			fixed = fixed && ix.Fixed[in]
		}
		if n.Domain == "" && slices.Contains([]string{"Shape", "Size", "EyeLike", "RandomNormalLike", "RandomUniformLike"}, n.Op) {
			fixed = true // known with the dimensions of the input
		}
		if HoldsGraph(n) || strings.Contains(n.Op, "Sequence") || strings.HasPrefix(n.Op, "Optional") {
			fixed = false // known when it is written out
		}
		for _, out := range n.Out {
			if out == "" {
				continue
			}
			if known[out] {
				return fmt.Errorf("node %q (%s) writes %q a second time", n.Name, n.FullOp(), out)
			}
			known[out] = true
			ix.From[out], ix.Fixed[out] = i, fixed
		}
	}
	for _, o := range ix.Graph.Outputs {
		if !known[o.Name] {
			return fmt.Errorf("nothing writes the output %q", o.Name)
		}
		ix.Out[o.Name] = true
	}
	return nil
}

// HoldsGraph reports whether a node has sub-graphs.
func HoldsGraph(n *onnx.Node) bool {
	return slices.ContainsFunc(n.Attrs, func(a onnx.Attr) bool { return a.Graph != nil })
}

// standard returns the graph with quantised products as plain ones: a number
// format is an option of the trace, and scales and zero points are part of the
// product's epilogue.
func standard(g *onnx.Graph) *onnx.Graph {
	s := *g
	s.Nodes = slices.Clone(g.Nodes)
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Domain != "" && n.FullOp() != "com.microsoft.FusedConv" {
			continue
		}
		switch n.Op {
		case "FusedConv":
			n.Op, n.Domain = "Conv", ""
		case "QLinearConv":
			plain(n, "Conv", 0, 3, 8)
		case "ConvInteger":
			plain(n, "Conv", 0, 1)
		case "QLinearMatMul":
			plain(n, "MatMul", 0, 3)
		case "MatMulInteger":
			plain(n, "MatMul", 0, 1)
		}
	}
	return &s
}

// plain makes a node another operator of some of its inputs.
func plain(n *onnx.Node, op string, inputs ...int) {
	n.Op = op
	var in []string
	for _, i := range inputs {
		if i < len(n.In) {
			in = append(in, n.In[i])
		}
	}
	n.In = in
}
