package array

import (
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

func testSolver(tb testing.TB, node string, f tech.Flavour) (*Solver, *tech.Node) {
	tb.Helper()
	tables, err := tech.Load()
	if err != nil {
		tb.Fatal(err)
	}
	n, err := tables.Node(node, f)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := tables.Circuits()
	if err != nil {
		tb.Fatal(err)
	}
	s, err := NewSolver(n, Options{Temperature: 350, Circuits: *c})
	if err != nil {
		tb.Fatal(err)
	}
	return s, n
}

// benchSpecs are the buffers of the benchmarks.
func benchSpecs() map[string]Spec {
	wide := DefaultSpec()
	wide.Capacity, wide.WordBits, wide.Banks = 64<<20, 512, 16
	one := DefaultSpec()
	one.Capacity = 64 << 20
	return map[string]Spec{"64MiB-16x512": wide, "64MiB-1x128": one}
}

// BenchmarkSearchWarm is an organisation search with a solver that has run:
// what an evaluation of a design calls. The cell changes from call to call, as
// it does in a campaign.
func BenchmarkSearchWarm(b *testing.B) {
	s, n := testSolver(b, "14nm", tech.LowOperatingPower)
	for _, technology := range []device.Technology{device.SRAM, device.SOT, device.STT} {
		var cells [16]device.Cell
		for i := range cells {
			cells[i] = benchCell(b, n, technology)
			cells[i].Width *= units.Length(1 + 0.01*float64(i))
			cells[i].WriteCurrent *= units.Current(1 + 0.01*float64(i))
		}
		for name, spec := range benchSpecs() {
			for _, t := range []Target{EDP, ReadLatency, LeastArea} {
				spec.Target = t
				b.Run(technology.String()+"/"+name+"/"+t.String(), func(b *testing.B) {
					var out Figures
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						if err := s.Solve(&cells[i%len(cells)], &spec, &out); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func benchCell(b *testing.B, n *tech.Node, technology device.Technology) device.Cell {
	b.Helper()
	if technology == device.SRAM {
		return bitcell.SRAM(n, bitcell.HighDensity, false, 350)
	}
	tables, err := tech.Load()
	if err != nil {
		b.Fatal(err)
	}
	u, err := bitcell.Preset(tables, technology, n)
	if err != nil {
		b.Fatal(err)
	}
	c, err := u.Cell(n, 350)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkSearchCold is the cold path: a solver and its first array.
func BenchmarkSearchCold(b *testing.B) {
	tables, err := tech.Load()
	if err != nil {
		b.Fatal(err)
	}
	n, err := tables.Node("14nm", tech.LowOperatingPower)
	if err != nil {
		b.Fatal(err)
	}
	circuits, err := tables.Circuits()
	if err != nil {
		b.Fatal(err)
	}
	cell := bitcell.SRAM(n, bitcell.HighDensity, false, 350)
	spec := DefaultSpec()
	var out Figures
	for b.Loop() {
		s, err := NewSolver(n, Options{Temperature: 350, Circuits: *circuits})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Solve(&cell, &spec, &out); err != nil {
			b.Fatal(err)
		}
	}
}
