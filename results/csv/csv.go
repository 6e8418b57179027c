// Package csv writes tables for other programs: CSV with units in the header, a
// JSON sidecar that says what the columns mean, JSON rows, and Parquet. Numbers
// keep every digit, choices are names, and a cell that does not apply is empty
// in CSV and null elsewhere.
//
// Columns stand in the order labels, parameters, objectives, constraints,
// metrics; a first column "label" stands only where rows have labels. The
// package does not choose or compute anything.
package csv

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/results"
)

// sheet is a table with its columns in the order of files.
type sheet struct {
	*results.Table
	headers []string
	labels  bool // the first header is that of the labels
}

func newSheet(t *results.Table) (*sheet, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	var cols []int
	for _, kind := range []results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric} {
		cols = append(cols, t.OfKind(kind)...)
	}
	s := &sheet{Table: t.Pick(nil, cols)}
	for _, c := range s.Columns {
		s.headers = append(s.headers, c.Header())
	}
	if slices.ContainsFunc(t.Labels, func(l string) bool { return l != "" }) {
		name := "label"
		for slices.Contains(s.headers, name) {
			name = "row_" + name
		}
		s.headers = slices.Insert(s.headers, 0, name)
		s.labels = true
	}
	return s, nil
}

// column is the column of the i-th header; -1 for that of the labels.
func (s *sheet) column(i int) int {
	if s.labels {
		return i - 1
	}
	return i
}

// number is a finite or infinite value with all its digits.
func number(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	if v == math.Trunc(v) && math.Abs(v) < 1<<63 && (v != 0 || !math.Signbit(v)) {
		return strconv.FormatInt(int64(v), 10) // a count
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// cell is a text that a spreadsheet does not take for a formula: one that starts
// like a formula has an apostrophe before it.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Write writes a table as CSV. A text that starts with =, +, -, @, a tab or a
// carriage return has an apostrophe before it, as spreadsheets expect.
func Write(w io.Writer, t *results.Table) error {
	s, err := newSheet(t)
	if err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(s.headers); err != nil {
		return err
	}
	var record []string
	for r, row := range s.Rows {
		record = record[:0]
		if s.labels {
			record = append(record, cell(s.LabelOf(r)))
		}
		for col, v := range row {
			switch {
			case math.IsNaN(v):
				record = append(record, "")
			case s.Columns[col].Choices != nil:
				record = append(record, cell(s.Text(r, col)))
			default:
				record = append(record, number(v))
			}
		}
		if len(record) == 1 && record[0] == "" {
			// A blank line is no record to a reader: quote the empty cell.
			c.Flush()
			if _, err := io.WriteString(w, "\"\"\n"); err != nil {
				return err
			}
			continue
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteJSON writes a table as a list of objects, one a line, keys in the order
// of the columns. JSON has no infinity: it is the text "inf" or "-inf".
func WriteJSON(w io.Writer, t *results.Table) error {
	s, err := newSheet(t)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	text := func(v string) error {
		err := enc.Encode(v)
		b.Truncate(b.Len() - 1) // the encoder's newline
		return err
	}
	b.WriteByte('[')
	for r, row := range s.Rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n{")
		for i, header := range s.headers {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := text(header); err != nil {
				return err
			}
			b.WriteString(": ")
			switch col := s.column(i); {
			case col < 0:
				err = text(s.LabelOf(r))
			case math.IsNaN(row[col]):
				b.WriteString("null")
			case s.Columns[col].Choices != nil:
				err = text(s.Text(r, col))
			case math.IsInf(row[col], 0):
				err = text(number(row[col]))
			default:
				b.WriteString(number(row[col]))
			}
			if err != nil {
				return err
			}
		}
		b.WriteByte('}')
	}
	b.WriteString("\n]\n")
	_, err = b.WriteTo(w)
	return err
}

// Sidecar writes what the columns of a table mean and where the table is from,
// as JSON: the file to lie beside a CSV or Parquet file.
func Sidecar(w io.Writer, t *results.Table, provenance map[string]string) error {
	s, err := newSheet(t)
	if err != nil {
		return err
	}
	type column struct {
		Header string `json:"header"`
		results.Column
	}
	out := struct {
		Table      string            `json:"table"`
		Rows       int               `json:"rows"`
		Provenance map[string]string `json:"provenance"`
		Columns    []column          `json:"columns"`
	}{t.Name, len(t.Rows), provenance, []column{}}
	for _, c := range s.Columns {
		out.Columns = append(out.Columns, column{c.Header(), c})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
