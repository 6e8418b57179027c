package residency

import (
	"cmp"
	"math"
	"slices"

	"stco/model/workload"
)

// simulator runs one trace through a buffer of a given capacity.
//
// When space is short the bytes whose next use is farthest leave first (Belady
// 1966), in part if that is enough; dead data leave for nothing; a byte without
// a copy in DRAM is written when it leaves. Every step chooses the loop order
// and tile sizes, and which operands to hold whole, by the least sum of its own
// traffic and that of the evictions it causes, as the policy weighs them.
type simulator struct {
	p        *Manager
	whole    float64 // bytes of the buffer
	capacity float64 // of these, what the current step leaves to the manager
	policy   policy
	discount float64   // by policy, per step of distance
	pressure []float64 // by touch of the trace
	load     *maxTree  // of pressures
	work     []float64 // working space by step of all rounds
	brief    bool      // only traffic is noted, and no more of it than limit bytes
	limit    float64

	res      []float64 // resident bytes by tensor
	dirty    []float64 // of these, bytes without a copy in DRAM
	have     []float64 // bytes of the tensor that exist
	next     []int32   // next use by tensor
	rank     []float64 // place in the order of victims
	byteCost []float64 // what evicting a byte costs then, 0 to 1
	born     []int32   // step at which the resident data were written
	sent     []int32   // last step of the iteration that wrote bytes of a tensor to DRAM
	order    []int32   // resident tensors that the current step does not touch, farthest next use first
	other    float64   // bytes of all in order

	cumBytes, cumCost []float64                    // bytes freed and discounted cost of evicting the first k of order
	classRes          [workload.NumClasses]float64 // resident bytes by class
	candidates        []candidate
	passing           []float64 // bytes of the operands of the step that are not held, by touch
	step              int
	shift             int32 // added to a step's index: negative in the warm-up iteration
	s                 *Schedule
	note              func(event) // what moves, for tests; may be nil
}

func newSimulator(p *Manager) *simulator {
	n := len(p.data)
	return &simulator{
		p: p, pressure: make([]float64, p.touches), load: newMaxTree(p.rounds() * len(p.steps)), res: make([]float64, n), dirty: make([]float64, n), have: make([]float64, n),
		next: make([]int32, n), rank: make([]float64, n), born: make([]int32, n), sent: make([]int32, n), byteCost: make([]float64, n),
	}
}

// run simulates a warm-up iteration and a measured one, so that data that live
// across iterations start where the previous iteration left them.
func (m *simulator) run(capacity float64, by policy) *Schedule {
	n := len(m.p.steps)
	m.whole, m.capacity, m.policy = capacity, capacity, by
	switch by {
	case byPressure, byValue:
		m.pressures()
	case byDistance:
		m.discount = discount / float64(n)
	case byNearness:
		m.discount = nearness / float64(n)
	}
	clear(m.res)
	clear(m.dirty)
	clear(m.have)
	clear(m.born)
	for k := range m.next {
		m.next[k] = none
	}
	m.order, m.other = m.order[:0], 0
	m.classRes = [workload.NumClasses]float64{}
	if m.p.carries {
		m.iterate(int32(-n))
		if len(m.order) == 0 { // nothing stayed: the next iteration is the same
			m.shiftStays(int32(n))
			return m.s
		}
	}
	m.iterate(0)
	return m.s
}

// shiftStays moves the lifetimes of a warm-up iteration to the measured one.
func (m *simulator) shiftStays(by int32) {
	for _, stays := range m.s.Stays {
		for i := range stays {
			stays[i].From += by
		}
	}
}

