package ops_test

import (
	"math"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/onnx/convert"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/walk"
)

const img, seq = "x 2 8 6 6;", "x 2 5 12;"

// TestFunctions: operators of every element, and of several tensors.
func TestFunctions(t *testing.T) {
	check(t, 16, map[string]string{
		img + "a = HardSwish x; b = Neg a; c = HardSigmoid b; y = Clip c": "576 elements, 0 parameters, 0 products: activation elementwise activation activation",
		seq + "r = Relu x; q = Softmax x; y = Sum x r q":                  "120 elements, 0 parameters, 0 products: activation softmax elementwise elementwise",
		seq + "c scalar 3; a = Pow x c; y = Min c a":                      "120 elements, 0 parameters, 0 products: activation activation",
		seq + "c scalar 3; y = Mul x c":                                   "120 elements, 0 parameters, 0 products: elementwise",
		seq + "b weights 12; y = Add x b":                                 "120 elements, 12 parameters, 0 products: elementwise",
		seq + "b weights 12; y = Mul b x":                                 "120 elements, 12 parameters, 0 products: elementwise",
		seq + "b ints 1 2 3 4 5 6 7 8 9 10 11 12; y = Mul x b":            "120 elements, 0 parameters, 0 products: elementwise", // no weight
		seq + "m = ReduceMax x axes=[1]; y = Add x m":                     "120 elements, 0 parameters, 0 products: pool elementwise",
		"x 4 1; z 1 6; y = Add x z":                                       "24 elements, 0 parameters, 0 products: elementwise",
		"x 4 1; b weights 6; y = Add x b":                                 "24 elements, 0 parameters, 0 products: elementwise", // a copy of every element
		seq + "m tokens 5 12; z weights 5 12; y = Where m x z":            "120 elements, 0 parameters, 0 products: elementwise",
		"m tokens 5 12; x 2 5 12; z 2 5 12; y = Where m x z":              "120 elements, 0 parameters, 0 products: elementwise elementwise",
		"x 4 1; z 1 6; m tokens 1; y = Where m x z":                       "24 elements, 0 parameters, 0 products: elementwise elementwise elementwise",
		seq + "y = Softmax x":                                             "120 elements, 0 parameters, 0 products: softmax",
		seq + "y = LogSoftmax x":                                          "120 elements, 0 parameters, 0 products: softmax",
		seq + "a = OptionalGetElement x; y = Relu a":                      "120 elements, 0 parameters, 0 products: activation",
	})
	refuse(t, 16, map[string]string{
		seq + "z 7; y = Add x z": "do not broadcast",
		seq + "y = Add x -":      "input 1 is missing",
	})
	// What the backward pass of a sum needs is nothing, of a product both factors.
	for op, fn := range map[string]graph.Fn{"Add": graph.Add, "Sub": graph.Add, "Greater": graph.Add, "Mul": graph.Mul, "Div": graph.Mul, "Max": graph.Mul} {
		n, err := network(t, 16, seq+"z 5 12; y = "+op+" z x")
		if err != nil {
			t.Fatal(err)
		}
		if n.Ops[0].Fn != fn || graph.Count(n.Ops[0].In[0]) != 120 || graph.Count(n.Ops[0].In[1]) != 60 {
			t.Errorf("%s: function %d of %d and %d elements", op, n.Ops[0].Fn, graph.Count(n.Ops[0].In[0]), graph.Count(n.Ops[0].In[1]))
		}
	}
	for op, fn := range map[string]graph.Fn{"Add": graph.ParamAdd, "Sub": graph.ParamAdd, "Mul": graph.ParamMul, "Div": graph.ParamMul} {
		n, err := network(t, 16, seq+"b weights 12; y = "+op+" x b")
		if err != nil || n.Ops[0].Fn != fn {
			t.Errorf("%s with a weight: %v, %v", op, n.Ops[0].Fn, err)
		}
	}
	sum := "y = Sum"
	for range 65 {
		sum += " x"
	}
	refuse(t, 16, map[string]string{seq + sum: "65 inputs: 1 to 64 are supported"})
}

