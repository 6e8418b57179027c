package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// readTensor reads the dimensions of a tensor, and its values when they are few.
func readTensor(m *message) (*Tensor, error) {
	b, err := m.body()
	if err != nil {
		return nil, err
	}
	t := &Tensor{}
	var raw *message
	var ints []int64
	external := false
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			t.Dims, err = b.ints(t.Dims, MaxRank)
		case 2:
			t.Type, err = b.varint()
		case 5, 7: // int32_data, int64_data
			if b.typ == protowire.BytesType {
				if at := b; at.wide() {
					return b.skip()
				}
			}
			ints, err = b.ints(ints, MaxValues)
		case 4, 9, 10: // float_data, raw_data, double_data
			raw, err = payload(&b)
		case 8:
			t.Name, err = b.text()
		case 14:
			var v int64
			v, err = b.varint()
			external = v == dataExternal
		default:
			err = b.skip()
		}
		return err
	})
	if err != nil || external {
		return t, err
	}
	n, err := Elements(t.Dims)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	switch {
	case IsInteger(t.Type) && int64(len(ints)) == n:
		t.Values = make([]float64, n)
		for i, v := range ints {
			t.Values[i] = float64(v)
		}
	case raw != nil:
		t.Values, err = rawValues(raw, t.Type, n)
	}
	return t, err
}

// wide reports whether the field holds more bytes than a shape could need.
func (m *message) wide() bool {
	b, err := m.body()
	return err == nil && b.end-b.off > 10*MaxValues
}

// payload returns the place of a payload without reading it.
func payload(m *message) (*message, error) {
	if m.typ != protowire.BytesType { // a single unpacked value
		off := m.off
		err := m.skip()
		return &message{f: m.f, off: off, end: m.off}, err
	}
	b, err := m.body()
	return &b, err
}

// rawValues reads n values of a type; nil when there are many or the payload
// has another size.
func rawValues(raw *message, typ, n int64) ([]float64, error) {
	width := map[int64]int64{2: 1, 3: 1, TypeBool: 1, TypeInt32: 4, TypeInt64: 8, TypeFloat: 4, TypeDouble: 8}[typ]
	limit := int64(MaxValues)
	if !IsInteger(typ) {
		limit = maxFloats
	}
	if width == 0 || n > limit || raw.end-raw.off != n*width {
		return nil, nil
	}
	b, err := raw.content(MaxValues * 8)
	if err != nil {
		return nil, err
	}
	out := make([]float64, n)
	for i := range out {
		switch typ {
		case TypeInt32:
			out[i] = float64(int32(binary.LittleEndian.Uint32(b[4*i:])))
		case TypeInt64:
			out[i] = float64(int64(binary.LittleEndian.Uint64(b[8*i:])))
		case TypeFloat:
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		case TypeDouble:
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		default:
			out[i] = float64(int8(b[i]))
		}
	}
	return out, nil
}

// Elements returns the product of dimensions.
func Elements(dims []int64) (int64, error) {
	if len(dims) > MaxRank {
		return 0, fmt.Errorf("rank %d: at most %d", len(dims), MaxRank)
	}
	n := int64(1)
	for _, d := range dims {
		if d < 0 || d > MaxElements {
			return 0, fmt.Errorf("dimension %d: must be 0 to %d", d, int64(MaxElements))
		}
		if d > 0 && n > MaxElements/d {
			return 0, fmt.Errorf("%v: more than %d elements", dims, int64(MaxElements))
		}
		n *= d
	}
	return n, nil
}
