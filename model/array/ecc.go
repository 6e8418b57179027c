package array

import "fmt"

// ECC is the error-correcting code of a buffer, per codeword of CodewordBits.
type ECC uint8

// The codes.
const (
	NoECC  ECC = iota // none
	SECDED            // single error correction, double detection: extended Hamming
	DEC               // double error correction, triple detection: extended BCH
)

// String returns the name used in studies, tables and flags.
func (e ECC) String() string {
	switch e {
	case NoECC:
		return "none"
	case SECDED:
		return "secded"
	case DEC:
		return "dec"
	}
	return "unknown"
}

// ParseECC reads none, secded or dec.
func ParseECC(s string) (ECC, error) {
	for e := NoECC; e <= DEC; e++ {
		if s == e.String() {
			return e, nil
		}
	}
	return 0, fmt.Errorf("code %q is not none, secded or dec", s)
}

// CodewordBits is the data part of a codeword; a wider word is split, a
// narrower one is a codeword of its own.
const CodewordBits = 64

// CheckBits returns the check bits of a codeword of k data bits: (72,64) for
// SECDED and (79,64) for DEC (E37).
func (e ECC) CheckBits(k int) int {
	switch e {
	case NoECC:
		return 0
	case SECDED:
		m := 1
		for 1<<m < k+m+1 {
			m++
		}
		return m + 1
	case DEC:
		m := 1
		for 1<<m < k+2*m+1 {
			m++
		}
		return 2*m + 1
	}
	return 0
}

// WordBits returns the bits stored for a word of data bits.
func (e ECC) WordBits(data int) int {
	full, rest := data/CodewordBits, data%CodewordBits
	total := data + full*e.CheckBits(CodewordBits)
	if rest > 0 {
		total += e.CheckBits(rest)
	}
	return total
}

// eccLogic is the encoder and decoder of one word.
type eccLogic struct {
	encode, decode       float64 // delay, s
	encodeCap, decodeCap float64 // switched, F
	width                float64 // total gate width
}

// logic sizes the parity trees. Each check bit is the parity of about half the
// codeword: k/2 two-input exclusive-or gates in log2(k/2) levels of about 2 FO4;
// the decoder adds the received check bits, a decoder of the syndrome and the
// correction. A DEC decoder solves a quadratic over the field by a table of
// the field's size: about three times the depth and four times the gates
// (parallel BCH decoders, Naseer and Draper, ESSCIRC 2008).
func (e ECC) logic(c *circuit, data int) eccLogic {
	if e == NoECC {
		return eccLogic{}
	}
	k := min(data, CodewordBits)
	words := float64(data) / float64(k)
	check := float64(e.CheckBits(k))
	levels := 0.0
	for n := (k + 1) / 2; n > 1; n = (n + 1) / 2 {
		levels++
	}
	gateCap := 3 * c.cin * c.minWidth // gate, drain and wire of an exclusive-or
	gateWidth := 5 * (1 + c.beta) * c.minWidth
	depth, gates := 1.0, 1.0
	if e == DEC {
		depth, gates = 3, 4
	}
	trees := words * check * float64(k) / 2
	correct := words * (float64(k) + check) * gates
	return eccLogic{
		encode:    levels * 2 * c.fo4,
		decode:    (levels+1)*2*c.fo4 + depth*6*c.fo4,
		encodeCap: trees * gateCap / 2,
		decodeCap: (trees + correct) * gateCap / 2,
		width:     (2*trees + 2*correct) * gateWidth,
	}
}
