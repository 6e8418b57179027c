package products

import (
	"errors"
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/pattern"
	"stco/model/workload/onnx/walk"
)

func conv(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	w, err := im.Weight(n, 1, 3, 4, 5)
	if err != nil {
		return err
	}
	params, err := im.Params(n, 1, 3)
	if err != nil {
		return err
	}
	if len(w.Dims) == 5 {
		return conv3(im, n, x, w, params)
	}
	images, c, h, wd, k, err := window(im, n, x, w.Dims[2:])
	if err != nil {
		return err
	}
	groups := n.AttrInt("group", 1)
	if groups < 1 || groups > 1<<24 {
		return fmt.Errorf("group %d", groups)
	}
	v := im.B.Reshape(x.Val, images*c, h, wd)
	var y graph.Value
	f := w.Dims[0]
	if n.Op == "Conv" {
		if w.Dims[1]*groups != c {
			return fmt.Errorf("weights %v for %d channels in %d groups", w.Dims, c, groups)
		}
		y = im.B.ConvWith(n.Name, v, images, f, k, groups, params...)
	} else {
		f = w.Dims[1] * groups
		if w.Dims[0] != c {
			return fmt.Errorf("weights %v for %d channels", w.Dims, c)
		}
		if x.Pad != nil {
			return errors.New("a padded input of a transposed convolution is not supported")
		}
		if err := transposedPadding(n, &k, h, wd); err != nil {
			return err
		}
		y = im.B.ConvTransposeWith(n.Name, v, images, f, k, groups, params...)
	}
	return im.Give(n, 0, mapDims(x, images, f, y), y)
}

// window returns the window of a convolution or pooling over x, with the padding
// that x defers to it.
func window(im *walk.Importer, n *onnx.Node, x *walk.Entry, kernel []int64) (images, c, h, w int64, k graph.Window, err error) {
	images, c, h, w, k, err = im.Call(n).Window(&x.Tensor, kernel)
	if err != nil || x.Pad == nil {
		return images, c, h, w, k, err
	}
	b, a := x.Pad.Before, x.Pad.After
	h -= b[0] + a[0]
	k.PadH, k.EndH = k.PadH+b[0], k.EndH+a[0]-b[0]
	if len(b) > 1 {
		w -= b[1] + a[1]
		k.PadW, k.EndW = k.PadW+b[1], k.EndW+a[1]-b[1]
	}
	return images, c, h, w, k, nil
}

// transposedPadding sets what the output of a transposed convolution is cropped
// by: output_padding adds to it, output_shape and auto_pad give the total.
func transposedPadding(n *onnx.Node, k *graph.Window, h, w int64) error {
	pad, shape := n.AttrInts("output_padding"), n.AttrInts("output_shape")
	mode := n.AttrString("auto_pad", "NOTSET")
	axis := func(i int, in, r, stride, dil int64, front, end *int64) error {
		extra := int64(0)
		if i < len(pad) {
			extra = pad[i]
		}
		if extra < 0 || extra > 1<<24 {
			return fmt.Errorf("an output_padding of %d", extra)
		}
		full := (in-1)*stride + dil*(r-1) + 1 + extra
		var size int64
		switch {
		case i < len(shape):
			size = shape[i]
		case mode == "SAME_UPPER" || mode == "SAME_LOWER":
			size = in * stride
		default:
			*end -= extra
			return nil
		}
		if size < 1 || size > full+1<<24 {
			return fmt.Errorf("an output of %d from %d positions", size, in)
		}
		*front, *end = 0, full-size-extra
		return nil
	}
	if err := axis(0, h, k.R, k.StrideH, k.DilH, &k.PadH, &k.EndH); err != nil {
		return err
	}
	return axis(1, w, k.S, k.StrideW, k.DilW, &k.PadW, &k.EndW)
}

// mapDims returns the dimensions of a feature map y that belongs to x.
func mapDims(x *walk.Entry, images, c int64, y graph.Value) []int64 {
	if len(x.Dims) == 3 {
		return []int64{images, c, y.H}
	}
	return []int64{images, c, y.H, y.W}
}

// factors are the two inputs of a product.
func factors(im *walk.Importer, n *onnx.Node) (a, b *walk.Entry, err error) {
	if a, err = im.Need(n, 0); err != nil {
		return nil, nil, err
	}
	b, err = im.Need(n, 1)
	return a, b, err
}

func gemm(im *walk.Importer, n *onnx.Node) error {
	a, b, err := factors(im, n)
	if err != nil {
		return err
	}
	if len(a.Dims) != 2 || len(b.Dims) != 2 {
		return fmt.Errorf("matrices of dimensions %v and %v", a.Dims, b.Dims)
	}
	m, k := a.Dims[0], a.Dims[1]
	if n.AttrInt("transA", 0) != 0 {
		m, k = k, m
	}
	k2, cols := b.Dims[0], b.Dims[1]
	if n.AttrInt("transB", 0) != 0 {
		k2, cols = cols, k2
	}
	if k != k2 {
		return fmt.Errorf("a product of %d x %d by %d x %d", m, k, k2, cols)
	}
	var bias []int32
	c := im.Arg(n, 2)
	if c != nil && c.Fixed {
		if bias, err = im.Params(n, 2, 3); err != nil {
			return err
		}
	}
	y, err := product(im, n, 1, m, k, cols, bias)
	if err != nil {
		return err
	}
	if c != nil && !c.Fixed {
		if !c.Ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.In[2])
		}
		y = im.B.Add(n.Name+".add", y, c.Val)
	}
	return im.Give(n, 0, []int64{m, cols}, y)
}

