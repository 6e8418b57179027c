// Package archive keeps every non-dominated design met: a sorted line for two
// objectives, a tree of nested boxes for others.
package archive

import (
	"cmp"
	"math"
	"slices"

	"stco/space"
)

// Archive holds every feasible non-dominated design met, one per vector of
// objectives: the first.
type Archive struct {
	dim, m, c int
	limit     int
	x, f, g   []float64 // rows by slot
	keys      []space.Key
	spare     []int32 // Slots not in use
	line      []int32 // two objectives: slots by ascending first objective
	tree      ndTree  // otherwise
	count     int
	thinnings int
}

// New returns an empty archive of designs with dim coordinates, m objectives and
// c constraints, thinned when it has more than limit members.
func New(dim, m, c, limit int) *Archive {
	return &Archive{dim: dim, m: m, c: c, limit: limit, tree: ndTree{m: m}}
}

// Point returns the design in a slot; the memory is the archive's.
func (a *Archive) Point(slot int32) []float64 {
	return a.x[int(slot)*a.dim : (int(slot)+1)*a.dim]
}

// Values returns the objectives of the design in a slot; the memory is the
// archive's.
func (a *Archive) Values(slot int32) []float64 {
	return a.f[int(slot)*a.m : (int(slot)+1)*a.m]
}

// Constraints returns the constraint values of the design in a slot; the memory
// is the archive's.
func (a *Archive) Constraints(slot int32) []float64 {
	return a.g[int(slot)*a.c : (int(slot)+1)*a.c]
}

// Add offers a feasible design and tells whether it entered.
func (a *Archive) Add(x, f, g []float64, key space.Key) bool {
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

func (a *Archive) addLine(x, f, g []float64, key space.Key) bool {
	lo := a.upTo(f[0])
	if lo > 0 && a.f[2*a.line[lo-1]+1] <= f[1] {
		return false
	}
	if lo > 0 && a.f[2*a.line[lo-1]] == f[0] {
		lo--
	}
	hi := lo
	for ; hi < len(a.line) && a.f[2*a.line[hi]+1] >= f[1]; hi++ {
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

// upTo returns how many members of a front of two objectives have a first
// objective of at most f: the index of the next one in a.line.
func (a *Archive) upTo(f float64) int {
	lo, hi := 0, len(a.line)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if a.f[2*a.line[mid]] <= f {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// store writes a design into a free slot.
func (a *Archive) store(x, f, g []float64, key space.Key) int32 {
	a.count++
	if n := len(a.spare); n > 0 {
		slot := a.spare[n-1]
		a.spare = a.spare[:n-1]
		copy(a.Point(slot), x)
		copy(a.Values(slot), f)
		copy(a.Constraints(slot), g)
		a.keys[slot] = key
		return slot
	}
	a.x, a.f, a.g = append(a.x, x...), append(a.f, f...), append(a.g, g...)
	a.keys = append(a.keys, key)
	return int32(len(a.keys) - 1)
}

// Slots returns the members ordered by objectives, then key: an order that
// depends on the members alone.
func (a *Archive) Slots() []int32 {
	if a.m == 2 {
		return slices.Clone(a.line)
	}
	out := a.tree.all(make([]int32, 0, a.count))
	slices.SortFunc(out, func(p, q int32) int {
		if c := slices.Compare(a.Values(p), a.Values(q)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.keys[p].Hi, a.keys[q].Hi), cmp.Compare(a.keys[p].Lo, a.keys[q].Lo))
	})
	return out
}

// Bounds writes the least and largest objectives of the members.
func (a *Archive) Bounds(lo, hi []float64) {
	for j := range lo {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
	}
	if a.m == 2 {
		if n := len(a.line); n > 0 {
			first, last := a.Values(a.line[0]), a.Values(a.line[n-1])
			lo[0], hi[0], lo[1], hi[1] = first[0], last[0], last[1], first[1]
		}
		return
	}
	for _, s := range a.tree.all(nil) {
		for j, v := range a.Values(s) {
			lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
		}
	}
}

// Thin keeps one design per epsilon box when there are more than the limit:
// boxes divide the ranges of the objectives evenly, so finely that at most half
// of the limit remain; of each box the design nearest its lower corner stays,
// and the best of every objective.
func (a *Archive) Thin() {
	if a.count <= a.limit {
		return
	}
	chosen := a.Thinned(a.Slots(), a.limit/2)
	old := *a
	*a = *New(a.dim, a.m, a.c, a.limit)
	a.thinnings = old.thinnings + 1
	for _, s := range chosen {
		a.Add(old.Point(s), old.Values(s), old.Constraints(s), old.keys[s])
	}
}

// Thinned returns at most limit of the slots, or few more when the boxes cannot
// be larger: the representatives of epsilon boxes.
func (a *Archive) Thinned(slots []int32, limit int) []int32 {
	lo, hi := make([]float64, a.m), make([]float64, a.m)
	a.Bounds(lo, hi)
	for cells := 2 * float64(limit); ; cells *= 0.7 {
		if chosen := a.boxes(slots, lo, hi, cells); len(chosen) <= limit || cells <= 2 {
			return chosen
		}
	}
}

// boxes returns the representative of each occupied box, in the order of slots.
func (a *Archive) boxes(slots []int32, lo, hi []float64, cells float64) []int32 {
	type rep struct {
		at       int
		distance float64
	}
	best := map[space.Key]rep{}
	keep := make([]bool, len(slots))
	champion := make([]int, a.m)
	for i, s := range slots {
		box, distance := space.Key{}, 0.0
		for j, v := range a.Values(s) {
			if v < a.Values(slots[champion[j]])[j] {
				champion[j] = i
			}
			c := 0.0
			if hi[j] > lo[j] {
				c = (v - lo[j]) / (hi[j] - lo[j]) * cells
			}
			cell := math.Floor(c)
			distance += c - cell
			box = space.Key{Hi: mix(box.Hi ^ uint64(cell)), Lo: mix(box.Lo + uint64(cell)*0x9e3779b97f4a7c15)}
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

// Covers tells whether a member weakly dominates f. It only reads.
func (a *Archive) Covers(f []float64) bool {
	if a.m != 2 {
		return a.tree.covers(a.f, f)
	}
	lo := a.upTo(f[0])
	return lo > 0 && a.f[2*a.line[lo-1]+1] <= f[1]
}

// Len returns the number of members.
func (a *Archive) Len() int { return a.count }

// Key returns the key of the design in a slot.
func (a *Archive) Key(slot int32) space.Key { return a.keys[slot] }

// Thinnings returns how often the archive was thinned to epsilon boxes.
func (a *Archive) Thinnings() int { return a.thinnings }

// Restored sets the number of thinnings and the limit of an archive that was
// filled from a saved state.
func (a *Archive) Restored(thinnings, limit int) { a.thinnings, a.limit = thinnings, limit }

// mix is the finaliser of splitmix64.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
