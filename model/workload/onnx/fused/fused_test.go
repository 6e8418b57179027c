package fused_test

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx/convert"
	"stco/model/workload/onnx/walk"
)

// TestAttention: an attention is heads x queries x keys x (size of keys + size of
// values) products; keys and values of before are a cache of which all is read.
func TestAttention(t *testing.T) {
	const sparse = "q 1 1 32; k 1 1 16; v 1 1 16; p 1 2 64 8; r 1 2 64 8; b tokens 1 5; c tokens 1 10; y = SparseAttention@com.microsoft q k v p r b c num_heads=4 kv_num_heads=2 "
	const pages = "p 20 4 2 8; r 20 4 2 8; c tokens 3; l tokens 2; t tokens 2 10;"
	const latent = "q 6 32; k 6 8; p 20 4 1 8; c tokens 3; l tokens 2; t tokens 2 10; y = PagedAttention@com.microsoft q k - p - c l t kv_cache_layout=LATENT"
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
		// The cache is a buffer of 64 tokens, the new one among them; a query sees 10 blocks of 16 over 4 rows: 40 keys.
		{17, sparse + "sparse_block_size=16", 4 * 40 * 16, 32, 2 * 64 * 16},
		// 6 tokens of 2 sequences are 3 each; 20 blocks of 4 tokens are 40 keys each.
		{17, "q 6 32; k 6 16; v 6 16;" + pages + "y = PagedAttention@com.microsoft q k v p r c l t num_heads=4 kv_num_heads=2", 2 * 4 * 3 * 40 * 16, 6 * 32, 2 * 2 * 40 * 16},
		{17, "q 6 64;" + pages + "y = PagedAttention@com.microsoft q - - p r c l t num_heads=4 kv_num_heads=2", 2 * 4 * 3 * 40 * 16, 6 * 32, 2 * 2 * 40 * 16},
		// One cache of keys of 8, whose first 6 are the values; without a size all of them are.
		{17, latent + " num_heads=4 kv_num_heads=1 v_head_size=6", 2 * 4 * 3 * 40 * (8 + 6), 6 * 4 * 6, 2 * 40 * 8},
		{17, latent + " num_heads=4 kv_num_heads=1 v_head_size=9", 2 * 4 * 3 * 40 * (8 + 8), 6 * 4 * 8, 2 * 40 * 8},
		{17, latent + " num_heads=4 kv_num_heads=1", 2 * 4 * 3 * 40 * (8 + 8), 6 * 4 * 8, 2 * 40 * 8},
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
		sparse: "sparse_block_size, block_row_indices or block_col_indices are missing",
		"q 6 64;" + pages + "y = PagedAttention@com.microsoft q - - p r c l t kv_num_heads=2":             "0 heads over 2",
		"q 6 64;" + pages + "y = PagedAttention@com.microsoft q - - p r c l t num_heads=4":                "4 heads over 0",
		"q 7 64;" + pages + "y = PagedAttention@com.microsoft q - - p r c l t num_heads=4 kv_num_heads=2": "7 tokens of 2 sequences",
		latent + " num_heads=4 kv_num_heads=2":                                                            "a latent cache has keys of one head",
		"x 2 5 12; w weights 13 96; y = Attention@com.microsoft x w num_heads=4":                          "4 heads, input of dimensions [2 5 12], weights [13 96]",
	})
}

// TestPresent: all keys and values that an attention gives back are those of before
// and the new ones: of 2 heads, 9 + 1 tokens and sizes 8 and 6. Without a past
// the new ones, 7.
func TestPresent(t *testing.T) {
	const given = "q 1 4 1 8; k 1 2 1 8; v 1 2 1 6; p 1 2 9 8; r 1 2 9 6; a!,k2,v2 = Attention q k v - p r;"
	const fresh = "q 1 4 5 8; k 1 2 7 8; v 1 2 7 6; a!,k2,v2 = Attention q k v;"
	check(t, 23, map[string]string{
		given + "y = Relu k2": "24 160 elements, 0 parameters, 560 products: elementwise elementwise matmul softmax matmul activation",
		fresh + "y = Relu k2": "120 112 elements, 0 parameters, 1960 products: matmul softmax matmul activation",
		fresh + "y = Relu v2": "120 84 elements, 0 parameters, 1960 products: matmul softmax matmul activation",
		given + "y = Relu v2": "24 120 elements, 0 parameters, 560 products: elementwise elementwise matmul softmax matmul activation",
	})
}

