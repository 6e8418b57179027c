package array

// ECC is the error-correcting code of a buffer.
type ECC uint8

// The codes, by how many errors of a codeword they correct and detect.
const (
	NoECC  ECC = iota // none
	SECDED            // one, two: extended Hamming
	DEC               // two: BCH
	DECTED            // two, three: extended BCH
)

// ECCNames lists the codes as users write them, in order.
func ECCNames() []string { return []string{"none", "secded", "dec", "dec-ted"} }

// String returns the name used in studies, tables and flags.
func (e ECC) String() string { return nameOf(ECCNames(), int(e)) }

// ParseECC reads a name of ECCNames.
func ParseECC(s string) (ECC, error) {
	i, err := indexOf("code", ECCNames(), s)
	return ECC(i), err
}

// Corrects returns the errors of a codeword that the code corrects.
func (e ECC) Corrects() int { return min(int(e), 2) }

// DefaultCodeword is the data part of a codeword where none is given; a wider
// word is split, a narrower one is a codeword of its own.
const DefaultCodeword = 64

// CheckBits returns the check bits of a codeword of k data bits: the smallest m
// with 2^m-1 >= k+m for a Hamming code, which the extended one adds a bit to;
// 2 m with 2^m-1 >= k+2m for a BCH code of two errors, one more if extended. At
// 64 bits that is 8, 14 and 15, at 512 bits 11, 20 and 21.
func (e ECC) CheckBits(k int) int {
	if e == NoECC {
		return 0
	}
	roots, m := e.Corrects(), 1
	for 1<<m < k+roots*m+1 {
		m++
	}
	if e == DEC {
		return roots * m
	}
	return roots*m + 1
}

// WordBits returns the bits stored for a word of data bits in codewords.
func (e ECC) WordBits(data, codeword int) int {
	full, rest := data/codeword, data%codeword
	total := data + full*e.CheckBits(codeword)
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
// codeword: k/2 two-input exclusive-or gates in log2(k/2) levels; the decoder
// adds the received check bits, a decoder of the syndrome and the correction. One
// of two errors is deeper and has more gates. The constants are those of the
// table of circuits.
func (e ECC) logic(c *circuit, data, codeword int) eccLogic {
	if e == NoECC {
		return eccLogic{}
	}
	k := min(data, codeword)
	words := float64(data) / float64(k)
	check := float64(e.CheckBits(k))
	levels := 0.0
	for n := (k + 1) / 2; n > 1; n = (n + 1) / 2 {
		levels++
	}
	l := &c.k.Code
	gateCap := l.XorLoad * c.cin * c.minWidth
	gateWidth := l.XorWidth * (1 + c.beta) * c.minWidth
	depth, gates := 1.0, 1.0
	if e.Corrects() == 2 {
		depth, gates = l.DoubleDepth, l.DoubleGates
	}
	trees := words * check * float64(k) / 2
	correct := words * (float64(k) + check) * gates
	return eccLogic{
		encode:    levels * l.XorGates * c.fo4,
		decode:    (levels+1)*l.XorGates*c.fo4 + depth*l.SyndromeGates*c.fo4,
		encodeCap: trees * gateCap * l.Activity,
		decodeCap: (trees + correct) * gateCap * l.Activity,
		width:     (2*trees + 2*correct) * gateWidth,
	}
}
