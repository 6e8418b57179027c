// Package onnx reads the graphs of .onnx files.
//
// Read walks the protobuf wire format of a file through a window of 64 KiB and
// keeps nodes, names and dimensions; the payloads of tensors are skipped, so
// that memory does not grow with the weights, and files of external data are
// never opened. Only values that may be a shape are kept.
//
// What the nodes mean is the business of the packages below. Any input ends in a graph or an
// error: names, nodes, ranks, sizes and kept values are bounded (wire.go).
package onnx
