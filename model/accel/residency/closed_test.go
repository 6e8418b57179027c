package residency

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestBooks: what a schedule says by class is what it says by step, nothing that
// it keeps exceeds the buffer, and what lives for ever lives in every step.
func TestBooks(t *testing.T) {
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
		for name, s := range map[string]*Schedule{"run": p.Run(capacity), "alone": p.Alone(capacity)} {
			var read, write, classRead, classWrite float64
			for i := range s.Read {
				read += s.Read[i]
				write += s.Write[i]
			}
			for c := range s.ClassRead {
				classRead += s.ClassRead[c]
				classWrite += s.ClassWrite[c]
				for _, stay := range s.Stays[c] {
					if stay.To < 0 || int(stay.To) >= len(tr.Steps) || stay.From > stay.To || int(stay.From) < -len(tr.Steps) {
						t.Fatalf("%s: data stay from %d to %d", name, stay.From, stay.To)
					}
				}
				if s.Live[c] != nil && s.Permanent[c] > 0 && slices.Min(s.Live[c]) <= 0 || s.Live[c] == nil && s.Permanent[c] > 0 {
					t.Fatalf("%s: %g B live for ever beside %v", name, s.Permanent[c], s.Live[c])
				}
			}
			if math.Abs(read-classRead) > 1e-6 || math.Abs(write-classWrite) > 1e-6 || math.Abs(s.Total()-read-write) > 1e-6 {
				t.Fatalf("%s: %g and %g B by step, %g and %g B by class, %g B in all", name, read, write, classRead, classWrite, s.Total())
			}
			for i := range tr.Steps {
				live := 0.0
				for c := range s.Live {
					if s.Live[c] != nil {
						live += s.Live[c][i]
					}
				}
				if live > float64(capacity) || name == "alone" && live > 0 {
					t.Fatalf("%s: %g B are kept in step %d of a buffer of %d B", name, live, i, capacity)
				}
			}
		}
	})
}

// vector is a trace of vector steps over tensors of 100 bytes, of which the first
// comes from DRAM and the last goes there. steps lists what each reads; step i
// writes tensor i + 1.
func vector(steps ...[]int) *workload.Trace {
	tr := &workload.Trace{Network: "v", Batch: 1}
	for i := range len(steps) + 1 {
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: fmt.Sprint(i), Elems: 100, Bytes: 100, External: i == 0, Output: i == len(steps)})
	}
	for i, reads := range steps {
		s := workload.Step{Name: fmt.Sprint(i), VectorOps: 100, Writes: []workload.Operand{{Tensor: workload.TensorID(i + 1), Bytes: 100}}}
		for _, r := range reads {
			s.Reads = append(s.Reads, workload.Operand{Tensor: workload.TensorID(r), Bytes: 100})
		}
		tr.Steps = append(tr.Steps, s)
	}
	return tr
}

