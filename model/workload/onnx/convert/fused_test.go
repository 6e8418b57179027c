package convert

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// own returns a node of ONNX Runtime's domain.
func own(op, in string, attrs ...onnx.Attr) onnx.Node {
	n := node1(op, in, "y", attrs...)
	n.Domain = "com.microsoft"
	return n
}

func attr(name string, v int64) onnx.Attr     { return onnx.Attr{Name: name, Int: v} }
func list(name string, vs ...int64) onnx.Attr { return onnx.Attr{Name: name, Ints: vs} }
func relu() onnx.Attr                         { return onnx.Attr{Name: "activation", Text: "Relu"} }
func dims(t *testing.T, im *walk.Importer) string {
	t.Helper()
	return fmt.Sprint(im.Tensors["y"].Dims)
}

// TestContributed: operators that ONNX Runtime's optimiser writes, with the
// products worked out by hand.
func TestContributed(t *testing.T) {
	for _, c := range []struct {
		node   onnx.Node
		macs   int64
		params int64
		dims   string
	}{
		// x is 2 x 3 x 4, w 4 x 5, u 5 x 4, image 1 x 8 x 8 x 3 with channels last, k 16 x 3 x 3 x 3.
		{own("FusedMatMul", "x,w"), 2 * 3 * 4 * 5, 20, "[2 3 5]"},
		{own("FusedMatMul", "x,u", attr("transB", 1)), 2 * 3 * 4 * 5, 20, "[2 3 5]"},
		{own("FusedMatMul", "x,x", attr("transB", 1)), 2 * 3 * 4 * 3, 0, "[2 3 3]"},
		{own("FusedMatMul", "x,x", attr("transA", 1)), 2 * 4 * 3 * 4, 0, "[2 4 4]"},
		{own("FusedMatMul", "x,x", attr("transBatchA", 1), attr("transBatchB", 1), attr("transB", 1)), 3 * 2 * 4 * 2, 0, "[3 2 2]"},
		{own("TransposeMatMul", "x,u", attr("transB", 1)), 2 * 3 * 4 * 5, 20, "[2 3 5]"},
		{own("FusedMatMulActivation", "x,w", relu()), 2 * 3 * 4 * 5, 20, "[2 3 5]"},
		{own("FusedGemm", "m,w,bias", relu()), 6 * 4 * 5, 25, "[6 5]"},
		{own("FusedGemm", "m,u,bias", relu(), attr("transB", 1)), 6 * 4 * 5, 25, "[6 5]"},
		{own("GemmFastGelu", "x,w,bias"), 2 * 3 * 4 * 5, 25, "[2 3 5]"},
		{own("QGemm", "m,s,z,w,s,z,bias,s,z"), 6 * 4 * 5, 25, "[6 5]"},
		{own("MatMulIntegerToFloat", "x,w,s,s,z,z,bias"), 2 * 3 * 4 * 5, 25, "[2 3 5]"},
		{own("DynamicQuantizeMatMul", "x,w,s,z,bias"), 2 * 3 * 4 * 5, 25, "[2 3 5]"},
		{own("MatMulInteger16", "x,w"), 2 * 3 * 4 * 5, 20, "[2 3 5]"},
		{own("MatMulNBits", "x,packed,s", attr("K", 4), attr("N", 6), attr("bits", 4)), 2 * 3 * 4 * 6, 24, "[2 3 6]"},
		{own("MatMulBnb4", "x,packed,s", attr("K", 4), attr("N", 6)), 2 * 3 * 4 * 6, 24, "[2 3 6]"},
		{own("NhwcConv", "image,k", list("pads", 1, 1, 1, 1)), 8 * 8 * 16 * 27, 432, "[1 8 8 16]"},
		{own("NhwcFusedConv", "image,k", relu()), 6 * 6 * 16 * 27, 432, "[1 6 6 16]"},
		{own("QLinearConv", "image,s,z,k,s,z,s,z", attr("channels_last", 1)), 6 * 6 * 16 * 27, 432, "[1 6 6 16]"},
		{own("NhwcMaxPool", "image", list("kernel_shape", 2, 2), list("strides", 2, 2)), 0, 0, "[1 4 4 3]"},
		{own("QLinearGlobalAveragePool", "image,s,z,s,z", attr("channels_last", 1)), 0, 0, "[1 1 1 3]"},
		{own("BiasAdd", "x,four,x"), 0, 4, "[2 3 4]"},
		{own("BiasSoftmax", "x,x"), 0, 0, "[2 3 4]"},
		{own("BiasSplitGelu", "x,four"), 0, 4, "[2 3 2]"},
		{own("GroupNorm", "image,three,three", attr("groups", 3), attr("activation", 1)), 0, 3, "[1 8 8 3]"},
		{own("QLinearReduceMean", "x,s,z,s,z", list("axes", 1), attr("keepdims", 0)), 0, 0, "[2 4]"},
		{own("DynamicQuantizeLSTM", "x,W,R,B,,,,,s,z,s,z", attr("hidden_size", 5)), 2 * 3 * 20 * (4 + 5), 80 + 100 + 40, "[2 1 3 5]"},
		{own("Rfft", "x", attr("signal_ndim", 1)), 0, 0, "[2 3 3 2]"},
	} {
		m := onnx.Model{Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4), info("m", 6, 4), info("image", 1, 8, 8, 3)}, Outputs: infos("y"), Nodes: []onnx.Node{c.node},
			Tensors: []onnx.Constant{
				matrix("w", 4, 5), matrix("u", 5, 4), matrix("bias", 5), matrix("four", 4), matrix("three", 3), matrix("k", 16, 3, 3, 3),
				matrix("packed", 6, 1, 2),
				{Name: "s", Dims: []int64{}, Type: onnx.TypeFloat, Values: []float64{1}},
				ints1("z", []int64{}, 0),
				matrix("W", 1, 4, 20), matrix("R", 1, 5, 20), matrix("B", 1, 40),
			},
		}}
		im, n, _, err := through(t, m, walk.Choices{})
		if err != nil {
			t.Errorf("%s: %v", c.node.Op, err)
			continue
		}
		p, macs := n.Totals()
		if macs != c.macs || p != c.params || dims(t, im) != c.dims {
			t.Errorf("%s: %d MACs, %d parameters, result %s; want %d, %d, %s", c.node.Op, macs, p, dims(t, im), c.macs, c.params, c.dims)
		}
		if _, err := lower.Trace(n, workload.Options{Batch: 2}); err != nil {
			t.Errorf("%s: %v", c.node.Op, err)
		}
	}
}

