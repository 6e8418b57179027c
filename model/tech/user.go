package tech

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stco/model/near"
	"stco/model/units"
)

// UserRow is a row of a table as it is written, with where it stands.
type UserRow struct {
	Entry, Quantity, Value, Unit, Kind, Source, Note, Low, High string

	File    string
	Line    int   // from 1
	Columns []int // of the fields, from 1; the last one stands for those that follow

	user bool
}

// rowOf is the row of a record of a file.
func rowOf(file string, r record) UserRow {
	f := append(slices.Clone(r.fields), make([]string, max(0, colHigh+1-len(r.fields)))...)
	return UserRow{
		Entry: f[colEntry], Quantity: f[colQuantity], Value: f[colValue], Unit: f[colUnit], Kind: f[colKind], Source: f[colSource],
		Note: f[colNote], Low: f[colLow], High: f[colHigh], File: file, Line: r.line, Columns: r.columns,
	}
}

// Fault is what is wrong with a row, and where.
type Fault struct {
	File         string
	Line, Column int
	Entry        string
	Quantity     string
	Err          error

	col int // of the table
}

// Error prints file:line:column: entry, quantity: what is wrong.
func (f *Fault) Error() string {
	at := fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column)
	if f.Entry != "" || f.Quantity != "" {
		at += fmt.Sprintf("entry %q, quantity %q: ", f.Entry, f.Quantity)
	}
	return at + f.Err.Error()
}

// Unwrap returns what is wrong.
func (f *Fault) Unwrap() error { return f.Err }

func (r *UserRow) fault(col int, err error) *Fault {
	f := &Fault{File: r.File, Line: r.Line, Entry: r.Entry, Quantity: r.Quantity, Err: err, col: col}
	if len(r.Columns) > 0 {
		f.Column = r.Columns[min(col, len(r.Columns)-1)]
	}
	return f
}

// UserTable is a table that a user brings: rows of entries that are new.
type UserTable struct {
	Name    string
	Sources []Source
	Rows    []UserRow
}

// UserTableNames lists the tables that a user may extend.
func UserTableNames() []string {
	return []string{"sot_materials", CellTable, "device_presets", "cmos", "cmos_devices", "arithmetic", "elements", "dram", "machines"}
}

// CellTable is the table of a user's bitcells for package array; no such table is
// built in.
const CellTable = "cells"

// Limit says what a quantity of a user's table may be.
type Limit struct {
	Dim       units.Dimension
	Low, High float64  // SI
	Choices   []string // words of the values 0, 1, ...
	Words     bool     // the table has the words themselves
	Whole     bool     // a count
	Refers    string   // table of which a word names an entry, built in or of the user

	like *Value // a built-in value whose unit has the dimension, instead of Dim
}

// measured tells whether a value has the dimension.
func (l *Limit) measured(v *Value) bool {
	if l.like != nil {
		return v.unit.Same(l.like.unit)
	}
	return v.Measures(l.Dim)
}

// units are examples of units.
func (l *Limit) units() string {
	if l.like != nil {
		return l.like.Unit
	}
	return strings.Join(l.Dim.Units(), ", ")
}

// wanted says in a unit, or in one of the quantity where it is none of them, what a
// number may be.
func (l *Limit) wanted(unit string) string {
	whole := ""
	if l.Whole {
		whole = ", whole"
	}
	if u, err := units.ParseUnit(unit); err != nil || !l.measured(&Value{unit: u}) {
		if l.like == nil {
			return units.Format(l.Low, l.Dim) + " to " + units.Format(l.High, l.Dim) + whole
		}
		unit = l.like.Unit
	}
	n := units.NewNamed("", unit, units.DimRatio, "")
	return fmt.Sprintf("%.6g to %.6g%s%s", n.Out(l.Low), n.Out(l.High), strings.TrimSuffix(" "+unit, " 1"), whole)
}

// Limits returns what a quantity of a table may be; false leaves it to the
// built-in entries, Choices are then names that the table may have besides, and a
// range, where there is one, stands in place of that of the entries.
type Limits func(table, quantity string) (Limit, bool)

