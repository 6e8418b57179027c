package table

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/results"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// sample is a front of SOT-MRAM buffers and three baselines as the tool finds
// them, with a wide range of units, choices and cells that do not apply.
func sample() (front, baselines *results.Table) {
	cols := []results.Column{
		{Name: "mtj_diameter", Unit: "nm", Kind: results.Parameter},
		{Name: "material", Kind: results.Parameter, Choices: []string{"beta-W", "Pt", "A|B_C&D%"}},
		{Name: "capacity", Unit: "B", Kind: results.Parameter},
		{Name: "banks", Kind: results.Parameter},
		{Name: "technology", Kind: results.Parameter, Choices: []string{"SOT-MRAM", "SRAM"}},
		{Name: "node_nm", Unit: "nm", Kind: results.Parameter},
		{Name: "energy_J", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "latency", Unit: "s", Kind: results.Objective, Goal: results.Min},
		{Name: "area", Unit: "mm2", Kind: results.Objective, Goal: results.Min},
		{Name: "write_error", Kind: results.Constraint},
		{Name: "leakage", Unit: "W", Kind: results.Metric},
		{Name: "dram_traffic", Unit: "B", Kind: results.Metric},
		{Name: "required_read_bandwidth", Unit: "B/s", Kind: results.Metric},
		{Name: "retention", Unit: "s", Kind: results.Metric},
	}
	const mib = 1 << 20
	nan := math.NaN()
	front = &results.Table{Name: "front", Columns: cols}
	front.Add("", 55, 0, 16*mib, 8, 0, 14, 1.234567, 0.0412, 5.12, 1.2e-9, 0.00031, 8.1e10, 4.1e11, 3e8)
	front.Add("knee", 48.5, 1, 64*mib, 16, 0, 14, 0.7654321, 0.0399, 17.95, 4.4e-13, 0.00122, 3.2e10, 4.3e11, 120)
	front.Add("", 42, 2, 256*mib, 64, 0, 14, 0.6543, 0.03805, 71.2, 9.9e-12, 0.0049, 1.05e10, 4.9e11, 0.5)
	baselines = &results.Table{Name: "baselines", Columns: cols}
	baselines.Add("SRAM iso-capacity", nan, nan, 64*mib, 16, 1, 14, 1.9, 0.0391, 48.25, nan, 0.912, 3.2e10, 4.3e11, nan)
	baselines.Add("SRAM iso-area", nan, nan, 24*mib, 8, 1, 14, 1.58, 0.0405, 17.9, nan, 0.341, 6.3e10, 4.2e11, nan)
	baselines.Add("SRAM 2 MiB", nan, nan, 2*mib, 1, 1, 14, 2.6, 0.0533, 1.6, nan, 0.0284, 1.9e11, 3.1e11, nan)
	return front, baselines
}

func TestGolden(t *testing.T) {
	front, baselines := sample()
	plain, err := Apply(front, View{Columns: []string{"objectives", "banks"}})
	if err != nil {
		t.Fatal(err)
	}
	plain.Labels = nil
	for _, c := range []struct {
		file   string
		style  Style
		tables []*results.Table
	}{
		{"width100.txt", Style{Format: Text, Width: 100}, []*results.Table{front, baselines}},
		{"width60.txt", Style{Format: Text, Width: 60}, []*results.Table{front, baselines}},
		{"wide.txt", Style{Format: Text}, []*results.Table{front, baselines}},
		{"plain.txt", Style{Format: Text, Width: 100, Explicit: true}, []*results.Table{plain}},
		{"chosen60.txt", Style{Format: Text, Width: 60, Explicit: true}, []*results.Table{front, baselines}},
		{"empty.txt", Style{Format: Text, Width: 100}, []*results.Table{{Name: "none", Columns: front.Columns[6:9]}}},
		{"table.md", Style{Format: Markdown}, []*results.Table{front, baselines}},
		{"table.tex", Style{Format: LaTeX}, []*results.Table{front, baselines}},
	} {
		var b bytes.Buffer
		if err := Write(&b, c.style, c.tables...); err != nil {
			t.Fatal(err)
		}
		golden(t, c.file, b.String())
		for l := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimRight(l, "\n"))); c.style.Width > 0 && n > c.style.Width {
				t.Errorf("%s: a line has %d characters: %q", c.file, n, l)
			}
		}
	}
	if err := Write(io.Discard, Style{Format: "pdf"}, front); err == nil || !strings.Contains(err.Error(), "table, markdown, latex") {
		t.Error(err)
	}
}

