package convert

import "stco/model/workload/onnx"

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
)

func (im *importer) conv(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	w, err := im.weight(n, 1, 3, 4)
	if err != nil {
		return err
	}
	params, err := im.params(n, 1, 3)
	if err != nil {
		return err
	}
	images, c, h, wd, k, err := window(n, x, w.dims[2:])
	if err != nil {
		return err
	}
	groups := n.AttrInt("group", 1)
	if groups < 1 || groups > 1<<24 {
		return fmt.Errorf("group %d", groups)
	}
	v := im.b.Reshape(x.val, images*c, h, wd)
	var y graph.Value
	f := w.dims[0]
	if n.Op == "Conv" {
		if w.dims[1]*groups != c {
			return fmt.Errorf("weights %v for %d channels in %d groups", w.dims, c, groups)
		}
		y = im.b.ConvWith(n.Name, v, images, f, k, groups, params...)
	} else {
		f = w.dims[1] * groups
		if w.dims[0] != c {
			return fmt.Errorf("weights %v for %d channels", w.dims, c)
		}
		for i, o := range n.AttrInts("output_padding") {
			if i == 0 {
				k.EndH -= o
			} else {
				k.EndW -= o
			}
		}
		if n.AttrInts("output_shape") != nil || n.AttrString("auto_pad", "NOTSET") != "NOTSET" {
			return fmt.Errorf("output_shape and auto_pad of a transposed convolution are not supported")
		}
		y = im.b.ConvTransposeWith(n.Name, v, images, f, k, groups, params...)
	}
	return im.give(n, 0, mapDims(x, images, f, y), y)
}

// mapDims returns the dimensions of a feature map y that belongs to x.
func mapDims(x *entry, images, c int64, y graph.Value) []int64 {
	if len(x.dims) == 3 {
		return []int64{images, c, y.H}
	}
	return []int64{images, c, y.H, y.W}
}

func (im *importer) gemm(n *onnx.Node) error {
	a, err := im.need(n, 0)
	if err != nil {
		return err
	}
	b, err := im.need(n, 1)
	if err != nil {
		return err
	}
	if len(a.dims) != 2 || len(b.dims) != 2 {
		return fmt.Errorf("matrices of dimensions %v and %v", a.dims, b.dims)
	}
	m, k := a.dims[0], a.dims[1]
	if n.AttrInt("transA", 0) != 0 {
		m, k = k, m
	}
	k2, cols := b.dims[0], b.dims[1]
	if n.AttrInt("transB", 0) != 0 {
		k2, cols = cols, k2
	}
	if k != k2 {
		return fmt.Errorf("a product of %d x %d by %d x %d", m, k, k2, cols)
	}
	var bias []int32
	c := im.arg(n, 2)
	if c != nil && c.fixed {
		if bias, err = im.params(n, 2, 3); err != nil {
			return err
		}
	}
	y, err := im.product(n, 1, m, k, cols, bias)
	if err != nil {
		return err
	}
	if c != nil && !c.fixed {
		if !c.ready {
			return fmt.Errorf("input %q is a result that is not modelled", n.In[2])
		}
		y = im.b.Add(n.Name+".add", y, c.val)
	}
	return im.give(n, 0, []int64{m, cols}, y)
}

func (im *importer) matMul(n *onnx.Node, p *plan) error {
	a, err := im.need(n, 0)
	if err != nil {
		return err
	}
	b, err := im.need(n, 1)
	if err != nil {
		return err
	}
	da, db := a.dims, b.dims
	if len(da) < 1 || len(db) < 1 {
		return fmt.Errorf("factors of dimensions %v and %v", da, db)
	}
	row, col := len(da) == 1, len(db) == 1 // vectors
	if row {
		da = []int64{1, da[0]}
	}
	if col {
		db = []int64{db[0], 1}
	}
	m, k, cols := da[len(da)-2], da[len(da)-1], db[len(db)-1]
	if db[len(db)-2] != k {
		return fmt.Errorf("a product of %v by %v", a.dims, b.dims)
	}
	lead, err := broadcast(da[:len(da)-2], db[:len(db)-2])
	if err != nil {
		return err
	}
	groups := int64(1)
	for _, d := range lead {
		groups *= d
	}
	var bias []int32
	if p.role == leader {
		if bias, err = im.paramList(p.params); err != nil {
			return err
		}
	}
	if !a.fixed && !b.fixed && (a.elems() != groups*m*k || b.elems() != groups*k*cols) {
		return fmt.Errorf("a broadcast product of %v by %v is not supported", a.dims, b.dims)
	}
	y, err := im.product(n, groups, m, k, cols, bias)
	if err != nil {
		return err
	}
	dims := slices.Clone(lead)
	if !row {
		dims = append(dims, m)
	}
	if !col {
		dims = append(dims, cols)
	}
	if err := im.give(n, 0, dims, y); err != nil {
		return err
	}
	if p.role == leader {
		im.tens[p.last] = im.tens[n.Out[0]]
	}
	return nil
}

