package residency

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// drawTrace draws a trace of matrix products and vector steps in which tensors
// are used again at random distances: weights, some of them updated at the end,
// skip connections, external inputs read twice, products of two activations.
func drawTrace(t *rapid.T, steps, width int) *workload.Trace {
	tr := &workload.Trace{Network: "drawn", Batch: 1}
	tensor := func(name string, elems int64) workload.TensorID {
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: name, Elems: elems, Bytes: 2 * elems})
		return workload.TensorID(len(tr.Tensors) - 1)
	}
	operand := func(id workload.TensorID) workload.Operand {
		return workload.Operand{Tensor: id, Bytes: tr.Tensors[id].Bytes}
	}
	dim := rapid.Int64Range(1, int64(width))
	m, c := dim.Draw(t, "rows"), dim.Draw(t, "width")
	x := tensor("input", m*c)
	tr.Tensors[x].External = true
	live := []workload.TensorID{x}
	widths := map[workload.TensorID]int64{x: c}
	var weights []workload.TensorID
	for i := range rapid.IntRange(2, steps).Draw(t, "steps") {
		in := live[len(live)-1]
		if rapid.IntRange(0, 3).Draw(t, "long") == 0 {
			in = rapid.SampledFrom(live).Draw(t, "in")
		}
		c = widths[in]
		if rapid.Bool().Draw(t, "vector") {
			y := tensor(fmt.Sprintf("v%d", i), m*c)
			widths[y] = c
			s := workload.Step{Name: "add", VectorOps: m * c, Reads: []workload.Operand{operand(in)}, Writes: []workload.Operand{operand(y)}}
			if old := rapid.SampledFrom(live).Draw(t, "skip"); old != in {
				s.Reads = append(s.Reads, operand(old))
			}
			tr.Steps = append(tr.Steps, s)
			live = append(live, y)
			continue
		}
		k := dim.Draw(t, "k")
		var w workload.TensorID
		if same := workload.TensorID(-1); len(weights) > 0 && rapid.Bool().Draw(t, "shared") {
			for _, v := range weights {
				if tr.Tensors[v].Elems%c == 0 && tr.Tensors[v].Elems/c <= int64(width) {
					same = v
				}
			}
			w = same
		} else {
			w = -1
		}
		if w < 0 {
			w = tensor(fmt.Sprintf("w%d", i), c*k)
			tr.Tensors[w].Class = workload.Weight
			tr.Tensors[w].Persistent = rapid.Bool().Draw(t, "persistent")
			tr.Tensors[w].External = !tr.Tensors[w].Persistent
			weights = append(weights, w)
		}
		k = tr.Tensors[w].Elems / c
		y := tensor(fmt.Sprintf("y%d", i), m*k)
		widths[y] = k
		nest := workload.Nest{N: 1, P: m, Q: 1, H: m, W: 1, C: c, K: k, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
		tr.Steps = append(tr.Steps, workload.Step{
			Name: fmt.Sprintf("mm%d", i), Op: workload.OpLinear, Nest: nest, MACs: nest.MACs(), NIn0: 1, NIn1: 1,
			Reads: []workload.Operand{operand(in), operand(w)}, Writes: []workload.Operand{operand(y)},
		})
		live = append(live, y)
	}
	tr.Tensors[live[len(live)-1]].Output = true
	for _, w := range weights {
		if tr.Tensors[w].Persistent && rapid.Bool().Draw(t, "update") {
			tr.Steps = append(tr.Steps, workload.Step{
				Name: "update", VectorOps: tr.Tensors[w].Elems,
				Reads: []workload.Operand{operand(w)}, Writes: []workload.Operand{operand(w)},
			})
		}
	}
	return tr
}

// machine is a buffer and a DRAM that hold bytes one by one. It knows nothing
// of the policy: it does what the events say and notes what is wrong with them.
type machine struct {
	t        *rapid.T
	p        *Manager
	capacity int
	chip     []map[int]bool // by tensor: bytes in the buffer; true: the copy in DRAM is not the same
	dram     []map[int]bool // by tensor: bytes whose copy in DRAM is valid
	working  int
	reads    float64
	writes   float64
}

func newMachine(t *rapid.T, p *Manager, capacity int) *machine {
	m := &machine{t: t, p: p, capacity: capacity}
	for range p.trace.Tensors {
		m.chip, m.dram = append(m.chip, map[int]bool{}), append(m.dram, map[int]bool{})
	}
	for k := range p.trace.Tensors {
		if p.trace.Tensors[k].Persistent {
			m.fill(k)
		}
	}
	return m
}

// fill makes every byte of a tensor valid in DRAM.
func (m *machine) fill(k int) {
	for b := range int(m.p.trace.Tensors[k].Bytes) {
		m.dram[k][b] = true
	}
}

// begin starts an iteration: the inputs are in DRAM, everything that does not
// persist is gone.
func (m *machine) begin() {
	for k := range m.p.trace.Tensors {
		x := &m.p.trace.Tensors[k]
		if x.Persistent {
			continue
		}
		if len(m.chip[k]) > 0 {
			m.t.Fatalf("%s is still in the buffer when the next iteration begins", x.Name)
		}
		clear(m.dram[k])
		if x.External {
			m.fill(k)
		}
	}
}

func (m *machine) used() int {
	sum := m.working
	for k := range m.chip {
		sum += len(m.chip[k])
	}
	return sum
}

