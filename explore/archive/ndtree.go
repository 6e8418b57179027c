package archive

import "math"

// ndTree keeps mutually non-dominated vectors in nested boxes, so that most of
// them need not be compared with a new one (Jaszkiewicz and Lust 2018,
// ND-Tree). It holds slots of rows of objectives kept elsewhere.
type ndTree struct {
	m     int
	nodes []ndNode
	boxes []float64 // per node: m lower, then m upper corners
	free  []int32   // nodes not in use
	path  []int32
}

type ndNode struct {
	kids  []int32 // nodes of an inner node, slots of a leaf
	inner bool
}

const (
	leafSize = 16
	fanout   = 6
)

func (t *ndTree) lower(n int32) []float64 {
	return t.boxes[2*t.m*int(n):][:t.m]
}

func (t *ndTree) upper(n int32) []float64 {
	return t.boxes[2*t.m*int(n)+t.m:][:t.m]
}

// clear removes what y weakly dominates, appending the slots to freed; ok is
// false, and nothing is removed, when a member weakly dominates y.
func (t *ndTree) clear(f, y []float64, freed []int32) (out []int32, ok bool) {
	if len(t.nodes) == 0 {
		return freed, true
	}
	out, ok = t.clearNode(0, f, y, freed)
	if len(t.nodes[0].kids) == 0 {
		t.nodes[0].inner = false
	}
	return out, ok
}

func (t *ndTree) clearNode(n int32, f, y []float64, freed []int32) ([]int32, bool) {
	node := &t.nodes[n]
	if len(node.kids) == 0 {
		return freed, true
	}
	m := t.m
	box := t.boxes[2*m*int(n):][:2*m]
	// mayBelow: a member may be nowhere above y; mayAbove: y may be nowhere above a member
	mayBelow, mayAbove, allBelow, allAbove := true, true, true, true
	for j, v := range y {
		lo, hi := box[j], box[m+j]
		mayBelow = mayBelow && lo <= v
		mayAbove = mayAbove && v <= hi
		if !mayBelow && !mayAbove {
			return freed, true
		}
		allBelow = allBelow && hi <= v
		allAbove = allAbove && v <= lo
	}
	switch {
	case allBelow:
		return freed, false
	case allAbove:
		freed = t.release(n, freed)
		return freed, true
	}
	if node.inner {
		for i := 0; i < len(t.nodes[n].kids); {
			kid := t.nodes[n].kids[i]
			var ok bool
			if freed, ok = t.clearNode(kid, f, y, freed); !ok {
				return freed, false
			}
			if len(t.nodes[kid].kids) == 0 {
				kids := t.nodes[n].kids
				kids[i] = kids[len(kids)-1]
				t.nodes[n].kids = kids[:len(kids)-1]
				t.free = append(t.free, kid)
				continue
			}
			i++
		}
		return freed, true
	}
	for i := 0; i < len(node.kids); {
		switch q := f[int(node.kids[i])*m:][:m]; compare(q, y) {
		case below:
			return freed, false
		case above:
			freed = append(freed, node.kids[i])
			node.kids[i] = node.kids[len(node.kids)-1]
			node.kids = node.kids[:len(node.kids)-1]
			continue
		}
		i++
	}
	return freed, true
}

const (
	apart = iota
	below // nowhere above, or equal
	above // nowhere below and not equal
)

// compare tells how a lies to b.
func compare(a, b []float64) int {
	le, ge := true, true
	for j, v := range a {
		le = le && v <= b[j]
		ge = ge && v >= b[j]
		if !le && !ge {
			return apart
		}
	}
	if le {
		return below
	}
	return above
}

// release empties a node.
func (t *ndTree) release(n int32, freed []int32) []int32 {
	node := &t.nodes[n]
	if !node.inner {
		freed = append(freed, node.kids...)
	} else {
		for _, k := range node.kids {
			freed = t.release(k, freed)
			t.free = append(t.free, k)
		}
	}
	t.nodes[n].kids = t.nodes[n].kids[:0]
	t.nodes[n].inner = false
	return freed
}

// insert adds a slot whose row is in f.
func (t *ndTree) insert(f []float64, slot int32) {
	y := f[int(slot)*t.m:][:t.m]
	if len(t.nodes) == 0 {
		t.node()
	}
	n := int32(0)
	t.path = t.path[:0]
	for {
		t.path = append(t.path, n)
		t.extend(n, y)
		if !t.nodes[n].inner {
			break
		}
		n = t.nearest(n, y)
	}
	t.nodes[n].kids = append(t.nodes[n].kids, slot)
	if len(t.nodes[n].kids) > leafSize {
		t.split(n, f)
	}
}

