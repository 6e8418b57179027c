package onnx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// field is a length-delimited protobuf field, number below 16, written out: a
// byte of number and wire type 2, a length, the bytes.
func field(num byte, parts ...string) string {
	body := strings.Join(parts, "")
	return string([]byte{num<<3 | 2}) + string(binary.AppendUvarint(nil, uint64(len(body)))) + body
}

// number is a varint field of number below 16.
func number(num byte, v uint64) string {
	return string([]byte{num << 3}) + string(binary.AppendUvarint(nil, v))
}

// float is a 32-bit field.
func float(num byte, v float32) string {
	return string([]byte{num<<3 | 5}) + string(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
}

func file17(graph ...string) string { return field(7, graph...) + field(8, number(2, 17)) }

func read(text string) (*Model, error) { return Read(strings.NewReader(text), int64(len(text))) }

// TestReadByHand reads a file whose bytes are written out by the field numbers
// of onnx.proto.
func TestReadByHand(t *testing.T) {
	raw := string(binary.LittleEndian.AppendUint64(nil, 224)) + string(binary.LittleEndian.AppendUint64(nil, math.MaxUint64)) // 224, -1
	text := number(1, 8) + field(2, "by hand") + field(8, field(1, "other.domain"), number(2, 3)) + field(8, field(1, "ai.onnx"), number(2, 13)) +
		field(7, field(2, "net"),
			field(1, field(1, "x"), field(1, ""), field(2, "y"), field(4, "Conv"), field(7, "ai.onnx"),
				field(5, field(1, "group"), number(3, 2)),
				field(5, field(1, "strides"), field(8, "\x02\x03")),
				field(5, field(1, "pads"), number(8, 4), number(8, 5)),
				field(5, field(1, "alpha"), float(2, 0.25)),
				field(5, field(1, "auto_pad"), field(4, "SAME_UPPER")),
				field(5, field(1, "body"), field(6, field(2, "sub"))),
				field(5, field(1, "value"), field(5, field(1, "\x01"), number(2, TypeInt64), field(7, "\x07")))),
			field(1, field(3, "named"), field(1, "y"), field(2, "z"), field(4, "Own"), field(7, "my.domain")),
			field(5, field(1, "\x02"), number(2, TypeInt64), field(8, "shape"), field(9, raw)),
			field(5, number(1, 3), number(1, 4), number(2, TypeFloat), field(8, "w"), field(9, strings.Repeat("\x00", 48))),
			field(5, field(1, "\x64\x64"), number(2, TypeFloat), field(8, "big"), field(9, strings.Repeat("\x00", 40000))),
			field(11, field(1, "x"), field(2, field(1, number(1, TypeFloat), field(2, field(1, field(2, "batch")), field(1, number(1, 3)), field(1))))),
			field(11, field(1, "w")),
			field(12, field(1, "z")),
		)
	m, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	want := &Model{
		Producer: "by hand", Opset: 13, Nodes: 2, InitializerElems: 2 + 12 + 10000,
		Graph: &Graph{
			Name: "net",
			Nodes: []Node{
				{
					Name: "y", Op: "Conv", In: []string{"x", ""}, Out: []string{"y"},
					Attrs: []Attr{
						{Name: "group", Int: 2},
						{Name: "strides", Ints: []int64{2, 3}},
						{Name: "pads", Ints: []int64{4, 5}},
						{Name: "alpha", Float: 0.25},
						{Name: "auto_pad", Text: "SAME_UPPER"},
						{Name: "body", Graph: &Graph{Name: "sub"}},
						{Name: "value", Tensor: &Constant{Dims: []int64{1}, Type: TypeInt64, Values: []float64{7}}},
					},
				},
				{Name: "named", Op: "Own", Domain: "my.domain", In: []string{"y"}, Out: []string{"z"}},
			},
			Tensors: []Constant{
				{Name: "shape", Dims: []int64{2}, Type: TypeInt64, Values: []float64{224, -1}},
				{Name: "w", Dims: []int64{3, 4}, Type: TypeFloat, Values: make([]float64, 12)},
				{Name: "big", Dims: []int64{100, 100}, Type: TypeFloat},
			},
			Inputs:  []Info{{Name: "x", Type: TypeFloat, Dims: []Dim{{-1, "batch"}, {3, ""}, {-1, ""}}}, {Name: "w"}},
			Outputs: []Info{{Name: "z"}},
		},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v %+v\nwant %+v %+v", m, m.Graph, want, want.Graph)
	}
	if got := m.Symbols(); !slices.Equal(got, []string{"batch"}) {
		t.Errorf("symbols %v", got)
	}
	if in := m.RuntimeInputs(); len(in) != 1 || in[0].Name != "x" || len(m.Graph.Inputs) != 2 {
		t.Errorf("inputs %v", in)
	}
	conv, own := &m.Graph.Nodes[0], &m.Graph.Nodes[1]
	if conv.FullOp() != "Conv" || own.FullOp() != "my.domain.Own" {
		t.Errorf("operators %s, %s", conv.FullOp(), own.FullOp())
	}
	if conv.AttrInt("group", 1) != 2 || conv.AttrInt("axis", -1) != -1 || conv.AttrString("auto_pad", "NOTSET") != "SAME_UPPER" ||
		conv.AttrString("mode", "linear") != "linear" || !slices.Equal(conv.AttrInts("strides"), []int64{2, 3}) || conv.AttrInts("axes") != nil {
		t.Error("attributes are not found")
	}
	// What Encode writes reads back as the same graph.
	again, err := read(string(m.Encode()))
	if err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("encoded and read: %+v, %v", again, err)
	}
}

