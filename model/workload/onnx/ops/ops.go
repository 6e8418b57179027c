// Package ops turns the operators of the default domain into operators of a
// network: those of its parts products and views, and functions, normalisations,
// choices by data and transforms.
package ops

import (
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/ops/products"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/walk"
)

// Lookup returns what converts an operator of the default domain that neither
// is a pointwise function of one tensor nor only reinterprets its input; nil for
// others.
func Lookup(op string) func(*walk.Importer, *onnx.Node) error {
	for _, room := range []func(string) func(*walk.Importer, *onnx.Node) error{products.Lookup, views.Lookup} {
		if f := room(op); f != nil {
			return f
		}
	}
	switch op {
	case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp":
		return reduce
	case "ArgMax", "ArgMin":
		return argExtreme
	case "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "LpNormalization", "LRN",
		"RMSNormalization", "SimplifiedLayerNormalization", "MeanVarianceNormalization":
		return Norm
	case "Softmax", "LogSoftmax", "Hardmax":
		return softmax
	case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mean", "PRelu", "Mod", "And", "Or", "Xor", "Equal", "Greater", "Less",
		"GreaterOrEqual", "LessOrEqual", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor":
		return Elementwise
	case "Where":
		return where
	case "GatherElements", "GatherND", "OneHot", "TopK", "GridSample", "RoiAlign", "ReverseSequence":
		return pick
	case "Scatter", "ScatterElements", "ScatterND":
		return scatter
	case "DynamicQuantizeLinear":
		return dynamicQuantize
	case "NonZero", "Unique", "Compress", "NonMaxSuppression":
		return bounded
	case "RotaryEmbedding":
		return Rotary
	case "Optional", "OptionalGetElement":
		return same
	case "OptionalHasElement":
		return present
	case "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss":
		return loss
	case "Col2Im", "CenterCropPad", "MaxUnpool", "AffineGrid", "MaxRoiPool", "Multinomial", "Det":
		return blockCopy
	case "TensorScatter":
		return tensorScatter
	case "DFT":
		return dft
	case "Range", "ConstantOfShape", "BlackmanWindow", "HannWindow", "HammingWindow", "MelWeightMatrix":
		return ofUnknownSize
	case "STFT":
		return stft
	}
	return nil
}

// Plain reports whether an operator is a view, a constant, a quantised product or
// another that needs no conversion of its own.
func Plain(op string) bool {
	switch op {
	case "MatMul", "QLinearConv", "ConvInteger", "QLinearMatMul", "MatMulInteger",
		"Identity", "Cast", "CastLike", "BitCast", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
		"Constant", "Shape", "Size", "EyeLike",
		"RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike":
		return true
	}
	return false
}

// Pointwise returns the function of an operator of one input. Which of the
// input and the output gives the derivative is what matters.
func Pointwise(op string) (graph.Fn, bool) {
	switch op {
	case "Relu", "LeakyRelu", "ThresholdedRelu", "Not":
		return graph.ReLU, true
	case "Clip":
		return graph.ReLU6, true
	case "Sigmoid", "Softsign":
		return graph.Sigmoid, true
	case "Tanh", "Exp", "Sqrt", "Reciprocal":
		return graph.Tanh, true
	case "Elu", "Selu", "Celu", "Softplus", "Erf", "Gelu", "Mish", "Log", "Abs", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh",
		"Asinh", "Acosh", "Atanh", "Sign", "Floor", "Ceil", "Round", "Shrink":
		return graph.GELU, true
	case "Swish":
		return graph.SiLU, true
	case "HardSwish":
		return graph.HardSwish, true
	case "HardSigmoid":
		return graph.HardSigmoid, true
	case "ImageScaler", "Affine", "ScaledTanh", "ParametricSoftplus": // before operator set 1 was settled
		return graph.GELU, true
	case "Neg", "QuantizeLinear", "DequantizeLinear", "Trilu", "CumSum", "CumProd", "IsNaN", "IsInf", "Bernoulli", "BitwiseNot":
		return graph.Scale, true
	}
	return 0, false
}

// Activation adds a function of every element.
func Activation(im *walk.Importer, n *onnx.Node, fn graph.Fn) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	if fn == graph.Scale {
		return im.Give(n, 0, x.Dims, im.B.Pointwise(n.Name, fn, x.Val))
	}
	return im.Give(n, 0, x.Dims, im.B.Act(n.Name, x.Val, fn))
}
