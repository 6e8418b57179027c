package regimes

import (
	"context"
	"fmt"
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
		if d := v(row, "energy_gain")*v(row, "latency_gain")/v(row, "edp_gain") - 1; math.Abs(d) > 2e-5 || !(v(row, "edp_gain") > 0) {
			t.Errorf("row %d: gains do not multiply: %g", row, d)
		}
		if kind == "iso-capacity" && v(row, "capacity") != v(row, "sram_capacity") || kind == "iso-area" && v(row, "area_ratio") < 1 {
			t.Errorf("row %d: %s with an area ratio of %g and %g MiB", row, kind, v(row, "area_ratio"), v(row, "sram_capacity"))
		}
	}
	if seen["iso-capacity"] != 12 || seen["iso-area"] == 0 {
		t.Errorf("rows: %v, want two orders of work, two temperatures and three flavours", seen)
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
	places := map[string]bool{}
	for row, x := range m.Rows {
		place := fmt.Sprint(x[0], x[1], m.Text(row, 2))
		if places[place] {
			t.Errorf("two rows of %s: one is not of the same capacity", place)
		}
		places[place] = true
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
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	return r
}

// TestBusiest by hand: of two capacities the larger counts, and of its duties the
// largest at which SOT takes no more.
func TestBusiest(t *testing.T) {
	rest := results.NewList("duty", "temperature [K]", "capacity [MiB]", "flavour:text", "duty", "rested_energy_gain", "sram_standby [J]", "sot_standby [J]")
	for _, row := range [][3]float64{{2, 1, 3}, {32, 1, 0.9}, {32, 0.3, 1.1}, {32, 0.1, 2}} {
		rest.Append(300.0, row[0], "lop", row[1], row[2], 0.0, 0.0)
	}
	rest.Append(358.0, 32.0, "lstp", 1.0, 0.5, 0.0, 0.0)
	out := busiest(rest)
	if len(out.Rows) != 2 || out.Rows[0][3] != 0.3 || out.Rows[0][4] != 2 || out.Rows[0][2] != 32 || !math.IsNaN(out.Rows[1][3]) || out.Rows[1][4] != 0.5 {
		t.Error(out.Rows)
	}
}

// TestDuty: a machine that always computes has the gain of an iteration, and the
// more it rests the more leakage decides: leaky SRAM loses.
func TestDuty(t *testing.T) {
	r := findings(t, Leakage())
	gains, rest := r.Tables[1], r.Tables[2]
	if len(rest.Rows) != len(duties())*len(gains.Rows) {
		t.Fatal(len(rest.Rows))
	}
	for row, v := range gains.Rows {
		first, last := rest.Rows[row*len(duties())], rest.Rows[(row+1)*len(duties())-1]
		if d := first[4]/v[3] - 1; math.Abs(d) > 1e-9 || first[5] != 0 {
			t.Errorf("row %d: %g always busy, %g of an iteration", row, first[4], v[3])
		}
		if gains.Text(row, 2) == "hp" && !(last[4] > first[4] && last[5] > last[6]) {
			t.Errorf("row %d: %g at rest, %g busy", row, last[4], first[4])
		}
	}
}

// TestToughest by hand: of the flavours of a point only the one of the least gain
// counts.
func TestToughest(t *testing.T) {
	m := results.NewList("matrix", "network:text", "batch", "machine:text", "schedule:text", "overlap:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text", "edp_gain")
	m.Append("a", 16, "soc", "groups", "window", 300.0, 2.0, "iso-area", "hp", 5.0)
	m.Append("a", 16, "soc", "groups", "window", 300.0, 2.0, "iso-area", "lop", 1.9)
	m.Append("a", 16, "soc", "groups", "window", 300.0, 2.0, "iso-area", "lstp", 0.9)
	m.Append("a", 16, "soc", "groups", "window", 300.0, 2.0, "iso-capacity", "lop", 1.2)
	got := reproduction.Rows(m, toughest(m, "edp_gain", points()...))
	if len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Error(got)
	}
}

// TestReach by hand: of three points one reaches both gains, and the nearest is the
// one whose smaller share is larger.
func TestReach(t *testing.T) {
	m := results.NewList("matrix", "network:text", "family:text", "energy_gain", "latency_gain", "memory_energy_gain", "memory_latency_gain")
	m.Append("a", "cv", 9.0, 1.0, 1.0, 1.0)
	m.Append("b", "cv", 4.0, 4.5, 16.0, 9.0)
	m.Append("c", "nlp", 8.0, 4.5, 1.0, 1.0)
	got := reach(m)
	want := [][]float64{
		{2, 1, 0, 0, 9, 4.5, 18, 72, 3, 4, 4.5, 0.5},
		{2, 1, 1, 1, 16, 9, 144, 72, 3, 16, 9, 1},
		{1, 1, 1, 1, 8, 4.5, 36, 36, 4, 8, 4.5, 1},
		{1, 0, 0, 0, 1, 1, 1, 36, 4, 1, 1, 0.125},
	}
	if len(got.Rows) != len(want) {
		t.Fatal(got.Rows)
	}
	for row, w := range want {
		for i, v := range w {
			if x := got.Rows[row][2+i]; math.Abs(x-v) > 1e-12 {
				t.Errorf("row %d, %s: %g, want %g", row, got.Columns[2+i].Name, x, v)
			}
		}
	}
}

