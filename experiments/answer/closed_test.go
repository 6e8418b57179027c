package answer

import (
	"math"
	"slices"
	"testing"

	"stco/results"
)

// TestBudgetsByHand: powers of two from 1, or from the least where all are below
// 1, to the first that holds the largest.
func TestBudgetsByHand(t *testing.T) {
	for _, c := range []struct {
		least, most float64
		want        []float64
	}{
		{0.3, 0.9, []float64{0.5, 1}},
		{0.3, 1, []float64{1}},
		{0.3, 5, []float64{1, 2, 4, 8}},
		{3, 5, []float64{4, 8}},
		{2, 2, []float64{2}},
		{0.1, 0.12, []float64{0.125}},
		{2.1, 2.2, []float64{4}},
		{5, 3, nil},
		{math.NaN(), 1, nil},
	} {
		if got := Budgets(c.least, c.most); !slices.Equal(got, c.want) {
			t.Errorf("from %g to %g: %v, want %v", c.least, c.most, got, c.want)
		}
	}
}

// ladderTable has one row of 2 mm2.
func ladderTable() *results.Table {
	t := &results.Table{}
	for _, name := range []string{
		"area [mm2]", "sram_flavour:text", "sram_capacity [MiB]", "sram_energy [J]", "sram_latency [s]", "sot_capacity [MiB]", "sot_energy [J]", "sot_latency [s]", "sot_edp_gain",
	} {
		t.AddColumn(name)
	}
	t.Add("", 2, t.Choice(1, "lop"), 4, 2e-3, 5e-3, 16, 1e-3, 4e-3, 2.5)
	t.Add("", 4, t.Choice(1, "hp"), 8, 2e-3, 5e-3, 32, 1e-3, 4e-3, 2.504)
	return t
}

func TestPointByHand(t *testing.T) {
	ladder := ladderTable()
	want := "2 mm² (2.50; sot 16 MiB, 1mJ, 4ms against SRAM lop 4 MiB, 2mJ, 5ms)"
	if got := point(ladder, 0, "sot"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, c := range []struct {
		rows []int
		want string
	}{{[]int{0}, "2.50"}, {[]int{0, 1}, "2.50"}} {
		if got := span(ladder, c.rows, "sot_edp_gain"); got != c.want {
			t.Errorf("rows %v: %s, want %s", c.rows, got, c.want)
		}
	}
	if got := span(ladder, []int{0, 1}, "sot_capacity"); got != "16.00 to 32.00" {
		t.Error(got)
	}
	p := pick{ladder, 1, nil}
	if p.text("sram_flavour") != "hp" || p.text("area") != "" || p.text("none") != "" || p.get("sot_energy") != 1e-3 || !math.IsNaN(p.get("none")) {
		t.Errorf("flavour %q, a number as text %q", p.text("sram_flavour"), p.text("area"))
	}
}
