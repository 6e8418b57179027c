package views

import (
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// expandView makes an expansion along one axis a view, when only products read
// it.
func expandView(im *walk.Importer, n *onnx.Node, x *walk.Entry, dims []int64) bool {
	at := -1
	src := slices.Concat(slices.Repeat([]int64{1}, max(0, len(dims)-len(x.Dims))), x.Dims)
	if len(src) != len(dims) {
		return false
	}
	for i := range dims {
		if dims[i] != src[i] {
			if src[i] != 1 || at >= 0 {
				return false
			}
			at = i
		}
	}
	if at < 0 || x.Rep != nil || x.Pad != nil || !onlyProducts(im, n.Out[0], 0) {
		return false
	}
	outer := int64(1)
	for _, d := range dims[:at] {
		outer *= d
	}
	im.Tensors[n.Out[0]] = &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, Param: walk.NoParam, Val: x.Val, Ready: true, Rep: &walk.Repeated{Outer: outer, Times: dims[at]}}
	return true
}

// onlyProducts reports whether all that reads a tensor, through views, are
// batched products.
func onlyProducts(im *walk.Importer, name string, depth int) bool {
	if im.Index.Out[name] || depth > 8 || len(im.Index.Users[name]) == 0 {
		return false
	}
	for _, u := range im.Index.Users[name] {
		r := &im.Graph.Nodes[u]
		switch {
		case r.Domain != "" || len(r.Out) != 1:
			return false
		case r.Op == "MatMul":
		case slices.Contains([]string{"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity"}, r.Op) && r.In[0] == name:
			if !onlyProducts(im, r.Out[0], depth+1) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// ViewRepeated passes a repetition through a view, or writes it out where the
// view permutes the repeated axes.
func ViewRepeated(im *walk.Importer, n *onnx.Node, x *walk.Entry, dims []int64) error {
	if n.Op == "Transpose" {
		span := int64(1)
		for i, p := range n.AttrInts("perm") {
			if span >= x.Rep.Outer*x.Rep.Times {
				break
			}
			if p != int64(i) {
				return im.Give(n, 0, dims, Written(im, n.Name, x))
			}
			span *= x.Dims[i]
		}
	}
	im.Tensors[n.Out[0]] = &walk.Entry{Tensor: infer.Tensor{Dims: dims, Type: x.Type}, Param: walk.NoParam, Val: x.Val, Ready: true, Rep: x.Rep}
	return nil
}

// Written returns all elements of a repetition.
func Written(im *walk.Importer, name string, x *walk.Entry) graph.Value {
	if x.Rep == nil {
		return x.Val
	}
	return im.B.Copy(name+".expand", x.Val, x.Elems())
}
