package workload

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// randomNetwork draws a graph of convolutions, normalisations, sums, products,
// views, pools and attention. Every value that nothing reads is an output.
func randomNetwork(t *rapid.T, phase Phase) *Network {
	b := NewBuilder("random")
	b.net.Phase = phase
	size := rapid.Int64Range(2, 6).Draw(t, "size") * 2
	vs := []Value{b.Input("image", 4, size, size)}
	pick := func(ok func(Value) bool) Value {
		var c []Value
		for _, v := range vs {
			if ok(v) {
				c = append(c, v)
			}
		}
		return rapid.SampledFrom(c).Draw(t, "value")
	}
	anyValue := func(Value) bool { return true }
	for i := range rapid.IntRange(1, 25).Draw(t, "ops") {
		name := "op" + string(rune('a'+i))
		x := pick(anyValue)
		kind := rapid.IntRange(0, 13).Draw(t, "kind")
		if i > 0 && rapid.Bool().Draw(t, "block") {
			b.Block()
		}
		var y Value
		switch kind {
		case 0, 1:
			r := rapid.SampledFrom([]int64{1, 3}).Draw(t, "r")
			stride := rapid.SampledFrom([]int64{1, 1, 2}).Draw(t, "stride")
			groups := int64(1)
			f := rapid.SampledFrom([]int64{2, 4, 8}).Draw(t, "f")
			if rapid.Bool().Draw(t, "depthwise") {
				groups, f = x.C, x.C
			}
			k := Square(r, stride, r/2)
			if x.H > 4 {
				k.DilH = rapid.Int64Range(1, 2).Draw(t, "dilation")
			}
			y = b.Conv(name, x, f, k, groups, rapid.Bool().Draw(t, "bias"))
		case 2, 3:
			y = b.Norm(name, x, rapid.SampledFrom([]Fn{BatchNorm, LayerNorm, RMSNorm}).Draw(t, "norm"))
		case 4, 5:
			y = b.Act(name, x, rapid.SampledFrom([]Fn{ReLU, GELU, Tanh}).Draw(t, "fn"))
		case 6, 7:
			z := pick(func(v Value) bool { return v.C == x.C && v.H == x.H && v.W == x.W })
			if rapid.Bool().Draw(t, "mul") {
				y = b.Mul(name, x, z)
			} else {
				y = b.Add(name, x, z)
			}
		case 8:
			z := pick(func(v Value) bool { return v.H == x.H && v.W == x.W })
			y = b.Concat(x, z)
		case 9:
			if x.C < 2 {
				continue
			}
			y = b.Slice(x, x.H*x.W, x.C-1, x.H, x.W)
		case 10:
			if x.C%2 != 0 {
				continue
			}
			y = b.Shuffle(x, 2)
		case 11:
			if x.H < 2 || x.W < 2 {
				continue
			}
			y = b.Pool(name, x, rapid.SampledFrom([]Fn{MaxPool, AvgPool}).Draw(t, "pool"), Square(2, 2, 0))
		case 12:
			q := b.Reshape(x, x.C, x.H*x.W, 1)
			y = b.Reshape(b.attention(name, q, q, q, 1, 1), x.C, x.H, x.W)
		case 13:
			y = b.Linear(name, x, 3, true)
		}
		if y.Elems() > 1<<12 {
			continue
		}
		vs = append(vs, y)
	}
	read := make([]bool, len(b.net.Data))
	for i := range b.net.Ops {
		for _, in := range b.net.Ops[i].In {
			for _, p := range in {
				read[p.Data] = true
			}
		}
	}
	for i := range b.net.Ops {
		if o := b.net.Ops[i].Out[0]; !read[o.Data] {
			b.net.Outputs = append(b.net.Outputs, []Part{o})
		}
	}
	if len(b.net.Ops) == 0 {
		b.Output(b.Linear("head", vs[0], 2, true))
	}
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func randomOptions(t *rapid.T, n *Network) Options {
	o := Options{
		Phase: n.Phase, Batch: 2 * rapid.IntRange(1, 4).Draw(t, "batch"),
		NoFusion:  rapid.Bool().Draw(t, "plain"),
		Precision: rapid.SampledFrom([]Precision{MixedPrecision(), uniform32()}).Draw(t, "precision"),
	}
	if n.Phase == Training {
		o.Optimizer = Optimizer(rapid.IntRange(0, 3).Draw(t, "optimizer"))
		o.MicroBatches = rapid.IntRange(1, 2).Draw(t, "micro")
		o.Checkpoint = Checkpointing(rapid.IntRange(0, 2).Draw(t, "checkpoint"))
		if o.Checkpoint == SelectiveCheckpoint && !hasCore(n) {
			o.Checkpoint = FullCheckpoint
		}
	}
	return o
}

// uniform32 is float32 everywhere.
func uniform32() Precision {
	p, err := PrecisionByName("fp32")
	if err != nil {
		panic(err)
	}
	return p
}

// TestRandomNetworks holds traces of random graphs to the contract, and their
// gradient steps to the graph: dW of every layer with weights, dX of every layer
// that has a parameter upstream, one update per parameter, one forward pass of
// recomputation under full checkpointing.
func TestRandomNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, rapid.SampledFrom([]Phase{Inference, Training}).Draw(t, "phase"))
		o := randomOptions(t, n)
		tr, err := NewTrace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkTrace(tr); err != nil {
			t.Fatal(err)
		}
		s := Summarize(tr)
		batch := int64(o.Batch)
		_, macs := n.Totals()
		if s.MACsForward != macs*batch {
			t.Fatalf("forward %d, network %d", s.MACsForward, macs*batch)
		}
		if n.Phase == Inference {
			return
		}
		p := newPlan(n, false, true)
		var dx, dw int64
		for i := range n.Ops {
			op := &n.Ops[i]
			for j, in := range op.In {
				if op.hasMACs() && slices.ContainsFunc(in, func(q Part) bool { return p.needGrad[q.Data] }) && (j == 0 || op.Kind == OpMatMul) {
					dx += op.MACs() * batch
				}
			}
			if op.hasMACs() && op.Kind != OpMatMul {
				dw += op.MACs() * batch
			}
		}
		if s.MACsDX != dx || s.MACsDW != dw {
			t.Fatalf("dX %d, want %d; dW %d, want %d", s.MACsDX, dx, s.MACsDW, dw)
		}
		updates := 0
		for i := range tr.Steps {
			if tr.Steps[i].Pass == Update {
				updates++
			}
		}
		if updates != len(n.Params) {
			t.Fatalf("%d updates of %d parameters", updates, len(n.Params))
		}
		if o.Checkpoint == FullCheckpoint && s.MACsRecompute != s.MACsForward {
			t.Fatalf("recomputed %d of %d", s.MACsRecompute, s.MACsForward)
		}
	})
}

