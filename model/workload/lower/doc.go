// Package lower turns a network into a trace: the steps of one inference, one
// decoded token or one training iteration in execution order.
//
// The flow: package fusion fuses operators into groups and finds out what the backward
// pass reads; forward.go emits a step for each group; backward.go emits the
// loss, and dW and dX of each operator in reverse; gradient.go keeps which
// tensors hold the gradient of which data; recurrent.go has the time steps of
// LSTM and GRU layers; update.go the optimizer.
package lower
