package results

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// NewList makes a table without rows that is not one of designs: its columns
// keep their order in files. A column is named "name" or "name [unit]" for
// numbers, "name:text" for texts, and "name:mixed" for numbers of which each is
// a quantity of its own.
func NewList(name string, columns ...string) *Table {
	t := &Table{Name: name}
	for _, c := range columns {
		t.AddColumn(c)
	}
	return t
}

// AddColumn appends a column, written as for NewList; rows that are there do not
// apply to it.
func (t *Table) AddColumn(column string) {
	c := Column{Kind: Metric}
	if name, ok := strings.CutSuffix(column, ":text"); ok {
		column, c.Choices = name, []string{}
	}
	if name, ok := strings.CutSuffix(column, ":mixed"); ok {
		column, c.Mixed = name, true
	}
	if name, unit, ok := strings.Cut(column, " ["); ok {
		column, c.Unit = name, strings.TrimSuffix(unit, "]")
	}
	c.Name = column
	t.Columns = append(t.Columns, c)
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], math.NaN())
	}
}

// Append appends a row: a string for a column of texts; an int, int64 or float64
// for one of numbers; nil where it does not apply. Another cell is a mistake of
// the program, and panics.
func (t *Table) Append(cells ...any) {
	row := make([]float64, len(t.Columns))
	if len(cells) != len(row) {
		panic(fmt.Sprintf("table %q: %d cells for %d columns", t.Name, len(cells), len(row)))
	}
	for i, cell := range cells {
		row[i] = t.cell(i, cell)
	}
	t.Rows = append(t.Rows, row)
}

func (t *Table) cell(col int, v any) float64 {
	switch v := v.(type) {
	case nil:
		return math.NaN()
	case string:
		if t.Columns[col].Choices != nil {
			return t.Choice(col, v)
		}
	case int:
		return t.number(col, float64(v))
	case int64:
		return t.number(col, float64(v))
	case float64:
		return t.number(col, v)
	}
	panic(fmt.Sprintf("table %q: column %q: a cell of type %T", t.Name, t.Columns[col].Name, v))
}

func (t *Table) number(col int, v float64) float64 {
	if t.Columns[col].Choices != nil {
		panic(fmt.Sprintf("table %q: column %q: a number among texts", t.Name, t.Columns[col].Name))
	}
	return v
}

// Drop removes a column, if there is one of the name.
func (t *Table) Drop(name string) {
	at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if at < 0 {
		return
	}
	t.Columns = slices.Delete(t.Columns, at, at+1)
	for i := range t.Rows {
		t.Rows[i] = slices.Delete(t.Rows[i], at, at+1)
	}
}

// LabelColumn is a column of names.
func LabelColumn(name string) Column { return Column{Name: name, Kind: Label} }

// MetricColumn is a column of numbers.
func MetricColumn(name, unit, meaning string) Column {
	return Column{Name: name, Unit: unit, Kind: Metric, Meaning: meaning}
}
