package fused

import (
	"errors"
	"fmt"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// maskedMultiHead is DecoderMaskedMultiHeadAttention of ONNX Runtime: one new token
// a sequence, whose keys and values are new ones behind those of inputs 5 and 6, or
// those of all tokens that another sequence left.
func maskedMultiHead(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	heads := n.AttrInt("num_heads", 0)
	if heads < 1 || heads > 1<<16 || len(q.Dims) != 3 {
		return fmt.Errorf("%d heads, queries of dimensions %v", heads, q.Dims)
	}
	a := attentionInputs{batch: q.Dims[0], queries: q.Dims[1], news: q.Dims[1], heads: heads, kv: heads, q: q.Val, present: [2]int{1, 2}}
	k, v := im.Arg(n, 1), im.Arg(n, 2)
	switch {
	case k == nil || v == nil: // packed
		each := q.Elems() / 3
		a.d = q.Dims[2] / (3 * heads)
		a.q, a.k, a.v = im.B.Slice(q.Val, 0, each, 1, 1), im.B.Slice(q.Val, each, each, 1, 1), im.B.Slice(q.Val, 2*each, each, 1, 1)
		a.dv = a.d
	case !k.Ready || !v.Ready:
		return errors.New("keys or values are not data")
	case len(k.Dims) == 4: // of another sequence
		a.d, a.news, a.dv, a.k, a.v = k.Dims[3], k.Dims[2], v.Dims[len(v.Dims)-1], k.Val, v.Val
	default:
		a.d, a.dv, a.k, a.v = q.Dims[2]/heads, v.Dims[len(v.Dims)-1]/heads, k.Val, v.Val
	}
	if err := addBias(im, n, 10, &a); err != nil {
		return err
	}
	if a.old, a.past[0], err = past(im, n, 5); err != nil {
		return err
	}
	if _, a.past[1], err = past(im, n, 6); err != nil {
		return err
	}
	if err := filled(im, n, &a); err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{a.batch, a.queries, heads * a.dv}, y)
}

// packedAttention is PackedAttention of ONNX Runtime: Attention over tokens without
// padding. The sequences are taken to be equally long.
func packedAttention(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	offsets := im.Arg(n, 3)
	if len(x.Dims) != 2 || offsets == nil || len(offsets.Dims) != 2 || offsets.Dims[0] < 1 {
		return fmt.Errorf("input of dimensions %v: tokens without padding, and token_offset for the sequences", x.Dims)
	}
	tokens, batch := x.Dims[0], offsets.Dims[0]
	if tokens%batch != 0 {
		return fmt.Errorf("%d tokens of %d sequences: taken to be equally long, they must divide", tokens, batch)
	}
	a, width, err := projected(im, n, x, batch, tokens/batch)
	if err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, []int64{tokens, width}, y)
}

// decoderAttention is DecoderAttention of ONNX Runtime: queries, keys and values are
// projected here, of [tokens, batch, features]; flags that are constants say whether
// keys and values are those of another sequence (8) and lie in a cache (9).
func decoderAttention(im *walk.Importer, n *onnx.Node) error {
	q, err := im.Data(n)
	if err != nil {
		return err
	}
	key, err := im.DataArg(n, 1)
	if err != nil {
		return err
	}
	heads := n.AttrInt("num_heads", 0)
	if len(q.Dims) != 3 || len(key.Dims) != 3 || heads < 1 || q.Dims[2]%heads != 0 {
		return fmt.Errorf("%d heads, inputs of dimensions %v and %v", heads, q.Dims, key.Dims)
	}
	s, batch, h := q.Dims[0], q.Dims[1], q.Dims[2]
	var params [2][]int32
	for i := range params {
		w, err := im.Weight(n, 2+i, 2)
		if err != nil {
			return err
		}
		if w.Dims[0] != h || w.Dims[1] != h*int64(1+i) {
			return fmt.Errorf("weights %v for %d features", w.Dims, h)
		}
		params[i] = []int32{im.ParamOf(n.In[2+i])}
	}
	flag := func(i int) bool {
		v, err := im.Call(n).Ints(i, "")
		return err == nil && len(v) == 1 && v[0] != 0
	}
	cross, cached := flag(8), flag(9) && im.Arg(n, 6) != nil && im.Arg(n, 7) != nil
	a := attentionInputs{batch: batch, heads: heads, kv: heads, queries: s, news: s, d: h / heads, dv: h / heads, present: [2]int{1, 2}}
	a.q = im.B.LinearWith(n.Name+".q", im.B.Reshape(q.Val, h, s*batch, 1), h, params[0]...)
	if cross && cached { // all there
		k, err := im.DataArg(n, 6)
		if err != nil {
			return err
		}
		v, err := im.DataArg(n, 7)
		if err != nil {
			return err
		}
		a.k, a.v, a.news = k.Val, v.Val, k.Elems()/max(1, batch*h)
	} else {
		from := q
		if cross {
			from = key
		}
		a.news = from.Dims[0]
		each := a.news * batch * h
		kv := im.B.LinearWith(n.Name+".kv", im.B.Reshape(from.Val, h, a.news*batch, 1), 2*h, params[1]...)
		a.k, a.v = im.B.Slice(kv, 0, each, 1, 1), im.B.Slice(kv, each, each, 1, 1)
		if cached {
			if a.old, a.past[0], err = past(im, n, 6); err != nil {
				return err
			}
			a.past[1] = n.In[7]
		}
	}
	if err := addBias(im, n, 4, &a); err != nil {
		return err
	}
	y, err := attend(im, n, a)
	if err != nil {
		return err
	}
	return im.Give(n, 0, q.Dims, y)
}

// addBias adds the bias of the packed projections, an input.
func addBias(im *walk.Importer, n *onnx.Node, i int, a *attentionInputs) error {
	bias := im.Arg(n, i)
	switch {
	case bias == nil:
	case bias.Elems() < 1 || !bias.Fixed && !bias.Ready:
		return fmt.Errorf("bias of dimensions %v", bias.Dims)
	case bias.Fixed:
		a.q = im.B.Pointwise(n.Name+".bias", graph.ParamAdd, a.q, im.ParamOf(n.In[i]))
	default:
		a.q = im.B.Combine(n.Name+".bias", a.q, bias.Val, a.q.Elems())
	}
	return nil
}

// sharedBuffer reports whether past and present are one buffer of the greatest
// length, whose filled part data decide.
func sharedBuffer(n *onnx.Node) bool { return n.AttrInt("past_present_share_buffer", 0) != 0 }

// filled sets the earlier tokens of a buffer of the greatest length: as many as the
// options bound, else all but the new ones.
func filled(im *walk.Importer, n *onnx.Node, a *attentionInputs) error {
	if !sharedBuffer(n) || a.old == 0 {
		return nil
	}
	most := a.old - a.news
	if most < 0 {
		return fmt.Errorf("%d new tokens for a buffer of %d", a.news, a.old)
	}
	a.held = []int64{a.batch, a.kv, a.old, a.d}
	v, ok := bound(im, n)
	if ok {
		most = min(most, v)
	} else {
		im.Warn("node %q (%s): the buffer of %d tokens is taken to be full: --bound %s=N says how many are there before", n.Name, strings.TrimPrefix(n.FullOp(), "ai.onnx."), a.old, n.Op)
	}
	a.old = most
	return nil
}
