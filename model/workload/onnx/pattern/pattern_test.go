package pattern

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
)

// parse reads nodes "out = Op(in, in)", one a line; "out = Op(in) ; name=1,2" has
// an attribute of integers. Inputs of the graph are x and y, the output is the
// last result and those in outs; constants are c1 (one element), row (4), row8 (8), w
// (3 x 4), wt (4 x 3), w3 (2 x 3 x 4).
func parse(t *testing.T, text string, outs ...string) *onnx.Model {
	t.Helper()
	g := &onnx.Graph{Inputs: []onnx.Info{{Name: "x"}, {Name: "y"}, {Name: "row"}}}
	for name, dims := range map[string][]int64{"c1": {1}, "c2": {}, "row": {4}, "row8": {8}, "w": {3, 4}, "wt": {4, 3}, "w3": {2, 3, 4}, "axes": {2}} {
		g.Tensors = append(g.Tensors, onnx.Constant{Name: name, Dims: dims, Type: onnx.TypeFloat})
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		out, call, ok := strings.Cut(strings.TrimSpace(line), " = ")
		op, args, ok2 := strings.Cut(strings.TrimSuffix(call, ")"), "(")
		if !ok || !ok2 {
			t.Fatalf("line %q", line)
		}
		n := onnx.Node{Name: fmt.Sprintf("n%d", i), Op: op, Out: []string{out}}
		if domain, name, ok := strings.Cut(op, "."); ok {
			n.Domain, n.Op = domain, name
		}
		if args != "" {
			n.In = strings.Split(args, ", ")
		}
		g.Nodes = append(g.Nodes, n)
		if i == strings.Count(strings.TrimSpace(text), "\n") {
			outs = append(outs, out)
		}
	}
	for _, o := range outs {
		g.Outputs = append(g.Outputs, onnx.Info{Name: o})
	}
	return &onnx.Model{Opset: 17, Graph: g}
}

const gelu = `
	a = Div(x, c1)
	b = Erf(a)
	c = Add(b, c1)
	d = Mul(x, c)
	e = Mul(d, c1)
	f = Relu(e)`

