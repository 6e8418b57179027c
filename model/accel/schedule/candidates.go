package schedule

import (
	"cmp"
	"slices"

	"stco/model/accel/residency"
)

// The search is as thorough as the trace is short. Of the partitions that the
// estimate likes best, one for every stepsAStructure steps fewer are executed
// with their tilings, and those of a trace of at most fewSteps steps with all
// amounts held for ever and over rounds, not only near the estimated ones.
const (
	mostStructures  = 8
	stepsAStructure = 400
	fewSteps        = 32
)

func (n *Network) thorough() bool { return n.whole.Steps() <= fewSteps }

// reserves are the shares of the buffer, or of all persistent data if those are
// fewer, that are tried to be held for ever.
var reserves = [...]float64{1, 0.95, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0}

// finer are the steps by which the best of these is improved.
var finer = [...]float64{0.05, 0.025, 0.0125}

// coarse and halving are those for long traces.
var (
	coarse  = [...]float64{0.5, 0.75, 0.25, 1, 0}
	halving = [...]float64{0.125, 0.06, 0.03}
)

// few is the capacity, in bytes, below which little of a long trace stays between
// steps: there are no groups, and hardly anything is held for ever.
const few = 256 << 10

// search looks for the executions at one capacity.
type search struct {
	n        *Network
	capacity float64
	sweeps   map[sweepKey]*sweep
	segments map[segmentKey]*residency.Segment
}

type segmentKey struct{ level, first, end int }

func (s *search) segment(gr *Stack) *residency.Segment {
	key := segmentKey{gr.Level, gr.First, gr.End}
	if s.segments[key] == nil {
		s.segments[key] = s.n.levels[gr.Level].problem.Segment(gr.First, gr.End)
	}
	return s.segments[key]
}

// Candidates returns executions in parts of level lv for a capacity in bytes, whole
// iterations: that of least traffic, and that without groups if it moves more, for
// splitting a batch costs cycles; nil if none fits. The capacity must satisfy Fits.
// With a base other than 0 there is no search: the structures found for that
// capacity are executed in this one.
func (n *Network) Candidates(lv int, capacity int64, mode Mode, base int64) []*Execution {
	s := n.search(capacity)
	find := func(mode Mode) *Execution {
		if base != 0 {
			return s.again(n.best(lv, base, mode))
		}
		return s.best(lv, capacity, mode)
	}
	if mode == Layers {
		mode = Parts // of one part
	}
	best := find(mode)
	if best == nil {
		return nil
	}
	if len(best.Groups) == 1 || mode == Parts {
		return []*Execution{n.iteration(lv, best)}
	}
	plain := find(Parts)
	switch {
	case plain == nil:
		return []*Execution{n.iteration(lv, best)}
	case plain.total <= best.total:
		return []*Execution{n.iteration(lv, plain)}
	}
	return []*Execution{n.iteration(lv, best), n.iteration(lv, plain)}
}

func (n *Network) search(capacity int64) *search {
	return &search{n: n, capacity: float64(capacity), sweeps: map[sweepKey]*sweep{}, segments: map[segmentKey]*residency.Segment{}}
}

// iteration repeats the pass of a level.
func (n *Network) iteration(lv int, e *Execution) *Execution {
	return e.scaled(n.passes(lv))
}

// passes returns the number of passes of a level in an iteration: micro-batches of
// training are in one.
func (n *Network) passes(lv int) float64 {
	if n.micro {
		return 1
	}
	return float64(n.levels[len(n.levels)-1].batch) / float64(n.levels[lv].batch)
}

type bestKey struct {
	level    int
	capacity int64
	mode     Mode
}

// best returns the best pass found for a level, nil if none fits. It keeps what
// it has returned.
func (n *Network) best(lv int, capacity int64, mode Mode) *Execution {
	return n.search(capacity).best(lv, capacity, mode)
}

func (s *search) best(lv int, capacity int64, mode Mode) *Execution {
	n, key := s.n, bestKey{lv, capacity, mode}
	n.mu.Lock()
	e, known := n.found[key]
	n.mu.Unlock()
	if !known {
		e = s.part(lv, capacity, mode)
		n.mu.Lock()
		n.found[key] = e
		n.mu.Unlock()
	}
	return e
}

