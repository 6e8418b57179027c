package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"stco/experiments/study"
)

// Sheet is a table of texts: what the model knows, listed.
type Sheet struct {
	Header []string
	Rows   [][]string
}

func (s *Sheet) add(cells ...string) { s.Rows = append(s.Rows, cells) }

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

func itoa(v int64) string { return strconv.FormatInt(v, 10) }

// number prints all digits of a figure; terminals round it.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// TechList lists the technology tables and their entries.
func TechList() *Sheet {
	s := &Sheet{Header: []string{"table", "entry", "values"}}
	for _, t := range study.Catalog().Tables.All() {
		for _, e := range t.Entries {
			s.add(t.Name, e.Name, itoa(int64(len(e.Values))))
		}
	}
	return s
}

// TechShow lists every value of a table, or of the entries of that name, with
// its unit, kind and source.
func TechShow(name string) (*Sheet, error) {
	tables := study.Catalog().Tables
	s := &Sheet{Header: []string{"table", "entry", "quantity", "value", "unit", "kind", "source", "note"}}
	entries, err := tables.Find(name)
	if t, terr := tables.Table(name); terr == nil {
		entries, err = t.Entries, nil
	}
	if err != nil {
		return nil, study.BadInput("tech "+name, err)
	}
	for _, e := range entries {
		for _, v := range e.Values {
			source := v.Source
			if c, err := tables.Source(v.Source); err == nil {
				source = c.Citation
			}
			s.add(e.Table, e.Name, v.Quantity, v.Text, v.Unit, v.Kind.String(), source, v.Note)
		}
	}
	return s, nil
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
		s.add(fmt.Sprint(name), fmt.Sprint(value))
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
		s.add(row...)
	}
	return s, nil
}