// iterate runs all steps once.
func (m *simulator) iterate(shift int32) {
	if m.brief && m.s != nil {
		m.s.reset()
	} else {
		m.s = newSchedule(len(m.p.steps))
	}
	m.shift = shift
	m.begin()
	sum := 0.0
	for i := range m.p.steps {
		m.step = i
		m.capacity = m.whole - m.p.taken(i)
		m.execute(&m.p.steps[i])
		if m.brief {
			if sum += m.s.Read[i] + m.s.Write[i]; sum >= m.limit {
				break
			}
			continue
		}
		for c, b := range m.classRes {
			if b > 0 || m.s.Live[c] != nil {
				m.s.live(c)[i] = b
			}
		}
	}
	for _, k := range m.order {
		d := &m.p.data[k]
		m.s.Age[d.class] = max(m.s.Age[d.class], d.renewal)
		if m.born[k] < 0 && m.shift == 0 { // survived a whole iteration unwritten
			m.s.Permanent[d.class] += m.res[k]
		}
	}
	for c := range m.s.Stays {
		m.s.Stays[c] = Maximal(m.s.Stays[c])
	}
}

// begin puts every tensor where an iteration finds it.
func (m *simulator) begin() {
	for k := range m.p.data {
		t := &m.p.data[k]
		m.sent[k] = none
		switch {
		case t.persistent:
			m.have[k] = float64(t.bytes)
			if m.next[k] >= int32(len(m.p.steps)) {
				m.next[k] -= int32(len(m.p.steps))
				m.rank[k] -= float64(len(m.p.steps))
			}
		case t.external:
			m.have[k] = float64(t.bytes)
		default:
			m.have[k] = 0
		}
	}
}

// policy weighs an eviction against the traffic it saves at once. A byte that
// leaves now would often leave later anyway, before its next use; then it costs
// nothing more.
type policy uint8

const (
	byPressure policy = iota // the share of the tensor for which there is room until its next use
	byDistance               // the less the farther the next use
	byNearness               // the same, but little less
	byValue                  // as byPressure, and a byte that must be written counts as half as far
)

const (
	leastPrice = 0.02 // bytes that will leave later are still not evicted for nothing
	discount   = 30   // of byDistance: cost falls to 1/31 over an iteration
	nearness   = 1    // of byNearness: to 1/2
)

// byteCostOf returns the cost of evicting a byte of touch j of the step once the
// step is over.
func (m *simulator) byteCostOf(st *step, j int) float64 {
	c := &st.touches[j]
	if m.policy == byDistance || m.policy == byNearness {
		return 1 / (1 + m.discount*float64(c.next-int32(m.step)))
	}
	bytes := c.bytes
	if bytes == 0 { // pinned
		return leastPrice
	}
	room := (m.whole - m.pressure[st.firstTouch+j]) / bytes
	return leastPrice + (1-leastPrice)*min(1, max(0, room))
}

// rankOf returns the place of a tensor in the order of victims.
func (m *simulator) rankOf(next int32, dirty bool) float64 {
	far := float64(next - int32(m.step))
	if dirty && m.policy == byValue {
		far = far/2 - 0.25 // of two that are needed at once, the one that saves a write
	}
	return float64(m.step) + far
}

// byRank compares a place with that of a tensor in the order of victims.
func (m *simulator) byRank(k int32, rank float64) int { return cmp.Compare(rank, m.rank[k]) }

// weight returns the cost of evicting a byte of tensor k now.
func (m *simulator) weight(k int32) float64 {
	if m.policy == byDistance || m.policy == byNearness {
		return 1 / (1 + m.discount*float64(m.next[k]-int32(m.step)))
	}
	return m.byteCost[k]
}

func (m *simulator) execute(st *step) {
	m.take(st)
	if !st.nest {
		m.makeRoom(st)
		m.stream(st, 0, nil)
		if !m.p.apart {
			m.retire(st) // results take the place of the dead, element by element
		}
		m.settle(st, 0, 0)
		m.retire(st)
		return
	}
	best := m.choose(st)
	for _, c := range st.touches {
		if best.drop>>c.part&1 == 1 {
			m.evict(c.tensor, m.res[c.tensor])
		}
	}
	m.evictOthers(best.need)
	if m.note != nil {
		m.note(event{kind: works, bytes: best.point.space})
	}
	m.stream(st, best.mask, best.point)
	m.settle(st, best.mask, best.point.space)
	m.retire(st)
}

