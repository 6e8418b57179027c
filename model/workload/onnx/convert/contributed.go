package convert

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// contributed returns what converts an operator that ONNX Runtime's optimiser
// puts in place of several standard ones; nil for others.
func contributed(op string) func(*importer, *onnx.Node) error {
	switch op {
	case "com.microsoft.Gelu", "com.microsoft.FastGelu", "com.microsoft.BiasGelu", "com.microsoft.QuickGelu":
		return (*importer).biasGelu
	case "com.microsoft.SkipLayerNormalization", "com.microsoft.SkipSimplifiedLayerNormalization":
		return (*importer).skipNorm
	case "com.microsoft.SimplifiedLayerNormalization":
		return (*importer).norm
	case "com.microsoft.MultiHeadAttention", "com.microsoft.DecoderMaskedMultiHeadAttention":
		return (*importer).multiHead
	case "com.microsoft.GroupQueryAttention":
		return (*importer).groupQuery
	case "com.microsoft.Attention", "com.microsoft.QAttention":
		return (*importer).fusedAttention
	case "com.microsoft.RotaryEmbedding", "com.microsoft.GemmaRotaryEmbedding":
		return (*importer).rotary
	case "com.microsoft.MatMulNBits":
		return (*importer).matMulNBits
	case "com.microsoft.EmbedLayerNormalization":
		return (*importer).embedNorm
	case "com.microsoft.MoE", "com.microsoft.QMoE":
		return (*importer).experts
	case "com.microsoft.QLinearAdd", "com.microsoft.QLinearMul", "com.microsoft.QLinearConcat":
		return (*importer).quantizedBinary
	case "com.microsoft.QLinearGlobalAveragePool":
		return (*importer).globalPool
	case "com.microsoft.QLinearSigmoid", "com.microsoft.QLinearLeakyRelu", "com.microsoft.QLinearSoftmax", "com.microsoft.NhwcMaxPool":
		return (*importer).sameSize
	}
	return nil
}

// sameSize adds a pointwise function.
func (im *importer) sameSize(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.Dims, im.b.Act(n.Name, x.val, graph.GELU))
}

// unknown takes an operator that is not known for a pointwise function of its
// largest input, when the options allow that.
func (im *importer) unknown(n *onnx.Node) error {
	if !im.o.Pointwise {
		return errors.New("operator is not supported; --unknown pointwise takes it for a function of every element")
	}
	var x *entry
	for i := range n.In {
		if e := im.arg(n, i); e != nil && e.ready && (x == nil || e.Elems() > x.Elems()) {
			x = e
		}
	}
	if x == nil {
		return errors.New("operator is not supported: no input is data")
	}
	dims := x.Dims
	for _, o := range im.g.Outputs {
		if len(n.Out) > 0 && o.Name == n.Out[0] && !slices.ContainsFunc(o.Dims, func(d onnx.Dim) bool { return d.Value < 1 }) && o.Dims != nil {
			dims = nil
			for _, d := range o.Dims {
				dims = append(dims, d.Value)
			}
		}
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	im.warn("node %q (%s) is not known and taken for a function of every element", n.Name, n.FullOp())
	if elems == x.Elems() {
		return im.give(n, 0, dims, im.b.Act(n.Name, x.val, graph.GELU))
	}
	return im.give(n, 0, dims, im.b.Copy(n.Name, x.val, elems))
}

// rotary adds rotary positions.
func (im *importer) rotary(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.Dims, im.b.Pointwise(n.Name, graph.Rotate, x.val))
}

// matMulNBits adds a linear layer whose weights have few bits and scales for
// groups; the number format is an option of the trace.
func (im *importer) matMulNBits(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	k, f := n.AttrInt("K", 0), n.AttrInt("N", 0)
	if k < 1 || f < 1 || f > onnx.MaxElements/k || len(x.Dims) < 1 || x.Dims[len(x.Dims)-1] != k {
		return fmt.Errorf("a matrix of %d x %d for an input of %v", k, f, x.Dims)
	}
	dims := slices.Clone(x.Dims)
	dims[len(dims)-1] = f
	w := im.tens[n.In[1]]
	if w == nil {
		return fmt.Errorf("no weights")
	}
	if w.param == noParam {
		w.param = im.b.Param(n.In[1], k*f)
	}
	return im.give(n, 0, dims, im.b.LinearWith(n.Name, im.b.Reshape(x.val, k, x.Elems()/k, 1), f, w.param))
}

