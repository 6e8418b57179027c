package inline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stco/model/workload/onnx"
)

// nodes reads "y=Op(a,b) z=Op(y)".
func nodes(text string) (out []onnx.Node) {
	for f := range strings.FieldsSeq(text) {
		results, rest, _ := strings.Cut(f, "=")
		op, args, _ := strings.Cut(strings.TrimSuffix(rest, ")"), "(")
		n := onnx.Node{Name: op + strings.ReplaceAll(results, ",", ""), Op: op, Out: strings.Split(results, ",")}
		if args != "" {
			n.In = strings.Split(args, ",")
		}
		for i, s := range n.Out {
			n.Out[i] = strings.Trim(s, "-")
		}
		out = append(out, n)
	}
	return out
}

// written is what nodes reads, of a graph.
func written(g *onnx.Graph) string {
	var out []string
	for i := range g.Nodes {
		n := &g.Nodes[i]
		out = append(out, fmt.Sprintf("%s=%s(%s)", strings.Join(n.Out, ","), n.Op, strings.Join(n.In, ",")))
	}
	return strings.Join(out, " ")
}

func infos(names ...string) (out []onnx.Info) {
	for _, s := range names {
		out = append(out, onnx.Info{Name: s})
	}
	return out
}

func constants(g *onnx.Graph) string {
	var out []string
	for i := range g.Tensors {
		out = append(out, fmt.Sprintf("%s%v=%v", g.Tensors[i].Name, g.Tensors[i].Dims, g.Tensors[i].Values))
	}
	return strings.Join(out, " ")
}

// body is h' = (h + w) k, and a row of h' a trip.
func body() *onnx.Graph {
	return &onnx.Graph{
		Inputs: infos("i", "before", "h"), Outputs: infos("before", "next", "row"),
		Tensors: []onnx.Constant{{Name: "k", Dims: []int64{}, Values: []float64{3}}},
		Nodes:   nodes("s=Add(h,w) next=Mul(s,k) row=Neg(next)"),
	}
}

func with(n onnx.Node, attrs ...onnx.Attr) onnx.Node {
	n.Attrs = attrs
	return n
}

func sub(name string, g *onnx.Graph) onnx.Attr { return onnx.Attr{Name: name, Graph: g} }

// TestBranch writes out the branch that is taken, with what it reads from around.
func TestBranch(t *testing.T) {
	then := &onnx.Graph{Outputs: infos("t"), Tensors: []onnx.Constant{{Name: "c", Values: []float64{2}}}, Nodes: nodes("u=Add(x,c) t=Relu(u)")}
	other := &onnx.Graph{Outputs: infos("x"), Nodes: nodes("v=Neg(x)")}
	m := &onnx.Model{Graph: &onnx.Graph{Inputs: infos("x", "b"), Nodes: append(nodes("a=Tanh(x)"), append([]onnx.Node{with(nodes("y=If(b)")[0], sub("then_branch", then), sub("else_branch", other))}, nodes("z=Exp(y)")...)...)}}
	before := written(m.Graph)
	for taken, want := range map[bool]string{
		true:  "a=Tanh(x) Ify/then_branch/u=Add(x,Ify/then_branch/c) Ify/then_branch/t=Relu(Ify/then_branch/u) y=Identity(Ify/then_branch/t) z=Exp(y)",
		false: "a=Tanh(x) Ify/else_branch/v=Neg(x) y=Identity(x) z=Exp(y)",
	} {
		out, err := Branch(m, 1, taken)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(out.Graph); got != want {
			t.Errorf("taken %v:\n%s, want\n%s", taken, got, want)
		}
		if tensors := len(out.Graph.Tensors); tensors != map[bool]int{true: 1, false: 0}[taken] {
			t.Errorf("taken %v: %d constants", taken, tensors)
		}
	}
	if written(m.Graph) != before || len(m.Graph.Tensors) != 0 {
		t.Error("the model that was read has changed")
	}
	m.Graph.Nodes[1].Out = []string{"y", "y2"}
	if _, err := Branch(m, 1, true); err == nil || !strings.Contains(err.Error(), "then_branch: missing, or fewer results than the 2 of the node") {
		t.Errorf("too few results: %v", err)
	}
	m.Graph.Nodes[1].Attrs = m.Graph.Nodes[1].Attrs[:1]
	if _, err := Branch(m, 1, false); err == nil || !strings.Contains(err.Error(), "else_branch: missing") {
		t.Errorf("no branch: %v", err)
	}
}

