package convert

import (
	"fmt"
	"maps"
	"slices"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/inline"
	"stco/model/workload/onnx/walk"
)

// setInputs returns the model with the scalar inputs that the options set as
// constants.
func setInputs(m *onnx.Model, o *walk.Choices) (*onnx.Model, error) {
	out := *m
	g := *m.Graph
	out.Graph = &g
	g.Tensors = slices.Clone(g.Tensors)
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		v := o.Set[name]
		i := slices.IndexFunc(g.Inputs, func(in onnx.Info) bool { return in.Name == name })
		if i < 0 {
			if err := setResult(&g, name, v); err != nil {
				return nil, err
			}
			continue
		}
		dims := []int64{}
		for _, d := range g.Inputs[i].Dims {
			if d.Value > 1 {
				return nil, fmt.Errorf("set %s: the input is no scalar", name)
			}
			dims = append(dims, 1)
		}
		g.Tensors = append(g.Tensors, onnx.Constant{Name: name, Dims: dims, Type: g.Inputs[i].Type, Values: []float64{v}})
	}
	return &out, nil
}

// setResult makes a constant of one element of what a node gives.
func setResult(g *onnx.Graph, name string, v float64) error {
	for i := range g.Nodes {
		k := slices.Index(g.Nodes[i].Out, name)
		if k < 0 || name == "" {
			continue
		}
		n := g.Nodes[i]
		n.Out = slices.Clone(n.Out)
		n.Out[k] = ""
		g.Nodes = slices.Clone(g.Nodes)
		if g.Nodes[i] = n; resultOf(&n) == "" {
			g.Nodes = slices.Delete(g.Nodes, i, i+1)
		}
		g.Tensors = append(g.Tensors, onnx.Constant{Name: name, Dims: []int64{}, Type: onnx.TypeFloat, Values: []float64{v}})
		return nil
	}
	return fmt.Errorf("set %s: the file has no such input or result", name)
}

// prepare returns the model with inputs that serve only as weights as parameters,
// and nodes in an order in which every one follows what it reads.
func prepare(m *onnx.Model, bind map[string]int64) (*onnx.Model, error) {
	out := *m
	g := *m.Graph
	out.Graph = &g
	g.Tensors = slices.Clip(g.Tensors)
	asWeights(&g, out.RuntimeInputs(), bind)
	var err error
	g.Nodes, err = sorted(&g)
	return &out, err
}

// sorted returns the nodes in an order in which every one follows what it reads:
// that of the file where that is one.
func sorted(g *onnx.Graph) ([]onnx.Node, error) {
	writer := map[string]int{}
	for i := range g.Nodes {
		for _, out := range g.Nodes[i].Out {
			if out != "" {
				writer[out] = i
			}
		}
	}
	const fresh, open, done = 0, 1, 2
	state := make([]int, len(g.Nodes))
	order := make([]onnx.Node, 0, len(g.Nodes))
	reads := make([][]string, len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		reads[i] = n.In
		for k := range n.Attrs {
			if sub := n.Attrs[k].Graph; sub != nil {
				reads[i] = append(slices.Clip(reads[i]), inline.Captured(sub)...)
			}
		}
	}
	type frame struct{ node, next int }
	for root := range g.Nodes {
		if state[root] != fresh {
			continue
		}
		stack := []frame{{root, 0}}
		state[root] = open
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			n := &g.Nodes[top.node]
			if in := reads[top.node]; top.next == len(in) {
				state[top.node] = done
				order = append(order, *n)
				stack = stack[:len(stack)-1]
				continue
			}
			w, ok := writer[reads[top.node][top.next]]
			top.next++
			if !ok || state[w] == done {
				continue
			}
			if state[w] == open {
				return nil, fmt.Errorf("node %q (%s) reads what follows from it: the graph is cyclic", n.Name, n.FullOp())
			}
			state[w] = open
			stack = append(stack, frame{w, 0})
		}
	}
	return order, nil
}
