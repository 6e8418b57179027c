package convert

import (
	"fmt"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/inline"
)

// weightInputs are the inputs of operators that hold weights, by name whatever the
// domain; -k is every input from k on.
var weightInputs = map[string][]int{
	"Conv": {-1}, "ConvTranspose": {-1}, "FusedConv": {1, 2}, "NhwcConv": {1, 2}, "NhwcFusedConv": {1, 2},
	"BatchNormalization": {-1}, "InstanceNormalization": {-1}, "LayerNormalization": {-1}, "RMSNormalization": {-1},
	"SimplifiedLayerNormalization": {-1}, "GroupNormalization": {-1}, "GroupNorm": {1, 2}, "SkipGroupNorm": {1, 2},
	"SkipLayerNormalization": {-2}, "SkipSimplifiedLayerNormalization": {-2}, "EmbedLayerNormalization": {2, 3, 4, 5, 6},
	"QLinearConv": {-1}, "QLinearMatMul": {1, 2, -4}, "ConvInteger": {1, 2, 3}, "DeformConv": {1, 3},
	"ConvTransposeWithDynamicPads": {1, 3},
	"LSTM":                         {1, 2, 3, 7}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3}, "DynamicQuantizeLSTM": {1, 2, 3, -7},
	"BiasGelu": {1}, "FastGelu": {1}, "GemmFastGelu": {2}, "MatMulNBits": {-1}, "MoE": {-2}, "QMoE": {-2},
	"QAttention": {1, 2, 3, 4, 6, 7}, "PackedAttention": {1, 2}, "LongformerAttention": {1, 2, 4, 5}, "DecoderMaskedSelfAttention": {1, 2},
	"MultiHeadAttention": {3}, "PackedMultiHeadAttention": {3}, "DecoderMaskedMultiHeadAttention": {10},
}

// weightInput reports whether input k of a node holds weights.
func weightInput(n *onnx.Node, k int) bool {
	at := weightInputs[n.Op]
	if n.Op == "Attention" && n.Domain != "" { // the standard one has no weights
		at = []int{1, 2}
	}
	for _, v := range at {
		if k == v || v < 0 && k >= -v {
			return true
		}
	}
	return false
}

// passes reports whether a node only changes the form of its first input.
func passes(n *onnx.Node) bool {
	switch n.Op {
	case "Cast", "CastLike", "Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "QuantizeLinear", "DequantizeLinear":
		return true
	}
	return false
}

// asWeights makes parameters of inputs of known dimensions that nodes read only
// as weights, by way of casts and the like too.
func asWeights(g *onnx.Graph, inputs []onnx.Info, bind map[string]int64) {
	type use struct{ node, input int }
	users := map[string][]use{}
	for i := range g.Nodes {
		for k, in := range g.Nodes[i].In {
			users[in] = append(users[in], use{i, k})
		}
		for _, a := range g.Nodes[i].Attrs {
			if a.Graph == nil {
				continue
			}
			for _, name := range inline.Captured(a.Graph) {
				users[name] = append(users[name], use{i, -1})
			}
		}
	}
	results := map[string]bool{}
	for _, o := range g.Outputs {
		results[o.Name] = true
	}
	var weights func(name string, depth int) bool
	weights = func(name string, depth int) bool {
		if results[name] || depth > 8 || len(users[name]) == 0 {
			return false
		}
		for _, u := range users[name] {
			n := &g.Nodes[u.node]
			switch {
			case u.input >= 0 && weightInput(n, u.input):
			case u.input == 0 && passes(n) && weights(resultOf(n), depth+1):
			default:
				return false
			}
		}
		return true
	}
	for _, in := range inputs {
		dims := make([]int64, len(in.Dims))
		known := true
		for k, d := range in.Dims {
			switch dims[k] = d.Value; {
			case d.Symbol != "":
				dims[k] = bind[d.Symbol]
			case d.Value < 0:
				dims[k] = bind[fmt.Sprintf("%s.%d", in.Name, k)]
			}
			known = known && dims[k] > 0
		}
		if known && weights(in.Name, 0) {
			g.Tensors = append(g.Tensors, onnx.Constant{Name: in.Name, Dims: dims, Type: in.Type})
		}
	}
}