func (t *ndTree) node() int32 {
	if k := len(t.free); k > 0 {
		n := t.free[k-1]
		t.free = t.free[:k-1]
		t.nodes[n] = ndNode{kids: t.nodes[n].kids[:0]}
		return n
	}
	t.nodes = append(t.nodes, ndNode{})
	t.boxes = append(t.boxes, make([]float64, 2*t.m)...)
	return int32(len(t.nodes) - 1)
}

// extend makes the box of a node hold y.
func (t *ndTree) extend(n int32, y []float64) {
	lo, hi := t.lower(n), t.upper(n)
	if len(t.nodes[n].kids) == 0 {
		copy(lo, y)
		copy(hi, y)
		return
	}
	for j, v := range y {
		lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
	}
}

// nearest returns the kid whose centre is nearest to y in units of the node.
func (t *ndTree) nearest(n int32, y []float64) int32 {
	best, least := t.nodes[n].kids[0], math.Inf(1)
	all := t.boxes[2*t.m*int(n):][:2*t.m]
	var scale [8]float64
	for j := range t.m {
		if w := all[t.m+j] - all[j]; w > 0 {
			scale[j] = 0.5 / w
		}
	}
	for _, k := range t.nodes[n].kids {
		box := t.boxes[2*t.m*int(k):][:2*t.m]
		d := 0.0
		for j, v := range y {
			c := (2*v - box[j] - box[t.m+j]) * scale[j]
			d += c * c
		}
		if d < least {
			best, least = k, d
		}
	}
	return best
}

// split turns a full leaf into an inner node of leaves around members that lie
// far from each other.
func (t *ndTree) split(n int32, f []float64) {
	slots := append([]int32(nil), t.nodes[n].kids...)
	m := t.m
	box := append([]float64(nil), t.boxes[2*m*int(n):][:2*m]...)
	away := make([]float64, len(slots)) // squared distance to the nearest centre
	for i := range away {
		away[i] = math.Inf(1)
	}
	home := make([]int, len(slots))
	at := 0
	centres := 0
	for centres < fanout {
		centre := f[int(slots[at])*m:][:m]
		far := 0.0
		for i, s := range slots {
			d := 0.0
			for j, v := range f[int(s)*m:][:m] {
				if w := box[m+j] - box[j]; w > 0 {
					c := (v - centre[j]) / w
					d += c * c
				}
			}
			if d < away[i] {
				away[i], home[i] = d, centres
			}
		}
		centres++
		next := at
		for i, d := range away {
			if d > far {
				next, far = i, d
			}
		}
		if far == 0 {
			break
		}
		at = next
	}
	if centres < 2 {
		return
	}
	kids := make([]int32, centres)
	for c := range kids {
		kids[c] = t.node()
	}
	for i, s := range slots {
		k := kids[home[i]]
		t.extend(k, f[int(s)*m:][:m])
		t.nodes[k].kids = append(t.nodes[k].kids, s)
	}
	t.nodes[n] = ndNode{kids: kids, inner: true}
}

// all appends every slot.
func (t *ndTree) all(out []int32) []int32 {
	if len(t.nodes) == 0 {
		return out
	}
	return t.collect(0, out)
}

func (t *ndTree) collect(n int32, out []int32) []int32 {
	if !t.nodes[n].inner {
		return append(out, t.nodes[n].kids...)
	}
	for _, k := range t.nodes[n].kids {
		out = t.collect(k, out)
	}
	return out
}

// covers tells whether a member weakly dominates y.
func (t *ndTree) covers(f, y []float64) bool {
	return len(t.nodes) > 0 && t.coversNode(0, f, y)
}

func (t *ndTree) coversNode(n int32, f, y []float64) bool {
	node := &t.nodes[n]
	if len(node.kids) == 0 {
		return false
	}
	lo, hi := t.lower(n), t.upper(n)
	all := true
	for j, v := range y {
		if lo[j] > v {
			return false
		}
		all = all && hi[j] <= v
	}
	if all {
		return true
	}
	for _, k := range node.kids {
		if node.inner {
			if t.coversNode(k, f, y) {
				return true
			}
		} else if compare(f[int(k)*t.m:][:t.m], y) == below {
			return true
		}
	}
	return false
}
