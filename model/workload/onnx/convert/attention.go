package convert

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
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
}

// attend adds an attention in three operators. Past keys and values and present
// ones are one cache, of which all is read once and the new tokens are written.
func (im *importer) attend(n *onnx.Node, a attentionInputs) (graph.Value, error) {
	if min(a.batch, a.heads, a.kv, a.queries, a.news+a.old, a.d, a.dv) < 1 || a.heads%a.kv != 0 {
		return graph.Value{}, fmt.Errorf("%d heads over %d, %d queries of size %d", a.heads, a.kv, a.queries, a.d)
	}
	keys := a.old + a.news
	if a.old > 0 || a.past[0] != "" {
		cache := func(i int, x graph.Value, size int64) graph.Value {
			name := a.past[i]
			if name == "" {
				name = fmt.Sprintf("%s.cache%d", n.Name, i)
			}
			c := im.b.State(name+".cache", workload.KVCache, a.batch*a.kv*size, keys, 1)
			c = im.b.Append(fmt.Sprintf("%s.append%d", n.Name, i), x, c)
			if k := a.present[i]; k > 0 && k < len(n.Out) && n.Out[k] != "" {
				if e, err := im.result(n, k, []int64{a.batch, a.kv, keys, size}, onnx.TypeFloat); err == nil {
					im.set(e, c)
					e.cache = true
				}
			}
			return c
		}
		a.k, a.v = cache(0, a.k, a.d), cache(1, a.v, a.dv)
	} else {
		for i, x := range []graph.Value{a.k, a.v} {
			if k := a.present[i]; k > 0 && k < len(n.Out) && n.Out[k] != "" {
				if err := im.give(n, k, []int64{a.batch, a.kv, keys, x.Elems() / (a.batch * a.kv * keys)}, x); err != nil {
					return graph.Value{}, err
				}
			}
		}
	}
	groups, rows := a.batch*a.kv, a.heads/a.kv*a.queries
	y := im.b.Core(func() graph.Value {
		p := im.b.Softmax(n.Name+".softmax", im.b.MatMul(n.Name+".qk", a.q, a.k, groups, rows, a.d, keys))
		return im.b.MatMul(n.Name+".av", p, a.v, groups, rows, keys, a.dv)
	})
	return y, im.b.Err()
}

