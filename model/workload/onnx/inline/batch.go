package inline

import (
	"fmt"
	"slices"

	"stco/model/workload/onnx"
)

// picked adds the element of a tensor at a place of an axis.
func (e *editor) picked(from, to string, at, axis int64) {
	index := e.constant(to+"#at", onnx.TypeInt64, []int64{}, float64(at))
	e.add(onnx.Node{Name: to, Op: "Gather", In: []string{from, index}, Out: []string{to}, Attrs: []onnx.Attr{{Name: "axis", Int: axis}}})
}

// scanBatch is Scan of operator set 8: behind the lengths of the sequences, states
// and scanned inputs whose first axis is a batch and whose second is the time; the
// body sees one sequence at a time.
func scanBatch(m *onnx.Model, i int, dims func(string) ([]int64, error)) (*onnx.Model, error) {
	return replace(m, i, func(e *editor, n *onnx.Node) error {
		g := Subgraph(n, "body")
		k := int(n.AttrInt("num_scan_inputs", 0))
		states := len(n.In) - 1 - k
		if g == nil || k < 1 || states < 0 || len(g.Inputs) != states+k || len(g.Outputs) < states || len(n.Out) > len(g.Outputs) {
			return fmt.Errorf("a body whose inputs and results do not fit the node's")
		}
		batch, trips := int64(-1), int64(-1)
		for _, in := range n.In[1+states:] {
			d, err := dims(in)
			if err != nil {
				return err
			}
			if len(d) < 2 || trips >= 0 && (d[0] != batch || d[1] != trips) {
				return fmt.Errorf("scanned inputs of %v where %d sequences of %d steps are expected", d, batch, trips)
			}
			batch, trips = d[0], d[1]
		}
		if batch*trips > MaxTrips || int64(len(m.Graph.Nodes))+batch*trips*int64(len(g.Nodes)+len(n.In)+len(n.Out)) > maxNodes {
			return fmt.Errorf("%d trips of %d nodes: at most %d trips and %d nodes are written out", batch*trips, len(g.Nodes), MaxTrips, maxNodes)
		}
		back := n.AttrInts("directions")
		last, scans := make([][]string, states), make([][]string, len(g.Outputs)-states)
		for b := range batch {
			values := make([]string, states)
			for c := range values {
				values[c] = fmt.Sprintf("%s/%d/#state%d", n.Name, b, c)
				e.picked(n.In[1+c], values[c], b, 0)
			}
			rows := make([][]string, len(scans))
			for t := range trips {
				prefix := fmt.Sprintf("%s/%d/%d/", n.Name, b, t)
				bound := names{}
				for c, v := range values {
					bound[g.Inputs[c].Name] = v
				}
				for s := range k {
					at := t
					if s < len(back) && back[s] != 0 {
						at = trips - 1 - t
					}
					one, row := fmt.Sprintf("%s#sequence%d", prefix, s), fmt.Sprintf("%s#in%d", prefix, s)
					e.picked(n.In[1+states+s], one, b, 0)
					e.picked(one, row, at, 0)
					bound[g.Inputs[states+s].Name] = row
				}
				in := e.body(g, prefix, n.Name+"/body/", bound, b == 0 && t == 0)
				for c := range values {
					values[c] = in.of(g.Outputs[c].Name)
				}
				for s := range rows {
					row := fmt.Sprintf("%s#row%d", prefix, s)
					e.add(unsqueezed(in.of(g.Outputs[states+s].Name), row, 0))
					rows[s] = append(rows[s], row)
				}
			}
			for c, v := range values {
				row := fmt.Sprintf("%s/%d/#last%d", n.Name, b, c)
				e.add(unsqueezed(v, row, 0))
				last[c] = append(last[c], row)
			}
			for s := range scans {
				all := fmt.Sprintf("%s/%d/#all%d", n.Name, b, s)
				e.stack(rows[s], all, 0)
				wide := all + "#wide"
				e.add(unsqueezed(all, wide, 0))
				scans[s] = append(scans[s], wide)
			}
		}
		for r, list := range slices.Concat(last, scans) {
			if r < len(n.Out) {
				e.stack(list, n.Out[r], 0)
			}
		}
		return nil
	})
}

// Map returns the model with the body of a SequenceMap written out for every
// element; length returns the tensors of a sequence.
func Map(m *onnx.Model, i int, length func(string) (int64, bool)) (*onnx.Model, error) {
	return replace(m, i, func(e *editor, n *onnx.Node) error {
		g := Subgraph(n, "body")
		if g == nil || len(n.In) < 1 || len(g.Inputs) != len(n.In) || len(g.Outputs) < len(n.Out) {
			return fmt.Errorf("a body whose inputs and results do not fit the node's")
		}
		count, ok := length(n.In[0])
		if !ok {
			return fmt.Errorf("input %q is no sequence", n.In[0])
		}
		if count > MaxTrips || int64(len(m.Graph.Nodes))+count*int64(len(g.Nodes)+len(n.In)) > maxNodes {
			return fmt.Errorf("%d elements of %d nodes: at most %d elements and %d nodes are written out", count, len(g.Nodes), MaxTrips, maxNodes)
		}
		results := make([][]string, len(n.Out))
		for t := range count {
			prefix := fmt.Sprintf("%s/%d/", n.Name, t)
			bound := names{}
			for k, in := range n.In {
				bound[g.Inputs[k].Name] = in
				if _, list := length(in); !list {
					continue
				}
				one := fmt.Sprintf("%s#in%d", prefix, k)
				at := e.constant(one+"#at", onnx.TypeInt64, []int64{}, float64(t))
				e.add(onnx.Node{Name: one, Op: "SequenceAt", In: []string{in, at}, Out: []string{one}})
				bound[g.Inputs[k].Name] = one
			}
			in := e.body(g, prefix, n.Name+"/body/", bound, t == 0)
			for k := range results {
				results[k] = append(results[k], in.of(g.Outputs[k].Name))
			}
		}
		for k, out := range n.Out {
			op := "SequenceConstruct"
			if count == 0 {
				op = "SequenceEmpty"
			}
			e.add(onnx.Node{Name: out, Op: op, In: results[k], Out: []string{out}})
		}
		return nil
	})
}
