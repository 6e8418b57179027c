package pattern

import (
	"testing"

	"stco/model/workload/onnx"
)

func node(op, in1, in2, out string) onnx.Node {
	n := onnx.Node{Name: out, Op: op, In: []string{in1}, Out: []string{out}}
	if in2 != "" {
		n.In = append(n.In, in2)
	}
	return n
}

func model(nodes ...onnx.Node) *onnx.Model {
	one := []float64{0.125}
	return &onnx.Model{Opset: 13, Graph: &onnx.Graph{
		Nodes:   nodes,
		Tensors: []onnx.Constant{{Name: "c", Dims: []int64{}, Type: onnx.TypeFloat, Values: one}, {Name: "row", Dims: []int64{64}, Type: onnx.TypeFloat}},
		Inputs:  []onnx.Info{{Name: "x", Type: 1, Dims: []onnx.Dim{{Value: 8}, {Value: 64}}}, {Name: "z", Type: 1, Dims: []onnx.Dim{{Value: 64}, {Value: 8}}}},
		Outputs: []onnx.Info{{Name: "y", Type: 1}},
	}}
}

// TestScaleAbsorbed: the constant factor between a product and its softmax is
// part of the softmax; one that something else reads too is not.
func TestScaleAbsorbed(t *testing.T) {
	ix, err := Find(model(node("MatMul", "x", "z", "s"), node("Mul", "s", "c", "m"), node("Softmax", "m", "", "y")))
	if err != nil {
		t.Fatal(err)
	}
	if p := ix.Plans[1]; p.Role != Absorbed || p.Input != "s" || p.Last != "m" {
		t.Errorf("the factor: %+v", p)
	}
	ix, err = Find(model(node("MatMul", "x", "z", "s"), node("Mul", "s", "c", "m"), node("Relu", "m", "", "other"), node("Softmax", "m", "", "q"), node("Add", "q", "other", "y")))
	if err != nil {
		t.Fatal(err)
	}
	if p := ix.Plans[1]; p.Role != Alone {
		t.Errorf("a factor with two readers: %+v", p)
	}
}

// TestConstants: what follows from constants alone is constant, and the graph
// knows who reads and writes what.
func TestConstants(t *testing.T) {
	ix, err := Find(model(node("Mul", "row", "c", "k"), node("Add", "x", "k", "y")))
	if err != nil {
		t.Fatal(err)
	}
	if !ix.Fixed["k"] || ix.Fixed["y"] || ix.From["y"] != 1 || len(ix.Users["k"]) != 1 || !ix.Out["y"] {
		t.Errorf("%+v", ix)
	}
	if _, err := Find(model(node("Add", "x", "later", "y"))); err == nil {
		t.Error("a graph reads what nothing writes")
	}
	if _, err := Find(model(node("Relu", "x", "", "y"), node("Relu", "x", "", "y"))); err == nil {
		t.Error("a graph writes twice")
	}
}

// TestBias: a product and the row that is added to it are one layer.
func TestBias(t *testing.T) {
	m := model(node("MatMul", "x", "w", "s"), node("Add", "s", "row", "y"))
	m.Graph.Tensors = append(m.Graph.Tensors, onnx.Constant{Name: "w", Dims: []int64{64, 64}, Type: onnx.TypeFloat})
	ix, err := Find(m)
	if err != nil {
		t.Fatal(err)
	}
	if p := ix.Plans[0]; p.Role != Leader || p.Kind != Biased || p.Last != "y" || len(p.Params) != 1 || p.Params[0] != "row" {
		t.Errorf("%+v", p)
	}
}
