package explore

import "stco/space"

// cache remembers the keys of evaluated designs: the latest limit ones at
// least, up to twice as many, in two generations.
type cache struct {
	limit    int
	new, old table
}

func newCache(limit int) *cache { return &cache{limit: limit} }

func (c *cache) has(k space.Key) bool { return c.new.has(k) || c.old.has(k) }

func (c *cache) add(k space.Key) {
	if len(c.new.keys) >= c.limit {
		c.old, c.new = c.new, table{}
	}
	c.new.add(k)
}

// table is a set of keys in the order they were added, with an index by open
// addressing.
type table struct {
	keys  []space.Key
	index []int32 // place in keys plus one, 0 is free; its length is a power of two
}

func (t *table) home(k space.Key) int {
	return int(scramble(k.Lo^k.Hi*0x9e3779b97f4a7c15) & uint64(len(t.index)-1))
}

func (t *table) has(k space.Key) bool {
	if len(t.index) == 0 {
		return false
	}
	for i := t.home(k); t.index[i] != 0; i = (i + 1) & (len(t.index) - 1) {
		if t.keys[t.index[i]-1] == k {
			return true
		}
	}
	return false
}

// add appends a key that is not in the table.
func (t *table) add(k space.Key) {
	t.keys = append(t.keys, k)
	if 2*len(t.keys) > len(t.index) {
		t.index = make([]int32, max(256, 2*len(t.index)))
		for i := range t.keys {
			t.put(i)
		}
		return
	}
	t.put(len(t.keys) - 1)
}

func (t *table) put(at int) {
	i := t.home(t.keys[at])
	for t.index[i] != 0 {
		i = (i + 1) & (len(t.index) - 1)
	}
	t.index[i] = int32(at) + 1
}
