package convert

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// TestStatedDimensions: where the values that decide on a size are an input, the
// dimensions that the file gives are taken; without them there is an error.
func TestStatedDimensions(t *testing.T) {
	for _, c := range []struct {
		node onnx.Node
		want []int64
		macs int64 // of the product behind
	}{
		{node1("Reshape", "x,sizes", "r"), []int64{6, 4}, 6 * 4 * 5},
		{node1("Expand", "x,sizes", "r"), []int64{7, 6, 4}, 7 * 6 * 4 * 5},
		{node1("Slice", "x,sizes,sizes", "r"), []int64{2, 4}, 2 * 4 * 5},
		{node1("ReduceSum", "x,sizes", "r", attr("keepdims", 0)), []int64{3, 4}, 3 * 4 * 5},
		{node1("Resize", "x,,scales", "r"), []int64{12, 4}, 12 * 4 * 5},
		{node1("Range", "sizes,sizes,sizes", "r"), []int64{4}, 4 * 5},
	} {
		m := onnx.Model{Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4), {Name: "sizes", Type: onnx.TypeInt64, Dims: []onnx.Dim{{Value: 3}}}, info("scales", 3)}, Outputs: infos("y"),
			Tensors: []onnx.Constant{matrix("w", 4, 5)}, Nodes: []onnx.Node{c.node, node1("MatMul", "r,w", "y")},
		}}
		if _, _, _, err := through(t, m, walk.Choices{}); err == nil || !strings.Contains(err.Error(), "needed and not known") {
			t.Errorf("%s without dimensions: %v", c.node.Op, err)
		}
		m.Graph.Infos = []onnx.Info{info("r", c.want...)}
		im, n, _, err := through(t, m, walk.Choices{})
		if err != nil {
			t.Errorf("%s: %v", c.node.Op, err)
			continue
		}
		if macsOf(n) != c.macs || fmt.Sprint(im.Tensors["r"].Dims) != fmt.Sprint(c.want) {
			t.Errorf("%s: %d MACs, %v; want %d, %v", c.node.Op, macsOf(n), im.Tensors["r"].Dims, c.macs, c.want)
		}
	}
}

// TestImpliedDimensions: what functions of every element make of a result alone says
// its dimensions too.
func TestImpliedDimensions(t *testing.T) {
	nodes := []onnx.Node{node1("ReduceSum", "x,axes", "s"), node1("Sqrt", "s", "q"), node1("CastLike", "q,x", "y")}
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs: []onnx.Info{info("x", 2, 3, 4), {Name: "axes", Type: onnx.TypeInt64, Dims: []onnx.Dim{{Value: 1}}}}, Outputs: []onnx.Info{info("y", 2, 3)}, Nodes: nodes,
	}}
	im, _, _, err := through(t, m, walk.Choices{})
	if err != nil || fmt.Sprint(im.Tensors["s"].Dims) != "[2 3]" {
		t.Errorf("%v, dimensions %v, want [2 3]", err, im.Tensors["s"])
	}
	m.Graph.Nodes = append(nodes[:2:2], node1("MatMul", "q,q", "y")) // no function of every element
	if _, _, _, err := through(t, m, walk.Choices{}); err == nil || !strings.Contains(err.Error(), `values of input "axes" are needed and not known`) {
		t.Errorf("behind a product: %v", err)
	}
}

// TestWeightsThroughCasts: an input that reaches weights by way of casts and the like
// is a parameter; one that something else reads too is data.
func TestWeightsThroughCasts(t *testing.T) {
	graphOf := func(more ...onnx.Node) onnx.Model {
		return onnx.Model{Graph: &onnx.Graph{
			Inputs:  []onnx.Info{info("x", 1, 3, 8, 8), {Name: "w", Type: onnx.TypeFloat, Dims: []onnx.Dim{{Symbol: "filters"}, {Value: 3}, {Value: 3}, {Value: 3}}}, info("b", 6)},
			Outputs: infos("y"),
			Nodes:   append([]onnx.Node{node1("Cast", "w", "h", attr("to", 10)), node1("Identity", "h", "k"), node1("Conv", "x,k,b", "c")}, more...),
		}}
	}
	bound := walk.Choices{Bind: map[string]int64{"filters": 6}}
	_, n, _, err := through(t, graphOf(node1("Relu", "c", "y")), bound)
	if err != nil {
		t.Fatal(err)
	}
	if p, macs := n.Totals(); p != 6*27+6 || macs != 6*27*36 {
		t.Errorf("%d parameters, %d MACs, want %d, %d", p, macs, 6*27+6, 6*27*36)
	}
	for _, more := range [][]onnx.Node{
		{node1("Relu", "c", "y"), node1("Neg", "h", "other")},
		{node1("Relu", "c", "z"), node1("Relu", "k", "y")},
	} {
		if _, _, _, err := through(t, graphOf(more...), bound); err == nil || !strings.Contains(err.Error(), `weights "k" depend on data`) {
			t.Errorf("read by %s too: %v", more[1].Op, err)
		}
	}
}

// TestConstantsAsData: what operators that are not computed make of constants runs; a
// type that is copied from data leaves a constant one.
func TestConstantsAsData(t *testing.T) {
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs: []onnx.Info{info("x", 2, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("w", 6, 4), {Name: "two", Type: onnx.TypeFloat, Values: []float64{2}}},
		Nodes: []onnx.Node{
			node1("CastLike", "two,x", "factor"), node1("Mul", "x,factor", "a"),
			node1("ArgMax", "w", "i", attr("axis", 1), attr("keepdims", 0)), node1("Gather", "a,i", "g", attr("axis", 1)), node1("Relu", "g", "y"),
		},
	}}
	im, _, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if f := im.Tensors["factor"]; !f.Fixed || len(f.Values) != 1 || f.Values[0] != 2 || fmt.Sprint(im.Tensors["y"].Dims) != "[2 6]" {
		t.Errorf("factor %+v, result %v", f, im.Tensors["y"].Dims)
	}
}

// TestEllipsis: the dimensions that an ellipsis stands for are a batch.
func TestEllipsis(t *testing.T) {
	for equation, want := range map[string]int64{
		"...ij,...jk->...ik": 2 * 3 * 4 * 4, "...ij,...jk": 2 * 3 * 4 * 4, "...ij,jk->...ik": 2 * 3 * 4 * 5, "b...,b...->...": 2 * 3 * 4,
	} {
		second := "x_t"
		if strings.Contains(equation, ",jk") {
			second = "w"
		} else if equation[0] == 'b' {
			second = "x"
		}
		m := onnx.Model{Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4), info("x_t", 2, 4, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("w", 4, 5)},
			Nodes: []onnx.Node{node1("Einsum", "x,"+second, "y", onnx.Attr{Name: "equation", Text: equation})},
		}}
		if _, n, _, err := through(t, m, walk.Choices{}); err != nil || macsOf(n) != want {
			t.Errorf("%s: %v, want %d", equation, err, want)
		}
	}
}

// TestPeephole: the weights that gates have of the cell are parameters.
func TestPeephole(t *testing.T) {
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs: []onnx.Info{info("x", 3, 2, 4)}, Outputs: infos("y"),
		Tensors: []onnx.Constant{matrix("W", 1, 20, 4), matrix("R", 1, 20, 5), matrix("P", 1, 15)}, Nodes: []onnx.Node{node1("LSTM", "x,W,R,,,,,P", "y", attr("hidden_size", 5))},
	}}
	_, n, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if p, macs := n.Totals(); p != 80+100+15 || macs != 3*2*20*9 {
		t.Errorf("%d parameters, %d MACs", p, macs)
	}
}