// ReadUser reads table files of a user: a folder of CSV files as the built-in
// ones, or one of them. The errors are all that is wrong with the files as such, a
// *Fault each where one has a place.
func ReadUser(fsys fs.FS, dir string, files ...string) ([]UserTable, error) {
	if files == nil {
		found, err := fs.Glob(fsys, "*.csv")
		if err != nil {
			return nil, err
		}
		if files = found; len(files) == 0 {
			return nil, fmt.Errorf("%s: no .csv file", dir)
		}
	}
	slices.Sort(files)
	var errs []error
	var sources []Source
	var all []UserTable
	for _, f := range files {
		if strings.HasPrefix(path.Base(f), "sources") {
			s, err := readSources(fsys, f, path.Join(dir, f))
			sources, errs = append(sources, s...), append(errs, err)
			continue
		}
		_, rows, err := readRows(fsys, f, path.Join(dir, f))
		errs = append(errs, err)
		all = append(all, UserTable{Name: strings.TrimSuffix(path.Base(f), ".csv"), Rows: rows})
	}
	for i := range all {
		all[i].Sources = sources
	}
	return all, errors.Join(errs...)
}

// Extend returns the tables with a user's entries after the built-in ones, and
// everything that is wrong with their rows. A row with the quantity "base" (a
// word) takes what the entry does not say from a built-in or earlier entry.
func (t *Tables) Extend(user []UserTable, limits Limits) (*Tables, []*Fault) {
	x := &extension{built: t, limits: limits, bases: map[[2]string]*UserRow{}}
	x.out = &Tables{sources: slices.Clone(t.sources)}
	for _, tab := range t.tables {
		tab.Entries = slices.Clone(tab.Entries)
		x.out.tables = append(x.out.tables, tab)
	}
	for _, u := range user {
		for _, s := range u.Sources {
			x.out.addSource(s)
		}
	}
	for i := range user {
		for j := range user[i].Rows {
			r := user[i].Rows[j]
			x.row(user[i].Name, &r)
		}
	}
	x.refer()
	x.derive()
	return x.out, x.faults
}

// addSource keeps the sources in order; a key that is known stays what it is.
func (t *Tables) addSource(s Source) {
	i, known := slices.BinarySearchFunc(t.sources, s.Key, func(s Source, k string) int { return strings.Compare(s.Key, k) })
	if !known {
		t.sources = slices.Insert(t.sources, i, s)
	}
}

// extension is Extend at work.
type extension struct {
	built, out *Tables
	limits     Limits
	bases      map[[2]string]*UserRow // by table and entry
	order      [][2]string
	references []reference
	faults     []*Fault
}

// reference is a row whose word names an entry of a table.
type reference struct {
	row   *UserRow
	table string
}

// refer notes words that name no entry, now that all are there.
func (x *extension) refer() {
	for _, f := range x.references {
		if _, err := x.out.Entry(f.table, f.row.Value); err != nil {
			x.faults = append(x.faults, f.row.fault(colValue, err))
		}
	}
}

func (x *extension) fail(r *UserRow, col int, format string, args ...any) {
	x.faults = append(x.faults, r.fault(col, fmt.Errorf(format, args...)))
}

