package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Encode writes the model as an .onnx file without weights: nodes, names,
// dimensions and the values that Read keeps. Read gives an equal model back, so
// that the file stands for the original wherever only its graph is needed.
func (m *Model) Encode() []byte {
	var b []byte
	b = appendText(b, 2, m.Producer)
	b = appendBytes(b, 7, m.Graph.encode())
	b = appendBytes(b, 8, appendInt(nil, 2, m.Opset))
	for i := range m.Functions {
		b = appendBytes(b, 25, m.Functions[i].encode())
	}
	return b
}

func (g *Graph) encode() []byte {
	var b []byte
	for i := range g.Nodes {
		b = appendBytes(b, 1, g.Nodes[i].encode())
	}
	b = appendText(b, 2, g.Name)
	for i := range g.Tensors {
		b = appendBytes(b, 5, g.Tensors[i].encode())
	}
	for i := range g.Inputs {
		b = appendBytes(b, 11, g.Inputs[i].encode())
	}
	for i := range g.Outputs {
		b = appendBytes(b, 12, g.Outputs[i].encode())
	}
	for i := range g.Infos {
		b = appendBytes(b, 13, g.Infos[i].encode())
	}
	return b
}

func (f *Function) encode() []byte {
	b := appendText(nil, 1, f.Name)
	for _, s := range f.In {
		b = appendBytes(b, 4, []byte(s))
	}
	for _, s := range f.Out {
		b = appendBytes(b, 5, []byte(s))
	}
	for i := range f.Nodes {
		b = appendBytes(b, 7, f.Nodes[i].encode())
	}
	b = appendText(b, 10, f.Domain)
	for i := range f.Defaults {
		b = appendBytes(b, 11, f.Defaults[i].encode())
	}
	return b
}

func (n *Node) encode() []byte {
	var b []byte
	for _, s := range n.In {
		b = appendBytes(b, 1, []byte(s)) // an absent input is an empty name
	}
	for _, s := range n.Out {
		b = appendBytes(b, 2, []byte(s))
	}
	b = appendText(b, 3, n.Name)
	b = appendText(b, 4, n.Op)
	for i := range n.Attrs {
		b = appendBytes(b, 5, n.Attrs[i].encode())
	}
	return appendText(b, 7, n.Domain)
}

func (a *Attr) encode() []byte {
	b := appendText(nil, 1, a.Name)
	if a.Float != 0 {
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(a.Float))
	}
	if a.Int != 0 {
		b = appendInt(b, 3, a.Int)
	}
	b = appendText(b, 4, a.Text)
	if a.Tensor != nil {
		b = appendBytes(b, 5, a.Tensor.encode())
	}
	if a.Graph != nil {
		b = appendBytes(b, 6, a.Graph.encode())
	}
	if a.Floats != nil {
		var packed []byte
		for _, v := range a.Floats {
			packed = protowire.AppendFixed32(packed, math.Float32bits(v))
		}
		b = appendBytes(b, 7, packed)
	}
	if a.Ints != nil {
		b = appendInts(b, 8, a.Ints)
	}
	b = appendText(b, 21, a.Ref)
	return b
}

func (t *Constant) encode() []byte {
	var b []byte
	if t.Dims != nil {
		b = appendInts(b, 1, t.Dims)
	}
	b = appendInt(b, 2, t.Type)
	b = appendText(b, 8, t.Name)
	switch {
	case t.Values == nil:
		return appendInt(b, 14, dataExternal)
	case IsInteger(t.Type):
		ints := make([]int64, len(t.Values))
		for i, v := range t.Values {
			ints[i] = math.MaxInt64 // float64 rounds it up to 2^63
			if v < math.MaxInt64 {
				ints[i] = int64(v)
			}
		}
		return appendInts(b, 7, ints)
	default:
		var raw []byte
		for _, v := range t.Values {
			if t.Type == TypeDouble {
				raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
			} else {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
			}
		}
		return appendBytes(b, 9, raw)
	}
}

func (v *Info) encode() []byte {
	var shape []byte
	for _, d := range v.Dims {
		var b []byte
		if d.Value >= 0 {
			b = appendInt(b, 1, d.Value)
		}
		shape = appendBytes(shape, 1, appendText(b, 2, d.Symbol))
	}
	t := appendBytes(appendInt(nil, 1, v.Type), 2, shape)
	typ := appendBytes(nil, 1, t)
	if v.List {
		typ = appendBytes(nil, 4, appendBytes(nil, 1, typ))
	}
	return appendBytes(appendText(nil, 1, v.Name), 2, typ)
}

func appendInt(b []byte, num protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(v))
}

func appendInts(b []byte, num protowire.Number, vs []int64) []byte {
	var packed []byte
	for _, v := range vs {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	return appendBytes(b, num, packed)
}

func appendBytes(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

// appendText writes a string field, nothing for an empty one.
func appendText(b []byte, num protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendBytes(b, num, []byte(s))
}
