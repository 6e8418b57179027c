package convert

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// TestGrouped: attention over caches and mixtures of experts as ONNX Runtime writes
// them, with products, parameters and bytes of the caches worked out by hand.
func TestGrouped(t *testing.T) {
	i32 := func(name string, dims ...int64) onnx.Info {
		v := info(name, dims...)
		v.Type = onnx.TypeInt32
		return v
	}
	heads := []onnx.Attr{attr("num_heads", 8), attr("kv_num_heads", 2)}
	with := func(more ...onnx.Attr) []onnx.Attr { return append(heads[:2:2], more...) }
	for _, c := range []struct {
		name   string
		node   onnx.Node
		o      walk.Choices
		dims   string
		macs   int64
		params int64
		cache  int64 // elements
		warn   string
	}{
		// One new token of two sequences, 31 before it: 8 heads of 16 over 2 of keys.
		{"keys and values apart", own("GroupQueryAttention", "q,k,v,past,past", heads...), walk.Choices{}, "[2 1 128]", 2 * 2 * 8 * 32 * 16, 0, 2 * 2 * 2 * 32 * 16, ""},
		{"in one tensor, rotary", own("GroupQueryAttention", "qkv,,,past,past,n,n,cos,cos", with(attr("do_rotary", 1))...), walk.Choices{}, "[2 1 128]", 2 * 2 * 8 * 32 * 16, 0, 2 * 2 * 2 * 32 * 16, ""},
		{"a window of 8 keys", own("GroupQueryAttention", "q,k,v,past,past", with(attr("local_window_size", 8))...), walk.Choices{}, "[2 1 128]", 2 * 2 * 8 * 8 * 16, 0, 2 * 2 * 2 * 32 * 16, ""},
		{"a window wider than the context", own("GroupQueryAttention", "q,k,v,past,past", with(attr("local_window_size", 99))...), walk.Choices{}, "[2 1 128]", 2 * 2 * 8 * 32 * 16, 0, 2 * 2 * 2 * 32 * 16, ""},
		// A buffer of 64 tokens, masks of 4 x 4 blocks of 16 of which 9 are there: 36 keys a query.
		{"blocks of keys", own("SparseAttention", "q,k,v,buffer,buffer,blockrows,blockcols,n,n", with(attr("sparse_block_size", 16))...), walk.Choices{}, "[2 1 128]", 2 * 2 * 8 * 36 * 16, 0, 2 * 2 * 2 * 64 * 16, ""},
		// 10 blocks of 16 for two sequences: 80 keys each.
		{"a paged cache", own("PagedAttention", "q2,k2,v2,pages,pages,cumulative,lengths,table", heads...), walk.Choices{}, "[2 128]", 2 * 2 * 8 * 80 * 16, 0, 2 * 2 * 2 * 80 * 16, "--bound PagedAttention=N"},
		{"bounded", own("PagedAttention", "q2,k2,v2,pages,pages,cumulative,lengths,table", heads...), walk.Choices{Bound: map[string]int64{"PagedAttention": 50}}, "[2 128]", 2 * 2 * 8 * 50 * 16, 0, 2 * 2 * 2 * 50 * 16, ""},
		{"in one tensor", own("PagedAttention", "qkv2,,,pages,pages,cumulative,lengths,table", heads...), walk.Choices{Bound: map[string]int64{"PagedAttention": 50}}, "[2 128]", 2 * 2 * 8 * 50 * 16, 0, 2 * 2 * 2 * 50 * 16, ""},
		// 8 heads of 16 over one latent vector of 16 a token, of which 12 are the values.
		{
			"a latent cache", own("PagedAttention", "q2,latent,,latents,,cumulative,lengths,table", attr("num_heads", 8), attr("kv_num_heads", 1), attr("v_head_size", 12), onnx.Attr{Name: "kv_cache_layout", Text: "LATENT"}),
			walk.Choices{Bound: map[string]int64{"PagedAttention": 50}},
			"[2 96]", 2 * 8 * 50 * (16 + 12), 0, 2 * 50 * 16, "",
		},
		{"packed tokens", own("PackedMultiHeadAttention", "q6,k6,v6,,offsets,cumulative", attr("num_heads", 8)), walk.Choices{}, "[6 128]", 2 * 2 * 8 * 3 * 3 * 16, 0, 0, ""},
		// 6 tokens, 2 of 4 experts of 16 -> 24 -> 16.
		{"experts", own("MoE", "tokens,router,e1,,e2", attr("k", 2)), walk.Choices{}, "[6 16]", 6 * 2 * 2 * 16 * 24, 4 * 2 * 16 * 24, 0, ""},
		{"gates in the first matrix", own("MoE", "tokens,router,e12,b12,e2,b2", attr("k", 2), onnx.Attr{Name: "activation_type", Text: "swiglu"}), walk.Choices{}, "[6 16]", 6 * 2 * 3 * 16 * 24, 4*3*16*24 + 4*48 + 4*16, 0, ""},
		{"gates in a third", own("MoE", "tokens,router,e1,,e2,,e1", attr("k", 1)), walk.Choices{}, "[6 16]", 6 * 3 * 16 * 24, 4 * 3 * 16 * 24, 0, ""},
		{"of four bits", own("QMoE", "tokens,router,p12,s,b12,p2,s,b2", attr("k", 2), attr("expert_weight_bits", 4)), walk.Choices{}, "[6 16]", 6 * 2 * 3 * 16 * 24, 4*3*16*24 + 4*48 + 4*16, 0, ""},
		{"of eight bits", own("QMoE", "tokens,router,e1,s,,e2,s", attr("k", 2), attr("expert_weight_bits", 8)), walk.Choices{}, "[6 16]", 6 * 2 * 2 * 16 * 24, 4 * 2 * 16 * 24, 0, ""},
		// A table of 100 x 64 in four bits, blocks of 32.
		{"a table of few bits", own("GatherBlockQuantized", "words,ids,scales", attr("bits", 4), attr("block_size", 32)), walk.Choices{}, "[2 3 64]", 0, 6400, 0, ""},
		{"a bias behind few bits", own("MatMulNBits", "tokens,w4,s,,,b9", attr("K", 16), attr("N", 9)), walk.Choices{}, "[6 9]", 6 * 16 * 9, 16*9 + 9, 0, ""},
		{"without padding", own("RemovePadding", "q3,n"), walk.Choices{}, "[6 128]", 0, 0, 0, ""},
	} {
		m := onnx.Model{Graph: &onnx.Graph{
			Outputs: infos("y"), Nodes: []onnx.Node{c.node},
			Inputs: []onnx.Info{
				info("q", 2, 1, 128), info("k", 2, 1, 32), info("v", 2, 1, 32), info("qkv", 2, 1, 192), info("past", 2, 2, 31, 16), info("buffer", 2, 2, 64, 16), i32("n", 2),
				info("q2", 2, 128), info("k2", 2, 32), info("v2", 2, 32), info("qkv2", 2, 192), info("latent", 2, 16), info("pages", 10, 16, 2, 16), info("latents", 10, 16, 1, 16),
				i32("cumulative", 3), i32("lengths", 2), i32("table", 2, 5), info("q3", 2, 3, 128),
				info("q6", 6, 128), info("k6", 6, 128), info("v6", 6, 128), i32("offsets", 2, 3), info("tokens", 6, 16), info("router", 6, 4), i32("ids", 2, 3),
			},
			Tensors: []onnx.Constant{
				matrix("cos", 64, 8), ints1("blockrows", []int64{1, 5}, 0, 1, 3, 6, 9),
				{Name: "blockcols", Dims: []int64{1, 12}, Type: onnx.TypeInt32},
				matrix("e1", 4, 24, 16), matrix("e2", 4, 16, 24), matrix("e12", 4, 48, 16), matrix("b12", 4, 48), matrix("b2", 4, 16), matrix("p12", 4, 48, 8), matrix("p2", 4, 16, 12),
				matrix("words", 100, 32), matrix("scales", 100, 2), matrix("w4", 9, 1, 8), matrix("b9", 9),
				{Name: "s", Dims: []int64{}, Type: onnx.TypeFloat, Values: []float64{1}},
			},
		}}
		im, n, warnings, err := through(t, m, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		p, macs := n.Totals()
		cache := int64(0)
		for _, d := range n.Data {
			if d.Class == workload.KVCache {
				cache += d.Elems
			}
		}
		if macs != c.macs || p != c.params || cache != c.cache || dims(t, im) != c.dims {
			t.Errorf("%s: %d MACs, %d parameters, a cache of %d, result %s; want %d, %d, %d, %s", c.name, macs, p, cache, dims(t, im), c.macs, c.params, c.cache, c.dims)
		}
		if said := fmt.Sprint(warnings); c.warn == "" && len(warnings) > 0 || !strings.Contains(said, c.warn) {
			t.Errorf("%s: warnings %s", c.name, said)
		}
		tr, err := lower.Trace(n, workload.Options{Batch: 1, Precision: workload.MixedPrecision()})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if s := workload.Summarize(tr); s.KVCacheBytes != 2*cache {
			t.Errorf("%s: %d bytes of cache, want %d", c.name, s.KVCacheBytes, 2*cache)
		}
	}
}
