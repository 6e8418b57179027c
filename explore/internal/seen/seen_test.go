package seen

import (
	"slices"
	"testing"

	"stco/space"
)

func key(i int) space.Key { return space.Key{Hi: uint64(i) % 3, Lo: uint64(i)} }

// TestCache adds keys one by one: the latest limit ones are always remembered,
// never more than twice as many, and never one that was not added.
func TestCache(t *testing.T) {
	for _, limit := range []int{1, 2, 100, 1000} {
		c := New(limit)
		for i := range 2500 {
			if c.Has(key(i)) {
				t.Fatalf("limit %d: key %d was not added", limit, i)
			}
			c.Add(key(i))
			newer, older := c.Keys()
			if n := len(newer) + len(older); n > 2*limit || len(newer) > limit {
				t.Fatalf("limit %d: %d keys are kept", limit, n)
			}
			if !c.Has(key(i)) || !c.Has(key(max(0, i-limit+1))) {
				t.Fatalf("limit %d: a key of the last %d is forgotten after %d", limit, limit, i+1)
			}
		}
		newer, older := c.Keys()
		if want := append(slices.Clone(older), newer...); want[len(want)-1] != key(2499) || want[0] != key(2500-len(want)) {
			t.Errorf("limit %d: keys out of order", limit)
		}
		r := Restored(limit, newer, older)
		n, o := r.Keys()
		if !slices.Equal(n, newer) || !slices.Equal(o, older) || !r.Has(key(2499)) {
			t.Errorf("limit %d: another cache is restored", limit)
		}
	}
}