// again executes the structure of a pass in another capacity, what it holds in
// proportion.
func (s *search) again(e *Execution) *Execution {
	if e == nil {
		return nil
	}
	by := s.capacity / e.Capacity
	held := make([]float64, len(e.held))
	for g := range held {
		held[g] = by * e.held[g]
	}
	x := s.executor(&e.structure)
	return x.execute(min(x.total, by*e.structure.forever), held)
}

// LeastTraffic returns bytes that an iteration in parts of a level moves at least
// in a steady state: of the data that all parts use, those that the buffer
// cannot hold from one part to the next are read for each, and gradients that it
// cannot hold are read and written; so are, once, weights and optimizer state that
// it cannot hold from one iteration to the next.
func (n *Network) LeastTraffic(lv int, capacity float64) float64 {
	l := n.levels[lv]
	parts := float64(n.levels[len(n.levels)-1].batch) / float64(l.batch)
	if !n.micro {
		return parts * (l.problem.Compulsory() + max(0, l.read-capacity))
	}
	held := min(capacity, l.summed)
	return n.whole.Compulsory() + 2*max(0, l.updated-capacity) + float64(l.rounds-1)*(2*(l.summed-held)+max(0, l.read-(capacity-held)))
}

// Alone returns the execution without residency: every step reads its operands
// from DRAM and writes its results there.
func (n *Network) Alone(capacity int64) *Execution {
	lv := len(n.levels) - 1
	s := n.whole.Alone(capacity)
	e := &Execution{Capacity: float64(capacity), Samples: n.levels[lv].batch, Outer: 1, Read: s.Read, Write: s.Write, Room: s.Room, After: s.After, ClassRead: s.ClassRead, ClassWrite: s.ClassWrite}
	e.Groups = []Stack{{First: 0, End: len(s.Read), Level: lv, Rounds: 1}}
	for i := range s.Read {
		e.Rows = append(e.Rows, Row{Level: int32(lv), Step: int32(i), Repeat: 1})
	}
	e.sum()
	return e
}

// Once returns the traffic of the steps of a level that run once, one after the
// other, in an empty buffer; nil if the smallest tiles do not fit.
func (n *Network) Once(lv int, capacity int64) *residency.Schedule {
	p := n.levels[lv].problem
	seg := p.Segment(0, p.Steps())
	if seg.Fits(capacity) != nil {
		return nil
	}
	return seg.Run(capacity)
}

// part returns the best pass found for the samples of a level.
func (s *search) part(lv int, capacity int64, mode Mode) *Execution {
	n := s.n
	if mode != Groups {
		return s.reserved(n.plain(lv), inf)
	}
	best := s.best(lv, capacity, Parts)
	if n.micro || lv == 0 || !n.thorough() && s.capacity < few {
		return best
	}
	if best != nil && best.total <= n.levels[lv].problem.Compulsory()+0.5 {
		return best
	}
	for _, st := range s.partitions(lv) {
		limit := inf
		if best != nil {
			limit = best.total
		}
		best = lesser(best, s.reserved(st, limit))
	}
	return best
}

// lesser returns the execution that moves less, the first of equals; nil is none.
func lesser(a, b *Execution) *Execution {
	if a == nil || b != nil && b.total < a.total {
		return b
	}
	return a
}

// plain returns the structure without groups: all steps once; in training the
// first micro-batch, the others, the update.
func (n *Network) plain(lv int) structure {
	l := n.levels[lv]
	st := structure{level: lv}
	if !n.micro || l.rounds == 1 {
		st.groups = []Stack{{First: 0, End: l.problem.Steps(), Level: lv, Rounds: 1}}
		st.kept = []bool{false}
		return st
	}
	rounds := []int{1, l.rounds - 1, 1}
	for i := range len(l.segments) - 1 {
		st.groups = append(st.groups, Stack{First: l.segments[i], End: l.segments[i+1], Level: lv, Rounds: rounds[i]})
		st.kept = append(st.kept, false)
	}
	return st
}

