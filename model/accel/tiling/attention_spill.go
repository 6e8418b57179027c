package tiling

import (
	"cmp"
	"slices"

	"stco/model/workload"
)

// Attention returns the staircase of an attention, or of its gradient, as one step:
// fused, and where that moves less the products one after the other with the
// scores spilled. A tile of whole rows of Q and K with
// results in the making is a poor one in a buffer of less than about the square
// of the head's width. The curves that it is made of are thinned.
func Attention(qk, av *workload.Nest, o *AttentionOptions, gradient bool) ([]AttentionPoint, error) {
	points, err := fused(qk, av, o, gradient)
	if points = Thin(points); err != nil || o.ResidentResults {
		return points, err
	}
	points = append(points, spilled(qk, av, o, gradient)...)
	slices.SortStableFunc(points, func(p, q AttentionPoint) int {
		if p.Space != q.Space {
			return cmp.Compare(p.Space, q.Space)
		}
		return cmp.Compare(p.Total(), q.Total())
	})
	kept := points[:0]
	for i := range points {
		if n := len(kept); n == 0 || points[i].Total() < kept[n-1].Total() {
			kept = append(kept, points[i])
		}
	}
	return kept, nil
}

// product is one product of an attention with the operand of each role.
type product struct {
	nest workload.Nest
	role [3]AttentionOperand
}

func products(qk, av *workload.Nest, gradient bool) []product {
	all := []product{{*qk, [3]AttentionOperand{Query, Key, Scores}}}
	if !gradient {
		return append(all, product{*av, [3]AttentionOperand{Scores, Value, Context}})
	}
	add := func(n workload.Nest, out workload.Role, role [3]AttentionOperand) {
		n.Out = out
		all = append(all, product{n, role})
	}
	add(*av, workload.Filter, [3]AttentionOperand{Scores, ValueGrad, ContextGrad})
	add(*av, workload.Ifmap, [3]AttentionOperand{Scores, Value, ContextGrad})
	add(*qk, workload.Ifmap, [3]AttentionOperand{QueryGrad, Key, Scores})
	add(*qk, workload.Filter, [3]AttentionOperand{Query, KeyGrad, Scores})
	return all
}

// spilled returns the executions in which every product is tiled by itself and
// the scores pass through DRAM. The softmax reads and writes them once. In the
// gradient the probabilities follow in the epilogue of the scores, and the
// gradient of the scores in that of the gradient of the probabilities, which
// reads the probabilities.
func spilled(qk, av *workload.Nest, o *AttentionOptions, gradient bool) []AttentionPoint {
	rows := qk.N * qk.P * qk.Q
	base := AttentionPoint{}
	scores := bytes(qk.Groups * rows * qk.K * inBits(o.ElemBytes[Scores]))
	base.Read[Scores] = scores
	if !gradient {
		base.Write[Scores] = scores
	} else if !o.ResidentQueries {
		base.Read[RowStatistics] = bytes(2 * qk.Groups * rows * inBits(o.ElemBytes[RowStatistics]))
	}
	all := products(qk, av, gradient)
	curves := make([][]Point, len(all))
	var spaces []int64
	for i := range all {
		p := &all[i]
		c := Conventions{PartialBytes: o.PartialBytes, DoubleBuffer: o.DoubleBuffer}
		for r, operand := range p.role {
			c.ElemBytes[r] = o.ElemBytes[operand]
			switch operand {
			case Query, ContextGrad:
				c.Resident[r] = o.ResidentQueries
			case Key, Value:
				c.Resident[r] = o.ResidentKeys
			default: // results and scores
			}
		}
		curves[i] = Thin(Curve(&p.nest, &c))
		for k := range curves[i] {
			spaces = append(spaces, curves[i][k].Space)
		}
	}
	slices.Sort(spaces)
	var points []AttentionPoint
	for _, space := range slices.Compact(spaces) {
		sum, fits := base, true
		sum.Space = space
		for i, curve := range curves {
			at, ok := At(curve, space)
			fits = fits && ok
			for r, operand := range all[i].role {
				sum.Read[operand] += at.Read[r]
				sum.Write[operand] += at.Write[r]
			}
		}
		if fits {
			points = append(points, sum)
		}
	}
	return points
}
