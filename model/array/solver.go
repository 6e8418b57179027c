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

	rows  []rowLines
	cols  []colLines
	areas []candidate
}

// candidate is an organisation on the grid and its bank area.
type candidate struct {
	row, col    int // indices
	mux, active int
	mats        int
	area        float64
	violation   float64
}

// rowGrid is the search grid of the rows of a subarray.
func rowGrid() [5]int { return [5]int{64, 128, 256, 512, 1024} }

// The search grid of a subarray's data columns, multiplexer and active subarrays.
const (
	gridMinColumns = 128
	gridMaxColumns = 2048
	gridMaxMux     = 64
	gridMaxActive  = 64
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
	spec    *Spec
	words   float64 // of a bank
	stored  int     // bits of a word
	banks   float64
	address float64 // address and command wires of a bank
	ports   float64 // decoders and wire bundles
	code    eccLogic
	wire    int // design of the repeated lines
}

func (s *Solver) shape(spec *Spec) shape {
	sh := shape{spec: spec, banks: float64(spec.Banks), ports: 1}
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
	least, ok := s.candidates(&p, &sh)
	if !ok {
		return fmt.Errorf("array: no organisation of %d columns holds words of %d bits", spec.Columns, spec.WordBits)
	}
	limit := least * (1 + spec.AreaSlack)
	best, bestCost, bestViolation := -1, math.Inf(1), math.Inf(1)
	var m metrics
	for i := range s.areas {
		k := &s.areas[i]
		if k.area > limit || k.violation > bestViolation {
			continue
		}
		s.evaluate(k, &p, &sh, &m)
		cost := m.cost(spec.Target)
		if k.violation < bestViolation || cost < bestCost {
			best, bestCost, bestViolation = i, cost, k.violation
		}
	}
	s.evaluate(&s.areas[best], &p, &sh, &m)
	s.report(&s.areas[best], cell, &p, &sh, &m, out)
	return nil
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
	addColumns := func(data, columns int) {
		s.cols = append(s.cols, s.c.wordlines(cell, p, data, columns))
	}
	word, stored := sh.spec.WordBits, sh.stored
	if f := sh.spec.Columns; f != 0 {
		addColumns(f, int(math.Ceil(float64(f)*float64(stored)/float64(word))))
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
		addColumns(d, int(math.Ceil(float64(d)*float64(stored)/float64(word))))
	}
}

// candidates lists the organisations with their areas and returns the least
// area of a feasible one (of any, if none is).
func (s *Solver) candidates(p *cellPart, sh *shape) (least float64, ok bool) {
	s.areas = s.areas[:0]
	least, anyLeast := math.Inf(1), math.Inf(1)
	for j := range s.cols {
		for mux := 1; mux <= gridMaxMux; mux *= 2 {
			active := sh.spec.WordBits * mux / s.cols[j].data
			if active*s.cols[j].data != sh.spec.WordBits*mux {
				// The word does not fill the columns: one more subarray, if
				// less than a tenth stays empty.
				active++
				if float64(active*s.cols[j].data) > 1.1*float64(sh.spec.WordBits*mux) {
					continue
				}
			}
			if active < 1 || active > gridMaxActive {
				continue
			}
			for i := range s.rows {
				k := candidate{row: i, col: j, mux: mux, active: active}
				k.mats = int(math.Ceil(sh.words / float64(s.rows[i].rows*mux)))
				k.violation = s.rows[i].violations.Worst()
				k.area = s.bankArea(&k, p, sh, nil)
				s.areas = append(s.areas, k)
				anyLeast = math.Min(anyLeast, k.area)
				if k.violation == 0 {
					least = math.Min(least, k.area)
				}
			}
		}
	}
	if math.IsInf(least, 1) {
		least = anyLeast
	}
	return least, len(s.areas) > 0
}

// bankArea returns the area of a bank and, if parts is given, its parts.
func (s *Solver) bankArea(k *candidate, p *cellPart, sh *shape, parts *AreaParts) float64 {
	r, q := &s.rows[k.row], &s.cols[k.col]
	rows, cols := float64(r.rows), float64(q.columns)
	n := float64(k.mats * k.active)
	edge := s.c.k.EdgeCells
	cells := rows * cols * p.area
	edges := (rows+2*edge)*(cols+2*edge)*p.area - cells
	amps := cols / float64(k.mux)
	perWidth := s.c.perWidth
	decode := sh.ports * (rows*q.rowWidth + 2*r.predecode.width*float64(int(1)<<((bits.Len(uint(r.rows-1))+1)/2))) * perWidth
	column := cols * p.columnWidth * sh.ports * perWidth
	sense := amps * p.senseWidth * perWidth
	write := (cols*r.currentWidth + amps*r.driverWidth) * perWidth
	sub := cells + edges + decode + column + sense + write
	tree := s.treeWidth(n, float64(k.mats), math.Sqrt(n*sub), sh) * perWidth
	code := sh.code.width * perWidth
	sum := n*sub + tree + code
	if parts != nil {
		share := float64(q.data) / cols
		parts.Cells = units.Area(n * cells * share)
		parts.Check = units.Area(n * cells * (1 - share))
		parts.Edges = units.Area(n * edges)
		parts.Decoders = units.Area(n * decode)
		parts.Columns = units.Area(n * column)
		parts.Amplifiers = units.Area(n * sense)
		parts.WriteDrivers = units.Area(n * write)
		parts.HTree = units.Area(tree)
		parts.Code = units.Area(code)
		parts.Macro = units.Area(sum * s.c.k.MacroOverhead)
	}
	return sum * (1 + s.c.k.MacroOverhead)
}

// treePath is the length of the way from the middle of a bank's edge to a
// subarray in a field of n of them with side m: to the centre, then halving
// along both directions.
func treePath(n, side float64) float64 { return 1.5 * side * (1 - 1/math.Sqrt(n)) }

// treeWidth returns the gate width of an H-tree's repeaters and branch gates: a
// trunk with all wires to the mats, and the divided word inside a mat. The
// branches of an H-tree over n leaves in a square of side s have the length
// 1.5 s (sqrt(n)-1).
func (s *Solver) treeWidth(n, mats, side float64, sh *shape) float64 {
	word := float64(sh.stored)
	trunk := sh.ports*sh.address + 2*word
	inner := sh.ports*sh.address + 2*word*mats/n
	rootM, rootN := math.Sqrt(mats), math.Sqrt(n)
	length := 1.5*side*((rootM-1)*trunk+(rootN-rootM)*inner) + side/2*trunk*(1-1/rootN)
	gates := mats * trunk * 2 * (1 + s.c.beta) * s.c.minWidth
	return length*s.c.wires[sh.wire].width + gates
}
