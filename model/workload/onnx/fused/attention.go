// Package fused turns operators that stand for several into operators of a
// network: a whole attention in one node, and what ONNX Runtime's optimiser
// writes in its own domain.
package fused

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// attentionInputs are what the operators that hold a whole attention have in
// common: past keys and values and new ones, of batch sequences.
type attentionInputs struct {
	batch, heads, kv   int64
	queries, news, old int64 // tokens
	d, dv              int64 // of a head
	q, k, v            graph.Value
	past               [2]string // names of the inputs that hold earlier keys and values
	present            [2]int    // results that hold all of them

	window int64   // keys that a query sees at most, its own included; 0: all
	held   []int64 // dimensions of the caches where they are not [batch, heads, tokens, size]
}

// seen is the number of keys that the products run over: with a window those of the
// queries together.
func (a *attentionInputs) seen() int64 {
	keys := a.old + a.news
	if a.window > 0 {
		return min(keys, a.window+a.queries-1)
	}
	return keys
}

// attend adds an attention in three operators: attendTo without the keys and values.
func attend(im *walk.Importer, n *onnx.Node, a attentionInputs) (graph.Value, error) {
	y, _, _, err := attendTo(im, n, a)
	return y, err
}

// attendTo adds an attention in three operators, and returns all its keys and values. Past keys and values and present
// ones are one cache, of which all is read once and the new tokens are written.
func attendTo(im *walk.Importer, n *onnx.Node, a attentionInputs) (y, k, v graph.Value, err error) {
	if min(a.batch, a.heads, a.kv, a.queries, a.news+a.old, a.d, a.dv) < 1 || a.heads%a.kv != 0 {
		return y, k, v, fmt.Errorf("%d heads over %d, %d queries of size %d", a.heads, a.kv, a.queries, a.d)
	}
	keys := a.old + a.news
	k, v = a.k, a.v
	if a.old > 0 || a.past[0] != "" {
		cache := func(i int, x graph.Value, size int64, all *graph.Value) graph.Value {
			name := a.past[i]
			if name == "" {
				name = fmt.Sprintf("%s.Cache%d", n.Name, i)
			}
			c := im.B.State(name+".Cache", workload.KVCache, a.batch*a.kv*size, keys, 1)
			c = im.B.Append(fmt.Sprintf("%s.append%d", n.Name, i), x, c)
			if at := a.present[i]; at > 0 && at < len(n.Out) && n.Out[at] != "" {
				dims := a.held
				if dims == nil {
					dims = []int64{a.batch, a.kv, keys, size}
				}
				if e, err := im.Result(n, at, dims, onnx.TypeFloat); err == nil {
					im.Set(e, c)
					e.Cache = true
				}
			}
			*all = c
			return lastOf(im, c, a.batch*a.kv*size*a.seen())
		}
		a.k, a.v = cache(0, a.k, a.d, &k), cache(1, a.v, a.dv, &v)
	} else {
		for i, x := range []graph.Value{a.k, a.v} {
			if at := a.present[i]; at > 0 && at < len(n.Out) && n.Out[at] != "" {
				if err := im.Give(n, at, []int64{a.batch, a.kv, keys, x.Elems() / (a.batch * a.kv * keys)}, x); err != nil {
					return y, k, v, err
				}
			}
		}
	}
	if a.old == 0 && a.past[0] == "" {
		a.k, a.v = lastOf(im, a.k, a.k.Elems()/keys*a.seen()), lastOf(im, a.v, a.v.Elems()/keys*a.seen())
	}
	keys = a.seen()
	groups, rows := a.batch*a.kv, a.heads/a.kv*a.queries
	y = im.B.Core(func() graph.Value {
		p := im.B.Softmax(n.Name+".softmax", im.B.MatMul(n.Name+".qk", a.q, a.k, groups, rows, a.d, keys))
		return im.B.MatMul(n.Name+".av", p, a.v, groups, rows, keys, a.dv)
	})
	return y, k, v, im.B.Err()
}

