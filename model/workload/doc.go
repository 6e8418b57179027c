// Package workload holds neural networks as graphs of operators and turns them
// into traces: the ordered steps of one inference, one decoded token or one
// training iteration, each with its loop nest and the tensors it reads and
// writes.
//
// The flow: Build (or a Builder, or package onnx) gives a Network, a graph for
// one item of a batch; Network.Layers lists its layers; NewTrace runs it under
// Options and gives a Trace; Summarize counts what the trace moves and keeps.
//
// The package knows sizes, not values: it computes no tensor. It knows no
// hardware either: tilings, residency, time and energy are package accel's.
//
// Conventions. A multiply-accumulate counts one; biases, normalisation and
// pointwise functions count as vector operations. Concatenation, splitting,
// reshaping and channel shuffling move no data: an operand may be several
// tensors or part of one. Training keeps what PyTorch's autograd keeps, except
// that a pooling index takes one byte. Attention counts all scores, also those
// that a causal mask discards.
package workload
