package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/tech"
)

// TablesKey names tables in the published format: files, or rows written out.
const TablesKey = "tables"

// nodesKey names nodes, whose rows go to several tables.
const nodesKey = "nodes"

// shortTables are the keys of a study or design that bring entries in short
// form, and their tables.
func shortTables() map[string]string {
	return map[string]string{
		"materials": "sot_materials", "cells": tech.CellTable, "presets": "device_presets", nodesKey: "cmos", "dram": "dram", "machines": "machines",
	}
}

// Keys are the keys of a study or design that bring tables.
func Keys() []string {
	return []string{TablesKey, "materials", "cells", "presets", nodesKey, "dram", "machines"}
}

// Fields are those keys as fields of a mapping, for which there is nothing more
// to read after User.
func Fields() []strict.Key {
	var fields []strict.Key
	for _, k := range Keys() {
		fields = append(fields, strict.Optional(k, func(*yaml.Node, string) {}))
	}
	return fields
}

// reader reads what a file says of tables and cells.
type reader struct{ *strict.Reader }

// User reads the tables that a study or design brings, before anything
// that names their entries. Nil: it brings none.
func User(r *strict.Reader, root *yaml.Node) *model.Catalog {
	d := reader{r}
	if root.Kind != yaml.MappingNode {
		return nil
	}
	var user []tech.UserTable
	found := false
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, n := root.Content[i].Value, root.Content[i+1]
		table, short := shortTables()[key]
		switch {
		case key == TablesKey && n.Kind == yaml.MappingNode:
			user, found = append(user, d.longTables(n)...), true
		case key == TablesKey:
			user, found = append(user, d.tableFiles(n, key)...), true
		case short:
			user, found = append(user, d.shortTable(n, key, table)...), true
		}
	}
	if !found {
		return nil
	}
	return d.extend(user)
}

// extend joins a user's tables to the built-in ones and notes all that is wrong.
func (d reader) extend(user []tech.UserTable) *model.Catalog {
	tables, faults := Builtin().Tables.Extend(user, limits)
	for _, f := range faults {
		key := f.Entry
		if f.Quantity != "" {
			key += "." + f.Quantity
		}
		d.Problems = append(d.Problems, d.placed(strict.Fault{File: f.File, Line: f.Line, Column: f.Column, Key: key, Message: f.Err.Error()}))
	}
	d.complete(tables, user, faults)
	d.names(tables, user)
	c, err := model.CatalogOf(tables)
	if err != nil {
		if len(d.Problems) == 0 {
			d.NoteErr(nil, TablesKey, err)
		}
		return nil
	}
	return c
}

// placed leaves out the name of the file that is read.
func (d reader) placed(p strict.Fault) strict.Fault {
	if p.File == d.File {
		p.File = ""
	}
	return p
}

// complete notes entries that lack something, but for those with a fault of their
// own, or of the entry that they are based on.
func (d reader) complete(t *tech.Tables, user []tech.UserTable, faults []*tech.Fault) {
	wrong := map[string]bool{}
	for _, f := range faults {
		wrong[f.Entry] = true
		for _, flavour := range flavours() { // devices of a node
			wrong[strings.TrimSuffix(f.Entry, "-"+flavour)] = true
		}
	}
	for _, u := range user {
		for _, r := range u.Rows {
			if r.Quantity == "base" && wrong[r.Value] {
				wrong[r.Entry] = true
			}
		}
	}
	seen := map[string]bool{}
	for _, u := range user {
		for _, r := range u.Rows {
			if key := u.Name + "/" + r.Entry; !seen[key] && !wrong[r.Entry] {
				seen[key] = true
				for _, err := range parts(entryError(t, u.Name, r.Entry)) {
					d.Problems = append(d.Problems, d.placed(strict.Fault{File: r.File, Line: r.Line, Column: 1, Key: r.Entry, Message: err.Error()}))
				}
			}
		}
	}
}

// tableFiles reads the files or folders that the key tables names, relative to
// the file that names them.
func (d reader) tableFiles(n *yaml.Node, key string) []tech.UserTable {
	var all []tech.UserTable
	one := func(n *yaml.Node, key string) {
		name, ok := d.Text(n, key)
		if !ok {
			return
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(d.File), name)
		}
		tables, err := readTables(name)
		d.noteFiles(n, key, err)
		all = append(all, tables...)
	}
	if n.Kind == yaml.SequenceNode {
		d.Items(n, key, one)
	} else {
		one(n, key)
	}
	return all
}

