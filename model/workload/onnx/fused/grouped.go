package fused

import (
	"errors"
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// groupQuery is GroupQueryAttention of ONNX Runtime, and SparseAttention, which has
// the same inputs.
func groupQuery(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	heads, kv := n.AttrInt("num_heads", 0), n.AttrInt("kv_num_heads", 0)
	if min(heads, kv) < 1 || max(heads, kv) > 1<<20 || len(q.Dims) != 3 {
		return fmt.Errorf("%d heads over %d, queries of dimensions %v", heads, kv, q.Dims)
	}
	a := attentionInputs{batch: q.Dims[0], queries: q.Dims[1], news: q.Dims[1], heads: heads, kv: kv, present: [2]int{1, 2}, q: q.Val}
	if k, v := im.Arg(n, 1), im.Arg(n, 2); k == nil || v == nil { // packed
		a.d = q.Dims[2] / (heads + 2*kv)
		rows := a.batch * a.queries * a.d
		a.q, a.k, a.v = im.B.Slice(q.Val, 0, rows*heads, 1, 1), im.B.Slice(q.Val, rows*heads, rows*kv, 1, 1), im.B.Slice(q.Val, rows*(heads+kv), rows*kv, 1, 1)
	} else {
		if !k.Ready || !v.Ready {
			return errors.New("keys or values are not data")
		}
		a.d, a.k, a.v = q.Dims[2]/heads, k.Val, v.Val
	}
	a.dv = a.d
	if a.old, a.past[0], err = past(im, n, 3); err != nil {
		return err
	}
	if _, a.past[1], err = past(im, n, 4); err != nil {
		return err
	}
	a.window = max(0, n.AttrInt("local_window_size", 0))
	if n.Op == "SparseAttention" {
		if a.window, err = blocksSeen(im, n, &a); err != nil {
			return err
		}
	}
	if n.AttrInt("do_rotary", 0) != 0 {
		a.q, a.k = im.B.Pointwise(n.Name+".rotary_q", graph.Rotate, a.q), im.B.Pointwise(n.Name+".rotary_k", graph.Rotate, a.k)
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{a.batch, a.queries, heads * a.dv}, y)
}

// blocksSeen returns the keys that a query of SparseAttention sees on average: the
// blocks that its mask has, over its rows, in tokens. The caches are buffers of the
// greatest length, in which the new tokens are included.
func blocksSeen(im *walk.Importer, n *onnx.Node, a *attentionInputs) (int64, error) {
	size := n.AttrInt("sparse_block_size", 0)
	rows, cols := im.Arg(n, 5), im.Arg(n, 6)
	if size < 1 || size > 1<<20 || rows == nil || cols == nil || len(rows.Dims) != 2 || len(cols.Dims) != 2 || rows.Dims[1] < 2 || cols.Dims[1] < 1 {
		return 0, errors.New("sparse_block_size, block_row_indices or block_col_indices are missing")
	}
	if a.old < a.news {
		return 0, fmt.Errorf("a cache of %d tokens for %d new ones", a.old, a.news)
	}
	a.old -= a.news
	blocks := cols.Dims[1]
	if v := rows.Values; rows.Fixed && len(v) > 0 { // the end of the last row, of every mask
		blocks = 0
		for k := rows.Dims[1] - 1; k < int64(len(v)); k += rows.Dims[1] {
			blocks += int64(max(0, min(v[k], 1<<40)))
		}
		blocks = (blocks + rows.Dims[0] - 1) / max(1, rows.Dims[0])
	}
	return max(1, (blocks*size+rows.Dims[1]-2)/(rows.Dims[1]-1)), nil
}

// paged is PagedAttention of ONNX Runtime: the tokens of all sequences one after the
// other, and a cache in blocks that a table assigns to the sequences. Which tokens
// belong to which is data: the sequences are taken to be equally long, and to fill
// the cache unless the options bound their keys.
func paged(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	cache, lengths := im.Arg(n, 3), im.Arg(n, 6)
	heads, kv := n.AttrInt("num_heads", 0), n.AttrInt("kv_num_heads", 0)
	if cache == nil || lengths == nil || len(cache.Dims) != 4 || len(lengths.Dims) != 1 || len(q.Dims) != 2 || min(heads, kv) < 1 || max(heads, kv) > 1<<20 {
		return fmt.Errorf("%d heads over %d, queries of dimensions %v: a cache in blocks and the lengths of the sequences are expected", heads, kv, q.Dims)
	}
	a := attentionInputs{batch: lengths.Dims[0], heads: heads, kv: kv, q: q.Val, present: [2]int{1, 2}, past: [2]string{n.In[3], n.In[3] + ".values"}, held: cache.Dims}
	tokens := q.Dims[0]
	if a.batch < 1 || tokens%a.batch != 0 {
		return fmt.Errorf("%d tokens of %d sequences: taken to be equally long, they must divide", tokens, a.batch)
	}
	a.queries, a.news = tokens/a.batch, tokens/a.batch
	latent := n.AttrString("kv_cache_layout", "SEPARATE") == "LATENT"
	if err := packed(im, n, &a, q, latent); err != nil {
		return err
	}
	keys := cache.Dims[0] * cache.Dims[1] / a.batch
	if most, ok := bound(im, n); ok {
		keys = min(keys, most)
	} else {
		im.Warn("node %q (%s): every sequence is taken to see %d keys, its share of the cache: --bound PagedAttention=N says how many", n.Name, n.FullOp(), keys)
	}
	if keys < a.news {
		return fmt.Errorf("%d keys for %d new tokens of a sequence", keys, a.news)
	}
	a.old = keys - a.news
	a.window = max(0, n.AttrInt("local_window_size", 0))
	if n.AttrInt("do_rotary", 0) != 0 {
		a.q, a.k = im.B.Pointwise(n.Name+".rotary_q", graph.Rotate, a.q), im.B.Pointwise(n.Name+".rotary_k", graph.Rotate, a.k)
	}
	var y graph.Value
	if latent {
		y, err = attendLatent(im, n, a)
	} else {
		y, err = attend(im, n, a)
	}
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{tokens, heads * a.dv}, y)
}

