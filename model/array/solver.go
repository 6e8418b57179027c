package array

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Options are the choices of an array that are not searched.
type Options struct {
	Temperature units.Temperature // of leakage and wires
	Circuits    tech.Circuits     // circuit constants, from Tables.Circuits
	ThickWires  bool              // H-tree on the global layers instead of the intermediate ones
}

// Solver evaluates arrays of one node, flavour and temperature. It is used by
// one goroutine at a time and allocates nothing after the first Solve.
type Solver struct {
	opts Options
	c    circuit

	rows []rowLines
	cols []colLines
	taps []tap
	grid []candidate
}

// candidate is an organisation on the grid.
type candidate struct {
	row, tap int // indices
	mats     int
	n        float64 // subarrays of a bank
	core     float64 // their area
	bound    float64 // lower bound of the cost
}

// rowGrid is the search grid of the rows of a subarray.
func rowGrid() [5]int { return [5]int{64, 128, 256, 512, 1024} }

// The search grid of a subarray's data columns, multiplexer and active subarrays.
const (
	gridMinColumns = 128
	gridMaxColumns = 2048
	gridMaxMux     = 32
	gridMaxActive  = 16 // or what a word of the widest subarrays needs
)

// NewSolver prepares a solver. The temperature is between 200 and 420 K.
func NewSolver(n *tech.Node, o Options) (*Solver, error) {
	if t := o.Temperature; !(t >= 200 && t <= 420) {
		return nil, fmt.Errorf("array: temperature %g K is outside 200 to 420 K", float64(t))
	}
	if o.Circuits.LayoutFactor <= 0 {
		return nil, errors.New("array: no circuit constants; take them from tech.Tables.Circuits")
	}
	layer := n.Middle
	if o.ThickWires {
		layer = n.Global
	}
	s := &Solver{opts: o}
	s.c = *newCircuit(n, &s.opts.Circuits, o.Temperature, layer)
	return s, nil
}

// shape is a Spec in the numbers of the search.
type shape struct {
	spec      *Spec
	words     float64 // of a bank
	stored    int     // bits of a word
	banks     float64
	rootBanks float64
	address   float64 // address and command wires of a bank
	ports     float64 // decoders and wire bundles
	code      eccLogic
	trunk     float64 // wires of the H-tree
	wires     float64 // of it that swing in an access
	branch    float64 // gate width of one of its branches
	wire      int     // design of the repeated lines
}

func (s *Solver) shape(spec *Spec) shape {
	sh := shape{spec: spec, banks: float64(spec.Banks), rootBanks: math.Sqrt(float64(spec.Banks)), ports: 1}
	sh.words = math.Ceil(float64(spec.Capacity) * 8 / (float64(spec.WordBits) * sh.banks))
	sh.stored = spec.ECC.WordBits(spec.WordBits)
	sh.address = math.Ceil(math.Log2(math.Max(2, sh.words))) + 4
	if spec.Ports == OneReadOneWrite {
		sh.ports = 2
	}
	switch spec.Target {
	case ReadLatency, WriteLatency:
		sh.wire = fastWire
	case ReadEnergy, WriteEnergy, LeastArea, LeastLeakage:
		sh.wire = frugalWire
	case EDP, ReadEDP, WriteEDP:
		sh.wire = balancedWire
	}
	sh.wires = (sh.address + float64(sh.stored)) * s.c.k.Activity
	sh.trunk = sh.ports*sh.address + 2*float64(sh.stored)
	sh.branch = sh.trunk * 2 * (1 + s.c.beta) * s.c.minWidth
	sh.code = spec.ECC.logic(&s.c, spec.WordBits)
	return sh
}

