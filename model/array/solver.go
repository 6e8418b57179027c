package array

import (
	"errors"
	"fmt"
	"math"

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
	opts  Options
	c     circuit
	pitch float64 // of the layers of H-tree and bus, m

	rows   []rowLines
	cols   []colLines
	taps   []tap
	splits []split
	grid   []candidate
}

// candidate is an organisation on the grid.
type candidate struct {
	row, tap int32   // indices
	n        float64 // subarrays of a bank
	rootN    float64
	perRootN float64 // 1/rootN
	rootM    float64 // root of the mats
	core     float64 // area of the subarrays
	width    float64 // gate width of the periphery of one
	bound    float64 // lower bound of the cost; infinite above the area limit
}

// NewSolver prepares a solver. The temperature is between 200 and 430 K, of which
// 423 K are the 150 C of automotive parts.
func NewSolver(n *tech.Node, o Options) (*Solver, error) {
	if t := o.Temperature; !(t >= 200 && t <= 430) {
		return nil, fmt.Errorf("array: temperature %g K is outside 200 to 430 K", float64(t))
	}
	if o.Circuits.LayoutFactor <= 0 {
		return nil, errors.New("array: no circuit constants; take them from tech.Tables.Circuits")
	}
	layer := n.Middle
	if o.ThickWires {
		layer = n.Global
	}
	s := &Solver{opts: o}
	s.pitch = float64(layer.Pitch)
	s.c = *newCircuit(n, &s.opts.Circuits, o.Temperature, layer)
	return s, nil
}

// GateDelay returns the delay of an inverter that drives four of its size.
func (s *Solver) GateDelay() units.Time { return units.Time(s.c.fo4) }

// shape is a Spec in the numbers of the search.
type shape struct {
	spec    *Spec
	words   float64 // of a bank
	stored  int     // bits of a word
	word    float64 // the same
	grow    float64 // area of a bank over that of its parts
	banks   float64
	between float64 // way from the port to a bank over the side of all

	rootBanks   float64
	trunkSide   float64 // least side of a bank: tracks of the wires that enter it, m
	busSide     float64 // least side of all banks: tracks of the bus, m
	busWires    float64 // wires of the tree between the banks times their length over the side of all
	busBranches float64 // gate width of its junctions
	junctions   float64 // delay of its junctions, one way, s

	address float64 // address and command wires of a bank
	ports   float64 // decoders and wire bundles
	code    eccLogic
	trunk   float64 // wires of the H-tree

	lineDelay   float64 // of the H-tree, s/m
	lineEnergy  float64 // of all its wires that swing in an access, J/m
	branchDelay float64 // of a branch of the tree
	registers   float64 // delay of pipeline registers over the flight between them
	branch      float64 // gate width of one of its branches
	wire        int     // design of the repeated lines

	attempts float64 // on a word, write-verify-write; 0: written once, not verified
	pulses   float64 // of a bit
}

func (s *Solver) shape(spec *Spec) shape {
	sh := shape{spec: spec, banks: float64(spec.Banks), wire: balancedWire, grow: 1 + s.c.k.MacroOverhead, ports: 1}
	sh.rootBanks = math.Sqrt(sh.banks)
	sh.words = math.Ceil(float64(spec.Capacity) * 8 / (float64(spec.WordBits) * sh.banks))
	codeword := spec.Codeword
	if codeword == 0 {
		codeword = DefaultCodeword
	}
	sh.stored = spec.ECC.WordBits(spec.WordBits, codeword)
	sh.word = float64(sh.stored)
	sh.address = math.Ceil(math.Log2(math.Max(2, sh.words))) + 4
	if spec.Ports == OneReadOneWrite {
		sh.ports = 2
	}
	switch spec.Target {
	case ReadLatency, WriteLatency:
		sh.wire = fastWire
	case ReadEnergy, WriteEnergy, LeastArea, LeastLeakage:
		sh.wire = frugalWire
	case EDP, ReadEDP, WriteEDP: // balancedWire
	}
	wire := &s.c.wires[sh.wire]
	sh.lineDelay = wire.delay
	sh.lineEnergy = wire.cap * s.c.vdd * s.c.vdd * (sh.address + sh.word) * s.c.k.Activity
	sh.branchDelay, sh.registers = s.c.k.BranchGates*s.c.fo4, s.c.k.RegisterGates/s.c.k.StageGates
	sh.trunk = sh.ports*sh.address + 2*sh.word
	sh.branch = sh.trunk * 2 * (1 + s.c.beta) * s.c.minWidth
	sh.code = spec.ECC.logic(&s.c, spec.WordBits, codeword)
	s.bus(&sh)
	return sh
}

