// Package coding writes and reads records in binary: their fields are listed
// once, in one function that serves both directions.
package coding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// ErrTruncated says that a record ends before its last field.
var ErrTruncated = errors.New("state is truncated")

// Codec writes or reads the fields that its methods are given, in the order of
// the calls.
type Codec struct {
	out []byte // what is written; nil when reading
	in  []byte
	err error
}

// Encode returns the fields that a function lists, behind a magic word that
// names the format; the last four bytes are a checksum. Equal fields give equal
// bytes.
func Encode(magic string, fields func(*Codec)) []byte {
	c := &Codec{out: []byte(magic)}
	fields(c)
	return binary.LittleEndian.AppendUint32(c.out, crc32.ChecksumIEEE(c.out))
}

// Decode reads what Encode wrote. A record cut short or changed is refused.
func Decode(magic string, data []byte, fields func(*Codec)) error {
	if len(data) < len(magic)+4 || string(data[:len(magic)]) != magic {
		return errors.New("not a state of this version")
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return errors.New("damaged: the checksum does not match")
	}
	c := &Codec{in: body[len(magic):]}
	fields(c)
	if c.err == nil && len(c.in) > 0 {
		c.err = fmt.Errorf("%d bytes too many", len(c.in))
	}
	return c.err
}

func (c *Codec) reading() bool { return c.out == nil }

// Word codes an unsigned integer.
func (c *Codec) Word(v *uint64) {
	if !c.reading() {
		c.out = binary.LittleEndian.AppendUint64(c.out, *v)
		return
	}
	if len(c.in) < 8 {
		c.err, *v = ErrTruncated, 0
		return
	}
	*v = binary.LittleEndian.Uint64(c.in)
	c.in = c.in[8:]
}

// Int64 codes a signed integer.
func (c *Codec) Int64(v *int64) {
	w := uint64(*v)
	c.Word(&w)
	*v = int64(w)
}

// Int codes an int.
func (c *Codec) Int(v *int) {
	w := uint64(*v)
	c.Word(&w)
	*v = int(w)
}

// Bool codes a truth value.
func (c *Codec) Bool(v *bool) {
	w := uint64(0)
	if *v {
		w = 1
	}
	c.Word(&w)
	*v = w != 0
}

// Float codes a number, to the bit.
func (c *Codec) Float(v *float64) {
	w := math.Float64bits(*v)
	c.Word(&w)
	*v = math.Float64frombits(w)
}

// Floats codes numbers.
func (c *Codec) Floats(v *[]float64) { List(c, v, 8, c.Float) }

// Int64s codes signed integers.
func (c *Codec) Int64s(v *[]int64) { List(c, v, 8, c.Int64) }

// Text codes a string, a word for each byte.
func Text[T ~string](c *Codec, v *T) {
	b := []byte(*v)
	List(c, &b, 8, func(ch *byte) {
		w := uint64(*ch)
		c.Word(&w)
		*ch = byte(w)
	})
	*v = T(b)
}

// List codes a slice whose elements take at least size bytes each.
func List[T any](c *Codec, s *[]T, size int, each func(*T)) {
	n := c.length(len(*s), size)
	if c.reading() {
		if *s = nil; n > 0 {
			*s = make([]T, n)
		}
	}
	for i := range *s {
		each(&(*s)[i])
	}
}

// length codes the length of a slice; one that the rest cannot hold is an error.
func (c *Codec) length(n, size int) int {
	c.Int(&n)
	if c.reading() && (n < 0 || n > len(c.in)/size) {
		c.err = ErrTruncated
		return 0
	}
	return n
}