// TestBatchScaling: everything but weights and batch statistics is proportional
// to the batch, and the steps are the same.
func TestBatchScaling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, rapid.SampledFrom([]Phase{Inference, Training}).Draw(t, "phase"))
		o := randomOptions(t, n)
		one, err := NewTrace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		k := rapid.IntRange(2, 5).Draw(t, "factor")
		o.Batch *= k
		many, err := NewTrace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(one.Steps) != len(many.Steps) || len(one.Tensors) != len(many.Tensors) {
			t.Fatal("the batch changed the steps")
		}
		for i, a := range one.Steps {
			if b := many.Steps[i]; b.MACs != a.MACs*int64(k) || b.Name != a.Name || b.Pass != a.Pass {
				t.Fatalf("%s: %d MACs and %d at %d times the batch", a.Name, a.MACs, b.MACs, k)
			}
		}
		for i, a := range one.Tensors {
			want := a.Elems * int64(k)
			if a.Persistent || a.Class == WeightGradient {
				want = a.Elems
			}
			if b := many.Tensors[i]; b.Elems != want && (b.Elems != a.Elems || a.External) {
				t.Fatalf("%s: %d and %d elements at %d times the batch", a.Name, a.Elems, b.Elems, k)
			}
		}
	})
}

// TestPermutedBranches: the order in which independent branches are declared
// changes no sum.
func TestPermutedBranches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 5).Draw(t, "branches")
		fs := rapid.SliceOfN(rapid.Int64Range(1, 9), k, k).Draw(t, "filters")
		kinds := rapid.SliceOfN(rapid.IntRange(0, 3), k, k).Draw(t, "kinds")
		declare := func(order []int) *Network {
			b := NewBuilder("branches")
			b.net.Phase = Training
			x := b.Norm("stem", b.Conv("stem.conv", b.Input("image", 3, 8, 8), 6, Square(3, 1, 1), 1, false), BatchNorm)
			outs := make([]Value, k)
			for _, i := range order {
				n := "branch" + string(rune('0'+i))
				switch kinds[i] {
				case 0:
					outs[i] = b.convBN(n, n+".bn", x, fs[i], Square(1, 1, 0), 1, ReLU)
				case 1:
					outs[i] = b.Conv(n+".2", b.convBN(n, n+".bn", x, fs[i], Square(3, 1, 1), 1, ReLU), fs[i], Square(3, 1, 1), 1, true)
				case 2:
					outs[i] = b.Pool(n, x, MaxPool, Square(3, 1, 1))
				case 3:
					outs[i] = b.Act(n+".act", b.Linear(n, x, fs[i], true), GELU)
				}
			}
			b.Output(b.Linear("head", b.GlobalPool("pool", b.Concat(outs...), 1, 1), 10, true))
			n, err := b.Network()
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		order := make([]int, k)
		for i := range order {
			order[i] = i
		}
		o := Options{Phase: Training, Batch: 3, NoFusion: rapid.Bool().Draw(t, "plain")}
		sum := func(order []int) Summary {
			tr, err := NewTrace(declare(order), o)
			if err != nil {
				t.Fatal(err)
			}
			s := Summarize(tr)
			s.PeakLiveBytes, s.PeakStep, s.PeakByClass = 0, "", [NumClasses]int64{}
			return s
		}
		want := sum(order)
		if got := sum(rapid.Permutation(order).Draw(t, "order")); got != want {
			t.Fatalf("permuted: %+v\nin order: %+v", got, want)
		}
	})
}

// TestContractCatches proves that the checks can fail.
func TestContractCatches(t *testing.T) {
	o := Options{Phase: Training, Batch: 2}
	n := build(t, "resnet18", o)
	for what, spoil := range map[string]func(*Trace){
		"a read before its write": func(tr *Trace) { tr.Steps = slices.Delete(tr.Steps, 1, 2) },
		"too many bytes":          func(tr *Trace) { tr.Steps[3].Reads[0].Bytes++ },
		"too few elements":        func(tr *Trace) { tr.Steps[3].Reads[0].Bytes /= 2 },
		"wrong MACs":              func(tr *Trace) { tr.Steps[3].MACs++ },
		"wrong role":              func(tr *Trace) { tr.Steps[0].Nest.Out = Filter },
		"two writes":              func(tr *Trace) { tr.Steps[1].Writes = append(tr.Steps[1].Writes, tr.Steps[1].Writes[0]) },
		"a vector step with nest": func(tr *Trace) { tr.Steps[1].Nest.N = 1 },
	} {
		tr := trace(t, n, o)
		spoil(tr)
		if checkTrace(tr) == nil {
			t.Errorf("%s passes", what)
		}
	}
}
