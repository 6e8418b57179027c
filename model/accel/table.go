package accel

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sync"

	"stco/model/accel/overlap"
	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/workload"
)

// The grid of capacities: four an octave from 16 KiB. The manager of a
// buffer uses the largest grid capacity that fits, so that traffic tables are shared
// and traffic never rises with capacity.
const (
	gridBase  = 16 << 10
	perOctave = 4
	// GridSize is the number of capacities of the grid.
	GridSize = 27 * perOctave
)

// LeastCapacity is the smallest buffer for which traffic is counted, bytes.
const LeastCapacity = 1 << 10

// GridCapacity returns capacity k of the grid, bytes.
func GridCapacity(k int) int64 {
	return int64(perOctave+k%perOctave) << (k / perOctave) * (gridBase / perOctave)
}

// GridIndex returns the index of the largest grid capacity not above a capacity, or an
// error outside the ladder (16 KiB to 1 TiB).
func GridIndex(capacity int64) (int, error) {
	if capacity < gridBase || capacity > GridCapacity(GridSize-1) {
		return 0, fmt.Errorf("capacity %d B is outside %d B to %d B", capacity, int64(gridBase), GridCapacity(GridSize-1))
	}
	octave := bits.Len64(uint64(capacity/gridBase)) - 1
	k := octave * perOctave
	for k+1 < GridSize && GridCapacity(k+1) <= capacity {
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
	repeat          float64 // times in one pass of the schedule
	room            float64 // buffer bytes that the schedule leaves free
	after           int32   // row whose DRAM writes it waits for, -1: none
}

// Traffic is a trace at one capacity: the load of every step, DRAM traffic by
// class, and the on-chip lifetimes of the data.
type Traffic struct {
	Capacity int64 // that of the grid, bytes

	rows   []schedule.Row
	loads  []load    // by row, one time
	pads   []padLoad // by row; nil without a scratchpad in use
	outer  float64   // passes of the schedule in an iteration
	groups []schedule.Stack
	mode   overlap.Mode
	others []*Traffic // schedules with more traffic and less time on the PE array
	stays  [workload.NumClasses][]residency.Stay
	live   [workload.NumClasses][]float64
	reads  reads

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
func (t *Traffic) DRAMBytes() float64 {
	sum := 0.0
	for c := range t.DRAMRead {
		sum += t.DRAMRead[c] + t.DRAMWrite[c]
	}
	return sum
}

// step returns what a row asks of the PE array.
func (p *Plan) step(r schedule.Row) *planStep { return &p.steps[r.Level][r.Step] }

// traceStep returns the step of a row, in the trace of its part of the batch.
func (p *Plan) traceStep(r schedule.Row) *workload.Step { return &p.traces[r.Level].Steps[r.Step] }

// Steps returns the number of rows of the schedule: steps, and of groups that run
// several times those of the first time and of the others.
func (t *Traffic) Steps() int { return len(t.loads) }

type tableSlot struct {
	once sync.Once
	t    *Traffic
	err  error
}

type scheduleSlot struct {
	once sync.Once
	s    []*schedule.Execution
	err  error
}

// Table returns the trace at the largest grid capacity not above capacity, behind the
// PE buffer of the array. The first call for a grid capacity simulates it and all
// smaller ones: a larger buffer can always be run as a smaller one, so the best
// schedule of all is kept.
func (p *Plan) Table(capacity int64) (*Traffic, error) { return p.Hybrid(capacity, 0) }

// at returns the trace at capacity k of the grid with a buffer that the PE
// array reads and writes itself.
func (p *Plan) at(k int) (*Traffic, error) {
	slot := &p.tables[k]
	slot.once.Do(func() {
		s, err := p.schedule(k)
		if err != nil {
			slot.err = err
			return
		}
		slot.t = p.choices(GridCapacity(k), s)
	})
	return slot.t, slot.err
}

// schedule returns the executions at a grid capacity, the least traffic first.
func (p *Plan) schedule(k int) ([]*schedule.Execution, error) {
	slot := &p.schedules[k]
	slot.once.Do(func() {
		base := int64(0)
		if k%2 == 1 {
			base = GridCapacity(k - 1)
		}
		slot.s, slot.err = p.executions(GridCapacity(k), base, k-1)
	})
	return slot.s, slot.err
}

// executions returns the executions at a capacity, those at a smaller capacity of the
// grid included (-1: none), as the book has them or as they are found.
func (p *Plan) executions(capacity, base int64, below int) ([]*schedule.Execution, error) {
	list, known := p.book().Executions(capacity)
	if !known {
		var smaller []*schedule.Execution
		if below >= 0 {
			smaller, _ = p.schedule(below) // too small a grid capacity is no error for a larger one
		}
		list = p.run(capacity, base, smaller)
		p.book().KeepExecutions(capacity, list)
	}
	if list == nil {
		return nil, p.network.Whole().Fits(capacity)
	}
	return list, nil
}

// run returns the executions at a capacity, those of a smaller one included, of
// which no other has less traffic and as few cycles: the least traffic first.
func (p *Plan) run(capacity, base int64, smaller []*schedule.Execution) []*schedule.Execution {
	list := smaller
	if p.opts.NoResidency {
		if p.network.Whole().Fits(capacity) == nil {
			list = p.undominated(append(slices.Clip(list), p.network.Alone(capacity)))
		}
		return list
	}
	levels := p.network.Levels()
	for lv := levels - 1; lv >= 0; lv-- {
		if p.opts.Schedule == schedule.Layers && lv < levels-1 {
			break
		}
		if p.useless(list, p.network.LeastTraffic(lv, float64(capacity)), p.fewest[lv]) {
			continue
		}
		if found := p.network.Candidates(lv, capacity, p.opts.Schedule, base); found != nil {
			list = p.undominated(append(slices.Clip(list), found...))
		}
	}
	return list
}

// useless says that an execution with this traffic and so many cycles would not
// be kept beside those of a list.
func (p *Plan) useless(list []*schedule.Execution, traffic, cycles float64) bool {
	return slices.ContainsFunc(list, func(e *schedule.Execution) bool {
		return e.Total() <= traffic+0.5 && (1-lessCycles)*p.cycles(e) <= cycles
	})
}

// undominated keeps the executions that move the least, and those that move more
// in fewer cycles, in the order of traffic.
func (p *Plan) undominated(list []*schedule.Execution) []*schedule.Execution {
	slices.SortStableFunc(list, func(a, b *schedule.Execution) int { return cmp.Compare(a.Total(), b.Total()) })
	kept := list[:1]
	for _, e := range list[1:] {
		last := len(kept) - 1
		switch c := p.cycles(e); {
		case c < (1-lessCycles)*p.cycles(kept[last]):
			kept = append(kept, e)
		case c < p.cycles(kept[last]) && e.Total() <= kept[last].Total():
			kept[last] = e
		}
	}
	return kept
}

// cycles returns the cycles of the PE array and the vector lanes in an iteration.
func (p *Plan) cycles(e *schedule.Execution) float64 { return p.rowCycles(e.Rows, e.Outer) }

func (p *Plan) rowCycles(rows []schedule.Row, passes float64) float64 {
	sum := 0.0
	for i := range rows {
		sum += p.step(rows[i]).cycles * rows[i].Repeat
	}
	return sum * passes
}

// lessCycles is the share by which a schedule with more traffic must need fewer
// cycles to be kept as an alternative; mostAlternatives bounds their number.
const (
	lessCycles       = 0.01
	mostAlternatives = 7
)

// choices returns the table of the least traffic with those of schedules that need
// fewer cycles. Of too many, ends stay, and what is nearly the same as a neighbour
// goes first.
func (p *Plan) choices(capacity int64, list []*schedule.Execution) *Traffic {
	list = slices.Clone(list)
	for len(list) > 1+mostAlternatives {
		drop, least := 0, math.Inf(1)
		for i := 1; i < len(list)-1; i++ {
			if gap := min(list[i+1].Total()/list[i].Total(), p.cycles(list[i-1])/p.cycles(list[i])); gap < least {
				drop, least = i, gap
			}
		}
		list = slices.Delete(list, drop, drop+1)
	}
	t := p.table(capacity, list[0])
	for _, e := range list[1:] {
		t.others = append(t.others, p.table(capacity, e))
	}
	return t
}

func (p *Plan) table(capacity int64, s *schedule.Execution) *Traffic {
	t := &Traffic{
		Capacity: capacity, rows: s.Rows, loads: make([]load, len(s.Rows)), outer: s.Outer, groups: s.Groups, mode: p.opts.Overlap, stays: s.Stays,
		DRAMRead: s.ClassRead, DRAMWrite: s.ClassWrite, Permanent: s.Permanent, Age: s.Age,
	}
	var onArray float64
	for i := range s.Rows {
		st := p.step(s.Rows[i])
		l := load{
			cycles: st.cycles, read: st.peReads + s.Write[i], write: st.peWrites + s.Read[i],
			dram: s.Read[i] + s.Write[i], dramRead: s.Read[i], macs: st.macs, ops: st.ops, repeat: s.Rows[i].Repeat,
			room: s.Room[i] + float64(capacity) - s.Capacity, after: s.After[i],
		}
		if s.Read[i] > 0 {
			l.fills = 1
		}
		t.loads[i] = l
		times := l.repeat * t.outer
		t.Cycles += l.cycles * times
		t.MACs += l.macs * times
		t.VectorOps += l.ops * times
		t.BufRead += l.read * times
		t.BufWrite += l.write * times
		if st.nest {
			onArray += l.cycles * times
			t.ReadDemand += l.read * times
			t.WriteDemand += l.write * times
			t.DRAMDemand += l.dram * times
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