// Plain returns the rows of a pass in parts of a level without groups, and the
// number of passes in an iteration.
func (n *Network) Plain(lv int) (rows []Row, passes float64) {
	st := n.plain(lv)
	for _, g := range st.groups {
		for i := g.First; i < g.End; i++ {
			rows = append(rows, Row{Level: int32(lv), Step: int32(i), Repeat: float64(g.Rounds)})
		}
	}
	return rows, n.passes(lv)
}

// reserved executes a structure with several amounts held for ever and returns
// the best, nil if none is estimated to move less than limit bytes.
func (s *search) reserved(st structure, limit float64) *Execution {
	x := s.executor(&st)
	most := min(x.total, s.capacity)
	least, at := limit, 0.0
	var held []float64
	tried := map[float64]bool{}
	try := func(share float64) {
		forever := share * most
		if tried[forever] || x.total-forever >= least {
			return
		}
		tried[forever] = true
		if c, h := x.estimate(forever, least); c < least {
			least, at, held = c, share, h
		}
	}
	grid, steps := reserves[:], finer[:]
	if !s.n.thorough() {
		grid, steps = coarse[:], halving[:]
		switch {
		case s.capacity < few:
			grid, steps = []float64{0, 0.5}, nil
		case st.estimate > 0: // near the estimate
			own := min(1, st.forever/max(1, most))
			grid, steps = []float64{own, max(0, own-0.15), min(1, own+0.15)}, halving[1:]
		}
	}
	for _, share := range grid {
		try(share)
	}
	for _, step := range steps {
		from := at
		try(max(0, from-step))
		try(min(1, from+step))
	}
	if held == nil {
		return nil
	}
	return x.execute(at*most, held)
}

// partitions returns the structures that the estimate likes best.
func (s *search) partitions(lv int) []structure {
	n := s.n
	total := n.levels[lv].lasting
	var list []structure
	tried := -1.0
	for _, share := range reserves {
		forever := share * min(total, s.capacity)
		if forever == tried {
			continue
		}
		tried = forever
		before := n.persistentBefore(lv)
		for i := range before {
			if total > 0 {
				before[i] *= forever / total
			}
		}
		st := s.partition(lv, forever, before)
		if st.groups == nil {
			continue
		}
		list = append(list, st)
		if forever > 0 { // once more with what these groups would hold
			if st = s.partition(lv, forever, s.pinnedBefore(&st)); st.groups != nil {
				list = append(list, st)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b structure) int { return cmp.Compare(a.estimate, b.estimate) })
	distinct := list[:0]
	for _, st := range list {
		if !slices.ContainsFunc(distinct, st.like) {
			distinct = append(distinct, st)
		}
	}
	return distinct[:min(len(distinct), mostStructures, max(3, stepsAStructure/n.whole.Steps()))]
}

// like says whether two structures have the same groups and keep the same.
func (st *structure) like(other structure) bool {
	return slices.Equal(st.kept, other.kept) && slices.EqualFunc(st.groups, other.groups, func(a, b Stack) bool {
		return a.First == b.First && a.End == b.End && a.Level == b.Level && a.Rounds == b.Rounds
	})
}

// persistentBefore returns the bytes of lasting data first used before each cut.
func (n *Network) persistentBefore(lv int) []float64 {
	return n.before(lv, func(bytes int64, _ int32) float64 { return float64(bytes) })
}

// pinnedBefore returns the bytes held for ever of the data first used before
// each cut.
func (s *search) pinnedBefore(st *structure) []float64 {
	x := s.executor(st)
	x.hold(st.forever)
	return s.n.before(st.level, func(bytes int64, k int32) float64 { return float64(bytes) * x.forever[k] })
}

func (n *Network) before(lv int, of func(bytes int64, k int32) float64) []float64 {
	p := n.levels[lv].problem
	sums := make([]float64, len(n.cuts))
	seen := map[int32]bool{}
	sum, c := 0.0, 1
	var touches []residency.Touch
	for i := range p.Steps() {
		touches = p.Touches(i, touches[:0])
		for _, t := range touches {
			if !seen[t.Tensor] && n.shared(p, t.Tensor) {
				seen[t.Tensor] = true
				bytes, _, _, _, _ := p.Tensor(t.Tensor)
				sum += of(bytes, t.Tensor)
			}
		}
		for c < len(n.cuts) && n.cuts[c] == i+1 {
			sums[c] = sum
			c++
		}
	}
	return sums
}
