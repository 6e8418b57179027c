package tiling

import (
	"errors"
	"fmt"
	"math"

	"stco/model/workload"
)

// AttentionOperand names the tensors that a fused attention or its gradient
// moves.
type AttentionOperand uint8

// The operands of softmax(Q K^T) V, and those of its gradient.
const (
	Query AttentionOperand = iota
	Key
	Value
	Context       // the result, O
	ContextGrad   // dO
	RowStatistics // two per query: the logarithm of its sum, and the sum of dO times O
	QueryGrad
	KeyGrad
	ValueGrad
	Scores // only where an execution spills them
	NumAttentionOperands
)

// AttentionBytes are bytes by AttentionOperand.
type AttentionBytes [NumAttentionOperands]int64

// AttentionOptions are the conventions of a fused attention.
type AttentionOptions struct {
	// ElemBytes is the size of an element of each operand, multiples of 1/8; of
	// operands that are not moved it does not matter. That of the scores serves
	// for those that leave the chip.
	ElemBytes [NumAttentionOperands]float64
	// PartialBytes is the size of an unfinished result, of a score, of a running
	// maximum and of a running sum; zero means the size of an element of O, in
	// the gradient of dQ.
	PartialBytes float64
	DoubleBuffer bool
	// Operands on chip as a whole, as in Options: what has a row for every query
	// beside the result, keys and values, all results.
	ResidentQueries, ResidentKeys, ResidentResults bool
}

// AttentionPoint is one way to execute a fused attention. Queries > 0 is the
// number of query rows that stay while all keys and values stream; Keys > 0 the
// number of keys and values that stay while the queries stream. Unfinished
// results of what streams are spilled. With neither the scores leave the chip.
type AttentionPoint struct {
	Space         int64
	Read, Write   AttentionBytes
	Queries, Keys int64
}

// String prints the tile: "queries=64", "keys=32" or "scores spilled".
func (p *AttentionPoint) String() string {
	switch {
	case p.Queries > 0:
		return fmt.Sprintf("queries=%d", p.Queries)
	case p.Keys > 0:
		return fmt.Sprintf("keys=%d", p.Keys)
	default:
		return "scores spilled"
	}
}

// Total returns the bytes moved in both directions.
func (p *AttentionPoint) Total() int64 {
	sum := int64(0)
	for i := range p.Read {
		sum += p.Read[i] + p.Write[i]
	}
	return sum
}

// moved is one operand of a side of an attention, sizes in bits.
type moved struct {
	operand  AttentionOperand
	elems    int64 // of a row
	elem     int64
	result   bool
	resident bool
}

// side is one of the two loops of an attention, over queries or over keys.
type side struct {
	rows     int64
	operands []moved
	carry    int64 // running state of a row, bits

	in, acc int64 // room of a row: inputs, results in the making
}

// attention is one group of a fused attention.
type attention struct {
	groups  int64
	side    [2]side // queries, keys
	partial int64
	held    bool  // results stay on chip as a whole
	tiles   int64 // score tiles in the buffer at a time
	double  bool
}

// CheckAttention returns an error when the nests are not QK^T and AV of one
// attention.
func CheckAttention(qk, av *workload.Nest) error {
	rows := qk.N * qk.P * qk.Q
	switch {
	case qk.R*qk.S != 1 || av.R*av.S != 1 || qk.Out != workload.Ofmap || av.Out != workload.Ofmap:
		return errors.New("attention: QK^T and AV must be forward matrix products")
	case qk.Groups != av.Groups || av.N*av.P*av.Q != rows || av.C != qk.K:
		return fmt.Errorf("attention: scores of %d x %d x %d do not feed a product of %d x %d x %d (groups, rows, keys)",
			qk.Groups, rows, qk.K, av.Groups, av.N*av.P*av.Q, av.C)
	case min(rows, qk.K, qk.C, av.K, qk.Groups) <= 0:
		return errors.New("attention: dimensions must be positive")
	}
	return nil
}

