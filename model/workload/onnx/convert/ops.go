package convert

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/classic"
	"stco/model/workload/onnx/fused"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/ops/products"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/pattern"
	"stco/model/workload/onnx/walk"
)

// node adds the operators of a node to the network; where dimensions depend on
// values that are not known, those that the file gives are taken.
func node(im *walk.Importer, i int) error {
	err := operators(im, i)
	var unknown *infer.UnknownError
	if err == nil || !errors.As(err, &unknown) {
		return err
	}
	if done, wrong := asDeclared(im, &im.Graph.Nodes[i]); done || wrong != nil {
		return wrong
	}
	return err
}

// operators adds the operators of a node to the network.
func operators(im *walk.Importer, i int) error {
	n := &im.Graph.Nodes[i]
	p := &im.Index.Plans[i]
	for _, in := range n.In {
		if e := im.Tensors[in]; e != nil && e.Ready {
			im.Work += e.Val.Parts()
		}
	}
	if im.Work > walk.MaxWork {
		return fmt.Errorf("the nodes read more than %d pieces of data", walk.MaxWork)
	}
	k := slices.IndexFunc(n.Out, func(s string) bool { return s != "" })
	if k < 0 {
		return errors.New("the node writes nothing")
	}
	if c := onConstants(im, n, k); c != nil {
		if err := fold(im, c); !errors.Is(err, infer.ErrNotFolded) {
			return err
		} // else its operators run on what is constant
	}
	switch {
	case p.Role == pattern.Absorbed && p.Input != "":
		return absorb(im, n, p)
	case p.Role == pattern.Absorbed:
		return nil
	case p.Role == pattern.Leader && p.Kind != pattern.Biased:
		return joined(im, n, p)
	}
	if f := fused.Lookup(n.FullOp()); f != nil {
		return f(im, n)
	}
	if f := classic.Lookup(n.FullOp()); f != nil {
		return f(im, n)
	}
	if n.Domain != "" {
		return unknown(im, n)
	}
	if fn, ok := ops.Pointwise(n.Op); ok {
		return ops.Activation(im, n, fn)
	}
	if n.Op == "MatMul" {
		return products.MatMul(im, n, p)
	}
	if f := ops.Lookup(n.Op); f != nil {
		if err := f(im, n); err != nil {
			return err
		}
		return activated(im, n)
	}
	return reinterpret(im, n)
}

// onConstants returns a node whose result is the same in every inference, as one of
// the default domain; nil for another.
func onConstants(im *walk.Importer, n *onnx.Node, k int) *onnx.Node {
	x := im.Arg(n, 0)
	switch {
	case n.Domain == "" && (im.Index.Fixed[n.Out[k]] || constant(im, n)):
		return n
	case n.Domain == "" && n.Op == "CastLike" && x != nil && x.Fixed: // of the other only the type is read
		return n
	case n.Domain == "com.microsoft" && (n.Op == "QuantizeLinear" || n.Op == "DequantizeLinear") && x != nil && constant(im, n):
		plain := *n
		plain.Domain = ""
		return &plain
	}
	return nil
}

// constant reports whether all that a node reads turned out to be constant.
func constant(im *walk.Importer, n *onnx.Node) bool {
	found := false
	for i := range n.In {
		e := im.Arg(n, i)
		if n.In[i] != "" && (e == nil || !e.Fixed) {
			return false
		}
		found = found || e != nil
	}
	return found && !views.Sequence(n.Op)
}

// fold enters the result of a node whose inputs are constant.
func fold(im *walk.Importer, n *onnx.Node) error {
	t, err := im.Call(n).Fold()
	if errors.Is(err, infer.ErrNotFolded) {
		t, err = unfolded(im, n)
	}
	if err != nil {
		return err
	}
	if im.Work += len(t.Values); im.Work > walk.MaxWork {
		return fmt.Errorf("constants of more than %d computed values", walk.MaxWork)
	}
	if k, err := onnx.Elements(t.Dims); err != nil {
		return err
	} else if t.Values != nil && int64(len(t.Values)) != k {
		return fmt.Errorf("%d values for %v", len(t.Values), t.Dims)
	}
	e := &walk.Entry{Tensor: *t, Fixed: true, Param: walk.NoParam}
	if t.Values == nil {
		e.Origin = origin(im, n)
	}
	im.Tensors[n.Out[0]] = e
	return nil
}

// unfolded is what is known of a result of constants that are not computed: its
// dimensions.
func unfolded(im *walk.Importer, n *onnx.Node) (*infer.Tensor, error) {
	if dims := statedDims(im, n.Out[0]); dims != nil {
		return &infer.Tensor{Dims: dims, Type: onnx.TypeFloat}, nil
	}
	if _, ok := ops.Pointwise(n.Op); !ok {
		return nil, infer.ErrNotFolded
	}
	x, err := im.Need(n, 0)
	if err != nil {
		return nil, err
	}
	return &infer.Tensor{Dims: x.Dims, Type: x.Type}, nil
}