// TestRoles: for each way exporters write a function, what becomes of every
// node: A absorbed, . alone, L leader, with its kind.
func TestRoles(t *testing.T) {
	for _, c := range []struct {
		name, nodes, roles string
		want               Rewrite
		outs               []string
	}{
		{
			"linear layer with bias", "a = MatMul(x, w)\nb = Add(a, row)\nc = Relu(b)", "LA.",
			Rewrite{Role: Leader, Kind: Biased, Params: []string{"row"}, Last: "b"},
			nil,
		},
		{
			"bias first", "a = MatMul(x, w)\nb = Add(row, a)\nc = Relu(b)", "LA.",
			Rewrite{Role: Leader, Kind: Biased, Params: []string{"row"}, Last: "b"},
			nil,
		},
		{
			"transposed weights", "t = Transpose(wt)\na = MatMul(x, t)\nb = Add(a, row)\nc = Relu(b)", ".LA.",
			Rewrite{Role: Leader, Kind: Biased, Params: []string{"row"}, Last: "b"},
			nil,
		},
		{
			"stacked weights", "a = MatMul(x, w3)\nb = Add(a, row)\nc = Relu(b)", "LA.",
			Rewrite{Role: Leader, Kind: Biased, Params: []string{"row"}, Last: "b"},
			nil,
		},
		{"transposed the wrong way", "t = Transpose(w)\na = MatMul(x, t)\nb = Add(a, row)\nc = Relu(b)", "....", Rewrite{}, nil},
		{"bias of another length", "a = MatMul(x, w)\nb = Add(a, row8)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"product read twice", "a = MatMul(x, w)\nb = Add(a, row)\nc = Mul(a, b)", "...", Rewrite{}, nil},
		{"product is a result", "a = MatMul(x, w)\nb = Add(a, row)\nc = Relu(b)", "...", Rewrite{}, []string{"a"}},
		{"product of activations", "a = MatMul(x, y)\nb = Add(a, row)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"weights first", "a = MatMul(w, x)\nb = Add(a, row)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"no sum", "a = MatMul(x, w)\nb = Mul(a, row)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"sum of two activations", "a = MatMul(x, w)\nb = Add(a, y)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"domain", "a = my.MatMul(x, w)\nb = Add(a, row)\nc = Relu(b)", "...", Rewrite{}, nil},

		{
			"GELU with a factor behind", gelu, "AAALA.",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.GELU, Input: "x", Reduce: -1, Last: "e"},
			nil,
		},
		{
			"SiLU", "a = Sigmoid(x)\nb = Mul(x, a)\nc = Relu(b)", "AL.",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.SiLU, Input: "x", Reduce: -1, Last: "b"},
			nil,
		},
		{
			"hard swish", "a = HardSigmoid(x)\nb = Mul(x, a)\nc = Relu(b)", "AL.",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.HardSwish, Input: "x", Reduce: -1, Last: "b"},
			nil,
		},
		{
			"hard swish by division", "a = Add(x, c1)\nb = Clip(a, c2, c1)\nc = Div(b, c1)\nd = Mul(x, c)\ne = Relu(d)", "AAAL.",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.HardSwish, Input: "x", Reduce: -1, Last: "d"},
			nil,
		},
		{
			"divided at the end", "a = Add(x, c1)\nb = Clip(a, c2, c1)\nc = Mul(x, b)\nd = Div(c, c1)\ne = Relu(d)", "AAL..",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.GELU, Input: "x", Reduce: -1, Last: "c"},
			nil,
		},
		{
			"tanh of a softplus", "a = Softplus(x)\nb = Tanh(a)\nc = Mul(x, b)\nd = Relu(c)", "AAL.",
			Rewrite{Role: Leader, Kind: Pointwise, Fn: graph.GELU, Input: "x", Reduce: -1, Last: "c"},
			nil,
		},
		{"gate is a result", "a = Sigmoid(x)\nb = Mul(x, a)\nc = Relu(b)", "...", Rewrite{}, []string{"a"}},
		{"gate read outside", "a = Sigmoid(x)\nb = Mul(x, a)\nd = MatMul(a, w)\nc = Relu(b)", "....", Rewrite{}, nil},
		{"gate of another tensor", "a = Sigmoid(y)\nb = Mul(x, a)\nc = Relu(b)", "...", Rewrite{}, nil},
		{"with a parameter", "a = Mul(x, row)\nb = Sigmoid(a)\nc = Mul(x, b)\nd = Relu(c)", "....", Rewrite{}, nil},

		{
			"layer normalisation", `m = ReduceMean(x)
				d = Sub(x, m)
				p = Pow(d, c1)
				v = ReduceMean(p)
				e = Add(v, c1)
				s = Sqrt(e)
				q = Div(d, s)
				g = Mul(q, row)
				b = Add(g, row)
				r = Relu(b)`, "AAAAAALAA.",
			Rewrite{Role: Leader, Kind: LayerNorm, Input: "x", Reduce: 0, Params: []string{"row", "row"}, Last: "b"},
			nil,
		},
		{
			"without shift", `m = ReduceMean(x, axes)
				d = Sub(x, m)
				p = Mul(d, d)
				v = ReduceMean(p, axes)
				e = Add(v, c1)
				s = Sqrt(e)
				q = Div(d, s)
				g = Mul(q, row)
				r = Relu(g)`, "AAAAAALA.",
			Rewrite{Role: Leader, Kind: LayerNorm, Input: "x", Reduce: 0, Params: []string{"row"}, Last: "g"},
			nil,
		},
		{
			"RMS normalisation", `p = Pow(x, c1)
				v = ReduceMean(p)
				e = Add(v, c1)
				s = Sqrt(e)
				i = Reciprocal(s)
				q = Mul(x, i)
				g = Mul(q, row)
				r = Relu(g)`, "AAAAALA.",
			Rewrite{Role: Leader, Kind: RMSNorm, Input: "x", Reduce: 1, Params: []string{"row"}, Last: "g"},
			nil,
		},
		{
			"L2 normalisation", "n = ReduceL2(x)\nq = Div(x, n)\nr = Relu(q)", "AL.",
			Rewrite{Role: Leader, Kind: RMSNorm, Input: "x", Reduce: 0, Last: "q"},
			nil,
		},
		{
			"softmax in pieces", `m = ReduceMax(x)
				d = Sub(x, m)
				e = Exp(d)
				s = ReduceSum(e)
				p = Div(e, s)
				r = Relu(p)`, "AAAAL.",
			Rewrite{Role: Leader, Kind: RowSoftmax, Input: "x", Reduce: 0, Last: "p"},
			nil,
		},
		{"share of a sum", "s = ReduceSum(x)\nq = Div(x, s)\nr = Relu(q)", "...", Rewrite{}, nil},

		{"scaled scores", "a = MatMul(x, y)\nb = Div(a, c1)\nc = Softmax(b)", ".A.", Rewrite{Role: Absorbed, Input: "a", Last: "b"}, nil},
		{"masked scores", "a = MatMul(x, y)\nb = Add(a, w)\nc = Softmax(b)", ".A.", Rewrite{Role: Absorbed, Input: "a", Last: "b"}, nil},
		{"scaled and masked", "a = MatMul(x, y)\nb = Mul(c1, a)\nc = Add(b, w)\nd = Softmax(c)", ".AA.", Rewrite{Role: Absorbed, Input: "a", Last: "b"}, nil},
		{"masked by selection", "a = MatMul(x, y)\nb = Where(w, a, c1)\nc = Softmax(b)", ".A.", Rewrite{Role: Absorbed, Input: "a", Last: "b"}, nil},
		{"selection the other way", "a = MatMul(x, y)\nb = Where(w, c1, a)\nc = Softmax(b)", ".A.", Rewrite{Role: Absorbed, Input: "a", Last: "b"}, nil},
		{"selection by an activation", "a = MatMul(x, y)\nb = Where(y, a, c1)\nc = Softmax(b)", "...", Rewrite{}, nil},
		{"scaled by a row", "a = MatMul(x, y)\nb = Mul(a, row)\nc = Softmax(b)", "...", Rewrite{}, nil},
		{"mask from outside", "a = MatMul(x, y)\nb = Add(a, y)\nc = Softmax(b)", "...", Rewrite{}, nil},
		{"scores read twice", "a = MatMul(x, y)\nb = Mul(a, c1)\nc = Relu(b)\nd = MatMul(b, w)\ne = Softmax(b)", ".....", Rewrite{}, nil},
		{
			"scaled queries", "q = Mul(x, c1)\nt = Reshape(q, axes)\na = MatMul(t, y)\nc = Softmax(a)", "A...",
			Rewrite{Role: Absorbed, Input: "x", Last: "q"},
			nil,
		},
		{
			"scaled keys", "q = Div(y, c1)\na = MatMul(x, q)\nc = Softmax(a)", "A..",
			Rewrite{Role: Absorbed, Input: "y", Last: "q"},
			nil,
		},
		{"divided by the queries", "q = Div(c1, x)\na = MatMul(q, y)\nc = Softmax(a)", "...", Rewrite{}, nil},
		{"queries scaled by a row", "q = Mul(x, row)\na = MatMul(q, y)\nc = Softmax(a)", "...", Rewrite{}, nil},
	} {
		ix, err := Find(parse(t, c.nodes, c.outs...))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var roles strings.Builder
		var lead []Rewrite
		for i := range ix.Plans {
			roles.WriteByte(".AL"[ix.Plans[i].Role])
			if p := ix.Plans[i]; p.Role == Leader || p.Role == Absorbed && p.Input != "" {
				lead = append(lead, p)
			}
		}
		if roles.String() != c.roles {
			t.Errorf("%s: roles %s, want %s", c.name, roles.String(), c.roles)
			continue
		}
		if c.want.Role == Alone {
			continue
		}
		if len(lead) == 0 || fmt.Sprintf("%+v", lead[0]) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s: got  %+v\nwant %+v", c.name, lead, c.want)
		}
	}
}

