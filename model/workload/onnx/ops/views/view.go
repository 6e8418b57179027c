package views

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// gather adds a look-up in a constant table, or a view of data at constant
// places.
func gather(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Need(n, 0)
	if err != nil {
		return err
	}
	idx, err := im.Need(n, 1)
	if err != nil {
		return err
	}
	dims, a, err := im.Call(n).GatherDims()
	if err != nil {
		return err
	}
	if x.Fixed {
		if !idx.Ready || x.Elems() < 1 || x.Dims[a] < 1 {
			return fmt.Errorf("indices of %v into a table of %v", idx.Dims, x.Dims)
		}
		v := im.B.Embed(n.Name, im.B.Reshape(idx.Val, 1, idx.Elems(), 1), x.Elems()/x.Dims[a], im.ParamOf(n.In[0]))
		return im.Give(n, 0, dims, v)
	}
	if !x.Ready {
		return fmt.Errorf("input %q is a result that is not modelled", n.In[0])
	}
	if !idx.Fixed || idx.Values == nil || len(idx.Values) > 64 {
		elems, err := onnx.Elements(dims)
		if err != nil {
			return err
		}
		return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
	}
	var vs []graph.Value
	for _, f := range idx.Values {
		i := infer.Integer(f)
		if i < 0 {
			i += x.Dims[a]
		}
		if i < 0 || i >= x.Dims[a] {
			return fmt.Errorf("index %d of %d", i, x.Dims[a])
		}
		v, err := cutData(im, x, a, i, 1, 0)
		if err != nil {
			return err
		}
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		return fmt.Errorf("no indices")
	}
	return im.Give(n, 0, dims, im.B.Tail(vs...))
}

// pastAndNew reports whether a concatenation appends new keys or values to those
// of before: an input that nothing else reads, of four dimensions, and a result of
// the network, joined along the tokens.
func pastAndNew(im *walk.Importer, n *onnx.Node, ins []*walk.Entry, axis int) bool {
	if len(ins) != 2 || !ins[0].Given || !ins[1].Ready || ins[1].Given || len(ins[0].Dims) != 4 || axis < 1 || !im.Index.Out[n.Out[0]] {
		return false
	}
	for _, u := range im.Index.Users[n.In[0]] {
		if r := &im.Graph.Nodes[u]; r.Op != "Shape" && r.Out[0] != n.Out[0] {
			return false
		}
	}
	return true
}

// Concat joins tensors along an axis: a view.
func Concat(im *walk.Importer, n *onnx.Node) error {
	ins := make([]*walk.Entry, len(n.In))
	for k := range n.In {
		ins[k] = im.Arg(n, k)
	}
	dims, a, err := im.Call(n).ConcatDims()
	if err != nil {
		return err
	}
	if pastAndNew(im, n, ins, a) {
		c := im.B.Append(n.Name, ins[1].Val, im.CacheOf(n.In[0], &walk.Entry{Tensor: infer.Tensor{Dims: dims}}))
		if err := im.Give(n, 0, dims, c); err != nil {
			return err
		}
		im.Tensors[n.Out[0]].Cache = true
		return nil
	}
	var vs []graph.Value
	for k, e := range ins {
		if e.Elems() == 0 {
			continue
		}
		switch {
		case e.Fixed:
			vs = append(vs, im.B.ConstantWith(n.In[k], im.ParamOf(n.In[k])))
		case e.Ready:
			vs = append(vs, e.Val)
		default:
			_, err := im.Result(n, 0, dims, onnx.TypeFloat)
			return err // a concatenation of results that are not modelled
		}
	}
	if len(vs) == 0 {
		return fmt.Errorf("an empty concatenation")
	}
	v := im.B.Tail(vs...)
	if v.Parts() > walk.MaxParts {
		return fmt.Errorf("a concatenation of more than %d pieces", walk.MaxParts)
	}
	if err := im.Give(n, 0, dims, v); err != nil {
		return err
	}
	im.Tensors[n.Out[0]].Cat = &walk.Concat{Axis: a, From: ins}
	return nil
}

