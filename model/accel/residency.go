package accel

import (
	"math"
	"slices"

	"stco/model/accel/tiling"
	"stco/model/workload"
)

// schedule is what one pass of the residency simulation leaves: DRAM traffic
// per step and class, what is resident when, and how long data stay.
type schedule struct {
	read, write []float64                      // DRAM bytes per step
	classRead   [workload.NumClasses]float64   // DRAM bytes per iteration
	classWrite  [workload.NumClasses]float64   //
	live        [workload.NumClasses][]float64 // resident bytes per step
	stays       [workload.NumClasses][]stay    // maximal on-chip lifetimes
	permanent   [workload.NumClasses]float64   // bytes that stay resident and are never rewritten
}

// stay is an on-chip lifetime: from the end of step from (in the previous
// iteration when negative) to the end of step to.
type stay struct{ from, to int32 }

func (s *schedule) total() float64 {
	var sum float64
	for i := range s.read {
		sum += s.read[i] + s.write[i]
	}
	return sum
}

// simulator runs one trace through a buffer of a given capacity.
//
// Policy: when space is short the bytes whose next use is farthest leave
// first (Belady 1966), in part if that is enough; dead data leave for nothing;
// a byte without a copy in DRAM is written when it leaves. Every step chooses
// the loop order and tile sizes, and which operands to hold whole, by the
// least sum of its own traffic and that of the evictions it causes. A byte
// evicted now would often be evicted later anyway, the more likely the farther
// its next use: eviction cost is discounted by 1/(1 + discount*distance/steps).
type simulator struct {
	plan     *Plan
	capacity float64
	discount float64

	res   []float64 // resident bytes by tensor
	dirty []float64 // of these, bytes without a copy in DRAM
	have  []float64 // bytes of the tensor that exist
	next  []int32   // next use by tensor
	born  []int32   // step at which the resident data were written
	order []int32   // resident tensors that the current step does not touch, farthest next use first
	other float64   // bytes of all in order

	cumBytes, cumCost []float64                    // over order: bytes freed and discounted cost of evicting the first k
	classRes          [workload.NumClasses]float64 // resident bytes by class
	candidates        []candidate
	step              int
	shift             int32 // added to a step's index: negative in the warm-up iteration
	s                 *schedule
}

func newSimulator(p *Plan, capacity, discount float64) *simulator {
	n := len(p.trace.Tensors)
	return &simulator{
		plan: p, capacity: capacity, discount: discount,
		res: make([]float64, n), dirty: make([]float64, n), have: make([]float64, n),
		next: make([]int32, n), born: make([]int32, n),
	}
}

// run simulates a warm-up iteration and a measured one, so that data that live
// across iterations start where the previous iteration left them.
func (m *simulator) run() *schedule {
	n := len(m.plan.steps)
	for warm := 1; warm >= 0; warm-- {
		m.s = &schedule{read: make([]float64, n), write: make([]float64, n)}
		m.shift = int32(-warm * n)
		m.begin()
		for i := range m.plan.steps {
			m.step = i
			m.execute(&m.plan.steps[i])
			for c := range m.classRes {
				m.s.live[c] = append(m.s.live[c], m.classRes[c])
			}
		}
		m.end()
	}
	return m.s
}

// begin puts every tensor where an iteration finds it.
func (m *simulator) begin() {
	for k := range m.plan.trace.Tensors {
		t := &m.plan.trace.Tensors[k]
		switch {
		case t.Persistent:
			m.have[k] = float64(t.Bytes)
			if m.next[k] >= int32(len(m.plan.steps)) {
				m.next[k] -= int32(len(m.plan.steps))
			}
		case t.External:
			m.have[k] = float64(t.Bytes)
		default:
			m.have[k] = 0
		}
	}
}

func (m *simulator) end() {
	for _, k := range m.order {
		if m.born[k] < 0 && m.shift == 0 { // survived a whole iteration unwritten
			m.s.permanent[m.plan.trace.Tensors[k].Class] += m.res[k]
		}
	}
	for c := range m.s.stays {
		m.s.stays[c] = maximal(m.s.stays[c])
	}
}

// distance returns the steps from now to the next use of tensor k.
func (m *simulator) distance(k int32) float64 { return float64(m.next[k] - int32(m.step)) }

func (m *simulator) weight(k int32) float64 {
	return 1 / (1 + m.discount*m.distance(k)/float64(len(m.plan.steps)))
}