// Product is MatMul without a pattern.
func Product(im *walk.Importer, n *onnx.Node) error { return MatMul(im, n, &pattern.Rewrite{}) }

// MatMul adds a batched product, with the bias behind it that a pattern found.
func MatMul(im *walk.Importer, n *onnx.Node, p *pattern.Rewrite) error {
	a, b, err := factors(im, n)
	if err != nil {
		return err
	}
	dims, err := im.Call(n).MatMulDims()
	if err != nil {
		return err
	}
	da, db := a.Dims, b.Dims
	m, cols := int64(1), int64(1) // of vectors
	k := da[len(da)-1]
	if len(da) > 1 {
		m, da = da[len(da)-2], da[:len(da)-2]
	} else {
		da = nil
	}
	if len(db) > 1 {
		cols, db = db[len(db)-1], db[:len(db)-2]
	} else {
		db = nil
	}
	lead, err := infer.Broadcast(da, db)
	if err != nil {
		return err
	}
	var bias []int32
	if p.Role == pattern.Leader {
		if bias, err = im.ParamList(p.Params); err != nil {
			return err
		}
	}
	groups, rows, width := joinGroups(lead, da, db, m, cols)
	y, err := product(im, n, groups, rows, k, width, bias)
	if err != nil {
		return err
	}
	if err := im.Give(n, 0, dims, y); err != nil {
		return err
	}
	if p.Role == pattern.Leader {
		im.Tensors[p.Last] = im.Tensors[n.Out[0]]
	}
	return nil
}

// joinGroups returns the groups, rows and columns of a batched product: leading
// dimensions that one factor lacks, behind those that both have, are further
// rows or columns of the other factor.
func joinGroups(lead, a, b []int64, m, cols int64) (groups, rows, width int64) {
	common := func(d []int64) int { // axes in front of the trailing run that d lacks
		i := len(lead)
		for i > 0 && (i-1 < len(lead)-len(d) || d[i-1-(len(lead)-len(d))] == 1) {
			i--
		}
		return i
	}
	groups, rows, width = 1, m, cols
	i, j := common(b), common(a)
	for k, d := range lead {
		switch {
		case k < min(i, j):
			groups *= d
		case i <= j:
			rows *= d
		default:
			width *= d
		}
	}
	return groups, rows, width
}

// product adds a batched product of the first two inputs: a linear layer when
// one is a constant matrix. A factor that the other's leading dimensions repeat
// is written out.
func product(im *walk.Importer, n *onnx.Node, groups, m, k, cols int64, bias []int32) (graph.Value, error) {
	a, b := im.Tensors[n.In[0]], im.Tensors[n.In[1]]
	if m < 1 || k < 1 || cols < 1 || groups < 1 {
		return graph.Value{}, fmt.Errorf("an empty product of %v by %v", a.Dims, b.Dims)
	}
	for i, e := range []*walk.Entry{a, b} {
		if !e.Fixed && !e.Ready {
			return graph.Value{}, walk.Unmodelled(n.In[i])
		}
	}
	x, w, rows, f, name := a, b, groups*m, cols, n.In[1]
	if a.Fixed {
		x, w, rows, f, name = b, a, groups*cols, m, n.In[0]
	}
	if w.Fixed && w.Elems() == k*f && x.Elems() == rows*k {
		params := append([]int32{im.ParamOf(name)}, bias...)
		return im.B.LinearWith(n.Name, im.B.Reshape(x.Val, k, rows, 1), f, params...), nil
	}
	if r := b.Rep; r != nil && a.Rep == nil && a.Ready && r.Outer*r.Times == groups && b.Elems() == groups*k*cols {
		// Consecutive groups read the same factor: they are rows of one product.
		return im.B.MatMul(n.Name, a.Val, b.Val, r.Outer, r.Times*m, k, cols), nil
	}
	left, err := factor(im, n, 0, groups*m*k)
	if err != nil {
		return graph.Value{}, err
	}
	right, err := factor(im, n, 1, groups*k*cols)
	if err != nil {
		return graph.Value{}, err
	}
	y := im.B.MatMul(n.Name, left, right, groups, m, k, cols)
	for _, p := range bias {
		y = im.B.Pointwise(n.Name+".bias", graph.ParamAdd, y, p)
	}
	return y, nil
}

// factor returns input i of a batched product as elems elements.
func factor(im *walk.Importer, n *onnx.Node, i int, elems int64) (graph.Value, error) {
	e := im.Tensors[n.In[i]]
	v := views.Written(im, n.Name, e)
	if e.Fixed {
		if e.Elems() < 1 {
			return v, fmt.Errorf("a factor of dimensions %v", e.Dims)
		}
		v = im.B.ConstantWith(n.In[i], im.ParamOf(n.In[i]))
	}
	switch have := e.Elems(); {
	case have == elems:
		return v, nil
	case have > 0 && have < elems && elems%have == 0 && elems <= onnx.MaxElements:
		return im.B.Copy(n.Name+".expand", v, elems), nil
	}
	return v, fmt.Errorf("a factor of dimensions %v where %d elements are expected", e.Dims, elems)
}
