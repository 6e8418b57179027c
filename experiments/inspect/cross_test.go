package inspect_test

import (
	"math"
	"testing"

	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/model"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestCross: a front has no regret under its own study, and its figures are those
// of the run; under another the figures are those of the design evaluated there,
// and the regret is the twin's, worked out from the two tables.
func TestCross(t *testing.T) {
	if testing.Short() {
		t.Skip("runs campaigns")
	}
	dir := complete(t, "seed: 6", "seed: 6\naxes: {t_hot: [345K, 330K]}", "evaluations: 1500", "evaluations: 900")
	r, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	names := inspect.ScenarioNames(r)
	if len(names) != 2 {
		t.Fatal(names)
	}
	read := func(name string) *inspect.Front {
		t.Helper()
		f, err := inspect.ReadFront(dir + ":" + name)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one, cool := read(names[0]), read(names[1])
	cell := func(tab *results.Table, row int, name string) float64 {
		return tab.Rows[row][column(t, tab.Index, name)]
	}
	own, err := one.Under(one.Study, one.Table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range own.Rows {
		if cell(own, i, "regret_percent") != 0 || own.Text(i, 2) != "yes" || own.Text(i, 0) != one.Table.Text(i, column(t, one.Table.Index, "id")) {
			t.Errorf("row %d under its own study: %v", i, own.Rows[i])
		}
		for _, name := range []string{"energy", "latency", "area"} {
			if a, b := cell(own, i, name), cell(one.Table, i, name); math.Abs(a-b) > 1e-9*b {
				t.Errorf("row %d: %s %g, the run has %g", i, name, a, b)
			}
		}
	}
	there, err := one.Under(cool.Study, cool.Table)
	if err != nil {
		t.Fatal(err)
	}
	beaten := 0
	m, _, err := cool.Study.Build()
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	for i := range there.Rows {
		d, err := inspect.Point(r, r.ReadTable, names[0]+":"+one.Table.Text(i, column(t, one.Table.Index, "id")))
		if err != nil {
			t.Fatal(err)
		}
		var rep model.Report
		if err := e.Evaluate(&d.Design, &rep); err != nil {
			t.Fatal(err)
		}
		if got := cell(there, i, "energy"); math.Abs(got-rep.Energy) > 1e-12*got {
			t.Errorf("row %d: energy %g J, evaluated %g J", i, got, rep.Energy)
		}
		want := 0.0
		for k := range cool.Table.Rows {
			least := math.Inf(1)
			for _, name := range []string{"energy", "latency", "area"} {
				least = min(least, cell(there, i, name)/cell(cool.Table, k, name)-1)
			}
			want = max(want, 100*least)
		}
		if there.Text(i, 2) == "no" {
			continue
		}
		if got := cell(there, i, "regret_percent"); math.Abs(got-want) > 1e-6+1e-9*want {
			t.Errorf("row %d: regret %g %%, want %g %%", i, got, want)
		}
		if want > 0 {
			beaten++
		}
	}
	if beaten == 0 {
		t.Error("no design has a regret")
	}
	table, err := inspect.CrossTable(r)
	if err != nil || len(table.Rows) != 4 {
		t.Fatal(err)
	}
	for row := range table.Rows {
		same := table.Text(row, 0) == table.Text(row, 1)
		if same && (cell(table, row, "worst_regret_percent") != 0 || cell(table, row, "edp_regret_percent") != 0) {
			t.Errorf("row %d: %v", row, table.Rows[row])
		}
		if !same && !(cell(table, row, "worst_regret_percent") >= cell(table, row, "median_regret_percent")) {
			t.Errorf("row %d: %v", row, table.Rows[row])
		}
	}
	bare, err := study.Parse("t", one.Study.YAML())
	if err != nil {
		t.Fatal(err)
	}
	alone, err := cool.Under(bare, nil)
	if err != nil || !math.IsNaN(cell(alone, 0, "regret_percent")) {
		t.Errorf("without an own front: %v", err)
	}
}
