package convert

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx/walk"
)

func names(s string) []string {
	if s == "" {
		return nil
	}
	out := strings.Split(s, ",")
	for i := range out {
		if out[i] == "-" {
			out[i] = ""
		}
	}
	return out
}

// TestOperators runs small graphs from input x to output y and compares the
// elements of y, the parameters, the products and the operators left.
func TestOperators(t *testing.T) {
	img := input("x", 2, 8, 6, 6)
	seq := input("x", 2, 5, 12)
	for _, c := range []struct {
		name         string
		opset        int64
		parts        [][]byte
		elems        int64
		params, macs int64
		kinds        string
	}{
		{"conv same", 13, [][]byte{img, weights("w", 4, 8, 3, 3), op("Conv", names("x,w"), names("y"), text("auto_pad", "SAME_UPPER"), ints("strides", 2, 2))}, 2 * 4 * 9, 288, 2 * 9 * 288, "conv"},
		{"conv groups, bias", 13, [][]byte{img, weights("w", 8, 1, 3, 3), weights("b", 8), op("Conv", names("x,w,b"), names("y"), integer("group", 8), ints("pads", 1, 1, 1, 1))}, 2 * 8 * 36, 80, 2 * 8 * 36 * 9, "conv"},
		{"conv pads differ", 13, [][]byte{img, weights("w", 4, 8, 2, 2), op("Conv", names("x,w"), names("y"), ints("pads", 0, 0, 1, 1))}, 2 * 4 * 36, 128, 2 * 36 * 128, "conv"},
		{"conv of a sequence", 13, [][]byte{input("x", 1, 3, 10), weights("w", 4, 3, 5), op("Conv", names("x,w"), names("y"), ints("dilations", 2))}, 8, 60, 120, "conv"},
		{"conv transposed", 13, [][]byte{img, weights("w", 8, 4, 2, 2), op("ConvTranspose", names("x,w"), names("y"), ints("strides", 2, 2))}, 2 * 4 * 144, 128, 2 * 36 * 128, "conv"},
		{"conv transposed, padded", 13, [][]byte{img, weights("w", 8, 4, 3, 3), op("ConvTranspose", names("x,w"), names("y"), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1), ints("output_padding", 1, 1))}, 2 * 4 * 144, 288, 2 * 36 * 288, "conv"},
		{"gemm", 13, [][]byte{input("x", 3, 5), weights("w", 7, 5), weights("b", 7), op("Gemm", names("x,w,b"), names("y"), integer("transB", 1))}, 21, 42, 105, "linear"},
		{"matmul vector", 13, [][]byte{input("x", 5), weights("w", 5, 7), op("MatMul", names("x,w"), names("y"))}, 7, 35, 35, "linear"},
		{"matmul, weights first", 13, [][]byte{input("x", 5, 3), weights("w", 7, 5), op("MatMul", names("w,x"), names("y"))}, 21, 35, 105, "linear"},
		{"matmul, bias", 13, [][]byte{seq, weights("w", 12, 7), weights("b", 7), op("MatMul", names("x,w"), names("a")), op("Add", names("b,a"), names("y"))}, 70, 91, 840, "linear"},
		{"matmul of data", 13, [][]byte{seq, op("Transpose", names("x"), names("a"), ints("perm", 0, 2, 1)), op("MatMul", names("x,a"), names("y"))}, 50, 0, 600, "matmul"},
		{"lstm", 14, [][]byte{input("x", 7, 2, 3), weights("w", 2, 16, 3), weights("r", 2, 16, 4), op("LSTM", names("x,w,r"), names("y"), integer("hidden_size", 4), text("direction", "bidirectional"))}, 7 * 2 * 2 * 4, 2 * 16 * 7, 7 * 2 * 2 * 16 * 7, "linear recurrent linear recurrent"},
		{"gru, last state", 14, [][]byte{input("x", 7, 2, 3), weights("w", 1, 12, 3), weights("r", 1, 12, 4), weights("b", 1, 24), op("GRU", names("x,w,r,b"), names("-,y"))}, 8, 12*7 + 24, 7 * 2 * 12 * 7, "linear recurrent"},
		{"max pool, ceil", 13, [][]byte{img, op("MaxPool", names("x"), names("y"), ints("kernel_shape", 3, 3), ints("strides", 2, 2), integer("ceil_mode", 1))}, 2 * 8 * 9, 0, 0, "pool"},
		{"global pool", 13, [][]byte{img, op("GlobalAveragePool", names("x"), names("a")), op("Flatten", names("a"), names("y"))}, 16, 0, 0, "pool"},
		{"reduce, opset 18", 18, [][]byte{img, shapeConst("axes", 2, 3), op("ReduceMean", names("x,axes"), names("y"), integer("keepdims", 0))}, 16, 0, 0, "pool"},
		{"batch norm", 13, [][]byte{img, weights("g", 8), weights("h", 8), weights("m", 8), weights("v", 8), op("BatchNormalization", names("x,g,h,m,v"), names("y"))}, 576, 16, 0, "norm"},
		{"layer norm, opset 17", 17, [][]byte{seq, weights("g", 12), weights("h", 12), op("LayerNormalization", names("x,g,h"), names("y"))}, 120, 24, 0, "norm"},
		{"layer norm in nodes", 13, [][]byte{
			seq, scalar("two", 2), scalar("eps", 1e-5), weights("g", 12), weights("h", 12),
			op("ReduceMean", names("x"), names("m"), ints("axes", -1)), op("Sub", names("x,m"), names("c")), op("Pow", names("c,two"), names("p")),
			op("ReduceMean", names("p"), names("v"), ints("axes", -1)), op("Add", names("v,eps"), names("e")), op("Sqrt", names("e"), names("s")),
			op("Div", names("c,s"), names("d")), op("Mul", names("d,g"), names("k")), op("Add", names("k,h"), names("y")),
		}, 120, 24, 0, "norm"},
		{"rms norm in nodes", 13, [][]byte{
			seq, scalar("two", 2), scalar("eps", 1e-5), weights("g", 12),
			op("Pow", names("x,two"), names("p")), op("ReduceMean", names("p"), names("v"), ints("axes", -1)), op("Add", names("v,eps"), names("e")),
			op("Sqrt", names("e"), names("s")), op("Reciprocal", names("s"), names("r")), op("Mul", names("x,r"), names("d")), op("Mul", names("g,d"), names("y")),
		}, 120, 12, 0, "norm"},
		{"product of constants", 13, [][]byte{input("x", 2, 5, 12), weights("a", 5, 3), weights("b", 3, 12), op("MatMul", names("a,b"), names("t")), op("Mul", names("x,t"), names("y"))}, 120, 0, 0, "elementwise"},
		{"computed table between layers", 13, [][]byte{seq, weights("w", 12, 12), weights("a", 5, 3), weights("b", 3, 12), op("MatMul", names("x,w"), names("h")), op("MatMul", names("a,b"), names("t")), op("Mul", names("h,t"), names("g")), op("MatMul", names("g,w"), names("y"))}, 120, 144, 2880, "linear elementwise linear"},
		{"computed weights", 13, [][]byte{seq, weights("w", 12, 12), weights("a", 12, 3), weights("b", 3, 12), op("MatMul", names("x,w"), names("h")), op("MatMul", names("a,b"), names("t")), op("MatMul", names("h,t"), names("y"))}, 120, 288, 2880, "linear linear"},
		{"rows of a table", 13, [][]byte{seq, weights("w", 64, 12), shapeConst("i", 0, 1, 2, 3, 4), op("Gather", names("w,i"), names("p")), op("Add", names("x,p"), names("y"))}, 120, 768, 0, "elementwise"},
		{"tied weights", 13, [][]byte{tokens("i", 2, 5), weights("w", 64, 12), op("Gather", names("w,i"), names("e")), op("Transpose", names("w"), names("t")), op("MatMul", names("e,t"), names("y"))}, 640, 768, 7680, "embedding linear"},
		{"silu in nodes", 13, [][]byte{seq, op("Sigmoid", names("x"), names("s")), op("Mul", names("x,s"), names("y"))}, 120, 0, 0, "activation"},
		{"gelu in nodes", 13, [][]byte{
			seq, scalar("r", 1.4), scalar("one", 1), scalar("half", .5),
			op("Div", names("x,r"), names("a")), op("Erf", names("a"), names("e")), op("Add", names("e,one"), names("f")), op("Mul", names("x,f"), names("g")), op("Mul", names("g,half"), names("y")),
		}, 120, 0, 0, "activation"},
		{"softmax with scale and mask", 13, [][]byte{seq, scalar("s", 8), weights("mask", 5, 12), op("Div", names("x,s"), names("a")), op("Add", names("a,mask"), names("b")), op("Softmax", names("b"), names("y"))}, 120, 0, 0, "softmax"},
		{"softmax in nodes", 13, [][]byte{
			seq, op("ReduceMax", names("x"), names("m"), ints("axes", -1)), op("Sub", names("x,m"), names("d")), op("Exp", names("d"), names("e")),
			op("ReduceSum", names("e"), names("s")), op("Div", names("e,s"), names("y")),
		}, 120, 0, 0, "softmax"},
		{"mean subtracted", 13, [][]byte{seq, op("ReduceMean", names("x"), names("m"), ints("axes", -1)), op("Sub", names("x,m"), names("y"))}, 120, 0, 0, "pool elementwise"},
		{"residual", 13, [][]byte{seq, op("Relu", names("x"), names("r")), op("Tanh", names("r"), names("a")), op("Add", names("a,x"), names("y"))}, 120, 0, 0, "activation"},
		{"broadcast", 13, [][]byte{seq, op("ReduceMax", names("x"), names("m"), ints("axes", 1)), op("Sigmoid", names("m"), names("s")), weights("p", 12), op("Mul", names("s,p"), names("q")), op("Mul", names("x,q"), names("y"))}, 120, 12, 0, "pool activation elementwise elementwise"},
		{"outer", 13, [][]byte{input("x", 4, 1), input("z", 1, 6), op("Add", names("x,z"), names("y"))}, 24, 0, 0, "elementwise"},
		{"embedding", 13, [][]byte{tokens("x", 2, 5), weights("w", 100, 12), op("Gather", names("w,x"), names("y"))}, 120, 1200, 0, "embedding"},
		{"token of a sequence", 13, [][]byte{seq, shapeConst("i", -1), op("Gather", names("x,i"), names("a"), integer("axis", 1)), op("Relu", names("a"), names("y"))}, 24, 0, 0, "activation"},
		{"split by size", 13, [][]byte{seq, shapeConst("s", 4, 8), op("Split", names("x,s"), names("a,b"), integer("axis", 2)), op("Relu", names("b"), names("y"))}, 80, 0, 0, "activation"},
		{"split, opset 11", 11, [][]byte{seq, op("Split", names("x"), names("a,b,c"), integer("axis", 2)), op("Relu", names("c"), names("y"))}, 40, 0, 0, "activation"},
		{"slice, opset 9", 9, [][]byte{seq, op("Slice", names("x"), names("a"), ints("starts", 1), ints("ends", -1), ints("axes", 1)), op("Relu", names("a"), names("y"))}, 72, 0, 0, "activation"},
		{"slice of a concatenation", 13, [][]byte{
			seq, op("Relu", names("x"), names("r")), op("Concat", names("x,r"), names("c"), integer("axis", 2)), shapeConst("lo", 0), shapeConst("hi", 1), shapeConst("ax", 1),
			op("Slice", names("c,lo,hi,ax"), names("s")), op("Tanh", names("s"), names("y")),
		}, 48, 0, 0, "activation activation"},
		{"slice backwards", 13, [][]byte{seq, shapeConst("lo", -1), shapeConst("hi", -9223372036854775808+1), shapeConst("ax", 1), shapeConst("st", -2), op("Slice", names("x,lo,hi,ax,st"), names("a")), op("Relu", names("a"), names("y"))}, 72, 0, 0, "activation"},
		{"shape arithmetic", 13, [][]byte{
			seq, op("Shape", names("x"), names("sh")), shapeConst("zero", 0), op("Gather", names("sh,zero"), names("n")), shapeConst("rest", -1), op("Concat", names("n,rest"), names("to"), integer("axis", 0)),
			op("Reshape", names("x,to"), names("f")), weights("w", 60, 3), op("MatMul", names("f,w"), names("y")),
		}, 6, 180, 360, "linear"},
		{"squeeze and unsqueeze, opset 11", 11, [][]byte{seq, op("Unsqueeze", names("x"), names("u"), ints("axes", 0, 4)), op("Squeeze", names("u"), names("q"), ints("axes", 0)), op("Relu", names("q"), names("y"))}, 120, 0, 0, "activation"},
		{"pad", 11, [][]byte{img, shapeConst("p", 0, 0, 1, 1, 0, 0, 1, 1), op("Pad", names("x,p"), names("y"))}, 2 * 8 * 64, 0, 0, "elementwise"},
		{"up-sampling", 13, [][]byte{img, shapeConst("s", 2, 8, 12, 12), op("Resize", names("x,-,-,s"), names("y"))}, 2 * 8 * 144, 0, 0, "elementwise"},
		{"depth to space", 13, [][]byte{img, op("DepthToSpace", names("x"), names("d"), integer("blocksize", 2)), weights("w", 1, 2, 1, 1), op("Conv", names("d,w"), names("y"))}, 2 * 144, 2, 2 * 288, "conv"},
		{"instance norm", 13, [][]byte{img, weights("g", 8), weights("h", 8), op("InstanceNormalization", names("x,g,h"), names("y"))}, 576, 16, 0, "norm"},
		{"group norm", 18, [][]byte{img, weights("g", 8), weights("h", 8), op("GroupNormalization", names("x,g,h"), names("y"), integer("num_groups", 4))}, 576, 16, 0, "norm"},
		{"local response", 13, [][]byte{img, op("LRN", names("x"), names("y"), integer("size", 5))}, 576, 0, 0, "norm"},
		{"length one", 13, [][]byte{img, op("LpNormalization", names("x"), names("y"), integer("axis", 1))}, 576, 0, 0, "norm"},
		{"functions", 13, [][]byte{img, op("HardSwish", names("x"), names("a")), op("Neg", names("a"), names("b")), op("HardSigmoid", names("b"), names("c")), op("Clip", names("c"), names("y"))}, 576, 0, 0, "activation elementwise activation activation"},
		{"sum of three", 13, [][]byte{img, op("Relu", names("x"), names("r")), op("Softmax", names("x"), names("q")), op("Sum", names("x,r,q"), names("y"))}, 576, 0, 0, "activation softmax elementwise elementwise"},
		{"power and least", 13, [][]byte{img, scalar("c", 3), op("Pow", names("x,c"), names("a")), op("Min", names("c,a"), names("y"))}, 576, 0, 0, "activation activation"},
		{"expansion", 13, [][]byte{input("x", 2, 1, 12), shapeConst("e", 2, 5, 12), op("Expand", names("x,e"), names("y"))}, 120, 0, 0, "elementwise"},
		{"tiles", 13, [][]byte{input("x", 2, 1, 12), shapeConst("e", 1, 5, 1), op("Tile", names("x,e"), names("y"))}, 120, 0, 0, "elementwise"},
		{"up-sampling by scales", 9, [][]byte{input("x", 1, 1, 4, 4), shapeConst("s", 1, 1, 2, 2), op("Upsample", names("x,s"), names("y"))}, 64, 0, 0, "elementwise"},
		{"pixel to depth", 13, [][]byte{img, op("SpaceToDepth", names("x"), names("d"), integer("blocksize", 3)), op("Relu", names("d"), names("y"))}, 576, 0, 0, "activation"},
		{"gemm of data", 13, [][]byte{input("x", 3, 5), input("z", 5, 7), input("c", 3, 7), op("Gemm", names("x,z,c"), names("y"))}, 21, 0, 105, "matmul elementwise"},
		{"several tokens", 13, [][]byte{seq, shapeConst("i", 0, 2), op("Gather", names("x,i"), names("a"), integer("axis", 1)), op("Relu", names("a"), names("y"))}, 48, 0, 0, "activation"},
		{"tokens by data", 13, [][]byte{seq, tokens("i", 3), op("Gather", names("x,i"), names("y"), integer("axis", 1))}, 72, 0, 0, "elementwise"},
		{"initial states", 14, [][]byte{input("x", 7, 2, 3), weights("w", 1, 16, 3), weights("r", 1, 16, 4), input("h", 1, 2, 4), input("c", 1, 2, 4), op("LSTM", names("x,w,r,-,-,h,c"), names("y,-,z"))}, 56, 16 * 7, 7 * 2 * 16 * 7, "linear recurrent"},
		{"class token", 13, [][]byte{seq, shapeConst("e", 2, 1, 12), weights("c", 2, 1, 12), op("Concat", names("c,x"), names("t"), integer("axis", 1)), op("Relu", names("t"), names("y"))}, 144, 24, 0, "elementwise activation"},
		{"cast and dropout", 13, [][]byte{seq, op("Dropout", names("x"), names("d")), op("Cast", names("d"), names("e"), integer("to", 10)), op("Relu", names("e"), names("y"))}, 120, 0, 0, "activation"},
		{"where", 13, [][]byte{seq, tokens("m", 5, 12), weights("z", 5, 12), op("Where", names("m,x,z"), names("y"))}, 120, 0, 0, "elementwise"},
		{"einsum of data", 13, [][]byte{input("x", 2, 5, 4), input("z", 2, 6, 4), op("Einsum", names("x,z"), names("y"), text("equation", "bid,bjd->bij"))}, 60, 0, 240, "matmul"},
		{"einsum with weights", 13, [][]byte{input("x", 2, 5, 4), weights("w", 4, 3, 2), op("Einsum", names("x,w"), names("y"), text("equation", "bsd,dhk->bshk"))}, 60, 24, 240, "linear"},
		{"einsum without arrow", 13, [][]byte{input("x", 3, 4), weights("w", 4, 5), op("Einsum", names("x,w"), names("y"), text("equation", "ij, jk"))}, 15, 20, 60, "linear"},
		{"einsum of one", 13, [][]byte{input("x", 3, 4), op("Einsum", names("x"), names("a"), text("equation", "ij->i")), op("Relu", names("a"), names("y"))}, 3, 0, 0, "pool activation"},
		{"pad in front of a convolution", 13, [][]byte{img, shapeConst("p", 0, 0, 1, 2, 0, 0, 1, 0), op("Pad", names("x,p"), names("q")), weights("w", 4, 8, 3, 3), op("Conv", names("q,w"), names("y"))}, 2 * 4 * 36, 288, 2 * 36 * 288, "conv"},
		{"pad by reflection", 13, [][]byte{img, shapeConst("p", 0, 0, 1, 1, 0, 0, 1, 1), op("Pad", names("x,p"), names("q"), text("mode", "reflect")), weights("w", 4, 8, 3, 3), op("Conv", names("q,w"), names("y"))}, 2 * 4 * 36, 288, 2 * 36 * 288, "elementwise conv"},
		{"pad of axes, opset 18", 18, [][]byte{img, shapeConst("p", 2, 1), shapeConst("a", -1), op("Pad", names("x,p,-,a"), names("y"))}, 2 * 8 * 6 * 9, 0, 0, "elementwise"},
		{"normalisation of a training export", 14, [][]byte{img, weights("g", 8), weights("h", 8), weights("m", 8), weights("v", 8), op("BatchNormalization", names("x,g,h,m,v"), names("y,mo,vo"), integer("training_mode", 1))}, 576, 16, 0, "norm"},
		{"quantised convolution", 13, [][]byte{img, scalar("s", 1), scalar("z", 0), weights("w", 4, 8, 3, 3), weights("b", 4), op("QLinearConv", names("x,s,z,w,s,z,s,z,b"), names("y"))}, 2 * 4 * 16, 292, 2 * 16 * 288, "conv"},
		{"quantised product", 13, [][]byte{seq, scalar("s", 1), scalar("z", 0), weights("w", 12, 7), op("QLinearMatMul", names("x,s,z,w,s,z,s,z"), names("y"))}, 70, 84, 840, "linear"},
		{"integer products", 13, [][]byte{seq, weights("w", 12, 7), op("DynamicQuantizeLinear", names("x"), names("q,s,z")), op("MatMulInteger", names("q,w,z"), names("m")), op("Cast", names("m"), names("c"), integer("to", 1)), op("Mul", names("c,s"), names("y"))}, 70, 84, 840, "elementwise pool linear elementwise"},
		{"quantise and dequantise", 13, [][]byte{img, scalar("s", 1), weights("w", 4, 8, 3, 3), op("QuantizeLinear", names("x,s"), names("q")), op("DequantizeLinear", names("q,s"), names("d")), op("DequantizeLinear", names("w,s"), names("v")), op("Conv", names("d,v"), names("y"))}, 2 * 4 * 16, 288, 2 * 16 * 288, "elementwise elementwise conv"},
		{"recurrent cells", 14, [][]byte{input("x", 7, 2, 3), weights("w", 1, 4, 3), weights("r", 1, 4, 4), op("RNN", names("x,w,r"), names("y"))}, 56, 28, 7 * 2 * 4 * 7, "linear recurrent"},
		{"sequences first in the batch", 14, [][]byte{input("x", 2, 7, 3), weights("w", 2, 12, 3), weights("r", 2, 12, 4), op("GRU", names("x,w,r"), names("y"), text("direction", "bidirectional"), integer("layout", 1))}, 112, 2 * 12 * 7, 2 * 7 * 2 * 12 * 7, "linear recurrent linear recurrent"},
		{"product with keys of one head", 13, [][]byte{input("x", 2, 3, 5, 4), input("k", 2, 1, 4, 6), op("MatMul", names("x,k"), names("y"))}, 180, 0, 720, "matmul"},
		{"product with queries of one head", 13, [][]byte{input("x", 2, 1, 5, 4), input("k", 2, 3, 4, 6), op("MatMul", names("x,k"), names("y"))}, 180, 0, 720, "matmul"},
		{"product with inner broadcast", 13, [][]byte{input("x", 2, 3, 5, 4), input("k", 1, 3, 4, 6), op("MatMul", names("x,k"), names("y"))}, 180, 0, 720, "elementwise matmul"},
		{"product with a stack of weights", 13, [][]byte{input("x", 3, 5, 4), weights("w", 3, 4, 6), op("MatMul", names("x,w"), names("y"))}, 90, 72, 360, "elementwise matmul"},
		{"output shape", 13, [][]byte{img, weights("w", 8, 4, 3, 3), op("ConvTranspose", names("x,w"), names("y"), ints("strides", 2, 2), ints("output_shape", 12, 12))}, 2 * 4 * 144, 288, 2 * 36 * 288, "conv"},
		{"conv transposed same", 13, [][]byte{img, weights("w", 8, 4, 3, 3), op("ConvTranspose", names("x,w"), names("y"), ints("strides", 2, 2), text("auto_pad", "SAME_UPPER"))}, 2 * 4 * 144, 288, 2 * 36 * 288, "conv"},
		{"resize of axes", 18, [][]byte{img, shapeConst("s", 12, 12), op("Resize", names("x,-,-,s"), names("y"), ints("axes", 2, 3))}, 2 * 8 * 144, 0, 0, "elementwise"},
		{"largest", 13, [][]byte{seq, shapeConst("k", 3), op("TopK", names("x,k"), names("y,i"))}, 30, 0, 0, "elementwise elementwise"},
		{"index of the largest", 13, [][]byte{seq, op("ArgMax", names("x"), names("y"), integer("axis", -1), integer("keepdims", 0))}, 10, 0, 0, "pool"},
		{"elements by data", 13, [][]byte{seq, tokens("i", 2, 3, 12), op("GatherElements", names("x,i"), names("y"), integer("axis", 1))}, 72, 0, 0, "elementwise"},
		{"slices by data", 13, [][]byte{seq, tokens("i", 7, 2), op("GatherND", names("x,i"), names("y"))}, 84, 0, 0, "elementwise"},
		{"updates", 16, [][]byte{seq, tokens("i", 4, 2), input("u", 4, 12), op("ScatterND", names("x,i,u"), names("y"))}, 120, 0, 0, "elementwise"},
		{"one of many", 13, [][]byte{tokens("i", 2, 5), shapeConst("d", 9), weights("v", 2), op("OneHot", names("i,d,v"), names("y"))}, 90, 0, 0, "elementwise"},
		{"samples of a grid", 16, [][]byte{img, input("g", 2, 3, 4, 2), op("GridSample", names("x,g"), names("y"))}, 2 * 8 * 12, 0, 0, "elementwise"},
		{"silu in nodes", 13, [][]byte{img, op("Sigmoid", names("x"), names("s")), op("Mul", names("x,s"), names("y"))}, 576, 0, 0, "activation"},
		{"sum and norm of the optimiser", 17, [][]byte{seq, input("z", 2, 5, 12), weights("g", 12), weights("h", 12), opIn("com.microsoft", "SkipLayerNormalization", names("x,z,g,h"), names("y"))}, 120, 24, 0, "elementwise norm"},
		{"gelu of the optimiser", 17, [][]byte{seq, weights("h", 12), opIn("com.microsoft", "BiasGelu", names("x,h"), names("y"))}, 120, 12, 0, "elementwise activation"},
	} {
		n, err := network(onnxFile(c.opset, append(c.parts, output("y"))...), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var elems int64
		for _, p := range n.Outputs[0] {
			elems += p.Len
		}
		params, macs := n.Totals()
		var kinds []string
		for i := range n.Ops {
			kinds = append(kinds, n.Ops[i].Kind.String())
		}
		if got := strings.Join(kinds, " "); elems != c.elems || params != c.params || macs != c.macs || got != c.kinds {
			t.Errorf("%s: %d elements, %d parameters, %d MACs in %q; want %d, %d, %d in %q", c.name, elems, params, macs, got, c.elems, c.params, c.macs, c.kinds)
		}
		for _, phase := range []workload.Phase{workload.Inference, workload.Training} {
			if phase == workload.Training && params == 0 {
				continue
			}
			tr, err := lower.Trace(n, workload.Options{Phase: phase, Batch: 3})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if err := tr.Validate(); err != nil {
				t.Errorf("%s %s: %v", c.name, phase, err)
			}
			if got := workload.Summarize(tr).MACsForward; got != 3*c.macs {
				t.Errorf("%s %s: %d MACs", c.name, phase, got)
			}
		}
	}
}

