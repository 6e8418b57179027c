package tech

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/model/units"
)

// TestWanted: a range in the unit of the row, or in one of the quantity where the
// unit is none of it; counts say so.
func TestWanted(t *testing.T) {
	nm, err := units.ParseUnit("nm")
	if err != nil {
		t.Fatal(err)
	}
	length := Limit{Dim: units.DimLength, Low: 1e-9, High: 3e-7}
	like := Limit{like: &Value{Unit: "nm", unit: nm}, Low: 1e-9, High: 3e-7}
	count := Limit{Dim: units.DimRatio, Low: 1, High: 64, Whole: true}
	for _, c := range []struct {
		limit      Limit
		unit, want string
	}{
		{length, "um", "0.001 to 0.3 um"},
		{length, "V", "1nm to 300nm"},
		{length, "parsec", "1nm to 300nm"},
		{like, "um", "0.001 to 0.3 um"},
		{like, "V", "1 to 300 nm"},
		{count, "1", "1 to 64, whole"},
		{count, "V", "1 to 64, whole"},
	} {
		if got := c.limit.wanted(c.unit); got != c.want {
			t.Errorf("in %s: %q, want %q", c.unit, got, c.want)
		}
	}
}

// TestWords: a word that begins like a number with a unit is a word; a word that
// names no entry of its table is a fault; counts are whole; a range of the caller
// stands in place of that of the built-in entries.
func TestWords(t *testing.T) {
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	limits := func(_, quantity string) (Limit, bool) {
		switch quantity {
		case "node":
			return Limit{Words: true, Refers: "cmos"}, true
		case "pe_rows":
			return Limit{Dim: units.DimRatio, Low: 1, High: 4096, Whole: true}, true
		case "pe_columns":
			return Limit{Low: 2, High: 8}, false
		}
		return Limit{}, false
	}
	row := func(quantity, value, unit string) UserRow {
		return UserRow{Entry: "m", Quantity: quantity, Value: value, Unit: unit, Kind: "user", Source: "us", File: "f", Line: 3, Columns: []int{1, 2, 3, 4}}
	}
	tables, faults := built.Extend([]UserTable{{Name: "machines", Rows: []UserRow{row("base", "soc", "name"), row("node", "14", "nm"), row("pe_rows", "8", "1"), row("pe_columns", "8", "1")}}}, limits)
	for _, f := range faults {
		t.Error(f)
	}
	if e, err := tables.Entry("machines", "m"); err != nil {
		t.Error(err)
	} else if v, err := e.Value("node"); err != nil || v.Text != "14nm" || v.Unit != "name" {
		t.Errorf("node %q, unit %q, %v", v.Text, v.Unit, err)
	}
	for _, c := range []struct {
		row  UserRow
		want string
	}{
		{row("node", "13", "nm"), `f:3:3: entry "m", quantity "node": tech table cmos has no entry "13nm"`},
		{row("pe_rows", "8.5", "1"), `f:3:3: entry "m", quantity "pe_rows": 8.5 is not a whole number; want 1 to 4096, whole`},
		{row("pe_columns", "9", "1"), `f:3:3: entry "m", quantity "pe_columns": 9 is outside 2 to 8`},
	} {
		_, faults := built.Extend([]UserTable{{Name: "machines", Rows: []UserRow{c.row}}}, limits)
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), c.want) {
			t.Errorf("%v, want %s", faults, c.want)
		}
	}
}