// lastOf returns the last elements of data, where those of the newest tokens are.
func lastOf(im *walk.Importer, v graph.Value, elems int64) graph.Value {
	if im.B.Err() != nil || elems == v.Elems() {
		return v
	}
	return im.B.Slice(v, v.Elems()-elems, elems, 1, 1)
}

// past returns the tokens of earlier keys and values, inputs of four dimensions.
func past(im *walk.Importer, n *onnx.Node, i int) (tokens int64, name string, err error) {
	e := im.Arg(n, i)
	if e == nil {
		return 0, "", nil
	}
	if len(e.Dims) < 4 {
		return 0, "", fmt.Errorf("past keys of dimensions %v", e.Dims)
	}
	return e.Dims[len(e.Dims)-2], n.In[i], nil
}

// standardAttention is Attention of operator sets 23 and 24: [batch, heads,
// tokens, size] or [batch, tokens, features] with the heads as attributes.
func standardAttention(im *walk.Importer, n *onnx.Node) error {
	var e [3]*walk.Entry
	for i := range e {
		var err error
		if e[i], err = im.DataArg(n, i); err != nil {
			return err
		}
	}
	a := attentionInputs{q: e[0].Val, k: e[1].Val, v: e[2].Val, present: [2]int{1, 2}}
	rank := len(e[0].Dims)
	for _, x := range e {
		if len(x.Dims) != rank || (rank != 3 && rank != 4) {
			return fmt.Errorf("inputs of dimensions %v, %v and %v", e[0].Dims, e[1].Dims, e[2].Dims)
		}
	}
	if rank == 4 {
		a.batch, a.heads, a.queries, a.d = e[0].Dims[0], e[0].Dims[1], e[0].Dims[2], e[0].Dims[3]
		a.kv, a.news, a.dv = e[1].Dims[1], e[1].Dims[2], e[2].Dims[3]
	} else {
		a.heads, a.kv = n.AttrInt("q_num_heads", 0), n.AttrInt("kv_num_heads", 0)
		if a.heads < 1 || a.kv < 1 {
			return errors.New("q_num_heads and kv_num_heads are missing")
		}
		a.batch, a.queries, a.d = e[0].Dims[0], e[0].Dims[1], e[0].Dims[2]/a.heads
		a.news, a.dv = e[1].Dims[1], e[2].Dims[2]/a.kv
	}
	var err error
	if a.old, a.past[0], err = past(im, n, 4); err != nil {
		return err
	}
	if _, a.past[1], err = past(im, n, 5); err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	dims := slices.Clone(e[0].Dims)
	dims[rank-1] = a.dv
	if rank == 3 {
		dims[2] *= a.heads
	}
	return im.Give(n, 0, dims, y)
}

// multiHead is MultiHeadAttention of ONNX Runtime: query, key, value of [batch,
// tokens, features], bias, and from input 6 on past keys and values.
func multiHead(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	heads := n.AttrInt("num_heads", 0)
	if heads < 1 {
		return errors.New("num_heads is missing")
	}
	a := attentionInputs{heads: heads, kv: heads, present: [2]int{1, 2}, q: q.Val}
	switch k, v := im.Arg(n, 1), im.Arg(n, 2); {
	case k == nil && len(q.Dims) == 5: // packed: [batch, tokens, heads, 3, size]
		a.batch, a.queries, a.d = q.Dims[0], q.Dims[1], q.Dims[4]
		a.news, a.dv = a.queries, a.d
		each := q.Elems() / 3
		a.q, a.k, a.v = im.B.Slice(q.Val, 0, each, 1, 1), im.B.Slice(q.Val, each, each, 1, 1), im.B.Slice(q.Val, 2*each, each, 1, 1)
	case len(q.Dims) != 3 || k == nil || !k.Ready:
		return fmt.Errorf("queries of dimensions %v", q.Dims)
	case v == nil && len(k.Dims) == 5: // [batch, tokens, heads, 2, size]
		a.batch, a.queries, a.d, a.news, a.dv = q.Dims[0], q.Dims[1], q.Dims[2]/heads, k.Dims[1], k.Dims[4]
		each := k.Elems() / 2
		a.k, a.v = im.B.Slice(k.Val, 0, each, 1, 1), im.B.Slice(k.Val, each, each, 1, 1)
	case v == nil || !v.Ready:
		return errors.New("no values")
	default:
		a.batch, a.queries, a.d = q.Dims[0], q.Dims[1], q.Dims[2]/heads
		a.k, a.v = k.Val, v.Val
		a.news = k.Elems() / max(1, a.batch*heads*a.d)
		a.dv = v.Elems() / max(1, a.batch*heads*a.news)
	}
	if err := addBias(im, n, 3, &a); err != nil {
		return err
	}
	if a.old, a.past[0], err = past(im, n, 6); err != nil {
		return err
	}
	if _, a.past[1], err = past(im, n, 7); err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{a.batch, a.queries, heads * a.dv}, y)
}

