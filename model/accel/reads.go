package accel

import (
	"stco/model/workload"
)

// reads are the reads of a byte in the buffer between two writes of it, the most of
// all data: of data that an iteration makes or writes anew, and in an iteration of
// data that stay for ever.
type reads struct{ once, lasting float64 }

// countReads counts them from the trace of the schedule: what the level before the
// buffer reads in a step, over the bytes of the step's operands, and the write to
// DRAM. Samples have data of their own, so that of the rounds of a group only the
// first counts; weights, state and caches are the same for all.
func (p *Plan) countReads(t *Traffic) {
	counts := map[workload.TensorID]float64{}
	written := map[workload.TensorID]bool{}
	of := map[workload.TensorID]*workload.Tensor{} // the groups of training are of one part of the batch
	row := 0
	for _, g := range t.groups {
		n := g.End - g.First
		for i := range n * min(g.Rounds, 2) {
			r, l := t.rows[row], &t.loads[row]
			row++
			s, tensors := p.traceStep(r), p.traces[r.Level].Tensors
			bytes := 0.0
			for _, o := range s.Reads {
				bytes += float64(o.Bytes)
			}
			for _, o := range s.Writes {
				written[o.Tensor] = true
			}
			in := l.read - l.dramWrite()
			if t.pads != nil {
				in = t.pads[row-1].portRead - l.dramWrite()
			}
			if bytes == 0 || in <= 0 {
				continue
			}
			for _, o := range s.Reads {
				x := &tensors[o.Tensor]
				of[o.Tensor] = x
				switch {
				case x.Persistent:
					counts[o.Tensor] += in / bytes * r.Repeat * t.outer
				case i < n:
					counts[o.Tensor] += in / bytes
				}
			}
		}
	}
	t.reads = reads{}
	for k, c := range counts {
		class := of[k].Class
		switch {
		case !of[k].Persistent:
			t.reads.once = max(t.reads.once, c+1) // and it may go to DRAM
		case written[k]:
			t.reads.once = max(t.reads.once, c*max(1, t.Age[class])+1)
		case t.Permanent[class] > 0:
			t.reads.lasting = max(t.reads.lasting, c)
		default:
			t.reads.once = max(t.reads.once, c)
		}
	}
}
