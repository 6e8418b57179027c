package inline

import (
	"fmt"
	"slices"

	"stco/model/workload/onnx"
)

// iteration is the attribute of a Loop some of whose trips are written out: the
// number of the next one.
const iteration = "stco.iteration"

// Trips says how far a Loop is written out.
type Trips struct {
	Count int64 // trips to write out now
	More  bool  // the loop stays behind them, with a condition that they compute
	Left  int64 // trips that the loop may still do
}

// Condition says what is known of a Loop's condition after a trip without
// running it: that of before (or true), false, or neither. constant returns the
// value of a tensor around the loop.
func Condition(n *onnx.Node, constant func(string) (float64, bool)) (value, known bool) {
	g := Subgraph(n, "body")
	if g == nil || len(g.Outputs) == 0 || len(g.Inputs) < 2 {
		return false, false
	}
	name := g.Outputs[0].Name
	for range 1 << 8 {
		if name == g.Inputs[1].Name {
			return true, true
		}
		if i := slices.IndexFunc(g.Tensors, func(t onnx.Constant) bool { return t.Name == name }); i >= 0 {
			v := g.Tensors[i].Values
			return len(v) == 1 && v[0] != 0, len(v) == 1
		}
		i := slices.IndexFunc(g.Nodes, func(n onnx.Node) bool { return slices.Contains(n.Out, name) })
		if i < 0 {
			v, ok := constant(name)
			return v != 0, ok
		}
		switch w := &g.Nodes[i]; {
		case (w.Op == "Identity" || w.Op == "Cast") && len(w.In) > 0:
			name = w.In[0]
		case w.Op == "Constant":
			for _, a := range w.Attrs {
				if a.Tensor != nil && len(a.Tensor.Values) == 1 {
					return a.Tensor.Values[0] != 0, true
				}
			}
			return w.AttrInt("value_int", 0) != 0, true
		default:
			return false, false
		}
	}
	return false, false
}

// Loop returns the model with the trips of a Loop written out.
func Loop(m *onnx.Model, i int, t Trips) (*onnx.Model, error) {
	if t.Count < 0 || t.Count > MaxTrips {
		return nil, fmt.Errorf("%d trips: every one is written out, at most %d; --bound Loop=N takes the first N", t.Count, MaxTrips)
	}
	return replace(m, i, func(e *editor, n *onnx.Node) error {
		g := Subgraph(n, "body")
		carried := len(n.In) - 2
		if g == nil || carried < 0 || len(g.Inputs) != carried+2 || len(g.Outputs) < carried+1 || len(n.Out) > len(g.Outputs)-1 {
			return fmt.Errorf("a body whose inputs and results do not fit the node's")
		}
		if int64(len(m.Graph.Nodes))+t.Count*int64(len(g.Nodes)+4) > maxNodes {
			return fmt.Errorf("%d trips of %d nodes: written out more than %d nodes; --bound Loop=N takes the first N", t.Count, len(g.Nodes), maxNodes)
		}
		base := Done(n)
		values := slices.Clone(n.In[2:])
		cond := n.In[1]
		if cond == "" {
			cond = e.constant(fmt.Sprintf("%s/true%d", n.Name, base), onnx.TypeBool, []int64{}, 1)
		}
		for k := range t.Count {
			prefix := fmt.Sprintf("%s/%d/", n.Name, base+k)
			bound := names{g.Inputs[0].Name: e.constant(prefix+"#trip", onnx.TypeInt64, []int64{}, float64(base+k)), g.Inputs[1].Name: cond}
			for c, v := range values {
				bound[g.Inputs[c+2].Name] = v
			}
			at := e.body(g, prefix, n.Name+"/body/", bound, base+k == 0)
			cond = at.of(g.Outputs[0].Name)
			for c := range values {
				values[c] = at.of(g.Outputs[c+1].Name)
			}
			for s := range max(0, len(n.Out)-carried) {
				e.add(unsqueezed(at.of(g.Outputs[carried+1+s].Name), rowOf(n, base+k, s), 0))
			}
		}
		finish(e, n, t, base, cond, values)
		return nil
	})
}

// finish gives the results of a loop: those of the last trip, or of the loop that
// stays.
func finish(e *editor, n *onnx.Node, t Trips, base int64, cond string, values []string) {
	if t.More {
		rest := *n
		rest.In = append([]string{e.constant(fmt.Sprintf("%s/%d/#left", n.Name, base+t.Count), onnx.TypeInt64, []int64{}, float64(t.Left)), cond}, values...)
		rest.Attrs = slices.DeleteFunc(slices.Clone(n.Attrs), func(a onnx.Attr) bool { return a.Name == iteration })
		rest.Attrs = append(rest.Attrs, onnx.Attr{Name: iteration, Int: base + t.Count})
		e.add(rest)
		return
	}
	for c, v := range values {
		if c < len(n.Out) {
			e.same(v, n.Out[c])
		}
	}
	for s := range max(0, len(n.Out)-len(values)) {
		out := n.Out[len(values)+s]
		var rows []string
		for k := range base + t.Count {
			rows = append(rows, rowOf(n, k, s))
		}
		e.stack(rows, out, 0)
	}
}

