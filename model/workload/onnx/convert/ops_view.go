package convert

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// gather adds a look-up in a constant table, or a view of data at constant
// places.
func (im *importer) gather(n *onnx.Node) error {
	x, err := im.need(n, 0)
	if err != nil {
		return err
	}
	idx, err := im.need(n, 1)
	if err != nil {
		return err
	}
	dims, a, err := im.call(n).GatherDims()
	if err != nil {
		return err
	}
	if x.fixed {
		if !idx.ready || x.Elems() < 1 || x.Dims[a] < 1 {
			return fmt.Errorf("indices of %v into a table of %v", idx.Dims, x.Dims)
		}
		v := im.b.Embed(n.Name, im.b.Reshape(idx.val, 1, idx.Elems(), 1), x.Elems()/x.Dims[a], im.paramOf(n.In[0]))
		return im.give(n, 0, dims, v)
	}
	if !x.ready {
		return fmt.Errorf("input %q is a result that is not modelled", n.In[0])
	}
	if !idx.fixed || idx.Values == nil || len(idx.Values) > 64 {
		elems, err := onnx.Elements(dims)
		if err != nil {
			return err
		}
		return im.give(n, 0, dims, im.b.Copy(n.Name, x.val, elems))
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
		v, err := im.cutData(x, a, i, 1, 0)
		if err != nil {
			return err
		}
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		return fmt.Errorf("no indices")
	}
	return im.give(n, 0, dims, im.b.Tail(vs...))
}

func (im *importer) concat(n *onnx.Node) error {
	ins := make([]*entry, len(n.In))
	for k := range n.In {
		ins[k] = im.arg(n, k)
	}
	dims, a, err := im.call(n).ConcatDims()
	if err != nil {
		return err
	}
	var vs []graph.Value
	for k, e := range ins {
		if e.Elems() == 0 {
			continue
		}
		switch {
		case e.fixed:
			vs = append(vs, im.b.ConstantWith(n.In[k], im.paramOf(n.In[k])))
		case e.ready:
			vs = append(vs, e.val)
		default:
			_, err := im.result(n, 0, dims, onnx.TypeFloat)
			return err // a concatenation of results that are not modelled
		}
	}
	if len(vs) == 0 {
		return fmt.Errorf("an empty concatenation")
	}
	v := im.b.Tail(vs...)
	if v.Parts() > maxParts {
		return fmt.Errorf("a concatenation of more than %d pieces", maxParts)
	}
	if err := im.give(n, 0, dims, v); err != nil {
		return err
	}
	im.tens[n.Out[0]].cat = &concat{axis: a, from: ins}
	return nil
}

func (im *importer) split(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	a, err := x.Axis(n.AttrInt("axis", 0))
	if err != nil {
		return err
	}
	sizes, err := im.call(n).Ints(1, "split")
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
		if s < 1 || s > x.Dims[a]-at {
			return fmt.Errorf("parts of %v along an axis of %d", sizes, x.Dims[a])
		}
		dims := slices.Clone(x.Dims)
		dims[a] = s
		v, err := im.cutData(x, a, at, s, 0)
		if err != nil {
			return err
		}
		if err := im.give(n, i, dims, v); err != nil {
			return err
		}
		at += s
	}
	return nil
}

func (im *importer) slice(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	cuts, err := im.call(n).Cuts()
	if err != nil {
		return err
	}
	cur := x
	for _, c := range cuts {
		if c.Count == 0 {
			return fmt.Errorf("an empty slice of %v", x.Dims)
		}
		if c.Count == cur.Dims[c.Axis] {
			continue
		}
		start := c.Start
		if c.Step < 0 {
			start += (c.Count - 1) * c.Step
		}
		start = min(start, cur.Dims[c.Axis]-c.Count) // strided: as many elements
		v, err := im.cutData(cur, c.Axis, start, c.Count, 0)
		if err != nil {
			return err
		}
		next := &entry{Tensor: infer.Tensor{Dims: slices.Clone(cur.Dims), Type: x.Type}, param: noParam}
		next.Dims[c.Axis] = c.Count
		im.set(next, v)
		cur = next
	}
	return im.give(n, 0, cur.Dims, cur.val)
}

// cutData returns count positions of an axis from start: of a concatenation
// along another axis, those positions of each part.
func (im *importer) cutData(x *entry, axis int, start, count int64, depth int) (graph.Value, error) {
	if im.work++; im.work > maxWork {
		return graph.Value{}, fmt.Errorf("slices of more than %d pieces", maxWork)
	}
	size := x.Dims[axis]
	if start < 0 || count < 1 || start+count > size {
		return graph.Value{}, fmt.Errorf("%d positions from %d of %d", count, start, size)
	}
	if x.cat == nil || x.cat.axis == axis || depth > 8 || slices.ContainsFunc(x.cat.from, func(e *entry) bool { return !e.ready || e.Elems() == 0 }) {
		each := x.Elems() / size
		return im.b.Slice(x.val, start*each, count*each, 1, 1), nil
	}
	var vs []graph.Value
	for _, e := range x.cat.from {
		v, err := im.cutData(e, axis, start, count, depth+1)
		if err != nil {
			return v, err
		}
		vs = append(vs, v)
	}
	return im.b.Tail(vs...), nil
}

// enlarge adds a copy into a larger tensor: expansion, padding, up-sampling.
func (im *importer) enlarge(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	var dims []int64
	switch n.Op {
	case "Expand", "Tile":
		dims, err = im.call(n).ExpandDims()
	case "Pad":
		if dims, err = im.call(n).PadDims(); err == nil && im.deferPad(n, x, dims) {
			return nil
		}
	default:
		dims, err = im.call(n).ResizeDims(im.m.Opset)
	}
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if slices.Equal(dims, x.Dims) {
		return im.give(n, 0, dims, x.val)
	}
	if n.Op == "Expand" && im.expandView(n, x, dims) {
		return nil
	}
	return im.give(n, 0, dims, im.b.Copy(n.Name, x.val, elems))
}

// deferPad leaves zeros around the pixels to the windows that read them, when
// only convolutions and poolings do.
func (im *importer) deferPad(n *onnx.Node, x *entry, dims []int64) bool {
	before, after, err := im.call(n).Pads()
	if err != nil || n.AttrString("mode", "constant") != "constant" || (len(dims) != 3 && len(dims) != 4) || im.ix.Out[n.Out[0]] {
		return false
	}
	for i := range dims {
		if before[i] < 0 || after[i] < 0 || dims[i] > 1<<24 || (i < 2 && before[i]+after[i] != 0) {
			return false
		}
	}
	for _, u := range im.ix.Users[n.Out[0]] {
		reader := &im.g.Nodes[u]
		windows := reader.Domain == "" && slices.Contains([]string{"Conv", "MaxPool", "AveragePool"}, reader.Op)
		if !windows || slices.Contains(reader.In[1:], n.Out[0]) || reader.AttrString("auto_pad", "NOTSET") != "NOTSET" {
			return false
		}
	}
	im.tens[n.Out[0]] = &entry{
		Tensor: infer.Tensor{Dims: dims, Type: x.Type}, param: noParam, val: x.val, ready: true,
		pad: &padding{before: before[2:], after: after[2:]},
	}
	return true
}

// blocks rearranges channels and pixels: a view.
func (im *importer) blocks(n *onnx.Node) error {
	x, err := im.data(n)
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
	return im.give(n, 0, d, x.val)
}
