package convert

import (
	"errors"
	"fmt"
	"strings"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/fused"
	"stco/model/workload/onnx/inline"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/pattern"
	"stco/model/workload/onnx/walk"
)

// control reports whether a node has sub-graphs.
func control(n *onnx.Node) bool { return pattern.HoldsGraph(n) }

// writtenOut returns the model with the branch or loop at a node written out.
func writtenOut(im *walk.Importer, m *onnx.Model, at int) (*onnx.Model, error) {
	n := &m.Graph.Nodes[at]
	var next *onnx.Model
	var err error
	switch n.FullOp() {
	case "If":
		v, known := constantOf(im, n, 0)
		if !known {
			return m, fmt.Errorf("the condition %s depends on data: --set fixes an input that it depends on", nameOf(n, 0))
		}
		next, err = inline.Branch(m, at, v != 0)
	case "Loop":
		next, err = loop(im, m, at)
	case "Scan":
		next, err = inline.Scan(m, at, func(name string) ([]int64, error) {
			if e := im.Tensors[name]; e != nil && (e.Ready || e.Fixed) {
				return e.Dims, nil
			}
			return nil, walk.Unmodelled(name)
		})
	default:
		err = errors.New("operators with sub-graphs other than If, Loop and Scan are not supported")
	}
	if err != nil {
		return m, err
	}
	return next, nil
}

func nameOf(n *onnx.Node, i int) string {
	if i < len(n.In) {
		return fmt.Sprintf("%q", n.In[i])
	}
	return "(missing)"
}

// constantOf returns the value of an input of one element, when it is known.
func constantOf(im *walk.Importer, n *onnx.Node, i int) (float64, bool) {
	if e := im.Arg(n, i); e != nil && e.Fixed && len(e.Values) == 1 {
		return e.Values[0], true
	}
	return 0, false
}

// loop writes out a Loop: all its trips where their number is known, one where
// what it computes decides on the next.
func loop(im *walk.Importer, m *onnx.Model, at int) (*onnx.Model, error) {
	n := &m.Graph.Nodes[at]
	if len(n.In) < 2 {
		return nil, fmt.Errorf("%d inputs", len(n.In))
	}
	endless := int64(1) << 52
	left := endless
	if n.In[0] != "" {
		v, known := constantOf(im, n, 0)
		if !known {
			bound, ok := bounded(im, n)
			if !ok {
				return nil, fmt.Errorf("its trips %s depend on data: --bound Loop=N bounds them", nameOf(n, 0))
			}
			v = float64(bound)
		}
		left = int64(max(0, min(v, float64(endless))))
	}
	starts, known := 1.0, true
	if n.In[1] != "" {
		starts, known = constantOf(im, n, 1)
	}
	value, static := inline.Condition(n, func(name string) (float64, bool) {
		if e := im.Tensors[name]; e != nil && e.Fixed && len(e.Values) == 1 {
			return e.Values[0], true
		}
		return 0, false
	})
	switch {
	case known && starts == 0 || left == 0:
		return inline.Loop(m, at, inline.Trips{})
	case !known: // data decide: as often as the bound says
		bound, ok := bounded(im, n)
		if !ok && left > inline.MaxTrips {
			return nil, fmt.Errorf("its condition %s depends on data: --bound Loop=N bounds the trips", nameOf(n, 1))
		}
		if ok {
			left = min(left, bound)
		}
		im.Warn("node %q (%s): data decide when it ends; it is taken to make %d trips", n.Name, n.FullOp(), left)
		return inline.Loop(m, at, inline.Trips{Count: left})
	case static && value:
		if left > inline.MaxTrips {
			if bound, ok := bounded(im, n); ok {
				left = min(left, bound)
			}
		}
		if left == endless {
			return nil, errors.New("it never ends")
		}
		return inline.Loop(m, at, inline.Trips{Count: left})
	case static:
		return inline.Loop(m, at, inline.Trips{Count: 1})
	}
	return inline.Loop(m, at, inline.Trips{Count: 1, More: true, Left: left - 1})
}

// bounded returns the trips of a loop that the options still allow.
func bounded(im *walk.Importer, n *onnx.Node) (int64, bool) {
	v, ok := im.Choices.Bound[n.Name]
	if !ok {
		v, ok = im.Choices.Bound[n.Op]
	}
	return max(0, v-inline.Done(n)), ok
}

// maxNamed bounds the unknown operators that an error names.
const maxNamed = 12

// unknownOperators names every operator of a graph, sub-graphs included, that
// nothing converts, unless the options take it for a pointwise function.
func unknownOperators(m *onnx.Model, o *walk.Choices) error {
	if o.Pointwise {
		return nil
	}
	var first []string
	count := map[string]int{}
	var visit func(g *onnx.Graph)
	visit = func(g *onnx.Graph) {
		for i := range g.Nodes {
			n := &g.Nodes[i]
			for k := range n.Attrs {
				if sub := n.Attrs[k].Graph; sub != nil && n.Op != "If" { // one branch is never taken
					visit(sub)
				}
			}
			if knows(n) {
				continue
			}
			if count[n.FullOp()]++; count[n.FullOp()] == 1 {
				first = append(first, fmt.Sprintf("node %q (%s, opset %d)", n.Name, n.FullOp(), m.Opset))
			}
		}
	}
	visit(m.Graph)
	if len(first) == 0 {
		return nil
	}
	more := ""
	if len(first) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(first)-maxNamed)
		first = first[:maxNamed]
	}
	return fmt.Errorf("%s%s: operator is not supported; --unknown pointwise takes it for a function of every element", strings.Join(first, ", "), more)
}

// knows reports whether something converts an operator.
func knows(n *onnx.Node) bool {
	if control(n) || fused.Lookup(n.FullOp()) != nil || n.FullOp() == "com.microsoft.FusedConv" {
		return true
	}
	_, pointwise := ops.Pointwise(n.Op)
	return n.Domain == "" && (pointwise || ops.Lookup(n.Op) != nil || ops.Plain(n.Op))
}
