package products_test

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
)

// TestConvolutions: the products of a convolution are output pixels x filters x
// channels of a group x taps, by hand, with every way to pad.
func TestConvolutions(t *testing.T) {
	const img = "x 2 8 6 6;"
	check(t, 13, map[string]string{
		img + "w weights 4 8 3 3; y = Conv x w":                                                            "128 elements, 288 parameters, 9216 products: conv",   // 2 x 4 x 4 x 4, x 72
		img + "w weights 4 8 3 3; b weights 4; y = Conv x w b pads=[1,1,1,1]":                              "288 elements, 292 parameters, 20736 products: conv",  // 2 x 4 x 6 x 6
		img + "w weights 4 8 3 3; y = Conv x w auto_pad=SAME_UPPER strides=[2,2]":                          "72 elements, 288 parameters, 5184 products: conv",    // 3 x 3
		img + "w weights 4 8 2 2; y = Conv x w pads=[0,0,1,1]":                                             "288 elements, 128 parameters, 9216 products: conv",   // x 32
		img + "w weights 8 1 3 3; y = Conv x w group=8":                                                    "256 elements, 72 parameters, 2304 products: conv",    // x 9
		img + "w weights 8 4 3 3; y = Conv x w group=2 dilations=[2,2]":                                    "64 elements, 288 parameters, 2304 products: conv",    // 2 x 2, x 36
		"x 1 3 10; w weights 4 3 5; y = Conv x w dilations=[2]":                                            "8 elements, 60 parameters, 120 products: conv",       // 2 positions
		img + "w weights 8 4 2 2; y = ConvTranspose x w strides=[2,2]":                                     "1152 elements, 128 parameters, 9216 products: conv",  // 12 x 12
		img + "w weights 8 4 3 3; y = ConvTranspose x w strides=[2,2] pads=[1,1,1,1]":                      "968 elements, 288 parameters, 20736 products: conv",  // 11 x 11
		img + "w weights 8 4 3 3; y = ConvTranspose x w strides=[2,2] pads=[1,1,1,1] output_padding=[1,0]": "1056 elements, 288 parameters, 20736 products: conv", // 12 x 11
		img + "w weights 8 4 3 3; y = ConvTranspose x w strides=[2,2] output_shape=[12,10]":                "960 elements, 288 parameters, 20736 products: conv",  // as asked
		img + "w weights 8 4 3 3; y = ConvTranspose x w strides=[2,2] auto_pad=SAME_LOWER":                 "1152 elements, 288 parameters, 20736 products: conv", // 12 x 12
		img + "w weights 8 2 3 3; b weights 4; y = ConvTranspose x w b group=2":                            "512 elements, 148 parameters, 10368 products: conv",  // 8 x 8 of 4
		img + "p ints 0 0 1 2 0 0 1 0; q = Pad x p; w weights 4 8 3 3; y = Conv q w":                       "288 elements, 288 parameters, 20736 products: conv",  // 8 x 8 read
		"x 2 8 6; p ints 0 0 1 0 0 1; q = Pad x p; w weights 4 8 3; y = Conv q w":                          "48 elements, 96 parameters, 1152 products: conv",
	})
	refuse(t, 13, map[string]string{
		img + "w weights 4 5 3 3; y = Conv x w":                                "weights [4 5 3 3] for 8 channels in 1 groups",
		img + "w weights 4 8 3 3; y = Conv x w group=0":                        "group 0",
		img + "w weights 7 4 3 3; y = ConvTranspose x w":                       "weights [7 4 3 3] for 8 channels",
		img + "w weights 4 8; y = Conv x w":                                    "weights \"w\" of dimensions [4 8]",
		img + "v 4 8 3 3; w = Relu v; y = Conv x w":                            "weights \"w\" depend on data",
		img + "w weights 4 8 9 9; y = Conv x w":                                "is empty; the input is too small",
		img + "w weights 8 4 3 3; y = ConvTranspose x w output_padding=[-1,0]": "an output_padding of -1",
		img + "w weights 8 4 3 3; y = ConvTranspose x w output_shape=[0,6]":    "an output of 0 from 6 positions",
	})
}

