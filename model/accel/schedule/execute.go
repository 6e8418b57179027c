package schedule

import (
	"cmp"
	"maps"
	"slices"

	"stco/model/accel/residency"
	"stco/model/workload"
)

// pin is a tensor that is on chip for longer than a round.
type pin struct {
	tensor int32
	share  float64
}

// executor carries out a structure on a buffer.
type executor struct {
	n        *Network
	st       *structure
	capacity float64
	quick    bool              // one policy
	forever  map[int32]float64 // shares of persistent data
	kept     map[int32]span    // data that groups exchange, by the groups they stay for
	order    []int32           // of these, ascending
	pass     *Execution
	at       []int // rows before each group
}

// span are the groups from first to last.
type span struct{ first, last int }

// execute returns one pass, nil if it does not fit.
func (n *Network) execute(st *structure, capacity float64, quick bool) *Execution {
	x := &executor{n: n, st: st, capacity: capacity, quick: quick, forever: map[int32]float64{}, kept: map[int32]span{}, pass: &Execution{Groups: st.groups, Outer: 1, Samples: n.levels[st.level].batch}}
	p := n.levels[st.level].problem
	x.keep(p)
	reserve := x.holdForever(p, st.forever)
	for g := range st.groups {
		used, less := x.exchange(g, p)
		used += reserve
		x.at = append(x.at, len(x.pass.Rows))
		if used > capacity || !x.group(g, capacity-used, less) {
			return nil
		}
	}
	x.at = append(x.at, len(x.pass.Rows))
	x.note(p)
	x.pass.sum()
	return x.pass
}

// worth orders persistent data by the traffic that holding a byte for ever
// saves in a pass.
func (x *executor) worth(p *residency.Problem, stays func(*residency.Problem, int32) bool, steps func(yield func(step, rounds int))) []pin {
	saved := map[int32]float64{}
	var order []int32
	var touches []residency.Touch
	steps(func(i, rounds int) {
		touches = p.Touches(i, touches[:0])
		for _, c := range touches {
			if !stays(p, c.Tensor) {
				continue
			}
			if _, ok := saved[c.Tensor]; !ok {
				order = append(order, c.Tensor)
			}
			if c.Reads {
				saved[c.Tensor] += float64(c.Bytes) * float64(rounds)
			}
			if c.Writes {
				saved[c.Tensor] += float64(c.Bytes) * float64(rounds)
			}
		}
	})
	density := func(k int32) float64 {
		bytes, _, _, _, _ := p.Tensor(k)
		return saved[k] / max(1, float64(bytes))
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(density(b), density(a)) })
	list := make([]pin, len(order))
	for i, k := range order {
		list[i] = pin{tensor: k}
	}
	return list
}

// holdForever fills a reserve with persistent data and returns what they take.
func (x *executor) holdForever(p *residency.Problem, reserve float64) float64 {
	if reserve <= 0 {
		return 0
	}
	used := 0.0
	list := x.worth(p, x.n.lasting, func(yield func(step, rounds int)) {
		for _, g := range x.st.groups {
			for i := g.First; i < g.End; i++ {
				yield(i, g.Rounds)
			}
		}
	})
	if len(x.st.groups) > 1 && !x.n.micro {
		list = x.tightest(p, list)
	}
	for _, k := range list {
		bytes, _, _, _, _ := p.Tensor(k.tensor)
		if bytes <= 0 {
			continue
		}
		share := min(1, (reserve-used)/float64(bytes))
		if share <= 0 {
			break
		}
		x.forever[k.tensor] = share
		used += share * float64(bytes)
	}
	return used
}

// tightest orders persistent data by the groups that use them, that with the
// most to hold over its rounds first: what it holds anyway takes the least room
// from the others.
func (x *executor) tightest(p *residency.Problem, list []pin) []pin {
	size := map[int32]int{} // group of first use
	sums := make([]float64, len(x.st.groups))
	var touches []residency.Touch
	for g := range x.st.groups {
		gr := &x.st.groups[g]
		for i := gr.First; i < gr.End; i++ {
			touches = p.Touches(i, touches[:0])
			for _, c := range touches {
				if _, ok := size[c.Tensor]; ok || !x.n.shared(p, c.Tensor) {
					continue
				}
				size[c.Tensor] = g
				if bytes, _, _, _, _ := p.Tensor(c.Tensor); gr.Rounds > 1 {
					sums[g] += float64(bytes)
				}
			}
		}
		if gr.Rounds > 1 {
			all, _ := x.exchange(g, p)
			sums[g] += all + x.n.peakOf(gr, x.capacity)
		}
	}
	slices.SortStableFunc(list, func(a, b pin) int {
		return cmp.Compare(sums[size[b.tensor]], sums[size[a.tensor]])
	})
	return list
}