// TestConstants evaluates shapes that exporters compute in nodes: the result of
// each graph is a shape s that x, of 2 x 5 x 12, is viewed as or expanded to.
func TestConstants(t *testing.T) {
	shape := op("Shape", names("x"), names("sh"))
	at := func(i int64, name string) [][]byte {
		return [][]byte{shapeConst("i"+name, i), op("Gather", []string{"sh", "i" + name}, []string{name})}
	}
	n, c, h := at(0, "n"), at(1, "c"), at(2, "h")
	all := [][]byte{shape}
	all = append(append(append(all, n...), c...), h...)
	for _, g := range []struct {
		name string
		want string // dimensions of y
		ops  [][]byte
	}{
		{"product", "[10 12]", [][]byte{op("Mul", names("n,c"), names("nc")), op("Concat", names("nc,h"), names("s"), integer("axis", 0))}},
		{"reduced product", "[120]", [][]byte{op("ReduceProd", names("sh"), names("s"), integer("keepdims", 1))}},
		{"slice of the shape", "[5 24]", [][]byte{shapeConst("lo", 1), shapeConst("hi", 2), op("Slice", names("sh,lo,hi"), names("a")), shapeConst("r", -1), op("Concat", names("a,r"), names("s"), integer("axis", 0))}},
		{"shape with bounds", "[2 5 12]", [][]byte{op("Shape", names("x"), names("a"), integer("start", -3), integer("end", 2)), op("Concat", names("a,h"), names("s"), integer("axis", 0))}},
		{"division and floor", "[2 2 30]", [][]byte{shapeConst("two", 2), op("Div", names("c,two"), names("half")), op("Floor", names("half"), names("f")), shapeConst("r", -1), op("Concat", names("n,f,r"), names("s"), integer("axis", 0))}},
		{"cast, root and back", "[3 40]", [][]byte{op("Cast", names("h"), names("hf"), integer("to", 1)), op("Sqrt", names("hf"), names("q")), op("Cast", names("q"), names("qi"), integer("to", 7)), shapeConst("r", -1), op("Concat", names("qi,r"), names("s"), integer("axis", 0))}},
		{"where", "[5 24]", [][]byte{shapeConst("m1", -1), shapeConst("a1", 5), op("Equal", names("a1,c"), names("eq")), op("Where", names("eq,c,m1"), names("w")), op("Concat", names("w,m1"), names("s"), integer("axis", 0))}},
		{"constant of shape", "[1 120]", [][]byte{shapeConst("k", 2), op("ConstantOfShape", names("k"), names("zeros")), op("Cast", names("zeros"), names("z"), integer("to", 7)), shapeConst("d", 1, 120), op("Add", names("z,d"), names("s"))}},
		{"range", "[4 5 6]", [][]byte{shapeConst("lo", 4), shapeConst("hi", 7), shapeConst("by", 1), op("Range", names("lo,hi,by"), names("s"))}},
		{"least and most", "[5 24]", [][]byte{op("Min", names("c,h"), names("a")), shapeConst("m", 24), op("Max", names("h,m"), names("b")), op("Concat", names("a,b"), names("s"), integer("axis", 0))}},
		{"squeezed size", "[120]", [][]byte{op("Size", names("x"), names("z")), shapeConst("ax", 0), op("Unsqueeze", names("z,ax"), names("s"))}},
		{"negated", "[12 10]", [][]byte{op("Neg", names("h"), names("mh")), op("Abs", names("mh"), names("p")), shapeConst("r", -1), op("Concat", names("p,r"), names("s"), integer("axis", 0))}},
		{"constant node", "[60 2]", [][]byte{op("Constant", nil, names("s"), ints("value_ints", 60, 2))}},
		{"copied dimension", "[2 60]", [][]byte{shapeConst("s", 0, -1)}},
	} {
		parts := append([][]byte{input("x", 2, 5, 12)}, all...)
		parts = append(parts, g.ops...)
		parts = append(parts, op("Reshape", names("x,s"), names("y")), op("Relu", names("y"), names("end")), output("end"))
		m, err := read(onnxFile(13, parts...))
		if err != nil {
			t.Fatal(err)
		}
		im, err := declared(m, "test", walk.Choices{})
		if err != nil {
			t.Errorf("%s: %v", g.name, err)
			continue
		}
		if got := fmt.Sprint(im.Tensors["y"].Dims); got != g.want {
			t.Errorf("%s: %s, want %s", g.name, got, g.want)
		}
	}
}

