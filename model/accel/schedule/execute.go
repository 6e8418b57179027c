package schedule

import (
	"cmp"
	"maps"
	"slices"

	"stco/model/accel/residency"
)

// pin is a tensor that may be on chip for longer than a round.
type pin struct {
	tensor int32
	bytes  float64
	late   bool // held over the rounds of a group, it is written after the last
}

// span are the groups from first to last.
type span struct{ first, last int }

// executor carries out a structure on a buffer.
type executor struct {
	s        *search
	st       *structure
	p        *residency.Manager // of the level of the structure
	kept     map[int32]span     // data that groups exchange, by the groups they stay for
	order    []int32            // of these, ascending
	lasting  []pin              // data that may be held for ever, the worthiest first
	total    float64            // their bytes
	groups   []work
	forever  []float64 // shares held for ever, by tensor
	reserved float64   // their bytes
	held     []float64 // shares held over the rounds of the group at hand
}

// work is what a group needs, whatever is held.
type work struct {
	p       *residency.Manager
	segment *residency.Segment
	all     float64   // bytes exchanged with other groups, in every step
	less    []float64 // and by step; nil: none
	shared  []pin     // data that may be held over the rounds, the worthiest first
}

// executor prepares a structure.
func (s *search) executor(st *structure) *executor {
	p := s.n.levels[st.level].problem
	tensors := len(p.Trace().Tensors)
	x := &executor{s: s, st: st, p: p, kept: map[int32]span{}, forever: make([]float64, tensors), held: make([]float64, tensors)}
	x.keep()
	x.groups = make([]work, len(st.groups))
	for g := range st.groups {
		gr, w := &st.groups[g], &x.groups[g]
		w.p = s.n.levels[gr.Level].problem
		w.segment = s.segment(gr)
		w.all, w.less = x.exchange(g)
		if gr.Rounds > 1 {
			w.shared = s.n.worth(w.p, s.n.shared, func(yield func(step, rounds int)) {
				for i := gr.First; i < gr.End; i++ {
					yield(i, 1)
				}
			})
			for i := range w.shared {
				_, write := w.p.WrittenIn(w.shared[i].tensor, gr.First, gr.End)
				w.shared[i].late = write && w.p.Needed(w.shared[i].tensor, gr.End)
			}
		}
	}
	x.lasting = s.n.worth(p, s.n.lasting, func(yield func(step, rounds int)) {
		for _, g := range st.groups {
			for i := g.First; i < g.End; i++ {
				yield(i, g.Rounds)
			}
		}
	})
	if len(st.groups) > 1 && !s.n.micro {
		x.tightest()
	}
	for _, k := range x.lasting {
		x.total += k.bytes
	}
	return x
}

// worth orders data by the traffic that holding a byte saves in some steps.
func (n *Network) worth(p *residency.Manager, stays func(*residency.Manager, int32) bool, steps func(yield func(step, rounds int))) []pin {
	saved := make([]float64, len(p.Trace().Tensors))
	known := make([]bool, len(saved))
	var list []pin
	var touches []residency.Touch
	steps(func(i, rounds int) {
		touches = p.Touches(i, touches[:0])
		for _, c := range touches {
			if !known[c.Tensor] {
				if known[c.Tensor] = true; stays(p, c.Tensor) {
					bytes, _, _, _, _ := p.Tensor(c.Tensor)
					list = append(list, pin{tensor: c.Tensor, bytes: float64(bytes)})
				}
			}
			if c.Reads {
				saved[c.Tensor] += float64(c.Bytes) * float64(rounds)
			}
			if c.Writes {
				saved[c.Tensor] += float64(c.Bytes) * float64(rounds)
			}
		}
	})
	slices.SortStableFunc(list, func(a, b pin) int {
		return cmp.Compare(saved[b.tensor]/max(1, b.bytes), saved[a.tensor]/max(1, a.bytes))
	})
	return list
}

// tightest orders what may be held for ever by the groups that use it, that with
// the most to hold over its rounds first: what it holds anyway takes the least
// room from the others.
func (x *executor) tightest() {
	first := map[int32]int{} // group of first use
	sums := make([]float64, len(x.st.groups))
	var touches []residency.Touch
	for g := range x.st.groups {
		gr := &x.st.groups[g]
		for i := gr.First; i < gr.End; i++ {
			touches = x.p.Touches(i, touches[:0])
			for _, c := range touches {
				if _, ok := first[c.Tensor]; ok || !x.s.n.shared(x.p, c.Tensor) {
					continue
				}
				first[c.Tensor] = g
				if bytes, _, _, _, _ := x.p.Tensor(c.Tensor); gr.Rounds > 1 {
					sums[g] += float64(bytes)
				}
			}
		}
		if gr.Rounds > 1 {
			sums[g] += x.groups[g].all + x.s.peakOf(gr)
		}
	}
	slices.SortStableFunc(x.lasting, func(a, b pin) int { return cmp.Compare(sums[first[b.tensor]], sums[first[a.tensor]]) })
}

// peakOf returns the estimated bytes that hold all that a round of a group makes
// and uses.
func (s *search) peakOf(gr *Stack) float64 {
	a, ok := slices.BinarySearch(s.n.cuts, gr.First)
	b, found := slices.BinarySearch(s.n.cuts, gr.End)
	if !ok || !found {
		return 0
	}
	w := s.sweep(gr.Level, a)
	if b-a-1 >= w.ends {
		return 0
	}
	return w.peak[b-a-1]
}

