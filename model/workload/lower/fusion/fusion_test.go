package fusion

import (
	"slices"
	"strings"
	"testing"

	"stco/model/workload/graph"
)

// plan declares a network and writes its groups by the names of the operators.
func plan(t *testing.T, training, attention bool, declare func(b *graph.Builder)) (*Analysis, *graph.Network, string) {
	t.Helper()
	b := graph.NewBuilder("n")
	declare(b)
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	p := New(n, true, attention, training)
	var groups []string
	for _, g := range p.Groups {
		var names []string
		for _, k := range g.Ops {
			names = append(names, n.Ops[k].Name)
		}
		text := strings.Join(names, "+")
		if g.Attention {
			text = "(" + text + ")"
		}
		groups = append(groups, text)
	}
	return p, n, strings.Join(groups, " ")
}

// TestEpilogues: what runs behind a head in one step: pointwise operators of as
// many elements whose only reader they are, batch normalisation in inference, a
// row-wise one behind vector steps alone.
func TestEpilogues(t *testing.T) {
	image := func(b *graph.Builder) graph.Value { return b.Input("x", 3, 8, 8) }
	conv := func(b *graph.Builder, name string, x graph.Value) graph.Value {
		return b.Conv(name, x, 3, graph.Square(3, 1, 1), 1, false)
	}
	for name, c := range map[string]struct {
		training, inference string
		declare             func(b *graph.Builder)
	}{
		"convolution, norm, function": {"conv norm+relu", "conv+norm+relu", func(b *graph.Builder) {
			b.Output(b.Act("relu", b.Norm("norm", conv(b, "conv", image(b)), graph.BatchNorm), graph.ReLU))
		}},
		"residual sum": {"a b+add+relu", "a b+add+relu", func(b *graph.Builder) {
			x := conv(b, "a", image(b))
			b.Output(b.Act("relu", b.Add("add", conv(b, "b", x), x), graph.ReLU))
		}},
		"the later of two branches takes the sum": {"a b+add", "a b+add", func(b *graph.Builder) {
			x := image(b)
			b.Output(b.Add("add", conv(b, "a", x), conv(b, "b", x)))
		}},
		"layer norm behind a product": {"l norm+gelu", "l norm+gelu", func(b *graph.Builder) {
			b.Output(b.Act("gelu", b.Norm("norm", b.Linear("l", b.Input("x", 8, 5, 1), 8, true), graph.LayerNorm), graph.GELU))
		}},
		"layer norm behind a vector step": {"add+norm", "add+norm", func(b *graph.Builder) {
			x := b.Input("x", 8, 5, 1)
			b.Output(b.Norm("norm", b.Add("add", x, b.Input("y", 8, 5, 1)), graph.LayerNorm))
		}},
		"softmax behind a product": {"l softmax", "l softmax", func(b *graph.Builder) {
			b.Output(b.Softmax("softmax", b.Linear("l", b.Input("x", 8, 5, 1), 8, true)))
		}},
		"function behind a pooling": {"pool+relu", "pool+relu", func(b *graph.Builder) {
			b.Output(b.Act("relu", b.Pool("pool", image(b), graph.MaxPool, graph.Square(2, 2, 0)), graph.ReLU))
		}},
		"norm behind a pooling": {"pool norm", "pool norm", func(b *graph.Builder) {
			b.Output(b.Norm("norm", b.Pool("pool", image(b), graph.MaxPool, graph.Square(2, 2, 0)), graph.LayerNorm))
		}},
		"a result that two read": {"a relu tanh", "a relu tanh", func(b *graph.Builder) {
			x := conv(b, "a", image(b))
			b.Output(b.Act("relu", x, graph.ReLU))
			b.Output(b.Act("tanh", x, graph.Tanh))
		}},
		"a result that is the network's": {"a relu", "a relu", func(b *graph.Builder) {
			x := conv(b, "a", image(b))
			b.Output(x)
			b.Output(b.Act("relu", x, graph.ReLU))
		}},
		"another segment": {"a relu", "a relu", func(b *graph.Builder) {
			x := conv(b, "a", image(b))
			b.Block()
			b.Output(b.Act("relu", x, graph.ReLU))
		}},
		"a broadcast": {"pool l scale", "pool l scale", func(b *graph.Builder) {
			x := image(b)
			s := b.Conv("l", b.GlobalPool("pool", x, 1, 1), 3, graph.Square(1, 1, 0), 1, true)
			b.Output(b.Mul("scale", x, s))
		}},
		"a part of a result": {"a relu", "a relu", func(b *graph.Builder) {
			x := conv(b, "a", image(b))
			b.Output(b.Act("relu", b.Slice(x, 0, 1, 8, 8), graph.ReLU))
		}},
		"a recurrence": {"in lstm relu", "in lstm relu", func(b *graph.Builder) {
			x := b.Linear("in", b.Input("x", 5, 7, 1), 12, true)
			b.Output(b.Act("relu", b.Recurrent("lstm", x, graph.LSTM, true, b.Input("h", 3, 1, 1), b.Input("c", 3, 1, 1)), graph.ReLU))
		}},
	} {
		for training, want := range map[bool]string{true: c.training, false: c.inference} {
			if _, _, got := plan(t, training, false, c.declare); got != want {
				t.Errorf("%s, training %v: %s, want %s", name, training, got, want)
			}
		}
	}
	// Without fusion every operator is a step.
	b := graph.NewBuilder("n")
	b.Output(b.Act("relu", conv(b, "conv", image(b)), graph.ReLU))
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	if p := New(n, false, false, false); len(p.Groups) != 2 {
		t.Errorf("%d groups without fusion", len(p.Groups))
	}
}

