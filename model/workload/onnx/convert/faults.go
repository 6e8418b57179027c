package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// maxNamed bounds the failing nodes that an error names.
const maxNamed = 64

// faults collects the nodes of a graph that fail on their own. What they should
// have written is lost: nodes that read it are left out, unless the file states
// its dimensions.
type faults struct {
	im    *walk.Importer
	name  string
	found []error
	lost  map[string]bool // tensors
}

// resultOf is the first result of a node.
func resultOf(n *onnx.Node) string {
	for _, out := range n.Out {
		if out != "" {
			return out
		}
	}
	return ""
}

// reads reports whether a node reads what is lost.
func (f *faults) reads(n *onnx.Node) bool {
	for _, in := range n.In {
		if f.lost[in] {
			return true
		}
	}
	return false
}

// note enters the error of node i, or of the operators that it added.
func (f *faults) note(i int, err error) {
	wrong := f.im.B.Recover()
	if wrong != nil && err == nil {
		err = errors.New(strings.TrimPrefix(wrong.Error(), f.name+": "))
	}
	if err == nil {
		return
	}
	f.add(&f.im.Graph.Nodes[i], err)
	f.lose(i)
}

func (f *faults) add(n *onnx.Node, err error) {
	f.found = append(f.found, fmt.Errorf("%s: node %q (%s, opset %d): %w", f.name, n.Name, n.FullOp(), f.im.Model.Opset, err))
}

// lose enters the results of a node that is left out, and of those joined with it:
// data where the file states their dimensions, so that what follows is looked at
// too.
func (f *faults) lose(i int) {
	for _, out := range append(slices.Clip(f.im.Graph.Nodes[i].Out), f.im.Index.Plans[i].Last) {
		dims := statedDims(f.im, out)
		if k, err := onnx.Elements(dims); dims == nil || err != nil || k < 1 {
			delete(f.im.Tensors, out)
			f.lost[out] = out != ""
			continue
		}
		f.im.Tensors[out] = &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: onnx.TypeFloat}, Param: walk.NoParam}
		f.im.Input(out, f.im.Tensors[out])
	}
}

// err names every failing node.
func (f *faults) err() error {
	list := f.found
	if more := len(list) - maxNamed; more > 0 {
		list = append(list[:maxNamed:maxNamed], fmt.Errorf("%s: and %d more nodes", f.name, more))
	}
	return errors.Join(list...)
}

// unknownOperators enters every node of a graph, sub-graphs included, that nothing
// converts, unless the options take it for a pointwise function. Of an If one branch
// is never taken: its nodes are met when it is written out.
func (f *faults) unknownOperators(g *onnx.Graph) {
	if f.im.Choices.Pointwise {
		return
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for k := range n.Attrs {
			if sub := n.Attrs[k].Graph; sub != nil && n.Op != "If" {
				f.unknownOperators(sub)
			}
		}
		if !knows(n) {
			f.add(n, errUnknown)
		}
	}
}

// errUnknown is the error of an operator that nothing converts.
var errUnknown = errors.New("operator is not supported; --unknown pointwise takes it for a function of every element")
