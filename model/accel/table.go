package accel

import (
	"fmt"
	"math/bits"
	"sync"

	"stco/model/accel/residency"
	"stco/model/workload"
)

// The ladder of capacities: four Rungs an octave from 16 KiB. The manager of a
// buffer uses the largest rung that fits, so that traffic tables are shared
// and traffic never rises with capacity.
const (
	ladderBase = 16 << 10
	perOctave  = 4
	// Rungs is the number of capacities of the ladder.
	Rungs = 27 * perOctave
)

// Rung returns the capacity of step k of the ladder, bytes.
func Rung(k int) int64 {
	return int64(perOctave+k%perOctave) << (k / perOctave) * (ladderBase / perOctave)
}

// RungOf returns the index of the largest rung not above a capacity, or an
// error outside the ladder (16 KiB to 1 TiB).
func RungOf(capacity int64) (int, error) {
	if capacity < ladderBase || capacity > Rung(Rungs-1) {
		return 0, fmt.Errorf("capacity %d B is outside %d B to %d B", capacity, int64(ladderBase), Rung(Rungs-1))
	}
	octave := bits.Len64(uint64(capacity/ladderBase)) - 1
	k := octave * perOctave
	for k+1 < Rungs && Rung(k+1) <= capacity {
		k++
	}
	return k, nil
}

// load is what one step asks of the machine, at one capacity.
type load struct {
	cycles          float64 // of the PE array or the vector lanes
	read, write     float64 // buffer bytes: PE side and DRAM side together
	peRead, peWrite float64 // PE buffer bytes; 0 without one
	dram            float64 // DRAM bytes, both ways
	dramRead        float64 // of these, read
	fills           float64 // 1 when the step starts with data from DRAM
	macs, ops       float64
}

// Table is a trace at one capacity: the load of every step, DRAM traffic by
// class, and the on-chip lifetimes of the data.
type Table struct {
	Capacity int64 // of the rung, bytes

	loads []load
	pads  []padLoad // by step; nil without a scratchpad in use
	stays [workload.NumClasses][]residency.Stay
	live  [workload.NumClasses][]float64

	digest *digest // of a table that is evaluated

	Cycles              float64                      // sum over steps
	MACs, VectorOps     float64                      //
	BufRead, BufWrite   float64                      // bytes per iteration; with a scratchpad those of the other part
	PadRead, PadWrite   float64                      // bytes of the scratchpad
	PERead, PEWrite     float64                      // bytes of the PE buffer
	DRAMRead, DRAMWrite [workload.NumClasses]float64 // bytes per iteration
	Permanent           [workload.NumClasses]float64 // bytes resident across iterations and never rewritten
	Age                 [workload.NumClasses]float64 // iterations that the oldest bytes have lived through, of data written in part
	PeakLive            float64                      // largest number of resident bytes

	ReadDemand, WriteDemand, DRAMDemand float64 // bytes per cycle of the steps on the PE array, mean over their cycles
}

// DRAMBytes returns the DRAM traffic of an iteration.
func (t *Table) DRAMBytes() float64 {
	sum := 0.0
	for c := range t.DRAMRead {
		sum += t.DRAMRead[c] + t.DRAMWrite[c]
	}
	return sum
}

// Steps returns the number of steps of the trace.
func (t *Table) Steps() int { return len(t.loads) }

type tableSlot struct {
	once sync.Once
	t    *Table
	err  error
}

type scheduleSlot struct {
	once sync.Once
	s    *residency.Schedule
	err  error
}

// Table returns the trace at the largest rung not above capacity, behind the
// PE buffer of the array. The first call for a rung simulates it and all
// smaller ones: a larger buffer can always be run as a smaller one, so the best
// schedule of all is kept.
func (p *Plan) Table(capacity int64) (*Table, error) { return p.Hybrid(capacity, 0) }

// rung returns the trace at step k of the ladder with a buffer that the PE
// array reads and writes itself.
func (p *Plan) rung(k int) (*Table, error) {
	slot := &p.tables[k]
	slot.once.Do(func() {
		s, err := p.schedule(k)
		if err != nil {
			slot.err = err
			return
		}
		slot.t = p.table(Rung(k), s)
	})
	return slot.t, slot.err
}

// schedule returns the execution at a rung.
func (p *Plan) schedule(k int) (*residency.Schedule, error) {
	slot := &p.schedules[k]
	slot.once.Do(func() {
		if slot.err = p.residency.Fits(Rung(k)); slot.err != nil {
			return
		}
		var smaller *residency.Schedule
		if k > 0 {
			smaller, _ = p.schedule(k - 1) // too small a rung is no error for a larger one
		}
		slot.s = p.run(Rung(k), smaller)
	})
	return slot.s, slot.err
}

// run returns the better of the schedule at a capacity and that of a smaller
// one.
func (p *Plan) run(capacity int64, smaller *residency.Schedule) *residency.Schedule {
	if smaller != nil && smaller.Total() <= p.Compulsory+0.5 {
		return smaller
	}
	var s *residency.Schedule
	if p.opts.NoResidency {
		s = p.residency.Alone(capacity)
	} else {
		s = p.residency.Run(capacity)
	}
	if smaller != nil && smaller.Total() <= s.Total() {
		return smaller
	}
	return s
}

func (p *Plan) table(capacity int64, s *residency.Schedule) *Table {
	t := &Table{
		Capacity: capacity, loads: make([]load, len(p.steps)), stays: s.Stays,
		DRAMRead: s.ClassRead, DRAMWrite: s.ClassWrite, Permanent: s.Permanent, Age: s.Age,
	}
	var onArray float64
	for i := range p.steps {
		st := &p.steps[i]
		l := load{
			cycles: st.cycles, read: st.peReads + s.Write[i], write: st.peWrites + s.Read[i],
			dram: s.Read[i] + s.Write[i], dramRead: s.Read[i], macs: st.macs, ops: st.ops,
		}
		if s.Read[i] > 0 {
			l.fills = 1
		}
		t.loads[i] = l
		t.Cycles += l.cycles
		t.MACs += l.macs
		t.VectorOps += l.ops
		t.BufRead += l.read
		t.BufWrite += l.write
		if st.nest {
			onArray += l.cycles
			t.ReadDemand += l.read
			t.WriteDemand += l.write
			t.DRAMDemand += l.dram
		}
		live := 0.0
		for c := range s.Live {
			if s.Live[c] != nil {
				live += s.Live[c][i]
			}
		}
		t.PeakLive = max(t.PeakLive, live)
	}
	if onArray > 0 {
		t.ReadDemand /= onArray
		t.WriteDemand /= onArray
		t.DRAMDemand /= onArray
	}
	for c := range s.Live {
		for _, x := range s.Live[c] {
			if x > 0 {
				t.live[c] = s.Live[c]
				break
			}
		}
	}
	return t
}
