package residency

import (
	"cmp"
	"slices"
)

// candidate is a streamed operand that could stay.
type candidate struct {
	tensor int32
	next   int32
	rank   float64
	bytes  float64
	dirty  bool // produced here: staying saves its write too
}

// settle keeps streamed operands that are needed again, nearest next use
// first, in the free space and in that of residents needed later still.
func (m *simulator) settle(st *step, mask int, working float64) {
	free := m.capacity - m.other - working
	m.candidates = m.candidates[:0]
	m.passing = append(m.passing[:0], make([]float64, len(st.touches))...)
	for i := range st.uses {
		if u := &st.uses[i]; u.part > out || mask>>u.part&1 == 0 {
			m.passing[u.touch] = max(m.passing[u.touch], float64(u.bytes))
		}
	}
	for i := range st.touches {
		c := &st.touches[i]
		free -= m.res[c.tensor]
		if c.next == none {
			continue
		}
		m.byteCost[c.tensor] = m.byteCostOf(st, i)
		if miss := m.passing[i] - m.res[c.tensor]; miss > 0 {
			m.candidates = append(m.candidates, candidate{c.tensor, c.next, m.rankOf(c.next, c.writes), miss, c.writes})
		}
	}
	slices.SortStableFunc(m.candidates, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	for _, c := range m.candidates {
		m.next[c.tensor] = c.next
		gain := m.weight(c.tensor)
		if c.dirty {
			gain *= 2
		}
		x := min(c.bytes, max(0, free))
		for x < c.bytes && len(m.order) > 0 {
			k := m.order[0]
			loss := m.weight(k) * (1 + m.dirty[k]/m.res[k])
			if m.rank[k] <= c.rank || loss > gain {
				break
			}
			y := min(c.bytes-x, m.res[k])
			m.evictOthers(y)
			free += y
			x = min(c.bytes, max(0, free))
		}
		if x <= 0 {
			continue
		}
		free -= x
		m.admit(c.tensor, x, c.dirty)
		saved := 0.0
		if c.dirty {
			saved = x
		}
		m.charge(keeps, c.tensor, x, 0, -saved)
	}
	m.s.Room[m.step] = max(0, free)
	for i := range st.touches {
		c := &st.touches[i]
		m.next[c.tensor] = c.next
		if m.res[c.tensor] > 0 && c.next != none {
			m.rank[c.tensor] = m.rankOf(c.next, m.dirty[c.tensor] > 0)
			at, _ := slices.BinarySearchFunc(m.order, m.rank[c.tensor], m.byRank)
			m.order = slices.Insert(m.order, at, c.tensor)
			m.other += m.res[c.tensor]
		}
	}
}

// retire drops what no later step reads; the network's output is written.
func (m *simulator) retire(st *step) {
	for i := range st.touches {
		c := &st.touches[i]
		if c.next != none {
			continue
		}
		if m.p.data[c.tensor].output {
			m.evict(c.tensor, m.res[c.tensor])
		}
		m.drop(c.tensor)
	}
}

// Maximal keeps the stays that no other of the list contains: the longest
// lifetime is among them whatever the duration of the steps.
func Maximal(list []Stay) []Stay {
	slices.SortFunc(list, func(a, b Stay) int {
		if a.From != b.From {
			return int(a.From - b.From)
		}
		return int(b.To - a.To)
	})
	kept := list[:0]
	last := int32(-1 << 31)
	for _, s := range list {
		if s.To > last {
			kept = append(kept, s)
			last = s.To
		}
	}
	return slices.Clone(kept)
}