// TestEncodedValues: every type of value goes through Encode and Read.
func TestEncodedValues(t *testing.T) {
	m := &Model{Producer: "p", Opset: 21, Graph: &Graph{Name: "g", Tensors: []Constant{
		{Name: "i32", Dims: []int64{2}, Type: TypeInt32, Values: []float64{-5, 6}},
		{Name: "i64", Dims: []int64{3}, Type: TypeInt64, Values: []float64{-1, 1 << 40, math.MinInt64}},
		{Name: "most", Dims: []int64{1}, Type: TypeInt64, Values: []float64{math.MaxInt64}},
		{Name: "bool", Dims: []int64{2}, Type: TypeBool, Values: []float64{0, 1}},
		{Name: "f32", Dims: []int64{2}, Type: TypeFloat, Values: []float64{0.5, -3}},
		{Name: "f64", Type: TypeDouble, Values: []float64{1e-300}},
		{Name: "unknown", Dims: []int64{7, 9}, Type: TypeFloat},
	}}}
	got, err := read(string(m.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Graph.Tensors {
		a, b := m.Graph.Tensors[i], got.Graph.Tensors[i]
		if a.Name != b.Name || a.Type != b.Type || !slices.Equal(a.Dims, b.Dims) || !slices.Equal(a.Values, b.Values) {
			t.Errorf("%+v comes back as %+v", a, b)
		}
	}
	if !bytes.Equal(got.Encode(), m.Encode()) {
		t.Error("the bytes differ when written again")
	}
}

// TestRawValues: the raw bytes of every type that is kept, and what is not.
func TestRawValues(t *testing.T) {
	le := binary.LittleEndian
	for _, c := range []struct {
		typ, n int64
		raw    []byte
		want   []float64
	}{
		{TypeInt32, 2, le.AppendUint32(le.AppendUint32(nil, 7), 0xffffffff), []float64{7, -1}},
		{TypeInt64, 1, le.AppendUint64(nil, 1<<63), []float64{math.MinInt64}},
		{TypeFloat, 1, le.AppendUint32(nil, math.Float32bits(0.75)), []float64{0.75}},
		{TypeDouble, 1, le.AppendUint64(nil, math.Float64bits(-2.5)), []float64{-2.5}},
		{TypeBool, 2, []byte{1, 0}, []float64{1, 0}},
		{3, 2, []byte{0xfe, 2}, []float64{-2, 2}},
		{TypeInt64, 2, make([]byte, 8), nil},  // too short
		{TypeInt64, 1, make([]byte, 16), nil}, // too long
		{TypeFloat, 64, make([]byte, 256), make([]float64, 64)},
		{TypeFloat, 65, make([]byte, 260), nil}, // weights
		{TypeInt64, 300, make([]byte, 2400), make([]float64, 300)},
		{10, 1, make([]byte, 2), nil}, // half precision
	} {
		dims := string(binary.AppendUvarint(nil, uint64(c.n)))
		m, err := read(file17(field(5, field(1, dims), number(2, uint64(c.typ)), field(9, string(c.raw)))))
		if err != nil {
			t.Errorf("type %d: %v", c.typ, err)
			continue
		}
		if got := m.Graph.Tensors[0].Values; !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%d values of type %d in %d bytes: %v, want %v", c.n, c.typ, len(c.raw), got, c.want)
		}
	}
	// A list of integers longer than a shape is left out, not kept.
	m, err := read(file17(field(5, field(1, "\x80\x80\x40"), number(2, TypeInt64), field(7, strings.Repeat("\x01", 1<<20)))))
	if err != nil || m.Graph.Tensors[0].Values != nil {
		t.Errorf("a million integers are kept, %v", err)
	}
}

// TestExternal: the length of data in another file is compared with the elements.
func TestExternal(t *testing.T) {
	tensor := func(typ uint64, more ...string) string {
		return file17(field(5, append([]string{field(1, "\x03\x05"), number(2, typ), field(8, "w"), number(14, 1)}, more...)...))
	}
	entry := func(key, value string) string { return field(13, field(1, key), field(2, value)) }
	for bits, types := range map[int][]uint64{
		4: {21, 22}, 8: {2, 3, 9, 17, 18, 19, 20}, 16: {4, 5, 10, 16}, 32: {1, 6, 12}, 64: {7, 11, 13, 14}, 128: {15},
	} {
		for _, typ := range types {
			size := (15*bits + 7) / 8
			if _, err := read(tensor(typ, entry("location", "w.bin"), entry("offset", "4096"), entry("length", fmt.Sprint(size)))); err != nil {
				t.Errorf("type %d of %d bits: %v", typ, bits, err)
			}
			_, err := read(tensor(typ, entry("length", fmt.Sprint(size+1))))
			if want := fmt.Sprintf("%d bytes of external data: its 15 elements take %d", size+1, size); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("type %d: %v, want %q", typ, err, want)
			}
		}
	}
	if _, err := read(tensor(8, entry("length", "999"))); err != nil { // text
		t.Errorf("text: %v", err)
	}
	if m, err := read(tensor(TypeInt64, field(7, "\x01"))); err != nil || m.Graph.Tensors[0].Values != nil {
		t.Errorf("external values are kept: %v", err)
	}
	for _, bad := range []string{"-1", "ten", ""} {
		for _, key := range []string{"offset", "length"} {
			_, err := read(tensor(TypeFloat, entry(key, bad)))
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s %q of external data: must be a whole number of at least 0", key, bad)) {
				t.Errorf("%s %q: %v", key, bad, err)
			}
		}
	}
}

