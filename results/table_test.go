package results

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHeader(t *testing.T) {
	for _, c := range []struct{ name, unit, header, title string }{
		{"energy", "J", "energy_J", "energy"},
		{"energy_J", "J", "energy_J", "energy"},
		{"area", "mm^2", "area_mm2", "area"},
		{"area_mm2", "mm2", "area_mm2", "area"},
		{"banks", "", "banks", "banks"},
		{"ratio", "1", "ratio", "ratio"},
		{"bandwidth", "B/s", "bandwidth_B_per_s", "bandwidth"},
		{"ra", "Ohm um^2", "ra_Ohm_um2", "ra"},
		{"pulse", "µs", "pulse_us", "pulse"},
		{"yield", "%", "yield_percent", "yield"},
	} {
		col := Column{Name: c.name, Unit: c.unit}
		if col.Header() != c.header || col.Title() != c.title {
			t.Errorf("%+v: %q %q", c, col.Header(), col.Title())
		}
	}
}

func TestIndex(t *testing.T) {
	tab := &Table{Columns: []Column{{Name: "energy", Unit: "J"}, {Name: "energy_training", Unit: "J"}, {Name: "area", Unit: "mm2"}, {Name: "write_error"}, {Name: "time_s", Unit: "s"}, {Name: "time_h", Unit: "h"}, {Name: "power_W", Unit: "W"}}}
	for name, want := range map[string]int{"energy": 0, "energy_J": 0, "area_mm2": 2, "write_error": 3, "power": 6} {
		if i, err := tab.Index(name); err != nil || i != want {
			t.Errorf("%s: %d %v", name, i, err)
		}
	}
	for name, want := range map[string][]string{
		"enrgy_J":  {"energy_J"},
		"energy_j": {"energy_J", "energy_training_J"},
		"area_um2": {"area_mm2"},
		"error":    {"write_error"},
		"aera":     {"area_mm2"},
		"time":     {"time_s", "time_h"},
		"zzz":      nil,
	} {
		_, err := tab.Index(name)
		var e *UnknownColumnError
		if !errors.As(err, &e) || !slices.Equal(e.Near, want) {
			t.Errorf("%s: near %v, want %v", name, e.Near, want)
		}
		if want == nil && !strings.Contains(err.Error(), "energy_J, energy_training_J, area_mm2, write_error, time_s, time_h, power_W") {
			t.Error(err)
		}
	}
}

func TestCheck(t *testing.T) {
	good := func() *Table {
		return &Table{
			Name: "x", Columns: []Column{{Name: "a", Unit: "J", Kind: Objective, Goal: Min}, {Name: "m", Kind: Parameter, Choices: []string{"p", "q"}}},
			Rows: [][]float64{{1, 0}, {math.NaN(), math.NaN()}},
		}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Table){
		"has no name":          func(t *Table) { t.Columns[0].Name = "" },
		"two columns":          func(t *Table) { t.Columns[1].Name = "a_J" },
		"kind":                 func(t *Table) { t.Columns[0].Kind = "" },
		"goal":                 func(t *Table) { t.Columns[0].Goal = "least" },
		"twice":                func(t *Table) { t.Columns[1].Choices[1] = "p" },
		"3 labels for 2 rows":  func(t *Table) { t.Labels = make([]string, 3) },
		"row 1 has 1 cells":    func(t *Table) { t.Rows[1] = t.Rows[1][:1] },
		"m = 2 is not one":     func(t *Table) { t.Rows[0][1] = 2 },
		"m = 0.5 is not one":   func(t *Table) { t.Rows[0][1] = 0.5 },
		"m = -1 is not one of": func(t *Table) { t.Rows[0][1] = -1 },
	} {
		tab := good()
		spoil(tab)
		if err := tab.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if _, err := json.Marshal(tab); err == nil {
			t.Errorf("%s: was written", want)
		}
	}
}

// drawTable draws any table that passes Check.
func drawTable(t *rapid.T) *Table {
	text := rapid.SampledFrom([]string{"", "knee", "a|b", `q"\`, "<&>", "é\n", "null", "inf"})
	kinds := rapid.SampledFrom([]ColumnKind{Label, Parameter, Objective, Constraint, Metric})
	tab := &Table{Name: text.Draw(t, "name")}
	for i := range rapid.IntRange(0, 5).Draw(t, "columns") {
		c := Column{Name: string(rune('a' + i)), Unit: rapid.SampledFrom([]string{"", "J", "mm^2"}).Draw(t, "unit"), Kind: kinds.Draw(t, "kind"), Meaning: text.Draw(t, "meaning")}
		if rapid.Bool().Draw(t, "choice") {
			c.Choices = rapid.SliceOfNDistinct(text, 1, 3, rapid.ID[string]).Draw(t, "choices")
		}
		tab.Columns = append(tab.Columns, c)
	}
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		row := make([]float64, len(tab.Columns))
		for i, c := range tab.Columns {
			switch {
			case rapid.IntRange(0, 4).Draw(t, "nan") == 0:
				row[i] = math.NaN()
			case c.Choices != nil:
				row[i] = float64(rapid.IntRange(0, len(c.Choices)-1).Draw(t, "choice"))
			default:
				row[i] = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324, 0.1, 1e21, 1e-7})).Draw(t, "cell")
			}
		}
		tab.Add(text.Draw(t, "label"), row...)
	}
	return tab
}

func same(a, b *Table) bool {
	if a.Name != b.Name || len(a.Rows) != len(b.Rows) || len(a.Columns) != len(b.Columns) {
		return false
	}
	for i, c := range a.Columns {
		d := b.Columns[i]
		if !slices.Equal(c.Choices, d.Choices) || c.Name != d.Name || c.Unit != d.Unit || c.Kind != d.Kind || c.Goal != d.Goal || c.Meaning != d.Meaning {
			return false
		}
	}
	for r := range a.Rows {
		if a.LabelOf(r) != b.LabelOf(r) {
			return false
		}
		for c, v := range a.Rows[r] {
			if w := b.Rows[r][c]; math.Float64bits(v) != math.Float64bits(w) && !(math.IsNaN(v) && math.IsNaN(w)) {
				return false
			}
		}
	}
	return true
}

func TestTableRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		data, err := json.Marshal(tab)
		if err != nil {
			t.Fatal(err)
		}
		var got Table
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if !same(tab, &got) {
			t.Fatalf("%s", data)
		}
		if !same(tab, tab.Pick(nil, nil)) {
			t.Fatal("Pick(nil, nil) is another table")
		}
	})
}

func FuzzTableJSON(f *testing.F) {
	f.Add([]byte(`{"name":"x","columns":[{"name":"a","kind":"metric"},{"name":"b","kind":"label","choices":["u"]}],"labels":["k"],"rows":[[1,"u"],[null,null],["inf","u"]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, b Table
		if json.Unmarshal(data, &a) != nil {
			return
		}
		out, err := json.Marshal(&a)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &b); err != nil || !same(&a, &b) {
			t.Fatalf("%s: %v", out, err)
		}
	})
}
