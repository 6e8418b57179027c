package stream

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"
)

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

// TestDerivation derives the root and the stream of a place again, as the
// archive of a run relies on: the root is the first two words of SHA-256 over the
// length of the key, the key and the seed, little-endian; a place seeds a PCG
// with its scrambled island and generation.
func TestDerivation(t *testing.T) {
	const key, seed = "problem", 42
	text := "\x07\x00\x00\x00\x00\x00\x00\x00" + key + "\x2a\x00\x00\x00\x00\x00\x00\x00"
	sum := sha256.Sum256([]byte(text))
	r := NewRoot([]byte(key), seed)
	for i := range r {
		want := uint64(0)
		for k := range 8 {
			want += uint64(sum[8*i+k]) << (8 * k)
		}
		if r[i] != want {
			t.Fatalf("word %d of the root is %x, want %x", i, r[i], want)
		}
	}
	mix := func(state uint64) uint64 { // Steele, Lea and Flood 2014
		state += 0x9e3779b97f4a7c15
		state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9
		state = (state ^ (state >> 27)) * 0x94d049bb133111eb
		return state ^ (state >> 31)
	}
	for _, c := range []struct {
		island     int
		generation int64
	}{{0, 0}, {0, -1}, {3, 17}, {19, 1 << 40}} {
		want := rand.NewPCG(mix(r[0]^mix(uint64(c.island+1))), mix(r[1]+mix(uint64(c.generation)^0x5851f42d4c957f2d)))
		var s Source
		s.At(r, c.island, c.generation)
		for i := range 3 {
			if got, w := s.Uint64(), want.Uint64(); got != w {
				t.Errorf("island %d, generation %d: word %d is %x, want %x", c.island, c.generation, i, got, w)
			}
		}
		if got, w := s.Int63(), want.Uint64()>>1; got != int64(w) {
			t.Errorf("island %d, generation %d: 63 bits are %x, want %x", c.island, c.generation, got, w)
		}
	}
	var s Source
	s.Seed(5)
	if got, want := New(&s).Uint64(), rand.NewPCG(5, 0).Uint64(); got != want {
		t.Errorf("a stream of seed 5 begins with %x, want %x", got, want)
	}
}
