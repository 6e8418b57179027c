package array

import (
	"fmt"
	"math"
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// TestEveryCombination runs every node, flavour, cell and target over
// capacities, words and banks: figures are positive and finite, the cells hold
// the data, every cell that Vdd or its own supply can drive is feasible, and
// four times the capacity costs no less area, leakage and target than the area
// slack may hide.
func TestEveryCombination(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	targets := []Target{EDP, ReadLatency, WriteLatency, ReadEnergy, WriteEnergy, ReadEDP, WriteEDP, LeastArea, LeastLeakage}
	runs, infeasible := 0, 0
	for _, name := range tables.NodeNames() {
		for f := tech.HighPerformance; f <= tech.LowStandbyPower; f++ {
			s, n := testSolver(t, name, f)
			cells := map[string]device.Cell{
				"sram": bitcell.SRAM(n, bitcell.HighDensity, false, 350), "sram-hp": bitcell.SRAM(n, bitcell.HighSpeed, false, 350),
			}
			for _, k := range []device.Technology{device.STT, device.SOT} {
				u, err := bitcell.Preset(tables, k, n)
				if err != nil {
					t.Fatal(err)
				}
				if cells[k.String()], err = u.Cell(n, 350); err != nil {
					t.Fatal(err)
				}
			}
			for kind, cell := range cells {
				for _, target := range targets {
					for _, shape := range [][2]int{{8, 1}, {32, 4}, {128, 1}, {512, 16}, {2048, 256}, {72, 3}} {
						spec := DefaultSpec()
						spec.Target, spec.WordBits, spec.Banks = target, shape[0], shape[1]
						var last Figures
						for capacity := 4 << 10; capacity <= 1<<30; capacity *= 4 {
							spec.Capacity = units.Bytes(capacity)
							if spec.Validate() != nil {
								continue // fewer than 16 words a bank
							}
							where := fmt.Sprintf("%s %s %s %s %d B, %d bit, %d banks", name, f, kind, target, capacity, shape[0], shape[1])
							var now Figures
							if err := s.Solve(&cell, &spec, &now); err != nil {
								t.Fatalf("%s: %v", where, err)
							}
							runs++
							for i, v := range now.figures() {
								if !(v > 0) || math.IsInf(v, 0) {
									t.Errorf("%s: figure %d is %g", where, i, v)
								}
							}
							if bits := float64(capacity) * 8; float64(now.Area.Cells) < bits*float64(cell.Area())*(1-1e-9) {
								t.Errorf("%s: %s holds less than the data", where, now.Organisation)
							}
							if now.Violations.Worst() > 0 {
								infeasible++
							}
							if last.StoredBits > 0 {
								a, b := last.figures(), now.figures()
								// A bank as small as the tracks of its word allow may hold any
								// organisation that fits.
								if more := 1 + DefaultAreaSlack; b[0]*more <= a[0] || b[0] > 3*a[0] && b[5]*more <= a[5] {
									t.Errorf("%s: area %g to %g, leakage %g to %g with four times the capacity", where, a[0], b[0], a[5], b[5])
								}
								if c, d := targetCost(target, &last), targetCost(target, &now); d < c*(1-0.05) {
									t.Errorf("%s: the target falls from %g to %g with four times the capacity", where, c, d)
								}
							}
							last = now
						}
					}
				}
			}
		}
	}
	t.Logf("%d runs, %d infeasible", runs, infeasible)
}

// targetCost is what a target minimises.
func targetCost(t Target, f *Figures) float64 {
	read, write := float64(f.Read.Total), float64(f.Write.Total)
	readEnergy, writeEnergy := float64(f.ReadEnergy.Total), float64(f.WriteEnergy.Total)
	switch t {
	case EDP:
		return readEnergy * read * writeEnergy * write
	case ReadLatency:
		return read
	case WriteLatency:
		return write
	case ReadEnergy:
		return readEnergy
	case WriteEnergy:
		return writeEnergy
	case ReadEDP:
		return readEnergy * read
	case WriteEDP:
		return writeEnergy * write
	case LeastArea:
		return float64(f.Area.Total)
	case LeastLeakage:
		return float64(f.Leakage)
	}
	return math.NaN()
}
