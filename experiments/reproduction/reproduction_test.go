package reproduction

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stco/results"
	"stco/results/plot"
)

func example(t *testing.T) *Outcome {
	t.Helper()
	table := results.NewList("areas", "node:text", "ratio", "area [mm2]")
	table.Append("14nm", 1.23456, 12345.0)
	table.Append("7nm", 0.5, nil)
	f, err := plot.Lines("", "x", "y", false, false, []plot.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{3, 4}}})
	if err != nil {
		t.Fatal(err)
	}
	return &Outcome{
		&Experiment{Name: "area", Title: "Area, of a (small) cell", Shows: "areas"},
		&Findings{
			Verdict: "It is " + Cell{table, 1, "ratio"}.String() + ".",
			Claims:  []Claim{{Says: "half", Published: 0.25, Ours: Cell{table, 1, "ratio"}, Holds: "never", Differs: "so"}, {Says: "words", Published: math.NaN(), Ours: Cell{table, 1, "area"}}},
			Tables:  []*results.Table{table}, Show: []*results.Table{table}, Figures: []Figure{{"lines", "A figure.", f}},
			Text: []string{"A paragraph."},
		},
	}
}

// TestWrite: every row has seed and program, a number leads to its line, the
// ratio is ours over theirs, the links lead to the files that were written.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	o := example(t)
	paths, err := Write(dir, o, 7, "1.2")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 7 {
		t.Errorf("%d files", len(paths))
	}
	text, err := os.ReadFile(filepath.Join(dir, "reproduction", "area", "areas.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "node,ratio,area_mm2,seed,program\n14nm,1.23456,12345,7,1.2\n7nm,0.5,,7,1.2\n"; string(text) != want {
		t.Errorf("have %q, want %q", text, want)
	}
	claims, err := os.ReadFile(filepath.Join(dir, "reproduction", "area", "claims.csv"))
	if want := "claim,published,ours,ours_over_published,table,line,column,holds_when,why_they_differ,seed,program\nhalf,0.25,0.5,2,areas,3,ratio,never,so,7,1.2\nwords,,,,,,,,,7,1.2\n"; err != nil || string(claims) != want {
		t.Errorf("have %q, want %q, %v", claims, want, err)
	}
	if len(o.Findings.Tables[0].Columns) != 3 {
		t.Error("writing changed the table")
	}
	doc, err := Document([]*Experiment{o.Experiment}, []Outcome{*o}, "", "head", 7, "1.2")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`It is [0.5](reproduction/area/areas.csv#L3 "ratio").`,
		`| half | 0.25 | [0.5](reproduction/area/areas.csv#L3 "ratio") | 2 | never | so |`,
		`| words | in words | none |  |  |  |`,
		"[area](#area-area-of-a-small-cell)", "Data: [claims.csv](reproduction/area/claims.csv), [areas.csv](reproduction/area/areas.csv).", "![lines](reproduction/area/lines.svg)", "Program 1.2, seed 7",
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document lacks %s:\n%s", want, doc)
		}
	}
	if strings.Contains(doc, "\x00") {
		t.Error("a mark is left")
	}
}

// TestOlder: a document keeps the sections that are not run again, in the order of
// the list, and nothing else changes.
func TestOlder(t *testing.T) {
	one, two := example(t), example(t)
	two.Experiment.Name, two.Experiment.Title = "area-too", "More"
	list := []*Experiment{one.Experiment, two.Experiment, {Name: "later", Title: "not run"}}
	both, err := Document(list, []Outcome{*two, *one}, "", "head", 7, "1.2")
	if err != nil || strings.Contains(both, "later") || strings.Index(both, "\n## area: ") > strings.Index(both, "\n## area-too: ") {
		t.Fatal(both, err)
	}
	again, err := Document(list, []Outcome{*two}, both, "head", 7, "1.2")
	if err != nil || again != both {
		t.Errorf("have\n%s\nwant\n%s\n%v", again, both, err)
	}
	one.Findings.Verdict = "Other " + Cell{one.Findings.Tables[0], 0, "ratio"}.String()
	other, err := Document(list, []Outcome{*one}, both, "head", 7, "1.2")
	if err != nil || strings.Count(other, "Other [1.23](reproduction/area/areas.csv#L2") != 2 || strings.Count(other, "\n## ") != 2 {
		t.Errorf("%s %v", other, err)
	}
}

func TestDigits(t *testing.T) {
	for v, want := range map[float64]string{0.5: "0.5", 1.23456: "1.23", 12345: "12345", 1000.4: "1000", 2e7: "2e+07", -0.0123456: "-0.0123"} {
		if got := Digits(v); got != want {
			t.Errorf("%g is %s, want %s", v, got, want)
		}
	}
	if got := (Cell{}).String(); got != "none" {
		t.Error(got)
	}
	if v := (Cell{results.NewList("a", "b"), 0, "b"}).Value(); !math.IsNaN(v) {
		t.Error(v)
	}
}

