package explore

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand" //nolint:depguard // eaopt's Genome and Population take *rand.Rand of math/rand
	randv2 "math/rand/v2"
)

// generator is the random source eaopt passes to genomes. Its stream is a PCG
// of math/rand/v2.
type generator = rand.Rand

// source adapts a PCG to the source interface of math/rand.
type source struct{ pcg randv2.PCG }

// Uint64 returns the next word.
func (s *source) Uint64() uint64 { return s.pcg.Uint64() }

// Int63 returns the next 63 bits.
func (s *source) Int63() int64 { return int64(s.pcg.Uint64() >> 1) }

// Seed restarts the stream.
func (s *source) Seed(seed int64) { s.pcg.Seed(uint64(seed), 0) }

// root is the origin of every random stream of a run.
type root [2]uint64

// newRoot derives the origin from the key of a problem and a seed.
func newRoot(key []byte, seed uint64) root {
	h := sha256.New()
	var n [8]byte
	word := func(v uint64) {
		binary.LittleEndian.PutUint64(n[:], v)
		h.Write(n[:])
	}
	word(uint64(len(key)))
	h.Write(key)
	word(seed)
	sum := h.Sum(nil)
	return root{binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])}
}

// at returns the two seed words of the stream of an island at a generation.
func (r root) at(island int, generation int64) (uint64, uint64) {
	return scramble(r[0] ^ scramble(uint64(island)+1)), scramble(r[1] + scramble(uint64(generation)^0x5851f42d4c957f2d))
}

// scramble is the finaliser of splitmix64.
func scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