// TestDecoders: attentions whose projections, keys or state are inside, by hand: 2
// sequences of 5 tokens without padding; a band of 2 x 2 + 1 keys over 8 tokens, at the
// ends less: 34 pairs a head; scans of 3 tokens, 4 query heads over 2 of states of 2 x 3.
func TestDecoders(t *testing.T) {
	const long = "x 1 8 4; w weights 4 12; b weights 12; m 1 8; g weights 4 12; c weights 12; f tokens 1 8; y = LongformerAttention@com.microsoft x w b m g c f num_heads=2 window="
	const scan = "q 1 3 8; k 1 3 4; v 1 3 6; s 1 2 2 3; d 1 3 4; b 1 3 2;"
	const heads = " q_num_heads=4 kv_num_heads=2 update_rule="
	const deco = "q 5 2 32; k 7 2 32; w weights 32 32; u weights 32 64; b weights 96; one int 1; no int 0; y = DecoderAttention@com.microsoft q k w u b "
	check(t, 17, map[string]string{
		"x 10 12; w weights 12 96; b weights 96; o tokens 2 5; c tokens 3; y = PackedAttention@com.microsoft x w b o c num_heads=4": "320 elements, 1248 parameters, 14720 products: linear matmul softmax matmul",
		long + "2": "32 elements, 60 parameters, 656 products: linear matmul softmax matmul",
		long + "4": "32 elements, 60 parameters, 800 products: linear matmul softmax matmul", // 52 pairs
		long + "8": "32 elements, 60 parameters, 896 products: linear matmul softmax matmul", // 64: all
		scan + "y = LinearAttention@com.microsoft q k v" + heads + "linear":                                                                                           "36 elements, 0 parameters, 108 products: matmul elementwise",
		scan + "y = LinearAttention@com.microsoft q k v - d" + heads + "gated":                                                                                        "36 elements, 0 parameters, 108 products: matmul elementwise",
		scan + "y,t = LinearAttention@com.microsoft q k v s d b" + heads + "gated_delta":                                                                              "36 elements, 0 parameters, 144 products: matmul elementwise",
		"q 1 3 4; k 1 3 4; v 1 3 6; y = LinearAttention q k v q_num_heads=2 kv_num_heads=2 update_rule=delta":                                                         "18 elements, 0 parameters, 108 products: matmul",
		"x 1 6 5; w weights 6 1 4; b weights 6; y = CausalConvWithState@com.microsoft x w b":                                                                          "30 elements, 30 parameters, 120 products: conv",
		"x 1 6 5; w weights 6 1 4; b weights 6; s 1 6 3; y,t = CausalConvWithState x w b s activation=silu":                                                           "30 elements, 30 parameters, 120 products: elementwise conv activation",
		"q 1 1 32; k 1 1 32; v 1 1 32; p 1 4 9 8; r 1 4 9 8; y,-,- = DecoderMaskedMultiHeadAttention@com.microsoft q k v - - p r num_heads=4":                         "32 elements, 0 parameters, 640 products: elementwise elementwise matmul softmax matmul",
		"q 1 1 32; k 1 4 7 8; v 1 4 7 8; b weights 96; y = DecoderMaskedMultiHeadAttention@com.microsoft q k v - - - - - - - b num_heads=4":                           "32 elements, 96 parameters, 448 products: elementwise matmul softmax matmul",
		"q 1 1 32; k 1 1 32; v 1 1 32; p 1 4 9 8; r 1 4 9 8; y = DecoderMaskedMultiHeadAttention@com.microsoft q k v - - p r num_heads=4 past_present_share_buffer=1": "32 elements, 0 parameters, 576 products: elementwise elementwise matmul softmax matmul", // 9 in all
		deco + "- - - one no no no num_heads=4": "320 elements, 3168 parameters, 43392 products: linear linear elementwise matmul softmax matmul",
		deco + "- - - no no no no num_heads=4":  "320 elements, 3168 parameters, 33920 products: linear linear elementwise matmul softmax matmul",
		"x 1 1 12; w weights 12 96; s scalar 1; b weights 96; z int 0; p 2 1 4 9 8; y,t = QAttention@com.microsoft x w b s s - z z p num_heads=4": "32 elements, 1248 parameters, 1792 products: linear elementwise elementwise matmul softmax matmul",
		"x 1 1 12; w weights 12 96; a,p! = Attention@com.microsoft x w num_heads=4; i int 0; k = Gather p i; y = Relu k":                          "64 32 elements, 1152 parameters, 1216 products: linear matmul softmax matmul activation",
	})
	refuse(t, 17, map[string]string{
		"x 10 12; w weights 12 96; b weights 96; o tokens 3 5; c tokens 3; y = PackedAttention@com.microsoft x w b o c num_heads=4": "10 tokens of 3 sequences: taken to be equally long, they must divide",
		long + "3": "2 heads, a window of 3, input of dimensions [1 8 4]: the tokens must be a multiple of the window",
		scan + "y = LinearAttention@com.microsoft q k v" + heads + "hebbian":          "update_rule \"hebbian\": linear, gated, delta and gated_delta are supported",
		scan + "y = LinearAttention@com.microsoft q k v q_num_heads=3 kv_num_heads=2": "3 heads over 2",
		scan + "y = LinearAttention@com.microsoft q v v" + heads + "linear":           "inputs of dimensions [1 3 8], [1 3 6] and [1 3 6] for 4 heads over 2",
		"x 1 6 5; w weights 6 2 4; y = CausalConvWithState@com.microsoft x w":         "weights [6 2 4] for an input of [1 6 5]",
	})
	// With one global token: its products with all, all with it, and a second projection.
	n, warnings, err := convert.Network(model(t, 17, long+"2"), "test", walk.Choices{Bound: map[string]int64{"LongformerAttention": 1}})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if p, macs := n.Totals(); p != 120 || macs != 656+4*32+384 {
		t.Errorf("%d parameters, %d products, want 120, %d", p, macs, 656+4*32+384)
	}
	// A state is read and written: 12 elements of the scan, 18 of the convolution.
	for text, want := range map[string]int64{
		scan + "y,t = LinearAttention@com.microsoft q k v s d b" + heads + "gated_delta": 12,
		"x 1 6 5; w weights 6 1 4; s 1 6 3; y,t = CausalConvWithState x w - s":           18,
	} {
		n, err := network(t, 17, text)
		if err != nil {
			t.Fatal(err)
		}
		var cache int64
		for i := range n.Data {
			if n.Data[i].Class == workload.KVCache {
				cache += n.Data[i].Elems
			}
		}
		if cache != want {
			t.Errorf("%s: a state of %d, want %d", text, cache, want)
		}
	}
	// As many earlier tokens in a buffer as the options bound: 3 and the new one.
	text := "q 1 1 32; k 1 1 32; v 1 1 32; p 1 4 9 8; r 1 4 9 8; y = DecoderMaskedMultiHeadAttention@com.microsoft q k v - - p r num_heads=4 past_present_share_buffer=1"
	n, warnings, err = convert.Network(model(t, 17, text), "test", walk.Choices{Bound: map[string]int64{"DecoderMaskedMultiHeadAttention": 3}})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if _, macs := n.Totals(); macs != 4*4*16 {
		t.Errorf("%d products, want %d", macs, 4*4*16)
	}
}

