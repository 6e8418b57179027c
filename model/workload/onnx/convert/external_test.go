package convert

import (
	"strings"
	"testing"

	"stco/model/workload/onnx"
)

// TestExternalData: the place of a payload in another file must be one that the
// tensor can fill.
func TestExternalData(t *testing.T) {
	entry := func(key, value string) []byte {
		return sub(13, append(sub(1, []byte(key)), sub(2, []byte(value))...))
	}
	for _, c := range []struct {
		typ                    int64
		offset, length, wanted string
	}{
		{onnx.TypeFloat, "0", "432", ""}, // 4 x 3 x 3 x 3
		{10, "4096", "216", ""},
		{22, "0", "54", ""},
		{onnx.TypeFloat, "", "", ""},
		{onnx.TypeFloat, "-1", "432", `offset "-1" of external data`},
		{onnx.TypeFloat, "0", "-432", `length "-432" of external data`},
		{onnx.TypeFloat, "x", "432", `offset "x" of external data`},
		{onnx.TypeFloat, "0", "431", `tensor "w": 431 bytes of external data: its 108 elements take 432`},
		{10, "0", "432", `tensor "w": 432 bytes of external data: its 108 elements take 216`},
	} {
		var b []byte
		for _, d := range []int64{4, 3, 3, 3} {
			b = append(b, num(1, d)...)
		}
		b = append(append(b, num(2, c.typ)...), sub(8, []byte("w"))...)
		b = append(b, entry("location", "weights.bin")...)
		if c.offset != "" {
			b = append(append(b, entry("offset", c.offset)...), entry("length", c.length)...)
		}
		w := sub(5, append(b, num(14, 1)...))
		_, err := network(onnxFile(13, input("x", 1, 3, 8, 8), w, op("Conv", names("x,w"), names("y")), output("y")), nil)
		switch {
		case c.wanted == "" && err != nil:
			t.Errorf("offset %s, length %s of type %d: %v", c.offset, c.length, c.typ, err)
		case c.wanted != "" && (err == nil || !strings.Contains(err.Error(), c.wanted)):
			t.Errorf("offset %s, length %s of type %d: error %v, want %q", c.offset, c.length, c.typ, err, c.wanted)
		}
	}
}

// TestTooManyNodes: a graph larger than any network's is refused before the
// rest of it is read.
func TestTooManyNodes(t *testing.T) {
	node := op("Relu", names("x"), names("y"))
	parts := make([][]byte, 1<<17+1)
	for i := range parts {
		parts[i] = node
	}
	if _, err := read(onnxFile(13, parts...)); err == nil || !strings.Contains(err.Error(), "more than 131072 nodes") {
		t.Errorf("error %v", err)
	}
	if _, err := read(onnxFile(13, parts[1:]...)); err != nil {
		t.Error(err)
	}
}

// TestNoOpset: a file that does not say what its operators mean; where it names
// other sets, it has none of the default one.
func TestNoOpset(t *testing.T) {
	graph := sub(7, append(append(input("x", 1, 4), op("Relu", names("x"), names("y"))...), output("y")...))
	other := sub(8, append(sub(1, []byte("com.acme")), num(2, 13)...))
	if _, err := read(graph); err == nil || !strings.Contains(err.Error(), "no opset_import of the default operator set") {
		t.Errorf("error %v", err)
	}
	if m, err := read(append(other, graph...)); err != nil || m.Opset != onnx.MaxOpset {
		t.Errorf("error %v", err)
	}
}
