package lower

import (
	"slices"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower/fusion"

	"pgregory.net/rapid"
)

// randomNetwork draws a graph of convolutions, normalisations, sums, products,
// views, pools and attention. Every value that nothing reads is an output.
func randomNetwork(t *rapid.T, phase workload.Phase) *graph.Network {
	b := graph.NewBuilder("random")
	size := rapid.Int64Range(2, 6).Draw(t, "size") * 2
	vs := []graph.Value{b.Input("image", 4, size, size)}
	read := []bool{true}
	pick := func(ok func(graph.Value) bool) int {
		var c []int
		for i, v := range vs {
			if ok(v) {
				c = append(c, i)
			}
		}
		return rapid.SampledFrom(c).Draw(t, "value")
	}
	anyValue := func(graph.Value) bool { return true }
	for i := range rapid.IntRange(1, 25).Draw(t, "ops") {
		name := "op" + string(rune('a'+i))
		from := pick(anyValue)
		x, also := vs[from], from
		kind := rapid.IntRange(0, 13).Draw(t, "kind")
		if i > 0 && rapid.Bool().Draw(t, "block") {
			b.Block()
		}
		var y graph.Value
		switch kind {
		case 0, 1:
			r := rapid.SampledFrom([]int64{1, 3}).Draw(t, "r")
			stride := rapid.SampledFrom([]int64{1, 1, 2}).Draw(t, "stride")
			groups := int64(1)
			f := rapid.SampledFrom([]int64{2, 4, 8}).Draw(t, "f")
			if rapid.Bool().Draw(t, "depthwise") {
				groups, f = x.C, x.C
			}
			k := graph.Square(r, stride, r/2)
			if x.H > 4 {
				k.DilH = rapid.Int64Range(1, 2).Draw(t, "dilation")
			}
			y = b.Conv(name, x, f, k, groups, rapid.Bool().Draw(t, "bias"))
		case 2, 3:
			y = b.Norm(name, x, rapid.SampledFrom([]graph.Fn{graph.BatchNorm, graph.LayerNorm, graph.RMSNorm}).Draw(t, "norm"))
		case 4, 5:
			y = b.Act(name, x, rapid.SampledFrom([]graph.Fn{graph.ReLU, graph.GELU, graph.Tanh}).Draw(t, "fn"))
		case 6, 7:
			also = pick(func(v graph.Value) bool { return v.C == x.C && v.H == x.H && v.W == x.W })
			z := vs[also]
			if rapid.Bool().Draw(t, "mul") {
				y = b.Mul(name, x, z)
			} else {
				y = b.Add(name, x, z)
			}
		case 8:
			also = pick(func(v graph.Value) bool { return v.H == x.H && v.W == x.W })
			y = b.Concat(x, vs[also])
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
			y = b.Pool(name, x, rapid.SampledFrom([]graph.Fn{graph.MaxPool, graph.AvgPool}).Draw(t, "pool"), graph.Square(2, 2, 0))
		case 12:
			q := b.Reshape(x, x.C, x.H*x.W, 1)
			y = b.Reshape(b.Core(func() graph.Value {
				p := b.Softmax(name+".softmax", b.MatMul(name+".qk", q, q, 1, q.H, q.C, q.H))
				return b.MatMul(name+".av", p, q, 1, q.H, q.H, q.C)
			}), x.C, x.H, x.W)
		case 13:
			y = b.Linear(name, x, 3, true)
		}
		if y.Elems() > 1<<12 {
			b.Output(y)
			continue
		}
		read[from], read[also] = true, true
		vs, read = append(vs, y), append(read, false)
	}
	if len(vs) == 1 {
		b.Output(b.Linear("head", vs[0], 2, true))
	}
	for i, v := range vs {
		if !read[i] {
			b.Output(v)
		}
	}
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	n.Phase = phase
	return n
}

func randomOptions(t *rapid.T, n *graph.Network) workload.Options {
	o := workload.Options{
		Phase: n.Phase, Batch: 2 * rapid.IntRange(1, 4).Draw(t, "batch"),
		NoFusion:  rapid.Bool().Draw(t, "plain"),
		Precision: rapid.SampledFrom([]workload.Precision{workload.MixedPrecision(), uniform32()}).Draw(t, "precision"),
	}
	if n.Phase == workload.Training {
		o.Optimizer = workload.Optimizer(rapid.IntRange(0, 3).Draw(t, "optimizer"))
		o.MicroBatches = rapid.IntRange(1, 2).Draw(t, "micro")
		o.Checkpoint = workload.Checkpointing(rapid.IntRange(0, 2).Draw(t, "checkpoint"))
		if o.Checkpoint == workload.SelectiveCheckpoint && !n.HasAttention() {
			o.Checkpoint = workload.FullCheckpoint
		}
	}
	return o
}