// TestPointwise: which function an operator of one input is, by what gives its
// derivative: the output of what falls back on ReLU, sigmoid or tanh.
func TestPointwise(t *testing.T) {
	for op, want := range map[string]graph.Fn{
		"Relu": graph.ReLU, "Clip": graph.ReLU6, "Sigmoid": graph.Sigmoid, "Exp": graph.Tanh, "Sqrt": graph.Tanh, "Erf": graph.GELU, "Log": graph.GELU,
		"Swish": graph.SiLU, "HardSwish": graph.HardSwish, "HardSigmoid": graph.HardSigmoid, "Neg": graph.Scale, "CumSum": graph.Scale,
	} {
		if got, ok := ops.Pointwise(op); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", op, got, ok, want)
		}
		if ops.Lookup(op) != nil || ops.Plain(op) {
			t.Errorf("%s is something else too", op)
		}
	}
	if fn, ok := ops.Pointwise("Conv"); ok {
		t.Errorf("Conv is the function %d", fn)
	}
	for _, op := range []string{"MatMul", "Reshape", "Constant", "Identity"} {
		if !ops.Plain(op) {
			t.Errorf("%s needs a conversion of its own", op)
		}
	}
	if ops.Plain("Conv") || ops.Lookup("Conv") == nil || ops.Lookup("Slice") == nil || ops.Lookup("Nothing") != nil {
		t.Error("Conv, Slice, Nothing")
	}
}

// TestReductions: elements of the result; one that reduces nothing is no operator.
func TestReductions(t *testing.T) {
	check(t, 18, map[string]string{
		img + "a ints 2 3; y = ReduceMean x a keepdims=0":                      "16 elements, 0 parameters, 0 products: pool",
		img + "a ints 1; y = ReduceL2 x a":                                     "72 elements, 0 parameters, 0 products: pool",
		img + "y = ReduceSum x":                                                "1 elements, 0 parameters, 0 products: pool",
		"x 2 1 12; a ints 1; r = ReduceMax x a; y = Relu r":                    "24 elements, 0 parameters, 0 products: activation",
		seq + "y = ArgMax x axis=-1 keepdims=0":                                "10 elements, 0 parameters, 0 products: pool",
		seq + "y = ArgMin x":                                                   "60 elements, 0 parameters, 0 products: pool",
		seq + "a = ArgMax x axis=1 keepdims=0; w weights 12 3; y = MatMul a w": "6 elements, 36 parameters, 72 products: pool linear",
		seq + "a = ArgMax x axis=1; w weights 12 3; y = MatMul a w":            "6 elements, 36 parameters, 72 products: pool linear",
	})
	refuse(t, 18, map[string]string{seq + "y = ArgMax x axis=3": "axis 3 of a tensor of rank 3"})
}