// bus fills what the banks share: one tree with an arbiter at every junction,
// as wide as its lanes of one word each. Groups of as many banks as there are
// lanes reach their junction over wires of their own; above it the tree is as
// wide as the bus. Its root, and the word where it enters a bank, need tracks.
func (s *Solver) bus(sh *shape) {
	tracks := s.pitch / (s.c.k.Layers * s.c.k.TrackShare)
	sh.trunkSide = sh.trunk * tracks
	if sh.spec.Banks == 1 {
		return
	}
	lanes := 1.0
	if sh.spec.Bus > 0 {
		lanes = min(sh.banks, max(1, float64(sh.spec.Bus)/(2*float64(sh.spec.WordBits))))
	}
	root := math.Sqrt(sh.banks / lanes) // of the groups
	sh.between = treePath(1/sh.rootBanks, 1)
	sh.busWires = sh.trunk * (lanes*(1.5*(root-1)+(1-1/root)/2) + sh.banks*treePath(1/math.Sqrt(lanes), 1/root))
	sh.busBranches = max(0, sh.banks/lanes-1) * lanes * sh.branch
	sh.junctions = levels(math.Ceil(sh.banks/lanes)) * (sh.branchDelay + s.c.k.ArbiterGates*s.c.fo4)
	sh.busSide = lanes * sh.trunkSide
}

// verify fills the attempts of write-verify-write: of n tries that each leave a
// bit unwritten with probability p, a word of w bits takes the sum over k < n of
// 1-(1-p^k)^w, and a bit (1-p^n)/(1-p) pulses.
func (sh *shape) verify(p *cellPart) {
	sh.attempts, sh.pulses = 0, 1
	if p.tries <= 1 {
		return
	}
	sh.attempts, sh.pulses = 1, 1
	left := 1.0
	for k := 1; k < p.tries; k++ {
		left *= p.failure
		sh.pulses += left
		sh.attempts += -math.Expm1(sh.word * math.Log1p(-left))
	}
}

// Solve fills out with the figures of the best organisation of a buffer. A cell
// that cannot be written or read is a value in out.Violations, not an error;
// errors are fields of spec or cell outside their range, or fixed columns that
// no word of spec fits.
func (s *Solver) Solve(cell *device.Cell, spec *Spec, out *Figures) error {
	if err := s.check(cell, spec); err != nil {
		return err
	}
	sh := s.shape(spec)
	p := s.c.cellPart(cell)
	sh.verify(&p)
	core, limit, err := s.candidates(cell, &p, &sh)
	if err != nil {
		return err
	}
	// The side of a bank is at least that of its subarrays; the chord of the root
	// between the least and the largest area is below the root and costs none.
	side, slope := math.Sqrt(core*sh.grow), 0.0
	if limit > core {
		slope = (math.Sqrt(limit*sh.grow) - side) / (limit - core)
	}
	var m, found metrics
	best, least := 0, math.Inf(1)
	for i := range s.grid {
		k := &s.grid[i]
		if k.core > limit {
			k.bound = math.Inf(1)
			continue
		}
		s.local(k, &sh, &m)
		s.lines(side+slope*(k.core-core), k, &sh, &m)
		k.bound = s.cost(k, &p, &sh, &m)
		if k.bound < least {
			best, least = i, k.bound
		}
	}
	least = s.solve(best, &p, &sh, &found)
	for i := range s.grid {
		if i == best || s.grid[i].bound > least {
			continue
		}
		if cost := s.solve(i, &p, &sh, &m); cost < least || cost == least && i < best {
			best, least, found = i, cost, m
		}
	}
	s.report(&s.grid[best], &p, &sh, &found, out)
	return nil
}

// Each calls yield with the figures of every organisation that Solve chooses
// from, in the order of the grid, until yield returns false. The figures are
// overwritten from call to call.
func (s *Solver) Each(cell *device.Cell, spec *Spec, yield func(f *Figures) bool) error {
	if err := s.check(cell, spec); err != nil {
		return err
	}
	sh := s.shape(spec)
	p := s.c.cellPart(cell)
	sh.verify(&p)
	_, limit, err := s.candidates(cell, &p, &sh)
	if err != nil {
		return err
	}
	var m metrics
	var f Figures
	for i := range s.grid {
		if s.grid[i].core > limit {
			continue
		}
		s.solve(i, &p, &sh, &m)
		s.report(&s.grid[i], &p, &sh, &m, &f)
		if !yield(&f) {
			break
		}
	}
	return nil
}

// check refuses fields outside their range.
func (*Solver) check(cell *device.Cell, spec *Spec) error {
	if cell.Technology == device.STT && spec.Ports == OneReadOneWrite {
		return errors.New("ports 1r1w: an STT cell reads and writes over the same bitlines; want single")
	}
	if err := spec.Validate(); err != nil {
		return err
	}
	return checkCell(cell)
}

// solve fills m for a candidate and returns its cost.
func (s *Solver) solve(i int, p *cellPart, sh *shape, m *metrics) float64 {
	k := &s.grid[i]
	s.local(k, sh, m)
	side := s.bankSide(k, sh)
	m.area = side * side
	s.lines(side, k, sh, m)
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