// uniform32 is float32 everywhere.
func uniform32() workload.Precision {
	p, err := workload.PrecisionByName("fp32")
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
		n := randomNetwork(t, rapid.SampledFrom([]workload.Phase{workload.Inference, workload.Training}).Draw(t, "phase"))
		o := randomOptions(t, n)
		tr, err := Trace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Validate(); err != nil {
			t.Fatal(err)
		}
		s := workload.Summarize(tr)
		batch := int64(o.Batch)
		_, macs := n.Totals()
		if s.MACsForward != macs*batch {
			t.Fatalf("forward %d, network %d", s.MACsForward, macs*batch)
		}
		if n.Phase == workload.Inference {
			return
		}
		p := fusion.New(n, false, false, true)
		var dx, dw int64
		for i := range n.Ops {
			op := &n.Ops[i]
			for j, in := range op.In {
				if op.HasMACs() && slices.ContainsFunc(in, func(q graph.Part) bool { return p.NeedGrad[q.Data] }) && (j == 0 || op.Kind == workload.OpMatMul) {
					dx += op.MACs() * batch
				}
			}
			if op.HasMACs() && op.Kind != workload.OpMatMul {
				dw += op.MACs() * batch
			}
		}
		if s.MACsDX != dx || s.MACsDW != dw {
			t.Fatalf("dX %d, want %d; dW %d, want %d", s.MACsDX, dx, s.MACsDW, dw)
		}
		updates := 0
		for i := range tr.Steps {
			if tr.Steps[i].Pass == workload.Update {
				updates++
			}
		}
		if updates != len(n.Params) {
			t.Fatalf("%d updates of %d parameters", updates, len(n.Params))
		}
		kept := int64(0) // the last segment of several
		for i := range n.Ops {
			if last := n.Ops[len(n.Ops)-1].Block; n.Ops[i].Block == last && n.Ops[0].Block != last {
				kept += n.Ops[i].MACs() * batch
			}
		}
		if o.Checkpoint == workload.FullCheckpoint && s.MACsRecompute != s.MACsForward-kept {
			t.Fatalf("recomputed %d of %d less %d", s.MACsRecompute, s.MACsForward, kept)
		}
	})
}

// TestBatchScaling: everything but weights and batch statistics is proportional
// to the batch, and the steps are the same.
func TestBatchScaling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, rapid.SampledFrom([]workload.Phase{workload.Inference, workload.Training}).Draw(t, "phase"))
		o := randomOptions(t, n)
		one, err := Trace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		k := rapid.IntRange(2, 5).Draw(t, "factor")
		o.Batch *= k
		many, err := Trace(n, o)
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
			if a.Persistent || a.Class == workload.WeightGradient {
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
		declare := func(order []int) *graph.Network {
			b := graph.NewBuilder("branches")
			convBN := func(n string, x graph.Value, f int64, k graph.Window) graph.Value {
				return b.Act(n+".relu", b.Norm(n+".bn", b.Conv(n, x, f, k, 1, false), graph.BatchNorm), graph.ReLU)
			}
			x := b.Norm("stem", b.Conv("stem.conv", b.Input("image", 3, 8, 8), 6, graph.Square(3, 1, 1), 1, false), graph.BatchNorm)
			outs := make([]graph.Value, k)
			for _, i := range order {
				n := "branch" + string(rune('0'+i))
				switch kinds[i] {
				case 0:
					outs[i] = convBN(n, x, fs[i], graph.Square(1, 1, 0))
				case 1:
					outs[i] = b.Conv(n+".2", convBN(n, x, fs[i], graph.Square(3, 1, 1)), fs[i], graph.Square(3, 1, 1), 1, true)
				case 2:
					outs[i] = b.Pool(n, x, graph.MaxPool, graph.Square(3, 1, 1))
				case 3:
					outs[i] = b.Act(n+".act", b.Linear(n, x, fs[i], true), graph.GELU)
				}
			}
			b.Output(b.Linear("head", b.GlobalPool("pool", b.Concat(outs...), 1, 1), 10, true))
			n, err := b.Network()
			if err != nil {
				t.Fatal(err)
			}
			n.Phase = workload.Training
			return n
		}
		order := make([]int, k)
		for i := range order {
			order[i] = i
		}
		o := workload.Options{Phase: workload.Training, Batch: 3, NoFusion: rapid.Bool().Draw(t, "plain")}
		sum := func(order []int) workload.Summary {
			tr, err := Trace(declare(order), o)
			if err != nil {
				t.Fatal(err)
			}
			s := workload.Summarize(tr)
			s.PeakLiveBytes, s.PeakStep, s.PeakByClass = 0, "", [workload.NumClasses]int64{}
			return s
		}
		want := sum(order)
		if got := sum(rapid.Permutation(order).Draw(t, "order")); got != want {
			t.Fatalf("permuted: %+v\nin order: %+v", got, want)
		}
	})
}
