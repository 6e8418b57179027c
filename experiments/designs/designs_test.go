package designs

import (
	"math"
	"slices"
	"testing"

	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/device"
	"stco/objectives"
	"stco/results"
)

func cell(t *testing.T, x *results.Table, row int, column string) float64 {
	t.Helper()
	i, err := x.Index(column)
	if err != nil {
		t.Fatal(err)
	}
	return x.Rows[row][i]
}

func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Abs(b)
}

// TestColumnsAndRows: a cell for every column; roles from the study; knobs and
// figures without meaning are empty.
func TestColumnsAndRows(t *testing.T) {
	c := catalog.Builtin()
	cols := Columns(c, []string{"energy", "throughput"}, []objectives.Bound{{Metric: "area"}})
	table := &results.Table{Columns: cols}
	r := &model.Report{Design: model.DefaultDesign(), Energy: 2, Latency: 4}
	r.Design.Technology = device.SRAM
	r.Memory.Retention = math.Inf(1)
	for i := range r.Violations {
		r.Violations[i] = -float64(i) - 0.5
	}
	r.Violations[3] = 0.25
	r.Device.DeltaHot = 60
	r.Array.Area.Total = 3e-6
	table.Add("", Row(c, r)...)
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]struct {
		kind results.ColumnKind
		goal string
	}{
		"energy": {results.Objective, "min"}, "throughput": {results.Objective, "max"}, "area": {results.Constraint, "min"},
		"latency": {results.Metric, "min"}, "retention_s": {results.Metric, "max"}, "capacity": {results.Parameter, ""}, "delta_hot": {results.Metric, ""},
	} {
		i, err := table.Index(name)
		if err != nil || cols[i].Kind != w.kind || cols[i].Goal != w.goal {
			t.Errorf("%s is %s %s, %v; want %s %s", name, cols[i].Kind, cols[i].Goal, err, w.kind, w.goal)
		}
	}
	for name, want := range map[string]float64{
		"energy": 2, "throughput": 0.25, "area": 3, "capacity": 32, "retention_s": math.NaN(), "mtj_diameter": math.NaN(), "pulse": math.NaN(),
		"delta_hot": math.NaN(), "scratchpad_capacity": math.NaN(), "worst_violation": 0.25,
	} {
		if got := cell(t, table, 0, name); !same(got, want) {
			t.Errorf("SRAM, %s: %g, want %g", name, got, want)
		}
	}
	r.Design.Technology, r.Design.Hybrid = device.SOT, true
	r.Memory.Retention, r.Pad = 1e3, 4<<20
	r.Scratchpad.ReadPerBit = 2e-13
	table.Add("", Row(c, r)...)
	for name, want := range map[string]float64{
		"retention_s": 1e3, "mtj_diameter": float64(r.Design.MTJDiameter) * 1e9, "pulse": float64(r.Design.Pulse) * 1e9, "delta_hot": 60, "scratchpad_capacity": 4, "scratchpad_read_energy": 0.2,
	} {
		if got := cell(t, table, 1, name); !same(got, want) {
			t.Errorf("hybrid, %s: %g, want %g", name, got, want)
		}
	}
	o := Ordered(table)
	kinds := []results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric}
	if !slices.IsSortedFunc(o.Columns, func(a, b results.Column) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) }) || len(o.Columns) != len(cols) {
		t.Error("columns are not in the order of their kinds")
	}
	if cell(t, o, 0, "energy") != 2 {
		t.Error("cells moved from their columns")
	}
}
