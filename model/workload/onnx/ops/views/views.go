// Package views turns the operators of the default domain that place what they
// read elsewhere into operators of a network: parts, joints, repetitions,
// look-ups and lists of tensors. Where no data move, the result is a view.
package views

import (
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// Lookup returns what converts an operator; nil for one that is none of these.
func Lookup(op string) func(*walk.Importer, *onnx.Node) error {
	switch op {
	case "Gather":
		return gather
	case "Concat":
		return Concat
	case "Split":
		return split
	case "Slice":
		return slice
	case "Expand", "Tile", "Pad", "Resize", "Upsample":
		return enlarge
	case "Crop":
		return crop
	case "DepthToSpace", "SpaceToDepth":
		return blocks
	}
	if Sequence(op) {
		return sequence
	}
	return nil
}

// Sequence reports whether an operator is of lists of tensors.
func Sequence(op string) bool {
	switch op {
	case "SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase", "SequenceAt", "SequenceLength", "ConcatFromSequence", "SplitToSequence":
		return true
	}
	return false
}
