package results

import (
	"math"
	"testing"
)

func TestConcat(t *testing.T) {
	a := &Table{Name: "a", Columns: []Column{{Name: "id", Kind: Label, Choices: []string{"x", "y"}}, {Name: "energy", Unit: "J", Kind: Objective, Goal: Min}}}
	a.Add("", 1, 5)
	b := &Table{Name: "b", Columns: []Column{{Name: "id", Kind: Label, Choices: []string{"z", "y", "x"}}, {Name: "energy", Unit: "J", Kind: Objective, Goal: Min}}}
	b.Add("knee", 0, 6)
	b.Add("", 2, math.NaN())
	b.Add("", math.NaN(), 8)
	all, err := Concat("all", &Table{Columns: []Column{{Name: "id", Kind: Label}, a.Columns[1]}}, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Check(); err != nil {
		t.Fatal(err)
	}
	for r, want := range []string{"y", "z", "x", ""} {
		if got := all.Text(r, 0); got != want {
			t.Errorf("row %d is %q, want %q", r, got, want)
		}
	}
	if all.Name != "all" || all.Rows[1][1] != 6 || !math.IsNaN(all.Rows[2][1]) || all.LabelOf(1) != "knee" || all.LabelOf(0) != "" {
		t.Errorf("%+v", all)
	}
	if len(a.Columns[0].Choices) != 2 || len(a.Rows) != 1 {
		t.Error("the first table was changed")
	}
	for _, other := range []*Table{
		{Columns: a.Columns[:1]},
		{Columns: []Column{a.Columns[0], {Name: "energy", Unit: "pJ", Kind: Objective}}},
		{Columns: []Column{{Name: "id", Kind: Label}, a.Columns[1]}},
	} {
		other.Add("", make([]float64, len(other.Columns))...)
		if _, err := Concat("all", a, other); err == nil {
			t.Errorf("joined with %+v", other.Columns)
		}
	}
}
