package schedule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"stco/model/accel/residency"
	"stco/model/workload"
)

// The exact model of testdata/published/schedules_small.json, solved here by a
// linear programme for every schedule: cuts, sub-batches, an outer loop. It shares
// nothing with the search: neither simulator nor estimate.

// slice is a part of a tensor with equal touches for all its samples.
type slice struct {
	size           float64
	touches        []int // executions, ascending
	wraps, written bool  // a weight; made inside, with its first touch
	output         bool
}

// exactOrder is one schedule as a list of executions.
type exactOrder struct {
	first, end, sub []int  // groups: steps, samples of a round
	descending      []bool // the last samples first
}

// slices returns the executions of an order for d samples and the slices of all
// tensors.
func (x *instance) slices(o *exactOrder, d int) (executions int, list []slice) {
	start := make([]int, len(o.first))
	for g := range o.first {
		start[g] = executions
		executions += (o.end[g] - o.first[g]) * (d / o.sub[g])
	}
	at := func(step, sample int) int { // execution in which a step runs a sample
		for g := range o.first {
			if step >= o.first[g] && step < o.end[g] {
				if o.descending[g] {
					sample = d - 1 - sample
				}
				return start[g] + sample/o.sub[g]*(o.end[g]-o.first[g]) + step - o.first[g]
			}
		}
		panic("no group")
	}
	for name, t := range x.Tensors {
		var steps []int
		made := false
		for i, s := range x.Steps {
			used := false
			for _, r := range s.Reads {
				used = used || r == name
			}
			for _, w := range s.Writes {
				used, made = used || w == name, made || w == name
			}
			if used {
				steps = append(steps, i)
			}
		}
		if len(steps) == 0 {
			continue
		}
		if t.Kind == "weight" {
			s := slice{size: float64(t.Size), wraps: true}
			for e := range executions {
				for _, i := range steps {
					for n := range d {
						if at(i, n) == e && (len(s.touches) == 0 || s.touches[len(s.touches)-1] != e) {
							s.touches = append(s.touches, e)
						}
					}
				}
			}
			list = append(list, s)
			continue
		}
		known := map[string]int{}
		for n := range d {
			s := slice{size: float64(t.Size), written: made, output: t.Kind == "output"}
			for _, i := range steps {
				s.touches = append(s.touches, at(i, n))
			}
			key := fmt.Sprint(s.touches)
			if k, ok := known[key]; ok {
				list[k].size += float64(t.Size)
				continue
			}
			known[key] = len(list)
			list = append(list, s)
		}
	}
	return executions, list
}

// traffic returns the least units that an order moves for d samples in a steady
// state.
func (x *instance) traffic(o *exactOrder, d int) float64 {
	executions, list := x.slices(o, d)
	cost := 0.0
	var p program
	p.rows = make([]row, executions)
	for e := range p.rows {
		p.rows[e].bound = float64(x.Capacity)
	}
	for i := range list {
		s := &list[i]
		n := len(s.touches)
		reads := n
		if s.written {
			reads--
			if s.output || reads > 0 {
				cost += s.size // written
			}
		}
		cost += float64(reads) * s.size
		// Intervals between touches.
		count := n - 1
		if s.wraps {
			count = n
		}
		held := make([]int, count)
		for j := range held {
			held[j] = p.variable(1)
			p.add(s.size, term{held[j], 1})
			from, to := s.touches[j], s.touches[(j+1)%n]
			switch {
			case to > from:
				for e := from + 1; e < to; e++ {
					p.rows[e].terms = append(p.rows[e].terms, term{held[j], 1})
				}
			case n > 1: // around the end
				for e := from + 1; e < executions; e++ {
					p.rows[e].terms = append(p.rows[e].terms, term{held[j], 1})
				}
				for e := range to {
					p.rows[e].terms = append(p.rows[e].terms, term{held[j], 1})
				}
			default: // one touch: in every execution
				for e := range executions {
					if e != from {
						p.rows[e].terms = append(p.rows[e].terms, term{held[j], 1})
					}
				}
			}
		}
		// At a touch the larger of the intervals on both sides.
		for k, e := range s.touches {
			before, after := k-1, k
			if s.wraps {
				before = (k + n - 1) % n
			}
			switch {
			case count == 0:
			case before < 0:
				p.rows[e].terms = append(p.rows[e].terms, term{held[after], 1})
			case after >= count || before == after:
				p.rows[e].terms = append(p.rows[e].terms, term{held[before], 1})
			default:
				more := p.variable(0)
				p.rows[e].terms = append(p.rows[e].terms, term{held[before], 1}, term{more, 1})
				p.add(0, term{held[after], 1}, term{held[before], -1}, term{more, -1})
			}
		}
		// What is held over all intervals is not written.
		if s.written && !s.output && count > 0 {
			all := p.variable(1)
			for _, h := range held {
				p.add(0, term{all, 1}, term{h, -1})
			}
		}
	}
	return cost - p.solve()
}

