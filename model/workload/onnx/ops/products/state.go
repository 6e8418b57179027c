package products

import (
	"fmt"
	"slices"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// linearAttention is LinearAttention of operator set 27 and ONNX Runtime: a scan
// whose state, a matrix of keys by values of every head, a token adds an outer
// product to (delta rules read what is there before) and every query reads once.
func linearAttention(im *walk.Importer, n *onnx.Node) error {
	var e [3]*walk.Entry
	for i := range e {
		var err error
		if e[i], err = im.DataArg(n, i); err != nil {
			return err
		}
		if len(e[i].Dims) != 3 {
			return fmt.Errorf("inputs of three dimensions are expected, not %v", e[i].Dims)
		}
	}
	heads, kv := n.AttrInt("q_num_heads", 0), n.AttrInt("kv_num_heads", 0)
	if min(heads, kv) < 1 || max(heads, kv) > 1<<16 || heads%kv != 0 {
		return fmt.Errorf("%d heads over %d", heads, kv)
	}
	batch, tokens := e[0].Dims[0], e[0].Dims[1]
	dk, dv := e[0].Dims[2]/heads, e[2].Dims[2]/kv
	if min(dk, dv) < 1 || e[1].Dims[2] != kv*dk || e[1].Dims[1] != tokens || e[2].Dims[1] != tokens {
		return fmt.Errorf("inputs of dimensions %v, %v and %v for %d heads over %d", e[0].Dims, e[1].Dims, e[2].Dims, heads, kv)
	}
	rule := n.AttrString("update_rule", "gated_delta")
	products := heads/kv + 1 // the queries of a group, and the outer product
	switch rule {
	case "linear", "gated":
	case "delta", "gated_delta":
		products++ // what the state holds for the key
	default:
		return fmt.Errorf("update_rule %q: linear, gated, delta and gated_delta are supported", rule)
	}
	proj := []graph.Value{e[0].Val, e[1].Val}
	for i := 4; i < 6; i++ { // decay, beta
		if g := im.Arg(n, i); g != nil && g.Ready {
			proj = append(proj, g.Val)
		}
	}
	width, rows := kv*dv, batch*tokens
	state, continued := graph.Value{}, im.Arg(n, 3) != nil
	if len(n.Out) > 1 && n.Out[1] != "" || continued {
		state = im.B.State(stateName(n, 3), workload.KVCache, width*batch, dk, 1)
	}
	y := im.B.ScanOf(n.Name+".scan", im.B.Reshape(e[2].Val, width, rows, 1), width, im.B.Tail(proj...), graph.ScanSize{States: dk, Groups: kv, Products: products}, state, continued)
	if heads != kv {
		y = im.B.Copy(n.Name+".heads", y, heads*dv*rows)
	}
	if len(n.Out) > 1 && n.Out[1] != "" {
		if err := im.Give(n, 1, []int64{batch, kv, dk, dv}, state); err != nil {
			return err
		}
		im.Tensors[n.Out[1]].Cache = true
	}
	return im.Give(n, 0, []int64{batch, tokens, heads * dv}, y)
}

// stateName names the state that input i holds.
func stateName(n *onnx.Node, i int) string {
	if i < len(n.In) && n.In[i] != "" {
		return n.In[i] + ".Cache"
	}
	return n.Name + ".Cache"
}

// causalConv is CausalConvWithState: a convolution of every channel over the tokens
// before, of which the last ones are kept from call to call.
func causalConv(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	w, err := im.Weight(n, 1, 3)
	if err != nil {
		return err
	}
	if len(x.Dims) != 3 || w.Dims[0] != x.Dims[1] || w.Dims[1] != 1 {
		return fmt.Errorf("weights %v for an input of %v", w.Dims, x.Dims)
	}
	params, err := im.Params(n, 1, 3)
	if err != nil {
		return err
	}
	batch, c, tokens, taps := x.Dims[0], x.Dims[1], x.Dims[2], w.Dims[2]
	k := graph.Window{R: taps, S: 1, StrideH: 1, StrideW: 1, PadH: taps - 1, EndH: 1 - taps, DilH: 1, DilW: 1}
	v := x.Val
	kept := im.Arg(n, 3) != nil || len(n.Out) > 1 && n.Out[1] != ""
	if kept && taps > 1 {
		state := im.B.State(stateName(n, 3), workload.KVCache, batch*c, taps-1, 1)
		if im.Arg(n, 3) != nil {
			v = im.B.Tail(state, x.Val)
			k.PadH, k.EndH = 0, 0
		}
		last := min(tokens, taps-1)
		state = im.B.Append(n.Name+".state", im.B.Slice(x.Val, (tokens-last)*batch*c, batch*c*last, 1, 1), state)
		if len(n.Out) > 1 && n.Out[1] != "" {
			if err := im.Give(n, 1, []int64{batch, c, taps - 1}, state); err != nil {
				return err
			}
			im.Tensors[n.Out[1]].Cache = true
		}
	}
	y := im.B.ConvWith(n.Name, im.B.Reshape(v, batch*c, v.Elems()/max(1, batch*c), 1), batch, c, k, c, params...)
	switch act := n.AttrString("activation", "none"); act {
	case "none", "":
	case "silu", "swish":
		y = im.B.Act(n.Name+".act", y, graph.SiLU)
	default:
		return fmt.Errorf("activation %q is not supported", act)
	}
	return im.Give(n, 0, slices.Clone(x.Dims), y)
}
