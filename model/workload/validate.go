package workload

import (
	"errors"
	"fmt"
	"math/bits"
)

// Validate returns the violations of the trace contract: every tensor is written
// before it is read, operands are within their tensors and named once, and the
// operands of a nest have its elements.
func (tr *Trace) Validate() error {
	var errs []error
	bad := func(s *Step, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s %s: "+format, append([]any{s.Name, s.Pass}, args...)...))
	}
	defined := make([]bool, len(tr.Tensors))
	for i, t := range tr.Tensors {
		defined[i] = t.External || t.Persistent
		if t.Bytes <= 0 || t.Elems <= 0 {
			errs = append(errs, fmt.Errorf("tensor %s: %d elements, %d bytes", t.Name, t.Elems, t.Bytes))
		}
		if t.External && t.Persistent {
			errs = append(errs, fmt.Errorf("tensor %s is external and persistent", t.Name))
		}
	}
	for i := range tr.Steps {
		s := &tr.Steps[i]
		seen := map[TensorID]int64{}
		for j, r := range s.Reads {
			if !defined[r.Tensor] {
				bad(s, "reads %s before it is written", tr.Tensors[r.Tensor].Name)
			}
			if r.Bytes <= 0 || r.Bytes > tr.Tensors[r.Tensor].Bytes {
				bad(s, "reads %d bytes of %s, which has %d", r.Bytes, tr.Tensors[r.Tensor].Name, tr.Tensors[r.Tensor].Bytes)
			}
			if j >= int(s.NIn0+s.NIn1) && seen[r.Tensor] >= r.Bytes {
				bad(s, "reads %s twice", tr.Tensors[r.Tensor].Name)
			}
			seen[r.Tensor] = max(seen[r.Tensor], r.Bytes)
		}
		if len(s.Writes) == 0 {
			bad(s, "writes nothing")
		}
		written := map[TensorID]bool{}
		for _, w := range s.Writes {
			if tr.Tensors[w.Tensor].External {
				bad(s, "writes external %s", tr.Tensors[w.Tensor].Name)
			}
			if w.Bytes <= 0 || w.Bytes > tr.Tensors[w.Tensor].Bytes {
				bad(s, "writes %d bytes of %s, which has %d", w.Bytes, tr.Tensors[w.Tensor].Name, tr.Tensors[w.Tensor].Bytes)
			}
			if written[w.Tensor] {
				bad(s, "writes %s twice", tr.Tensors[w.Tensor].Name)
			}
			written[w.Tensor], defined[w.Tensor] = true, true
		}
		if s.MACs == 0 {
			if s.NIn0 != 0 || s.NIn1 != 0 || s.Nest != (Nest{}) || s.Attention != nil {
				bad(s, "has no multiply-accumulates but a nest")
			}
			if s.VectorOps <= 0 {
				bad(s, "does nothing")
			}
			continue
		}
		macs := int64(0)
		for _, n := range s.Products() {
			macs += n.MACs()
		}
		switch {
		case macs != s.MACs:
			bad(s, "has %d multiply-accumulates, its nest %d", s.MACs, macs)
		case s.Attention != nil:
			checkAttention(tr, s, bad)
		default:
			checkNest(tr, s, bad)
		}
	}
	return errors.Join(errs...)
}

// checkAttention compares the elements of Q, K, V and their gradients with the
// operands of a fused attention.
func checkAttention(tr *Trace, s *Step, bad func(*Step, string, ...any)) {
	qk, av := &s.Attention.Scores, &s.Attention.Context
	rows := qk.Groups * qk.P
	q, k, v, o := rows*qk.C, qk.Groups*qk.K*qk.C, av.Groups*av.C*av.K, rows*av.K
	if s.Nest != (Nest{}) || av.C != qk.K || av.P != qk.P || av.Groups != qk.Groups {
		bad(s, "is no attention: %+v", *s.Attention)
		return
	}
	queries, written := q, []int64{o}
	if s.Pass == Backward {
		queries, written = q+o+2*rows, []int64{q, k, v}
	}
	count := func(ops []Operand) (e int64) {
		for _, o := range ops {
			e += elements(&tr.Tensors[o.Tensor], o.Bytes)
		}
		return e
	}
	for i, want := range []int64{queries, k + v} {
		if got := count([][]Operand{s.Reads[:s.NIn0], s.Reads[s.NIn0 : s.NIn0+s.NIn1]}[i]); got != want {
			bad(s, "input %d has %d elements, the attention %d", i, got, want)
		}
	}
	for i, want := range written {
		if i >= len(s.Writes) || count(s.Writes[i:i+1]) != want {
			bad(s, "result %d has not the %d elements of the attention", i, want)
		}
	}
}

// checkNest compares the elements of the nest's tensors with the operands.
func checkNest(tr *Trace, s *Step, bad func(*Step, string, ...any)) {
	n := &s.Nest
	if n.Form != BoxForm {
		checkForm(s, bad)
		return
	}
	th, all := n.Touched()
	elems := map[Role]int64{
		Ifmap: n.ifmapElems(), Filter: n.Groups * n.K * n.C * n.R * n.S, Ofmap: n.Groups * n.N * n.K * n.P * n.Q,
	}
	sum := func(ops []Operand) (e int64) {
		for _, o := range ops {
			e += elements(&tr.Tensors[o.Tensor], o.Bytes)
		}
		return e
	}
	var in []Role
	for _, r := range []Role{Ifmap, Filter, Ofmap} {
		if r != n.Out {
			in = append(in, r)
		}
	}
	if got := sum(s.Writes[:1]); got != elems[n.Out] {
		bad(s, "writes %d elements, the nest %d", got, elems[n.Out])
	}
	for i, ops := range [][]Operand{s.Reads[:s.NIn0], s.Reads[s.NIn0 : s.NIn0+s.NIn1]} {
		want := elems[in[i]]
		if in[i] == Ifmap && (n.Out != Ofmap || s.Pass != Backward) { // dX of a transposed convolution reads all
			want = want / all * th
		}
		if got := sum(ops); got != want {
			bad(s, "input %d has %d elements, the nest %d", i, got, want)
		}
	}
}

// checkForm checks a nest whose operands are not its boxes.
func checkForm(s *Step, bad func(*Step, string, ...any)) {
	switch n := &s.Nest; {
	case n.Form > ScanForm:
		bad(s, "has a nest of unknown form %d", n.Form)
	case n.Form == RoutedForm && s.Routing == nil:
		bad(s, "has experts but no routing")
	case n.Masked < 0 || n.MACs() <= 0:
		bad(s, "leaves out %d of %d multiply-accumulates", n.Masked, n.Box())
	}
}

// elements returns the elements of a tensor that the bytes hold.
func elements(t *Tensor, bytes int64) int64 {
	if t.Bytes <= 0 || bytes > t.Bytes {
		return -1
	}
	hi, lo := bits.Mul64(uint64(bytes), uint64(t.Elems))
	q, _ := bits.Div64(hi, lo, uint64(t.Bytes))
	return int64(q)
}
