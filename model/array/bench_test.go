package array

import (
	"testing"

	"stco/model/tech"
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

func BenchmarkSolveWarm(b *testing.B) {
	s, n := testSolver(b, "14nm", tech.LowOperatingPower)
	cell := SRAM(n, HighDensity, SinglePort, 350)
	spec := DefaultSpec()
	spec.Capacity, spec.WordBits = 64<<20, 512
	var out Figures
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Solve(&cell, &spec, &out); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNewSolverAndSolve is the cold path: a solver and its first array.
func BenchmarkNewSolverAndSolve(b *testing.B) {
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
	cell := SRAM(n, HighDensity, SinglePort, 350)
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
