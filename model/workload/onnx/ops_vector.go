package onnx

import (
	"fmt"
	"slices"

	"stco/model/workload"
)

// spatialInput returns the data input of a node over images or sequences.
func (im *importer) spatialInput(n *node) (*entry, error) {
	x, err := im.data(n, 0)
	if err != nil {
		return nil, err
	}
	if len(x.dims) < 3 {
		return nil, fmt.Errorf("input of dimensions %v has no spatial ones", x.dims)
	}
	return x, nil
}

func (im *importer) pool(n *node) error {
	x, err := im.spatialInput(n)
	if err != nil {
		return err
	}
	images, c, h, w, k, err := n.window(x, n.attrInts("kernel_shape"))
	if err != nil {
		return err
	}
	if len(n.out) > 1 && n.out[1] != "" {
		return fmt.Errorf("indices as a result are not supported")
	}
	fn := workload.AvgPool
	if n.op == "MaxPool" {
		fn = workload.MaxPool
	}
	if k.R == 1 && k.S == 1 && k.StrideH == 1 && k.StrideW == 1 && k.PadH == 0 && k.PadW == 0 {
		return im.give(n, 0, x.dims, x.val)
	}
	y := im.b.Pool(n.name, im.b.Reshape(x.val, images*c, h, w), fn, k)
	return im.give(n, 0, mapDims(x, images, c, y), y)
}

// globalPool adds the reduction of every map to one value.
func (im *importer) globalPool(n *node, x *entry, dims []int64) error {
	maps, _ := elements(x.dims[:2])
	y := im.b.GlobalPool(n.name, im.b.Reshape(x.val, maps, x.elems()/max(1, maps), 1), 1, 1)
	return im.give(n, 0, dims, y)
}

func (im *importer) reduce(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	dims, _, err := im.reduceDims(n, x)
	if err != nil {
		return err
	}
	out, err := elements(dims)
	if err != nil {
		return err
	}
	if out == x.elems() {
		return im.give(n, 0, dims, x.val)
	}
	if out < 1 || x.elems()%out != 0 {
		return fmt.Errorf("%v from %v", dims, x.dims)
	}
	return im.give(n, 0, dims, im.b.GlobalPool(n.name, im.b.Reshape(x.val, out, x.elems()/out, 1), 1, 1))
}

func (im *importer) norm(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	if len(x.dims) < 2 {
		return fmt.Errorf("input of dimensions %v", x.dims)
	}
	params, err := im.params(n, 1, 3)
	if err != nil {
		return err
	}
	c := x.dims[1]
	fn, rows := workload.LayerNorm, x.dims[0]
	v := x.val
	switch n.op {
	case "BatchNormalization":
		if len(params) != 2 || n.attrInt("training_mode", 0) != 0 {
			return fmt.Errorf("needs gain and shift, and inference mode")
		}
		fn = workload.BatchNorm
		v = im.b.Reshape(v, c, x.elems()/max(1, c), 1)
	case "InstanceNormalization":
		rows *= c
	case "GroupNormalization":
		rows *= n.attrInt("num_groups", 1)
	case "LayerNormalization", "RMSNormalization":
		a, err := x.axis(n.attrInt("axis", -1))
		if err != nil {
			return err
		}
		rows = x.span(0, a)
		if n.op == "RMSNormalization" {
			fn = workload.RMSNorm
		}
		if len(n.out) > 1 && slices.ContainsFunc(n.out[1:], func(o string) bool { return len(im.users[o]) > 0 }) {
			return fmt.Errorf("statistics as a result are not supported")
		}
	case "LpNormalization":
		a, err := x.axis(n.attrInt("axis", -1))
		if err != nil {
			return err
		}
		fn, rows = workload.RMSNorm, x.elems()/max(1, x.dims[a])
	case "LRN":
		fn, rows = workload.RMSNorm, x.elems()
	}
	if rows < 1 || rows > x.elems() {
		return fmt.Errorf("%d rows of %v", rows, x.dims)
	}
	return im.give(n, 0, x.dims, im.b.NormWith(n.name, v, fn, rows, params...))
}

func (im *importer) softmax(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	return im.give(n, 0, x.dims, im.b.Softmax(n.name, x.val))
}