// TestBeladyByHand: 0 > 1 > 2 > 3, and the last step reads 1 again. All but input
// and output, 200 B, can stay in 200 B. With fewer, a byte of 2 is written and read
// (2 B more), and below 100 B one of 1 is written and read twice (3 B more).
func TestBeladyByHand(t *testing.T) {
	tr := vector([]int{0}, []int{1}, []int{1, 2})
	p, err := New(tr, Conventions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Compulsory() != 200 {
		t.Fatalf("compulsory %g B, want 200", p.Compulsory())
	}
	for capacity, want := range map[int64]float64{
		1 << 20: 200, 200: 200, 150: 300, 100: 400, 50: 550, 0: 700, // alone: reads 100, 100, 200, writes 300
	} {
		if got := p.Run(capacity).Total(); got != want {
			t.Errorf("%d B of buffer: %g B of traffic, want %g", capacity, got, want)
		}
	}
	if got := p.Alone(1 << 20).Total(); got != 700 {
		t.Errorf("alone %g B, want 700", got)
	}
	s := p.Run(200)
	if !slices.Equal(s.Read, []float64{100, 0, 0}) || !slices.Equal(s.Write, []float64{0, 0, 100}) {
		t.Errorf("reads %v, writes %v", s.Read, s.Write)
	}
	if !slices.Equal(s.Live[workload.Activation], []float64{100, 200, 0}) {
		t.Errorf("live %v", s.Live[workload.Activation])
	}
	// 1 from the end of step 0 to that of step 2; 2 from 1 to 2 is within it.
	if !slices.Equal(s.Stays[workload.Activation], []Stay{{0, 2}}) {
		t.Errorf("stays %v", s.Stays[workload.Activation])
	}
}

// TestAfterByHand: of 0 > 1 > 2 > 3, where the last step reads 1 again, step 1
// reads what step 0 wrote, step 2 what step 1 wrote, if nothing stays on chip; the
// input was there before. With all in the buffer no step waits for a write.
func TestAfterByHand(t *testing.T) {
	p, err := New(vector([]int{0}, []int{1}, []int{1, 2}), Conventions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Alone(1 << 20).After; !slices.Equal(got, []int32{-1, 0, 1}) {
		t.Errorf("alone: after %v", got)
	}
	if got := p.Run(0).After; !slices.Equal(got, []int32{-1, 0, 1}) {
		t.Errorf("no buffer: after %v", got)
	}
	if got := p.Run(200).After; !slices.Equal(got, []int32{-1, -1, -1}) {
		t.Errorf("200 B: after %v", got)
	}
}

// TestFinalWriteByHand: a held result is written at once where it is an output
// of the network that no step reads, and only there.
func TestFinalWriteByHand(t *testing.T) {
	for _, c := range []struct {
		dead, last bool
		want       float64
	}{{true, true, 40}, {true, false, 0}, {false, true, 0}, {false, false, 0}} {
		st := step{outDead: c.dead, outLast: c.last, final: 40}
		if got := st.finalWrite(); got != c.want {
			t.Errorf("never read %v, an output %v: %g B, want %g", c.dead, c.last, got, c.want)
		}
	}
}

// TestMaximalByHand: stays within another are left out, those that only overlap
// are not.
func TestMaximalByHand(t *testing.T) {
	for _, c := range []struct{ list, want []Stay }{
		{nil, nil},
		{[]Stay{{1, 3}}, []Stay{{1, 3}}},
		{[]Stay{{1, 3}, {0, 4}}, []Stay{{0, 4}}},
		{[]Stay{{0, 4}, {0, 3}, {0, 4}}, []Stay{{0, 4}}},
		{[]Stay{{2, 5}, {0, 3}, {-1, 2}}, []Stay{{-1, 2}, {0, 3}, {2, 5}}},
		{[]Stay{{0, 4}, {1, 4}, {1, 5}}, []Stay{{0, 4}, {1, 5}}},
	} {
		if got := Maximal(slices.Clone(c.list)); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.list, got, c.want)
		}
	}
}

// TestWeightsForEver: a weight that only is read stays over iterations: nothing of
// it is read again, and it lives as long as it is resident. An update of it
// begins its life anew; one in parts makes its oldest bytes as many iterations
// old as there are parts.
func TestWeightsForEver(t *testing.T) {
	for _, c := range []struct {
		name      string
		updated   int64
		permanent float64
		age       float64
		stay      Stay
	}{
		{"read only", 0, 100, 0, Stay{-2, 0}}, {"updated", 100, 0, 0, Stay{-1, 0}}, {"a quarter", 25, 0, 4, Stay{-1, 0}},
	} {
		tr := vector([]int{0}, []int{1})
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: "w", Class: workload.Weight, Elems: 100, Bytes: 100, Persistent: true})
		tr.Steps[0].Reads = append(tr.Steps[0].Reads, workload.Operand{Tensor: 3, Bytes: 100})
		if c.updated > 0 {
			tr.Steps[1].Writes = append(tr.Steps[1].Writes, workload.Operand{Tensor: 3, Bytes: c.updated})
		}
		p, err := New(tr, Conventions{})
		if err != nil {
			t.Fatal(err)
		}
		if bytes, persistent, output, class, renewal := p.Tensor(3); bytes != 100 || !persistent || output || class != workload.Weight || renewal != c.age {
			t.Errorf("%s: the weight is %d B, persistent %v, a result %v, of class %v, renewed in %g iterations", c.name, bytes, persistent, output, class, renewal)
		}
		s := p.Run(1 << 20)
		if s.Total() != 200 || s.Permanent[workload.Weight] != c.permanent || s.Age[workload.Weight] != c.age {
			t.Errorf("%s: %g B of traffic, %g B for ever, %g iterations old", c.name, s.Total(), s.Permanent[workload.Weight], s.Age[workload.Weight])
		}
		if got := s.Stays[workload.Weight]; !slices.Equal(got, []Stay{c.stay}) {
			t.Errorf("%s: stays %v, want %v", c.name, got, c.stay)
		}
	}
}

