package accel

import (
	"fmt"
	"math"

	"stco/model/accel/overlap"
)

// run is a kind of run: windows between which the DRAM may be ahead or behind. It
// begins and ends even.
type run struct {
	first, end int32   // windows
	count      float64 // in a pass
	fills      float64 // 1 when it starts with data from DRAM
	// ample is the least number of cycles over DRAM bytes of its windows: where a
	// byte takes no more the array alone takes as long and nothing stalls.
	ample float64
}

// window is a window of a run.
type window struct {
	first, end    int32 // entries
	read, bytes   float64
	ahead, behind float64 // bytes
}

// entry are rows of a window that are of one kind.
type entry struct {
	count float64
	kind  int32
}

// terms is the number of kinds and of stalls.
func (g *digest) terms() int { return len(g.times) + len(g.windows) }

// fills returns 1 for the first window of a run that starts with data from DRAM.
// term is the place of its stall, -1: none.
func (g *digest) fills(term int32) float64 {
	for i := range g.runs {
		if int32(len(g.times))+g.runs[i].first == term {
			return g.runs[i].fills
		}
	}
	return 0
}

// windows returns the runs of a table that are more than a step: windows of several
// rows, or that share their DRAM transfers with others.
func (t *Traffic) windows() [][]overlap.Span {
	if t.mode == overlap.Step || len(t.loads) == 0 {
		return nil
	}
	if t.mode == overlap.Ideal {
		if t.DRAMBytes() == 0 {
			return nil
		}
		return [][]overlap.Span{{{First: 0, End: len(t.loads)}}}
	}
	rows := make([]overlap.Flow, len(t.loads))
	for i := range rows {
		l := &t.loads[i]
		rows[i] = overlap.Flow{Read: l.dramRead, Write: l.dramWrite(), Room: l.room, After: l.after, Begins: i == 0 || l.repeat != t.loads[i-1].repeat}
	}
	at := 0
	for _, g := range t.groups {
		for range min(g.Rounds, 2) {
			rows[at].Begins = true
			at += g.End - g.First
		}
	}
	var list [][]overlap.Span
	var now []overlap.Span
	for _, s := range overlap.Windows(rows) {
		if now = append(now, s); s.Ahead+s.Behind > 0 {
			continue
		}
		moved := 0.0
		for i := now[0].First; i < s.End; i++ {
			moved += rows[i].Read + rows[i].Write
		}
		if s.End > now[0].First+1 && moved > 0 {
			list = append(list, now)
		}
		now = nil
	}
	return list
}

// stalls says which rows are in windows.
type stalls struct {
	of    []int32   // index of the stall among the terms, by row; -1: none
	times []float64 // by row: windows that begin there, in a pass
}

func (s *stalls) begins(row int) bool { return s.times[row] > 0 }

// findWindows fills runs, windows, entries and stalls. ids are the kinds of the rows.
func (g *digest) findWindows(t *Traffic, ids []int32, runs [][]overlap.Span) {
	s := &stalls{of: make([]int32, len(ids)), times: make([]float64, len(ids))}
	for i := range s.of {
		s.of[i] = -1
	}
	known := map[string]int{}
	for _, spans := range runs {
		windows, entries, r := t.run(spans, ids)
		key := fmt.Sprint(windows, entries, r)
		at, seen := known[key]
		if !seen {
			at = len(g.runs)
			known[key] = at
			r.first, r.end = int32(len(g.windows)), int32(len(g.windows)+len(windows))
			for i := range windows {
				windows[i].first += int32(len(g.entries))
				windows[i].end += int32(len(g.entries))
			}
			g.runs, g.windows, g.entries = append(g.runs, r), append(g.windows, windows...), append(g.entries, entries...)
		}
		times := t.times(spans[0].First)
		g.runs[at].count += times
		for j, x := range spans {
			s.times[x.First] = times
			for i := x.First; i < x.End; i++ {
				s.of[i] = int32(len(g.times)) + g.runs[at].first + int32(j)
			}
		}
	}
	g.stalls = s
}

// times returns how often the window of a row comes in a pass.
func (t *Traffic) times(row int) float64 {
	if t.mode == overlap.Ideal {
		return 1
	}
	return t.loads[row].repeat
}

// run returns a run, its windows and their entries, counted from 0.
func (t *Traffic) run(spans []overlap.Span, ids []int32) (windows []window, entries []entry, r run) {
	r.ample = math.Inf(1)
	ideal := t.mode == overlap.Ideal
	if t.loads[spans[0].First].dramRead > 0 {
		r.fills = 1
	}
	for _, x := range spans {
		w, cycles := window{first: int32(len(entries)), ahead: x.Ahead, behind: x.Behind}, 0.0
		for i := x.First; i < x.End; i++ {
			l, times := &t.loads[i], 1.0
			if ideal {
				times = l.repeat
			} else {
				w.read += l.dramRead
			}
			w.bytes += l.dram * times
			cycles += l.cycles * times
			at := int(w.first)
			for at < len(entries) && entries[at].kind != ids[i] {
				at++
			}
			if at == len(entries) {
				entries = append(entries, entry{kind: ids[i]})
			}
			entries[at].count += times
		}
		w.end = int32(len(entries))
		windows = append(windows, w)
		if w.bytes > 0 {
			r.ample = min(r.ample, cycles/w.bytes)
		}
	}
	return windows, entries, r
}

// stall fills the stalls of the windows, s beyond the work of their rows, behind
// the times of the kinds, and returns the sum over a pass.
func (g *digest) stall(m *Memory, k *rates, times []float64) float64 {
	total := 0.0
	perCycle := m.DRAMTime / k.cycle
	stalls := times[len(g.times):]
	for i := range g.runs {
		r := &g.runs[i]
		here := stalls[r.first:r.end]
		if perCycle <= r.ample {
			clear(here)
			here[0] = r.fills * m.DRAMLatency
			total += r.count * here[0]
			continue
		}
		x, sum := 0.0, 0.0 // how far the DRAM is ahead, s
		for j := range here {
			w := &g.windows[int(r.first)+j]
			work := g.work(w, times)
			read, bytes := w.read*m.DRAMTime, w.bytes*m.DRAMTime
			late := max(0, read-work-max(x, 0), bytes-work-x-w.behind*m.DRAMTime)
			x = min(x+work+late-bytes, w.ahead*m.DRAMTime)
			here[j] = late
			sum += late
		}
		here[0] += r.fills * m.DRAMLatency
		total += r.count * (sum + r.fills*m.DRAMLatency)
	}
	return total
}

// work returns the time of the rows of a window beside DRAM transfers.
func (g *digest) work(w *window, times []float64) float64 {
	e := g.entries[w.first:w.end]
	var a, b float64
	for len(e) >= 2 {
		a += e[0].count * times[e[0].kind]
		b += e[1].count * times[e[1].kind]
		e = e[2:]
	}
	if len(e) > 0 {
		a += e[0].count * times[e[0].kind]
	}
	return a + b
}
