package convert

import (
	"fmt"
	"slices"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/ops"
	"stco/model/workload/onnx/ops/products"
	"stco/model/workload/onnx/ops/views"
	"stco/model/workload/onnx/walk"
)

// statedDims returns the dimensions that the file gives a tensor, nil when it
// gives none, or some of them as symbols.
func statedDims(im *walk.Importer, name string) []int64 {
	for _, list := range [][]onnx.Info{im.Graph.Outputs, im.Graph.Infos} {
		i := slices.IndexFunc(list, func(v onnx.Info) bool { return v.Name == name })
		if i < 0 || list[i].Dims == nil {
			continue
		}
		dims := []int64{}
		for _, d := range list[i].Dims {
			if d.Symbol != "" || d.Value < 0 {
				return nil
			}
			dims = append(dims, d.Value)
		}
		return dims
	}
	return nil
}

// impliedDims returns the dimensions that the file gives a tensor, or else those of
// the only tensor made of it, element by element.
func impliedDims(im *walk.Importer, name string) []int64 {
	for range 8 {
		dims, users := statedDims(im, name), im.Index.Users[name]
		if dims != nil || len(users) != 1 {
			return dims
		}
		n := &im.Graph.Nodes[users[0]]
		_, pointwise := ops.Pointwise(n.Op)
		if same := pointwise || n.Op == "Cast" || n.Op == "CastLike" || n.Op == "Identity"; !same || n.Domain != "" || n.In[0] != name {
			return nil
		}
		name = n.Out[0]
	}
	return nil
}

// asDeclared adds a node whose results have dimensions that depend on values of
// the data but are stated by the file: as a view where the number of elements stays,
// as a reduction where it falls, else as a copy. What is computed from constants of
// unknown values stays constant. It reports whether it could.
func asDeclared(im *walk.Importer, n *onnx.Node) (bool, error) {
	var x *walk.Entry
	for i := range n.In {
		if e := im.Arg(n, i); e != nil && e.Ready && (x == nil || e.Elems() > x.Elems()) {
			x = e
		}
	}
	first := im.Arg(n, 0)
	fixed := first != nil && first.Fixed && (x == nil || first.Elems() == 0)
	if !fixed && (x == nil || x.IsList) {
		return false, nil
	}
	var all [][]int64
	for _, out := range n.Out {
		dims := impliedDims(im, out)
		if out != "" && dims == nil {
			return false, nil
		}
		all = append(all, dims)
	}
	for i, out := range n.Out {
		if out == "" {
			continue
		}
		elems, err := onnx.Elements(all[i])
		if err != nil {
			return false, err
		}
		if fixed || elems == 0 { // of nothing, or nothing: the same in every inference
			im.Alias(n, i, &walk.Entry{Tensor: infer.Tensor{Dims: all[i], Type: onnx.TypeFloat}, Fixed: true, Param: walk.NoParam})
			continue
		}
		v := x.Val
		switch {
		case elems == x.Elems():
		case len(n.Op) > 6 && n.Op[:6] == "Reduce" && x.Elems()%elems == 0:
			v = products.MeanOf(im, n.Name, x, elems)
		default:
			v = im.B.Copy(fmt.Sprintf("%s.%d", n.Name, i), views.Written(im, n.Name, x), elems)
		}
		if err := im.Give(n, i, all[i], v); err != nil {
			return false, err
		}
	}
	return true, nil
}
