// Package workload holds what the workload side of the model speaks of: traces
// (steps, tensors, loop nests), the options under which a network runs, and the
// counts of a trace.
//
// The flow over its sub-packages: suite (or onnx and convert) declares a network
// as a graph of operators for one item of a batch; graph.Network.Layers lists its
// layers; lower.Trace runs it under Options and gives a Trace, the ordered steps
// of one inference, one decoded token or one training iteration, each with its
// loop nest and the tensors it reads and writes; Summarize counts what the trace
// moves and keeps.
//
//	suite         the networks shipped, by name
//	graph         networks, operators, layers, and the builder that declares them
//	onnx          .onnx files; below it infer (shapes), pattern (operators in
//	              several nodes) and convert, which makes networks of them
//	lower         networks into traces
//
// The packages know sizes, not values: they compute no tensor. They know no
// hardware either: tilings, residency, time and energy are package accel's.
//
// Conventions. A multiply-accumulate counts one; biases, normalisation and
// pointwise functions count as vector operations. Concatenation, splitting,
// reshaping and channel shuffling move no data: an operand may be several
// tensors or part of one. Training keeps what PyTorch's autograd keeps, except
// that a pooling index takes one byte. Attention counts all scores, also those
// that a causal mask discards.
package workload