// TestErrors: what cannot be read is named: the node, its operator, the opset.
func TestErrors(t *testing.T) {
	x := input("x", 1, 3, 8, 8)
	for _, c := range []struct {
		want  string
		opset int64
		parts [][]byte
	}{
		{`node "node_y" (NonMaxSuppression, opset 13): the size of its result depends on values of the data: --bound NonMaxSuppression=N bounds it`, 13, [][]byte{x, op("NonMaxSuppression", names("x"), names("y"))}},
		{`node "node_y" (Compress, opset 13): the size of its result depends on values of the data: --bound Compress=N bounds it`, 13, [][]byte{x, tokens("c", 8), op("Compress", names("x,c"), names("y"))}},
		{`node "node_y" (com.acme.Conv, opset 13): operator is not supported`, 13, [][]byte{x, opIn("com.acme", "Conv", names("x"), names("y"))}},
		{"index i has sizes 2 and 3", 13, [][]byte{input("x", 2, 3), op("Einsum", names("x"), names("y"), text("equation", "ii->i"))}},
		{"index j has sizes 3 and 4", 13, [][]byte{input("x", 2, 3), input("z", 4, 4), op("Einsum", names("x,z"), names("y"), text("equation", "ij,jk->ik"))}},
		{"keep_aspect_ratio_policy \"larger\" is not supported", 18, [][]byte{x, shapeConst("s", 4, 4), op("Resize", names("x,-,-,s"), names("y"), ints("axes", 2, 3), text("keep_aspect_ratio_policy", "larger"))}},
		{"the scales are needed and not known", 13, [][]byte{x, input("s", 4), op("Resize", names("x,-,s"), names("y"))}},
		{"opset 28: supported are 1 to 27", 28, [][]byte{x, op("Relu", names("x"), names("y"))}},
		{"reads what follows from it: the graph is cyclic", 13, [][]byte{x, op("Add", names("x,z"), names("a")), op("Relu", names("a"), names("z")), op("Relu", names("z"), names("y"))}},
		{"writes \"a\" a second time", 13, [][]byte{x, op("Relu", names("x"), names("a")), op("Relu", names("x"), names("a")), op("Relu", names("a"), names("y"))}},
		{"nothing writes the output \"y\"", 13, [][]byte{x, op("Relu", names("x"), names("a"))}},
		{"weights [4 5 3 3] for 3 channels in 1 groups", 13, [][]byte{x, weights("w", 4, 5, 3, 3), op("Conv", names("x,w"), names("y"))}},
		{"do not broadcast", 13, [][]byte{x, input("z", 7), op("Add", names("x,z"), names("y"))}},
		{"192 elements as [5 -1]", 13, [][]byte{x, shapeConst("s", 5, -1), op("Reshape", names("x,s"), names("y"))}},
		{"values of input \"w\" are needed and not known", 13, [][]byte{x, weights("w", 2), op("Reshape", names("x,w"), names("y"))}},
		{"an input of dimensions [1 3 8 8 8 8]: images, channels and 1 to 3 spatial dimensions are expected", 13, [][]byte{input("x", 1, 3, 8, 8, 8, 8), op("MaxPool", names("x"), names("y"), ints("kernel_shape", 2, 2, 2, 2))}},
		{"is empty; the input is too small", 13, [][]byte{x, weights("w", 4, 3, 9, 9), op("Conv", names("x,w"), names("y"))}},
		{"symbolic dimensions are not bound: x.2 (dimension 2", 13, [][]byte{input("x", "batch", 3, nil), op("Relu", names("x"), names("y"))}},
		{"dimension 1 of input \"x\" is 0", 13, [][]byte{input("x", "batch", 0), op("Relu", names("x"), names("y"))}},
		{"more than 70368744177664 elements", 13, [][]byte{input("x", 1<<40, 1<<40), op("Relu", names("x"), names("y"))}},
		{"axis 4 of a tensor of rank 4", 13, [][]byte{x, op("Concat", names("x,x"), names("y"), integer("axis", 4))}},
		{"window", 13, [][]byte{x, op("MaxPool", names("x"), names("y"), ints("kernel_shape", 2, 2), ints("strides", 0, 1))}},
	} {
		_, err := network(onnxFile(c.opset, append(c.parts, output("y"))...), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	for _, b := range []string{"", "not an onnx file", "\x08\x07"} {
		if _, err := read([]byte(b)); err == nil {
			t.Errorf("%q reads as a file", b)
		}
	}
}

func TestBindUnnamed(t *testing.T) {
	b := onnxFile(13, input("x", "batch", 3, nil), op("Relu", names("x"), names("y")), output("y"))
	n := mustNetwork(t, b, map[string]int64{"batch": 2, "x.2": 5})
	if got := n.Outputs[0][0].Len; got != 30 {
		t.Errorf("%d elements", got)
	}
}
