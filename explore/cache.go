package explore

import "stco/space"

// cache remembers the keys of evaluated designs: the latest limit ones at
// least, up to twice as many, in two generations of an open-addressing table.
type cache struct {
	limit     int
	new, old  table
	forgotten bool // the older generation was dropped at least once
}

func newCache(limit int) *cache { return &cache{limit: limit} }

func (c *cache) has(k space.Key) bool { return c.new.has(k) || c.old.has(k) }

func (c *cache) add(k space.Key) {
	if c.new.size >= c.limit {
		c.forgotten = c.forgotten || c.old.size > 0
		c.old = c.new
		c.new = table{}
	}
	c.new.add(k)
}

// size returns the number of keys held.
func (c *cache) size() int { return c.new.size + c.old.size }

// table is a set of keys. The zero key is held apart: it marks a free slot.
type table struct {
	slots []space.Key
	size  int
	zero  bool
}

func (t *table) slot(k space.Key) int {
	return int(scramble(k.Lo^k.Hi*0x9e3779b97f4a7c15) & uint64(len(t.slots)-1))
}

func (t *table) has(k space.Key) bool {
	if k == (space.Key{}) {
		return t.zero
	}
	if len(t.slots) == 0 {
		return false
	}
	for i := t.slot(k); ; i = (i + 1) & (len(t.slots) - 1) {
		if t.slots[i] == k {
			return true
		}
		if t.slots[i] == (space.Key{}) {
			return false
		}
	}
}

func (t *table) add(k space.Key) {
	if t.has(k) {
		return
	}
	t.size++
	if k == (space.Key{}) {
		t.zero = true
		return
	}
	if 2*t.size > len(t.slots) {
		old := t.slots
		t.slots = make([]space.Key, max(256, 2*len(old)))
		for _, o := range old {
			if o != (space.Key{}) {
				t.put(o)
			}
		}
	}
	t.put(k)
}

func (t *table) put(k space.Key) {
	i := t.slot(k)
	for t.slots[i] != (space.Key{}) {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = k
}

// keys returns the keys in the order of the table's slots, which depends on
// nothing but the keys added and their order.
func (t *table) keys() []space.Key {
	out := make([]space.Key, 0, t.size)
	if t.zero {
		out = append(out, space.Key{})
	}
	for _, k := range t.slots {
		if k != (space.Key{}) {
			out = append(out, k)
		}
	}
	return out
}
