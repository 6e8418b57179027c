// Package pattern recognises what exporters write in several .onnx nodes.
//
// Find indexes a graph (who reads and writes each tensor, what is constant) and
// plans its nodes: a linear layer's bias, layer and RMS normalisation, softmax,
// GELU, SiLU and hard swish, the scale and constant mask of attention. A pattern
// is a closed set of nodes that read one tensor, constants and each other, so that
// one operator can stand for them. No shapes are needed but those of the
// initializers.
package pattern
