package convert

import (
	"strings"
	"testing"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// The models below are written as they are read, and pass through a file.

func node1(op string, in, out string, attrs ...onnx.Attr) onnx.Node {
	split := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, ",")
	}
	return onnx.Node{Name: strings.Split(out, ",")[0] + "." + op, Op: op, In: split(in), Out: split(out), Attrs: attrs}
}

func ints1(name string, dims []int64, vs ...float64) onnx.Constant {
	return onnx.Constant{Name: name, Dims: dims, Type: onnx.TypeInt64, Values: vs}
}

func matrix(name string, dims ...int64) onnx.Constant {
	return onnx.Constant{Name: name, Dims: dims, Type: onnx.TypeFloat}
}

func info(name string, dims ...int64) onnx.Info {
	v := onnx.Info{Name: name, Type: onnx.TypeFloat}
	for _, d := range dims {
		v.Dims = append(v.Dims, onnx.Dim{Value: d})
	}
	return v
}

func infos(names ...string) []onnx.Info {
	var all []onnx.Info
	for _, n := range names {
		all = append(all, onnx.Info{Name: n})
	}
	return all
}

// through returns the network of a graph after a round trip through a file.
func through(t *testing.T, m onnx.Model, o walk.Choices) (*walk.Importer, *graph.Network, []string, error) {
	t.Helper()
	m.Opset = max(m.Opset, 21)
	back, err := read(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	im, err := declared(back, "test", o)
	if err != nil {
		return nil, nil, nil, err
	}
	n, warnings, err := Network(back, "test", o)
	return im, n, warnings, err
}

func macsOf(n *graph.Network) int64 {
	_, macs := n.Totals()
	return macs
}

func TestBranches(t *testing.T) {
	branch := func(w string) *onnx.Graph {
		return &onnx.Graph{Nodes: []onnx.Node{node1("MatMul", "x,"+w, "r")}, Outputs: infos("r")}
	}
	g := func(inputs []onnx.Info, condition ...onnx.Node) onnx.Model {
		return onnx.Model{Graph: &onnx.Graph{
			Inputs: inputs, Outputs: infos("y"),
			Tensors: []onnx.Constant{matrix("wide", 4, 16), matrix("slim", 4, 8), ints1("one", []int64{}, 1), ints1("zero", []int64{}, 0)},
			Nodes:   append(condition, node1("If", "c", "y", onnx.Attr{Name: "then_branch", Graph: branch("slim")}, onnx.Attr{Name: "else_branch", Graph: branch("wide")})),
		}}
	}
	shape := []onnx.Node{node1("Shape", "x", "s"), node1("Gather", "s,zero", "rows"), node1("Equal", "rows,one", "c")}
	for _, c := range []struct {
		rows, macs int64
	}{{1, 1 * 4 * 8}, {3, 3 * 4 * 16}} { // the condition is a dimension
		_, n, _, err := through(t, g([]onnx.Info{info("x", c.rows, 4)}, shape...), walk.Choices{})
		if err != nil || macsOf(n) != c.macs {
			t.Errorf("%d rows: %v, %v; want %d", c.rows, n, err, c.macs)
		}
	}
	input := g([]onnx.Info{info("x", 2, 4), {Name: "c", Type: onnx.TypeBool, Dims: []onnx.Dim{}}})
	for _, c := range []struct {
		value float64
		macs  int64
	}{{1, 2 * 4 * 8}, {0, 2 * 4 * 16}} { // the condition is an input
		_, n, _, err := through(t, input, walk.Choices{Set: map[string]float64{"c": c.value}})
		if err != nil || macsOf(n) != c.macs {
			t.Errorf("set %g: %v; want %d", c.value, err, c.macs)
		}
	}
	if _, _, _, err := through(t, input, walk.Choices{}); err == nil || !strings.Contains(err.Error(), "--set") {
		t.Errorf("a condition that data decide: %v", err)
	}
}

// product is a loop's body: h W, once a trip.
func product(extra []onnx.Node, condition string) *onnx.Graph {
	return &onnx.Graph{
		Inputs: infos("i", "before", "h"), Outputs: infos(condition, "next", "row"),
		Nodes: append(extra, node1("MatMul", "h,W", "next"), node1("Identity", "next", "row")),
	}
}

func TestLoops(t *testing.T) {
	model := func(trips, condition string, body *onnx.Graph) onnx.Model {
		return onnx.Model{Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 4)}, Outputs: infos("y", "rows"),
			Tensors: []onnx.Constant{
				matrix("W", 4, 4), ints1("three", []int64{}, 3), ints1("many", []int64{}, 1<<40), ints1("five", []int64{}, 5), ints1("two", []int64{}, 2),
				{Name: "yes", Dims: []int64{}, Type: onnx.TypeBool, Values: []float64{1}},
			},
			Nodes: []onnx.Node{
				node1("ReduceMax", "x", "largest", onnx.Attr{Name: "keepdims", Int: 0}), node1("Greater", "largest,largest", "data"),
				node1("Loop", trips+","+condition+",x", "y,rows", onnx.Attr{Name: "body", Graph: body}),
			},
		}}
	}
	less := []onnx.Node{node1("Add", "i,two", "j"), node1("Less", "j,five", "more")} // i + 2 < 5: three trips and one more
	hot := []onnx.Node{node1("ReduceMax", "h", "m", onnx.Attr{Name: "keepdims", Int: 0}), node1("Greater", "m,m", "more")}
	const trip = 2 * 4 * 4
	for _, c := range []struct {
		what  string
		m     onnx.Model
		o     walk.Choices
		trips int64
		err   string
	}{
		{"trips are constant", model("three", "", product(nil, "before")), walk.Choices{}, 3, ""},
		{"and the condition is true", model("three", "yes", product([]onnx.Node{node1("Identity", "before", "more")}, "more")), walk.Choices{}, 3, ""},
		{"the condition counts", model("many", "yes", product(less, "more")), walk.Choices{}, 4, ""},
		{"trips end before the condition", model("three", "yes", product(less, "more")), walk.Choices{}, 3, ""},
		{"endless", model("", "yes", product(nil, "before")), walk.Choices{}, 0, "never ends"},
		{"too long", model("many", "yes", product(nil, "before")), walk.Choices{}, 0, "1099511627776 trips: every one is written out, at most 4096; --bound Loop=N"},
		{"bounded", model("many", "yes", product(nil, "before")), walk.Choices{Bound: map[string]int64{"Loop": 7}}, 7, ""},
		{"data decide", model("many", "yes", product(hot, "more")), walk.Choices{}, 0, "--bound Loop=N"},
		{"data decide, bounded", model("many", "yes", product(hot, "more")), walk.Choices{Bound: map[string]int64{"Loop": 6}}, 6, ""},
	} {
		im, n, warnings, err := through(t, c.m, c.o)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.what, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if d := im.Tensors["rows"].Dims; macsOf(n) != c.trips*trip || len(d) != 3 || d[0] != c.trips {
			t.Errorf("%s: %d MACs, rows of %v; want %d trips of %d", c.what, macsOf(n), d, c.trips, trip)
		}
		if p, _ := n.Totals(); p != 16 {
			t.Errorf("%s: %d parameters, the trips share 16", c.what, p)
		}
		if said := len(warnings) > 0; said != (strings.Contains(c.what, "data decide") || c.what == "bounded") {
			t.Errorf("%s: warnings %q", c.what, warnings)
		}
	}
}