func TestWhere(t *testing.T) {
	front, baselines := sample()
	all := front.Pick(nil, nil)
	for r := range baselines.Rows {
		all.Add(baselines.LabelOf(r), baselines.Rows[r]...)
	}
	for src, want := range map[string][]int{
		"":                                       {0, 1, 2, 3, 4, 5},
		"area_mm2 < 40 && energy_J <= 0.7654321": {1},
		"area < 40 and energy_J<1.0":             {1},
		"40 > area_mm2 && 1 > energy_J":          {1},
		"area_mm2 > 40 || banks == 1":            {2, 3, 5},
		"!(area_mm2 > 40) && !(banks = 1)":       {0, 1, 4},
		"not area_mm2 > 40 and not banks == 1":   {0, 1, 4},
		"banks == 8 && area < 10 || banks == 64": {0, 2},
		"banks == 8 && (area < 10 || banks==64)": {0},
		"material == Pt":                         {1},
		"material != Pt":                         {0, 2},
		`"beta-W" == material`:                   {0},
		"material == beta-W":                     {0},
		"technology == SRAM && capacity > 2.5e7": {3, 4},
		"label == knee":                          {1},
		"label != ''":                            {1, 3, 4, 5},
		"write_error > -1":                       {0, 1, 2},
		"write_error != 7":                       {0, 1, 2},
		"leakage_W < banks":                      {0, 1, 2, 3, 4, 5},
		"energy_J < +.7e0":                       {2},
		"energy_J < 700mJ":                       {2},
		"0.4cm2 > area_mm2 && energy_J < 1 ":     {1},
		"area < 40mm^2 && energy<1e6uJ":          {1},
	} {
		got, err := Apply(all, View{Where: src})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		var want2 [][]float64
		for _, r := range want {
			want2 = append(want2, all.Rows[r])
		}
		if !slices.EqualFunc(got.Rows, want2, func(a, b []float64) bool { return a[6] == b[6] }) {
			t.Errorf("%s: %v", src, got.Rows)
		}
	}
	for src, want := range map[string]string{
		"aria_mm2 < 40":          `at character 1: unknown column "aria_mm2"; did you mean area_mm2?`,
		"area_mm2 < 40 &&":       "at character 17: expected a column, number or text at the end",
		"area_mm2 < 40mJ":        "at character 12: area_mm2: 40mJ is no number of mm2",
		"area_mm2 < 40mm2x":      `exponent "2x" of "mm"`,
		"banks < 40mm2":          "banks has no unit",
		"1mm2 < 40mm2":           "a unit needs a column beside it",
		"area_mm2":               "expected one of < <= > >= == != after",
		"area_mm2 ! 3":           "expected one of",
		"area_mm2 < 4 area":      `expected && or || before "area"`,
		"(area_mm2 < 4":          "expected )",
		"area_mm2 < 4)":          `before ")"`,
		"area_mm2 < 'x":          "no closing '",
		"area_mm2 == 'x'":        `area_mm2 holds numbers, not the text "x"`,
		"material == Cu":         `material is never "Cu"; it is one of beta-W, Pt`,
		"material < Pt":          "texts can be compared with == and != only",
		"area_mm2 < 1..2":        `"1..2" is not a number`,
		"1 < area_mm2 < 4":       `expected && or || before "<"`,
		"area_mm2 # 4":           `unexpected '#'`,
		"&& area < 1":            `found "&&"`,
		"energy_J < latncy_s":    `at character 12: unknown column "latncy_s"; did you mean latency_s?`,
		strings.Repeat("(", 9e4): "nested deeper",
	} {
		_, err := Apply(all, View{Where: src})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", src, err)
		}
	}
	_, err := Apply(all, View{Where: "aria_mm2 < 40"})
	if e, ok := errors.AsType[*results.UnknownColumnError](err); !ok || e.Name != "aria_mm2" {
		t.Error(err)
	}
}

