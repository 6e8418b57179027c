package results

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestScaled: the prefix under which people read a column, from SI by hand.
func TestScaled(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		unit   string
		values []float64
		want   string
		factor float64
	}{
		{"J", []float64{1e-3, 5e-3, 2e-2}, "mJ", 1e-3},
		{"J", []float64{0.999e-3}, "uJ as µJ", 1e-6},
		{"J", []float64{1e-12}, "pJ", 1e-12},
		{"J", []float64{1e-15, 2e-15}, "fJ", 1e-15},
		{"J", []float64{3e-18}, "aJ", 1e-18},
		{"J", []float64{3e-24}, "aJ", 1e-18},
		{"J", []float64{1}, "J", 1},
		{"J", []float64{999}, "J", 1},
		{"J", []float64{1000}, "kJ", 1e3},
		{"J", []float64{-4e6}, "MJ", 1e6},
		{"W", []float64{5e21}, "EW", 1e18},
		{"Hz", []float64{1e9, 2e9}, "GHz", 1e9},
		{"Hz", []float64{1e12}, "THz", 1e12},
		{"FLOP/s", []float64{2e15}, "PFLOP/s", 1e15},
		// Seconds and metres have no large prefixes, bytes and bits no small ones.
		{"s", []float64{5000}, "s", 1},
		{"m", []float64{5000}, "m", 1},
		{"s", []float64{2e-9}, "ns", 1e-9},
		{"B", []float64{0.1}, "B", 1},
		{"bit", []float64{0.1}, "bit", 1},
		{"bit", []float64{4000}, "kbit", 1e3},
		// Binary prefixes: sizes of at most twelve bits before ten zeros.
		{"B", []float64{64 << 20}, "MiB", 1 << 20},
		{"B", []float64{1 << 20}, "MiB", 1 << 20},
		{"B", []float64{512 << 10}, "KiB", 1 << 10},
		{"B", []float64{1 << 30}, "GiB", 1 << 30},
		{"B", []float64{4095 << 10}, "MiB", 1 << 20},
		{"B", []float64{4097 << 10}, "MB", 1e6}, // thirteen bits
		{"B", []float64{1 << 20, 3e6}, "MB", 1e6},
		{"B", []float64{1 << 9}, "B", 1},
		{"B", []float64{1024.5}, "kB", 1e3},
		{"B/s", []float64{51.2e9}, "GB/s", 1e9},
		{"J", []float64{0, nan, inf, 2e-3}, "mJ", 1e-3},
		{"J", []float64{0, nan}, "J", 1},
		{"J", nil, "J", 1},
		// The upper median of an even number; four decades are one prefix, more none.
		{"J", []float64{1e-3, 1}, "J", 1},
		{"J", []float64{1, 1e-3, 1e-2}, "mJ", 1e-3},
		{"J", []float64{1, 1e4}, "kJ", 1e3},
		{"J", []float64{1, 1.01e4}, "J", 1},
		// What takes none, and how units are spelled.
		{"mm2", []float64{5e-6}, "mm²", 1},
		{"um2", []float64{5e-6}, "µm²", 1},
		{"m^2", []float64{1}, "m²", 1},
		{"us", []float64{5}, "µs", 1},
		{"uJ/bit", []float64{5}, "µJ/bit", 1},
		{"um s", []float64{5}, "µm s", 1},
		{"unit", []float64{5}, "unit", 1},
		{"Ohm", []float64{2e3}, "kΩ", 1e3},
		{"Ohm m2", []float64{2e3}, "kΩ m²", 1e3},
		{"", []float64{2e3}, "", 1},
	} {
		want := strings.ReplaceAll(c.want, "uJ as µJ", "µJ")
		if unit, factor := (Column{Unit: c.unit}).Scaled(c.values); unit != want || factor != c.factor {
			t.Errorf("%v %s: %q, %g; want %q, %g", c.values, c.unit, unit, factor, want, c.factor)
		}
	}
}

