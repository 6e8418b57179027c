// Package overlap says which steps of a schedule may run while DRAM transfers of
// their neighbours are under way.
//
// A step streams its operands: its own transfers run beside its own work. Whether
// the DRAM may run ahead, and results wait, is a question of room: what the
// schedule leaves free of the buffer. Consecutive steps whose transfers fit in the
// room are a window, in which only the sums of work and of transfers count. From one
// window to the next the DRAM may be ahead by what fits beside the steps between, or
// behind by results that wait there. With work w, reads r and transfers d of a
// window, in s, and the s by which the DRAM is ahead when it begins, x (below 0:
// behind), array and buffer wait for
//
//	stall = max(0, r - w - max(x, 0), d - w - x - behind)
//	x     = min(x + w + stall - d, ahead)
//
// Ahead and behind are bytes of the table, the same for every memory: a design is
// costed by one pass over the windows, and no event is looked at.
package overlap

// Mode says what may overlap.
type Mode uint8

// The modes: windows; every step alone; everything, as if room and order of DRAM
// transfers did not matter (a bound, no machine).
const (
	Window Mode = iota
	Step
	Ideal
	numModes
)

// String returns the name used in studies: window, step, ideal.
func (m Mode) String() string { return [numModes]string{"window", "step", "ideal"}[m] }

// Modes returns the names of the modes, in order.
func Modes() []string { return []string{Window.String(), Step.String(), Ideal.String()} }

// Flow is what one row of a schedule moves, one time.
type Flow struct {
	Read, Write float64 // bytes from and to DRAM
	Room        float64 // bytes of the buffer that are free while it runs
	After       int32   // row whose DRAM writes its reads wait for, -1: none
	Begins      bool    // a round or a group: nothing crosses to it from the row before
}

// Span is a window: the rows First to End-1.
type Span struct {
	First, End    int
	Ahead, Behind float64 // bytes by which the DRAM may be ahead or behind at its end
}

// negligible is the share of the transfers on both sides below which bytes ahead or
// behind are taken for none.
const negligible = 1. / 64

// Windows cuts rows into windows, as many rows in each as fit, in order. Nothing is
// ahead or behind at the end of the last.
func Windows(rows []Flow) []Span {
	var list []Span
	for at := 0; at < len(rows); {
		end := at + 1
		w := begin(&rows[at], at)
		for end < len(rows) && !rows[end].Begins && w.add(&rows[end]) {
			end++
		}
		list = append(list, Span{First: at, End: end})
		at = end
	}
	for i := range list[:max(0, len(list)-1)] {
		s := &list[i]
		if rows[s.End].Begins {
			continue
		}
		s.Ahead, s.Behind = ahead(rows, s), min(rows[s.End-1].Room, rows[s.End].Room)
		if s.Ahead+s.Behind < negligible*min(moved(rows, s), moved(rows, &list[i+1])) {
			s.Ahead, s.Behind = 0, 0
		}
	}
	return list
}

func moved(rows []Flow, s *Span) float64 {
	sum := 0.0
	for i := s.First; i < s.End; i++ {
		sum += rows[i].Read + rows[i].Write
	}
	return sum
}

// ahead returns the bytes that may have been read of later rows before a window
// ends: in order, as far as all rows up to theirs leave room, and none that are
// written in the window or later.
func ahead(rows []Flow, s *Span) float64 {
	next := s.End
	sum, room := 0.0, rows[next-1].Room
	for i := next; i < len(rows) && (i == next || !rows[i].Begins); i++ {
		r := &rows[i]
		if room = min(room, r.Room); sum >= room || r.Read > 0 && int(r.After) >= s.First {
			break
		}
		sum = min(room, sum+r.Read)
	}
	return sum
}

// window is a window in the making.
type window struct {
	first   int32
	room    float64 // least of its rows
	ahead   float64 // most bytes, over the places in the window, that are read before their row or wait to be written
	pending float64 // bytes that its rows write
}

func begin(r *Flow, at int) window {
	return window{first: int32(at), room: r.Room, pending: r.Write}
}

// add takes the next row into the window if its transfers fit.
func (w *window) add(r *Flow) bool {
	if r.Read > 0 && r.After >= w.first {
		return false // what it reads is written in this window
	}
	// At each row, what later rows read and what the rows up to it write: reading
	// one more adds to all places, and behind the last row so far all writes wait.
	room, ahead := min(w.room, r.Room), max(w.ahead, w.pending)+r.Read
	if ahead > room {
		return false
	}
	w.room, w.ahead, w.pending = room, ahead, w.pending+r.Write
	return true
}