// noteFiles notes what is wrong with files, each at its place.
func (d reader) noteFiles(n *yaml.Node, key string, err error) {
	for _, e := range parts(err) {
		if f := (*tech.Fault)(nil); errors.As(e, &f) {
			d.Problems = append(d.Problems, strict.Fault{File: f.File, Line: f.Line, Column: f.Column, Message: f.Err.Error()})
		} else {
			d.NoteErr(n, key, e)
		}
	}
}

// parts are the errors that an error joins.
func parts(err error) []error {
	var many interface{ Unwrap() []error }
	if !errors.As(err, &many) {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, e := range many.Unwrap() {
		all = append(all, parts(e)...)
	}
	return all
}

// readTables reads a folder of CSV files, or one of them.
func readTables(name string) ([]tech.UserTable, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: no such file or folder", name)
	case info.IsDir():
		return tech.ReadUser(os.DirFS(name), name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: neither a file nor a folder", name)
	}
	dir, base := filepath.Split(name)
	if dir == "" {
		dir = "."
	}
	fsys := os.DirFS(dir)
	return tech.ReadUser(fsys, filepath.Clean(dir), base)
}

// longTables reads rows written out, as a resolved study has them: table, entry,
// quantity.
func (d reader) longTables(n *yaml.Node) []tech.UserTable {
	var all []tech.UserTable
	var sources []tech.Source
	d.Each(n, TablesKey, func(name, tab *yaml.Node) {
		key := strict.Join(TablesKey, name.Value)
		if name.Value == "sources" {
			d.Each(tab, key, func(name, s *yaml.Node) {
				src := tech.Source{Key: name.Value}
				d.Mapping(s, strict.Join(key, name.Value), []strict.Key{
					strict.Required("citation", func(n *yaml.Node, key string) { src.Citation, _ = d.Text(n, key) }),
					strict.Required("read", func(n *yaml.Node, key string) {
						src.Read, _ = d.Word(n, key, []string{"read", "secondary", "memory", "none"})
					}),
				})
				sources = append(sources, src)
			})
			return
		}
		u := tech.UserTable{Name: name.Value}
		d.Each(tab, key, func(entry, values *yaml.Node) {
			u.Rows = append(u.Rows, d.entryRows(entry.Value, values, strict.Join(key, entry.Value))...)
		})
		all = append(all, u)
	})
	return append([]tech.UserTable{{Sources: sources}}, all...)
}

// userSource stands where a user names no source.
const userSource = "user"

// shortTable reads entries in short form: {base: NAME, QUANTITY: VALUE, ...}.
func (d reader) shortTable(n *yaml.Node, key, table string) []tech.UserTable {
	byTable := map[string]*tech.UserTable{}
	var order []string
	add := func(table string, r tech.UserRow) {
		if byTable[table] == nil {
			byTable[table] = &tech.UserTable{Name: table, Sources: []tech.Source{{Key: userSource, Citation: "given by the user without a source", Read: "none"}}}
			order = append(order, table)
		}
		byTable[table].Rows = append(byTable[table].Rows, r)
	}
	d.Each(n, key, func(entry, values *yaml.Node) {
		full := strict.Join(key, entry.Value)
		rows := d.entryRows(entry.Value, values, full)
		for _, r := range rows {
			if key != nodesKey {
				add(table, r)
				continue
			}
			for _, at := range nodeTables(r) {
				add(at.Name, at.Rows[0])
			}
		}
		if len(rows) == 0 && values.Kind == yaml.MappingNode {
			d.Note(values, full, "the entry is empty")
		}
	})
	var all []tech.UserTable
	for _, t := range order {
		all = append(all, *byTable[t])
	}
	return all
}

// flavours are those of the devices of a node.
func flavours() []string {
	var all []string
	for f := tech.HighPerformance; f <= tech.LowStandbyPower; f++ {
		all = append(all, f.String())
	}
	return all
}

// nodeTables says where a quantity of a node belongs: to the node, to its device
// of one flavour (lop.vdd) or of all, to its arithmetic.
func nodeTables(r tech.UserRow) []tech.UserTable {
	built := Builtin().Tables
	has := func(table, quantity string) bool {
		t, err := built.Table(table)
		return err == nil && len(t.Entries) > 0 && t.Entries[0].Has(quantity)
	}
	if f, q, ok := strings.Cut(r.Quantity, "."); ok && slices.Contains(flavours(), f) {
		r.Entry, r.Quantity = r.Entry+"-"+f, q
		return []tech.UserTable{{Name: "cmos_devices", Rows: []tech.UserRow{r}}}
	}
	switch {
	case r.Quantity == "base" || has("cmos", r.Quantity):
	case has("cmos_devices", r.Quantity):
		var all []tech.UserTable
		for _, f := range flavours() {
			one := r
			one.Entry += "-" + f
			all = append(all, tech.UserTable{Name: "cmos_devices", Rows: []tech.UserRow{one}})
		}
		return all
	case has("arithmetic", r.Quantity):
		return []tech.UserTable{{Name: "arithmetic", Rows: []tech.UserRow{r}}}
	case has("elements", r.Quantity):
		return []tech.UserTable{{Name: "elements", Rows: []tech.UserRow{r}}}
	}
	return []tech.UserTable{{Name: "cmos", Rows: []tech.UserRow{r}}}
}

// entryRows reads the quantities of an entry: VALUE, or {value, unit, kind,
// source, note, low, high}. What stands beside them as kind, source and note is
// that of all that say none.
func (d reader) entryRows(entry string, n *yaml.Node, key string) []tech.UserRow {
	all := tech.UserRow{Kind: tech.User.String(), Source: userSource}
	var rows []tech.UserRow
	d.Each(n, key, func(name, v *yaml.Node) {
		full := strict.Join(key, name.Value)
		switch name.Value {
		case "kind":
			all.Kind, _ = d.Text(v, full)
			return
		case "source":
			all.Source, _ = d.Text(v, full)
			return
		case "note":
			all.Note, _ = d.Text(v, full)
			return
		}
		if flavour := name.Value; v.Kind == yaml.MappingNode && slices.Contains(flavours(), flavour) {
			for _, r := range d.entryRows(entry, v, full) {
				r.Quantity = flavour + "." + r.Quantity
				rows = append(rows, r)
			}
			return
		}
		r := tech.UserRow{Entry: entry, Quantity: name.Value, File: d.File, Line: v.Line, Columns: []int{v.Column}}
		if v.Kind == yaml.MappingNode {
			d.longValue(v, full, &r)
		} else if text, ok := d.Text(v, full); ok {
			if r.Value, r.Unit = splitValue(text); name.Value == "base" {
				r.Value, r.Unit = text, "name"
			}
		} else {
			return
		}
		rows = append(rows, r)
	})
	for i := range rows {
		r := &rows[i]
		if r.Kind == "" {
			r.Kind = all.Kind
		}
		if r.Source == "" {
			r.Source = all.Source
		}
		if r.Note == "" {
			r.Note = all.Note
		}
	}
	return rows
}

func (d reader) longValue(n *yaml.Node, key string, r *tech.UserRow) {
	text := func(into *string) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) { *into, _ = d.Text(n, key) }
	}
	d.Mapping(n, key, []strict.Key{
		strict.Required("value", text(&r.Value)),
		strict.Optional("unit", text(&r.Unit)),
		strict.Optional("kind", text(&r.Kind)),
		strict.Optional("source", text(&r.Source)),
		strict.Optional("note", text(&r.Note)),
		strict.Optional("low", text(&r.Low)),
		strict.Optional("high", text(&r.High)),
	})
	switch {
	case r.Unit != "":
	case r.Quantity == "base":
		r.Unit = "name"
	default:
		r.Value, r.Unit = splitValue(r.Value)
	}
}

var number = regexp.MustCompile(`^([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*)$`)

// splitValue splits "150 uOhm*cm" into number and unit, "1" if there is none; a
// word has the unit "name".
func splitValue(text string) (value, unit string) {
	m := number.FindStringSubmatch(strings.TrimSpace(text))
	switch {
	case m == nil:
		return text, "name"
	case m[2] == "":
		return m[1], "1"
	}
	return m[1], m[2]
}
