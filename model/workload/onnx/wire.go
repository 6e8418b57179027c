package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Limits of what a file may make the reader keep or do. The largest public
// models have less than 10^5 nodes and a few MB of names.
const (
	windowSize   = 64 << 10 // bytes read at once
	maxString    = 64 << 10 // bytes of one name, operator or attribute string
	maxKept      = 64 << 20 // bytes of all names and values
	maxFields    = 1 << 25  // fields of all messages
	MaxValues    = 1 << 16  // values kept of one integer tensor or attribute
	maxFloats    = 64       // values kept of one float tensor
	maxNodes     = 1 << 17  // of a graph; the network made of them takes some 2 kB each
	maxTensors   = 1 << 20
	maxFunctions = 1 << 14
	maxDepth     = 16 // of sub-graphs in sub-graphs
	MaxRank      = 64
	MaxElements  = 1 << 46 // of one tensor
)

// file reads a file in windows, so that payloads which nobody asks for are
// never read.
type file struct {
	r      io.ReaderAt
	size   int64
	window []byte
	base   int64 // offset of the window
	kept   int64
	fields int64
	nodes  int
	depth  int // of types in types

	version int64 // of the format
	others  bool  // operator sets of other domains than the default one are named
}

// at returns up to n bytes from off, fewer at the end of the file. The slice
// holds until the next call.
func (f *file) at(off int64, n int) ([]byte, error) {
	if rest := f.size - off; int64(n) > rest {
		n = int(max(rest, 0))
	}
	if off < f.base || off+int64(n) > f.base+int64(len(f.window)) {
		want := min(windowSize, f.size-off)
		f.window = f.window[:want]
		got, err := f.r.ReadAt(f.window, off)
		if int64(got) < want {
			f.window = f.window[:0]
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("byte %d: %w", off+int64(got), err)
		}
		f.base = off
	}
	return f.window[off-f.base:][:n], nil
}

// message walks the fields of a message that ends at end.
type message struct {
	f        *file
	off, end int64
	num      protowire.Number
	typ      protowire.Type
}

// next moves to the next field; false at the end of the message.
func (m *message) next() (bool, error) {
	if m.off >= m.end {
		return false, nil
	}
	if m.f.fields++; m.f.fields > maxFields {
		return false, fmt.Errorf("more than %d fields", maxFields)
	}
	b, err := m.peek()
	if err != nil {
		return false, err
	}
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return false, m.bad(n)
	}
	m.num, m.typ = num, typ
	m.off += int64(n)
	return true, nil
}

func (m *message) peek() ([]byte, error) {
	b, err := m.f.at(m.off, 10)
	if err != nil {
		return nil, err
	}
	return b[:min(int64(len(b)), m.end-m.off)], nil
}

func (m *message) bad(n int) error {
	return fmt.Errorf("byte %d: not an ONNX file, or cut off: %w", m.off, protowire.ParseError(n))
}

// varint reads the value of a varint field.
func (m *message) varint() (int64, error) {
	if m.typ != protowire.VarintType {
		return 0, m.mismatch()
	}
	b, err := m.peek()
	if err != nil {
		return 0, err
	}
	v, n := protowire.ConsumeVarint(b)
	if n < 0 {
		return 0, m.bad(n)
	}
	m.off += int64(n)
	return int64(v), nil
}

// fixed32 reads the value of a 32-bit field.
func (m *message) fixed32() (uint32, error) {
	if m.typ != protowire.Fixed32Type {
		return 0, m.mismatch()
	}
	b, err := m.peek()
	if err != nil {
		return 0, err
	}
	v, n := protowire.ConsumeFixed32(b)
	if n < 0 {
		return 0, m.bad(n)
	}
	m.off += int64(n)
	return v, nil
}

func (m *message) mismatch() error {
	return fmt.Errorf("byte %d: field %d has wire type %d: not an ONNX file", m.off, m.num, m.typ)
}