// TestDepth: windows over three dimensions by hand: 2 channels of 4 x 5 x 6.
func TestDepth(t *testing.T) {
	const volume = "x 1 2 4 5 6;"
	check(t, 13, map[string]string{
		volume + "w weights 3 2 3 3 3; y = Conv x w":                                                 "72 elements, 162 parameters, 3888 products: conv",   // 2 x 3 x 4, x 54
		volume + "w weights 3 2 3 3 3; b weights 3; y = Conv x w b pads=[1,1,1,1,1,1]":               "360 elements, 165 parameters, 19440 products: conv", // as the input
		volume + "w weights 3 2 3 3 3; y = Conv x w auto_pad=SAME_UPPER strides=[2,2,2]":             "54 elements, 162 parameters, 2916 products: conv",   // 2 x 3 x 3
		volume + "w weights 3 2 3 3 3; y = Conv x w auto_pad=SAME_LOWER strides=[1,2,3]":             "72 elements, 162 parameters, 3888 products: conv",   // 4 x 3 x 2
		volume + "w weights 4 1 2 2 2; y = Conv x w group=2 dilations=[2,1,1]":                       "160 elements, 32 parameters, 1280 products: conv",   // 2 x 4 x 5, x 8
		volume + "w weights 2 5 2 2 2; y = ConvTranspose x w strides=[2,2,2]":                        "4800 elements, 80 parameters, 9600 products: conv",  // 8 x 10 x 12
		volume + "w weights 2 5 2 2 2; y = ConvTranspose x w strides=[2,2,2] output_padding=[1,1,0]": "5940 elements, 80 parameters, 9600 products: conv",  // 9 x 11 x 12
		volume + "y = MaxPool x kernel_shape=[2,2,2] strides=[2,2,2]":                                "24 elements, 0 parameters, 0 products: pool pool",   // 2 x 2 x 3
		volume + "y = AveragePool x kernel_shape=[3,1,1] pads=[1,0,0,1,0,0]":                         "240 elements, 0 parameters, 0 products: pool pool",
		volume + "y = GlobalAveragePool x":                                                           "2 elements, 0 parameters, 0 products: pool",
	})
	refuse(t, 13, map[string]string{
		volume + "w weights 3 3 3 3 3; y = Conv x w":                     "weights [3 3 3 3 3] for 2 channels",
		volume + "w weights 3 2 3 3 3; y = Conv x w strides=[1,1]":       "2 strides, 3 dilations, 6 paddings for three dimensions",
		volume + "w weights 3 2 3 3 3; y = Conv x w strides=[0,1,1]":     "strides [0 1 1]",
		volume + "w weights 3 2 3 3 3; y = Conv x w pads=[-1,0,0,0,0,0]": "a size of -1: must be 0 to 16777216",
		volume + "w weights 3 2 3 3 3; y = Conv x w auto_pad=FULL":       "auto_pad \"FULL\"",
		volume + "y = MaxPool x kernel_shape=[2,2]":                      "a window of 2 dimensions over [1 2 4 5 6]",
		volume + "w weights 7 2 3 3 3; y = ConvTranspose x w":            "weights [7 2 3 3 3] for 2 channels",
	})
}

// TestDeformable: every tap of a deformable convolution is interpolated from four
// pixels, eight operations, beside the products: 2 x 4 x 4 pixels of 8 channels x
// 9 taps.
func TestDeformable(t *testing.T) {
	n, err := network(t, 19, "x 2 8 6 6; w weights 4 8 3 3; o 2 18 4 4; b weights 4; y = DeformConv x w o b")
	if err != nil {
		t.Fatal(err)
	}
	if got := counts(n); got != "128 elements, 292 parameters, 9216 products: conv elementwise" || n.Ops[1].Vec != 8*2*16*8*9 {
		t.Errorf("%s, %d operations of the taps", got, n.Ops[1].Vec)
	}
	refuse(t, 19, map[string]string{
		"x 2 8 6 6; w weights 4 8 3 3; o 2 18 4 4; y = DeformConv x w o group=2": "weights [4 8 3 3] for 8 channels in 2 groups",
		"x 2 8 6; w weights 4 8 3 3; o 2 18 4 4; y = DeformConv x w o":           "input of dimensions [2 8 6]",
	})
}

