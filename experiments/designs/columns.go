package designs

import (
	"math"
	"slices"

	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/results"
)

// SRAMTable is the name of the table of enumerated SRAM buffers.
const SRAMTable = "sram"

// Column returns the column of a described figure.
func Column(n *units.Named, kind results.ColumnKind) results.Column {
	return results.Column{Name: n.Name, Unit: n.Unit, Kind: kind, Meaning: n.Meaning}
}

// Columns returns the columns of a table of designs: every knob of the
// design, then every metric; those a study minimises or bounds carry their
// role.
func Columns(c *model.Catalog, goals []string, bounds []objectives.Bound) []results.Column {
	var cols []results.Column
	for _, k := range c.Knobs() {
		col := Column(&k.Named, results.Parameter)
		col.Choices = k.Choices
		cols = append(cols, col)
	}
	kind := func(name string) results.ColumnKind {
		if slices.Contains(goals, name) {
			return results.Objective
		}
		for _, b := range bounds {
			if b.Metric == name {
				return results.Constraint
			}
		}
		return results.Metric
	}
	for _, m := range objectives.Metrics() {
		col := Column(&m.Named, kind(m.Name))
		if col.Goal = results.Min; m.Max {
			col.Goal = results.Max
		}
		cols = append(cols, col)
	}
	for _, d := range DeviceColumns() {
		cols = append(cols, d.Column)
	}
	return append(cols, results.Column{Name: "worst_violation", Kind: results.Metric, Goal: results.Min, Meaning: "largest scaled violation of a limit; at most 0 for a feasible design"})
}

// Row returns the cells of a report in the order of Columns. Knobs
// without meaning for the technology are NaN, and so are infinite metrics; as
// one of the given objectives they are what they count as.
func Row(c *model.Catalog, r *model.Report, goals ...string) []float64 {
	var row []float64
	for _, k := range c.Knobs() {
		v := k.Out(k.Get(&r.Design))
		if !r.Means(&k) {
			v = math.NaN()
		}
		row = append(row, v)
	}
	for _, m := range objectives.Metrics() {
		v := m.Value(r)
		if slices.Contains(goals, m.Name) {
			v = m.Worth(m.Get(r)) / m.SI
		}
		row = append(row, finite(v))
	}
	for _, d := range DeviceColumns() {
		row = append(row, d.Get(r))
	}
	worst := math.Inf(-1)
	for _, v := range r.Violations {
		worst = max(worst, v)
	}
	return append(row, worst)
}

// OverColumns returns the columns of the objectives that are taken over scenarios or
// uncertainties.
func OverColumns(goals []objectives.Metric) []results.Column {
	var cols []results.Column
	for i := range goals {
		m := &goals[i]
		if m.Over.Of == objectives.AsItStands {
			continue
		}
		col := Column(&m.Named, results.Objective)
		if col.Goal = results.Min; m.Max {
			col.Goal = results.Max
		}
		cols = append(cols, col)
	}
	return cols
}

// OverRow returns the cells of the last design of a scorer in the order of
// OverColumns.
func OverRow(goals []objectives.Metric, e *objectives.Scorer) []float64 {
	var row []float64
	for i := range goals {
		if goals[i].Over.Of != objectives.AsItStands {
			row = append(row, finite(goals[i].Worth(e.Value(i)*goals[i].SI)/goals[i].SI))
		}
	}
	return row
}

// finite maps the infinities of SRAM (retention, endurance) to "does not apply".
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// Ordered sorts columns by kind, as files list them.
func Ordered(t *results.Table) *results.Table {
	var cols []int
	for _, kind := range []results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric} {
		cols = append(cols, t.OfKind(kind)...)
	}
	return t.Pick(nil, cols)
}

// FromRow turns a row of a design table back into a design.
func FromRow(c *model.Catalog, t *results.Table, row int) (model.Design, error) {
	d := model.DefaultDesign()
	for _, k := range c.Knobs() {
		col, err := t.Index(k.Name)
		if err != nil {
			return d, err
		}
		if v := t.Rows[row][col]; !math.IsNaN(v) {
			k.Set(&d, k.In(v))
		}
	}
	return d, nil
}