// TestPastIsCache: keys and values that come in as an input and go out longer are
// one cache: all of it is read, the new tokens are written.
func TestPastIsCache(t *testing.T) {
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs:  []onnx.Info{info("q", 1, 8, 1, 16), info("k_in", 1, 8, 1, 16), info("v_in", 1, 8, 1, 16), info("past_k", 1, 8, 31, 16), info("past_v", 1, 8, 31, 16)},
		Outputs: infos("y", "k", "v"), Tensors: []onnx.Constant{matrix("W", 16, 16)},
		Nodes: []onnx.Node{
			node1("MatMul", "k_in,W", "k_new"), node1("MatMul", "v_in,W", "v_new"),
			node1("Concat", "past_k,k_new", "k", attr("axis", -2)), node1("Concat", "past_v,v_new", "v", attr("axis", -2)),
			node1("Transpose", "k", "kt", list("perm", 0, 1, 3, 2)), node1("MatMul", "q,kt", "scores"), node1("Softmax", "scores", "p", attr("axis", -1)), node1("MatMul", "p,v", "y"),
		},
	}}
	_, n, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(2*8*16*16 + 2*8*32*16); macsOf(n) != want {
		t.Errorf("%d MACs, want %d", macsOf(n), want)
	}
	var cache, state int64
	for _, d := range n.Data {
		if d.Class == workload.KVCache {
			cache += d.Elems
		}
		if d.External && strings.HasPrefix(d.Name, "past") {
			state += d.Elems
		}
	}
	tr, err := lower.Trace(n, workload.Options{Batch: 1, Precision: workload.MixedPrecision()})
	if err != nil {
		t.Fatal(err)
	}
	s := workload.Summarize(tr)
	if cache != 2*8*32*16 || s.KVCacheBytes != 2*cache {
		t.Errorf("caches of %d elements, %d bytes; want %d, %d", cache, s.KVCacheBytes, 2*8*32*16, 4*8*32*16)
	}
}

// TestOpsets: the same network at every opset, in the spelling of each.
func TestOpsets(t *testing.T) {
	for opset := int64(onnx.MinOpset); opset <= onnx.MaxOpset; opset++ {
		squeeze, sum, pad, clip := node1("Squeeze", "pooled", "flat", list("axes", 2, 3)), node1("ReduceSum", "p", "y", list("axes", 1), attr("keepdims", 0)),
			node1("Pad", "x", "padded", list("pads", 0, 0, 1, 1, 0, 0, 1, 1)), node1("Clip", "c", "act", onnx.Attr{Name: "max", Float: 6})
		up := node1("Upsample", "act", "wide", onnx.Attr{Name: "scales", Floats: []float32{1, 1, 2, 2}})
		switch {
		case opset >= 11:
			up = node1("Resize", "act,,scales", "wide")
		case opset == 10:
			up = node1("Resize", "act,scales", "wide")
		case opset == 9:
			up = node1("Upsample", "act,scales", "wide")
		}
		if opset >= 11 {
			pad, clip = node1("Pad", "x,pads", "padded"), node1("Clip", "c,,six", "act")
		}
		if opset >= 13 {
			squeeze, sum = node1("Squeeze", "pooled,axes", "flat"), node1("ReduceSum", "p,one", "y", attr("keepdims", 0))
		}
		m := onnx.Model{Opset: opset, Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 1, 3, 8, 8)}, Outputs: infos("y"),
			Tensors: []onnx.Constant{
				matrix("k", 16, 3, 3, 3), matrix("w", 16, 10), ints1("axes", []int64{2}, 2, 3), ints1("one", []int64{1}, 1), ints1("pads", []int64{8}, 0, 0, 1, 1, 0, 0, 1, 1),
				{Name: "scales", Dims: []int64{4}, Type: onnx.TypeFloat, Values: []float64{1, 1, 2, 2}},
				{Name: "six", Dims: []int64{}, Type: onnx.TypeFloat, Values: []float64{6}},
			},
			Nodes: []onnx.Node{pad, node1("Conv", "padded,k", "c"), clip, up, node1("GlobalAveragePool", "wide", "pooled"), squeeze, node1("MatMul", "flat,w", "p"), sum},
		}}
		back, err := read(m.Encode())
		if err != nil {
			t.Fatal(err)
		}
		im, err := declared(back, "test", walk.Choices{})
		if err != nil {
			t.Errorf("opset %d: %v", opset, err)
			continue
		}
		n, err := im.B.Network()
		if err != nil {
			t.Fatal(err)
		}
		if macs := macsOf(n); macs != 8*8*16*27+160 || dims(t, im) != "[1]" || fmt.Sprint(im.Tensors["wide"].Dims) != "[1 16 16 16]" {
			t.Errorf("opset %d: %d MACs, %s, %v", opset, macs, dims(t, im), im.Tensors["wide"].Dims)
		}
	}
}
