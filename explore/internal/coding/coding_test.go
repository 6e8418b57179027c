package coding

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"testing"
)

type record struct {
	W uint64
	I int64
	N int
	B bool
	F float64
	T string
	L []float64
	S []int64
}

func (r *record) code(c *Codec) {
	c.Word(&r.W)
	c.Int64(&r.I)
	c.Int(&r.N)
	c.Bool(&r.B)
	c.Float(&r.F)
	Text(c, &r.T)
	c.Floats(&r.L)
	c.Int64s(&r.S)
}

// TestRoundTrip writes a record and reads it, and holds the first words to their
// little-endian bytes.
func TestRoundTrip(t *testing.T) {
	in := record{1<<63 + 2, -3, -4, true, math.Inf(-1), "héllo", []float64{1, math.SmallestNonzeroFloat64}, []int64{-1}}
	data := Encode("magic", in.code)
	if want, _ := hex.DecodeString("0200000000000080" + "fdffffffffffffff" + "fcffffffffffffff" + "0100000000000000" + "000000000000f0ff"); !bytes.HasPrefix(data[5:], want) {
		t.Errorf("%x, want %x first", data[5:], want)
	}
	var out record
	if err := Decode("magic", data, out.code); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%+v, want %+v: %v", out, in, err)
	}
}

// TestDamaged refuses every shortening and every change of a byte.
func TestDamaged(t *testing.T) {
	in := record{T: "abc", L: []float64{1, 2}}
	data := Encode("magic", in.code)
	for n := range data {
		if err := Decode("magic", data[:n], new(record).code); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(data))
		}
		other := bytes.Clone(data)
		other[n] ^= 4
		if err := Decode("magic", other, new(record).code); err == nil {
			t.Errorf("a change of byte %d was not noticed", n)
		}
	}
	if err := Decode("other", data, new(record).code); err == nil {
		t.Error("a record of another format was taken")
	}
}

// TestLengths: with a valid checksum, fields that are missing, left over or
// longer than the record are errors.
func TestLengths(t *testing.T) {
	n := 7
	short := Encode("m", func(c *Codec) { c.Int(&n) })
	if err := Decode("m", short, func(c *Codec) { c.Int(&n); c.Int(&n) }); !errors.Is(err, ErrTruncated) {
		t.Errorf("a missing field: %v", err)
	}
	left, beyond := 9, uint64(9)
	if err := Decode("m", short, func(c *Codec) { c.Int(&left); c.Word(&beyond) }); err == nil || left != 7 || beyond != 0 {
		t.Errorf("%d and, behind the end, %d were read: %v", left, beyond, err)
	}
	if err := Decode("m", short, func(*Codec) {}); err == nil {
		t.Error("a field too many was not noticed")
	}
	for _, count := range []int{-1, 2, math.MaxInt} {
		data := Encode("m", func(c *Codec) { c.Int(&count); c.Int(&n) })
		var l []float64
		if err := Decode("m", data, func(c *Codec) { c.Floats(&l) }); !errors.Is(err, ErrTruncated) {
			t.Errorf("a list of %d elements in the room of one: %v", count, err)
		}
	}
	if err := Decode("m", Encode("m", new(record).code), new(record).code); err != nil {
		t.Errorf("empty fields: %v", err)
	}
	if err := Decode("m", Encode("m", func(*Codec) {}), func(*Codec) {}); err != nil {
		t.Errorf("a record without fields: %v", err)
	}
	one := 1
	var l []float64
	if err := Decode("m", Encode("m", func(c *Codec) { c.Int(&one); c.Int(&n) }), func(c *Codec) { c.Floats(&l) }); err != nil || len(l) != 1 {
		t.Errorf("a list that fills the record: %v, %v", l, err)
	}
}
