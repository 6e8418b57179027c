package model

import (
	"errors"
	"math"

	"stco/model/array"
	"stco/model/device"
	"stco/model/population"
	"stco/model/tech"
	"stco/model/units"
)

// ErrNoMagnet says that a design has no magnetic cell.
var ErrNoMagnet = errors.New("the buffer is SRAM: there is no magnetic cell to sample")

// ErrGiven says that the magnetic cell of a design is a user's.
var ErrGiven = errors.New("the cell is one of the table cells: there is no device to sample; set sot_cell or stt_cell to model")

// Population samples the cells of a report's magnetic part. Data are held for
// the longest lifetime of the workloads, or for the retention time when they are
// scrubbed before, and read as often between two writes as Disturbing says.
func (m *Model) Population(r *Report, samples int, seed uint64) (*population.Result, units.Time, error) {
	parts := r.Design.parts()
	if parts.technology == device.SRAM {
		return nil, 0, ErrNoMagnet
	}
	if m.given[parts.technology] != nil {
		return nil, 0, ErrGiven
	}
	f, err := tech.ParseFlavour(r.Design.Flavour)
	if err != nil {
		return nil, 0, err
	}
	var p device.Params
	if err := m.bitcell(&r.Design, parts.technology, &p); err != nil {
		return nil, 0, err
	}
	p.Reads, _ = m.Disturbing(r)
	o := m.at(&r.Design)
	life := float64(r.Device.Retention)
	if !math.IsNaN(r.Lifetime) && (!r.Design.Scrub || r.Lifetime < life) {
		life = r.Lifetime
	}
	o.Lifetime = units.Time(life)
	var nominal device.Figures
	var cell device.Cell
	device.Evaluate(&p, &m.process[f], &o, &nominal, &cell)
	result, err := population.Sample(&p, &m.process[f], &o, &nominal, samples, seed)
	return result, o.Lifetime, err
}

// Yield is the chance that an array of the capacity of a report's magnetic part
// is read without an uncorrectable codeword after every word was used once.
type Yield struct {
	Code      array.ECC
	WordError float64 // of a codeword
	Yield     float64
	Loss      float64 // 1 - Yield, without cancellation
}

// Yields returns the yield without a code and with each, for a bit error rate,
// in codewords of the design.
func (r *Report) Yields(bitError float64) []Yield {
	codeword := r.Design.codeword()
	words := float64(r.Design.parts().main) * 8 / float64(codeword)
	var out []Yield
	for code := array.NoECC; code <= array.DECTED; code++ {
		bits := code.WordBits(codeword, codeword)
		word := device.WordError(bitError, bits, code.Corrects())
		out = append(out, Yield{
			Code: code, WordError: word, Yield: device.ArrayYield(bitError, words, bits, code.Corrects()),
			Loss: -math.Expm1(words * math.Log1p(-min(word, 1))),
		})
	}
	return out
}

// Chain lists the steps from the free layer of a report's magnetic part to its
// cell; empty for an SRAM buffer and a cell of the user's table.
func (m *Model) Chain(r *Report) ([]device.ChainStep, error) {
	technology := r.Design.parts().technology
	if technology == device.SRAM || m.given[technology] != nil {
		return nil, nil
	}
	var p device.Params
	if err := m.bitcell(&r.Design, technology, &p); err != nil {
		return nil, err
	}
	p.Reads, _ = m.Disturbing(r)
	at := m.at(&r.Design)
	return device.Chain(&p, &at, &r.Device), nil
}