// optimum returns the least units over all schedules, an outer loop included; with
// rounds in both orders or only ascending.
func (x *instance) optimum(orders int) float64 {
	best := math.Inf(1)
	steps := len(x.Steps)
	for d := 1; d <= x.Batch; d++ {
		if x.Batch%d != 0 {
			continue
		}
		var o exactOrder
		var extend func(from int)
		extend = func(from int) {
			if from == steps {
				best = min(best, float64(x.Batch/d)*x.traffic(&o, d))
				return
			}
			for end := from + 1; end <= steps; end++ {
				for sub := 1; sub <= d; sub++ {
					if d%sub != 0 || sub == d && from > 0 && o.sub[len(o.sub)-1] == d {
						continue // two groups of one round are one
					}
					n := len(o.first)
					for order := range orders {
						if order == 1 && sub == d {
							continue
						}
						o.first, o.end, o.sub, o.descending = append(o.first, from), append(o.end, end), append(o.sub, sub), append(o.descending, order == 1)
						extend(end)
						o.first, o.end, o.sub, o.descending = o.first[:n], o.end[:n], o.sub[:n], o.descending[:n]
					}
				}
			}
		}
		extend(0)
	}
	return best
}

// program is a linear programme: the largest sum of gains of variables at least 0
// under rows whose bounds are at least 0.
type program struct {
	gain []float64
	rows []row
}

type term struct {
	variable int
	by       float64
}

type row struct {
	terms []term
	bound float64
}

func (p *program) variable(gain float64) int {
	p.gain = append(p.gain, gain)
	return len(p.gain) - 1
}

func (p *program) add(bound float64, terms ...term) { p.rows = append(p.rows, row{terms, bound}) }

// solve is the primal simplex on a condensed tableau: largest gain first, Bland's
// rule after a run of steps that gain nothing.
func (p *program) solve() float64 {
	m, n := len(p.rows), len(p.gain)
	t := make([][]float64, m+1)
	for i := range t {
		t[i] = make([]float64, n+1)
	}
	for i, r := range p.rows {
		for _, x := range r.terms {
			t[i][x.variable] += x.by
		}
		t[i][n] = r.bound
	}
	for j, g := range p.gain {
		t[m][j] = -g
	}
	basic, free := make([]int, m), make([]int, n)
	for i := range basic {
		basic[i] = n + i
	}
	for j := range free {
		free[j] = j
	}
	const eps = 1e-9
	idle := 0
	for {
		enter, most := -1, -eps
		for j := range n {
			if v := t[m][j]; v < -eps && (idle < 50 && v < most || idle >= 50 && (enter < 0 || free[j] < free[enter])) {
				enter, most = j, v
			}
		}
		if enter < 0 {
			return t[m][n]
		}
		leave, least := -1, math.Inf(1)
		for i := range m {
			if a := t[i][enter]; a > eps {
				if v := t[i][n] / a; v < least-eps || v < least+eps && leave >= 0 && basic[i] < basic[leave] {
					leave, least = i, v
				}
			}
		}
		if leave < 0 {
			panic("unbounded")
		}
		if idle++; least > eps {
			idle = 0
		}
		pivot := t[leave][enter]
		for j := range t[leave] {
			t[leave][j] /= pivot
		}
		t[leave][enter] = 1 / pivot
		for i := range t {
			if f := t[i][enter]; i != leave && f != 0 {
				for j := range t[i] {
					if j != enter {
						t[i][j] -= f * t[leave][j]
					}
				}
				t[i][enter] = -f / pivot
			}
		}
		basic[leave], free[enter] = free[enter], basic[leave]
	}
}

