package accel

import (
	"cmp"
	"math"
	"slices"

	"stco/model/accel/overlap"
	"stco/model/accel/residency"
	"stco/model/workload"
)

// digest is a table arranged for evaluation. Steps that ask the same of the
// machine are one kind with a count: blocks of a network repeat. Kinds of
// similar proportions are neighbours, so that a bound over a few of them says
// which can draw the most power. Of the on-chip lifetimes only those are kept
// that can be the longest of their class, and the clock is read only where one
// of these begins or ends.
type digest struct {
	times  []timing
	powers []power
	pads   []padLoad                      // nil without a scratchpad in use
	groups []group                        // of groupSize kinds each, the last may have fewer
	live   [workload.NumClasses][]float64 // resident bytes, sum over the steps of a kind
	dram   float64                        // DRAM bytes per iteration

	runs    []run    // distinct ones
	windows []window // their stalls stand behind the times of the kinds
	entries []entry
	stalls  *stalls

	// marks are the points in time at which a lifetime begins or ends, in
	// order; spans[i] lists the steps between marks i and i+1, all kinds of span
	// i ending at ends[i].
	spans []span
	ends  []int32
	stays [workload.NumClasses][]between
}

// timing is what sets the time of a kind of step, and the number of such steps.
type timing struct{ cycles, read, write, dram, fills, count float64 }

// power is what, beside buffer and DRAM bytes, sets its energy.
type power struct {
	macs, ops, peRead, peWrite float64
	stream                     float64 // 1 when DRAM transfers of the window run beside it
}

// span is a number of steps of a kind.
type span struct {
	count float64
	kind  int32
}

// between is a lifetime from one mark to another, over the end of the iteration
// when wraps is 1.
type between struct {
	from, to int32
	wraps    float64
	stall    int32   // of the window in which it begins, -1: none
	fill     float64 // 1 when that window begins with data from DRAM, which have arrived
}

// groupSize is the number of kinds that one bound covers.
const groupSize = 8

// group bounds what its kinds ask per cycle: at least and at most.
type group struct {
	least timing // of cycles, read, write and dram
	most  timing
	power power
	pad   padLoad // at most
}

// kind is the key by which steps are equal.
type kind struct {
	timing
	power
	pad padLoad
}

func newDigest(t *Traffic) *digest {
	runs := t.windows()
	ids, kinds := kindsOf(t, runs)
	order := make([]int32, len(kinds))
	for i := range order {
		order[i] = int32(i)
	}
	arrange(kinds, order)
	g := &digest{dram: t.DRAMBytes()}
	place := make([]int32, len(kinds))
	for at, i := range order {
		k := &kinds[i]
		place[i] = int32(at)
		g.times, g.powers = append(g.times, k.timing), append(g.powers, k.power)
		if t.pads != nil {
			g.pads = append(g.pads, k.pad)
		}
	}
	for i := range ids {
		ids[i] = place[ids[i]]
	}
	g.findWindows(t, ids, runs)
	for at := 0; at < len(order); at += groupSize {
		g.groups = append(g.groups, bound(kinds, order[at:min(at+groupSize, len(order))]))
	}
	for c := range t.live {
		if t.live[c] == nil {
			continue
		}
		g.live[c] = make([]float64, g.terms())
		for i, b := range t.live[c] {
			g.live[c][ids[i]] += b * t.loads[i].repeat
			if g.stalls.begins(i) {
				g.live[c][g.stalls.of[i]] += b * g.stalls.times[i]
			}
		}
	}
	g.lifetimes(t, ids)
	return g
}

// kind returns the kind of step i; of a row in a window DRAM transfers are those
// of the window.
func (t *Traffic) kind(i int, windowed bool) kind {
	l := &t.loads[i]
	k := kind{
		timing: timing{l.cycles, l.read, l.write, l.dram, l.fills, 0},
		power:  power{l.macs, l.ops, l.peRead, l.peWrite, 0},
	}
	if windowed {
		k.dram, k.fills, k.stream = 0, 0, 1
	}
	if t.pads != nil {
		k.pad = t.pads[i]
	}
	return k
}

