package schedule

import (
	"cmp"
	"slices"

	"stco/model/accel/residency"
	"stco/model/workload"
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

// Candidates returns the executions of least traffic found for a capacity in
// bytes, one for each part of the batch that the mode allows, the smallest part
// first. All are whole iterations. The capacity must satisfy Fits.
func (n *Network) Candidates(capacity int64, mode Mode) []*Execution {
	var list []*Execution
	for lv := range n.levels {
		if mode == Layers && lv < len(n.levels)-1 {
			continue
		}
		if e := n.part(lv, float64(capacity), mode); e != nil {
			list = append(list, e)
		}
	}
	return list
}

// Alone returns the execution without residency: every step reads its operands
// from DRAM and writes its results there.
func (n *Network) Alone(capacity int64) *Execution {
	lv := len(n.levels) - 1
	s := n.whole.Alone(capacity)
	e := &Execution{Samples: n.levels[lv].batch, Outer: 1, Read: s.Read, Write: s.Write, ClassRead: s.ClassRead, ClassWrite: s.ClassWrite}
	e.Groups = []Group{{First: 0, End: len(s.Read), Level: lv, Rounds: 1}}
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
	seg := p.Segment(0, p.Steps(), func(int32) float64 { return 0 }, nil)
	if seg.Fits(capacity) != nil {
		return nil
	}
	return seg.Run(capacity)
}

// part returns the best execution found for the samples of a level.
func (n *Network) part(lv int, capacity float64, mode Mode) *Execution {
	l := n.levels[lv]
	times := 1.0
	if !n.micro {
		times = float64(n.levels[len(n.levels)-1].batch) / float64(l.batch)
	}
	best := n.reserved(n.plain(lv), capacity)
	if !n.micro && mode == Groups && lv > 0 && (best == nil || best.total > l.problem.Compulsory()+0.5) {
		for _, st := range n.partitions(lv, capacity) {
			e := n.reserved(st, capacity)
			if e != nil && (best == nil || e.total < best.total) {
				best = e
			}
		}
	}
	if best == nil {
		return nil
	}
	return best.scaled(times)
}

// plain returns the structure without groups: all steps once; in training the
// first micro-batch, the others, the update.
func (n *Network) plain(lv int) structure {
	l := n.levels[lv]
	st := structure{level: lv}
	if !n.micro || l.rounds == 1 {
		st.groups = []Group{{First: 0, End: l.problem.Steps(), Level: lv, Rounds: 1}}
		st.kept = []bool{false}
		return st
	}
	rounds := []int{1, l.rounds - 1, 1}
	for i := range len(l.segments) - 1 {
		st.groups = append(st.groups, Group{First: l.segments[i], End: l.segments[i+1], Level: lv, Rounds: rounds[i]})
		st.kept = append(st.kept, false)
	}
	return st
}

// reserved executes a structure with several amounts held for ever and returns
// the best.
func (n *Network) reserved(st structure, capacity float64) *Execution {
	total := n.persistent(st.level)
	most := min(total, capacity)
	quick := !n.thorough()
	var best *Execution
	at, tried := 0.0, map[float64]bool{}
	try := func(share float64) {
		st.forever = share * most
		if tried[st.forever] || best != nil && total-st.forever >= best.total {
			return
		}
		tried[st.forever] = true
		if e := n.execute(&st, capacity, quick); e != nil && (best == nil || e.total < best.total) {
			best, at = e, share
		}
	}
	grid, steps := reserves[:], finer[:]
	if quick && st.estimate > 0 { // near the estimate
		own := min(1, st.forever/max(1, most))
		grid, steps = []float64{own, max(0, own-0.15), min(1, own+0.15)}, nil
	}
	for _, share := range grid {
		try(share)
	}
	for _, step := range steps {
		from := at
		try(max(0, from-step))
		try(min(1, from+step))
	}
	if quick && best != nil {
		st.forever = at * most
		if e := n.execute(&st, capacity, false); e != nil && e.total < best.total {
			best = e
		}
	}
	return best
}

// persistent returns the bytes of data that live across iterations.
func (n *Network) persistent(lv int) float64 {
	p := n.levels[lv].problem
	sum := 0.0
	for k := range p.Trace().Tensors {
		if n.lasting(p, int32(k)) {
			bytes, _, _, _, _ := p.Tensor(int32(k))
			sum += float64(bytes)
		}
	}
	return sum
}

// partitions returns the structures that the estimate likes best.
func (n *Network) partitions(lv int, capacity float64) []structure {
	total := n.persistent(lv)
	var list []structure
	tried := -1.0
	for _, share := range reserves {
		forever := share * min(total, capacity)
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
		st := n.partition(lv, capacity, forever, before)
		if st.groups == nil {
			continue
		}
		list = append(list, st)
		if forever > 0 { // once more with what these groups would hold
			if st = n.partition(lv, capacity, forever, n.pinnedBefore(&st, capacity)); st.groups != nil {
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
	return slices.Equal(st.kept, other.kept) && slices.EqualFunc(st.groups, other.groups, func(a, b Group) bool {
		return a.First == b.First && a.End == b.End && a.Level == b.Level && a.Rounds == b.Rounds
	})
}

// lasting says whether a tensor may be held from one iteration or micro-batch to
// the next: persistent data, and the gradients that micro-batches accumulate.
func (n *Network) lasting(p *residency.Problem, k int32) bool {
	_, persistent, _, class, _ := p.Tensor(k)
	return persistent || n.micro && p != n.whole && class == workload.WeightGradient
}

// shared says whether all samples use the same content of a tensor.
func (n *Network) shared(p *residency.Problem, k int32) bool {
	if !n.lasting(p, k) {
		return false
	}
	if n.micro {
		return true
	}
	least, _, _, _, _ := n.levels[0].problem.Tensor(k)
	most, _, _, _, _ := n.whole.Tensor(k)
	return least == most
}

// persistentBefore returns the bytes of lasting data first used before each cut.
func (n *Network) persistentBefore(lv int) []float64 {
	return n.before(lv, func(bytes int64, _ int32) float64 { return float64(bytes) })
}

// pinnedBefore returns the bytes held for ever of the data first used before
// each cut.
func (n *Network) pinnedBefore(st *structure, capacity float64) []float64 {
	x := &executor{n: n, st: st, capacity: capacity, forever: map[int32]float64{}, kept: map[int32]span{}}
	x.keep(n.levels[st.level].problem)
	x.holdForever(n.levels[st.level].problem, st.forever)
	return n.before(st.level, func(bytes int64, k int32) float64 { return float64(bytes) * x.forever[k] })
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