func TestScan(t *testing.T) {
	body := &onnx.Graph{
		Inputs: infos("h", "x_t"), Outputs: infos("next", "out"),
		Nodes: []onnx.Node{node1("MatMul", "h,W", "hw"), node1("Add", "hw,x_t", "next"), node1("MatMul", "next,V", "out")},
	}
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs: []onnx.Info{info("h0", 2, 4), info("x", 2, 6, 4)}, Outputs: infos("h", "ys"), Tensors: []onnx.Constant{matrix("W", 4, 4), matrix("V", 4, 3)},
		Nodes: []onnx.Node{node1("Scan", "h0,x", "h,ys", onnx.Attr{Name: "body", Graph: body}, onnx.Attr{Name: "num_scan_inputs", Int: 1},
			onnx.Attr{Name: "scan_input_axes", Ints: []int64{1}}, onnx.Attr{Name: "scan_output_axes", Ints: []int64{1}}, onnx.Attr{Name: "scan_input_directions", Ints: []int64{1}})},
	}}
	im, n, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(6 * (2*4*4 + 2*4*3)); macsOf(n) != want {
		t.Errorf("%d MACs, want %d", macsOf(n), want)
	}
	if d := im.Tensors["ys"].Dims; len(d) != 3 || d[0] != 2 || d[1] != 6 || d[2] != 3 {
		t.Errorf("scanned results of %v, want [2 6 3]", d)
	}
}

