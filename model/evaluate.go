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

// Report is the outcome of one design. It is reused between evaluations; its
// slices belong to the evaluator.
type Report struct {
	Design Design
	Device device.Figures // of SOT and STT cells; zero for SRAM
	Cell   device.Cell
	Given  bool // Cell is one of the user's table: of Device only what it states is a number
	Array  array.Figures
	// Scratchpad is the SRAM part of a hybrid buffer; Array, Cell and Device are
	// of the other part. Zero without one.
	Scratchpad array.Figures
	Pad        units.Bytes // capacity of the scratchpad
	Memory     accel.Memory
	Costs      []accel.Cost // by workload

	// Weighted geometric means over the workloads, so that the ratio to a
	// baseline is the geometric mean of the ratios.
	Energy        float64 // J per iteration
	Latency       float64 // s per iteration
	DRAMTraffic   float64 // bytes per iteration
	AveragePower  float64 // W
	MemoryEnergy  float64 // J per iteration: buffer, scratchpad, PE buffer, DRAM
	DRAMEnergy    float64 // J per iteration, background included
	StandbyEnergy float64 // J that the buffer takes between two iterations
	RestedEnergy  float64 // J per iteration and the time after it
	// MemoryLatency is the time of an iteration with infinitely fast compute, s;
	// NaN if the evaluator is not asked for it.
	MemoryLatency float64
	ComputeShare  float64 // weighted mean of the share of the time that compute takes
	Samples       float64 // per iteration: images or sequences, of decoding tokens
	// Worst over the workloads.
	PeakPower  float64 // W; NaN if the evaluator is not asked for it
	Lifetime   float64 // s that data must survive in the buffer
	WearOut    float64 // share of the endurance used over the product's life
	ScrubShare float64
	Reads      float64 // of a byte in the buffer between two writes

	Violations [NumViolations]float64 // by violation; at most 0 is met
}

// The violations of a report: those of the device, then these.
const (
	organisationViolation = device.NumViolations + iota // capacity too small for banks and word
	driveViolation                                      // write path needs more than the supply
	signalViolation                                     // read signal below leakage and offset
	retentionViolation                                  // data outlive the retention time (strict policy)
	scrubViolation                                      // scrubbing takes more than half of the buffer's time
	enduranceViolation                                  // cells wear out within the product's life
	traceViolation                                      // capacity too small for a workload's smallest tile
	// NumViolations is the number of violations of a report.
	NumViolations
)

// ViolationName returns the name of a violation as tables and messages have it.
func ViolationName(i int) string {
	if i < device.NumViolations {
		return device.ViolationName(i)
	}
	return [...]string{
		"organisation", "write drive", "read signal", "retention", "scrub bandwidth", "endurance", "smallest tile",
	}[i-device.NumViolations]
}

// Means tells whether a knob means something for the design.
func (r *Report) Means(k *Knob) bool {
	return k.AppliesTo(r.Design.Technology, r.Design.Hybrid) && (!r.Given || !k.ofCell())
}

// Feasible tells whether no limit is missed.
func (r *Report) Feasible() bool {
	for _, v := range r.Violations {
		if v > 0 {
			return false
		}
	}
	return true
}

// Evaluator evaluates designs of one model on one goroutine.
type Evaluator struct {
	m       *Model
	solvers [3]*array.Solver
	scratch accel.Scratch
	params  device.Params
	at      map[protection]device.Operating
	tables  [][]*accel.Traffic           // by workload and grid capacity
	hybrids map[hybridKey]*accel.Traffic // of hybrid buffers
	pads    map[padKey]*array.Figures    // of scratchpads
	alone   accel.Cost                   // of a trace without compute

	// Fast leaves out what costs a second pass over the traces: MemoryLatency and
	// PeakPower.
	Fast bool
}

// protection is what the raw error rate of a cell depends on.
type protection struct {
	code     array.ECC
	codeword int
}

// NewEvaluator returns an evaluator with its own scratch.
func (m *Model) NewEvaluator() (*Evaluator, error) {
	e := &Evaluator{m: m, tables: make([][]*accel.Traffic, len(m.plans)), at: map[protection]device.Operating{}, hybrids: map[hybridKey]*accel.Traffic{}, pads: map[padKey]*array.Figures{}}
	for f := range e.solvers {
		s, err := array.NewSolver(m.nodes[f], array.Options{Temperature: m.Setup.operating(), Circuits: m.circuit})
		if err != nil {
			return nil, err
		}
		e.solvers[f] = s
	}
	for i := range e.tables {
		e.tables[i] = make([]*accel.Traffic, accel.GridSize)
	}
	return e, nil
}