// elementwise adds a function of several tensors, folded two by two. A constant
// of one element is a factor; a larger one a parameter.
func (im *importer) elementwise(n *node) error {
	if len(n.in) == 0 || len(n.in) > 64 {
		return fmt.Errorf("%d inputs: 1 to 64 are supported", len(n.in))
	}
	acc, err := im.need(n, 0)
	if err != nil {
		return err
	}
	accName := n.in[0]
	for k := 1; k < len(n.in); k++ {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		name := n.name
		if k > 1 {
			name = fmt.Sprintf("%s.%d", n.name, k)
		}
		dims, err := broadcast(acc.dims, e.dims)
		if err != nil {
			return err
		}
		if (!acc.fixed && !acc.ready) || (!e.fixed && !e.ready) {
			return fmt.Errorf("an input is a result that is not modelled")
		}
		next := &entry{dims: dims, typ: typeFloat, param: noParam}
		switch {
		case acc.fixed && e.fixed:
			next.fixed = true
		case e.fixed:
			err = im.withConst(next, n.op, name, acc, n.in[k])
		case acc.fixed:
			err = im.withConst(next, n.op, name, e, accName)
		default:
			err = im.withData(next, n.op, name, acc, e)
		}
		if err != nil {
			return err
		}
		acc, accName = next, ""
	}
	im.tens[n.out[0]] = acc
	return nil
}

// additive reports whether an operator's gradient needs neither input.
func additive(op string) bool {
	return slices.Contains([]string{"Add", "Sub", "Sum", "Mean", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}, op)
}

// withConst adds a function of data and a constant.
func (im *importer) withConst(out *entry, op, name string, x *entry, constant string) error {
	c := im.tens[constant]
	elems, err := elements(out.dims)
	if err != nil {
		return err
	}
	switch {
	case constant == "" || c == nil:
		return fmt.Errorf("a constant between data is not supported")
	case elems != x.elems(): // the constant broadcasts the data
		im.set(out, im.b.Copy(name, x.val, elems))
	case op == "Pow":
		im.set(out, im.b.Act(name, x.val, workload.GELU))
	case c.elems() == 1 && (op == "Min" || op == "Max"):
		im.set(out, im.b.Act(name, x.val, workload.ReLU))
	case c.elems() <= 1 || isInteger(c.typ):
		im.set(out, im.b.Pointwise(name, workload.Scale, x.val))
	case additive(op):
		im.set(out, im.b.Pointwise(name, workload.ParamAdd, x.val, im.paramOf(constant)))
	default:
		im.set(out, im.b.Pointwise(name, workload.ParamMul, x.val, im.paramOf(constant)))
	}
	return nil
}

// withData adds a function of two data.
func (im *importer) withData(out *entry, op, name string, x, y *entry) error {
	elems, err := elements(out.dims)
	if err != nil {
		return err
	}
	if x.elems() < y.elems() {
		x, y = y, x
	}
	if x.elems() != elems { // both broadcast
		im.set(out, im.b.Combine(name, x.val, y.val, elems))
		return nil
	}
	if additive(op) {
		im.set(out, im.b.Add(name, x.val, y.val))
	} else {
		im.set(out, im.b.Mul(name, x.val, y.val))
	}
	return nil
}

// where adds the choice between two tensors.
func (im *importer) where(n *node) error {
	var data []*entry
	var dims []int64
	for k := range 3 {
		e, err := im.need(n, k)
		if err != nil {
			return err
		}
		if !e.fixed && !e.ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.in[k])
		}
		if dims, err = broadcast(dims, e.dims); err != nil {
			return err
		}
		if !e.fixed {
			data = append(data, e)
		}
	}
	slices.SortStableFunc(data, func(a, b *entry) int { return int(min(1, max(-1, b.elems()-a.elems()))) })
	elems, err := elements(dims)
	if err != nil {
		return err
	}
	v := data[0].val
	if len(data) == 1 || data[0].elems() != elems {
		v = im.b.Copy(n.name, v, elems)
	}
	for _, e := range data[1:] {
		v = im.b.Add(n.name, v, e.val)
	}
	return im.give(n, 0, dims, v)
}

