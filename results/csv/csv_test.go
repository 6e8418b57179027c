package csv

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"stco/results"
)

func sample() *results.Table {
	t := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min, Meaning: "per iteration, <E> & more"},
		{Name: "material", Kind: results.Parameter, Choices: []string{"pt", `beta-w, "thick"`}},
		{Name: "area_mm2", Unit: "mm2", Kind: results.Metric},
		{Name: "write_error", Kind: results.Constraint},
		{Name: "id", Kind: results.Label, Choices: []string{"d1", "d2"}},
	}}
	t.Add("knee", 0.1, 1, math.NaN(), 1e-12, 0)
	t.Add("", 1.0/3, 0, 2, math.Inf(1), 1)
	return t
}

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample()); err != nil {
		t.Fatal(err)
	}
	want := `label,id,material,energy_J,write_error,area_mm2
knee,d1,"beta-w, ""thick""",0.1,1e-12,
,d2,pt,0.3333333333333333,inf,2
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	// Without labels there is no such column; one of that name is no clash.
	plain := sample()
	plain.Labels = nil
	plain.Columns[4].Name = "label"
	b.Reset()
	if err := Write(&b, plain); err != nil || !strings.HasPrefix(b.String(), "label,material,") {
		t.Error(err, b.String())
	}
	plain.SetLabel(0, "knee")
	b.Reset()
	if err := Write(&b, plain); err != nil || !strings.HasPrefix(b.String(), "row_label,label,material,") {
		t.Error(err, b.String())
	}
	b.Reset()
	if err := Write(&b, &results.Table{}); err != nil {
		t.Error(err)
	}
	plain.Rows[0] = nil
	if err := Write(&b, plain); err == nil {
		t.Error("a broken table was written")
	}
}

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	want := `[
{"label": "knee", "id": "d1", "material": "beta-w, \"thick\"", "energy_J": 0.1, "write_error": 1e-12, "area_mm2": null},
{"label": "", "id": "d2", "material": "pt", "energy_J": 0.3333333333333333, "write_error": "inf", "area_mm2": 2}
]
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
}

func TestSidecar(t *testing.T) {
	var b bytes.Buffer
	if err := Sidecar(&b, sample(), map[string]string{"tool": "stco", "study_sha256": "ab"}); err != nil {
		t.Fatal(err)
	}
	want := `{
  "table": "front",
  "rows": 2,
  "provenance": {
    "study_sha256": "ab",
    "tool": "stco"
  },
  "columns": [
    {
      "header": "id",
      "name": "id",
      "kind": "label",
      "choices": [
        "d1",
        "d2"
      ]
    },
`
	if !strings.HasPrefix(b.String(), want) || !strings.Contains(b.String(), `"meaning": "per iteration, <E> & more"`) {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// drawTable draws a table with columns of every kind.
func drawTable(t *rapid.T) *results.Table {
	text := rapid.SampledFrom([]string{"", "a,b", `q"`, "two\nlines", "µ", " x"})
	tab := &results.Table{Name: "t"}
	kinds := []results.ColumnKind{results.Metric, results.Label, results.Parameter, results.Objective, results.Constraint}
	for i := range rapid.IntRange(1, 6).Draw(t, "columns") {
		c := results.Column{Name: string(rune('z' - i)), Unit: "J", Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		if rapid.Bool().Draw(t, "choice") {
			c.Choices = []string{"p", "q,r", ""}
		}
		tab.Columns = append(tab.Columns, c)
	}
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		row := make([]float64, len(tab.Columns))
		for i, c := range tab.Columns {
			switch {
			case c.Choices != nil:
				row[i] = float64(rapid.IntRange(0, 2).Draw(t, "choice"))
			case rapid.Bool().Draw(t, "nan"):
				row[i] = math.NaN()
			default:
				row[i] = rapid.OneOf(rapid.Float64(), rapid.Just(math.Inf(-1))).Draw(t, "cell")
			}
		}
		tab.Add(text.Draw(t, "label"), row...)
	}
	return tab
}

// TestCSVRoundTrip reads back every cell bit by bit.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		var b bytes.Buffer
		if err := Write(&b, tab); err != nil {
			t.Fatal(err)
		}
		records, err := stdcsv.NewReader(&b).ReadAll()
		if err != nil || len(records) != len(tab.Rows)+1 {
			t.Fatal(len(records), err)
		}
		for i, c := range tab.Columns {
			at := slices.Index(records[0], c.Header())
			for r, row := range tab.Rows {
				cell := records[r+1][at]
				if c.Choices != nil {
					if cell != tab.Text(r, i) {
						t.Fatalf("%q is not %q", cell, tab.Text(r, i))
					}
					continue
				}
				v := math.NaN()
				if cell != "" {
					if v, err = strconv.ParseFloat(cell, 64); err != nil {
						t.Fatal(err)
					}
				}
				if math.Float64bits(v) != math.Float64bits(row[i]) && !(math.IsNaN(v) && math.IsNaN(row[i])) {
					t.Fatalf("%s is not %v", cell, row[i])
				}
			}
		}
	})
}