// peakOf returns the estimated bytes that hold all that a round of a group makes
// and uses.
func (n *Network) peakOf(gr *Group, capacity float64) float64 {
	a, ok := slices.BinarySearch(n.cuts, gr.First)
	b, found := slices.BinarySearch(n.cuts, gr.End)
	if !ok || !found {
		return 0
	}
	w := n.sweepFrom(gr.Level, a, capacity)
	if b-a-1 >= w.ends {
		return 0
	}
	return w.peak[b-a-1]
}

// keep finds the data that stay on chip from the group that makes them to the
// last that needs them: those that cross only cuts at which all is kept.
func (x *executor) keep(p *residency.Problem) {
	groups := x.st.groups
	for c := 1; c < len(groups); c++ {
		if !x.st.kept[c-1] {
			continue
		}
		for k, e := range x.n.enteringCached(x.st.level, groups[c].First) {
			if _, known := x.kept[k]; known {
				continue
			}
			s := span{first: -1}
			whole := true
			for g := range groups {
				if s.first < 0 && p.Exists(k, groups[g].End) {
					s.first = g
				}
				if int(e.last) >= groups[g].First {
					s.last = g
				}
			}
			for g := s.first; g < s.last; g++ {
				whole = whole && x.st.kept[g]
			}
			if whole {
				x.kept[k] = s
			}
		}
	}
	x.order = slices.Sorted(maps.Keys(x.kept))
}

// exchange returns the room that group g needs in every step for the data that
// it takes from earlier groups or leaves to later ones, and by step that for the
// sub-batch at hand: what it takes until it is used, what it makes from then on.
func (x *executor) exchange(g int, p *residency.Problem) (all float64, less []float64) {
	gr := &x.st.groups[g]
	rounds := float64(gr.Rounds)
	in, out := 0.0, 0.0
	for _, k := range x.order {
		s := x.kept[k]
		if g < s.first || g > s.last {
			continue
		}
		size, _, _, _, _ := p.Tensor(k)
		bytes := float64(size)
		if g != s.first && g != s.last {
			all += bytes
			continue
		}
		if less == nil {
			less = make([]float64, gr.End-gr.First)
		}
		for i := range less {
			if g == s.last && p.Needed(k, gr.First+i) || g == s.first && p.Exists(k, gr.First+i+1) {
				less[i] += bytes / rounds
			}
		}
		if g == s.last {
			in += bytes
		} else {
			out += bytes
		}
	}
	return all + (rounds-1)/rounds*max(in, out), less
}

// holdShares are the shares of a group's persistent data, or of the room for
// them, that are tried to be held over its rounds.
var holdShares = [...]float64{1, 0.75, 0.5, 0.25, 0}

// group appends the rows of a group that has room bytes for its rounds.
func (x *executor) group(g int, room float64, less []float64) bool {
	gr := &x.st.groups[g]
	p := x.n.levels[gr.Level].problem
	var list []pin
	most := 0.0
	if gr.Rounds > 1 {
		list = x.worth(p, x.n.shared, func(yield func(step, rounds int)) {
			for i := gr.First; i < gr.End; i++ {
				yield(i, 1)
			}
		})
		for i := range list {
			bytes, _, _, _, _ := p.Tensor(list[i].tensor)
			most += float64(bytes) * (1 - x.forever[list[i].tensor])
		}
	}
	var best *residency.Schedule
	var held map[int32]float64
	least := inf
	tried := -1.0
	shares := holdShares[:]
	if !x.n.thorough() && gr.Rounds > 1 && x.st.estimate > 0 {
		shares = []float64{1, min(1, gr.held/max(1, min(most, room)))}
	}
	for _, share := range shares {
		h := share * min(most, room)
		if h == tried {
			continue
		}
		tried = h
		pins, used := x.fill(p, list, h)
		seg := p.Segment(gr.First, gr.End, x.pinned(pins), less)
		once := used // read before the first round, and written after the last if they change
		for _, k := range slices.Sorted(maps.Keys(pins)) {
			share := pins[k]
			if _, write := p.WrittenIn(k, gr.First, gr.End); write && p.Needed(k, gr.End) {
				bytes, _, _, _, _ := p.Tensor(k)
				once += share * float64(bytes)
			}
		}
		if bound := float64(gr.Rounds)*seg.Compulsory() + once; bound >= least {
			continue
		}
		if seg.Fits(int64(room-used)) != nil {
			continue
		}
		run := seg.Run
		if x.quick {
			run = seg.RunOnce
		}
		s := run(int64(room - used))
		if c := float64(gr.Rounds)*s.Total() + once; c < least {
			best, held, least = s, pins, c
		}
	}
	if best == nil {
		return false
	}
	x.append(gr, p, best, held)
	return true
}

