package array

import (
	"math"
	"math/bits"

	"stco/model/device"
	"stco/model/units"
)

// metrics are the figures of one candidate that the targets use, with the parts
// that report needs.
type metrics struct {
	area, side               float64
	path, between            float64 // lengths of H-tree and inter-bank line
	treeTime, betweenTime    float64 // one way
	decode                   float64
	readWL, writeWL          float64
	sense                    float64
	read, write              float64
	readCycle, writeCycle    float64
	wireEnergy               float64 // per wire and access, H-tree
	betweenEnergy            float64
	decodeRead, decodeWrite  float64
	bitRead, bitWrite        float64
	senseEnergy              float64
	codeRead, codeWrite      float64
	readEnergy, writeEnergy  float64
	cellLeakage, otherLeakge float64
}

// cost returns what the target minimises.
func (m *metrics) cost(t Target) float64 {
	switch t {
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
		return m.cellLeakage + m.otherLeakge
	}
	return math.NaN()
}

// branchGates is the delay of a branch of the tree in FO4: the gate that steers
// the address down and the multiplexer that joins the data up.
const branchGates = 1.5

// latchGates is the delay of a pipeline register in FO4.
const latchGates = 3

// evaluate fills m for a candidate.
func (s *Solver) evaluate(k *candidate, p *cellPart, sh *shape, m *metrics) {
	c := &s.c
	r, q := &s.rows[k.row], &s.cols[k.col]
	wire := &c.wires[sh.wire]
	n := float64(k.mats * k.active)
	m.area = k.area
	m.side = math.Sqrt(k.area)

	// Wires.
	m.path = treePath(n, m.side)
	levels := float64(bits.Len(uint(k.mats*k.active - 1)))
	m.treeTime = m.path*wire.delay + levels*branchGates*c.fo4
	m.between, m.betweenTime = 0, 0
	if sh.banks > 1 {
		m.between = treePath(sh.banks, math.Sqrt(sh.banks)*m.side)
		m.betweenTime = m.between * wire.delay
	}

	// Time in the subarray.
	m.decode = r.predecode.delay + r.decodeWire
	m.readWL = q.read.delay + q.readRC
	m.writeWL = q.write.delay + q.writeRC
	input := float64(k.mux)*p.muxCap + p.senseCap
	mux := ln2*p.muxRes*(input+p.latchCap) + input*(p.settle+p.integrate)
	m.sense = mux + r.integrate + p.latch + 2*c.fo4
	busyRead := m.readWL + r.develop + m.sense + r.restore
	busyWrite := m.writeWL + r.drive + r.restore
	stage := math.Max(m.decode, 4*c.fo4) + latchGates*c.fo4
	m.readCycle = math.Max(busyRead, stage)
	m.writeCycle = math.Max(busyWrite, stage)

	// Latency: the way in, the subarray, for a read the way out; long lines are
	// pipelined at the read cycle with a register a stage.
	way := m.treeTime + m.betweenTime
	way += math.Floor(way/m.readCycle) * latchGates * c.fo4
	m.read = 2*way + m.decode + m.readWL + r.develop + m.sense + sh.code.decode
	m.write = way + m.decode + m.writeWL + r.drive + sh.code.encode

	// Energy.
	v2 := c.vdd * c.vdd
	word, active := float64(sh.stored), float64(k.active)
	wires := (sh.address + word) * c.k.Activity
	m.wireEnergy = m.path * wire.cap * v2 * wires
	m.betweenEnergy = m.between * wire.cap * v2 * wires
	pre := 2 * r.predecode.cap
	m.decodeRead = active * (pre + q.read.cap) * v2
	m.decodeWrite = active * (pre + q.write.cap) * v2
	half := active*float64(q.columns) - word
	clock := active * float64(q.columns) * prechargeWidth * c.minWidth * c.cGate * v2
	m.bitRead = word*r.readEnergy + half*r.halfEnergy + clock
	m.bitWrite = word*r.writeEnergy + half*r.halfEnergy + clock
	m.senseEnergy = word * ((p.latchCap+input)*v2 + p.readPower*(m.sense-r.integrate))
	m.codeRead = sh.code.decodeCap * v2
	m.codeWrite = sh.code.encodeCap * v2
	m.readEnergy = m.wireEnergy + m.betweenEnergy + m.decodeRead + m.bitRead + m.senseEnergy + m.codeRead
	m.writeEnergy = m.wireEnergy + m.betweenEnergy + m.decodeWrite + m.bitWrite + m.codeWrite

	// Leakage of the periphery of all banks.
	rows, cols := float64(r.rows), float64(q.columns)
	amps := cols / float64(k.mux)
	sub := sh.ports*(rows*q.rowWidth+2*r.predecode.width) +
		cols*(sh.ports*p.columnWidth+r.currentWidth) + amps*(p.senseWidth+r.driverWidth)
	width := n*sub + s.treeWidth(n, float64(k.mats), m.side, sh) + sh.code.width + s.betweenWidth(m.between, sh)/sh.banks
	m.otherLeakge = sh.banks * width * c.leak * c.vdd
}