// TestData: who writes a storage, who needs a gradient, what the backward pass reads
// and what is a result.
func TestData(t *testing.T) {
	p, n, _ := plan(t, true, false, func(b *graph.Builder) {
		x := b.Input("x", 4, 5, 1)
		f := b.Act("before", x, graph.GELU) // in front of all parameters
		y := b.Linear("l", f, 4, true)
		r := b.Act("relu", y, graph.ReLU)
		g := b.Act("gelu", r, graph.GELU)
		m := b.Mul("mul", g, b.Act("side", b.Input("z", 4, 5, 1), graph.Tanh))
		s := b.Softmax("softmax", m)
		k := b.Pool("pool", s, graph.MaxPool, graph.Window{R: 2, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1})
		b.Output(b.Pointwise("end", graph.ParamAdd, k, b.Param("b", 4)))
	})
	storage := func(name string) int {
		return slices.IndexFunc(n.Data, func(d graph.Storage) bool { return d.Name == name })
	}
	for name, want := range map[string]struct{ grad, keep, output bool }{
		"x": {}, "before": {keep: true}, // the layer's input
		"l": {grad: true}, "relu": {grad: true, keep: true}, // its own output, and the input of gelu
		"gelu": {grad: true}, "side": {keep: true}, // of a product the factor beside what wants a gradient
		"mul": {grad: true}, "softmax": {grad: true, keep: true}, "pool": {grad: true}, "end": {grad: true, keep: true, output: true}, "z": {},
	} {
		d := storage(name)
		if p.NeedGrad[d] != want.grad || p.Keep[d] != want.keep || p.Output[d] != want.output {
			t.Errorf("%s: gradient %v, kept %v, result %v; want %+v", name, p.NeedGrad[d], p.Keep[d], p.Output[d], want)
		}
	}
	if p.Producer[storage("x")] != NoOp || n.Ops[p.Producer[storage("gelu")]].Name != "gelu" {
		t.Error("producers")
	}
	p, _, _ = plan(t, false, false, func(b *graph.Builder) { b.Output(b.Linear("l", b.Input("x", 4, 5, 1), 4, true)) })
	if slices.Contains(p.Keep, true) {
		t.Error("an inference keeps data for a backward pass")
	}
}

