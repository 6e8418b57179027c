package workload

// Class is the tensor class: it fixes precision, lifetime and how a retention
// policy treats the data.
type Class uint8

// The tensor classes of a training or inference trace.
const (
	Activation     Class = iota // forward data between operators
	Weight                      // compute-precision weights
	Gradient                    // dL/d(activation)
	WeightGradient              // dL/d(weight)
	MasterWeight                // full-precision copy of the weights
	OptimizerState              // momentum, Adam moments
	KVCache                     // keys and values of decoding
	NumClasses
)

// Phase is what one iteration of a trace does.
type Phase uint8

// The phases of a network.
const (
	Inference Phase = iota // forward; of a decoder model: prefill
	Training               // forward, loss, backward, update
	Decode                 // one token after a context held in the KV cache
)

// Pass is the part of an iteration a step belongs to.
type Pass uint8

// The passes, in trace order.
const (
	Forward        Pass = iota
	Backward            // dX: gradient with respect to the input
	WeightBackward      // dW: gradient with respect to the weights
	Recompute           // forward repeated under activation checkpointing
	Update              // optimizer
	NumPasses
)

// TensorID indexes Trace.Tensors.
type TensorID int32

// Aux is what a forward step leaves for the backward pass beside activations.
type Aux uint8

// The kinds of auxiliary data. A mask and an index take one byte.
const (
	NoAux      Aux = iota
	Statistics     // mean and deviation of a normalisation, float32
	Mask           // of a dropout
	Index          // of a maximum in its pooling window
)

// Tensor is a named block of data with one definition and a last use.
type Tensor struct {
	Name  string
	Class Class
	Elems int64
	Bytes int64 // Elems at the precision of the class

	// External data are in DRAM before their first use in every iteration
	// (input batch, labels); they are clean when first read.
	External bool
	// Persistent data live across iterations (weights, optimizer state, KV
	// cache): before the first use of an iteration they are where the previous
	// iteration left them.
	Persistent bool
	// Output data must be in DRAM when the iteration ends (network output).
	Output bool
	// Aux says what the backward pass keeps beside activations.
	Aux Aux
}

// Operand is one tensor as one step touches it.
type Operand struct {
	Tensor TensorID
	Bytes  int64 // distinct bytes touched, at most the tensor's size (a strided 1x1 convolution skips pixels)
}

// Step is one operator execution of a trace.
//
// A step with MACs runs on the PE array; Nest gives its geometry. Reads holds
// first the NIn0 operands that together are the first input of the nest, then
// the NIn1 operands of the second input, in the order of the Role enumeration
// less Nest.Out (forward: ifmap, filter; dX: filter, dY; dW: ifmap, dY); an
// input in several operands is a concatenation, which moves no data of its
// own. The remaining reads (bias, residual, statistics) are streamed once.
// Writes holds first the output of the nest.
//
// A fused attention has an Attention and no Nest: its first input is what has a
// row for every query, its second K and V, and Writes holds first its results.
//
// A step without MACs has NIn0 = NIn1 = 0 and streams VectorOps operations
// through the vector lanes.
type Step struct {
	Name  string
	Layer int32 // index of the operator in Network.Ops
	Op    OpKind
	Pass  Pass

	Nest      Nest       // valid when MACs > 0 and there is no Attention
	Attention *Attention // of a fused attention; otherwise nil
	Routing   *Routing   // of a product by the experts of a mixture; otherwise nil
	MACs      int64      // multiply-accumulates of the step
	VectorOps int64      // elementary operations on the vector lanes

	NIn0, NIn1 int32
	Reads      []Operand
	Writes     []Operand
}

// Trace is one iteration of a network: inference of a batch, one token of
// decoding, or one training iteration, in execution order. Tensor definitions,
// uses and last uses follow from the order.
type Trace struct {
	Network string
	Phase   Phase
	Batch   int
	Tensors []Tensor
	Steps   []Step
}
