package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"stco/experiments/study/strict"
	"stco/model"
)

// Write writes the tables that a user brought with every value, so that a
// resolved study does not need the files they came from.
func Write(b *bytes.Buffer, s *model.Setup) {
	if s.Catalog == nil {
		return
	}
	tables, sources := s.Catalog.Tables.UserRows(Builtin().Tables)
	if len(tables) == 0 {
		return
	}
	q := strconv.Quote
	b.WriteString(TablesKey + ":\n")
	for _, t := range tables {
		fmt.Fprintf(b, "  %s:\n", t.Name)
		entry := ""
		for _, r := range t.Rows {
			if r.Entry != entry {
				entry = r.Entry
				fmt.Fprintf(b, "    %s:\n", q(entry))
			}
			fmt.Fprintf(b, "      %s: {value: %s, unit: %s, kind: %s, source: %s", r.Quantity, q(r.Value), q(r.Unit), r.Kind, q(r.Source))
			if r.Note != "" {
				fmt.Fprintf(b, ", note: %s", q(r.Note))
			}
			if r.Low != "" {
				fmt.Fprintf(b, ", low: %s, high: %s", q(r.Low), q(r.High))
			}
			b.WriteString("}\n")
		}
	}
	if len(sources) > 0 {
		b.WriteString("  sources:\n")
		for _, x := range sources {
			fmt.Fprintf(b, "    %s: {citation: %s, read: %s}\n", q(x.Key), q(x.Citation), x.Read)
		}
	}
}

// Open returns the built-in tables with those of a file or folder: CSV
// files in the published format, or a study, design or other YAML file with the
// keys that bring tables. The error is an *InputError with everything wrong.
func Open(name string) (*model.Catalog, error) {
	d := reader{strict.New(name)}
	if info, err := os.Stat(name); err == nil && (info.IsDir() || strings.HasSuffix(name, ".csv")) {
		user, err := readTables(name)
		d.noteFiles(nil, "", err)
		c := d.extend(user)
		return c, d.Err()
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, strict.BadInput(name, errors.New("no such file or folder"))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, strict.BadInput(name, err)
	}
	c := Builtin()
	if root := d.Parse(text); root != nil {
		if mine := User(d.Reader, root); mine != nil {
			c = mine
		} else if len(d.Problems) == 0 {
			d.Note(root, "", "brings no tables: %s", strings.Join(Keys(), ", "))
		}
	}
	return c, d.Err()
}