// embedNorm adds the look-ups of words, positions and segments, and the
// normalisation of their sum.
func (im *importer) embedNorm(n *onnx.Node) error {
	ids, err := im.data(n)
	if err != nil {
		return err
	}
	var sum graph.Value
	rows, width := ids.Elems(), int64(0)
	for i, k := range []int{2, 3, 4} {
		t := im.arg(n, k)
		if t == nil {
			continue
		}
		if !t.fixed || len(t.Dims) != 2 {
			return fmt.Errorf("table %q of dimensions %v", n.In[k], t.Dims)
		}
		if i == 0 {
			width = t.Dims[1]
			sum = im.b.Embed(n.Name, im.b.Reshape(ids.val, 1, rows, 1), width, im.paramOf(n.In[k]))
			continue
		}
		sum = im.b.Pointwise(fmt.Sprintf("%s.%d", n.Name, k), graph.ParamAdd, sum, im.paramOf(n.In[k]))
	}
	if width == 0 {
		return errors.New("no table of words")
	}
	params, err := im.params(n, 5, 7)
	if err != nil {
		return err
	}
	dims := append(slices.Clone(ids.Dims), width)
	if err := im.give(n, 0, dims, im.b.NormWith(n.Name+".norm", sum, graph.LayerNorm, rows, params...)); err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" { // the length of the mask, one number for every sequence
		return im.give(n, 1, []int64{ids.Dims[0]}, im.b.Copy(n.Name+".mask", ids.val, ids.Dims[0]))
	}
	return nil
}

// experts adds a mixture of experts: input, router probabilities, and matrices of
// all experts with optional biases.
func (im *importer) experts(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	router, err := im.dataArg(n, 1)
	if err != nil {
		return err
	}
	w1, err := im.weight(n, 2, 3)
	if err != nil {
		return err
	}
	d := x.Dims[len(x.Dims)-1]
	wide := w1.Elems() / max(1, w1.Dims[0]*d)
	r := workload.Routing{Experts: w1.Dims[0], TopK: n.AttrInt("k", 1), Tokens: x.Elems() / max(1, d)}
	ff := wide
	if n.AttrString("activation_type", "relu") == "swiglu" {
		ff = wide / 2
	}
	y := im.b.Routed(n.Name+".fc1", im.b.Reshape(x.val, d, r.Tokens, 1), wide, r, im.arg(n, 3) != nil)
	y = im.b.Act(n.Name+".act", im.b.Slice(y, 0, ff, y.H, 1), graph.SiLU)
	y = im.b.Routed(n.Name+".fc2", y, d, r, im.arg(n, 5) != nil)
	return im.give(n, 0, x.Dims, im.b.Gather(n.Name+".sum", y, router.val, r))
}

// quantizedBinary adds a sum, product or concatenation with scales and zero
// points beside its operands.
func (im *importer) quantizedBinary(n *onnx.Node) error {
	plain := *n
	plain.Domain = ""
	switch n.Op {
	case "QLinearConcat": // scale and zero point of the result, then triples
		plain.Op, plain.In = "Concat", nil
		for i := 2; i < len(n.In); i += 3 {
			plain.In = append(plain.In, n.In[i])
		}
		return im.concat(&plain)
	case "QLinearAdd":
		plain.Op = "Add"
	default:
		plain.Op = "Mul"
	}
	if len(n.In) < 4 {
		return fmt.Errorf("%d inputs", len(n.In))
	}
	plain.In = []string{n.In[0], n.In[3]}
	return im.elementwise(&plain)
}

// stft adds a short-time Fourier transform: work of the vector lanes.
func (im *importer) stft(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	hop, err := im.call(n).Ints(1, "")
	if err != nil {
		return err
	}
	size := int64(0)
	if w := im.arg(n, 2); w != nil && len(w.Dims) == 1 {
		size = w.Dims[0]
	}
	if l, err := im.call(n).Ints(3, ""); err == nil && len(l) == 1 {
		size = l[0]
	}
	if len(x.Dims) < 2 || len(hop) != 1 || hop[0] < 1 || size < 1 || size > x.Dims[1] {
		return fmt.Errorf("frames of %d by %v over %v", size, hop, x.Dims)
	}
	frames, bins := (x.Dims[1]-size)/hop[0]+1, size
	if n.AttrInt("onesided", 1) != 0 {
		bins = size/2 + 1
	}
	dims := []int64{x.Dims[0], frames, bins, 2}
	return im.fourier(n, x, dims, size, x.Dims[0]*frames)
}

// fourier adds transforms of a size: 5 N log2 N operations each.
func (im *importer) fourier(n *onnx.Node, x *entry, dims []int64, size, count int64) error {
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	ops := float64(count) * 5 * float64(size) * math.Log2(max(2, float64(size)))
	if ops > 1e15 {
		return fmt.Errorf("transforms of %g operations", ops)
	}
	v := im.b.Copy(n.Name, x.val, elems)
	return im.give(n, 0, dims, im.b.PointwiseOver(n.Name+".fft", graph.Scale, v, int64(ops)))
}

