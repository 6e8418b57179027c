package workload

import (
	"fmt"
	"strings"
)

// Optimizer is the rule of the weight update.
type Optimizer uint8

// The optimizers. AdamW decouples weight decay: the same traffic as Adam.
const (
	SGD Optimizer = iota
	Momentum
	Adam
	AdamW
	numOptimizers
)

// String returns the lower-case name.
func (o Optimizer) String() string {
	return [numOptimizers]string{"sgd", "momentum", "adam", "adamw"}[o]
}

// States returns the number of state tensors per parameter tensor.
func (o Optimizer) States() int { return [numOptimizers]int{0, 1, 2, 2}[o] }

// Checkpointing says which forward data a training step recomputes.
type Checkpointing uint8

// The checkpointing policies. Full keeps the input of each block and repeats
// the forward pass of every block (Chen et al. 2016); the head behind the last
// block is kept as it is.
// Selective drops what lies between the scores and the probabilities of
// attention (Korthikanti et al. 2022, section 4.1.2) and recomputes it.
const (
	NoCheckpoint Checkpointing = iota
	FullCheckpoint
	SelectiveCheckpoint
	numCheckpointing
)

// String returns the lower-case name.
func (c Checkpointing) String() string {
	return [numCheckpointing]string{"none", "full", "selective"}[c]
}

// ParseOptimizer returns the optimizer called name.
func ParseOptimizer(name string) (Optimizer, error) {
	return parseName(name, "optimizer", numOptimizers)
}

// ParseCheckpointing returns the policy called name.
func ParseCheckpointing(name string) (Checkpointing, error) {
	return parseName(name, "checkpointing", numCheckpointing)
}

// ParsePhase returns the phase called name; "prefill" is inference.
func ParsePhase(name string) (Phase, error) {
	if name == "prefill" {
		return Inference, nil
	}
	return parseName(name, "phase", Decode+1)
}

// String returns the lower-case name.
func (p Phase) String() string {
	return enumName(int(p), "inference", "training", "decode")
}

// String returns the lower-case name.
func (p Pass) String() string {
	return enumName(int(p), "forward", "backward", "weight_backward", "recompute", "update")
}

// String returns the lower-case name.
func (c Class) String() string {
	return enumName(int(c), "activation", "weight", "gradient", "weight_gradient", "master_weight", "optimizer_state", "kv_cache")
}

func enumName(i int, names ...string) string {
	if i >= len(names) {
		return "invalid"
	}
	return names[i]
}

func parseName[T interface {
	~uint8
	String() string
}](name, what string, n T,
) (T, error) {
	var all []string
	for v := T(0); v < n; v++ {
		if v.String() == name {
			return v, nil
		}
		all = append(all, v.String())
	}
	return 0, fmt.Errorf("%s %q: unknown; use %s", what, name, strings.Join(all, ", "))
}

// Options say how a network is run. DefaultOptions fills them for a network and
// a phase; a zero Batch is an error.
type Options struct {
	Phase     Phase
	Batch     int // samples per iteration, over all micro-batches
	SeqLen    int // tokens per sequence; 0 is the network's default
	Context   int // Decode: tokens in the KV cache before this one; 0 is SeqLen
	ImageSize int // input height and width in pixels; 0 is the network's default

	Precision    Precision // the zero value is MixedPrecision
	Optimizer    Optimizer
	MicroBatches int // gradient accumulation: equal parts of Batch; 0 is 1
	Checkpoint   Checkpointing

	// NoFusion makes every operator a step of its own. By default pointwise
	// operators run in the epilogue of the step that produces their input,
	// inference folds batch normalisation into the convolution, and training
	// takes its statistics from the convolution's output stream.
	NoFusion bool
	// FusedAttention makes QK^T, softmax and AV one step whose scores never
	// leave the chip, and its gradient another that computes them again.
	FusedAttention bool
	// Dropout adds the published dropout layers to a training trace.
	Dropout bool

	// Causal leaves out the products of a decoder's query with later keys; by
	// default all scores are counted, as a dense engine runs them.
	Causal bool
	// LastLogits runs a decoder's head over the last token only.
	LastLogits bool
	// Window is the number of keys that a query of a decoder sees at most, its
	// own included; 0 is the network's own window, or none.
	Window int
	// HeadCache makes a network with latent attention cache the keys and values
	// of every head; by default it caches the latent vectors and decodes with the
	// projections absorbed into queries and outputs.
	HeadCache bool
	// Slice is one device's share of the network.
	Slice Slice

	// StreamedWeights makes an inference read its weights from DRAM in every
	// iteration; otherwise they stay where the previous iteration left them.
	StreamedWeights bool
}

