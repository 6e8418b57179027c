package tech

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"

	"stco/model/units"
)

// columns of a table file; the first line of the file is "# title".
const (
	colEntry = iota
	colQuantity
	colValue
	colUnit
	colKind
	colSource
	colNote
	colLow // of the range within which the value may lie; a table without ranges has no such columns
	colHigh
)

// parseTables reads every CSV file of a folder: sources*.csv hold references
// (key, citation, read), each other file is a table named after it.
func parseTables(fsys fs.FS, dir string) (*Tables, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.csv"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	t := &Tables{}
	var tables []string
	for _, f := range files {
		if !strings.HasPrefix(path.Base(f), "sources") {
			tables = append(tables, f)
			continue
		}
		if err := t.readSources(fsys, f); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(t.sources, func(a, b Source) int { return strings.Compare(a.Key, b.Key) })
	for i := 1; i < len(t.sources); i++ {
		if t.sources[i].Key == t.sources[i-1].Key {
			return nil, fmt.Errorf("source %q is listed twice", t.sources[i].Key)
		}
	}
	var errs []error
	for _, f := range tables {
		tab, err := t.readTable(fsys, f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.tables = append(t.tables, tab)
	}
	return t, errors.Join(errs...)
}

// record is a row of a file with where it stands.
type record struct {
	fields  []string
	line    int
	columns []int // by field, from 1
}

// records splits a file into its title and its rows below the header, of which
// the last columns may be left out; shown is its name in errors. A mark of byte
// order, as spreadsheets write it, is passed over.
func records(fsys fs.FS, file, shown string, optional int, header ...string) (title string, rows []record, err error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return "", nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	title, ok := strings.CutPrefix(strings.TrimSuffix(string(first), "\r"), "# ")
	if !ok || title == "" {
		return "", nil, &Fault{File: shown, Line: 1, Column: 1, Err: errors.New("the first line is not a title \"# ...\"")}
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment = '#'
	var wrong []error
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := r.FieldPos(0)
			wrong = append(wrong, &Fault{File: shown, Line: line, Column: 1, Err: fmt.Errorf("wrong number of fields: %d, the header has %d", len(fields), r.FieldsPerRecord)})
			continue
		}
		if at := (*csv.ParseError)(nil); errors.As(err, &at) {
			wrong = append(wrong, &Fault{File: shown, Line: at.Line, Column: at.Column, Err: at.Err})
			continue
		}
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", shown, err)
		}
		row := record{fields: fields}
		for i := range fields {
			line, column := r.FieldPos(i)
			row.columns = append(row.columns, column)
			if i == 0 {
				row.line = line
			}
		}
		rows = append(rows, row)
	}
	short := header[:len(header)-optional]
	if len(rows) == 0 || (!slices.Equal(rows[0].fields, header) && !slices.Equal(rows[0].fields, short)) {
		line := 2
		if len(rows) > 0 {
			line = rows[0].line
		}
		return "", nil, &Fault{File: shown, Line: line, Column: 1, Err: fmt.Errorf("the header is not %s", strings.Join(short, ","))}
	}
	return strings.TrimSpace(title), rows[1:], errors.Join(wrong...)
}

func (t *Tables) readSources(fsys fs.FS, file string) error {
	sources, err := readSources(fsys, file, file)
	t.sources = append(t.sources, sources...)
	return err
}

func readSources(fsys fs.FS, file, shown string) ([]Source, error) {
	_, rows, err := records(fsys, file, shown, 0, "key", "citation", "read")
	var all []Source
	var errs []error
	for _, row := range rows {
		r := row.fields
		switch {
		case r[0] == "" || r[1] == "":
			errs = append(errs, &Fault{File: shown, Line: row.line, Column: 1, Err: fmt.Errorf("source %q has no key or citation", r[0])})
		case !slices.Contains([]string{"read", "secondary", "memory", "none"}, r[2]):
			errs = append(errs, &Fault{File: shown, Line: row.line, Column: row.columns[2], Err: fmt.Errorf("source %s: read is %q, not read, secondary, memory or none", r[0], r[2])})
		default:
			all = append(all, Source{Key: r[0], Citation: r[1], Read: r[2]})
		}
	}
	return all, errors.Join(append(errs, err)...)
}

// tableHeader are the columns of a table; the range may be left out.
func tableHeader() []string {
	return []string{"entry", "quantity", "value", "unit", "kind", "source", "note", "low", "high"}
}

