package array

import (
	"math"
	"math/bits"

	"stco/model/units"
)

// tap is what depends on the cell, the columns, the multiplexer and the number
// of active subarrays: how a word is taken from the columns.
type tap struct {
	col, mux, active int     // index of the columns; bitlines per amplifier; subarrays per mat
	muxLog           int     // log2 of mux
	columns, amps    float64 // of a subarray
	subarrays        float64 // active
	root, perRoot    float64 // sqrt(active), 1/sqrt(active)
	inner            float64 // wires of the H-tree inside a mat
	rowWidth         float64 // gate width beside one row
	width            float64 // gate width of precharge, multiplexers and amplifiers of a subarray
	readWL, writeWL  float64
	sense            float64 // multiplexer, latch and output, without the bitline's integration
	half             float64 // columns of the active rows that are not selected
	read, write      float64 // energy: wordlines, precharge clock, amplifiers, ECC
	senseEnergy      float64 // the amplifiers' share of read
}

// tap fills t for a mux that is a power of two.
func (c *circuit) tap(t *tap, p *cellPart, sh *shape, q *colLines, col, mux, active int) {
	t.col, t.mux, t.active, t.muxLog = col, mux, active, bits.TrailingZeros(uint(mux))
	t.columns, t.rowWidth = float64(q.columns), q.rowWidth
	t.amps = t.columns / float64(mux)
	t.subarrays = float64(active)
	t.root = math.Sqrt(t.subarrays)
	t.perRoot = 1 / t.root
	t.width = t.columns*p.columnWidth*sh.ports + t.amps*p.senseWidth
	t.readWL, t.writeWL = q.read.delay+q.readRC, q.write.delay+q.writeRC
	input := float64(mux)*p.muxCap + p.senseCap
	t.sense = ln2*p.muxRes*(input+p.latchCap) + (input-p.senseCap)*p.settle + p.senseCap*p.integrate + p.latch + c.k.OutputGates*c.fo4
	word, v2 := float64(sh.stored), c.vdd*c.vdd
	t.inner = sh.ports*sh.address + 2*word/t.subarrays
	t.half = t.subarrays*t.columns - word
	t.senseEnergy = word * ((p.latchCap+input)*v2 + p.readPower*t.sense)
	clock := c.k.PrechargeWidth * c.minWidth * c.cGate * t.columns
	t.read = t.subarrays*(q.read.cap+clock)*v2 + t.senseEnergy + sh.code.decodeCap*v2
	t.write = t.subarrays*(q.write.cap+clock)*v2 + sh.code.encodeCap*v2
}

// metrics are the figures of one candidate.
type metrics struct {
	area, side              float64
	between                 float64 // length of the lines between bank and buffer port
	treeTime, betweenTime   float64 // one way
	registers               float64 // of the pipelined lines, one way
	read, write             float64
	readCycle, writeCycle   float64
	treeEnergy              float64 // of one access
	betweenEnergy           float64
	predecode               float64 // energy
	readEnergy, writeEnergy float64
}

// cost returns what the target minimises.
func (s *Solver) cost(k *candidate, p *cellPart, sh *shape, m *metrics) float64 {
	switch sh.spec.Target {
	case EDP:
		return m.readEnergy * m.read * m.writeEnergy * m.write
	case ReadLatency:
		return m.read
	case WriteLatency:
		return m.write
	case ReadEnergy:
		return m.readEnergy
	case WriteEnergy:
		return m.writeEnergy
	case ReadEDP:
		return m.readEnergy * m.read
	case WriteEDP:
		return m.writeEnergy * m.write
	case LeastArea:
		return m.area
	case LeastLeakage:
		periphery, cells := s.leakage(k, p, sh, m)
		return periphery + cells
	}
	return math.NaN()
}