// matrixOf is a matrix of a few points with the columns that other tables are made
// of.
func matrixOf(rows ...[]any) *results.Table {
	m := results.NewList("matrix", "network:text", "family:text", "batch", "machine:text", "schedule:text", "overlap:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text",
		"energy_gain", "latency_gain", "edp_gain", "area_over_same_capacity", "sot_energy [J]", "sot_latency [s]")
	for _, r := range rows {
		m.Append(r...)
	}
	return m
}

// TestScheduleShares by hand: SRAM takes 8 J and 4 s layer by layer, 4 J and 2 s
// with groups; SOT 4 J and 2 s, and 2 J and 1 s. Half of the gain of SOT with groups
// over SRAM without is the schedule's.
func TestScheduleShares(t *testing.T) {
	m := matrixOf(
		[]any{"a", "cv", 16, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 2.0, 2.0, 4.0, 1.0, 4.0, 2.0},
		[]any{"a", "cv", 16, "soc", "groups", "window", 300.0, 2.0, "2 MiB", "hp", 2.0, 2.0, 4.0, 1.0, 2.0, 1.0},
		[]any{"a", "cv", 16, "soc", "groups", "step", 300.0, 2.0, "2 MiB", "hp", 2.0, 2.0, 4.0, 1.0, 2.0, 1.0},
		[]any{"a", "cv", 64, "soc", "groups", "window", 300.0, 2.0, "2 MiB", "hp", 2.0, 2.0, 4.0, 1.0, 2.0, 1.0},
	)
	got := scheduleShares(m)
	if len(got.Rows) != 1 {
		t.Fatal(got.Rows)
	}
	for name, want := range map[string]float64{"edp_gain_layer": 4, "edp_gain_groups": 4, "sram_schedule_gain": 4, "energy_gain_mixed": 4, "latency_gain_mixed": 4, "edp_gain_mixed": 16, "schedule_share": 50} {
		if v := got.Rows[0][reproduction.Column(got, name)]; math.Abs(v-want) > 1e-9 {
			t.Errorf("%s: %g, want %g", name, v, want)
		}
	}
}

// TestSettings by hand: geometric means over the networks of a family, the farthest
// of the five claims, the nearest setting first.
func TestSettings(t *testing.T) {
	m := matrixOf(
		[]any{"a", "cv", 16, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 2.0, 9.0, 18.0, 1.0, 1.0, 1.0},
		[]any{"b", "cv", 16, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 8.0, 9.0, 72.0, 1.0, 1.0, 1.0},
		[]any{"c", "nlp", 16, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 8.0, 4.5, 36.0, 1.0, 1.0, 1.0},
		[]any{"a", "cv", 64, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 8.0, 9.0, 72.0, 0.25, 1.0, 1.0},
		[]any{"c", "nlp", 64, "soc", "layer", "window", 300.0, 2.0, "2 MiB", "hp", 8.0, 3.6, 28.8, 1.0, 1.0, 1.0},
	)
	got := settings(m)
	if len(got.Rows) != 2 || got.Rows[0][0] != 64 {
		t.Fatal(got.Rows)
	}
	for row, want := range []map[string]float64{
		{"cv_energy_gain": 8, "nlp_latency_gain": 3.6, "area_over_same_capacity": 0.5, "nearest_share": 0.8},
		{"cv_energy_gain": 4, "cv_latency_gain": 9, "nlp_energy_gain": 8, "area_over_same_capacity": 1, "nearest_share": 0.5},
	} {
		for name, w := range want {
			if v := got.Rows[row][reproduction.Column(got, name)]; math.Abs(v-w) > 1e-6 {
				t.Errorf("row %d, %s: %g, want %g", row, name, v, w)
			}
		}
	}
}

// TestHeat by hand: the largest value of a place counts, none below zero, and a row
// without a value is left out.
func TestHeat(t *testing.T) {
	h := newHeat([]string{"a", "b", "c"}, []string{"x", "y"})
	h.add(0, 0, 2)
	h.add(0, 0, 1)
	h.add(2, 1, 3)
	h.add(1, 0, math.NaN())
	h.add(1, 1, -1)
	h.add(-1, 0, 9)
	rows, values := h.dense()
	if len(rows) != 2 || rows[1] != "c" || values[0][0] != 2 || !math.IsNaN(values[0][1]) || values[1][1] != 3 {
		t.Error(rows, values)
	}
}
