package explore

import (
	"cmp"
	"math"
	"slices"

	"stco/space"
)

// archive holds every feasible non-dominated design met, one per vector of
// objectives: the first.
type archive struct {
	dim, m, c int
	limit     int
	x, f, g   []float64 // rows by slot
	keys      []space.Key
	spare     []int32 // slots not in use
	line      []int32 // two objectives: slots by ascending first objective
	tree      ndTree  // otherwise
	count     int
	times     int // it was thinned to epsilon boxes
}

func newArchive(dim, m, c, limit int) *archive {
	return &archive{dim: dim, m: m, c: c, limit: limit, tree: ndTree{m: m}}
}

func (a *archive) point(slot int32) []float64 {
	return a.x[int(slot)*a.dim : (int(slot)+1)*a.dim]
}

func (a *archive) values(slot int32) []float64 {
	return a.f[int(slot)*a.m : (int(slot)+1)*a.m]
}

func (a *archive) constraints(slot int32) []float64 {
	return a.g[int(slot)*a.c : (int(slot)+1)*a.c]
}

// add offers a feasible design and tells whether it entered.
func (a *archive) add(x, f, g []float64, key space.Key) bool {
	if a.m == 2 {
		return a.addLine(x, f, g, key)
	}
	freed, ok := a.tree.clear(a.f, f, a.spare)
	if !ok {
		return false
	}
	a.count -= len(freed) - len(a.spare)
	a.spare = freed
	a.tree.insert(a.f, a.store(x, f, g, key))
	return true
}

func (a *archive) addLine(x, f, g []float64, key space.Key) bool {
	lo, hi := 0, len(a.line)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if a.f[2*a.line[mid]] <= f[0] {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo > 0 && a.f[2*a.line[lo-1]+1] <= f[1] {
		return false
	}
	if lo > 0 && a.f[2*a.line[lo-1]] == f[0] {
		lo--
	}
	for hi = lo; hi < len(a.line) && a.f[2*a.line[hi]+1] >= f[1]; hi++ {
		a.spare = append(a.spare, a.line[hi])
	}
	a.count -= hi - lo
	slot := a.store(x, f, g, key)
	if hi > lo {
		a.line[lo] = slot
		a.line = append(a.line[:lo+1], a.line[hi:]...)
		return true
	}
	a.line = slices.Insert(a.line, lo, slot)
	return true
}

// store writes a design into a free slot.
func (a *archive) store(x, f, g []float64, key space.Key) int32 {
	a.count++
	if n := len(a.spare); n > 0 {
		slot := a.spare[n-1]
		a.spare = a.spare[:n-1]
		copy(a.point(slot), x)
		copy(a.values(slot), f)
		copy(a.constraints(slot), g)
		a.keys[slot] = key
		return slot
	}
	a.x, a.f, a.g = append(a.x, x...), append(a.f, f...), append(a.g, g...)
	a.keys = append(a.keys, key)
	return int32(len(a.keys) - 1)
}

// slots returns the members ordered by objectives, then key: an order that
// depends on the members alone.
func (a *archive) slots() []int32 {
	if a.m == 2 {
		return slices.Clone(a.line)
	}
	out := a.tree.all(make([]int32, 0, a.count))
	slices.SortFunc(out, func(p, q int32) int {
		if c := slices.Compare(a.values(p), a.values(q)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.keys[p].Hi, a.keys[q].Hi), cmp.Compare(a.keys[p].Lo, a.keys[q].Lo))
	})
	return out
}

// solutions returns copies of the members in the order of slots.
func (a *archive) solutions() []Solution {
	slots := a.slots()
	width := a.dim + a.m + a.c
	block := make([]float64, 0, len(slots)*width)
	cut := func(row []float64) []float64 {
		n := len(block)
		block = append(block, row...)
		return block[n:len(block):len(block)]
	}
	out := make([]Solution, len(slots))
	for i, s := range slots {
		out[i] = Solution{X: cut(a.point(s)), F: cut(a.values(s)), G: cut(a.constraints(s))}
	}
	return out
}

// bounds writes the least and largest objectives of the members.
func (a *archive) bounds(lo, hi []float64) {
	for j := range lo {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
	}
	if a.m == 2 {
		if n := len(a.line); n > 0 {
			first, last := a.values(a.line[0]), a.values(a.line[n-1])
			lo[0], hi[0], lo[1], hi[1] = first[0], last[0], last[1], first[1]
		}
		return
	}
	for _, s := range a.tree.all(nil) {
		for j, v := range a.values(s) {
			lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
		}
	}
}

// thin keeps one design per epsilon box when there are more than the limit:
// boxes divide the ranges of the objectives evenly, so finely that at most half
// of the limit remain; of each box the design nearest its lower corner stays,
// and the best of every objective.
func (a *archive) thin() {
	if a.count <= a.limit {
		return
	}
	chosen := a.thinned(a.slots(), a.limit/2)
	old := *a
	*a = *newArchive(a.dim, a.m, a.c, a.limit)
	a.times = old.times + 1
	for _, s := range chosen {
		a.add(old.point(s), old.values(s), old.constraints(s), old.keys[s])
	}
}

// thinned returns at most limit of the slots, or few more when the boxes cannot
// be larger: the representatives of epsilon boxes.
func (a *archive) thinned(slots []int32, limit int) []int32 {
	lo, hi := make([]float64, a.m), make([]float64, a.m)
	a.bounds(lo, hi)
	for cells := 2 * float64(limit); ; cells *= 0.7 {
		if chosen := a.boxes(slots, lo, hi, cells); len(chosen) <= limit || cells <= 2 {
			return chosen
		}
	}
}

// boxes returns the representative of each occupied box, in the order of slots.
func (a *archive) boxes(slots []int32, lo, hi []float64, cells float64) []int32 {
	type rep struct {
		at       int
		distance float64
	}
	best := map[space.Key]rep{}
	keep := make([]bool, len(slots))
	champion := make([]int, a.m)
	for i, s := range slots {
		box, distance := space.Key{}, 0.0
		for j, v := range a.values(s) {
			if v < a.values(slots[champion[j]])[j] {
				champion[j] = i
			}
			c := 0.0
			if hi[j] > lo[j] {
				c = (v - lo[j]) / (hi[j] - lo[j]) * cells
			}
			cell := math.Floor(c)
			distance += c - cell
			box = space.Key{Hi: scramble(box.Hi ^ uint64(cell)), Lo: scramble(box.Lo + uint64(cell)*0x9e3779b97f4a7c15)}
		}
		if r, ok := best[box]; !ok || distance < r.distance {
			best[box] = rep{i, distance}
		}
	}
	for _, r := range best {
		keep[r.at] = true
	}
	for _, i := range champion {
		keep[i] = true
	}
	var out []int32
	for i, s := range slots {
		if keep[i] {
			out = append(out, s)
		}
	}
	return out
}
