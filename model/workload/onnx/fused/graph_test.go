package fused_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/convert"
	"stco/model/workload/onnx/walk"
)

// model reads a graph from lines:
//
//	x 2 3 4              an input of numbers
//	i tokens 2 3         of indices
//	w weights 4 5        an initializer without its values
//	s ints 2 -1          of whole numbers; k int 2 of one; c scalar 0.5 of one number
//	y,z = Op@domain x w - b axis=1 axes=[2,3] mode=linear scales=[1.5]
//
// The results of the last node are those of the graph, and names with a ! behind.
func model(t *testing.T, opset int64, text string) *onnx.Model {
	t.Helper()
	g := &onnx.Graph{}
	numbers := func(fields []string) (vs []float64, dims []int64) {
		for _, f := range fields {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			vs, dims = append(vs, v), append(dims, int64(v))
		}
		return vs, dims
	}
	for line := range strings.SplitSeq(text, ";") {
		f := strings.Fields(line)
		if f[1] == "=" {
			n := onnx.Node{Name: "node", Out: strings.Split(f[0], ",")}
			if len(g.Nodes) > 0 {
				n.Name += strconv.Itoa(len(g.Nodes))
			}
			n.Op, n.Domain, _ = strings.Cut(f[2], "@")
			for i, name := range n.Out {
				n.Out[i] = strings.Trim(name, "-!")
				if strings.HasSuffix(name, "!") {
					g.Outputs = append(g.Outputs, onnx.Info{Name: n.Out[i]})
				}
			}
			for _, arg := range f[3:] {
				key, value, attr := strings.Cut(arg, "=")
				if !attr {
					n.In = append(n.In, strings.Trim(arg, "-"))
					continue
				}
				a := onnx.Attr{Name: key}
				if list, ok := strings.CutPrefix(value, "["); ok {
					vs, dims := numbers(strings.Split(strings.TrimSuffix(list, "]"), ","))
					if a.Ints = dims; strings.Contains(list, ".") {
						a.Ints = nil
						for _, v := range vs {
							a.Floats = append(a.Floats, float32(v))
						}
					}
				} else if v, err := strconv.ParseInt(value, 10, 64); err == nil {
					a.Int = v
				} else {
					a.Text = strings.ReplaceAll(value, "~", " ")
				}
				n.Attrs = append(n.Attrs, a)
			}
			g.Nodes = append(g.Nodes, n)
			continue
		}
		kind := f[1]
		if _, err := strconv.Atoi(kind); err == nil {
			kind, f = "input", append([]string{f[0], ""}, f[1:]...)
		}
		values, dims := numbers(f[2:])
		switch kind {
		case "input", "tokens":
			in := onnx.Info{Name: f[0], Type: map[string]int64{"input": onnx.TypeFloat, "tokens": onnx.TypeInt64}[kind]}
			for _, d := range dims {
				in.Dims = append(in.Dims, onnx.Dim{Value: d})
			}
			g.Inputs = append(g.Inputs, in)
		case "weights":
			g.Tensors = append(g.Tensors, onnx.Constant{Name: f[0], Dims: dims, Type: onnx.TypeFloat})
		case "ints":
			g.Tensors = append(g.Tensors, onnx.Constant{Name: f[0], Dims: []int64{int64(len(values))}, Type: onnx.TypeInt64, Values: values})
		case "int":
			g.Tensors = append(g.Tensors, onnx.Constant{Name: f[0], Dims: []int64{}, Type: onnx.TypeInt64, Values: values})
		case "scalar":
			g.Tensors = append(g.Tensors, onnx.Constant{Name: f[0], Dims: []int64{}, Type: onnx.TypeFloat, Values: values})
		default:
			t.Fatalf("%q: no kind %q", text, kind)
		}
	}
	for _, out := range g.Nodes[len(g.Nodes)-1].Out {
		if out != "" {
			g.Outputs = append(g.Outputs, onnx.Info{Name: out})
		}
	}
	return &onnx.Model{Opset: opset, Graph: g, Nodes: len(g.Nodes)}
}

func network(t *testing.T, opset int64, text string) (*graph.Network, error) {
	t.Helper()
	n, _, err := convert.Network(model(t, opset, text), "test", walk.Choices{})
	return n, err
}

// counts writes the elements of every result, the parameters and the products of
// a network, and its operators.
func counts(n *graph.Network) string {
	var elems, kinds []string
	for _, out := range n.Outputs {
		elems = append(elems, fmt.Sprint(graph.Count(out)))
	}
	for i := range n.Ops {
		kinds = append(kinds, n.Ops[i].Kind.String())
	}
	p, m := n.Totals()
	return fmt.Sprintf("%s elements, %d parameters, %d products: %s", strings.Join(elems, " "), p, m, strings.Join(kinds, " "))
}

// check holds graphs to their counts.
func check(t *testing.T, opset int64, want map[string]string) {
	t.Helper()
	for text, w := range want {
		n, err := network(t, opset, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := counts(n); got != w {
			t.Errorf("%s:\n%s, want\n%s", text, got, w)
		}
	}
}

// refuse holds graphs to their errors.
func refuse(t *testing.T, opset int64, want map[string]string) {
	t.Helper()
	for text, w := range want {
		if n, err := network(t, opset, text); err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v, want %q", text, err, w)
			if err == nil {
				t.Log(counts(n))
			}
		}
	}
}