// TestOthers: operators that are those of the default domain under another name.
func TestOthers(t *testing.T) {
	const x = "x 2 3 4;"
	check(t, 17, map[string]string{
		x + "w weights 99; s ints 4 6; y = MatMulFpQ4@com.microsoft x w s":                                                 "36 elements, 24 parameters, 144 products: linear",
		"x 1 3 4 4; w weights 3 5 2 2; p ints 1 1 1 1; y = ConvTransposeWithDynamicPads@com.microsoft x w p strides=[2,2]": "180 elements, 60 parameters, 960 products: conv",
		"x 1 3 8 8; r 6 4; b tokens 6; s ints 4 5; y = CropAndResize@com.microsoft x r b s":                                "360 elements, 0 parameters, 0 products: elementwise",
		"x 4 7; z 5 7; y = CDist@com.microsoft x z":                                                                        "20 elements, 0 parameters, 140 products: matmul activation",
		x + "i int -2; a = ExpandDims@com.microsoft x i; y = Relu a":                                                       "24 elements, 0 parameters, 0 products: activation",
		x + "a,m = BitmaskDropout@com.microsoft x; y = Relu a":                                                             "24 elements, 0 parameters, 0 products: activation",
		x + "a,l = ConcatTraining@com.microsoft x x axis=1; y = Relu a":                                                    "48 elements, 0 parameters, 0 products: activation",
		x + "s scalar 1; y = QuantizeWithOrder@com.microsoft x s":                                                          "24 elements, 0 parameters, 0 products: activation",
		"w weights 50 12; i tokens 2 5; y = TorchEmbedding@com.microsoft w i":                                              "120 elements, 600 parameters, 0 products: embedding",
	})
	refuse(t, 17, map[string]string{
		x + "w weights 99; s ints 4; y = MatMulFpQ4@com.microsoft x w s": "weights of shape [4]",
		"x 4 7; z 5 6; y = CDist@com.microsoft x z":                      "matrices of dimensions [4 7] and [5 6]",
		x + "i int 4; y = ExpandDims@com.microsoft x i":                  "axis [4] of a tensor of rank 3",
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
		"x 2 8 8 3; g weights 3; y = GroupNorm@com.microsoft x g groups=192":                                         "384 elements, 3 parameters, 0 products: norm",
		img + "g weights 3; h weights 3; r 1 8 8 3; y,t = SkipGroupNorm@com.microsoft x g h r groups=3 activation=1": "192 192 elements, 6 parameters, 0 products: elementwise norm activation",
	})
	refuse(t, 17, map[string]string{
		"x 8 3; k weights 16 3 3 3; y = NhwcConv@com.microsoft x k":                      "input of dimensions [8 3] has no spatial ones",
		img + "g weights 3; y = GroupNorm@com.microsoft x g groups=0":                    "0 groups over [1 8 8 3]",
		"x 2 8 8 3; g weights 3; y = GroupNorm@com.microsoft x g groups=193":             "193 groups over [2 8 8 3]",
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
		// Of 4 bits, which is what they have where the node is silent, of 8 and of 1: 2, 1 and 8 weights of a byte.
		"x 2 3 4; r 6 4; w weights 4 4 4; s weights 4 8; v weights 4 8 2; z weights 4 4; y = QMoE@com.microsoft x r w s - v z k=2":                                 "24 elements, 256 parameters, 768 products: linear activation linear elementwise",
		"x 2 3 4; r 6 4; w weights 4 4 4; s weights 4 8; b weights 4 8; v weights 4 8 2; z weights 4 4; d weights 4 4; y = QMoE@com.microsoft x r w s b v z d k=2": "24 elements, 304 parameters, 768 products: linear activation linear elementwise",
		"x 2 3 4; r 6 4; w weights 4 4 8; s weights 4 8; v weights 4 8 4; z weights 4 4; y = QMoE@com.microsoft x r w s - v z k=2 expert_weight_bits=8":            "24 elements, 256 parameters, 768 products: linear activation linear elementwise",
		"x 2 3 4; r 6 4; w weights 4 4 1; s weights 4 8; v weights 4 4 1; z weights 4 4; y = QMoE@com.microsoft x r w s - v z k=2 expert_weight_bits=1":            "24 elements, 256 parameters, 768 products: linear activation linear elementwise",
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
