package template

import (
	"stco/model/workload"
	"stco/model/workload/graph"
)

// The attention masks of padding are part of the softmax; the products are
// counted in full, as a dense engine runs them, unless options leave out what
// causality or a window masks.

// Thirds splits fused queries, keys and values.
func (b *Builder) Thirds(x graph.Value) (q, k, v graph.Value) {
	c, n := x.C/3, x.Elems()/3
	return b.Slice(x, 0, c, x.H, 1), b.Slice(x, n, c, x.H, 1), b.Slice(x, 2*n, c, x.H, 1)
}

// Heads are the heads of queries and those of the keys and values they share.
type Heads struct{ Q, KV int64 }

// Scope is the attention of q.H queries at the end of k.H keys.
type Scope struct {
	Causal bool
	Window int64 // keys that a query sees at most; 0: all
}

// pairs returns the pairs of n queries with keys, the last query at the last key.
func (c Scope) pairs(n, keys int64) int64 {
	w := keys
	if c.Window > 0 {
		w = min(w, c.Window)
	}
	if !c.Causal {
		return n * w
	}
	first := keys - n + 1 // keys that the first query sees
	short := max(0, min(n, w-first))
	return short*first + short*(short-1)/2 + (n-short)*w
}

// Attend adds softmax(Q K^T) V over all keys, with or without dropout of the
// probabilities, and with a bias added to the scores. Scale and mask are part of
// the softmax.
func (b *Builder) Attend(name string, q, k, v graph.Value, h Heads, drop bool, bias func(string, graph.Value) graph.Value) graph.Value {
	return b.AttendIn(name, q, k, v, h, Scope{}, drop, bias)
}

// AttendIn is attend in a scope. The heads of the values may have another size
// than those of queries and keys.
func (b *Builder) AttendIn(name string, q, k, v graph.Value, h Heads, c Scope, drop bool, bias func(string, graph.Value) graph.Value) graph.Value {
	if h.KV < 1 || h.Q%h.KV != 0 || q.C%h.Q != 0 || v.C%h.KV != 0 || k.C%h.KV != 0 {
		b.Failf("%s: %d heads over %d of keys, %d and %d features", name, h.Q, h.KV, q.C, k.C)
		return graph.Value{C: 1, H: 1, W: 1}
	}
	d, dv := q.C/h.Q, v.C/h.KV
	rows := h.Q / h.KV * q.H
	seen := h.Q * c.pairs(q.H, k.H)
	masked := h.Q*q.H*k.H - seen
	ctx := b.Core(func() graph.Value {
		p := b.MatMulMasked(name+".qk", q, k, h.KV, rows, d, k.H, masked*d)
		if bias != nil {
			p = bias(name, p)
		}
		p = b.SoftmaxOver(name+".softmax", p, seen)
		if drop {
			p = b.Drop(name+".dropout", p)
		}
		return b.MatMulMasked(name+".av", p, v, h.KV, rows, k.H, dv, masked*dv)
	})
	return b.Reshape(ctx, h.Q*dv, q.H, 1)
}

// Cached sends keys or values through the KV cache of a decoder's inference. A
// window bounds the cache: it holds the latest tokens only.
func (b *Builder) Cached(name string, x graph.Value, s Shape, window int64) graph.Value {
	if !s.Cache {
		return x
	}
	size := x.H + (s.Context+s.Parts-1)/s.Parts // one part of the context of a sliced sequence
	if window == 0 || size <= window {
		return b.Append(name, x, b.State(name, workload.KVCache, x.C, size, 1))
	}
	cache := b.State(name, workload.KVCache, x.C, window, 1)
	if x.H <= window {
		return b.Append(name, x, cache)
	}
	b.Append(name, b.Slice(x, (x.H-window)*x.C, x.C, window, 1), cache)
	return x
}

// LastToken returns the last position, when the options ask for its logits only.
func (b *Builder) LastToken(x graph.Value, s Shape) graph.Value {
	if !s.Last || x.H == 1 {
		return x
	}
	return b.Slice(x, (x.H-1)*x.C, x.C, 1, 1)
}
