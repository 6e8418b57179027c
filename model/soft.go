package model

import (
	"math"

	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// SoftErrors says what radiation does to an SRAM buffer under a code.
type SoftErrors struct {
	Code     array.ECC
	Upsets   float64 // of the whole buffer, 1/s, largest of the range of doubt
	BitError float64 // chance that a bit is upset within the longest lifetime of the data
	Left     float64 // the same after the code, spread over the bits of a codeword
}

// SoftErrors returns the soft errors of an SRAM buffer of the capacity of a
// report, by code, in codewords of the design, for the longest lifetime of the
// workloads; empty without lifetimes. The upset rate is the largest of its range
// of doubt. Words are interleaved so that one upset strikes a codeword once.
func (m *Model) SoftErrors(r *Report) ([]SoftErrors, error) {
	e, err := m.Catalog.Tables.Entry("soft_errors", "sram")
	if err != nil {
		return nil, err
	}
	rate, err := tech.Get[units.Frequency](e, "upset_rate")
	if err != nil {
		return nil, err
	}
	v, err := e.Value("upset_rate")
	if err != nil || math.IsNaN(r.Lifetime) {
		return nil, err
	}
	worst := max(float64(rate), v.High)
	d := &r.Design
	codeword := d.codeword()
	var out []SoftErrors
	for code := array.NoECC; code <= array.DECTED; code++ {
		bits := code.WordBits(codeword, codeword)
		s := SoftErrors{Code: code, BitError: -math.Expm1(-worst * r.Lifetime)}
		s.Upsets = worst * float64(d.Capacity) * 8 * float64(bits) / float64(codeword)
		s.Left = s.BitError
		if code != array.NoECC {
			s.Left = device.WordError(s.BitError, bits, code.Corrects()) / float64(codeword)
		}
		out = append(out, s)
	}
	return out, nil
}
