package workload

import (
	"slices"
	"strings"
	"testing"
)

// The tensors of trainingTrace.
const (
	x TensorID = iota
	w
	y
	statistics
	mask
	index
	dy
	dw
	momentum
	cache
	numTensors
)

// product is X (5 x 2) times W (2 x 3), 30 multiply-accumulates.
func product(out Role) Nest {
	return Nest{N: 1, C: 2, H: 5, W: 1, K: 3, P: 5, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: out}
}

// trainingTrace is one layer: Y = X W with what its backward pass keeps, a
// vector step that makes dY, dW = X^T dY and the update of W with momentum.
func trainingTrace() *Trace {
	t := &Trace{Network: "one", Phase: Training, Batch: 5, Tensors: []Tensor{
		x:          {Name: "x", Elems: 10, Bytes: 20, External: true},
		w:          {Name: "w", Class: Weight, Elems: 6, Bytes: 12, Persistent: true},
		y:          {Name: "y", Elems: 15, Bytes: 30, Output: true},
		statistics: {Name: "statistics", Elems: 1, Bytes: 4, Aux: Statistics},
		mask:       {Name: "mask", Elems: 8, Bytes: 8, Aux: Mask},
		index:      {Name: "index", Elems: 9, Bytes: 9, Aux: Index},
		dy:         {Name: "dy", Class: Gradient, Elems: 15, Bytes: 30},
		dw:         {Name: "dw", Class: WeightGradient, Elems: 6, Bytes: 12},
		momentum:   {Name: "momentum", Class: OptimizerState, Elems: 6, Bytes: 24, Persistent: true},
		cache:      {Name: "cache", Class: KVCache, Elems: 50, Bytes: 100, Persistent: true},
	}}
	all := func(ids ...TensorID) (ops []Operand) {
		for _, i := range ids {
			ops = append(ops, Operand{i, t.Tensors[i].Bytes})
		}
		return ops
	}
	t.Steps = []Step{
		{Name: "forward", Op: OpLinear, Nest: product(Ofmap), MACs: 30, VectorOps: 15, NIn0: 1, NIn1: 1, Reads: all(x, w), Writes: all(y, statistics, mask, index)},
		{Name: "criterion", Op: OpLoss, Pass: Backward, VectorOps: 45, Reads: all(y, statistics, mask, index), Writes: all(dy)},
		{Name: "weights", Op: OpLinear, Pass: WeightBackward, Nest: product(Filter), MACs: 30, NIn0: 1, NIn1: 1, Reads: all(x, dy), Writes: all(dw)},
		{Name: "update", Op: OpUpdate, Pass: Update, VectorOps: 12, Reads: all(w, dw, momentum), Writes: all(w, momentum)},
	}
	return t
}