// readRows reads the rows of a table file; shown is its name in errors.
func readRows(fsys fs.FS, file, shown string) (title string, rows []UserRow, err error) {
	title, found, err := records(fsys, file, shown, 2, tableHeader()...)
	for _, f := range found {
		rows = append(rows, rowOf(shown, f))
	}
	return title, rows, err
}

func (t *Tables) readTable(fsys fs.FS, file string) (Table, error) {
	title, rows, err := readRows(fsys, file, file)
	if err != nil {
		return Table{}, err
	}
	tab := Table{Name: strings.TrimSuffix(path.Base(file), ".csv"), Title: title}
	var errs []error
	for i := range rows {
		if f := t.addRow(&tab, &rows[i]); f != nil {
			errs = append(errs, f)
		}
	}
	if len(rows) == 0 {
		errs = append(errs, fmt.Errorf("%s: no rows", file))
	}
	return tab, errors.Join(errs...)
}

// addRow adds the value of a row to a table.
func (t *Tables) addRow(tab *Table, r *UserRow) *Fault {
	v, f := t.readValue(r)
	if f != nil {
		return f
	}
	e := tab.entry(r.Entry)
	if e.Has(v.Quantity) {
		return r.fault(colQuantity, fmt.Errorf("entry %q has %q twice", e.Name, v.Quantity))
	}
	e.Values = append(e.Values, v)
	return nil
}

// entry returns the entry of a name, a new one if there is none.
func (tab *Table) entry(name string) *Entry {
	i := slices.IndexFunc(tab.Entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		i = len(tab.Entries)
		tab.Entries = append(tab.Entries, Entry{Table: tab.Name, Name: name})
	}
	return &tab.Entries[i]
}

// nameUnit is the unit of a value that is a word.
const nameUnit = "name"

// readValue checks one row: it needs a name, a finite number, a known unit (or a
// word and the unit "name"), a known kind and a listed source; derived and
// assumed values need a note, and a source known from memory only cannot support
// more than an assumption. A range holds the value.
func (t *Tables) readValue(r *UserRow) (Value, *Fault) {
	v := Value{Quantity: r.Quantity, Text: r.Value, Unit: r.Unit, Source: r.Source, Note: r.Note}
	if r.Entry == "" || v.Quantity == "" {
		return v, r.fault(colEntry, errors.New("a row needs an entry and a quantity"))
	}
	if col, err := v.number(r); err != nil {
		return v, r.fault(col, err)
	}
	var err error
	kind := parseKind
	if r.user {
		kind = userKind
	}
	if v.Kind, err = kind(r.Kind); err != nil {
		return v, r.fault(colKind, err)
	}
	if v.Source == "" {
		return v, r.fault(colSource, errors.New("a row needs a source: a key of a file sources*.csv or a citation"))
	}
	src, err := t.Source(v.Source)
	if err != nil {
		return v, r.fault(colSource, err)
	}
	if v.Note == "" && (v.Kind == Derived || v.Kind == Assumed) {
		return v, r.fault(colNote, fmt.Errorf("kind %s needs a note", v.Kind))
	}
	if v.Kind < Derived && (src.Read == "memory" || src.Read == "none") {
		return v, r.fault(colKind, fmt.Errorf("a %s value cannot rest on source %s, which is %q: name a source that was read, or take kind assumed with a note", v.Kind, src.Key, src.Read))
	}
	return v, nil
}

// number reads value and range of a row; an error belongs to the column.
func (v *Value) number(r *UserRow) (col int, err error) {
	v.Low, v.High = math.NaN(), math.NaN()
	if v.Unit == nameUnit {
		if v.Text == "" || r.Low != "" || r.High != "" {
			return colValue, errors.New("a name is a word and has no range")
		}
		return 0, nil
	}
	if v.unit, err = units.ParseUnit(v.Unit); err != nil {
		return colUnit, err
	}
	if v.SI, err = v.unit.SI(v.Text); err != nil || r.Low+r.High == "" {
		return colValue, err
	}
	if v.Low, err = v.unit.SI(r.Low); err != nil {
		return colLow, fmt.Errorf("low end of the range: %w", err)
	}
	if v.High, err = v.unit.SI(r.High); err != nil {
		return colHigh, fmt.Errorf("high end of the range: %w", err)
	}
	slack := 1e-12 * math.Abs(v.SI) // of units: an end may be the value
	if !(v.Low <= v.SI+slack && v.SI <= v.High+slack) {
		return colValue, fmt.Errorf("%s is outside its range, %s to %s%s", v.Text, r.Low, r.High, strings.TrimSuffix(" "+v.Unit, " 1"))
	}
	return 0, nil
}
