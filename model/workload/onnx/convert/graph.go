package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/inline"
	"stco/model/workload/onnx/pattern"
	"stco/model/workload/onnx/walk"
)

// Network returns the graph as a network called name, with the symbolic
// dimensions bound, and warnings. Every symbol must be bound, but the first
// dimension of an input, which is 1 when nothing is said, and nothing else may.
// The bound batch is one item of the network: the batch of a run multiplies it.
func Network(m *onnx.Model, name string, o walk.Choices) (*graph.Network, []string, error) {
	im, err := declared(m, name, o)
	if err != nil {
		return nil, nil, err
	}
	im.B.MarkAttention()
	n, err := im.B.Network()
	return n, im.Warnings, err
}

// declared infers every shape and declares the operators of the graph. Where the
// walk meets a branch or loop, that is written out with what the walk knows, and
// the walk begins again.
func declared(m *onnx.Model, name string, o walk.Choices) (*walk.Importer, error) {
	m, err := setInputs(m, &o)
	if err == nil {
		m, err = inline.Functions(m)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var warnings []string
	for walked := 0; ; {
		if m, err = prepare(m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		im, at, err := once(m, name, o)
		if err != nil {
			return nil, err
		}
		im.Warnings = append(warnings, im.Warnings...)
		if at < 0 {
			return im, nil
		}
		n := &m.Graph.Nodes[at]
		if walked += at + 1; walked > walk.MaxWork {
			return nil, fmt.Errorf("%s: node %q (%s): branches and loops of more than %d steps", name, n.Name, n.FullOp(), walk.MaxWork)
		}
		said := len(im.Warnings)
		if m, err = writtenOut(im, m, at); err != nil {
			return nil, fmt.Errorf("%s: node %q (%s, opset %d): %w", name, n.Name, n.FullOp(), m.Opset, err)
		}
		warnings = append(warnings, im.Warnings[said:]...)
	}
}

// once walks the graph up to its end, or to a node that holds sub-graphs, whose
// place it returns; -1 for none.
func once(m *onnx.Model, name string, o walk.Choices) (*walk.Importer, int, error) {
	im := &walk.Importer{
		Model: m, B: graph.NewBuilder(name), Tensors: map[string]*walk.Entry{}, Choices: o,
	}
	fail := func(err error) (*walk.Importer, int, error) { return nil, 0, fmt.Errorf("%s: %w", name, err) }
	if err := declare(im, o.Bind); err != nil {
		return fail(err)
	}
	if err := unknownOperators(m, &o); err != nil {
		return fail(err)
	}
	var err error
	if im.Index, err = pattern.Find(m); err != nil {
		return fail(err)
	}
	im.Graph = im.Index.Graph
	for i := range im.Graph.Nodes {
		n := &im.Graph.Nodes[i]
		if control(n) {
			return im, i, nil
		}
		if err := node(im, i); err != nil {
			return fail(fmt.Errorf("node %q (%s, opset %d): %w", n.Name, n.FullOp(), m.Opset, err))
		}
		if err := im.B.Err(); err != nil { // names the network itself
			return nil, 0, fmt.Errorf("node %q (%s, opset %d): %w", n.Name, n.FullOp(), m.Opset, err)
		}
	}
	if err := outputs(im); err != nil {
		return fail(err)
	}
	return im, -1, nil
}

// declare enters initializers and bound inputs.
func declare(im *walk.Importer, bind map[string]int64) error {
	for i := range im.Model.Graph.Tensors {
		t := &im.Model.Graph.Tensors[i]
		if im.Tensors[t.Name] != nil {
			return fmt.Errorf("two initializers are called %q", t.Name)
		}
		im.Tensors[t.Name] = &walk.Entry{Tensor: infer.Tensor{Dims: t.Dims, Type: t.Type, Values: t.Values}, Fixed: true, Param: walk.NoParam}
	}
	used := map[string]bool{}
	var unbound []string
	for _, in := range im.Model.RuntimeInputs() {
		if im.Tensors[in.Name] != nil {
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
						im.Warn("dimension 0 of input %q (%s) is not bound and taken as 1", in.Name, symbol)
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
		e := &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: in.Type}, Param: walk.NoParam}
		if len(unbound) == 0 {
			if _, err := onnx.Elements(dims); err != nil {
				return fmt.Errorf("input %q: %w", in.Name, err)
			}
			im.Input(in.Name, e)
		}
		im.Tensors[in.Name] = e
	}
	if len(unbound) > 0 {
		return fmt.Errorf("symbolic dimensions are not bound: %s", strings.Join(unbound, ", "))
	}
	for _, s := range slices.Sorted(mapKeys(bind)) {
		if !used[s] && (s != "batch" || bind[s] != 1 || !single(im)) {
			return fmt.Errorf("bind %s: the inputs have no such dimension; they have %s", s, listOr(im.Model.Symbols(), "no symbolic dimension"))
		}
	}
	return nil
}

// single reports whether the first dimension of every input is 1, so that a batch
// of 1 says nothing new.
func single(im *walk.Importer) bool {
	return !slices.ContainsFunc(im.Model.RuntimeInputs(), func(in onnx.Info) bool { return len(in.Dims) > 0 && in.Dims[0].Value != 1 })
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

func outputs(im *walk.Importer) error {
	found := false
	for _, o := range im.Graph.Outputs {
		if e := im.Tensors[o.Name]; e != nil && e.Ready && !e.Fixed && !e.Cache {
			im.B.Logits(e.Val) // what a loss reads, in float32
			found = true
		}
	}
	for _, o := range im.Graph.Outputs { // a graph of shapes and constants does no work
		if e := im.Tensors[o.Name]; !found && e != nil && e.Fixed && e.Elems() > 0 {
			im.Warn("no output depends on the inputs")
			im.B.Logits(im.B.ConstantWith(o.Name, im.B.FrozenParam(o.Name, e.Elems())))
			found = true
		}
	}
	if !found {
		return errors.New("no output depends on the inputs")
	}
	return nil
}
