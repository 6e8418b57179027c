package doubts

import (
	"context"
	"math"
	"testing"

	"stco/experiments/reproduction"
	"stco/experiments/study"
	"stco/model"
	"stco/model/units"
	"stco/results"
)

var nan = math.NaN()

// TestTornado by hand: the widest change first, an end below 1 or without a buffer
// turns a claim above 1.
func TestTornado(t *testing.T) {
	list := []study.Uncertainty{{Name: "rho", Low: 1e-6, High: 2e-6}, {Name: "theta", Low: 0.1, High: 0.6}, {Name: "alpha", Low: 0.01, High: 0.1}}
	found := [][2]ratios{{{[]float64{2}, "dec"}, {[]float64{2.2}, "dec"}}, {{[]float64{0.5}, "none"}, {[]float64{3}, "dec"}}, {{[]float64{2}, "dec"}, {[]float64{nan}, ""}}}
	table := results.NewList("tornado", "claim:text", "constant:text", "low:text", "high:text", "at_low", "default", "at_high", "turns:text", "rank", "code_at_low:text", "code:text", "code_at_high:text")
	addTornado(table, "gain", list, found, 0, ratios{[]float64{2}, "dec"})
	if a, b := table.Text(0, 9), table.Text(2, 11); a != "none" || b != "" {
		t.Errorf("codes %q and %q", a, b)
	}
	for row, want := range []struct {
		name, turns string
		low         float64
	}{{"theta", "yes", 0.5}, {"rho", "no", 2}, {"alpha", "yes", 2}} {
		if table.Text(row, 1) != want.name || table.Text(row, 7) != want.turns || table.Rows[row][4] != want.low || table.Rows[row][8] != float64(row) {
			t.Errorf("row %d: %s %s %v", row, table.Text(row, 1), table.Text(row, 7), table.Rows[row])
		}
	}
}

// TestSign by hand: of ten draws with a buffer one is above 1.
func TestSign(t *testing.T) {
	found := []ratios{{of: []float64{nan}}, {of: []float64{1.5}}}
	for range 9 {
		found = append(found, ratios{of: []float64{0.5}})
	}
	table := results.NewList("signs", "claim:text", "default", "draws", "draws_with_a_buffer", "least", "median", "most", "share_above_1 [%]", "survives:text", "constants")
	addSign(table, "a", 0.8, found, 0, 7)
	addSign(table, "b", 1.2, found, 0, 7)
	addSign(table, "c", 1.2, found[:1], 0, 7)
	want := []float64{0.8, 11, 10, 0.5, 0.5, 1.5, 10}
	for i, w := range want {
		if v := table.Rows[0][1+i]; math.Abs(v-w) > 1e-12 {
			t.Errorf("%s: %g, want %g", table.Columns[1+i].Name, v, w)
		}
	}
	if a, b, c := table.Text(0, 8), table.Text(1, 8), table.Text(2, 8); a != "yes" || b != "no" || c != "no buffer" {
		t.Error(a, b, c)
	}
}

// TestValues by hand.
func TestValues(t *testing.T) {
	report := func(energy, latency float64, area units.Area) *model.Report {
		r := &model.Report{Energy: energy, Latency: latency}
		r.Array.Area.Total = area
		return r
	}
	got := values(report(2, 1, 4), map[string]*model.Report{"best": report(3, 2, 2), "hp": report(8, 1, 9), "plain": report(1, 4, 3)})
	if got[0] != 3 || got[1] != 4 || got[2] != 0.5 || got[3] != 2 || got[4] != 0.75 {
		t.Error(got)
	}
	if got := values(report(nan, nan, 0), map[string]*model.Report{"best": report(3, 2, 2)}); !math.IsNaN(got[0]) || !math.IsNaN(got[1]) || !math.IsNaN(got[2]) {
		t.Error(got)
	}
}

// TestRobustness: without a change the ends are the defaults' claims, and only
// what DRAM energy reaches moves with it: area does not.
func TestRobustness(t *testing.T) {
	r, err := Robustness().Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	signs, tornado := r.Tables[0], r.Tables[1]
	if len(signs.Rows) != 5 || len(tornado.Rows) != 15 {
		t.Fatal(len(signs.Rows), len(tornado.Rows))
	}
	dram := reproduction.Row(tornado, "edp_gain", "dram_energy")
	low, here, high := tornado.Rows[dram][4], tornado.Rows[dram][5], tornado.Rows[dram][6]
	if math.Abs(high-1) > math.Abs(here-1) || math.Abs(low-high) < 1e-6 {
		t.Errorf("a dearer DRAM brings the gain to 1: %g, %g, %g", low, here, high)
	}
	exchange := reproduction.Row(tornado, "area_gain", "nucleation")
	if a, b := tornado.Rows[exchange][4], tornado.Rows[exchange][6]; a == b {
		t.Errorf("the area does not move with nucleation: %g, %g", a, b)
	}
	for row, v := range tornado.Rows { // SRAM without a code is no worse than with one
		if claim := tornado.Text(row, 0); claim == "edp_gain" {
			plain := reproduction.Row(tornado, "edp_gain_without_code", tornado.Text(row, 1))
			for k := 4; k <= 6; k++ {
				if tornado.Rows[plain][k] > v[k]*(1+1e-9) {
					t.Errorf("%s: %g over SRAM without a code, %g with it", tornado.Text(row, 1), tornado.Rows[plain][k], v[k])
				}
			}
		}
	}
	shares := r.Tables[2]
	if row := reproduction.Row(shares, "area_gain", "dram_energy"); row >= 0 {
		t.Error("the machine is among the constants of the bitcell")
	}
	if v := shares.Rows[reproduction.Row(shares, "edp_gain", "nucleation")]; !(v[3] > 0) {
		t.Errorf("nucleation decides %g of the gain", v[3])
	}
}
