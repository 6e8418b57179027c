package workload

// Summary counts what one iteration of a trace keeps, moves and computes.
type Summary struct {
	Network string `json:"network"`
	Phase   string `json:"phase"`
	Batch   int    `json:"batch"`
	Steps   int    `json:"steps"`

	WeightBytes     int64 `json:"weight_bytes"`
	PersistentBytes int64 `json:"persistent_bytes"` // weights, master copy, optimizer state, KV cache

	KVCacheBytes int64 `json:"kv_cache_bytes"`

	// SavedBytes are kept from forward for backward: activations, and the
	// parts listed. The inputs include the labels, the statistics those of the
	// loss.
	SavedBytes           int64 `json:"saved_bytes"`
	SavedInputBytes      int64 `json:"saved_input_bytes"`
	SavedStatisticsBytes int64 `json:"saved_statistics_bytes"`
	SavedMaskBytes       int64 `json:"saved_mask_bytes"`
	SavedIndexBytes      int64 `json:"saved_index_bytes"`

	PeakLiveBytes int64             `json:"peak_live_bytes"` // not counting what persists
	PeakStep      string            `json:"peak_step"`
	PeakByClass   [NumClasses]int64 `json:"-"`

	MACsForward   int64 `json:"forward_macs"`
	MACsDX        int64 `json:"dx_macs"`
	MACsDW        int64 `json:"dw_macs"`
	MACsRecompute int64 `json:"recompute_macs"`
	MACs          int64 `json:"macs"`
	VectorOps     int64 `json:"vector_ops"`

	StepReadBytes  int64 `json:"step_read_bytes"`  // sum over steps of distinct bytes read
	StepWriteBytes int64 `json:"step_write_bytes"` // and written

	OptimizerResidentBytes int64 `json:"optimizer_resident_bytes"` // weights, gradients, master copy and states
	OptimizerStateBytes    int64 `json:"optimizer_state_bytes"`    // of these: master copy and states
	OptimizerMovedBytes    int64 `json:"optimizer_bytes"`          // read and written by the update
}

// Summarize counts a trace.
func Summarize(t *Trace) Summary {
	s := Summary{Network: t.Network, Phase: t.Phase.String(), Batch: t.Batch, Steps: len(t.Steps)}
	updated := make([]bool, len(t.Tensors))
	for i := range t.Steps {
		st := &t.Steps[i]
		s.VectorOps += st.VectorOps
		again := st.Recomputed()
		s.MACsRecompute += again
		switch st.Pass {
		case Forward:
			s.MACsForward += st.MACs
		case Backward:
			s.MACsDX += st.MACs - again
		case WeightBackward:
			s.MACsDW += st.MACs
		default: // the update has no products
		}
		r, w := sumBytes(st.Reads), sumBytes(st.Writes)
		s.StepReadBytes += r
		s.StepWriteBytes += w
		if st.Pass != Update {
			continue
		}
		s.OptimizerMovedBytes += r + w
		for _, ops := range [][]Operand{st.Reads, st.Writes} {
			for _, o := range ops {
				if !updated[o.Tensor] {
					updated[o.Tensor] = true
					x := &t.Tensors[o.Tensor]
					s.OptimizerResidentBytes += x.Bytes
					if x.Class == MasterWeight || x.Class == OptimizerState {
						s.OptimizerStateBytes += x.Bytes
					}
				}
			}
		}
	}
	s.MACs = s.MACsForward + s.MACsDX + s.MACsDW + s.MACsRecompute
	for i := range t.Tensors {
		x := &t.Tensors[i]
		switch x.Class {
		case Weight:
			s.WeightBytes += x.Bytes
		case KVCache:
			s.KVCacheBytes += x.Bytes
		default:
		}
		if x.Persistent {
			s.PersistentBytes += x.Bytes
		}
	}
	s.saved(t)
	s.peak(t)
	return s
}

func sumBytes(ops []Operand) (n int64) {
	for _, o := range ops {
		n += o.Bytes
	}
	return n
}

// SavedForBackward returns the bytes that forward steps (and the input) leave
// for backward or recompute steps: the most over the micro-batches.
func SavedForBackward(t *Trace) int64 {
	var s Summary
	s.saved(t)
	return s.SavedBytes
}

func (s *Summary) saved(t *Trace) {
	const unset = -1
	batch := make([]int32, len(t.Tensors)) // micro-batch that writes or first reads the tensor in forward
	counted := make([]bool, len(t.Tensors))
	for i := range batch {
		batch[i] = unset
	}
	micro, pass := int32(0), Forward
	var now Summary
	for i := range t.Steps {
		st := &t.Steps[i]
		if st.Pass == Forward && pass != Forward {
			micro, now = micro+1, Summary{}
		}
		pass = st.Pass
		if pass == Update {
			break
		}
		mark := st.Writes
		if pass != Forward {
			mark = nil
		}
		for _, o := range mark {
			batch[o.Tensor] = micro
		}
		for _, o := range st.Reads {
			x := &t.Tensors[o.Tensor]
			if pass == Forward {
				if x.External {
					batch[o.Tensor] = micro
				}
				continue
			}
			if counted[o.Tensor] || x.Persistent || batch[o.Tensor] != micro {
				continue
			}
			counted[o.Tensor] = true
			now.SavedBytes += x.Bytes
			if x.External {
				now.SavedInputBytes += x.Bytes
			}
			switch x.Aux {
			case Statistics:
				now.SavedStatisticsBytes += x.Bytes
			case Mask:
				now.SavedMaskBytes += x.Bytes
			case Index:
				now.SavedIndexBytes += x.Bytes
			default:
			}
		}
		if now.SavedBytes > s.SavedBytes {
			s.SavedBytes, s.SavedInputBytes = now.SavedBytes, now.SavedInputBytes
			s.SavedStatisticsBytes, s.SavedMaskBytes, s.SavedIndexBytes = now.SavedStatisticsBytes, now.SavedMaskBytes, now.SavedIndexBytes
		}
	}
}

// peak finds the step with the most live bytes. A tensor lives from the step
// that writes it (external data: first reads it) to its last use, both included.
func (s *Summary) peak(t *Trace) {
	first := make([]int32, len(t.Tensors))
	last := make([]int32, len(t.Tensors))
	for i := range first {
		first[i] = -1
	}
	for i := range t.Steps {
		for _, ops := range [][]Operand{t.Steps[i].Reads, t.Steps[i].Writes} {
			for _, o := range ops {
				if first[o.Tensor] < 0 {
					first[o.Tensor] = int32(i)
				}
				last[o.Tensor] = int32(i)
			}
		}
	}
	delta := make([][NumClasses]int64, len(t.Steps)+1)
	for i := range t.Tensors {
		if x := &t.Tensors[i]; !x.Persistent && first[i] >= 0 {
			delta[first[i]][x.Class] += x.Bytes
			delta[last[i]+1][x.Class] -= x.Bytes
		}
	}
	var live [NumClasses]int64
	for i := range t.Steps {
		var sum int64
		for c := range live {
			live[c] += delta[i][c]
			sum += live[c]
		}
		if sum > s.PeakLiveBytes {
			s.PeakLiveBytes, s.PeakByClass, s.PeakStep = sum, live, t.Steps[i].Name
		}
	}
}
