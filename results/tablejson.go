package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// AppendNumber writes a float as JSON: the shortest digits that read back as
// the same value, null for NaN, "inf" and "-inf" as text.
func AppendNumber(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "null"...)
	case math.IsInf(v, 1):
		return append(b, `"inf"`...)
	case math.IsInf(v, -1):
		return append(b, `"-inf"`...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// ReadNumber reads what AppendNumber writes.
func ReadNumber(data []byte) (float64, error) {
	switch string(data) {
	case "null":
		return math.NaN(), nil
	case `"inf"`:
		return math.Inf(1), nil
	case `"-inf"`:
		return math.Inf(-1), nil
	}
	v, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number", data)
	}
	return v, nil
}

// appendString writes a JSON text, leaving <, > and & as they are.
func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	// A string always encodes; the encoder ends it with a newline.
	_ = enc.Encode(s)
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...)
}

// appendFields writes the members of a table's JSON object, one row a line,
// without the enclosing braces.
func (t *Table) appendFields(b []byte) ([]byte, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	b = appendString(append(b, `"name":`...), t.Name)
	b = append(b, ",\n\"columns\":["...)
	for i, c := range t.Columns {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c); err != nil {
			return nil, err
		}
		b = append(separate(b, i), bytes.TrimRight(buf.Bytes(), "\n")...)
	}
	b = append(b, "\n]"...)
	if len(t.Labels) > 0 {
		b = append(b, ",\n\"labels\":["...)
		for i := range t.Rows {
			b = appendString(separate(b, i), t.LabelOf(i))
		}
		b = append(b, "\n]"...)
	}
	names := make([][][]byte, len(t.Columns))
	for c, column := range t.Columns {
		for _, choice := range column.Choices {
			names[c] = append(names[c], appendString(nil, choice))
		}
	}
	b = append(b, ",\n\"rows\":["...)
	for i, row := range t.Rows {
		b = append(separate(b, i), '[')
		for c, v := range row {
			if c > 0 {
				b = append(b, ',')
			}
			if names[c] != nil && !math.IsNaN(v) {
				b = append(b, names[c][int(v)]...)
				continue
			}
			b = AppendNumber(b, v)
		}
		b = append(b, ']')
	}
	return append(b, "\n]"...), nil
}

func separate(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return append(b, '\n')
}

// MarshalJSON writes the table with its columns described, rows as arrays,
// choices by name, NaN as null and infinities as "inf" and "-inf". Every other
// number reads back as the same float64.
func (t *Table) MarshalJSON() ([]byte, error) {
	b, err := t.appendFields([]byte{'{'})
	if err != nil {
		return nil, err
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote and checks it. Members it does
// not know are left alone, so that older tools read newer files.
func (t *Table) UnmarshalJSON(data []byte) error {
	if out, ok := parseRows(data); ok {
		*t = *out
		return nil
	}
	var raw struct {
		Name    string              `json:"name"`
		Columns []Column            `json:"columns"`
		Labels  []string            `json:"labels"`
		Rows    [][]json.RawMessage `json:"rows"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	out := Table{Name: raw.Name, Columns: raw.Columns, Labels: raw.Labels}
	index := make([]map[string]int, len(raw.Columns))
	for c, column := range raw.Columns {
		if column.Choices != nil {
			index[c] = map[string]int{}
			for i, name := range column.Choices {
				index[c][name] = i
			}
		}
	}
	for r, cells := range raw.Rows {
		if len(cells) != len(raw.Columns) {
			return fmt.Errorf("table %q: row %d has %d cells for %d columns", raw.Name, r, len(cells), len(raw.Columns))
		}
		row := make([]float64, len(cells))
		for c, cell := range cells {
			if index[c] == nil || string(cell) == "null" {
				v, err := ReadNumber(cell)
				if err != nil {
					return fmt.Errorf("table %q: row %d: %s: %w", raw.Name, r, raw.Columns[c].Header(), err)
				}
				row[c] = v
				continue
			}
			var name string
			if err := json.Unmarshal(cell, &name); err != nil {
				return fmt.Errorf("table %q: row %d: %s: %w", raw.Name, r, raw.Columns[c].Header(), err)
			}
			i, ok := index[c][name]
			if !ok {
				return fmt.Errorf("table %q: row %d: %s: %q is not one of its choices", raw.Name, r, raw.Columns[c].Header(), name)
			}
			row[c] = float64(i)
		}
		out.Rows = append(out.Rows, row)
	}
	if err := out.Check(); err != nil {
		return err
	}
	*t = out
	return nil
}