// Solve fills out with the figures of the best organisation of a buffer. A cell
// that cannot be written or read is a value in out.Violations, not an error;
// errors are fields of spec or cell outside their range, or fixed columns that
// no word of spec fits.
func (s *Solver) Solve(cell *device.Cell, spec *Spec, out *Figures) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if err := checkCell(cell); err != nil {
		return err
	}
	sh := s.shape(spec)
	p := s.c.cellPart(cell)
	s.fillGrid(cell, &p, &sh)
	if len(s.taps) == 0 {
		return fmt.Errorf("array: no organisation of %d columns holds words of %d bits", spec.Columns, spec.WordBits)
	}
	core, fewest := s.candidates(&p, &sh)
	limit := core * (1 + spec.AreaSlack)
	// No candidate has shorter lines than the smallest area with the fewest
	// subarrays would: a lower bound that spares most evaluations.
	var m, bound metrics
	bound.readCycle = math.Inf(1)
	s.lines(core*(1+s.c.k.MacroOverhead), math.Sqrt(fewest), float64(bits.Len(uint(fewest-1))), &sh, &bound)
	best, least := -1, math.Inf(1)
	for i := range s.grid {
		k := &s.grid[i]
		if k.core > limit {
			k.bound = math.Inf(1)
			continue
		}
		s.local(k, &sh, &m)
		m.read += bound.read
		m.write += bound.write
		m.readEnergy += bound.readEnergy
		m.writeEnergy += bound.writeEnergy
		k.bound = s.cost(k, &p, &sh, &m)
		if spec.Target == LeastLeakage {
			k.bound = 0 // the lines' leakage is in the cost
		}
		if k.bound < least {
			best, least = i, k.bound
		}
	}
	least = s.solve(best, &p, &sh, &m)
	for i := range s.grid {
		if i == best || s.grid[i].bound > least {
			continue
		}
		if cost := s.solve(i, &p, &sh, &m); cost < least || cost == least && i < best {
			best, least = i, cost
		}
	}
	s.solve(best, &p, &sh, &m)
	s.report(&s.grid[best], &p, &sh, &m, out)
	return nil
}

// solve fills m for a candidate and returns its cost.
func (s *Solver) solve(i int, p *cellPart, sh *shape, m *metrics) float64 {
	k := &s.grid[i]
	s.local(k, sh, m)
	s.evaluate(k, sh, m)
	return s.cost(k, p, sh, m)
}

// checkCell refuses a cell that is no cell.
func checkCell(c *device.Cell) error {
	for _, v := range [...]float64{
		float64(c.Width), float64(c.Height), float64(c.ReadGateCap), float64(c.WriteGateCap),
		float64(c.ReadDrainCap), float64(c.WriteDrainCap), float64(c.ReadCurrent),
	} {
		if !(v > 0) || math.IsInf(v, 0) {
			return errors.New("array: a bitcell needs positive, finite width, height, line loads and read current")
		}
	}
	if c.Technology != device.SRAM && !(c.WriteCurrent > 0 && c.WritePulse > 0 && c.ReadVoltage > 0) {
		return errors.New("array: a magnetic bitcell needs a read voltage, a write current and a write pulse")
	}
	return nil
}

// fillGrid computes the lines of every row and column count of the search.
func (s *Solver) fillGrid(cell *device.Cell, p *cellPart, sh *shape) {
	s.rows, s.cols = s.rows[:0], s.cols[:0]
	if sh.spec.Rows != 0 {
		s.rows = append(s.rows, s.c.bitlines(cell, p, sh.spec.Rows))
	} else {
		for _, r := range rowGrid() {
			if float64(r) <= sh.words || r == rowGrid()[0] {
				s.rows = append(s.rows, s.c.bitlines(cell, p, r))
			}
		}
	}
	word, stored := sh.spec.WordBits, sh.stored
	if f := sh.spec.Columns; f != 0 {
		s.cols = append(s.cols, s.c.wordlines(cell, p, f, (f*stored+word-1)/word))
		s.fillTaps(p, sh, MaxColumns, MaxWord)
		return
	}
	// Columns that a word, multiplied by the multiplexer and divided by the
	// active subarrays, fills: word times a power of two.
	low := word
	for low%2 == 0 && low/2 >= gridMinColumns {
		low /= 2
	}
	for low > gridMaxColumns {
		low = (low + 1) / 2
	}
	for low < gridMinColumns {
		low *= 2
	}
	for d := low; d <= gridMaxColumns; d *= 2 {
		s.cols = append(s.cols, s.c.wordlines(cell, p, d, (d*stored+word-1)/word))
	}
	s.fillTaps(p, sh, gridMaxMux, max(gridMaxActive, 2*((word+gridMaxColumns-1)/gridMaxColumns)))
}

// fillTaps lists the ways a word is taken from the columns.
func (s *Solver) fillTaps(p *cellPart, sh *shape, maxMux, maxActive int) {
	s.taps = s.taps[:0]
	word := sh.spec.WordBits
	for j := range s.cols {
		data := s.cols[j].data
		for mux := 1; mux <= maxMux; mux *= 2 {
			active := word * mux / data
			if active*data != word*mux {
				// The word does not fill the columns: one more subarray, if
				// less than a tenth stays empty.
				active++
				if float64(active*data) > 1.1*float64(word*mux) {
					continue
				}
			}
			if active >= 1 && active <= maxActive {
				s.taps = append(s.taps, s.c.tap(p, sh, &s.cols[j], j, mux, active))
			}
		}
	}
}

