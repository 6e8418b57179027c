package residency

import (
	"cmp"
	"math"
	"slices"
)

// workShare bounds the working space a step is taken to need, as a share of
// the capacity: a step whose operands are larger is tiled.
const workShare = 0.75

// gap is the time between two uses of a tensor: after the step start, until
// the step end, on an axis of all rounds.
type gap struct {
	start, end, tensor int32
	of                 int32 // index of the touch in the step
	bytes              float64
	touch              int // in the middle round, -1 in the others
}

// rounds returns the number of iterations that pressures look at: one by itself,
// or one between two others if data live across iterations.
func (p *Manager) rounds() int {
	if p.carries {
		return 3
	}
	return 1
}

// findGaps returns the gaps of all rounds, the earliest end first.
func (p *Manager) findGaps() []gap {
	n, rounds := int32(len(p.steps)), int32(p.rounds())
	var list []gap
	for i := range p.steps {
		st := &p.steps[i]
		for j := range st.touches {
			c := &st.touches[j]
			if c.next == none {
				continue
			}
			for it := range rounds {
				g := gap{start: int32(i) + it*n, end: c.next + it*n, tensor: c.tensor, of: int32(j), bytes: c.bytes, touch: -1}
				if it == rounds/2 {
					g.touch = st.firstTouch + j
				}
				if g.end < rounds*n {
					list = append(list, g)
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b gap) int { return cmp.Compare(a.end, b.end) })
	return list
}

// pressures fills, for every touch that has a next use, the largest sum of
// working space and of bytes needed sooner that the buffer must hold at a step
// in between, if everything needed sooner stays. What exceeds the capacity by
// then will have left: farthest next use first takes it first.
func (m *simulator) pressures() {
	p, load := m.p, m.load
	work := m.work[:0]
	for range p.rounds() {
		for i := range p.steps {
			work = append(work, min(p.steps[i].touched, workShare*m.capacity)+p.taken(i))
		}
	}
	m.work = work
	load.fill(work)
	for i := range p.gaps {
		g := &p.gaps[i]
		if g.touch >= 0 {
			m.pressure[g.touch] = load.most(int(g.start)+1, int(g.end))
		}
		load.add(int(g.start)+1, int(g.end), g.bytes)
	}
}

// maxTree is an array under range addition and range maximum. The maximum of a
// node is that of its children plus its lag.
type maxTree struct {
	size     int
	top, lag []float64
}

func newMaxTree(n int) *maxTree {
	size := 1
	for size < n {
		size *= 2
	}
	return &maxTree{size: size, top: make([]float64, 2*size), lag: make([]float64, 2*size)}
}

// fill sets the first elements, the others to 0.
func (t *maxTree) fill(values []float64) {
	clear(t.lag)
	clear(t.top[t.size+copy(t.top[t.size:], values):])
	for i := t.size - 1; i > 0; i-- {
		t.top[i] = max(t.top[2*i], t.top[2*i+1])
	}
}

// add adds v to elements lo to hi-1.
func (t *maxTree) add(lo, hi int, v float64) {
	if lo >= hi {
		return
	}
	lo, hi = lo+t.size, hi+t.size
	for l, r := lo, hi; l < r; l, r = l/2, r/2 {
		if l&1 == 1 {
			t.top[l] += v
			t.lag[l] += v
			l++
		}
		if r&1 == 1 {
			r--
			t.top[r] += v
			t.lag[r] += v
		}
	}
	t.renew(lo)
	t.renew(hi - 1)
}

// renew computes the maxima of the ancestors of a node.
func (t *maxTree) renew(i int) {
	for i /= 2; i > 0; i /= 2 {
		t.top[i] = max(t.top[2*i], t.top[2*i+1]) + t.lag[i]
	}
}

// most returns the maximum of elements lo to hi-1, 0 if there is none.
func (t *maxTree) most(lo, hi int) float64 {
	if lo >= hi {
		return 0
	}
	left, right := math.Inf(-1), math.Inf(-1)
	l, r := lo+t.size, hi+t.size
	for l < r {
		if l&1 == 1 {
			left = max(left, t.top[l])
			l++
		}
		if r&1 == 1 {
			r--
			right = max(right, t.top[r])
		}
		l, r = l/2, r/2
		left += t.lag[l-1] // of the parents of what was taken
		right += t.lag[r]
	}
	for l--; l > 1; l /= 2 {
		left += t.lag[l/2]
	}
	for ; r > 1; r /= 2 {
		right += t.lag[r/2]
	}
	return max(left, right)
}
