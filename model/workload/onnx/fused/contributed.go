package fused

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/walk"
)

// Lookup returns what converts an operator that ONNX Runtime's optimiser
// puts in place of several standard ones; nil for others.
func Lookup(op string) func(*walk.Importer, *onnx.Node) error {
	switch op {
	case "Attention":
		return standardAttention
	case "com.microsoft.Gelu", "com.microsoft.FastGelu", "com.microsoft.BiasGelu", "com.microsoft.QuickGelu":
		return biasGelu
	case "com.microsoft.SkipLayerNormalization", "com.microsoft.SkipSimplifiedLayerNormalization":
		return skipNorm
	case "com.microsoft.SimplifiedLayerNormalization":
		return ops.Norm
	case "com.microsoft.MultiHeadAttention":
		return multiHead
	case "com.microsoft.DecoderMaskedMultiHeadAttention":
		return maskedMultiHead
	case "com.microsoft.DecoderAttention":
		return decoderAttention
	case "com.microsoft.PackedAttention":
		return packedAttention
	case "com.microsoft.LongformerAttention":
		return longformer
	case "com.microsoft.GroupQueryAttention", "com.microsoft.SparseAttention":
		return groupQuery
	case "com.microsoft.PagedAttention":
		return paged
	case "com.microsoft.PackedMultiHeadAttention":
		return packedTokens
	case "com.microsoft.Attention", "com.microsoft.QAttention", "com.microsoft.DecoderMaskedSelfAttention":
		return fusedAttention
	case "com.microsoft.RotaryEmbedding", "com.microsoft.MRotaryEmbedding":
		return ops.Rotary
	case "com.microsoft.MatMulNBits":
		return matMulNBits
	case "com.microsoft.GemmaRotaryEmbedding":
		return gemmaRotary
	case "com.microsoft.GatherBlockQuantized":
		return quantizedTable
	case "com.microsoft.QLinearWhere":
		return quantizedWhere
	case "com.microsoft.GemmFloat8":
		return fusedGemm
	case "com.microsoft.RemovePadding", "com.microsoft.RestorePadding":
		return padding
	case "com.microsoft.EmbedLayerNormalization":
		return embedNorm
	case "com.microsoft.MoE", "com.microsoft.QMoE":
		return experts
	case "com.microsoft.QLinearAdd", "com.microsoft.QLinearMul", "com.microsoft.QLinearConcat":
		return quantizedBinary
	case "com.microsoft.QLinearGlobalAveragePool", "com.microsoft.QLinearAveragePool", "com.microsoft.QLinearConv", "com.microsoft.NhwcMaxPool",
		"com.microsoft.NhwcConv", "com.microsoft.NhwcFusedConv":
		return channelsLast
	case "com.microsoft.FusedMatMul", "com.microsoft.TransposeMatMul", "com.microsoft.FusedMatMulActivation":
		return fusedMatMul
	case "com.microsoft.FusedGemm":
		return fusedGemm
	case "com.microsoft.GemmFastGelu":
		return gemmGelu
	case "com.microsoft.MatMulInteger16", "com.microsoft.MatMulIntegerToFloat", "com.microsoft.DynamicQuantizeMatMul":
		return scaledProduct
	case "com.microsoft.QGemm":
		return quantizedGemm
	case "com.microsoft.MatMulBnb4":
		return packedWeights
	case "com.microsoft.BiasAdd", "com.microsoft.BiasSoftmax", "com.microsoft.BiasDropout", "com.microsoft.BiasSplitGelu", "com.microsoft.BitmaskBiasDropout":
		return biased
	case "com.microsoft.GroupNorm", "com.microsoft.SkipGroupNorm":
		return groupNorm
	case "com.microsoft.DynamicQuantizeLSTM":
		return quantizedLSTM
	case "com.microsoft.Trilu", "com.microsoft.GridSample", "com.microsoft.QuantizeLinear", "com.microsoft.DequantizeLinear", "com.microsoft.Pad", "com.microsoft.Unique", "com.microsoft.LayerNormalization",
		"com.microsoft.Range", "com.microsoft.GatherND", "com.microsoft.LinearAttention", "com.microsoft.CausalConvWithState":
		return sameAs(op[len("com.microsoft."):])
	case "com.microsoft.Irfft", "com.microsoft.Rfft":
		return rfft
	case "com.microsoft.QLinearReduceMean":
		return quantizedMean
	case "com.microsoft.QLinearSigmoid", "com.microsoft.QLinearLeakyRelu", "com.microsoft.QLinearSoftmax", "com.microsoft.QLinearTanh", "com.microsoft.QLinearHardSwish", "com.microsoft.ComplexMul", "com.microsoft.ComplexMulConj":
		return sameSize
	}
	if f := rest(op); f != nil {
		return f
	}
	return quantizers(op)
}

// quantizers are those of the tools QONNX and Brevitas: they keep the dimensions.
func quantizers(op string) func(*walk.Importer, *onnx.Node) error {
	for _, domain := range []string{"onnx.brevitas.", "qonnx.custom_op.general.", "qonnx.custom_op.channels_last.", "finn.custom_op.general."} {
		switch name, ours := strings.CutPrefix(op, domain); {
		case !ours:
		case slices.Contains([]string{"Quant", "IntQuant", "BipolarQuant", "FloatQuant", "Trunc", "MultiThreshold"}, name):
			return quantized
		}
	}
	return nil
}

