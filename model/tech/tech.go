// Package tech holds the tables of technology numbers: SOT channel materials,
// magnetic stacks, CMOS nodes, wires, DRAM interfaces, and the energies of
// arithmetic. Every value carries its unit, its source and its kind (measured,
// published, derived or assumed).
//
// The tables are CSV files embedded in the program, one row per value. Load
// reads and checks all of them; typed accessors (SOTMaterial, DRAM, ...) give
// one entry as a struct in SI units, and Tables lists them for display. The
// package computes nothing but what a table says is derived from other rows.
//
// Flow: data/*.csv -> Load -> Tables -> typed entry.
package tech

import (
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"stco/model/units"
)

//go:embed data/*.csv
var dataFS embed.FS

// Load reads and checks the embedded tables; the work is done once.
func Load() (*Tables, error) { return load() }

var load = sync.OnceValues(func() (*Tables, error) {
	t, err := parseTables(dataFS, "data")
	if err != nil {
		return nil, err
	}
	return t, t.deriveArithmetic()
})

// Kind says what a value rests on.
type Kind uint8

// The kinds of a value.
const (
	Measured  Kind = iota + 1 // on hardware, by the source
	Published                 // stated by the source: simulation, specification, roadmap
	Derived                   // computed from other rows; the note says how
	Assumed                   // an engineering choice or not verified; the note says why
	User                      // given by the user of a study, who does not say more
)

// String returns the word used in the tables.
func (k Kind) String() string {
	switch k {
	case Measured:
		return "measured"
	case Published:
		return "published"
	case Derived:
		return "derived"
	case Assumed:
		return "assumed"
	case User:
		return "user"
	}
	return "unknown"
}

func parseKind(s string) (Kind, error) {
	for k := Measured; k <= Assumed; k++ {
		if s == k.String() {
			return k, nil
		}
	}
	return 0, fmt.Errorf("kind %q is not measured, published, derived or assumed", s)
}

// userKind reads a kind of a user's table, which may also be "user".
func userKind(s string) (Kind, error) {
	if s == User.String() {
		return User, nil
	}
	k, err := parseKind(s)
	if err != nil {
		err = fmt.Errorf("kind %q is not measured, published, derived, assumed or user", s)
	}
	return k, err
}

// Source is a reference the tables cite.
type Source struct {
	Key      string
	Citation string
	Read     string // "read", "secondary" (through another text), "memory", or "none" (our own choice)
}

// Value is one number of a table.
type Value struct {
	Quantity string
	Text     string  // the number or word as written in the table
	Unit     string  // "1" for a plain number, "name" for a word
	SI       float64 // in SI units; data amounts in bytes, quantities per byte of data per bit; 0 for a word
	// Low and High are the range within which the value may lie, SI; NaN where
	// the table gives none.
	Low, High float64
	Kind      Kind
	Source    string // key of a Source
	Note      string

	unit units.Unit
}

// Range returns the ends of the range in the unit of the value; NaN without one.
func (v *Value) Range() (low, high float64) {
	if math.IsNaN(v.Low) {
		return v.Low, v.High
	}
	n := units.NewNamed(v.Quantity, v.Unit, units.DimRatio, "")
	return n.Out(v.Low), n.Out(v.High)
}

// Entry is one named thing of a table: a material, a node, a DRAM interface.
type Entry struct {
	Table  string
	Name   string
	Values []Value // in the order of the table
	User   bool    // brought by the user
}

// Value returns the value of a quantity, or an error that lists what there is.
func (e *Entry) Value(quantity string) (Value, error) {
	for i := range e.Values {
		if e.Values[i].Quantity == quantity {
			return e.Values[i], nil
		}
	}
	return Value{}, fmt.Errorf("tech table %s, entry %s: no quantity %q", e.Table, e.Name, quantity)
}

// Has reports whether the entry has a quantity.
func (e *Entry) Has(quantity string) bool {
	return slices.ContainsFunc(e.Values, func(v Value) bool { return v.Quantity == quantity })
}