// product adds groups products of m x k by k x cols: a linear layer when one
// factor is constant, else a batched product.
func (im *importer) product(n *onnx.Node, groups, m, k, cols int64, bias []int32) (graph.Value, error) {
	a, b := im.tens[n.In[0]], im.tens[n.In[1]]
	if m < 1 || k < 1 || cols < 1 || groups < 1 {
		return graph.Value{}, fmt.Errorf("an empty product of %v by %v", a.dims, b.dims)
	}
	if !a.fixed && !b.fixed {
		if !a.ready || !b.ready {
			return graph.Value{}, fmt.Errorf("a factor is a result that is not modelled")
		}
		return im.b.MatMul(n.Name, a.val, b.val, groups, m, k, cols), nil
	}
	x, w, rows, f, name := a, b, groups*m, cols, n.In[1]
	if a.fixed {
		x, w, rows, f, name = b, a, groups*cols, m, n.In[0]
	}
	if w.elems() != k*f || x.elems() != rows*k {
		return graph.Value{}, fmt.Errorf("weights of dimensions %v over data of %v: one matrix is supported", w.dims, x.dims)
	}
	if !x.ready {
		return graph.Value{}, fmt.Errorf("a factor is a result that is not modelled")
	}
	params := append([]int32{im.paramOf(name)}, bias...)
	return im.b.LinearWith(n.Name, im.b.Reshape(x.val, k, rows, 1), f, params...), nil
}

// recurrent adds the directions of an LSTM or GRU.
func (im *importer) recurrent(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	w, err := im.weight(n, 1, 3)
	if err != nil {
		return err
	}
	r, err := im.weight(n, 2, 3)
	if err != nil {
		return err
	}
	if len(x.dims) != 3 || n.AttrInt("layout", 0) != 0 {
		return fmt.Errorf("input of dimensions %v, layout %d: sequence, batch, features are supported", x.dims, n.AttrInt("layout", 0))
	}
	fn, gates := graph.LSTM, int64(4)
	if n.Op == "GRU" {
		fn, gates = graph.GRU, 3
	}
	steps, batch, features := x.dims[0], x.dims[1], x.dims[2]
	dirs, h := w.dims[0], r.dims[2]
	if dirs < 1 || dirs > 2 || r.dims[0] != dirs || w.dims[1] != gates*h || r.dims[1] != gates*h || w.dims[2] != features {
		return fmt.Errorf("weights %v and %v for %d features", w.dims, r.dims, features)
	}
	if steps < 1 || steps > maxParts || batch < 1 {
		return fmt.Errorf("%d time steps of %d sequences: 1 to %d steps are supported", steps, batch, maxParts)
	}
	if p := im.arg(n, 7); p != nil {
		return fmt.Errorf("peephole weights are not supported")
	}
	bias := im.arg(n, 3)
	var outs, lasts []graph.Value
	for d := range dirs {
		name := n.Name
		if dirs > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, d)
		}
		wp := []int32{im.b.Param(name+".W", gates*h*features)}
		rp := []int32{im.b.Param(name+".R", gates*h*h)}
		if bias != nil {
			if !bias.fixed || bias.elems() != dirs*2*gates*h {
				return fmt.Errorf("bias of dimensions %v", bias.dims)
			}
			wp = append(wp, im.b.Param(name+".Wb", gates*h))
			rp = append(rp, im.b.Param(name+".Rb", gates*h))
		}
		gx := im.b.LinearWith(name+".W_ih", im.b.Reshape(x.val, features, steps*batch, 1), gates*h, wp...)
		states, err := im.states(n, name, fn, h*batch, d, dirs)
		if err != nil {
			return err
		}
		y := im.b.RecurrentWith(name+".W_hh", im.b.Reshape(gx, gates*h, steps, batch), fn, rp, states...)
		outs = append(outs, y)
		lasts = append(lasts, im.b.Slice(y, (steps-1)*h*batch, h, 1, batch))
	}
	if err := im.give(n, 0, []int64{steps, dirs, batch, h}, im.b.Tail(outs...)); err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" {
		if err := im.give(n, 1, []int64{dirs, batch, h}, im.b.Tail(lasts...)); err != nil {
			return err
		}
	}
	if len(n.Out) > 2 && n.Out[2] != "" { // the last cell states are not data of the network
		_, err = im.result(n, 2, []int64{dirs, batch, h}, onnx.TypeFloat)
	}
	return err
}

// states returns the initial states of one direction: data, or zeros that
// arrive with every batch.
func (im *importer) states(n *onnx.Node, name string, fn graph.Fn, elems, dir, dirs int64) ([]graph.Value, error) {
	var out []graph.Value
	for k, s := range []string{".h0", ".c0"} {
		if k == 1 && fn == graph.GRU {
			break
		}
		e := im.arg(n, 5+k)
		switch {
		case e == nil || e.fixed:
			out = append(out, im.b.Input(name+s, elems, 1, 1))
		case !e.ready || e.elems() != dirs*elems:
			return nil, fmt.Errorf("initial state of dimensions %v", e.dims)
		default:
			out = append(out, im.b.Slice(e.val, dir*elems, elems, 1, 1))
		}
	}
	return out, nil
}