func TestEach(t *testing.T) {
	done := make([]int, 100)
	wrong := errors.New("wrong")
	err := Each(context.Background(), &Setting{Workers: 3}, len(done), func(i int) error {
		done[i]++
		if i == 50 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Error(err)
	}
	for i, n := range done {
		if n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := Each(ctx, &Setting{Workers: 1}, 3, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if m := Median([]float64{3, 1, 2, 10}); m != 2 || Most([]float64{1, 3, 2}) != 3 {
		t.Error(m)
	}
}

// TestTraced: another number, column or line is seen.
func TestTraced(t *testing.T) {
	file := func(string) (string, error) { return "node,ratio\n\"14nm, a\",1.23456\n7nm,0.5\n", nil }
	if err := Traced(`is [1.23](a.csv#L2 "ratio") and [0.5](a.csv#L3 "ratio")`, file); err != nil {
		t.Error(err)
	}
	for _, text := range []string{`[1.24](a.csv#L2 "ratio")`, `[1.23](a.csv#L3 "ratio")`, `[1.23](a.csv#L2 "node")`, `[1.23](a.csv#L9 "ratio")`, `[1.23](a.csv#L2 "none")`, "1.23"} {
		if err := Traced(text, file); err == nil {
			t.Errorf("%s is taken for true", text)
		}
	}
}

// TestTracedTables: a printed row is that of the file in the units of both, to the
// last digit printed; another number, row or column is seen.
func TestTracedTables(t *testing.T) {
	file := func(string) (string, error) {
		return "node,energy_J,energy_gain,cell_um2,share_percent\n14nm,0.0123456,2.5,0.05,12\n7nm,0.02,,0.5,3\n", nil
	}
	head := "[2.5](a.csv#L2 \"energy_gain\")\n\nLines of [a.csv](x/a.csv):\n\n| node | energy (mJ) | energy\\_gain | cell (µm²) | share (%) |\n| :--- | ---: | ---: | ---: | ---: |\n"
	if err := Traced(head+"| 14nm | 12.35 | 2.5 | 5.0e-02 | 12 |\n| 7nm | 20 | – | 0.5 | 3 |\n\nmore", file); err != nil {
		t.Error(err)
	}
	for _, row := range []string{"| 14nm | 12.34 | 2.5 | 0.05 | 12 |", "| 7nm | 12.35 | 2.5 | 0.05 | 12 |", "| 14nm | 12.35 | 2.6 | 0.05 | 12 |", "| 14nm | 12.35 | 2.5 | 0.06 | 12 |", "| 14nm | 12.35 | – | 0.05 | 12 |", "", "| 14nm |"} {
		if err := Traced(head+row+"\n", file); err == nil {
			t.Errorf("%s is taken for true", row)
		}
	}
	if err := Traced(strings.Replace(head, "cell (", "area (", 1)+"| 14nm | 12.35 | 2.5 | 0.05 | 12 |\n", file); err == nil {
		t.Error("a column that the file has not is taken")
	}
}

// TestTracedClaims: another claim, figure, ratio or text than the file has is seen,
// and one more or less.
func TestTracedClaims(t *testing.T) {
	dir, o := t.TempDir(), example(t)
	o.Findings.Claims[0].Holds = "above " + Cell{o.Findings.Tables[0], 0, "ratio"}.String()
	if _, err := Write(dir, o, 7, "1.2"); err != nil {
		t.Fatal(err)
	}
	file := func(name string) (string, error) {
		data, err := os.ReadFile(filepath.Join(dir, "reproduction", "area", filepath.Base(name)))
		return string(data), err
	}
	data, err := os.ReadFile(filepath.Join(dir, "reproduction", "area", "section.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if err := Traced(text, file); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{"| half |", "| third |"}, {"| 0.25 |", "| 0.26 |"}, {"| 2 | above", "| 3 | above"}, {"| above ", "| below "}, {"| words | in words | none |  |  |  |\n", ""}, {"| so |", "| so |\n| more | 1 | 1 | 1 |  |  |"}} {
		if !strings.Contains(text, c[0]) {
			t.Fatalf("%s is not in the section", c[0])
		}
		if err := Traced(strings.Replace(text, c[0], c[1], 1), file); err == nil {
			t.Errorf("%s for %s is taken for true", c[1], c[0])
		}
	}
}

// TestComplete: nothing is written of findings that lack a part.
func TestComplete(t *testing.T) {
	for name, without := range map[string]func(*Findings){
		"verdict": func(r *Findings) { r.Verdict = "" },
		"claims":  func(r *Findings) { r.Claims = nil },
		"text":    func(r *Findings) { r.Text = nil },
		"tables":  func(r *Findings) { r.Tables = nil },
		"figures": func(r *Findings) { r.Figures = nil },
	} {
		dir, o := t.TempDir(), example(t)
		without(o.Findings)
		if paths, err := Write(dir, o, 7, "1.2"); err == nil || err.Error() != "area: findings without "+name || paths != nil {
			t.Errorf("%s: %v, %v", name, paths, err)
		}
		if made, _ := os.ReadDir(dir); len(made) > 0 {
			t.Errorf("%s: something is written", name)
		}
	}
}

// TestAnchor: letters and digits to their ends, spaces as hyphens, nothing else.
func TestAnchor(t *testing.T) {
	if got, want := anchor(&Experiment{Name: "az-09", Title: "A Z, 0 {9} /:`"}), "az-09-a-z-0-9-"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestLargest: the row of the largest finite value among some.
func TestLargest(t *testing.T) {
	table := results.NewList("a", "v")
	for _, v := range []float64{1, math.NaN(), 3, math.Inf(1), 2, 3, 7} {
		table.Append(v)
	}
	for _, c := range []struct {
		among []int
		want  int
	}{{[]int{0, 1, 2, 3, 4, 5}, 2}, {[]int{4, 0}, 4}, {[]int{1, 3}, -1}, {nil, -1}, {Every(table), 6}} {
		if got := Largest(table, c.among, "v"); got != c.want {
			t.Errorf("among %v row %d, want %d", c.among, got, c.want)
		}
	}
}
