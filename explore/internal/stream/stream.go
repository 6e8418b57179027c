// Package stream derives the random streams of a search. A stream depends on
// the key of the problem, the seed, the island and the generation, so that a
// checkpoint holds no generator.
package stream

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand" //nolint:depguard // eaopt's Genome and Population take *rand.Rand of math/rand
	randv2 "math/rand/v2"
)

// Generator is the random source that eaopt passes to genomes. Its stream is a
// PCG of math/rand/v2.
type Generator = rand.Rand

// Source adapts a PCG to the source interface of math/rand.
type Source struct{ pcg randv2.PCG }

// New returns a generator that draws from a source.
func New(s *Source) *Generator { return rand.New(s) }

// Uint64 returns the next word.
func (s *Source) Uint64() uint64 { return s.pcg.Uint64() }

// Int63 returns the next 63 bits.
func (s *Source) Int63() int64 { return int64(s.pcg.Uint64() >> 1) }

// At begins the stream of an island at a generation.
func (s *Source) At(r Root, island int, generation int64) { s.pcg.Seed(r.at(island, generation)) }

// Seed restarts the stream.
func (s *Source) Seed(seed int64) { s.pcg.Seed(uint64(seed), 0) }

// Root is the origin of every random stream of a run.
type Root [2]uint64

// NewRoot derives the origin from the key of a problem and a seed.
func NewRoot(key []byte, seed uint64) Root {
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
	return Root{binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])}
}

// at returns the two seed words of the stream of an island at a generation.
func (r Root) at(island int, generation int64) (uint64, uint64) {
	return Scramble(r[0] ^ Scramble(uint64(island)+1)), Scramble(r[1] + Scramble(uint64(generation)^0x5851f42d4c957f2d))
}

// Scramble is the finaliser of splitmix64.
func Scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
