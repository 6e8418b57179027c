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
	integrate         float64 // MRAM: offset over signal current
	restore           float64 // precharge or discharge
	drive             float64 // write: bitline settling and pulse (MRAM) or flip (SRAM)
	readEnergy        float64 // of one bitline that is read, J
	halfEnergy        float64 // of one bitline of an active row that is not selected
	writeEnergy       float64 // of one written bit with its bitline
	predecode         chain   // of the row address
	decodeWire        float64 // delay along the subarray
	violations        Violations
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
	w, h, area     float64
	supply         float64 // of the write driver
	writeCurrent   float64
	columnWidth    float64 // gate width per column: precharge and multiplexer
	currentWidth   float64 // of that and of the drivers, what carries the write current, per column
	driverWidth    float64 // write driver per multiplexer
	senseWidth     float64 // amplifier and output latch
	latch          float64 // regeneration, s
	latchCap       float64
	muxCap         float64 // junction of one closed multiplexer input
	muxRes         float64
}

// sram tells the voltage-sensed cell from the current-sensed ones.
func (c *circuit) cellPart(cell *device.Cell) cellPart {
	p := cellPart{
		mram: cell.Technology != device.SRAM, twoLines: cell.Technology == device.SOT,
		w: float64(cell.Width), h: float64(cell.Height),
		supply: c.vdd, writeCurrent: float64(cell.WriteCurrent),
	}
	p.area = p.w * p.h
	if v := float64(cell.WriteVoltage); v > 0 {
		p.supply = v
	}
	gates := 1 + c.beta
	p.columnWidth = 3*prechargeWidth*c.minWidth + 2*muxWidth*c.minWidth
	p.driverWidth = 2 * gates * writeWidth * c.minWidth
	p.senseWidth = latchWidth * c.minWidth
	mux := muxWidth * c.minWidth
	if p.mram {
		// Both ends of the cell's path pass a multiplexer and a driver, three
		// equal shares of the allowed drop.
		wide := 3 * p.writeCurrent * c.rOn / (c.k.DriverDrop * p.supply)
		p.columnWidth = prechargeWidth*c.minWidth + mux
		p.currentWidth = 2 * wide
		p.driverWidth = 2 * gates * wide
		p.senseWidth = currentSenseWidth * c.minWidth
	}
	p.muxCap = c.cDrain * mux
	p.muxRes = c.rN / mux
	p.latchCap = 4 * c.cin * c.minWidth
	swing := c.k.OffsetSigmas * float64(c.k.OffsetSigma)
	p.latch = 3 * c.rN * c.cin * math.Log(c.vdd/swing)
	return p
}

// Sizes of the column circuits in minimum widths: the latch is wide for a small
// offset (area over offset squared, Pelgrom 1989), the precharge restores a
// swing of a tenth of Vdd in a few FO4. A current amplifier has clamps and
// mirrors beside the latch and its share of the references.
const (
	prechargeWidth    = 2
	muxWidth          = 4
	writeWidth        = 8
	latchWidth        = 100
	currentSenseWidth = 300
)