// TestNumbersAsText: each number and its text, both ways; text that is no number.
func TestNumbersAsText(t *testing.T) {
	for text, v := range map[string]float64{"null": math.NaN(), `"inf"`: math.Inf(1), `"-inf"`: math.Inf(-1), "0.1": 0.1, "1e-300": 1e-300, "-3": -3} {
		if got := string(AppendNumber([]byte("x"), v)); got != "x"+text {
			t.Errorf("%g is written %s", v, got)
		}
		got, err := ReadNumber([]byte(text))
		if err != nil || math.Float64bits(got) != math.Float64bits(v) && !(math.IsNaN(got) && math.IsNaN(v)) {
			t.Errorf("%s is read as %g, %v", text, got, err)
		}
	}
	for _, bad := range []string{`"NaN"`, `""`, "", "1,5", `"1"`} {
		if v, err := ReadNumber([]byte(bad)); err == nil || !strings.Contains(err.Error(), "is not a number") {
			t.Errorf("%q is read as %g, %v", bad, v, err)
		}
	}
}

func choices() *Table {
	t := &Table{Name: "t", Columns: []Column{
		{Name: "material", Kind: Parameter, Choices: []string{"W", "Pt"}},
		{Name: "energy", Unit: "J", Kind: Objective, Goal: Min},
		{Name: "speed", Unit: "B/s", Kind: Objective, Goal: Max},
		{Name: "note", Kind: Label},
	}}
	t.Add("", 1, 2, 3, 4)
	t.Add("baseline", 0, 5, 6, math.NaN())
	return t
}

// TestChoices: text is found or added, and read back.
func TestChoices(t *testing.T) {
	x := choices()
	if v := x.Choice(0, "Pt"); v != 1 || len(x.Columns[0].Choices) != 2 {
		t.Errorf("Pt is %g of %v", v, x.Columns[0].Choices)
	}
	if v := x.Choice(0, "Ta"); v != 2 || !slices.Equal(x.Columns[0].Choices, []string{"W", "Pt", "Ta"}) {
		t.Errorf("Ta is %g of %v", v, x.Columns[0].Choices)
	}
	x.Rows[1][0] = 2
	if x.Text(0, 0) != "Pt" || x.Text(1, 0) != "Ta" {
		t.Errorf("rows read %s and %s", x.Text(0, 0), x.Text(1, 0))
	}
	if x.Rows[0][0] = math.NaN(); x.Text(0, 0) != "" {
		t.Errorf("no choice reads %q", x.Text(0, 0))
	}
	if x.LabelOf(0) != "" || x.LabelOf(1) != "baseline" || x.LabelOf(2) != "" {
		t.Errorf("labels %v", x.Labels)
	}
	if got := x.OfKind(Objective); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("objectives are columns %v", got)
	}
}

// TestPick: rows and columns in the order asked for, copied, with their labels.
func TestPick(t *testing.T) {
	x := choices()
	p := x.Pick([]int{1, 0}, []int{2, 0})
	if p.Name != "t" || len(p.Columns) != 2 || p.Columns[0].Name != "speed" || p.Columns[1].Name != "material" ||
		!slices.Equal(p.Rows[0], []float64{6, 0}) || !slices.Equal(p.Rows[1], []float64{3, 1}) || p.LabelOf(0) != "baseline" || p.LabelOf(1) != "" {
		t.Errorf("picked %+v", p)
	}
	p.Rows[0][0], p.Columns[1].Choices[0] = 99, "Au"
	if x.Rows[1][2] != 6 || x.Columns[0].Choices[0] != "W" {
		t.Error("the table picked from was changed")
	}
	if all := x.Pick(nil, nil); len(all.Rows) != 2 || len(all.Columns) != 4 || all.Rows[1][1] != 5 {
		t.Errorf("all: %+v", all)
	}
	cells := []float64{1, 2, 3, 4}
	x.Add("", cells...)
	if cells[1] = 7; x.Rows[2][1] != 2 || len(x.Labels) != 3 {
		t.Error("added cells are not copied, or labels are short")
	}
}