// makeRoom frees what the residents are too many for a step that needs no room
// itself: first those it does not touch.
func (m *simulator) makeRoom(st *step) {
	held := 0.0
	for i := range st.touches {
		held += m.res[st.touches[i].tensor]
	}
	over := m.other + held - m.capacity
	if over <= 0 {
		return
	}
	m.evictOthers(min(over, m.other))
	over = m.other + held - m.capacity
	for i := range st.touches {
		if k := st.touches[i].tensor; over > 0 {
			x := min(over, m.res[k])
			m.evict(k, x)
			over -= x
		}
	}
}

// take removes the step's tensors from the order of victims: they are those
// whose next use is now.
func (m *simulator) take(st *step) {
	for i := range st.touches {
		c := &st.touches[i]
		if m.res[c.tensor] <= 0 {
			continue
		}
		n, _ := slices.BinarySearchFunc(m.order, m.rank[c.tensor], m.byRank)
		for ; n < len(m.order); n++ {
			if m.order[n] == c.tensor {
				m.other -= m.res[c.tensor]
				m.order = slices.Delete(m.order, n, n+1)
				break
			}
		}
	}
	for i := range st.touches {
		c := &st.touches[i]
		if c.defines {
			m.drop(c.tensor)
			m.have[c.tensor] = 0
		}
		if c.reads && !m.brief && m.res[c.tensor] > 0 {
			class := m.p.data[c.tensor].class
			m.s.Stays[class] = append(m.s.Stays[class], Stay{m.born[c.tensor], int32(m.step)})
		}
	}
	m.cumBytes = append(m.cumBytes[:0], 0)
	m.cumCost = append(m.cumCost[:0], 0)
}

// evictionCost returns the discounted traffic of freeing need bytes.
func (m *simulator) evictionCost(need float64) float64 {
	if need <= 0 {
		return 0
	}
	k := len(m.cumBytes) - 1
	for m.cumBytes[k] < need && k < len(m.order) {
		v := m.order[k]
		m.cumBytes = append(m.cumBytes, m.cumBytes[k]+m.res[v])
		m.cumCost = append(m.cumCost, m.cumCost[k]+(m.res[v]+m.dirty[v])*m.weight(v))
		k++
	}
	k, _ = slices.BinarySearch(m.cumBytes[:k], need)
	if k == len(m.cumBytes) { // more than there is
		return m.cumCost[k-1]
	}
	span := m.cumBytes[k] - m.cumBytes[k-1]
	part := (need - m.cumBytes[k-1]) / span
	return m.cumCost[k-1] + part*(m.cumCost[k]-m.cumCost[k-1])
}

// missing returns the bytes of a use that are not resident. Of a tensor that
// is in the buffer in part, a use finds the same part.
func (m *simulator) missing(u *use) float64 {
	have, res := m.have[u.tensor], m.res[u.tensor]
	switch {
	case have <= 0:
		return 0
	case res <= 0:
		return float64(u.bytes)
	case res >= have:
		return 0
	}
	return float64(u.bytes) - math.Floor(float64(u.bytes)*res/have)
}

// stream charges the step's own DRAM traffic and makes held operands resident.
// Output traffic is charged as if nothing stayed; settle refunds what does.
func (m *simulator) stream(st *step, mask int, p *stair) {
	for i := range st.uses {
		u := &st.uses[i]
		switch u.part {
		case in0, in1:
			miss := m.missing(u)
			if mask>>u.part&1 == 1 {
				m.charge(holds, u.tensor, miss, miss, 0)
				m.admit(u.tensor, miss, false)
				continue
			}
			m.charge(streams, u.tensor, miss, p.read[u.part]*miss/st.whole[u.part], 0)
		case out:
			m.produce(u)
			share := float64(u.bytes) / st.whole[out]
			if mask>>out&1 == 1 {
				m.charge(makes, u.tensor, float64(u.bytes), p.read[out]*share, p.write[out]*share)
				m.admit(u.tensor, float64(u.bytes), true)
				continue
			}
			m.charge(emits, u.tensor, float64(u.bytes), p.read[out]*share, (p.write[out]-st.unsaved)*share)
		case extraRead:
			miss := m.missing(u)
			m.charge(streams, u.tensor, miss, miss, 0)
		case extraWrite:
			m.produce(u)
			updated := m.rewrite(u)
			if st.touches[u.touch].next != none || m.p.data[u.tensor].output {
				m.charge(emits, u.tensor, float64(u.bytes)-updated, 0, float64(u.bytes)-updated)
			}
		}
	}
}