// bitlines computes the lines along the rows.
func (c *circuit) bitlines(cell *device.Cell, p *cellPart, rows int) rowLines {
	n := float64(rows)
	length := n * p.h
	wireCap, wireRes := length*c.cLocal, length*c.rLocal
	l := rowLines{rows: rows, height: length}
	l.readCap = n*float64(cell.ReadDrainCap) + wireCap
	l.writeCap = n*float64(cell.WriteDrainCap) + wireCap
	wire := distributed * wireRes
	swing := c.k.OffsetSigmas * float64(c.k.OffsetSigma)
	signal := float64(cell.SenseCurrent)
	pre := c.rN / (prechargeWidth * c.minWidth) // p-channel with n drive by width beta
	if !p.mram {
		// The idle cells of the column pull the other line down.
		leak := (n - 1) * float64(cell.Leakage) / 3
		net := signal - leak
		l.violations.ReadSignal = 2*leak/signal - 1
		net = math.Max(net, signal/4)
		l.develop = c.k.TimingMargin*l.readCap*swing/net + wire*l.readCap
		l.restore = math.Ln10 * pre / 2 * l.readCap
		drive := c.rN / (writeWidth * c.minWidth)
		l.drive = math.Ln10*drive*l.writeCap + wire*l.writeCap + 3*c.fo4
		l.readEnergy = l.readCap * c.vdd * swing * c.k.TimingMargin
		l.halfEnergy = l.readEnergy
		l.writeEnergy = l.writeCap * c.vdd * c.vdd
	} else {
		read := float64(cell.ReadCurrent)
		bias := float64(cell.ReadVoltage)
		l.violations.ReadSignal = minSignal/math.Max(signal, 1e-12) - 1
		signal = math.Max(signal, minSignal/10)
		// A clamp holds the bitline: gm = 2 I/Vov; the current has settled when
		// what still charges the line is a small share of the signal.
		clamp := float64(c.k.ClampOverdrive) / (2 * read)
		settle := math.Log(math.Max(math.E, bias/(clamp*signal*c.k.ClampResidue)))
		l.develop = c.k.TimingMargin*clamp*l.readCap*settle + wire*l.readCap
		l.integrate = c.k.TimingMargin * l.readCap * swing / signal // E30
		l.restore = math.Ln10 * pre * l.readCap
		l.readEnergy = l.readCap*bias*c.vdd + c.vdd*read*c.k.SenseBranches*(l.develop+l.integrate)
		// The source and bit lines carry the write current; on the average the
		// cell sits half way along both.
		path := float64(cell.WriteResistance) + wireRes
		need := p.writeCurrent*path + c.k.DriverDrop*p.supply
		l.violations.WriteDrive = need/p.supply - 1
		settleWrite := 2 * (path + c.k.DriverDrop*p.supply/math.Max(p.writeCurrent, 1e-9)) * l.writeCap
		l.drive = settleWrite + float64(cell.WritePulse)
		pulse := p.supply * p.writeCurrent * float64(cell.WritePulse)
		if e := float64(cell.WriteEnergy); e > 0 {
			pulse = e
		}
		l.writeEnergy = pulse + l.writeCap*p.supply*p.supply
	}
	c.predecode(&l, length)
	return l
}

// minSignal is the smallest signal current an amplifier is asked to integrate,
// A: below it the integration takes tens of ns and noise rules.
const minSignal = 0.5e-6

// predecode sizes the two groups of the row predecoder, each driving a line
// along the subarray with the gates of one in 2^bits rows.
func (c *circuit) predecode(l *rowLines, length float64) {
	bits := 1
	for 1<<bits < l.rows {
		bits++
	}
	group := (bits + 1) / 2
	gate := nandEffort * c.cin * c.minWidth
	load := float64(l.rows)/float64(int(1)<<group)*gate + length*c.cLocal
	effort := 1 + float64(group-1)/3
	l.predecode = c.drive(load, c.cin*c.minWidth, effort)
	l.decodeWire = distributed * length * c.rLocal * load
}

// nandEffort is the logical effort of a two-input NAND.
const nandEffort = 4.0 / 3

// wordlines computes the lines along the columns.
func (c *circuit) wordlines(cell *device.Cell, p *cellPart, data, columns int) colLines {
	n := float64(columns)
	length := n * p.w
	l := colLines{data: data, columns: columns, width: length}
	line := func(gate float64) (chain, float64) {
		load := n*gate + length*c.cLocal
		return c.drive(load, c.cin*c.minWidth, nandEffort), distributed * length * c.rLocal * load
	}
	l.read, l.readRC = line(float64(cell.ReadGateCap))
	l.write, l.writeRC = l.read, l.readRC
	l.rowWidth = l.read.width + 2*(1+c.beta)*c.minWidth
	if p.twoLines {
		l.write, l.writeRC = line(float64(cell.WriteGateCap))
		l.rowWidth += l.write.width
	}
	return l
}