// rowOf names what trip k adds to the scanned result s.
func rowOf(n *onnx.Node, k int64, s int) string { return fmt.Sprintf("%s/%d/#row%d", n.Name, k, s) }

// stack joins the rows of a scanned result.
func (e *editor) stack(rows []string, out string, axis int64) {
	switch {
	case out == "":
	case len(rows) == 0:
		e.constant(out, onnx.TypeFloat, []int64{0})
	default:
		e.add(onnx.Node{Name: out, Op: "Concat", In: rows, Out: []string{out}, Attrs: []onnx.Attr{{Name: "axis", Int: axis}}})
	}
}

// Done returns the trips of a Loop that are written out already.
func Done(n *onnx.Node) int64 { return n.AttrInt(iteration, 0) }

func unsqueezed(from, to string, axis int64) onnx.Node {
	return onnx.Node{Name: to, Op: "Unsqueeze", In: []string{from}, Out: []string{to}, Attrs: []onnx.Attr{{Name: "axes", Ints: []int64{axis}}}}
}

// Scan returns the model with the trips of a Scan written out; dims returns the
// dimensions of a tensor.
func Scan(m *onnx.Model, i int, dims func(string) ([]int64, error)) (*onnx.Model, error) {
	if m.Opset < 9 {
		return scanBatch(m, i, dims)
	}
	return replace(m, i, func(e *editor, n *onnx.Node) error {
		g := Subgraph(n, "body")
		k := int(n.AttrInt("num_scan_inputs", 0))
		states := len(n.In) - k
		if g == nil || k < 1 || states < 0 || len(g.Inputs) != len(n.In) || len(g.Outputs) < states || len(n.Out) > len(g.Outputs) {
			return fmt.Errorf("a body whose inputs and results do not fit the node's")
		}
		trips := int64(-1)
		axes := make([]int64, k)
		for s := range k {
			d, err := dims(n.In[states+s])
			if err != nil {
				return err
			}
			if axes[s], err = axisAt(n.AttrInts("scan_input_axes"), s, len(d)); err != nil {
				return err
			}
			if size := d[axes[s]]; trips >= 0 && size != trips {
				return fmt.Errorf("scanned axes of %d and %d", trips, size)
			}
			trips = d[axes[s]]
		}
		if trips > MaxTrips || int64(len(m.Graph.Nodes))+trips*int64(len(g.Nodes)+len(n.In)+len(n.Out)) > maxNodes {
			return fmt.Errorf("%d trips of %d nodes: every one is written out, at most %d trips and %d nodes; a shorter sequence has the same counts per trip", trips, len(g.Nodes), MaxTrips, maxNodes)
		}
		values := slices.Clone(n.In[:states])
		scans := make([][]string, max(0, len(n.Out)-states))
		outAxes, ways := n.AttrInts("scan_output_axes"), n.AttrInts("scan_input_directions")
		for t := range trips {
			prefix := fmt.Sprintf("%s/%d/", n.Name, t)
			bound := names{}
			for c, v := range values {
				bound[g.Inputs[c].Name] = v
			}
			for s := range k {
				at := t
				if s < len(ways) && ways[s] != 0 {
					at = trips - 1 - t
				}
				row := fmt.Sprintf("%s#in%d", prefix, s)
				index := e.constant(row+"#at", onnx.TypeInt64, []int64{}, float64(at))
				e.add(onnx.Node{Name: row, Op: "Gather", In: []string{n.In[states+s], index}, Out: []string{row}, Attrs: []onnx.Attr{{Name: "axis", Int: axes[s]}}})
				bound[g.Inputs[states+s].Name] = row
			}
			in := e.body(g, prefix, n.Name+"/body/", bound, t == 0)
			for c := range values {
				values[c] = in.of(g.Outputs[c].Name)
			}
			for s := range scans {
				axis := int64(0)
				if s < len(outAxes) {
					axis = outAxes[s]
				}
				row := fmt.Sprintf("%s#row%d", prefix, s)
				e.add(unsqueezed(in.of(g.Outputs[states+s].Name), row, axis))
				scans[s] = append(scans[s], row)
			}
		}
		for c, v := range values {
			if c < len(n.Out) {
				e.same(v, n.Out[c])
			}
		}
		for s, rows := range scans {
			axis := int64(0)
			if s < len(outAxes) {
				axis = outAxes[s]
			}
			e.stack(rows, n.Out[states+s], axis)
		}
		return nil
	})
}

func axisAt(axes []int64, i, rank int) (int64, error) {
	a := int64(0)
	if i < len(axes) {
		a = axes[i]
	}
	if a < 0 {
		a += int64(rank)
	}
	if a < 0 || a >= int64(rank) {
		return 0, fmt.Errorf("scan over axis %d of a tensor of rank %d", a, rank)
	}
	return a, nil
}