// choice is one way to run a nest step.
type choice struct {
	mask  int // bit per group: held whole
	drop  int // bit per part: resident bytes leave before the step
	point tiling.Point
	need  float64 // bytes to evict from tensors the step does not touch
	cost  float64
}

func (m *simulator) execute(st *planStep) {
	m.take(st)
	if !st.nest {
		m.stream(st, 0, nil)
		m.retire(st)
		m.settle(st, 0, 0)
		return
	}
	best := m.choose(st)
	for _, c := range st.touches {
		if best.drop>>st.partOf(c.tensor)&1 == 1 {
			m.evict(c.tensor, m.res[c.tensor])
		}
	}
	m.evictOthers(best.need)
	m.stream(st, best.mask, &best.point)
	m.settle(st, best.mask, float64(best.point.Space))
	m.retire(st)
}

// take removes the step's tensors from the order of victims and sums what an
// eviction of the first k others would free and cost.
func (m *simulator) take(st *planStep) {
	m.order = slices.DeleteFunc(m.order, func(k int32) bool {
		for _, c := range st.touches {
			if c.tensor == k {
				return true
			}
		}
		return false
	})
	for _, c := range st.touches {
		if c.defines {
			m.set(c.tensor, 0)
			m.have[c.tensor] = 0
		}
		if c.reads && m.res[c.tensor] > 0 {
			class := m.plan.trace.Tensors[c.tensor].Class
			m.s.stays[class] = append(m.s.stays[class], stay{m.born[c.tensor], int32(m.step)})
		}
	}
	m.cumBytes = append(m.cumBytes[:0], 0)
	m.cumCost = append(m.cumCost[:0], 0)
	bytes, cost := 0.0, 0.0
	for _, k := range m.order {
		bytes += m.res[k]
		cost += (m.res[k] + m.dirty[k]) * m.weight(k)
		m.cumBytes = append(m.cumBytes, bytes)
		m.cumCost = append(m.cumCost, cost)
	}
	m.other = bytes
}

// evictionCost returns the discounted traffic of freeing need bytes.
func (m *simulator) evictionCost(need float64) float64 {
	if need <= 0 {
		return 0
	}
	k, _ := slices.BinarySearch(m.cumBytes, need)
	if k >= len(m.cumBytes) {
		k = len(m.cumBytes) - 1
	}
	span := m.cumBytes[k] - m.cumBytes[k-1]
	if span <= 0 {
		return m.cumCost[k]
	}
	part := (need - m.cumBytes[k-1]) / span
	return m.cumCost[k-1] + part*(m.cumCost[k]-m.cumCost[k-1])
}

// missing returns the bytes of a use that are not resident.
func (m *simulator) missing(u use) float64 {
	if m.have[u.tensor] <= 0 {
		return 0
	}
	if m.plan.samePart[u.tensor] {
		return max(0, float64(u.bytes)-m.res[u.tensor])
	}
	return float64(u.bytes) * (1 - m.res[u.tensor]/m.have[u.tensor])
}

// operands is what choose needs to know of the operand groups of a step.
type operands struct {
	missing  [3]float64              // bytes not resident
	future   [3]float64              // of these, discounted bytes that a later step wants again
	resident [extraWrite + 1]float64 // bytes on chip by part
	dirty    [extraWrite + 1]float64
}

func (m *simulator) operands(st *planStep, drop int) operands {
	var o operands
	for _, c := range st.touches {
		part := st.partOf(c.tensor)
		if drop>>part&1 == 0 {
			o.resident[part] += m.res[c.tensor]
		}
		o.dirty[part] += m.dirty[c.tensor]
	}
	for _, u := range st.uses {
		if u.part > out {
			continue
		}
		miss := float64(u.bytes)
		if u.part != out && drop>>u.part&1 == 0 {
			miss = m.missing(u)
		}
		o.missing[u.part] += miss
		if next := st.nextOf(u.tensor); next != none {
			o.future[u.part] += miss / (1 + m.discount*float64(next-int32(m.step))/float64(len(m.plan.steps)))
		}
	}
	return o
}

