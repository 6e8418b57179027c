package residency

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// mostTensors bounds the traces of the exhaustive search.
const mostTensors = 9

// held is the state of the buffer between two steps, in elements by tensor.
type held struct{ res, dirty [mostTensors]int8 }

// exhaustive searches all schedules of a trace without tensors that live across
// iterations: before every step any part of any tensor may leave, any operand
// may be held, any tile taken, and any part of what passes may stay. Elements
// are two bytes; every step touches whole tensors.
type exhaustive struct {
	p        *Manager
	capacity int
	best     map[held]float64 // least traffic, in bytes, by state after the steps so far
	next     map[held]float64
}

func (x *exhaustive) size(k int32) int { return int(x.p.trace.Tensors[k].Elems) }

func (x *exhaustive) run() float64 {
	x.best = map[held]float64{{}: 0}
	for i := range x.p.steps {
		x.next = map[held]float64{}
		// Everything that may leave before the step leaves one element at a time.
		states := x.thinned()
		for s, cost := range states {
			x.step(&x.p.steps[i], s, cost)
		}
		x.best = x.next
	}
	least := math.Inf(1)
	for _, c := range x.best {
		least = min(least, c)
	}
	return least
}

// thinned adds to the states all those with less in the buffer.
func (x *exhaustive) thinned() map[held]float64 {
	all := map[held]float64{}
	var add func(s held, cost float64)
	add = func(s held, cost float64) {
		if c, ok := all[s]; ok && c <= cost {
			return
		}
		all[s] = cost
		for k := range s.res {
			if s.res[k] == 0 {
				continue
			}
			t, c := s, cost
			t.res[k]--
			if t.dirty[k] > t.res[k] {
				t.dirty[k]--
				c += 2
			}
			add(t, c)
		}
	}
	for s, c := range x.best {
		add(s, c)
	}
	return all
}

func (x *exhaustive) step(st *step, s held, cost float64) {
	if !st.nest {
		x.pass(st, s, cost, 0, 0, nil)
		return
	}
	for mask := range 8 {
		curve := st.curve(mask)
		for i := range curve {
			x.pass(st, s, cost, mask, int(math.Ceil(curve[i].space/2)), &curve[i])
		}
	}
}

// pass runs a step with a mask and a tile, and goes on with every choice of
// what stays of the operands that pass.
func (x *exhaustive) pass(st *step, s held, cost float64, mask, working int, p *stair) {
	var room [mostTensors]int // elements that pass and may stay
	written := map[int32]bool{}
	for _, u := range st.uses {
		k := u.tensor
		miss := x.size(k) - int(s.res[k])
		hold := u.part <= out && mask>>u.part&1 == 1
		switch u.part {
		case in0, in1, extraRead:
			switch {
			case hold:
				cost += 2 * float64(miss)
				s.res[k] += int8(miss)
			case u.part == extraRead:
				cost += 2 * float64(miss)
				room[k] = miss
			default:
				cost += p.read[u.part] * 2 * float64(miss) / st.whole[u.part]
				room[k] = miss
			}
		default:
			written[k] = true
			final := st.touches[u.touch].next != none || x.p.trace.Tensors[k].Output
			if hold {
				s.res[k], s.dirty[k] = int8(x.size(k)), int8(x.size(k))
				continue
			}
			if u.part == out {
				cost += p.read[out] + p.write[out] - st.unsaved
			} else if final {
				cost += 2 * float64(x.size(k))
			}
			room[k] = x.size(k)
		}
	}
	used := working
	for k := range s.res {
		used += int(s.res[k])
	}
	if used > x.capacity {
		return
	}
	// A vector step frees what it reads for the last time as it goes.
	after := func() {
		for _, c := range st.touches {
			if c.next == none {
				if x.p.trace.Tensors[c.tensor].Output {
					cost += 2 * float64(s.dirty[c.tensor])
				}
				used -= int(s.res[c.tensor])
				s.res[c.tensor], s.dirty[c.tensor] = 0, 0
			}
		}
	}
	if !st.nest {
		after()
	}
	var stay func(j int, s held, used int, cost float64)
	stay = func(j int, s held, used int, cost float64) {
		if j == len(st.touches) {
			for _, c := range st.touches {
				if c.next == none {
					s.res[c.tensor], s.dirty[c.tensor] = 0, 0
				}
			}
			if c, ok := x.next[s]; !ok || cost < c {
				x.next[s] = cost
			}
			return
		}
		k := st.touches[j].tensor
		stay(j+1, s, used, cost)
		if st.touches[j].next == none {
			return
		}
		for n := 1; n <= room[k] && used+n <= x.capacity; n++ {
			t, c := s, cost
			t.res[k] += int8(n)
			if written[k] {
				t.dirty[k] += int8(n)
				c -= 2 * float64(n)
			}
			stay(j+1, t, used+n, c)
		}
	}
	if st.nest {
		for _, c := range st.touches {
			if c.next == none && x.p.trace.Tensors[c.tensor].Output {
				cost += 2 * float64(s.dirty[c.tensor])
			}
		}
	}
	stay(0, s, used, cost)
}

// TestOptimum compares the best policy with the optimum over all schedules of small traces
// and prints the distribution of the ratio.
func TestOptimum(t *testing.T) {
	var ratios []float64
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrace(t, 8, 3)
		if len(tr.Tensors) > mostTensors {
			return
		}
		for k := range tr.Tensors {
			if tr.Tensors[k].Persistent {
				tr.Tensors[k].Persistent, tr.Tensors[k].External = false, true
			}
		}
		tr.Steps = slices.DeleteFunc(tr.Steps, func(s workload.Step) bool { return s.Name == "update" })
		p, err := New(tr, Conventions{AccumBytes: 2})
		if err != nil {
			t.Fatal(err)
		}
		capacity := rapid.Int64Range(3, 16).Draw(t, "capacity")
		if p.Fits(2*capacity) != nil {
			return
		}
		x := exhaustive{p: p, capacity: int(capacity)}
		least, got := x.run(), p.Alone(2*capacity).Total()
		for _, by := range []policy{byPressure, byDistance, byNearness} {
			got = min(got, newSimulator(p).run(2*float64(capacity), by).Total())
		}
		if got < least-1e-9 {
			t.Fatalf("%g bytes, the least of all schedules is %g", got, least)
		}
		if least < p.Compulsory() {
			t.Fatalf("exhaustive search finds %g bytes, compulsory are %g", least, p.Compulsory())
		}
		ratios = append(ratios, got/least)
	})
	slices.Sort(ratios)
	n := len(ratios)
	mean := 0.0
	optimal := 0
	for _, r := range ratios {
		mean += r / float64(n)
		if r <= 1+1e-9 {
			optimal++
		}
	}
	t.Logf("%d traces: optimal %d, mean ratio %.4f, median %.4f, 90 %% %.4f, 99 %% %.4f, worst %.4f",
		n, optimal, mean, ratios[n/2], ratios[n*9/10], ratios[n*99/100], ratios[n-1])
	if testing.Short() {
		return // too few to judge the mean
	}
	if n < 20 || mean > 1.06 || optimal < n*2/3 {
		t.Errorf("mean ratio %.4f, optimal in %d of %d traces", mean, optimal, n)
	}
}