// origin returns the initializer that the result of a constant node is a view or
// a part of, "" for none.
func origin(im *walk.Importer, n *onnx.Node) string {
	if !slices.Contains([]string{"Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "DequantizeLinear", "Gather", "Slice", "Expand"}, n.Op) {
		return ""
	}
	e := im.Arg(n, 0)
	if e == nil {
		return ""
	}
	if _, written := im.Index.From[n.In[0]]; !written {
		return n.In[0]
	}
	return e.Origin
}

// absorb passes the data on through a factor or mask that another operator
// takes in.
func absorb(im *walk.Importer, n *onnx.Node, p *pattern.Rewrite) error {
	x := im.Tensors[p.Input]
	if x == nil || !x.Ready {
		return walk.Unmodelled(p.Input)
	}
	dims := x.Dims
	for _, in := range n.In {
		if e := im.Tensors[in]; e != nil && e.Fixed {
			var err error
			if dims, err = infer.Broadcast(dims, e.Dims); err != nil {
				return err
			}
		}
	}
	if slices.Equal(dims, x.Dims) {
		im.Tensors[p.Last] = x
		return nil
	}
	if k, err := onnx.Elements(dims); err != nil || k != x.Elems() {
		return fmt.Errorf("a constant broadcasts %v to %v", x.Dims, dims)
	}
	im.Tensors[p.Last] = &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, Param: walk.NoParam, Val: x.Val, Ready: true}
	return nil
}

// reinterpret passes data on under other dimensions.
func reinterpret(im *walk.Importer, n *onnx.Node) error {
	if e := im.Arg(n, 0); e != nil && e.IsList && n.Op == "Identity" {
		im.Alias(n, 0, e)
		return nil
	}
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	dims, err := im.Call(n).ViewDims()
	if err != nil {
		return err
	}
	if dims == nil {
		return unknown(im, n)
	}
	if x.Rep != nil {
		return views.ViewRepeated(im, n, x, dims)
	}
	if err := im.Give(n, 0, dims, x.Val); err != nil {
		return err
	}
	if slices.Equal(dims, x.Dims) {
		im.Tensors[n.Out[0]].Cat = x.Cat
	}
	im.Tensors[n.Out[0]].Type = x.Type
	if n.Op == "Dropout" { // the mask that an inference writes is all ones
		im.Alias(n, 1, &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: onnx.TypeBool}, Fixed: true, Param: walk.NoParam})
	}
	return nil
}

// joined adds the operator of several nodes.
func joined(im *walk.Importer, n *onnx.Node, p *pattern.Rewrite) error {
	x := im.Tensors[p.Input]
	if x == nil || !x.Ready {
		return walk.Unmodelled(p.Input)
	}
	e := &walk.Entry{Tensor: infer.Tensor{Dims: x.Dims, Type: x.Type}, Param: walk.NoParam}
	im.Tensors[p.Last] = e
	switch p.Kind {
	case pattern.LayerNorm, pattern.RMSNorm:
		rows, err := rows(im, p.Reduce, x)
		if err != nil {
			return err
		}
		fn := graph.LayerNorm
		if p.Kind == pattern.RMSNorm {
			fn = graph.RMSNorm
		}
		params, err := im.ParamList(p.Params)
		if err != nil {
			return err
		}
		im.Set(e, im.B.NormWith(n.Name, x.Val, fn, rows, params...))
	case pattern.RowSoftmax:
		im.Set(e, im.B.Softmax(n.Name, x.Val))
	default:
		im.Set(e, im.B.Act(n.Name, x.Val, p.Fn))
	}
	return nil
}

// rows returns the rows of a normalisation: what its first reduction leaves.
func rows(im *walk.Importer, node int, x *walk.Entry) (int64, error) {
	c := im.Call(&im.Graph.Nodes[node])
	c.Args[0] = &x.Tensor // what the pattern reads, as wide as what is reduced
	dims, err := c.ReduceDims()
	if err != nil {
		return 0, err
	}
	rows := int64(1)
	for _, d := range dims {
		rows *= d
	}
	if rows < 1 || rows > x.Elems() {
		return 0, fmt.Errorf("%d rows of %v", rows, x.Dims)
	}
	return rows, nil
}

// unknown takes an operator that is not known for a pointwise function of its
// largest input, when the options allow that.
func unknown(im *walk.Importer, n *onnx.Node) error {
	if !im.Choices.Pointwise {
		return errUnknown
	}
	var x *walk.Entry
	for i := range n.In {
		if e := im.Arg(n, i); e != nil && e.Ready && (x == nil || e.Elems() > x.Elems()) {
			x = e
		}
	}
	if x == nil {
		return errors.New("operator is not supported: no input is data")
	}
	dims := x.Dims
	for _, o := range im.Graph.Outputs {
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
	im.Warn("node %q (%s) is not known and taken for a function of every element", n.Name, n.FullOp())
	if elems == x.Elems() {
		return im.Give(n, 0, dims, im.B.Act(n.Name, x.Val, graph.GELU))
	}
	return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
}

// activated adds a convolution or product with the function behind it.
func activated(im *walk.Importer, n *onnx.Node) error {
	name := n.AttrString("activation", "")
	if name == "" || len(n.Out) != 1 {
		return nil
	}
	e := im.Tensors[n.Out[0]]
	if sum := im.Arg(n, 3); sum != nil && sum.Ready {
		im.Set(e, im.B.Add(n.Name+".add", e.Val, sum.Val))
	}
	fn, ok := ops.Pointwise(name)
	if !ok {
		return fmt.Errorf("activation %q is not supported", name)
	}
	im.Set(e, im.B.Act(n.Name+".act", e.Val, fn))
	return nil
}
