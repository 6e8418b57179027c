package convert

import (
	"fmt"
	"testing"
	"time"

	"stco/model/workload"
	"stco/model/workload/lower"

	"pgregory.net/rapid"
)

// hostileGraph draws nodes of every operator over each other's results, with
// attributes and constants at and beyond their limits.
func hostileGraph(t *rapid.T) []byte {
	size := rapid.SampledFrom([]int{1, 2, 3, 5, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 0, 1 << 20, 1 << 40, -1})
	small := rapid.SampledFrom([]int64{0, 1, 2, 3, 5, 12})
	any64 := rapid.SampledFrom([]int64{-1 << 63, -1 << 40, -3, -2, -1, 0, 1, 1, 2, 2, 3, 12, 1 << 20, 1 << 40, 1<<63 - 1})
	var parts [][]byte
	var tensors []string
	for i := range rapid.IntRange(1, 3).Draw(t, "inputs") {
		var dims []any
		for range rapid.IntRange(0, 4).Draw(t, "rank") {
			dims = append(dims, size.Draw(t, "dim"))
		}
		name := fmt.Sprintf("x%d", i)
		if rapid.Bool().Draw(t, "tokens") {
			parts = append(parts, tokens(name, dims...))
		} else {
			parts = append(parts, input(name, dims...))
		}
		tensors = append(tensors, name)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "weights") {
		name := fmt.Sprintf("w%d", i)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			parts = append(parts, weights(name, rapid.SliceOfN(small, 0, 4).Draw(t, "dims")...))
		case 1:
			parts = append(parts, shapeConst(name, rapid.SliceOfN(any64, 0, 4).Draw(t, "values")...))
		default:
			parts = append(parts, scalar(name, 0.5))
		}
		tensors = append(tensors, name)
	}
	ops := []string{
		"Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "MaxPool", "AveragePool", "GlobalAveragePool", "ReduceMean", "ReduceSum", "ReduceL2",
		"BatchNormalization", "GroupNormalization", "LayerNormalization", "LRN", "Softmax", "Add", "Mul", "Sub", "Div", "Pow", "Where", "Gather", "Concat",
		"Split", "Slice", "Expand", "Tile", "Pad", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
		"Identity", "Cast", "Shape", "Size", "ConstantOfShape", "Range", "Relu", "Sigmoid", "Erf", "Sqrt", "Exp", "Min", "Sum", "Equal", "Constant",
	}
	attrNames := []string{
		"axis", "axes", "perm", "kernel_shape", "strides", "pads", "dilations", "group", "to", "keepdims", "blocksize", "split", "starts", "ends", "num_groups",
		"transA", "transB", "allowzero", "start", "end", "output_padding", "ceil_mode", "shape", "value_int", "value_ints", "layout",
	}
	for i := range rapid.IntRange(1, 12).Draw(t, "nodes") {
		if rapid.IntRange(0, 2).Draw(t, "tame") > 0 {
			pair := rapid.SampledFrom([]string{"Relu", "Tanh", "Sqrt", "Transpose", "Softmax", "Flatten", "Add", "Mul", "Concat", "MatMul", "Sub", "ReduceMean", "Div"}).Draw(t, "op")
			in := []string{rapid.SampledFrom(tensors).Draw(t, "in")}
			if len(pair) <= 3 || pair == "Concat" || pair == "MatMul" {
				in = append(in, rapid.SampledFrom(tensors).Draw(t, "in"))
			}
			out := fmt.Sprintf("t%d_0", i)
			parts, tensors = append(parts, op(pair, in, []string{out}, integer("axis", 0), ints("axes", -1))), append(tensors, out)
			continue
		}
		var attrs [][]byte
		for range rapid.IntRange(0, 4).Draw(t, "attributes") {
			name := rapid.SampledFrom(attrNames).Draw(t, "attribute")
			if rapid.Bool().Draw(t, "list") {
				attrs = append(attrs, ints(name, rapid.SliceOfN(any64, 0, 5).Draw(t, "values")...))
			} else {
				attrs = append(attrs, integer(name, any64.Draw(t, "value")))
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "same") == 0 {
			attrs = append(attrs, text("auto_pad", "SAME_UPPER"))
		}
		in := rapid.SliceOfN(rapid.SampledFrom(tensors), 0, 5).Draw(t, "in")
		var out []string
		for k := range rapid.IntRange(1, 3).Draw(t, "out") {
			out = append(out, fmt.Sprintf("t%d_%d", i, k))
		}
		parts = append(parts, op(rapid.SampledFrom(ops).Draw(t, "op"), in, out, attrs...))
		tensors = append(tensors, out...)
	}
	parts = append(parts, output(tensors[len(tensors)-1]))
	return onnxFile(rapid.SampledFrom([]int64{9, 11, 13, 18, 21}).Draw(t, "opset"), parts...)
}

// TestHostileGraphs: whatever the graph, there is an error or a network whose
// trace can be counted, and soon.
func TestHostileGraphs(t *testing.T) {
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		b := hostileGraph(t)
		start := time.Now()
		n, err := network(b, nil)
		if err != nil {
			return
		}
		read++
		if tr, err := lower.Trace(n, workload.Options{Phase: workload.Training, Batch: 2}); err == nil {
			workload.Summarize(tr)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Fatalf("%v", d)
		}
	})
	t.Logf("%d graphs read", read)
}