func TestPools(t *testing.T) {
	const img = "x 2 8 6 6;"
	check(t, 13, map[string]string{
		img + "y = MaxPool x kernel_shape=[2,2] strides=[2,2]":             "144 elements, 0 parameters, 0 products: pool",
		img + "y = MaxPool x kernel_shape=[3,3] strides=[2,2] ceil_mode=1": "144 elements, 0 parameters, 0 products: pool",
		img + "y = AveragePool x kernel_shape=[3,3] pads=[1,1,1,1]":        "576 elements, 0 parameters, 0 products: pool",
		img + "y = LpPool x kernel_shape=[6,6]":                            "16 elements, 0 parameters, 0 products: pool",
		img + "y = MaxPool x kernel_shape=[1,1] strides=[2,1]":             "288 elements, 0 parameters, 0 products: pool",
		img + "r = Relu x; y = MaxPool r kernel_shape=[1,1]":               "576 elements, 0 parameters, 0 products: activation", // nothing to do
		img + "y = MaxPool x kernel_shape=[1,1] pads=[1,1,1,1]":            "1024 elements, 0 parameters, 0 products: pool",
		img + "y = GlobalMaxPool x":                                        "16 elements, 0 parameters, 0 products: pool",
		"x 2 8 6; y = GlobalAveragePool x":                                 "16 elements, 0 parameters, 0 products: pool",
		"x 2 8 6; y = MaxPool x kernel_shape=[3]":                          "64 elements, 0 parameters, 0 products: pool",
	})
	refuse(t, 13, map[string]string{
		"x 2 8; y = GlobalAveragePool x":                       "input of dimensions [2 8] has no spatial ones",
		img + "y = MaxPool x kernel_shape=[2,2] strides=[0,1]": "window",
	})
	n, err := network(t, 13, img+"y = MaxPool x kernel_shape=[2,2]")
	if err != nil {
		t.Fatal(err)
	}
	m, err := network(t, 13, img+"y = AveragePool x kernel_shape=[2,2]")
	if err != nil {
		t.Fatal(err)
	}
	o := workload.Options{Batch: 1}
	if n.Ops[0].Fn == m.Ops[0].Fn {
		t.Error("the largest and the mean are one function")
	}
	if _, err := lower.Trace(n, o); err != nil {
		t.Error(err)
	}
}

// TestProducts: matrices and batches of them: groups x rows x inner x columns.
func TestProducts(t *testing.T) {
	check(t, 13, map[string]string{
		"x 3 5; w weights 5 7; b weights 7; y = Gemm x w b":                  "21 elements, 42 parameters, 105 products: linear",
		"x 3 5; w weights 7 5; y = Gemm x w transB=1":                        "21 elements, 35 parameters, 105 products: linear",
		"x 5 3; w weights 7 5; y = Gemm x w transA=1 transB=1":               "21 elements, 35 parameters, 105 products: linear",
		"x 3 5; z 5 7; c 3 7; y = Gemm x z c":                                "21 elements, 0 parameters, 105 products: matmul elementwise",
		"x 3 5; z 5 7; b weights 7; y = Gemm x z b":                          "21 elements, 7 parameters, 105 products: matmul elementwise",
		"x 5; w weights 5 7; y = MatMul x w":                                 "7 elements, 35 parameters, 35 products: linear",
		"x 5 3; w weights 7 5; y = MatMul w x":                               "21 elements, 35 parameters, 105 products: linear",
		"x 5; z 5; y = MatMul x z":                                           "1 elements, 0 parameters, 5 products: matmul",
		"x 2 5 12; z 2 12 3; y = MatMul x z":                                 "30 elements, 0 parameters, 360 products: matmul",
		"x 2 3 5 4; k 2 1 4 6; y = MatMul x k":                               "180 elements, 0 parameters, 720 products: matmul", // 2 of 15 x 4 x 6
		"x 2 1 5 4; k 2 3 4 6; y = MatMul x k":                               "180 elements, 0 parameters, 720 products: matmul",
		"x 2 3 5 4; k 4 6; y = MatMul x k":                                   "180 elements, 0 parameters, 720 products: matmul",
		"x 2 3 5 4; k 1 3 4 6; y = MatMul x k":                               "180 elements, 0 parameters, 720 products: elementwise matmul", // written out
		"x 3 5 4; w weights 3 4 6; y = MatMul x w":                           "90 elements, 72 parameters, 360 products: elementwise matmul",
		"x 2 5 12; w weights 12 7; b weights 7; a = MatMul x w; y = Add a b": "70 elements, 91 parameters, 840 products: linear",
	})
	refuse(t, 13, map[string]string{
		"x 3 5; w weights 6 7; y = Gemm x w":   "a product of 3 x 5 by 6 x 7",
		"x 3 5 1; w weights 6 7; y = Gemm x w": "matrices of dimensions [3 5 1] and [6 7]",
		"x 3 5; z 4 7; y = MatMul x z":         "5",
	})
	// Groups: of 2 x 3 heads over 2 of keys the rows of three heads are one product.
	n, err := network(t, 13, "x 2 3 5 4; k 2 1 4 6; y = MatMul x k")
	if err != nil {
		t.Fatal(err)
	}
	if g := n.Ops[0].Nest; g.Groups != 2 || g.P != 15 || g.C != 4 || g.K != 6 {
		t.Errorf("%+v", g)
	}
	if n, err = network(t, 13, "x 2 1 5 4; k 2 3 4 6; y = MatMul x k"); err != nil {
		t.Fatal(err)
	}
	if g := n.Ops[0].Nest; g.Groups != 2 || g.P != 5 || g.C != 4 || g.K != 18 {
		t.Errorf("%+v", g)
	}
	// Keys of one head that an expansion repeats for three are read once.
	if n, err = network(t, 13, "x 2 3 5 4; k 2 1 4 6; s ints 2 3 4 6; e = Expand k s; y = MatMul x e"); err != nil {
		t.Fatal(err)
	}
	if g := n.Ops[0].Nest; len(n.Ops) != 1 || g.Groups != 2 || g.P != 15 || g.C != 4 || g.K != 6 {
		t.Errorf("%s: %+v", counts(n), g)
	}
}