// local fills m with what happens in the subarrays of a candidate.
func (s *Solver) local(k *candidate, sh *shape, m *metrics) {
	r, t := &s.rows[k.row], &s.taps[k.tap]
	// A write holds the subarray for the pulse.
	m.readCycle = t.readWL + t.sense + r.readCycle
	m.writeCycle = t.writeWL + r.writeCycle
	m.read = r.read + t.readWL + t.sense + sh.code.decode
	m.write = r.write + t.writeWL + sh.code.encode

	m.predecode = t.subarrays * r.predecodeEnergy
	common := m.predecode + t.half*r.halfEnergy
	m.readEnergy = common + t.read + sh.word*r.readEnergy
	m.writeEnergy = common + t.write + sh.word*r.writeEnergy*sh.pulses
	if sh.attempts > 0 {
		// Write-verify-write: each attempt on the word is a pulse and a read in
		// the subarray; the bits that failed are written again.
		verify := t.readWL + t.sense + r.readCycle
		m.write += (sh.attempts-1)*(t.writeWL+r.writeCycle) + sh.attempts*verify
		m.writeCycle = sh.attempts * (m.writeCycle + verify)
		m.writeEnergy += sh.attempts * (t.read + t.half*r.halfEnergy + sh.word*r.readEnergy)
	}
	m.area = k.core * sh.grow
}

// lines adds the H-tree and the lines between the banks to what local found,
// for a square bank of a given side.
func (s *Solver) lines(side float64, k *candidate, sh *shape, m *metrics) {
	m.side = side
	path := bankPath(k.perRootN, side)
	m.treeTime = path*sh.lineDelay + levels(k.n)*sh.branchDelay
	m.between = max(side*sh.rootBanks, sh.busSide) * sh.between
	m.betweenTime = m.between*sh.lineDelay + sh.junctions
	// The way in and, for a read, the way out, with a register a stage; by the
	// share of a stage, for the border of the last one may lie anywhere.
	way := m.treeTime + m.betweenTime
	m.registers = way * sh.registers
	way += m.registers
	m.read += 2 * way
	m.write += way

	m.treeEnergy, m.betweenEnergy = (path-side*k.perRootN/4)*sh.lineEnergy, m.between*sh.lineEnergy
	energy := m.treeEnergy + m.betweenEnergy
	m.readEnergy += energy
	m.writeEnergy += energy
}

// leakage returns the power that the periphery of all banks leaks and that the
// cells leak.
func (s *Solver) leakage(k *candidate, p *cellPart, sh *shape, m *metrics) (periphery, cells float64) {
	r, t := &s.rows[k.row], &s.taps[k.tap]
	width := k.n*k.width + s.treeWidth(k, m.side, sh) + sh.code.width + s.busWidth(m.side, sh)/sh.banks
	return sh.banks * width * s.c.leak * s.c.vdd, sh.banks * k.n * float64(r.rows) * t.columns * p.leakage * s.c.vdd
}

// treePath is the length of the way from the middle of a bank's edge to a
// subarray in a square field of n of them, given 1/sqrt(n): to the centre, then
// halving along both directions.
func treePath(perRootN, side float64) float64 { return 1.5 * side * (1 - perRootN) }

// bankPath is the length of the longest way in a bank: the H-tree, and half of the
// subarray's side along its amplifiers, of which a bit takes half on average.
func bankPath(perRootN, side float64) float64 { return treePath(perRootN, side) + side*perRootN/2 }

// busWidth returns the gate width of the tree between banks and port.
func (s *Solver) busWidth(side float64, sh *shape) float64 {
	return max(side*sh.rootBanks, sh.busSide)*sh.busWires*s.c.wires[sh.wire].width + sh.busBranches
}