// packed sets queries, keys and values of tokens that are packed, in one tensor or
// in three; of a latent cache the keys hold the values.
func packed(im *walk.Importer, n *onnx.Node, a *attentionInputs, q *walk.Entry, latent bool) error {
	k, v := im.Arg(n, 1), im.Arg(n, 2)
	rows := q.Dims[0]
	switch {
	case latent:
		if k == nil || !k.Ready || a.kv != 1 {
			return errors.New("a latent cache has keys of one head")
		}
		a.d, a.k = q.Dims[1]/a.heads, k.Val
		if a.dv = n.AttrInt("v_head_size", 0); a.dv < 1 || a.dv > a.d {
			a.dv = a.d
		}
		return nil
	case k == nil || v == nil:
		a.d = q.Dims[1] / (a.heads + 2*a.kv)
		each := rows * a.d
		if a.d < 1 || each*(a.heads+2*a.kv) != q.Elems() {
			return fmt.Errorf("queries of dimensions %v for %d and %d heads", q.Dims, a.heads, a.kv)
		}
		a.q, a.k, a.v = im.B.Slice(q.Val, 0, each*a.heads, 1, 1), im.B.Slice(q.Val, each*a.heads, each*a.kv, 1, 1), im.B.Slice(q.Val, each*(a.heads+a.kv), each*a.kv, 1, 1)
	case !k.Ready || !v.Ready:
		return errors.New("keys or values are not data")
	default:
		a.d, a.k, a.v = q.Dims[1]/a.heads, k.Val, v.Val
	}
	a.dv = a.d
	return nil
}

// attendLatent adds an attention whose values are the front of its keys: one cache,
// read once by each product.
func attendLatent(im *walk.Importer, n *onnx.Node, a attentionInputs) (graph.Value, error) {
	keys := a.old + a.news
	if min(a.queries, keys, a.d) < 1 || a.d > 1<<24 {
		return graph.Value{}, fmt.Errorf("%d queries of size %d over %d keys", a.queries, a.d, keys)
	}
	c := im.B.Append(n.Name+".append", a.k, im.CacheOf(a.past[0], &walk.Entry{Tensor: infer.Tensor{Dims: []int64{a.batch, keys, a.d}}}))
	if k := a.present[0]; k < len(n.Out) && n.Out[k] != "" {
		e, err := im.Result(n, k, a.held, onnx.TypeFloat)
		if err != nil {
			return graph.Value{}, err
		}
		im.Set(e, c)
		e.Cache = true
	}
	seen, rows := a.seen(), a.heads*a.queries
	y := im.B.Core(func() graph.Value {
		p := im.B.Softmax(n.Name+".softmax", im.B.MatMul(n.Name+".qk", a.q, lastOf(im, c, a.batch*seen*a.d), a.batch, rows, a.d, seen))
		return im.B.MatMul(n.Name+".av", p, lastOf(im, c, a.batch*seen*a.dv), a.batch, rows, seen, a.dv)
	})
	return y, im.B.Err()
}

// packedTokens is PackedMultiHeadAttention of ONNX Runtime: the tokens of all
// sequences without padding, which an offset for every place of the padded batch
// finds. The sequences are taken to be padded: as long as the longest.
func packedTokens(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	offsets := im.Arg(n, 4)
	heads := n.AttrInt("num_heads", 0)
	if offsets == nil || len(offsets.Dims) != 2 || offsets.Dims[0] < 1 || heads < 1 || heads > 1<<20 || len(q.Dims) < 2 || q.Dims[0]%offsets.Dims[0] != 0 {
		return fmt.Errorf("%d heads, queries of dimensions %v: token_offset gives the sequences", heads, q.Dims)
	}
	a := attentionInputs{batch: offsets.Dims[0], heads: heads, kv: heads, q: q.Val, queries: q.Dims[0] / offsets.Dims[0]}
	a.news = a.queries
	flat := *q
	if len(q.Dims) == 4 { // tokens, heads, 3, size
		flat.Dims = []int64{q.Dims[0], q.Dims[1] * q.Dims[2] * q.Dims[3]}
	}
	if err := packed(im, n, &a, &flat, false); err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{q.Dims[0], heads * a.dv}, y)
}