// produce notes that the bytes of a written operand exist.
func (m *simulator) produce(u *use) {
	t := &m.p.data[u.tensor]
	m.have[u.tensor] = min(float64(t.bytes), m.have[u.tensor]+float64(u.bytes))
}

// rewrite marks the resident part of an updated tensor as newer than DRAM and
// returns its bytes.
func (m *simulator) rewrite(u *use) float64 {
	k := u.tensor
	if m.res[k] <= 0 {
		return 0
	}
	updated := math.Floor(float64(u.bytes) * m.res[k] / m.have[k])
	m.dirty[k] = min(m.res[k], m.dirty[k]+updated)
	m.born[k] = int32(m.step) + m.shift
	return updated
}

func (m *simulator) admit(k int32, bytes float64, dirty bool) {
	if bytes <= 0 {
		return
	}
	if m.res[k] <= 0 || dirty {
		m.born[k] = int32(m.step) + m.shift
	}
	m.set(k, min(m.res[k]+bytes, float64(m.p.data[k].bytes)))
	if dirty {
		m.dirty[k] = min(m.dirty[k]+bytes, m.res[k])
	}
}

// charge counts DRAM traffic of the step for a movement of bytes of a tensor.
func (m *simulator) charge(kind eventKind, k int32, bytes, read, write float64) {
	class := m.p.data[k].class
	m.s.Read[m.step] += read
	m.s.Write[m.step] += write
	m.s.ClassRead[class] += read
	m.s.ClassWrite[class] += write
	if read > 0 && (kind == holds || kind == streams) {
		m.s.After[m.step] = max(m.s.After[m.step], m.sent[k])
	}
	if write > 0 {
		m.sent[k] = int32(m.step)
	}
	if m.note != nil {
		m.note(event{kind: kind, tensor: k, bytes: bytes, read: read, write: write})
	}
}

// evict drops bytes of a tensor, writing what has no copy in DRAM.
func (m *simulator) evict(k int32, bytes float64) {
	if bytes <= 0 || m.res[k] <= 0 {
		return
	}
	bytes = min(bytes, m.res[k])
	clean := m.res[k] - m.dirty[k]
	lost := max(0, bytes-clean) // clean bytes leave first
	m.charge(evicts, k, bytes, 0, lost)
	m.dirty[k] -= lost
	m.set(k, m.res[k]-bytes)
}

// evictOthers frees bytes from the tensors the step does not touch, farthest
// next use first.
func (m *simulator) evictOthers(bytes float64) {
	gone := 0
	for bytes > 0 && gone < len(m.order) {
		k := m.order[gone]
		x := min(bytes, m.res[k])
		m.evict(k, x)
		m.other -= x
		bytes -= x
		if m.res[k] <= 0 {
			gone++
		}
	}
	if gone > 0 {
		m.order = m.order[:copy(m.order, m.order[gone:])]
	}
}

// set changes the resident bytes of a tensor.
func (m *simulator) set(k int32, bytes float64) {
	m.classRes[m.p.data[k].class] += bytes - m.res[k]
	m.res[k] = bytes
	m.dirty[k] = min(m.dirty[k], bytes)
}

// drop forgets the bytes of a tensor that no step needs.
func (m *simulator) drop(k int32) {
	if m.res[k] <= 0 {
		return
	}
	if m.note != nil {
		m.note(event{kind: dies, tensor: k, bytes: m.res[k]})
	}
	m.set(k, 0)
}
