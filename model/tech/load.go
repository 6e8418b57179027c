package tech

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
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

// records splits a file into its title and its rows below the header, of which
// the last columns may be left out.
func records(fsys fs.FS, file string, optional int, header ...string) (title string, rows [][]string, err error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return "", nil, err
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	title, ok := strings.CutPrefix(string(first), "# ")
	if !ok || title == "" {
		return "", nil, fmt.Errorf("%s: the first line is not a title \"# ...\"", file)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment = '#'
	rows, err = r.ReadAll()
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", file, err)
	}
	short := header[:len(header)-optional]
	if len(rows) == 0 || (!slices.Equal(rows[0], header) && !slices.Equal(rows[0], short)) {
		return "", nil, fmt.Errorf("%s: the header is not %s", file, strings.Join(short, ","))
	}
	return strings.TrimSpace(title), rows[1:], nil
}

func (t *Tables) readSources(fsys fs.FS, file string) error {
	_, rows, err := records(fsys, file, 0, "key", "citation", "read")
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r[0] == "" || r[1] == "" {
			return fmt.Errorf("%s: source %q has no key or citation", file, r[0])
		}
		if !slices.Contains([]string{"read", "secondary", "memory", "none"}, r[2]) {
			return fmt.Errorf("%s: source %s: read is %q, not read, secondary, memory or none", file, r[0], r[2])
		}
		t.sources = append(t.sources, Source{Key: r[0], Citation: r[1], Read: r[2]})
	}
	return nil
}

func (t *Tables) readTable(fsys fs.FS, file string) (Table, error) {
	title, rows, err := records(fsys, file, 2, "entry", "quantity", "value", "unit", "kind", "source", "note", "low", "high")
	if err != nil {
		return Table{}, err
	}
	tab := Table{Name: strings.TrimSuffix(path.Base(file), ".csv"), Title: title}
	for _, r := range rows {
		v, err := t.readValue(r)
		if err != nil {
			return Table{}, fmt.Errorf("%s: entry %q, quantity %q: %w", file, r[colEntry], r[colQuantity], err)
		}
		i := slices.IndexFunc(tab.Entries, func(e Entry) bool { return e.Name == r[colEntry] })
		if i < 0 {
			i = len(tab.Entries)
			tab.Entries = append(tab.Entries, Entry{Table: tab.Name, Name: r[colEntry]})
		}
		e := &tab.Entries[i]
		if e.Has(v.Quantity) {
			return Table{}, fmt.Errorf("%s: entry %q has %q twice", file, e.Name, v.Quantity)
		}
		e.Values = append(e.Values, v)
	}
	if len(tab.Entries) == 0 {
		return Table{}, fmt.Errorf("%s: no rows", file)
	}
	return tab, nil
}

// nameUnit is the unit of a value that is a word.
const nameUnit = "name"

// readValue checks one row: it needs a name, a finite number, a known unit (or a
// word and the unit "name"), a known kind and a listed source; derived and
// assumed values need a note, and a source known from memory only cannot support
// more than an assumption. A range holds the value.
func (t *Tables) readValue(r []string) (Value, error) {
	v := Value{Quantity: r[colQuantity], Text: r[colValue], Unit: r[colUnit], Source: r[colSource], Note: r[colNote]}
	if r[colEntry] == "" || v.Quantity == "" {
		return v, errors.New("a row needs an entry and a quantity")
	}
	if err := v.number(r); err != nil {
		return v, err
	}
	var err error
	if v.Kind, err = parseKind(r[colKind]); err != nil {
		return v, err
	}
	src, err := t.Source(v.Source)
	if err != nil {
		return v, err
	}
	if v.Note == "" && v.Kind >= Derived {
		return v, fmt.Errorf("a %s value needs a note", v.Kind)
	}
	if v.Kind < Derived && (src.Read == "memory" || src.Read == "none") {
		return v, fmt.Errorf("a %s value cannot rest on source %s, which is %q", v.Kind, src.Key, src.Read)
	}
	return v, nil
}

// number reads value and range of a row.
func (v *Value) number(r []string) error {
	v.Low, v.High = math.NaN(), math.NaN()
	low, high := "", ""
	if len(r) > colHigh {
		low, high = r[colLow], r[colHigh]
	}
	if v.Unit == nameUnit {
		if v.Text == "" || low != "" || high != "" {
			return errors.New("a name is a word and has no range")
		}
		return nil
	}
	var err error
	if v.unit, err = units.ParseUnit(v.Unit); err != nil {
		return err
	}
	if v.SI, err = v.unit.SI(v.Text); err != nil || low+high == "" {
		return err
	}
	var faults [2]error
	v.Low, faults[0] = v.unit.SI(low)
	v.High, faults[1] = v.unit.SI(high)
	if err := errors.Join(faults[:]...); err != nil {
		return fmt.Errorf("range: %w", err)
	}
	if !(v.Low <= v.SI && v.SI <= v.High) {
		return fmt.Errorf("%s is outside its range, %s to %s", v.Text, low, high)
	}
	return nil
}