var entryName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$`)

// row adds a row of a user's table.
func (x *extension) row(table string, r *UserRow) {
	r.user = true
	names := UserTableNames()
	if !slices.Contains(names, table) {
		x.fail(r, colEntry, "no table %q can be extended; there are %s%s", table, strings.Join(names, ", "), near.Hint(table, names))
		return
	}
	tab := x.out.table(table)
	if b, err := x.built.Entry(table, r.Entry); err == nil && !b.User {
		x.fail(r, colEntry, "%s is built in; take another name", r.Entry)
		return
	}
	if !entryName.MatchString(r.Entry) {
		x.fail(r, colEntry, "a name has 1 to 64 letters, digits, - _ + and .")
		return
	}
	if r.Source != "" {
		x.out.addSource(Source{Key: r.Source, Citation: r.Source, Read: "read"})
	}
	if r.Quantity == "" {
		x.fail(r, colQuantity, "a row needs a quantity")
		return
	}
	if r.Quantity == "base" {
		if r.Unit != nameUnit {
			x.fail(r, colUnit, "a base is the name of an entry: its unit is %q, not %q", nameUnit, r.Unit)
			return
		}
		if _, err := x.out.Entry(table, r.Value); err != nil {
			x.fail(r, colValue, "base: %w", err)
			return
		}
		if x.bases[[2]string{table, r.Entry}] != nil {
			x.fail(r, colQuantity, "base is given twice")
			return
		}
		x.bases[[2]string{table, r.Entry}] = r
		x.order = append(x.order, [2]string{table, r.Entry})
		tab.entry(r.Entry).User = true
		return
	}
	limit, known := x.limit(table, r.Quantity)
	if !known {
		names := append(x.quantities(table), limit.Choices...)
		hint := near.Hint(r.Quantity, names)
		if hint == "" {
			hint = "; there are " + strings.Join(names, ", ")
		}
		x.fail(r, colQuantity, "unknown quantity%s", hint)
		return
	}
	if limit.Words && r.Unit != nameUnit { // a word such as 7nm, taken for a number with a unit
		r.Value, r.Unit = r.Value+strings.TrimPrefix(r.Unit, "1"), nameUnit
	}
	word := r.Unit == nameUnit
	if at := slices.Index(limit.Choices, r.Value); word && at >= 0 && !limit.Words {
		r.Note, r.Value, r.Unit = strings.TrimSpace(r.Value+" "+r.Note), strconv.Itoa(at), "1"
		word = false
	}
	if word != limit.Words {
		if limit.Choices != nil {
			x.fail(r, colValue, "%q is not one of %s", r.Value, strings.Join(limit.Choices, ", "))
		} else {
			x.fail(r, colUnit, "%q: a number with a unit such as %s is needed (%s)", strings.TrimSuffix(r.Value+" "+r.Unit, " "+nameUnit), limit.units(), limit.wanted(""))
		}
		return
	}
	if word && limit.Choices != nil && !slices.Contains(limit.Choices, r.Value) {
		x.fail(r, colValue, "%q is not one of %s%s", r.Value, strings.Join(limit.Choices, ", "), near.Hint(r.Value, limit.Choices))
		return
	}
	if word && limit.Refers != "" {
		x.references = append(x.references, reference{r, limit.Refers})
	}
	before := len(tab.Entries)
	if f := x.out.addRow(tab, r); f != nil {
		if !word && (f.col == colValue || f.col == colUnit) {
			f.Err = fmt.Errorf("%w; want %s", f.Err, limit.wanted(r.Unit))
		}
		x.faults = append(x.faults, f)
		return
	}
	e := tab.entry(r.Entry)
	if len(tab.Entries) > before {
		e.User = true
	}
	v := &e.Values[len(e.Values)-1]
	switch {
	case word:
	case !limit.measured(v):
		x.fail(r, colUnit, "unit %q is none of this quantity; want one such as %s (%s)", r.Unit, limit.units(), limit.wanted(r.Unit))
	case v.SI < limit.Low || v.SI > limit.High:
		x.fail(r, colValue, "%s%s is outside %s", r.Value, strings.TrimSuffix(" "+r.Unit, " 1"), limit.wanted(r.Unit))
	case limit.Whole && v.SI != math.Trunc(v.SI):
		x.fail(r, colValue, "%s is not a whole number; want %s", r.Value, limit.wanted(r.Unit))
	}
}

// table returns a table of the tables, a new one if there is none.
func (t *Tables) table(name string) *Table {
	i := slices.IndexFunc(t.tables, func(tab Table) bool { return tab.Name == name })
	if i < 0 {
		i, _ = slices.BinarySearchFunc(t.tables, name, func(tab Table, n string) int { return strings.Compare(tab.Name, n) })
		t.tables = slices.Insert(t.tables, i, Table{Name: name, Title: "Brought by the user"})
	}
	return &t.tables[i]
}

// farFromBuiltIn is how far a value may lie from those of the built-in entries:
// a factor that catches wrong units and no new device.
const farFromBuiltIn = 100

// limit returns what a quantity may be: what the caller says, or a hundred times
// below and above what the built-in entries have.
func (x *extension) limit(table, quantity string) (Limit, bool) {
	said, ok := x.limits(table, quantity)
	if ok {
		return said, true
	}
	l, found := Limit{Low: math.Inf(1), High: math.Inf(-1), Choices: said.Choices}, false
	tab, err := x.built.Table(table)
	if err != nil {
		return l, false
	}
	for i := range tab.Entries {
		v, err := tab.Entries[i].Value(quantity)
		if err != nil || tab.Entries[i].User {
			continue
		}
		found = true
		if v.Unit == nameUnit {
			return Limit{Words: true}, true
		}
		l.Low, l.High, l.like = min(l.Low, v.SI), max(l.High, v.SI), &v
	}
	if found && said.High > said.Low {
		l.Low, l.High = said.Low, said.High
		return l, true
	}
	l.Low, l.High = min(l.Low/farFromBuiltIn, l.Low*farFromBuiltIn), max(l.High/farFromBuiltIn, l.High*farFromBuiltIn)
	return l, found
}

// quantities lists what the built-in entries of a table have.
func (x *extension) quantities(table string) []string {
	names := []string{"base"}
	if table == "cmos" { // a node in short form has those of its devices too
		names = append(names, x.quantities("cmos_devices")[1:]...)
	}
	tab, err := x.out.Table(table)
	if err != nil {
		return names
	}
	for i := range tab.Entries {
		for _, v := range tab.Entries[i].Values {
			if !slices.Contains(names, v.Quantity) {
				names = append(names, v.Quantity)
			}
		}
	}
	return names
}