// gather adds a look-up in a constant table, or a view of data at constant
// places.
func (im *importer) gather(n *node) error {
	x, err := im.need(n, 0)
	if err != nil {
		return err
	}
	idx, err := im.need(n, 1)
	if err != nil {
		return err
	}
	a, err := x.axis(n.attrInt("axis", 0))
	if err != nil {
		return err
	}
	dims := slices.Concat(x.dims[:a], idx.dims, x.dims[a+1:])
	if x.fixed {
		if !idx.ready || x.elems() < 1 || x.dims[a] < 1 {
			return fmt.Errorf("indices of %v into a table of %v", idx.dims, x.dims)
		}
		v := im.b.Embed(n.name, im.b.Reshape(idx.val, 1, idx.elems(), 1), x.elems()/x.dims[a], im.paramOf(n.in[0]))
		return im.give(n, 0, dims, v)
	}
	if !x.ready {
		return fmt.Errorf("input %q is a result that is not modelled", n.in[0])
	}
	if !idx.fixed || idx.values == nil || len(idx.values) > 64 {
		elems, err := elements(dims)
		if err != nil {
			return err
		}
		return im.give(n, 0, dims, im.b.Copy(n.name, x.val, elems))
	}
	var vs []workload.Value
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

func (im *importer) concat(n *node) error {
	ins := make([]*entry, len(n.in))
	for k := range n.in {
		ins[k] = im.arg(n, k)
	}
	dims, a, err := concatDims(n, ins)
	if err != nil {
		return err
	}
	var vs []workload.Value
	for k, e := range ins {
		if e.elems() == 0 {
			continue
		}
		switch {
		case e.fixed:
			vs = append(vs, im.b.ConstantWith(n.in[k], im.paramOf(n.in[k])))
		case e.ready:
			vs = append(vs, e.val)
		default:
			_, err := im.result(n, 0, dims, typeFloat)
			return err // a concatenation of results that are not modelled
		}
	}
	if len(vs) == 0 {
		return fmt.Errorf("an empty concatenation")
	}
	v := im.b.Tail(vs...)
	if im.work += v.Parts(); im.work > maxWork {
		return fmt.Errorf("concatenations of more than %d parts", maxWork)
	}
	if err := im.give(n, 0, dims, v); err != nil {
		return err
	}
	im.tens[n.out[0]].cat = &concat{axis: a, from: ins}
	return nil
}

func (im *importer) split(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	a, err := x.axis(n.attrInt("axis", 0))
	if err != nil {
		return err
	}
	sizes, err := im.ints(n, 1, "split")
	if err != nil {
		return err
	}
	if sizes == nil {
		k := int64(len(n.out))
		each := (x.dims[a] + k - 1) / k
		for i := range k {
			sizes = append(sizes, min(each, x.dims[a]-i*each))
		}
	}
	if len(sizes) != len(n.out) {
		return fmt.Errorf("%d parts and %d results", len(sizes), len(n.out))
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

func (im *importer) slice(n *node) error {
	x, err := im.data(n, 0)
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
func (im *importer) cutData(x *entry, axis int, start, count int64, depth int) (workload.Value, error) {
	if im.work++; im.work > maxWork {
		return workload.Value{}, fmt.Errorf("slices of more than %d parts", maxWork)
	}
	size := x.dims[axis]
	if start < 0 || count < 1 || start+count > size {
		return workload.Value{}, fmt.Errorf("%d positions from %d of %d", count, start, size)
	}
	if x.cat == nil || x.cat.axis == axis || depth > 8 || slices.ContainsFunc(x.cat.from, func(e *entry) bool { return !e.ready || e.elems() == 0 }) {
		each := x.elems() / size
		return im.b.Slice(x.val, start*each, count*each, 1, 1), nil
	}
	var vs []workload.Value
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
func (im *importer) enlarge(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	var dims []int64
	switch n.op {
	case "Expand", "Tile":
		dims, err = im.expandDims(n, x)
	case "Pad":
		var pads []int64
		if pads, err = im.ints(n, 1, "pads"); err != nil {
			return err
		}
		if len(pads) != 2*len(x.dims) || len(n.in) > 3 {
			return fmt.Errorf("paddings %v of %v", pads, x.dims)
		}
		dims = slices.Clone(x.dims)
		for i := range dims {
			dims[i] += max(-maxElements, min(pads[i], maxElements)) + max(-maxElements, min(pads[i+len(dims)], maxElements))
		}
	default:
		dims, err = im.resizeDims(n, x)
	}
	if err != nil {
		return err
	}
	elems, err := elements(dims)
	if err != nil {
		return err
	}
	if slices.Equal(dims, x.dims) {
		return im.give(n, 0, dims, x.val)
	}
	return im.give(n, 0, dims, im.b.Copy(n.name, x.val, elems))
}

func (im *importer) resizeDims(n *node, x *entry) ([]int64, error) {
	scales, sizes := 1, -1 // Upsample, and Resize of opset 10
	if n.op == "Resize" && im.m.Opset > 10 {
		scales, sizes = 2, 3
	}
	if sizes > 0 && im.arg(n, sizes) != nil {
		v, err := im.ints(n, sizes, "")
		if err != nil {
			return nil, err
		}
		if n.attrInts("axes") != nil || len(v) != len(x.dims) {
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
func (im *importer) blocks(n *node) error {
	x, err := im.data(n, 0)
	if err != nil {
		return err
	}
	b := n.attrInt("blocksize", 0)
	if len(x.dims) != 4 || b < 1 || b > 1<<12 {
		return fmt.Errorf("blocks of %d over %v", b, x.dims)
	}
	d := slices.Clone(x.dims)
	if n.op == "DepthToSpace" {
		d[1], d[2], d[3] = d[1]/(b*b), d[2]*b, d[3]*b
	} else {
		d[1], d[2], d[3] = d[1]*b*b, d[2]/b, d[3]/b
	}
	if k, err := elements(d); err != nil || k != x.elems() {
		return fmt.Errorf("blocks of %d over %v", b, x.dims)
	}
	return im.give(n, 0, d, x.val)
}