// TestRefused has one fault a file.
func TestRefused(t *testing.T) {
	rank := func(n int) string { return strings.Repeat("\x01", n) }
	for want, text := range map[string]string{
		"hold no graph: not an ONNX file":                                    field(8, number(2, 17)),
		"0 bytes hold no graph":                                              "",
		"no opset_import of the default operator set: supported are 1 to 27": field(7) + number(1, 3),
		"opset 28: supported are 1 to 27":                                    field(7) + field(8, number(2, 28)),
		"opset -1: supported are 1 to 27":                                    field(7) + field(8, number(2, math.MaxUint64)),
		"a second graph":                                                     file17() + field(7),
		"dimension -3: must be 0 to":                                         file17(field(15, number(3, math.MaxUint64-2))),
		"more than 64 integers":                                              file17(field(5, field(1, rank(65)))),
		`tensor "w": dimension -1: must be 0 to 70368744177664`:              file17(field(5, field(8, "w"), number(1, math.MaxUint64))),
		`tensor "w": dimension 70368744177665: must be`:                      file17(field(5, field(8, "w"), number(1, 1<<46+1))),
		"more than 70368744177664 elements":                                  file17(field(5, number(1, 1<<40), number(1, 1<<7))),
		`"x" has more than 64 dimensions`:                                    file17(field(11, field(1, "x"), field(2, field(1, field(2, strings.Repeat(field(1), 65)))))),
		"a value of 65537 bytes, more than 65536":                            file17(field(2, strings.Repeat("n", 65537))),
		"field 1 has wire type 0: not an ONNX file":                          file17(number(1, 3)),
		"field 2 has wire type 2: not an ONNX file":                          file17(field(1, field(5, field(2, "float")))),
		"runs past its message":                                              "\x3a\x64",
		"not an ONNX file, or cut off":                                       "\xff",
		"field 9: unexpected EOF":                                            "\x4d\x00\x00",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	// Each limit at its edge.
	for name, text := range map[string]string{
		"opset 1":        field(7) + field(8, number(2, 1)),
		"no opset":       number(1, 2) + field(7),
		"others only":    field(7) + field(8, field(1, "com.microsoft"), number(2, 1)),
		"opset 21":       field(7) + field(8, number(2, 21)),
		"rank 64":        file17(field(5, field(1, rank(64)))),
		"64 dimensions":  file17(field(11, field(2, field(1, field(2, strings.Repeat(field(1), 64)))))),
		"2^46 elements":  file17(field(5, number(1, 1<<40), number(1, 1<<6))),
		"2^46 in one":    file17(field(5, number(1, 1<<46))),
		"nothing in it":  file17(field(5, number(1, 0), number(1, 1<<46), number(1, 1<<46))),
		"name of 64 KiB": file17(field(2, strings.Repeat("n", 65536))),
		"fixed fields":   file17() + "\x4d\x00\x00\x00\x00" + "\x51\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		if _, err := read(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Elements(make([]int64, 65)); err == nil {
		t.Error("rank 65 is counted")
	}
	if n, err := Elements([]int64{3, 4, 5}); n != 60 || err != nil {
		t.Errorf("3 x 4 x 5 are %d, %v", n, err)
	}
	// Cut anywhere, a file is an error or a smaller graph, never a panic.
	text := file17(field(1, field(1, "x"), field(2, "y"), field(4, "Relu")), field(5, field(1, "\x02"), number(2, 7), field(7, "\x01\x02")))
	for n := range len(text) {
		if _, err := read(text[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are a file", n, len(text))
		}
	}
	if _, err := Read(strings.NewReader(text), int64(len(text))+3); err == nil {
		t.Error("a file shorter than its size is read")
	}
}

// counting counts the bytes asked of a file.
type counting struct {
	r     *strings.Reader
	bytes int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.bytes += len(p)
	return c.r.ReadAt(p, off)
}

// TestPayloadsAreSkipped: of 32 MB of weights two windows are read, and names
// that lie across the edge of a window are whole.
func TestPayloadsAreSkipped(t *testing.T) {
	name := strings.Repeat("across", 1000)
	text := file17(field(5, number(1, 8<<20), number(2, TypeFloat), field(9, strings.Repeat("\x00", 32<<20))), field(2, name))
	c := &counting{r: strings.NewReader(text)}
	m, err := Read(c, int64(len(text)))
	if err != nil || m.Graph.Name != name || m.InitializerElems != 8<<20 {
		t.Fatalf("%v", err)
	}
	if c.bytes > 3*windowSize {
		t.Errorf("%d bytes are read", c.bytes)
	}
}

func TestIsInteger(t *testing.T) {
	for typ := range int64(23) {
		want := slices.Contains([]int64{2, 3, 4, 5, 6, 7, 9, 12, 13}, typ) // uint8 to int64, bool, uint32, uint64
		if IsInteger(typ) != want {
			t.Errorf("type %d is an integer: %t", typ, !want)
		}
	}
}
