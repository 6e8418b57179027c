package convert

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

func listInfo(name string, dims ...int64) onnx.Info {
	v := info(name, dims...)
	v.List = true
	return v
}

// kind is a graph, and what comes of it: the dimensions of a tensor,
// multiply-accumulates, bytes of nothing else.
type kind struct {
	name   string
	m      onnx.Model
	o      walk.Choices
	tensor string
	dims   string
	macs   int64
	warn   string
}

func kinds() []kind {
	attr := func(name string, v int64) onnx.Attr { return onnx.Attr{Name: name, Int: v} }
	text := func(name, v string) onnx.Attr { return onnx.Attr{Name: name, Text: v} }
	file := func(opset int64, g onnx.Graph) onnx.Model { return onnx.Model{Opset: opset, Graph: &g} }
	step := &onnx.Graph{ // h W + x, of one sequence and step
		Inputs: infos("h", "x_t"), Outputs: infos("next", "out"),
		Nodes: []onnx.Node{node1("MatMul", "h,W", "hw"), node1("Add", "hw,x_t", "next"), node1("MatMul", "next,V", "out")},
	}
	each := &onnx.Graph{Inputs: infos("one", "with"), Outputs: infos("r"), Nodes: []onnx.Node{node1("MatMul", "one,W", "p"), node1("Add", "p,with", "r")}}
	w := matrix("W", 4, 4)
	return []kind{
		{name: "factors aligned at an axis before opset 7", tensor: "y", dims: "[2 3 4 5]", m: file(6, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4, 5)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("b", 3)},
			Nodes: []onnx.Node{node1("Add", "x,b", "y", attr("axis", 1), attr("broadcast", 1))},
		})},
		{name: "slopes of channels before opset 7", tensor: "y", dims: "[2 3 4]", m: file(6, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("b", 3)}, Nodes: []onnx.Node{node1("PRelu", "x,b", "y")},
		})},
		{name: "shape, padding, number of the largest as attributes", tensor: "y", dims: "[2 4]", m: file(1, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4)}, Outputs: infos("y"),
			Nodes: []onnx.Node{
				node1("Pad", "x", "p", onnx.Attr{Name: "paddings", Ints: []int64{0, 0, 0, 0, 0, 4}}), // 2 x 3 x 8
				node1("Reshape", "p", "r", onnx.Attr{Name: "shape", Ints: []int64{2, -1}}), node1("TopK", "r", "y,i", attr("k", 4)),
			},
		})},
		{name: "Scan of opset 8", tensor: "ys", dims: "[3 5 2]", macs: 3 * 5 * (4*4 + 4*2), m: file(8, onnx.Graph{
			Inputs: []onnx.Info{info("h0", 3, 4), info("x", 3, 5, 4)}, Outputs: infos("h", "ys"), Tensors: []onnx.Constant{w, matrix("V", 4, 2)},
			Nodes: []onnx.Node{node1("Scan", ",h0,x", "h,ys", attr("num_scan_inputs", 1), onnx.Attr{Name: "body", Graph: step})},
		})},
		{name: "its last state", tensor: "h", dims: "[3 4]", macs: 3 * 5 * (4*4 + 4*2), m: file(8, onnx.Graph{
			Inputs: []onnx.Info{info("h0", 3, 4), info("x", 3, 5, 4)}, Outputs: infos("h", "ys"), Tensors: []onnx.Constant{w, matrix("V", 4, 2)},
			Nodes: []onnx.Node{node1("Scan", ",h0,x", "h,ys", attr("num_scan_inputs", 1), onnx.Attr{Name: "body", Graph: step}, onnx.Attr{Name: "directions", Ints: []int64{1}})},
		})},
		{name: "SequenceMap over an input", tensor: "y", dims: "[9 4]", macs: 3 * 3 * 4 * 4, o: walk.Choices{Bound: map[string]int64{"s": 3}}, m: file(17, onnx.Graph{
			Inputs: []onnx.Info{listInfo("s", 3, 4), info("z", 3, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{w},
			Nodes: []onnx.Node{node1("SequenceMap", "s,z", "rs", onnx.Attr{Name: "body", Graph: each}), node1("ConcatFromSequence", "rs", "y", attr("axis", 0))},
		})},
		{name: "a sequence whose length nothing says", tensor: "y", dims: "[3 4]", macs: 3 * 4 * 4, warn: "--bound s=N", m: file(17, onnx.Graph{
			Inputs: []onnx.Info{listInfo("s", 3, 4), info("z", 3, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{w},
			Nodes: []onnx.Node{node1("SequenceMap", "s,z", "rs", onnx.Attr{Name: "body", Graph: each}), node1("ConcatFromSequence", "rs", "y", attr("axis", 0))},
		})},
		{name: "a diagonal", tensor: "y", dims: "[7 5]", macs: 7 * 5 * 6, m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 7, 6, 6), info("z", 7, 6, 5)}, Outputs: infos("y"), Nodes: []onnx.Node{node1("Einsum", "x,z", "y", text("equation", "bii,bij->bj"))},
		})},
		{name: "an index that is summed in one factor alone", tensor: "y", dims: "[2]", macs: 2 * 3, m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3), info("z", 3, 4)}, Outputs: infos("y"), Nodes: []onnx.Node{node1("Einsum", "x,z", "y", text("equation", "ij,jk->i"))},
		})},
		{name: "a result that is set", tensor: "y", dims: "[2 8]", macs: 2 * 4 * 8, o: walk.Choices{Set: map[string]float64{"c": 1}}, m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("wide", 4, 16), matrix("slim", 4, 8)},
			Nodes: []onnx.Node{
				node1("ReduceMax", "x", "m", attr("keepdims", 0)), node1("Greater", "m,m", "c"),
				node1("If", "c", "y", onnx.Attr{Name: "then_branch", Graph: &onnx.Graph{Nodes: []onnx.Node{node1("MatMul", "x,slim", "r")}, Outputs: infos("r")}},
					onnx.Attr{Name: "else_branch", Graph: &onnx.Graph{Nodes: []onnx.Node{node1("MatMul", "x,wide", "r")}, Outputs: infos("r")}}),
			},
		})},
		{name: "sizes that bound from above", tensor: "y", dims: "[1 3 6 12]", m: file(18, onnx.Graph{ // scales 3 and 1.5
			Inputs: []onnx.Info{info("x", 1, 3, 4, 8)}, Outputs: infos("y"), Tensors: []onnx.Constant{ints1("s", []int64{2}, 12, 12)},
			Nodes: []onnx.Node{node1("Resize", "x,,,s", "y", onnx.Attr{Name: "axes", Ints: []int64{2, 3}}, text("keep_aspect_ratio_policy", "not_larger"))},
		})},
		{name: "sizes that bound from below", tensor: "y", dims: "[1 3 12 24]", m: file(18, onnx.Graph{
			Inputs: []onnx.Info{info("x", 1, 3, 4, 8)}, Outputs: infos("y"), Tensors: []onnx.Constant{ints1("s", []int64{2}, 12, 12)},
			Nodes: []onnx.Node{node1("Resize", "x,,,s", "y", onnx.Attr{Name: "axes", Ints: []int64{2, 3}}, text("keep_aspect_ratio_policy", "not_smaller"))},
		})},
		{name: "an empty slice is nothing", tensor: "y", dims: "[2 4]", m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{ints1("from", []int64{1}, 4), ints1("to", []int64{1}, 9), ints1("axis", []int64{1}, 1)},
			Nodes: []onnx.Node{node1("Slice", "x,from,to,axis", "none"), node1("Concat", "none,x", "y", attr("axis", 1))},
		})},
		{name: "an input without elements", tensor: "y", dims: "[1 1]", m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 4), info("axes", 0)}, Outputs: infos("y"), Nodes: []onnx.Node{node1("ReduceSum", "x,axes", "y")},
		})},
		{name: "data place elements of constants", tensor: "y", dims: "[8]", m: file(13, onnx.Graph{
			Inputs: []onnx.Info{{Name: "at", Type: onnx.TypeInt64, Dims: []onnx.Dim{{Value: 2}, {Value: 1}}}}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("zeros", 8), matrix("ones", 2)},
			Nodes: []onnx.Node{node1("ScatterND", "zeros,at,ones", "y")},
		})},
		{name: "a constant behind a function that is not computed", tensor: "y", dims: "[2 4]", m: file(13, onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("c", 4)}, Nodes: []onnx.Node{node1("Softplus", "c", "d"), node1("Mul", "x,d", "y")},
		})},
	}
}

