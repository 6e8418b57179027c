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

// TestSpread: keys that differ in one word only, in the low bits, have homes all
// over the index: of 128 in 256 places as many stand alone as of random ones
// (128 e^-0.5 = 78, deviation 5), so that a search takes few steps.
func TestSpread(t *testing.T) {
	for _, of := range []func(i uint64) space.Key{
		func(i uint64) space.Key { return space.Key{Lo: i} },
		func(i uint64) space.Key { return space.Key{Hi: i} },
		func(i uint64) space.Key { return space.Key{Hi: i << 32, Lo: 1} },
	} {
		x := table{index: make([]int32, 256)}
		homes := map[int]int{}
		for i := range uint64(128) {
			homes[x.home(of(i))]++
		}
		alone := 0
		for _, n := range homes {
			if n == 1 {
				alone++
			}
		}
		if alone < 55 {
			t.Errorf("%d of 128 keys like %v have a place of their own", alone, of(1))
		}
	}
}