// TestIndex: readers, writers, constants; and products of quantised data are
// plain ones of their data inputs.
func TestIndex(t *testing.T) {
	m := parse(t, `
		s = Shape(x)
		a = Mul(c1, c1)
		q = QLinearConv(x, sx, zx, w, sw, zw, sy, zy, row)
		r = ConvInteger(q, w, zx)
		u = QLinearMatMul(r, sx, zx, w, sw, zw, sy, zy)
		v = MatMulInteger(u, w, zx)
		z = Add(v, a)`)
	for _, name := range []string{"sx", "zx", "sw", "zw", "sy", "zy"} {
		m.Graph.Tensors = append(m.Graph.Tensors, onnx.Constant{Name: name})
	}
	ix, err := Find(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Shape x", "Mul c1 c1", "Conv x w row", "Conv q w", "MatMul r w", "MatMul u w", "Add v a"} {
		n := &ix.Graph.Nodes[i]
		if got := n.Op + " " + strings.Join(n.In, " "); got != want {
			t.Errorf("node %d is %s, want %s", i, got, want)
		}
	}
	if m.Graph.Nodes[2].Op != "QLinearConv" || len(m.Graph.Nodes[2].In) != 9 {
		t.Error("the graph of the file was changed")
	}
	if !ix.Fixed["s"] || !ix.Fixed["a"] || ix.Fixed["q"] || ix.Fixed["x"] || !ix.Fixed["w"] {
		t.Errorf("constants %v", ix.Fixed)
	}
	if !slices.Equal(ix.Users["w"], []int{2, 3, 4, 5}) || ix.From["u"] != 4 || !ix.Out["z"] || ix.Out["v"] {
		t.Errorf("readers of w %v, writer of u %d", ix.Users["w"], ix.From["u"])
	}
	for want, text := range map[string]string{
		`node "n0" (Relu) reads "b", which nothing before it writes`: "a = Relu(b)\nb = Relu(x)",
		`node "n1" (Relu) writes "a" a second time`:                  "a = Relu(x)\na = Relu(y)",
		`node "n0" (Relu) writes "x" a second time`:                  "x = Relu(y)",
	} {
		if _, err := Find(parse(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Find(parse(t, "a = Relu(x)", "nothing")); err == nil || !strings.Contains(err.Error(), `nothing writes the output "nothing"`) {
		t.Errorf("an output that nothing writes: %v", err)
	}
}