func TestKinds(t *testing.T) {
	for _, k := range kinds() {
		back, err := read(k.m.Encode())
		if err != nil {
			t.Fatal(k.name, err)
		}
		im, err := declared(back, "test", k.o)
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		n, warnings, err := Network(back, "test", k.o)
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		if got := fmt.Sprint(im.Tensors[k.tensor].Dims); got != k.dims || macsOf(n) != k.macs {
			t.Errorf("%s: %s of %s and %d products, want %s and %d", k.name, k.tensor, got, macsOf(n), k.dims, k.macs)
		}
		if said := strings.Join(warnings, " "); k.warn == "" && said != "" || !strings.Contains(said, k.warn) {
			t.Errorf("%s: warnings %q, want %q", k.name, said, k.warn)
		}
		if k.name == "Scan of opset 8" { // the sequences share the weights
			if p, _ := n.Totals(); p != 4*4+4*2 {
				t.Errorf("%d parameters", p)
			}
		}
	}
}

// TestLongRecurrences: of more time steps than a trace holds the counts are exact,
// in bounded memory, and the trace says what it does not hold; beyond what is counted
// a sequence is refused at once.
func TestLongRecurrences(t *testing.T) {
	lstm := func(steps int64) (*onnx.Model, error) {
		m := onnx.Model{Opset: 14, Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", steps, 1, 2)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("W", 1, 12, 2), matrix("R", 1, 12, 3)},
			Nodes: []onnx.Node{node1("LSTM", "x,W,R", "y", onnx.Attr{Name: "hidden_size", Int: 3})},
		}}
		return read(m.Encode())
	}
	m, err := lstm(1e5)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := Network(m, "test", walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if params, macs := n.Totals(); params != 12*(2+3) || macs != 1e5*12*(2+3) {
		t.Errorf("%d parameters, %d products of 1e5 steps", params, macs)
	}
	if _, err = lower.Trace(n, workload.Options{Batch: 1}); err == nil || !strings.Contains(err.Error(), "test: 100000 time steps of recurrent layers: a trace holds every one, at most 16384; --layers has the counts") {
		t.Errorf("trace: %v", err)
	}
	if m, err = lstm(1<<20 + 1); err != nil {
		t.Fatal(err)
	}
	allocated := testing.AllocsPerRun(1, func() { _, _, err = Network(m, "test", walk.Choices{}) })
	if err == nil || !strings.Contains(err.Error(), "1048577 time steps, 1048577 with the layers before: at most 1048576 are counted") || allocated > 1000 {
		t.Errorf("%v after %g allocations", err, allocated)
	}
	if m, err = lstm(graph.MaxTimeSteps); err != nil {
		t.Fatal(err)
	}
	n, _, err = Network(m, "test", walk.Choices{})
	if err != nil || macsOf(n) != graph.MaxTimeSteps*12*(2+3) {
		t.Errorf("%v", err)
	}
}