// TestParquetRoundTrip reads back every cell, and wants the same bytes twice.
func TestParquetRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		var b, again bytes.Buffer
		if err := WriteParquet(&b, tab); err != nil {
			t.Fatal(err)
		}
		if err := WriteParquet(&again, tab); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Fatal("another file the second time", err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSheet(tab)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range f.Schema().Columns() {
			names = append(names, c[0])
		}
		if !slices.Equal(names, s.headers) {
			t.Fatalf("columns %v, want %v", names, s.headers)
		}
		if unit, ok := f.Lookup("unit:z_J"); !ok || unit != "J" {
			t.Fatal("unit", unit, ok)
		}
		rows := make([]parquet.Row, len(tab.Rows)+1)
		n := 0
		for _, g := range f.RowGroups() {
			reader := g.Rows()
			k, _ := reader.ReadRows(rows[n:])
			for i := n; i < n+k; i++ {
				rows[i] = rows[i].Clone()
			}
			n += k
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if n != len(tab.Rows) {
			t.Fatalf("%d rows, want %d", n, len(tab.Rows))
		}
		for r := range tab.Rows {
			for i, v := range rows[r] {
				col := s.column(i)
				switch {
				case col < 0:
					if v.String() != tab.LabelOf(r) {
						t.Fatal(v)
					}
				case s.Columns[col].Choices != nil:
					if v.String() != s.Text(r, col) {
						t.Fatal(v)
					}
				case v.IsNull() != math.IsNaN(s.Rows[r][col]) || !v.IsNull() && math.Float64bits(v.Double()) != math.Float64bits(s.Rows[r][col]):
					t.Fatalf("%v is not %v", v, s.Rows[r][col])
				}
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	tab := sample()
	for range 10000 {
		tab.Rows = append(tab.Rows, tab.Rows[1])
	}
	for b.Loop() {
		if err := Write(&bytes.Buffer{}, tab); err != nil {
			b.Fatal(err)
		}
	}
}

// A name from a file is no formula to a spreadsheet, nor is anything else changed.
func TestFormulas(t *testing.T) {
	names := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a=1", "1-2"}
	tab := &results.Table{Name: "layers", Columns: []results.Column{{Name: "layer", Kind: results.Label, Choices: names}}}
	for i := range names {
		tab.Add("", float64(i))
	}
	tab.SetLabel(0, "=HYPERLINK()")
	var b bytes.Buffer
	if err := Write(&b, tab); err != nil {
		t.Fatal(err)
	}
	want := "label,layer\n'=HYPERLINK(),'=1+1\n,'+1\n,'-1\n,'@SUM(A1)\n,'\tx\n,a=1\n,1-2\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
