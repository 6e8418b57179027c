package graph

// Fn is the function of an operator within its kind.
type Fn uint8

// The functions. Those of an OpNorm, OpPool, OpActivation and OpElementwise
// fix what the backward pass needs and the elementary operations per element.
const (
	FnNone Fn = iota

	ReLU  // also leaky forms: the output gives the derivative
	ReLU6 // clipped on both sides; the output gives the derivative
	Sigmoid
	Tanh
	GELU // the input gives the derivative: GELU, SiLU, hard forms, ELU ...
	SiLU
	HardSwish
	HardSigmoid

	Add
	Mul
	ParamAdd  // + parameter, broadcast over the batch (position embedding)
	ParamMul  // * parameter, broadcast over the batch (layer scale)
	ParamCopy // parameter expanded over the batch (class token)
	Rotate    // rotary position embedding: linear, nothing to keep
	Copy      // append to a KV cache, repetition, padding
	Scale     // factor or term of one element
	Dropout

	MaxPool
	AvgPool
	Mean // pooling over all positions

	BatchNorm
	LayerNorm // layer, group and instance normalisation: mean and deviation per row
	RMSNorm   // one statistic per row: RMS norm, L2 norm, local response normalisation

	LSTM
	GRU
	RNN
	numFns
)

// fnInfo says what the backward pass of a function reads and how many
// elementary operations the forward and backward pass take per element. The
// counts are of multiplications, additions, comparisons and table look-ups of a
// lane that has exp, erf and rsqrt as one look-up each.
type fnInfo struct {
	in, out  bool
	fwd, bwd int64
}

var fnTable = [numFns]fnInfo{
	ReLU: {out: true, fwd: 1, bwd: 1}, ReLU6: {out: true, fwd: 2, bwd: 2}, Sigmoid: {out: true, fwd: 1, bwd: 3}, Tanh: {out: true, fwd: 1, bwd: 3},
	GELU: {in: true, fwd: 3, bwd: 7}, SiLU: {in: true, fwd: 2, bwd: 5},
	HardSwish: {in: true, fwd: 4, bwd: 4}, HardSigmoid: {in: true, fwd: 3, bwd: 2},
	Add: {fwd: 1}, Mul: {in: true, fwd: 1, bwd: 2},
	ParamAdd: {fwd: 1, bwd: 1}, ParamMul: {in: true, fwd: 1, bwd: 3}, ParamCopy: {fwd: 1, bwd: 1},
	Rotate: {fwd: 3, bwd: 3}, Copy: {fwd: 1, bwd: 1}, Scale: {fwd: 1, bwd: 1}, Dropout: {fwd: 2, bwd: 1},
	BatchNorm: {in: true, fwd: 2, bwd: 5}, LayerNorm: {in: true, fwd: 6, bwd: 10}, RMSNorm: {in: true, fwd: 4, bwd: 8},
}

// Keeps reports whether the backward pass of a function reads its inputs and
// its output.
func (f Fn) Keeps() (in, out bool) { return fnTable[f].in, fnTable[f].out }

// SoftmaxOps are the elementary operations per element of a softmax: maximum,
// subtraction, exponential, sum, division. Backward: product, sum, subtraction,
// product.
const (
	SoftmaxOps    = 5
	softmaxBwdOps = 4
)
