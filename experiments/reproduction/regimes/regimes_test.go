package regimes

import (
	"context"
	"math"
	"testing"

	"stco/experiments/reproduction"
	"stco/results"
)

// TestClaims: gains are quotients of the same two buffers, so the product of
// energy and latency gain is that of the energy-delay product; a band encloses
// what it is a band of, or the buffers do not move; where the iso-capacity
// baseline is named, the SRAM buffer has the capacity of the other.
func TestClaims(t *testing.T) {
	r := findings(t, Claims())
	m := r.Tables[0]
	v := func(row int, name string) float64 { return m.Rows[row][reproduction.Column(m, name)] }
	seen := map[string]int{}
	for row := range m.Rows {
		kind := m.Text(row, reproduction.Column(m, "baseline"))
		seen[kind]++
		if d := v(row, "energy_gain")*v(row, "latency_gain")/v(row, "edp_gain") - 1; math.Abs(d) > 1e-12 || !(v(row, "edp_gain") > 0) {
			t.Errorf("row %d: gains do not multiply: %g", row, d)
		}
		if kind == "iso-capacity" && v(row, "capacity") != v(row, "sram_capacity") || kind == "iso-area" && v(row, "area_ratio") < 1 {
			t.Errorf("row %d: %s with an area ratio of %g and %g MiB", row, kind, v(row, "area_ratio"), v(row, "sram_capacity"))
		}
	}
	if seen["iso-capacity"] != 6 || seen["iso-area"] == 0 {
		t.Errorf("rows: %v, want two temperatures and three flavours", seen)
	}
	bands := r.Tables[2]
	for row := range bands.Rows {
		low, mid, high := bands.Rows[row][reproduction.Column(bands, "latency_gain_low")], bands.Rows[row][reproduction.Column(bands, "latency_gain")], bands.Rows[row][reproduction.Column(bands, "latency_gain_high")]
		if !(low <= high) || math.IsNaN(mid) {
			t.Errorf("band %g to %g of %g", low, high, mid)
		}
	}
}

// TestArea: the ratios are those of the areas, and stronger exchange needs no
// larger cell.
func TestArea(t *testing.T) {
	r := findings(t, Area())
	m := r.Tables[0]
	for row, x := range m.Rows {
		if d := x[reproduction.Column(m, "ratio")]*x[reproduction.Column(m, "sram_same_code")]/x[reproduction.Column(m, "sot")] - 1; math.Abs(d) > 1e-12 {
			t.Errorf("row %d: %g", row, d)
		}
		if x[reproduction.Column(m, "sram_without_code")] > x[reproduction.Column(m, "sram_same_code")] {
			t.Errorf("row %d: a code makes SRAM smaller", row)
		}
	}
}

func TestWhere(t *testing.T) {
	m := results.NewList("m", "flavour:text", "capacity [MiB]")
	m.Append("hp", 2)
	m.Append("lop", 2)
	m.Append("hp", 32)
	for want, some := range map[string][]int{
		"at none of 3 points": nil, "at 1 of 3 points: flavour hp; capacity 32 MiB": {2}, "at 2 of 3 points: flavour hp": {0, 2}, "at 3 of 3 points: along every axis": {0, 1, 2},
	} {
		if got := reproduction.Where(m, some, "flavour", "capacity"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if at := reproduction.Largest(m, reproduction.Every(m), "capacity"); at != 2 {
		t.Error(at)
	}
}

// TestMemoryWall: with less bandwidth SRAM waits longer, and no gain in latency is
// more than the stalls leave.
func TestMemoryWall(t *testing.T) {
	m := findings(t, MemoryWall()).Tables[0]
	stall := map[float64]float64{}
	for _, x := range m.Rows {
		stall[x[0]] = max(stall[x[0]], x[reproduction.Column(m, "sram_stall_share")])
		if most := 1 / (1 - x[reproduction.Column(m, "sram_stall_share")]); x[reproduction.Column(m, "latency_gain")] > most*(1+1e-9) {
			t.Errorf("a gain of %g where compute takes all but %g", x[reproduction.Column(m, "latency_gain")], most)
		}
	}
	if !(stall[5000] > stall[50]) {
		t.Errorf("stalls %v", stall)
	}
}

// TestLeakage: a flavour that leaks more gains more, and a warm one more than a
// cool one.
func TestLeakage(t *testing.T) {
	m := findings(t, Leakage()).Tables[1]
	gain := map[string]float64{}
	for row, x := range m.Rows {
		gain[m.Text(row, 2)+map[bool]string{true: " warm", false: " cool"}[x[0] > 310]] = x[reproduction.Column(m, "sram_leakage")]
	}
	if !(gain["hp warm"] > gain["hp cool"] && gain["hp warm"] > gain["lop warm"] && gain["lop warm"] > gain["lstp warm"]) {
		t.Errorf("%v", gain)
	}
}

func findings(t *testing.T, e *reproduction.Experiment) *reproduction.Findings {
	t.Helper()
	r, err := e.Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
