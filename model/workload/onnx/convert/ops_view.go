package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
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
	a, err := x.axis(n.AttrInt("axis", 0))
	if err != nil {
		return err
	}
	dims := slices.Concat(x.dims[:a], idx.dims, x.dims[a+1:])
	if x.fixed {
		if !idx.ready || x.elems() < 1 || x.dims[a] < 1 {
			return fmt.Errorf("indices of %v into a table of %v", idx.dims, x.dims)
		}
		v := im.b.Embed(n.Name, im.b.Reshape(idx.val, 1, idx.elems(), 1), x.elems()/x.dims[a], im.paramOf(n.In[0]))
		return im.give(n, 0, dims, v)
	}
	if !x.ready {
		return fmt.Errorf("input %q is a result that is not modelled", n.In[0])
	}
	if !idx.fixed || idx.values == nil || len(idx.values) > 64 {
		elems, err := onnx.Elements(dims)
		if err != nil {
			return err
		}
		return im.give(n, 0, dims, im.b.Copy(n.Name, x.val, elems))
	}
	var vs []graph.Value
	for _, f := range idx.values {
		i := clampInt(f)
		if i < 0 {
			i += x.dims[a]
		}
		if i < 0 || i >= x.dims[a] {
			return fmt.Errorf("index %d of %d", i, x.dims[a])
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
	dims, a, err := concatDims(n, ins)
	if err != nil {
		return err
	}
	var vs []graph.Value
	for k, e := range ins {
		if e.elems() == 0 {
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
	a, err := x.axis(n.AttrInt("axis", 0))
	if err != nil {
		return err
	}
	sizes, err := im.ints(n, 1, "split")
	if err != nil {
		return err
	}
	if sizes == nil {
		k := int64(len(n.Out))
		each := (x.dims[a] + k - 1) / k
		for i := range k {
			sizes = append(sizes, min(each, x.dims[a]-i*each))
		}
	}
	if len(sizes) != len(n.Out) {
		return fmt.Errorf("%d parts and %d results", len(sizes), len(n.Out))
	}
	at := int64(0)
	for i, s := range sizes {
		if s < 1 || s > x.dims[a]-at {
			return fmt.Errorf("parts of %v along an axis of %d", sizes, x.dims[a])
		}
		dims := slices.Clone(x.dims)
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
	cuts, err := im.cuts(n, x)
	if err != nil {
		return err
	}
	cur := x
	for _, c := range cuts {
		if c.count == 0 {
			return fmt.Errorf("an empty slice of %v", x.dims)
		}
		if c.count == cur.dims[c.axis] {
			continue
		}
		start := c.start
		if c.step < 0 {
			start += (c.count - 1) * c.step
		}
		start = min(start, cur.dims[c.axis]-c.count) // strided: as many elements
		v, err := im.cutData(cur, c.axis, start, c.count, 0)
		if err != nil {
			return err
		}
		next := &entry{dims: slices.Clone(cur.dims), typ: x.typ, param: noParam}
		next.dims[c.axis] = c.count
		im.set(next, v)
		cur = next
	}
	return im.give(n, 0, cur.dims, cur.val)
}

// cutData returns count positions of an axis from start: of a concatenation
// along another axis, those positions of each part.
func (im *importer) cutData(x *entry, axis int, start, count int64, depth int) (graph.Value, error) {
	if im.work++; im.work > maxWork {
		return graph.Value{}, fmt.Errorf("slices of more than %d pieces", maxWork)
	}
	size := x.dims[axis]
	if start < 0 || count < 1 || start+count > size {
		return graph.Value{}, fmt.Errorf("%d positions from %d of %d", count, start, size)
	}
	if x.cat == nil || x.cat.axis == axis || depth > 8 || slices.ContainsFunc(x.cat.from, func(e *entry) bool { return !e.ready || e.elems() == 0 }) {
		each := x.elems() / size
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
		dims, err = im.expandDims(n, x)
	case "Pad":
		var pads []int64
		if pads, err = im.ints(n, 1, "pads"); err != nil {
			return err
		}
		if len(pads) != 2*len(x.dims) || len(n.In) > 3 {
			return fmt.Errorf("paddings %v of %v", pads, x.dims)
		}
		dims = slices.Clone(x.dims)
		for i := range dims {
			dims[i] += max(-onnx.MaxElements, min(pads[i], onnx.MaxElements)) + max(-onnx.MaxElements, min(pads[i+len(dims)], onnx.MaxElements))
		}
	default:
		dims, err = im.resizeDims(n, x)
	}
	if err != nil {
		return err
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if slices.Equal(dims, x.dims) {
		return im.give(n, 0, dims, x.val)
	}
	return im.give(n, 0, dims, im.b.Copy(n.Name, x.val, elems))
}

func (im *importer) resizeDims(n *onnx.Node, x *entry) ([]int64, error) {
	scales, sizes := 1, -1 // Upsample, and Resize of opset 10
	if n.Op == "Resize" && im.m.Opset > 10 {
		scales, sizes = 2, 3
	}
	if sizes > 0 && im.arg(n, sizes) != nil {
		v, err := im.ints(n, sizes, "")
		if err != nil {
			return nil, err
		}
		if n.AttrInts("axes") != nil || len(v) != len(x.dims) {
			return nil, fmt.Errorf("sizes %v of %v", v, x.dims)
		}
		return v, nil
	}
	e := im.arg(n, scales)
	if e == nil || len(e.values) != len(x.dims) {
		return nil, fmt.Errorf("the scales are not known")
	}
	dims := slices.Clone(x.dims)
	for i, s := range e.values {
		if !(s > 0 && s <= 1<<20) {
			return nil, fmt.Errorf("a scale of %g", s)
		}
		dims[i] = int64(float64(dims[i]) * s)
	}
	return dims, nil
}

// blocks rearranges channels and pixels: a view.
func (im *importer) blocks(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	b := n.AttrInt("blocksize", 0)
	if len(x.dims) != 4 || b < 1 || b > 1<<12 {
		return fmt.Errorf("blocks of %d over %v", b, x.dims)
	}
	d := slices.Clone(x.dims)
	if n.Op == "DepthToSpace" {
		d[1], d[2], d[3] = d[1]/(b*b), d[2]*b, d[3]*b
	} else {
		d[1], d[2], d[3] = d[1]*b*b, d[2]/b, d[3]/b
	}
	if k, err := onnx.Elements(d); err != nil || k != x.elems() {
		return fmt.Errorf("blocks of %d over %v", b, x.dims)
	}
	return im.give(n, 0, d, x.val)
}