func TestFunctions(t *testing.T) {
	m := onnx.Model{
		Graph: &onnx.Graph{
			Inputs: []onnx.Info{info("x", 2, 3, 4)}, Outputs: infos("y"), Tensors: []onnx.Constant{matrix("W", 4, 5)},
			Nodes: []onnx.Node{{Name: "call", Op: "Turn", Domain: "own", In: []string{"x", "W"}, Out: []string{"y"}, Attrs: []onnx.Attr{{Name: "to", Ints: []int64{1, 0, 2}}}}},
		},
		Functions: []onnx.Function{
			{Domain: "own", Name: "Turn", In: []string{"a", "w"}, Out: []string{"b"}, Nodes: []onnx.Node{
				{Op: "Product", Domain: "own", In: []string{"a", "w"}, Out: []string{"p"}},
				{Op: "Transpose", In: []string{"p"}, Out: []string{"b"}, Attrs: []onnx.Attr{{Name: "perm", Ref: "to"}}},
			}},
			{Domain: "own", Name: "Product", In: []string{"a", "b"}, Out: []string{"c"}, Nodes: []onnx.Node{{Op: "MatMul", In: []string{"a", "b"}, Out: []string{"c"}}}},
		},
	}
	im, n, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if d := im.Tensors["y"].Dims; macsOf(n) != 2*3*4*5 || d[0] != 3 || d[1] != 2 || d[2] != 5 {
		t.Errorf("%d MACs, result of %v", macsOf(n), d)
	}
	m.Functions[1].Nodes[0] = onnx.Node{Op: "Turn", Domain: "own", In: []string{"a", "b"}, Out: []string{"c"}}
	if _, _, _, err := through(t, m, walk.Choices{}); err == nil || !strings.Contains(err.Error(), "functions") {
		t.Errorf("functions that call each other: %v", err)
	}
}

func TestSequences(t *testing.T) {
	m := onnx.Model{Graph: &onnx.Graph{
		Inputs: []onnx.Info{info("x", 6, 4), info("z", 2, 4)}, Outputs: infos("y"),
		Tensors: []onnx.Constant{matrix("W", 4, 5), ints1("two", []int64{}, 2), ints1("at", []int64{}, -1)},
		Nodes: []onnx.Node{
			node1("SplitToSequence", "x,two", "s"), node1("SequenceInsert", "s,z", "longer"), node1("SequenceAt", "longer,at", "last"),
			node1("ConcatFromSequence", "longer", "all", onnx.Attr{Name: "axis", Int: 0}), node1("MatMul", "all,W", "p"),
			node1("Add", "last,last", "twice"), node1("MatMul", "twice,W", "q"), node1("Concat", "p,q", "y", onnx.Attr{Name: "axis", Int: 0}),
		},
	}}
	im, n, _, err := through(t, m, walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	if d := im.Tensors["y"].Dims; macsOf(n) != (8+2)*4*5 || d[0] != 10 {
		t.Errorf("%d MACs, %v", macsOf(n), d)
	}
}
