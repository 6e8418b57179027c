package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/classic"
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
			return m, fmt.Errorf("the condition %s depends on data: --set NAME=VALUE fixes it or an input that it depends on%s", nameOf(n, 0), scalarsOf(im, n, 0))
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
	case "SequenceMap":
		next, err = inline.Map(m, at, func(name string) (int64, bool) {
			e := im.Tensors[name]
			if e == nil || !e.IsList {
				return 0, false
			}
			return int64(len(e.List)), true
		})
	default:
		err = errors.New("operators with sub-graphs other than If, Loop, Scan and SequenceMap are not supported; of a search (BeamSearch, GreedySearch, Sampling) import the model of one step, which the sub-graph is")
	}
	if err != nil {
		return m, err
	}
	return next, nil
}

// scalarsOf names the scalar inputs of the network that input i of a node depends
// on, in brackets.
func scalarsOf(im *walk.Importer, n *onnx.Node, i int) string {
	if i >= len(n.In) {
		return ""
	}
	var names []string
	seen, open := map[string]bool{}, []string{n.In[i]}
	for len(open) > 0 && len(seen) < 1<<12 {
		name := open[len(open)-1]
		open = open[:len(open)-1]
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		if from, ok := im.Index.From[name]; ok {
			open = append(open, im.Graph.Nodes[from].In...)
		} else if e := im.Tensors[name]; e != nil && e.Given && e.Elems() == 1 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return " (" + strings.Join(names, ", ") + ")"
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
				return nil, fmt.Errorf("its trips %s depend on data: --bound Loop=N bounds them, --set fixes a scalar input that they depend on%s", nameOf(n, 0), scalarsOf(im, n, 0))
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
		if bound, ok := bounded(im, n); ok && left > inline.MaxTrips {
			im.Warn("node %q (%s): %d of its %d trips are taken", n.Name, n.FullOp(), min(left, bound), left)
			left = min(left, bound)
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

// knows reports whether something converts an operator.
func knows(n *onnx.Node) bool {
	if control(n) || fused.Lookup(n.FullOp()) != nil || classic.Lookup(n.FullOp()) != nil || n.FullOp() == "com.microsoft.FusedConv" {
		return true
	}
	_, pointwise := ops.Pointwise(n.Op)
	return n.Domain == "" && (pointwise || ops.Lookup(n.Op) != nil || ops.Plain(n.Op))
}
