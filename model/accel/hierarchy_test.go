package accel

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestHierarchy checks a hybrid buffer behind a PE buffer on random traces:
// what crosses the DRAM interface and the buffer's port does not depend on the
// scratchpad, every byte that one level hands on arrives in the next, and
// neither a larger scratchpad nor a larger PE buffer makes the level behind it
// work more.
func TestHierarchy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := chain(t)
		const whole = 1 << 20
		near := math.Inf(1)
		for _, pe := range []int64{0, GridCapacity(0), GridCapacity(2), GridCapacity(5)} {
			a := testArray()
			a.PEBuffer = pe
			p, err := NewPlan(tr, a, BufferPolicy{})
			if err != nil {
				t.Fatal(err)
			}
			plain, err := p.Table(whole)
			if err != nil {
				continue // the smallest tile does not fit the PE buffer
			}
			if pe > 0 {
				if got := plain.BufRead + plain.BufWrite; got > near+0.5 {
					t.Fatalf("buffer accesses rise from %g to %g B with a PE buffer of %d B", near, got, pe)
				}
				near = plain.BufRead + plain.BufWrite
			}
			last := math.Inf(1)
			for k := range 24 {
				x, err := p.Hybrid(whole, GridCapacity(k))
				if err != nil {
					t.Fatal(err)
				}
				if x.DRAMBytes() != plain.DRAMBytes() {
					t.Fatalf("a scratchpad changes the DRAM traffic from %g to %g B", plain.DRAMBytes(), x.DRAMBytes())
				}
				if x.pads == nil {
					continue
				}
				conserved(t, p, plain, x, k)
				if got := x.BufRead + x.BufWrite; got > last+0.5 {
					t.Fatalf("buffer accesses rise from %g to %g B with a scratchpad of %d B", last, got, GridCapacity(k))
				}
				last = x.BufRead + x.BufWrite
			}
			for _, pad := range []int64{0, whole, 2 * whole} {
				if x, err := p.Hybrid(whole, pad); err != nil || x != plain {
					t.Fatalf("a scratchpad of %d B before %d B is not passed by", pad, whole)
				}
			}
		}
	})
}

// conserved checks the flows of every step between the levels.
func conserved(t *rapid.T, p *Plan, plain, x *Traffic, pad int) {
	t.Helper()
	inner, err := p.once(0, pad)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.loads {
		l, s, at := &x.loads[i], &x.pads[i], &load{dram: inner.Read[i] + inner.Write[i], dramRead: inner.Read[i]}
		same := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-6*math.Max(1, want) {
				t.Fatalf("step %d: %s %g B, want %g B", i, what, got, want)
			}
		}
		same("port reads", s.portRead, plain.loads[i].read)
		same("port writes", s.portWrite, plain.loads[i].write)
		same("scratchpad fills", at.dramRead, l.read-l.dramWrite())
		same("scratchpad spills", at.dramWrite(), l.write-l.dramRead)
		// What the level before asks for comes from the scratchpad or past it, and
		// a byte is stored before it is read again.
		in, out := s.portRead-l.dramWrite(), s.portWrite-l.dramRead
		spills := at.dramWrite() - math.Min(out, at.dramWrite())
		same("scratchpad hits", s.read-spills, math.Max(0, in-at.dramRead))
		if stored := s.write - (out - (at.dramWrite() - spills)); stored < -1e-6 || stored > at.dramRead+1e-6 {
			t.Fatalf("step %d: %g B of %g B are stored on the way in", i, stored, at.dramRead)
		}
	}
	// What the array asks of the first level after its own buffer is the same
	// whether a scratchpad answers or not.
	var read, write, onArray float64
	for i := range x.loads {
		if p.step(x.rows[i]).nest {
			times := x.rows[i].Repeat * x.outer
			read += x.pads[i].portRead * times
			write += x.pads[i].portWrite * times
			onArray += x.loads[i].cycles * times
		}
	}
	if onArray > 0 {
		read, write = read/onArray, write/onArray
	}
	for what, pair := range map[string][2]float64{"read": {x.ReadDemand, read}, "write": {x.WriteDemand, write}, "read without scratchpad": {plain.ReadDemand, read}, "write without scratchpad": {plain.WriteDemand, write}} {
		if math.Abs(pair[0]-pair[1]) > 1e-9*pair[1] {
			t.Fatalf("%s demand %g B a cycle, want %g", what, pair[0], pair[1])
		}
	}
	for c := range x.live {
		for i := range x.live[c] {
			if x.live[c][i] > plain.live[c][i] {
				t.Fatal("a scratchpad adds to what the other part keeps")
			}
		}
	}
}

// TestScratchpadRelieves checks on networks that a scratchpad takes most of the
// accesses and writes of the buffer behind it, and that a class it holds whole
// asks no retention there.
func TestScratchpadRelieves(t *testing.T) {
	m := testMemory()
	for _, c := range []struct {
		name  string
		phase workload.Phase
	}{{"resnet50", workload.Training}, {"bert_base", workload.Inference}} {
		p := networkPlan(t, c.name, c.phase, 2)
		plain, err := p.Table(64 << 20)
		if err != nil {
			t.Fatal(err)
		}
		x, err := p.Hybrid(64<<20, 8<<20)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.3g B read and %.3g B written, with 8 MiB before it %.3g and %.3g B", c.name, plain.BufRead, plain.BufWrite, x.BufRead, x.BufWrite)
		if x.BufRead > 0.5*plain.BufRead || x.BufWrite > plain.BufWrite {
			t.Errorf("%s: reads %g to %g B, writes %g to %g B", c.name, plain.BufRead, x.BufRead, plain.BufWrite, x.BufWrite)
		}
		var a, b Cost
		Evaluate(plain, &m, &Scratch{}, &a)
		Evaluate(x, &m, &Scratch{}, &b)
		if b.WearOut > a.WearOut || b.LongestLifetime > a.LongestLifetime*(1+1e-9)+m.Residence {
			t.Errorf("%s: wear %g to %g, lifetime %g to %g s", c.name, a.WearOut, b.WearOut, a.LongestLifetime, b.LongestLifetime)
		}
		e := Explain(p, x, &m)
		var energy, pad float64
		for i := range e.Steps {
			energy += e.Steps[i].Energy
			pad += e.Steps[i].PadRead + e.Steps[i].PadWrite
		}
		near(t, c.name+" dynamic energy", energy, b.Energy.MAC+b.Energy.Vector+b.Energy.PEBuffer+b.Energy.PadRead+b.Energy.PadWrite+b.Energy.BufferRead+b.Energy.BufferWrite+b.Energy.DRAM)
		near(t, c.name+" scratchpad bytes", pad, x.PadRead+x.PadWrite)
	}
}
