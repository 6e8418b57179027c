package model

import (
	"crypto/sha256"
	"encoding/hex"
)

// Canonical returns the design of the same buffer with nothing that has no
// effect: a hybrid buffer without a scratchpad is a buffer of its other
// technology, one that is all scratchpad is an SRAM buffer.
func (d *Design) Canonical() Design {
	c := *d
	if !d.Hybrid {
		return c
	}
	if p := d.parts(); p.pad == 0 {
		c.Hybrid, c.Technology = false, p.technology
	}
	return c
}

// identityDigits is the length of an identity in hexadecimal digits. Two of
// 100,000 different designs share one with a probability of 2e-5.
const identityDigits = 12

// Identity returns the content hash of a design: the same for designs that
// describe the same buffer, in every run. Knobs without meaning for the
// technology of the buffer do not count, and neither does what the design is
// evaluated with.
func (c *Catalog) Identity(d *Design) string {
	canonical := d.Canonical()
	var text []byte
	for i := range c.knobs {
		k := &c.knobs[i]
		if !k.AppliesTo(canonical.Technology, canonical.Hybrid) {
			continue
		}
		text = append(text, k.Name...)
		text = append(text, ": "...)
		text = append(text, k.Format(k.Get(&canonical))...)
		text = append(text, '\n')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:identityDigits]
}
