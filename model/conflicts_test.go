package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"stco/model/array"
	"stco/model/units"
)

// simulated returns the share of their time that banks are idle when every access
// that ends is followed by one to a bank drawn at random.
func simulated(banks, queue int, writes, read, write float64) float64 {
	r := rand.New(rand.NewPCG(uint64(banks), uint64(queue)))
	waiting, end := make([]int, banks), make([]float64, banks)
	hold := func() float64 {
		if r.Float64() < writes {
			return write
		}
		return read
	}
	for i := range banks {
		waiting[i], end[i] = queue, hold()
	}
	busy, now, warm := 0.0, 0.0, 0.0
	const accesses = 200_000
	for k := range accesses {
		at, first := 0, math.Inf(1)
		for b := range banks {
			if waiting[b] > 0 && end[b] < first {
				at, first = b, end[b]
			}
		}
		now = first
		if k == accesses/10 {
			busy, warm = 0, now
		}
		if waiting[at]--; waiting[at] > 0 {
			h := hold()
			end[at] = now + h
			busy += h
		}
		next := r.IntN(banks)
		if waiting[next]++; waiting[next] == 1 {
			h := hold()
			end[next] = now + h
			busy += h
		}
	}
	return 1 - busy/float64(banks)/(now-warm)
}

// TestConflicts compares the formula with a simulation of the queues: banks, depth,
// share and length of writes.
func TestConflicts(t *testing.T) {
	for _, c := range []struct {
		banks, queue  int
		writes, write float64
	}{{1, 1, 0.3, 5}, {2, 1, 0, 1}, {4, 4, 0.3, 1}, {16, 4, 0.3, 1}, {16, 4, 0.3, 5}, {64, 4, 0.3, 5}, {16, 16, 0.3, 5}, {8, 2, 0.5, 3}, {32, 1, 0.1, 10}} {
		s := DefaultSetup()
		s.BankQueue, s.BankWrites = c.queue, units.Ratio(c.writes)
		got, want := s.conflicts(c.banks, 1, c.write), simulated(c.banks, c.queue, c.writes, 1, c.write)
		t.Logf("%d banks, %d before each, %g of them writes of %g: %.3f lost, simulated %.3f", c.banks, c.queue, c.writes, c.write, got, want)
		if most := 0.03 + 0.1*want; math.Abs(got-want) > most {
			t.Errorf("%d banks, %d before each, %g of them writes of %g: %.3f lost, simulated %.3f", c.banks, c.queue, c.writes, c.write, got, want)
		}
	}
	s := DefaultSetup()
	if slow, even := s.conflicts(16, 1e-9, 5e-9), s.conflicts(16, 1e-9, 1e-9); slow < 1.3*even {
		t.Errorf("writes of 5 ns lose %.3f, of 1 ns %.3f", slow, even)
	}
	s.Ports = array.OneReadOneWrite
	if apart, even := s.conflicts(16, 1e-9, 5e-9), s.conflicts(16, 1e-9, 1e-9); apart != even {
		t.Errorf("ports of their own: %g and %g", apart, even)
	}
	s = DefaultSetup()
	a := array.Figures{ReadCycle: 1e-9, WriteCycle: 5e-9}
	for given, lost := range map[units.Ratio]float64{0.5: 0.5, 0: s.conflicts(8, 1e-9, 5e-9)} {
		s.BankConflicts = given
		if l, want := level(&a, 128, 8, &s), 1e-9/(16*8*(1-lost)); math.Abs(l.ReadOccupancy/want-1) > 1e-12 || math.Abs(l.WriteOccupancy/want-5) > 1e-11 {
			t.Errorf("conflicts %g: %g and %g s a byte, want %g", given, l.ReadOccupancy, l.WriteOccupancy, want)
		}
	}
}
