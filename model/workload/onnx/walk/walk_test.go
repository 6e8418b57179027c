package walk

import (
	"slices"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/pattern"
)

// importer knows data x of 2 x 3, constants w of 3 x 4 and c, a view of w, a part p
// of w, a computed table t, an entry nobody modelled, and the input of tokens.
func importer() *Importer {
	g := &onnx.Graph{Nodes: []onnx.Node{{Op: "Sin", Out: []string{"t"}}, {Op: "Constant", Out: []string{"k"}}}}
	im := &Importer{
		Model: &onnx.Model{Graph: g}, Graph: g, B: graph.NewBuilder("n"), Tensors: map[string]*Entry{},
		Index: &pattern.Index{From: map[string]int{"t": 0, "k": 1}},
	}
	for name, e := range map[string]*Entry{
		"w": {Fixed: true}, "c": {Fixed: true, Origin: "w"}, "t": {Fixed: true}, "k": {Fixed: true}, "p": {Fixed: true, Origin: "w"}, "dark": {},
	} {
		e.Param, e.Dims, e.Type = NoParam, []int64{3, 4}, onnx.TypeFloat
		im.Tensors[name] = e
	}
	im.Tensors["c"].Dims, im.Tensors["p"].Dims = []int64{4, 3}, []int64{1, 4}
	x := &Entry{Param: NoParam, Tensor: infer.Tensor{Dims: []int64{2, 3}, Type: onnx.TypeFloat}}
	im.Tensors["x"] = x
	im.Input("x", x)
	return im
}

func node(in ...string) *onnx.Node { return &onnx.Node{Name: "n", In: in, Out: []string{"y", "", "z"}} }

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// TestArguments: an input that is absent, missing, not modelled or constant where
// data are expected.
func TestArguments(t *testing.T) {
	im := importer()
	n := node("x", "", "w", "dark", "nowhere")
	if im.Arg(n, 0) != im.Tensors["x"] || im.Arg(n, 1) != nil || im.Arg(n, 5) != nil || im.Arg(n, 2) != im.Tensors["w"] {
		t.Error("arguments by their place")
	}
	if e, err := im.Data(n); err != nil || e != im.Tensors["x"] || !e.Ready || !e.Given || e.Val.Elems() != 6 {
		t.Errorf("%+v, %v", e, err)
	}
	_, err := im.Need(n, 1)
	refused(t, err, "input 1 is missing")
	_, err = im.Need(n, 5)
	refused(t, err, "input 5 is missing")
	_, err = im.Need(n, 4)
	refused(t, err, `input "nowhere" is a result that is not modelled`)
	if e, err := im.DataArg(n, 2); err != nil || !e.Ready || e.Fixed || e.Val.Elems() != im.Tensors["w"].Elems() || im.Tensors["w"].Ready {
		t.Errorf("a constant where data are read: %+v, %v", e, err)
	}
	im.Tensors["none"] = &Entry{Tensor: infer.Tensor{Dims: []int64{3, 0}}, Fixed: true, Param: NoParam}
	_, err = im.DataArg(node("none"), 0)
	refused(t, err, `the data of input "none", which has no elements, are needed and not known`)
	_, err = im.DataArg(n, 3)
	refused(t, err, `input "dark" is a result that is not modelled`)
	if c := im.Call(n); len(c.Args) != 5 || c.Args[0] != &im.Tensors["x"].Tensor || c.Args[1] != nil || c.Args[4] != nil || c.Node != n {
		t.Errorf("%+v", c)
	}
}

// TestParameters: a constant is a parameter once, its views are the same one; of a
// table that is added the whole table counts, and what nodes compute is frozen.
func TestParameters(t *testing.T) {
	im := importer()
	w := im.ParamOf("w")
	if im.ParamOf("w") != w || im.ParamOf("c") != w {
		t.Error("a view of a constant is another parameter")
	}
	p := im.ParamOf("p")
	if p == w {
		t.Error("a part of a constant is all of it")
	}
	if im.TableOf("p") != w {
		t.Error("rows of a table are not the table")
	}
	k, table := im.TableOf("k"), im.TableOf("t")
	if im.TableOf("t") != table {
		t.Error("a computed table is two")
	}
	im.B.Output(im.Tensors["x"].Val)
	n, err := im.B.Network()
	if err != nil {
		t.Fatal(err)
	}
	if n.Params[w].Elems != 12 || n.Params[p].Elems != 4 || n.Params[k].Frozen || !n.Params[table].Frozen || len(n.Params) != 4 {
		t.Errorf("%+v", n.Params)
	}
	all, err := im.Params(node("x", "w", "", "t", "p"), 1, 4)
	if err != nil || !slices.Equal(all, []int32{w, table}) {
		t.Errorf("parameters %v, %v", all, err)
	}
	if all, err = im.Params(node("x"), 1, 3); err != nil || all != nil {
		t.Errorf("no parameters: %v, %v", all, err)
	}
	_, err = im.ParamList([]string{"x"})
	refused(t, err, `"x" is not a constant with elements`)
	_, err = im.ParamList([]string{"nowhere"})
	refused(t, err, `"nowhere" is not a constant with elements`)
	im.Tensors["w"].Dims = []int64{0, 4}
	_, err = im.ParamList([]string{"w"})
	refused(t, err, `"w" is not a constant with elements`)
}