// betweenWidth returns the gate width of the lines between banks and port.
func (s *Solver) betweenWidth(length float64, sh *shape) float64 {
	return sh.banks * length * s.c.wires[sh.wire].width * (sh.ports*sh.address + 2*float64(sh.stored))
}

// report writes the figures of the chosen candidate.
func (s *Solver) report(k *candidate, cell *device.Cell, p *cellPart, sh *shape, m *metrics, out *Figures) {
	c := &s.c
	r, q := &s.rows[k.row], &s.cols[k.col]
	*out = Figures{StoredBits: sh.stored, Violations: r.violations}
	out.Organisation = Organisation{
		Rows: r.rows, Columns: q.columns, Mux: k.mux, Active: k.active, Subarrays: k.mats * k.active,
	}

	a := &out.Area
	bank := s.bankArea(k, p, sh, a)
	for _, part := range [...]*units.Area{
		&a.Cells, &a.Check, &a.Edges, &a.Decoders, &a.Columns, &a.Amplifiers, &a.WriteDrivers, &a.HTree, &a.Code, &a.Macro,
	} {
		*part *= units.Area(sh.banks)
	}
	a.Interconnect = units.Area(s.betweenWidth(m.between, sh) * c.perWidth)
	a.Total = units.Area(bank*sh.banks) + a.Interconnect
	out.BankArea = units.Area(bank)
	out.Efficiency = float64(a.Cells / a.Total)

	way := m.treeTime + m.betweenTime
	registers := math.Floor(way/m.readCycle) * latchGates * c.fo4
	out.Read = TimeParts{
		Interconnect: units.Time(2 * m.betweenTime), HTree: units.Time(2 * (m.treeTime + registers)),
		Decode: units.Time(m.decode), Wordline: units.Time(m.readWL), Bitline: units.Time(r.develop),
		Sense: units.Time(m.sense), Code: units.Time(sh.code.decode), Total: units.Time(m.read),
	}
	out.Write = TimeParts{
		Interconnect: units.Time(m.betweenTime), HTree: units.Time(m.treeTime + registers),
		Decode: units.Time(m.decode), Wordline: units.Time(m.writeWL), Bitline: units.Time(r.drive),
		Code: units.Time(sh.code.encode), Total: units.Time(m.write),
	}
	out.ReadCycle, out.WriteCycle = units.Time(m.readCycle), units.Time(m.writeCycle)

	out.ReadEnergy = EnergyParts{
		Interconnect: units.Energy(m.betweenEnergy), HTree: units.Energy(m.wireEnergy), Decode: units.Energy(m.decodeRead),
		Bitline: units.Energy(m.bitRead), Sense: units.Energy(m.senseEnergy), Code: units.Energy(m.codeRead),
		Total: units.Energy(m.readEnergy),
	}
	out.WriteEnergy = EnergyParts{
		Interconnect: units.Energy(m.betweenEnergy), HTree: units.Energy(m.wireEnergy), Decode: units.Energy(m.decodeWrite),
		Bitline: units.Energy(m.bitWrite), Code: units.Energy(m.codeWrite), Total: units.Energy(m.writeEnergy),
	}
	word := float64(sh.spec.WordBits)
	out.ReadPerBit = units.EnergyPerBit(m.readEnergy / word)
	out.WritePerBit = units.EnergyPerBit(m.writeEnergy / word)

	stored := sh.banks * float64(k.mats*k.active) * float64(r.rows) * float64(q.columns)
	out.CellLeakage = units.Power(stored * float64(cell.Leakage) * c.vdd)
	out.Periphery = units.Power(m.otherLeakge)
	out.Leakage = out.CellLeakage + out.Periphery
	out.ReadBandwidth = units.Bandwidth(sh.banks * word / 8 / m.readCycle)
	out.WriteBandwidth = units.Bandwidth(sh.banks * word / 8 / m.writeCycle)
}
