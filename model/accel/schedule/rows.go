package schedule

import (
	"stco/model/accel/residency"
	"stco/model/workload"
)

// append adds a group's rows to an execution: the first round, in which what is
// held over the rounds is read, and the others.
func (x *executor) append(e *Execution, g int, s *residency.Schedule) {
	gr, p := &x.st.groups[g], x.groups[g].p
	first, n := len(e.Rows), gr.End-gr.First
	for range min(gr.Rounds, 2) {
		repeat := 1.0
		if len(e.Rows) > first {
			repeat = float64(gr.Rounds - 1)
		}
		for i := range n {
			e.Rows = append(e.Rows, Row{Level: int32(gr.Level), Step: int32(gr.First + i), Repeat: repeat})
		}
		at := int32(len(e.Read))
		e.Read, e.Write, e.Room = append(e.Read, s.Read...), append(e.Write, s.Write...), append(e.Room, s.Room...)
		for _, i := range s.After {
			if i >= 0 {
				i += at
			}
			e.After = append(e.After, i)
		}
		for c := range s.Live {
			if s.Live[c] != nil {
				copy(e.live(workload.Class(c))[len(e.Rows)-n:], s.Live[c])
			}
		}
	}
	for c := range s.ClassRead {
		e.ClassRead[c] += s.ClassRead[c] * float64(gr.Rounds)
		e.ClassWrite[c] += s.ClassWrite[c] * float64(gr.Rounds)
		for _, y := range s.Stays[c] {
			e.Stays[c] = append(e.Stays[c], residency.Stay{From: y.From + int32(first), To: y.To + int32(first)})
		}
	}
	var touches []residency.Touch
	done := map[int32]bool{}
	for i := range n {
		touches = p.Touches(gr.First+i, touches[:0])
		for _, c := range touches {
			bytes, _, output, class, _ := p.Tensor(c.Tensor)
			if share := x.held[c.Tensor]; share > 0 && !done[c.Tensor] {
				done[c.Tensor] = true
				e.Read[first+i] += share * float64(bytes)
				e.ClassRead[class] += share * float64(bytes)
				e.holds(class, share*float64(bytes), first, len(e.Rows))
				e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(first + i), To: int32(len(e.Rows) - 1)})
				if last, write := p.WrittenIn(c.Tensor, gr.First, gr.End); write && p.Needed(c.Tensor, gr.End) {
					e.Write[len(e.Rows)-n+last-gr.First] += share * float64(bytes) / e.Rows[len(e.Rows)-1].Repeat
					e.ClassWrite[class] += share * float64(bytes)
				}
			}
			if _, kept := x.kept[c.Tensor]; kept && output && c.Writes {
				for r := first + i; r < len(e.Rows); r += n {
					e.Write[r] += float64(c.Bytes)
				}
				e.ClassWrite[class] += float64(c.Bytes) * float64(gr.Rounds)
			}
		}
	}
}

// note counts what stays on chip between groups and between iterations. at are
// the rows before each group, and their number.
func (x *executor) note(e *Execution, at []int) {
	rows := len(e.Rows)
	for _, k := range x.order {
		s := x.kept[k]
		_, _, _, class, _ := x.p.Tensor(k)
		for g := s.first; g <= s.last; g++ {
			x.occupy(e, k, s, g, at[g])
		}
		e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(at[s.first]), To: int32(at[s.last+1] - 1)})
	}
	for k, share := range x.forever {
		if share <= 0 {
			continue
		}
		bytes, _, _, class, renewal := x.p.Tensor(int32(k))
		e.holds(class, share*float64(bytes), 0, rows)
		e.Stays[class] = append(e.Stays[class], residency.Stay{From: int32(-1), To: int32(rows - 1)})
		if _, write := x.p.LastTouch(int32(k)); write < 0 {
			e.Permanent[class] += share * float64(bytes)
		} else if renewal > 0 {
			e.Age[class] = max(e.Age[class], renewal)
		}
	}
	for c := range e.Stays {
		e.Stays[c] = residency.Maximal(e.Stays[c])
	}
	for c := range e.Live {
		if e.Live[c] != nil {
			e.live(workload.Class(c))
		}
	}
}

// occupy counts what group g holds of a tensor that groups exchange, on average
// over the times of each row: the group that makes it adds a sub-batch in every
// round, the last that needs it gives one up.
func (x *executor) occupy(e *Execution, k int32, s span, g, row int) {
	gr := &x.st.groups[g]
	size, _, _, class, _ := x.p.Tensor(k)
	bytes, rounds := float64(size), float64(gr.Rounds)
	n := gr.End - gr.First
	for round := range min(gr.Rounds, 2) {
		others := 0.0 // sub-batches on chip beside the one at hand
		switch {
		case g == s.first && round == 1:
			others = rounds / 2
		case g == s.last && round == 0:
			others = rounds - 1
		case g == s.last:
			others = (rounds - 2) / 2
		}
		for i := range n {
			parts := others
			if g == s.first && x.p.Exists(k, gr.First+i+1) || g == s.last && x.p.Needed(k, gr.First+i) {
				parts++
			}
			if g != s.first && g != s.last {
				parts = rounds
			}
			at := row + round*n + i
			e.holds(class, parts/rounds*bytes, at, at+1)
		}
	}
}