func split(im *walk.Importer, n *onnx.Node) error {
	x, a, err := im.DataAlong(n)
	if err != nil {
		return err
	}
	sizes, err := im.Call(n).Ints(1, "split")
	if err != nil {
		return err
	}
	if sizes == nil {
		k := int64(len(n.Out))
		each := (x.Dims[a] + k - 1) / k
		for i := range k {
			sizes = append(sizes, min(each, x.Dims[a]-i*each))
		}
	}
	if len(sizes) != len(n.Out) {
		return fmt.Errorf("%d parts and %d results", len(sizes), len(n.Out))
	}
	at := int64(0)
	for i, s := range sizes {
		if s < 0 || s > x.Dims[a]-at {
			return fmt.Errorf("parts of %v along an axis of %d", sizes, x.Dims[a])
		}
		dims := slices.Clone(x.Dims)
		dims[a] = s
		if s == 0 { // nothing: the same in every inference
			im.Alias(n, i, &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type, Values: []float64{}}, Fixed: true, Param: walk.NoParam})
			continue
		}
		v, err := cutData(im, x, a, at, s, 0)
		if err != nil {
			return err
		}
		if err := im.Give(n, i, dims, v); err != nil {
			return err
		}
		at += s
	}
	if at != x.Dims[a] {
		return fmt.Errorf("parts of %v along an axis of %d", sizes, x.Dims[a])
	}
	return nil
}

func slice(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	cuts, err := im.Call(n).Cuts()
	if err != nil {
		return err
	}
	cur := x
	for _, c := range cuts {
		if c.Count == 0 { // nothing: the same in every inference
			empty := &walk.Entry{Tensor: infer.Tensor{Dims: slices.Clone(cur.Dims), Type: x.Type, Values: []float64{}}, Fixed: true, Param: walk.NoParam}
			empty.Dims[c.Axis] = 0
			for _, c := range cuts {
				empty.Dims[c.Axis] = min(empty.Dims[c.Axis], c.Count)
			}
			im.Alias(n, 0, empty)
			return nil
		}
		if c.Count == cur.Dims[c.Axis] {
			continue
		}
		start := c.Start
		if c.Step < 0 {
			start += (c.Count - 1) * c.Step
		}
		start = min(start, cur.Dims[c.Axis]-c.Count) // strided: as many elements
		v, err := cutData(im, cur, c.Axis, start, c.Count, 0)
		if err != nil {
			return err
		}
		next := &walk.Entry{Tensor: infer.Tensor{Dims: slices.Clone(cur.Dims), Type: x.Type}, Param: walk.NoParam}
		next.Dims[c.Axis] = c.Count
		im.Set(next, v)
		cur = next
	}
	return im.Give(n, 0, cur.Dims, cur.Val)
}

// cutData returns count positions of an axis from start: of a concatenation
// along another axis, those positions of each part.
func cutData(im *walk.Importer, x *walk.Entry, axis int, start, count int64, depth int) (graph.Value, error) {
	if im.Work++; im.Work > walk.MaxWork {
		return graph.Value{}, fmt.Errorf("slices of more than %d pieces", walk.MaxWork)
	}
	size := x.Dims[axis]
	if start < 0 || count < 1 || start+count > size {
		return graph.Value{}, fmt.Errorf("%d positions from %d of %d", count, start, size)
	}
	if x.Cat == nil || x.Cat.Axis == axis || depth > 8 || slices.ContainsFunc(x.Cat.From, func(e *walk.Entry) bool { return !e.Ready || e.Elems() == 0 }) {
		each := x.Elems() / size
		return im.B.Slice(x.Val, start*each, count*each, 1, 1), nil
	}
	var vs []graph.Value
	for _, e := range x.Cat.From {
		v, err := cutData(im, e, axis, start, count, depth+1)
		if err != nil {
			return v, err
		}
		vs = append(vs, v)
	}
	return im.B.Tail(vs...), nil
}