// TestIndexOfNames: by header, name, or a title of one column; near names of others.
func TestIndexOfNames(t *testing.T) {
	x := choices()
	x.Columns = append(x.Columns, Column{Name: "peak_energy_J", Unit: "J", Kind: Metric}, Column{Name: "loss_J", Unit: "J", Kind: Metric}, Column{Name: "loss_W", Unit: "W", Kind: Metric})
	for name, want := range map[string]int{"material": 0, "energy_J": 1, "energy": 1, "speed_B_per_s": 2, "peak_energy": 4, "loss_W": 6} {
		if i, err := x.Index(name); err != nil || i != want {
			t.Errorf("%s is column %d, %v; want %d", name, i, err, want)
		}
	}
	twice := &Table{Columns: []Column{{Name: "loss", Unit: "J"}, {Name: "loss_W", Unit: "W"}}}
	if i, err := twice.Index("loss"); err != nil || i != 0 {
		t.Errorf("of two titles the name is column %d, %v", i, err)
	}
	for name, near := range map[string][]string{
		"loss":      {"loss_J", "loss_W"}, // of two
		"enrgy_J":   {"energy_J"},
		"SPEED":     {"speed_B_per_s"},
		"ergy":      {"energy_J", "peak_energy_J"},
		"zzzzzzzzz": nil,
	} {
		_, err := x.Index(name)
		var unknown *UnknownColumnError
		if !errors.As(err, &unknown) || !slices.Equal(unknown.Near, near) || len(unknown.Known) != 7 {
			t.Errorf("%s: %v, near %v; want %v", name, err, unknown.Near, near)
			continue
		}
		want := "did you mean "
		if near == nil {
			want = "columns are material, energy_J, speed_B_per_s"
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnmarshalRefuses has one fault a table.
func TestUnmarshalRefuses(t *testing.T) {
	good := `{"name":"t","columns":[{"name":"m","kind":"parameter","choices":["W","Pt"]},{"name":"e","unit":"J","kind":"metric"}],"labels":["a"],"rows":[["Pt",1.5],[null,"inf"]],"later":1}`
	var x Table
	if err := json.Unmarshal([]byte(good), &x); err != nil || x.Rows[0][0] != 1 || x.Rows[0][1] != 1.5 || !math.IsNaN(x.Rows[1][0]) || !math.IsInf(x.Rows[1][1], 1) || x.LabelOf(0) != "a" {
		t.Fatalf("%+v, %v", x, err)
	}
	if text, err := (&Table{Columns: []Column{{Name: "e", Kind: "figure"}}}).MarshalJSON(); err == nil {
		t.Errorf("a table that cannot be read is written: %s", text)
	}
	for _, c := range []struct{ old, text, want string }{
		{`"Pt",1.5`, `"Pt"`, `table "t": row 0 has 1 cells for 2 columns`},
		{`"Pt",1.5`, `"Au",1.5`, `row 0: m: "Au" is not one of its choices`},
		{`"Pt",1.5`, `1,1.5`, `row 0: m: json`},
		{`[null,"inf"]`, `[null,"much"]`, `row 1: e_J: "much" is not a number`},
		{`"metric"`, `"figure"`, `column "e_J" has kind "figure"`},
		{`"labels":["a"]`, `"labels":["a","b","c"]`, `3 labels for 2 rows`},
		{`"name":"e","unit":"J"`, `"name":"m"`, `two columns are named "m"`},
		{`["W","Pt"]`, `["W","Pt","W"]`, `has choice "W" twice`},
		{`"rows":[`, `"rows":7,"r":[`, `cannot unmarshal`},
	} {
		before := choices()
		err := json.Unmarshal([]byte(strings.Replace(good, c.old, c.text, 1)), before)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
		if len(before.Columns) != 4 || before.Rows[0][1] != 2 {
			t.Errorf("%s: the table was changed by what it refused", c.text)
		}
	}
}