func TestWeights(t *testing.T) {
	im := importer()
	n := node("x", "w", "")
	if e, err := im.Weight(n, 1, 3, 2); err != nil || e != im.Tensors["w"] {
		t.Errorf("%+v, %v", e, err)
	}
	_, err := im.Weight(n, 1, 3)
	refused(t, err, `weights "w" of dimensions [3 4]`)
	_, err = im.Weight(n, 0, 2)
	refused(t, err, `weights "x" depend on data`)
	_, err = im.Weight(n, 2, 2)
	refused(t, err, "input 2 is missing")
	im.Tensors["w"].Dims = []int64{3, 0}
	_, err = im.Weight(n, 1, 2)
	refused(t, err, `weights "w" of dimensions [3 0]`)
}

// TestResults: a result has dimensions and data of as many elements; one without a
// name is entered nowhere.
func TestResults(t *testing.T) {
	im := importer()
	x := im.Tensors["x"].Val
	if err := im.Give(node(), 0, []int64{3, 2}, x); err != nil {
		t.Fatal(err)
	}
	if e := im.Tensors["y"]; e == nil || !e.Ready || e.Param != NoParam || !slices.Equal(e.Dims, []int64{3, 2}) || e.Type != onnx.TypeFloat || e.Val.C != 6 || e.Given {
		t.Errorf("%+v", e)
	}
	refused(t, im.Give(node(), 2, []int64{7}, x), "6 elements for a result of [7]")
	refused(t, im.Give(node(), 2, []int64{1 << 40, 1 << 40}, x), "elements")
	before := len(im.Tensors)
	if err := im.Give(node(), 1, []int64{6}, x); err != nil || len(im.Tensors) != before {
		t.Errorf("a result without a name: %d entries, %v", len(im.Tensors), err)
	}
	im.Alias(node(), 2, im.Tensors["x"])
	im.Alias(node(), 1, im.Tensors["x"])
	im.Alias(node(), 3, im.Tensors["x"])
	if im.Tensors["z"] != im.Tensors["x"] || len(im.Tensors) != before {
		t.Error("an alias")
	}
	if e, err := im.Result(node(), 0, []int64{2}, onnx.TypeInt64); err != nil || im.Tensors["y"] != e || e.Ready || e.Type != onnx.TypeInt64 {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestInputs: whole numbers are token indices, a cache persists.
func TestInputs(t *testing.T) {
	im := importer()
	ids := &Entry{Param: NoParam, Tensor: infer.Tensor{Dims: []int64{2, 5}, Type: onnx.TypeInt64}}
	im.Input("ids", ids)
	c := im.CacheOf("past", im.Tensors["w"])
	im.B.Output(im.B.Append("append", im.Tensors["x"].Val, c))
	im.B.Output(ids.Val)
	n, err := im.B.Network()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range n.Data {
		switch d.Name {
		case "x":
			if !d.External || d.Form != workload.NoFormat || d.Elems != 6 {
				t.Errorf("%+v", d)
			}
		case "ids":
			if !d.External || d.Form == workload.NoFormat || d.Elems != 10 {
				t.Errorf("%+v", d)
			}
		case "past.cache":
			if !d.Persistent || d.Class != workload.KVCache || d.Elems != 12 {
				t.Errorf("%+v", d)
			}
		}
	}
	im.Warn("%d of %s", 3, "x")
	if !slices.Equal(im.Warnings, []string{"3 of x"}) {
		t.Errorf("warnings %q", im.Warnings)
	}
	for i, c := range []Choices{{}, {Bind: map[string]int64{"n": 1}}, {Set: map[string]float64{"s": 1}}, {Bound: map[string]int64{"Loop": 1}}, {Pointwise: true}} {
		if c.Empty() != (i == 0) {
			t.Errorf("%+v says nothing: %v", c, c.Empty())
		}
	}
	// After the first error no data are set, and calls go on.
	im.B.Failf("broken")
	im.Set(ids, graph.Value{})
	if !ids.Ready || ids.Val.Elems() != 10 {
		t.Errorf("%+v", ids.Val)
	}
}
