package hypervolume

// lazyHeap is a binary heap with the least value on top; ties are broken by the
// row, so that the order is the same everywhere.
type lazyHeap struct{ entries []lazyEntry }

type lazyEntry struct {
	value float64
	row   int32
	age   int32 // members when value was exact
	seen  int32 // members that value allows for
}

func (h *lazyHeap) less(a, b lazyEntry) bool {
	return a.value < b.value || (a.value == b.value && a.row < b.row)
}

func (h *lazyHeap) build() {
	for i := len(h.entries)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

func (h *lazyHeap) down(i int) {
	e := h.entries
	x := e[i]
	for {
		c := 2*i + 1
		if c >= len(e) {
			break
		}
		if c+1 < len(e) && h.less(e[c+1], e[c]) {
			c++
		}
		if !h.less(e[c], x) {
			break
		}
		e[i] = e[c]
		i = c
	}
	e[i] = x
}

func (h *lazyHeap) pop() {
	last := len(h.entries) - 1
	h.entries[0] = h.entries[last]
	h.entries = h.entries[:last]
	if last > 0 {
		h.down(0)
	}
}
