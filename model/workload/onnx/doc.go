// Package onnx reads .onnx files as networks of package workload.
//
// The flow: Read walks the protobuf wire format of a file and keeps the graph
// and the dimensions of its tensors; payloads are skipped, so that memory does
// not grow with the weights, and files of external data are never opened.
// Model.Network binds the symbolic dimensions, infers every shape, computes the
// constants that shapes depend on, joins what exporters write in several nodes
// (bias, layer normalisation, GELU, the scale and mask of attention), and
// declares the operators through workload.Builder.
//
// Opsets 9 to 21 of the default domain are read. Control flow, sparse and
// quantised operators, and convolutions over three dimensions are errors that
// name the node, the operator and the opset. Element types are ignored: the
// precision of a trace is an option of the trace. An export in inference mode
// has batch normalisation folded into its convolutions, so its parameters are
// those of the file: a bias per channel where the network had gain and shift.
//
// Any input ends in a network or an error: names, nodes, ranks, sizes, constant
// values and views are bounded (wire.go).
package onnx