// Slice is the part of a network that one device of several runs: one of Tensor
// slices of heads, feed-forward columns and vocabulary, one of Pipeline groups
// of blocks (the last, which has the head), one of Sequence parts of the tokens.
// 0 is 1.
type Slice struct {
	Tensor, Pipeline, Sequence int
}

// Ways returns the three counts, at least 1 each.
func (s Slice) Ways() (tensor, pipeline, sequence int64) {
	return int64(max(1, s.Tensor)), int64(max(1, s.Pipeline)), int64(max(1, s.Sequence))
}

// Devices returns the number of devices.
func (s Slice) Devices() int64 {
	t, p, q := s.Ways()
	return t * p * q
}

const maxSlice = 1 << 12

func (s Slice) valid() error {
	for _, v := range []struct {
		name string
		n    int
	}{{"tensor", s.Tensor}, {"pipeline", s.Pipeline}, {"sequence", s.Sequence}} {
		if v.n < 0 || v.n > maxSlice {
			return fmt.Errorf("slice.%s %d devices: must be 1 to %d", v.name, v.n, maxSlice)
		}
	}
	return nil
}

const (
	maxBatch   = 1 << 16
	maxSeqLen  = 1 << 17
	maxImage   = 1 << 13
	minImage   = 1
	maxContext = 1 << 20
)

// Normalized checks the options that do not depend on a network and resolves
// the zero values that stand for a default.
func (o Options) Normalized() (Options, error) {
	if o.Phase > Decode {
		return o, fmt.Errorf("phase %d: unknown", o.Phase)
	}
	if o.Batch < 1 || o.Batch > maxBatch {
		return o, fmt.Errorf("batch %d samples: must be 1 to %d", o.Batch, maxBatch)
	}
	if o.SeqLen < 0 || o.SeqLen > maxSeqLen {
		return o, fmt.Errorf("seq_len %d tokens: must be 1 to %d, or 0 for the network's default", o.SeqLen, maxSeqLen)
	}
	if o.Context < 0 || o.Context > maxContext {
		return o, fmt.Errorf("context %d tokens: must be 1 to %d, or 0 for the sequence length", o.Context, maxContext)
	}
	if o.Context > 0 && o.Phase != Decode {
		return o, fmt.Errorf("context %d tokens: only the decode phase has a context", o.Context)
	}
	if o.ImageSize < 0 || o.ImageSize > maxImage {
		return o, fmt.Errorf("image_size %d pixels: must be %d to %d, or 0 for the network's default", o.ImageSize, minImage, maxImage)
	}
	if o.Window < 0 || o.Window > maxContext {
		return o, fmt.Errorf("window %d tokens: must be 1 to %d, or 0 for the network's own", o.Window, maxContext)
	}
	if err := o.Slice.valid(); err != nil {
		return o, err
	}
	if o.Precision == (Precision{}) {
		o.Precision = MixedPrecision()
	}
	for c := range NumClasses {
		f := o.Precision[c]
		if f >= numFormats || (f == NoFormat && c != MasterWeight) {
			return o, fmt.Errorf("precision of %s: %d is no format", c, f)
		}
	}
	if o.MicroBatches == 0 {
		o.MicroBatches = 1
	}
	if o.MicroBatches < 1 || o.Batch%o.MicroBatches != 0 {
		return o, fmt.Errorf("micro_batches %d: must divide the batch of %d samples", o.MicroBatches, o.Batch)
	}
	if o.Optimizer >= numOptimizers {
		return o, fmt.Errorf("optimizer %d: unknown", o.Optimizer)
	}
	if o.Checkpoint >= numCheckpointing {
		return o, fmt.Errorf("checkpointing %d: unknown", o.Checkpoint)
	}
	if o.Phase != Training {
		switch {
		case o.MicroBatches != 1:
			return o, fmt.Errorf("micro_batches %d: only training accumulates gradients", o.MicroBatches)
		case o.Checkpoint != NoCheckpoint:
			return o, fmt.Errorf("checkpointing %s: only training has a backward pass", o.Checkpoint)
		case o.Dropout:
			return o, fmt.Errorf("dropout: only training drops activations")
		}
		return o, nil
	}
	if o.LastLogits {
		return o, fmt.Errorf("logits last: training needs the logits of all tokens")
	}
	if o.StreamedWeights {
		return o, fmt.Errorf("streamed weights: training updates its weights, which persist")
	}
	if p := o.Precision; p[Weight] == INT4 && p[Activation] == INT8 {
		return o, fmt.Errorf("precision %s: serves inference only", p)
	}
	for c := range NumClasses {
		if f := o.Precision[c]; !f.trains() {
			return o, fmt.Errorf("precision of %s: %s serves inference only", c, f)
		}
	}
	return o, nil
}
