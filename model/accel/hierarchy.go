package accel

import (
	"fmt"
	"math"
	"sync"

	"stco/model/accel/kept"
	"stco/model/accel/residency"
)

// The levels above DRAM, from the PE array outwards: the PE buffer (a fixed
// part of the machine), the scratchpad of a hybrid buffer, and the buffer
// proper. Every level is managed like a buffer of its own capacity, so the
// bytes that cross its outer boundary are those of the plan's table at that
// capacity: reuse follows from the tiling of every step and from what stays
// between steps, and never falls with capacity. Levels are inclusive: what a
// level holds has a place in the next one, data that die in a level never
// leave it.

// padLoad is what one step asks of a scratchpad, and what crosses the port of
// the whole buffer whatever its parts are.
type padLoad struct {
	read, write         float64 // bytes of the scratchpad
	portRead, portWrite float64 // bytes at the port: PE side and DRAM side together
}

type stagedKey struct{ whole, pad int }

type onceKey struct{ level, point int }

type stagedTables struct {
	mu    sync.Mutex
	once  map[onceKey]*residency.Schedule
	of    map[stagedKey]*Traffic
	exact map[int64]*Traffic // by capacity, of buffers between two grid capacities
}

// noPad is the grid capacity of a buffer without a scratchpad in use.
const noPad = -1

// Hybrid returns the trace on a buffer that holds capacity bytes between steps
// and has a scratchpad of pad bytes before it, each at the largest grid capacity not
// above. A scratchpad no larger than the PE buffer, or too small for the
// smallest tiles, stages nothing and is passed by.
func (p *Plan) Hybrid(capacity, pad int64) (*Traffic, error) {
	whole, err := GridIndex(capacity)
	if err != nil {
		return nil, err
	}
	key := stagedKey{whole, p.padIndex(pad)}
	if key.pad >= whole {
		key.pad = noPad
	}
	p.staged.mu.Lock()
	t := p.staged.of[key]
	p.staged.mu.Unlock()
	if t != nil {
		return t, nil
	}
	if t, err = p.stage(key); err != nil {
		return nil, err
	}
	p.settle()
	p.staged.mu.Lock()
	defer p.staged.mu.Unlock()
	if p.staged.of == nil {
		p.staged.of = map[stagedKey]*Traffic{}
	}
	if known := p.staged.of[key]; known != nil {
		return known, nil
	}
	p.staged.of[key] = t
	return t, nil
}

// padIndex returns the grid capacity of a scratchpad, noPad when it can stage nothing.
func (p *Plan) padIndex(pad int64) int {
	if pad <= p.array.PEBuffer {
		return noPad
	}
	k, err := GridIndex(pad)
	if err != nil {
		return noPad
	}
	if inner, err := GridIndex(p.array.PEBuffer); err == nil && k <= inner {
		return noPad
	}
	if _, err := p.once(len(p.steps)-1, k); err != nil {
		return noPad // the smallest tile of a step does not fit
	}
	return k
}

// Exact returns the trace on a buffer of exactly this capacity, behind the PE
// buffer of the array: also between two grid capacities, where Table takes the lower. It
// keeps what it has returned.
func (p *Plan) Exact(capacity int64) (*Traffic, error) {
	k, err := GridIndex(capacity)
	if err != nil {
		return nil, err
	}
	if GridCapacity(k) == capacity {
		return p.Table(capacity)
	}
	p.staged.mu.Lock()
	t := p.staged.exact[capacity]
	p.staged.mu.Unlock()
	if t != nil {
		return t, nil
	}
	list, err := p.executions(capacity, 0, k)
	if err != nil {
		return nil, err
	}
	if t, err = p.stageOn(p.choices(capacity, list), stagedKey{k, noPad}); err != nil {
		return nil, err
	}
	p.settle()
	p.staged.mu.Lock()
	defer p.staged.mu.Unlock()
	if known := p.staged.exact[capacity]; known != nil {
		return known, nil
	}
	if p.staged.exact == nil {
		p.staged.exact = map[int64]*Traffic{}
	}
	p.staged.exact[capacity] = t
	return t, nil
}

// stage puts PE buffer and scratchpad before the buffer of a grid capacity.
func (p *Plan) stage(key stagedKey) (*Traffic, error) {
	base, err := p.at(key.whole)
	if err != nil {
		return nil, err
	}
	return p.stageOn(base, key)
}

// stageOn puts PE buffer and scratchpad before a buffer, under every schedule.
func (p *Plan) stageOn(base *Traffic, key stagedKey) (*Traffic, error) {
	t, err := p.stageOne(base, key)
	if err != nil {
		return nil, err
	}
	t.others = nil
	for _, x := range base.others {
		other, err := p.stageOne(x, key)
		if err != nil {
			return nil, err
		}
		t.others = append(t.others, other)
	}
	return t, nil
}

// once returns the traffic of the steps of a part of the batch through a level
// before the buffer.
func (p *Plan) once(level, point int) (*residency.Schedule, error) {
	key := onceKey{level, point}
	p.staged.mu.Lock()
	s := p.staged.once[key]
	p.staged.mu.Unlock()
	if s != nil {
		return s, nil
	}
	pass := kept.Pass{Level: level, Capacity: GridCapacity(point)}
	s, known := p.book().Once(pass)
	if !known {
		s = p.network.Once(level, GridCapacity(point))
		if point > 0 { // a larger level can be run as a smaller one
			if smaller, err := p.once(level, point-1); err == nil && (s == nil || smaller.Total() <= s.Total()) {
				s = smaller
			}
		}
		p.book().KeepOnce(pass, s)
	}
	if s == nil {
		return nil, fmt.Errorf("%s: the smallest tile of a step does not fit in %d B", p.trace.Network, GridCapacity(point))
	}
	p.staged.mu.Lock()
	defer p.staged.mu.Unlock()
	if p.staged.once == nil {
		p.staged.once = map[onceKey]*residency.Schedule{}
	}
	p.staged.once[key] = s
	return s, nil
}

