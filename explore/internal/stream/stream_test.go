package stream

import "testing"

// TestStreams: no two of many islands and generations share a stream.
func TestStreams(t *testing.T) {
	seen := map[[2]uint64]bool{}
	r := NewRoot([]byte("k"), 1)
	for island := range 20 {
		for generation := range int64(200) {
			a, b := r.at(island, generation)
			if seen[[2]uint64{a, b}] {
				t.Fatalf("the stream of island %d, generation %d was there before", island, generation)
			}
			seen[[2]uint64{a, b}] = true
		}
	}
}

// TestRoots: the root depends on the key and on the seed, and not on where one
// ends and the other begins.
func TestRoots(t *testing.T) {
	roots := map[Root]bool{}
	for _, key := range []string{"", "a", "b", "ab", "a\x00"} {
		for _, seed := range []uint64{0, 1, 256, 1 << 63} {
			roots[NewRoot([]byte(key), seed)] = true
		}
	}
	if len(roots) != 20 {
		t.Errorf("%d roots of 20 problems", len(roots))
	}
	var a, b Source
	a.At(NewRoot([]byte("a"), 1), 2, 3)
	b.At(NewRoot([]byte("a"), 1), 2, 3)
	if a.Uint64() != b.Uint64() {
		t.Error("equal places begin different streams")
	}
}

// TestScramble compares with the published outputs of splitmix64 seeded with
// 1234567, whose state goes on by 0x9e3779b97f4a7c15.
func TestScramble(t *testing.T) {
	state := uint64(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := Scramble(state); got != want {
			t.Errorf("output %d: %d, want %d", i+1, got, want)
		}
		state += 0x9e3779b97f4a7c15
	}
}
