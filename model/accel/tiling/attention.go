package tiling

import (
	"errors"
	"fmt"
	"math"

	"stco/model/workload"
)

// AttentionOperand names the tensors a fused attention moves.
type AttentionOperand uint8

// The operands of softmax(Q K^T) V.
const (
	Query AttentionOperand = iota
	Key
	Value
	Context // the result, O
)

// AttentionOptions are the conventions of a fused attention; the fields mean
// what they mean in Options, by AttentionOperand. PartialBytes is also the size
// of a score, of a running maximum and of a running sum; zero means the size of
// an element of the result.
type AttentionOptions struct {
	ElemBytes    [4]float64
	PartialBytes float64
	DoubleBuffer bool
	Resident     [4]bool
}

// AttentionPoint is one way to execute a fused attention: scores never leave
// the chip. Queries > 0 is the number of query rows that stay while all keys and
// values stream; Keys > 0 the number of keys and values that stay while the
// queries stream and unfinished results are spilled.
type AttentionPoint struct {
	Space         int64
	Read, Write   [4]int64
	Queries, Keys int64
}

// Total returns the bytes moved in both directions.
func (p *AttentionPoint) Total() int64 {
	sum := int64(0)
	for i := range p.Read {
		sum += p.Read[i] + p.Write[i]
	}
	return sum
}

// attention is one group of a fused attention, sizes in bits.
type attention struct {
	groups     int64
	rows, keys int64    // Lq, Lk
	width      [4]int64 // elements of a row of each operand
	count      [4]int64 // rows of each operand
	elem, room [4]int64
	partial    int64
	double     bool
	resident   [4]bool
}

func newAttention(qk, av *workload.Nest, o *AttentionOptions) (*attention, error) {
	rows := qk.N * qk.P * qk.Q
	switch {
	case qk.R*qk.S != 1 || av.R*av.S != 1 || qk.Out != workload.Ofmap || av.Out != workload.Ofmap:
		return nil, errors.New("attention: QK^T and AV must be forward matrix products")
	case qk.Groups != av.Groups || av.N*av.P*av.Q != rows || av.C != qk.K:
		return nil, fmt.Errorf("attention: scores of %d x %d x %d do not feed a product of %d x %d x %d (groups, rows, keys)",
			qk.Groups, rows, qk.K, av.Groups, av.N*av.P*av.Q, av.C)
	case min(rows, qk.K, qk.C, av.K, qk.Groups) <= 0:
		return nil, errors.New("attention: dimensions must be positive")
	}
	a := &attention{
		groups: qk.Groups, rows: rows, keys: qk.K,
		width:   [4]int64{Query: qk.C, Key: qk.C, Value: av.K, Context: av.K},
		count:   [4]int64{Query: rows, Key: qk.K, Value: qk.K, Context: rows},
		partial: int64(math.Round(o.PartialBytes * 8)),
		double:  o.DoubleBuffer, resident: o.Resident,
	}
	for i, b := range o.ElemBytes {
		a.elem[i] = int64(math.Round(8 * b))
		if a.elem[i] <= 0 {
			return nil, fmt.Errorf("attention: element of %g bytes, want at least 1/8", b)
		}
		if !o.Resident[i] {
			a.room[i] = a.elem[i]
		}
	}
	if a.partial <= 0 {
		a.partial = a.elem[Context]
	}
	a.room[Context] = max(a.partial-a.elem[Context], 0)
	if !o.Resident[Context] {
		a.room[Context] = max(a.partial, a.elem[Context])
	}
	return a, nil
}

// FusedAttention returns the staircase of a fused attention (Dao et al.,
// NeurIPS 2022, arXiv:2205.14135) given the nests of its two products: the
// score matrix exists only as a tile in the buffer, with a running maximum and
// sum per query. Each group is a key-value head with all its queries as rows.
// It is an error when the nests are not QK^T and AV of one attention.
func FusedAttention(qk, av *workload.Nest, o *AttentionOptions) ([]AttentionPoint, error) {
	a, err := newAttention(qk, av, o)
	if err != nil {
		return nil, err
	}
	largest, _ := a.keysStay(cut{a.keys, 1})
	space, _ := a.queriesStay(cut{a.rows, 1})
	f := newFrontier(2*max(largest, space), binBits)
	offer := func(family uint8, c cut, space int64, visits [4]int64) {
		read, write := a.traffic(visits)
		p := AttentionPoint{Read: read, Write: write}
		if b := f.better(space, p.Total()); b != nil {
			b.shape, b.family, b.k = 0, family, int32(c.size)
		}
	}
	for _, c := range cuts(a.rows) {
		space, visits := a.queriesStay(c)
		offer(outputStationary, c, space, visits)
	}
	for _, c := range cuts(a.keys) {
		space, visits := a.keysStay(c)
		offer(inputStationary, c, space, visits)
	}
	var points []AttentionPoint
	for _, s := range f.staircase() {
		p := AttentionPoint{Space: bytes(s.space)}
		var visits [4]int64
		if s.family == outputStationary {
			p.Queries = int64(s.k)
			_, visits = a.queriesStay(newCut(a.rows, p.Queries))
		} else {
			p.Keys = int64(s.k)
			_, visits = a.keysStay(newCut(a.keys, p.Keys))
		}
		p.Read, p.Write = a.traffic(visits)
		points = append(points, p)
	}
	return points, nil
}

// queriesStay holds a tile of queries with their results, running maxima and
// sums, and streams keys and values one by one.
func (a *attention) queriesStay(c cut) (space int64, visits [4]int64) {
	tile := a.room[Query]*a.width[Query] + a.room[Context]*a.width[Context]
	slice := a.room[Key]*a.width[Key] + a.room[Value]*a.width[Value]
	space = c.size * (hold(tile, tile, a.double && a.groups*c.n > 1) + 2*a.partial) // maximum and sum
	space += hold(slice, slice, a.double) + c.size*a.partial                        // scores of one key
	return space, [4]int64{Query: 1, Key: c.n, Value: c.n, Context: 1}
}

// keysStay holds a tile of keys and values and streams the queries one by one
// with their unfinished results.
func (a *attention) keysStay(c cut) (space int64, visits [4]int64) {
	tile := a.room[Key]*a.width[Key] + a.room[Value]*a.width[Value]
	slice := a.room[Query]*a.width[Query] + a.room[Context]*a.width[Context] + 2*a.partial
	space = c.size*hold(tile, tile, a.double && a.groups*c.n > 1) + hold(slice, slice, a.double) + c.size*a.partial
	if a.resident[Context] && c.n > 1 { // all unfinished results stay on chip
		space += a.rows * (a.room[Context]*a.width[Context] + 2*a.partial)
	}
	return space, [4]int64{Query: c.n, Key: 1, Value: 1, Context: c.n}
}

// traffic returns bytes by operand, all groups, for the times each operand is
// passed over. An unfinished result carries its running maximum and sum.
func (a *attention) traffic(visits [4]int64) (read, write [4]int64) {
	for i := range visits {
		elems := a.groups * a.count[i] * a.width[i]
		switch {
		case a.resident[i]:
		case AttentionOperand(i) == Context:
			spilled := (visits[i] - 1) * a.partial * (elems + 2*a.groups*a.count[i])
			read[i] = bytes(spilled)
			write[i] = bytes(spilled + a.elem[i]*elems)
		default:
			read[i] = bytes(visits[i] * a.elem[i] * elems)
		}
	}
	return read, write
}
