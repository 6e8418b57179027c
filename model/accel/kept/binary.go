package kept

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
)

// The binary form of a value: fields of a structure that other packages see, in
// their order; numbers as varints or eight bytes; lists with their length. A list
// that is nil stays nil, a float keeps its bits.

// errShort is a form that ends before its value does.
var errShort = errors.New("ends too early")

// appendValue adds the binary form of a value.
func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		t := v.Type()
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				b = appendValue(b, v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
	case reflect.Slice:
		return appendList(b, v)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, 0)
		}
		return appendValue(append(b, 1), v.Elem())
	case reflect.String:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		b = append(b, v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		b = append(b, 0)
	case reflect.Float64:
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		b = binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		b = binary.AppendUvarint(b, v.Uint())
	default:
		panic(fmt.Sprintf("kept: no binary form of a %s", v.Type())) // a mistake of the program, found by every test of it
	}
	return b
}

func appendList(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(v.Len())+1)
	switch list := v.Interface().(type) {
	case []float64:
		for _, x := range list {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
	case []int32:
		for _, x := range list {
			b = binary.AppendVarint(b, int64(x))
		}
	default:
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
	}
	return b
}

// reader takes values from their binary form.
type reader struct {
	in  []byte
	err error
}

// read fills a value; after an error it does nothing more.
func (r *reader) read(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		t := v.Type()
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				r.read(v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			r.read(v.Index(i))
		}
	case reflect.Slice:
		r.list(v)
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(r.word()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := r.varint()
		if v.OverflowInt(n) {
			r.fail(fmt.Errorf("%d is no %s", n, v.Type()))
			return
		}
		v.SetInt(n)
	default:
		panic(fmt.Sprintf("kept: a %s is not read", v.Type()))
	}
}

func (r *reader) list(v reflect.Value) {
	n := r.uvarint()
	if n == 0 || r.err != nil {
		return
	}
	n--
	if n > uint64(len(r.in)) { // an element has one byte or more
		r.fail(errShort)
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *[]float64:
		if n > uint64(len(r.in))/8 {
			r.fail(errShort)
			return
		}
		*p = make([]float64, n)
		for i := range *p {
			(*p)[i] = math.Float64frombits(binary.LittleEndian.Uint64(r.in[8*i:]))
		}
		r.in = r.in[8*n:]
	case *[]int32:
		*p = make([]int32, n)
		for i := range *p {
			(*p)[i] = int32(r.varint())
		}
	default:
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		for i := range int(n) {
			if r.read(v.Index(i)); r.err != nil {
				return
			}
		}
	}
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.in = nil
}

func (r *reader) word() uint64 {
	if len(r.in) < 8 {
		r.fail(errShort)
		return 0
	}
	w := binary.LittleEndian.Uint64(r.in)
	r.in = r.in[8:]
	return w
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.in)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.in = r.in[n:]
	return x
}

func (r *reader) varint() int64 {
	x, n := binary.Varint(r.in)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.in = r.in[n:]
	return x
}
