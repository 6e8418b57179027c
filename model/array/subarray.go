package array

import (
	"math"

	"stco/model/device"
)

// rowLines is what depends on the cell and the number of rows: the bitlines.
type rowLines struct {
	rows   int
	height float64 // of the cells, m

	readCap, writeCap float64 // of one bitline, F
	develop           float64 // until the amplifier sees its signal, before the multiplexer, s
	restore           float64 // precharge or discharge
	drive             float64 // write: bitline settling and pulse (MRAM) or flip (SRAM)
	readEnergy        float64 // of one bitline that is read, J
	halfEnergy        float64 // of one bitline of an active row that is not selected
	writeEnergy       float64 // of one written bit with its bitline
	currentWidth      float64 // per column: multiplexers at both ends of the write path
	driverWidth       float64 // per multiplexer: write drivers
	decode            float64 // row predecoder and its line along the subarray
	predecodeEnergy   float64
	predecodeWidth    float64 // gate width of all predecoder outputs
	violations        Violations
	worst             float64 // of them

	// Sums over what depends on the rows alone.
	read, write           float64 // latency without wordline, amplifier and code
	readCycle, writeCycle float64
}

// colLines is what depends on the cell and the number of columns: the wordlines.
type colLines struct {
	data, columns int     // without and with check bits
	width         float64 // of the cells, m
	read, write   chain   // row gate and wordline driver
	readRC        float64
	writeRC       float64
	rowWidth      float64 // gate width beside one row
}

// cellPart is what depends on the cell alone.
type cellPart struct {
	mram, twoLines bool
	bitTracks      float64 // lines that share the width of the cell
	w, h, area     float64
	leakage        float64 // of a cell, A
	supply         float64 // of the write driver
	writeCurrent   float64
	columnWidth    float64 // gate width per column: precharge and read multiplexer
	senseWidth     float64 // amplifier and output latch
	latch          float64 // regeneration, s
	latchCap       float64
	senseCap       float64 // MRAM: of the amplifier's input
	steps          float64 // MRAM: time constants of a bitline until its clamp has settled in every phase, with the margin
	along          float64 // MRAM: share of them that the resistance of the bitline adds
	settle         float64 // MRAM: time per capacitance of a bitline without resistance until its clamp has settled, s/F
	integrate      float64 // MRAM: time per capacitance of its input until the signal exceeds the offset, s/F
	boosted        float64 // gate width of a level shifter, 0 where the write supply is that of the node
	oxide          float64 // drawn width of write drivers over that of core transistors
	readPower      float64 // MRAM: of one bit while it is sensed, W
	muxCap         float64 // junction of one closed multiplexer input
	muxRes         float64
	selector       float64 // delay that a selector above the cell adds to a read, s
	tries          int     // attempts of write-verify-write; 1: written once
	failure        float64 // of an attempt, of a bit
}

