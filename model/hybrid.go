package model

import (
	"fmt"
	"math"

	"stco/model/accel"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// A hybrid buffer is a magnetic buffer with an SRAM scratchpad before it that
// stages the tiles of every step, holds partial sums and takes what dies young
// (the idea of STT-AI, arXiv:2104.02199). Both share the capacity of the
// design. The magnetic part holds everything that stays between steps, so it is
// what sets the DRAM traffic; a scratchpad that is at least as large as the
// other part makes that part idle. Without a scratchpad the buffer is a plain
// magnetic one, as a scratchpad alone it is a plain SRAM buffer.

// technologies lists the names of the knob technology, those of hybrid buffers
// last.
func technologies() []string {
	return []string{
		device.SRAM.String(), device.SOT.String(), device.STT.String(), "hybrid", "hybrid-stt",
	}
}

func (d *Design) technology() string {
	switch {
	case d.Hybrid && d.Technology == device.SOT:
		return "hybrid"
	case d.Hybrid && d.Technology == device.STT:
		return "hybrid-stt"
	}
	return d.Technology.String()
}

func (d *Design) setTechnology(i int) {
	d.Hybrid = i > int(device.STT)
	d.Technology = device.Technology(i)
	if d.Hybrid {
		d.Technology = [...]device.Technology{device.SOT, device.STT}[i-int(device.STT)-1]
	}
}

// parts are the two parts of a buffer.
type parts struct {
	technology device.Technology // of the buffer proper
	main       units.Bytes       // capacity of the buffer proper
	pad        units.Bytes       // capacity of the scratchpad; 0 without one
}

func (d *Design) parts() parts {
	whole := parts{technology: d.Technology, main: d.Capacity}
	if !d.Hybrid || d.Technology == device.SRAM {
		return whole
	}
	pad := units.Bytes(math.Round(float64(d.Capacity) * float64(d.Split)))
	switch {
	case pad <= 0:
		return whole
	case pad >= d.Capacity:
		whole.technology = device.SRAM
		return whole
	}
	return parts{d.Technology, d.Capacity - pad, pad}
}

// idle tells whether the scratchpad holds all that the other part could.
func (p *parts) idle() bool { return p.pad >= p.main }

// held returns the technology and capacity of the part that holds what stays
// between steps, and the capacity of the scratchpad before it.
func (p *parts) held() (t device.Technology, capacity, pad units.Bytes) {
	if p.idle() {
		return device.SRAM, p.pad, 0
	}
	return p.technology, p.main, p.pad
}

// Area returns the area of the buffer, all parts; 0 for a design without an
// organisation.
func (r *Report) Area() units.Area { return r.Array.Area.Total + r.Scratchpad.Area.Total }

// Leakage returns the leakage of the buffer, all parts.
func (r *Report) Leakage() units.Power { return r.Array.Leakage + r.Scratchpad.Leakage }

// Efficiency returns the area of the data cells over that of the buffer.
func (r *Report) Efficiency() float64 {
	return float64(r.Array.Area.Cells+r.Scratchpad.Area.Cells) / float64(r.Area())
}

// Magnetic tells whether part of the buffer is magnetic: whether the bitcell of
// the report is one of package device.
func (r *Report) Magnetic() bool { return r.Design.parts().technology != device.SRAM }

// Table returns the traffic table that the report's costs of a workload follow
// from.
func (r *Report) Table(p *accel.Plan) (*accel.Traffic, error) {
	parts := r.Design.parts()
	_, held, pad := parts.held()
	if parts.pad == 0 {
		return p.Exact(int64(held))
	}
	return p.Hybrid(int64(held), int64(pad))
}

// spec returns the array of a part of the buffer.
func (m *Model) spec(d *Design, capacity units.Bytes) array.Spec {
	return array.Spec{
		Capacity: capacity, Banks: d.Banks, WordBits: d.WordBits, Bus: d.Bus(), ECC: d.ECC, Codeword: d.Codeword, Ports: m.Setup.Ports,
		Target: m.Setup.Target, AreaSlack: float64(m.Setup.AreaSlack),
	}
}

// padBanks returns the banks of a scratchpad: as many as the other part has,
// halved until each has the least number of rows.
func padBanks(d *Design, pad units.Bytes) int {
	banks := d.Banks
	for banks > 1 && float64(banks)*float64(d.WordBits)/8*smallestBankRows > float64(pad) {
		banks /= 2
	}
	return banks
}

// padKey is all that a scratchpad's array depends on.
type padKey struct {
	flavour     tech.Flavour
	pad         units.Bytes
	banks, word int
	bus         int
	ecc         array.ECC
	codeword    int
}

// mostPads bounds the scratchpads an evaluator remembers.
const mostPads = 1 << 14

// scratchpad fills the SRAM part of a hybrid buffer. Its array does not depend
// on the bitcell, so the ones solved before are kept.
func (e *Evaluator) scratchpad(d *Design, f tech.Flavour, pad units.Bytes, r *Report) error {
	key := padKey{f, pad, padBanks(d, pad), d.WordBits, d.Bus(), d.ECC, d.Codeword}
	if known := e.pads[key]; known != nil {
		r.Scratchpad = *known
		return nil
	}
	spec := e.m.spec(d, pad)
	spec.Banks = key.banks
	if err := e.solvers[f].Solve(&e.m.sram[f], &spec, &r.Scratchpad); err != nil {
		return fmt.Errorf("scratchpad: %w", err)
	}
	if len(e.pads) >= mostPads {
		clear(e.pads)
	}
	known := r.Scratchpad
	e.pads[key] = &known
	return nil
}

// level turns the figures of an array into what an access of a byte costs.
func level(a *array.Figures, wordBits, banks int, s *Setup) accel.Level {
	word := float64(wordBits) / 8
	conflicts := float64(s.BankConflicts)
	if conflicts == 0 {
		conflicts = s.conflicts(banks, float64(a.ReadCycle), float64(a.WriteCycle))
	}
	parallel := word * float64(banks) * (1 - conflicts)
	return accel.Level{
		ReadOccupancy: float64(a.ReadCycle) / parallel, WriteOccupancy: float64(a.WriteCycle) / parallel,
		ReadLatency: float64(a.Read.Total), WriteLatency: float64(a.Write.Total),
		ReadEnergy: float64(a.ReadEnergy.Total) / word, WriteEnergy: float64(a.WriteEnergy.Total) / word,
	}
}

// hybridKey names a table of a hybrid buffer by its grid capacities.
type hybridKey struct{ workload, held, pad int }

// table returns the table of a workload; those of every grid capacity are remembered. A
// buffer of one part has the table of exactly its capacity; the parts of a
// hybrid one, whose split may take any value, that of the grid capacity below.
func (e *Evaluator) table(i, point int, parts *parts) (*accel.Traffic, error) {
	_, held, pad := parts.held()
	p := e.m.plans[i]
	if parts.pad == 0 && accel.GridCapacity(point) != int64(held) {
		return p.Exact(int64(held))
	}
	if pad == 0 {
		if t := e.tables[i][point]; t != nil {
			return t, nil
		}
		t, err := p.Table(int64(held))
		e.tables[i][point] = t
		return t, err
	}
	key := hybridKey{i, point, -1}
	if k, err := accel.GridIndex(int64(pad)); err == nil {
		key.pad = k
	}
	if t := e.hybrids[key]; t != nil {
		return t, nil
	}
	t, err := p.Hybrid(int64(held), int64(pad))
	if err == nil {
		e.hybrids[key] = t
	}
	return t, err
}

// PEBuffer is the SRAM between PE array and buffer: a part of the machine, the
// same for every design of a flavour.
type PEBuffer struct {
	Array array.Figures
	Banks int
	level accel.Level
}

// peWord is the data bits of a bank of the PE buffer.
const peWord = 256

// preparePEBuffer solves the PE buffer of a flavour: as many banks as feed both
// edges of the PE array in every cycle, as long as each has the least number of
// rows.
func (m *Model) preparePEBuffer(f int) error {
	s := &m.Setup
	if s.PEBuffer == 0 {
		return nil
	}
	if _, err := accel.GridIndex(int64(s.PEBuffer)); err != nil {
		return fmt.Errorf("pe_buffer: 0 for none, or %w", err)
	}
	b := &m.pe[f]
	edges := float64(s.PERows+s.PECols) * float64(s.Arithmetic.Bits())
	b.Banks = 1
	for float64(2*b.Banks)*peWord <= edges && float64(2*b.Banks)*peWord/8*smallestBankRows <= float64(s.PEBuffer) {
		b.Banks *= 2
	}
	solver, err := array.NewSolver(m.nodes[f], array.Options{Temperature: s.operating(), Circuits: m.circuit})
	if err != nil {
		return err
	}
	spec := array.Spec{
		Capacity: s.PEBuffer, Banks: b.Banks, WordBits: peWord, Target: s.Target, AreaSlack: float64(s.AreaSlack),
	}
	if err := solver.Solve(&m.sram[f], &spec, &b.Array); err != nil {
		return fmt.Errorf("pe_buffer: %w", err)
	}
	b.level = level(&b.Array, peWord, b.Banks, s)
	return nil
}

// PEBuffer returns the PE buffer in a device flavour; its area is 0 without one.
func (m *Model) PEBuffer(flavour string) (*PEBuffer, error) {
	f, err := tech.ParseFlavour(flavour)
	if err != nil {
		return nil, err
	}
	return &m.pe[f], nil
}