// keep finds the data that stay on chip from the group that makes them to the
// last that needs them: those that cross only cuts at which all is kept.
func (x *executor) keep() {
	groups := x.st.groups
	for c := 1; c < len(groups); c++ {
		if !x.st.kept[c-1] {
			continue
		}
		for k, e := range x.s.n.enteringCached(x.st.level, groups[c].First) {
			if _, known := x.kept[k]; known {
				continue
			}
			s := span{first: -1}
			whole := true
			for g := range groups {
				if s.first < 0 && x.p.Exists(k, groups[g].End) {
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
func (x *executor) exchange(g int) (all float64, less []float64) {
	gr := &x.st.groups[g]
	rounds := float64(gr.Rounds)
	in, out := 0.0, 0.0
	for _, k := range x.order {
		s := x.kept[k]
		if g < s.first || g > s.last {
			continue
		}
		size, _, _, _, _ := x.p.Tensor(k)
		bytes := float64(size)
		if g != s.first && g != s.last {
			all += bytes
			continue
		}
		if less == nil {
			less = make([]float64, gr.End-gr.First)
		}
		for i := range less {
			if g == s.last && x.p.Needed(k, gr.First+i) || g == s.first && x.p.Exists(k, gr.First+i+1) {
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

// hold spends bytes on data to be held for ever.
func (x *executor) hold(bytes float64) {
	clear(x.forever)
	x.reserved = fill(x.forever, x.lasting, nil, bytes)
}

// fill spends bytes on the data of a list, of which shares are held already, and
// returns what they take.
func fill(shares []float64, list []pin, already []float64, bytes float64) float64 {
	used := 0.0
	for _, k := range list {
		if k.bytes <= 0 {
			continue
		}
		left := 1.0
		if already != nil {
			left -= already[k.tensor]
		}
		share := min(left, (bytes-used)/k.bytes)
		if left <= 0 {
			continue
		}
		if share <= 0 {
			break
		}
		shares[k.tensor] = share
		used += share * k.bytes
	}
	return used
}

// pinned is the share of a tensor that is on chip while the group at hand runs.
func (x *executor) pinned(k int32) float64 {
	if _, ok := x.kept[k]; ok {
		return 1
	}
	return min(1, x.forever[k]+x.held[k])
}

// holdShares are the shares of a group's persistent data, or of the room for
// them, that are tried to be held over its rounds.
var holdShares = [...]float64{1, 0.75, 0.5, 0.25, 0}

// sharesOf returns the shares to try.
func (x *executor) sharesOf(gr *Stack, most float64) []float64 {
	switch {
	case gr.Rounds == 1:
		return holdShares[4:]
	case x.s.n.thorough():
		return holdShares[:]
	case x.st.estimate > 0:
		return []float64{1, min(1, gr.held/max(1, most))}
	}
	return holdShares[4:] // what is held for ever is as good
}

// estimate returns the bytes of a pass with some bytes held for ever, under one
// policy, and the bytes that every group holds over its rounds; +Inf when it does
// not fit, or needs limit bytes or more.
func (x *executor) estimate(forever, limit float64) (total float64, held []float64) {
	x.hold(forever)
	held = make([]float64, len(x.groups))
	for g := range x.groups {
		w, gr := &x.groups[g], &x.st.groups[g]
		least := limit - total
		found := false
		x.variants(g, func(h, once float64, room int64) {
			if float64(gr.Rounds)*w.segment.Compulsory()+once >= least {
				return
			}
			c := 0.0
			if x.s.n.thorough() {
				c = w.segment.Run(room).Total()
			} else {
				c = w.segment.Estimate(room, (least-once)/float64(gr.Rounds))
			}
			if c = float64(gr.Rounds)*c + once; c < least {
				least, held[g], found = c, h, true
			}
		})
		if !found {
			return inf, nil
		}
		total += least
	}
	return total, held
}

// variants pins several amounts of a group's data over its rounds: bytes to hold,
// bytes that they move once, and the room left to a round.
func (x *executor) variants(g int, try func(held, once float64, room int64)) {
	w, gr := &x.groups[g], &x.st.groups[g]
	room := x.s.capacity - x.reserved - w.all
	if room < 0 {
		return
	}
	most := 0.0
	for _, k := range w.shared {
		most += k.bytes * (1 - x.forever[k.tensor])
	}
	most = min(most, room)
	tried := -1.0
	for _, share := range x.sharesOf(gr, most) {
		h := share * most
		if h == tried {
			continue
		}
		tried = h
		if once, left, ok := x.pin(g, h, room); ok {
			try(h, once, left)
		}
	}
}

// pin holds h bytes of a group's data over its rounds, in room bytes.
func (x *executor) pin(g int, h, room float64) (once float64, left int64, ok bool) {
	w := &x.groups[g]
	clear(x.held)
	used := fill(x.held, w.shared, x.forever, h)
	once = used // read before the first round, and written after the last if they change
	for _, k := range w.shared {
		if k.late {
			once += x.held[k.tensor] * k.bytes
		}
	}
	w.segment.Pin(x.pinned, w.less)
	left = int64(room - used)
	return once, left, w.segment.Fits(left) == nil
}

// execute returns one pass with some bytes held for ever and over the rounds of
// every group, nil if it does not fit.
func (x *executor) execute(forever float64, held []float64) *Execution {
	st := *x.st
	st.forever = forever
	e := &Execution{Groups: st.groups, Outer: 1, Samples: x.s.n.levels[st.level].batch, structure: st, held: held, Capacity: x.s.capacity}
	x.hold(forever)
	var at []int // rows before each group
	for g := range x.groups {
		_, room, ok := x.pin(g, held[g], x.s.capacity-x.reserved-x.groups[g].all)
		if !ok {
			return nil
		}
		at = append(at, len(e.Rows))
		x.append(e, g, x.groups[g].segment.Run(room))
	}
	x.note(e, append(at, len(e.Rows)))
	e.sum()
	return e
}
