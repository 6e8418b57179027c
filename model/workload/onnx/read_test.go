package onnx

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
)

// field writes one field of a protocol buffer by hand: a number for an int, else
// bytes.
func field(num byte, v any) []byte {
	switch v := v.(type) {
	case int:
		out := []byte{num << 3}
		for v > 127 {
			out, v = append(out, byte(v)|128), v>>7
		}
		return append(out, byte(v))
	case []byte:
		return append(append([]byte{num<<3 | 2}, byte(len(v))), v...)
	default:
		return field(num, []byte(v.(string)))
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// TestReadByHand reads a file written byte by byte: one node, an initializer of
// two dimensions with its payload, an input with a symbol.
func TestReadByHand(t *testing.T) {
	weight := join(field(1, 3), field(1, 2), field(2, 1), field(8, "w"), field(9, strings.Repeat("z", 24)))
	dims := join(field(1, field(2, "N")), field(1, field(1, 3)))
	in := join(field(1, "x"), field(2, field(1, join(field(1, 1), field(2, dims)))))
	out := join(field(1, "y"), field(2, field(1, field(1, 1))))
	attr := join(field(1, "axis"), field(3, 300))
	node := join(field(1, "x"), field(1, "w"), field(2, "y"), field(3, "n"), field(4, "MatMul"), field(5, attr))
	g := join(field(1, node), field(5, weight), field(11, in), field(12, out))
	file := join(field(2, "me"), field(7, g), field(8, join(field(1, ""), field(2, 17))))
	m, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if m.Producer != "me" || m.Opset != 17 || m.Nodes != 1 || m.InitializerElems != 6 {
		t.Errorf("%+v", m)
	}
	n := &m.Graph.Nodes[0]
	if n.Op != "MatMul" || n.Name != "n" || n.AttrInt("axis", 0) != 300 || n.AttrInt("none", 7) != 7 || !reflect.DeepEqual(n.In, []string{"x", "w"}) {
		t.Errorf("%+v", n)
	}
	if w := m.Graph.Tensors[0]; w.Name != "w" || !reflect.DeepEqual(w.Dims, []int64{3, 2}) || w.Type != TypeFloat || len(w.Values) != 6 || w.Values[5] != float64(math.Float32frombits(0x7a7a7a7a)) {
		t.Errorf("%+v", w)
	}
	if s := m.Symbols(); len(s) != 1 || s[0] != "N" || m.Graph.Inputs[0].Dims[1].Value != 3 {
		t.Errorf("symbols %v, %+v", s, m.Graph.Inputs)
	}
	again, err := Read(bytes.NewReader(m.Encode()), int64(len(m.Encode())))
	if err != nil || !reflect.DeepEqual(m.Graph, again.Graph) {
		t.Errorf("encoded and read again: %v\n%+v\n%+v", err, again.Graph, m.Graph)
	}
	for cut := range file {
		if m, err := Read(bytes.NewReader(file[:cut]), int64(cut)); err == nil && m.Graph == nil {
			t.Errorf("cut at %d: a model without a graph", cut)
		}
	}
}