// through returns what the steps of the rows of a table ask of a level before
// the buffer, by part of the batch.
func (p *Plan) through(t *Traffic, point int) ([]*residency.Schedule, error) {
	list := make([]*residency.Schedule, len(p.steps))
	for i := range t.rows {
		lv := t.rows[i].Level
		if list[lv] != nil {
			continue
		}
		s, err := p.once(int(lv), point)
		if err != nil {
			return nil, err
		}
		list[lv] = s
	}
	return list, nil
}

func (p *Plan) stageOne(base *Traffic, key stagedKey) (*Traffic, error) {
	var err error
	var inner, pad []*residency.Schedule
	if p.array.PEBuffer > 0 {
		k, err := GridIndex(p.array.PEBuffer)
		if err != nil {
			return nil, err
		}
		if inner, err = p.through(base, min(k, key.whole)); err != nil {
			return nil, err
		}
	}
	if key.pad != noPad {
		if pad, err = p.through(base, key.pad); err != nil {
			return nil, err
		}
	}
	t := *base
	if inner == nil && pad == nil {
		p.countReads(&t)
		t.digest = newDigest(&t)
		return &t, nil
	}
	t.loads = make([]load, len(base.loads))
	copy(t.loads, base.loads)
	if pad != nil {
		t.pads = make([]padLoad, len(t.loads))
		t.withoutPadded(pad)
	}
	t.BufRead, t.BufWrite, t.ReadDemand, t.WriteDemand = 0, 0, 0, 0
	var onArray float64
	for i := range t.loads {
		l, row := &t.loads[i], t.rows[i]
		st, times := p.step(row), row.Repeat*t.outer
		in, out := st.peReads, st.peWrites
		if inner != nil {
			x := inner[row.Level]
			l.peRead, l.peWrite = in+x.Write[row.Step], out+x.Read[row.Step]
			in, out = x.Read[row.Step], x.Write[row.Step]
		}
		l.read, l.write = in+l.dramWrite(), out+l.dramRead
		if pad != nil {
			x := pad[row.Level]
			t.pads[i] = padLoad{portRead: l.read, portWrite: l.write}
			t.pads[i].pass(in, out, x.Read[row.Step], x.Write[row.Step], grown(x, int(row.Step)))
			l.read, l.write = x.Read[row.Step]+l.dramWrite(), x.Write[row.Step]+l.dramRead
			t.PadRead += t.pads[i].read * times
			t.PadWrite += t.pads[i].write * times
		}
		t.BufRead += l.read * times
		t.BufWrite += l.write * times
		t.PERead += l.peRead * times
		t.PEWrite += l.peWrite * times
		if st.nest {
			onArray += l.cycles * times
			t.ReadDemand += (in + l.dramWrite()) * times
			t.WriteDemand += (out + l.dramRead) * times
		}
	}
	if onArray > 0 {
		t.ReadDemand /= onArray
		t.WriteDemand /= onArray
	}
	p.countReads(&t)
	t.digest = newDigest(&t)
	return &t, nil
}

// pass charges the scratchpad for one step: in and out are the bytes that go to
// and come from the level before it, read and written what crosses its outer
// boundary, grown the bytes by which its resident data grow. The manager knows
// every use: a byte goes past the scratchpad on its only way in or out, and is
// stored when it will be read again or stays.
func (s *padLoad) pass(in, out, read, written, grown float64) {
	hits := math.Max(0, in-read)
	past := math.Min(out, written)
	s.read = hits + written - past
	s.write = out - past + math.Min(read, hits+grown)
}

// grown returns the bytes by which the resident data grow in a step, over that
// before it (for the first step over the last).
func grown(s *residency.Schedule, i int) float64 {
	before := i - 1
	if before < 0 {
		before = len(s.Read) - 1
	}
	sum := 0.0
	for c := range s.Live {
		if s.Live[c] != nil {
			sum += s.Live[c][i] - s.Live[c][before]
		}
	}
	return math.Max(0, sum)
}

func (l *load) dramWrite() float64 { return l.dram - l.dramRead }

// withoutPadded takes what the scratchpad holds from the resident bytes that
// the other part must keep alive; a class that lives in the scratchpad alone
// asks no retention of it.
func (t *Traffic) withoutPadded(pad []*residency.Schedule) {
	for c := range t.live {
		if t.live[c] == nil {
			continue
		}
		left := make([]float64, len(t.live[c]))
		most := 0.0
		for i, b := range t.live[c] {
			left[i] = b
			if l := pad[t.rows[i].Level].Live[c]; l != nil {
				left[i] = math.Max(0, b-l[t.rows[i].Step])
			}
			most = math.Max(most, left[i])
		}
		t.live[c] = left
		if most == 0 {
			t.live[c], t.stays[c], t.Age[c], t.Permanent[c] = nil, nil, 0, 0
		}
	}
}
