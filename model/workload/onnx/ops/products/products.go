// Package products turns the operators of the default domain that run on
// windows, matrices and recurrences into operators of a network: convolutions,
// poolings, products, LSTM, GRU and RNN.
package products

import (
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// Lookup returns what converts an operator; nil for one that is none of these.
// MatMul, which patterns join with others, has a function of its own.
func Lookup(op string) func(*walk.Importer, *onnx.Node) error {
	switch op {
	case "Conv", "ConvTranspose":
		return conv
	case "DeformConv":
		return deformConv
	case "Gemm":
		return gemm
	case "Einsum":
		return einsum
	case "LSTM", "GRU", "RNN":
		return recurrent
	case "LinearAttention":
		return linearAttention
	case "CausalConvWithState":
		return causalConv
	case "MaxPool", "AveragePool", "LpPool":
		return pool
	case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool":
		return globalPool
	}
	return nil
}
