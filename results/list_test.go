package results

import (
	"math"
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	l := NewList("list", "what:text", "area [mm2]", "value:mixed", "count")
	l.Append("a", 1.5, 2, int64(3))
	l.Append("", nil, 1e-9, 4)
	l.AddColumn("more:text")
	l.Append("a", 1, 2, 3, "x")
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	var headers []string
	for _, c := range l.Columns {
		headers = append(headers, c.Header())
	}
	if want := []string{"what", "area_mm2", "value", "count", "more"}; !slices.Equal(headers, want) {
		t.Errorf("%v, want %v", headers, want)
	}
	if l.Text(0, 0) != "a" || l.Text(2, 0) != "a" || l.Text(1, 0) != "" || l.Text(0, 4) != "" || l.Text(2, 4) != "x" {
		t.Error("texts")
	}
	if !slices.Equal(l.Rows[0][1:4], []float64{1.5, 2, 3}) || !math.IsNaN(l.Rows[1][1]) {
		t.Errorf("%v", l.Rows)
	}
	if !l.Columns[2].Mixed || l.Columns[3].Mixed || l.OfKind(Metric)[1] != 1 {
		t.Errorf("%+v", l.Columns)
	}
	l.Drop("area")
	l.Drop("none")
	if len(l.Columns) != 4 || len(l.Rows[2]) != 4 || l.Rows[0][2] != 3 {
		t.Errorf("%v", l.Rows)
	}
	for _, cells := range [][]any{{"a"}, {1, 2, 3, "x"}, {"a", "b", 3, "x"}, {"a", 1, true, "x"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v taken", cells)
				}
			}()
			l.Append(cells...)
		}()
	}
}
