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
// the walk begins again. One that cannot be written out is a fault among others.
func declared(m *onnx.Model, name string, o walk.Choices) (*walk.Importer, error) {
	m, err := setInputs(m, &o)
	if err == nil {
		m, err = inline.Functions(m)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var warnings []string
	refused := map[string]error{} // by their first result
	for walked := 0; ; {
		if m, err = prepare(m, o.Bind); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		im, at, err := once(m, name, o, refused)
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
			refused[resultOf(n)] = err
			continue
		}
		warnings = append(warnings, im.Warnings[said:]...)
	}
}

// once walks the graph up to its end, or to a node that holds sub-graphs, whose
// place it returns; -1 for none. Its error names every node that fails on its own.
func once(m *onnx.Model, name string, o walk.Choices, refused map[string]error) (*walk.Importer, int, error) {
	im := &walk.Importer{
		Model: m, B: graph.NewBuilder(name), Tensors: map[string]*walk.Entry{}, Choices: o,
	}
	fail := func(err error) (*walk.Importer, int, error) { return nil, 0, fmt.Errorf("%s: %w", name, err) }
	if err := declare(im, o.Bind); err != nil {
		return fail(err)
	}
	var err error
	if im.Index, err = pattern.Find(m); err != nil {
		return fail(err)
	}
	im.Graph = im.Index.Graph
	f := faults{im: im, name: name, lost: map[string]bool{}}
	f.unknownOperators(m.Graph)
	for i := range im.Graph.Nodes {
		n := &im.Graph.Nodes[i]
		switch wrong := refused[resultOf(n)]; {
		case wrong != nil && control(n):
			f.note(i, wrong)
		case f.reads(n) || !o.Pointwise && !knows(n):
			f.lose(i)
		case control(n):
			return im, i, nil
		default:
			f.note(i, node(im, i))
		}
		if im.Work > walk.MaxWork {
			break
		}
	}
	if err := f.err(); err != nil {
		return nil, 0, err
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
	for i := range im.Model.Graph.Inputs { // those of inputs that became weights
		for j, d := range im.Model.Graph.Inputs[i].Dims {
			if d.Symbol != "" {
				used[d.Symbol] = im.Tensors[im.Model.Graph.Inputs[i].Name] != nil
			} else if d.Value < 0 {
				used[fmt.Sprintf("%s.%d", im.Model.Graph.Inputs[i].Name, j)] = im.Tensors[im.Model.Graph.Inputs[i].Name] != nil
			}
		}
	}
	var unbound []string
	for _, in := range im.Model.RuntimeInputs() {
		if im.Tensors[in.Name] != nil {
			return fmt.Errorf("two inputs are called %q", in.Name)
		}
		dims := make([]int64, len(in.Dims))
		for j, d := range in.Dims {
			v, symbol := d.Value, d.Symbol
			if symbol == "" && v < 0 {
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
			_, err := onnx.Elements(dims)
			if err != nil {
				return fmt.Errorf("input %q: %w", in.Name, err)
			}
			switch {
			case in.List:
				if e, err = listInput(im, in, e); err != nil {
					return err
				}
			case slices.Contains(dims, 0): // nothing is there: the same in every inference
				e.Fixed, e.Values = true, []float64{}
			default:
				im.Input(in.Name, e)
			}
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

// listInput enters an input that is a sequence of tensors: as many as the options
// bound it to.
func listInput(im *walk.Importer, in onnx.Info, e *walk.Entry) (*walk.Entry, error) {
	count, ok := im.Choices.Bound[in.Name]
	if !ok {
		count, ok = im.Choices.Bound["Sequence"]
	}
	if !ok {
		count = 1
		im.Warn("input %q is a sequence and taken to hold 1 tensor: --bound %s=N says how many", in.Name, in.Name)
	}
	if count > walk.MaxParts {
		return nil, fmt.Errorf("bound %s=%d: at most %d tensors", in.Name, count, walk.MaxParts)
	}
	all := &walk.Entry{Param: walk.NoParam, IsList: true}
	for k := range count {
		one := &walk.Entry{Tensor: infer.Tensor{Dims: e.Dims, Type: e.Type}, Param: walk.NoParam}
		im.Input(fmt.Sprintf("%s.%d", in.Name, k), one)
		all.List = append(all.List, one)
	}
	return all, nil
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
	found, caches := false, false
	var enter func(e *walk.Entry)
	enter = func(e *walk.Entry) {
		if e == nil {
			return
		}
		for _, one := range e.List {
			enter(one)
		}
		if e.Ready && !e.Fixed && e.Cache == caches {
			im.B.Logits(e.Val) // what a loss reads, in float32
			found = true
		}
	}
	for _, caches = range []bool{false, true} { // caches where there is nothing else
		for _, o := range im.Graph.Outputs {
			if !found || !caches {
				enter(im.Tensors[o.Name])
			}
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
		return errors.New("no output depends on the inputs" + emptyInputs(im))
	}
	return nil
}

// emptyInputs names the inputs that have no elements.
func emptyInputs(im *walk.Importer) string {
	var text strings.Builder
	for _, in := range im.Model.RuntimeInputs() {
		for j, d := range in.Dims {
			if d.Symbol == "" && d.Value == 0 {
				fmt.Fprintf(&text, "; dimension %d of input %q is 0", j, in.Name)
			}
		}
	}
	return text.String()
}
