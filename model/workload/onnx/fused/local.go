package fused

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// longformer is LongformerAttention of ONNX Runtime: every token sees those up to a
// window before and behind it, in chunks of a window of queries by three of keys, of
// which what lies outside the band is masked. How many tokens are global, seeing and
// seen by all through projections of their own, is data: as many as the options
// bound, else none.
func longformer(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	heads, window := n.AttrInt("num_heads", 0), n.AttrInt("window", 0)
	if len(x.Dims) != 3 || heads < 1 || window < 1 || x.Dims[2]%heads != 0 || x.Dims[1]%window != 0 || x.Dims[1] > 1<<20 {
		return fmt.Errorf("%d heads, a window of %d, input of dimensions %v: the tokens must be a multiple of the window", heads, window, x.Dims)
	}
	batch, s, h := x.Dims[0], x.Dims[1], x.Dims[2]
	rows, d := batch*s, h/heads
	project := func(name string, from int) (q, k, v graph.Value, err error) {
		w, err := im.Weight(n, from, 2)
		if err != nil {
			return q, k, v, err
		}
		if w.Dims[0] != h || w.Dims[1] != 3*h {
			return q, k, v, fmt.Errorf("weights %v for %d features", w.Dims, h)
		}
		params, err := im.Params(n, from, from+2)
		if err != nil {
			return q, k, v, err
		}
		all := im.B.LinearWith(n.Name+name, im.B.Reshape(x.Val, h, rows, 1), 3*h, params...)
		part := func(i int64) graph.Value { return im.B.Slice(all, i*h*rows, h, rows, 1) }
		return part(0), part(1), part(2), nil
	}
	q, k, v, err := project(".qkv", 1)
	if err != nil {
		return err
	}
	y := band(im, n, [3]graph.Value{q, k, v}, batch*heads, s, d, window)
	global, ok := bound(im, n)
	switch {
	case !ok:
		im.Warn("node %q (%s): no token is taken to be global: --bound LongformerAttention=N says how many of a sequence are", n.Name, n.FullOp())
	case global > s:
		return fmt.Errorf("%d global tokens of %d", global, s)
	case global > 0:
		if y, err = globalTokens(im, n, y, q, k, v, project, globals{groups: batch * heads, s: s, d: d, count: global}); err != nil {
			return err
		}
	}
	return im.Give(n, 0, x.Dims, y)
}

// band adds the products of tokens with those up to a window away.
func band(im *walk.Importer, n *onnx.Node, qkv [3]graph.Value, groups, s, d, window int64) graph.Value {
	keys := min(3*window, s)
	chunks := s / window
	around := func(x graph.Value) graph.Value { // the keys of every chunk: at the ends moved inside
		if keys == s && chunks == 1 {
			return x
		}
		var vs []graph.Value
		for c := range chunks {
			from := max(0, min(s-keys, (c-1)*window))
			vs = append(vs, im.B.Slice(x, from*groups*d, keys*groups*d, 1, 1))
		}
		return im.B.Tail(vs...)
	}
	pairs := s * s
	if s > window {
		pairs = s*(2*window+1) - window*(window+1)
	}
	masked := groups * (chunks*window*keys - pairs) * d
	return im.B.Core(func() graph.Value {
		p := im.B.Softmax(n.Name+".softmax", im.B.MatMulMasked(n.Name+".qk", qkv[0], around(qkv[1]), groups*chunks, window, d, keys, masked))
		return im.B.MatMulMasked(n.Name+".av", p, around(qkv[2]), groups*chunks, window, keys, d, masked)
	})
}

type globals struct{ groups, s, d, count int64 }

// globalTokens adds the products of all tokens with the global ones, and of these,
// through a second projection, with all.
func globalTokens(im *walk.Importer, n *onnx.Node, y, q, k, v graph.Value, project func(string, int) (q, k, v graph.Value, err error), g globals) (graph.Value, error) {
	some := func(x graph.Value) graph.Value { return im.B.Slice(x, 0, g.groups*g.count*g.d, 1, 1) }
	p := im.B.Softmax(n.Name+".to_global", im.B.MatMul(n.Name+".qk_to", q, some(k), g.groups, g.s, g.d, g.count))
	y = im.B.Add(n.Name+".add", y, im.B.MatMul(n.Name+".av_to", p, some(v), g.groups, g.s, g.count, g.d))
	gq, gk, gv, err := project(".global", 4)
	if err != nil {
		return y, err
	}
	p = im.B.Softmax(n.Name+".from_global", im.B.MatMul(n.Name+".qk_from", some(gq), gk, g.groups, g.count, g.d, g.s))
	rows := im.B.MatMul(n.Name+".av_from", p, gv, g.groups, g.count, g.s, g.d)
	rest := y.Elems() - rows.Elems()
	if rest == 0 {
		return rows, im.B.Err()
	}
	return im.B.Tail(rows, im.B.Slice(y, y.Elems()-rest, rest, 1, 1)), im.B.Err()
}

// bound returns what the options bound a node or its operator to.
func bound(im *walk.Importer, n *onnx.Node) (int64, bool) {
	v, ok := im.Choices.Bound[n.Name]
	if !ok {
		v, ok = im.Choices.Bound[n.Op]
	}
	return v, ok
}
