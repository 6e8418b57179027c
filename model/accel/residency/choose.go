package residency

import (
	"math"
	"sort"
)

// choice is one way to run a nest step.
type choice struct {
	mask  int // bit per group: held whole
	drop  int // bit per part: resident bytes leave before the step
	point *stair
	need  float64 // bytes to evict from tensors the step does not touch
	cost  float64
}

// operands is what choose needs to know of the operand groups of a step.
type operands struct {
	missing  [3]float64 // bytes not resident
	share    [3]float64 // of these, relative to the whole
	future   [3]float64 // of the missing, discounted bytes that a later step wants again
	resident float64    // bytes on chip that stay
	spill    float64    // bytes written because they leave
}

func (m *simulator) operands(st *step, drop int) operands {
	var o operands
	for i := range st.touches {
		k := st.touches[i].tensor
		if drop>>st.touches[i].part&1 == 0 {
			o.resident += m.res[k]
		} else {
			o.spill += m.dirty[k]
		}
	}
	for i := range st.uses {
		u := &st.uses[i]
		if u.part > out {
			continue
		}
		miss := float64(u.bytes)
		if u.part != out && drop>>st.touches[u.touch].part&1 == 0 {
			miss = m.missing(u)
		}
		o.missing[u.part] += miss
		if j := int(u.touch); st.touches[j].next != none && miss > 0 {
			o.future[u.part] += miss * m.byteCostOf(st, j)
		}
	}
	for g := range o.share {
		o.share[g] = o.missing[g] / st.whole[g]
	}
	return o
}

// choose returns the cheapest way to run a nest step: which operands leave
// before, which are held whole, which tiles the others are streamed in. The
// smallest tile fits with everything else evicted (Manager.Fits).
func (m *simulator) choose(st *step) choice {
	best := choice{cost: math.Inf(1)}
	droppable := 0
	for i := range st.touches {
		if c := &st.touches[i]; m.res[c.tensor] > 0 {
			droppable |= 1 << c.part
		}
	}
	for drop := 0; drop <= droppable; drop++ {
		if drop&^droppable != 0 {
			continue
		}
		o := m.operands(st, drop)
		// Whatever the tiles, what is missing is read.
		least := o.spill + o.missing[in0] + o.missing[in1] + st.finalWrite()
		if least >= best.cost {
			continue
		}
		m.chooseHeld(st, &o, drop, &best)
		if drop == 0 && best.need <= 0 && best.cost <= least {
			break // compulsory traffic without an eviction: nothing can be cheaper
		}
	}
	return best
}

// chooseHeld tries every set of held operands and every tile for one drop set.
func (m *simulator) chooseHeld(st *step, o *operands, drop int, best *choice) {
	free := m.capacity - m.other - o.resident
	for mask := 7; mask >= 0; mask-- {
		held, cost := 0.0, o.spill
		redundant := false
		for g := in0; g <= out; g++ {
			switch {
			case mask>>g&1 == 0:
				redundant = redundant || (g != out && o.missing[g] <= 0) // all there: hold it
			case g == out:
				held += o.missing[g]
				cost += st.finalWrite()
			default:
				held += o.missing[g]
				cost += o.missing[g]
			}
		}
		if redundant || held-free > m.other || cost >= best.cost {
			continue
		}
		m.chooseTile(st, o, choice{mask: mask, drop: drop, cost: cost}, held-free, best)
	}
}

// chooseTile tries the tiles of one set of held operands. With that set, base
// is the cost before any tile and the operands take short bytes more than are
// free.
func (m *simulator) chooseTile(st *step, o *operands, base choice, short float64, best *choice) {
	curve := st.curve(base.mask)
	least := base.cost + o.streamed(st, base.mask, &curve[len(curve)-1])
	if least >= best.cost {
		return
	}
	// Tiles so small that all that is wanted again can stay are worth a look
	// only for their traffic: the largest of them has the least.
	future := 0.0
	for g := in0; g <= out; g++ {
		if base.mask>>g&1 == 0 {
			future += o.future[g]
		}
	}
	first := sort.Search(len(curve), func(i int) bool { return short+curve[i].space > -future }) - 1
	// And tiles whose traffic alone is too much for none.
	if share := o.leastShare(base.mask); share > 0 && !math.IsInf(best.cost, 1) {
		most := (best.cost - base.cost + st.unsaved) / share
		first = max(first, sort.Search(len(curve), func(i int) bool { return curve[i].total < most }))
	}
	cost, at := best.cost, -1
	for i := max(first, 0); i < len(curve); i++ {
		p := &curve[i]
		need := short + p.space
		if need > m.other {
			break
		}
		evict := m.evictionCost(need)
		if least+evict >= cost {
			break
		}
		c := base.cost + o.streamed(st, base.mask, p) + evict
		if c >= cost {
			continue
		}
		spare := max(0, -need)
		for g := in0; g <= out; g++ {
			if base.mask>>g&1 == 0 {
				kept := min(spare, o.future[g])
				spare -= kept
				c += o.future[g] - kept
			}
		}
		if c < cost {
			cost, at = c, i
		}
	}
	if at >= 0 {
		p := &curve[at]
		*best = choice{mask: base.mask, drop: base.drop, point: p, need: max(0, short+p.space), cost: cost}
	}
}

// leastShare returns the smallest missing share of the operands that are not
// held.
func (o *operands) leastShare(mask int) float64 {
	share := 1.0
	for g := in0; g <= out; g++ {
		if mask>>g&1 == 0 {
			share = min(share, o.share[g])
		}
	}
	return share
}

// streamed returns the traffic at a point of the operands that are not held.
func (o *operands) streamed(st *step, mask int, p *stair) float64 {
	c := 0.0
	if mask&1 == 0 {
		c += p.read[in0] * o.share[in0]
	}
	if mask&2 == 0 {
		c += p.read[in1] * o.share[in1]
	}
	if mask&4 == 0 {
		c += (p.read[out] + p.write[out] - st.unsaved) * o.share[out]
	}
	return c
}
