package workload

import (
	"errors"
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
	p, err := parseName(name, "phase", Decode+1)
	if err != nil {
		err = fmt.Errorf("phase %q: unknown; use inference, training, prefill, decode", name)
	}
	return p, err
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
	Iteration    int // samples of the iteration, of whose micro-batches these are some; 0 is Batch
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

// String returns the counts beside 1, as commands take them.
func (s Slice) String() string {
	var parts []string
	for _, v := range []struct {
		name string
		n    int
	}{{"tensor", s.Tensor}, {"pipeline", s.Pipeline}, {"sequence", s.Sequence}} {
		if v.n > 1 {
			parts = append(parts, fmt.Sprintf("%s=%d", v.name, v.n))
		}
	}
	return strings.Join(parts, ",")
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
// the zero values that stand for a default. The error names all that is wrong.
func (o Options) Normalized() (Options, error) {
	if o.Phase > Decode {
		return o, fmt.Errorf("phase %d: unknown", o.Phase)
	}
	if o.Precision == (Precision{}) {
		o.Precision = MixedPrecision()
	}
	if o.MicroBatches == 0 {
		o.MicroBatches = 1
	}
	return o, errors.Join(append(append(o.sizes(), o.formats()...), o.ofPhase()...)...)
}

// refusals gathers what is wrong.
type refusals []error

func (r *refusals) when(bad bool, format string, args ...any) {
	if bad {
		*r = append(*r, fmt.Errorf(format, args...))
	}
}

// sizes checks numbers and names.
func (o *Options) sizes() refusals {
	var r refusals
	r.when(o.Batch < 1 || o.Batch > maxBatch, "batch %d samples: must be 1 to %d", o.Batch, maxBatch)
	r.when(o.SeqLen < 0 || o.SeqLen > maxSeqLen, "seq_len %d tokens: must be 1 to %d, or 0 for the network's default", o.SeqLen, maxSeqLen)
	r.when(o.Context < 0 || o.Context > maxContext, "context %d tokens: must be 1 to %d, or 0 for the sequence length", o.Context, maxContext)
	r.when(o.ImageSize < 0 || o.ImageSize > maxImage, "image_size %d pixels: must be %d to %d, or 0 for the network's default", o.ImageSize, minImage, maxImage)
	r.when(o.Window < 0 || o.Window > maxContext, "window %d tokens: must be 1 to %d, or 0 for the network's own", o.Window, maxContext)
	if err := o.Slice.valid(); err != nil {
		r = append(r, err)
	}
	r.when(o.MicroBatches < 1 || o.Batch%max(1, o.MicroBatches) != 0, "micro_batches %d: must divide the batch of %d samples", o.MicroBatches, o.Batch)
	r.when(o.Optimizer >= numOptimizers, "optimizer %d: unknown", o.Optimizer)
	r.when(o.Checkpoint >= numCheckpointing, "checkpointing %d: unknown", o.Checkpoint)
	return r
}

// formats checks the number formats.
func (o *Options) formats() refusals {
	var r refusals
	p := o.Precision
	if o.Phase == Training && p[Weight] == INT4 && p[Activation] == INT8 {
		r.when(true, "precision %s: serves inference only", p)
		return r
	}
	for c := range NumClasses {
		f := p[c]
		if _, known := f.size(); !known || (f == NoFormat && c != MasterWeight) {
			r.when(true, "precision of %s: %d is no format", c, f)
		} else {
			r.when(o.Phase == Training && !f.trains(), "precision of %s: %s serves inference only", c, f)
		}
	}
	return r
}

// ofPhase refuses what means nothing in the phase.
func (o *Options) ofPhase() refusals {
	var r refusals
	r.when(o.Context > 0 && o.Phase != Decode, "context %d tokens: only the decode phase has a context", o.Context)
	if o.Phase == Training {
		r.when(o.LastLogits, "logits last: training needs the logits of all tokens")
		r.when(o.StreamedWeights, "streamed weights: training updates its weights, which persist")
		r.when(o.HeadCache, "cache heads: training keeps no cache")
		return r
	}
	r.when(o.MicroBatches > 1, "micro_batches %d: only training accumulates gradients", o.MicroBatches)
	r.when(o.Checkpoint != NoCheckpoint && o.Checkpoint < numCheckpointing, "checkpointing %s: only training has a backward pass", o.Checkpoint)
	r.when(o.Dropout, "dropout: only training drops activations")
	if o.Phase == Decode {
		r.when(o.Causal, "causal: a decoded token has no later keys to leave out")
		r.when(o.LastLogits, "logits last: a decode step has one token")
	}
	return r
}
