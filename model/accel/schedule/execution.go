package schedule

import (
	"stco/model/accel/residency"
	"stco/model/workload"
)

// Row is one step of an execution.
type Row struct {
	Level, Step int32
	Repeat      float64 // times in one pass over the groups
}

// Execution is an order of work with the DRAM traffic that it causes. A pass
// goes once over all groups; an iteration consists of Outer passes. Amounts are
// bytes. Lifetimes within a round are those of its first time.
type Execution struct {
	Capacity    float64 // bytes, for which it was found: a larger buffer leaves as much more room
	Samples     int     // of a pass
	Outer       float64
	Groups      []Stack
	Rows        []Row
	Read, Write []float64                      // from and to DRAM, by row, one time
	Room        []float64                      // of the buffer that a row leaves free
	After       []int32                        // last row of its round whose DRAM writes a row's reads wait for, by row; -1: none
	ClassRead   [workload.NumClasses]float64   // from DRAM, per iteration
	ClassWrite  [workload.NumClasses]float64   // to DRAM, per iteration
	Live        [workload.NumClasses][]float64 // resident by row, on average over its times; nil for a class that never is
	Stays       [workload.NumClasses][]residency.Stay
	Permanent   [workload.NumClasses]float64 // resident throughout and never rewritten
	Age         [workload.NumClasses]float64 // iterations that the oldest bytes have lived through, of data written in part

	total     float64
	structure structure
	held      []float64 // bytes over the rounds, by group
}

// Total returns the DRAM bytes of an iteration.
func (e *Execution) Total() float64 { return e.total }

func (e *Execution) sum() {
	pass := 0.0
	for i := range e.Rows {
		pass += (e.Read[i] + e.Write[i]) * e.Rows[i].Repeat
	}
	e.total = pass * e.Outer
}

// scaled returns the execution done several times over.
func (e *Execution) scaled(by float64) *Execution {
	x := *e
	x.Outer *= by
	for c := range x.ClassRead {
		x.ClassRead[c] *= by
		x.ClassWrite[c] *= by
	}
	x.total *= by
	return &x
}

func (e *Execution) live(c workload.Class) []float64 {
	if len(e.Live[c]) < len(e.Rows) {
		e.Live[c] = append(e.Live[c], make([]float64, len(e.Rows)-len(e.Live[c]))...)
	}
	return e.Live[c]
}

// holds counts bytes resident from row first to before row end.
func (e *Execution) holds(c workload.Class, bytes float64, first, end int) {
	if bytes <= 0 {
		return
	}
	l := e.live(c)
	for i := first; i < end; i++ {
		l[i] += bytes
	}
}

// Kept is an execution as it is written down: without what a search for another
// capacity begins from.
type Kept struct {
	What  Execution
	Total float64   // DRAM bytes of an iteration
	Held  []float64 // bytes held over the rounds, as estimated, by group
}

// Keep returns the execution to be written down.
func (e *Execution) Keep() Kept {
	k := Kept{What: *e, Total: e.total}
	for i := range e.Groups {
		k.Held = append(k.Held, e.Groups[i].held)
	}
	return k
}

// Execution returns the execution that was written down.
func (k *Kept) Execution() *Execution {
	e := k.What
	e.total = k.Total
	for i := range min(len(e.Groups), len(k.Held)) {
		e.Groups[i].held = k.Held[i]
	}
	return &e
}