// past returns the tokens of earlier keys and values, inputs of four dimensions.
func (im *importer) past(n *onnx.Node, i int) (tokens int64, name string, err error) {
	e := im.arg(n, i)
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
func (im *importer) standardAttention(n *onnx.Node) error {
	var e [3]*entry
	for i := range e {
		var err error
		if e[i], err = im.dataArg(n, i); err != nil {
			return err
		}
	}
	a := attentionInputs{q: e[0].val, k: e[1].val, v: e[2].val, present: [2]int{1, 2}}
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
	if a.old, a.past[0], err = im.past(n, 4); err != nil {
		return err
	}
	if _, a.past[1], err = im.past(n, 5); err != nil {
		return err
	}
	y, err := im.attend(n, a)
	if err != nil {
		return err
	}
	dims := slices.Clone(e[0].Dims)
	dims[rank-1] = a.dv
	if rank == 3 {
		dims[2] *= a.heads
	}
	return im.give(n, 0, dims, y)
}

// multiHead is MultiHeadAttention of ONNX Runtime: query, key, value of [batch,
// tokens, features], bias, and from input 6 on past keys and values.
func (im *importer) multiHead(n *onnx.Node) error {
	q, err := im.data(n)
	if err != nil {
		return err
	}
	heads := n.AttrInt("num_heads", 0)
	if heads < 1 {
		return errors.New("num_heads is missing")
	}
	a := attentionInputs{heads: heads, kv: heads, present: [2]int{1, 2}, q: q.val}
	switch k, v := im.arg(n, 1), im.arg(n, 2); {
	case k == nil && len(q.Dims) == 5: // packed: [batch, tokens, heads, 3, size]
		a.batch, a.queries, a.d = q.Dims[0], q.Dims[1], q.Dims[4]
		a.news, a.dv = a.queries, a.d
		each := q.Elems() / 3
		a.q, a.k, a.v = im.b.Slice(q.val, 0, each, 1, 1), im.b.Slice(q.val, each, each, 1, 1), im.b.Slice(q.val, 2*each, each, 1, 1)
	case len(q.Dims) != 3 || k == nil || !k.ready:
		return fmt.Errorf("queries of dimensions %v", q.Dims)
	case v == nil && len(k.Dims) == 5: // [batch, tokens, heads, 2, size]
		a.batch, a.queries, a.d, a.news, a.dv = q.Dims[0], q.Dims[1], q.Dims[2]/heads, k.Dims[1], k.Dims[4]
		each := k.Elems() / 2
		a.k, a.v = im.b.Slice(k.val, 0, each, 1, 1), im.b.Slice(k.val, each, each, 1, 1)
	case v == nil || !v.ready:
		return errors.New("no values")
	default:
		a.batch, a.queries, a.d = q.Dims[0], q.Dims[1], q.Dims[2]/heads
		a.k, a.v = k.val, v.val
		a.news = k.Elems() / max(1, a.batch*heads*a.d)
		a.dv = v.Elems() / max(1, a.batch*heads*a.news)
	}
	if err := im.inputBias(n, &a); err != nil {
		return err
	}
	if a.old, a.past[0], err = im.past(n, 6); err != nil {
		return err
	}
	if _, a.past[1], err = im.past(n, 7); err != nil {
		return err
	}
	y, err := im.attend(n, a)
	if err != nil {
		return err
	}
	return im.give(n, 0, []int64{a.batch, a.queries, heads * a.dv}, y)
}

// inputBias adds the bias of the packed projections, input 3.
func (im *importer) inputBias(n *onnx.Node, a *attentionInputs) error {
	bias := im.arg(n, 3)
	if bias == nil {
		return nil
	}
	if !bias.fixed || bias.Elems() < 1 {
		return fmt.Errorf("bias of dimensions %v", bias.Dims)
	}
	a.q = im.b.Pointwise(n.Name+".bias", graph.ParamAdd, a.q, im.paramOf(n.In[3]))
	return nil
}

// groupQuery is GroupQueryAttention of ONNX Runtime.
func (im *importer) groupQuery(n *onnx.Node) error {
	q, err := im.data(n)
	if err != nil {
		return err
	}
	heads, kv := n.AttrInt("num_heads", 0), n.AttrInt("kv_num_heads", 0)
	if heads < 1 || kv < 1 || len(q.Dims) != 3 {
		return fmt.Errorf("%d heads over %d, queries of dimensions %v", heads, kv, q.Dims)
	}
	a := attentionInputs{batch: q.Dims[0], queries: q.Dims[1], news: q.Dims[1], heads: heads, kv: kv, present: [2]int{1, 2}, q: q.val}
	if k, v := im.arg(n, 1), im.arg(n, 2); k == nil || v == nil { // packed
		a.d = q.Dims[2] / (heads + 2*kv)
		rows := a.batch * a.queries * a.d
		a.q, a.k, a.v = im.b.Slice(q.val, 0, rows*heads, 1, 1), im.b.Slice(q.val, rows*heads, rows*kv, 1, 1), im.b.Slice(q.val, rows*(heads+kv), rows*kv, 1, 1)
	} else {
		if !k.ready || !v.ready {
			return errors.New("keys or values are not data")
		}
		a.d, a.k, a.v = q.Dims[2]/heads, k.val, v.val
	}
	a.dv = a.d
	if a.old, a.past[0], err = im.past(n, 3); err != nil {
		return err
	}
	if _, a.past[1], err = im.past(n, 4); err != nil {
		return err
	}
	if n.AttrInt("do_rotary", 0) != 0 {
		a.q, a.k = im.b.Pointwise(n.Name+".rotary_q", graph.Rotate, a.q), im.b.Pointwise(n.Name+".rotary_k", graph.Rotate, a.k)
	}
	y, err := im.attend(n, a)
	if err != nil {
		return err
	}
	return im.give(n, 0, []int64{a.batch, a.queries, heads * a.dv}, y)
}

// fusedAttention is Attention of ONNX Runtime: the projections of queries, keys
// and values in one matrix, then attention.
func (im *importer) fusedAttention(n *onnx.Node) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	w, err := im.weight(n, 1, 2)
	if err != nil {
		return err
	}
	heads := n.AttrInt("num_heads", 0)
	if heads < 1 || len(x.Dims) != 3 || x.Dims[2] != w.Dims[0] {
		return fmt.Errorf("%d heads, input of dimensions %v, weights %v", heads, x.Dims, w.Dims)
	}
	params, err := im.params(n, 1, 3)
	if err != nil {
		return err
	}
	sizes := n.AttrInts("qkv_hidden_sizes")
	if len(sizes) != 3 {
		sizes = slices.Repeat([]int64{w.Dims[1] / 3}, 3)
	}
	rows := x.Dims[0] * x.Dims[1]
	qkv := im.b.LinearWith(n.Name+".qkv", im.b.Reshape(x.val, x.Dims[2], rows, 1), w.Dims[1], params...)
	part := func(off, size int64) graph.Value { return im.b.Slice(qkv, off*rows, size, rows, 1) }
	a := attentionInputs{
		batch: x.Dims[0], queries: x.Dims[1], news: x.Dims[1], heads: heads, kv: heads, d: sizes[0] / heads, dv: sizes[2] / heads,
		q: part(0, sizes[0]), k: part(sizes[0], sizes[1]), v: part(sizes[0]+sizes[1], sizes[2]),
	}
	if e := im.arg(n, 4); e != nil && len(e.Dims) == 5 { // [2, batch, heads, tokens, size]
		a.old, a.past[0] = e.Dims[3], n.In[4]
		a.past[1] = n.In[4] + ".values"
	}
	y, err := im.attend(n, a)
	if err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" {
		e, err := im.result(n, 1, []int64{2, a.batch, heads, a.old + a.news, a.d}, onnx.TypeFloat)
		if err != nil {
			return err
		}
		e.cache = true
	}
	return im.give(n, 0, []int64{x.Dims[0], x.Dims[1], sizes[2]}, y)
}
