package residency

import (
	"cmp"
	"slices"
)

// workShare bounds the working space a step is taken to need, as a share of
// the capacity: a step whose operands are larger is tiled.
const workShare = 0.75

// gap is the time between two uses of a tensor: after the step start, until
// the step end of an axis of three iterations.
type gap struct {
	start, end int32
	bytes      float64
	touch      int // in the middle iteration, -1 in the others
}

// gaps returns the gaps of three iterations, the earliest end first.
func (p *Problem) gaps() []gap {
	n := int32(len(p.steps))
	first, last := int32(0), int32(3)
	if !p.carries { // iterations do not touch each other
		first, last = 1, 2
	}
	var list []gap
	for i := range p.steps {
		st := &p.steps[i]
		for j := range st.touches {
			c := &st.touches[j]
			if c.next == none {
				continue
			}
			for it := first; it < last; it++ {
				g := gap{start: int32(i) + it*n, end: c.next + it*n, bytes: st.bytesOf(c.tensor), touch: -1}
				if it == 1 {
					g.touch = st.firstTouch + j
				}
				if g.end < 3*n {
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
	load.clear()
	for i := range p.steps {
		work := min(p.steps[i].touched, workShare*m.capacity) + p.taken(i)
		for it := range 3 {
			load.add(i+it*len(p.steps), i+it*len(p.steps)+1, work)
		}
	}
	for i := range p.gaps3 {
		g := &p.gaps3[i]
		if g.touch >= 0 {
			m.pressure[g.touch] = load.most(int(g.start)+1, int(g.end))
		}
		load.add(int(g.start)+1, int(g.end), g.bytes)
	}
}

// maxTree is an array under range addition and range maximum.
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

func (t *maxTree) clear() {
	clear(t.top)
	clear(t.lag)
}

// add adds v to elements lo to hi-1.
func (t *maxTree) add(lo, hi int, v float64) { t.addIn(1, 0, t.size, lo, hi, v) }

func (t *maxTree) addIn(node, from, to, lo, hi int, v float64) {
	if hi <= from || to <= lo {
		return
	}
	if lo <= from && to <= hi {
		t.top[node] += v
		t.lag[node] += v
		return
	}
	mid := (from + to) / 2
	t.addIn(2*node, from, mid, lo, hi, v)
	t.addIn(2*node+1, mid, to, lo, hi, v)
	t.top[node] = max(t.top[2*node], t.top[2*node+1]) + t.lag[node]
}

// most returns the maximum of elements lo to hi-1, 0 if there is none.
func (t *maxTree) most(lo, hi int) float64 { return t.mostIn(1, 0, t.size, lo, hi) }

func (t *maxTree) mostIn(node, from, to, lo, hi int) float64 {
	if hi <= from || to <= lo || lo >= hi {
		return 0
	}
	if lo <= from && to <= hi {
		return t.top[node]
	}
	mid := (from + to) / 2
	return max(t.mostIn(2*node, from, mid, lo, hi), t.mostIn(2*node+1, mid, to, lo, hi)) + t.lag[node]
}