// Get returns a quantity of an entry as the quantity type Q, or an error if it
// is absent or its unit has another dimension.
func Get[Q units.Quantity](e *Entry, quantity string) (Q, error) {
	v, err := e.Value(quantity)
	if err != nil {
		return 0, err
	}
	if d := units.DimensionOf[Q](); !v.unit.Is(d) {
		return 0, fmt.Errorf("tech table %s, entry %s: %s in %q is not a %s", e.Table, e.Name, quantity, v.Unit, d)
	}
	return Q(v.SI), nil
}

// Table is one file of entries.
type Table struct {
	Name    string
	Title   string
	Entries []Entry // in the order of the file
}

// Entry returns the entry of a name, or an error that lists the names.
func (t *Table) Entry(name string) (*Entry, error) {
	for i := range t.Entries {
		if t.Entries[i].Name == name {
			return &t.Entries[i], nil
		}
	}
	return nil, fmt.Errorf("tech table %s has no entry %q; it has %s", t.Name, name, strings.Join(t.EntryNames(), ", "))
}

// EntryNames lists the entries in the order of the file.
func (t *Table) EntryNames() []string {
	names := make([]string, len(t.Entries))
	for i := range t.Entries {
		names[i] = t.Entries[i].Name
	}
	return names
}

// Tables is the set of all tables with the sources they cite. It is not
// changed after Load.
type Tables struct {
	tables  []Table
	sources []Source
}

// All lists the tables by name.
func (t *Tables) All() []Table { return t.tables }

// Table returns the table of a name, or an error that lists the names.
func (t *Tables) Table(name string) (*Table, error) {
	var names []string
	for i := range t.tables {
		if t.tables[i].Name == name {
			return &t.tables[i], nil
		}
		names = append(names, t.tables[i].Name)
	}
	return nil, fmt.Errorf("no tech table %q; there are %s", name, strings.Join(names, ", "))
}

// Entry returns an entry of a table.
func (t *Tables) Entry(table, entry string) (*Entry, error) {
	tab, err := t.Table(table)
	if err != nil {
		return nil, err
	}
	return tab.Entry(entry)
}

// Find returns the entries that a user's name selects: a table name gives all
// its entries, "table/entry" gives one, and an entry name gives every entry so
// named. No match is an error.
func (t *Tables) Find(name string) ([]Entry, error) {
	var found []Entry
	table, entry, qualified := strings.Cut(name, "/")
	for i := range t.tables {
		tab := &t.tables[i]
		if tab.Name == name {
			return tab.Entries, nil
		}
		for j := range tab.Entries {
			e := &tab.Entries[j]
			if e.Name == name || (qualified && tab.Name == table && e.Name == entry) {
				found = append(found, *e)
			}
		}
	}
	if len(found) == 0 {
		var names []string
		for i := range t.tables {
			names = append(names, t.tables[i].Name)
		}
		return nil, fmt.Errorf("no tech table or entry %q; tables are %s", name, strings.Join(names, ", "))
	}
	return found, nil
}

// Source returns the reference of a key.
func (t *Tables) Source(key string) (Source, error) {
	i, ok := slices.BinarySearchFunc(t.sources, key, func(s Source, k string) int { return strings.Compare(s.Key, k) })
	if !ok {
		return Source{}, fmt.Errorf("no source %q", key)
	}
	return t.sources[i], nil
}

// fields reads the quantities of one entry and keeps all that it lacks.
type fields struct {
	entry *Entry
	err   error
}

// field returns a required quantity.
func field[Q units.Quantity](f *fields, quantity string) Q {
	q, err := Get[Q](f.entry, quantity)
	f.note(err)
	return q
}

func (f *fields) note(err error) {
	if err != nil {
		f.err = errors.Join(f.err, err)
	}
}

// Measures reports whether the value's unit measures dimension d.
func (v Value) Measures(d units.Dimension) bool { return v.unit.Is(d) }