// choose returns the cheapest way to run a nest step: which operands leave
// before, which are held whole, which tiles the others are streamed in. The
// smallest tile fits with everything else evicted (Plan.build checks it).
func (m *simulator) choose(st *planStep) choice {
	best := choice{cost: math.Inf(1)}
	droppable := 0
	for _, c := range st.touches {
		if m.res[c.tensor] > 0 {
			droppable |= 1 << st.partOf(c.tensor)
		}
	}
	for drop := 0; drop <= droppable; drop++ {
		if drop&^droppable != 0 {
			continue
		}
		o := m.operands(st, drop)
		free := m.capacity - m.other
		spill := 0.0
		for part := range o.resident {
			free -= o.resident[part]
			if drop>>part&1 == 1 {
				spill += o.dirty[part]
			}
		}
		m.chooseHeld(st, &o, drop, free, spill, &best)
		if drop == 0 && best.need <= 0 && best.cost <= o.missing[in0]+o.missing[in1]+st.finalWrite() {
			break // compulsory traffic without an eviction: nothing can be cheaper
		}
	}
	return best
}

// chooseHeld tries every set of held operands and every tile for one drop set.
func (m *simulator) chooseHeld(st *planStep, o *operands, drop int, free, spill float64, best *choice) {
	for mask := range 8 {
		held, cost := 0.0, spill
		redundant := false
		for g := in0; g <= out; g++ {
			if mask>>g&1 == 0 {
				redundant = redundant || (g != out && o.missing[g] <= 0) // all there: hold it
				continue
			}
			held += o.missing[g]
			if g != out {
				cost += o.missing[g]
			} else {
				cost += st.finalWrite()
			}
		}
		if redundant || held-free > m.other || cost >= best.cost {
			continue
		}
		curve := st.curve(mask)
		for i := range curve {
			p := &curve[i]
			need := held + float64(p.Space) - free
			if need > m.other {
				break
			}
			c := cost + m.evictionCost(need)
			spare := max(0, -need)
			for g := in0; g <= out; g++ {
				if mask>>g&1 == 1 {
					continue
				}
				kept := min(spare, o.future[g])
				spare -= kept
				r, w := st.traffic(p, g)
				if g == out {
					c += r + w + o.future[g] - kept
				} else {
					c += r*o.missing[g]/st.whole[g] + o.future[g] - kept
				}
			}
			if c < best.cost {
				*best = choice{mask: mask, drop: drop, point: *p, need: max(0, need), cost: c}
			}
		}
	}
}

// stream charges the step's own DRAM traffic and makes held operands resident.
// Output traffic is charged as if nothing stayed; settle refunds what does.
func (m *simulator) stream(st *planStep, mask int, p *tiling.Point) {
	for _, u := range st.uses {
		class := m.plan.trace.Tensors[u.tensor].Class
		switch u.part {
		case in0, in1:
			miss := m.missing(u)
			if mask>>u.part&1 == 1 {
				m.charge(class, miss, 0)
				m.admit(u.tensor, miss, false)
				continue
			}
			r, _ := st.traffic(p, int(u.part))
			m.charge(class, r*miss/st.whole[u.part], 0)
		case out:
			m.produce(u)
			if mask>>out&1 == 1 {
				m.admit(u.tensor, float64(u.bytes), true)
				continue
			}
			r, w := st.traffic(p, out)
			m.charge(class, r, w)
		case extraRead:
			m.charge(class, m.missing(u), 0)
		case extraWrite:
			m.produce(u)
			if st.nextOf(u.tensor) != none || m.plan.trace.Tensors[u.tensor].Output {
				m.charge(class, 0, float64(u.bytes)*(1-m.share(u.tensor)))
			}
			m.rewrite(u)
		}
	}
}

// share returns the resident part of a tensor, 0 to 1.
func (m *simulator) share(k int32) float64 {
	if m.have[k] <= 0 {
		return 0
	}
	return m.res[k] / m.have[k]
}

// produce notes that the bytes of a written operand exist.
func (m *simulator) produce(u use) {
	t := &m.plan.trace.Tensors[u.tensor]
	m.have[u.tensor] = min(float64(t.Bytes), m.have[u.tensor]+float64(u.bytes))
}

// rewrite marks the resident part of an updated tensor as newer than DRAM.
func (m *simulator) rewrite(u use) {
	k := u.tensor
	if m.res[k] > 0 {
		m.dirty[k] = min(m.res[k], m.dirty[k]+float64(u.bytes)*m.share(k))
		m.born[k] = int32(m.step) + m.shift
	}
}