// Evaluate fills the report of a design. An infeasible design is no error: its
// violations say by how much it misses. Errors are names that no table has and
// values outside the domain of the model.
func (e *Evaluator) Evaluate(d *Design, r *Report) error {
	if cap(r.Costs) < len(e.m.plans) {
		r.Costs = make([]accel.Cost, len(e.m.plans))
	}
	costs := r.Costs[:len(e.m.plans)]
	*r = Report{Design: *d, Costs: costs}
	for i := range r.Violations {
		r.Violations[i] = -1
	}
	f, err := tech.ParseFlavour(d.Flavour)
	if err != nil {
		return err
	}
	parts := d.parts()
	if err := e.cell(d, parts.technology, f, r); err != nil {
		return err
	}
	if parts.technology != device.SRAM && (r.Cell.WriteCurrent <= 0 || r.Cell.SenseCurrent <= 0) {
		r.unknown() // neither written nor read: the violations of the cell say why
		return nil
	}
	spec := e.m.spec(d, parts.main)
	spec.Rows, spec.Columns = d.Rows, d.Columns
	least := float64(d.Banks) * float64(d.WordBits) / 8 * max(float64(d.Rows), smallestBankRows)
	r.Violations[organisationViolation] = least/float64(parts.main) - 1
	if pad := parts.pad; pad > 0 {
		r.Pad = pad
		r.Violations[organisationViolation] = max(r.Violations[organisationViolation], float64(d.WordBits)/8*smallestBankRows/float64(pad)-1)
	}
	if r.Violations[organisationViolation] > 0 {
		r.unknown()
		return nil
	}
	if err := e.solvers[f].Solve(&r.Cell, &spec, &r.Array); err != nil {
		return fmt.Errorf("array: %w", err)
	}
	if parts.pad > 0 {
		if err := e.scratchpad(d, f, parts.pad, r); err != nil {
			return err
		}
	}
	r.Violations[driveViolation] = r.Array.Violations.WriteDrive
	r.Violations[signalViolation] = max(r.Array.Violations.ReadSignal, r.Scratchpad.Violations.ReadSignal)
	if err := e.memory(d, f, &parts, r); err != nil {
		return err
	}
	return e.workloads(&parts, r)
}

// cell fills the bitcell of a design: from the node's table for SRAM, from
// package device for the others, from the user's table where the setup names one.
func (e *Evaluator) cell(d *Design, technology device.Technology, f tech.Flavour, r *Report) error {
	if technology == device.SRAM {
		r.Cell = e.m.sram[f]
		return nil
	}
	if g := e.m.given[technology]; g != nil {
		r.Cell, r.Device, r.Given = g.cell[f], g.figures[f], true
		return nil
	}
	p := &e.params
	if err := e.m.bitcell(d, technology, p); err != nil {
		return err
	}
	key := protection{d.ECC, d.codeword()}
	at, known := e.at[key]
	if !known {
		at = e.m.at(d)
		e.at[key] = at
	}
	device.Evaluate(p, &e.m.process[f], &at, &r.Device, &r.Cell)
	copy(r.Violations[:], r.Device.Violations[:])
	return nil
}

// bitcell fills the parameters of a magnetic bitcell.
func (m *Model) bitcell(d *Design, technology device.Technology, p *device.Params) error {
	*p = m.preset
	p.Technology = technology
	p.Diameter, p.FreeLayer, p.Anisotropy = float64(d.MTJDiameter), float64(d.FreeLayer), float64(d.Anisotropy)
	p.ChannelWidth, p.ChannelThickness = float64(d.MTJDiameter+d.WidthMargin), float64(d.ChannelThickness)
	p.Barrier, p.Pulse, p.ReadVoltage = float64(d.Barrier), float64(d.Pulse), float64(d.ReadVoltage)
	if technology == device.SOT {
		p.Selector = d.Selector
		material, ok := m.sot[d.Material]
		if !ok {
			return fmt.Errorf("material %q: not in the table", d.Material)
		}
		p.SetMaterial(&material)
	}
	return nil
}

// smallestBankRows is the least number of words of a bank: below it no
// subarray is worth its periphery.
const smallestBankRows = 64

// unknown marks the figures of a design without an array.
func (r *Report) unknown() {
	nan := math.NaN()
	r.Energy, r.Latency, r.DRAMTraffic, r.AveragePower, r.PeakPower = nan, nan, nan, nan, nan
	r.MemoryEnergy, r.DRAMEnergy, r.MemoryLatency, r.ComputeShare = nan, nan, nan, nan
	r.StandbyEnergy, r.RestedEnergy = nan, nan
	r.Lifetime, r.WearOut, r.ScrubShare, r.Reads = nan, nan, nan, nan
	r.Array.Area.Total, r.Scratchpad.Area.Total = 0, 0
	for i := range r.Costs {
		r.Costs[i] = accel.Cost{Latency: nan}
	}
}

