package fused_test

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// TestAttention: an attention is heads x queries x keys x (size of keys + size of
// values) products; keys and values of before are a cache of which all is read.
func TestAttention(t *testing.T) {
	for _, c := range []struct {
		opset int64
		text  string
		macs  int64
		elems int64 // of the result
		cache int64
	}{
		{23, "q 2 4 5 8; k 2 2 7 8; v 2 2 7 6; y = Attention q k v", 2 * 4 * 5 * 7 * (8 + 6), 2 * 4 * 5 * 6, 0},
		{23, "q 2 5 32; k 2 7 16; v 2 7 12; y = Attention q k v q_num_heads=4 kv_num_heads=2", 2 * 4 * 5 * 7 * (8 + 6), 2 * 5 * 4 * 6, 0},
		{23, "q 1 4 1 8; k 1 2 1 8; v 1 2 1 6; p 1 2 9 8; r 1 2 9 6; y,k2,v2 = Attention q k v - p r", 4 * 10 * (8 + 6), 4 * 6, 2 * 10 * (8 + 6)},
		{17, "q 2 5 32; k 2 7 32; v 2 7 24; y = MultiHeadAttention@com.microsoft q k v num_heads=4", 2 * 4 * 5 * 7 * (8 + 6), 2 * 5 * 24, 0},
		{17, "q 2 5 4 3 8; y = MultiHeadAttention@com.microsoft q num_heads=4", 2 * 4 * 5 * 5 * 16, 2 * 5 * 32, 0},
		{17, "q 2 5 32; k 2 7 4 2 8; y = MultiHeadAttention@com.microsoft q k num_heads=4", 2 * 4 * 5 * 7 * 16, 2 * 5 * 32, 0},
		{17, "q 1 1 32; k 1 1 32; v 1 1 32; p 1 4 9 8; r 1 4 9 8; y = MultiHeadAttention@com.microsoft q k v - - - p r num_heads=4", 4 * 10 * 16, 32, 4 * 10 * 16},
		{17, "q 1 5 32; k 1 5 16; v 1 5 16; y = GroupQueryAttention@com.microsoft q k v num_heads=4 kv_num_heads=2", 4 * 5 * 5 * 16, 5 * 32, 0},
		{17, "q 1 5 64; y = GroupQueryAttention@com.microsoft q - - num_heads=4 kv_num_heads=2", 4 * 5 * 5 * 16, 5 * 32, 0},
		{17, "q 1 1 32; k 1 1 16; v 1 1 16; p 1 2 9 8; r 1 2 9 8; y = GroupQueryAttention@com.microsoft q k v p r num_heads=4 kv_num_heads=2 do_rotary=1", 4 * 10 * 16, 32, 2 * 10 * 16},
		{17, "x 2 5 12; w weights 12 96; b weights 96; y = Attention@com.microsoft x w b num_heads=4", 2*5*12*96 + 2*4*5*5*16, 2 * 5 * 32, 0},
		{17, "x 2 5 12; w weights 12 88; y = Attention@com.microsoft x w num_heads=4 qkv_hidden_sizes=[32,32,24]", 2*5*12*88 + 2*4*5*5*14, 2 * 5 * 24, 0},
		{17, "x 1 1 12; w weights 12 96; p 2 1 4 9 8; y = Attention@com.microsoft x w - - p num_heads=4", 12*96 + 4*10*16, 32, 2 * 4 * 10 * 8},
	} {
		n, err := network(t, c.opset, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var cache int64
		for i := range n.Data {
			if n.Data[i].Class == workload.KVCache {
				cache += n.Data[i].Elems
			}
		}
		if _, macs := n.Totals(); macs != c.macs || graph.Count(n.Outputs[0]) != c.elems || cache != c.cache {
			t.Errorf("%s: %d products, %d elements, a cache of %d; want %d, %d, %d", c.text, macs, graph.Count(n.Outputs[0]), cache, c.macs, c.elems, c.cache)
		}
		if len(n.Attentions(false)) != 1 {
			t.Errorf("%s: no attention that runs as one step", c.text)
		}
	}
	refuse(t, 23, map[string]string{
		"q 2 5 32; k 2 7 16; v 2 7 12; y = Attention q k v":                         "q_num_heads and kv_num_heads are missing",
		"q 2 5 32; k 2 7 16; v 2 2 7 12; y = Attention q k v":                       "inputs of dimensions [2 5 32], [2 7 16] and [2 2 7 12]",
		"q 2 3 5 8; k 2 2 7 8; v 2 2 7 6; y = Attention q k v":                      "3 heads over 2, 5 queries of size 8",
		"q 2 4 5 8; k 2 2 7 8; v 2 2 7 6; p 2 9; y = Attention q k v - p":           "past keys of dimensions [2 9]",
		"q 2 5 32; k 2 7 32; v 2 7 24; y = MultiHeadAttention@com.microsoft q k v":  "num_heads is missing",
		"q 2 5 32; y = MultiHeadAttention@com.microsoft q num_heads=4":              "queries of dimensions [2 5 32]",
		"q 2 5 32; k 2 7 32; y = MultiHeadAttention@com.microsoft q k num_heads=4":  "no values",
		"q 1 5 32; k 1 5 16; v 1 5 16; y = GroupQueryAttention@com.microsoft q k v": "0 heads over 0",
		"x 2 5 12; w weights 13 96; y = Attention@com.microsoft x w num_heads=4":    "4 heads, input of dimensions [2 5 12], weights [13 96]",
	})
}

// TestProducts: products that ONNX Runtime's optimiser joined with what is around
// them: x of 2 x 3 x 4 by a matrix of 4 x 5, and others, by hand.
func TestProducts(t *testing.T) {
	const x, w, u = "x 2 3 4;", "w weights 4 5;", "w weights 5 4;"
	check(t, 17, map[string]string{
		x + w + "y = FusedMatMul@com.microsoft x w":                                                              "30 elements, 20 parameters, 120 products: linear",
		x + u + "y = FusedMatMul@com.microsoft x w transB=1":                                                     "30 elements, 20 parameters, 120 products: linear",
		x + "y = FusedMatMul@com.microsoft x x transB=1":                                                         "18 elements, 0 parameters, 72 products: matmul",
		x + "y = FusedMatMul@com.microsoft x x transA=1":                                                         "32 elements, 0 parameters, 96 products: matmul",
		x + "y = FusedMatMul@com.microsoft x x transBatchA=1 transBatchB=1 transB=1":                             "12 elements, 0 parameters, 48 products: matmul",
		x + w + "y = FusedMatMulActivation@com.microsoft x w activation=Relu":                                    "30 elements, 20 parameters, 120 products: linear activation",
		"x 6 4;" + w + "b weights 5; y = FusedGemm@com.microsoft x w b activation=Tanh":                          "30 elements, 25 parameters, 120 products: linear activation",
		x + w + "b weights 5; y = GemmFastGelu@com.microsoft x w b":                                              "30 elements, 25 parameters, 120 products: linear elementwise activation",
		x + w + "y = GemmFastGelu@com.microsoft x w":                                                             "30 elements, 20 parameters, 120 products: linear activation",
		x + w + "s scalar 1; b weights 5; y = MatMulIntegerToFloat@com.microsoft x w s s - - b":                  "30 elements, 25 parameters, 120 products: linear elementwise",
		x + w + "s scalar 1; b weights 5; y = DynamicQuantizeMatMul@com.microsoft x w s - b":                     "30 elements, 25 parameters, 120 products: linear elementwise",
		x + w + "y = MatMulInteger16@com.microsoft x w":                                                          "30 elements, 20 parameters, 120 products: linear",
		"x 6 4;" + w + "s scalar 1; z int 0; b weights 5; y = QGemm@com.microsoft x s z w s z b":                 "30 elements, 25 parameters, 120 products: linear",
		x + "w weights 6 1 2; s scalar 1; y = MatMulNBits@com.microsoft x w s K=4 N=6":                           "36 elements, 24 parameters, 144 products: linear",
		x + "w weights 6 1 2; s scalar 1; y = MatMulBnb4@com.microsoft x w s K=4 N=6":                            "36 elements, 24 parameters, 144 products: linear",
		"x 7 2 4; w weights 1 4 20; r weights 1 5 20; y = DynamicQuantizeLSTM@com.microsoft x w r hidden_size=5": "70 elements, 180 parameters, 2520 products: linear recurrent",
	})
	refuse(t, 17, map[string]string{
		x + w + "y = FusedMatMulActivation@com.microsoft x w activation=Swoosh": "activation \"Swoosh\" is not supported",
		x + "w weights 6 1 2; y = MatMulNBits@com.microsoft x w K=5 N=6":        "a matrix of 5 x 6 for an input of [2 3 4]",
		x + "w weights 6 1 2; y = MatMulNBits@com.microsoft x w K=4":            "a matrix of 4 x 0 for an input of [2 3 4]",
	})
}

// TestChannelsLast: windows over images whose channels are last: 8 x 8 of 3.
func TestChannelsLast(t *testing.T) {
	const img = "x 1 8 8 3; k weights 16 3 3 3; s scalar 1; z int 0;"
	check(t, 17, map[string]string{
		img + "y = NhwcConv@com.microsoft x k pads=[1,1,1,1]":                                                        "1024 elements, 432 parameters, 27648 products: conv",
		img + "y = NhwcFusedConv@com.microsoft x k activation=Relu":                                                  "576 elements, 432 parameters, 15552 products: conv activation",
		img + "y = QLinearConv@com.microsoft x s z k s z s z channels_last=1":                                        "576 elements, 432 parameters, 15552 products: conv",
		img + "y = NhwcMaxPool@com.microsoft x kernel_shape=[2,2] strides=[2,2]":                                     "48 elements, 0 parameters, 0 products: pool",
		img + "y = QLinearGlobalAveragePool@com.microsoft x s z s z channels_last=1":                                 "3 elements, 0 parameters, 0 products: pool",
		img + "y = QLinearGlobalAveragePool@com.microsoft x s z s z":                                                 "8 elements, 0 parameters, 0 products: pool", // channels second: 8 maps
		img + "a = NhwcConv@com.microsoft x k; w weights 16 2; y = MatMul a w":                                       "72 elements, 464 parameters, 16704 products: conv linear",
		img + "g weights 3; h weights 3; y = GroupNorm@com.microsoft x g h groups=3":                                 "192 elements, 6 parameters, 0 products: norm",
		img + "g weights 3; h weights 3; r 1 8 8 3; y,t = SkipGroupNorm@com.microsoft x g h r groups=3 activation=1": "192 192 elements, 6 parameters, 0 products: elementwise norm activation",
	})
	refuse(t, 17, map[string]string{
		"x 8 3; k weights 16 3 3 3; y = NhwcConv@com.microsoft x k":                      "input of dimensions [8 3] has no spatial ones",
		img + "g weights 3; y = GroupNorm@com.microsoft x g groups=0":                    "0 groups over [1 8 8 3]",
		img + "g weights 3; y = GroupNorm@com.microsoft x g groups=193":                  "193 groups over [1 8 8 3]",
		img + "g weights 3; r 1 8 8 4; y = SkipGroupNorm@com.microsoft x g - r groups=3": "inputs of dimensions [1 8 8 3] and [1 8 8 4]",
	})
}

// TestSums: sums, biases and functions in one node.
func TestSums(t *testing.T) {
	const x = "x 2 3 4; b weights 4;"
	check(t, 17, map[string]string{
		x + "y = BiasGelu@com.microsoft x b":                                                                                                   "24 elements, 4 parameters, 0 products: elementwise activation",
		x + "y = FastGelu@com.microsoft x":                                                                                                     "24 elements, 0 parameters, 0 products: activation",
		x + "y = BiasAdd@com.microsoft x b x":                                                                                                  "24 elements, 4 parameters, 0 products: elementwise elementwise",
		x + "y = BiasSoftmax@com.microsoft x x":                                                                                                "24 elements, 0 parameters, 0 products: elementwise softmax",
		x + "y = BiasSplitGelu@com.microsoft x b":                                                                                              "12 elements, 4 parameters, 0 products: elementwise activation elementwise",
		x + "z 2 3 4; g weights 4; y = SkipLayerNormalization@com.microsoft x z g b":                                                           "24 elements, 8 parameters, 0 products: elementwise norm",
		x + "z 2 3 4; g weights 4; c weights 4; y,-,-,s = SkipLayerNormalization@com.microsoft x z g b c":                                      "24 24 elements, 12 parameters, 0 products: elementwise elementwise norm",
		x + "z 2 3 4; y = SkipSimplifiedLayerNormalization@com.microsoft x z b":                                                                "24 elements, 4 parameters, 0 products: elementwise norm",
		x + "s scalar 1; z int 0; r 2 3 4; y = QLinearAdd@com.microsoft x s z r s z s z":                                                       "24 elements, 0 parameters, 0 products: elementwise",
		x + "s scalar 1; z int 0; r 2 3 4; y = QLinearMul@com.microsoft x s z r s z s z":                                                       "24 elements, 0 parameters, 0 products: elementwise",
		x + "s scalar 1; z int 0; r 2 3 4; c = QLinearConcat@com.microsoft s z x s z r s z axis=1; y = Relu c":                                 "48 elements, 0 parameters, 0 products: activation",
		x + "s scalar 1; z int 0; y = QLinearReduceMean@com.microsoft x s z s z axes=[1] keepdims=0":                                           "8 elements, 0 parameters, 0 products: pool",
		x + "s scalar 1; z int 0; y = QLinearSigmoid@com.microsoft x s z s z":                                                                  "24 elements, 0 parameters, 0 products: activation",
		"i tokens 2 5; w weights 50 12; p weights 9 12; g weights 12; h weights 12; y = EmbedLayerNormalization@com.microsoft i - w p - g h":   "120 elements, 732 parameters, 0 products: embedding elementwise norm",
		"i tokens 2 5; w weights 50 12; p weights 9 12; g weights 12; h weights 12; y,m = EmbedLayerNormalization@com.microsoft i - w p - g h": "120 2 elements, 732 parameters, 0 products: embedding elementwise norm elementwise",
	})
	refuse(t, 17, map[string]string{
		x + "z 2 3 5; y = SkipLayerNormalization@com.microsoft x z b":                     "inputs of dimensions [2 3 4] and [2 3 5]",
		"x 2 3 5; y = BiasSplitGelu@com.microsoft x":                                      "input of dimensions [2 3 5]",
		x + "z 9; y = BiasAdd@com.microsoft x z":                                          "do not broadcast",
		"i tokens 2 5; p weights 9 12; y = EmbedLayerNormalization@com.microsoft i - - p": "no table of words",
	})
}

// TestExperts: 6 tokens, each to 2 of 4 experts of 4 x 8 and 8 x 4.
func TestExperts(t *testing.T) {
	check(t, 17, map[string]string{
		"x 2 3 4; r 6 4; w weights 4 4 8; b weights 4 8; v weights 4 8 4; y = MoE@com.microsoft x r w b v k=2":          "24 elements, 288 parameters, 768 products: linear activation linear elementwise",
		"x 2 3 4; r 6 4; w weights 4 4 16; v weights 4 8 4; y = MoE@com.microsoft x r w - v k=2 activation_type=swiglu": "24 elements, 384 parameters, 1152 products: linear activation elementwise linear elementwise",
		"x 2 3 4; r 6 4; w weights 4 4 8; v weights 4 8 4; y = MoE@com.microsoft x r w - v":                             "24 elements, 256 parameters, 384 products: linear activation linear elementwise", // one by default
	})
}

// TestRealTransforms: of a signal of 4 reals 3 pairs, of 3 pairs 4 reals again.
func TestRealTransforms(t *testing.T) {
	check(t, 17, map[string]string{
		"x 2 3 4; y = Rfft@com.microsoft x signal_ndim=1":    "36 elements, 0 parameters, 0 products: elementwise elementwise",
		"x 2 3 3 2; y = Irfft@com.microsoft x signal_ndim=1": "24 elements, 0 parameters, 0 products: elementwise elementwise",
	})
	refuse(t, 17, map[string]string{"x 2 3 4; y = Rfft@com.microsoft x signal_ndim=2": "a transform of 2 dimensions over [2 3 4]"})
}
