package schedule

import (
	"slices"
	"testing"

	"stco/model/accel/residency"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// TestBooks: what an execution says to stay from one iteration to the next is in
// the buffer at every row, and what is never rewritten stays so.
func TestBooks(t *testing.T) {
	for _, x := range instances(t) {
		n, err := New(&Traces{Whole: x.trace(x.Batch), Part: func(batch, _ int) (*workload.Trace, error) { return x.trace(batch), nil }}, residency.Conventions{AccumBytes: 4, Apart: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range n.Candidates(x.Capacity*unit, Groups, inf, 0) {
			for c := range e.Live {
				ever := slices.ContainsFunc(e.Stays[c], func(s residency.Stay) bool { return s.From == -1 && int(s.To) == len(e.Rows)-1 })
				if ever && (len(e.Live[c]) == 0 || slices.Min(e.Live[c]) <= 0) {
					t.Errorf("%s: data of class %d stay for ever, but the rows have %v B", x.ID, c, e.Live[c])
				}
				if e.Permanent[c] > 0 && !ever {
					t.Errorf("%s: %g B of class %d are permanent, but stay %v", x.ID, e.Permanent[c], c, e.Stays[c])
				}
			}
		}
	}
}

// TestLasting: over the micro-batches of a training iteration weights and state
// last, and the gradients of weights that are summed; over whole iterations only
// weights and state do. Activations and their gradients never do.
func TestLasting(t *testing.T) {
	o, err := suite.DefaultOptions("alexnet", workload.Training)
	if err != nil {
		t.Fatal(err)
	}
	o.Batch = 4
	net, err := suite.Build("alexnet", o)
	if err != nil {
		t.Fatal(err)
	}
	part := func(batch, micro int) (*workload.Trace, error) {
		p := o
		p.Batch, p.MicroBatches = batch, micro
		return lower.Trace(net, p)
	}
	whole, err := part(4, 1)
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(&Traces{Whole: whole, Part: part}, residency.Conventions{AccumBytes: 4})
	if err != nil {
		t.Fatal(err)
	}
	if n.Levels() != 3 {
		t.Fatalf("%d parts of a batch of 4, want 1, 2 and 4", n.Levels())
	}
	summed := 0
	for lv := range n.Levels() {
		p, samples := n.Level(lv)
		for k := range p.Trace().Tensors {
			x := &p.Trace().Tensors[k]
			want := x.Persistent
			if samples < 4 && x.Class == workload.WeightGradient {
				want = true
				summed++
			}
			if got := n.lasting(p, int32(k)); got != want {
				t.Errorf("%d samples, %s: lasts %v, want %v", samples, x.Name, got, want)
			}
		}
	}
	if summed == 0 {
		t.Error("no gradients of weights")
	}
}

// TestWorth: a byte that is read three times is held before one that is read and
// written, that before one that is read once; what may not stay is not held. The
// second step runs twice.
func TestWorth(t *testing.T) {
	tr := &workload.Trace{Network: "w", Batch: 1}
	for _, name := range []string{"once", "updated", "thrice", "passing"} {
		tr.Tensors = append(tr.Tensors, workload.Tensor{Name: name, Elems: 100, Bytes: 100, Persistent: name != "passing", External: name == "passing"})
	}
	all := func(k ...workload.TensorID) (list []workload.Operand) {
		for _, k := range k {
			list = append(list, workload.Operand{Tensor: k, Bytes: 100})
		}
		return list
	}
	tr.Steps = []workload.Step{
		{Name: "a", VectorOps: 1, Op: workload.OpElementwise, Reads: all(0, 1, 2, 3), Writes: all(1)},
		{Name: "b", VectorOps: 1, Op: workload.OpElementwise, Reads: all(2, 3)},
	}
	p, err := residency.New(tr, residency.Conventions{})
	if err != nil {
		t.Fatal(err)
	}
	persistent := func(p *residency.Manager, k int32) bool { return p.Trace().Tensors[k].Persistent }
	var order []int32
	for _, x := range (&Network{}).worth(p, persistent, func(yield func(step, rounds int)) { yield(0, 1); yield(1, 2) }) {
		order = append(order, x.tensor)
		if x.bytes != 100 {
			t.Errorf("tensor %d of %g B", x.tensor, x.bytes)
		}
	}
	if !slices.Equal(order, []int32{2, 1, 0}) {
		t.Errorf("held in the order %v, want thrice, updated, once", order)
	}
}
