package tech

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// derive fills what entries take from their bases. The devices of a node, and
// its arithmetic, are those of the base where the user does not say.
func (x *extension) derive() {
	for _, key := range x.order {
		table, name := key[0], key[1]
		base := x.bases[key].Value
		x.inherit(table, name, base)
		if table != "cmos" {
			continue
		}
		for f := HighPerformance; f <= LowStandbyPower; f++ {
			x.inherit("cmos_devices", name+"-"+f.String(), base+"-"+f.String())
		}
		for _, more := range []string{"arithmetic", "elements"} {
			if _, err := x.out.Entry(more, base); err == nil {
				x.inherit(more, name, base)
			}
		}
	}
}

// inherit gives an entry the values of a base that it does not have.
func (x *extension) inherit(table, name, base string) {
	from, err := x.out.Entry(table, base)
	if err != nil {
		return // the base has been checked; a node without a flavour has nothing to give
	}
	var values []Value
	for _, v := range from.Values {
		if ofBase(table, &v) {
			continue
		}
		v.exact()
		values = append(values, v)
	}
	e := x.out.table(table).entry(name)
	e.User = true
	own := e.Values
	e.Values = values
	for _, v := range own {
		if i := slices.IndexFunc(e.Values, func(w Value) bool { return w.Quantity == v.Quantity }); i >= 0 {
			e.Values[i] = v
		} else {
			e.Values = append(e.Values, v)
		}
	}
}

// ofBase tells whether a value follows from others of its entry and is no input
// of the model: it would not be that of an entry that changes them.
func ofBase(table string, v *Value) bool {
	switch table {
	case "machines":
		return v.Kind == Derived // peak, balance
	case "sot_materials":
		return v.Quantity == "sigma_sh" || strings.HasPrefix(v.Quantity, "relative_")
	}
	return false
}

// exact makes the text of a value say all its digits, so that it reads back.
func (v *Value) exact() {
	if v.Unit == nameUnit {
		return
	}
	if si, err := v.unit.SI(v.Text); err == nil && si == v.SI {
		return
	}
	scale, err := v.unit.SI("1")
	if err != nil {
		return
	}
	v.Text = strconv.FormatFloat(v.SI/scale, 'g', -1, 64)
	if si, err := v.unit.SI(v.Text); err == nil {
		v.SI = si
	}
}

// UserRows returns the entries that a user brought, as rows with every value,
// and the sources they cite that are not built in.
func (t *Tables) UserRows(built *Tables) (tables []UserTable, sources []Source) {
	for _, tab := range t.tables {
		u := UserTable{Name: tab.Name}
		for _, e := range tab.Entries {
			if !e.User {
				continue
			}
			for _, v := range e.Values {
				r := UserRow{Entry: e.Name, Quantity: v.Quantity, Value: v.Text, Unit: v.Unit, Kind: v.Kind.String(), Source: v.Source, Note: v.Note}
				if low, high := v.Range(); !math.IsNaN(low) {
					r.Low, r.High = strconv.FormatFloat(low, 'g', -1, 64), strconv.FormatFloat(high, 'g', -1, 64)
				}
				u.Rows = append(u.Rows, r)
			}
		}
		if u.Rows != nil {
			tables = append(tables, u)
		}
	}
	used := map[string]bool{}
	for _, u := range tables {
		for _, r := range u.Rows {
			used[r.Source] = true
		}
	}
	for _, s := range t.sources {
		if _, err := built.Source(s.Key); err != nil && used[s.Key] {
			sources = append(sources, s)
		}
	}
	return tables, sources
}