// TestEinsum: products in index notation; of more than two factors pair by pair in
// the cheapest order: of ij,jk,kl with 2, 3, 4, 5 the first pair costs 24 and the
// second 40, the other way round 60 and 30.
func TestEinsum(t *testing.T) {
	check(t, 13, map[string]string{
		"x 2 5 4; z 2 6 4; y = Einsum x z equation=bid,bjd->bij":          "60 elements, 0 parameters, 240 products: matmul",
		"x 2 5 4; w weights 4 3 2; y = Einsum x w equation=bsd,dhk->bshk": "60 elements, 24 parameters, 240 products: linear",
		"x 3 4; w weights 4 5; y = Einsum x w equation=ij,~jk":            "15 elements, 20 parameters, 60 products: linear",
		"x 3 4; a = Einsum x equation=ij->i; y = Relu a":                  "3 elements, 0 parameters, 0 products: pool activation",
		"x 3 4; a = Einsum x equation=ij->ji; y = Relu a":                 "12 elements, 0 parameters, 0 products: activation",
		"x 2 3; w 3 4; v 4 5; y = Einsum x w v equation=ij,jk,kl->il":     "10 elements, 0 parameters, 64 products: matmul matmul",
		"x 5 4; w 4 3; v 3 2; y = Einsum x w v equation=ij,jk,kl->il":     "10 elements, 0 parameters, 64 products: matmul matmul", // the last pair first
		"x 2 3 4; z 2 4 5; y = Einsum x z equation=...ij,...jk->...ik":    "30 elements, 0 parameters, 120 products: matmul",
		"x 2 3 4; z 2 4 5; y = Einsum x z equation=...ij,...jk":           "30 elements, 0 parameters, 120 products: matmul",
		"x 3 4; z 4 5; y = Einsum x z equation=...ij,...jk->...ik":        "15 elements, 0 parameters, 60 products: matmul", // of no dimension
		"x 2 3; z 2 3; y = Einsum x z equation=ij,ij->":                   "1 elements, 0 parameters, 6 products: matmul",
		"x 2 3; z 3 4; y = Einsum x z equation=ij,jk->i":                  "2 elements, 0 parameters, 6 products: pool matmul",
		"x 2 2; y = Einsum x equation=ii->i":                              "2 elements, 0 parameters, 0 products: elementwise",
	})
	refuse(t, 13, map[string]string{
		"x 2 3; z 4 4; y = Einsum x z equation=ij,jk->ik": "index j has sizes 3 and 4",
		"x 2 3; z 3 4; y = Einsum x z equation=ij,jk->il": "index l is in no input",
		"x 2 3; z 3 4; y = Einsum x z equation=ijk,jk->i": "3 indices for a tensor of rank 2",
		"x 2 3; y = Einsum x equation=ii->i":              "index i has sizes 2 and 3",
		"x 2 2; y = Einsum x equation=ij->ii":             "an index twice in the result",
		"x 2 3; z 3 4; y = Einsum x z equation=ij->i":     "with 2 inputs: 1 to 6 are supported",
	})
}

