package template

import (
	"stco/model/workload/graph"
)

// Shape is the size and form a network is built for.
type Shape struct {
	Image         int64
	Seq           int64 // tokens that pass through the network
	Context       int64 // tokens in the KV cache before them
	Cache, Decode bool  // keys and values go through a KV cache

	Causal, Last, Heads     bool
	Window                  int64 // 0: that of the network
	Tensor, Pipeline, Parts int64 // devices that share it
}

// Builder declares networks: what templates share are its methods.
type Builder struct {
	*graph.Builder
	Training   bool // parts that run in training only
	Dropout    bool // the published dropout layers
	FrozenNorm bool // batch normalisation by constants
}

// Drop adds a dropout layer when the network is built with dropout.
func (b *Builder) Drop(name string, x graph.Value) graph.Value {
	if !b.Dropout {
		return x
	}
	return b.Pointwise(name, graph.Dropout, x)
}

// Families lists the families of the networks.
func Families() []string { return []string{"cv", "nlp", "rec"} }

// LSTM adds one LSTM layer of h cells: the products of all inputs, then the time
// steps.
func (b *Builder) LSTM(name string, x graph.Value, h int64) graph.Value {
	gx := b.Linear(name+".W_ih", x, 4*h, true)
	h0, c0 := b.Input(name+".h0", h, 1, 1), b.Input(name+".c0", h, 1, 1)
	return b.Recurrent(name+".W_hh", gx, graph.LSTM, true, h0, c0)
}

// MLP adds two linear layers with a GELU between, as tokens.
func (b *Builder) MLP(name string, x graph.Value, hidden int64) graph.Value {
	y := b.Act(name+".1", b.Linear(name+".0", x, hidden, true), graph.GELU)
	return b.Linear(name+".3", y, x.C, true)
}
