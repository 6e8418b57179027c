package convert

import (
	"bytes"
	"math"
	"testing"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"

	"google.golang.org/protobuf/encoding/protowire"
)

// file encodes an ONNX file from parts; each part adds fields to the graph.
func onnxFile(opset int64, parts ...[]byte) []byte {
	var opsetID []byte
	opsetID = protowire.AppendTag(opsetID, 2, protowire.VarintType)
	opsetID = protowire.AppendVarint(opsetID, uint64(opset))
	return append(sub(8, opsetID), sub(7, bytes.Join(parts, nil))...)
}

func sub(num protowire.Number, b []byte) []byte {
	out := protowire.AppendTag(nil, num, protowire.BytesType)
	return protowire.AppendBytes(out, b)
}

func num(n protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), uint64(v))
}

// ints is an attribute of integers, packed; integer one of a single value.
func ints(name string, vs ...int64) []byte {
	var packed []byte
	for _, v := range vs {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	return sub(5, bytes.Join([][]byte{sub(1, []byte(name)), sub(8, packed)}, nil))
}

func integer(name string, v int64) []byte {
	return sub(5, append(sub(1, []byte(name)), num(3, v)...))
}

func text(name, v string) []byte {
	return sub(5, append(sub(1, []byte(name)), sub(4, []byte(v))...))
}

// op encodes a node.
func op(kind string, in, out []string, attrs ...[]byte) []byte {
	var b []byte
	for _, s := range in {
		b = append(b, sub(1, []byte(s))...)
	}
	for _, s := range out {
		b = append(b, sub(2, []byte(s))...)
	}
	b = append(b, sub(3, []byte("node_"+out[0]))...)
	b = append(b, sub(4, []byte(kind))...)
	for _, a := range attrs {
		b = append(b, a...)
	}
	return sub(1, b)
}

// opIn encodes a node of another domain.
func opIn(domain, kind string, in, out []string, attrs ...[]byte) []byte {
	return op(kind, in, out, append(attrs, sub(7, []byte(domain)))...)
}

// input and output encode the ends of a graph; a string is a symbol.
func input(name string, dims ...any) []byte  { return value(11, name, onnx.TypeFloat, dims) }
func tokens(name string, dims ...any) []byte { return value(11, name, onnx.TypeInt64, dims) }
func output(name string) []byte              { return value(12, name, onnx.TypeFloat, nil) }

func value(field protowire.Number, name string, typ int64, dims []any) []byte {
	var shape []byte
	for _, d := range dims {
		switch v := d.(type) {
		case int:
			shape = append(shape, sub(1, num(1, int64(v)))...)
		case string:
			shape = append(shape, sub(1, sub(2, []byte(v)))...)
		case nil:
			shape = append(shape, sub(1, nil)...)
		}
	}
	t := sub(1, append(num(1, typ), sub(2, shape)...))
	return sub(field, append(sub(1, []byte(name)), sub(2, t)...))
}

// weights encodes an initializer whose payload lies in another file.
func weights(name string, dims ...int64) []byte {
	var b []byte
	for _, d := range dims {
		b = append(b, num(1, d)...)
	}
	b = append(b, num(2, onnx.TypeFloat)...)
	b = append(b, sub(8, []byte(name))...)
	return sub(5, append(b, num(14, 1)...))
}

// shapeConst encodes an initializer of integers.
func shapeConst(name string, vs ...int64) []byte {
	var raw []byte
	for _, v := range vs {
		raw = protowire.AppendFixed64(raw, uint64(v))
	}
	b := append(num(1, int64(len(vs))), num(2, onnx.TypeInt64)...)
	return sub(5, append(append(b, sub(8, []byte(name))...), sub(9, raw)...))
}

// scalar encodes a float initializer of one element.
func scalar(name string, v float32) []byte {
	b := append(num(2, onnx.TypeFloat), sub(8, []byte(name))...)
	return sub(5, append(b, sub(9, protowire.AppendFixed32(nil, math.Float32bits(v)))...))
}

func read(b []byte) (*onnx.Model, error) { return onnx.Read(bytes.NewReader(b), int64(len(b))) }

func network(b []byte, bind map[string]int64) (*graph.Network, error) {
	m, err := read(b)
	if err != nil {
		return nil, err
	}
	n, _, err := Network(m, "test", walk.Choices{Bind: bind})
	return n, err
}

func mustNetwork(t *testing.T, b []byte, bind map[string]int64) *graph.Network {
	t.Helper()
	n, err := network(b, bind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
