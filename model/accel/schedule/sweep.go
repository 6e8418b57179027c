package schedule

import (
	"math"

	"stco/model/accel/residency"
)

var inf = math.Inf(1)

// shares are the rooms, relative to the buffer, for which the traffic of a round
// is estimated.
var shares = [...]float64{0, 0.06, 0.125, 0.25, 0.35, 0.5, 0.7, 1}

type sweepKey struct{ level, from int }

// sweep holds estimates of one round of the groups that begin at a cut, by end
// cut and room. The last room is unlimited.
type sweep struct {
	capacity float64
	ends     int                        // number of end cuts looked at
	inner    [][len(shares) + 1]float64 // bytes moved, what only leaves the group not counted
	leaves   [][len(shares) + 1]float64 // bytes not yet written that later groups need
	enters   []float64                  // bytes that come from earlier groups
	peak     []float64                  // bytes that hold all that is used again
	weights  []float64                  // bytes of persistent data
	through  []float64                  // bytes that pass by: made before, needed after
}

// holding is a tensor in the buffer of an estimate.
type holding struct {
	tensor, next int32
	bytes, dirty float64
}

// round is an estimate in progress.
type round struct {
	room float64
	held []holding
	sum  float64 // of held
	cost float64
}

// sweep estimates all groups of a level that begin at a cut.
func (s *search) sweep(lv, from int) *sweep {
	key := sweepKey{lv, from}
	w := s.sweeps[key]
	if w == nil {
		w = s.n.sweepFrom(lv, from, s.capacity)
		s.sweeps[key] = w
	}
	return w
}

func (n *Network) sweepFrom(lv, from int, capacity float64) *sweep {
	p := n.levels[lv].problem
	w := &sweep{capacity: capacity}
	rounds := [len(shares) + 1]round{}
	for i := range rounds {
		rounds[i].room = inf
		if i < len(shares) {
			rounds[i].room = shares[i] * capacity
		}
	}
	start := n.cuts[from]
	seen := map[int32]bool{}
	var touches, acts []residency.Touch
	entering := n.enteringCached(lv, start)
	enters, weights, peak, end := 0.0, 0.0, 0.0, from+1
	for i := start; i < p.Steps(); i++ {
		touches = p.Touches(i, touches[:0])
		acts = acts[:0]
		for _, c := range touches {
			if n.shared(p, c.Tensor) {
				bytes, _, _, _, _ := p.Tensor(c.Tensor)
				if !seen[c.Tensor] {
					seen[c.Tensor] = true
					weights += float64(bytes)
				}
				continue
			}
			if x, ok := entering[c.Tensor]; ok && !seen[c.Tensor] {
				seen[c.Tensor] = true
				enters += min(x.bytes, float64(c.Bytes))
			}
			acts = append(acts, c)
		}
		for r := range rounds {
			most := rounds[r].step(p, i, acts)
			if r == len(shares) {
				peak = max(peak, most)
			}
		}
		if i+1 == n.cuts[end] {
			var inner, leaves [len(shares) + 1]float64
			for r := range rounds {
				inner[r] = rounds[r].cost
				for _, h := range rounds[r].held {
					leaves[r] += h.dirty
				}
			}
			through := 0.0
			for _, x := range entering {
				if int(x.last) > i {
					through += x.bytes
				}
			}
			w.inner, w.leaves = append(w.inner, inner), append(w.leaves, leaves)
			w.enters, w.weights, w.peak = append(w.enters, enters), append(w.weights, weights), append(w.peak, peak)
			w.through = append(w.through, through)
			w.ends++
			end++
			if weights > 3*capacity && w.ends > 4 {
				break
			}
		}
	}
	return w
}

// entry is a tensor that a group takes from earlier ones.
type entry struct {
	bytes float64
	last  int32
}

// entering returns what is made before a step and needed at it or later.
func (n *Network) entering(lv, start int) map[int32]entry {
	p := n.levels[lv].problem
	list := map[int32]entry{}
	var touches []residency.Touch
	for i := range start {
		touches = p.Touches(i, touches[:0])
		for _, c := range touches {
			bytes, persistent, _, _, _ := p.Tensor(c.Tensor)
			if persistent || p.Exists(c.Tensor, 0) {
				continue
			}
			last, _ := p.LastTouch(c.Tensor)
			if int(last) >= start {
				list[c.Tensor] = entry{float64(bytes), last}
			}
		}
	}
	return list
}

// step moves what a step needs and returns the bytes that hold all.
func (r *round) step(p *residency.Manager, i int, acts []residency.Touch) float64 {
	passing := 0.0 // held until this step
	for a := range acts {
		c := &acts[a]
		bytes := float64(c.Bytes)
		at := -1
		for h := range r.held {
			if r.held[h].tensor == c.Tensor {
				at = h
			}
		}
		dirty := 0.0
		if at >= 0 {
			h := r.held[at]
			if c.Reads {
				r.cost += max(0, bytes-h.bytes)
			}
			dirty = h.dirty
			passing += h.bytes
			r.sum -= h.bytes
			r.held[at] = r.held[len(r.held)-1]
			r.held = r.held[:len(r.held)-1]
		} else if c.Reads {
			r.cost += bytes
		}
		if c.Writes {
			dirty = bytes
		}
		_, _, output, _, _ := p.Tensor(c.Tensor)
		if output && c.Writes {
			r.cost += bytes
			dirty = 0
		}
		if c.Next >= 0 {
			r.held = append(r.held, holding{c.Tensor, c.Next, bytes, dirty})
			r.sum += bytes
		}
	}
	most := r.sum + passing
	for r.sum+passing > r.room && len(r.held) > 0 {
		worst, key := 0, -1.0
		for h := range r.held {
			v := float64(r.held[h].next - int32(i))
			if x := &r.held[h]; x.bytes > 0 {
				v /= 1 + x.dirty/x.bytes
			}
			if v > key {
				worst, key = h, v
			}
		}
		h := &r.held[worst]
		out := min(h.bytes, r.sum+passing-r.room)
		clean := h.bytes - h.dirty
		lost := max(0, out-clean)
		r.cost += lost
		h.dirty -= lost
		h.bytes -= out
		r.sum -= out
		if h.bytes <= 0 {
			r.held[worst] = r.held[len(r.held)-1]
			r.held = r.held[:len(r.held)-1]
			continue
		}
		if out <= 0 {
			break // only what passes is too much
		}
	}
	return most
}