// sram tells the voltage-sensed cell from the current-sensed ones.
func (c *circuit) cellPart(cell *device.Cell) cellPart {
	p := cellPart{
		mram: cell.Technology != device.SRAM, twoLines: cell.Technology == device.SOT,
		w: float64(cell.Width), h: float64(cell.Height),
		leakage: float64(cell.Leakage), supply: c.vdd, writeCurrent: float64(cell.WriteCurrent),
		selector: float64(cell.ReadDelay),
		tries:    max(cell.WriteTries, 1), failure: cell.WriteFailure,
	}
	p.area = p.w * p.h
	switch cell.Technology {
	case device.SRAM:
		p.bitTracks = c.k.SRAMTracks
	case device.STT:
		p.bitTracks = c.k.STTTracks
	case device.SOT:
		p.bitTracks = c.k.SOTTracks
	}
	if v := float64(cell.WriteVoltage); v > 0 {
		p.supply = v
	}
	p.oxide = 1
	if p.supply > c.vdd*(1+1e-9) {
		p.boosted = c.k.ShifterWidth * c.minWidth
	}
	if p.supply > c.vdd*c.k.RatedSupply {
		p.oxide = c.k.ThickOxideArea
	}
	p.columnWidth = (c.k.PrechargeDevices*c.k.PrechargeWidth + c.k.PairMultiplexers*c.k.MuxWidth) * c.minWidth
	p.senseWidth = c.k.LatchWidth * c.matched
	mux := c.k.MuxWidth * c.minWidth
	if p.mram {
		p.columnWidth = c.k.PrechargeWidth*c.minWidth + mux
		p.senseWidth = c.k.CurrentSenseWidth * c.matched
		p.senseCap = c.k.SenseInput * c.matched * (c.cGate + c.cDrain)
	}
	p.muxCap = c.cDrain * mux
	p.muxRes = c.rN / mux
	p.latchCap = c.k.LatchInput * c.matched * (c.cGate + c.cDrain)
	swing := c.k.OffsetSigmas * float64(c.k.OffsetSigma)
	if p.mram {
		// A clamp holds the bitline: gm = 2 I/Vov. Through it and the multiplexer
		// the line is charged, and the path of the cell damps it; the current has settled when what still charges the
		// line is a small share of the signal. Then the signal integrates to the
		// offset on the amplifier's input: behind the clamp the charge of the
		// bitline, which does not move, has no part in it (E30 without a clamp has
		// the bitline instead).
		read := float64(cell.ReadCurrent)
		signal := max(float64(cell.SenseCurrent)*c.k.TailSignal, float64(c.k.LeastSignal)/10)
		clamp := float64(c.k.ClampOverdrive) / (2 * read)
		phases := c.k.SensePhases * c.k.TimingMargin
		if cell.SenseFactor > 0 {
			phases *= cell.SenseFactor
		}
		p.steps = phases * math.Log(max(math.E, float64(cell.ReadVoltage)/(clamp*signal*c.k.ClampResidue)))
		near, far := 1/(clamp+c.rOn/mux), read/float64(cell.ReadVoltage)
		p.settle = p.steps / (near + far)
		// What a line adds between two conductances, to first order in its
		// resistance: the current along it falls from one to minus the other.
		p.along = p.steps / 3 * (near*near - near*far + far*far) / ((near + far) * (near + far))
		p.integrate = phases * swing / signal
		p.readPower = c.vdd * read * c.k.SenseBranches
	}
	p.latch = c.k.LatchRegeneration * c.rN * c.cin * math.Log(c.vdd/swing)
	return p
}

