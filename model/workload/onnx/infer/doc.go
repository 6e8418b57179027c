// Package infer finds the dimensions of the results of .onnx nodes, and the values
// of constants that shapes depend on.
//
// A Call is a node with what is known of its inputs. Its methods give the
// dimensions by the rules of the operator (Reshape, Slice, Concat, Expand, Pad,
// Resize, reductions, windows); Fold evaluates nodes whose inputs are constant.
// Dimensions are checked against onnx.MaxElements, and values are computed only
// where there are at most onnx.MaxValues.
package infer
