// Package convert turns the graph of an .onnx file into a network.
//
// Network binds the symbolic dimensions, infers every shape, computes the
// constants that shapes depend on, joins what exporters write in several nodes
// (bias, layer normalisation, GELU, the scale and mask of attention), and
// declares the operators through graph.Builder.
//
// Opsets 9 to 21 of the default domain are read. Control flow, sparse and
// quantised operators, and convolutions over three dimensions are errors that
// name the node, the operator and the opset. Element types are ignored: the
// precision of a trace is an option of the trace. An export in inference mode
// has batch normalisation folded into its convolutions, so its parameters are
// those of the file: a bias per channel where the network had gain and shift.
//
// Any graph ends in a network or an error: nodes, views and computed constants
// are bounded.
package convert