// fill spends h bytes on persistent data of a group that are not held for ever.
func (x *executor) fill(p *residency.Problem, list []pin, h float64) (held map[int32]float64, used float64) {
	if h <= 0 {
		return nil, 0
	}
	held = map[int32]float64{}
	for _, k := range list {
		bytes, _, _, _, _ := p.Tensor(k.tensor)
		left := 1 - x.forever[k.tensor]
		if left <= 0 || bytes <= 0 {
			continue
		}
		share := min(left, (h-used)/float64(bytes))
		if share <= 0 {
			break
		}
		held[k.tensor] = share
		used += share * float64(bytes)
	}
	return held, used
}

func (x *executor) pinned(held map[int32]float64) func(k int32) float64 {
	return func(k int32) float64 {
		if _, ok := x.kept[k]; ok {
			return 1
		}
		return min(1, x.forever[k]+held[k])
	}
}

// append adds a group's rows: the first round, in which what is held over the
// rounds is read, and the others.
func (x *executor) append(gr *Group, p *residency.Problem, s *residency.Schedule, held map[int32]float64) {
	e := x.pass
	first, n := len(e.Rows), gr.End-gr.First
	for range min(gr.Rounds, 2) {
		repeat := 1.0
		if len(e.Rows) > first {
			repeat = float64(gr.Rounds - 1)
		}
		for i := range n {
			e.Rows = append(e.Rows, Row{Level: int32(gr.Level), Step: int32(gr.First + i), Repeat: repeat})
		}
		e.Read, e.Write = append(e.Read, s.Read...), append(e.Write, s.Write...)
		for c := range s.Live {
			if s.Live[c] != nil {
				copy(e.live(workload.Class(c))[len(e.Rows)-n:], s.Live[c])
			}
		}
	}
	for c := range s.ClassRead {
		e.ClassRead[c] += s.ClassRead[c] * float64(gr.Rounds)
		e.ClassWrite[c] += s.ClassWrite[c] * float64(gr.Rounds)
		for _, y := range s.Stays[c] {
			e.Stays[c] = append(e.Stays[c], residency.Stay{From: y.From + int32(first), To: y.To + int32(first)})
		}
	}
	var touches []residency.Touch
	done := map[int32]bool{}
	for i := range n {
		touches = p.Touches(gr.First+i, touches[:0])
		for _, c := range touches {
			bytes, _, output, class, _ := p.Tensor(c.Tensor)
			if share := held[c.Tensor]; share > 0 && !done[c.Tensor] {
				done[c.Tensor] = true
				e.Read[first+i] += share * float64(bytes)
				e.ClassRead[class] += share * float64(bytes)
				e.holds(class, share*float64(bytes), first, len(e.Rows))
				e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(first + i), To: int32(len(e.Rows) - 1)})
				if last, write := p.WrittenIn(c.Tensor, gr.First, gr.End); write && p.Needed(c.Tensor, gr.End) {
					e.Write[len(e.Rows)-n+last-gr.First] += share * float64(bytes) / e.Rows[len(e.Rows)-1].Repeat
					e.ClassWrite[class] += share * float64(bytes)
				}
			}
			if _, kept := x.kept[c.Tensor]; kept && output && c.Writes {
				for r := first + i; r < len(e.Rows); r += n {
					e.Write[r] += float64(c.Bytes)
				}
				e.ClassWrite[class] += float64(c.Bytes) * float64(gr.Rounds)
			}
		}
	}
}

// note counts what stays on chip between groups and between iterations.
func (x *executor) note(p *residency.Problem) {
	e, rows := x.pass, len(x.pass.Rows)
	for _, k := range x.order {
		s := x.kept[k]
		bytes, _, _, class, _ := p.Tensor(k)
		e.holds(class, float64(bytes), x.at[s.first], x.at[s.last+1])
		e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(x.at[s.first]), To: int32(x.at[s.last+1] - 1)})
	}
	for _, k := range slices.Sorted(maps.Keys(x.forever)) {
		share := x.forever[k]
		bytes, _, _, class, renewal := p.Tensor(k)
		e.holds(class, share*float64(bytes), 0, rows)
		_, write := p.LastTouch(k)
		switch {
		case write < 0:
			e.Permanent[class] += share * float64(bytes)
		case renewal > 0:
			e.Age[class] = max(e.Age[class], renewal)
		default: // rewritten in every iteration
			e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(-1), To: int32(rows - 1)})
		}
	}
	for c := range e.Stays {
		e.Stays[c] = residency.Maximal(e.Stays[c])
	}
	for c := range e.Live {
		if e.Live[c] != nil {
			e.live(workload.Class(c))
		}
	}
}