// crop cuts the border of an image, as operators did before operator set 1 was
// settled; scale gives the size that is left where it is there.
func crop(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	border, size := n.AttrInts("border"), n.AttrInts("scale")
	if len(x.Dims) != 4 || len(border) != 4 || size != nil && len(size) != 2 {
		return fmt.Errorf("borders %v of %v", border, x.Dims)
	}
	dims := slices.Clone(x.Dims) // left, top, right, bottom
	dims[2], dims[3] = dims[2]-border[1]-border[3], dims[3]-border[0]-border[2]
	if size != nil {
		dims[2], dims[3] = size[0], size[1]
	}
	if dims[2] < 1 || dims[3] < 1 || dims[2] > x.Dims[2] || dims[3] > x.Dims[3] {
		return fmt.Errorf("borders %v of %v", border, x.Dims)
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	return im.Give(n, 0, dims, im.B.Slice(x.Val, 0, elems, 1, 1))
}

// enlarge adds a copy into a larger tensor: expansion, padding, up-sampling.
func enlarge(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	var dims []int64
	switch n.Op {
	case "Expand", "Tile":
		dims, err = im.Call(n).ExpandDims()
	case "Pad":
		if dims, err = im.Call(n).PadDims(); err == nil && deferPad(im, n, x, dims) {
			return nil
		}
	default:
		dims, err = im.Call(n).ResizeDims(im.Model.Opset)
	}
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if slices.Equal(dims, x.Dims) {
		return im.Give(n, 0, dims, x.Val)
	}
	if n.Op == "Expand" && expandView(im, n, x, dims) {
		return nil
	}
	return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
}

// deferPad leaves zeros around the pixels to the windows that read them, when
// only convolutions and poolings do.
func deferPad(im *walk.Importer, n *onnx.Node, x *walk.Entry, dims []int64) bool {
	before, after, err := im.Call(n).Pads()
	if err != nil || n.AttrString("mode", "constant") != "constant" || (len(dims) != 3 && len(dims) != 4) || im.Index.Out[n.Out[0]] {
		return false
	}
	for i := range dims {
		if before[i] < 0 || after[i] < 0 || dims[i] > 1<<24 || (i < 2 && before[i]+after[i] != 0) {
			return false
		}
	}
	for _, u := range im.Index.Users[n.Out[0]] {
		reader := &im.Graph.Nodes[u]
		windows := reader.Domain == "" && slices.Contains([]string{"Conv", "MaxPool", "AveragePool"}, reader.Op)
		if !windows || slices.Contains(reader.In[1:], n.Out[0]) || reader.AttrString("auto_pad", "NOTSET") != "NOTSET" {
			return false
		}
	}
	im.Tensors[n.Out[0]] = &walk.Entry{
		Tensor: infer.Tensor{Dims: dims, Type: x.Type}, Param: walk.NoParam, Val: x.Val, Ready: true,
		Pad: &walk.Padding{Before: before[2:], After: after[2:]},
	}
	return true
}

// blocks rearranges channels and pixels: a view.
func blocks(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	b := n.AttrInt("blocksize", 0)
	if len(x.Dims) != 4 || b < 1 || b > 1<<12 {
		return fmt.Errorf("blocks of %d over %v", b, x.Dims)
	}
	d := slices.Clone(x.Dims)
	if n.Op == "DepthToSpace" {
		d[1], d[2], d[3] = d[1]/(b*b), d[2]*b, d[3]*b
	} else {
		d[1], d[2], d[3] = d[1]*b*b, d[2]/b, d[3]/b
	}
	if k, err := onnx.Elements(d); err != nil || k != x.Elems() {
		return fmt.Errorf("blocks of %d over %v", b, x.Dims)
	}
	return im.Give(n, 0, d, x.Val)
}
