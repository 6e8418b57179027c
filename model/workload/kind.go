package workload

// OpKind is the kind of an operator. Concatenation, splitting and reshaping are
// not operators of a network: they are views of data and move nothing.
type OpKind uint8

// The operator kinds. Convolution, linear, batched matrix product and recurrent
// step have multiply-accumulates; the others stream through the vector lanes.
const (
	OpConv        OpKind = iota // convolution: grouped, depthwise, dilated, strided
	OpLinear                    // dense layer: activations times weights
	OpMatMul                    // batched product of two activations (attention QK^T and AV)
	OpRecurrent                 // one time step of an LSTM or GRU layer: h times W_hh, then the cell
	OpPool                      // max, average and global pooling
	OpNorm                      // batch, layer, group, RMS and local response normalisation
	OpActivation                // pointwise function of one tensor
	OpSoftmax                   // row-wise softmax with its scale and mask
	OpElementwise               // sum or product of tensors, residual, gradient accumulation, copy
	OpEmbedding                 // table look-up
	OpLoss                      // criterion on the network's outputs
	OpUpdate                    // optimizer update of one parameter tensor
	NumOpKinds
)

// String returns the lower-case name used in tables and CSV files.
func (k OpKind) String() string {
	names := [NumOpKinds]string{
		"conv", "linear", "matmul", "recurrent", "pool", "norm", "activation",
		"softmax", "elementwise", "embedding", "loss", "update",
	}
	if k >= NumOpKinds {
		return "invalid"
	}
	return names[k]
}
