package inspect

import (
	"math"
	"slices"

	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
)

// Stack joins the tables of the scenarios: the name of the scenario and the values
// of the axes come first, then every column that one of the tables has.
func Stack(s *study.Study, tables []*results.Table) *results.Table {
	all := s.Scenarios()
	if all == nil {
		return tables[0]
	}
	out := &results.Table{Columns: scenarioColumns(s, all)}
	own := len(out.Columns)
	for i, t := range tables {
		if t == nil {
			continue
		}
		out.Name = t.Name
		at := make([]int, len(t.Columns))
		for j, col := range t.Columns {
			at[j] = slices.IndexFunc(out.Columns, func(c results.Column) bool { return c.Header() == col.Header() })
			if at[j] >= 0 && at[j] < own {
				at[j] = -1 // a knob that is an axis too
				continue
			}
			if at[j] < 0 {
				at[j] = len(out.Columns)
				if col.Choices != nil && col.Kind != results.Parameter {
					col.Choices = []string{}
				}
				out.Columns = append(out.Columns, col)
				for r := range out.Rows {
					out.Rows[r] = append(out.Rows[r], math.NaN())
				}
			}
		}
		for r := range t.Rows {
			row := slices.Repeat([]float64{math.NaN()}, len(out.Columns))
			copy(row, scenarioCells(s, out, &all[i]))
			for j, v := range t.Rows[r] {
				if at[j] >= 0 {
					if row[at[j]] = v; t.Columns[j].Choices != nil && !math.IsNaN(v) {
						row[at[j]] = out.Choice(at[j], t.Text(r, j))
					}
				}
			}
			out.Add(t.LabelOf(r), row...)
		}
	}
	return out
}

// Archive joins the archives of all shards of a run that are done, of several
// scenarios with the scenario of each design.
func Archive(r *store.Run) (*results.Table, error) {
	s, err := studyOf(r, "")
	if err != nil {
		return nil, err
	}
	n := max(len(s.Scenarios()), 1)
	each := make([]*results.Table, n)
	for i := range each {
		var all []*results.Table
		for k := i; k < len(r.Info().Shards); k += n {
			t, err := r.ReadShardTable(k, store.ArchiveTable)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		if each[i], err = results.Concat(store.ArchiveTable, all...); err != nil {
			return nil, err
		}
	}
	return Stack(s, each), nil
}

// scenarioColumns are those in front of a table of several scenarios.
func scenarioColumns(s *study.Study, all []study.Scenario) []results.Column {
	cols := []results.Column{{Name: results.ScenarioColumn, Kind: results.Label, Choices: []string{}, Meaning: "circumstances of the search"}}
	for k, a := range s.Axes {
		c := results.Column{Name: a.Name, Kind: results.Label, Meaning: "axis of the scenarios"}
		_, c.Unit = study.AxisValue(a.Name, a.Values[0])
		if slices.ContainsFunc(all, func(x study.Scenario) bool { v, _ := study.AxisValue(a.Name, x.Values[k]); return math.IsNaN(v) }) {
			c.Unit, c.Choices = "", []string{}
		}
		cols = append(cols, c)
	}
	return cols
}

// scenarioCells are the cells of a scenario in front of a row.
func scenarioCells(s *study.Study, t *results.Table, of *study.Scenario) []float64 {
	row := []float64{t.Choice(0, of.Name)}
	for k, a := range s.Axes {
		if t.Columns[k+1].Choices != nil {
			row = append(row, t.Choice(k+1, of.Values[k]))
			continue
		}
		v, _ := study.AxisValue(a.Name, of.Values[k])
		row = append(row, v)
	}
	return row
}