// TestRecurrences: of features f and h cells a gate has h (f + h) products a step
// and sequence: four gates of an LSTM, three of a GRU, one of an RNN.
func TestRecurrences(t *testing.T) {
	check(t, 14, map[string]string{
		"x 7 2 3; w weights 1 16 3; r weights 1 16 4; y = LSTM x w r":                             "56 elements, 112 parameters, 1568 products: linear recurrent",
		"x 7 2 3; w weights 1 12 3; r weights 1 12 4; b weights 1 24; -,y = GRU x w r b":          "8 elements, 108 parameters, 1176 products: linear recurrent",
		"x 7 2 3; w weights 1 4 3; r weights 1 4 4; y = RNN x w r":                                "56 elements, 28 parameters, 392 products: linear recurrent",
		"x 7 2 3; w weights 2 16 3; r weights 2 16 4; y,h,c = LSTM x w r direction=bidirectional": "112 16 16 elements, 224 parameters, 3136 products: linear recurrent linear recurrent",
		"x 2 7 3; w weights 1 12 3; r weights 1 12 4; y = GRU x w r layout=1":                     "56 elements, 84 parameters, 1176 products: linear recurrent",
		"x 7 2 3; w weights 1 16 3; r weights 1 16 4; h 1 2 4; c 1 2 4; y = LSTM x w r - - h c":   "56 elements, 112 parameters, 1568 products: linear recurrent",
		"x 7 2 3; w weights 1 16 3; r weights 1 16 4; p weights 1 12; y = LSTM x w r - - - - p":   "56 elements, 124 parameters, 1568 products: linear elementwise recurrent",
	})
	refuse(t, 14, map[string]string{
		"x 7 2 3; w weights 1 12 3; r weights 1 16 4; y = LSTM x w r":                           "weights [1 12 3] and [1 16 4] for 3 features",
		"x 7 2 5; w weights 1 16 3; r weights 1 16 4; y = LSTM x w r":                           "weights [1 16 3] and [1 16 4] for 5 features",
		"x 7 2; w weights 1 16 3; r weights 1 16 4; y = LSTM x w r":                             "input of dimensions [7 2]",
		"x 7 2 3; w weights 1 12 3; r weights 1 12 4; b weights 1 23; y = GRU x w r b":          "bias of dimensions [1 23]",
		"x 7 2 3; w weights 1 16 3; r weights 1 16 4; p weights 1 11; y = LSTM x w r - - - - p": "peephole weights of dimensions [1 11]",
		"x 7 2 3; w weights 1 16 3; r weights 1 16 4; h 1 2 5; y = LSTM x w r - - h":            "initial state of dimensions [1 2 5]",
	})
	// Without states that data give, they arrive with the batch: h of 2 x 4 elements
	// and, of an LSTM, c.
	for op, want := range map[string]int64{"LSTM": 16, "GRU": 8, "RNN": 8} {
		gates := map[string]string{"LSTM": "16", "GRU": "12", "RNN": "4"}[op]
		n, err := network(t, 14, "x 7 2 3; w weights 1 "+gates+" 3; r weights 1 "+gates+" 4; y = "+op+" x w r")
		if err != nil {
			t.Fatal(err)
		}
		var states int64
		for i := range n.Data {
			if d := &n.Data[i]; d.External && d.Name != "x" {
				states += d.Elems
			}
		}
		if n.Ops[0].Name != "node.W_ih" || n.Ops[1].Name != "node.W_hh" {
			t.Errorf("%s: operators %s and %s", op, n.Ops[0].Name, n.Ops[1].Name)
		}
		if states != want {
			t.Errorf("%s: states of %d elements, want %d", op, states, want)
		}
	}
}