// bounded adds an operator whose result has a size that data decide: the options
// bound it.
func (im *importer) bounded(n *onnx.Node) error {
	size, ok := im.o.Bound[n.Name]
	if !ok {
		size, ok = im.o.Bound[n.Op]
	}
	if !ok {
		return fmt.Errorf("the size of its result depends on values of the data: --bound %s=N bounds it", n.Op)
	}
	x, err := im.data(n)
	if err != nil {
		return err
	}
	dims := []int64{size}
	switch n.Op {
	case "NonZero":
		dims = []int64{int64(len(x.Dims)), size}
	case "NonMaxSuppression":
		dims = []int64{size, 3}
	case "Compress":
		if n.AttrInt("axis", -1<<31) != -1<<31 {
			a, err := x.Axis(n.AttrInt("axis", 0))
			if err != nil {
				return err
			}
			dims = slices.Clone(x.Dims)
			dims[a] = min(dims[a], size)
		}
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	for i := range n.Out {
		if n.Out[i] == "" {
			continue
		}
		if i > 0 {
			dims, elems = []int64{size}, size
		}
		if err := im.give(n, i, dims, im.b.Copy(fmt.Sprintf("%s.%d", n.Name, i), x.val, elems)); err != nil {
			return err
		}
		im.tens[n.Out[i]].Type = onnx.TypeInt64
	}
	return nil
}

// activated adds a convolution or product with the function behind it.
func (im *importer) activated(n *onnx.Node) error {
	name := n.AttrString("activation", "")
	if name == "" || len(n.Out) != 1 {
		return nil
	}
	e := im.tens[n.Out[0]]
	if sum := im.arg(n, 3); sum != nil && sum.ready {
		im.set(e, im.b.Add(n.Name+".add", e.val, sum.val))
	}
	fn, ok := pointwiseFn(name)
	if !ok {
		return fmt.Errorf("activation %q is not supported", name)
	}
	im.set(e, im.b.Act(n.Name+".act", e.val, fn))
	return nil
}

// repeated says that data are those of an entry with every one of outer blocks
// repeated.
type repeated struct{ outer, times int64 }

// expandView makes an expansion along one axis a view, when only products read
// it.
func (im *importer) expandView(n *onnx.Node, x *entry, dims []int64) bool {
	at := -1
	src := slices.Concat(slices.Repeat([]int64{1}, max(0, len(dims)-len(x.Dims))), x.Dims)
	if len(src) != len(dims) {
		return false
	}
	for i := range dims {
		if dims[i] != src[i] {
			if src[i] != 1 || at >= 0 {
				return false
			}
			at = i
		}
	}
	if at < 0 || x.rep != nil || x.pad != nil || !im.onlyProducts(n.Out[0], 0) {
		return false
	}
	outer := int64(1)
	for _, d := range dims[:at] {
		outer *= d
	}
	im.tens[n.Out[0]] = &entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, param: noParam, val: x.val, ready: true, rep: &repeated{outer, dims[at]}}
	return true
}

// onlyProducts reports whether all that reads a tensor, through views, are
// batched products.
func (im *importer) onlyProducts(name string, depth int) bool {
	if im.ix.Out[name] || depth > 8 || len(im.ix.Users[name]) == 0 {
		return false
	}
	for _, u := range im.ix.Users[name] {
		r := &im.g.Nodes[u]
		switch {
		case r.Domain != "" || len(r.Out) != 1:
			return false
		case r.Op == "MatMul":
		case slices.Contains([]string{"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity"}, r.Op) && r.In[0] == name:
			if !im.onlyProducts(r.Out[0], depth+1) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// viewRepeated passes a repetition through a view, or writes it out where the
// view permutes the repeated axes.
func (im *importer) viewRepeated(n *onnx.Node, x *entry, dims []int64) error {
	if n.Op == "Transpose" {
		span := int64(1)
		for i, p := range n.AttrInts("perm") {
			if span >= x.rep.outer*x.rep.times {
				break
			}
			if p != int64(i) {
				return im.give(n, 0, dims, im.written(n.Name, x))
			}
			span *= x.Dims[i]
		}
	}
	im.tens[n.Out[0]] = &entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, param: noParam, val: x.val, ready: true, rep: x.rep}
	return nil
}

// written returns all elements of a repetition.
func (im *importer) written(name string, x *entry) graph.Value {
	if x.rep == nil {
		return x.val
	}
	return im.b.Copy(name+".expand", x.val, x.Elems())
}