func TestSortTopColumns(t *testing.T) {
	front, baselines := sample()
	for r := range baselines.Rows {
		front.Add(baselines.LabelOf(r), baselines.Rows[r]...)
	}
	for _, c := range []struct {
		view View
		want string
	}{
		{View{Sort: "energy_J"}, "0.654,0.765,1.235,1.58,1.9,2.6"},
		{View{Sort: "-energy", Top: 2}, "2.6,1.9"},
		{View{Sort: "banks, -energy_J"}, "2.6,1.58,1.235,1.9,0.765,0.654"},
		{View{Sort: "write_error", Top: 3}, "0.765,0.654,1.235"},
		{View{Sort: "-write_error", Top: 3}, "1.235,0.654,0.765"},
		{View{Sort: "material", Top: 3}, "0.654,0.765,1.235"},
		{View{Top: 99}, "1.235,0.765,0.654,1.9,1.58,2.6"},
	} {
		got, err := Apply(front, c.view)
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, row := range got.Rows {
			cells = append(cells, strings.TrimRight(strings.TrimRight(scale{factor: 1, decimals: 3}.format(row[6]), "0"), "."))
		}
		if s := strings.Join(cells, ","); s != c.want {
			t.Errorf("%+v: %s, want %s", c.view, s, c.want)
		}
	}
	got, err := Apply(front, View{Columns: []string{"area", "objectives", "banks"}, Sort: "capacity_B"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range got.Columns {
		names = append(names, c.Header())
	}
	if s := strings.Join(names, " "); s != "area_mm2 energy_J latency_s banks" {
		t.Error(s)
	}
	if got.LabelOf(0) != "SRAM 2 MiB" {
		t.Error("labels stayed behind:", got.Labels)
	}
	for _, v := range []View{{Sort: "x"}, {Sort: "-"}, {Top: -1}, {Columns: []string{"objective"}}, {Columns: []string{""}}} {
		if _, err := Apply(front, v); err == nil {
			t.Errorf("%+v was taken", v)
		}
	}
}

func TestScale(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		unit   string
		values []float64
		want   string
	}{
		{"J", []float64{1.2e-3, 3.4e-3}, "mJ 1.2 3.4"},
		{"J", []float64{999.6e-6, 1.2e-3}, "mJ 1.000 1.200"},
		{"s", []float64{1200, 4800.5}, "s 1200 4800"},
		{"s", []float64{1.5e-9, 20e-9}, "ns 1.5 20.0"},
		{"s", []float64{1e-9, 1}, "s 1.00e-09 1.00e+00"},
		{"A", []float64{55e-6, -55e-6}, "µA 55.00 -55.00"},
		{"B", []float64{1 << 20, 512 << 20}, "MiB 1 512"},
		{"B", []float64{3 << 19, 512 << 20}, "MiB 1.5 512.0"},
		{"B", []float64{1e9, 2.5e9}, "GB 1.0 2.5"},
		{"B", []float64{4e11, 4.3e11}, "GB 400 430"},
		{"B/s", []float64{1e9, 2.5e9}, "GB/s 1.0 2.5"},
		{"mm2", []float64{5.123, 71.2}, "mm² 5.12 71.20"},
		{"nm", []float64{55, 48.5}, "nm 55.0 48.5"},
		{"", []float64{8, 64}, " 8 64"},
		{"", []float64{1e-12, 3e-10}, " 1.00e-12 3.00e-10"},
		{"", []float64{0, 0.5, nan}, " 0 0.5 –"},
		{"", []float64{math.Inf(1), math.Inf(-1), nan}, " ∞ -∞ –"},
		{"J/bit", []float64{3e-12}, "pJ/bit 3"},
		{"m", []float64{5000, 6000.5}, "m 5000 6000"},
	} {
		s := newScale(results.Column{Unit: c.unit}, c.values)
		got := []string{s.unit}
		for _, v := range c.values {
			got = append(got, s.format(v))
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s %v: %q, want %q", c.unit, c.values, g, c.want)
		}
	}
}

// TestScaleKeepsValues: what is printed is within the printed digits of the
// value, for any column.
func TestScaleKeepsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"", "J", "s", "B", "mm2", "B/s"}).Draw(t, "unit")
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			return rapid.Float64Range(1, 9.99).Draw(t, "m") * math.Pow10(rapid.IntRange(-15, 15).Draw(t, "e"))
		}), 1, 5).Draw(t, "values")
		s := newScale(results.Column{Unit: unit}, values)
		for _, v := range values {
			var x float64
			if _, err := fmt.Sscan(s.format(v), &x); err != nil {
				t.Fatal(err)
			}
			if math.Abs(x*s.factor-v) > 0.06*v {
				t.Fatalf("%v %s prints as %s %s", v, unit, s.format(v), s.unit)
			}
		}
	})
}

