package residency

import (
	"math"
	"slices"
	"sort"
)

// visit is a step that touches a tensor.
type visit struct {
	step            int32
	writes, defines bool
}

// visits returns the visits of every tensor.
func visits(steps []step, tensors int) [][]visit {
	of := make([][]visit, tensors)
	for i := range steps {
		for _, c := range steps[i].touches {
			of[c.tensor] = append(of[c.tensor], visit{int32(i), c.writes, c.defines})
		}
	}
	return of
}

// after returns the index of the first visit of tensor k at or after a step.
func (p *Manager) after(k int32, step int) int {
	of := p.events[k]
	return sort.Search(len(of), func(i int) bool { return int(of[i].step) >= step })
}

// Needed says whether the content of tensor k as it is before a step is read
// at that step or later, also in the next iteration, or is an output.
func (p *Manager) Needed(k int32, step int) bool {
	of := p.events[k]
	d := &p.data[k]
	if i := p.after(k, step); i < len(of) {
		return !of[i].defines
	}
	return d.output || d.persistent && len(of) > 0 && !of[0].defines
}

// Exists says whether tensor k has content before a step.
func (p *Manager) Exists(k int32, step int) bool {
	d := &p.data[k]
	return d.external || d.persistent || len(p.events[k]) > 0 && int(p.events[k][0].step) < step
}

// Segment is a range of steps by itself: what they read and do not make comes
// from DRAM, what is needed after them goes there. It is for one goroutine.
type Segment struct {
	p       *Manager
	tensors []int32   // of the whole problem, by tensor of the segment
	whole   []int64   // their bytes
	off     []float64 // shares that are not pinned
	m       *simulator
}

// Segment returns steps lo to hi-1 with nothing pinned.
func (p *Manager) Segment(lo, hi int) *Segment {
	q := &Manager{trace: p.trace, apart: p.apart, origin: p.origin + lo, steps: make([]step, hi-lo)}
	s := &Segment{p: q}
	local := map[int32]int32{}
	uses, touches := 0, 0
	for i := lo; i < hi; i++ {
		uses += len(p.steps[i].uses)
		touches += len(p.steps[i].touches)
	}
	allUses, allTouches := make([]use, 0, uses), make([]touch, 0, touches)
	for i := lo; i < hi; i++ {
		st := &q.steps[i-lo]
		*st = p.steps[i]
		st.firstTouch = q.touches
		first := len(allTouches)
		for _, c := range st.touches {
			k, known := local[c.tensor]
			if !known {
				k = int32(len(q.data))
				local[c.tensor] = k
				d := p.data[c.tensor]
				s.tensors, s.whole = append(s.tensors, c.tensor), append(s.whole, d.bytes)
				d.external, d.persistent, d.renewal = p.Exists(c.tensor, lo), false, 0
				_, written := p.WrittenIn(c.tensor, lo, hi)
				d.output = written && p.Needed(c.tensor, hi)
				q.data = append(q.data, d)
			}
			c.tensor = k
			allTouches = append(allTouches, c)
		}
		st.touches = allTouches[first:len(allTouches):len(allTouches)]
		q.touches += len(st.touches)
		first = len(allUses)
		for _, u := range st.uses {
			u.tensor = local[u.tensor]
			allUses = append(allUses, u)
		}
		st.uses = allUses[first:len(allUses):len(allUses)]
	}
	q.linkNext()
	q.gaps = q.findGaps()
	s.off = make([]float64, len(q.data))
	s.m = newSimulator(q)
	s.Pin(func(int32) float64 { return 0 }, nil)
	return s
}

// Pin holds the share pinned(k), 0 to 1, of tensor k of the whole problem on chip
// all the time, in room that is not part of the buffer that the segment runs in;
// it causes no traffic. less has, by step, bytes of the buffer that others use;
// nil: none.
func (s *Segment) Pin(pinned func(k int32) float64, less []float64) {
	q := s.p
	q.less = less
	for k := range q.data {
		s.off[k] = 1 - pinned(s.tensors[k])
		q.data[k].bytes = thin(s.whole[k], s.off[k])
	}
	for i := range q.steps {
		st := &q.steps[i]
		for j := range st.uses {
			u := &st.uses[j]
			u.bytes = thin(u.all, s.off[u.tensor])
		}
		st.measure()
		if st.nest {
			q.results(st)
		}
	}
	for i := range q.gaps {
		g := &q.gaps[i]
		g.bytes = q.steps[g.start].touches[g.of].bytes
	}
	q.compulsory = q.leastTraffic()
}

// Compulsory returns the bytes that the segment moves whatever the buffer.
func (s *Segment) Compulsory() float64 { return s.p.compulsory }

// Fits is Manager.Fits.
func (s *Segment) Fits(capacity int64) error { return s.p.Fits(capacity) }

// Run is Manager.Run.
func (s *Segment) Run(capacity int64) *Schedule {
	best := s.m.best(capacity, policiesFor(capacity))
	s.m.s = nil // it may be the one returned
	return best
}

// Estimate returns the bytes moved under one policy, at a fifth of the work of
// Run; +Inf if that is limit or more.
func (s *Segment) Estimate(capacity int64, limit float64) float64 {
	s.m.brief, s.m.limit = true, limit
	defer func() { s.m.brief = false }()
	if total := s.m.run(float64(capacity), byPressure).Total(); total < limit {
		return total
	}
	return math.Inf(1)
}

func thin(bytes int64, share float64) int64 {
	if share >= 1 {
		return bytes
	}
	return int64(math.Round(float64(bytes) * share))
}

// WrittenIn returns the last step of lo to hi-1 that writes tensor k, if any.
func (p *Manager) WrittenIn(k int32, lo, hi int) (last int, written bool) {
	of := p.events[k]
	for i := p.after(k, lo); i < len(of) && int(of[i].step) < hi; i++ {
		if of[i].writes {
			last, written = int(of[i].step), true
		}
	}
	return last, written
}

// linkNext fills the next uses of a problem whose iterations do not touch each
// other.
func (p *Manager) linkNext() {
	next := make([]int32, len(p.data))
	dead := make([]bool, len(p.data))
	for k := range next {
		next[k] = none
	}
	for i, st := range slices.Backward(p.steps) {
		touches := st.touches
		for j := range touches {
			c := &touches[j]
			c.next = next[c.tensor]
			if dead[c.tensor] {
				c.next = none
			}
			next[c.tensor], dead[c.tensor] = int32(i), c.defines
		}
	}
}

// leastTraffic returns the bytes that a segment moves whatever the buffer: what
// it reads before it writes it, and what it leaves.
func (p *Manager) leastTraffic() float64 {
	read, written := make([]int64, len(p.data)), make([]int64, len(p.data))
	for i := range p.steps {
		for _, u := range p.steps[i].uses {
			if u.part == out || u.part == extraWrite {
				written[u.tensor] += u.bytes
			} else if written[u.tensor] == 0 {
				read[u.tensor] = max(read[u.tensor], u.bytes)
			}
		}
	}
	sum := int64(0)
	for k := range p.data {
		sum += read[k]
		if p.data[k].output {
			sum += min(written[k], p.data[k].bytes)
		}
	}
	return float64(sum)
}