// projected adds the projections of queries, keys and values of equally long
// sequences in one matrix, inputs 1 and 2, and returns what attends, and the
// features of the result.
func projected(im *walk.Importer, n *onnx.Node, x *walk.Entry, batch, tokens int64) (a attentionInputs, width int64, err error) {
	w, err := im.Weight(n, 1, 2)
	if err != nil {
		return a, 0, err
	}
	heads, features := n.AttrInt("num_heads", 0), x.Dims[len(x.Dims)-1]
	if heads < 1 || features != w.Dims[0] {
		return a, 0, fmt.Errorf("%d heads, input of dimensions %v, weights %v", heads, x.Dims, w.Dims)
	}
	params, err := im.Params(n, 1, 3)
	if err != nil {
		return a, 0, err
	}
	sizes := n.AttrInts("qkv_hidden_sizes")
	if len(sizes) != 3 {
		sizes = slices.Repeat([]int64{w.Dims[1] / 3}, 3)
	}
	rows := batch * tokens
	qkv := im.B.LinearWith(n.Name+".qkv", im.B.Reshape(x.Val, features, rows, 1), w.Dims[1], params...)
	part := func(off, size int64) graph.Value { return im.B.Slice(qkv, off*rows, size, rows, 1) }
	return attentionInputs{
		batch: batch, queries: tokens, news: tokens, heads: heads, kv: heads, d: sizes[0] / heads, dv: sizes[2] / heads,
		q: part(0, sizes[0]), k: part(sizes[0], sizes[1]), v: part(sizes[0]+sizes[1], sizes[2]),
	}, sizes[2], nil
}

// fusedAttention is Attention of ONNX Runtime: the projections of queries, keys
// and values in one matrix, then attention.
func fusedAttention(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	if len(x.Dims) != 3 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	a, width, err := projected(im, n, x, x.Dims[0], x.Dims[1])
	if err != nil {
		return err
	}
	i := 4
	if n.Op == "QAttention" { // behind scales, mask and zero points
		i = 8
	}
	if e := im.Arg(n, i); e != nil && len(e.Dims) == 5 { // [2, batch, heads, tokens, size]
		a.old, a.past[0] = e.Dims[3], n.In[i]
		a.past[1] = n.In[i] + ".values"
		if err := filled(im, n, &a); err != nil {
			return err
		}
	}
	y, k, v, err := attendTo(im, n, a)
	if err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" { // keys, then values
		tokens := a.old + a.news
		if err := im.Give(n, 1, []int64{2, a.batch, a.heads, tokens, a.d}, im.B.Tail(k, v)); err != nil {
			return err
		}
		im.Tensors[n.Out[1]].Cache = a.old > 0 || a.past[0] != ""
	}
	return im.Give(n, 0, []int64{x.Dims[0], x.Dims[1], width}, y)
}