func FuzzWhere(f *testing.F) {
	front, _ := sample()
	for _, s := range []string{"area_mm2 < 40 && energy_J <= 0.5", "!(material == 'Pt' || 1e-3 > x)", "'a'=='b'", "label!=knee"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if keep, err := parseWhere(front, src); err == nil {
			for r := range front.Rows {
				keep(r)
			}
		}
	})
}

// TestList checks that a list keeps its columns and their order, that a few wide
// rows are transposed, and that mixed figures are rounded one by one.
func TestList(t *testing.T) {
	l := results.NewList("list", "name:text", "value:mixed", "area [mm2]", "same")
	l.Append("first", 123456.0, 0.5, 7)
	l.Append("second", 1.23456789e-9, 1.25, 7)
	printed := func(width int) string {
		var b bytes.Buffer
		if err := Write(&b, Style{Format: Text, Width: width, List: true}, l); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	flat := printed(80)
	for _, want := range []string{"name", "123456", "1.2346e-09", "(mm²)", "1.25"} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in\n%s", want, flat)
		}
	}
	if strings.Contains(flat, "Same in all rows") || !strings.Contains(flat, "same") {
		t.Errorf("a list lost a column:\n%s", flat)
	}
	for _, want := range []string{" name ", "  first ", "  second", " area (mm²) "} {
		if up := printed(32); !strings.Contains(up, want) {
			t.Errorf("no %q in\n%s", want, up)
		}
	}
	// Narrower than that, the columns continue below, each part with the first.
	if up := printed(30); strings.Count(up, " area (mm²) ") != 2 || !strings.Contains(up, "0.50\n") || !strings.Contains(up, "1.25\n") {
		t.Errorf("parts:\n%s", up)
	}
	l.Columns[0].Name = strings.Repeat("long", 40)
	l.Columns[2].Name = "short"
	l.Rows = l.Rows[:1]
	if up := printed(30); !strings.Contains(up, "figure") || !strings.Contains(up, "value") {
		t.Errorf("one row:\n%s", up)
	}
}

