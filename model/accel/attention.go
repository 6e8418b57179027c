package accel

import (
	"stco/model/accel/systolic"
	"stco/model/workload"
)

func (a *Array) systolic() systolic.Array {
	return systolic.Array{Rows: int64(a.Rows), Cols: int64(a.Cols), VectorLanes: int64(a.VectorLanes), Cores: int64(a.Cores)}
}

// attention adds the products of a fused attention, which run one after the
// other on the PE array while the vector lanes work on the scores of another
// tile. The scores stay in the buffer: a product leaves them at the
// accumulator's size, the lanes turn them into probabilities, or their gradient,
// at the size of an element of the result, which the next products read. elem
// holds the bytes of an element of queries, of keys and values, and of results.
func (st *planStep) attention(s *workload.Step, elem [3]float64, a *Array) {
	scoresOf := [...]workload.Role{workload.Ofmap, workload.Ifmap, workload.Ifmap, workload.Ofmap, workload.Ofmap} // of QK^T, AV or dV, dP, dQ, dK
	accum, cycles, products := float64(a.AccumBytes), 0.0, s.Products()
	for i := range products {
		n := &products[i]
		c := systolic.Map(n, a.systolic(), a.Dataflow)
		cycles += float64(c.Cycles)
		size := [3]float64{workload.Ifmap: elem[0], workload.Filter: elem[1], workload.Ofmap: elem[2]}
		size[scoresOf[i]] = elem[2]
		for role, reads := range c.Reads {
			st.peReads += float64(reads) * size[role]
		}
		st.peReads += float64(c.PartialReads) * accum
		st.peWrites += float64(c.PartialWrites) * accum
		results := float64(c.Writes)
		st.peWrites += results * elem[2]
		if n.Out == scoresOf[i] { // left by the array, read by the lanes
			st.peWrites += results * accum
			st.peReads += results * accum
			if i > 0 { // with the probabilities
				st.peReads += results * elem[2]
			}
		}
	}
	st.cycles = max(st.cycles, cycles)
}
