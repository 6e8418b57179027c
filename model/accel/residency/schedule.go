package residency

import (
	"sort"

	"stco/model/workload"
)

// Schedule is an execution of a trace: DRAM traffic per step and class, what
// is resident when, and how long data stay. All amounts are bytes.
type Schedule struct {
	Read, Write []float64                      // from and to DRAM, by step
	Room        []float64                      // of the buffer that a step leaves free
	After       []int32                        // last step whose DRAM writes a step's reads wait for, by step; -1: none
	ClassRead   [workload.NumClasses]float64   // from DRAM, per iteration
	ClassWrite  [workload.NumClasses]float64   // to DRAM, per iteration
	Live        [workload.NumClasses][]float64 // resident by step; nil for a class that never is
	Stays       [workload.NumClasses][]Stay    // maximal on-chip lifetimes
	Permanent   [workload.NumClasses]float64   // resident throughout and never rewritten
	// Age is the number of iterations that the oldest resident bytes of a class
	// have lived through, of data that an iteration writes in part.
	Age [workload.NumClasses]float64
}

// Stay is an on-chip lifetime: from the end of step From (in the previous
// iteration when negative, counted from its end) to the end of step To.
type Stay struct{ From, To int32 }

func newSchedule(steps int) *Schedule {
	s := &Schedule{Read: make([]float64, steps), Write: make([]float64, steps), Room: make([]float64, steps), After: make([]int32, steps)}
	for i := range s.After {
		s.After[i] = none
	}
	return s
}

// reset forgets the traffic.
func (s *Schedule) reset() {
	clear(s.Read)
	clear(s.Write)
	s.ClassRead, s.ClassWrite = [workload.NumClasses]float64{}, [workload.NumClasses]float64{}
}

func (s *Schedule) live(c int) []float64 {
	if s.Live[c] == nil {
		s.Live[c] = make([]float64, len(s.Read))
	}
	return s.Live[c]
}

// Total returns the DRAM bytes of an iteration.
func (s *Schedule) Total() float64 {
	var sum float64
	for i := range s.Read {
		sum += s.Read[i] + s.Write[i]
	}
	return sum
}

// manyPolicies is the capacity, in bytes, from which all policies are tried:
// below, little stays between steps and the first is as good.
const manyPolicies = 256 << 10

// Run returns the best schedule found for a capacity in bytes: of Alone and of
// the simulation under several eviction policies. The capacity must satisfy
// Fits.
func (p *Manager) Run(capacity int64) *Schedule {
	return p.run(capacity, policiesFor(capacity))
}

func policiesFor(capacity int64) []policy {
	policies := []policy{byPressure, byValue, byDistance, byNearness}
	if capacity < manyPolicies {
		return policies[:1]
	}
	return policies
}

func (p *Manager) run(capacity int64, policies []policy) *Schedule {
	m, _ := p.simulators.Get().(*simulator)
	defer p.simulators.Put(m)
	return m.best(capacity, policies)
}

// best returns the best of Alone and of the simulation under some policies.
func (m *simulator) best(capacity int64, policies []policy) *Schedule {
	p := m.p
	best := p.Alone(capacity)
	least := best.Total()
	for _, by := range policies {
		s := m.run(float64(capacity), by)
		if t := s.Total(); t < least {
			best, least = s, t
		}
		if least <= p.compulsory {
			break
		}
	}
	return best
}

// Alone returns the schedule without residency: every step reads its operands
// from DRAM and writes its results there, at its best tiling for the whole
// buffer.
func (p *Manager) Alone(capacity int64) *Schedule {
	s := newSchedule(len(p.steps))
	sent := make([]int32, len(p.data))
	for k := range sent {
		sent[k] = none
	}
	for i := range p.steps {
		st := &p.steps[i]
		charge := func(u use, read, write float64) {
			class := p.data[u.tensor].class
			if read > 0 && write == 0 {
				s.After[i] = max(s.After[i], sent[u.tensor])
			}
			if write > 0 {
				sent[u.tensor] = int32(i)
			}
			s.Read[i] += read
			s.Write[i] += write
			s.ClassRead[class] += read
			s.ClassWrite[class] += write
		}
		var at *stair
		if st.nest {
			points := st.curve(0)
			k := sort.Search(len(points), func(k int) bool { return points[k].space > float64(capacity)-p.taken(i) })
			at = &points[max(k-1, 0)]
			s.Room[i] = float64(capacity) - p.taken(i) - at.space
		} else {
			s.Room[i] = float64(capacity) - p.taken(i)
		}
		for _, u := range st.uses {
			switch u.part {
			case extraRead:
				charge(u, float64(u.bytes), 0)
			case extraWrite:
				if st.touches[u.touch].next != none || p.data[u.tensor].output {
					charge(u, 0, float64(u.bytes))
				}
			case out:
				share := float64(u.bytes) / st.whole[out]
				charge(u, at.read[out]*share, (at.write[out]-st.unsaved)*share)
			default:
				charge(u, at.read[u.part]*float64(u.bytes)/st.whole[u.part], 0)
			}
		}
	}
	return s
}