// Texts are escaped, numbers marked, rows of the first table numbered.
func TestHTML(t *testing.T) {
	a := &results.Table{Name: "a", Columns: []results.Column{
		{Name: "na<me", Kind: results.Label, Choices: []string{"x&y", "z"}},
		{Name: "write_energy", Unit: "J", Kind: results.Objective},
	}}
	a.Add("knee", 0, 2e-3)
	a.Add("", 1, math.NaN())
	b := a.Pick([]int{1}, nil)
	var w bytes.Buffer
	if err := Write(&w, Style{Format: HTML, List: true}, a, b); err != nil {
		t.Fatal(err)
	}
	want := `<table>
<thead><tr><th></th><th>na&lt;me</th><th class="n">write energy <small>mJ</small></th></tr></thead>
<tbody>
<tr data-row="0"><td>knee</td><td>x&amp;y</td><td class="n">2</td></tr>
<tr data-row="1"><td></td><td>z</td><td class="n">–</td></tr>
<tr class="more"><td></td><td>z</td><td class="n">–</td></tr>
</tbody>
</table>
`
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
	a.Columns[0].Choices = []string{"same", "z"}
	a.Rows[1][0] = 0
	w.Reset()
	if err := Write(&w, Style{Format: HTML}, a); err != nil || !strings.Contains(w.String(), `<p class="same">Same in all rows: na&lt;me = same.</p>`) {
		t.Errorf("%v\n%s", err, w.String())
	}
}

// TestSplit: a table whose columns were chosen shows all of them at any width, each
// line no longer than it; as one table where they fit.
func TestSplit(t *testing.T) {
	front, baselines := sample()
	for width := 60; width <= 300; width += 20 {
		var b bytes.Buffer
		if err := Write(&b, Style{Format: Text, Width: width, Explicit: true}, front, baselines); err != nil {
			t.Fatal(err)
		}
		parts := strings.Count(b.String(), "\n\n") + 1
		for l := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimRight(l, "\n"))); n > width {
				t.Errorf("width %d: a line has %d characters: %q", width, n, l)
			}
		}
		words := strings.Fields(b.String())
		for _, c := range front.Columns {
			word, _, _ := strings.Cut(c.Title(), "_")
			if !slices.Contains(words, word) {
				t.Errorf("width %d: no %s", width, c.Title())
			}
		}
		if n := strings.Count(b.String(), "SRAM iso-area"); n != parts || (parts == 1) != (width >= 160) {
			t.Errorf("width %d: %d parts, %d times a label:\n%s", width, parts, n, b.String())
		}
	}
}

// TestSameEmpty: what is the same in all rows is known also where the first table
// has none.
func TestSameEmpty(t *testing.T) {
	front, baselines := sample()
	front.Rows, front.Labels = nil, nil
	for _, f := range []Format{Text, Markdown, LaTeX, HTML} {
		var b bytes.Buffer
		if err := Write(&b, Style{Format: f, Width: 100}, front, baselines); err != nil || !strings.Contains(b.String(), "technology = SRAM") {
			t.Errorf("%s: %v\n%s", f, err, b.String())
		}
	}
}

// TestDepth: a filter may be nested 200 deep and not 201.
func TestDepth(t *testing.T) {
	tab := results.NewList("t", "a")
	tab.Append(1.0)
	nested := func(n int) string { return strings.Repeat("(", n) + "a == 1" + strings.Repeat(")", n) }
	deep := 0
	for n := range 300 {
		if _, err := Rows(tab, nested(n)); err == nil {
			deep = n
		}
	}
	if rows, err := Rows(tab, nested(deep)); err != nil || len(rows) != 1 || deep != maxDepth-1 {
		t.Errorf("%d deep: %v, %v", deep, rows, err) // the comparison itself is one
	}
}

// TestUpright: a wide list of a few rows stands upright: its first column names the
// rows, and its cells are no figure of theirs.
func TestUpright(t *testing.T) {
	columns := []string{"name:text"}
	for i := range 12 {
		columns = append(columns, fmt.Sprintf("a_rather_long_name_%d", i))
	}
	tab := results.NewList("t", columns...)
	for _, name := range []string{"north", "south"} {
		row := []any{name}
		for i := range 12 {
			row = append(row, float64(i+1))
		}
		tab.Append(row...)
	}
	var b bytes.Buffer
	if err := Write(&b, Style{Format: Text, Width: 60, List: true}, tab); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); strings.Count(out, "north") != 1 || strings.Count(out, "name") != 13 || strings.Count(out, "a rather long name 11") != 1 {
		t.Errorf("upright:\n%s", out)
	}
}
