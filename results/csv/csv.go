// Package csv writes tables for other programs: CSV with units in the header, a
// JSON sidecar that says what the columns mean, JSON rows, and Parquet. Numbers
// keep every digit; a cell that does not apply is empty (null).
package csv

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"stco/results"
)

// Ordered returns the table with its columns as files list them: labels, then
// parameters, objectives, constraints and metrics.
func Ordered(t *results.Table) *results.Table {
	var cols []int
	for _, kind := range []results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric} {
		cols = append(cols, t.OfKind(kind)...)
	}
	return t.Pick(nil, cols)
}

// Cell is a cell as text: a name for a choice, all digits for a number, nothing
// where it does not apply.
func Cell(t *results.Table, row, col int) string {
	switch v := t.Rows[row][col]; {
	case math.IsNaN(v):
		return ""
	case t.Columns[col].Choices != nil:
		return t.Text(row, col)
	default:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
}

func labelled(t *results.Table) bool {
	for i := range t.Rows {
		if t.LabelOf(i) != "" {
			return true
		}
	}
	return false
}

// Write writes a table as CSV. A first column "label" stands only where rows
// have labels.
func Write(w io.Writer, t *results.Table) error {
	t = Ordered(t)
	named := labelled(t)
	c := csv.NewWriter(w)
	var record []string
	if named {
		record = append(record, "label")
	}
	for _, col := range t.Columns {
		record = append(record, col.Header())
	}
	if err := c.Write(record); err != nil {
		return err
	}
	for r := range t.Rows {
		record = record[:0]
		if named {
			record = append(record, t.LabelOf(r))
		}
		for col := range t.Columns {
			record = append(record, Cell(t, r, col))
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteJSON writes a table as a list of objects, keys in the order of the
// columns.
func WriteJSON(w io.Writer, t *results.Table) error {
	t = Ordered(t)
	named := labelled(t)
	var b bytes.Buffer
	text := func(s string) error {
		data, err := json.Marshal(s)
		b.Write(data)
		return err
	}
	b.WriteString("[")
	for r := range t.Rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  {")
		first := true
		key := func(name string) error {
			if !first {
				b.WriteString(", ")
			}
			first = false
			err := text(name)
			b.WriteString(": ")
			return err
		}
		if named {
			if err := key("label"); err != nil {
				return err
			}
			if err := text(t.LabelOf(r)); err != nil {
				return err
			}
		}
		for c, col := range t.Columns {
			if err := key(col.Header()); err != nil {
				return err
			}
			v := t.Rows[r][c]
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
				b.WriteString("null")
			case col.Choices != nil:
				if err := text(t.Text(r, c)); err != nil {
					return err
				}
			default:
				b.WriteString(Cell(t, r, c))
			}
		}
		b.WriteByte('}')
	}
	b.WriteString("\n]\n")
	_, err := b.WriteTo(w)
	return err
}

// Sidecar writes what the columns of a table mean and where the table is from.
func Sidecar(w io.Writer, t *results.Table, provenance map[string]string) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	type column struct {
		Header string `json:"header"`
		results.Column
	}
	t = Ordered(t)
	out := struct {
		Table      string            `json:"table"`
		Provenance map[string]string `json:"provenance"`
		Columns    []column          `json:"columns"`
	}{Table: t.Name, Provenance: provenance}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, column{c.Header(), c})
	}
	return e.Encode(out)
}

// WriteParquet writes a table as Parquet: numbers as doubles, names as strings,
// null where a cell does not apply.
func WriteParquet(w io.Writer, t *results.Table) error {
	t = Ordered(t)
	named := labelled(t)
	group := parquet.Group{}
	if named {
		group["label"] = parquet.String()
	}
	for _, c := range t.Columns {
		if c.Choices != nil {
			group[c.Header()] = parquet.Optional(parquet.String())
		} else {
			group[c.Header()] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		}
	}
	schema := parquet.NewSchema(t.Name, group)
	out := parquet.NewGenericWriter[map[string]any](w, schema)
	for r := range t.Rows {
		row := map[string]any{}
		if named {
			row["label"] = t.LabelOf(r)
		}
		for c, col := range t.Columns {
			v := t.Rows[r][c]
			switch {
			case math.IsNaN(v):
				row[col.Header()] = nil
			case col.Choices != nil:
				row[col.Header()] = t.Text(r, c)
			default:
				row[col.Header()] = v
			}
		}
		if _, err := out.Write([]map[string]any{row}); err != nil {
			return err
		}
	}
	return out.Close()
}