// report writes the figures of the chosen candidate.
func (s *Solver) report(k *candidate, p *cellPart, sh *shape, m *metrics, out *Figures) {
	r, t := &s.rows[k.row], &s.taps[k.tap]
	*out = Figures{StoredBits: sh.stored, Violations: r.violations}
	out.Organisation = Organisation{
		Rows: r.rows, Columns: int(t.columns), Mux: t.mux, Active: t.active, Subarrays: int(k.n),
	}

	edge := 2 * s.c.k.EdgeCells
	out.Geometry = Geometry{
		SubarrayWidth:  units.Length((t.columns + edge) * p.w),
		SubarrayHeight: units.Length((float64(r.rows) + edge) * p.h),
		BankSide:       units.Length(m.side),
		Tree:           units.Length(bankPath(k.perRootN, m.side)),
		Between:        units.Length(m.between),
	}

	a := &out.Area
	s.areaParts(k, p, sh, m, a)
	for _, part := range [...]*units.Area{
		&a.Cells, &a.Check, &a.Edges, &a.Decoders, &a.Columns, &a.Amplifiers, &a.WriteDrivers, &a.HTree, &a.Code, &a.Macro,
	} {
		*part *= units.Area(sh.banks)
	}
	a.Interconnect = units.Area(max(s.busWidth(m.side, sh)*s.c.perWidth, sh.busSide*sh.busSide-m.area*sh.banks))
	a.Total = units.Area(m.area*sh.banks) + a.Interconnect
	out.BankArea = units.Area(m.area)
	out.Efficiency = float64(a.Cells / a.Total)

	out.Read = TimeParts{
		Interconnect: units.Time(2 * m.betweenTime), HTree: units.Time(2 * (m.treeTime + m.registers)),
		Decode: units.Time(r.decode), Wordline: units.Time(t.readWL), Bitline: units.Time(r.develop),
		Sense: units.Time(t.sense), Code: units.Time(sh.code.decode), Total: units.Time(m.read),
	}
	verify := 0.0
	if sh.attempts > 0 {
		verify = (sh.attempts-1)*(t.writeWL+r.writeCycle) + sh.attempts*(t.readWL+t.sense+r.readCycle)
	}
	out.Write = TimeParts{
		Interconnect: units.Time(m.betweenTime), HTree: units.Time(m.treeTime + m.registers),
		Decode: units.Time(r.decode), Wordline: units.Time(t.writeWL), Bitline: units.Time(r.drive),
		Verify: units.Time(verify), Code: units.Time(sh.code.encode), Total: units.Time(m.write),
	}
	out.ReadCycle, out.WriteCycle = units.Time(m.readCycle), units.Time(m.writeCycle)

	v2 := s.c.vdd * s.c.vdd
	stored := float64(sh.stored)
	decode, encode := sh.code.decodeCap*v2, sh.code.encodeCap*v2
	out.ReadEnergy = EnergyParts{
		Interconnect: units.Energy(m.betweenEnergy), HTree: units.Energy(m.treeEnergy),
		Decode:  units.Energy(m.predecode + t.read - t.senseEnergy - decode),
		Bitline: units.Energy(t.half*r.halfEnergy + stored*r.readEnergy),
		Sense:   units.Energy(t.senseEnergy), Code: units.Energy(decode), Total: units.Energy(m.readEnergy),
	}
	out.WriteEnergy = EnergyParts{
		Interconnect: units.Energy(m.betweenEnergy), HTree: units.Energy(m.treeEnergy),
		Decode:  units.Energy(m.predecode + t.write - encode),
		Bitline: units.Energy(t.half*r.halfEnergy + stored*r.writeEnergy*sh.pulses),
		Verify:  units.Energy(sh.attempts * (t.read + t.half*r.halfEnergy + stored*r.readEnergy)),
		Code:    units.Energy(encode), Total: units.Energy(m.writeEnergy),
	}
	word := float64(sh.spec.WordBits)
	out.ReadPerBit = units.EnergyPerBit(m.readEnergy / word)
	out.WritePerBit = units.EnergyPerBit(m.writeEnergy / word)

	periphery, cells := s.leakage(k, p, sh, m)
	out.CellLeakage, out.Periphery = units.Power(cells), units.Power(periphery)
	out.Leakage = out.CellLeakage + out.Periphery
	out.ReadBandwidth = units.Bandwidth(sh.banks * word / 8 / m.readCycle)
	out.WriteBandwidth = units.Bandwidth(sh.banks * word / 8 / m.writeCycle)
}