// TestSummaryByHand works the counts of the training of one layer out.
func TestSummaryByHand(t *testing.T) {
	got := Summarize(trainingTrace())
	want := Summary{
		Network: "one", Phase: "training", Batch: 5, Steps: 4,
		WeightBytes: 12, PersistentBytes: 12 + 24 + 100, KVCacheBytes: 100,
		SavedBytes: 20 + 30 + 4 + 8 + 9, SavedInputBytes: 20, SavedStatisticsBytes: 4, SavedMaskBytes: 8, SavedIndexBytes: 9,
		// x, y and what is kept live through the second step, beside dy.
		PeakLiveBytes: 71 + 30, PeakStep: "criterion", PeakByClass: [NumClasses]int64{Activation: 71, Gradient: 30},
		MACsForward: 30, MACsDW: 30, MACs: 60, VectorOps: 15 + 45 + 12,
		StepReadBytes:          (20 + 12) + (30 + 4 + 8 + 9) + (20 + 30) + (12 + 12 + 24),
		StepWriteBytes:         (30 + 4 + 8 + 9) + 30 + 12 + (12 + 24),
		OptimizerResidentBytes: 12 + 12 + 24, OptimizerStateBytes: 24, OptimizerMovedBytes: 12 + 12 + 24 + 12 + 24,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := trainingTrace().Validate(); err != nil {
		t.Error(err)
	}
	if s := SavedForBackward(trainingTrace()); s != 71 {
		t.Errorf("%d bytes are saved, want 71", s)
	}
}

// TestSummaryOfRepeats: what is computed again counts once as repeated, the
// rest of a backward attention as dX; a master copy is a state.
func TestSummaryOfRepeats(t *testing.T) {
	tr := trainingTrace()
	tr.Steps = slices.Insert(tr.Steps, 1, Step{Name: "again", Pass: Recompute, MACs: 30, Nest: product(Ofmap)})
	tr.Steps = slices.Insert(tr.Steps, 2, Step{Name: "attention", Pass: Backward, MACs: 720, Attention: attention()})
	tr.Tensors[momentum].Class = MasterWeight
	s := Summarize(tr)
	if s.MACsForward != 30 || s.MACsRecompute != 30+120 || s.MACsDX != 600 || s.MACsDW != 30 || s.MACs != 30+150+600+30 {
		t.Errorf("%d forward, %d again, %d dX, %d dW, %d in all", s.MACsForward, s.MACsRecompute, s.MACsDX, s.MACsDW, s.MACs)
	}
	if s.OptimizerStateBytes != 24 {
		t.Errorf("%d bytes of state", s.OptimizerStateBytes)
	}
}

// TestSavedOfMicroBatches: the second of two micro-batches keeps more than the
// first, and what the first kept does not count in it.
func TestSavedOfMicroBatches(t *testing.T) {
	tr := &Trace{Tensors: []Tensor{
		{Name: "a1", Bytes: 7, Elems: 1},
		{Name: "a2", Bytes: 11, Elems: 1, Aux: Mask},
		{Name: "g", Bytes: 13, Elems: 1},
		{Name: "in", Bytes: 3, Elems: 1, External: true},
		{Name: "old", Bytes: 50, Elems: 1},
	}}
	step := func(p Pass, reads, writes []TensorID) Step {
		s := Step{Pass: p}
		for _, i := range reads {
			s.Reads = append(s.Reads, Operand{i, tr.Tensors[i].Bytes})
		}
		for _, i := range writes {
			s.Writes = append(s.Writes, Operand{i, tr.Tensors[i].Bytes})
		}
		return s
	}
	tr.Steps = []Step{
		step(Forward, nil, []TensorID{0, 4}),
		step(Backward, []TensorID{0}, []TensorID{2}),
		step(Forward, []TensorID{3}, []TensorID{1}),
		step(Backward, []TensorID{1, 2, 3, 4}, []TensorID{2}), // old is of the first
		step(Backward, []TensorID{1}, []TensorID{2}),          // counted already
		step(Update, []TensorID{1}, nil),
	}
	s := Summarize(tr)
	if s.SavedBytes != 14 || s.SavedMaskBytes != 11 || s.SavedInputBytes != 3 || s.SavedIndexBytes != 0 {
		t.Errorf("saved %d bytes, %d of masks, %d of inputs, want 14, 11, 3", s.SavedBytes, s.SavedMaskBytes, s.SavedInputBytes)
	}
}

// attentionTrace is the fused attention of attention(), forward and backward,
// in bfloat16 with float32 statistics.
func attentionTrace() *Trace {
	t := &Trace{Tensors: []Tensor{
		{Name: "q", Elems: 24, Bytes: 48, External: true}, // 2 heads, 3 queries, 4 features
		{Name: "k", Elems: 40, Bytes: 80, External: true}, // 5 keys
		{Name: "v", Elems: 60, Bytes: 120, External: true},
		{Name: "o", Elems: 36, Bytes: 72},
		{Name: "do", Elems: 36, Bytes: 72, External: true},
		{Name: "sums", Elems: 12, Bytes: 48, External: true}, // two a query
		{Name: "dq", Elems: 24, Bytes: 48},
		{Name: "dk", Elems: 40, Bytes: 80},
		{Name: "dv", Elems: 60, Bytes: 120},
	}}
	all := func(ids ...TensorID) (ops []Operand) {
		for _, i := range ids {
			ops = append(ops, Operand{i, t.Tensors[i].Bytes})
		}
		return ops
	}
	t.Steps = []Step{
		{Name: "attention", Op: OpMatMul, Attention: attention(), MACs: 300, VectorOps: 150, NIn0: 1, NIn1: 2, Reads: all(0, 1, 2), Writes: all(3)},
		{Name: "gradient", Op: OpMatMul, Pass: Backward, Attention: attention(), MACs: 720, VectorOps: 270, NIn0: 3, NIn1: 2, Reads: all(0, 4, 5, 1, 2), Writes: all(6, 7, 8)},
	}
	return t
}

// TestValidate breaks every rule of a trace alone and finds it named, once.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		of    func() *Trace
		spoil func(*Trace)
		want  string
	}{
		{"order", trainingTrace, func(t *Trace) { t.Steps[0], t.Steps[1] = t.Steps[1], t.Steps[0] }, "criterion backward: reads y before it is written"},
		{"no elements", trainingTrace, func(t *Trace) { t.Tensors[cache].Elems = 0 }, "tensor cache: 0 elements, 100 bytes"},
		{"no bytes", trainingTrace, func(t *Trace) { t.Tensors[cache].Bytes = 0 }, "tensor cache: 50 elements, 0 bytes"},
		{"both kinds", trainingTrace, func(t *Trace) { t.Tensors[cache].External = true }, "tensor cache is external and persistent"},
		{"too much read", trainingTrace, func(t *Trace) { t.Steps[1].Reads[0].Bytes = 31 }, "criterion backward: reads 31 bytes of y, which has 30"},
		{"nothing read", trainingTrace, func(t *Trace) { t.Steps[1].Reads[0].Bytes = 0 }, "reads 0 bytes of y"},
		{"read twice", trainingTrace, func(t *Trace) { t.Steps[1].Reads[1] = Operand{y, 30} }, "reads y twice"},
		{"no result", trainingTrace, func(t *Trace) { t.Steps[3].Writes = nil }, "update update: writes nothing"},
		{"external written", trainingTrace, func(t *Trace) { t.Steps[3].Writes[0] = Operand{x, 20} }, "writes external x"},
		{"too much written", trainingTrace, func(t *Trace) { t.Steps[3].Writes[0].Bytes = 13 }, "writes 13 bytes of w, which has 12"},
		{"nothing written", trainingTrace, func(t *Trace) { t.Steps[3].Writes[0].Bytes = 0 }, "writes 0 bytes of w"},
		{"written twice", trainingTrace, func(t *Trace) { t.Steps[3].Writes[1] = Operand{w, 12} }, "writes w twice"},
		{"inputs of a vector step", trainingTrace, func(t *Trace) { t.Steps[1].NIn0 = 1 }, "has no multiply-accumulates but a nest"},
		{"more inputs of it", trainingTrace, func(t *Trace) { t.Steps[1].NIn1 = 1 }, "has no multiply-accumulates but a nest"},
		{"nest of it", trainingTrace, func(t *Trace) { t.Steps[1].Nest.N = 1 }, "has no multiply-accumulates but a nest"},
		{"attention of it", trainingTrace, func(t *Trace) { t.Steps[1].Attention = attention() }, "has no multiply-accumulates but a nest"},
		{"idle", trainingTrace, func(t *Trace) { t.Steps[1].VectorOps = 0 }, "criterion backward: does nothing"},
		{"count", trainingTrace, func(t *Trace) { t.Steps[0].MACs = 31 }, "has 31 multiply-accumulates, its nest 30"},
		{"result of a nest", trainingTrace, func(t *Trace) { t.Steps[0].Writes[0].Bytes = 28 }, "writes 14 elements, the nest 15"},
		{"first input", trainingTrace, func(t *Trace) { t.Steps[0].Reads[0].Bytes = 18 }, "input 0 has 9 elements, the nest 10"},
		{"second input", trainingTrace, func(t *Trace) { t.Steps[0].Reads[1].Bytes = 10 }, "input 1 has 5 elements, the nest 6"},
		{"second input of dW", trainingTrace, func(t *Trace) { t.Steps[2].Reads[1].Bytes = 28 }, "input 1 has 14 elements, the nest 15"},
		{"queries", attentionTrace, func(t *Trace) { t.Steps[0].Reads[0].Bytes = 46 }, "input 0 has 23 elements, the attention 24"},
		{"keys", attentionTrace, func(t *Trace) { t.Steps[0].Reads[1].Bytes = 78 }, "input 1 has 99 elements, the attention 100"},
		{"context", attentionTrace, func(t *Trace) { t.Steps[0].Writes[0].Bytes = 70 }, "result 0 has not the 36 elements"},
		{"rows of the gradient", attentionTrace, func(t *Trace) { t.Steps[1].Reads[2].Bytes = 44 }, "input 0 has 71 elements, the attention 72"},
		{"dk", attentionTrace, func(t *Trace) { t.Steps[1].Writes[1].Bytes = 78 }, "result 1 has not the 40 elements"},
		{"no dv", attentionTrace, func(t *Trace) { t.Steps[1].Writes = t.Steps[1].Writes[:2] }, "result 2 has not the 60 elements"},
		{"nest beside attention", attentionTrace, func(t *Trace) { t.Steps[0].Nest.N = 1 }, "is no attention"},
	} {
		tr := c.of()
		if err := tr.Validate(); err != nil {
			t.Fatalf("%s: bad before: %v", c.name, err)
		}
		c.spoil(tr)
		err := tr.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		} else if c.name != "order" && c.name != "nothing read" && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one violation: %v", c.name, err)
		}
	}
	// Attentions whose two products do not belong together, of equal counts.
	for _, spoil := range []func(*Attention){
		func(a *Attention) { a.Context.C, a.Context.K = 6, 5 },
		func(a *Attention) { a.Context.Groups, a.Context.P = 3, 2 },
	} {
		tr := attentionTrace()
		spoil(tr.Steps[0].Attention)
		if err := tr.Validate(); err == nil || !strings.Contains(err.Error(), "is no attention") {
			t.Errorf("products that do not fit: %v", err)
		}
	}
	// A 1 x 1 convolution with stride 2 reads the pixels that its window visits.
	tr := trainingTrace()
	tr.Steps[0].Nest.StrideH, tr.Steps[0].Nest.P = 2, 3 // rows 0, 2, 4 of 5
	tr.Steps[0].MACs = 18
	tr.Steps[0].Reads[0].Bytes, tr.Steps[0].Writes[0].Bytes = 12, 18
	if err := tr.Validate(); err != nil {
		t.Errorf("a strided layer: %v", err)
	}
}