// TestMaxTree: maxima over every range, also of a tree to which nothing was added.
func TestMaxTree(t *testing.T) {
	values := []float64{3, 1, 4, 1, 5, 9, 2, 6}
	for n := 1; n <= len(values); n++ {
		tree, plain := newMaxTree(n), slices.Clone(values[:n])
		tree.fill(plain)
		for round := range 4 {
			for lo := range n {
				for hi := lo + 1; hi <= n; hi++ {
					if got, want := tree.most(lo, hi), slices.Max(plain[lo:hi]); got != want {
						t.Fatalf("%d elements, round %d: most of %d to %d is %g, want %g", n, round, lo, hi, got, want)
					}
				}
			}
			lo, hi := round%n, n-(round+1)%n
			tree.add(lo, hi, float64(2*round-3))
			for i := lo; i < hi; i++ {
				plain[i] += float64(2*round - 3)
			}
		}
	}
	if got := newMaxTree(4).most(2, 2); got != 0 {
		t.Errorf("most of nothing is %g", got)
	}
}

// TestDiscounts: the cost of an eviction falls to 1/31 over an iteration by
// distance, to a half by nearness.
func TestDiscounts(t *testing.T) {
	p, err := New(vector([]int{0}, []int{1}, []int{1, 2}, []int{3}), Conventions{})
	if err != nil {
		t.Fatal(err)
	}
	m := newSimulator(p)
	for by, over := range map[policy]float64{byDistance: 1. / 31, byNearness: 1. / 2} {
		m.run(200, by)
		m.step, m.next[0] = 2, 6 // an iteration of 4 steps ahead
		if got := m.weight(0); math.Abs(got/over-1) > 1e-12 {
			t.Errorf("policy %d: %g, want %g", by, got, over)
		}
	}
}

// TestStreamedByHand: a step of vector operations reads and writes its operands; one
// of multiplications leaves them to the PE array.
func TestStreamedByHand(t *testing.T) {
	tr := vector([]int{0}, []int{0, 1})
	tr.Steps[1].Writes[0].Bytes = 40
	p, err := New(tr, Conventions{})
	if err != nil {
		t.Fatal(err)
	}
	if read, write := p.Streamed(1); read != 200 || write != 40 {
		t.Errorf("%g B read and %g written, want 200 and 40", read, write)
	}
}

// TestFutureByHand: 64 x 32 by 32 x 16, whose left factor the next step reads again
// and whose right one nobody does. What is missing of the left one is wanted again, at
// the cost of evicting it; that of a result which a later step reads as well.
func TestFutureByHand(t *testing.T) {
	tr := &workload.Trace{Network: "f", Batch: 1, Tensors: []workload.Tensor{
		{Name: "x", Elems: 2048, Bytes: 2048, External: true},
		{Name: "w", Elems: 512, Bytes: 512, External: true},
		{Name: "y", Elems: 1024, Bytes: 1024},
		{Name: "z", Elems: 1024, Bytes: 1024, Output: true},
	}}
	all := func(k ...workload.TensorID) (list []workload.Operand) {
		for _, k := range k {
			list = append(list, workload.Operand{Tensor: k, Bytes: tr.Tensors[k].Bytes})
		}
		return list
	}
	tr.Steps = []workload.Step{
		{
			Name: "a", MACs: 64 * 32 * 16, Nest: workload.Nest{N: 1, C: 32, H: 64, W: 1, K: 16, P: 64, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap},
			Reads: all(0, 1), Writes: all(2), NIn0: 1, NIn1: 1,
		},
		{Name: "b", VectorOps: 1024, Op: workload.OpElementwise, Reads: all(0, 2), Writes: all(3)},
	}
	p, err := New(tr, Conventions{AccumBytes: 4})
	if err != nil {
		t.Fatal(err)
	}
	m := newSimulator(p)
	m.run(1<<20, byDistance)
	clear(m.res)
	m.begin()
	m.step = 0
	o := m.operands(&p.steps[0], 0)
	cost := 1 / (1 + discount/2.) // the next step of an iteration of two
	if o.missing != [3]float64{2048, 512, 1024} || o.future != [3]float64{2048 * cost, 0, 1024 * cost} {
		t.Errorf("missing %v, wanted again %v; want %g and %g", o.missing, o.future, 2048*cost, 1024*cost)
	}
}