// missing returns the bytes of a tensor that are not in the buffer, in order.
func (m *machine) missing(k int32) []int {
	var list []int
	for b := range int(m.p.trace.Tensors[k].Bytes) {
		if _, ok := m.chip[k][b]; !ok {
			list = append(list, b)
		}
	}
	return list
}

// leave takes bytes out of the buffer, those with a valid copy first, and
// returns how many had none.
func (m *machine) leave(k int32, bytes int) (lost int) {
	for _, dirty := range []bool{false, true} {
		for b := range int(m.p.trace.Tensors[k].Bytes) {
			if d, ok := m.chip[k][b]; ok && d == dirty && bytes > 0 {
				delete(m.chip[k], b)
				bytes--
				if dirty {
					lost++
					m.dram[k][b] = true
				}
			}
		}
	}
	if bytes > 0 {
		m.t.Fatalf("%d bytes of %s leave that are not in the buffer", bytes, m.p.trace.Tensors[k].Name)
	}
	return lost
}

// do executes an event.
func (m *machine) do(e event) {
	name, k := m.p.trace.Tensors[e.tensor].Name, int(e.tensor)
	if e.bytes != math.Trunc(e.bytes) || e.bytes < 0 {
		m.t.Fatalf("event %+v of %g bytes", e, e.bytes)
	}
	m.reads += e.read
	m.writes += e.write
	switch e.kind {
	case works:
		m.working = int(e.bytes)
	case evicts:
		if lost := m.leave(e.tensor, int(e.bytes)); float64(lost) != e.write {
			m.t.Fatalf("%s leaves: %d bytes have no copy in DRAM, %g are written", name, lost, e.write)
		}
	case dies:
		m.leave(e.tensor, int(e.bytes))
	case holds, streams:
		missing := m.missing(e.tensor)
		if len(missing) != int(e.bytes) {
			m.t.Fatalf("%s: %d bytes are not in the buffer, %g are read", name, len(missing), e.bytes)
		}
		for _, b := range missing {
			if !m.dram[k][b] {
				m.t.Fatalf("%s: byte %d is read from DRAM, where it never was", name, b)
			}
			if e.kind == holds {
				m.chip[k][b] = false
			}
		}
		if e.read < e.bytes {
			m.t.Fatalf("%s: %g bytes read for %g", name, e.read, e.bytes)
		}
	case makes:
		for b := range int(e.bytes) {
			m.chip[k][b] = true
			delete(m.dram[k], b)
		}
	case emits:
		// All is written; what stays after all is taken back by keeps.
		for b := range int(m.p.trace.Tensors[k].Bytes) {
			if _, ok := m.chip[k][b]; ok {
				m.chip[k][b] = true // an update in place
				delete(m.dram[k], b)
			} else {
				m.dram[k][b] = true
			}
		}
	case keeps:
		n := int(e.bytes)
		for _, b := range m.missing(e.tensor) {
			if n == 0 {
				break
			}
			n--
			if !m.dram[k][b] {
				m.t.Fatalf("%s: byte %d stays but did not pass", name, b)
			}
			m.chip[k][b] = e.write < 0
			if e.write < 0 {
				delete(m.dram[k], b)
			}
		}
		if n > 0 {
			m.t.Fatalf("%s: %d bytes stay that did not pass", name, n)
		}
	}
	// What a vector step reads for the last time leaves as its results arrive.
	if e.kind != dies && m.used() > m.capacity {
		m.t.Fatalf("%s: %d bytes in a buffer of %d", name, m.used(), m.capacity)
	}
}

// TestReplayBytes executes the schedules of random traces on a machine that
// keeps track of every byte: every byte a step reads is in the buffer or has a
// valid copy in DRAM, nothing is written twice or not at all, the buffer never
// overflows, outputs are in DRAM at the end, and the traffic is that of the
// schedule.
func TestReplayBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrace(t, 12, 12)
		p, err := New(tr, Conventions{AccumBytes: 4})
		if err != nil {
			t.Fatal(err)
		}
		capacity := rapid.Int64Range(16, 3000).Draw(t, "capacity")
		if p.Fits(capacity) != nil {
			return
		}
		for _, by := range []policy{byPressure, byDistance, byNearness} {
			twin := newMachine(t, p, int(capacity))
			m := newSimulator(p)
			step := -1
			m.note = func(e event) {
				if m.step != step {
					if m.step < step || step < 0 {
						twin.begin()
						twin.reads, twin.writes = 0, 0
					}
					step, twin.working = m.step, 0
				}
				twin.do(e)
			}
			s := m.run(float64(capacity), by)
			var reads, writes float64
			for i := range s.Read {
				reads += s.Read[i]
				writes += s.Write[i]
			}
			if math.Abs(reads-twin.reads) > 1e-6 || math.Abs(writes-twin.writes) > 1e-6 {
				t.Fatalf("schedule reads %g and writes %g, the machine %g and %g", reads, writes, twin.reads, twin.writes)
			}
			for k := range tr.Tensors {
				if tr.Tensors[k].Output && len(twin.dram[k]) != int(tr.Tensors[k].Bytes) {
					t.Fatalf("%d of %d bytes of the output are in DRAM", len(twin.dram[k]), tr.Tensors[k].Bytes)
				}
			}
		}
	})
}