// TestExact holds the linear programme to the published optima.
func TestExact(t *testing.T) {
	for _, x := range instances(t) {
		if len(x.Steps) > 4 && x.Batch > 2 {
			continue // thousands of schedules
		}
		if got := x.optimum(2); math.Abs(got-*x.Stream.Optimum) > 1e-6 {
			t.Errorf("%s: %g units, published %g", x.ID, got, *x.Stream.Optimum)
		}
	}
}

// drawn returns a random graph of the kinds of the published ones: chains of equal
// or alternating sizes, chains that narrow while weights grow, residuals.
func drawn(r *rand.Rand, most int) *instance {
	type tensor = struct {
		Kind string `json:"kind"`
		Size int64  `json:"size"`
	}
	x := &instance{Batch: []int{1, 2, 4}[r.IntN(3)], Tensors: map[string]tensor{}}
	steps := 2 + r.IntN(most-1)
	kind := r.IntN(4)
	size := func(least, most int) int64 { return int64(least + r.IntN(most-least+1)) }
	x.Tensors["x"] = tensor{"input", size(1, 8)}
	heavy := r.IntN(2) == 1
	narrow := float64(size(12, 13))
	all := int64(0)
	for i := range steps {
		a, w := size(1, 8), size(1, 4)
		if heavy {
			w = size(5, 20)
		}
		switch kind {
		case 1: // narrows
			a, w = max(1, int64(math.Round(narrow))), 1<<min(5, r.IntN(2)+i)
			narrow /= 1.85
		case 2: // alternates
			if a = size(1, 3); i%2 == 0 {
				a = size(8, 16)
			}
		}
		t, name := tensor{"act", a}, fmt.Sprintf("t%d", i+1)
		if i == steps-1 {
			t.Kind = "output"
		}
		x.Tensors[name] = t
		before := "x"
		if i > 0 {
			before = fmt.Sprintf("t%d", i)
		}
		x.Steps = append(x.Steps, struct {
			Name   string   `json:"name"`
			Reads  []string `json:"reads"`
			Writes []string `json:"writes"`
		}{fmt.Sprintf("s%d", i), []string{before}, []string{name}})
		if r.IntN(6) > 0 {
			x.Tensors["w"+strconv.Itoa(i)] = tensor{"weight", w}
			x.Steps[i].Reads = append(x.Steps[i].Reads, "w"+strconv.Itoa(i))
			all += w
		}
		if kind == 3 && i > 0 && r.IntN(3) > 0 { // reads something older too
			older := "x"
			if k := r.IntN(i); k > 0 {
				older = fmt.Sprintf("t%d", k)
			}
			x.Steps[i].Reads = append(x.Steps[i].Reads, older)
		}
		all += a * int64(x.Batch)
	}
	x.Capacity = max(3, int64(float64(all)*[]float64{0.08, 0.15, 0.25, 0.4, 0.6}[r.IntN(5)]))
	return x
}

// ofOptimum returns the traffic of the search over the optimum.
func ofOptimum(tb testing.TB, x *instance) float64 {
	tb.Helper()
	n, err := New(&Traces{Whole: x.trace(x.Batch), Part: func(batch, _ int) (*workload.Trace, error) { return x.trace(batch), nil }}, residency.Conventions{AccumBytes: 4, Apart: true})
	if err != nil {
		tb.Fatal(err)
	}
	return least(candidates(n, x.Capacity*unit)).Total() / unit / x.optimum(1)
}

// TestDrawnOptima compares random graphs with their optima.
func TestDrawnOptima(t *testing.T) {
	count, steps := 60, 4
	if s := os.Getenv("DRAWN"); s != "" {
		count, _ = strconv.Atoi(s)
		steps = 6
	}
	sum, worst := 0.0, 0.0
	for i := range count {
		x := drawn(rand.New(rand.NewPCG(uint64(i), 7)), steps)
		ratio := ofOptimum(t, x)
		if ratio > 1.1 {
			t.Logf("%d: batch %d, capacity %d, %v %v: %.3f", i, x.Batch, x.Capacity, x.Tensors, x.Steps, ratio)
		}
		if ratio < 1-1e-9 {
			t.Errorf("%d: %.4f of the optimum", i, ratio)
		}
		sum, worst = sum+ratio, max(worst, ratio)
	}
	t.Logf("mean %.4f, worst %.4f of %d", sum/float64(count), worst, count)
	if mean := sum / float64(count); mean > 1.05 || worst > 1.25 {
		t.Errorf("%.4f of the optimum in the mean, %.4f at worst", mean, worst)
	}
}
