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
		for _, e := range candidates(n, x.Capacity*unit) {
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
	part := lower.Parts(net, o)
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

// checkHeld checks that what an execution holds fits the buffer in every row and
// every round. What groups exchange is counted here anew, from the operands of the
// trace of one part of the batch and the cuts at which all is kept.
func checkHeld(t *testing.T, name string, e *Execution, tr *workload.Trace, capacity float64) {
	t.Helper()
	type life struct{ made, last int }
	lives := map[workload.TensorID]*life{}
	for i := range tr.Steps {
		for _, o := range tr.Steps[i].Writes {
			if x := &tr.Tensors[o.Tensor]; lives[o.Tensor] == nil && !x.Persistent && !x.External {
				lives[o.Tensor] = &life{i, i}
			}
		}
		for _, o := range tr.Steps[i].Reads {
			if l := lives[o.Tensor]; l != nil {
				l.last = i
			}
		}
	}
	groupOf := func(step int) int {
		return slices.IndexFunc(e.Groups, func(g Stack) bool { return step < g.End })
	}
	// exchanged returns the bytes on chip in a round of a group at a step of data
	// that more than one group uses.
	exchanged := func(g, round, step int) float64 {
		sum, rounds := 0.0, e.Groups[g].Rounds
		for k, l := range lives {
			a, b := groupOf(l.made), groupOf(l.last)
			if a == b || g < a || g > b || slices.Contains(e.structure.kept[a:b], false) {
				continue
			}
			parts := rounds
			switch g {
			case a:
				parts = round
				if step >= l.made {
					parts++
				}
			case b:
				parts = rounds - round
				if step > l.last {
					parts--
				}
			}
			sum += float64(tr.Tensors[k].Bytes) * float64(parts) / float64(rounds)
		}
		return sum
	}
	row := 0
	for g, gr := range e.Groups {
		for _, times := range [][2]int{{0, 1}, {1, gr.Rounds}} {
			if times[0] == times[1] {
				continue
			}
			for i := gr.First; i < gr.End; i++ {
				mean, most := 0.0, 0.0
				for r := times[0]; r < times[1]; r++ {
					x := exchanged(g, r, i)
					mean, most = mean+x/float64(times[1]-times[0]), max(most, x)
				}
				live := most - mean
				for c := range e.Live {
					if e.Live[c] != nil {
						live += e.Live[c][row]
					}
				}
				if e.Room[row] < 0 || live > capacity+1 || live-(most-mean)+e.Room[row] > capacity+1 {
					t.Errorf("%s, %d samples, group %d of %v, step %d: %.0f B on chip and %.0f free of %.0f", name, e.Samples, g, e.Groups, i, live, e.Room[row], capacity)
				}
				row++
			}
		}
	}
	if row != len(e.Rows) {
		t.Errorf("%s: %d rows, want %d", name, len(e.Rows), row)
	}
}

// TestHeld: a schedule holds no more than the buffer, small graphs and networks.
func TestHeld(t *testing.T) {
	groups := 0
	for _, x := range instances(t) {
		n, err := New(&Traces{Whole: x.trace(x.Batch), Part: func(batch, _ int) (*workload.Trace, error) { return x.trace(batch), nil }}, residency.Conventions{AccumBytes: 4, Apart: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range candidates(n, x.Capacity*unit) {
			groups = max(groups, len(e.Groups))
			checkHeld(t, x.ID, e, x.trace(e.Samples), float64(x.Capacity*unit))
		}
	}
	if groups < 3 {
		t.Errorf("at most %d groups: nothing is checked", groups)
	}
	for _, name := range []string{"squeezenet1_0", "resnet18"} {
		n := network(t, name, 4)
		for _, mib := range []int64{1, 2, 4} {
			for _, e := range candidates(n, mib<<20) {
				p, _ := n.Level(slices.IndexFunc(n.levels, func(l *level) bool { return l.batch == e.Samples }))
				checkHeld(t, name, e, p.Trace(), float64(mib<<20))
			}
		}
	}
}