// kindsOf returns the kind of every step, and the kinds with their counts.
func kindsOf(t *Traffic, runs [][]overlap.Span) (ids []int32, kinds []kind) {
	known := make(map[kind]int32)
	ids = make([]int32, len(t.loads))
	windowed := make([]bool, len(t.loads))
	for _, spans := range runs {
		for i := spans[0].First; i < spans[len(spans)-1].End; i++ {
			windowed[i] = true
		}
	}
	for i := range t.loads {
		k := t.kind(i, windowed[i])
		id, ok := known[k]
		if !ok {
			id = int32(len(kinds))
			known[k] = id
			kinds = append(kinds, k)
		}
		ids[i] = id
		kinds[id].count += t.loads[i].repeat
	}
	return ids, kinds
}

// perCycle returns a quantity of a kind per cycle.
func (k *kind) perCycle(v float64) float64 {
	if k.cycles > 0 {
		return v / k.cycles
	}
	if v == 0 {
		return 0
	}
	return math.Inf(1)
}

// arrange orders kinds so that neighbours are alike: halves by the proportion
// that varies most, each half in the same way.
func arrange(kinds []kind, order []int32) {
	if len(order) <= groupSize {
		return
	}
	proportions := [...]func(*kind) float64{
		func(k *kind) float64 { return k.perCycle(k.macs) },
		func(k *kind) float64 { return k.perCycle(k.read) },
		func(k *kind) float64 { return k.perCycle(k.write) },
		func(k *kind) float64 { return k.perCycle(k.dram) },
	}
	widest, by := -1.0, proportions[0]
	for _, f := range proportions {
		lo, hi := math.Inf(1), 0.0
		for _, i := range order {
			v := f(&kinds[i])
			lo, hi = min(lo, v), max(hi, v)
		}
		if w := math.Log(min(hi, 1e300)+1e-3) - math.Log(lo+1e-3); w > widest {
			widest, by = w, f
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(by(&kinds[a]), by(&kinds[b])) })
	half := (len(order)/2 + groupSize - 1) / groupSize * groupSize
	arrange(kinds, order[:half])
	arrange(kinds, order[half:])
}

// bound returns the extremes of some kinds. One without cycles may take any time
// per cycle.
func bound(kinds []kind, some []int32) group {
	inf := math.Inf(1)
	g := group{least: timing{cycles: 1, read: inf, write: inf, dram: inf}}
	for _, i := range some {
		k := &kinds[i]
		per := k.perCycle
		if k.cycles == 0 {
			g.least.read, g.least.write, g.least.dram = 0, 0, 0
		}
		g.least.read, g.most.read = min(g.least.read, per(k.read)), max(g.most.read, per(k.read))
		g.least.write, g.most.write = min(g.least.write, per(k.write)), max(g.most.write, per(k.write))
		g.least.dram, g.most.dram = min(g.least.dram, per(k.dram)), max(g.most.dram, per(k.dram))
		g.power.macs, g.power.ops = max(g.power.macs, per(k.macs)), max(g.power.ops, per(k.ops))
		g.power.peRead, g.power.peWrite = max(g.power.peRead, per(k.peRead)), max(g.power.peWrite, per(k.peWrite))
		g.power.stream = max(g.power.stream, k.stream)
		g.pad.read, g.pad.write = max(g.pad.read, per(k.pad.read)), max(g.pad.write, per(k.pad.write))
	}
	return g
}

// lifetimes fills stays, marks and spans. ids are the kinds of the steps. The stall
// of a window stands before its first row.
func (g *digest) lifetimes(t *Traffic, ids []int32) {
	n := int32(len(ids))
	kept := [workload.NumClasses][]residency.Stay{}
	marks := []int32{}
	for c := range t.stays {
		kept[c] = g.longest(t, t.stays[c], ids)
		for _, s := range kept[c] {
			marks = append(marks, (s.From+n)%n+1, s.To+1)
		}
	}
	marks = append(marks, 0)
	slices.Sort(marks)
	marks = slices.Compact(marks)
	at := func(step int32) int32 {
		i, _ := slices.BinarySearch(marks, step)
		return int32(i)
	}
	for c := range kept {
		for _, s := range kept[c] {
			b := between{from: at((s.From+n)%n + 1), to: at(s.To + 1), stall: g.stalls.of[(s.From+n)%n]}
			if s.From < 0 {
				b.wraps = 1
			}
			b.fill = g.fills(b.stall)
			g.stays[c] = append(g.stays[c], b)
		}
	}
	counts := make([]float64, g.terms())
	count := func(k int32, times float64) {
		if counts[k] == 0 {
			g.spans = append(g.spans, span{kind: k})
		}
		counts[k] += times
	}
	for i := 1; i < len(marks); i++ {
		first := len(g.spans)
		for row := marks[i-1]; row < marks[i]; row++ {
			if g.stalls.begins(int(row)) {
				count(g.stalls.of[row], g.stalls.times[row])
			}
			count(ids[row], t.loads[row].repeat)
		}
		for j := first; j < len(g.spans); j++ {
			k := g.spans[j].kind
			g.spans[j].count, counts[k] = counts[k], 0
		}
		g.ends = append(g.ends, int32(len(g.spans)))
	}
}

