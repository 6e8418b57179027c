package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Sheet is a table of texts: what the model knows, listed.
type Sheet struct {
	Header []string
	Rows   [][]string
}

// Add appends a row.
func (s *Sheet) Add(cells ...string) { s.Rows = append(s.Rows, cells) }

// Drop removes a column, if there is one of the name.
func (s *Sheet) Drop(column string) {
	at := slices.Index(s.Header, column)
	if at < 0 {
		return
	}
	s.Header = slices.Delete(s.Header, at, at+1)
	for i := range s.Rows {
		s.Rows[i] = slices.Delete(s.Rows[i], at, at+1)
	}
}

// Itoa prints a whole number.
func Itoa(v int64) string { return strconv.FormatInt(v, 10) }

// Number prints all digits of a figure; terminals round it.
func Number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Or is s, or d for an empty s.
func Or(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// Fields lists the fields of a structure as its JSON has them.
func Fields(v any) (*Sheet, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	s := &Sheet{Header: []string{"quantity", "value"}}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		s.Add(fmt.Sprint(name), fmt.Sprint(value))
	}
	return s, nil
}

// Records lists structures of one type, a row each, with the fields of their
// JSON as columns.
func Records[T any](all []T) (*Sheet, error) {
	s := &Sheet{}
	for i := range all {
		f, err := Fields(all[i])
		if err != nil {
			return nil, err
		}
		var header, row []string
		for _, r := range f.Rows {
			header, row = append(header, r[0]), append(row, r[1])
		}
		s.Header = header
		s.Add(row...)
	}
	return s, nil
}
