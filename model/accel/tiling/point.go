package tiling

import (
	"fmt"
	"math"
	"sort"

	"stco/model/workload"
)

// Conventions are the conventions of a traffic curve.
type Conventions struct {
	// ElemBytes is the size of an element of each operand in DRAM and buffer,
	// by workload.Role. Multiples of 1/8; all must be positive.
	ElemBytes [3]float64
	// PartialBytes is the size of an unfinished sum of the produced operand, in
	// the buffer and when it is spilled. Zero means ElemBytes[Nest.Out].
	PartialBytes float64
	// DoubleBuffer reserves, beside each tile, the space of what replaces it, so
	// that transfers overlap with computation. An operand that is moved once as
	// a whole needs no second copy.
	DoubleBuffer bool
	// Resident operands are on chip as a whole and paid for elsewhere: they cost
	// neither traffic nor working space. Of a produced resident operand only the
	// excess of PartialBytes over ElemBytes is counted, for the sums unfinished
	// at a time.
	Resident [3]bool
	// Slices is the number of filters that pass a slice of the input at a time on a
	// machine of that rule; 0: all tiles may be used. For forward nests.
	Slices int
}

// Rule says which tiles a machine can do.
type Rule uint8

// The rules. With Slices a slice of the input, whole rows with all channels, is in
// the buffer while all filters pass, as many at a time as the array has columns, and
// again for every slice. So works the convolution buffer of the NVDLA, which takes an
// input whole, or cut along its height (nvdla.org, programming guide, Split H).
const (
	Free Rule = iota
	Slices
	numRules
)

// String returns the name used in studies: free, slices.
func (r Rule) String() string { return [numRules]string{"free", "slices"}[r] }

// Rules returns the names of the rules, in order.
func Rules() []string { return []string{Free.String(), Slices.String()} }

// Mapping says how a point is executed: the stationary operand and the tile
// sizes. A pixel tile of a flattened nest (a matrix product, a 1x1 convolution)
// is M consecutive pixels. Other tiles are N images of P rows by Q columns, of
// the output, or of the input when the tiles are disjoint there. Tiles succeed
// one another down the image, or across it when SweepW is set; the stationary
// operand keeps what it shares with the tile before in the buffer. With
// stationary filters the tiles are one row high and either the input row (with
// the rows shared with the next) is in the buffer while output pixels pass, or,
// with HoldOut, the output row while input pixels pass.
type Mapping struct {
	Stationary           workload.Role
	Flat                 bool
	M                    int64
	N, P, Q              int64
	InputRows, InputCols bool // tiles are disjoint in the input
	SweepW, HoldOut      bool
	K, C                 int64 // filters and input channels of the tile
}

// String prints a mapping compactly: "OS m=30 n=32 k=1" for a flattened nest,
// "IS n=1 p=14 q=28 k=1 c=64 down" for a convolution, with h and w instead of p
// and q for tiles of the input.
func (m Mapping) String() string {
	name := [3]string{workload.Ifmap: "IS", workload.Filter: "WS", workload.Ofmap: "OS"}[m.Stationary]
	if m.Flat {
		return fmt.Sprintf("%s m=%d n=%d k=%d", name, m.M, m.K, m.C)
	}
	row, col, sweep := "p", "q", "down"
	if m.InputRows {
		row = "h"
	}
	if m.InputCols {
		col = "w"
	}
	if m.SweepW {
		sweep = "across"
	}
	if m.HoldOut {
		sweep += "/out"
	}
	return fmt.Sprintf("%s n=%d %s=%d %s=%d k=%d c=%d %s", name, m.N, row, m.P, col, m.Q, m.K, m.C, sweep)
}

// Point is one way to execute a nest: it needs Space bytes of buffer and moves
// Read bytes from and Write bytes to DRAM, by workload.Role. The produced
// operand counts final writes plus writes and reads of unfinished sums.
type Point struct {
	Space       int64
	Read, Write [3]int64
	Mapping     Mapping
}

// Total returns the bytes moved in both directions.
func (p *Point) Total() int64 {
	return p.Read[0] + p.Read[1] + p.Read[2] + p.Write[0] + p.Write[1] + p.Write[2]
}

// At returns the point of least traffic that fits in space bytes; false when
// even the first point does not fit.
func At(curve []Point, space int64) (Point, bool) {
	i := sort.Search(len(curve), func(i int) bool { return curve[i].Space > space })
	if i == 0 {
		return Point{}, false
	}
	return curve[i-1], true
}

// Compulsory returns the bytes every execution moves, by role: each touched
// element of an input once, each element of the output once (an input gradient
// is written as a whole, with the zeros of the pixels a strided window skips).
// Resident operands move nothing.
func Compulsory(n *workload.Nest, o *Conventions) (read, write [3]int64) {
	p, ok := newProblem(n, o)
	if !ok {
		return read, write
	}
	return p.traffic(p.distinct)
}

// LowerBound returns bytes that no execution with space bytes of buffer can
// undercut: the compulsory traffic and, for a nest that is a matrix product,
// 2MNK/sqrt(S) - 2S elements for a buffer of S elements (Hong and Kung, STOC
// 1981, with the constant of Smith et al., arXiv:1702.02017). With elements of
// several sizes S counts the smallest; with resident operands only the
// compulsory traffic is a bound.
func LowerBound(n *workload.Nest, o *Conventions, space int64) int64 {
	p, ok := newProblem(n, o)
	if !ok {
		return 0
	}
	read, write := p.traffic(p.distinct)
	least := (&Point{Read: read, Write: write}).Total()
	if !p.flat || o.Resident != [3]bool{} || space <= 0 {
		return least
	}
	elem := float64(min(p.elem[0], p.elem[1], p.elem[2], p.partial)) / 8
	s := float64(space) / elem
	hk := (2*float64(n.MACs())/math.Sqrt(s) - 2*s) * elem
	return max(least, int64(hk))
}
