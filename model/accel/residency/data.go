package residency

import "stco/model/workload"

// tensor is a tensor of the trace as an iteration uses it: of a tensor that no step touches
// as a whole, only what is touched exists.
type tensor struct {
	class      workload.Class
	bytes      int64
	external   bool // in DRAM before its first use in every iteration
	persistent bool // where the last iteration left it
	output     bool // in DRAM at the end
	// renewal is the number of iterations in which the writes of a persistent
	// tensor add up to all of it, as of a KV cache that gets one token in each; 0
	// for data that an iteration writes as a whole, or not at all.
	renewal float64
}

// dataOf returns the data of a trace. The rows that a look-up takes from a table
// too large to be used as a whole are other ones in every iteration: they come
// from DRAM, and go there when they are updated, whatever the buffer.
func dataOf(t *workload.Trace) []tensor {
	data := make([]tensor, len(t.Tensors))
	for k := range t.Tensors {
		x := &t.Tensors[k]
		data[k] = tensor{class: x.Class, external: x.External, persistent: x.Persistent, output: x.Output}
	}
	written := make([]int64, len(data)) // bytes
	each := func(s *workload.Step, f func(k workload.TensorID, bytes int64)) {
		for _, o := range s.Reads {
			f(o.Tensor, o.Bytes)
		}
		for _, o := range s.Writes {
			f(o.Tensor, o.Bytes)
		}
	}
	for i := range t.Steps {
		each(&t.Steps[i], func(k workload.TensorID, bytes int64) { data[k].bytes = max(data[k].bytes, bytes) })
		for _, o := range t.Steps[i].Writes {
			written[o.Tensor] += o.Bytes
		}
	}
	// Look-ups, and the master weights and optimizer state of their tables.
	looked := make([]bool, len(data))
	for _, op := range []workload.OpKind{workload.OpEmbedding, workload.OpUpdate} {
		for i := range t.Steps {
			s := &t.Steps[i]
			if s.Op != op {
				continue
			}
			rows := op == workload.OpEmbedding
			each(s, func(k workload.TensorID, _ int64) { rows = rows || looked[k] })
			each(s, func(k workload.TensorID, _ int64) {
				looked[k] = looked[k] || rows && t.Tensors[k].Persistent && data[k].bytes < t.Tensors[k].Bytes
			})
		}
	}
	for k := range data {
		if looked[k] {
			data[k].persistent, data[k].external, data[k].output = false, true, written[k] > 0
		}
		if d := &data[k]; d.persistent && written[k] > 0 && written[k] < d.bytes {
			d.renewal = float64(d.bytes) / float64(written[k])
		}
	}
	return data
}