// body returns the content of a length-delimited field and moves past it.
func (m *message) body() (message, error) {
	if m.typ != protowire.BytesType {
		return message{}, m.mismatch()
	}
	b, err := m.peek()
	if err != nil {
		return message{}, err
	}
	v, n := protowire.ConsumeVarint(b)
	if n < 0 {
		return message{}, m.bad(n)
	}
	from := m.off + int64(n)
	if v > uint64(m.end-from) {
		return message{}, fmt.Errorf("byte %d: field %d of %d bytes runs past its message, which ends at byte %d: the file is cut off or damaged", m.off, m.num, v, m.end)
	}
	m.off = from + int64(v)
	return message{f: m.f, off: from, end: m.off}, nil
}

// skip moves past the value of the current field.
func (m *message) skip() error {
	switch m.typ {
	case protowire.VarintType:
		_, err := m.varint()
		return err
	case protowire.BytesType:
		_, err := m.body()
		return err
	case protowire.Fixed32Type:
		m.off += 4
	case protowire.Fixed64Type:
		m.off += 8
	default:
		return m.mismatch()
	}
	if m.off > m.end {
		return fmt.Errorf("byte %d: field %d: %w", m.end, m.num, io.ErrUnexpectedEOF)
	}
	return nil
}

// content returns the bytes of a message of at most limit bytes.
func (m *message) content(limit int64) ([]byte, error) {
	n := m.end - m.off
	if n > limit {
		return nil, fmt.Errorf("byte %d: a value of %d bytes, more than %d", m.off, n, limit)
	}
	if m.f.kept += n; m.f.kept > maxKept {
		return nil, fmt.Errorf("byte %d: names and values of more than %d bytes", m.off, maxKept)
	}
	out := make([]byte, 0, n)
	for m.off < m.end {
		b, err := m.f.at(m.off, int(min(m.end-m.off, windowSize)))
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
		m.off += int64(len(b))
	}
	return out, nil
}

// text reads a string field.
func (m *message) text() (string, error) {
	b, err := m.body()
	if err != nil {
		return "", err
	}
	s, err := b.content(maxString)
	return string(s), err
}

// shortText reads a string field, "" for one that is too long to be kept: the
// vocabulary of a tokenizer.
func (m *message) shortText() (string, error) {
	b, err := m.body()
	if err != nil || b.end-b.off > maxString {
		return "", err
	}
	s, err := b.content(maxString)
	return string(s), err
}

// ints appends the values of a repeated integer field, packed or not.
func (m *message) ints(to []int64, limit int) ([]int64, error) {
	if m.typ == protowire.VarintType {
		v, err := m.varint()
		if err == nil && len(to) >= limit {
			err = fmt.Errorf("byte %d: more than %d integers", m.off, limit)
		}
		return append(to, v), err
	}
	b, err := m.body()
	if err != nil {
		return nil, err
	}
	b.typ = protowire.VarintType
	for b.off < b.end {
		v, err := b.varint()
		if err != nil {
			return nil, err
		}
		if len(to) >= limit {
			return nil, fmt.Errorf("byte %d: more than %d integers", b.off, limit)
		}
		to = append(to, v)
	}
	return to, nil
}

// floats appends the values of a repeated float field, packed or not.
func (m *message) floats(to []float32, limit int) ([]float32, error) {
	if m.typ == protowire.Fixed32Type {
		v, err := m.fixed32()
		if err == nil && len(to) >= limit {
			err = fmt.Errorf("byte %d: more than %d numbers", m.off, limit)
		}
		return append(to, math.Float32frombits(v)), err
	}
	b, err := m.body()
	if err != nil {
		return nil, err
	}
	b.typ = protowire.Fixed32Type
	for b.off < b.end {
		v, err := b.fixed32()
		if err != nil {
			return nil, err
		}
		if len(to) >= limit {
			return nil, fmt.Errorf("byte %d: more than %d numbers", b.off, limit)
		}
		to = append(to, math.Float32frombits(v))
	}
	return to, nil
}

// each calls visit for every field; visit consumes the value.
func (m *message) each(visit func() error) error {
	for {
		ok, err := m.next()
		if err != nil || !ok {
			return err
		}
		if err := visit(); err != nil {
			return err
		}
	}
}
