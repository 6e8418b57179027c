package inspect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"stco/results"
)

// designTable has columns of every kind: 4 objectives, a limit, knobs of which banks
// are without values, and rows of two technologies and one flavour.
func designTable() *results.Table {
	text := func(name string, of ...string) results.Column {
		return results.Column{Name: name, Kind: results.Label, Choices: of}
	}
	t := &results.Table{Name: "front", Columns: []results.Column{
		text("flavour", "hd"), text("technology", "sram", "sot"),
		{Name: "capacity", Unit: "B", Kind: results.Parameter},
		{Name: "banks", Kind: results.Parameter},
		{Name: "clock", Unit: "Hz", Kind: results.Parameter},
		{Name: "slack", Kind: results.Constraint},
		text(results.IDColumn, "one", "two"),
		{Name: "energy", Unit: "J", Kind: results.Objective},
		{Name: "latency", Unit: "s", Kind: results.Objective},
		{Name: "area", Unit: "mm2", Kind: results.Objective},
		{Name: "edp", Unit: "J s", Kind: results.Objective},
	}}
	t.Add("", 0, 0, 1024, math.NaN(), 1e9, 0, 0, 1, 2, 3, 2)
	t.Add("", 0, 1, 1024, math.NaN(), 2e9, 0, 1, 2, 1, 3, 2)
	return t
}

// TestColumnsPicked: the first look has objectives and limits, names, the technology
// as it differs and the flavour not, and knobs that have values, also where they are
// one; a plot of a front has three objectives, and parallel axes what differs.
func TestColumnsPicked(t *testing.T) {
	d := designTable()
	var names []string
	for _, c := range Essential(d, 0).Columns {
		names = append(names, c.Name)
	}
	if got, want := strings.Join(names, " "), "energy latency area edp slack id technology capacity"; got != want {
		t.Errorf("first look: %s, want %s", got, want)
	}
	if got, want := goals(d), []string{"energy", "latency", "area"}; !slices.Equal(got, want) {
		t.Errorf("goals %v, want %v", got, want)
	}
	if got, want := goals(d.Pick(nil, []int{7, 8})), []string{"energy", "latency"}; !slices.Equal(got, want) {
		t.Errorf("goals %v, want %v", got, want)
	}
	if got, want := parallelColumns(d), []string{"energy", "latency", "area", "edp", "clock"}; !slices.Equal(got, want) {
		t.Errorf("axes %v, want %v", got, want)
	}
}

// TestLeastEDP: the least product among the designs that are no larger, those of the
// area itself among them.
func TestLeastEDP(t *testing.T) {
	sram := results.NewList("sram", "area [mm2]", "edp [J s]")
	sram.Append(3.0, 2.0)
	sram.Append(2.0, 5.0)
	sram.Append(1.0, 7.0)
	sram.Append(1.0, 8.0)
	for area, want := range map[float64]int{0.5: -1, 1: 2, 1.5: 2, 2: 1, 2.9: 1, 3: 0, 9: 0} {
		if got, err := leastEDP(sram, area); err != nil || got != want {
			t.Errorf("%g mm2: row %d, want %d, %v", area, got, want, err)
		}
	}
}

// TestSummarise: regrets 1, 3, 10 and 4 % have the median 3.5 %, without the last 3 %;
// what is not feasible counts in none of them, nor in the least product.
func TestSummarise(t *testing.T) {
	c := results.NewList("cross", "id:text", "label:text", "feasible:text", "edp [J s]", "regret [%]", "beaten_by:text")
	c.Append("a", "", "yes", 7.0, 3.0, "x")
	c.Append("b", "", "no", 1.0, math.NaN(), "")
	c.Append("c", "", "yes", 5.0, 10.0, "x")
	c.Append("d", "", "yes", 6.0, 1.0, "x")
	for _, want := range []crossing{{1, 3, 10, 5}, {1, 3.5, 10, 4}} {
		if got, err := summarise(c); err != nil || got != want {
			t.Errorf("%+v, want %+v, %v", got, want, err)
		}
		c.Append("e", "", "yes", 4.0, 4.0, "y")
	}
	c.Rows = c.Rows[1:2]
	if got, err := summarise(c); err != nil || got.infeasible != 1 || !math.IsNaN(got.median) || !math.IsNaN(got.worst) || !math.IsNaN(got.edp) {
		t.Errorf("of one that is not feasible: %+v, %v", got, err)
	}
}

// TestListed: 30 names are written, of more the first 30.
func TestListed(t *testing.T) {
	var names []string
	for i := range 31 {
		names = append(names, fmt.Sprint(i))
	}
	if got := listed(names[:30]); strings.Count(got, ", ") != 29 || !strings.HasSuffix(got, ", 29") {
		t.Error(got)
	}
	if got := listed(names); strings.Count(got, ", ") != 30 || !strings.HasSuffix(got, ", 29, ...") {
		t.Error(got)
	}
}