// candidates lists the organisations with the areas of their subarrays and
// returns the least one and the fewest subarrays. When some can drive the write current and read the
// signal and some cannot, only the former are listed; when none can, those that
// miss by least.
func (s *Solver) candidates(p *cellPart, sh *shape) (least, fewest float64) {
	s.grid = s.grid[:0]
	violation := math.Inf(1)
	for i := range s.rows {
		violation = min(violation, s.rows[i].worst)
	}
	least, fewest = math.Inf(1), math.Inf(1)
	edge := 2 * s.c.k.EdgeCells
	for i := range s.rows {
		r := &s.rows[i]
		if r.worst > violation {
			continue
		}
		rows := float64(r.rows)
		for j := range s.taps {
			t := &s.taps[j]
			mats := math.Ceil(sh.words / float64(r.rows*t.mux))
			k := candidate{row: i, tap: j, mats: int(mats), n: mats * float64(t.active)}
			k.core = k.n * ((rows+edge)*(t.columns+edge)*p.area + s.periphery(r, t, sh)*s.c.perWidth)
			least, fewest = min(least, k.core), min(fewest, k.n)
			s.grid = append(s.grid, k)
		}
	}
	return least, fewest
}

// periphery returns the gate width of a subarray's periphery.
func (s *Solver) periphery(r *rowLines, t *tap, sh *shape) float64 {
	return sh.ports*(float64(r.rows)*t.rowWidth+r.predecodeWidth) + t.width + t.columns*r.currentWidth + t.amps*r.driverWidth
}

// bankArea returns the area of a bank with rootN the root of its subarrays.
func (s *Solver) bankArea(k *candidate, rootN float64, sh *shape) float64 {
	tree := s.treeWidth(k, math.Sqrt(k.core), rootN, sh)
	return (k.core + (tree+sh.code.width)*s.c.perWidth) * (1 + s.c.k.MacroOverhead)
}

// areaParts splits the area of a bank.
func (s *Solver) areaParts(k *candidate, p *cellPart, sh *shape, parts *AreaParts) {
	r, t := &s.rows[k.row], &s.taps[k.tap]
	rows, edge := float64(r.rows), 2*s.c.k.EdgeCells
	share := float64(s.cols[t.col].data) / t.columns
	cells := k.n * rows * t.columns * p.area
	drawn := func(width float64) units.Area { return units.Area(width * s.c.perWidth) }
	parts.Cells = units.Area(cells * share)
	parts.Check = units.Area(cells * (1 - share))
	parts.Edges = units.Area(k.n*(rows+edge)*(t.columns+edge)*p.area - cells)
	parts.Decoders = drawn(k.n * sh.ports * (rows*t.rowWidth + r.predecodeWidth))
	parts.Columns = drawn(k.n * t.columns * p.columnWidth * sh.ports)
	parts.Amplifiers = drawn(k.n * t.amps * p.senseWidth)
	parts.WriteDrivers = drawn(k.n * (t.columns*r.currentWidth + t.amps*r.driverWidth))
	parts.HTree = drawn(s.treeWidth(k, math.Sqrt(k.core), math.Sqrt(k.n), sh))
	parts.Code = drawn(sh.code.width)
	parts.Macro = units.Area(s.bankArea(k, math.Sqrt(k.n), sh) * s.c.k.MacroOverhead / (1 + s.c.k.MacroOverhead))
}

// treeWidth returns the gate width of an H-tree's repeaters and branch gates: a
// trunk with all wires to the mats, and the divided word inside a mat. The
// branches of an H-tree over n leaves in a square of side s have the length
// 1.5 s (sqrt(n)-1).
func (s *Solver) treeWidth(k *candidate, side, rootN float64, sh *shape) float64 {
	t := &s.taps[k.tap]
	rootM := rootN * t.perRoot
	length := 1.5*side*((rootM-1)*sh.trunk+(rootN-rootM)*t.inner) + side/2*sh.trunk*(1-1/rootN)
	return length*s.c.wires[sh.wire].width + float64(k.mats)*sh.branch
}
