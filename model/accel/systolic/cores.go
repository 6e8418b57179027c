package systolic

import (
	"stco/model/accel/window"
	"stco/model/workload"
)

// part is a number of cores with the same share of a nest.
type part struct{ count, size int64 }

// parts deals n things to at most some takers, as evenly as equal shares but for
// a last one allow.
func parts(n, takers int64) []part {
	size := window.CeilDiv(n, takers)
	full := part{n / size, size}
	if rest := n % size; rest > 0 {
		return []part{full, {1, rest}}
	}
	return []part{full}
}

// spread runs a nest on several cores. Groups, images (of one
// image the output rows) and output channels are dealt to them; a filter gradient, whose images
// are summed, is dealt by both of its channels. Time is that of the core with the largest share, accesses are
// those of all. Of the ways to deal the fastest is taken, of equals the one with
// the fewest reads. Cores that get nothing wait.
func spread(n *workload.Nest, a Array, d Dataflow) Cost {
	best, reads := Cost{}, int64(0)
	for over := int64(1); over <= a.Cores; over++ {
		if a.Cores%over != 0 {
			continue
		}
		for of := int64(1); of <= a.Cores/over; of++ {
			if (a.Cores/over)%of != 0 {
				continue
			}
			c := deal(n, a, d, [3]int64{over, of, a.Cores / over / of})
			sum := c.Reads[0] + c.Reads[1] + c.Reads[2] + c.PartialReads
			if best.Cycles == 0 || c.Cycles < best.Cycles || (c.Cycles == best.Cycles && sum < reads) {
				best, reads = c, sum
			}
		}
	}
	best.Utilization = float64(n.MACs()) / (float64(best.Cycles) * float64(a.Rows*a.Cols*a.Cores))
	return best
}

// axes returns the loops of a nest that are dealt to the cores.
func axes(n *workload.Nest) [3]*int64 {
	images := &n.N
	if n.N == 1 && n.Out == workload.Ofmap {
		images = &n.P
	}
	switch n.Out {
	case workload.Ifmap:
		return [3]*int64{&n.Groups, images, &n.C}
	case workload.Filter:
		return [3]*int64{&n.Groups, &n.C, &n.K}
	default:
		return [3]*int64{&n.Groups, images, &n.K}
	}
}

// deal returns the cost of a nest whose loops are dealt in so many shares.
func deal(n *workload.Nest, a Array, d Dataflow, shares [3]int64) Cost {
	var sum Cost
	whole := axes(n)
	box := float64(n.Box())
	for _, g := range parts(*whole[0], shares[0]) {
		for _, i := range parts(*whole[1], shares[1]) {
			for _, o := range parts(*whole[2], shares[2]) {
				one := *n
				loops := axes(&one)
				*loops[0], *loops[1], *loops[2] = g.size, i.size, o.size
				if loops[1] == &one.P && one.P < n.P { // with the input rows that its windows need
					one.H, one.PadH = min(n.H, (one.P-1)*n.StrideH+(n.R-1)*n.DilH+1), 0
				}
				one.Masked = int64(float64(n.Masked) * float64(one.Box()) / box)
				c, count := mapOne(&one, a, d), g.count*i.count*o.count
				sum.Cycles = max(sum.Cycles, c.Cycles)
				for role := range c.Reads {
					sum.Reads[role] += count * c.Reads[role]
				}
				sum.Writes += count * c.Writes
				sum.PartialReads += count * c.PartialReads
				sum.PartialWrites += count * c.PartialWrites
			}
		}
	}
	return sum
}