// TestNorms: parameters, and the statistics of a training step: two a channel of a
// batch, two a row of a layer, one a row by root mean square.
func TestNorms(t *testing.T) {
	for text, want := range map[string]struct {
		counts string
		stats  int64
	}{
		img + "g weights 8; h weights 8; m weights 8; v weights 8; y = BatchNormalization x g h m v": {"576 elements, 16 parameters, 0 products: norm", 2 * 8},
		img + "g weights 8; h weights 8; y = InstanceNormalization x g h":                            {"576 elements, 16 parameters, 0 products: norm", 2 * 16},
		img + "g weights 8; h weights 8; y = GroupNormalization x g h num_groups=4":                  {"576 elements, 16 parameters, 0 products: norm", 2 * 8},
		seq + "g weights 12; h weights 12; y = LayerNormalization x g h":                             {"120 elements, 24 parameters, 0 products: norm", 2 * 10},
		seq + "g weights 5 12; y = LayerNormalization x g axis=1":                                    {"120 elements, 60 parameters, 0 products: norm", 2 * 2},
		seq + "g weights 12; y = RMSNormalization x g":                                               {"120 elements, 12 parameters, 0 products: norm", 10},
		img + "y = LpNormalization x axis=1":                                                         {"576 elements, 0 parameters, 0 products: norm", 72},
		img + "y = LpNormalization x":                                                                {"576 elements, 0 parameters, 0 products: norm", 96},
		img + "y = MeanVarianceNormalization x":                                                      {"576 elements, 0 parameters, 0 products: norm", 2 * 8},
		img + "y = MeanVarianceNormalization x axes=[0]":                                             {"576 elements, 0 parameters, 0 products: norm", 2 * 288},
		"x 7; g weights 7; y = LayerNormalization x g":                                               {"7 elements, 7 parameters, 0 products: norm", 2},
		"x 7; y = LpNormalization x":                                                                 {"7 elements, 0 parameters, 0 products: norm", 1},
		img + "y = LRN x size=5":                                                                     {"576 elements, 0 parameters, 0 products: norm", 576},
	} {
		n, err := network(t, 23, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := counts(n); got != want.counts || n.Ops[0].Stats != want.stats {
			t.Errorf("%s: %s, %d statistics; want %s, %d", text, got, n.Ops[0].Stats, want.counts, want.stats)
		}
	}
	refuse(t, 23, map[string]string{
		"x 7; g weights 7; y = GroupNormalization x g":          "input of dimensions [7]",
		img + "y = GroupNormalization x num_groups=1000":        "2000 rows of [2 8 6 6]",
		img + "y = LpNormalization x axis=4":                    "axis 4 of a tensor of rank 4",
		img + "y = MeanVarianceNormalization x axes=[4]":        "axis 4 of a tensor of rank 4",
		img + "g weights 8; y = LayerNormalization x g axis=-5": "axis -5 of a tensor of rank 4",
	})
}

// TestPicks: results whose elements data choose have the dimensions that the
// operator's inputs give.
func TestPicks(t *testing.T) {
	check(t, 16, map[string]string{
		seq + "k ints 3; y,i = TopK x k":                                             "30 30 elements, 0 parameters, 0 products: elementwise elementwise",
		seq + "k ints 3; y,- = TopK x k axis=1":                                      "72 elements, 0 parameters, 0 products: elementwise",
		seq + "i tokens 2 3 12; y = GatherElements x i axis=1":                       "72 elements, 0 parameters, 0 products: elementwise",
		seq + "i tokens 7 2; y = GatherND x i":                                       "84 elements, 0 parameters, 0 products: elementwise",
		seq + "i tokens 2 7 1; y = GatherND x i batch_dims=1":                        "168 elements, 0 parameters, 0 products: elementwise",
		"w weights 2 5 12; i tokens 7 2; y = GatherND w i":                           "84 elements, 120 parameters, 0 products: elementwise elementwise",
		seq + "i tokens 4 2; u 4 12; y = ScatterND x i u":                            "120 elements, 0 parameters, 0 products: elementwise",
		seq + "i tokens 4 2; u weights 4 12; y = ScatterND x i u":                    "120 elements, 0 parameters, 0 products: elementwise",
		"w weights 2 5 12; i tokens 4 2; u 4 12; y = ScatterND w i u":                "120 elements, 0 parameters, 0 products: elementwise",
		"i tokens 2 5; d ints 9; v weights 2; y = OneHot i d v":                      "90 elements, 0 parameters, 0 products: elementwise",
		img + "g 2 3 4 2; y = GridSample x g":                                        "192 elements, 0 parameters, 0 products: elementwise",
		img + "r 5 4; b tokens 5; y = RoiAlign x r b output_height=3 output_width=2": "240 elements, 0 parameters, 0 products: elementwise",
		seq + "l tokens 5; y = ReverseSequence x l":                                  "120 elements, 0 parameters, 0 products: elementwise",
	})
	refuse(t, 16, map[string]string{
		seq + "k ints 13; y,i = TopK x k":                   "the largest [13] of 12",
		seq + "k ints 0; y,i = TopK x k":                    "the largest [0] of 12",
		seq + "k ints 6; y,i = TopK x k axis=1":             "the largest [6] of 5",
		seq + "i tokens 7 4; y = GatherND x i":              "inputs of dimensions [2 5 12] and [7 4]",
		seq + "i tokens 7 2; y = GatherND x i batch_dims=2": "inputs of dimensions [2 5 12] and [7 2]",
		seq + "g 2 3 4 2; y = GridSample x g":               "inputs of dimensions [2 5 12] and [2 3 4 2]",
		img + "r 5; b tokens 5; y = RoiAlign x r b":         "inputs of dimensions [2 8 6 6] and [5]",
	})
	// Data place elements of constants.
	check(t, 16, map[string]string{"w weights 2 5; u weights 4 5; i tokens 4 1; y = ScatterND w i u": "10 elements, 0 parameters, 0 products: elementwise"})
}

// TestPlaced: results of another shape by the formulas of the operators.
func TestPlaced(t *testing.T) {
	check(t, 18, map[string]string{
		"x 1 12 16; i ints 5 5; b ints 2 2; y = Col2Im x i b":                              "75 elements, 0 parameters, 0 products: elementwise", // 12/4 channels of 5 x 5
		img + "s ints 2 8 4 9; y = CenterCropPad x s":                                      "576 elements, 0 parameters, 0 products: elementwise",
		img + "s ints 4 9; y = CenterCropPad x s axes=[2,3]":                               "576 elements, 0 parameters, 0 products: elementwise",
		img + "s ints 3; y = CenterCropPad x s axes=[-1]":                                  "288 elements, 0 parameters, 0 products: elementwise",
		img + "i tokens 2 8 6 6; y = MaxUnpool x i kernel_shape=[2,2] strides=[2,2]":       "2304 elements, 0 parameters, 0 products: elementwise", // 12 x 12
		img + "i tokens 2 8 6 6; y = MaxUnpool x i kernel_shape=[3,3] pads=[1,1,1,1]":      "576 elements, 0 parameters, 0 products: elementwise",
		img + "i tokens 2 8 6 6; o ints 2 8 13 14; y = MaxUnpool x i o kernel_shape=[2,2]": "2912 elements, 0 parameters, 0 products: elementwise",
		"x 2 2 3; s ints 2 3 5 6; y = AffineGrid x s":                                      "120 elements, 0 parameters, 0 products: elementwise", // 2 x 5 x 6 x 2
		img + "r 5 5; y = MaxRoiPool x r pooled_shape=[3,4]":                               "480 elements, 0 parameters, 0 products: elementwise",
		"x 2 7; y = Multinomial x sample_size=4":                                           "8 elements, 0 parameters, 0 products: elementwise",
		"x 2 5 3 3; y = Det x":                                                             "10 elements, 0 parameters, 0 products: elementwise",
		"x 5 7; l tokens 5; y = NegativeLogLikelihoodLoss x l reduction=none":              "5 elements, 0 parameters, 0 products: elementwise",
		"x 5 7; l tokens 5; y,p = SoftmaxCrossEntropyLoss x l":                             "1 35 elements, 0 parameters, 0 products: softmax elementwise pool",
	})
	refuse(t, 18, map[string]string{
		"x 1 13 16; i ints 5 5; b ints 2 2; y = Col2Im x i b":                      "input of dimensions [1 13 16]",
		img + "s ints 3 3 3; y = CenterCropPad x s axes=[2,3]":                     "3 sizes for 2 axes",
		img + "s ints 3; y = CenterCropPad x s axes=[4]":                           "axis 4 of a tensor of rank 4",
		img + "i tokens 2 8 6 6; y = MaxUnpool x i kernel_shape=[2,2] strides=[2]": "input of dimensions [2 8 6 6]",
		img + "i tokens 2 8 6 6; y = MaxUnpool x i kernel_shape=[2,2] pads=[1,1]":  "input of dimensions [2 8 6 6]",
		"x 2 2 3; s ints 2 3 5; y = AffineGrid x s":                                "a size of [2 3 5]",
		"x 7; y = Multinomial x":                                                   "input of dimensions [7]",
		"x 7; y = Det x":                                                           "input of dimensions [7]",
		"x 2 3; l tokens 7; y = NegativeLogLikelihoodLoss x l":                     "labels of [7] for scores of [2 3]",
	})
}

// TestTransforms: 5 N log2 N operations a transform of N points.
func TestTransforms(t *testing.T) {
	for _, c := range []struct {
		opset       int64
		text        string
		elems       int64
		size, count float64
	}{
		{17, "x 2 16 3 1; y = DFT x axis=1", 2 * 16 * 3 * 2, 16, 6},
		{17, "x 2 16 3 2; y = DFT x axis=1 onesided=1", 2 * 9 * 3 * 2, 16, 6},
		{17, "x 2 16 3 2; l int 8; y = DFT x l axis=1", 2 * 8 * 3 * 2, 8, 6},
		{17, "x 2 9 3 2; l int 16; y = DFT x l axis=1 onesided=1 inverse=1", 2 * 16 * 3, 16, 6},
		{20, "x 2 3 16 1; y = DFT x", 2 * 3 * 16 * 2, 16, 6},
		{20, "x 2 16 3 1; a int 1; y = DFT x - a", 2 * 16 * 3 * 2, 16, 6},
		{17, "x 2 100 1; h int 10; w weights 20; y = STFT x h w", 2 * 9 * 11 * 2, 20, 18},
		{17, "x 2 100 1; h int 10; l int 40; y = STFT x h - l onesided=0", 2 * 7 * 40 * 2, 40, 14},
	} {
		n, err := network(t, c.opset, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		last := n.Ops[len(n.Ops)-1]
		if want := int64(c.count * 5 * c.size * math.Log2(c.size)); graph.Count(n.Outputs[0]) != c.elems || last.Vec != want {
			t.Errorf("%s: %d elements, %d operations, want %d, %d", c.text, graph.Count(n.Outputs[0]), last.Vec, c.elems, want)
		}
	}
	refuse(t, 17, map[string]string{
		"x 2 16 3; y = DFT x axis=1":                       "the last holds the real and imaginary part",
		"x 16; y = DFT x":                                  "the last holds the real and imaginary part",
		"x 2 16 2; l int 0; y = DFT x l":                   "a transform of 0",
		"x 2 100 1; h int 0; w weights 20; y = STFT x h w": "frames of 20 by [0]",
		"x 2 10 1; h int 1; w weights 20; y = STFT x h w":  "frames of 20 by [1] over [2 10 1]",
		"x 2 16 3 2; y = DFT x axis=4":                     "axis 4 of a tensor of rank 4",
	})
}

// TestBounded: a result whose size data decide is as large as the options say, by
// the node's name or the operator; without, the error says how.
func TestBounded(t *testing.T) {
	for text, want := range map[string]string{
		seq + "y = NonZero x":                         "900 elements, 0 parameters, 0 products: elementwise", // 3 indices
		"x 1 7 4; s 1 2 7; y = NonMaxSuppression x s": "900 elements, 0 parameters, 0 products: elementwise",
		seq + "c tokens 120; y = Compress x c":        "300 elements, 0 parameters, 0 products: elementwise",
		seq + "c tokens 5; y = Compress x c axis=1":   "120 elements, 0 parameters, 0 products: elementwise", // no more than there are
		seq + "y,i,-,k = Unique x":                    "300 300 300 elements, 0 parameters, 0 products: elementwise elementwise elementwise",
		"n tokens 1; y = Range n n n":                 "300 elements, 0 parameters, 0 products: elementwise",
		"n tokens 1; y = HannWindow n":                "300 elements, 0 parameters, 0 products: elementwise",
	} {
		m := model(t, 17, text)
		op := m.Graph.Nodes[0].Op
		for _, key := range []string{op, "node"} {
			n, _, err := convert.Network(m, "test", walk.Choices{Bound: map[string]int64{key: 300}})
			if err != nil {
				t.Errorf("%s: %v", text, err)
			} else if got := counts(n); got != want {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
		if _, _, err := convert.Network(m, "test", walk.Choices{}); err == nil || !strings.Contains(err.Error(), "--bound "+op+"=N bounds it") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestQuantized: a quantisation by its own range reads the extremes and scales.
func TestQuantized(t *testing.T) {
	check(t, 13, map[string]string{
		seq + "y,s,z = DynamicQuantizeLinear x": "120 1 1 elements, 0 parameters, 0 products: elementwise pool",
		seq + "y,-,- = DynamicQuantizeLinear x": "120 elements, 0 parameters, 0 products: elementwise",
		seq + "w weights 12 7; q,s,z = DynamicQuantizeLinear x; m = MatMulInteger q w z; c = Cast m to=1; y = Mul c s": "70 elements, 84 parameters, 840 products: elementwise pool linear elementwise",
	})
}

// TestCache: new keys written into a cache that is an input: all of it persists,
// the new part is written.
func TestCache(t *testing.T) {
	n, err := network(t, 24, "p 1 8 32 16; u 1 8 2 16; q 1 8 2 16; k! = TensorScatter p u; t = Transpose k perm=[0,1,3,2]; y = MatMul q t")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := lower.Trace(n, workload.Options{Batch: 1, Precision: workload.MixedPrecision()})
	if err != nil {
		t.Fatal(err)
	}
	if s := workload.Summarize(tr); s.KVCacheBytes != 2*8*32*16 {
		t.Errorf("a cache of %d bytes, want %d", s.KVCacheBytes, 2*8*32*16)
	}
	refuse(t, 24, map[string]string{"p 1 8 1 16; u 1 8 2 16; y = TensorScatter p u": "an update of [1 8 2 16] for a cache of [1 8 1 16]"})
}

// TestPresence: whether an optional holds something is known from the graph.
func TestPresence(t *testing.T) {
	check(t, 18, map[string]string{
		seq + "o = OptionalHasElement x; c = Cast o to=7; r ints -1 12; z = Mul r c; a = Reshape x z; w weights 12 3; y = MatMul a w": "30 elements, 36 parameters, 360 products: linear",
	})
}
