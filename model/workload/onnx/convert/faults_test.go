package convert

import (
	"strings"
	"testing"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// TestEveryFault has a graph with independent faults of every sort, and nodes that
// only read what failed: each fault is told once, with its node, and nothing else.
func TestEveryFault(t *testing.T) {
	branch := &onnx.Graph{Nodes: []onnx.Node{node1("Relu", "x", "b")}, Outputs: infos("b")}
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs:  []onnx.Info{info("x", 2, 3, 8, 8), info("n"), info("c")},
		Outputs: infos("y"), Infos: []onnx.Info{info("stated", 2, 4)},
		Tensors: []onnx.Constant{matrix("w", 4, 5, 3, 3), matrix("m", 6, 7), matrix("scale", 2, 4)},
		Nodes: []onnx.Node{
			node1("Conv", "x,w", "conv"),                                                          // a shape
			node1("Relu", "conv", "after"),                                                        // follows
			node1("LRN", "x", "strange", onnx.Attr{Name: "size", Int: 3}),                         // fine
			node1("Wonder", "x", "unknown"),                                                       // an operator
			node1("Wonder", "x", "unknown2"),                                                      // the same
			node1("Transpose", "x", "turned", onnx.Attr{Name: "perm", Ints: []int64{0, 9, 2, 3}}), // an attribute
			node1("Reshape", "x,n", "shaped"),                                                     // a value
			node1("NonZero", "x", "places"),                                                       // a bound
			node1("If", "c", "either", onnx.Attr{Name: "then_branch", Graph: branch}, onnx.Attr{Name: "else_branch", Graph: branch}), // a condition
			node1("Wonder", "conv", "stated"),                                                 // stated: what follows is looked at
			node1("MatMul", "stated,m", "product"),                                            // a shape behind it
			node1("ReduceMean", "stated", "mean", onnx.Attr{Name: "axes", Ints: []int64{-1}}), // a pattern that is lost
			node1("Add", "after,shaped", "sum"), node1("Add", "sum,either", "y"),
		},
	}}
	_, _, _, err := through(t, m, walk.Choices{})
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, want := range []string{
		`"conv.Conv" (Conv, opset 21): weights [4 5 3 3] for 3 channels`, `"unknown.Wonder" (Wonder, opset 21): operator is not supported; --unknown`,
		`"unknown2.Wonder" (Wonder`, `"turned.Transpose" (Transpose, opset 21): `, `"shaped.Reshape" (Reshape, opset 21): the values of input "n"`,
		`"places.NonZero" (NonZero, opset 21): the size of its result depends on values of the data: --bound NonZero=N`,
		`"either.If" (If, opset 21): the condition "c" depends on data: --set`, `"stated.Wonder"`, `"product.MatMul" (MatMul, opset 21): `,
	} {
		found := 0
		for _, l := range lines {
			if strings.HasPrefix(l, "test: node ") && strings.Contains(l, want) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d lines with %s", found, want)
		}
	}
	if len(lines) != 9 {
		t.Errorf("%d lines, want 9:\n%v", len(lines), err)
	}
}
