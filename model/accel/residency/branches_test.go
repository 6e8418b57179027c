package residency

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestIndependentBranches runs two branches of one input that a last step joins
// in both orders: products, compulsory traffic, the traffic of every step alone
// and that in a buffer that holds everything are the same, and no schedule of
// either order beats the compulsory traffic.
func TestIndependentBranches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := &workload.Trace{Network: "branches", Batch: 1}
		tensor := func(name string, elems int64) workload.TensorID {
			tr.Tensors = append(tr.Tensors, workload.Tensor{Name: name, Elems: elems, Bytes: 2 * elems})
			return workload.TensorID(len(tr.Tensors) - 1)
		}
		operand := func(id workload.TensorID) workload.Operand {
			return workload.Operand{Tensor: id, Bytes: tr.Tensors[id].Bytes}
		}
		rows, c := rapid.Int64Range(1, 64).Draw(t, "rows"), rapid.Int64Range(1, 64).Draw(t, "width")
		x := tensor("input", rows*c)
		tr.Tensors[x].External = true
		branch := func(name string) (steps []workload.Step, end workload.TensorID) {
			in, width := x, c
			for range rapid.IntRange(1, 4).Draw(t, name) {
				k := rapid.Int64Range(1, 64).Draw(t, "k")
				w := tensor("weight", width*k)
				tr.Tensors[w].Class, tr.Tensors[w].Persistent = workload.Weight, true
				y := tensor(name, rows*k)
				nest := workload.Nest{N: 1, P: rows, Q: 1, H: rows, W: 1, C: width, K: k, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
				steps = append(steps, workload.Step{
					Name: name, Op: workload.OpLinear, Nest: nest, MACs: nest.MACs(), NIn0: 1, NIn1: 1,
					Reads: []workload.Operand{operand(in), operand(w)}, Writes: []workload.Operand{operand(y)},
				})
				in, width = y, k
			}
			return steps, in
		}
		left, l := branch("left")
		right, r := branch("right")
		y := tensor("output", 8)
		tr.Tensors[y].Output = true
		join := workload.Step{Name: "join", VectorOps: 8, Reads: []workload.Operand{operand(l), operand(r)}, Writes: []workload.Operand{operand(y)}}
		order := func(a, b []workload.Step) *Manager {
			o := *tr
			o.Steps = append(append(append([]workload.Step{}, a...), b...), join)
			p, err := New(&o, Conventions{AccumBytes: 4})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p, q := order(left, right), order(right, left)
		same := func(what string, a, b float64) {
			if math.Abs(a-b) > 1e-9*a {
				t.Fatalf("%s: %g and %g", what, a, b)
			}
		}
		same("compulsory traffic", p.Compulsory(), q.Compulsory())
		same("traffic with room for everything", p.Run(1<<30).Total(), q.Run(1<<30).Total())
		capacity := rapid.Int64Range(1<<10, 1<<17).Draw(t, "capacity")
		if (p.Fits(capacity) == nil) != (q.Fits(capacity) == nil) {
			t.Fatalf("%d bytes suffice for one order only", capacity)
		}
		if p.Fits(capacity) != nil {
			return
		}
		same("traffic of every step alone", p.Alone(capacity).Total(), q.Alone(capacity).Total())
		if least := min(p.Run(capacity).Total(), q.Run(capacity).Total()); least < p.Compulsory() {
			t.Fatalf("traffic %g, compulsory %g", least, p.Compulsory())
		}
	})
}
