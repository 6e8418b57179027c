package table

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/results"
)

// View chooses rows and columns of a table. Its zero value is all of them.
type View struct {
	// Where keeps the rows for which it holds: comparisons (< <= > >= == !=) of
	// columns, numbers and texts, joined by && || ! and parentheses. A number has
	// the column's unit or one of its own: "area < 0.4cm2". A row where a compared cell does not apply is not kept.
	Where string
	// Sort names columns, separated by commas, first the most important; a
	// leading '-' is descending. Cells that do not apply come last.
	Sort string
	// Top keeps the first rows after sorting; 0 keeps all.
	Top int
	// Columns names columns to keep, in this order; "objectives", "parameters",
	// "constraints", "metrics" and "labels" stand for all of that kind.
	Columns []string
}

// Apply makes the table that a view shows. An unknown column is a
// *results.UnknownColumnError.
func Apply(t *results.Table, v View) (*results.Table, error) {
	rows := make([]int, len(t.Rows))
	for r := range rows {
		rows[r] = r
	}
	if strings.TrimSpace(v.Where) != "" {
		var err error
		if rows, err = Rows(t, v.Where); err != nil {
			return nil, err
		}
	}
	if v.Sort != "" {
		less, err := order(t, v.Sort)
		if err != nil {
			return nil, fmt.Errorf("sort %q: %w", v.Sort, err)
		}
		slices.SortStableFunc(rows, less)
	}
	if v.Top < 0 {
		return nil, fmt.Errorf("top %d: must not be negative", v.Top)
	}
	if v.Top > 0 && v.Top < len(rows) {
		rows = rows[:v.Top]
	}
	cols, err := columns(t, v.Columns)
	if err != nil {
		return nil, err
	}
	return t.Pick(rows, cols), nil
}

// Rows lists the rows of a table for which a filter holds, written as View.Where.
func Rows(t *results.Table, where string) ([]int, error) {
	keep, err := parseWhere(t, where)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", where, err)
	}
	rows := []int{}
	for r := range t.Rows {
		if keep(r) {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func order(t *results.Table, keys string) (func(a, b int) int, error) {
	type key struct {
		col  int
		sign int
	}
	var ks []key
	for name := range strings.SplitSeq(keys, ",") {
		name = strings.TrimSpace(name)
		sign := 1
		if rest, ok := strings.CutPrefix(name, "-"); ok {
			name, sign = rest, -1
		}
		col, err := t.Index(name)
		if err != nil {
			return nil, err
		}
		ks = append(ks, key{col, sign})
	}
	return func(a, b int) int {
		for _, k := range ks {
			x, y := t.Rows[a][k.col], t.Rows[b][k.col]
			var d int
			switch {
			case math.IsNaN(x) || math.IsNaN(y):
				// cmp puts NaN first, in either direction it belongs last.
				d = -cmp.Compare(x, y)
			case t.Columns[k.col].Choices != nil:
				d = k.sign * strings.Compare(t.Text(a, k.col), t.Text(b, k.col))
			default:
				d = k.sign * cmp.Compare(x, y)
			}
			if math.IsNaN(x) && math.IsNaN(y) {
				d = 0
			}
			if d != 0 {
				return d
			}
		}
		return 0
	}, nil
}

func columns(t *results.Table, names []string) ([]int, error) {
	var cols []int
	for _, name := range names {
		name = strings.TrimSpace(name)
		if col, err := t.Index(name); err == nil {
			cols = append(cols, col)
			continue
		} else if kind, ok := strings.CutSuffix(name, "s"); !ok || !isKind(kind) {
			return nil, err
		}
		cols = append(cols, t.OfKind(results.ColumnKind(strings.TrimSuffix(name, "s")))...)
	}
	seen := map[int]bool{}
	return slices.DeleteFunc(cols, func(c int) bool {
		again := seen[c]
		seen[c] = true
		return again
	}), nil
}

func isKind(name string) bool {
	return slices.Contains([]results.ColumnKind{results.Label, results.Parameter, results.Objective, results.Constraint, results.Metric}, results.ColumnKind(name))
}
