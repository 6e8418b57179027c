package schedule

// Stack is a run of consecutive steps that goes through a part of the batch
// sub-batch by sub-batch.
type Stack struct {
	First, End int // steps First to End-1
	Level      int // whose samples are the sub-batch
	Rounds     int
	held       float64 // bytes of persistent data held over the rounds, as estimated
}

// structure is what the search chooses before the tilings: groups, and what
// stays on chip for longer than a round.
type structure struct {
	level    int // samples that go through all groups before the next ones
	groups   []Stack
	kept     []bool  // by cut between groups: what crosses it stays on chip
	forever  float64 // bytes of persistent data held for ever
	estimate float64 // bytes of one pass
}

// state is the best way to reach a cut, by whether what crosses it is kept.
type state struct {
	cost   float64
	from   int // cut
	kept   int
	level  int
	held   float64
	filled bool
}

// partition returns the best groups for the samples of a level with forever
// bytes of persistent data held for ever: those before cut c add up to before[c].
func (s *search) partition(lv int, forever float64, before []float64) structure {
	n := s.n
	m := len(n.cuts) - 1
	best := make([][2]state, m+1)
	best[0][0] = state{filled: true}
	part := float64(n.levels[lv].batch)
	cross := make([]float64, m+1) // bytes for all samples of the level
	for c := 1; c < m; c++ {
		for _, x := range n.enteringCached(lv, n.cuts[c]) {
			cross[c] += x.bytes
		}
	}
	room := s.capacity - forever
	for a := range m {
		for sub := 0; sub <= lv; sub++ {
			if n.levels[lv].batch%n.levels[sub].batch != 0 {
				continue
			}
			rounds := part / float64(n.levels[sub].batch)
			w := s.sweep(sub, a)
			for e := range w.ends {
				b := a + 1 + e
				for left := range 2 {
					if !best[a][left].filled {
						continue
					}
					least := best[a][left].cost + w.cheapest(e, left, rounds)
					for right := range 2 {
						if right == 1 && b == m || best[b][right].filled && least >= best[b][right].cost {
							continue
						}
						free := room - exchanged(cross[a], cross[b], w.through[e]*rounds, rounds, left == 1, right == 1)
						if free < 0 {
							continue
						}
						c, held := w.estimate(e, left, right, rounds, free, before[b]-before[a])
						if c += best[a][left].cost; !best[b][right].filled || c < best[b][right].cost {
							best[b][right] = state{cost: c, from: a, kept: left, level: sub, held: held, filled: true}
						}
					}
				}
			}
		}
	}
	st := structure{level: lv, forever: forever, estimate: best[m][0].cost}
	for b, k := m, 0; b > 0; {
		x := best[b][k]
		g := Stack{First: n.cuts[x.from], End: n.cuts[b], Level: x.level, Rounds: n.levels[lv].batch / n.levels[x.level].batch, held: x.held}
		if last := len(st.groups) - 1; last >= 0 && g.Rounds == 1 && st.groups[last].Rounds == 1 {
			st.groups[last].First = g.First // two groups of one round are one
		} else {
			st.groups = append(st.groups, g)
			st.kept = append(st.kept, k == 1)
		}
		b, k = x.from, x.kept
	}
	for i, j := 0, len(st.groups)-1; i < j; i, j = i+1, j-1 {
		st.groups[i], st.groups[j] = st.groups[j], st.groups[i]
		st.kept[i], st.kept[j] = st.kept[j], st.kept[i]
	}
	return st
}

// exchanged returns the room that a group needs for what it takes from earlier
// groups and leaves to later ones, all samples together, as far as these are
// kept: sub-batches are consumed one by one while others are made. The results
// of the current round are not counted.
func exchanged(in, out, through, rounds float64, left, right bool) float64 {
	in, out = in-through, out-through
	others := (rounds - 1) / rounds
	switch {
	case left && right:
		return through + others*max(in, out) + in/rounds
	case left:
		return through + in
	case right:
		return others * out
	}
	return 0
}

// cheapest returns what a group moves at least.
func (w *sweep) cheapest(e, left int, rounds float64) float64 {
	c := w.inner[e][len(shares)]
	if left == 1 {
		c -= w.enters[e]
	}
	return rounds * c // weights may be held for ever
}

// estimate returns the least estimated bytes of a group over the rooms given to a
// round, and the bytes of persistent data that are held over its rounds.
func (w *sweep) estimate(e, left, right int, rounds, free, pinned float64) (cost, held float64) {
	cost = inf
	weights := max(0, w.weights[e]-pinned)
	try := func(r int, room float64) {
		if room > free {
			return
		}
		c := w.inner[e][r]
		if left == 1 {
			c -= w.enters[e]
		}
		if right == 0 {
			c += w.leaves[e][r]
		}
		h := min(weights, free-room)
		if rounds == 1 {
			h = 0
		}
		if c = rounds*c + weights + (rounds-1)*(weights-h); c < cost {
			cost, held = c, h
		}
	}
	for r := range shares {
		try(r, shares[r]*w.capacity)
	}
	try(len(shares), w.peak[e])
	return cost, held
}

// enteringCached returns the bytes that cross a cut at a level.
func (n *Network) enteringCached(lv, start int) map[int32]entry {
	key := [2]int{lv, start}
	n.mu.Lock()
	x, ok := n.crossed[key]
	n.mu.Unlock()
	if !ok {
		x = n.entering(lv, start)
		n.mu.Lock()
		n.crossed[key] = x
		n.mu.Unlock()
	}
	return x
}