// TestCaptured: what a graph reads from around it, its sub-graphs included.
func TestCaptured(t *testing.T) {
	inner := &onnx.Graph{Inputs: infos("q"), Outputs: infos("r"), Nodes: nodes("r=Add(q,outer)")}
	g := &onnx.Graph{Inputs: infos("a"), Tensors: []onnx.Constant{{Name: "c"}}, Outputs: infos("y", "far"), Nodes: append(nodes("x=Add(a,c) y=Mul(x,w)"), with(nodes("z=If(b)")[0], sub("then_branch", inner)))}
	if got := Captured(g); !slices.Equal(got, []string{"w", "b", "outer", "far"}) {
		t.Errorf("captured: %v", got)
	}
	if Subgraph(&g.Nodes[2], "then_branch") != inner || Subgraph(&g.Nodes[2], "body") != nil {
		t.Error("sub-graphs by name")
	}
}

// TestLoop writes out two trips: the constants are shared, the number of a trip
// and the state pass through, the rows of the trips are joined.
func TestLoop(t *testing.T) {
	m := &onnx.Model{Graph: &onnx.Graph{Inputs: infos("x", "w", "n"), Nodes: []onnx.Node{with(nodes("y,rows=Loop(n,cond,x)")[0], sub("body", body()))}}}
	m.Graph.Nodes[0].Name = "L"
	out, err := Loop(m, 0, Trips{Count: 2})
	if err != nil {
		t.Fatal(err)
	}
	const trip0 = "L/0/s=Add(x,w) L/0/next=Mul(L/0/s,L/body/k) L/0/row=Neg(L/0/next) L/0/#row0=Unsqueeze(L/0/row) "
	const trip1 = "L/1/s=Add(L/0/next,w) L/1/next=Mul(L/1/s,L/body/k) L/1/row=Neg(L/1/next) L/1/#row0=Unsqueeze(L/1/row) "
	if got, want := written(out.Graph), trip0+trip1+"y=Identity(L/1/next) rows=Concat(L/0/#row0,L/1/#row0)"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if got, want := constants(out.Graph), "L/0/#trip[]=[0] L/body/k[]=[3] L/1/#trip[]=[1]"; got != want {
		t.Errorf("constants %s, want %s", got, want)
	}
	// One trip now, the loop behind it with what is left; then the next trip, whose
	// number goes on.
	first, err := Loop(m, 0, Trips{Count: 1, More: true, Left: 7})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(first.Graph), trip0+"y,rows=Loop(L/1/#left,cond,L/0/next)"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	rest := len(first.Graph.Nodes) - 1
	if got := Done(&first.Graph.Nodes[rest]); got != 1 || Done(&m.Graph.Nodes[0]) != 0 {
		t.Errorf("%d trips are done, want 1", got)
	}
	if c := first.Graph.Tensors; c[len(c)-1].Name != "L/1/#left" || c[len(c)-1].Values[0] != 7 {
		t.Errorf("constants %s", constants(first.Graph))
	}
	second, err := Loop(first, rest, Trips{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(second.Graph), trip0+trip1+"y=Identity(L/1/next) rows=Concat(L/0/#row0,L/1/#row0)"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if got := strings.Count(constants(second.Graph), "L/body/k"); got != 1 {
		t.Errorf("the constant of the body is there %d times", got)
	}
	// As many once more with a loop behind them: its trips are two, counted once.
	more, err := Loop(first, rest, Trips{Count: 1, More: true, Left: 6})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(more.Graph), trip0+trip1+"y,rows=Loop(L/2/#left,cond,L/1/next)"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if got := &more.Graph.Nodes[len(more.Graph.Nodes)-1]; Done(got) != 2 || len(got.Attrs) != 2 || Subgraph(got, "body") == nil {
		t.Errorf("%d trips are done, want 2; attributes %+v", Done(got), got.Attrs)
	}
	// None at all: the state passes, there are no rows. Without a condition it is true.
	m.Graph.Nodes[0].In[1] = ""
	none, err := Loop(m, 0, Trips{})
	if err != nil {
		t.Fatal(err)
	}
	if got := written(none.Graph); got != "y=Identity(x)" || constants(none.Graph) != "L/true0[]=[1] rows[0]=[]" {
		t.Errorf("%s, constants %s", got, constants(none.Graph))
	}
}

func TestLoopRefused(t *testing.T) {
	loop := func(change func(n *onnx.Node, g *onnx.Graph)) *onnx.Model {
		g := body()
		n := nodes("y,rows=Loop(n,cond,x)")[0]
		change(&n, g)
		if n.Attrs == nil {
			n.Attrs = []onnx.Attr{sub("body", g)}
		}
		return &onnx.Model{Graph: &onnx.Graph{Nodes: []onnx.Node{n}}}
	}
	for what, c := range map[string]struct {
		m    *onnx.Model
		t    Trips
		want string
	}{
		"fewer inputs of the body":  {loop(func(_ *onnx.Node, g *onnx.Graph) { g.Inputs = g.Inputs[:2] }), Trips{Count: 1}, "do not fit the node's"},
		"fewer results of the body": {loop(func(_ *onnx.Node, g *onnx.Graph) { g.Outputs = g.Outputs[:1] }), Trips{Count: 1}, "do not fit the node's"},
		"more results of the node":  {loop(func(n *onnx.Node, _ *onnx.Graph) { n.Out = []string{"a", "b", "c"} }), Trips{Count: 1}, "do not fit the node's"},
		"no body":                   {loop(func(n *onnx.Node, _ *onnx.Graph) { n.Attrs = []onnx.Attr{{Name: "x"}} }), Trips{Count: 1}, "do not fit the node's"},
		"trips below none":          {loop(func(*onnx.Node, *onnx.Graph) {}), Trips{Count: -1}, "-1 trips: every one is written out, at most 4096"},
		"too many trips":            {loop(func(*onnx.Node, *onnx.Graph) {}), Trips{Count: MaxTrips + 1}, "4097 trips: every one is written out, at most 4096; --bound Loop=N takes the first N"},
		"too many nodes": {loop(func(_ *onnx.Node, g *onnx.Graph) {
			g.Nodes = slices.Repeat(g.Nodes, 11)
		}), Trips{Count: MaxTrips}, "4096 trips of 33 nodes: written out more than 131072 nodes"},
	} {
		if _, err := Loop(c.m, 0, c.t); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	if _, err := Loop(loop(func(*onnx.Node, *onnx.Graph) {}), 0, Trips{Count: MaxTrips}); err != nil {
		t.Errorf("as many trips as may be: %v", err)
	}
}

// TestCondition: a condition that is handed on, constant in the body or around it
// is known without running a trip; one that is computed is not.
func TestCondition(t *testing.T) {
	around := func(name string) (float64, bool) {
		v, ok := map[string]float64{"yes": 1, "no": 0}[name]
		return v, ok
	}
	constant := func(v float64) onnx.Node {
		return with(nodes("c=Constant()")[0], onnx.Attr{Name: "value", Tensor: &onnx.Constant{Values: []float64{v}}})
	}
	for what, c := range map[string]struct {
		nodes        []onnx.Node
		tensors      []onnx.Constant
		result       string
		value, known bool
	}{
		"handed on":             {nil, nil, "before", true, true},
		"through an identity":   {nodes("d=Cast(before) c=Identity(d)"), nil, "c", true, true},
		"false in the body":     {nil, []onnx.Constant{{Name: "c", Values: []float64{0}}}, "c", false, true},
		"true in the body":      {nil, []onnx.Constant{{Name: "c", Values: []float64{1}}}, "c", true, true},
		"without its value":     {nil, []onnx.Constant{{Name: "c"}}, "c", false, false},
		"true around":           {nodes("c=Identity(yes)"), nil, "c", true, true},
		"false around":          {nil, nil, "no", false, true},
		"unknown around":        {nil, nil, "hot", false, false},
		"a constant node":       {[]onnx.Node{constant(1)}, nil, "c", true, true},
		"a constant node of 0":  {[]onnx.Node{constant(0)}, nil, "c", false, true},
		"an integer of a node":  {[]onnx.Node{with(nodes("c=Constant()")[0], onnx.Attr{Name: "value_int", Int: 1})}, nil, "c", true, true},
		"an integer 0":          {[]onnx.Node{with(nodes("c=Constant()")[0], onnx.Attr{Name: "value_int", Int: 0})}, nil, "c", false, true},
		"computed":              {nodes("c=Less(i,i)"), nil, "c", false, false},
		"following from itself": {nodes("c=Identity(d) d=Identity(c)"), nil, "c", false, false},
	} {
		g := &onnx.Graph{Inputs: infos("i", "before"), Outputs: infos(c.result), Nodes: c.nodes, Tensors: c.tensors}
		n := with(nodes("y=Loop(n,b)")[0], sub("body", g))
		if value, known := Condition(&n, around); known != c.known || known && value != c.value {
			t.Errorf("%s: %v, known %v; want %v, %v", what, value, known, c.value, c.known)
		}
	}
	n := nodes("y=Loop(n,b)")[0]
	if _, known := Condition(&n, around); known {
		t.Error("without a body the condition is known")
	}
	n = with(n, sub("body", &onnx.Graph{Inputs: infos("i"), Outputs: infos("c")}))
	if _, known := Condition(&n, around); known {
		t.Error("without the condition's input it is known")
	}
}

// TestScan takes the rows of x, of 3 x 2, one a trip along its second axis, in
// either direction, and stacks the results along an axis.
func TestScan(t *testing.T) {
	g := &onnx.Graph{Inputs: infos("h", "x_t"), Outputs: infos("next", "out"), Nodes: nodes("next=Add(h,x_t) out=Neg(next)")}
	list := func(name string, v int64) onnx.Attr { return onnx.Attr{Name: name, Ints: []int64{v}} }
	n := with(nodes("y,ys=Scan(h0,x)")[0], sub("body", g), onnx.Attr{Name: "num_scan_inputs", Int: 1}, list("scan_input_axes", -1), list("scan_output_axes", 1), list("scan_input_directions", 1))
	n.Name = "S"
	m := &onnx.Model{Opset: 21, Graph: &onnx.Graph{Inputs: infos("h0", "x"), Nodes: []onnx.Node{n}}}
	dims := func(string) ([]int64, error) { return []int64{3, 2}, nil }
	out, err := Scan(m, 0, dims)
	if err != nil {
		t.Fatal(err)
	}
	const want = "S/0/#in0=Gather(x,S/0/#in0#at) S/0/next=Add(h0,S/0/#in0) S/0/out=Neg(S/0/next) S/0/#row0=Unsqueeze(S/0/out) " +
		"S/1/#in0=Gather(x,S/1/#in0#at) S/1/next=Add(S/0/next,S/1/#in0) S/1/out=Neg(S/1/next) S/1/#row0=Unsqueeze(S/1/out) " +
		"y=Identity(S/1/next) ys=Concat(S/0/#row0,S/1/#row0)"
	if got := written(out.Graph); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if got := constants(out.Graph); got != "S/0/#in0#at[]=[1] S/1/#in0#at[]=[0]" { // backwards
		t.Errorf("constants %s", got)
	}
	for _, c := range []struct {
		node int
		attr string
		want int64
	}{{0, "axis", 1}, {len(out.Graph.Nodes) - 1, "axis", 1}} {
		if got := out.Graph.Nodes[c.node].AttrInt(c.attr, 0); got != c.want {
			t.Errorf("node %d: %s %d, want %d", c.node, c.attr, got, c.want)
		}
	}
	if got := out.Graph.Nodes[3].AttrInts("axes"); !slices.Equal(got, []int64{1}) {
		t.Errorf("a row becomes one along %v", got)
	}
	m.Graph.Nodes[0].Attrs = m.Graph.Nodes[0].Attrs[:2]
	if out, err = Scan(m, 0, dims); err != nil || !strings.HasPrefix(constants(out.Graph), "S/0/#in0#at[]=[0] S/1/#in0#at[]=[1] S/2/#in0#at[]=[2]") {
		t.Errorf("forwards along the first axis: %v", err)
	}
	refused := func(want string, change func(m *onnx.Model)) {
		t.Helper()
		n, h := n, *g
		n.Attrs = slices.Clone(n.Attrs)
		n.Attrs[0].Graph = &h
		bad := &onnx.Model{Opset: 21, Graph: &onnx.Graph{Nodes: []onnx.Node{n}}}
		change(bad)
		if _, err := Scan(bad, 0, func(name string) ([]int64, error) {
			if name == "long" {
				return []int64{3, MaxTrips + 1}, nil
			}
			return []int64{3, 2}, nil
		}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refused("do not fit the node's", func(m *onnx.Model) { m.Graph.Nodes[0].Attrs[1].Int = 0 })
	refused("do not fit the node's", func(m *onnx.Model) { m.Graph.Nodes[0].Attrs[1].Int = 3 })
	refused("do not fit the node's", func(m *onnx.Model) { m.Graph.Nodes[0].Out = []string{"a", "b", "c"} })
	refused("do not fit the node's", func(m *onnx.Model) { m.Graph.Nodes[0].Attrs[0].Graph.Inputs = infos("h") })
	refused("scan over axis 2 of a tensor of rank 2", func(m *onnx.Model) { m.Graph.Nodes[0].Attrs[2] = list("scan_input_axes", 2) })
	refused("4097 trips of 2 nodes", func(m *onnx.Model) { m.Graph.Nodes[0].In = []string{"h0", "long"} })
	refused("scanned axes of 2 and 4097", func(m *onnx.Model) {
		m.Graph.Nodes[0].In, m.Graph.Nodes[0].Attrs[1].Int = []string{"x", "long"}, 2
		m.Graph.Nodes[0].Attrs[2].Ints = []int64{-1, -1}
		m.Graph.Nodes[0].Out = []string{"y"}
	})
}

// TestScanOfBatch is the Scan of operator set 8: of 2 sequences of 2 steps each has
// its own state and is read backwards; last states and rows are joined over them.
func TestScanOfBatch(t *testing.T) {
	g := &onnx.Graph{Inputs: infos("h", "x_t"), Outputs: infos("next", "out"), Nodes: nodes("next=Add(h,x_t) out=Neg(next)")}
	n := with(nodes("y,ys=Scan(lengths,h0,x)")[0], sub("body", g), onnx.Attr{Name: "num_scan_inputs", Int: 1}, onnx.Attr{Name: "directions", Ints: []int64{1}})
	n.Name = "S"
	m := &onnx.Model{Opset: 8, Graph: &onnx.Graph{Nodes: []onnx.Node{n}}}
	out, err := Scan(m, 0, func(name string) ([]int64, error) {
		if name != "x" {
			return nil, fmt.Errorf("dimensions of %q", name)
		}
		return []int64{2, 2, 5}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "S/0/#state0=Gather(h0,S/0/#state0#at) " +
		"S/0/0/#sequence0=Gather(x,S/0/0/#sequence0#at) S/0/0/#in0=Gather(S/0/0/#sequence0,S/0/0/#in0#at) S/0/0/next=Add(S/0/#state0,S/0/0/#in0) S/0/0/out=Neg(S/0/0/next) S/0/0/#row0=Unsqueeze(S/0/0/out) " +
		"S/0/1/#sequence0=Gather(x,S/0/1/#sequence0#at) S/0/1/#in0=Gather(S/0/1/#sequence0,S/0/1/#in0#at) S/0/1/next=Add(S/0/0/next,S/0/1/#in0) S/0/1/out=Neg(S/0/1/next) S/0/1/#row0=Unsqueeze(S/0/1/out) " +
		"S/0/#last0=Unsqueeze(S/0/1/next) S/0/#all0=Concat(S/0/0/#row0,S/0/1/#row0) S/0/#all0#wide=Unsqueeze(S/0/#all0) " +
		"S/1/#state0=Gather(h0,S/1/#state0#at) " +
		"S/1/0/#sequence0=Gather(x,S/1/0/#sequence0#at) S/1/0/#in0=Gather(S/1/0/#sequence0,S/1/0/#in0#at) S/1/0/next=Add(S/1/#state0,S/1/0/#in0) S/1/0/out=Neg(S/1/0/next) S/1/0/#row0=Unsqueeze(S/1/0/out) " +
		"S/1/1/#sequence0=Gather(x,S/1/1/#sequence0#at) S/1/1/#in0=Gather(S/1/1/#sequence0,S/1/1/#in0#at) S/1/1/next=Add(S/1/0/next,S/1/1/#in0) S/1/1/out=Neg(S/1/1/next) S/1/1/#row0=Unsqueeze(S/1/1/out) " +
		"S/1/#last0=Unsqueeze(S/1/1/next) S/1/#all0=Concat(S/1/0/#row0,S/1/1/#row0) S/1/#all0#wide=Unsqueeze(S/1/#all0) " +
		"y=Concat(S/0/#last0,S/1/#last0) ys=Concat(S/0/#all0#wide,S/1/#all0#wide)"
	if got := written(out.Graph); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	const places = "S/0/#state0#at[]=[0] S/0/0/#sequence0#at[]=[0] S/0/0/#in0#at[]=[1] S/0/1/#sequence0#at[]=[0] S/0/1/#in0#at[]=[0] " +
		"S/1/#state0#at[]=[1] S/1/0/#sequence0#at[]=[1] S/1/0/#in0#at[]=[1] S/1/1/#sequence0#at[]=[1] S/1/1/#in0#at[]=[0]"
	if got := constants(out.Graph); got != places {
		t.Errorf("constants %s, want\n%s", got, places)
	}
	for i := range out.Graph.Nodes {
		n := &out.Graph.Nodes[i]
		if axes := n.AttrInts("axes"); n.Op == "Unsqueeze" && !slices.Equal(axes, []int64{0}) || n.AttrInt("axis", 0) != 0 {
			t.Errorf("%s along %v and %d, want the first axis", n.Name, axes, n.AttrInt("axis", 0))
		}
	}
}

// TestFunctions writes out calls: inputs, results, attributes by reference with
// their defaults, functions that call functions, results that are inputs.
func TestFunctions(t *testing.T) {
	ref := onnx.Attr{Name: "perm", Ref: "to"}
	fs := []onnx.Function{
		{Domain: "own", Name: "Turn", In: []string{"a", "w"}, Out: []string{"b", "same"}, Defaults: []onnx.Attr{{Name: "scale", Int: 5}}, Nodes: []onnx.Node{
			{Name: "p", Op: "Product", Domain: "own", In: []string{"a", "w"}, Out: []string{"q"}},
			with(nodes("b=Transpose(q)")[0], ref, onnx.Attr{Name: "k", Ref: "scale"}, onnx.Attr{Name: "gone", Ref: "missing"}, onnx.Attr{Name: "own", Int: 3}),
			nodes("same=Identity(a)")[0],
		}},
		{Domain: "own", Name: "Product", In: []string{"a", "b"}, Out: []string{"c"}, Nodes: nodes("c=MatMul(a,b)")},
		{Domain: "ai.onnx", Name: "Twice", In: []string{"a"}, Out: []string{"a"}},
	}
	call := onnx.Node{Name: "call", Op: "Turn", Domain: "own", In: []string{"x", "W"}, Out: []string{"y", ""}, Attrs: []onnx.Attr{{Name: "to", Ints: []int64{1, 0}}}}
	m := &onnx.Model{Functions: fs, Graph: &onnx.Graph{Inputs: infos("x"), Nodes: append([]onnx.Node{call}, nodes("z=Twice(y)")...)}}
	out, err := Functions(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(out.Graph), "call/q=MatMul(x,W) y=Transpose(call/q) call/same=Identity(x) z=Identity(y)"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	attrs := out.Graph.Nodes[1].Attrs
	if len(attrs) != 3 || attrs[0].Name != "perm" || !slices.Equal(attrs[0].Ints, []int64{1, 0}) || attrs[1].Name != "k" || attrs[1].Int != 5 || attrs[2].Int != 3 {
		t.Errorf("attributes %+v", attrs)
	}
	if len(m.Functions) != 3 || len(m.Graph.Nodes) != 2 || len(out.Functions) != 0 {
		t.Error("the model that was read has changed, or functions are left")
	}
	if same, err := Functions(out); err != nil || same != out {
		t.Errorf("a model without functions is copied: %v", err)
	}
	m.Functions[1].Nodes[0] = onnx.Node{Op: "Turn", Domain: "own", In: []string{"a", "b"}, Out: []string{"c"}}
	if _, err := Functions(m); err == nil || !strings.Contains(err.Error(), "functions call each other more than 1024 deep") {
		t.Errorf("functions that call each other: %v", err)
	}
	for _, c := range []onnx.Node{
		{Name: "n", Op: "Turn", Domain: "own", In: []string{"x", "W", "V"}, Out: []string{"y"}},
		{Name: "n", Op: "Turn", Domain: "own", In: []string{"x"}, Out: []string{"y", "z", "v"}},
	} {
		m.Graph.Nodes = []onnx.Node{c}
		if _, err := Functions(m); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("node \"n\" calls own.Turn with %d inputs and %d results, it has 2 and 2", len(c.In), len(c.Out))) {
			t.Errorf("%v", err)
		}
	}
	m.Functions = []onnx.Function{{Domain: "own", Name: "Big", In: []string{"a"}, Out: []string{"b"}, Nodes: slices.Repeat(nodes("b=Neg(a)"), maxNodes+1)}}
	m.Graph.Nodes = []onnx.Node{{Op: "Big", Domain: "own", In: []string{"x"}, Out: []string{"y"}}}
	if _, err := Functions(m); err == nil || !strings.Contains(err.Error(), "functions give more than 131072 nodes") {
		t.Errorf("a function of too many nodes: %v", err)
	}
}

// TestNested: a body's own sub-graph reads the names of its trip, and keeps its own.
func TestNested(t *testing.T) {
	inner := &onnx.Graph{Outputs: infos("r"), Nodes: nodes("s=Neg(h) r=Add(s,w)")}
	g := &onnx.Graph{Inputs: infos("i", "before", "h"), Outputs: infos("before", "next"), Nodes: []onnx.Node{with(nodes("next=If(before)")[0], sub("then_branch", inner))}}
	m := &onnx.Model{Graph: &onnx.Graph{Nodes: []onnx.Node{with(nodes("y=Loop(n,cond,x)")[0], sub("body", g))}}}
	m.Graph.Nodes[0].Name = "L"
	out, err := Loop(m, 0, Trips{Count: 2})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range out.Graph.Nodes {
		if b := Subgraph(&out.Graph.Nodes[i], "then_branch"); b != nil {
			got = append(got, written(b)+" -> "+b.Outputs[0].Name)
		}
	}
	if !slices.Equal(got, []string{"s=Neg(x) r=Add(s,w) -> r", "s=Neg(L/0/next) r=Add(s,w) -> r"}) {
		t.Errorf("%q", got)
	}
	if written(inner) != "s=Neg(h) r=Add(s,w)" {
		t.Error("the sub-graph that was read has changed")
	}
}
