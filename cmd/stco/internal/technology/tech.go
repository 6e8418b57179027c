package technology

import (
	"stco/cmd/stco/internal/command"
	"stco/experiments/study"
)

// TechList lists the technology tables and their entries.
func TechList() *command.Sheet {
	s := &command.Sheet{Header: []string{"table", "entry", "values"}}
	for _, t := range study.Catalog().Tables.All() {
		for _, e := range t.Entries {
			s.Add(t.Name, e.Name, command.Itoa(int64(len(e.Values))))
		}
	}
	return s
}

// TechShow lists every value of a table, or of the entries of that name, with
// its unit, kind and source.
func TechShow(name string) (*command.Sheet, error) {
	tables := study.Catalog().Tables
	s := &command.Sheet{Header: []string{"table", "entry", "quantity", "value", "unit", "kind", "source", "note"}}
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
			s.Add(e.Table, e.Name, v.Quantity, v.Text, v.Unit, v.Kind.String(), source, v.Note)
		}
	}
	return s, nil
}
