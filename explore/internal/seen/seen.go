// Package seen remembers which designs a search has evaluated.
package seen

import (
	"stco/explore/internal/stream"
	"stco/space"
)

// Cache remembers the keys of evaluated designs: the latest limit ones at
// least, up to twice as many, in two generations.
type Cache struct {
	limit        int
	newer, older table
}

// New returns an empty cache of a limit of at least 1.
func New(limit int) *Cache { return &Cache{limit: limit} }

// Restored returns the cache whose Keys are newer and older.
func Restored(limit int, newer, older []space.Key) *Cache {
	c := New(limit)
	for _, k := range older {
		c.older.add(k)
	}
	for _, k := range newer {
		c.newer.add(k)
	}
	return c
}

// Has tells whether a key is remembered.
func (c *Cache) Has(k space.Key) bool { return c.newer.has(k) || c.older.has(k) }

// Add remembers a key that is not there yet.
func (c *Cache) Add(k space.Key) {
	if len(c.newer.keys) >= c.limit {
		c.older, c.newer = c.newer, table{}
	}
	c.newer.add(k)
}

// Keys returns what is remembered, in the order it was added.
func (c *Cache) Keys() (newer, older []space.Key) { return c.newer.keys, c.older.keys }

// table is a set of keys in the order they were added, with an index by open
// addressing.
type table struct {
	keys  []space.Key
	index []int32 // place in keys plus one, 0 is free; its length is a power of two
}

func (t *table) home(k space.Key) int {
	return int(stream.Scramble(k.Lo^k.Hi*0x9e3779b97f4a7c15) & uint64(len(t.index)-1))
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