func (m *simulator) admit(k int32, bytes float64, dirty bool) {
	if bytes <= 0 {
		return
	}
	if m.res[k] <= 0 || dirty {
		m.born[k] = int32(m.step) + m.shift
	}
	m.set(k, min(m.res[k]+bytes, float64(m.plan.trace.Tensors[k].Bytes)))
	if dirty {
		m.dirty[k] = min(m.dirty[k]+bytes, m.res[k])
	}
}

func (m *simulator) charge(class workload.Class, read, write float64) {
	m.s.read[m.step] += read
	m.s.write[m.step] += write
	m.s.classRead[class] += read
	m.s.classWrite[class] += write
}

// evict drops bytes of a tensor, writing what has no copy in DRAM.
func (m *simulator) evict(k int32, bytes float64) {
	if bytes <= 0 || m.res[k] <= 0 {
		return
	}
	bytes = min(bytes, m.res[k])
	clean := m.res[k] - m.dirty[k]
	if lost := bytes - clean; lost > 0 { // clean bytes leave first
		m.charge(m.plan.trace.Tensors[k].Class, 0, lost)
		m.dirty[k] -= lost
	}
	left := m.res[k] - bytes
	if left < 0.5 {
		left = 0
	}
	m.set(k, left)
}

// evictOthers frees bytes from the tensors the step does not touch, farthest
// next use first.
func (m *simulator) evictOthers(bytes float64) {
	for bytes > 0 && len(m.order) > 0 {
		k := m.order[0]
		x := min(bytes, m.res[k])
		m.evict(k, x)
		m.other -= x
		bytes -= x
		if m.res[k] <= 0 {
			m.order = m.order[1:]
		}
	}
}

// set changes the resident bytes of a tensor.
func (m *simulator) set(k int32, bytes float64) {
	m.classRes[m.plan.trace.Tensors[k].Class] += bytes - m.res[k]
	m.res[k] = bytes
	m.dirty[k] = min(m.dirty[k], bytes)
}

// candidate is a streamed operand that could stay.
type candidate struct {
	tensor int32
	next   int32
	bytes  float64
	dirty  bool // produced here: staying saves its write too
}

// settle keeps streamed operands that are needed again, nearest next use
// first, in the free space and in that of residents needed later still.
func (m *simulator) settle(st *planStep, mask int, working float64) {
	free := m.capacity - m.other - working
	for _, c := range st.touches {
		free -= m.res[c.tensor]
	}
	m.candidates = m.candidates[:0]
	for _, c := range st.touches {
		if c.next == none {
			continue
		}
		size := 0.0
		for _, u := range st.uses {
			if u.tensor == c.tensor && (u.part > out || mask>>u.part&1 == 0) {
				size = max(size, float64(u.bytes))
			}
		}
		if miss := size - m.res[c.tensor]; miss > 0 {
			m.candidates = append(m.candidates, candidate{c.tensor, c.next, miss, c.writes})
		}
	}
	slices.SortStableFunc(m.candidates, func(a, b candidate) int { return int(a.next - b.next) })
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
			if m.next[k] <= c.next || loss > gain {
				break
			}
			y := min(c.bytes-x, m.res[k])
			m.evictOthers(y)
			free += y
			x = min(c.bytes, max(0, free))
		}
		free -= x
		m.admit(c.tensor, x, c.dirty)
		if c.dirty {
			m.charge(m.plan.trace.Tensors[c.tensor].Class, 0, -x)
		}
	}
	for _, c := range st.touches {
		m.next[c.tensor] = c.next
		if m.res[c.tensor] > 0 && c.next != none {
			at, _ := slices.BinarySearchFunc(m.order, c.next, func(k, next int32) int { return int(next - m.next[k]) })
			m.order = slices.Insert(m.order, at, c.tensor)
		}
	}
}

// retire drops what no later step reads; the network's output is written.
func (m *simulator) retire(st *planStep) {
	for _, c := range st.touches {
		if c.next != none {
			continue
		}
		if m.plan.trace.Tensors[c.tensor].Output {
			m.evict(c.tensor, m.res[c.tensor])
		}
		m.set(c.tensor, 0)
	}
}

// maximal keeps the stays that no other of the list contains: the longest
// lifetime is among them whatever the duration of the steps.
func maximal(list []stay) []stay {
	slices.SortFunc(list, func(a, b stay) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(b.to - a.to)
	})
	kept := list[:0]
	last := int32(-1 << 31)
	for _, s := range list {
		if s.to > last {
			kept = append(kept, s)
			last = s.to
		}
	}
	return slices.Clone(kept)
}
