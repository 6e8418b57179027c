package array

import (
	"fmt"
	"math"
	"math/bits"

	"stco/model/device"
	"stco/model/units"
)

// The search grid: rows of a subarray, its data columns, the multiplexer and
// the active subarrays, each doubling.
const (
	gridMinRows    = 64
	gridMaxRows    = 1024
	gridMinColumns = 128
	gridMaxColumns = 2048
	gridMaxMux     = 32
	gridMaxActive  = 16 // or what a word of the widest subarrays needs
)

// split is a bank divided into mats of a number of words.
type split struct{ mats, root, perRoot float64 }

// fillGrid computes the lines of every row and column count of the search.
func (s *Solver) fillGrid(cell *device.Cell, p *cellPart, sh *shape) {
	s.rows, s.cols = s.rows[:0], s.cols[:0]
	if sh.spec.Rows != 0 {
		s.rows = append(s.rows, s.c.bitlines(cell, p, sh.spec.Rows))
	} else {
		least := gridMinRows
		for least > MinRows && float64(least) > sh.words {
			least /= 2
		}
		for r := least; r == least || r <= gridMaxRows && float64(r) <= sh.words; r *= 2 {
			s.rows = append(s.rows, s.c.bitlines(cell, p, r))
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
			if active > maxActive {
				break
			}
			if active*data != word*mux {
				// The word does not fill the columns: one more subarray, if
				// few stay empty.
				active++
				if float64(active*data) > s.c.k.SpareColumns*float64(word*mux) {
					continue
				}
			}
			if active >= 1 && active <= maxActive {
				s.taps = append(s.taps, tap{})
				s.c.tap(&s.taps[len(s.taps)-1], p, sh, &s.cols[j], j, mux, active)
			}
		}
	}
}

// candidates lists the organisations with the areas of their subarrays and
// returns the least of them and the largest that the slack allows. When some can
// drive the write current and read the signal and some cannot, only the former
// are listed; when none can, those that miss by least.
func (s *Solver) candidates(cell *device.Cell, p *cellPart, sh *shape) (least, limit float64, err error) {
	s.fillGrid(cell, p, sh)
	if len(s.taps) == 0 {
		return 0, 0, fmt.Errorf("array: no organisation of %d columns holds words of %d bits", sh.spec.Columns, sh.spec.WordBits)
	}
	s.fillSplits(sh)
	violation := math.Inf(1)
	for i := range s.rows {
		violation = min(violation, s.rows[i].worst)
	}
	least, largest := math.Inf(1), 0.0
	edge := 2 * s.c.k.EdgeCells
	if need := len(s.rows) * len(s.taps); cap(s.grid) < need {
		s.grid = make([]candidate, need)
	}
	s.grid = s.grid[:len(s.rows)*len(s.taps)]
	listed := 0
	for i := range s.rows {
		r := &s.rows[i]
		if r.worst > violation {
			continue
		}
		rows := float64(r.rows)
		for j := range s.taps {
			t := &s.taps[j]
			q := &s.splits[i+t.muxLog]
			k := &s.grid[listed]
			listed++
			k.row, k.tap = int32(i), int32(j)
			k.n = q.mats * t.subarrays
			k.rootN, k.perRootN, k.rootM = q.root*t.root, q.perRoot*t.perRoot, q.root
			k.width = sh.ports*(rows*t.rowWidth+r.predecodeWidth) + t.width + t.columns*r.currentWidth + t.amps*r.driverWidth
			k.core = k.n * ((rows+edge)*(t.columns+edge)*p.area + k.width*s.c.perWidth)
			least, largest = min(least, k.core), max(largest, k.core)
		}
	}
	s.grid = s.grid[:listed]
	// Where tracks decide on the area, subarrays that fill it cost nothing.
	most := max(least, sh.trunkSide*sh.trunkSide/sh.grow) * (1 + sh.spec.AreaSlack)
	return least, min(largest, most), nil
}

// fillSplits divides the bank for every number of words that a mat of the grid
// holds: rows and multiplexer both double from step to step.
func (s *Solver) fillSplits(sh *shape) {
	s.splits = s.splits[:0]
	most := 0
	for j := range s.taps {
		most = max(most, s.taps[j].muxLog)
	}
	words := float64(s.rows[0].rows)
	for range len(s.rows) + most {
		mats := math.Ceil(sh.words / words)
		root := math.Sqrt(mats)
		s.splits = append(s.splits, split{mats, root, 1 / root})
		words *= 2
	}
}

// levels returns the branchings of an H-tree over n leaves.
func levels(n float64) float64 { return float64(bits.Len(uint(n) - 1)) }

// bankSide returns the side of a bank. The lines of its tree grow with it, so
// that it solves s^2 = (core + code + branches + lines s) grow; and it is at least
// as long as the wires of the word are wide that enter there.
func (s *Solver) bankSide(k *candidate, sh *shape) float64 {
	perSide, fixed := s.treeWidths(k, sh)
	b := perSide * s.c.perWidth * sh.grow / 2
	c := (k.core + (fixed+sh.code.width)*s.c.perWidth) * sh.grow
	return max(b+math.Sqrt(b*b+c), sh.trunkSide)
}

// areaParts splits the area of a bank.
func (s *Solver) areaParts(k *candidate, p *cellPart, sh *shape, m *metrics, parts *AreaParts) {
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
	parts.Code = drawn(sh.code.width)
	parts.Macro = units.Area(m.area * s.c.k.MacroOverhead / sh.grow)
	parts.HTree = units.Area(m.area-k.core) - parts.Code - parts.Macro
}

// treeWidths returns the gate width of an H-tree's repeaters per side of the
// bank, and of its branch gates: a trunk with all wires to the mats, the divided
// word inside a mat and along half of each subarray. The branches of an H-tree
// over n leaves in a square of side s have the length 1.5 s (sqrt(n)-1).
func (s *Solver) treeWidths(k *candidate, sh *shape) (perSide, fixed float64) {
	t := &s.taps[k.tap]
	length := 1.5*((k.rootM-1)*sh.trunk+(k.rootN-k.rootM)*t.inner) + sh.trunk*(1-k.perRootN)/2 + k.rootN*t.inner/2
	return length * s.c.wires[sh.wire].width, k.n / t.subarrays * sh.branch
}

// treeWidth returns the gate width of the H-tree of a bank of a side.
func (s *Solver) treeWidth(k *candidate, side float64, sh *shape) float64 {
	perSide, fixed := s.treeWidths(k, sh)
	return perSide*side + fixed
}