// TestNewTable: a table that only the user has stands among the others by name.
func TestNewTable(t *testing.T) {
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	cell := UserRow{Entry: "c", Quantity: "area", Value: "1", Unit: "um^2", Kind: "user", Source: "us"}
	tables, faults := built.Extend([]UserTable{{Name: CellTable, Rows: []UserRow{cell}}}, func(string, string) (Limit, bool) {
		return Limit{Dim: units.DimArea, Low: 1e-15, High: 1e-9}, true
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var names []string
	for _, tab := range tables.All() {
		names = append(names, tab.Name)
	}
	if !slices.IsSorted(names) || !slices.Contains(names, CellTable) {
		t.Errorf("tables %v", names)
	}
}

// TestLacking: an entry tells all that it lacks at once, be it one of a material, a
// DRAM or a node.
func TestLacking(t *testing.T) {
	tables, faults := extend(t, map[string]string{
		"sot_materials.csv": userHeader + "w,rho,165,uOhm*cm,user,us,\n",
		"cmos.csv":          userHeader + "n,gate_pitch,78,nm,user,us,\n",
		"cmos_devices.csv":  userHeader + "n-lop,vdd,0.8,V,user,us,\n",
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	_, err := tables.SOTMaterial("w")
	for _, want := range []string{"xi_dl", "xi_thickness", "lambda_sf"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a material lacks %s: %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), `"rho"`) {
		t.Errorf("a material has rho: %v", err)
	}
	_, err = tables.Node("n", LowOperatingPower)
	for _, want := range []string{"fin_pitch", "sram_hd_area", "on_current", "p_drive"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a node lacks %s: %v", want, err)
		}
	}
}

// TestDerivedText: what is computed from other rows says of its energy whether it
// lies between or beyond them, in four digits, or all of a large number; what an
// entry takes from its base keeps the text that the table has.
func TestDerivedText(t *testing.T) {
	um, err := units.ParseUnit("um")
	if err != nil {
		t.Fatal(err)
	}
	for si, want := range map[float64]string{1.23456e-6: "1.235", 0.1234565: "123456.5", 12e-6: "12"} {
		if v := derivedValue(Value{Unit: "um", unit: um}, "q", si, "n"); v.Text != want {
			t.Errorf("%g m: %q, want %q", si, v.Text, want)
		}
	}
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for node, word := range map[string]string{"14nm": "interpolation", "5nm": "extrapolation"} {
		e, err := built.Entry("arithmetic", node)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range e.Values {
			if v.Quantity != "node" && !strings.Contains(v.Note, word) {
				t.Errorf("%s, %s: %q", node, v.Quantity, v.Note)
			}
		}
	}
	tables, faults := extend(t, map[string]string{
		"cmos.csv":           userHeader + "fine,base,14nm,name,user,us,\n",
		"device_presets.csv": userHeader + "mine,base,itri-8kb,name,user,us,\n", // has 0.70 and 7e12
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, names := range [][3]string{{"cmos_devices", "fine-lop", "14nm-lop"}, {"cmos_devices", "fine-hp", "14nm-hp"}, {"device_presets", "mine", "itri-8kb"}} {
		own, err := tables.Entry(names[0], names[1])
		if err != nil {
			t.Fatal(err)
		}
		base, err := built.Entry(names[0], names[2])
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range base.Values {
			if own.Values[i].Text != v.Text {
				t.Errorf("%s: %q came from %q", v.Quantity, own.Values[i].Text, v.Text)
			}
		}
	}
}

// TestOwnBesideBase: what an entry has beyond its base stays, and transistors of a
// planar node are as wide as their features say, of others as their fins.
func TestOwnBesideBase(t *testing.T) {
	tables, faults := extend(t, map[string]string{
		"sot_materials.csv": userHeader + "w,base,beta-w,name,user,us,\nw,sigma_sh,2e5,S/m,user,us,\n",
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	e, err := tables.Entry("sot_materials", "w")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Value("sigma_sh"); err != nil || v.Text != "2e5" {
		t.Errorf("conductivity %+v, %v", v, err)
	}
	planar, err := tables.Node("22nm-itrs", LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(planar.Dense.Pass); math.Abs(got-1.31*22e-9) > 1e-15 {
		t.Errorf("a planar pass gate of %g m, want 1.31 times 22 nm", got)
	}
	fins, err := tables.Node("14nm", LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(fins.Dense.Pass / fins.FinWidth); got != math.Trunc(got) || got < 1 {
		t.Errorf("a pass gate of %g fins", got)
	}
}
