package graph

import "stco/model/workload"

// Layer is one row of the layer table: an operator with multiply-accumulates.
// Linear layers and matrix products have height and width 1 and no kernel,
// stride, padding or groups. A matrix product has its inner dimension as InC
// and its columns as OutK.
type Layer struct {
	Index                          int
	Name, Type                     string // conv, dwconv, convtranspose, linear, matmul, recurrent
	InC, InH, InW                  int64
	OutK, OutH, OutW               int64
	KernelH, KernelW               int64 // 0: does not apply
	StrideH, StrideW               int64
	PadH, PadW                     int64
	Groups                         int64
	GemmM, GemmN, GemmK, GemmCount int64 // as a matrix product, GemmCount of them
	MACs, Params                   int64
}

// Layers returns the convolutions, linear layers and matrix products in
// execution order for a batch of b items. A parameter shared by several layers
// is counted in the first that holds it.
func (n *Network) Layers(b int) []Layer {
	var rows []Layer
	counted := make([]bool, len(n.Params))
	for i := range n.Ops {
		o := &n.Ops[i]
		var params int64
		for _, p := range o.Params {
			if !counted[p] && !n.Params[p].Frozen {
				params += n.Params[p].Elems
				counted[p] = true
			}
		}
		if !o.HasMACs() {
			continue
		}
		s := o.Scaled(int64(b))
		l := Layer{
			Index: len(rows), Name: o.Name, Type: o.Kind.String(),
			InC: s.C, InH: 1, InW: 1, OutK: s.K, OutH: 1, OutW: 1,
			GemmM: s.N * s.P * s.Q, GemmN: s.K, GemmK: s.C * s.R * s.S, GemmCount: s.Groups,
			MACs: o.MACs() * int64(b), Params: params,
		}
		if o.Kind == workload.OpRecurrent {
			l.GemmCount = int64(len(o.Out))
		}
		if o.Kind == workload.OpConv {
			l.InC, l.InH, l.InW = s.C*s.Groups, s.H, s.W
			l.OutK, l.OutH, l.OutW = s.K*s.Groups, s.P, s.Q
			l.KernelH, l.KernelW, l.StrideH, l.StrideW = s.R, s.S, s.StrideH, s.StrideW
			l.PadH, l.PadW, l.Groups = s.PadH, s.PadW, s.Groups
			switch {
			case o.Transposed:
				l.Type = "convtranspose"
				l.InC, l.OutK = l.OutK, l.InC
				l.InH, l.InW, l.OutH, l.OutW = l.OutH, l.OutW, l.InH, l.InW
			case s.Groups > 1 && s.C == 1:
				l.Type = "dwconv"
			}
		}
		rows = append(rows, l)
	}
	return rows
}

// Nests returns the loop nests of the forward pass, one for every row of
// Layers(b).
func (n *Network) Nests(b int) []workload.Nest {
	var out []workload.Nest
	for i := range n.Ops {
		if o := &n.Ops[i]; o.HasMACs() {
			s := o.Scaled(int64(b))
			if o.Kind == workload.OpRecurrent {
				s.Groups *= int64(len(o.Out))
			}
			out = append(out, s)
		}
	}
	return out
}
