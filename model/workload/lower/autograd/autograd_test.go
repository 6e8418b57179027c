package autograd

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// kept returns the bytes that a network of one operator behind a trained layer l
// keeps, without those of the layer: batch of 2 in two micro-batches of 1.
func kept(t *testing.T, declare func(b *graph.Builder)) int64 {
	t.Helper()
	b := graph.NewBuilder("n")
	declare(b)
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	n.Phase = workload.Training
	one := SavedBytes(n, workload.Options{Phase: workload.Training, Batch: 4, MicroBatches: 2, Precision: fp32})
	if two := SavedBytes(n, workload.Options{Phase: workload.Training, Batch: 2, Precision: fp32}); one != two {
		t.Errorf("%d bytes of a micro-batch of 2, %d of a batch of 2", one, two)
	}
	if SavedBytes(n, workload.Options{Phase: workload.Training, Batch: 0, Precision: fp32}) != 0 {
		t.Error("bad options keep something")
	}
	return one
}

// TestSavedBytes counts by hand what PyTorch keeps: 2 items of x, 4 channels of 6 x
// 6 in float32, through a convolution of 4 filters and what is behind it.
func TestSavedBytes(t *testing.T) {
	const batch, x = 2, 4 * 36 * 4 // items, bytes of a map of 4 channels
	conv := func(b *graph.Builder) graph.Value {
		return b.Conv("l", b.Input("x", 4, 6, 6), 4, graph.Square(3, 1, 1), 1, true)
	}
	for name, c := range map[string]struct {
		want    int64 // beside the input of the convolution
		declare func(b *graph.Builder)
	}{
		"a convolution keeps its input":         {0, func(b *graph.Builder) { b.Output(conv(b)) }},
		"ReLU its output":                       {batch * x, func(b *graph.Builder) { b.Output(b.Act("f", conv(b), graph.ReLU)) }},
		"ReLU6 its input":                       {batch * x, func(b *graph.Builder) { b.Output(b.Act("f", conv(b), graph.ReLU6)) }},
		"both, where they follow each other":    {batch * x, func(b *graph.Builder) { b.Output(b.Act("g", b.Act("f", conv(b), graph.ReLU), graph.ReLU6)) }},
		"ReLU6 and what is in front":            {batch * 2 * x, func(b *graph.Builder) { b.Output(b.Act("g", b.Act("f", conv(b), graph.GELU), graph.ReLU6)) }},
		"a sum nothing":                         {0, func(b *graph.Builder) { y := conv(b); b.Output(b.Add("f", y, y)) }},
		"dropout a mask":                        {batch * x, func(b *graph.Builder) { b.Output(b.Pointwise("f", graph.Dropout, conv(b))) }},
		"batch normalisation input, statistics": {batch*x + 2*4*4, func(b *graph.Builder) { b.Output(b.Norm("f", conv(b), graph.BatchNorm)) }},
		"layer normalisation input, statistics": {batch * (x + 2*36*4), func(b *graph.Builder) { b.Output(b.Norm("f", conv(b), graph.LayerNorm)) }},
		"softmax its output":                    {batch * x, func(b *graph.Builder) { b.Output(b.Softmax("f", conv(b))) }},
		"max pooling input and indices of 8 bytes": {batch * (x + 4*9*8), func(b *graph.Builder) {
			b.Output(b.Pool("f", conv(b), graph.MaxPool, graph.Square(2, 2, 0)))
		}},
		"average pooling its input":      {batch * x, func(b *graph.Builder) { b.Output(b.Pool("f", conv(b), graph.AvgPool, graph.Square(2, 2, 0))) }},
		"a mean over all its shape only": {0, func(b *graph.Builder) { b.Output(b.GlobalPool("f", conv(b), 1, 1)) }},
		"a product with data the data":   {batch * x, func(b *graph.Builder) { b.Output(b.Mul("f", conv(b), b.Input("y", 4, 6, 6))) }},
		"a concatenation its copy": {batch * (2*x + x), func(b *graph.Builder) {
			y := b.Act("f", conv(b), graph.ReLU)
			b.Output(b.Conv("m", b.Concat(y, y), 4, graph.Square(1, 1, 0), 1, false))
		}},
		"products of data both factors": {batch * 2 * x, func(b *graph.Builder) {
			y := conv(b)
			z := b.Conv("m", b.Input("w", 4, 6, 6), 4, graph.Square(1, 1, 0), 1, false)
			b.Output(b.MatMul("f", y, z, 4, 6, 6, 6))
		}},
	} {
		want := batch*x + c.want
		if name == "products of data both factors" {
			want += batch * x // the input of the second convolution
		}
		if got := kept(t, c.declare); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}

// TestIndices: a look-up keeps its indices, of 8 bytes, once for two tables; what
// trains nothing keeps nothing.
func TestIndices(t *testing.T) {
	for _, twice := range []bool{false, true} {
		got := kept(t, func(b *graph.Builder) {
			ids := b.Tokens("ids", 7)
			y := b.Embed("e", ids, 3, b.Param("w", 30))
			if twice {
				y = b.Add("add", y, b.Embed("f", ids, 3, b.Param("v", 30)))
			}
			b.Output(y)
		})
		if got != 2*7*8 {
			t.Errorf("twice %v: %d bytes, want %d", twice, got, 2*7*8)
		}
	}
	if got := kept(t, func(b *graph.Builder) { b.Output(b.Act("f", b.Input("x", 4, 6, 6), graph.ReLU)) }); got != 0 {
		t.Errorf("without parameters %d bytes", got)
	}
}

// TestRecurrence: of every time step the hidden state and, for each gate and the
// cell, as much again; the inputs of the layer.
func TestRecurrence(t *testing.T) {
	const steps, in, h = 7, 5, 3
	got := kept(t, func(b *graph.Builder) {
		g := b.Linear("in", b.Input("x", in, steps, 1), 4*h, true)
		b.Output(b.Recurrent("r", g, graph.LSTM, true, b.Input("h", h, 1, 1), b.Input("c", h, 1, 1)))
	})
	if want := int64(2 * 4 * (steps*in + steps*h*(1+1+4))); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}