// longest returns the lifetimes that may be the longest: one is left out when
// another spans at least as many steps of every kind.
func (g *digest) longest(t *Traffic, stays []residency.Stay, ids []int32) []residency.Stay {
	n := int32(len(ids))
	length := func(s residency.Stay) int32 { return s.To - s.From }
	byLength := slices.Clone(stays)
	slices.SortStableFunc(byLength, func(a, b residency.Stay) int { return int(length(b) - length(a)) })
	var kept []residency.Stay
	var known []stretch
	for _, s := range byLength {
		x := stretch{count: make([]int32, g.terms()), lead: g.stalls.of[(s.From+n)%n]}
		if x.lead >= 0 && g.fills(x.lead) == 0 {
			x.count[x.lead]++
			x.lead = -1
		}
		for i := s.From + 1; i <= s.To; i++ {
			row := (i + n) % n
			x.count[ids[row]] += int32(t.loads[row].repeat)
			if g.stalls.begins(int(row)) {
				x.count[g.stalls.of[row]] += int32(g.stalls.times[row])
			}
		}
		if !slices.ContainsFunc(known, func(y stretch) bool { return g.outlasts(y, x) }) {
			kept, known = append(kept, s), append(known, x)
		}
	}
	return kept
}

// stretch is what a lifetime spans: terms with their counts, and the window in which
// it begins if that starts with data from DRAM: its stall counts without the latency
// of these; -1: none.
type stretch struct {
	count []int32
	lead  int32
}

// outlasts says that a lifetime over y is at least as long as one over x on any
// memory.
func (g *digest) outlasts(y, x stretch) bool {
	if x.lead < 0 || x.lead == y.lead {
		return g.covers(y.count, x.count)
	}
	x.count[x.lead]++
	defer func() { x.count[x.lead]-- }()
	return g.covers(y.count, x.count)
}

// covers says that steps counted in a take at least the time of those in b on
// any memory: every step of b has one of its own in a that asks for no less.
func (g *digest) covers(a, b []int32) bool {
	var more, less []int32
	for i, v := range b {
		if v > a[i] {
			more = append(more, int32(i))
		} else if v < a[i] {
			less = append(less, int32(i))
		}
	}
	if len(more) == 0 {
		return true
	}
	if len(more) > mostMatched {
		return false
	}
	spare := make([]int32, len(less))
	for j, v := range less {
		spare[j] = a[v] - b[v]
	}
	for _, u := range more {
		n := b[u] - a[u]
		for j, v := range less {
			if n > 0 && spare[j] > 0 && g.atLeast(v, u) {
				x := min(n, spare[j])
				n, spare[j] = n-x, spare[j]-x
			}
		}
		if n > 0 {
			return false
		}
	}
	return true
}

// mostMatched bounds the kinds for which covers looks for others.
const mostMatched = 24

// atLeast says that a step of kind v takes at least the time of one of kind u.
func (g *digest) atLeast(v, u int32) bool {
	if n := int32(len(g.times)); v >= n || u >= n {
		return false // stalls
	}
	a, b := &g.times[v], &g.times[u]
	if a.cycles < b.cycles || a.read < b.read || a.write < b.write || a.dram < b.dram || a.fills < b.fills {
		return false
	}
	if g.pads == nil {
		return true
	}
	x, y := &g.pads[v], &g.pads[u]
	return x.read >= y.read && x.write >= y.write && x.portRead >= y.portRead && x.portWrite >= y.portWrite
}
