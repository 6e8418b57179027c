package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// readTensor reads the dimensions of a tensor, and its values when they are few.
func readTensor(m *message) (*Constant, error) {
	b, err := m.body()
	if err != nil {
		return nil, err
	}
	t := &Constant{}
	var raw *message
	var ints []int64
	external := false
	place := outside{length: -1}
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
		case 13:
			err = place.read(&b)
		case 14:
			var v int64
			v, err = b.varint()
			external = v == dataExternal
		default:
			err = b.skip()
		}
		return err
	})
	if err != nil {
		return t, err
	}
	n, err := Elements(t.Dims)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	if external {
		if err := place.check(n, t.Type); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		return t, nil
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

// outside is where the payload of a tensor lies in another file, which is never
// opened.
type outside struct{ offset, length int64 } // bytes; length -1: up to the end

// read reads one key and value.
func (p *outside) read(m *message) error {
	b, err := m.body()
	if err != nil {
		return err
	}
	key, value := "", ""
	if err := b.each(func() (err error) {
		switch b.num {
		case 1:
			key, err = b.text()
		case 2:
			value, err = b.text()
		default:
			err = b.skip()
		}
		return err
	}); err != nil {
		return err
	}
	into := map[string]*int64{"offset": &p.offset, "length": &p.length}[key]
	if into == nil {
		return nil
	}
	v, err := strconv.ParseInt(value, 10, 64)
	if err != nil || v < 0 {
		return fmt.Errorf("byte %d: %s %q of external data: must be a whole number of at least 0", b.end, key, value)
	}
	*into = v
	return nil
}

// check compares the length with that of n elements of a type.
func (p *outside) check(n, typ int64) error {
	bits := elementBits(typ)
	if p.length < 0 || bits == 0 {
		return nil
	}
	if want := (n*bits + 7) / 8; p.length != want {
		return fmt.Errorf("%d bytes of external data: its %d elements take %d", p.length, n, want)
	}
	return nil
}

// elementBits returns the width of an element type of TensorProto.DataType, 0
// for text and types that are not known.
func elementBits(typ int64) int64 {
	switch typ {
	case 21, 22: // uint4, int4
		return 4
	case 2, 3, TypeBool, 17, 18, 19, 20: // and the 8-bit floats
		return 8
	case 4, 5, 10, 16: // 16-bit integers and floats
		return 16
	case TypeFloat, TypeInt32, 12:
		return 32
	case TypeInt64, TypeDouble, 13, 14: // and complex of two float32
		return 64
	case 15: // complex of two float64
		return 128
	}
	return 0
}