func newAttention(qk, av *workload.Nest, o *AttentionOptions, gradient bool) (*attention, error) {
	if err := CheckAttention(qk, av); err != nil {
		return nil, err
	}
	d, dv := qk.C, av.K
	a := &attention{groups: qk.Groups, double: o.DoubleBuffer, partial: inBits(o.PartialBytes), held: o.ResidentResults, tiles: 1}
	queries := side{rows: qk.N * qk.P * qk.Q, operands: []moved{{operand: Query, elems: d}, {operand: Context, elems: dv, result: true}}}
	keys := side{rows: qk.K, operands: []moved{{operand: Key, elems: d}, {operand: Value, elems: dv}}}
	first := Context
	if gradient {
		queries.operands = []moved{
			{operand: Query, elems: d}, {operand: ContextGrad, elems: dv}, {operand: RowStatistics, elems: 2}, {operand: QueryGrad, elems: d, result: true},
		}
		keys.operands = append(keys.operands, moved{operand: KeyGrad, elems: d, result: true}, moved{operand: ValueGrad, elems: dv, result: true})
		first, a.tiles = QueryGrad, 2 // probabilities, and the gradient of the scores
	}
	if a.partial <= 0 {
		a.partial = inBits(o.ElemBytes[first])
	}
	if !gradient {
		queries.carry = 2 * a.partial // maximum and sum
	}
	a.side = [2]side{queries, keys}
	for i := range a.side {
		if err := a.side[i].room(a.partial, o, [2]bool{o.ResidentQueries, o.ResidentKeys}[i]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func inBits(bytes float64) int64 { return int64(math.Round(8 * bytes)) }

// room sets element sizes and the room of a row.
func (s *side) room(partial int64, o *AttentionOptions, resident bool) error {
	for i := range s.operands {
		m := &s.operands[i]
		m.elem, m.resident = inBits(o.ElemBytes[m.operand]), resident
		if m.elem <= 0 {
			return fmt.Errorf("attention: element of %g bytes, want at least 1/8", o.ElemBytes[m.operand])
		}
		switch {
		case m.result && o.ResidentResults:
			m.resident = true
			s.acc += m.elems * max(partial-m.elem, 0)
		case m.result:
			m.resident = false
			s.acc += m.elems * max(partial, m.elem)
		case !resident:
			s.in += m.elems * m.elem
		}
	}
	return nil
}

// fused returns the staircase of a fused attention (Dao et al., NeurIPS 2022,
// arXiv:2205.14135) given the nests of its two products: the score matrix exists
// only as a tile in the buffer, with a running maximum and sum per query. Each
// group is a key-value head with all its queries as rows. In the gradient, scores
// and probabilities are computed again from Q, K and a statistic per query, and dQ,
// dK and dV are summed while keys stay and queries stream (algorithm 2 of Dao,
// arXiv:2307.08691) or the other way round. It is an error when the nests are not
// QK^T and AV of one attention.
func fused(qk, av *workload.Nest, o *AttentionOptions, gradient bool) ([]AttentionPoint, error) {
	a, err := newAttention(qk, av, o, gradient)
	if err != nil {
		return nil, err
	}
	families := [2]uint8{outputStationary, inputStationary}
	largest := max(a.space(0, cut{a.side[0].rows, 1}), a.space(1, cut{a.side[1].rows, 1}))
	f := newFrontier(2*largest, binBits)
	for stays, family := range families {
		for _, c := range cuts(a.side[stays].rows) {
			space := a.space(stays, c)
			read, write := a.traffic(stays, c)
			p := AttentionPoint{Read: read, Write: write}
			if b := f.better(space, p.Total()); b != nil {
				b.shape, b.family, b.k = 0, family, int32(c.size)
			}
		}
	}
	var points []AttentionPoint
	for _, s := range f.staircase() {
		p := AttentionPoint{Space: bytes(s.space)}
		stays := 0
		if s.family == outputStationary {
			p.Queries = int64(s.k)
		} else {
			stays, p.Keys = 1, int64(s.k)
		}
		p.Read, p.Write = a.traffic(stays, newCut(a.side[stays].rows, int64(s.k)))
		points = append(points, p)
	}
	return points, nil
}

// space returns the bits in the buffer when tiles of one side stay, with their
// results in the making and running state, and the other side streams row by
// row.
func (a *attention) space(stays int, c cut) int64 {
	s, t := &a.side[stays], &a.side[1-stays]
	tile, slice := s.in+s.acc, t.in+t.acc+t.carry
	space := c.size * (hold(tile, tile, a.double && a.groups*c.n > 1) + s.carry)
	space += hold(slice, slice, a.double) + c.size*a.tiles*a.partial // scores of one row
	if a.held && c.n > 1 {                                           // all unfinished results stay on chip
		space += t.rows * (t.acc + t.carry)
	}
	return space
}

// traffic returns bytes by operand, all groups, when tiles of one side stay: the
// other side is passed over once for every tile. An unfinished result carries
// its running state.
func (a *attention) traffic(stays int, c cut) (read, write AttentionBytes) {
	for i := range a.side {
		s, visits := &a.side[i], int64(1)
		if i != stays {
			visits = c.n
		}
		for _, m := range s.operands {
			elems := a.groups * s.rows * m.elems
			switch {
			case m.resident:
			case m.result:
				spilled := (visits - 1) * (a.partial*elems + a.groups*s.rows*s.carry)
				read[m.operand] = bytes(spilled)
				write[m.operand] = bytes(spilled + m.elem*elems)
			default:
				read[m.operand] = bytes(visits * m.elem * elems)
			}
		}
	}
	return read, write
}