// bitlines computes the lines along the rows.
func (c *circuit) bitlines(cell *device.Cell, p *cellPart, rows int) rowLines {
	n := float64(rows)
	length := n * p.h
	wireCap, wireRes := length*c.cLine, length*c.lineResistance(p.w, p.bitTracks)
	l := rowLines{rows: rows, height: length}
	l.readCap = n*float64(cell.ReadDrainCap) + wireCap
	l.writeCap = n*float64(cell.WriteDrainCap) + wireCap
	wire := c.k.DistributedDelay * wireRes
	swing := c.k.OffsetSigmas * float64(c.k.OffsetSigma)
	signal := float64(cell.SenseCurrent)
	pre := c.rN / (c.k.PrechargeWidth * c.minWidth) // p-channel with n drive by width beta
	if !p.mram {
		// The idle cells of the column pull the other line down.
		leak := (n - 1) * float64(cell.Leakage) / c.k.CellLeaks
		net := signal - leak
		l.violations.ReadSignal = 2*leak/signal - 1
		net = max(net, signal/4)
		l.develop = p.selector + c.k.TimingMargin*l.readCap*swing/net + wire*l.readCap
		l.restore = math.Ln10 * pre / 2 * l.readCap
		drive := c.rN / (c.k.WriteWidth * c.minWidth)
		l.drive = math.Ln10*drive*l.writeCap + wire*l.writeCap + c.k.FlipGates*c.fo4
		l.readEnergy = l.readCap * c.vdd * swing * c.k.TimingMargin
		l.halfEnergy = l.readEnergy
		l.writeEnergy = l.writeCap * c.vdd * c.vdd
		l.driverWidth = 2 * (1 + c.beta) * c.k.WriteWidth * c.minWidth
	} else {
		signal *= c.k.TailSignal
		l.violations.ReadSignal = float64(c.k.LeastSignal)/max(signal, 1e-12) - 1
		l.develop = p.selector + l.readCap*(p.settle+p.along*wireRes)
		l.restore = math.Ln10 * pre * l.readCap
		l.readEnergy = l.readCap*float64(cell.ReadVoltage)*c.vdd + p.readPower*(l.develop-p.selector)
		// Bit and source line together are one line long, wherever the cell
		// sits. What the path leaves of the supply is shared by the drivers and
		// multiplexers in series (series_drops); a transistor never carries
		// more than its saturation current.
		path := float64(cell.WriteResistance) + wireRes
		drop := c.k.DriverDrop * p.supply
		l.violations.WriteDrive = (p.writeCurrent*path+drop)/p.supply - 1
		drop = max(drop, p.supply-p.writeCurrent*path)
		wide := max(c.k.SeriesDrops*p.writeCurrent*c.rOn/drop, p.writeCurrent/(c.node.AccessDerating*c.onCurrent))
		l.currentWidth = 2 * wide * p.oxide
		l.driverWidth = 2*(1+c.beta)*wide*p.oxide + p.boosted
		l.drive = math.Ln10*(drop/p.writeCurrent)*l.writeCap + wire*l.writeCap + float64(cell.WritePulse)
		if p.boosted > 0 {
			l.drive += c.k.ShifterGates * c.fo4
		}
		pulse := p.supply * p.writeCurrent * float64(cell.WritePulse)
		if e := float64(cell.WriteEnergy); e > 0 {
			pulse = e
		}
		l.writeEnergy = pulse + l.writeCap*p.supply*p.supply
	}
	l.worst = l.violations.Worst()
	c.predecode(&l, p, length)
	l.read, l.readCycle = l.decode+l.develop, l.develop+l.restore
	l.write, l.writeCycle = l.decode+l.drive, l.drive+l.restore
	return l
}

// predecode sizes the two groups of the row predecoder, each driving a line
// along the subarray with the gates of one in 2^bits rows.
func (c *circuit) predecode(l *rowLines, p *cellPart, length float64) {
	bits := 1
	for 1<<bits < l.rows {
		bits++
	}
	group := (bits + 1) / 2
	gate := c.k.NandEffort * c.cin * c.minWidth
	load := float64(l.rows)/float64(int(1)<<group)*gate + length*c.cLine
	effort := 1 + float64(group-1)/3
	out := c.drive(load, c.cin*c.minWidth, effort, 4)
	l.predecodeWidth = 2 * out.width * float64(int(1)<<group)
	l.predecodeEnergy = 2 * out.cap * c.vdd * c.vdd
	l.decode = out.delay + c.k.DistributedDelay*length*c.lineResistance(p.w, p.bitTracks)*load
}

// wordlines computes the lines along the columns.
func (c *circuit) wordlines(cell *device.Cell, p *cellPart, data, columns int) colLines {
	n := float64(columns)
	length := n * p.w
	l := colLines{data: data, columns: columns, width: length}
	resistance := c.lineResistance(p.h, c.k.WordTracks)
	line := func(gate float64) (chain, float64) {
		load := n*gate + length*c.cLine
		return c.drive(load, c.cin*c.minWidth, c.k.NandEffort, c.k.WordlineEffort), c.k.DistributedDelay * length * resistance * load
	}
	l.read, l.readRC = line(float64(cell.ReadGateCap))
	l.write, l.writeRC = l.read, l.readRC
	l.rowWidth = l.read.width + 2*(1+c.beta)*c.minWidth
	if p.twoLines {
		l.write, l.writeRC = line(float64(cell.WriteGateCap))
		l.rowWidth += l.write.width
	}
	l.rowWidth += p.boosted // the wordline of a write stands at the supply of its drivers
	return l
}
