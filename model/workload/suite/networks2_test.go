package suite

import (
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// options2 reads input size and context from the conditions of a row.
func options2(conditions string) workload.Options {
	o := workload.Options{Batch: 1}
	for _, size := range []int{416, 608, 640, 300, 800, 1024, 572} {
		if strings.Contains(conditions, "x"+strconv.Itoa(size)+"x"+strconv.Itoa(size)) {
			o.ImageSize = size
		}
	}
	if strings.HasPrefix(conditions, "64x64 latent (512") {
		o.ImageSize = 512
	}
	return o
}

// macsOf sums the multiply-accumulates of the operators that the function takes.
func macsOf(n *graph.Network, take func(o *graph.Op) bool) (sum int64) {
	for i := range n.Ops {
		if take(&n.Ops[i]) {
			sum += n.Ops[i].MACs()
		}
	}
	return sum
}

func kind(k workload.OpKind) func(*graph.Op) bool {
	return func(o *graph.Op) bool { return o.Kind == k }
}

func prefix(p string) func(*graph.Op) bool {
	return func(o *graph.Op) bool { return strings.HasPrefix(o.Name, p) }
}

func has(text ...string) func(*graph.Op) bool {
	return func(o *graph.Op) bool {
		for _, t := range text {
			if strings.Contains(o.Name, t) {
				return true
			}
		}
		return false
	}
}

func both(a, b func(*graph.Op) bool) func(*graph.Op) bool {
	return func(o *graph.Op) bool { return a(o) && b(o) }
}

func not(a func(*graph.Op) bool) func(*graph.Op) bool {
	return func(o *graph.Op) bool { return !a(o) }
}

// kvBytes returns the 16-bit bytes of the cache of one decoded token's context.
func kvBytes(n *graph.Network) (sum int64) {
	for i := range n.Data {
		if n.Data[i].Class == workload.KVCache {
			sum += 2 * n.Data[i].Elems
		}
	}
	return sum
}

// TestNetworks2 holds counts to published ones and to an independent count.
func TestNetworks2(t *testing.T) {
	exact, passed := 0, map[string]int{}
	for _, row := range published(t, "networks2.csv") {
		name, quantity := row["network"], row["quantity"]
		if compare2(t, row) {
			exact++
			continue
		}
		if _, err := Lookup(name); err != nil {
			passed["no network "+name]++
			continue
		}
		count, ok := quantities[quantity]
		if !ok {
			passed[quantity]++
			continue
		}
		want, err := strconv.ParseInt(row["value"], 10, 64)
		if err != nil {
			passed[quantity]++
			continue
		}
		if got := count(t, name, row["conditions"]); got != want {
			t.Errorf("%s %s (%s): %d, want %d", name, quantity, row["conditions"], got, want)
			continue
		}
		exact++
	}
	t.Logf("%d rows exact; not compared: %v", exact, passed)
	if exact < 576 || len(passed) > 0 {
		t.Errorf("%d rows compared; not: %v", exact, passed)
	}
}

type counter func(t *testing.T, name, conditions string) int64

// built counts a network built under options.
func built(change func(*workload.Options), count func(*graph.Network) int64) counter {
	return func(t *testing.T, name, conditions string) int64 {
		o := options2(conditions)
		if change != nil {
			change(&o)
		}
		return count(build(t, name, o))
	}
}

func total(n *graph.Network) int64 {
	_, macs := n.Totals()
	return macs
}

func params(n *graph.Network) int64 {
	p, _ := n.Totals()
	return p
}

func decode(keys int) func(*workload.Options) {
	return func(o *workload.Options) { o.Phase, o.Context = workload.Decode, keys-1 }
}

// full decodes without the window of a network.
func full(keys int) func(*workload.Options) {
	return func(o *workload.Options) {
		decode(keys)(o)
		o.Window = keys
	}
}

func heads2(f func(*workload.Options)) func(*workload.Options) {
	return func(o *workload.Options) {
		f(o)
		o.HeadCache = true
	}
}

//nolint:unparam // the length belongs to a prefill
func prefill(seq int, causal, last bool) func(*workload.Options) {
	return func(o *workload.Options) { o.SeqLen, o.Causal, o.LastLogits = seq, causal, last }
}

func sliced(f func(*workload.Options)) func(*workload.Options) {
	return func(o *workload.Options) {
		f(o)
		o.Slice.Tensor = 8
	}
}

func sum(take func(*graph.Op) bool) func(*graph.Network) int64 {
	return func(n *graph.Network) int64 { return macsOf(n, take) }
}

func weights(n *graph.Network) (sum int64) {
	seen := map[int32]bool{}
	for i := range n.Ops {
		o := &n.Ops[i]
		if o.HasMACs() && len(o.Params) > 0 && !seen[o.Params[0]] {
			seen[o.Params[0]] = true
			sum += n.Params[o.Params[0]].Elems
		}
	}
	return sum
}

// weighted are the convolutions and linear layers.
func weighted(o *graph.Op) bool { return o.Kind == workload.OpConv || o.Kind == workload.OpLinear }

// ends sums the input or output elements of the convolutions and linear layers.
func ends(out bool) func(*graph.Network) int64 {
	return func(n *graph.Network) (sum int64) {
		for i := range n.Ops {
			o := &n.Ops[i]
			switch {
			case !weighted(o):
			case out:
				sum += o.Out[0].Len
			default:
				for _, p := range o.In[0] {
					sum += p.Len
				}
			}
		}
		return sum
	}
}

func calls(n *graph.Network) (k int64) {
	for i := range n.Ops {
		if weighted(&n.Ops[i]) {
			k++
		}
	}
	return k
}

// per is the difference that one more token, key or layer makes.
func per(a, b func(*workload.Options), count func(*graph.Network) int64) counter {
	return func(t *testing.T, name, conditions string) int64 {
		return built(a, count)(t, name, conditions) - built(b, count)(t, name, conditions)
	}
}

var (
	head     = has("lm_head", "decoder.logits")
	products = kind(workload.OpMatMul)
	matrices = func(o *graph.Op) bool {
		return !head(o) && (o.Kind == workload.OpLinear || strings.Contains(o.Name, "absorb"))
	}
)

func experts1(n *graph.Network) int64 {
	var e int64
	for i := range n.Ops {
		if o := &n.Ops[i]; o.Routing != nil && strings.HasPrefix(o.Name, "layers.4.") {
			for _, p := range o.Params {
				e += n.Params[p].Elems / o.Routing.Experts
			}
		}
	}
	return e
}

func layerParams(layer string) func(*graph.Network) int64 {
	return func(n *graph.Network) (e int64) {
		for i := range n.Params {
			if strings.HasPrefix(n.Params[i].Name, layer) {
				e += n.Params[i].Elems
			}
		}
		return e
	}
}

var quantities = map[string]counter{
	"parameters": func(t *testing.T, name, c string) int64 {
		if name == "vit_h_14" && strings.Contains(c, "518") {
			return built(func(o *workload.Options) { o.ImageSize = 518 }, params)(t, name, "")
		}
		return built(nil, params)(t, name, c)
	},
	"macs_total":                                 built(nil, total),
	"weighted_layers":                            built(nil, calls),
	"conv_linear_calls":                          built(nil, calls),
	"convolutions":                               built(nil, sumCount(kind(workload.OpConv))),
	"weights_conv_linear":                        built(nil, weights),
	"activations_in_elems":                       built(nil, ends(false)),
	"activations_out_elems":                      built(nil, ends(true)),
	"macs_attention_products":                    built(nil, sum(products)),
	"macs_conv_linear":                           built(nil, sum(weighted)),
	"macs_conv":                                  built(nil, sum(func(o *graph.Op) bool { return o.Kind == workload.OpConv && !o.Transposed })),
	"macs_transposed_conv":                       built(nil, sum(func(o *graph.Op) bool { return o.Transposed })),
	"macs_linear":                                built(nil, sum(kind(workload.OpLinear))),
	"macs_self_attention_products":               built(nil, sum(both(products, has("attn1")))),
	"macs_cross_attention_products":              built(nil, sum(both(products, has("attn2")))),
	"layers":                                     built(nil, sumCount(kind(workload.OpConv))),
	"macs_backbone_fpn":                          built(nil, sum(has("backbone", "fpn"))),
	"macs_rpn":                                   built(nil, sum(prefix("rpn"))),
	"macs_per_token_linear":                      built(decode(2), sum(matrices)),
	"macs_head_per_token":                        built(decode(2), sum(head)),
	"kv_bytes_per_token":                         per(full(12), full(11), kvBytes),
	"kv_bytes_per_token_uncompressed":            per(heads2(full(12)), heads2(full(11)), kvBytes),
	"macs_per_query_key_pair":                    pair,
	"macs_per_query_key_pair_absorbed":           per(decode(12), decode(11), sum(products)),
	"macs_prefill2048_linear":                    built(prefill(2048, false, false), sum(both(weighted, not(head)))),
	"macs_prefill2048_attn_full":                 built(prefill(2048, false, false), sum(products)),
	"macs_prefill2048_attn_causal":               built(prefill(2048, true, false), sum(products)),
	"macs_prefill2048_total_causal_lastlogit":    built(prefill(2048, true, true), total),
	"macs_prefill2048_total_full_alllogits":      built(prefill(2048, false, false), total),
	"macs_decode_ctx2048_total":                  unwindowed(2048),
	"macs_decode_ctx32768_total":                 unwindowed(32768),
	"macs_decode_ctx2048_total_window":           built(decode(2048), total),
	"macs_decode_ctx32768_total_window":          built(decode(32768), total),
	"macs_decode_ctx2048_total_absorbed":         built(decode(2048), total),
	"macs_decode_ctx32768_total_absorbed":        built(decode(32768), total),
	"macs_decode_ctx2048_total_naive_cached_kv":  built(heads2(decode(2048)), total),
	"macs_decode_ctx32768_total_naive_cached_kv": built(heads2(decode(32768)), total),
	"kv_bytes_cap_window":                        built(decode(32768), kvBytes),
	"parameters_active":                          built(nil, (*graph.Network).Active),
	"expert_parameters":                          built(nil, experts1),
	"moe_layer_parameters":                       built(nil, layerParams("layers.4.")),
	"dense_layer_parameters":                     built(nil, layerParams("layers.0.")),
	"attention_parameters_per_layer":             built(nil, layerParams("layers.0.self_attn")),
	"layer_params":                               built(nil, layerParams("backbone.layers.0.")),
	"trainable_parameters":                       built(nil, (*graph.Network).Trainable),
	"slice8_weights_matrices":                    built(sliced(decode(2048)), weights),
	"slice8_kv_bytes_per_token":                  per(sliced(decode(12)), sliced(decode(11)), kvBytes),
	"slice8_macs_decode_ctx2048":                 built(sliced(decode(2048)), total),
	"slice8_macs_decode_ctx32768":                built(sliced(decode(32768)), total),
	"slice8_kv_bytes_ctx32768":                   built(sliced(decode(32768)), kvBytes),
	"slice8_allreduce_elems_per_token":           built(sliced(decode(2048)), func(n *graph.Network) int64 { return n.Reduced }),

	"macs_per_token_conv":                   built(decode(2), sum(kind(workload.OpConv))),
	"macs_per_token_scan":                   built(decode(2), sum(products)),
	"decode_total":                          built(decode(2048), total),
	"prefill2048_total_recurrent_lastlogit": built(prefill(2048, false, true), total),
	"ssm_state_elems":                       built(decode(2048), cacheOf("ssm_state")),
	"conv_state_elems":                      built(decode(2048), cacheOf("conv_state")),

	"conv_macs":                 built(nil, sum(kind(workload.OpConv))),
	"macs_enc_linear":           built(nil, sum(both(prefix("encoder"), kind(workload.OpLinear)))),
	"macs_enc_attn":             built(nil, sum(both(prefix("encoder"), products))),
	"macs_enc_total":            built(nil, sum(prefix("encoder"))),
	"macs_cross_kv_once":        built(nil, sum(both(prefix("decoder"), has("cross.k", "cross.v")))),
	"macs_dec_lin_tok":          built(decode(448), sum(both(not(head), kind(workload.OpLinear)))),
	"macs_dec_cross_attn_tok":   built(decode(448), sum(both(products, has("cross")))),
	"macs_dec_self_pair":        per(decode(12), decode(11), sum(products)),
	"macs_dec_total_tok_ctx448": built(decode(448), total),
	"self_kv_bytes_per_token":   per(decode(12), decode(11), kvBytes),
	"cross_kv_bytes":            built(decode(448), func(n *graph.Network) int64 { return 2 * cacheOf("cross")(n) }),

	"macs_enc_512":       built(nil, sum(prefix("encoder"))),
	"macs_dec_512_full":  built(nil, sum(both(prefix("decoder"), not(head)))),
	"macs_head_512":      built(nil, sum(head)),
	"macs_total_512_512": built(nil, total),

	"params_lstm_encoder":             built(nil, layerParams("encoder")),
	"enc_pre_macs_per_frame":          built(nil, perUnit(prefix("encoder.pre"), 512)),
	"enc_post_macs_per_stacked_frame": built(nil, perUnit(prefix("encoder.post"), 256)),
	"pred_macs_per_symbol":            built(nil, perUnit(prefix("prediction"), 64)),
	"joint_macs_per_step":             built(nil, perUnit(prefix("joint"), 256+64)),

	"bottom_macs":                built(nil, sum(prefix("bot_l"))),
	"top_macs":                   built(nil, sum(prefix("top_l"))),
	"interaction_macs_bmm_27x27": built(nil, sum(prefix("interaction"))),
	"total_macs_bmm":             built(nil, total),
	"emb_params":                 built(nil, layerParams("emb_l")),
	"mlp_params":                 built(nil, func(n *graph.Network) int64 { return params(n) - layerParams("emb_l")(n) }),
	"rows":                       built(nil, func(n *graph.Network) int64 { return layerParams("emb_l")(n) / 128 }),
	"macs_box_head_per_proposal": built(nil, func(n *graph.Network) int64 {
		return macsOf(n, has("box_head", "box_predictor")) / 1000
	}),
	"macs_mask_head_per_detection": built(nil, func(n *graph.Network) int64 {
		return macsOf(n, has("mask_head", "mask_predictor")) / 100
	}),
	"ssd_chunk_total_2048_full":   chunked(false),
	"ssd_chunk_total_2048_causal": chunked(true),
}

func perUnit(take func(*graph.Op) bool, n int64) func(*graph.Network) int64 {
	return func(net *graph.Network) int64 { return macsOf(net, take) / n }
}

func sumCount(take func(*graph.Op) bool) func(*graph.Network) int64 {
	return func(n *graph.Network) (k int64) {
		for i := range n.Ops {
			if take(&n.Ops[i]) {
				k++
			}
		}
		return k
	}
}

func cacheOf(name string) func(*graph.Network) int64 {
	return func(n *graph.Network) (sum int64) {
		for i := range n.Data {
			if n.Data[i].Class == workload.KVCache && strings.Contains(n.Data[i].Name, name) {
				sum += n.Data[i].Elems
			}
		}
		return sum
	}
}

// pair is the cost of one more key; of latent attention with a cache of every
// head.
func pair(t *testing.T, name, _ string) int64 {
	if strings.HasPrefix(name, "deepseek") {
		return per(heads2(full(12)), heads2(full(11)), sum(products))(t, name, "")
	}
	return per(full(12), full(11), sum(products))(t, name, "")
}

// unwindowed decodes without a window, unless the network has it in some layers
// only.
func unwindowed(keys int) counter {
	return func(t *testing.T, name, _ string) int64 {
		if strings.HasPrefix(name, "gpt_oss") {
			return built(decode(keys), total)(t, name, "")
		}
		return built(full(keys), total)(t, name, "")
	}
}

// chunked counts the scan of a network in its chunked form.
func chunked(causal bool) counter {
	return func(t *testing.T, name, _ string) int64 {
		s, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err = Parse(name, append(s.Text(), "scan: chunked\n"...))
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Build(workload.Options{Batch: 1, SeqLen: 2048, Causal: causal})
		if err != nil {
			t.Fatal(err)
		}
		return macsOf(n, products)
	}
}
