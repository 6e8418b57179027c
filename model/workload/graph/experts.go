package graph

import "stco/model/workload"

// Routed adds a dense layer of f features by the experts of a mixture: each of
// the r.Tokens tokens goes to r.TopK experts. x has a row for every token, or for
// every token and expert; the result has the latter. name.weight holds the
// matrices of all experts.
func (b *Builder) Routed(name string, x Value, f int64, r workload.Routing, bias bool) Value {
	if r.Experts < 1 || r.TopK < 1 || r.TopK > r.Experts || r.Tokens < 1 {
		b.Failf("%s: %d of %d experts for %d tokens", name, r.TopK, r.Experts, r.Tokens)
		return Value{C: 1, H: 1, W: 1}
	}
	rows := r.Tokens * r.TopK
	if x.W != 1 || (x.H != rows && x.H != r.Tokens) {
		b.Failf("%s: %d positions for %d tokens", name, x.H, r.Tokens)
		return Value{C: 1, H: 1, W: 1}
	}
	params := b.weights(name, r.Experts*f*x.C, r.Experts*f, bias)
	o := Op{Name: name, Kind: workload.OpLinear, Nest: gemm(rows, x.C, f, 1), Params: params, Routing: &r}
	return b.add(o, f, rows, 1, x)
}

// Gather adds the sum over the experts of every token, weighted by the router's
// probabilities.
func (b *Builder) Gather(name string, x, weights Value, r workload.Routing) Value {
	e := x.Elems()
	o := Op{Name: name, Kind: workload.OpElementwise, Fn: Add, Vec: 2 * e, VecBwd: 2 * e}
	return b.add(o, x.C, r.Tokens, 1, x, weights)
}

// Scan adds a state-space scan of width elements over the H positions of x, which
// holds them and their time steps, in groups that share their input and output
// projections bc (2 states values for every position and group): every element
// keeps the given number of states. After it the state is written to state, when
// that has elements; continued says that it is read before.
func (b *Builder) Scan(name string, x Value, width int64, bc Value, states, groups int64, state Value, continued bool) Value {
	if bc.Elems() != 2*states*groups*x.H {
		b.Failf("%s: %d features in %d groups, projections of %d elements", name, width, groups, bc.Elems())
		return Value{C: 1, H: 1, W: 1}
	}
	return b.ScanOf(name, x, width, bc, ScanSize{States: states, Groups: groups, Products: 2}, state, continued)
}

// ScanSize is the size of a scan: States of every element, Groups that share their
// projections, and Products of a state at every position: one that adds to it, one
// for every output that it gives, one where it is read before.
type ScanSize struct{ States, Groups, Products int64 }

// ScanOf is Scan with any projections.
func (b *Builder) ScanOf(name string, x Value, width int64, proj Value, s ScanSize, state Value, continued bool) Value {
	positions := x.H
	if s.Groups < 1 || width%s.Groups != 0 || s.States < 1 || s.Products < 1 {
		b.Failf("%s: %d features in %d groups of %d states", name, width, s.Groups, s.States)
		return Value{C: 1, H: 1, W: 1}
	}
	n := gemm(width/s.Groups, s.Products*s.States, 1, s.Groups*positions)
	n.Form = workload.ScanForm
	in := x
	if continued {
		in = b.Tail(x, state)
	}
	decay := width * s.States * positions
	v := b.add(Op{Name: name, Kind: workload.OpMatMul, Nest: n, Vec: decay, VecBwd: 2 * decay}, width, positions, 1, in, proj)
	if b.err == nil && len(state.parts) > 0 {
		o := &b.net.Ops[len(b.net.Ops)-1]
		o.Out = append(o.Out, state.parts...)
	}
	return v
}