// memory turns cell and arrays into what the accelerator sees.
func (e *Evaluator) memory(d *Design, f tech.Flavour, p *parts, r *Report) error {
	s := &e.m.Setup
	technology, held, pad := p.held()
	pe := &e.m.pe[f]
	r.Memory = accel.Memory{
		Level:         level(&r.Array, d.WordBits, d.Banks, s),
		PEBuffer:      pe.level,
		SeparatePorts: s.Ports == array.OneReadOneWrite,
		ReadBus:       8 / (float64(d.ReadBus) * float64(d.Clock)), WriteBus: 8 / (float64(d.WriteBus) * float64(d.Clock)),
		BufferLeakage: float64(r.Leakage()),
		Retention:     math.Inf(1), Scrub: d.Scrub, Residence: float64(s.Residence),
		Capacity: float64(held), Endurance: math.Inf(1), ProductLife: float64(s.ProductLife), WearLeveling: float64(s.WearLeveling),
		DRAMTime: 1 / s.DRAM.Effective(), DRAMEnergy: 8 * float64(s.DRAM.Energy), DRAMLatency: float64(s.DRAM.Latency), DRAMPower: float64(e.m.background),
		Clock: float64(d.Clock), MACEnergy: float64(e.m.mac), VectorEnergy: float64(e.m.vector),
		LogicLeakage: float64(e.m.logic) + float64(s.Cores)*float64(pe.Array.Leakage),
	}
	if p.pad > 0 {
		r.Memory.Scratchpad = level(&r.Scratchpad, d.WordBits, padBanks(d, p.pad), s)
		if pad == 0 {
			r.Memory.Level = r.Memory.Scratchpad
		}
	}
	if technology != device.SRAM {
		r.Memory.Retention, r.Memory.Endurance = float64(r.Device.Retention), r.Device.Endurance
	}
	return nil
}

func (e *Evaluator) workloads(parts *parts, r *Report) error {
	technology, held, _ := parts.held()
	point, err := accel.GridIndex(int64(held))
	if err != nil {
		return fmt.Errorf("capacity: %w", err)
	}
	energy, latency, dram, power, weights := 0.0, 0.0, 0.0, 0.0, 0.0
	memory, transfers, alone, standby, rested := 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range e.m.plans {
		t, fits := e.table(i, point, parts)
		if fits != nil {
			r.Violations[traceViolation] = 1
			r.unknown()
			return nil //nolint:nilerr // a capacity too small for a trace is a violation
		}
		c := &r.Costs[i]
		e.scratch.NoPeak = e.Fast
		accel.Evaluate(t, &r.Memory, &e.scratch, c)
		w := e.m.Setup.Workloads[i].Weight
		total := c.Energy.Total()
		energy += w * math.Log(total)
		latency += w * math.Log(c.Latency)
		dram += w * math.Log(max(c.DRAMBytes, 1))
		power += w * math.Log(total/c.Latency)
		memory += w * math.Log(c.Energy.Memory())
		transfers += w * math.Log(c.Energy.DRAM+c.Energy.DRAMBackground)
		if e.m.Setup.Duty < 1 {
			rest := e.m.Setup.rest(r, technology, c)
			standby += w * math.Log(rest)
			rested += w * math.Log(total+rest)
		}
		r.ComputeShare += w * c.Cycles / r.Memory.Clock / c.Latency
		if !e.Fast {
			instant := r.Memory
			instant.Clock = math.Inf(1)
			e.scratch.NoPeak = true
			accel.Evaluate(t, &instant, &e.scratch, &e.alone)
			alone += w * math.Log(e.alone.Latency)
		}
		weights += w
		r.PeakPower = max(r.PeakPower, c.PeakPower)
		r.Lifetime = max(r.Lifetime, c.LongestLifetime)
		r.WearOut = max(r.WearOut, c.WearOut)
		r.ScrubShare = max(r.ScrubShare, c.ScrubShare)
		r.Reads = max(r.Reads, c.Reads)
	}
	r.Energy, r.Latency = math.Exp(energy/weights), math.Exp(latency/weights)
	r.DRAMTraffic, r.AveragePower = math.Exp(dram/weights), math.Exp(power/weights)
	r.MemoryEnergy, r.DRAMEnergy = math.Exp(memory/weights), math.Exp(transfers/weights)
	r.ComputeShare /= weights
	if r.RestedEnergy = r.Energy; e.m.Setup.Duty < 1 {
		r.StandbyEnergy, r.RestedEnergy = math.Exp(standby/weights), math.Exp(rested/weights)
	}
	r.Samples, r.MemoryLatency = e.m.samples, math.NaN()
	if !e.Fast {
		r.MemoryLatency = math.Exp(alone / weights)
	}
	if technology != device.SRAM {
		e.disturb(r)
		if !r.Design.Scrub {
			r.Violations[retentionViolation] = math.Log(r.Lifetime / r.Memory.Retention)
		}
		r.Violations[scrubViolation] = 2*r.ScrubShare - 1
		r.Violations[enduranceViolation] = math.Log(r.WearOut)
	}
	return nil
}