// TestAttention: a declared attention runs as one step, with all in between; its
// inner data leave no trace; in training its result is kept, and only with
// gradients of Q, K and V.
func TestAttention(t *testing.T) {
	declare := func(trainedKeys bool) func(b *graph.Builder) {
		return func(b *graph.Builder) {
			x := b.Input("x", 8, 5, 1)
			q, v := b.Linear("q", x, 8, true), b.Linear("v", x, 8, true)
			k := b.Input("k", 8, 5, 1)
			if trainedKeys {
				k = b.Linear("k", x, 8, true)
			}
			b.Output(b.Linear("o", b.Core(func() graph.Value {
				p := b.Softmax("softmax", b.MatMul("qk", q, k, 2, 5, 4, 5))
				return b.MatMul("av", p, v, 2, 5, 5, 4)
			}), 8, true))
		}
	}
	p, n, got := plan(t, true, true, declare(true))
	if got != "q v k (qk+softmax+av) o" || len(p.Attentions) != 1 {
		t.Errorf("groups %s", got)
	}
	for i := range n.Ops {
		inside := slices.Contains([]string{"qk", "softmax", "av"}, n.Ops[i].Name)
		if (p.Core[i] != NoOp) != inside {
			t.Errorf("%s belongs to attention %d", n.Ops[i].Name, p.Core[i])
		}
		d := n.Ops[i].Out[0].Data
		if inner := n.Ops[i].Name == "qk" || n.Ops[i].Name == "softmax"; p.Inner[d] != inner {
			t.Errorf("%s is inner: %v", n.Ops[i].Name, p.Inner[d])
		}
		if n.Ops[i].Name == "av" && !p.Keep[d] {
			t.Error("the result of the attention is not kept")
		}
	}
	if _, _, got = plan(t, true, true, declare(false)); got != "q v qk softmax av o" {
		t.Errorf("keys without a gradient: %s", got)
	}
	if _, _, got = plan(t, false, true, declare(false)); got != "q v (qk+softmax+av) o" {
		t.Errorf("inference: %s", got)
	}
	if _, _, got = plan(t, false, false, declare(true)); got != "q v k qk softmax av o" {
		t.Errorf("not as one step: %s", got)
	}
}

// TestKept: each operator keeps what its gradients are made of and no more. A
// frozen layer hands a gradient on without its input; a frozen scale needs the
// scale alone; of a product only the factor beside what wants a gradient is kept.
func TestKept(t *testing.T) {
	for name, c := range map[string]struct {
		declare func(b *graph.Builder)
		want    string
	}{
		"a trained layer": {func(b *graph.Builder) {
			b.Output(b.Linear("end", b.Linear("l", b.Input("x", 4, 5, 1), 4, true), 4, true))
		}, "x l end"},
		"a frozen layer behind a trained one": {func(b *graph.Builder) {
			y := b.Linear("l", b.Input("x", 4, 5, 1), 4, true)
			b.Output(b.LinearWith("end", y, 4, b.FrozenParam("w", 16)))
		}, "x end"},
		"nothing is trained": {func(b *graph.Builder) {
			y := b.Act("gelu", b.Input("x", 4, 5, 1), graph.GELU)
			b.Output(b.LinearWith("end", y, 4, b.FrozenParam("w", 16)))
		}, "end"},
		"a trained scale": {func(b *graph.Builder) {
			y := b.Linear("l", b.Input("x", 4, 5, 1), 4, true)
			b.Output(b.Pointwise("end", graph.ParamMul, y, b.Param("s", 4)))
		}, "x l end"},
		"a frozen scale": {func(b *graph.Builder) {
			y := b.Linear("l", b.Input("x", 4, 5, 1), 4, true)
			b.Output(b.Pointwise("end", graph.ParamMul, y, b.FrozenParam("s", 4)))
		}, "x end"},
		"a product with keys from outside": {func(b *graph.Builder) {
			q := b.Linear("q", b.Input("x", 4, 5, 1), 4, true)
			b.Output(b.MatMul("end", q, b.Input("k", 4, 5, 1), 1, 5, 4, 5))
		}, "x k end"},
	} {
		p, n, _ := plan(t, true, false, c.declare)
		var kept []string
		for d := range n.Data {
			if p.Keep[d] {
				kept = append(kept, n.Data[d].Name)
			}
		}
		if got := strings.Join(kept, " "); got != c.want {
			t.Errorf("%s: kept %s, want %s", name, got, c.want)
		}
	}
}