// quantized adds a quantisation: of a constant it is one, done before.
func quantized(im *walk.Importer, n *onnx.Node) error {
	if x := im.Arg(n, 0); x != nil && x.Fixed {
		im.Alias(n, 0, x)
		return nil
	}
	return sameSize(im, n)
}

// sameSize adds a pointwise function.
func sameSize(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, im.B.Act(n.Name, x.Val, graph.GELU))
}

// matMulNBits adds a linear layer whose weights have few bits and scales for
// groups; the number format is an option of the trace.
func matMulNBits(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	k, f := n.AttrInt("K", 0), n.AttrInt("N", 0)
	if k < 1 || f < 1 || f > onnx.MaxElements/k || len(x.Dims) < 1 || x.Dims[len(x.Dims)-1] != k {
		return fmt.Errorf("a matrix of %d x %d for an input of %v", k, f, x.Dims)
	}
	dims := slices.Clone(x.Dims)
	dims[len(dims)-1] = f
	w := im.Tensors[n.In[1]]
	if w == nil {
		return fmt.Errorf("no weights")
	}
	if w.Param == walk.NoParam {
		w.Param = im.B.Param(n.In[1], k*f)
	}
	params := []int32{w.Param}
	if n.Op == "MatMulNBits" { // behind scales, zero points and order of the groups
		bias, err := im.Params(n, 5, 6)
		if err != nil {
			return err
		}
		params = append(params, bias...)
	}
	return im.Give(n, 0, dims, im.B.LinearWith(n.Name, im.B.Reshape(x.Val, k, x.Elems()/k, 1), f, params...))
}

// embedNorm adds the look-ups of words, positions and segments, and the
// normalisation of their sum.
func embedNorm(im *walk.Importer, n *onnx.Node) error {
	ids, err := im.Data(n)
	if err != nil {
		return err
	}
	var sum graph.Value
	rows, width := ids.Elems(), int64(0)
	for i, k := range []int{2, 3, 4} {
		t := im.Arg(n, k)
		if t == nil {
			continue
		}
		if !t.Fixed || len(t.Dims) != 2 {
			return fmt.Errorf("table %q of dimensions %v", n.In[k], t.Dims)
		}
		if i == 0 {
			width = t.Dims[1]
			sum = im.B.Embed(n.Name, im.B.Reshape(ids.Val, 1, rows, 1), width, im.ParamOf(n.In[k]))
			continue
		}
		sum = im.B.Pointwise(fmt.Sprintf("%s.%d", n.Name, k), graph.ParamAdd, sum, im.ParamOf(n.In[k]))
	}
	if width == 0 {
		return errors.New("no table of words")
	}
	params, err := im.Params(n, 5, 7)
	if err != nil {
		return err
	}
	dims := append(slices.Clone(ids.Dims), width)
	if err := im.Give(n, 0, dims, im.B.NormWith(n.Name+".norm", sum, graph.LayerNorm, rows, params...)); err != nil {
		return err
	}
	if len(n.Out) > 2 && n.Out[2] != "" { // the sum
		if err := im.Give(n, 2, dims, sum); err != nil {
			return err
		}
	}
	if len(n.Out) > 1 && n.Out[1] != "" { // the length of the mask, one number for every sequence
		return im.Give(n, 1, []int64{ids.Dims[0]}, im.B.Copy(n.Name+".mask", ids.Val, ids.Dims[0]))
	}
	return nil
}

// quantizedBinary adds a sum, product or concatenation with scales and zero
// points beside its operands.
func quantizedBinary(im *walk.Importer, n *onnx.Node) error {
	plain := *n
	plain.Domain = ""
	switch n.Op {
	case "QLinearConcat": // scale and zero point of the result, then triples
		plain.Op, plain.In = "Concat", nil
		for i := 2; i < len(n.In); i += 3 {
			plain.In = append(plain.In, n.In[i])
		}
		return views.Concat(im, &plain)
	case "QLinearAdd":
		plain.Op = "Add"
	default:
		plain.Op = "Mul"
	}
	if len(n.In) < 4 {
		return fmt.Errorf("%d inputs", len(n.In))
	}
	plain.In = []string{n.In[0], n.In[3]}
	return ops.Elementwise(im, &plain)
}

// rfft adds a real Fourier transform of the last axis, or its inverse.
func rfft(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	rank := len(x.Dims)
	if rank < 1 || n.AttrInt("signal_ndim", 1) != 1 || (n.Op == "Irfft" && rank < 2) {
		return fmt.Errorf("a transform of %d dimensions over %v", n.AttrInt("signal_ndim", 1), x.Dims)
	}
	dims := slices.Clone(x.Dims)
	size := x.Dims[rank-1]
	if n.Op == "Irfft" { // real and imaginary part are the last axis
		size = max(1, 2*(x.Dims[rank-2]-1))
		dims = append(dims[:rank-2], size)
	} else {
		dims = append(dims[:rank-1], size/2+1, 2)
	}
	return ops.Fourier(im, n, x, dims, size, x.Elems()/max(1, x.Span(max(0, rank-1), rank)))
}
