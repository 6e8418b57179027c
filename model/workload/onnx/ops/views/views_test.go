package views_test

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx/convert"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/walk"
)

// read writes the ranges of the input x that a graph's last operator reads; the
// input has its elements in order.
func read(t *testing.T, text string) string {
	t.Helper()
	n, err := network(t, 13, text)
	if err != nil {
		return err.Error()
	}
	var ranges []string
	for _, p := range n.Ops[len(n.Ops)-1].In[0] {
		ranges = append(ranges, fmt.Sprintf("%s[%d:%d]", n.Data[p.Data].Name, p.Off, p.Off+p.Len))
	}
	return strings.Join(ranges, " ")
}

// TestRanges: which elements a view holds. x is 2 x 5 x 12, so that along the
// first axis a position has 60 elements; along another axis a view keeps as many
// elements as it has, from where it begins.
func TestRanges(t *testing.T) {
	const x, y = "x 4 5 3;", "; y = Relu a"
	for text, want := range map[string]string{
		x + "a,b = Split x" + y:                                                                                                       "x[0:30]",
		x + "b,a = Split x" + y:                                                                                                       "x[30:60]",
		x + "s ints 1 3; b,a = Split x s" + y:                                                                                         "x[15:60]",
		x + "l ints 1; h ints 3; a = Slice x l h" + y:                                                                                 "x[15:45]",
		x + "l ints -1; h ints 100; a = Slice x l h" + y:                                                                              "x[45:60]",
		x + "l ints 0; h ints 4; a = Slice x l h" + y:                                                                                 "x[0:60]",
		x + "l ints 0; h ints 4; c ints 0; d ints 2; a = Slice x l h c d" + y:                                                         "x[0:30]", // as many as every second
		x + "l ints 3; h ints 0; c ints 0; d ints -1; a = Slice x l h c d" + y:                                                        "x[15:60]",
		x + "i ints 2; a = Gather x i" + y:                                                                                            "x[30:45]",
		x + "i ints -1 0; a = Gather x i" + y:                                                                                         "x[45:60] x[0:15]",
		"x 4 3; z 2 3; a = Concat x z axis=0" + y:                                                                                     "x[0:12] z[0:6]",
		"x 4 3; z 4 2; c = Concat x z axis=1; l ints 1; h ints 2; a = Slice c l h" + y:                                                "x[3:6] z[2:4]",
		"x 4 3; z 4 2; c = Concat x z axis=1; i ints 3; a = Gather c i" + y:                                                           "x[9:12] z[6:8]",
		"x 4 3; z 4 2; c = Concat x z axis=1; d ints 1; l ints 3; h ints 5; a = Slice c l h d" + y:                                    "z[0:8]",
		"x 6 4; n int 2; s = SplitToSequence x n; k ints 0; a = SequenceAt s k" + y:                                                   "x[0:8]",
		"x 6 4; s = SplitToSequence x; k ints -1; a = SequenceAt s k" + y:                                                             "x[20:24]",
		"x 6 4; n ints 2 4; s = SplitToSequence x n; k ints 1; a = SequenceAt s k" + y:                                                "x[8:24]",
		"x 3; z 3; s = SequenceConstruct x z; a = ConcatFromSequence s axis=0" + y:                                                    "x[0:3] z[0:3]",
		"x 3; z 3; w 3; s = SequenceConstruct x z; i = SequenceInsert s w; a = ConcatFromSequence i axis=0" + y:                       "x[0:3] z[0:3] w[0:3]",
		"x 3; z 3; w 3; k ints 1; s = SequenceConstruct x z; i = SequenceInsert s w k; a = ConcatFromSequence i axis=0" + y:           "x[0:3] w[0:3] z[0:3]",
		"x 3; z 3; w 3; k ints -2; s = SequenceConstruct x z; i = SequenceInsert s w k; a = ConcatFromSequence i axis=0" + y:          "w[0:3] x[0:3] z[0:3]",
		"x 3; z 3; w 3; s = SequenceConstruct x z w; e = SequenceErase s; a = ConcatFromSequence e axis=0" + y:                        "x[0:3] z[0:3]",
		"x 3; z 3; w 3; k ints 0; s = SequenceConstruct x z w; e = SequenceErase s k; a = ConcatFromSequence e axis=0" + y:            "z[0:3] w[0:3]",
		"x 3; z 3; e = SequenceEmpty; s = SequenceInsert e x; r = SequenceInsert s z; a = ConcatFromSequence r axis=0 new_axis=1" + y: "x[0:3] z[0:3]",
	} {
		if got := read(t, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestCopies: what makes a tensor larger is a copy, in front of windows padding is
// theirs.
func TestCopies(t *testing.T) {
	const img = "x 2 8 6 6;"
	check(t, 13, map[string]string{
		"x 2 1 12; s ints 2 5 12; y = Expand x s":                                                             "120 elements, 0 parameters, 0 products: elementwise",
		"x 2 1 12; s ints 1 5 1; y = Tile x s":                                                                "120 elements, 0 parameters, 0 products: elementwise",
		"x 2 5 12; s ints 2 5 12; e = Expand x s; y = Relu e":                                                 "120 elements, 0 parameters, 0 products: activation",
		img + "p ints 0 0 1 1 0 0 1 1; y = Pad x p":                                                           "1024 elements, 0 parameters, 0 products: elementwise",
		img + "p ints 0 0 1 1 0 0 1 1; q = Pad x p; y = MaxPool q kernel_shape=[2,2]":                         "784 elements, 0 parameters, 0 products: pool",
		img + "p ints 0 0 1 1 0 0 1 1; q = Pad x p; y = AveragePool q kernel_shape=[2,2] auto_pad=SAME_UPPER": "1024 elements, 0 parameters, 0 products: elementwise pool",
		img + "p ints 0 0 1 1 0 0 1 1; q = Pad x p mode=reflect; y = MaxPool q kernel_shape=[2,2]":            "784 elements, 0 parameters, 0 products: elementwise pool",
		img + "p ints 0 1 0 0 0 0 0 0; q = Pad x p; y = MaxPool q kernel_shape=[2,2]":                         "450 elements, 0 parameters, 0 products: elementwise pool",
		img + "p ints 0 0 1 1 0 0 1 1; q = Pad x p; a = Relu q; y = MaxPool a kernel_shape=[2,2]":             "784 elements, 0 parameters, 0 products: elementwise activation pool",
		img + "s ints 2 8 12 12; y = Resize x - - s":                                                          "2304 elements, 0 parameters, 0 products: elementwise",
		img + "s scalar 2; d = DepthToSpace x blocksize=2; y = Relu d":                                        "576 elements, 0 parameters, 0 products: activation",
		"x 4 5; s ints 0 4; a,b = Split x s; c = Concat a b axis=0; y = Relu c":                               "20 elements, 0 parameters, 0 products: activation", // of nothing and all
		"x 1 2 8 8; c = Crop x border=[1,2,3,1]; y = Relu c":                                                  "40 elements, 0 parameters, 0 products: activation", // 8 - 2 - 1 by 8 - 1 - 3, two channels
		"x 1 2 8 8; c = Crop x border=[1,2,3,1] scale=[3,2]; y = Relu c":                                      "12 elements, 0 parameters, 0 products: activation",
		img + "d = SpaceToDepth x blocksize=3; y = Relu d":                                                    "576 elements, 0 parameters, 0 products: activation",
		"i tokens 2 5; w weights 100 12; y = Gather w i":                                                      "120 elements, 1200 parameters, 0 products: embedding",
		"x 2 5 12; i tokens 3; y = Gather x i axis=1":                                                         "72 elements, 0 parameters, 0 products: elementwise",
		"x 2 5 12; c weights 2 1 12; a = Concat c x axis=1; y = Relu a":                                       "144 elements, 24 parameters, 0 products: elementwise activation",
	})
	for _, text := range []string{"Split", "Gather", "Concat", "Slice", "Expand", "Tile", "Pad", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth", "SequenceAt"} {
		if views.Lookup(text) == nil {
			t.Errorf("%s is not converted", text)
		}
	}
	if views.Lookup("Conv") != nil || views.Sequence("Concat") {
		t.Error("Conv and Concat are no views, and no sequences")
	}
}

func TestRefused(t *testing.T) {
	refuse(t, 13, map[string]string{
		"x 4 5; s ints 1 2; a,b = Split x s":                                                   "parts of [1 2]",
		"x 4 5; s ints 1 4; a,b = Split x s":                                                   "parts of [1 4] along an axis of 4",
		"x 4 5; s ints -1 5; a,b = Split x s":                                                  "parts of [-1 5] along an axis of 4",
		"x 1 2 8 8; y = Crop x border=[1,2,3]":                                                 "borders [1 2 3] of [1 2 8 8]",
		"x 1 2 8 8; y = Crop x border=[4,0,4,0]":                                               "borders [4 0 4 0] of [1 2 8 8]",
		"x 4 5; a,b = Split x axis=2":                                                          "axis 2 of a tensor of rank 2",
		"x 4 5; a = Concat x x axis=2":                                                         "axis 2 of a tensor of rank 2",
		"x 4 5; z 3 5; a = Concat x z axis=1":                                                  "[4 5]",
		"x 4 5; s ints 1 1 2; a,b = Split x s":                                                 "3 parts and 2 results",
		"x 4 5; i ints 4; a = Gather x i; y = Relu a":                                          "index 4 of 4",
		"x 4 5; i ints -5; a = Gather x i; y = Relu a":                                         "index -1 of 4",
		"x 4 5; l ints 2; h ints 2; a = Slice x l h; y = Relu a":                               "no output depends on the inputs",
		"x 4 5; y = SequenceAt x":                                                              "input \"x\" is no sequence",
		"x 3; s = SequenceConstruct x; k ints 1; a = SequenceAt s k; y = Relu a":               "position 1 of a sequence of 1",
		"x 3; s = SequenceConstruct x; k ints -2; a = SequenceAt s k; y = Relu a":              "position -2 of a sequence of 1",
		"x 3; s = SequenceConstruct x; k ints 0 0; a = SequenceAt s k; y = Relu a":             "a position of 2 numbers",
		"x 3; e = SequenceEmpty; a = ConcatFromSequence e axis=0; y = Add a x":                 "the sequence is empty",
		"x 3; e = SequenceEmpty; k ints 0; a = SequenceAt e k; y = Add a x":                    "the sequence is empty",
		"x 3; s = SequenceConstruct x; a = ConcatFromSequence s axis=2 new_axis=1; y = Relu a": "axis 2 of a tensor of rank 2",
		"x 6 4; n ints 2 5; s = SplitToSequence x n; k ints 1; a = SequenceAt s k; y = Relu a": "parts of [2 5] along an axis of 6",
		"x 4 5; d = DepthToSpace x blocksize=2; y = Relu d":                                    "blocks of 2 over [4 5]",
	})
}

// TestLength: the length of a sequence is known.
func TestLength(t *testing.T) {
	check(t, 13, map[string]string{
		"x 6; s = SequenceConstruct x x x; k = SequenceLength s; o ints 0; u = Unsqueeze k o; r ints -1; d = Concat u r axis=0; a = Reshape x d; w weights 2 7; y = MatMul a w": "21 elements, 14 parameters, 42 products: linear",
		"x 3; z 3; s = SequenceConstruct x z; a = ConcatFromSequence s axis=1 new_axis=1; w weights 2 7; y = MatMul a w":                                                        "21 elements, 14 parameters, 42 products: linear",
		"x 3; z 3; s = SequenceConstruct x z; a = ConcatFromSequence s axis=-2 new_axis=1; w weights 3 7; y = MatMul a w":                                                       "14 elements, 21 parameters, 42 products: linear",
	})
}

// TestRepetition: keys that an expansion repeats over the heads of a group are
// read once, through views too; where something else reads the expansion, or the
// repeated axes are permuted, it is written out.
func TestRepetition(t *testing.T) {
	const in = "q 2 6 5 4; k 2 2 1 4 7; s ints 2 2 3 4 7; f ints 2 6 4 7;"
	for text, want := range map[string]string{
		in + "e = Expand k s; g = Reshape e f; y = MatMul q g":                                                                                      "420 elements, 0 parameters, 1680 products: matmul",
		in + "e = Expand k s; g = Reshape e f; h = Tanh g; y = MatMul q h":                                                                          "420 elements, 0 parameters, 1680 products: elementwise activation matmul",
		"q 2 6 5 4; k 2 2 1 7 4; s ints 2 2 3 7 4; f ints 2 6 7 4; e = Expand k s; g = Reshape e f; h = Transpose g perm=[0,1,3,2]; y = MatMul q h": "420 elements, 0 parameters, 1680 products: matmul",
		"q 6 2 5 4; k 2 1 4 7; s ints 2 6 4 7; e = Expand k s; h = Transpose e perm=[1,0,2,3]; y = MatMul q h":                                      "420 elements, 0 parameters, 1680 products: elementwise matmul",
		"q 6 5 4; k 1 4 7; s ints 6 4 7; e = Expand k s; y = MatMul q e":                                                                            "210 elements, 0 parameters, 840 products: matmul",              // all groups read one factor
		"q 2 6 5 4; k 1 1 4 7; s ints 2 6 4 7; e = Expand k s; y = MatMul q e":                                                                      "420 elements, 0 parameters, 1680 products: elementwise matmul", // along two axes
	} {
		n, err := network(t, 13, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := counts(n); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
		if last := n.Ops[len(n.Ops)-1]; len(n.Ops) == 1 && last.Nest.P == 30 {
			if graph.Count(last.In[1]) != 4*7 || last.Nest.Groups != 1 {
				t.Errorf("%s: reads %d elements in %+v", text, graph.Count(last.In[1]), last.Nest)
			}
		} else if len(n.Ops) == 1 && (graph.Count(last.In[1]) != 2*2*4*7 || last.Nest.Groups != 4 || last.Nest.P != 15) {
			t.Errorf("%s: reads %d elements in %+v", text, graph.Count(last.In[1]), last.Nest)
		}
	}
}

// TestPastAndNew: past keys and new ones joined along the tokens and handed out
// are one cache; if something else reads the past, they are not.
func TestPastAndNew(t *testing.T) {
	const q = "; q 1 8 1 16; t = Transpose k perm=[0,1,3,2]; y = MatMul q t"
	for text, want := range map[string]int64{
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; k! = Concat p r axis=2" + q:                               8 * 32 * 16,
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; k! = Concat p r axis=-2" + q:                              8 * 32 * 16,
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; n = Shape p; m = Cast n to=7; k! = Concat p r axis=2" + q: 8 * 32 * 16, // its size is no data
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; k = Concat p r axis=2" + q:                                0,           // not handed out
		"p 1 8 31 16; x 1 8 1 16; k! = Concat p x axis=2" + q:                                           0,           // both are inputs
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; o! = Relu p; k! = Concat p r axis=2" + q:                  0,           // another reader
		"p 1 8 31 16; x 1 8 1 16; r = Relu x; k! = Concat r p axis=2" + q:                               0,           // the new ones first
		"p 1 7 16; x 1 1 16; r = Relu x; g! = Concat p r axis=1; w weights 16 16; y = MatMul g w":       0,           // three dimensions
		"p 1 8 31 16; x 1 8 31 16; r = Relu x; g! = Concat p r axis=0; w weights 16 16; y = MatMul g w": 0,           // along the batch
	} {
		n, _, err := convert.Network(model(t, 13, text), "test", walk.Choices{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var cache int64
		for i := range n.Data {
			if n.Data[i].Class == workload.KVCache {
				cache += n.Data[i].Elems
			}
		}
		if cache != want {
			t.Errorf("%s: a cache of %d elements, want %d", text, cache, want)
		}
	}
}
